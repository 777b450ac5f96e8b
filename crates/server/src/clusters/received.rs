//! What is passed on of a cluster's answer: its head, no name that the caller may not know, and our names of cursors for its own.

use bytes::Bytes;
use client::cluster::ClusterFault;
use engine::exception::Exception;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use http_body_util::{BodyExt, Limited};

use super::answers::{self, NamePlace};
use super::body::ClusterBody;
use super::exception;
use super::shared::{AnswerNames, SharedNames};
use crate::guards::answers::AnswerRest;
use crate::guards::limits;

/// What came of a request.
pub(crate) struct ClusterAnswer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) content_type: String,
    /// The body, or its beginning.
    pub(crate) body: Bytes,
    /// What follows.
    pub(crate) rest: Option<AnswerRest>,
    /// Which node answered, where the request is traced.
    pub(crate) node: Option<String>,
}

impl From<engine::Response> for ClusterAnswer {
    /// An answer for which the cluster was not asked.
    fn from(response: engine::Response) -> Self {
        Self {
            status: response.status,
            headers: response.headers,
            content_type: response.content_type.to_owned(),
            body: response.body,
            rest: None,
            node: None,
        }
    }
}

/// Headers of a cluster's answers that are passed on. No cookie, no challenge, nothing about its connection.
const PASSED_HEADERS: &[&str] = &[
    "allow",
    "content-encoding",
    "deprecation",
    "location",
    "vary",
    "warning",
    "x-elastic-product",
];

/// The head of an answer, as far as it is passed on.
pub(super) fn head(parts: &http::response::Parts) -> ClusterAnswer {
    let text = |name: &HeaderName| {
        parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let mut headers = Vec::new();
    for name in PASSED_HEADERS {
        let value = text(&HeaderName::from_static(name));
        // A place on the cluster itself is none here; a path is.
        let value = value.filter(|value| {
            *name != "location" || (value.starts_with('/') && !value.starts_with("//"))
        });
        headers.extend(value.map(|value| (*name, value)));
    }
    // Of the answer to a HEAD the length is all that there is.
    headers.extend(text(&CONTENT_LENGTH).map(|value| ("content-length", value)));
    ClusterAnswer {
        status: parts.status.as_u16(),
        headers,
        content_type: text(&CONTENT_TYPE).unwrap_or_default(),
        body: Bytes::new(),
        rest: None,
        node: None,
    }
}

/// This answer; an error that names what is to be hidden, in other words.
pub(super) async fn without(
    mut answer: ClusterAnswer,
    hidden: &[String],
) -> Result<ClusterAnswer, Exception> {
    if answer.status < 400 || hidden.is_empty() {
        return Ok(answer);
    }
    let broke = |why: &dyn std::fmt::Display| exception(&ClusterFault::BrokeOff(why.to_string()));
    if let Some(rest) = answer.rest.take() {
        let limited = Limited::new(rest, limits::CLUSTER_MERGED_BYTES_MAX);
        let whole = limited.collect().await.map_err(|error| broke(&error))?;
        answer.body = whole.to_bytes();
    }
    let text = String::from_utf8_lossy(&answer.body);
    if hidden.iter().any(|name| answers::names(&text, name)) {
        let reason = "the cluster refuses it because of an index that you may not know of";
        return Err(Exception::illegal_argument(reason).with_status(answer.status));
    }
    Ok(answer)
}

/// An answer of a cluster that several domains share, with the domain's own names. It is read whole.
pub(super) async fn own(
    mut answer: ClusterAnswer,
    shared: &SharedNames,
    names: AnswerNames,
) -> Result<ClusterAnswer, Exception> {
    let broke = |why: String| exception(&ClusterFault::BrokeOff(why));
    if let Some(rest) = answer.rest.take() {
        let most = limits::CLUSTER_MERGED_BYTES_MAX.saturating_sub(answer.body.len());
        let whole = Limited::new(rest, most).collect().await;
        let whole = whole.map_err(|error| broke(error.to_string()))?.to_bytes();
        answer.body = [&*answer.body, &*whole].concat().into();
    }
    for (_, value) in &mut answer.headers {
        *value = shared.text(value);
    }
    if answer.body.is_empty() {
        return Ok(answer);
    }
    let is_json = answer.content_type.starts_with("application/json");
    let told = shared.answer(names, answer.status >= 400, is_json, &answer.body).map_err(broke)?;
    answer.headers.retain(|(name, _)| *name != "content-length");
    answer.body = told.into();
    Ok(answer)
}

/// As [`named`], for an answer that may have no cursor: a search of no index opens none. Then it is read whole, and passed on.
/// Whether it had one.
pub(super) async fn perhaps_named(
    body: &mut ClusterBody,
    answer: &mut ClusterAnswer,
    key: &str,
    name: impl FnOnce(&str) -> String,
) -> Result<bool, Exception> {
    let broke = |why: String| exception(&ClusterFault::BrokeOff(why));
    let Some(begin) = replaced(body, answer, key, name).await? else { return Ok(true) };
    let most = limits::CLUSTER_MERGED_BYTES_MAX;
    let whole = body.rest(begin, most).await.map_err(|error| broke(error.to_string()))?;
    if answers::has_member(&whole, key).map_err(broke)? {
        return Err(broke(format!("its answer does not begin with [{key}]")));
    }
    answer.body = whole.into();
    Ok(false)
}

/// Reads until the cluster's name of a cursor under `key` is there, and puts the client's in its place, which `name` makes of it.
pub(super) async fn named(
    body: &mut ClusterBody,
    answer: &mut ClusterAnswer,
    key: &str,
    name: impl FnOnce(&str) -> String,
) -> Result<(), Exception> {
    match replaced(body, answer, key, name).await? {
        None => Ok(()),
        Some(_begin) => {
            let why = format!("its answer does not begin with [{key}]");
            Err(exception(&ClusterFault::BrokeOff(why)))
        }
    }
}

/// As [`named`]; what was read, where it does not begin with such a name.
async fn replaced(
    body: &mut ClusterBody,
    answer: &mut ClusterAnswer,
    key: &str,
    name: impl FnOnce(&str) -> String,
) -> Result<Option<Vec<u8>>, Exception> {
    let mut begin = Vec::new();
    loop {
        match answers::first_text(&begin, key) {
            NamePlace::At(place) => {
                let known = begin.get(place.clone()).map(String::from_utf8_lossy);
                let name = name(&known.unwrap_or_default());
                begin.splice(place, name.bytes());
                // The name is of another length than the cluster's.
                answer.headers.retain(|(name, _)| *name != "content-length");
                answer.body = begin.into();
                return Ok(None);
            }
            NamePlace::Further if begin.len() < limits::CLUSTER_CURSOR_NAME_BYTES_MAX => {
                let broke =
                    |error: std::io::Error| exception(&ClusterFault::BrokeOff(error.to_string()));
                match body.piece().await.map_err(broke)? {
                    Some(piece) => begin.extend_from_slice(&piece),
                    None => return Ok(Some(begin)),
                }
            }
            _ => return Ok(Some(begin)),
        }
    }
}
