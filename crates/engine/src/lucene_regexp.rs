//! Lucene's regular expressions: their syntax. `~` stands for all but, `&` for both, `<1-20>` for a number.
//!
//! Source: `RegExp` of Lucene 8.7, and of Lucene 9.12 for the classes `\d`, `\s` and `\w`.

use std::sync::Arc;

use crate::exception::Exception;
use crate::lucene_automaton::Automaton;

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
pub(crate) struct LuceneRegexp(Arc<Automaton>);

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

/// Most states of an automaton unless a request says otherwise. (`Operations.DEFAULT_MAX_DETERMINIZED_STATES`)
pub(crate) const STATES_DEFAULT: usize = 10_000;

/// What an expression is refused with that takes more states than it may, of this many. `newer`: in the words of Lucene 9.
fn too_complex(expression: &str, most: usize, newer: bool) -> Exception {
    fault(match newer {
        true => format!("Determinizing {expression} would require more than {most} effort."),
        false => format!("Determinizing {expression} would result in more than {most} states."),
    })
}

impl LuceneRegexp {
    /// Compiles an expression into at most `states_max` states.
    ///
    /// # Errors
    /// `illegal_argument_exception` in Lucene's words.
    pub(crate) fn new(
        expression: &str,
        options: RegexpOptions,
        states_max: usize,
    ) -> Result<LuceneRegexp, Exception> {
        let (nodes, root) = parsed(expression, options)?;
        let automaton = Automaton::new(&nodes, root, states_max);
        automaton
            .map(|automaton| LuceneRegexp(Arc::new(automaton)))
            .map_err(|_| too_complex(expression, states_max, options.classes))
    }

    /// The bytes that it takes.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.bytes()
    }

    /// Whether the whole of `text` matches.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// Whether some beginning of `text` matches.
    pub(crate) fn begins(&self, text: &str) -> bool {
        self.0.longest(text.chars()).is_some()
    }
}

/// An expression that is looked for within texts.
#[derive(Clone, Debug)]
pub(crate) enum RegexpWithin {
    /// One that has only what other expressions have, too, as the library for those writes it.
    Plain(String),
    /// One with operators of its own.
    Own(Automaton),
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
            let automaton = Automaton::new(&nodes, root, STATES_DEFAULT);
            return automaton
                .map(RegexpWithin::Own)
                .map_err(|_| too_complex(expression, STATES_DEFAULT, false));
        }
        let mut text = String::new();
        translate(&nodes, root, &mut text);
        Ok(RegexpWithin::Plain(text))
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
        let number = |text: &str| {
            let digits = text.trim_start_matches('0');
            (digits.len(), digits.to_owned())
        };
        if number(&least) > number(&most) {
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
        LuceneRegexp::new(expression, options, STATES_DEFAULT).unwrap().is_match(text)
    }

    fn refusal(expression: &str, states_max: usize) -> Exception {
        let options = RegexpOptions { flags: ALL, case_insensitive: false, classes: false };
        LuceneRegexp::new(expression, options, states_max).unwrap_err()
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
    fn numbers_lie_between_two_others() {
        for (expression, text, wanted) in [
            ("<0-5>", "0", true),
            ("<0-5>", "000", false),
            ("<0-15>", "000", true),
            ("<0-5>", "", false),
            ("<10-9>", "9", true),
            ("<10-9>", "11", false),
            ("<99-1000>", "0999", true),
            ("<99-1000>", "98", false),
            ("<099-100>", "099", true),
            ("<099-100>", "0100", false),
            ("<1-1>", "1", true),
            ("x<1-20>y", "x20y", true),
            ("x<1-20>y", "x21y", false),
        ] {
            assert_eq!(matches(expression, text), wanted, "{expression} {text}");
        }
    }

    #[test]
    fn a_hostile_expression_is_refused_before_any_work() {
        let nested = format!("{}b{}", "~(.*a.".repeat(40), ")".repeat(40));
        let repeated = format!("{}a{}&@", "(".repeat(30), "){1000}".repeat(30));
        let doubled = format!("{}a{}", "(".repeat(60), ")+{2}".repeat(60));
        let classes = format!("(({}){{1000}}){{1000}}", "[acegikmoqsuwy]".repeat(20));
        let both = format!(".*a.{{20}}{}", "&.*b.{20}".repeat(10));
        for hostile in [".*a.{20}", "~(.*a.{20})", &both, &nested, &repeated, &doubled, &classes] {
            let reason = refusal(hostile, STATES_DEFAULT).reason().to_owned();
            assert!(reason.ends_with("would result in more than 10000 states."), "{reason}");
        }
        matches(&format!("{}x", "(a*)*&".repeat(40)), &"a".repeat(300));
    }

    #[test]
    fn a_long_text_takes_one_step_for_each_character() {
        let text = "y".repeat(1 << 20);
        assert!(matches("(~(x)y)*", &text));
        assert!(!matches("~(@y)&@", &text));
        assert!(matches("(y*y*)*~(z)", &text));
    }

    #[test]
    fn a_request_says_how_many_states_there_may_be() {
        let reason = refusal("ab.*[cd]{3}", 2).reason().to_owned();
        assert_eq!(reason, "Determinizing ab.*[cd]{3} would result in more than 2 states.");
    }

    #[test]
    fn faults_are_told_in_lucenes_words() {
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
            assert_eq!(refusal(expression, STATES_DEFAULT).reason(), reason, "{expression}");
        }
    }
}
