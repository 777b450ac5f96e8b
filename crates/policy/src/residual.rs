//! What is left of the policies once a request is known, as a value: for which documents and fields it is allowed
//! (docs/decisions/0154-documents-and-fields-in-policies.md).

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::condition::{Condition, ConditionValues, Family, Quantifier};
use crate::context::{Context, KeySubject};
use crate::effect::Effect;

/// For which documents and fields a request is allowed: conditions on both, joined. It is a value; who reads documents
/// honours it.
///
/// Two that were made of the same conditions in another order are equal, and print alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Residual {
    /// For every document and field.
    Always,
    /// For none.
    Never,
    /// Where the condition holds.
    If(DocumentCondition),
    /// Where it does not.
    Not(Box<Residual>),
    /// Where all of them hold.
    All(Arc<[Residual]>),
    /// Where one of them holds.
    Any(Arc<[Residual]>),
}

/// One condition of a policy on a document or a field, its variables resolved.
#[derive(Clone)]
pub struct DocumentCondition(Arc<Bound>);

struct Bound {
    condition: Condition,
    /// That of its statement.
    effect: Effect,
    /// What its variables are looked up in.
    context: Context,
    /// What it asks, whoever wrote it: conditions of which this is equal hold of the same values.
    identity: String,
}

/// What a condition compares a document's values with: as which type of value they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentValue {
    /// Text.
    Text,
    /// A decimal number.
    Number,
    /// An instant.
    Date,
    /// `true` or `false`.
    Boolean,
    /// An address.
    Ip,
    /// Only whether there is one.
    Presence,
}

/// What is left of a statement, whoever asks: made when the first set with it is compiled, and shared by all sets. It says nothing
/// that the statement does not; a copy of the statement, which may be changed, begins without.
#[derive(Default)]
pub(crate) struct StatementRest(OnceLock<Option<Residual>>);

impl Residual {
    /// All of `parts` hold. What is said twice is said once; what contradicts itself never holds.
    pub fn all(parts: impl IntoIterator<Item = Residual>) -> Residual {
        match Residual::join(parts, true) {
            Some(parts) => Residual::joined(parts, Residual::Always, Residual::All),
            None => Residual::Never,
        }
    }

    /// One of `parts` holds.
    pub fn any(parts: impl IntoIterator<Item = Residual>) -> Residual {
        match Residual::join(parts, false) {
            Some(parts) => Residual::joined(parts, Residual::Never, Residual::Any),
            None => Residual::Always,
        }
    }

    /// As [`Residual::any`], of what is in order and each once.
    pub(crate) fn any_in_order(parts: Vec<Residual>) -> Residual {
        // Conditions neither contradict nor absorb one another.
        if parts.len() > 1 && parts.iter().all(|part| matches!(part, Residual::If(_))) {
            return Residual::Any(parts.into());
        }
        Residual::any(parts)
    }

    /// It does not hold.
    #[must_use]
    pub fn negated(self) -> Residual {
        match self {
            Residual::Always => Residual::Never,
            Residual::Never => Residual::Always,
            Residual::Not(inner) => *inner,
            // So that what is denied for two reasons is not seen to be denied for one, too.
            Residual::Any(parts) => Residual::all(parts.iter().cloned().map(Residual::negated)),
            Residual::All(parts) => Residual::any(parts.iter().cloned().map(Residual::negated)),
            other => Residual::Not(Box::new(other)),
        }
    }

    /// What `parts` come to, in order and each once; `None` when one of them, or two together, settle it.
    fn join(parts: impl IntoIterator<Item = Residual>, all: bool) -> Option<Vec<Residual>> {
        let (neutral, settles) = match all {
            true => (Residual::Always, Residual::Never),
            false => (Residual::Never, Residual::Always),
        };
        let mut joined = Vec::new();
        for part in parts {
            match part {
                part if part == neutral => {}
                part if part == settles => return None,
                part => joined.push(part),
            }
        }
        // One alone stays as it was made.
        if joined.len() < 2 {
            return Some(joined);
        }
        let mut flat = Vec::new();
        for part in joined {
            match part {
                Residual::All(inner) if all => flat.extend(inner.iter().cloned()),
                Residual::Any(inner) if !all => flat.extend(inner.iter().cloned()),
                part => flat.push(part),
            }
        }
        // What was joined before is in order.
        if !flat.is_sorted_by(|one, next| one < next) {
            flat.sort();
            flat.dedup();
        }
        let contradicted = |part: &Residual| match part {
            Residual::Not(inner) => {
                flat.binary_search(inner).is_ok()
                    // Where a condition lets in, it would have kept out, too.
                    || all && inner.letting_in().is_some_and(|it| flat.binary_search(&it).is_ok())
            }
            _ => false,
        };
        if flat.iter().any(contradicted) {
            return None;
        }
        // A part that another one is a part of says nothing more: a or (a and b) is a.
        let absorbed = |outer: &Residual| match outer {
            Residual::All(parts) | Residual::Any(parts) => {
                parts.iter().any(|inner| flat.binary_search(inner).is_ok())
            }
            _ => false,
        };
        let absorbed: Vec<bool> = flat.iter().map(absorbed).collect();
        let kept = flat.into_iter().zip(absorbed).filter(|(_, absorbed)| !absorbed);
        Some(kept.map(|(part, _)| part).collect())
    }

    /// The condition of a Deny, as one of an Allow.
    fn letting_in(&self) -> Option<Residual> {
        match self {
            Residual::If(condition) if condition.0.effect == Effect::Deny => {
                let Bound { condition, context, .. } = condition.0.as_ref();
                Some(DocumentCondition::bound(Effect::Allow, condition, context.clone()))
            }
            _ => None,
        }
    }

    fn joined(
        mut parts: Vec<Residual>,
        neutral: Residual,
        join: fn(Arc<[Residual]>) -> Residual,
    ) -> Residual {
        match parts.len() {
            0 => neutral,
            1 => parts.pop().unwrap_or(neutral),
            _ => join(parts.into()),
        }
    }

    /// Whether it holds of the field at this path of a document with these values; no value: the document has none in the
    /// field that is asked for.
    pub fn holds(&self, field: &str, values: impl Fn(&str) -> Vec<String>) -> bool {
        self.decide(&|condition| match condition.field() {
            None => condition.holds_of_field(field),
            Some(asked) => condition.holds(&values(asked)),
        })
    }

    fn decide(&self, holds: &dyn Fn(&DocumentCondition) -> bool) -> bool {
        match self {
            Residual::Always => true,
            Residual::Never => false,
            Residual::If(condition) => holds(condition),
            Residual::Not(inner) => !inner.decide(holds),
            Residual::All(parts) => parts.iter().all(|part| part.decide(holds)),
            Residual::Any(parts) => parts.iter().any(|part| part.decide(holds)),
        }
    }

    /// What of it is left, about documents alone, for the field at this path.
    #[must_use]
    pub fn at_field(&self, path: &str) -> Residual {
        match self {
            Residual::If(condition) if condition.field().is_none() => {
                if condition.holds_of_field(path) { Residual::Always } else { Residual::Never }
            }
            Residual::Always | Residual::Never | Residual::If(_) => self.clone(),
            Residual::Not(inner) => inner.at_field(path).negated(),
            Residual::All(parts) => Residual::all(parts.iter().map(|part| part.at_field(path))),
            Residual::Any(parts) => Residual::any(parts.iter().map(|part| part.at_field(path))),
        }
    }

    /// Whether something inside the field at this path may be left otherwise than the field itself.
    pub fn may_differ_inside(&self, path: &str) -> bool {
        self.conditions().into_iter().any(|condition| {
            let Bound { condition, context, .. } = condition.0.as_ref();
            condition.key.subject == KeySubject::Field && condition.may_name_inside(path, context)
        })
    }

    /// Its conditions, in order.
    pub fn conditions(&self) -> Vec<&DocumentCondition> {
        match self {
            Residual::Always | Residual::Never => Vec::new(),
            Residual::If(condition) => vec![condition],
            Residual::Not(inner) => inner.conditions(),
            Residual::All(parts) | Residual::Any(parts) => {
                parts.iter().flat_map(Residual::conditions).collect()
            }
        }
    }

    /// Whether it is about fields too, and not about documents alone.
    pub fn asks_for_fields(&self) -> bool {
        self.conditions().into_iter().any(|condition| condition.field().is_none())
    }
}

impl StatementRest {
    /// It, or what `make` makes of it; `None`: it depends on who asks.
    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> Option<Residual>) -> Option<&Residual> {
        self.0.get_or_init(make).as_ref()
    }
}

impl Clone for StatementRest {
    fn clone(&self) -> StatementRest {
        StatementRest::default()
    }
}

impl PartialEq for StatementRest {
    fn eq(&self, _: &StatementRest) -> bool {
        true
    }
}

impl fmt::Debug for StatementRest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

#[cfg(test)]
impl Residual {
    /// Whether it holds the very conditions of the other one, in memory.
    pub(crate) fn shares_its_conditions_with(&self, other: &Residual) -> bool {
        match (self, other) {
            (Residual::If(one), Residual::If(other)) => Arc::ptr_eq(&one.0, &other.0),
            (Residual::All(one), Residual::All(other)) => {
                let mut both = one.iter().zip(other.iter());
                one.len() == other.len() && both.all(|(one, it)| one.shares_its_conditions_with(it))
            }
            _ => false,
        }
    }
}

impl DocumentCondition {
    pub(crate) fn of(effect: Effect, condition: &Condition, context: &Context) -> Residual {
        let mut bound = Context::new();
        for variable in condition.variables() {
            if let Some(values) = context.values(&variable.key) {
                bound.set_all(variable.key.written(), values);
            }
        }
        DocumentCondition::bound(effect, condition, bound)
    }

    fn bound(effect: Effect, condition: &Condition, context: Context) -> Residual {
        let (name, key) = (condition.operator_name(), condition.key.folded());
        let denies = effect == Effect::Deny && condition.is_undefined_of_several();
        let denies = if denies { "deny" } else { "" };
        let variables: Vec<_> = context.iter().collect();
        let identity = format!("{key} {name} {:?} {variables:?} {denies}", condition.values);
        let condition = Condition { pointer: String::new(), ..condition.clone() };
        let bound = Bound { condition, effect, context, identity };
        Residual::If(DocumentCondition(Arc::new(bound)))
    }

    /// The path of the field whose value it asks for; `None`: it is about the field that is read.
    pub fn field(&self) -> Option<&str> {
        self.0.condition.key.document_field()
    }

    /// As what it reads a document's values.
    pub fn value(&self) -> DocumentValue {
        match (&self.0.condition.values, self.0.condition.operator.family) {
            (ConditionValues::Nulls(_), _) | (_, Family::Null) => DocumentValue::Presence,
            (_, Family::Numeric(_)) => DocumentValue::Number,
            (_, Family::Date(_)) => DocumentValue::Date,
            (_, Family::Bool) => DocumentValue::Boolean,
            (_, Family::Ip) => DocumentValue::Ip,
            (_, Family::String(_) | Family::Arn | Family::Binary) => DocumentValue::Text,
        }
    }

    /// Whether it holds of a document with these values in its field, each once; none: the document has no value there.
    pub fn holds(&self, values: &[String]) -> bool {
        let seen = (!values.is_empty()).then_some(values);
        self.0.condition.holds_of_document(self.0.effect, seen, &self.0.context)
    }

    /// The values that it can hold of, as [`DocumentCondition::holds`] is told them, in documents with one value or none;
    /// `None`: others, too. Where there are several, [`DocumentCondition::needs_one_of_several`] says whether one of them must be
    /// among these.
    ///
    /// An aid for whoever looks documents up by their values: what holds is for [`DocumentCondition::holds`] alone to say.
    pub fn values(&self) -> Option<Vec<String>> {
        let Bound { condition, context, .. } = self.0.as_ref();
        if condition.operator.negated || condition.if_exists {
            return None;
        }
        // Of no value at all a list without values holds, and what asks each value of none.
        if condition.values.len() == 0 || condition.quantifier == Some(Quantifier::ForAllValues) {
            return None;
        }
        condition.values.texts(context)
    }

    /// Whether of several values, too, one must be among [`DocumentCondition::values`].
    pub fn needs_one_of_several(&self) -> bool {
        // An operator without quantifier keeps out where it is one of a Deny, whatever the values are.
        self.0.effect == Effect::Allow || !self.0.condition.is_undefined_of_several()
    }

    /// Whether it, which is about fields, holds of the field at this path.
    fn holds_of_field(&self, path: &str) -> bool {
        self.0.condition.key.subject == KeySubject::Field
            && self.0.condition.holds_of_field(path, &self.0.context)
    }
}

impl PartialEq for DocumentCondition {
    fn eq(&self, other: &DocumentCondition) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.identity == other.0.identity
    }
}

impl Eq for DocumentCondition {}

impl PartialOrd for DocumentCondition {
    fn partial_cmp(&self, other: &DocumentCondition) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DocumentCondition {
    fn cmp(&self, other: &DocumentCondition) -> std::cmp::Ordering {
        self.0.identity.cmp(&other.0.identity)
    }
}

impl std::hash::Hash for DocumentCondition {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.identity.hash(state);
    }
}

impl fmt::Debug for DocumentCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.identity)
    }
}

impl fmt::Display for DocumentCondition {
    /// `es:Document/team StringEquals red`, variables as what they stand for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bound { condition, context, .. } = self.0.as_ref();
        let mut written = condition.written.join(" or ");
        for variable in condition.variables() {
            let value = variable.resolve(context).unwrap_or("(no value)");
            let default = variable.default.as_deref();
            let default = default.map(|text| format!(", '{text}'")).unwrap_or_default();
            let source = format!("${{{}{default}}}", variable.key.written());
            written = written.replace(&source, value);
        }
        write!(f, "{} {} {written}", condition.key.written(), condition.operator_name())
    }
}

impl fmt::Display for Residual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, parts: &[Residual], between: &str| {
            for (at, part) in parts.iter().enumerate() {
                let between = if at == 0 { "" } else { between };
                match part {
                    Residual::All(_) | Residual::Any(_) => write!(f, "{between}({part})")?,
                    _ => write!(f, "{between}{part}")?,
                }
            }
            Ok(())
        };
        match self {
            Residual::Always => f.write_str("always"),
            Residual::Never => f.write_str("never"),
            Residual::If(condition) => write!(f, "{condition}"),
            Residual::Not(inner) => write!(f, "not ({inner})"),
            Residual::All(parts) => list(f, parts, " and "),
            Residual::Any(parts) => list(f, parts, " or "),
        }
    }
}
