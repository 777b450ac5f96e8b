//! What a template makes of values.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::{Map, Value};

use super::{Code, Escape};
use crate::exception::{Exception, ExceptionKind};
use crate::limits::{TEMPLATE_BYTES_MAX, TEMPLATE_PIECES_MAX};
use crate::value::java;
use crate::work::{HeldMemory, Work};

/// Steps of looking up a name that count as a piece.
const STEPS_PER_ROUND: usize = 64;

/// The values that a template is rendered with.
pub(crate) trait Names {
    /// The value that `name` begins with, up to one of its dots, and what is left of it; `None` where there is none.
    fn begin<'n>(&self, name: &'n str) -> Option<(Cow<'_, Value>, Option<&'n str>)>;

    /// All of them, which `{{.}}` outside of sections prints.
    fn all(&self) -> Cow<'_, Value>;
}

impl Names for Value {
    fn begin<'n>(&self, name: &'n str) -> Option<(Cow<'_, Value>, Option<&'n str>)> {
        begin_in(self.as_object()?, name)
    }

    fn all(&self) -> Cow<'_, Value> {
        Cow::Borrowed(self)
    }
}

/// The member of `object` that `name` begins with: as a whole, or up to its first dot.
pub(crate) fn begin_in<'v, 'n>(
    object: &'v Map<String, Value>,
    name: &'n str,
) -> Option<(Cow<'v, Value>, Option<&'n str>)> {
    if let Some(value) = object.get(name) {
        return Some((Cow::Borrowed(value), None));
    }
    let (first, rest) = name.split_once('.')?;
    object.get(first).map(|value| (Cow::Borrowed(value), Some(rest)))
}

/// What all templates of one request may take together.
#[derive(Debug)]
pub(crate) struct Rendering<'w> {
    work: &'w Work,
    held: HeldMemory,
    bytes: usize,
    rounds: usize,
}

impl<'w> Rendering<'w> {
    /// Nothing is rendered yet; what is takes its memory from `work` as long as this lives.
    pub(crate) fn new(work: &'w Work) -> Rendering<'w> {
        Rendering { work, held: work.holds("<template>"), bytes: 0, rounds: 0 }
    }

    /// One more piece; looking its name up takes as many steps as the name is long, in each of `levels` sections.
    fn round(&mut self, name: &str, levels: usize) -> Result<(), Exception> {
        self.work.check()?;
        self.rounds += 1 + name.len() * levels / STEPS_PER_ROUND;
        if self.rounds > TEMPLATE_PIECES_MAX {
            return Err(too_much(&format!("more than [{TEMPLATE_PIECES_MAX}] pieces")));
        }
        Ok(())
    }

    /// `bytes` more were printed.
    fn grow(&mut self, bytes: usize) -> Result<(), Exception> {
        self.bytes += bytes;
        if self.bytes > TEMPLATE_BYTES_MAX {
            return Err(too_much(&format!("more than [{TEMPLATE_BYTES_MAX}] bytes")));
        }
        self.held.grow(bytes as u64)
    }
}

fn too_much(what: &str) -> Exception {
    Exception::new(ExceptionKind::CircuitBreaking, format!("[template] the templates make {what}"))
}

/// The text of `codes`.
pub(super) fn rendered(
    codes: &[Code],
    escape: Escape,
    names: &dyn Names,
    rendering: &mut Rendering<'_>,
) -> Result<String, Exception> {
    let mut printed = Printed { out: String::new(), escape, rendering };
    printed.codes(codes, &Scopes { names, inner: None, levels: 1 })?;
    Ok(printed.out)
}

/// Where a name is looked up: the values of the sections around it, the innermost first, then all names.
struct Scopes<'a> {
    names: &'a dyn Names,
    inner: Option<(&'a Value, &'a Scopes<'a>)>,
    /// How many there are.
    levels: usize,
}

impl<'a> Scopes<'a> {
    fn find(&self, name: &str) -> Result<Option<Cow<'a, Value>>, Exception> {
        let Some((value, outer)) = self.inner else { return self.of_names(name) };
        if name == "." {
            return Ok(Some(Cow::Borrowed(value)));
        }
        let told = |fault: Exception| failed(name, fault);
        let whole = member(value, name).map_err(told)?;
        let found = match whole {
            Some(found) => Some(found),
            None => walked(Cow::Borrowed(value), name).map_err(told)?,
        };
        found.map_or_else(|| outer.find(name), |found| Ok(Some(found)))
    }

    fn of_names(&self, name: &str) -> Result<Option<Cow<'a, Value>>, Exception> {
        if name == "." {
            return Ok(Some(self.names.all()));
        }
        match self.names.begin(name) {
            Some((value, Some(rest))) => walked(value, rest).map_err(|fault| failed(name, fault)),
            Some((value, None)) => Ok(Some(value)),
            None => Ok(None),
        }
    }
}

/// What the parts of `name` between its dots lead to, one after the other.
fn walked<'a>(value: Cow<'a, Value>, name: &str) -> Result<Option<Cow<'a, Value>>, Exception> {
    let mut value = value;
    let mut rest = name;
    while let Some((first, behind)) = rest.split_once('.') {
        let Some(found) = member_of(value, first)? else { return Ok(None) };
        value = found;
        rest = behind;
    }
    member_of(value, rest)
}

fn member_of<'a>(value: Cow<'a, Value>, key: &str) -> Result<Option<Cow<'a, Value>>, Exception> {
    match value {
        Cow::Borrowed(value) => member(value, key),
        Cow::Owned(value) => Ok(member(&value, key)?.map(|found| Cow::Owned(found.into_owned()))),
    }
}

/// `value.key`: of an object its member, of a list its size or an item, of a text its length.
fn member<'a>(value: &'a Value, key: &str) -> Result<Option<Cow<'a, Value>>, Exception> {
    Ok(match value {
        Value::Object(object) => object.get(key).map(Cow::Borrowed),
        Value::Array(list) if key == "size" => Some(Cow::Owned(list.len().into())),
        Value::Array(list) => match key.parse::<i32>() {
            Ok(position) => Some(Cow::Borrowed(item(list, position)?)),
            Err(_) => None,
        },
        Value::String(text) if key == "length" => {
            Some(Cow::Owned(text.encode_utf16().count().into()))
        }
        _ => None,
    })
}

fn item(list: &[Value], position: i32) -> Result<&Value, Exception> {
    let Ok(place) = usize::try_from(position) else {
        return Err(Exception::illegal_argument("position >= 0"));
    };
    list.get(place)
        .ok_or_else(|| Exception::new(ExceptionKind::IndexOutOfBounds, position.to_string()))
}

fn failed(name: &str, cause: Exception) -> Exception {
    let reason = format!("Failed to get value for {name} @[query-template:1]");
    Exception::new(ExceptionKind::Mustache, reason).caused_by(cause)
}

struct Printed<'r, 'w> {
    out: String,
    escape: Escape,
    rendering: &'r mut Rendering<'w>,
}

impl Printed<'_, '_> {
    /// Prints them; nested as deep as the template is.
    fn codes(&mut self, codes: &[Code], scopes: &Scopes<'_>) -> Result<(), Exception> {
        for code in codes {
            self.rendering.round(code.name(), scopes.levels)?;
            match code {
                Code::Text(text) => self.print(text)?,
                Code::Variable { name, escaped } => {
                    let value = scopes.find(name)?;
                    let text = value.map(|value| shown(&value)).unwrap_or_default();
                    match if *escaped { self.escape } else { Escape::Plain } {
                        Escape::Plain => self.print(&text)?,
                        Escape::Json => {
                            self.print(inside_quotes(&Value::from(text).to_string()))?
                        }
                        Escape::Form => self.print(&form(&text))?,
                    }
                }
                Code::Section { name, inverted, codes } => {
                    let value = scopes.find(name)?.unwrap_or(Cow::Owned(Value::Null));
                    self.section(&value, *inverted, codes, scopes)?;
                }
                Code::Block(codes) => self.codes(codes, scopes)?,
                Code::ToJson(name) => {
                    let text = match scopes.find(name)?.as_deref() {
                        None | Some(Value::Null) => String::new(),
                        Some(nested @ (Value::Object(_) | Value::Array(_))) => nested.to_string(),
                        Some(scalar) => java::java(scalar),
                    };
                    self.print(&text)?;
                }
                Code::Join { name, delimiter, otherwise } => match scopes.find(name)?.as_deref() {
                    Some(Value::Array(list)) => self.joined(list, delimiter)?,
                    _ => self.codes(otherwise, scopes)?,
                },
                Code::Url(codes) => {
                    let before = std::mem::take(&mut self.out);
                    let done = self.codes(codes, scopes);
                    let inner = std::mem::replace(&mut self.out, before);
                    done?;
                    self.print(&form(&inner))?;
                }
            }
        }
        Ok(())
    }

    fn print(&mut self, text: &str) -> Result<(), Exception> {
        self.rendering.grow(text.len())?;
        self.out.push_str(text);
        Ok(())
    }

    fn joined(&mut self, list: &[Value], delimiter: &str) -> Result<(), Exception> {
        for (position, item) in list.iter().enumerate() {
            self.rendering.round("", 0)?;
            if position > 0 {
                self.print(delimiter)?;
            }
            self.print(&java::java(item))?;
        }
        Ok(())
    }

    fn section(
        &mut self,
        value: &Value,
        inverted: bool,
        codes: &[Code],
        scopes: &Scopes<'_>,
    ) -> Result<(), Exception> {
        let nothing = match value {
            Value::Null | Value::Bool(false) => true,
            Value::Array(list) => list.is_empty(),
            Value::String(text) => text.is_empty(),
            _ => false,
        };
        if nothing != inverted {
            return Ok(());
        }
        if inverted {
            return self.codes(codes, scopes);
        }
        let items = match value {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        for item in items {
            self.rendering.round("", 0)?;
            let inner = Some((item, scopes));
            let scopes = Scopes { names: scopes.names, inner, levels: scopes.levels + 1 };
            self.codes(codes, &scopes)?;
        }
        Ok(())
    }
}

/// A value as a variable prints it: a list as the map of its places that it is to Mustache.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Array(list) => {
            let items = list.iter().enumerate();
            let places: Vec<String> =
                items.map(|(at, value)| format!("{at}={}", in_hash_order(value))).collect();
            format!("{{{}}}", places.join(", "))
        }
        other => in_hash_order(other),
    }
}

/// As Java prints it, the members of an object in the order of its `HashMap`s; as deep as JSON may be.
fn in_hash_order(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let names: Vec<String> = object.keys().cloned().collect();
            let order = java::hash_order(&names).into_iter();
            let member = |name: &String| {
                let value = object.get(name).unwrap_or(&Value::Null);
                format!("{name}={}", in_hash_order(value))
            };
            let members: Vec<String> =
                order.filter_map(|place| names.get(place)).map(member).collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::Array(list) => {
            let items: Vec<String> = list.iter().map(in_hash_order).collect();
            format!("[{}]", items.join(", "))
        }
        scalar => java::java(scalar),
    }
}

fn inside_quotes(quoted: &str) -> &str {
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(quoted)
}

/// As `URLEncoder` of Java encodes a text.
fn form(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            // Writing to a string does not fail.
            other => drop(write!(out, "%{other:02X}")),
        }
    }
    out
}
