//! A document against its mapping: from JSON to the terms, columns and stored bytes of one tantivy document.

use std::collections::BTreeSet;

use super::column::Column;
use super::document::{IndexDocument, TextHandling};
use super::field_type::Refusal;
use super::leaf::Leaf;
use super::parse_context::{ParseContext, ParsedValues, WholeSource};
use super::{Dynamic, FieldMapping, Mapping, Nested, Node, ObjectMapping, dynamic, fields};
use crate::exception::{Exception, ExceptionKind};
use crate::value::java::java;
use crate::work::Cancel;
use serde_json::{Map, Value};

/// Names at the root of a document that are Elasticsearch's own.
const METADATA_FIELDS: &[&str] = &[
    "_id",
    "_index",
    "_type",
    "_source",
    "_routing",
    "_seq_no",
    "_version",
    "_primary_term",
    "_field_names",
    "_ignored",
    "_nested_path",
    "_doc_count",
];

/// Whether `name` at the root is one of Elasticsearch's own fields.
pub(super) fn is_metadata_field(name: &str) -> bool {
    METADATA_FIELDS.contains(&name)
}

/// A document read against a mapping.
#[derive(Debug)]
pub struct Parsed {
    /// Terms and columns of its fields; the meta fields are the index's to add.
    pub document: IndexDocument,
    /// The mapping it needs, where it brought new fields.
    pub grown: Option<Mapping>,
    /// The join field that makes it a child, which must be routed to its parent.
    pub child_by: Option<String>,
}

/// Reads `source` against `mapping`, growing it where `dynamic` lets the document bring new fields.
///
/// # Errors
/// `mapper_parsing_exception` naming the field, its type and a preview of the value; `strict_dynamic_mapping_exception`;
/// `illegal_argument_exception` for names, limits and immense terms.
pub fn parse(mapping: &Mapping, id: &str, source: &Value) -> Result<Parsed, Exception> {
    parse_until(mapping, id, source, &Cancel::new())
}

/// As [`parse`], of a document that may be long; `task_cancelled_exception` once `cancel` is set, which its texts look at
/// when they are indexed, too.
///
/// # Errors
/// As [`parse`].
pub fn parse_until(
    mapping: &Mapping,
    id: &str,
    source: &Value,
    cancel: &Cancel,
) -> Result<Parsed, Exception> {
    read(mapping, id, source, cancel, false)
}

/// As [`parse_until`]; with `waits` its texts wait as they are until [`IndexDocument::analyze`].
///
/// # Errors
/// As [`parse`].
pub fn read(
    mapping: &Mapping,
    id: &str,
    source: &Value,
    cancel: &Cancel,
    waits: bool,
) -> Result<Parsed, Exception> {
    let Value::Object(entries) = source else { return Err(not_an_object()) };
    let texts = if waits { TextHandling::Waiting } else { TextHandling::AtOnce };
    let mut first = DocumentWalk::new(mapping, id, cancel).handling(texts);
    first.object(entries, &mapping.root.object, "", root_dynamic(mapping))?;
    if !first.unknown {
        return first.parsed(source, None);
    }
    let Some(additions) = dynamic::additions(mapping, entries, &first.copied)? else {
        return first.parsed(source, None);
    };
    let grown = mapping.merged(&additions)?;
    let mut second = DocumentWalk::new(&grown, id, cancel).handling(texts);
    second.object(entries, &grown.root.object, "", root_dynamic(&grown))?;
    let mut read = second.parsed(source, None)?;
    read.grown = Some(grown);
    Ok(read)
}

/// Reads `source` as it was accepted once, perhaps under a stricter or looser mapping since: what does not fit is left
/// out of the terms and columns, and stays in `_source`.
///
/// # Errors
/// As [`parse`], where it is no object at all.
pub fn parse_again(
    mapping: &Mapping,
    id: &str,
    source: &Value,
) -> Result<IndexDocument, Exception> {
    let Value::Object(entries) = source else { return Err(not_an_object()) };
    let never = Cancel::new();
    let mut walk = DocumentWalk { lenient: true, ..DocumentWalk::new(mapping, id, &never) };
    walk.object(entries, &mapping.root.object, "", Dynamic::False)?;
    walk.finish(source)
}

/// The fields of `source`, which was accepted once, of which a malformed value was left out, in the servers' order.
///
/// # Errors
/// As [`parse`], where it is no object at all.
pub(crate) fn ignored(mapping: &Mapping, source: &Value) -> Result<Vec<String>, Exception> {
    let Value::Object(entries) = source else { return Err(not_an_object()) };
    let never = Cancel::new();
    let walk = DocumentWalk { lenient: true, ..DocumentWalk::new(mapping, "", &never) };
    let mut walk = walk.handling(TextHandling::Dropped);
    walk.object(entries, &mapping.root.object, "", Dynamic::False)?;
    let paths: Vec<String> = walk.ignored.into_iter().map(str::to_owned).collect();
    let order = crate::value::java::hash_order(&paths);
    Ok(order.into_iter().filter_map(|place| paths.get(place).cloned()).collect())
}

fn root_dynamic(mapping: &Mapping) -> Dynamic {
    mapping.root.object.dynamic.unwrap_or(Dynamic::True)
}

/// One walk over one document.
struct DocumentWalk<'m> {
    mapping: &'m Mapping,
    id: &'m str,
    open: OpenDocument<'m>,
    /// The fields of which a malformed value was left out.
    ignored: BTreeSet<&'m str>,
    /// How many pieces of shapes there are so far.
    pieces: u32,
    unknown: bool,
    /// What was to be copied to fields that are not mapped yet.
    copied: Vec<(&'m str, Value)>,
    /// Faults are passed over.
    lenient: bool,
    cancel: &'m Cancel,
    /// The documents around the nested object that is being read, the whole one first.
    around: Vec<OpenDocument<'m>>,
    /// Nested objects that were read, each behind those inside it.
    nested: Vec<IndexDocument>,
    /// The join field that makes the document a child.
    child_by: Option<String>,
    /// A field of ranges that a document gets from two nested objects.
    twice: Option<&'m str>,
}

/// The document of which values are read, or one that waits while a nested object inside it is.
struct OpenDocument<'m> {
    document: IndexDocument,
    names: BTreeSet<&'m str>,
    /// The nested path; empty: it is the whole one.
    path: String,
    kept: ParsedValues,
}

impl OpenDocument<'_> {
    fn new(document: IndexDocument, path: &str) -> Self {
        let (names, kept) = (BTreeSet::new(), ParsedValues::default());
        OpenDocument { document, names, path: path.to_owned(), kept }
    }
}

impl<'m> DocumentWalk<'m> {
    fn new(mapping: &'m Mapping, id: &'m str, cancel: &'m Cancel) -> DocumentWalk<'m> {
        DocumentWalk {
            mapping,
            id,
            open: OpenDocument::new(IndexDocument::new(cancel), ""),
            ignored: BTreeSet::new(),
            pieces: 0,
            unknown: false,
            copied: Vec::new(),
            lenient: false,
            cancel,
            around: Vec::new(),
            nested: Vec::new(),
            child_by: None,
            twice: None,
        }
    }

    /// This, whose documents handle their texts so.
    fn handling(mut self, texts: TextHandling) -> DocumentWalk<'m> {
        self.open.document = IndexDocument::new(self.cancel).handling(texts);
        self
    }

    fn parsed(mut self, source: &Value, grown: Option<Mapping>) -> Result<Parsed, Exception> {
        let child_by = self.child_by.take();
        if let Some(path) = self.twice {
            return Err(Exception::illegal_argument(format!(
                "DocValuesField \"{path}\" appears more than once in this document (only one value is allowed per field)"
            )));
        }
        Ok(Parsed { document: self.finish(source)?, grown, child_by })
    }

    fn finish(mut self, source: &Value) -> Result<IndexDocument, Exception> {
        let mapping = self.mapping;
        self.complete(source)?;
        let OpenDocument { mut document, mut names, .. } = self.open;
        for leaf in &mapping.constants {
            if let (Some(value), Some(field)) = (leaf.kind.constant_value(), leaf.field) {
                document.values.add_text(field, value);
                names.insert(&leaf.path);
            }
        }
        for name in names {
            document.values.add_text(fields::FIELD_NAMES, name);
        }
        for path in self.ignored {
            document.values.add_text(fields::FIELD_NAMES, fields::ignored_mark(path));
        }
        document.set_nested(self.nested);
        Ok(document)
    }

    /// Does what waits until all of the open document, which is `source`, was read.
    fn complete(&mut self, source: &Value) -> Result<(), Exception> {
        let mapping = self.mapping;
        let leaf = |path: &str| mapping.leaf(path).cloned();
        let whole = WholeSource { source, leaf: &leaf, cancel: self.cancel };
        for work in std::mem::take(&mut self.open.kept.waiting) {
            match work(&whole, &mut self.open.document) {
                Err(_) if self.lenient => {}
                done => done?,
            }
        }
        Ok(())
    }

    /// A field of ranges of which both documents have values: Lucene keeps the ranges of a document in one value, and refuses a second.
    fn range_twice(&self, own: &IndexDocument, other: &IndexDocument) -> Option<&'m str> {
        let has = |document: &IndexDocument, leaf: &Leaf| {
            leaf.field.is_some_and(|field| document.values.get_first(field).is_some())
        };
        let mut ranges = self.mapping.leaves().filter(|leaf| leaf.column == Some(Column::Range));
        let found = ranges.find(|leaf| has(own, leaf) && has(other, leaf))?;
        Some(found.path.as_str())
    }

    /// Reads one nested object at `path` into a document of its own.
    fn nested_object(
        &mut self,
        source: &Map<String, Value>,
        inner: &'m ObjectMapping,
        includes: Nested,
        path: &str,
        dynamic: Dynamic,
    ) -> Result<(), Exception> {
        let (count, most) =
            (self.nested.len() + self.around.len(), self.mapping.growth.nested_objects);
        if count as u64 >= most && !self.lenient {
            return Err(Exception::mapper_parsing(format!(
                "The number of nested documents has exceeded the allowed limit of [{most}]. This limit can be set by \
                 changing the [index.mapping.nested_objects.limit] index level setting."
            )));
        }
        let fresh = OpenDocument::new(self.open.document.next_of_block(), path);
        self.around.push(std::mem::replace(&mut self.open, fresh));
        let mut read = self.object(source, inner, path, dynamic);
        if !self.open.kept.waiting.is_empty() {
            read = read.and_then(|()| self.complete(&within(path, source)));
        }
        let Some(around) = self.around.pop() else { return read };
        let OpenDocument { document: mut own, names, .. } =
            std::mem::replace(&mut self.open, around);
        self.open.document.goes_on_after(&own);
        read?;
        if includes.in_parent {
            self.twice = self.twice.take().or_else(|| self.range_twice(&own, &self.open.document));
            own.copy_into(&mut self.open.document);
            self.open.names.extend(&names);
        }
        if includes.in_root && !(includes.in_parent && self.around.is_empty()) {
            let root = &self.around.first().unwrap_or(&self.open).document;
            self.twice = self.twice.take().or_else(|| self.range_twice(&own, root));
            let root = self.around.first_mut().unwrap_or(&mut self.open);
            own.copy_into(&mut root.document);
            root.names.extend(&names);
        }
        for name in names {
            own.values.add_text(fields::FIELD_NAMES, name);
        }
        own.values.add_text(fields::FIELD_NAMES, fields::nested_mark(path));
        self.nested.push(own);
        Ok(())
    }

    fn object(
        &mut self,
        source: &Map<String, Value>,
        known: &'m ObjectMapping,
        prefix: &str,
        dynamic: Dynamic,
    ) -> Result<(), Exception> {
        if known.disabled {
            return Ok(());
        }
        for (name, value) in source {
            if prefix.is_empty() && is_metadata_field(name) {
                return Err(self.metadata_field(name, value));
            }
            match check_name(name).and_then(|()| self.entry(name, value, known, prefix, dynamic)) {
                Err(_) if self.lenient => {}
                other => other?,
            }
        }
        Ok(())
    }

    fn entry(
        &mut self,
        name: &str,
        value: &Value,
        known: &'m ObjectMapping,
        prefix: &str,
        dynamic: Dynamic,
    ) -> Result<(), Exception> {
        let (first, rest) = match name.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (name, None),
        };
        let path = if prefix.is_empty() { first.to_owned() } else { format!("{prefix}.{first}") };
        match (known.properties.get(first), rest) {
            (Some(Node::Object(inner)), _) if inner.disabled => Ok(()),
            (Some(Node::Object(inner)), Some(_)) if inner.nested.is_some() => {
                Err(Exception::mapper_parsing(format!(
                    "Cannot add a value for field [{name}] since one of the intermediate objects is mapped as a nested object: [{path}]"
                )))
            }
            (Some(Node::Object(inner)), Some(rest)) => {
                self.entry(rest, value, inner, &path, inner.dynamic.unwrap_or(dynamic))
            }
            (Some(Node::Object(inner)), None) => {
                self.object_value(value, inner, &path, inner.dynamic.unwrap_or(dynamic))
            }
            (Some(Node::Field(field)), None) => self.field(field, &path, value),
            (Some(Node::Field(field)), Some(_)) => Err(Exception::mapper_parsing(format!(
                "Could not dynamically add mapping for field [{name}]. Existing mapping for [{path}] must be of type object but found [{}].",
                field.kind.name()
            ))),
            (Some(Node::Alias(_)), _) => Err(failed_to_parse(Exception::illegal_argument(
                format!("Cannot write to a field alias [{path}]."),
            ))),
            (None, _) => self.new_name(dynamic, prefix, first, value),
        }
    }

    fn new_name(
        &mut self,
        dynamic: Dynamic,
        prefix: &str,
        name: &str,
        value: &Value,
    ) -> Result<(), Exception> {
        match dynamic {
            Dynamic::False => Ok(()),
            Dynamic::Strict if self.lenient => Ok(()),
            Dynamic::Strict => Err(dynamic.refusal(name, prefix)),
            Dynamic::True | Dynamic::StrictAllowTemplates => {
                self.unknown |= !value.is_null();
                names_inside(value)
            }
        }
    }

    fn object_value(
        &mut self,
        value: &Value,
        inner: &'m ObjectMapping,
        path: &str,
        dynamic: Dynamic,
    ) -> Result<(), Exception> {
        match value {
            Value::Null => Ok(()),
            Value::Object(source) => match inner.nested {
                Some(nested) => self.nested_object(source, inner, nested, path, dynamic),
                None => self.object(source, inner, path, dynamic),
            },
            Value::Array(values) => {
                values.iter().try_for_each(|value| match value {
                    // Inside an array a value has no name.
                    scalar if is_scalar(scalar) => Err(not_concrete(path, "null")),
                    value => self.object_value(value, inner, path, dynamic),
                })
            }
            _ => Err(not_concrete(path, path.rsplit('.').next().unwrap_or(path))),
        }
    }

    fn field(
        &mut self,
        field: &'m FieldMapping,
        path: &str,
        value: &Value,
    ) -> Result<(), Exception> {
        if let Value::Array(values) = value
            && !field.kind.takes_whole()
        {
            return values.iter().try_for_each(|value| self.field(field, path, value));
        }
        if let Some(join) = field.kind.join() {
            let read = join.read(path, self.id, value).map_err(failed_to_parse)?;
            for (ids, id) in &read.ids {
                self.leaf(ids, &Value::from(id.as_str()))?;
            }
            if read.is_child {
                self.child_by = Some(path.to_owned());
            }
            return self.leaf(path, &read.name.into());
        }
        self.leaf(path, value)?;
        for (name, inner) in &field.fields {
            let path = format!("{path}.{name}");
            match field.kind.multi_field_values(&*inner.kind, &path, value) {
                Some(values) => values.iter().try_for_each(|value| self.leaf(&path, value))?,
                None => self.multi_field(&path, value)?,
            }
        }
        for target in &field.copy_to {
            self.copy(target, value)?;
        }
        Ok(())
    }

    /// A multi-field gets every value of a list on its own, also where its field takes the list whole.
    fn multi_field(&mut self, path: &str, value: &Value) -> Result<(), Exception> {
        match value {
            Value::Array(values) => {
                values.iter().try_for_each(|value| self.multi_field(path, value))
            }
            value => self.leaf(path, value),
        }
    }

    /// A `copy_to` target gets the value as if it stood there; a target that is new is mapped by it.
    fn copy(&mut self, target: &'m str, value: &Value) -> Result<(), Exception> {
        let mapping = self.mapping;
        match field_at(&mapping.root.object, target) {
            Some(field) => self.in_document_of(target, |walk| {
                walk.leaf(target, value)?;
                field
                    .fields
                    .keys()
                    .try_for_each(|name| walk.leaf(&format!("{target}.{name}"), value))
            }),
            None => self.copy_to_new(target, value),
        }
    }

    /// A value for a field that is not mapped: it is, where the objects around it let documents bring new fields.
    fn copy_to_new(&mut self, target: &'m str, value: &Value) -> Result<(), Exception> {
        let (mut object, mut dynamic) = (&self.mapping.root.object, root_dynamic(self.mapping));
        let (mut around, mut name) = ("", target);
        while let Some((first, rest)) = name.split_once('.') {
            let Some(Node::Object(inner)) = object.properties.get(first) else { break };
            object = inner;
            dynamic = inner.dynamic.unwrap_or(dynamic);
            around = target.get(..target.len() - rest.len() - 1).unwrap_or_default();
            name = rest;
        }
        if dynamic.grows() && !value.is_null() && !self.lenient {
            self.copied.push((target, value.clone()));
        }
        self.new_name(dynamic, around, name, value)
    }

    /// Does `work` on the document that has the field at `target`: this one, or one around it.
    fn in_document_of(
        &mut self,
        target: &str,
        work: impl FnOnce(&mut DocumentWalk<'m>) -> Result<(), Exception>,
    ) -> Result<(), Exception> {
        let holds = |path: &str| {
            path.is_empty() || target.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
        };
        if holds(&self.open.path) {
            return work(self);
        }
        let Some(at) = self.around.iter().rposition(|around| holds(&around.path)) else {
            return work(self);
        };
        self.change_places(at);
        let done = work(self);
        self.change_places(at);
        done
    }

    /// The open document and the one that waits at `at` change places.
    fn change_places(&mut self, at: usize) {
        if let Some(around) = self.around.get_mut(at) {
            std::mem::swap(around, &mut self.open);
        }
    }

    fn leaf(&mut self, path: &str, value: &Value) -> Result<(), Exception> {
        self.cancel.check()?;
        let mapping = self.mapping;
        let Some(leaf) = mapping.leaves.get(path) else { return Ok(()) };
        let mut context = ParseContext {
            leaf,
            id: self.id,
            cancel: self.cancel,
            document: &mut self.open.document,
            kept: &mut self.open.kept,
            pieces: &mut self.pieces,
            is_ignored: false,
        };
        let added = leaf.kind.parse_into(value, &mut context);
        if context.is_ignored {
            self.ignored.insert(&leaf.path);
        }
        let added = match added {
            Err(_) if self.lenient => false,
            Err(ended) if self.cancel.is_cancelled() => return Err(ended),
            other => other.map_err(|cause| self.refused(leaf, value, cause))?,
        };
        // A field exists where something but the document keeps it.
        let is_kept =
            leaf.field.is_some() || leaf.kind.is_kept_by_source() || mapping.is_stored(&leaf.path);
        if added && is_kept {
            self.open.names.insert(&leaf.path);
        }
        leaf.fed.iter().try_for_each(|path| self.leaf(path, value))
    }

    fn refused(&self, leaf: &Leaf, value: &Value, cause: Exception) -> Exception {
        // What the reader of JSON itself refuses says where.
        let cause = match cause.kind() {
            ExceptionKind::IllegalState | ExceptionKind::Parsing => cause.at(value),
            ExceptionKind::JsonParse | ExceptionKind::InputCoercion => cause.after(value),
            _ => cause,
        };
        if cause.kind() == ExceptionKind::IllegalArgument
            && cause.reason().starts_with("Document contains")
        {
            return cause;
        }
        match leaf.kind.refusal() {
            Refusal::Document => {
                return match cause.kind() {
                    ExceptionKind::ElasticsearchParse | ExceptionKind::Parsing => {
                        Exception::mapper_parsing("failed to parse")
                            .root_cause(cause.clone())
                            .caused_by(cause)
                    }
                    _ => failed_to_parse(cause),
                };
            }
            Refusal::Field => {
                let refusal = Exception::mapper_parsing(format!(
                    "failed to parse field [{}] of type [{}]",
                    leaf.path,
                    leaf.kind.capability()
                ));
                let refusal = match cause.kind() {
                    ExceptionKind::ElasticsearchParse => refusal.root_cause(cause.clone()),
                    _ => refusal,
                };
                return refusal.caused_by(cause);
            }
            Refusal::Value => {}
        }
        Exception::mapper_parsing(format!(
            "failed to parse field [{}] of type [{}] in document with id '{}'. Preview of field's value: '{}'",
            leaf.path,
            leaf.kind.capability(),
            self.id,
            leaf.kind.preview(value)
        ))
        .caused_by(cause)
    }

    fn metadata_field(&self, name: &str, value: &Value) -> Exception {
        let cause = Exception::mapper_parsing(format!(
            "Field [{name}] is a metadata field and cannot be added inside a document. Use the index API request parameters."
        ));
        Exception::mapper_parsing(format!(
            "failed to parse field [{name}] of type [{name}] in document with id '{}'. Preview of field's value: '{}'",
            self.id,
            java(value)
        ))
        .root_cause(cause.clone())
        .caused_by(cause)
    }
}

/// Whether a value is a number, a text or a flag.
fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_))
}

/// The refusal of a value where the mapping has an object.
fn not_concrete(path: &str, name: &str) -> Exception {
    Exception::mapper_parsing(format!(
        "object mapping for [{path}] tried to parse field [{name}] as object, but found a concrete value"
    ))
}

/// `failed to parse`, the wrapper Elasticsearch puts around faults that belong to no field.
pub fn failed_to_parse(cause: Exception) -> Exception {
    Exception::mapper_parsing("failed to parse").caused_by(cause)
}

/// The object at `path` inside the objects that it lies in.
fn within(path: &str, object: &Map<String, Value>) -> Value {
    path.rsplit('.').fold(Value::Object(object.clone()), |inner, name| {
        Value::Object(Map::from_iter([(name.to_owned(), inner)]))
    })
}

fn not_an_object() -> Exception {
    failed_to_parse(Exception::new(
        ExceptionKind::NotXContent,
        "Compressor detection can only be called on some xcontent bytes or compressed xcontent bytes",
    ))
}

pub(super) fn field_at<'m>(object: &'m ObjectMapping, path: &str) -> Option<&'m FieldMapping> {
    match (object.properties.get(path), path.split_once('.')) {
        (Some(Node::Field(field)), _) => Some(field),
        (None, Some((first, rest))) => match object.properties.get(first) {
            Some(Node::Object(inner)) => field_at(inner, rest),
            Some(Node::Field(field)) => field.fields.get(rest),
            _ => None,
        },
        _ => None,
    }
}

fn check_name(name: &str) -> Result<(), Exception> {
    if name.is_empty() {
        return Err(failed_to_parse(Exception::illegal_argument(
            "field name cannot be an empty string",
        )));
    }
    if name.bytes().all(|byte| byte == b'.') {
        return Err(failed_to_parse(Exception::illegal_argument(
            "field name cannot contain only the character [.]",
        )));
    }
    if name.contains('.') && name.split('.').any(str::is_empty) {
        return Err(failed_to_parse(Exception::illegal_argument(format!(
            "object field starting or ending with a [.] makes object resolution ambiguous: [{name}]"
        ))));
    }
    Ok(())
}

/// Checks the names inside a value that is about to be mapped.
fn names_inside(value: &Value) -> Result<(), Exception> {
    match value {
        Value::Object(entries) => entries.iter().try_for_each(|(name, value)| {
            check_name(name)?;
            names_inside(value)
        }),
        Value::Array(values) => values.iter().try_for_each(names_inside),
        _ => Ok(()),
    }
}
