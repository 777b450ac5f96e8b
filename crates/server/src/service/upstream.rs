//! A domain's cluster elsewhere: what judging looks at, and the one way to send it something, which takes a permit.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use client::spool::RequestBody;
use control::{ObservedHealth, ObservedNode};
use engine::cluster::Metadata;
use engine::exception::{Exception, ExceptionKind};
use engine::rest::{Effect, Flavor, Parsed};
use engine::{CursorOwner, CursorQuestion, Grants};
use jiff::Timestamp;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::clusters::{
    BulkRewriting, Cluster, ClusterAnswer, ClusterChange, CursorNames, ForwardedHead,
    JudgedRequest, LeftCursor, Plan,
};
use crate::guards::limits;
use crate::service::audit_index_name::AuditIndex;
use crate::settings::PoolSettings;
use crate::walk::authorize::permit::Permit;

/// A cluster elsewhere that serves one domain.
///
/// ```compile_fail,E0616
/// // What it wraps cannot be reached: to send it something takes a permit.
/// fn around(upstream: server::for_tests::Upstream) {
///     let _ = upstream.0;
/// }
/// ```
pub struct Upstream(Cluster);

/// An authorized request to a cluster: what is done for it was made from the very value that was judged.
pub struct UpstreamWork {
    cluster: Arc<Upstream>,
    plan: Plan,
    /// The body, where it is in a file.
    filed: Option<RequestBody>,
    owner: CursorOwner,
    changes: bool,
    /// Whether names may come to something else afterwards.
    renames: bool,
    /// Whether of some index only some documents or fields were granted.
    restricted: bool,
}

impl UpstreamWork {
    /// The work of a request that was judged on `metadata`.
    ///
    /// # Errors
    /// What cannot be asked of a cluster so that it touches nothing else.
    pub(crate) fn new(
        cluster: &Arc<Upstream>,
        parsed: &Parsed,
        body: &Bytes,
        grants: &Grants,
        metadata: &Metadata,
        now: Timestamp,
    ) -> Result<Self, Exception> {
        let plan = cluster.0.plan(parsed, body, grants, metadata, now)?;
        Ok(Self::of(cluster, plan, parsed, grants))
    }

    fn of(cluster: &Arc<Upstream>, plan: Plan, parsed: &Parsed, grants: &Grants) -> Self {
        let effect = parsed.route.api.row().effect;
        Self {
            cluster: Arc::clone(cluster),
            plan,
            filed: None,
            owner: grants.owner.clone(),
            changes: !parsed.route.only_reads(),
            renames: effect == Effect::Admin || grants.everything || !grants.names.is_empty(),
            restricted: !grants.restrictions.is_empty(),
        }
    }

    /// The same with a body that is in a file.
    pub(crate) fn with_body(self, body: RequestBody) -> Self {
        Self { filed: Some(body), ..self }
    }

    /// Whether of some index only some documents or fields were granted.
    #[must_use]
    pub(crate) fn is_restricted(&self) -> bool {
        self.restricted
    }

    /// Whether something may be another afterwards.
    #[must_use]
    pub(crate) fn changes(&self) -> bool {
        self.changes
    }
}

/// A `_bulk` to a cluster that is judged and rewritten piece by piece.
pub(crate) struct BulkWork {
    rewriting: BulkRewriting,
    /// Whether a piece may make an index.
    names: bool,
}

/// A piece of a `_bulk`, judged.
#[derive(Clone, Copy)]
pub(crate) struct JudgedPiece<'a> {
    pub(crate) parsed: &'a Parsed,
    pub(crate) grants: &'a Grants,
    pub(crate) metadata: &'a Metadata,
    pub(crate) now: Timestamp,
}

impl BulkWork {
    /// No piece was judged yet.
    pub(crate) fn new() -> Self {
        Self { rewriting: BulkRewriting::default(), names: false }
    }

    /// Takes the next piece, and gives the lines that are sent for it.
    ///
    /// # Errors
    /// What cannot be asked of a cluster so that it touches nothing else.
    pub(crate) fn piece(
        &mut self,
        cluster: &Arc<Upstream>,
        piece: JudgedPiece<'_>,
    ) -> Result<Bytes, Exception> {
        self.names |= !piece.grants.names.is_empty();
        let lines = self.rewriting.piece(&piece.judged(cluster, &BTreeMap::new()))?;
        cluster.0.bulk_lines(lines)
    }

    /// The work of the whole, of which `piece` is the last; `body` is what the pieces came to.
    ///
    /// # Errors
    /// As [`BulkWork::piece`].
    pub(crate) fn whole(
        self,
        cluster: &Arc<Upstream>,
        piece: JudgedPiece<'_>,
        body: RequestBody,
    ) -> Result<UpstreamWork, Exception> {
        let plan = self.rewriting.plan(&piece.judged(cluster, &BTreeMap::new()))?;
        let plan = cluster.0.planned(plan, piece.parsed)?;
        let work = UpstreamWork::of(cluster, plan, piece.parsed, piece.grants).with_body(body);
        Ok(UpstreamWork { renames: work.renames || self.names, ..work })
    }
}

impl<'a> JudgedPiece<'a> {
    /// `none`: a `_bulk` names no cursors.
    fn judged(
        self,
        cluster: &'a Upstream,
        none: &'a BTreeMap<String, String>,
    ) -> JudgedRequest<'a> {
        static NO_BODY: Bytes = Bytes::new();
        let Self { parsed, grants, metadata, now } = self;
        let (line_bytes_max, shared) = (cluster.0.line_bytes_max(), cluster.0.shared());
        let (body, kept) = (&NO_BODY, none);
        JudgedRequest { parsed, body, grants, metadata, now, kept, line_bytes_max, shared }
    }
}

impl Upstream {
    /// The cluster of the pool `name`, for a domain of this flavor.
    ///
    /// # Errors
    /// In words: what of the settings cannot be used.
    pub(crate) async fn open(
        name: &str,
        settings: &PoolSettings,
        flavor: Flavor,
        names: CursorNames,
    ) -> Result<Self, String> {
        Cluster::open(name, settings, flavor, names).await.map(Self)
    }

    /// Which service the domain says it is.
    pub(crate) fn flavor(&self) -> Flavor {
        self.0.flavor()
    }

    /// Whether other domains have indices there.
    pub(crate) fn is_shared(&self) -> bool {
        self.0.is_shared()
    }

    /// The paths of all that the domain has at a cluster that it shares; of each whether blocks keep it from being deleted.
    ///
    /// # Errors
    /// In words: why the cluster does not tell.
    pub(crate) async fn own_paths(&self, now: Timestamp) -> Result<Vec<(String, bool)>, String> {
        self.0.own_paths(now).await.map_err(|fault| fault.to_string())
    }

    /// Whether it is told who asks.
    pub(crate) fn names_callers(&self) -> bool {
        self.0.names_callers()
    }

    /// The name of its pool.
    pub(crate) fn name(&self) -> &str {
        self.0.name()
    }

    /// Why it cannot serve its domain; `None`: it can.
    pub(crate) fn fault(&self) -> Option<String> {
        self.0.fault()
    }

    /// Says whether it could be made, where it has to be.
    pub(crate) fn note_made(&self, made: Result<(), String>) {
        self.0.note_made(made);
    }

    /// How well its indices were when it was asked last.
    pub(crate) fn health(&self) -> Option<ObservedHealth> {
        self.0.health()
    }

    /// Its nodes, as it told when it was asked last; empty where it does not tell.
    pub(crate) fn nodes(&self) -> Vec<ObservedNode> {
        self.0.nodes()
    }

    /// Takes the nodes that serve at these ports of loopback, and no others.
    pub(crate) fn serve_at(&self, ports: &[u16]) {
        self.0.serve_at(ports);
    }

    /// What it tells of itself; none where it does not.
    pub(crate) async fn read(&self, path: &str, query: &str, now: Timestamp) -> Option<Value> {
        self.0.read(path, query, now).await.ok()
    }

    /// What it calls itself, whatever its addresses are; `None` while it does not say.
    ///
    /// # Errors
    /// In words: why it does not answer.
    pub(crate) async fn cluster_uuid(&self, now: Timestamp) -> Result<Option<String>, String> {
        self.0.cluster_uuid(now).await.map_err(|fault| fault.to_string())
    }

    /// Changes what it does with its nodes.
    ///
    /// # Errors
    /// In words: why it did not.
    pub(crate) async fn change(
        &self,
        permit: Permit<ClusterChange>,
        now: Timestamp,
    ) -> Result<(), String> {
        self.0.change(&permit.spend(), now).await
    }

    /// Looks how it is.
    pub(crate) async fn look(&self, now: Timestamp) {
        self.0.look(now).await;
    }

    /// Its rows of the page of metrics.
    pub(crate) fn metrics(&self, page: &mut String) {
        self.0.metrics(page);
    }

    /// Refuses for a cluster that cannot serve its domain.
    ///
    /// # Errors
    /// Why it cannot, as the client is told.
    pub(crate) async fn check(&self, now: Timestamp) -> Result<(), Exception> {
        self.0.check(now).await
    }

    /// The snapshot of indices to judge a request on, at most a second old.
    ///
    /// # Errors
    /// Why there is none, as the client is told.
    pub(crate) async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, Exception> {
        self.0.metadata(now).await
    }

    /// The snapshot of indices as they were at `moment`, or later. Blocks: not for the threads of the network.
    ///
    /// # Errors
    /// As [`Upstream::metadata`].
    pub(crate) fn metadata_of(
        &self,
        moment: Instant,
        now: Timestamp,
    ) -> Result<Arc<Metadata>, Exception> {
        if tokio::task::try_id().is_some() {
            // A thread of the network: what is brief asks for indices that are known, so this is not reached.
            let reason = "the indices of the cluster changed meanwhile: send the request again";
            return Err(Exception::new(ExceptionKind::Io, reason).with_status(503));
        }
        Handle::current().block_on(self.0.metadata_of(moment, now))
    }

    /// What is known of its indices, however old.
    pub(crate) fn latest_metadata(&self) -> Arc<Metadata> {
        self.0.latest_metadata()
    }

    /// What the opening of `owner`'s cursor `id` was allowed by; none where there is no such cursor.
    pub(crate) fn cursor(
        &self,
        id: &str,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Option<Arc<[CursorQuestion]>> {
        self.0.cursor(id, owner, now)
    }

    /// Closes `owner`'s cursor `id`: here at once, and a moment later at the cluster.
    pub(crate) fn close_cursor(self: &Arc<Self>, id: &str, owner: &CursorOwner, now: Timestamp) {
        self.close_left(self.0.close_cursor(id, owner, now), now);
    }

    /// Closes the cursors of `owner` whose opening is `denied` now, as [`Upstream::close_cursor`] does.
    pub(crate) fn close_denied_cursors(
        self: &Arc<Self>,
        owner: &CursorOwner,
        denied: impl FnMut(&CursorQuestion) -> bool,
        now: Timestamp,
    ) {
        self.close_left(self.0.close_denied_cursors(owner, denied, now), now);
    }

    /// Lets the cluster close what ended here. Nobody waits for it.
    fn close_left(self: &Arc<Self>, left: Vec<LeftCursor>, now: Timestamp) {
        if left.is_empty() {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            let own = Arc::clone(self);
            runtime.spawn(async move { own.0.close_left(left, now).await });
        }
    }

    /// Forgets the cursors whose time is over; how many are left.
    pub(crate) fn expire_cursors(&self, now: Timestamp) -> usize {
        self.0.expire_cursors(now)
    }

    /// The indices of audit records that there are: see [`AuditIndex::among`]. Blocks.
    ///
    /// # Errors
    /// In words: why it does not tell.
    pub(crate) fn audit_indices(&self, now: Timestamp) -> Result<Vec<String>, String> {
        let metadata = in_time(self.0.metadata(now))?;
        metadata.map(|it| AuditIndex::among(&it)).map_err(|refusal| refusal.reason().to_owned())
    }

    /// Asks for something about the index of the permit, and of nothing else. Blocks.
    ///
    /// # Errors
    /// In words: what it answered.
    pub(crate) fn on_audit_index(
        &self,
        permit: &Permit<AuditIndex>,
        asked: (&str, &str),
        body: Bytes,
        now: Timestamp,
    ) -> Result<Value, String> {
        in_time(self.0.on_index(&permit.work().name(), asked, body, now))?
    }

    /// Does what is permitted.
    ///
    /// # Errors
    /// What the client is told where the cluster gave no answer that can be used.
    pub(crate) async fn execute(
        permit: Permit<UpstreamWork>,
        head: &ForwardedHead,
        now: Timestamp,
    ) -> Result<ClusterAnswer, Exception> {
        let UpstreamWork { cluster, plan, filed, owner, changes, renames, .. } = permit.spend();
        let sent = match plan {
            Plan::Answered(response) => return Ok(response.into()),
            Plan::Sent(sent) => *sent,
        };
        let _changed = OnChange((changes && renames).then_some(&cluster.0));
        cluster.0.send(sent, filed, head, &owner, now).await
    }
}

/// What a cluster tells the service, for which nobody waits longer.
fn in_time<T>(telling: impl Future<Output = T>) -> Result<T, String> {
    let most = limits::AUDIT_CLUSTER_TIME;
    let told = Handle::current().block_on(async { tokio::time::timeout(most, telling).await });
    told.map_err(|_elapsed| "the cluster does not answer".to_owned())
}

/// Says, whatever became of a request, that the metadata may be old.
struct OnChange<'a>(Option<&'a Cluster>);

impl Drop for OnChange<'_> {
    fn drop(&mut self) {
        if let Some(cluster) = self.0 {
            cluster.changed();
        }
    }
}
