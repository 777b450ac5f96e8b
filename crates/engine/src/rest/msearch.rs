//! The lines of `_msearch`: a header with the indices, then a search body.

use super::bulk::BodyLines;
use super::json::JsonMemory;
use super::search_template::TemplateRequest;
use super::{Api, Flavor, Json, Route};
use crate::cluster::names::IndicesOptions;
use crate::exception::Exception;
use crate::limits::ITEMS_MAX;
use crate::script::mustache::Rendering;
use crate::work::Work;
use bytes::Bytes;
use serde_json::{Map, Value};

/// One search of an `_msearch` body.
#[derive(Clone, Debug)]
pub struct MsearchItem {
    /// The index expressions it names, with the URL's as default; empty means every index.
    pub indices: Vec<String>,
    /// The types of the documents that it finds, with the URL's as default; empty means any.
    pub types: Vec<String>,
    /// What else its header says: `ignore_unavailable`, `preference`, `routing`, `search_type` …
    pub header: Map<String, Value>,
    /// The search body, or why its template makes none.
    pub body: Result<Json, Exception>,
    /// Of what its header says.
    _memory: JsonMemory,
}

impl MsearchItem {
    /// Whether it continues a cursor: it searches a point in time.
    pub fn continues_cursor(&self) -> bool {
        self.body.as_ref().is_ok_and(|body| body.value.get("pit").is_some())
    }

    /// The point in time that it searches; `None` for none, and for what is no id, which the engine refuses.
    pub fn cursor_id(&self) -> Option<&str> {
        self.body.as_ref().ok()?.value.pointer("/pit/id").and_then(Value::as_str)
    }

    /// The options of the URL with what this item's header says put over them.
    /// Errors: `illegal_argument_exception` for a value none of them has.
    pub fn options(&self, url: IndicesOptions) -> Result<IndicesOptions, Exception> {
        let mut options = url;
        for (key, value) in &self.header {
            let on = match value {
                Value::Bool(on) => *on,
                Value::String(text) => text == "true",
                _ => false,
            };
            match key.as_str() {
                "ignore_unavailable" | "ignoreUnavailable" => options.ignore_unavailable = on,
                "allow_no_indices" | "allowNoIndices" => options.allow_no_indices = on,
                "expand_wildcards" | "expandWildcards" => {
                    let words = names(value.clone())?;
                    let words: Vec<&str> = words.iter().map(String::as_str).collect();
                    options = options.expanding(&words)?;
                }
                _ => {}
            }
        }
        Ok(options)
    }
}

const HEADER: &[&str] = &[
    "search_type",
    "searchType",
    "request_cache",
    "requestCache",
    "preference",
    "routing",
    "allow_partial_search_results",
    "expand_wildcards",
    "expandWildcards",
    "ignore_unavailable",
    "ignoreUnavailable",
    "allow_no_indices",
    "allowNoIndices",
    "ignore_throttled",
    "ignoreThrottled",
    "ccs_minimize_roundtrips",
    "cancel_after_time_interval",
    "max_concurrent_shard_requests",
];

/// Reads the lines of `body`, with the defaults of `route`'s URL.
pub(super) fn read(
    route: &Route,
    body: &Bytes,
    work: &Work,
) -> Result<Vec<MsearchItem>, Exception> {
    if !body.ends_with(b"\n") {
        return Err(Exception::illegal_argument(
            "The msearch request must be terminated by a newline [\\n]",
        ));
    }
    let mut rendering = (route.api == Api::MsearchTemplate).then(|| Rendering::new(work));
    let mut lines = BodyLines::of(body);
    let mut items = Vec::new();
    // A blank header line is a header without a word; trailing blank lines are none.
    while let Some((_, line)) = lines.next() {
        work.check()?;
        if items.len() == ITEMS_MAX {
            return Err(Exception::illegal_argument(format!(
                "more than {ITEMS_MAX} searches in one request"
            )));
        }
        let blank = line.iter().all(u8::is_ascii_whitespace);
        let Some((_, source)) = lines.next() else {
            if blank {
                break;
            }
            return Err(Exception::validation(&["a search header without a search body"]));
        };
        let (header, memory) = if blank { Default::default() } else { object(line, work)? };
        let body = Json::read_within(source, work)?;
        if !body.value.is_object() {
            return Err(Exception::parsing("Expected [START_OBJECT] for a search body"));
        }
        let body = match &mut rendering {
            None => Ok(body),
            Some(rendering) => rendered(&body.value, work, rendering)
                .map_err(|fault| fault.placed(Some(body.body()), route.flavor))?,
        };
        let item = item(route, header, body)?;
        items.push(MsearchItem { _memory: memory, ..item });
    }
    if items.is_empty() {
        return Err(Exception::validation(&["no requests added"]));
    }
    Ok(items)
}

/// The search that a template makes. A fault of the template is its item's own, one of the request is everybody's.
fn rendered(
    request: &Value,
    work: &Work,
    rendering: &mut Rendering<'_>,
) -> Result<Result<Json, Exception>, Exception> {
    let template = TemplateRequest::parse(request)?;
    if template.is_empty() {
        return Err(Exception::illegal_argument("Malformed search template"));
    }
    let search = template.search(work, rendering);
    work.check()?;
    Ok(search)
}

fn object(line: Bytes, work: &Work) -> Result<(Map<String, Value>, JsonMemory), Exception> {
    match Json::read_within(line, work)?.into_value() {
        (Value::Object(object), memory) => Ok((object, memory)),
        _ => Err(Exception::illegal_argument("a search header must be an object")),
    }
}

fn item(
    route: &Route,
    mut header: Map<String, Value>,
    body: Result<Json, Exception>,
) -> Result<MsearchItem, Exception> {
    let mut indices = None;
    for key in ["index", "indices"] {
        if let Some(named) = header.shift_remove(key) {
            if !route.explicit_index {
                let what = "explicit index in multi search is not allowed";
                return Err(Exception::illegal_argument(what));
            }
            indices = Some(names(named)?);
        }
    }
    let mut types = None;
    for key in ["type", "types"] {
        if route.flavor == Flavor::Elasticsearch710
            && let Some(named) = header.shift_remove(key)
        {
            types = Some(names(named)?);
        }
    }
    if let Some(unknown) = header.keys().find(|key| !HEADER.contains(&key.as_str())) {
        return Err(Exception::illegal_argument(format!(
            "key [{unknown}] is not supported in the metadata section"
        )));
    }
    let of_the_url =
        |part: &str| route.part(part).map(|list| list.split(',').map(str::to_owned).collect());
    let indices = indices.or_else(|| of_the_url("index")).unwrap_or_default();
    let types = types.or_else(|| of_the_url("type")).unwrap_or_default();
    Ok(MsearchItem { indices, types, header, body, _memory: JsonMemory::default() })
}

fn names(value: Value) -> Result<Vec<String>, Exception> {
    let wrong = || Exception::illegal_argument("index must be a string or a list of strings");
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(list) => Ok(list.split(',').map(str::to_owned).collect()),
        Value::Array(list) => list
            .into_iter()
            .map(|name| match name {
                Value::String(name) => Ok(name),
                _ => Err(wrong()),
            })
            .collect(),
        _ => Err(wrong()),
    }
}
