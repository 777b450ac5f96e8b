//! The order in which a request of a browser is looked at: whose site sent it, who is signed in, whether the form is one of
//! ours, which page it is for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::assets;
use crate::attempts::Attempts;
use crate::facade::{
    Api, ApiAnswer, ApiCall, ApiPath, Pending, Service, SignInRefused, SignedIn, Visitor,
};
use crate::http::{Fields, Method, Request, Response, encoded, is_same};
use crate::layout;
use crate::limits::{FORM_BYTES_MAX, SAML_FORM_BYTES_MAX, STRANGERS_FORM_BYTES_MAX};
use crate::pages::{oidc, own_sessions, password, saml, sign_in};
use crate::routes::{self, Found};
use crate::sessions::{Done, OwnSession, Session, SessionChange, SessionTimes, Sessions};
use crate::signing_in::{KeptForm, SigningIn};
use crate::visit::{Reply, Visit, cookie};

/// The console of a service.
pub struct Console<C> {
    pub(crate) sessions: Sessions<C>,
    /// Sign-ins with identity providers that are under way.
    attempts: Attempts,
}

/// Who asks for a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Whoever it is, no call is made for it: an asset, the form of the sign-in, or the way to it.
    ForNothing,
    /// Somebody who is signing in.
    Stranger,
    /// Who is signed in: the ARN.
    Caller(String),
}

/// What the making of a page may wait for besides its calls: whoever waits long keeps only its like waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitsFor {
    /// Nothing.
    Nothing,
    /// A sign-in is refused no sooner than after a while.
    SignIn,
    /// An identity provider elsewhere answers when it likes.
    Provider,
}

impl WaitsFor {
    /// Of a request to an address.
    #[must_use]
    pub fn of(method: Method, path: &str) -> Self {
        let forms = [sign_in::ADDRESS, saml::ADDRESS, saml::ROLE];
        match path {
            _ if path.starts_with(oidc::BELOW) => Self::Provider,
            _ if path.starts_with(sign_in::LINK) => Self::SignIn,
            _ if method == Method::Post && forms.contains(&path) => Self::SignIn,
            _ => Self::Nothing,
        }
    }
}

impl<C: Send + Sync + 'static> Console<C> {
    /// Nobody is signed in.
    #[must_use]
    pub fn new(times: SessionTimes) -> Self {
        Self { sessions: Sessions::new(times), attempts: Attempts::default() }
    }

    /// Answers one request.
    pub async fn answer<S: Service<Credentials = C>>(
        &self,
        service: &S,
        request: &Request,
    ) -> Response {
        guarded(self.page(service, request).await)
    }

    /// Who asks, known before anything else of a request is looked at or read.
    #[must_use]
    pub fn asker(&self, method: Method, path: &str, cookies: &str, now: Timestamp) -> Asker {
        let id = cookie(cookies).unwrap_or_default();
        let signs_in = WaitsFor::of(method, path) != WaitsFor::Nothing;
        match self.sessions.caller(id, now) {
            _ if assets::find(path).is_some() || (path == sign_in::ADDRESS && !signs_in) => {
                Asker::ForNothing
            }
            Some(arn) => Asker::Caller(arn),
            None if signs_in => Asker::Stranger,
            // Whose time was over while it typed.
            None if method == Method::Post && self.sessions.was(id, now) => Asker::Stranger,
            None => Asker::ForNothing,
        }
    }

    /// Most bytes of a form that is sent to an address.
    #[must_use]
    pub fn form_bytes_max(&self, asker: &Asker, path: &str) -> usize {
        match asker {
            Asker::Caller(_) => FORM_BYTES_MAX,
            _ if [saml::ADDRESS, saml::ROLE].contains(&path) => SAML_FORM_BYTES_MAX,
            _ => STRANGERS_FORM_BYTES_MAX,
        }
    }

    async fn page<S: Service<Credentials = C>>(&self, service: &S, request: &Request) -> Response {
        if let Some(asset) = assets::find(&request.path) {
            return asset;
        }
        // An identity provider's page sends the one form that comes from elsewhere: what it proves is in it.
        let is_assertion = request.path == saml::ADDRESS;
        if request.method == Method::Post && !is_assertion && !is_from_here(request) {
            return layout::alone(403, "Refused", ELSEWHERE);
        }
        let now = service.now();
        let id = cookie(&request.cookies).unwrap_or_default();
        let (sessions, attempts) = (&self.sessions, &self.attempts);
        let signing_in =
            SigningIn { sessions, attempts, service, request, earlier: id, takes_form };
        if let Some(answer) = sign_in(&signing_in).await {
            return answer;
        }
        let Some(session) = self.sessions.find(id, now) else {
            if request.method == Method::Post {
                let kept = self.sessions.was(id, now).then(|| KeptForm::of(request, takes_form));
                return match kept.flatten() {
                    Some(kept) => sign_in::show_again(&signing_in, &kept),
                    None => signed_out(request),
                };
            }
            return to_sign_in(request);
        };
        if let Err(answer) = self.owner_stands(service, request, id, &session).await {
            return answer;
        }
        let is_open = [password::ADDRESS, "/sign-out"].contains(&request.path.as_str());
        if session.must_change_password && !is_open {
            let next = encoded(&here(request));
            return Response::see(&format!("{}?next={next}", password::ADDRESS));
        }
        let form = Fields::read(&String::from_utf8_lossy(&request.form));
        if request.method == Method::Post && !is_same(form.get("token"), &session.form_token) {
            return layout::alone(403, "Refused", OLD_FORM);
        }
        let row = match routes::find(request.method, &request.path) {
            Found::Page(row, names) => (row, names),
            Found::OtherMethod => {
                return layout::alone(405, "Not here", "This address does not take that method.");
            }
            Found::Nothing => {
                return layout::alone(404, "No such page", "There is no page at this address.");
            }
        };
        let own = match request.path.as_str() {
            own_sessions::ADDRESS => self.sessions.of_owner(id, now),
            _ => Vec::new(),
        };
        let made = visit(service, request, &session, own, form, row).await;
        if !made.is_proven
            && !made.reply.ends
            && let Err(answer) = self.caller_stands(service, request, id, &session).await
        {
            return answer;
        }
        self.keep(id, made)
    }

    /// Keeps what a page changes in its session; the page's answer.
    fn keep(&self, id: &str, made: Made<C>) -> Response {
        let Made { reply, assumed, .. } = made;
        if let Some((role, who)) = reply.becomes.zip(assumed) {
            self.sessions.switch(id, role, who);
        }
        for change in reply.changes {
            self.sessions.change(id, change);
        }
        if reply.ends {
            self.sessions.end(id);
        }
        reply.response
    }
}

impl<C: Send + Sync + 'static> Console<C> {
    /// Calls in a role prove that the role lives on, and not whoever switched to it: a session whose owner lost its key, its login
    /// profile or itself ends.
    async fn owner_stands<S: Service<Credentials = C>>(
        &self,
        service: &S,
        request: &Request,
        id: &str,
        session: &Session<C>,
    ) -> Result<(), Response> {
        if session.role.is_none() || request.path == "/sign-out" {
            return Ok(());
        }
        let stands = service.stands(&request.visitor, &session.owner.credentials).await;
        match stands {
            Ok(()) => Ok(()),
            Err(SignInRefused::Wrong) => Err(self.ended(request, id)),
            Err(SignInRefused::TooMany(_)) => Err(layout::alone(503, "Not now", NOT_TOLD)),
            Err(SignInRefused::Failed(words)) => Err(layout::alone(503, "Not now", &words)),
        }
    }

    /// A page of which no call succeeded proves nothing about who asked for it: the key may be deleted, the session revoked, the user, role or
    /// login profile gone. Then the session ends; of a role that was switched to it is its owner's again.
    async fn caller_stands<S: Service<Credentials = C>>(
        &self,
        service: &S,
        request: &Request,
        id: &str,
        session: &Session<C>,
    ) -> Result<(), Response> {
        // What cannot be told now is told by the page, in the words of what refused it.
        let stands = service.stands(&request.visitor, &session.who.credentials).await;
        if stands != Err(SignInRefused::Wrong) {
            return Ok(());
        }
        let Some(role) = &session.role else { return Err(self.ended(request, id)) };
        self.sessions.change(id, SessionChange::SwitchBack);
        let text = format!(
            "You no longer act as {}: its session was ended, or the role is gone. Nothing was done; you act as yourself again.",
            role.shown()
        );
        self.sessions.change(id, SessionChange::Done(Done { text, cli: String::new() }));
        Err(Response::see(&here(request)))
    }

    /// Ends a session of which nobody is the caller any more, and leads to the sign-in.
    fn ended(&self, request: &Request, id: &str) -> Response {
        self.sessions.end(id);
        match request.method {
            Method::Post => signed_out(request),
            Method::Get => to_sign_in(request),
        }
    }
}

/// The pages of who is not signed in yet.
async fn sign_in<S: Service>(signing_in: &SigningIn<'_, S>) -> Option<Response> {
    let request = signing_in.request;
    Some(match (request.method, request.path.as_str()) {
        (Method::Get, sign_in::ADDRESS) => sign_in::show(signing_in),
        (Method::Post, sign_in::ADDRESS) => sign_in::take(signing_in).await,
        (Method::Post, saml::ADDRESS) => saml::offer(signing_in).await,
        (Method::Post, saml::ROLE) => saml::choose(signing_in).await,
        (Method::Get, path) if path.starts_with(sign_in::LINK) => {
            sign_in::follow_link(signing_in).await
        }
        (Method::Get, path) if path.starts_with(oidc::BELOW) => oidc::at(signing_in).await,
        _ => return None,
    })
}

/// Whether a form may be sent to an address once its sender has signed in again.
fn takes_form(path: &str) -> bool {
    let sends = matches!(routes::find(Method::Post, path), Found::Page(..));
    sends && ![password::ADDRESS, "/sign-out"].contains(&path) && !path.ends_with("/preview")
}

/// Has a page answer.
async fn visit<S: Service>(
    service: &S,
    request: &Request,
    session: &Session<S::Credentials>,
    own: Vec<OwnSession>,
    form: Fields,
    (row, names): (&routes::RouteRow, Vec<(&'static str, String)>),
) -> Made<S::Credentials> {
    let (visitor, assumed) = (&request.visitor, Mutex::default());
    let api = InTheName { service, session, visitor, assumed, is_proven: AtomicBool::new(false) };
    let visit = Visit {
        api: &api,
        arn: session.who.arn.clone(),
        account: session.who.account.clone(),
        owner: session.owner.arn.clone(),
        role: session.role.clone(),
        must_change_password: session.must_change_password,
        sessions: own,
        memory: session.memory.clone(),
        form_token: session.form_token.clone(),
        done: session.done.clone(),
        path: request.path.clone(),
        names,
        query: Fields::read(&request.query),
        form,
    };
    let reply = (row.page)(&visit).await;
    drop(visit);
    let assumed = api.assumed.into_inner().unwrap_or_else(PoisonError::into_inner);
    Made { reply, assumed, is_proven: api.is_proven.into_inner() }
}

/// A page that was made.
struct Made<C> {
    reply: Reply,
    /// Credentials that it asked for.
    assumed: Option<SignedIn<C>>,
    /// Whether one of its calls succeeded, which proves that its caller's credentials are somebody's.
    is_proven: bool,
}

/// Calls in the name of who signed in.
struct InTheName<'a, S: Service> {
    service: &'a S,
    session: &'a Session<S::Credentials>,
    visitor: &'a Visitor,
    /// Credentials that a page asked for.
    assumed: Mutex<Option<SignedIn<S::Credentials>>>,
    /// Whether a call succeeded.
    is_proven: AtomicBool,
}

impl<S: Service> Api for InTheName<'_, S> {
    fn call(&self, call: ApiCall) -> Pending<'_, ApiAnswer> {
        Box::pin(async move {
            let answer = self.service.call(self.visitor, &self.session.who.credentials, call).await;
            if answer.status < 300 {
                self.is_proven.store(true, Ordering::Relaxed);
            }
            answer
        })
    }

    fn assume(&self, call: ApiCall) -> Pending<'_, Result<(), ApiAnswer>> {
        Box::pin(async move {
            let by = Some(&self.session.owner.credentials);
            let who = self.service.assume(self.visitor, by, call).await?;
            self.is_proven.store(true, Ordering::Relaxed);
            *self.assumed.lock().unwrap_or_else(PoisonError::into_inner) = Some(who);
            Ok(())
        })
    }

    fn role_seconds(&self, role_arn: &str) -> i64 {
        self.service.role_seconds(role_arn)
    }

    fn account_number(&self, account: &str) -> Option<String> {
        self.service.account_number(account)
    }

    fn paths(&self) -> Vec<ApiPath> {
        self.service.paths()
    }
}

const ELSEWHERE: &str = "This form was not sent by a page of this console, so nothing was done.";
const NOT_TOLD: &str =
    "It is not known at the moment whether you may still act as this role. Try again.";
const OLD_FORM: &str = "This form is of another session, so nothing was done. Open the page again.";

/// Whether a page of this console sent the form: browsers say where a form comes from, and a form that does not say it comes
/// from none of them.
fn is_from_here(request: &Request) -> bool {
    let own = format!("https://{}", request.host);
    let by_origin = request.origin.as_ref().map(|origin| origin.eq_ignore_ascii_case(&own));
    let by_site = request.fetch_site.as_ref().map(|site| site == "same-origin");
    match (by_origin, by_site) {
        (None, None) => false,
        (origin, site) => origin.unwrap_or(true) && site.unwrap_or(true),
    }
}

/// The address to come back to; of a form, the page of its address.
fn here(request: &Request) -> String {
    let path = request.path.as_str();
    match (request.method, request.query.as_str()) {
        (Method::Get, query) if !query.is_empty() => format!("{path}?{query}"),
        (Method::Post, _) => path.strip_suffix("/preview").unwrap_or(path).to_owned(),
        _ => path.to_owned(),
    }
}

/// Leads to the sign-in, and from there back.
fn to_sign_in(request: &Request) -> Response {
    Response::see(&format!("/sign-in?next={}", encoded(&here(request))))
}

/// Says that a form was not taken, where the browser's way back may still find what was typed.
fn signed_out(request: &Request) -> Response {
    let content = maud::html! {
        p { "You were signed out, and nothing was done. Your browser may still have what you typed on the page before this one: go back and copy it before you sign in." }
        p { a href={ "/sign-in?next=" (encoded(&here(request))) } { "Sign in" } }
    };
    layout::narrow(401, "Signed out", &content)
}

/// What every answer says to the browser: nothing from elsewhere, nothing inline, in no frame.
fn guarded(response: Response) -> Response {
    let keeps = response.headers.iter().any(|(name, _)| *name == "cache-control");
    let response = response
        .with("content-security-policy", POLICY)
        .with("x-content-type-options", "nosniff")
        .with("x-frame-options", "DENY")
        .with("referrer-policy", "same-origin")
        .with("cross-origin-opener-policy", "same-origin")
        .with("cross-origin-resource-policy", "same-origin");
    if keeps { response } else { response.with("cache-control", "no-store") }
}

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_form_comes_from_here_only_if_the_browser_says_so() {
        let says = |origin: Option<&str>, site: Option<&str>| {
            let mut request = testing::request(Method::Post, "/domains/new");
            request.origin = origin.map(str::to_owned);
            request.fetch_site = site.map(str::to_owned);
            is_from_here(&request)
        };
        assert!(says(Some("https://localhost:9444"), Some("same-origin")));
        assert!(says(Some("https://localhost:9444"), None) && says(None, Some("same-origin")));
        assert!(!says(None, None), "no browser");
        assert!(!says(Some("https://localhost:9200"), None), "another port");
        assert!(!says(Some("http://localhost:9444"), None) && !says(Some("null"), None));
        assert!(!says(Some("https://localhost:9444"), Some("same-site")));
        assert!(!says(None, Some("cross-site")));
    }

    #[test]
    fn who_asks_is_known_by_the_session_and_assets_are_for_whoever_asks() {
        let (fake, console) = (testing::Fake::default(), testing::console());
        let (cookies, _) = fake.signed_in(&console);
        let asker = |method, path, cookies: &str| console.asker(method, path, cookies, fake.now());
        let ann = || Asker::Caller("arn:aws:iam::123456789012:user/ann".to_owned());
        assert_eq!(asker(Method::Get, "/domains", &cookies), ann());
        assert_eq!(asker(Method::Post, "/sign-in", &cookies), ann());
        for path in ["/sign-in", assets::SCRIPT] {
            assert_eq!(asker(Method::Get, path, &cookies), Asker::ForNothing, "{path}");
        }
        assert_eq!(asker(Method::Get, "/domains", ""), Asker::ForNothing);
        assert_eq!(asker(Method::Post, "/domains/new", ""), Asker::ForNothing);
        assert_eq!(asker(Method::Post, "/sign-in", ""), Asker::Stranger);
        assert_eq!(asker(Method::Get, "/link/once", ""), Asker::Stranger);
    }

    #[test]
    fn a_form_of_who_was_signed_out_is_told_so_and_leads_to_its_page() {
        let fake = testing::Fake::default();
        for path in ["/domains/new", "/domains/new/preview"] {
            let page = fake.ask(&testing::console(), testing::request(Method::Post, path));
            assert_eq!((page.response.status, page.calls.len()), (401, 0));
            page.shows(&["nothing was done", "/sign-in?next=%2Fdomains%2Fnew\""]);
        }
    }

    /// A request of the session that these cookies are of.
    fn request(cookies: &str, method: Method, path: &str) -> Request {
        Request { cookies: cookies.to_owned(), ..testing::request(method, path) }
    }

    #[test]
    fn a_session_whose_caller_is_gone_ends_on_every_page_and_leads_to_the_sign_in() {
        // Its calls are refused, or it makes none: neither shows a page of who is nobody any more.
        let fake = testing::Fake::default();
        *fake.gone.lock().unwrap() = Some(SignInRefused::Wrong);
        for row in routes::TABLE.iter().filter(|row| row.method == Method::Get) {
            let console = testing::console();
            let (cookies, _) = fake.signed_in(&console);
            let path = testing::address(row.address);
            let asked = || request(&cookies, Method::Get, &format!("{path}?a=b"));
            let page = fake.ask(&console, asked());
            let next = format!("/sign-in?next={}", encoded(&format!("{path}?a=b")));
            assert_eq!(page.header("location"), next, "{path}");
            let page = fake.ask(&console, asked());
            assert_eq!((page.header("location"), page.calls.len()), (next.as_str(), 0), "{path}");
        }
    }

    #[test]
    fn a_form_of_who_is_gone_says_that_nothing_was_done() {
        for row in routes::TABLE.iter().filter(|row| row.method == Method::Post) {
            let fake = testing::Fake::default();
            *fake.gone.lock().unwrap() = Some(SignInRefused::Wrong);
            let path = testing::address(row.address);
            let page = fake.post(&path, &[]);
            match path.as_str() {
                "/sign-out" => assert_eq!(page.header("location"), "/sign-in"),
                _ => assert_eq!(page.response.status, 401, "{path}: {}", page.text()),
            }
        }
    }

    #[test]
    fn who_is_denied_and_not_gone_reads_the_denial() {
        for told in [None, Some(SignInRefused::Failed("It is broken.".to_owned()))] {
            let fake = testing::Fake::default();
            *fake.gone.lock().unwrap() = told;
            let page = fake.get("/health");
            assert_eq!(page.response.status, 403);
            page.shows(&["not in this test"]);
        }
    }

    #[test]
    fn a_form_without_the_sessions_token_does_nothing() {
        let fake = testing::Fake::default();
        for row in routes::TABLE.iter().filter(|row| row.method == Method::Post) {
            let console = testing::console();
            let (cookies, _) = fake.signed_in(&console);
            for form in ["", "token=", "token=guess"] {
                let path = testing::address(row.address);
                let asked = Request {
                    form: form.as_bytes().to_vec(),
                    ..request(&cookies, Method::Post, &path)
                };
                let page = fake.ask(&console, asked);
                assert_eq!((page.response.status, page.calls.len()), (403, 0), "{path} {form}");
            }
        }
    }

    #[test]
    fn a_form_of_another_site_does_nothing_even_with_the_cookie() {
        let (fake, console) = (testing::Fake::default(), testing::console());
        let (cookies, token) = fake.signed_in(&console);
        let request = Request {
            cookies,
            origin: Some("https://evil.example".to_owned()),
            form: format!("name=books&token={token}").into_bytes(),
            ..testing::request(Method::Post, "/domains/books/delete")
        };
        let page = fake.ask(&console, request);
        assert_eq!((page.response.status, page.calls.len()), (403, 0));
    }

    #[test]
    fn e05_every_answer_forbids_scripts_styles_and_frames_of_others() {
        let (fake, console) = (testing::Fake::default(), testing::console());
        for target in ["/sign-in", "/domains", "/nowhere", "/assets/nothing", crate::assets::SCRIPT]
        {
            let page = fake.ask(&console, testing::request(Method::Get, target));
            let policy = page.header("content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'")
                    && policy.contains("frame-ancestors 'none'")
            );
            assert!(
                !policy.contains("unsafe") && page.header("x-frame-options") == "DENY",
                "{target}"
            );
        }
        assert_eq!(fake.get("/about").header("cache-control"), "no-store");
    }

    #[test]
    fn no_page_has_a_script_or_a_style_of_its_own() {
        let fake = testing::Fake::default();
        for row in routes::TABLE.iter().filter(|row| row.method == Method::Get) {
            let page = fake.get(&testing::address(row.address));
            if !page.header("content-type").starts_with("text/html") {
                continue;
            }
            page.lacks(&["style=", "<style", "onclick", "onload", "javascript:"]);
            assert_eq!(page.text().matches("<script").count(), 1, "{}", row.address);
        }
    }

    #[test]
    fn a_first_load_is_small() {
        let fake = testing::Fake::default();
        let console = testing::console();
        let bytes = |target: &str| {
            fake.ask(&console, testing::request(Method::Get, target)).response.body.len()
        };
        let first = [crate::assets::STYLE, crate::assets::SCRIPT, crate::assets::ICON].map(bytes);
        let all = first.iter().sum::<usize>() + fake.get("/domains/new").response.body.len();
        assert!(all <= 150 * 1024, "{all}");
    }
}
