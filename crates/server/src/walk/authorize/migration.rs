//! The move of a domain to a cluster: it asks what the operation of Amazon's asks that comes closest.

use std::sync::Arc;

use ::control::{Operation, Service};
use policy::CallerKind;
use serde_json::json;

use crate::service::migration::order::MoveOrder;
use crate::walk::authorize::permit::Permit;
use crate::walk::context::RequestContext;
use crate::walk::judge::{self, PolicyQuestion};
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::prove::Caller;
use crate::walk::refusal::Refusal;

/// What may be done about a domain's move.
pub(crate) struct MoveRequest {
    /// The domain.
    pub domain: Arc<::control::CompiledRecord<::control::Domain>>,
    /// What.
    pub order: MoveOrder,
}

/// Whoever may change the configuration of a domain may move it and end that, whoever may delete it may remove what it
/// left behind, and whoever may see how a change of it comes along may see that.
fn operation(order: &MoveOrder) -> &'static str {
    match order {
        MoveOrder::Tell => "DescribeDomainChangeProgress",
        MoveOrder::Begin(_) | MoveOrder::Abort => "UpdateDomainConfig",
        MoveOrder::Discard => "DeleteDomain",
    }
}

/// Asks the policies of the caller, as for an operation of the control plane.
pub(super) fn authorize(
    context: &mut RequestContext<'_>,
    call: &Call,
    caller: &Caller,
    name: &str,
    order: MoveOrder,
) -> Result<Permit<MoveRequest>, Refusal> {
    if caller.identity().kind() == CallerKind::Anonymous {
        return Err(sigv4::Refusal::MissingAuthenticationToken.into());
    }
    let answered = |status: u16, message: String| {
        let outcome = Outcome::json(status, &json!({ "message": message }));
        Refusal::Answered { outcome, why: message }
    };
    let region = context.region.clone().unwrap_or_else(|| judge::GLOBAL_REGION.to_owned());
    let directory = context.state.control.directory();
    // The policies of now: the signature was checked a moment ago.
    let identity = directory.identify_again(caller.identity(), call.received);
    let identity = identity.map_err(|_gone| {
        answered(403, "The security token included in the request is invalid".into())
    })?;
    let Some(operation) = Operation::find(Service::OpenSearch, operation(&order)) else {
        return Err(answered(500, "internal error".to_owned()));
    };
    let asked = ::control::authorization(
        operation,
        &json!({ "DomainName": name }),
        &identity,
        &directory,
        &region,
        &judge::context(call, &region),
    );
    let asked = asked.map_err(|error| answered(403, error.to_string()))?;
    for question in &asked.questions {
        let decision = judge::ask(&PolicyQuestion::of(&identity, question));
        if decision.text.is_some() {
            return Err(context.denied(decision));
        }
        context.note(decision);
    }
    let found = directory.domain(&identity.account, &region, name);
    let Some(domain) = found.filter(|domain| !domain.deleted) else {
        return Err(answered(404, format!("there is no domain {name} in {region}")));
    };
    Ok(Permit::grant(MoveRequest { domain: Arc::clone(domain), order }))
}
