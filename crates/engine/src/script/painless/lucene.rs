//! Lucene's expressions, the language `expression`: numbers, fields, parameters and functions of numbers, read onto the tree of
//! Painless. All values are doubles; there are no loops, and nothing is changed.
//!
//! Source: the grammar `Javascript.g4` of Lucene 8, `ExpressionScriptEngine` of Elasticsearch 7.10, and the servers' answers.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::context::ScriptContext;
use super::fault::script_exception;
use super::lucene_numbers::{
    FUNCTIONS, FieldPart, Linked, NumberFunction, OPERATORS, PartKind, SIGNS, first, flag, second,
    truth,
};
use super::times;
use super::tree::{Function, Op, Operator, Program, ScriptNode, Step, StepOp};
use super::types::StaticType;
use super::value::{DocKind, ImmutableObject, Value};
use crate::exception::{Exception, ExceptionKind};
use crate::script::document::{FieldValues, ScriptDocument};

/// Levels of an expression: what bounds the stack of whoever walks its tree.
const LEVELS_MAX: usize = 150;

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
    let mut parser = ExpressionParser { source, at: 0, context, levels: 0, miscalled: None };
    let read = parser.expression().and_then(|node| parser.end().map(|()| node));
    let read = read.and_then(|node| parser.miscalled.take().map_or(Ok(node), Err));
    let (node, _) = read.map_err(|refusal| match refusal {
        Refusal::At(at, cause) => failed("compile error", source, at, cause),
        Refusal::Number(cause) => cause,
    })?;
    let zero = || Box::new(ScriptNode { at: 0, op: Op::Constant(Value::Double(0.0)) });
    let node = match context.returns {
        "boolean" => {
            ScriptNode { at: 0, op: Op::Binary(Operator::NotEqual, Box::new(node), zero()) }
        }
        _ => node,
    };
    let given = context.variables.len();
    let body = Function {
        parameters: vec![StaticType::DEF; given],
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

/// The `script_exception` of an expression, for what stands at a character of it.
fn failed(what: &str, source: &str, at: usize, cause: Exception) -> Exception {
    let stack = [source.to_owned(), format!("{}^---- HERE", " ".repeat(at))];
    script_exception(what, &stack, source, "expression", None).caused_by(cause)
}

fn unreadable(reason: impl Into<String>) -> Exception {
    Exception::new(ExceptionKind::ElasticsearchParse, reason)
}

/// Why an expression is not compiled.
enum Refusal {
    /// What stands at this character.
    At(usize, Exception),
    /// A number that no `long` holds, which OpenSearch tells without the expression (Elasticsearch answers with its own failure, 500).
    Number(Exception),
}

/// A node, and how many levels it has.
type LeveledNode = (ScriptNode, usize);

struct ExpressionParser<'a> {
    source: &'a str,
    /// The byte that is read next.
    at: usize,
    context: &'static ScriptContext,
    levels: usize,
    /// The first call of a function that is not there, or is given too much: told of what is well formed otherwise.
    miscalled: Option<Refusal>,
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

    /// How many characters stand before the byte `at`.
    fn position(&self, at: usize) -> usize {
        self.source.get(..at).map_or(0, |read| read.chars().count())
    }

    /// The token that comes next, or the refusal of characters that are none.
    fn token(&mut self) -> Result<&'a str, Refusal> {
        let rest = self.next();
        let length = token_length(rest);
        if length > 0 || rest.is_empty() {
            return Ok(rest.get(..length).unwrap_or_default());
        }
        // Lucene's lexer has looked one character further where a token could have begun.
        let looked = if rest.starts_with("=") || rest.starts_with("..") { 2 } else { 1 };
        let characters: String = rest.chars().take(looked).collect();
        let at = self.position(self.at);
        let reason = format!("unexpected character '{characters}' on line (1) position ({at})");
        let cause = Exception::named("lexer_no_viable_alt_exception");
        Err(Refusal::At(at, unreadable(reason).caused_by(cause)))
    }

    /// The refusal of what stands where only `wanted`, as the grammar names it, could.
    fn wants(&mut self, wanted: &str) -> Refusal {
        let token = match self.token() {
            Ok("") => "<EOF>",
            Ok(token) => token,
            Err(refusal) => return refusal,
        };
        let at = self.position(self.at);
        Refusal::At(
            at,
            unreadable(format!(
                "unexpected token '{token}' on line (1) position ({at}) was expecting one of {wanted}"
            )),
        )
    }

    /// The refusal of what begins no expression.
    fn unexpected(&mut self) -> Refusal {
        let token = match self.token() {
            Ok(token) => token,
            Err(refusal) => return refusal,
        };
        let at = self.position(self.at);
        let reason = match token {
            "" => "unexpected end of expression".to_owned(),
            token => {
                format!("invalid sequence of tokens near '{token}' on line (1) position ({at})")
            }
        };
        let cause = Exception::named("no_viable_alt_exception");
        Refusal::At(at, unreadable(reason).caused_by(cause))
    }

    fn end(&mut self) -> Result<(), Refusal> {
        if self.next().is_empty() { Ok(()) } else { Err(self.wants("<EOF>")) }
    }

    fn too_deep(&self) -> Refusal {
        let reason = format!("an expression has at most [{LEVELS_MAX}] levels");
        Refusal::At(self.position(self.at), unreadable(reason))
    }

    /// Puts operands under an operator.
    fn node(
        &self,
        function: NumberFunction,
        operands: impl IntoIterator<Item = LeveledNode>,
    ) -> Result<LeveledNode, Refusal> {
        let mut deepest = 0;
        let mut nodes = Vec::new();
        for (node, levels) in operands {
            deepest = deepest.max(levels);
            nodes.push(node);
        }
        if deepest >= LEVELS_MAX {
            return Err(self.too_deep());
        }
        Ok((ScriptNode { at: 0, op: Op::Numbers(function, nodes) }, deepest + 1))
    }

    /// `condition ? then : otherwise`, or less.
    fn expression(&mut self) -> Result<LeveledNode, Refusal> {
        self.levels += 1;
        if self.levels > LEVELS_MAX {
            return Err(self.too_deep());
        }
        let condition = self.operation(0)?;
        let read = if self.takes("?") {
            let then = self.expression()?;
            if !self.takes(":") {
                return Err(self.wants("COLON"));
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
    fn operation(&mut self, tightness: usize) -> Result<LeveledNode, Refusal> {
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

    fn signed(&mut self) -> Result<LeveledNode, Refusal> {
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

    fn primary(&mut self) -> Result<LeveledNode, Refusal> {
        if self.takes("(") {
            let inner = self.expression()?;
            return if self.takes(")") { Ok(inner) } else { Err(self.wants("RP")) };
        }
        match self.next().chars().next() {
            Some(letter) if letter.is_ascii_digit() || letter == '.' => self.number(),
            Some(letter) if begins_name(letter) => self.variable(),
            _ => Err(self.unexpected()),
        }
    }

    fn number(&mut self) -> Result<LeveledNode, Refusal> {
        let text = self.rest().get(..number_length(self.rest())).unwrap_or_default();
        let whole = |digits: &str, radix: u32| {
            let number = i64::from_str_radix(digits, radix).map(|it| it as f64);
            number.map_err(|_| {
                let reason = format!("For input string: \"{digits}\" under radix {radix}");
                Refusal::Number(Exception::new(ExceptionKind::NumberFormat, reason))
            })
        };
        let number = match text.strip_prefix('0') {
            Some(digits) if digits.starts_with(['x', 'X']) => {
                whole(digits.trim_start_matches(['x', 'X']), 16)?
            }
            Some(digits) if digits.starts_with(|it: char| it.is_digit(8)) => whole(digits, 8)?,
            _ => text.parse().map_err(|_| self.unexpected())?,
        };
        self.at += text.len();
        Ok((ScriptNode { at: 0, op: Op::Constant(Value::Double(number)) }, 1))
    }

    /// A variable, or a function with its arguments.
    fn variable(&mut self) -> Result<LeveledNode, Refusal> {
        let begin = self.at;
        let length = variable_length(self.rest());
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
                    return Err(self.wants("RP"));
                }
            }
        }
        if arguments.is_empty() && name.contains(['[', '.']) {
            return self.linked(name, true);
        }
        let function = FUNCTIONS.iter().find(|(known, ..)| *known == name);
        let reason = match function {
            Some((_, count, function)) if arguments.len() == *count => {
                return self.node(*function, arguments);
            }
            Some((_, count, _)) => format!(
                "Expected ({count}) arguments for function call ({name}), but found ({}).",
                arguments.len()
            ),
            None => format!("Unrecognized function call ({name})."),
        };
        let reason = format!("Invalid expression '{}': {reason}", self.source);
        let at = self.position(begin);
        self.miscalled.get_or_insert_with(|| Refusal::At(at, unreadable(reason)));
        Ok((ScriptNode { at: 0, op: Op::Constant(Value::Double(0.0)) }, 1))
    }

    /// A variable of the context, a field, or a parameter.
    fn linked(&self, name: &str, called: bool) -> Result<LeveledNode, Refusal> {
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

fn begins_name(letter: char) -> bool {
    letter.is_ascii_alphabetic() || letter == '_' || letter == '$'
}

/// How long the token is that `text` begins with; 0 of what is none.
fn token_length(text: &str) -> usize {
    match text.chars().next() {
        None => 0,
        Some(letter) if begins_name(letter) => variable_length(text),
        Some(letter) if letter.is_ascii_digit() || letter == '.' => number_length(text),
        Some('(' | ')' | ',' | '?' | ':' | '~') => 1,
        Some(letter) => {
            let operators = OPERATORS.iter().flat_map(|all| all.iter());
            let lengths = operators.filter(|(it, _)| text.starts_with(it)).map(|(it, _)| it.len());
            lengths.max().unwrap_or(usize::from(letter == '!'))
        }
    }
}

/// How long a number is; 0 of a point alone.
fn number_length(text: &str) -> usize {
    let Some(behind) = text.strip_prefix('0') else { return decimal_length(text) };
    let digits = |from: &str, radix| from.chars().take_while(|it| it.is_digit(radix)).count();
    let hexadecimal = behind.strip_prefix(['x', 'X']).map_or(0, |it| digits(it, 16));
    match (hexadecimal, digits(behind, 8)) {
        (0, 0) => decimal_length(text),
        (0, octal) => 1 + octal,
        (hexadecimal, _) => 2 + hexadecimal,
    }
}

/// How long a decimal number is; no digit follows a 0 that it begins with.
fn decimal_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut end = if text.starts_with('0') { 1 } else { digits(0) };
    if text.starts_with('.') && digits(1) == 1 {
        return 0;
    }
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
fn variable_length(text: &str) -> usize {
    let mut end = 0;
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let is_part = |letter: &char| letter.is_ascii_alphanumeric() || "_$".contains(*letter);
        end += rest.chars().take_while(is_part).count();
        while let Some(inside) = text.get(end..).and_then(|rest| rest.strip_prefix('[')) {
            let length = match inside.chars().next() {
                Some(quote @ ('\'' | '"')) => {
                    inside.get(1..).and_then(|it| it.find(quote)).map_or(0, |close| close + 2)
                }
                _ => inside.chars().take_while(char::is_ascii_digit).count(),
            };
            if length == 0 || !inside.get(length..).is_some_and(|it| it.starts_with(']')) {
                return end;
            }
            end += length + 2;
        }
        let behind = text.get(end..).and_then(|rest| rest.strip_prefix('.'));
        let goes_on = behind.and_then(|rest| rest.chars().next()).is_some_and(begins_name);
        if !goes_on {
            return end;
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
    let link = |at: usize, cause: Exception| failed("link error", source, at, cause);
    if written == "doc" {
        let reason = "Variable 'doc' must be used with a specific field like: doc['myfield']";
        return Err(link(3, unreadable(reason)));
    }
    let values = document.values(field).map_err(|cause| link(5, cause))?;
    let Some(values) = values else {
        let reason = format!("Field [{field}] does not exist in mappings");
        return Err(link(5, unreadable(reason)));
    };
    let unknown = |kind: PartKind, of: &str| {
        let name = written.rsplit('.').next().unwrap_or_default().trim_end_matches("()");
        let what = if kind == PartKind::Method { "method" } else { "variable" };
        let of = if kind == PartKind::OfDate { "date object on field" } else { of };
        let reason = format!("Member {what} [{name}] does not exist for {of} [{field}].");
        link(0, Exception::illegal_argument(reason))
    };
    let of = match values.kind {
        DocKind::Strings | DocKind::Addresses => {
            let reason = format!("Field [{field}] must be numeric, date, or geopoint");
            return Err(link(5, unreadable(reason)));
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
        Some(ImmutableObject::GeoPoint(lat, _)) if matches!(part, FieldPart::Latitude) => *lat,
        Some(ImmutableObject::GeoPoint(_, lon)) if matches!(part, FieldPart::Longitude) => *lon,
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
    failed("link error", source, 0, unreadable(reason))
}
