//! Reading what a pipeline or a processor is defined by: what is read is taken out, what is left over is refused.
//!
//! Source: `ConfigurationUtils` of Elasticsearch 7.10, whose words the errors have.

use serde_json::{Map, Value};

use super::java;
use super::template::Template;
use crate::exception::{Exception, ExceptionKind};

/// The definition of one processor, or of a pipeline (then without a `kind`).
#[derive(Debug)]
pub(crate) struct ProcessorDefinition {
    /// The processor's type.
    pub(crate) kind: Option<String>,
    /// Its tag.
    pub(crate) tag: Option<String>,
    pub(crate) entries: Map<String, Value>,
}

impl ProcessorDefinition {
    /// The definition of a pipeline.
    pub(crate) fn of_pipeline(entries: Map<String, Value>) -> ProcessorDefinition {
        ProcessorDefinition { kind: None, tag: None, entries }
    }

    /// The refusal of `property`.
    pub(crate) fn fault(&self, property: Option<&str>, reason: &str) -> Exception {
        let reason = match property {
            Some(property) => format!("[{property}] {reason}"),
            None => reason.to_owned(),
        };
        let fault = Exception::new(ExceptionKind::ElasticsearchParse, reason);
        let fault = match property {
            Some(property) => fault.with("property_name", property),
            None => fault,
        };
        self.of_processor(fault)
    }

    /// `fault` with the processor that it is of.
    pub(crate) fn of_processor(&self, fault: Exception) -> Exception {
        let mut fault = fault;
        if let Some(kind) =
            self.kind.as_deref().filter(|_| !fault.extra().contains_key("processor_type"))
        {
            fault = fault.with("processor_type", kind);
            if let Some(tag) = self.tag.as_deref() {
                fault = fault.with("processor_tag", tag);
            }
        }
        fault
    }

    fn wrong(&self, property: &str, what: &str, value: &Value) -> Exception {
        let class = java::class(value);
        self.fault(Some(property), &format!("property isn't a {what}, but of type [{class}]"))
    }

    fn missing(&self, property: &str) -> Exception {
        self.fault(Some(property), "required property is missing")
    }

    fn take(&mut self, property: &str) -> Option<Value> {
        self.entries.shift_remove(property).filter(|value| !value.is_null())
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, property: &str) -> Result<String, Exception> {
        self.optional_text(property)?.ok_or_else(|| self.missing(property))
    }

    /// A text that may be there.
    pub(crate) fn optional_text(&mut self, property: &str) -> Result<Option<String>, Exception> {
        match self.take(property) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(property, "string", &other)),
        }
    }

    /// A text, or a number as one, that may be there.
    pub(crate) fn text_or_number(&mut self, property: &str) -> Result<Option<String>, Exception> {
        match self.take(property) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Number(number)) if number.is_i64() => Ok(Some(number.to_string())),
            Some(other) => Err(self.wrong(property, "string or int", &other)),
        }
    }

    /// A text with variables that must be there.
    pub(super) fn template(&mut self, property: &str) -> Result<Template, Exception> {
        let text = self.text(property)?;
        self.compiled(&text)
    }

    /// `text` with its variables.
    pub(super) fn compiled(&self, text: &str) -> Result<Template, Exception> {
        Template::parse(text).map_err(|fault| self.of_processor(fault))
    }

    /// A boolean.
    pub(crate) fn flag(&mut self, property: &str, default: bool) -> Result<bool, Exception> {
        match self.take(property) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(other) => Err(self.wrong(property, "boolean", &other)),
        }
    }

    /// A whole number that may be there.
    pub(crate) fn whole(&mut self, property: &str) -> Result<Option<i32>, Exception> {
        let Some(value) = self.take(property) else { return Ok(None) };
        let text = java::text(&value);
        text.parse().map(Some).map_err(|_| {
            self.fault(Some(property), &format!("property cannot be converted to an int [{text}]"))
        })
    }

    /// A list that may be there.
    pub(crate) fn optional_list(
        &mut self,
        property: &str,
    ) -> Result<Option<Vec<Value>>, Exception> {
        match self.take(property) {
            None => Ok(None),
            Some(Value::Array(list)) => Ok(Some(list)),
            Some(other) => Err(self.wrong(property, "list", &other)),
        }
    }

    /// A list that must be there.
    pub(crate) fn list(&mut self, property: &str) -> Result<Vec<Value>, Exception> {
        self.optional_list(property)?.ok_or_else(|| self.missing(property))
    }

    /// A list of texts that must be there.
    pub(crate) fn texts(&mut self, property: &str) -> Result<Vec<String>, Exception> {
        let list = self.list(property)?;
        Ok(list.iter().map(java::text).collect())
    }

    /// A list of texts that may be there.
    pub(crate) fn optional_texts(
        &mut self,
        property: &str,
    ) -> Result<Option<Vec<String>>, Exception> {
        let list = self.optional_list(property)?;
        Ok(list.map(|list| list.iter().map(java::text).collect()))
    }

    /// An object that may be there.
    pub(crate) fn optional_map(
        &mut self,
        property: &str,
    ) -> Result<Option<Map<String, Value>>, Exception> {
        match self.take(property) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(other) => Err(self.wrong(property, "map", &other)),
        }
    }

    /// An object that must be there.
    pub(crate) fn map(&mut self, property: &str) -> Result<Map<String, Value>, Exception> {
        self.optional_map(property)?.ok_or_else(|| self.missing(property))
    }

    /// Any value that must be there.
    pub(crate) fn value(&mut self, property: &str) -> Result<Value, Exception> {
        self.take(property).ok_or_else(|| self.missing(property))
    }

    /// Any value that may be there.
    pub(crate) fn optional_value(&mut self, property: &str) -> Option<Value> {
        self.take(property)
    }

    /// The names of what was not read, as they are printed; `None`: nothing.
    pub(crate) fn left_over(&self) -> Option<String> {
        let names: Vec<&str> = self.entries.keys().map(String::as_str).collect();
        (!names.is_empty()).then(|| format!("[{}]", names.join(", ")))
    }
}
