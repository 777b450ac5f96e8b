//! The facade: one engine per domain.

use crate::analysis::JapaneseDictionary;
use crate::cluster::measured::DiskUse;
use crate::cluster::tasks::{self, BackgroundTask, Tasks};
use crate::cluster::{Health, Metadata};
use crate::disk_watch::{self, WatchedDisk};
use crate::document;
use crate::exception::Exception;
use crate::index::{Fault, Indices};
use crate::objects::ObjectStore;
use crate::response::Response;
use crate::rest::{self, Flavor, Parsed, Route, Touches};
use crate::search::Searches;
use crate::slow_log::SlowLogKind;
use crate::snapshots::{self, RepositoryPlaces, S3Settings};
use crate::view::{CursorOwner, CursorQuestion, View};
use crate::work::{Cancel, Work};
use jiff::Timestamp;
use serde_json::json;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::Duration;

/// What an engine is opened with.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// Where it keeps its indices; `None` keeps them in memory.
    pub directory: Option<PathBuf>,
    /// Which service it says it is.
    pub flavor: Flavor,
    /// `cluster_name` of `GET /`: the hosted service says `ACCOUNT:DOMAIN`.
    pub cluster_name: String,
    /// `host:port` that `_nodes/http` publishes for clients that sniff.
    pub publish_address: String,
}

/// Why an engine could not be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The directory cannot be made, read or locked: the path and the system's words.
    Directory(PathBuf, std::io::Error),
    /// What lies in the directory cannot be trusted: the file and what is wrong with it.
    Damaged(PathBuf, String),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OpenError::Directory(path, error) => write!(f, "{}: {error}", path.display()),
            OpenError::Damaged(path, what) => write!(f, "{}: {what}", path.display()),
        }
    }
}

impl std::error::Error for OpenError {}

/// One domain's indices and the work on them. Cheap to share behind an `Arc`; every call takes `&self`.
pub struct Engine {
    pub(crate) settings: EngineSettings,
    pub(crate) indices: Indices,
    pub(crate) searches: Searches,
    pub(crate) tasks: Arc<Tasks>,
    /// What `_nodes` tells clients that size their bulks by it.
    pub(crate) body_bytes_max: usize,
    clock: Option<Clock>,
    /// How full the disk is; `None`: as the system says.
    disk: Option<DiskReader>,
    /// Where repositories may be.
    repositories: RepositoryPlaces,
    /// Held by who writes into a repository.
    snapshotting: Mutex<()>,
}

/// How often somebody who waits for a turn looks.
const TURN_LOOK: Duration = Duration::from_millis(10);

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

type DiskReader = Arc<dyn Fn() -> DiskUse + Send + Sync>;

impl Engine {
    /// Opens the engine of one domain, recovering what its directory holds.
    ///
    /// # Errors
    /// [`OpenError`]: the directory cannot be used.
    pub fn open(settings: EngineSettings, now: Timestamp) -> Result<Engine, OpenError> {
        Engine::open_with(settings, None, now)
    }

    /// As [`Engine::open`], with the dictionary of Japanese that `kuromoji` goes by.
    ///
    /// # Errors
    /// As [`Engine::open`]; an index goes by the dictionary, and there is none.
    pub fn open_with(
        settings: EngineSettings,
        japanese: Option<Arc<JapaneseDictionary>>,
        now: Timestamp,
    ) -> Result<Engine, OpenError> {
        let (directory, now) = (settings.directory.clone(), now.as_millisecond());
        let indices = Indices::open_with(directory, japanese, now).map_err(OpenError::from)?;
        Ok(Engine::over(settings, indices))
    }

    /// An engine in memory whose indices begin as these are now; what becomes of them afterwards is each side's own. Segments
    /// are shared, so it takes little time and memory whatever is in them. Cursors, tasks and what lies in repositories stay
    /// here, and so do the blocks of a disk that is too full. The directory of `settings` is not used.
    ///
    /// # Errors
    /// [`OpenError::Damaged`] with what tantivy says.
    pub fn fork(&self, settings: EngineSettings) -> Result<Engine, OpenError> {
        let settings = EngineSettings { directory: None, ..settings };
        let indices = self.indices.fork().map_err(OpenError::from)?;
        if self.is_on_disk() {
            disk_watch::watch(&indices, self.flavor(), &DiskUse::EMPTY, true).map_err(
                |refusal| OpenError::Damaged(PathBuf::new(), refusal.reason().to_owned()),
            )?;
        }
        Ok(Engine::over(settings, indices))
    }

    /// Whether its indices fill a disk.
    fn is_on_disk(&self) -> bool {
        self.disk.is_some() || self.settings.directory.is_some()
    }

    fn over(settings: EngineSettings, indices: Indices) -> Engine {
        Engine {
            searches: Searches::new(settings.flavor),
            settings,
            indices,
            tasks: Arc::default(),
            body_bytes_max: crate::limits::BODY_BYTES_DEFAULT,
            clock: None,
            disk: None,
            repositories: RepositoryPlaces::default(),
            snapshotting: Mutex::new(()),
        }
    }

    /// Lets `_nodes` tell the largest body that whoever listens for this engine takes.
    #[must_use]
    pub fn with_body_bytes_max(self, body_bytes_max: usize) -> Engine {
        Engine { body_bytes_max, ..self }
    }

    /// Lets this engine keep repositories of snapshots in folders below `root`, and reads those that are known.
    ///
    /// # Errors
    /// What the disk says of the metadata; a repository that cannot be read tells so when it is asked for.
    pub fn with_repositories(mut self, root: PathBuf) -> Result<Engine, OpenError> {
        self.repositories.root = Some(root.clone());
        let places = &self.repositories;
        let change = |metadata: &mut Metadata| {
            metadata.repositories = Arc::new(metadata.repositories().loaded(places));
            Ok(())
        };
        if self.metadata().repositories().iter().next().is_some() {
            self.indices
                .change(change)
                .map_err(|refusal| OpenError::Damaged(root, refusal.reason().to_owned()))?;
        }
        Ok(self)
    }

    /// Lets this engine keep repositories of snapshots in buckets of S3, which `open` reaches where it is allowed to. Those that
    /// are known are read by [`Engine::read_repositories`].
    #[must_use]
    pub fn with_buckets(
        mut self,
        open: impl Fn(&S3Settings) -> Result<Arc<dyn ObjectStore>, String> + Send + Sync + 'static,
    ) -> Engine {
        self.repositories.s3 = Some(Arc::new(open));
        self
    }

    /// Reads the repositories that were not read since the start; the names of those that cannot be, and why. To be called again
    /// until there are none.
    ///
    /// # Errors
    /// `task_cancelled_exception`; what the disk says of the metadata.
    pub fn read_repositories(&self, work: &Work) -> Result<Vec<(String, String)>, Exception> {
        let mut left = Vec::new();
        let metadata = self.metadata();
        for own in metadata.repositories().iter().filter(|own| own.waits()) {
            let _one_at_a_time = self.snapshotting(work)?;
            let latest = self.metadata();
            // It may have been put anew, or be gone, since.
            let Some(own) = latest.repositories().get(&own.name).ok().filter(|own| own.waits())
            else {
                continue;
            };
            let read = own.opened(&self.repositories, &work.cancel);
            work.check()?;
            let before = own.store.as_ref().err();
            if let Err(why) = &read.store {
                left.push((read.name.clone(), why.clone()));
            }
            if read.store.as_ref().err() != before {
                self.indices.change(|metadata| {
                    Arc::make_mut(&mut metadata.repositories).insert(read);
                    Ok(())
                })?;
            }
        }
        Ok(left)
    }

    /// Where repositories may be.
    pub(crate) fn repository_places(&self) -> &RepositoryPlaces {
        &self.repositories
    }

    /// The turn of who writes into a repository: one at a time.
    ///
    /// # Errors
    /// `task_cancelled_exception`: it did not come.
    pub(crate) fn snapshotting(&self, work: &Work) -> Result<MutexGuard<'_, ()>, Exception> {
        loop {
            match self.snapshotting.try_lock() {
                Ok(turn) => return Ok(turn),
                Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
            work.check()?;
            // Others copy files: what takes seconds is not waited for by the microsecond.
            std::thread::sleep(TURN_LOOK);
        }
    }

    /// Lets the engine tell how long its work took; without a clock every `took` is 0.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Engine {
        let clock: Clock = Arc::new(clock);
        self.searches.set_clock(Arc::clone(&clock));
        self.indices.set_clock(Arc::clone(&clock));
        self.clock = Some(clock);
        self
    }

    /// Lets analyzers name files (`synonyms_path` …), which `reader` has by the path that a setting gives.
    #[must_use]
    pub fn with_analysis_files(
        self,
        reader: impl Fn(&str) -> Option<Arc<str>> + Send + Sync + 'static,
    ) -> Engine {
        self.indices.set_analysis_files(Arc::new(reader));
        self
    }

    /// Gives `sink` a line for each search and each write that took longer than its index's slow log says.
    #[must_use]
    pub fn with_slow_log(self, sink: impl Fn(SlowLogKind, &str) + Send + Sync + 'static) -> Engine {
        self.indices.set_slow_log(Arc::new(sink));
        self.indices.tell_types(self.flavor() == Flavor::Elasticsearch710);
        self
    }

    /// Lets `disk` say how full the disk is, in place of the system.
    #[must_use]
    pub fn with_disk(self, disk: impl Fn() -> DiskUse + Send + Sync + 'static) -> Engine {
        Engine { disk: Some(Arc::new(disk)), ..self }
    }

    /// How full the disk is that the indices are on.
    pub(crate) fn disk_use(&self) -> DiskUse {
        let directory = self.settings.directory.as_deref();
        self.disk.as_ref().map_or_else(|| DiskUse::of(directory), |disk| disk())
    }

    /// Looks how full the disk is, and lets indices take no writes, or take them again, as the disk watermarks of the cluster
    /// settings say. To be called now and then. Indices that are in memory fill no disk. Watermarks that nobody set are
    /// Elasticsearch's `by_default`, and otherwise none.
    ///
    /// # Errors
    /// What the disk says of the metadata.
    pub fn watch_disk(&self, by_default: bool) -> Result<WatchedDisk, Exception> {
        if !self.is_on_disk() {
            return Ok(WatchedDisk::default());
        }
        disk_watch::watch(&self.indices, self.flavor(), &self.disk_use(), by_default)
    }

    /// The immutable snapshot of indices, mappings, settings and aliases: take one per request, authorize on it, and
    /// hand the same one to [`Engine::execute`].
    pub fn metadata(&self) -> Arc<Metadata> {
        self.indices.metadata()
    }

    /// The indices of the snapshots that are being made and that a request to list some names, each with its uuid: beside those of
    /// [`Repositories::indices_of`](crate::snapshots::Repositories::indices_of) what it tells of.
    pub fn being_snapshotted(&self, route: &Route) -> Vec<(String, Arc<str>)> {
        if route.api.row().touches != Touches::Snapshots {
            return Vec::new();
        }
        let (repository, snapshot) = (route.part("repository"), route.part("snapshot"));
        snapshots::being_made(self.tasks.snapshots(), repository, snapshot)
    }

    /// How well all its indices are, as `GET /_cluster/health` tells it.
    pub fn health(&self) -> Health {
        Health::of(self.metadata().indices())
    }

    /// Which service this engine says it is.
    pub fn flavor(&self) -> Flavor {
        self.searches.flavor()
    }

    /// From now on it says that it is `flavor`: its domain was upgraded. Its indices stay as they are.
    pub fn set_flavor(&self, flavor: Flavor) {
        self.searches.set_flavor(flavor);
        self.indices.tell_types(flavor == Flavor::Elasticsearch710);
    }

    /// What the opening of `owner`'s cursor `id` was allowed by: to be asked again, and put into [`crate::Grants::cursors`], before
    /// the next page is. None when there is no such cursor: its page answers 404.
    pub fn cursor(
        &self,
        id: &str,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Option<Arc<[CursorQuestion]>> {
        self.searches.questions(id, owner, now)
    }

    /// Closes `owner`'s cursor `id`: what its opening was allowed by is denied now.
    pub fn close_cursor(&self, id: &str, owner: &CursorOwner, now: Timestamp) {
        self.searches.clear_scroll(Some(&[id]), owner, now);
        self.searches.close_pits(&[id], owner, now);
        self.searches.forget_result(id, owner, now);
    }

    /// Closes the cursors of `owner` whose opening's first question is `denied` now; how many.
    pub fn close_denied_cursors(
        &self,
        owner: &CursorOwner,
        denied: impl FnMut(&CursorQuestion) -> bool,
    ) -> usize {
        self.searches.close_denied(owner, denied)
    }

    /// Closes the cursors whose time is over, and lets go what they hold; how many are left. To be called now and then:
    /// of an abandoned cursor no request comes that would.
    pub fn expire_cursors(&self, now: Timestamp) -> usize {
        self.searches.expire(now)
    }

    /// A clean end: everything is durable, and what would take long to replay at the next start is flushed, until
    /// `cancel` is set. Writes after it still work.
    pub fn close(&self, cancel: &Cancel) {
        self.indices.close(cancel);
    }

    /// Answers one request where that takes microseconds and waits for nobody: it reads one document, which is not long, of an
    /// index that nobody writes to at this moment, or looks for few hits among few documents. `None`: it may take longer, and is to be run
    /// with [`Engine::begin`].
    pub fn answer_at_hand(
        &self,
        parsed: &Parsed,
        metadata: &Metadata,
        view: &View,
        now: Timestamp,
        work: &Work,
    ) -> Option<Response> {
        let api = parsed.route.api;
        if !api.reads_one_document() && !api.searches() {
            return None;
        }
        let running = None;
        let task = rest::execute::Task { engine: self, parsed, metadata, view, now, work, running };
        let answer = match rest::execute::check(&task) {
            Ok(()) if api.searches() => {
                let is_at_hand = rest::execute::search::is_at_hand(&task);
                is_at_hand.then(|| rest::execute::execute(&task))?
            }
            Ok(()) => document::get_at_hand(&task)?,
            Err(refusal) => Err(refusal),
        };
        Some(rest::render::render(parsed, answer, work).of(self.flavor()))
    }

    /// Runs one request on `metadata`, touching only what `view` lets it touch, until `work` is called off, with the
    /// memory that `work` may take. Failures are answers too.
    ///
    /// One that asks not to be waited for is answered with its task, and has something left to do: see
    /// [`BackgroundTask::run`].
    pub fn begin(
        &self,
        parsed: &Parsed,
        metadata: &Arc<Metadata>,
        view: &View,
        now: Timestamp,
        work: &Work,
    ) -> (Response, Option<BackgroundTask>) {
        let work = &work.clone().on(metadata);
        let running = self.tasks.begin(parsed, &view.owner, (now, self.tick(now)), work);
        let told = running.as_deref();
        let task =
            rest::execute::Task { engine: self, parsed, metadata, view, now, work, running: told };
        let print = |answer| rest::render::render(parsed, answer, work).of(self.flavor());
        if !tasks::goes_on(parsed) {
            return (print(rest::execute::execute(&task)), None);
        }
        let begun = match parsed.route.api {
            // Its handler accepts it first.
            rest::Api::SnapshotCreate => rest::execute::execute(&task),
            _ => rest::execute::check(&task).map(|()| {
                let id = running.as_ref().map(|task| task.id());
                Response::json(200, &json!({ "task": id }))
            }),
        };
        let rest = running.filter(|_| begun.is_ok()).map(BackgroundTask::of);
        (print(begun), rest)
    }

    /// Runs one request to its end, whether or not it asks to be waited for.
    pub fn execute(
        &self,
        parsed: &Parsed,
        metadata: &Arc<Metadata>,
        view: &View,
        now: Timestamp,
        work: &Work,
    ) -> Response {
        let (response, rest) = self.begin(parsed, metadata, view, now, work);
        if let Some(rest) = rest {
            rest.run(self, parsed, metadata, view, now, work);
        }
        response
    }

    /// Calls off whatever runs.
    pub fn call_off(&self) {
        self.tasks.call_off();
    }

    /// The moment it is now, for `took`; `since` when there is no clock.
    pub(crate) fn milliseconds_since(&self, since: Timestamp) -> u64 {
        let now = self.clock.as_ref().map_or(since, |clock| clock());
        u64::try_from(now.duration_since(since).as_millis()).unwrap_or(0)
    }

    /// The time of this engine's clock, to measure from; `now` when there is none.
    pub(crate) fn tick(&self, now: Timestamp) -> Timestamp {
        self.clock.as_ref().map_or(now, |clock| clock())
    }
}

impl From<Fault> for OpenError {
    fn from(fault: Fault) -> OpenError {
        match fault {
            Fault::Io(path, error) => OpenError::Directory(path, error),
            Fault::Damaged(path, what) => OpenError::Damaged(path, what),
            Fault::Segments(what) => OpenError::Damaged(PathBuf::new(), what),
        }
    }
}

/// What a request is answered with before it is printed.
pub(crate) type Answer = Result<Response, Exception>;
