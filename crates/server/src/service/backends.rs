//! What does the work: the control plane and the engines of domains. To run an operation on either takes a [`Permit`];
//! without one there is only what judging needs to look at, and what a service does to keep house.
//!
//! What is wrapped here is named nowhere else in this crate, so that there is no way around.

use std::path::PathBuf;
use std::sync::Arc;

use control::{ApiError, Control, Directory, IdentifiedCaller, Operation};
use engine::analysis::JapaneseDictionary;
use engine::cluster::Metadata;
use engine::exception::Exception;
use engine::objects::ObjectStore;
use engine::rest::{Flavor, Parsed, Route};
use engine::snapshots::S3Settings;
use engine::{
    BackgroundTask, Budget, Cancel, ChangeFeed, CursorOwner, CursorQuestion, Engine,
    EngineSettings, Grants, OutgoingDocument, OutgoingDocuments, SlowLogKind, View, Work,
};
use jiff::Timestamp;
use policy::Context;
use serde_json::Value;
use sigv4::SecretKey;

use crate::guards::shares::Share;
use crate::service::audit_index_name::AuditIndex;
use crate::service::clock::Clock;
use crate::service::pool::WorkOwner;
use crate::service::serving::RunningWrite;
use crate::service::upstream::Upstream;
use crate::walk::authorize::permit::Permit;

/// The control plane.
///
/// ```
/// // With a permit it carries out an operation …
/// use server::for_tests::{ControlPlane, ControlWork, Permit};
/// fn permitted(plane: &ControlPlane, permit: Permit<ControlWork>, now: jiff::Timestamp) {
///     let _ = plane.execute(permit, &|_| None, now, "id");
/// }
/// ```
/// ```compile_fail,E0308
/// // … and with anything else it does not.
/// use server::for_tests::{ControlPlane, ControlWork, Permit};
/// fn permitted(plane: &ControlPlane, work: ControlWork, now: jiff::Timestamp) {
///     let _ = plane.execute(work, &|_| None, now, "id");
/// }
/// ```
/// ```compile_fail,E0616
/// // Nor can what it wraps be reached.
/// fn around(plane: server::for_tests::ControlPlane) -> control::Control {
///     plane.0
/// }
/// ```
pub struct ControlPlane(Control);

/// An authorized operation of the control plane.
pub struct ControlWork {
    /// Which.
    pub operation: Operation,
    /// Its input, validated against the model.
    pub input: Value,
    /// For whom.
    pub identity: IdentifiedCaller,
    /// The version of the directory that it was authorized on.
    pub judged: u64,
    /// What was known of the connection then.
    pub context: Context,
    /// The region of the credential scope.
    pub region: String,
    /// In whose turn it runs.
    pub holder: WorkOwner,
}

/// The root key of an account, made or kept.
pub struct EnsureRoot {
    /// The account.
    pub account: String,
    /// The key that the operator chose, if any.
    pub chosen: Option<(String, SecretKey)>,
}

/// A new root key for an account, in place of all that it has.
pub struct RecoverRoot {
    /// The account.
    pub account: String,
}

/// Another key that secrets are sealed with.
pub struct ResealSecrets {
    /// The key.
    pub key: [u8; control::SEALING_KEY_BYTES],
}

/// What the operator says about the deployment from now on.
pub struct ChosenSettings(pub control::ControlSettings);

/// All of the state, read or written as one.
pub struct CopyState;

/// How many seconds the clock of an account shall be ahead.
pub struct ClockSetting {
    /// The account.
    pub account: String,
    /// Seconds; below 0, behind.
    pub ahead: i64,
}

/// A clone of an account for one test.
pub struct CloneAccount {
    /// The account.
    pub account: String,
}

/// The end of a clone.
pub struct RemoveClone {
    /// Its number.
    pub account: String,
}

/// A permitted call of a domain's security API.
pub struct SecurityWork {
    /// The domain: account, region, name and random part.
    pub domain: (String, String, String, String),
    /// `GET` ….
    pub method: String,
    /// The decoded path.
    pub path: String,
    /// The body.
    pub body: bytes::Bytes,
    /// The address of who calls.
    pub peer: String,
    /// Who calls, for the change log.
    pub arn: String,
    /// Whether the caller may still call, and its roles.
    pub user: Box<control::AskUser>,
    /// In whose turn it runs.
    pub holder: WorkOwner,
}

impl SecurityWork {
    /// Whether it may set a password, which is slow.
    #[must_use]
    pub fn hashes(&self) -> bool {
        matches!(self.method.as_str(), "PUT" | "PATCH")
    }
}

/// Live sessions that may be told, or ended.
pub(crate) struct SessionsWork {
    /// Whether they end.
    pub(crate) ends: bool,
    /// Which.
    pub(crate) meant: control::SessionsMeant,
    /// The account.
    pub(crate) account: String,
    /// On whom they hang: what the policies were asked about.
    pub(crate) holder: control::SessionsHolder,
    /// Who asks.
    pub(crate) identity: IdentifiedCaller,
    /// The version of the directory that it was authorized on.
    pub(crate) judged: u64,
    /// What was known of the connection then.
    pub(crate) context: Context,
    /// In whose turn it runs.
    pub(crate) owner: WorkOwner,
}

impl SessionsWork {
    /// What it takes to see sessions, and to end them; Amazon has no actions like these.
    pub(crate) fn action(ends: bool) -> &'static str {
        if ends { "countersign:RevokeSession" } else { "countersign:ListSessions" }
    }

    /// What is told where there is no such role, user or session.
    pub(crate) fn none_such(meant: &control::SessionsMeant) -> String {
        match meant {
            control::SessionsMeant::OfRole(name) => format!("there is no role {name}"),
            control::SessionsMeant::OfUser(name) => format!("there is no user {name}"),
            control::SessionsMeant::One(key) => {
                format!("no session with the access key id {key} is live")
            }
        }
    }

    fn call<'a>(&'a self, request_id: &'a str, now: Timestamp) -> control::SessionsCall<'a> {
        control::SessionsCall {
            action: Self::action(self.ends),
            account: &self.account,
            meant: &self.meant,
            holder: &self.holder,
            caller: &self.identity,
            context: &self.context,
            judged: self.judged,
            request_id,
            now,
        }
    }
}

impl Backend {
    /// The indices of audit records that there are, the oldest first: their names behind [`AuditIndex::PREFIX`]. Blocks.
    ///
    /// # Errors
    /// In words: why a cluster does not tell.
    pub(crate) fn audit_indices(&self, now: Timestamp) -> Result<Vec<String>, String> {
        match self {
            Self::Embedded(engine) => Ok(engine.audit_indices()),
            Self::Upstream(cluster) => cluster.audit_indices(now),
        }
    }

    /// Asks for something about the index of the permit, and of nothing else; `rest` is what follows its name in the path. Blocks.
    ///
    /// # Errors
    /// In words: what the engine or the cluster answered.
    pub(crate) fn on_audit_index(
        &self,
        permit: &Permit<AuditIndex>,
        asked: (&str, &str),
        body: bytes::Bytes,
        now: Timestamp,
    ) -> Result<Value, String> {
        match self {
            Self::Embedded(engine) => engine.on_audit_index(permit, asked, body, now),
            Self::Upstream(cluster) => cluster.on_audit_index(permit, asked, body, now),
        }
    }
}

/// A domain's move to the cluster of a pool.
pub(crate) struct MoveDomain;

/// What became of a domain, for the directory.
pub enum DomainNews {
    /// It listens: its endpoint and port.
    Listens(String, u16),
    /// It has a port, and its cluster cannot serve it yet.
    Bound(u16),
    /// The indices of the domain with this unique id were moved: the cluster of this pool serves it.
    Moved {
        /// The unique id.
        unique: String,
        /// The pool.
        pool: String,
    },
    /// The indices that it left behind are removed.
    SourceDiscarded,
    /// Its indices are removed: its record may go.
    Gone,
}

/// News of a domain.
pub struct DomainReport {
    /// Account, region and name.
    pub domain: (String, String, String),
    /// What became of it.
    pub news: DomainNews,
}

impl ControlPlane {
    /// Opens its state.
    ///
    /// # Errors
    /// As [`Control::open`].
    pub fn open(options: control::ControlOptions) -> Result<Self, control::OpenError> {
        Control::open(options).map(Self)
    }

    /// As [`Control::check_secrets`].
    ///
    /// # Errors
    /// As there.
    pub(super) fn check_secrets(&self) -> Result<(), control::OpenError> {
        self.0.check_secrets()
    }

    /// The newest snapshot of everything that judging reads.
    #[must_use]
    pub fn directory(&self) -> Arc<Directory> {
        self.0.directory()
    }

    /// Proves the second factor of a caller who is being judged. That a code was used is written down: it is good once.
    ///
    /// # Errors
    /// As [`Control::prove_mfa`].
    pub fn prove_mfa(
        &self,
        identity: &mut IdentifiedCaller,
        operation: Operation,
        input: &Value,
        now: Timestamp,
        request_id: &str,
    ) -> Result<(), ApiError> {
        self.0.prove_mfa(identity, operation, input, now, request_id)
    }

    /// Carries out an authorized operation. When this returns, a change is committed and published.
    ///
    /// # Errors
    /// As [`Control::execute`].
    pub fn execute(
        &self,
        permit: Permit<ControlWork>,
        observer: &control::DomainObserver,
        now: Timestamp,
        request_id: &str,
    ) -> Result<Value, ApiError> {
        let work = permit.spend();
        self.0.execute(&control::OperationCall {
            operation: work.operation,
            input: &work.input,
            caller: &work.identity,
            judged: work.judged,
            context: &work.context,
            region: &work.region,
            observer,
            now,
            request_id,
        })
    }

    /// Answers a call of a domain's security API. When this returns, a change is committed and published.
    ///
    /// # Errors
    /// As [`Control::security`].
    pub fn security(
        &self,
        permit: Permit<SecurityWork>,
        now: Timestamp,
        request_id: &str,
    ) -> Result<control::SecurityReply, ApiError> {
        let work = permit.spend();
        let (account, region, name, unique) = &work.domain;
        self.0.security(&control::SecurityCall {
            domain: (account, region, name, unique),
            method: &work.method,
            path: &work.path,
            body: &work.body,
            peer: &work.peer,
            user: &*work.user,
            caller: &work.arn,
            now,
            request_id,
        })
    }

    /// Tells live sessions; `None` where there is no such role, user or session any more.
    ///
    /// # Errors
    /// As [`Control::tell_sessions`].
    pub(crate) fn tell_sessions(
        &self,
        permit: Permit<SessionsWork>,
        now: Timestamp,
        request_id: &str,
    ) -> Result<Option<control::LiveSessions>, ApiError> {
        self.0.tell_sessions(&permit.spend().call(request_id, now))
    }

    /// Ends sessions before their time; how many. When this returns, nobody gets in with them.
    ///
    /// # Errors
    /// As [`Control::end_sessions`].
    pub(crate) fn end_sessions(
        &self,
        permit: Permit<SessionsWork>,
        now: Timestamp,
        request_id: &str,
    ) -> Result<control::EndedSessions, ApiError> {
        self.0.end_sessions(&permit.spend().call(request_id, now))
    }

    /// Notes what a proven caller asks for: what iam tells of credentials and services that were used last.
    pub fn note_use(
        &self,
        identity: &IdentifiedCaller,
        action: &str,
        region: &str,
        now: Timestamp,
    ) {
        self.0.note_use(identity, action, region, now);
    }

    /// Writes down what was noted. It touches nothing that anybody is authorized on.
    ///
    /// # Errors
    /// As [`Control::write_uses`].
    pub fn write_uses(&self, now: Timestamp) -> Result<(), ApiError> {
        self.0.write_uses(now)
    }

    /// Makes an account with its root key, or gives it the one that the operator chose.
    ///
    /// # Errors
    /// As [`Control::ensure_root`].
    pub fn ensure_root(
        &self,
        permit: Permit<EnsureRoot>,
        now: Timestamp,
    ) -> Result<Option<(String, SecretKey)>, ApiError> {
        let EnsureRoot { account, chosen } = permit.spend();
        let chosen = chosen.as_ref().map(|(id, secret)| (id.as_str(), secret));
        self.0.ensure_root(&account, chosen, now)
    }

    /// Gives the root of an account a new key, and takes the others.
    ///
    /// # Errors
    /// As [`Control::recover_root`].
    pub fn recover_root(
        &self,
        permit: Permit<RecoverRoot>,
        now: Timestamp,
    ) -> Result<(String, SecretKey), ApiError> {
        self.0.recover_root(&permit.spend().account, now)
    }

    /// Seals every secret with another key; how many there were.
    ///
    /// # Errors
    /// As [`Control::reseal`].
    pub fn reseal(self, permit: Permit<ResealSecrets>, now: Timestamp) -> Result<usize, ApiError> {
        self.0.reseal(permit.spend().key, now)
    }

    /// Replaces what the operator says about the deployment.
    ///
    /// # Errors
    /// As [`Control::set_settings`].
    pub fn set_settings(
        &self,
        permit: Permit<ChosenSettings>,
        now: Timestamp,
    ) -> Result<(), control::OpenError> {
        self.0.set_settings(permit.spend().0, now)
    }

    /// Writes down all of the state.
    ///
    /// # Errors
    /// As [`Control::export`].
    pub fn export(
        &self,
        permit: Permit<CopyState>,
        out: &mut dyn std::io::Write,
        progress: control::CopyProgress<'_>,
    ) -> Result<usize, control::CopyError> {
        let CopyState = permit.spend();
        self.0.export(out, progress)
    }

    /// Makes a state that was exported this one's.
    ///
    /// # Errors
    /// As [`Control::import`].
    pub fn import(
        &self,
        permit: Permit<CopyState>,
        input: &mut dyn std::io::BufRead,
        now: Timestamp,
        progress: control::CopyProgress<'_>,
    ) -> Result<usize, control::CopyError> {
        let CopyState = permit.spend();
        self.0.import(input, now, progress)
    }

    /// Sets an account's clock.
    ///
    /// # Errors
    /// As [`Control::set_clock`].
    pub fn set_clock(&self, permit: Permit<ClockSetting>, now: Timestamp) -> Result<(), ApiError> {
        let ClockSetting { account, ahead } = permit.spend();
        self.0.set_clock(&account, ahead, now)
    }

    /// A clone of an account as it is now, which nobody sees yet.
    ///
    /// # Errors
    /// As [`Control::plan_clone`].
    pub fn plan_clone(
        &self,
        permit: &Permit<CloneAccount>,
        now: Timestamp,
    ) -> Result<control::AccountClone, ApiError> {
        self.0.plan_clone(&permit.work().account, now)
    }

    /// Adds the clone that was planned.
    ///
    /// # Errors
    /// As [`Control::add_clone`].
    pub fn add_clone(
        &self,
        permit: Permit<CloneAccount>,
        clone: &control::AccountClone,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        drop(permit.spend());
        self.0.add_clone(clone, now)
    }

    /// Removes a clone; gives its domains.
    ///
    /// # Errors
    /// As [`Control::remove_clone`].
    pub fn remove_clone(
        &self,
        permit: Permit<RemoveClone>,
        now: Timestamp,
    ) -> Result<Vec<control::Domain>, ApiError> {
        self.0.remove_clone(&permit.spend().account, now)
    }

    /// Which gateway this is among those that share the state, if there are several.
    #[must_use]
    pub fn gateway(&self) -> Option<String> {
        self.0.settings().gateway.clone()
    }

    /// From now on `told` is called when somebody committed to the store, where the store can tell.
    pub fn listen(&self, told: control::CommitListener) {
        self.0.listen(told);
    }

    /// Sees what another process wrote to the store. Says whether it wrote something.
    ///
    /// # Errors
    /// As [`Control::reload`].
    pub fn reload(&self) -> Result<bool, ApiError> {
        self.0.reload()
    }

    /// Tells the other gateways of this one's domains, and hears of theirs. It touches nothing that anybody is authorized on.
    ///
    /// # Errors
    /// As [`Control::exchange_news`].
    pub(crate) fn exchange_news(
        &self,
        gateway: &str,
        own: Option<&control::GatewayNews>,
        known: &[(String, String)],
    ) -> Result<Vec<control::HeardNews>, ApiError> {
        self.0.exchange_news(gateway, own, known)
    }

    /// Tells all gateways what this one counted, and hears what each of them did.
    ///
    /// # Errors
    /// As [`Control::exchange_minutes`].
    pub(crate) fn exchange_minutes(
        &self,
        gateway: &str,
        own: &[control::CountedMinute],
        since: f64,
        rows_max: usize,
    ) -> Result<Vec<control::ToldMinute>, ApiError> {
        self.0.exchange_minutes(gateway, own, since, rows_max)
    }

    /// Waits until whatever was being committed is, or never will be.
    ///
    /// # Errors
    /// As [`Control::fence`].
    pub fn fence(&self, now: Timestamp) -> Result<(), ApiError> {
        self.0.fence(now)
    }

    /// Writes down what became of a domain.
    ///
    /// # Errors
    /// As [`Control::domain_listening`] and [`Control::domain_gone`].
    pub fn report(&self, permit: Permit<DomainReport>, now: Timestamp) -> Result<(), ApiError> {
        let DomainReport { domain: (account, region, name), news } = permit.spend();
        let domain = (account.as_str(), region.as_str(), name.as_str());
        match news {
            DomainNews::Listens(endpoint, port) => {
                self.0.domain_listening(domain, &endpoint, port, now)
            }
            DomainNews::Bound(port) => self.0.domain_bound(domain, port, now),
            DomainNews::Moved { unique, pool } => {
                self.0.domain_moved(domain, (&unique, &pool), now)
            }
            DomainNews::SourceDiscarded => self.0.domain_source_discarded(domain, now),
            DomainNews::Gone => self.0.domain_gone(domain, now),
        }
    }
}

/// What serves a domain: a closed set (docs/decisions/0100-backends.md).
#[derive(Clone)]
pub enum Backend {
    /// The engine in this binary.
    Embedded(Arc<Embedded>),
    /// A cluster elsewhere.
    Upstream(Arc<Upstream>),
}

impl Backend {
    /// Whether it is this very one.
    #[must_use]
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Embedded(own), Self::Embedded(other)) => Arc::ptr_eq(own, other),
            (Self::Upstream(own), Self::Upstream(other)) => Arc::ptr_eq(own, other),
            (Self::Embedded(_), Self::Upstream(_)) | (Self::Upstream(_), Self::Embedded(_)) => {
                false
            }
        }
    }

    /// Which service the domain says it is.
    #[must_use]
    pub fn flavor(&self) -> Flavor {
        match self {
            Self::Embedded(engine) => engine.flavor(),
            Self::Upstream(cluster) => cluster.flavor(),
        }
    }

    /// How well its indices are, or why it cannot serve. The engine is one node, which is called `node`.
    #[must_use]
    pub fn observed(&self, node: &str) -> control::ObservedDomain {
        match self {
            Self::Embedded(engine) => {
                let health = engine.0.health();
                let health = control::ObservedHealth {
                    status: control::HealthStatus::read(health.status),
                    shards: health.primaries,
                    unassigned: health.unassigned,
                };
                control::ObservedDomain::serves(health, node)
            }
            Self::Upstream(cluster) => control::ObservedDomain {
                health: cluster.fault().map_or_else(|| Ok(cluster.health()), Err),
                nodes: cluster.nodes(),
                stages: Vec::new(),
            },
        }
    }

    /// The indices of the snapshots that are being made and that a request to list some may tell of, by name and uuid. Lists of a
    /// cluster's are refused.
    #[must_use]
    pub(crate) fn being_snapshotted(&self, route: &Route) -> Vec<(String, Arc<str>)> {
        match self {
            Self::Embedded(engine) => engine.0.being_snapshotted(route),
            Self::Upstream(_) => Vec::new(),
        }
    }

    /// Whether it serves: a cluster that was never reached does not.
    #[must_use]
    pub fn serves(&self) -> bool {
        match self {
            Self::Embedded(_) => true,
            Self::Upstream(cluster) => cluster.fault().is_none(),
        }
    }

    /// What the opening of `owner`'s cursor `id` was allowed by; none where there is no such cursor.
    #[must_use]
    pub fn cursor(
        &self,
        id: &str,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Option<Arc<[CursorQuestion]>> {
        match self {
            Self::Embedded(engine) => engine.0.cursor(id, owner, now),
            Self::Upstream(cluster) => cluster.cursor(id, owner, now),
        }
    }

    /// Closes `owner`'s cursor `id`, whose opening is denied now.
    pub fn close_cursor(&self, id: &str, owner: &CursorOwner, now: Timestamp) {
        match self {
            Self::Embedded(engine) => engine.0.close_cursor(id, owner, now),
            Self::Upstream(cluster) => cluster.close_cursor(id, owner, now),
        }
    }

    /// Closes the cursors of `owner` whose opening is `denied` now.
    pub fn close_denied_cursors(
        &self,
        owner: &CursorOwner,
        denied: impl FnMut(&CursorQuestion) -> bool,
        now: Timestamp,
    ) {
        match self {
            Self::Embedded(engine) => {
                let _ = engine.0.close_denied_cursors(owner, denied);
            }
            Self::Upstream(cluster) => cluster.close_denied_cursors(owner, denied, now),
        }
    }

    /// Closes the cursors whose time is over; how many are left.
    #[must_use]
    pub fn expire_cursors(&self, now: Timestamp) -> usize {
        match self {
            Self::Embedded(engine) => engine.0.expire_cursors(now),
            Self::Upstream(cluster) => cluster.expire_cursors(now),
        }
    }

    /// Calls off whatever runs. What a cluster has begun is its own.
    pub fn call_off(&self) {
        match self {
            Self::Embedded(engine) => engine.0.call_off(),
            Self::Upstream(_) => {}
        }
    }

    /// From now on the domain says that it is `flavor`: it was upgraded.
    pub fn set_flavor(&self, flavor: Flavor) {
        match self {
            Self::Embedded(engine) => engine.0.set_flavor(flavor),
            // A cluster is what it is: whoever looks after it upgrades it.
            Self::Upstream(_) => {}
        }
    }
}

/// The engine of one domain, in this binary.
///
/// ```
/// // With a permit a request is run …
/// use server::for_tests::{Embedded, EmbeddedWork, Permit};
/// fn permitted(permit: Permit<EmbeddedWork>, now: jiff::Timestamp) -> engine::Response {
///     Embedded::execute(permit, now).0
/// }
/// ```
/// ```compile_fail,E0308
/// // … and with anything else it is not.
/// use server::for_tests::{Embedded, EmbeddedWork, Permit};
/// fn permitted(work: EmbeddedWork, now: jiff::Timestamp) -> engine::Response {
///     Embedded::execute(work, now).0
/// }
/// ```
/// ```compile_fail,E0616
/// // Nor can what it wraps be reached.
/// fn around(embedded: server::for_tests::Embedded) -> engine::Engine {
///     embedded.0
/// }
/// ```
pub struct Embedded(Engine);

/// An authorized request to the engine, on the snapshot that it was authorized on.
pub struct EmbeddedWork {
    /// The domain's engine.
    pub engine: Arc<Embedded>,
    /// The request: the very value that was judged.
    pub parsed: Parsed,
    /// The indices as they were when it was judged.
    pub metadata: Arc<Metadata>,
    /// What it may touch.
    view: View,
    /// How it is called off, and what its memory is taken from.
    pub work: Work,
    /// The body's share of the bytes in flight, until the work is done.
    pub body: Option<Share>,
    /// Of a write: that it runs, until it is done.
    pub write: Option<RunningWrite>,
}

impl EmbeddedWork {
    /// What was judged, with what was granted of it.
    pub(crate) fn new(
        engine: Arc<Embedded>,
        parsed: Parsed,
        metadata: Arc<Metadata>,
        grants: Grants,
        work: Work,
        body: Option<Share>,
        write: Option<RunningWrite>,
    ) -> Self {
        Self { engine, parsed, metadata, view: View::of(grants), work, body, write }
    }

    /// Whether something may be another afterwards.
    #[must_use]
    pub fn changes(&self) -> bool {
        !self.parsed.route.only_reads()
    }
}

/// What is left of an authorized request that was answered with its task: it may do what was judged when it began.
pub struct BackgroundWork {
    task: BackgroundTask,
    engine: Arc<Embedded>,
    parsed: Parsed,
    metadata: Arc<Metadata>,
    view: View,
    now: Timestamp,
    work: Work,
    _body: Option<Share>,
    _write: Option<RunningWrite>,
}

impl BackgroundWork {
    /// The flag that calls it off.
    #[must_use]
    pub fn cancel(&self) -> Cancel {
        self.task.cancel()
    }

    /// Does it. Blocks.
    pub fn run(self) {
        let Self { task, engine, parsed, metadata, view, now, work, _body, _write } = self;
        task.run(&engine.0, &parsed, &metadata, &view, now, &work);
    }
}

/// Takes the lines of slow logs.
type SlowLogSink = Box<dyn Fn(SlowLogKind, &str) + Send + Sync>;

/// Has files by their paths.
type FileReader = Box<dyn Fn(&str) -> Option<Arc<str>> + Send + Sync>;

/// Opens parts of buckets of S3.
pub(crate) type BucketOpener =
    Box<dyn Fn(&S3Settings) -> Result<Arc<dyn ObjectStore>, String> + Send + Sync>;

/// What the engine of a domain is given beside its settings.
pub struct EngineSurroundings {
    /// Its time.
    pub clock: Clock,
    /// The largest body that its listener takes.
    pub body_bytes_max: usize,
    /// Below it are its repositories.
    pub repositories: PathBuf,
    /// Opens the buckets that it may keep repositories in; `None`: there are none.
    pub buckets: Option<BucketOpener>,
    /// Is told what takes too long.
    pub slow_log: SlowLogSink,
    /// Has the files that its analyzers may name.
    pub dictionaries: FileReader,
    /// The dictionary that it analyzes Japanese by.
    pub japanese: Option<Arc<JapaneseDictionary>>,
}

impl Embedded {
    /// Opens the engine of a domain.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn open(
        settings: EngineSettings,
        surroundings: EngineSurroundings,
    ) -> Result<Self, engine::OpenError> {
        let (japanese, now) = (surroundings.japanese.clone(), surroundings.clock.now());
        Self::within(Engine::open_with(settings, japanese, now)?, surroundings)
    }

    /// An engine for a domain of a clone, whose indices begin as those of this one are now.
    ///
    /// # Errors
    /// As [`Engine::fork`].
    pub fn fork(
        &self,
        _permit: &Permit<CloneAccount>,
        settings: EngineSettings,
        surroundings: EngineSurroundings,
    ) -> Result<Self, engine::OpenError> {
        Self::within(self.0.fork(settings)?, surroundings)
    }

    fn within(engine: Engine, surroundings: EngineSurroundings) -> Result<Self, engine::OpenError> {
        let EngineSurroundings {
            clock,
            body_bytes_max,
            repositories,
            buckets,
            slow_log,
            dictionaries,
            ..
        } = surroundings;
        let engine = engine.with_repositories(repositories)?;
        let engine = match buckets {
            Some(open) => engine.with_buckets(open),
            None => engine,
        };
        let engine = engine.with_clock(move || clock.now()).with_slow_log(slow_log);
        let engine = engine.with_analysis_files(dictionaries);
        Ok(Self(engine.with_body_bytes_max(body_bytes_max)))
    }

    /// As [`Embedded::execute`], where that takes microseconds and waits for nobody; `None`: it may take longer.
    #[must_use]
    pub(crate) fn answer_at_hand(
        permit: &Permit<EmbeddedWork>,
        now: Timestamp,
    ) -> Option<engine::Response> {
        let EmbeddedWork { engine, parsed, metadata, view, work, .. } = permit.work();
        engine.0.answer_at_hand(parsed, metadata, view, now, work)
    }

    /// Runs a permitted request on the snapshot that it was judged on, touching only what was granted. Blocks. What is left
    /// of one that is not waited for comes with its answer.
    #[must_use]
    pub fn execute(
        permit: Permit<EmbeddedWork>,
        now: Timestamp,
    ) -> (engine::Response, Option<BackgroundWork>) {
        let EmbeddedWork { engine, parsed, metadata, view, work, body, write } = permit.spend();
        let (response, task) = engine.0.begin(&parsed, &metadata, &view, now, &work);
        let rest = task.map(|task| BackgroundWork {
            task,
            engine,
            parsed,
            metadata,
            view,
            now,
            work,
            _body: body,
            _write: write,
        });
        (response, rest)
    }

    /// Notes from now on which documents are written; none while somebody else follows.
    #[must_use]
    pub(crate) fn follow_changes(&self, _permit: &Permit<MoveDomain>) -> Option<ChangeFeed> {
        self.0.follow_changes()
    }

    /// The documents of an index, for a move.
    ///
    /// # Errors
    /// As [`Engine::outgoing`].
    pub(crate) fn outgoing(
        &self,
        _permit: &Permit<MoveDomain>,
        uuid: &str,
    ) -> Result<OutgoingDocuments, Exception> {
        self.0.outgoing(uuid)
    }

    /// How documents of an index are now, for a move.
    ///
    /// # Errors
    /// As [`Engine::newest`].
    pub(crate) fn newest(
        &self,
        _permit: &Permit<MoveDomain>,
        uuid: &str,
        ids: &[String],
        bytes: usize,
        cancel: &Cancel,
    ) -> Result<Vec<OutgoingDocument>, Exception> {
        self.0.newest(uuid, ids, bytes, cancel)
    }

    /// The indices of audit records that there are, the oldest first: their names behind [`AuditIndex::PREFIX`].
    fn audit_indices(&self) -> Vec<String> {
        AuditIndex::among(&self.0.metadata())
    }

    /// Asks for something about the index of the permit, and of nothing else; `rest` is what follows its name in the path.
    ///
    /// # Errors
    /// In words: what the engine answered.
    fn on_audit_index(
        &self,
        permit: &Permit<AuditIndex>,
        (method, rest): (&str, &str),
        body: bytes::Bytes,
        now: Timestamp,
    ) -> Result<Value, String> {
        let path = format!("/{}{rest}", permit.work().name());
        // Paths that all flavors have.
        let route = engine::rest::route(method, &path, "", Flavor::Elasticsearch710);
        let route = route.map_err(|error| format!("{method} {path}: {error:?}"))?;
        let metadata = self.0.metadata();
        let budget = Budget::new("audit", AuditIndex::MEMORY_BYTES_MAX);
        let work = Work::new(Cancel::new(), budget).on(&metadata);
        let kind = if rest == "/_bulk" { "application/x-ndjson" } else { "application/json" };
        let kind = (!body.is_empty()).then_some(kind);
        let parsed = engine::rest::parse(route, kind, body, &work);
        let parsed = parsed.map_err(|refusal| refusal.reason().to_owned())?;
        let view = View::of(Grants::everything("countersign audit"));
        let (response, _) = self.0.begin(&parsed, &metadata, &view, now, &work);
        let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        match response.status {
            200..=299 => Ok(answer),
            status => {
                let reason = answer.pointer("/error/reason").and_then(Value::as_str);
                Err(format!("{method} {path}: {status} {}", reason.unwrap_or_default()))
            }
        }
    }

    /// Looks how full the disk is, and lets indices take no writes, or take them again.
    ///
    /// # Errors
    /// The disk's words.
    pub fn watch_disk(&self, by_default: bool) -> Result<engine::WatchedDisk, String> {
        self.0.watch_disk(by_default).map_err(|refusal| refusal.reason().to_owned())
    }

    /// Reads the repositories that are reached by a network and were not read since the start; those that cannot be, and why.
    /// Blocks.
    ///
    /// # Errors
    /// The disk's words, or that it was called off.
    pub(crate) fn read_repositories(
        &self,
        cancel: &Cancel,
    ) -> Result<Vec<(String, String)>, String> {
        let work = Work::new(cancel.clone(), Budget::new("repositories", u64::MAX));
        self.0.read_repositories(&work).map_err(|refusal| refusal.reason().to_owned())
    }

    /// Which service it says it is.
    #[must_use]
    pub fn flavor(&self) -> Flavor {
        self.0.flavor()
    }

    /// The snapshot of indices to judge a request on.
    #[must_use]
    pub fn metadata(&self) -> Arc<Metadata> {
        self.0.metadata()
    }

    /// Writes down what the engine holds, until `cancel` is set.
    pub fn close(&self, cancel: &Cancel) {
        self.0.close(cancel);
    }
}
