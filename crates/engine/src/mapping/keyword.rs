//! `keyword`: the value as one term. Source: Elasticsearch 7.10, "Keyword type family".

use std::sync::Arc;

use serde_json::Value;
use tantivy::schema::{IndexRecordOption, SchemaBuilder, TextOptions};

use super::analyzers::FieldAnalyzers;
use super::column::Column;
use super::date::DateFormat;
use super::field_type::{FieldType, MappedFieldType};
use super::fields;
use super::join::{self, Join, JoinRole};
use super::parameters::{BOOST, Parameter, ParameterShape, Parameters, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, RangeBounds, RangeLookup, TermLookup};

use crate::analysis::{Analyzer, Analyzers, Collation};
use crate::exception::{Exception, ExceptionKind};
use crate::value::scalar::plain;

/// Longest term in bytes, Lucene's own limit (`IndexWriter.MAX_TERM_LENGTH`).
pub const TERM_BYTES_MAX: usize = 32_766;

/// The parameters of `keyword`.
pub(super) const PARAMETERS: &[Parameter] = &[
    fixed("index", ParameterShape::Bool(true)),
    fixed("doc_values", ParameterShape::Bool(true)),
    fixed("store", ParameterShape::Bool(false)),
    fixed("null_value", ParameterShape::Text),
    updatable("eager_global_ordinals", ParameterShape::Bool(false)),
    updatable("ignore_above", ParameterShape::Int(i32::MAX as i64)),
    fixed("index_options", ParameterShape::Str("docs")),
    updatable("norms", ParameterShape::Bool(false)),
    fixed("similarity", ParameterShape::Str("")),
    fixed("normalizer", ParameterShape::Str("default")),
    updatable("split_queries_on_whitespace", ParameterShape::Bool(false)),
    BOOST,
    updatable("meta", ParameterShape::Object),
];

/// The parameters of `constant_keyword`.
pub(super) const CONSTANT_PARAMETERS: &[Parameter] =
    &[fixed("value", ParameterShape::Str("")), updatable("meta", ParameterShape::Object)];

/// The parameters of `wildcard`.
pub(super) const WILDCARD_PARAMETERS: &[Parameter] = &[
    fixed("null_value", ParameterShape::Text),
    fixed("ignore_above", ParameterShape::Int(i32::MAX as i64)),
    fixed("normalizer", ParameterShape::Str("default")),
    Parameter { always_printed: true, ..fixed("doc_values", ParameterShape::Bool(false)) },
    updatable("meta", ParameterShape::Object),
];

/// The parameters of `icu_collation_keyword`.
pub(super) const COLLATION_PARAMETERS: &[Parameter] = &[
    fixed("index", ParameterShape::Bool(true)),
    fixed("doc_values", ParameterShape::Bool(true)),
    fixed("store", ParameterShape::Bool(false)),
    fixed("null_value", ParameterShape::Text),
    updatable("ignore_above", ParameterShape::Int(i32::MAX as i64)),
    fixed("index_options", ParameterShape::Str("docs")),
    updatable("norms", ParameterShape::Bool(false)),
    fixed("language", ParameterShape::Str("")),
    fixed("country", ParameterShape::Str("")),
    fixed("variant", ParameterShape::Str("")),
    fixed("strength", ParameterShape::Str("")),
    fixed("decomposition", ParameterShape::Str("")),
    fixed("alternate", ParameterShape::Str("")),
    fixed("case_level", ParameterShape::Bool(false)),
    fixed("case_first", ParameterShape::Str("")),
    fixed("numeric", ParameterShape::Bool(false)),
    updatable("meta", ParameterShape::Object),
];

/// Which of the types that keep a value as one term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeywordFamily {
    /// `keyword`
    Keyword,
    /// `constant_keyword`: every document has this value.
    Constant(String),
    /// `wildcard`
    Wildcard,
    /// `icu_collation_keyword`: the sort key of the value.
    Collation(Collation),
}

/// A keyword field.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyword {
    /// Which type.
    pub family: KeywordFamily,
    /// Values with more UTF-16 units than this are kept in `_source` only.
    pub ignore_above: Option<usize>,
    /// The normalizer's name.
    pub normalizer: Option<String>,
    /// What an explicit `null` is indexed as.
    pub null_value: Option<String>,
    /// Whether it can be searched by term.
    pub index: bool,
    /// Whether it has a column.
    pub doc_values: bool,
    /// Whether the number of values counts in the score.
    pub norms: bool,
    /// Whether it counts how often a document has a value (`index_options: freqs`).
    pub frequencies: bool,
    /// Whether full text queries split at white space.
    pub split_queries_on_whitespace: bool,
    /// The name of the similarity, where it is not the default.
    pub similarity: Option<String>,
    /// What it is to a join field, if it belongs to one.
    pub join: Option<JoinRole>,
}

impl MappedFieldType for Keyword {
    fn name(&self) -> &'static str {
        match (&self.family, &self.join) {
            (_, Some(JoinRole::Relation(_))) => "join",
            (_, Some(JoinRole::Parent)) => "parent",
            (KeywordFamily::Keyword, None) => "keyword",
            (KeywordFamily::Constant(_), None) => "constant_keyword",
            (KeywordFamily::Wildcard, None) => "wildcard",
            (KeywordFamily::Collation(_), None) => "icu_collation_keyword",
        }
    }

    fn similarity(&self) -> Option<&str> {
        self.similarity.as_deref()
    }

    fn keeps_paths(&self) -> bool {
        self.join().is_some()
    }

    fn is_indexed(&self) -> bool {
        self.index
    }

    fn column_kind(&self) -> Option<Column> {
        Some(Column::Str)
    }

    fn has_column(&self) -> bool {
        self.doc_values
    }

    fn add_to(&self, schema: &mut SchemaBuilder, name: &str) {
        if !self.index || !(self.norms || self.frequencies) {
            return fields::add(schema, name, Column::Str, self.index, self.doc_values);
        }
        let record = match self.frequencies {
            true => IndexRecordOption::WithFreqs,
            false => IndexRecordOption::Basic,
        };
        let indexing = fields::raw().set_fieldnorms(self.norms).set_index_option(record);
        let options = TextOptions::default().set_indexing_options(indexing);
        let options = if self.doc_values { options.set_fast("raw") } else { options };
        schema.add_text_field(name, options);
    }

    fn has_frequencies(&self) -> bool {
        self.frequencies
    }

    fn is_searched_by_column(&self) -> bool {
        true
    }

    fn is_searched_as_text(&self) -> bool {
        !matches!(self.family, KeywordFamily::Collation(_))
    }

    fn is_unscored(&self) -> bool {
        matches!(self.family, KeywordFamily::Constant(_) | KeywordFamily::Wildcard)
    }

    fn has_words(&self) -> bool {
        !matches!(self.family, KeywordFamily::Collation(_))
    }

    fn bind(&self, path: &str, analyzers: &Analyzers) -> Result<FieldAnalyzers, Exception> {
        let normalizer = self.term_normalizer(analyzers);
        if let (None, Some(name)) = (&normalizer, &self.normalizer) {
            return Err(Exception::mapper_parsing(format!(
                "normalizer [{name}] not found for field [{}]",
                super::leaf::last_name(path)
            )));
        }
        Ok(FieldAnalyzers { normalizer, ..FieldAnalyzers::default() })
    }

    fn analyzer_name(&self) -> &str {
        self.normalizer.as_deref().unwrap_or("keyword")
    }

    fn shown(
        &self,
        value: Value,
        analyzers: &FieldAnalyzers,
        _format: Option<&DateFormat>,
    ) -> Option<Value> {
        let text = plain(&value);
        let fits = self.ignore_above.is_none_or(|most| text.encode_utf16().count() <= most);
        // A sort key is for nobody to read.
        let normalizer = analyzers.normalizer.as_ref().filter(|_| self.normalizer.is_some());
        fits.then(|| match normalizer {
            Some(normalizer) => normalizer.normalize(&text).into(),
            None => text.into(),
        })
    }

    fn term(
        &self,
        _path: &str,
        value: &Value,
        _context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        TermLookup::text(value).map(TermLookup::Text)
    }

    fn range(
        &self,
        _bounds: &RangeBounds,
        _context: QueryContext<'_>,
    ) -> Result<RangeLookup, Exception> {
        Ok(RangeLookup::Texts)
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        if self.constant_value().is_some() {
            // Every document is given the value at its end.
            return self.check_constant(context.leaf.name(), value).map(|()| true);
        }
        let text = if value.is_null() { self.null_value.clone() } else { self.parse(value)? };
        let Some(text) = text else { return Ok(false) };
        let text = match &context.leaf.analyzers.normalizer {
            Some(chain) => chain.normalize(&text),
            None => text,
        };
        if text.len() > TERM_BYTES_MAX {
            return Err(immense_term(&context.leaf.path, &text));
        }
        // Without frequencies Lucene takes different values for the length (`BM25Similarity.computeNorm`): one that comes again
        // is none.
        if !self.norms
            || self.frequencies
            || context.is_first(&format!("{}\0{text}", context.leaf.path))
        {
            context.term(&text);
        }
        Ok(true)
    }

    fn constant_value(&self) -> Option<&str> {
        match &self.family {
            KeywordFamily::Constant(value) => Some(value),
            _ => None,
        }
    }

    fn join(&self) -> Option<&Join> {
        match &self.join {
            Some(JoinRole::Relation(join)) => Some(join),
            _ => None,
        }
    }

    fn beside(&self, path: &str) -> Vec<(String, FieldType)> {
        let ids = || Keyword { join: Some(JoinRole::Parent), ..Keyword::plain() };
        let named = |parent| (format!("{path}#{parent}"), Arc::new(ids()) as FieldType);
        self.join().into_iter().flat_map(Join::parents).map(named).collect()
    }

    fn is_shown(&self, path: &str, shows: &dyn Fn(&str) -> bool) -> bool {
        match self.join {
            // The ids of a join are shown with its relations.
            Some(JoinRole::Parent) => shows(path.split('#').next().unwrap_or(path)),
            _ => shows(path),
        }
    }
}

impl Keyword {
    /// A keyword field with Elasticsearch's defaults.
    pub fn plain() -> Keyword {
        Keyword {
            family: KeywordFamily::Keyword,
            ignore_above: None,
            normalizer: None,
            null_value: None,
            index: true,
            doc_values: true,
            norms: false,
            frequencies: false,
            split_queries_on_whitespace: false,
            similarity: None,
            join: None,
        }
    }

    /// The `keyword` that dynamic mapping puts under every string: `ignore_above` 256.
    pub fn dynamic() -> Keyword {
        Keyword { ignore_above: Some(256), ..Keyword::plain() }
    }

    pub(super) fn build(parameters: &Parameters) -> Result<Keyword, Exception> {
        Ok(Keyword {
            family: KeywordFamily::Keyword,
            ignore_above: ignore_above(parameters)?,
            normalizer: parameters.str("normalizer"),
            null_value: parameters.value("null_value").filter(|value| !value.is_null()).map(plain),
            index: parameters.bool("index", true),
            doc_values: parameters.bool("doc_values", true),
            norms: parameters.bool("norms", false),
            frequencies: parameters.str("index_options").as_deref() == Some("freqs"),
            split_queries_on_whitespace: parameters.bool("split_queries_on_whitespace", false),
            similarity: parameters.str("similarity"),
            join: None,
        })
    }

    /// `constant_keyword`, by its `value`.
    pub(super) fn constant(name: &str, parameters: &Parameters) -> Result<Keyword, Exception> {
        let Some(value) = parameters.str("value") else {
            return Err(Exception::new(
                ExceptionKind::ElasticsearchParse,
                format!("Field [{name}] is missing required parameter [value]"),
            ));
        };
        Ok(Keyword { family: KeywordFamily::Constant(value), ..Keyword::plain() })
    }

    /// `join`
    pub(super) fn relations(parameters: &mut Parameters) -> Keyword {
        join::filled(parameters);
        Keyword { join: Some(JoinRole::Relation(Join::build(parameters))), ..Keyword::plain() }
    }

    /// `icu_collation_keyword`
    pub(super) fn collated(parameters: &Parameters) -> Result<Keyword, Exception> {
        let part = |name: &str| parameters.str(name).filter(|value| !value.is_empty());
        match part("decomposition").as_deref() {
            // Texts are compared decomposed in any case.
            None | Some("no" | "canonical") => {}
            Some(other) => {
                return Err(Exception::illegal_argument(format!("Invalid decomposition: {other}")));
            }
        }
        let collation = Collation {
            locale: Collation::locale(
                part("language").as_deref(),
                part("country").as_deref(),
                part("variant").as_deref(),
            )?,
            strength: part("strength"),
            alternate: part("alternate"),
            case_level: parameters.bool("case_level", false),
            case_first: part("case_first"),
            numeric: parameters.bool("numeric", false),
        };
        collation.normalizer()?;
        Ok(Keyword {
            family: KeywordFamily::Collation(collation),
            ignore_above: ignore_above(parameters)?,
            null_value: parameters.value("null_value").filter(|value| !value.is_null()).map(plain),
            index: parameters.bool("index", true),
            doc_values: parameters.bool("doc_values", true),
            norms: parameters.bool("norms", false),
            frequencies: parameters.str("index_options").as_deref() == Some("freqs"),
            ..Keyword::plain()
        })
    }

    /// What is done to a value, or to what is sought, before it is a term.
    pub(crate) fn term_normalizer(&self, analyzers: &Analyzers) -> Option<Arc<Analyzer>> {
        match &self.family {
            // It was made once when the mapping was read, so nothing of it is wrong.
            KeywordFamily::Collation(collation) => collation.normalizer().ok().map(Arc::new),
            _ => self.normalizer.as_deref().and_then(|name| analyzers.normalizer(name)),
        }
    }

    /// `wildcard`
    pub(super) fn wildcard(parameters: &Parameters) -> Result<Keyword, Exception> {
        Ok(Keyword {
            family: KeywordFamily::Wildcard,
            ignore_above: ignore_above(parameters)?,
            normalizer: parameters.str("normalizer"),
            null_value: parameters.value("null_value").filter(|value| !value.is_null()).map(plain),
            doc_values: parameters.bool("doc_values", false),
            ..Keyword::plain()
        })
    }

    /// Refuses a value of a document that is not the one value of all.
    ///
    /// # Errors
    /// `illegal_argument_exception` in OpenSearch's words.
    pub(super) fn check_constant(&self, name: &str, value: &Value) -> Result<(), Exception> {
        match self.constant_value() {
            Some(_) if value.is_null() => Err(Exception::illegal_argument(format!(
                "constant keyword field [{name}] must have a value"
            ))),
            Some(constant) if plain(value) != constant => Err(Exception::illegal_argument(
                format!("constant keyword field [{name}] must have a value of [{constant}]"),
            )),
            _ => Ok(()),
        }
    }

    /// The term for one JSON value; `None` where `ignore_above` leaves it out.
    ///
    /// # Errors
    /// The cause of the parse failure: an object where a scalar belongs.
    pub fn parse(&self, value: &Value) -> Result<Option<String>, Exception> {
        let too_long = |text: &str| {
            self.ignore_above
                .is_some_and(|limit| text.len() > limit && text.encode_utf16().nth(limit).is_some())
        };
        match value {
            Value::Object(_) | Value::Array(_) => Err(not_text()),
            // Not copied before it is known to be kept.
            Value::String(text) if too_long(text) => Ok(None),
            value => Ok(Some(plain(value)).filter(|text| !too_long(text))),
        }
    }
}

fn ignore_above(parameters: &Parameters) -> Result<Option<usize>, Exception> {
    let Some(limit) = parameters.int("ignore_above") else { return Ok(None) };
    usize::try_from(limit).map(Some).map_err(|_| {
        Exception::illegal_argument(format!("[ignore_above] must be positive, got [{limit}]"))
    })
}

/// The cause Elasticsearch names when a string field meets an object.
pub(super) fn not_text() -> Exception {
    Exception::new(ExceptionKind::IllegalState, "Can't get text on a START_OBJECT")
}

fn immense_term(path: &str, text: &str) -> Exception {
    let prefix: Vec<String> = text.bytes().take(30).map(|byte| (byte as i8).to_string()).collect();
    let inner = format!("bytes can be at most {TERM_BYTES_MAX} in length; got {}", text.len());
    Exception::illegal_argument(format!(
        "Document contains at least one immense term in field=\"{path}\" (whose UTF8 encoding is longer than the max length {TERM_BYTES_MAX}), all of which were skipped.  Please correct the analyzer to not produce such terms.  The prefix of the first immense term is: '[{}]...', original message: {inner}",
        prefix.join(", ")
    ))
    .caused_by(Exception::new(ExceptionKind::MaxBytesLength, inner))
}
