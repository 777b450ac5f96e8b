//! `nested` of a sort: documents are ordered by values of the nested objects inside them. Source: `NestedSortBuilder` and
//! `MultiValueMode` of Elasticsearch 7.10.

use serde_json::Value;
use tantivy::query::{EnableScoring, Weight};
use tantivy::{BitSet, DocId, DocSet, SegmentReader, TERMINATED};

use crate::blocks::{self, Parents};
use crate::dsl::Query;
use crate::dsl::lower::Lowering;
use crate::dsl::lowered::combine;
use crate::dsl::nested::check_path;
use crate::exception::{Exception, ExceptionKind, internal};
use crate::limits::JSON_DEPTH_MAX;
use crate::work::Work;

/// Which nested objects a sort looks at.
#[derive(Clone, Debug)]
pub struct NestedSort {
    /// From the outermost: a path, and what its objects must match.
    levels: Vec<(String, Option<Query>)>,
    /// Up to how many objects of a document with a value count.
    max_children: usize,
}

impl PartialEq for NestedSort {
    fn eq(&self, other: &NestedSort) -> bool {
        let paths = |sort: &NestedSort| -> Vec<String> {
            sort.levels.iter().map(|(path, _)| path.clone()).collect()
        };
        paths(self) == paths(other) && self.max_children == other.max_children
    }
}

impl NestedSort {
    /// The objects at `path` that match `filter`.
    pub(super) fn of(path: String, filter: Option<Query>) -> NestedSort {
        NestedSort { levels: vec![(path, filter)], max_children: usize::MAX }
    }

    /// Reads the value of `nested`.
    pub(super) fn parse(value: &Value) -> Result<NestedSort, Exception> {
        let mut sort = NestedSort { levels: Vec::new(), max_children: usize::MAX };
        let mut next = Some(value);
        while let Some(value) = next.take() {
            let Some(object) = value.as_object().filter(|_| sort.levels.len() < JSON_DEPTH_MAX)
            else {
                return Err(malformed("must start with an object"));
            };
            let (mut path, mut filter) = (None, None);
            for (key, value) in object {
                match (key.as_str(), value) {
                    ("path", Value::String(text)) => path = Some(text.clone()),
                    ("filter", value) => filter = Some(crate::dsl::parse(value)?),
                    ("max_children", value) => {
                        let text = crate::value::scalar::plain(value);
                        let most = text.parse::<u32>();
                        let most = most.map_err(|_| crate::value::scalar::not_a_number(&text))?;
                        sort.max_children = sort.max_children.min(most as usize);
                    }
                    ("nested", value) => next = Some(value),
                    (other, _) => return Err(malformed(&format!("unknown field name [{other}]"))),
                }
            }
            sort.levels.push((path.unwrap_or_default(), filter));
        }
        Ok(sort)
    }

    /// Ready for the index that `lowering` is of.
    pub(in crate::search) fn lowered(
        &self,
        lowering: &Lowering<'_>,
    ) -> Result<LoweredNestedSort, Exception> {
        let mut levels = Vec::new();
        for (path, filter) in &self.levels {
            if let Err(reason) = check_path(lowering, path) {
                return Err(Exception::new(ExceptionKind::QueryShard, reason));
            }
            let filter = filter.as_ref().map(|filter| lowering.within(path).lower(filter));
            let filter = filter.transpose()?.into_iter().collect();
            let objects = combine(Vec::new(), filter, Vec::new(), Vec::new(), 0);
            let objects =
                combine(vec![objects], vec![blocks::objects(path)], Vec::new(), Vec::new(), 0);
            let scoring = EnableScoring::disabled_from_searcher(lowering.searcher);
            levels.push((path.clone(), objects.weight(scoring).map_err(internal)?));
        }
        Ok(LoweredNestedSort {
            levels,
            scope: lowering.nested.map(str::to_owned),
            max_children: self.max_children,
            work: lowering.work.clone(),
        })
    }
}

fn malformed(what: &str) -> Exception {
    Exception::illegal_argument(format!("malformed nested sort format, {what}"))
}

/// The same on one index.
pub(in crate::search) struct LoweredNestedSort {
    levels: Vec<(String, Box<dyn Weight>)>,
    scope: Option<String>,
    max_children: usize,
    work: Work,
}

/// The objects that count, in one segment.
pub(in crate::search) struct SortedObjects {
    objects: BitSet,
    parents: Parents,
    /// Up to how many of a document count.
    pub(super) max_children: usize,
}

impl LoweredNestedSort {
    /// The objects of the segment of `reader`.
    pub(super) fn open(&self, reader: &SegmentReader) -> Result<SortedObjects, Exception> {
        let mut found: Option<(BitSet, Parents)> = None;
        for (path, weight) in &self.levels {
            let mut objects = BitSet::with_max_value(reader.max_doc());
            let mut scorer = weight.scorer(reader, 1.0).map_err(internal)?;
            let mut doc = scorer.doc();
            while doc != TERMINATED {
                self.work.check()?;
                let counts = found.as_ref().is_none_or(|(around, parents)| {
                    parents.around(doc).is_some_and(|parent| around.contains(parent))
                });
                if counts {
                    objects.insert(doc);
                }
                doc = scorer.advance();
            }
            self.work.check()?;
            found = Some((objects, Parents::of(Some(path), reader).map_err(internal)?));
        }
        let (objects, _) = found.unwrap_or((
            BitSet::with_max_value(reader.max_doc()),
            Parents::of(None, reader).map_err(internal)?,
        ));
        Ok(SortedObjects {
            objects,
            parents: Parents::of(self.scope.as_deref(), reader).map_err(internal)?,
            max_children: self.max_children,
        })
    }
}

impl SortedObjects {
    /// The objects inside `doc`.
    pub(super) fn inside(&self, doc: DocId) -> impl Iterator<Item = DocId> + '_ {
        (self.parents.start(doc)..doc).filter(|object| self.objects.contains(*object))
    }
}
