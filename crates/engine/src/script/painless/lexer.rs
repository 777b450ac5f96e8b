//! Text of a script → tokens. Source: Elasticsearch 7.10, "Painless Language Specification" (lexical structure).

use super::fault::CompileFault;
use super::types;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// A name, which may be that of a type.
    Name(String),
    /// A word of the language.
    Word(&'static str),
    /// An operator or a bracket.
    Sign(&'static str),
    /// A number as it is written.
    Number(String),
    /// A string, its escapes resolved.
    Text(String),
    /// `/pattern/flags`
    Regex(String, String),
    /// Nothing comes after it.
    End,
}

/// One token and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// In characters from the beginning.
    pub(super) at: usize,
    /// As it is written.
    pub(super) raw: String,
}

const WORDS: &[&str] = &[
    "if",
    "else",
    "while",
    "do",
    "for",
    "in",
    "continue",
    "break",
    "return",
    "new",
    "try",
    "catch",
    "throw",
    "this",
    "instanceof",
    "true",
    "false",
    "null",
];

/// Longer ones before those they begin with.
const SIGNS: &[&str] = &[
    ">>>=", ">>>", "===", "!==", "==~", "<<=", ">>=", "?.", "?:", "==", "!=", "<=", ">=", "&&",
    "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "->", "::", "<<", ">>", "=~",
    "{", "}", "[", "]", "(", ")", ".", ",", ";", "?", ":", "=", "<", ">", "!", "~", "+", "-", "*",
    "/", "%", "&", "^", "|", "$",
];

/// Reads all tokens of `source`; the last one is [`TokenKind::End`].
///
/// # Errors
/// "unexpected character" as Elasticsearch's lexer says it.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, CompileFault> {
    let mut lexer = Lexer { text: source.chars().collect(), at: 0, out: Vec::new() };
    while lexer.skip_blank()? {
        lexer.one()?;
    }
    let at = lexer.text.len();
    lexer.out.push(Token { kind: TokenKind::End, at, raw: "<EOF>".to_owned() });
    Ok(lexer.out)
}

struct Lexer {
    text: Vec<char>,
    at: usize,
    out: Vec<Token>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn starts(&self, word: &str) -> bool {
        word.chars().enumerate().all(|(ahead, c)| self.peek(ahead) == Some(c))
    }

    /// Passes blanks and comments; whether anything is left.
    fn skip_blank(&mut self) -> Result<bool, CompileFault> {
        loop {
            match self.peek(0) {
                None => return Ok(false),
                Some(' ' | '\t' | '\n' | '\r') => self.at += 1,
                Some('/') if self.peek(1) == Some('/') => {
                    while self.peek(0).is_some_and(|c| c != '\n' && c != '\r') {
                        self.at += 1;
                    }
                }
                Some('/') if self.peek(1) == Some('*') => {
                    let begin = self.at;
                    self.at += 2;
                    while !self.starts("*/") {
                        if self.peek(0).is_none() {
                            return Err(self.unexpected(begin));
                        }
                        self.at += 1;
                    }
                    self.at += 2;
                }
                Some(_) => return Ok(true),
            }
        }
    }

    fn one(&mut self) -> Result<(), CompileFault> {
        let begin = self.at;
        let first = self.peek(0).unwrap_or(' ');
        let after_dot =
            matches!(self.out.last().map(|token| &token.kind), Some(TokenKind::Sign("." | "?.")));
        let kind = if first.is_ascii_alphabetic() || first == '_' {
            self.word(after_dot)
        } else if first.is_ascii_digit() {
            self.number(after_dot)
        } else if first == '"' || first == '\'' {
            self.text(first)?
        } else if first == '/' && self.slash_is_regex() {
            self.regex()?
        } else if let Some(sign) = SIGNS.iter().find(|sign| self.starts(sign)) {
            self.at += sign.chars().count();
            TokenKind::Sign(sign)
        } else {
            return Err(self.unexpected(begin));
        };
        let raw = self.raw(begin);
        self.out.push(Token { kind, at: begin, raw });
        Ok(())
    }

    fn raw(&self, begin: usize) -> String {
        self.text.iter().skip(begin).take(self.at.saturating_sub(begin)).collect()
    }

    fn word(&mut self, after_dot: bool) -> TokenKind {
        let begin = self.at;
        while self.peek(0).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            self.at += 1;
        }
        let text = self.raw(begin);
        if after_dot {
            return TokenKind::Name(text);
        }
        match WORDS.iter().find(|word| **word == text) {
            Some(word) => TokenKind::Word(word),
            None => TokenKind::Name(self.whole_type(text)),
        }
    }

    /// `java.util.List` and `Map.Entry` are one name where they name a type.
    fn whole_type(&mut self, first: String) -> String {
        let mut best = (first.clone(), self.at);
        let mut name = first;
        let mut at = self.at;
        for _ in 0..8 {
            if self.text.get(at) != Some(&'.') {
                break;
            }
            let word: String = self
                .text
                .iter()
                .skip(at + 1)
                .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
                .collect();
            if word.is_empty() {
                break;
            }
            at += 1 + word.chars().count();
            name = format!("{name}.{word}");
            if types::is_written_type(&name) {
                best = (name.clone(), at);
            }
        }
        self.at = best.1;
        best.0
    }

    fn number(&mut self, after_dot: bool) -> TokenKind {
        let begin = self.at;
        let digits = |lexer: &mut Lexer| {
            while lexer.peek(0).is_some_and(|c| c.is_ascii_digit()) {
                lexer.at += 1;
            }
        };
        if self.peek(0) == Some('0') && matches!(self.peek(1), Some('x' | 'X')) {
            self.at += 2;
            while self.peek(0).is_some_and(|c| c.is_ascii_hexdigit()) {
                self.at += 1;
            }
        } else {
            digits(self);
            if after_dot {
                return TokenKind::Number(self.raw(begin));
            }
            if self.peek(0) == Some('.') && self.peek(1).is_some_and(|c| c.is_ascii_digit()) {
                self.at += 1;
                digits(self);
            }
            let sign = usize::from(matches!(self.peek(1), Some('+' | '-')));
            if matches!(self.peek(0), Some('e' | 'E'))
                && self.peek(1 + sign).is_some_and(|c| c.is_ascii_digit())
            {
                self.at += 1 + sign;
                digits(self);
            }
        }
        if matches!(self.peek(0), Some('l' | 'L' | 'f' | 'F' | 'd' | 'D')) {
            self.at += 1;
        }
        TokenKind::Number(self.raw(begin))
    }

    fn text(&mut self, quote: char) -> Result<TokenKind, CompileFault> {
        let begin = self.at;
        let mut text = String::new();
        self.at += 1;
        loop {
            match self.peek(0) {
                None => return Err(self.unexpected(begin)),
                Some(c) if c == quote => break,
                Some('\\') => match self.peek(1) {
                    Some(c) if c == '\\' || c == quote => {
                        text.push(c);
                        self.at += 2;
                    }
                    _ => {
                        self.at += 2;
                        let reason = format!(
                            "unexpected character [{}]. The only valid escape sequences in strings starting with [{quote}] are [\\\\] and [\\{quote}].",
                            self.raw(begin)
                        );
                        return Err(CompileFault::new(begin, reason)
                            .because("lexer_no_viable_alt_exception"));
                    }
                },
                Some(c) => {
                    text.push(c);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        Ok(TokenKind::Text(text))
    }

    fn slash_is_regex(&self) -> bool {
        !matches!(
            self.out.last().map(|token| &token.kind),
            Some(
                TokenKind::Name(_)
                    | TokenKind::Number(_)
                    | TokenKind::Text(_)
                    | TokenKind::Sign("]" | ")")
            )
        )
    }

    fn regex(&mut self) -> Result<TokenKind, CompileFault> {
        let begin = self.at;
        let mut pattern = String::new();
        self.at += 1;
        loop {
            match self.peek(0) {
                None | Some('\n') => return Err(self.unexpected(begin)),
                Some('/') => break,
                Some('\\') if self.peek(1) == Some('/') => {
                    pattern.push('/');
                    self.at += 2;
                }
                Some('\\') => {
                    pattern.push('\\');
                    pattern.extend(self.peek(1));
                    self.at += 2;
                }
                Some(c) => {
                    pattern.push(c);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        let flags_at = self.at;
        while self.peek(0).is_some_and(|c| "cilmsUux".contains(c)) {
            self.at += 1;
        }
        let flags = self.raw(flags_at);
        Ok(TokenKind::Regex(pattern, flags))
    }

    fn unexpected(&mut self, begin: usize) -> CompileFault {
        let first = self.text.get(begin).copied().unwrap_or(' ');
        let seen: String = if first == '"' || first == '\'' || first == '/' {
            self.text.iter().skip(begin).collect()
        } else {
            first.to_string()
        };
        CompileFault::new(begin, format!("unexpected character [{seen}]."))
            .because("lexer_no_viable_alt_exception")
    }
}
