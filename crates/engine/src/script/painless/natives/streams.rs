//! Streams, collectors, `Optional`. A stream holds its elements: nothing in it is put off.

use super::functions::compare;
use crate::script::painless::fault::Fault;
use crate::script::painless::operators::{cast, converted};
use crate::script::painless::runner::{Native, Run, Runner};
use crate::script::painless::types::StaticType;
use crate::script::painless::value::{
    HeapObject, HeapReference, ImmutableObject, JavaMap, MapOrder, Value,
};

fn primitive(class: &str) -> Option<StaticType> {
    match class {
        "IntStream" => Some(StaticType::INT),
        "LongStream" => Some(StaticType::LONG),
        "DoubleStream" => Some(StaticType::DOUBLE),
        _ => None,
    }
}

/// A method of a stream.
// long: one arm for each method
pub(super) fn method(
    run: &mut Runner<'_>,
    place: HeapReference,
    name: &str,
    given: &[Value],
) -> Native {
    let Some(HeapObject::Stream(class, items)) = run.heap.get(place).cloned() else {
        return Ok(None);
    };
    run.grow(items.len() * 24)?;
    let stream = |run: &mut Runner<'_>, class: &'static str, items: Vec<Value>| {
        run.put(HeapObject::Stream(class, items)).map(Some)
    };
    let target = match name {
        "mapToInt" => Some("IntStream"),
        "mapToLong" | "asLongStream" => Some("LongStream"),
        "mapToDouble" | "asDoubleStream" => Some("DoubleStream"),
        "mapToObj" | "boxed" => Some("Stream"),
        "map" => Some(class),
        _ => None,
    };
    if let Some(target) = target {
        let ty = primitive(target);
        let mut all = Vec::with_capacity(items.len());
        for item in items {
            let value = match given.first() {
                Some(function) => run.call_value(function, vec![item])?,
                None => item,
            };
            all.push(match ty {
                Some(ty) => cast(run, value, ty, false)?,
                None => value,
            });
        }
        return stream(run, target, all);
    }
    match (name, given) {
        ("filter", [predicate]) => {
            let mut all = Vec::new();
            for item in items {
                if run.holds(predicate, &item)? {
                    all.push(item);
                }
            }
            stream(run, class, all)
        }
        ("flatMap", [function]) => {
            let mut all = Vec::new();
            for item in items {
                let inner = run.call_value(function, vec![item])?;
                let inner = run.items(&inner)?;
                run.grow(inner.len() * 24)?;
                all.extend(inner);
            }
            stream(run, class, all)
        }
        ("distinct", []) => {
            let mut seen = std::collections::HashSet::new();
            let mut all = Vec::new();
            for item in items {
                if seen.insert(run.key(&item)?) {
                    all.push(item);
                }
            }
            stream(run, class, all)
        }
        ("sorted", _) => {
            let order = given.first().cloned().unwrap_or(Value::Null);
            let sorted =
                run.sorted_by(items, &mut |run, left, right| compare(run, &order, left, right))?;
            stream(run, class, sorted)
        }
        ("limit" | "skip", [count]) => {
            let count = usize::try_from(count.as_long().unwrap_or(0))
                .map_err(|_| Fault::illegal(count.as_long().unwrap_or(0).to_string()))?;
            let kept: Vec<Value> = if name == "limit" {
                items.into_iter().take(count).collect()
            } else {
                items.into_iter().skip(count).collect()
            };
            stream(run, class, kept)
        }
        ("peek", [function]) => {
            for item in &items {
                run.call_value(function, vec![item.clone()])?;
            }
            stream(run, class, items)
        }
        ("sequential" | "parallel" | "unordered" | "onClose", _) => stream(run, class, items),
        _ => ending(run, class, items, name, given),
    }
}

/// The methods that end a stream.
// long: one arm for each method
fn ending(
    run: &mut Runner<'_>,
    class: &str,
    items: Vec<Value>,
    name: &str,
    given: &[Value],
) -> Native {
    let optional = match class {
        "IntStream" => "OptionalInt",
        "LongStream" => "OptionalLong",
        "DoubleStream" => "OptionalDouble",
        _ => "Optional",
    };
    let some = |class: &'static str, value: Option<Value>| {
        Some(Value::thing(ImmutableObject::Optional(class, value)))
    };
    Ok(match (name, given) {
        ("collect", [collector]) => Some(collect(run, collector, items)?),
        ("toArray", _) => {
            let ty = primitive(class).unwrap_or(StaticType::DEF);
            Some(run.put(HeapObject::Array(ty, items))?)
        }
        ("toList", []) => Some(run.list(items)?),
        ("count", []) => Some(Value::Long(items.len() as i64)),
        ("iterator", []) => Some(run.put(HeapObject::Iterator(items, 0, None))?),
        ("forEach" | "forEachOrdered", [function]) => {
            for item in items {
                run.call_value(function, vec![item])?;
            }
            Some(Value::Null)
        }
        ("anyMatch" | "allMatch" | "noneMatch", [predicate]) => {
            let stop = name != "allMatch";
            let mut stopped = false;
            for item in items {
                if run.holds(predicate, &item)? == stop {
                    stopped = true;
                    break;
                }
            }
            Some(Value::Bool(stopped == (name == "anyMatch")))
        }
        ("findFirst" | "findAny", []) => some(optional, items.into_iter().next()),
        ("reduce", [function]) => {
            let mut items = items.into_iter();
            let mut all = items.next();
            for item in items {
                let sofar = all.take().unwrap_or(Value::Null);
                all = Some(run.call_value(function, vec![sofar, item])?);
            }
            some(optional, all)
        }
        ("reduce", [first, function, ..]) => {
            let mut all = first.clone();
            for item in items {
                all = run.call_value(function, vec![all, item])?;
            }
            Some(all)
        }
        ("max" | "min", _) => {
            let order = given.first().cloned().unwrap_or(Value::Null);
            let sorted =
                run.sorted_by(items, &mut |run, left, right| compare(run, &order, left, right))?;
            let found = if name == "max" { sorted.last() } else { sorted.first() };
            some(optional, found.cloned())
        }
        ("sum", []) => Some(sum(class, &items)),
        ("average", []) => {
            let total: f64 = items.iter().filter_map(Value::as_double).sum();
            let mean = total / items.len() as f64;
            some("OptionalDouble", (!items.is_empty()).then_some(Value::Double(mean)))
        }
        ("summaryStatistics", []) => Some(statistics(run, class, &items)?),
        _ => None,
    })
}

fn sum(class: &str, items: &[Value]) -> Value {
    match class {
        "IntStream" => {
            Value::Int(items.iter().filter_map(Value::as_int).fold(0, i32::wrapping_add))
        }
        "LongStream" => {
            Value::Long(items.iter().filter_map(Value::as_long).fold(0, i64::wrapping_add))
        }
        _ => Value::Double(items.iter().filter_map(Value::as_double).sum()),
    }
}

fn statistics(run: &mut Runner<'_>, class: &str, items: &[Value]) -> Run<Value> {
    let (class, least, most) = match class {
        "IntStream" => ("IntSummaryStatistics", f64::from(i32::MAX), f64::from(i32::MIN)),
        "LongStream" => ("LongSummaryStatistics", i64::MAX as f64, i64::MIN as f64),
        _ => ("DoubleSummaryStatistics", f64::INFINITY, f64::NEG_INFINITY),
    };
    let all = || items.iter().filter_map(Value::as_double);
    run.put(HeapObject::Statistics(
        class,
        items.len() as i64,
        all().sum(),
        all().fold(least, f64::min),
        all().fold(most, f64::max),
    ))
}

/// What `IntSummaryStatistics` and its like say of themselves.
pub(in super::super) fn statistics_text(
    class: &str,
    count: i64,
    sum: f64,
    least: f64,
    most: f64,
) -> String {
    let mean = if count > 0 { sum / count as f64 } else { 0.0 };
    if class == "DoubleSummaryStatistics" {
        return format!(
            "{class}{{count={count}, sum={sum:.6}, min={least:.6}, average={mean:.6}, max={most:.6}}}"
        );
    }
    format!(
        "{class}{{count={count}, sum={}, min={}, average={mean:.6}, max={}}}",
        sum as i64, least as i64, most as i64
    )
}

/// Runs a collector over all items.
// long: one arm for each method
fn collect(run: &mut Runner<'_>, collector: &Value, items: Vec<Value>) -> Run<Value> {
    let Some(ImmutableObject::Collector(name, given)) = collector.as_thing() else {
        return Err(Fault::null(
            "Cannot invoke \"java.util.stream.Collector.supplier()\" because \"collector\" is null",
        ));
    };
    let given = given.clone();
    let first = given.first().cloned().unwrap_or(Value::Null);
    Ok(match *name {
        "toList" => run.list(items)?,
        "toSet" => {
            let list = run.list(items)?;
            run.new_object("HashSet", vec![list])?
        }
        "toCollection" => {
            let into = run.call_value(&first, Vec::new())?;
            for item in items {
                run.method(&into, "add", vec![item])?;
            }
            into
        }
        "joining" => {
            let mut parts = Vec::new();
            for item in &items {
                parts.push(run.print(item)?);
            }
            let mut texts = Vec::new();
            for value in &given {
                texts.push(run.print(value)?);
            }
            let text = |at: usize| texts.get(at).map_or("", AsRef::as_ref);
            let all: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
            let joined = format!("{}{}{}", text(1), all.join(text(0)), text(2));
            run.text(joined)?
        }
        "counting" => Value::Long(items.len() as i64),
        "mapping" | "filtering" => {
            let mut mapped = Vec::new();
            for item in items {
                if *name == "mapping" {
                    mapped.push(run.call_value(&first, vec![item])?);
                } else if run.holds(&first, &item)? {
                    mapped.push(item);
                }
            }
            collect(run, given.get(1).unwrap_or(&Value::Null), mapped)?
        }
        "collectingAndThen" => {
            let inner = collect(run, &first, items)?;
            run.call_value(given.get(1).unwrap_or(&Value::Null), vec![inner])?
        }
        "groupingBy" | "partitioningBy" | "toMap" => grouped(run, name, &given, items)?,
        "minBy" | "maxBy" => {
            let sorted =
                run.sorted_by(items, &mut |run, left, right| compare(run, &first, left, right))?;
            let found = if *name == "maxBy" { sorted.last() } else { sorted.first() };
            Value::thing(ImmutableObject::Optional("Optional", found.cloned()))
        }
        "reducing" => {
            let mut all = first.clone();
            for item in items {
                all = run.call_value(given.last().unwrap_or(&Value::Null), vec![all, item])?;
            }
            all
        }
        name => {
            let class = match name.get(name.len().saturating_sub(3)..) {
                Some("Int") => "IntStream",
                Some("ong") => "LongStream",
                _ => "DoubleStream",
            };
            let ty = primitive(class).unwrap_or(StaticType::DOUBLE);
            let mut numbers = Vec::new();
            for item in items {
                let value = run.call_value(&first, vec![item])?;
                numbers.push(converted(value, ty, false)?);
            }
            if name.starts_with("summing") {
                sum(class, &numbers)
            } else if name.starts_with("averaging") {
                let total: f64 = numbers.iter().filter_map(Value::as_double).sum();
                let count = numbers.len();
                Value::Double(if count > 0 { total / count as f64 } else { 0.0 })
            } else {
                statistics(run, class, &numbers)?
            }
        }
    })
}

fn grouped(run: &mut Runner<'_>, name: &str, given: &[Value], items: Vec<Value>) -> Run<Value> {
    let part = |at: usize| given.get(at).cloned().unwrap_or(Value::Null);
    if name == "toMap" {
        let map = match given.get(3) {
            Some(maker) => run.call_value(maker, Vec::new())?,
            None => run.put(HeapObject::Map(JavaMap::new("HashMap", MapOrder::Hash)))?,
        };
        for item in items {
            let key = run.call_value(&part(0), vec![item.clone()])?;
            let mut value = run.call_value(&part(1), vec![item])?;
            let known = run.index(&map, &key)?;
            if !known.is_null() {
                let Some(merge) = given.get(2) else {
                    let (key, one, two) =
                        (run.print(&key)?, run.print(&known)?, run.print(&value)?);
                    return Err(Fault::thrown(
                        "IllegalStateException",
                        format!("Duplicate key {key} (attempted merging values {one} and {two})"),
                    ));
                };
                value = run.call_value(merge, vec![known, value])?;
            }
            run.set_index(&map, &key, value)?;
        }
        return Ok(map);
    }
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    if name == "partitioningBy" {
        groups = vec![(Value::Bool(false), Vec::new()), (Value::Bool(true), Vec::new())];
    }
    let mut places = std::collections::HashMap::new();
    for (at, (key, _)) in groups.iter().enumerate() {
        places.insert(run.key(key)?, at);
    }
    for item in items {
        let named = run.call_value(&part(0), vec![item.clone()])?;
        let at = *places.entry(run.key(&named)?).or_insert(groups.len());
        if at == groups.len() {
            groups.push((named, Vec::new()));
        }
        if let Some((_, group)) = groups.get_mut(at) {
            group.push(item);
        }
    }
    let map = match (name, given.len()) {
        ("groupingBy", 3) => run.call_value(&part(1), Vec::new())?,
        ("groupingBy", _) => run.put(HeapObject::Map(JavaMap::new("HashMap", MapOrder::Hash)))?,
        _ => run.put(HeapObject::Map(JavaMap::new("LinkedHashMap", MapOrder::Linked)))?,
    };
    let downstream = given.last().filter(|_| given.len() > 1).cloned();
    for (key, group) in groups {
        let value = match &downstream {
            Some(collector) => collect(run, collector, group)?,
            None => run.list(group)?,
        };
        run.set_index(&map, &key, value)?;
    }
    Ok(map)
}

/// A method of an `Optional`.
pub(super) fn optional_method(
    run: &mut Runner<'_>,
    on: &ImmutableObject,
    name: &str,
    given: &[Value],
) -> Native {
    let ImmutableObject::Optional(class, value) = on else { return Ok(None) };
    let same = |value: Option<Value>| Some(Value::thing(ImmutableObject::Optional(class, value)));
    Ok(match (name, given) {
        ("isPresent", []) => Some(Value::Bool(value.is_some())),
        ("get" | "getAsInt" | "getAsLong" | "getAsDouble" | "orElseThrow", []) => match value {
            Some(value) => Some(value.clone()),
            None => return Err(Fault::thrown("NoSuchElementException", "No value present")),
        },
        ("orElse", [other]) => Some(value.clone().unwrap_or_else(|| other.clone())),
        ("orElseGet", [other]) => match value {
            Some(value) => Some(value.clone()),
            None => Some(run.call_value(other, Vec::new())?),
        },
        ("orElseThrow", [other]) => match value {
            Some(value) => Some(value.clone()),
            None => {
                let thrown = run.call_value(other, Vec::new())?;
                return Err(crate::script::painless::exceptions::throw(&thrown));
            }
        },
        ("ifPresent", [function]) => {
            if let Some(value) = value {
                run.call_value(function, vec![value.clone()])?;
            }
            Some(Value::Null)
        }
        ("map" | "flatMap", [function]) => match value {
            Some(value) => {
                let mapped = run.call_value(function, vec![value.clone()])?;
                if name == "flatMap" {
                    Some(mapped)
                } else {
                    same((!mapped.is_null()).then_some(mapped))
                }
            }
            None => same(None),
        },
        ("filter", [predicate]) => match value {
            Some(value) if run.holds(predicate, value)? => same(Some(value.clone())),
            _ => same(None),
        },
        _ => None,
    })
}

/// `IntStream.range`, `Stream.of`, `Collectors.*`, `Optional.of`.
pub(super) fn statics(run: &mut Runner<'_>, class: &str, name: &str, given: &[Value]) -> Native {
    let own = match class {
        "IntStream" => "IntStream",
        "LongStream" => "LongStream",
        "DoubleStream" => "DoubleStream",
        _ => "Stream",
    };
    if class == "Collectors" {
        let known = COLLECTORS.iter().find(|known| **known == name);
        return Ok(known.map(|name| Value::thing(ImmutableObject::Collector(name, given.to_vec()))));
    }
    if class.starts_with("Optional") {
        let class = ["Optional", "OptionalInt", "OptionalLong", "OptionalDouble"]
            .into_iter()
            .find(|known| *known == class)
            .unwrap_or("Optional");
        let value = match (name, given) {
            ("empty", []) => None,
            ("of", [Value::Null]) => return Err(Fault::null("null")),
            ("of" | "ofNullable", [value]) => Some(value.clone()).filter(|value| !value.is_null()),
            _ => return Ok(None),
        };
        return Ok(Some(Value::thing(ImmutableObject::Optional(class, value))));
    }
    let items = match (name, given) {
        ("empty", []) => Vec::new(),
        ("of", [items @ Value::HeapReference(_)]) => run.items(items)?,
        ("of", items) => items.to_vec(),
        ("range" | "rangeClosed", [from, to]) => {
            let (from, mut to) = (from.as_long().unwrap_or(0), to.as_long().unwrap_or(0));
            if name == "rangeClosed" {
                to = to.saturating_add(1);
            }
            let count = usize::try_from(to.saturating_sub(from)).unwrap_or(0);
            run.grow(count.saturating_mul(24))?;
            let number =
                |at: i64| if own == "IntStream" { Value::Int(at as i32) } else { Value::Long(at) };
            (from..to).map(number).collect()
        }
        ("concat", [one, two]) => {
            let mut all = run.items(one)?;
            all.extend(run.items(two)?);
            all
        }
        _ => return Ok(None),
    };
    Ok(Some(run.put(HeapObject::Stream(own, items))?))
}

const COLLECTORS: &[&str] = &[
    "toList",
    "toSet",
    "toCollection",
    "joining",
    "counting",
    "mapping",
    "filtering",
    "collectingAndThen",
    "groupingBy",
    "partitioningBy",
    "toMap",
    "minBy",
    "maxBy",
    "reducing",
    "summingInt",
    "summingLong",
    "summingDouble",
    "averagingInt",
    "averagingLong",
    "averagingDouble",
    "summarizingInt",
    "summarizingLong",
    "summarizingDouble",
];

/// What `IntSummaryStatistics` and its like tell.
pub(super) fn statistics_method(
    class: &str,
    (count, sum, least, most): (i64, f64, f64, f64),
    name: &str,
) -> Option<Value> {
    let whole = class != "DoubleSummaryStatistics";
    let int = class == "IntSummaryStatistics";
    let extreme = |number: f64| match (int, whole) {
        (true, _) => Value::Int(number as i32),
        (_, true) => Value::Long(number as i64),
        _ => Value::Double(number),
    };
    Some(match name {
        "getCount" => Value::Long(count),
        "getSum" if whole => Value::Long(sum as i64),
        "getSum" => Value::Double(sum),
        "getMin" => extreme(least),
        "getMax" => extreme(most),
        "getAverage" => Value::Double(if count > 0 { sum / count as f64 } else { 0.0 }),
        _ => return None,
    })
}
