//! What came of a request, before it is HTTP.

use std::borrow::Cow;
use std::io::Write;

use bytes::Bytes;
use control::wire::WireReply;

use crate::clusters::ClusterAnswer;
use crate::guards::answers::AnswerRest;
use crate::guards::limits;

/// What an answer says, before it is HTTP.
#[derive(Debug)]
pub struct Outcome {
    /// The HTTP status.
    pub status: u16,
    /// Headers beside the ones that every answer has.
    pub headers: Vec<(&'static str, String)>,
    /// The value of `Content-Type`.
    pub content_type: Cow<'static, str>,
    /// The body, or its beginning.
    pub body: Bytes,
    /// What follows, as it comes from a cluster.
    pub rest: Option<AnswerRest>,
}

impl Outcome {
    /// A JSON answer in the wording of Amazon's front end (not the engine's).
    #[must_use]
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        let body = Bytes::from(body.to_string());
        Self {
            status,
            headers: Vec::new(),
            content_type: "application/json".into(),
            body,
            rest: None,
        }
    }

    /// The same with its body compressed, if it is worth it and the client takes it. A large body takes a second, so
    /// this is done where blocking is allowed.
    #[must_use]
    pub fn compressed(mut self, accepts_gzip: bool) -> Self {
        if self.rest.is_some() {
            return self;
        }
        if let Some(compressed) = gzip(&self.body, accepts_gzip) {
            self.body = compressed;
            self.headers.push(("content-encoding", "gzip".into()));
            self.headers.push(("vary", "Accept-Encoding".into()));
        }
        self
    }
}

impl From<WireReply> for Outcome {
    /// A reply of the control plane's codec. The request id is on every answer already.
    fn from(reply: WireReply) -> Self {
        let mut content_type = String::new();
        let mut headers = Vec::new();
        for (name, value) in reply.headers {
            match name {
                "content-type" => content_type = value,
                "x-amzn-requestid" => {}
                _ => headers.push((name, value)),
            }
        }
        let (content_type, body) = (content_type.into(), reply.body.into());
        Self { status: reply.status, headers, content_type, body, rest: None }
    }
}

impl From<engine::Response> for Outcome {
    /// An answer of the engine.
    fn from(response: engine::Response) -> Self {
        Self {
            status: response.status,
            headers: response.headers,
            content_type: response.content_type.into(),
            body: response.body,
            rest: None,
        }
    }
}

impl From<ClusterAnswer> for Outcome {
    /// An answer of a cluster.
    fn from(answer: ClusterAnswer) -> Self {
        let ClusterAnswer { status, headers, content_type, body, rest, node: _ } = answer;
        Self { status, headers, content_type: content_type.into(), body, rest }
    }
}

fn gzip(body: &Bytes, accepted: bool) -> Option<Bytes> {
    if !accepted || body.len() < limits::COMPRESS_FROM_BYTES {
        return None;
    }
    let level = flate2::Compression::fast();
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(body.len() / 4), level);
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}
