//! `collapse`: of the hits with the same value only the best. Source: `CollapseBuilder` and `ExpandSearchPhase` of
//! Elasticsearch 7.10.

use serde_json::{Map, Value};

use super::execute;
use super::found::{FoundHit, SearchRun};
use super::inner_hits::InnerRequest;
use super::response::Hit;
use super::{SearchRequest, Target, fetch};
use crate::dsl::Query;
use crate::dsl::boolean::Bool;
use crate::dsl::exists::Exists;
use crate::dsl::inner_hits::InnerHits;
use crate::dsl::options::Options;
use crate::dsl::term::Term;
use crate::exception::{Exception, ExceptionKind};
use crate::work::HeldMemory;

/// Most `inner_hits` of one collapse: each is a search for every hit.
const INNER_MAX: usize = 32;

/// The value of `collapse`.
#[derive(Clone, Debug)]
pub struct Collapse {
    /// The field whose values the hits differ in.
    pub(super) field: String,
    /// What of the other hits is shown.
    inner: Vec<InnerHits>,
}

impl Collapse {
    /// Reads the value of `collapse`.
    ///
    /// # Errors
    /// `x_content_parse_exception` for what it does not take, and what its inner hits are refused with.
    pub fn parse(value: &Value) -> Result<Collapse, Exception> {
        let options = Options::declared("collapse", value)?;
        let listed = match options.get("inner_hits") {
            None => Vec::new(),
            Some(Value::Array(listed)) => listed.iter().collect(),
            Some(one) => vec![one],
        };
        if listed.len() > INNER_MAX {
            return Err(Exception::illegal_argument(format!(
                "[collapse] allows at most [{INNER_MAX}] inner hits"
            )));
        }
        let inner: Result<Vec<InnerHits>, Exception> =
            listed.into_iter().map(InnerHits::parse).collect();
        let inner = inner.map_err(|cause| options.failed("inner_hits", cause))?;
        if inner.iter().any(|inner| inner.name.is_none()) {
            return Err(Exception::illegal_argument("Field name cannot be null"));
        }
        if options
            .text("max_concurrent_group_searches")?
            .is_some_and(|text| text == "0" || text.starts_with('-'))
        {
            let cause = Exception::illegal_argument("maxConcurrentGroupRequests` must be positive");
            return Err(options.failed("max_concurrent_group_searches", cause));
        }
        let field = options.text("field")?;
        options.finish()?;
        for inner in &inner {
            InnerRequest::of_group(inner).map_err(|cause| match cause.reason() {
                NO_THIRD_LEVEL => {
                    let inside = Exception::new(
                        ExceptionKind::XContentParse,
                        "[inner_hits] failed to parse field [collapse]",
                    );
                    let inside = inside.caused_by(cause.clone());
                    options.failed("inner_hits", inside).root_cause(cause)
                }
                _ => cause,
            })?;
        }
        let missing = || Exception::parsing("[collapse] must be provided with a [field]");
        Ok(Collapse { field: field.ok_or_else(missing)?, inner })
    }

    /// Refuses a search that cannot be collapsed.
    ///
    /// # Errors
    /// `search_exception` in Elasticsearch's words.
    pub(super) fn check(request: &SearchRequest) -> Result<(), Exception> {
        let refused = |what: &str| {
            Err(Exception::new(ExceptionKind::Search, format!("cannot use `collapse` {what}")))
        };
        if request.collapse.is_none() {
            return Ok(());
        }
        if request.scroll_milliseconds.is_some() {
            return refused("in a scroll context");
        }
        if request.search_after.is_some() {
            return refused("in conjunction with `search_after`");
        }
        if !request.rescore.is_empty() {
            return refused("in conjunction with `rescore`");
        }
        Ok(())
    }
}

/// The refusal of a collapse inside the collapse of inner hits.
pub(super) const NO_THIRD_LEVEL: &str = "Invalid token in the inner collapse";

/// Puts the value that a hit stands for among its fields.
pub(super) fn show(collapse: &Collapse, found: &FoundHit, hit: &mut Hit) {
    if let Some(group) = found.group.as_ref().filter(|group| !group.is_null()) {
        let shown = hit.fields.get_or_insert_with(Map::new);
        shown.entry(&collapse.field).or_insert_with(|| Value::Array(vec![group.clone()]));
    }
}

/// Shows with each hit what it stands for: a search of its own for each.
///
/// # Errors
/// As the search.
pub(super) fn expand(
    run: &SearchRun<'_>,
    targets: &[Target],
    request: &SearchRequest,
    collapse: &Collapse,
    found: &[FoundHit],
    hits: &mut [Hit],
    held: &mut HeldMemory,
) -> Result<(), Exception> {
    for (found, hit) in found.iter().zip(hits) {
        for inner in &collapse.inner {
            run.work.check()?;
            let own = InnerRequest::of_group(inner)?;
            let group = SearchRequest {
                query: Some(group_query(request, collapse, found)),
                post_filter: request.post_filter.clone(),
                total_as_number: request.total_as_number,
                ..own
            };
            let outcome = execute::query(run, targets, &group, None)?;
            let answer = fetch::respond(run, targets, &group, outcome)?;
            held.grow(answer.bytes())?;
            let mut answer = serde_json::to_value(&answer).unwrap_or_default();
            let shown = hit.inner_hits.get_or_insert_with(Map::new);
            let hits = answer.get_mut("hits").map(Value::take).unwrap_or_default();
            let name = inner.name.clone().unwrap_or_default();
            shown.insert(name, Value::Object(Map::from_iter([("hits".to_owned(), hits)])));
        }
    }
    Ok(())
}

/// What all hits of a group match.
fn group_query(request: &SearchRequest, collapse: &Collapse, found: &FoundHit) -> Query {
    let field = collapse.field.clone();
    let mut query = Bool { must: request.query.iter().cloned().collect(), ..Bool::default() };
    match found.group.as_ref().filter(|group| !group.is_null()) {
        Some(value) => {
            let term = Term { field, value: value.clone(), case_insensitive: false };
            query.filter.push(Query::of(term));
        }
        None => query.must_not.push(Query::of(Exists { field })),
    }
    Query::of(query)
}
