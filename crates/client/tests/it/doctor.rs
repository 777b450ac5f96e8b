//! What doctor sees of certificates, and that nothing is sent where one is refused.

use std::net::SocketAddr;
use std::sync::Arc;

use client::doctor::{EndpointProbe, ProbeRequest, TlsFault};
use client::endpoint::Endpoint;
use rcgen::{CertificateParams, KeyPair};
use rustls::RootCertStore;
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_rustls::TlsAcceptor;

/// A TLS endpoint with one self-signed certificate; what arrives after the handshake is passed on.
struct Endpoints {
    probe: EndpointProbe,
    address: SocketAddr,
    heard: UnboundedReceiver<Vec<u8>>,
}

/// `name` is whom the certificate is for; `years` from and until when; `trusted` whether the probe
/// knows it.
async fn endpoint(name: &str, years: [i32; 2], trusted: bool) -> Endpoints {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(years[0], 1, 1);
    params.not_after = rcgen::date_time_ymd(years[1], 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let mut roots = RootCertStore::empty();
    if trusted {
        roots.add(certificate.der().clone()).unwrap();
    } else {
        // Of the same name: what is left over from another start of the same service.
        let other = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        roots.add(other.der().clone()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, heard) = unbounded_channel();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut bytes = vec![0; 4096];
            let length = stream.read(&mut bytes).await.unwrap_or(0);
            bytes.truncate(length);
            let _ = tell.send(bytes);
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a: b\r\n\r\n{}";
            let _ = stream.write_all(answer).await;
        }
    });
    let url = format!("https://localhost:{}", address.port());
    let probe = EndpointProbe::new(Endpoint::parse(&url).unwrap(), roots);
    Endpoints { probe, address, heard }
}

fn ask() -> ProbeRequest {
    let headers = vec![("host".to_owned(), "localhost".to_owned())];
    ProbeRequest { method: "GET".into(), target: "/a%2Cb?c".into(), headers, body: Vec::new() }
}

#[tokio::test]
async fn a_trusted_certificate_is_told_and_requests_go_out_as_they_are() {
    let mut endpoint = endpoint("localhost", [2020, 2100], true).await;
    let shaken = endpoint.probe.handshake(endpoint.address).await.unwrap();
    assert_eq!(shaken.version, "TLSv1.3");
    assert_eq!(shaken.chain[0].names, ["localhost"]);
    assert!(shaken.chain[0].is_self_signed());
    assert_eq!(shaken.chain[0].not_after.to_string(), "2100-01-01T00:00:00Z");
    assert_eq!(endpoint.heard.recv().await.unwrap(), b"", "a handshake sends nothing");
    let answer = endpoint.probe.send(endpoint.address, ask()).await.unwrap();
    assert_eq!((answer.status, answer.body.as_str(), answer.header("x-a")), (200, "{}", Some("b")));
    let heard = String::from_utf8(endpoint.heard.recv().await.unwrap()).unwrap();
    assert_eq!(heard, "GET /a%2Cb?c HTTP/1.1\r\nhost: localhost\r\n\r\n");
}

#[tokio::test]
async fn each_fault_of_a_certificate_is_told_with_it_and_nothing_is_sent() {
    let cases = [
        ("localhost", [2020, 2100], false, TlsFault::OtherKey),
        ("elsewhere.example", [2020, 2100], true, TlsFault::WrongName),
        ("localhost", [2020, 2021], true, TlsFault::Expired),
        ("localhost", [2099, 2100], true, TlsFault::NotYetValid),
    ];
    for (name, years, trusted, fault) in cases {
        let mut endpoint = endpoint(name, years, trusted).await;
        let failure = endpoint.probe.handshake(endpoint.address).await.unwrap_err();
        assert_eq!(failure.fault, fault, "{}", failure.cause);
        assert_eq!(failure.chain[0].names, [name]);
        assert!(endpoint.probe.send(endpoint.address, ask()).await.is_err());
        assert!(endpoint.heard.try_recv().is_err(), "{fault:?}: something was sent");
    }
}

#[tokio::test]
async fn an_authority_that_nobody_named_is_unknown() {
    let endpoint = endpoint("localhost", [2020, 2100], true).await;
    let root = authority("another CA").self_signed(&KeyPair::generate().unwrap()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(root.der().clone()).unwrap();
    let probe = EndpointProbe::new(endpoint.probe.endpoint().clone(), roots);
    let failure = probe.handshake(endpoint.address).await.unwrap_err();
    assert_eq!(failure.fault, TlsFault::UnknownIssuer, "{}", failure.cause);
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params
}

#[tokio::test]
async fn what_does_not_speak_tls_is_not_a_certificate_fault() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            let _ = stream.read(&mut [0; 4096]).await;
        }
    });
    let other = rcgen::generate_simple_self_signed(["other".to_owned()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(other.cert.der().clone()).unwrap();
    let url = format!("https://localhost:{}", address.port());
    let probe = EndpointProbe::new(Endpoint::parse(&url).unwrap(), roots);
    let failure = probe.handshake(address).await.unwrap_err();
    assert_eq!(failure.fault, TlsFault::NotTls, "{}", failure.cause);
}

#[tokio::test]
async fn an_address_is_its_own_name_and_a_name_nobody_has_is_none() {
    let probe =
        |url: &str| EndpointProbe::new(Endpoint::parse(url).unwrap(), RootCertStore::empty());
    let own = probe("https://[::1]:9200").resolve().await.unwrap();
    assert_eq!(own, ["[::1]:9200".parse().unwrap()]);
    assert!(probe("https://nobody.invalid").resolve().await.is_err());
}
