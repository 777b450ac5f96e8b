//! `word_delimiter_graph`: the parts of words as a graph (Lucene's `WordDelimiterGraphFilter`).

use std::sync::Arc;

use super::word_parts::{WordDelimiterSettings, WordPart, WordParts};
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{ForSynonyms, PieceFilter, TextEnd, TokenFilter};
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Clone, Debug)]
struct WordDelimiterGraph {
    settings: Arc<WordDelimiterSettings>,
    line: GraphLine,
}

/// What has gone by: the position of the last word that came in, the place of the last token that went out, and the steps
/// that words without parts have left.
#[derive(Clone, Debug, Default)]
struct GraphLine {
    before: Option<u32>,
    place: Option<u32>,
    steps: u32,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    let settings = Arc::new(WordDelimiterSettings::read(settings, true)?);
    Ok(Arc::new(WordDelimiterGraph { settings, line: GraphLine::default() }))
}

/// One token of the graph of a word: its places, and where in the word it is.
struct Edge {
    from: u32,
    to: u32,
    start: usize,
    end: usize,
    /// `None`: as it stands in the word.
    text: Option<Vec<char>>,
}

#[derive(Default)]
struct Joined {
    text: Vec<char>,
    start: usize,
    end: usize,
    place: u32,
    kind: u8,
    count: usize,
}

impl Joined {
    fn add(&mut self, word: &[char], part: WordPart, place: u32) {
        if self.count == 0 {
            (self.start, self.kind, self.place) = (part.from, part.kind, place);
        }
        self.text.extend(word.get(part.from..part.to).unwrap_or_default());
        self.end = part.to;
        self.count += 1;
    }

    fn edge(self, to: u32) -> Edge {
        Edge { from: self.place, to, start: self.start, end: self.end, text: Some(self.text) }
    }
}

/// The graph of a word.
struct Graph<'a> {
    settings: &'a WordDelimiterSettings,
    edges: Vec<Edge>,
    place: u32,
    last_count: usize,
}

impl Graph<'_> {
    fn part(&mut self, part: WordPart) {
        let (from, to) = (self.place, self.place + 1);
        self.edges.push(Edge { from, to, start: part.from, end: part.to, text: None });
        self.place = to;
    }

    fn flush(&mut self, joined: &mut Joined) {
        let joined = std::mem::take(joined);
        if self.place == joined.place {
            self.place += 1;
        }
        self.last_count = joined.count;
        if joined.count != 1 || !self.settings.generates(joined.kind) {
            let edge = joined.edge(self.place);
            self.edges.push(edge);
        }
    }

    fn run(&mut self, word: &[char], parts: &WordParts) {
        if let (true, Some(part)) = (parts.is_single, parts.parts.first()) {
            self.part(*part);
        } else {
            let (mut own, mut all) = (Joined::default(), Joined::default());
            for part in &parts.parts {
                if own.count > 0 && own.kind & part.kind == 0 {
                    self.flush(&mut own);
                }
                if self.settings.catenates(part.kind) {
                    own.add(word, *part, self.place);
                }
                if self.settings.catenate_all {
                    all.add(word, *part, self.place);
                }
                if self.settings.generates(part.kind) {
                    self.part(*part);
                }
            }
            if own.count > 0 {
                self.flush(&mut own);
            }
            if all.count > self.last_count {
                if self.place == all.place {
                    self.place += 1;
                }
                let edge = all.edge(self.place);
                self.edges.push(edge);
            }
        }
        if self.settings.preserve_original {
            self.place = self.place.max(1);
            let (to, end) = (self.place, word.len());
            self.edges.push(Edge { from: 0, to, start: 0, end, text: None });
        }
        // The longest first; of those that are equally long, the one that came last, which is the longer text.
        self.edges.reverse();
        self.edges.sort_by(|a, b| (a.from, b.to).cmp(&(b.from, a.to)));
    }
}

impl WordDelimiterGraph {
    fn run(&self, line: &mut GraphLine, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
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
            let left_alone = whole
                || self.settings.protects(&token.text)
                || self.settings.ignore_keywords && token.keyword;
            if !left_alone && parts.parts.is_empty() && !self.settings.preserve_original {
                continue;
            }
            let steps = std::mem::take(&mut line.steps);
            let start = line.place.map_or(steps.saturating_sub(1), |place| place + steps);
            if left_alone {
                line.place = Some(start);
                out.push(Token { position: start, position_length: 1, ..token });
                continue;
            }
            let mut graph =
                Graph { settings: &self.settings, edges: Vec::new(), place: 0, last_count: 0 };
            graph.run(&word, &parts);
            for edge in graph.edges {
                line.place = Some(start + edge.from);
                out.push(self.token(&token, &word, edge, start));
            }
        }
        out
    }

    fn token(&self, token: &Token, word: &[char], edge: Edge, start: u32) -> Token {
        let mut made = token.clone();
        let text = word.get(edge.start..edge.end).unwrap_or_default();
        made.text = edge.text.as_deref().unwrap_or(text).iter().collect();
        (made.position, made.position_length) = (start + edge.from, edge.to - edge.from);
        let exact = (token.end_offset - token.start_offset) as usize == token.text.len();
        if exact && self.settings.adjust_offsets {
            let bytes = |count: usize| {
                let bytes: usize = word.iter().take(count).map(|letter| letter.len_utf8()).sum();
                u32::try_from(bytes).unwrap_or(0)
            };
            made.start_offset = token.start_offset + bytes(edge.start);
            made.end_offset = token.start_offset + bytes(edge.end);
        }
        made
    }
}

impl TokenFilter for WordDelimiterGraph {
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

impl PieceFilter for WordDelimiterGraph {
    fn apply(
        &mut self,
        tokens: Vec<Token>,
        end: Option<&mut TextEnd>,
        cancel: &Cancel,
    ) -> Result<Vec<Token>, Exception> {
        let mut line = std::mem::take(&mut self.line);
        let made = self.run(&mut line, tokens, cancel);
        if let Some(end) = end {
            end.position = line.place.map_or(0, |place| place + 1);
        }
        self.line = line;
        Ok(made)
    }
}
