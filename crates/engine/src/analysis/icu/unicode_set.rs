//! `unicode_set_filter`: the characters that a part changes, as ICU writes sets: `[^åäö]`, `[a-z\u00e9]`, `[[a-z][^é]]`.
//! Of properties (`\p{…}`, `[:…:]`) there are the general category and the script; set operations are refused by name.

use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::{CodePointMapData, PropertyParser};

use std::ops::RangeInclusive;

use crate::analysis::part_settings::PartSettings;
use crate::exception::Exception;

/// Deepest nesting of sets.
const DEPTH_MAX: usize = 20;

/// A set of characters.
#[derive(Debug)]
pub(in crate::analysis) struct UnicodeSet {
    /// In order; between two of them stands what is not in the set.
    ranges: Vec<CodeRange>,
}

/// The first and the last of some code points.
type CodeRange = (u32, u32);

/// The last code point of all.
const LAST: u32 = char::MAX as u32;

impl UnicodeSet {
    /// Reads `unicode_set_filter`, which has an older name, too.
    ///
    /// # Errors
    /// `illegal_argument_exception` for one that cannot be read; 501 for properties and set operations.
    pub(in crate::analysis) fn read(
        settings: &PartSettings<'_>,
    ) -> Result<Option<UnicodeSet>, Exception> {
        let keys = ["unicode_set_filter", "unicodeSetFilter"];
        let Some(text) = keys.iter().find_map(|key| settings.text(key)) else { return Ok(None) };
        match UnicodeSet::at(text, "unicode_set_filter")? {
            (set, rest) if rest.is_empty() => Ok(Some(set)),
            _ => Err(wrong(text, "unicode_set_filter")),
        }
    }

    /// The set that `text` begins with, which `setting` has, and what stands behind it.
    ///
    /// # Errors
    /// As [`UnicodeSet::read`].
    pub(super) fn at(text: &str, setting: &'static str) -> Result<(UnicodeSet, String), Exception> {
        let mut reader = SetReader { text, setting, rest: text.chars().rev().collect(), depth: 0 };
        let ranges = reader.set()?;
        Ok((UnicodeSet { ranges }, reader.rest.into_iter().rev().collect()))
    }

    fn holds(&self, letter: char) -> bool {
        let code = u32::from(letter);
        let before = self.ranges.partition_point(|(_, to)| *to < code);
        self.ranges.get(before).is_some_and(|(from, _)| *from <= code)
    }

    /// `text` with `change` done to each run of characters of the set.
    pub(in crate::analysis) fn changed(
        &self,
        text: &str,
        change: impl Fn(&str) -> String,
    ) -> String {
        let (mut made, mut run) = (String::with_capacity(text.len()), String::new());
        for letter in text.chars() {
            if self.holds(letter) {
                run.push(letter);
                continue;
            }
            if !run.is_empty() {
                made.push_str(&change(&run));
                run.clear();
            }
            made.push(letter);
        }
        made + &change(&run)
    }
}

/// `ranges` in order, with those as one that touch.
fn joined(mut ranges: Vec<CodeRange>) -> Vec<CodeRange> {
    ranges.sort_unstable();
    let mut made: Vec<CodeRange> = Vec::new();
    for (from, to) in ranges {
        match made.last_mut().filter(|last| from <= last.1 + 1) {
            Some(last) => last.1 = last.1.max(to),
            None => made.push((from, to)),
        }
    }
    made
}

/// What is not in `ranges`, which are [`joined`].
fn others(ranges: &[CodeRange]) -> Vec<CodeRange> {
    let mut next = 0;
    let mut made = Vec::new();
    for (from, to) in ranges {
        if *from > next {
            made.push((next, from - 1));
        }
        next = to + 1;
    }
    if next <= LAST {
        made.push((next, LAST));
    }
    made
}

fn wrong(text: &str, setting: &str) -> Exception {
    Exception::illegal_argument(format!("[{setting}] [{text}] is no set of characters"))
}

/// What is left to read, from its end.
struct SetReader<'t> {
    text: &'t str,
    setting: &'static str,
    rest: Vec<char>,
    depth: usize,
}

impl SetReader<'_> {
    fn wrong(&self) -> Exception {
        wrong(self.text, self.setting)
    }

    fn later(&self, what: &str) -> Exception {
        let SetReader { text, setting, .. } = self;
        Exception::not_implemented(&format!("{what} in [{setting}] [{text}]"))
    }

    fn peek(&mut self) -> Option<char> {
        while self.rest.last().is_some_and(|letter| letter.is_whitespace()) {
            self.rest.pop();
        }
        self.rest.last().copied()
    }

    fn next(&mut self) -> Result<char, Exception> {
        let next = self.peek();
        self.rest.pop();
        next.ok_or_else(|| self.wrong())
    }

    fn set(&mut self) -> Result<Vec<CodeRange>, Exception> {
        self.depth += 1;
        if self.next()? != '[' || self.depth > DEPTH_MAX {
            return Err(self.wrong());
        }
        let negated = self.peek() == Some('^');
        if negated {
            self.rest.pop();
        }
        if self.peek() == Some(':') {
            self.rest.pop();
            let ranges = self.property(":]")?;
            self.depth -= 1;
            return Ok(if negated { others(&ranges) } else { ranges });
        }
        let (mut ranges, mut has_sets) = (Vec::new(), false);
        loop {
            match self.peek() {
                Some(']') => break,
                Some('[') => {
                    ranges.extend(self.set()?);
                    has_sets = true;
                }
                Some('\\') if matches!(self.rest.iter().rev().nth(1), Some('p' | 'P')) => {
                    self.rest.pop();
                    let negated = self.rest.pop() == Some('P');
                    if self.rest.pop() != Some('{') {
                        return Err(self.wrong());
                    }
                    let property = self.property("}")?;
                    ranges.extend(if negated { others(&property) } else { property });
                    has_sets = true;
                }
                Some('&' | '{' | '$') => return Err(self.later("an operator or a string")),
                Some('-') if has_sets => return Err(self.later("an operator")),
                _ => {
                    let from = self.letter()?;
                    let to = if self.peek() == Some('-') {
                        self.rest.pop();
                        self.letter()?
                    } else {
                        from
                    };
                    if to < from {
                        return Err(self.wrong());
                    }
                    ranges.push((u32::from(from), u32::from(to)));
                }
            }
        }
        self.rest.pop();
        self.depth -= 1;
        let ranges = joined(ranges);
        Ok(if negated { others(&ranges) } else { ranges })
    }

    /// The characters of the property up to `end`.
    fn property(&mut self, end: &str) -> Result<Vec<CodeRange>, Exception> {
        let mut name = String::new();
        while !name.ends_with(end) {
            name.push(self.rest.pop().ok_or_else(|| self.wrong())?);
        }
        let name = name.strip_suffix(end).unwrap_or_default();
        let (negated, name) = match name.strip_prefix('^') {
            Some(name) => (true, name),
            None => (false, name),
        };
        let value = name.rsplit('=').next().unwrap_or(name).trim();
        let ranges: Vec<CodeRange> =
            if let Some(group) = PropertyParser::<GeneralCategoryGroup>::new().get_loose(value) {
                let map = CodePointMapData::<GeneralCategory>::new();
                map.iter_ranges_for_group(group).map(RangeInclusive::into_inner).collect()
            } else if let Some(script) = PropertyParser::<Script>::new().get_loose(value) {
                let map = CodePointMapData::<Script>::new();
                map.iter_ranges_for_value(script).map(RangeInclusive::into_inner).collect()
            } else {
                return Err(self.later(&format!("the property [{name}]")));
            };
        let ranges = joined(ranges);
        Ok(if negated { others(&ranges) } else { ranges })
    }

    fn letter(&mut self) -> Result<char, Exception> {
        let letter = self.next()?;
        if letter != '\\' {
            return Ok(letter);
        }
        // Behind a backslash a space counts.
        let escaped = self.rest.pop().ok_or_else(|| self.wrong())?;
        let digits = match escaped {
            'u' => 4,
            'U' => 8,
            'N' => return Err(self.later("the name of a character")),
            'n' => return Ok('\n'),
            't' => return Ok('\t'),
            'r' => return Ok('\r'),
            other => return Ok(other),
        };
        let hex: String = (0..digits).filter_map(|_| self.rest.pop()).collect();
        let code = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
        code.ok_or_else(|| self.wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(set: &str) -> String {
        let (set, rest) = UnicodeSet::at(set, "id").unwrap();
        assert_eq!(rest, "");
        ['\0', 'a', 'b', 'c', 'd', 'é', '\u{D7FF}', '\u{E000}', char::MAX]
            .into_iter()
            .filter(|letter| set.holds(*letter))
            .map(|letter| letter.escape_unicode().to_string())
            .collect()
    }

    #[test]
    fn a_set_holds_its_characters_its_ranges_and_its_sets() {
        assert_eq!(held("[]"), "");
        assert_eq!(held("[ca-b]"), held("[a-c]"));
        assert_eq!(held("[a-cb]"), "\\u{61}\\u{62}\\u{63}");
        assert_eq!(held("[^b-\\U0010FFFF]"), "\\u{0}\\u{61}");
        assert_eq!(held("[^^]"), held("[^x]"));
        assert_eq!(held("[a[^\\u0000-\\ud7ff]]"), "\\u{61}\\u{e000}\\u{10ffff}");
        assert_eq!(held("[^[^a][b]]"), "\\u{61}");
        assert_eq!(held("[:Lowercase Letter:]"), held("[a-dé]"));
        assert_eq!(held("[[:^Ll:]\\p{Latin}]"), held("[^]"));
        assert_eq!(held("[\\P{Ll}]"), held("[:^gc=Ll:]"));
    }
}
