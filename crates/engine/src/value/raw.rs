//! JSON that is printed already.

use std::str;

use bytes::Bytes;
use serde::ser::{Error, Serialize, SerializeStruct, Serializer};

/// How `serde_json` knows what is printed already: a struct of this name, with one field of this name that is its text
/// (`serde_json::value::RawValue`).
const TOKEN: &str = "$serde_json::private::RawValue";

/// One JSON value as it was stored, which an answer shows as it is. It is printed as `serde_json`'s `RawValue` is; to make one of those
/// the text is read once more, which took longer than printing it, and it was read when it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct RawJson(Bytes);

impl RawJson {
    /// What `text` holds, without the white space around it.
    pub fn new(text: &Bytes) -> RawJson {
        RawJson(text.slice_ref(text.trim_ascii()))
    }

    /// Its text.
    pub fn text(&self) -> &[u8] {
        &self.0
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = str::from_utf8(&self.0).map_err(S::Error::custom)?;
        let mut printed = serializer.serialize_struct(TOKEN, 1)?;
        printed.serialize_field(TOKEN, text)?;
        printed.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_string, to_value};

    use super::*;

    #[test]
    fn a_raw_value_is_printed_as_it_is_without_the_space_around_it() {
        let raw = RawJson::new(&Bytes::from(" {\"a\" :1.50,\n\"b\":\"\\u00e9\"}\n"));
        assert_eq!(to_string(&[&raw]).unwrap(), "[{\"a\" :1.50,\n\"b\":\"\\u00e9\"}]");
        assert_eq!(to_value(&raw).unwrap(), json!({"a": 1.5, "b": "é"}));
    }

    #[test]
    fn a_raw_value_that_is_no_text_is_not_printed() {
        assert!(to_string(&RawJson::new(&Bytes::from(vec![b'"', 0xff, b'"']))).is_err());
    }
}
