//! The functions and operators of Lucene's expressions, with the meaning that Java gives them, and what they read around themselves.

use jiff::civil::DateTime;

/// A function of numbers.
pub(super) type NumberFunction = fn(&[f64]) -> f64;

/// What an expression reads around itself.
#[derive(Debug)]
pub(super) enum Linked {
    /// A parameter, of those that stand at this place of the frame.
    Parameter(usize, String),
    /// What of a field, and how the variable is written.
    Field(String, FieldPart, String),
}

/// What of a field is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum FieldPart {
    Value,
    Least,
    Greatest,
    Average,
    Median,
    Sum,
    Count,
    Empty,
    Latitude,
    Longitude,
    /// A part of a date.
    Date(fn(DateTime) -> i64),
    /// There is none of that name: what kind of name, and the name.
    Unknown(PartKind),
}

/// How a part is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum PartKind {
    Variable,
    Method,
    OfDate,
}

/// The functions, each with how many numbers it takes.
pub(super) const FUNCTIONS: &[(&str, usize, NumberFunction)] = &[
    ("abs", 1, |it| first(it).abs()),
    ("acos", 1, |it| first(it).acos()),
    ("acosh", 1, |it| first(it).acosh()),
    ("asin", 1, |it| first(it).asin()),
    ("asinh", 1, |it| first(it).asinh()),
    ("atan", 1, |it| first(it).atan()),
    ("atan2", 2, |it| first(it).atan2(second(it))),
    ("atanh", 1, |it| first(it).atanh()),
    ("ceil", 1, |it| first(it).ceil()),
    ("cos", 1, |it| first(it).cos()),
    ("cosh", 1, |it| first(it).cosh()),
    ("exp", 1, |it| first(it).exp()),
    ("floor", 1, |it| first(it).floor()),
    ("haversin", 4, haversine),
    ("ln", 1, |it| first(it).ln()),
    ("log10", 1, |it| first(it).log10()),
    ("logn", 2, |it| second(it).ln() / first(it).ln()),
    ("max", 2, |it| first(it).max(second(it))),
    ("min", 2, |it| first(it).min(second(it))),
    ("pow", 2, |it| first(it).powf(second(it))),
    ("sin", 1, |it| first(it).sin()),
    ("sinh", 1, |it| first(it).sinh()),
    ("sqrt", 1, |it| first(it).sqrt()),
    ("tan", 1, |it| first(it).tan()),
    ("tanh", 1, |it| first(it).tanh()),
];

/// Operators of two operands by how closely they bind, the loosest first; of those that begin alike the longest first.
pub(super) const OPERATORS: &[&[(&str, NumberFunction)]] = &[
    &[("||", |it| flag(truth(first(it)) || truth(second(it))))],
    &[("&&", |it| flag(truth(first(it)) && truth(second(it))))],
    &[("|", |it| (first(it) as i64 | second(it) as i64) as f64)],
    &[("^", |it| (first(it) as i64 ^ second(it) as i64) as f64)],
    &[("&", |it| (first(it) as i64 & second(it) as i64) as f64)],
    &[("==", |it| flag(first(it) == second(it))), ("!=", |it| flag(first(it) != second(it)))],
    &[
        ("<=", |it| flag(first(it) <= second(it))),
        (">=", |it| flag(first(it) >= second(it))),
        ("<", |it| flag(first(it) < second(it))),
        (">", |it| flag(first(it) > second(it))),
    ],
    &[
        (">>>", |it| ((first(it) as i64 as u64) >> bits(second(it))) as i64 as f64),
        ("<<", |it| ((first(it) as i64) << bits(second(it))) as f64),
        (">>", |it| ((first(it) as i64) >> bits(second(it))) as f64),
    ],
    &[("+", |it| first(it) + second(it)), ("-", |it| first(it) - second(it))],
    &[
        ("*", |it| first(it) * second(it)),
        ("/", |it| first(it) / second(it)),
        ("%", |it| first(it) % second(it)),
    ],
];

/// Operators of one operand.
pub(super) const SIGNS: &[(char, NumberFunction)] = &[
    ('+', first),
    ('-', |it| -first(it)),
    ('~', |it| !(first(it) as i64) as f64),
    ('!', |it| flag(!truth(first(it)))),
];

pub(super) fn first(numbers: &[f64]) -> f64 {
    numbers.first().copied().unwrap_or(f64::NAN)
}

pub(super) fn second(numbers: &[f64]) -> f64 {
    numbers.get(1).copied().unwrap_or(f64::NAN)
}

pub(super) fn flag(flag: bool) -> f64 {
    f64::from(u8::from(flag))
}

/// A condition is an `int`: what is less than one is false.
pub(super) fn truth(number: f64) -> bool {
    number as i32 != 0
}

/// By how many bits Java shifts a `long`.
fn bits(number: f64) -> u32 {
    (number as i64 & 63) as u32
}

/// The distance of two places in kilometres (Lucene's `SloppyMath.haversinKilometers`).
fn haversine(numbers: &[f64]) -> f64 {
    const DIAMETER_KILOMETRES: f64 = 2.0 * 6_371.008_771_4;
    let at = |place: usize| numbers.get(place).copied().unwrap_or(f64::NAN).to_radians();
    let (from, to) = (at(0), at(2));
    let half = |difference: f64| (1.0 - difference.cos()) / 2.0;
    let part = half(from - to) + from.cos() * to.cos() * half(at(1) - at(3));
    DIAMETER_KILOMETRES * part.sqrt().min(1.0).asin()
}
