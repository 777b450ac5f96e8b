//! Partial evaluation: what is left of the policies once the request is known and the document and the field are not
//! (docs/decisions/0154-documents-and-fields-in-policies.md).

use crate::context::Context;
use crate::effect::Effect;
use crate::evaluate::{Policies, PolicyType};
use crate::prepared::MetResiduals;
use crate::principal::{CallerKind, Grant};
use crate::request::AccessRequest;
use crate::residual::Residual;
use crate::set::PolicySet;
use crate::statement::Question;

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

/// Statements of one set that a request meets.
#[derive(Default)]
struct StatementsMet<'s> {
    denies: MetResiduals<'s>,
    /// By how the policy names the caller: its account, its parent, itself.
    allows: [MetResiduals<'s>; 3],
}

impl<'s> StatementsMet<'s> {
    fn of(&mut self, effect: Effect, grant: Grant) -> &mut MetResiduals<'s> {
        let [account, parent, direct] = &mut self.allows;
        match (effect, grant) {
            (Effect::Deny, _) => &mut self.denies,
            (Effect::Allow, Grant::Account) => account,
            (Effect::Allow, Grant::Parent) => parent,
            (Effect::Allow, Grant::Direct) => direct,
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
        let (prepared, mut met) = (set.prepared(), StatementsMet::default());
        if set.asks_for_documents() {
            prepared.candidates(question, |group| {
                let Some((_, kind, first)) = set.at(group.first) else { return };
                let Some(grant) = first.matches_but_for_documents(kind, question) else { return };
                let others = group.others.iter().filter_map(|row| Some(set.at(*row)?.2));
                met.of(first.effect, grant).add(group, others, context);
            });
        } else {
            set.candidates(question, |_, kind, it| {
                if let Some(grant) = it.matches_but_for_documents(kind, question) {
                    met.of(it.effect, grant).add_unconditional();
                }
            });
        }
        let StatementsMet { denies, allows } = met;
        let allows = allows.map(|met| met.any(prepared));
        let denied = std::mem::replace(&mut self.denies, Residual::Never);
        self.denies = Residual::any([denies.any(prepared), denied]);
        if matches!(policy, PolicyType::Resource | PolicyType::Trust) {
            self.resource = allows;
            self.trust = policy == PolicyType::Trust;
            return;
        }
        let allows = Residual::any(allows);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::residual::{DocumentCondition, DocumentValue};
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
    fn a_condition_tells_the_values_it_holds_of_where_they_are_few() {
        let told = |condition: &str| {
            let left = left(&statement("Allow", condition));
            left.conditions()[0].values()
        };
        let document = |operator: &str, values: &str| {
            told(&format!(r#""{operator}": {{"es:Document/team": {values}}}"#))
        };
        let texts = |texts: &[&str]| Some(texts.iter().map(|it| (*it).to_owned()).collect());
        for (operator, values, expected) in [
            ("StringEquals", r#"["a", "${*}", ""]"#, texts(&["a", "*", ""])),
            ("StringEquals", r#"["${aws:absent}", "b"]"#, texts(&["b"])),
            ("StringEquals", r#""${aws:absent, 'c'}/d""#, texts(&["c/d"])),
            ("ForAnyValue:StringEquals", r#""a""#, texts(&["a"])),
            ("Bool", r#""true""#, texts(&["true"])),
            ("NumericEquals", r#"["7", "-2.0"]"#, texts(&["7", "-2"])),
            ("NumericEquals", r#"["7", "1.5"]"#, None),
            ("NumericLessThan", r#""7""#, None),
            ("StringLike", r#""a*""#, None),
            ("StringEqualsIgnoreCase", r#""a""#, None),
            ("StringNotEquals", r#""a""#, None),
            ("StringEqualsIfExists", r#""a""#, None),
            ("ForAllValues:StringEquals", r#""a""#, None),
            ("Null", r#""false""#, None),
            ("StringEquals", "[]", None),
        ] {
            assert_eq!(document(operator, values), expected, "{operator} {values}");
        }
    }

    #[test]
    fn of_several_values_a_deny_without_quantifier_needs_none() {
        for (effect, operator, needs) in [
            ("Allow", "StringEquals", true),
            ("Deny", "StringEquals", false),
            ("Deny", "ForAnyValue:StringEquals", true),
        ] {
            let team = format!(r#""{operator}": {{"es:Document/team": "a"}}"#);
            let left = left(&[statement("Allow", ""), statement(effect, &team)].join(","));
            let needed = left.conditions().into_iter().map(DocumentCondition::needs_one_of_several);
            let expected = if effect == "Deny" { vec![needs] } else { Vec::new() };
            assert_eq!(needed.collect::<Vec<_>>(), expected, "{effect} {operator}");
        }
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
