//! Session tokens: opaque, sealed, worth nothing without the session they name.
//!
//! A token is the session's id sealed with the access key id as associated data. It carries no policy and no expiry:
//! those stand in the directory, so revoking is deleting a record. Tokens are never stored.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use zeroize::Zeroizing;

use crate::err::{ApiError, ErrorCode};
use crate::identity::IdentityError;
use crate::mint::{self, Mint};
use crate::seal::SealingKey;
use crate::store::record::{Session, SessionSubject};

/// Every token begins so; a person who sees one knows what it is.
const TOKEN_PREFIX: &str = "CsT1";

/// The longest token we look at.
const TOKEN_BYTES_MAX: usize = 512;

/// A fresh session's credentials: what the client gets.
pub(crate) struct Issued {
    pub(crate) session: Session,
    pub(crate) secret: Zeroizing<String>,
    pub(crate) token: String,
}

/// Mints key id, secret, session id and token for a session of `subject` from `issued` to `expires`.
pub(crate) fn issue(
    mint: &dyn Mint,
    key: &SealingKey,
    account: &str,
    subject: SessionSubject,
    (issued, expires): (i64, i64),
) -> Result<Issued, ApiError> {
    let failed = |why: String| ApiError::new(ErrorCode::Internal, why);
    let access_key_id = mint::id(mint, "ASIA", 20).map_err(|e| failed(e.to_string()))?;
    let secret = mint::secret(mint).map_err(|e| failed(e.to_string()))?;
    let session_id = mint::session_id(mint).map_err(|e| failed(e.to_string()))?;
    let sealed_secret =
        key.seal(&access_key_id, secret.as_bytes()).map_err(|e| failed(e.to_string()))?;
    let sealed_id =
        key.seal_token(&access_key_id, session_id.as_bytes()).map_err(|e| failed(e.to_string()))?;
    let session = Session {
        access_key_id,
        session_id,
        account: account.to_owned(),
        subject,
        sealed_secret,
        issued,
        expires,
        policies: Vec::new(),
        policy_arns: Vec::new(),
        tags: Vec::new(),
        transitive_tags: Vec::new(),
        source_identity: None,
        mfa: false,
        context: std::collections::BTreeMap::new(),
    };
    Ok(Issued { session, secret, token: format!("{TOKEN_PREFIX}{sealed_id}") })
}

/// Whether `token` is the one of `session`.
pub(crate) fn check_token(
    key: &SealingKey,
    session: &Session,
    token: &str,
) -> Result<(), IdentityError> {
    let damaged = IdentityError::TokenDamaged;
    if token.len() > TOKEN_BYTES_MAX {
        return Err(damaged);
    }
    let sealed = token.strip_prefix(TOKEN_PREFIX).ok_or(damaged)?;
    let opened = key.open_token(&session.access_key_id, sealed).map_err(|_| damaged)?;
    verify_slices_are_equal(&opened, session.session_id.as_bytes()).map_err(|_| damaged)
}
