//! The fields that one reader sees of an index's documents.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::document_rule::FieldObserver;
use crate::value_mask::ValueMask;

/// The fields that documents have, for one who may not see the others.
#[derive(Debug)]
pub(crate) struct VisibleFields {
    shown: Shows,
    masks: Masks,
    observer: FieldObserver,
}

/// What is seen of the values of a field that is not seen itself.
#[derive(Default)]
struct Masks(Option<MaskOf>);

type MaskOf = Box<dyn Fn(&str) -> Option<Arc<ValueMask>> + Send + Sync>;

enum Shows {
    /// Those that a rule says yes to, with what it said.
    By(PathTest, Mutex<HashMap<String, bool>>),
    /// Those of patterns.
    #[cfg(test)]
    Of(crate::search::source::SourceFilter),
}

type PathTest = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// Most paths of which an answer is remembered.
const PATHS_MAX: usize = 10_000;

impl std::fmt::Debug for Shows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shows")
    }
}

impl std::fmt::Debug for Masks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Masks")
    }
}

impl VisibleFields {
    /// Those of `patterns`: paths with `*`.
    #[cfg(test)]
    pub(crate) fn new(patterns: &[&str]) -> VisibleFields {
        let includes = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        let filter = crate::search::source::SourceFilter { includes, ..Default::default() };
        let (masks, observer) = (Masks::default(), FieldObserver::default());
        VisibleFields { shown: Shows::Of(filter), masks, observer }
    }

    /// Those at whose path `shows` says yes.
    pub(crate) fn by(shows: impl Fn(&str) -> bool + Send + Sync + 'static) -> VisibleFields {
        let shown = Shows::By(Box::new(shows), Mutex::default());
        VisibleFields { shown, masks: Masks::default(), observer: FieldObserver::default() }
    }

    /// These, of which `observer` is told what is read.
    pub(crate) fn observed(self, observer: FieldObserver) -> VisibleFields {
        VisibleFields { observer, ..self }
    }

    /// Who is told of what is read.
    pub(crate) fn observer(&self) -> &FieldObserver {
        &self.observer
    }

    /// These, and in documents other values of the fields that `mask` has one for.
    pub(crate) fn masked(
        self,
        mask: impl Fn(&str) -> Option<Arc<ValueMask>> + Send + Sync + 'static,
    ) -> VisibleFields {
        VisibleFields { masks: Masks(Some(Box::new(mask))), ..self }
    }

    /// Whether the field at `path` is one of them. What lies inside one has a path of its own.
    pub(crate) fn shows(&self, path: &str) -> bool {
        match &self.shown {
            Shows::By(shows, known) => {
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(answer) = known.get(path) {
                    return *answer;
                }
                let answer = shows(path);
                if known.len() < PATHS_MAX {
                    known.insert(path.to_owned(), answer);
                }
                answer
            }
            #[cfg(test)]
            Shows::Of(filter) => {
                let covers = crate::search::source::covers;
                filter.includes.iter().any(|pattern| covers(pattern, path))
            }
        }
    }

    /// What they leave of a stored document; nothing of one that cannot be read.
    pub(crate) fn source(&self, stored: &[u8]) -> Bytes {
        match serde_json::from_slice::<Value>(stored) {
            Ok(Value::Object(source)) => Value::Object(self.object(source, "")).to_string().into(),
            _ => Bytes::new(),
        }
    }

    /// Tells who observes of the fields of what was read of a document.
    pub(crate) fn tell_of(&self, read: &[u8]) {
        if self.observer.is_told()
            && let Ok(value) = serde_json::from_slice(read)
        {
            self.tell_of_value(&value, "");
        }
    }

    fn tell_of_value(&self, value: &Value, path: &str) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    match path {
                        "" => self.tell_of_value(value, key),
                        path => self.tell_of_value(value, &format!("{path}.{key}")),
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| self.tell_of_value(value, path)),
            _ => self.observer.touched(path),
        }
    }

    /// What shows of a mapping: its fields, and no rule that would tell of others.
    pub(crate) fn mapping(&self, mapping: &Value) -> Value {
        let mut shown = Map::new();
        if let Some(properties) = mapping.get("properties") {
            shown.insert("properties".to_owned(), self.properties(properties, ""));
        }
        for kept in ["dynamic", "date_detection", "numeric_detection"] {
            shown.extend(mapping.get(kept).map(|value| (kept.to_owned(), value.clone())));
        }
        Value::Object(shown)
    }

    /// Those of a mapping's fields that show. A mapping is at most `MAPPING_DEPTH_MAX` deep.
    fn properties(&self, fields: &Value, prefix: &str) -> Value {
        let mut shown = Map::new();
        for (name, field) in fields.as_object().into_iter().flatten() {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            let mut field = field.clone();
            let mut holds = self.shows(&path);
            for group in ["properties", "fields"] {
                let Some(inside) = field.get(group) else { continue };
                let inside = self.properties(inside, &path);
                // An object is there with what shows of it; a multi-field is nothing without its field.
                holds |=
                    group == "properties" && inside.as_object().is_some_and(|it| !it.is_empty());
                if let Some(field) = field.as_object_mut() {
                    field.insert(group.to_owned(), inside);
                }
            }
            if let Some(field) = field.as_object_mut() {
                // Names of fields.
                field.remove("copy_to");
                let hidden =
                    field.get("path").and_then(Value::as_str).is_some_and(|to| !self.shows(to));
                holds &= !hidden;
            }
            if holds {
                shown.insert(name.clone(), field);
            }
        }
        Value::Object(shown)
    }

    /// The parts of an object of a document that show. Documents are at most `DOCUMENT_DEPTH_MAX` deep.
    fn object(&self, object: Map<String, Value>, prefix: &str) -> Map<String, Value> {
        let shown = object.into_iter().filter_map(|(key, value)| {
            let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            Some((key, self.value(value, &path)?))
        });
        shown.collect()
    }

    fn value(&self, value: Value, path: &str) -> Option<Value> {
        match value {
            Value::Object(object) => {
                let inner = self.object(object, path);
                (!inner.is_empty() || self.shows(path)).then_some(Value::Object(inner))
            }
            Value::Array(values) => {
                let inner: Vec<Value> =
                    values.into_iter().filter_map(|value| self.value(value, path)).collect();
                (!inner.is_empty() || self.shows(path)).then_some(Value::Array(inner))
            }
            scalar if self.shows(path) => Some(scalar),
            scalar => {
                let mask = self.masks.0.as_ref().and_then(|mask| mask(path))?;
                Some(match scalar {
                    Value::Null => Value::Null,
                    Value::String(text) => Value::String(mask.mask(&text)),
                    other => Value::String(mask.mask(&other.to_string())),
                })
            }
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
