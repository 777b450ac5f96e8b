//! Templates in Mustache, as search templates and ingest pipelines write them: variables, sections, and Elasticsearch's own
//! `toJson`, `join` and `url`.
//!
//! Source: `MustacheParser` of mustache.java and `CustomMustacheFactory` of Elasticsearch 7.10; what a value prints as was
//! asked of both real servers. A template is a tree; what it makes is bounded in bytes and rounds ([`Rendering`]).

mod parse;
mod render;

pub(crate) use render::{Names, Rendering, begin_in};

use crate::exception::{Exception, ExceptionKind};
use serde_json::Value;

/// Longest source of a template in bytes: that of any script.
const SOURCE_BYTES_MAX: usize = crate::script::request::SOURCE_BYTES_MAX;

/// Most sections inside one another.
const DEPTH_MAX: usize = 60;

/// A template, read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    codes: Vec<Code>,
    escape: Escape,
}

/// One piece of a template.
#[derive(Clone, Debug, PartialEq)]
enum Code {
    /// Itself.
    Text(String),
    /// `{{name}}`; with `escaped`: as [`Template::escape`] says.
    Variable { name: String, escaped: bool },
    /// `{{#name}}`, or with `inverted` `{{^name}}`, and what is in it.
    Section { name: String, inverted: bool, codes: Vec<Code> },
    /// `{{$name}}`: what is in it.
    Block(Vec<Code>),
    /// `{{#toJson}}name{{/toJson}}`
    ToJson(String),
    /// `{{#join}}name{{/join}}`; `otherwise` is printed of what is no list.
    Join { name: String, delimiter: String, otherwise: Vec<Code> },
    /// `{{#url}}`, and what is in it.
    Url(Vec<Code>),
}

impl Code {
    /// The name that is looked up for it.
    fn name(&self) -> &str {
        match self {
            Code::Variable { name, .. }
            | Code::Section { name, .. }
            | Code::ToJson(name)
            | Code::Join { name, .. } => name,
            Code::Text(_) | Code::Block(_) | Code::Url(_) => "",
        }
    }
}

/// What a value is made safe for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escape {
    /// A string of JSON.
    Json,
    /// Nothing.
    Plain,
    /// A form.
    Form,
}

impl Template {
    /// Reads a template whose values are put into JSON.
    ///
    /// # Errors
    /// As [`Template::typed`].
    pub(crate) fn json(source: &str) -> Result<Template, Exception> {
        Template::read(source, Escape::Json)
    }

    /// Reads a template whose values are put into `content_type`.
    ///
    /// # Errors
    /// `script_exception` around `mustache_exception` for what is no template; `illegal_argument_exception` for another
    /// content type, and for too long a source.
    pub(crate) fn typed(source: &str, content_type: &str) -> Result<Template, Exception> {
        let escape = match content_type {
            "application/json" | "application/json; charset=UTF-8" => Escape::Json,
            "text/plain" => Escape::Plain,
            "application/x-www-form-urlencoded" => Escape::Form,
            other => {
                return Err(Exception::illegal_argument(format!(
                    "No encoder found for MIME type [{other}]"
                )));
            }
        };
        Template::read(source, escape)
    }

    /// A text without variables, however long.
    pub(crate) fn plain(text: &str) -> Template {
        Template { codes: vec![Code::Text(text.to_owned())], escape: Escape::Plain }
    }

    fn read(source: &str, escape: Escape) -> Result<Template, Exception> {
        if source.len() > SOURCE_BYTES_MAX {
            return Err(Exception::illegal_argument(format!(
                "exceeded max allowed inline script size in bytes [{SOURCE_BYTES_MAX}] with size [{}] for script [{source}]",
                source.len()
            )));
        }
        let codes = parse::codes(source).map_err(|fault| refused(source, fault))?;
        Ok(Template { codes, escape })
    }

    /// The text of a template without variables.
    pub(crate) fn constant(&self) -> Option<&str> {
        match self.codes.as_slice() {
            [] => Some(""),
            [Code::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text with the values of `names`.
    ///
    /// # Errors
    /// A position that a list does not have; `circuit_breaking_exception` for too long a text or too many rounds;
    /// `task_cancelled_exception`.
    pub(crate) fn render(
        &self,
        names: &dyn Names,
        rendering: &mut Rendering<'_>,
    ) -> Result<String, Exception> {
        render::rendered(&self.codes, self.escape, names, rendering)
    }
}

/// Why a text is no template.
enum TemplateFault {
    /// In Mustache's words.
    Wrong(String),
    /// What it includes is not there: nothing is.
    NotFound(String),
}

fn refused(source: &str, fault: TemplateFault) -> Exception {
    let (kind, why) = match fault {
        TemplateFault::Wrong(why) => (ExceptionKind::Mustache, why),
        TemplateFault::NotFound(why) => (ExceptionKind::MustacheNotFound, why),
    };
    Exception::new(ExceptionKind::Script, why.clone())
        .with("script_stack", Value::Array(Vec::new()))
        .with("script", source)
        .with("lang", "mustache")
        .caused_by(Exception::new(kind, why))
}

#[cfg(test)]
mod tests;
