//! `include` and `exclude`: which keys make buckets.

use std::collections::HashSet;

use serde_json::Value;

use super::keys::{KeyType, Keys};
use crate::dsl::options::Options;
use crate::dsl::regexp;
use crate::exception::{Exception, ExceptionKind};
use crate::lucene_regexp::LuceneRegexp;
use crate::murmur3::hash32;
use crate::value::scalar;

/// Which keys count.
#[derive(Clone, Debug)]
enum ChosenKeys {
    Matching(LuceneRegexp),
    Listed(Vec<Value>),
    /// Every so many-th of them, by their hashes.
    Part {
        part: u64,
        parts: u64,
    },
}

/// Both options of an aggregation.
#[derive(Clone, Debug, Default)]
pub(crate) struct IncludeExclude {
    include: Option<ChosenKeys>,
    exclude: Option<ChosenKeys>,
}

impl IncludeExclude {
    /// Reads both.
    ///
    /// # Errors
    /// Elasticsearch's words for what is neither an expression, nor a list, nor a part.
    pub(crate) fn read(options: &Options<'_>) -> Result<IncludeExclude, Exception> {
        let one = |key: &str| -> Result<Option<ChosenKeys>, Exception> {
            let Some(value) = options.get(key) else { return Ok(None) };
            chosen(key, value).map(Some).map_err(|cause| options.failed(key, cause))
        };
        let read = IncludeExclude { include: one("include")?, exclude: one("exclude")? };
        let mixed = match (&read.include, &read.exclude) {
            (Some(ChosenKeys::Matching(_)), Some(ChosenKeys::Listed(_))) => {
                Some("Cannot mix a regex-based include with a set-based method")
            }
            (Some(ChosenKeys::Listed(_)), Some(ChosenKeys::Matching(_))) => {
                Some("Cannot mix a set-based include with a regex-based method")
            }
            _ => None,
        };
        if let Some(words) = mixed {
            return Err(options.failed("exclude", Exception::illegal_argument(words)));
        }
        let is_part = |choice: &Option<ChosenKeys>| matches!(choice, Some(ChosenKeys::Part { .. }));
        if is_part(&read.include) && read.exclude.is_some() {
            return Err(Exception::illegal_argument(
                "Cannot specify any excludes when using a partition-based include",
            ));
        }
        Ok(read)
    }

    /// Whether every key counts.
    pub(crate) fn is_everything(&self) -> bool {
        self.include.is_none() && self.exclude.is_none()
    }

    /// Whether a text counts, where keys are known to be texts.
    pub(crate) fn holds_text(&self, text: &str) -> bool {
        let one = |choice: &Option<ChosenKeys>, without: bool| match choice {
            None => without,
            Some(ChosenKeys::Listed(values)) => {
                values.iter().any(|value| scalar::plain(value) == text)
            }
            Some(ChosenKeys::Matching(expression)) => expression.is_match(text),
            Some(ChosenKeys::Part { part, parts }) => {
                let hash = i64::from(hash32(text.as_bytes(), 31));
                hash.rem_euclid(i64::try_from(*parts).unwrap_or(i64::MAX)) as u64 == *part
            }
        };
        one(&self.include, true) && !one(&self.exclude, false)
    }

    /// What decides, for the keys of the open index.
    ///
    /// # Errors
    /// `fault` for an expression over keys that are no texts; a listed value that does not fit the field.
    pub(crate) fn decide(
        &self,
        name: &str,
        keys: &mut Keys,
        fault: ExceptionKind,
    ) -> Result<DecidedKeys, Exception> {
        let mut listed = |choice: &Option<ChosenKeys>| -> Result<Option<HashSet<u128>>, Exception> {
            match choice {
                Some(ChosenKeys::Matching(_)) if !keys.are_texts() => {
                    let instead = match keys.kind() {
                        Some(KeyType::Address) => "values for include/exclude clauses",
                        _ => {
                            "numeric values for include/exclude clauses used to filter numeric fields"
                        }
                    };
                    Err(Exception::new(
                        fault,
                        format!(
                            "Aggregation [{name}] cannot support regular expression style include/exclude settings \
                             as they can only be applied to string fields. Use an array of {instead}"
                        ),
                    ))
                }
                Some(ChosenKeys::Listed(values)) => values
                    .iter()
                    .map(|value| keys.code_of(value))
                    .collect::<Result<_, _>>()
                    .map(Some),
                _ => Ok(None),
            }
        };
        Ok(DecidedKeys {
            choice: self.clone(),
            included: listed(&self.include)?,
            excluded: listed(&self.exclude)?,
        })
    }
}

/// The choice with the codes of what is listed.
#[derive(Clone, Debug, Default)]
pub(crate) struct DecidedKeys {
    choice: IncludeExclude,
    included: Option<HashSet<u128>>,
    excluded: Option<HashSet<u128>>,
}

impl DecidedKeys {
    /// Whether every key counts.
    pub(crate) fn is_everything(&self) -> bool {
        self.choice.is_everything()
    }

    /// Whether `key` counts.
    pub(crate) fn holds(&self, key: u128, keys: &Keys) -> bool {
        let one = |choice: &Option<ChosenKeys>, listed: &Option<HashSet<u128>>, without: bool| {
            match choice {
                None => without,
                Some(ChosenKeys::Listed(_)) => listed.as_ref().is_some_and(|it| it.contains(&key)),
                Some(ChosenKeys::Matching(expression)) => expression.is_match(&keys.text(key)),
                Some(ChosenKeys::Part { part, parts }) => part_of(key, keys, *parts) == *part,
            }
        };
        one(&self.choice.include, &self.included, true)
            && !one(&self.choice.exclude, &self.excluded, false)
    }
}

fn chosen(key: &str, value: &Value) -> Result<ChosenKeys, Exception> {
    match value {
        Value::String(expression) => {
            regexp::compile(expression, false, regexp::REGEX_LENGTH_DEFAULT)
                .map(ChosenKeys::Matching)
        }
        Value::Array(values) => match values.iter().find(|value| scalar::text(value).is_none()) {
            Some(_) => Err(Exception::new(
                ExceptionKind::ElasticsearchParse,
                "Array elements in include/exclude clauses should be string values",
            )),
            None => Ok(ChosenKeys::Listed(values.clone())),
        },
        Value::Object(object) if key == "include" => {
            let number = |name: &str| object.get(name).and_then(Value::as_u64);
            if let Some(unknown) =
                object.keys().find(|key| !matches!(key.as_str(), "partition" | "num_partitions"))
            {
                return Err(Exception::new(
                    ExceptionKind::ElasticsearchParse,
                    format!("Unknown parameter in Include/Exclude clause: {unknown}"),
                ));
            }
            let Some(part) = number("partition") else {
                return Err(Exception::illegal_argument(
                    "Missing [partition] parameter for partition-based include",
                ));
            };
            let Some(parts) = number("num_partitions") else {
                return Err(Exception::illegal_argument(
                    "Missing [num_partitions] parameter for partition-based include",
                ));
            };
            if part >= parts {
                return Err(Exception::illegal_argument(
                    "Value of [partition] must be less than [num_partitions]",
                ));
            }
            Ok(ChosenKeys::Part { part, parts })
        }
        _ => Err(Exception::illegal_argument(format!("Unrecognized token for an {key}"))),
    }
}

/// Which of `parts` a key falls into.
fn part_of(key: u128, keys: &Keys, parts: u64) -> u64 {
    let hash = if keys.are_texts() {
        i64::from(hash32(keys.text(key).as_bytes(), 31))
    } else {
        mix(keys.number(key) as i64)
    };
    hash.rem_euclid(i64::try_from(parts).unwrap_or(i64::MAX)) as u64
}

/// `BitMixer.mix64` of the HPPC library.
fn mix(value: i64) -> i64 {
    let mut z = value as u64;
    z = (z ^ (z >> 32)).wrapping_mul(0x4cd6_944c_5cc2_0b6d);
    z = (z ^ (z >> 29)).wrapping_mul(0xfc12_c5b1_9d32_59e9);
    (z ^ (z >> 32)) as i64
}
