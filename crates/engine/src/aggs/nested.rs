//! `nested` and `reverse_nested`: from documents to the nested objects inside them, and back. Source: Elasticsearch 7.10,
//! "Nested aggregation" and "Reverse nested aggregation".

use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::definition::Outcome;
use super::shared::SharedState;
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::blocks::{NestedObjects, Parents, Roots};
use crate::dsl::lower::Lowering;
use crate::exception::{Exception, ExceptionKind, internal};
use crate::flavor::Flavor;
use crate::value::scalar::token;
use crate::work::HeldMemory;

/// A `nested` or `reverse_nested` aggregation.
#[derive(Clone, Debug)]
struct NestedAggregation {
    name: String,
    kind: &'static str,
    path: Option<String>,
}

pub(super) fn parse_nested(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let path = path(body)?;
    if path.is_none() {
        return Err(Exception::parsing(format!(
            "Missing [path] field for nested aggregation [{}]",
            body.name
        )));
    }
    Ok(Arc::new(NestedAggregation { name: body.name.to_owned(), kind: "nested", path }))
}

pub(super) fn parse_reverse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let (name, path) = (body.name.to_owned(), path(body)?);
    Ok(Arc::new(NestedAggregation { name, kind: "reverse_nested", path }))
}

/// The one option.
fn path(body: &AggregationBody<'_>) -> Result<Option<String>, Exception> {
    let mut path = None;
    for (key, value) in body.options()?.entries() {
        let token = match value {
            Value::String(text) if key == "path" => {
                path = Some(text.clone());
                continue;
            }
            Value::String(_) => {
                return Err(Exception::parsing(format!(
                    "Unknown key for a VALUE_STRING in [{}]: [{key}].",
                    body.name
                ))
                .at(value));
            }
            other => token(other),
        };
        let reason = format!("Unexpected token {token} in [{}].", body.name);
        return Err(Exception::parsing(reason).at(value));
    }
    Ok(path)
}

impl AggregationDefinition for NestedAggregation {
    fn outcome(&self) -> Outcome {
        Outcome::Bucket
    }

    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(NestedCollector {
            definition: self.clone(),
            subs,
            scope: None,
            mapped: false,
            aside: false,
            open: None,
            counts: Vec::new(),
            last: Vec::new(),
            led: None,
            shared: shared.clone(),
            held,
            held_segment: shared.work().holds("<nested>"),
        })
    }
}

/// What is open of a segment.
enum OpenSegment {
    /// The objects to go to, and what they lie in.
    Inward(Parents, NestedObjects),
    /// The objects to go to from objects that they do not lie in: those of the whole document.
    Aside(Roots, NestedObjects),
    /// What to go to.
    Outward(Parents),
}

struct NestedCollector {
    definition: NestedAggregation,
    subs: SubAggregations,
    /// The path of the objects that are collected; `None`: whole documents.
    scope: Option<String>,
    /// Whether the index has the path.
    mapped: bool,
    /// Whether objects lead to others that are not in them.
    aside: bool,
    open: Option<OpenSegment>,
    counts: Vec<u64>,
    /// The document that each owner's objects led to last.
    last: Vec<Option<DocId>>,
    /// The object that led to others aside last, and the document that they are in.
    led: Option<(DocId, DocId)>,
    shared: SharedState,
    held: HeldMemory,
    /// What the open segment takes.
    held_segment: HeldMemory,
}

impl NestedCollector {
    fn count(&mut self, owner: u32) -> Result<(), Exception> {
        let place = owner as usize;
        if self.counts.len() <= place {
            self.held.grow((place + 1 - self.counts.len()) as u64 * 16)?;
            self.counts.resize(place + 1, 0);
            self.last.resize(place + 1, None);
        }
        if let Some(count) = self.counts.get_mut(place) {
            *count += 1;
        }
        Ok(())
    }

    /// Whether the objects at the path do not lie in those that are collected. (`NestedAggregator.isParent` of OpenSearch;
    /// Elasticsearch looks for them among those before each.)
    fn lies_aside(&self, path: &str, flavor: Flavor) -> bool {
        let inside = |scope: &String| path.strip_prefix(scope.as_str())?.strip_prefix('.');
        let aside = self.scope.as_ref().is_some_and(|scope| inside(scope).is_none());
        aside && flavor == Flavor::OpenSearch219
    }

    fn counted(&self, owner: u32) -> u64 {
        self.counts.get(owner as usize).copied().unwrap_or(0)
    }
}

/// What is told of the index to those that collect the objects at `path`, or whole documents.
fn inside<'a>(index: &IndexContext<'a>, path: Option<&'a str>) -> IndexContext<'a> {
    let lowering = Lowering { nested: path, ..index.lowering };
    IndexContext { lowering, refused: Rc::clone(&index.refused), ..*index }
}

impl Collector for NestedCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        let NestedAggregation { name, kind, path } = &self.definition;
        let path = path.as_deref();
        let mapping = &index.snapshot.mapping;
        self.open = None;
        self.scope = index.lowering.nested.map(str::to_owned);
        self.aside = path.is_some_and(|path| self.lies_aside(path, index.flavor));
        self.mapped = path.is_none_or(|path| mapping.is_nested(path));
        if *kind == "reverse_nested" && self.scope.is_none() {
            return Err(Exception::illegal_argument(format!(
                "Reverse nested aggregation [{name}] can only be used inside a [nested] aggregation"
            )));
        }
        if let Some(path) = path.filter(|path| !self.mapped && mapping.is_object(path)) {
            return Err(Exception::new(
                ExceptionKind::AggregationExecution,
                format!("[{kind}] nested path [{path}] is not nested"),
            ));
        }
        self.subs.open_index(&inside(index, path))
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        let path = self.definition.path.as_deref();
        self.subs.close_index(&inside(index, path))
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.last.fill(None);
        self.led = None;
        self.held_segment.set(NestedObjects::bytes(reader) * 2)?;
        let path = self.definition.path.as_deref();
        self.open = match (self.mapped, self.definition.kind, path) {
            (true, "nested", Some(path)) if self.aside => Some(OpenSegment::Aside(
                Roots::of(reader).map_err(internal)?,
                NestedObjects::at(path, reader).map_err(internal)?,
            )),
            (true, "nested", Some(path)) => Some(OpenSegment::Inward(
                Parents::of(self.scope.as_deref(), reader).map_err(internal)?,
                NestedObjects::at(path, reader).map_err(internal)?,
            )),
            (true, _, path) => {
                Some(OpenSegment::Outward(Parents::of(path, reader).map_err(internal)?))
            }
            (false, ..) => None,
        };
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        let (from, to) = match &self.open {
            None => return Ok(()),
            Some(OpenSegment::Inward(parents, _)) => (parents.start(doc), doc),
            Some(OpenSegment::Aside(roots, _)) => {
                let root = roots.root_of(doc);
                // Of a document's objects the first leads to all; the real servers' cursor is behind them for the others.
                let (first, of) = *self.led.get_or_insert((doc, root));
                if root == of && doc != first {
                    return Ok(());
                }
                self.led = Some((doc, root));
                (roots.block_start(root), root)
            }
            Some(OpenSegment::Outward(parents)) => {
                let last = self.last.get(owner as usize).copied().flatten();
                let Some(around) = parents.around_after(doc, last).filter(|at| Some(*at) != last)
                else {
                    return Ok(());
                };
                self.count(owner)?;
                if let Some(last) = self.last.get_mut(owner as usize) {
                    *last = Some(around);
                }
                return self.subs.collect(around, score, owner);
            }
        };
        for object in from..to {
            self.shared.check()?;
            if let Some(OpenSegment::Inward(_, objects) | OpenSegment::Aside(_, objects)) =
                &self.open
                && objects.contains(object)
            {
                self.count(owner)?;
                self.subs.collect(object, score, owner)?;
            }
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
