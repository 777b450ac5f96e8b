//! `_bulk`, `_mget` and `_msearch`: what is denied is answered here, the rest goes on with concrete names, and the answers
//! are put together in the order of the items.

use std::collections::BTreeMap;

use bytes::Bytes;
use engine::cluster::names::IndicesOptions;
use engine::exception::{Exception, ExceptionKind};
use engine::rest::{Api, BulkItem, Flavor, MgetItem, MsearchItem, ParsedBody};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value, json};

use super::{AnswerPlan, JudgedRequest, NOTHING, Plan, SentRequest, printed, refused, sent};
use crate::guards::limits;
use engine::Response;

/// Items that go on, and the answers to the others.
#[derive(Default)]
struct SplitItems {
    body: Vec<u8>,
    sent: usize,
    /// Items that were split before, where they come piece by piece.
    before: usize,
    kept_back: BTreeMap<usize, String>,
    /// Bytes of the answers that are kept back.
    kept_bytes: usize,
}

/// A `_bulk` that is rewritten piece by piece.
#[derive(Default)]
pub(crate) struct BulkRewriting(SplitItems);

impl BulkRewriting {
    /// Takes the next piece, and gives the lines that are sent for it.
    ///
    /// # Errors
    /// As [`rewrite`](super::rewrite); 413 where the answers to items that are not sent take too much memory.
    pub(crate) fn piece(&mut self, judged: &JudgedRequest<'_>) -> Result<Vec<u8>, Exception> {
        judged.check_rights()?;
        let Self(split) = self;
        if let ParsedBody::Bulk(items) = &judged.parsed.body {
            judged.split_bulk(items, split)?;
        }
        if split.kept_bytes > limits::BULK_KEPT_BACK_BYTES_MAX {
            let most = limits::BULK_KEPT_BACK_BYTES_MAX;
            let reason =
                format!("the answers to items that may not be done have more than [{most}] bytes");
            return Err(Exception::new(ExceptionKind::ContentTooLong, reason));
        }
        Ok(std::mem::take(&mut split.body))
    }

    /// What is done for the whole, of which `judged` is a piece. Its body is what the pieces came to.
    ///
    /// # Errors
    /// As [`rewrite`](super::rewrite).
    pub(crate) fn plan(self, judged: &JudgedRequest<'_>) -> Result<Plan, Exception> {
        judged.merged_bulk(self.0)
    }
}

impl SplitItems {
    fn keep_back(&mut self, position: usize, answer: String) {
        self.kept_bytes += answer.len();
        self.kept_back.insert(self.before + position, answer);
    }

    fn line(&mut self, line: &[u8]) {
        self.body.extend_from_slice(line);
        self.body.push(b'\n');
    }
}

impl JudgedRequest<'_> {
    /// The items of the body.
    pub(super) fn items(&self) -> Result<Plan, Exception> {
        match &self.parsed.body {
            ParsedBody::Bulk(items) => self.bulk(items),
            ParsedBody::Mget(items) => self.mget(items),
            ParsedBody::Msearch(items) => self.msearch(items),
            _ => Err(Exception::validation(&["no requests added"])),
        }
    }

    fn denied(&self, position: usize) -> Result<(), Exception> {
        match self.grants.denial(position) {
            Some(reason) => Err(Exception::new(ExceptionKind::Security, reason)),
            None => Ok(()),
        }
    }

    fn bulk(&self, items: &[BulkItem]) -> Result<Plan, Exception> {
        let mut split = SplitItems::default();
        self.split_bulk(items, &mut split)?;
        self.merged_bulk(split)
    }

    fn merged_bulk(&self, split: SplitItems) -> Result<Plan, Exception> {
        // What the items' own lines say now.
        let said = ["pipeline", "routing", "require_alias", "type"];
        self.merged("/_bulk", split, true, "items", &said)
    }

    fn split_bulk(&self, items: &[BulkItem], split: &mut SplitItems) -> Result<(), Exception> {
        for (position, item) in items.iter().enumerate() {
            if item.metadata.get("pipeline").is_some_and(|pipeline| pipeline != "_none") {
                return Err(refused("pipeline"));
            }
            match self.denied(position).and_then(|()| self.bulk_item(item)) {
                Ok((action, source)) => {
                    // Texts, numbers and names print.
                    let _ = serde_json::to_writer(&mut split.body, &action);
                    split.body.push(b'\n');
                    source.iter().for_each(|source| split.line(source));
                    split.sent += 1;
                }
                // What is not built is not done item by item: whoever reads 200 does not look for it.
                Err(fault) if fault.kind() == ExceptionKind::NotImplemented => return Err(fault),
                Err(fault) => split.keep_back(position, of_bulk(item, &fault).to_string()),
            }
        }
        split.before += items.len();
        Ok(())
    }

    /// An item's action line, and the line of its source.
    fn bulk_item<'i>(
        &'i self,
        item: &'i BulkItem,
    ) -> Result<(ActionLine<'i>, Option<&'i Bytes>), Exception> {
        let source = match &item.source {
            None => None,
            Some(Ok(json)) => Some(&json.raw),
            Some(Err(fault)) => return Err(fault.clone()),
        };
        let target = self.write_target(&item.index)?;
        // The reader fills the query string's `_source` into the items, as text; it goes on in the query.
        let source_of_url = self.route().query.get("_source");
        let require_alias = item.require_alias && !target.alias;
        let action = ActionLine { item, index: target.index, require_alias, source_of_url };
        Ok((action, source))
    }

    fn mget(&self, items: &[MgetItem]) -> Result<Plan, Exception> {
        let mut split = SplitItems::default();
        let mut docs = Vec::new();
        for (position, item) in items.iter().enumerate() {
            match self.denied(position).and_then(|()| self.read_target(&item.index)) {
                Ok(index) => {
                    let mut doc = Map::new();
                    doc.insert("_index".into(), index.into());
                    if let Some(kind) = &item.type_name {
                        doc.insert("_type".into(), kind.as_str().into());
                    }
                    if !item.options.contains_key("doc") && !item.shared.contains_key("doc") {
                        doc.insert("_id".into(), item.id.as_str().into());
                    }
                    doc.extend(item.options.clone());
                    docs.push(Value::Object(doc));
                    split.sent += 1;
                }
                Err(fault) if fault.kind() == ExceptionKind::NotImplemented => return Err(fault),
                Err(fault) => {
                    split.keep_back(position, self.of_mget(item, &fault).to_string());
                }
            }
        }
        let shared = items.first().filter(|item| !item.shared.is_empty());
        // First: to a cluster it is of the documents behind it.
        split.body = match shared {
            Some(item) => printed(&json!({ "parameters": *item.shared, "docs": docs })),
            None => printed(&json!({ "docs": docs })),
        }
        .to_vec();
        let path = if self.route().api == Api::Mtermvectors { "/_mtermvectors" } else { "/_mget" };
        self.merged(path, split, false, "docs", &["ids"])
    }

    fn msearch(&self, items: &[MsearchItem]) -> Result<Plan, Exception> {
        let options = IndicesOptions::of(self.route())?;
        let tells_status = self.route().api != Api::MsearchTemplate
            || self.route().flavor == Flavor::OpenSearch219;
        let mut split = SplitItems::default();
        for (position, item) in items.iter().enumerate() {
            match self.denied(position).and_then(|()| self.msearch_item(item, options)) {
                Ok((header, body)) => {
                    split.line(header.to_string().as_bytes());
                    split.line(&body);
                    split.sent += 1;
                }
                Err(fault) => {
                    let mut answer = json!({ "error": fault.error() });
                    if let (true, Some(answer)) = (tells_status, answer.as_object_mut()) {
                        answer.insert("status".into(), fault.status().into());
                    }
                    split.keep_back(position, answer.to_string());
                }
            }
        }
        self.merged("/_msearch", split, true, "responses", &["routing"])
    }

    /// A search's header, with concrete names, and its body.
    fn msearch_item(
        &self,
        item: &MsearchItem,
        options: IndicesOptions,
    ) -> Result<(Value, Bytes), Exception> {
        let body = item.body.as_ref().map_err(Clone::clone)?;
        for key in ["pit", "search_pipeline"] {
            if body.value.get(key).is_some() || item.header.contains_key(key) {
                return Err(refused(&format!("msearch with {key}")));
            }
        }
        super::searches::check_lookups(&body.value)?;
        let pinned = self.pinned(&item.indices, item.options(options)?)?;
        pinned.check_aliases()?;
        let mut header = Map::new();
        let list = pinned.list();
        let names = if list == NOTHING { vec![list.as_str()] } else { list.split(',').collect() };
        header.insert("index".into(), names.into());
        if !item.types.is_empty() {
            header.insert("type".into(), item.types.clone().into());
        }
        let options = ["expand_wildcards", "expandWildcards", "allow_no_indices", "allowNoIndices"];
        let kept = item.header.iter().filter(|(key, _)| !options.contains(&key.as_str()));
        header.extend(kept.map(|(key, value)| (key.clone(), value.clone())));
        if let Some(routing) = self.route().query.get("routing") {
            header.entry("routing").or_insert_with(|| routing.into());
        }
        // What a template made may be on several lines.
        let line = match self.route().api {
            Api::MsearchTemplate => printed(&body.value),
            _ => body.raw.clone(),
        };
        Ok((Value::Object(header), line))
    }

    /// The items that go on, or the answers if none does.
    fn merged(
        &self,
        path: &str,
        split: SplitItems,
        lines: bool,
        list: &'static str,
        said: &[&str],
    ) -> Result<Plan, Exception> {
        let SplitItems { body, sent: going, kept_back, .. } = split;
        let query = &self.route().query;
        if !kept_back.is_empty() && query.get("filter_path").is_some() {
            return Err(refused("filter_path with items that are denied or name no index"));
        }
        let of_bulk = list == "items";
        if going == 0 {
            let answers = kept_back.into_values().collect::<Vec<_>>().join(",");
            let head = match list {
                "items" => "\"took\":0,\"errors\":true,",
                "responses" => "\"took\":0,",
                _ => "",
            };
            let body = format!("{{{head}\"{list}\":[{answers}]}}");
            let response = Response::json(200, &Value::Null);
            return Ok(Plan::Answered(Response { body: body.into(), ..response }));
        }
        let request = self.on_path(path.to_owned(), Bytes::from(body))?;
        let merging = !kept_back.is_empty();
        let query = query.wire(|name| {
            super::OF_NAMES.contains(&name)
                || said.contains(&name)
                || matches!(name, "source" | "source_content_type")
                // The merged answer is JSON, as it is printed without wishes.
                || (merging && matches!(name, "format" | "pretty"))
        });
        let answer = match merging {
            false => AnswerPlan::Passed,
            true => AnswerPlan::Merged { list, kept_back, fails: of_bulk },
        };
        Ok(sent(SentRequest { query, lines, answer, ..request }))
    }

    fn of_mget(&self, item: &MgetItem, fault: &Exception) -> Value {
        let mut body = Map::new();
        body.insert("_index".into(), item.index.as_str().into());
        if self.route().type_name().is_some() {
            body.insert("_type".into(), item.type_name.as_deref().into());
        }
        body.insert("_id".into(), item.id.as_str().into());
        if fault.kind() == ExceptionKind::Security {
            body.insert("status".into(), fault.status().into());
            body.insert("error".into(), fault.item());
        } else {
            body.insert("error".into(), fault.error());
        }
        Value::Object(body)
    }
}

/// The line before a source in the `_bulk` that is sent, as JSON.
struct ActionLine<'i> {
    item: &'i BulkItem,
    index: String,
    require_alias: bool,
    source_of_url: Option<&'i str>,
}

impl Serialize for ActionLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Metadata<'a>(&'a ActionLine<'a>);
        impl Serialize for Metadata<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.metadata(serializer)
            }
        }
        let mut line = serializer.serialize_map(Some(1))?;
        line.serialize_entry(self.item.action.name(), &Metadata(self))?;
        line.end()
    }
}

impl ActionLine<'_> {
    fn metadata<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut metadata = serializer.serialize_map(None)?;
        metadata.serialize_entry("_index", &self.index)?;
        if let Some(kind) = &self.item.type_name {
            metadata.serialize_entry("_type", kind)?;
        }
        if let Some(id) = &self.item.id {
            metadata.serialize_entry("_id", id)?;
        }
        for (key, value) in &self.item.metadata {
            let left_out = match key.as_str() {
                "op_type" | "require_alias" | "pipeline" => true,
                "_source" => self.source_of_url.is_some() && value.as_str() == self.source_of_url,
                _ => false,
            };
            if !left_out {
                metadata.serialize_entry(key, value)?;
            }
        }
        if self.require_alias {
            metadata.serialize_entry("require_alias", &true)?;
        }
        metadata.end()
    }
}

/// The answer to an item of a `_bulk` that is not sent.
fn of_bulk(item: &BulkItem, fault: &Exception) -> Value {
    let mut body = Map::new();
    body.insert("_index".into(), item.index.as_str().into());
    if let Some(kind) = &item.type_name {
        body.insert("_type".into(), kind.as_str().into());
    }
    body.insert("_id".into(), item.id.as_deref().into());
    body.insert("status".into(), fault.status().into());
    body.insert("error".into(), fault.item());
    json!({ item.action.name(): body })
}
