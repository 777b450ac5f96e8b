//! `_source` of a mapping: whether documents show what they were, and which parts. Source: Elasticsearch 7.10, "`_source`
//! field", and `SourceFieldMapper` for the texts.
//!
//! The index keeps documents whole whatever this says: stored fields, recovery and changes of the mapping read them. What
//! it hides is hidden from everything that shows a document or makes another of it.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::exception::Exception;
use crate::search::SourceFilter;
use crate::value::java::java;
use crate::value::scalar::{self, plain};

/// What the mapping says of `_source`.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceField {
    /// Whether documents show it at all.
    pub enabled: bool,
    /// Which parts.
    pub filter: SourceFilter,
}

impl Default for SourceField {
    fn default() -> SourceField {
        SourceField { enabled: true, filter: SourceFilter::default() }
    }
}

impl SourceField {
    /// Reads the value of `_source`.
    ///
    /// # Errors
    /// `mapper_parsing_exception` for an unknown key, `illegal_argument_exception` for a value of the wrong type.
    pub(super) fn parse(value: &Value) -> Result<SourceField, Exception> {
        let Value::Object(keys) = value else {
            return Err(Exception::illegal_argument(
                "[_parent] must be an object containing [type]",
            ));
        };
        let mut field = SourceField::default();
        for (key, value) in keys {
            match key.as_str() {
                "enabled" => {
                    field.enabled = scalar::boolean(value).ok_or_else(|| {
                        Exception::illegal_argument(scalar::not_a_boolean(plain(value)))
                    })?;
                }
                "includes" => field.filter.includes = scalar::list(value),
                "excludes" => field.filter.excludes = scalar::list(value),
                // OpenSearch's, about recovery between nodes, of which there is one here.
                "recovery_source_enabled"
                | "recovery_source_includes"
                | "recovery_source_excludes" => {}
                _ => {
                    return Err(Exception::mapper_parsing(format!(
                        "unknown parameter [{key}] on mapper [_source] of type [null]"
                    )));
                }
            }
        }
        Ok(field)
    }

    /// As Elasticsearch prints it; `None` where it is as without it.
    pub(super) fn to_json(&self) -> Option<Value> {
        let mut out = Map::new();
        if !self.enabled {
            out.insert("enabled".into(), false.into());
        }
        for (name, paths) in
            [("includes", &self.filter.includes), ("excludes", &self.filter.excludes)]
        {
            if !paths.is_empty() {
                out.insert(name.into(), paths.clone().into());
            }
        }
        (!out.is_empty()).then_some(Value::Object(out))
    }

    /// Refuses what an addition to the mapping would change.
    ///
    /// # Errors
    /// `illegal_argument_exception`: none of it can be changed.
    pub(super) fn check_change(&self, new: &SourceField) -> Result<(), Exception> {
        let list = |paths: &[String]| java(&paths.to_vec().into());
        let mut conflicts = String::new();
        let mut compare = |name: &str, was: String, is: String| {
            if was != is {
                conflicts.push_str(&format!(
                    "\n\tCannot update parameter [{name}] from [{was}] to [{is}]"
                ));
            }
        };
        compare("enabled", self.enabled.to_string(), new.enabled.to_string());
        compare("includes", list(&self.filter.includes), list(&new.filter.includes));
        compare("excludes", list(&self.filter.excludes), list(&new.filter.excludes));
        if conflicts.is_empty() {
            return Ok(());
        }
        Err(Exception::illegal_argument(format!(
            "Mapper for [_source] conflicts with existing mapper:{conflicts}"
        )))
    }

    /// What of a kept document shows; empty: nothing.
    pub(crate) fn shown(&self, source: &Bytes) -> Bytes {
        if !self.enabled {
            return Bytes::new();
        }
        if self.filter.is_everything() {
            return source.clone();
        }
        match serde_json::from_slice::<Value>(source) {
            Ok(value) => self.filter.apply(&value).to_string().into(),
            // What cannot be read is not shown.
            Err(_) => Bytes::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_excluded_does_not_show() {
        let source = Bytes::from(r#"{"a":1,"o":{"b":1,"c":2}}"#);
        let shown = |value: Value| SourceField::parse(&value).unwrap().shown(&source);
        assert_eq!(shown(json!({})), source);
        assert_eq!(&shown(json!({"enabled": false}))[..], b"");
        let filter = json!({"includes": ["o.*"], "excludes": ["o.c"]});
        assert_eq!(&shown(filter)[..], br#"{"o":{"b":1}}"#);
    }

    #[test]
    fn it_cannot_be_changed() {
        let field = SourceField::default();
        let other = SourceField { enabled: false, ..SourceField::default() };
        let refusal = field.check_change(&other).unwrap_err();
        assert_eq!(
            refusal.reason(),
            "Mapper for [_source] conflicts with existing mapper:\n\tCannot update parameter [enabled] from [true] to [false]"
        );
        field.check_change(&SourceField::default()).unwrap();
    }
}
