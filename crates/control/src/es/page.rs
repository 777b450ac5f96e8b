//! Listings of the search APIs, page by page.

use serde_json::{Map, Value, json};

use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;

/// A page of a listing; the token is where the next one begins.
pub(super) fn page(
    request: &OperationRequest<'_>,
    list: &str,
    all: Vec<Value>,
) -> Result<Value, ApiError> {
    let start = match request.text("NextToken") {
        None => 0,
        Some(token) => token.parse().ok().filter(|start| *start < all.len()).ok_or_else(|| {
            let text = format!("Invalid NextToken: {token}");
            ApiError::new(ErrorCode::InvalidPaginationToken, text)
        })?,
    };
    let most = request.input.get("MaxResults").and_then(Value::as_u64).filter(|most| *most > 0);
    let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(all.len());
    let total = all.len();
    let listed: Vec<Value> = all.into_iter().skip(start).take(most).collect();
    let next = start + listed.len();
    let mut output = Map::new();
    output.insert(list.to_owned(), json!(listed));
    if next < total {
        output.insert("NextToken".to_owned(), json!(next.to_string()));
    }
    Ok(Value::Object(output))
}
