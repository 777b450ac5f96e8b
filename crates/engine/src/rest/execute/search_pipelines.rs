//! `_search/pipeline`, and the pipeline that a search goes through. Source: OpenSearch 2.19, `SearchPipelineService`.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::search::QUERY_STRING;
use super::{Task, acknowledged};
use crate::cluster::names;
use crate::cluster::registries::Registry;
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::name_pattern;
use crate::rest::QueryParameters;
use crate::search_pipeline::{NONE, PipelineContext, SearchPipeline, held_by};
use crate::value::scalar::plain;
use crate::work::HeldMemory;

/// `PUT /_search/pipeline/{id}`.
pub(crate) fn put(task: &Task<'_>) -> Answer {
    let id = task.parsed.route.part("id").unwrap_or_default();
    SearchPipeline::parse(id, task.body())?;
    task.engine.indices.change_registries(|_, registries| {
        registries.put(Registry::SearchPipelines, id, task.body().clone())
    })?;
    acknowledged()
}

/// `GET /_search/pipeline/{id}`: none at all is not found either, unlike with templates.
pub(crate) fn get(task: &Task<'_>) -> Answer {
    let list = task.parsed.route.part("id").unwrap_or("*");
    let found: Map<String, Value> = matching(task, list).collect();
    let status = if found.is_empty() { 404 } else { 200 };
    task.json(status, &Value::Object(found))
}

/// `DELETE /_search/pipeline/{id}`.
pub(crate) fn delete(task: &Task<'_>) -> Answer {
    let id = task.parsed.route.part("id").unwrap_or_default();
    let names: Vec<String> = matching(task, id).map(|(name, _)| name).collect();
    let kept = task.metadata.registries().entries(Registry::SearchPipelines).count();
    if names.is_empty() && kept > 0 && id != "*" {
        return Err(Exception::new(
            ExceptionKind::ResourceNotFound,
            format!("pipeline [{id}] is missing"),
        ));
    }
    task.engine.indices.change_registries(|_, registries| {
        for name in &names {
            registries.remove(Registry::SearchPipelines, name);
        }
        Ok(())
    })?;
    acknowledged()
}

fn matching<'t>(task: &'t Task<'_>, list: &'t str) -> impl Iterator<Item = (String, Value)> + 't {
    let kept = task.metadata.registries().entries(Registry::SearchPipelines);
    let wanted = |name: &str| list.split(',').any(|pattern| name_pattern::matches(pattern, name));
    kept.filter(move |(name, _)| wanted(name)).map(|(name, entry)| (name.to_owned(), entry.clone()))
}

/// A search that goes through a pipeline.
pub(super) struct PipedSearch {
    pipeline: SearchPipeline,
    context: PipelineContext,
    /// The body of the search, as the pipeline left it.
    pub(super) body: Value,
    /// The parameters of the URL that are not in the body by then.
    pub(super) parameters: QueryParameters,
    _held: HeldMemory,
}

/// The parameters of a URL that are said in the body instead, so that a pipeline sees them.
const IN_BODY: &[&str] = &["from", "size", "search_pipeline"];

impl PipedSearch {
    /// The search of a request: the pipeline that it names or brings, or else the one that its indices agree on.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a pipeline that is not there; what a processor is refused with.
    pub(super) fn of(task: &Task<'_>) -> Result<Option<PipedSearch>, Exception> {
        let of_url = task.parsed.route.query.get("search_pipeline");
        let asked = match (task.body().get("search_pipeline"), of_url) {
            (Some(Value::Object(_)), Some(_)) => {
                return Err(Exception::illegal_argument(
                    "Both named and inline search pipeline were specified. Please only specify one.",
                ));
            }
            (Some(inline @ Value::Object(_)), None) => Some(inline.clone()),
            (_, Some(name)) => Some(name.into()),
            (of_body, None) => of_body.map(|name| plain(name).into()),
        };
        let names: Vec<&str> = task.parsed.route.part("index").into_iter().collect();
        let Some(pipeline) = chosen(task, asked.as_ref(), &names)? else { return Ok(None) };
        let held = copied(task, task.body())?;
        let mut body = task.body().clone();
        let mut parameters = task.parsed.route.query.clone();
        if body.is_null() {
            body = Value::Object(Map::new());
        }
        if let Some(body) = body.as_object_mut() {
            body.shift_remove("search_pipeline");
            for key in ["from", "size"] {
                if let Some(number) = parameters.number(key)? {
                    body.insert(key.to_owned(), number.into());
                }
            }
            if let Some(query) = of_url_as_body(&parameters)? {
                body.insert("query".to_owned(), query);
            }
        }
        parameters.leave_out(IN_BODY);
        parameters.leave_out(QUERY_STRING);
        PipedSearch::through(pipeline, body, parameters, held, task).map(Some)
    }

    /// One search of an `_msearch`, whose body names no pipeline.
    ///
    /// # Errors
    /// As [`PipedSearch::of`].
    pub(super) fn of_item(
        task: &Task<'_>,
        names: &[String],
        body: &Value,
        parameters: QueryParameters,
    ) -> Result<Option<PipedSearch>, Exception> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let Some(pipeline) = chosen(task, None, &names)? else { return Ok(None) };
        let held = copied(task, body)?;
        PipedSearch::through(pipeline, body.clone(), parameters, held, task).map(Some)
    }

    fn through(
        pipeline: SearchPipeline,
        mut body: Value,
        parameters: QueryParameters,
        held: HeldMemory,
        task: &Task<'_>,
    ) -> Result<PipedSearch, Exception> {
        let mut context = PipelineContext::default();
        pipeline.request(&mut body, &mut context, task.work, task.now)?;
        Ok(PipedSearch { pipeline, context, body, parameters, _held: held })
    }

    /// The printed answer of the search, as the pipeline leaves it.
    ///
    /// # Errors
    /// What a processor is refused with.
    pub(super) fn answer(&self, task: &Task<'_>, printed: Bytes) -> Result<Bytes, Exception> {
        if !self.pipeline.changes_answers() {
            return Ok(printed);
        }
        let mut held = task.work.holds("<http_response>");
        held.grow((printed.len() as u64).saturating_mul(size_of::<Value>() as u64))?;
        let mut answer: Value = serde_json::from_slice(&printed)
            .map_err(|fault| Exception::new(ExceptionKind::IllegalState, fault.to_string()))?;
        self.pipeline.response(&mut answer, &self.context, task.work, &mut held)?;
        task.work.body(answer.to_string().into_bytes())
    }
}

/// The memory of a body that is copied for a pipeline to change.
fn copied(task: &Task<'_>, body: &Value) -> Result<HeldMemory, Exception> {
    let mut held = task.work.holds("<search_pipeline>");
    held.grow(held_by(body))?;
    Ok(held)
}

/// The pipeline that is asked for by name or given, or else the one that the indices called `names` agree on; none where a
/// search goes through none.
fn chosen(
    task: &Task<'_>,
    asked: Option<&Value>,
    names: &[&str],
) -> Result<Option<SearchPipeline>, Exception> {
    if task.parsed.route.flavor != Flavor::OpenSearch219 {
        return Ok(None);
    }
    let name = match asked {
        Some(inline @ Value::Object(_)) => {
            return SearchPipeline::parse("_ad_hoc_pipeline", inline).map(Some);
        }
        Some(name) => Some(plain(name)),
        None => default(task, names)?,
    };
    let Some(name) = name else { return Ok(None) };
    if name == NONE {
        // A body that names it is read without that name.
        return match asked {
            Some(_) => SearchPipeline::parse(NONE, &Value::Null).map(Some),
            None => Ok(None),
        };
    }
    let kept = task.metadata.registries().get(Registry::SearchPipelines, &name);
    let kept =
        kept.ok_or_else(|| Exception::illegal_argument(format!("Pipeline {name} is not defined")))?;
    SearchPipeline::parse(&name, kept).map(Some)
}

/// The query of a URL as one of a body.
fn of_url_as_body(parameters: &QueryParameters) -> Result<Option<Value>, Exception> {
    let Some(text) = parameters.get("q") else { return Ok(None) };
    let mut query = Map::from_iter([("query".to_owned(), Value::from(text))]);
    for (parameter, key) in [
        ("df", "default_field"),
        ("analyzer", "analyzer"),
        ("default_operator", "default_operator"),
    ] {
        if let Some(value) = parameters.get(parameter) {
            query.insert(key.to_owned(), value.into());
        }
    }
    for key in ["lenient", "analyze_wildcard"] {
        if parameters.get(key).is_some() {
            query.insert(key.to_owned(), parameters.flag(key, false)?.into());
        }
    }
    Ok(Some(json!({ "query_string": query })))
}

/// The pipeline that all indices of a search name as theirs; none where they name different ones, or the search names no index.
fn default(task: &Task<'_>, names: &[&str]) -> Result<Option<String>, Exception> {
    if names.is_empty() {
        return Ok(None);
    }
    let sees = |uuid: &str| task.view.sees(uuid);
    let options = task.options()?;
    let found = names::seen(task.metadata, names, options, task.now, sees);
    // Names that come to nothing are refused by the search, after what its body is refused for.
    let Ok(indices) = found.and_then(|found| found.existing(options)) else { return Ok(None) };
    let mut agreed: Option<String> = None;
    for index in indices {
        let Some(own) = index.settings.get("search.default_pipeline") else { continue };
        match &agreed {
            Some(other) if other != own => return Ok(None),
            _ => agreed = Some(own.to_owned()),
        }
    }
    Ok(agreed)
}
