//! What a page is given and what it gives back.

use crate::facade::Api;
use crate::http::{Fields, Response};
use crate::limits::NEXT_BYTES_MAX;
use crate::sessions::{Done, OwnSession, RoleName, SessionChange, SessionMemory};

/// A page being asked for by somebody who is signed in.
pub(crate) struct Visit<'a> {
    /// Calls in the name of who asks.
    pub(crate) api: &'a dyn Api,
    /// Its ARN.
    pub(crate) arn: String,
    /// Its account.
    pub(crate) account: String,
    /// Who signed in: the ARN.
    pub(crate) owner: String,
    /// The role that was switched to.
    pub(crate) role: Option<RoleName>,
    /// Whether the password must be changed before anything else.
    pub(crate) must_change_password: bool,
    /// The sessions of who signed in, where a page shows them.
    pub(crate) sessions: Vec<OwnSession>,
    /// What the session remembers.
    pub(crate) memory: SessionMemory,
    /// What forms carry.
    pub(crate) form_token: String,
    /// What the request before this one did.
    pub(crate) done: Option<Done>,
    /// The path that was asked for.
    pub(crate) path: String,
    /// The names in it.
    pub(crate) names: Vec<(&'static str, String)>,
    /// The query.
    pub(crate) query: Fields,
    /// The form.
    pub(crate) form: Fields,
}

impl Visit<'_> {
    /// A name of the path, as its row of the table calls it.
    pub(crate) fn name(&self, name: &str) -> &str {
        let found = self.names.iter().find(|(row, _)| *row == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The region that calls are for.
    pub(crate) fn region(&self) -> &str {
        &self.memory.region
    }
}

/// What a page answers, and what its session remembers from now on.
pub(crate) struct Reply {
    /// The answer.
    pub(crate) response: Response,
    /// What changes in the session.
    pub(crate) changes: Vec<SessionChange>,
    /// The role that is acted as from now on, by the credentials that the page asked for ([`Api::assume`]).
    pub(crate) becomes: Option<RoleName>,
    /// Whether the session ends.
    pub(crate) ends: bool,
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self { response, changes: Vec::new(), becomes: None, ends: false }
    }
}

impl Reply {
    /// Something was done: the next page tells it.
    pub(crate) fn done(address: &str, text: impl Into<String>, cli: String) -> Self {
        let done = Done { text: text.into(), cli };
        let changes = vec![SessionChange::Done(done)];
        Self { response: Response::see(address), changes, becomes: None, ends: false }
    }
}

/// The cookie of a session. Its prefix has browsers insist on `Secure`, on this host alone and on the whole of it (RFC 6265bis).
pub(crate) const COOKIE: &str = "__Host-countersign";

/// The id of a session in the cookies.
pub(crate) fn cookie(cookies: &str) -> Option<&str> {
    cookie_named(cookies, COOKIE)
}

/// A cookie among others.
pub(crate) fn cookie_named<'c>(cookies: &'c str, name: &str) -> Option<&'c str> {
    let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(other, _)| *other == name).map(|(_, value)| value)
}

/// An address of this console, or its first page: nobody is led elsewhere by a link to the sign-in.
pub(crate) fn address_here(next: &str) -> &str {
    let plain = next.bytes().all(|byte| (b'!'..=b'~').contains(&byte) && byte != b'\\');
    let is_path = next.starts_with('/') && !next.starts_with("//");
    let is_sign_in = ["/sign-", "/oidc/", "/saml", "/link/"].iter().any(|it| next.starts_with(it));
    if plain && is_path && !is_sign_in && next.len() <= NEXT_BYTES_MAX { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_returns_to_a_page_of_this_console_and_nowhere_else() {
        assert_eq!(address_here("/domains/dev?tab=1"), "/domains/dev?tab=1");
        for next in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a\r\nb",
            "/sign-in",
            "/sign-out",
            "/oidc/a",
            "/saml",
        ] {
            assert_eq!(address_here(next), "/", "{next:?}");
        }
        assert_eq!(address_here(&"/a".repeat(NEXT_BYTES_MAX)), "/");
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        assert_eq!(cookie("a=b; __Host-countersign=xyz; c=d"), Some("xyz"));
        assert_eq!(cookie("countersign=xyz; x__Host-countersign=1"), None);
    }
}
