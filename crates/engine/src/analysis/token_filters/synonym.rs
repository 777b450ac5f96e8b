//! `synonym`: other words at the positions of words (Lucene's `SynonymFilter`); `synonym_graph`: beside them, with positions
//! of their own (`SynonymGraphFilter`).

use std::collections::VecDeque;
use std::sync::Arc;

use super::synonym_rules::{SynonymRules, SynonymTree, Synonyms};
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{
    FilterPosition, ForSynonyms, GatheringFilter, PieceFilter, TokenFilter,
};
use crate::exception::Exception;
use crate::work::Cancel;

/// A synonym filter whose words are not known before it stands in a chain.
#[derive(Debug)]
struct UnplacedSynonyms {
    rules: SynonymRules,
    graph: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    let rules = SynonymRules::read(settings, "synonym")?;
    Ok(Arc::new(UnplacedSynonyms { rules, graph: false }))
}

pub(super) fn parse_graph(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    let rules = SynonymRules::read(settings, "synonym_graph")?;
    Ok(Arc::new(UnplacedSynonyms { rules, graph: true }))
}

impl TokenFilter for UnplacedSynonyms {
    /// Never run: [`TokenFilter::in_chain`] puts the filter in its place.
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        tokens
    }

    fn in_chain(
        &self,
        chain: &FilterPosition<'_>,
    ) -> Result<Option<Arc<dyn TokenFilter>>, Exception> {
        let tree = Arc::new(self.rules.tree(chain)?);
        Ok(Some(if self.graph { Arc::new(SynonymGraph(tree)) } else { Arc::new(Synonym(tree)) }))
    }
}

const KIND: &str = "SYNONYM";

#[derive(Clone, Debug)]
struct Synonym(Arc<SynonymTree>);

/// A word that comes at a later word's position.
struct PendingWord {
    text: String,
    /// Where it ends, if that is not where the word there ends.
    end_offset: Option<u32>,
    position_length: u32,
}

/// What has been made of a text so far.
struct SynonymLine {
    out: Vec<Token>,
    /// For this word and those behind it, what comes at their positions.
    pending: VecDeque<Vec<PendingWord>>,
    /// The position of the last token.
    position: Option<u32>,
    /// The position of the last word that came in.
    before: Option<u32>,
}

impl SynonymLine {
    fn ahead(&mut self, step: u32) {
        self.position = Some(match self.position {
            Some(position) => position.saturating_add(step),
            None => step.saturating_sub(1),
        });
    }

    fn expect(&mut self, synonyms: &Synonyms, count: usize, end_offset: u32) {
        for words in &synonyms.outputs {
            let alone = words.len() == 1;
            for (at, text) in words.iter().enumerate() {
                while self.pending.len() <= at {
                    self.pending.push_back(Vec::new());
                }
                let length = if alone && synonyms.keep { count } else { 1 };
                let pending = PendingWord {
                    text: text.clone(),
                    end_offset: alone.then_some(end_offset),
                    position_length: u32::try_from(length).unwrap_or(1),
                };
                self.pending.get_mut(at).into_iter().for_each(|slot| slot.push(pending.clone_of()));
            }
        }
    }

    /// Puts a word, if it stays, and what comes at its position.
    fn put(&mut self, token: &Token, stays: bool) {
        let step = match self.before {
            Some(before) => token.position - before,
            None => token.position + 1,
        };
        self.before = Some(token.position);
        let pending = self.pending.pop_front().unwrap_or_default();
        if stays {
            self.ahead(step);
            self.out.push(Token { position: self.position.unwrap_or(0), ..token.clone() });
        } else if !pending.is_empty() {
            self.ahead(1);
        }
        self.put_all(pending, token);
    }

    fn put_all(&mut self, pending: Vec<PendingWord>, like: &Token) {
        for word in pending {
            self.out.push(Token {
                text: word.text,
                position: self.position.unwrap_or(0),
                position_length: word.position_length,
                end_offset: word.end_offset.unwrap_or(like.end_offset),
                kind: KIND,
                keyword: false,
                morpheme: None,
                ..like.clone()
            });
        }
    }
}

impl PendingWord {
    fn clone_of(&self) -> PendingWord {
        PendingWord { text: self.text.clone(), ..*self }
    }
}

impl TokenFilter for Synonym {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let mut line =
            SynonymLine { out: Vec::new(), pending: VecDeque::new(), position: None, before: None };
        let (mut until, mut keep) = (0, true);
        for (at, token) in tokens.iter().enumerate() {
            if cancel.is_cancelled() {
                break;
            }
            if at >= until {
                let words = tokens.iter().skip(at).map(|token| token.text.as_str());
                (until, keep) = (at + 1, true);
                if let Some((count, synonyms)) = self.0.longest(words) {
                    let last = tokens.get(at + count - 1).unwrap_or(token);
                    line.expect(synonyms, count, last.end_offset);
                    (until, keep) = (at + count, synonyms.keep);
                }
            }
            line.put(token, keep);
        }
        if let Some(last) = tokens.last() {
            while let Some(pending) = line.pending.pop_front() {
                line.ahead(1);
                line.put_all(pending, last);
            }
        }
        line.out
    }

    fn moves_positions(&self) -> bool {
        true
    }

    fn for_synonyms(&self) -> ForSynonyms {
        ForSynonyms::Skipped
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        GatheringFilter::of(self)
    }
}

#[derive(Clone, Debug)]
struct SynonymGraph(Arc<SynonymTree>);

impl SynonymGraph {
    /// The words of a rule and their synonyms from the place `start` on; the place behind them.
    fn paths(&self, words: &[Token], synonyms: &Synonyms, start: u32, out: &mut Vec<Token>) -> u32 {
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return start };
        let inner = |length: usize| u32::try_from(length.saturating_sub(1)).unwrap_or(0);
        let own = if synonyms.keep { inner(words.len()) } else { 0 };
        let others: u32 = synonyms.outputs.iter().map(|output| inner(output.len())).sum();
        let end = start + own + others + 1;
        let mut next = start + 1;
        let (mut firsts, mut rest) = (Vec::new(), Vec::new());
        let mut path = |tokens: Vec<Token>| {
            let count = tokens.len();
            for (at, mut token) in tokens.into_iter().enumerate() {
                token.position = if at == 0 { start } else { next + inner(at + 1) - 1 };
                let to = if at + 1 == count { end } else { next + inner(at + 2) - 1 };
                token.position_length = to - token.position;
                if at == 0 { firsts.push(token) } else { rest.push(token) }
            }
            next += inner(count);
        };
        for output in &synonyms.outputs {
            let synonym = |text: &String| Token {
                text: text.clone(),
                end_offset: last.end_offset,
                kind: KIND,
                keyword: false,
                morpheme: None,
                ..first.clone()
            };
            path(output.iter().map(synonym).collect());
        }
        if synonyms.keep {
            path(words.to_vec());
        }
        out.append(&mut firsts);
        out.append(&mut rest);
        end
    }
}

impl TokenFilter for SynonymGraph {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let mut out = Vec::with_capacity(tokens.len());
        // How many places the text has grown by, or shrunk.
        let mut moved: i64 = 0;
        let place = |position: u32, moved: i64| {
            u32::try_from(i64::from(position) + moved).unwrap_or(position)
        };
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if cancel.is_cancelled() {
                break;
            }
            let words = tokens.iter().skip(at).map(|token| token.text.as_str());
            let Some((count, synonyms)) = self.0.longest(words) else {
                out.push(Token { position: place(token.position, moved), ..token.clone() });
                at += 1;
                continue;
            };
            let words = tokens.get(at..at + count).unwrap_or_default();
            let end = self.paths(words, synonyms, place(token.position, moved), &mut out);
            let behind = words.last().map_or(token.position, |last| last.position) + 1;
            moved = i64::from(end) - i64::from(behind);
            at += count;
        }
        out
    }

    fn moves_positions(&self) -> bool {
        true
    }

    fn for_synonyms(&self) -> ForSynonyms {
        ForSynonyms::Skipped
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        GatheringFilter::of(self)
    }
}
