//! A search template: what a request says of it, and the search that it makes.
//!
//! A template is rendered where the body is read, before anybody is asked anything: what it makes is the body of the
//! request, which the authorizer judges and the engine executes as if it had been sent (decision 0124).
//!
//! Source: `SearchTemplateRequest` and `TransportSearchTemplateAction` of Elasticsearch 7.10.

use serde_json::{Map, Value};

use super::Json;
use super::json::token;
use crate::cluster::registries::Registry;
use crate::exception::{Exception, ExceptionKind};
use crate::script::mustache::{Rendering, Template};
use crate::value::scalar;
use crate::work::Work;

/// What a request says of a template.
#[derive(Debug)]
pub(crate) struct TemplateRequest {
    source: Option<TemplateSource>,
    params: Value,
    explain: bool,
    profile: bool,
}

/// The template itself.
#[derive(Debug)]
pub(crate) enum TemplateSource {
    /// As it stands in the request.
    Inline(String),
    /// As it was stored under this name.
    Stored(String),
}

impl TemplateRequest {
    /// Reads it. What it renders to is not looked at.
    ///
    /// # Errors
    /// `x_content_parse_exception` in Elasticsearch's words.
    pub(crate) fn parse(body: &Value) -> Result<TemplateRequest, Exception> {
        let mut read =
            TemplateRequest { source: None, params: no_params(), explain: false, profile: false };
        for (key, value) in body.as_object().into_iter().flatten() {
            match (key.as_str(), value) {
                ("params", Value::Object(_)) => read.params = value.clone(),
                ("id", Value::String(id)) => {
                    read.source = Some(TemplateSource::Stored(id.clone()));
                }
                ("source" | "inline" | "template", value) if value.is_object() => {
                    read.source = Some(TemplateSource::Inline(value.to_string()));
                }
                ("source" | "inline" | "template", Value::String(source)) => {
                    read.source = Some(TemplateSource::Inline(source.clone()));
                }
                ("explain", Value::Bool(_) | Value::String(_)) => {
                    read.explain = flag(key, value)?;
                }
                ("profile", Value::Bool(_) | Value::String(_)) => {
                    read.profile = flag(key, value)?;
                }
                ("params" | "id" | "source" | "inline" | "template" | "explain" | "profile", _) => {
                    let token = token(value);
                    let reason = format!("{key} doesn't support values of type: {token}");
                    return Err(wrong(&reason).at(value));
                }
                _ => return Err(wrong(&format!("unknown field [{key}]")).at_key(value)),
            }
        }
        Ok(read)
    }

    /// This request, for the template that is stored as `id`.
    pub(crate) fn stored(self, id: &str) -> TemplateRequest {
        TemplateRequest { source: Some(TemplateSource::Stored(id.to_owned())), ..self }
    }

    /// Whether it names no template at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.source.is_none()
    }

    /// The text that the template makes.
    ///
    /// # Errors
    /// `action_request_validation_exception` without a template; `resource_not_found_exception` for a stored one that is
    /// not there; what cannot be read or rendered.
    pub(crate) fn rendered(
        &self,
        work: &Work,
        rendering: &mut Rendering<'_>,
    ) -> Result<String, Exception> {
        let template = match &self.source {
            None => {
                let faults = ["template is missing", "template's script type is missing"];
                return Err(Exception::validation(&faults));
            }
            Some(TemplateSource::Inline(text) | TemplateSource::Stored(text))
                if text.is_empty() =>
            {
                return Err(Exception::validation(&["template is missing"]));
            }
            Some(source) => source.template(work)?,
        };
        template.render(&self.params, rendering)
    }

    /// The search that the template makes, which is explained and profiled as the request says.
    ///
    /// # Errors
    /// As [`TemplateRequest::rendered`]; what is no JSON object.
    pub(super) fn search(
        &self,
        work: &Work,
        rendering: &mut Rendering<'_>,
    ) -> Result<Json, Exception> {
        let text = self.rendered(work, rendering)?;
        let mut json = Json::read_within(work.body(text.into_bytes())?, work)?;
        let Value::Object(search) = std::sync::Arc::make_mut(&mut json.value) else {
            return Err(super::body::no_object(&json.value));
        };
        for (key, asked) in [("explain", self.explain), ("profile", self.profile)] {
            if asked || search.contains_key(key) {
                search.insert(key.to_owned(), asked.into());
            }
        }
        Ok(json)
    }
}

impl TemplateSource {
    /// The template, read.
    ///
    /// # Errors
    /// As [`TemplateRequest::rendered`].
    fn template(&self, work: &Work) -> Result<Template, Exception> {
        let id = match self {
            TemplateSource::Inline(source) => return Template::json(source),
            TemplateSource::Stored(id) => id,
        };
        let Some(stored) = work.metadata.registries().get(Registry::Scripts, id) else {
            return Err(Exception::new(
                ExceptionKind::ResourceNotFound,
                format!("unable to find script [{id}] in cluster state"),
            ));
        };
        self::stored(stored)
    }
}

/// The template of a script as it is stored.
///
/// # Errors
/// 501 for another language than Mustache; as [`Template::typed`].
pub(crate) fn stored(script: &Value) -> Result<Template, Exception> {
    let part = |key: &str| script.get(key).and_then(Value::as_str).unwrap_or_default();
    if part("lang") != "mustache" {
        return Err(Exception::not_implemented(&format!("templates in {}", part("lang"))));
    }
    match script.pointer("/options/content_type").and_then(Value::as_str) {
        Some(content_type) => Template::typed(part("source"), content_type),
        None => Template::json(part("source")),
    }
}

fn no_params() -> Value {
    Value::Object(Map::new())
}

fn flag(key: &str, value: &Value) -> Result<bool, Exception> {
    scalar::boolean(value).ok_or_else(|| {
        let cause = Exception::illegal_argument(scalar::not_a_boolean(scalar::plain(value)));
        wrong(&format!("failed to parse field [{key}]")).caused_by(cause)
    })
}

fn wrong(what: &str) -> Exception {
    Exception::new(ExceptionKind::XContentParse, format!("[search_template] {what}"))
}
