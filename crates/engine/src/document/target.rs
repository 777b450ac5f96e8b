//! Which index a document request reads or writes.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cluster::blocks::BlockLevel;
use crate::cluster::metadata::{IndexMetadata, Metadata, no_write_index};
use crate::cluster::{cluster_settings, names};
use crate::exception::{Exception, ExceptionKind};
use crate::index::{CreateIndex, FoundDocument, Index, Indices, Snapshot, WriteOutcome, Written};
use crate::mapping::type_name::DOC;
use crate::rest::Flavor;
use crate::rest::execute::Task;
use crate::routing;
use crate::search::Target;
use crate::view::View;
use crate::work::Work;

/// The snapshot a request was authorized on, what it may touch of it, and the indices themselves.
pub(super) struct Targets<'a> {
    pub(super) metadata: &'a Metadata,
    pub(super) view: &'a View,
    pub(super) indices: &'a Indices,
    pub(super) flavor: Flavor,
    pub(super) now: Timestamp,
    pub(super) work: &'a Work,
}

impl<'a> Targets<'a> {
    /// What `task` may read and write.
    pub(super) fn of(task: &Task<'a>) -> Targets<'a> {
        Targets {
            metadata: task.metadata,
            view: task.view,
            indices: &task.engine.indices,
            flavor: task.engine.flavor(),
            now: task.now,
            work: task.work,
        }
    }

    /// The request's time in milliseconds since 1970.
    pub(super) fn milliseconds(&self) -> i64 {
        self.now.as_millisecond()
    }

    /// An index as the view shows it.
    pub(super) fn shown(&self, index: &Index) -> Arc<Snapshot> {
        Arc::clone(Target::new(index.snapshot(), None, self.view).snapshot())
    }

    /// The one index that a read of `name` goes to.
    ///
    /// # Errors
    /// `index_not_found_exception`, `illegal_argument_exception` for an alias of many, `index_closed_exception`, blocks.
    pub(super) fn read(&self, name: &str) -> Result<Arc<Index>, Exception> {
        let found = names::single(self.metadata, name, self.now)?;
        let metadata = found.one_index()?.ok_or_else(|| missing(&found.name))?;
        self.blocked(metadata, BlockLevel::Read)?;
        self.open(metadata)
    }

    /// The one index of which a query looks up a document.
    ///
    /// # Errors
    /// As [`Targets::read`]; an index that may not be looked into does not exist.
    pub(super) fn look_up(&self, name: &str) -> Result<Arc<Index>, Exception> {
        let found = names::single(self.metadata, name, self.now)?;
        let [one] = found.indices.as_slice() else { return self.read(name) };
        if !self.view.sees(&one.uuid) && self.view.looks_up(&one.uuid) && !one.closed {
            self.blocked(one, BlockLevel::Read)?;
            return self.indices.index(&one.uuid).ok_or_else(|| missing(&one.name));
        }
        self.read(name)
    }

    /// The one index that a write to `name` goes to; created where it may be.
    ///
    /// # Errors
    /// As [`Targets::read`], and why the index cannot be created.
    pub(super) fn write(&self, name: &str, alias_only: bool) -> Result<Arc<Index>, Exception> {
        let found = names::single(self.metadata, name, self.now)?;
        if found.indices.is_empty() && !alias_only {
            return self.create(&found.name);
        }
        self.existing_write(name, alias_only)
    }

    /// Refuses a write to a data stream, or to a name that would become one, that does not create.
    ///
    /// # Errors
    /// `illegal_argument_exception`.
    pub(super) fn check_append(&self, name: &str, creates: bool) -> Result<(), Exception> {
        if creates {
            return Ok(());
        }
        let metadata = self.indices.metadata();
        if metadata.data_stream(name).is_some() || metadata.stream_to_be(name).is_some() {
            return Err(Exception::illegal_argument(
                "only write ops with an op_type of create are allowed in data streams",
            ));
        }
        Ok(())
    }

    /// As [`Targets::write`], creating nothing.
    ///
    /// # Errors
    /// As [`Targets::read`].
    pub(super) fn existing_write(
        &self,
        name: &str,
        alias_only: bool,
    ) -> Result<Arc<Index>, Exception> {
        let found = names::single(self.metadata, name, self.now)?;
        if alias_only && !found.alias {
            return Err(Exception::new(
                ExceptionKind::IndexNotFound,
                format!(
                    "no such index [{}] and [require_alias] request flag is [true] and [{}] is not an alias",
                    found.name, found.name
                ),
            )
            .with("index_uuid", "_na_")
            .with("index", found.name.as_str()));
        }
        if found.indices.is_empty() {
            return Err(missing(&found.name));
        }
        let Some(metadata) = self.metadata.write_index(&found.name) else {
            return Err(no_write_index(&found.name));
        };
        names::check_is_no_security_configuration(&metadata.name)?;
        self.blocked(metadata, BlockLevel::Write)?;
        self.open(metadata)
    }

    /// `_shards` of a write: one copy, of as many as the settings ask for.
    pub(super) fn shards(&self, index: &Index) -> Value {
        let metadata = self.indices.metadata();
        let replicas = metadata
            .by_uuid(index.uuid())
            .map_or(1, |index| index.settings.count("number_of_replicas", 1));
        json!({"total": replicas + 1, "successful": 1, "failed": 0})
    }

    /// Whether a request for `id` with the routing `asked` comes to the shard of the document that was found.
    pub(super) fn reaches(
        &self,
        index: &Index,
        id: &str,
        found: &FoundDocument,
        asked: Option<&str>,
    ) -> bool {
        let metadata = self.indices.metadata();
        metadata.by_uuid(index.uuid()).is_none_or(|metadata| {
            routing::reaches(&metadata.settings, id, found.routing.as_deref(), asked)
        })
    }

    /// What a deletion answers when its routing leads to a shard that does not have the document; `None`: it does.
    pub(super) fn elsewhere(
        &self,
        index: &Index,
        id: &str,
        asked: Option<&str>,
    ) -> Result<Option<Written>, Exception> {
        let metadata = self.indices.metadata();
        let several = metadata
            .by_uuid(index.uuid())
            .is_some_and(|metadata| metadata.settings.count("number_of_shards", 1) > 1);
        if !several {
            return Ok(None);
        }
        // Where a document lies, not what it says: a view that hides it must not make it reachable.
        let found = index.get(id, true)?;
        let missed = found.is_some_and(|found| !self.reaches(index, id, &found, asked));
        Ok(missed.then(|| Written {
            id: id.to_owned(),
            version: 1,
            seq_no: 0,
            primary_term: 1,
            outcome: WriteOutcome::NotFound,
        }))
    }

    /// Whether the documents of `index` are of the type `asked`.
    pub(super) fn is_of_type(&self, index: &Index, asked: &str) -> bool {
        let metadata = self.indices.metadata();
        let of_type = |found: &Arc<IndexMetadata>| found.mapping.is_of_type(asked);
        asked == DOC || metadata.by_uuid(index.uuid()).is_none_or(of_type)
    }

    /// What the type of `index` is called; `None`: nothing was mapped or written yet.
    pub(super) fn type_name(&self, index: &Index) -> Option<String> {
        let metadata = self.indices.metadata();
        metadata.by_uuid(index.uuid())?.mapping.type_name().map(str::to_owned)
    }

    fn open(&self, metadata: &IndexMetadata) -> Result<Arc<Index>, Exception> {
        if !self.view.sees(&metadata.uuid) {
            return Err(missing(&metadata.name));
        }
        if metadata.closed {
            return Err(Exception::new(ExceptionKind::IndexClosed, "closed")
                .on_index(&metadata.name, &metadata.uuid));
        }
        self.indices.index(&metadata.uuid).ok_or_else(|| missing(&metadata.name))
    }

    fn create(&self, name: &str) -> Result<Arc<Index>, Exception> {
        if !self.view.may_create(name) {
            return Err(missing(name));
        }
        // Whatever the view: a pipeline or a script may have led here after the request was judged.
        names::check_is_no_security_configuration(name)?;
        if let Some(uuid) = self.made_meanwhile(name)? {
            return self.indices.index(&uuid).ok_or_else(|| missing(name));
        }
        names::validate_index_name(name)?;
        cluster_settings::check_auto_create(self.indices.metadata().registries(), name)?;
        let now = self.milliseconds();
        let made = match self.indices.metadata().stream_to_be(name) {
            Some(backing) if !self.view.may_create(&backing) => return Err(missing(name)),
            Some(_) => self.indices.create_data_stream(name, now),
            None => self.indices.create_index(name, &CreateIndex::default(), now),
        };
        let uuid = match made {
            Ok(created) => Arc::clone(&created.uuid),
            Err(refusal) => self.made_meanwhile(name)?.ok_or(refusal)?,
        };
        self.indices.index(&uuid).ok_or_else(|| missing(name))
    }

    /// The index that somebody else made under a name that had none when this request was judged: what was asked about
    /// the name holds for it. Behind an alias of that name are indices that nobody asked about: none of them is written
    /// to, unless the URL alone decides.
    fn made_meanwhile(&self, name: &str) -> Result<Option<Arc<str>>, Exception> {
        let metadata = self.indices.metadata();
        if metadata.index(name).is_none() && metadata.knows(name) && !self.view.everything {
            let what = format!(
                "[{name}] has become an alias since this request was authorized: send it again"
            );
            return Err(Exception::new(ExceptionKind::Security, what));
        }
        Ok(metadata.write_index(name).map(|index| Arc::clone(&index.uuid)))
    }

    /// Blocks are looked up as they are now: they may be newer than the snapshot that names were resolved on.
    fn blocked(&self, index: &IndexMetadata, level: BlockLevel) -> Result<(), Exception> {
        let current = self.indices.metadata();
        level.check(current.by_uuid(&index.uuid).map_or(index, |index| index))
    }
}

/// `index_not_found_exception` as document requests word it.
pub(super) fn missing(name: &str) -> Exception {
    Exception::index_not_found(name).with("resource.type", "index_expression")
}
