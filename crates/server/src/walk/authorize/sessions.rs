//! Live sessions of the caller's account: listed, or ended before their time. Each asks about the role or user that they hang on.

use ::control::ResourceSide;
use policy::CallerKind;
use serde_json::json;

use crate::service::backends::SessionsWork;
use crate::walk::authorize::permit::Permit;
use crate::walk::context::RequestContext;
use crate::walk::judge::{self, PolicyQuestion};
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::prove::Caller;
use crate::walk::refusal::Refusal;
use crate::walk::route::SessionsOrder;

/// Asks the policies of the caller about whom the sessions hang on; about `*` where there is none such, so that who may do it on one
/// role does not learn which others there are.
pub(super) fn authorize(
    context: &mut RequestContext<'_>,
    call: &Call,
    caller: &Caller,
    order: SessionsOrder,
) -> Result<Permit<SessionsWork>, Refusal> {
    if caller.identity().kind() == CallerKind::Anonymous {
        return Err(sigv4::Refusal::MissingAuthenticationToken.into());
    }
    let answered = |status: u16, message: String| {
        let outcome = Outcome::json(status, &json!({ "message": message }));
        Refusal::Answered { outcome, why: message }
    };
    let directory = context.state.control.directory();
    // The policies of now: the signature was checked a moment ago.
    let identity = directory.identify_again(caller.identity(), call.received);
    let identity = identity.map_err(|_gone| {
        answered(403, "The security token included in the request is invalid".into())
    })?;
    let account = identity.account.clone();
    let holder = directory.sessions_holder(&account, &order.meant, call.received);
    let resource = holder.as_ref().map_or("*", |holder| holder.arn.as_str());
    let connection = judge::context(call, judge::GLOBAL_REGION);
    let mut asked = connection.clone();
    identity.describe(&mut asked);
    let decision = judge::ask(&PolicyQuestion {
        identity: &identity,
        resource_side: ResourceSide::default(),
        resource_account: &account,
        action: SessionsWork::action(order.ends),
        resource,
        context: &asked,
        // A denial that named it would tell whether there is such a role, and on whom a session hangs.
        names_resource: false,
    });
    if decision.text.is_some() {
        return Err(context.denied(decision));
    }
    context.note(decision);
    let SessionsOrder { ends, meant } = order;
    let Some(holder) = holder else { return Err(answered(404, SessionsWork::none_such(&meant))) };
    let (judged, owner) = (directory.version(), caller.holder(call));
    let context = connection;
    Ok(Permit::grant(SessionsWork {
        ends,
        meant,
        account,
        holder,
        identity,
        judged,
        context,
        owner,
    }))
}
