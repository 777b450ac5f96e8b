//! Values for one context key: is there one with which these conditions hold and those do not?
//!
//! Text and ARNs are solved as languages. Ordered and enumerable values are solved by trying one
//! candidate from each cell that the policies' own values cut the line into, so that finding none
//! is a proof. Several values of one key are tried only under `ForAllValues` and `ForAnyValue`:
//! elsewhere they are undefined at Amazon.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::effort::Effort;
use super::language::{Demand, Example, Language, example};
use crate::condition::{Condition, ConditionValues, Quantifier};
use crate::context::{Context, KeySubject};

/// A condition, and whether it is to hold.
pub(super) type Constraint<'p> = (&'p Condition, bool);

/// What [`solve`] found for one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SolvedKey {
    /// These values meet every constraint; none means that the key is absent.
    Values(Vec<String>),
    /// Proven: no value does, and neither does its absence.
    Impossible,
    /// Not decided, and why.
    Undecided(String),
}

/// Values of `key` that meet every constraint. `fixed` are the values it has for certain (none:
/// it is certainly absent).
pub(super) fn solve(
    key: &str,
    constraints: &[Constraint<'_>],
    fixed: Option<&[String]>,
    effort: &Effort,
) -> SolvedKey {
    let meets = |values: &[String]| {
        let mut context = Context::new();
        context.set_all(key, values.iter().map(String::as_str));
        constraints.iter().all(|(condition, wanted)| condition.holds(&context) == *wanted)
    };
    match fixed {
        Some(values) if meets(values) => return SolvedKey::Values(values.to_vec()),
        Some(_) if constraints.iter().any(|(it, _)| !it.variables().is_empty()) => {
            return SolvedKey::Undecided(format!("`{key}` is compared with a variable"));
        }
        Some(_) => return SolvedKey::Impossible,
        None if meets(&[]) => return SolvedKey::Values(Vec::new()),
        None => {}
    }
    // A key that Amazon withholds from domain policies is absent whatever value it is given.
    let mut given = Context::new();
    given.set(key, "x");
    if constraints.iter().any(|(condition, _)| given.values(&condition.key).is_none()) {
        return SolvedKey::Impossible;
    }
    let roles = Roles::of(constraints);
    let elements: Result<Vec<String>, SolvedKey> = match (roles.single, roles.some.split_first()) {
        (false, Some(_)) => {
            let with_each = |one| roles.each.iter().copied().chain([one]).collect::<Vec<_>>();
            roles.some.iter().map(|one| element(&with_each(*one), effort)).collect()
        }
        _ => element(&roles.each.iter().chain(&roles.some).copied().collect::<Vec<_>>(), effort)
            .map(|only| vec![only]),
    };
    let names_objects = constraints.iter().any(|(it, _)| it.key.subject == KeySubject::Field);
    match elements {
        // Languages do not know that a field is named with what is around it.
        Ok(values) if names_objects && !meets(&values) => undecided_field(constraints),
        Err(SolvedKey::Impossible) if names_objects => undecided_field(constraints),
        Ok(values) if meets(&values) => SolvedKey::Values(values),
        Ok(_) => SolvedKey::Undecided(format!("the values of `{key}` interact")),
        Err(solved) => solved,
    }
}

/// A condition that is to hold and not to hold does neither; of others on a field nothing is proven.
fn undecided_field(constraints: &[Constraint<'_>]) -> SolvedKey {
    let same = |one: &Condition, other: &Condition| {
        (one.operator, one.quantifier, one.if_exists)
            == (other.operator, other.quantifier, other.if_exists)
            && one.values == other.values
    };
    let contradicted = constraints.iter().any(|(one, wanted)| {
        constraints.iter().any(|(other, against)| wanted != against && same(one, other))
    });
    match contradicted {
        true => SolvedKey::Impossible,
        false => SolvedKey::Undecided(
            "conditions on `es:Field` name objects with all that is inside them".to_owned(),
        ),
    }
}

/// What each constraint asks of single values: a condition, and whether it is to accept.
struct Roles<'p> {
    /// Asked of every value.
    each: Vec<Constraint<'p>>,
    /// Asked of some value.
    some: Vec<Constraint<'p>>,
    /// The key has exactly one value.
    single: bool,
}

impl<'p> Roles<'p> {
    fn of(constraints: &[Constraint<'p>]) -> Roles<'p> {
        let mut roles = Roles { each: Vec::new(), some: Vec::new(), single: false };
        for &(condition, wanted) in constraints {
            // `Null` and an empty list ask nothing of a value.
            if matches!(condition.values, ConditionValues::Nulls(_)) || condition.values.len() == 0
            {
                continue;
            }
            match (condition.quantifier, wanted) {
                (None, _) => {
                    roles.single = true;
                    roles.each.push((condition, wanted));
                }
                (Some(Quantifier::ForAllValues), true) | (Some(Quantifier::ForAnyValue), false) => {
                    roles.each.push((condition, wanted));
                }
                _ => roles.some.push((condition, wanted)),
            }
        }
        roles
    }
}

/// One value that every condition accepts, or does not, as told.
fn element(asked: &[Constraint<'_>], effort: &Effort) -> Result<String, SolvedKey> {
    let (texts, others): (Vec<Constraint<'_>>, Vec<Constraint<'_>>) =
        asked.iter().partition(|(condition, _)| {
            matches!(condition.values, ConditionValues::Strings(_) | ConditionValues::Arns(_))
        });
    let demands: Vec<Demand> = texts.iter().flat_map(|one| text_demands(*one)).collect();
    if !others.is_empty() {
        let values: usize = asked.iter().map(|(it, _)| it.values.len() + 1).sum();
        let found =
            candidates(&others).into_iter().take_while(|_| effort.step(values)).find(|value| {
                asked.iter().all(|(it, accept)| it.accepts(value, &Context::new()) == *accept)
            });
        if found.is_none() && effort.is_spent() {
            return Err(SolvedKey::Undecided(TOO_COMPLEX.to_owned()));
        }
        return found.ok_or_else(|| match texts.first() {
            None => SolvedKey::Impossible,
            Some((it, _)) => SolvedKey::Undecided(format!(
                "`{}` is compared as text and as another type",
                it.key.written()
            )),
        });
    }
    match example(&demands, effort) {
        // An empty value counts as none under ForAllValues: a letter says more.
        Example::Found(text) if text.is_empty() && demands.iter().all(|it| it.admits("x")) => {
            Ok("x".to_owned())
        }
        Example::Found(text) => Ok(text),
        Example::None => Err(SolvedKey::Impossible),
        Example::TooComplex => Err(SolvedKey::Undecided(TOO_COMPLEX.to_owned())),
    }
}

const TOO_COMPLEX: &str = "the patterns are too complex";

/// What a text or ARN operator demands of a value it is to accept, or not.
fn text_demands((condition, accept): Constraint<'_>) -> Vec<Demand> {
    let languages: Vec<Language> = match &condition.values {
        ConditionValues::Strings(values) => {
            values.iter().map(|it| Language::of(&it.pattern)).collect()
        }
        ConditionValues::Arns(values) => values
            .iter()
            .filter_map(|it| it.segments.as_ref())
            .map(|segments| Language::of_segments(segments.iter()))
            .collect(),
        _ => Vec::new(),
    };
    let is_arn = matches!(condition.values, ConditionValues::Arns(_));
    match (condition.operator.negated, accept) {
        (negated, accept) if negated != accept => vec![Demand::want(languages)],
        // What is no ARN is not accepted by the negated operator either.
        (true, _) if is_arn => {
            vec![Demand::want(vec![Language::any_arn()]), Demand::avoid(languages)]
        }
        _ => vec![Demand::avoid(languages)],
    }
}

/// At least one value of every cell that the conditions' values make, the plainest first.
fn candidates(conditions: &[Constraint<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    for (condition, _) in conditions {
        match &condition.values {
            ConditionValues::Numbers(_, values) => {
                let units: Vec<i128> = values.iter().map(|it| it.0).collect();
                found.extend(around(&units, DECIMAL_ONE).into_iter().map(decimal));
            }
            ConditionValues::Dates(_, values) => {
                let instants: Vec<i128> = values.iter().map(|it| it.0).collect();
                found.extend(around(&instants, SECOND).into_iter().filter_map(date));
            }
            ConditionValues::Booleans(_) => found.extend(["true", "false"].map(str::to_owned)),
            ConditionValues::Networks(networks) => found.extend(addresses(networks)),
            ConditionValues::Binaries(_) => {
                found.extend(condition.written.iter().cloned());
                found.extend(["AA==", "AAA="].map(str::to_owned));
            }
            ConditionValues::Strings(_) | ConditionValues::Arns(_) | ConditionValues::Nulls(_) => {}
        }
    }
    // No operator accepts a value that is not of its type.
    found.push("none".to_owned());
    found
}

/// One in the units of [`crate::condition::numeric::Decimal`].
const DECIMAL_ONE: i128 = 1_000_000_000_000_000_000;
/// One second in the units of [`crate::condition::date::Instant`].
const SECOND: i128 = 1_000_000_000;

/// Each value and its neighbours on both sides, at `step` and at the smallest distance.
fn around(values: &[i128], step: i128) -> Vec<i128> {
    let beside = |by: i128| {
        values
            .iter()
            .flat_map(move |value| [value.saturating_add(by), value.saturating_sub(by)].into_iter())
    };
    values.iter().copied().chain(beside(step)).chain(beside(1)).collect()
}

fn decimal(units: i128) -> String {
    let (sign, units) = (if units < 0 { "-" } else { "" }, units.unsigned_abs());
    let one = DECIMAL_ONE.unsigned_abs();
    let fraction = format!("{:018}", units % one);
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{}", units / one),
        digits => format!("{sign}{}.{digits}", units / one),
    }
}

fn date(nanoseconds: i128) -> Option<String> {
    jiff::Timestamp::from_nanosecond(nanoseconds).ok().map(|it| it.to_string())
}

/// The first address of every run of addresses that the networks do or do not hold.
fn addresses(networks: &[ipnet::IpNet]) -> Vec<String> {
    let mut found: Vec<IpAddr> = networks.iter().map(ipnet::IpNet::network).collect();
    let after = |network: &ipnet::IpNet| -> Option<IpAddr> {
        match network.broadcast() {
            IpAddr::V4(last) => u32::from(last).checked_add(1).map(|it| Ipv4Addr::from(it).into()),
            IpAddr::V6(last) => u128::from(last).checked_add(1).map(|it| Ipv6Addr::from(it).into()),
        }
    };
    found.extend(networks.iter().filter_map(after));
    let documentation: [IpAddr; 2] = [
        Ipv4Addr::new(203, 0, 113, 7).into(),
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7).into(),
    ];
    found.extend(documentation);
    found.extend([IpAddr::from(Ipv4Addr::UNSPECIFIED), Ipv6Addr::UNSPECIFIED.into()]);
    found.iter().map(IpAddr::to_string).collect()
}
