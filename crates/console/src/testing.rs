//! A console without a service: answers to calls are given beforehand.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::answer::Console;
use crate::facade::{
    ApiAnswer, ApiCall, ApiPath, OidcAnswer, OidcAttempt, Pending, Presented, Service,
    SignInRefused, SignedIn, Visitor,
};
use crate::http::{Method, Request, Response, query};
use crate::sessions::SessionTimes;
use crate::visit::{COOKIE, cookie};

/// The service of tests: who knows the secret `right` is user ann.
#[derive(Default)]
pub(crate) struct Fake {
    answers: BTreeMap<&'static str, ApiAnswer>,
    /// What every other call is answered with; a refusal, where nothing is said.
    otherwise: Option<ApiAnswer>,
    /// What was asked for.
    pub(crate) calls: Mutex<Vec<ApiCall>>,
    random: Mutex<u8>,
    /// Whether the credentials of who signed in are nobody's any more, or why that cannot be told.
    pub(crate) gone: Mutex<Option<SignInRefused>>,
    /// The same of the role that was switched to, which is asked about second.
    pub(crate) role_gone: Mutex<Option<SignInRefused>>,
    /// How often it was asked about them for one page.
    asked: Mutex<u32>,
    /// The time, in seconds after the start.
    pub(crate) seconds: Mutex<i64>,
}

/// A page that was answered.
pub(crate) struct Shown {
    /// The answer.
    pub(crate) response: Response,
    /// Calls that it took.
    pub(crate) calls: Vec<ApiCall>,
}

impl Shown {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.response.body.clone()).unwrap()
    }

    /// Fails unless each of these is in the page.
    pub(crate) fn shows(&self, texts: &[&str]) {
        let page = self.text();
        for text in texts {
            assert!(page.contains(text), "{text:?} is not in {page}");
        }
    }

    /// Fails if one of these is in the page.
    pub(crate) fn lacks(&self, texts: &[&str]) {
        let page = self.text();
        for text in texts {
            assert!(!page.contains(text), "{text:?} is in {page}");
        }
    }

    /// A header of the answer.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.response.headers.iter().find(|(header, _)| *header == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The JSON that a call carried to the path that ends so.
    pub(crate) fn sent(&self, path: &str) -> Value {
        let call =
            self.calls.iter().find(|call| call.path.ends_with(path) && !call.body.is_empty());
        let call = call.unwrap_or_else(|| panic!("nothing was sent to {path}: {:?}", self.calls));
        serde_json::from_slice(&call.body).unwrap()
    }
}

/// A refusal for want of a permission.
pub(crate) fn refusal(message: &str) -> ApiAnswer {
    let body = json!({ "Message": message }).to_string();
    ApiAnswer {
        status: 403,
        error: Some("AccessDeniedException".to_owned()),
        request_id: Some("r-7".to_owned()),
        ..ok(body.into_bytes())
    }
}

fn ok(body: Vec<u8>) -> ApiAnswer {
    ApiAnswer {
        status: 200,
        request_id: Some("r-1".to_owned()),
        error: None,
        content_type: "application/json".to_owned(),
        body,
        cut: false,
    }
}

/// A request of a browser that is at the console.
pub(crate) fn request(method: Method, target: &str) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        host: "localhost:9444".to_owned(),
        cookies: String::new(),
        origin: Some("https://localhost:9444".to_owned()),
        fetch_site: Some("same-origin".to_owned()),
        form: Vec::new(),
        visitor: Visitor {
            address: "192.0.2.7:40000".parse().unwrap(),
            user_agent: "a browser".to_owned(),
        },
    }
}

/// An address of the table with names in it.
pub(crate) fn address(row: &str) -> String {
    let part =
        |part: &str| if part.starts_with('{') { "books".to_owned() } else { part.to_owned() };
    row.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The answer of a future that waits for nothing.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("waits"),
    }
}

/// Somebody who signed in.
pub(crate) fn signed_in(arn: &str) -> SignedIn<()> {
    SignedIn {
        arn: arn.to_owned(),
        account: "123456789012".to_owned(),
        credentials: (),
        ends: None,
        must_change_password: false,
    }
}

/// A console on which nobody is signed in.
pub(crate) fn console() -> Console<()> {
    Console::new(SessionTimes { length: SignedDuration::from_hours(8) })
}

impl Fake {
    /// Every call is answered with this.
    pub(crate) fn whole(answer: ApiAnswer) -> Self {
        Self { otherwise: Some(answer), ..Self::default() }
    }

    /// Calls of the path that ends so are answered with this JSON.
    pub(crate) fn answers(mut self, path: &'static str, body: Value) -> Self {
        self.answers.insert(path, ok(body.to_string().into_bytes()));
        self
    }

    /// Calls of the path that ends so are answered with this.
    pub(crate) fn refuses(mut self, path: &'static str, answer: ApiAnswer) -> Self {
        self.answers.insert(path, answer);
        self
    }

    /// Calls of this action of `iam` are answered with a result that holds this.
    pub(crate) fn says(mut self, action: &'static str, result: &str) -> Self {
        let xml = format!("<R><{action}Result>{result}</{action}Result></R>");
        self.answers.insert(action, ok(xml.into_bytes()));
        self
    }

    /// Calls of this action of `iam` are refused with this message.
    pub(crate) fn denies(mut self, action: &'static str, message: &str) -> Self {
        let xml = format!(
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>{message}</Message></Error></ErrorResponse>"
        );
        self.answers.insert(action, ApiAnswer { status: 403, ..ok(xml.into_bytes()) });
        self
    }

    /// Signs ann in; the cookie and the token of forms.
    pub(crate) fn signed_in(&self, console: &Console<()>) -> (String, String) {
        self.signed_in_by(console, "a browser")
    }

    /// The same with a browser that says this of itself.
    pub(crate) fn signed_in_by(&self, console: &Console<()>, user_agent: &str) -> (String, String) {
        let mut sign_in = request(Method::Post, "/sign-in");
        sign_in.visitor.user_agent = user_agent.to_owned();
        sign_in.form = query(&[("access-key-id", "AKIAANN"), ("secret", "right")]).into_bytes();
        let response = now(console.answer(self, &sign_in));
        let set = response.headers.iter().find(|(name, _)| *name == "set-cookie").unwrap();
        let id = cookie(set.1.split(';').next().unwrap()).unwrap().to_owned();
        let session = console.sessions.find(&id, self.now()).unwrap();
        (format!("{COOKIE}={id}"), session.form_token)
    }

    /// A page as ann sees it.
    pub(crate) fn get(&self, target: &str) -> Shown {
        let console = console();
        let (cookies, _) = self.signed_in(&console);
        self.ask(&console, Request { cookies, ..request(Method::Get, target) })
    }

    /// A form that ann sends.
    pub(crate) fn post(&self, target: &str, fields: &[(&str, &str)]) -> Shown {
        let console = console();
        let (cookies, token) = self.signed_in(&console);
        let fields = [fields, &[("token", token.as_str())]].concat();
        let form = query(&fields).into_bytes();
        self.ask(&console, Request { cookies, form, ..request(Method::Post, target) })
    }

    /// What is answered to a request.
    pub(crate) fn ask(&self, console: &Console<()>, request: Request) -> Shown {
        *self.asked.lock().unwrap() = 0;
        let response = now(console.answer(self, &request));
        let calls = std::mem::take(&mut *self.calls.lock().unwrap());
        Shown { response, calls }
    }
}

impl Service for Fake {
    type Credentials = ();

    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-30T12:00:00Z".parse().unwrap();
        start + SignedDuration::from_secs(*self.seconds.lock().unwrap())
    }

    fn random(&self) -> Option<[u8; 32]> {
        let mut random = self.random.lock().unwrap();
        *random += 1;
        Some([*random; 32])
    }

    fn region(&self) -> String {
        "us-east-1".to_owned()
    }

    fn paths(&self) -> Vec<ApiPath> {
        let path = "/{index}/_search".to_owned();
        vec![ApiPath { method: "GET", path, keys: vec!["q", "size"] }]
    }

    fn sign_in<'a>(
        &'a self,
        _visitor: &'a Visitor,
        presented: Presented,
    ) -> Pending<'a, Result<SignedIn<()>, SignInRefused>> {
        let right = match &presented {
            Presented::Key { secret, .. } => secret.as_str() == "right",
            Presented::Link(token) => token.as_str() == "once",
            Presented::Password { account, user, password, code } => {
                let has_device = user == "mfa" || code.is_some();
                let code = code.as_ref().map(|code| code.as_str());
                account == "123456789012"
                    && password.as_str() == "right"
                    && (!has_device || code == Some("123456"))
            }
        };
        let is_new = matches!(&presented, Presented::Password { user, .. } if user == "new");
        let ann = signed_in("arn:aws:iam::123456789012:user/ann");
        let who = SignedIn { must_change_password: is_new, ..ann };
        Box::pin(async move { right.then_some(who).ok_or(SignInRefused::Wrong) })
    }

    fn assume<'a>(
        &'a self,
        visitor: &'a Visitor,
        _by: Option<&'a ()>,
        call: ApiCall,
    ) -> Pending<'a, Result<SignedIn<()>, ApiAnswer>> {
        Box::pin(async move {
            let answer = self.call(visitor, &(), call).await;
            let who = signed_in("arn:aws:sts::123456789012:assumed-role/assumed/ann");
            if answer.status == 200 { Ok(who) } else { Err(answer) }
        })
    }

    fn stands<'a>(
        &'a self,
        _visitor: &'a Visitor,
        _credentials: &'a (),
    ) -> Pending<'a, Result<(), SignInRefused>> {
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        let told = if *asked == 1 { &self.gone } else { &self.role_gone };
        let gone = told.lock().unwrap().clone();
        Box::pin(async move { gone.map_or(Ok(()), Err) })
    }

    fn role_seconds(&self, _role_arn: &str) -> i64 {
        3_600
    }

    fn address(&self) -> String {
        "https://localhost:9444".to_owned()
    }

    fn account_number(&self, account: &str) -> Option<String> {
        (account == "123456789012").then(|| account.to_owned())
    }

    fn providers(&self) -> Vec<String> {
        vec!["people".to_owned()]
    }

    fn authorization_address<'a>(
        &'a self,
        attempt: &'a OidcAttempt,
    ) -> Pending<'a, Result<String, String>> {
        let (redirect, state) = (&attempt.redirect, &attempt.state);
        let address = format!("https://id.example/authorize?redirect={redirect}&state={state}");
        Box::pin(async move { Ok(address) })
    }

    fn redeem<'a>(
        &'a self,
        _visitor: &'a Visitor,
        _attempt: &'a OidcAttempt,
        answer: OidcAnswer<'a>,
    ) -> Pending<'a, Result<SignedIn<()>, SignInRefused>> {
        let who = signed_in("arn:aws:sts::123456789012:assumed-role/people/ann");
        let told = match answer.code {
            "good" if answer.issuer.is_none() => Ok(who),
            "often" => Err(SignInRefused::TooMany(7)),
            _ => Err(SignInRefused::Failed("the code was used".to_owned())),
        };
        Box::pin(async move { told })
    }

    fn offered_roles<'a>(
        &'a self,
        _visitor: &'a Visitor,
        response: &'a str,
    ) -> Pending<'a, Result<Vec<(String, String)>, SignInRefused>> {
        let provider = "arn:aws:iam::123456789012:saml-provider/idp";
        let role =
            |name: &str| (format!("arn:aws:iam::123456789012:role/{name}"), provider.to_owned());
        let told = match response {
            "good" => Ok(vec![role("reader"), role("writer")]),
            "often" => Err(SignInRefused::TooMany(7)),
            _ => Err(SignInRefused::Wrong),
        };
        Box::pin(async move { told })
    }

    fn call<'a>(
        &'a self,
        _visitor: &'a Visitor,
        _credentials: &'a (),
        call: ApiCall,
    ) -> Pending<'a, ApiAnswer> {
        let form = String::from_utf8_lossy(&call.body).into_owned();
        let action = form.strip_prefix("Action=").and_then(|rest| rest.split('&').next());
        let path = call.path.strip_prefix("/2021-01-01").unwrap_or(&call.path);
        let path = action.unwrap_or(path).to_owned();
        let exact = self.answers.get(path.as_str());
        let found = exact.or_else(|| {
            let mut ends = self.answers.iter().filter(|(end, _)| path.ends_with(**end));
            ends.next_back().map(|(_, answer)| answer)
        });
        let otherwise = || self.otherwise.clone().unwrap_or_else(|| refusal("not in this test"));
        let answer = found.cloned().unwrap_or_else(otherwise);
        self.calls.lock().unwrap().push(call);
        Box::pin(async move { answer })
    }
}
