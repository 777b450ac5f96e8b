//! Whose cursors are whose: what a scroll, and whatever else is continued by an id, is bound to.

use std::sync::Arc;

use control::{Domain, IdentifiedCaller};
use engine::{CursorOwner, CursorShare};
use policy::CallerKind;

/// What an internal user of a domain is told from others by; it is of another kind than any id of a principal.
#[must_use]
pub(crate) fn internal_name(identity: &IdentifiedCaller) -> Option<String> {
    let user = identity.internal_user.as_ref()?;
    Some(format!("internal user {} {}", user.domain, user.name))
}

/// The owner of the cursors that `identity` opens on `domain`, and what they are counted under.
///
/// A cursor is bound to the unique id of its principal (a user that is deleted and made again is another) and, with
/// temporary credentials, to that session: another session of the same role may have been narrowed by other session
/// policies. They are counted by principal, all its sessions together; those of another account also by that account.
/// Of others it may close what it is root of: the domain's account.
#[must_use]
pub(crate) fn owner(identity: &IdentifiedCaller, domain: &Domain) -> CursorOwner {
    if let Some(id) = internal_name(identity) {
        let id: Arc<str> = id.into();
        return CursorOwner { shares: vec![Arc::clone(&id).into()], id, closes_all: false };
    }
    let session = identity.access_key_id.as_deref().filter(|_| identity.is_session());
    let id: Arc<str> = match session {
        Some(session) => format!("{} {session}", identity.user_id).into(),
        None => identity.user_id.as_str().into(),
    };
    let principal = identity.principal().unique_id().unwrap_or(&identity.user_id);
    let mut shares: Vec<CursorShare> = vec![principal.into()];
    if identity.account != domain.account {
        shares.push(format!("account {}", identity.account).into());
    }
    let closes_all = identity.kind() == CallerKind::Root && identity.account == domain.account;
    CursorOwner { id, shares, closes_all }
}
