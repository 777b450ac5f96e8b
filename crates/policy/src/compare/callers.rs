//! One caller of every kind that the policies' `Principal` elements tell apart.

use crate::arn::account_of;
use crate::condition::{Condition, ConditionValues};
use crate::document::Policy;
use crate::principal::{CallerKind, Principal, PrincipalName};

/// Callers such that any other is treated as one of them: whoever is named, a stranger of each
/// account that is named, a stranger of one that is not, and nobody. Policies that name no
/// principals have a user of an account that they say nothing of, and of each that their conditions compare with. Where
/// conditions ask for the type of a caller, there is one of each type. `home` is an account to tell apart from the others.
pub(super) fn of(policies: &[&Policy], home: Option<&str>) -> Vec<Principal> {
    let names = || policies.iter().flat_map(|policy| policy.principals());
    let mut accounts: Vec<String> = names().filter_map(account).map(str::to_owned).collect();
    accounts.extend(home.map(str::to_owned));
    accounts.extend(policies.iter().flat_map(|policy| accounts_in_conditions(policy)));
    accounts.sort_unstable();
    accounts.dedup();
    let unnamed = unnamed(&accounts);
    let types = ask_for_types(policies);
    if !policies.iter().any(|policy| policy.kind().has_principals()) {
        let accounts = [unnamed].into_iter().chain(accounts);
        let all = accounts.flat_map(|it| strangers(&it, types));
        // No identity policy speaks for an account itself.
        return all.filter(|it| it.kind() != CallerKind::Root).collect();
    }
    let mut callers: Vec<Principal> = names().flat_map(called).collect();
    callers.extend(
        accounts.iter().flat_map(|it| [strangers(it, types), vec![Principal::root(it)]].concat()),
    );
    callers.extend(strangers(&unnamed, types));
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
    let literal = |it: &String| is_account(it);
    accounts.extend(written_accounts(policy).filter(|it| literal(it)).cloned());
    let like = accounts_in_conditions(policy).into_iter().filter(|it| !accounts.contains(it));
    let who = [unnamed(&accounts)].into_iter().chain(like);
    let types = ask_for_types(&[policy]);
    who.flat_map(|it| strangers(&it, types)).chain([Principal::anonymous()]).collect()
}

/// How many names callers are made of.
pub(super) fn names(policies: &[&Policy]) -> usize {
    let of = |policy: &&Policy| policy.principals().count() + written_accounts(policy).count();
    policies.iter().map(of).sum()
}

/// What the policies ask of accounts that these callers do not tell: where a condition compares them with patterns, some account may
/// be treated as none of these.
pub(super) fn untold(policies: &[&Policy]) -> Option<String> {
    let conditions =
        policies.iter().flat_map(|policy| &policy.statements).flat_map(|it| &it.conditions);
    let mut of_accounts = conditions.filter(|it| it.key.folded() == ACCOUNT_KEY);
    let told = |it: &Condition| match &it.values {
        ConditionValues::Nulls(_) => true,
        ConditionValues::Strings(_) => !it.written.iter().any(|it| it.contains(['*', '?', '$'])),
        _ => false,
    };
    let why = "`aws:PrincipalAccount` is compared with something else than accounts";
    of_accounts.any(|it| !told(it)).then(|| why.to_owned())
}

/// An account that is none of these.
fn unnamed(accounts: &[String]) -> String {
    let more = (0..).map(|number: u64| format!("{number:012}"));
    let mut examples = [EXAMPLE, OTHER].into_iter().map(str::to_owned).chain(more);
    examples.find(|it| !accounts.contains(it)).unwrap_or_default()
}

const EXAMPLE: &str = "123456789012";
const OTHER: &str = "210987654321";

/// A user whom nobody names, and where `types` are asked for, a caller of every other type.
fn strangers(account: &str, types: bool) -> Vec<Principal> {
    let mut callers = vec![stranger(account)];
    if types {
        let user = format!("arn:aws:iam::{account}:user/anyone");
        let federated = format!("arn:aws:sts::{account}:federated-user/anyone");
        callers.extend([
            session(account, "anyone", "anyone"),
            Principal::federated_user(federated, user),
            Principal::root(account),
        ]);
    }
    callers
}

/// Whether conditions ask for the type of the caller.
fn ask_for_types(policies: &[&Policy]) -> bool {
    let mut statements = policies.iter().flat_map(|policy| &policy.statements);
    statements.any(|it| it.conditions.iter().any(|it| it.key.folded() == "aws:principaltype"))
}

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

const ACCOUNT_KEY: &str = "aws:principalaccount";

/// Accounts that conditions on `aws:PrincipalAccount` compare with; two of those that a pattern is for.
fn accounts_in_conditions(policy: &Policy) -> Vec<String> {
    let like = |written: &String| {
        ['0', '9'].map(|digit| {
            let star = 12_usize.saturating_sub(written.chars().filter(|it| *it != '*').count());
            let filling = digit.to_string().repeat(star);
            written.replacen('*', &filling, 1).replace('*', "").replace('?', &digit.to_string())
        })
    };
    written_accounts(policy).flat_map(like).filter(|it| is_account(it)).collect()
}

/// What conditions on `aws:PrincipalAccount` compare with.
fn written_accounts(policy: &Policy) -> impl Iterator<Item = &String> {
    let conditions = policy.statements.iter().flat_map(|statement| &statement.conditions);
    conditions
        .filter(|it| it.key.folded() == ACCOUNT_KEY)
        .filter(|it| matches!(it.values, ConditionValues::Strings(_)))
        .flat_map(|it| it.written.iter())
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
