//! The processors that change an answer: `rename_field`, `truncate_hits`, `collapse`, `sort`, `split`. Source: OpenSearch 2.19, "Search
//! processors".

use std::collections::HashSet;

use serde_json::Value;

use super::{PipelineContext, held_by, original_size, unknown};
use crate::exception::{Exception, ExceptionKind};
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::{java_class, java_split, regex};
use crate::value::scalar::plain;
use crate::work::{HeldMemory, Work};

/// One of them.
#[derive(Debug)]
pub(super) enum ResponseProcessor {
    /// A field of the hits is called otherwise.
    Rename { field: String, to: String },
    /// Only so many hits; `None`: as many as were asked for before `oversample`.
    Truncate { size: Option<usize>, remembered_as: String },
    /// Of each value of a field the first hit.
    Collapse { field: String },
    /// The values of a field in order.
    Sort { field: String, to: String, descending: bool },
    /// The parts of a text.
    Split { field: String, to: String, separator: fancy_regex::Regex, keeps_empty: bool },
}

pub(super) fn parse(
    kind: &str,
    definition: &mut ProcessorDefinition,
) -> Result<ResponseProcessor, Exception> {
    match kind {
        "rename_field" => Ok(ResponseProcessor::Rename {
            field: definition.text("field")?,
            to: definition.text("target_field")?,
        }),
        "truncate_hits" => {
            let size = definition.whole("target_size")?;
            let prefix = definition.optional_text("context_prefix")?;
            let size = size.map(|size| {
                usize::try_from(size)
                    .map_err(|_| definition.fault(Some("target_size"), "Value must be >= 0"))
            });
            let remembered_as = original_size(prefix.as_deref());
            Ok(ResponseProcessor::Truncate { size: size.transpose()?, remembered_as })
        }
        "collapse" => {
            // It tells nobody anything.
            definition.optional_text("context_prefix")?;
            Ok(ResponseProcessor::Collapse { field: definition.text("field")? })
        }
        "sort" => {
            let field = definition.text("field")?;
            let to = definition.optional_text("target_field")?.unwrap_or_else(|| field.clone());
            let order = definition.optional_text("order")?;
            let descending = match order.as_deref().unwrap_or("asc") {
                "asc" => false,
                "desc" => true,
                other => {
                    let reason = format!(
                        "Sort direction [{other}] not recognized. Valid values are: [asc, desc]"
                    );
                    return Err(definition.fault(Some("order"), &reason));
                }
            };
            Ok(ResponseProcessor::Sort { field, to, descending })
        }
        "split" => {
            let field = definition.text("field")?;
            let to = definition.optional_text("target_field")?.unwrap_or_else(|| field.clone());
            let separator = regex(&definition.text("separator")?)?;
            let keeps_empty = definition.flag("preserve_trailing", false)?;
            Ok(ResponseProcessor::Split { field, to, separator, keeps_empty })
        }
        other => Err(unknown(other)),
    }
}

impl ResponseProcessor {
    pub(super) fn apply(
        &self,
        answer: &mut Value,
        context: &PipelineContext,
        work: &Work,
        held: &mut HeldMemory,
    ) -> Result<(), Exception> {
        let hits = answer.pointer_mut("/hits/hits").and_then(Value::as_array_mut);
        let Some(hits) = hits else { return Ok(()) };
        match self {
            ResponseProcessor::Truncate { size, remembered_as } => {
                let remembered = || {
                    let size = context.0.get(remembered_as).and_then(Value::as_u64)?;
                    usize::try_from(size).ok()
                };
                let Some(size) = size.or_else(remembered) else {
                    return Err(Exception::new(
                        ExceptionKind::IllegalState,
                        format!(
                            "Must specify target_size unless an earlier processor set {remembered_as}"
                        ),
                    ));
                };
                hits.truncate(size);
                Ok(())
            }
            ResponseProcessor::Collapse { field } => {
                let mut known = HashSet::new();
                let mut kept = Vec::new();
                for hit in hits.drain(..) {
                    work.check()?;
                    if known.insert(collapsed_by(&hit, field)?) {
                        kept.push(hit);
                    }
                }
                *hits = kept;
                Ok(())
            }
            _ => hits.iter_mut().try_for_each(|hit| {
                work.check()?;
                self.change(hit, held)
            }),
        }
    }

    /// Changes one hit; `held` counts what it grows by.
    fn change(&self, hit: &mut Value, held: &mut HeldMemory) -> Result<(), Exception> {
        let id = hit.get("_id").map(plain).unwrap_or_default();
        let (field, to) = match self {
            ResponseProcessor::Rename { field, to }
            | ResponseProcessor::Sort { field, to, .. }
            | ResponseProcessor::Split { field, to, .. } => (field, to),
            _ => return Ok(()),
        };
        let mut is_there = false;
        for part in ["fields", "_source"] {
            let Some(Value::Object(part_of_hit)) = hit.get_mut(part) else { continue };
            let Some(value) = part_of_hit.get(field.as_str()).cloned() else { continue };
            is_there = true;
            let made = match self {
                ResponseProcessor::Sort { descending, .. } => sorted(field, value, *descending)?,
                ResponseProcessor::Split { separator, keeps_empty, .. } => {
                    split(field, part, value, (separator, *keeps_empty))?
                }
                _ => {
                    part_of_hit.shift_remove(field.as_str());
                    value
                }
            };
            held.grow(held_by(&made))?;
            part_of_hit.insert(to.clone(), made);
        }
        if is_there {
            return Ok(());
        }
        Err(Exception::illegal_argument(match self {
            ResponseProcessor::Rename { .. } => {
                format!("Document with id {id} is missing field {field}")
            }
            ResponseProcessor::Sort { .. } => format!("field [{field}] is null, cannot sort."),
            _ => format!("field [{field}] is null, cannot split."),
        }))
    }
}

/// The value by which a hit is one of a group.
fn collapsed_by(hit: &Value, field: &str) -> Result<String, Exception> {
    let of = |part: &str| hit.get(part).and_then(Value::as_object).and_then(|part| part.get(field));
    let value = match of("fields") {
        Some(Value::Array(values)) if values.len() > 1 => {
            let id = hit.get("_id").map(plain).unwrap_or_default();
            return Err(Exception::new(
                ExceptionKind::IllegalState,
                format!("Failed to collapse {id}: doc has multiple values for field {field}"),
            ));
        }
        Some(Value::Array(values)) => values.first(),
        _ => of("_source"),
    };
    Ok(value.filter(|value| !value.is_null()).map_or_else(|| "__missing__".to_owned(), plain))
}

fn sorted(field: &str, value: Value, descending: bool) -> Result<Value, Exception> {
    let Value::Array(mut values) = value else {
        return Err(Exception::illegal_argument(format!(
            "field [{field}] of type [{}] cannot be cast to [java.util.List]",
            java_class(&value)
        )));
    };
    let all = |test: fn(&Value) -> bool| values.iter().all(test);
    if all(Value::is_number) {
        values.sort_by(|a, b| a.as_f64().unwrap_or(0.0).total_cmp(&b.as_f64().unwrap_or(0.0)));
    } else if all(Value::is_string) {
        values.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    } else {
        return Err(Exception::new(
            ExceptionKind::ClassCast,
            format!("the values of field [{field}] cannot be compared with each other"),
        ));
    }
    if descending {
        values.reverse();
    }
    Ok(Value::Array(values))
}

fn split(
    field: &str,
    part: &str,
    value: Value,
    (separator, keeps_empty): (&fancy_regex::Regex, bool),
) -> Result<Value, Exception> {
    let text = match (&value, part) {
        (Value::String(text), _) => text.clone(),
        // A document field is a list; its first value is split.
        (Value::Array(values), "fields") if values.first().is_some_and(Value::is_string) => {
            values.first().map(plain).unwrap_or_default()
        }
        _ => {
            return Err(Exception::illegal_argument(format!(
                "field [{field}] of type [{}] cannot be cast to [java.lang.String]",
                java_class(&value)
            )));
        }
    };
    Ok(java_split(separator, &text, keeps_empty)?.into())
}
