//! The copy: rounds that make the cluster what the domain is here. The first copies everything, those after it what has changed
//! since; the last runs while writes wait, and then nothing is left.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::cluster::Metadata;
use engine::cluster::metadata::IndexMetadata;
use engine::cluster::portable::{PortableEntry, PortableIndex};
use engine::{Cancel, ChangeFeed, OutgoingDocument};
use http::Method;
use serde_json::{Value, json};

use super::fault::MoveFault;
use super::journal::Journal;
use super::progress::ProgressCell;
use super::target::{MoveTarget, Sent, path_of, settings_body};
use super::writes::{self, OutgoingWrite, WrittenAs};
use crate::service::backends::{Embedded, MoveDomain};
use crate::walk::authorize::permit::Permit;

/// Bytes of documents in one request.
pub(super) const BATCH_BYTES: usize = 2 * 1024 * 1024;
/// Changed documents that are read at once.
const CHANGES_AT_ONCE: usize = 500;
/// Settings that the cluster may not know, of one index.
const UNKNOWN_SETTINGS_MAX: usize = 50;
/// Documents of one index that are looked at in the end.
const SAMPLED_PER_INDEX: usize = 5;
/// Indices that one request names.
const NAMES_AT_ONCE: usize = 40;

/// A copy under way.
pub(super) struct Copy {
    pub(super) engine: Arc<Embedded>,
    pub(super) permit: Arc<Permit<MoveDomain>>,
    pub(super) target: MoveTarget,
    pub(super) feed: ChangeFeed,
    pub(super) journal: Journal,
    pub(super) progress: Arc<ProgressCell>,
    /// Ends reading when this is dropped.
    pub(super) cancel: CancelOnDrop,
    /// The indices that are at the cluster, by their uuids here.
    pub(super) known: BTreeMap<Arc<str>, CopiedIndex>,
    /// What was put beside them, by path.
    pub(super) entries: BTreeMap<String, PortableEntry>,
    pub(super) streams: BTreeMap<String, super::streams::CopiedStream>,
    /// Documents of an index that were taken out of the notes and may not be at the cluster: a round may end anywhere.
    pub(super) on_their_way: Option<(Arc<str>, Vec<String>)>,
}

/// An index that is at the cluster, as it was told there.
pub(super) struct CopiedIndex {
    pub(super) name: String,
    pub(super) portable: PortableIndex,
    /// Its aliases there.
    pub(super) aliases: BTreeMap<String, Value>,
    /// The data stream that it is behind.
    pub(super) stream: Option<String>,
    /// Documents to look at in the end.
    pub(super) sample: Vec<String>,
    /// Whether its documents were copied once.
    pub(super) copied: bool,
    /// It was made when templates were there: what they would have run is switched off.
    pub(super) resets_pipelines: bool,
}

/// Work here that ends with its asker.
pub(super) struct CancelOnDrop(pub(super) Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Copy {
    /// Makes the cluster what the domain is now.
    ///
    /// # Errors
    /// Why it cannot be made that.
    pub(super) async fn round(&mut self) -> Result<(), MoveFault> {
        if let Some((uuid, ids)) = self.on_their_way.take() {
            self.feed.put_back(&uuid, &ids);
        }
        let (metadata, _) = self.engine.metadata().for_another_cluster();
        self.progress.lock().indices = metadata.indices().count();
        // One that is made after this look is copied whole in the next round.
        self.feed.keep(|uuid| metadata.by_uuid(uuid).is_some());
        self.take_away(&metadata).await?;
        for index in metadata.indices() {
            if metadata.data_stream_of(&index.name).is_none() {
                self.index(index, None).await?;
            }
        }
        self.beside(&metadata).await?;
        self.data_streams(&metadata).await?;
        let known: Vec<Arc<str>> = self.known.keys().cloned().collect();
        for uuid in known {
            self.changes(&uuid).await?;
        }
        self.aliases(&metadata).await?;
        if self.feed.is_overrun() {
            let why = "documents change faster than they can be copied: more was written than is noted; move the domain when it \
                writes less";
            return Err(MoveFault::Unfit(why.to_owned()));
        }
        Ok(())
    }

    /// Removes indices that are gone here, and aliases that would be in the way of new ones.
    async fn take_away(&mut self, metadata: &Metadata) -> Result<(), MoveFault> {
        let gone: Vec<Arc<str>> =
            self.known.keys().filter(|uuid| metadata.by_uuid(uuid).is_none()).cloned().collect();
        for uuid in gone {
            let Some(index) = self.known.get(&uuid) else { continue };
            let name = index.name.clone();
            // That of a data stream that is gone itself goes with it.
            if index.stream.as_ref().is_none_or(|stream| metadata.data_stream(stream).is_some()) {
                self.target.remove(path_of("/", &name)).await?;
            }
            self.known.remove(&uuid);
            self.journal.change(|made| {
                let _ = made.indices.remove(&name);
            })?;
        }
        let mut actions = Vec::new();
        for (uuid, index) in &self.known {
            let Some(now) = metadata.by_uuid(uuid) else { continue };
            let gone = index.aliases.keys().filter(|alias| !now.aliases.contains_key(*alias));
            actions
                .extend(gone.map(|alias| json!({"remove": {"index": index.name, "alias": alias}})));
        }
        self.alias_actions(actions).await?;
        for (uuid, index) in &mut self.known {
            if let Some(now) = metadata.by_uuid(uuid) {
                index.aliases.retain(|alias, _| now.aliases.contains_key(alias));
            }
        }
        Ok(())
    }

    /// Makes an index with its documents, or follows what became of its mappings and settings.
    pub(super) async fn index(
        &mut self,
        index: &IndexMetadata,
        stream: Option<&str>,
    ) -> Result<(), MoveFault> {
        let portable = index.portable();
        if let Some(known) = self.known.get(&index.uuid) {
            let copied = known.copied;
            self.follow(index, portable).await?;
            return if copied { Ok(()) } else { self.documents(&index.uuid).await };
        }
        if stream.is_none() {
            self.create(index, &portable).await?;
        } else {
            self.put_mapping(&index.name, &portable.mappings).await?;
        }
        if let Some(name) = &portable.type_name {
            let note = format!("index {}: its type is [{name}] here and _doc there", index.name);
            self.progress.lock().note(note);
        }
        let copied = CopiedIndex {
            name: index.name.clone(),
            aliases: self.aliases_there(&index.name).await?,
            portable,
            stream: stream.map(str::to_owned),
            sample: Vec::new(),
            copied: false,
            resets_pipelines: !self.entries.is_empty(),
        };
        self.known.insert(Arc::clone(&index.uuid), copied);
        self.documents(&index.uuid).await?;
        self.progress.lock().indices_copied = self.known.len();
        Ok(())
    }

    async fn create(
        &mut self,
        index: &IndexMetadata,
        portable: &PortableIndex,
    ) -> Result<(), MoveFault> {
        let name = index.name.clone();
        self.journal.change(|made| {
            let _ = made.indices.insert(name, None);
        })?;
        let mut asked = portable.clone();
        if !self.entries.is_empty() {
            for key in ["index.default_pipeline", "index.final_pipeline"] {
                asked.settings.insert(key.to_owned(), "_none".to_owned());
            }
        }
        let path = path_of("/", &index.name);
        let what = format!("index [{}]", index.name);
        for _ in 0..=UNKNOWN_SETTINGS_MAX {
            let body = Sent::Json(asked.body());
            let answer = self.target.ask(Method::PUT, path.clone(), "", body).await?;
            let reason = answer.reason();
            if answer.status == 400 && reason.contains("already exists") {
                // Made before an answer was lost: nobody else makes indices there.
                break;
            }
            let unknown = unknown_setting(&reason).filter(|_| answer.status == 400);
            match unknown.map(|key| (key, asked.settings.remove(key))) {
                Some((key, Some(value))) => {
                    let difference =
                        format!("index {}: the cluster does not know {key} = {value}", index.name);
                    self.progress.lock().differs(difference);
                }
                _ => {
                    answer.good(&what)?;
                    break;
                }
            }
        }
        let uuid = self.target.uuid_of(&index.name).await?;
        self.journal.change(|made| {
            let _ = made.indices.insert(index.name.clone(), uuid);
        })
    }

    /// The aliases that an index has there: templates there may have given it some.
    async fn aliases_there(&self, index: &str) -> Result<BTreeMap<String, Value>, MoveFault> {
        let told = self.target.read(&format!("{}/_alias", path_of("/", index)), "").await?;
        let aliases = told.get(index).and_then(|index| index.get("aliases"));
        let aliases = aliases.and_then(Value::as_object).into_iter().flatten();
        Ok(aliases.map(|(name, alias)| (name.clone(), alias.clone())).collect())
    }

    async fn follow(
        &mut self,
        index: &IndexMetadata,
        portable: PortableIndex,
    ) -> Result<(), MoveFault> {
        let Some(known) = self.known.get(&index.uuid) else { return Ok(()) };
        if known.portable == portable {
            return Ok(());
        }
        let before = known.portable.clone();
        if before.mappings != portable.mappings {
            self.put_mapping(&index.name, &portable.mappings).await?;
        }
        let set = portable.settings.iter();
        let set = set.filter(|(key, value)| before.settings.get(*key) != Some(value));
        let set = set.map(|(key, value)| (key, Some(value)));
        let unset = before.settings.keys().filter(|key| !portable.settings.contains_key(*key));
        let changed = settings_body(set.chain(unset.map(|key| (key, None))));
        if changed.as_object().is_some_and(|changed| !changed.is_empty()) {
            self.put_settings(std::slice::from_ref(&index.name), &changed).await?;
        }
        if let Some(known) = self.known.get_mut(&index.uuid) {
            known.portable = portable;
        }
        Ok(())
    }

    pub(super) async fn put_mapping(&self, index: &str, mappings: &Value) -> Result<(), MoveFault> {
        let path = format!("{}/_mapping", path_of("/", index));
        let answer = self.target.ask(Method::PUT, path, "", Sent::Json(mappings.clone())).await?;
        answer.good(&format!("the mappings of index [{index}]")).map(drop)
    }

    /// Sets settings of indices: closes them for those that an open index does not take.
    pub(super) async fn put_settings(
        &self,
        indices: &[String],
        settings: &Value,
    ) -> Result<(), MoveFault> {
        let mut names = String::new();
        for name in indices {
            names.push(if names.is_empty() { '/' } else { ',' });
            names = path_of(&names, name);
        }
        let what = format!("settings {settings} of index {indices:?}");
        let put = || {
            let sent = Sent::Json(settings.clone());
            self.target.ask(Method::PUT, format!("{names}/_settings"), "", sent)
        };
        let answer = put().await?;
        if answer.status != 400 || !answer.reason().contains("non dynamic settings") {
            return answer.good(&what).map(drop);
        }
        for (verb, then) in [("_close", Some(put)), ("_open", None)] {
            let path = format!("{names}/{verb}");
            self.target.ask(Method::POST, path, "", Sent::Nothing).await?.good(&what)?;
            if let Some(put) = then {
                put().await?.good(&what)?;
            }
        }
        Ok(())
    }

    /// Copies the documents of an index as they are now.
    async fn documents(&mut self, uuid: &Arc<str>) -> Result<(), MoveFault> {
        let (engine, permit, cancel) =
            (Arc::clone(&self.engine), Arc::clone(&self.permit), self.cancel.0.clone());
        let of = Arc::clone(uuid);
        let (mut documents, count) = here(move || {
            let documents = engine.outgoing(&permit, &of)?;
            let count = documents.count(&cancel)?;
            Ok((documents, count))
        })
        .await?;
        self.progress.lock().documents += count;
        loop {
            let cancel = self.cancel.0.clone();
            let read = here(move || {
                let batch = documents.read(BATCH_BYTES, &cancel)?;
                Ok((documents, batch))
            });
            let batch;
            (documents, batch) = read.await?;
            if batch.is_empty() {
                if let Some(known) = self.known.get_mut(uuid) {
                    known.copied = true;
                }
                return Ok(());
            }
            self.write(uuid, &batch).await?;
            self.progress.lock().documents_copied += batch.len() as u64;
        }
    }

    /// Copies again what is noted of an index now. What is noted meanwhile is left to the next round: clients may write faster
    /// than the cluster does.
    pub(super) async fn changes(&mut self, uuid: &Arc<str>) -> Result<(), MoveFault> {
        let mut left = self.feed.noted(uuid);
        while left > 0 {
            let ids = self.feed.take(uuid, left.min(CHANGES_AT_ONCE));
            self.progress.lock().changes_waiting = self.feed.waiting() + ids.len();
            if ids.is_empty() {
                return Ok(());
            }
            self.on_their_way = Some((Arc::clone(uuid), ids.clone()));
            self.changed(uuid, &ids).await?;
            self.on_their_way = None;
            left = left.saturating_sub(ids.len());
            self.progress.lock().changes_copied += ids.len() as u64;
        }
        Ok(())
    }

    async fn changed(&mut self, uuid: &Arc<str>, ids: &[String]) -> Result<(), MoveFault> {
        let mut left = ids;
        while !left.is_empty() {
            let (engine, permit, cancel) =
                (Arc::clone(&self.engine), Arc::clone(&self.permit), self.cancel.0.clone());
            let (of, wanted) = (Arc::clone(uuid), left.to_vec());
            let read = here(move || {
                let documents = engine.newest(&permit, &of, &wanted, BATCH_BYTES, &cancel)?;
                // Read after them: it has what they needed.
                Ok((documents, engine.metadata()))
            });
            let (documents, metadata) = match read.await {
                // It was deleted meanwhile, and goes with the next round.
                Err(_) if self.engine.metadata().by_uuid(uuid).is_none() => return Ok(()),
                read => read?,
            };
            let Some(index) = metadata.by_uuid(uuid).map(Arc::clone) else { return Ok(()) };
            self.follow(&index, index.portable()).await?;
            self.write(uuid, &documents).await?;
            left = left.get(documents.len()..).unwrap_or_default();
        }
        Ok(())
    }

    async fn write(
        &mut self,
        uuid: &Arc<str>,
        documents: &[OutgoingDocument],
    ) -> Result<(), MoveFault> {
        let Some(index) = self.known.get_mut(uuid) else { return Ok(()) };
        let room = SAMPLED_PER_INDEX.saturating_sub(index.sample.len());
        index.sample.extend(documents.iter().take(room).map(|document| document.id.clone()));
        let name = index.name.clone();
        if let Some(stream) = index.stream.clone() {
            return self.write_behind(&stream, &name, documents).await;
        }
        let write =
            |document| OutgoingWrite { index: &name, document, written_as: WrittenAs::Versioned };
        let writes: Vec<OutgoingWrite<'_>> = documents.iter().map(write).collect();
        let newer = writes::send(&self.target, &writes).await?;
        if newer.is_empty() {
            return Ok(());
        }
        // Deleted and made anew here, with a version that the cluster takes for an older one.
        let again: Vec<OutgoingWrite<'_>> = newer
            .iter()
            .map(|write| OutgoingWrite {
                index: write.index,
                document: write.document,
                written_as: WrittenAs::Unversioned,
            })
            .collect();
        writes::send(&self.target, &again).await?;
        let note = format!("index {name}: the versions of some documents are other ones there");
        self.progress.lock().note(note);
        Ok(())
    }

    /// Puts the pipelines, scripts and templates that are new or changed, and removes those that are gone.
    async fn beside(&mut self, metadata: &Metadata) -> Result<(), MoveFault> {
        let now = metadata.portable_entries();
        let paths = now.into_iter().map(|entry| (path_of(entry.path, &entry.name), entry));
        let paths: Vec<(String, PortableEntry)> = paths.collect();
        // What needs another goes before it.
        let gone: Vec<String> = self.entries.keys().rev().cloned().collect();
        for path in gone.into_iter().filter(|path| !paths.iter().any(|(now, _)| now == path)) {
            self.target.remove(path.clone()).await?;
            self.entries.remove(&path);
            self.journal.change(|made| {
                let _ = made.entries.remove(&path);
            })?;
        }
        for (path, entry) in paths {
            if self.entries.get(&path) == Some(&entry) {
                continue;
            }
            self.journal.change(|made| {
                let _ = made.entries.insert(path.clone());
            })?;
            let sent = Sent::Json(entry.body.clone());
            let answer = self.target.ask(Method::PUT, path.clone(), "", sent).await?;
            answer.good(&format!("{} [{}]", entry.kind, entry.name))?;
            self.entries.insert(path, entry);
        }
        Ok(())
    }

    /// Gives the indices their aliases, and takes those that templates there gave them.
    async fn aliases(&mut self, metadata: &Metadata) -> Result<(), MoveFault> {
        let mut actions = Vec::new();
        for (uuid, known) in &self.known {
            let Some(index) = metadata.by_uuid(uuid) else { continue };
            let wanted = index.portable().aliases;
            for (name, alias) in &wanted {
                if known.aliases.get(name) != Some(alias) {
                    let mut add = alias.clone();
                    if let Some(add) = add.as_object_mut() {
                        add.insert("index".to_owned(), known.name.as_str().into());
                        add.insert("alias".to_owned(), name.as_str().into());
                    }
                    actions.push(json!({ "add": add }));
                }
            }
            for name in known.aliases.keys().filter(|name| !wanted.contains_key(*name)) {
                actions.push(json!({"remove": {"index": known.name, "alias": name}}));
            }
        }
        self.alias_actions(actions).await?;
        for (uuid, known) in &mut self.known {
            if let Some(index) = metadata.by_uuid(uuid) {
                known.aliases = index.portable().aliases;
            }
        }
        Ok(())
    }

    async fn alias_actions(&self, actions: Vec<Value>) -> Result<(), MoveFault> {
        if actions.is_empty() {
            return Ok(());
        }
        let only_removes = actions.iter().all(|action| action.get("remove").is_some());
        let sent = Sent::Json(json!({ "actions": actions }));
        let answer = self.target.ask(Method::POST, "/_aliases".to_owned(), "", sent).await?;
        if answer.is_missing() && only_removes && answer.kind() == "aliases_not_found_exception" {
            // They were removed before an answer was lost.
            return Ok(());
        }
        answer.good("the aliases (POST /_aliases)").map(drop)
    }

    /// Sets what would have been in the way of documents: pipelines and blocks. Closes what is closed here.
    pub(super) async fn finish(&mut self) -> Result<(), MoveFault> {
        let mut alike: BTreeMap<String, (Value, Vec<String>)> = BTreeMap::new();
        let mut closed = Vec::new();
        for index in self.known.values() {
            let late = &index.portable.late_settings;
            let set = late.iter().map(|(key, value)| (key, Some(value)));
            let mut settings = settings_body(set);
            if let (true, Some(settings)) = (index.resets_pipelines, settings.as_object_mut()) {
                for key in ["index.default_pipeline", "index.final_pipeline"] {
                    settings.entry(key).or_insert(Value::Null);
                }
            }
            if settings.as_object().is_some_and(|settings| !settings.is_empty()) {
                let group = alike.entry(settings.to_string());
                group.or_insert_with(|| (settings, Vec::new())).1.push(index.name.clone());
            }
            if index.portable.closed {
                closed.push(index.name.clone());
            }
        }
        for (settings, names) in alike.into_values() {
            for names in names.chunks(NAMES_AT_ONCE) {
                self.put_settings(names, &settings).await?;
            }
        }
        for name in closed {
            let path = format!("{}/_close", path_of("/", &name));
            let answer = self.target.ask(Method::POST, path, "", Sent::Nothing).await?;
            answer.good(&format!("to close index [{name}]"))?;
        }
        Ok(())
    }

    /// Takes back what [`Copy::finish`] did: the domain is not handed over, and goes on being copied.
    pub(super) async fn unfinish(&mut self) -> Result<(), MoveFault> {
        for index in self.known.values() {
            if index.portable.closed {
                let path = format!("{}/_open", path_of("/", &index.name));
                let answer = self.target.ask(Method::POST, path, "", Sent::Nothing).await?;
                answer.good(&format!("to open index [{}]", index.name))?;
            }
            let late = index.portable.late_settings.keys().map(|key| (key, None));
            let mut settings = settings_body(late);
            if let (true, Some(settings)) = (index.resets_pipelines, settings.as_object_mut()) {
                for key in ["index.default_pipeline", "index.final_pipeline"] {
                    settings.insert(key.to_owned(), "_none".into());
                }
            }
            if settings.as_object().is_some_and(|settings| !settings.is_empty()) {
                self.put_settings(std::slice::from_ref(&index.name), &settings).await?;
            }
        }
        Ok(())
    }
}

/// The setting that a refusal calls unknown.
fn unknown_setting(reason: &str) -> Option<&str> {
    let (_, rest) = reason.split_once("unknown setting [")?;
    rest.split_once(']').map(|(key, _)| key)
}

/// Work on the engine here, which blocks.
pub(super) async fn here<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, engine::exception::Exception> + Send + 'static,
) -> Result<T, MoveFault> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|panic| MoveFault::Here(format!("the copying ended: {panic}")))?;
    Ok(done?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_setting_is_read_off_the_refusal() {
        let reason =
            "unknown setting [index.foo] please check that any required plugins are installed";
        assert_eq!(unknown_setting(reason), Some("index.foo"));
        assert_eq!(unknown_setting("mapper_parsing_exception"), None);
    }
}
