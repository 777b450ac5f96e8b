//! `unicode_set_filter`: the characters that a part changes, as ICU writes sets: `[^åäö]`, `[a-z\u00e9]`, `[[a-z][^é]]`.
//! Properties (`\p{…}`, `[:…:]`) and set operations are refused by name.

use crate::analysis::part_settings::PartSettings;
use crate::exception::Exception;

/// Deepest nesting of sets.
const DEPTH_MAX: usize = 20;

/// A set of characters.
#[derive(Debug, Default)]
pub(in crate::analysis) struct UnicodeSet {
    ranges: Vec<(char, char)>,
    sets: Vec<UnicodeSet>,
    negated: bool,
}

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
        let mut reader = SetReader { text, rest: text.chars().collect(), depth: 0 };
        reader.rest.reverse();
        let set = reader.set()?;
        match reader.rest.is_empty() {
            true => Ok(Some(set)),
            false => Err(reader.wrong()),
        }
    }

    fn holds(&self, letter: char) -> bool {
        let within = self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&letter))
            || self.sets.iter().any(|set| set.holds(letter));
        within != self.negated
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

/// What is left to read, from its end.
struct SetReader<'t> {
    text: &'t str,
    rest: Vec<char>,
    depth: usize,
}

impl SetReader<'_> {
    fn wrong(&self) -> Exception {
        let text = self.text;
        Exception::illegal_argument(format!(
            "[unicode_set_filter] [{text}] is no set of characters"
        ))
    }

    fn later(&self, what: &str) -> Exception {
        let text = self.text;
        Exception::not_implemented(&format!("{what} in [unicode_set_filter] [{text}]"))
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

    fn set(&mut self) -> Result<UnicodeSet, Exception> {
        self.depth += 1;
        if self.next()? != '[' || self.depth > DEPTH_MAX {
            return Err(self.wrong());
        }
        let mut set = UnicodeSet::default();
        if self.peek() == Some('^') {
            set.negated = true;
            self.rest.pop();
        }
        loop {
            match self.peek() {
                Some(']') => break,
                Some('[') => set.sets.push(self.set()?),
                Some(':') => return Err(self.later("a property")),
                Some('&' | '{' | '$') => return Err(self.later("an operator or a string")),
                Some('-') if !set.sets.is_empty() => return Err(self.later("an operator")),
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
                    set.ranges.push((from, to));
                }
            }
        }
        self.rest.pop();
        self.depth -= 1;
        Ok(set)
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
            'p' | 'P' | 'N' => return Err(self.later("a property")),
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
