//! A document against its mapping: from JSON to the terms, columns and stored bytes of one tantivy document.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::completion::Input;
use super::completion_context::CompletionContext;
use super::document::{IndexDocument, TextHandling};
use super::field_type::MappedFieldType as _;
use super::geo_point::GeoPoint;
use super::geo_shape::GeoShape;
use super::join::JoinRole;
use super::keyword::{Keyword, TERM_BYTES_MAX, not_text};
use super::number::{Number, NumberValue};
use super::percolator::Percolator;
use super::rank_feature::RankFeature;
use super::{
    Dynamic, FieldMapping, FieldType, Leaf, Mapping, Nested, Node, ObjectMapping, binary, dynamic,
    fields,
};
use crate::exception::{Exception, ExceptionKind};
use crate::geo::Point;
use crate::geo::shape::{Shape, pieces};
use crate::value::java::java;
use crate::value::path::whole_at;
use crate::value::scalar::{plain, token};
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
    document: IndexDocument,
    names: BTreeSet<&'m str>,
    /// The fields of which a malformed value was left out.
    ignored: BTreeSet<&'m str>,
    /// The paths of the features of `rank_features` so far.
    features: BTreeSet<String>,
    /// How many pieces of shapes there are so far.
    pieces: u32,
    unknown: bool,
    /// What was to be copied to fields that are not mapped yet.
    copied: Vec<(&'m str, Value)>,
    /// Faults are passed over.
    lenient: bool,
    texts: TextHandling,
    cancel: &'m Cancel,
    /// The nested path of `document`; empty: it is the whole one.
    path: String,
    /// The documents around the nested object that is being read, the whole one first.
    around: Vec<OuterDocument<'m>>,
    /// Nested objects that were read, each behind those inside it.
    nested: Vec<IndexDocument>,
    /// The join field that makes the document a child.
    child_by: Option<String>,
    /// Inputs of completion fields, whose contexts may be in fields that are read later.
    inputs: Vec<(&'m Arc<Leaf>, Vec<Input>)>,
}

/// A document that waits while a nested object inside it is read.
struct OuterDocument<'m> {
    document: IndexDocument,
    names: BTreeSet<&'m str>,
    path: String,
    inputs: Vec<(&'m Arc<Leaf>, Vec<Input>)>,
}

impl<'m> DocumentWalk<'m> {
    fn new(mapping: &'m Mapping, id: &'m str, cancel: &'m Cancel) -> DocumentWalk<'m> {
        DocumentWalk {
            mapping,
            id,
            document: IndexDocument::new(cancel),
            names: BTreeSet::new(),
            ignored: BTreeSet::new(),
            features: BTreeSet::new(),
            pieces: 0,
            unknown: false,
            copied: Vec::new(),
            lenient: false,
            texts: TextHandling::AtOnce,
            cancel,
            path: String::new(),
            around: Vec::new(),
            nested: Vec::new(),
            child_by: None,
            inputs: Vec::new(),
        }
    }

    /// This, whose documents handle their texts so.
    fn handling(mut self, texts: TextHandling) -> DocumentWalk<'m> {
        self.texts = texts;
        self.document = self.fresh();
        self
    }

    /// A document without values.
    fn fresh(&self) -> IndexDocument {
        IndexDocument::new(self.cancel).handling(self.texts)
    }

    fn parsed(mut self, source: &Value, grown: Option<Mapping>) -> Result<Parsed, Exception> {
        let child_by = self.child_by.take();
        Ok(Parsed { document: self.finish(source)?, grown, child_by })
    }

    fn finish(mut self, source: &Value) -> Result<IndexDocument, Exception> {
        let mapping = self.mapping;
        let inputs = std::mem::take(&mut self.inputs);
        self.complete(inputs, source)?;
        for leaf in mapping.leaves.values() {
            let FieldType::Keyword(keyword) = &leaf.kind else { continue };
            if let (Some(value), Some(field)) = (keyword.constant_value(), leaf.field) {
                self.document.values.add_text(field, value);
                self.names.insert(&leaf.path);
            }
        }
        for name in self.names {
            self.document.values.add_text(fields::FIELD_NAMES, name);
        }
        for path in self.ignored {
            self.document.values.add_text(fields::FIELD_NAMES, fields::ignored_mark(path));
        }
        self.document.set_nested(self.nested);
        Ok(self.document)
    }

    /// Adds the terms of completion fields, of which contexts may be at paths of `source`.
    fn complete(
        &mut self,
        inputs: Vec<(&'m Arc<Leaf>, Vec<Input>)>,
        source: &Value,
    ) -> Result<(), Exception> {
        for (leaf, inputs) in inputs {
            let (FieldType::Completion(kind), Some(analyzer)) =
                (&leaf.kind, &leaf.analyzers.documents)
            else {
                continue;
            };
            let values = |context: &CompletionContext, path: &str| {
                context_values(self.mapping, context, path, source)
            };
            let terms = match kind.terms(&leaf.path, &inputs, analyzer, values, self.cancel) {
                Err(_) if self.lenient => continue,
                terms => terms?,
            };
            for (term, field) in terms.iter().filter_map(|term| Some((term, leaf.field?))) {
                self.document.values.add_bytes(field, term);
            }
        }
        Ok(())
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
        let fresh = self.fresh();
        self.around.push(OuterDocument {
            document: std::mem::replace(&mut self.document, fresh),
            names: std::mem::take(&mut self.names),
            path: std::mem::replace(&mut self.path, path.to_owned()),
            inputs: std::mem::take(&mut self.inputs),
        });
        let mut read = self.object(source, inner, path, dynamic);
        let Some(around) = self.around.pop() else { return read };
        let inputs = std::mem::replace(&mut self.inputs, around.inputs);
        if !inputs.is_empty() {
            read = read.and_then(|()| self.complete(inputs, &within(path, source)));
        }
        let mut own = std::mem::replace(&mut self.document, around.document);
        let names = std::mem::replace(&mut self.names, around.names);
        self.path = around.path;
        read?;
        if includes.in_parent {
            own.copy_into(&mut self.document);
            self.names.extend(&names);
        }
        if includes.in_root && !(includes.in_parent && self.around.is_empty()) {
            let (root, its_names) = match self.around.first_mut() {
                Some(root) => (&mut root.document, &mut root.names),
                None => (&mut self.document, &mut self.names),
            };
            own.copy_into(root);
            its_names.extend(&names);
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
            Dynamic::Strict => Err(Exception::new(
                ExceptionKind::StrictDynamicMapping,
                format!(
                    "mapping set to strict, dynamic introduction of [{name}] within [{}] is not allowed",
                    if prefix.is_empty() { "_doc" } else { prefix }
                ),
            )),
            Dynamic::True => {
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
                values.iter().try_for_each(|value| self.object_value(value, inner, path, dynamic))
            }
            _ => Err(Exception::mapper_parsing(format!(
                "object mapping for [{path}] tried to parse field [{}] as object, but found a concrete value",
                path.rsplit('.').next().unwrap_or(path)
            ))),
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
        if let FieldType::Keyword(Keyword { join: Some(JoinRole::Relation(join)), .. }) =
            &field.kind
        {
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
        if let FieldType::Completion(kind) = &field.kind {
            for (name, inner) in &field.fields {
                let path = format!("{path}.{name}");
                if matches!(inner.kind, FieldType::Completion(_)) {
                    self.leaf(&path, value)?;
                } else {
                    let texts = kind.texts(&path, value);
                    texts.iter().try_for_each(|text| self.leaf(&path, text))?;
                }
            }
            return field.copy_to.iter().try_for_each(|target| self.copy(target, value));
        }
        let text = match &field.kind {
            FieldType::GeoPoint(kind) => {
                let points = kind.parse(leaf_name(path), value).unwrap_or_default();
                Some(Value::from(GeoPoint::text(&points))).filter(|_| !points.is_empty())
            }
            _ => None,
        };
        for name in field.fields.keys() {
            self.multi_field(&format!("{path}.{name}"), text.as_ref().unwrap_or(value))?;
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
        if dynamic == Dynamic::True && !value.is_null() && !self.lenient {
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
        if holds(&self.path) {
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
            std::mem::swap(&mut around.document, &mut self.document);
            std::mem::swap(&mut around.names, &mut self.names);
        }
    }

    fn leaf(&mut self, path: &str, value: &Value) -> Result<(), Exception> {
        self.cancel.check()?;
        let mapping = self.mapping;
        let Some(leaf) = mapping.leaves.get(path) else { return Ok(()) };
        let added = match self.value(leaf, value) {
            Err(_) if self.lenient => false,
            Err(ended) if self.cancel.is_cancelled() => return Err(ended),
            other => other.map_err(|cause| self.refused(leaf, value, cause))?,
        };
        // A field exists where something but the document keeps it.
        let is_kept = leaf.field.is_some()
            || matches!(leaf.kind, FieldType::Percolator(_))
            || mapping.is_stored(&leaf.path);
        if added && is_kept {
            self.names.insert(&leaf.path);
        }
        if let FieldType::Text(text) = &leaf.kind {
            for (name, _) in text.beside() {
                self.leaf(&format!("{path}.{name}"), value)?;
            }
        }
        Ok(())
    }

    /// Adds one scalar to a leaf; false where there is nothing to add.
    // long: one arm per type
    fn value(&mut self, leaf: &'m Arc<Leaf>, value: &Value) -> Result<bool, Exception> {
        let null = value.is_null();
        match &leaf.kind {
            FieldType::Text(_) | FieldType::Binary(_) if null => Ok(false),
            FieldType::Text(_) => match value {
                Value::Object(_) | Value::Array(_) => Err(not_text()),
                Value::String(text) => self.text(leaf, text),
                value => self.text(leaf, &plain(value)),
            },
            FieldType::Keyword(keyword) if keyword.constant_value().is_some() => {
                // Every document is given the value at its end.
                keyword.check_constant(leaf_name(&leaf.path), value).map(|()| true)
            }
            FieldType::Keyword(keyword) => {
                let text = if null { keyword.null_value.clone() } else { keyword.parse(value)? };
                text.map_or(Ok(false), |text| self.keyword(leaf, text))
            }
            FieldType::Number(Number { counts: Some(counts), null_value, .. }) => {
                let Some(analyzer) = leaf.analyzers.documents.as_ref().filter(|_| !null) else {
                    return Ok(self.number(leaf, *null_value));
                };
                if value.is_object() || value.is_array() {
                    return Err(not_text());
                }
                let count = counts.of(&plain(value), analyzer, self.cancel)?;
                Ok(self.number(leaf, Some(NumberValue::I64(count))))
            }
            FieldType::Number(number) => {
                let parsed = if null { Ok(number.null_value) } else { number.parse(value) };
                let parsed = self.lenient(leaf, number.ignore_malformed, parsed)?;
                Ok(self.number(leaf, parsed))
            }
            FieldType::Date(date) => {
                let parsed = if null { Ok(date.null_value) } else { date.parse(value).map(Some) };
                let parsed = self.lenient(leaf, date.ignore_malformed, parsed)?;
                Ok(self.number(leaf, parsed.map(NumberValue::I64)))
            }
            FieldType::Boolean(boolean) => {
                let parsed = if null {
                    boolean.null_value
                } else {
                    Some(super::boolean::Boolean::parse(value)?)
                };
                Ok(self.number(leaf, parsed.map(|value| NumberValue::I64(value.into()))))
            }
            FieldType::Ip(ip) => {
                let parsed =
                    if null { Ok(ip.null_value) } else { super::ip::Ip::parse(value).map(Some) };
                let parsed = self.lenient(leaf, ip.ignore_malformed, parsed)?;
                if let (Some(field), Some(address)) = (leaf.field, parsed) {
                    self.document.values.add_ip_addr(field, address);
                }
                Ok(parsed.is_some())
            }
            FieldType::Binary(_) => {
                let bytes = binary::read(value)?;
                if let Some(field) = leaf.field {
                    self.document.values.add_bytes(field, &bytes);
                }
                Ok(true)
            }
            FieldType::Range(_) | FieldType::RankFeature(RankFeature { many: false, .. })
                if null =>
            {
                Ok(false)
            }
            FieldType::Range(kind) => {
                let span = kind.parse(leaf_name(&leaf.path), value)?;
                if let Some(field) = leaf.field {
                    self.document.values.add_bytes(field, &span.bytes());
                }
                Ok(true)
            }
            FieldType::Percolator(_) => Percolator::check(value).map(|()| true),
            FieldType::RankFeature(kind) => self.features(leaf, kind, value),
            FieldType::FlatObject(kind) => {
                let terms = kind.terms(&leaf.path, value)?;
                for (term, field) in terms.iter().filter_map(|term| Some((term, leaf.field?))) {
                    self.document.values.add_text(field, term);
                }
                Ok(!terms.is_empty())
            }
            FieldType::Vector(_) if null => Ok(false),
            FieldType::Vector(kind) => {
                let vector = kind.read(&leaf.path, self.id, value)?;
                if let Some(field) = leaf.field {
                    self.document.values.add_bytes(field, &super::vector::bytes(&vector));
                }
                Ok(true)
            }
            FieldType::GeoShape(kind) => {
                let shape = self.lenient(leaf, kind.ignore_malformed, GeoShape::parse(value))?;
                self.shape(leaf, shape)
            }
            FieldType::GeoPoint(kind) => self.places(leaf, kind, value),
            FieldType::Completion(kind) => {
                let inputs = kind.read(&leaf.path, value)?;
                let any = !inputs.is_empty();
                self.inputs.push((leaf, inputs));
                Ok(any)
            }
        }
    }

    /// What was read of a value of `leaf`, which says whether a malformed one is passed over.
    fn lenient<T>(
        &mut self,
        leaf: &'m Leaf,
        ignore_malformed: bool,
        parsed: Result<Option<T>, Exception>,
    ) -> Result<Option<T>, Exception> {
        match parsed {
            Err(_) if ignore_malformed => {
                self.ignored.insert(&leaf.path);
                Ok(None)
            }
            other => other,
        }
    }

    fn shape(&mut self, leaf: &Leaf, shape: Option<Shape>) -> Result<bool, Exception> {
        let (Some(shape), Some(field)) = (shape, leaf.field) else { return Ok(false) };
        let pieces = pieces(&shape, self.pieces);
        self.pieces = self.pieces.saturating_add(u32::try_from(pieces.len()).unwrap_or(u32::MAX));
        for piece in &pieces {
            self.document.values.add_bytes(field, piece);
        }
        Ok(true)
    }

    fn places(
        &mut self,
        leaf: &'m Leaf,
        kind: &GeoPoint,
        value: &Value,
    ) -> Result<bool, Exception> {
        let parsed = kind.parse(leaf_name(&leaf.path), value).map(Some);
        let points = self.lenient(leaf, kind.ignore_malformed, parsed)?.unwrap_or_default();
        for point in &points {
            self.number(leaf, Some(NumberValue::I64(point.code())));
        }
        Ok(!points.is_empty())
    }

    /// Adds the value of `rank_feature`, or the values of `rank_features`; each feature has at most one.
    fn features(
        &mut self,
        leaf: &'m Arc<Leaf>,
        kind: &RankFeature,
        value: &Value,
    ) -> Result<bool, Exception> {
        let Some(field) = leaf.field else { return Ok(false) };
        let name = kind.name();
        let twice = |feature: &str, path: &str| {
            let what = if feature.is_empty() { "field" } else { "rank feature" };
            Exception::illegal_argument(format!(
                "[{name}] fields do not support indexing multiple values for the same {what} [{path}] in the same document"
            ))
        };
        if !kind.many {
            let kept = kind.parse(leaf_name(&leaf.path), "_feature", value)?;
            if !self.names.insert(&leaf.path) {
                return Err(twice("", &leaf.path));
            }
            self.document.values.add_f64(field, kept.into());
            return Ok(true);
        }
        let Value::Object(features) = value else {
            return Err(Exception::illegal_argument(format!(
                "[{name}] fields must be json objects, expected a START_OBJECT but got: {}",
                token(value)
            )));
        };
        for (feature, value) in features.iter().filter(|(_, value)| !value.is_null()) {
            if value.is_object() || value.is_array() || value.is_boolean() {
                return Err(Exception::illegal_argument(format!(
                    "[{name}] fields take hashes that map a feature to a strictly positive float, but got unexpected token {}",
                    token(value)
                )));
            }
            let kept = kind.parse(feature, leaf_name(&leaf.path), value)?;
            let path = format!("{}.{feature}", leaf.path);
            if !self.features.insert(path.clone()) {
                return Err(twice(feature, &path));
            }
            self.document.values.add_bytes(field, &RankFeature::bytes(feature, kept));
        }
        Ok(!features.is_empty())
    }

    fn text(&mut self, leaf: &Leaf, text: &str) -> Result<bool, Exception> {
        let (Some(field), Some(analyzer)) = (leaf.field, &leaf.analyzers.documents) else {
            return Ok(false);
        };
        let gap = match &leaf.kind {
            FieldType::Text(text) => text.position_increment_gap,
            _ => 0,
        };
        self.document.add_text(field, analyzer, gap, text)?;
        Ok(true)
    }

    fn keyword(&mut self, leaf: &Leaf, text: String) -> Result<bool, Exception> {
        let text = match &leaf.analyzers.normalizer {
            Some(chain) => chain.normalize(&text),
            None => text,
        };
        if text.len() > TERM_BYTES_MAX {
            return Err(immense_term(&leaf.path, &text));
        }
        if let Some(field) = leaf.field {
            self.document.values.add_text(field, text);
        }
        Ok(true)
    }

    fn number(&mut self, leaf: &Leaf, value: Option<NumberValue>) -> bool {
        let (Some(value), Some(field)) = (value, leaf.field) else { return value.is_some() };
        match value {
            NumberValue::I64(value) => self.document.values.add_i64(field, value),
            NumberValue::U64(value) => self.document.values.add_u64(field, value),
            NumberValue::F64(value) => self.document.values.add_f64(field, value),
        }
        true
    }

    fn refused(&self, leaf: &Leaf, value: &Value, cause: Exception) -> Exception {
        if cause.kind() == ExceptionKind::IllegalArgument
            && cause.reason().starts_with("Document contains")
        {
            return cause;
        }
        let is_whole = match &leaf.kind {
            FieldType::RankFeature(kind) => kind.many,
            kind => matches!(kind, FieldType::Percolator(_) | FieldType::Completion(_)),
        };
        if is_whole {
            return match cause.kind() {
                ExceptionKind::ElasticsearchParse | ExceptionKind::Parsing => {
                    Exception::mapper_parsing("failed to parse")
                        .root_cause(cause.clone())
                        .caused_by(cause)
                }
                _ => failed_to_parse(cause),
            };
        }
        let preview = match &leaf.kind {
            FieldType::Range(range) => range.preview(value),
            // As it stands in the document.
            _ if value.is_number() => plain(value),
            _ => java(value),
        };
        if leaf.kind.takes_whole() {
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
        Exception::mapper_parsing(format!(
            "failed to parse field [{}] of type [{}] in document with id '{}'. Preview of field's value: '{}'",
            leaf.path,
            leaf.kind.capability(),
            self.id,
            preview
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

/// The values of a context that its documents have at `path`.
fn context_values(
    mapping: &Mapping,
    context: &CompletionContext,
    path: &str,
    source: &Value,
) -> Result<Vec<String>, Exception> {
    let Some(leaf) = mapping.leaf(path) else { return Ok(Vec::new()) };
    let parent = leaf.path.rsplit_once('.').filter(|(parent, _)| mapping.leaf(parent).is_some());
    let at = parent.map_or(leaf.path.as_str(), |(parent, _)| parent);
    let mut values = Vec::new();
    for value in whole_at(source, at) {
        match &leaf.kind {
            FieldType::GeoPoint(kind) => {
                let points = kind.parse(leaf_name(at), value).unwrap_or_default();
                let kept = points.into_iter().map(|point| Point::of_code(point.code()));
                values.extend(kept.map(|point| context.hash(point)));
            }
            FieldType::Keyword(keyword) => {
                for value in opened(value) {
                    let text = keyword.parse(value)?;
                    values.extend(text.map(|text| match &leaf.analyzers.normalizer {
                        Some(normalizer) => normalizer.normalize(&text),
                        None => text,
                    }));
                }
            }
            FieldType::Text(_) => values.extend(opened(value).into_iter().map(plain)),
            _ => {
                return Err(Exception::illegal_argument(format!(
                    "Failed to parse context field [{path}], only keyword and text fields are accepted"
                )));
            }
        }
    }
    Ok(values)
}

/// The values of a list, or the one that it is; nothing of null.
fn opened(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().filter(|value| !value.is_null()).collect(),
        Value::Null => Vec::new(),
        value => vec![value],
    }
}

/// The last part of a path.
fn leaf_name(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
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

fn immense_term(path: &str, text: &str) -> Exception {
    let prefix: Vec<String> = text.bytes().take(30).map(|byte| (byte as i8).to_string()).collect();
    let inner = format!("bytes can be at most {TERM_BYTES_MAX} in length; got {}", text.len());
    Exception::illegal_argument(format!(
        "Document contains at least one immense term in field=\"{path}\" (whose UTF8 encoding is longer than the max length {TERM_BYTES_MAX}), all of which were skipped.  Please correct the analyzer to not produce such terms.  The prefix of the first immense term is: '[{}]...', original message: {inner}",
        prefix.join(", ")
    ))
    .caused_by(Exception::new(ExceptionKind::MaxBytesLength, inner))
}
