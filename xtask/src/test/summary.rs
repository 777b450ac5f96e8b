//! How many tests ran: read from the runners' own closing lines.

use std::fmt;

/// Tests counted by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Summary {
    pub(crate) fn add(&mut self, other: Summary) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The plain closing line: `N passed, N failed`, and `, N skipped` where some were.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

/// Reads libtest's `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
pub(crate) fn cargo_line(line: &str) -> Option<Summary> {
    let line = without_colours(line);
    let counts = line.trim().strip_prefix("test result: ")?.split_once(". ")?.1;
    Some(count(counts.split(';')))
}

/// Reads pytest's `==== 3 passed, 1 failed, 2 skipped in 0.52s ====`.
pub(crate) fn pytest_line(line: &str) -> Option<Summary> {
    let line = without_colours(line);
    let (counts, time) = line.trim().trim_matches('=').trim().rsplit_once(" in ")?;
    let seconds = time.split(' ').next()?.strip_suffix('s')?;
    seconds.parse::<f64>().ok()?;
    let found = count(counts.split(','));
    (found != Summary::default()).then_some(found)
}

/// Sums pieces such as `3 passed`; other words are not counted.
fn count<'a>(pieces: impl Iterator<Item = &'a str>) -> Summary {
    let mut total = Summary::default();
    for piece in pieces {
        let Some((number, word)) = piece.trim().split_once(' ') else { continue };
        let Ok(number) = number.parse::<usize>() else { continue };
        match word {
            "passed" | "xpassed" => total.passed += number,
            "failed" | "error" | "errors" => total.failed += number,
            "ignored" | "skipped" | "xfailed" => total.skipped += number,
            _ => {}
        }
    }
    total
}

/// The line without terminal colour sequences (`ESC [ … m`).
fn without_colours(line: &str) -> String {
    let mut pieces = line.split('\u{1b}');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |plain, piece| plain + piece.split_once('m').map_or("", |(_, text)| text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(passed: usize, failed: usize, skipped: usize) -> Option<Summary> {
        Some(Summary { passed, failed, skipped })
    }

    #[test]
    fn libtest_closing_lines_are_read() {
        let line = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 4 filtered out; finished in 0.01s";
        assert_eq!(cargo_line(line), summary(3, 1, 2));
        assert_eq!(cargo_line("test refusal::says_what_was_seen ... ok"), None);
    }

    #[test]
    fn coloured_closing_lines_are_read() {
        assert_eq!(
            cargo_line("test result: \u{1b}[32mok\u{1b}[0m. 3 passed; 0 failed; 0 ignored"),
            summary(3, 0, 0)
        );
    }

    #[test]
    fn pytest_closing_lines_are_read() {
        assert_eq!(
            pytest_line("===== 3 passed, 1 failed, 2 skipped, 1 error in 0.52s ====="),
            summary(3, 2, 2)
        );
        assert_eq!(pytest_line("12 passed in 75.20s (0:01:15)"), summary(12, 0, 0));
    }

    #[test]
    fn prose_is_not_taken_for_a_closing_line() {
        assert_eq!(pytest_line("3 passed in the morning"), None);
        assert_eq!(pytest_line("built in 0.5s"), None);
    }

    #[test]
    fn the_last_line_names_the_skipped_only_when_there_are_some() {
        assert_eq!(Summary { passed: 2, failed: 0, skipped: 0 }.to_string(), "2 passed, 0 failed");
        assert_eq!(
            Summary { passed: 2, failed: 1, skipped: 3 }.to_string(),
            "2 passed, 1 failed, 3 skipped"
        );
    }
}
