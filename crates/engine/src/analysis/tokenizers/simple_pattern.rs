//! `simple_pattern`: the matches of a pattern, each as long as it can be; `simple_pattern_split`: what stands between them.
//! The patterns are Lucene's regular expressions.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::Cursor;
use crate::analysis::steps::Tokenizer;
use crate::exception::Exception;
use crate::lucene_automaton::Automaton;
use crate::lucene_regexp::RegexpWithin;
use crate::work::Cancel;

/// Most characters of a match of a pattern with `~`, `&` or `<1-9>`.
const OWN_MATCH_MAX: usize = 255;

/// Bytes that a compiled pattern takes at most.
const PATTERN_BYTES_MAX: usize = 1 << 20;

#[derive(Debug)]
struct SimplePattern {
    pattern: Option<TokenPattern>,
    split: bool,
}

#[derive(Debug)]
enum TokenPattern {
    /// What finds where a match begins, and what finds how long it can be.
    Plain { begins: Regex, longest: Box<DFA> },
    /// One that is tried at each place.
    Own(Automaton),
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    read(settings, false)
}

pub(super) fn parse_split(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    read(settings, true)
}

fn read(settings: &PartSettings<'_>, split: bool) -> Result<Arc<dyn Tokenizer>, Exception> {
    settings.only(&["pattern"])?;
    let pattern = settings.text("pattern").unwrap_or_default();
    let pattern = if pattern.is_empty() { None } else { Some(TokenPattern::new(pattern)?) };
    Ok(Arc::new(SimplePattern { pattern, split }))
}

impl TokenPattern {
    fn new(pattern: &str) -> Result<TokenPattern, Exception> {
        let plain = match RegexpWithin::new(pattern)? {
            RegexpWithin::Plain(plain) => plain,
            RegexpWithin::Own(automaton) => return Ok(TokenPattern::Own(automaton)),
        };
        let refused = |error: String| {
            let reason = format!("the pattern [{pattern}] cannot be used here: {error}");
            Exception::illegal_argument(reason)
        };
        let begins = RegexBuilder::new(&plain)
            .dot_matches_new_line(true)
            .size_limit(PATTERN_BYTES_MAX)
            .build()
            .map_err(|error| refused(error.to_string()))?;
        let longest = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All))
            .syntax(syntax::Config::new().dot_matches_new_line(true))
            .build(&plain)
            .map_err(|error| refused(error.to_string()))?;
        Ok(TokenPattern::Plain { begins, longest: Box::new(longest) })
    }

    /// The matches in `text`, in order; only the first once `cancel` is set. One of nothing is none.
    fn matches(&self, text: &str, cancel: &Cancel) -> Vec<(usize, usize)> {
        match self {
            TokenPattern::Plain { begins, longest } => {
                let mut cache = longest.create_cache();
                plain_matches(begins, (longest, &mut cache), text, cancel)
            }
            TokenPattern::Own(pattern) => own_matches(pattern, text, cancel),
        }
    }
}

fn plain_matches(
    begins: &Regex,
    (longest, cache): (&DFA, &mut Cache),
    text: &str,
    cancel: &Cancel,
) -> Vec<(usize, usize)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while !cancel.is_cancelled()
        && let Some(first) = begins.find_at(text, at)
    {
        let input = Input::new(text).range(first.start()..).anchored(Anchored::Yes);
        let end = longest.try_search_fwd(cache, &input).ok().flatten();
        let end = end.map_or(first.end(), |end| end.offset());
        if end > first.start() {
            found.push((first.start(), end));
            at = end;
        } else {
            let next = text.get(end..).and_then(|rest| rest.chars().next());
            let Some(next) = next else { break };
            at = end + next.len_utf8();
        }
    }
    found
}

fn own_matches(pattern: &Automaton, text: &str, cancel: &Cancel) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (offsets, characters): (Vec<usize>, Vec<char>) = text.char_indices().unzip();
    let mut at = 0;
    while at < characters.len() && !cancel.is_cancelled() {
        let most = characters.len().min(at + OWN_MATCH_MAX);
        let window = characters.get(at..most).unwrap_or_default();
        let length = pattern.longest(window.iter().copied()).unwrap_or(0);
        if length > 0 {
            let offset = |place: usize| offsets.get(place).copied().unwrap_or(text.len());
            found.push((offset(at), offset(at + length)));
        }
        at += length.max(1);
    }
    found
}

impl Tokenizer for SimplePattern {
    fn piece(&self, text: &str, cursor: &mut Cursor, _: usize, cancel: &Cancel) -> Vec<Token> {
        cursor.byte = text.len();
        let found = self.pattern.as_ref().map(|pattern| pattern.matches(text, cancel));
        let mut spans = found.unwrap_or_default();
        if self.split {
            let mut from = 0;
            for (start, end) in &mut spans {
                let between = (from, *start);
                from = *end;
                (*start, *end) = between;
            }
            spans.push((from, text.len()));
        }
        let words = spans.into_iter().filter(|(from, to)| from < to).enumerate();
        words
            .map(|(position, (from, to))| {
                let position = u32::try_from(position).unwrap_or(u32::MAX);
                Token::new(text.get(from..to).unwrap_or_default(), position, from, to, "word")
            })
            .collect()
    }
}
