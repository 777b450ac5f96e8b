//! A small reader of Rust: the tokens of a file. It knows comments, strings, characters and words, not grammar, which is
//! enough for files that compile.

/// A word, `::`, a string with its quotes, or one other character. Comments, characters and strings of bytes are none.
#[derive(Clone, Copy)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    /// Where it begins, from 1.
    pub(crate) line: usize,
}

impl Token<'_> {
    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_') && !self.is_string()
    }

    pub(crate) fn is_string(&self) -> bool {
        self.text.ends_with(['"', '#']) && self.text.len() > 1
    }

    /// A string as the program holds it: continued lines joined, escapes of quotes undone, all others as they stand.
    pub(crate) fn string(&self) -> Option<String> {
        if !self.is_string() {
            return None;
        }
        if let Some(raw) = self.text.strip_prefix('r') {
            let inside = raw.trim_matches('#').strip_prefix('"')?.strip_suffix('"')?;
            return Some(inside.to_owned());
        }
        let mut rest = self.text.strip_prefix('"')?.strip_suffix('"')?;
        let mut string = String::new();
        while let Some((before, behind)) = rest.split_once('\\') {
            string.push_str(before);
            let mut escape = behind.chars();
            match escape.next()? {
                '\n' => {
                    rest = behind.trim_start();
                    continue;
                }
                '"' => string.push('"'),
                other => string.extend(['\\', other]),
            }
            rest = escape.as_str();
        }
        string.push_str(rest);
        Some(string)
    }
}

/// Reads the tokens of a file.
pub(crate) fn read(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let (length, is_token) = piece(rest, first);
        let (seen, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if is_token {
            tokens.push(Token { text: seen, line });
        }
        line += seen.matches('\n').count();
        rest = behind;
    }
    tokens
}

/// Without `#[cfg(test)] mod … { … }`; and the names of the modules of tests that are files of their own.
pub(crate) fn without_tests<'a>(tokens: &[Token<'a>]) -> (Vec<Token<'a>>, Vec<&'a str>) {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let is_mark = |at: usize| {
        let marked = tokens.iter().skip(at).zip(MARK).filter(|(token, mark)| token.text == *mark);
        marked.count() == MARK.len()
    };
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let (mut kept, mut files) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let module = at + MARK.len();
        if !is_mark(at) || text(module) != "mod" {
            kept.push(*token);
            at += 1;
        } else if text(module + 2) == ";" {
            files.push(text(module + 1));
            at = module + 3;
        } else {
            at = behind(tokens, module + 2, "{", "}");
        }
    }
    (kept, files)
}

/// The place behind the bracket that opens at `at`, or at the next that does.
pub(crate) fn behind(tokens: &[Token<'_>], at: usize, open: &str, close: &str) -> usize {
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate().skip(at) {
        if token.text == open {
            depth += 1;
        } else if token.text == close {
            if depth <= 1 {
                return place + 1;
            }
            depth -= 1;
        }
    }
    tokens.len()
}

/// How long what stands at the front is, and whether it is a token.
fn piece(rest: &str, first: char) -> (usize, bool) {
    let until = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if rest.starts_with("//") {
        return (until("\n"), false);
    }
    if rest.starts_with("/*") {
        return (until("*/"), false);
    }
    if rest.starts_with("::") {
        return (2, true);
    }
    if let Some(length) = literal(rest) {
        return (length, rest.starts_with(['"', 'r']));
    }
    if is_word(first) {
        return (rest.find(|c| !is_word(c)).unwrap_or(rest.len()), true);
    }
    (first.len_utf8(), !first.is_whitespace())
}

/// The length of a string or character at the front.
fn literal(rest: &str) -> Option<usize> {
    let plain = rest.trim_start_matches(['b', 'c', 'r']);
    let prefix = rest.len() - plain.len();
    if prefix > 2 {
        return None;
    }
    let marks = plain.len() - plain.trim_start_matches('#').len();
    let is_raw = rest.get(..prefix).is_some_and(|prefix| prefix.ends_with('r'));
    if is_raw && plain.get(marks..).is_some_and(|text| text.starts_with('"')) {
        let end = format!("\"{}", "#".repeat(marks));
        let opened = prefix + marks + 1;
        let closed = rest.get(opened..)?.find(&end);
        return Some(closed.map_or(rest.len(), |at| opened + at + end.len()));
    }
    let quote = plain.chars().next().filter(|c| ['"', '\''].contains(c))?;
    let inside = plain.get(1..)?;
    // A lifetime has no quote behind its first character.
    if quote == '\'' && !inside.starts_with('\\') && inside.chars().nth(1) != Some('\'') {
        return None;
    }
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(prefix + 1 + at + 1),
            _ => {}
        }
    }
    Some(rest.len())
}
