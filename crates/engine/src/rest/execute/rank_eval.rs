//! `_rank_eval`: each search is run, and measured by how its hits were rated.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::{Task, search as searches};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::rest::{ParsedBody, QueryParameters, RankEvaluation, RatedSearch};
use crate::search::{Hit, SearchRequest, Target};

/// `GET /{index}/_rank_eval`. A search that fails is told of by its name; the others are measured.
pub(crate) fn rank_eval(task: &Task<'_>) -> Answer {
    let ParsedBody::RankEval(evaluation) = &task.parsed.body else {
        return Err(Exception::validation(&["no requests added"]));
    };
    let mut parameters = task.parsed.route.query.clone();
    parameters.keep(&["search_type"]);
    let mut asked = Vec::new();
    let (mut details, mut failures) = (BTreeMap::new(), Map::new());
    for rated in &evaluation.searches {
        task.work.check()?;
        match asked_for(evaluation, rated, &parameters)? {
            Ok(body) => asked.push((rated, body)),
            Err(fault) => drop(failures.insert(rated.id.clone(), told(&fault))),
        }
    }
    if asked.is_empty() {
        return Err(Exception::validation(&["no requests added"]));
    }
    let targets = searches::targets_of(task);
    let mut held = task.work.holds("<rank_eval>");
    for (rated, body) in asked {
        task.work.check()?;
        let targets = targets.as_ref().map_err(Clone::clone);
        let measured = targets
            .and_then(|targets| measured(task, evaluation, rated, (&body, &parameters), targets));
        match measured {
            Ok((score, detail)) => {
                held.grow(256 + detail.to_string().len() as u64)?;
                details.insert(rated.id.clone(), (score, detail));
            }
            Err(fault) => drop(failures.insert(rated.id.clone(), told(&fault))),
        }
    }
    let scores = details.values().map(|(score, _)| score);
    let score = scores.sum::<f64>() / details.len() as f64;
    let details: Map<String, Value> =
        details.into_iter().map(|(id, (_, detail))| (id, detail)).collect();
    // Without a search that ran there is no score.
    let score = if score.is_nan() { json!("NaN") } else { score.into() };
    task.json(200, &json!({"metric_score": score, "details": details, "failures": failures}))
}

/// The search as it is run: with as many hits as the metric looks at. The inner fault is its own, the outer one everybody's.
fn asked_for(
    evaluation: &RankEvaluation,
    rated: &RatedSearch,
    parameters: &QueryParameters,
) -> Result<Result<Value, Exception>, Exception> {
    let mut body = match &rated.body {
        Ok(json) => (*json.value).clone(),
        Err(fault) => return Ok(Err(fault.clone())),
    };
    if let Some(search) = body.as_object_mut() {
        search.insert("size".to_owned(), evaluation.metric.size().into());
        let shown = match rated.summary_fields.as_slice() {
            [] => Value::Bool(false),
            fields => json!(fields),
        };
        search.insert("_source".to_owned(), shown);
    }
    match SearchRequest::parse(Some(&body), parameters) {
        Ok(_) => Ok(Ok(body)),
        Err(fault) if fault.kind() == ExceptionKind::NotImplemented => Ok(Err(fault)),
        Err(fault) if rated.of_template => Err(fault),
        Err(fault) => {
            let wrong = |what: &str| Exception::new(ExceptionKind::XContentParse, what);
            let inner = wrong("[request] failed to parse field [request]").caused_by(fault);
            Err(wrong("[rank_eval] failed to parse field [requests]").caused_by(inner))
        }
    }
}

/// The score of one search, and what is told of it.
fn measured(
    task: &Task<'_>,
    evaluation: &RankEvaluation,
    rated: &RatedSearch,
    (body, parameters): (&Value, &QueryParameters),
    targets: &[Target],
) -> Result<(f64, Value), Exception> {
    let found = searches::searched(task, body, parameters, targets, task.options()?)?;
    let known: HashMap<(&str, &str), i32> = rated
        .ratings
        .iter()
        .map(|rating| ((rating.index.as_str(), rating.id.as_str()), rating.rating))
        .collect();
    let rating = |hit: &Hit| {
        let key = (hit.index.as_str(), hit.id.as_deref().unwrap_or_default());
        known.get(&key).copied()
    };
    let ratings: Vec<Option<i32>> = found.hits.iter().map(rating).collect();
    let all: Vec<i32> = rated.ratings.iter().map(|rating| rating.rating).collect();
    let quality = evaluation.metric.evaluate(&ratings, &all);
    let rated_hits = found.hits.iter().zip(&ratings);
    let unrated: Vec<Value> = rated_hits
        .clone()
        .filter(|(_, rating)| rating.is_none())
        .map(|(hit, _)| json!({"_index": hit.index, "_id": hit.id}))
        .collect();
    let hits: Vec<Value> =
        rated_hits.map(|(hit, rating)| json!({"hit": hit, "rating": rating})).collect();
    let detail = json!({
        "metric_score": quality.score, "unrated_docs": unrated, "hits": hits,
        "metric_details": quality.details,
    });
    Ok((quality.score, detail))
}

fn told(fault: &Exception) -> Value {
    json!({"error": fault.error()})
}
