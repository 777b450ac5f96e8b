//! `StringBuilder`, iterators, `Random`, `Base64` and other small classes.

#![expect(clippy::option_map_unit_fn, reason = "a place that is not there is left alone")]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::streams::statistics_method;
use super::tokenizer;
use crate::script::painless::fault::Fault;
use crate::script::painless::runner::{Native, Run, Runner};
use crate::script::painless::types::StaticType;
use crate::script::painless::value::{HeapObject, HeapReference, ImmutableObject, Value};

/// A method of one of them.
pub(super) fn method(
    run: &mut Runner<'_>,
    place: HeapReference,
    name: &str,
    given: &[Value],
) -> Native {
    match run.heap.get(place) {
        Some(HeapObject::Builder(_)) => builder(run, place, name, given),
        Some(HeapObject::Iterator(..)) => iterator(run, place, name),
        Some(HeapObject::Random(_)) => random(run, place, name, given),
        Some(HeapObject::Tokenizer(_)) => tokenizer::method(run, place, name, given),
        Some(HeapObject::Joiner(..)) => joiner(run, place, name, given),
        Some(HeapObject::Statistics(class, count, sum, least, most)) => {
            Ok(statistics_method(class, (*count, *sum, *least, *most), name))
        }
        _ => Ok(None),
    }
}

fn units<'r>(run: &'r mut Runner<'_>, place: HeapReference) -> Option<&'r mut Vec<u16>> {
    match run.heap.get_mut(place) {
        Some(HeapObject::Builder(units)) => Some(units),
        _ => None,
    }
}

// long: one arm for each method
fn builder(run: &mut Runner<'_>, place: HeapReference, name: &str, given: &[Value]) -> Native {
    let length = units(run, place).map_or(0, |units| units.len());
    let bad = |at: i32| {
        let reason = format!("index {at},length {length}");
        Fault::thrown("StringIndexOutOfBoundsException", reason)
    };
    let int = |at: usize| given.get(at).and_then(Value::as_int).unwrap_or(0);
    let place_of = |at: usize, most: usize| {
        usize::try_from(int(at)).ok().filter(|it| *it <= most).ok_or_else(|| bad(int(at)))
    };
    Ok(Some(match (name, given) {
        ("append", [value]) => {
            let text = run.print(value)?;
            let more: Vec<u16> = match value {
                Value::Char(unit) => vec![*unit],
                _ => text.encode_utf16().collect(),
            };
            run.grow(more.len() * 2)?;
            units(run, place).map(|units| units.extend(more));
            Value::HeapReference(place)
        }
        ("length", []) => Value::Int(length as i32),
        ("charAt", [_]) => {
            let at = place_of(0, length.saturating_sub(1))?;
            let unit = units(run, place).and_then(|units| units.get(at).copied());
            Value::Char(unit.ok_or_else(|| bad(int(0)))?)
        }
        ("insert", [_, value]) => {
            let at = place_of(0, length)?;
            let text = run.print(value)?;
            run.grow(text.len() * 2)?;
            run.charge(1 + length as u64 / 64)?;
            units(run, place).map(|units| units.splice(at..at, text.encode_utf16()).count());
            Value::HeapReference(place)
        }
        ("deleteCharAt", [_]) => {
            let at = place_of(0, length.saturating_sub(1))?;
            run.charge(1 + length as u64 / 64)?;
            units(run, place).filter(|units| at < units.len()).map(|units| units.remove(at));
            Value::HeapReference(place)
        }
        ("delete" | "replace", [_, _, ..]) => {
            let (from, to) = (place_of(0, length)?, (int(1).max(0) as usize).min(length));
            let with = match given.get(2) {
                Some(value) => run.print(value)?,
                None => "".into(),
            };
            run.grow(with.len() * 2)?;
            let from = from.min(to);
            units(run, place).map(|units| units.splice(from..to, with.encode_utf16()).count());
            Value::HeapReference(place)
        }
        ("reverse", []) => {
            let text = String::from_utf16_lossy(units(run, place).map_or(&[], |units| units));
            let back: String = text.chars().rev().collect();
            units(run, place).map(|units| *units = back.encode_utf16().collect());
            Value::HeapReference(place)
        }
        ("setLength", [_]) => {
            let new = usize::try_from(int(0)).map_err(|_| bad(int(0)))?;
            run.grow(new.saturating_sub(length) * 2)?;
            units(run, place).map(|units| units.resize(new, 0));
            Value::Null
        }
        ("setCharAt", [_, unit]) => {
            let at = place_of(0, length.saturating_sub(1))?;
            let unit = unit.as_int().unwrap_or(0) as u16;
            if let Some(slot) = units(run, place).and_then(|units| units.get_mut(at)) {
                *slot = unit;
            }
            Value::Null
        }
        ("substring" | "indexOf" | "lastIndexOf" | "chars" | "subSequence", _) => {
            let text = run.print(&Value::HeapReference(place))?;
            return super::strings::method(run, &text, name, given);
        }
        _ => return Ok(None),
    }))
}

fn iterator(run: &mut Runner<'_>, place: HeapReference, name: &str) -> Native {
    let Some(HeapObject::Iterator(items, at, of)) = run.heap.get_mut(place) else {
        return Ok(None);
    };
    Ok(Some(match name {
        "hasNext" => Value::Bool(*at < items.len()),
        "next" => {
            let next = items.get(*at).cloned();
            *at += 1;
            next.ok_or_else(|| Fault::thrown("NoSuchElementException", "null"))?
        }
        "remove" => {
            let (of, last) = (*of, at.checked_sub(1).and_then(|at| items.get(at)).cloned());
            let Some((of, last)) = of.zip(last) else { return Ok(None) };
            let back = at.saturating_sub(1);
            items.remove(back);
            *at = back;
            match run.heap.get_mut(of) {
                Some(HeapObject::List(_, all)) => {
                    if back < all.len() {
                        all.remove(back);
                    }
                }
                Some(HeapObject::Set(_) | HeapObject::View(..)) => {
                    run.method(&Value::HeapReference(of), "remove", vec![last])?;
                }
                _ => return Ok(None),
            }
            Value::Null
        }
        _ => return Ok(None),
    }))
}

/// Java's own generator, so that a seed gives what it gives there.
fn random(run: &mut Runner<'_>, place: HeapReference, name: &str, given: &[Value]) -> Native {
    let Some(HeapObject::Random(seed)) = run.heap.get_mut(place) else { return Ok(None) };
    let mut next = |bits: u32| -> i32 {
        *seed = seed.wrapping_mul(0x5_DEEC_E66D).wrapping_add(0xB) & ((1 << 48) - 1);
        (*seed >> (48 - bits)) as u32 as i32
    };
    Ok(Some(match (name, given) {
        ("nextInt", []) => Value::Int(next(32)),
        ("nextInt", [bound]) => {
            let bound = bound.as_int().unwrap_or(0);
            if bound <= 0 {
                return Err(Fault::illegal("bound must be positive"));
            }
            let mut bits = next(31);
            if bound & (bound - 1) == 0 {
                return Ok(Some(Value::Int(((i64::from(bound) * i64::from(bits)) >> 31) as i32)));
            }
            let mut value = bits % bound;
            let mut tries = 0;
            while bits.wrapping_sub(value).wrapping_add(bound - 1) < 0 && tries < 100 {
                bits = next(31);
                value = bits % bound;
                tries += 1;
            }
            Value::Int(value)
        }
        ("nextLong", []) => {
            let high = i64::from(next(32)) << 32;
            Value::Long(high.wrapping_add(next(32).into()))
        }
        ("nextDouble", []) => {
            let high = i64::from(next(26)) << 27;
            Value::Double((high + i64::from(next(27))) as f64 * (1.0 / (1_i64 << 53) as f64))
        }
        ("nextFloat", []) => Value::Float(next(24) as f32 / (1 << 24) as f32),
        ("nextBoolean", []) => Value::Bool(next(1) != 0),
        _ => return Ok(None),
    }))
}

fn joiner(run: &mut Runner<'_>, place: HeapReference, name: &str, given: &[Value]) -> Native {
    let text = match given {
        [value] => run.print(value)?,
        _ => "".into(),
    };
    run.grow(text.len())?;
    let Some(HeapObject::Joiner(_, _, _, parts)) = run.heap.get_mut(place) else { return Ok(None) };
    match name {
        "add" => {
            parts.push(text);
            Ok(Some(Value::HeapReference(place)))
        }
        "length" => {
            let all = run.print(&Value::HeapReference(place))?;
            Ok(Some(Value::Int(super::strings::length(&all))))
        }
        _ => Ok(None),
    }
}

/// `new Random(seed)`, `new StringJoiner(…)` and their like.
pub(super) fn constructed(run: &mut Runner<'_>, class: &str, given: &[Value]) -> Native {
    Ok(Some(match (class, given) {
        // Without a seed Java takes the time of day; here the same script gives the same numbers.
        ("Random", _) => {
            let seed = given.first().and_then(Value::as_long).unwrap_or(42);
            let seed = (seed as u64 ^ 0x5_DEEC_E66D) & ((1 << 48) - 1);
            run.put(HeapObject::Random(seed))?
        }
        ("StringTokenizer", _) => tokenizer::constructed(run, given)?,
        ("StringJoiner", [between, rest @ ..]) => {
            let between = run.print(between)?;
            let mut texts = Vec::new();
            for value in rest {
                texts.push(run.print(value)?);
            }
            let text = |at: usize| texts.get(at).cloned().unwrap_or_else(|| "".into());
            run.put(HeapObject::Joiner(between, text(0), text(1), Vec::new()))?
        }
        ("AbstractMap.SimpleEntry", [key, value]) => {
            run.put(HeapObject::Entry(key.clone(), value.clone(), None))?
        }
        _ => return crate::script::painless::times::constructed(run, class, given),
    }))
}

/// `Base64`, `UUID`, `Locale`.
pub(super) fn statics(run: &mut Runner<'_>, class: &str, name: &str, given: &[Value]) -> Native {
    Ok(Some(match (class, name, given) {
        ("Base64", "getEncoder", []) => Value::thing(ImmutableObject::Named("Base64.Encoder")),
        ("Base64", "getDecoder", []) => Value::thing(ImmutableObject::Named("Base64.Decoder")),
        ("Locale", name, []) if name.starts_with('.') => {
            let name = match name.trim_start_matches('.') {
                "ROOT" => "",
                "ENGLISH" => "en",
                "US" => "en_US",
                "UK" => "en_GB",
                "GERMANY" => "de_DE",
                "GERMAN" => "de",
                "FRANCE" => "fr_FR",
                "FRENCH" => "fr",
                _ => return Ok(None),
            };
            Value::thing(ImmutableObject::Locale(name.into()))
        }
        ("UUID", "fromString", [text]) => Value::thing(ImmutableObject::Uuid(run.print(text)?)),
        _ => return Ok(None),
    }))
}

/// `encodeBase64`
pub(super) fn encoded(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// `decodeBase64`
pub(super) fn decoded(text: &str) -> Run<String> {
    let bytes = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text));
    let bytes = bytes.map_err(|_| Fault::illegal("Illegal base64 character"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What a `byte[]` is made of.
pub(super) fn bytes_of(items: &[Value]) -> Vec<u8> {
    items.iter().map(|item| item.as_int().unwrap_or(0) as u8).collect()
}

/// A `byte[]`.
pub(super) fn byte_array(run: &mut Runner<'_>, bytes: &[u8]) -> Run<Value> {
    let items = bytes.iter().map(|byte| Value::Byte(*byte as i8)).collect();
    run.put(HeapObject::Array(StaticType::plain(crate::script::painless::types::Base::Byte), items))
}

/// A method of what is known by its class alone.
pub(super) fn named_method(
    run: &mut Runner<'_>,
    class: &str,
    name: &str,
    given: &[Value],
) -> Native {
    let Some(first) = given.first() else { return Ok(None) };
    Ok(match (class, name) {
        ("Base64.Encoder", "encodeToString") => {
            let items = run.items(first)?;
            let bytes = bytes_of(&items);
            Some(run.text(encoded(&bytes))?)
        }
        ("Base64.Decoder", "decode") => {
            let text = run.print(first)?;
            let text = decoded(&text)?;
            Some(byte_array(run, text.as_bytes())?)
        }
        _ => None,
    })
}
