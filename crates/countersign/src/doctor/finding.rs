//! A finding: what was looked at, how it came out, and what to do next.

use std::io::{self, Write};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CheckState {
    /// As it should be.
    Ok,
    /// It works, and could bite.
    Warn,
    /// This keeps the client out.
    Fail,
    /// Not looked at, and why.
    Skip,
}

impl CheckState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }

    /// The mark, and the colour it has on a terminal (ECMA-48, 8.3.117).
    fn mark(self) -> (&'static str, &'static str) {
        match self {
            Self::Ok => ("✓", "\u{1b}[32m"),
            Self::Warn => ("!", "\u{1b}[33m"),
            Self::Fail => ("✗", "\u{1b}[31m"),
            Self::Skip => ("-", "\u{1b}[2m"),
        }
    }
}

/// One finding. Texts hold no secret, no session token and no whole signature.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// What was looked at; one word, stable, for scripts.
    pub(crate) check: &'static str,
    pub(crate) state: CheckState,
    /// What was seen.
    pub(crate) seen: String,
    /// What should have been seen.
    pub(crate) expected: String,
    /// What to do next: a command, or whom to ask for what.
    pub(crate) advice: String,
    /// Lines that belong to it: a diff, a policy statement.
    pub(crate) detail: Vec<String>,
}

impl Finding {
    fn new(check: &'static str, state: CheckState, seen: impl Into<String>) -> Self {
        let (seen, expected, advice) = (seen.into(), String::new(), String::new());
        Self { check, state, seen, expected, advice, detail: Vec::new() }
    }

    pub(crate) fn ok(check: &'static str, seen: impl Into<String>) -> Self {
        Self::new(check, CheckState::Ok, seen)
    }

    pub(crate) fn warn(check: &'static str, seen: impl Into<String>) -> Self {
        Self::new(check, CheckState::Warn, seen)
    }

    pub(crate) fn fail(check: &'static str, seen: impl Into<String>) -> Self {
        Self::new(check, CheckState::Fail, seen)
    }

    pub(crate) fn skip(check: &'static str, seen: impl Into<String>) -> Self {
        Self::new(check, CheckState::Skip, seen)
    }

    pub(crate) fn expected(self, expected: impl Into<String>) -> Self {
        Self { expected: expected.into(), ..self }
    }

    pub(crate) fn advice(self, advice: impl Into<String>) -> Self {
        Self { advice: advice.into(), ..self }
    }

    pub(crate) fn detail(self, detail: Vec<String>) -> Self {
        Self { detail, ..self }
    }

    /// For scripts.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "check": self.check,
            "state": self.state.as_str(),
            "seen": self.seen,
            "expected": self.expected,
            "advice": self.advice,
            "detail": self.detail,
        })
    }

    /// For people. Certificates and answers bring text of strangers: control characters are shown,
    /// never sent to the terminal.
    pub(crate) fn write(&self, out: &mut impl Write, coloured: bool) -> io::Result<()> {
        let (mark, colour) = self.state.mark();
        let (start, end) = if coloured { (colour, "\u{1b}[0m") } else { ("", "") };
        writeln!(out, "{start}{mark} {:<11}{end} {}", self.check, printable(&self.seen))?;
        for (label, text) in [("expected", &self.expected), ("next", &self.advice)] {
            if !text.is_empty() {
                writeln!(out, "    {label:<9} {}", printable(text))?;
            }
        }
        for line in &self.detail {
            writeln!(out, "      {}", printable(line))?;
        }
        Ok(())
    }
}

/// Text without control characters, each replaced by its escape.
pub(crate) fn printable(text: &str) -> String {
    let shown = |symbol: char| {
        if symbol.is_control() { symbol.escape_default().to_string() } else { symbol.to_string() }
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(finding: &Finding, coloured: bool, expected: Expect) {
        let mut out = Vec::new();
        finding.write(&mut out, coloured).unwrap();
        expected.assert_eq(&String::from_utf8(out).unwrap());
    }

    #[test]
    fn a_finding_says_what_was_seen_and_expected_and_what_to_do() {
        let finding = Finding::fail("clock", "7 minutes ahead").expected("at most 5").advice("ntp");
        check(
            &finding.detail(vec!["one".into()]),
            false,
            expect![[r#"
                ✗ clock       7 minutes ahead
                    expected  at most 5
                    next      ntp
                      one
            "#]],
        );
    }

    #[test]
    fn colours_are_for_terminals_only() {
        let mut out = Vec::new();
        Finding::ok("dns", "x").write(&mut out, true).unwrap();
        assert!(out.starts_with(b"\x1b[32m"));
        check(
            &Finding::ok("dns", "x"),
            false,
            expect![[r#"
                ✓ dns         x
            "#]],
        );
    }

    #[test]
    fn a_strangers_text_cannot_steer_the_terminal() {
        check(
            &Finding::warn("tls", "CN=\u{1b}[2Jevil\r\nnext"),
            false,
            expect![[r#"
                ! tls         CN=\u{1b}[2Jevil\r\nnext
            "#]],
        );
    }
}
