//! Reading a template. Source: `MustacheParser.compile` of mustache.java 0.9.6, with its treatment of lines that hold a tag
//! alone.

use super::{Code, DEPTH_MAX, TemplateFault};

/// The pieces of `source`.
pub(super) fn codes(source: &str) -> Result<Vec<Code>, TemplateFault> {
    let mut reader =
        Reader { rest: source, line: 1, open: "{{".to_owned(), close: "}}".to_owned() };
    reader.section(None, true, 0)
}

struct Reader<'s> {
    rest: &'s str,
    line: usize,
    /// `{{` and `}}`, until the template changes them.
    open: String,
    close: String,
}

/// What is known of the line that is being read.
struct Line {
    /// Nothing but space stands in it so far.
    blank: bool,
    /// No tag stands in it so far.
    fresh: bool,
    /// A section of several lines ended in it: without more it is dropped.
    ended: bool,
}

impl<'s> Reader<'s> {
    /// Reads up to the end of the section `tag`, or of the template.
    // long: one arm for each kind of tag
    fn section(
        &mut self,
        tag: Option<&str>,
        fresh: bool,
        depth: usize,
    ) -> Result<Vec<Code>, TemplateFault> {
        if depth > DEPTH_MAX {
            return Err(self.wrong(&format!("more than {DEPTH_MAX} nested sections")));
        }
        let mut codes = Vec::new();
        let mut text = String::new();
        // The line of its tag belongs to a section, unless more stands in it.
        let mut line = Line { blank: true, fresh, ended: tag.is_some() };
        while let Some(character) = self.rest.chars().next() {
            if !self.rest.starts_with(self.open.as_str()) {
                self.rest = self.rest.get(character.len_utf8()..).unwrap_or_default();
                self.character(character, &mut text, &mut line);
                if character == '\n' {
                    flush(&mut text, &mut codes);
                }
                continue;
            }
            let command = self.tag()?;
            let name = command.get(1..).unwrap_or_default().trim();
            match command.chars().next() {
                None => return Err(self.wrong("Empty mustache")),
                Some(sign @ ('#' | '^' | '$')) => {
                    let begun = self.line;
                    let alone = line.fresh && line.blank;
                    let inner = self.section(Some(name), alone, depth + 1)?;
                    let lines = self.line - begun;
                    if !line.blank || lines == 0 {
                        flush(&mut text, &mut codes);
                    }
                    text.clear();
                    codes.push(self.sectioned(sign, name, inner)?);
                    line.ended = lines != 0;
                }
                Some('/') => {
                    if !(line.fresh && line.blank) {
                        flush(&mut text, &mut codes);
                    }
                    if tag != Some(name) {
                        return Err(self.wrong(&format!(
                            "Mismatched start/end tags: {} != {name} in query-template:{}",
                            tag.unwrap_or("null"),
                            self.line
                        )));
                    }
                    return Ok(codes);
                }
                Some('>' | '<') => {
                    return Err(TemplateFault::NotFound(format!("Template {name} not found")));
                }
                Some('!' | '%') => flush(&mut text, &mut codes),
                Some('=') => {
                    flush(&mut text, &mut codes);
                    self.delimiters(name)?;
                }
                Some('{') => {
                    flush(&mut text, &mut codes);
                    codes.push(Code::Variable { name: self.unescaped(name)?, escaped: false });
                }
                Some('&') => {
                    flush(&mut text, &mut codes);
                    codes.push(Code::Variable { name: name.to_owned(), escaped: false });
                }
                Some(_) => {
                    flush(&mut text, &mut codes);
                    codes.push(Code::Variable { name: command.trim().to_owned(), escaped: true });
                }
            }
            line.fresh = false;
        }
        flush(&mut text, &mut codes);
        match tag {
            None => Ok(codes),
            Some(tag) => Err(self.wrong(&format!("Failed to close '{tag}' tag"))),
        }
    }

    fn character(&mut self, character: char, text: &mut String, line: &mut Line) {
        if character != '\n' {
            line.blank &= matches!(character, ' ' | '\t' | '\r');
            text.push(character);
            return;
        }
        self.line += 1;
        if !(line.ended && line.blank) {
            text.push('\n');
        } else if text.ends_with('\r') {
            text.pop();
        }
        *line = Line { blank: true, fresh: true, ended: false };
    }

    /// What stands between the delimiters that begin here.
    fn tag(&mut self) -> Result<&'s str, TemplateFault> {
        let inside = self.rest.get(self.open.len()..).unwrap_or_default();
        // The closing delimiter of a tag that changes them stands behind its second `=`.
        let from = match inside.strip_prefix('=').and_then(|rest| rest.find('=')) {
            Some(second) => second + 1,
            None => 0,
        };
        let end = inside.get(from..).and_then(|rest| rest.find(self.close.as_str()));
        let Some(end) = end.map(|end| end + from) else {
            return Err(self.wrong("Improperly closed variable"));
        };
        let command = inside.get(..end).unwrap_or_default();
        self.rest = inside.get(end + self.close.len()..).unwrap_or_default();
        self.line += command.matches('\n').count();
        Ok(command)
    }

    /// The name in `{{{name}}}`, of which the first three braces and the last but one are read.
    fn unescaped(&mut self, name: &str) -> Result<String, TemplateFault> {
        if !self.close.ends_with('}') {
            return Ok(name.strip_suffix('}').unwrap_or(name).trim().to_owned());
        }
        match self.rest.strip_prefix('}') {
            Some(rest) => self.rest = rest,
            None => {
                let line = self.line;
                return Err(
                    self.wrong(&format!("Improperly closed variable in query-template:{line}"))
                );
            }
        }
        Ok(name.to_owned())
    }

    fn delimiters(&mut self, given: &str) -> Result<(), TemplateFault> {
        let given = given.strip_suffix('=').unwrap_or(given);
        let mut parts = given.split_whitespace();
        match (parts.next(), parts.next(), parts.next()) {
            (Some(open), Some(close), None) => {
                self.open = open.to_owned();
                self.close = close.to_owned();
                Ok(())
            }
            _ => Err(self.wrong(&format!("Invalid delimiter string: {given}"))),
        }
    }

    /// A section, or what Elasticsearch makes of those with names of its own.
    fn sectioned(&self, sign: char, name: &str, codes: Vec<Code>) -> Result<Code, TemplateFault> {
        let section = |inverted, codes| Code::Section { name: name.to_owned(), inverted, codes };
        match sign {
            '^' => return Ok(section(true, codes)),
            '$' => return Ok(Code::Block(codes)),
            _ => {}
        }
        let custom = name.strip_prefix("join delimiter='").and_then(|rest| rest.strip_suffix('\''));
        Ok(match name.to_ascii_lowercase().as_str() {
            "tojson" => Code::ToJson(self.variable("toJson", &codes)?),
            "join" => self.join(",", codes)?,
            "url" => Code::Url(codes),
            _ => match custom {
                Some(delimiter) => self.join(delimiter, codes)?,
                None => section(false, codes),
            },
        })
    }

    fn join(&self, delimiter: &str, codes: Vec<Code>) -> Result<Code, TemplateFault> {
        let name = self.variable("join", &codes)?;
        Ok(Code::Join { name, delimiter: delimiter.to_owned(), otherwise: codes })
    }

    /// The name that stands alone in a section of Elasticsearch's. A variable there is no name, and found nowhere.
    fn variable(&self, function: &str, codes: &[Code]) -> Result<String, TemplateFault> {
        match codes {
            [Code::Text(name)] => Ok(name.clone()),
            [Code::Variable { name, .. }] => Ok(format!("{{{{{name}}}}}")),
            [_] => Ok(String::new()),
            _ => Err(TemplateFault::Wrong(format!(
                "Mustache function [{function}] must contain one and only one identifier"
            ))),
        }
    }

    fn wrong(&self, what: &str) -> TemplateFault {
        TemplateFault::Wrong(format!("{what} @[query-template:{}]", self.line))
    }
}

/// Moves `text` behind the pieces.
fn flush(text: &mut String, codes: &mut Vec<Code>) {
    if text.is_empty() {
        return;
    }
    match codes.last_mut() {
        Some(Code::Text(before)) => before.push_str(text),
        _ => codes.push(Code::Text(text.clone())),
    }
    text.clear();
}
