//! What the console asks of the service: a sign-in is proven by a signed request, like every other request of the session.

use console::{
    ApiAnswer, ApiCall, ApiPath, Destination, Pending, Presented, Service, SignInRefused, SignedIn,
    Visitor,
};
use engine::rest::Api;
use jiff::Timestamp;
use sigv4::limits::SESSION_TOKEN_BYTES_MAX;
use sigv4::{AccessKeyId, SecretKey};

use super::calls;
use crate::guards::throttle::{SourceAddress, TooManyTries};
use crate::service::console_state::BrowserCredentials;
use crate::service::state::ServiceState;

/// The service as the console knows it.
pub(crate) struct Gateway {
    state: ServiceState,
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
        let (checks, now) = (&self.state.basic, self.state.clock.now());
        let source = SourceAddress::at(visitor.address.ip());
        let too_many =
            |TooManyTries { retry_after_seconds }| SignInRefused::TooMany(retry_after_seconds);
        checks.sources.try_once(&source, now).map_err(too_many)?;
        // By key together with where it is tried: nobody else's tries lock its owner out. Links have no key to guess at.
        let user = match &presented {
            Presented::Key { access_key_id, session_token, .. } => {
                if !can_be_right(access_key_id, session_token.as_ref().map(|token| token.as_str()))
                {
                    return Err(SignInRefused::Wrong);
                }
                Some((format!("console {source}"), access_key_id.clone()))
            }
            Presented::Link(_) => None,
        };
        if let Some(Err(why)) = user.as_ref().map(|user| checks.users.try_once(user, now)) {
            checks.sources.succeeded(&source, now);
            return Err(too_many(why));
        }
        let proven = match self.credentials(presented) {
            Some(credentials) => self.who(visitor, credentials).await,
            None => Err(SignInRefused::Wrong),
        };
        if !matches!(proven, Err(SignInRefused::Wrong)) {
            checks.sources.succeeded(&source, now);
            user.iter().for_each(|user| checks.users.succeeded(user, now));
        }
        proven
    }

    fn credentials(&self, presented: Presented) -> Option<BrowserCredentials> {
        let account = String::new();
        match presented {
            Presented::Key { access_key_id, secret, session_token } => {
                let secret = SecretKey::new(&secret);
                Some(BrowserCredentials { account, access_key_id, secret, session_token })
            }
            Presented::Link(token) => {
                let (access_key_id, secret) = self.state.console.get()?.take_link(&token)?;
                Some(BrowserCredentials { account, access_key_id, secret, session_token: None })
            }
        }
    }

    /// Who has these credentials: what `GetCallerIdentity` says, which needs no permission.
    async fn who(
        &self,
        visitor: &Visitor,
        mut credentials: BrowserCredentials,
    ) -> Result<SignedIn<BrowserCredentials>, SignInRefused> {
        let call = ApiCall {
            to: Destination::Control("sts"),
            region: self.region(),
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            content_type: Some("application/x-www-form-urlencoded"),
            body: b"Action=GetCallerIdentity&Version=2011-06-15".to_vec(),
        };
        let answer = calls::call(&self.state, visitor, &credentials, call).await;
        let told = String::from_utf8_lossy(&answer.body);
        match (answer.status, element(&told, "Arn"), element(&told, "Account")) {
            (200, Some(arn), Some(account)) => {
                account.clone_into(&mut credentials.account);
                let (arn, account) = (arn.to_owned(), account.to_owned());
                Ok(SignedIn { arn, account, credentials })
            }
            (400..=428 | 431, ..) => Err(SignInRefused::Wrong),
            _ => {
                let words = element(&told, "Message").unwrap_or("the service did not answer");
                Err(SignInRefused::Failed(words.to_owned()))
            }
        }
    }
}

/// Whether what was typed has the form of a key and its token. What has not is neither kept nor sent: it can be of any length.
fn can_be_right(access_key_id: &str, session_token: Option<&str>) -> bool {
    AccessKeyId::parse(access_key_id).is_some()
        && session_token.is_none_or(|token| token.len() <= SESSION_TOKEN_BYTES_MAX)
}

/// The text of the first element of a name. What stands in ARNs and account numbers needs no escape in XML.
fn element<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
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

    fn call<'a>(
        &'a self,
        visitor: &'a Visitor,
        credentials: &'a BrowserCredentials,
        call: ApiCall,
    ) -> Pending<'a, ApiAnswer> {
        Box::pin(calls::call(&self.state, visitor, credentials, call))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_for_a_key_or_a_token_is_not_tried() {
        assert!(can_be_right("AKIAIOSFODNN7EXAMPLE", None));
        assert!(can_be_right("ASIAIOSFODNN7EXAMPLE", Some("token")));
        assert!(!can_be_right(&"A".repeat(129), None) && !can_be_right("AKIA<b>", None));
        let long = "t".repeat(SESSION_TOKEN_BYTES_MAX + 1);
        assert!(!can_be_right("ASIAIOSFODNN7EXAMPLE", Some(&long)));
    }
}
