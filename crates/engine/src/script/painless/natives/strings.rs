//! `String`.

use std::sync::Arc;

use super::{format, pattern};
use crate::script::painless::fault::Fault;
use crate::script::painless::runner::{Native, Run, Runner};
use crate::script::painless::types::StaticType;
use crate::script::painless::value::{HeapObject, ImmutableObject, Value};
use crate::value::java::hash_code;

/// A method of a string.
pub(super) fn method(run: &mut Runner<'_>, text: &Arc<str>, name: &str, given: &[Value]) -> Native {
    run.charge(1 + text.len() as u64 / 64)?;
    let done = match given {
        [] => plain(run, text, name)?,
        [Value::Text(other)] => with_text(run, text, name, other)?,
        _ => None,
    };
    match done {
        Some(value) => Ok(Some(value)),
        None => with_more(run, text, name, given),
    }
}

fn plain(run: &mut Runner<'_>, text: &Arc<str>, name: &str) -> Native {
    Ok(Some(match name {
        "length" => Value::Int(length(text)),
        "isEmpty" => Value::Bool(text.is_empty()),
        "toString" | "intern" => Value::Text(Arc::clone(text)),
        "hashCode" => Value::Int(hash_code(text)),
        "toLowerCase" => run.text(text.to_lowercase())?,
        "toUpperCase" => run.text(text.to_uppercase())?,
        "trim" => run.text(text.trim_matches(|c: char| c <= ' '))?,
        "toCharArray" => {
            let units = text.encode_utf16().map(Value::Char).collect();
            run.put(HeapObject::Array(StaticType::CHAR, units))?
        }
        "chars" => {
            let units = text.encode_utf16().map(|unit| Value::Int(unit.into())).collect();
            run.put(HeapObject::Stream("IntStream", units))?
        }
        "codePoints" => {
            let points = text.chars().map(|c| Value::Int(u32::from(c) as i32)).collect();
            run.put(HeapObject::Stream("IntStream", points))?
        }
        "encodeBase64" => run.text(super::builders::encoded(text.as_bytes()))?,
        "decodeBase64" => run.text(super::builders::decoded(text)?)?,
        "sha1" | "sha256" => return Err(Fault::not_built("String", name)),
        _ => return Ok(None),
    }))
}

fn with_text(run: &mut Runner<'_>, text: &Arc<str>, name: &str, other: &Arc<str>) -> Native {
    run.charge(1 + text.len() as u64 / 16)?;
    let (one, two): (&str, &str) = (text, other);
    Ok(Some(match name {
        "contains" => Value::Bool(one.contains(two)),
        "startsWith" => Value::Bool(one.starts_with(two)),
        "endsWith" => Value::Bool(one.ends_with(two)),
        "indexOf" => Value::Int(one.find(two).map_or(-1, |at| units_before(one, at))),
        "lastIndexOf" => Value::Int(one.rfind(two).map_or(-1, |at| units_before(one, at))),
        "equalsIgnoreCase" => Value::Bool(one.to_lowercase() == two.to_lowercase()),
        "contentEquals" => Value::Bool(one == two),
        "compareTo" => Value::Int(compared(one, two)),
        "compareToIgnoreCase" => Value::Int(compared(&one.to_lowercase(), &two.to_lowercase())),
        "concat" => run.text(format!("{one}{two}"))?,
        "splitOnToken" => {
            let parts: Vec<Value> = split(one, two, 0);
            run.grow(one.len())?;
            run.put(HeapObject::Array(StaticType::string(), parts))?
        }
        _ => return Ok(None),
    }))
}

fn with_more(run: &mut Runner<'_>, text: &Arc<str>, name: &str, given: &[Value]) -> Native {
    Ok(Some(match (name, given) {
        ("charAt", [at]) => {
            let at = at.as_int().unwrap_or(0);
            let unit = usize::try_from(at).ok().and_then(|at| unit_at(text, at));
            let length = length(text);
            let reason = format!("index {at}, length {length}");
            let refused = || Fault::thrown("StringIndexOutOfBoundsException", reason);
            Value::Char(unit.ok_or_else(refused)?)
        }
        ("codePointAt", [at]) => {
            let at = usize::try_from(at.as_int().unwrap_or(0)).unwrap_or(0);
            let rest = units_from(text, at);
            let first = char::decode_utf16(rest).next().and_then(Result::ok);
            Value::Int(first.map_or(0, |c| u32::from(c) as i32))
        }
        ("substring" | "subSequence", [begin]) => {
            let end = length(text);
            run.text(cut(text, begin.as_int().unwrap_or(0), end)?)?
        }
        ("substring" | "subSequence", [begin, end]) => {
            run.text(cut(text, begin.as_int().unwrap_or(0), end.as_int().unwrap_or(0))?)?
        }
        ("indexOf", [what, from]) => {
            let (what, from) = (run.print(what)?, from.as_int().unwrap_or(0).max(0));
            let rest = String::from_utf16_lossy(&units_from(text, from as usize));
            Value::Int(rest.find(&*what).map_or(-1, |at| units_before(&rest, at) + from))
        }
        ("lastIndexOf", [what, from]) => {
            let (what, from) = (run.print(what)?, from.as_int().unwrap_or(0));
            let head = cut(text, 0, (from + length(&what)).clamp(0, length(text)))?;
            Value::Int(head.rfind(&*what).map_or(-1, |at| units_before(&head, at)))
        }
        ("startsWith", [what, from]) => {
            let (what, from) = (run.print(what)?, from.as_int().unwrap_or(0).max(0));
            let rest = String::from_utf16_lossy(&units_from(text, from as usize));
            Value::Bool(rest.starts_with(&*what))
        }
        ("replace", [what, with]) => {
            let (what, with) = (run.print(what)?, run.print(with)?);
            replaced(run, text, &what, &with)?
        }
        ("contains" | "contentEquals", [what]) => {
            let what = run.print(what)?;
            return with_text(run, text, name, &what);
        }
        ("splitOnToken", [what, most]) => {
            let what = run.print(what)?;
            let most = usize::try_from(most.as_int().unwrap_or(0)).unwrap_or(0);
            run.grow(text.len())?;
            run.put(HeapObject::Array(StaticType::string(), split(text, &what, most)))?
        }
        ("replaceAll" | "replaceFirst", [pattern, with]) => {
            return pattern::replace_by(run, text, pattern, with, name == "replaceFirst");
        }
        ("toLowerCase", [_]) => run.text(text.to_lowercase())?,
        ("toUpperCase", [_]) => run.text(text.to_uppercase())?,
        ("repeat", [times]) => {
            let times = usize::try_from(times.as_int().unwrap_or(0)).unwrap_or(0);
            run.grow(text.len().saturating_mul(times))?;
            Value::text(text.repeat(times))
        }
        _ => return Ok(None),
    }))
}

fn replaced(run: &mut Runner<'_>, text: &str, what: &str, with: &str) -> Run<Value> {
    let found = if what.is_empty() { text.len() + 1 } else { text.matches(what).count() };
    run.grow(text.len() + found.saturating_mul(with.len()))?;
    Ok(Value::text(text.replace(what, with)))
}

/// The parts of a text around a token.
fn split(text: &str, token: &str, most: usize) -> Vec<Value> {
    if token.is_empty() {
        return vec![Value::text(text)];
    }
    let parts: Vec<&str> =
        if most > 0 { text.splitn(most, token).collect() } else { text.split(token).collect() };
    parts.into_iter().map(Value::text).collect()
}

/// `String.valueOf`, `String.join`, `String.format`.
pub(super) fn statics(run: &mut Runner<'_>, name: &str, given: &[Value]) -> Native {
    Ok(Some(match (name, given) {
        ("valueOf", [value]) => Value::Text(run.print(value)?),
        ("copyValueOf", [value]) => {
            let items = run.items(value)?;
            let units: Vec<u16> =
                items.iter().map(|unit| unit.as_int().unwrap_or(0) as u16).collect();
            run.text(String::from_utf16_lossy(&units))?
        }
        ("join", [between, parts]) => {
            let between = run.print(between)?;
            let mut texts = Vec::new();
            for part in run.items(parts)? {
                texts.push(run.print(&part)?);
            }
            let all: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
            run.text(all.join(&between))?
        }
        ("format", [pattern, arguments]) => {
            let (pattern, items) = (run.print(pattern)?, run.items(arguments)?);
            let text = format::formatted(run, &pattern, &items)?;
            run.text(text)?
        }
        ("format", [locale, pattern, arguments])
            if matches!(locale.as_thing(), Some(ImmutableObject::Locale(_))) =>
        {
            let (pattern, items) = (run.print(pattern)?, run.items(arguments)?);
            let text = format::formatted(run, &pattern, &items)?;
            run.text(text)?
        }
        _ => return Ok(None),
    }))
}

// Places in Java's strings count units of UTF-16.

/// How long Java says a text is.
pub(super) fn length(text: &str) -> i32 {
    let units = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
    i32::try_from(units).unwrap_or(i32::MAX)
}

fn unit_at(text: &str, at: usize) -> Option<u16> {
    if text.is_ascii() {
        return text.as_bytes().get(at).map(|byte| u16::from(*byte));
    }
    text.encode_utf16().nth(at)
}

fn units_from(text: &str, at: usize) -> Vec<u16> {
    text.encode_utf16().skip(at).collect()
}

/// How many units stand before a byte.
pub(super) fn units_before(text: &str, byte: usize) -> i32 {
    length(text.get(..byte).unwrap_or(text))
}

fn cut(text: &str, begin: i32, end: i32) -> Run<String> {
    let length = length(text);
    if begin < 0 || begin > end || end > length {
        return Err(Fault::thrown(
            "StringIndexOutOfBoundsException",
            format!("begin {begin}, end {end}, length {length}"),
        ));
    }
    let (begin, count) = (begin as usize, (end - begin) as usize);
    if text.is_ascii() {
        return Ok(text.get(begin..begin + count).unwrap_or_default().to_owned());
    }
    let units: Vec<u16> = text.encode_utf16().skip(begin).take(count).collect();
    Ok(String::from_utf16_lossy(&units))
}

/// Java's `compareTo`: the difference of the first units that differ, or of the lengths.
fn compared(left: &str, right: &str) -> i32 {
    let differ = left.encode_utf16().zip(right.encode_utf16()).find(|(one, two)| one != two);
    match differ {
        Some((one, two)) => i32::from(one) - i32::from(two),
        None => length(left) - length(right),
    }
}
