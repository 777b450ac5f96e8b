//! `text`: analysed full text. Source: Elasticsearch 7.10, "Text field type".

use std::sync::Arc;

use serde_json::{Value, json};
use tantivy::schema::{IndexRecordOption, SchemaBuilder, TextOptions};

use super::analyzers::{self, FieldAnalyzers};
use super::column::Column;
use super::date::DateFormat;
use super::field_type::{FieldType, MappedFieldType};
use super::fields;
use super::keyword::not_text;
use super::packed;
use super::parameters::{BOOST, Parameter, ParameterShape, Parameters, fixed, printed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, RangeBounds, RangeLookup, TermLookup};
use crate::analysis::{Analyzer, Analyzers};
use crate::exception::Exception;
use crate::value::java::java;
use crate::value::scalar::plain;

/// The gap between the positions of two values of an array (Elasticsearch's `position_increment_gap`).
pub const POSITION_INCREMENT_GAP: u32 = 100;

/// The parameters of `text`.
pub(super) const PARAMETERS: &[Parameter] = &parameters("positions", true);

/// The parameters of `match_only_text`.
pub(super) const MATCH_ONLY_PARAMETERS: &[Parameter] = &parameters("docs", false);

/// The parameters of a text, with its type's defaults. `store`, `term_vector`, `eager_global_ordinals` and
/// `fielddata_frequency_filter` change how Lucene does its work, not what it answers; they are kept and printed.
const fn parameters(index_options: &'static str, norms: bool) -> [Parameter; 17] {
    [
        fixed("store", ParameterShape::Bool(false)),
        fixed("index", ParameterShape::Bool(true)),
        fixed("index_options", ParameterShape::Str(index_options)),
        updatable("norms", ParameterShape::Bool(norms)),
        fixed("term_vector", ParameterShape::Str("no")),
        fixed("similarity", ParameterShape::Str("")),
        fixed("analyzer", ParameterShape::Str("default")),
        updatable("search_analyzer", ParameterShape::Str("")),
        updatable("search_quote_analyzer", ParameterShape::Str("")),
        updatable("fielddata", ParameterShape::Bool(false)),
        updatable("fielddata_frequency_filter", ParameterShape::Object),
        updatable("eager_global_ordinals", ParameterShape::Bool(false)),
        fixed("index_phrases", ParameterShape::Bool(false)),
        fixed("index_prefixes", ParameterShape::Object),
        fixed("position_increment_gap", ParameterShape::Int(POSITION_INCREMENT_GAP as i64)),
        BOOST,
        updatable("meta", ParameterShape::Object),
    ]
}

/// The parameters of `search_as_you_type`.
pub(super) const AS_YOU_TYPE_PARAMETERS: &[Parameter] = &[
    fixed("store", ParameterShape::Bool(false)),
    fixed("index", ParameterShape::Bool(true)),
    printed(fixed("doc_values", ParameterShape::Bool(false))),
    printed(fixed("max_shingle_size", ParameterShape::Int(3))),
    fixed("index_options", ParameterShape::Str("positions")),
    updatable("norms", ParameterShape::Bool(true)),
    fixed("term_vector", ParameterShape::Str("no")),
    fixed("similarity", ParameterShape::Str("")),
    fixed("analyzer", ParameterShape::Str("default")),
    updatable("search_analyzer", ParameterShape::Str("")),
    updatable("search_quote_analyzer", ParameterShape::Str("")),
    updatable("meta", ParameterShape::Object),
];

/// What a text field is to its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextRole {
    /// `text`
    Text,
    /// `match_only_text`: every match scores 1. (OpenSearch 2.12 and later.)
    MatchOnly,
    /// `search_as_you_type`, with fields of up to so many words beside it.
    AsYouType(usize),
    /// Beside such a field: so many words of it at a time.
    Words(usize),
    /// Beside such a field: the beginnings of so many words of it.
    Beginnings(usize),
    /// Beside a text with `index_prefixes`: the beginnings of its words.
    Prefixes(PrefixLengths),
    /// Beside a text with `index_phrases`: two words of it at a time.
    Phrases,
}

/// Which beginnings of words `index_prefixes` asks for: their fewest and their most characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrefixLengths {
    /// `min_chars`
    pub min: usize,
    /// `max_chars`
    pub max: usize,
}

/// What the terms of a text field carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexOptions {
    /// Which documents.
    Docs,
    /// And how often.
    Freqs,
    /// And where.
    Positions,
}

/// A text field.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// What it is to its type.
    pub role: TextRole,
    /// The analyzer's name; `None`: the index's default.
    pub analyzer: Option<String>,
    /// The analyzer of queries, where it is another.
    pub search_analyzer: Option<String>,
    /// The analyzer of quoted queries, where it is another.
    pub search_quote_analyzer: Option<String>,
    /// Whether it can be searched.
    pub index: bool,
    /// Whether field length counts in the score.
    pub norms: bool,
    /// What the terms carry.
    pub index_options: IndexOptions,
    /// Whether they would carry where in the text they begin, too (`index_options: offsets`).
    pub offsets: bool,
    /// Whether sorting and aggregating on the text is asked for.
    pub fielddata: bool,
    /// What term vectors of it would hold (`term_vector`).
    pub term_vector: Option<String>,
    /// The name of the similarity, where it is not the default.
    pub similarity: Option<String>,
    /// The gap between array values, in positions.
    pub position_increment_gap: u32,
    /// `index_prefixes`: the beginnings of words are terms of a field beside it.
    pub prefixes: Option<PrefixLengths>,
    /// `index_phrases`: words by twos are terms of a field beside it.
    pub phrases: bool,
}

impl MappedFieldType for Text {
    fn name(&self) -> &'static str {
        match self.role {
            TextRole::Text => "text",
            TextRole::MatchOnly => "match_only_text",
            TextRole::AsYouType(_) | TextRole::Words(_) => "search_as_you_type",
            TextRole::Beginnings(_) | TextRole::Prefixes(_) => "prefix",
            TextRole::Phrases => "phrase",
        }
    }

    fn is_indexed(&self) -> bool {
        self.index
    }

    fn column_kind(&self) -> Option<Column> {
        Some(Column::Terms)
    }

    fn add_to(&self, schema: &mut SchemaBuilder, name: &str) {
        let record = match self.index_options {
            IndexOptions::Docs => IndexRecordOption::Basic,
            IndexOptions::Freqs => IndexRecordOption::WithFreqs,
            IndexOptions::Positions => IndexRecordOption::WithFreqsAndPositions,
        };
        let indexing = fields::raw()
            .set_tokenizer(packed::TOKENIZER)
            .set_fieldnorms(self.norms)
            .set_index_option(record);
        schema.add_text_field(name, TextOptions::default().set_indexing_options(indexing));
    }

    fn is_searched_as_text(&self) -> bool {
        true
    }

    fn is_unscored(&self) -> bool {
        self.role == TextRole::MatchOnly
    }

    fn has_words(&self) -> bool {
        true
    }

    fn similarity(&self) -> Option<&str> {
        self.similarity.as_deref()
    }

    fn has_frequencies(&self) -> bool {
        self.index_options != IndexOptions::Docs
    }

    fn has_places(&self) -> bool {
        self.index_options == IndexOptions::Positions
    }

    fn bind(&self, _path: &str, analyzers: &Analyzers) -> Result<FieldAnalyzers, Exception> {
        let named = |name: &str| analyzers::named(analyzers, name);
        let own = |name: &Option<String>, or: &Arc<Analyzer>| {
            name.as_deref().map_or(Ok(Arc::clone(or)), named)
        };
        let default = analyzers.get("default").or_else(|| analyzers.get("standard"));
        let default = default.map_or_else(|| named("standard"), Ok)?;
        let documents = own(&self.analyzer, &default)?;
        let queries = match analyzers.get("default_search") {
            Some(other) if self.analyzer.is_none() => other,
            _ => Arc::clone(&documents),
        };
        let queries = own(&self.search_analyzer, &queries)?;
        // Of quoted queries, it must be there.
        own(&self.search_quote_analyzer, &queries)?;
        Ok(FieldAnalyzers {
            documents: Some(self.for_documents(documents)),
            queries: Some(self.for_queries(queries)),
            normalizer: None,
        })
    }

    fn analyzer_name(&self) -> &str {
        self.analyzer.as_deref().unwrap_or("default")
    }

    fn no_column(&self, path: &str) -> String {
        if !matches!(self.role, TextRole::Text | TextRole::MatchOnly) {
            return format!(
                "Fielddata is not supported on field [{path}] of type [{}]",
                self.name()
            );
        }
        format!(
            "Text fields are not optimised for operations that require per-document field data like aggregations and \
             sorting, so these operations are disabled by default. Please use a keyword field instead. Alternatively, \
             set fielddata=true on [{path}] in order to load field data by uninverting the inverted index. Note that \
             this can use significant memory."
        )
    }

    fn shown(
        &self,
        value: Value,
        _analyzers: &FieldAnalyzers,
        _format: Option<&DateFormat>,
    ) -> Option<Value> {
        Some(plain(&value).into())
    }

    /// With `fielddata` one is made of the terms when it is asked for.
    fn has_column(&self) -> bool {
        self.fielddata && self.index
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
        match value {
            Value::Null => Ok(false),
            Value::Object(_) | Value::Array(_) => Err(not_text()),
            Value::String(text) => context.text(text, self.position_increment_gap),
            value => context.text(&plain(value), self.position_increment_gap),
        }
    }

    fn beside(&self, path: &str) -> Vec<(String, FieldType)> {
        let TextRole::AsYouType(most) = self.role else { return self.beside_text(path) };
        let words = (2..=most).map(|count| {
            (format!("{path}._{count}gram"), Text { role: TextRole::Words(count), ..self.clone() })
        });
        let beginnings = Text {
            role: TextRole::Beginnings(most),
            norms: false,
            index_options: IndexOptions::Docs,
            ..self.clone()
        };
        let all = words.chain([(format!("{path}._index_prefix"), beginnings)]);
        all.map(|(path, text)| (path, Arc::new(text) as FieldType)).collect()
    }

    fn feeds_beside(&self) -> bool {
        true
    }
}

impl Text {
    /// Whether Lucene would know where in a text each of its words begins without analyzing the text again.
    pub(crate) fn has_offsets(&self) -> bool {
        let vectors = self.term_vector.as_deref();
        self.offsets || vectors.is_some_and(|vectors| vectors.contains("offsets"))
    }

    /// Whether its term vectors have positions and offsets.
    pub(crate) fn has_offset_vectors(&self) -> bool {
        let vectors = self.term_vector.as_deref();
        vectors.is_some_and(|vectors| vectors.starts_with("with_positions_offsets"))
    }

    /// A text field with Elasticsearch's defaults.
    pub fn plain() -> Text {
        Text {
            role: TextRole::Text,
            analyzer: None,
            search_analyzer: None,
            search_quote_analyzer: None,
            index: true,
            norms: true,
            index_options: IndexOptions::Positions,
            offsets: false,
            fielddata: false,
            term_vector: None,
            similarity: None,
            position_increment_gap: POSITION_INCREMENT_GAP,
            prefixes: None,
            phrases: false,
        }
    }

    /// `text` called `field`; of its parameters `index_prefixes` is completed.
    pub(super) fn whole(field: &str, parameters: &mut Parameters) -> Result<Text, Exception> {
        let prefixes =
            parameters.value(INDEX_PREFIXES).map(|given| PrefixLengths::read(field, given));
        let prefixes = prefixes.transpose()?;
        let text = Text {
            prefixes,
            phrases: parameters.bool(INDEX_PHRASES, false),
            ..Text::build(parameters)?
        };
        let refused = |reason: String| Err(Exception::illegal_argument(reason));
        if prefixes.is_some() && !text.index {
            return refused(format!("Cannot set index_prefixes on unindexed field [{field}]"));
        }
        if text.phrases && !text.index {
            return refused(format!("Cannot set index_phrases on unindexed field [{field}]"));
        }
        if text.phrases && text.index_options != IndexOptions::Positions {
            return refused(format!(
                "Cannot set index_phrases on field [{field}] if positions are not enabled"
            ));
        }
        if let Some(PrefixLengths { min, max }) = prefixes {
            parameters.0.insert(INDEX_PREFIXES, json!({"min_chars": min, "max_chars": max}));
        }
        Ok(text)
    }

    /// The fields beside a `text` at `path`. (`TextFieldMapper.PrefixFieldMapper`, `PhraseFieldMapper`)
    fn beside_text(&self, path: &str) -> Vec<(String, FieldType)> {
        let alone = Text { prefixes: None, phrases: false, ..self.clone() };
        let prefixes = self.prefixes.map(|lengths| {
            let index_options = match self.index_options {
                IndexOptions::Freqs => IndexOptions::Docs,
                same => same,
            };
            let role = TextRole::Prefixes(lengths);
            let prefixes = Text { role, norms: false, index_options, ..alone.clone() };
            (format!("{path}{PREFIXES_SUFFIX}"), prefixes)
        });
        let phrases = self.phrases.then(|| {
            (format!("{path}{PHRASES_SUFFIX}"), Text { role: TextRole::Phrases, ..alone.clone() })
        });
        let all = prefixes.into_iter().chain(phrases);
        all.map(|(path, text)| (path, Arc::new(text) as FieldType)).collect()
    }

    /// `match_only_text`. Positions are kept, where OpenSearch looks phrases up in the source: the answers are the same.
    pub(super) fn match_only(parameters: &Parameters) -> Result<Text, Exception> {
        let refused = [
            ("norms", "Norms cannot be enabled on for match_only_text field"),
            (
                "index_phrases",
                "Index phrases cannot be enabled on for match_only_text field. Use text field instead",
            ),
            (
                "index_prefixes",
                "Index prefixes cannot be enabled on for match_only_text field. Use text field instead",
            ),
        ];
        for (parameter, refusal) in refused {
            if parameters.value(parameter).is_some() {
                return Err(Exception::mapper_parsing(refusal));
            }
        }
        Ok(Text {
            role: TextRole::MatchOnly,
            norms: false,
            index_options: IndexOptions::Positions,
            ..Text::build(parameters)?
        })
    }

    /// `search_as_you_type`.
    pub(super) fn as_you_type(parameters: &Parameters) -> Result<Text, Exception> {
        if parameters.value("doc_values").is_some() {
            return Err(Exception::mapper_parsing(
                "Cannot set [doc_values] on field of type [search_as_you_type]",
            ));
        }
        let size = parameters.int("max_shingle_size").unwrap_or(3);
        let words = usize::try_from(size).ok().filter(|size| (2..=4).contains(size));
        let words = words.ok_or_else(|| {
            Exception::mapper_parsing(format!(
                "[max_shingle_size] must be at least [2] and at most [4], got [{size}]"
            ))
        })?;
        Ok(Text { role: TextRole::AsYouType(words), ..Text::build(parameters)? })
    }

    /// The analyzer of its documents, made of the one that it names.
    pub(crate) fn for_documents(&self, analyzer: Arc<Analyzer>) -> Arc<Analyzer> {
        match self.role {
            TextRole::Words(count) => Arc::new(analyzer.in_words(count)),
            TextRole::Beginnings(count) => Arc::new(analyzer.in_beginnings(count)),
            TextRole::Prefixes(lengths) => Arc::new(analyzer.in_prefixes(lengths.min, lengths.max)),
            TextRole::Phrases => Arc::new(analyzer.in_words(2)),
            _ => analyzer,
        }
    }

    /// The analyzer of queries on it, made of the one that it names.
    pub(crate) fn for_queries(&self, analyzer: Arc<Analyzer>) -> Arc<Analyzer> {
        match self.role {
            TextRole::Words(count) | TextRole::Beginnings(count) => {
                Arc::new(analyzer.in_words(count))
            }
            _ => analyzer,
        }
    }

    fn build(parameters: &Parameters) -> Result<Text, Exception> {
        let index_options = match parameters.str("index_options").as_deref() {
            None | Some("offsets") => IndexOptions::Positions,
            Some("freqs") => IndexOptions::Freqs,
            Some("docs") => IndexOptions::Docs,
            Some(other) => {
                return Err(Exception::mapper_parsing(format!(
                    "Unknown value [{other}] for field [index_options] - accepted values are [positions, docs, freqs, offsets]"
                )));
            }
        };
        let gap = parameters.int("position_increment_gap").unwrap_or(POSITION_INCREMENT_GAP.into());
        let gap = u32::try_from(gap).map_err(|_| {
            Exception::mapper_parsing(format!(
                "[position_increment_gap] must be positive, got [{gap}]"
            ))
        })?;
        Ok(Text {
            role: TextRole::Text,
            term_vector: parameters.str("term_vector"),
            similarity: parameters.str("similarity"),
            analyzer: parameters.str("analyzer"),
            search_analyzer: parameters.str("search_analyzer"),
            search_quote_analyzer: parameters.str("search_quote_analyzer"),
            index: parameters.bool("index", true),
            norms: parameters.bool("norms", true),
            index_options,
            offsets: parameters.str("index_options").as_deref() == Some("offsets"),
            fielddata: parameters.bool("fielddata", false),
            position_increment_gap: gap,
            prefixes: None,
            phrases: false,
        })
    }
}

const INDEX_PREFIXES: &str = "index_prefixes";
const INDEX_PHRASES: &str = "index_phrases";

/// What the field of the beginnings of a text's words is called behind the text's path.
pub(crate) const PREFIXES_SUFFIX: &str = "._index_prefix";

/// What the field of a text's words by twos is called behind the text's path.
pub(crate) const PHRASES_SUFFIX: &str = "._index_phrase";

/// `max_chars` is less. (`TextFieldMapper.parsePrefixConfig`)
const PREFIX_CHARACTERS: i64 = 20;

impl PrefixLengths {
    /// Those of `index_prefixes` of `field`.
    fn read(field: &str, given: &Value) -> Result<PrefixLengths, Exception> {
        let entries = || given.as_object().into_iter().flatten();
        let known = |key: &str| key == "min_chars" || key == "max_chars";
        if let Some((key, value)) = entries().find(|(key, _)| !known(key)) {
            return Err(Exception::mapper_parsing(format!(
                "Mapping definition for [{field}] has unsupported parameters:  [{key} : {}]",
                java(value)
            )));
        }
        let number = |key: &str, default: i64| match given.get(key) {
            None | Some(Value::Null) => Ok(default),
            Some(value) => integer(value),
        };
        let (min, max) = (number("min_chars", 2)?, number("max_chars", 5)?);
        let refused = |reason: String| Err(Exception::illegal_argument(reason));
        if min < 1 {
            return refused(format!("min_chars [{min}] must be greater than zero"));
        }
        if min > max {
            return refused(format!("min_chars [{min}] must be less than max_chars [{max}]"));
        }
        if max >= PREFIX_CHARACTERS {
            return refused(format!("max_chars [{max}] must be less than {PREFIX_CHARACTERS}"));
        }
        let [min, max] = [min, max].map(|length| usize::try_from(length).unwrap_or_default());
        Ok(PrefixLengths { min, max })
    }

    /// Whether beginnings of so many characters as `text` has are terms.
    pub(crate) fn covers(self, text: &str) -> bool {
        (self.min..=self.max).contains(&text.chars().count())
    }
}

/// A whole number, in Elasticsearch's words if it is none. (`XContentMapValues.nodeIntegerValue`)
fn integer(value: &Value) -> Result<i64, Exception> {
    let text = plain(value);
    match (value, text.parse::<i32>()) {
        (_, Ok(number)) => Ok(number.into()),
        (Value::Number(_), _) => {
            Err(Exception::illegal_argument(format!("{text} is not an integer value")))
        }
        _ => Err(crate::value::scalar::not_a_number(&text)),
    }
}
