//! Maps and their entries.

use super::functions::natural;
use super::refuse_changes;
use crate::script::painless::fault::Fault;
use crate::script::painless::runner::{Native, Run, Runner};
use crate::script::painless::value::{
    HeapObject, HeapReference, ImmutableObject, JavaMap, MapOrder, Value, View,
};

/// What one more entry of a map takes.
const ENTRY_BYTES: usize = 160;

fn map<'r>(run: &'r mut Runner<'_>, place: HeapReference) -> Option<&'r mut JavaMap> {
    match run.heap.get_mut(place) {
        Some(HeapObject::Map(map)) => Some(map),
        _ => None,
    }
}

fn get(run: &mut Runner<'_>, place: HeapReference, key: &Value) -> Run<Option<Value>> {
    let key = run.key(key)?;
    Ok(map(run, place).and_then(|map| map.get(&key).cloned()))
}

fn put(
    run: &mut Runner<'_>,
    place: HeapReference,
    key: &Value,
    value: Value,
) -> Run<Option<Value>> {
    let own = run.key(key)?;
    run.grow(ENTRY_BYTES)?;
    Ok(map(run, place).and_then(|map| map.put(own, key.clone(), value)))
}

fn entries(run: &mut Runner<'_>, place: HeapReference) -> Run<Vec<(Value, Value)>> {
    let own = map(run, place).cloned();
    match own {
        Some(own) => run.sorted_entries(&own),
        None => Ok(Vec::new()),
    }
}

/// A method of a map.
// long: one arm for each method
pub(super) fn method(
    run: &mut Runner<'_>,
    place: HeapReference,
    name: &str,
    given: &[Value],
) -> Native {
    let own = map(run, place).map_or("Map", |map| map.class);
    if matches!(
        name,
        "put"
            | "putAll"
            | "putIfAbsent"
            | "remove"
            | "clear"
            | "compute"
            | "computeIfAbsent"
            | "computeIfPresent"
            | "merge"
            | "replaceAll"
            | "replace"
    ) {
        refuse_changes(own)?;
    }
    Ok(Some(match (name, given) {
        ("size", []) => Value::Int(map(run, place).map_or(0, |map| map.len()) as i32),
        ("isEmpty", []) => Value::Bool(map(run, place).is_none_or(|map| map.len() == 0)),
        ("get", [key]) => get(run, place, key)?.unwrap_or(Value::Null),
        ("getOrDefault", [key, other]) => get(run, place, key)?.unwrap_or_else(|| other.clone()),
        ("containsKey", [key]) => Value::Bool(get(run, place, key)?.is_some()),
        ("containsValue", [value]) => {
            let mut found = false;
            for (_, own) in entries(run, place)? {
                found |= run.equals(&own, value, 0)?;
            }
            Value::Bool(found)
        }
        ("put", [key, value]) => put(run, place, key, value.clone())?.unwrap_or(Value::Null),
        ("putIfAbsent", [key, value]) => match get(run, place, key)? {
            Some(known) if !known.is_null() => known,
            _ => {
                put(run, place, key, value.clone())?;
                Value::Null
            }
        },
        ("putAll", [other]) => {
            let Some(other) = other.place() else {
                return Err(Fault::null(
                    "Cannot invoke \"java.util.Map.size()\" because \"m\" is null",
                ));
            };
            for (key, value) in entries(run, other)? {
                put(run, place, &key, value)?;
            }
            Value::Null
        }
        ("remove", [key]) => {
            let key = run.key(key)?;
            map(run, place).and_then(|map| map.remove(&key)).unwrap_or(Value::Null)
        }
        ("remove", [key, value]) => {
            let same = match get(run, place, key)? {
                Some(known) => run.equals(&known, value, 0)?,
                None => false,
            };
            if same {
                let key = run.key(key)?;
                map(run, place).map(|map| map.remove(&key));
            }
            Value::Bool(same)
        }
        ("replace", [key, value]) => match get(run, place, key)? {
            Some(known) => {
                put(run, place, key, value.clone())?;
                known
            }
            None => Value::Null,
        },
        ("clear", []) => {
            map(run, place).map(JavaMap::clear);
            Value::Null
        }
        ("keySet" | "navigableKeySet", []) => run.put(HeapObject::View(place, View::Keys))?,
        ("values", []) => run.put(HeapObject::View(place, View::Values))?,
        ("entrySet", []) => run.put(HeapObject::View(place, View::Entries))?,
        ("firstKey" | "lastKey" | "firstEntry" | "lastEntry", []) => {
            let all = entries(run, place)?;
            let found = if name.starts_with("first") { all.first() } else { all.last() };
            match found {
                Some((key, _)) if name.ends_with("Key") => key.clone(),
                Some((key, value)) => {
                    run.put(HeapObject::Entry(key.clone(), value.clone(), Some(place)))?
                }
                None if name.ends_with("Key") => {
                    return Err(Fault::thrown("NoSuchElementException", "null"));
                }
                None => Value::Null,
            }
        }
        ("floorKey" | "ceilingKey" | "lowerKey" | "higherKey", [key]) => {
            let mut found = Value::Null;
            for (own, _) in entries(run, place)? {
                let order = natural(run, &own, key)?;
                let below = order.is_lt() || name == "floorKey" && order.is_eq();
                let above = order.is_gt() || name == "ceilingKey" && order.is_eq();
                if below && matches!(name, "floorKey" | "lowerKey") {
                    found = own;
                } else if above && matches!(name, "ceilingKey" | "higherKey") {
                    return Ok(Some(own));
                }
            }
            found
        }
        _ => return function_method(run, place, name, given),
    }))
}

/// What a view of a map shows now.
pub(super) fn viewed(run: &mut Runner<'_>, place: HeapReference, view: View) -> Run<Vec<Value>> {
    let mut all = Vec::new();
    for (key, value) in entries(run, place)? {
        all.push(match view {
            View::Keys => key,
            View::Values => value,
            View::Entries => run.put(HeapObject::Entry(key, value, Some(place)))?,
        });
    }
    Ok(all)
}

/// A method of a view: what goes from it goes from its map.
pub(super) fn view_method(
    run: &mut Runner<'_>,
    place: HeapReference,
    name: &str,
    given: &[Value],
) -> Native {
    let Some(HeapObject::View(of, view)) = run.heap.get(place).cloned() else { return Ok(None) };
    let own = map(run, of).map_or("Map", |map| map.class);
    if matches!(name, "remove" | "removeIf" | "removeAll" | "retainAll" | "clear") {
        refuse_changes(own)?;
    }
    let length = map(run, of).map_or(0, |map| map.len());
    Ok(Some(match (name, given) {
        ("size", []) => Value::Int(length as i32),
        ("isEmpty", []) => Value::Bool(length == 0),
        ("clear", []) => {
            map(run, of).map(JavaMap::clear);
            Value::Null
        }
        ("contains", [what]) => {
            let mut found = false;
            for item in viewed(run, of, view)? {
                found |= run.equals(&item, what, 0)?;
            }
            Value::Bool(found)
        }
        ("remove" | "removeIf" | "removeAll" | "retainAll", [other]) => {
            let others = match name {
                "removeAll" | "retainAll" => run.items(other)?,
                _ => Vec::new(),
            };
            for (key, value) in entries(run, of)? {
                let item = match view {
                    View::Keys => key.clone(),
                    View::Values => value,
                    View::Entries => run.put(HeapObject::Entry(key.clone(), value, Some(of)))?,
                };
                let goes = match name {
                    "remove" => run.equals(&item, other, 0)?,
                    "removeIf" => run.holds(other, &item)?,
                    _ => {
                        let mut among = false;
                        for other in &others {
                            among |= run.equals(&item, other, 0)?;
                        }
                        among == (name == "removeAll")
                    }
                };
                if goes {
                    let key = run.key(&key)?;
                    map(run, of).map(|map| map.remove(&key));
                    if name == "remove" {
                        break;
                    }
                }
            }
            Value::Bool(map(run, of).map_or(0, |map| map.len()) < length)
        }
        ("first" | "last", []) => {
            let all = viewed(run, of, view)?;
            let found = if name == "first" { all.first() } else { all.last() };
            found.cloned().unwrap_or(Value::Null)
        }
        _ => return Ok(None),
    }))
}

/// The methods that take functions.
fn function_method(
    run: &mut Runner<'_>,
    place: HeapReference,
    name: &str,
    given: &[Value],
) -> Native {
    Ok(Some(match (name, given) {
        ("computeIfAbsent", [key, function]) => match get(run, place, key)? {
            Some(known) if !known.is_null() => known,
            _ => {
                let value = run.call_value(function, vec![key.clone()])?;
                if !value.is_null() {
                    put(run, place, key, value.clone())?;
                }
                value
            }
        },
        ("compute" | "computeIfPresent", [key, function]) => {
            let old = get(run, place, key)?.unwrap_or(Value::Null);
            if name == "computeIfPresent" && old.is_null() {
                return Ok(Some(Value::Null));
            }
            let value = run.call_value(function, vec![key.clone(), old])?;
            keep(run, place, key, &value)?;
            value
        }
        ("merge", [key, value, function]) => {
            let new = match get(run, place, key)? {
                Some(old) if !old.is_null() => {
                    run.call_value(function, vec![old, value.clone()])?
                }
                _ => value.clone(),
            };
            keep(run, place, key, &new)?;
            new
        }
        ("forEach" | "each", [function]) => {
            for (key, value) in entries(run, place)? {
                run.call_value(function, vec![key, value])?;
            }
            if name == "each" { Value::HeapReference(place) } else { Value::Null }
        }
        ("replaceAll", [function]) => {
            for (key, value) in entries(run, place)? {
                let value = run.call_value(function, vec![key.clone(), value])?;
                put(run, place, &key, value)?;
            }
            Value::Null
        }
        (
            "every" | "any" | "count" | "find" | "findAll" | "collect" | "findResults" | "groupBy",
            [function],
        ) => by_entries(run, place, name, function)?,
        _ => return Ok(None),
    }))
}

fn keep(run: &mut Runner<'_>, place: HeapReference, key: &Value, value: &Value) -> Run<()> {
    if value.is_null() {
        let key = run.key(key)?;
        map(run, place).map(|map| map.remove(&key));
    } else {
        put(run, place, key, value.clone())?;
    }
    Ok(())
}

/// What Painless adds to maps: functions of key and value.
fn by_entries(
    run: &mut Runner<'_>,
    place: HeapReference,
    name: &str,
    function: &Value,
) -> Run<Value> {
    let mut collected = Vec::new();
    let mut found = JavaMap::new("HashMap", MapOrder::Hash);
    let mut count = 0;
    let all = entries(run, place)?;
    let length = all.len();
    for (key, value) in all {
        let result = run.call_value(function, vec![key.clone(), value.clone()])?;
        if matches!(name, "collect" | "findResults") {
            if name == "collect" || !result.is_null() {
                collected.push(result);
            }
            continue;
        }
        if name == "groupBy" {
            let own = run.key(&result)?;
            let group = match found.get(&own) {
                Some(group) => group.clone(),
                None => {
                    let group =
                        run.put(HeapObject::Map(JavaMap::new("HashMap", MapOrder::Hash)))?;
                    found.put(own, result, group.clone());
                    group
                }
            };
            run.set_index(&group, &key, value)?;
            continue;
        }
        if run.is_true(&result)? {
            count += 1;
            if name == "find" {
                return run.put(HeapObject::Entry(key, value, Some(place)));
            }
            found.put(run.key(&key)?, key, value);
        }
    }
    Ok(match name {
        "every" => Value::Bool(count == length),
        "any" => Value::Bool(count > 0),
        "count" => Value::Int(count as i32),
        "find" => Value::Null,
        "findAll" | "groupBy" => run.put(HeapObject::Map(found))?,
        _ => run.list(collected)?,
    })
}

/// A method of an entry.
pub(super) fn entry_method(
    run: &mut Runner<'_>,
    place: HeapReference,
    name: &str,
    given: &[Value],
) -> Native {
    let Some(HeapObject::Entry(key, value, of)) = run.heap.get(place).cloned() else {
        return Ok(None);
    };
    Ok(Some(match (name, given) {
        ("getKey", []) => key,
        ("getValue", []) => value,
        ("setValue", [new]) => {
            if let Some(of) = of {
                put(run, of, &key, new.clone())?;
            }
            if let Some(HeapObject::Entry(_, own, _)) = run.heap.get_mut(place) {
                *own = new.clone();
            }
            value
        }
        _ => return Ok(None),
    }))
}

/// `Map.of` is not in 7.10; `Map.Entry.comparingByValue` is.
pub(super) fn statics(class: &str, name: &str, given: &[Value]) -> Native {
    let comparator = |name: &'static str| {
        Ok(Some(Value::thing(ImmutableObject::Comparator(name, given.to_vec()))))
    };
    match (class, name) {
        ("Map.Entry", "comparingByKey") => comparator("byKey"),
        ("Map.Entry", "comparingByValue") => comparator("byValue"),
        _ => Ok(None),
    }
}
