//! What a client reads of the answer of a shared cluster: the names without their prefix, everything else byte for byte as it was.

use super::SharedNames;
use super::request::AnswerNames;

/// How deep an answer may be.
const DEPTH_MAX: usize = 1_000;

/// What a value is, by where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Whatever its keys say.
    Any,
    /// Its keys are names.
    Keys,
    /// A name, or a list of names; an object is whatever its keys say.
    Name,
    /// The same, but of an object the keys are names.
    Names,
    /// A text that may have names in it, or an object of such.
    Text,
    /// A user's own.
    Opaque,
}

impl SharedNames {
    /// The answer `body` with the domain's own names.
    ///
    /// # Errors
    /// In words: it is no JSON, or is too deep.
    pub(crate) fn answer(
        &self,
        names: AnswerNames,
        fails: bool,
        is_json: bool,
        body: &[u8],
    ) -> Result<Vec<u8>, String> {
        if body.is_empty() {
            return Ok(Vec::new());
        }
        if !is_json {
            let text = String::from_utf8_lossy(body);
            return Ok(match names {
                AnswerNames::Rows if !fails => self.rows(&text),
                _ => self.text(&text),
            }
            .into_bytes());
        }
        if names == AnswerNames::Nowhere && !fails {
            return Ok(body.to_vec());
        }
        let names = if names == AnswerNames::Nowhere { AnswerNames::Hits } else { names };
        let mut walk = Walk { shared: self, names, input: body, at: 0, out: Vec::new() };
        let place = match names {
            AnswerNames::Keys => Place::Keys,
            AnswerNames::Rows if fails => Place::Any,
            AnswerNames::Rows => Place::Names,
            _ => Place::Any,
        };
        walk.value(place, 0)?;
        walk.blank();
        match walk.at == body.len() {
            true => Ok(walk.out),
            false => Err(format!("its answer is no JSON at byte {}", walk.at)),
        }
    }

    /// A text in which the names that are words of their own have no prefix.
    pub(crate) fn text(&self, text: &str) -> String {
        let is_word = |letter: char| letter.is_alphanumeric() || "-_.+".contains(letter);
        let (mut out, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(at) = rest.find(&self.prefix) {
            let (before, found) = rest.split_at(at);
            let after = found.get(self.prefix.len()..).unwrap_or_default();
            out.push_str(before);
            if out.chars().next_back().is_some_and(is_word) {
                out.push_str(&self.prefix);
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// A table whose cells have names without the prefix; what was to the right stays where it was.
    fn rows(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            let mut rest = line;
            while !rest.is_empty() {
                let cell = rest.find(|letter: char| !letter.is_whitespace()).unwrap_or(rest.len());
                let (blank, from) = rest.split_at(cell);
                let length = from.find(char::is_whitespace).unwrap_or(from.len());
                let (word, after) = from.split_at(length);
                out.push_str(blank);
                match self.bare(word) {
                    Some(own) => {
                        out.push_str(own);
                        // Not at the end of a line, where nothing is to the right.
                        if after.trim_start_matches(' ').starts_with(|it: char| it != '\n') {
                            out.push_str(&" ".repeat(self.prefix.len()));
                        }
                    }
                    None => out.push_str(word),
                }
                rest = after;
            }
        }
        out
    }
}

/// A walk through an answer, which is written anew on the way.
struct Walk<'a> {
    shared: &'a SharedNames,
    names: AnswerNames,
    input: &'a [u8],
    at: usize,
    out: Vec<u8>,
}

impl<'a> Walk<'a> {
    fn value(&mut self, place: Place, depth: usize) -> Result<(), String> {
        if depth > DEPTH_MAX {
            return Err(format!("its answer is deeper than {DEPTH_MAX}"));
        }
        self.blank();
        match self.peek() {
            Some(b'{') => self.object(place, depth),
            Some(b'[') => self.array(place, depth),
            Some(b'"') => {
                let text = self.string()?;
                self.put_text(place, text);
                Ok(())
            }
            Some(_) => {
                let from = self.at;
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-+.".contains(&byte);
                while self.peek().is_some_and(plain) {
                    self.at += 1;
                }
                self.copy(from);
                if self.at == from { Err(self.wrong()) } else { Ok(()) }
            }
            None => Err(self.wrong()),
        }
    }

    fn object(&mut self, place: Place, depth: usize) -> Result<(), String> {
        self.step(b'{')?;
        self.blank();
        if self.peek() == Some(b'}') {
            return self.step(b'}');
        }
        loop {
            self.blank();
            let key = self.string()?;
            let (key_place, below) = self.member(place, key, depth);
            self.put_text(key_place, key);
            self.blank();
            self.step(b':')?;
            self.value(below, depth + 1)?;
            self.blank();
            match self.peek() {
                Some(b',') => self.step(b',')?,
                _ => return self.step(b'}'),
            }
        }
    }

    fn array(&mut self, place: Place, depth: usize) -> Result<(), String> {
        self.step(b'[')?;
        self.blank();
        if self.peek() == Some(b']') {
            return self.step(b']');
        }
        loop {
            self.value(place, depth + 1)?;
            self.blank();
            match self.peek() {
                Some(b',') => self.step(b',')?,
                _ => return self.step(b']'),
            }
        }
    }

    /// What the key of a member is, and its value, where the object stands at `place`.
    fn member(&self, place: Place, key: &[u8], depth: usize) -> (Place, Place) {
        match place {
            Place::Opaque => return (Place::Opaque, Place::Opaque),
            Place::Text => return (Place::Text, Place::Text),
            // A table of JSON has columns; below a list of names, objects are what they are.
            Place::Names if self.names == AnswerNames::Rows => {
                return (Place::Opaque, Place::Names);
            }
            // Blocked indices are a list of such.
            Place::Names if self.names == AnswerNames::Admin && key == b"name" => {
                return (Place::Names, Place::Name);
            }
            Place::Names => return (Place::Names, self.below(b"", depth)),
            Place::Any | Place::Name | Place::Keys => {}
        }
        let key_place = if place == Place::Keys { Place::Names } else { Place::Opaque };
        (key_place, self.below(key, depth))
    }

    /// What the value of the key is.
    fn below(&self, key: &[u8], depth: usize) -> Place {
        match key {
            b"error" | b"failures" | b"failed_shards" | b"profile" => return Place::Text,
            _ => {}
        }
        if self.names == AnswerNames::Hits {
            return match key {
                b"_index" => Place::Name,
                b"_shard" => Place::Text,
                b"_source" | b"fields" | b"highlight" => Place::Opaque,
                _ => Place::Any,
            };
        }
        let of_templates = self.names == AnswerNames::Templates || self.names == AnswerNames::Keys;
        match key {
            b"indices" | b"aliases" => Place::Names,
            b"_index"
            | b"index"
            | b"new_index"
            | b"old_index"
            | b"provided_name"
            | b"index.provided_name"
            | b"index.resize.source.name"
            | b"non_searchable_indices"
            | b"non_aggregatable_indices" => Place::Name,
            b"index_patterns" | b"composed_of" if of_templates => Place::Name,
            b"name" if self.names == AnswerNames::Templates && depth < 3 => Place::Name,
            b"resize" => Place::Text,
            b"mappings" | b"filter" | b"analysis" => Place::Opaque,
            _ => Place::Any,
        }
    }

    /// Writes a text as it stands between its quotes.
    fn put_text(&mut self, place: Place, text: &[u8]) {
        self.out.push(b'"');
        match (place, std::str::from_utf8(text)) {
            (Place::Name | Place::Names, Ok(name)) => {
                self.out.extend_from_slice(self.shared.bare(name).unwrap_or(name).as_bytes());
            }
            (Place::Text, Ok(words)) => {
                self.out.extend_from_slice(self.shared.text(words).as_bytes());
            }
            _ => self.out.extend_from_slice(text),
        }
        self.out.push(b'"');
    }

    /// Reads a string: what is between its quotes, as it is written there.
    fn string(&mut self) -> Result<&'a [u8], String> {
        if self.peek() != Some(b'"') {
            return Err(self.wrong());
        }
        self.at += 1;
        let from = self.at;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
                None => return Err(self.wrong()),
            }
        }
        let text = self.input.get(from..self.at).unwrap_or_default();
        self.at += 1;
        Ok(text)
    }

    fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    fn blank(&mut self) {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
        self.copy(from);
    }

    fn step(&mut self, byte: u8) -> Result<(), String> {
        if self.peek() != Some(byte) {
            return Err(self.wrong());
        }
        self.at += 1;
        self.out.push(byte);
        Ok(())
    }

    /// Writes what was read from `from` on.
    fn copy(&mut self, from: usize) {
        self.out.extend_from_slice(self.input.get(from..self.at).unwrap_or_default());
    }

    fn wrong(&self) -> String {
        format!("its answer is no JSON at byte {}", self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(names: AnswerNames, body: &str) -> String {
        let told = SharedNames::with("a.").answer(names, false, true, body.as_bytes());
        String::from_utf8(told.unwrap()).unwrap()
    }

    #[test]
    fn names_lose_their_prefix_and_nothing_else_changes() {
        let body = r#"{ "took":1,"_shards":{"failures":[{"index":"a.x","reason":{"reason":"[a.x] b-a.x"}}]},
            "hits":{"hits":[{"_index":"a.x","_id":"a.1","_score":1.0,"_source":{"_index":"a.x","n":12345678901234567890123},
            "sort":["a.q"],"inner_hits":{"in":{"hits":{"hits":[{"_index":"a.x","_source":{"\"a.":1}}]}}}}]},
            "aggregations":{"a.t":{"buckets":[{"key":"a.k","top":{"hits":{"hits":[{"_index":"a.x"}]}}}]}}}"#;
        let wanted = r#"{ "took":1,"_shards":{"failures":[{"index":"x","reason":{"reason":"[x] b-a.x"}}]},
            "hits":{"hits":[{"_index":"x","_id":"a.1","_score":1.0,"_source":{"_index":"a.x","n":12345678901234567890123},
            "sort":["a.q"],"inner_hits":{"in":{"hits":{"hits":[{"_index":"x","_source":{"\"a.":1}}]}}}}]},
            "aggregations":{"a.t":{"buckets":[{"key":"a.k","top":{"hits":{"hits":[{"_index":"x"}]}}}]}}}"#;
        assert_eq!(told(AnswerNames::Hits, body), wanted);
        let body = r#"{"a.x":{"aliases":{"a.al":{"filter":{"term":{"a.f":"a.v"}}}},"mappings":{"a.x":1},
            "settings":{"index":{"provided_name":"a.x","uuid":"u"}}},"error":"alias [a.z] missing"}"#;
        let wanted = r#"{"x":{"aliases":{"al":{"filter":{"term":{"a.f":"a.v"}}}},"mappings":{"a.x":1},
            "settings":{"index":{"provided_name":"x","uuid":"u"}}},"error":"alias [z] missing"}"#;
        assert_eq!(told(AnswerNames::Keys, body), wanted);
        let body = r#"{"_all":{},"indices":{"a.x":{"uuid":"u","total":{"docs":{"count":1}}}}}"#;
        assert_eq!(told(AnswerNames::Admin, body), body.replace("a.x", "x"));
        let body =
            r#"{"indices":["a.x"],"fields":{"a.f":{"long":{"type":"long","indices":["a.x"]}}}}"#;
        assert_eq!(told(AnswerNames::Admin, body), body.replace("a.x", "x"));
        let body = r#"{"index_templates":[{"name":"a.t","index_template":{"index_patterns":["a.l-*"],
            "composed_of":["a.c"],"template":{"aliases":{"a.al":{}},"mappings":{"a.x":{}}}}}]}"#;
        let wanted = r#"{"index_templates":[{"name":"t","index_template":{"index_patterns":["l-*"],
            "composed_of":["c"],"template":{"aliases":{"al":{}},"mappings":{"a.x":{}}}}}]}"#;
        assert_eq!(told(AnswerNames::Templates, body), wanted);
        assert_eq!(
            told(AnswerNames::Rows, r#"[{"index":"a.x","health":"green"}]"#),
            r#"[{"index":"x","health":"green"}]"#
        );
    }

    #[test]
    fn the_shard_of_a_hit_and_the_blocked_indices_lose_the_prefix() {
        let body = r#"{"hits":{"hits":[{"_shard":"[a.x][0]","_node":"n","_index":"a.x"}]}}"#;
        assert_eq!(told(AnswerNames::Hits, body), body.replace("a.x", "x"));
        let body = r#"{"acknowledged":true,"indices":[{"name":"a.x","blocked":true}]}"#;
        assert_eq!(told(AnswerNames::Admin, body), body.replace("a.x", "x"));
        let body = r#"{"indices":{"a.name":{"shards":{"0":[{"name":"a.node"}]}}}}"#;
        assert_eq!(told(AnswerNames::Admin, body), body.replace("a.name", "name"));
    }

    #[test]
    fn a_table_keeps_its_columns() {
        let rows = "health index   n\ngreen  a.books 1\ngreen  a.x     2\n";
        let told = SharedNames::with("a.").answer(AnswerNames::Rows, false, false, rows.as_bytes());
        let wanted = "health index   n\ngreen  books   1\ngreen  x       2\n";
        assert_eq!(String::from_utf8(told.unwrap()).unwrap(), wanted);
        let told = SharedNames::with("a.").answer(AnswerNames::Rows, false, false, b"a.x\na.y\n");
        assert_eq!(told.unwrap(), b"x\ny\n");
    }

    #[test]
    fn what_is_no_json_is_a_fault_and_no_panic() {
        for body in ["{", "[1,", "{\"a\":}", "\"x", "{} {}", "{\"a\" 1}", "\\", "[\"a\\", ","] {
            let told =
                SharedNames::with("a.").answer(AnswerNames::Hits, false, true, body.as_bytes());
            assert!(told.is_err(), "{body}");
        }
        let deep = "[".repeat(100_000);
        assert!(
            SharedNames::with("a.").answer(AnswerNames::Hits, true, true, deep.as_bytes()).is_err()
        );
    }
}
