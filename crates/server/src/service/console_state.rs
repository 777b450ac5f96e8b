//! What the console keeps: who is signed in, and the link that signs in once.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use console::{Console, SessionTimes, WaitsFor};
use data_encoding::HEXLOWER;
use jiff::SignedDuration;
use sigv4::SecretKey;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::guards::limits;
use crate::guards::shares::{ShareLimits, Shares};
use crate::service::discovery::Discovered;
use crate::transport::listener::{Listener, ListenerTarget};

/// The console of a service.
pub(crate) struct ConsoleState {
    /// Sessions and pages.
    pub(crate) pages: Console<BrowserCredentials>,
    /// The control plane's listener, through which calls to it go.
    pub(crate) control: Arc<Listener>,
    /// Where users sign in by their passwords.
    pub(crate) sign_in: Arc<Listener>,
    /// The address under which browsers reach it.
    pub(crate) address: Option<String>,
    /// The address to which browsers bring SAML responses.
    pub(crate) saml_address: Option<String>,
    /// What identity providers said of themselves.
    pub(crate) discovered: Discovered,
    /// Turns of pages that are being made: each takes a thread while it waits for its calls.
    pub(crate) turns: Turns,
    /// Who has how many of them.
    pub(crate) turns_of: Arc<Shares>,
    /// Forms that are held: of who is signed in.
    pub(crate) forms: Arc<Shares>,
    /// Forms that are held: of strangers, who keep nobody else from sending one.
    pub(crate) strangers_forms: Arc<Shares>,
    link: Mutex<Option<OneTimeLink>>,
}

/// Turns of pages: neither strangers who sign in nor an identity provider that does not answer keep others from theirs.
pub(crate) struct Turns {
    pages: Arc<Semaphore>,
    sign_ins: Arc<Semaphore>,
    providers: Arc<Semaphore>,
}

impl Turns {
    fn new() -> Self {
        let turns = |number| Arc::new(Semaphore::new(number));
        Self {
            pages: turns(limits::CONSOLE_PAGES_RUNNING_MAX),
            sign_ins: turns(limits::CONSOLE_SIGN_INS_RUNNING_MAX),
            providers: turns(limits::CONSOLE_PROVIDER_VISITS_RUNNING_MAX),
        }
    }

    /// The turns of those who wait for the same.
    pub(crate) fn of(&self, waits_for: WaitsFor) -> &Arc<Semaphore> {
        match waits_for {
            WaitsFor::Nothing => &self.pages,
            WaitsFor::SignIn => &self.sign_ins,
            WaitsFor::Provider => &self.providers,
        }
    }
}

/// What the calls of a session are signed with. It is in memory only.
pub(crate) struct BrowserCredentials {
    /// The account of who signed in.
    pub(crate) account: String,
    /// The key.
    pub(crate) access_key_id: String,
    /// Its secret.
    pub(crate) secret: SecretKey,
    /// The token, of temporary credentials.
    pub(crate) session_token: Option<Zeroizing<String>>,
}

/// A link that signs in once, with the key of everyday work.
struct OneTimeLink {
    token: Zeroizing<String>,
    key: (String, SecretKey),
}

/// Random bytes of a link's token.
const TOKEN_BYTES: usize = 32;

impl ConsoleState {
    /// Nobody is signed in.
    pub(crate) fn new(control: Arc<Listener>, url: Option<&str>, session_seconds: i64) -> Self {
        let times = SessionTimes { length: SignedDuration::from_secs(session_seconds) };
        let shares = |all, each| {
            Shares::new(ShareLimits {
                all,
                address: each,
                principal: each,
                ..ShareLimits::default()
            })
        };
        let forms = || shares(limits::CONSOLE_FORMS_MAX, limits::CONSOLE_FORMS_PER_ASKER_MAX);
        Self {
            pages: Console::new(times),
            sign_in: Arc::new(Listener::new(ListenerTarget::SignIn, control.port)),
            control,
            address: url.map(str::to_owned),
            saml_address: url.map(|url| format!("{url}/saml")),
            discovered: Discovered::default(),
            turns: Turns::new(),
            // All turns together are the semaphores', where who finds none waits.
            turns_of: shares(usize::MAX, limits::CONSOLE_PAGES_RUNNING_PER_ASKER_MAX),
            forms: forms(),
            strangers_forms: forms(),
            link: Mutex::default(),
        }
    }

    /// Makes the link, in the place of an earlier one; its token. `None` where the system has no randomness.
    pub(crate) fn make_link(&self, key: (String, SecretKey)) -> Option<String> {
        let mut random = [0; TOKEN_BYTES];
        getrandom::fill(&mut random).ok()?;
        let token = HEXLOWER.encode(&random);
        let link = OneTimeLink { token: Zeroizing::new(token.clone()), key };
        *self.link.lock().unwrap_or_else(PoisonError::into_inner) = Some(link);
        Some(token)
    }

    /// The key of the link with this token, once.
    pub(crate) fn take_link(&self, token: &str) -> Option<(String, SecretKey)> {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |link: &OneTimeLink| {
            verify_slices_are_equal(link.token.as_bytes(), token.as_bytes()).is_ok()
        };
        link.take_if(|link| is_it(link)).map(|link| link.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> (String, SecretKey) {
        ("AKIA".to_owned(), SecretKey::new("secret"))
    }

    #[test]
    fn a_link_is_good_once_and_a_new_one_takes_its_place() {
        let state =
            ConsoleState::new(Arc::new(Listener::new(ListenerTarget::Control, 9443)), None, 900);
        let first = state.make_link(key()).unwrap();
        let token = state.make_link(key()).unwrap();
        assert!(state.take_link(&first).is_none() && state.take_link("").is_none());
        assert!(state.take_link(&token).is_some());
        assert!(state.take_link(&token).is_none());
    }
}
