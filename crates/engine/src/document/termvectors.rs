//! `_termvectors` and `_mtermvectors`: the terms of a document, or of one that is given. Source: "Term vectors" of
//! Elasticsearch 7.10. Vectors are made of the source when they are asked for, whether a field stores them or not.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, TERMINATED, Term};

use super::get::{self, ReadOptions};
use super::named;
use super::target::Targets;
use crate::analysis::Token;
use crate::dsl::bm25::Statistics;
use crate::dsl::lower::Lowering;
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind, internal};
use crate::index::Index;
use crate::mapping::Leaf;
use crate::mapping::text::Text;
use crate::response::Response;
use crate::rest::execute::Task;
use crate::rest::{Flavor, MgetItem, ParsedBody, QueryParameters, Route};
use crate::search::Target;
use crate::value::path::values_at;
use crate::value::scalar::{self, plain};

/// Each term with its tokens, and where these start and end in UTF-16 units.
type TermPlaces = BTreeMap<String, Vec<(Token, usize, usize)>>;

/// `GET /{index}/_termvectors/{id}`.
pub(crate) fn termvectors(task: &Task<'_>) -> Answer {
    let (targets, route) = (Targets::of(task), &task.parsed.route);
    let mut request = VectorRequest::of_query(&route.query)?;
    request.read(task.body().as_object().unwrap_or(&Map::new()))?;
    if let Some(id) = route.part("id") {
        request.id = Some(id.to_owned());
    }
    let name = route.part("index").unwrap_or_default();
    let shown = request.answer(&targets, route.type_name(), name)?;
    Ok(Response::json(200, &shown))
}

/// `GET /_mtermvectors`: each document by itself; the fault of one is its own.
pub(crate) fn mtermvectors(task: &Task<'_>) -> Answer {
    let (targets, route) = (Targets::of(task), &task.parsed.route);
    let ParsedBody::Mget(items) = &task.parsed.body else {
        return Err(Exception::validation(&["multi term vectors: no documents requested"]));
    };
    let mut held = targets.work.holds("<http_response>");
    let mut shown = Vec::new();
    for (position, item) in items.iter().enumerate() {
        targets.work.check()?;
        let answer = match targets.view.denial(position) {
            Some(reason) => Err(Exception::new(ExceptionKind::Security, reason)),
            None => one(&targets, route, item),
        };
        let answer = answer.unwrap_or_else(|fault| {
            let mut head = named(&item.index, type_of(route, item), &item.id);
            head.insert("error".to_owned(), fault.error());
            Value::Object(head)
        });
        held.grow(answer.to_string().len() as u64)?;
        shown.push(answer);
    }
    Ok(Response::json(200, &json!({"docs": shown})))
}

/// The type that an item is said to be of.
fn type_of<'a>(route: &'a Route, item: &'a MgetItem) -> Option<&'a str> {
    route.type_name().map(|of_url| item.type_name.as_deref().unwrap_or(of_url))
}

fn one(targets: &Targets<'_>, route: &Route, item: &MgetItem) -> Result<Value, Exception> {
    let mut request = VectorRequest::of_query(&route.query)?;
    // What all items share first: it is not copied into each.
    request.read(&item.shared)?;
    request.read(&item.options)?;
    if request.document.is_none() {
        request.id = Some(item.id.clone());
    }
    request.answer(targets, type_of(route, item), &item.index)
}

/// What is asked for.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
struct VectorRequest {
    id: Option<String>,
    document: Option<Value>,
    fields: Option<Vec<String>>,
    analyzers: Map<String, Value>,
    positions: bool,
    offsets: bool,
    payloads: bool,
    term_statistics: bool,
    field_statistics: bool,
    filter: Option<Filter>,
    realtime: bool,
    routing: Option<String>,
    version: Option<u64>,
}

/// Only the words that stand out.
#[derive(Debug)]
struct Filter {
    terms_max: usize,
    term_frequency: (u64, u64),
    document_frequency: (u64, u64),
    length: (usize, usize),
}

impl VectorRequest {
    fn of_query(query: &QueryParameters) -> Result<VectorRequest, Exception> {
        let fields =
            query.list("fields").map(|names| names.into_iter().map(str::to_owned).collect());
        Ok(VectorRequest {
            id: None,
            document: None,
            fields,
            analyzers: Map::new(),
            positions: query.flag("positions", true)?,
            offsets: query.flag("offsets", true)?,
            payloads: query.flag("payloads", true)?,
            term_statistics: query.flag("term_statistics", false)?,
            field_statistics: query.flag("field_statistics", true)?,
            filter: None,
            realtime: query.flag("realtime", true)?,
            routing: query.get("routing").map(str::to_owned),
            version: query.get("version").and_then(|version| version.parse().ok()),
        })
    }

    fn read(&mut self, body: &Map<String, Value>) -> Result<(), Exception> {
        let flag = |value: &Value| {
            scalar::boolean(value)
                .ok_or_else(|| Exception::illegal_argument(scalar::not_a_boolean(value)))
        };
        for (key, value) in body {
            match key.as_str() {
                "fields" => self.fields = Some(scalar::list(value)),
                "positions" => self.positions = flag(value)?,
                "offsets" => self.offsets = flag(value)?,
                "payloads" => self.payloads = flag(value)?,
                "term_statistics" | "termStatistics" => self.term_statistics = flag(value)?,
                "field_statistics" | "fieldStatistics" => self.field_statistics = flag(value)?,
                "per_field_analyzer" | "perFieldAnalyzer" => {
                    self.analyzers = value.as_object().cloned().unwrap_or_default();
                }
                "filter" => self.filter = Some(Filter::parse(value)?),
                "_id" => self.id = Some(plain(value)),
                "doc" => self.document = Some(value.clone()),
                "routing" => self.routing = Some(plain(value)),
                "version" => self.version = value.as_u64(),
                // Which one they name the path has said.
                "_index" | "_type" | "version_type" => {}
                _ => {
                    return Err(Exception::new(
                        ExceptionKind::ElasticsearchParse,
                        format!("failed to parse term vectors request. unknown field [{key}]"),
                    ));
                }
            }
        }
        Ok(())
    }

    fn answer(
        &self,
        targets: &Targets<'_>,
        type_name: Option<&str>,
        name: &str,
    ) -> Result<Value, Exception> {
        if self.id.is_none() && self.document.is_none() {
            return Err(Exception::validation(&["id or doc is missing"]));
        }
        let index = targets.read(name)?;
        let mut options = ReadOptions::plain(self.realtime, self.version, self.routing.clone());
        options.type_name = type_name.map(str::to_owned);
        let (mut head, source) = match (&self.document, &self.id) {
            (Some(document), _) => {
                let mut head = named(index.name(), type_name, "");
                head.shift_remove("_id");
                head.insert("_version".to_owned(), 0.into());
                (head, Some(document.clone()))
            }
            (None, Some(id)) => {
                let found = get::find(targets, &index, id, &options)?;
                let mut head = named(index.name(), type_name, id);
                let version = found.as_ref().map_or(0, |found| found.version);
                head.insert("_version".to_owned(), version.into());
                let source = found.map(|found| serde_json::from_slice(&found.source));
                let source = source.transpose().map_err(|error| {
                    Exception::new(ExceptionKind::IllegalState, error.to_string())
                })?;
                (head, source)
            }
            (None, None) => return Err(Exception::validation(&["id or doc is missing"])),
        };
        head.insert("found".to_owned(), source.is_some().into());
        head.insert("took".to_owned(), 0.into());
        if let Some(source) = &source {
            let vectors = self.vectors(targets, &index, source)?;
            head.insert("term_vectors".to_owned(), Value::Object(vectors));
        }
        Ok(Value::Object(head))
    }

    /// The vectors of every field that is asked for.
    fn vectors(
        &self,
        targets: &Targets<'_>,
        index: &Index,
        source: &Value,
    ) -> Result<Map<String, Value>, Exception> {
        let target = Target::new(index.snapshot(), None, targets.view);
        let statistics = Statistics::new(Flavor::Elasticsearch710);
        let lowering = Lowering::new(target.snapshot(), &statistics, targets.now, targets.work);
        let wanted = |leaf: &Leaf| match &self.fields {
            Some(fields) => fields.iter().any(|pattern| {
                pattern == &leaf.path || crate::name_pattern::matches(pattern, &leaf.path)
            }),
            None => self.document.is_some() || stored_vectors(leaf).is_some(),
        };
        let mut leaves: Vec<&Leaf> = lowering
            .mapping
            .leaves()
            .map(|leaf| &**leaf)
            .filter(|leaf| leaf.indexed && leaf.kind.has_words())
            .filter(|leaf| wanted(leaf))
            .collect();
        leaves.sort_by(|a, b| a.path.cmp(&b.path));
        let mut vectors = Map::new();
        for leaf in leaves {
            targets.work.check()?;
            let terms = self.terms(leaf, source, &lowering)?;
            if terms.is_empty() {
                continue;
            }
            vectors.insert(leaf.path.clone(), self.vector(leaf, terms, &target, &lowering)?);
        }
        Ok(vectors)
    }

    /// Each term of `leaf` in `source` with its places.
    fn terms(
        &self,
        leaf: &Leaf,
        source: &Value,
        lowering: &Lowering<'_>,
    ) -> Result<TermPlaces, Exception> {
        let mut values = values_at(source, &leaf.path);
        if let (true, Some((parent, _))) = (values.is_empty(), leaf.path.rsplit_once('.')) {
            values = values_at(source, parent);
        }
        let own = self.analyzers.get(&leaf.path).map(plain);
        let own = own.and_then(|name| lowering.analyzers.get(&name));
        let analyzer = own.or_else(|| leaf.analyzers.documents.clone());
        let mut terms = TermPlaces::new();
        let (mut position, mut offset) = (0, 0);
        for value in values.iter().filter(|value| !value.is_null()) {
            let text = plain(value);
            let (tokens, end, gap) = match &analyzer {
                Some(analyzer) => {
                    let found = analyzer.analyzed(&text, &lowering.work.cancel)?;
                    (found.tokens, found.end, analyzer.position_increment_gap())
                }
                None => {
                    let mut token = Token::whole(&text);
                    token.text = lowering.normalized(leaf, &text);
                    (vec![token], 1, 0)
                }
            };
            let units =
                |bytes: u32| text.get(..bytes as usize).unwrap_or(&text).encode_utf16().count();
            for mut token in tokens {
                lowering.work.check()?;
                token.position = token.position.saturating_add(position);
                let (start, end) =
                    (offset + units(token.start_offset), offset + units(token.end_offset));
                terms.entry(token.text.clone()).or_default().push((token, start, end));
            }
            position = position.saturating_add(end).saturating_add(gap);
            offset += text.encode_utf16().count() + 1;
        }
        Ok(terms)
    }

    fn vector(
        &self,
        leaf: &Leaf,
        terms: TermPlaces,
        target: &Target,
        lowering: &Lowering<'_>,
    ) -> Result<Value, Exception> {
        let Some(field) = leaf.field else { return Ok(Value::Null) };
        let needs_counts = self.term_statistics || self.filter.is_some();
        if (needs_counts || self.field_statistics) && !target.is_unfiltered() {
            // They would count documents that are not shown.
            return Err(Exception::not_implemented(
                "statistics of terms where a filter hides documents",
            ));
        }
        let counts = if self.field_statistics || self.filter.is_some() {
            FieldCounts::of(leaf, field, lowering)?
        } else {
            FieldCounts::default()
        };
        let mut shown = Vec::new();
        for (text, places) in terms {
            let (documents, total) =
                if needs_counts { term_counts(&text, field, lowering)? } else { (0, 0) };
            let mut term = Map::new();
            if self.term_statistics && documents > 0 {
                term.insert("doc_freq".to_owned(), documents.into());
                term.insert("ttf".to_owned(), total.into());
            }
            term.insert("term_freq".to_owned(), places.len().into());
            if self.positions || self.offsets {
                let tokens: Vec<Value> =
                    places.iter().map(|place| self.place(leaf, place)).collect();
                term.insert("tokens".to_owned(), tokens.into());
            }
            let score = self.filter.as_ref().map(|filter| {
                filter.score(&text, places.len() as u64, documents, counts.documents)
            });
            match score {
                Some(None) => {}
                Some(Some(score)) => shown.push((score, text, term)),
                None => shown.push((0.0, text, term)),
            }
        }
        if let Some(filter) = &self.filter {
            shown.sort_by(|a, b| b.0.total_cmp(&a.0));
            shown.truncate(filter.terms_max);
            shown.sort_by(|a, b| a.1.cmp(&b.1));
        }
        let mut vector = Map::new();
        if self.field_statistics {
            vector.insert("field_statistics".to_owned(), counts.shown());
        }
        let terms: Map<String, Value> = shown
            .into_iter()
            .map(|(score, text, mut term)| {
                if self.filter.is_some() {
                    term.insert("score".to_owned(), crate::search::shown_score(score));
                }
                (text, Value::Object(term))
            })
            .collect();
        vector.insert("terms".to_owned(), Value::Object(terms));
        Ok(Value::Object(vector))
    }

    fn place(&self, leaf: &Leaf, (token, start, end): &(Token, usize, usize)) -> Value {
        let (positions, offsets, payloads) = vector_parts(leaf);
        let mut place = Map::new();
        if self.positions && positions {
            place.insert("position".to_owned(), token.position.into());
        }
        if self.offsets && offsets {
            place.insert("start_offset".to_owned(), (*start).into());
            place.insert("end_offset".to_owned(), (*end).into());
        }
        if let (true, true, Some(payload)) = (self.payloads, payloads, &token.payload) {
            use base64::Engine;
            let payload = base64::engine::general_purpose::STANDARD.encode(payload);
            place.insert("payload".to_owned(), payload.into());
        }
        Value::Object(place)
    }
}

impl Filter {
    fn parse(value: &Value) -> Result<Filter, Exception> {
        let mut filter = Filter {
            terms_max: 25,
            term_frequency: (1, u64::MAX),
            document_frequency: (1, u64::MAX),
            length: (0, 0),
        };
        for (key, value) in value.as_object().into_iter().flatten() {
            let number = scalar::count(value).unwrap_or(0);
            match key.as_str() {
                "max_num_terms" => filter.terms_max = number,
                "min_term_freq" => filter.term_frequency.0 = number as u64,
                "max_term_freq" => filter.term_frequency.1 = number as u64,
                "min_doc_freq" => filter.document_frequency.0 = number as u64,
                "max_doc_freq" => filter.document_frequency.1 = number as u64,
                "min_word_length" => filter.length.0 = number,
                "max_word_length" => filter.length.1 = number,
                _ => {
                    return Err(Exception::new(
                        ExceptionKind::ElasticsearchParse,
                        format!("The parameter {key} is not valid for term vector request!"),
                    ));
                }
            }
        }
        Ok(filter)
    }

    /// How much a term stands out; `None`: it is left out.
    fn score(&self, text: &str, frequency: u64, documents: u64, of: u64) -> Option<f32> {
        let length = text.encode_utf16().count();
        let within = |number: u64, (least, most): (u64, u64)| (least..=most).contains(&number);
        let fits = within(frequency, self.term_frequency)
            && documents > 0
            && within(documents, self.document_frequency)
            && length >= self.length.0
            && (self.length.1 == 0 || length <= self.length.1);
        let idf = ((of as f64 + 1.0) / (documents as f64 + 1.0)).ln() + 1.0;
        fits.then_some(frequency as f32 * idf as f32)
    }
}

/// `field_statistics`.
#[derive(Default)]
struct FieldCounts {
    /// Documents with the field.
    documents: u64,
    /// The sum of the document frequencies of its terms.
    frequencies: u64,
    /// Its words in all documents.
    words: u64,
}

impl FieldCounts {
    fn of(leaf: &Leaf, field: Field, lowering: &Lowering<'_>) -> Result<FieldCounts, Exception> {
        let cancel = &lowering.work.cancel;
        let of =
            lowering.statistics.of(lowering.searcher, leaf, field, cancel).map_err(internal)?;
        let mut counts = FieldCounts { documents: of.documents, words: of.terms, frequencies: 0 };
        for reader in lowering.searcher.segment_readers() {
            let inverted = reader.inverted_index(field).map_err(internal)?;
            let mut terms = inverted.terms().stream().map_err(|error| internal(error.into()))?;
            while terms.advance() {
                lowering.work.check()?;
                counts.frequencies += u64::from(terms.value().doc_freq);
            }
        }
        if !leaf.kind.is::<Text>() {
            counts.words = counts.frequencies;
        }
        Ok(counts)
    }

    fn shown(&self) -> Value {
        json!({
            "sum_doc_freq": self.frequencies,
            "doc_count": self.documents,
            "sum_ttf": self.words,
        })
    }
}

/// In how many documents a term is, and how often.
fn term_counts(text: &str, field: Field, lowering: &Lowering<'_>) -> Result<(u64, u64), Exception> {
    let term = Term::from_field_text(field, text);
    let documents = lowering.searcher.doc_freq(&term).map_err(internal)?;
    let mut total = 0;
    for reader in lowering.searcher.segment_readers() {
        let inverted = reader.inverted_index(field).map_err(internal)?;
        let postings = inverted.read_postings(&term, IndexRecordOption::WithFreqs);
        let Some(mut postings) = postings.map_err(|error| internal(error.into()))? else {
            continue;
        };
        while postings.doc() != TERMINATED {
            use tantivy::postings::Postings;
            lowering.work.check()?;
            total += u64::from(postings.term_freq());
            postings.advance();
        }
    }
    Ok((documents, total))
}

/// What is stored of the term vectors of a text (`term_vector`), if they are.
fn stored_vectors(leaf: &Leaf) -> Option<&str> {
    let kept = leaf.kind.get::<Text>()?.term_vector.as_deref();
    kept.filter(|kept| *kept != "no")
}

/// Whether its term vectors hold positions, offsets and payloads; those that are not stored hold all of them.
fn vector_parts(leaf: &Leaf) -> (bool, bool, bool) {
    stored_vectors(leaf).map_or((true, true, true), |kept| {
        (kept.contains("positions"), kept.contains("offsets"), kept.contains("payloads"))
    })
}
