//! `/oidc/NAME` and `/oidc/NAME/callback`: signing in with an identity provider. The way there and back is bound to the browser by
//! a cookie: who is led to the way back without having begun here signs nobody in (login CSRF), and each way is good once.

use data_encoding::BASE64URL_NOPAD;
use maud::html;
use zeroize::Zeroizing;

use crate::attempts::Attempt;
use crate::facade::{OidcAnswer, OidcAttempt, Service, SignInRefused};
use crate::http::{Fields, Response, encoded, is_same};
use crate::layout;
use crate::limits::ATTEMPT_TIME;
use crate::signing_in::{SigningIn, refused, too_many};
use crate::visit::{address_here, cookie_named};

/// What its addresses begin with.
pub(crate) const BELOW: &str = "/oidc/";

/// The cookie of a way that was begun. The provider sends the browser back, which is another site: hence not `Strict`.
const COOKIE: &str = "__Host-countersign-oidc";

const CALLBACK: &str = "/callback";

/// Leads to the provider, or takes what it sent the browser back with.
pub(crate) async fn at<S: Service>(signing_in: &SigningIn<'_, S>) -> Response {
    let rest = signing_in.request.path.strip_prefix(BELOW).unwrap_or_default();
    match rest.strip_suffix(CALLBACK) {
        Some(name) => back(signing_in, name).await,
        None => begin(signing_in, rest).await,
    }
}

async fn begin<S: Service>(signing_in: &SigningIn<'_, S>, name: &str) -> Response {
    let (request, service) = (signing_in.request, signing_in.service);
    if request.is_led_from_elsewhere() {
        return refused(403, "A page of another site led here: begin at the sign-in.");
    }
    if !service.providers().iter().any(|provider| provider == name) {
        return refused(404, "There is no such identity provider here.");
    }
    let query = Fields::read(&request.query);
    let next = address_here(query.get("next"));
    let own = service.address();
    if !is_host_of(&request.host, &own) {
        return elsewhere(&own, next);
    }
    let random = || service.random().map(|bytes| BASE64URL_NOPAD.encode(&bytes));
    let (Some(id), Some(state), Some(nonce), Some(verifier)) =
        (random(), random(), random(), random())
    else {
        return refused(503, "The system has no randomness to give.");
    };
    let asked = OidcAttempt {
        provider: name.to_owned(),
        redirect: format!("{own}{BELOW}{name}{CALLBACK}"),
        state,
        nonce,
        verifier: Zeroizing::new(verifier),
    };
    let address = match service.authorization_address(&asked).await {
        Ok(address) => address,
        Err(why) => {
            return refused(503, &format!("The identity provider cannot be asked: {why}."));
        }
    };
    // What is no session's would be kept for strangers.
    let earlier = Some(signing_in.earlier).filter(|id| signing_in.sessions.has(id, service.now()));
    signing_in.attempts.begin(Attempt {
        id: id.clone(),
        asked,
        next: next.to_owned(),
        region: service.region(),
        earlier: earlier.unwrap_or_default().to_owned(),
        address: request.visitor.address.ip(),
        begun: service.now(),
    });
    let seconds = ATTEMPT_TIME.as_secs();
    let cookie =
        format!("{COOKIE}={id}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    Response::see(&address).with("set-cookie", cookie)
}

/// Whether a `Host` is that of an address of `https`, whose port need not be said.
fn is_host_of(host: &str, address: &str) -> bool {
    let named = address.strip_prefix("https://").unwrap_or_default();
    let plain = |host: &str| host.strip_suffix(":443").unwrap_or(host).to_ascii_lowercase();
    !named.is_empty() && plain(host) == plain(named)
}

/// The provider sends the browser back to the address of the settings, never to one of the request's: a cookie of another host would
/// not come along.
fn elsewhere(own: &str, next: &str) -> Response {
    let content = html! {
        p { "Signing in with an identity provider begins under the address that the console's settings name." }
        p { a href={ (own) "/sign-in?next=" (encoded(next)) } { "Go on at " (own) } }
    };
    layout::narrow(403, "Sign in", &content)
}

/// What is read who brings back an answer to nothing that this browser asked.
const NOT_BEGUN: &str =
    "This browser did not begin the sign-in that this is the answer to, or it took too long.";

async fn back<S: Service>(signing_in: &SigningIn<'_, S>, name: &str) -> Response {
    let (request, service) = (signing_in.request, signing_in.service);
    let id = cookie_named(&request.cookies, COOKIE).unwrap_or_default();
    let gone = format!("{COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
    let answer = Fields::read(&request.query);
    let is_answered =
        |asked: &OidcAttempt| is_same(answer.get("state"), &asked.state) && asked.provider == name;
    let Some(attempt) = signing_in.attempts.take(id, is_answered, service.now()) else {
        return refused(403, NOT_BEGUN);
    };
    if answer.has("error") || !answer.has("code") {
        let error = match answer.get("error_description") {
            "" => answer.get("error"),
            text => text,
        };
        let error: String = error.chars().take(200).collect();
        let text = format!("The identity provider did not sign you in: {error}");
        return refused(403, &text).with("set-cookie", gone);
    }
    let issuer = answer.has("iss").then(|| answer.get("iss"));
    let answer = OidcAnswer { code: answer.get("code"), issuer };
    let response = match service.redeem(&request.visitor, &attempt.asked, answer).await {
        Ok(who) => signing_in.begin_from_elsewhere(who, &attempt),
        Err(SignInRefused::TooMany(seconds)) => {
            refused(429, &too_many(seconds)).with("retry-after", seconds.to_string())
        }
        Err(SignInRefused::Failed(why)) => refused(403, &format!("You are not signed in: {why}.")),
        Err(SignInRefused::Wrong) => refused(403, "You are not signed in."),
    };
    response.with("set-cookie", gone)
}

#[cfg(test)]
mod tests {
    use super::is_host_of;
    use crate::answer::Console;
    use crate::http::{Method, Request};
    use crate::testing::{Fake, Shown, console, request};

    /// The way to the provider: the browser's cookie and the state.
    fn begun(fake: &Fake, console: &Console<()>, next: &str) -> (String, String) {
        let target = format!("/oidc/people?next={next}");
        let page = fake.ask(console, request(Method::Get, &target));
        let address = page.header("location").to_owned();
        assert!(address.starts_with("https://id.example/authorize?"), "{address}");
        let state = address.split_once("state=").unwrap().1.to_owned();
        let cookie = page.header("set-cookie");
        assert!(cookie.contains("; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
        (cookie.split(';').next().unwrap().to_owned(), state)
    }

    fn back(fake: &Fake, console: &Console<()>, cookies: &str, query: &str) -> Shown {
        let target = format!("/oidc/people/callback?{query}");
        let fetch_site = Some("cross-site".to_owned());
        let cookies = cookies.to_owned();
        fake.ask(console, Request { cookies, fetch_site, ..request(Method::Get, &target) })
    }

    #[test]
    fn who_comes_back_with_a_good_code_is_signed_in_and_led_on_by_a_page_from_here() {
        let (fake, console) = (Fake::default(), console());
        let (cookie, state) = begun(&fake, &console, "%2Fdomains%2Fbooks");
        let page = back(&fake, &console, &cookie, &format!("code=good&state={state}"));
        assert_eq!((page.response.status, page.header("refresh")), (200, "0; url=/domains/books"));
        assert!(page.header("set-cookie").starts_with("__Host-countersign="));
        assert!(page.header("set-cookie").ends_with("SameSite=Strict"));
    }

    #[test]
    fn an_answer_to_something_else_signs_nobody_in_and_leaves_the_sign_in_under_way() {
        let (fake, console) = (Fake::default(), console());
        let (cookie, state) = begun(&fake, &console, "");
        let (others_cookie, _) = begun(&fake, &console, "");
        let good = format!("code=good&state={state}");
        let entered = |page: &Shown| page.header("set-cookie").starts_with("__Host-countersign=");
        for (cookies, query, why) in [
            ("", good.as_str(), "no cookie"),
            (&others_cookie, &good, "another's state"),
            (&cookie, "code=good", "no state"),
            (&cookie, "error=access_denied&state=guess", "a state that was guessed"),
        ] {
            let page = back(&fake, &console, cookies, query);
            assert_eq!((page.response.status, page.header("set-cookie")), (403, ""), "{why}");
        }
        assert!(entered(&back(&fake, &console, &cookie, &good)), "still under way");
        assert!(!entered(&back(&fake, &console, &cookie, &good)), "it was used up");
    }

    #[test]
    fn the_session_that_the_browser_had_ends_although_its_cookie_does_not_come_back_along() {
        let (fake, console) = (Fake::default(), console());
        let (session, _) = fake.signed_in(&console);
        let about = |cookies: &str| {
            let cookies = cookies.to_owned();
            let asked = Request { cookies, ..request(Method::Get, "/about") };
            fake.ask(&console, asked).response.status
        };
        let cookies = session.clone();
        let begin = Request { cookies, ..request(Method::Get, "/oidc/people") };
        let begun = fake.ask(&console, begin);
        let state = begun.header("location").split_once("state=").unwrap().1.to_owned();
        let cookie = begun.header("set-cookie").split(';').next().unwrap().to_owned();
        assert_eq!(about(&session), 200, "nobody else has signed in yet");
        let page = back(&fake, &console, &cookie, &format!("code=good&state={state}"));
        let new = page.header("set-cookie").split(';').next().unwrap().to_owned();
        assert_eq!((about(&new), about(&session)), (200, 303));
    }

    #[test]
    fn the_provider_is_told_the_address_of_the_settings_whatever_host_the_request_names() {
        let (fake, console) = (Fake::default(), console());
        let begin = |host: &str| {
            let host = host.to_owned();
            let asked = Request { host, ..request(Method::Get, "/oidc/people?next=%2Fabout") };
            fake.ask(&console, asked)
        };
        for host in ["localhost:9444", "LOCALHOST:9444"] {
            let address = begin(host).header("location").to_owned();
            assert!(
                address.contains("redirect=https://localhost:9444/oidc/people/callback"),
                "{address}"
            );
        }
        for host in ["evil.example", "localhost:94449", "localhost", ""] {
            let page = begin(host);
            let told = (page.response.status, page.header("location"), page.header("set-cookie"));
            assert_eq!(told, (403, "", ""), "{host}");
            page.shows(&["href=\"https://localhost:9444/sign-in?next=%2Fabout\""]);
            page.lacks(&["evil.example"]);
        }
        assert!(is_host_of("a.example", "https://a.example:443"));
        assert!(is_host_of("a.example:443", "https://A.example"));
        assert!(!is_host_of("", "") && !is_host_of("a.example:444", "https://a.example"));
    }

    #[test]
    fn who_tried_too_often_reads_when_to_try_again() {
        let (fake, console) = (Fake::default(), console());
        let (cookie, state) = begun(&fake, &console, "");
        let page = back(&fake, &console, &cookie, &format!("code=often&state={state}"));
        assert_eq!((page.response.status, page.header("retry-after")), (429, "7"));
        page.shows(&["Try again in 7 s"]);
    }

    #[test]
    fn a_code_that_was_used_and_an_answer_of_another_issuer_are_refused_as_the_service_says() {
        let (fake, console) = (Fake::default(), console());
        for query in ["code=used", "code=good&iss=https%3A%2F%2Fevil.example"] {
            let (cookie, state) = begun(&fake, &console, "");
            let page = back(&fake, &console, &cookie, &format!("{query}&state={state}"));
            assert_eq!(page.response.status, 403, "{query}");
            page.shows(&["You are not signed in"]);
        }
    }

    #[test]
    fn an_error_of_the_provider_is_text() {
        let (fake, console) = (Fake::default(), console());
        let (cookie, state) = begun(&fake, &console, "");
        let query = format!("error=access_denied&error_description=%3Cscript%3E&state={state}");
        let page = back(&fake, &console, &cookie, &query);
        page.shows(&["did not sign you in: &lt;script&gt;"]);
    }

    #[test]
    fn another_site_begins_no_sign_in_and_leads_to_no_page_of_its_own() {
        let (fake, console) = (Fake::default(), console());
        for site in ["cross-site", "same-site"] {
            let fetch_site = Some(site.to_owned());
            let led = Request { fetch_site, ..request(Method::Get, "/oidc/people") };
            assert_eq!(fake.ask(&console, led).response.status, 403, "{site}");
        }
        let (cookie, state) = begun(&fake, &console, "https%3A%2F%2Fevil.example");
        let page = back(&fake, &console, &cookie, &format!("code=good&state={state}"));
        assert_eq!(page.header("refresh"), "0; url=/");
        let nobody = fake.ask(&console, request(Method::Get, "/oidc/nobody"));
        assert_eq!(nobody.response.status, 404);
    }
}
