//! `terms`: documents with any of these values.

use serde_json::Value;
use tantivy::query::TermSetQuery;

use super::lower::{Lowered, Lowering, any_of, constant};
use super::options::{Options, scalar};
use super::term::{boolean, exact_number, number_term};
use super::words::SoughtWords;
use super::{Query, QueryClause};
use crate::exception::Exception;
use crate::mapping::{FieldType, fields};
use crate::value::scalar::plain;

/// A `terms` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Terms {
    /// The field.
    pub(crate) field: String,
    /// The values, scalars.
    pub(crate) values: Vec<Value>,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::new("terms", value)?;
    let mut fields =
        options.entries().filter(|(key, _)| !matches!(key.as_str(), "boost" | "_name"));
    let Some((field, values)) = fields.next() else {
        return Err(Exception::parsing(
            "[terms] query requires a field name, followed by array of terms or a document lookup specification",
        ));
    };
    if let Some((other, _)) = fields.next() {
        return Err(Exception::parsing(format!(
            "[terms] query doesn't support multiple fields, found [{field}] and [{other}]"
        )));
    }
    options.get(field);
    let values = match values {
        Value::Array(values) => values.clone(),
        Value::Object(_) => {
            return Err(Exception::not_implemented("terms query with a terms lookup"));
        }
        _ => return Err(options.unsupported(field)),
    };
    if values.iter().any(|value| value.is_null()) {
        return Err(Exception::illegal_argument("No value specified for terms query"));
    }
    Query::with(Terms { field: field.clone(), values }, &options)
}

impl Terms {
    /// The documents, whatever they score.
    pub(super) fn matching(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let most = lowering.settings.max_terms_count;
        if self.values.len() as u64 > most {
            return Err(lowering.failed(Exception::illegal_argument(format!(
                "The number of terms [{}] used in the Terms Query request has exceeded the allowed maximum of [{most}]. \
                 This maximum can be set by changing the [index.max_terms_count] index level setting.",
                self.values.len()
            ))));
        }
        let one_by_one = || -> Result<Lowered, Exception> {
            let queries: Result<Vec<_>, _> =
                self.values.iter().map(|value| lowering.term(&self.field, value)).collect();
            Ok(any_of(queries?.into_iter()))
        };
        let text = |value: &Value| scalar("terms", &self.field, value);
        let terms: Result<Vec<tantivy::Term>, Exception> = match lowering.leaf(&self.field) {
            None if self.field == "_id" => self
                .values
                .iter()
                .map(|value| Ok(tantivy::Term::from_field_text(fields::ID, &text(value)?)))
                .collect(),
            // Also the values of an object that is one field.
            None => return one_by_one(),
            Some(leaf) => {
                let field = lowering.indexed(leaf)?;
                match &leaf.kind {
                    FieldType::Text(_) | FieldType::Keyword(_) => self
                        .values
                        .iter()
                        .map(|value| {
                            let text = lowering.normalized(leaf, &text(value)?);
                            Ok(tantivy::Term::from_field_text(field, &text))
                        })
                        .collect(),
                    FieldType::Number(number) => {
                        let numbers: Result<Vec<_>, _> =
                            self.values.iter().map(|value| exact_number(number, value)).collect();
                        let numbers = numbers.map_err(|cause| lowering.failed(cause))?;
                        Ok(numbers
                            .into_iter()
                            .flatten()
                            .map(|number| number_term(field, number))
                            .collect())
                    }
                    FieldType::Boolean(_) => self
                        .values
                        .iter()
                        .map(|value| {
                            boolean(value).map(|flag| tantivy::Term::from_field_i64(field, flag))
                        })
                        .collect::<Result<_, _>>()
                        .map_err(|cause| lowering.failed(cause)),
                    _ => return one_by_one(),
                }
            }
        };
        Ok(Box::new(TermSetQuery::new(terms?)))
    }
}

impl QueryClause for Terms {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        Ok(constant(self.matching(lowering)?))
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if sought.counts(&self.field) {
            self.values.iter().for_each(|value| sought.exactly(&plain(value)));
        }
        Ok(())
    }
}
