//! A record as the line that it is in the files: what `serde_json` prints, at a third of its price. Every request writes one,
//! and its texts are long and have nothing to escape: whether that is so is asked of whole texts and not of each byte.

use std::fmt;

use serde::ser::{self, Impossible, Serialize, Serializer};

/// What most lines fit into.
const LINE_BYTES: usize = 1536;

/// That something is no part of a record: a kind of value that none has.
#[derive(Debug)]
pub(super) struct Unprintable(String);

impl fmt::Display for Unprintable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unprintable {}

impl ser::Error for Unprintable {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self(what.to_string())
    }
}

/// `record` as JSON, with a line feed behind it.
pub(super) fn of(record: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::with_capacity(LINE_BYTES);
    if record.serialize(Line(&mut out)).is_err() {
        out.clear();
    }
    out.push(b'\n');
    out
}

/// Where the next value goes.
struct Line<'o>(&'o mut Vec<u8>);

/// An object or a list that was begun.
struct Members<'o> {
    out: &'o mut Vec<u8>,
    begun: bool,
    close: u8,
}

impl<'o> Line<'o> {
    fn text(self, text: &str) {
        let out = self.0;
        out.push(b'"');
        // Without a branch for each byte, so that sixteen are looked at together.
        let odd = text.bytes().fold(false, |odd, byte| odd | must_be_escaped(byte));
        if odd {
            text.chars().for_each(|character| escape(out, character));
        } else {
            out.extend_from_slice(text.as_bytes());
        }
        out.push(b'"');
    }

    fn number(self, mut number: u64) {
        let mut digits = [b'0'; 20];
        let mut used = 0;
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(number % 10).unwrap_or_default();
            (number, used) = (number / 10, used + 1);
            if number == 0 {
                break;
            }
        }
        self.0.extend_from_slice(digits.get(20 - used..).unwrap_or_default());
    }

    fn begin(self, open: u8, close: u8) -> Members<'o> {
        self.0.push(open);
        Members { out: self.0, begun: false, close }
    }
}

fn must_be_escaped(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// As `serde_json` escapes (RFC 8259, section 7).
fn escape(out: &mut Vec<u8>, character: char) {
    let short = match character {
        '"' | '\\' => character,
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\0'..' ' => {
            out.extend_from_slice(format!("\\u{:04x}", u32::from(character)).as_bytes());
            return;
        }
        plain => {
            out.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
            return;
        }
    };
    out.push(b'\\');
    out.extend_from_slice(short.encode_utf8(&mut [0; 4]).as_bytes());
}

impl Members<'_> {
    fn next(&mut self) -> Line<'_> {
        if std::mem::replace(&mut self.begun, true) {
            self.out.push(b',');
        }
        Line(self.out)
    }

    fn end(self) -> Result<(), Unprintable> {
        self.out.push(self.close);
        Ok(())
    }
}

type Done = Result<(), Unprintable>;

impl<'o> Serializer for Line<'o> {
    type Ok = ();
    type Error = Unprintable;
    type SerializeSeq = Members<'o>;
    type SerializeTuple = Members<'o>;
    type SerializeTupleStruct = Impossible<(), Unprintable>;
    type SerializeTupleVariant = Impossible<(), Unprintable>;
    type SerializeMap = Members<'o>;
    type SerializeStruct = Members<'o>;
    type SerializeStructVariant = Impossible<(), Unprintable>;

    fn serialize_bool(self, value: bool) -> Done {
        self.0.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Done {
        self.number(value);
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Done {
        if value < 0 {
            self.0.push(b'-');
        }
        self.number(value.unsigned_abs());
        Ok(())
    }

    fn serialize_f32(self, _value: f32) -> Done {
        Err(ser::Error::custom("a fraction"))
    }

    fn serialize_f64(self, _value: f64) -> Done {
        Err(ser::Error::custom("a fraction"))
    }

    fn serialize_char(self, value: char) -> Done {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Done {
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, _value: &[u8]) -> Done {
        Err(ser::Error::custom("bytes"))
    }

    fn serialize_none(self) -> Done {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Done {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _name: &'static str, _at: u32, variant: &'static str) -> Done {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _at: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Done {
        Err(ser::Error::custom("a variant with a value"))
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Members<'o>, Unprintable> {
        Ok(self.begin(b'[', b']'))
    }

    fn serialize_tuple(self, _length: usize) -> Result<Members<'o>, Unprintable> {
        Ok(self.begin(b'[', b']'))
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleStruct, Unprintable> {
        Err(ser::Error::custom("a tuple with a name"))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _at: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleVariant, Unprintable> {
        Err(ser::Error::custom("a variant with values"))
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Members<'o>, Unprintable> {
        Ok(self.begin(b'{', b'}'))
    }

    fn serialize_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<Members<'o>, Unprintable> {
        Ok(self.begin(b'{', b'}'))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _at: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeStructVariant, Unprintable> {
        Err(ser::Error::custom("a variant with fields"))
    }
}

impl ser::SerializeSeq for Members<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(self.next())
    }

    fn end(self) -> Done {
        Members::end(self)
    }
}

impl ser::SerializeTuple for Members<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(self.next())
    }

    fn end(self) -> Done {
        Members::end(self)
    }
}

impl ser::SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        key.serialize(self.next())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.out.push(b':');
        value.serialize(Line(self.out))
    }

    fn end(self) -> Done {
        Members::end(self)
    }
}

impl ser::SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Done {
        let out = self.next().0;
        // Names of fields have nothing to escape.
        out.push(b'"');
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(b"\":");
        value.serialize(Line(out))
    }

    fn end(self) -> Done {
        Members::end(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::record::{AuditRecord, DecisionRecord, NearMissRecord, StatementRecord};
    use super::*;

    fn printed(record: &AuditRecord) -> String {
        String::from_utf8(of(record)).unwrap()
    }

    /// A record with `text` wherever a text may stand.
    fn of_text(text: &str, number: u64) -> AuditRecord {
        let statement = StatementRecord {
            kind: text.to_owned().into(),
            policy: text.into(),
            statement: 3,
            sid: Some(text.into()),
        };
        let near = NearMissRecord { statement: statement.clone(), failed: text.into() };
        let decision = DecisionRecord {
            outcome: text.to_owned().into(),
            by: vec![statement.clone(), statement],
            considered: vec![("identity".into(), text.into()), ("resource".into(), text.into())],
            near_misses: vec![near],
            missing: vec![text.into()],
            resource_side_hidden: true,
            ..DecisionRecord::default()
        };
        let mut record = AuditRecord {
            time: jiff::Timestamp::from_microsecond(number as i64 / 2_000_000).ok(),
            path: text.into(),
            query: text.into(),
            opaque_id: Some(text.into()),
            resources: vec![text.into(), String::new()],
            decisions: vec![decision.clone(), decision],
            layer: Some(crate::audit::Layer::Policies),
            bytes_in: number,
            status: (number % 600) as u16,
            ..AuditRecord::default()
        };
        record.principal.proven = number.is_multiple_of(2);
        record
    }

    proptest! {
        #[test]
        fn a_line_is_what_serde_json_prints(text in any::<String>(), number in any::<u64>()) {
            let record = of_text(&text, number);
            let expected = serde_json::to_string(&record).unwrap() + "\n";
            prop_assert_eq!(printed(&record), expected);
        }
    }

    #[test]
    fn every_character_is_escaped_as_serde_json_does() {
        let all: String = ('\0'..='\u{2030}').collect();
        for text in
            [all.as_str(), "", "a\"b", "\\", "plain, and long enough for more than one vector"]
        {
            let record = of_text(text, u64::MAX);
            assert_eq!(printed(&record), serde_json::to_string(&record).unwrap() + "\n");
        }
    }
}
