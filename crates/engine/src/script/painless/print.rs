//! Values as text, as Java's `toString` says them, and as keys of maps.

use std::sync::Arc;

use super::runner::{Run, Runner};
use super::times;
use super::value::{HeapObject, ImmutableObject, Key, Value, hash_bool, hash_long};
use crate::value::java::{hash_code, java_double as double, java_float as float};

impl Runner<'_> {
    /// Java's `String.valueOf`.
    pub(super) fn print(&mut self, value: &Value) -> Run<Arc<str>> {
        if let Value::Text(text) = value {
            return Ok(Arc::clone(text));
        }
        let mut out = String::new();
        self.print_into(value, &mut out, 0)?;
        self.grow(out.len())?;
        Ok(out.into())
    }

    fn print_into(&mut self, value: &Value, out: &mut String, depth: usize) -> Run<()> {
        self.charge(1)?;
        self.not_too_deep(depth)?;
        if out.len() as u64 > super::runner::BYTES_MAX {
            self.grow(out.len())?;
        }
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Value::Byte(number) => out.push_str(&number.to_string()),
            Value::Short(number) => out.push_str(&number.to_string()),
            Value::Char(unit) => out.push_str(&String::from_utf16_lossy(&[*unit])),
            Value::Int(number) => out.push_str(&number.to_string()),
            Value::Long(number) => out.push_str(&number.to_string()),
            Value::Float(number) => out.push_str(&float(*number)),
            Value::Double(number) => out.push_str(&double(*number)),
            Value::Text(text) => out.push_str(text),
            Value::ImmutableObject(thing) => self.print_thing(thing, out, depth)?,
            Value::HeapReference(place) => {
                let Some(cell) = self.heap.get(*place).cloned() else { return Ok(()) };
                self.print_cell(&cell, place.0, out, depth)?;
            }
        }
        Ok(())
    }

    fn print_thing(&mut self, thing: &ImmutableObject, out: &mut String, depth: usize) -> Run<()> {
        match thing {
            ImmutableObject::Constant(_, _, name) => out.push_str(name),
            ImmutableObject::Pattern(_, source) => out.push_str(source),
            ImmutableObject::GeoPoint(lat, lon) => {
                out.push_str(&format!("{}, {}", double(*lat), double(*lon)));
            }
            ImmutableObject::Optional(class, None) => out.push_str(&format!("{class}.empty")),
            ImmutableObject::Optional(class, Some(inner)) => {
                out.push_str(&format!("{class}["));
                self.print_into(inner, out, depth + 1)?;
                out.push(']');
            }
            ImmutableObject::Exception(class, message) => {
                let full = super::types::StaticType::class(class).full_name();
                out.push_str(&full);
                if let Some(message) = message {
                    out.push_str(&format!(": {message}"));
                }
            }
            ImmutableObject::Locale(name) | ImmutableObject::Uuid(name) => out.push_str(name),
            ImmutableObject::Function(_)
            | ImmutableObject::Collector(..)
            | ImmutableObject::Comparator(..)
            | ImmutableObject::Named(_)
            | ImmutableObject::Told(..)
            | ImmutableObject::Formatter(_)
            | ImmutableObject::OldFormatter(_) => out.push_str("java.lang.Object@1"),
            other => out.push_str(&times::print(other)),
        }
        Ok(())
    }

    fn print_cell(
        &mut self,
        cell: &HeapObject,
        place: u32,
        out: &mut String,
        depth: usize,
    ) -> Run<()> {
        match cell {
            HeapObject::List(_, items) | HeapObject::Doc(_, items) => {
                self.print_items(items.iter(), out, depth)?;
            }
            HeapObject::Set(set) => {
                let keys = self.sorted_entries(set)?;
                self.print_items(keys.iter().map(|(key, _)| key), out, depth)?;
            }
            HeapObject::View(..) => {
                let items =
                    self.items(&Value::HeapReference(super::value::HeapReference(place)))?;
                self.print_items(items.iter(), out, depth)?;
            }
            HeapObject::Map(map) => {
                out.push('{');
                for (count, (key, value)) in self.sorted_entries(map)?.iter().enumerate() {
                    out.push_str(if count > 0 { ", " } else { "" });
                    self.print_into(key, out, depth + 1)?;
                    out.push('=');
                    self.print_into(value, out, depth + 1)?;
                }
                out.push('}');
            }
            HeapObject::Entry(key, value, _) => {
                self.print_into(key, out, depth + 1)?;
                out.push('=');
                self.print_into(value, out, depth + 1)?;
            }
            HeapObject::Builder(units) => out.push_str(&String::from_utf16_lossy(units)),
            HeapObject::Joiner(between, before, after, parts) => {
                out.push_str(before);
                out.push_str(&parts.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(between));
                out.push_str(after);
            }
            HeapObject::Statistics(class, count, sum, least, most) => {
                out.push_str(&super::natives::streams::statistics_text(
                    class, *count, *sum, *least, *most,
                ));
            }
            HeapObject::Array(ty, _) => out.push_str(&format!("[{}@{place:x}", array_letter(*ty))),
            HeapObject::Stream(..)
            | HeapObject::Iterator(..)
            | HeapObject::AllDocs
            | HeapObject::Matcher(_)
            | HeapObject::Random(_)
            | HeapObject::Tokenizer(_) => out.push_str(&format!("java.lang.Object@{place:x}")),
        }
        Ok(())
    }

    fn print_items<'v>(
        &mut self,
        items: impl Iterator<Item = &'v Value>,
        out: &mut String,
        depth: usize,
    ) -> Run<()> {
        out.push('[');
        for (count, item) in items.enumerate() {
            out.push_str(if count > 0 { ", " } else { "" });
            self.print_into(item, out, depth + 1)?;
        }
        out.push(']');
        Ok(())
    }

    /// A value as a key of a map.
    pub(super) fn key(&mut self, value: &Value) -> Run<Key> {
        Ok(match value {
            Value::Null => Key::Null,
            Value::Bool(flag) => Key::Bool(*flag),
            Value::Byte(number) => Key::Byte(*number),
            Value::Short(number) => Key::Short(*number),
            Value::Char(unit) => Key::Char(*unit),
            Value::Int(number) => Key::Int(*number),
            Value::Long(number) => Key::Long(*number),
            Value::Float(number) => Key::Float(number.to_bits()),
            Value::Double(number) => Key::Double(number.to_bits()),
            Value::Text(text) => Key::Text(Arc::clone(text)),
            Value::ImmutableObject(_) | Value::HeapReference(_) => {
                let text = self.print(value)?;
                Key::Other(format!("{} {text}", self.class_of(value)).into())
            }
        })
    }

    /// Java's `hashCode`.
    pub(super) fn hash_code(&mut self, value: &Value, depth: usize) -> Run<i32> {
        self.charge(1)?;
        self.not_too_deep(depth)?;
        Ok(match value {
            Value::Null => 0,
            Value::Bool(flag) => hash_bool(*flag),
            Value::Long(number) => hash_long(*number),
            Value::Float(number) => number.to_bits() as i32,
            Value::Double(number) => hash_long(number.to_bits() as i64),
            Value::Text(text) => hash_code(text),
            Value::ImmutableObject(_) => hash_code(&self.print(value)?),
            Value::HeapReference(place) => match self.heap.get(*place).cloned() {
                Some(HeapObject::List(_, items) | HeapObject::Doc(_, items)) => {
                    let mut hash = 1_i32;
                    for item in &items {
                        let own = self.hash_code(item, depth + 1)?;
                        hash = hash.wrapping_mul(31).wrapping_add(own);
                    }
                    hash
                }
                Some(HeapObject::Map(map)) => {
                    let mut hash = 0_i32;
                    for (key, value) in map.entries() {
                        let both =
                            self.hash_code(&key, depth + 1)? ^ self.hash_code(&value, depth + 1)?;
                        hash = hash.wrapping_add(both);
                    }
                    hash
                }
                Some(HeapObject::Set(set)) => {
                    let mut hash = 0_i32;
                    for (key, _) in set.entries() {
                        hash = hash.wrapping_add(self.hash_code(&key, depth + 1)?);
                    }
                    hash
                }
                Some(HeapObject::Entry(key, value, _)) => {
                    self.hash_code(&key, depth + 1)? ^ self.hash_code(&value, depth + 1)?
                }
                _ => place.0 as i32,
            },
            other => other.as_int().unwrap_or(0),
        })
    }
}

fn array_letter(ty: super::types::StaticType) -> String {
    use super::types::Base;
    match ty.base {
        Base::Bool => "Z".into(),
        Base::Byte => "B".into(),
        Base::Short => "S".into(),
        Base::Char => "C".into(),
        Base::Int => "I".into(),
        Base::Long => "J".into(),
        Base::Float => "F".into(),
        Base::Double => "D".into(),
        Base::Class(_) => format!("L{};", ty.full_name()),
        _ => "Ljava.lang.Object;".into(),
    }
}
