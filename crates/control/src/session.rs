//! Session tokens: opaque, sealed, worth nothing without the session they name.
//!
//! A token is the session's end and id, sealed with the access key id as associated data. What a session may do, and
//! whether it still may, stands in the directory: revoking is deleting a record. The end in the token opens nothing: it only
//! tells, when the record of a session that ended is long gone, that it ended (SDKs renew on that word). Tokens are never
//! stored. Decision 0094.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use zeroize::Zeroizing;

use crate::err::{ApiError, ErrorCode};
use crate::identity::IdentityError;
use crate::mint::{self, Mint};
use crate::seal::SealingKey;
use crate::store::record::{Session, SessionSubject};

/// Every token begins so; a person who sees one knows what it is. What is sealed is the end of the session (seconds since
/// 1970, eight bytes, big-endian) and then its id.
const TOKEN_PREFIX: &str = "CsT2";

/// Tokens that were issued before they told their end: the id alone is sealed.
const TOKEN_PREFIX_WITHOUT_END: &str = "CsT1";

/// The longest token we look at.
const TOKEN_BYTES_MAX: usize = 512;

/// A fresh session's credentials: what the client gets.
pub(crate) struct IssuedSession {
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
) -> Result<IssuedSession, ApiError> {
    let failed = |why: String| ApiError::new(ErrorCode::Internal, why);
    let access_key_id = mint::id(mint, "ASIA", 20).map_err(|e| failed(e.to_string()))?;
    let secret = mint::secret(mint).map_err(|e| failed(e.to_string()))?;
    let session_id = mint::session_id(mint).map_err(|e| failed(e.to_string()))?;
    let sealed_secret =
        key.seal(&access_key_id, secret.as_bytes()).map_err(|e| failed(e.to_string()))?;
    let content = [&expires.to_be_bytes()[..], session_id.as_bytes()].concat();
    let sealed = key.seal_token(&access_key_id, &content).map_err(|e| failed(e.to_string()))?;
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
        login_profile: None,
        context: std::collections::BTreeMap::new(),
        assertion: None,
    };
    Ok(IssuedSession { session, secret, token: format!("{TOKEN_PREFIX}{sealed}") })
}

/// Whether `token` is the one of `session`.
pub(crate) fn check_token(
    key: &SealingKey,
    session: &Session,
    token: &str,
) -> Result<(), IdentityError> {
    let damaged = IdentityError::TokenDamaged;
    let opened = open(key, &session.access_key_id, token).ok_or(damaged)?;
    verify_slices_are_equal(&opened.session_id, session.session_id.as_bytes()).map_err(|_| damaged)
}

/// Whether `token` is one that was issued here for `access_key_id`, and its session ended before `now`. Asked about
/// sessions that have no record any more; of one that was revoked before its end the answer is no until that end.
pub(crate) fn has_ended(key: &SealingKey, access_key_id: &str, token: &str, now: i64) -> bool {
    let end = open(key, access_key_id, token).and_then(|opened| opened.expires);
    end.is_some_and(|end| end <= now)
}

/// What a token says.
struct OpenedToken {
    session_id: Zeroizing<Vec<u8>>,
    expires: Option<i64>,
}

fn open(key: &SealingKey, access_key_id: &str, token: &str) -> Option<OpenedToken> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    if let Some(sealed) = token.strip_prefix(TOKEN_PREFIX_WITHOUT_END) {
        let session_id = key.open_token(access_key_id, sealed).ok()?;
        return Some(OpenedToken { session_id, expires: None });
    }
    let content = key.open_token(access_key_id, token.strip_prefix(TOKEN_PREFIX)?).ok()?;
    let (end, session_id) = content.split_first_chunk()?;
    let session_id = Zeroizing::new(session_id.to_vec());
    Some(OpenedToken { session_id, expires: Some(i64::from_be_bytes(*end)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mint::SystemMint;
    use crate::seal::SEALING_KEY_BYTES;

    #[test]
    fn a_token_from_before_tokens_told_their_end_is_good_while_its_session_lives() {
        let key = SealingKey::new([7; SEALING_KEY_BYTES]).unwrap();
        let subject = SessionSubject::User { user: None };
        let issued = issue(&SystemMint, &key, "123456789012", subject, (0, 900)).unwrap();
        let id = &issued.session.access_key_id;
        let sealed = key.seal_token(id, issued.session.session_id.as_bytes()).unwrap();
        let old = format!("{TOKEN_PREFIX_WITHOUT_END}{sealed}");
        assert_eq!(check_token(&key, &issued.session, &old), Ok(()));
        assert!(!has_ended(&key, id, &old, 10_000), "it does not tell");
        assert!(
            has_ended(&key, id, &issued.token, 900) && !has_ended(&key, id, &issued.token, 899)
        );
        let swapped = issued.token.replace(TOKEN_PREFIX, TOKEN_PREFIX_WITHOUT_END);
        assert!(check_token(&key, &issued.session, &swapped).is_err());
    }
}
