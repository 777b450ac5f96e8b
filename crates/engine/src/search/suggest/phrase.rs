//! The `phrase` suggester: the whole text with its words corrected so that they fit each other. Source: Elasticsearch's
//! `PhraseSuggester`, `NoisyChannelSpellChecker` and `CandidateScorer`.

use std::cmp::Ordering;

use serde_json::Value;

use super::collate::Collate;
use super::phrase_scorer::{PhraseScorer, Smoothing};
use super::spelling::{SPELLING_KEYS, Spelling, SuggestMode};
use super::term::{SIZE_MAX, positive};
use super::{Choice, Entry, field, options, required_field, words_of};
use crate::analysis::Token;
use crate::dsl::lower::Lowering;
use crate::exception::{Exception, ExceptionKind};

const KEYS: &[&str] = &[
    "field",
    "analyzer",
    "size",
    "shard_size",
    "gram_size",
    "confidence",
    "max_errors",
    "real_word_error_likelihood",
    "separator",
    "force_unigrams",
    "token_limit",
    "highlight",
    "smoothing",
    "direct_generator",
    "collate",
];

/// Most words of a phrase that is corrected: paths are tried as deep as it is long.
const TOKEN_LIMIT_MAX: usize = 100;

/// Most phrases that are tried.
const PATHS_MAX: usize = 200_000;

/// A `phrase` suggester.
#[derive(Clone, Debug)]
pub(super) struct PhraseSuggester {
    field: String,
    analyzer: Option<String>,
    size: usize,
    shard_size: usize,
    gram_size: Option<usize>,
    confidence: f64,
    errors_max: f32,
    likelihood: f64,
    separator: String,
    force_unigrams: bool,
    token_limit: usize,
    highlight: Option<(String, String)>,
    smoothing: Smoothing,
    generators: Vec<Generator>,
    collate: Option<Collate>,
}

/// A `direct_generator`: where the words come from.
#[derive(Clone, Debug)]
struct Generator {
    field: String,
    size: usize,
    pre_filter: Option<String>,
    post_filter: Option<String>,
    spelling: Spelling,
}

impl PhraseSuggester {
    /// Reads its options.
    pub(super) fn parse(value: &Value) -> Result<PhraseSuggester, Exception> {
        let options = options("phrase", value, KEYS)?;
        let field = required_field(&options)?;
        let size = positive(options.count("size")?, "size")?.unwrap_or(5);
        let shard_size = options.count("shard_size")?.map_or(size.max(5), |size| size as usize);
        let gram_size = options.count("gram_size")?.map(|size| size as usize);
        if gram_size == Some(0) {
            return Err(Exception::illegal_argument("gramSize must be >= 1"));
        }
        let highlight = match options.get("highlight") {
            None => None,
            Some(value) => {
                let tags = super::options("phrase", value, &["pre_tag", "post_tag"])?;
                let tag = |key: &str| -> Result<String, Exception> {
                    Ok(tags.text(key)?.unwrap_or_default())
                };
                Some((tag("pre_tag")?, tag("post_tag")?))
            }
        };
        let generators = match options.get("direct_generator") {
            None => Vec::new(),
            Some(Value::Array(list)) => {
                list.iter().map(Generator::parse).collect::<Result<_, _>>()?
            }
            Some(one) => vec![Generator::parse(one)?],
        };
        let smoothing = options.get("smoothing").map(Smoothing::parse).transpose()?;
        let suggester = PhraseSuggester {
            field,
            analyzer: options.text("analyzer")?,
            size,
            shard_size: shard_size.clamp(1, SIZE_MAX),
            gram_size,
            confidence: options.float("confidence")?.map_or(1.0, f64::from),
            errors_max: options.float("max_errors")?.unwrap_or(0.5),
            likelihood: exact(options.get("real_word_error_likelihood"), 0.95),
            separator: options.text("separator")?.unwrap_or(" ".to_owned()),
            force_unigrams: options.flag("force_unigrams")?.unwrap_or(true),
            token_limit: options.count("token_limit")?.unwrap_or(10) as usize,
            highlight,
            smoothing: smoothing.unwrap_or(Smoothing::StupidBackoff { discount: 0.4 }),
            generators,
            collate: options.get("collate").map(Collate::parse).transpose()?,
        };
        if suggester.token_limit > TOKEN_LIMIT_MAX {
            let reason = format!("[token_limit] must be at most [{TOKEN_LIMIT_MAX}]");
            return Err(Exception::illegal_argument(reason));
        }
        if suggester.errors_max <= 0.0 {
            return Err(Exception::illegal_argument("max_error must be > 0.0"));
        }
        options.finish()?;
        Ok(suggester)
    }

    /// How many phrases are shown.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// What one index suggests for `text`.
    pub(super) fn entries(
        &self,
        text: &str,
        lowering: &Lowering<'_>,
    ) -> Result<Vec<Entry>, Exception> {
        let leaf = field(&self.field, lowering)?;
        let mut entry = Entry {
            text: text.to_owned(),
            offset: 0,
            length: text.encode_utf16().count(),
            options: Vec::new(),
        };
        let Some(indexed) = words_of(leaf) else { return Ok(vec![entry]) };
        let tokens = lowering.tokens(leaf, text, self.analyzer.as_deref(), false)?;
        let tokens = tokens.unwrap_or_else(|| vec![Token::whole(text)]);
        let any = !tokens.is_empty();
        let words: Vec<String> = tokens
            .into_iter()
            .filter(|token| !self.force_unigrams || token.kind != "shingle")
            .map(|token| token.text)
            .collect();
        if words.is_empty() && any {
            let reason = "At least one unigram is required but all tokens were ngrams";
            return Err(Exception::new(ExceptionKind::IllegalState, reason));
        }
        if words.is_empty() || words.len() >= self.token_limit {
            return Ok(vec![entry]);
        }
        let of_field =
            leaf.analyzers.documents.as_ref().and_then(|analyzer| analyzer.shingle_size_max());
        let scorer = PhraseScorer::new(lowering, indexed, self.smoothing, &self.separator)?;
        let mut sets = Vec::new();
        for word in words {
            sets.push(self.candidates(word, &scorer, lowering)?);
        }
        let grams = self.gram_size.or(of_field).unwrap_or(1);
        let mut search = PhraseSearch {
            scorer: &scorer,
            sets: &sets,
            grams,
            likelihood: self.likelihood,
            most: self.shard_size,
            cutoff: f64::MIN_POSITIVE,
            found: Vec::new(),
            tried: 0,
            lowering,
        };
        if self.confidence > 0.0 {
            let originals: Vec<usize> = vec![0; sets.len()];
            let mut score = 0.0;
            for at in 0..sets.len() {
                score += search.score(&originals, at)?;
            }
            search.cutoff = score.exp() * self.confidence;
        }
        let share = if self.errors_max >= 1.0 {
            self.errors_max as usize
        } else {
            (self.errors_max * sets.len() as f32).round() as usize
        };
        search.find(&mut Vec::new(), share.max(1), 0.0)?;
        for (score, path) in search.ranked() {
            let choice = self.choice(&sets, score, &path);
            entry.options.extend(self.collated(choice, lowering)?);
        }
        Ok(vec![entry])
    }

    /// A phrase, where it is shown by what the query of `collate` finds.
    fn collated(
        &self,
        choice: Choice,
        lowering: &Lowering<'_>,
    ) -> Result<Option<Choice>, Exception> {
        let Some(collate) = &self.collate else { return Ok(Some(choice)) };
        let found = collate.finds(&choice.text, lowering)?;
        let collated = collate.prune.then_some(found);
        Ok((found || collate.prune).then_some(Choice { collated, ..choice }))
    }

    fn choice(&self, sets: &[Vec<PhraseWord>], score: f64, path: &[usize]) -> Choice {
        let words = |marked: Option<&(String, String)>| {
            let words: Vec<String> = sets
                .iter()
                .zip(path)
                .filter_map(|(set, at)| {
                    let word = &set.get(*at)?.text;
                    Some(match marked.filter(|_| *at > 0) {
                        Some((before, behind)) => format!("{before}{word}{behind}"),
                        None => word.clone(),
                    })
                })
                .collect();
            words.join(&self.separator)
        };
        Choice {
            text: words(None),
            score: score as f32,
            frequency: None,
            highlighted: self.highlight.as_ref().map(|tags| words(Some(tags))),
            collated: None,
        }
    }

    /// The word itself, and what may have been meant, best first.
    fn candidates(
        &self,
        word: String,
        scorer: &PhraseScorer<'_>,
        lowering: &Lowering<'_>,
    ) -> Result<Vec<PhraseWord>, Exception> {
        let own = [Generator::plain(&self.field)];
        let generators = if self.generators.is_empty() { &own[..] } else { &self.generators };
        let mut found: Vec<PhraseWord> = Vec::new();
        for generator in generators {
            for candidate in generator.candidates(&word, scorer, lowering)? {
                if !found.iter().any(|known| known.text == candidate.text) {
                    found.push(candidate);
                }
            }
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.text.cmp(&b.text)));
        found.truncate(self.shard_size);
        found.insert(0, PhraseWord { text: word, nearness: 1.0, score: 1.0 });
        Ok(found)
    }
}

fn exact(value: Option<&Value>, default: f64) -> f64 {
    value.and_then(crate::value::scalar::number).unwrap_or(default)
}

/// A word that may have been meant.
#[derive(Clone, Debug)]
struct PhraseWord {
    text: String,
    nearness: f64,
    score: f64,
}

impl Generator {
    fn plain(field: &str) -> Generator {
        Generator {
            field: field.to_owned(),
            size: 5,
            pre_filter: None,
            post_filter: None,
            spelling: Spelling::default(),
        }
    }

    fn parse(value: &Value) -> Result<Generator, Exception> {
        let known = [&["field", "size", "pre_filter", "post_filter"], SPELLING_KEYS].concat();
        let options = super::options("phrase", value, &known)?;
        let Some(field) = options.text("field")? else {
            return Err(Exception::illegal_argument("Required [field]"));
        };
        let generator = Generator {
            field,
            size: positive(options.count("size")?, "size")?.unwrap_or(5),
            pre_filter: options.text("pre_filter")?,
            post_filter: options.text("post_filter")?,
            spelling: Spelling::read(&options)?,
        };
        options.finish()?;
        Ok(generator)
    }

    fn candidates(
        &self,
        word: &str,
        scorer: &PhraseScorer<'_>,
        lowering: &Lowering<'_>,
    ) -> Result<Vec<PhraseWord>, Exception> {
        let leaf = field(&self.field, lowering)?;
        let Some(indexed) = words_of(leaf) else { return Ok(Vec::new()) };
        let through = |name: &Option<String>, word: &str| -> Result<Vec<String>, Exception> {
            let Some(name) = name else { return Ok(vec![word.to_owned()]) };
            let tokens = lowering.analyzer(name)?.tokens_until(word, &lowering.work.cancel)?;
            Ok(tokens.into_iter().map(|token| token.text).collect())
        };
        let sought = through(&self.pre_filter, word)?.into_iter().next_back();
        let sought = sought.unwrap_or_else(|| word.to_owned());
        let mut spelling = self.spelling.clone();
        if spelling.mode != SuggestMode::Always {
            let term = tantivy::Term::from_field_text(indexed, word);
            let own = lowering.searcher.doc_freq(&term).map_err(crate::exception::internal)?;
            spelling.frequency_min = threshold(own);
        } else {
            spelling.frequency_min = 0.0;
        }
        let mut found = Vec::new();
        for near in spelling.near(&sought, indexed, self.size, lowering)? {
            for text in through(&self.post_filter, &near.text)? {
                if text == word {
                    continue;
                }
                let nearness = f64::from(near.score);
                let count = scorer.count(&text)? as f64;
                let score = nearness * ((count + 1.0) / (scorer.words() + 1.0));
                found.push(PhraseWord { text, nearness, score });
            }
        }
        Ok(found)
    }
}

/// In how many documents a word must be to stand for one that is in `own` of them.
fn threshold(own: u64) -> f32 {
    if own == 0 {
        return 0.0;
    }
    let own = own as f64;
    (own * ((own - 0.95).log10() / 5_f64.log10()) + 1.0).round().max(0.0) as f32
}

/// The best ways through the words.
struct PhraseSearch<'a> {
    scorer: &'a PhraseScorer<'a>,
    sets: &'a [Vec<PhraseWord>],
    grams: usize,
    likelihood: f64,
    most: usize,
    cutoff: f64,
    found: Vec<(f64, Vec<usize>)>,
    tried: usize,
    lowering: &'a Lowering<'a>,
}

impl PhraseSearch<'_> {
    fn candidate(&self, path: &[usize], at: usize) -> Option<&PhraseWord> {
        self.sets.get(at)?.get(*path.get(at)?)
    }

    /// What the word at `at` adds to the score of `path`.
    fn score(&self, path: &[usize], at: usize) -> Result<f64, Exception> {
        let from = (at + 1).saturating_sub(self.grams.min(3));
        let words: Vec<&str> = (from..=at)
            .filter_map(|place| Some(self.candidate(path, place)?.text.as_str()))
            .collect();
        let nearness = self.candidate(path, at).map_or(1.0, |candidate| candidate.nearness);
        let channel = if nearness == 1.0 { self.likelihood } else { nearness };
        Ok((channel * self.scorer.likelihood(&words)?).log10())
    }

    /// Tries the candidates behind `path`, with at most `left` words changed.
    fn find(&mut self, path: &mut Vec<usize>, left: usize, score: f64) -> Result<(), Exception> {
        self.lowering.work.check()?;
        let at = path.len();
        let Some(set) = self.sets.get(at) else {
            self.add(path, score.exp());
            return Ok(());
        };
        let candidates = if left > 0 { set.len() } else { 1 };
        for candidate in 0..candidates {
            self.tried += 1;
            if self.tried > PATHS_MAX {
                return Ok(());
            }
            path.push(candidate);
            let own = self.score(path, at)?;
            let left = left - usize::from(candidate > 0);
            self.find(path, left, score + own)?;
            path.pop();
        }
        Ok(())
    }

    fn add(&mut self, path: &[usize], score: f64) {
        if score <= self.cutoff {
            return;
        }
        self.found.push((score, path.to_vec()));
        // What cannot be among the best any more goes from time to time.
        if self.found.len() > self.most * 4 + 64 {
            self.rank();
        }
    }

    fn rank(&mut self) {
        let words = |path: &[usize]| -> Vec<&str> {
            (0..path.len())
                .filter_map(|at| Some(self.sets.get(at)?.get(*path.get(at)?)?.text.as_str()))
                .collect()
        };
        let order = |a: &(f64, Vec<usize>), b: &(f64, Vec<usize>)| -> Ordering {
            b.0.total_cmp(&a.0).then_with(|| words(&a.1).cmp(&words(&b.1)))
        };
        let mut found = std::mem::take(&mut self.found);
        found.sort_by(order);
        found.truncate(self.most);
        self.found = found;
    }

    fn ranked(mut self) -> Vec<(f64, Vec<usize>)> {
        self.rank();
        self.found
    }
}
