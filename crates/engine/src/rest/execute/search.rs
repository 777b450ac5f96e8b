//! `_search`, `_msearch`, `_count` and scrolls: from names to what is searched, from the result to the answer.

use super::search_pipelines::PipedSearch;
use super::{Task, pits};
use crate::cluster::blocks::BlockLevel;
use crate::cluster::cluster_settings;
use crate::cluster::names::{self, IndicesOptions, Named, ResolvedNames};
use crate::document;
use crate::dsl;
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::index::Index;
use crate::mapping::type_name::DOC;
use crate::response::Response;
use crate::rest::{Api, Flavor, MsearchItem, ParsedBody, QueryParameters, SHORT_SEARCH_BYTES_MAX};
use crate::search::{SearchRequest, SearchResponse, Target, keep_alive};
use crate::slow_log::SlowSearch;
use crate::work::Work;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// The query string's parameters that are a query.
pub(super) const QUERY_STRING: &[&str] =
    &["q", "df", "analyzer", "analyze_wildcard", "default_operator", "lenient"];

/// `GET /{index}/_search`.
pub(crate) fn search(task: &Task<'_>) -> Answer {
    answered(task, false).map(|answer| Response::printed(200, answer))
}

/// Whether the request's search takes microseconds as a rule: of one index that is named as it is, of which the view shows everything, with
/// nothing in the URL that changes what a search does.
pub(crate) fn is_at_hand(task: &Task<'_>) -> bool {
    let route = &task.parsed.route;
    let is_short = match &task.parsed.body {
        ParsedBody::Json(json) => json.raw.len() as u64 <= SHORT_SEARCH_BYTES_MAX,
        ParsedBody::Empty => true,
        _ => false,
    };
    let known = || {
        let index = task.metadata.index(route.part("index")?)?;
        let is_plain = !index.closed
            && !task.view.restricts(&index.uuid)
            && index.settings.get("search.default_pipeline").is_none();
        if is_plain { task.engine.indices.index(&index.uuid) } else { None }
    };
    is_short
        && route.part("type").is_none()
        && route.query.names().all(|name| matches!(name, "request_cache" | "pretty"))
        && known().is_some_and(|it| task.engine.searches.is_at_hand(task.body(), &it.snapshot()))
}

/// The answer of the request's search, printed, and changed by its pipeline; `typed`: with the types of what it names,
/// whether or not they are asked for.
pub(crate) fn answered(task: &Task<'_>, typed: bool) -> Result<Bytes, Exception> {
    let Some(piped) = PipedSearch::of(task)? else {
        let found = found(task, task.body(), &task.parsed.route.query, typed)?;
        return task.work.print(&found);
    };
    let printed = task.work.print(&found(task, &piped.body, &piped.parameters, typed)?)?;
    piped.answer(task, printed)
}

/// What the request's search finds.
fn found(
    task: &Task<'_>,
    body: &Value,
    parameters: &QueryParameters,
    typed: bool,
) -> Result<SearchResponse, Exception> {
    let begun = task.engine.tick(task.now);
    let mut request = SearchRequest::parse(Some(body), parameters)?;
    if let ParsedBody::Json(json) = &task.parsed.body {
        request.source_bytes = json.raw.len();
    }
    if request.scroll_milliseconds.is_some()
        && task.parsed.route.query.get("request_cache").is_some()
    {
        return Err(Exception::validation(&["[request_cache] cannot be used in a scroll context"]));
    }
    let targets = match &request.pit {
        Some(pit) => {
            pits::check_search(task, &request)?;
            close_gone(task, Some(&pit.id));
            task.engine.searches.pit_targets(pit, task.view, task.now)?
        }
        None => targets_of(task)?,
    };
    let documents = document::with_documents(task, body, || Ok(names_of(&targets)))?;
    if let Some(body) = documents.changed() {
        let source_bytes = request.source_bytes;
        request = SearchRequest::parse(Some(body), parameters)?;
        request.source_bytes = source_bytes;
    }
    request.typed_keys |= typed;
    boosted_indices(task, &mut request, task.options()?)?;
    let mut found = run(task, &targets, &request, task.body())?;
    found.pit_id = request.pit.as_ref().map(|pit| pit.id.clone());
    found.took_milliseconds = task.engine.milliseconds_since(begun);
    Ok(found)
}

/// Names in `indices_boost` may be aliases and patterns; one that names nothing is refused as in the URL. The first that
/// finds an index counts for it.
fn boosted_indices(
    task: &Task<'_>,
    request: &mut SearchRequest,
    options: IndicesOptions,
) -> Result<(), Exception> {
    let mut boosts: Vec<(String, f32)> = Vec::new();
    let mut known = HashSet::new();
    for (name, boost) in &request.indices_boost {
        task.work.check()?;
        let sees = |uuid: &str| task.view.sees(uuid);
        let found = names::seen(task.metadata, &[name], options, task.now, sees)?;
        for index in found.existing(options)? {
            if known.insert(index.name.clone()) {
                boosts.push((index.name.clone(), *boost));
            }
        }
    }
    request.indices_boost = boosts;
    Ok(())
}

/// `GET /{index}/_msearch`: each search by itself; the fault of one is its own.
pub(crate) fn msearch(task: &Task<'_>) -> Answer {
    let ParsedBody::Msearch(items) = &task.parsed.body else {
        return Err(Exception::validation(&["no requests added"]));
    };
    let begun = task.engine.tick(task.now);
    let parameters = msearch_parameters(task);
    let of_templates = task.parsed.route.api == Api::MsearchTemplate;
    let flavor = task.parsed.route.flavor;
    // Where templates make the searches, Elasticsearch tells no status of each.
    let tells_status = !of_templates || flavor == Flavor::OpenSearch219;
    // A body that cannot be read refuses the whole request, as in Elasticsearch, unless a template made it. One that only
    // asks for what is not built here would run there, as the others do: its item alone answers 501.
    let alone = |fault: &Exception| of_templates || fault.kind() == ExceptionKind::NotImplemented;
    let read = |item: &MsearchItem| {
        let body = item.body.as_ref().map_err(Clone::clone)?;
        SearchRequest::parse(Some(&body.value), &parameters)
            .map_err(|fault| fault.placed(Some(body.body()), flavor))
    };
    let requests: Vec<Result<SearchRequest, Exception>> = items
        .iter()
        .map(|item| match read(item) {
            Err(fault) if !alone(&fault) => Err(fault),
            read => Ok(read),
        })
        .collect::<Result<_, _>>()?;
    if items.iter().any(MsearchItem::continues_cursor) {
        pits::check_items(task, items, &requests)?;
        close_gone(task, None);
    }
    let mut responses = Vec::new();
    let mut held = task.work.holds("<http_response>");
    for (position, (item, request)) in items.iter().zip(&requests).enumerate() {
        task.work.check()?;
        let denied = task.view.denial(position);
        let answer = match denied {
            Some(reason) => Err(Exception::new(ExceptionKind::Security, reason)),
            None => request.as_ref().map_err(Clone::clone).and_then(|read| one(task, item, read)),
        };
        let printed = match answer {
            Ok(found) if tells_status => with_status(&found),
            Ok(found) => found,
            Err(fault) if tells_status => {
                let refused = json!({"error": fault.error(), "status": fault.status()});
                refused.to_string().into()
            }
            Err(fault) => json!({"error": fault.error()}).to_string().into(),
        };
        held.grow(printed.len() as u64 + 1)?;
        if position > 0 {
            responses.push(b',');
        }
        responses.extend_from_slice(&printed);
    }
    let took = task.engine.milliseconds_since(begun);
    let head = format!("{{\"took\":{took},\"responses\":[");
    drop(held);
    let body = task.work.body([head.as_bytes(), &responses, b"]}"].concat())?;
    Ok(Response::printed(200, body))
}

/// The parameters of the URL that count for each search of an `_msearch`.
fn msearch_parameters(task: &Task<'_>) -> QueryParameters {
    let mut parameters = task.parsed.route.query.clone();
    parameters.keep(&["typed_keys", "rest_total_hits_as_int"]);
    parameters
}

/// The names of the indices that are searched.
pub(crate) fn names_of(targets: &[Target]) -> Vec<String> {
    targets.iter().map(|target| target.snapshot().name.to_string()).collect()
}

/// One search of an `_msearch`, printed.
fn one(task: &Task<'_>, item: &MsearchItem, request: &SearchRequest) -> Result<Bytes, Exception> {
    let begun = task.engine.tick(task.now);
    let options = item.options(task.options()?)?;
    let targets = match &request.pit {
        Some(pit) => task.engine.searches.pit_targets(pit, task.view, task.now)?,
        None => {
            let sees = |uuid: &str| task.view.sees(uuid);
            let found = names::seen(task.metadata, &item.indices, options, task.now, sees)?;
            targets(task, &found, &item.types, options)?
        }
    };
    let body: &Value = &item.body.as_ref().map_err(Clone::clone)?.value;
    let piped = PipedSearch::of_item(task, &item.indices, body, msearch_parameters(task))?;
    let body = piped.as_ref().map_or(body, |piped| &piped.body);
    let documents = document::with_documents(task, body, || Ok(names_of(&targets)))?;
    let mut request = match documents.changed() {
        None if piped.is_none() => request.clone(),
        None => SearchRequest::parse(Some(body), &msearch_parameters(task))?,
        Some(body) => SearchRequest::parse(Some(body), &msearch_parameters(task))?,
    };
    boosted_indices(task, &mut request, options)?;
    let mut found = run(task, &targets, &request, body)?;
    found.pit_id = request.pit.as_ref().map(|pit| pit.id.clone());
    found.took_milliseconds = task.engine.milliseconds_since(begun);
    let printed = task.work.print(&found)?;
    match &piped {
        Some(piped) => piped.answer(task, printed),
        None => Ok(printed),
    }
}

/// What a search found, with the status that it is told with among others.
pub(super) fn with_status(found: &Bytes) -> Bytes {
    let open = found.strip_suffix(b"}").unwrap_or(found);
    [open, b",\"status\":200}"].concat().into()
}

/// Runs the search `body` on `targets`, which were found with `options`.
///
/// # Errors
/// As `_search`.
pub(super) fn searched(
    task: &Task<'_>,
    body: &Value,
    parameters: &QueryParameters,
    targets: &[Target],
    options: IndicesOptions,
) -> Result<SearchResponse, Exception> {
    let documents = document::with_documents(task, body, || Ok(names_of(targets)))?;
    let mut request = SearchRequest::parse(Some(documents.body()), parameters)?;
    boosted_indices(task, &mut request, options)?;
    run(task, targets, &request, body)
}

/// `GET /{index}/_count`.
pub(crate) fn count(task: &Task<'_>) -> Answer {
    let (request, targets) = counting(task, &task.parsed.route.query)?;
    let count = count_of(task, &request, &targets)?;
    let shards = targets.len();
    let mut answer = json!({
        "count": count,
        "_shards": {"total": shards, "successful": shards, "skipped": 0, "failed": 0},
    });
    if let (true, Some(object)) = (request.terminate_after.is_some(), answer.as_object_mut()) {
        let early = request.terminate_after.is_some_and(|limit| count >= limit);
        object.insert("terminated_early".to_owned(), early.into());
    }
    Ok(Response::json(200, &answer))
}

/// How many documents the request's query finds: the number in `_cat/count`, where `s` and `size` are the table's.
pub(crate) fn counted(task: &Task<'_>) -> Result<u64, Exception> {
    let mut parameters = task.parsed.route.query.clone();
    parameters.keep(QUERY_STRING);
    let (request, targets) = counting(task, &parameters)?;
    count_of(task, &request, &targets)
}

/// What is counted, and where. The parameters that say what is searched are those of `_search`.
fn counting(
    task: &Task<'_>,
    parameters: &QueryParameters,
) -> Result<(SearchRequest, Vec<Target>), Exception> {
    let body = task.body();
    let mut entries = body.as_object().into_iter().flatten();
    if let Some((unknown, value)) = entries.find(|(key, _)| *key != "query") {
        let reason = format!("request does not support [{unknown}]");
        return Err(Exception::parsing(reason).at_key(value));
    }
    // A fault of the body comes before one of the indices.
    check_query(body)?;
    let mut request = SearchRequest::parse(Some(body), parameters)?;
    if let Some(score) = parameters.float("min_score")? {
        request.min_score = Some(score);
    }
    let targets = targets_of(task)?;
    let documents = document::with_documents(task, body, || Ok(names_of(&targets)))?;
    if let Some(body) = documents.changed() {
        let min_score = request.min_score;
        request = SearchRequest { min_score, ..SearchRequest::parse(Some(body), parameters)? };
    }
    Ok((request, targets))
}

/// Refuses a query that cannot be read where it stands alone in its body: there all but one kind of refusal is put behind another.
/// (`RestActions.getQueryContent`.)
///
/// # Errors
/// `parsing_exception`; what says that something is not built, or that the work is called off.
pub(super) fn check_query(body: &Value) -> Result<(), Exception> {
    let Some(query) = body.get("query") else { return Ok(()) };
    if !query.is_object() {
        let reason = "[_na] query malformed, must start with start_object";
        return Err(Exception::parsing(reason).at(query));
    }
    dsl::parse(query).map(drop).map_err(|fault| match fault.kind() {
        ExceptionKind::IllegalArgument
        | ExceptionKind::NumberFormat
        | ExceptionKind::XContentParse
        | ExceptionKind::ElasticsearchParse
        | ExceptionKind::QueryValidation => fault.wrapped(Exception::parsing("Failed to parse")),
        _ => fault,
    })
}

fn count_of(
    task: &Task<'_>,
    request: &SearchRequest,
    targets: &[Target],
) -> Result<u64, Exception> {
    task.engine.searches.count(
        targets,
        request.query.as_ref(),
        request.min_score,
        request.terminate_after,
        task.now,
        task.work,
    )
}

/// `POST /_search/scroll`.
pub(crate) fn scroll(task: &Task<'_>) -> Answer {
    let begun = task.engine.tick(task.now);
    let ids = task.parsed.cursor_ids()?;
    let Some(id) = ids.first() else { return Err(Exception::validation(&["scrollId is missing"])) };
    let route = &task.parsed.route;
    let text =
        task.body().get("scroll").and_then(Value::as_str).or_else(|| route.query.get("scroll"));
    let keep = text.map(keep_alive).transpose()?;
    close_gone(task, Some(id));
    let mut found =
        task.engine.searches.scroll(id, keep, route.flavor, task.view, task.now, task.work)?;
    found.total_as_number = route.query.flag("rest_total_hits_as_int", false)?;
    found.took_milliseconds = task.engine.milliseconds_since(begun);
    Ok(Response::printed(200, task.work.print(&found)?))
}

/// `DELETE /_search/scroll`.
pub(crate) fn clear_scroll(task: &Task<'_>) -> Answer {
    let ids = task.parsed.cursor_ids()?;
    if ids.is_empty() {
        return Err(Exception::validation(&["no scroll ids specified"]));
    }
    let all = ids.iter().any(|id| id == "_all");
    let listed: Vec<&str> = ids.iter().map(String::as_str).collect();
    let listed = if all { None } else { Some(listed.as_slice()) };
    let freed = task.engine.searches.clear_scroll(listed, &task.view.owner, task.now);
    let status = if freed == 0 && !all { 404 } else { 200 };
    Ok(Response::json(status, &json!({"succeeded": true, "num_freed": freed})))
}

/// Closes the cursors over indices that are deleted or closed by now: nothing is read of them any more. Called where
/// that happens, and for `only` one cursor before its page, for what was opened meanwhile.
pub(crate) fn close_gone(task: &Task<'_>, only: Option<&str>) {
    let metadata = task.engine.metadata();
    let open = metadata.indices().filter(|index| !index.closed);
    let open: HashSet<&str> = open.map(|index| &*index.uuid).collect();
    task.engine.searches.close_gone(only, |uuid| !open.contains(uuid));
}

fn run(
    task: &Task<'_>,
    targets: &[Target],
    request: &SearchRequest,
    source: &Value,
) -> Result<SearchResponse, Exception> {
    let buckets_max = cluster_settings::buckets_max(task.metadata.registries());
    let work = Work { buckets_max, ..task.work.clone() };
    let flavor = task.parsed.route.flavor;
    cluster_settings::check_shards(task.metadata.registries(), targets.len())?;
    let mut found =
        task.engine.searches.search(targets, request, flavor, task.view, task.now, &work)?;
    if task.parsed.route.query.get("phase_took").is_none() {
        let registries = task.metadata.registries();
        found.phase_took |=
            cluster_settings::is_on(registries, cluster_settings::PHASE_TOOK, false);
    }
    // Indices are searched one after the other: each is told its part.
    let parts = targets.len().max(1) as u64;
    for target in targets {
        if let Some(index) = task.engine.indices.index(&target.snapshot().uuid) {
            let took = (found.spent.0 / parts, found.spent.1 / parts);
            index.spent(took.0, took.1);
            log_if_slow(task, target, &index, took, &found, source);
        }
    }
    Ok(found)
}

/// Lets the index log its part of a search, if that took too long. The hits are those of all indices.
fn log_if_slow(
    task: &Task<'_>,
    target: &Target,
    index: &Index,
    took: (u64, u64),
    found: &SearchResponse,
    source: &Value,
) {
    let settings = &target.snapshot().settings.slow_log;
    if !settings.wants_search(took) {
        return;
    }
    let query = &task.parsed.route.query;
    let total = match found.total {
        Some(total) if total.exact => format!("{} hits", total.value),
        Some(total) => format!("{}+ hits", total.value),
        None => "0+ hits".to_owned(),
    };
    // As the real servers write what the URL asks for; a search without a body and a query is `{}` there.
    let of_url = query.get("q").map(|text| json!({"query": {"query_string": {"query": text}}}));
    let empty = json!({});
    let source = if source.is_null() { of_url.as_ref().unwrap_or(&empty) } else { source };
    let groups = source.get("stats").map(crate::value::scalar::list).unwrap_or_default();
    index.slow_search(&SlowSearch {
        index: &target.snapshot().name,
        settings,
        took,
        total,
        types: task.parsed.route.part("type").unwrap_or_default(),
        groups: groups.join(","),
        search_type: match query.get("search_type") {
            Some("dfs_query_then_fetch") => "DFS_QUERY_THEN_FETCH",
            _ => "QUERY_THEN_FETCH",
        },
        shards: found.shards,
        source,
        opaque_id: task.work.opaque_id.as_deref().unwrap_or_default(),
        now: task.engine.tick(task.now),
    });
}

/// What the request's own URL searches.
pub(crate) fn targets_of(task: &Task<'_>) -> Result<Vec<Target>, Exception> {
    let types = task.parsed.route.part("type").into_iter().flat_map(|list| list.split(','));
    let types: Vec<String> = types.map(str::to_owned).collect();
    targets(task, &task.named()?, &types, task.options()?)
}

/// What is searched: each index once, with the filters of the aliases it was named by, unless it was named itself. Of an
/// index of another type than those of `types` nothing is found.
pub(crate) fn targets(
    task: &Task<'_>,
    found: &ResolvedNames,
    types: &[String],
    options: IndicesOptions,
) -> Result<Vec<Target>, Exception> {
    // By uuid: every index may be named a thousand times over.
    let mut naming: HashMap<&str, Vec<&Named>> = HashMap::new();
    for name in &found.names {
        task.work.check()?;
        for behind in &name.indices {
            naming.entry(&behind.uuid).or_default().push(name);
        }
    }
    let groups = task.body().get("stats").map(crate::value::scalar::list).unwrap_or_default();
    let mut targets = Vec::new();
    for index in found.existing(options)? {
        task.work.check()?;
        BlockLevel::Read.check(&index)?;
        let open = task.open(&index)?;
        open.searched(&groups);
        let snapshot = open.snapshot();
        let own = snapshot.mapping.type_name().unwrap_or(DOC);
        let of_type = types.is_empty() || types.iter().any(|asked| asked == own);
        let mut filters = Some(Vec::new());
        for name in naming.get(&*index.uuid).into_iter().flatten() {
            let alias = index.aliases.get(&name.name).filter(|_| name.alias);
            match (alias.and_then(|alias| alias.filter.as_ref()), &mut filters) {
                (Some(filter), Some(filters)) => filters.push(filter.clone()),
                // Named without a filter: everything in it is seen.
                _ => filters = None,
            }
        }
        let filter = match filters.as_deref() {
            None | Some([]) => None,
            Some([only]) => Some(dsl::parse(only)?),
            Some(several) => Some(dsl::parse(&json!({"bool": {"should": several}}))?),
        };
        let filter = if of_type { filter } else { Some(dsl::parse(&json!({"match_none": {}}))?) };
        targets.push(Target::new(snapshot, filter, task.view));
    }
    Ok(targets)
}
