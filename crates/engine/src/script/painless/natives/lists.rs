//! Lists, sets, and what every iterable can do.

#![expect(clippy::option_map_unit_fn, reason = "a place that is not there is left alone")]

use super::functions::compare;
use super::{out_of_bounds, refuse_changes};
use crate::script::painless::fault::{Fault, Thrown};
use crate::script::painless::runner::{Native, Run, Runner};
use crate::script::painless::value::{HeapObject, HeapReference, JavaMap, Key, MapOrder, Value};

/// What one more element of a list or set takes.
const ELEMENT_BYTES: usize = 48;

fn list<'r>(run: &'r mut Runner<'_>, place: HeapReference) -> Option<&'r mut Vec<Value>> {
    match run.heap.get_mut(place) {
        Some(HeapObject::List(_, items)) => Some(items),
        _ => None,
    }
}

fn class(run: &Runner<'_>, place: HeapReference) -> &'static str {
    match run.heap.get(place) {
        Some(HeapObject::List(class, _)) => class,
        _ => "List",
    }
}

fn size(run: &Runner<'_>, place: HeapReference) -> usize {
    match run.heap.get(place) {
        Some(HeapObject::List(_, items)) => items.len(),
        _ => 0,
    }
}

fn at(index: &Value, length: usize) -> Run<usize> {
    let place = usize::try_from(index.as_int().unwrap_or(0)).ok();
    place.filter(|place| *place < length).ok_or_else(|| out_of_bounds(index, length))
}

/// A method of a list.
// long: one arm for each method
pub(super) fn method(
    run: &mut Runner<'_>,
    place: HeapReference,
    name: &str,
    given: &[Value],
) -> Native {
    let length = size(run, place);
    let read = match (name, given) {
        ("size" | "getLength", []) => Value::Int(length as i32),
        ("isEmpty" | "empty", []) => Value::Bool(length == 0),
        ("get" | "elementAt", [index]) => {
            let index = at(index, length)?;
            list(run, place).and_then(|items| items.get(index).cloned()).unwrap_or(Value::Null)
        }
        ("indexOf" | "lastIndexOf" | "contains", [what]) => {
            let found = position(run, place, what, name == "lastIndexOf")?;
            match name {
                "contains" => Value::Bool(found.is_some()),
                _ => Value::Int(found.map_or(-1, |at| at as i32)),
            }
        }
        ("subList", [from, to]) => {
            let (from, to) = (from.as_int().unwrap_or(0), to.as_int().unwrap_or(0));
            if from < 0 || to < from || to as usize > length {
                return Err(Fault::thrown(
                    "IndexOutOfBoundsException",
                    format!("fromIndex: {from}, toIndex: {to}, size: {length}"),
                ));
            }
            let items = list(run, place).map(|items| {
                items.iter().skip(from as usize).take((to - from) as usize).cloned().collect()
            });
            run.list(items.unwrap_or_default())?
        }
        ("listIterator" | "iterator", []) => {
            let items = list(run, place).cloned().unwrap_or_default();
            run.grow(items.len() * ELEMENT_BYTES)?;
            run.put(HeapObject::Iterator(items, 0, Some(place)))?
        }
        ("getFirst" | "element" | "firstElement", []) | ("getLast" | "lastElement", []) => {
            let last = name.ends_with("ast") || name == "lastElement";
            let found = list(run, place)
                .and_then(|items| if last { items.last() } else { items.first() }.cloned());
            found.ok_or_else(no_such_element)?
        }
        ("peek" | "peekFirst" | "peekLast", []) => {
            let last = name == "peekLast" || name == "peek" && class(run, place) == "Stack";
            list(run, place)
                .and_then(|items| if last { items.last() } else { items.first() }.cloned())
                .unwrap_or(Value::Null)
        }
        ("clone", []) => {
            let (own, items) = (class(run, place), list(run, place).cloned().unwrap_or_default());
            run.put(HeapObject::List(own, items))?
        }
        _ => return change(run, place, name, given),
    };
    Ok(Some(read))
}

/// What Java throws where there is no next one.
pub(super) fn no_such_element() -> Fault {
    Fault::Thrown(Box::new(Thrown {
        class: "NoSuchElementException".to_owned(),
        message: None,
        at: None,
        explained: Vec::new(),
    }))
}

fn position(
    run: &mut Runner<'_>,
    place: HeapReference,
    what: &Value,
    last: bool,
) -> Run<Option<usize>> {
    let length = size(run, place);
    for step in 0..length {
        let at = if last { length - 1 - step } else { step };
        let item = list(run, place).and_then(|items| items.get(at).cloned());
        if let Some(item) = item
            && run.equals(&item, what, 0)?
        {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

// long: one arm for each method
fn change(run: &mut Runner<'_>, place: HeapReference, name: &str, given: &[Value]) -> Native {
    let length = size(run, place);
    let own = class(run, place);
    let changes = matches!(
        name,
        "add"
            | "addAll"
            | "addFirst"
            | "addLast"
            | "offer"
            | "offerFirst"
            | "offerLast"
            | "push"
            | "remove"
            | "removeAll"
            | "retainAll"
            | "removeIf"
            | "set"
            | "clear"
            | "sort"
            | "replaceAll"
            | "pop"
            | "poll"
            | "pollFirst"
            | "pollLast"
            | "removeFirst"
            | "removeLast"
            | "setLength"
    );
    if changes {
        refuse_changes(own)?;
    }
    let done = match (name, given) {
        ("add" | "addLast" | "offer" | "offerLast" | "addElement", [item]) => {
            run.grow(ELEMENT_BYTES)?;
            list(run, place).map(|items| items.push(item.clone()));
            if own == "PriorityQueue" {
                sort(run, place, &Value::Null)?;
            }
            if name == "addLast" { Value::Null } else { Value::Bool(true) }
        }
        ("push", [item]) if own == "Stack" => {
            run.grow(ELEMENT_BYTES)?;
            list(run, place).map(|items| items.push(item.clone()));
            item.clone()
        }
        ("push" | "addFirst" | "offerFirst", [item]) => {
            run.grow(ELEMENT_BYTES)?;
            run.charge(1 + length as u64 / 64)?;
            list(run, place).map(|items| items.insert(0, item.clone()));
            if name == "offerFirst" { Value::Bool(true) } else { Value::Null }
        }
        ("add", [index, item]) => {
            let index =
                usize::try_from(index.as_int().unwrap_or(0)).ok().filter(|it| *it <= length);
            let index = index.ok_or_else(|| {
                let index = given.first().and_then(Value::as_int).unwrap_or(0);
                Fault::thrown(
                    "IndexOutOfBoundsException",
                    format!("Index: {index}, Size: {length}"),
                )
            })?;
            run.grow(ELEMENT_BYTES)?;
            run.charge(1 + length as u64 / 64)?;
            list(run, place).map(|items| items.insert(index, item.clone()));
            Value::Null
        }
        ("addAll", [.., other]) => {
            let more = run.items(other)?;
            run.grow(more.len() * ELEMENT_BYTES)?;
            let grown = !more.is_empty();
            let from = if given.len() == 2 { given.first().and_then(Value::as_int) } else { None };
            let from = from.map_or(length, |from| usize::try_from(from).unwrap_or(0).min(length));
            list(run, place).map(|items| items.splice(from..from, more).count());
            Value::Bool(grown)
        }
        ("set", [index, item]) => {
            let index = at(index, length)?;
            let slot = list(run, place).and_then(|items| items.get_mut(index));
            slot.map(|slot| std::mem::replace(slot, item.clone())).unwrap_or(Value::Null)
        }
        ("clear", []) => {
            list(run, place).map(Vec::clear);
            Value::Null
        }
        ("sort", [order]) => {
            sort(run, place, order)?;
            Value::Null
        }
        ("replaceAll", [function]) => {
            let mut new = Vec::with_capacity(length);
            for item in list(run, place).cloned().unwrap_or_default() {
                new.push(run.call_value(function, vec![item])?);
            }
            list(run, place).map(|items| *items = new);
            Value::Null
        }
        _ => return removal(run, place, name, given),
    };
    Ok(Some(done))
}

fn sort(run: &mut Runner<'_>, place: HeapReference, order: &Value) -> Run<()> {
    let items = list(run, place).cloned().unwrap_or_default();
    run.charge(1 + items.len() as u64)?;
    let sorted = run.sorted_by(items, &mut |run, left, right| compare(run, order, left, right))?;
    list(run, place).map(|items| *items = sorted);
    Ok(())
}

// long: one arm for each method
fn removal(run: &mut Runner<'_>, place: HeapReference, name: &str, given: &[Value]) -> Native {
    let length = size(run, place);
    let take = |run: &mut Runner<'_>, index: Option<usize>| {
        let index = index.filter(|index| *index < size(run, place));
        index.and_then(|index| list(run, place).map(|items| items.remove(index)))
    };
    run.charge(1 + length as u64 / 64)?;
    Ok(Some(match (name, given) {
        // In a list Painless's `remove` takes a place; in a queue a thing.
        ("remove", [index]) if class(run, place) != "ArrayDeque" => {
            let index = at(
                &crate::script::painless::operators::cast(
                    run,
                    index.clone(),
                    crate::script::painless::types::StaticType::INT,
                    false,
                )?,
                length,
            )?;
            take(run, Some(index)).unwrap_or(Value::Null)
        }
        ("remove" | "removeFirst" | "pop", []) => {
            let stack = class(run, place) == "Stack";
            let index = if stack { length.checked_sub(1) } else { Some(0) };
            take(run, index).ok_or_else(no_such_element)?
        }
        ("poll" | "pollFirst", []) => take(run, Some(0)).unwrap_or(Value::Null),
        ("pollLast", []) => take(run, length.checked_sub(1)).unwrap_or(Value::Null),
        ("removeLast", []) => take(run, length.checked_sub(1)).ok_or_else(no_such_element)?,
        ("remove" | "removeFirstOccurrence", [item]) => {
            let found = position(run, place, item, false)?;
            Value::Bool(take(run, found).is_some())
        }
        ("removeIf", [predicate]) => {
            let mut kept = Vec::new();
            for item in list(run, place).cloned().unwrap_or_default() {
                if !run.holds(predicate, &item)? {
                    kept.push(item);
                }
            }
            let fewer = kept.len() < length;
            list(run, place).map(|items| *items = kept);
            Value::Bool(fewer)
        }
        ("removeAll" | "retainAll", [others]) => {
            let others = run.items(others)?;
            let mut keys = std::collections::HashSet::new();
            for other in others {
                keys.insert(run.key(&other)?);
            }
            let mut kept = Vec::new();
            for item in list(run, place).cloned().unwrap_or_default() {
                if keys.contains(&run.key(&item)?) == (name == "retainAll") {
                    kept.push(item);
                }
            }
            let fewer = kept.len() < length;
            list(run, place).map(|items| *items = kept);
            Value::Bool(fewer)
        }
        _ => return Ok(None),
    }))
}

fn set<'r>(run: &'r mut Runner<'_>, place: HeapReference) -> Option<&'r mut JavaMap> {
    match run.heap.get_mut(place) {
        Some(HeapObject::Set(set)) => Some(set),
        _ => None,
    }
}

/// A method of a set.
// long: one arm for each method
pub(super) fn set_method(
    run: &mut Runner<'_>,
    place: HeapReference,
    name: &str,
    given: &[Value],
) -> Native {
    let length = set(run, place).map_or(0, |set| set.len());
    let own = set(run, place).map_or("Set", |set| set.class);
    if matches!(
        name,
        "add" | "addAll" | "remove" | "removeAll" | "retainAll" | "removeIf" | "clear"
    ) {
        refuse_changes(own)?;
    }
    Ok(Some(match (name, given) {
        ("size", []) => Value::Int(length as i32),
        ("isEmpty", []) => Value::Bool(length == 0),
        ("contains", [item]) => {
            let key = run.key(item)?;
            Value::Bool(set(run, place).is_some_and(|set| set.contains(&key)))
        }
        ("add", [item]) => Value::Bool(add(run, place, item)?),
        ("addAll", [others]) => {
            for other in run.items(others)? {
                add(run, place, &other)?;
            }
            Value::Bool(set(run, place).map_or(0, |set| set.len()) > length)
        }
        ("remove", [item]) => {
            let key = run.key(item)?;
            Value::Bool(set(run, place).and_then(|set| set.remove(&key)).is_some())
        }
        ("removeAll" | "retainAll" | "removeIf", [other]) => {
            let mut keys = std::collections::HashSet::new();
            if name != "removeIf" {
                for other in run.items(other)? {
                    keys.insert(run.key(&other)?);
                }
            }
            for item in run.items(&Value::HeapReference(place))? {
                let key: Key = run.key(&item)?;
                let goes = match name {
                    "removeIf" => run.holds(other, &item)?,
                    "removeAll" => keys.contains(&key),
                    _ => !keys.contains(&key),
                };
                if goes {
                    set(run, place).map(|set| set.remove(&key));
                }
            }
            Value::Bool(set(run, place).map_or(0, |set| set.len()) < length)
        }
        ("clear", []) => {
            set(run, place).map(JavaMap::clear);
            Value::Null
        }
        ("first" | "last", []) => {
            let items = run.items(&Value::HeapReference(place))?;
            let found = if name == "first" { items.first() } else { items.last() };
            found.cloned().ok_or_else(no_such_element)?
        }
        _ => return Ok(None),
    }))
}

fn add(run: &mut Runner<'_>, place: HeapReference, item: &Value) -> Run<bool> {
    let key = run.key(item)?;
    run.grow(ELEMENT_BYTES * 3)?;
    Ok(set(run, place).is_some_and(|set| {
        !set.contains(&key) && set.put(key, item.clone(), Value::Null).is_none()
    }))
}

/// What every iterable, and every map by its entries, can do.
// long: one arm for each method
pub(super) fn iterable_method(
    run: &mut Runner<'_>,
    on: &Value,
    name: &str,
    given: &[Value],
) -> Native {
    if on.place().is_none() {
        return Ok(None);
    }
    let Ok(items) = run.items(on) else { return Ok(None) };
    run.grow(items.len() * 16)?;
    Ok(Some(match (name, given) {
        ("stream" | "parallelStream", []) => run.put(HeapObject::Stream("Stream", items))?,
        ("iterator", []) => run.put(HeapObject::Iterator(items, 0, on.place()))?,
        ("toArray", _) => {
            run.put(HeapObject::Array(crate::script::painless::types::StaticType::DEF, items))?
        }
        ("containsAll", [others]) => {
            let mut keys = std::collections::HashSet::new();
            for item in &items {
                keys.insert(run.key(item)?);
            }
            let mut all = true;
            for other in run.items(others)? {
                all &= keys.contains(&run.key(&other)?);
            }
            Value::Bool(all)
        }
        ("forEach" | "each", [function]) => {
            for item in items {
                run.call_value(function, vec![item])?;
            }
            if name == "each" { on.clone() } else { Value::Null }
        }
        ("eachWithIndex", [function]) => {
            for (at, item) in items.into_iter().enumerate() {
                run.call_value(function, vec![item, Value::Int(at as i32)])?;
            }
            on.clone()
        }
        ("any" | "every", [predicate]) => {
            let wanted = name == "any";
            let mut found = !wanted;
            for item in items {
                if run.holds(predicate, &item)? == wanted {
                    found = wanted;
                    break;
                }
            }
            Value::Bool(found)
        }
        ("asList" | "asCollection", []) => run.list(items)?,
        ("join", [between]) => {
            let between = run.print(between)?;
            let mut texts = Vec::new();
            for item in &items {
                texts.push(run.print(item)?);
            }
            let all: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
            run.text(all.join(&between))?
        }
        ("sum", _) => {
            let mut sum = 0.0;
            for item in items {
                let item = match given.first() {
                    Some(function) => run.call_value(function, vec![item])?,
                    None => item,
                };
                sum += item.as_double().unwrap_or(0.0);
            }
            Value::Double(sum)
        }
        _ => return groovy(run, items, name, given),
    }))
}

/// `collect`, `find`, `findAll`, `groupBy` and their like.
// long: one arm for each method
fn groovy(run: &mut Runner<'_>, items: Vec<Value>, name: &str, given: &[Value]) -> Native {
    Ok(Some(match (name, given) {
        ("collect", [function]) | ("findResults", [function]) => {
            let mut all = Vec::new();
            for item in items {
                let value = run.call_value(function, vec![item])?;
                if name == "collect" || !value.is_null() {
                    all.push(value);
                }
            }
            run.list(all)?
        }
        ("collect", [into, function]) => {
            for item in items {
                let value = run.call_value(function, vec![item])?;
                run.method(into, "add", vec![value])?;
            }
            into.clone()
        }
        ("find", [predicate]) => {
            for item in items {
                if run.holds(predicate, &item)? {
                    return Ok(Some(item));
                }
            }
            Value::Null
        }
        ("findAll", [predicate]) => {
            let mut all = Vec::new();
            for item in items {
                if run.holds(predicate, &item)? {
                    all.push(item);
                }
            }
            run.list(all)?
        }
        ("findResult", [.., function]) => {
            for item in items {
                let value = run.call_value(function, vec![item])?;
                if !value.is_null() {
                    return Ok(Some(value));
                }
            }
            given.first().filter(|_| given.len() == 2).cloned().unwrap_or(Value::Null)
        }
        ("groupBy", [function]) => {
            let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
            let mut places = std::collections::HashMap::new();
            for item in items {
                let named = run.call_value(function, vec![item.clone()])?;
                let at = *places.entry(run.key(&named)?).or_insert(groups.len());
                if at == groups.len() {
                    groups.push((named, Vec::new()));
                }
                if let Some((_, group)) = groups.get_mut(at) {
                    group.push(item);
                }
            }
            let mut map = JavaMap::new("LinkedHashMap", MapOrder::Linked);
            for (named, group) in groups {
                let group = run.list(group)?;
                map.put(run.key(&named)?, named, group);
            }
            run.put(HeapObject::Map(map))?
        }
        ("split", [predicate]) => {
            let (mut yes, mut no) = (Vec::new(), Vec::new());
            for item in items {
                if run.holds(predicate, &item)? { yes.push(item) } else { no.push(item) }
            }
            let (yes, no) = (run.list(yes)?, run.list(no)?);
            run.list(vec![yes, no])?
        }
        _ => return Ok(None),
    }))
}

/// `Collections`, `Arrays`, `List.of`.
// long: one arm for each method
pub(super) fn statics(run: &mut Runner<'_>, class: &str, name: &str, given: &[Value]) -> Native {
    let natural = Value::Null;
    Ok(Some(match (class, name, given) {
        ("Collections", "sort", [items, ..]) => {
            let order = given.get(1).cloned().unwrap_or(natural);
            run.method(items, "sort", vec![order])?
        }
        ("Collections", "reverse", [items]) => {
            if let Some(items) = items.place().and_then(|place| list(run, place)) {
                items.reverse();
            }
            Value::Null
        }
        ("Collections", "max" | "min", [items, ..]) => {
            let order = given.get(1).cloned().unwrap_or(natural);
            let items = run.items(items)?;
            let sorted =
                run.sorted_by(items, &mut |run, left, right| compare(run, &order, left, right))?;
            let found = if name == "max" { sorted.last() } else { sorted.first() };
            found.cloned().ok_or_else(no_such_element)?
        }
        ("Collections", "emptyList" | ".EMPTY_LIST", _) => {
            run.put(HeapObject::List("List", Vec::new()))?
        }
        ("Collections", "emptyMap" | ".EMPTY_MAP", _) => {
            run.put(HeapObject::Map(JavaMap::new("Map", MapOrder::Hash)))?
        }
        ("Collections", "emptySet" | ".EMPTY_SET", _) => {
            run.put(HeapObject::Set(JavaMap::new("Set", MapOrder::Hash)))?
        }
        ("Collections", "singletonList", [item]) => {
            run.put(HeapObject::List("List", vec![item.clone()]))?
        }
        ("Collections", "singleton", [item]) => {
            let mut set = JavaMap::new("Set", MapOrder::Hash);
            set.put(run.key(item)?, item.clone(), Value::Null);
            run.put(HeapObject::Set(set))?
        }
        ("Collections", "singletonMap", [key, value]) => {
            let mut map = JavaMap::new("Map", MapOrder::Hash);
            map.put(run.key(key)?, key.clone(), value.clone());
            run.put(HeapObject::Map(map))?
        }
        ("Collections", "unmodifiableList", [items]) => {
            let items = run.items(items)?;
            run.put(HeapObject::List("List", items))?
        }
        ("Collections", "nCopies", [count, item]) => {
            let count = usize::try_from(count.as_int().unwrap_or(0)).unwrap_or(0);
            run.grow(count.saturating_mul(ELEMENT_BYTES))?;
            run.put(HeapObject::List("List", vec![item.clone(); count]))?
        }
        ("Collections", "frequency", [items, item]) => {
            let mut count = 0;
            for other in run.items(items)? {
                count += i32::from(run.equals(&other, item, 0)?);
            }
            Value::Int(count)
        }
        ("Collections", "addAll", [items, more]) => {
            let more = run.items(more)?;
            let more = run.list(more)?;
            run.method(items, "addAll", vec![more])?
        }
        ("Collections", "reverseOrder", []) => {
            return super::functions::statics(run, "Comparator", "reverseOrder", given);
        }
        ("Collections", "reverseOrder", [order]) => run.method(order, "reversed", Vec::new())?,
        ("Collections", "swap", [items, one, two]) => {
            let (first, second) = (run.index(items, one)?, run.index(items, two)?);
            run.set_index(items, one, second)?;
            run.set_index(items, two, first)?;
            Value::Null
        }
        ("Arrays", "asList", [items]) => {
            let items = run.items(items)?;
            run.list(items)?
        }
        ("Arrays", "toString", [items]) => {
            let items = run.items(items)?;
            let items = run.list(items)?;
            Value::Text(run.print(&items)?)
        }
        ("Arrays", "stream", [items]) => {
            let items = run.items(items)?;
            run.put(HeapObject::Stream("Stream", items))?
        }
        ("Arrays", "sort", [array]) => {
            let items = run.items(array)?;
            let sorted =
                run.sorted_by(items, &mut |run, left, right| compare(run, &natural, left, right))?;
            if let Some(HeapObject::Array(_, items)) =
                array.place().and_then(|place| run.heap.get_mut(place))
            {
                *items = sorted;
            }
            Value::Null
        }
        _ => return Ok(None),
    }))
}
