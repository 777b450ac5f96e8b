//! Documents that queries name by their ids: `terms` takes its values of one, `geo_shape` its shape, `percolate` asks which
//! queries find one, `more_like_this` seeks what is like some.
//! They are read as any document is, and put into the body before it is parsed; the authorizer has asked about each
//! (`targets/lookups.rs` of the server walks over the same bodies).

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::get::{self, ReadOptions};
use super::target::Targets;
use crate::dsl::looked_up::FOUND;
use crate::dsl::terms_lookup::TermsLookup;
use crate::dsl::wrapper;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::rest::Api;
use crate::rest::execute::Task;
use crate::value::path::values_at;
use crate::value::scalar::plain;
use crate::work::HeldMemory;

/// A body with the documents that its queries name.
pub(crate) struct WithDocuments<'b> {
    body: Cow<'b, Value>,
    /// What the documents take, as long as the queries live.
    _held: HeldMemory,
}

impl WithDocuments<'_> {
    /// The body, whether anything was put into it or not.
    pub(crate) fn body(&self) -> &Value {
        &self.body
    }

    /// The body, if something was put into it.
    pub(crate) fn changed(&self) -> Option<&Value> {
        match &self.body {
            Cow::Borrowed(_) => None,
            Cow::Owned(body) => Some(body),
        }
    }
}

/// Most wrapped queries in one another in which documents are looked for.
const WRAPPED_MAX: usize = 4;

/// Most indices that one document is looked for in.
const INDICES_MAX: usize = 100;

/// `body` with what its queries need of the documents that they name. A document that is not there is like nothing and
/// has no values. `searched` names the indices in which a document without an index is looked for.
///
/// # Errors
/// `index_not_found_exception`, also for an index that may not be looked into; what reading a document is refused with.
pub(crate) fn resolved<'b>(
    task: &Task<'_>,
    body: &'b Value,
    searched: impl FnOnce() -> Result<Vec<String>, Exception>,
) -> Result<WithDocuments<'b>, Exception> {
    let held = task.work.holds("<documents>");
    if !names_documents(body, WRAPPED_MAX) {
        return Ok(WithDocuments { body: Cow::Borrowed(body), _held: held });
    }
    let mut filled = body.clone();
    let targets = Targets::of(task);
    // Elasticsearch's `_explain` runs on the shard alone, and refuses what is looked up elsewhere.
    let follows_terms = task.parsed.route.api != Api::Explain;
    let flavor = task.parsed.route.flavor;
    let mut lookups =
        Lookups { targets: &targets, searched: searched()?, follows_terms, flavor, held };
    lookups.searched.truncate(INDICES_MAX);
    lookups.fill(&mut filled, WRAPPED_MAX)?;
    Ok(WithDocuments { body: Cow::Owned(filled), _held: lookups.held })
}

/// Whether a query that names documents may stand anywhere in `value`.
pub(crate) fn may_name_documents(value: &Value) -> bool {
    names_documents(value, WRAPPED_MAX)
}

/// Whether a query that names documents may stand anywhere in `value`, which is as deep as JSON may be.
fn names_documents(value: &Value, wrapped: usize) -> bool {
    match value {
        Value::Object(object) => object.iter().any(|(key, value)| match key.as_str() {
            "more_like_this" => true,
            "percolate" if value.get("id").is_some() => true,
            "indexed_shape" => true,
            "terms" if looks_up(value) => true,
            "wrapper" if wrapped > 0 => {
                let inside = wrapper::unwrapped(value);
                inside.is_some_and(|inside| names_documents(&inside, wrapped - 1))
                    || names_documents(value, wrapped)
            }
            _ => names_documents(value, wrapped),
        }),
        Value::Array(values) => values.iter().any(|value| names_documents(value, wrapped)),
        _ => false,
    }
}

/// Whether `value` is a `terms` query with a lookup. (The aggregation of that name has no index.)
fn looks_up(value: &Value) -> bool {
    let mut members = value.as_object().into_iter().flat_map(Map::values);
    members.any(|member| member.get("index").is_some())
}

struct Lookups<'a, 't> {
    targets: &'a Targets<'t>,
    /// The names of the indices in which a document without an index is looked for.
    searched: Vec<String>,
    /// Whether the values of `terms` are looked up.
    follows_terms: bool,
    flavor: Flavor,
    held: HeldMemory,
}

/// Under this key only the engine puts something.
fn refuse_found(query: &str, object: &Map<String, Value>) -> Result<(), Exception> {
    if !object.contains_key(FOUND) {
        return Ok(());
    }
    Err(Exception::new(ExceptionKind::XContentParse, format!("[{query}] unknown field [{FOUND}]")))
}

impl Lookups<'_, '_> {
    fn fill(&mut self, value: &mut Value, wrapped: usize) -> Result<(), Exception> {
        self.targets.work.check()?;
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    match key.as_str() {
                        "more_like_this" => self.fill_likes(value)?,
                        "percolate" if value.get("id").is_some() => self.fill_percolate(value)?,
                        "indexed_shape" => self.fill_shape(value)?,
                        "terms" if looks_up(value) => self.fill_terms(value)?,
                        "wrapper" if wrapped > 0 => self.fill_wrapped(value, wrapped - 1)?,
                        _ => self.fill(value, wrapped)?,
                    }
                }
            }
            Value::Array(values) => {
                for value in values {
                    self.fill(value, wrapped)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A wrapped query is wrapped again with what was put into it.
    fn fill_wrapped(&mut self, value: &mut Value, wrapped: usize) -> Result<(), Exception> {
        match wrapper::unwrapped(value) {
            Some(mut inside) if names_documents(&inside, wrapped) => {
                self.fill(&mut inside, wrapped)?;
                wrapper::wrap(value, &inside);
                Ok(())
            }
            _ => self.fill(value, wrapped),
        }
    }

    fn fill_terms(&mut self, value: &mut Value) -> Result<(), Exception> {
        if !self.follows_terms {
            return Ok(());
        }
        for lookup in value.as_object_mut().into_iter().flat_map(Map::values_mut) {
            if !lookup.is_object() {
                continue;
            }
            let (asked, given) = TermsLookup::read(lookup)?;
            if given.is_some() {
                let reason = format!("[terms_lookup] unknown field [{FOUND}]");
                return Err(Exception::new(ExceptionKind::XContentParse, reason));
            }
            let options = ReadOptions::plain(true, None, asked.routing);
            let source = self.source(&[asked.index], &asked.id, &options)?;
            let values = source.map(|source| values_at(&source, &asked.path)).unwrap_or_default();
            let bytes = values
                .iter()
                .map(|value| (size_of::<Value>() + value.as_str().map_or(0, str::len)) as u64);
            self.held.grow(2 * bytes.sum::<u64>())?;
            if let Some(lookup) = lookup.as_object_mut() {
                lookup.insert(FOUND.to_owned(), values.into());
            }
        }
        Ok(())
    }

    fn fill_percolate(&mut self, value: &mut Value) -> Result<(), Exception> {
        let Some(object) = value.as_object_mut() else { return Ok(()) };
        refuse_found("percolate", object)?;
        let text = |key: &str| object.get(key).map(plain);
        let (Some(index), Some(id)) = (text("index"), text("id")) else { return Ok(()) };
        if object.contains_key("document") || object.contains_key("documents") {
            return Ok(());
        }
        let version = object.get("version").and_then(Value::as_u64);
        let options = ReadOptions::plain(true, version, text("routing"));
        let source = self.source(std::slice::from_ref(&index), &id, &options)?;
        let source = source.ok_or_else(|| {
            let reason = format!("indexed document [{index}/{id}] couldn't be found");
            Exception::new(ExceptionKind::ResourceNotFound, reason)
        })?;
        object.insert(FOUND.to_owned(), source);
        Ok(())
    }

    fn fill_shape(&mut self, value: &mut Value) -> Result<(), Exception> {
        let Some(object) = value.as_object_mut() else { return Ok(()) };
        refuse_found("geo_shape", object)?;
        let text = |key: &str| object.get(key).map(plain);
        let Some(id) = text("id") else { return Ok(()) };
        let index = text("index").unwrap_or_else(|| "shapes".to_owned());
        let path = text("path").unwrap_or_else(|| "shape".to_owned());
        let options = ReadOptions::plain(true, None, text("routing"));
        let Some(source) = self.source(&[index], &id, &options)? else {
            let kind = match self.flavor {
                Flavor::Elasticsearch710 => " in type [_doc]",
                Flavor::OpenSearch219 => "",
            };
            let reason = format!("Shape with ID [{id}]{kind} not found");
            return Err(Exception::illegal_argument(reason));
        };
        let mut shape = Some(&source);
        for part in path.split('.') {
            shape = shape.and_then(|value| value.get(part));
        }
        let Some(shape) = shape.cloned() else {
            let reason = format!("Shape with name [{id}] found but missing {path} field");
            return Err(Exception::new(ExceptionKind::IllegalState, reason));
        };
        object.insert(FOUND.to_owned(), shape);
        Ok(())
    }

    fn fill_likes(&mut self, value: &mut Value) -> Result<(), Exception> {
        for side in ["like", "unlike"] {
            match value.get_mut(side) {
                Some(Value::Array(items)) => {
                    items.iter_mut().try_for_each(|item| self.fill_like(item))?;
                }
                Some(one) => self.fill_like(one)?,
                None => {}
            }
        }
        Ok(())
    }

    fn fill_like(&mut self, item: &mut Value) -> Result<(), Exception> {
        let Value::Object(object) = item else { return Ok(()) };
        if object.contains_key(FOUND) {
            let reason = format!("failed to parse More Like This item. unknown field [{FOUND}]");
            return Err(Exception::new(ExceptionKind::ElasticsearchParse, reason));
        }
        let Some(id) = object.get("_id").map(plain) else { return Ok(()) };
        if object.contains_key("doc") {
            return Ok(());
        }
        let routing = object.get("routing").or_else(|| object.get("_routing")).map(plain);
        let names = match object.get("_index") {
            Some(name) => vec![plain(name)],
            None => self.searched.clone(),
        };
        let options = ReadOptions::plain(true, None, routing);
        let source = match self.source(&names, &id, &options) {
            Err(fault) if fault.kind() == ExceptionKind::IndexNotFound => None,
            read => read?,
        };
        let source = source.unwrap_or_else(|| Value::Object(Map::new()));
        object.insert(FOUND.to_owned(), source);
        Ok(())
    }

    /// The source of the document `id` in the first of the indices that has it.
    fn source(
        &mut self,
        names: &[String],
        id: &str,
        options: &ReadOptions,
    ) -> Result<Option<Value>, Exception> {
        for name in names {
            self.targets.work.check()?;
            let index = self.targets.look_up(name)?;
            if let Some(found) = get::find(self.targets, &index, id, options)? {
                // A value takes more than its text.
                self.held.grow(4 * found.source.len() as u64)?;
                let source = serde_json::from_slice(&found.source);
                return source.map(Some).map_err(|error| {
                    Exception::new(ExceptionKind::IllegalState, error.to_string())
                });
            }
        }
        Ok(None)
    }
}
