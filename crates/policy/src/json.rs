//! A strict JSON reader that remembers where everything stood.
//!
//! Policies decide who may do what, so two readers of one text must never see two documents. This
//! reader refuses whatever RFC 8259 leaves to taste: duplicate names, a byte order mark, trailing
//! data, lone surrogates; and it bounds nesting. Every value carries its byte offset, from which
//! [`TextPlace`] computes a line and a column.

use crate::limits::NESTING_MAX;

/// A JSON value, the byte offset of its first character and that after its last.
#[derive(Clone, Debug)]
pub(crate) struct JsonNode {
    pub(crate) kind: JsonKind,
    pub(crate) offset: usize,
    pub(crate) end: usize,
}

/// What a [`JsonNode`] is. Numbers keep their text: `0.10` is not rounded by anybody.
#[derive(Clone, Debug)]
pub(crate) enum JsonKind {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<JsonNode>),
    Object(Vec<JsonMember>),
}

/// One `"name": value` of an object, in document order.
#[derive(Clone, Debug)]
pub(crate) struct JsonMember {
    pub(crate) name: String,
    pub(crate) offset: usize,
    pub(crate) value: JsonNode,
}

/// Why the text is not JSON: the byte offset and a message that says what was expected.
#[derive(Clone, Debug)]
pub(crate) struct JsonFault {
    pub(crate) offset: usize,
    pub(crate) message: String,
}

/// A line and a column, both from 1, columns counted in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextPlace {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// Reads one JSON document, and nothing after it.
pub(crate) fn read(text: &str) -> Result<JsonNode, JsonFault> {
    let mut reader = JsonReader { text, bytes: text.as_bytes(), at: 0 };
    if text.starts_with('\u{feff}') {
        return Err(reader.fault("a byte order mark; expected the document to begin with `{`"));
    }
    reader.skip_white_space();
    let node = reader.value(0)?;
    reader.skip_white_space();
    if reader.at < reader.bytes.len() {
        return Err(reader.fault(format!("{} after the end of the document", reader.seen())));
    }
    Ok(node)
}

impl TextPlace {
    /// The place of byte `offset` in `text`.
    pub(crate) fn of(text: &str, offset: usize) -> TextPlace {
        TextPlace { line: 1, column: 1 }.after(text.get(..offset).unwrap_or(text))
    }

    /// The place behind `passed`, which begins at this one.
    pub(crate) fn after(self, passed: &str) -> TextPlace {
        let line = self.line + passed.matches('\n').count();
        let column = match passed.rsplit_once('\n') {
            Some((_, last)) => 1 + last.chars().count(),
            None => self.column + passed.chars().count(),
        };
        TextPlace { line, column }
    }
}

impl JsonNode {
    /// What a person calls this kind of value.
    pub(crate) fn noun(&self) -> &'static str {
        match self.kind {
            JsonKind::Null => "null",
            JsonKind::Bool(_) => "a boolean",
            JsonKind::Number(_) => "a number",
            JsonKind::String(_) => "a string",
            JsonKind::Array(_) => "an array",
            JsonKind::Object(_) => "an object",
        }
    }

    /// The value that a JSON pointer names (RFC 6901).
    pub(crate) fn at(&self, pointer: &str) -> Option<&JsonNode> {
        let mut node = self;
        for name in pointer.split('/').skip(1) {
            let name = name.replace("~1", "/").replace("~0", "~");
            node = match &node.kind {
                JsonKind::Array(items) => items.get(name.parse::<usize>().ok()?)?,
                _ => node.member(&name)?,
            };
        }
        Some(node)
    }

    /// The member called `name`, when this is an object that has one.
    pub(crate) fn member(&self, name: &str) -> Option<&JsonNode> {
        let JsonKind::Object(members) = &self.kind else { return None };
        members.iter().find(|member| member.name == name).map(|member| &member.value)
    }
}

struct JsonReader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl JsonReader<'_> {
    fn fault(&self, message: impl Into<String>) -> JsonFault {
        JsonFault { offset: self.at, message: message.into() }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next character as a message shows it.
    fn seen(&self) -> String {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(character) if character.is_control() => format!("`{}`", character.escape_debug()),
            Some(character) => format!("`{character}`"),
            None => "the end of the document".to_owned(),
        }
    }

    fn skip_white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonFault> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.fault(format!("expected `{}`, found {}", char::from(byte), self.seen())))
    }

    fn value(&mut self, depth: usize) -> Result<JsonNode, JsonFault> {
        if depth > NESTING_MAX {
            return Err(self.fault(format!("nested deeper than {NESTING_MAX} levels")));
        }
        let offset = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => JsonKind::String(self.string()?),
            Some(b't') => self.word("true", JsonKind::Bool(true))?,
            Some(b'f') => self.word("false", JsonKind::Bool(false))?,
            Some(b'n') => self.word("null", JsonKind::Null)?,
            Some(b'-' | b'0'..=b'9') => JsonKind::Number(self.number()?),
            _ => return Err(self.fault(format!("expected a value, found {}", self.seen()))),
        };
        Ok(JsonNode { kind, offset, end: self.at })
    }

    fn word(&mut self, word: &str, kind: JsonKind) -> Result<JsonKind, JsonFault> {
        let end = self.at + word.len();
        if self.bytes.get(self.at..end) != Some(word.as_bytes()) {
            return Err(self.fault(format!("expected `{word}`")));
        }
        self.at = end;
        Ok(kind)
    }

    fn object(&mut self, depth: usize) -> Result<JsonKind, JsonFault> {
        self.expect(b'{')?;
        let mut members: Vec<JsonMember> = Vec::new();
        let mut names = std::collections::HashSet::new();
        self.skip_white_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(JsonKind::Object(members));
        }
        loop {
            self.skip_white_space();
            let offset = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.fault(format!("expected a name in quotes, found {}", self.seen())));
            }
            let name = self.string()?;
            if !names.insert(name.clone()) {
                return Err(JsonFault { offset, message: format!("duplicate name `{name}`") });
            }
            self.skip_white_space();
            self.expect(b':')?;
            self.skip_white_space();
            let value = self.value(depth + 1)?;
            members.push(JsonMember { name, offset, value });
            self.skip_white_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(JsonKind::Object(members));
                }
                _ => return Err(self.fault(format!("expected `,` or `}}`, found {}", self.seen()))),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<JsonKind, JsonFault> {
        self.expect(b'[')?;
        let mut nodes = Vec::new();
        self.skip_white_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(JsonKind::Array(nodes));
        }
        loop {
            self.skip_white_space();
            nodes.push(self.value(depth + 1)?);
            self.skip_white_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(JsonKind::Array(nodes));
                }
                _ => return Err(self.fault(format!("expected `,` or `]`, found {}", self.seen()))),
            }
        }
    }

    /// RFC 8259, section 6: no leading zero, no leading plus, digits after a point.
    fn number(&mut self) -> Result<String, JsonFault> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.fault(format!("expected a digit, found {}", self.seen()))),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Ok(self.text.get(start..self.at).unwrap_or_default().to_owned())
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Result<(), JsonFault> {
        let start = self.at;
        self.digits();
        if self.at == start {
            return Err(self.fault(format!("expected a digit, found {}", self.seen())));
        }
        Ok(())
    }

    fn string(&mut self) -> Result<String, JsonFault> {
        self.expect(b'"')?;
        let mut string = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            string.push_str(self.text.get(start..self.at).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string);
                }
                Some(b'\\') => string.push(self.escape()?),
                Some(_) => return Err(self.fault("a control character inside a string")),
                None => return Err(self.fault("expected `\"`, found the end of the document")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonFault> {
        let start = self.at;
        self.at += 2;
        Ok(match self.bytes.get(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            _ => return Err(JsonFault { offset: start, message: "an unknown escape".to_owned() }),
        })
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char, JsonFault> {
        let lone = || JsonFault { offset: start, message: "half of a surrogate pair".to_owned() };
        let first = self.four_hex_digits()?;
        let code = match first {
            0xd800..=0xdbff => {
                if self.bytes.get(self.at..self.at + 2) != Some(b"\\u") {
                    return Err(lone());
                }
                self.at += 2;
                let second = self.four_hex_digits()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return Err(lone());
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            _ => first,
        };
        char::from_u32(code).ok_or_else(lone)
    }

    fn four_hex_digits(&mut self) -> Result<u32, JsonFault> {
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(self.fault("expected four hexadecimal digits after `\\u`"));
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| self.fault("expected hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        let fault = read(text).unwrap_err();
        let place = TextPlace::of(text, fault.offset);
        format!("{}:{} {}", place.line, place.column, fault.message)
    }

    #[test]
    fn a_document_is_read_with_the_offset_of_every_value() {
        let node = read(" {\"a\": [1, -2.50e+3, true, null, \"x\\u00e9\\ud83d\\ude00\"]}").unwrap();
        let Some(JsonNode { kind: JsonKind::Array(items), offset: 7, .. }) = node.member("a")
        else {
            panic!("{node:?}")
        };
        assert!(matches!(&items[1].kind, JsonKind::Number(text) if text == "-2.50e+3"));
        assert!(matches!(&items[4].kind, JsonKind::String(text) if text == "xé😀"));
    }

    #[test]
    fn c13_each_departure_from_strict_json_is_refused_where_it_stands() {
        for (text, expected) in [
            ("{\"a\":1,\n \"a\":2}", "2:2 duplicate name `a`"),
            ("{\"a\":1,\"\\u0061\":2}", "1:8 duplicate name `a`"),
            ("{} x", "1:4 `x` after the end of the document"),
            ("\u{feff}{}", "1:1 a byte order mark; expected the document to begin with `{`"),
            ("{\"a\":1,}", "1:8 expected a name in quotes, found `}`"),
            ("[1,]", "1:4 expected a value, found `]`"),
            ("{'a':1}", "1:2 expected a name in quotes, found `'`"),
            ("// c\n{}", "1:1 expected a value, found `/`"),
            ("[01]", "1:3 expected `,` or `]`, found `1`"),
            ("[1.]", "1:4 expected a digit, found `]`"),
            ("[NaN]", "1:2 expected a value, found `N`"),
            ("\"\\ud800\"", "1:2 half of a surrogate pair"),
            ("\"\\ud800\\u0041\"", "1:2 half of a surrogate pair"),
            ("\"\\u00g0\"", "1:4 expected four hexadecimal digits after `\\u`"),
            ("\"a\nb\"", "1:3 a control character inside a string"),
            ("\"\\x\"", "1:2 an unknown escape"),
            ("", "1:1 expected a value, found the end of the document"),
            ("{\"a\"", "1:5 expected `:`, found the end of the document"),
            ("tru", "1:1 expected `true`"),
        ] {
            assert_eq!(fault(text), expected, "{text}");
        }
    }

    #[test]
    fn ten_thousand_levels_of_nesting_are_refused_without_recursing_into_them() {
        assert!(fault(&"[".repeat(10_000)).contains("nested deeper than"));
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        assert_eq!(TextPlace::of("é\nüx", 5), TextPlace { line: 2, column: 2 });
    }
}
