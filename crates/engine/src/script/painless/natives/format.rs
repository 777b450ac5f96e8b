//! `String.format`.

use crate::script::painless::fault::Fault;
use crate::script::painless::runner::{BYTES_MAX, Run, Runner};
use crate::script::painless::value::Value;

/// One `%…` of a format.
#[derive(Default)]
struct Spec {
    argument: Option<usize>,
    flags: String,
    width: Option<usize>,
    precision: Option<usize>,
    conversion: char,
}

/// Java's `String.format`.
pub(super) fn formatted(run: &mut Runner<'_>, format: &str, given: &[Value]) -> Run<String> {
    let mut out = String::new();
    let mut letters = format.chars().peekable();
    let mut next = 0;
    while let Some(letter) = letters.next() {
        run.charge(1)?;
        if letter != '%' {
            out.push(letter);
            continue;
        }
        let spec = spec(&mut letters)?;
        if spec.width.unwrap_or(0).max(spec.precision.unwrap_or(0)) as u64 > BYTES_MAX / 4 {
            return Err(Fault::thrown("OutOfMemoryError", "the width is too large"));
        }
        run.grow(spec.width.unwrap_or(0))?;
        match spec.conversion {
            '%' => out.push_str(&padded("%".to_owned(), &spec)),
            'n' => out.push('\n'),
            _ => {
                let at = spec.argument.unwrap_or_else(|| {
                    next += 1;
                    next - 1
                });
                let Some(value) = given.get(at) else {
                    return Err(Fault::thrown(
                        "MissingFormatArgumentException",
                        format!("Format specifier '%{}'", spec.conversion),
                    ));
                };
                let text = one(run, &spec, value)?;
                out.push_str(&padded(text, &spec));
            }
        }
    }
    Ok(out)
}

fn spec(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Run<Spec> {
    let mut spec = Spec::default();
    let number = |letters: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        let mut found = None;
        while let Some(digit) = letters.peek().and_then(|c| c.to_digit(10)) {
            found =
                Some(found.unwrap_or(0_usize).saturating_mul(10).saturating_add(digit as usize));
            letters.next();
        }
        found
    };
    while let Some(flag) = letters.peek().filter(|c| "-#+ 0,(".contains(**c)) {
        spec.flags.push(*flag);
        letters.next();
    }
    spec.width = number(letters);
    if letters.peek() == Some(&'$') {
        letters.next();
        spec.argument = spec.width.take().map(|at| at.saturating_sub(1));
        while let Some(flag) = letters.peek().filter(|c| "-#+ 0,(".contains(**c)) {
            spec.flags.push(*flag);
            letters.next();
        }
        spec.width = number(letters);
    }
    if letters.peek() == Some(&'.') {
        letters.next();
        spec.precision = Some(number(letters).unwrap_or(0));
    }
    match letters.next() {
        Some(conversion) => {
            spec.conversion = conversion;
            Ok(spec)
        }
        None => Err(Fault::thrown("UnknownFormatConversionException", "Conversion = '%'")),
    }
}

fn padded(text: String, spec: &Spec) -> String {
    let width = spec.width.unwrap_or(0);
    let missing = width.saturating_sub(text.chars().count());
    if missing == 0 {
        return text;
    }
    if spec.flags.contains('-') {
        return format!("{text}{}", " ".repeat(missing));
    }
    if spec.flags.contains('0') && !matches!(spec.conversion, 's' | 'S' | 'c') {
        let sign: String = text.chars().take_while(|c| "+- (".contains(*c)).collect();
        let rest: String = text.chars().skip(sign.chars().count()).collect();
        return format!("{sign}{}{rest}", "0".repeat(missing));
    }
    format!("{}{text}", " ".repeat(missing))
}

fn one(run: &mut Runner<'_>, spec: &Spec, value: &Value) -> Run<String> {
    let wrong = |run: &Runner<'_>| {
        let class = run.class_full_name(value);
        let reason = format!("{} != {class}", spec.conversion);
        Fault::thrown("IllegalFormatConversionException", reason)
    };
    let text = match spec.conversion {
        _ if value.is_null() => cut("null".to_owned(), spec),
        's' | 'S' => cut(run.print(value)?.to_string(), spec),
        'b' | 'B' => {
            cut(if let Value::Bool(flag) = value { flag.to_string() } else { "true".into() }, spec)
        }
        'c' | 'C' => {
            let unit = value.as_int().ok_or_else(|| wrong(run))?;
            char::from_u32(unit as u32).unwrap_or('\u{fffd}').to_string()
        }
        'd' => {
            if !matches!(value.rank(), 1..=4) {
                return Err(wrong(run));
            }
            let number = value.as_long().unwrap_or(0);
            signed(grouped(number.unsigned_abs().to_string(), spec), number < 0, spec)
        }
        'x' | 'X' | 'o' => {
            if !matches!(value.rank(), 1..=4) {
                return Err(wrong(run));
            }
            let raw = match value {
                Value::Long(number) => *number as u64,
                other => u64::from(other.as_int().unwrap_or(0) as u32),
            };
            if spec.conversion == 'o' { format!("{raw:o}") } else { format!("{raw:x}") }
        }
        'f' | 'e' | 'E' | 'g' => {
            if value.rank() < 5 {
                return Err(wrong(run));
            }
            let number = value.as_double().unwrap_or(0.0);
            if !number.is_finite() {
                crate::value::java::java_double(number)
            } else {
                let places = spec.precision.unwrap_or(6);
                let digits = if spec.conversion == 'f' {
                    grouped(half_up(number.abs(), places), spec)
                } else {
                    scientific(number.abs(), places)
                };
                signed(digits, number.is_sign_negative(), spec)
            }
        }
        'h' => format!("{:x}", run.hash_code(value, 0)?),
        other => {
            let reason = format!("Conversion = '{other}'");
            return Err(Fault::thrown("UnknownFormatConversionException", reason));
        }
    };
    Ok(if spec.conversion.is_ascii_uppercase() { text.to_uppercase() } else { text })
}

fn cut(text: String, spec: &Spec) -> String {
    match spec.precision {
        Some(most) => text.chars().take(most).collect(),
        None => text,
    }
}

fn signed(digits: String, negative: bool, spec: &Spec) -> String {
    match (negative, spec.flags.contains('('), spec.flags.contains('+'), spec.flags.contains(' ')) {
        (true, true, _, _) => format!("({digits})"),
        (true, false, _, _) => format!("-{digits}"),
        (false, _, true, _) => format!("+{digits}"),
        (false, _, false, true) => format!(" {digits}"),
        _ => digits,
    }
}

fn grouped(digits: String, spec: &Spec) -> String {
    if !spec.flags.contains(',') {
        return digits;
    }
    let (whole, rest) = match digits.split_once('.') {
        Some((whole, rest)) => (whole, format!(".{rest}")),
        None => (digits.as_str(), String::new()),
    };
    let count = whole.chars().count();
    let mut out = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (count - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + &rest
}

/// A number with so many places, its shortest decimal form rounded half up, as Java does it.
pub(super) fn half_up(number: f64, places: usize) -> String {
    let shortest = format!("{number}");
    let (whole, rest) = shortest.split_once('.').unwrap_or((&shortest, ""));
    if rest.len() <= places {
        let point = if places > 0 { "." } else { "" };
        return format!("{whole}{point}{rest}{}", "0".repeat(places - rest.len()));
    }
    let mut digits: Vec<u8> = whole.bytes().chain(rest.bytes().take(places)).collect();
    let up = rest.as_bytes().get(places).is_some_and(|digit| *digit >= b'5');
    if up {
        let mut carried = true;
        for digit in digits.iter_mut().rev() {
            if *digit == b'9' {
                *digit = b'0';
            } else {
                *digit += 1;
                carried = false;
                break;
            }
        }
        if carried {
            digits.insert(0, b'1');
        }
    }
    let all: String = digits.iter().map(|digit| char::from(*digit)).collect();
    if places == 0 {
        return all;
    }
    let split = all.len() - places;
    let (whole, rest) = all.split_at_checked(split).unwrap_or((&all, ""));
    format!("{whole}.{rest}")
}

fn scientific(number: f64, places: usize) -> String {
    let text = format!("{number:.places$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
