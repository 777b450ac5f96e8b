//! `dissect`: fields out of a text by the delimiters between them.
//!
//! Source: Elasticsearch 7.10 reference, "Dissect processor".

use std::collections::BTreeMap;

use super::Processor;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::run::{Failure, Outcome, Run};

#[derive(Debug)]
struct Dissect {
    field: String,
    ignore_missing: bool,
    pattern: DissectPattern,
    separator: String,
}

#[derive(Debug)]
struct DissectPattern {
    text: String,
    leading: String,
    keys: Vec<(DissectKey, String)>,
}

#[derive(Debug)]
struct DissectKey {
    name: String,
    what: What,
    /// Whether the delimiter behind it may come several times.
    padded: bool,
    order: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Field,
    Append,
    Skip,
    Name,
    ValueOf,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.text("field")?;
    let text = definition.text("pattern")?;
    let separator = definition.optional_text("append_separator")?.unwrap_or_default();
    let ignore_missing = definition.flag("ignore_missing", false)?;
    let pattern = DissectPattern::parse(&text).map_err(|why| {
        let reason = format!("Unable to parse pattern: {text} Reason: {why}");
        let project = match flavor {
            Flavor::Elasticsearch710 => "elasticsearch",
            Flavor::OpenSearch219 => "opensearch",
        };
        let outer = format!("org.{project}.dissect.DissectException$PatternParse: {reason}");
        Exception::new(ExceptionKind::Generic, outer)
            .caused_by(Exception::new(ExceptionKind::PatternParse, reason))
    })?;
    Ok(Box::new(Dissect { field, ignore_missing, pattern, separator }))
}

impl Processor for Dissect {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let found = document.text(&self.field, self.ignore_missing, "cannot process it.")?;
        let Some(text) = found else { return Ok(Outcome::Done) };
        let values = self.pattern.values(text).ok_or_else(|| {
            let pattern = &self.pattern.text;
            let reason = format!(
                "Unable to find match for dissect pattern: {pattern} against source: {text}"
            );
            Exception::new(ExceptionKind::FindMatch, reason)
        })?;
        for (name, value) in self.named(values) {
            document.set(&name, value.into())?;
        }
        Ok(Outcome::Done)
    }
}

impl Dissect {
    /// The values by name: pieces joined, references resolved.
    fn named(&self, values: Vec<(&DissectKey, String)>) -> Vec<(String, String)> {
        let appended =
            |name: &str| values.iter().any(|(key, _)| key.name == name && key.what == What::Append);
        let mut pieces: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
        let mut references: BTreeMap<&str, (Option<&str>, Option<&str>)> = BTreeMap::new();
        let mut named = Vec::new();
        for (key, value) in &values {
            match key.what {
                What::Skip => {}
                What::Name => references.entry(&key.name).or_default().0 = Some(value),
                What::ValueOf => references.entry(&key.name).or_default().1 = Some(value),
                What::Field if !appended(&key.name) => {
                    named.push((key.name.clone(), value.clone()));
                }
                What::Field | What::Append => {
                    pieces.entry(&key.name).or_default().push((key.order, value));
                }
            }
        }
        for (name, mut parts) in pieces {
            parts.sort_by_key(|(order, _)| *order);
            let parts: Vec<&str> = parts.into_iter().map(|(_, part)| part).collect();
            named.push((name.to_owned(), parts.join(&self.separator)));
        }
        for (name, value) in references.into_values() {
            if let (Some(name), Some(value)) = (name, value) {
                named.push((name.to_owned(), value.to_owned()));
            }
        }
        named
    }
}

impl DissectPattern {
    fn parse(text: &str) -> Result<DissectPattern, String> {
        let Some((leading, mut rest)) = text.split_once("%{") else {
            return Err("Unable to find any keys or delimiters.".to_owned());
        };
        let mut keys = Vec::new();
        loop {
            let Some((key, after)) = rest.split_once('}') else {
                return Err("Unable to find any keys or delimiters.".to_owned());
            };
            let (delimiter, next) = match after.split_once("%{") {
                Some((delimiter, next)) => (delimiter, Some(next)),
                None => (after, None),
            };
            keys.push((DissectKey::parse(key)?, delimiter.to_owned()));
            match next {
                Some(next) => rest = next,
                None => break,
            }
        }
        for (key, _) in &keys {
            let pair = match key.what {
                What::Name => What::ValueOf,
                What::ValueOf => What::Name,
                _ => continue,
            };
            if !keys.iter().any(|(other, _)| other.what == pair && other.name == key.name) {
                return Err(format!(
                    "Found invalid key/reference associations: '{}' Please ensure each '*<key>' is matched with a matching '&<key>",
                    key.name
                ));
            }
        }
        Ok(DissectPattern { text: text.to_owned(), leading: leading.to_owned(), keys })
    }

    /// What each key matches; `None` where the text is otherwise.
    fn values<'a>(&'a self, text: &str) -> Option<Vec<(&'a DissectKey, String)>> {
        let mut rest = text.strip_prefix(self.leading.as_str())?;
        let mut values = Vec::with_capacity(self.keys.len());
        for (position, (key, delimiter)) in self.keys.iter().enumerate() {
            let last = position + 1 == self.keys.len();
            let value = if delimiter.is_empty() {
                if !last {
                    return None;
                }
                std::mem::take(&mut rest)
            } else {
                let (value, after) = rest.split_once(delimiter.as_str())?;
                rest = after;
                while let Some(after) =
                    key.padded.then(|| rest.strip_prefix(delimiter.as_str())).flatten()
                {
                    rest = after;
                }
                value
            };
            values.push((key, value.to_owned()));
        }
        Some(values)
    }
}

impl DissectKey {
    fn parse(text: &str) -> Result<DissectKey, String> {
        let (text, padded) = match text.strip_suffix("->") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let what = match text.chars().next() {
            Some('+') => What::Append,
            Some('?') | None => What::Skip,
            Some('*') => What::Name,
            Some('&') => What::ValueOf,
            Some(_) => What::Field,
        };
        let name = text.get(usize::from(what != What::Field)..).unwrap_or_default();
        let (name, order) = match (what, name.rsplit_once('/')) {
            (What::Append, Some((name, order))) => (
                name,
                order
                    .parse()
                    .map_err(|_| format!("could not parse modifier of the key: '{text}'"))?,
            ),
            _ => (name, 0),
        };
        if name.is_empty() && what != What::Skip {
            return Err(format!("The key name '{text}' could not be parsed."));
        }
        Ok(DissectKey { name: name.to_owned(), what, padded, order })
    }
}
