//! What a hit shows of its fields: `fields`, `docvalue_fields`, `stored_fields`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;
use tantivy::columnar::StrColumn;
use tantivy::{DocAddress, DocId, SegmentReader};

use super::stored::Stored;
use super::{SearchRequest, Snapshot};
use crate::columns::{self, Numbers, scaled};
use crate::exception::{Exception, internal};
use crate::flavor::Flavor;
use crate::mapping::date::DateFormat;
use crate::mapping::flat_object::FlatObject;
use crate::mapping::metadata_fields::metadata_fields;
use crate::mapping::number::Number;
use crate::mapping::range::{RangeField, lucene_text};
use crate::mapping::text::Text;
use crate::mapping::{Column, Leaf, Mapping, fields};
use crate::value::java::{hash_order, java_double};
use crate::value::number_format::NumberFormat;
use crate::value::path::{each_at, values_at};
use crate::work::{HeldMemory, Work};

/// The words of texts with `fielddata`, made columns of the segments that hits are in: each once for all hits of a search.
pub(super) struct WordColumns {
    work: Work,
    open: HashMap<ColumnPlace, (Option<StrColumn>, HeldMemory)>,
}

/// Where a column of words is: the uuid of its index, its segment, and its field.
type ColumnPlace = (Arc<str>, u32, String);

impl WordColumns {
    /// None yet.
    pub(super) fn none(work: &Work) -> WordColumns {
        WordColumns { work: work.clone(), open: HashMap::new() }
    }

    /// Those of a field in a segment.
    fn of(
        &mut self,
        snapshot: &Snapshot,
        leaf: &Leaf,
        segment: u32,
    ) -> Result<Option<StrColumn>, Exception> {
        let key = (Arc::clone(&snapshot.uuid), segment, leaf.path.clone());
        if let Some((column, _)) = self.open.get(&key) {
            return Ok(column.clone());
        }
        let mut held = self.work.holds("<fielddata>");
        let reader = snapshot.searcher.segment_reader(segment);
        let column = columns::uninverted(reader, leaf, &self.work, &mut held)?;
        self.open.insert(key, (column.clone(), held));
        Ok(column)
    }
}

/// What `stored_fields` asks for of the fields that are mapped with `store`.
fn stored_fields(
    snapshot: &Snapshot,
    request: &SearchRequest,
    stored: &Stored,
) -> Result<Map<String, Value>, Exception> {
    let mut shown = Map::new();
    let patterns = request.stored_fields.iter().filter(|pattern| !pattern.starts_with('_'));
    for pattern in patterns {
        if snapshot.mapping.is_object(pattern) {
            return Err(not_a_leaf(pattern));
        }
        for leaf in snapshot.mapping.leaves() {
            let asked = leaf.path == *pattern || crate::name_pattern::matches(pattern, &leaf.path);
            if asked && snapshot.mapping.is_stored(&leaf.path) {
                let values = stored_values(snapshot, leaf, stored.whole()?)?;
                set_values(&mut shown, &leaf.path, values);
            }
        }
    }
    Ok(shown)
}

/// The refusal of an object where a field belongs.
pub(crate) fn not_a_leaf(path: &str) -> Exception {
    Exception::illegal_argument(format!("field [{path}] isn't a leaf field"))
}

/// The values that a field mapped with `store` keeps of a document.
pub(crate) fn stored_values(
    snapshot: &Snapshot,
    leaf: &Leaf,
    document: &Value,
) -> Result<Vec<Value>, Exception> {
    let format = own_format(leaf, None)?;
    let mut values = values_at(document, &leaf.path);
    let parent = leaf.path.rsplit_once('.').map(|(parent, _)| parent);
    if let Some(parent) = parent.filter(|parent| snapshot.mapping.leaf(parent).is_some()) {
        // A multi-field has the values of the field it belongs to.
        values = values_at(document, parent);
    }
    let shown = values.into_iter();
    Ok(shown.filter_map(|value| leaf.kind.shown(value, &leaf.analyzers, format.as_ref())).collect())
}

/// All that a request asks to be shown of the fields of a document.
///
/// # Errors
/// A field that cannot be shown so.
pub(super) fn shown_fields(
    flavor: Flavor,
    snapshot: &Snapshot,
    request: &SearchRequest,
    address: DocAddress,
    stored: &Stored,
    words: &mut WordColumns,
) -> Result<Option<Map<String, Value>>, Exception> {
    let mut shown = stored_fields(snapshot, request, stored)?;
    let matching = |pattern: &str| -> Vec<std::sync::Arc<Leaf>> {
        let all = snapshot.mapping.leaves();
        match snapshot.mapping.leaf(pattern) {
            Some(leaf) => vec![leaf.clone()],
            None => all
                .filter(|leaf| crate::name_pattern::matches(pattern, &leaf.path))
                .cloned()
                .collect(),
        }
    };
    for (pattern, format) in &request.docvalue_fields {
        let asked = (pattern.as_str(), format.as_deref());
        add_columns(&mut shown, asked, (snapshot, address, stored), flavor, words)?;
    }
    if !request.fields.is_empty() {
        if !snapshot.mapping.shows_source() {
            return Err(Exception::illegal_argument(format!(
                "Unable to retrieve the requested [fields] since _source is disabled in the mappings for index [{}]",
                snapshot.name
            )));
        }
        let source = stored.source()?;
        for (pattern, format) in &request.fields {
            for leaf in matching(pattern) {
                let format = own_format(&leaf, format.as_deref())?;
                if leaf.kind.is_shown_by_column() {
                    // What was counted is not in the source.
                    if leaf.column.is_some() {
                        let values = column_values(snapshot, &leaf, None, address, words)?;
                        add_values(&mut shown, &leaf.path, values);
                    }
                    continue;
                }
                if let Some(values) = leaf.kind.whole_values(&leaf.path, &source, format.as_ref()) {
                    let within = format!("{}.", leaf.path);
                    let flat = leaf.kind.get::<FlatObject>().is_some_and(|flat| !flat.flattened);
                    if flat && crate::name_pattern::matches(pattern, &within) {
                        // OpenSearch's field for the values at a path has an empty one.
                        set_values(&mut shown, &within, values.clone());
                    }
                    set_values(&mut shown, &leaf.path, values);
                    continue;
                }
                let values = source_values(snapshot, &leaf, &source, format.as_ref(), flavor);
                set_values(&mut shown, &leaf.path, values);
            }
        }
    }
    Ok((!shown.is_empty()).then_some(shown))
}

/// What `fields` shows of a field by the source of its document.
fn source_values(
    snapshot: &Snapshot,
    leaf: &Leaf,
    source: &Value,
    format: Option<&DateFormat>,
    flavor: Flavor,
) -> Vec<Value> {
    if leaf.kind.join().is_some() {
        // As they stand in the document.
        return each_at(source, &leaf.path).cloned().collect();
    }
    let mut values = values_at(source, &leaf.path);
    let parent = leaf.path.rsplit_once('.').map(|(parent, _)| parent);
    if let Some(parent) = parent.filter(|parent| snapshot.mapping.leaf(parent).is_some())
        && values.is_empty()
    {
        // A multi-field shows the values of the field it belongs to.
        values = values_at(source, parent);
    }
    // OpenSearch puts the one value of all documents into a list of its own.
    let listed = leaf.kind.constant_value().is_some() && flavor == Flavor::OpenSearch219;
    let shown =
        values.into_iter().filter_map(|value| leaf.kind.shown(value, &leaf.analyzers, format));
    shown.map(|value| if listed { Value::Array(vec![value]) } else { value }).collect()
}

/// Adds the values of the columns that one entry of `docvalue_fields` means: a field or a pattern, and a format.
///
/// # Errors
/// A field without a column.
fn add_columns(
    shown: &mut Map<String, Value>,
    (pattern, format): (&str, Option<&str>),
    (snapshot, address, stored): (&Snapshot, DocAddress, &Stored),
    flavor: Flavor,
    words: &mut WordColumns,
) -> Result<(), Exception> {
    let mut columns = Vec::new();
    for path in column_names(&snapshot.mapping, pattern, flavor) {
        let Some(leaf) = snapshot.mapping.leaf(&path).cloned() else {
            if let Some(kind) = without_column(&path, flavor) {
                let reason =
                    format!("Fielddata is not supported on field [{path}] of type [{kind}]");
                return Err(Exception::illegal_argument(reason));
            }
            add_values(shown, &path, every_index_has(&path, snapshot, address, stored)?);
            continue;
        };
        if leaf.column.is_none() {
            return Err(Exception::illegal_argument(leaf.no_column()));
        }
        columns.push(leaf);
    }
    // All of them must have a column before any is read.
    for leaf in columns {
        let values = column_values(snapshot, &leaf, format, address, words)?;
        // An alias is shown by its own name.
        let name = if pattern.contains('*') { &leaf.path } else { pattern };
        add_values(shown, name, values);
    }
    Ok(())
}

/// The fields that a pattern of `docvalue_fields` means, those of every index too, in the order of a `HashSet` of Java's:
/// the first that has no column is named.
pub(super) fn column_names(mapping: &Mapping, pattern: &str, flavor: Flavor) -> Vec<String> {
    if mapping.leaf(pattern).is_some() || !pattern.contains('*') {
        return vec![pattern.to_owned()];
    }
    let own = mapping.leaves().map(|leaf| leaf.path.clone());
    let aliases = mapping.aliases().map(|(alias, _)| alias.to_owned());
    let every = metadata_fields(flavor).map(|(name, ..)| name.to_owned());
    // Fields that the real servers have beside these, for the values at paths and for the names of relations.
    let beside = mapping.leaves().filter_map(|leaf| {
        if leaf.kind.join().is_some() {
            return Some("_parent_join".to_owned());
        }
        let flat = leaf.kind.get::<FlatObject>().filter(|flat| !flat.flattened);
        flat.map(|_| format!("{}.", leaf.path))
    });
    let names = own.chain(aliases).chain(every).chain(beside);
    let names: Vec<String> =
        names.filter(|name| crate::name_pattern::matches(pattern, name)).collect();
    hash_order(&names).into_iter().filter_map(|place| names.get(place).cloned()).collect()
}

/// The type of a field of every index that has no column.
fn without_column(name: &str, flavor: Flavor) -> Option<&'static str> {
    let mut every = metadata_fields(flavor).filter(|(own, ..)| *own == name);
    let (_, kind, _, has_column) = every.next()?;
    (!has_column).then_some(kind)
}

/// The value of a field that every index has and that has a column: none, of what is no such field.
fn every_index_has(
    name: &str,
    snapshot: &Snapshot,
    address: DocAddress,
    stored: &Stored,
) -> Result<Vec<Value>, Exception> {
    Ok(match name {
        fields::SEQ_NO_NAME => {
            let reader = snapshot.searcher.segment_reader(address.segment_ord);
            let column = reader.fast_fields().u64(fields::SEQ_NO_NAME).map_err(internal)?;
            // An object has that of its whole document.
            let doc = stored.nested.as_ref().map_or(address.doc_id, |place| place.root);
            column.first(doc).into_iter().map(Value::from).collect()
        }
        "_id" => vec![stored.id.as_str().into()],
        "_index" => vec![Value::from(&*snapshot.name)],
        _ => Vec::new(),
    })
}

/// What `fields` or `stored_fields` show of a field: the last that asks for it counts.
fn set_values(shown: &mut Map<String, Value>, path: &str, values: Vec<Value>) {
    if !values.is_empty() {
        shown.insert(path.to_owned(), values.into());
    }
}

/// Adds to what a field shows: a field asked for twice shows both.
fn add_values(shown: &mut Map<String, Value>, path: &str, values: Vec<Value>) {
    if values.is_empty() {
        return;
    }
    if let Value::Array(known) = shown.entry(path).or_insert_with(|| Value::Array(Vec::new())) {
        known.extend(values);
    }
}

fn own_format(leaf: &Leaf, format: Option<&str>) -> Result<Option<DateFormat>, Exception> {
    match (leaf.kind.date_format(), format) {
        (Some(_), Some(format)) => DateFormat::parse(format).map(Some),
        (Some(own), None) => Ok(Some(own.clone())),
        (None, Some(_)) if leaf.kind.column_kind() == Some(Column::GeoPoint) => {
            Err(no_custom_formats(leaf))
        }
        (None, Some(_)) if leaf.kind.is::<Text>() => {
            let reason = format!("Field [{}] doesn't support formats.", leaf.path);
            Err(Exception::illegal_argument(reason))
        }
        (None, Some(_)) => Err(Exception::illegal_argument(format!(
            "Field [{}] of type [{}] doesn't support formats.",
            leaf.path,
            leaf.kind.name()
        ))),
        (None, None) => Ok(None),
    }
}

fn no_custom_formats(leaf: &Leaf) -> Exception {
    Exception::illegal_argument(format!(
        "Field [{}] of type [{}] does not support custom formats",
        leaf.path,
        leaf.kind.name()
    ))
}

/// The values of a document's column as they are printed.
// long: one arm per kind of column
fn column_values(
    snapshot: &Snapshot,
    leaf: &Leaf,
    format: Option<&str>,
    address: DocAddress,
    words: &mut WordColumns,
) -> Result<Vec<Value>, Exception> {
    let reader = snapshot.searcher.segment_reader(address.segment_ord);
    let name = fields::stored_name(&leaf.path);
    let doc = address.doc_id;
    let mut values = Vec::new();
    match leaf.column {
        Some(kind @ (Column::Str | Column::Terms)) => {
            if format.is_some_and(|format| format != "use_field_mapping") {
                return Err(no_custom_formats(leaf));
            }
            let column = match kind {
                Column::Terms => words.of(snapshot, leaf, address.segment_ord)?,
                _ => columns::strings(reader, &name).map_err(internal)?,
            };
            if let Some(column) = column {
                let mut ordinals: Vec<u64> = column.term_ords(doc).collect();
                ordinals.sort_unstable();
                ordinals.dedup();
                for ordinal in ordinals {
                    let mut text = String::new();
                    column.ord_to_str(ordinal, &mut text).map_err(crate::exception::io)?;
                    values.push(Value::from(text));
                }
            }
        }
        Some(Column::Ip) => {
            if let Some(column) = columns::addresses(reader, &name).map_err(internal)? {
                values.extend(
                    column.values_for_doc(doc).map(|ip| Value::from(columns::address_text(ip))),
                );
            }
        }
        Some(Column::Bytes) => {
            if let Some(column) = columns::bytes(reader, &name).map_err(internal)? {
                for ordinal in column.term_ords(doc) {
                    let mut bytes = Vec::new();
                    column.ord_to_bytes(ordinal, &mut bytes).map_err(crate::exception::io)?;
                    values.push(Value::from(STANDARD_NO_PAD.encode(bytes)));
                }
            }
        }
        Some(Column::Range) => {
            let column = columns::bytes(reader, &name).map_err(internal)?;
            if let (Some(column), Some(kind)) = (column, leaf.kind.get::<RangeField>()) {
                let spans = kind.spans_of(&column, doc)?;
                if !spans.is_empty() {
                    values.push(lucene_text(&kind.encoded(spans)).into());
                }
            }
        }
        Some(Column::Boolean) if format.is_some() => return Err(no_custom_formats(leaf)),
        _ => match format.filter(|_| leaf.kind.is::<Number>()) {
            Some(format) => {
                let format = NumberFormat::parse(format)?;
                let print = |value: Value| value.as_f64().map(|number| format.print(number).into());
                values.extend(numbers(reader, leaf, None, doc)?.into_iter().filter_map(print));
            }
            None => return numbers(reader, leaf, own_format(leaf, format)?.as_ref(), doc),
        },
    }
    Ok(values)
}

/// The numbers of a document's column as they are printed: in their order, as Lucene keeps them.
fn numbers(
    reader: &SegmentReader,
    leaf: &Leaf,
    format: Option<&DateFormat>,
    doc: DocId,
) -> Result<Vec<Value>, Exception> {
    let date = leaf.kind.as_date().zip(format);
    let printed = |value: i64| match (leaf.column, date) {
        (Some(Column::Boolean), _) => Value::from(value != 0),
        (_, Some((date, format))) => Value::from(date.print(format, value)),
        (Some(Column::GeoPoint), _) => {
            let point = crate::geo::Point::of_code(value);
            Value::from(format!("{}, {}", java_double(point.lat), java_double(point.lon)))
        }
        _ => Value::from(value),
    };
    Ok(match Numbers::of(reader, leaf).map_err(internal)? {
        None => Vec::new(),
        Some(Numbers::I64(column)) => {
            let mut found: Vec<i64> = column.values_for_doc(doc).collect();
            found.sort_unstable();
            found.into_iter().map(printed).collect()
        }
        Some(Numbers::U64(column)) => {
            let mut found: Vec<u64> = column.values_for_doc(doc).collect();
            // Lucene keeps them as signed numbers, in whose order the largest come first.
            found.sort_unstable_by_key(|value| *value as i64);
            found.into_iter().map(Value::from).collect()
        }
        Some(Numbers::F64(column)) => {
            let mut found: Vec<f64> = column.values_for_doc(doc).collect();
            found.sort_unstable_by(f64::total_cmp);
            found.into_iter().map(Value::from).collect()
        }
        Some(Numbers::Scaled(column, factor)) => {
            let mut found: Vec<f64> =
                column.values_for_doc(doc).map(|value| scaled(value, factor)).collect();
            found.sort_unstable_by(f64::total_cmp);
            found.into_iter().map(Value::from).collect()
        }
    })
}
