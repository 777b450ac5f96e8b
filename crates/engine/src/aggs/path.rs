//! Paths to results of aggregations: `a>b.c`, `a>b[c]`, `a['key']>b`.
//!
//! Source: `AggregationPath` of Elasticsearch 7.10.

use crate::exception::{Exception, ExceptionKind};

/// One step of a path: the name of an aggregation, and a value or a key of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PathStep {
    pub(crate) name: String,
    pub(crate) key: Option<String>,
}

/// A path with how it was written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AggregationPath {
    pub(crate) text: String,
    pub(crate) steps: Vec<PathStep>,
}

impl AggregationPath {
    /// Reads a path.
    ///
    /// # Errors
    /// `aggregation_execution_exception` for a step that has no name or no key where one begins.
    pub(crate) fn parse(text: &str) -> Result<AggregationPath, Exception> {
        let parts: Vec<&str> = text.split('>').filter(|part| !part.is_empty()).collect();
        let mut steps = Vec::new();
        for (place, part) in parts.iter().enumerate() {
            let is_last = place + 1 == parts.len();
            let bad = || {
                Exception::new(
                    ExceptionKind::AggregationExecution,
                    format!("Invalid path element [{part}] in path [{text}]"),
                )
            };
            let step = |name: &str, key: &str| -> Result<PathStep, Exception> {
                if name.is_empty() || key.is_empty() {
                    return Err(bad());
                }
                Ok(PathStep { name: name.to_owned(), key: Some(key.to_owned()) })
            };
            steps.push(if let Some((name, key)) = part.rsplit_once('[') {
                step(name, key.strip_suffix(']').ok_or_else(bad)?)?
            } else if let Some((name, key)) = part.rsplit_once('.').filter(|_| is_last) {
                step(name, key)?
            } else {
                PathStep { name: (*part).to_owned(), key: None }
            });
        }
        Ok(AggregationPath { text: text.to_owned(), steps })
    }

    /// Names and keys in a row.
    pub(crate) fn words(&self) -> Vec<&str> {
        self.steps
            .iter()
            .flat_map(|step| [Some(step.name.as_str()), step.key.as_deref()])
            .flatten()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::AggregationPath;

    #[test]
    fn a_path_is_read_in_its_words() {
        for (path, words) in [
            ("a", vec!["a"]),
            ("a>b", vec!["a", "b"]),
            ("a>b.c", vec!["a", "b", "c"]),
            ("a>p[99.0]", vec!["a", "p", "99.0"]),
            ("a.b>c", vec!["a.b", "c"]),
            ("t['x']>c", vec!["t", "'x'", "c"]),
        ] {
            assert_eq!(AggregationPath::parse(path).unwrap().words(), words, "{path}");
        }
        for path in ["a[", "[a]", "a[]", ".a", "a."] {
            assert!(AggregationPath::parse(path).is_err(), "{path}");
        }
    }
}
