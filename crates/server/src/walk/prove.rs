//! Phase 8, **prove**: is the signature right, over head and body? Only this turns a claimed identity into a [`Caller`],
//! and only a caller can be authorized for good.

use std::sync::PoisonError;

use control::{Directory, IdentifiedCaller};
use sigv4::{Claim, Settings};

use policy::CallerKind;

use crate::audit::Stage;
use crate::guards::replay::ReplayRefusal;
use crate::guards::throttle::SourceAddress;
use crate::service::pool::WorkOwner;
use crate::targets;
use crate::transport::listener::ListenerTarget;
use crate::walk::authenticate::{self, ClaimedCaller, PresentedCredentials, request, unknown};
use crate::walk::body::ReceivedBody;
use crate::walk::context::RequestContext;
use crate::walk::identify::{self, ClaimedIdentity};
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;

/// Who the request comes from, proven; or an anonymous caller, who has nothing to prove.
///
/// ```
/// // Whoever has a caller may know who it is …
/// use server::for_tests::{Caller, ClaimedCaller, ClaimedIdentity};
/// fn proven(caller: Caller, _claimed_identity: ClaimedIdentity, _claimed: ClaimedCaller) -> Caller {
///     caller
/// }
/// ```
/// ```compile_fail,E0451
/// // … but an identity that was only looked up is no caller: only a checked signature makes one.
/// use server::for_tests::{Caller, ClaimedCaller, ClaimedIdentity};
/// fn forged(claimed_identity: ClaimedIdentity, claimed: ClaimedCaller) -> Caller {
///     Caller { claimed_identity, claimed }
/// }
/// ```
pub struct Caller {
    claimed_identity: ClaimedIdentity,
    /// What proved it, to be looked up again.
    claimed: ClaimedCaller,
}

impl Caller {
    /// The proven identity.
    #[must_use]
    pub fn identity(&self) -> &IdentifiedCaller {
        self.claimed_identity.identity()
    }

    /// The proven identity, for the operation that acts for it.
    #[must_use]
    pub fn into_identity(self) -> IdentifiedCaller {
        self.claimed_identity.into_identity()
    }

    /// The caller as `directory` knows it: its policies, its session or itself may have gone since it was proven.
    pub fn as_of(self, call: &Call, directory: &Directory) -> Result<Self, Refusal> {
        if !self.claimed_identity.is_outdated(directory) {
            return Ok(self);
        }
        let claimed_identity = ClaimedIdentity::look_up(directory, call, &self.claimed)?;
        Ok(Self { claimed_identity, ..self })
    }

    /// The caller as `directory` knows it, looked up anew.
    pub fn still(&self, call: &Call, directory: &Directory) -> Result<ClaimedIdentity, Refusal> {
        ClaimedIdentity::look_up(directory, call, &self.claimed)
    }

    /// Whose turns and shares its work takes. All sessions of a role are one: anyone may open any number of them.
    #[must_use]
    pub fn holder(&self, call: &Call) -> WorkOwner {
        let identity = self.identity();
        let principal = match identity.kind() {
            _ if identity.internal_user.is_some() => {
                targets::internal_name(identity).unwrap_or_default().into()
            }
            CallerKind::Anonymous => SourceAddress::at(call.client_address).to_string().into(),
            CallerKind::AssumedRole => identity.principal_arn.as_str().into(),
            _ => identity.arn.as_str().into(),
        };
        WorkOwner { account: identity.account.as_str().into(), principal }
    }
}

/// Checks the signature over head and body. Only this turns a claimed identity into a caller.
pub(crate) fn prove(
    context: &mut RequestContext<'_>,
    call: &Call,
    mut claimed: ClaimedCaller,
    mut claimed_identity: ClaimedIdentity,
    received: &ReceivedBody,
) -> Result<Caller, Refusal> {
    context.entry.reached(Stage::Authenticate);
    context.entry.phase("prove");
    context.entry.bytes_in = received.length;
    let directory = context.state.control.directory();
    // What was acknowledged while the body came in holds for this request already.
    if claimed_identity.is_outdated(&directory) {
        claimed = authenticate::again(context, call, claimed)?;
        claimed_identity = identify::identify(context, call, &claimed)?;
        context.entry.reached(Stage::Authenticate);
    }
    let claim = match claimed.given() {
        PresentedCredentials::Nothing => return Ok(Caller { claimed_identity, claimed }),
        PresentedCredentials::Password { .. } => {
            context.entry.principal.proven = true;
            return Ok(Caller { claimed_identity, claimed });
        }
        PresentedCredentials::Signature(claim) => claim,
    };
    let id = claim.access_key_id();
    // Gone between the head and the end of the body: as unknown as if it had never been.
    let Some(secret) = directory.signing_secret(id) else {
        return Err(unknown(call, claim, claimed.settings()));
    };
    let key = context.state.keys.derive(claim.credential(), secret, claim.scope());
    let headers = call.header_slices();
    let checked = claim.check(&request(call, &headers), received.body(), &key, claimed.settings());
    let verified = checked.inspect_err(|refusal| {
        let checks = |settings: &Settings| {
            claim.check(&request(call, &headers), received.body(), &key, settings)
        };
        context.entry.reason = differs(refusal, claimed.settings(), checks);
    })?;
    let form = verified.form.as_str();
    context.state.metrics.form(form);
    context.entry.signature_form = Some(form.into());
    context.entry.principal.proven = true;
    check_not_replayed(context, call, claim)?;
    Ok(Caller { claimed_identity, claimed })
}

/// Which of the known mistakes of signers made a signature differ, as far as the head tells. Where the domain shows its
/// callers what it computed, the forms that it does not accept are tried, too: then how long a refusal takes is no secret.
fn differs(
    refusal: &sigv4::Refusal,
    settings: &Settings,
    checks: impl Fn(&Settings) -> Result<sigv4::Verified, sigv4::Refusal>,
) -> Option<String> {
    let sigv4::Refusal::SignatureMismatch(mismatch) = refusal else { return None };
    if mismatch.payload_differs {
        let why = "the body is not the one whose hash was signed: something changed it on the way, or it was hashed before it was compressed";
        return Some(why.to_owned());
    }
    if settings.diagnostics {
        let forms = sigv4::Forms::of(&sigv4::Form::ALL);
        if let Ok(verified) = checks(&Settings { forms, ..settings.clone() }) {
            let form = verified.form.as_str();
            return Some(format!(
                "the signature is right in form '{form}', which is not accepted here; the domain's advanced option \
                 countersign.signature_forms can name it"
            ));
        }
    }
    mismatch.valueless.then(|| sigv4::VALUELESS.trim_end_matches('.').to_owned())
}

/// On a domain that accepts each signature once: takes this one, of two at the same time exactly one. Only what verified
/// is remembered, so that nobody fills the cache without a key.
fn check_not_replayed(
    context: &RequestContext<'_>,
    call: &Call,
    claim: &Claim,
) -> Result<(), Refusal> {
    let ListenerTarget::Domain { key, .. } = &context.connection.listener.target else {
        return Ok(());
    };
    let directory = context.state.control.directory();
    let domain = directory.domain(&key.account, &key.region, &key.name);
    if !domain.is_some_and(|domain| domain.extras.replay_cache) {
        return Ok(());
    }
    let Some(signature) = claim.signature() else { return Err(Refusal::Replayed) };
    let id = claim.access_key_id();
    let now = call.received.as_second();
    let mut replays =
        context.connection.listener.replays.lock().unwrap_or_else(PoisonError::into_inner);
    replays.take(id, signature, claim.last_second(), now).map_err(|why| match why {
        ReplayRefusal::Seen => Refusal::Replayed,
        ReplayRefusal::Full(too_many) => {
            context.state.metrics.replays_full();
            Refusal::TooMany { what: "signatures of this access key to remember", too_many }
        }
    })
}
