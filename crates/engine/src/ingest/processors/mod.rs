//! The processors: one file each, one line each in the registry.

mod append;
mod control;
mod convert;
mod copy;
mod csv;
mod date;
mod date_index_name;
mod dissect;
mod dot_expander;
mod foreach;
mod grok;
mod gsub;
mod join;
mod json;
mod kv;
mod remove;
mod rename;
mod script;
mod set;
mod sort;
mod split;
mod texts;
mod user_agent;

use std::fmt;

use fancy_regex::{Regex, RegexBuilder};

use super::definition::ProcessorDefinition;
use super::document::IngestDocument;
use super::run::{Failure, Outcome, Run};
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::work::Work;

/// What a step does to a document.
pub(super) trait Processor: fmt::Debug + Send + Sync {
    /// Does it.
    fn run(&self, document: &mut IngestDocument, run: &mut Run<'_>) -> Result<Outcome, Failure>;

    /// Whether the stored scripts that it runs are there.
    ///
    /// # Errors
    /// `resource_not_found_exception`.
    fn check(&self, _work: &Work) -> Result<(), Exception> {
        Ok(())
    }

    /// Whether it keeps by itself what it did, for a simulation: a pipeline in a pipeline.
    fn tells_itself(&self) -> bool {
        false
    }
}

/// Makes a processor of its definition.
type Create = fn(&mut ProcessorDefinition, Flavor) -> Result<Box<dyn Processor>, Exception>;

/// Every processor; `None` is for both flavors.
const PROCESSORS: &[(&str, Option<Flavor>, Create)] = &[
    ("append", None, append::create),
    ("bytes", None, texts::bytes),
    ("convert", None, convert::create),
    ("copy", Some(Flavor::OpenSearch219), copy::create),
    ("csv", None, csv::create),
    ("date", None, date::create),
    ("date_index_name", None, date_index_name::create),
    ("dissect", None, dissect::create),
    ("dot_expander", None, dot_expander::create),
    ("drop", None, control::drop),
    ("fail", None, control::fail),
    ("foreach", None, foreach::create),
    ("grok", None, grok::create),
    ("gsub", None, gsub::create),
    ("html_strip", None, texts::html_strip),
    ("join", None, join::create),
    ("json", None, json::create),
    ("kv", None, kv::create),
    ("lowercase", None, texts::lowercase),
    ("pipeline", None, control::pipeline),
    ("remove", None, remove::create),
    ("remove_by_pattern", Some(Flavor::OpenSearch219), remove::by_pattern),
    ("rename", None, rename::create),
    ("script", None, script::create),
    ("set", None, set::create),
    ("sort", None, sort::create),
    ("split", None, split::create),
    ("trim", None, texts::trim),
    ("uppercase", None, texts::uppercase),
    ("urldecode", None, texts::urldecode),
    ("user_agent", None, user_agent::create),
];

/// Processors of the real servers and their plugins that are not built.
const NOT_BUILT: &[&str] = &[
    "attachment",
    "circle",
    "community_id",
    "enrich",
    "fingerprint",
    "geoip",
    "inference",
    "network_direction",
    "registered_domain",
    "set_security_user",
    "sparse_encoding",
    "text_chunking",
    "text_embedding",
    "text_image_embedding",
    "uri_parts",
];

/// What makes a processor of the type `kind`; none: there is no such type.
///
/// # Errors
/// 501 by name for a type that is known and not built.
pub(super) fn creator(kind: &str, flavor: Flavor) -> Result<Option<Create>, Exception> {
    if NOT_BUILT.contains(&kind) {
        return Err(Exception::not_implemented(&format!("ingest processor {kind}")));
    }
    let here = |only: &Option<Flavor>| only.is_none_or(|only| only == flavor);
    let found = PROCESSORS.iter().find(|(name, only, _)| *name == kind && here(only));
    Ok(found.map(|(_, _, create)| *create))
}

/// Most steps back that matching one text may take.
const BACKTRACKS_MAX: usize = 200_000;

/// Most bytes that a regular expression, or one of its automata, is compiled to.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// Most parts that a text is split into.
const PARTS_MAX: usize = 100_000;

/// A regular expression of the user: as Java's, as far as the library goes, and bounded.
///
/// # Errors
/// `pattern_syntax_exception` in the library's words.
pub(crate) fn regex(pattern: &str) -> Result<Regex, Exception> {
    let built = RegexBuilder::new(pattern)
        .backtrack_limit(BACKTRACKS_MAX)
        .delegate_size_limit(COMPILED_BYTES_MAX)
        .delegate_dfa_size_limit(COMPILED_BYTES_MAX)
        .build();
    built.map_err(|error| Exception::new(ExceptionKind::PatternSyntax, error.to_string()))
}

/// The refusal of a text that takes too many steps to match.
pub(super) fn too_long(error: &fancy_regex::Error) -> Exception {
    Exception::new(ExceptionKind::Runtime, format!("regex matching was interrupted: {error}"))
}

/// `split` of Java: what is between the matches; without `keep_trailing` not the empty ones at the end.
pub(crate) fn java_split(
    regex: &Regex,
    text: &str,
    keep_trailing: bool,
) -> Result<Vec<String>, Exception> {
    let mut parts = Vec::new();
    let mut from = 0;
    for found in regex.find_iter(text) {
        let found = found.map_err(|error| too_long(&error))?;
        // Nothing matched at the beginning makes no empty first part.
        if found.end() == 0 {
            continue;
        }
        if parts.len() == PARTS_MAX {
            let reason = format!("a text is split into more than [{PARTS_MAX}] parts");
            return Err(Exception::illegal_argument(reason));
        }
        parts.push(text.get(from..found.start()).unwrap_or_default().to_owned());
        from = found.end();
    }
    parts.push(text.get(from..).unwrap_or_default().to_owned());
    if !keep_trailing {
        while parts.len() > 1 && parts.last().is_some_and(String::is_empty) {
            parts.pop();
        }
    }
    Ok(parts)
}
