//! `AssumeRoleWithWebIdentity` against a provider on loopback: discovery and keys over HTTPS, no
//! signature on the request, the token alone.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};
use server::Clock;
use server::for_tests::{Authority, loopback_names};

use crate::client::Answer;
use crate::service::{Running, element, scratch};

/// A provider and the key that it signs with.
struct Provider {
    url: String,
    key: EcdsaKeyPair,
    /// Says that it was asked for its keys, and waits for leave to answer.
    asked: Receiver<()>,
    leave: Sender<()>,
}

impl Provider {
    /// Serves discovery and keys with a certificate of the service's own authority.
    fn start(authority: &Authority) -> Self {
        let provider = Self::start_slow(authority);
        for _ in 0..100 {
            provider.leave.send(()).unwrap();
        }
        provider
    }

    /// The same, which waits for leave each time before it tells its keys.
    fn start_slow(authority: &Authority) -> Self {
        let ((ask, asked), (leave, left)) = (channel(), channel());
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let tls = authority.server_config(&loopback_names(), Clock::System.now()).unwrap();
        let point = key.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        let keys =
            json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "one", "x": x, "y": y }] });
        let discovery = json!({ "issuer": url, "jwks_uri": format!("{url}/keys") });
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let connection = ServerConnection::new(Arc::clone(&tls)).unwrap();
                let mut stream = StreamOwned::new(connection, stream);
                let mut head = [0; 1024];
                let read = stream.read(&mut head).unwrap_or(0);
                if head[..read].starts_with(b"GET /keys ") {
                    // The test may have ended.
                    let _ = ask.send(());
                    let _ = left.recv();
                }
                let page = if head[..read].starts_with(b"GET /keys ") { &keys } else { &discovery };
                let (page, length) = (page.to_string(), page.to_string().len());
                let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{page}");
            }
        });
        Self { url, key, asked, leave }
    }

    /// A token of `subject` for client `app`.
    fn token(&self, subject: &str, seconds: i64) -> String {
        let now = Clock::System.now().as_second();
        let claims = json!({
            "iss": self.url, "sub": subject, "aud": "app", "iat": now, "exp": now + seconds,
        });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed =
            format!("{}.{}", encode(&json!({ "alg": "ES256", "kid": "one" })), encode(&claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

/// The unsigned call.
fn assume(running: &Running, token: &str) -> Answer {
    let body = format!(
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=web\
         &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fweb&WebIdentityToken={token}"
    );
    let form = [("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    running.control("sts").send("POST", "/", &form, body.as_bytes())
}

/// Registers the provider called `name`, and role `web` that trusts its `ann`.
fn trusted(running: &Running, name: &str) {
    running.call(
        "iam",
        &[
            ("Action", "CreateOpenIDConnectProvider"),
            ("Url", &format!("https://{name}")),
            ("ClientIDList.member.1", "app"),
            ("ThumbprintList.member.1", "0123456789012345678901234567890123456789"),
        ],
    );
    let trust = trust(name, "ann");
    let role =
        [("Action", "CreateRole"), ("RoleName", "web"), ("AssumeRolePolicyDocument", &trust)];
    running.call("iam", &role);
}

/// A trust policy for the provider's `subject`.
fn trust(name: &str, subject: &str) -> String {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "Federated": format!("arn:aws:iam::123456789012:oidc-provider/{name}") },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": { "StringEquals": { format!("{name}:sub"): subject } },
    }]});
    trust.to_string()
}

/// Role `web` asked for with a token whose provider answers only after `meanwhile` was done.
fn assumed_while(test: &str, meanwhile: impl Fn(&Running, &str)) -> Answer {
    let data = scratch(&format!("web-identity-{test}"));
    let running = Running::start_on(Some(data.clone()));
    let provider = Provider::start_slow(&Authority::open(&data, Clock::System.now()).unwrap());
    let name = provider.url.trim_start_matches("https://");
    trusted(&running, name);
    let token = provider.token("ann", 600);
    let answer = std::thread::scope(|scope| {
        let assuming = scope.spawn(|| assume(&running, &token));
        provider.asked.recv_timeout(Duration::from_secs(60)).unwrap();
        meanwhile(&running, name);
        provider.leave.send(()).unwrap();
        assuming.join().unwrap()
    });
    running.stop();
    std::fs::remove_dir_all(data).unwrap();
    answer
}

#[test]
fn a_trust_withdrawn_while_the_provider_answers_gives_no_credentials() {
    let answer = assumed_while("trust", |running, name| {
        let trust = trust(name, "nobody");
        let update = ("Action", "UpdateAssumeRolePolicy");
        running.call("iam", &[update, ("RoleName", "web"), ("PolicyDocument", &trust)]);
    });
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(!answer.text().contains("SecretAccessKey"));
}

#[test]
fn a_provider_removed_while_it_answers_vouches_for_nobody() {
    let answer = assumed_while("removed", |running, name| {
        let arn = format!("arn:aws:iam::123456789012:oidc-provider/{name}");
        let delete = ("Action", "DeleteOpenIDConnectProvider");
        running.call("iam", &[delete, ("OpenIDConnectProviderArn", &arn)]);
    });
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.text().contains("InvalidIdentityToken"), "{}", answer.text());
}

#[test]
fn a_token_waits_for_a_slow_provider_and_is_good_when_nothing_changed() {
    let answer = assumed_while("slow", |_, _| {});
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn a_providers_token_becomes_a_session_and_a_forged_one_does_not() {
    let data = scratch("web-identity");
    let running = Running::start_on(Some(data.clone()));
    let provider = Provider::start(&Authority::open(&data, Clock::System.now()).unwrap());
    let stranger = Provider::start(&Authority::open(&data, Clock::System.now()).unwrap());
    let name = provider.url.trim_start_matches("https://");
    trusted(&running, name);

    let made = assume(&running, &provider.token("ann", 600));
    assert_eq!(made.status, 200, "{}", made.text());
    assert!(element(&made.text(), "Arn").ends_with(":assumed-role/web/web"), "{}", made.text());

    let another = assume(&running, &provider.token("bob", 600));
    assert_eq!(another.status, 403, "{}", another.text());
    let expired = assume(&running, &provider.token("ann", -600));
    assert!(expired.text().contains("ExpiredToken"), "{}", expired.text());
    let unregistered = assume(&running, &stranger.token("ann", 600));
    assert!(unregistered.text().contains("InvalidIdentityToken"), "{}", unregistered.text());
    let mut forged = provider.token("ann", 600);
    forged.replace_range(forged.len() - 10.., "AAAAAAAAAA");
    assert!(assume(&running, &forged).text().contains("InvalidIdentityToken"));
    running.stop();
    std::fs::remove_dir_all(data).unwrap();
}
