//! `word_delimiter`: the parts of words in a line (Lucene's `WordDelimiterFilter`).

use std::sync::Arc;

use super::word_parts::{WordDelimiterSettings, WordPart, WordParts};
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{ForSynonyms, PieceFilter, TextEnd, TokenFilter};
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Clone, Debug)]
struct WordDelimiter {
    settings: Arc<WordDelimiterSettings>,
    line: PartLine,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    let settings = Arc::new(WordDelimiterSettings::read(settings, false)?);
    Ok(Arc::new(WordDelimiter {
        settings,
        line: PartLine { is_first: true, ..PartLine::default() },
    }))
}

/// What has gone by.
#[derive(Clone, Debug, Default)]
struct PartLine {
    /// The position of the last word that came in, and of the last token that went out.
    before: Option<u32>,
    position: Option<u32>,
    /// Steps that words without parts have left.
    steps: u32,
    is_first: bool,
}

/// Neighbouring parts, joined.
#[derive(Default)]
struct Joined {
    text: Vec<char>,
    from: usize,
    to: usize,
    kind: u8,
    count: usize,
}

impl Joined {
    fn add(&mut self, word: &[char], part: WordPart) {
        if self.count == 0 {
            (self.from, self.kind) = (part.from, part.kind);
        }
        self.text.extend(word.get(part.from..part.to).unwrap_or_default());
        self.to = part.to;
        self.count += 1;
    }
}

/// One word being cut.
struct WordCutter<'a> {
    settings: &'a WordDelimiterSettings,
    line: &'a mut PartLine,
    token: &'a Token,
    word: &'a [char],
    /// Whether offsets within the word are those of the text.
    exact: bool,
    has_output: bool,
    follows_original: bool,
    /// What comes out, with its step and whether it is the first of its kind at a place.
    made: Vec<(u32, u32, Token)>,
}

impl WordCutter<'_> {
    fn step(&mut self, joined: bool) -> u32 {
        let steps = self.line.steps;
        if self.has_output {
            self.line.steps = 0;
            return if joined { 0 } else { steps.max(1) };
        }
        self.has_output = true;
        if !self.follows_original {
            self.follows_original = true;
            return 0;
        }
        self.line.steps = 0;
        steps.max(1)
    }

    fn push(&mut self, text: &[char], from: usize, to: usize, joined: bool, single: bool) {
        let mut token = self.token.clone();
        token.text = text.iter().collect();
        if self.exact {
            let bytes = |count: usize| {
                self.word.iter().take(count).map(|letter| letter.len_utf8()).sum::<usize>()
            };
            token.start_offset += u32::try_from(bytes(from)).unwrap_or(0);
            token.end_offset = self.token.start_offset + u32::try_from(bytes(to)).unwrap_or(0);
        } else if single {
            let start = token.start_offset + u32::try_from(from).unwrap_or(0);
            if start <= token.end_offset {
                token.start_offset = start;
            }
        }
        let step = self.step(joined);
        self.made.push((token.start_offset, step, token));
    }

    /// Whether something came out.
    fn flush(&mut self, joined: &mut Joined, last_count: &mut usize) -> bool {
        let joined = std::mem::take(joined);
        *last_count = joined.count;
        let out = joined.count != 1 || !self.settings.generates(joined.kind);
        if out {
            self.push(&joined.text, joined.from, joined.to, true, false);
        }
        out
    }

    fn run(&mut self, parts: &WordParts) {
        if let (true, Some(part)) = (parts.is_single, parts.parts.first()) {
            let text = self.word.get(part.from..part.to).unwrap_or_default();
            return self.push(text, part.from, part.to, false, true);
        }
        let (mut own, mut all, mut last_count) = (Joined::default(), Joined::default(), 0);
        for part in &parts.parts {
            if own.count > 0 && own.kind & part.kind == 0 {
                self.flush(&mut own, &mut last_count);
                self.has_output = false;
            }
            if self.settings.catenates(part.kind) {
                own.add(self.word, *part);
            }
            if self.settings.catenate_all {
                all.add(self.word, *part);
            }
            if self.settings.generates(part.kind) {
                let text = self.word.get(part.from..part.to).unwrap_or_default();
                self.push(text, part.from, part.to, false, false);
            }
        }
        if own.count > 0 {
            self.flush(&mut own, &mut last_count);
        }
        if all.count > last_count {
            self.push(&all.text, all.from, all.to, true, false);
        }
    }
}

impl WordDelimiter {
    fn run(&self, line: &mut PartLine, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let mut out = Vec::with_capacity(tokens.len());
        for token in tokens {
            if cancel.is_cancelled() {
                break;
            }
            let step = match line.before {
                Some(before) => token.position - before,
                None => token.position + 1,
            };
            line.before = Some(token.position);
            line.steps += step;
            let word: Vec<char> = token.text.chars().collect();
            let parts = WordParts::of(&word, &self.settings);
            let whole =
                parts.parts.first().is_some_and(|part| part.from == 0 && part.to == word.len());
            if whole || self.settings.protects(&token.text) {
                put(line, &mut out, None, token);
                continue;
            }
            if parts.parts.is_empty() && !self.settings.preserve_original {
                if step == 1 && !line.is_first {
                    line.steps -= 1;
                }
                continue;
            }
            if self.settings.preserve_original {
                put(line, &mut out, None, token.clone());
            }
            let exact = (token.end_offset - token.start_offset) as usize == token.text.len();
            let mut cutting = WordCutter {
                settings: &self.settings,
                line,
                token: &token,
                word: &word,
                exact,
                has_output: false,
                follows_original: !self.settings.preserve_original,
                made: Vec::new(),
            };
            cutting.run(&parts);
            let mut made = cutting.made;
            made.sort_by(|a, b| (a.0, b.1).cmp(&(b.0, a.1)));
            for (_, step, token) in made {
                put(line, &mut out, Some(step), token);
            }
        }
        out
    }
}

/// Puts a token, `step` positions ahead, or as far as the words before it have left.
fn put(line: &mut PartLine, out: &mut Vec<Token>, step: Option<u32>, mut token: Token) {
    let step = match step {
        Some(0) if line.is_first => 1,
        Some(step) => step,
        None => std::mem::take(&mut line.steps),
    };
    line.is_first = false;
    let position = match line.position {
        Some(position) => position + step,
        None => step.saturating_sub(1),
    };
    line.position = Some(position);
    token.position = position;
    out.push(token);
}

impl TokenFilter for WordDelimiter {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        self.run(&mut self.line.clone(), tokens, cancel)
    }

    fn moves_positions(&self) -> bool {
        true
    }

    fn for_synonyms(&self) -> ForSynonyms {
        ForSynonyms::Refused
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        Some(Box::new(self.clone()))
    }
}

impl PieceFilter for WordDelimiter {
    fn apply(
        &mut self,
        tokens: Vec<Token>,
        end: Option<&mut TextEnd>,
        cancel: &Cancel,
    ) -> Result<Vec<Token>, Exception> {
        let mut line = std::mem::take(&mut self.line);
        let made = self.run(&mut line, tokens, cancel);
        if let Some(end) = end {
            end.position = line.position.map_or(0, |position| position + 1);
        }
        self.line = line;
        Ok(made)
    }
}
