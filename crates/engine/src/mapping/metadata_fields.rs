//! The fields that every index has beside those of its mapping. Source: what `_field_caps` of both servers tells.

use crate::flavor::Flavor;

/// The fields that every index has: name, type, whether they are searchable, whether aggregatable. (As both servers answer.)
pub(crate) fn metadata_fields(
    flavor: Flavor,
) -> impl Iterator<Item = (&'static str, &'static str, bool, bool)> {
    let own: &[(&str, &str, bool, bool)] = match flavor {
        Flavor::Elasticsearch710 => &[("_type", "_type", true, true)],
        Flavor::OpenSearch219 => &[
            ("_data_stream_timestamp", "_data_stream_timestamp", false, false),
            ("_doc_count", "long", false, false),
            ("_nested_path", "_nested_path", true, false),
        ],
    };
    let both = [
        ("_feature", "_feature", false, false),
        ("_field_names", "_field_names", true, false),
        ("_id", "_id", true, true),
        ("_ignored", "_ignored", true, false),
        ("_index", "_index", true, true),
        ("_routing", "_routing", true, false),
        ("_seq_no", "_seq_no", true, true),
        ("_source", "_source", false, false),
        ("_version", "_version", false, false),
    ];
    both.into_iter().chain(own.iter().copied())
}
