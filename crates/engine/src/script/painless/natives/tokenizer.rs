//! The methods of `StringTokenizer`.

use super::lists::no_such_element;
use crate::script::painless::fault::Fault;
use crate::script::painless::runner::{Native, Run, Runner};
use crate::script::painless::string_tokenizer::StringTokenizer;
use crate::script::painless::value::{HeapObject, HeapReference, Value};

/// `new StringTokenizer(text, between, whether what stands between is given, too)`.
pub(super) fn constructed(run: &mut Runner<'_>, given: &[Value]) -> Run<Value> {
    let [text, rest @ ..] = given else { return Ok(Value::Null) };
    if text.is_null() {
        return Err(Fault::null("Cannot invoke \"String.length()\" because \"str\" is null"));
    }
    let text = run.print(text)?;
    let between = match rest.first() {
        None => Some(" \t\n\r\u{c}".into()),
        Some(null) if null.is_null() => None,
        Some(between) => Some(run.print(between)?),
    };
    let gives_all = matches!(rest.get(1), Some(Value::Bool(true)));
    run.grow(text.len())?;
    let tokenizer = StringTokenizer { text, at: 0, between, gives_all };
    run.put(HeapObject::Tokenizer(Box::new(tokenizer)))
}

/// A method of one.
pub(super) fn method(
    run: &mut Runner<'_>,
    place: HeapReference,
    name: &str,
    given: &[Value],
) -> Native {
    let between = match given {
        [between] if !between.is_null() => Some(run.print(between)?),
        _ => None,
    };
    let Some(HeapObject::Tokenizer(own)) = run.heap.get_mut(place) else { return Ok(None) };
    let mut tokenizer = own.clone();
    if name == "nextToken" && !given.is_empty() {
        tokenizer.between = between;
    }
    // Each character of the one may be compared with all of the other.
    let (text, between) =
        (tokenizer.rest().len() as u64, tokenizer.between.as_ref().map_or(0, |all| all.len()));
    run.charge(1 + text.saturating_mul(16 + between as u64) / 256)?;
    if tokenizer.between.is_none() && !tokenizer.rest().is_empty() {
        return Err(Fault::null(
            "Cannot invoke \"String.charAt(int)\" because \"this.delimiters\" is null",
        ));
    }
    let value = match (name, given) {
        ("nextToken" | "nextElement", []) | ("nextToken", [_]) => {
            let token = tokenizer.next();
            if let Some(HeapObject::Tokenizer(own)) = run.heap.get_mut(place) {
                *own = tokenizer;
            }
            Value::Text(token.ok_or_else(no_such_element)?)
        }
        ("hasMoreTokens" | "hasMoreElements", []) => Value::Bool(tokenizer.next().is_some()),
        ("countTokens", []) => {
            let mut count = 0;
            while tokenizer.next().is_some() {
                count += 1;
            }
            Value::Int(count)
        }
        _ => return Ok(None),
    };
    Ok(Some(value))
}
