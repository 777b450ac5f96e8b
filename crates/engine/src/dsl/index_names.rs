//! `_index` in queries: what an index may be called by. Source: `SearchIndexNameMatcher` of Elasticsearch 7.10.

use std::collections::BTreeMap;

use super::lower::{Lowered, Lowering, everything, nothing};
use crate::cluster::metadata::Alias;
use crate::exception::Exception;
use crate::name_pattern::matches;

/// What an index may be called by: its name, its aliases, the data stream that it is behind.
pub(super) struct IndexNames<'a> {
    own: &'a str,
    aliases: Option<&'a BTreeMap<String, Alias>>,
    stream: Option<&'a str>,
}

impl IndexNames<'_> {
    /// Whether one of them is called as `pattern` says, in which `*` stands for anything. A hidden alias is not found by a
    /// pattern, unless both begin with a dot.
    pub(super) fn matches(&self, pattern: &str) -> bool {
        let is_pattern = pattern.contains('*');
        let by_alias = |(name, alias): (&String, &Alias)| {
            let dotted = pattern.starts_with('.') && name.starts_with('.');
            let hidden = alias.is_hidden == Some(true) && is_pattern && !dotted;
            !hidden && matches(pattern, name)
        };
        pattern == "_all"
            || matches(pattern, self.own)
            || self.aliases.is_some_and(|aliases| aliases.iter().any(by_alias))
            || self.stream.is_some_and(|stream| matches(pattern, stream))
    }
}

/// A pattern of index names, which have no capital letters.
pub(super) fn cased(pattern: String, case_insensitive: bool) -> String {
    if case_insensitive { pattern.to_ascii_lowercase() } else { pattern }
}

impl Lowering<'_> {
    /// What the index may be called by.
    pub(super) fn index_names(&self) -> IndexNames<'_> {
        let metadata = &self.work.metadata;
        let aliases = metadata.index(self.index).map(|index| &index.aliases);
        let stream = metadata.data_stream_of(self.index).map(|stream| stream.name.as_str());
        IndexNames { own: self.index, aliases, stream }
    }

    /// Refuses a query of a kind that `_index` does not answer.
    pub(super) fn check_index_name(&self, field: &str, reason: &str) -> Result<(), Exception> {
        match field {
            "_index" => Err(self.failed(Exception::illegal_argument(reason))),
            _ => Ok(()),
        }
    }

    /// Every document of an index that is called as `pattern` says, and none of others.
    pub(super) fn index_named(&self, pattern: &str) -> Lowered {
        if self.index_names().matches(pattern) { everything() } else { nothing() }
    }
}
