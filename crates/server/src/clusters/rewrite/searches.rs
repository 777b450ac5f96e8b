//! Searches, and whatever runs one: the concrete indices in the path.

use bytes::Bytes;
use engine::exception::Exception;
use engine::rest::{Api, Effect, ParsedBody, unwrapped};
use serde_json::{Map, Value, json};

use super::{AnswerPlan, JudgedRequest, Plan, printed, refused, sent};
use crate::clusters::shared::check_filter;

impl JudgedRequest<'_> {
    /// A search of the URL's indices.
    pub(super) fn search(&self) -> Result<Plan, Exception> {
        let route = self.route();
        if matches!(route.api, Api::AsyncSearchSubmit | Api::AsynchronousSearchSubmit) {
            return Err(refused(route.api.name()));
        }
        self.rates_what_was_judged()?;
        let pinned = self.pinned_url()?;
        let limits = pinned.limits()?;
        if let (Some((index, _)), false) =
            (limits.first(), matches!(route.api, Api::Search | Api::Count))
        {
            return Err(refused(&format!("alias of {index} with a filter")));
        }
        if route.api.row().effect == Effect::Write {
            // What is updated goes through the pipelines of its index.
            for index in &pinned.indices {
                self.runs_no_pipeline(index)?;
            }
        }
        let mut request = match route.api {
            Api::SearchTemplate => self.templated(&pinned.list())?,
            _ if limits.is_empty() => self.on_indices(&pinned.list(), self.json_body())?,
            _ => self.on_indices(&pinned.list(), self.limited(&limits)?)?,
        };
        request.answer = self.opening()?.unwrap_or(AnswerPlan::Passed);
        Ok(sent(request))
    }

    /// Refuses rated searches that a template makes, which the cluster would render anew, and those through a pipeline.
    fn rates_what_was_judged(&self) -> Result<(), Exception> {
        let ParsedBody::RankEval(evaluation) = &self.parsed.body else { return Ok(()) };
        for search in &evaluation.searches {
            if search.of_template {
                return Err(refused("rank_eval with templates"));
            }
            let body = search.body.as_ref().map_err(Clone::clone)?;
            if body.value.get("search_pipeline").is_some() {
                return Err(refused("search_pipeline"));
            }
            check_lookups(&body.value)?;
        }
        Ok(())
    }

    /// The body with the filters of aliases joined to its query, where that is what the cluster would have done: a filter in a
    /// `bool` changes no score. What would tell of it (highlights, explanations, `global`) is refused.
    fn limited(&self, limits: &[(&str, Vec<&Value>)]) -> Result<Bytes, Exception> {
        let query = &self.route().query;
        if let Some(name) = ["q", "explain"].iter().find(|name| query.get(name).is_some()) {
            return Err(refused(&format!("{name} through an alias with a filter")));
        }
        let mut body = match self.parsed.body.value() {
            Value::Object(body) => body.clone(),
            _ => Map::new(),
        };
        let telling = ["highlight", "explain", "profile", "suggest", "knn"];
        if let Some(key) = telling.iter().find(|key| body.contains_key(**key)) {
            return Err(refused(&format!("{key} through an alias with a filter")));
        }
        let filters = limits.iter().flat_map(|(_, filters)| filters);
        // What a filter looks up was not asked about; what is wrapped may be any of these.
        let looks_up = ["_name", "index", "_index", "indexed_shape", "wrapper"];
        if body.values().any(|value| has_key(value, &["global", "hybrid", "wrapper"]))
            || filters.clone().any(|filter| has_key(filter, &looks_up))
        {
            return Err(refused("such a search through an alias with a filter"));
        }
        // As the cluster calls them; nobody else looks at this body again.
        let there = |index: &str| match self.shared {
            Some(shared) => shared.there(index),
            None => index.to_owned(),
        };
        if self.shared.is_some() {
            filters.clone().try_for_each(|filter| check_filter(filter))?;
        }
        let names: Vec<String> = limits.iter().map(|(index, _)| there(index)).collect();
        let mut any: Vec<Value> = limits
            .iter()
            .zip(&names)
            .map(|((_, filters), index)| {
                let one_of = json!({ "bool": { "should": filters, "minimum_should_match": 1 } });
                json!({ "bool": { "filter": [{ "term": { "_index": index } }, one_of] } })
            })
            .collect();
        any.push(json!({ "bool": { "must_not": [{ "terms": { "_index": names } }] } }));
        let asked = body.shift_remove("query").filter(|query| !query.is_null());
        let asked = asked.unwrap_or_else(|| json!({ "match_all": {} }));
        let limit = json!({ "bool": { "should": any, "minimum_should_match": 1 } });
        let query = json!({ "bool": { "must": [asked], "filter": [limit] } });
        body.insert("query".to_owned(), query);
        Ok(printed(&Value::Object(body)))
    }

    /// The search that a template made, on the path of a search.
    fn templated(&self, list: &str) -> Result<super::SentRequest, Exception> {
        let mut path = String::from("/");
        engine::rest::encode(&mut path, list, b",*");
        path.push_str("/_search");
        let body: Bytes = printed(self.parsed.body.value());
        let mut request = self.on_path(path, body)?;
        let said = ["explain", "profile", "source", "source_content_type"];
        // The body says what of these was asked for.
        request.query =
            self.route().query.wire(|name| super::OF_NAMES.contains(&name) || said.contains(&name));
        Ok(request)
    }
}

/// Refuses a body in which a number that is no plain integer names what is looked up: the cluster reads it as it was written (`1e0`),
/// which is not known here any more, so something else was asked about.
pub(super) fn check_lookups(body: &Value) -> Result<(), Exception> {
    let mut wrapped = Vec::new();
    let mut is_wrong = has_inexact(body, &mut wrapped);
    while let (false, Some(inside)) = (is_wrong, wrapped.pop()) {
        is_wrong = has_inexact(&inside, &mut wrapped);
    }
    match is_wrong {
        true => Err(refused("a fraction as the name of an index or of a document")),
        false => Ok(()),
    }
}

fn has_inexact(value: &Value, wrapped: &mut Vec<Value>) -> bool {
    let members: Vec<&Value> = match value {
        Value::Object(object) => object.values().collect(),
        Value::Array(list) => list.iter().collect(),
        _ => return false,
    };
    let has = |key: &str| value.get(key).is_some();
    let keys: &[&str] = match (has("index") && has("id"), has("_index")) {
        (true, false) => &["index", "id"],
        (false, true) => &["_index", "_id"],
        (true, true) => &["index", "id", "_index", "_id"],
        (false, false) => &[],
    };
    let shape = value.pointer("/indexed_shape/id");
    wrapped.extend(value.get("wrapper").and_then(unwrapped));
    let mut named = keys.iter().filter_map(|key| value.get(key)).chain(shape);
    named.any(Value::is_f64) || members.into_iter().any(|member| has_inexact(member, wrapped))
}

/// Whether one of these keys stands anywhere in `value`.
fn has_key(value: &Value, keys: &[&str]) -> bool {
    match value {
        Value::Object(object) => {
            object.iter().any(|(key, value)| keys.contains(&key.as_str()) || has_key(value, keys))
        }
        Value::Array(list) => list.iter().any(|value| has_key(value, keys)),
        _ => false,
    }
}
