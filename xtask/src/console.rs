//! The one writer of these tools. Colours and headings for a person at a terminal, plain text otherwise.

use std::io::{IsTerminal, Write};

/// Announces a step: what is about to be done.
pub(crate) fn step(text: &str) {
    err(&paint("1;36", &format!("==> {text}")));
}

/// Says something about the step under way.
pub(crate) fn note(text: &str) {
    err(&format!("    {text}"));
}

/// Reports a failure.
pub(crate) fn error(text: &str) {
    err(&paint("1;31", &format!("error: {text}")));
}

/// Writes one line to standard output: results, not progress.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    // A closed pipe (`cargo xtask help | head`) is the reader's choice, not our failure.
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// Whether a child whose output passes through us should colour it: only when a person reads it.
pub(crate) fn colours() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

fn err(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

fn paint(code: &str, text: &str) -> String {
    if std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
