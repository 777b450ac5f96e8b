//! `wrapper`: a query as Base64 of its JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;

use super::options::Options;
use super::{Query, parse_at};
use crate::exception::{Exception, ExceptionKind};
use crate::rest::Json;

/// Reads the query that is wrapped, with the strict reader of every body: it is run as if it stood there itself.
pub(super) fn parse(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("wrapper", value)?;
    let Some(wrapped) = options.text("query")? else {
        return Err(options.incomplete(&[], Exception::parsing("[wrapper] query malformed")));
    };
    options.finish()?;
    let bytes = STANDARD.decode(wrapped.as_bytes()).map_err(|_| {
        Exception::new(
            ExceptionKind::JsonParse,
            "Unexpected end of base64-encoded String: base64 variant 'MIME-NO-LINEFEEDS' expects padding (one or more '=' \
             characters) at the end",
        )
    })?;
    let json = Json::read(Bytes::from(bytes))?;
    parse_at(&json.value, depth + 1)
}

/// What is wrapped in the body of a `wrapper` query, if that is JSON: for whoever looks for something in all queries.
pub fn unwrapped(value: &Value) -> Option<Value> {
    let bytes = STANDARD.decode(value.get("query")?.as_str()?.as_bytes()).ok()?;
    crate::rest::json::read(&bytes).ok()
}

/// Puts another query into the body of a `wrapper` query.
pub(crate) fn wrap(value: &mut Value, query: &Value) {
    if let Some(place) = value.get_mut("query") {
        *place = STANDARD.encode(query.to_string()).into();
    }
}
