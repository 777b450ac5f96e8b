//! Signing in to the console with an OpenID Connect provider: the authorization code flow with PKCE.
//!
//! What the provider's token proves is not judged here: it goes to `AssumeRoleWithWebIdentity`, through the walk. Here it is
//! only made sure that it is the answer to what this very browser asked for, from the provider that was asked.
//! Sources: OpenID Connect Core 1.0, section 3.1; RFC 7636 (PKCE); RFC 9207 (issuer of an answer); RFC 9700 (current practice).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use console::{OidcAnswer, OidcAttempt, SignedIn, Visitor};
use data_encoding::HEXLOWER;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::calls::Proof;
use super::gateway::Gateway;
use crate::guards::limits;
use crate::service::console_state::BrowserCredentials;
use crate::service::discovery::Discovery;
use crate::service::state::ServiceState;
use crate::settings::OidcClientSettings;

/// Where a visitor signs in with its provider.
pub(super) async fn authorization_address(
    state: &ServiceState,
    attempt: &OidcAttempt,
) -> Result<String, String> {
    let client = client_of(state, attempt)?;
    let endpoint = discovery(state, &client).await?.authorization_endpoint;
    let scopes = client.scopes.join(" ");
    let hash = digest(&SHA256, attempt.verifier.as_bytes());
    let challenge = URL_SAFE_NO_PAD.encode(hash);
    let query = form(&[
        ("response_type", "code"),
        ("client_id", &client.client_id),
        ("redirect_uri", &attempt.redirect),
        ("scope", &scopes),
        ("state", &attempt.state),
        ("nonce", &attempt.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    Ok(format!("{endpoint}{joint}{query}"))
}

/// Takes what the provider answered the browser: its code for a token, the token for credentials of the role.
pub(super) async fn redeem(
    gateway: &Gateway,
    visitor: &Visitor,
    attempt: &OidcAttempt,
    answer: OidcAnswer<'_>,
) -> Result<SignedIn<BrowserCredentials>, String> {
    let state = &gateway.state;
    let client = client_of(state, attempt)?;
    let discovery = discovery(state, &client).await?;
    check_issuer(&client.issuer, &discovery, answer.issuer)?;
    let token = token(state, &client, &discovery, attempt, answer.code).await?;
    let claims = claims(&token, &client, &attempt.nonce)?;
    let seconds = console::Service::role_seconds(gateway, &client.role_arn).to_string();
    let body = form(&[
        ("Action", "AssumeRoleWithWebIdentity"),
        ("Version", "2011-06-15"),
        ("RoleArn", &client.role_arn),
        ("RoleSessionName", &session_name(&claims)),
        ("WebIdentityToken", &token),
        ("DurationSeconds", &seconds),
    ]);
    let assumed = gateway.assume_by(visitor, Proof::Call, gateway.sts(body)).await;
    assumed.map_err(|answer| {
        let told = String::from_utf8_lossy(&answer.body).into_owned();
        let message = super::gateway::element(&told, "Message");
        message.unwrap_or("the service did not answer").to_owned()
    })
}

fn client_of(state: &ServiceState, attempt: &OidcAttempt) -> Result<OidcClientSettings, String> {
    let settings = state.settings();
    let client = settings.console.oidc.get(&attempt.provider);
    client.cloned().ok_or_else(|| "there is no such provider here".to_owned())
}

async fn discovery(state: &ServiceState, client: &OidcClientSettings) -> Result<Discovery, String> {
    let console = state.console.get().ok_or("the console is closing")?;
    let roots = state.issuers.roots();
    console.discovered.of(&client.issuer, roots, state.clock).await.inspect_err(|why| {
        tracing::warn!(issuer = client.issuer, why, "the provider does not say where to sign in");
    })
}

/// That the answer comes from the provider that was asked: otherwise its code would be shown to another one ("mix-up").
fn check_issuer(issuer: &str, discovery: &Discovery, said: Option<&str>) -> Result<(), String> {
    match said {
        Some(said) if said == issuer => Ok(()),
        Some(said) => Err(format!("the answer comes from {said}, and {issuer} was asked")),
        None if discovery.authorization_response_iss_parameter_supported => {
            Err(format!("the answer does not say that it comes from {issuer}"))
        }
        None => Ok(()),
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// The token that a code stands for.
async fn token(
    state: &ServiceState,
    client: &OidcClientSettings,
    discovery: &Discovery,
    attempt: &OidcAttempt,
    code: &str,
) -> Result<Zeroizing<String>, String> {
    let secret = client.secret_in_file().map_err(|why| {
        tracing::warn!(issuer = client.issuer, why, "no secret for the provider");
        "the console has no secret for this provider".to_owned()
    })?;
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", attempt.redirect.as_str()),
        ("client_id", client.client_id.as_str()),
        ("code_verifier", attempt.verifier.as_str()),
    ];
    let mut authorization = None;
    if let Some(secret) = &secret {
        if discovery.takes_secret_in_form() {
            fields.push(("client_secret", secret.as_str()));
        } else {
            let pair =
                Zeroizing::new(format!("{}:{}", encoded(&client.client_id), encoded(secret)));
            authorization =
                Some(Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes()))));
        }
    }
    let body = Zeroizing::new(form(&fields));
    let authorization = authorization.as_ref().map(|text| text.as_str());
    let endpoint = &discovery.token_endpoint;
    let asking = client::fetch::post_form(endpoint, &body, authorization, state.issuers.roots());
    let answered = tokio::time::timeout(limits::PROVIDER_TIME, asking).await;
    let unanswered = |why: String| {
        tracing::warn!(issuer = client.issuer, why, "no token of the provider");
        "the provider did not exchange the code".to_owned()
    };
    let answered = answered.map_err(|_| unanswered("no answer in time".to_owned()))?;
    let answered = answered.map_err(|error| unanswered(error.to_string()))?;
    let read: TokenAnswer =
        serde_json::from_slice(&answered.body).map_err(|error| unanswered(error.to_string()))?;
    match read {
        TokenAnswer { id_token: Some(token), .. } if answered.status == 200 => {
            Ok(Zeroizing::new(token))
        }
        TokenAnswer { error, error_description, .. } => {
            let error = error.unwrap_or_else(|| format!("status {}", answered.status));
            let more = error_description.map(|text| format!(": {text}")).unwrap_or_default();
            Err(unanswered(format!("{error}{more}")))
        }
    }
}

/// What a token claims, when it is the one that was asked for: of the provider, for this client, with the nonce of this
/// browser. Whether it is genuine is decided with the provider's keys, by `AssumeRoleWithWebIdentity`.
fn claims(token: &str, client: &OidcClientSettings, nonce: &str) -> Result<Value, String> {
    let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims: Option<Value> = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
    let claims = claims.ok_or("the provider's token is not a JWT")?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(client.issuer.as_str()) {
        return Err("the provider's token names another issuer".to_owned());
    }
    let is_ours = |audience: &Value| audience.as_str() == Some(client.client_id.as_str());
    let audience = claims.get("aud");
    let for_us = match audience {
        Some(Value::Array(several)) => several.iter().any(is_ours),
        Some(one) => is_ours(one),
        None => false,
    };
    if !for_us || text("azp").is_some_and(|azp| azp != client.client_id) {
        return Err("the provider's token is for another client".to_owned());
    }
    let said = text("nonce").unwrap_or_default();
    if verify_slices_are_equal(said.as_bytes(), nonce.as_bytes()).is_err() {
        return Err("the provider's token is not of this sign-in".to_owned());
    }
    Ok(claims)
}

/// How the role's session is called: as the provider knows the person for good (`sub`), so that two persons are never one. Names and
/// addresses can be chosen, changed and given to somebody else (OpenID Connect Core 1.0, section 5.7). Where the name of a session
/// (`[\w+=,.@-]{2,64}`) cannot say all of it, a hash of the whole stands behind `=`, which therefore stands nowhere else.
fn session_name(claims: &Value) -> String {
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    let fits = |c: &char| c.is_ascii_alphanumeric() || "_+,.@-".contains(*c);
    if (2..=SESSION_NAME_CHARS_MAX).contains(&subject.len()) && subject.chars().all(|c| fits(&c)) {
        return subject.to_owned();
    }
    let mut hash = HEXLOWER.encode(digest(&SHA256, subject.as_bytes()).as_ref());
    hash.truncate(HASH_CHARS);
    let kept = SESSION_NAME_CHARS_MAX - HASH_CHARS - 1;
    let said: String = subject.chars().filter(fits).take(kept).collect();
    format!("{said}={hash}")
}

/// Characters of a session's name, at most.
const SESSION_NAME_CHARS_MAX: usize = 64;
/// Characters of a subject's hash in it: 128 bits.
const HASH_CHARS: usize = 32;

fn form(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    const ISSUER: &str = "https://id.example";

    fn client() -> OidcClientSettings {
        OidcClientSettings {
            issuer: ISSUER.to_owned(),
            client_id: "console".to_owned(),
            ..OidcClientSettings::new()
        }
    }

    fn token(edit: impl FnOnce(&mut Value)) -> String {
        let mut claims = json!({"iss": ISSUER, "aud": "console", "sub": "ann", "nonce": "n-1"});
        edit(&mut claims);
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    #[test]
    fn a_token_of_another_issuer_client_or_sign_in_is_not_taken() {
        let read = |edit: fn(&mut Value)| claims(&token(edit), &client(), "n-1").is_ok();
        assert!(read(|_| {}) && read(|it| it["aud"] = json!(["other", "console"])));
        assert!(!read(|it| it["iss"] = json!("https://evil.example")));
        assert!(!read(|it| it["aud"] = json!("other")) && !read(|it| it["aud"] = json!(["other"])));
        assert!(!read(|it| it["azp"] = json!("other")));
        assert!(!read(|it| it["nonce"] = json!("n-2")));
        assert!(!read(|it| {
            it.as_object_mut().unwrap().remove("nonce");
        }));
        assert!(claims("no token", &client(), "n-1").is_err());
    }

    #[test]
    fn an_answer_of_another_provider_is_not_taken() {
        let discovery = |says: bool| -> Discovery {
            let text = json!({"issuer": ISSUER, "authorization_endpoint": "https://id.example/a",
                "token_endpoint": "https://id.example/t",
                "authorization_response_iss_parameter_supported": says});
            serde_json::from_value(text).unwrap()
        };
        assert!(check_issuer(ISSUER, &discovery(true), Some(ISSUER)).is_ok());
        assert!(check_issuer(ISSUER, &discovery(false), Some("https://evil.example")).is_err());
        assert!(check_issuer(ISSUER, &discovery(true), None).is_err());
        assert!(check_issuer(ISSUER, &discovery(false), None).is_ok());
    }

    #[test]
    fn a_session_is_called_as_its_provider_knows_the_person_for_good() {
        let called = |subject: &str| {
            let claims = json!({"sub": subject, "preferred_username": "root", "email": "a@b.c"});
            session_name(&claims)
        };
        assert_eq!(called("ann@example.com"), "ann@example.com");
        assert_eq!(called("248289761001"), "248289761001");
        let named = called("auth0|5f7c");
        assert!(named.starts_with("auth05f7c=") && named.len() == 42, "{named}");
    }

    #[test]
    fn two_persons_are_never_called_the_same() {
        let long = "x".repeat(99);
        let longer = format!("{long}y");
        let hashed = session_name(&json!({"sub": "a|b"}));
        let subjects =
            ["a|b", "a b", "ab", "a", "", "ä", "=", long.as_str(), longer.as_str(), &hashed];
        let names: BTreeSet<String> =
            subjects.iter().map(|subject| session_name(&json!({ "sub": subject }))).collect();
        assert_eq!(names.len(), subjects.len(), "{names:?}");
        let fits = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        let is_name = |name: &String| (2..=64).contains(&name.len()) && name.chars().all(fits);
        assert!(names.iter().all(is_name), "{names:?}");
    }
}
