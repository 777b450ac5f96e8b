//! Where a nested object lies in its document: what `_nested` tells of a hit, and its part of the source.

use serde_json::{Map, Value, json};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, DocSet, SegmentReader};

use crate::blocks::{Roots, mark};
use crate::exception::{Exception, internal};
use crate::index::Snapshot;
use crate::mapping::fields;

/// The place of a nested object.
pub(super) struct NestedPlace {
    /// The document that it is in.
    pub(super) root: DocId,
    /// The way to it from there: at each step the path relative to the object before, and the number among its kind.
    steps: Vec<(String, usize)>,
}

impl NestedPlace {
    /// The place of the document at `address`; `None` for a whole one.
    pub(super) fn of(
        snapshot: &Snapshot,
        address: DocAddress,
    ) -> Result<Option<NestedPlace>, Exception> {
        if !snapshot.mapping.has_blocks() {
            return Ok(None);
        }
        let reader = snapshot.searcher.segment_reader(address.segment_ord);
        let roots = Roots::of(reader).map_err(internal)?;
        if roots.contains(address.doc_id) {
            return Ok(None);
        }
        let root = roots.root_of(address.doc_id);
        let block = (roots.block_start(root), root);
        let mut steps = Vec::new();
        let mut doc = address.doc_id;
        let mut path = path_of(snapshot, reader, block, doc)?;
        while let Some(own) = path {
            let outer = snapshot.mapping.nested_around(own);
            let around = match outer {
                Some(outer) => members(outer, reader, block)?,
                None => Vec::new(),
            };
            let start = around.iter().rev().find(|other| **other < doc);
            let start = start.map_or(block.0, |before| before + 1);
            let kind = members(own, reader, (start, doc))?;
            let relative = match outer {
                Some(outer) => own.strip_prefix(outer).map(|rest| rest.trim_start_matches('.')),
                None => None,
            };
            steps.push((relative.unwrap_or(own).to_owned(), kind.len()));
            doc = around.into_iter().find(|other| *other > doc).unwrap_or(root);
            path = outer;
        }
        steps.reverse();
        Ok(Some(NestedPlace { root, steps }))
    }

    /// `_nested`.
    pub(super) fn printed(&self) -> Value {
        let mut printed = Value::Null;
        for (field, offset) in self.steps.iter().rev() {
            let mut step = json!({"field": field, "offset": offset});
            if let (false, Some(step)) = (printed.is_null(), step.as_object_mut()) {
                step.insert("_nested".to_owned(), printed);
            }
            printed = step;
        }
        printed
    }

    /// What of a whole source is the object: itself, where it stands.
    pub(super) fn cut(&self, source: &Value) -> Value {
        let mut found = Some(source);
        for (path, offset) in &self.steps {
            let mut objects = Vec::new();
            if let Some(source) = found {
                gather(source, path, &mut objects);
            }
            found = objects.get(*offset).copied();
        }
        let object = found.cloned().unwrap_or_else(|| Value::Object(Map::new()));
        let names = self.steps.iter().rev().flat_map(|(path, _)| path.rsplit('.'));
        names.fold(object, |inner, name| json!({ name: inner }))
    }

    /// The object in what [`NestedPlace::cut`] made, or in what a filter left of that.
    pub(super) fn object<'v>(&self, cut: &'v Value) -> Option<&'v Value> {
        let mut names = self.steps.iter().flat_map(|(path, _)| path.split('.'));
        names.try_fold(cut, |value, name| value.get(name))
    }
}

/// The nested path of `doc`: the longest of those that mark it.
fn path_of<'s>(
    snapshot: &'s Snapshot,
    reader: &SegmentReader,
    block: (DocId, DocId),
    doc: DocId,
) -> Result<Option<&'s str>, Exception> {
    for path in snapshot.mapping.nested() {
        if members(path, reader, (doc, block.1.min(doc + 1)))?.contains(&doc) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// The nested objects at `path` from the first of `range` to before its second.
fn members(
    path: &str,
    reader: &SegmentReader,
    range: (DocId, DocId),
) -> Result<Vec<DocId>, Exception> {
    let inverted = reader.inverted_index(fields::FIELD_NAMES).map_err(internal)?;
    let postings = inverted.read_postings(&mark(path), IndexRecordOption::Basic);
    let mut found = Vec::new();
    if let Some(mut postings) = postings.map_err(crate::exception::io)? {
        let mut doc = postings.doc();
        if doc < range.0 {
            doc = postings.seek(range.0);
        }
        while doc < range.1 {
            found.push(doc);
            doc = postings.advance();
        }
    }
    Ok(found)
}

/// The objects at `path` of a source, arrays opened.
fn gather<'v>(value: &'v Value, path: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| gather(value, path, found)),
        Value::Object(_) if path.is_empty() => found.push(value),
        Value::Object(object) => {
            for (key, inner) in object {
                if key == path {
                    gather(inner, "", found);
                } else if let Some(rest) =
                    path.strip_prefix(key.as_str()).and_then(|rest| rest.strip_prefix('.'))
                {
                    gather(inner, rest, found);
                }
            }
        }
        _ => {}
    }
}
