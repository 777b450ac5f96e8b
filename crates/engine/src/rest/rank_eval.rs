//! The body of `_rank_eval`: searches with ratings of the documents that they should find. What templates make of searches
//! is rendered here, before anybody is asked anything, as for a search template.
//!
//! Source: `RankEvalSpec` and `RatedRequest` of Elasticsearch 7.10.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Json;
use super::json::token;
use super::search_template::TemplateRequest;
use crate::exception::{Exception, ExceptionKind};
use crate::limits::ITEMS_MAX;
use crate::script::mustache::Rendering;
use crate::search::Metric;
use crate::value::scalar;
use crate::work::Work;

/// An evaluation, read.
#[derive(Clone, Debug)]
pub struct RankEvaluation {
    /// Its searches.
    pub searches: Vec<RatedSearch>,
    pub(crate) metric: Metric,
}

/// One of its searches.
#[derive(Clone, Debug)]
pub struct RatedSearch {
    /// Its name.
    pub id: String,
    /// The search, or why its template makes none.
    pub body: Result<Json, Exception>,
    /// How documents were rated.
    pub ratings: Vec<Rating>,
    /// What of the documents it shows.
    pub(crate) summary_fields: Vec<String>,
    /// Whether a template made it.
    pub of_template: bool,
}

/// The rating of one document.
#[derive(Clone, Debug, PartialEq)]
pub struct Rating {
    /// Its index.
    pub index: String,
    /// Its id.
    pub id: String,
    /// The higher, the better.
    pub rating: i32,
}

/// A search as it stands in the request.
struct GivenSearch {
    id: String,
    request: Option<Value>,
    template: Option<(String, Value)>,
    ratings: Vec<Rating>,
    summary_fields: Vec<String>,
}

/// Reads a body.
///
/// # Errors
/// In Elasticsearch's words; more searches than are let in.
pub(super) fn read(json: &Json, work: &Work) -> Result<RankEvaluation, Exception> {
    let (mut given, mut metric) = (None, None);
    let mut templates = BTreeMap::new();
    for (key, value) in json.value.as_object().into_iter().flatten() {
        let in_key = |fault: Exception| failed("rank_eval", key, fault);
        match (key.as_str(), value) {
            ("requests", Value::Array(list)) => {
                if list.len() > ITEMS_MAX {
                    return Err(Exception::illegal_argument(format!(
                        "more than {ITEMS_MAX} searches in one request"
                    )));
                }
                let read = list.iter().map(GivenSearch::read).collect::<Result<Vec<_>, _>>();
                given = Some(read.map_err(in_key)?);
            }
            ("templates", Value::Array(list)) => {
                for entry in list {
                    let (id, template) = template(entry).map_err(in_key)?;
                    templates.insert(id, template);
                }
            }
            ("metric", Value::Object(_)) => {
                let read = Metric::parse(value).map_err(|fault| match fault.kind() {
                    ExceptionKind::NamedObjectNotFound => in_key(fault.clone()).root_cause(fault),
                    _ => in_key(fault),
                });
                metric = Some(read?);
            }
            ("max_concurrent_searches", value) => {
                if scalar::count(value).is_none_or(|count| count == 0) {
                    let reason = "maxConcurrentSearchRequests must be positive";
                    return Err(Exception::illegal_argument(reason));
                }
            }
            ("requests" | "templates" | "metric", other) => {
                let token = token(other);
                let what = format!("{key} doesn't support values of type: {token}");
                return Err(wrong("rank_eval", &what));
            }
            _ => return Err(wrong("rank_eval", &format!("unknown field [{key}]"))),
        }
    }
    let (given, metric) = match (given, metric) {
        (Some(given), Some(metric)) => (given, metric),
        (given, metric) => {
            let missing = [("requests", given.is_none()), ("metric", metric.is_none())];
            let missing: Vec<&str> =
                missing.iter().filter(|(_, missing)| *missing).map(|(name, _)| *name).collect();
            return Err(Exception::illegal_argument(format!("Required [{}]", missing.join(", "))));
        }
    };
    if given.is_empty() {
        let why = "Cannot evaluate ranking if no search requests with rated results are provided. Seen: []";
        return Err(not_built("rank_eval", why));
    }
    let mut rendering = Rendering::new(work);
    let searches = given.into_iter().map(|given| given.searched(&templates, work, &mut rendering));
    Ok(RankEvaluation { searches: searches.collect::<Result<_, _>>()?, metric })
}

/// One of the templates, with its name.
fn template(entry: &Value) -> Result<(String, Value), Exception> {
    let (mut id, mut template) = (None, None);
    for (key, value) in entry.as_object().into_iter().flatten() {
        match (key.as_str(), value) {
            ("id", Value::String(text)) => id = Some(text.clone()),
            ("template", value) => template = Some(value.clone()),
            _ => return Err(wrong("rank_eval_templates", &format!("unknown field [{key}]"))),
        }
    }
    match (id, template) {
        (Some(id), Some(template)) => Ok((id, template)),
        (None, _) => Err(Exception::illegal_argument("Required [id]")),
        (_, None) => Err(Exception::illegal_argument("Required [template]")),
    }
}

impl GivenSearch {
    fn read(value: &Value) -> Result<GivenSearch, Exception> {
        let (mut id, mut ratings, mut request) = (None, None, None);
        let (mut params, mut template_id) = (None, None);
        let mut summary_fields = Vec::new();
        for (key, value) in value.as_object().into_iter().flatten() {
            match (key.as_str(), value) {
                ("id", Value::String(text)) => id = Some(text.clone()),
                ("ratings", Value::Array(list)) => {
                    let read = list.iter().map(Rating::read).collect::<Result<Vec<_>, _>>();
                    ratings = Some(read.map_err(|fault| failed("request", key, fault))?);
                }
                ("request", Value::Object(_)) => request = Some(value.clone()),
                ("params", Value::Object(map)) => params = Some(map.clone()),
                ("template_id", Value::String(text)) => template_id = Some(text.clone()),
                ("summary_fields", value) => summary_fields = scalar::list(value),
                ("id" | "ratings" | "request" | "params" | "template_id", other) => {
                    let token = token(other);
                    let what = format!("{key} doesn't support values of type: {token}");
                    return Err(wrong("request", &what));
                }
                _ => return Err(wrong("request", &format!("unknown field [{key}]"))),
            }
        }
        let missing = [("id", id.is_none()), ("ratings", ratings.is_none())];
        let missing: Vec<&str> =
            missing.iter().filter(|(_, missing)| *missing).map(|(name, _)| *name).collect();
        if !missing.is_empty() {
            return Err(Exception::illegal_argument(format!("Required [{}]", missing.join(", "))));
        }
        let params = params.filter(|params| !params.is_empty());
        let (id, ratings) = (id.unwrap_or_default(), ratings.unwrap_or_default());
        let unclear =
            why_not(&id, request.as_ref(), params.as_ref(), template_id.is_some(), &ratings);
        if let Some(why) = unclear {
            return Err(not_built("request", &why));
        }
        let template = template_id.zip(params.map(Value::Object));
        Ok(GivenSearch { id, request, template, ratings, summary_fields })
    }

    fn searched(
        self,
        templates: &BTreeMap<String, Value>,
        work: &Work,
        rendering: &mut Rendering<'_>,
    ) -> Result<RatedSearch, Exception> {
        let GivenSearch { id, request, template, ratings, summary_fields } = self;
        let of_template = template.is_some();
        let body = match (request, template) {
            (Some(value), _) => Ok(Json::made(value)),
            (None, Some((template, params))) => {
                let Some(source) = templates.get(&template) else {
                    let reason = format!("there is no template [{template}] for request [{id}]");
                    return Err(Exception::illegal_argument(reason));
                };
                let mut asked = source.as_object().cloned().unwrap_or_default();
                asked.shift_remove("lang");
                asked.insert("params".to_owned(), params);
                let asked = TemplateRequest::parse(&Value::Object(asked))?;
                let text = asked.rendered(work, rendering)?;
                let made = Json::read_within(work.body(text.into_bytes())?, work);
                work.check()?;
                if let Ok(made) = &made
                    && let Some(why) = not_rated(&made.value)
                {
                    return Err(Exception::illegal_argument(why));
                }
                made
            }
            (None, None) => Ok(Json::made(json!({}))),
        };
        Ok(RatedSearch { id, body, ratings, summary_fields, of_template })
    }
}

/// Why a search cannot be rated.
fn why_not(
    id: &str,
    request: Option<&Value>,
    params: Option<&Map<String, Value>>,
    named: bool,
    ratings: &[Rating],
) -> Option<String> {
    let why = match (request, params, named) {
        (Some(_), Some(_), _) | (Some(_), _, true) => {
            "Ambiguous rated request: Set both, verbatim test request and test request template parameters."
        }
        (None, None, _) => "Need to set at least test request or test request template parameters.",
        (None, Some(_), false) => {
            "If template parameters are supplied need to set id of template to apply them to too."
        }
        _ => "",
    };
    if !why.is_empty() {
        return Some(why.to_owned());
    }
    if let Some(why) = request.and_then(not_rated) {
        return Some(why.to_owned());
    }
    let mut known = BTreeSet::new();
    let twice = ratings.iter().find(|rating| !known.insert((&rating.index, &rating.id)));
    twice.map(|Rating { index, id: document, .. }| {
        format!(
            "Found duplicate rated document key [{{\"_index\":\"{index}\",\"_id\":\"{document}\"}}] in evaluation request [{id}]"
        )
    })
}

/// What a search that is rated may not have.
fn not_rated(request: &Value) -> Option<&'static str> {
    let has = |key: &str| request.get(key).is_some_and(|value| !value.is_null());
    let on = |key: &str| request.get(key).and_then(scalar::boolean) == Some(true);
    if has("suggest") {
        return Some("Query in rated requests should not contain a suggest section.");
    }
    if has("aggs") || has("aggregations") {
        return Some("Query in rated requests should not contain aggregations.");
    }
    if has("highlight") {
        return Some("Query in rated requests should not contain a highlighter section.");
    }
    if on("explain") {
        return Some("Query in rated requests should not use explain.");
    }
    on("profile").then_some("Query in rated requests should not use profile.")
}

impl Rating {
    fn read(value: &Value) -> Result<Rating, Exception> {
        let (mut index, mut id, mut rating) = (None, None, None);
        for (key, value) in value.as_object().into_iter().flatten() {
            match (key.as_str(), value) {
                ("_index", Value::String(text)) => index = Some(text.clone()),
                ("_id", Value::String(text)) => id = Some(text.clone()),
                ("rating", Value::Number(_) | Value::String(_)) => {
                    let text = scalar::plain(value);
                    let read = text
                        .parse::<i32>()
                        .map_err(|_| failed("rated_document", key, scalar::not_a_number(&text)))?;
                    rating = Some(read);
                }
                ("_index" | "_id" | "rating", other) => {
                    let token = token(other);
                    let what = format!("{key} doesn't support values of type: {token}");
                    return Err(wrong("rated_document", &what));
                }
                _ => return Err(wrong("rated_document", &format!("unknown field [{key}]"))),
            }
        }
        match (index, id, rating) {
            (Some(index), Some(id), Some(rating)) => Ok(Rating { index, id, rating }),
            (index, id, rating) => {
                let missing = [
                    ("_index", index.is_none()),
                    ("_id", id.is_none()),
                    ("rating", rating.is_none()),
                ];
                let missing: Vec<&str> =
                    missing.iter().filter(|(_, missing)| *missing).map(|(name, _)| *name).collect();
                let reason = format!("Required [{}]", missing.join(", "));
                Err(Exception::illegal_argument(reason))
            }
        }
    }
}

fn wrong(parser: &str, what: &str) -> Exception {
    Exception::new(ExceptionKind::XContentParse, format!("[{parser}] {what}"))
}

fn failed(parser: &str, key: &str, cause: Exception) -> Exception {
    wrong(parser, &format!("failed to parse field [{key}]")).caused_by(cause)
}

fn not_built(parser: &str, why: &str) -> Exception {
    let reason = format!("Failed to build [{parser}] after last required field arrived");
    Exception::new(ExceptionKind::XContentParse, reason).caused_by(Exception::illegal_argument(why))
}
