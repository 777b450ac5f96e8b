//! The functions that scripts of scores may call. Source: Elasticsearch 7.10, "Script score query".

use super::docs::{arc_distance, point};
use crate::script::painless::fault::Fault;
use crate::script::painless::runner::{Run, Runner};
use crate::script::painless::times;
use crate::script::painless::value::Value;

impl Runner<'_> {
    /// Calls a function of the context.
    pub(in super::super) fn context_function(&mut self, name: &str, given: &[Value]) -> Run<Value> {
        let number = |at: usize| given.get(at).and_then(Value::as_double).unwrap_or(0.0);
        Ok(Value::Double(match name {
            "saturation" => number(0) / (number(1) + number(0)),
            "sigmoid" => {
                let (value, k, a) = (number(0), number(1), number(2));
                value.powf(a) / (k.powf(a) + value.powf(a))
            }
            "decayNumericLinear" | "decayNumericExp" | "decayNumericGauss" => {
                let (origin, scale, offset) = (number(0), number(1), number(2));
                let distance = ((number(4) - origin).abs() - offset).max(0.0);
                decayed(name, distance, scale, number(3))
            }
            "decayDateLinear" | "decayDateExp" | "decayDateGauss" => {
                self.date_decay(name, given)?
            }
            "decayGeoLinear" | "decayGeoExp" | "decayGeoGauss" => self.geo_decay(name, given)?,
            "randomScore" => self.random_score(given)?,
            _ => self.vector_function(name, given)?,
        }))
    }

    fn date_decay(&mut self, name: &str, given: &[Value]) -> Run<f64> {
        let mut texts = Vec::new();
        for value in given.iter().take(3) {
            texts.push(self.print(value)?);
        }
        let text = |at: usize| texts.get(at).map_or("", AsRef::as_ref);
        let decay = given.get(3).and_then(Value::as_double).unwrap_or(0.0);
        let origin = times::parse_instant(text(0))?;
        let (scale, offset) = (milliseconds(text(1))?, milliseconds(text(2))?);
        let Some(value) = given.get(4).and_then(Value::as_thing).and_then(times::instant) else {
            return Err(Fault::null("the date is null"));
        };
        let distance = (value - origin.as_millisecond()).unsigned_abs() as f64;
        Ok(decayed(name, (distance - offset).max(0.0), scale, decay))
    }

    fn geo_decay(&mut self, name: &str, given: &[Value]) -> Run<f64> {
        let mut texts = Vec::new();
        for value in given.iter().take(3) {
            texts.push(self.print(value)?);
        }
        let text = |at: usize| texts.get(at).map_or("", AsRef::as_ref);
        let decay = given.get(3).and_then(Value::as_double).unwrap_or(0.0);
        let (lat, lon) = text(0).split_once(',').unwrap_or(("", ""));
        let origin = lat.trim().parse().ok().zip(lon.trim().parse().ok());
        let origin: (f64, f64) =
            origin.ok_or_else(|| Fault::illegal(format!("failed to parse [{}]", text(0))))?;
        let (scale, offset) = (meters(text(1))?, meters(text(2))?);
        let Some(value) = given.get(4).and_then(point) else {
            return Err(Fault::null("the point is null"));
        };
        let distance = (arc_distance(origin, value) - offset).max(0.0);
        Ok(decayed(name, distance, scale, decay))
    }

    /// A number between 0 and 1 that is the same for the same seed and document.
    fn random_score(&mut self, given: &[Value]) -> Run<f64> {
        let seed = given.first().and_then(Value::as_int).unwrap_or(0);
        let own = match given.get(1) {
            Some(field) => {
                let field = self.print(field)?;
                let values = self.document_field(&field)?;
                let values = self.items(&values)?;
                let first = values.first().cloned().unwrap_or(Value::Null);
                self.hash_code(&first, 0)?
            }
            None => match self.document.as_deref_mut() {
                Some(document) => document.number() as i32,
                None => 0,
            },
        };
        Ok(random_of(seed, own))
    }

    fn vector_function(&mut self, name: &str, given: &[Value]) -> Run<f64> {
        let mut vectors = Vec::new();
        for value in given {
            // A field may be named, or its values given.
            let value = match value {
                Value::Text(field) => self.document_field(&field.clone())?,
                other => other.clone(),
            };
            let numbers: Vec<f64> =
                self.items(&value)?.iter().filter_map(Value::as_double).collect();
            vectors.push(numbers);
        }
        let (Some(query), Some(own)) = (vectors.first(), vectors.get(1)) else { return Ok(0.0) };
        if own.is_empty() {
            return Err(Fault::illegal("A document doesn't have a value for a vector field!"));
        }
        if query.len() != own.len() {
            return Err(Fault::illegal(format!(
                "The query vector has a different number of dimensions [{}] than the document vectors [{}].",
                query.len(),
                own.len()
            )));
        }
        self.charge(1 + own.len() as u64)?;
        let pairs = || query.iter().zip(own).map(|(one, two)| (*one, *two));
        let dot = |pairs: &mut dyn Iterator<Item = (f64, f64)>| -> f64 {
            pairs.map(|(one, two)| one * two).sum()
        };
        Ok(match name {
            "dotProduct" => dot(&mut pairs()),
            "l1norm" | "l1Norm" => pairs().map(|(one, two)| (one - two).abs()).sum(),
            "l2norm" => pairs().map(|(one, two)| (one - two).powi(2)).sum::<f64>().sqrt(),
            "l2Squared" => pairs().map(|(one, two)| (one - two).powi(2)).sum(),
            _ => {
                let length = |vector: &[f64]| vector.iter().map(|it| it * it).sum::<f64>().sqrt();
                dot(&mut pairs()) / (length(query) * length(own))
            }
        })
    }
}

/// A number between 0 and 1 made of a seed and a document's own number.
pub(crate) fn random_of(seed: i32, own: i32) -> f64 {
    let mut hash =
        (u64::from(own as u32) << 32 | u64::from(seed as u32)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^= hash >> 31;
    (hash & 0xFF_FFFF) as f64 / f64::from(1 << 24)
}

fn decayed(name: &str, distance: f64, scale: f64, decay: f64) -> f64 {
    if name.ends_with("Gauss") {
        let spread = 0.5 * scale.powi(2) / decay.ln();
        return (0.5 * distance.powi(2) / spread).exp();
    }
    if name.ends_with("Exp") {
        return (decay.ln() / scale * distance).exp();
    }
    let reach = scale / (1.0 - decay);
    ((reach - distance) / reach).max(0.0)
}

fn milliseconds(text: &str) -> Run<f64> {
    if text == "0" {
        return Ok(0.0);
    }
    crate::value::time::milliseconds("scale", text)
        .map(|milliseconds| milliseconds as f64)
        .map_err(|_| Fault::illegal(format!("failed to parse [{text}] as a time value")))
}

/// A distance such as `10km`; metres without a unit. Source: `DistanceUnit` of Elasticsearch 7.10.
fn meters(text: &str) -> Run<f64> {
    const UNITS: &[(&str, f64)] = &[
        ("nmi", 1852.0),
        ("NM", 1852.0),
        ("km", 1000.0),
        ("cm", 0.01),
        ("mm", 0.001),
        ("mi", 1609.344),
        ("ft", 0.3048),
        ("yd", 0.9144),
        ("in", 0.0254),
        ("m", 1.0),
    ];
    let text = text.trim();
    let unit = UNITS.iter().find(|(name, _)| text.ends_with(name));
    let (digits, factor) =
        unit.map_or((text, 1.0), |(name, factor)| (text.trim_end_matches(name), *factor));
    let number: Option<f64> = digits.trim().parse().ok();
    number
        .map(|number| number * factor)
        .ok_or_else(|| Fault::illegal(format!("failed to parse distance [{text}]")))
}
