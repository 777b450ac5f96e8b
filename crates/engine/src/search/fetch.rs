//! The fetch phase: the hits of the page, with what of each document is asked for.

use std::borrow::Cow;
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tantivy::query::EnableScoring;
use tantivy::schema::Value as _;
use tantivy::{DocAddress, DocId, SegmentReader, TantivyDocument};

use super::collapse;
use super::execute::{QueryOutcome, boosted_query, on_shard};
use super::found::{FoundHit, SearchRun};
use super::highlight::Highlighter;
use super::inner_hits::InnerFetch;
use super::nested_hit::NestedPlace;
use super::response::{Hit, SearchResponse};
use super::script_fields::ScriptFields;
use super::{SearchRequest, Snapshot, SourceFilter, Target, sort};
use crate::columns::{self, Numbers, scaled};
use crate::dsl::Query;
use crate::dsl::explain::{self, Explanation};
use crate::dsl::lower::{Lowered, Lowering};
use crate::dsl::percolate::GivenDocuments;
use crate::dsl::two_phase::TwoPhaseDocuments;
use crate::exception::internal;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::mapping::date::DateFormat;
use crate::mapping::geo_point::GeoPoint;
use crate::mapping::number::{Number, NumberKind};
use crate::mapping::parsed::ignored;
use crate::mapping::type_name::DOC;
use crate::mapping::{FieldType, Leaf, Mapping, fields};
use crate::value::java::{java_double, java_float};
use crate::value::path::{values_at, whole_at};
use crate::value::scalar::number as number_of;
use crate::work::{Cancel, HeldMemory};

/// The answer to a search.
pub(super) fn respond(
    run: &SearchRun<'_>,
    targets: &[Target],
    request: &SearchRequest,
    outcome: QueryOutcome,
) -> Result<SearchResponse, Exception> {
    let mut hits = Vec::with_capacity(outcome.hits.len());
    let mut held = run.work.holds("<hits>");
    let (borrowed, sorts) = (Cow::Borrowed(request), Cow::Borrowed(outcome.sorts.as_slice()));
    let mut fetch = Fetch::new(run, targets, borrowed, sorts);
    fetch.prepare(request)?;
    for found in &outcome.hits {
        run.work.check()?;
        hits.extend(fetch.hit(found, &mut held)?);
    }
    if let Some(collapse) = &request.collapse {
        collapse::expand(run, targets, request, collapse, &outcome.hits, &mut hits, &mut held)?;
    }
    Ok(SearchResponse {
        flavor: run.flavor,
        took_milliseconds: 0,
        shards: targets.len(),
        pit_id: None,
        scroll_id: None,
        terminated_early: request.terminate_after.map(|_| outcome.terminated_early),
        total: outcome.total,
        total_as_number: request.total_as_number,
        max_score: outcome.max_score,
        hits,
        aggregations: outcome.aggregations,
        suggest: None,
        profile: outcome.profile,
        spent: (0, 0),
        _held: outcome.held.into_iter().flatten().chain([held]).collect(),
    })
}

/// The fetching of the hits of one request.
pub(super) struct Fetch<'a> {
    pub(super) run: &'a SearchRun<'a>,
    pub(super) targets: &'a [Target],
    pub(super) request: Cow<'a, SearchRequest>,
    pub(super) sorts: Cow<'a, [sort::Sort]>,
    /// What they matched.
    query: Option<&'a Query>,
    /// The path of the nested objects that are the hits; `None`: whole documents.
    pub(super) nested: Option<&'a str>,
    /// Whether totals are plain numbers.
    pub(super) total_as_number: bool,
    named: Vec<Query>,
    percolating: Vec<Query>,
    given: HashMap<(usize, usize), GivenDocuments>,
    highlighters: HashMap<usize, Highlighter>,
    scripted: HashMap<usize, ScriptFields>,
    /// The query by which hits are explained, by target.
    explained: HashMap<usize, Lowered>,
    /// What of joined documents is shown, by target.
    inner: HashMap<usize, Vec<InnerFetch<'a>>>,
}

impl<'a> Fetch<'a> {
    /// The fetching of `request`'s hits, which were found in the order of `sorts`.
    pub(super) fn new(
        run: &'a SearchRun<'a>,
        targets: &'a [Target],
        request: Cow<'a, SearchRequest>,
        sorts: Cow<'a, [sort::Sort]>,
    ) -> Fetch<'a> {
        let (highlighters, inner) = (HashMap::new(), HashMap::new());
        let total_as_number = request.total_as_number;
        Fetch {
            run,
            targets,
            request,
            sorts,
            query: None,
            nested: None,
            total_as_number,
            named: Vec::new(),
            percolating: Vec::new(),
            given: HashMap::new(),
            scripted: HashMap::new(),
            highlighters,
            explained: HashMap::new(),
            inner,
        }
    }

    /// Makes it the fetching of the nested objects at `path` that matched `query`, with what is shown `inside` them on
    /// the target of this number.
    pub(super) fn inside(
        mut self,
        path: &'a str,
        query: &'a Query,
        (target, inside): (usize, Vec<InnerFetch<'a>>),
        total_as_number: bool,
    ) -> Fetch<'a> {
        self.nested = Some(path);
        self.total_as_number = total_as_number;
        self.query = Some(query);
        self.named = named_queries(Some(query));
        if !inside.is_empty() {
            self.inner.insert(target, inside);
        }
        self
    }

    /// Makes ready what is shown of joined documents, on every target: whatever is hit, a fault in it is told.
    fn prepare(&mut self, request: &'a SearchRequest) -> Result<(), Exception> {
        self.query = request.query.as_ref();
        self.named = named_queries(self.query);
        self.percolating = percolating_queries(self.query);
        for (number, target) in self.targets.iter().enumerate() {
            let queries = request.query.iter().chain(&request.post_filter);
            let lowering = self.lowering(target);
            let as_number = self.total_as_number;
            let inner =
                InnerFetch::all(self.run, self.targets, number, queries, lowering, as_number);
            let inner = inner.map_err(|cause| on_shard(&target.snapshot().name, cause))?;
            if !inner.is_empty() {
                self.inner.insert(number, inner);
            }
        }
        Ok(())
    }

    /// Where its queries are asked.
    pub(super) fn lowering<'b>(&'b self, target: &'b Target) -> Lowering<'b>
    where
        'a: 'b,
    {
        let run = self.run;
        let lowering = Lowering::new(target.snapshot(), run.statistics, run.now, run.work);
        match self.nested {
            Some(path) => lowering.within(path),
            None => lowering,
        }
    }

    /// Why a hit scores as it does, what scored it again included.
    fn explanation(&mut self, found: &FoundHit, target: &Target) -> Result<Explanation, Exception> {
        let lowered = match self.explained.entry(found.target) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(boosted_query(self.run, target, &self.request)?)
            }
        };
        let snapshot = target.snapshot();
        let first = explanation(self.run, snapshot, lowered, found.address)?;
        let searcher = &snapshot.searcher;
        let reader = searcher.segment_reader(found.address.segment_ord);
        let place = explain::DocumentAt { searcher, reader, doc: found.address.doc_id };
        let mut told = first;
        for rescore in &self.request.rescore {
            let lowered = self.lowering(target).lower(&rescore.query)?;
            let second = explain::explain(lowered.as_ref(), &place, 1.0, self.run.flavor)?;
            told = rescore.explanation(told, second);
        }
        Ok(told)
    }

    /// One hit with all that is asked for of it; what it takes is counted by `held`.
    // long: one step for each thing that a hit shows
    pub(super) fn hit(
        &mut self,
        found: &FoundHit,
        held: &mut HeldMemory,
    ) -> Result<Option<Hit>, Exception> {
        let Some(target) = self.targets.get(found.target) else { return Ok(None) };
        let (run, snapshot) = (self.run, target.snapshot());
        let failed = |cause: Exception| on_shard(&snapshot.name, cause);
        let fetched = Stored::read(snapshot, found.address)?;
        held.grow(fetched.bytes())?;
        let hit = one(run.flavor, snapshot, &self.request, found, &fetched, &self.sorts);
        let mut hit = hit.map_err(failed)?;
        if let Some(collapse) = &self.request.collapse {
            collapse::show(collapse, found, &mut hit);
        }
        if !self.request.script_fields.is_empty() {
            if !self.scripted.contains_key(&found.target) {
                let new = ScriptFields::new(&self.request, &self.lowering(target));
                self.scripted.insert(found.target, new.map_err(failed)?);
            }
            if let Some(scripted) = self.scripted.get(&found.target) {
                scripted.add(found, &mut hit).map_err(failed)?;
            }
        }
        if let Some(highlight) = &self.request.highlight {
            if !self.highlighters.contains_key(&found.target) {
                let lowering = self.lowering(target);
                let new = Highlighter::new(highlight, self.query, &lowering).map_err(failed)?;
                self.highlighters.insert(found.target, new);
            }
            if let Some(highlighter) = self.highlighters.get(&found.target) {
                let source = fetched.whole()?;
                let fragments = highlighter.fragments(&source, snapshot, run.work);
                let fragments = fragments.map_err(failed)?;
                hit.highlight = (!fragments.is_empty()).then_some(fragments);
            }
        }
        if self.request.explain && self.nested.is_none() {
            hit.explanation = Some(self.explanation(found, target).map_err(failed)?.to_json());
        }
        for query in &self.named {
            run.work.check()?;
            if matches(&self.lowering(target), query, found.address)? {
                hit.matched_queries.extend(query.name.clone());
            }
        }
        if !self.percolating.is_empty() {
            let lowering = Lowering::new(snapshot, run.statistics, run.now, run.work);
            let given = &mut self.given;
            let slots = slots(&self.percolating, &fetched, found.target, given, &lowering);
            hit.fields.get_or_insert_default().extend(slots.map_err(failed)?);
        }
        if let Some(inner) = self.inner.get_mut(&found.target) {
            let mut shown = Map::new();
            for inner in inner {
                run.work.check()?;
                let hits = inner.hits(found, &fetched, held)?;
                shown.insert(inner.name.clone(), hits);
            }
            hit.inner_hits = Some(shown);
        }
        // Of what a script failed by, whoever asked it says nothing.
        run.work.faults.check().map_err(failed)?;
        Ok(Some(hit))
    }
}

/// What the document store keeps of one document.
pub(crate) struct Stored {
    /// `_id`
    pub(crate) id: String,
    /// `_routing`
    routing: Option<String>,
    /// `_source`, as it shows; of a nested object, itself where it stands in the source.
    source: Bytes,
    /// The document as it came, also where `_source` does not show it.
    whole: Bytes,
    /// Where it is in its document, if it is a nested object.
    pub(super) nested: Option<NestedPlace>,
}

/// What a hit takes beside its source: its names, numbers and lists.
const HIT_BYTES: u64 = 512;

impl Stored {
    /// What a hit made of it takes, at most: the filters of the source copy no more than it has.
    pub(crate) fn bytes(&self) -> u64 {
        HIT_BYTES + (self.source.len() + self.whole.len()) as u64
    }

    /// Reads one document.
    pub(crate) fn read(snapshot: &Snapshot, address: DocAddress) -> Result<Stored, Exception> {
        if let Some(place) = NestedPlace::of(snapshot, address)? {
            let root = DocAddress::new(address.segment_ord, place.root);
            let document: TantivyDocument = snapshot.searcher.doc(root).map_err(internal)?;
            let stored = Stored::of(&document);
            let whole = place.cut(&serde_json::from_slice(&stored.whole).map_err(broken)?);
            let whole = Bytes::from(whole.to_string());
            return Ok(Stored { whole, nested: Some(place), ..stored }.shown_by(snapshot));
        }
        let document: TantivyDocument = snapshot.searcher.doc(address).map_err(internal)?;
        Ok(Stored::of(&document).shown_by(snapshot))
    }

    /// All of a whole document.
    fn of(document: &TantivyDocument) -> Stored {
        let text =
            |field| document.get_first(field).and_then(|value| value.as_str()).map(str::to_owned);
        let source = document.get_first(fields::SOURCE).and_then(|value| value.as_bytes());
        Stored {
            id: text(fields::ID).unwrap_or_default(),
            routing: text(fields::ROUTING),
            source: Bytes::new(),
            whole: source.unwrap_or_default().to_vec().into(),
            nested: None,
        }
    }

    /// What of it shows to the reader of `snapshot`.
    fn shown_by(self, snapshot: &Snapshot) -> Stored {
        let (source, whole) = (snapshot.shown(self.whole.clone()), snapshot.visible(self.whole));
        Stored { source, whole, ..self }
    }

    /// The document as it came, as a tree: what stored fields and highlights are taken from.
    pub(crate) fn whole(&self) -> Result<Value, Exception> {
        serde_json::from_slice(&self.whole).map_err(broken)
    }

    /// The source as a tree.
    pub(crate) fn source(&self) -> Result<Value, Exception> {
        if self.source.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.source).map_err(broken)
    }

    /// What `filter` shows of the source.
    pub(crate) fn shown(&self, filter: &SourceFilter) -> Result<Option<Box<RawValue>>, Exception> {
        if !filter.enabled || self.source.is_empty() {
            return Ok(None);
        }
        if let Some(place) = &self.nested {
            let cut = filter.apply(&self.source()?);
            let Some(object) = place.object(&cut) else { return Ok(None) };
            return RawValue::from_string(object.to_string()).map(Some).map_err(broken);
        }
        let text = if filter.is_everything() {
            String::from_utf8(self.source.to_vec()).map_err(|error| {
                Exception::new(
                    ExceptionKind::IllegalState,
                    format!("a stored document is not text: {error}"),
                )
            })?
        } else {
            filter.apply(&self.source()?).to_string()
        };
        RawValue::from_string(text).map(Some).map_err(broken)
    }
}

impl Stored {
    /// The fields of which a malformed value was left out; a nested object does not say.
    fn ignored(
        &self,
        mapping: &Mapping,
        request: &SearchRequest,
    ) -> Result<Vec<String>, Exception> {
        if self.nested.is_some() || request.no_stored_fields || self.source.is_empty() {
            return Ok(Vec::new());
        }
        if !mapping.leaves().any(|leaf| leaf.kind.ignores_malformed()) {
            return Ok(Vec::new());
        }
        ignored(mapping, &self.whole()?)
    }
}

fn broken(error: serde_json::Error) -> Exception {
    Exception::new(ExceptionKind::IllegalState, format!("a stored document is not JSON: {error}"))
}

pub(super) fn one(
    flavor: Flavor,
    snapshot: &Snapshot,
    request: &SearchRequest,
    found: &FoundHit,
    stored: &Stored,
    sorts: &[sort::Sort],
) -> Result<Hit, Exception> {
    let reader = snapshot.searcher.segment_reader(found.address.segment_ord);
    let number = |name: &str| -> Result<u64, Exception> {
        let column = Numbers::open(reader, name).map_err(internal)?;
        Ok(match column {
            Some(Numbers::U64(column)) => column.first(found.address.doc_id).unwrap_or(0),
            _ => 0,
        })
    };
    let by_score = request.sort.is_empty();
    let printed = || -> Result<Vec<Value>, Exception> {
        let values = found.values.iter().zip(sorts).map(|(value, sort)| {
            Ok(sort::printed(value, &sort::source(sort, &snapshot.mapping)?, sort, flavor))
        });
        values.collect()
    };
    let has_score =
        by_score || request.track_scores || sorts.iter().any(|sort| sort.by == sort::SortBy::Score);
    Ok(Hit {
        index: snapshot.name.to_string(),
        id: (!request.no_stored_fields).then(|| stored.id.clone()),
        nested: stored.nested.as_ref().map(NestedPlace::printed),
        score: found.score.filter(|_| has_score),
        routing: stored.routing.clone().filter(|_| !request.no_stored_fields),
        ignored: stored.ignored(&snapshot.mapping, request)?,
        version: if request.version { Some(number(fields::VERSION_NAME)?) } else { None },
        seq_no_primary_term: if request.seq_no_primary_term {
            Some((number(fields::SEQ_NO_NAME)?, number(fields::PRIMARY_TERM_NAME)?))
        } else {
            None
        },
        source: stored.shown(&request.source)?,
        fields: shown_fields(snapshot, request, found.address, stored)?,
        highlight: None,
        sort: if by_score { None } else { Some(printed()?) },
        matched_queries: Vec::new(),
        inner_hits: None,
        explanation: None,
        type_name: (flavor == Flavor::Elasticsearch710)
            .then(|| snapshot.mapping.type_name().unwrap_or(DOC).to_owned()),
    })
}

/// What `stored_fields` asks for of the fields that are mapped with `store`.
fn stored_fields(
    snapshot: &Snapshot,
    request: &SearchRequest,
    stored: &Stored,
) -> Result<Map<String, Value>, Exception> {
    let mut shown = Map::new();
    let patterns = request.stored_fields.iter().filter(|pattern| !pattern.starts_with('_'));
    for pattern in patterns {
        if snapshot.mapping.is_object(pattern) {
            return Err(not_a_leaf(pattern));
        }
        for leaf in snapshot.mapping.leaves() {
            let asked = leaf.path == *pattern || crate::name_pattern::matches(pattern, &leaf.path);
            if asked && snapshot.mapping.is_stored(&leaf.path) {
                let values = stored_values(snapshot, leaf, &stored.whole()?)?;
                add_values(&mut shown, &leaf.path, values);
            }
        }
    }
    Ok(shown)
}

/// The refusal of an object where a field belongs.
pub(crate) fn not_a_leaf(path: &str) -> Exception {
    Exception::illegal_argument(format!("field [{path}] isn't a leaf field"))
}

/// The values that a field mapped with `store` keeps of a document.
pub(crate) fn stored_values(
    snapshot: &Snapshot,
    leaf: &Leaf,
    document: &Value,
) -> Result<Vec<Value>, Exception> {
    let format = own_format(leaf, None)?;
    let mut values = values_at(document, &leaf.path);
    let parent = leaf.path.rsplit_once('.').map(|(parent, _)| parent);
    if let Some(parent) = parent.filter(|parent| snapshot.mapping.leaf(parent).is_some()) {
        // A multi-field has the values of the field it belongs to.
        values = values_at(document, parent);
    }
    let shown = values.into_iter();
    Ok(shown.filter_map(|value| shown_value(leaf, value, format.as_ref())).collect())
}

fn shown_fields(
    snapshot: &Snapshot,
    request: &SearchRequest,
    address: DocAddress,
    stored: &Stored,
) -> Result<Option<Map<String, Value>>, Exception> {
    let mut shown = stored_fields(snapshot, request, stored)?;
    let matching = |pattern: &str| -> Vec<std::sync::Arc<Leaf>> {
        let all = snapshot.mapping.leaves();
        match snapshot.mapping.leaf(pattern) {
            Some(leaf) => vec![leaf.clone()],
            None => all
                .filter(|leaf| crate::name_pattern::matches(pattern, &leaf.path))
                .cloned()
                .collect(),
        }
    };
    for (pattern, format) in &request.docvalue_fields {
        for leaf in matching(pattern) {
            if leaf.column.is_none() {
                return Err(Exception::illegal_argument(leaf.no_column()));
            }
            let values = column_values(snapshot, &leaf, format.as_deref(), address)?;
            // An alias is shown by its own name.
            let name = if pattern.contains('*') { &leaf.path } else { pattern };
            add_values(&mut shown, name, values);
        }
    }
    if !request.fields.is_empty() {
        if !snapshot.mapping.shows_source() {
            return Err(Exception::illegal_argument(format!(
                "Unable to retrieve the requested [fields] since _source is disabled in the mappings for index [{}]",
                snapshot.name
            )));
        }
        let source = stored.source()?;
        for (pattern, format) in &request.fields {
            for leaf in matching(pattern) {
                let format = own_format(&leaf, format.as_deref())?;
                let parent = leaf.path.rsplit_once('.').map(|(parent, _)| parent.to_owned());
                if matches!(leaf.kind, FieldType::Number(Number { counts: Some(_), .. })) {
                    // What was counted is not in the source.
                    if leaf.column.is_some() {
                        let values = column_values(snapshot, &leaf, None, address)?;
                        add_values(&mut shown, &leaf.path, values);
                    }
                    continue;
                }
                if let Some(values) = whole_values(&leaf, &source) {
                    set_values(&mut shown, &leaf.path, values);
                    continue;
                }
                let mut values = values_at(&source, &leaf.path);
                if values.is_empty()
                    && let Some(parent) =
                        parent.filter(|parent| snapshot.mapping.leaf(parent).is_some())
                {
                    // A multi-field shows the values of the field it belongs to.
                    values = values_at(&source, &parent);
                }
                let values: Vec<Value> = values
                    .into_iter()
                    .filter_map(|value| shown_value(&leaf, value, format.as_ref()))
                    .collect();
                set_values(&mut shown, &leaf.path, values);
            }
        }
    }
    Ok((!shown.is_empty()).then_some(shown))
}

/// The values of a field that may be objects; `None` for the types whose values are scalars.
fn whole_values(leaf: &Leaf, source: &Value) -> Option<Vec<Value>> {
    fn open<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| open(value, found)),
            Value::Null => {}
            value => found.push(value),
        }
    }
    let opened = || {
        let mut found = Vec::new();
        whole_at(source, &leaf.path).into_iter().for_each(|value| open(value, &mut found));
        found
    };
    match &leaf.kind {
        FieldType::GeoPoint(kind) => Some(places(kind, source, &leaf.path)),
        FieldType::Range(_) | FieldType::Completion(_) | FieldType::GeoShape(_) => {
            Some(opened().into_iter().cloned().collect())
        }
        FieldType::Vector(_) => Some(whole_at(source, &leaf.path).into_iter().cloned().collect()),
        FieldType::RankFeature(kind) if kind.many => Some(opened().into_iter().cloned().collect()),
        FieldType::FlatObject(_) => {
            Some(opened().into_iter().map(|value| crate::value::java::java(value).into()).collect())
        }
        _ => None,
    }
}

/// The places at `path` of a source as GeoJSON.
fn places(kind: &GeoPoint, source: &Value, path: &str) -> Vec<Value> {
    let whole = whole_at(source, path);
    let points = whole.into_iter().filter_map(|value| kind.parse(path, value).ok()).flatten();
    points.map(|point| json!({"coordinates": [point.lon, point.lat], "type": "Point"})).collect()
}

/// What `fields` shows of a field: the last that asks for it counts.
fn set_values(shown: &mut Map<String, Value>, path: &str, values: Vec<Value>) {
    if !values.is_empty() {
        shown.insert(path.to_owned(), values.into());
    }
}

/// Adds to what a field shows: a field asked for twice shows both.
fn add_values(shown: &mut Map<String, Value>, path: &str, values: Vec<Value>) {
    if values.is_empty() {
        return;
    }
    if let Value::Array(known) = shown.entry(path).or_insert_with(|| Value::Array(Vec::new())) {
        known.extend(values);
    }
}

fn own_format(leaf: &Leaf, format: Option<&str>) -> Result<Option<DateFormat>, Exception> {
    match (&leaf.kind, format) {
        (FieldType::Date(_), Some(format)) => DateFormat::parse(format).map(Some),
        (FieldType::Date(date), None) => Ok(Some(date.format.clone())),
        (FieldType::GeoPoint(_), Some(_)) => Err(Exception::illegal_argument(format!(
            "Field [{}] of type [{}] does not support custom formats",
            leaf.path,
            leaf.kind.name()
        ))),
        (_, Some(_)) => Err(Exception::illegal_argument(format!(
            "Field [{}] of type [{}] doesn't support formats.",
            leaf.path,
            leaf.kind.name()
        ))),
        _ => Ok(None),
    }
}

/// A value of the source as its field shows it; `None` for one that the field could not take.
fn shown_value(leaf: &Leaf, value: Value, format: Option<&DateFormat>) -> Option<Value> {
    match (&leaf.kind, format) {
        (FieldType::Date(date), Some(format)) => {
            date.parse(&value).ok().map(|kept| Value::from(date.print(format, kept)))
        }
        (FieldType::Keyword(keyword), _) => {
            let text = crate::value::scalar::plain(&value);
            let fits = keyword.ignore_above.is_none_or(|most| text.encode_utf16().count() <= most);
            fits.then(|| match &leaf.normalizer {
                Some(normalizer) => normalizer.normalize(&text).into(),
                None => text.into(),
            })
        }
        (FieldType::Text(_), _) => Some(Value::from(crate::value::scalar::plain(&value))),
        (FieldType::Number(Number { counts: Some(counts), .. }), _) => {
            let analyzer = leaf.analyzer.as_ref()?;
            let count = counts.of(&crate::value::scalar::plain(&value), analyzer, &Cancel::new());
            count.ok().map(Value::from)
        }
        (FieldType::Number(number), _)
            if matches!(number.kind, NumberKind::Float | NumberKind::HalfFloat) =>
        {
            // As single precision prints it, which for half precision is not what is kept.
            let given = number.parse(&value).ok().flatten().and_then(|_| number_of(&value))?;
            java_float(given as f32).parse::<f64>().ok().map(Value::from)
        }
        (FieldType::Number(number), _) => number.parse(&value).ok().flatten().map(|parsed| {
            use crate::mapping::number::NumberValue;
            match parsed {
                NumberValue::I64(number) => Value::from(number),
                NumberValue::U64(number) => Value::from(number),
                NumberValue::F64(number) => Value::from(number),
            }
        }),
        // In a document, unlike in a query, the empty text is `false`.
        (FieldType::Boolean(_), _) if value == "" => Some(Value::from(false)),
        (FieldType::RankFeature(_), _) => number_of(&value).map(Value::from),
        (FieldType::Boolean(_), _) => {
            crate::dsl::term::boolean(&value).ok().map(|flag| Value::from(flag == 1))
        }
        _ => Some(value),
    }
}

/// The values of a document's column as they are printed.
// long: one arm per kind of column
pub(crate) fn column_values(
    snapshot: &Snapshot,
    leaf: &Leaf,
    format: Option<&str>,
    address: DocAddress,
) -> Result<Vec<Value>, Exception> {
    let reader = snapshot.searcher.segment_reader(address.segment_ord);
    let name = fields::stored_name(&leaf.path);
    let doc = address.doc_id;
    let mut values = Vec::new();
    match &leaf.kind {
        // Its terms are made a column for a whole search, not for a hit.
        FieldType::Text(_) => {
            return Err(Exception::not_implemented("docvalue_fields with a text field"));
        }
        FieldType::Keyword(_) => {
            if format.is_some_and(|format| format != "use_field_mapping") {
                return Err(Exception::illegal_argument(format!(
                    "Field [{}] of type [{}] does not support custom formats",
                    leaf.path,
                    leaf.kind.name()
                )));
            }
            if let Some(column) = columns::strings(reader, &name).map_err(internal)? {
                let mut ordinals: Vec<u64> = column.term_ords(doc).collect();
                ordinals.sort_unstable();
                ordinals.dedup();
                for ordinal in ordinals {
                    let mut text = String::new();
                    column.ord_to_str(ordinal, &mut text).map_err(crate::exception::io)?;
                    values.push(Value::from(text));
                }
            }
        }
        FieldType::Ip(_) => {
            if let Some(column) = columns::addresses(reader, &name).map_err(internal)? {
                values.extend(
                    column.values_for_doc(doc).map(|ip| Value::from(columns::address_text(ip))),
                );
            }
        }
        FieldType::Binary(_) => {
            if let Some(column) = columns::bytes(reader, &name).map_err(internal)? {
                for ordinal in column.term_ords(doc) {
                    let mut bytes = Vec::new();
                    column.ord_to_bytes(ordinal, &mut bytes).map_err(crate::exception::io)?;
                    values.push(Value::from(STANDARD_NO_PAD.encode(bytes)));
                }
            }
        }
        _ => return numbers(reader, leaf, own_format(leaf, format)?.as_ref(), doc),
    }
    Ok(values)
}

/// The numbers of a document's column as they are printed: in their order, as Lucene keeps them.
fn numbers(
    reader: &SegmentReader,
    leaf: &Leaf,
    format: Option<&DateFormat>,
    doc: DocId,
) -> Result<Vec<Value>, Exception> {
    let printed = |value: i64| match (&leaf.kind, format) {
        (FieldType::Boolean(_), _) => Value::from(value != 0),
        (FieldType::Date(date), Some(format)) => Value::from(date.print(format, value)),
        (FieldType::GeoPoint(_), _) => {
            let point = crate::geo::Point::of_code(value);
            Value::from(format!("{}, {}", java_double(point.lat), java_double(point.lon)))
        }
        _ => Value::from(value),
    };
    Ok(match Numbers::of(reader, leaf).map_err(internal)? {
        None => Vec::new(),
        Some(Numbers::I64(column)) => {
            let mut found: Vec<i64> = column.values_for_doc(doc).collect();
            found.sort_unstable();
            found.into_iter().map(printed).collect()
        }
        Some(Numbers::U64(column)) => {
            let mut found: Vec<u64> = column.values_for_doc(doc).collect();
            found.sort_unstable();
            found.into_iter().map(Value::from).collect()
        }
        Some(Numbers::F64(column)) => {
            let mut found: Vec<f64> = column.values_for_doc(doc).collect();
            found.sort_unstable_by(f64::total_cmp);
            found.into_iter().map(Value::from).collect()
        }
        Some(Numbers::Scaled(column, factor)) => {
            let mut found: Vec<f64> =
                column.values_for_doc(doc).map(|value| scaled(value, factor)).collect();
            found.sort_unstable_by(f64::total_cmp);
            found.into_iter().map(Value::from).collect()
        }
    })
}

/// Why a document scores as it does by a lowered query.
///
/// # Errors
/// What the index library reports.
pub(super) fn explanation(
    run: &SearchRun<'_>,
    snapshot: &Snapshot,
    query: &Lowered,
    address: DocAddress,
) -> Result<Explanation, Exception> {
    let searcher = &snapshot.searcher;
    let reader = searcher.segment_reader(address.segment_ord);
    let place = explain::DocumentAt { searcher, reader, doc: address.doc_id };
    explain::explain(query.as_ref(), &place, 1.0, run.flavor)
}

fn named_queries(query: Option<&Query>) -> Vec<Query> {
    fn walk(query: &Query, found: &mut Vec<Query>) {
        if query.name.is_some() {
            found.push(query.clone());
        }
        query.clause.children().into_iter().for_each(|child| walk(child, found));
    }
    let mut found = Vec::new();
    query.into_iter().for_each(|query| walk(query, &mut found));
    found
}

fn percolating_queries(query: Option<&Query>) -> Vec<Query> {
    fn walk(query: &Query, found: &mut Vec<Query>) {
        if query.clause.percolates().is_some() {
            found.push(query.clone());
        }
        query.clause.children().into_iter().for_each(|child| walk(child, found));
    }
    let mut found = Vec::new();
    query.into_iter().for_each(|query| walk(query, &mut found));
    found
}

/// Which of the documents given to `percolate` queries the query of a hit finds; `given` are those that were indexed.
fn slots(
    percolating: &[Query],
    fetched: &Stored,
    target: usize,
    given: &mut HashMap<(usize, usize), GivenDocuments>,
    lowering: &Lowering<'_>,
) -> Result<Map<String, Value>, Exception> {
    let mut shown = Map::new();
    let source = fetched.whole()?;
    let clauses = percolating.iter().filter_map(|query| query.clause.percolates());
    for (number, clause) in clauses.enumerate() {
        let given = match given.entry((target, number)) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(clause.given(lowering)?)
            }
        };
        let slots = clause.slots(&source, given, lowering)?;
        if !slots.is_empty() {
            shown.insert(clause.slot_name(), slots.into());
        }
    }
    Ok(shown)
}

fn matches(lowering: &Lowering<'_>, query: &Query, address: DocAddress) -> Result<bool, Exception> {
    let searcher = lowering.searcher;
    let lowered = lowering.lower(query)?;
    let weight =
        lowered.weight(EnableScoring::disabled_from_searcher(searcher)).map_err(internal)?;
    let reader = searcher.segment_reader(address.segment_ord);
    TwoPhaseDocuments::new(&weight.into(), reader, 1.0).holds(address.doc_id)
}
