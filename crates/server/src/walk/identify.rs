//! Phase 4, **identify**: an access key id becomes an identity with its policies.
//!
//! An identity is first only [`ClaimedIdentity`]: looked up, not yet proven by a signature over the body (`prove.rs`).

use std::sync::Arc;

use control::{Directory, IdentifiedCaller, IdentityError, LoginError};
use policy::CallerKind;
use sigv4::KeyRefusal;

use crate::audit::Stage;
use crate::walk::authenticate::{self, ClaimedCaller, PresentedCredentials};
use crate::walk::basic::{self, PasswordPlace};
use crate::walk::context::RequestContext;
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;

/// Who the request says it comes from. Good for deciding what to do with the body, for nothing else.
pub struct ClaimedIdentity {
    identity: Arc<IdentifiedCaller>,
    /// The directory's version that it was looked up in.
    version: u64,
}

impl ClaimedIdentity {
    /// The identity that is claimed.
    #[must_use]
    pub fn identity(&self) -> &IdentifiedCaller {
        &self.identity
    }

    /// The directory's version that it was looked up in.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The identity, by whoever has proven it.
    #[must_use]
    pub fn into_identity(self) -> IdentifiedCaller {
        Arc::unwrap_or_clone(self.identity)
    }

    /// Looks up whom `claimed` names in `directory`.
    pub fn look_up(
        directory: &Directory,
        call: &Call,
        claimed: &ClaimedCaller,
    ) -> Result<Self, Refusal> {
        let identity = look_up(directory, call, claimed)?;
        Ok(Self { identity, version: directory.version() })
    }

    /// Whether the directory has changed since: a policy, a session or the identity itself may be gone.
    #[must_use]
    pub fn is_outdated(&self, directory: &Directory) -> bool {
        self.version != directory.version()
    }
}

/// Looks the key up. A key that is unknown, inactive, without its token, or whose owner is gone is
/// refused here, after the work that a known key would have cost.
pub(crate) fn identify(
    context: &mut RequestContext<'_>,
    call: &Call,
    claimed: &ClaimedCaller,
) -> Result<ClaimedIdentity, Refusal> {
    context.entry.reached(Stage::Identify);
    context.entry.phase("identify");
    let directory = context.state.control.directory();
    let claimed_identity = ClaimedIdentity::look_up(&directory, call, claimed)?;
    let identified = claimed_identity.identity();
    let principal = &mut context.entry.principal;
    principal.arn.clone_from(&identified.arn);
    principal.kind = kind(identified.kind()).into();
    if !identified.account.is_empty() {
        principal.account = Some(identified.account.clone());
    }
    Ok(claimed_identity)
}

fn look_up(
    directory: &Directory,
    call: &Call,
    claimed: &ClaimedCaller,
) -> Result<Arc<IdentifiedCaller>, Refusal> {
    match claimed.given() {
        PresentedCredentials::Nothing => Ok(Arc::new(IdentifiedCaller::anonymous())),
        PresentedCredentials::Password { login, place: place @ PasswordPlace::SignIn } => directory
            .identify_sign_in(login, call.received)
            .map(Arc::new)
            .map_err(|error| basic::refused(place, error)),
        PresentedCredentials::Password { login, place: place @ PasswordPlace::Domain(key) } => {
            // It was checked on a thread of its own, and a body may have come in since: the domain is asked again.
            let domain = directory.domain(&key.account, &key.region, &key.name);
            if !domain.is_some_and(|domain| domain.accepts_passwords()) {
                return Err(basic::refused(place, LoginError::Unknown));
            }
            directory
                .identify_login(login, call.received)
                .map(Arc::new)
                .map_err(|error| basic::refused(place, error))
        }
        PresentedCredentials::Signature(claim) => {
            let (id, token) = (claim.access_key_id(), claim.session_token());
            directory
                .identify_shared(id, token, call.received)
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
