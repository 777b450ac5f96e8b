//! `Pattern` and `Matcher`.

use std::sync::Arc;

use regex::Regex;

use super::strings::units_before;
use crate::script::painless::fault::Fault;
use crate::script::painless::regexes::{anchored, matches_whole};
use crate::script::painless::runner::{Native, Run, Runner};
use crate::script::painless::types::StaticType;
use crate::script::painless::value::{
    HeapObject, HeapReference, ImmutableObject, MatcherState, Value,
};

fn matcher(regex: &Regex, source: &Arc<str>, text: Arc<str>) -> HeapObject {
    HeapObject::Matcher(Box::new(MatcherState {
        regex: regex.clone(),
        source: Arc::clone(source),
        text,
        next: 0,
        groups: Vec::new(),
        matched: false,
    }))
}

/// A method of a `Pattern`.
pub(super) fn method(
    run: &mut Runner<'_>,
    on: &ImmutableObject,
    name: &str,
    given: &[Value],
) -> Native {
    let ImmutableObject::Pattern(regex, source) = on else { return Ok(None) };
    Ok(Some(match (name, given) {
        ("matcher", [text]) => {
            let text = run.print(text)?;
            run.put(matcher(regex, source, text))?
        }
        ("pattern" | "toString", []) => Value::Text(Arc::clone(source)),
        ("split", [text, ..]) => {
            let text = run.print(text)?;
            run.charge(1 + text.len() as u64)?;
            let mut parts: Vec<&str> = regex.split(&text).collect();
            while parts.len() > 1 && parts.last().is_some_and(|part| part.is_empty()) {
                parts.pop();
            }
            if parts.len() > 1
                && parts.first().is_some_and(|part| part.is_empty())
                && regex.find(&text).is_some_and(|it| it.is_empty())
            {
                parts.remove(0);
            }
            let parts: Vec<Value> = parts.into_iter().map(Value::text).collect();
            run.put(HeapObject::Array(StaticType::string(), parts))?
        }
        ("splitAsStream", [text]) => {
            let text = run.print(text)?;
            let parts: Vec<Value> = regex.split(&text).map(Value::text).collect();
            run.put(HeapObject::Stream("Stream", parts))?
        }
        ("asPredicate", []) => return Ok(None),
        ("flags", []) => Value::Int(0),
        _ => return Ok(None),
    }))
}

/// `Pattern.compile` is not for scripts; `quote` and `matches` are.
pub(super) fn statics(name: &str, given: &[Value]) -> Native {
    Ok(match (name, given) {
        ("quote", [Value::Text(text)]) => Some(Value::text(format!("\\Q{text}\\E"))),
        _ => None,
    })
}

/// A method of a `Matcher`.
pub(super) fn matcher_method(
    run: &mut Runner<'_>,
    place: HeapReference,
    name: &str,
    given: &[Value],
) -> Native {
    let Some(HeapObject::Matcher(state)) = run.heap.get(place) else { return Ok(None) };
    let mut state = state.clone();
    run.charge(1 + state.text.len() as u64 / 8)?;
    let done = match (name, given) {
        ("matches", []) => {
            let whole = matches_whole(&state.regex, &state.source, &state.text);
            if let Some(regex) = anchored(&state.source).filter(|_| whole) {
                state.keep(&regex, 0);
            }
            state.matched = whole;
            Value::Bool(whole)
        }
        ("find", []) => {
            let (regex, next) = (state.regex.clone(), state.next);
            Value::Bool(state.keep(&regex, next))
        }
        ("lookingAt", []) => {
            let regex = state.regex.clone();
            let found = state.keep(&regex, 0) && state.start(0) == Some(0);
            state.matched = found;
            Value::Bool(found)
        }
        ("reset", []) => {
            state.next = 0;
            state.matched = false;
            Value::HeapReference(place)
        }
        ("hitEnd", []) => Value::Bool(state.next >= state.text.len()),
        ("groupCount", []) => Value::Int(state.regex.captures_len() as i32 - 1),
        ("group" | "start" | "end", _) => state.group(name, given)?,
        ("namedGroup", [Value::Text(group)]) => {
            let at = state.named(group)?;
            state.group("group", &[Value::Int(at)])?
        }
        ("replaceAll" | "replaceFirst", [with]) => {
            let pattern = Value::thing(ImmutableObject::Pattern(
                state.regex.clone(),
                Arc::clone(&state.source),
            ));
            let text = Arc::clone(&state.text);
            return replace_by(run, &text, &pattern, with, name == "replaceFirst");
        }
        _ => return Ok(None),
    };
    if let Some(HeapObject::Matcher(kept)) = run.heap.get_mut(place) {
        *kept = state;
    }
    Ok(Some(done))
}

impl MatcherState {
    /// Looks for the next match and keeps its groups.
    fn keep(&mut self, regex: &Regex, from: usize) -> bool {
        self.groups.clear();
        let found =
            if from <= self.text.len() { regex.captures_at(&self.text, from) } else { None };
        self.matched = found.is_some();
        if let Some(found) = found {
            let group = |at: usize| found.get(at).map(|it| (it.start(), it.end()));
            self.groups = (0..found.len()).map(group).collect();
            if let Some(whole) = found.get(0) {
                let empty = usize::from(whole.is_empty());
                self.next = whole.end() + empty;
                while !self.text.is_char_boundary(self.next) && self.next < self.text.len() {
                    self.next += 1;
                }
            }
        }
        self.matched
    }

    fn start(&self, group: usize) -> Option<usize> {
        self.groups.get(group).copied().flatten().map(|(start, _)| start)
    }

    fn named(&self, name: &str) -> Run<i32> {
        let found = self.regex.capture_names().position(|known| known == Some(name));
        found
            .map(|at| at as i32)
            .ok_or_else(|| Fault::illegal(format!("No group with name <{name}>")))
    }

    fn group(&self, what: &str, given: &[Value]) -> Run<Value> {
        let number = match given.first() {
            None => 0,
            Some(Value::Text(name)) => self.named(name)?,
            Some(number) => number.as_int().unwrap_or(0),
        };
        if !self.matched {
            return Err(Fault::thrown("IllegalStateException", "No match found"));
        }
        let group = usize::try_from(number).ok().and_then(|at| self.groups.get(at));
        let Some(group) = group else {
            return Err(Fault::thrown("IndexOutOfBoundsException", format!("No group {number}")));
        };
        Ok(match (what, group) {
            ("group", None) => Value::Null,
            (_, None) => Value::Int(-1),
            ("start", Some((start, _))) => Value::Int(units_before(&self.text, *start)),
            ("end", Some((_, end))) => Value::Int(units_before(&self.text, *end)),
            (_, Some((start, end))) => Value::text(self.text.get(*start..*end).unwrap_or_default()),
        })
    }
}

/// `replaceAll` and `replaceFirst`, by a text with `$1` in it or by a function of the matcher.
pub(super) fn replace_by(
    run: &mut Runner<'_>,
    text: &Arc<str>,
    pattern: &Value,
    with: &Value,
    once: bool,
) -> Native {
    let Some(ImmutableObject::Pattern(regex, source)) = pattern.as_thing() else { return Ok(None) };
    run.charge(1 + text.len() as u64)?;
    let template = match with.as_thing() {
        Some(ImmutableObject::Function(_)) => None,
        _ => Some(run.print(with)?),
    };
    let mut out = String::new();
    let mut from = 0;
    for found in regex.captures_iter(text) {
        let Some(whole) = found.get(0) else { break };
        out.push_str(text.get(from..whole.start()).unwrap_or_default());
        from = whole.end();
        match &template {
            Some(template) => expand(template, &found, &mut out)?,
            None => {
                let mut cell = matcher(regex, source, Arc::clone(text));
                if let HeapObject::Matcher(state) = &mut cell {
                    let regex = state.regex.clone();
                    state.keep(&regex, whole.start());
                }
                let state = run.put(cell)?;
                let value = run.call_value(with, vec![state])?;
                out.push_str(&run.print(&value)?);
            }
        }
        run.charge(1)?;
        if out.len() as u64 > crate::script::painless::runner::BYTES_MAX || once {
            break;
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Ok(Some(run.text(out)?))
}

/// Java's replacement text: `$1`, `${name}`, `\` before what stands for itself.
fn expand(template: &str, found: &regex::Captures<'_>, out: &mut String) -> Run<()> {
    let mut letters = template.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.extend(letters.next()),
            '$' if letters.peek() == Some(&'{') => {
                letters.next();
                let name: String = letters.by_ref().take_while(|c| *c != '}').collect();
                out.push_str(found.name(&name).map_or("", |it| it.as_str()));
            }
            '$' => {
                let Some(digit) = letters.next().and_then(|c| c.to_digit(10)) else {
                    return Err(Fault::illegal("Illegal group reference"));
                };
                let mut group = digit as usize;
                while let Some(next) = letters.peek().and_then(|c| c.to_digit(10)) {
                    let longer = group * 10 + next as usize;
                    if longer >= found.len() {
                        break;
                    }
                    group = longer;
                    letters.next();
                }
                if group >= found.len() {
                    let reason = format!("No group {group}");
                    return Err(Fault::thrown("IndexOutOfBoundsException", reason));
                }
                out.push_str(found.get(group).map_or("", |it| it.as_str()));
            }
            other => out.push(other),
        }
    }
    Ok(())
}
