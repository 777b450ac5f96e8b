//! `cjk_bigram`: neighbouring Chinese, Japanese and Korean characters as pairs (Lucene's `CJKBigramFilter`).

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{ForSynonyms, GatheringFilter, PieceFilter, TextEnd, TokenFilter};
use crate::exception::Exception;
use crate::work::Cancel;

/// Pairs of characters.
#[derive(Clone, Debug)]
pub(in crate::analysis) struct CjkBigram {
    /// The types of tokens that are paired.
    kinds: Vec<&'static str>,
    unigrams: bool,
}

const SCRIPTS: &[(&str, &str)] = &[
    ("han", "<IDEOGRAPHIC>"),
    ("hiragana", "<HIRAGANA>"),
    ("katakana", "<KATAKANA>"),
    ("hangul", "<HANGUL>"),
];

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["ignored_scripts", "output_unigrams"])?;
    let ignored = settings.list("ignored_scripts")?.unwrap_or_default();
    let paired = SCRIPTS.iter().filter(|(script, _)| !ignored.iter().any(|name| name == script));
    let kinds = paired.map(|(_, kind)| *kind).collect();
    Ok(Arc::new(CjkBigram { kinds, unigrams: settings.flag("output_unigrams", false)? }))
}

impl CjkBigram {
    /// Pairs in every script.
    pub(in crate::analysis) fn all() -> CjkBigram {
        CjkBigram { kinds: SCRIPTS.iter().map(|(_, kind)| *kind).collect(), unigrams: false }
    }

    fn run(&self, tokens: Vec<Token>, end: Option<&mut TextEnd>, cancel: &Cancel) -> Vec<Token> {
        let mut out = Pairs { tokens: Vec::new(), position: 0, behind: 0 };
        let mut run: Vec<Token> = Vec::new();
        for token in tokens {
            if cancel.is_cancelled() {
                break;
            }
            let paired = self.kinds.contains(&token.kind);
            if run.last().is_some_and(|last| !paired || last.end_offset != token.start_offset) {
                out.flush(&run, self.unigrams);
                run.clear();
            }
            if paired {
                // A word of several characters, as Hangul has them, is paired by character.
                run.extend(characters(&token));
            } else {
                out.pass(token);
            }
        }
        out.flush(&run, self.unigrams);
        if let Some(end) = end {
            end.position = end
                .position
                .saturating_sub(out.behind)
                .saturating_add(out.position)
                .max(out.position);
        }
        out.tokens
    }
}

fn characters(token: &Token) -> Vec<Token> {
    let mut made = Vec::new();
    // Offsets can be told apart only where they are those of the text.
    let exact = token.end_offset.saturating_sub(token.start_offset) as usize == token.text.len();
    for (at, character) in token.text.char_indices() {
        let mut one = token.clone();
        one.text = character.to_string();
        if exact {
            one.start_offset = token.start_offset + u32::try_from(at).unwrap_or(0);
            one.end_offset = one.start_offset + u32::try_from(character.len_utf8()).unwrap_or(0);
        }
        made.push(one);
    }
    made
}

/// What has been made so far.
struct Pairs {
    tokens: Vec<Token>,
    /// The position of the next token.
    position: u32,
    /// The position behind what has come in.
    behind: u32,
}

impl Pairs {
    /// Leaves room for words that were removed before `token`.
    fn gap(&mut self, token: &Token) {
        self.position += token.position.saturating_sub(self.behind);
        self.behind = self.behind.max(token.position + 1);
    }

    fn pass(&mut self, mut token: Token) {
        let stacked = token.position < self.behind;
        self.gap(&token);
        token.position = if stacked { self.position.saturating_sub(1) } else { self.position };
        if !stacked {
            self.position += 1;
        }
        self.tokens.push(token);
    }

    fn push(&mut self, mut token: Token, kind: &'static str, ahead: bool) {
        token.kind = kind;
        token.position = self.position;
        if ahead {
            self.position += 1;
        }
        self.tokens.push(token);
    }

    fn flush(&mut self, run: &[Token], unigrams: bool) {
        if let Some(first) = run.first() {
            self.gap(first);
        }
        for (at, token) in run.iter().enumerate() {
            self.behind = self.behind.max(token.position + 1);
            let next = run.get(at + 1);
            if unigrams || run.len() == 1 {
                self.push(token.clone(), "<SINGLE>", next.is_none());
            }
            let Some(next) = next else { continue };
            let mut pair = token.clone();
            pair.text.push_str(&next.text);
            pair.end_offset = next.end_offset;
            pair.position_length = if unigrams { 2 } else { 1 };
            self.push(pair, "<DOUBLE>", true);
        }
    }
}

impl TokenFilter for CjkBigram {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        self.run(tokens, None, cancel)
    }

    fn apply_to_end(&self, tokens: Vec<Token>, end: &mut TextEnd, cancel: &Cancel) -> Vec<Token> {
        self.run(tokens, Some(end), cancel)
    }

    fn for_synonyms(&self) -> ForSynonyms {
        ForSynonyms::Refused
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        GatheringFilter::of(self)
    }
}
