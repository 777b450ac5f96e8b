//! What a segment stores of a document, as it is read back.

use bytes::Bytes;
use tantivy::schema::OwnedValue;
use tantivy::schema::document::{DeserializeError, DocumentDeserialize, DocumentDeserializer};
use tantivy::store::StoreReader;
use tantivy::{DocAddress, DocId, Searcher, SegmentReader};

use super::long_sources;
use crate::mapping::fields;

/// What is stored of a document. Its `_source` is copied once out of the unpacked block; it is stored as text, whatever the
/// field's type: of bytes the library reads one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StoredFields {
    pub(crate) id: String,
    pub(crate) source: Bytes,
    pub(crate) routing: Option<String>,
}

impl StoredFields {
    /// Those of a document that a searcher sees.
    ///
    /// # Errors
    /// What the disk says.
    pub(crate) fn read(searcher: &Searcher, address: DocAddress) -> tantivy::Result<StoredFields> {
        let DocAddress { segment_ord, doc_id } = address;
        searcher.doc::<StoredRow>(address)?.whole(searcher.segment_reader(segment_ord), doc_id)
    }

    /// Those of a document of `segment`, whose store is open.
    ///
    /// # Errors
    /// What the disk says.
    pub(crate) fn read_in(
        store: &StoreReader,
        segment: &SegmentReader,
        document: DocId,
    ) -> tantivy::Result<StoredFields> {
        store.get::<StoredRow>(document)?.whole(segment, document)
    }
}

/// What the store of documents has of one.
#[derive(Default)]
struct StoredRow {
    fields: StoredFields,
    /// How long the source is, where it is stored beside.
    long: Option<u64>,
}

impl StoredRow {
    fn whole(self, segment: &SegmentReader, document: DocId) -> tantivy::Result<StoredFields> {
        let StoredRow { fields, long } = self;
        let Some(length) = long else { return Ok(fields) };
        Ok(StoredFields { source: long_sources::read(segment, document, length)?, ..fields })
    }
}

impl DocumentDeserialize for StoredRow {
    fn deserialize<'de, D>(mut deserializer: D) -> Result<StoredRow, DeserializeError>
    where
        D: DocumentDeserializer<'de>,
    {
        let mut row = StoredRow::default();
        let stored = &mut row.fields;
        while let Some((field, value)) = deserializer.next_field::<OwnedValue>()? {
            match value {
                OwnedValue::Str(text) if field == fields::SOURCE => stored.source = text.into(),
                // As segments of before keep it.
                OwnedValue::Bytes(bytes) if field == fields::SOURCE => stored.source = bytes.into(),
                OwnedValue::U64(length) if field == fields::SOURCE => row.long = Some(length),
                OwnedValue::Str(id) if field == fields::ID => stored.id = id,
                OwnedValue::Str(routing) if field == fields::ROUTING => {
                    stored.routing = Some(routing);
                }
                _ => {}
            }
        }
        Ok(row)
    }
}
