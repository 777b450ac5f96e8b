//! Handshakes that nobody should finish (B13): old versions, weak suites, no TLS at all.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::ProtocolVersion::{TLSv1_2, TLSv1_3};
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, SignatureScheme};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::json;

use crate::client::Client;
use crate::service::Running;

/// AES-GCM and AES-CBC with ECDHE, as an old client would offer them.
const GOOD_SUITES: &[u16] = &[0xc02f, 0xc02b, 0xc013, 0xc009, 0x002f];
/// RC4, 3DES, export, NULL, and RSA key exchange.
const WEAK_SUITES: &[u16] = &[0x0005, 0x000a, 0x0003, 0x0001, 0x002f, 0x0035, 0x009c];

/// A hello of this version with extensions that a server needs to choose anything.
fn hello(version: u16, suites: &[u16]) -> Vec<u8> {
    let suites: Vec<u8> = suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
    // supported_groups: x25519, secp256r1; signature_algorithms: ECDSA and RSA-PSS with SHA-256.
    let extensions = [
        [0x00, 0x0a, 0x00, 0x06, 0x00, 0x04, 0x00, 0x1d, 0x00, 0x17].as_slice(),
        &[0x00, 0x0d, 0x00, 0x06, 0x00, 0x04, 0x04, 0x03, 0x08, 0x04],
        &[0x00, 0x0b, 0x00, 0x02, 0x01, 0x00],
        &[0x00, 0x17, 0x00, 0x00],
    ]
    .concat();
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_be_bytes();
    let body = [
        &version.to_be_bytes(),
        [7; 32].as_slice(),
        &[0],
        &length(&suites),
        &suites,
        &[1, 0],
        &length(&extensions),
        &extensions,
    ]
    .concat();
    let handshake = [&[1, 0], length(&body).as_slice(), &body].concat();
    [&[22, 3, 1], length(&handshake).as_slice(), &handshake].concat()
}

/// What the service says to these bytes before it closes.
fn said(running: &Running, bytes: &[u8]) -> Vec<u8> {
    let mut tcp = TcpStream::connect(("127.0.0.1", running.domain().port)).unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    tcp.write_all(bytes).unwrap();
    let mut said = Vec::new();
    let _ = tcp.read_to_end(&mut said);
    said
}

/// The service ends the handshake with an alert, or says nothing, and serves the next.
#[track_caller]
fn no_handshake(running: &Running, bytes: &[u8]) {
    let said = said(running, bytes);
    assert!(said.is_empty() || said[0] == 21, "{said:?}");
    assert_eq!(running.domain().anonymous("GET", "/", b"").status, 403);
}

#[test]
fn the_hello_of_these_tests_is_one_that_tls_1_2_takes() {
    // Otherwise the refusals below would show nothing: this one gets a ServerHello.
    let running = Running::start();
    let mut tcp = TcpStream::connect(("127.0.0.1", running.domain().port)).unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    tcp.write_all(&hello(0x0303, GOOD_SUITES)).unwrap();
    let mut first = [0; 6];
    tcp.read_exact(&mut first).unwrap();
    assert_eq!((first[0], first[5]), (22, 2), "{first:?}");
}

#[test]
fn tls_1_0_and_1_1_and_ssl_3_get_no_handshake() {
    let running = Running::start();
    for version in [0x0302, 0x0301, 0x0300] {
        no_handshake(&running, &hello(version, GOOD_SUITES));
    }
}

#[test]
fn weak_suites_get_no_handshake() {
    let running = Running::start();
    no_handshake(&running, &hello(0x0303, WEAK_SUITES));
}

#[test]
fn a_hello_of_ssl_2_gets_no_handshake() {
    let running = Running::start();
    let suites = [0x07, 0x00, 0xc0, 0x01, 0x00, 0x80];
    let body = [&[1, 0, 2, 0, 6, 0, 0, 0, 16], suites.as_slice(), &[9; 16]].concat();
    let bytes = [&[0x80, u8::try_from(body.len()).unwrap()], body.as_slice()].concat();
    no_handshake(&running, &bytes);
}

#[test]
fn noise_gets_no_answer_on_a_tls_listener() {
    let running = Running::start();
    no_handshake(&running, &[0xff; 64]);
    no_handshake(&running, &[22, 3, 3, 0xff, 0xff, 1, 2, 3]);
    no_handshake(&running, &[0; 64]);
}

#[test]
fn plain_http_is_told_that_this_port_speaks_tls() {
    let running = Running::start();
    for (method, host, place) in [
        ("GET /_cat/indices?v", "localhost:9200", "https://localhost:9200"),
        ("POST /x", "a b", "https://"),
    ] {
        let request = format!("{method} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let said = String::from_utf8(said(&running, request.as_bytes())).unwrap();
        assert!(said.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{said}");
        assert!(said.contains("\r\nconnection: close\r\n"), "{said}");
        let (_, body) = said.split_once("\r\n\r\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let told =
            "Client sent an HTTP request to an HTTPS server: this port speaks TLS only, use ";
        assert_eq!(body["message"], format!("{told}{place}"));
    }
    let preface = said(&running, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert!(preface.starts_with(b"HTTP/1.1 400 "), "{preface:?}");
    let head = String::from_utf8(said(&running, b"HEAD / HTTP/1.1\r\n\r\n")).unwrap();
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    let page = running.service().state().metrics.page(0, 0);
    assert!(page.contains("countersign_plain_http_total 4"), "{page}");
    // Neither a record nor an answer of the walk: nothing was asked of it.
    assert!(running.service().state().audit.recent().iter().all(|record| record.status != 400));
    assert_eq!(running.domain().anonymous("GET", "/", b"").status, 403);
}

#[test]
fn plain_http_that_never_completes_its_head_is_cut() {
    let running = Running::start_with(None, |options| {
        options.times.handshake = Duration::from_millis(500);
    });
    assert_eq!(said(&running, b"GET / HTTP/1.1\r\n"), b"");
}

#[test]
fn a_tunnels_end_may_be_named_in_the_handshake_where_the_host_is_the_endpoint() {
    let running = Running::start_with(None, |options| {
        options.settings.public_name = "search.example.test".to_owned();
    });
    let domain = running.domain();
    assert_eq!(domain.server_name, "localhost");
    let ask = |host: &str| {
        domain
            .raw(format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes())
    };
    // Let in so far: it is refused because nobody signed.
    for host in ["search.example.test", "Search.Example.Test:19200", "localhost:19200"] {
        assert_eq!(ask(host).status, 403, "{host}");
    }
    let other = ask("search.example.org");
    assert_eq!(other.status, 421);
    assert!(
        other.text().contains("curl --connect-to ENDPOINT:PORT:localhost:"),
        "{}",
        other.text()
    );
}

#[test]
fn a_domains_tls_policy_says_which_versions_are_spoken_from_the_next_handshake_on() {
    let running = Running::start();
    let spoken = || {
        let mut stream = running.domain().connect();
        stream.conn.complete_io(&mut stream.sock).unwrap();
        stream.conn.protocol_version()
    };
    assert_eq!(spoken(), Some(TLSv1_3));
    for (policy, version) in [
        ("Policy-Min-TLS-1-2-2019-07", TLSv1_2),
        ("Policy-Min-TLS-1-2-PFS-2023-10", TLSv1_3),
        ("Policy-Min-TLS-1-0-2019-07", TLSv1_2),
    ] {
        let body = json!({"DomainEndpointOptions": {"TLSSecurityPolicy": policy}}).to_string();
        let target = "/2021-01-01/opensearch/domain/dev/config";
        let control = running.control("es");
        let set = control.signed(&running.developer(), "POST", target, body.as_bytes());
        assert_eq!((set.status, spoken()), (200, Some(version)), "{policy}");
        assert_eq!(running.domain().signed(&running.developer(), "GET", "/", b"").status, 200);
    }
}

/// A client with a certificate, which learns whether it is asked for it.
#[derive(Debug, Default)]
struct HasCertificate(AtomicBool);

impl ResolvesClientCert for HasCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.store(true, Ordering::SeqCst);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[test]
fn b15_nobody_is_asked_for_a_certificate_and_no_subject_of_one_makes_anybody_known() {
    let running = Running::start();
    let certificate = Arc::new(HasCertificate::default());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(running.ca().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::clone(&certificate) as _);
    let tls = Arc::new(config);
    // As proxies that check certificates pass their subjects on.
    let subjects = [
        (
            "x-forwarded-client-cert",
            "Subject=\"CN=developer,OU=root\";URI=arn:aws:iam::123456789012:root",
        ),
        ("x-ssl-client-s-dn", "CN=developer\\,OU\\=root"),
        ("x-amzn-mtls-clientcert-subject", "CN=developer\\00.example"),
        ("ssl-client-subject-dn", "/CN=arn:aws:iam::123456789012:root"),
    ];
    for client in [running.domain(), running.control("es")] {
        let client = Client { tls: Arc::clone(&tls), ..client };
        let mut headers: Vec<(String, String)> = Vec::new();
        for (name, subject) in subjects {
            headers.push((name.to_owned(), subject.to_owned()));
            assert_eq!(client.send("GET", "/", &headers, b"").status, 403, "{name}");
        }
    }
    assert!(!certificate.0.load(Ordering::SeqCst), "it was asked for its certificate");
}
