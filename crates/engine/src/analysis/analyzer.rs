//! A chain of steps from text to tokens.

use std::sync::Arc;

use super::known_words::KnownWords;
use super::steps::{self, CharFilter, TextEnd, TokenChange, TokenFilter, Tokenizer};
use super::token::Token;
use super::token_filters;
use crate::exception::Exception;
use crate::work::Cancel;

/// A chain from text to tokens.
#[derive(Clone, Debug)]
pub struct Analyzer {
    pub(super) char_filters: Vec<Arc<dyn CharFilter>>,
    pub(super) tokenizer: Arc<dyn Tokenizer>,
    pub(super) filters: Vec<Arc<dyn TokenFilter>>,
    /// Elasticsearch's gap between the values of an array.
    pub(super) position_increment_gap: u32,
    /// What its steps are called, for one that is put together of named parts.
    pub(super) names: Option<StepNames>,
    /// What its filters made of words.
    known: KnownWords,
}

/// What the steps of a custom analyzer are called.
#[derive(Clone, Debug, Default)]
pub struct StepNames {
    /// The tokenizer; `None`: a normalizer, which has none.
    pub tokenizer: Option<String>,
    /// The token filters, in order.
    pub filters: Vec<String>,
    /// The character filters, in order.
    pub char_filters: Vec<String>,
}

/// Elasticsearch's default gap between the values of an array.
pub(super) const POSITION_INCREMENT_GAP: u32 = 100;

/// The tokens of a text, and where it ends.
#[derive(Clone, Debug, Default)]
pub struct Analyzed {
    /// The tokens, in order of position.
    pub tokens: Vec<Token>,
    /// The position behind the last word, be it removed or not.
    pub end: u32,
    /// Whether a step says which tokens are keywords.
    pub shows_keyword: bool,
    /// Whether a step gives tokens payloads.
    pub shows_payload: bool,
}

impl Analyzer {
    /// Whether a step says of tokens how often they count.
    pub(crate) fn gives_frequencies(&self) -> bool {
        self.filters.iter().any(|filter| filter.gives_frequencies())
    }

    /// Whether a step may refuse a text: a script, or a frequency that is none.
    pub(crate) fn may_fail(&self) -> bool {
        self.filters.iter().any(|filter| filter.fallible().is_some())
    }

    /// A tokenizer and the filters behind it.
    pub(super) fn new(
        tokenizer: Arc<dyn Tokenizer>,
        filters: Vec<Arc<dyn TokenFilter>>,
    ) -> Analyzer {
        let position_increment_gap = POSITION_INCREMENT_GAP;
        let char_filters = Vec::new();
        let known = KnownWords::default();
        Analyzer { char_filters, tokenizer, filters, position_increment_gap, names: None, known }
    }

    /// The tokens of `text`, in order of position.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        self.tokens_until(text, &Cancel::new()).unwrap_or_default()
    }

    /// As [`Analyzer::tokens`], of a text that may be long.
    ///
    /// # Errors
    /// `task_cancelled_exception` once `cancel` is set.
    pub fn tokens_until(&self, text: &str, cancel: &Cancel) -> Result<Vec<Token>, Exception> {
        Ok(self.analyzed(text, cancel)?.tokens)
    }

    /// The tokens of `text`, and where it ends.
    ///
    /// # Errors
    /// `task_cancelled_exception` once `cancel` is set.
    pub fn analyzed(&self, text: &str, cancel: &Cancel) -> Result<Analyzed, Exception> {
        let (mut tokens, mut end) = self.tokenized(text, cancel)?;
        let (mut shows_keyword, mut shows_payload) = (false, false);
        for filter in &self.filters {
            // A tokenizer that was called off gave only the first tokens.
            cancel.check()?;
            tokens = steps::apply_until(&**filter, tokens, &mut end, cancel)?;
            shows_keyword |= filter.shows_keyword();
            shows_payload |= filter.shows_payload();
        }
        cancel.check()?;
        Ok(Analyzed { tokens, end: end.position, shows_keyword, shows_payload })
    }

    /// Hands the text and the position of each token of a short `text` to `take`; the position behind the last word, be it
    /// removed or not. The same as
    /// [`Analyzer::analyzed`], but that no token is made where each step looks at one word at a time.
    ///
    /// # Errors
    /// `task_cancelled_exception` once `cancel` is set.
    pub(crate) fn terms(
        &self,
        text: &str,
        cancel: &Cancel,
        mut take: impl FnMut(&str, u32),
    ) -> Result<u32, Exception> {
        if let Some(end) = self.terms_one_by_one(text, &mut take) {
            return Ok(end);
        }
        let analyzed = self.analyzed(text, cancel)?;
        for token in &analyzed.tokens {
            cancel.check()?;
            take(&token.text, token.position);
        }
        Ok(analyzed.end)
    }

    /// The same, of one token after the other in the same memory; `None`: a step does not work so.
    pub(super) fn terms_one_by_one(
        &self,
        text: &str,
        take: &mut dyn FnMut(&str, u32),
    ) -> Option<u32> {
        let filters: Vec<&dyn TokenChange> =
            self.filters.iter().map(|filter| filter.one()).collect::<Option<_>>()?;
        if !self.char_filters.is_empty() {
            return None;
        }
        let mut token = Token::whole("");
        // To find a word costs as much as one filter.
        let mut known = if filters.len() > 1 { self.known.take() } else { None };
        self.tokenizer.words(text, &mut |word| {
            if let Some(term) = known.as_ref().and_then(|known| known.find(&word)) {
                term.into_iter().for_each(|term| take(term, word.position));
                return;
            }
            token.text.clear();
            token.text.push_str(word.text);
            token.kind = word.kind;
            token.keyword = false;
            let stays = filters.iter().all(|filter| filter.change(&mut token));
            if let Some(known) = &mut known {
                known.keep(&word, stays.then_some(token.text.as_str()));
            }
            if stays {
                take(&token.text, word.position);
            }
        })
    }

    /// The terms of a `text` that is known to be short, where each step looks at one word at a time; `None`: it has more than so many
    /// filters, or makes more words.
    pub(crate) fn terms_of_short(
        &self,
        text: &str,
        filters_max: usize,
        terms_max: usize,
    ) -> Option<Vec<String>> {
        let mut terms = Vec::new();
        if self.filters.len() <= filters_max {
            self.terms_one_by_one(text, &mut |term, _| terms.push(term.to_owned()))?;
        }
        (self.filters.len() <= filters_max && terms.len() <= terms_max).then_some(terms)
    }

    /// What the tokenizer makes of `text`, and the position behind it.
    fn tokenized(&self, text: &str, cancel: &Cancel) -> Result<(Vec<Token>, TextEnd), Exception> {
        if self.char_filters.is_empty() {
            let (tokens, end) = steps::tokens(&*self.tokenizer, text, cancel);
            return Ok((tokens, TextEnd::new(end, text.len())));
        }
        let filtered = steps::filtered(&self.char_filters, text);
        let (mut tokens, end) = steps::tokens(&*self.tokenizer, &filtered.text, cancel);
        for token in &mut tokens {
            cancel.check()?;
            token.start_offset = filtered.original(token.start_offset);
            token.end_offset = filtered.original(token.end_offset);
        }
        Ok((tokens, TextEnd::new(end, text.len())))
    }

    /// This analyzer with only the first `count` of its token filters.
    pub fn until_filter(&self, count: usize) -> Analyzer {
        let filters = self.filters.iter().take(count).cloned().collect();
        Analyzer { filters, ..self.clone() }
    }

    /// What the first `count` character filters make of `text`.
    pub fn filtered_text(&self, text: &str, count: usize) -> String {
        let filters = self.char_filters.get(..count).unwrap_or(&self.char_filters);
        steps::filtered(filters, text).text
    }

    /// What its steps are called, for one that is put together of named parts.
    pub fn step_names(&self) -> Option<&StepNames> {
        self.names.as_ref()
    }

    /// The single term a normalizer makes of `text`: no tokenization, only the filters that work on characters.
    pub fn normalize(&self, text: &str) -> String {
        let text = if self.char_filters.is_empty() {
            text.to_owned()
        } else {
            steps::filtered(&self.char_filters, text).text
        };
        let mut tokens = vec![Token::whole(&text)];
        for filter in self.filters.iter().filter(|filter| filter.is_normalizing()) {
            tokens = filter.apply(tokens, &Cancel::new());
        }
        tokens.into_iter().next().map(|token| token.text).unwrap_or_default()
    }

    /// The most words that one of its filters joins, if one does.
    pub fn shingle_size_max(&self) -> Option<usize> {
        self.filters.iter().filter_map(|filter| filter.shingle_size_max()).next_back()
    }

    /// This analyzer, of whose words `count` are joined at a time.
    pub(crate) fn in_words(&self, count: usize) -> Analyzer {
        self.and(token_filters::words_joined(count))
    }

    /// This analyzer, of which only the beginnings of `count` joined words are left.
    pub(crate) fn in_beginnings(&self, count: usize) -> Analyzer {
        self.and(token_filters::beginnings(count))
    }

    /// This analyzer, of whose words only the beginnings of `min` to `max` characters are left.
    pub(crate) fn in_prefixes(&self, min: usize, max: usize) -> Analyzer {
        self.and(token_filters::prefixes(min, max))
    }

    fn and(&self, filter: Arc<dyn TokenFilter>) -> Analyzer {
        let mut analyzer = self.clone();
        analyzer.filters.push(filter);
        analyzer
    }

    /// How many positions lie between two values of an array (`position_increment_gap`, 100).
    pub fn position_increment_gap(&self) -> u32 {
        self.position_increment_gap
    }
}
