//! The script of `_update_by_query` and `_reindex`: what it makes of a document that was found.
//! Source: `AbstractAsyncBulkByScrollAction.ScriptApplier` of Elasticsearch 7.10.

use serde_json::{Map, Value, json};
use std::sync::OnceLock;

use super::target::Targets;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::index::FoundDocument;
use crate::script::{GivenVariable, Machine, Script, ScriptRequest, context};
use crate::value::scalar::plain;
use crate::work::Work;

/// A script that is run on each document; compiled for the first one, so that what finds nothing refuses none.
#[derive(Debug)]
pub(super) struct Scripted {
    request: ScriptRequest,
    compiled: OnceLock<Script>,
}

/// What it makes of one.
#[derive(Debug)]
pub(super) enum Made {
    /// It is written with this source.
    Index(Changed),
    /// It is deleted.
    Delete(Changed),
    /// Nothing is done.
    Noop,
}

/// What `ctx` says in the end. What differs from what it said in the beginning is `Some`.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) source: Value,
    pub(super) index: Option<Value>,
    pub(super) id: Option<Value>,
    pub(super) version: Option<Value>,
    pub(super) routing: Option<Value>,
}

impl Scripted {
    /// Takes `script` out of a body.
    ///
    /// # Errors
    /// What is no script.
    pub(super) fn take(body: &mut Map<String, Value>) -> Result<Option<Scripted>, Exception> {
        match body.shift_remove("script") {
            // An update that does nothing to its documents writes them again.
            None | Some(Value::Null) => Ok(None),
            Some(script) => {
                let request = ScriptRequest::parse(&script)?;
                Ok(Some(Scripted { request, compiled: OnceLock::new() }))
            }
        }
    }

    fn compiled(&self, work: &Work) -> Result<&Script, Exception> {
        if let Some(script) = self.compiled.get() {
            return Ok(script);
        }
        let script = self.request.compile(&context::UPDATE, work)?;
        Ok(self.compiled.get_or_init(|| script))
    }

    /// What the script makes of a document of `index`, whose source is `source`.
    ///
    /// # Errors
    /// `script_exception`, also for what does not compile; `illegal_argument_exception` for a word in `ctx.op` that means nothing, and for keys that it
    /// added.
    pub(super) fn made(
        &self,
        writer: &Targets<'_>,
        index: &str,
        (id, found): (&str, &FoundDocument),
        source: Value,
    ) -> Result<Made, Exception> {
        writer.work.check()?;
        let mut context = json!({
            "_index": index, "_id": id, "_version": found.version, "_routing": found.routing,
            "_source": source, "op": "index",
        });
        if let (Flavor::Elasticsearch710, Some(object)) = (writer.flavor, context.as_object_mut()) {
            object.insert("_type".into(), "_doc".into());
        }
        let mut machine = Machine::new(writer.work, writer.now);
        let given = [("ctx", GivenVariable::Json(&context))];
        let Value::Object(mut left) =
            self.compiled(writer.work)?.run(&mut machine, &given, None)?.variable("ctx")?
        else {
            return Err(Exception::illegal_argument("Script cleared operation type"));
        };
        let operation = left.shift_remove("op").filter(|op| !op.is_null());
        let mut changed = |key: &str| {
            let now = left.shift_remove(key).unwrap_or_default();
            (context.get(key) != Some(&now)).then_some(now)
        };
        let (index, id) = (changed("_index"), changed("_id"));
        let (version, routing) = (changed("_version"), changed("_routing"));
        changed("_type");
        let source = left.shift_remove("_source").unwrap_or_default();
        let changed = Changed { source, index, id, version, routing };
        let Some(operation) = operation else {
            return Err(Exception::illegal_argument("Script cleared operation type"));
        };
        let made = match plain(&operation).to_lowercase().as_str() {
            "index" => Made::Index(changed),
            "delete" => Made::Delete(changed),
            "noop" => Made::Noop,
            other => {
                return Err(Exception::illegal_argument(format!(
                    "Operation type [{other}] not allowed, only [noop, index, delete] are allowed"
                )));
            }
        };
        if !left.is_empty() && !matches!(made, Made::Noop | Made::Delete(_)) {
            let keys: Vec<&str> = left.keys().map(String::as_str).collect();
            return Err(Exception::illegal_argument(format!(
                "Invalid fields added to context [{}]",
                keys.join(",")
            )));
        }
        Ok(made)
    }
}

impl Changed {
    /// Refuses a script that changed what an update may not change.
    ///
    /// # Errors
    /// `illegal_argument_exception` in Elasticsearch's words.
    pub(super) fn source_alone(self) -> Result<Value, Exception> {
        let named = [
            ("_index", &self.index),
            ("_id", &self.id),
            ("_version", &self.version),
            ("_routing", &self.routing),
        ];
        match named.iter().find(|(_, changed)| changed.is_some()) {
            None => Ok(self.source),
            Some((key, _)) => {
                Err(Exception::illegal_argument(format!("Modifying [{key}] not allowed")))
            }
        }
    }
}
