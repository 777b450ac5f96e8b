//! `/oidc/NAME` and `/oidc/NAME/callback`: signing in with an identity provider. The way there and back is bound to the browser by
//! a cookie: who is led to the way back without having begun here signs nobody in (login CSRF), and each way is good once.

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::attempts::Attempt;
use crate::facade::{OidcAnswer, OidcAttempt, Service};
use crate::http::{Fields, Response, is_same};
use crate::limits::ATTEMPT_TIME;
use crate::signing_in::{SigningIn, refused};
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
    if request.fetch_site.as_deref() == Some("cross-site") {
        return refused(403, "A page of another site led here: begin at the sign-in.");
    }
    if !service.providers().iter().any(|provider| provider == name) {
        return refused(404, "There is no such identity provider here.");
    }
    let random = || service.random().map(|bytes| BASE64URL_NOPAD.encode(&bytes));
    let (Some(id), Some(state), Some(nonce), Some(verifier)) =
        (random(), random(), random(), random())
    else {
        return refused(503, "The system has no randomness to give.");
    };
    let asked = OidcAttempt {
        provider: name.to_owned(),
        redirect: format!("https://{}{BELOW}{name}{CALLBACK}", request.host),
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
    let next = address_here(Fields::read(&request.query).get("next")).to_owned();
    signing_in.attempts.begin(Attempt {
        id: id.clone(),
        asked,
        next,
        region: service.region(),
        address: request.visitor.address.ip(),
        begun: service.now(),
    });
    let seconds = ATTEMPT_TIME.as_secs();
    let cookie =
        format!("{COOKIE}={id}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    Response::see(&address).with("set-cookie", cookie)
}

/// What is read who brings back an answer to nothing that this browser asked.
const NOT_BEGUN: &str =
    "This browser has not begun a sign-in that this would be the answer to, or it took too long.";

async fn back<S: Service>(signing_in: &SigningIn<'_, S>, name: &str) -> Response {
    let (request, service) = (signing_in.request, signing_in.service);
    let id = cookie_named(&request.cookies, COOKIE).unwrap_or_default();
    let gone = format!("{COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
    let Some(attempt) = signing_in.attempts.take(id, service.now()) else {
        return refused(403, NOT_BEGUN);
    };
    let answer = Fields::read(&request.query);
    let is_its =
        is_same(answer.get("state"), &attempt.asked.state) && attempt.asked.provider == name;
    if !is_its {
        return refused(403, NOT_BEGUN).with("set-cookie", gone);
    }
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
        Ok(who) => signing_in.begin_from_elsewhere(who, attempt.region, &attempt.next),
        Err(why) => refused(403, &format!("You are not signed in: {why}.")),
    };
    response.with("set-cookie", gone)
}

#[cfg(test)]
mod tests {
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
    fn an_answer_that_this_browser_did_not_ask_for_signs_nobody_in() {
        let (fake, console) = (Fake::default(), console());
        let (cookie, state) = begun(&fake, &console, "");
        let (others_cookie, others_state) = begun(&fake, &console, "");
        let good = format!("code=good&state={state}");
        let entered = |page: &Shown| page.header("set-cookie").starts_with("__Host-countersign=");
        assert!(!entered(&back(&fake, &console, "", &good)), "no cookie");
        assert!(!entered(&back(&fake, &console, &others_cookie, &good)), "another's state");
        assert!(!entered(&back(&fake, &console, &cookie, "code=good")), "no state");
        assert!(!entered(&back(&fake, &console, &cookie, &good)), "it was used up");
        let again = format!("code=good&state={others_state}");
        assert!(!entered(&back(&fake, &console, &others_cookie, &again)), "used up, too");
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
        let fetch_site = Some("cross-site".to_owned());
        let led = Request { fetch_site, ..request(Method::Get, "/oidc/people") };
        assert_eq!(fake.ask(&console, led).response.status, 403);
        let (cookie, state) = begun(&fake, &console, "https%3A%2F%2Fevil.example");
        let page = back(&fake, &console, &cookie, &format!("code=good&state={state}"));
        assert_eq!(page.header("refresh"), "0; url=/");
        let nobody = fake.ask(&console, request(Method::Get, "/oidc/nobody"));
        assert_eq!(nobody.response.status, 404);
    }
}
