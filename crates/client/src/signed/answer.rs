//! An answer, whose body streams.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ClientFault;
use crate::chain::causes;
use crate::outbound::EndpointResponse;

/// Bytes of an answer that is read whole.
const WHOLE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Bytes of a refusal that are told where it is no JSON.
const TOLD_BYTES_MAX: usize = 300;

/// An answer: its head is there, and its body comes as it is asked for.
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Incoming,
    piece_time_max: Duration,
}

impl Answer {
    pub(super) fn new(response: EndpointResponse, piece_time_max: Duration) -> Self {
        let (head, body) = response.into_parts();
        Self { status: head.status, headers: head.headers, body, piece_time_max }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The next piece of the body; none at its end.
    ///
    /// # Errors
    /// [`ClientFault::BrokeOff`], [`ClientFault::TimedOut`].
    pub async fn piece(&mut self) -> Result<Option<Bytes>, ClientFault> {
        loop {
            let frame = tokio::time::timeout(self.piece_time_max, self.body.frame()).await;
            let Some(frame) = frame.map_err(|_elapsed| ClientFault::TimedOut)? else {
                return Ok(None);
            };
            let frame = frame.map_err(|error| ClientFault::BrokeOff(causes(&error)))?;
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
    }

    /// The whole body, of at most 256 MiB.
    ///
    /// # Errors
    /// As [`Answer::piece`]; [`ClientFault::Unreadable`] where it is longer.
    pub async fn bytes(mut self) -> Result<Vec<u8>, ClientFault> {
        let mut whole = Vec::new();
        while let Some(piece) = self.piece().await? {
            if whole.len() + piece.len() > WHOLE_BYTES_MAX {
                let why = format!("it is longer than {WHOLE_BYTES_MAX} bytes");
                return Err(ClientFault::Unreadable(why));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    /// The whole body, read as JSON.
    ///
    /// # Errors
    /// As [`Answer::bytes`]; [`ClientFault::Unreadable`] where it is other JSON, or none.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, ClientFault> {
        let whole = self.bytes().await?;
        serde_json::from_slice(&whole).map_err(|error| ClientFault::Unreadable(error.to_string()))
    }

    /// This answer, if its status is one of success.
    ///
    /// # Errors
    /// [`ClientFault::Refused`], with what the body says.
    pub async fn ok(self) -> Result<Self, ClientFault> {
        if self.status.is_success() {
            return Ok(self);
        }
        let status = self.status();
        let body = self.bytes().await?;
        let told: Value = serde_json::from_slice(&body).unwrap_or_default();
        let text = |place: &str| told.pointer(place).and_then(Value::as_str).map(str::to_owned);
        // Amazon's front end and its policies say `message` and `Message`.
        let places = ["/error/reason", "/error", "/message", "/Message"];
        let reason = places.into_iter().find_map(text);
        let plain = body.get(..TOLD_BYTES_MAX).unwrap_or(&body);
        let reason = reason.unwrap_or_else(|| String::from_utf8_lossy(plain).into_owned());
        Err(ClientFault::Refused { status, kind: text("/error/type"), reason })
    }
}
