//! Why a text is not JSON, in the words of Jackson, with which Elasticsearch reads bodies.
//!
//! The strict reader only says that a text is none; then this walks over it once more, as Jackson's
//! `UTF8StreamJsonParser` does, up to what is wrong.

use std::collections::HashSet;

use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::limits::PLACED_BODY_BYTES_MAX;
use crate::place::{SyntaxFault, Whereabouts, position_of};

/// The refusal of `text`, which the strict reader did not take; `otherwise`, its own words, where Jackson would take it.
pub(crate) fn refusal(text: &[u8], otherwise: &str) -> Exception {
    if text.is_empty() || text.len() > PLACED_BODY_BYTES_MAX {
        return Exception::new(ExceptionKind::JsonParse, otherwise);
    }
    let mut scanner = Scanner { text, at: 0, open: Vec::new() };
    match scanner.document() {
        Ok(()) => Exception::new(ExceptionKind::JsonParse, otherwise),
        Err(Stop::Trailing(at, token)) => {
            let position = position_of(text, at);
            let reason = format!("Unexpected token [{token}] found after the main object.");
            Exception::parsing(reason).somewhere(Whereabouts::Known(position))
        }
        Err(Stop::Fault { kind, reason, told_before, opened }) => {
            let opened = opened.map(|(words, at)| (words, position_of(text, at)));
            let position = position_of(text, scanner.at);
            let fault = SyntaxFault { position, told_before, opened };
            Exception::new(kind, reason).somewhere(Whereabouts::Syntax(fault))
        }
    }
}

/// Where the walk ends.
enum Stop {
    /// The document is whole, and another token follows.
    Trailing(usize, &'static str),
    Fault {
        kind: ExceptionKind,
        reason: String,
        told_before: Option<Flavor>,
        opened: Option<(&'static str, usize)>,
    },
}

/// An object or an array that is not closed yet.
struct Open {
    is_object: bool,
    at: usize,
    entries: usize,
    names: HashSet<String>,
}

struct Scanner<'a> {
    text: &'a [u8],
    /// How much was read.
    at: usize,
    open: Vec<Open>,
}

const TOKENS: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/// So many characters of a word that is none are told.
const WORD_MAX: usize = 256;

/// What Jackson misses behind a sign.
const NO_MINUS: &str = "expected digit (0-9) to follow minus sign, for valid numeric value";

type Walked = Result<(), Stop>;

fn fault(reason: String) -> Stop {
    Stop::Fault { kind: ExceptionKind::JsonParse, reason, told_before: None, opened: None }
}

fn ended(what: &str) -> Stop {
    let reason = format!("Unexpected end-of-input{what}");
    Stop::Fault { kind: ExceptionKind::JsonEof, reason, told_before: None, opened: None }
}

impl Scanner<'_> {
    /// Walks over the one value that a document is.
    fn document(&mut self) -> Walked {
        self.value(true)?;
        while let Some(open) = self.open.last() {
            let (is_object, first) = (open.is_object, open.entries == 0);
            self.entry(is_object, first)?;
        }
        match self.spaces()? {
            None => Ok(()),
            Some(byte) => {
                let at = self.at - 1;
                self.start(byte)?;
                let token = match byte {
                    b'{' => "START_OBJECT",
                    b'[' => "START_ARRAY",
                    b'"' => "VALUE_STRING",
                    b't' | b'f' => "VALUE_BOOLEAN",
                    b'n' => "VALUE_NULL",
                    _ => "VALUE_NUMBER",
                };
                Err(Stop::Trailing(at, token))
            }
        }
    }

    /// Reads what comes next in the innermost object or array: an entry, or its end.
    fn entry(&mut self, is_object: bool, first: bool) -> Walked {
        let Some(mut byte) = self.spaces()? else { return Err(self.not_closed()) };
        if byte == b'}' || byte == b']' {
            return self.close(is_object, byte);
        }
        let kind = if is_object { "Object" } else { "Array" };
        if !first {
            if byte != b',' {
                return Err(
                    self.unexpected(&format!("was expecting comma to separate {kind} entries"))
                );
            }
            byte = self.spaces()?.ok_or_else(|| {
                fault(format!("Unexpected end-of-input within/between {kind} entries"))
            })?;
        }
        if let Some(open) = self.open.last_mut() {
            open.entries += 1;
        }
        if !is_object {
            return self.start(byte);
        }
        self.name(byte)?;
        match self.spaces()? {
            None => return Err(ended(" within/between Object entries")),
            Some(b':') => {}
            Some(_) => {
                return Err(
                    self.unexpected("was expecting a colon to separate field name and value")
                );
            }
        }
        self.value(false)
    }

    fn not_closed(&self) -> Stop {
        let Some(open) = self.open.last() else { return ended("") };
        let kind = if open.is_object { "Object" } else { "Array" };
        let reason = format!("Unexpected end-of-input: expected close marker for {kind}");
        let opened = Some(("start marker at", open.at));
        Stop::Fault { kind: ExceptionKind::JsonEof, reason, told_before: None, opened }
    }

    fn close(&mut self, is_object: bool, byte: u8) -> Walked {
        let expected = if is_object { b'}' } else { b']' };
        if byte == expected {
            self.open.pop();
            return Ok(());
        }

        let reason =
            format!("Unexpected close marker '{}': expected '{}'", byte as char, expected as char);
        let words = if is_object { "for Object starting at" } else { "for Array starting at" };
        let opened = self.open.last().map(|open| (words, open.at));
        let told_before = Some(Flavor::Elasticsearch710);
        Err(Stop::Fault { kind: ExceptionKind::JsonParse, reason, told_before, opened })
    }

    /// The name of an entry that begins with `byte`.
    fn name(&mut self, byte: u8) -> Walked {
        if byte != b'"' {
            return Err(self.unexpected("was expecting double-quote to start field name"));
        }
        let from = self.at;
        self.string("field name", " in field name")?;
        let raw = self.text.get(from - 1..self.at).unwrap_or_default();
        let name = serde_json::from_slice::<String>(raw).unwrap_or_default();
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        if open.names.contains(&name) {
            return Err(fault(format!("Duplicate field '{name}'")));
        }
        open.names.insert(name);
        Ok(())
    }

    fn value(&mut self, in_root: bool) -> Walked {
        match self.spaces()? {
            Some(byte) => self.start(byte),
            None if in_root => Err(ended("")),
            None => Err(ended(" within/between Object entries")),
        }
    }

    /// The value that begins with `byte`; of an object or an array only its bracket.
    fn start(&mut self, byte: u8) -> Walked {
        match byte {
            b'{' | b'[' => {
                self.open.push(Open {
                    is_object: byte == b'{',
                    at: self.at - 1,
                    entries: 0,
                    names: HashSet::new(),
                });
                Ok(())
            }
            b'"' => self.string("string value", " in VALUE_STRING"),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            b'-' | b'0'..=b'9' => self.number(byte),
            b'N' => self.word("NaN").and_then(|()| Err(self.not_standard("NaN"))),
            b'I' => self.word("Infinity").and_then(|()| Err(self.not_standard("Infinity"))),
            b'+' => {
                let next = self.next();
                Err(self.no_digit(NO_MINUS, next))
            }
            b']' | b'}' | b',' => Err(self.unexpected("expected a value")),
            _ => {
                let begun = self.character(self.at - 1);
                if begun.is_alphabetic() || begun == '_' || begun == '$' {
                    self.at += begun.len_utf8() - 1;
                    return Err(self.no_word(&begun.to_string()));
                }
                Err(self.unexpected(&format!("expected a valid value {TOKENS}")))
            }
        }
    }

    fn not_standard(&self, word: &str) -> Stop {
        let feature = "JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS";
        fault(format!("Non-standard token '{word}': enable {feature} to allow"))
    }

    /// The rest of `word`, whose first letter was read.
    fn word(&mut self, word: &str) -> Walked {
        for (at, letter) in word.bytes().enumerate().skip(1) {
            if self.text.get(self.at) != Some(&letter) {
                return Err(self.no_word(word.get(..at).unwrap_or_default()));
            }
            self.at += 1;
        }
        let next = self.text.get(self.at).map(|_| self.character(self.at));
        if next.is_some_and(is_of_a_word) { Err(self.no_word(word)) } else { Ok(()) }
    }

    /// The refusal of a word that begins with `begun`, which was read.
    fn no_word(&mut self, begun: &str) -> Stop {
        let mut word = begun.to_owned();
        while self.at < self.text.len() {
            let next = self.character(self.at);
            self.at += next.len_utf8();
            if !is_of_a_word(next) {
                break;
            }
            word.push(next);
            if word.len() >= WORD_MAX {
                word.push_str("...");
                break;
            }
        }
        fault(format!("Unrecognized token '{word}': was expecting {TOKENS}"))
    }

    fn number(&mut self, first: u8) -> Walked {
        let mut digit = Some(first);
        if first == b'-' {
            digit = self.next();
            if !digit.is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(self.no_digit(NO_MINUS, digit));
            }
        }
        if digit == Some(b'0') && self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(fault("Invalid numeric value: Leading zeroes not allowed".to_owned()));
        }
        self.digits();
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                let next = self.next();
                return Err(self.no_digit("Decimal point not followed by a digit", next));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                let next = self.next();
                return Err(self.no_digit("Exponent indicator not followed by a digit", next));
            }
        }
        Ok(())
    }

    fn no_digit(&self, what: &str, seen: Option<u8>) -> Stop {
        if seen.is_none() {
            return ended(" in a Number value");
        }
        let seen = described(self.character(self.at - 1));
        let reason = format!("Unexpected character ({seen}) in numeric value: {what}");
        Stop::Fault {
            kind: ExceptionKind::JsonParse,
            reason,
            told_before: Some(Flavor::OpenSearch219),
            opened: None,
        }
    }

    fn digits(&mut self) -> usize {
        let before = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - before
    }

    /// The rest of a string, of which the first quote was read.
    fn string(&mut self, what: &str, unclosed: &str) -> Walked {
        loop {
            match self.next() {
                None => return Err(ended(unclosed)),
                Some(b'"') => return Ok(()),
                Some(b'\\') => self.escape()?,
                Some(byte) if byte < b' ' => {
                    return Err(fault(format!(
                        "Illegal unquoted character ({}): has to be escaped using backslash to be included in {what}",
                        described(byte as char)
                    )));
                }
                Some(byte) if byte >= 0x80 => self.rest_of_a_character(byte)?,
                Some(_) => {}
            }
        }
    }

    fn escape(&mut self) -> Walked {
        match self.next() {
            None => Err(ended(" in character escape sequence")),
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            Some(b'u') => {
                for _ in 0..4 {
                    match self.next() {
                        None => return Err(ended(" in character escape sequence")),
                        Some(byte) if byte.is_ascii_hexdigit() => {}
                        Some(_) => {
                            return Err(self
                                .unexpected("expected a hex-digit for character escape sequence"));
                        }
                    }
                }
                Ok(())
            }
            Some(_) => {
                let seen = described(self.character(self.at - 1));
                Err(fault(format!("Unrecognized character escape {seen}")))
            }
        }
    }

    fn rest_of_a_character(&mut self, first: u8) -> Walked {
        let more = match first {
            0xC2..=0xDF => 1,
            0xE0..=0xEF => 2,
            0xF0..=0xF4 => 3,
            _ => return Err(fault(format!("Invalid UTF-8 start byte 0x{first:x}"))),
        };
        for _ in 0..more {
            match self.next() {
                Some(0x80..=0xBF) => {}
                Some(byte) => return Err(fault(format!("Invalid UTF-8 middle byte 0x{byte:x}"))),
                None => return Err(ended("")),
            }
        }
        Ok(())
    }

    /// Reads white space, and the first byte that is none.
    fn spaces(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            match self.next() {
                None => return Ok(None),
                Some(b' ' | b'\t' | b'\r' | b'\n') => {}
                Some(byte) if byte < b' ' => {
                    return Err(fault(format!(
                        "Illegal character ({}): only regular white space (\\r, \\n, \\t) is allowed between tokens",
                        described(byte as char)
                    )));
                }
                Some(byte) => return Ok(Some(byte)),
            }
        }
    }

    /// The refusal of the character that was read last.
    fn unexpected(&self, what: &str) -> Stop {
        let seen = described(self.character(self.at - 1));
        let reason = format!("Unexpected character ({seen}): {what}");
        Stop::Fault {
            kind: ExceptionKind::JsonParse,
            reason,
            told_before: Some(Flavor::OpenSearch219),
            opened: None,
        }
    }

    /// The character that begins at `at`.
    fn character(&self, at: usize) -> char {
        let bytes = self.text.get(at..self.text.len().min(at + 4)).unwrap_or_default();
        let first = bytes.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
        first.unwrap_or_else(|| bytes.first().map_or('\0', |byte| *byte as char))
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }
}

/// Whether it may stand in one of Java's names. (`Character.isJavaIdentifierPart`.)
fn is_of_a_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

/// Jackson's name of a character. (`ParserMinimalBase._getCharDesc`.)
fn described(character: char) -> String {
    let code = u32::from(character);
    match code {
        0..=0x1F | 0x7F..=0x9F => format!("(CTRL-CHAR, code {code})"),
        0x100.. => format!("'{character}' (code {code} / 0x{code:x})"),
        _ => format!("'{character}' (code {code})"),
    }
}
