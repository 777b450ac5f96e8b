//! Reading a body: content type, unknown parameters, strict JSON or NDJSON, once.

use super::aliases::{self, AliasAction};
use super::bulk::{self, BulkItem};
use super::filter_path::FilterPath;
use super::json::token;
use super::likeness::{most_alike, suggested, unrecognized_list};
use super::mget::{self, MgetItem};
use super::msearch::{self, MsearchItem};
use super::rank_eval::{self, RankEvaluation};
use super::search_template::TemplateRequest;
use super::table::{Api, BodyKind};
use super::{Flavor, Json, Parsed, Route};
use crate::exception::{Exception, ExceptionKind};
use crate::limits::BODY_BYTES_MAX;
use crate::place::Body;
use crate::script::mustache::Rendering;
use crate::work::Work;
use bytes::Bytes;
use serde_json::Value;

/// A body, read as its API wants it.
#[derive(Clone, Debug)]
pub enum ParsedBody {
    /// None was sent, or it was not looked at: of an API that is not built, or one that goes on unread ([`parse_unread`]).
    Empty,
    /// One JSON object.
    Json(Json),
    /// The actions of `_aliases` and of `…/_alias/{name}`.
    Aliases(Vec<AliasAction>),
    /// The items of `_bulk`.
    Bulk(Vec<BulkItem>),
    /// The items of `_mget`.
    Mget(Vec<MgetItem>),
    /// The items of `_msearch`.
    Msearch(Vec<MsearchItem>),
    /// The searches of `_rank_eval`, with their ratings.
    RankEval(Box<RankEvaluation>),
}

impl ParsedBody {
    /// The JSON object that was sent; `Null` when none was.
    pub fn value(&self) -> &Value {
        match self {
            ParsedBody::Json(json) => &json.value,
            _ => &Value::Null,
        }
    }

    /// The same with its text.
    pub(crate) fn text_and_value(&self) -> Option<Body<'_>> {
        match self {
            ParsedBody::Json(json) => Some(json.body()),
            _ => None,
        }
    }
}

/// Reads the body of `route`. Of a search template it becomes what the template makes, with the stored templates of
/// `work` ([`Work::on`]).
///
/// Errors, in Elasticsearch's words: 400 for an unknown query parameter, 406 for a content type that is not read here,
/// 413 for too large a body, 400 for a body that is missing, not wanted, or not strict JSON. The body of an API that is
/// not built is not looked at: it is answered 501 after authorization by its URL. `task_cancelled_exception` once `work`
/// is called off.
pub fn parse(
    route: Route,
    content_type: Option<&str>,
    body: Bytes,
    work: &Work,
) -> Result<Parsed, Exception> {
    if !route.api.built() {
        return Ok(Parsed { route, body: ParsedBody::Empty });
    }
    check_parameters(&route, !body.is_empty() || route.query.get("source").is_some())?;
    FilterPath::of(&route.query)?;
    if body.len() > BODY_BYTES_MAX {
        return Err(too_long(body.len()));
    }
    let body = if body.is_empty() {
        source_parameter(&route)?
    } else {
        check_content_type(&route, content_type)?;
        body
    };
    let body = read(&route, body, work).map_err(|fault| fault.placed(None, route.flavor))?;
    Ok(Parsed { route, body })
}

/// The request of `route` whose body goes on elsewhere, unread: of no matter to what it touches.
///
/// # Errors
/// As [`parse`], of all but the body.
pub fn parse_unread(route: Route, content_type: Option<&str>) -> Result<Parsed, Exception> {
    check_head(&route, content_type)?;
    Ok(Parsed { route, body: ParsedBody::Empty })
}

/// What is refused of the head of a request with a body.
pub(super) fn check_head(route: &Route, content_type: Option<&str>) -> Result<(), Exception> {
    check_parameters(route, true)?;
    FilterPath::of(&route.query)?;
    check_content_type(route, content_type)
}

/// The body as the row of `route` says.
fn read(route: &Route, body: Bytes, work: &Work) -> Result<ParsedBody, Exception> {
    Ok(match route.api.row().body {
        BodyKind::None if body.is_empty() => ParsedBody::Empty,
        BodyKind::None => return Err(unwanted(route)),
        BodyKind::Aliases => ParsedBody::Aliases(aliases::read(route, body, work)?),
        BodyKind::Optional | BodyKind::Query if body.iter().all(u8::is_ascii_whitespace) => {
            ParsedBody::Empty
        }
        BodyKind::Optional | BodyKind::Query => ParsedBody::Json(object(route, body, work)?),
        // It may have its ids in the URL.
        BodyKind::Mget if route.api == Api::Mtermvectors => {
            ParsedBody::Mget(mget::read(route, &body, work)?)
        }
        _ if body.is_empty() => return Err(missing(route)),
        BodyKind::Required | BodyKind::Document => ParsedBody::Json(object(route, body, work)?),
        BodyKind::Bulk => ParsedBody::Bulk(bulk::read(route, &body, work)?),
        BodyKind::Mget => ParsedBody::Mget(mget::read(route, &body, work)?),
        BodyKind::Msearch | BodyKind::MsearchTemplate => {
            ParsedBody::Msearch(msearch::read(route, &body, work)?)
        }
        BodyKind::RankEval => {
            let json = object(route, body, work)?;
            ParsedBody::RankEval(Box::new(rank_eval::read(&json, work)?))
        }
        BodyKind::SearchTemplate => {
            let json = object(route, body, work)?;
            let template = TemplateRequest::parse(&json.value);
            let template =
                template.map_err(|fault| fault.placed(Some(json.body()), route.flavor))?;
            ParsedBody::Json(template.search(work, &mut Rendering::new(work))?)
        }
    })
}

fn object(route: &Route, body: Bytes, work: &Work) -> Result<Json, Exception> {
    let document = route.api.row().body == BodyKind::Document;
    let json = Json::read_within(body, work).map_err(|cause| match route.api {
        _ if document => Exception::mapper_parsing("failed to parse").caused_by(cause),
        Api::IndicesCreate | Api::IndicesPutMapping => {
            let reason = "Failed to parse content to map";
            Exception::new(ExceptionKind::ElasticsearchParse, reason).caused_by(cause)
        }
        Api::Count => Exception::parsing("Failed to parse").caused_by(cause),
        _ => cause,
    })?;
    if json.value.is_object() {
        return Ok(json);
    }
    Err(if document {
        Exception::mapper_parsing("failed to parse").caused_by(Exception::new(
            ExceptionKind::NotXContent,
            "Compressor detection can only be called on some xcontent bytes or compressed xcontent bytes",
        ))
    } else {
        no_object(&json.value)
    })
}

/// The refusal of a body that is `seen`.
pub(super) fn no_object(seen: &Value) -> Exception {
    Exception::parsing(format!("Expected [START_OBJECT] but found [{}]", token(seen)))
        .with("line", 1)
        .with("col", 1)
}

/// `?source=` carries the body of a client that cannot send one with `GET`.
fn source_parameter(route: &Route) -> Result<Bytes, Exception> {
    let Some(source) = route.query.get("source") else { return Ok(Bytes::new()) };
    let Some(kind) = route.query.get("source_content_type") else {
        return Err(Exception::new(
            ExceptionKind::IllegalState,
            "source and source_content_type parameters are required",
        )
        .with_status(400));
    };
    if !readable(route, kind) {
        return Err(Exception::new(
            ExceptionKind::IllegalState,
            format!("Unknown value for source_content_type [{kind}]"),
        )
        .with_status(400));
    }
    Ok(Bytes::copy_from_slice(source.as_bytes()))
}

fn check_content_type(route: &Route, content_type: Option<&str>) -> Result<(), Exception> {
    match content_type {
        Some(kind) if readable(route, kind) => Ok(()),
        Some(kind) => Err(format!("Content-Type header [{kind}] is not supported")),
        None => Err("Content-Type header is missing".to_owned()),
    }
    .map_err(|text| Exception::new(ExceptionKind::ContentTypeNotSupported, text))
}

/// JSON everywhere, NDJSON where lines are read. YAML, CBOR and SMILE are refused: one body, one parser.
fn readable(route: &Route, content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let lines = matches!(
        route.api.row().body,
        BodyKind::Bulk | BodyKind::Msearch | BodyKind::MsearchTemplate
    );
    ["application/json", "application/*", "application/vnd.elasticsearch+json"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(essence))
        || (lines
            && ["application/x-ndjson", "application/vnd.elasticsearch+x-ndjson"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(essence)))
}

/// Refuses what the real server calls unrecognized. `with_body`: one was sent.
fn check_parameters(route: &Route, with_body: bool) -> Result<(), Exception> {
    let known = |name: &str| {
        route.api.knows_parameter(name, route.flavor) && query_is_read(route, name, with_body)
    };
    let unknown: Vec<&str> = route.query.names().filter(|name| !known(name)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let mut sorted = unknown;
    sorted.sort_unstable();
    let noun = if sorted.len() == 1 { "parameter" } else { "parameters" };
    let named: Vec<String> = sorted
        .iter()
        .map(|name| suggested(name, nearest(route, name).filter(|known| known != name)))
        .collect();
    Err(unrecognized_list(&route.path, noun, &named.join(", ")))
}

/// `df` and its like say how `q` is read, so nobody reads them without it; and where a body is the query, nobody reads
/// `q`. (`RestActions.urlParamsToQueryBuilder` and its callers in Elasticsearch 7.10.)
fn query_is_read(route: &Route, name: &str, with_body: bool) -> bool {
    let body_is_the_query = with_body && route.api.row().body == BodyKind::Query;
    match name {
        "q" => !body_is_the_query,
        "analyze_wildcard" | "analyzer" | "default_operator" | "df" | "lenient" => {
            route.query.get("q").is_some() && !body_is_the_query
        }
        _ => true,
    }
}

/// The parameter of `route` that differs from `name` by little enough to be meant.
fn nearest(route: &Route, name: &str) -> Option<&'static str> {
    let here = |only: Option<Flavor>| only.is_none_or(|only| only == route.flavor);
    let known = route.api.parameters().filter(|(_, only)| here(*only)).map(|(known, _)| known);
    most_alike(name, known)
}

fn missing(route: &Route) -> Exception {
    match (route.api.row().body, route.api) {
        (
            BodyKind::Mget
            | BodyKind::Msearch
            | BodyKind::SearchTemplate
            | BodyKind::MsearchTemplate,
            _,
        )
        | (_, Api::RenderSearchTemplate) => Exception::new(
            ExceptionKind::ElasticsearchParse,
            "request body or source parameter is required",
        ),
        (_, Api::Update) => Exception::validation(&["script or doc is missing"]),
        (_, Api::DeleteByQuery) => Exception::validation(&["query is missing"]),
        _ => Exception::new(ExceptionKind::ElasticsearchParse, "request body is required"),
    }
}

fn unwanted(route: &Route) -> Exception {
    Exception::illegal_argument(format!(
        "request [{} {}] does not support having a body",
        route.method.name(),
        route.path
    ))
}

fn too_long(length: usize) -> Exception {
    Exception::new(
        ExceptionKind::ContentTooLong,
        format!(
            "entity content is too long [{length}] for the configured buffer limit [{BODY_BYTES_MAX}]"
        ),
    )
}

#[cfg(test)]
mod tests;
