//! The settings of one part of `settings.analysis`: an analyzer, a tokenizer, a filter. What nobody knows is refused by
//! name.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::kuromoji::{JapaneseDictionary, Lexicon};
use crate::exception::Exception;
use crate::java_regex::JavaRegex;
use crate::value::scalar::{self, plain};

/// The settings of one part, or none where its type is used by its own name.
pub(super) struct PartSettings<'a> {
    name: &'a str,
    settings: Option<&'a Map<String, Value>>,
    japanese: Option<&'a JapaneseDictionary>,
}

impl<'a> PartSettings<'a> {
    /// Those of the part called `name`.
    pub(super) fn new(name: &'a str, settings: &'a Map<String, Value>) -> PartSettings<'a> {
        PartSettings { name, settings: Some(settings), japanese: None }
    }

    /// None at all: the part is used by the name of its type.
    pub(super) fn bare(name: &'a str) -> PartSettings<'a> {
        PartSettings { name, settings: None, japanese: None }
    }

    /// These, for a part that may need the operator's dictionary.
    pub(super) fn with_japanese(
        self,
        japanese: Option<&'a Arc<JapaneseDictionary>>,
    ) -> PartSettings<'a> {
        PartSettings { japanese: japanese.map(|japanese| &**japanese), ..self }
    }

    /// The operator's dictionary of Japanese.
    ///
    /// # Errors
    /// 501 where there is none, or it cannot be read.
    pub(super) fn japanese(&self) -> Result<Arc<Lexicon>, Exception> {
        let Some(japanese) = self.japanese else {
            return Err(Exception::not_implemented(&format!(
                "kuromoji in [{}] without a dictionary of Japanese: engine.japanese_dictionary names no folder of MeCab's IPADIC, such as that \
                 of Debian's package mecab-ipadic-utf8",
                self.name
            )));
        };
        japanese.lexicon().map_err(|what| {
            Exception::not_implemented(&format!(
                "kuromoji in [{}] by a dictionary of Japanese that cannot be read: {what}",
                self.name
            ))
        })
    }

    /// Whether the part is used by the name of its type.
    pub(super) fn is_bare(&self) -> bool {
        self.settings.is_none()
    }

    /// What the part is called.
    pub(super) fn name(&self) -> &'a str {
        self.name
    }

    /// Refuses every setting that is not in `keys`.
    pub(super) fn only(&self, keys: &[&str]) -> Result<(), Exception> {
        let is_known = |key: &str| matches!(key, "type" | "version") || keys.contains(&key);
        match self.settings.into_iter().flat_map(Map::keys).find(|key| !is_known(key)) {
            Some(key) => Err(self.refuse(format!("does not support the setting [{key}] here"))),
            None => Ok(()),
        }
    }

    /// The refusal of this part: its name, then `what`.
    pub(super) fn refuse(&self, what: impl std::fmt::Display) -> Exception {
        Exception::illegal_argument(format!("[{}] {what}", self.name))
    }

    /// The raw value of `key`.
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.settings.and_then(|settings| settings.get(key))
    }

    /// A string.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Value::as_str)
    }

    /// A whole number; settings are strings as often as numbers.
    pub(super) fn count(&self, key: &str, default: usize) -> Result<usize, Exception> {
        let Some(value) = self.get(key) else { return Ok(default) };
        scalar::count(value).ok_or_else(|| {
            Exception::illegal_argument(format!("Failed to parse value for setting [{key}]"))
        })
    }

    /// A whole number, which may be less than 0.
    pub(super) fn number(&self, key: &str, default: i32) -> Result<i32, Exception> {
        let Some(value) = self.get(key) else { return Ok(default) };
        plain(value).parse().map_err(|_| {
            Exception::illegal_argument(format!(
                "Failed to parse value [{}] for setting [{key}]",
                plain(value)
            ))
        })
    }

    /// A boolean, also as a string.
    pub(super) fn flag(&self, key: &str, default: bool) -> Result<bool, Exception> {
        let Some(value) = self.get(key) else { return Ok(default) };
        scalar::boolean(value)
            .ok_or_else(|| Exception::illegal_argument(scalar::not_a_boolean(value)))
    }

    /// A list of strings, also as one string with commas.
    pub(super) fn list(&self, key: &str) -> Result<Option<Vec<String>>, Exception> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => {
                Ok(Some(text.split(',').map(|part| part.trim().to_owned()).collect()))
            }
            Some(Value::Array(values)) => {
                let text = |value: &Value| match value {
                    Value::Array(_) | Value::Object(_) => Err(Exception::illegal_argument(
                        format!("[{key}] must be a list of strings"),
                    )),
                    scalar => Ok(plain(scalar)),
                };
                let values = values.iter().filter(|value| !value.is_null());
                values.map(text).collect::<Result<_, _>>().map(Some)
            }
            Some(_) => {
                Err(Exception::illegal_argument(format!("[{key}] must be a list of strings")))
            }
        }
    }

    /// A list of strings, each as it is.
    pub(super) fn list_as_is(&self, key: &str) -> Result<Option<Vec<String>>, Exception> {
        match self.get(key) {
            Some(Value::String(text)) => Ok(Some(text.split(',').map(str::to_owned).collect())),
            _ => self.list(key),
        }
    }

    /// `pattern` with its `flags`.
    pub(super) fn pattern(&self, default: &str) -> Result<JavaRegex, Exception> {
        let pattern = self.text("pattern").unwrap_or(default);
        JavaRegex::new(pattern, self.text("flags").unwrap_or_default())
    }

    /// `min_gram` and `max_gram`.
    pub(super) fn grams(&self) -> Result<(usize, usize), Exception> {
        let (min, max) = (self.count("min_gram", 1)?, self.count("max_gram", 2)?);
        if min == 0 {
            return Err(Exception::illegal_argument("minGram must be greater than zero"));
        }
        if min > max {
            return Err(Exception::illegal_argument("minGram must not be greater than maxGram"));
        }
        if max > 256 {
            return Err(self.refuse(format!("must have max_gram <= 256, and has [{max}]")));
        }
        Ok((min, max))
    }

    /// A word that must be there: `missing` is the refusal of a part without `key`.
    pub(super) fn required(&self, key: &str, missing: &str) -> Result<&'a str, Exception> {
        self.text(key).ok_or_else(|| Exception::illegal_argument(missing))
    }

    /// The words under `key`. Lists of words in files (`KEY_path`) are not here.
    pub(super) fn words(&self, key: &str) -> Result<Option<Vec<String>>, Exception> {
        let path = format!("{key}_path");
        match self.get(&path) {
            Some(_) => Err(Exception::not_implemented(&format!("{path}, a file of words"))),
            None => self.list(key),
        }
    }
}
