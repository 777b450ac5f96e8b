//! The fields that one reader sees of an index's documents.

use bytes::Bytes;
use serde_json::Value;

use crate::search::source::{SourceFilter, covers};

/// The fields that documents have, for one who may not see the others.
#[derive(Clone, Debug)]
pub(crate) struct VisibleFields {
    shown: SourceFilter,
}

impl VisibleFields {
    /// Those of `patterns`: paths with `*`.
    #[cfg(test)]
    pub(crate) fn new(patterns: &[&str]) -> VisibleFields {
        let includes = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        VisibleFields { shown: SourceFilter { includes, ..SourceFilter::default() } }
    }

    /// Whether the field at `path` is one of them, or lies inside one.
    pub(crate) fn shows(&self, path: &str) -> bool {
        self.shown.includes.iter().any(|pattern| covers(pattern, path))
    }

    /// What they leave of a stored document; nothing of one that cannot be read.
    pub(crate) fn source(&self, stored: &[u8]) -> Bytes {
        // No pattern means everything to a source filter, and nothing here.
        if self.shown.includes.is_empty() {
            return Bytes::from_static(b"{}");
        }
        match serde_json::from_slice::<Value>(stored) {
            Ok(source) => self.shown.apply(&source).to_string().into(),
            Err(_) => Bytes::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_shows_with_all_that_is_inside_it() {
        let fields = VisibleFields::new(&["name", "address.*", "title"]);
        for (path, shown) in [
            ("name", true),
            ("title.raw", true),
            ("address.city", true),
            ("names", false),
            ("salary", false),
        ] {
            assert_eq!(fields.shows(path), shown, "{path}");
        }
    }

    #[test]
    fn a_document_is_cut_to_the_fields_that_show() {
        let fields = VisibleFields::new(&["name"]);
        assert_eq!(&fields.source(br#"{"name":"ann","salary":7}"#)[..], br#"{"name":"ann"}"#);
        assert!(fields.source(b"{").is_empty());
    }

    #[test]
    fn no_pattern_shows_nothing() {
        let fields = VisibleFields::new(&[]);
        assert!(!fields.shows("name"));
        assert_eq!(&fields.source(br#"{"name":"ann"}"#)[..], b"{}");
    }
}
