//! `POST /_snapshot/{repository}/{snapshot}/_restore`. Source: Elasticsearch 7.10, "Restore snapshot API"; `RestoreService`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::store::{self, Kept};
use super::{Repository, Snapshot};
use crate::cluster::metadata::{BACKING_PREFIX, DataStream, IndexMetadata, Metadata, Restored};
use crate::cluster::names;
use crate::cluster::registries::Registries;
use crate::cluster::settings::{self, IndexSettings};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::index::{Exported, PlantedIndex, unique};
use crate::ingest::Pipelines;
use crate::java_regex::{JavaRegex, JavaReplacement};
use crate::limits::{INDEX_NAME_BYTES_MAX, RENAME_BYTES_MAX};
use crate::mapping::Mapping;
use crate::response::Response;
use crate::rest::execute::Task;
use crate::value::scalar::{boolean_text, list, plain};

/// One index of a snapshot that a request restores.
#[derive(Clone, Debug)]
pub struct RestoredIndex {
    /// The name it had.
    pub source: String,
    /// The uuid it had; `None`: there is no such index in the snapshot.
    pub uuid: Option<Arc<str>>,
    /// Whether a pattern found it.
    pub wildcard: bool,
    /// The name it is to have.
    pub target: String,
    /// The aliases that come with it.
    pub aliases: Vec<String>,
    /// The data stream that comes with it: its old name, and the one that it is to have.
    pub stream: Option<(String, String)>,
}

/// What a request restores, before it is known what its caller may touch: one reading, for the authorizer and for
/// `restore`. Nothing where there is no such snapshot.
///
/// # Errors
/// What is wrong with the body.
pub fn restored(
    metadata: &Metadata,
    (repository, snapshot): (&str, &str),
    body: &Value,
) -> Result<Vec<RestoredIndex>, Exception> {
    let found = metadata.repositories().get(repository).ok();
    let Some(snapshot) = found.and_then(|own| own.snapshot(snapshot)) else {
        return Ok(Vec::new());
    };
    let rename = Rename::read(body, "rename_pattern", "rename_replacement")?;
    let renamed_aliases = Rename::read(body, "rename_alias_pattern", "rename_alias_replacement")?;
    let with_aliases = flag(body, "include_aliases", true)?;
    let asked = body.get("indices").map(list).unwrap_or_default();
    let mut found = Vec::new();
    for ChosenIndex { name, wildcard, stream } in chosen_indices(snapshot, &asked) {
        let index = snapshot.indices.get(&name);
        let aliases = index.filter(|_| with_aliases).map(|index| index.aliases.as_slice());
        let aliases = aliases.unwrap_or_default().iter();
        let backing = name.strip_prefix(BACKING_PREFIX).filter(|_| stream.is_some());
        found.push(RestoredIndex {
            target: match backing {
                Some(rest) => format!("{BACKING_PREFIX}{}", rename.apply(rest)?),
                None => rename.apply(&name)?,
            },
            uuid: index.map(|index| Arc::clone(&index.uuid)),
            wildcard,
            aliases: aliases.map(|alias| renamed_aliases.apply(alias)).collect::<Result<_, _>>()?,
            stream: match stream {
                Some(stream) => Some((stream.to_owned(), rename.apply(stream)?)),
                None => None,
            },
            source: name,
        });
    }
    Ok(found)
}

/// One index that a list of names chooses, with the data stream by whose name it is chosen.
struct ChosenIndex<'a> {
    name: String,
    wildcard: bool,
    stream: Option<&'a str>,
}

/// The indices that `asked` chooses of a snapshot: by their own names, and all behind the data streams that it chooses.
fn chosen_indices<'a>(snapshot: &'a Snapshot, asked: &[String]) -> Vec<ChosenIndex<'a>> {
    let streams = &snapshot.data_streams;
    let names: Vec<&str> =
        snapshot.indices.keys().chain(streams.keys()).map(String::as_str).collect();
    let chosen = chosen(&names, asked);
    let mut found: Vec<ChosenIndex<'_>> = Vec::new();
    for ChosenName { name, wildcard, .. } in &chosen {
        let Some(stream) = streams.get(name) else { continue };
        let behind = stream.indices.iter().map(|index| ChosenIndex {
            name: index.clone(),
            wildcard: *wildcard,
            stream: Some(&stream.name),
        });
        found.extend(behind);
    }
    for ChosenName { name, wildcard, .. } in chosen {
        let known = found.iter().any(|known| known.name == name);
        if !known && !streams.contains_key(&name) {
            found.push(ChosenIndex { name, wildcard, stream: None });
        }
    }
    found
}

/// Restores what the caller may read of it under names that the caller may make.
pub(crate) fn restore(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let waits = route.query.flag("wait_for_completion", false)?;
    let part = |key: &str| route.part(key).unwrap_or_default();
    let repository = task.metadata.repositories().get(part("repository"))?;
    let body = task.body();
    check_keys(body, route.flavor)?;
    let name = part("snapshot");
    let Some(snapshot) = repository.snapshot(name) else {
        let reason = format!("[{}:{name}] snapshot does not exist", repository.name);
        return Err(Exception::new(ExceptionKind::SnapshotRestore, reason));
    };
    let global = flag(body, "include_global_state", false)?;
    let restoring = Restoring { task, repository, snapshot, uuid: unique() };
    if global && !snapshot.global {
        return Err(restoring.refused(
            "cannot restore global state since the snapshot was created without global state",
        ));
    }
    let _one_at_a_time = task.engine.snapshotting(task.work)?;
    let wanted = restoring.wanted()?;
    let (path, kept) = store::kept(&**repository.store()?, &snapshot.uuid, &task.work.cancel)
        .map_err(|fault| restoring.refused(Exception::from(fault).reason()))?;
    let mut planted = Vec::new();
    for index in &wanted {
        task.work.check()?;
        planted.push(restoring.planted(index, &path, &kept)?);
    }
    restoring.check_room(&planted)?;
    let streams = restoring.streams(&wanted)?;
    let now = task.now.as_millisecond();
    task.engine.indices.plant(&mut planted, now, task.work, |metadata| {
        for stream in streams {
            restoring.check_free(metadata, &stream.name)?;
            metadata.data_streams.insert(stream.name.clone(), Arc::new(stream));
        }
        if global {
            adopt_global(metadata, &kept.global);
        }
        Ok(())
    })?;
    crate::rest::execute::search::close_gone(task, None);
    if !waits {
        return Ok(Response::json(200, &json!({"accepted": true})));
    }
    let shards: u64 =
        planted.iter().map(|own| own.index.settings.count("number_of_shards", 1)).sum();
    let names: Vec<&str> = wanted.iter().map(|index| index.target.as_str()).collect();
    let told = json!({"snapshot": snapshot.name, "indices": names,
        "shards": {"total": shards, "failed": 0, "successful": shards}});
    task.json(200, &json!({ "snapshot": told }))
}

/// Puts the state of the cluster in the place of what is there.
fn adopt_global(metadata: &mut Metadata, global: &Value) {
    let saved = Registries::restored(global.get("registries").unwrap_or(&Value::Null));
    let mut registries = Registries::clone(metadata.registries());
    registries.adopt(&saved);
    metadata.registries = Arc::new(registries);
    metadata.pipelines = Arc::new(Pipelines::restored(global.get("pipelines")));
}

/// One request.
struct Restoring<'a> {
    task: &'a Task<'a>,
    repository: &'a Repository,
    snapshot: &'a Snapshot,
    /// The id of this restoration.
    uuid: String,
}

impl Restoring<'_> {
    /// What the view lets the caller restore.
    fn wanted(&self) -> Result<Vec<RestoredIndex>, Exception> {
        let (task, body) = (self.task, self.task.body());
        let lenient = flag(body, "ignore_unavailable", false)?;
        let place = (self.repository.name.as_str(), self.snapshot.name.as_str());
        let mut wanted: Vec<RestoredIndex> = Vec::new();
        let mut targets: BTreeMap<String, String> = BTreeMap::new();
        for index in restored(task.metadata, place, body)? {
            let seen = index.uuid.as_ref().is_some_and(|uuid| task.view.sees(uuid));
            if !seen {
                if index.wildcard || lenient {
                    continue;
                }
                return Err(Exception::index_not_found(&index.source));
            }
            let hidden = |uuid: &Arc<str>| task.view.restricts(uuid);
            if index.uuid.as_ref().is_some_and(hidden) {
                let reason = format!(
                    "[{}] can be restored only by those who see all of its documents",
                    index.source
                );
                return Err(Exception::new(ExceptionKind::Security, reason));
            }
            if let Some(other) = targets.insert(index.target.clone(), index.source.clone()) {
                let (repository, snapshot) = place;
                let reason = format!(
                    "[{repository}:{snapshot}] indices [{}] and [{other}] are renamed into the same index [{}]",
                    index.source, index.target
                );
                return Err(Exception::new(ExceptionKind::SnapshotRestore, reason));
            }
            wanted.push(index);
        }
        Ok(wanted)
    }

    /// Whoever wrote the snapshot says how long its files are: no more of them is fetched.
    fn check_room(&self, planted: &[PlantedIndex]) -> Result<(), Exception> {
        let files = planted.iter().flat_map(|planted| planted.exported.files.values());
        let bytes = files.fold(0_u64, |sum, file| sum.saturating_add(file.bytes));
        let free = self.task.engine.disk_use().bytes_available;
        match bytes > free {
            true => Err(self.refused(&format!(
                "the indices have [{bytes}] bytes, and the disk has room for [{free}]"
            ))),
            false => Ok(()),
        }
    }

    /// The data streams that come back with the indices behind them.
    fn streams(&self, wanted: &[RestoredIndex]) -> Result<Vec<DataStream>, Exception> {
        let mut found: BTreeMap<&str, DataStream> = BTreeMap::new();
        for index in wanted {
            let Some((source, target)) = &index.stream else { continue };
            let Some(own) = self.snapshot.data_streams.get(source) else { continue };
            names::validate_data_stream_name(target)?;
            if !self.task.view.may_create(target) {
                let reason = format!("not authorized to create [{target}]");
                return Err(Exception::new(ExceptionKind::Security, reason));
            }
            self.check_free(self.task.metadata, target)?;
            let stream = found.entry(source).or_insert_with(|| DataStream {
                name: target.clone(),
                indices: Vec::new(),
                ..DataStream::clone(own)
            });
            // In the order of the stream: the last is written to.
            stream.indices.push(index.target.clone());
        }
        for (source, stream) in &found {
            let all = self.snapshot.data_streams.get(*source).map_or(0, |own| own.indices.len());
            if stream.indices.len() != all {
                let reason = format!(
                    "the data stream [{source}] can be restored only by those who see all indices behind it"
                );
                return Err(Exception::new(ExceptionKind::Security, reason));
            }
        }
        Ok(found.into_values().collect())
    }

    /// Refuses the name of a data stream that is taken.
    fn check_free(&self, metadata: &Metadata, stream: &str) -> Result<(), Exception> {
        match metadata.knows(stream) {
            true => Err(self.refused(&format!(
                "cannot restore data stream [{stream}] because an index, an alias or a data stream of that name is there"
            ))),
            false => Ok(()),
        }
    }

    /// The index as it is to be.
    fn planted(
        &self,
        wanted: &RestoredIndex,
        path: &std::path::Path,
        kept: &Kept,
    ) -> Result<PlantedIndex, Exception> {
        let task = self.task;
        let told = self.snapshot.indices.get(&wanted.source);
        let own = kept.indices.get(&wanted.source);
        let (Some(told), Some(own)) = (told, own) else {
            return Err(self.refused("the snapshot does not say what is in it"));
        };
        if told.failure.is_some() {
            let source = &wanted.source;
            return Err(self
                .refused(&format!("index [{source}] wasn't fully snapshotted - cannot restore")));
        }
        names::validate_index_name(&wanted.target)?;
        let replaces = self.place(wanted)?;
        let index = task.engine.indices.as_described(path, &own.described)?;
        let index = self.changed(index)?;
        let kept_aliases = index.aliases.clone();
        let aliases = told.aliases.iter().zip(&wanted.aliases);
        let aliases = aliases.filter_map(|(old, new)| {
            kept_aliases.get(old).map(|alias| (new.clone(), alias.clone()))
        });
        let index = IndexMetadata {
            name: wanted.target.clone(),
            aliases: aliases.collect(),
            closed: false,
            rollovers: json!({}),
            restored: Some(Arc::new(self.copied(wanted, &own.exported))),
            ..index
        };
        let objects = self.repository.store()?;
        Ok(PlantedIndex {
            index,
            replaces,
            store: Arc::clone(objects),
            folder: store::index_folder(&**objects, &told.uuid).name,
            from: std::path::PathBuf::new(),
            exported: own.exported.clone(),
        })
    }

    /// What is told of the copying of an index's files; when it ended is not known yet.
    fn copied(&self, wanted: &RestoredIndex, exported: &Exported) -> Restored {
        let began = self.task.now.as_millisecond();
        Restored {
            repository: self.repository.name.clone(),
            snapshot: self.snapshot.name.clone(),
            index: wanted.source.clone(),
            uuid: self.uuid.clone(),
            began,
            ended: began,
            files: exported.files.len() as u64,
            bytes: exported.files.values().map(|file| file.bytes).sum(),
        }
    }

    /// Whose place the index takes: nobody's, or that of a closed one which the caller may delete.
    fn place(&self, wanted: &RestoredIndex) -> Result<Option<Arc<str>>, Exception> {
        let (task, target) = (self.task, &wanted.target);
        match task.metadata.index(target) {
            Some(there) if there.closed && task.view.sees(&there.uuid) => {
                Ok(Some(Arc::clone(&there.uuid)))
            }
            Some(_) => Err(self.refused(&format!(
                "cannot restore index [{target}] because an open index with same name already exists in the cluster. Either close or delete the existing index or restore the index under a different name by providing a rename pattern and replacement name"
            ))),
            None if task.view.may_create(target) => Ok(None),
            None => Err(Exception::new(
                ExceptionKind::Security,
                format!("not authorized to create [{target}]"),
            )),
        }
    }

    /// `index` with the settings that the request changes or leaves out.
    fn changed(&self, index: IndexMetadata) -> Result<IndexMetadata, Exception> {
        let body = self.task.body();
        let own = body.get("index_settings").map(settings::leaves).transpose()?.unwrap_or_default();
        let ignored = body.get("ignore_index_settings").map(list).unwrap_or_default();
        let (fixed, kept) = match self.task.parsed.route.flavor {
            Flavor::OpenSearch219 => {
                ("UnmodifiableOnRestore setting", "UnremovableOnRestore setting")
            }
            Flavor::Elasticsearch710 => ("setting", "setting"),
        };
        if let Some(key) = own.keys().find(|key| FIXED.contains(&key.as_str())) {
            return Err(self.refused(&format!("cannot modify {fixed} [{key}] on restore")));
        }
        let stays = |key: &str| FIXED.contains(&key) || KEPT.contains(&key);
        if let Some(key) = ignored.iter().find(|key| stays(key)) {
            return Err(self.refused(&format!("cannot remove {kept} [{key}] on restore")));
        }
        if own.is_empty() && ignored.is_empty() {
            return Ok(index);
        }
        let gone =
            |key: &str| !stays(key) && ignored.iter().any(|pattern| names::matches(pattern, key));
        let flat = index.settings.flat().iter();
        let mut all: Map<String, Value> = flat
            .filter(|(key, _)| {
                !gone(key)
                    && !key.starts_with("index.analysis.")
                    && !ENGINES.contains(&key.as_str())
            })
            .map(|(key, value)| (key.clone(), value.as_str().into()))
            .collect();
        let analysis = settings::leaves(&json!({"analysis": index.settings.analysis()}))?;
        all.extend(analysis.into_iter().filter(|(key, value)| !value.is_null() && !gone(key)));
        for (key, value) in own {
            match value {
                Value::Null => drop(all.remove(&key)),
                value => drop(all.insert(key, value)),
            }
        }
        let parsed = IndexSettings::parse(&Value::Object(all))?;
        let mut flat = parsed.flat().clone();
        for key in ENGINES {
            if let Some(value) = index.settings.flat().get(*key) {
                flat.insert((*key).to_owned(), value.clone());
            }
        }
        let settings = IndexSettings::restore(flat, parsed.analysis().clone());
        let analyzers = self.task.engine.indices.analyzers(&settings)?;
        let mapping = Mapping::restore(
            &index.mapping.to_json(),
            index.mapping.field_order().to_vec(),
            index.mapping.version(),
            settings.growth(),
            analyzers,
            settings.similarities()?,
            index.mapping.type_name(),
        )?;
        let settings_version = index.settings_version + 1;
        Ok(IndexMetadata { settings, mapping: Arc::new(mapping), settings_version, ..index })
    }

    fn refused(&self, what: &str) -> Exception {
        let (repository, snapshot) = (&self.repository.name, self.snapshot);
        let reason = format!("[{repository}:{}/{}] {what}", snapshot.name, snapshot.uuid);
        Exception::new(ExceptionKind::SnapshotRestore, reason)
    }
}

/// Settings that a restore may neither change nor leave out.
const FIXED: &[&str] = &[
    "index.number_of_shards",
    "index.version.created",
    "index.uuid",
    "index.creation_date",
    "index.history.uuid",
];

/// Settings that no request may put.
const ENGINES: &[&str] =
    &["index.version.created", "index.uuid", "index.creation_date", "index.provided_name"];

/// Settings that a restore may change and not leave out.
const KEPT: &[&str] =
    &["index.number_of_replicas", "index.auto_expand_replicas", "index.version.upgraded"];

/// Refuses what the real servers do not know, and what is not built.
fn check_keys(body: &Value, flavor: Flavor) -> Result<(), Exception> {
    let known = [
        "indices",
        "expand_wildcards",
        "ignore_unavailable",
        "allow_no_indices",
        "partial",
        "include_global_state",
        "include_aliases",
        "rename_pattern",
        "rename_replacement",
        "index_settings",
        "ignore_index_settings",
    ];
    for (key, value) in body.as_object().into_iter().flatten() {
        let aliases = ["rename_alias_pattern", "rename_alias_replacement"].contains(&key.as_str());
        match key.as_str() {
            "storage_type" if flavor == Flavor::OpenSearch219 => {
                if plain(value) != "local" {
                    return Err(Exception::not_implemented("restoring with storage_type"));
                }
            }
            "index_settings" if !value.is_object() => {
                return Err(Exception::illegal_argument("malformed index_settings section"));
            }
            "rename_pattern" | "rename_replacement" if !value.is_string() => {
                return Err(Exception::illegal_argument(format!("malformed {key}")));
            }
            _ if aliases && flavor == Flavor::OpenSearch219 => {}
            key if known.contains(&key) => {}
            key => return Err(Exception::illegal_argument(format!("Unknown parameter {key}"))),
        }
    }
    for key in ["partial", "allow_no_indices"] {
        flag(body, key, false)?;
    }
    Ok(())
}

/// The boolean `key` of a body, which may be text.
///
/// # Errors
/// `illegal_argument_exception`.
pub(super) fn flag(body: &Value, key: &str, default: bool) -> Result<bool, Exception> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(default),
        Some(value) => match boolean_text(&plain(value)) {
            Some(flag) => Ok(flag),
            None => {
                Err(Exception::illegal_argument(format!("Could not convert [{key}] to boolean")))
            }
        },
    }
}

/// One name that a list of names and patterns came to.
pub(super) struct ChosenName {
    pub(super) name: String,
    pub(super) wildcard: bool,
    pub(super) there: bool,
}

/// What `asked`, names and patterns, chooses of `names`; all without any. A minus behind a pattern takes out again.
/// (`SnapshotUtils.filterIndices`.)
pub(super) fn chosen(names: &[&str], asked: &[String]) -> Vec<ChosenName> {
    let asked: Vec<&str> = asked.iter().flat_map(|asked| asked.split(',')).collect();
    let all = ["*"];
    let asked = if asked.is_empty() { &all[..] } else { &asked[..] };
    let (mut found, mut patterns): (Vec<ChosenName>, bool) = (Vec::new(), false);
    for expression in asked {
        let pattern = if *expression == "_all" { "*" } else { expression };
        if let (true, Some(excluded)) = (patterns, pattern.strip_prefix('-')) {
            found.retain(|chosen| !names::matches(excluded, &chosen.name));
            continue;
        }
        let wildcard = pattern.contains('*');
        patterns |= wildcard;
        let known = |found: &[ChosenName], name: &str| found.iter().any(|known| known.name == name);
        if !wildcard && !known(&found, pattern) {
            let there = names.contains(&pattern);
            found.push(ChosenName { name: pattern.to_owned(), wildcard, there });
            continue;
        }
        for name in names.iter().filter(|name| names::matches(pattern, name)) {
            if !known(&found, name) {
                found.push(ChosenName { name: (*name).to_owned(), wildcard, there: true });
            }
        }
    }
    found
}

/// What makes another name of a name.
struct Rename(Option<(JavaRegex, JavaReplacement)>);

impl Rename {
    fn read(body: &Value, pattern: &str, replacement: &str) -> Result<Rename, Exception> {
        let text = |key: &str| body.get(key).map(plain);
        let (Some(pattern), Some(replacement)) = (text(pattern), text(replacement)) else {
            return Ok(Rename(None));
        };
        if pattern.len() > RENAME_BYTES_MAX || replacement.len() > RENAME_BYTES_MAX {
            return Err(Exception::illegal_argument(format!(
                "a rename has at most [{RENAME_BYTES_MAX}] bytes"
            )));
        }
        let pattern = JavaRegex::new(&pattern, "")?;
        let replacement = JavaReplacement::new(&replacement, &pattern);
        Ok(Rename(Some((pattern, replacement))))
    }

    fn apply(&self, name: &str) -> Result<String, Exception> {
        let Some((pattern, replacement)) = &self.0 else { return Ok(name.to_owned()) };
        let (mut out, mut end) = (String::new(), 0);
        for captures in pattern.captures(name) {
            let Some(whole) = captures.get(0) else { continue };
            out.push_str(name.get(end..whole.start()).unwrap_or_default());
            replacement.write(&captures, &mut out);
            end = whole.end();
            if out.len() > INDEX_NAME_BYTES_MAX * 4 {
                return Err(Exception::illegal_argument(format!(
                    "the new name of [{name}] is too long"
                )));
            }
        }
        out.push_str(name.get(end..).unwrap_or_default());
        Ok(out)
    }
}
