//! What the console asks of the service: a sign-in is proven by a signed request, like every other request of the session.

use std::sync::Arc;

use console::{
    ApiAnswer, ApiCall, ApiPath, Destination, OidcAnswer, OidcAttempt, Pending, Presented, Service,
    SignInRefused, SignedIn, Visitor,
};
use engine::rest::Api;
use jiff::Timestamp;
use sigv4::limits::SESSION_TOKEN_BYTES_MAX;
use sigv4::{AccessKeyId, SecretKey};
use zeroize::{Zeroize, Zeroizing};

use super::calls::{self, Proof};
use super::oidc;
use crate::guards::limits;
use crate::guards::throttle::{SourceAddress, Throttle, TooManyTries};
use crate::service::console_state::BrowserCredentials;
use crate::service::pool::WorkOwner;
use crate::service::state::ServiceState;

/// The service as the console knows it.
pub(crate) struct Gateway {
    pub(super) state: ServiceState,
}

impl Gateway {
    /// A handle on the service.
    pub(crate) fn new(state: &ServiceState) -> Self {
        Self { state: state.clone() }
    }

    /// Counts the try before it is known whether it fails, as passwords are counted: a key's secret is none, but who tries at a
    /// form tries as people do.
    async fn prove(
        &self,
        visitor: &Visitor,
        presented: Presented,
    ) -> Result<SignedIn<BrowserCredentials>, SignInRefused> {
        let by_password = matches!(presented, Presented::Password { .. });
        let shortest = tokio::time::sleep(limits::CONSOLE_REFUSAL_TIME_MIN);
        let proven = self.counted(visitor, presented).await;
        if by_password && matches!(proven, Err(SignInRefused::Wrong | SignInRefused::Failed(_))) {
            // Whatever was wrong: no such user, its password, its code; or that the service could not tell, which it may find
            // out sooner of who has the right password than of who has not.
            shortest.await;
        }
        proven
    }

    async fn counted(
        &self,
        visitor: &Visitor,
        presented: Presented,
    ) -> Result<SignedIn<BrowserCredentials>, SignInRefused> {
        let (checks, now) = (&self.state.basic, self.state.clock.now());
        let source = self.try_once(&checks.sources, visitor)?;
        let presented = self.by_number(presented);
        if !can_be_right(&presented) {
            return Err(SignInRefused::Wrong);
        }
        // By name together with where it is tried: nobody else's tries lock its owner out. Links have no name to guess at.
        let name = match &presented {
            Presented::Key { access_key_id, .. } => Some(access_key_id.clone()),
            Presented::Password { account, user, .. } => {
                Some(format!("{account}/{}", user.to_lowercase()))
            }
            Presented::Link(_) => None,
        };
        let user = name.map(|name| (format!("console {source}"), name));
        if let Some(Err(why)) = user.as_ref().map(|user| checks.users.try_once(user, now)) {
            checks.sources.succeeded(&source, now);
            return Err(too_many(why));
        }
        let proven = self.proven(visitor, presented).await;
        // What failed for another reason counts, too: the password of it may have been right.
        if proven.is_ok() {
            checks.sources.succeeded(&source, now);
            user.iter().for_each(|user| checks.users.succeeded(user, now));
        }
        proven
    }

    /// Counts a try of the visitor's address before it is known whether it fails.
    fn try_once(
        &self,
        tries: &Throttle<SourceAddress>,
        visitor: &Visitor,
    ) -> Result<SourceAddress, SignInRefused> {
        let source = SourceAddress::at(visitor.address.ip());
        let tried = tries.try_once(&source, self.state.clock.now());
        tried.map_err(too_many)?;
        Ok(source)
    }

    /// A sign-in by what an identity provider sent, counted by address as passwords are, and apart from them: whoever sends something
    /// else has nothing to guess at, but each try costs a signature's check, or a question to the provider.
    async fn counted_by_address<T, E>(
        &self,
        visitor: &Visitor,
        refused: impl FnOnce(SignInRefused) -> E,
        trying: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let tries = &self.state.basic.provided;
        let source = match self.try_once(tries, visitor) {
            Ok(source) => source,
            Err(why) => return Err(refused(why)),
        };
        let tried = trying.await;
        if tried.is_ok() {
            tries.succeeded(&source, self.state.clock.now());
        }
        tried
    }

    async fn proven(
        &self,
        visitor: &Visitor,
        presented: Presented,
    ) -> Result<SignedIn<BrowserCredentials>, SignInRefused> {
        let account = String::new();
        match presented {
            Presented::Key { access_key_id, secret, session_token } => {
                let secret = SecretKey::new(&secret);
                let key = BrowserCredentials { account, access_key_id, secret, session_token };
                self.who(visitor, key).await
            }
            Presented::Link(token) => {
                let key = self.state.console.get().and_then(|console| console.take_link(&token));
                let (access_key_id, secret) = key.ok_or(SignInRefused::Wrong)?;
                let session_token = None;
                let key = BrowserCredentials { account, access_key_id, secret, session_token };
                self.who(visitor, key).await
            }
            Presented::Password { account, user, password, code } => {
                let pair = Zeroizing::new(format!("{account}/{user}:{}", *password));
                let code = code.as_ref().map(|code| code.as_str());
                self.by_password(visitor, (&account, &user), &pair, code).await
            }
        }
    }

    /// A session of a user, by the one request that its password is good for (`walk/basic.rs`): what it proves, and the second
    /// factor, the walk decides and records.
    async fn by_password(
        &self,
        visitor: &Visitor,
        (account, user): (&str, &str),
        pair: &Zeroizing<String>,
        code: Option<&str>,
    ) -> Result<SignedIn<BrowserCredentials>, SignInRefused> {
        let seconds = self.state.settings().console.session_seconds;
        let mut form = format!("Action=GetSessionToken&{STS}&DurationSeconds={seconds}");
        if let Some(code) = code {
            form.push_str("&TokenCode=");
            form.push_str(code);
        }
        let asked = self.assume_by(visitor, Proof::Password(pair), self.sts(form)).await;
        let mut who = asked.map_err(|answer| refused(&answer))?;
        let (directory, now) = (self.state.control.directory(), self.state.clock.now());
        who.must_change_password = directory.must_change_password(account, user, now);
        Ok(who)
    }

    /// Credentials of a call of `sts`, and whose they are.
    pub(super) async fn assume_by(
        &self,
        visitor: &Visitor,
        proof: Proof<'_>,
        call: ApiCall,
    ) -> Result<SignedIn<BrowserCredentials>, ApiAnswer> {
        let mut answer = calls::call(&self.state, visitor, proof, call).await;
        if answer.status != 200 {
            return Err(answer);
        }
        let issued = issued(&String::from_utf8_lossy(&answer.body));
        answer.body.zeroize();
        let failed = |answer: ApiAnswer| ApiAnswer { status: 503, ..answer };
        let Some((credentials, ends)) = issued else { return Err(failed(answer)) };
        match self.who(visitor, credentials).await {
            Ok(who) => Ok(SignedIn { ends: Some(ends), ..who }),
            Err(_) => Err(failed(answer)),
        }
    }

    /// Who has these credentials: what `GetCallerIdentity` says, which needs no permission.
    async fn who(
        &self,
        visitor: &Visitor,
        mut credentials: BrowserCredentials,
    ) -> Result<SignedIn<BrowserCredentials>, SignInRefused> {
        let call = self.sts(format!("Action=GetCallerIdentity&{STS}"));
        let answer = calls::call(&self.state, visitor, Proof::Key(&credentials), call).await;
        let told = String::from_utf8_lossy(&answer.body);
        match (answer.status, element(&told, "Arn"), element(&told, "Account")) {
            (200, Some(arn), Some(account)) => {
                account.clone_into(&mut credentials.account);
                let (arn, account) = (arn.to_owned(), account.to_owned());
                let (ends, must_change_password) = (None, false);
                Ok(SignedIn { arn, account, credentials, ends, must_change_password })
            }
            _ => Err(refused(&answer)),
        }
    }

    /// Whether these credentials are still somebody's, asked as at the sign-in.
    async fn still(
        &self,
        visitor: &Visitor,
        credentials: &BrowserCredentials,
    ) -> Result<(), SignInRefused> {
        let call = self.sts(format!("Action=GetCallerIdentity&{STS}"));
        let answer = calls::call(&self.state, visitor, Proof::Key(credentials), call).await;
        let told = String::from_utf8_lossy(&answer.body);
        match (answer.status, element(&told, "Code")) {
            (200, _) => Ok(()),
            (_, Some(code)) if NOBODYS.contains(&code) => Err(SignInRefused::Wrong),
            // It says nothing about whose they are.
            _ => {
                let words = element(&told, "Message").unwrap_or("the service did not answer");
                Err(SignInRefused::Failed(words.to_owned()))
            }
        }
    }

    /// The roles of a SAML response, which is read where reading may take a while: strangers send them.
    async fn roles_of(
        &self,
        visitor: &Visitor,
        response: &str,
    ) -> Result<Vec<(String, String)>, SignInRefused> {
        let principal = SourceAddress::at(visitor.address.ip()).to_string().into();
        let stranger = WorkOwner { account: "".into(), principal };
        let own = self.state.console.get().and_then(|console| console.saml_address.clone());
        let (control, now) = (Arc::clone(&self.state.control), self.state.clock.now());
        let response = response.to_owned();
        let reading = self
            .state
            .control_pool
            .run(stranger, move || control.directory().saml_offers(&response, own.as_deref(), now));
        let busy = |_| SignInRefused::Failed("The service is busy: try again.".to_owned());
        let offers = reading.await.map_err(busy)?;
        if offers.is_empty() { Err(SignInRefused::Wrong) } else { Ok(offers) }
    }

    /// A call of `sts`.
    pub(super) fn sts(&self, form: String) -> ApiCall {
        ApiCall {
            to: Destination::Control("sts"),
            region: self.region(),
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            content_type: Some("application/x-www-form-urlencoded"),
            body: form.into_bytes(),
        }
    }

    fn number_of_alias(&self, alias: &str) -> Option<String> {
        let directory = self.state.control.directory();
        let mut accounts = directory.accounts();
        let named = accounts.find(|account| account.alias.as_deref() == Some(alias));
        named.map(|account| account.id.clone())
    }

    /// The same with the account's number in the place of its alias.
    fn by_number(&self, presented: Presented) -> Presented {
        match presented {
            Presented::Password { account, user, password, code } => {
                let account = self.number_of_alias(&account).unwrap_or(account);
                Presented::Password { account, user, password, code }
            }
            presented => presented,
        }
    }
}

/// What `sts` says of credentials that are nobody's, or not any more (STS API reference, "Common Error Types").
const NOBODYS: [&str; 4] =
    ["AccessDenied", "ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"];

/// The version of `sts`, as a field of a form.
const STS: &str = "Version=2011-06-15";

fn too_many(TooManyTries { retry_after_seconds }: TooManyTries) -> SignInRefused {
    SignInRefused::TooMany(retry_after_seconds)
}

/// The same as an answer to a call.
fn not_tried(why: SignInRefused) -> ApiAnswer {
    match why {
        SignInRefused::TooMany(seconds) => {
            calls::not_sent(429, &format!("too many wrong tries; try again in {seconds} s"))
        }
        SignInRefused::Wrong => calls::not_sent(403, "refused"),
        SignInRefused::Failed(words) => calls::not_sent(503, &words),
    }
}

/// What a refusal of a call that signs somebody in says to the form.
fn refused(answer: &ApiAnswer) -> SignInRefused {
    if matches!(answer.status, 400..=428 | 431) {
        return SignInRefused::Wrong;
    }
    let told = String::from_utf8_lossy(&answer.body);
    let words = element(&told, "Message").unwrap_or("the service did not answer");
    SignInRefused::Failed(words.to_owned())
}

/// The credentials in an answer of `sts`, and when they end.
fn issued(xml: &str) -> Option<(BrowserCredentials, Timestamp)> {
    let credentials = BrowserCredentials {
        account: String::new(),
        access_key_id: element(xml, "AccessKeyId")?.to_owned(),
        secret: SecretKey::new(element(xml, "SecretAccessKey")?),
        session_token: Some(Zeroizing::new(element(xml, "SessionToken")?.to_owned())),
    };
    Some((credentials, element(xml, "Expiration")?.parse().ok()?))
}

/// Whether what was typed has the form of what it should be. What has not is neither kept nor sent: it can be of any length.
fn can_be_right(presented: &Presented) -> bool {
    let short = |text: &str, chars_max: usize| {
        (1..=chars_max).contains(&text.chars().count()) && !text.contains(char::is_control)
    };
    match presented {
        Presented::Key { access_key_id, session_token, .. } => {
            let token = session_token.as_ref();
            AccessKeyId::parse(access_key_id).is_some()
                && token.is_none_or(|token| token.len() <= SESSION_TOKEN_BYTES_MAX)
        }
        Presented::Password { account, user, password, code } => {
            let is_code =
                |code: &str| code.len() == 6 && code.bytes().all(|it| it.is_ascii_digit());
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            short(account, 63)
                && account.bytes().all(plain)
                && short(user, 64)
                && !user.contains([':', '/'])
                && short(password, 128)
                && code.as_ref().is_none_or(|code| is_code(code))
        }
        Presented::Link(_) => true,
    }
}

/// The text of the first element of a name. What stands in ARNs and account numbers needs no escape in XML.
pub(super) fn element<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once("</").map(|(text, _)| text)
}

/// A row's path, `os GET POST /{index}/_search`, by its methods. What only domains of Elasticsearch have, types in paths, nobody
/// should begin with.
fn of_path(api: Api, path: &'static str) -> Vec<ApiPath> {
    let mut words = path.split(' ').filter(|word| *word != "os").peekable();
    if words.peek() == Some(&"es") {
        return Vec::new();
    }
    let words: Vec<&str> = words.collect();
    let Some((path, methods)) = words.split_last() else { return Vec::new() };
    let keys: Vec<&str> = api.parameters().map(|(name, _)| name).collect();
    let of =
        |method: &&'static str| ApiPath { method, path: (*path).to_owned(), keys: keys.clone() };
    methods.iter().map(of).collect()
}

impl Service for Gateway {
    type Credentials = BrowserCredentials;

    fn now(&self) -> Timestamp {
        self.state.clock.now()
    }

    fn random(&self) -> Option<[u8; 32]> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).ok()?;
        Some(random)
    }

    fn region(&self) -> String {
        self.state.settings().region.clone()
    }

    fn paths(&self) -> Vec<ApiPath> {
        let built = Api::ALL.iter().filter(|api| api.built());
        built.flat_map(|api| api.row().paths.iter().flat_map(|path| of_path(*api, path))).collect()
    }

    fn sign_in<'a>(
        &'a self,
        visitor: &'a Visitor,
        presented: Presented,
    ) -> Pending<'a, Result<SignedIn<BrowserCredentials>, SignInRefused>> {
        Box::pin(self.prove(visitor, presented))
    }

    fn assume<'a>(
        &'a self,
        visitor: &'a Visitor,
        by: Option<&'a BrowserCredentials>,
        call: ApiCall,
    ) -> Pending<'a, Result<SignedIn<BrowserCredentials>, ApiAnswer>> {
        match by {
            Some(key) => Box::pin(self.assume_by(visitor, Proof::Key(key), call)),
            None => {
                let assuming = self.assume_by(visitor, Proof::Call, call);
                Box::pin(self.counted_by_address(visitor, not_tried, assuming))
            }
        }
    }

    fn stands<'a>(
        &'a self,
        visitor: &'a Visitor,
        credentials: &'a BrowserCredentials,
    ) -> Pending<'a, Result<(), SignInRefused>> {
        Box::pin(self.still(visitor, credentials))
    }

    fn address(&self) -> String {
        let console = self.state.console.get();
        console.and_then(|console| console.address.clone()).unwrap_or_default()
    }

    fn role_seconds(&self, role_arn: &str) -> i64 {
        let directory = self.state.control.directory();
        let longest = directory.role_by_arn(role_arn).map_or(3_600, |it| it.max_session_seconds);
        longest.min(self.state.settings().console.session_seconds)
    }

    fn account_number(&self, account: &str) -> Option<String> {
        if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(account.to_owned());
        }
        self.number_of_alias(account)
    }

    fn providers(&self) -> Vec<String> {
        self.state.settings().console.oidc.keys().cloned().collect()
    }

    fn authorization_address<'a>(
        &'a self,
        attempt: &'a OidcAttempt,
    ) -> Pending<'a, Result<String, String>> {
        Box::pin(oidc::authorization_address(&self.state, attempt))
    }

    fn redeem<'a>(
        &'a self,
        visitor: &'a Visitor,
        attempt: &'a OidcAttempt,
        answer: OidcAnswer<'a>,
    ) -> Pending<'a, Result<SignedIn<BrowserCredentials>, SignInRefused>> {
        let redeeming = async move {
            let redeemed = oidc::redeem(self, visitor, attempt, answer).await;
            redeemed.map_err(SignInRefused::Failed)
        };
        Box::pin(self.counted_by_address(visitor, |why| why, redeeming))
    }

    fn offered_roles<'a>(
        &'a self,
        visitor: &'a Visitor,
        response: &'a str,
    ) -> Pending<'a, Result<Vec<(String, String)>, SignInRefused>> {
        let reading = self.roles_of(visitor, response);
        Box::pin(self.counted_by_address(visitor, |why| why, reading))
    }

    fn call<'a>(
        &'a self,
        visitor: &'a Visitor,
        credentials: &'a BrowserCredentials,
        call: ApiCall,
    ) -> Pending<'a, ApiAnswer> {
        Box::pin(calls::call(&self.state, visitor, Proof::Key(credentials), call))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, token: Option<&str>) -> Presented {
        Presented::Key {
            access_key_id: id.to_owned(),
            secret: Zeroizing::new("secret".to_owned()),
            session_token: token.map(|token| Zeroizing::new(token.to_owned())),
        }
    }

    fn password(account: &str, user: &str, password: &str, code: Option<&str>) -> Presented {
        Presented::Password {
            account: account.to_owned(),
            user: user.to_owned(),
            password: Zeroizing::new(password.to_owned()),
            code: code.map(|code| Zeroizing::new(code.to_owned())),
        }
    }

    #[test]
    fn what_is_too_long_for_a_key_or_a_token_is_not_tried() {
        assert!(can_be_right(&key("AKIAIOSFODNN7EXAMPLE", None)));
        assert!(can_be_right(&key("ASIAIOSFODNN7EXAMPLE", Some("token"))));
        let long = "A".repeat(129);
        assert!(!can_be_right(&key(&long, None)) && !can_be_right(&key("AKIA<b>", None)));
        let long = "t".repeat(SESSION_TOKEN_BYTES_MAX + 1);
        assert!(!can_be_right(&key("ASIAIOSFODNN7EXAMPLE", Some(&long))));
    }

    #[test]
    fn what_no_user_password_or_code_can_be_is_not_tried() {
        let (account, long) = ("123456789012", "a".repeat(129));
        assert!(can_be_right(&password(account, "ann", "p:a/s s&w", Some("012345"))));
        assert!(can_be_right(&password("my-alias", "ann@example.com", "p", None)));
        for (account, user, secret, code) in [
            ("", "ann", "p", None),
            ("1/2", "ann", "p", None),
            (account, "a:b", "p", None),
            (account, "a/b", "p", None),
            (account, &long, "p", None),
            (account, "ann", &long, None),
            (account, "ann", "a\u{0}b", None),
            (account, "ann", "p", Some("12345")),
            (account, "ann", "p", Some("12345&")),
        ] {
            assert!(!can_be_right(&password(account, user, secret, code)), "{account} {user}");
        }
    }
}
