//! The document on its way through a pipeline: its fields and its metadata as one map, and what is known of the run.
//!
//! Source: `IngestDocument` of Elasticsearch 7.10, whose words the errors have.

use jiff::Timestamp;
use std::collections::HashSet;

use serde_json::{Map, Value};

use super::java;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::value::scalar::not_a_number;
use crate::work::{HeldMemory, Work};

/// The metadata of a document, in the order in which it is printed.
pub(super) const METADATA: &[&str] = &[
    "_index",
    "_type",
    "_id",
    "_routing",
    "_version",
    "_version_type",
    "_if_seq_no",
    "_if_primary_term",
];

/// Most objects and arrays inside one another: a document that a pipeline made deeper could not be read again.
const DEPTH_MAX: usize = crate::limits::JSON_DEPTH_MAX;

/// A document in a pipeline.
#[derive(Debug)]
pub(crate) struct IngestDocument {
    /// Fields and metadata.
    pub(super) fields: Map<String, Value>,
    /// `_ingest`.
    pub(super) ingest: Map<String, Value>,
    /// What the pipelines put into it, counted and never given back before the end.
    held: HeldMemory,
    /// What its request may take.
    pub(super) work: Work,
    /// The time of its request.
    pub(super) now: Timestamp,
}

/// A path, read: its keys, and whether they begin in `_ingest`.
struct FieldPath<'a> {
    full: &'a str,
    keys: Vec<&'a str>,
    ingest: bool,
}

impl<'a> FieldPath<'a> {
    fn read(full: &'a str) -> Result<FieldPath<'a>, Exception> {
        if full.is_empty() {
            return Err(Exception::illegal_argument("path cannot be null nor empty"));
        }
        let (ingest, rest) = match full.strip_prefix("_ingest.") {
            Some(rest) => (true, rest),
            None => (false, full.strip_prefix("_source.").unwrap_or(full)),
        };
        // As Java splits: what is empty at the end goes.
        let mut keys: Vec<&str> = rest.split('.').collect();
        while keys.last().is_some_and(|key| key.is_empty()) {
            keys.pop();
        }
        if keys.is_empty() || (keys.len() == 1 && keys.first() == Some(&"")) {
            return Err(Exception::illegal_argument(format!("path [{full}] is not valid")));
        }
        if keys.len() > DEPTH_MAX {
            let what = format!("path [{full}] has more than [{DEPTH_MAX}] parts");
            return Err(Exception::illegal_argument(what));
        }
        Ok(FieldPath { full, keys, ingest })
    }

    fn fault(&self, what: &str) -> Exception {
        Exception::illegal_argument(format!("{what} as part of path [{}]", self.full))
    }

    /// The place in a list of `length` that `key` means.
    fn position(&self, key: &str, length: usize) -> Result<usize, Exception> {
        let Ok(position) = key.parse::<i32>() else {
            let what = format!("[{key}] is not an integer, cannot be used as an index");
            return Err(self.fault(&what).caused_by(not_a_number(key)));
        };
        usize::try_from(position).ok().filter(|position| *position < length).ok_or_else(|| {
            let what = format!("[{position}] is out of bounds for array with length [{length}]");
            self.fault(&what)
        })
    }

    /// What `key` leads to inside `value`.
    fn step<'v>(&self, value: &'v Value, key: &str) -> Result<&'v Value, Exception> {
        match value {
            Value::Null => Err(self.fault(&format!("cannot resolve [{key}] from null"))),
            Value::Object(map) => {
                map.get(key).ok_or_else(|| self.fault(&format!("field [{key}] not present")))
            }
            Value::Array(list) => {
                let position = self.position(key, list.len())?;
                Ok(list.get(position).unwrap_or(&Value::Null))
            }
            scalar => {
                let class = java::class(scalar);
                Err(self.fault(&format!("cannot resolve [{key}] from object of type [{class}]")))
            }
        }
    }
}

impl IngestDocument {
    /// The document `source` of `metadata` at the time `now`; its memory is taken from `work`.
    pub(super) fn new(
        source: Map<String, Value>,
        metadata: Map<String, Value>,
        now: Timestamp,
        work: &Work,
    ) -> IngestDocument {
        let mut fields = source;
        fields.extend(metadata);
        // Nine digits, as Java prints the moment.
        let timestamp = format!("{now:.9}");
        let ingest = Map::from_iter([("timestamp".to_owned(), Value::String(timestamp))]);
        IngestDocument { fields, ingest, held: work.holds("<ingest>"), work: work.clone(), now }
    }

    /// Metadata as a pipeline sees it.
    pub(super) fn metadata(flavor: Flavor, index: &str, id: Option<&str>) -> Map<String, Value> {
        let mut metadata = Map::new();
        metadata.insert("_index".to_owned(), index.into());
        if flavor == Flavor::Elasticsearch710 {
            metadata.insert("_type".to_owned(), "_doc".into());
        }
        metadata.insert("_id".to_owned(), id.map_or(Value::Null, Value::from));
        metadata
    }

    /// Takes the metadata out of the fields: what is left is the source.
    pub(super) fn take_metadata(&mut self) -> Map<String, Value> {
        let take =
            |key: &&str| self.fields.shift_remove(*key).map(|value| ((*key).to_owned(), value));
        METADATA.iter().filter_map(take).collect()
    }

    /// Counts `bytes` that the document grows by.
    ///
    /// # Errors
    /// `circuit_breaking_exception`.
    /// Puts `fields` in the place of all fields and metadata.
    ///
    /// # Errors
    /// Where they are deeper than can be read again; `circuit_breaking_exception`.
    pub(super) fn replaced(&mut self, fields: Map<String, Value>) -> Result<(), Exception> {
        let fields = Value::Object(fields);
        self.held.grow(java::bytes(&fields))?;
        let depth = java::depth(&fields);
        if let Value::Object(fields) = fields {
            self.fields = fields;
        }
        if depth > DEPTH_MAX {
            return Err(Exception::illegal_argument(format!(
                "cannot make objects and arrays deeper than [{DEPTH_MAX}]"
            )));
        }
        Ok(())
    }

    pub(super) fn grow(&mut self, bytes: u64) -> Result<(), Exception> {
        self.held.grow(bytes)
    }

    fn root(&self, path: &FieldPath<'_>) -> &Map<String, Value> {
        if path.ingest { &self.ingest } else { &self.fields }
    }

    /// The value at `path`.
    ///
    /// # Errors
    /// `illegal_argument_exception` where the path leads nowhere.
    pub(super) fn get(&self, path: &str) -> Result<&Value, Exception> {
        let path = FieldPath::read(path)?;
        let mut keys = path.keys.iter();
        let first = keys.next().copied().unwrap_or_default();
        let mut value = self
            .root(&path)
            .get(first)
            .ok_or_else(|| path.fault(&format!("field [{first}] not present")))?;
        for key in keys {
            value = path.step(value, key)?;
        }
        Ok(value)
    }

    /// The value at `path`; `None` where there is none and that is `ignored`.
    ///
    /// # Errors
    /// As [`IngestDocument::get`].
    pub(super) fn find(&self, path: &str, ignored: bool) -> Result<Option<&Value>, Exception> {
        if ignored && !self.has(path)? {
            return Ok(None);
        }
        self.get(path).map(Some)
    }

    /// The text at `path`; `None` where there is none, or null, and that is `ignored`.
    ///
    /// # Errors
    /// As [`IngestDocument::get`]; for null `field [x] is null, ` and `null_fault`; for another type than text.
    pub(super) fn text(
        &self,
        path: &str,
        ignored: bool,
        null_fault: &str,
    ) -> Result<Option<&str>, Exception> {
        match self.find(path, ignored)? {
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Null) | None if ignored => Ok(None),
            Some(Value::Null) | None => {
                Err(Exception::illegal_argument(format!("field [{path}] is null, {null_fault}")))
            }
            Some(other) => Err(not_of_class(path, other, "java.lang.String")),
        }
    }

    /// The list at `path`; `None` for null.
    ///
    /// # Errors
    /// As [`IngestDocument::get`]; for another type.
    pub(super) fn list(&self, path: &str) -> Result<Option<&Vec<Value>>, Exception> {
        match self.get(path)? {
            Value::Array(list) => Ok(Some(list)),
            Value::Null => Ok(None),
            other => Err(not_of_class(path, other, "java.util.List")),
        }
    }

    /// Whether there is something at `path`, null included.
    ///
    /// # Errors
    /// For a path that cannot be.
    pub(super) fn has(&self, path: &str) -> Result<bool, Exception> {
        let path = FieldPath::read(path)?;
        let mut keys = path.keys.iter();
        let mut value = keys.next().and_then(|first| self.root(&path).get(*first));
        for key in keys {
            value = match value {
                Some(Value::Object(map)) => map.get(*key),
                Some(Value::Array(list)) => {
                    key.parse::<usize>().ok().and_then(|position| list.get(position))
                }
                _ => None,
            };
        }
        Ok(value.is_some())
    }

    /// Takes out what is at `path`.
    ///
    /// # Errors
    /// As [`IngestDocument::get`].
    pub(super) fn remove(&mut self, path: &str) -> Result<Value, Exception> {
        let path = FieldPath::read(path)?;
        let Some((leaf, parents)) = path.keys.split_last() else { return Ok(Value::Null) };
        let root = if path.ingest { &mut self.ingest } else { &mut self.fields };
        let missing = || path.fault(&format!("field [{leaf}] not present"));
        let Some((first, rest)) = parents.split_first() else {
            return root.shift_remove(*leaf).ok_or_else(missing);
        };
        let found = root.get_mut(*first);
        let mut value = found.ok_or_else(|| path.fault(&format!("field [{first}] not present")))?;
        for key in rest {
            path.step(value, key)?;
            value = inner(value, key).ok_or_else(missing)?;
        }
        match value {
            Value::Object(map) => map.shift_remove(*leaf).ok_or_else(missing),
            Value::Array(list) => {
                let position = path.position(leaf, list.len())?;
                Ok(list.remove(position))
            }
            Value::Null => Err(path.fault(&format!("cannot remove [{leaf}] from null"))),
            other => {
                let class = java::class(other);
                Err(path.fault(&format!("cannot remove [{leaf}] from object of type [{class}]")))
            }
        }
    }

    /// Puts `value` at `path`, making the objects on the way.
    ///
    /// # Errors
    /// Where the path leads through something that is no object; `circuit_breaking_exception`.
    pub(super) fn set(&mut self, path: &str, value: Value) -> Result<(), Exception> {
        self.place(path, value, &mut |place, value| *place = value)
    }

    /// Puts `value`, or each of a list, behind what is at `path`; with `unique` not what is there already.
    ///
    /// # Errors
    /// As [`IngestDocument::set`].
    pub(super) fn append(
        &mut self,
        path: &str,
        value: Value,
        unique: bool,
    ) -> Result<(), Exception> {
        let there = self.has(path)?;
        self.place(path, value, &mut |place, value| {
            let old = std::mem::take(place);
            let mut list = match old {
                Value::Array(list) => list,
                Value::Null if !there => Vec::new(),
                one => vec![one],
            };
            let new = match value {
                Value::Array(values) => values,
                one => vec![one],
            };
            // Scalars by their text: a list of many is looked through once.
            let scalar = |value: &Value| !(value.is_array() || value.is_object());
            let texts = |list: &[Value]| {
                list.iter().filter(|one| scalar(one)).map(Value::to_string).collect()
            };
            let mut known: HashSet<String> = if unique { texts(&list) } else { HashSet::new() };
            for value in new {
                let is_new = !unique
                    || if scalar(&value) {
                        known.insert(value.to_string())
                    } else {
                        !list.contains(&value)
                    };
                if is_new {
                    list.push(value);
                }
            }
            *place = Value::Array(list);
        })
    }

    fn place(
        &mut self,
        path: &str,
        value: Value,
        put: &mut dyn FnMut(&mut Value, Value),
    ) -> Result<(), Exception> {
        let path = FieldPath::read(path)?;
        self.held.grow(java::bytes(&value) + path.full.len() as u64)?;
        if path.keys.len() + java::depth(&value) > DEPTH_MAX {
            let what = format!("cannot make objects and arrays deeper than [{DEPTH_MAX}]");
            return Err(path.fault(&what));
        }
        let Some((leaf, parents)) = path.keys.split_last() else { return Ok(()) };
        let root = if path.ingest { &mut self.ingest } else { &mut self.fields };
        let Some((first, rest)) = parents.split_first() else {
            put(root.entry((*leaf).to_owned()).or_insert(Value::Null), value);
            return Ok(());
        };
        let mut at = root.entry((*first).to_owned()).or_insert_with(|| Value::Object(Map::new()));
        for key in rest {
            if let Value::Object(map) = &mut *at {
                map.entry((*key).to_owned()).or_insert_with(|| Value::Object(Map::new()));
            }
            path.step(at, key)?;
            at = inner(at, key).ok_or_else(|| path.fault(&format!("cannot resolve [{key}]")))?;
        }
        match at {
            Value::Object(map) => {
                put(map.entry((*leaf).to_owned()).or_insert(Value::Null), value);
            }
            Value::Array(list) => {
                let position = path.position(leaf, list.len())?;
                if let Some(place) = list.get_mut(position) {
                    put(place, value);
                }
            }
            Value::Null => {
                return Err(path.fault(&format!("cannot set [{leaf}] with null parent")));
            }
            other => {
                let class = java::class(other);
                let what = format!("cannot set [{leaf}] with parent object of type [{class}]");
                return Err(path.fault(&what));
            }
        }
        Ok(())
    }
}

/// The value of `key` inside `value`.
fn inner<'v>(value: &'v mut Value, key: &str) -> Option<&'v mut Value> {
    match value {
        Value::Object(map) => map.get_mut(key),
        Value::Array(list) => list.get_mut(key.parse::<usize>().ok()?),
        _ => None,
    }
}

/// The refusal of `value` at `path`, which is not of Java's `class`.
pub(super) fn not_of_class(path: &str, value: &Value, class: &str) -> Exception {
    let own = java::class(value);
    Exception::illegal_argument(format!(
        "field [{path}] of type [{own}] cannot be cast to [{class}]"
    ))
}

/// What Java says of a value of another class than the code expects.
pub(super) fn class_cast(value: &Value, class: &str) -> Exception {
    let own = java::class(value);
    Exception::new(
        ExceptionKind::ClassCast,
        format!(
            "class {own} cannot be cast to class {class} ({own} and {class} are in module java.base of loader 'bootstrap')"
        ),
    )
}
