//! The analyzers of an index: the built-in ones and those of its `settings.analysis`.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use serde_json::{Map, Value};

use super::analyzer::StepNames;
use super::char_filters;
use super::kuromoji::JapaneseDictionary;
use super::part_settings::PartSettings;
use super::parts::{GLOBAL, INLINE, Parts};
use super::steps::Tokenizer;
use super::token_filters::{self, Lowercase};
use super::tokenizers::{self, KeywordTokenizer};
use super::{Analyzer, analyzers};
use crate::exception::Exception;
use crate::value::scalar::plain;

/// Most definitions one index may carry: bounds the memory of its settings.
const DEFINITIONS_MAX: usize = 1000;

/// The analyzers that every index has, each made when it is first asked for and shared by all: the stop words of forty
/// languages are large.
static BUILT_IN: LazyLock<HashMap<&str, OnceLock<Option<Arc<Analyzer>>>>> =
    LazyLock::new(|| analyzers::built_in().map(|name| (name, OnceLock::new())).collect());

/// The analyzers and normalizers of one index, by name.
#[derive(Clone, Debug)]
pub struct Analyzers {
    /// Those of the settings; see [`BUILT_IN`] for the others.
    analyzers: HashMap<String, Arc<Analyzer>>,
    normalizers: HashMap<String, Arc<Analyzer>>,
    parts: Parts,
    /// The analyzer `kuromoji`, once somebody asked for it.
    kuromoji: OnceLock<Arc<Analyzer>>,
}

impl Default for Analyzers {
    fn default() -> Self {
        Analyzers::with_japanese(None)
    }
}

impl Analyzers {
    /// The built-in analyzers; those of Japanese by the dictionary `japanese`.
    pub fn with_japanese(japanese: Option<Arc<JapaneseDictionary>>) -> Analyzers {
        let lowercase = Arc::new(lowercase_normalizer());
        Analyzers {
            analyzers: HashMap::new(),
            normalizers: HashMap::from([("lowercase".to_owned(), lowercase)]),
            parts: Parts { japanese, ..Parts::default() },
            kuromoji: OnceLock::new(),
        }
    }

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
    pub fn from_settings(analysis: &Value) -> Result<Analyzers, Exception> {
        Analyzers::default().defining(analysis)
    }

    /// These, and those of `analysis` as for [`Analyzers::from_settings`].
    ///
    /// # Errors
    /// As [`Analyzers::from_settings`].
    pub fn defining(self, analysis: &Value) -> Result<Analyzers, Exception> {
        let Analyzers { mut analyzers, mut normalizers, mut parts, kuromoji } = self;
        let japanese = parts.japanese.clone();
        let settings =
            |name, definition| PartSettings::new(name, definition).with_japanese(japanese.as_ref());
        refuse_unknown_keys(
            "analysis",
            analysis,
            &["analyzer", "normalizer", "tokenizer", "filter", "char_filter"],
        )?;
        for (name, definition) in definitions(analysis, "tokenizer")? {
            let type_name = type_name("tokenizer", name, definition)?;
            let part = tokenizers::parse(type_name, &settings(name, definition))?;
            parts.tokenizers.insert(name.clone(), part);
        }
        for (name, definition) in definitions(analysis, "filter")? {
            let type_name = type_name("token filter", name, definition)?;
            let part = token_filters::parse(type_name, &settings(name, definition))?;
            parts.filters.insert(name.clone(), part);
        }
        for (name, definition) in definitions(analysis, "char_filter")? {
            let type_name = type_name("char filter", name, definition)?;
            let part = char_filters::parse(type_name, &settings(name, definition))?;
            parts.char_filters.insert(name.clone(), part);
        }
        for (name, definition) in definitions(analysis, "analyzer")? {
            analyzers.insert(name.clone(), Arc::new(analyzer(name, definition, &parts)?));
        }
        for (name, definition) in definitions(analysis, "normalizer")? {
            normalizers.insert(name.clone(), Arc::new(normalizer(name, definition, &parts)?));
        }
        Ok(Analyzers { analyzers, normalizers, parts, kuromoji })
    }

    /// The analyzer called `name`.
    pub fn get(&self, name: &str) -> Option<Arc<Analyzer>> {
        self.analyzers.get(name).cloned().or_else(|| match name {
            analyzers::KUROMOJI => self.kuromoji().ok(),
            _ => built_in(name),
        })
    }

    /// The analyzer `kuromoji`.
    fn kuromoji(&self) -> Result<Arc<Analyzer>, Exception> {
        if let Some(made) = self.kuromoji.get() {
            return Ok(Arc::clone(made));
        }
        let name = analyzers::KUROMOJI;
        let settings = PartSettings::bare(name).with_japanese(self.parts.japanese.as_ref());
        let made = Arc::new(analyzers::parse(name, &settings, &self.parts)?);
        Ok(Arc::clone(self.kuromoji.get_or_init(|| made)))
    }

    /// As [`Analyzers::get`].
    ///
    /// # Errors
    /// 501, for one that is known elsewhere and not built here, or whose dictionary is missing.
    pub fn named(&self, name: &str) -> Result<Option<Arc<Analyzer>>, Exception> {
        match self.get(name) {
            None if name == analyzers::KUROMOJI => self.kuromoji().map(Some),
            None if analyzers::is_later(name) => {
                Err(Exception::not_implemented(&format!("the analyzer {name}")))
            }
            found => Ok(found),
        }
    }

    /// The normalizer called `name`.
    pub fn normalizer(&self, name: &str) -> Option<Arc<Analyzer>> {
        self.normalizers.get(name).cloned()
    }

    /// An analyzer made on the spot, as `_analyze` with `tokenizer`, `filter` and `char_filter` asks for. `on_index`:
    /// whether these are the analyzers of an index, whose own parts can be named.
    ///
    /// # Errors
    /// A part that is unknown, by name.
    pub fn custom(
        &self,
        wanted: &CustomAnalyzer<'_>,
        on_index: bool,
    ) -> Result<Analyzer, Exception> {
        let user = if on_index { INLINE } else { GLOBAL };
        let tokenizer: Arc<dyn Tokenizer> = match wanted.tokenizer {
            Some(PartName::Named(name)) => self.parts.tokenizer(name, user)?,
            Some(PartName::Inline(definition)) => {
                self.inline(definition, "tokenizer", tokenizers::parse)?
            }
            None => Arc::new(KeywordTokenizer),
        };
        let mut analyzer = Analyzer::new(tokenizer, Vec::new());
        analyzer.names = Some(StepNames {
            tokenizer: wanted.tokenizer.as_ref().map(PartName::name),
            filters: wanted.filters.iter().map(PartName::name).collect(),
            char_filters: wanted.char_filters.iter().map(PartName::name).collect(),
        });
        if wanted.tokenizer.is_none() {
            analyzer.position_increment_gap = 0;
        }
        for part in &wanted.char_filters {
            analyzer.char_filters.push(match part {
                PartName::Named(name) => self.parts.char_filter(name, user)?,
                PartName::Inline(definition) => {
                    self.inline(definition, "char_filter", char_filters::parse)?
                }
            });
        }
        for part in &wanted.filters {
            let filter = match part {
                PartName::Named(name) => self.parts.filter(name, user)?,
                PartName::Inline(definition) => {
                    self.inline(definition, "filter", token_filters::parse)?
                }
            };
            if wanted.tokenizer.is_none() && !filter.is_normalizing() {
                let name = part.name();
                return Err(Exception::illegal_argument(format!(
                    "Custom normalizer may not use filter [{name}]"
                )));
            }
            self.parts.push(&mut analyzer, filter)?;
        }
        Ok(analyzer)
    }

    /// A part that is defined on the spot.
    fn inline<T: ?Sized>(
        &self,
        definition: &Definition,
        what: &str,
        parse: fn(&str, &PartSettings<'_>) -> Result<Arc<T>, Exception>,
    ) -> Result<Arc<T>, Exception> {
        let Some(type_name) = definition.get("type").and_then(Value::as_str) else {
            let shown = Value::Object(definition.clone());
            return Err(Exception::illegal_argument(format!(
                "Missing [type] setting for anonymous {what}: {shown}"
            )));
        };
        let name = format!("__anonymous__{type_name}");
        let settings =
            PartSettings::new(&name, definition).with_japanese(self.parts.japanese.as_ref());
        parse(type_name, &settings).map_err(|error| {
            if error.reason() == format!("Unknown {what} type [{type_name}] for [{name}]") {
                let reason = format!("failed to find global {what} under [{type_name}]");
                return Exception::illegal_argument(reason);
            }
            error
        })
    }
}

/// The analyzer that every index has under `name`.
fn built_in(name: &str) -> Option<Arc<Analyzer>> {
    let made = || analyzers::parse(name, &PartSettings::bare(name), &Parts::default());
    // Without settings nothing can be wrong: a test makes each of them.
    BUILT_IN.get(name)?.get_or_init(|| made().ok().map(Arc::new)).clone()
}

/// What an analyzer that is made on the spot consists of.
pub struct CustomAnalyzer<'a> {
    /// `None`: the text is one token, and only filters of characters may follow.
    pub tokenizer: Option<PartName<'a>>,
    /// The token filters, in order.
    pub filters: Vec<PartName<'a>>,
    /// The character filters, in order.
    pub char_filters: Vec<PartName<'a>>,
}

/// A part of an analyzer that is made on the spot.
pub enum PartName<'a> {
    /// One that is defined, or a type.
    Named(&'a str),
    /// A definition.
    Inline(&'a Map<String, Value>),
}

impl PartName<'_> {
    /// What `_analyze` calls it.
    fn name(&self) -> String {
        match self {
            PartName::Named(name) => (*name).to_owned(),
            PartName::Inline(definition) => {
                format!("__anonymous__{}", definition.get("type").map(plain).unwrap_or_default())
            }
        }
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
) -> Result<Vec<(&'a String, &'a Definition)>, Exception> {
    let Some(value) = analysis.get(kind) else { return Ok(Vec::new()) };
    let Some(object) = value.as_object().filter(|object| object.len() <= DEFINITIONS_MAX) else {
        return Err(Exception::illegal_argument(format!(
            "[index.analysis.{kind}] must be an object of definitions"
        )));
    };
    object
        .iter()
        .map(|(name, definition)| match definition.as_object() {
            Some(definition) => Ok((name, definition)),
            None => Err(Exception::illegal_argument(format!(
                "[index.analysis.{kind}.{name}] must be an object"
            ))),
        })
        .collect()
}

fn refuse_unknown_keys(what: &str, object: &Value, known: &[&str]) -> Result<(), Exception> {
    let Some(object) = object.as_object() else { return Ok(()) };
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(Exception::illegal_argument(format!(
            "[index.{what}] does not support the setting [{key}] here"
        ))),
        None => Ok(()),
    }
}

fn analyzer(name: &str, definition: &Definition, parts: &Parts) -> Result<Analyzer, Exception> {
    let settings = PartSettings::new(name, definition).with_japanese(parts.japanese.as_ref());
    let type_name = match settings.text("type") {
        Some(type_name) => type_name,
        None if definition.contains_key("tokenizer") => analyzers::CUSTOM,
        None => {
            return Err(Exception::illegal_argument(format!(
                "analyzer [{name}] must specify either an analyzer type, or a tokenizer"
            )));
        }
    };
    analyzers::parse(type_name, &settings, parts)
}

fn normalizer(name: &str, definition: &Definition, parts: &Parts) -> Result<Analyzer, Exception> {
    let settings = PartSettings::new(name, definition);
    match settings.text("type") {
        Some("custom") | None => {}
        Some("lowercase") => return Ok(lowercase_normalizer()),
        Some(other) => {
            return Err(Exception::illegal_argument(format!(
                "Unknown normalizer type [{other}] for [{name}]"
            )));
        }
    }
    settings.only(&["filter", "char_filter"])?;
    let mut analyzer = Analyzer::new(Arc::new(KeywordTokenizer), Vec::new());
    let filters = settings.list("filter")?.unwrap_or_default();
    let char_filters = settings.list("char_filter")?.unwrap_or_default();
    for wanted in &filters {
        let filter = parts.filter(wanted, name)?;
        if !filter.is_normalizing() {
            return Err(Exception::illegal_argument(format!(
                "Custom normalizer [{name}] may not use filter [{wanted}]"
            )));
        }
        parts.push(&mut analyzer, filter)?;
    }
    for wanted in &char_filters {
        analyzer.char_filters.push(parts.char_filter(wanted, name)?);
    }
    analyzer.names = Some(StepNames { tokenizer: None, filters, char_filters });
    Ok(analyzer)
}

fn type_name<'a>(what: &str, name: &str, definition: &'a Definition) -> Result<&'a str, Exception> {
    let type_name = definition.get("type").and_then(Value::as_str);
    type_name
        .ok_or_else(|| Exception::illegal_argument(format!("{what} [{name}] must specify a type")))
}
