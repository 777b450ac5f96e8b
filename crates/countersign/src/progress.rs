//! How far something is, on standard error: one line that is written again, where somebody looks.

use std::io::{IsTerminal, Write};

/// Columns of the bar.
const WIDTH: usize = 30;

/// A bar that is drawn on a terminal, and nothing elsewhere.
pub(crate) struct ProgressBar {
    what: &'static str,
    drawn: bool,
}

impl ProgressBar {
    /// A bar for `what`: `records`.
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, drawn: false }
    }

    /// `done` of `all` are done.
    pub(crate) fn show(&mut self, done: usize, all: usize) {
        let mut out = std::io::stderr().lock();
        if out.is_terminal() {
            self.drawn = true;
            // Standard error may be gone.
            let _ = write!(out, "\r{}", line(self.what, done, all));
        }
    }
}

impl Drop for ProgressBar {
    fn drop(&mut self) {
        if self.drawn {
            let _ = writeln!(std::io::stderr());
        }
    }
}

fn line(what: &str, done: usize, all: usize) -> String {
    let filled = (done * WIDTH).checked_div(all).unwrap_or(WIDTH).min(WIDTH);
    let (full, rest) = ("#".repeat(filled), " ".repeat(WIDTH - filled));
    format!("[{full}{rest}] {done} of {all} {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_full_as_it_is_done() {
        assert_eq!(line("records", 0, 10), format!("[{}] 0 of 10 records", " ".repeat(30)));
        assert_eq!(
            line("records", 5, 10),
            format!("[{}{}] 5 of 10 records", "#".repeat(15), " ".repeat(15))
        );
        assert_eq!(line("records", 10, 10), format!("[{}] 10 of 10 records", "#".repeat(30)));
        assert_eq!(line("records", 0, 0), format!("[{}] 0 of 0 records", "#".repeat(30)));
    }
}
