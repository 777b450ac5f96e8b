//! Phase 3, **authenticate**: who does the request say it comes from?
//!
//! The first of two steps, because a signature covers the body. [`claim`] judges the head alone: algorithm,
//! syntax, dates, scope. The signature itself is judged once the body's hash is known (`prove.rs`); until then
//! nothing is executed. A name and a password (`basic.rs`) say nothing of the body: the claim proves
//! them at once. A caller is anonymous only when no credential of any kind was presented: broken
//! credentials never turn into none.

use std::net::IpAddr;

use control::Login;
use sigv4::{Claim, KeyRefusal, PayloadHash, PresentedSignature, Settings};

use crate::audit::{self, Stage};
use crate::guards::throttle::SourceAddress;
use crate::service::state::ServiceState;
use crate::transport::listener::ListenerTarget;
use crate::walk::basic::{self, BasicCredentials, PasswordPlace, UnreadableCredentials};
use crate::walk::context::RequestContext;
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;

/// Who the request says it comes from.
pub struct ClaimedCaller {
    given: PresentedCredentials,
    settings: Settings,
}

/// The credentials of a request.
pub enum PresentedCredentials {
    /// None of any kind.
    Nothing,
    /// A signature, still to be checked.
    Signature(Claim),
    /// A name and a password, checked: it does not cover the body, so nothing has to wait for that.
    Password {
        /// Whom they stand for.
        login: Login,
        /// What accepted them.
        place: PasswordPlace,
    },
}

impl ClaimedCaller {
    /// The credentials.
    #[must_use]
    pub fn given(&self) -> &PresentedCredentials {
        &self.given
    }

    /// What was accepted when the claim was read.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

/// Reads the credentials off the head. Everything that can be refused without the body is refused here,
/// in Amazon's order.
pub(crate) async fn claim(
    context: &mut RequestContext<'_>,
    call: &Call,
) -> Result<ClaimedCaller, Refusal> {
    context.entry.reached(Stage::Authenticate);
    context.entry.phase("authenticate");
    if let ListenerTarget::Elsewhere { gateway, .. } = &context.connection.listener.target {
        return Err(Refusal::Elsewhere(gateway.clone()));
    }
    let stale = context.state.store.refuses(context.state.stale_for());
    let settings = settings(context);
    let password = password(context, call, &settings).filter(|_| !stale);
    if let Some((place, credentials)) = password {
        context.entry.principal.authentication = Some("basic".into());
        let credentials = credentials.map_err(|_unreadable| basic::unreadable(&place))?;
        context.entry.principal.user_name = credentials.recorded_name();
        let login = basic::prove(context, call, &place, credentials).await?;
        return Ok(ClaimedCaller {
            given: PresentedCredentials::Password { login, place },
            settings,
        });
    }
    if matches!(context.connection.listener.target, ListenerTarget::SignIn) && !stale {
        return Err(basic::unreadable(&PasswordPlace::SignIn));
    }
    let headers = call.header_slices();
    let presented = sigv4::claim(&request(call, &headers), call.received, &settings);
    if let Ok(PresentedSignature::Signed(claim)) = &presented {
        context.dialect = context.dialect.narrowed(claim.scope().service);
    }
    if stale {
        return Err(Refusal::Stale);
    }
    if !matches!(presented, Ok(PresentedSignature::Anonymous)) {
        // Before any HMAC: who fails all the time costs no more than a head.
        let source = SourceAddress::at(call.client_address);
        context.state.failed_signatures.ask(&source, call.received).map_err(|too_many| {
            context.state.metrics.signature_limited();
            Refusal::TooMany { what: "failed signatures", too_many }
        })?;
    }
    let presented = presented.inspect_err(|refusal| {
        context.entry.reason =
            unread(context.state, &context.connection.listener.target, call, refusal);
    });
    let given = match presented? {
        PresentedSignature::Anonymous => PresentedCredentials::Nothing,
        PresentedSignature::Signed(claim) => {
            let how = if claim.presigned() { "presigned" } else { "signature" };
            context.entry.principal.authentication = Some(how.into());
            context.entry.principal.access_key_id = Some(audit::key_id(claim.access_key_id()));
            context.region = Some(claim.scope().region.to_owned());
            PresentedCredentials::Signature(claim)
        }
    };
    Ok(ClaimedCaller { given, settings })
}

/// The name and password of a request to a domain that accepts them, or of a sign-in to the console, if they are all it
/// presents: with a signature beside them they are ambiguous, and `sigv4` refuses them as it does everywhere else.
fn password(
    context: &RequestContext<'_>,
    call: &Call,
    settings: &Settings,
) -> Option<(PasswordPlace, Result<BasicCredentials, UnreadableCredentials>)> {
    let place = match &context.connection.listener.target {
        ListenerTarget::Domain { key, .. } => {
            let directory = context.state.control.directory();
            let domain = directory.domain(&key.account, &key.region, &key.name);
            domain.filter(|domain| domain.unique == key.unique && domain.accepts_passwords())?;
            PasswordPlace::Domain(key.clone())
        }
        ListenerTarget::SignIn => PasswordPlace::SignIn,
        _ => return None,
    };
    let (_, value) = call.headers.iter().find(|(name, _)| name == "authorization")?;
    let credentials = BasicCredentials::read(value.as_bytes())?;
    let mut rest = call.header_slices();
    rest.retain(|(name, _)| *name != "authorization");
    let alone = sigv4::claim(&request(call, &rest), call.received, settings);
    matches!(alone, Ok(PresentedSignature::Anonymous)).then_some((place, credentials))
}

/// What is claimed, read as the listener accepts it now: a form, or an unsigned payload, may be accepted no longer.
/// (Whether passwords are is looked up with the identity.)
pub(crate) fn again(
    context: &RequestContext<'_>,
    call: &Call,
    claimed: ClaimedCaller,
) -> Result<ClaimedCaller, Refusal> {
    let settings = settings(context);
    let headers = call.header_slices();
    let given = match claimed.given {
        PresentedCredentials::Signature(_) => {
            match sigv4::claim(&request(call, &headers), call.received, &settings)? {
                PresentedSignature::Signed(claim) => PresentedCredentials::Signature(claim),
                PresentedSignature::Anonymous => PresentedCredentials::Nothing,
            }
        }
        given => given,
    };
    Ok(ClaimedCaller { given, settings })
}

/// Why credentials were not read as a signature, where Amazon's words do not say: another scheme.
fn unread(
    state: &ServiceState,
    target: &ListenerTarget,
    call: &Call,
    refusal: &sigv4::Refusal,
) -> Option<String> {
    if !matches!(refusal, sigv4::Refusal::MissingParts { .. } | sigv4::Refusal::Syntax) {
        return None;
    }
    let (_, value) = call.headers.iter().find(|(name, _)| name == "authorization")?;
    let scheme = value.as_bytes().split(|byte| *byte == b' ').next().unwrap_or_default();
    if scheme.eq_ignore_ascii_case(b"bearer") {
        return Some("Authorization: Bearer was sent, and signatures are taken here".to_owned());
    }
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return None;
    }
    let ListenerTarget::Domain { key, .. } = target else {
        let why = "Authorization: Basic was sent, and the control plane takes signatures only";
        return Some(why.to_owned());
    };
    let directory = state.control.directory();
    let domain = directory.domain(&key.account, &key.region, &key.name)?;
    (!domain.accepts_passwords()).then(|| {
        format!(
            "Authorization: Basic was sent, and domain {} takes signatures only; its advanced option \
             countersign.basic_authentication = true lets IAM users in by name and password",
            key.name
        )
    })
}

/// Counts a refused signature against its source. Who presented nothing has not failed.
pub(crate) fn count_failure(state: &ServiceState, client: IpAddr, refusal: &Refusal) {
    let Refusal::Unproven(refusal) = refusal else { return };
    if !matches!(**refusal, sigv4::Refusal::MissingAuthenticationToken) {
        state.failed_signatures.failed(&SourceAddress::at(client), state.clock.now());
    }
}

/// The refusal of a key that nobody has, after the work that a known key would have cost: who measures
/// the time does not learn which keys exist.
#[must_use]
pub(crate) fn unknown(call: &Call, claim: &Claim, settings: &Settings) -> Refusal {
    refused(call, claim, settings, KeyRefusal::Unknown)
}

/// The refusal of a key or a token.
#[must_use]
pub(crate) fn refused(call: &Call, claim: &Claim, settings: &Settings, why: KeyRefusal) -> Refusal {
    let headers = call.header_slices();
    let nothing = PayloadHash::of(b"");
    claim.refuse(&request(call, &headers), &nothing, settings, why).into()
}

/// What the listener accepts: the control plane every region and its three services, a domain its own
/// region and its own forms.
pub(crate) fn settings(context: &RequestContext<'_>) -> Settings {
    let ListenerTarget::Domain { key, .. } = &context.connection.listener.target else {
        return Settings { port: Some(context.connection.listener.port), ..Settings::control() };
    };
    let mut settings = Settings::domain(&key.region);
    settings.port = Some(context.connection.listener.port);
    let directory = context.state.control.directory();
    if let Some(domain) = directory.domain(&key.account, &key.region, &key.name) {
        let named = domain.extras.signature_forms.iter().filter_map(|form| form.parse().ok());
        let forms: sigv4::Forms = named.collect();
        if !forms.is_empty() {
            settings.forms = forms;
        }
        settings.diagnostics = domain.extras.signature_diagnostics;
        settings.unsigned_payload = domain.extras.unsigned_payload;
    }
    settings
}

/// The request as the signature crate reads it.
#[must_use]
pub(crate) fn request<'a>(
    call: &'a Call,
    headers: &'a [(&'a str, &'a [u8])],
) -> sigv4::Request<'a> {
    sigv4::Request { method: &call.method, path: &call.path, query: &call.query, headers }
}
