//! What a shared cluster is sent: the request that was made of a judged one, with the prefix before each name.

use bytes::Bytes;
use engine::cluster::names::validate_alias_name;
use engine::exception::{Exception, ExceptionKind};
use engine::rest::{Api, Method, Parsed, ParsedBody};
use serde_json::{Map, Value};

use super::SharedNames;
use crate::clusters::rewrite::SentRequest;

/// Where names stand in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnswerNames {
    /// In `_index` of documents, and in errors.
    Hits,
    /// In `index` and its like, and as keys below `indices` and `aliases`.
    Admin,
    /// As the keys of the answer itself; below them as in [`AnswerNames::Admin`].
    Keys,
    /// In `name` of what is listed, and in the definitions of templates.
    Templates,
    /// At the beginning of the cells of a table.
    Rows,
    /// Nowhere but in errors.
    Nowhere,
}

/// Texts that reach the name of an index in a query, an aggregation, a script.
const INDEX_FIELD: &str = "_index";

/// Names of aggregations that cannot be told from parts of an answer.
const PARTS: &[&str] = &[
    "_shard",
    "_source",
    "fields",
    "highlight",
    "error",
    "failures",
    "profile",
    "reason",
    "caused_by",
    "root_cause",
    "failed_shards",
];

impl SharedNames {
    /// The request as a cluster that several domains share is sent it.
    ///
    /// # Errors
    /// 501 for what cannot be said exactly there.
    pub(crate) fn request(
        &self,
        parsed: &Parsed,
        sent: SentRequest,
        line_bytes_max: usize,
    ) -> Result<SentRequest, Exception> {
        let api = parsed.route.api;
        let names = answer_names(api, sent.method).ok_or_else(|| refused(api.name()))?;
        let query = &parsed.route.query;
        let tells = |name: &str| query.get(name).is_some_and(|value| value.contains(INDEX_FIELD));
        let fields = ["q", "sort", "df", "docvalue_fields", "stored_fields", "_source", "h", "s"];
        if let Some(name) = fields.iter().find(|name| tells(name)) {
            return Err(refused(&format!("{INDEX_FIELD} in [{name}]")));
        }
        let kinds = if names == AnswerNames::Rows { &["json", "text"][..] } else { &["json"] };
        if query.get("format").is_some_and(|format| !kinds.contains(&format)) {
            return Err(refused("format"));
        }
        if names != AnswerNames::Hits && query.get("filter_path").is_some() {
            return Err(refused("filter_path of what has names as keys"));
        }
        if makes_template(api) {
            parsed.route.part("name").map_or(Ok(()), check_name)?;
        }
        let path = self.path(api, &sent.path)?;
        let body = self.body(parsed, &sent)?;
        let line = sent.method.name().len() + path.len() + sent.query.len() + " ? HTTP/1.1".len();
        if line > line_bytes_max {
            return Err(refused(&format!("a request line of {line} bytes")));
        }
        Ok(SentRequest { path, body, names: Some(names), ..sent })
    }

    /// The path with the prefix before the names in it. Which these are says the API's template, never how a name begins: an index may
    /// be called as an API is.
    fn path(&self, api: Api, path: &str) -> Result<String, Exception> {
        let mut segments: Vec<String> =
            path.split('/').skip(1).filter(|it| !it.is_empty()).map(str::to_owned).collect();
        let names = names_in(api, &segments)?;
        let lists_all = segments.len() == 1 && of_templates(api);
        for (segment, _) in segments.iter_mut().zip(names).filter(|(_, is_name)| *is_name) {
            *segment = match segment.as_str() {
                "_all" => self.all(),
                list => self.list(list),
            };
        }
        if lists_all {
            segments.push(self.all());
        }
        Ok(format!("/{}", segments.join("/")))
    }

    fn body(&self, parsed: &Parsed, sent: &SentRequest) -> Result<Bytes, Exception> {
        let api = parsed.route.api;
        let body = &sent.body;
        match api {
            // A document is nobody's to read.
            Api::Index | Api::Create | Api::Delete => Ok(body.clone()),
            // Nothing in these is a name of an index or an alias.
            Api::IndicesPutMapping | Api::IndicesPutSettings | Api::IndicesAnalyze => {
                Ok(body.clone())
            }
            Api::Update => {
                check_script(parsed.body.value().get("script"))?;
                Ok(body.clone())
            }
            Api::Bulk => self.bulk_lines(body),
            Api::Mget | Api::Mtermvectors => self.changed(body, |body| {
                let docs = body.get_mut("docs").and_then(Value::as_array_mut);
                docs.into_iter().flatten().for_each(|doc| self.put_at(doc, INDEX_FIELD));
                Ok(())
            }),
            Api::Msearch | Api::MsearchTemplate => self.msearch_lines(body),
            Api::IndicesUpdateAliases | Api::IndicesPutAlias | Api::IndicesDeleteAlias => {
                self.changed(body, |body| self.put_actions(body))
            }
            Api::Reindex => self.changed(body, |body| {
                check_search(body.get("source").unwrap_or(&Value::Null))?;
                for part in ["source", "dest"] {
                    if let Some(part) = body.get_mut(part) {
                        self.put_at(part, "index");
                    }
                }
                Ok(())
            }),
            Api::IndicesCreate
            | Api::IndicesShrink
            | Api::IndicesSplit
            | Api::IndicesClone
            | Api::IndicesRollover => self.changed(body, |body| {
                self.put_keys(body, "aliases")?;
                Ok(())
            }),
            Api::IndicesPutTemplate
            | Api::IndicesPutIndexTemplate
            | Api::ClusterPutComponentTemplate => {
                self.changed(body, |body| self.put_template(body))
            }
            Api::Scroll
            | Api::ClearScroll
            | Api::DeletePit
            | Api::DeleteAllPits
            | Api::ClosePointInTime => Ok(body.clone()),
            _ => {
                // A search, or what has a query. The filters of aliases that are in it were checked when they were put there; where
                // nothing was asked they are all of it.
                let is_limit = matches!(parsed.body, ParsedBody::Empty)
                    && matches!(api, Api::Search | Api::Count);
                let is_read = matches!(parsed.body, ParsedBody::Json(_));
                if !is_read && !is_limit && !body.is_empty() {
                    return Err(refused(api.name()));
                }
                check_search(parsed.body.value())?;
                Ok(body.clone())
            }
        }
    }

    /// The lines of a `_bulk`, each action line with the prefix before its index.
    ///
    /// # Errors
    /// 501 for scripts that read the name of their index.
    pub(crate) fn bulk_lines(&self, lines: &[u8]) -> Result<Bytes, Exception> {
        let mut out = Vec::with_capacity(lines.len() + lines.len() / 16);
        let mut lines = lines.split(|byte| *byte == b'\n');
        while let Some(line) = lines.next().filter(|line| !line.is_empty()) {
            let mut action: Value = serde_json::from_slice(line).map_err(unreadable)?;
            let Some((verb, metadata)) =
                action.as_object_mut().and_then(|action| action.iter_mut().next())
            else {
                return Err(refused("such a line of _bulk"));
            };
            self.put_at(metadata, INDEX_FIELD);
            let (deletes, updates) = (verb == "delete", verb == "update");
            out.extend_from_slice(action.to_string().as_bytes());
            out.push(b'\n');
            if deletes {
                continue;
            }
            let source = lines.next().unwrap_or_default();
            if updates {
                let read: Value = serde_json::from_slice(source).map_err(unreadable)?;
                check_script(read.get("script"))?;
            }
            out.extend_from_slice(source);
            out.push(b'\n');
        }
        Ok(out.into())
    }

    fn msearch_lines(&self, lines: &[u8]) -> Result<Bytes, Exception> {
        let mut out = Vec::with_capacity(lines.len() + lines.len() / 16);
        let mut lines = lines.split(|byte| *byte == b'\n');
        while let Some(line) = lines.next().filter(|line| !line.is_empty()) {
            let mut header: Value = serde_json::from_slice(line).map_err(unreadable)?;
            self.put_at(&mut header, "index");
            let body = lines.next().unwrap_or_default();
            check_search(&serde_json::from_slice(body).map_err(unreadable)?)?;
            out.extend_from_slice(header.to_string().as_bytes());
            out.push(b'\n');
            out.extend_from_slice(body);
            out.push(b'\n');
        }
        Ok(out.into())
    }

    fn put_actions(&self, body: &mut Value) -> Result<(), Exception> {
        let actions = body.get_mut("actions").and_then(Value::as_array_mut);
        for action in actions.into_iter().flatten() {
            for change in action.as_object_mut().into_iter().flat_map(Map::values_mut) {
                change.get("filter").map_or(Ok(()), check_filter)?;
                ["index", "aliases"].iter().for_each(|key| self.put_at(change, key));
            }
        }
        Ok(())
    }

    fn put_template(&self, body: &mut Value) -> Result<(), Exception> {
        if body.get("data_stream").is_some() {
            return Err(refused("data streams"));
        }
        // The spelling of Elasticsearch 5.
        if body.get("template").is_some_and(Value::is_string) {
            return Err(refused("template as text"));
        }
        for key in ["index_patterns", "composed_of", "ignore_missing_component_templates"] {
            let named = body.get(key).into_iter().flat_map(|named| match named {
                Value::Array(names) => names.as_slice(),
                one => std::slice::from_ref(one),
            });
            named.filter_map(Value::as_str).try_for_each(check_name)?;
            self.put_at(body, key);
        }
        self.put_keys(body, "aliases")?;
        body.get_mut("template").map_or(Ok(()), |template| self.put_keys(template, "aliases"))
    }

    /// Puts the prefix before the name, or the names, under `key`. What comes to nothing stays so.
    fn put_at(&self, value: &mut Value, key: &str) {
        match value.get_mut(key) {
            Some(Value::String(name)) => *name = self.list(name),
            Some(Value::Array(names)) => {
                for name in names {
                    if let Some(text) = name.as_str().filter(|text| *text != super::NOTHING) {
                        *name = self.there(text).into();
                    }
                }
            }
            _ => {}
        }
    }

    /// Puts the prefix before the keys of the object under `key`, which are names of aliases.
    fn put_keys(&self, value: &mut Value, key: &str) -> Result<(), Exception> {
        let Some(Value::Object(members)) = value.get_mut(key) else { return Ok(()) };
        let named = std::mem::take(members);
        for (name, definition) in named {
            validate_alias_name(&name)?;
            if name.contains("{index}") {
                return Err(refused("{index} in the name of an alias"));
            }
            check_filter(&definition)?;
            members.insert(self.there(&name), definition);
        }
        Ok(())
    }

    /// A body of JSON, changed; nothing stays nothing.
    fn changed(
        &self,
        body: &Bytes,
        change: impl FnOnce(&mut Value) -> Result<(), Exception>,
    ) -> Result<Bytes, Exception> {
        if body.is_empty() {
            return Ok(body.clone());
        }
        let mut value: Value = serde_json::from_slice(body).map_err(unreadable)?;
        change(&mut value)?;
        Ok(value.to_string().into())
    }
}

/// Which segments of a path are names, by the templates of its API.
///
/// # Errors
/// 501 where none is of that form, or two do not agree.
fn names_in(api: Api, segments: &[String]) -> Result<Vec<bool>, Exception> {
    // What is asked of a cluster in another API's words.
    let said = match api {
        Api::IndicesPutAlias | Api::IndicesDeleteAlias => Api::IndicesUpdateAliases,
        Api::SearchTemplate => Api::Search,
        Api::MsearchTemplate => Api::Msearch,
        Api::DeleteAllPits => Api::DeletePit,
        api => api,
    };
    let lists = matches!(said, Api::IndicesGetAlias | Api::IndicesExistsAlias);
    let templates = said.row().paths.iter().filter_map(|path| path.split(' ').next_back());
    let mut readings = templates.filter_map(|template| {
        let parts: Vec<&str> = template.split('/').filter(|it| !it.is_empty()).collect();
        let fits =
            |(part, segment): (&&str, &String)| part.starts_with('{') || *part == segment.as_str();
        let is_name = |part: &&str| match *part {
            "{index}" | "{alias}" | "{target}" | "{new_index}" => true,
            "{name}" => lists || of_templates(said),
            _ => false,
        };
        (parts.len() == segments.len() && parts.iter().zip(segments).all(fits))
            .then(|| parts.iter().map(is_name).collect::<Vec<bool>>())
    });
    let names = readings.next().ok_or_else(|| refused(api.name()))?;
    match readings.any(|other| other != names) {
        true => Err(refused("a path that can be read in two ways")),
        false => Ok(names),
    }
}

fn makes_template(api: Api) -> bool {
    matches!(
        api,
        Api::IndicesPutTemplate | Api::IndicesPutIndexTemplate | Api::ClusterPutComponentTemplate
    )
}

fn of_templates(api: Api) -> bool {
    makes_template(api)
        || matches!(
            api,
            Api::IndicesGetTemplate
                | Api::IndicesDeleteTemplate
                | Api::IndicesExistsTemplate
                | Api::IndicesGetIndexTemplate
                | Api::IndicesDeleteIndexTemplate
                | Api::IndicesExistsIndexTemplate
                | Api::ClusterGetComponentTemplate
                | Api::ClusterDeleteComponentTemplate
                | Api::ClusterExistsComponentTemplate
        )
}

/// Where the answer of an API has names; `None`: the API is refused on a shared cluster.
// long: every API once
fn answer_names(api: Api, method: Method) -> Option<AnswerNames> {
    Some(match api {
        Api::Search
        | Api::SearchTemplate
        | Api::Msearch
        | Api::MsearchTemplate
        | Api::Count
        | Api::Scroll
        | Api::ClearScroll
        | Api::CreatePit
        | Api::DeletePit
        | Api::DeleteAllPits
        | Api::OpenPointInTime
        | Api::ClosePointInTime
        | Api::Index
        | Api::Create
        | Api::Update
        | Api::Delete
        | Api::Get
        | Api::Exists
        | Api::ExistsSource
        | Api::Bulk
        | Api::Mget
        | Api::Termvectors
        | Api::Mtermvectors
        | Api::Explain
        | Api::UpdateByQuery
        | Api::DeleteByQuery
        | Api::Reindex => AnswerNames::Hits,
        // The document, and nothing else; an error has a status that is none of a document's.
        Api::GetSource => AnswerNames::Nowhere,
        Api::IndicesCreate
        | Api::IndicesDelete
        | Api::IndicesExists
        | Api::IndicesRefresh
        | Api::IndicesFlush
        | Api::IndicesForcemerge
        | Api::IndicesClearCache
        | Api::IndicesOpen
        | Api::IndicesClose
        | Api::IndicesAddBlock
        | Api::IndicesPutMapping
        | Api::IndicesPutSettings
        | Api::IndicesStats
        | Api::IndicesSegments
        | Api::IndicesShardStores
        | Api::IndicesValidateQuery
        | Api::IndicesShrink
        | Api::IndicesSplit
        | Api::IndicesClone
        | Api::IndicesRollover
        | Api::IndicesPutAlias
        | Api::IndicesDeleteAlias
        | Api::IndicesUpdateAliases
        | Api::IndicesExistsAlias
        | Api::FieldCaps
        | Api::ClusterHealth => AnswerNames::Admin,
        Api::IndicesGet
        | Api::IndicesGetMapping
        | Api::IndicesGetFieldMapping
        | Api::IndicesGetSettings
        | Api::IndicesGetAlias
        | Api::IndicesRecovery
        | Api::IndicesGetTemplate => AnswerNames::Keys,
        Api::IndicesGetIndexTemplate | Api::ClusterGetComponentTemplate => AnswerNames::Templates,
        Api::CatIndices | Api::CatShards | Api::CatSegments | Api::CatCount | Api::CatRecovery => {
            AnswerNames::Rows
        }
        Api::Info
        | Api::Ping
        | Api::CatNodes
        | Api::CatNodeattrs
        | Api::CatPlugins
        | Api::CatClusterManager
        | Api::CatHelp
        | Api::IndicesAnalyze
        | Api::IndicesPutTemplate
        | Api::IndicesDeleteTemplate
        | Api::IndicesExistsTemplate
        | Api::IndicesPutIndexTemplate
        | Api::IndicesDeleteIndexTemplate
        | Api::IndicesExistsIndexTemplate
        | Api::ClusterPutComponentTemplate
        | Api::ClusterDeleteComponentTemplate
        | Api::ClusterExistsComponentTemplate => AnswerNames::Nowhere,
        Api::NodesInfo | Api::ClusterState | Api::NodesStats if method == Method::Get => {
            AnswerNames::Nowhere
        }
        _ => return None,
    })
}

/// Refuses a search that reaches the names of indices: their prefix would show, or be missing.
fn check_search(body: &Value) -> Result<(), Exception> {
    if reaches_index(body) {
        return Err(refused(&format!("{INDEX_FIELD}, or a document that a query looks up,")));
    }
    for key in ["aggs", "aggregations"] {
        check_aggregations(body.get(key).unwrap_or(&Value::Null))?;
    }
    Ok(())
}

fn check_aggregations(named: &Value) -> Result<(), Exception> {
    for (name, aggregation) in named.as_object().into_iter().flatten() {
        if PARTS.contains(&name.as_str()) {
            return Err(refused(&format!("an aggregation with the name [{name}]")));
        }
        for key in ["aggs", "aggregations"] {
            check_aggregations(aggregation.get(key).unwrap_or(&Value::Null))?;
        }
        // The columns of a composite, the filters of a `filters`, are named too.
        let of = aggregation.as_object().into_iter().flatten().filter(|(key, _)| *key != "aggs");
        for (_, definition) in of {
            let sources = definition.get("sources").and_then(Value::as_array);
            let names =
                sources.into_iter().flatten().filter_map(Value::as_object).flat_map(Map::keys);
            let filters = definition.get("filters").and_then(Value::as_object);
            let mut names = names.chain(filters.into_iter().flat_map(Map::keys));
            if let Some(name) = names.find(|name| PARTS.contains(&name.as_str())) {
                return Err(refused(&format!("an aggregation with the name [{name}]")));
            }
        }
    }
    Ok(())
}

/// Refuses the filter of an alias that reaches the names of indices.
pub(in crate::clusters) fn check_filter(filter: &Value) -> Result<(), Exception> {
    match reaches_index(filter) {
        true => Err(refused(&format!("{INDEX_FIELD} in the filter of an alias"))),
        false => Ok(()),
    }
}

/// Refuses the name of a template, or a pattern in one, that begins as no name does.
fn check_name(name: &str) -> Result<(), Exception> {
    match name.starts_with(super::FORBIDDEN_FIRST) {
        true => Err(refused(&format!("{name}: a name that begins with '_', '-' or '+'"))),
        false => Ok(()),
    }
}

fn check_script(script: Option<&Value>) -> Result<(), Exception> {
    match script.is_some_and(reaches_index) {
        true => Err(refused(&format!("{INDEX_FIELD} in a script"))),
        false => Ok(()),
    }
}

/// Whether something in `value` names an index, or reads the name of one.
fn reaches_index(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            let has = |key: &str| members.contains_key(key);
            let says =
                |key: &str| members.get(key).is_some_and(|it| it.is_string() || it.is_number());
            let looks_up = says("index") && (says("id") || says("path"));
            let lookups = ["indices_boost", "indexed_shape", "wrapper", "search_pipeline"];
            looks_up
                || lookups.iter().any(|key| has(key))
                || members
                    .iter()
                    .any(|(key, value)| key.contains(INDEX_FIELD) || reaches_index(value))
        }
        Value::Array(items) => items.iter().any(reaches_index),
        Value::String(text) => text.contains(INDEX_FIELD),
        _ => false,
    }
}

fn refused(what: &str) -> Exception {
    let reason =
        format!("[{what}] is not supported on a domain that shares its cluster with other domains");
    Exception::new(ExceptionKind::NotImplemented, reason)
}

/// What is read here was written here.
fn unreadable(error: serde_json::Error) -> Exception {
    Exception::new(ExceptionKind::IllegalState, format!("a request that was made here: {error}"))
}
