//! What the console asks of the service around it: the time, randomness, a sign-in, and calls in the name of who signed in.

use std::net::SocketAddr;
use std::pin::Pin;

use jiff::Timestamp;
use zeroize::Zeroizing;

/// What will be there.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The service around the console.
pub trait Service: Send + Sync {
    /// The credentials of who signed in, as the service keeps them: the console never looks into them.
    type Credentials: Send + Sync + 'static;

    /// The time.
    fn now(&self) -> Timestamp;

    /// Random bytes; `None` where the system has none.
    fn random(&self) -> Option<[u8; 32]>;

    /// The region that callers work in unless they say otherwise.
    fn region(&self) -> String;

    /// Proves what a visitor presents, as any request of theirs would prove it.
    ///
    /// # Errors
    /// [`SignInRefused`]; of wrong credentials it does not say what was wrong with them.
    fn sign_in<'a>(
        &'a self,
        visitor: &'a Visitor,
        presented: Presented,
    ) -> Pending<'a, Result<SignedIn<Self::Credentials>, SignInRefused>>;

    /// Sends a call of `sts` that answers with credentials, signed with these, or unsigned where the call itself proves who
    /// sends it; whose credentials came back.
    ///
    /// # Errors
    /// The answer to the call, if it is a refusal.
    fn assume<'a>(
        &'a self,
        visitor: &'a Visitor,
        by: Option<&'a Self::Credentials>,
        call: ApiCall,
    ) -> Pending<'a, Result<SignedIn<Self::Credentials>, ApiAnswer>>;

    /// Proves once more whom credentials are of, as at the sign-in: their key, session, user or login profile may be gone since.
    ///
    /// # Errors
    /// [`SignInRefused::Wrong`] where they are nobody's any more; otherwise why that cannot be told.
    fn stands<'a>(
        &'a self,
        visitor: &'a Visitor,
        credentials: &'a Self::Credentials,
    ) -> Pending<'a, Result<(), SignInRefused>>;

    /// Seconds that a session of this role lasts in the console.
    fn role_seconds(&self, role_arn: &str) -> i64;

    /// The number of the account of this number or alias.
    fn account_number(&self, account: &str) -> Option<String>;

    /// The address under which browsers reach the console, as the settings say it: `https://HOST`, with the port if there is one.
    fn address(&self) -> String;

    /// The identity providers that visitors may sign in with, by the names of their settings.
    fn providers(&self) -> Vec<String>;

    /// Where a visitor signs in with its identity provider.
    ///
    /// # Errors
    /// Why the provider does not say.
    fn authorization_address<'a>(
        &'a self,
        attempt: &'a OidcAttempt,
    ) -> Pending<'a, Result<String, String>>;

    /// Takes what a provider answered: the code for a token, the token for credentials of the role.
    ///
    /// # Errors
    /// [`SignInRefused::Failed`] says why not, in words for the visitor.
    fn redeem<'a>(
        &'a self,
        visitor: &'a Visitor,
        attempt: &'a OidcAttempt,
        answer: OidcAnswer<'a>,
    ) -> Pending<'a, Result<SignedIn<Self::Credentials>, SignInRefused>>;

    /// The roles that a SAML response offers, each with its provider, if the response is good for it now.
    ///
    /// # Errors
    /// [`SignInRefused::Wrong`] where it is good for none.
    fn offered_roles<'a>(
        &'a self,
        visitor: &'a Visitor,
        response: &'a str,
    ) -> Pending<'a, Result<Vec<(String, String)>, SignInRefused>>;

    /// The paths that domains have, from the one table of them.
    fn paths(&self) -> Vec<ApiPath>;

    /// Sends a call, signed with these credentials, through the walk of every request.
    fn call<'a>(
        &'a self,
        visitor: &'a Visitor,
        credentials: &'a Self::Credentials,
        call: ApiCall,
    ) -> Pending<'a, ApiAnswer>;
}

/// A path of the REST API of domains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiPath {
    /// The method.
    pub method: &'static str,
    /// The path; what stands in braces is a name.
    pub path: String,
    /// The keys that its query may have.
    pub keys: Vec<&'static str>,
}

/// The one way of pages to anything: calls in the name of who signed in.
pub trait Api: Send + Sync {
    /// Sends a call, signed.
    fn call(&self, call: ApiCall) -> Pending<'_, ApiAnswer>;

    /// Asks `sts` for credentials in the name of who signed in, whatever role was switched to, and keeps them for the session.
    ///
    /// # Errors
    /// The answer to the call, if it is a refusal.
    fn assume(&self, call: ApiCall) -> Pending<'_, Result<(), ApiAnswer>>;

    /// Seconds that a session of this role lasts.
    fn role_seconds(&self, role_arn: &str) -> i64;

    /// The number of the account of this number or alias.
    fn account_number(&self, account: &str) -> Option<String>;

    /// The paths that domains have.
    fn paths(&self) -> Vec<ApiPath>;
}

/// Who is at the other end of the browser's connection.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Its address: what policies on `aws:SourceIp` are asked about.
    pub address: SocketAddr,
    /// Its `User-Agent`, sent on with each call.
    pub user_agent: String,
}

/// What a visitor presents to sign in.
pub enum Presented {
    /// An access key pair, with the token where it is of a session.
    Key {
        /// `AKIA…` or `ASIA…`.
        access_key_id: String,
        /// Its secret.
        secret: Zeroizing<String>,
        /// The session token of temporary credentials.
        session_token: Option<Zeroizing<String>>,
    },
    /// An IAM user's name and password.
    Password {
        /// The account's number or its alias.
        account: String,
        /// The user's name.
        user: String,
        /// Its password.
        password: Zeroizing<String>,
        /// What its MFA device shows, if it has one.
        code: Option<Zeroizing<String>>,
    },
    /// The token of a link that was shown to who started the service. It is good once.
    Link(Zeroizing<String>),
}

/// Who signed in.
pub struct SignedIn<C> {
    /// Its ARN, as `GetCallerIdentity` tells it.
    pub arn: String,
    /// Its account.
    pub account: String,
    /// What its calls are signed with.
    pub credentials: C,
    /// When they end, if the console asked for them.
    pub ends: Option<Timestamp>,
    /// Whether its password must be changed before anything else.
    pub must_change_password: bool,
}

/// A sign-in with an identity provider that is under way (OpenID Connect Core 1.0, section 3.1.2.1).
pub struct OidcAttempt {
    /// The provider, by the name of its settings.
    pub provider: String,
    /// The address of the console that the provider sends the browser back to.
    pub redirect: String,
    /// What the provider sends back with the code.
    pub state: String,
    /// What the token must hold.
    pub nonce: String,
    /// What proves that the code is brought by who asked for it (RFC 7636).
    pub verifier: Zeroizing<String>,
}

/// What a provider sent the browser back with.
#[derive(Clone, Copy)]
pub struct OidcAnswer<'a> {
    /// The code.
    pub code: &'a str,
    /// Who says so (RFC 9207), where it was said.
    pub issuer: Option<&'a str>,
}

/// Why somebody did not get in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInRefused {
    /// What was presented proves nobody. One text for whatever was wrong with it.
    Wrong,
    /// Too many wrong tries; another is looked at after so many seconds.
    TooMany(u64),
    /// The service could not tell: its own words.
    Failed(String),
}

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The control plane: the name that the request is signed for (`es`, `iam`, `sts`, `access-analyzer`).
    Control(&'static str),
    /// The endpoint of the caller's domain of this name.
    Domain(String),
}

/// A request to an API, as any client could send it. The service adds the host and the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiCall {
    /// Where to.
    pub to: Destination,
    /// In which region.
    pub region: String,
    /// The method.
    pub method: String,
    /// The path, encoded.
    pub path: String,
    /// The query, encoded, without its `?`.
    pub query: String,
    /// The type of the body, if there is one.
    pub content_type: Option<&'static str>,
    /// The body.
    pub body: Vec<u8>,
}

/// What an API answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiAnswer {
    /// The status.
    pub status: u16,
    /// The id of the request, under which its audit record is found.
    pub request_id: Option<String>,
    /// The name of the error, where a header says it (`x-amzn-errortype`).
    pub error: Option<String>,
    /// The type of the body.
    pub content_type: String,
    /// The body, at most [`crate::limits::ANSWER_BYTES_MAX`] bytes of it.
    pub body: Vec<u8>,
    /// Whether more of the body was left unread.
    pub cut: bool,
}
