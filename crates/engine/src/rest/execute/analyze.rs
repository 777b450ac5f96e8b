//! `_analyze`: the tokens an analyzer makes of texts. Source: "Analyze API" of Elasticsearch 7.10.

use super::Task;
use crate::analysis::{Analyzer, Analyzers};
use crate::engine::Answer;
use crate::exception::Exception;
use crate::mapping::Mapping;
use serde_json::{Value, json};
use std::sync::Arc;

/// Most tokens of one answer unless `index.analyze.max_token_count` says otherwise.
const TOKENS_MAX: u64 = 10_000;

/// Bytes that the tokens of a byte of text take at most, where words have some six letters.
const TOKEN_BYTES: u64 = 16;

/// `GET /{index}/_analyze`.
pub(crate) fn analyze(task: &Task<'_>) -> Answer {
    let body = task.body();
    let known = ["analyzer", "text", "field", "tokenizer", "filter", "char_filter", "normalizer"];
    if body.get("explain") == Some(&Value::Bool(true))
        || body
            .get("attributes")
            .is_some_and(|list| list.as_array().is_none_or(|list| !list.is_empty()))
    {
        return Err(Exception::not_implemented("_analyze with explain"));
    }
    for key in body.as_object().into_iter().flat_map(|body| body.keys()) {
        if !known.contains(&key.as_str()) && !["explain", "attributes"].contains(&key.as_str()) {
            return Err(Exception::illegal_argument(format!(
                "Unknown parameter [{key}] in request body or parameter is of the wrong type[VALUE_STRING] "
            )));
        }
    }
    let texts: Vec<&str> = match body.get("text") {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => return Err(Exception::validation(&["text is missing"])),
    };
    let index = match task.parsed.route.part("index") {
        Some(_) => task.indices()?.into_iter().next(),
        None => None,
    };
    let mapping = index.as_ref().map(|index| Arc::clone(&index.mapping));
    let limit = index
        .map_or(TOKENS_MAX, |index| index.settings.count("analyze.max_token_count", TOKENS_MAX));
    let analyzer = choose(body, mapping.as_deref())?;
    let mut tokens = Vec::new();
    let (mut position, mut offset) = (0, 0);
    for text in texts {
        // Tokens are lists of texts: a multiple of what they are cut from.
        let _held = task.work.budget.take(text.len() as u64 * TOKEN_BYTES, "<analysis>")?;
        let found = analyzer.tokens_until(text, &task.work.cancel)?;
        let mut units = Utf16Offsets { text, bytes: 0, units: 0 };
        let mut last = 0;
        for token in &found {
            task.work.check()?;
            if tokens.len() as u64 == limit {
                return Err(Exception::illegal_argument(format!(
                    "The number of tokens produced by calling _analyze has exceeded the allowed maximum of [{limit}]. This limit can be set by changing the [index.analyze.max_token_count] index level setting."
                )));
            }
            last = token.position + 1;
            tokens.push(json!({
                "token": token.text,
                "start_offset": offset + units.at(token.start_offset),
                "end_offset": offset + units.at(token.end_offset),
                "type": token.kind,
                "position": position + token.position,
            }));
        }
        position += last + analyzer.position_increment_gap();
        offset += text.encode_utf16().count() + 1;
    }
    task.json(200, &json!({"tokens": tokens}))
}

/// Elasticsearch's offsets count UTF-16 units. Tokens come in order, so each place is counted from the one before.
struct Utf16Offsets<'t> {
    text: &'t str,
    bytes: usize,
    units: usize,
}

impl Utf16Offsets<'_> {
    /// The units before the byte `bytes`.
    fn at(&mut self, bytes: u32) -> usize {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX).min(self.text.len());
        let (from, to) = (self.bytes.min(bytes), self.bytes.max(bytes));
        let between = self.text.get(from..to).unwrap_or_default().encode_utf16().count();
        self.units = if bytes < self.bytes { self.units - between } else { self.units + between };
        self.bytes = bytes;
        self.units
    }
}

fn choose(body: &Value, mapping: Option<&Mapping>) -> Result<Arc<Analyzer>, Exception> {
    let built_in = Arc::<Analyzers>::default();
    let analyzers = mapping.map_or(&built_in, Mapping::analyzers);
    let unknown = |what: &str, name: &str| {
        Exception::illegal_argument(format!("failed to find global {what} [{name}]"))
    };
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    if let Some(name) = text("analyzer") {
        return analyzers.get(name).ok_or_else(|| unknown("analyzer", name));
    }
    if let Some(name) = text("normalizer") {
        return analyzers.normalizer(name).ok_or_else(|| unknown("normalizer", name));
    }
    if ["tokenizer", "filter", "char_filter"].iter().any(|key| body.get(key).is_some()) {
        let (filters, char_filters) = (listed(body, "filter")?, listed(body, "char_filter")?);
        let tokenizer = listed(body, "tokenizer")?.into_iter().next();
        return analyzers
            .custom(tokenizer, &filters, &char_filters)
            .map(Arc::new)
            .map_err(|error| Exception::illegal_argument(error.to_string()));
    }
    if let Some(field) = text("field") {
        let Some(mapping) = mapping else {
            return Err(Exception::illegal_argument(
                "analysis based on a specific field requires an index",
            ));
        };
        let leaf = mapping.leaf(field);
        let own = leaf.and_then(|leaf| leaf.analyzer.clone().or_else(|| leaf.normalizer.clone()));
        let kind = if leaf.is_some() { "keyword" } else { "standard" };
        return own.or_else(|| analyzers.get(kind)).ok_or_else(|| unknown("analyzer", kind));
    }
    let own = mapping.and_then(|_| analyzers.get("default"));
    own.or_else(|| analyzers.get("standard")).ok_or_else(|| unknown("analyzer", "standard"))
}

/// The names under `key`: text or a list of it. A filter defined on the spot is not built.
fn listed<'a>(body: &'a Value, key: &str) -> Result<Vec<&'a str>, Exception> {
    let inline = || Exception::not_implemented("_analyze with an inline definition");
    match body.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(name)) => Ok(vec![name]),
        Some(Value::Array(list)) => {
            list.iter().map(|name| name.as_str().ok_or_else(inline)).collect()
        }
        Some(_) => Err(inline()),
    }
}
