//! `completion`: texts that are suggested where their beginning is typed. Source: Elasticsearch 7.10, "Suggesters",
//! `CompletionFieldMapper`, Lucene's `SuggestField` and `ContextSuggestField`.
//!
//! Every input of a document is a term for each way its analyzed text can be read, in each of its contexts: the context, that
//! text, the weight, and the input itself (`Entry`). Terms of one context that begin alike are beside each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::schema::{BytesOptions, SchemaBuilder};

use super::analyzers::{self, FieldAnalyzers};
use super::completion_context::{CompletionContext, ContextKind};
use super::date::DateFormat;
use super::field_type::{FieldType, MappedFieldType, Refusal};
use super::geo_point::GeoPoint;
use super::keyword::Keyword;
use super::leaf::last_name;
use super::parameters::{Parameter, ParameterShape, Parameters, fixed, printed, updatable};
use super::parse_context::{ParseContext, WholeSource};
use super::query::{QueryContext, TermLookup};
use super::text::Text;
use crate::analysis::ways::{Joining, ways};
use crate::analysis::{Analyzer, Analyzers};
use crate::exception::Exception;
use crate::geo::Point;
use crate::geo::point::unreadable;
use crate::value::path::{each_at, whole_at};
use crate::value::scalar::{plain, token};
use crate::work::Cancel;

/// The parameters of `completion`.
pub(super) const PARAMETERS: &[Parameter] = &[
    printed(fixed("analyzer", ParameterShape::Str("simple"))),
    updatable("search_analyzer", ParameterShape::Str("")),
    printed(fixed("preserve_separators", ParameterShape::Bool(true))),
    printed(fixed("preserve_position_increments", ParameterShape::Bool(true))),
    printed(updatable("max_input_length", ParameterShape::Int(50))),
    updatable(OLD_LENGTH, ParameterShape::Int(50)),
    fixed("contexts", ParameterShape::Scalar),
    updatable("meta", ParameterShape::Object),
];

/// What `max_input_length` was called.
const OLD_LENGTH: &str = "max_input_len";

/// Between the tokens of an analyzed text.
const SEPARATOR: &str = "\u{1f}";

/// Behind a context.
pub(crate) const CONTEXT_END: u8 = 0x1d;

/// Behind an analyzed text.
pub(crate) const FORM_END: u8 = 0;

/// Most bytes of the terms of one value: inputs times contexts times ways.
const ENTRY_BYTES_MAX: usize = 16 << 20;

/// Longest term: what tantivy takes, with room for its own.
const TERM_BYTES_MAX: usize = 65_000;

/// A field of completions.
#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    /// The name of the analyzer of inputs.
    pub analyzer: String,
    /// The name of the analyzer of what is typed, where it is another.
    pub search_analyzer: Option<String>,
    /// Whether words stay apart.
    pub preserve_separators: bool,
    /// Whether words that the analyzer removed count.
    pub preserve_position_increments: bool,
    /// Most UTF-16 units of an input that are kept.
    pub max_input_length: usize,
    /// What suggestions are asked for in, in order.
    pub contexts: Vec<CompletionContext>,
}

/// One input of a document.
#[derive(Clone, Debug, PartialEq)]
struct Input {
    text: String,
    weight: u32,
    /// Its own contexts, by the context's name.
    contexts: BTreeMap<String, Vec<String>>,
}

impl MappedFieldType for Completion {
    fn name(&self) -> &'static str {
        "completion"
    }

    fn keeps_paths(&self) -> bool {
        true
    }

    fn is_indexed(&self) -> bool {
        true
    }

    fn takes_whole(&self) -> bool {
        true
    }

    fn add_to(&self, schema: &mut SchemaBuilder, name: &str) {
        schema.add_bytes_field(name, BytesOptions::default().set_indexed());
    }

    fn bind(&self, _path: &str, analyzers: &Analyzers) -> Result<FieldAnalyzers, Exception> {
        let named = |name: &str| analyzers::named(analyzers, name);
        let documents = named(&self.analyzer)?;
        let queries = self.search_analyzer.as_deref().map(named).transpose()?;
        Ok(FieldAnalyzers {
            queries: Some(queries.unwrap_or_else(|| Arc::clone(&documents))),
            documents: Some(documents),
            normalizer: None,
        })
    }

    fn no_column(&self, path: &str) -> String {
        format!("Fielddata is not supported on field [{path}] of type [completion]")
    }

    fn whole_values(
        &self,
        path: &str,
        source: &Value,
        _format: Option<&DateFormat>,
    ) -> Option<Vec<Value>> {
        Some(each_at(source, path).cloned().collect())
    }

    fn term(
        &self,
        _path: &str,
        value: &Value,
        _context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        let form = TermLookup::text(value)?;
        Ok(TermLookup::Beginning(format!("{form}{}", char::from(FORM_END))))
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        let leaf = context.leaf;
        let inputs = self.read(&leaf.path, value)?;
        let any = !inputs.is_empty();
        let (Some(field), Some(analyzer)) = (leaf.field, leaf.analyzers.documents.clone()) else {
            return Ok(any);
        };
        // Its contexts may be in fields that are read later.
        let (kind, path) = (self.clone(), leaf.path.clone());
        context.at_end(Box::new(move |whole, document| {
            for term in kind.terms(&path, &inputs, &analyzer, whole)? {
                document.values.add_bytes(field, &term);
            }
            Ok(())
        }));
        Ok(any)
    }

    fn refusal(&self) -> Refusal {
        Refusal::Document
    }

    /// One of its type gets the value, any other the inputs.
    fn multi_field_values(
        &self,
        inner: &dyn MappedFieldType,
        path: &str,
        value: &Value,
    ) -> Option<Vec<Value>> {
        if inner.is::<Completion>() {
            return Some(vec![value.clone()]);
        }
        let inputs = self.read(path, value).unwrap_or_default();
        Some(inputs.into_iter().map(|input| input.text.into()).collect())
    }

    /// The values of its contexts are shown with its suggestions.
    fn is_shown(&self, path: &str, shows: &dyn Fn(&str) -> bool) -> bool {
        shows(path) && self.paths().all(shows)
    }
}

impl Completion {
    pub(super) fn build(parameters: &mut Parameters) -> Result<Completion, Exception> {
        if let Some(length) = parameters.0.remove(OLD_LENGTH) {
            parameters.0.insert("max_input_length", length);
        }
        let length = parameters.int("max_input_length").unwrap_or(50);
        let max_input_length = usize::try_from(length).ok().filter(|length| *length > 0);
        let max_input_length = max_input_length.ok_or_else(|| {
            Exception::illegal_argument(format!(
                "[max_input_length] must be > 0 but was [{length}]"
            ))
        })?;
        let contexts = match parameters.value("contexts") {
            Some(value) => CompletionContext::list(value)?,
            None => Vec::new(),
        };
        if !contexts.is_empty() {
            let shown = contexts.iter().map(CompletionContext::to_json).collect();
            parameters.0.insert("contexts", shown);
        }
        Ok(Completion {
            analyzer: parameters.str("analyzer").unwrap_or_else(|| "simple".to_owned()),
            search_analyzer: parameters.str("search_analyzer"),
            preserve_separators: parameters.bool("preserve_separators", true),
            preserve_position_increments: parameters.bool("preserve_position_increments", true),
            max_input_length,
            contexts,
        })
    }

    /// The paths of the fields that contexts are taken from.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.contexts.iter().filter_map(CompletionContext::path)
    }

    /// What `text` is found by.
    ///
    /// # Errors
    /// Where it can be read in too many ways; `task_cancelled_exception`.
    pub(crate) fn forms(
        &self,
        analyzer: &Analyzer,
        text: &str,
        cancel: &Cancel,
    ) -> Result<Vec<String>, Exception> {
        let joining = Joining {
            separator: if self.preserve_separators { SEPARATOR } else { "" },
            keeps_gaps: self.preserve_position_increments,
        };
        let mut forms = ways(&analyzer.analyzed(text, cancel)?, joining)?;
        forms.retain(|form| !form.as_bytes().contains(&FORM_END));
        Ok(forms)
    }

    /// The inputs of a value, which may be a list of them.
    ///
    /// # Errors
    /// The cause Elasticsearch names.
    fn read(&self, path: &str, value: &Value) -> Result<Vec<Input>, Exception> {
        let mut inputs = Vec::new();
        match value {
            Value::Null => {}
            Value::Array(values) => {
                for value in values {
                    self.read_one("null", path, value, &mut inputs)?;
                }
            }
            value => self.read_one(path, path, value, &mut inputs)?,
        }
        for input in &mut inputs {
            input.text = self.checked(&input.text)?;
        }
        Ok(inputs)
    }

    fn read_one(
        &self,
        shown: &str,
        path: &str,
        value: &Value,
        inputs: &mut Vec<Input>,
    ) -> Result<(), Exception> {
        match value {
            Value::String(text) => {
                inputs.push(Input { text: text.clone(), weight: 1, contexts: BTreeMap::new() });
                Ok(())
            }
            Value::Object(object) => self.object(path, object, inputs),
            other => Err(Exception::parsing(format!(
                "failed to parse [{shown}]: expected text or object, but got {}",
                token(other)
            ))),
        }
    }

    fn object(
        &self,
        path: &str,
        object: &Map<String, Value>,
        inputs: &mut Vec<Input>,
    ) -> Result<(), Exception> {
        let (mut texts, mut weight, mut contexts) = (Vec::new(), 1, BTreeMap::new());
        for (key, value) in object {
            match key.as_str() {
                "input" => texts = input_texts(value)?,
                "weight" => weight = read_weight(value)?,
                "contexts" => contexts = self.own_contexts(path, value)?,
                other => {
                    return Err(Exception::illegal_argument(format!(
                        "unknown field name [{other}], must be one of [input, weight, contexts]"
                    )));
                }
            }
        }
        let input = |text| Input { text, weight, contexts: contexts.clone() };
        inputs.extend(texts.into_iter().map(input));
        Ok(())
    }

    fn own_contexts(
        &self,
        path: &str,
        value: &Value,
    ) -> Result<BTreeMap<String, Vec<String>>, Exception> {
        if self.contexts.is_empty() {
            return Err(Exception::illegal_argument(format!(
                "contexts field is not supported for field: [{path}]"
            )));
        }
        let Value::Object(given) = value else {
            return Err(Exception::illegal_argument(format!(
                "contexts must be an object or an array , but was [{}]",
                token(value)
            )));
        };
        let mut contexts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in given {
            let (_, context) = self.context(name)?;
            contexts.entry(name.clone()).or_default().extend(context.values(value)?);
        }
        Ok(contexts)
    }

    /// The context called `name`, and its number.
    ///
    /// # Errors
    /// `illegal_argument_exception` where there is none.
    pub(crate) fn context(&self, name: &str) -> Result<(u8, &CompletionContext), Exception> {
        let known = (0u8..).zip(&self.contexts).find(|(_, context)| context.name == name);
        known.ok_or_else(|| {
            let names: Vec<&str> = self.contexts.iter().map(|it| it.name.as_str()).collect();
            Exception::illegal_argument(format!(
                "Unknown context name [{name}], must be one of {}",
                crate::value::java::java(&names.into())
            ))
        })
    }

    /// An input as far as it is kept.
    fn checked(&self, text: &str) -> Result<String, Exception> {
        let mut units = 0;
        let mut kept = String::new();
        for character in text.chars() {
            units += character.len_utf16();
            if units > self.max_input_length {
                break;
            }
            kept.push(character);
        }
        match reserved(&kept, &['\u{1f}', '\u{1e}', '\0']) {
            Some(place) => {
                Err(Exception::illegal_argument(format!("Illegal input [{kept}] {place}")))
            }
            None => Ok(kept),
        }
    }

    /// The terms of `inputs` of a document.
    ///
    /// # Errors
    /// `illegal_argument_exception` where an input has no context; for terms that are too many or too long.
    fn terms(
        &self,
        path: &str,
        inputs: &[Input],
        analyzer: &Analyzer,
        whole: &WholeSource<'_>,
    ) -> Result<Vec<Vec<u8>>, Exception> {
        let cancel = whole.cancel;
        let mut of_document: Vec<Vec<String>> = Vec::new();
        for context in &self.contexts {
            let path = context.path();
            of_document.push(path.map_or(Ok(Vec::new()), |path| values_at(context, path, whole))?);
        }
        let (mut terms, mut bytes) = (Vec::new(), 0);
        for input in inputs {
            cancel.check()?;
            let mut starts: Vec<Vec<u8>> = Vec::new();
            for ((number, context), values) in (0u8..).zip(&self.contexts).zip(&of_document) {
                let own = input.contexts.get(&context.name).into_iter().flatten();
                for value in own.chain(values) {
                    starts.push(context_start(number, value)?);
                }
            }
            if starts.is_empty() && !self.contexts.is_empty() {
                return Err(Exception::illegal_argument(format!(
                    "Contexts are mandatory in context enabled completion field [{path}]"
                )));
            }
            if self.contexts.is_empty() {
                starts.push(Vec::new());
            }
            starts.sort_unstable();
            starts.dedup();
            for form in self.forms(analyzer, &input.text, cancel)? {
                for start in &starts {
                    let term = Entry::term(start, &form, input);
                    bytes += term.len();
                    if term.len() > TERM_BYTES_MAX || bytes > ENTRY_BYTES_MAX {
                        return Err(Exception::illegal_argument(format!(
                            "the inputs of the completion field [{path}] are too long: a term may have \
                             [{TERM_BYTES_MAX}] bytes, and all of a value [{ENTRY_BYTES_MAX}]"
                        )));
                    }
                    terms.push(term);
                }
            }
        }
        Ok(terms)
    }

    /// The contexts that are taken from places: their names, and the paths of those fields.
    pub(super) fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        let geo = |it: &&CompletionContext| matches!(it.kind, ContextKind::Geo { .. });
        self.contexts
            .iter()
            .filter(geo)
            .filter_map(|context| Some((context.name.as_str(), context.path()?)))
    }
}

/// The values of a context that a document has at `path`.
fn values_at(
    context: &CompletionContext,
    path: &str,
    whole: &WholeSource<'_>,
) -> Result<Vec<String>, Exception> {
    let Some(leaf) = (whole.leaf)(path) else { return Ok(Vec::new()) };
    let parent = leaf.path.rsplit_once('.').filter(|(parent, _)| (whole.leaf)(parent).is_some());
    let at = parent.map_or(leaf.path.as_str(), |(parent, _)| parent);
    let mut values = Vec::new();
    for value in whole_at(whole.source, at) {
        if let Some(kind) = leaf.kind.get::<GeoPoint>() {
            let points = kind.parse(last_name(at), value).unwrap_or_default();
            let kept = points.into_iter().map(|point| Point::of_code(point.code()));
            values.extend(kept.map(|point| context.hash(point)));
        } else if let Some(keyword) = leaf.kind.get::<Keyword>() {
            for value in opened(value) {
                let text = keyword.parse(value)?;
                values.extend(text.map(|text| match &leaf.analyzers.normalizer {
                    Some(normalizer) => normalizer.normalize(&text),
                    None => text,
                }));
            }
        } else if leaf.kind.is::<Text>() {
            values.extend(opened(value).into_iter().map(plain));
        } else {
            return Err(Exception::illegal_argument(format!(
                "Failed to parse context field [{path}], only keyword and text fields are accepted"
            )));
        }
    }
    Ok(values)
}

/// The values of a list, or the one that it is; nothing of null.
fn opened(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().filter(|value| !value.is_null()).collect(),
        Value::Null => Vec::new(),
        value => vec![value],
    }
}

/// Refuses a context of places whose path is no field of places.
pub(super) fn check(leaves: &BTreeMap<String, FieldType>) -> Result<(), Exception> {
    let completions = leaves.values().filter_map(|kind| kind.get::<Completion>());
    for (context, path) in completions.flat_map(Completion::places) {
        match leaves.get(path) {
            Some(kind) if kind.is::<GeoPoint>() => {}
            Some(other) => {
                return Err(unreadable(format!(
                    "field [{path}] referenced in context [{context}] must be mapped to geo_point, found [{}]",
                    other.name()
                )));
            }
            None => {
                return Err(unreadable(format!(
                    "field [{path}] referenced in context [{context}] is not defined in the mapping"
                )));
            }
        }
    }
    Ok(())
}

/// What a kept term says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'t> {
    /// The context's number and its value; `None` in a field without contexts.
    pub(crate) context: Option<(u8, &'t str)>,
    /// What it is found by.
    pub(crate) form: &'t str,
    /// How much it weighs.
    pub(crate) weight: u32,
    /// The input.
    pub(crate) text: &'t str,
}

impl Entry<'_> {
    fn term(start: &[u8], form: &str, input: &Input) -> Vec<u8> {
        let weight = input.weight.to_be_bytes();
        [start, form.as_bytes(), &[FORM_END], &weight, input.text.as_bytes()].concat()
    }

    /// Reads a term of a field that has contexts, or has none.
    pub(crate) fn of(term: &[u8], has_contexts: bool) -> Option<Entry<'_>> {
        let (context, rest) = if has_contexts {
            let (number, rest) = term.split_first()?;
            let end = rest.iter().position(|byte| *byte == CONTEXT_END)?;
            let value = std::str::from_utf8(rest.get(..end)?).ok()?;
            (Some((*number, value)), rest.get(end + 1..)?)
        } else {
            (None, term)
        };
        let end = rest.iter().position(|byte| *byte == FORM_END)?;
        let form = std::str::from_utf8(rest.get(..end)?).ok()?;
        let (weight, text) = rest.get(end + 1..)?.split_at_checked(4)?;
        let weight = u32::from_be_bytes(weight.try_into().ok()?);
        Some(Entry { context, form, weight, text: std::str::from_utf8(text).ok()? })
    }
}

/// What the terms in this context start with.
fn context_start(number: u8, value: &str) -> Result<Vec<u8>, Exception> {
    match reserved(value, &['\u{1d}', '\u{1f}', '\u{1e}', '\0']) {
        Some(place) => Err(Exception::illegal_argument(format!("Illegal value [{value}] {place}"))),
        None => Ok([&[number], value.as_bytes(), &[CONTEXT_END]].concat()),
    }
}

/// Where the first of the `reserved` characters stands in `text`, in Elasticsearch's words.
fn reserved(text: &str, reserved: &[char]) -> Option<String> {
    let mut units = 0;
    for character in text.chars() {
        if reserved.contains(&character) {
            return Some(format!(
                "UTF-16 codepoint [{:#x}] at position {units} is a reserved character",
                u32::from(character)
            ));
        }
        units += character.len_utf16();
    }
    None
}

fn input_texts(value: &Value) -> Result<Vec<String>, Exception> {
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(values) => {
            let text = |value: &Value| {
                value.as_str().map(str::to_owned).ok_or_else(|| {
                    Exception::illegal_argument(format!(
                        "input array must have string values, but was [{}]",
                        token(value)
                    ))
                })
            };
            values.iter().map(text).collect()
        }
        other => Err(Exception::illegal_argument(format!(
            "input must be a string or array, but was [{}]",
            token(other)
        ))),
    }
}

fn read_weight(value: &Value) -> Result<u32, Exception> {
    if !value.is_string() && !value.is_number() {
        return Err(Exception::illegal_argument(format!(
            "weight must be a number or string, but was [{}]",
            token(value)
        )));
    }
    let shown = crate::value::java::java(value);
    let whole: i64 = plain(value).parse().map_err(|_| {
        Exception::illegal_argument(format!("weight must be an integer, but was [{shown}]"))
    })?;
    u32::try_from(whole).ok().filter(|weight| *weight <= i32::MAX as u32).ok_or_else(|| {
        Exception::illegal_argument(format!(
            "weight must be in the interval [0..2147483647], but was [{shown}]"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_says_what_it_was_made_of() {
        let input = Input { text: "Foo é".into(), weight: 258, contexts: BTreeMap::new() };
        let start = context_start(1, "red").unwrap();
        let term = Entry::term(&start, "foo\u{1f}é", &input);
        let entry = Entry::of(&term, true).unwrap();
        assert_eq!(entry.context, Some((1, "red")));
        assert_eq!((entry.form, entry.weight, entry.text), ("foo\u{1f}é", 258, "Foo é"));
        let plain = Entry::term(&[], "foo", &input);
        assert_eq!(Entry::of(&plain, false).unwrap().context, None);
    }
}
