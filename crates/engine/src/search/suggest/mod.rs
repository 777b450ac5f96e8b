//! `suggest`: words and phrases that may have been meant. Source: "Suggesters" of Elasticsearch 7.10.

mod collate;
mod completion;
mod distance;
mod phrase;
mod phrase_scorer;
mod spelling;
mod term;

use serde_json::{Map, Value, json};

use super::found::SearchRun;
use super::{SearchRequest, Target};
use crate::dsl::lower::Lowering;
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind};
use crate::mapping::Leaf;
use crate::value::scalar;

/// Most suggestions of one request.
const SUGGESTIONS_MAX: usize = 100;

/// What is to be suggested, by name.
#[derive(Clone, Debug)]
pub struct Suggest(Vec<(String, Suggestion)>);

#[derive(Clone, Debug)]
struct Suggestion {
    texts: Texts,
    suggester: Suggester,
}

/// What suggestions are for.
#[derive(Clone, Debug, Default)]
struct Texts {
    text: Option<String>,
    prefix: Option<String>,
    regex: Option<String>,
    /// The text of all suggestions.
    shared: Option<String>,
}

impl Texts {
    /// What is shown as the text, and what words are taken from.
    fn shown(&self) -> Result<&str, Exception> {
        let own = self.text.as_ref().or(self.prefix.as_ref()).or(self.regex.as_ref());
        own.or(self.shared.as_ref())
            .map(String::as_str)
            .ok_or_else(|| Exception::illegal_argument("The required text option is missing"))
    }

    /// What is to be completed; `None` where there is only an expression.
    fn typed(&self) -> Option<&str> {
        let own = self.prefix.as_ref().or(self.text.as_ref());
        own.or(self.shared.as_ref().filter(|_| self.regex.is_none())).map(String::as_str)
    }
}

#[derive(Clone, Debug)]
enum Suggester {
    Term(term::TermSuggester),
    Phrase(Box<phrase::PhraseSuggester>),
    Completion(Box<completion::CompletionSuggester>),
}

impl Suggest {
    /// Reads the `suggest` of a search.
    ///
    /// # Errors
    /// `illegal_argument_exception` and `parsing_exception` as Elasticsearch words them.
    pub fn parse(value: &Map<String, Value>) -> Result<Suggest, Exception> {
        let shared = value.get("text").map(scalar::plain);
        let mut suggestions = Vec::new();
        for (name, body) in value.iter().filter(|(name, _)| *name != "text") {
            let Value::Object(body) = body else {
                let reason = format!("[suggest] does not support [{name}]");
                return Err(Exception::illegal_argument(reason));
            };
            if suggestions.len() == SUGGESTIONS_MAX {
                let reason = format!("at most {SUGGESTIONS_MAX} suggestions are answered at once");
                return Err(Exception::illegal_argument(reason));
            }
            suggestions.push((name.clone(), Suggestion::parse(body, shared.as_deref())?));
        }
        Ok(Suggest(suggestions))
    }

    /// The suggestion that the parameters of a URL ask for.
    pub(super) fn of_url(
        field: &str,
        text: &str,
        mode: &str,
        size: Option<&str>,
    ) -> Result<Suggest, Exception> {
        let mut term = json!({"field": field, "suggest_mode": mode});
        if let (Some(size), Some(object)) = (size, term.as_object_mut()) {
            object.insert("size".to_owned(), size.into());
        }
        let body = json!({field: {"text": text, "term": term}});
        Suggest::parse(body.as_object().unwrap_or(&Map::new()))
    }

    /// Whether nothing is to be suggested.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What `targets` suggest, by name.
    ///
    /// # Errors
    /// `search_phase_execution_exception` around what an index refuses; `task_cancelled_exception`.
    pub(super) fn run(
        &self,
        run: &SearchRun<'_>,
        targets: &[Target],
        request: &SearchRequest,
    ) -> Result<Map<String, Value>, Exception> {
        let mut shown = Map::new();
        for (name, suggestion) in &self.0 {
            let kind = suggestion.kind();
            let key = if request.typed_keys { format!("{kind}#{name}") } else { name.clone() };
            if let Suggester::Completion(completion) = &suggestion.suggester {
                let texts = &suggestion.texts;
                shown.insert(key, completion.shown(texts, run, targets, request)?);
                continue;
            }
            let mut merged: Vec<Entry> = Vec::new();
            for target in targets {
                let snapshot = target.snapshot();
                if !target.is_unfiltered() {
                    // Words of documents that are not shown would be.
                    return Err(Exception::not_implemented(
                        "suggest where a filter hides documents",
                    ));
                }
                let lowering = Lowering::new(snapshot, run.statistics, run.now, run.work);
                let entries = suggestion
                    .entries(&lowering)
                    .map_err(|cause| Exception::search_phase(&snapshot.name, cause))?;
                merge(&mut merged, entries);
            }
            shown.insert(key, suggestion.shown(merged));
        }
        Ok(shown)
    }
}

/// The keys beside the kind of a suggestion.
const TEXTS: [&str; 3] = ["text", "prefix", "regex"];

impl Suggestion {
    fn parse(body: &Map<String, Value>, shared: Option<&str>) -> Result<Suggestion, Exception> {
        let text = |key: &str| body.get(key).map(scalar::plain);
        let (own, prefix, regex) = (text("text"), text("prefix"), text("regex"));
        let kinds = body.iter().filter(|(key, _)| !TEXTS.contains(&key.as_str()));
        let mut suggester = None;
        for (kind, options) in kinds {
            if !options.is_object() {
                let reason = format!("suggestion does not support [{kind}]");
                return Err(Exception::parsing(reason).at(options));
            }
            suggester = Some(match kind.as_str() {
                "term" => Suggester::Term(term::TermSuggester::parse(options)?),
                "phrase" => Suggester::Phrase(Box::new(phrase::PhraseSuggester::parse(options)?)),
                "completion" => {
                    let completion = completion::CompletionSuggester::parse(options)?;
                    Suggester::Completion(Box::new(completion))
                }
                other => {
                    return Err(Exception::new(
                        ExceptionKind::NamedObjectNotFound,
                        format!("unknown field [{other}]"),
                    )
                    .at(options));
                }
            });
        }
        let Some(suggester) = suggester else {
            return Err(Exception::new(
                ExceptionKind::ElasticsearchParse,
                "missing suggestion object",
            ));
        };
        let shared = shared.map(str::to_owned);
        Ok(Suggestion { texts: Texts { text: own, prefix, regex, shared }, suggester })
    }

    fn kind(&self) -> &'static str {
        match &self.suggester {
            Suggester::Term(_) => "term",
            Suggester::Phrase(_) => "phrase",
            Suggester::Completion(_) => "completion",
        }
    }

    fn entries(&self, lowering: &Lowering<'_>) -> Result<Vec<Entry>, Exception> {
        let text = self.texts.shown()?;
        match &self.suggester {
            Suggester::Term(term) => term.entries(text, lowering),
            Suggester::Phrase(phrase) => phrase.entries(text, lowering),
            // Has no words to be merged.
            Suggester::Completion(_) => Ok(Vec::new()),
        }
    }

    fn shown(&self, entries: Vec<Entry>) -> Value {
        let (size, by_frequency) = match &self.suggester {
            Suggester::Term(term) => (term.size(), term.by_frequency()),
            Suggester::Phrase(phrase) => (phrase.size(), false),
            Suggester::Completion(_) => (0, false),
        };
        entries
            .into_iter()
            .map(|mut entry| {
                entry.sort(by_frequency);
                entry.options.truncate(size);
                entry.shown()
            })
            .collect()
    }
}

/// What is suggested for one word, or for the whole text.
#[derive(Debug)]
struct Entry {
    text: String,
    offset: usize,
    length: usize,
    options: Vec<Choice>,
}

/// One suggestion.
#[derive(Debug)]
struct Choice {
    text: String,
    score: f32,
    /// In how many documents it is; `None` for phrases.
    frequency: Option<u64>,
    highlighted: Option<String>,
    /// Whether the query of `collate` finds anything, where that is told.
    collated: Option<bool>,
}

impl Entry {
    fn sort(&mut self, by_frequency: bool) {
        self.options.sort_by(|a, b| {
            let score = b.score.total_cmp(&a.score);
            let frequency = b.frequency.cmp(&a.frequency);
            let order = if by_frequency { frequency.then(score) } else { score.then(frequency) };
            order.then_with(|| a.text.cmp(&b.text))
        });
    }

    fn shown(self) -> Value {
        let options: Vec<Value> = self
            .options
            .into_iter()
            .map(|choice| {
                let mut shown = json!({"text": choice.text});
                let Some(object) = shown.as_object_mut() else { return shown };
                if let Some(highlighted) = choice.highlighted {
                    object.insert("highlighted".to_owned(), highlighted.into());
                }
                object.insert("score".to_owned(), super::response::score(choice.score));
                if let Some(frequency) = choice.frequency {
                    object.insert("freq".to_owned(), frequency.into());
                }
                if let Some(collated) = choice.collated {
                    object.insert("collate_match".to_owned(), collated.into());
                }
                shown
            })
            .collect();
        json!({"text": self.text, "offset": self.offset, "length": self.length, "options": options})
    }
}

/// Adds what another index suggests: what both do counts as often as in both together.
fn merge(merged: &mut Vec<Entry>, entries: Vec<Entry>) {
    if merged.is_empty() {
        *merged = entries;
        return;
    }
    for entry in entries {
        let own =
            merged.iter_mut().find(|own| own.text == entry.text && own.offset == entry.offset);
        let Some(own) = own else {
            merged.push(entry);
            continue;
        };
        for choice in entry.options {
            match own.options.iter_mut().find(|own| own.text == choice.text) {
                Some(known) => {
                    known.score = known.score.max(choice.score);
                    if let (Some(a), Some(b)) = (known.frequency.as_mut(), choice.frequency) {
                        *a += b;
                    }
                }
                None => own.options.push(choice),
            }
        }
    }
}

/// The field that words are taken from.
fn field<'l>(name: &str, lowering: &'l Lowering<'_>) -> Result<&'l Leaf, Exception> {
    let reason = || Exception::illegal_argument(format!("no mapping found for field [{name}]"));
    lowering.leaf(name).map(|leaf| &**leaf).ok_or_else(reason)
}

/// The field that its words can be looked up in, if it has words.
fn words_of(leaf: &Leaf) -> Option<tantivy::schema::Field> {
    let has_words = leaf.kind.has_words();
    leaf.field.filter(|_| leaf.indexed && has_words)
}

/// The options of a suggester, of which all keys are in `known`.
fn options<'v>(
    kind: &'static str,
    value: &'v Value,
    known: &[&str],
) -> Result<Options<'v>, Exception> {
    let mut entries = value.as_object().into_iter().flatten();
    match entries.find(|(key, _)| !known.contains(&key.as_str())) {
        Some((key, value)) => {
            let reason = format!("suggester[{kind}] doesn't support field [{key}]");
            Err(Exception::parsing(reason).at(value))
        }
        None => Options::new(kind, value),
    }
}

/// The name of the field, which must be there.
fn required_field(options: &Options<'_>) -> Result<String, Exception> {
    options.text("field")?.ok_or_else(|| {
        Exception::new(
            ExceptionKind::ElasticsearchParse,
            "the required field option [field] is missing",
        )
    })
}
