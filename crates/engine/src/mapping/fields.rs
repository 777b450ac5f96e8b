//! The tantivy fields every index has, and the schema made of them and of the mapped leaves.

use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, IpAddrOptions, NumericOptions, Schema, SchemaBuilder,
    TextFieldIndexing, TextOptions,
};

use super::FieldType;
use super::column::Column;
use super::packed;
use super::text::IndexOptions;

/// `_id`: the document's id, one term, stored.
pub const ID: Field = Field::from_field_id(0);
/// `_source`: the document as it came, stored bytes.
pub const SOURCE: Field = Field::from_field_id(1);
/// `_seq_no`: column, u64.
pub const SEQ_NO: Field = Field::from_field_id(2);
/// `_version`: column, u64.
pub const VERSION: Field = Field::from_field_id(3);
/// `_primary_term`: column, u64.
pub const PRIMARY_TERM: Field = Field::from_field_id(4);
/// `_routing`: one term, stored.
pub const ROUTING: Field = Field::from_field_id(5);
/// `_field_names`: the path of every leaf with a value, as terms; of a nested object also its mark.
pub const FIELD_NAMES: Field = Field::from_field_id(6);

/// Names of the columns of the meta fields.
pub const SEQ_NO_NAME: &str = "_seq_no";
/// See [`SEQ_NO_NAME`].
pub const VERSION_NAME: &str = "_version";
/// See [`SEQ_NO_NAME`].
pub const PRIMARY_TERM_NAME: &str = "_primary_term";

/// The term of `_field_names` that every document of the nested objects at `path` has: no path of a leaf begins so.
pub fn nested_mark(path: &str) -> String {
    format!("\0nested:{path}")
}

/// The term of `_field_names` that every document has of which a malformed value at `path` was left out.
pub fn ignored_mark(path: &str) -> String {
    format!("\0ignored:{path}")
}

/// The tantivy name of the field (and of its column) that keeps the leaf at `path`: the path itself, dots and all
/// (tantivy finds exact names first), but for what tantivy does not take: a minus at the start, and zero bytes.
pub fn stored_name(path: &str) -> String {
    if path.starts_with(['-', '~']) || path.contains('\0') {
        return format!("~{}", path.replace('~', "~~").replace('\0', "~0"));
    }
    path.to_owned()
}

/// The schema with the meta fields and `leaves` in their order.
pub(super) fn schema_of(leaves: &[(&str, &FieldType)]) -> Schema {
    let mut builder = Schema::builder();
    let word = |indexing: TextFieldIndexing| TextOptions::default().set_indexing_options(indexing);
    builder.add_text_field("_id", word(raw()).set_stored());
    builder.add_bytes_field("_source", BytesOptions::default().set_stored());
    builder.add_u64_field(SEQ_NO_NAME, NumericOptions::default().set_fast());
    builder.add_u64_field(VERSION_NAME, NumericOptions::default().set_fast());
    builder.add_u64_field(PRIMARY_TERM_NAME, NumericOptions::default().set_fast());
    builder.add_text_field("_routing", word(raw()).set_stored());
    builder.add_text_field("_field_names", word(raw()));
    for (path, kind) in leaves {
        add(&mut builder, &stored_name(path), kind);
    }
    builder.build()
}

/// Terms as they are, without frequencies, positions or norms.
fn raw() -> TextFieldIndexing {
    TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic)
}

fn add(builder: &mut SchemaBuilder, name: &str, kind: &FieldType) {
    let numeric = || {
        let options = NumericOptions::default();
        let options = if kind.is_indexed() { options.set_indexed() } else { options };
        if kind.column().is_some() { options.set_fast() } else { options }
    };
    match (kind, kind.column_kind()) {
        (FieldType::Text(text), _) => {
            let record = match text.index_options {
                IndexOptions::Docs => IndexRecordOption::Basic,
                IndexOptions::Freqs => IndexRecordOption::WithFreqs,
                IndexOptions::Positions => IndexRecordOption::WithFreqsAndPositions,
            };
            let indexing = raw()
                .set_tokenizer(packed::TOKENIZER)
                .set_fieldnorms(text.norms)
                .set_index_option(record);
            builder.add_text_field(name, TextOptions::default().set_indexing_options(indexing));
        }
        (FieldType::Completion(_), _) => {
            builder.add_bytes_field(name, BytesOptions::default().set_indexed());
        }
        (FieldType::GeoPoint(_), _) => {
            builder.add_i64_field(name, NumericOptions::default().set_fast());
        }
        (FieldType::RankFeature(feature), _) if !feature.many => {
            builder.add_f64_field(name, NumericOptions::default().set_fast());
        }
        (_, Some(Column::Str)) => {
            let options = TextOptions::default();
            let options =
                if kind.is_indexed() { options.set_indexing_options(raw()) } else { options };
            let options = if kind.column().is_some() { options.set_fast("raw") } else { options };
            builder.add_text_field(name, options);
        }
        (_, Some(Column::I64)) => {
            builder.add_i64_field(name, numeric());
        }
        (_, Some(Column::U64)) => {
            builder.add_u64_field(name, numeric());
        }
        (_, Some(Column::F64)) => {
            builder.add_f64_field(name, numeric());
        }
        (_, Some(Column::Ip)) => {
            let options = IpAddrOptions::default();
            let options = if kind.is_indexed() { options.set_indexed() } else { options };
            let options = if kind.column().is_some() { options.set_fast() } else { options };
            builder.add_ip_addr_field(name, options);
        }
        (_, Some(Column::Bytes)) => {
            builder.add_bytes_field(name, BytesOptions::default().set_fast());
        }
        (_, None) => {}
    }
}
