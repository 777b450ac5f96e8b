//! The string literals of a Rust source, each with the call that it is an argument of.
//!
//! A scanner and not a parser: it knows comments, attributes, strings, characters and brackets, which is enough to
//! tell `Err("no such index")` from `text.contains("no such index")`.

/// A string literal as the program holds it: continued lines joined, escapes of quotes undone.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Literal {
    pub(super) text: String,
    /// The function, method or macro whose argument it is; empty where it is none's.
    pub(super) callee: String,
}

/// Every string literal of `source` outside of comments and attributes, in order.
pub(super) fn literals(source: &str) -> Vec<Literal> {
    let mut scanner = Scanner { chars: source.chars().collect(), at: 0 };
    let mut found = Vec::new();
    // The open brackets, each with the name before it.
    let mut open: Vec<String> = Vec::new();
    let mut name = String::new();
    while let Some(next) = scanner.next() {
        match next {
            Token::Name(word) => {
                name = word;
                continue;
            }
            Token::Text(text) => {
                let callee = open.last().cloned().unwrap_or_default();
                found.push(Literal { text, callee });
            }
            Token::Mark('(' | '[' | '{') => open.push(std::mem::take(&mut name)),
            Token::Mark(')' | ']' | '}') => {
                open.pop();
            }
            // `format!(` is a call of `format`.
            Token::Mark('!') => continue,
            Token::Mark(_) => {}
        }
        name.clear();
    }
    found
}

enum Token {
    Name(String),
    Text(String),
    Mark(char),
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
}

impl Scanner {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<Token> {
        loop {
            let c = self.peek(0)?;
            match (c, self.peek(1)) {
                ('/', Some('/')) => self.skip_past('\n'),
                ('/', Some('*')) => self.skip_block_comment(),
                ('#', Some('[')) => self.skip_attribute(),
                ('#', Some('!')) if self.peek(2) == Some('[') => self.skip_attribute(),
                ('"', _) => return Some(Token::Text(self.string())),
                ('\'', _) => self.skip_character(),
                _ if c.is_alphabetic() || c == '_' => {
                    let name = self.word();
                    match self.prefixed(&name) {
                        Prefixed::Text(text) => return Some(Token::Text(text)),
                        Prefixed::Bytes => {}
                        Prefixed::No => return Some(Token::Name(name)),
                    }
                }
                _ => {
                    self.at += 1;
                    if !c.is_whitespace() {
                        return Some(Token::Mark(c));
                    }
                }
            }
        }
    }

    fn word(&mut self) -> String {
        let rest = self.chars.iter().skip(self.at);
        let word: String = rest.take_while(|c| c.is_alphanumeric() || **c == '_').collect();
        self.at += word.chars().count();
        word
    }

    /// What follows the prefix of a literal: `r"…"`, `r#"…"#`, `b"…"`.
    fn prefixed(&mut self, prefix: &str) -> Prefixed {
        let raw = matches!(prefix, "r" | "br" | "cr");
        let hashes = (0..).take_while(|ahead| raw && self.peek(*ahead) == Some('#')).count();
        if self.peek(hashes) != Some('"') || !(raw || matches!(prefix, "b" | "c")) {
            return Prefixed::No;
        }
        if !raw {
            self.string();
            return Prefixed::Bytes;
        }
        self.at += hashes + 1;
        let mut text = String::new();
        while let Some(c) = self.peek(0) {
            self.at += 1;
            let closes = c == '"' && (0..hashes).all(|ahead| self.peek(ahead) == Some('#'));
            if closes {
                self.at += hashes;
                break;
            }
            text.push(c);
        }
        if prefix == "r" { Prefixed::Text(text) } else { Prefixed::Bytes }
    }

    /// A string that begins here, with its quotes.
    fn string(&mut self) -> String {
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match (c, self.peek(0)) {
                ('"', _) => break,
                ('\\', Some('\n')) => {
                    while self.peek(0).is_some_and(char::is_whitespace) {
                        self.at += 1;
                    }
                }
                ('\\', Some('"')) => {
                    text.push('"');
                    self.at += 1;
                }
                ('\\', Some(escaped)) => {
                    text.extend(['\\', escaped]);
                    self.at += 1;
                }
                _ => text.push(c),
            }
        }
        text
    }

    /// A character literal, or the quote of a lifetime.
    fn skip_character(&mut self) {
        if self.peek(1) == Some('\\') {
            self.at += 3;
            self.skip_past('\'');
        } else if self.peek(2) == Some('\'') {
            self.at += 3;
        } else {
            self.at += 1;
        }
    }

    fn skip_past(&mut self, end: char) {
        while let Some(c) = self.peek(0) {
            self.at += 1;
            if c == end {
                return;
            }
        }
    }

    fn skip_block_comment(&mut self) {
        self.at += 2;
        while let Some(c) = self.peek(0) {
            self.at += 1;
            if c == '*' && self.peek(0) == Some('/') {
                self.at += 1;
                return;
            }
        }
    }

    fn skip_attribute(&mut self) {
        let mut depth = 0;
        while let Some(c) = self.peek(0) {
            match c {
                '"' => {
                    self.string();
                    continue;
                }
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if c == ']' && depth == 0 {
                return;
            }
        }
    }
}

enum Prefixed {
    Text(String),
    Bytes,
    No,
}
