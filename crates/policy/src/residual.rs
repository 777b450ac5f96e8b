//! What is left of the policies once the request is known and the document and the field are not: for which of them it is
//! allowed (docs/decisions/0154-documents-and-fields-in-policies.md).

use std::fmt;
use std::sync::Arc;

use crate::condition::{Condition, ConditionValues, Family};
use crate::context::{Context, KeySubject};
use crate::document::Effect;
use crate::evaluate::{Policies, PolicyType};
use crate::principal::{CallerKind, Grant};
use crate::request::AccessRequest;
use crate::set::PolicySet;
use crate::statement::Question;

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
    All(Vec<Residual>),
    /// Where one of them holds.
    Any(Vec<Residual>),
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

/// For which documents and fields `policies` allow `request`; the context's own values for document and field, and its
/// scope, count for nothing. [`evaluate`](crate::evaluate) of the request with a document's values is allowed exactly where this
/// [holds](Residual::holds) of them.
///
/// ```
/// use policy::{AccessRequest, Context, Policies, Policy, PolicyKind, PolicySet, Principal, residual};
///
/// let policy = Policy::parse(
///     r#"{"Version": "2012-10-17", "Statement": [
///         {"Effect": "Allow", "Action": "es:ESHttp*", "Resource": "*", "Condition":
///             {"StringEquals": {"es:Document/team": "${aws:PrincipalTag/team}"}}},
///         {"Effect": "Deny", "Action": "es:ESHttp*", "Resource": "*", "Condition":
///             {"StringEquals": {"es:Field": "salary"}}}]}"#,
///     PolicyKind::Identity,
/// )?;
/// let identity = PolicySet::single("team", policy);
/// let principal = Principal::user("arn:aws:iam::123456789012:user/ann");
/// let mut context = Context::new();
/// context.set("aws:PrincipalTag/team", "red");
/// let request = AccessRequest {
///     principal: &principal,
///     action: "es:ESHttpGet",
///     resource: "arn:aws:es:us-east-1:123456789012:domain/logs/staff/_search",
///     resource_account: None,
///     context: &context,
/// };
/// let left = residual(&Policies { identity: &identity, ..Policies::NONE }, &request);
/// let team = |team: &'static str| move |_: &str| vec![team.to_owned()];
/// assert!(left.holds("name", team("red")) && !left.holds("name", team("blue")));
/// assert!(!left.holds("salary", team("red")) && !left.holds("salary.amount", team("red")));
/// # Ok::<(), policy::ParseError>(())
/// ```
pub fn residual(policies: &Policies<'_>, request: &AccessRequest<'_>) -> Residual {
    let caller = request.principal;
    let question = Question::new(request);
    let mut found = ResidualMatches::default();
    policies.each_layer(caller, |policy, _, set| {
        found.scan(policy, set, &question, request.context);
    });
    let ResidualMatches {
        denies,
        levels,
        endpoints,
        identity,
        boundary,
        session,
        resource,
        mut trust,
    } = found;
    trust |= policies.resource.is_some() && crate::evaluate::assumes_a_role(&question);

    // As `evaluate`, each "allows" being the condition under which it does.
    let must = |applies: bool, allows: Residual| if applies { allows } else { Residual::Always };
    let federated = caller.kind() == CallerKind::FederatedUser;
    let limits = Residual::all([
        must(policies.permissions_boundary.is_some(), boundary),
        must(federated || policies.session.is_some(), session),
    ]);
    let own_side =
        Residual::all([must(caller.kind() != CallerKind::Root, identity), limits.clone()]);
    let [account, parent, direct] = resource;
    let by_parent = Residual::any([direct.clone(), parent]);
    let granted = Residual::any([by_parent.clone(), account]);
    let same_account = caller.account() == Some(request.account(caller));
    let verdict = if !caller.has_own_side() {
        granted
    } else if !same_account {
        Residual::all([granted, own_side])
    } else {
        let own_side = Residual::all([must(trust, granted), own_side]);
        Residual::any([direct, Residual::all([by_parent, limits]), own_side])
    };
    let levels = must(caller.has_own_side(), Residual::all(levels));
    Residual::all([denies.negated(), levels, Residual::all(endpoints), verdict])
}

/// When the layers deny and allow.
struct ResidualMatches {
    denies: Residual,
    levels: Vec<Residual>,
    endpoints: Vec<Residual>,
    identity: Residual,
    boundary: Residual,
    session: Residual,
    /// By how the resource's policy names the caller: its account, its parent, itself.
    resource: [Residual; 3],
    trust: bool,
}

impl Default for ResidualMatches {
    fn default() -> ResidualMatches {
        let never = Residual::Never;
        ResidualMatches {
            denies: never.clone(),
            levels: Vec::new(),
            endpoints: Vec::new(),
            identity: never.clone(),
            boundary: never.clone(),
            session: never.clone(),
            resource: [never.clone(), never.clone(), never],
            trust: false,
        }
    }
}

impl ResidualMatches {
    fn scan(
        &mut self,
        policy: PolicyType,
        set: &PolicySet,
        question: &Question<'_>,
        context: &Context,
    ) {
        let (mut denies, mut allows) = (Vec::new(), [Vec::new(), Vec::new(), Vec::new()]);
        set.candidates(question, |_, kind, statement| {
            let Some((grant, left)) = statement.matches_but_for_documents(kind, question) else {
                return;
            };
            let bind = |condition| DocumentCondition::of(statement.effect, condition, context);
            let left = Residual::all(left.into_iter().map(bind));
            let [account, parent, direct] = &mut allows;
            match (statement.effect, grant) {
                (Effect::Deny, _) => denies.push(left),
                (Effect::Allow, Grant::Account) => account.push(left),
                (Effect::Allow, Grant::Parent) => parent.push(left),
                (Effect::Allow, Grant::Direct) => direct.push(left),
            }
        });
        let denied = std::mem::replace(&mut self.denies, Residual::Never);
        self.denies = Residual::any(denies.into_iter().chain([denied]));
        if matches!(policy, PolicyType::Resource | PolicyType::Trust) {
            self.resource = allows.map(Residual::any);
            self.trust = policy == PolicyType::Trust;
            return;
        }
        let allows = Residual::any(allows.into_iter().flatten());
        match policy {
            PolicyType::Identity => self.identity = allows,
            PolicyType::PermissionsBoundary => self.boundary = allows,
            PolicyType::Session => self.session = allows,
            PolicyType::ServiceControl => self.levels.push(allows),
            PolicyType::VpcEndpoint => self.endpoints.push(allows),
            // `RCPFullAWSAccess` allows what they do not deny.
            PolicyType::ResourceControl | PolicyType::Resource | PolicyType::Trust => {}
        }
    }
}

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

    /// It does not hold.
    #[must_use]
    pub fn negated(self) -> Residual {
        match self {
            Residual::Always => Residual::Never,
            Residual::Never => Residual::Always,
            Residual::Not(inner) => *inner,
            // So that what is denied for two reasons is not seen to be denied for one, too.
            Residual::Any(parts) => Residual::all(parts.into_iter().map(Residual::negated)),
            Residual::All(parts) => Residual::any(parts.into_iter().map(Residual::negated)),
            other => Residual::Not(Box::new(other)),
        }
    }

    /// What `parts` come to, in order and each once; `None` when one of them, or two together, settle it.
    fn join(parts: impl IntoIterator<Item = Residual>, all: bool) -> Option<Vec<Residual>> {
        let (neutral, settles) = match all {
            true => (Residual::Always, Residual::Never),
            false => (Residual::Never, Residual::Always),
        };
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Residual::All(inner) if all => flat.extend(inner),
                Residual::Any(inner) if !all => flat.extend(inner),
                part if part == neutral => {}
                part if part == settles => return None,
                part => flat.push(part),
            }
        }
        flat.sort();
        flat.dedup();
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
        join: fn(Vec<Residual>) -> Residual,
    ) -> Residual {
        match parts.len() {
            0 => neutral,
            1 => parts.pop().unwrap_or(neutral),
            _ => join(parts),
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

impl DocumentCondition {
    fn of(effect: Effect, condition: &Condition, context: &Context) -> Residual {
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

    /// Whether it, which is about fields, holds of the field at this path.
    fn holds_of_field(&self, path: &str) -> bool {
        self.0.condition.key.subject == KeySubject::Field
            && self.0.condition.holds_of_field(path, &self.0.context)
    }
}

impl PartialEq for DocumentCondition {
    fn eq(&self, other: &DocumentCondition) -> bool {
        self.0.identity == other.0.identity
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Policy, PolicyKind, Principal};

    fn left(statements: &str) -> Residual {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        let policy = Policy::parse(&text, PolicyKind::Identity).unwrap();
        let identity = PolicySet::single("p", policy);
        let principal = Principal::user("arn:aws:iam::123456789012:user/ann");
        let context = Context::new();
        let request = AccessRequest {
            principal: &principal,
            action: "es:ESHttpGet",
            resource: "arn:aws:es:us-east-1:123456789012:domain/d/x/_search",
            resource_account: None,
            context: &context,
        };
        residual(&Policies { identity: &identity, ..Policies::NONE }, &request)
    }

    fn statement(effect: &str, conditions: &str) -> String {
        format!(
            r#"{{"Effect": "{effect}", "Action": "es:*", "Resource": "*", "Condition": {{{conditions}}}}}"#
        )
    }

    const TEAM_A: &str = r#""StringEquals": {"es:Document/team": "a"}"#;
    const NAME: &str = r#""StringEquals": {"es:Field": "name"}"#;

    #[test]
    fn what_asks_for_no_document_leaves_nothing() {
        assert_eq!(left(&statement("Allow", "")), Residual::Always);
        assert_eq!(left(""), Residual::Never);
        let other = r#""StringEquals": {"aws:username": "bob"}"#;
        let both = format!("{TEAM_A}, {}", other.replace("StringEquals", "StringLike"));
        assert_eq!(left(&statement("Allow", &both)), Residual::Never);
    }

    #[test]
    fn a_deny_that_says_what_the_allow_says_leaves_nothing() {
        let both = [statement("Allow", TEAM_A), statement("Deny", TEAM_A)].join(",");
        assert_eq!(left(&both), Residual::Never);
    }

    #[test]
    fn several_values_are_let_in_by_no_condition_without_quantifier_and_kept_out_by_each() {
        for operator in ["StringEquals", "StringNotEquals"] {
            let team = format!(r#""{operator}": {{"es:Document/team": "a"}}"#);
            let several = |_: &str| vec!["a".to_owned(), "b".to_owned()];
            let allow = left(&statement("Allow", &team));
            assert!(!allow.holds("x", several), "{operator}");
            let deny = left(&[statement("Allow", ""), statement("Deny", &team)].join(","));
            assert!(!deny.holds("x", several), "{operator}");
        }
        let any = r#""ForAnyValue:StringEquals": {"es:Document/team": "a"}"#;
        let any = left(&statement("Allow", any));
        assert!(any.holds("x", |_| vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn an_allow_without_conditions_makes_the_others_needless() {
        let both = [statement("Allow", ""), statement("Allow", TEAM_A)].join(",");
        assert_eq!(left(&both), Residual::Always);
    }

    #[test]
    fn the_order_of_statements_does_not_show() {
        let [a, b] = [statement("Allow", TEAM_A), statement("Allow", NAME)];
        assert_eq!(left(&format!("{a},{b}")), left(&format!("{b},{a},{a}")));
    }

    #[test]
    fn each_field_has_its_documents() {
        let both = [statement("Allow", NAME), statement("Allow", TEAM_A)].join(",");
        let left = left(&both);
        assert_eq!(left.at_field("name"), Residual::Always);
        assert_eq!(left.at_field("name.raw"), Residual::Always);
        assert_eq!(left.at_field("names").to_string(), "es:Document/team StringEquals a");
        assert!(left.asks_for_fields() && !left.at_field("x").asks_for_fields());
    }

    #[test]
    fn a_field_that_is_denied_takes_along_what_is_inside_it() {
        let deny = r#""StringLike": {"es:Field": "pa?"}"#;
        let left = left(&[statement("Allow", ""), statement("Deny", deny)].join(","));
        for (path, shown) in [("pay", false), ("pay.sum", false), ("pays", true), ("x.pay", true)] {
            assert_eq!(left.at_field(path) == Residual::Always, shown, "{path}");
        }
    }

    #[test]
    fn everything_but_some_objects_is_without_what_is_in_them() {
        let but = r#""StringNotEquals": {"es:Field": ["pay", "home"]}"#;
        let left = left(&statement("Allow", but));
        for (path, shown) in [("pay.sum", false), ("home", false), ("name", true)] {
            assert_eq!(left.at_field(path) == Residual::Always, shown, "{path}");
        }
    }

    #[test]
    fn what_may_name_something_inside_a_field_is_told() {
        for (condition, path, may) in [
            (r#""StringEquals": {"es:Field": "labels.secret"}"#, "labels", true),
            (r#""StringEquals": {"es:Field": "labels.a.b"}"#, "labels", true),
            (r#""StringEqualsIgnoreCase": {"es:Field": "LABELS.secret"}"#, "labels", true),
            (r#""StringNotEquals": {"es:Field": "labels.open"}"#, "labels", true),
            (r#""StringLike": {"es:Field": "*.secret"}"#, "labels", true),
            (r#""StringLike": {"es:Field": "lab*t"}"#, "labels", true),
            (r#""StringLike": {"es:Field": "labels.s*"}"#, "labels", true),
            (r#""StringLike": {"es:Field": "${aws:username}.x"}"#, "labels", true),
            (r#""StringEquals": {"es:Field": "labels"}"#, "labels", false),
            (r#""StringLike": {"es:Field": "lab*"}"#, "labels", false),
            (r#""StringLike": {"es:Field": "h_*"}"#, "labels", false),
            (r#""StringEquals": {"es:Field": "labelsets.x"}"#, "labels", false),
            (r#""StringEquals": {"es:Field": "pay"}"#, "labels", false),
            (r#""Null": {"es:Field": "false"}"#, "labels", false),
            (TEAM_A, "labels", false),
        ] {
            let left = left(&[statement("Allow", ""), statement("Deny", condition)].join(","));
            assert_eq!(left.may_differ_inside(path), may, "{condition}");
        }
    }

    #[test]
    fn the_case_of_a_field_counts_and_that_of_the_key_does_not() {
        let left = left(&statement("Allow", r#""StringEquals": {"ES:document/Team": "a"}"#));
        let [condition] = left.conditions()[..] else { panic!("{left}") };
        assert_eq!((condition.field(), condition.value()), (Some("Team"), DocumentValue::Text));
    }

    #[test]
    fn without_scope_a_condition_on_a_document_is_one_on_a_key_that_is_not_there() {
        use crate::context::DocumentScope;
        let policy = |effect| {
            let text = format!(
                r#"{{"Version": "2012-10-17", "Statement": [{}, {}]}}"#,
                statement(effect, TEAM_A),
                statement("Allow", if effect == "Deny" { "" } else { TEAM_A })
            );
            PolicySet::single("p", Policy::parse(&text, PolicyKind::Identity).unwrap())
        };
        let principal = Principal::user("arn:aws:iam::123456789012:user/ann");
        let allowed = |identity: &PolicySet, scope| {
            let mut context = Context::new();
            context.set_scope(scope);
            let request = AccessRequest {
                principal: &principal,
                action: "es:ESHttpGet",
                resource: "arn:aws:es:us-east-1:123456789012:domain/d/x/_search",
                resource_account: None,
                context: &context,
            };
            crate::evaluate(&Policies { identity, ..Policies::NONE }, &request).is_allowed()
        };
        let (allow, deny) = (policy("Allow"), policy("Deny"));
        let scopes = [DocumentScope::Told, DocumentScope::Some, DocumentScope::Every];
        assert_eq!(scopes.map(|scope| allowed(&allow, scope)), [false, true, false]);
        assert_eq!(scopes.map(|scope| allowed(&deny, scope)), [true, true, false]);
    }
}
