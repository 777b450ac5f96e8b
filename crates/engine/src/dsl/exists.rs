//! `exists`: documents that have a value in a field, or in any field of an object or of a pattern.

use serde_json::Value;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;

use super::lower::{Lowered, Lowering, any_of, constant, leaf, nothing};
use super::match_all::MatchNone;
use super::options::{Options, named};
use super::term_set::TermSet;
use super::{Query, QueryClause};
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::mapping::fields;
use crate::mapping::text::Text;

/// An `exists` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exists {
    /// A field, an object, or a pattern of fields.
    pub(crate) field: String,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::new("exists", value)?;
    let Some(field) = options.text("field")? else {
        let none = Exception::parsing("[exists] must be provided with a [field]");
        return Err(options.incomplete(&["boost", "_name"], none));
    };
    named("exists", &field)?;
    Query::with(Exists { field }, &options)
}

impl Exists {
    /// A union over `_field_names`; the score is constant.
    /// The documents, whatever they score.
    pub(super) fn matching(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let object = format!("{}.", self.field);
        let leaves: Vec<String> = if self.field.contains('*') {
            lowering.matching(&self.field)
        } else if lowering.mapping.is_object(&self.field) {
            lowering
                .mapping
                .leaves()
                .map(|leaf| leaf.path.clone())
                .filter(|path| path.starts_with(&object))
                .collect()
        } else {
            lowering.mapping.leaf(&self.field).map(|leaf| leaf.path.clone()).into_iter().collect()
        };
        if self.field == "_source" {
            return Err(lowering.refuse("The _source field is not searchable"));
        }
        if matches!(self.field.as_str(), "_id" | "_index" | "_seq_no" | "_version") {
            return Ok(Box::new(tantivy::query::AllQuery));
        }
        if self.field == "_ignored" {
            return Ok(lowering.ignored_fields("", None));
        }
        if self.field == "_routing" {
            let cancel = lowering.work.cancel.clone();
            let prefix = String::new();
            let field = fields::ROUTING;
            return Ok(Box::new(TermSet { field, column: None, prefix, accept: None, cancel }));
        }
        if leaves.is_empty() {
            return match lowering.flat_object(&self.field) {
                Some(flat) => lowering.flat_exists(&flat),
                None => Ok(nothing()),
            };
        }
        for leaf in leaves.iter().filter_map(|path| lowering.leaf(path)) {
            leaf.kind.check_exists(lowering.context())?;
        }
        Ok(any_of(leaves.iter().map(|path| {
            let term = tantivy::Term::from_field_text(fields::FIELD_NAMES, path);
            Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Lowered
        })))
    }
}

impl QueryClause for Exists {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let normed = lowering
            .leaf(&self.field)
            .is_some_and(|leaf| leaf.kind.get::<Text>().is_some_and(|text| text.norms));
        let kind = match (lowering.flavor(), normed) {
            (Flavor::OpenSearch219, _) => "FieldExistsQuery",
            (_, true) => "NormsFieldExistsQuery",
            (_, false) => "DocValuesFieldExistsQuery",
        };
        let text = format!("{kind} [field={}]", self.field);
        let matching = self.matching(lowering)?;
        if !self.may_match(lowering)? {
            return MatchNone.lower(lowering);
        }
        Ok(constant(leaf(matching, kind, text)))
    }

    fn may_match(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        let field = &self.field;
        let pattern = field.contains('*') && !lowering.matching(field).is_empty();
        Ok(pattern || lowering.is_mapped(field) || lowering.mapping.is_object(field))
    }

    fn is_composite(&self) -> bool {
        true
    }
}
