//! A script as requests write it: `"source"`, or an object with `source` or `id`, `lang`, `params` and `options`.
//! Source: `Script.parse` of Elasticsearch 7.10.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::ScriptContext;
use super::document::ScriptDocument;
use super::painless::{self, GivenVariable, Machine, Program, ScriptOutcome};
use crate::cluster::registries::Registry;
use crate::exception::{Exception, ExceptionKind};
use crate::value::scalar;
use crate::work::Work;

/// Longest source of a script in bytes (Elasticsearch: `script.max_size_in_bytes`).
pub(crate) const SOURCE_BYTES_MAX: usize = 65_535;

/// What a request says of a script.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptRequest {
    source: ScriptText,
    params: Arc<Value>,
}

#[derive(Clone, Debug, PartialEq)]
enum ScriptText {
    /// Language and text.
    Inline(String, String),
    /// A stored script.
    Stored(String),
}

/// A compiled script with its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) program: Arc<Program>,
    pub(crate) params: Arc<Value>,
}

impl ScriptRequest {
    /// Reads it.
    ///
    /// # Errors
    /// `illegal_argument_exception` and `x_content_parse_exception` in Elasticsearch's words.
    pub(crate) fn parse(value: &Value) -> Result<ScriptRequest, Exception> {
        let object = match value {
            Value::String(source) => {
                return Ok(ScriptRequest::inline("painless", source, Value::Null));
            }
            Value::Object(object) => object,
            other => {
                return Err(Exception::new(
                    ExceptionKind::XContentParse,
                    format!(
                        "[script] unexpected token [{}], expected [VALUE_STRING or START_OBJECT]",
                        scalar::plain(other)
                    ),
                ));
            }
        };
        let mut read = ScriptKeys::default();
        for (key, value) in object {
            read.key(key, value)?;
        }
        read.finish()
    }

    /// A script of this text.
    pub(crate) fn inline(lang: &str, source: &str, params: Value) -> ScriptRequest {
        let source = ScriptText::Inline(lang.to_owned(), source.to_owned());
        ScriptRequest { source, params: Arc::new(params) }
    }

    /// Whether it names a stored script.
    pub(crate) fn is_stored(&self) -> bool {
        matches!(self.source, ScriptText::Stored(_))
    }

    /// Its text, or the name of the stored script.
    pub(crate) fn name_or_text(&self) -> &str {
        match &self.source {
            ScriptText::Inline(_, text) | ScriptText::Stored(text) => text,
        }
    }

    /// The same script with other parameters beside its own.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a name that both have.
    pub(crate) fn with_params(&self, params: &Value) -> Result<ScriptRequest, Exception> {
        let Value::Object(more) = params else { return Ok(self.clone()) };
        let mut all = more.clone();
        for (name, value) in self.params.as_object().into_iter().flatten() {
            if all.insert(name.clone(), value.clone()).is_some() {
                return Err(Exception::illegal_argument(format!(
                    "Parameter name \"{name}\" used in both aggregation and script parameters"
                )));
            }
        }
        Ok(ScriptRequest { source: self.source.clone(), params: Arc::new(Value::Object(all)) })
    }

    /// Language and text, the stored ones where the request names a stored script.
    ///
    /// # Errors
    /// `resource_not_found_exception` for a stored script that is not there.
    pub(crate) fn text(&self, work: &Work) -> Result<(String, String), Exception> {
        let id = match &self.source {
            ScriptText::Inline(lang, text) => return Ok((lang.clone(), text.clone())),
            ScriptText::Stored(id) => id,
        };
        let stored = work.metadata.registries().get(Registry::Scripts, id);
        let part = |key: &str| stored.and_then(|it| it.get(key)).and_then(Value::as_str);
        match (part("lang"), part("source")) {
            (Some(lang), Some(text)) => Ok((lang.to_owned(), text.to_owned())),
            _ => Err(Exception::new(
                ExceptionKind::ResourceNotFound,
                format!("unable to find script [{id}] in cluster state"),
            )),
        }
    }

    /// Compiles it for a context.
    ///
    /// # Errors
    /// `script_exception` "compile error"; what [`ScriptRequest::text`] refuses; `illegal_argument_exception` for a
    /// language that is not there.
    pub(crate) fn compile(
        &self,
        context: &'static ScriptContext,
        work: &Work,
    ) -> Result<Script, Exception> {
        let (lang, text) = self.text(work)?;
        let program = compile(&lang, &text, context)?;
        Ok(Script { program: Arc::new(program), params: Arc::clone(&self.params) })
    }
}

/// Compiles a text of a language for a context.
///
/// # Errors
/// As [`ScriptRequest::compile`].
pub(crate) fn compile(
    lang: &str,
    text: &str,
    context: &'static ScriptContext,
) -> Result<Program, Exception> {
    if text.len() > SOURCE_BYTES_MAX {
        return Err(Exception::illegal_argument(format!(
            "exceeded max allowed inline script size in bytes [{SOURCE_BYTES_MAX}] with size [{}] for script [{text}]",
            text.len()
        )));
    }
    match lang {
        "painless" => painless::compile(text, context).map_err(|fault| fault.exception(text)),
        "expression" => painless::lucene::compile(text, context),
        other => Err(Exception::illegal_argument(format!("script_lang not supported [{other}]"))),
    }
}

impl Script {
    /// Runs it with what its context gives; `params` are its own.
    ///
    /// # Errors
    /// As [`Machine::run`].
    pub(crate) fn run<'a>(
        &'a self,
        machine: &'a mut Machine,
        given: &[(&'static str, GivenVariable<'_>)],
        document: Option<&'a mut dyn ScriptDocument>,
    ) -> Result<ScriptOutcome<'a>, Exception> {
        machine.run(&self.program, &self.params, given, document)
    }
}

/// The keys of an object, while they are read.
#[derive(Default)]
struct ScriptKeys {
    source: Option<String>,
    id: Option<String>,
    lang: Option<String>,
    params: Value,
}

impl ScriptKeys {
    fn key(&mut self, key: &str, value: &Value) -> Result<(), Exception> {
        let wrong = || {
            Exception::new(
                ExceptionKind::XContentParse,
                format!(
                    "[script] {key} doesn't support values of type: {}",
                    crate::rest::json::token(value)
                ),
            )
            .at(value)
        };
        let text = || value.as_str().map(str::to_owned).ok_or_else(wrong);
        match key {
            // A source may be written as an object, which search templates do.
            "source" | "inline" if value.is_object() => self.source = Some(value.to_string()),
            "source" | "inline" => self.source = Some(text()?),
            "id" | "stored" => self.id = Some(text()?),
            "lang" => self.lang = Some(text()?),
            "params" if value.is_object() => self.params = value.clone(),
            "params" => return Err(wrong()),
            "options" => self.options(value)?,
            unknown => {
                return Err(Exception::new(
                    ExceptionKind::XContentParse,
                    format!("[script] unknown field [{unknown}]"),
                )
                .at_key(value));
            }
        }
        Ok(())
    }

    fn options(&mut self, value: &Value) -> Result<(), Exception> {
        let keys = value.as_object().into_iter().flat_map(Map::keys);
        match keys.clone().find(|key| *key != "content_type") {
            None => Ok(()),
            Some(_) => {
                let keys: Vec<&str> = keys.map(String::as_str).collect();
                Err(Exception::illegal_argument(format!(
                    "illegal compiler options [{{{}}}] specified",
                    keys.join(", ")
                )))
            }
        }
    }

    fn finish(self) -> Result<ScriptRequest, Exception> {
        let lang = self.lang.unwrap_or_else(|| "painless".to_owned());
        let params = Arc::new(self.params);
        match (self.source, self.id) {
            (Some(source), None) => {
                Ok(ScriptRequest { source: ScriptText::Inline(lang, source), params })
            }
            (None, Some(id)) => Ok(ScriptRequest { source: ScriptText::Stored(id), params }),
            (Some(_), Some(_)) => Err(Exception::new(
                ExceptionKind::XContentParse,
                "[script] failed to parse field [id]",
            )
            .caused_by(Exception::illegal_argument("only one of [source, id] may be specified"))),
            (None, None) => Err(Exception::illegal_argument(
                "must specify either [source] for an inline script or [id] for a stored script",
            )),
        }
    }
}
