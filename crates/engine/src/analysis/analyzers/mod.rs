//! The analyzers that have a type of their own, and `custom` ones, which are put together.

mod custom;
mod english;
mod keyword;
mod pattern;
mod simple;
mod standard;
mod stop;
mod whitespace;

use super::part_settings::PartSettings;
use super::parts::Parts;
use super::{AnalysisError, Analyzer};

/// THE table of analyzers: type and what reads its settings. A new one is its file and its row here.
const ANALYZERS: &[(&str, ParseAnalyzer)] = &[
    (CUSTOM, custom::parse),
    ("default", standard::parse),
    ("english", english::parse),
    ("keyword", keyword::parse),
    ("pattern", pattern::parse),
    ("simple", simple::parse),
    ("standard", standard::parse),
    ("stop", stop::parse),
    ("whitespace", whitespace::parse),
];

/// The type that is put together of named parts, and the only one that cannot be used by its name alone.
pub(super) const CUSTOM: &str = "custom";

type ParseAnalyzer = fn(&PartSettings<'_>, &Parts) -> Result<Analyzer, AnalysisError>;

/// The types that every index has an analyzer of, called as the type.
pub(super) fn built_in() -> impl Iterator<Item = &'static str> {
    ANALYZERS.iter().map(|(type_name, _)| *type_name).filter(|type_name| *type_name != CUSTOM)
}

/// The analyzer of type `type_name` with `settings`, out of `parts` where it is put together.
///
/// # Errors
/// A type, or a setting of it, that is not known here.
pub(super) fn parse(
    type_name: &str,
    settings: &PartSettings<'_>,
    parts: &Parts,
) -> Result<Analyzer, AnalysisError> {
    match ANALYZERS.iter().find(|(known, _)| *known == type_name) {
        Some((_, parse)) => parse(settings, parts),
        None => Err(AnalysisError(format!(
            "Unknown analyzer type [{type_name}] for [{}]",
            settings.name()
        ))),
    }
}
