//! `terms`: documents with any of these values.

use std::sync::Arc;

use serde_json::Value;
use tantivy::query::TermSetQuery;

use super::column_search::ColumnTest;
use super::looked_up::unfollowed;
use super::lower::{Lowered, Lowering, any_of, everything, leaf, nothing};
use super::options::{Options, named, scalar};
use super::term::number_term;
use super::terms_lookup::TermsLookup;
use super::words::SoughtWords;
use super::{Query, QueryClause};
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::mapping::boolean::Boolean;
use crate::mapping::number::Number;
use crate::mapping::query::TermLookup;
use crate::mapping::{Column, fields};
use crate::value::scalar::{number, plain};

/// A `terms` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Terms {
    /// The field.
    pub(crate) field: String,
    /// The values, scalars; none where they had to be looked up in a document and nobody did.
    values: Option<Vec<Value>>,
    /// Whether the one value is a bitmap of numbers.
    bitmap: bool,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::new("terms", value)?;
    let mut fields = options.entries().filter(|(key, _)| !OPTIONS.contains(&key.as_str()));
    let Some((field, values)) = fields.next() else {
        return Err(Exception::parsing(
            "[terms] query requires a field name, followed by array of terms or a document lookup specification",
        ));
    };
    if let Some((other, second)) = fields.next() {
        if !second.is_array() && !second.is_object() {
            return Err(options.unsupported(other));
        }
        let reason = match second {
            Value::Object(_) => format!(
                "[terms] query does not support more than one field. Already got: [{field}] but also found [{other}]"
            ),
            _ => "[terms] query does not support multiple fields".to_owned(),
        };
        return Err(Exception::parsing(reason).at(second));
    }
    named("terms", field)?;
    options.get(field);
    let bitmap = match options.text("value_type")?.as_deref() {
        None | Some("default") => false,
        Some("bitmap") => true,
        Some(other) => {
            let reason = format!("{other} is not valid value_type");
            return Err(Exception::illegal_argument(reason));
        }
    };
    // A fault is about a value of the body, so it is looked for there and not in a copy.
    let null = values.as_array().and_then(|list| list.iter().find(|value| value.is_null()));
    let values = match values {
        list @ Value::Array(values) => elements(field, list, values)?,
        lookup @ Value::Object(_) => {
            let (_, values) = TermsLookup::read(lookup)?;
            return Query::with(Terms { field: field.clone(), values, bitmap }, &options);
        }
        null @ Value::Null => {
            let reason = format!("[terms] unknown token [VALUE_NULL] after [{field}]");
            return Err(Exception::parsing(reason).at(null));
        }
        _ => return Err(options.unsupported(field)),
    };
    if bitmap && !matches!(values.as_slice(), [Value::String(_)]) {
        return Err(Exception::illegal_argument(
            "Invalid value for bitmap type: Expected a single-element array with a base64 encoded serialized bitmap.",
        ));
    }
    if let Some(null) = null {
        return Err(Exception::parsing("No value specified for terms query").at(null));
    }
    Query::with(Terms { field: field.clone(), values: Some(values), bitmap }, &options)
}

/// The values of a list, each token of an object one. A list inside it ends it, and what is behind that is taken for what stands
/// behind the list.
///
/// # Errors
/// `parsing_exception`. (`TermsQueryBuilder.parseValues`.)
fn elements(field: &str, list: &Value, values: &[Value]) -> Result<Vec<Value>, Exception> {
    fn tokens(value: &Value, found: &mut Vec<Value>) {
        let Value::Object(object) = value else { return found.push(value.clone()) };
        found.push("{".into());
        for (key, value) in object {
            found.push(key.as_str().into());
            tokens(value, found);
        }
        found.push("}".into());
    }
    let mut found = Vec::new();
    for (place, value) in values.iter().enumerate() {
        if value.is_array() {
            let Some(next) = values.get(place + 1) else {
                let reason = format!("[terms] unknown token [END_ARRAY] after [{field}]");
                return Err(Exception::parsing(reason).at_end(list));
            };
            let reason = if next.is_array() {
                "[terms] query does not support multiple fields".to_owned()
            } else {
                format!("[terms] query does not support [{field}]")
            };
            return Err(Exception::parsing(reason).at(next));
        }
        tokens(value, &mut found);
    }
    Ok(found)
}

/// The keys that are no field.
const OPTIONS: &[&str] = &["boost", "_name", "value_type"];

impl Terms {
    /// The one flag that is asked for of a boolean field of OpenSearch.
    fn one_flag(&self, lowering: &Lowering<'_>) -> Result<Option<bool>, Exception> {
        let found = lowering.leaf(&self.field).filter(|leaf| leaf.kind.is::<Boolean>());
        let (Some(leaf), Some([first, rest @ ..])) = (found, self.values.as_deref()) else {
            return Ok(None);
        };
        let too_many = rest.len() as u64 >= lowering.settings.max_terms_count;
        if too_many || lowering.flavor() != Flavor::OpenSearch219 {
            return Ok(None);
        }
        let flag = |value| match leaf.kind.term(&self.field, value, lowering.context())? {
            TermLookup::Flag(flag) => Ok(flag != 0),
            _ => Ok::<bool, Exception>(false),
        };
        let first = flag(first)?;
        for other in rest {
            if flag(other)? != first {
                return Ok(None);
            }
        }
        Ok(Some(first))
    }

    /// The values. A query that is kept (of an alias, of a percolator) looks nothing up: who runs it was not asked about the
    /// document.
    ///
    /// # Errors
    /// `illegal_state_exception`, in Elasticsearch's words.
    fn values(&self) -> Result<&[Value], Exception> {
        self.values.as_deref().ok_or_else(unfollowed)
    }

    /// The documents, whatever they score.
    pub(super) fn matching(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let values = self.values().map_err(|cause| lowering.failed(cause))?;
        if let (true, [Value::String(text)]) = (self.bitmap, values)
            && let Some(leaf) = lowering.leaf(&self.field)
            && let Some(number) = leaf.kind.get::<Number>()
        {
            return lowering.bitmap_terms(leaf, number.kind, text);
        }
        let most = lowering.settings.max_terms_count;
        if values.len() as u64 > most {
            return Err(lowering.failed(Exception::illegal_argument(format!(
                "The number of terms [{}] used in the Terms Query request has exceeded the allowed maximum of [{most}]. \
                 This maximum can be set by changing the [index.max_terms_count] index level setting.",
                values.len()
            ))));
        }
        let one_by_one = || -> Result<Lowered, Exception> {
            let queries: Result<Vec<_>, _> =
                values.iter().map(|value| lowering.term(&self.field, value)).collect();
            Ok(any_of(queries?.into_iter()))
        };
        let text = |value: &Value| scalar("terms", &self.field, value);
        let terms: Result<Vec<tantivy::Term>, Exception> = match lowering.leaf(&self.field) {
            None if self.field == "_id" => values
                .iter()
                .map(|value| Ok(tantivy::Term::from_field_text(fields::ID, &text(value)?)))
                .collect(),
            None if self.field == "_index" => {
                let names = lowering.index_names();
                let named = values.iter().any(|value| names.matches(&plain(value)));
                return Ok(if named { everything() } else { nothing() });
            }
            // Also the values of an object that is one field.
            None => return one_by_one(),
            Some(leaf) if leaf.kind.constant_value().is_some() => return one_by_one(),
            Some(leaf) if lowering.searches_column(leaf) => {
                if leaf.kind.column_kind() != Some(Column::Str) {
                    return one_by_one();
                }
                let texts = values.iter().map(|value| Ok(lowering.normalized(leaf, &text(value)?)));
                let texts = Arc::new(texts.collect::<Result<_, Exception>>()?);
                return Ok(lowering.in_column(leaf, ColumnTest::Texts(texts)));
            }
            Some(leaf) => {
                leaf.kind.check_term(&self.field, lowering.context())?;
                let field = lowering.indexed(leaf)?;
                if leaf.kind.has_words() {
                    let texts = values.iter().map(|value| {
                        let text = lowering.normalized(leaf, &text(value)?);
                        Ok(tantivy::Term::from_field_text(field, &text))
                    });
                    texts.collect()
                } else {
                    let mut terms = Vec::with_capacity(values.len());
                    for value in values {
                        match leaf.kind.term(&self.field, value, lowering.context())? {
                            TermLookup::Nothing => {}
                            TermLookup::Number(number) => terms.push(number_term(field, number)),
                            TermLookup::Flag(flag) => {
                                terms.push(tantivy::Term::from_field_i64(field, flag));
                            }
                            _ => return one_by_one(),
                        }
                    }
                    Ok(terms)
                }
            }
        };
        Ok(Box::new(TermSetQuery::new(terms?)))
    }
}

impl QueryClause for Terms {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if let Some(flag) = self.one_flag(lowering)? {
            // OpenSearch looks one flag up as `term` does, with its score.
            return lowering.term(&self.field, &flag.into());
        }
        let matching = self.matching(lowering)?;
        let is_number = lowering.leaf(&self.field).is_some_and(|leaf| leaf.kind.is::<Number>());
        // Lucene keeps them in order, each once.
        let mut values: Vec<&Value> = self.values()?.iter().collect();
        match is_number {
            true => values.sort_by(|a, b| {
                let [a, b] = [a, b].map(|value| number(value).unwrap_or_default());
                a.total_cmp(&b)
            }),
            false => values.sort_by_cached_key(|value| plain(value)),
        }
        let mut values: Vec<String> = values.into_iter().map(plain).collect();
        values.dedup();
        let values = values.join(" ");
        let (kind, text) = match is_number {
            true => ("PointInSetQuery", format!("{}:{{{values}}}", self.field)),
            false => ("TermInSetQuery", format!("{}:({values})", self.field)),
        };
        Ok(leaf(matching, kind, text))
    }

    fn may_match(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        // What was to be looked up in a document is not known here.
        let Some(values) = &self.values else { return Ok(true) };
        if self.field == "_index" {
            let names = lowering.index_names();
            return Ok(values.iter().any(|value| names.matches(&plain(value))));
        }
        Ok(!values.is_empty() && lowering.is_mapped(&self.field))
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if sought.counts(&self.field) {
            self.values()?.iter().for_each(|value| sought.exactly(&plain(value)));
        }
        Ok(())
    }
}
