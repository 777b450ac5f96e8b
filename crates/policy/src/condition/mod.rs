//! `Condition`: operators over context keys. One file per family of operators; what several
//! values and absent keys mean stands in [`quantifier`].
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

pub(crate) mod arn;
pub(crate) mod binary;
pub(crate) mod boolean;
pub(crate) mod date;
pub(crate) mod ip;
pub(crate) mod null;
pub(crate) mod numeric;
pub(crate) mod quantifier;
pub(crate) mod string;

use crate::context::{Context, ContextKey};

/// One operator over one key: `"StringEquals": {"aws:username": ["ann", "bob"]}`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) operator: &'static Operator,
    pub(crate) quantifier: Option<Quantifier>,
    pub(crate) if_exists: bool,
    pub(crate) key: ContextKey,
    pub(crate) values: ConditionValues,
    /// The values as written, unquoted numbers and booleans as text.
    pub(crate) written: Vec<String>,
    /// The JSON pointer of the key within the policy.
    pub(crate) pointer: String,
}

/// The set operator before an operator's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantifier {
    /// Every value of the request satisfies the operator; true when there is none.
    ForAllValues,
    /// Some value of the request satisfies it; false when there is none.
    ForAnyValue,
}

/// A row of [`OPERATORS`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) name: &'static str,
    pub(crate) family: Family,
    /// The operator is true where the comparison is false.
    pub(crate) negated: bool,
}

/// What an operator compares, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    String(string::Comparison),
    Numeric(numeric::Order),
    Date(numeric::Order),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

/// The policy's values, read when the policy is parsed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ConditionValues {
    Strings(Vec<string::Value>),
    Numbers(numeric::Order, Vec<numeric::Decimal>),
    Dates(numeric::Order, Vec<date::Instant>),
    Booleans(Vec<bool>),
    Binaries(Vec<Vec<u8>>),
    Networks(Vec<ipnet::IpNet>),
    Arns(Vec<arn::ArnPattern>),
    Nulls(Vec<bool>),
}

/// How one value of the request compares with the policy's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// Some value matches.
    Match,
    /// No value matches.
    NoMatch,
    /// The request's value is not of the operator's type: neither the operator nor its negation
    /// holds, for a malformed value must never mean "matches".
    Malformed,
}

/// What a policy value may hold besides literal text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ValueSyntax {
    pub(crate) variables: bool,
    pub(crate) domain: bool,
}

use numeric::Order::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
use string::Comparison::{Equals, EqualsIgnoreCase, Like};

const fn row(name: &'static str, family: Family, negated: bool) -> Operator {
    Operator { name, family, negated }
}

/// Every operator of the language, `IfExists` and the quantifiers aside.
pub(crate) static OPERATORS: [Operator; 27] = [
    row("ArnEquals", Family::Arn, false),
    row("ArnLike", Family::Arn, false),
    row("ArnNotEquals", Family::Arn, true),
    row("ArnNotLike", Family::Arn, true),
    row("BinaryEquals", Family::Binary, false),
    row("Bool", Family::Bool, false),
    row("DateEquals", Family::Date(Equal), false),
    row("DateGreaterThan", Family::Date(Greater), false),
    row("DateGreaterThanEquals", Family::Date(GreaterOrEqual), false),
    row("DateLessThan", Family::Date(Less), false),
    row("DateLessThanEquals", Family::Date(LessOrEqual), false),
    row("DateNotEquals", Family::Date(Equal), true),
    row("IpAddress", Family::Ip, false),
    row("NotIpAddress", Family::Ip, true),
    row("Null", Family::Null, false),
    row("NumericEquals", Family::Numeric(Equal), false),
    row("NumericGreaterThan", Family::Numeric(Greater), false),
    row("NumericGreaterThanEquals", Family::Numeric(GreaterOrEqual), false),
    row("NumericLessThan", Family::Numeric(Less), false),
    row("NumericLessThanEquals", Family::Numeric(LessOrEqual), false),
    row("NumericNotEquals", Family::Numeric(Equal), true),
    row("StringEquals", Family::String(Equals), false),
    row("StringEqualsIgnoreCase", Family::String(EqualsIgnoreCase), false),
    row("StringLike", Family::String(Like), false),
    row("StringNotEquals", Family::String(Equals), true),
    row("StringNotEqualsIgnoreCase", Family::String(EqualsIgnoreCase), true),
    row("StringNotLike", Family::String(Like), true),
];

/// Whether `written` is a condition operator, with its quantifier and `IfExists`.
///
/// ```
/// assert!(policy::is_condition_operator("ForAnyValue:StringLikeIfExists"));
/// assert!(!policy::is_condition_operator("StringSounds"));
/// ```
pub fn is_operator(written: &str) -> bool {
    operator(written).is_ok()
}

/// Whether `text` is a date as conditions write them: a time (ISO 8601) or seconds since 1970.
///
/// ```
/// assert!(policy::is_condition_date("2026-01-31T12:00:00Z") && policy::is_condition_date("0"));
/// assert!(!policy::is_condition_date("2026-13-31"));
/// ```
pub fn is_date(text: &str) -> bool {
    date::parse(text).is_some()
}

/// Splits `ForAnyValue:StringLikeIfExists` into its three parts; the error says what is unknown.
pub(crate) fn operator(
    written: &str,
) -> Result<(Option<Quantifier>, &'static Operator, bool), String> {
    let unknown = || format!("unknown condition operator `{written}`");
    let (quantifier, rest) = match written.split_once(':') {
        None => (None, written),
        Some(("ForAllValues", rest)) => (Some(Quantifier::ForAllValues), rest),
        Some(("ForAnyValue", rest)) => (Some(Quantifier::ForAnyValue), rest),
        Some(_) => return Err(unknown()),
    };
    let find = |name: &str| OPERATORS.iter().find(|operator| operator.name == name);
    if let Some(operator) = find(rest) {
        return Ok((quantifier, operator, false));
    }
    match rest.strip_suffix("IfExists").and_then(find) {
        Some(operator) if operator.family == Family::Null => {
            Err(format!("`{written}`: Null asks whether the key exists; IfExists does not apply"))
        }
        Some(operator) => Ok((quantifier, operator, true)),
        None => Err(unknown()),
    }
}

impl Family {
    /// Reads the policy's values; the error says which one is malformed.
    pub(crate) fn read(
        self,
        written: &[String],
        syntax: ValueSyntax,
    ) -> Result<ConditionValues, String> {
        Ok(match self {
            Family::String(comparison) => ConditionValues::Strings(
                written
                    .iter()
                    .map(|text| string::Value::parse(text, comparison, syntax))
                    .collect::<Result<_, _>>()?,
            ),
            Family::Numeric(order) => {
                ConditionValues::Numbers(order, each(written, numeric::parse)?)
            }
            Family::Date(order) => ConditionValues::Dates(order, each(written, date::parse)?),
            Family::Bool => ConditionValues::Booleans(each(written, boolean::parse)?),
            Family::Null => ConditionValues::Nulls(each(written, boolean::parse)?),
            Family::Binary => ConditionValues::Binaries(each(written, binary::parse)?),
            Family::Ip => ConditionValues::Networks(each(written, ip::parse_network)?),
            Family::Arn => ConditionValues::Arns(
                written
                    .iter()
                    .map(|text| arn::ArnPattern::parse(text, syntax))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    /// What one value must look like, for messages.
    fn expected(self) -> &'static str {
        match self {
            Family::String(_) | Family::Arn => "text",
            Family::Numeric(_) => "a decimal number",
            Family::Date(_) => "a date such as 2026-01-31T00:00:00Z, or seconds since 1970",
            Family::Bool | Family::Null => "true or false",
            Family::Binary => "base64",
            Family::Ip => "an IP address or a CIDR range",
        }
    }
}

fn each<T>(written: &[String], parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, String> {
    written.iter().map(|text| parse(text).ok_or_else(|| text.clone())).collect()
}

impl Operator {
    /// The error text for a malformed value.
    pub(crate) fn malformed(&self, value: &str) -> String {
        format!("`{value}` is not a value of {}: expected {}", self.name, self.family.expected())
    }

    /// A rough cost, cheapest first, so that statements fail early.
    pub(crate) fn cost(&self) -> u8 {
        match self.family {
            Family::Null | Family::Bool => 0,
            Family::String(Equals) => 1,
            Family::String(EqualsIgnoreCase) | Family::Numeric(_) => 2,
            Family::Ip => 3,
            Family::String(Like) | Family::Binary => 4,
            Family::Arn | Family::Date(_) => 5,
        }
    }
}

impl ConditionValues {
    /// Compares one value of the request with all of the policy's.
    pub(crate) fn compare(&self, seen: &str, context: &Context) -> Comparison {
        match self {
            ConditionValues::Strings(values) => {
                Comparison::of(values.iter().any(|value| value.matches(seen, context)))
            }
            ConditionValues::Numbers(order, values) => match numeric::parse(seen) {
                Some(number) => Comparison::of(values.iter().any(|it| order.holds(&number, it))),
                None => Comparison::Malformed,
            },
            ConditionValues::Dates(order, values) => match date::parse(seen) {
                Some(date) => Comparison::of(values.iter().any(|it| order.holds(&date, it))),
                None => Comparison::Malformed,
            },
            ConditionValues::Booleans(values) | ConditionValues::Nulls(values) => {
                match boolean::parse(seen) {
                    Some(boolean) => Comparison::of(values.contains(&boolean)),
                    None => Comparison::Malformed,
                }
            }
            ConditionValues::Binaries(values) => match binary::parse(seen) {
                Some(bytes) => Comparison::of(values.contains(&bytes)),
                None => Comparison::Malformed,
            },
            ConditionValues::Networks(values) => match ip::parse_address(seen) {
                Some(address) => Comparison::of(values.iter().any(|it| it.contains(&address))),
                None => Comparison::Malformed,
            },
            ConditionValues::Arns(values) => arn::compare(values, seen, context),
        }
    }

    /// The values of a request that are among these, as text, where each of these is one; `None` where one stands for more,
    /// or for the same in other words than the shortest.
    pub(crate) fn texts(&self, context: &Context) -> Option<Vec<String>> {
        match self {
            ConditionValues::Strings(values) => {
                let texts: Option<Vec<_>> =
                    values.iter().map(|value| value.pattern.only_text(context)).collect();
                Some(texts?.into_iter().flatten().collect())
            }
            ConditionValues::Numbers(Equal, values) => values.iter().map(|it| it.whole()).collect(),
            ConditionValues::Booleans(values) => {
                Some(values.iter().map(ToString::to_string).collect())
            }
            _ => None,
        }
    }

    /// The number of the policy's values.
    pub(crate) fn len(&self) -> usize {
        match self {
            ConditionValues::Strings(values) => values.len(),
            ConditionValues::Numbers(_, values) => values.len(),
            ConditionValues::Dates(_, values) => values.len(),
            ConditionValues::Booleans(values) | ConditionValues::Nulls(values) => values.len(),
            ConditionValues::Binaries(values) => values.len(),
            ConditionValues::Networks(values) => values.len(),
            ConditionValues::Arns(values) => values.len(),
        }
    }
}

impl Comparison {
    fn of(matched: bool) -> Comparison {
        if matched { Comparison::Match } else { Comparison::NoMatch }
    }
}

impl Condition {
    /// Whether it asks what the other one asks, wherever the two stand.
    pub(crate) fn asks_as(&self, other: &Condition) -> bool {
        let Condition { operator, quantifier, if_exists, key, values, written: _, pointer: _ } =
            self;
        *operator == other.operator
            && *quantifier == other.quantifier
            && *if_exists == other.if_exists
            && *key == other.key
            && *values == other.values
    }

    /// The operator as written: quantifier, name, `IfExists`.
    pub(crate) fn operator_name(&self) -> String {
        let quantifier = match self.quantifier {
            None => "",
            Some(Quantifier::ForAllValues) => "ForAllValues:",
            Some(Quantifier::ForAnyValue) => "ForAnyValue:",
        };
        let if_exists = if self.if_exists { "IfExists" } else { "" };
        format!("{quantifier}{}{if_exists}", self.operator.name)
    }

    /// The variables in the values.
    pub(crate) fn variables(&self) -> Vec<&crate::variables::Variable> {
        match &self.values {
            ConditionValues::Strings(values) => {
                values.iter().flat_map(string::Value::variables).collect()
            }
            ConditionValues::Arns(values) => {
                values.iter().flat_map(arn::ArnPattern::variables).collect()
            }
            _ => Vec::new(),
        }
    }
}
