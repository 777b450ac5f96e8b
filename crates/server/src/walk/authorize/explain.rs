//! The record of an earlier request, for those who may see why requests are denied.

use serde_json::json;

use crate::audit::{self, AuditRecord};
use crate::service::pool::WorkOwner;
use crate::service::state::ServiceState;
use crate::walk::authorize::permit::Permit;
use crate::walk::authorize::records;
use crate::walk::context::RequestContext;
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::prove::Caller;
use crate::walk::refusal::Refusal;
use crate::walk::route::ExplainForm;

/// A record that may be shown.
pub(crate) struct Explanation {
    /// That record, as far as its reader may see it.
    pub record: AuditRecord,
    /// In which form.
    pub form: ExplainForm,
    /// As JSON, or told in prose, where `countersign explain` asks.
    pub as_json: bool,
    /// The reader's account.
    pub reader: String,
    /// In whose turn it is told.
    pub holder: WorkOwner,
}

impl ExplainForm {
    /// Whoever may decode why a request was denied at Amazon may read our reasons.
    fn action(&self) -> &'static str {
        match self {
            Self::Told => "sts:DecodeAuthorizationMessage",
            Self::Details => "iam:GetRequestAuthorizationDetails",
            Self::Policy { .. } => "iam:GetRequestAuthorizationPolicy",
        }
    }

    /// That there is none for this reader: whatever the reason is, it reads the same. Which gateway has it says the id alone.
    fn not_found(&self, request_id: &str, place: &RecordPlace) -> Refusal {
        let mut message = match self {
            Self::Told => format!("no request {request_id} is on record"),
            Self::Details | Self::Policy { .. } => NOT_FOUND.to_owned(),
        };
        match (self, place) {
            (_, RecordPlace::Here) => {}
            (Self::Told, RecordPlace::Gateway(name)) => {
                message.push_str(" here: gateway ");
                message.push_str(name);
                message.push_str(" answered it, and has its record");
            }
            (Self::Told, RecordPlace::Unknown) => {
                message.push_str(" at this gateway, and each has records of its own");
            }
            (Self::Details | Self::Policy { .. }, RecordPlace::Gateway(name)) => {
                message.push_str(" Gateway ");
                message.push_str(name);
                message.push_str(" answered the request, and has its record.");
            }
            (Self::Details | Self::Policy { .. }, RecordPlace::Unknown) => {}
        }
        let mut outcome = Outcome::json(404, &json!({ "message": message }));
        if !matches!(self, Self::Told) {
            outcome.headers.push(("x-amzn-errortype", "ResourceNotFoundException".into()));
        }
        Refusal::Answered { outcome, why: message }
    }
}

/// Where the record of a request is, as far as its id tells.
enum RecordPlace {
    /// Here, if anywhere.
    Here,
    /// At this other gateway.
    Gateway(String),
    /// At some gateway, this one included.
    Unknown,
}

impl RecordPlace {
    fn of(state: &ServiceState, request_id: &str) -> Self {
        let Some(own) = &state.gateway else { return Self::Here };
        let names_one = !matches!(request_id, "last" | "denied");
        if !names_one || audit::may_be_of(own, request_id) {
            return Self::Here;
        }
        let mut others = state.heard.names().into_iter();
        let other = others.find(|name| audit::may_be_of(name, request_id));
        other.map_or(Self::Unknown, Self::Gateway)
    }
}

/// What `iam-toolbox` answers of what is not there, and of what is another account's.
const NOT_FOUND: &str =
    "The requested policy or authorization details do not exist or have expired.";

/// The record of an earlier request, for those who may see why requests are denied. Records of other
/// accounts do not exist; of what a caller did at another account's domain it sees its own side.
pub(super) async fn authorize(
    context: &mut RequestContext<'_>,
    call: &Call,
    caller: &Caller,
    request_id: &str,
    form: ExplainForm,
) -> Result<Permit<Explanation>, Refusal> {
    let identity = caller.identity();
    records::may(context, call, identity, form.action())?;
    let (kept, log) = (&context.state.records, &context.state.audit);
    let found = match (request_id, &form) {
        ("last" | "denied", ExplainForm::Told) => {
            let (reader, denied) = (identity.account.clone(), request_id == "denied");
            let is_wanted = move |record: &AuditRecord| {
                // As the reader sees it: what was denied behind its answer is none of its business.
                record.is_of_somebody()
                    && audit::seen_in_scan(record.clone(), &reader)
                        .is_some_and(|seen| !denied || seen.is_denied() || seen.status == 403)
            };
            kept.newest(log, is_wanted).await?
        }
        _ => kept.find(log, request_id).await?,
    };
    records::still_may(context, call, identity, form.action())?;
    let reader = identity.account.clone();
    let seen = found.and_then(|record| audit::seen_by(record, &reader));
    let seen = seen.filter(|record| is_told(record, &form, &reader));
    let Some(record) = seen else {
        let place = RecordPlace::of(context.state, request_id);
        return Err(form.not_found(request_id, &place));
    };
    let as_json = call.query.split('&').any(|parameter| parameter == "format=json");
    let holder = caller.holder(call);
    Ok(Permit::grant(Explanation { record, form, as_json, reader, holder }))
}

/// `iam-toolbox` tells of refusals alone, and policies to nobody but the account of who was denied, or the owner where nobody
/// called.
fn is_told(record: &AuditRecord, form: &ExplainForm, reader: &str) -> bool {
    let of_caller = || {
        let account = record.principal.account.as_deref().or(record.account.as_deref());
        account == Some(reader)
    };
    match form {
        ExplainForm::Told => true,
        ExplainForm::Details => record.refusal.is_some() || record.is_denied(),
        ExplainForm::Policy { .. } => of_caller(),
    }
}
