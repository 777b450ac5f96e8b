//! Values in and out of JSON, as Elasticsearch reads and prints them.

use serde_json::{Map, Number, Value as Json};

use super::fault::Fault;
use super::runner::{Run, Runner};
use super::times;
use super::value::{HeapObject, ImmutableObject, JavaMap, MapOrder, Value};
use crate::value::java::{java_double, java_float};

impl Runner<'_> {
    /// A JSON value as a script sees it; objects are maps of this order.
    pub(super) fn read_json(&mut self, json: &Json, order: MapOrder) -> Run<Value> {
        self.charge(1)?;
        Ok(match json {
            Json::Null => Value::Null,
            Json::Bool(flag) => Value::Bool(*flag),
            Json::Number(number) => read_number(number),
            Json::String(text) => self.text(text)?,
            Json::Array(items) => {
                let mut all = Vec::with_capacity(items.len());
                for item in items {
                    all.push(self.read_json(item, order)?);
                }
                self.list(all)?
            }
            Json::Object(object) => {
                let class = if order == MapOrder::Hash { "HashMap" } else { "LinkedHashMap" };
                let mut map = JavaMap::new(class, order);
                for (name, value) in object {
                    let name = self.text(name)?;
                    let value = self.read_json(value, order)?;
                    map.put(self.key(&name)?, name, value);
                }
                self.put(HeapObject::Map(map))?
            }
        })
    }

    /// A value as JSON.
    pub(super) fn print_json(&mut self, value: &Value, depth: usize) -> Run<Json> {
        self.charge(1)?;
        self.not_too_deep(depth)?;
        Ok(match value {
            Value::Null => Json::Null,
            Value::Bool(flag) => Json::Bool(*flag),
            Value::Byte(_) | Value::Short(_) | Value::Int(_) | Value::Long(_) => {
                value.as_long().unwrap_or(0).into()
            }
            Value::Float(number) => fraction(java_float(*number)),
            Value::Double(number) => match Number::from_f64(*number) {
                Some(number) => Json::Number(number),
                None => Json::String(java_double(*number)),
            },
            Value::Char(_) | Value::Text(_) => {
                let text = self.print(value)?;
                self.grow(text.len())?;
                Json::String(text.to_string())
            }
            Value::ImmutableObject(object) => return self.print_object(object, value),
            Value::HeapReference(place) => match self.heap.get(*place).cloned() {
                Some(
                    HeapObject::List(_, items)
                    | HeapObject::Array(_, items)
                    | HeapObject::Doc(_, items),
                ) => {
                    let mut all = Vec::with_capacity(items.len());
                    for item in &items {
                        all.push(self.print_json(item, depth + 1)?);
                    }
                    Json::Array(all)
                }
                Some(HeapObject::View(..)) => {
                    let items = self.items(value)?;
                    let list = self.list(items)?;
                    return self.print_json(&list, depth + 1);
                }
                Some(HeapObject::Set(set)) => {
                    let mut all = Vec::new();
                    for (key, _) in self.sorted_entries(&set)? {
                        all.push(self.print_json(&key, depth + 1)?);
                    }
                    Json::Array(all)
                }
                Some(HeapObject::Map(map)) => {
                    let mut object = Map::new();
                    for (key, value) in self.sorted_entries(&map)? {
                        let key = self.print(&key)?;
                        object.insert(key.to_string(), self.print_json(&value, depth + 1)?);
                    }
                    Json::Object(object)
                }
                Some(HeapObject::Builder(_)) => Json::String(self.print(value)?.to_string()),
                _ => return Err(unprintable(self, value)),
            },
        })
    }

    /// The same of what never changes.
    fn print_object(&mut self, object: &ImmutableObject, value: &Value) -> Run<Json> {
        Ok(match object {
            ImmutableObject::GeoPoint(lat, lon) => {
                serde_json::json!({"lat": lat, "lon": lon})
            }
            ImmutableObject::Zoned(..)
            | ImmutableObject::Instant(_)
            | ImmutableObject::Date(_)
            | ImmutableObject::DateTime(_)
            | ImmutableObject::Time(_)
            | ImmutableObject::OldDate(_) => Json::String(times::for_json(object)),
            ImmutableObject::Constant(..)
            | ImmutableObject::Zone(_)
            | ImmutableObject::Duration(..)
            | ImmutableObject::Period(..)
            | ImmutableObject::Uuid(_)
            | ImmutableObject::Locale(_) => Json::String(self.print(value)?.to_string()),
            _ => return Err(unprintable(self, value)),
        })
    }
}

fn unprintable(run: &Runner<'_>, value: &Value) -> Fault {
    Fault::illegal(format!(
        "cannot write xcontent for unknown value of type class {}",
        run.class_full_name(value)
    ))
}

fn read_number(number: &Number) -> Value {
    match number.as_i64() {
        Some(whole) => i32::try_from(whole).map_or(Value::Long(whole), Value::Int),
        None => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
    }
}

/// A number by its text, so that a `float` keeps its shortest form.
fn fraction(text: String) -> Json {
    match text.parse::<f64>().ok().and_then(Number::from_f64) {
        Some(number) => Json::Number(number),
        None => Json::String(text),
    }
}
