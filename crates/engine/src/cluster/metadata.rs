//! The metadata snapshot: which indices there are, with their settings, mappings and aliases, at one moment.
//!
//! A [`Metadata`] never changes. Creating or changing an index makes a new one with a higher version, which
//! [`crate::index::Indices`] persists before anybody sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::registries::Registries;
use super::settings::IndexSettings;
use super::templates;
use crate::exception::Exception;
use crate::ingest::Pipelines;
use crate::mapping::Mapping;
use crate::snapshots::Repositories;

/// Indices, mappings, settings and aliases of one domain at one moment.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// Grows by one with every change.
    pub version: u64,
    /// The uuid of the cluster, 22 characters.
    pub cluster_uuid: String,
    pub(crate) indices: BTreeMap<String, Arc<IndexMetadata>>,
    pub(crate) registries: Arc<Registries>,
    /// The ingest pipelines.
    pub(crate) pipelines: Arc<Pipelines>,
    pub(crate) data_streams: BTreeMap<String, Arc<DataStream>>,
    /// The repositories of snapshots, with what is in them.
    pub(crate) repositories: Arc<Repositories>,
}

/// One data stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataStream {
    /// Its name.
    pub name: String,
    /// The field that every document must have.
    pub timestamp_field: String,
    /// The names of the indices behind it; the last is written to.
    pub indices: Vec<String>,
    /// How many indices it has had.
    pub generation: u64,
}

/// What the names of indices behind data streams begin with.
pub(crate) const BACKING_PREFIX: &str = ".ds-";

impl DataStream {
    /// The name of the index of this generation.
    pub fn backing(name: &str, generation: u64) -> String {
        format!("{BACKING_PREFIX}{name}-{generation:06}")
    }

    /// What is kept of it beside its name.
    pub(crate) fn persisted(&self) -> Value {
        json!({"timestamp_field": self.timestamp_field, "indices": self.indices,
            "generation": self.generation})
    }

    /// The data stream `name` out of what was kept.
    pub(crate) fn restored(name: &str, saved: &Value) -> DataStream {
        let field = saved.get("timestamp_field").and_then(Value::as_str);
        DataStream {
            name: name.to_owned(),
            timestamp_field: field.unwrap_or_default().to_owned(),
            indices: saved.get("indices").map(crate::value::scalar::list).unwrap_or_default(),
            generation: saved.get("generation").and_then(Value::as_u64).unwrap_or(1),
        }
    }
}

/// One index.
#[derive(Clone, Debug)]
pub struct IndexMetadata {
    /// The name.
    pub name: String,
    /// The uuid, 22 characters; a recreated index has another.
    pub uuid: Arc<str>,
    /// The name as it was given: date math is not read in it.
    pub provided_name: String,
    /// When it was created, in milliseconds since 1970.
    pub creation_date: i64,
    /// Its settings.
    pub settings: IndexSettings,
    /// Its mapping.
    pub mapping: Arc<Mapping>,
    /// Its aliases by name.
    pub aliases: BTreeMap<String, Alias>,
    /// Whether it is closed.
    pub closed: bool,
    /// Grows with every change of its settings.
    pub settings_version: u64,
    /// Grows with every change of its aliases.
    pub aliases_version: u64,
    /// What was met when an alias or data stream was rolled over from it, by their names.
    pub rollovers: Value,
    /// The primary term of its first writes is 1; each start of the engine after its creation adds one.
    pub born_at_start: u64,
    /// What it was restored from since the engine started.
    pub restored: Option<Arc<Restored>>,
}

/// Where the files of an index were copied from, and how long that took.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The repository's name.
    pub repository: String,
    /// The snapshot's name.
    pub snapshot: String,
    /// The name that the index had.
    pub index: String,
    /// The id of the restoration.
    pub uuid: String,
    /// When it began, in milliseconds since 1970.
    pub began: i64,
    /// When it ended.
    pub ended: i64,
    /// How many files were copied.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// One alias of one index.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alias {
    /// `filter`: the query that limits what is seen through the alias.
    pub filter: Option<Value>,
    /// `index_routing`.
    pub index_routing: Option<String>,
    /// `search_routing`.
    pub search_routing: Option<String>,
    /// `is_write_index`.
    pub is_write_index: Option<bool>,
    /// `is_hidden`.
    pub is_hidden: Option<bool>,
}

impl Metadata {
    /// What is kept beside the indices: templates, cluster settings.
    pub fn registries(&self) -> &Registries {
        &self.registries
    }

    /// The index of exactly this name; aliases are not followed.
    pub fn index(&self, name: &str) -> Option<&Arc<IndexMetadata>> {
        self.indices.get(name)
    }

    /// The index with this uuid.
    pub fn by_uuid(&self, uuid: &str) -> Option<&Arc<IndexMetadata>> {
        self.indices.values().find(|index| &*index.uuid == uuid)
    }

    /// Every index, by name.
    pub fn indices(&self) -> impl Iterator<Item = &Arc<IndexMetadata>> {
        self.indices.values()
    }

    /// The repositories of snapshots.
    pub fn repositories(&self) -> &Repositories {
        &self.repositories
    }

    /// The data stream of exactly this name.
    pub fn data_stream(&self, name: &str) -> Option<&Arc<DataStream>> {
        self.data_streams.get(name)
    }

    /// Every data stream, by name.
    pub fn data_streams(&self) -> impl Iterator<Item = &Arc<DataStream>> {
        self.data_streams.values()
    }

    /// The data stream that the index `name` is behind.
    pub fn data_stream_of(&self, name: &str) -> Option<&Arc<DataStream>> {
        self.data_streams.values().find(|stream| stream.indices.iter().any(|own| own == name))
    }

    /// The name of the first index behind the data stream that a write to `name` would make; `None`: it would make none.
    pub fn stream_to_be(&self, name: &str) -> Option<String> {
        if self.knows(name) {
            return None;
        }
        let (_, template) = templates::matching(&self.registries, name, false)?;
        templates::data_stream(template).map(|_| DataStream::backing(name, 1))
    }

    /// The indices behind an alias or data stream; none when there is no such name.
    pub fn alias(&self, alias: &str) -> Vec<&Arc<IndexMetadata>> {
        if let Some(stream) = self.data_streams.get(alias) {
            return stream.indices.iter().filter_map(|name| self.indices.get(name)).collect();
        }
        self.indices.values().filter(|index| index.aliases.contains_key(alias)).collect()
    }

    /// Every alias name.
    pub fn alias_names(&self) -> BTreeSet<&str> {
        self.indices.values().flat_map(|index| index.aliases.keys()).map(String::as_str).collect()
    }

    /// Whether `name` is an index or an alias.
    pub fn knows(&self, name: &str) -> bool {
        self.indices.contains_key(name) || !self.alias(name).is_empty()
    }

    /// The one index that a write to `name` goes to: the index itself, the alias's write index, or its only index.
    pub fn write_index(&self, name: &str) -> Option<&Arc<IndexMetadata>> {
        if let Some(index) = self.index(name) {
            return Some(index);
        }
        if let Some(stream) = self.data_streams.get(name) {
            return self.indices.get(stream.indices.last()?);
        }
        let behind = self.alias(name);
        let marked = behind.iter().find(|index| {
            index.aliases.get(name).is_some_and(|alias| alias.is_write_index == Some(true))
        });
        match (marked, behind.as_slice()) {
            (Some(index), _) => Some(index),
            (None, [only])
                if only.aliases.get(name).is_some_and(|a| a.is_write_index != Some(false)) =>
            {
                Some(only)
            }
            _ => None,
        }
    }
}

/// The refusal of a write to an alias of several indices none of which is the one that is written.
pub(crate) fn no_write_index(alias: &str) -> Exception {
    Exception::illegal_argument(format!(
        "no write index is defined for alias [{alias}]. The write index may be explicitly disabled using is_write_index=false or the alias points to multiple indices without one being designated as a write index"
    ))
}

impl FromIterator<IndexMetadata> for Metadata {
    /// A snapshot of exactly these indices.
    fn from_iter<I: IntoIterator<Item = IndexMetadata>>(indices: I) -> Metadata {
        let indices = indices.into_iter().map(|index| (index.name.clone(), Arc::new(index)));
        Metadata { indices: indices.collect(), ..Metadata::default() }
    }
}

impl IndexMetadata {
    /// An open index without fields or aliases, with default settings.
    pub fn new(name: &str, uuid: &str) -> IndexMetadata {
        IndexMetadata {
            name: name.to_owned(),
            uuid: uuid.into(),
            provided_name: name.to_owned(),
            creation_date: 0,
            settings: IndexSettings::default(),
            mapping: Arc::default(),
            aliases: BTreeMap::new(),
            closed: false,
            settings_version: 1,
            aliases_version: 1,
            rollovers: json!({}),
            born_at_start: 0,
            restored: None,
        }
    }

    /// The value of `settings` in `GET index`, nested, every value a string.
    pub fn settings_json(&self) -> Value {
        let mut flat = self.settings.flat().clone();
        flat.insert("index.creation_date".into(), self.creation_date.to_string());
        flat.insert("index.uuid".into(), self.uuid.to_string());
        flat.insert("index.provided_name".into(), self.provided_name.clone());
        super::settings::nested(&flat)
    }

    /// The value of `mappings` in `GET index`.
    pub fn mappings_json(&self) -> Value {
        self.mapping.to_json()
    }

    /// The value of `aliases` in `GET index`.
    pub fn aliases_json(&self) -> Value {
        let print = |(name, alias): (&String, &Alias)| (name.clone(), alias.to_json());
        Value::Object(self.aliases.iter().map(print).collect())
    }
}

impl Alias {
    /// As Elasticsearch prints it.
    pub fn to_json(&self) -> Value {
        let mut out = Map::new();
        if let Some(filter) = &self.filter {
            out.insert("filter".into(), filter.clone());
        }
        for (key, value) in
            [("index_routing", &self.index_routing), ("search_routing", &self.search_routing)]
        {
            if let Some(value) = value {
                out.insert(key.into(), value.clone().into());
            }
        }
        for (key, value) in [("is_write_index", self.is_write_index), ("is_hidden", self.is_hidden)]
        {
            if let Some(value) = value {
                out.insert(key.into(), value.into());
            }
        }
        Value::Object(out)
    }

    /// How much of it somebody chose: its filter as JSON, and its routings, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let filter = self.filter.as_ref().map_or(0, |filter| filter.to_string().len());
        let routings = [&self.index_routing, &self.search_routing].into_iter().flatten();
        filter + routings.map(String::len).sum::<usize>()
    }

    /// Reads one alias definition (the object under its name).
    ///
    /// # Errors
    /// `illegal_argument_exception` naming an unknown or ill-typed key.
    pub fn parse(name: &str, body: &Value) -> Result<Alias, crate::exception::Exception> {
        use crate::exception::Exception;
        let Value::Object(body) = body else {
            return Err(Exception::illegal_argument(format!(
                "alias [{name}] must be an object, but was [{body}]"
            )));
        };
        let mut alias = Alias::default();
        for (key, value) in body {
            match (key.as_str(), value) {
                ("filter", Value::Object(filter)) if filter.is_empty() => {}
                ("filter", Value::Object(_)) => alias.filter = Some(value.clone()),
                ("routing", value) => {
                    let routing = crate::value::scalar::plain(value);
                    // The general one gives way to the particular ones, whichever comes first.
                    alias.index_routing.get_or_insert_with(|| routing.clone());
                    alias.search_routing.get_or_insert(routing);
                }
                ("index_routing", value) => {
                    alias.index_routing = Some(crate::value::scalar::plain(value));
                }
                ("search_routing", value) => {
                    alias.search_routing = Some(crate::value::scalar::plain(value));
                }
                ("is_write_index", Value::Bool(on)) => alias.is_write_index = Some(*on),
                ("is_hidden", Value::Bool(on)) => alias.is_hidden = Some(*on),
                _ => {
                    return Err(Exception::illegal_argument(format!(
                        "Unknown field [{key}] in alias [{name}]"
                    )));
                }
            }
        }
        Ok(alias)
    }

    pub(crate) fn persisted(&self) -> Value {
        json!({
            "filter": self.filter, "index_routing": self.index_routing,
            "search_routing": self.search_routing, "is_write_index": self.is_write_index,
            "is_hidden": self.is_hidden,
        })
    }

    pub(crate) fn restored(value: &Value) -> Alias {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        Alias {
            filter: value.get("filter").filter(|filter| filter.is_object()).cloned(),
            index_routing: text("index_routing"),
            search_routing: text("search_routing"),
            is_write_index: value.get("is_write_index").and_then(Value::as_bool),
            is_hidden: value.get("is_hidden").and_then(Value::as_bool),
        }
    }
}

/// Shard copies that are wanted, and those that there are: one of each index.
pub(crate) fn shards(indices: &[Arc<IndexMetadata>]) -> (u64, u64) {
    let copies = indices.iter().map(|index| {
        index.settings.count("number_of_shards", 1)
            * (1 + index.settings.count("number_of_replicas", 1))
    });
    let primaries = indices.iter().map(|index| index.settings.count("number_of_shards", 1));
    (copies.sum(), primaries.sum())
}
