//! `Tag…`, `Untag…`, `List…Tags`: one implementation for everything that is [`Tagged`]; each family says in its own file
//! which of its records a request means.

use serde::Deserialize;
use serde_json::Value;

use super::nothing;
use super::page::page;
use crate::change::Change;
use crate::err::ApiError;
use crate::request::OperationRequest;
use crate::store::record::{Record, Tags};
use crate::tags::{TagInput, merge, read_tags};

/// A record of iam's that carries tags.
pub(crate) trait Tagged: Into<Record> {
    /// A copy of the record that the request names.
    ///
    /// # Errors
    /// The family's own words for one that is not there, or must not be changed.
    fn meant_by(request: &OperationRequest<'_>) -> Result<Self, ApiError>;

    /// Its tags.
    fn tags(&mut self) -> &mut Tags;
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagRequest {
    tags: Vec<TagInput>,
}

pub(crate) fn tag<T: Tagged>(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: TagRequest = request.input()?;
    let mut record = T::meant_by(request)?;
    merge(record.tags(), read_tags(input.tags)?)?;
    change.put(record.into());
    Ok(nothing())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UntagRequest {
    tag_keys: Vec<String>,
}

pub(crate) fn untag<T: Tagged>(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: UntagRequest = request.input()?;
    let mut record = T::meant_by(request)?;
    record
        .tags()
        .retain(|(key, _)| !input.tag_keys.iter().any(|gone| gone.eq_ignore_ascii_case(key)));
    change.put(record.into());
    Ok(nothing())
}

pub(crate) fn list_tags<T: Tagged>(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let mut record = T::meant_by(request)?;
    let mut tags = record.tags().clone();
    tags.sort();
    page(
        request,
        "Tags",
        tags.into_iter()
            .map(|tag| (tag.0.clone(), serde_json::json!({"Key": tag.0, "Value": tag.1}))),
    )
}
