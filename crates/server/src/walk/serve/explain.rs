//! What is told of an earlier request: in prose and JSON to `countersign explain`, as Amazon's API to everybody else's tools.

use std::sync::Arc;

use ::control::{Directory, NamedPolicy};
use policy::PolicyType;
use policy::repair::PolicyPlace;
use policy::simulation::Simulation;
use serde_json::{Value, json};

use crate::audit::explain::{prose, repair_prose};
use crate::audit::{self, AuditRecord, RepairSources};
use crate::guards::limits;
use crate::service::state::ServiceState;
use crate::walk::authorize::{Explanation, Permit};
use crate::walk::outcome::Outcome;
use crate::walk::refusal::Refusal;
use crate::walk::route::ExplainForm;

/// Tells of the request, off the network threads: policies are read and records looked through.
pub(super) async fn serve(
    state: &ServiceState,
    permit: Permit<Explanation>,
) -> Result<Outcome, Refusal> {
    let explanation = permit.spend();
    let (holder, state_there) = (explanation.holder.clone(), state.clone());
    let telling = state.control_pool.run(holder, move || told(&state_there, explanation));
    telling.await?
}

fn told(state: &ServiceState, explanation: Explanation) -> Result<Outcome, Refusal> {
    let Explanation { record, form, as_json, reader, holder: _ } = explanation;
    let text = |digest: &str| state.audit.policy_text(digest);
    match form {
        ExplainForm::Details => Ok(Outcome::json(200, &audit::details(&record, &text))),
        ExplainForm::Policy { uri } => match audit::document(&record, &uri, &text) {
            Some(document) => Ok(Outcome::json(200, &document)),
            None => Err(gone()),
        },
        ExplainForm::Told => Ok(explained(state, &record, as_json, &reader, &text)),
    }
}

fn gone() -> Refusal {
    let message = "The requested policy or authorization details do not exist or have expired.";
    let mut outcome = Outcome::json(404, &json!({ "message": message }));
    outcome.headers.push(("x-amzn-errortype", "ResourceNotFoundException".into()));
    Refusal::Answered { outcome, why: "no such policy".to_owned() }
}

fn explained(
    state: &ServiceState,
    record: &AuditRecord,
    as_json: bool,
    reader: &str,
    text: &dyn Fn(&str) -> Option<String>,
) -> Outcome {
    let directory = state.control.directory();
    let has_inline = |arn: &str, name: &str| directory.has_inline_policy(arn, name);
    let recorded = if record.is_denied() { denials(state, reader) } else { Vec::new() };
    let current = |place: &PolicyPlace, question: &Simulation| current(&directory, place, question);
    let sources =
        RepairSources { text, has_inline: &has_inline, current: &current, recorded: &recorded };
    let repairs = audit::repairs(record, &sources);
    if as_json {
        let mut value = serde_json::to_value(record).unwrap_or_default();
        if let (Value::Object(members), false) = (&mut value, repairs.is_empty()) {
            members.insert("repairs".to_owned(), json!(repairs));
        }
        return Outcome::json(200, &value);
    }
    let body = format!("{}{}", prose(record), repair_prose(&repairs));
    Outcome {
        status: 200,
        headers: Vec::new(),
        content_type: "text/plain; charset=UTF-8".into(),
        body: body.into(),
        rest: None,
    }
}

/// The texts of the policies at a place as they are now, those of the operator's files from the files; `None` for those of sessions,
/// which nobody changes.
fn current(
    directory: &Directory,
    place: &PolicyPlace,
    question: &Simulation,
) -> Option<Vec<String>> {
    let (name, _) = place.policy.as_ref()?;
    let text = |policy: &NamedPolicy| policy.policy.to_string();
    let caller = question.principal.principal_arn();
    match place.layer {
        PolicyType::Identity | PolicyType::PermissionsBoundary if name.starts_with("arn:") => {
            let managed = directory.managed_policy(name).and_then(|it| it.own.as_ref().map(text));
            Some(managed.into_iter().collect())
        }
        PolicyType::Identity => {
            let account = question.principal.account().unwrap_or_default();
            let last = caller.rsplit('/').next().unwrap_or_default();
            let role = directory.role_by_arn(caller);
            let user = directory.user(account, last).filter(|user| user.arn() == caller);
            let groups = user.iter().flat_map(|user| &user.groups);
            let groups = groups.filter_map(|group| directory.group(account, group));
            let own = role.into_iter().flat_map(|role| &role.inline);
            let own = own.chain(user.iter().flat_map(|user| &user.inline));
            let all = own.chain(groups.flat_map(|group| &group.inline));
            Some(all.filter(|policy| *policy.label == **name).map(text).collect())
        }
        PolicyType::Trust => {
            let role = directory.role_by_arn(&question.resource);
            Some(role.and_then(|role| role.own.as_ref().map(text)).into_iter().collect())
        }
        PolicyType::Resource => {
            let mut parts = question.resource.splitn(6, ':').skip(3);
            let (region, account, rest) = (parts.next()?, parts.next()?, parts.next()?);
            let name = rest.strip_prefix("domain/")?.split('/').next()?;
            let domain = directory.domain(account, region, name);
            Some(domain.and_then(|domain| domain.own.as_ref().map(text)).into_iter().collect())
        }
        _ => audit::operators_text(place),
    }
}

/// The denials in memory that the reader may see.
fn denials(state: &ServiceState, reader: &str) -> Vec<Arc<AuditRecord>> {
    let recent = state.audit.newest_first().filter(AuditRecord::is_denied);
    let seen = recent.filter_map(|record| audit::seen_in_scan(record, reader));
    let seen = seen.filter(AuditRecord::is_denied);
    seen.take(limits::REPLAYED_DENIALS_MAX).map(Arc::new).collect()
}
