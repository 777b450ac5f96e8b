//! Texts with variables: what processors make of `{{field}}`.
//!
//! Source: `IngestDocument.createTemplateModel` of Elasticsearch 7.10.

use std::borrow::Cow;

use serde_json::Value;

use super::document::IngestDocument;
use crate::exception::Exception;
use crate::script::mustache::{self, Names, Rendering, begin_in};

/// A text with variables, read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template(mustache::Template);

impl Template {
    /// Reads a template. A text without `{{` is itself.
    ///
    /// # Errors
    /// `script_exception` around `mustache_exception`.
    pub(super) fn parse(text: &str) -> Result<Template, Exception> {
        Ok(Template(match text.contains("{{") {
            true => mustache::Template::json(text)?,
            false => mustache::Template::plain(text),
        }))
    }

    /// The text with the values of `document`.
    ///
    /// # Errors
    /// `circuit_breaking_exception` where it becomes too long.
    pub(super) fn render(&self, document: &mut IngestDocument) -> Result<String, Exception> {
        if let Some(text) = self.0.constant() {
            return Ok(text.to_owned());
        }
        let work = document.work.clone();
        let text = self.0.render(&*document, &mut Rendering::new(&work))?;
        document.grow(text.len() as u64)?;
        Ok(text)
    }
}

impl Names for IngestDocument {
    fn begin<'n>(&self, name: &'n str) -> Option<(Cow<'_, Value>, Option<&'n str>)> {
        let whole = |map: &serde_json::Map<String, Value>| Cow::Owned(Value::Object(map.clone()));
        match name.split_once('.') {
            Some(("_ingest", rest)) => begin_in(&self.ingest, rest),
            Some(("_source", rest)) => begin_in(&self.fields, rest),
            None if name == "_ingest" => Some((whole(&self.ingest), None)),
            None if name == "_source" => Some((whole(&self.fields), None)),
            _ => begin_in(&self.fields, name),
        }
    }

    fn all(&self) -> Cow<'_, Value> {
        Cow::Owned(Value::Object(self.fields.clone()))
    }
}
