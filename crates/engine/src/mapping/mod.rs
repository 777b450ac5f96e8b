//! Mappings: which fields an index has, of which type, and how a document becomes terms and columns.
//!
//! A [`Mapping`] is an immutable value. Changing one (`put mapping`, or a document that brings a new field) makes another
//! with a higher version; fields are only ever **added**, as in Elasticsearch, so a tantivy [`Field`](tantivy::schema::Field) keeps its number
//! for the life of the index and old segments stay readable under the new schema.
//!
//! How leaves are kept:
//!
//! | field type | tantivy |
//! |---|---|
//! | `text` | Str, terms with frequencies, positions and norms; no column |
//! | `keyword` | Str, terms as they are, and a Str column |
//! | `long integer short byte`, `boolean` (0, 1), `date` (milliseconds since 1970) | i64 terms and column |
//! | `unsigned_long` | u64 terms and column |
//! | `double float half_float scaled_float` | f64 terms and column (after rounding to the type's own precision) |
//! | `geo_point` | i64 column: 32 bits of latitude, 32 of longitude |
//! | ranges, `binary` with `doc_values` | bytes column |
//! | `rank_feature` | f64 column; `rank_features`: a bytes column of names with values |
//! | `completion` | bytes as terms: each way to read an input, with its weight and the input itself |
//! | `flat_object` | Str terms: each value, and each value behind its path |
//! | `ip` | IPv6 (IPv4 mapped) terms and column |
//! | `murmur3` | i64 column of hashes |
//! | `geo_shape`, `dense_vector`, `knn_vector` | bytes column |
//! | `nested` | a document of its own before the one it is in; `_field_names` has a mark of its path |
//! | `binary`, `object`, and any leaf with `enabled`, `index` and `doc_values` false | nothing: only `_source` has it |
//!
//! Each document carries beside them `_id`, `_source`, `_seq_no`, `_version`, `_primary_term`, `_routing`, and in
//! `_field_names` the path of every leaf that has a value, which is what the `exists` query asks.

pub mod alias;
pub mod analyzers;
pub mod binary;
pub mod boolean;
pub mod column;
pub mod completion;
pub mod completion_context;
pub mod date;
pub mod document;
pub mod dynamic;
pub mod dynamic_template;
pub mod field;
pub(crate) mod field_type;
mod field_types;
pub mod fields;
pub mod flat_object;
pub mod geo_point;
pub mod geo_shape;
pub mod histogram;
pub mod ip;
pub mod join;
pub mod kept;
pub mod keyword;
pub mod leaf;
mod merge;
pub(crate) mod metadata_fields;
pub mod murmur3;
pub mod number;
pub mod object;
pub(crate) mod packed;
pub mod parameters;
mod parse;
mod parse_context;
pub mod parsed;
pub mod percolator;
pub(crate) mod query;
pub mod range;
pub mod rank_feature;
pub mod source_field;
#[cfg(test)]
mod tests;
pub mod text;
pub mod type_name;
pub mod vector;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::schema::Schema;

use crate::analysis::Analyzers;
use crate::document_rule::FieldObserver;
use crate::exception::{Exception, ExceptionKind};
use crate::limits::MAPPING_DEPTH_MAX;
use crate::similarity::Similarities;
pub use column::Column;
pub use field::FieldMapping;
use field_type::FieldType;
pub(crate) use field_types::{ids, is_known as is_field_type, unmapped};
use flat_object::FlatObject;
use join::Join;
pub use leaf::Leaf;
pub use object::{Dynamic, Nested, Node, ObjectMapping};
use parse::object_at;
use percolator::Percolator;
use type_name::DOC;

/// Most leaf and object fields of an index unless `index.mapping.total_fields.limit` says otherwise (Elasticsearch: 1000).
pub const TOTAL_FIELDS_MAX: u64 = 1000;

/// Deepest object nesting unless `index.mapping.depth.limit` says otherwise (Elasticsearch: 20).
pub const DEPTH_MAX: usize = 20;

/// Most nested fields unless `index.mapping.nested_fields.limit` says otherwise (Elasticsearch: 50).
pub const NESTED_FIELDS_MAX: u64 = 50;

/// Most nested objects of a document unless `index.mapping.nested_objects.limit` says otherwise (Elasticsearch: 10,000).
pub const NESTED_OBJECTS_MAX: u64 = 10_000;

/// How far a mapping may grow. Source: "Mapping limit settings" of Elasticsearch 7.10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// Most leaf and object fields (`index.mapping.total_fields.limit`).
    pub fields: u64,
    /// Most levels, the root being the first (`index.mapping.depth.limit`).
    pub depth: usize,
    /// Most characters of one field's own name (`index.mapping.field_name_length.limit`).
    pub name_length: u64,
    /// Most nested fields (`index.mapping.nested_fields.limit`).
    pub nested_fields: u64,
    /// Most nested objects of one document (`index.mapping.nested_objects.limit`).
    pub nested_objects: u64,
}

impl Default for Growth {
    fn default() -> Growth {
        Growth {
            fields: TOTAL_FIELDS_MAX,
            depth: DEPTH_MAX,
            name_length: u64::MAX,
            nested_fields: NESTED_FIELDS_MAX,
            nested_objects: NESTED_OBJECTS_MAX,
        }
    }
}

impl Growth {
    /// Of what was accepted once: only what protects the service holds.
    const ACCEPTED: Growth = Growth {
        fields: u64::MAX,
        depth: MAPPING_DEPTH_MAX,
        name_length: u64::MAX,
        nested_fields: u64::MAX,
        nested_objects: u64::MAX,
    };
}

/// The mapping of one index at one version.
#[derive(Clone, Debug)]
pub struct Mapping {
    version: u64,
    root: RootMapping,
    leaves: BTreeMap<String, Arc<Leaf>>,
    aliases: BTreeMap<String, String>,
    objects: BTreeSet<String>,
    /// The paths of the fields of queries.
    percolators: Vec<String>,
    /// The fields of which every document has the same value.
    constants: Vec<Arc<Leaf>>,
    nested: BTreeSet<String>,
    /// Whether documents may be blocks of several, whatever of that is shown.
    has_blocks: bool,
    order: Vec<String>,
    schema: Schema,
    growth: Growth,
    analyzers: Arc<Analyzers>,
    similarities: Arc<Similarities>,
    type_name: Option<Arc<str>>,
    /// Who is told of the fields that are looked up.
    observer: FieldObserver,
}

/// The root object with what only it can say.
#[derive(Clone, Debug)]
pub struct RootMapping {
    /// `properties` and `dynamic`.
    pub object: ObjectMapping,
    /// `date_detection`: strings that look like dates become dates (default true).
    pub date_detection: Option<bool>,
    /// `numeric_detection`: strings that look like numbers become numbers (default false).
    pub numeric_detection: Option<bool>,
    /// `_data_stream_timestamp`: the field that every document of a data stream must have.
    pub data_stream_timestamp: Option<String>,
    /// `dynamic_date_formats`.
    pub dynamic_date_formats: Option<Vec<String>>,
    /// `dynamic_templates`.
    pub dynamic_templates: Vec<dynamic_template::DynamicTemplate>,
    /// `_meta`, kept and given back.
    pub meta: Option<Value>,
    /// `_routing.required`.
    pub routing_required: bool,
    /// `_source`.
    pub source: Option<source_field::SourceField>,
    /// What else is said of fields that every document has; kept and given back.
    pub metadata: Map<String, Value>,
}

impl Default for Mapping {
    fn default() -> Mapping {
        let root = RootMapping {
            object: ObjectMapping::default(),
            date_detection: None,
            numeric_detection: None,
            data_stream_timestamp: None,
            dynamic_date_formats: None,
            dynamic_templates: Vec::new(),
            meta: None,
            routing_required: false,
            source: None,
            metadata: Map::new(),
        };
        Mapping {
            version: 1,
            root,
            leaves: BTreeMap::new(),
            aliases: BTreeMap::new(),
            objects: BTreeSet::new(),
            percolators: Vec::new(),
            constants: Vec::new(),
            nested: BTreeSet::new(),
            has_blocks: false,
            order: Vec::new(),
            schema: fields::schema_of(|_| {}),
            growth: Growth::default(),
            analyzers: Arc::default(),
            similarities: Arc::default(),
            type_name: None,
            observer: FieldObserver::default(),
        }
    }
}

/// What is wrong with a value, as what is wrong with the mapping.
fn in_parsing(cause: Exception) -> Exception {
    match cause.kind() {
        ExceptionKind::IllegalArgument | ExceptionKind::NumberFormat => {
            let reason = format!("Failed to parse mapping [_doc]: {}", cause.reason());
            Exception::mapper_parsing(reason).caused_by(cause)
        }
        _ => cause,
    }
}

impl Mapping {
    /// Reads the body of `mappings` (or of `PUT x/_mapping`): an object with `properties` and the root's own keys.
    ///
    /// # Errors
    /// `mapper_parsing_exception` and `illegal_argument_exception` in Elasticsearch's words.
    ///
    /// ```
    /// # use engine::mapping::{Growth, Mapping};
    /// let body = serde_json::json!({"properties": {"author": {"type": "keyword"}}});
    /// let mapping = Mapping::parse(&body, Growth::default(), Default::default(), Default::default()).unwrap();
    /// assert!(mapping.leaf("author").is_some());
    /// assert_eq!(mapping.to_json(), body);
    /// ```
    pub fn parse(
        body: &Value,
        growth: Growth,
        analyzers: Arc<Analyzers>,
        similarities: Arc<Similarities>,
    ) -> Result<Mapping, Exception> {
        let empty = Mapping { growth, analyzers, similarities, ..Mapping::default() };
        let root = parse::root(body, growth.depth).map_err(in_parsing)?;
        let mapping = empty.with_root(root, 1)?;
        let says_something = body.as_object().is_some_and(|body| !body.is_empty());
        Ok(if says_something { mapping.of_type(DOC) } else { mapping })
    }

    /// This mapping with `body` merged into it, one version higher; the same value when nothing changes.
    ///
    /// # Errors
    /// As [`Mapping::parse`], and `illegal_argument_exception` for what cannot be changed (a type, an analyzer …).
    pub fn merged(&self, body: &Value) -> Result<Mapping, Exception> {
        let addition = parse::root(body, self.growth.depth)?;
        let mut root = self.root.clone();
        merge::root(&mut root, addition)?;
        if root.to_json() == self.root.to_json() {
            return Ok(self.clone());
        }
        self.with_root(root, self.version + 1)
    }

    /// This mapping with other limits.
    #[must_use]
    pub fn with_growth(mut self, growth: Growth) -> Mapping {
        self.growth = growth;
        self
    }

    /// This mapping with other analyzers for its fields.
    ///
    /// # Errors
    /// `illegal_argument_exception` where a field names one that is not among them.
    pub(crate) fn with_analyzers(self, analyzers: Arc<Analyzers>) -> Result<Mapping, Exception> {
        if Arc::ptr_eq(&self.analyzers, &analyzers) {
            return Ok(self);
        }
        let body = self.to_json();
        let Mapping { order, version, growth, similarities, type_name, .. } = self;
        let type_name = type_name.as_deref();
        Mapping::restore(&body, order, version, growth, analyzers, similarities, type_name)
            .map_err(in_parsing)
    }

    /// This mapping with other similarities for its fields.
    ///
    /// # Errors
    /// `mapper_parsing_exception` where a field names one that is not among them.
    pub(crate) fn with_similarities(
        mut self,
        similarities: Arc<Similarities>,
    ) -> Result<Mapping, Exception> {
        if self.similarities != similarities {
            for (path, leaf) in &mut self.leaves {
                let similarity = similarities.of_field(leaf.kind.similarity(), path)?;
                Arc::make_mut(leaf).similarity = similarity;
            }
            self.similarities = similarities;
        }
        Ok(self)
    }

    /// How far it may grow.
    pub fn growth(&self) -> Growth {
        self.growth
    }

    /// Brings a mapping back from [`Mapping::to_json`], [`Mapping::field_order`] and [`Mapping::type_name`].
    ///
    /// # Errors
    /// As [`Mapping::parse`].
    pub fn restore(
        body: &Value,
        order: Vec<String>,
        version: u64,
        growth: Growth,
        analyzers: Arc<Analyzers>,
        similarities: Arc<Similarities>,
        type_name: Option<&str>,
    ) -> Result<Mapping, Exception> {
        let growth_then = Growth::ACCEPTED;
        let empty =
            Mapping { growth: growth_then, order, analyzers, similarities, ..Mapping::default() };
        let root = parse::root(body, Growth::ACCEPTED.depth)?;
        let restored = Mapping { growth, ..empty.with_root(root, version)? };
        let mapped = body.as_object().is_some_and(|body| !body.is_empty());
        // What was kept before types had names is of the one that there was.
        Ok(match type_name.or(mapped.then_some(DOC)) {
            Some(name) => restored.of_type(name),
            None => restored,
        })
    }

    /// Grows by one with every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The root object and its settings.
    pub fn root(&self) -> &RootMapping {
        &self.root
    }

    /// The tantivy schema: the fields of [`fields`], then one per stored leaf in the order in which they were added.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The order in which leaves were given tantivy fields; part of what is persisted.
    pub fn field_order(&self) -> &[String] {
        &self.order
    }

    /// The leaf at `path`, following a field alias.
    pub fn leaf(&self, path: &str) -> Option<&Arc<Leaf>> {
        let aliased = || self.aliases.get(path).and_then(|target| self.leaves.get(target));
        let leaf = self.leaves.get(path).or_else(aliased)?;
        self.observer.touched(&leaf.path);
        Some(leaf)
    }

    /// The field that keeps whole objects into which `path` leads.
    pub(crate) fn flat_parent(&self, path: &str) -> Option<&Arc<Leaf>> {
        let mut dots = path.match_indices('.');
        dots.find_map(|(dot, _)| {
            let leaf = self.leaf(path.get(..dot)?)?;
            leaf.kind.is::<FlatObject>().then_some(leaf)
        })
    }

    /// Whether the field at `path` is mapped with `store: true`.
    pub fn is_stored(&self, path: &str) -> bool {
        let field = parsed::field_at(&self.root.object, path);
        field.is_some_and(|field| field.parameters.get("store") == Some(&Value::Bool(true)))
    }

    /// Whether documents show what they were.
    pub(crate) fn shows_source(&self) -> bool {
        self.root.source.as_ref().is_none_or(|source| source.enabled)
    }

    /// What of a kept document shows; empty: nothing.
    pub(crate) fn shown_source(&self, source: &bytes::Bytes) -> bytes::Bytes {
        self.root.source.as_ref().map_or_else(|| source.clone(), |field| field.shown(source))
    }

    /// This mapping, of which `observer` is told what is looked up.
    pub(crate) fn observed(self, observer: FieldObserver) -> Mapping {
        Mapping { observer, ..self }
    }

    /// This mapping without the leaves that `shows` says no to, for reading: a name that is not shown is no field.
    pub(crate) fn restricted(&self, shows: impl Fn(&str) -> bool) -> Mapping {
        let mut restricted = self.clone();
        restricted.leaves.retain(|path, leaf| leaf.kind.is_shown(path, &shows));
        let leaves = &restricted.leaves;
        restricted.aliases.retain(|alias, path| leaves.contains_key(path) && shows(alias));
        restricted.objects.retain(|object| {
            let inside = format!("{object}.");
            let mut behind = leaves.range(inside.clone()..);
            behind.next().is_some_and(|(path, _)| path.starts_with(&inside))
        });
        let objects = &restricted.objects;
        restricted.nested.retain(|path| objects.contains(path));
        restricted
    }

    /// The join field and its relations, if there is one.
    pub fn join(&self) -> Option<(&str, &Join)> {
        let mut leaves = self.leaves.values();
        leaves.find_map(|leaf| Some((leaf.path.as_str(), leaf.kind.join()?)))
    }

    /// Every leaf by path, multi-fields included, aliases not.
    pub fn leaves(&self) -> impl Iterator<Item = &Arc<Leaf>> {
        self.leaves.values()
    }

    /// Every field alias and the path it stands for.
    pub fn aliases(&self) -> impl Iterator<Item = (&str, &str)> {
        self.aliases.iter().map(|(alias, path)| (alias.as_str(), path.as_str()))
    }

    /// The path that a field alias stands for; any other path itself.
    pub(crate) fn target<'a>(&'a self, path: &'a str) -> &'a str {
        self.aliases.get(path).map_or(path, String::as_str)
    }

    /// Whether `path` is an object field.
    pub fn is_object(&self, path: &str) -> bool {
        self.objects.contains(path)
    }

    /// The paths of the fields whose values are queries.
    pub fn percolators(&self) -> &[String] {
        &self.percolators
    }

    /// Whether documents may be blocks of several: of nested objects and the whole.
    pub fn has_blocks(&self) -> bool {
        self.has_blocks
    }

    /// Whether the object at `path` is nested.
    pub fn is_nested(&self, path: &str) -> bool {
        self.nested.contains(path)
    }

    /// Every nested path; one that lies in another comes after it.
    pub fn nested(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.nested.iter().map(String::as_str)
    }

    /// The nearest nested object that the field or object at `path` lies in.
    pub fn nested_around(&self, path: &str) -> Option<&str> {
        let holds =
            |outer: &&str| path.strip_prefix(*outer).is_some_and(|inside| inside.starts_with('.'));
        self.nested().rev().find(holds)
    }

    /// Whether a leaf lies in the object at `path`.
    pub fn has_leaves(&self, path: &str) -> bool {
        let inside = format!("{path}.");
        let mut behind = self.leaves.range(inside.clone()..);
        behind.next().is_some_and(|(path, _)| path.starts_with(&inside))
    }

    /// Every object path.
    pub fn objects(&self) -> impl Iterator<Item = &str> {
        self.objects.iter().map(String::as_str)
    }

    /// The analyzers of the index.
    pub fn analyzers(&self) -> &Arc<Analyzers> {
        &self.analyzers
    }

    /// The body of `mappings` as Elasticsearch prints it.
    pub fn to_json(&self) -> Value {
        Value::Object(self.root.to_json())
    }

    fn with_root(&self, root: RootMapping, version: u64) -> Result<Mapping, Exception> {
        let index = object::index(&root.object, self.growth)?;
        let count = (index.leaves.len() + index.aliases.len() + index.objects.len()) as u64;
        if count > self.growth.fields {
            return Err(Exception::illegal_argument(format!(
                "Limit of total fields [{}] has been exceeded",
                self.growth.fields
            )));
        }
        if index.nested.len() as u64 > self.growth.nested_fields {
            return Err(Exception::illegal_argument(format!(
                "Limit of nested fields [{}] has been exceeded",
                self.growth.nested_fields
            )));
        }
        check_joins(&index)?;
        completion::check(&index.leaves)?;
        alias::check(&index)?;
        let mut order = self.order.clone();
        let known: BTreeSet<&String> = self.order.iter().collect();
        let stored = index.leaves.iter().filter(|(_, kind)| kind.is_kept()).map(|(path, _)| path);
        order.extend(stored.filter(|path| !known.contains(path)).cloned());
        let schema = fields::schema_of(|schema| {
            for (path, kind) in
                order.iter().filter_map(|path| Some((path, index.leaves.get(path)?)))
            {
                kind.add_to(schema, &fields::stored_name(path));
            }
        });
        let queries = index.leaves.iter().filter(|(_, kind)| kind.is::<Percolator>());
        let percolators = queries.map(|(path, _)| path.clone()).collect();
        let mut leaves = BTreeMap::new();
        for (path, kind) in index.leaves {
            let mut leaf = self.bind(path.clone(), kind, &schema).map_err(in_parsing)?;
            leaf.boost = index.boosts.get(&path).copied().unwrap_or(leaf.boost);
            leaves.insert(path, Arc::new(leaf));
        }
        let constants = leaves.values().filter(|leaf| leaf.kind.constant_value().is_some());
        let constants = constants.cloned().collect();
        Ok(Mapping {
            version,
            leaves,
            aliases: index.aliases,
            objects: index.objects,
            percolators,
            constants,
            has_blocks: !index.nested.is_empty(),
            nested: index.nested,
            root,
            order,
            schema,
            growth: self.growth,
            analyzers: Arc::clone(&self.analyzers),
            similarities: Arc::clone(&self.similarities),
            type_name: self.type_name.clone(),
            observer: self.observer.clone(),
        })
    }

    /// Ties a leaf to its tantivy field, its analyzers and its similarity.
    fn bind(&self, path: String, kind: FieldType, schema: &Schema) -> Result<Leaf, Exception> {
        let field =
            if kind.is_kept() { schema.get_field(&fields::stored_name(&path)).ok() } else { None };
        Ok(Leaf {
            indexed: kind.is_indexed(),
            column: kind.column(),
            analyzers: kind.bind(&path, &self.analyzers)?,
            similarity: self.similarities.of_field(kind.similarity(), &path)?,
            fed: kind
                .feeds_beside()
                .then(|| kind.beside(&path))
                .into_iter()
                .flatten()
                .map(|(path, _)| path)
                .collect(),
            path,
            kind,
            field,
            is_absent: false,
            boost: 1.0,
        })
    }
}

impl RootMapping {
    /// The keys of a root object in Elasticsearch's order.
    pub fn to_json(&self) -> Map<String, Value> {
        let mut out = Map::new();
        if let Some(dynamic) = self.object.dynamic {
            out.insert("dynamic".into(), dynamic.name().into());
        }
        if self.object.disabled {
            out.insert("enabled".into(), false.into());
        }
        if let Some(meta) = &self.meta {
            out.insert("_meta".into(), meta.clone());
        }
        if self.routing_required {
            out.insert("_routing".into(), serde_json::json!({"required": true}));
        }
        if let Some(source) = self.source.as_ref().and_then(|source| source.to_json()) {
            out.insert("_source".into(), source);
        }
        out.extend(self.metadata.clone());
        if let Some(field) = &self.data_stream_timestamp {
            let mut own = serde_json::json!({"enabled": true});
            if field != "@timestamp"
                && let Some(own) = own.as_object_mut()
            {
                own.insert("timestamp_field".into(), serde_json::json!({"name": field}));
            }
            out.insert("_data_stream_timestamp".into(), own);
        }
        if let Some(formats) = &self.dynamic_date_formats {
            out.insert("dynamic_date_formats".into(), formats.clone().into());
        }
        if !self.dynamic_templates.is_empty() {
            let templates = self.dynamic_templates.iter().map(|template| template.to_json());
            out.insert("dynamic_templates".into(), templates.collect());
        }
        if let Some(on) = self.date_detection {
            out.insert("date_detection".into(), on.into());
        }
        if let Some(on) = self.numeric_detection {
            out.insert("numeric_detection".into(), on.into());
        }
        if !self.object.properties.is_empty() {
            out.insert("properties".into(), self.object.properties_json());
        }
        out
    }
}

/// Refuses a second join field, and one inside an object.
fn check_joins(flat: &object::Flat) -> Result<(), Exception> {
    let all = flat.leaves.iter();
    let mut joins = all.filter(|(_, kind)| kind.join().is_some()).map(|(path, _)| path);
    let first = joins.next();
    if joins.next().is_some() {
        return Err(Exception::mapper_parsing("Field [_parent_join] is defined more than once"));
    }
    match first.filter(|path| path.contains('.')) {
        Some(path) => {
            let reason =
                format!("join field [{path}] cannot be added inside an object or in a multi-field");
            let cause = Exception::illegal_argument(reason.clone());
            Err(Exception::mapper_parsing(reason).caused_by(cause))
        }
        None => Ok(()),
    }
}
