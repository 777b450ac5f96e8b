//! Tags in inputs: of identities (`iam`) and of sessions (`sts`), keys without regard to case.

use serde::Deserialize;

use crate::err::{ApiError, ErrorCode};
use crate::limits::TAGS_MAX;
use crate::store::record::Tags;

/// A tag as clients write it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagInput {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// Checks what the model cannot: duplicate keys (without regard to case), reserved prefixes, the number.
pub(crate) fn read_tags(input: Vec<TagInput>) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    for tag in input {
        if tags.iter().any(|(key, _)| key.eq_ignore_ascii_case(&tag.key)) {
            let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(ApiError::new(ErrorCode::InvalidInput, text));
        }
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            let text = format!(
                "1 validation error detected: Value '{}' at 'tags' failed to satisfy constraint: tag keys may not begin with aws:",
                tag.key
            );
            return Err(ApiError::new(ErrorCode::Validation, text));
        }
        tags.push((tag.key, tag.value));
    }
    if tags.len() > TAGS_MAX {
        return Err(too_many());
    }
    Ok(tags)
}

/// Session tags are tags; sts words the refusal of duplicates with another code.
pub(crate) fn read_session_tags(input: Vec<TagInput>) -> Result<Tags, ApiError> {
    read_tags(input).map_err(|error| match error.code {
        ErrorCode::InvalidInput => ApiError::new(ErrorCode::InvalidParameterValue, error.message),
        _ => error,
    })
}

/// Adds `new` to `tags`; a key that is there (without regard to case) takes the new spelling and value.
pub(crate) fn merge(tags: &mut Tags, new: Tags) -> Result<(), ApiError> {
    tags.retain(|(key, _)| !new.iter().any(|(other, _)| other.eq_ignore_ascii_case(key)));
    tags.extend(new);
    if tags.len() > TAGS_MAX { Err(too_many()) } else { Ok(()) }
}

fn too_many() -> ApiError {
    let text = format!("The number of tags has reached the maximum limit of {TAGS_MAX}.");
    ApiError::new(ErrorCode::LimitExceeded, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(tags: &[(&str, &str)]) -> Vec<TagInput> {
        let tag = |(key, value): &(&str, &str)| TagInput {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
        };
        tags.iter().map(tag).collect()
    }

    #[test]
    fn tags_keep_the_order_and_the_spelling_they_came_in() {
        let tags = read_tags(input(&[("Team", "Blue"), ("area", ""), ("Zone", "1")])).unwrap();
        let keys: Vec<&str> = tags.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["Team", "area", "Zone"]);
    }

    #[test]
    fn merged_tags_replace_keys_without_regard_to_case_and_keep_the_others() {
        let mut tags = read_tags(input(&[("Team", "blue"), ("area", "north")])).unwrap();
        merge(&mut tags, read_tags(input(&[("TEAM", "red"), ("zone", "1")])).unwrap()).unwrap();
        let expected = read_tags(input(&[("area", "north"), ("TEAM", "red"), ("zone", "1")]));
        assert_eq!(tags, expected.unwrap());
    }

    #[test]
    fn sts_words_duplicates_with_another_code_than_iam() {
        let twice = || input(&[("team", "a"), ("Team", "b")]);
        let (iam, sts) = (read_tags(twice()).unwrap_err(), read_session_tags(twice()).unwrap_err());
        assert_eq!(iam.code, ErrorCode::InvalidInput);
        assert_eq!(sts.code, ErrorCode::InvalidParameterValue);
        assert_eq!(iam.message, sts.message);
    }

    #[test]
    fn what_is_no_duplicate_has_the_same_code_in_both() {
        let reserved = || input(&[("aws:team", "a")]);
        let (iam, sts) =
            (read_tags(reserved()).unwrap_err(), read_session_tags(reserved()).unwrap_err());
        assert_eq!((iam.code, sts.code), (ErrorCode::Validation, ErrorCode::Validation));
        let many: Vec<(String, &str)> = (0..=TAGS_MAX).map(|n| (format!("k{n}"), "")).collect();
        let many: Vec<(&str, &str)> =
            many.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        assert_eq!(read_session_tags(input(&many)).unwrap_err().code, ErrorCode::LimitExceeded);
    }
}
