//! Dynamic mapping: the definition a new field gets from its first value. Source: Elasticsearch 7.10, "Dynamic field
//! mapping", and `DocumentParser.createBuilderFromDynamicValue`.

use serde_json::{Map, Value, json};

use super::date::{self, DateFormat};
use super::object::check_depth;
use super::{Dynamic, Mapping, Node, ObjectMapping, RootMapping, object_at};
use crate::exception::Exception;

/// The date formats tried on new strings unless `dynamic_date_formats` says otherwise.
const DATE_FORMATS: &[&str] =
    &[date::DEFAULT_FORMAT, "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis"];

/// The fields `document`, and what of it is `copied` to fields that are not mapped, would add to `mapping`, as the body of
/// a `put mapping`; `None` when it adds none.
///
/// The document must have been read by [`super::parsed`] without fault: names are known to be good.
///
/// # Errors
/// `illegal_argument_exception` for an object deeper than `index.mapping.depth.limit`, dots in names counted.
pub fn additions(
    mapping: &Mapping,
    document: &Map<String, Value>,
    copied: &[(&str, Value)],
) -> Result<Option<Value>, Exception> {
    let root = mapping.root();
    let dynamic = root.object.dynamic.unwrap_or(Dynamic::True);
    let limit = mapping.growth().depth;
    let here =
        DynamicPath { root, known: Some(&root.object), dynamic, prefix: "", depth: 1, limit };
    let mut properties = Map::new();
    here.object(document, &mut properties)?;
    for (target, value) in copied {
        here.field(target, value, &mut properties)?;
    }
    Ok((!properties.is_empty()).then(|| json!({ "properties": properties })))
}

/// Where in the document the walk is.
#[derive(Clone, Copy)]
struct DynamicPath<'a> {
    root: &'a RootMapping,
    /// The object as far as it is mapped.
    known: Option<&'a ObjectMapping>,
    dynamic: Dynamic,
    /// The path of the object, with a dot at its end; empty at the root.
    prefix: &'a str,
    /// The level of its fields.
    depth: usize,
    /// How many levels there may be: what bounds the recursion.
    limit: usize,
}

impl<'a> DynamicPath<'a> {
    /// One object further down, at `prefix`.
    fn below<'b>(self, prefix: &'b str) -> Result<DynamicPath<'b>, Exception>
    where
        'a: 'b,
    {
        check_depth(self.depth + 1, self.limit, prefix)?;
        Ok(DynamicPath { prefix, depth: self.depth + 1, ..self })
    }

    fn object(
        self,
        document: &Map<String, Value>,
        properties: &mut Map<String, Value>,
    ) -> Result<(), Exception> {
        if self.known.is_some_and(|known| known.disabled) {
            return Ok(());
        }
        document.iter().try_for_each(|(name, value)| self.field(name, value, properties))
    }

    fn field(
        self,
        name: &str,
        value: &Value,
        properties: &mut Map<String, Value>,
    ) -> Result<(), Exception> {
        let (first, rest) = match name.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (name, None),
        };
        let node = self.known.and_then(|known| known.properties.get(first));
        let prefix = format!("{}{first}.", self.prefix);
        let mut found = Map::new();
        match (node, rest) {
            (Some(Node::Field(_) | Node::Alias(_)), _) => {}
            (Some(Node::Object(inner)), _) if inner.disabled => {}
            (Some(Node::Object(inner)), _) => {
                let dynamic = inner.dynamic.unwrap_or(self.dynamic);
                let there = DynamicPath { known: Some(inner), dynamic, ..self.below(&prefix)? };
                there.inside(rest, value, &mut found)?;
                if !found.is_empty() {
                    place(properties, first, found);
                    if let (Some(nested), Some(Value::Object(entry))) =
                        (inner.nested, properties.get_mut(first))
                    {
                        nested.print(entry);
                    }
                }
            }
            (None, _) if !self.dynamic.grows() => {}
            (None, Some(_)) => {
                if self.dynamic == Dynamic::StrictAllowTemplates {
                    let path = format!("{}{first}", self.prefix);
                    let template = self.template(first, &path, "object", "object");
                    template.ok_or_else(|| self.dynamic.refusal(first, self.prefix))?;
                }
                let there = DynamicPath { known: None, ..self.below(&prefix)? };
                there.inside(rest, value, &mut found)?;
                place(properties, first, found);
            }
            (None, None) => self.new_field(first, value, properties)?,
        }
        Ok(())
    }

    /// What `value` adds inside an object: through the rest of a dotted name, or as (an array of) objects.
    fn inside(
        self,
        rest: Option<&str>,
        value: &Value,
        found: &mut Map<String, Value>,
    ) -> Result<(), Exception> {
        match (rest, value) {
            (Some(rest), value) => self.field(rest, value, found),
            (None, Value::Object(document)) => self.object(document, found),
            (None, Value::Array(values)) => {
                values.iter().try_for_each(|value| self.inside(None, value, found))
            }
            _ => Ok(()),
        }
    }

    fn new_field(
        self,
        name: &str,
        value: &Value,
        properties: &mut Map<String, Value>,
    ) -> Result<(), Exception> {
        let path = format!("{}{name}", self.prefix);
        match value {
            Value::Null => {}
            Value::Array(values) => {
                return values.iter().try_for_each(|value| self.new_field(name, value, properties));
            }
            Value::Object(document) => {
                let prefix = format!("{path}.");
                let template = self.template(name, &path, "object", "object");
                let leaf = template.as_ref().is_some_and(|definition| {
                    let kind = definition.get("type").and_then(Value::as_str);
                    kind.is_some_and(|kind| kind != "object" && kind != "nested")
                        || definition.get("enabled") == Some(&Value::Bool(false))
                });
                if self.dynamic == Dynamic::StrictAllowTemplates && template.is_none() {
                    return Err(self.dynamic.refusal(name, self.prefix));
                }
                let own = template.as_ref().and_then(|definition| definition.get("dynamic"));
                let grows = own.is_none_or(|own| Dynamic::parse(own).is_ok_and(Dynamic::grows));
                let below = self.below(&prefix);
                let known = template.as_ref().filter(|_| !leaf && grows).and_then(|definition| {
                    let here = (prefix.as_str(), self.depth + 1, self.limit);
                    object_at(name, definition, here)
                });
                if let Some(definition) = template {
                    properties.entry(name.to_owned()).or_insert(definition);
                }
                if !leaf && grows {
                    let mut found = Map::new();
                    let dynamic = known.as_ref().and_then(|known| known.dynamic);
                    let dynamic = dynamic.unwrap_or(self.dynamic);
                    let there = DynamicPath { known: known.as_ref(), dynamic, ..below? };
                    there.object(document, &mut found)?;
                    place(properties, name, found);
                }
            }
            scalar => {
                if !properties.contains_key(name) {
                    let definition = self.definition(name, &path, scalar)?;
                    properties.insert(name.to_owned(), definition);
                }
            }
        }
        Ok(())
    }

    /// The definition of a new field whose first value is `value`: the first template's that is for it, or the rules'.
    fn definition(self, name: &str, path: &str, value: &Value) -> Result<Value, Exception> {
        let own = definition(self.root, value);
        let default = own.get("type").and_then(Value::as_str).unwrap_or("object");
        let kind = match default {
            "text" => "string",
            "float" => "double",
            other => other,
        };
        match self.template(name, path, kind, default) {
            Some(definition) => Ok(definition),
            None if self.dynamic == Dynamic::StrictAllowTemplates => {
                Err(self.dynamic.refusal(name, self.prefix))
            }
            None => Ok(own),
        }
    }

    fn template(self, name: &str, path: &str, kind: &str, default: &str) -> Option<Value> {
        let mut templates = self.root.dynamic_templates.iter();
        templates.find_map(|template| template.definition(name, path, kind, default))
    }
}

/// Puts an object's new fields under `name`, beside those that an earlier value brought.
fn place(properties: &mut Map<String, Value>, name: &str, found: Map<String, Value>) {
    let entry = properties.entry(name.to_owned()).or_insert_with(|| json!({"type": "object"}));
    let Value::Object(entry) = entry else { return };
    let inner = entry.entry("properties").or_insert_with(|| json!({}));
    if let Value::Object(inner) = inner {
        for (name, definition) in found {
            match (inner.get_mut(&name), definition) {
                (None, definition) => {
                    inner.insert(name, definition);
                }
                (Some(old), Value::Object(new)) => {
                    if let (Some(Value::Object(_)), Some(Value::Object(deeper))) =
                        (old.get("properties"), new.get("properties"))
                    {
                        let deeper = deeper.clone();
                        place(inner, &name, deeper);
                    }
                }
                _ => {}
            }
        }
    }
}

/// The definition the rules give a new field whose first value is `value`.
fn definition(root: &RootMapping, value: &Value) -> Value {
    match value {
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(number) if number.is_f64() => json!({"type": "float"}),
        Value::Number(_) => json!({"type": "long"}),
        Value::String(text) => string(root, text),
        _ => json!({"type": "object"}),
    }
}

fn string(root: &RootMapping, text: &str) -> Value {
    let (long, double) = (text.parse::<i64>().is_ok(), text.parse::<f64>().is_ok());
    if root.numeric_detection == Some(true) && (long || double) {
        return json!({"type": if long { "long" } else { "float" }});
    }
    // Pure numbers are never taken for dates: `2020` and epoch milliseconds are too often something else.
    if !long && !double && root.date_detection != Some(false) {
        let own = root.dynamic_date_formats.as_ref();
        let matching = match own {
            Some(formats) => formats.iter().map(String::as_str).find(|format| reads(format, text)),
            None => DATE_FORMATS.iter().copied().find(|format| reads(format, text)),
        };
        match matching {
            Some(date::DEFAULT_FORMAT) => return json!({"type": "date"}),
            Some(format) => return json!({"type": "date", "format": format}),
            None => {}
        }
    }
    json!({"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}})
}

fn reads(format: &str, text: &str) -> bool {
    // Every date has a digit at one of its ends; most strings are done with here.
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let maybe = digit(bytes.first()) || digit(bytes.last()) || bytes.first() == Some(&b'-');
    maybe && DateFormat::of_mapping(format).is_ok_and(|format| format.takes(text))
}
