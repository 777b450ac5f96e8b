//! Basic authentication for tools that cannot sign: the name and password of an IAM user of the domain's account, on
//! domains that accept it (`countersign.basic_authentication`); and the same from the console's sign-in, whose name is
//! `ACCOUNT/USER`.
//!
//! A password costs Argon2id on purpose, so failures are counted before that is paid, few hashes run at once, and a password
//! that was proven is remembered. Source of the header: RFC 7617.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use control::{Login, LoginError, Password};
use tokio::sync::OwnedSemaphorePermit;

use crate::guards::limits;
use crate::guards::throttle::{SourceAddress, TooManyTries};
use crate::service::pool::WorkNotDone;
use crate::service::state::ServiceState;
use crate::transport::listener::DomainKey;
use crate::walk::context::RequestContext;
use crate::walk::parse::Call;
use crate::walk::refusal::{LoginRefusal, Refusal};

/// Where a name and a password are taken.
#[derive(Clone, Debug)]
pub enum PasswordPlace {
    /// A domain that accepts them.
    Domain(DomainKey),
    /// The console's sign-in.
    SignIn,
}

impl PasswordPlace {
    /// How a challenge names it.
    fn realm(&self) -> String {
        match self {
            Self::Domain(key) => key.name.clone(),
            Self::SignIn => "console".to_owned(),
        }
    }
}

/// What a request says of its user.
pub(crate) struct BasicCredentials {
    /// The user's name, as sent.
    pub user_name: String,
    password: Password,
}

impl BasicCredentials {
    /// Reads an `Authorization` header; `None` for another scheme. Text is UTF-8, or Latin-1 where it is not (Python's
    /// requests sends that).
    ///
    /// # Errors
    /// When the scheme is Basic and the rest is not base64 of `NAME:PASSWORD`, or too long.
    pub(crate) fn read(authorization: &[u8]) -> Option<Result<Self, UnreadableCredentials>> {
        let space = authorization.iter().position(|byte| *byte == b' ')?;
        let (scheme, rest) = authorization.split_at_checked(space)?;
        scheme
            .eq_ignore_ascii_case(b"basic")
            .then(|| Self::decode(rest).ok_or(UnreadableCredentials))
    }

    fn decode(encoded: &[u8]) -> Option<Self> {
        if encoded.len() > limits::BASIC_CREDENTIALS_BYTES_MAX {
            return None;
        }
        let bytes = zeroize::Zeroizing::new(STANDARD.decode(encoded.trim_ascii()).ok()?);
        let text = zeroize::Zeroizing::new(match std::str::from_utf8(&bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().copied().map(char::from).collect(),
        });
        let (name, password) = text.split_once(':')?;
        Some(Self { user_name: name.to_owned(), password: Password::new(password) })
    }

    /// The name as records may hold it: who sent something else may have sent a password in its place.
    #[must_use]
    pub(crate) fn recorded_name(&self) -> Option<String> {
        let fits = |c: char| c.is_alphanumeric() || "_+=,.@-".contains(c);
        let name = self.user_name.rsplit('/').next().unwrap_or_default();
        let is_name = (1..=64).contains(&name.chars().count());
        (is_name && name.chars().all(fits)).then(|| name.to_owned())
    }
}

/// Basic credentials that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnreadableCredentials;

/// Checks a name and a password. What comes back stands for the user; whether it may still come in, the directory is asked
/// when it is identified.
pub(crate) async fn prove(
    context: &mut RequestContext<'_>,
    call: &Call,
    place: &PasswordPlace,
    credentials: BasicCredentials,
) -> Result<Login, Refusal> {
    match place {
        PasswordPlace::Domain(key) => prove_to_domain(context, call, key, credentials).await,
        PasswordPlace::SignIn => prove_to_console(context.state, credentials).await,
    }
}

/// Checks what was typed at the console's sign-in, which has counted the try. Each is hashed, also one that was right before:
/// who has no second factor must not learn by the time it takes that the password was right.
async fn prove_to_console(
    state: &ServiceState,
    credentials: BasicCredentials,
) -> Result<Login, Refusal> {
    let (account, name) = credentials.user_name.split_once('/').unwrap_or_default();
    let login = state.control.directory().login(account, name);
    let turn = state.basic.turn().await?;
    let (login, _password, right) = checked(turn, login, credentials.password).await?;
    state.metrics.basic(if right { "proven" } else { "refused" });
    if right { Ok(login) } else { Err(refused(&PasswordPlace::SignIn, LoginError::Unknown)) }
}

/// Hashes a password on a thread of its own; the turn bounds how many there are.
async fn checked(
    turn: OwnedSemaphorePermit,
    login: Login,
    password: Password,
) -> Result<(Login, Password, bool), WorkNotDone> {
    let checking = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let right = login.matches(&password);
        (login, password, right)
    });
    checking.await.map_err(|_panic| WorkNotDone::Panicked)
}

async fn prove_to_domain(
    context: &mut RequestContext<'_>,
    call: &Call,
    key: &DomainKey,
    credentials: BasicCredentials,
) -> Result<Login, Refusal> {
    let state = context.state;
    let BasicCredentials { user_name, password } = credentials;
    let directory = state.control.directory();
    let domain = directory.domain(&key.account, &key.region, &key.name);
    let internal = domain.filter(|domain| domain.has_internal_users());
    let login = match internal {
        Some(domain) => directory.internal_login(domain, &user_name),
        None => directory.login(&key.account, &user_name),
    };
    if state.basic.proven.has(&login, &password) {
        state.metrics.basic("kept");
        return Ok(login);
    }
    let (now, source) = (call.received, SourceAddress::at(call.client_address));
    // Names of internal users are of one domain, and their case counts.
    let user = match internal {
        Some(domain) => (domain.unique.clone(), user_name.clone()),
        None => (key.account.clone(), user_name.to_lowercase()),
    };
    let limited = |too_many: TooManyTries| {
        state.metrics.basic("limited");
        Refusal::TooMany { what: "failed password checks", too_many }
    };
    state.basic.sources.try_once(&source, now).map_err(limited)?;
    if let Err(too_many) = state.basic.users.try_once(&user, now) {
        state.basic.sources.succeeded(&source, now);
        return Err(limited(too_many));
    }
    let turn = match state.basic.turn().await {
        Ok(turn) => turn,
        Err(busy) => {
            // Nothing was checked, so nothing has failed.
            state.basic.sources.succeeded(&source, now);
            state.basic.users.succeeded(&user, now);
            return Err(busy.into());
        }
    };
    let (login, password, right) = checked(turn, login, password).await?;
    if !right {
        state.metrics.basic("refused");
        return Err(refused(&PasswordPlace::Domain(key.clone()), LoginError::Unknown));
    }
    state.basic.sources.succeeded(&source, now);
    state.basic.users.succeeded(&user, now);
    state.basic.proven.keep(&login, &password);
    state.metrics.basic("proven");
    Ok(login)
}

/// The refusal of a name and a password.
#[must_use]
pub(crate) fn refused(place: &PasswordPlace, why: LoginError) -> Refusal {
    let (why, told) = match why {
        LoginError::Unknown => ("wrong user name or password", "Unauthorized"),
        LoginError::ResetRequired => (
            "the password must be changed first (PasswordResetRequired)",
            "Unauthorized: the password must be changed first",
        ),
        LoginError::Expired => {
            ("the password has expired (MaxPasswordAge)", "Unauthorized: the password has expired")
        }
    };
    Refusal::Unauthorized(LoginRefusal { realm: place.realm(), why, told })
}

/// The refusal of what cannot be read.
#[must_use]
pub(crate) fn unreadable(place: &PasswordPlace) -> Refusal {
    let why = "the Basic credentials cannot be read";
    Refusal::Unauthorized(LoginRefusal { realm: place.realm(), why, told: "Unauthorized" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Option<Result<String, UnreadableCredentials>> {
        BasicCredentials::read(header.as_bytes()).map(|read| read.map(|it| it.user_name))
    }

    #[test]
    fn a_name_ends_at_the_first_colon_and_the_scheme_has_no_case() {
        let header = format!("bASIC {}", STANDARD.encode("ann:pass:word"));
        assert_eq!(read(&header), Some(Ok("ann".to_owned())));
    }

    #[test]
    fn another_scheme_is_none_of_this() {
        for header in ["Bearer abc", "AWS4-HMAC-SHA256 Credential=", "Basic", "", "Basically x"] {
            assert_eq!(read(header), None, "{header}");
        }
    }

    #[test]
    fn what_is_no_name_and_password_is_unreadable() {
        let long = format!("Basic {}", "A".repeat(limits::BASIC_CREDENTIALS_BYTES_MAX + 4));
        let two = format!("Basic {}, AWS4-HMAC-SHA256 x", STANDARD.encode("a:b"));
        for header in ["Basic ", "Basic !", "Basic YW5u", long.as_str(), two.as_str()] {
            assert_eq!(read(header), Some(Err(UnreadableCredentials)), "{header}");
        }
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_latin_1() {
        let header = format!("Basic {}", STANDARD.encode(b"m\xfcller:x"));
        assert_eq!(read(&header), Some(Ok("müller".to_owned())));
    }

    #[test]
    fn what_is_no_user_name_is_not_written_down() {
        let of = |name: &str| {
            let header = format!("Basic {}", STANDARD.encode(format!("{name}:x")));
            BasicCredentials::read(header.as_bytes()).unwrap().unwrap().recorded_name()
        };
        assert_eq!(of("ann.b@example"), Some("ann.b@example".to_owned()));
        assert_eq!(of("my secret!"), None);
        assert_eq!(of(&"a".repeat(65)), None);
    }
}
