//! The settings of one part of `settings.analysis`: an analyzer, a tokenizer, a filter. What nobody knows is refused by
//! name.

use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use super::AnalysisError;
use crate::value::scalar;

/// The settings of one part, or none where its type is used by its own name.
pub(super) struct PartSettings<'a> {
    name: &'a str,
    settings: &'a Map<String, Value>,
}

impl<'a> PartSettings<'a> {
    /// Those of the part called `name`.
    pub(super) fn new(name: &'a str, settings: &'a Map<String, Value>) -> PartSettings<'a> {
        PartSettings { name, settings }
    }

    /// What the part is called.
    pub(super) fn name(&self) -> &'a str {
        self.name
    }

    /// Refuses every setting that is not in `keys`.
    pub(super) fn only(&self, keys: &[&str]) -> Result<(), AnalysisError> {
        let is_known = |key: &str| matches!(key, "type" | "version") || keys.contains(&key);
        match self.settings.keys().find(|key| !is_known(key)) {
            Some(key) => Err(self.refuse(format!("does not support the setting [{key}] here"))),
            None => Ok(()),
        }
    }

    /// The refusal of this part: its name, then `what`.
    pub(super) fn refuse(&self, what: impl std::fmt::Display) -> AnalysisError {
        AnalysisError(format!("[{}] {what}", self.name))
    }

    /// The raw value of `key`.
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.settings.get(key)
    }

    /// A string.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Value::as_str)
    }

    /// A whole number; settings are strings as often as numbers.
    pub(super) fn count(&self, key: &str, default: usize) -> Result<usize, AnalysisError> {
        let Some(value) = self.get(key) else { return Ok(default) };
        scalar::count(value)
            .ok_or_else(|| AnalysisError(format!("Failed to parse value for setting [{key}]")))
    }

    /// A boolean, also as a string.
    pub(super) fn flag(&self, key: &str, default: bool) -> Result<bool, AnalysisError> {
        let Some(value) = self.get(key) else { return Ok(default) };
        scalar::boolean(value).ok_or_else(|| AnalysisError(scalar::not_a_boolean(value)))
    }

    /// A list of strings, also as one string with commas.
    pub(super) fn list(&self, key: &str) -> Result<Option<Vec<String>>, AnalysisError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => {
                Ok(Some(text.split(',').map(|part| part.trim().to_owned()).collect()))
            }
            Some(Value::Array(values)) => {
                Ok(Some(values.iter().filter_map(Value::as_str).map(str::to_owned).collect()))
            }
            Some(_) => Err(AnalysisError(format!("[{key}] must be a list of strings"))),
        }
    }

    /// `pattern` with its `flags`.
    pub(super) fn pattern(&self, default: &str) -> Result<Regex, AnalysisError> {
        let pattern = self.text("pattern").unwrap_or(default);
        let mut builder = RegexBuilder::new(pattern);
        let flags = self.text("flags").unwrap_or_default().split('|');
        for flag in flags.filter(|flag| !flag.is_empty()) {
            match flag {
                "CASE_INSENSITIVE" => builder.case_insensitive(true),
                "MULTILINE" => builder.multi_line(true),
                "DOTALL" => builder.dot_matches_new_line(true),
                "COMMENTS" => builder.ignore_whitespace(true),
                _ => return Err(AnalysisError(format!("Unknown regex flag [{flag}]"))),
            };
        }
        builder.size_limit(1 << 20).build().map_err(|error| {
            AnalysisError(format!("the pattern [{pattern}] cannot be used here: {error}"))
        })
    }

    /// `min_gram` and `max_gram`.
    pub(super) fn grams(&self) -> Result<(usize, usize), AnalysisError> {
        let (min, max) = (self.count("min_gram", 1)?, self.count("max_gram", 2)?);
        if min == 0 || min > max || max > 256 {
            return Err(self.refuse(format!(
                "must have 0 < min_gram <= max_gram <= 256, and has [{min}] and [{max}]"
            )));
        }
        Ok((min, max))
    }
}
