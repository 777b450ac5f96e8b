//! `AddTags`, `ListTags`, `RemoveTags`. Keys of domain tags are case-sensitive, unlike iam's.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find_by_arn;
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::limits::TAGS_MAX;
use crate::request::OperationRequest;
use crate::store::record::{Record, Tags};
use crate::tags::TagInput;

#[derive(Deserialize)]
struct TagsInput {
    #[serde(rename = "ARN")]
    arn: String,
    #[serde(rename = "TagList", default)]
    tags: Vec<TagInput>,
    #[serde(rename = "TagKeys", default)]
    keys: Vec<String>,
}

/// A later tag of the same key wins.
pub(super) fn read_tags(input: Vec<TagInput>) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    for tag in input {
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            let text = format!("Tag key {} is reserved: keys may not begin with aws:", tag.key);
            return Err(ApiError::new(ErrorCode::Validation, text));
        }
        tags.retain(|(key, _)| *key != tag.key);
        tags.push((tag.key, tag.value));
    }
    if tags.len() > TAGS_MAX {
        let text = format!("A domain can have up to {TAGS_MAX} tags");
        return Err(ApiError::new(ErrorCode::LimitExceeded, text));
    }
    Ok(tags)
}

pub(crate) fn add_tags(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: TagsInput = request.input()?;
    let mut domain = find_by_arn(request.directory, request.account(), &input.arn)?.record.clone();
    let old = domain.tags.into_iter().map(|(key, value)| TagInput { key, value });
    domain.tags = read_tags(old.chain(input.tags).collect())?;
    change.put(Record::Domain(domain));
    Ok(json!({}))
}

pub(crate) fn list_tags(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: TagsInput = request.input()?;
    let domain = find_by_arn(request.directory, request.account(), &input.arn)?;
    let tags: Vec<Value> =
        domain.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    Ok(json!({"TagList": tags}))
}

pub(crate) fn remove_tags(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: TagsInput = request.input()?;
    let mut domain = find_by_arn(request.directory, request.account(), &input.arn)?.record.clone();
    domain.tags.retain(|(key, _)| !input.keys.contains(key));
    change.put(Record::Domain(domain));
    Ok(json!({}))
}
