//! `Integer`, `Long`, `Double` and the other boxes, `Math`.

use crate::script::painless::fault::Fault;
use crate::script::painless::runner::{Native, Run, Runner};
use crate::script::painless::value::{Value, hash_bool, hash_long};
use crate::value::java::{java_double, java_float};

/// A method of a boxed number, letter or truth.
pub(super) fn method(_run: &mut Runner<'_>, on: &Value, name: &str, given: &[Value]) -> Native {
    Ok(Some(match (name, given) {
        ("intValue", []) => Value::Int(on.as_int().unwrap_or(0)),
        ("longValue", []) => Value::Long(on.as_long().unwrap_or(0)),
        ("doubleValue", []) => Value::Double(on.as_double().unwrap_or(0.0)),
        ("floatValue", []) => Value::Float(on.as_double().unwrap_or(0.0) as f32),
        ("shortValue", []) => Value::Short(on.as_int().unwrap_or(0) as i16),
        ("byteValue", []) => Value::Byte(on.as_int().unwrap_or(0) as i8),
        ("charValue" | "booleanValue", []) => on.clone(),
        ("isNaN", []) => Value::Bool(on.as_double().is_some_and(f64::is_nan)),
        ("isInfinite", []) => Value::Bool(on.as_double().is_some_and(f64::is_infinite)),
        ("compareTo" | "compare", [other]) => {
            let order = match (on, other) {
                (Value::Bool(one), Value::Bool(two)) => one.cmp(two),
                (Value::Double(one), Value::Double(two)) => one.total_cmp(two),
                (Value::Float(one), Value::Float(two)) => one.total_cmp(two),
                (Value::Char(one), Value::Char(two)) => {
                    return Ok(Some(Value::Int(i32::from(*one) - i32::from(*two))));
                }
                _ => on.as_long().cmp(&other.as_long()),
            };
            Value::Int(order as i32)
        }
        _ => return Ok(None),
    }))
}

/// Static methods and fields of the number classes.
pub(super) fn statics(run: &mut Runner<'_>, class: &str, name: &str, given: &[Value]) -> Native {
    match class {
        "Math" | "StrictMath" => Ok(math(name, given)),
        "Integer" | "Long" | "Short" | "Byte" => whole(run, class, name, given),
        "Double" | "Float" => fraction(run, class, name, given),
        "Boolean" => truth(run, name, given),
        "Character" => letter(run, name, given),
        _ => Ok(None),
    }
}

fn bad_number(text: &str) -> Fault {
    Fault::thrown("NumberFormatException", format!("For input string: \"{text}\""))
}

fn of_class(class: &str, number: i64) -> Value {
    match class {
        "Integer" => Value::Int(number as i32),
        "Short" => Value::Short(number as i16),
        "Byte" => Value::Byte(number as i8),
        _ => Value::Long(number),
    }
}

fn range(class: &str) -> (i64, i64) {
    match class {
        "Integer" => (i32::MIN.into(), i32::MAX.into()),
        "Short" => (i16::MIN.into(), i16::MAX.into()),
        "Byte" => (i8::MIN.into(), i8::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}

fn parsed(class: &str, text: &Value, radix: u32) -> Run<i64> {
    let Some(text) = text.as_text() else {
        return Err(Fault::thrown("NumberFormatException", "Cannot parse null string: null"));
    };
    if !(2..=36).contains(&radix) {
        return Err(Fault::thrown("NumberFormatException", format!("radix {radix} out of range")));
    }
    let (least, most) = range(class);
    let number = i64::from_str_radix(text, radix).ok();
    number.filter(|number| (least..=most).contains(number)).ok_or_else(|| {
        let hint = if radix == 10 { String::new() } else { format!(" under radix {radix}") };
        Fault::thrown("NumberFormatException", format!("For input string: \"{text}\"{hint}"))
    })
}

fn whole(run: &mut Runner<'_>, class: &str, name: &str, given: &[Value]) -> Native {
    let number = |at: usize| given.get(at).and_then(Value::as_long).unwrap_or(0);
    let (least, most) = range(class);
    let bits = if class == "Integer" { 32 } else { 64 };
    let raw = |at: usize| {
        let number = number(at);
        if bits == 32 { u64::from(number as u32) } else { number as u64 }
    };
    Ok(Some(match (name, given.len()) {
        (".MAX_VALUE", _) => of_class(class, most),
        (".MIN_VALUE", _) => of_class(class, least),
        (".SIZE", _) => Value::Int(bits),
        (".BYTES", _) => Value::Int(bits / 8),
        ("parseInt" | "parseLong" | "parseShort" | "parseByte" | "valueOf" | "decode", 1 | 2) => {
            match given.first() {
                Some(value @ (Value::Text(_) | Value::Null)) => {
                    let radix = if given.len() == 2 { number(1) as u32 } else { 10 };
                    of_class(class, parsed(class, value, radix)?)
                }
                _ => of_class(class, number(0)),
            }
        }
        ("toString", 1) => run.text(number(0).to_string())?,
        ("toString", 2) => run.text(radix_text(number(0), number(1) as u32))?,
        ("toBinaryString", 1) => run.text(format!("{:b}", raw(0)))?,
        ("toHexString", 1) => run.text(format!("{:x}", raw(0)))?,
        ("toOctalString", 1) => run.text(format!("{:o}", raw(0)))?,
        ("compare", 2) => Value::Int(number(0).cmp(&number(1)) as i32),
        ("signum", 1) => Value::Int(number(0).signum() as i32),
        ("max", 2) => of_class(class, number(0).max(number(1))),
        ("min", 2) => of_class(class, number(0).min(number(1))),
        ("sum", 2) => of_class(class, number(0).wrapping_add(number(1))),
        ("bitCount", 1) => Value::Int(raw(0).count_ones() as i32),
        ("hashCode", 1) if class == "Long" => Value::Int(hash_long(number(0))),
        ("hashCode", 1) => Value::Int(number(0) as i32),
        ("numberOfTrailingZeros", 1) => Value::Int((raw(0).trailing_zeros() as i32).min(bits)),
        ("numberOfLeadingZeros", 1) => Value::Int(raw(0).leading_zeros() as i32 - (64 - bits)),
        ("highestOneBit", 1) => {
            let raw = raw(0);
            of_class(class, if raw == 0 { 0 } else { 1_i64 << (63 - raw.leading_zeros()) })
        }
        ("reverse" | "rotateLeft" | "rotateRight", _) => return Ok(None),
        _ => return Ok(None),
    }))
}

fn radix_text(number: i64, radix: u32) -> String {
    let radix = if (2..=36).contains(&radix) { radix } else { 10 };
    let mut rest = number.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        let digit = (rest % u64::from(radix)) as u32;
        digits.push(char::from_digit(digit, radix).unwrap_or('0'));
        rest /= u64::from(radix);
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        digits.push('-');
    }
    digits.iter().rev().collect()
}

fn fraction(run: &mut Runner<'_>, class: &str, name: &str, given: &[Value]) -> Native {
    let single = class == "Float";
    let number = |at: usize| given.get(at).and_then(Value::as_double).unwrap_or(0.0);
    let own = |value: f64| if single { Value::Float(value as f32) } else { Value::Double(value) };
    Ok(Some(match (name, given.len()) {
        (".MAX_VALUE", _) => own(if single { f32::MAX.into() } else { f64::MAX }),
        (".MIN_VALUE", _) => own(if single { f32::from_bits(1).into() } else { f64::from_bits(1) }),
        (".NaN", _) => own(f64::NAN),
        (".POSITIVE_INFINITY", _) => own(f64::INFINITY),
        (".NEGATIVE_INFINITY", _) => own(f64::NEG_INFINITY),
        ("parseDouble" | "parseFloat" | "valueOf", 1) => match given.first() {
            Some(Value::Text(text)) => own(parse_fraction(text, single)?),
            Some(Value::Null) => {
                return Err(Fault::null("Cannot invoke \"String.trim()\" because \"in\" is null"));
            }
            _ => own(number(0)),
        },
        ("toString", 1) => {
            run.text(if single { java_float(number(0) as f32) } else { java_double(number(0)) })?
        }
        ("isNaN", 1) => Value::Bool(number(0).is_nan()),
        ("isInfinite", 1) => Value::Bool(number(0).is_infinite()),
        ("isFinite", 1) => Value::Bool(number(0).is_finite()),
        ("compare", 2) => Value::Int(number(0).total_cmp(&number(1)) as i32),
        ("max", 2) => own(larger(number(0), number(1))),
        ("min", 2) => own(-larger(-number(0), -number(1))),
        ("sum", 2) => own(number(0) + number(1)),
        ("doubleToLongBits" | "doubleToRawLongBits", 1) => Value::Long(number(0).to_bits() as i64),
        ("longBitsToDouble", 1) => {
            let bits = given.first().and_then(Value::as_long).unwrap_or(0);
            Value::Double(f64::from_bits(bits as u64))
        }
        ("floatToIntBits" | "floatToRawIntBits", 1) => {
            Value::Int((number(0) as f32).to_bits() as i32)
        }
        ("hashCode", 1) if !single => Value::Int(hash_long(number(0).to_bits() as i64)),
        _ => return Ok(None),
    }))
}

/// Java's `max`: what is no number wins.
fn larger(left: f64, right: f64) -> f64 {
    if left.is_nan() || right.is_nan() { f64::NAN } else { left.max(right) }
}

fn parse_fraction(text: &str, single: bool) -> Run<f64> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Fault::thrown("NumberFormatException", "empty String"));
    }
    let body = trimmed.trim_end_matches(['d', 'D', 'f', 'F']);
    let plain = trimmed.len() - body.len() <= 1
        && body.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    let special = match trimmed.trim_start_matches(['+', '-']) {
        "NaN" => Some(f64::NAN),
        "Infinity" if trimmed.starts_with('-') => Some(f64::NEG_INFINITY),
        "Infinity" => Some(f64::INFINITY),
        _ => None,
    };
    let parsed =
        if single { body.parse::<f32>().ok().map(f64::from) } else { body.parse::<f64>().ok() };
    special.or(parsed.filter(|_| plain)).ok_or_else(|| bad_number(text))
}

fn truth(run: &mut Runner<'_>, name: &str, given: &[Value]) -> Native {
    let flag = |at: usize| match given.get(at) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Text(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    };
    Ok(Some(match (name, given.len()) {
        (".TRUE", _) => Value::Bool(true),
        (".FALSE", _) => Value::Bool(false),
        ("parseBoolean" | "valueOf", 1) => Value::Bool(flag(0)),
        ("toString", 1) => run.text(flag(0).to_string())?,
        ("compare", 2) => Value::Int(flag(0).cmp(&flag(1)) as i32),
        ("logicalAnd", 2) => Value::Bool(flag(0) & flag(1)),
        ("logicalOr", 2) => Value::Bool(flag(0) | flag(1)),
        ("logicalXor", 2) => Value::Bool(flag(0) ^ flag(1)),
        ("hashCode", 1) => Value::Int(hash_bool(flag(0))),
        _ => return Ok(None),
    }))
}

fn letter(run: &mut Runner<'_>, name: &str, given: &[Value]) -> Native {
    let unit = given.first().and_then(Value::as_int).unwrap_or(0) as u32;
    let c = char::from_u32(unit).unwrap_or('\u{fffd}');
    let back = |c: Option<char>| Value::Char(c.map_or(unit as u16, |c| u32::from(c) as u16));
    Ok(Some(match name {
        ".MAX_VALUE" => Value::Char(u16::MAX),
        ".MIN_VALUE" => Value::Char(0),
        "isDigit" => Value::Bool(c.is_numeric() && (c.is_ascii_digit() || !c.is_ascii())),
        "isLetter" | "isAlphabetic" => Value::Bool(c.is_alphabetic()),
        "isLetterOrDigit" => Value::Bool(c.is_alphanumeric()),
        "isUpperCase" => Value::Bool(c.is_uppercase()),
        "isLowerCase" => Value::Bool(c.is_lowercase()),
        "isWhitespace" => Value::Bool(c.is_whitespace() && c != '\u{a0}'),
        "isSpaceChar" => Value::Bool(c == ' ' || c == '\u{a0}'),
        "toUpperCase" => back(c.to_uppercase().next()),
        "toLowerCase" => back(c.to_lowercase().next()),
        "toString" => run.text(c.to_string())?,
        "valueOf" => Value::Char(unit as u16),
        "getNumericValue" => Value::Int(c.to_digit(36).map_or(-1, |digit| digit as i32)),
        "digit" => {
            let radix = given.get(1).and_then(Value::as_int).unwrap_or(10).clamp(2, 36);
            Value::Int(c.to_digit(radix as u32).map_or(-1, |digit| digit as i32))
        }
        "forDigit" => {
            let radix = given.get(1).and_then(Value::as_int).unwrap_or(10).clamp(2, 36);
            let digit = char::from_digit(unit, radix as u32).unwrap_or('\0');
            Value::Char(u32::from(digit) as u16)
        }
        "compare" => {
            let other = given.get(1).and_then(Value::as_int).unwrap_or(0);
            Value::Int(unit as i32 - other)
        }
        "hashCode" => Value::Int(unit as i32),
        _ => return Ok(None),
    }))
}

/// `Math`. What Java rounds, it rounds half up.
fn math(name: &str, given: &[Value]) -> Option<Value> {
    let number = |at: usize| given.get(at).and_then(Value::as_double).unwrap_or(0.0);
    let (x, y) = (number(0), number(1));
    Some(match (name, given.len()) {
        (".PI", _) => Value::Double(std::f64::consts::PI),
        (".E", _) => Value::Double(std::f64::consts::E),
        ("abs", 1) => Value::Double(x.abs()),
        ("max", 2) => Value::Double(larger(x, y)),
        ("min", 2) => Value::Double(-larger(-x, -y)),
        ("pow", 2) => {
            Value::Double(if x.abs() == 1.0 && !y.is_finite() { f64::NAN } else { x.powf(y) })
        }
        ("sqrt", 1) => Value::Double(x.sqrt()),
        ("cbrt", 1) => Value::Double(x.cbrt()),
        ("exp", 1) => Value::Double(x.exp()),
        ("expm1", 1) => Value::Double(x.exp_m1()),
        ("log", 1) => Value::Double(x.ln()),
        ("log10", 1) => Value::Double(x.log10()),
        ("log1p", 1) => Value::Double(x.ln_1p()),
        ("ceil", 1) => Value::Double(x.ceil()),
        ("floor", 1) => Value::Double(x.floor()),
        ("rint", 1) => Value::Double(x.round_ties_even()),
        ("round", 1) => {
            Value::Long(if x.abs() < 4_503_599_627_370_496.0 { (x + 0.5).floor() } else { x } as i64)
        }
        ("sin", 1) => Value::Double(x.sin()),
        ("cos", 1) => Value::Double(x.cos()),
        ("tan", 1) => Value::Double(x.tan()),
        ("asin", 1) => Value::Double(x.asin()),
        ("acos", 1) => Value::Double(x.acos()),
        ("atan", 1) => Value::Double(x.atan()),
        ("atan2", 2) => Value::Double(x.atan2(y)),
        ("sinh", 1) => Value::Double(x.sinh()),
        ("cosh", 1) => Value::Double(x.cosh()),
        ("tanh", 1) => Value::Double(x.tanh()),
        ("hypot", 2) => Value::Double(x.hypot(y)),
        ("toDegrees", 1) => Value::Double(x.to_degrees()),
        ("toRadians", 1) => Value::Double(x.to_radians()),
        ("signum", 1) => Value::Double(if x == 0.0 || x.is_nan() { x } else { x.signum() }),
        ("random", 0) => return None,
        _ => return None,
    })
}
