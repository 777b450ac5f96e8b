//! What completions are asked for in: categories and places. Source: Elasticsearch 7.10, "Context suggester",
//! `CategoryContextMapping`, `GeoContextMapping`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::exception::{Exception, ExceptionKind};
use crate::geo::distance::metres;
use crate::geo::point::{PointReading, points, unreadable};
use crate::geo::{Point, geohash};
use crate::value::java::java;
use crate::value::scalar::{boolean, number, plain, token};

/// One context of a completion field.
#[derive(Clone, Debug, PartialEq)]
pub struct CompletionContext {
    /// What it is called.
    pub name: String,
    /// What its values are.
    pub kind: ContextKind,
    path: Option<String>,
}

/// What the values of a context are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextKind {
    /// Words.
    Category,
    /// Geohashes.
    Geo {
        /// How many letters they have.
        precision: i64,
    },
}

/// One value that a suggestion is asked for in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AskedContext {
    /// The value.
    pub(crate) value: String,
    /// How much more what is found in it weighs.
    pub(crate) boost: i32,
    /// Whether it is the beginning of values.
    pub(crate) is_prefix: bool,
}

/// Letters of the geohashes of a context that does not say how many.
const PRECISION_DEFAULT: i64 = 6;

impl CompletionContext {
    /// Reads the `contexts` of a mapping: one, or a list of them.
    ///
    /// # Errors
    /// In Elasticsearch's words.
    pub(super) fn list(value: &Value) -> Result<Vec<CompletionContext>, Exception> {
        match value {
            Value::Object(one) => Ok(vec![CompletionContext::parse(one)?]),
            Value::Array(list) if list.is_empty() => {
                Err(unreadable("expected at least one context mapping"))
            }
            Value::Array(list) if list.len() <= CONTEXTS_MAX => {
                let object = |value: &Value| match value {
                    Value::Object(one) => CompletionContext::parse(one),
                    _ => Err(unreadable("expected a list or an entry of context mapping")),
                };
                list.iter().map(object).collect()
            }
            Value::Array(list) => Err(Exception::illegal_argument(format!(
                "at most [{CONTEXTS_MAX}] contexts can be set, and these are [{}]",
                list.len()
            ))),
            _ => Err(unreadable("expected a list or an entry of context mapping")),
        }
    }

    fn parse(definition: &Map<String, Value>) -> Result<CompletionContext, Exception> {
        let required = |key: &str| {
            let missing = || unreadable(format!("missing [{key}] in context mapping"));
            definition.get(key).map(plain).ok_or_else(missing)
        };
        let (name, kind) = (required("name")?, required("type")?);
        let kind = match kind.to_ascii_lowercase().as_str() {
            "category" => ContextKind::Category,
            "geo" => {
                let precision = definition.get("precision").map(kept_letters).transpose()?;
                ContextKind::Geo { precision: precision.unwrap_or(PRECISION_DEFAULT) }
            }
            _ => {
                return Err(Exception::illegal_argument(format!("No context type for [{kind}]")));
            }
        };
        let known = |key: &str| match key {
            "name" | "type" | "path" => true,
            "precision" => kind != ContextKind::Category,
            _ => false,
        };
        let unknown: Vec<String> = definition
            .iter()
            .filter(|(key, _)| !known(key))
            .map(|(key, value)| format!("[{key} : {}]", java(value)))
            .collect();
        if !unknown.is_empty() {
            return Err(Exception::mapper_parsing(format!(
                "Mapping definition for [{name}] has unsupported parameters:  {}",
                unknown.join(" ")
            )));
        }
        Ok(CompletionContext { name, kind, path: definition.get("path").map(plain) })
    }

    /// As Elasticsearch prints it.
    pub(super) fn to_json(&self) -> Value {
        let mut shown = Map::new();
        shown.insert("name".to_owned(), self.name.clone().into());
        match self.kind {
            ContextKind::Category => {
                shown.insert("type".to_owned(), "CATEGORY".into());
            }
            ContextKind::Geo { precision } => {
                shown.insert("type".to_owned(), "GEO".into());
                shown.insert("precision".to_owned(), precision.into());
            }
        }
        if let Some(path) = &self.path {
            shown.insert("path".to_owned(), path.clone().into());
        }
        shown.into()
    }

    /// The path of the field that has its values, too.
    pub(crate) fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// The values that an input gives itself.
    ///
    /// # Errors
    /// In Elasticsearch's words.
    pub(super) fn values(&self, value: &Value) -> Result<Vec<String>, Exception> {
        match self.kind {
            ContextKind::Category => categories(value),
            ContextKind::Geo { precision } => match value {
                // A text is a geohash, whatever is in it.
                Value::String(hash) => Ok(vec![cut(hash, precision)]),
                Value::Array(values) if !values.first().is_some_and(Value::is_number) => {
                    let one = |value: &Value| match value {
                        Value::String(hash) => Ok(vec![cut(hash, precision)]),
                        value => self.hashes(value),
                    };
                    let hashes: Result<Vec<Vec<String>>, Exception> =
                        values.iter().map(one).collect();
                    Ok(hashes?.into_iter().flatten().collect())
                }
                Value::Array(numbers) if numbers.len() < 2 => {
                    Err(unreadable("latitude must be a numeric value"))
                }
                value => self.hashes(value),
            },
        }
    }

    fn hashes(&self, value: &Value) -> Result<Vec<String>, Exception> {
        Ok(points(value, PointReading::default())?
            .into_iter()
            .map(|point| self.hash(point))
            .collect())
    }

    /// The geohash of a place, as long as this context keeps them.
    pub(super) fn hash(&self, point: Point) -> String {
        match self.kind {
            ContextKind::Geo { precision } => {
                geohash::of(point.normalized(), usize::try_from(precision).unwrap_or(0))
            }
            ContextKind::Category => String::new(),
        }
    }

    /// The values that `value` of a request asks for.
    ///
    /// # Errors
    /// In Elasticsearch's words.
    pub(crate) fn asked(&self, value: &Value) -> Result<Vec<AskedContext>, Exception> {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut asked = Vec::new();
        for value in values {
            match self.kind {
                ContextKind::Category => asked.push(asked_category(value)?),
                ContextKind::Geo { precision } => asked.extend(asked_places(value, precision)?),
            }
        }
        Ok(asked)
    }
}

/// Most contexts of one field: their numbers are one byte. (Elasticsearch advises against more than 10.)
const CONTEXTS_MAX: usize = 250;

/// Most geohashes around one place: so many neighbours are asked for.
const NEIGHBOURS_MAX: usize = 24;

fn categories(value: &Value) -> Result<Vec<String>, Exception> {
    let scalar = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    match value {
        Value::Array(values) => {
            let one = |value: &Value| match value {
                value if scalar(value) => Ok(plain(value)),
                other => Err(unreadable(format!(
                    "context array must have string, number or boolean values, but was [{}]",
                    token(other)
                ))),
            };
            values.iter().map(one).collect()
        }
        value if scalar(value) => Ok(vec![plain(value)]),
        other => Err(unreadable(format!(
            "contexts must be a string, number or boolean or a list of string, number or boolean, but was [{}]",
            token(other)
        ))),
    }
}

fn malformed(reason: &str) -> Exception {
    Exception::new(ExceptionKind::XContentParse, reason)
}

fn asked_category(value: &Value) -> Result<AskedContext, Exception> {
    let bad = || malformed("category context must be a string, number or boolean");
    let mut asked = AskedContext { value: String::new(), boost: 1, is_prefix: false };
    let mut found = false;
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match key.as_str() {
                    "context"
                        if matches!(value, Value::Object(_) | Value::Array(_) | Value::Null) =>
                    {
                        return Err(bad());
                    }
                    "context" => (asked.value, found) = (plain(value), true),
                    "boost" => asked.boost = boost(value).ok_or_else(bad)?,
                    "prefix" => asked.is_prefix = boolean(value).ok_or_else(bad)?,
                    _ => return Err(bad()),
                }
            }
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) => {
            (asked.value, found) = (plain(value), true);
        }
        _ => {
            return Err(malformed("category context must be an object, string, number or boolean"));
        }
    }
    if !found {
        return Err(Exception::new(ExceptionKind::NullPointer, "category must not be null"));
    }
    Ok(asked)
}

/// A boost, which is a whole number above nothing.
fn boost(value: &Value) -> Option<i32> {
    number(value).map(|boost| boost as i32).filter(|boost| *boost > 0)
}

/// The geohashes that are looked into for a place: its own, and those around it.
fn asked_places(value: &Value, kept: i64) -> Result<Vec<AskedContext>, Exception> {
    let mut place = None;
    let (mut weight, mut precision, mut around) = (1, geohash::LETTERS_MAX as i64, Vec::new());
    match value {
        Value::String(hash) => place = Some(geohash::cell(hash)?.south_west),
        Value::Object(object) => {
            for (key, value) in object {
                match key.as_str() {
                    "lat" | "lon" => {}
                    "context" if value.is_object() => {
                        place = points(value, PointReading::default())?.into_iter().next();
                    }
                    "context" => {
                        return Err(malformed(&format!(
                            "[geo] context doesn't support values of type: {}",
                            token(value)
                        )));
                    }
                    "boost" => {
                        let bad = || malformed("[geo] failed to parse field [boost]");
                        weight = boost(value).ok_or_else(bad)?;
                    }
                    "precision" => precision = asked_letters(value)?,
                    "neighbours" => around = neighbours(value)?,
                    other => return Err(malformed(&format!("[geo] unknown field [{other}]"))),
                }
            }
            if let (Some(lat), Some(lon)) = (object.get("lat"), object.get("lon")) {
                let point = serde_json::json!({"lat": lat, "lon": lon});
                place = points(&point, PointReading::default())?.into_iter().next();
            }
        }
        _ => return Err(unreadable("geo context must be an object or string")),
    }
    let missing = || Exception::new(ExceptionKind::NullPointer, "geoPoint must not be null");
    let place = place.ok_or_else(missing)?.normalized();
    let hash = geohash::of(place, usize::try_from(kept.min(precision)).unwrap_or(0));
    let mut hashes = BTreeSet::from([hash.clone()]);
    if around.is_empty() && hash.len() as i64 == kept {
        hashes.extend(geohash::around(&hash));
    }
    for letters in around.into_iter().filter(|letters| *letters < hash.len()) {
        let cell = hash.get(..letters).unwrap_or(&hash).to_owned();
        hashes.extend(geohash::around(&cell));
        hashes.insert(cell);
    }
    let asked = |value: String| {
        let is_prefix = (value.len() as i64) < kept;
        AskedContext { value, boost: weight, is_prefix }
    };
    Ok(hashes.into_iter().map(asked).collect())
}

fn neighbours(value: &Value) -> Result<Vec<usize>, Exception> {
    let values = match value {
        Value::Array(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    };
    if values.len() > NEIGHBOURS_MAX {
        return Err(malformed(&format!(
            "[geo] at most [{NEIGHBOURS_MAX}] neighbours can be asked for"
        )));
    }
    values.iter().map(|value| Ok(usize::try_from(asked_letters(value)?).unwrap_or(0))).collect()
}

/// How many letters are looked at: a number, also as a text, or a distance.
fn asked_letters(value: &Value) -> Result<i64, Exception> {
    let text = plain(value);
    match text.parse() {
        Ok(letters) => Ok(letters),
        Err(_) => Ok(geohash::letters_within(metres(&text, 1.0)?)),
    }
}

/// How many letters are kept: a number, or a distance.
fn kept_letters(value: &Value) -> Result<i64, Exception> {
    match value.as_i64() {
        Some(letters) => Ok(letters),
        None => Ok(geohash::letters_beyond(metres(&plain(value), 1.0)?)),
    }
}

/// The values of contexts by the contexts' names, each once, in the order of Java's sets.
pub(crate) fn shown(contexts: &[CompletionContext], found: &[(u8, String)]) -> Map<String, Value> {
    let mut by_name: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (number, value) in found {
        let Some(context) = contexts.get(usize::from(*number)) else { continue };
        let values = by_name.entry(&context.name).or_default();
        if !values.contains(value) {
            values.push(value.clone());
        }
    }
    let ordered = |values: Vec<String>| -> Value {
        let order = crate::value::java::hash_order(&values);
        order.into_iter().filter_map(|at| values.get(at).cloned()).collect::<Vec<_>>().into()
    };
    by_name.into_iter().map(|(name, values)| (name.to_owned(), ordered(values))).collect()
}

/// The first letters of a geohash.
fn cut(hash: &str, precision: i64) -> String {
    hash.chars().take(usize::try_from(precision).unwrap_or(0)).collect()
}
