//! What the engine asks of a field type.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use serde_json::Value;
use tantivy::schema::SchemaBuilder;

use super::analyzers::FieldAnalyzers;
use super::column::Column;
use super::date::{Date, DateFormat};
use super::fields;
use super::join::Join;
use super::parse_context::ParseContext;
use super::query::{QueryContext, RangeBounds, RangeLookup, TermLookup};
use crate::analysis::Analyzers;
use crate::exception::Exception;
use crate::value::java::java_hashed;

/// A field's type, which its documents and queries share.
pub(crate) type FieldType = Arc<dyn MappedFieldType>;

/// How a value that a type does not take is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// By the field, the document and the value.
    Value,
    /// By the field.
    Field,
    /// As a fault of the document.
    Document,
}

/// A field type with its parameters (Elasticsearch: `MappedFieldType` and `FieldMapper`). What most types have nothing to say
/// to has a default.
pub(crate) trait MappedFieldType: Any + Debug + Send + Sync {
    /// The name as written under `type`.
    fn name(&self) -> &'static str;

    /// What `_field_caps` calls it: the type of its values, where that has another name.
    fn capability(&self) -> &'static str {
        self.name()
    }

    /// Whether the leaf has terms.
    fn is_indexed(&self) -> bool;

    /// Whether `_field_caps` says that it can be searched.
    fn is_searchable(&self) -> bool {
        self.is_indexed()
    }

    /// What the values of its column are, whether or not this leaf has one.
    fn column_kind(&self) -> Option<Column> {
        None
    }

    /// Whether the leaf has its column.
    fn has_column(&self) -> bool {
        false
    }

    /// Adds what keeps the leaf, called `name`, to the schema.
    fn add_to(&self, schema: &mut SchemaBuilder, name: &str) {
        if let Some(column) = self.column_kind() {
            fields::add(schema, name, column, self.is_indexed(), self.has_column());
        }
    }

    /// Whether a list or an object in a document is one value of it.
    fn takes_whole(&self) -> bool {
        false
    }

    /// Adds what is kept of one value of a document; whether there is anything. (`FieldMapper.parse`)
    ///
    /// # Errors
    /// The cause Elasticsearch names, for a value that the type does not take.
    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception>;

    /// How a value that it does not take is refused.
    fn refusal(&self) -> Refusal {
        if self.takes_whole() { Refusal::Field } else { Refusal::Value }
    }

    /// The part of a value that a refusal of it shows.
    fn preview(&self, value: &Value) -> String {
        java_hashed(value)
    }

    /// Whether a document has a value of it although nothing but the source keeps that.
    fn is_kept_by_source(&self) -> bool {
        false
    }

    /// The value that every document has.
    fn constant_value(&self) -> Option<&str> {
        None
    }

    /// The relations, where the field joins documents.
    fn join(&self) -> Option<&Join> {
        None
    }

    /// The fields that come with a field of this type at `path`.
    fn beside(&self, _path: &str) -> Vec<(String, FieldType)> {
        Vec::new()
    }

    /// Whether those get its values, too.
    fn feeds_beside(&self) -> bool {
        false
    }

    /// What its multi-field at `path`, of type `inner`, gets of a value; `None`: the value, and of a list each.
    fn multi_field_values(
        &self,
        _inner: &dyn MappedFieldType,
        _path: &str,
        _value: &Value,
    ) -> Option<Vec<Value>> {
        None
    }

    /// Whether a value may be an object whose parts are kept together, so that what reads the field reads all of them.
    fn keeps_paths(&self) -> bool {
        false
    }

    /// Whether a reader who sees the fields that `shows` says yes to sees the one at `path`.
    fn is_shown(&self, path: &str, shows: &dyn Fn(&str) -> bool) -> bool {
        shows(path)
    }

    /// Whether a malformed value is left out, so that its document says so under `_ignored`.
    fn ignores_malformed(&self) -> bool {
        false
    }

    /// Whether queries may look through its column where it has no terms, as OpenSearch does. (`isSearchable`)
    fn is_searched_by_column(&self) -> bool {
        false
    }

    /// Whether a search over all fields, whose text fits only some of them, looks into it.
    fn is_searched_as_text(&self) -> bool {
        false
    }

    /// Whether every match of it scores 1.
    fn is_unscored(&self) -> bool {
        false
    }

    /// Whether its terms are words of text: what `prefix`, `wildcard`, `fuzzy` and the like walk over.
    fn has_words(&self) -> bool {
        false
    }

    /// The similarity that it names.
    fn similarity(&self) -> Option<&str> {
        None
    }

    /// Whether it is kept how often a document has each of its terms.
    fn has_frequencies(&self) -> bool {
        false
    }

    /// Whether it is kept where in a document its terms stand.
    fn has_places(&self) -> bool {
        false
    }

    /// The analyzers of a field of this type at `path`, which are among those of its index.
    ///
    /// # Errors
    /// One that is not there.
    fn bind(&self, _path: &str, _analyzers: &Analyzers) -> Result<FieldAnalyzers, Exception> {
        Ok(FieldAnalyzers::default())
    }

    /// What the analyzer of its documents is called.
    fn analyzer_name(&self) -> &str {
        "keyword"
    }

    /// Refuses a `term` query whether or not the field at `path` has terms.
    ///
    /// # Errors
    /// In Elasticsearch's words.
    fn check_term(&self, _path: &str, _context: QueryContext<'_>) -> Result<(), Exception> {
        Ok(())
    }

    /// Which documents have `value` in the field at `path`, which has terms, or a column to look through. (`termQuery`)
    ///
    /// # Errors
    /// In Elasticsearch's words, for a value that is none of the type's, and where the type is not searched so.
    fn term(
        &self,
        path: &str,
        value: &Value,
        context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception>;

    /// Refuses a `range` query whether or not the field at `path` has terms.
    ///
    /// # Errors
    /// In Elasticsearch's words.
    fn check_range(&self, _path: &str, _context: QueryContext<'_>) -> Result<(), Exception> {
        Ok(())
    }

    /// Which documents have a value between `bounds`. (`rangeQuery`)
    ///
    /// # Errors
    /// In Elasticsearch's words, for a bound that is no value of the type.
    fn range(
        &self,
        _bounds: &RangeBounds,
        _context: QueryContext<'_>,
    ) -> Result<RangeLookup, Exception> {
        Ok(RangeLookup::Unordered)
    }

    /// Refuses an `exists` query.
    ///
    /// # Errors
    /// In Elasticsearch's words.
    fn check_exists(&self, _context: QueryContext<'_>) -> Result<(), Exception> {
        Ok(())
    }

    /// How dates in it are written, where its values are made of dates.
    fn date_format(&self) -> Option<&DateFormat> {
        self.as_date().map(|date| &date.format)
    }

    /// The field as one of dates.
    fn as_date(&self) -> Option<&Date> {
        None
    }

    /// Why it cannot be sorted or aggregated on at `path`, in Elasticsearch's words.
    fn no_column(&self, path: &str) -> String {
        format!(
            "Can't load fielddata on [{path}] because fielddata is unsupported on fields of type [{}]. Use doc values instead.",
            self.name()
        )
    }

    /// Whether what its documents have is in its column and not in their source.
    fn is_shown_by_column(&self) -> bool {
        false
    }

    /// The values at `path` of a source as `fields` shows them, dates by `format`, for types whose values may be objects.
    fn whole_values(
        &self,
        _path: &str,
        _source: &Value,
        _format: Option<&DateFormat>,
    ) -> Option<Vec<Value>> {
        None
    }

    /// A value of a source as the field, whose analyzers these are, shows it; `None` for one that the field could not take.
    fn shown(
        &self,
        value: Value,
        _analyzers: &FieldAnalyzers,
        _format: Option<&DateFormat>,
    ) -> Option<Value> {
        Some(value)
    }
}

impl dyn MappedFieldType + '_ {
    /// The refusal of a `range` query on the field at `path`.
    pub(crate) fn no_range(&self, path: &str, context: QueryContext<'_>) -> Exception {
        let kind = self.capability();
        context.failed(Exception::illegal_argument(format!(
            "Field [{path}] of type [{kind}] does not support range queries"
        )))
    }
}

impl dyn MappedFieldType {
    /// The column the leaf has, if it has one.
    pub(crate) fn column(&self) -> Option<Column> {
        self.column_kind().filter(|_| self.has_column())
    }

    /// Whether tantivy keeps anything of the leaf.
    pub(crate) fn is_kept(&self) -> bool {
        self.is_indexed() || self.column().is_some()
    }

    /// The type, where it is `T`: what is for the fields of one type alone asks so.
    pub(crate) fn get<T: MappedFieldType>(&self) -> Option<&T> {
        let any: &dyn Any = self;
        any.downcast_ref()
    }

    /// Whether the type is `T`.
    pub(crate) fn is<T: MappedFieldType>(&self) -> bool {
        self.get::<T>().is_some()
    }
}
