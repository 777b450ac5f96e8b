//! The tantivy fields every index has, and the schema made of them and of the mapped leaves.

use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, IpAddrOptions, NumericOptions, Schema, SchemaBuilder,
    TextFieldIndexing, TextOptions,
};

use super::column::Column;

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

/// The schema with the meta fields and those that `add_leaves` adds.
pub(super) fn schema_of(add_leaves: impl FnOnce(&mut SchemaBuilder)) -> Schema {
    let mut builder = Schema::builder();
    let word = |indexing: TextFieldIndexing| TextOptions::default().set_indexing_options(indexing);
    builder.add_text_field("_id", word(raw()).set_stored());
    builder.add_bytes_field("_source", BytesOptions::default().set_stored());
    builder.add_u64_field(SEQ_NO_NAME, NumericOptions::default().set_fast());
    builder.add_u64_field(VERSION_NAME, NumericOptions::default().set_fast());
    builder.add_u64_field(PRIMARY_TERM_NAME, NumericOptions::default().set_fast());
    builder.add_text_field("_routing", word(raw()).set_stored());
    builder.add_text_field("_field_names", word(raw()));
    add_leaves(&mut builder);
    builder.build()
}

/// Terms as they are, without frequencies, positions or norms.
pub(super) fn raw() -> TextFieldIndexing {
    TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic)
}

/// Adds what keeps values of one kind: as terms where they are `indexed`, as a column where they are `kept` in one.
pub(super) fn add(
    builder: &mut SchemaBuilder,
    name: &str,
    column: Column,
    indexed: bool,
    kept: bool,
) {
    let numeric = || {
        let options = NumericOptions::default();
        let options = if indexed { options.set_indexed() } else { options };
        if kept { options.set_fast() } else { options }
    };
    match column {
        Column::Str | Column::Terms => {
            let options = TextOptions::default();
            let options = if indexed { options.set_indexing_options(raw()) } else { options };
            let options = if kept { options.set_fast("raw") } else { options };
            builder.add_text_field(name, options);
        }
        Column::Boolean
        | Column::Date
        | Column::DateNanos
        | Column::Integer
        | Column::Long
        | Column::GeoPoint => {
            builder.add_i64_field(name, numeric());
        }
        Column::UnsignedLong => {
            builder.add_u64_field(name, numeric());
        }
        Column::HalfFloat | Column::Float | Column::Double | Column::ScaledFloat(_) => {
            builder.add_f64_field(name, numeric());
        }
        Column::Ip => {
            let options = IpAddrOptions::default();
            let options = if indexed { options.set_indexed() } else { options };
            let options = if kept { options.set_fast() } else { options };
            builder.add_ip_addr_field(name, options);
        }
        Column::Range | Column::Histogram | Column::Bytes => add_bytes(builder, name),
    }
}

/// Adds a column of bytes.
pub(super) fn add_bytes(builder: &mut SchemaBuilder, name: &str) {
    builder.add_bytes_field(name, BytesOptions::default().set_fast());
}
