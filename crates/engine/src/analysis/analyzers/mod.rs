//! The analyzers that have a type of their own, and `custom` ones, which are put together.

mod custom;
mod fingerprint;
mod icu;
mod keyword;
mod kuromoji;
mod language;
mod pattern;
mod simple;
mod snowball;
mod standard;
mod stop;
mod thai;
mod whitespace;

use super::Analyzer;
use super::part_settings::PartSettings;
use super::parts::Parts;
use crate::exception::Exception;

/// THE table of analyzers: type and what reads its settings. A new one is its file and its row here.
const ANALYZERS: &[(&str, ParseAnalyzer)] = &[
    (CUSTOM, custom::parse),
    ("default", standard::parse),
    ("fingerprint", fingerprint::parse),
    ("icu_analyzer", icu::parse),
    ("keyword", keyword::parse),
    ("pattern", pattern::parse),
    ("simple", simple::parse),
    ("snowball", snowball::parse),
    ("standard", standard::parse),
    ("stop", stop::parse),
    ("thai", thai::parse),
    ("whitespace", whitespace::parse),
];

/// The type that is put together of named parts, and the only one that cannot be used by its name alone.
pub(super) const CUSTOM: &str = "custom";

type ParseAnalyzer = fn(&PartSettings<'_>, &Parts) -> Result<Analyzer, Exception>;

/// Analyzers that Elasticsearch or its plugins have and this engine does not.
const LATER: &[&str] = &["nori", "smartcn", "stempel", "polish", "ukrainian"];

/// The analyzer that needs the operator's dictionary.
pub(super) const KUROMOJI: &str = "kuromoji";

/// The types that every index has an analyzer of, called as the type; [`KUROMOJI`] is one where there is a dictionary.
pub(super) fn built_in() -> impl Iterator<Item = &'static str> {
    let own = ANALYZERS.iter().map(|(type_name, _)| *type_name);
    own.filter(|type_name| *type_name != CUSTOM).chain(language::names())
}

/// Whether `name` is an analyzer that is known elsewhere and not built here.
pub(super) fn is_later(name: &str) -> bool {
    LATER.contains(&name)
}

/// The analyzer of type `type_name` with `settings`, out of `parts` where it is put together.
///
/// # Errors
/// A type, or a setting of it, that is not known here.
pub(super) fn parse(
    type_name: &str,
    settings: &PartSettings<'_>,
    parts: &Parts,
) -> Result<Analyzer, Exception> {
    if let Some(language) = language::parse(type_name, settings, parts) {
        return language;
    }
    if is_later(type_name) {
        return Err(Exception::not_implemented(&format!("the analyzer {type_name}")));
    }
    if type_name == KUROMOJI {
        return kuromoji::parse(settings, parts);
    }
    match ANALYZERS.iter().find(|(known, _)| *known == type_name) {
        Some((_, parse)) => parse(settings, parts),
        None => Err(Exception::illegal_argument(format!(
            "Unknown analyzer type [{type_name}] for [{}]",
            settings.name()
        ))),
    }
}
