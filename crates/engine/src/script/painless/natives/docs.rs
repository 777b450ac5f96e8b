//! `doc['field']`: what a document's field holds.

use crate::exception::ExceptionKind;
use crate::script::painless::fault::Fault;
use crate::script::painless::runner::{Native, Run, Runner};
use crate::script::painless::types::StaticType;
use crate::script::painless::value::{DocKind, HeapObject, HeapReference, ImmutableObject, Value};

impl Runner<'_> {
    /// `doc[name]`
    pub(super) fn document_field(&mut self, name: &str) -> Run<Value> {
        self.charge(8)?;
        let Some(document) = self.document.as_deref_mut() else {
            return Err(Fault::illegal(format!("No field found for [{name}] in mapping")));
        };
        let values = document.values(name).map_err(|cause| match cause.kind() {
            ExceptionKind::IllegalArgument => Fault::illegal(cause.reason()),
            _ => Fault::Ended(cause),
        })?;
        match values {
            None => Err(Fault::illegal(document.no_field(name))),
            Some(values) => self.put(HeapObject::Doc(values.kind, values.values)),
        }
    }
}

/// A method of `doc`.
pub(super) fn all_method(run: &mut Runner<'_>, name: &str, given: &[Value]) -> Native {
    let [field] = given else { return Ok(None) };
    let field = run.print(field)?;
    Ok(match name {
        "get" => Some(run.document_field(&field)?),
        "containsKey" => match run.document.as_deref_mut() {
            Some(document) => Some(Value::Bool(document.has_field(&field))),
            None => Some(Value::Bool(false)),
        },
        _ => None,
    })
}

/// A method of a field's values.
pub(super) fn method(
    run: &mut Runner<'_>,
    place: HeapReference,
    name: &str,
    given: &[Value],
) -> Native {
    let Some(HeapObject::Doc(kind, items)) = run.heap.get(place) else { return Ok(None) };
    let (kind, length) = (*kind, items.len());
    let item = |at: usize| items.get(at).cloned();
    let first = item(0);
    Ok(Some(match (name, given) {
        ("size" | "getLength", []) => Value::Int(length as i32),
        ("isEmpty", []) => Value::Bool(length == 0),
        ("get", [index]) => {
            let index = usize::try_from(index.as_int().unwrap_or(0)).ok();
            match index.and_then(item) {
                Some(value) => value,
                None if length == 0 => return Err(no_value()),
                None => {
                    return Err(super::out_of_bounds(
                        given.first().unwrap_or(&Value::Null),
                        length,
                    ));
                }
            }
        }
        ("getValue", []) => match (kind, first) {
            (_, Some(value)) => value,
            (_, None) => return Err(no_value()),
        },
        ("contains", [what]) => {
            let items = items.clone();
            let mut found = false;
            for item in items {
                found |= run.equals(&item, what, 0)?;
            }
            Value::Bool(found)
        }
        ("indexOf", [what]) => {
            let items = items.clone();
            for (at, item) in items.iter().enumerate() {
                if run.equals(item, what, 0)? {
                    return Ok(Some(Value::Int(at as i32)));
                }
            }
            Value::Int(-1)
        }
        ("add" | "remove" | "clear" | "set" | "addAll" | "sort", _) => {
            return Err(Fault::thrown(
                "UnsupportedOperationException",
                "doc values are unmodifiable",
            ));
        }
        _ if kind == DocKind::GeoPoints => return points_method(run, place, name, given),
        _ => return Ok(None),
    }))
}

/// Source of the text: `ScriptDocValues.throwIfEmpty` of Elasticsearch 7.10.
fn no_value() -> Fault {
    Fault::thrown(
        "IllegalStateException",
        "A document doesn't have a value for a field! Use doc[<field>].size()==0 to check if a document is missing a field!",
    )
}

fn points_method(
    run: &mut Runner<'_>,
    place: HeapReference,
    name: &str,
    given: &[Value],
) -> Native {
    let Some(HeapObject::Doc(_, items)) = run.heap.get(place) else { return Ok(None) };
    let points: Vec<(f64, f64)> = items.iter().filter_map(point).collect();
    let number = |at: usize| given.get(at).and_then(Value::as_double).unwrap_or(0.0);
    let first = points.first().copied();
    Ok(Some(match (name, given.len()) {
        ("getLat", 0) => Value::Double(first.ok_or_else(no_value)?.0),
        ("getLon", 0) => Value::Double(first.ok_or_else(no_value)?.1),
        ("getLats" | "getLons", 0) => {
            let pick = |point: &(f64, f64)| if name == "getLats" { point.0 } else { point.1 };
            let items = points.iter().map(|point| Value::Double(pick(point))).collect();
            run.put(HeapObject::Array(StaticType::DOUBLE, items))?
        }
        ("arcDistance", 2) => {
            Value::Double(arc_distance(first.ok_or_else(no_value)?, (number(0), number(1))))
        }
        ("planeDistance", 2) => {
            Value::Double(plane_distance(first.ok_or_else(no_value)?, (number(0), number(1))))
        }
        ("arcDistanceWithDefault" | "planeDistanceWithDefault", 3) => Value::Double(match first {
            None => number(2),
            Some(first) if name.starts_with("arc") => arc_distance(first, (number(0), number(1))),
            Some(first) => plane_distance(first, (number(0), number(1))),
        }),
        _ => return Ok(None),
    }))
}

/// A point's latitude and longitude.
pub(super) fn point(value: &Value) -> Option<(f64, f64)> {
    match value.as_thing() {
        Some(ImmutableObject::GeoPoint(lat, lon)) => Some((*lat, *lon)),
        _ => None,
    }
}

/// A method of a point.
pub(super) fn point_method(on: &ImmutableObject, name: &str) -> Option<Value> {
    let ImmutableObject::GeoPoint(lat, lon) = on else { return None };
    match name {
        "getLat" => Some(Value::Double(*lat)),
        "getLon" => Some(Value::Double(*lon)),
        _ => None,
    }
}

/// Metres between two points on a sphere. Source: Lucene's `SloppyMath.haversinMeters`, whose mean radius this is.
pub(super) fn arc_distance(one: (f64, f64), two: (f64, f64)) -> f64 {
    const RADIUS_METERS: f64 = 6_371_008.771_4;
    let (lat1, lon1) = (one.0.to_radians(), one.1.to_radians());
    let (lat2, lon2) = (two.0.to_radians(), two.1.to_radians());
    let h1 = 1.0 - (lat1 - lat2).cos();
    let h2 = 1.0 - (lon1 - lon2).cos();
    let h = h1 + lat1.cos() * lat2.cos() * h2;
    2.0 * RADIUS_METERS * (h * 0.5).sqrt().min(1.0).asin()
}

/// Metres between two points, as if the Earth were flat between them.
fn plane_distance(one: (f64, f64), two: (f64, f64)) -> f64 {
    const METERS_PER_DEGREE: f64 = 6_378_137.0 * 2.0 * std::f64::consts::PI / 360.0;
    let x = (two.1 - one.1) * ((one.0 + two.0) / 2.0).to_radians().cos();
    let y = two.0 - one.0;
    (x * x + y * y).sqrt() * METERS_PER_DEGREE
}
