//! The cluster that a domain moves to, and what it is asked. To ask it takes the permit of the move.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use client::cluster::{ClusterClient, ClusterRequest};
use engine::OutgoingDocument;
use engine::rest::{Flavor, encode};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::fault::MoveFault;
use crate::clusters;
use crate::guards::limits;
use crate::service::backends::MoveDomain;
use crate::service::clock::Clock;
use crate::service::state::ServiceState;
use crate::settings::PoolSettings;
use crate::walk::authorize::permit::Permit;

/// The first pause before a cluster that does not answer is asked again, and the longest: each is twice the one before.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// The cluster.
pub(super) struct MoveTarget {
    client: ClusterClient,
    clock: Clock,
    /// How long it may be out of reach.
    patience: Duration,
    /// That it may be asked.
    _permit: Arc<Permit<MoveDomain>>,
}

/// An answer.
pub(super) struct TargetAnswer {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl TargetAnswer {
    /// Whether there is no such thing.
    pub(super) fn is_missing(&self) -> bool {
        self.status == 404
    }

    /// What kind of refusal it is.
    pub(super) fn kind(&self) -> &str {
        self.body.pointer("/error/type").and_then(Value::as_str).unwrap_or_default()
    }

    /// The reason of a refusal.
    pub(super) fn reason(&self) -> String {
        let reason = self.body.pointer("/error/reason").and_then(Value::as_str);
        let text = reason.map_or_else(|| self.body.to_string(), str::to_owned);
        let causes = self.body.pointer("/error/root_cause/0/reason").and_then(Value::as_str);
        let cause = self.body.pointer("/error/caused_by/reason").and_then(Value::as_str);
        let cause = cause.or(causes).filter(|cause| !text.contains(cause));
        let text = cause.map_or(text.clone(), |cause| format!("{text}: {cause}"));
        text.chars().take(1_000).collect()
    }

    /// The body of a good answer.
    pub(super) fn good(self, what: &str) -> Result<Value, MoveFault> {
        if self.status < 300 {
            return Ok(self.body);
        }
        Err(MoveFault::Refused(what.to_owned(), self.status, self.reason()))
    }
}

/// What goes with a request.
pub(super) enum Sent {
    Nothing,
    Json(Value),
    /// Lines of JSON.
    Lines(Bytes),
}

impl MoveTarget {
    /// The cluster of a pool.
    pub(super) async fn open(
        pool: &PoolSettings,
        permit: &Arc<Permit<MoveDomain>>,
        state: &ServiceState,
    ) -> Result<Self, MoveFault> {
        let client = clusters::pool_client(pool).await.map_err(MoveFault::Unfit)?;
        let (clock, patience) = (state.clock, state.times.move_patience);
        Ok(Self { client, clock, patience, _permit: Arc::clone(permit) })
    }

    /// The same, which may be out of reach for so long.
    pub(super) fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Which service it is.
    pub(super) async fn service(&self) -> Result<(Flavor, String), MoveFault> {
        let told = clusters::service_of(&self.client, self.clock.now()).await;
        told.map_err(|fault| MoveFault::Lost(fault.to_string()))
    }

    /// What it calls itself, whatever its addresses are; `None` while it does not say.
    pub(super) async fn uuid(&self) -> Result<Option<String>, MoveFault> {
        Ok(clusters::said_uuid(&self.read("/", "filter_path=cluster_uuid").await?))
    }

    /// Asks it. What is asked here may be asked twice, so it is asked again while the cluster does not answer.
    pub(super) async fn ask(
        &self,
        method: http::Method,
        path: String,
        query: &str,
        sent: Sent,
    ) -> Result<TargetAnswer, MoveFault> {
        self.asked((method, path, query), sent, self.patience).await
    }

    /// Asks it once, for what is not to be done twice.
    pub(super) async fn ask_once(
        &self,
        method: http::Method,
        path: String,
    ) -> Result<TargetAnswer, MoveFault> {
        self.asked((method, path, ""), Sent::Nothing, Duration::ZERO).await
    }

    async fn asked(
        &self,
        (method, path, query): (http::Method, String, &str),
        sent: Sent,
        patience: Duration,
    ) -> Result<TargetAnswer, MoveFault> {
        let mut headers = HeaderMap::new();
        let body = match sent {
            Sent::Nothing => Bytes::new(),
            Sent::Json(value) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                value.to_string().into()
            }
            Sent::Lines(lines) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
                lines
            }
        };
        let query = query.to_owned();
        let body = body.into();
        let repeatable = !patience.is_zero();
        let request = ClusterRequest { method, path, query, headers, body, repeatable };
        let (mut pause, pause_max) = PAUSES;
        let begun = Instant::now();
        loop {
            let most = limits::CLUSTER_METADATA_BYTES_MAX;
            let answered = self.client.fetch(&request, self.clock.now(), most).await;
            let patient = begun.elapsed() + pause < patience;
            match answered {
                // It is too busy, or has no elected node at the moment.
                Ok((429 | 503, _)) if patient => {}
                Ok((status, body)) => {
                    let body = serde_json::from_slice(&body).unwrap_or_else(|_| {
                        String::from_utf8_lossy(&body).chars().take(300).collect::<String>().into()
                    });
                    return Ok(TargetAnswer { status, body });
                }
                Err(fault) if !patient => return Err(MoveFault::Lost(fault.to_string())),
                Err(_) => {}
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(pause_max);
        }
    }

    /// A page of what it says of itself; nothing where it has none.
    pub(super) async fn read(&self, path: &str, query: &str) -> Result<Value, MoveFault> {
        let answer = self.ask(http::Method::GET, path.to_owned(), query, Sent::Nothing).await?;
        if answer.is_missing() {
            return Ok(Value::Null);
        }
        answer.good(&format!("GET {path}"))
    }

    /// Removes something that may not be there.
    pub(super) async fn remove(&self, path: String) -> Result<(), MoveFault> {
        let what = format!("DELETE {path}");
        let answer = self.ask(http::Method::DELETE, path, "", Sent::Nothing).await?;
        if answer.is_missing() { Ok(()) } else { answer.good(&what).map(drop) }
    }

    /// The names of its indices, aliases and data streams, but for those of its own.
    pub(super) async fn names(&self) -> Result<BTreeSet<String>, MoveFault> {
        let filter = "filter_path=metadata.indices.*.aliases,metadata.data_stream";
        let state = self.read("/_cluster/state/metadata", filter).await?;
        let indices = state.pointer("/metadata/indices").and_then(Value::as_object);
        let mut names = BTreeSet::new();
        for (name, index) in indices.into_iter().flatten() {
            names.insert(name.clone());
            let aliases = index.get("aliases").and_then(Value::as_array).into_iter().flatten();
            names.extend(aliases.filter_map(Value::as_str).map(str::to_owned));
        }
        let streams = state.pointer("/metadata/data_stream/data_stream").and_then(Value::as_object);
        names.extend(streams.into_iter().flatten().map(|(name, _)| name.clone()));
        Ok(names)
    }

    /// The uuid of an index; none where there is no such.
    pub(super) async fn uuid_of(&self, index: &str) -> Result<Option<String>, MoveFault> {
        let path = format!("{}/_settings/index.uuid", path_of("/", index));
        let told = self.read(&path, "flat_settings=true").await?;
        let uuid = told.get(index).and_then(|index| index.pointer("/settings/index.uuid"));
        Ok(uuid.and_then(Value::as_str).map(str::to_owned))
    }
}

/// `name` behind `path`, as a request line has it.
pub(super) fn path_of(path: &str, name: &str) -> String {
    let mut whole = path.to_owned();
    encode(&mut whole, name, b"");
    whole
}

/// A document as `_mget` is asked for it.
pub(super) fn asked_by_id(document: &OutgoingDocument) -> Value {
    match &document.routing {
        Some(routing) => json!({"_id": document.id, "routing": routing}),
        None => json!({"_id": document.id}),
    }
}

/// Settings as a request has them: null takes one away.
pub(super) fn settings_body<'s>(
    settings: impl Iterator<Item = (&'s String, Option<&'s String>)>,
) -> Value {
    let pairs = settings.map(|(key, value)| (key.clone(), json!(value)));
    Value::Object(pairs.collect())
}
