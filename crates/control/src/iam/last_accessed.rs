//! `GenerateServiceLastAccessedDetails`, `GetServiceLastAccessedDetails`, `GetServiceLastAccessedDetailsWithEntities`: which of
//! the services that somebody's policies open were used, when last, and by whom.
//!
//! Generating a report writes down that it was asked for; what it tells is read from the newest snapshot when it is fetched. Services
//! that are not served here are not listed: nobody can have used them. Source: IAM API reference.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::page::{cut, finish};
use super::service_access::grants;
use super::{groups, managed_policies, no_such, roles, users};
use crate::change::Change;
use crate::directory::entry::CompiledRecord;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::limits::ACCESS_REPORTS_MAX;
use crate::policies::principal_arn_parts;
use crate::request::OperationRequest;
use crate::store::record::{AccessReport, Account, LastUse, Record, Role, User};

/// The services that are served here: the prefix of their actions, and their name.
const SERVICES: [(&str, &str); 3] = [
    ("es", "Amazon OpenSearch Service"),
    ("iam", "AWS Identity and Access Management"),
    ("sts", "AWS Security Token Service"),
];

pub(crate) fn generate(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let arn = request.text("Arn").unwrap_or_default();
    subjects(request, arn)?;
    let mut account = account(request)?.clone();
    let letters = request.mint_id("", 32)?.to_lowercase();
    let part = |range: std::ops::Range<usize>| letters.get(range).unwrap_or_default();
    let parts = [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)];
    let report = AccessReport {
        id: parts.join("-"),
        arn: arn.to_owned(),
        actions: request.text("Granularity") == Some("ACTION_LEVEL"),
        created: request.now_seconds(),
    };
    let output = json!({"JobId": report.id});
    account.access_reports.push(report);
    let surplus = account.access_reports.len().saturating_sub(ACCESS_REPORTS_MAX);
    account.access_reports.drain(..surplus);
    change.put(Record::Account(account));
    Ok(output)
}

pub(crate) fn get(request: &OperationRequest<'_>, _change: &mut Change) -> Result<Value, ApiError> {
    let report = report(request)?;
    let found = subjects(request, &report.arn)?;
    let opened = SERVICES.iter().filter(|(service, _)| found.opens(service));
    let told = opened.map(|(service, name)| {
        let used = found.principals.iter().filter_map(|it| Some((it, it.used(request, service)?)));
        let used: Vec<(&Principal<'_>, &LastUse)> = used.collect();
        let mut told = json!({
            "ServiceName": name,
            "ServiceNamespace": service,
            "TotalAuthenticatedEntities": used.len(),
        });
        if let (Some(object), Some((who, last))) =
            (told.as_object_mut(), used.iter().max_by_key(|(_, last)| last.at))
        {
            object.insert("LastAuthenticated".to_owned(), json!(last.at));
            object.insert("LastAuthenticatedEntity".to_owned(), json!(who.arn()));
            object.insert("LastAuthenticatedRegion".to_owned(), json!(last.region));
        }
        if let Some(object) = told.as_object_mut().filter(|_| report.actions) {
            let actions = tracked(request, &found.principals, service);
            object.insert("TrackedActionsLastAccessed".to_owned(), actions);
        }
        ((*service).to_owned(), told)
    });
    let kind = if report.actions { "ACTION_LEVEL" } else { "SERVICE_LEVEL" };
    let mut output = head(report);
    output.insert("JobType".to_owned(), json!(kind));
    let (listed, next) = cut(request, told)?;
    output.insert("ServicesLastAccessed".to_owned(), Value::Array(listed));
    finish(output, next)
}

pub(crate) fn get_with_entities(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let report = report(request)?;
    let service = request.text("ServiceNamespace").unwrap_or_default();
    let found = subjects(request, &report.arn)?;
    let mut told: Vec<(String, Value)> = Vec::new();
    if found.opens(service) {
        for principal in &found.principals {
            let mut details = json!({"EntityInfo": principal.info()});
            if let (Some(object), Some(last)) =
                (details.as_object_mut(), principal.used(request, service))
            {
                object.insert("LastAuthenticated".to_owned(), json!(last.at));
            }
            told.push((principal.arn(), details));
        }
    }
    told.sort_by(|one, other| one.0.cmp(&other.0));
    let (listed, next) = cut(request, told.into_iter())?;
    let mut output = head(report);
    output.insert("EntityDetailsList".to_owned(), Value::Array(listed));
    finish(output, next)
}

/// The actions of a service that were used, each with who used it last.
fn tracked(request: &OperationRequest<'_>, who: &[Principal<'_>], service: &str) -> Value {
    let mut last: BTreeMap<&str, (String, &LastUse)> = BTreeMap::new();
    for principal in who {
        let uses = request.directory.uses_of(request.account(), principal.id());
        for (action, used) in uses.and_then(|uses| uses.services.get(service)).into_iter().flatten()
        {
            let known = last.get(action.as_str()).is_some_and(|(_, known)| known.at >= used.at);
            if !known {
                last.insert(action, (principal.arn(), used));
            }
        }
    }
    let told = last.into_iter().map(|(action, (arn, used))| {
        json!({"ActionName": action, "LastAccessedEntity": arn, "LastAccessedTime": used.at,
            "LastAccessedRegion": used.region})
    });
    told.collect()
}

/// The users and roles that a report is about, and the texts of the policies that open services to them.
struct ReportSubjects<'d> {
    principals: Vec<Principal<'d>>,
    policies: Vec<String>,
}

enum Principal<'d> {
    User(&'d CompiledRecord<User>),
    Role(&'d CompiledRecord<Role>),
}

impl ReportSubjects<'_> {
    fn opens(&self, service: &str) -> bool {
        self.policies.iter().any(|text| grants(text, service))
    }
}

impl Principal<'_> {
    fn id(&self) -> &str {
        match self {
            Principal::User(user) => &user.id,
            Principal::Role(role) => &role.id,
        }
    }

    fn arn(&self) -> String {
        match self {
            Principal::User(user) => user.arn(),
            Principal::Role(role) => role.arn(),
        }
    }

    fn info(&self) -> Value {
        let (kind, name, path) = match self {
            Principal::User(user) => ("USER", &user.name, &user.path),
            Principal::Role(role) => ("ROLE", &role.name, &role.path),
        };
        json!({"Arn": self.arn(), "Name": name, "Type": kind, "Id": self.id(), "Path": path})
    }

    fn used<'d>(&self, request: &OperationRequest<'d>, service: &str) -> Option<&'d LastUse> {
        request.directory.uses_of(request.account(), self.id())?.service(service)
    }
}

/// Whom an ARN means: a user or a role itself, of a group its users, of a policy those that have it, by a group too.
fn subjects<'d>(request: &OperationRequest<'d>, arn: &str) -> Result<ReportSubjects<'d>, ApiError> {
    let (directory, account) = (request.directory, request.caller.account.as_str());
    if let Some((owner, "user" | "group" | "role", _)) = principal_arn_parts(arn)
        && owner == account
    {
        let principals = principals_of(directory, account, arn)?;
        let texts = directory.identity_texts(arn).into_iter();
        let policies = texts.map(|(_, text)| text).collect();
        return Ok(ReportSubjects { principals, policies });
    }
    if !arn.contains(":policy/") {
        return Err(ApiError::new(ErrorCode::InvalidInput, format!("ARN {arn} is not valid")));
    }
    let policy = managed_policies::find(directory, account, arn)?;
    let policies = policy.default_document().map(|version| version.document.clone());
    let has = |attached: &[String]| attached.iter().any(|it| it == arn);
    let by_group = |user: &User| {
        let mut groups = user.groups.iter().filter_map(|key| directory.group(account, key));
        groups.any(|group| has(&group.permissions.attached))
    };
    let holders = directory.users("").filter(|user| user.account == account);
    let holders = holders.filter(|user| has(&user.permissions.attached) || by_group(user));
    let mut principals: Vec<Principal<'d>> = holders.map(|user| Principal::User(user)).collect();
    let roles = directory.roles("").filter(|role| role.account == account);
    let roles = roles.filter(|role| has(&role.permissions.attached));
    principals.extend(roles.map(|role| Principal::Role(role)));
    Ok(ReportSubjects { principals, policies: policies.into_iter().collect() })
}

fn principals_of<'d>(
    directory: &'d Directory,
    account: &str,
    arn: &str,
) -> Result<Vec<Principal<'d>>, ApiError> {
    match principal_arn_parts(arn) {
        Some((_, "user", name)) => {
            Ok(vec![Principal::User(users::find(directory, account, name)?)])
        }
        Some((_, "role", name)) => {
            Ok(vec![Principal::Role(roles::find(directory, account, name)?)])
        }
        Some((_, _, name)) => {
            let group = groups::find(directory, account, name)?;
            let key = group.name.to_lowercase();
            let members = directory.users("").filter(|user| user.account == account);
            let members = members.filter(|user| user.groups.contains(&key));
            Ok(members.map(|user| Principal::User(user)).collect())
        }
        None => Err(no_such("user", arn)),
    }
}

/// What every reply on a report begins with. It was complete when it was asked for.
fn head(report: &AccessReport) -> Map<String, Value> {
    let mut head = Map::new();
    head.insert("JobStatus".to_owned(), json!("COMPLETED"));
    head.insert("JobCreationDate".to_owned(), json!(report.created));
    head.insert("JobCompletionDate".to_owned(), json!(report.created));
    head
}

fn report<'d>(request: &OperationRequest<'d>) -> Result<&'d AccessReport, ApiError> {
    let id = request.text("JobId").unwrap_or_default();
    let found = account(request)?.access_reports.iter().find(|report| report.id == id);
    found.ok_or_else(|| {
        ApiError::new(ErrorCode::NoSuchEntity, format!("There is no report with JobId {id}"))
    })
}

fn account<'d>(request: &OperationRequest<'d>) -> Result<&'d Account, ApiError> {
    let found = request.directory.account(&request.caller.account).map(|entry| &entry.record);
    found.ok_or_else(|| ApiError::new(ErrorCode::Internal, "the caller's account no longer exists"))
}
