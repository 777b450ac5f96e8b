//! Lucene's regular expressions: their syntax, and a matcher for what no other expressions have: `~` for all but, `&` for
//! both, `<1-20>` for a number.
//!
//! Source: `RegExp` of Lucene 8.7, and of Lucene 9.12 for the classes `\d`, `\s` and `\w`.

use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

use crate::exception::Exception;

/// The operators that may be turned off, by their names in `flags`.
const FLAGS: &[(&str, u32)] = &[
    ("INTERSECTION", INTERSECTION),
    ("COMPLEMENT", COMPLEMENT),
    ("EMPTY", EMPTY),
    ("ANYSTRING", ANYSTRING),
    ("INTERVAL", INTERVAL),
    ("NONE", 0),
    ("ALL", ALL),
];
const INTERSECTION: u32 = 1;
const COMPLEMENT: u32 = 2;
const EMPTY: u32 = 4;
const ANYSTRING: u32 = 8;
const INTERVAL: u32 = 0x20;
/// All of them.
pub(crate) const ALL: u32 = 0xff;

/// Deepest nesting of parentheses and operators.
const DEPTH_MAX: usize = 100;

/// Most repetitions that are counted out.
const REPEATS_MAX: usize = 1000;

/// Reads `COMPLEMENT|INTERVAL`.
///
/// # Errors
/// `illegal_argument_exception` for a name that nobody knows.
pub(crate) fn read_flags(text: &str) -> Result<u32, Exception> {
    if text.is_empty() {
        return Ok(ALL);
    }
    let mut flags = 0;
    for name in text.split('|').filter(|name| !name.is_empty()) {
        let upper = name.to_uppercase();
        let Some((_, flag)) = FLAGS.iter().find(|(known, _)| *known == upper) else {
            return Err(Exception::illegal_argument(format!("Unknown regexp flag [{name}]")));
        };
        flags |= flag;
    }
    Ok(flags)
}

/// How an expression is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RegexpOptions {
    /// Which operators mean something.
    pub(crate) flags: u32,
    /// Whether letter case counts for nothing.
    pub(crate) case_insensitive: bool,
    /// Whether `\d`, `\s` and `\w` are classes.
    pub(crate) classes: bool,
}

/// A compiled expression.
#[derive(Clone, Debug)]
pub(crate) enum LuceneRegexp {
    /// One that has only what other expressions have, too.
    Plain(Regex),
    /// One with operators of its own.
    Own { nodes: Vec<RegexpNode>, root: usize },
}

/// A part of an expression; others are named by their place.
#[derive(Clone, Debug)]
pub(crate) enum RegexpNode {
    Characters {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
    /// The empty language.
    Nothing,
    AnyString,
    Concat(Vec<usize>),
    Union(Vec<usize>),
    Both(usize, usize),
    Not(usize),
    Repeat {
        inner: usize,
        least: usize,
        most: Option<usize>,
    },
    /// A number of as many digits; none: with any zeros before it.
    Interval {
        least: String,
        most: String,
        digits: usize,
    },
}

impl LuceneRegexp {
    /// Compiles an expression, of which the whole of a term must match.
    ///
    /// # Errors
    /// `illegal_argument_exception` in Lucene's words.
    pub(crate) fn new(expression: &str, options: RegexpOptions) -> Result<LuceneRegexp, Exception> {
        LuceneRegexp::built(expression, options, true)
    }

    /// As [`LuceneRegexp::new`], of which the beginning of a text must match.
    ///
    /// # Errors
    /// As [`LuceneRegexp::new`]; operators that only whole texts are matched with.
    pub(crate) fn beginning(expression: &str) -> Result<Regex, Exception> {
        let options = RegexpOptions { flags: ALL, case_insensitive: false, classes: false };
        match LuceneRegexp::built(expression, options, false)? {
            LuceneRegexp::Plain(regex) => Ok(regex),
            LuceneRegexp::Own { .. } => {
                let what = "operators [~], [&] and [<] of the beginning of a text";
                Err(Exception::not_implemented(what))
            }
        }
    }

    fn built(
        expression: &str,
        options: RegexpOptions,
        whole: bool,
    ) -> Result<LuceneRegexp, Exception> {
        let (nodes, root) = parsed(expression, options)?;
        if has_own(&nodes) {
            return Ok(LuceneRegexp::Own { nodes, root });
        }
        let mut text = String::from("^(?:");
        translate(&nodes, root, &mut text);
        text.push(')');
        if whole {
            text.push('$');
        }
        let built = RegexBuilder::new(&text).dot_matches_new_line(true).size_limit(1 << 20).build();
        built.map(LuceneRegexp::Plain).map_err(|error| {
            fault(format!("the expression [{expression}] cannot be used: {error}"))
        })
    }

    /// Whether the whole of `text` matches.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        match self {
            LuceneRegexp::Plain(regex) => regex.is_match(text),
            LuceneRegexp::Own { nodes, root } => {
                let text: Vec<char> = text.chars().collect();
                ends_of(nodes, *root, &text).last().copied().unwrap_or(false)
            }
        }
    }
}

/// An expression that is looked for within texts.
#[derive(Clone, Debug)]
pub(crate) enum RegexpWithin {
    /// One that has only what other expressions have, too, as the library for those writes it.
    Plain(String),
    /// One with operators of its own.
    Own { nodes: Vec<RegexpNode>, root: usize },
}

impl RegexpWithin {
    /// Reads an expression with every operator and the classes `\d`, `\s` and `\w`.
    ///
    /// # Errors
    /// As [`LuceneRegexp::new`].
    pub(crate) fn new(expression: &str) -> Result<RegexpWithin, Exception> {
        let options = RegexpOptions { flags: ALL, case_insensitive: false, classes: true };
        let (nodes, root) = parsed(expression, options)?;
        if has_own(&nodes) {
            return Ok(RegexpWithin::Own { nodes, root });
        }
        let mut text = String::new();
        translate(&nodes, root, &mut text);
        Ok(RegexpWithin::Plain(text))
    }

    /// How many of the first characters of `text` match, as many as can be, of an expression with operators of its own.
    pub(crate) fn longest(&self, text: &[char]) -> Option<usize> {
        let RegexpWithin::Own { nodes, root } = self else { return None };
        ends_of(nodes, *root, text).iter().rposition(|end| *end)
    }
}

/// The parts of an expression, and which of them is the whole.
fn parsed(expression: &str, options: RegexpOptions) -> Result<(Vec<RegexpNode>, usize), Exception> {
    let characters: Vec<char> = expression.chars().collect();
    let mut parser =
        RegexpParser { characters: &characters, at: 0, options, nodes: Vec::new(), depth: 0 };
    let root = if characters.is_empty() {
        parser.add(RegexpNode::Concat(Vec::new()))
    } else {
        let root = parser.union()?;
        if parser.at < characters.len() {
            return Err(fault(format!("end-of-string expected at position {}", parser.at)));
        }
        root
    };
    Ok((parser.nodes, root))
}

/// Whether there are operators that other expressions do not have.
fn has_own(nodes: &[RegexpNode]) -> bool {
    nodes.iter().any(|node| {
        matches!(node, RegexpNode::Both(..) | RegexpNode::Not(_) | RegexpNode::Interval { .. })
    })
}

/// Where `root` can end that begins with `text`.
fn ends_of(nodes: &[RegexpNode], root: usize, text: &[char]) -> Vec<bool> {
    let mut run = TextMatch { nodes, text, known: HashMap::new() };
    let mut start = vec![false; text.len() + 1];
    if let Some(first) = start.first_mut() {
        *first = true;
    }
    run.ends(root, &start)
}

fn fault(reason: String) -> Exception {
    Exception::illegal_argument(reason)
}

/// `node` as the library for expressions has it.
fn translate(nodes: &[RegexpNode], node: usize, out: &mut String) {
    match nodes.get(node) {
        Some(RegexpNode::Characters { ranges, negated }) => {
            out.push_str(if *negated { "[^" } else { "[" });
            for (from, to) in ranges {
                out.push_str(&format!("\\x{{{:x}}}-\\x{{{:x}}}", u32::from(*from), u32::from(*to)));
            }
            out.push(']');
        }
        Some(RegexpNode::AnyString) => out.push_str(".*"),
        Some(RegexpNode::Concat(parts)) => {
            out.push_str("(?:");
            parts.iter().for_each(|part| translate(nodes, *part, out));
            out.push(')');
        }
        Some(RegexpNode::Union(parts)) => {
            out.push_str("(?:");
            for (place, part) in parts.iter().enumerate() {
                if place > 0 {
                    out.push('|');
                }
                translate(nodes, *part, out);
            }
            out.push(')');
        }
        Some(RegexpNode::Repeat { inner, least, most }) => {
            out.push_str("(?:");
            translate(nodes, *inner, out);
            let most = most.map(|most| most.to_string()).unwrap_or_default();
            out.push_str(&format!("){{{least},{most}}}"));
        }
        Some(
            RegexpNode::Nothing
            | RegexpNode::Both(..)
            | RegexpNode::Not(_)
            | RegexpNode::Interval { .. },
        )
        | None => {
            out.push_str("[^\\s\\S]");
        }
    }
}

/// One text that is matched.
struct TextMatch<'a> {
    nodes: &'a [RegexpNode],
    text: &'a [char],
    /// Where what begins at a place can end, of nodes that are asked about each place by itself.
    known: HashMap<(usize, usize), Vec<bool>>,
}

impl TextMatch<'_> {
    /// Where `node` can end that begins at one of `starts`.
    fn ends(&mut self, node: usize, starts: &[bool]) -> Vec<bool> {
        let none = vec![false; starts.len()];
        let nodes = self.nodes;
        match nodes.get(node) {
            Some(RegexpNode::Characters { ranges, negated }) => {
                let mut found = none;
                let steps = self.text.iter().zip(starts).zip(found.iter_mut().skip(1));
                for ((character, _), end) in steps.filter(|((_, start), _)| **start) {
                    let within = ranges.iter().any(|(from, to)| (*from..=*to).contains(character));
                    *end = within != *negated;
                }
                found
            }
            Some(RegexpNode::AnyString) => {
                let first = starts.iter().position(|start| *start);
                (0..starts.len()).map(|place| first.is_some_and(|first| place >= first)).collect()
            }
            Some(RegexpNode::Concat(parts)) => {
                parts.iter().fold(starts.to_vec(), |starts, part| self.ends(*part, &starts))
            }
            Some(RegexpNode::Union(parts)) => {
                parts.iter().fold(none, |found, part| either(found, &self.ends(*part, starts)))
            }
            Some(RegexpNode::Repeat { inner, least, most }) => {
                self.repeated(*inner, (*least, *most), starts)
            }
            Some(RegexpNode::Both(..) | RegexpNode::Not(_) | RegexpNode::Interval { .. }) => {
                let places = starts.iter().enumerate().filter(|(_, start)| **start);
                let places: Vec<usize> = places.map(|(place, _)| place).collect();
                places.into_iter().fold(none, |found, place| either(found, &self.from(node, place)))
            }
            Some(RegexpNode::Nothing) | None => none,
        }
    }

    fn repeated(
        &mut self,
        inner: usize,
        (least, most): (usize, Option<usize>),
        starts: &[bool],
    ) -> Vec<bool> {
        let mut current = starts.to_vec();
        for _ in 0..least {
            let next = self.ends(inner, &current);
            // What one round leaves as it is, the others do, too: so nested repetitions are not multiplied.
            if next == current {
                break;
            }
            current = next;
        }
        let mut found = current.clone();
        // Each round that finds nothing new is the last.
        let rounds = most.map_or(usize::MAX, |most| most.saturating_sub(least));
        for _ in 0..rounds {
            current = self.ends(inner, &current);
            let grown = either(found.clone(), &current);
            if grown == found {
                break;
            }
            found = grown;
        }
        found
    }

    /// Where `node` can end that begins at `start`.
    fn from(&mut self, node: usize, start: usize) -> Vec<bool> {
        if let Some(known) = self.known.get(&(node, start)) {
            return known.clone();
        }
        let nodes = self.nodes;
        let mut only = vec![false; self.text.len() + 1];
        if let Some(place) = only.get_mut(start) {
            *place = true;
        }
        let found: Vec<bool> = match nodes.get(node) {
            Some(RegexpNode::Both(a, b)) => {
                let (a, b) = (self.ends(*a, &only), self.ends(*b, &only));
                a.into_iter().zip(b).map(|(a, b)| a && b).collect()
            }
            Some(RegexpNode::Not(inner)) => {
                let ends = self.ends(*inner, &only);
                ends.into_iter().enumerate().map(|(place, end)| place >= start && !end).collect()
            }
            Some(RegexpNode::Interval { least, most, digits }) => {
                let mut found = vec![false; only.len()];
                let rest = self.text.get(start..).unwrap_or_default();
                let run = rest.iter().take_while(|c| c.is_ascii_digit()).count();
                for length in 1..=run {
                    let number: String = rest.iter().take(length).collect();
                    let fits = (*digits == 0 || length == *digits)
                        && compare(&number, least).is_ge()
                        && compare(&number, most).is_le();
                    if let Some(end) = found.get_mut(start + length) {
                        *end = fits;
                    }
                }
                found
            }
            _ => only,
        };
        self.known.insert((node, start), found.clone());
        found
    }
}

fn either(mut found: Vec<bool>, more: &[bool]) -> Vec<bool> {
    found.iter_mut().zip(more).for_each(|(found, more)| *found |= more);
    found
}

/// Two numbers as their digits.
fn compare(a: &str, b: &str) -> std::cmp::Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// The characters between `ranges`, which are in order.
fn others(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let before = |c: char| char::from_u32(u32::from(c).wrapping_sub(1));
    let after = |c: char| char::from_u32(u32::from(c).wrapping_add(1));
    let mut found = Vec::new();
    let mut next = Some('\0');
    for (from, to) in ranges {
        if let (Some(start), Some(end)) = (next, before(*from)) {
            found.push((start, end));
        }
        next = after(*to);
    }
    found.extend(next.map(|start| (start, char::MAX)));
    found.retain(|(start, end)| start <= end);
    found
}

struct RegexpParser<'a> {
    characters: &'a [char],
    at: usize,
    options: RegexpOptions,
    nodes: Vec<RegexpNode>,
    depth: usize,
}

impl RegexpParser<'_> {
    fn add(&mut self, mut node: RegexpNode) -> usize {
        if let (true, RegexpNode::Characters { ranges, .. }) =
            (self.options.case_insensitive, &mut node)
        {
            // As Lucene forgives capitals: those of ASCII.
            let other = |character: char| match character {
                'a'..='z' => Some(character.to_ascii_uppercase()),
                'A'..='Z' => Some(character.to_ascii_lowercase()),
                _ => None,
            };
            let letters = ('A'..='Z').chain('a'..='z');
            let within = |character: &char| {
                ranges.iter().any(|(from, to)| (*from..=*to).contains(character))
            };
            let more: Vec<char> = letters.filter(within).filter_map(other).collect();
            ranges.extend(more.into_iter().map(|character| (character, character)));
        }
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn next(&mut self) -> Result<char, Exception> {
        let next = self.peek().ok_or_else(|| fault("unexpected end-of-string".to_owned()))?;
        self.at += 1;
        Ok(next)
    }

    fn has(&self, flag: u32) -> bool {
        self.options.flags & flag != 0
    }

    fn expect(&mut self, wanted: char) -> Result<(), Exception> {
        if self.take(wanted) {
            return Ok(());
        }
        Err(fault(format!("expected '{wanted}' at position {}", self.at)))
    }

    fn union(&mut self) -> Result<usize, Exception> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(fault(format!("the expression is nested deeper than {DEPTH_MAX}")));
        }
        let mut parts = vec![self.both()?];
        while self.take('|') {
            parts.push(self.both()?);
        }
        self.depth -= 1;
        Ok(match parts.as_slice() {
            [only] => *only,
            _ => self.add(RegexpNode::Union(parts)),
        })
    }

    fn both(&mut self) -> Result<usize, Exception> {
        let mut left = self.concat()?;
        while self.has(INTERSECTION) && self.take('&') {
            let right = self.concat()?;
            left = self.add(RegexpNode::Both(left, right));
        }
        Ok(left)
    }

    fn concat(&mut self) -> Result<usize, Exception> {
        let mut parts = vec![self.repeat()?];
        while let Some(next) = self.peek() {
            if next == ')' || next == '|' || next == '&' && self.has(INTERSECTION) {
                break;
            }
            parts.push(self.repeat()?);
        }
        Ok(match parts.as_slice() {
            [only] => *only,
            _ => self.add(RegexpNode::Concat(parts)),
        })
    }

    fn repeat(&mut self) -> Result<usize, Exception> {
        let mut inner = self.complement()?;
        while let Some(operator @ ('?' | '*' | '+' | '{')) = self.peek() {
            self.at += 1;
            let (least, most) = match operator {
                '?' => (0, Some(1)),
                '*' => (0, None),
                '+' => (1, None),
                _ => match self.bounds()? {
                    Some(bounds) => bounds,
                    None => {
                        inner = self.add(RegexpNode::Nothing);
                        continue;
                    }
                },
            };
            inner = self.add(RegexpNode::Repeat { inner, least, most });
        }
        Ok(inner)
    }

    /// `n}`, `n,}` or `n,m}`; `None` where there cannot be so many.
    fn bounds(&mut self) -> Result<Option<(usize, Option<usize>)>, Exception> {
        let least = self.integer()?;
        let most = if !self.take(',') {
            Some(least)
        } else if self.peek().is_some_and(|c| c.is_ascii_digit()) {
            Some(self.integer()?)
        } else {
            None
        };
        self.expect('}')?;
        match most.filter(|most| *most < least) {
            Some(most) if self.options.classes => {
                Err(fault(format!("invalid repetition range(out of order): {least}..{most}")))
            }
            Some(_) => Ok(None),
            None => Ok(Some((least, most))),
        }
    }

    fn integer(&mut self) -> Result<usize, Exception> {
        let start = self.at;
        let mut digits = String::new();
        while let Some(digit) = self.peek().filter(char::is_ascii_digit) {
            digits.push(digit);
            self.at += 1;
        }
        if digits.is_empty() {
            return Err(fault(format!("integer expected at position {start}")));
        }
        digits
            .parse()
            .ok()
            .filter(|count| *count <= REPEATS_MAX)
            .ok_or_else(|| fault(format!("[{digits}] repetitions are more than {REPEATS_MAX}")))
    }

    fn complement(&mut self) -> Result<usize, Exception> {
        if !(self.has(COMPLEMENT) && self.take('~')) {
            return self.class();
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(fault(format!("the expression is nested deeper than {DEPTH_MAX}")));
        }
        let inner = self.complement()?;
        self.depth -= 1;
        Ok(self.add(RegexpNode::Not(inner)))
    }

    fn class(&mut self) -> Result<usize, Exception> {
        if !self.take('[') {
            return self.simple();
        }
        let negated = self.take('^');
        let mut ranges = Vec::new();
        loop {
            self.members(&mut ranges)?;
            if self.peek().is_none_or(|next| next == ']') {
                break;
            }
        }
        self.expect(']')?;
        Ok(self.add(RegexpNode::Characters { ranges, negated }))
    }

    fn members(&mut self, ranges: &mut Vec<(char, char)>) -> Result<(), Exception> {
        if let Some((class, negated)) = self.escaped_class() {
            ranges.extend(if negated { others(&class) } else { class });
            return Ok(());
        }
        let from = self.character()?;
        let to = if self.take('-') { self.character()? } else { from };
        ranges.push((from, to));
        Ok(())
    }

    /// `\d` and its like, and whether all but those are meant.
    fn escaped_class(&mut self) -> Option<(Vec<(char, char)>, bool)> {
        let next = self.characters.get(self.at + 1).copied()?;
        if !self.options.classes || self.peek() != Some('\\') {
            return None;
        }
        let ranges = match next.to_ascii_lowercase() {
            'd' => vec![('0', '9')],
            's' => vec![('\t', '\t'), ('\n', '\n'), ('\r', '\r'), (' ', ' ')],
            'w' => vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
            _ => return None,
        };
        self.at += 2;
        Some((ranges, next.is_ascii_uppercase()))
    }

    fn character(&mut self) -> Result<char, Exception> {
        self.take('\\');
        self.next()
    }

    fn simple(&mut self) -> Result<usize, Exception> {
        if let Some((ranges, negated)) = self.escaped_class() {
            return Ok(self.add(RegexpNode::Characters { ranges, negated }));
        }
        let node = match self.peek() {
            Some('.') => RegexpNode::Characters { ranges: vec![('\0', char::MAX)], negated: false },
            Some('#') if self.has(EMPTY) => RegexpNode::Nothing,
            Some('@') if self.has(ANYSTRING) => RegexpNode::AnyString,
            Some('"') => return self.quoted(),
            Some('(') => {
                self.at += 1;
                if self.take(')') {
                    return Ok(self.add(RegexpNode::Concat(Vec::new())));
                }
                let inner = self.union()?;
                self.expect(')')?;
                return Ok(inner);
            }
            Some('<') if self.has(INTERVAL) => return self.interval(),
            _ => {
                let character = self.character()?;
                let node =
                    RegexpNode::Characters { ranges: vec![(character, character)], negated: false };
                return Ok(self.add(node));
            }
        };
        self.at += 1;
        Ok(self.add(node))
    }

    fn quoted(&mut self) -> Result<usize, Exception> {
        self.at += 1;
        let mut parts = Vec::new();
        while let Some(character) = self.peek().filter(|c| *c != '"') {
            self.at += 1;
            let ranges = vec![(character, character)];
            parts.push(self.add(RegexpNode::Characters { ranges, negated: false }));
        }
        self.expect('"')?;
        Ok(self.add(RegexpNode::Concat(parts)))
    }

    fn interval(&mut self) -> Result<usize, Exception> {
        self.at += 1;
        let mut text = String::new();
        while let Some(character) = self.peek().filter(|c| *c != '>') {
            text.push(character);
            self.at += 1;
        }
        self.expect('>')?;
        let Some((least, most)) = text.split_once('-') else {
            return Err(fault(format!("'{text}' not found")));
        };
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !is_number(least) || !is_number(most) {
            return Err(fault(format!("interval syntax error at position {}", self.at - 1)));
        }
        let digits = if least.len() == most.len() { least.len() } else { 0 };
        let (mut least, mut most) = (least.to_owned(), most.to_owned());
        if compare(&least, &most).is_gt() {
            std::mem::swap(&mut least, &mut most);
        }
        Ok(self.add(RegexpNode::Interval { least, most, digits }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(expression: &str, text: &str) -> bool {
        let options = RegexpOptions { flags: ALL, case_insensitive: false, classes: false };
        LuceneRegexp::new(expression, options).unwrap().is_match(text)
    }

    #[test]
    fn all_but_both_and_numbers_are_known() {
        for (expression, text, wanted) in [
            ("ab~c", "abd", true),
            ("ab~c", "abc", false),
            ("~(a.*)", "b", true),
            ("~(a.*)", "ab", false),
            ("a.*&.*2", "a12", true),
            ("a.*&.*2", "a1", false),
            ("a[0-9]+&~(a0.*)", "a7", true),
            ("a[0-9]+&~(a0.*)", "a07", false),
            ("a<7-12>", "a007", true),
            ("a<007-012>", "a7", false),
            ("a<007-012>", "a007", true),
            ("a<7-12>", "a13", false),
            ("@", "", true),
            ("#|abc", "abc", true),
            ("a#b", "a#b", false),
            ("~abc", "abc", false),
            ("(~(x)y)*", "aybyy", true),
        ] {
            assert_eq!(matches(expression, text), wanted, "{expression} {text}");
        }
    }

    #[test]
    fn a_hostile_expression_takes_no_exponential_time() {
        let nested = format!("{}b{}", "~(a.*".repeat(40), ")".repeat(40));
        matches(&nested, &"a".repeat(300));
        matches(&format!("{}x", "(a*)*&".repeat(40)), &"a".repeat(300));
        let repeated = format!("{}a{}&@", "(".repeat(30), "){1000}".repeat(30));
        assert!(!matches(&repeated, &"a".repeat(300)));
        let repeated = format!("{}a?{}&@", "(".repeat(30), "){1000}".repeat(30));
        assert!(matches(&repeated, &"a".repeat(300)));
    }

    #[test]
    fn faults_are_told_in_lucenes_words() {
        let options = RegexpOptions { flags: ALL, case_insensitive: false, classes: false };
        for (expression, reason) in [
            ("(a", "expected ')' at position 2"),
            ("[a", "expected ']' at position 2"),
            ("\"a", "expected '\"' at position 2"),
            ("a\\", "unexpected end-of-string"),
            ("a{x}", "integer expected at position 2"),
            ("a<", "expected '>' at position 2"),
            ("<a>", "'a' not found"),
            ("a|", "unexpected end-of-string"),
        ] {
            let refusal = LuceneRegexp::new(expression, options).unwrap_err();
            assert_eq!(refusal.reason(), reason, "{expression}");
        }
    }
}
