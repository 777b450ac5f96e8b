//! The way to the collector: a few hundred traces at a time, by OTLP over HTTP.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use client::endpoint::Endpoint;
use client::https::{self, HttpsClient};
use client::spool::RequestBody;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Uri};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::{Counts, Message, Trace, otlp};
use crate::guards::limits;
use crate::settings::TraceSettings;

/// Where spans are taken: the path that OTLP's exporters append to an endpoint.
const PATH: &str = "/v1/traces";

/// How long traces are gathered.
const GATHER_TIME: Duration = Duration::from_secs(2);

/// How long the collector may take.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);

/// Pauses before a collector that is busy or away is asked again.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// Sends traces.
pub(super) struct Exporter {
    http: HttpsClient,
    url: Uri,
    authorization: Option<HeaderValue>,
}

/// Reads what the settings name on the disk.
///
/// # Errors
/// In words: what cannot be used.
pub(crate) fn check(settings: &TraceSettings) -> Result<(), String> {
    Exporter::of(settings).map(drop)
}

/// Why a collector took nothing.
struct Untaken {
    why: String,
    /// Whether it may take it later.
    later: bool,
}

impl Exporter {
    /// To the collector of the settings; none where there is none.
    pub(super) fn of(settings: &TraceSettings) -> Result<Option<Self>, String> {
        let Some(endpoint) = &settings.endpoint else { return Ok(None) };
        let endpoint = Endpoint::parse(endpoint).map_err(|error| error.to_string())?;
        let url = endpoint.url(PATH).map_err(|error| error.to_string())?;
        let authorization =
            settings.authorization_file.as_deref().map(authorization).transpose()?;
        // Loopback without TLS needs no authorities, and there may be none.
        let tls = match endpoint.is_tls() {
            true => https::trust(settings.ca.as_deref())?,
            false => https::trusting_nobody()?,
        };
        Ok(Some(Self { http: HttpsClient::new(tls), url, authorization }))
    }

    /// Sends what ends, until nobody is left who could end anything.
    pub(super) async fn run(self, mut ended: mpsc::Receiver<Message>, counts: Arc<Counts>) {
        let mut gathered = Vec::new();
        while let Some(message) = ended.recv().await {
            let mut flushed = take(message, &mut gathered);
            let until = Instant::now() + GATHER_TIME;
            while flushed.is_none() && gathered.len() < limits::TRACES_AT_ONCE_MAX {
                match tokio::time::timeout_at(until, ended.recv()).await {
                    Ok(Some(message)) => flushed = take(message, &mut gathered),
                    Ok(None) | Err(_) => break,
                }
            }
            let pauses = if flushed.is_some() { &[][..] } else { &PAUSES[..] };
            if !gathered.is_empty() {
                self.send(&gathered, pauses, &counts).await;
                gathered.clear();
            }
            flushed.map(|told| told.send(()));
        }
    }

    async fn send(&self, traces: &[Trace], pauses: &[Duration], counts: &Counts) {
        let body = RequestBody::Memory(Bytes::from(otlp::body(traces)));
        let mut pauses = pauses.iter();
        let fault = loop {
            match self.post(&body).await {
                Ok(()) => break None,
                Err(Untaken { why, later }) => match pauses.next().filter(|_| later) {
                    Some(pause) => tokio::time::sleep(*pause).await,
                    None => break Some(why),
                },
            }
        };
        let count = if fault.is_none() { &counts.exported } else { &counts.failed };
        count.fetch_add(traces.len() as u64, Relaxed);
        let mut known = counts.fault.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match (&*known, &fault) {
            (None, Some(why)) => tracing::warn!(why, "the collector takes no traces"),
            (Some(_), None) => tracing::info!("the collector takes traces again"),
            _ => {}
        }
        *known = fault;
    }

    async fn post(&self, body: &RequestBody) -> Result<(), Untaken> {
        let mut request = Request::new(body.to_body());
        *request.method_mut() = Method::POST;
        request.uri_mut().clone_from(&self.url);
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        let away = |why: String| Untaken { why: format!("{}: {why}", self.url), later: true };
        let answered = tokio::time::timeout(ANSWER_TIME_MAX, self.http.send(request)).await;
        let answered = answered.map_err(|_elapsed| away("no answer in time".to_owned()))?;
        let status = answered.map_err(|fault| away(fault.why))?.status();
        // Which answers are worth another try, the protocol says.
        let later = matches!(status.as_u16(), 429 | 502..=504);
        match status.is_success() {
            true => Ok(()),
            false => Err(Untaken { later, ..away(format!("it answered {status}")) }),
        }
    }
}

/// Gathers a trace; whoever waits until all are sent is given back.
fn take(message: Message, gathered: &mut Vec<Trace>) -> Option<oneshot::Sender<()>> {
    match message {
        Message::Ended(trace) => {
            gathered.push(*trace);
            None
        }
        Message::Flush(told) => Some(told),
    }
}

/// The value of `Authorization` in a file, without white space around it.
fn authorization(file: &Path) -> Result<HeaderValue, String> {
    let unreadable = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let text =
        zeroize::Zeroizing::new(std::fs::read_to_string(file).map_err(|error| unreadable(&error))?);
    let mut value = HeaderValue::from_str(text.trim()).map_err(|error| unreadable(&error))?;
    value.set_sensitive(true);
    Ok(value)
}
