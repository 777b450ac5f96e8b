//! `nested`: documents of whose nested objects one matches. Source: `NestedQueryBuilder` of Elasticsearch 7.10.

use serde_json::Value;

use super::inner_hits::{InnerHits, InnerHitsOf, InnerHitsSource};
use super::lower::{Lowered, Lowering, nothing};
use super::lowered::combine;
use super::options::Options;
use super::to_parent::{JoinScore, ToParent};
use super::words::SoughtWords;
use super::{Query, QueryClause, parse_at};
use crate::blocks;
use crate::exception::{Exception, ExceptionKind};

/// A `nested` query.
#[derive(Clone, Debug)]
pub(crate) struct NestedQuery {
    path: String,
    query: Query,
    mode: JoinScore,
    ignore_unmapped: bool,
    inner_hits: Option<InnerHits>,
}

pub(super) fn parse(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("nested", value)?;
    let mode = match options.text("score_mode")? {
        Some(text) => JoinScore::parse(&text)?,
        None => JoinScore::Avg,
    };
    let inner_hits = options.get("inner_hits").map(InnerHits::parse).transpose()?;
    let query = options.get("query").map(|query| parse_at(query, depth + 1)).transpose()?;
    let (path, ignore_unmapped) =
        (options.text("path")?, options.flag("ignore_unmapped")?.unwrap_or(false));
    let missing =
        |key: &str| Exception::illegal_argument(format!("[nested] requires '{key}' field"));
    let boosted = |clause| Query::with(clause, &options);
    match (path, query) {
        (None, _) => options.finish().and(Err(missing("path"))),
        (_, None) => options.finish().and(Err(missing("query"))),
        (Some(path), Some(query)) => {
            boosted(NestedQuery { path, query, mode, ignore_unmapped, inner_hits })
        }
    }
}

impl NestedQuery {
    /// The nested objects that match, lowered.
    fn objects(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let inner = lowering.within(&self.path).lower(&self.query)?;
        Ok(combine(vec![inner], vec![blocks::objects(&self.path)], Vec::new(), Vec::new(), 0))
    }
}

/// Refuses a path at which there are no nested objects, in Elasticsearch's words.
pub(crate) fn check_path(lowering: &Lowering<'_>, path: &str) -> Result<(), String> {
    if lowering.mapping.is_nested(path) {
        Ok(())
    } else if lowering.mapping.is_object(path) {
        Err(format!("[nested] nested object under path [{path}] is not of nested type"))
    } else {
        Err(format!("[nested] failed to find nested object under path [{path}]"))
    }
}

impl QueryClause for NestedQuery {
    fn expensive(&self) -> Option<&'static str> {
        Some("joining")
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if let Err(reason) = check_path(lowering, &self.path) {
            if self.ignore_unmapped && !lowering.mapping.is_object(&self.path) {
                return Ok(nothing());
            }
            return Err(lowering.failed(Exception::new(ExceptionKind::IllegalState, reason)));
        }
        Ok(Box::new(ToParent {
            objects: self.objects(lowering)?,
            scope: lowering.nested.map(str::to_owned),
            mode: self.mode,
            cancel: lowering.work.cancel.clone(),
        }))
    }

    fn rewrites(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        Query::one_inside_rewrites(self, lowering)
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn children(&self) -> Vec<&Query> {
        vec![&self.query]
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        sought.query(&self.query)
    }

    fn inner_hits(&self) -> Option<InnerHitsOf<'_>> {
        Some(InnerHitsOf {
            definition: self.inner_hits.as_ref(),
            source: InnerHitsSource::Nested { path: &self.path },
            query: &self.query,
            ignore_unmapped: self.ignore_unmapped,
        })
    }
}
