//! Policy texts: compiled for evaluation, and checked with Amazon's words before they are stored.

use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwapOption;
use policy::{
    DomainRules, ParseError, ParseOptions, Policy, PolicyKind, PolicySet, ResourcePolicyKind,
    UnsupportedKeys,
};

use serde_json::Value;

use crate::err::{ApiError, ErrorCode};
use crate::policy_words;

/// A compiled policy with the label that reasons name it by: an inline policy's name, an ARN.
#[derive(Clone, Debug)]
pub struct NamedPolicy {
    /// What a person should read.
    pub label: Arc<str>,
    /// The policy.
    pub policy: Arc<Policy>,
    /// The set of it alone, once somebody asked for it.
    alone: Arc<OnceLock<Arc<PolicySet>>>,
}

impl NamedPolicy {
    pub(crate) fn new(label: impl Into<Arc<str>>, policy: impl Into<Arc<Policy>>) -> NamedPolicy {
        NamedPolicy { label: label.into(), policy: policy.into(), alone: Arc::default() }
    }

    /// Compiles a stored text.
    pub(crate) fn compile(
        label: &str,
        text: &str,
        kind: PolicyKind,
    ) -> Result<NamedPolicy, String> {
        let policy = Policy::parse(text, kind).map_err(|e| format!("policy {label}: {e}"))?;
        Ok(NamedPolicy::new(label, policy))
    }

    /// Compiles a domain's stored access policy: keys that Amazon does not supply there stay absent.
    pub(crate) fn domain(label: &str, text: &str) -> Result<NamedPolicy, String> {
        let rules = DomainRules { unsupported_keys: UnsupportedKeys::Absent, vpc: false };
        let options = ParseOptions { domain: rules, ..ParseOptions::default() };
        let kind = PolicyKind::Resource(ResourcePolicyKind::Domain);
        let policy =
            Policy::parse_with(text, kind, &options).map_err(|e| format!("policy {label}: {e}"))?;
        Ok(NamedPolicy::new(label, policy))
    }

    /// A set of this policy alone.
    pub fn set(&self) -> Arc<PolicySet> {
        Arc::clone(self.alone.get_or_init(|| Arc::new(set_of([self]))))
    }
}

/// The set of these policies.
pub(crate) fn set_of<'p>(policies: impl IntoIterator<Item = &'p NamedPolicy>) -> PolicySet {
    let policies = policies.into_iter();
    PolicySet::new(policies.map(|named| (Arc::clone(&named.label), Arc::clone(&named.policy))))
}

/// The set that was compiled last of somebody's policies. Policies never change, they are replaced: while they are the
/// same ones, the set is right, whatever else changed in the directory.
#[derive(Debug, Default)]
pub(crate) struct CompiledPolicySet(ArcSwapOption<PolicySet>);

impl CompiledPolicySet {
    /// The set of these policies, compiled only when they are others than last time.
    pub(crate) fn set_of(&self, policies: &[&NamedPolicy]) -> Arc<PolicySet> {
        let pairs = policies.iter().map(|named| (&named.label, &named.policy));
        if let Some(set) = self.0.load().as_ref().filter(|set| set.is_of(pairs)) {
            return Arc::clone(set);
        }
        let set = Arc::new(set_of(policies.iter().copied()));
        self.0.store(Some(Arc::clone(&set)));
        set
    }
}

/// Reads an access policy that is about to be set.
pub(crate) fn parse_domain(text: &str) -> Result<Policy, ParseError> {
    Policy::parse(text, PolicyKind::Resource(ResourcePolicyKind::Domain))
}

/// Checks an inline identity policy: `MalformedPolicyDocument` with what is wrong and where.
pub(crate) fn check_identity(text: &str) -> Result<(), ApiError> {
    parse(text, PolicyKind::Identity).map(drop)
}

/// As [`check_identity`], for managed policies: iam refuses an old or missing `Version` there.
pub(crate) fn check_managed(text: &str) -> Result<(), ApiError> {
    let policy = parse_as(text, PolicyKind::Identity, true)?;
    policy
        .require_current_version()
        .map_err(|e| malformed(text, PolicyKind::Identity, true, &e.message))
}

/// Checks a session policy.
pub(crate) fn check_session(text: &str) -> Result<(), ApiError> {
    parse(text, PolicyKind::Session).map(drop)
}

pub(crate) fn parse(text: &str, kind: PolicyKind) -> Result<Policy, ApiError> {
    parse_as(text, kind, false)
}

fn parse_as(text: &str, kind: PolicyKind, managed: bool) -> Result<Policy, ApiError> {
    let policy =
        Policy::parse(text, kind).map_err(|e| malformed(text, kind, managed, &e.message))?;
    match first_fault(text, &kind) {
        Some(why) => Err(malformed(text, kind, managed, &why)),
        None => Ok(policy),
    }
}

/// A refusal in Amazon's words; what we know more of it is its detail. Amazon's own texts begin with a capital: where
/// nothing else is known of the policy, ours that do are told as they are.
/// (docs/decisions/0138-amazons-words-and-ours-behind-them.md)
fn malformed(text: &str, kind: PolicyKind, managed: bool, why: &str) -> ApiError {
    let Ok(policy) = serde_json::from_str::<Value>(text) else {
        return refused("This policy contains invalid Json".to_owned()).because(why);
    };
    let is_amazons = why.chars().next().is_some_and(char::is_uppercase);
    let words = policy_words::words(&policy, kind, managed);
    let words = match (words, is_amazons) {
        (Some(words), _) => words,
        (None, true) => why.to_owned(),
        (None, false) => policy_words::SYNTAX.to_owned(),
    };
    if words == why { refused(words) } else { refused(words).because(why) }
}

fn refused(why: String) -> ApiError {
    ApiError::new(ErrorCode::MalformedPolicyDocument, why)
}

/// What Amazon refuses when a policy is set although it can be read, in its words. Policies that were stored before
/// this was asked are read on.
pub(crate) fn first_fault(text: &str, kind: &PolicyKind) -> Option<String> {
    let policy: Value = serde_json::from_str(text).ok()?;
    let statements = match policy.get("Statement")? {
        Value::Array(items) if items.is_empty() => {
            return Some("the policy has no statement".to_owned());
        }
        Value::Array(items) => items.iter().collect(),
        single => vec![single],
    };
    statements.into_iter().find_map(|statement| fault_of(statement, kind))
}

fn fault_of(statement: &Value, kind: &PolicyKind) -> Option<String> {
    let empty =
        |element: &str| statement.get(element).and_then(Value::as_array).is_some_and(Vec::is_empty);
    if empty("Action") || empty("NotAction") {
        return Some("Policy statement must contain actions.".to_owned());
    }
    if empty("Resource") || empty("NotResource") {
        return Some("Policy statement must contain resources.".to_owned());
    }
    let all =
        |names: [&'static str; 2]| names.into_iter().flat_map(|name| texts(statement.get(name)));
    for action in all(["Action", "NotAction"]) {
        if action.matches(':').count() > 1 {
            return Some(format!("more than one colon in {action}"));
        }
        if *kind == PolicyKind::Trust && !is_assume_role(action) {
            return Some(trust_words(action).to_owned());
        }
    }
    all(["Resource", "NotResource"]).find_map(policy_words::refused_resource)
}

/// The actions of a trust policy. Source: IAM user guide, "Roles terms and concepts" and the actions of AWS STS.
fn is_assume_role(action: &str) -> bool {
    let Some((vendor, name)) = action.split_once(':') else { return action == "*" };
    let name = name.to_ascii_lowercase();
    let known = ["tagsession", "setsourceidentity", "setcontext"];
    vendor.eq_ignore_ascii_case("sts")
        && (name.contains(['*', '?'])
            || name.starts_with("assumerole")
            || known.contains(&name.as_str()))
}

/// What iam says of an action that a trust policy must not have, of its own service or of another one.
fn trust_words(action: &str) -> &'static str {
    if action.split(':').next().is_some_and(|vendor| vendor.eq_ignore_ascii_case("sts")) {
        "Trust Policy statement actions can only be sts:AssumeRole, sts:AssumeRoleWithSAML,  and sts:AssumeRoleWithWebIdentity"
    } else {
        "AssumeRole policy may only specify STS AssumeRole actions."
    }
}

fn texts(element: Option<&Value>) -> Vec<&str> {
    match element {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one],
        _ => Vec::new(),
    }
}

/// Quotas on policy sizes do not count white space.
pub(crate) fn size_without_space(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// Account and name of a managed policy's ARN.
pub(crate) fn policy_arn_parts(arn: &str) -> Option<(&str, &str)> {
    let (account, resource) = iam_arn_parts(arn)?;
    let path = resource.strip_prefix("policy/")?;
    Some((account, path.rsplit('/').next()?))
}

/// Account, kind (`root`, `user`, `role`, `assumed-role`, `federated-user`, `group`) and name of a principal's ARN; for a
/// session the role's name.
pub(crate) fn principal_arn_parts(arn: &str) -> Option<(&str, &str, &str)> {
    let (account, resource) = iam_arn_parts(arn)?;
    if resource == "root" {
        return Some((account, "root", ""));
    }
    let (kind, path) = resource.split_once('/')?;
    let name =
        if kind == "assumed-role" { path.split('/').next()? } else { path.rsplit('/').next()? };
    Some((account, kind, name))
}

fn iam_arn_parts(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (scheme, partition, service, region) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    let ours = scheme == "arn"
        && partition == "aws"
        && matches!(service, "iam" | "sts")
        && region.is_empty();
    ours.then_some((account, resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principals_arn_tells_account_kind_and_name() {
        for (arn, parts) in [
            ("arn:aws:iam::123456789012:root", Some(("123456789012", "root", ""))),
            ("arn:aws:iam::123456789012:user/ann", Some(("123456789012", "user", "ann"))),
            ("arn:aws:iam::123456789012:user/a/b/ann", Some(("123456789012", "user", "ann"))),
            ("arn:aws:sts::1:assumed-role/r/session", Some(("1", "assumed-role", "r"))),
            ("arn:aws:sts::1:federated-user/guest", Some(("1", "federated-user", "guest"))),
            ("arn:aws:iam:us-east-1:1:user/ann", None),
            ("arn:aws-cn:iam::1:user/ann", None),
            ("arn:aws:s3::1:user/ann", None),
            ("arn:aws:iam::1:ann", None),
            ("ann", None),
            ("", None),
        ] {
            assert_eq!(principal_arn_parts(arn), parts, "{arn}");
        }
    }

    #[test]
    fn a_policys_arn_tells_account_and_name() {
        for (arn, parts) in [
            ("arn:aws:iam::aws:policy/ReadOnlyAccess", Some(("aws", "ReadOnlyAccess"))),
            ("arn:aws:iam::1:policy/a/b/p", Some(("1", "p"))),
            ("arn:aws:iam::1:role/p", None),
            ("arn:aws:iam::1:policy", None),
        ] {
            assert_eq!(policy_arn_parts(arn), parts, "{arn}");
        }
    }

    #[test]
    fn white_space_is_not_counted() {
        assert_eq!(size_without_space(" a\n\tb \u{a0}ü "), 3);
    }

    #[test]
    fn a_set_is_compiled_again_only_for_other_policies() {
        let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let named = |label: &str| NamedPolicy::compile(label, text, PolicyKind::Identity).unwrap();
        let (one, two) = (named("one"), named("two"));
        let compiled = CompiledPolicySet::default();
        let first = compiled.set_of(&[&one]);
        assert!(Arc::ptr_eq(&first, &compiled.set_of(&[&one])), "the same policies");
        let both = compiled.set_of(&[&one, &two]);
        assert!(!Arc::ptr_eq(&first, &both));
        assert!(!Arc::ptr_eq(&both, &compiled.set_of(&[&one])), "only the last set is kept");
    }

    #[test]
    fn a_text_that_is_no_policy_is_told_with_its_label() {
        let error = NamedPolicy::compile("the inline one", "{", PolicyKind::Identity).unwrap_err();
        assert!(error.starts_with("policy the inline one: "), "{error}");
    }
}
