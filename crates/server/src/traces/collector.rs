//! A collector of OpenTelemetry's, as traces and audit records are sent to it: by OTLP over HTTP.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use client::endpoint::Endpoint;
use client::https::{self, HttpsClient};
use client::spool::RequestBody;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Uri};

use crate::settings::TraceSettings;

/// How long the collector may take.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);

/// Pauses before a collector that is busy or away is asked again.
pub(super) const PAUSES: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// Sends to one path of a collector.
pub(super) struct Collector {
    http: HttpsClient,
    url: Uri,
    authorization: Option<HeaderValue>,
}

/// Reads what the settings name on the disk.
///
/// # Errors
/// In words: what cannot be used.
pub(crate) fn check(settings: &TraceSettings) -> Result<(), String> {
    Collector::of(settings, "/").map(drop)
}

/// Why a collector took nothing.
struct Untaken {
    why: String,
    /// Whether it may take it later.
    later: bool,
}

impl Collector {
    /// The collector of the settings, where it takes what goes to `path`; none where there is none.
    pub(super) fn of(settings: &TraceSettings, path: &str) -> Result<Option<Self>, String> {
        let Some(endpoint) = &settings.endpoint else { return Ok(None) };
        let endpoint = Endpoint::parse(endpoint).map_err(|error| error.to_string())?;
        let url = endpoint.url(path).map_err(|error| error.to_string())?;
        let authorization =
            settings.authorization_file.as_deref().map(authorization).transpose()?;
        // Loopback without TLS needs no authorities, and there may be none.
        let tls = match endpoint.is_tls() {
            true => https::trust(settings.ca.as_deref())?,
            false => https::trusting_nobody()?,
        };
        Ok(Some(Self { http: HttpsClient::new(tls), url, authorization }))
    }

    /// Sends `body`, once more after each pause; why it was not taken.
    pub(super) async fn send(&self, body: String, pauses: &[Duration]) -> Option<String> {
        let body = RequestBody::Memory(Bytes::from(body));
        let mut pauses = pauses.iter();
        loop {
            match self.post(&body).await {
                Ok(()) => return None,
                Err(Untaken { why, later }) => match pauses.next().filter(|_| later) {
                    Some(pause) => tokio::time::sleep(*pause).await,
                    None => return Some(why),
                },
            }
        }
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

/// The value of `Authorization` in a file, without white space around it.
fn authorization(file: &Path) -> Result<HeaderValue, String> {
    let unreadable = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let text =
        zeroize::Zeroizing::new(std::fs::read_to_string(file).map_err(|error| unreadable(&error))?);
    let mut value = HeaderValue::from_str(text.trim()).map_err(|error| unreadable(&error))?;
    value.set_sensitive(true);
    Ok(value)
}
