//! One caller of every kind that the policies' `Principal` elements tell apart.

use crate::arn::account_of;
use crate::condition::ConditionValues;
use crate::document::Policy;
use crate::principal::{Principal, PrincipalName};

/// Callers such that any other is treated as one of them: whoever is named, a stranger of each
/// account that is named, a stranger of one that is not, and nobody. Policies that name no
/// principals have one caller, a user. `home` is an account to tell apart from the others.
pub(super) fn of(policies: &[&Policy], home: Option<&str>) -> Vec<Principal> {
    if !policies.iter().any(|policy| policy.kind().has_principals()) {
        return vec![stranger(EXAMPLE)];
    }
    let names = || policies.iter().flat_map(|policy| policy.principals());
    let mut accounts: Vec<String> = names().filter_map(account).map(str::to_owned).collect();
    accounts.extend(home.map(str::to_owned));
    accounts.extend(policies.iter().flat_map(|policy| accounts_in_conditions(policy)));
    accounts.sort_unstable();
    accounts.dedup();
    let unnamed = unnamed(&accounts);
    let mut callers: Vec<Principal> = names().flat_map(called).collect();
    callers.extend(accounts.iter().flat_map(|it| [stranger(it), Principal::root(it)]));
    callers.push(stranger(&unnamed));
    callers.push(Principal::anonymous());
    let mut distinct: Vec<Principal> = Vec::with_capacity(callers.len());
    for caller in callers {
        if !distinct.contains(&caller) {
            distinct.push(caller);
        }
    }
    distinct
}

/// Callers whom a policy does not name: a user of an account that it says nothing of, and nobody in particular.
pub(super) fn strangers_to(policy: &Policy) -> Vec<Principal> {
    let mut accounts: Vec<String> =
        policy.principals().filter_map(account).map(str::to_owned).collect();
    accounts.extend(accounts_in_conditions(policy));
    vec![stranger(&unnamed(&accounts)), Principal::anonymous()]
}

/// An account that is none of these.
fn unnamed(accounts: &[String]) -> String {
    let more = (0..).map(|number: u64| format!("{number:012}"));
    let mut examples = [EXAMPLE, OTHER].into_iter().map(str::to_owned).chain(more);
    examples.find(|it| !accounts.contains(it)).unwrap_or_default()
}

const EXAMPLE: &str = "123456789012";
const OTHER: &str = "210987654321";

/// Some user whom nobody names.
fn stranger(account: &str) -> Principal {
    Principal::user(format!("arn:aws:iam::{account}:user/anyone"))
}

/// The callers that a name stands for.
fn called(name: &PrincipalName) -> Vec<Principal> {
    match name {
        PrincipalName::Everyone | PrincipalName::Account(_) | PrincipalName::CanonicalUser(_) => {
            Vec::new()
        }
        PrincipalName::Service(service) => vec![Principal::service(service.as_str())],
        PrincipalName::Federated(provider) => vec![Principal::web_identity(provider.as_str())],
        PrincipalName::UniqueId(id) if id.starts_with("AROA") => {
            vec![session(EXAMPLE, "anyone", "anyone").with_unique_id(id.as_str())]
        }
        PrincipalName::UniqueId(id) => vec![stranger(EXAMPLE).with_unique_id(id.as_str())],
        PrincipalName::Arn { arn, unique_id } => by_arn(arn)
            .into_iter()
            .map(|caller| match unique_id {
                Some(id) => caller.with_unique_id(id.as_str()),
                None => caller,
            })
            .collect(),
    }
}

fn by_arn(arn: &str) -> Vec<Principal> {
    let account = account_of(arn).unwrap_or(EXAMPLE);
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let mut parts = resource.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("role"), Some(_), _) => {
            let name = resource.rsplit('/').next().unwrap_or_default();
            let session = format!("arn:aws:sts::{account}:assumed-role/{name}/anyone");
            vec![Principal::assumed_role(session, arn)]
        }
        (Some("assumed-role"), Some(role), Some(name)) => {
            vec![session(account, role, name), session(account, role, "anyone")]
        }
        (Some("federated-user"), Some(_), _) => {
            let user = format!("arn:aws:iam::{account}:user/anyone");
            vec![Principal::federated_user(arn, user)]
        }
        (Some("root"), ..) => vec![Principal::root(account)],
        _ => vec![Principal::user(arn)],
    }
}

fn session(account: &str, role: &str, name: &str) -> Principal {
    Principal::assumed_role(
        format!("arn:aws:sts::{account}:assumed-role/{role}/{name}"),
        format!("arn:aws:iam::{account}:role/{role}"),
    )
}

fn account(name: &PrincipalName) -> Option<&str> {
    match name {
        PrincipalName::Account(account) => Some(account),
        PrincipalName::Arn { arn, .. } => account_of(arn),
        _ => None,
    }
}

/// Accounts that conditions on `aws:PrincipalAccount` compare with.
fn accounts_in_conditions(policy: &Policy) -> Vec<String> {
    let conditions = policy.statements.iter().flat_map(|statement| &statement.conditions);
    conditions
        .filter(|it| it.key.folded() == "aws:principalaccount")
        .filter(|it| matches!(it.values, ConditionValues::Strings(_)))
        .flat_map(|it| it.written.iter())
        .filter(|it| it.len() == 12 && it.bytes().all(|byte| byte.is_ascii_digit()))
        .cloned()
        .collect()
}
