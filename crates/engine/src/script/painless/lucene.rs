//! Lucene's expressions, the language `expression`: numbers, fields, parameters and functions of numbers, read onto the tree of
//! Painless. All values are doubles; there are no loops, and nothing is changed.
//!
//! Source: the grammar `Javascript.g4` of Lucene 8, `ExpressionScriptEngine` of Elasticsearch 7.10, and the servers' answers.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::context::ScriptContext;
use super::fault::script_exception;
use super::times;
use super::tree::{Function, Op, Operator, Program, ScriptNode, Step, StepOp};
use super::types::Ty;
use super::value::{DocKind, Thing, Value};
use crate::exception::{Exception, ExceptionKind};
use crate::script::document::{FieldValues, ScriptDocument};

/// Levels of an expression: what bounds the stack of whoever walks its tree.
const LEVELS_MAX: usize = 150;

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
const FUNCTIONS: &[(&str, usize, NumberFunction)] = &[
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
const OPERATORS: &[&[(&str, NumberFunction)]] = &[
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
const SIGNS: &[(char, NumberFunction)] = &[
    ('+', first),
    ('-', |it| -first(it)),
    ('~', |it| !(first(it) as i64) as f64),
    ('!', |it| flag(!truth(first(it)))),
];

fn first(numbers: &[f64]) -> f64 {
    numbers.first().copied().unwrap_or(f64::NAN)
}

fn second(numbers: &[f64]) -> f64 {
    numbers.get(1).copied().unwrap_or(f64::NAN)
}

fn flag(flag: bool) -> f64 {
    f64::from(u8::from(flag))
}

/// A condition is an `int`: what is less than one is false.
fn truth(number: f64) -> bool {
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

/// The contexts in which there are expressions.
pub(crate) const EXPRESSION_CONTEXTS: &[&str] = &[
    "aggregation_selector",
    "aggs",
    "bucket_aggregation",
    "field",
    "filter",
    "number_sort",
    "score",
    "terms_set",
];

/// Compiles `source` for `context`.
///
/// # Errors
/// `script_exception` "compile error"; `illegal_argument_exception` for a context without expressions.
pub(crate) fn compile(source: &str, context: &'static ScriptContext) -> Result<Program, Exception> {
    if !EXPRESSION_CONTEXTS.contains(&context.name) {
        return Err(Exception::illegal_argument(format!(
            "expression engine does not know how to handle script context [{}]",
            context.name
        )));
    }
    let mut parser = ExpressionParser { source, at: 0, context, levels: 0 };
    let read = parser.expression().and_then(|node| parser.end().map(|()| node));
    let (node, _) = read.map_err(|cause| failed("compile error", source, cause))?;
    let zero = || Box::new(ScriptNode { at: 0, op: Op::Constant(Value::Double(0.0)) });
    let node = match context.returns {
        "boolean" => {
            ScriptNode { at: 0, op: Op::Binary(Operator::NotEqual, Box::new(node), zero()) }
        }
        _ => node,
    };
    let given = context.variables.len();
    let body = Function {
        parameters: vec![Ty::DEF; given],
        captures: Vec::new(),
        places: given,
        body: vec![Step { at: 0, op: StepOp::Return(Some(node)) }],
        default: None,
    };
    Ok(Program {
        source: source.into(),
        statements: vec![0],
        functions: Vec::new(),
        variables: context.variables.iter().map(|(name, _)| *name).collect(),
        body,
    })
}

/// The `script_exception` of an expression.
fn failed(what: &str, source: &str, cause: Exception) -> Exception {
    let stack = [source.to_owned(), "^---- HERE".to_owned()];
    script_exception(what, &stack, source, "expression", None).caused_by(cause)
}

fn unreadable(reason: impl Into<String>) -> Exception {
    Exception::new(ExceptionKind::ElasticsearchParse, reason)
}

/// A node, and how many levels it has.
type Leveled = (ScriptNode, usize);

struct ExpressionParser<'a> {
    source: &'a str,
    /// The byte that is read next.
    at: usize,
    context: &'static ScriptContext,
    levels: usize,
}

impl<'a> ExpressionParser<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// What comes behind spaces.
    fn next(&mut self) -> &'a str {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        self.rest()
    }

    fn takes(&mut self, token: &str) -> bool {
        let found = self.next().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    fn unexpected(&mut self) -> Exception {
        match self.next().chars().next() {
            None => Exception::named("no_viable_alt_exception"),
            Some(other) => unreadable(format!(
                "unexpected token '{other}' on line (1) position ({})",
                self.source.get(..self.at).map_or(0, |read| read.chars().count())
            )),
        }
    }

    fn end(&mut self) -> Result<(), Exception> {
        if self.next().is_empty() { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Puts operands under an operator.
    fn node(
        &self,
        function: NumberFunction,
        operands: impl IntoIterator<Item = Leveled>,
    ) -> Result<Leveled, Exception> {
        let mut deepest = 0;
        let mut nodes = Vec::new();
        for (node, levels) in operands {
            deepest = deepest.max(levels);
            nodes.push(node);
        }
        if deepest >= LEVELS_MAX {
            return Err(unreadable(format!("an expression has at most [{LEVELS_MAX}] levels")));
        }
        Ok((ScriptNode { at: 0, op: Op::Numbers(function, nodes) }, deepest + 1))
    }

    /// `condition ? then : otherwise`, or less.
    fn expression(&mut self) -> Result<Leveled, Exception> {
        self.levels += 1;
        if self.levels > LEVELS_MAX {
            return Err(unreadable(format!("an expression has at most [{LEVELS_MAX}] levels")));
        }
        let condition = self.operation(0)?;
        let read = if self.takes("?") {
            let then = self.expression()?;
            if !self.takes(":") {
                return Err(self.unexpected());
            }
            let otherwise = self.expression()?;
            let choose: NumberFunction = |it| match truth(first(it)) {
                true => second(it),
                false => it.get(2).copied().unwrap_or(f64::NAN),
            };
            self.node(choose, [condition, then, otherwise])?
        } else {
            condition
        };
        self.levels -= 1;
        Ok(read)
    }

    /// Operands of the operators that bind as closely as those at `tightness`.
    fn operation(&mut self, tightness: usize) -> Result<Leveled, Exception> {
        let Some(operators) = OPERATORS.get(tightness) else { return self.signed() };
        let mut left = self.operation(tightness + 1)?;
        while let Some(function) = self.operator(operators) {
            let right = self.operation(tightness + 1)?;
            left = self.node(function, [left, right])?;
        }
        Ok(left)
    }

    fn operator(&mut self, operators: &[(&str, NumberFunction)]) -> Option<NumberFunction> {
        let rest = self.next();
        let (text, function) = operators.iter().find(|(text, _)| rest.starts_with(text))?;
        // `|` is no half of `||`, nor `<` of `<<`.
        let longer = OPERATORS.iter().flat_map(|all| all.iter());
        let mut longer = longer.filter(|(other, _)| other.len() > text.len());
        if longer.any(|(other, _)| rest.starts_with(other)) {
            return None;
        }
        self.at += text.len();
        Some(*function)
    }

    fn signed(&mut self) -> Result<Leveled, Exception> {
        let mut signs = Vec::new();
        while let Some((sign, function)) =
            SIGNS.iter().find(|(sign, _)| self.next().starts_with(*sign))
        {
            self.at += sign.len_utf8();
            signs.push(*function);
        }
        let mut operand = self.primary()?;
        for function in signs.into_iter().rev() {
            operand = self.node(function, [operand])?;
        }
        Ok(operand)
    }

    fn primary(&mut self) -> Result<Leveled, Exception> {
        if self.takes("(") {
            let inner = self.expression()?;
            return if self.takes(")") { Ok(inner) } else { Err(self.unexpected()) };
        }
        match self.next().chars().next() {
            Some(letter) if letter.is_ascii_digit() || letter == '.' => self.number(),
            Some(letter) if letter.is_ascii_alphabetic() || letter == '_' || letter == '$' => {
                self.variable()
            }
            Some('\'' | '"' | ';' | '=' | '[' | ']') => {
                Err(Exception::named("lexer_no_viable_alt_exception"))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn number(&mut self) -> Result<Leveled, Exception> {
        let rest = self.rest();
        let digits = |from: &str, radix: u32| -> (usize, f64) {
            let text: String = from.chars().take_while(|letter| letter.is_digit(radix)).collect();
            (text.len(), u64::from_str_radix(&text, radix).map_or(f64::NAN, |it| it as f64))
        };
        let octal = rest.strip_prefix('0').filter(|it| it.starts_with(|l: char| l.is_digit(8)));
        let hexadecimal = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X"));
        let (length, number) = if let Some(text) = hexadecimal {
            let (length, number) = digits(text, 16);
            (length + 2, number)
        } else if let Some(text) = octal {
            let (length, number) = digits(text, 8);
            (length + 1, number)
        } else {
            let length = decimal_length(rest);
            let text = rest.get(..length).unwrap_or_default();
            (length, text.parse().unwrap_or(f64::NAN))
        };
        if number.is_nan() {
            return Err(self.unexpected());
        }
        self.at += length;
        Ok((ScriptNode { at: 0, op: Op::Constant(Value::Double(number)) }, 1))
    }

    /// A variable, or a function with its arguments.
    fn variable(&mut self) -> Result<Leveled, Exception> {
        let begin = self.at;
        let length = variable_length(self.rest())?;
        let name = self.rest().get(..length).unwrap_or_default();
        self.at += length;
        if !self.takes("(") {
            return self.linked(name, false);
        }
        let mut arguments = Vec::new();
        if !self.takes(")") {
            loop {
                arguments.push(self.expression()?);
                if self.takes(")") {
                    break;
                }
                if !self.takes(",") {
                    return Err(self.unexpected());
                }
            }
        }
        if arguments.is_empty() && name.contains(['[', '.']) {
            return self.linked(name, true);
        }
        let call = self.source.get(begin..self.at).unwrap_or_default();
        let invalid = |reason: String| unreadable(format!("Invalid expression '{call}': {reason}"));
        let Some((_, count, function)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) else {
            return Err(invalid(format!("Unrecognized function call ({name}).")));
        };
        if arguments.len() != *count {
            return Err(invalid(format!(
                "Expected ({count}) arguments for function call ({name}), but found ({}).",
                arguments.len()
            )));
        }
        self.node(*function, arguments)
    }

    /// A variable of the context, a field, or a parameter.
    fn linked(&self, name: &str, called: bool) -> Result<Leveled, Exception> {
        let place = |name: &str| self.context.variables.iter().position(|(own, _)| *own == name);
        let op = if let Some(place) = place(name).filter(|_| matches!(name, "_score" | "_value")) {
            Op::Numbers(first, vec![ScriptNode { at: 0, op: Op::Local(place) }])
        } else if place("doc").is_some() && (name == "doc" || name.starts_with("doc[")) {
            let (field, part) = field_part(name, called);
            let written = if called { format!("{name}()") } else { name.to_owned() };
            Op::Linked(Linked::Field(field, part, written))
        } else {
            Op::Linked(Linked::Parameter(place("params").unwrap_or(0), name.to_owned()))
        };
        Ok((ScriptNode { at: 0, op }, 2))
    }
}

/// How long a decimal number is.
fn decimal_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

/// How long a variable such as `doc['field'].date.year` is.
fn variable_length(text: &str) -> Result<usize, Exception> {
    let bad = || Exception::named("lexer_no_viable_alt_exception");
    let mut end = 0;
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let is_part = |letter: &char| letter.is_ascii_alphanumeric() || "_$".contains(*letter);
        end += rest.chars().take_while(is_part).count();
        while let Some(inside) = text.get(end..).and_then(|rest| rest.strip_prefix('[')) {
            let length = match inside.chars().next() {
                Some(quote @ ('\'' | '"')) => {
                    let close = inside.get(1..).and_then(|it| it.find(quote)).ok_or_else(bad)?;
                    close + 2
                }
                Some(digit) if digit.is_ascii_digit() => {
                    inside.chars().take_while(char::is_ascii_digit).count()
                }
                _ => return Err(bad()),
            };
            if !inside.get(length..).is_some_and(|behind| behind.starts_with(']')) {
                return Err(bad());
            }
            end += length + 2;
        }
        let behind = text.get(end..).and_then(|rest| rest.strip_prefix('.'));
        let goes_on =
            behind.and_then(|rest| rest.chars().next()).is_some_and(|it| it.is_ascii_alphabetic());
        if !goes_on {
            return Ok(end);
        }
        end += 1;
    }
}

/// The field of a variable, and what of it is read.
fn field_part(variable: &str, called: bool) -> (String, FieldPart) {
    let inside = variable.strip_prefix("doc[").unwrap_or_default();
    let Some((field, behind)) = inside.split_once(']') else {
        return (String::new(), FieldPart::Unknown(PartKind::Variable));
    };
    let field = field.trim_matches(['\'', '"']).to_owned();
    let name = behind.trim_start_matches('.');
    let part = match (name, called) {
        ("" | "value", false) => FieldPart::Value,
        ("empty", false) => FieldPart::Empty,
        ("length", false) | ("count" | "size", true) => FieldPart::Count,
        ("lat", false) | ("getLat", true) => FieldPart::Latitude,
        ("lon", false) | ("getLon", true) => FieldPart::Longitude,
        ("min", true) => FieldPart::Least,
        ("max", true) => FieldPart::Greatest,
        ("avg", true) => FieldPart::Average,
        ("median", true) => FieldPart::Median,
        ("sum", true) => FieldPart::Sum,
        ("isEmpty", true) => FieldPart::Empty,
        ("getMonth", true) => FieldPart::Date(|it| i64::from(it.month()) - 1),
        ("getYear", true) => FieldPart::Date(|it| it.year().into()),
        ("getDayOfMonth", true) => FieldPart::Date(|it| it.day().into()),
        ("getHourOfDay", true) => FieldPart::Date(|it| it.hour().into()),
        ("getMinutes", true) => FieldPart::Date(|it| it.minute().into()),
        ("getSeconds", true) => FieldPart::Date(|it| it.second().into()),
        (name, called) => match name.strip_prefix("date.") {
            Some(name) => {
                of_date(name, called).map_or(FieldPart::Unknown(PartKind::OfDate), FieldPart::Date)
            }
            None if called => FieldPart::Unknown(PartKind::Method),
            None => FieldPart::Unknown(PartKind::Variable),
        },
    };
    (field, part)
}

/// What `date.year` and `date.getYear()` read.
fn of_date(name: &str, called: bool) -> Option<fn(DateTime) -> i64> {
    let mut letters = if called { name.strip_prefix("get")?.chars() } else { name.chars() };
    let name = match letters.next() {
        Some(letter) if called => letter.to_lowercase().chain(letters).collect(),
        _ => name.to_owned(),
    };
    Some(match name.as_str() {
        "year" | "yearOfEra" => |it| it.year().into(),
        "centuryOfEra" => |it| i64::from(it.year()) / 100,
        "yearOfCentury" => |it| i64::from(it.year()) % 100,
        "era" => |_| 1,
        "monthOfYear" => |it| it.month().into(),
        "dayOfMonth" => |it| it.day().into(),
        "dayOfWeek" => |it| it.weekday().to_monday_one_offset().into(),
        "dayOfYear" => |it| it.day_of_year().into(),
        "weekOfWeekyear" => |it| it.date().iso_week_date().week().into(),
        "weekyear" => |it| it.date().iso_week_date().year().into(),
        "hourOfDay" => |it| it.hour().into(),
        "minuteOfHour" => |it| it.minute().into(),
        "secondOfMinute" => |it| it.second().into(),
        "millisOfSecond" => |it| it.millisecond().into(),
        "minuteOfDay" => |it| i64::from(it.hour()) * 60 + i64::from(it.minute()),
        "secondOfDay" => second_of_day,
        "millisOfDay" => |it| second_of_day(it) * 1000 + i64::from(it.millisecond()),
        _ => return None,
    })
}

fn second_of_day(at: DateTime) -> i64 {
    (i64::from(at.hour()) * 60 + i64::from(at.minute())) * 60 + i64::from(at.second())
}

/// The number of a value; `None` where it is none.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        value => value.as_double().or_else(|| {
            value.as_thing().and_then(times::instant).map(|milliseconds| milliseconds as f64)
        }),
    }
}

/// What a field of `document` is, in numbers: 0 of one without values.
///
/// # Errors
/// `script_exception` "link error"; what reading the document meets.
pub(super) fn of_field(
    document: &mut dyn ScriptDocument,
    source: &str,
    (field, part, written): (&str, FieldPart, &str),
) -> Result<f64, Exception> {
    let link = |cause: Exception| failed("link error", source, cause);
    if written == "doc" {
        let reason = "Variable 'doc' must be used with a specific field like: doc['myfield']";
        return Err(link(unreadable(reason)));
    }
    let values = document.values(field).map_err(link)?;
    let Some(values) = values else {
        let reason = format!("Field [{field}] does not exist in mappings");
        return Err(link(unreadable(reason)));
    };
    let unknown = |kind: PartKind, of: &str| {
        let name = written.rsplit('.').next().unwrap_or_default().trim_end_matches("()");
        let what = if kind == PartKind::Method { "method" } else { "variable" };
        let of = if kind == PartKind::OfDate { "date object on field" } else { of };
        link(Exception::illegal_argument(format!(
            "Member {what} [{name}] does not exist for {of} [{field}]."
        )))
    };
    let of = match values.kind {
        DocKind::Strings | DocKind::Addresses => {
            let reason = format!("Field [{field}] must be numeric, date, or geopoint");
            return Err(link(unreadable(reason)));
        }
        DocKind::GeoPoints => "geo field",
        DocKind::Dates => "date field",
        _ => "numeric field",
    };
    let kind = if written.ends_with("()") { PartKind::Method } else { PartKind::Variable };
    match part {
        FieldPart::Unknown(kind) => Err(unknown(kind, of)),
        FieldPart::Latitude | FieldPart::Longitude if of != "geo field" => Err(unknown(kind, of)),
        FieldPart::Date(_) if of != "date field" => Err(unknown(kind, of)),
        FieldPart::Latitude | FieldPart::Longitude | FieldPart::Empty if of == "geo field" => {
            Ok(of_place(&values, part))
        }
        _ if of == "geo field" => Err(unknown(kind, of)),
        part => Ok(of_numbers(&values, part)),
    }
}

fn of_place(values: &FieldValues, part: FieldPart) -> f64 {
    match values.values.first().and_then(Value::as_thing) {
        Some(Thing::GeoPoint(lat, _)) if matches!(part, FieldPart::Latitude) => *lat,
        Some(Thing::GeoPoint(_, lon)) if matches!(part, FieldPart::Longitude) => *lon,
        // As the servers have it: 1 where there is a place.
        Some(_) => 1.0,
        None => 0.0,
    }
}

fn of_numbers(values: &FieldValues, part: FieldPart) -> f64 {
    let numbers: Vec<f64> = values.values.iter().filter_map(number).collect();
    let count = numbers.len();
    let sum = || numbers.iter().sum::<f64>();
    let least = numbers.first().copied().unwrap_or(0.0);
    match part {
        FieldPart::Count => count as f64,
        FieldPart::Empty => flag(count == 0),
        _ if count == 0 => 0.0,
        FieldPart::Greatest => numbers.last().copied().unwrap_or(0.0),
        FieldPart::Average => sum() / count as f64,
        FieldPart::Sum => sum(),
        FieldPart::Median => {
            let at = |place: usize| numbers.get(place).copied().unwrap_or(0.0);
            let upper = at(count / 2);
            if count.is_multiple_of(2) { (at(count / 2 - 1) + upper) / 2.0 } else { upper }
        }
        FieldPart::Date(read) => {
            let moment = Timestamp::from_millisecond(least as i64).unwrap_or(Timestamp::UNIX_EPOCH);
            read(TimeZone::UTC.to_datetime(moment)) as f64
        }
        _ => least,
    }
}

/// The refusal of a value that is no number.
pub(super) fn no_number() -> Exception {
    Exception::illegal_argument("Cannot use expression with text variable")
}

/// The refusal of a parameter that is not there, or is no number.
pub(super) fn no_parameter(source: &str, name: &str, is_there: bool) -> Exception {
    let reason = match is_there {
        true => format!("Parameter [{name}] must be a numeric type"),
        false => {
            let first = name.split(['.', '[']).next().unwrap_or_default();
            format!("Unknown variable [{first}]")
        }
    };
    failed("link error", source, unreadable(reason))
}
