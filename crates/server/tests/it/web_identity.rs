//! `AssumeRoleWithWebIdentity` against a provider on loopback: discovery and keys over HTTPS, no
//! signature on the request, the token alone.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};
use server::clock::Clock;
use server::tls::{Authority, loopback_names};

use crate::client::Answer;
use crate::service::{Running, element, scratch};

/// A provider and the key that it signs with.
struct Provider {
    url: String,
    key: EcdsaKeyPair,
}

impl Provider {
    /// Serves discovery and keys with a certificate of the service's own authority.
    fn start(authority: &Authority) -> Self {
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
                let page = if head[..read].starts_with(b"GET /keys ") { &keys } else { &discovery };
                let (page, length) = (page.to_string(), page.to_string().len());
                let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{page}");
            }
        });
        Self { url, key }
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

#[test]
fn a_providers_token_becomes_a_session_and_a_forged_one_does_not() {
    let data = scratch("web-identity");
    let running = Running::start_on(Some(data.clone()));
    let provider = Provider::start(&Authority::open(&data, Clock::System.now()).unwrap());
    let stranger = Provider::start(&Authority::open(&data, Clock::System.now()).unwrap());
    let name = provider.url.trim_start_matches("https://");
    running.call(
        "iam",
        &[
            ("Action", "CreateOpenIDConnectProvider"),
            ("Url", &provider.url),
            ("ClientIDList.member.1", "app"),
            ("ThumbprintList.member.1", "0123456789012345678901234567890123456789"),
        ],
    );
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "Federated": format!("arn:aws:iam::123456789012:oidc-provider/{name}") },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": { "StringEquals": { format!("{name}:sub"): "ann" } },
    }]});
    running.call(
        "iam",
        &[
            ("Action", "CreateRole"),
            ("RoleName", "web"),
            ("AssumeRolePolicyDocument", &trust.to_string()),
        ],
    );

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
