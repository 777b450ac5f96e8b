//! Listings by pages: `Marker` and `MaxItems` in, `IsTruncated` and `Marker` out.
//!
//! The marker is the sort key after which to go on, in base 64: it stays right when items come and go between pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::err::{ApiError, ErrorCode};
use crate::limits::LIST_ITEMS_DEFAULT;
use crate::request::OperationRequest;

/// The page of `items` (sort key and value, in order of their keys) that the request asks for, under `name`.
pub(crate) fn page(
    request: &OperationRequest<'_>,
    name: &str,
    items: impl Iterator<Item = (String, Value)>,
) -> Result<Value, ApiError> {
    let mut output = Map::new();
    let (listed, next) = cut(request, items)?;
    output.insert(name.to_owned(), Value::Array(listed));
    finish(output, next)
}

/// Adds `IsTruncated` and `Marker`.
pub(crate) fn finish(
    mut output: Map<String, Value>,
    next: Option<String>,
) -> Result<Value, ApiError> {
    output.insert("IsTruncated".to_owned(), Value::Bool(next.is_some()));
    if let Some(key) = next {
        output.insert("Marker".to_owned(), Value::String(URL_SAFE_NO_PAD.encode(key)));
    }
    Ok(Value::Object(output))
}

/// The items of the page and the key to go on after.
pub(crate) fn cut(
    request: &OperationRequest<'_>,
    items: impl Iterator<Item = (String, Value)>,
) -> Result<(Vec<Value>, Option<String>), ApiError> {
    let after = match request.input.get("Marker").and_then(Value::as_str) {
        Some(marker) => Some(read_marker(marker)?),
        None => None,
    };
    let asked =
        request.input.get("MaxItems").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let limit = asked.unwrap_or(LIST_ITEMS_DEFAULT).max(1);
    let mut listed = Vec::new();
    let mut last = None;
    for (key, value) in items.filter(|(key, _)| after.as_ref().is_none_or(|after| key > after)) {
        if listed.len() == limit {
            return Ok((listed, last));
        }
        listed.push(value);
        last = Some(key);
    }
    Ok((listed, None))
}

fn read_marker(marker: &str) -> Result<String, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(marker).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| {
        ApiError::new(ErrorCode::InvalidPaginationToken, "Invalid Marker.")
            .because(format!("{marker} is not a marker that a reply returned"))
    })
}
