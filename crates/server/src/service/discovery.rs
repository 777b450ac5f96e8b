//! What OpenID Connect providers say of themselves, for sign-ins to the console: kept for a while, and so is that one did not
//! answer. Only the providers of the settings are ever asked.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Deserialize;

use crate::guards::limits;
use crate::service::clock::Stopwatch;

/// How long it is believed without asking again, in seconds.
const KEPT_SECONDS: i64 = 3_600;

/// What a provider says of itself (OpenID Connect Discovery 1.0, section 3; RFC 9207, section 3).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Discovery {
    issuer: String,
    /// Where visitors sign in.
    pub(crate) authorization_endpoint: String,
    /// Where codes become tokens.
    pub(crate) token_endpoint: String,
    /// Whether it says in its answers who it is.
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
    /// How clients prove who they are at the token endpoint; where nothing is said, `client_secret_basic`.
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

impl Discovery {
    /// Whether a client's secret goes into the form instead of a header.
    pub(crate) fn takes_secret_in_form(&self) -> bool {
        let methods = &self.token_endpoint_auth_methods_supported;
        let knows = |name: &str| methods.iter().any(|method| method == name);
        knows("client_secret_post") && !knows("client_secret_basic")
    }

    /// Reads the document of an issuer.
    fn read(text: &str, issuer: &str) -> Result<Self, String> {
        let read: Self =
            serde_json::from_str(text).map_err(|error| format!("discovery: {error}"))?;
        if read.issuer.trim_end_matches('/') != issuer.trim_end_matches('/') {
            return Err("discovery names another issuer".to_owned());
        }
        for endpoint in [&read.authorization_endpoint, &read.token_endpoint] {
            if !endpoint.starts_with("https://") || endpoint.contains(char::is_control) {
                return Err(format!("discovery names {endpoint:?}, which is not https://"));
            }
        }
        Ok(read)
    }
}

type Heard = (Timestamp, Result<Discovery, String>);

/// What all of them said.
#[derive(Default)]
pub(crate) struct Discovered {
    heard: Mutex<HashMap<String, Heard>>,
}

impl Discovered {
    /// What the provider at `issuer` says of itself, asked where that is not known.
    pub(crate) async fn of(
        &self,
        issuer: &str,
        roots: &Path,
        now: Timestamp,
    ) -> Result<Discovery, String> {
        if let Some(answer) = self.kept(issuer, now) {
            return answer;
        }
        let watch = Stopwatch::start();
        let asking = tokio::time::timeout(limits::PROVIDER_TIME, fetched(issuer, roots));
        let answer = asking.await.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        // There are as many as the settings name.
        let took = jiff::SignedDuration::try_from(watch.elapsed()).unwrap_or_default();
        let at = now.saturating_add(took).unwrap_or(now);
        self.heard().insert(issuer.to_owned(), (at, answer.clone()));
        answer
    }

    fn kept(&self, issuer: &str, now: Timestamp) -> Option<Result<Discovery, String>> {
        let heard = self.heard();
        let (at, answer) = heard.get(issuer)?;
        let seconds = if answer.is_ok() { KEPT_SECONDS } else { limits::PROVIDER_FAILED_SECONDS };
        (now.as_second() - at.as_second() < seconds).then(|| answer.clone())
    }

    fn heard(&self) -> MutexGuard<'_, HashMap<String, Heard>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn fetched(issuer: &str, roots: &Path) -> Result<Discovery, String> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let answer = client::fetch::get(&url, Some(roots)).await.map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("{url} answers {}", answer.status));
    }
    Discovery::read(&String::from_utf8_lossy(&answer.body), issuer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ISSUER: &str = "https://id.example/realm";

    fn document(edit: impl FnOnce(&mut serde_json::Value)) -> Result<Discovery, String> {
        let mut document = json!({"issuer": ISSUER, "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "https://id.example/token", "jwks_uri": "https://id.example/keys"});
        edit(&mut document);
        Discovery::read(&document.to_string(), ISSUER)
    }

    #[test]
    fn a_document_of_another_issuer_or_with_plain_http_is_not_believed() {
        assert!(document(|_| {}).is_ok());
        assert!(document(|it| it["issuer"] = json!("https://id.example/realm/")).is_ok());
        assert!(document(|it| it["issuer"] = json!("https://evil.example")).is_err());
        for endpoint in ["authorization_endpoint", "token_endpoint"] {
            assert!(document(|it| it[endpoint] = json!("http://id.example/x")).is_err());
            assert!(document(|it| it[endpoint] = json!("javascript:alert(1)")).is_err());
        }
    }

    #[test]
    fn a_secret_goes_into_the_form_only_where_the_provider_takes_it_nowhere_else() {
        let takes = |methods: serde_json::Value| {
            let name = "token_endpoint_auth_methods_supported";
            document(|it| it[name] = methods).unwrap().takes_secret_in_form()
        };
        assert!(takes(json!(["client_secret_post"])));
        assert!(!takes(json!(["client_secret_post", "client_secret_basic"])) && !takes(json!([])));
    }

    #[test]
    fn what_was_said_is_kept_for_an_hour_and_a_failure_for_seconds() {
        let discovered = Discovered::default();
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        discovered.heard().insert("good".to_owned(), (at(0), document(|_| {})));
        discovered.heard().insert("bad".to_owned(), (at(0), Err("no".to_owned())));
        assert!(discovered.kept("good", at(3_599)).is_some());
        assert!(discovered.kept("good", at(3_600)).is_none());
        assert!(
            discovered.kept("bad", at(9)).is_some() && discovered.kept("bad", at(10)).is_none()
        );
    }
}
