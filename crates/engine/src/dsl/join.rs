//! `has_child`, `has_parent` and `parent_id`: documents by those that a join field ties to them. Source: the query builders
//! of Elasticsearch 7.10's parent-join module.
//!
//! The ids of what the inner query finds are gathered first, over all segments; then the documents of the other side that
//! have one of them are looked for.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;
use tantivy::query::{EnableScoring, Explanation, Query as TantivyQuery, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::boolean::Bool;
use super::inner_hits::{InnerHits, InnerHitsOf, InnerHitsSource};
use super::lower::{Lowered, Lowering, any_of, constant, nothing};
use super::lowered::combine;
use super::options::Options;
use super::roots_only::RootsOnly;
use super::term::Term;
use super::to_parent::{JoinScore, JoinedScore};
use super::words::SoughtWords;
use super::{Query, QueryClause, parse_at};
use crate::columns;
use crate::exception::{Exception, internal, io};
use crate::mapping::fields;
use crate::work::{Cancel, HeldMemory, stopped};

/// From which side documents are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum JoinSide {
    Child,
    Parent,
}

/// A `has_child` or `has_parent` query.
#[derive(Clone, Debug)]
pub(crate) struct JoinQuery {
    side: JoinSide,
    /// The relation that the inner query is asked of.
    relation: String,
    query: Query,
    mode: JoinScore,
    /// How many of them there must be.
    least: u32,
    most: u32,
    ignore_unmapped: bool,
    inner_hits: Option<InnerHits>,
}

pub(super) fn parse_child(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("has_child", value)?;
    let bound = |key: &str, default: u32| -> Result<u32, Exception> {
        let Some(text) = options.text(key)? else { return Ok(default) };
        if text.starts_with('-') {
            return Err(Exception::illegal_argument(format!(
                "[has_child] requires non-negative '{key}' field"
            )));
        }
        text.parse().map_err(|_| crate::value::scalar::not_a_number(&text))
    };
    let mode = match options.text("score_mode")? {
        Some(text) => JoinScore::parse(&text)?,
        None => JoinScore::None,
    };
    let (least, most) = (bound("min_children", 1)?, bound("max_children", u32::MAX)?);
    if most < least {
        return Err(Exception::illegal_argument(
            "[has_child] 'max_children' is less than 'min_children'",
        ));
    }
    let (relation, query) = inside("has_child", "type", &options, depth)?;
    let inner_hits = options.get("inner_hits").map(InnerHits::parse).transpose()?;
    let ignore_unmapped = options.flag("ignore_unmapped")?.unwrap_or(false);
    let side = JoinSide::Child;
    let query = JoinQuery { side, relation, query, mode, least, most, ignore_unmapped, inner_hits };
    Query::with(query, &options)
}

pub(super) fn parse_parent(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("has_parent", value)?;
    let mode = match options.flag("score")?.unwrap_or(false) {
        true => JoinScore::Max,
        false => JoinScore::None,
    };
    let (relation, query) = inside("has_parent", "parent_type", &options, depth)?;
    let inner_hits = options.get("inner_hits").map(InnerHits::parse).transpose()?;
    let ignore_unmapped = options.flag("ignore_unmapped")?.unwrap_or(false);
    let (side, least, most) = (JoinSide::Parent, 1, u32::MAX);
    let query = JoinQuery { side, relation, query, mode, least, most, ignore_unmapped, inner_hits };
    Query::with(query, &options)
}

/// The relation and the query inside.
fn inside(
    name: &str,
    key: &str,
    options: &Options<'_>,
    depth: usize,
) -> Result<(String, Query), Exception> {
    let query = options.get("query").map(|query| parse_at(query, depth + 1)).transpose()?;
    let needs = |key: &str| Exception::illegal_argument(format!("[{name}] requires '{key}' field"));
    match (options.text(key)?, query) {
        (None, _) => Err(needs(key)),
        (_, None) => Err(needs("query")),
        (Some(relation), Some(query)) => Ok((relation, query)),
    }
}

/// The two sides of a join on one index.
pub(crate) struct JoinSides {
    /// The field of the relations.
    pub(crate) field: String,
    /// The field of the parents' ids.
    pub(crate) ids: String,
    pub(crate) parent: String,
    pub(crate) children: Vec<String>,
}

impl JoinSides {
    /// Those of the join in which `child` is a child.
    pub(crate) fn of_child(lowering: &Lowering<'_>, child: &str) -> Option<JoinSides> {
        let (field, join) = lowering.mapping.join()?;
        let parent = join.parent_of(child)?.to_owned();
        let ids = format!("{field}#{parent}");
        Some(JoinSides { field: field.to_owned(), ids, parent, children: vec![child.to_owned()] })
    }

    /// Those of the join in which `parent` has children.
    pub(crate) fn of_parent(lowering: &Lowering<'_>, parent: &str) -> Option<JoinSides> {
        let (field, join) = lowering.mapping.join()?;
        let children = join.children_of(parent)?.to_vec();
        let ids = format!("{field}#{parent}");
        Some(JoinSides { field: field.to_owned(), ids, parent: parent.to_owned(), children })
    }

    /// The documents of some relations that exist for this reader.
    pub(crate) fn documents(
        &self,
        lowering: &Lowering<'_>,
        relations: &[String],
    ) -> Result<Lowered, Exception> {
        let one = |name: &String| lowering.term(&self.field, &Value::from(name.as_str()));
        let named: Vec<Lowered> = relations.iter().map(one).collect::<Result<_, _>>()?;
        let mut filters = vec![any_of(named.into_iter())];
        filters.extend(lowering.existing()?);
        Ok(combine(Vec::new(), filters, Vec::new(), Vec::new(), 0))
    }
}

impl JoinQuery {
    fn name(&self) -> &'static str {
        if self.side == JoinSide::Child { "has_child" } else { "has_parent" }
    }

    fn sides(&self, lowering: &Lowering<'_>) -> Option<JoinSides> {
        match self.side {
            JoinSide::Child => JoinSides::of_child(lowering, &self.relation),
            JoinSide::Parent => JoinSides::of_parent(lowering, &self.relation),
        }
    }

    /// Why the index has no such join.
    fn missing(&self, lowering: &Lowering<'_>) -> Exception {
        let (name, relation) = (self.name(), &self.relation);
        let side = if self.side == JoinSide::Child { "child" } else { "parent" };
        lowering.refuse(match lowering.mapping.join() {
            None => format!("[{name}] no join field has been configured"),
            Some((field, _)) => {
                format!("[{name}] join field [{field}] doesn't hold [{relation}] as a {side}")
            }
        })
    }

    /// The ids of what the inner query finds, with what its scores make.
    fn gather(
        &self,
        lowering: &Lowering<'_>,
        from: &Lowered,
        column: &str,
        held: &mut HeldMemory,
    ) -> Result<HashMap<Arc<str>, f32>, Exception> {
        let searcher = lowering.searcher;
        let scored = self.mode != JoinScore::None;
        let scoring = match scored {
            true => EnableScoring::enabled_from_searcher(searcher),
            false => EnableScoring::disabled_from_searcher(searcher),
        };
        let weight = from.weight(scoring).map_err(internal)?;
        let mut found: HashMap<Arc<str>, JoinedScore> = HashMap::new();
        for reader in searcher.segment_readers() {
            let Some(ids) = columns::strings(reader, column).map_err(internal)? else { continue };
            let mut scorer = weight.scorer(reader, 1.0).map_err(internal)?;
            let mut here: HashMap<u64, JoinedScore> = HashMap::new();
            while scorer.doc() != TERMINATED {
                lowering.work.check()?;
                let doc = scorer.doc();
                if let Some(ordinal) = ids.term_ords(doc).next().filter(|_| !reader.is_deleted(doc))
                {
                    let score = if scored { scorer.score() } else { 1.0 };
                    here.entry(ordinal).or_default().add(score);
                }
                scorer.advance();
            }
            lowering.work.check()?;
            let mut ordinals: Vec<u64> = here.keys().copied().collect();
            ordinals.sort_unstable();
            for ordinal in ordinals {
                lowering.work.check()?;
                let mut id = String::new();
                ids.ord_to_str(ordinal, &mut id).map_err(io)?;
                let score = here.remove(&ordinal).unwrap_or_default();
                match found.get_mut(id.as_str()) {
                    Some(known) => known.join(&score),
                    None => {
                        held.grow(ID_BYTES + id.len() as u64)?;
                        found.insert(id.into(), score);
                    }
                }
            }
        }
        let fits = |score: &JoinedScore| (self.least..=self.most).contains(&score.count);
        let score = |score: &JoinedScore| if scored { score.of(self.mode) } else { 1.0 };
        Ok(found
            .into_iter()
            .filter(|(_, joined)| fits(joined))
            .map(|(id, joined)| (id, score(&joined)))
            .collect())
    }
}

/// What an id takes in the table, beside its bytes.
const ID_BYTES: u64 = 112;

impl QueryClause for JoinQuery {
    fn expensive(&self) -> Option<&'static str> {
        Some("joining")
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let Some(sides) = self.sides(lowering) else {
            return if self.ignore_unmapped { Ok(nothing()) } else { Err(self.missing(lowering)) };
        };
        let parent = [sides.parent.clone()];
        let (from, to) = match self.side {
            JoinSide::Child => (&sides.children[..], &parent[..]),
            JoinSide::Parent => (&parent[..], &sides.children[..]),
        };
        let whole = Lowering { nested: None, ..*lowering };
        let inner = whole.lower(&self.query)?;
        let from = sides.documents(&whole, from)?;
        let mut from = combine(vec![inner], vec![from], Vec::new(), Vec::new(), 0);
        if lowering.mapping.has_blocks() {
            from = RootsOnly::of(from, &lowering.work.cancel);
        }
        let column = fields::stored_name(&sides.ids);
        let mut held = lowering.work.holds("<join>");
        let found = self.gather(lowering, &from, &column, &mut held)?;
        if found.is_empty() && self.least > 0 {
            return Ok(nothing());
        }
        Ok(Box::new(JoinedDocuments {
            to: sides.documents(&whole, to)?,
            column,
            found: Arc::new((found, held)),
            cancel: lowering.work.cancel.clone(),
        }))
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn rewrites(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        Query::one_inside_rewrites(self, lowering)
    }

    fn children(&self) -> Vec<&Query> {
        vec![&self.query]
    }

    fn words(&self, _: &mut SoughtWords<'_>) -> Result<(), Exception> {
        Ok(())
    }

    fn inner_hits(&self) -> Option<InnerHitsOf<'_>> {
        Some(InnerHitsOf {
            definition: self.inner_hits.as_ref(),
            source: match self.side {
                JoinSide::Child => InnerHitsSource::Children { relation: &self.relation },
                JoinSide::Parent => InnerHitsSource::Parent { relation: &self.relation },
            },
            query: &self.query,
            ignore_unmapped: self.ignore_unmapped,
        })
    }
}

/// What is asked of the documents joined with one hit: what they matched, their relation, and the id that they share.
pub(crate) fn joined_with(query: &Query, sides: &JoinSides, relation: &str, id: &str) -> Query {
    let term = |field: &str, value: &str| {
        let value = Value::from(value);
        Query::of(Term { field: field.to_owned(), value, case_insensitive: false })
    };
    let filter = vec![term(&sides.field, relation), term(&sides.ids, id)];
    Query::of(Bool { must: vec![query.clone()], filter, ..Bool::default() })
}

/// The documents of one side that have an id that the other side found.
struct JoinedDocuments {
    to: Lowered,
    column: String,
    found: Arc<(HashMap<Arc<str>, f32>, HeldMemory)>,
    cancel: Cancel,
}

impl Clone for JoinedDocuments {
    fn clone(&self) -> JoinedDocuments {
        JoinedDocuments {
            to: self.to.box_clone(),
            column: self.column.clone(),
            found: Arc::clone(&self.found),
            cancel: self.cancel.clone(),
        }
    }
}

impl std::fmt::Debug for JoinedDocuments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "JoinedDocuments({}, {} ids)", self.column, self.found.0.len())
    }
}

impl TantivyQuery for JoinedDocuments {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let scoring = match scoring {
            EnableScoring::Enabled { searcher, .. } => {
                EnableScoring::disabled_from_searcher(searcher)
            }
            disabled => disabled,
        };
        let to = self.to.weight(scoring)?;
        let (column, found, cancel) =
            (self.column.clone(), Arc::clone(&self.found), self.cancel.clone());
        Ok(Box::new(JoinedWeight { to, column, found, cancel }))
    }
}

struct JoinedWeight {
    to: Box<dyn Weight>,
    column: String,
    found: Arc<(HashMap<Arc<str>, f32>, HeldMemory)>,
    cancel: Cancel,
}

impl Weight for JoinedWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut documents = Vec::new();
        if let Some(ids) = columns::strings(reader, &self.column)? {
            let mut scores: HashMap<u64, f32> = HashMap::new();
            for (id, score) in &self.found.0 {
                if self.cancel.is_cancelled() {
                    return Err(stopped());
                }
                if let Some(ordinal) = ids.dictionary().term_ord(id.as_bytes())? {
                    scores.insert(ordinal, *score);
                }
            }
            let mut to = self.to.scorer(reader, 1.0)?;
            while !scores.is_empty() && to.doc() != TERMINATED {
                if self.cancel.is_cancelled() {
                    return Err(stopped());
                }
                let score = ids.term_ords(to.doc()).find_map(|ordinal| scores.get(&ordinal));
                documents.extend(score.map(|score| (to.doc(), score * boost)));
                to.advance();
            }
        }
        Ok(Box::new(JoinedScorer { documents, at: 0 }))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        let found = scorer.doc() <= doc && scorer.seek(doc) == doc;
        let score = if found { scorer.score() } else { 0.0 };
        Ok(Explanation::new("Score based on joined documents", score))
    }
}

/// Documents in order, with their scores.
struct JoinedScorer {
    documents: Vec<(DocId, f32)>,
    at: usize,
}

impl DocSet for JoinedScorer {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        self.doc()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let left = self.documents.get(self.at..).unwrap_or_default();
        self.at += left.partition_point(|(doc, _)| *doc < target);
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.documents.get(self.at).map_or(TERMINATED, |(doc, _)| *doc)
    }

    fn size_hint(&self) -> u32 {
        u32::try_from(self.documents.len()).unwrap_or(u32::MAX)
    }
}

impl Scorer for JoinedScorer {
    fn score(&mut self) -> Score {
        self.documents.get(self.at).map_or(0.0, |(_, score)| *score)
    }
}

/// A `parent_id` query.
#[derive(Clone, Debug)]
struct ParentId {
    relation: Option<String>,
    id: String,
    ignore_unmapped: bool,
}

pub(super) fn parse_parent_id(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::new("parent_id", value)?;
    let query = ParentId {
        relation: options.text("type")?,
        id: options.text("id")?.unwrap_or_default(),
        ignore_unmapped: options.flag("ignore_unmapped")?.unwrap_or(false),
    };
    Query::with(query, &options)
}

impl QueryClause for ParentId {
    fn expensive(&self) -> Option<&'static str> {
        Some("joining")
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let relation = self.relation.as_deref().unwrap_or("null");
        let Some(sides) = JoinSides::of_child(lowering, relation) else {
            if self.ignore_unmapped {
                return Ok(nothing());
            }
            return Err(lowering.refuse(match lowering.mapping.join() {
                None => format!("[parent_id] no join field found for index [{}]", lowering.index),
                Some(_) => format!("[parent_id] no relation found for child [{relation}]"),
            }));
        };
        let id = lowering.term(&sides.ids, &Value::from(self.id.as_str()))?;
        let relation = constant(lowering.term(&sides.field, &Value::from(relation))?);
        Ok(combine(vec![id], vec![relation], Vec::new(), Vec::new(), 0))
    }
}
