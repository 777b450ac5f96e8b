//! The segments of a text by UAX #29, as `unicode-segmentation` finds them. Stretches of ASCII, which most texts are, are cut
//! here without a look at the tables of Unicode.

use unicode_segmentation::{UWordBoundIndices, UnicodeSegmentation};

/// Segments and where they begin.
pub(super) struct Segments<'a> {
    text: &'a str,
    at: usize,
    /// Up to where only ASCII decides.
    ascii_end: usize,
    /// Segments of a stretch with other characters, and where it begins and ends.
    other: Option<(UWordBoundIndices<'a>, usize, usize)>,
}

/// What the rules for words know of an ASCII character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    /// `_`, which joins whatever it stands beside.
    Joiner,
    /// Between letters only.
    BetweenLetters,
    /// Between digits only.
    BetweenDigits,
    /// Between letters, or between digits.
    Between,
    Other,
}

fn class(byte: u8) -> Class {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
        b'0'..=b'9' => Class::Digit,
        b'_' => Class::Joiner,
        b':' => Class::BetweenLetters,
        b',' | b';' => Class::BetweenDigits,
        b'.' | b'\'' => Class::Between,
        _ => Class::Other,
    }
}

impl<'a> Segments<'a> {
    pub(super) fn of(text: &'a str) -> Segments<'a> {
        Segments { text, at: 0, ascii_end: 0, other: None }
    }

    /// Finds the stretch that begins here: of ASCII up to a boundary that no other character can move, or else one with
    /// other characters.
    fn open_stretch(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let Some(other) = rest.iter().position(|byte| !byte.is_ascii()) else {
            self.ascii_end = self.text.len();
            return;
        };
        let before = rest.get(..other).unwrap_or_default();
        if let Some(cut) = (1..before.len()).rev().find(|at| is_boundary(before, *at)) {
            self.ascii_end = self.at + cut;
            return;
        }
        let cut = (other + 1..rest.len()).find(|at| is_boundary(rest, *at)).unwrap_or(rest.len());
        let end = self.at + cut;
        let stretch = self.text.get(self.at..end).unwrap_or_default();
        self.other = Some((stretch.split_word_bound_indices(), self.at, end));
    }

    /// The end of the ASCII segment that begins at `start`.
    fn ascii_segment(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let get = |at: usize| bytes.get(at).filter(|_| at < self.ascii_end).copied();
        let class_at = |at: usize| get(at).map_or(Class::Other, class);
        let (first, mut end) = (get(start), start + 1);
        match first {
            Some(b' ') => {
                while get(end) == Some(b' ') {
                    end += 1;
                }
                return end;
            }
            Some(b'\r') if get(end) == Some(b'\n') => return end + 1,
            _ => {}
        }
        let mut last = class_at(start);
        if !matches!(last, Class::Letter | Class::Digit | Class::Joiner) {
            return end;
        }
        loop {
            let next = class_at(end);
            match (last, next) {
                (_, Class::Letter | Class::Digit | Class::Joiner) => {
                    last = next;
                    end += 1;
                }
                (Class::Letter, Class::BetweenLetters | Class::Between)
                | (Class::Digit, Class::BetweenDigits | Class::Between)
                    if class_at(end + 1) == last =>
                {
                    end += 2;
                }
                _ => return end,
            }
        }
    }
}

/// Whether there is a boundary at `at`, whatever stands elsewhere: behind a space or the end of a line, before an ASCII
/// character that is no space.
fn is_boundary(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    let after = bytes.get(at);
    matches!(before, Some(b' ' | b'\n'))
        && after.is_some_and(|byte| byte.is_ascii() && *byte != b' ')
}

impl<'a> Iterator for Segments<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<(usize, &'a str)> {
        loop {
            if let Some((others, start, end)) = &mut self.other {
                if let Some((at, segment)) = others.next() {
                    return Some((*start + at, segment));
                }
                self.at = *end;
                self.other = None;
            }
            if self.at >= self.text.len() {
                return None;
            }
            if self.at < self.ascii_end {
                let start = self.at;
                self.at = self.ascii_segment(start);
                return Some((start, self.text.get(start..self.at)?));
            }
            self.open_stretch();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn segments_are_those_of_the_library(
            text in "([a-c'.:,;_0-2 \r\n!\"\t-]|[é\u{308}\u{200d}\u{ad}א\"ア가ก🇩🇪👍🏽\u{3000}\u{2019}\u{660}]){0,24}"
        ) {
            let ours: Vec<_> = Segments::of(&text).collect();
            let theirs: Vec<_> = text.split_word_bound_indices().collect();
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn segments_of_ascii_are_those_of_the_library(text in "[\u{0}-\u{7f}]{0,40}") {
            let ours: Vec<_> = Segments::of(&text).collect();
            let theirs: Vec<_> = text.split_word_bound_indices().collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
