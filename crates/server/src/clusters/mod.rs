//! A cluster elsewhere that serves a domain (decision 0158): what it says of its indices, the requests that it is sent, and what
//! becomes of its answers.

mod answers;
mod besides;
mod body;
mod ended;
mod kept;
mod names;
mod pool;
mod received;
mod rewrite;
mod shared;
mod snapshot;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use client::cluster::{ClusterClient, ClusterFault, ClusterRequest};
use client::endpoint::Endpoint;
use client::spool::RequestBody;
use engine::cluster::Metadata;
use engine::exception::{Exception, ExceptionKind};
use engine::rest::{Flavor, Parsed, encode};
use engine::search::cursors::{self, Cursors};
use engine::{CursorOwner, Grants};
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

pub(crate) use self::besides::check_besides;
use self::body::ClusterBody;
use self::ended::EndedCursors;
use self::kept::KeptCursor;
pub(crate) use self::kept::LeftCursor;
pub(crate) use self::names::CursorNames;
pub(crate) use self::pool::{check as check_pool, client as pool_client, secret};
pub(crate) use self::received::ClusterAnswer;
pub(crate) use self::rewrite::Plan;
use self::rewrite::{AnswerPlan, CursorSort, SentRequest};
pub(crate) use self::rewrite::{BulkRewriting, JudgedRequest, in_mode_aws};
use self::shared::SharedNames;
use self::snapshot::Snapshot;
pub(crate) use self::snapshot::{cluster_uuid_of, said_uuid, service_of};
use crate::guards::limits;
use crate::settings::PoolSettings;
use crate::traces::TraceParent;

/// A cluster elsewhere.
pub(crate) struct Cluster {
    /// The name of its pool.
    name: String,
    client: ClusterClient,
    settings: PoolSettings,
    /// The domain's names there, where other domains have indices there, too.
    shared: Option<SharedNames>,
    opensearch: AtomicBool,
    snapshot: Mutex<Option<Snapshot>>,
    /// When something was changed through this service: what was read before is old.
    changed: Mutex<Option<Instant>>,
    /// Held by whoever reads the metadata: one at a time.
    renewing: tokio::sync::Mutex<()>,
    /// What clients call its scrolls and points in time.
    names: CursorNames,
    scrolls: Mutex<Cursors<KeptCursor>>,
    pits: Mutex<Cursors<KeptCursor>>,
    /// Those that were closed or ended with the right to them.
    ended: Mutex<EndedCursors>,
    /// How it was when it was asked last; none: it did not answer.
    health: Mutex<Option<control::ObservedHealth>>,
    /// Its nodes, as it told when it was asked last.
    nodes: Mutex<Vec<control::ObservedNode>>,
    /// Why it cannot serve its domain.
    fault: Mutex<Option<String>>,
    /// Why it is not made, where it would have to be.
    unmade: Mutex<Option<String>>,
}

/// A change of what a cluster does with its nodes.
#[derive(Debug)]
pub(crate) struct ClusterChange {
    pub(crate) method: http::Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: Option<Value>,
}

/// What a client said that goes on to the cluster, beside what the request was rewritten to.
#[derive(Default)]
pub(crate) struct ForwardedHead {
    /// `Accept`.
    pub(crate) accept: Option<String>,
    /// `X-Opaque-Id`.
    pub(crate) opaque_id: Option<String>,
    /// Of which trace the cluster's part is.
    pub(crate) traceparent: Option<TraceParent>,
    /// Whether it reads gzip.
    pub(crate) accepts_gzip: bool,
    /// Who asks, and from where, for a cluster that is told so.
    pub(crate) caller: Option<(String, IpAddr)>,
}

/// The engine version that a domain before the cluster of a pool is created with: the last one that Amazon lists of its major version.
///
/// # Errors
/// In words: what of the settings cannot be used, or why the cluster does not say it.
pub(crate) async fn engine_version_of(
    pool: &PoolSettings,
    now: Timestamp,
) -> Result<&'static str, String> {
    let client = pool::client(pool).await?;
    let (flavor, number) =
        snapshot::service_of(&client, now).await.map_err(|fault| fault.to_string())?;
    Ok(match (flavor, number.split('.').next()) {
        (Flavor::Elasticsearch710, _) => "Elasticsearch_7.10",
        (Flavor::OpenSearch219, Some("1")) => "OpenSearch_1.3",
        (Flavor::OpenSearch219, Some("3")) => "OpenSearch_3.1",
        (Flavor::OpenSearch219, _) => "OpenSearch_2.19",
    })
}

impl Cluster {
    /// The cluster of a pool, for a domain of this flavor. Nothing is connected yet.
    ///
    /// # Errors
    /// In words: what of the settings cannot be used.
    pub(crate) async fn open(
        name: &str,
        settings: &PoolSettings,
        flavor: Flavor,
        names: CursorNames,
    ) -> Result<Self, String> {
        Ok(Self {
            name: name.to_owned(),
            client: pool::client(settings).await?,
            settings: settings.clone(),
            shared: settings.prefix.as_deref().map(SharedNames::with),
            opensearch: AtomicBool::new(flavor == Flavor::OpenSearch219),
            snapshot: Mutex::default(),
            changed: Mutex::default(),
            renewing: tokio::sync::Mutex::default(),
            names,
            scrolls: Mutex::new(Cursors::none(cursors::SCROLLS)),
            ended: Mutex::default(),
            pits: Mutex::new(Cursors::none(cursors::PITS)),
            health: Mutex::default(),
            nodes: Mutex::default(),
            fault: Mutex::new(Some("it was not asked yet".to_owned())),
            unmade: Mutex::default(),
        })
    }

    /// Which service the domain says it is.
    pub(crate) fn flavor(&self) -> Flavor {
        match self.opensearch.load(Ordering::Relaxed) {
            true => Flavor::OpenSearch219,
            false => Flavor::Elasticsearch710,
        }
    }

    /// The name of its pool.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Why it cannot serve its domain; `None`: it can.
    pub(crate) fn fault(&self) -> Option<String> {
        lock(&self.unmade).clone().or_else(|| lock(&self.fault).clone())
    }

    /// Says whether it could be made, where it has to be.
    pub(crate) fn note_made(&self, made: Result<(), String>) {
        *lock(&self.unmade) = made.err();
    }

    /// How well its indices were when it was asked last.
    pub(crate) fn health(&self) -> Option<control::ObservedHealth> {
        *lock(&self.health)
    }

    /// Its nodes, as it told when it was asked last; empty where it does not tell.
    pub(crate) fn nodes(&self) -> Vec<control::ObservedNode> {
        lock(&self.nodes).clone()
    }

    /// Takes the nodes that serve at these ports of loopback, and no others.
    pub(crate) fn serve_at(&self, ports: &[u16]) {
        let urls = ports
            .iter()
            .filter_map(|port| Endpoint::parse(&format!("http://127.0.0.1:{port}")).ok());
        self.client.serve_at(urls.collect());
    }

    /// What the cluster tells of itself, in JSON.
    ///
    /// # Errors
    /// Why it does not.
    pub(crate) async fn read(
        &self,
        path: &str,
        query: &str,
        now: Timestamp,
    ) -> Result<Value, ClusterFault> {
        snapshot::read(&self.client, path, query, now).await
    }

    /// What it calls itself, whatever its addresses are; `None` while it does not say.
    ///
    /// # Errors
    /// Why it does not answer.
    pub(crate) async fn cluster_uuid(
        &self,
        now: Timestamp,
    ) -> Result<Option<String>, ClusterFault> {
        cluster_uuid_of(&self.client, now).await
    }

    /// Changes what the cluster does with its nodes.
    ///
    /// # Errors
    /// In words: why it did not.
    pub(crate) async fn change(
        &self,
        change: &ClusterChange,
        now: Timestamp,
    ) -> Result<(), String> {
        let ClusterChange { method, path, query, body } = change;
        let bytes: Bytes = body.as_ref().map(Value::to_string).unwrap_or_default().into();
        let body = RequestBody::Memory(bytes);
        let headers = headers(&body, false, &ForwardedHead::default(), false);
        let request = ClusterRequest {
            method: method.clone(),
            path: path.clone(),
            query: query.clone(),
            headers: headers.map_err(|refusal| refusal.reason().to_owned())?,
            body,
            repeatable: true,
        };
        let most = limits::CLUSTER_METADATA_BYTES_MAX;
        let (status, told) =
            self.client.fetch(&request, now, most).await.map_err(|fault| fault.to_string())?;
        // What is to be removed may be gone already.
        if status == 200 || (status == 404 && method == http::Method::DELETE) {
            return Ok(());
        }
        let begin: String = String::from_utf8_lossy(&told).chars().take(200).collect();
        Err(format!("{method} {path} answered {status}: {begin}"))
    }

    /// Asks for something about one index of the domain's, for the service itself; `rest` is what follows its name in the path. All that
    /// is asked may be asked twice: what is made or removed may be so already.
    ///
    /// # Errors
    /// In words: why there is no answer, or which one.
    pub(crate) async fn on_index(
        &self,
        name: &str,
        (method, rest): (&str, &str),
        body: Bytes,
        now: Timestamp,
    ) -> Result<Value, String> {
        let name = self.shared.as_ref().map_or_else(|| name.to_owned(), |it| it.there(name));
        let path = format!("/{name}{rest}");
        let failed = |why: &str| format!("{method} {path}: {why}");
        let body = RequestBody::Memory(body);
        let headers = headers(&body, rest == "/_bulk", &ForwardedHead::default(), false);
        let request = ClusterRequest {
            method: method.parse().map_err(|_| failed("no method"))?,
            path: path.clone(),
            query: String::new(),
            headers: headers.map_err(|refusal| failed(refusal.reason()))?,
            body,
            repeatable: true,
        };
        let most = limits::CLUSTER_MERGED_BYTES_MAX;
        let told = self.client.fetch(&request, now, most).await;
        if rest.is_empty() {
            self.changed();
        }
        let (status, answer) = told.map_err(|fault| failed(&fault.to_string()))?;
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let is_there = answer.pointer("/error/type").and_then(Value::as_str)
            == Some(ExceptionKind::ResourceAlreadyExists.type_name());
        match (method, status) {
            (_, 200..=299) | ("DELETE", 404) => Ok(answer),
            ("PUT", 400) if is_there => Ok(answer),
            _ => {
                let reason = answer.pointer("/error/reason").and_then(Value::as_str);
                Err(failed(&format!("{status} {}", reason.unwrap_or_default())))
            }
        }
    }

    /// Sends a DELETE in the name of `caller`, where the cluster is told who asks.
    ///
    /// # Errors
    /// In words: why it was not sent, or what it answered. What is to be gone may be gone already.
    async fn delete_as(
        &self,
        caller: Option<&str>,
        path: &str,
        body: &Value,
        now: Timestamp,
    ) -> Result<(), String> {
        let body = RequestBody::Memory(body.to_string().into());
        let headers = headers(&body, false, &ForwardedHead::default(), false);
        let mut headers = headers.map_err(|refusal| refusal.reason().to_owned())?;
        if let Some(caller) = caller {
            let here = Ipv4Addr::LOCALHOST.into();
            headers.extend(pool::proxy_headers(&self.settings, caller, here)?);
        }
        let request = ClusterRequest {
            method: http::Method::DELETE,
            path: path.to_owned(),
            query: String::new(),
            headers,
            body,
            repeatable: true,
        };
        let most = limits::CLUSTER_MERGED_BYTES_MAX;
        let told = self.client.fetch(&request, now, most).await;
        match told.map_err(|fault| fault.to_string())? {
            (200 | 404, _) => Ok(()),
            (status, _) => Err(format!("DELETE {path} answered {status}")),
        }
    }

    /// Looks how the cluster is: whether it is what the domain says, its health and its nodes.
    pub(crate) async fn look(&self, now: Timestamp) {
        let fault = match snapshot::service_of(&self.client, now).await {
            Ok((flavor, number)) if flavor != self.flavor() => Some(format!(
                "it is version {number}, and the domain was created with another engine"
            )),
            Ok(_) => None,
            Err(fault) => Some(fault.to_string()),
        };
        let of = self.shared.as_ref().map(|shared| format!("/{}", shared.all()));
        let path = format!("/_cluster/health{}", of.unwrap_or_default());
        let health = match &fault {
            None => snapshot::read(&self.client, &path, "", now).await.ok(),
            Some(_) => None,
        };
        let health = health.and_then(|told| observed(&told));
        match &fault {
            None => self.discover(now).await,
            Some(_) => lock(&self.nodes).clear(),
        }
        let mut known = lock(&self.fault);
        if *known != fault {
            let pool = &self.name;
            match &fault {
                Some(why) => tracing::warn!(pool, why, "the cluster cannot serve its domain"),
                None => tracing::info!(pool, "the cluster serves its domain"),
            }
            known.clone_from(&fault);
        }
        drop(known);
        *lock(&self.health) = health;
    }

    async fn discover(&self, now: Timestamp) {
        let filter = "filter_path=nodes.*.http.publish_address,nodes.*.name,nodes.*.roles";
        let Ok(told) = snapshot::read(&self.client, "/_nodes/http", filter, now).await else {
            return;
        };
        let nodes = told.get("nodes").and_then(Value::as_object).into_iter().flatten();
        *lock(&self.nodes) = nodes.clone().filter_map(|(_, node)| observed_node(node)).collect();
        if self.settings.discover {
            let addresses =
                nodes.filter_map(|(_, node)| node.pointer("/http/publish_address")?.as_str());
            self.client.discovered(&addresses.map(str::to_owned).collect::<Vec<_>>());
        }
    }

    /// Its rows of the page of metrics.
    pub(crate) fn metrics(&self, page: &mut String) {
        let labels = format!("pool=\"{}\",", self.name);
        self.client.nodes().iter().for_each(|node| node.metrics(&labels, page));
    }

    /// Refuses for a cluster that cannot serve its domain, after another look at it.
    ///
    /// # Errors
    /// Why it cannot, as the client is told.
    pub(crate) async fn check(&self, now: Timestamp) -> Result<(), Exception> {
        if self.fault().is_some() {
            self.look(now).await;
        }
        self.fault().map_or(Ok(()), |why| Err(unfit(&why)))
    }

    /// The snapshot of its indices as they are, at most a second old.
    ///
    /// # Errors
    /// Why it cannot be read, as the client is told.
    pub(crate) async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, Exception> {
        let moment = Instant::now();
        let moment = moment.checked_sub(limits::CLUSTER_METADATA_TIME).unwrap_or(moment);
        self.metadata_of(moment, now).await
    }

    /// The snapshot of its indices as they were at `moment`, or later.
    ///
    /// # Errors
    /// As [`Cluster::metadata`].
    pub(crate) async fn metadata_of(
        &self,
        moment: Instant,
        now: Timestamp,
    ) -> Result<Arc<Metadata>, Exception> {
        if let Some(metadata) = self.known_metadata(moment) {
            return Ok(metadata);
        }
        let _turn = self.renewing.lock().await;
        // Somebody else may have read it meanwhile.
        if let Some(metadata) = self.known_metadata(moment) {
            return Ok(metadata);
        }
        self.check(now).await?;
        let known = lock(&self.snapshot).clone();
        let shared = self.shared.as_ref();
        let most = self.line_bytes_max();
        let renewed = Snapshot::renewed(known.as_ref(), &self.client, (shared, most), now).await;
        let renewed = renewed.map_err(|fault| self.unreadable(&fault))?;
        let metadata = Arc::clone(&renewed.metadata);
        *lock(&self.snapshot) = Some(renewed);
        Ok(metadata)
    }

    /// What a client is told where the metadata cannot be read. What the cluster says of it may have the names of others.
    fn unreadable(&self, fault: &ClusterFault) -> Exception {
        let pool = &self.name;
        tracing::warn!(pool, %fault, "the cluster's metadata cannot be read");
        match fault {
            ClusterFault::BrokeOff(_) => {
                let reason = "the cluster's metadata cannot be read: the service's log says why";
                Exception::new(ExceptionKind::Io, reason).with_status(502)
            }
            fault => exception(fault),
        }
    }

    fn known_metadata(&self, moment: Instant) -> Option<Arc<Metadata>> {
        let moment = lock(&self.changed).map_or(moment, |changed| changed.max(moment));
        let known = lock(&self.snapshot);
        known.as_ref().filter(|known| known.is_of(moment)).map(|known| Arc::clone(&known.metadata))
    }

    /// Something was changed through this service.
    pub(crate) fn changed(&self) {
        *lock(&self.changed) = Some(Instant::now());
    }

    /// What is known of its indices, however old.
    pub(crate) fn latest_metadata(&self) -> Arc<Metadata> {
        lock(&self.snapshot).as_ref().map(|known| Arc::clone(&known.metadata)).unwrap_or_default()
    }

    /// What is done for a judged request.
    ///
    /// # Errors
    /// As [`rewrite::rewrite`].
    pub(crate) fn plan(
        &self,
        parsed: &Parsed,
        body: &Bytes,
        grants: &Grants,
        metadata: &Metadata,
        now: Timestamp,
    ) -> Result<Plan, Exception> {
        let kept = &self.kept(parsed, &grants.owner, now)?;
        let (line_bytes_max, shared) = (self.line_bytes_max(), self.shared());
        let plan = rewrite::rewrite(&JudgedRequest {
            parsed,
            body,
            grants,
            metadata,
            now,
            kept,
            line_bytes_max,
            shared,
        })?;
        self.planned(plan, parsed)
    }

    /// A plan under the names that the domain's indices have at the cluster.
    ///
    /// # Errors
    /// 501 for what cannot be said exactly where other domains share it.
    pub(crate) fn planned(&self, plan: Plan, parsed: &Parsed) -> Result<Plan, Exception> {
        match (plan, &self.shared) {
            (Plan::Sent(sent), Some(shared)) => {
                let sent = shared.request(parsed, *sent, self.line_bytes_max())?;
                Ok(Plan::Sent(Box::new(sent)))
            }
            (plan, _) => Ok(plan),
        }
    }

    /// The domain's names there, where other domains have indices, too.
    pub(crate) fn shared(&self) -> Option<&SharedNames> {
        self.shared.as_ref()
    }

    /// Whether other domains have indices there.
    pub(crate) fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Lines of a `_bulk` under the names that the domain's indices have at the cluster.
    ///
    /// # Errors
    /// As [`Cluster::planned`].
    pub(crate) fn bulk_lines(&self, lines: Vec<u8>) -> Result<Bytes, Exception> {
        match &self.shared {
            Some(shared) => shared.bulk_lines(&lines),
            None => Ok(lines.into()),
        }
    }

    /// The paths of all that the domain has at a cluster that it shares; of each whether blocks keep it from being deleted.
    ///
    /// # Errors
    /// Why the cluster does not tell.
    pub(crate) async fn own_paths(
        &self,
        now: Timestamp,
    ) -> Result<Vec<(String, bool)>, ClusterFault> {
        let Some(shared) = &self.shared else { return Ok(Vec::new()) };
        let filter = "filter_path=metadata.indices.*.state,metadata.indices.*.settings.index.blocks,metadata.templates.*.order,\
            metadata.index_template.index_template.*.index_patterns,\
            metadata.component_template.component_template.*.template";
        let state = snapshot::read(&self.client, "/_cluster/state/metadata", filter, now).await?;
        let kinds = [
            ("/metadata/indices", "/"),
            ("/metadata/templates", "/_template/"),
            ("/metadata/index_template/index_template", "/_index_template/"),
            ("/metadata/component_template/component_template", "/_component_template/"),
        ];
        let mut paths = Vec::new();
        for (place, path) in kinds {
            let named = state.pointer(place).and_then(Value::as_object).into_iter().flatten();
            for (name, told) in named.filter(|(name, _)| shared.bare(name).is_some()) {
                let mut path = path.to_owned();
                encode(&mut path, name, b"");
                paths.push((path, told.pointer("/settings/index/blocks").is_some()));
            }
        }
        Ok(paths)
    }

    /// The longest request line that it reads.
    pub(crate) fn line_bytes_max(&self) -> usize {
        self.settings.request_line_bytes_max
    }

    /// Whether it is told who asks.
    pub(crate) fn names_callers(&self) -> bool {
        !self.settings.proxy_roles.is_empty()
    }

    /// Sends what was planned for `owner`, and makes the client's answer of the cluster's; `filed`: the body, where it is in a
    /// file.
    ///
    /// # Errors
    /// What the client is told where the cluster gave no answer that can be used.
    pub(crate) async fn send(
        &self,
        sent: SentRequest,
        filed: Option<RequestBody>,
        head: &ForwardedHead,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Result<ClusterAnswer, Exception> {
        let SentRequest { method, path, query, body, lines, answer, hides, repeatable, names } =
            sent;
        // What is read here comes as plain JSON: an error that may name a hidden index, too.
        let passed = answer == AnswerPlan::Passed && hides.is_empty() && names.is_none();
        let body = filed.unwrap_or(RequestBody::Memory(body));
        let mut headers = headers(&body, lines, head, passed)?;
        if let Some((caller, address)) = &head.caller {
            let said = pool::proxy_headers(&self.settings, caller, *address);
            headers.extend(said.map_err(|why| exception(&ClusterFault::Unsendable(why)))?);
        }
        let method = http::Method::from_bytes(method.name().as_bytes())
            .map_err(|_| Exception::illegal_argument("a method that is none"))?;
        let request = ClusterRequest { method, path, query, headers, body, repeatable };
        let opener = head.caller.as_ref().map(|(caller, _)| caller.as_str());
        let opened = self.reserve(&answer, opener, owner, now)?;
        let received = match self.client.send(&request, now).await {
            Ok(answered) => {
                let node = head.traceparent.map(|_| answered.busy.node().name());
                let received = self.receive(answered, &answer, opened.as_deref(), owner, now).await;
                match received {
                    Ok(received) => {
                        let received = ClusterAnswer { node, ..received };
                        let owned = match self.shared.as_ref().zip(names) {
                            Some((shared, names)) => received::own(received, shared, names).await,
                            None => Ok(received),
                        };
                        match owned {
                            Ok(received) => received::without(received, &hides).await,
                            Err(fault) => Err(fault),
                        }
                    }
                    Err(fault) => Err(fault),
                }
            }
            Err(fault) => Err(exception(&fault)),
        };
        let failed = received.as_ref().map_or(true, |answer| answer.status >= 400);
        if let (Some(id), true, AnswerPlan::Opens { sort, .. }) = (&opened, failed, &answer) {
            self.cursors(*sort).close(Some(&[id]), owner, now);
        }
        received
    }

    /// What is answered of cursors that a request closes at the cluster. One that the cluster did not close is closed by the next try.
    async fn closed(
        &self,
        (sort, ids): (CursorSort, &[String]),
        status: http::StatusCode,
        mut body: ClusterBody,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Result<Bytes, Exception> {
        let well = status.is_success();
        if well || status == http::StatusCode::NOT_FOUND {
            let listed: Vec<&str> = ids.iter().map(String::as_str).collect();
            self.close(sort, &listed, owner, now);
        }
        let whole = body.rest(Vec::new(), limits::CLUSTER_MERGED_BYTES_MAX).await;
        let whole = whole.map_err(|error| exception(&ClusterFault::BrokeOff(error.to_string())))?;
        if sort != CursorSort::Pit {
            return Ok(whole.into());
        }
        // The cluster tells its own names.
        let pit = |id| json!({ "successful": well, "pit_id": id });
        let pits: Vec<Value> = ids.iter().map(pit).collect();
        Ok(json!({ "pits": pits }).to_string().into())
    }

    async fn receive(
        &self,
        answered: client::cluster::ClusterResponse,
        plan: &AnswerPlan,
        opened: Option<&str>,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Result<ClusterAnswer, Exception> {
        let silence_max = Duration::from_secs(self.settings.answer_seconds.into());
        let (parts, mut body) = ClusterBody::of(answered, silence_max);
        let mut answer = received::head(&parts);
        let well = parts.status.is_success();
        let broke = |error: std::io::Error| exception(&ClusterFault::BrokeOff(error.to_string()));
        match plan {
            AnswerPlan::Merged { list, kept_back, fails } if well => {
                let most = limits::CLUSTER_MERGED_BYTES_MAX;
                let whole = body.rest(Vec::new(), most).await.map_err(broke)?;
                let merged = answers::merged(&whole, list, kept_back, *fails);
                let merged = merged.map_err(|why| exception(&ClusterFault::BrokeOff(why)))?;
                answer.body = merged.into();
            }
            AnswerPlan::Closes { sort, ids } => {
                answer.body = self.closed((*sort, ids), parts.status, body, owner, now).await?;
            }
            AnswerPlan::Opens { sort, .. } if well => {
                let (key, id) = (sort.opened_as(), opened.unwrap_or_default());
                let name = |known: &str| self.first_name(*sort, id, owner, known, now);
                let is_named = match sort {
                    CursorSort::Scroll => {
                        received::perhaps_named(&mut body, &mut answer, key, name).await?
                    }
                    CursorSort::Pit | CursorSort::ElasticsearchPit => {
                        received::named(&mut body, &mut answer, key, name).await?;
                        true
                    }
                };
                if is_named {
                    answer.rest = Some(Box::new(body.boxed_unsync()));
                } else {
                    self.cursors(*sort).close(Some(&[id]), owner, now);
                }
            }
            AnswerPlan::Continues { sort, id, milliseconds } if well => {
                let name =
                    |known: &str| self.next_name((*sort, id), owner, *milliseconds, known, now);
                received::named(&mut body, &mut answer, sort.continued_as(), name).await?;
                answer.rest = Some(Box::new(body.boxed_unsync()));
            }
            AnswerPlan::Continues { id, .. } if answer.status == 404 => {
                let most = limits::CLUSTER_MERGED_BYTES_MAX;
                answer.body = body.rest(Vec::new(), most).await.map_err(broke)?.into();
                // What the search looks up may be missing, too.
                let missing = ExceptionKind::SearchContextMissing.type_name();
                if answers::names(&String::from_utf8_lossy(&answer.body), missing) {
                    self.lost(id, owner, now);
                }
            }
            _ => answer.rest = Some(Box::new(body.boxed_unsync())),
        }
        Ok(answer)
    }
}

/// The headers of a request: these, and no other that a client sent.
fn headers(
    body: &RequestBody,
    lines: bool,
    head: &ForwardedHead,
    passed: bool,
) -> Result<HeaderMap, Exception> {
    let mut headers = HeaderMap::new();
    if body.length() > 0 {
        let kind = if lines { "application/x-ndjson" } else { "application/json" };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    let wrong = |name: &str| Exception::illegal_argument(format!("[{name}] is no header's value"));
    if let Some(accept) = head.accept.as_deref().filter(|_| passed) {
        headers.insert(ACCEPT, HeaderValue::from_str(accept).map_err(|_| wrong("Accept"))?);
    }
    if passed && head.accepts_gzip {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Some(id) = &head.opaque_id {
        let value = HeaderValue::from_str(id).map_err(|_| wrong("X-Opaque-Id"))?;
        headers.insert(HeaderName::from_static("x-opaque-id"), value);
    }
    if let Some(parent) = head.traceparent {
        let value = HeaderValue::from_str(&parent.to_string()).map_err(|_| wrong("traceparent"))?;
        headers.insert(HeaderName::from_static("traceparent"), value);
    }
    Ok(headers)
}

/// A node of `_nodes`, as the control plane tells it.
fn observed_node(node: &Value) -> Option<control::ObservedNode> {
    let roles = node.get("roles").and_then(Value::as_array).into_iter().flatten();
    let mut roles = roles.filter_map(Value::as_str);
    Some(control::ObservedNode {
        id: node.get("name")?.as_str()?.to_owned(),
        is_data: roles.clone().any(|role| role.starts_with("data")),
        is_manager: roles.any(|role| role == "master" || role == "cluster_manager"),
        available: true,
    })
}

/// `_cluster/health`, as the control plane tells it.
fn observed(told: &Value) -> Option<control::ObservedHealth> {
    let status = control::HealthStatus::read(told.get("status")?.as_str()?);
    let count = |key: &str| told.get(key).and_then(Value::as_u64).unwrap_or_default();
    Some(control::ObservedHealth {
        status,
        shards: count("active_primary_shards"),
        unassigned: count("unassigned_shards"),
    })
}

/// A fault of the cluster, in Elasticsearch's shape: 502, 503 or 504, and whose fault it is.
fn exception(fault: &ClusterFault) -> Exception {
    let (kind, status) = match fault {
        ClusterFault::Unreachable(_) | ClusterFault::Unsendable(_) => (ExceptionKind::Io, 503),
        ClusterFault::TimedOut(_) => (ExceptionKind::Timeout, 504),
        ClusterFault::BrokeOff(_) => (ExceptionKind::Io, 502),
    };
    Exception::new(kind, format!("the cluster behind this domain: {fault}")).with_status(status)
}

fn unfit(why: &str) -> Exception {
    let reason = format!("the cluster behind this domain cannot serve it: {why}");
    Exception::new(ExceptionKind::Io, reason).with_status(503)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
