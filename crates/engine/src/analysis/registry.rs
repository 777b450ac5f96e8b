//! The analyzers of an index: the built-in ones and those of its `settings.analysis`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use super::char_filter::CharFilter;
use super::filter::{Filter, Synonyms};
use super::tokenizer::{CharacterClass, Tokenizer};
use super::{AnalysisError, Analyzer, standard, stop_words};

/// Elasticsearch's default gap between the values of an array.
const POSITION_INCREMENT_GAP: u32 = 100;

/// Most definitions one index may carry: bounds the memory of its settings.
const DEFINITIONS_MAX: usize = 1000;

/// The analyzers and normalizers of one index, by name.
#[derive(Clone, Debug)]
pub struct Analyzers {
    analyzers: HashMap<String, Arc<Analyzer>>,
    normalizers: HashMap<String, Arc<Analyzer>>,
    parts: Parts,
}

/// The named parts that custom analyzers are made of.
#[derive(Clone, Debug, Default)]
struct Parts {
    tokenizers: HashMap<String, Tokenizer>,
    filters: HashMap<String, Filter>,
    char_filters: HashMap<String, CharFilter>,
}

impl Default for Analyzers {
    fn default() -> Self {
        Analyzers::from_settings(&Value::Null).unwrap_or(Analyzers {
            analyzers: HashMap::new(),
            normalizers: HashMap::new(),
            parts: Parts::default(),
        })
    }
}

impl Analyzers {
    /// The built-in analyzers and those of `analysis`, the object under `settings.index.analysis` with its keys
    /// `analyzer`, `normalizer`, `tokenizer`, `filter`, `char_filter` (null or absent: none).
    ///
    /// # Errors
    /// A type, option or part that is unknown or not built here, by name.
    pub fn from_settings(analysis: &Value) -> Result<Analyzers, AnalysisError> {
        let mut analyzers = HashMap::new();
        for name in BUILT_IN {
            analyzers.insert((*name).to_owned(), Arc::new(built_in(name, name, &Map::new())?));
        }
        let lowercase =
            Analyzer { filters: vec![Filter::Lowercase], ..chain(Tokenizer::Keyword, Vec::new()) };
        let normalizers = HashMap::from([("lowercase".to_owned(), Arc::new(lowercase))]);
        Analyzers { analyzers, normalizers, parts: Parts::default() }.with_settings(analysis)
    }

    /// These, which are shared, and those of `analysis` as in [`Analyzers::from_settings`].
    ///
    /// # Errors
    /// As [`Analyzers::from_settings`].
    pub fn with_settings(&self, analysis: &Value) -> Result<Analyzers, AnalysisError> {
        let mut parts = Parts::default();
        refuse_unknown_keys(
            "analysis",
            analysis,
            &["analyzer", "normalizer", "tokenizer", "filter", "char_filter"],
        )?;
        for (name, definition) in definitions(analysis, "tokenizer")? {
            parts.tokenizers.insert(name.clone(), tokenizer(name, definition)?);
        }
        for (name, definition) in definitions(analysis, "filter")? {
            parts.filters.insert(name.clone(), filter(name, definition)?);
        }
        for (name, definition) in definitions(analysis, "char_filter")? {
            parts.char_filters.insert(name.clone(), char_filter(name, definition)?);
        }
        let mut analyzers = self.analyzers.clone();
        for (name, definition) in definitions(analysis, "analyzer")? {
            analyzers.insert(name.clone(), Arc::new(analyzer(name, definition, &parts)?));
        }
        let mut normalizers = self.normalizers.clone();
        for (name, definition) in definitions(analysis, "normalizer")? {
            normalizers.insert(name.clone(), Arc::new(normalizer(name, definition, &parts)?));
        }
        Ok(Analyzers { analyzers, normalizers, parts })
    }

    /// The analyzer called `name`.
    pub fn get(&self, name: &str) -> Option<Arc<Analyzer>> {
        self.analyzers.get(name).cloned()
    }

    /// The normalizer called `name`.
    pub fn normalizer(&self, name: &str) -> Option<Arc<Analyzer>> {
        self.normalizers.get(name).cloned()
    }

    /// An analyzer made on the spot, as `_analyze` with `tokenizer`, `filter` and `char_filter` asks for.
    ///
    /// # Errors
    /// A part that is unknown, by name.
    pub fn custom(
        &self,
        tokenizer: Option<&str>,
        filters: &[&str],
        char_filters: &[&str],
    ) -> Result<Analyzer, AnalysisError> {
        let tokenizer = match tokenizer {
            Some(name) => self.parts.tokenizer(name, "_custom_analyzer")?,
            None => Tokenizer::Keyword,
        };
        let mut analyzer = chain(tokenizer, Vec::new());
        for name in filters {
            analyzer.filters.push(self.parts.filter(name, "_custom_analyzer")?);
        }
        for name in char_filters {
            analyzer.char_filters.push(self.parts.char_filter(name, "_custom_analyzer")?);
        }
        Ok(analyzer)
    }
}

const BUILT_IN: &[&str] =
    &["standard", "default", "simple", "whitespace", "keyword", "stop", "english", "pattern"];

fn chain(tokenizer: Tokenizer, filters: Vec<Filter>) -> Analyzer {
    Analyzer {
        char_filters: Vec::new(),
        tokenizer,
        filters,
        position_increment_gap: POSITION_INCREMENT_GAP,
    }
}

type Definition = Map<String, Value>;

fn definitions<'a>(
    analysis: &'a Value,
    kind: &str,
) -> Result<Vec<(&'a String, &'a Definition)>, AnalysisError> {
    let Some(value) = analysis.get(kind) else { return Ok(Vec::new()) };
    let Some(object) = value.as_object().filter(|object| object.len() <= DEFINITIONS_MAX) else {
        return Err(AnalysisError(format!(
            "[index.analysis.{kind}] must be an object of definitions"
        )));
    };
    object
        .iter()
        .map(|(name, definition)| match definition.as_object() {
            Some(definition) => Ok((name, definition)),
            None => Err(AnalysisError(format!("[index.analysis.{kind}.{name}] must be an object"))),
        })
        .collect()
}

fn refuse_unknown_keys(what: &str, object: &Value, known: &[&str]) -> Result<(), AnalysisError> {
    let Some(object) = object.as_object() else { return Ok(()) };
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => {
            Err(AnalysisError(format!("[index.{what}] does not support the setting [{key}] here")))
        }
        None => Ok(()),
    }
}

fn known(definition: &Definition, name: &str, keys: &[&str]) -> Result<(), AnalysisError> {
    match definition
        .keys()
        .find(|key| !matches!(key.as_str(), "type" | "version") && !keys.contains(&key.as_str()))
    {
        Some(key) => {
            Err(AnalysisError(format!("[{name}] does not support the setting [{key}] here")))
        }
        None => Ok(()),
    }
}

fn text<'a>(definition: &'a Definition, key: &str) -> Option<&'a str> {
    definition.get(key).and_then(Value::as_str)
}

/// Settings are strings as often as numbers and booleans.
fn number(definition: &Definition, key: &str, default: usize) -> Result<usize, AnalysisError> {
    let value = match definition.get(key) {
        None => return Ok(default),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64().and_then(|value| usize::try_from(value).ok()),
    };
    value.ok_or_else(|| AnalysisError(format!("Failed to parse value for setting [{key}]")))
}

fn flag(definition: &Definition, key: &str, default: bool) -> Result<bool, AnalysisError> {
    match definition.get(key) {
        None => Ok(default),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(Value::String(text)) if text == "true" => Ok(true),
        Some(Value::String(text)) if text == "false" => Ok(false),
        Some(value) => Err(AnalysisError(format!(
            "Failed to parse value [{value}] as only [true] or [false] are allowed."
        ))),
    }
}

fn list(definition: &Definition, key: &str) -> Result<Option<Vec<String>>, AnalysisError> {
    match definition.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => {
            Ok(Some(text.split(',').map(|part| part.trim().to_owned()).collect()))
        }
        Some(Value::Array(values)) => {
            Ok(Some(values.iter().filter_map(Value::as_str).map(str::to_owned).collect()))
        }
        Some(_) => Err(AnalysisError(format!("[{key}] must be a list of strings"))),
    }
}

fn stop_filter(
    definition: &Definition,
    name: &str,
    default: &str,
) -> Result<Filter, AnalysisError> {
    let listed = list(definition, "stopwords")?.unwrap_or_else(|| vec![default.to_owned()]);
    let mut words = HashSet::new();
    for word in listed {
        match word.as_str() {
            "_none_" => {}
            "_english_" => words.extend(stop_words::ENGLISH.iter().map(|word| (*word).to_owned())),
            special if special.starts_with('_') && special.ends_with('_') => {
                return Err(AnalysisError(format!(
                    "[{name}] does not support stopwords [{special}] here"
                )));
            }
            _ => {
                words.insert(word);
            }
        }
    }
    let ignore_case = flag(definition, "ignore_case", false)?;
    if ignore_case {
        words = words.iter().map(|word| super::tokenizer::lower(word)).collect();
    }
    Ok(Filter::Stop { words: Arc::new(words), ignore_case })
}

fn pattern(definition: &Definition, default: &str) -> Result<Regex, AnalysisError> {
    let pattern = text(definition, "pattern").unwrap_or(default);
    let mut builder = RegexBuilder::new(pattern);
    for part in
        text(definition, "flags").unwrap_or_default().split('|').filter(|part| !part.is_empty())
    {
        match part {
            "CASE_INSENSITIVE" => builder.case_insensitive(true),
            "MULTILINE" => builder.multi_line(true),
            "DOTALL" => builder.dot_matches_new_line(true),
            "COMMENTS" => builder.ignore_whitespace(true),
            _ => return Err(AnalysisError(format!("Unknown regex flag [{part}]"))),
        };
    }
    builder.size_limit(1 << 20).build().map_err(|error| {
        AnalysisError(format!("the pattern [{pattern}] cannot be used here: {error}"))
    })
}

/// A built-in analyzer, with the options its type takes.
fn built_in(name: &str, kind: &str, definition: &Definition) -> Result<Analyzer, AnalysisError> {
    let standard = |length| Tokenizer::Standard { token_length_max: length };
    Ok(match kind {
        "standard" | "default" => {
            known(definition, name, &["max_token_length", "stopwords"])?;
            let length = number(definition, "max_token_length", standard::TOKEN_LENGTH_MAX)?;
            let stop = stop_filter(definition, name, "_none_")?;
            chain(standard(length), vec![Filter::Lowercase, stop])
        }
        "simple" => {
            known(definition, name, &[])?;
            chain(Tokenizer::Letter { lowercase: true }, Vec::new())
        }
        "whitespace" => {
            known(definition, name, &[])?;
            chain(
                Tokenizer::Whitespace { token_length_max: standard::TOKEN_LENGTH_MAX },
                Vec::new(),
            )
        }
        "keyword" => {
            known(definition, name, &[])?;
            chain(Tokenizer::Keyword, Vec::new())
        }
        "stop" => {
            known(definition, name, &["stopwords"])?;
            let stop = stop_filter(definition, name, "_english_")?;
            chain(Tokenizer::Letter { lowercase: true }, vec![stop])
        }
        "english" => {
            known(definition, name, &["stopwords", "stem_exclusion"])?;
            let stop = stop_filter(definition, name, "_english_")?;
            let excluded = list(definition, "stem_exclusion")?.unwrap_or_default();
            let words = Arc::new(excluded.into_iter().collect());
            let filters = vec![
                Filter::EnglishPossessive,
                Filter::Lowercase,
                stop,
                Filter::KeywordMarker { words, ignore_case: false },
                Filter::PorterStem,
            ];
            chain(standard(standard::TOKEN_LENGTH_MAX), filters)
        }
        "pattern" => {
            known(definition, name, &["pattern", "flags", "lowercase", "stopwords"])?;
            let pattern = pattern(definition, r"\W+")?;
            let mut filters = Vec::new();
            if flag(definition, "lowercase", true)? {
                filters.push(Filter::Lowercase);
            }
            filters.push(stop_filter(definition, name, "_none_")?);
            chain(Tokenizer::Pattern { pattern, group: None }, filters)
        }
        other => {
            return Err(AnalysisError(format!("Unknown analyzer type [{other}] for [{name}]")));
        }
    })
}

fn analyzer(name: &str, definition: &Definition, parts: &Parts) -> Result<Analyzer, AnalysisError> {
    let kind = match text(definition, "type") {
        Some(kind) => kind,
        None if definition.contains_key("tokenizer") => "custom",
        None => {
            return Err(AnalysisError(format!(
                "analyzer [{name}] must specify either an analyzer type, or a tokenizer"
            )));
        }
    };
    if kind != "custom" {
        return built_in(name, kind, definition);
    }
    known(definition, name, &["tokenizer", "filter", "char_filter", "position_increment_gap"])?;
    let Some(tokenizer) = text(definition, "tokenizer") else {
        return Err(AnalysisError(format!(
            "analyzer [{name}] must be configured with a tokenizer"
        )));
    };
    let mut analyzer = chain(parts.tokenizer(tokenizer, name)?, Vec::new());
    for filter in list(definition, "filter")?.unwrap_or_default() {
        analyzer.filters.push(parts.filter(&filter, name)?);
    }
    for filter in list(definition, "char_filter")?.unwrap_or_default() {
        analyzer.char_filters.push(parts.char_filter(&filter, name)?);
    }
    let gap = number(definition, "position_increment_gap", POSITION_INCREMENT_GAP as usize)?;
    analyzer.position_increment_gap = u32::try_from(gap).unwrap_or(POSITION_INCREMENT_GAP);
    Ok(analyzer)
}

fn normalizer(
    name: &str,
    definition: &Definition,
    parts: &Parts,
) -> Result<Analyzer, AnalysisError> {
    match text(definition, "type") {
        Some("custom") | None => {}
        Some("lowercase") => {
            return Ok(chain(Tokenizer::Keyword, vec![Filter::Lowercase]));
        }
        Some(other) => {
            return Err(AnalysisError(format!("Unknown normalizer type [{other}] for [{name}]")));
        }
    }
    known(definition, name, &["filter", "char_filter"])?;
    let mut analyzer = chain(Tokenizer::Keyword, Vec::new());
    for wanted in list(definition, "filter")?.unwrap_or_default() {
        let filter = parts.filter(&wanted, name)?;
        if !filter.is_normalizing() {
            return Err(AnalysisError(format!(
                "Custom normalizer [{name}] may not use filter [{wanted}]"
            )));
        }
        analyzer.filters.push(filter);
    }
    for wanted in list(definition, "char_filter")?.unwrap_or_default() {
        analyzer.char_filters.push(parts.char_filter(&wanted, name)?);
    }
    Ok(analyzer)
}

impl Parts {
    fn tokenizer(&self, wanted: &str, user: &str) -> Result<Tokenizer, AnalysisError> {
        if let Some(defined) = self.tokenizers.get(wanted) {
            return Ok(defined.clone());
        }
        tokenizer_of_type(wanted, wanted, &Map::new()).map_err(|_| {
            AnalysisError(format!(
                "Custom Analyzer [{user}] failed to find tokenizer under name [{wanted}]"
            ))
        })
    }

    fn filter(&self, wanted: &str, user: &str) -> Result<Filter, AnalysisError> {
        if let Some(defined) = self.filters.get(wanted) {
            return Ok(defined.clone());
        }
        filter_of_type(wanted, wanted, &Map::new()).map_err(|_| {
            AnalysisError(format!(
                "Custom Analyzer [{user}] failed to find filter under name [{wanted}]"
            ))
        })
    }

    fn char_filter(&self, wanted: &str, user: &str) -> Result<CharFilter, AnalysisError> {
        if let Some(defined) = self.char_filters.get(wanted) {
            return Ok(defined.clone());
        }
        char_filter_of_type(wanted, wanted, &Map::new()).map_err(|_| {
            AnalysisError(format!(
                "Custom Analyzer [{user}] failed to find char_filter under name [{wanted}]"
            ))
        })
    }
}

fn kind_of<'a>(
    what: &str,
    name: &str,
    definition: &'a Definition,
) -> Result<&'a str, AnalysisError> {
    text(definition, "type")
        .ok_or_else(|| AnalysisError(format!("{what} [{name}] must specify a type")))
}

fn tokenizer(name: &str, definition: &Definition) -> Result<Tokenizer, AnalysisError> {
    tokenizer_of_type(name, kind_of("tokenizer", name, definition)?, definition)
}

fn tokenizer_of_type(
    name: &str,
    kind: &str,
    definition: &Definition,
) -> Result<Tokenizer, AnalysisError> {
    let token_length_max = || number(definition, "max_token_length", standard::TOKEN_LENGTH_MAX);
    Ok(match kind {
        "standard" => {
            known(definition, name, &["max_token_length"])?;
            Tokenizer::Standard { token_length_max: token_length_max()? }
        }
        "letter" | "lowercase" => {
            known(definition, name, &[])?;
            Tokenizer::Letter { lowercase: kind == "lowercase" }
        }
        "whitespace" => {
            known(definition, name, &["max_token_length"])?;
            Tokenizer::Whitespace { token_length_max: token_length_max()? }
        }
        "keyword" => {
            known(definition, name, &["buffer_size"])?;
            Tokenizer::Keyword
        }
        "pattern" => {
            known(definition, name, &["pattern", "flags", "group"])?;
            let group = match definition.get("group").map(ToString::to_string).as_deref() {
                None | Some("-1" | "\"-1\"") => None,
                Some(_) => Some(number(definition, "group", 0)?),
            };
            Tokenizer::Pattern { pattern: pattern(definition, r"\W+")?, group }
        }
        "ngram" | "nGram" | "edge_ngram" | "edgeNGram" => {
            known(definition, name, &["min_gram", "max_gram", "token_chars"])?;
            let (min, max) = grams(name, definition)?;
            let classes = list(definition, "token_chars")?.unwrap_or_default();
            let classes =
                classes.iter().map(|class| character_class(class)).collect::<Result<_, _>>()?;
            Tokenizer::Ngram { min, max, edge: kind.starts_with("edge"), classes }
        }
        other => {
            return Err(AnalysisError(format!("Unknown tokenizer type [{other}] for [{name}]")));
        }
    })
}

fn grams(name: &str, definition: &Definition) -> Result<(usize, usize), AnalysisError> {
    let (min, max) = (number(definition, "min_gram", 1)?, number(definition, "max_gram", 2)?);
    if min == 0 || min > max || max > 256 {
        return Err(AnalysisError(format!(
            "[{name}] must have 0 < min_gram <= max_gram <= 256, and has [{min}] and [{max}]"
        )));
    }
    Ok((min, max))
}

fn character_class(name: &str) -> Result<CharacterClass, AnalysisError> {
    Ok(match name.to_lowercase().as_str() {
        "letter" => CharacterClass::Letter,
        "digit" => CharacterClass::Digit,
        "whitespace" => CharacterClass::Whitespace,
        "punctuation" => CharacterClass::Punctuation,
        "symbol" => CharacterClass::Symbol,
        _ => return Err(AnalysisError(format!("Unknown token type: '{name}'"))),
    })
}

fn filter(name: &str, definition: &Definition) -> Result<Filter, AnalysisError> {
    filter_of_type(name, kind_of("token filter", name, definition)?, definition)
}

// long: one arm for each token filter, a table in all but name
fn filter_of_type(
    name: &str,
    kind: &str,
    definition: &Definition,
) -> Result<Filter, AnalysisError> {
    let known = |keys: &[&str]| known(definition, name, keys);
    Ok(match kind {
        "lowercase" => known(&[]).map(|()| Filter::Lowercase)?,
        "uppercase" => known(&[]).map(|()| Filter::Uppercase)?,
        "asciifolding" => {
            known(&["preserve_original"])?;
            Filter::AsciiFolding {
                preserve_original: flag(definition, "preserve_original", false)?,
            }
        }
        "stop" => {
            known(&["stopwords", "ignore_case"])?;
            stop_filter(definition, name, "_english_")?
        }
        "porter_stem" => known(&[]).map(|()| Filter::PorterStem)?,
        "stemmer" => {
            known(&["language", "name"])?;
            let language = text(definition, "language").or_else(|| text(definition, "name"));
            match language.unwrap_or("porter") {
                "english" | "English" | "porter" => Filter::PorterStem,
                "possessive_english" => Filter::EnglishPossessive,
                other => {
                    return Err(AnalysisError(format!(
                        "[{name}] does not support the language [{other}] here"
                    )));
                }
            }
        }
        "trim" => known(&[]).map(|()| Filter::Trim)?,
        "length" => {
            known(&["min", "max"])?;
            Filter::Length {
                min: number(definition, "min", 0)?,
                max: number(definition, "max", usize::MAX)?,
            }
        }
        "truncate" => {
            known(&["length"])?;
            Filter::Truncate { length: number(definition, "length", 10)? }
        }
        "unique" => known(&[]).map(|()| Filter::Unique)?,
        "reverse" => known(&[]).map(|()| Filter::Reverse)?,
        "keyword_marker" => {
            known(&["keywords", "ignore_case"])?;
            let words = list(definition, "keywords")?.unwrap_or_default();
            let ignore_case = flag(definition, "ignore_case", false)?;
            Filter::KeywordMarker { words: Arc::new(words.into_iter().collect()), ignore_case }
        }
        "ngram" | "nGram" | "edge_ngram" | "edgeNGram" => {
            known(&["min_gram", "max_gram"])?;
            let (min, max) = grams(name, definition)?;
            Filter::Ngram { min, max, edge: kind.starts_with("edge") }
        }
        "shingle" => {
            known(&["min_shingle_size", "max_shingle_size", "output_unigrams", "token_separator"])?;
            Filter::Shingle {
                min: number(definition, "min_shingle_size", 2)?.max(2),
                max: number(definition, "max_shingle_size", 2)?.min(16),
                unigrams: flag(definition, "output_unigrams", true)?,
                separator: text(definition, "token_separator").unwrap_or(" ").to_owned(),
            }
        }
        "synonym" => {
            known(&["synonyms", "expand"])?;
            synonym_filter(name, definition)?
        }
        "pattern_replace" => {
            known(&["pattern", "replacement", "flags"])?;
            let replacement = text(definition, "replacement").unwrap_or_default().to_owned();
            Filter::PatternReplace { pattern: pattern(definition, "")?, replacement }
        }
        other => {
            return Err(AnalysisError(format!("Unknown filter type [{other}] for [{name}]")));
        }
    })
}

/// Solr's synonym format, for single words: `a, b, c` and `a, b => c`.
fn synonym_filter(name: &str, definition: &Definition) -> Result<Filter, AnalysisError> {
    let rules = match definition.get("synonyms") {
        Some(Value::Array(rules)) => rules.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
        _ => {
            return Err(AnalysisError(format!(
                "[{name}] synonym requires `synonyms` to be configured here"
            )));
        }
    };
    let expand = flag(definition, "expand", true)?;
    let mut table: HashMap<String, Synonyms> = HashMap::new();
    let words = |side: &str| -> Vec<String> {
        side.split(',')
            .map(|word| word.trim().to_lowercase())
            .filter(|word| !word.is_empty())
            .collect()
    };
    for rule in rules {
        let (from, to, keep) = match rule.split_once("=>") {
            Some((from, to)) => (words(from), words(to), false),
            None if expand => (words(rule), words(rule), true),
            None => (words(rule), words(rule).into_iter().take(1).collect(), false),
        };
        if let Some(phrase) = from.iter().chain(&to).find(|word| word.contains(' ')) {
            return Err(AnalysisError(format!(
                "[{name}] does not support synonyms of several words: [{phrase}]"
            )));
        }
        for word in &from {
            let entry = table.entry(word.clone()).or_default();
            entry.keep |= keep || to.contains(word);
            for other in to.iter().filter(|other| *other != word) {
                if !entry.also.contains(other) {
                    entry.also.push(other.clone());
                }
            }
        }
    }
    Ok(Filter::Synonym(Arc::new(table)))
}

fn char_filter(name: &str, definition: &Definition) -> Result<CharFilter, AnalysisError> {
    char_filter_of_type(name, kind_of("char filter", name, definition)?, definition)
}

fn char_filter_of_type(
    name: &str,
    kind: &str,
    definition: &Definition,
) -> Result<CharFilter, AnalysisError> {
    Ok(match kind {
        "html_strip" => {
            known(definition, name, &[])?;
            CharFilter::HtmlStrip
        }
        "mapping" => {
            known(definition, name, &["mappings"])?;
            let rules = list(definition, "mappings")?.ok_or_else(|| {
                AnalysisError(
                    "mapping requires either `mappings` or `mappings_path` to be configured".into(),
                )
            })?;
            let mut table = Vec::new();
            for rule in rules {
                let Some((from, to)) = rule.split_once("=>") else {
                    return Err(AnalysisError(format!("Invalid Mapping Rule : [{rule}]")));
                };
                table.push((from.trim().to_owned(), to.trim().to_owned()));
            }
            CharFilter::Mapping(table)
        }
        "pattern_replace" => {
            known(definition, name, &["pattern", "replacement", "flags"])?;
            let replacement = text(definition, "replacement").unwrap_or_default().to_owned();
            CharFilter::PatternReplace { pattern: pattern(definition, "")?, replacement }
        }
        other => {
            return Err(AnalysisError(format!("Unknown char_filter type [{other}] for [{name}]")));
        }
    })
}
