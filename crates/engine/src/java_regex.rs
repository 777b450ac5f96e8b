//! Regular expressions as Java writes them, for whatever Elasticsearch gives to `java.util.regex`.
//!
//! Source: the documentation of `java.util.regex.Pattern`. What the engine below writes differently is rewritten: `\w`, `\d`,
//! `\s` and the POSIX classes are ASCII in Java, `\Q…\E` quotes, `\h` and `\v` are classes. Look-around and references to
//! groups are matched by going back, in a bounded number of steps; a text that would take more is one without a match.

use fancy_regex::{Regex, RegexBuilder};

use crate::exception::Exception;

/// The groups of a match in a text.
pub(crate) type Captures<'t> = fancy_regex::Captures<'t, str>;

/// Steps back that one search may take.
const BACKTRACKS_MAX: usize = 200_000;

/// Bytes that a compiled pattern may take.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(crate) struct JavaRegex(Regex);

impl JavaRegex {
    /// Compiles `pattern` with `flags`, names of Java's flags with `|` between them.
    ///
    /// # Errors
    /// `illegal_argument_exception`: a flag that Java does not have, a pattern that cannot be compiled.
    pub(crate) fn new(pattern: &str, flags: &str) -> Result<JavaRegex, Exception> {
        let mut prefix = String::new();
        let mut literal = false;
        for flag in flags.split('|').map(str::trim).filter(|flag| !flag.is_empty()) {
            match flag {
                "CASE_INSENSITIVE" => prefix.push('i'),
                "MULTILINE" => prefix.push('m'),
                "DOTALL" => prefix.push('s'),
                "COMMENTS" => prefix.push('x'),
                "LITERAL" => literal = true,
                "UNICODE_CASE"
                | "CANON_EQ"
                | "UNIX_LINES"
                | "UNICODE_CHAR_CLASS"
                | "UNICODE_CHARACTER_CLASS" => {}
                _ => {
                    return Err(Exception::illegal_argument(format!(
                        "Unknown regex flag [{flag}]"
                    )));
                }
            }
        }
        let mut rewritten = if prefix.is_empty() { String::new() } else { format!("(?{prefix})") };
        if literal {
            rewritten.push_str(&fancy_regex::escape(pattern));
        } else {
            rewrite(pattern, &mut rewritten);
        }
        RegexBuilder::new(&rewritten)
            .backtrack_limit(BACKTRACKS_MAX)
            .delegate_size_limit(COMPILED_BYTES_MAX)
            .delegate_dfa_size_limit(COMPILED_BYTES_MAX)
            .build()
            .map(JavaRegex)
            .map_err(|error| {
                Exception::illegal_argument(format!(
                    "the pattern [{pattern}] cannot be used here: {error}"
                ))
            })
    }

    /// Whether `text` has a match.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text).unwrap_or(false)
    }

    /// Where the matches in `text` are, in bytes.
    pub(crate) fn spans<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, usize)> + 't {
        self.0.find_iter(text).map_while(Result::ok).map(|found| (found.start(), found.end()))
    }

    /// The matches in `text` with their groups.
    pub(crate) fn captures<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Captures<'t>> + 't {
        self.0.captures_iter(text).map_while(Result::ok)
    }

    /// `text` with its matches replaced; `None` where looking for them took too long.
    pub(crate) fn replace_all(&self, text: &str, replacement: &JavaReplacement) -> Option<String> {
        let (mut out, mut end) = (String::with_capacity(text.len()), 0);
        for captures in self.0.captures_iter(text) {
            let captures = captures.ok()?;
            let whole = captures.get(0)?;
            out.push_str(text.get(end..whole.start())?);
            replacement.write(&captures, &mut out);
            end = whole.end();
        }
        out.push_str(text.get(end..)?);
        Some(out)
    }

    /// How many groups it has, the whole match counted.
    pub(crate) fn groups(&self) -> usize {
        self.0.captures_len()
    }
}

/// What stands in the place of a match: Java's `$1`, `${name}` and `\$`.
#[derive(Clone, Debug)]
pub(crate) struct JavaReplacement(Vec<ReplacementPart>);

#[derive(Clone, Debug)]
enum ReplacementPart {
    Text(String),
    Group(usize),
    Named(String),
}

impl JavaReplacement {
    /// Reads `text` as the replacement of matches of `pattern`.
    pub(crate) fn new(text: &str, pattern: &JavaRegex) -> JavaReplacement {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '\\' => plain.extend(rest.next()),
                '$' if rest.peek() == Some(&'{') => {
                    let name: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
                    parts.push(ReplacementPart::Text(std::mem::take(&mut plain)));
                    parts.push(ReplacementPart::Named(name));
                }
                '$' => {
                    let Some(first) = rest.peek().and_then(|c| c.to_digit(10)) else {
                        plain.push('$');
                        continue;
                    };
                    rest.next();
                    let mut group = first as usize;
                    // Further digits belong to the number as long as there is such a group.
                    while let Some(digit) = rest.peek().and_then(|c| c.to_digit(10)) {
                        let longer = group.saturating_mul(10).saturating_add(digit as usize);
                        if longer >= pattern.groups() {
                            break;
                        }
                        group = longer;
                        rest.next();
                    }
                    parts.push(ReplacementPart::Text(std::mem::take(&mut plain)));
                    parts.push(ReplacementPart::Group(group));
                }
                c => plain.push(c),
            }
        }
        parts.push(ReplacementPart::Text(plain));
        JavaReplacement(parts)
    }

    /// Writes what stands in the place of `captures`.
    pub(crate) fn write(&self, captures: &Captures<'_>, out: &mut String) {
        for part in &self.0 {
            match part {
                ReplacementPart::Text(text) => out.push_str(text),
                ReplacementPart::Group(group) => {
                    out.push_str(captures.get(*group).map_or("", |group| group.as_str()));
                }
                ReplacementPart::Named(name) => {
                    out.push_str(captures.name(name).map_or("", |group| group.as_str()));
                }
            }
        }
    }
}

/// Writes `pattern` as the engine below reads it.
fn rewrite(pattern: &str, out: &mut String) {
    let mut rest = pattern.chars().peekable();
    let mut classes = 0_usize;
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                let Some(escaped) = rest.next() else { return out.push('\\') };
                match escaped {
                    'Q' => quoted(&mut rest, out),
                    'p' | 'P' => property(escaped, &mut rest, out),
                    _ => escape(escaped, classes > 0, out),
                }
            }
            '[' => {
                classes += 1;
                out.push('[');
                if rest.peek() == Some(&'^') {
                    out.extend(rest.next());
                }
            }
            ']' => {
                classes = classes.saturating_sub(1);
                out.push(']');
            }
            // Within a class these mean themselves in Java, and not below.
            '~' | '-' if classes > 0 && rest.peek() == Some(&c) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
}

/// What stands between `\Q` and `\E`.
fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        if c == '\\' && rest.peek() == Some(&'E') {
            rest.next();
            break;
        }
        text.push(c);
    }
    out.push_str(&fancy_regex::escape(&text));
}

/// `\p{…}` and `\P{…}`.
fn property(letter: char, rest: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    let name: String = match rest.peek() {
        Some('{') => rest.by_ref().skip(1).take_while(|c| *c != '}').collect(),
        _ => rest.by_ref().take(1).collect(),
    };
    let class = match name.as_str() {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "ASCII" => r"\x00-\x7F",
        "Alpha" => "a-zA-Z",
        "Digit" => "0-9",
        "Alnum" => "a-zA-Z0-9",
        "Punct" => r##"!-/:-@\[-`{-~"##,
        "Graph" => "!-~",
        "Print" => " -~",
        "Blank" => r" \t",
        "Cntrl" => r"\x00-\x1F\x7F",
        "XDigit" => "0-9a-fA-F",
        "Space" => r"\t\n\x0B\f\r ",
        _ => "",
    };
    if !class.is_empty() {
        out.push_str(if letter == 'p' { "[" } else { "[^" });
        out.push_str(class);
        out.push(']');
        return;
    }
    let name = match name.as_str() {
        "javaLowerCase" => "Lowercase",
        "javaUpperCase" => "Uppercase",
        "javaWhitespace" => "White_Space",
        "javaLetter" => "L",
        name => name.strip_prefix("Is").or_else(|| name.strip_prefix("In")).unwrap_or(name),
    };
    out.push('\\');
    out.push(letter);
    out.push('{');
    out.push_str(name);
    out.push('}');
}

/// An escape of one letter.
fn escape(letter: char, in_class: bool, out: &mut String) {
    let (class, negated) = match letter {
        'w' => ("a-zA-Z0-9_", false),
        'W' => ("a-zA-Z0-9_", true),
        'd' => ("0-9", false),
        'D' => ("0-9", true),
        's' => (r"\t\n\x0B\f\r ", false),
        'S' => (r"\t\n\x0B\f\r ", true),
        'h' => (r"\t \u{A0}\u{1680}\u{180e}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}", false),
        'H' => (r"\t \u{A0}\u{1680}\u{180e}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}", true),
        'v' => (r"\n\x0B\f\r\u{85}\u{2028}\u{2029}", false),
        'V' => (r"\n\x0B\f\r\u{85}\u{2028}\u{2029}", true),
        'R' if !in_class => return out.push_str(r"(?:\r\n|[\n\x0B\f\r\u{85}\u{2028}\u{2029}])"),
        'Z' if !in_class => return out.push_str(r"(?=\n?\z)"),
        'e' => return out.push_str(r"\x1B"),
        // A letter of no meaning, a sign: itself.
        _ => {
            out.push('\\');
            return out.push(letter);
        }
    };
    match (in_class, negated) {
        (true, false) => out.push_str(class),
        (_, true) => {
            out.push_str("[^");
            out.push_str(class);
            out.push(']');
        }
        (false, false) => {
            out.push('[');
            out.push_str(class);
            out.push(']');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_ascii_as_in_java() {
        let regex = JavaRegex::new(r"\w+", "").expect("compiles");
        assert_eq!(regex.spans("aé_1").collect::<Vec<_>>(), [(0, 1), (3, 5)]);
    }

    #[test]
    fn look_around_finds_a_change_of_case() {
        let regex = JavaRegex::new(r"(?<=[\p{L}&&[^\p{Lu}]])(?=\p{Lu})", "").expect("compiles");
        assert_eq!(regex.spans("mooseBar").collect::<Vec<_>>(), [(5, 5)]);
    }

    #[test]
    fn a_group_takes_only_the_digits_that_name_one() {
        let regex = JavaRegex::new("(a)(b)", "").expect("compiles");
        let replacement = JavaReplacement::new(r"$21\$", &regex);
        let mut out = String::new();
        for captures in regex.captures("ab") {
            replacement.write(&captures, &mut out);
        }
        assert_eq!(out, "b1$");
    }
}
