//! What becomes of a cluster's answers: items put back in their places, names of cursors replaced by ours. Whatever is not
//! touched stays byte for byte as the cluster wrote it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object, in order, each as it was written.
struct RawObject<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for RawObject<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = RawObject<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(RawObject(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// The answer `body` with the items that were `kept_back` at their positions in its list; `fails`: `errors` is true.
///
/// # Errors
/// In words: the answer has no such list, or is no JSON.
pub(super) fn merged(
    body: &[u8],
    list: &str,
    kept_back: &BTreeMap<usize, String>,
    fails: bool,
) -> Result<Vec<u8>, String> {
    let RawObject(members) = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let mut out = vec![b'{'];
    let mut found = false;
    for (position, (key, value)) in members.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        out.extend_from_slice(serde_json::Value::from(key.as_str()).to_string().as_bytes());
        out.push(b':');
        if key == list {
            found = true;
            let items: Vec<&RawValue> =
                serde_json::from_str(value.get()).map_err(|error| error.to_string())?;
            put_items(&mut out, &items, kept_back);
        } else if key == "errors" && fails {
            out.extend_from_slice(b"true");
        } else {
            out.extend_from_slice(value.get().as_bytes());
        }
    }
    out.push(b'}');
    if found { Ok(out) } else { Err(format!("its answer has no [{list}]")) }
}

/// Whether the answer `body`, an object, has this member.
///
/// # Errors
/// In words: it is no object.
pub(super) fn has_member(body: &[u8], key: &str) -> Result<bool, String> {
    let RawObject(members) = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    Ok(members.iter().any(|(name, _)| name == key))
}

fn put_items(out: &mut Vec<u8>, items: &[&RawValue], kept_back: &BTreeMap<usize, String>) {
    let mut items = items.iter();
    let mut position = 0;
    out.push(b'[');
    loop {
        let item = match kept_back.get(&position) {
            Some(kept) => kept.as_str(),
            None => match items.next() {
                Some(item) => item.get(),
                // A hole that nothing fills: what stands behind it stands there all the same.
                None if kept_back.range(position..).next().is_some() => {
                    position += 1;
                    continue;
                }
                None => break,
            },
        };
        if out.last() != Some(&b'[') || position > 0 {
            out.push(b',');
        }
        out.extend_from_slice(item.as_bytes());
        position += 1;
    }
    out.push(b']');
}

/// Where a cursor's name stands in the beginning of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NamePlace {
    /// Between its quotes.
    At(Range<usize>),
    /// More of the answer must be read.
    Further,
    /// The answer does not begin with it.
    Absent,
}

/// Looks for the text under `key` where it is the first member of the object that `begin` begins with.
pub(super) fn first_text(begin: &[u8], key: &str) -> NamePlace {
    let mut at = 0;
    let blank = |at: &mut usize| {
        while begin.get(*at).is_some_and(u8::is_ascii_whitespace) {
            *at += 1;
        }
    };
    for token in ["{", &format!("\"{key}\""), ":", "\""] {
        blank(&mut at);
        for byte in token.bytes() {
            match begin.get(at) {
                Some(seen) if *seen == byte => at += 1,
                Some(_) => return NamePlace::Absent,
                None => return NamePlace::Further,
            }
        }
    }
    let from = at;
    loop {
        match begin.get(at) {
            Some(b'"') => return NamePlace::At(from..at),
            // Names of cursors are Base64; an escaped one is none of ours to read.
            Some(b'\\') => return NamePlace::Absent,
            Some(_) => at += 1,
            None => return NamePlace::Further,
        }
    }
}

/// Whether a text has the name of an index, not as a part of another word.
pub(super) fn names(text: &str, name: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || "-_.+".contains(letter);
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|begin| begin.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|rest| rest.chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(items: &[(usize, &str)]) -> BTreeMap<usize, String> {
        items.iter().map(|(position, item)| (*position, (*item).to_owned())).collect()
    }

    fn merge(body: &str, kept_back: &[(usize, &str)]) -> String {
        let merged = merged(body.as_bytes(), "items", &kept(kept_back), true).unwrap();
        String::from_utf8(merged).unwrap()
    }

    #[test]
    fn what_was_kept_back_stands_at_its_position_and_nothing_else_changes() {
        let body = r#"{"took":3,"errors":false,"items":[{"a":1.0},{"b":12345678901234567890123}]}"#;
        assert_eq!(
            merge(body, &[(1, "{}")]),
            r#"{"took":3,"errors":true,"items":[{"a":1.0},{},{"b":12345678901234567890123}]}"#
        );
        assert_eq!(
            merge(body, &[(0, "0"), (3, "3"), (4, "4")]),
            r#"{"took":3,"errors":true,"items":[0,{"a":1.0},{"b":12345678901234567890123},3,4]}"#
        );
        assert_eq!(merge(r#"{"items":[]}"#, &[(0, "0")]), r#"{"items":[0]}"#);
    }

    #[test]
    fn an_answer_without_the_list_is_a_fault() {
        assert!(merged(b"{}", "items", &kept(&[]), true).is_err());
        assert!(merged(b"{\"items\":[", "items", &kept(&[]), true).is_err());
    }

    #[test]
    fn a_member_is_one_of_the_object_itself() {
        assert_eq!(has_member(br#"{"a":{"b":1}}"#, "a"), Ok(true));
        assert_eq!(has_member(br#"{"a":{"b":1}}"#, "b"), Ok(false));
        assert!(has_member(br#"{"a":"#, "b").is_err());
    }

    #[test]
    fn a_name_is_found_as_a_word_of_its_own() {
        assert!(names("index [a1/uuid] and [b]", "a1") && names("[x,a1]", "a1"));
        assert!(!names("index [xa1/a1b] a1-2 .a1", "a1"));
    }

    #[test]
    fn a_cursors_name_is_found_at_the_beginning_and_nowhere_else() {
        let at = |text: &str| first_text(text.as_bytes(), "_scroll_id");
        assert_eq!(at(r#"{"_scroll_id":"ab==","took":1"#), NamePlace::At(15..19));
        assert_eq!(at("{\n  \"_scroll_id\" : \"ab\""), NamePlace::At(20..22));
        assert_eq!(at(r#"{"_scroll_id":"ab"#), NamePlace::Further);
        assert_eq!(at(r#"{"_scr"#), NamePlace::Further);
        assert_eq!(at(r#"{"took":1,"_scroll_id":"ab"}"#), NamePlace::Absent);
    }
}
