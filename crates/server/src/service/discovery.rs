//! What OpenID Connect providers say of themselves, for sign-ins to the console: kept for a while, and so is that one did not
//! answer. Only the providers of the settings are ever asked.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Deserialize;
use tokio::sync::Mutex as Turn;

use crate::guards::limits;
use crate::service::clock::Clock;

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
    /// By issuer: there are as many as the settings name.
    providers: Mutex<HashMap<String, Arc<Provider>>>,
}

#[derive(Default)]
struct Provider {
    heard: Mutex<Option<Heard>>,
    /// Held while it is asked: what one visitor hears holds for all who wait.
    turn: Turn<()>,
}

impl Discovered {
    /// What the provider at `issuer` says of itself, asked where that is not known.
    pub(crate) async fn of(
        &self,
        issuer: &str,
        roots: &Path,
        clock: Clock,
    ) -> Result<Discovery, String> {
        self.heard_by(issuer, clock, || fetched(issuer, roots)).await
    }

    /// The same, asking by `fetch` where it must be asked.
    async fn heard_by<F: Future<Output = Result<Discovery, String>>>(
        &self,
        issuer: &str,
        clock: Clock,
        fetch: impl FnOnce() -> F,
    ) -> Result<Discovery, String> {
        let provider = self.provider(issuer);
        if let Some(answer) = provider.kept(clock.now()) {
            return answer;
        }
        let _turn = provider.turn.lock().await;
        if let Some(answer) = provider.kept(clock.now()) {
            return answer;
        }
        let asking = tokio::time::timeout(limits::PROVIDER_TIME, fetch());
        let answer = asking.await.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        // A failure is kept from when it was known.
        *provider.heard() = Some((clock.now(), answer.clone()));
        answer
    }

    fn provider(&self, issuer: &str) -> Arc<Provider> {
        let mut providers = self.providers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(providers.entry(issuer.to_owned()).or_default())
    }
}

impl Provider {
    fn kept(&self, now: Timestamp) -> Option<Result<Discovery, String>> {
        let heard = self.heard();
        let (at, answer) = heard.as_ref()?;
        let seconds = if answer.is_ok() { KEPT_SECONDS } else { limits::PROVIDER_FAILED_SECONDS };
        (now.as_second() - at.as_second() < seconds).then(|| answer.clone())
    }

    fn heard(&self) -> MutexGuard<'_, Option<Heard>> {
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
    use std::cell::Cell;

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
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let heard =
            |answer| Provider { heard: Mutex::new(Some((at(0), answer))), ..<_>::default() };
        let (good, bad) = (heard(document(|_| {})), heard(Err("no".to_owned())));
        assert!(good.kept(at(3_599)).is_some() && good.kept(at(3_600)).is_none());
        assert!(bad.kept(at(9)).is_some() && bad.kept(at(10)).is_none());
    }

    #[test]
    fn visitors_who_come_while_a_provider_is_asked_hear_what_it_answers() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let clock = Clock::Fixed(Timestamp::UNIX_EPOCH);
        for answer in [document(|_| {}), Err("no".to_owned())] {
            let (discovered, asked) = (Discovered::default(), Cell::new(0));
            let ask = || {
                discovered.heard_by(ISSUER, clock, || async {
                    asked.set(asked.get() + 1);
                    tokio::task::yield_now().await;
                    answer.clone()
                })
            };
            let heard = runtime.block_on(async { tokio::join!(ask(), ask(), ask()) });
            assert_eq!(heard, (answer.clone(), answer.clone(), answer.clone()));
            assert_eq!(asked.get(), 1);
        }
    }
}
