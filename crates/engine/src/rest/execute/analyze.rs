//! `_analyze`: the tokens an analyzer makes of texts. Source: "Analyze API" of Elasticsearch 7.10.

use super::Task;
use crate::analysis::{
    Analyzed, Analyzer, Analyzers, CustomAnalyzer, PartName, Token, differences,
};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::mapping::Mapping;
use crate::rest::json;
use crate::value::scalar;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Most tokens of one answer unless `index.analyze.max_token_count` says otherwise.
const TOKENS_MAX: u64 = 10_000;

/// Bytes that the tokens of a byte of text take at most, where words have some six letters.
const TOKEN_BYTES: u64 = 16;

/// `GET /{index}/_analyze`.
pub(crate) fn analyze(task: &Task<'_>) -> Answer {
    let body = task.engine.indices.analysis_files().read_into_request(task.body())?;
    let request = AnalyzeRequest::parse(&body)?;
    let index = match task.parsed.route.part("index") {
        Some(_) => task.indices()?.into_iter().next(),
        None => None,
    };
    request.check(index.is_some())?;
    let mapping = index.as_ref().map(|index| Arc::clone(&index.mapping));
    for part in ["tokenizer", "filter"] {
        let settings = index.as_ref().map(|index| &index.settings);
        let inline = match body.get(part) {
            Some(Value::Array(list)) => list.iter().collect(),
            one => Vec::from_iter(one),
        };
        for definition in inline {
            differences::check_part(part, definition, settings)?;
        }
    }
    let limit = index
        .map_or(TOKENS_MAX, |index| index.settings.count("analyze.max_token_count", TOKENS_MAX));
    let built_in = task.engine.indices.built_in_analyzers();
    let analyzers = mapping.as_deref().map_or(&built_in, Mapping::analyzers);
    let chosen = request.analyzer(mapping.as_deref(), analyzers)?;
    let mut shown = TokenDetail { task, request: &request, chosen: &chosen, limit };
    let answer = if request.explain {
        json!({"detail": shown.detail()?})
    } else {
        json!({"tokens": shown.tokens(&chosen.analyzer, false)?})
    };
    task.json(200, &answer)
}

/// The body of `_analyze`.
struct AnalyzeRequest<'a> {
    body: &'a Value,
    texts: Vec<String>,
    explain: bool,
    attributes: Vec<String>,
}

/// The keys of the body that are one name.
const NAMES: [&str; 3] = ["analyzer", "field", "normalizer"];

impl<'a> AnalyzeRequest<'a> {
    fn parse(body: &'a Value) -> Result<AnalyzeRequest<'a>, Exception> {
        let refused = |reason: String| {
            Exception::new(ExceptionKind::XContentParse, format!("[analyze_request] {reason}"))
        };
        let mut request =
            AnalyzeRequest { body, texts: Vec::new(), explain: false, attributes: Vec::new() };
        for (key, value) in body.as_object().into_iter().flatten() {
            let wrong = || {
                let token = json::token(value);
                refused(format!("{key} doesn't support values of type: {token}")).at(value)
            };
            match key.as_str() {
                "text" | "attributes" => {
                    let list = match value {
                        Value::String(text) => vec![text.clone()],
                        Value::Array(list) => list.iter().map(scalar::plain).collect(),
                        _ => return Err(wrong()),
                    };
                    if key == "text" { request.texts = list } else { request.attributes = list }
                }
                "explain" => {
                    request.explain = scalar::boolean(value).ok_or_else(|| {
                        let cause = scalar::not_a_boolean(value);
                        refused("failed to parse field [explain]".to_owned())
                            .at(value)
                            .caused_by(Exception::illegal_argument(cause))
                    })?;
                }
                "tokenizer" if value.is_string() || value.is_object() => {}
                "filter" | "char_filter" if value.is_array() || value.is_object() => {}
                "tokenizer" | "filter" | "char_filter" => return Err(wrong()),
                name if NAMES.contains(&name) && value.is_string() => {}
                name if NAMES.contains(&name) => return Err(wrong()),
                _ => return Err(refused(format!("unknown field [{key}]")).at_key(value)),
            }
        }
        Ok(request)
    }

    fn name(&self, key: &str) -> Option<&'a str> {
        self.body.get(key).and_then(Value::as_str)
    }

    /// The parts under `key`.
    fn parts(&self, key: &str) -> Result<Vec<PartName<'a>>, Exception> {
        let part = |value: &'a Value| match value {
            Value::String(name) => Ok(PartName::Named(name)),
            Value::Object(definition) => Ok(PartName::Inline(definition)),
            _ => {
                let reason = format!("[analyze_request] failed to parse field [{key}]");
                Err(Exception::new(ExceptionKind::XContentParse, reason))
            }
        };
        match self.body.get(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => list.iter().map(part).collect(),
            Some(one) => Ok(vec![part(one)?]),
        }
    }

    /// Whether a part is listed under one of `keys`.
    fn has(&self, keys: &[&str]) -> bool {
        let filled = |value: &Value| value.as_array().is_none_or(|list| !list.is_empty());
        keys.iter().any(|key| self.body.get(key).is_some_and(filled))
    }

    fn check(&self, on_index: bool) -> Result<(), Exception> {
        let mut faults = Vec::new();
        if self.texts.is_empty() {
            faults.push("text is missing");
        }
        let normalizer = self.name("normalizer").is_some();
        let analyzer = self.name("analyzer").is_some();
        if normalizer && !on_index {
            faults.push("index is required if normalizer is specified");
        }
        if normalizer && (analyzer || self.has(&["tokenizer"])) {
            faults.push("tokenizer/analyze should be null if normalizer is specified");
        }
        let extra = self.has(&["tokenizer", "filter", "char_filter"]);
        if analyzer && extra {
            faults.push("cannot define extra components on a named analyzer");
        }
        if normalizer && extra {
            faults.push("cannot define extra components on a named normalizer");
        }
        if faults.is_empty() { Ok(()) } else { Err(Exception::validation(&faults)) }
    }

    fn analyzer(
        &self,
        mapping: Option<&Mapping>,
        analyzers: &Analyzers,
    ) -> Result<ChosenAnalyzer, Exception> {
        let on_index = mapping.is_some();
        let missing = |what: &str, name: &str| {
            let whose = if on_index { "" } else { "global " };
            Exception::illegal_argument(format!("failed to find {whose}{what} [{name}]"))
        };
        let called = |name: &str, analyzer: Arc<Analyzer>| ChosenAnalyzer {
            name: name.to_owned(),
            // Without an index nobody has said how far texts are apart.
            gap: if on_index { analyzer.position_increment_gap() } else { 0 },
            analyzer,
        };
        if let Some(name) = self.name("analyzer") {
            let analyzer = analyzers.named(name)?.ok_or_else(|| missing("analyzer", name))?;
            return Ok(called(name, analyzer));
        }
        if let Some(name) = self.name("normalizer") {
            let found = analyzers.normalizer(name);
            let missing = || missing("normalizer under", name);
            return Ok(called(name, found.ok_or_else(missing)?));
        }
        if self.has(&["tokenizer", "filter", "char_filter"]) {
            let wanted = CustomAnalyzer {
                tokenizer: self.parts("tokenizer")?.into_iter().next(),
                filters: self.parts("filter")?,
                char_filters: self.parts("char_filter")?,
            };
            let analyzer = Arc::new(analyzers.custom(&wanted, on_index)?);
            let gap = analyzer.position_increment_gap();
            return Ok(ChosenAnalyzer { name: String::new(), gap, analyzer });
        }
        let leaf = match (self.name("field"), mapping) {
            (Some(_), None) => {
                return Err(Exception::illegal_argument(
                    "analysis based on a specific field requires an index",
                ));
            }
            (Some(field), Some(mapping)) => mapping.leaf(field),
            _ => None,
        };
        if let Some(leaf) = leaf {
            if !leaf.kind.has_words() {
                return Err(Exception::illegal_argument(format!(
                    "Can't process field [{}], Analysis requests are only supported on tokenized fields",
                    leaf.path
                )));
            }
            let own =
                leaf.analyzers.documents.clone().or_else(|| leaf.analyzers.normalizer.clone());
            let Some(own) = own.or_else(|| analyzers.get("keyword")) else {
                return Err(missing("analyzer", "keyword"));
            };
            return Ok(called(leaf.kind.analyzer_name(), own));
        }
        let own = mapping.and_then(|_| analyzers.get("default"));
        let own = own.or_else(|| analyzers.get("standard"));
        let analyzer = own.ok_or_else(|| missing("analyzer", "standard"))?;
        let gap = if on_index { analyzer.position_increment_gap() } else { 0 };
        Ok(ChosenAnalyzer {
            name: if on_index { "default" } else { "standard" }.to_owned(),
            gap,
            analyzer,
        })
    }
}

/// The analyzer that is asked for.
struct ChosenAnalyzer {
    name: String,
    /// Positions between two texts.
    gap: u32,
    analyzer: Arc<Analyzer>,
}

/// What is shown of the texts.
struct TokenDetail<'a> {
    task: &'a Task<'a>,
    request: &'a AnalyzeRequest<'a>,
    chosen: &'a ChosenAnalyzer,
    limit: u64,
}

impl TokenDetail<'_> {
    /// The tokens of every text, with all attributes where these are asked for.
    fn tokens(&mut self, analyzer: &Analyzer, detailed: bool) -> Result<Vec<Value>, Exception> {
        let work = &self.task.work;
        let mut shown = Vec::new();
        let (mut position, mut offset) = (0_u32, 0);
        for text in &self.request.texts {
            // Tokens are lists of texts: a multiple of what they are cut from.
            let _held = work.budget.take(text.len() as u64 * TOKEN_BYTES, "<analysis>")?;
            let found = analyzer.analyzed(text, &work.cancel)?;
            let mut units = Utf16Offsets { text, bytes: 0, units: 0 };
            for token in &found.tokens {
                work.check()?;
                if shown.len() as u64 == self.limit {
                    let limit = self.limit;
                    return Err(Exception::illegal_argument(format!(
                        "The number of tokens produced by calling _analyze has exceeded the allowed maximum of [{limit}]. This limit can be set by changing the [index.analyze.max_token_count] index level setting."
                    )));
                }
                let places =
                    [offset + units.at(token.start_offset), offset + units.at(token.end_offset)];
                let position = position.saturating_add(token.position);
                shown.push(self.token(token, &found, places, position, detailed));
            }
            position = position.saturating_add(found.end).saturating_add(self.chosen.gap);
            offset += text.encode_utf16().count() + 1;
        }
        Ok(shown)
    }

    fn token(
        &self,
        token: &Token,
        of: &Analyzed,
        [start, end]: [usize; 2],
        position: u32,
        detailed: bool,
    ) -> Value {
        let mut shown = json!({
            "token": token.text,
            "start_offset": start,
            "end_offset": end,
            "type": token.kind,
            "position": position,
        });
        let Some(object) = shown.as_object_mut() else { return shown };
        if detailed {
            let hex = |bytes: &[u8]| {
                let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:x}")).collect();
                format!("[{}]", bytes.join(" "))
            };
            let mut attributes = Map::new();
            attributes.insert("bytes".to_owned(), hex(token.text.as_bytes()).into());
            if of.shows_keyword {
                attributes.insert("keyword".to_owned(), token.keyword.into());
            }
            if of.shows_payload {
                let payload = token.payload.as_deref().map(hex);
                attributes.insert("payload".to_owned(), payload.into());
            }
            attributes.insert("positionLength".to_owned(), token.position_length.into());
            attributes.insert("termFrequency".to_owned(), token.frequency.into());
            let japanese = token.japanese().into_iter();
            attributes.extend(japanese.map(|(name, text)| (name.to_owned(), text.into())));
            attributes.sort_keys();
            let wanted = &self.request.attributes;
            let is_wanted = |name: &str| {
                wanted.is_empty() || wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(name))
            };
            object.extend(attributes.into_iter().filter(|(name, _)| is_wanted(name)));
        } else if token.position_length > 1 {
            object.insert("positionLength".to_owned(), token.position_length.into());
        }
        shown
    }

    /// `explain`: what each step makes of the texts.
    fn detail(&mut self) -> Result<Value, Exception> {
        let analyzer = &self.chosen.analyzer;
        let Some(names) = analyzer.step_names() else {
            let tokens = self.tokens(analyzer, true)?;
            let shown = json!({"name": self.chosen.name, "tokens": tokens});
            return Ok(json!({"custom_analyzer": false, "analyzer": shown}));
        };
        let mut char_filters = Vec::new();
        for (at, name) in names.char_filters.iter().enumerate() {
            self.task.work.check()?;
            let texts = self.request.texts.iter();
            let texts: Vec<String> =
                texts.map(|text| analyzer.filtered_text(text, at + 1)).collect();
            char_filters.push(json!({"name": name, "filtered_text": texts}));
        }
        let mut detail = json!({"custom_analyzer": true, "charfilters": char_filters});
        let tokens = self.tokens(&analyzer.until_filter(0), true)?;
        let tokenizer = names.tokenizer.as_deref().unwrap_or("keyword_for_normalizer");
        let mut filters = Vec::new();
        for (at, name) in names.filters.iter().enumerate() {
            let tokens = self.tokens(&analyzer.until_filter(at + 1), true)?;
            filters.push(json!({"name": name, "tokens": tokens}));
        }
        if let Some(object) = detail.as_object_mut() {
            object.insert("tokenizer".to_owned(), json!({"name": tokenizer, "tokens": tokens}));
            object.insert("tokenfilters".to_owned(), filters.into());
        }
        Ok(detail)
    }
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
