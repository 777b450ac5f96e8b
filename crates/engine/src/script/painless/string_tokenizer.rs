//! What `StringTokenizer` knows. Source: its page of Java 17, and what the real servers answer.

use std::sync::Arc;

/// A text, how far it is read, and what stands between its tokens.
#[derive(Clone, Debug)]
pub(super) struct StringTokenizer {
    pub(super) text: Arc<str>,
    /// Where its rest begins.
    pub(super) at: usize,
    /// None where the script gave null.
    pub(super) between: Option<Arc<str>>,
    /// Whether what stands between them is given, too.
    pub(super) gives_all: bool,
}

impl StringTokenizer {
    /// What is not read yet.
    pub(super) fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Reads the next token, if there is one.
    pub(super) fn next(&mut self) -> Option<Arc<str>> {
        let mut start = None;
        for (place, unit) in self.rest().char_indices() {
            let between = self.between.as_ref().is_some_and(|all| all.contains(unit));
            match start {
                None if between && self.gives_all => {
                    return Some(self.taken(place, place + unit.len_utf8()));
                }
                None if !between => start = Some(place),
                Some(start) if between => return Some(self.taken(start, place)),
                _ => {}
            }
        }
        let end = self.rest().len();
        match start {
            Some(start) => Some(self.taken(start, end)),
            None => {
                self.at = self.text.len();
                None
            }
        }
    }

    /// What stands between two places of the rest; the rest then begins behind it.
    fn taken(&mut self, start: usize, end: usize) -> Arc<str> {
        let token = self.rest().get(start..end).unwrap_or_default().into();
        self.at += end;
        token
    }
}
