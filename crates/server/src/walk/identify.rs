//! Phase 4, **identify**: an access key id becomes an identity with its policies.
//!
//! An identity is first only [`Alleged`]: looked up, not yet proven by a signature over the body. Only
//! `authenticate::prove` makes a [`Caller`] of it, and only a caller can be authorized for good.

use control::{Directory, IdentifiedCaller, IdentityError, LoginError};
use policy::CallerKind;
use sigv4::KeyRefusal;

use crate::audit::Stage;
use crate::guards::throttle::Source;
use crate::service::pool::Holder;
use crate::walk::Step;
use crate::walk::authenticate::{self, Claimed, Given, Proof};
use crate::walk::basic;
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;

/// Who the request says it comes from. Good for deciding what to do with the body, for nothing else.
pub struct Alleged {
    identity: IdentifiedCaller,
    /// The directory's version that it was looked up in.
    version: u64,
}

impl Alleged {
    /// The identity that is alleged.
    #[must_use]
    pub fn identity(&self) -> &IdentifiedCaller {
        &self.identity
    }

    /// The directory's version that it was looked up in.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether the directory has changed since: a policy, a session or the identity itself may be gone.
    #[must_use]
    pub fn is_outdated(&self, directory: &Directory) -> bool {
        self.version != directory.version()
    }
}

/// Who the request comes from, proven; or an anonymous caller, who has nothing to prove.
///
/// ```compile_fail
/// // An identity that was only looked up is no caller: only a checked signature makes one.
/// fn forged(identity: control::IdentifiedCaller) -> server::walk::identify::Caller {
///     server::walk::identify::Caller(identity)
/// }
/// ```
pub struct Caller {
    alleged: Alleged,
    /// What proved it, to be looked up again.
    claimed: Claimed,
}

impl Caller {
    /// The caller that `alleged` turned out to be: whoever holds a proof has checked the signature.
    #[must_use]
    pub fn proven(alleged: Alleged, claimed: Claimed, _proof: &Proof) -> Self {
        Self { alleged, claimed }
    }

    /// The proven identity.
    #[must_use]
    pub fn identity(&self) -> &IdentifiedCaller {
        &self.alleged.identity
    }

    /// The proven identity, for the operation that acts for it.
    #[must_use]
    pub fn into_identity(self) -> IdentifiedCaller {
        self.alleged.identity
    }

    /// Whose turns and shares its work takes. All sessions of a role are one: anyone may open any number of them.
    #[must_use]
    pub fn holder(&self, call: &Call) -> Holder {
        let identity = self.identity();
        let principal = match identity.kind() {
            CallerKind::Anonymous => Source::at(call.client_address).to_string(),
            CallerKind::AssumedRole => identity.principal_arn.clone(),
            _ => identity.arn.clone(),
        };
        Holder { account: identity.account.as_str().into(), principal: principal.into() }
    }
}

/// The caller as `directory` knows it: its policies, its session or itself may have gone since it was proven.
pub fn as_of(caller: Caller, call: &Call, directory: &Directory) -> Result<Caller, Refusal> {
    if !caller.alleged.is_outdated(directory) {
        return Ok(caller);
    }
    let identity = look_up(directory, call, &caller.claimed)?;
    let alleged = Alleged { identity, version: directory.version() };
    Ok(Caller { alleged, ..caller })
}

/// Looks the key up. A key that is unknown, inactive, without its token, or whose owner is gone is
/// refused here, after the work that a known key would have cost.
pub fn identify(step: &mut Step<'_>, call: &Call, claimed: &Claimed) -> Result<Alleged, Refusal> {
    step.entry.reached(Stage::Identify);
    let directory = step.porch.control.directory();
    let identified = look_up(&directory, call, claimed)?;
    let principal = &mut step.entry.principal;
    principal.arn.clone_from(&identified.arn);
    principal.kind = kind(identified.kind()).to_owned();
    if !identified.account.is_empty() {
        principal.account = Some(identified.account.clone());
    }
    Ok(Alleged { identity: identified, version: directory.version() })
}

fn look_up(
    directory: &Directory,
    call: &Call,
    claimed: &Claimed,
) -> Result<IdentifiedCaller, Refusal> {
    match claimed.given() {
        Given::Nothing => Ok(IdentifiedCaller::anonymous()),
        Given::Password { login, key } => {
            // It was checked on a thread of its own, and a body may have come in since: the domain is asked again.
            let domain = directory.domain(&key.account, &key.region, &key.name);
            if !domain.is_some_and(|domain| domain.extras.basic_authentication) {
                return Err(basic::refused(key, LoginError::Unknown));
            }
            directory
                .identify_login(login, call.received)
                .map_err(|error| basic::refused(key, error))
        }
        Given::Signature(claim) => {
            let (id, token) = (claim.access_key_id(), claim.session_token());
            directory
                .identify(id, token, call.received)
                .map_err(|error| authenticate::refused(call, claim, claimed.settings(), why(error)))
        }
    }
}

/// What the client reads: a principal that is gone takes its keys with it.
fn why(error: IdentityError) -> KeyRefusal {
    match error {
        IdentityError::UnknownKey | IdentityError::PrincipalGone => KeyRefusal::Unknown,
        IdentityError::TokenDamaged => KeyRefusal::TokenDamaged,
        IdentityError::TokenExpired => KeyRefusal::TokenExpired,
    }
}

/// How records name a kind of caller: as `policy simulate` does.
fn kind(kind: CallerKind) -> &'static str {
    match kind {
        CallerKind::Anonymous => "anonymous",
        CallerKind::Root => "root",
        CallerKind::User => "user",
        CallerKind::AssumedRole => "assumed-role",
        CallerKind::FederatedUser => "federated-user",
        CallerKind::WebIdentity => "web-identity",
        CallerKind::Service => "service",
    }
}
