//! What a segment stores of a document, as it is read back.

use bytes::Bytes;
use tantivy::schema::OwnedValue;
use tantivy::schema::document::{DeserializeError, DocumentDeserialize, DocumentDeserializer};

use crate::mapping::fields;

/// What is stored of a document. Its `_source` is copied once out of the unpacked block; it is stored as text, whatever the
/// field's type: of bytes the library reads one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StoredFields {
    pub(crate) id: String,
    pub(crate) source: Bytes,
    pub(crate) routing: Option<String>,
}

impl DocumentDeserialize for StoredFields {
    fn deserialize<'de, D>(mut deserializer: D) -> Result<StoredFields, DeserializeError>
    where
        D: DocumentDeserializer<'de>,
    {
        let mut stored = StoredFields::default();
        while let Some((field, value)) = deserializer.next_field::<OwnedValue>()? {
            match value {
                OwnedValue::Str(text) if field == fields::SOURCE => stored.source = text.into(),
                // As segments of before keep it.
                OwnedValue::Bytes(bytes) if field == fields::SOURCE => stored.source = bytes.into(),
                OwnedValue::Str(id) if field == fields::ID => stored.id = id,
                OwnedValue::Str(routing) if field == fields::ROUTING => {
                    stored.routing = Some(routing);
                }
                _ => {}
            }
        }
        Ok(stored)
    }
}
