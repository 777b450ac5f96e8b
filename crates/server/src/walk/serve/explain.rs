//! What is told of an earlier request: in prose and JSON to `countersign explain`, as Amazon's API to everybody else's tools.

use std::sync::Arc;

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
    let sources = RepairSources { text, has_inline: &has_inline, recorded: &recorded };
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

/// The denials in memory that the reader may see.
fn denials(state: &ServiceState, reader: &str) -> Vec<Arc<AuditRecord>> {
    let recent = state.audit.newest_first().filter(AuditRecord::is_denied);
    let seen = recent.filter_map(|record| audit::seen_in_scan(record, reader));
    let seen = seen.filter(AuditRecord::is_denied);
    seen.take(limits::REPLAYED_DENIALS_MAX).map(Arc::new).collect()
}
