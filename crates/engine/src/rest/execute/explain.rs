//! `_explain` and `_validate/query`: what a query is on an index, and why a document scores as it does.

use super::Task;
use super::search::{QUERY_STRING, check_query, names_of, targets, targets_of};
use crate::cluster::names::IndicesOptions;
use crate::document;
use crate::dsl::{self, Query};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::response::Response;
use crate::search::{SearchRequest, Target};
use serde_json::{Map, Value, json};

/// `GET /{index}/_explain/{id}`.
pub(crate) fn explain(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    check_query(task.body())?;
    if query(task, task.body())?.is_none() {
        return Err(Exception::validation(&["query is missing"]));
    }
    let id = route.part("id").unwrap_or_default();
    let targets = targets(task, &task.named()?, &[], task.options()?)?;
    let documents = document::with_documents(task, task.body(), || Ok(names_of(&targets)))?;
    let query = query(task, documents.body())?.unwrap_or_else(dsl::Query::all);
    let [target] = targets.as_slice() else {
        let named = route.part("index").unwrap_or_default();
        return Err(Exception::illegal_argument(format!(
            "index [{named}] must name exactly one index"
        )));
    };
    let of_type = |name| target.snapshot().mapping.is_of_type(name);
    let found = match route.type_name().is_none_or(of_type) {
        true => task.engine.searches.explain(target, &query, id, task.now, task.work)?,
        false => None,
    };
    let mut answer = Map::new();
    answer.insert("_index".into(), (*target.snapshot().name).into());
    if let Some(type_name) = route.type_name() {
        answer.insert("_type".into(), type_name.into());
    }
    answer.insert("_id".into(), id.into());
    answer.insert("matched".into(), found.as_ref().is_some_and(|found| found.matched).into());
    if let Some(found) = &found {
        answer.insert("explanation".into(), found.to_json());
        if let Some(shown) = document::explained(task, id)? {
            answer.insert("get".into(), shown);
        }
    }
    let status = if found.is_some() { 200 } else { 404 };
    Ok(Response::json(status, &Value::Object(answer)))
}

/// The query of the body, or of `q`.
fn query(task: &Task<'_>, body: &Value) -> Result<Option<Query>, Exception> {
    let mut entries = body.as_object().into_iter().flatten();
    if let Some((unknown, value)) = entries.find(|(key, _)| *key != "query") {
        let reason = format!("request does not support [{unknown}]");
        return Err(Exception::parsing(reason).at_key(value));
    }
    let mut parameters = task.parsed.route.query.clone();
    parameters.keep(QUERY_STRING);
    SearchRequest::parse(Some(body), &parameters).map(|request| request.query)
}

/// `GET /{index}/_validate/query`: whether the query can run, and what it is.
pub(crate) fn validate(task: &Task<'_>) -> Answer {
    let parameters = &task.parsed.route.query;
    let explain = parameters.flag("explain", false)? || parameters.flag("rewrite", false)?;
    let all_shards = parameters.flag("all_shards", false)?;
    if let Some(blocked) = closed(task)? {
        return Ok(blocked);
    }
    let targets = targets_of(task)?;
    let body = task.body().as_object();
    if body.is_some_and(|body| body.is_empty()) {
        return Err(Exception::validation(&["query cannot be null"]));
    }
    let read = query(task, task.body()).and_then(|read| {
        let documents = document::with_documents(task, task.body(), || Ok(names_of(&targets)))?;
        let read = match documents.changed() {
            None => read,
            Some(body) => query(task, body)?,
        };
        Ok(read.unwrap_or_else(dsl::Query::all))
    });
    let query = match read {
        Ok(query) => query,
        Err(fault) => {
            let mut answer = json!({"valid": false});
            if let (true, Some(answer)) = (explain, answer.as_object_mut()) {
                answer.insert(
                    "error".into(),
                    java_text(&fault, None, task.parsed.route.flavor).into(),
                );
            }
            return Ok(Response::json(200, &answer));
        }
    };
    let (mut valid, mut told) = (true, Vec::new());
    for target in &targets {
        task.work.check()?;
        let (is_valid, explanation) = explained(task, target, &query, all_shards);
        valid &= is_valid;
        told.push(explanation);
    }
    let shards = targets.len();
    let mut answer = json!({
        "_shards": {"total": shards, "successful": shards, "failed": 0}, "valid": valid,
    });
    if let (true, Some(answer)) = (explain, answer.as_object_mut()) {
        answer.insert("explanations".into(), told.into());
    }
    task.json(200, &answer)
}

/// What is answered where the URL comes to a closed index, whatever else it names. A pattern that finds nothing is refused, unless it is
/// said that it may.
fn closed(task: &Task<'_>) -> Result<Option<Response>, Exception> {
    let (options, seen) = (task.options()?, task.named()?);
    let reached = seen.names.iter().filter(|name| !name.wildcard || options.closed);
    if let Some(index) = reached.flat_map(|name| &name.indices).find(|index| index.closed) {
        let error = format!("index [{}] blocked by: [FORBIDDEN/4/index closed];", index.name);
        let answer = json!({
            "_shards": {"total": 0, "successful": 0, "failed": 0}, "valid": false,
            "explanations": [{"valid": false, "error": error}],
        });
        return Ok(Some(Response::json(200, &answer)));
    }
    let route = &task.parsed.route;
    if route.part("index").is_some_and(|list| !matches!(list, "_all" | "*"))
        && route.query.get("allow_no_indices").is_none()
    {
        seen.existing(IndicesOptions { allow_no_indices: false, ..options })?;
    }
    Ok(None)
}

fn explained(task: &Task<'_>, target: &Target, query: &Query, all_shards: bool) -> (bool, Value) {
    let (snapshot, flavor) = (target.snapshot(), task.parsed.route.flavor);
    let said = crate::search::validate(snapshot, query, flavor, task.now, task.work);
    let mut told = Map::new();
    told.insert("index".into(), (*snapshot.name).into());
    if all_shards && said.is_ok() {
        told.insert("shard".into(), 0.into());
    }
    told.insert("valid".into(), said.is_ok().into());
    match &said {
        Ok(text) => told.insert("explanation".into(), text.as_str().into()),
        Err(fault) => {
            let index = format!("[{}/{}]", snapshot.name, snapshot.uuid);
            told.insert("error".into(), java_text(fault, Some(&index), flavor).into())
        }
    };
    (said.is_ok(), told.into())
}

/// A failure as Java's servers write it where they have no room for its parts. (`getDetailedMessage`.)
fn java_text(fault: &Exception, index: Option<&str>, flavor: Flavor) -> String {
    let Some(mut cause) = fault.cause() else {
        let (kind, reason) = (class(fault.kind()), fault.reason());
        return match index {
            Some(index) => format!("{index} {kind}[{reason}]"),
            None if flavor == Flavor::OpenSearch219 => format!("{kind}[{reason}]"),
            None => format!("{}{kind}: {reason}", package(fault.kind(), flavor)),
        };
    };
    let mut chain = format!("{}[{}]; ", class(fault.kind()), fault.reason());
    let innermost = loop {
        chain.push_str(&format!("nested: {}[{}]; ", class(cause.kind()), cause.reason()));
        match cause.cause() {
            Some(next) => cause = next,
            None => break cause,
        }
    };
    let index = index.map(|index| format!("{index} ")).unwrap_or_default();
    let package = package(innermost.kind(), flavor);
    let (kind, reason) = (class(innermost.kind()), innermost.reason());
    format!("{index}{}; {package}{kind}: {reason}", chain.trim_end())
}

/// Where the class of an exception is.
fn package(kind: ExceptionKind, flavor: Flavor) -> &'static str {
    match (kind, flavor) {
        (ExceptionKind::Parsing, Flavor::Elasticsearch710) => "org.elasticsearch.common.",
        (ExceptionKind::Parsing, Flavor::OpenSearch219) => "org.opensearch.core.common.",
        (
            ExceptionKind::NamedObjectNotFound | ExceptionKind::XContentParse,
            Flavor::Elasticsearch710,
        ) => "org.elasticsearch.common.xcontent.",
        (
            ExceptionKind::NamedObjectNotFound | ExceptionKind::XContentParse,
            Flavor::OpenSearch219,
        ) => "org.opensearch.core.xcontent.",
        (kind, _) if kind.is_of_java() => "java.lang.",
        (_, Flavor::Elasticsearch710) => "org.elasticsearch.",
        (_, Flavor::OpenSearch219) => "org.opensearch.",
    }
}

/// The name of an exception's class.
fn class(kind: ExceptionKind) -> String {
    let words = kind.type_name().split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}
