//! The analyzers of an index: the built-in ones and those of its `settings.analysis`.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::char_filters;
use super::part_settings::PartSettings;
use super::parts::Parts;
use super::token_filters::{self, Lowercase};
use super::tokenizers::{self, KeywordTokenizer};
use super::{AnalysisError, Analyzer, analyzers};

/// Most definitions one index may carry: bounds the memory of its settings.
const DEFINITIONS_MAX: usize = 1000;

/// The analyzers and normalizers of one index, by name.
#[derive(Clone, Debug)]
pub struct Analyzers {
    analyzers: HashMap<String, Arc<Analyzer>>,
    normalizers: HashMap<String, Arc<Analyzer>>,
    parts: Parts,
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
    ///
    /// ```
    /// # use engine::analysis::Analyzers;
    /// let analysis = serde_json::json!({"analyzer": {"letters": {"tokenizer": "keyword", "filter": ["lowercase"]}}});
    /// let analyzers = Analyzers::from_settings(&analysis).unwrap();
    /// let tokens = analyzers.get("letters").unwrap().tokens("Jane Austen");
    /// assert_eq!(tokens.first().map(|token| token.text.as_str()), Some("jane austen"));
    /// ```
    pub fn from_settings(analysis: &Value) -> Result<Analyzers, AnalysisError> {
        let mut built_in = HashMap::new();
        let (none, parts) = (Map::new(), Parts::default());
        for name in analyzers::built_in() {
            let settings = PartSettings::new(name, &none);
            let analyzer = analyzers::parse(name, &settings, &parts)?;
            built_in.insert(name.to_owned(), Arc::new(analyzer));
        }
        let lowercase = Arc::new(lowercase_normalizer());
        let normalizers = HashMap::from([("lowercase".to_owned(), lowercase)]);
        Analyzers { analyzers: built_in, normalizers, parts }.with_settings(analysis)
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
            let type_name = type_name("tokenizer", name, definition)?;
            let part = tokenizers::parse(type_name, &PartSettings::new(name, definition))?;
            parts.tokenizers.insert(name.clone(), part);
        }
        for (name, definition) in definitions(analysis, "filter")? {
            let type_name = type_name("token filter", name, definition)?;
            let part = token_filters::parse(type_name, &PartSettings::new(name, definition))?;
            parts.filters.insert(name.clone(), part);
        }
        for (name, definition) in definitions(analysis, "char_filter")? {
            let type_name = type_name("char filter", name, definition)?;
            let part = char_filters::parse(type_name, &PartSettings::new(name, definition))?;
            parts.char_filters.insert(name.clone(), part);
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
            None => Arc::new(KeywordTokenizer),
        };
        let mut analyzer = Analyzer::new(tokenizer, Vec::new());
        for name in filters {
            analyzer.filters.push(self.parts.filter(name, "_custom_analyzer")?);
        }
        for name in char_filters {
            analyzer.char_filters.push(self.parts.char_filter(name, "_custom_analyzer")?);
        }
        Ok(analyzer)
    }
}

/// The normalizer `lowercase`, which every index has.
fn lowercase_normalizer() -> Analyzer {
    Analyzer::new(Arc::new(KeywordTokenizer), vec![Arc::new(Lowercase)])
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

fn analyzer(name: &str, definition: &Definition, parts: &Parts) -> Result<Analyzer, AnalysisError> {
    let settings = PartSettings::new(name, definition);
    let type_name = match settings.text("type") {
        Some(type_name) => type_name,
        None if definition.contains_key("tokenizer") => analyzers::CUSTOM,
        None => {
            return Err(AnalysisError(format!(
                "analyzer [{name}] must specify either an analyzer type, or a tokenizer"
            )));
        }
    };
    analyzers::parse(type_name, &settings, parts)
}

fn normalizer(
    name: &str,
    definition: &Definition,
    parts: &Parts,
) -> Result<Analyzer, AnalysisError> {
    let settings = PartSettings::new(name, definition);
    match settings.text("type") {
        Some("custom") | None => {}
        Some("lowercase") => return Ok(lowercase_normalizer()),
        Some(other) => {
            return Err(AnalysisError(format!("Unknown normalizer type [{other}] for [{name}]")));
        }
    }
    settings.only(&["filter", "char_filter"])?;
    let mut analyzer = Analyzer::new(Arc::new(KeywordTokenizer), Vec::new());
    for wanted in settings.list("filter")?.unwrap_or_default() {
        let filter = parts.filter(&wanted, name)?;
        if !filter.is_normalizing() {
            return Err(AnalysisError(format!(
                "Custom normalizer [{name}] may not use filter [{wanted}]"
            )));
        }
        analyzer.filters.push(filter);
    }
    for wanted in settings.list("char_filter")?.unwrap_or_default() {
        analyzer.char_filters.push(parts.char_filter(&wanted, name)?);
    }
    Ok(analyzer)
}

fn type_name<'a>(
    what: &str,
    name: &str,
    definition: &'a Definition,
) -> Result<&'a str, AnalysisError> {
    let type_name = definition.get("type").and_then(Value::as_str);
    type_name.ok_or_else(|| AnalysisError(format!("{what} [{name}] must specify a type")))
}
