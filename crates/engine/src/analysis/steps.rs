//! The three kinds of steps of an analyzer, and how each is run.

use std::fmt::Debug;
use std::sync::Arc;

use super::Analyzer;
use super::parts::Parts;
use super::token::Token;
use crate::exception::Exception;
use crate::work::Cancel;

/// Where the tokenizer is: the byte at which it goes on, and the position of its next token.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cursor {
    pub(super) byte: usize,
    pub(super) position: u32,
    /// What a tokenizer remembers of the tokens before, where it must.
    pub(super) memory: u32,
}

/// One step from text to tokens.
pub(super) trait Tokenizer: Debug + Send + Sync {
    /// Hands each token of a short `text` to `take`, without making it one; what [`tokens`] gives beside. `None`: it makes
    /// them only in pieces.
    fn words(&self, text: &str, take: &mut dyn FnMut(Word<'_>)) -> Option<u32> {
        let _ = (text, take);
        None
    }

    /// The tokens from where `cursor` is to at least `bytes` further, or as far as the tokenizer must read at once; moves
    /// the cursor behind them. Only the first tokens once `cancel` is set, and then the cursor is at the end.
    fn piece(&self, text: &str, cursor: &mut Cursor, bytes: usize, cancel: &Cancel) -> Vec<Token>;
}

/// A token that was only found yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) position: u32,
    /// Where it begins, in bytes.
    pub(super) start: usize,
    pub(super) kind: &'static str,
}

impl Word<'_> {
    /// The token that it is.
    pub(super) fn token(self) -> Token {
        let end = self.start + self.text.len();
        Token::new(self.text, self.position, self.start, end, self.kind)
    }
}

/// The tokens of `text` and the position behind them; only the first of them once `cancel` is set.
pub(super) fn tokens(tokenizer: &dyn Tokenizer, text: &str, cancel: &Cancel) -> (Vec<Token>, u32) {
    let mut cursor = Cursor::default();
    let tokens = tokenizer.piece(text, &mut cursor, usize::MAX, cancel);
    let behind = tokens.last().map_or(0, |last| last.position.saturating_add(1));
    (tokens, cursor.position.max(behind))
}

/// Where a text ends.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TextEnd {
    /// The position behind its last word, be it removed or not.
    pub(super) position: u32,
    /// Its length, in bytes.
    pub(super) offset: u32,
}

impl TextEnd {
    /// The end of a text of `bytes` bytes, behind `position` positions.
    pub(super) fn new(position: u32, bytes: usize) -> TextEnd {
        TextEnd { position, offset: u32::try_from(bytes).unwrap_or(u32::MAX) }
    }
}

/// One step from tokens to tokens.
pub(super) trait TokenFilter: Debug + Send + Sync {
    /// What it does to a token, for a filter that looks at each by itself and makes at most one of it.
    fn one(&self) -> Option<&dyn TokenChange> {
        None
    }

    /// This, where it may fail.
    fn fallible(&self) -> Option<&dyn FallibleFilter> {
        None
    }

    /// Whether it is `condition`, which may not stand inside itself.
    fn is_condition(&self) -> bool {
        false
    }

    /// The tokens after this step; only the first of them once `cancel` is set. To be told by those that have neither
    /// [`TokenFilter::one`] nor [`TokenFilter::fallible`].
    fn apply(&self, mut tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let _ = cancel;
        if let Some(filter) = self.one() {
            tokens.retain_mut(|token| filter.change(token));
        }
        tokens
    }

    /// As [`TokenFilter::apply`], of all tokens of a text that ends at `end`, which becomes the end of what is made of it.
    fn apply_to_end(&self, tokens: Vec<Token>, end: &mut TextEnd, cancel: &Cancel) -> Vec<Token> {
        let made = self.apply(tokens, cancel);
        if self.moves_positions() {
            end.position = made.last().map_or(0, |last| last.position.saturating_add(1));
        }
        made
    }

    /// Whether tokens come out at other positions than they went in.
    fn moves_positions(&self) -> bool {
        false
    }

    /// True for the filters a normalizer may use: those that change characters only.
    fn is_normalizing(&self) -> bool {
        false
    }

    /// Whether `_analyze` shows behind this step whether a token is a keyword.
    fn shows_keyword(&self) -> bool {
        false
    }

    /// Whether `_analyze` shows payloads behind this step.
    fn shows_payload(&self) -> bool {
        false
    }

    /// Whether it says of tokens how often they count.
    fn gives_frequencies(&self) -> bool {
        false
    }

    /// The most words that it joins, for one that joins words.
    fn shingle_size_max(&self) -> Option<usize> {
        None
    }

    /// What this step does to the words of synonyms when it stands before a synonym filter.
    fn for_synonyms(&self) -> ForSynonyms {
        ForSynonyms::Same
    }

    /// The filter to use in its place behind the steps of `chain`, for one that depends on them.
    ///
    /// # Errors
    /// `illegal_argument_exception`: what `chain` makes of its settings cannot be used.
    fn in_chain(
        &self,
        chain: &FilterPosition<'_>,
    ) -> Result<Option<Arc<dyn TokenFilter>>, Exception> {
        let _ = chain;
        Ok(None)
    }

    /// Where what it makes of a token depends on those before, the filter that remembers them from one piece of a long
    /// text to the next. `None`: it makes the same of pieces of a list as of the whole.
    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        None
    }
}

/// What a filter does to one token, whatever stands around it.
pub(super) trait TokenChange: Send + Sync {
    /// Changes it; `false` takes it out.
    fn change(&self, token: &mut Token) -> bool;
}

/// A step that may refuse a text: one that asks a script, or reads a number.
pub(super) trait FallibleFilter: Send + Sync {
    /// The tokens after this step.
    ///
    /// # Errors
    /// `script_exception` "runtime error"; `task_cancelled_exception`; a number that is none.
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Result<Vec<Token>, Exception>;
}

/// What a token filter does to the words of synonyms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ForSynonyms {
    /// What it does to every text.
    Same,
    /// Nothing.
    Skipped,
    /// It may not stand there.
    Refused,
}

/// Where a token filter stands: behind the steps of an analyzer in the making.
pub(super) struct FilterPosition<'a> {
    /// The steps so far.
    pub(super) analyzer: &'a Analyzer,
    /// What filters can be named.
    pub(super) parts: &'a Parts,
}

/// A token filter over a text that comes in pieces.
pub(super) trait PieceFilter: Debug + Send + Sync {
    /// The tokens after this step. `end`, when no piece comes after `tokens`: as for [`TokenFilter::apply_to_end`].
    ///
    /// # Errors
    /// What the script of a filter fails by.
    fn apply(
        &mut self,
        tokens: Vec<Token>,
        end: Option<&mut TextEnd>,
        cancel: &Cancel,
    ) -> Result<Vec<Token>, Exception>;
}

/// A filter that must see all tokens at once: it waits for the last piece.
#[derive(Debug)]
pub(super) struct GatheringFilter<F> {
    filter: F,
    tokens: Vec<Token>,
}

impl<F: TokenFilter + Clone + 'static> GatheringFilter<F> {
    /// The tokens that `filter` will see.
    pub(super) fn of(filter: &F) -> Option<Box<dyn PieceFilter>> {
        Some(Box::new(GatheringFilter { filter: filter.clone(), tokens: Vec::new() }))
    }
}

impl<F: TokenFilter> PieceFilter for GatheringFilter<F> {
    fn apply(
        &mut self,
        tokens: Vec<Token>,
        end: Option<&mut TextEnd>,
        cancel: &Cancel,
    ) -> Result<Vec<Token>, Exception> {
        self.tokens.extend(tokens);
        let Some(end) = end else { return Ok(Vec::new()) };
        Ok(self.filter.apply_to_end(std::mem::take(&mut self.tokens), end, cancel))
    }
}

/// How many tokens go through a filter between two looks at the cancel flag.
const AT_ONCE: usize = 4096;

/// The tokens after `filter`, of all tokens of a text that may be long; `end` as for [`TokenFilter::apply_to_end`].
///
/// # Errors
/// `task_cancelled_exception` once `cancel` is set; what a script fails by.
pub(super) fn apply_until(
    filter: &dyn TokenFilter,
    tokens: Vec<Token>,
    end: &mut TextEnd,
    cancel: &Cancel,
) -> Result<Vec<Token>, Exception> {
    if let Some(filter) = filter.fallible() {
        return filter.apply(tokens, cancel);
    }
    if tokens.len() <= AT_ONCE || filter.across_pieces().is_some() {
        return Ok(filter.apply_to_end(tokens, end, cancel));
    }
    let mut made = Vec::with_capacity(tokens.len());
    let mut rest = tokens.into_iter();
    loop {
        cancel.check()?;
        let piece: Vec<Token> = rest.by_ref().take(AT_ONCE).collect();
        if piece.is_empty() {
            return Ok(made);
        }
        made.extend(filter.apply(piece, cancel));
    }
}

/// The tokens with `change` done to the text of each.
pub(super) fn each(mut tokens: Vec<Token>, change: impl Fn(&mut String)) -> Vec<Token> {
    tokens.iter_mut().for_each(|token| change(&mut token.text));
    tokens
}

/// One step from text to text.
pub(super) trait CharFilter: Debug + Send + Sync {
    /// Writes what becomes of `text`.
    fn run(&self, text: &str, out: &mut FilteredBuilder);
}

/// A filtered text and where its bytes come from.
pub(super) struct Filtered {
    pub(super) text: String,
    /// (offset in the filtered text, offset in the original), rising; between two entries offsets run in parallel.
    anchors: Vec<(u32, u32)>,
}

impl Filtered {
    /// The offset in the original text of `offset` in the filtered one.
    pub(super) fn original(&self, offset: u32) -> u32 {
        let after = self.anchors.partition_point(|(filtered, _)| *filtered <= offset);
        match after.checked_sub(1).and_then(|at| self.anchors.get(at)) {
            Some((filtered, original)) => {
                let next = self.anchors.get(after).map_or(u32::MAX, |next| next.1);
                original.saturating_add(offset - filtered).min(next)
            }
            None => offset,
        }
    }
}

/// Runs `filters` in order over `text`.
pub(super) fn filtered(filters: &[Arc<dyn CharFilter>], text: &str) -> Filtered {
    let mut filtered = Filtered { text: text.to_owned(), anchors: vec![(0, 0)] };
    for filter in filters {
        let mut next = FilteredBuilder { text: String::new(), anchors: vec![(0, 0)] };
        filter.run(&filtered.text, &mut next);
        let anchors =
            next.anchors.iter().map(|(to, from)| (*to, filtered.original(*from))).collect();
        filtered = Filtered { text: next.text, anchors };
    }
    filtered
}

/// A filtered text in the making.
pub(super) struct FilteredBuilder {
    pub(super) text: String,
    anchors: Vec<(u32, u32)>,
}

impl FilteredBuilder {
    /// Puts `piece` in the place of what ends at `end` of the input.
    pub(super) fn replace(&mut self, piece: &str, end: usize) {
        self.text.push_str(piece);
        let length = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.anchors.push((length, u32::try_from(end).unwrap_or(u32::MAX)));
    }
}
