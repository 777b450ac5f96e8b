//! The record of an earlier request, for those who may see why requests are denied.

use ::control::{IdentifiedCaller, ResourceSide};

use policy::CallerKind;

use crate::audit::{self, AuditRecord, DecisionRecord};
use crate::walk::authorize::permit::Permit;
use crate::walk::context::RequestContext;
use crate::walk::judge::{self, PolicyQuestion};
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::prove::Caller;
use crate::walk::refusal::Refusal;

/// A record that may be shown.
pub(crate) struct Explanation {
    /// That record.
    pub record: AuditRecord,
    /// As JSON, or told in prose.
    pub as_json: bool,
}

/// Whoever may decode why a request was denied at Amazon may read our reasons.
const EXPLAIN_ACTION: &str = "sts:DecodeAuthorizationMessage";

/// The record of an earlier request, for those who may see why requests are denied. Records of other
/// accounts do not exist; of what a caller did at another account's domain it sees its own side.
pub(super) async fn authorize(
    context: &mut RequestContext<'_>,
    call: &Call,
    caller: &Caller,
    request_id: &str,
) -> Result<Permit<Explanation>, Refusal> {
    let identity = caller.identity();
    if identity.kind() == CallerKind::Anonymous {
        return Err(sigv4::Refusal::MissingAuthenticationToken.into());
    }
    let decision = may_explain(call, identity);
    if decision.text.is_some() {
        return Err(context.denied(decision));
    }
    context.note(decision);
    let found = context.state.records.find(&context.state.audit, request_id).await?;
    // Looking takes time: whoever may not read it any more does not.
    let directory = context.state.control.directory();
    let still = directory.identify_again(identity, call.received);
    let still = still.map_or_else(
        |_gone| may_explain(call, &IdentifiedCaller::anonymous()),
        |identity| may_explain(call, &identity),
    );
    if still.text.is_some() {
        return Err(context.denied(still));
    }
    let seen = found.and_then(|record| audit::seen_by(record, &identity.account));
    let Some(record) = seen else {
        let message = format!("no request {request_id} is on record");
        let outcome = Outcome::json(404, &serde_json::json!({ "message": message }));
        return Err(Refusal::Answered { outcome, why: message });
    };
    let as_json = call.query.split('&').any(|parameter| parameter == "format=json");
    Ok(Permit::grant(Explanation { record, as_json }))
}

fn may_explain(call: &Call, identity: &IdentifiedCaller) -> DecisionRecord {
    let mut context = judge::context(call, judge::GLOBAL_REGION);
    identity.describe(&mut context);
    judge::ask(&PolicyQuestion {
        identity,
        resource_side: ResourceSide::default(),
        resource_account: &identity.account,
        action: EXPLAIN_ACTION,
        resource: "*",
        context: &context,
        names_resource: true,
    })
}
