//! `children` and `parent`: from documents to those that a join field ties to them. Source: Elasticsearch 7.10, "Children
//! aggregation" and "Parent aggregation".
//!
//! What is tied to a document may lie in any segment, before it or behind: the ids are gathered while the search runs,
//! and the other side is walked over at the end of each index.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::columnar::StrColumn;
use tantivy::query::{EnableScoring, Weight};
use tantivy::{DocId, DocSet, Searcher, SegmentReader, TERMINATED};

use super::definition::Outcome;
use super::shared::SharedState;
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::columns;
use crate::dsl::join::JoinSides;
use crate::exception::{Exception, internal, io};
use crate::mapping::fields;
use crate::work::HeldMemory;

/// A `children` or `parent` aggregation.
#[derive(Clone, Debug)]
struct JoinAggregation {
    kind: &'static str,
    /// The relation of the children.
    child: String,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let (name, kind) = (body.name, body.type_name);
    let mut child = None;
    for (key, value) in body.options()?.entries() {
        match (key.as_str(), value) {
            ("type", Value::String(text)) => child = Some(text.clone()),
            (_, value @ Value::String(_)) => {
                let reason = format!("Unknown key for a VALUE_STRING in [{name}]: [{key}].");
                return Err(Exception::parsing(reason).at(value));
            }
            (_, value) => {
                let token = crate::value::scalar::token(value);
                let reason = format!("Unexpected token {token} in [{name}].");
                return Err(Exception::parsing(reason).at(value));
            }
        }
    }
    let Some(child) = child else {
        return Err(Exception::parsing(format!(
            "Missing [child_type] field for {kind} aggregation [{name}]"
        )));
    };
    Ok(Arc::new(JoinAggregation { kind, child }))
}

impl AggregationDefinition for JoinAggregation {
    fn outcome(&self) -> Outcome {
        Outcome::Bucket
    }

    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(JoinCollector {
            definition: self.clone(),
            subs,
            index: None,
            ids: None,
            last: None,
            owners: HashMap::new(),
            counts: Vec::new(),
            shared: shared.clone(),
            held,
        })
    }
}

/// What is walked over at the end of an index.
struct OtherSide {
    searcher: Searcher,
    /// The documents to collect.
    weight: Box<dyn Weight>,
    /// The column of the ids that both sides share.
    column: String,
    /// Which documents may lead to them.
    from: Box<dyn Weight>,
}

struct JoinCollector {
    definition: JoinAggregation,
    subs: SubAggregations,
    index: Option<OtherSide>,
    /// The ids of the open segment, and which documents have one that counts.
    ids: Option<(StrColumn, tantivy::BitSet)>,
    /// The id that was read last, by its ordinal.
    last: Option<(u64, Arc<str>)>,
    /// The buckets that lead to each id.
    owners: HashMap<Arc<str>, Vec<u32>>,
    counts: Vec<u64>,
    shared: SharedState,
    held: HeldMemory,
}

/// What an id takes in the table, beside its bytes; and each bucket that leads to it.
const ID_BYTES: u64 = 128;
const OWNER_BYTES: u64 = 4;

impl JoinCollector {
    /// Collects the documents of the other side of the index that ends.
    fn walk(&mut self) -> Result<(), Exception> {
        let Some(index) = self.index.take() else { return Ok(()) };
        let owners = std::mem::take(&mut self.owners);
        self.ids = None;
        self.last = None;
        for reader in index.searcher.segment_readers() {
            self.subs.open_segment(reader)?;
            let Some(ids) = columns::strings(reader, &index.column).map_err(internal)? else {
                continue;
            };
            let mut by_ordinal: HashMap<u64, &Vec<u32>> = HashMap::new();
            for (id, owners) in &owners {
                self.shared.check()?;
                if let Some(ordinal) = ids.dictionary().term_ord(id.as_bytes()).map_err(io)? {
                    by_ordinal.insert(ordinal, owners);
                }
            }
            let mut scorer = index.weight.scorer(reader, 1.0).map_err(internal)?;
            while !by_ordinal.is_empty() && scorer.doc() != TERMINATED {
                self.shared.check()?;
                let doc = scorer.doc();
                let owners = ids.term_ords(doc).find_map(|ordinal| by_ordinal.get(&ordinal));
                if let Some(owners) = owners.filter(|_| !reader.is_deleted(doc)) {
                    for owner in owners.iter() {
                        self.count(*owner)?;
                        self.subs.collect(doc, 0.0, *owner)?;
                    }
                }
                scorer.advance();
            }
            self.shared.check()?;
        }
        Ok(())
    }

    fn count(&mut self, owner: u32) -> Result<(), Exception> {
        let place = owner as usize;
        if self.counts.len() <= place {
            self.held.grow((place + 1 - self.counts.len()) as u64 * 8)?;
            self.counts.resize(place + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(place) {
            *count += 1;
        }
        Ok(())
    }

    fn counted(&self, owner: u32) -> u64 {
        self.counts.get(owner as usize).copied().unwrap_or(0)
    }
}

impl Collector for JoinCollector {
    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.walk()?;
        self.subs.close_index(index)
    }

    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.open_index(index)?;
        let lowering = &index.lowering;
        let Some(sides) = JoinSides::of_child(lowering, &self.definition.child) else {
            return Ok(());
        };
        let parent = [sides.parent.clone()];
        let (from, to) = match self.definition.kind {
            "children" => (&parent[..], &sides.children[..]),
            _ => (&sides.children[..], &parent[..]),
        };
        let weight = |relations: &[String]| -> Result<Box<dyn Weight>, Exception> {
            let scoring = EnableScoring::disabled_from_searcher(lowering.searcher);
            sides.documents(lowering, relations)?.weight(scoring).map_err(internal)
        };
        self.index = Some(OtherSide {
            searcher: index.snapshot.searcher.clone(),
            weight: weight(to)?,
            column: fields::stored_name(&sides.ids),
            from: weight(from)?,
        });
        Ok(())
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.ids = None;
        self.last = None;
        let Some(index) = &self.index else { return Ok(()) };
        let Some(ids) = columns::strings(reader, &index.column).map_err(internal)? else {
            return Ok(());
        };
        let mut counts = tantivy::BitSet::with_max_value(reader.max_doc());
        let mut scorer = index.from.scorer(reader, 1.0).map_err(internal)?;
        while scorer.doc() != TERMINATED {
            self.shared.check()?;
            counts.insert(scorer.doc());
            scorer.advance();
        }
        self.ids = Some((ids, counts));
        Ok(())
    }

    fn collect(&mut self, doc: DocId, _: f32, owner: u32) -> Result<(), Exception> {
        let Some((ids, counts)) = &self.ids else { return Ok(()) };
        let Some(ordinal) = ids.term_ords(doc).next().filter(|_| counts.contains(doc)) else {
            return Ok(());
        };
        let id = match &self.last {
            Some((known, id)) if *known == ordinal => Arc::clone(id),
            _ => {
                let mut text = String::new();
                ids.ord_to_str(ordinal, &mut text).map_err(io)?;
                let id: Arc<str> = text.into();
                self.last = Some((ordinal, Arc::clone(&id)));
                id
            }
        };
        if !self.owners.contains_key(&id) {
            self.held.grow(ID_BYTES + id.len() as u64)?;
        }
        let owners = self.owners.entry(id).or_default();
        if let Err(place) = owners.binary_search(&owner) {
            owners.insert(place, owner);
            self.held.grow(OWNER_BYTES)?;
        }
        Ok(())
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let count = Value::from(self.counted(owner));
        let mut bucket = Map::from_iter([("doc_count".to_owned(), count)]);
        self.subs.finish_into(owner, &mut bucket)?;
        Ok(bucket)
    }

    fn sort_value(&mut self, owner: u32, path: &[&str]) -> Result<Option<f64>, Exception> {
        match path {
            [] | ["_count" | "doc_count"] => Ok(Some(self.counted(owner) as f64)),
            path => self.subs.sort_value(owner, path),
        }
    }

    fn type_name(&self) -> &'static str {
        self.definition.kind
    }
}
