//! Signed requests to a control plane, and their answers in JSON.

use bytes::Bytes;
use client::endpoint::Endpoint;
use client::outbound::{Outbound, UnsignedRequest};
use client::spool::HashedBody;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;

use crate::Failure;
use crate::outbound::{self, Signing};

/// A control plane.
pub(super) struct ControlPlane {
    outbound: Outbound,
    /// Its URL, for people.
    pub(super) url: String,
}

/// What it answers.
pub(super) struct ControlAnswer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

/// Why it answers nothing.
#[derive(Debug)]
pub(super) struct NoAnswer(String);

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoAnswer {}

impl ControlAnswer {
    /// The words of a refusal.
    pub(super) fn told(&self) -> String {
        let text = ["message", "Message"].iter().find_map(|key| self.body.get(key)?.as_str());
        text.map_or_else(|| self.body.to_string(), str::to_owned)
    }
}

impl ControlPlane {
    /// The one at `endpoint`; without, at `AWS_ENDPOINT_URL`.
    pub(super) async fn open(endpoint: Option<&str>, signing: &Signing) -> Result<Self, Failure> {
        let named = std::env::var("AWS_ENDPOINT_URL").ok().filter(|url| !url.is_empty());
        let url = endpoint.map(str::to_owned).or(named).ok_or(
            "AWS_ENDPOINT_URL is not set: eval \"$(cat DIR/env)\" first, or say --endpoint https://HOST:PORT, where the control plane is",
        )?;
        let parsed = Endpoint::parse(url.trim_end_matches('/'))?;
        let (outbound, _) = outbound::open(signing, parsed).await?;
        Ok(Self { outbound, url })
    }

    /// Asks it.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &str,
        body: Option<&Value>,
    ) -> Result<ControlAnswer, NoAnswer> {
        let text = body.map(Value::to_string).unwrap_or_default();
        let kind = body.map(|_| "application/json");
        let (status, bytes) = self.send(method, path, query, kind, text).await?;
        let value = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into_owned().into());
        Ok(ControlAnswer { status, body: value })
    }

    /// The account of whoever asks, where this was opened to ask `sts`.
    pub(super) async fn account(&self) -> Result<String, Failure> {
        let (form, kind) =
            ("Action=GetCallerIdentity&Version=2011-06-15", "application/x-www-form-urlencoded");
        let (status, told) = self.send(Method::POST, "/", "", Some(kind), form.to_owned()).await?;
        let told = String::from_utf8_lossy(&told);
        let account = told.split_once("<Account>").and_then(|(_, rest)| rest.split_once('<'));
        let account =
            account.filter(|_| status.is_success()).map(|(account, _)| account.to_owned());
        let refused =
            || format!("{} answers {} to sts:GetCallerIdentity: {told}", self.url, status.as_u16());
        Ok(account.ok_or_else(refused)?)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        query: &str,
        kind: Option<&'static str>,
        text: String,
    ) -> Result<(StatusCode, Bytes), NoAnswer> {
        let mut headers = HeaderMap::new();
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        let (path, query) = (path.to_owned(), query.to_owned());
        let body = HashedBody::of(text.into());
        let unsigned = UnsignedRequest { method, path, query, headers, body };
        let failed = |why: String| NoAnswer(format!("{}: {why}", self.url));
        let answer = self.outbound.send(unsigned, outbound::now()).await;
        let (head, body) = answer.map_err(|error| failed(error.to_string()))?.into_parts();
        let body = body.collect().await.map_err(|error| failed(error.to_string()))?.to_bytes();
        Ok((head.status, body))
    }
}
