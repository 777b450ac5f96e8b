//! What is told of the service itself and of its records, to those who may ask: consoles are made of it.

use ::control::IdentifiedCaller;
use serde_json::{Value, json};

use crate::audit::AuditSearch;
use crate::service::state::ServiceState;
use crate::service::told;
use crate::walk::authorize::permit::Permit;
use crate::walk::authorize::records;
use crate::walk::context::RequestContext;
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::prove::Caller;
use crate::walk::refusal::Refusal;
use crate::walk::route::Inspection;

/// What was asked about, which may be told.
pub(crate) struct InspectionAnswer(pub(crate) Value);

/// Asks the policies, looks, and asks again: looking takes time.
pub(super) async fn authorize(
    context: &mut RequestContext<'_>,
    call: &Call,
    caller: &Caller,
    inspection: Inspection,
) -> Result<Permit<InspectionAnswer>, Refusal> {
    let (identity, action) = (caller.identity(), inspection.action());
    records::may(context, call, identity, action)?;
    let query = sigv4::presigned::strip(&call.query);
    let told = match inspection {
        Inspection::Audit => page(context.state, &query, identity).await?,
        Inspection::Denials => denials(context.state, call, &query, identity).await?,
        Inspection::MetricsHistory => {
            let is_operators = is_operators(context.state, identity);
            history(context.state, &identity.account, is_operators, &query)?
        }
        Inspection::Settings => {
            no_query(&query)?;
            if !is_operators(context.state, identity) {
                return Err(answered(403, OPERATORS.to_owned()));
            }
            told::settings(context.state)
        }
    };
    records::still_may(context, call, identity, action)?;
    Ok(Permit::grant(InspectionAnswer(told)))
}

const OPERATORS: &str = "the settings of the service are its operator's: they are told to callers of the first of its accounts";

/// Whether the caller is of the operator's own account: what all accounts have in common is told there alone.
fn is_operators(state: &ServiceState, identity: &IdentifiedCaller) -> bool {
    state.settings().accounts.first == identity.account
}

/// The last hour: of this process, of all gateways, or of one of them.
fn history(
    state: &ServiceState,
    account: &str,
    is_operators: bool,
    query: &str,
) -> Result<Value, Refusal> {
    let of = match query {
        "" => None,
        query => {
            Some(query.strip_prefix("of=").filter(|of| !of.contains('&')).ok_or_else(|| {
                let why = "expected no parameter but of=all or of=GATEWAY";
                answered(400, format!("'{query}' is unknown here, {why}"))
            })?)
        }
    };
    let own = || Ok(Some(told::metrics_history(state, account, is_operators)));
    match (of, state.gateway.is_some()) {
        (None, _) | (Some("all"), false) => own(),
        (Some("all"), true) => Ok(told::shared_history(state, account, is_operators, None)),
        (Some(_), _) if !is_operators => Err(answered(403, ONE_GATEWAY.to_owned())),
        (Some(gateway), _) => Ok(told::shared_history(state, account, is_operators, Some(gateway))),
    }
    .and_then(|told: Option<Value>| told.ok_or_else(|| answered(404, NO_GATEWAY.to_owned())))
}

const ONE_GATEWAY: &str =
    "what one gateway counted is told to callers of the first of the service's accounts";
const NO_GATEWAY: &str = "no gateway of that name has told what it counted in the last hour";

async fn page(
    state: &ServiceState,
    query: &str,
    identity: &IdentifiedCaller,
) -> Result<Value, Refusal> {
    let search = AuditSearch::read(query).map_err(|why| answered(400, why))?;
    let (audit, reader) = (state.audit.clone(), identity.account.clone());
    let page =
        state.records.search(&identity.account, move || search.page(&audit, &reader)).await?;
    page.map_err(unreadable)?.map_err(|why| answered(400, why))
}

async fn denials(
    state: &ServiceState,
    call: &Call,
    query: &str,
    identity: &IdentifiedCaller,
) -> Result<Value, Refusal> {
    let search =
        AuditSearch::read_denials(query, call.received).map_err(|why| answered(400, why))?;
    let (audit, reader) = (state.audit.clone(), identity.account.clone());
    let denials =
        state.records.search(&identity.account, move || search.denials(&audit, &reader)).await?;
    denials.map_err(unreadable)
}

fn no_query(query: &str) -> Result<(), Refusal> {
    match query {
        "" => Ok(()),
        _ => Err(answered(400, format!("'{query}' is unknown here, expected no parameter"))),
    }
}

fn unreadable(error: std::io::Error) -> Refusal {
    answered(500, format!("the audit cannot be read: {error}"))
}

fn answered(status: u16, message: String) -> Refusal {
    let outcome = Outcome::json(status, &json!({ "message": message }));
    Refusal::Answered { outcome, why: message }
}
