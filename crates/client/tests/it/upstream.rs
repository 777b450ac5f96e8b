//! A TLS endpoint on loopback that believes one key and keeps what it was asked.

use std::convert::Infallible;
use std::io::Write;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use rustls_pki_types::PrivateKeyDer;
use sigv4::{PayloadHash, PresentedSignature, SecretKey, Settings};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

pub(crate) const KEY_ID: &str = "ASIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const TOKEN: &str = "FwoGZXIvYXdzEXAMPLE";

pub(crate) fn now() -> Timestamp {
    Timestamp::constant(1_795_435_200, 0)
}

/// What arrived, and what its signature was worth.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body_bytes: usize,
    pub(crate) verdict: Result<(), String>,
}

pub(crate) struct Upstream {
    pub(crate) url: String,
    pub(crate) ca: tempfile::NamedTempFile,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Upstream {
    pub(crate) async fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let mut ca = tempfile::NamedTempFile::new().unwrap();
        ca.write_all(made.cert.pem().as_bytes()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let seen = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(serve(
            listener,
            TlsAcceptor::from(Arc::new(config)),
            Arc::clone(&seen),
            url.clone(),
        ));
        Self { url, ca, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The one request that arrived.
    pub(crate) fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "requests that arrived");
        seen.into_iter().next().unwrap()
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, seen: Arc<Mutex<Vec<Seen>>>, url: String) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, tls.clone(), Arc::clone(&seen), url.clone()));
    }
}

async fn connection(stream: TcpStream, tls: TlsAcceptor, seen: Arc<Mutex<Vec<Seen>>>, url: String) {
    let Ok(stream) = tls.accept(stream).await else { return };
    let service = hyper::service::service_fn(move |request| {
        let (seen, url) = (Arc::clone(&seen), url.clone());
        async move { Ok::<_, Infallible>(answer(request, &seen, &url).await) }
    });
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    request: Request<Incoming>,
    seen: &Mutex<Vec<Seen>>,
    url: &str,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let verdict = verify(&head, &body);
    let path = head.uri.path().to_owned();
    seen.lock().unwrap().push(Seen {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        headers: head.headers,
        body_bytes: body.len(),
        verdict,
    });
    let answer = Response::builder().header("connection", "keep-alive").header("x-hop", "1");
    let answer = match path.as_str() {
        "/elsewhere" => answer.status(302).header("location", "https://evil.example/stolen"),
        "/moved" => answer.status(302).header("location", format!("{url}/new?a=b")),
        "/denied" => answer.status(403),
        "/cookie" => answer.header("set-cookie", "a=1").header("set-cookie", "b=2"),
        _ => answer.status(200),
    };
    answer.body(Full::new(Bytes::from_static(b"{\"ok\":true}"))).unwrap()
}

fn verify(head: &http::request::Parts, body: &[u8]) -> Result<(), String> {
    let headers: Vec<(&str, &[u8])> =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let request = sigv4::Request {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &headers,
    };
    let settings = Settings::domain("us-east-1");
    let presented = sigv4::claim(&request, now(), &settings).map_err(|no| no.to_string())?;
    let PresentedSignature::Signed(claim) = presented else { return Err("anonymous".to_owned()) };
    assert_eq!(claim.access_key_id(), KEY_ID);
    assert_eq!(claim.session_token(), Some(TOKEN));
    let key = SecretKey::new(SECRET).signing_key(claim.scope());
    let checked = claim.check(&request, &PayloadHash::of(body), &key, &settings);
    checked.map(|_| ()).map_err(|no| no.to_string())
}
