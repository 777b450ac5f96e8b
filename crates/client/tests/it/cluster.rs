//! What the nodes of a cluster are sent: bodies no faster than a node takes them, and whole on every try; HTTP/2 where they speak it.

use std::convert::Infallible;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use client::cluster::{ClusterClient, ClusterFault, ClusterLogin, ClusterOptions, ClusterRequest};
use client::endpoint::Endpoint;
use client::spool::{FiledBodyWriter, PIECE_BYTES, RequestBody};
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::RootCertStore;
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What the kernel keeps of a connection that nobody reads, on both sides, and more.
const IN_THE_KERNEL: u64 = 24 * 1024 * 1024;

fn filed(length: usize) -> RequestBody {
    let mut writer = FiledBodyWriter::new(&std::env::temp_dir()).unwrap();
    let piece = vec![b'x'; PIECE_BYTES];
    for _ in 0..length / PIECE_BYTES {
        writer.write_all(&piece).unwrap();
    }
    writer.finish(())
}

fn request(body: RequestBody, repeatable: bool) -> ClusterRequest {
    let (path, query) = ("/x/_bulk".to_owned(), String::new());
    let (method, headers) = (Method::POST, HeaderMap::new());
    ClusterRequest { method, path, query, headers, body, repeatable }
}

fn client(nodes: &[&TcpListener], answer_time_max: Duration) -> ClusterClient {
    let roots = rustls::ClientConfig::builder_with_provider(
        rustls::crypto::aws_lc_rs::default_provider().into(),
    );
    let roots = roots.with_safe_default_protocol_versions().unwrap();
    let url = |node: &&TcpListener| {
        Endpoint::parse(&format!("http://{}", node.local_addr().unwrap())).unwrap()
    };
    ClusterClient::new(ClusterOptions {
        urls: nodes.iter().map(url).collect(),
        tls: roots.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
        login: ClusterLogin::Nobody,
        headers: HeaderMap::new(),
        connect_time_max: Duration::from_secs(5),
        answer_time_max,
    })
}

fn now() -> jiff::Timestamp {
    "2026-11-30T12:00:00Z".parse().unwrap()
}

async fn node() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// Reads a request whose body has this length; how many bytes of it came.
async fn taken(stream: &mut TcpStream, length: usize) -> usize {
    let (mut buffer, mut seen) = (vec![0; 65_536], Vec::new());
    let head = loop {
        let count = stream.read(&mut buffer).await.unwrap();
        seen.extend_from_slice(&buffer[..count]);
        if let Some(end) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        assert_ne!(count, 0);
    };
    let mut came = seen.len() - head;
    while came < length {
        match stream.read(&mut buffer).await.unwrap() {
            0 => break,
            count => came += count,
        }
    }
    came
}

#[tokio::test]
async fn a_body_is_read_from_its_file_no_faster_than_the_node_takes_it() {
    let node = node().await;
    let body = filed(128 * 1024 * 1024);
    let client = client(&[&node], Duration::from_millis(500));
    let request = request(body.clone(), false);
    let accept = async {
        let (stream, _) = node.accept().await.unwrap();
        stream
    };
    let (answered, _stream) = tokio::join!(client.send(&request, now()), accept);
    // It took no more of the body, and gave no answer.
    assert!(matches!(answered, Err(ClusterFault::TimedOut(_))));
    assert!(body.bytes_read() > 0);
    assert!(body.bytes_read() <= IN_THE_KERNEL, "{}", body.bytes_read());
}

#[tokio::test]
async fn a_node_that_is_slow_and_takes_more_is_waited_for() {
    let node = node().await;
    let length = 32 * 1024 * 1024;
    let client = client(&[&node], Duration::from_millis(200));
    let request = request(filed(length), false);
    let serve = async {
        let (mut stream, _) = node.accept().await.unwrap();
        let mut came = 0;
        for part in 1..=4 {
            tokio::time::sleep(Duration::from_millis(150)).await;
            came = match part {
                1 => taken(&mut stream, length / 4).await,
                _ => {
                    let mut buffer = vec![0; length / 4];
                    let rest = (length - came).min(buffer.len());
                    stream.read_exact(&mut buffer[..rest]).await.unwrap();
                    came + rest
                }
            };
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        came
    };
    let (answered, came) = tokio::join!(client.send(&request, now()), serve);
    assert_eq!(answered.ok().unwrap().response.status(), 200);
    assert_eq!(came, length);
}

#[tokio::test]
async fn a_body_is_whole_on_the_second_node_where_the_first_broke_off() {
    let (broken, well) = (node().await, node().await);
    let length = 4 * 1024 * 1024;
    let client = client(&[&broken, &well], Duration::from_secs(10));
    let request = request(filed(length), true);
    let serve = async {
        let (mut stream, _) = broken.accept().await.unwrap();
        taken(&mut stream, 1_000_000).await;
        drop(stream);
        let (mut stream, _) = well.accept().await.unwrap();
        let came = taken(&mut stream, length).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        came
    };
    let (answered, came) = tokio::join!(client.send(&request, now()), serve);
    assert_eq!(answered.ok().unwrap().response.status(), 200);
    assert_eq!(came, length);
}

/// What a node over TLS, which offers these protocols, hears of a request: its version, its host, its path, the length of its body.
async fn heard_over_tls(protocols: &[&[u8]]) -> String {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let provider = || Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let mut config = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
    let (listener, acceptor) = (node().await, TlsAcceptor::from(Arc::new(config)));
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let stream = acceptor.accept(stream).await.unwrap();
        let is_2 = stream.get_ref().1.alpn_protocol() == Some(&b"h2"[..]);
        let service = hyper::service::service_fn(|request: Request<Incoming>| async move {
            let host = request.headers()["host"].to_str().unwrap().to_owned();
            let said = format!("{:?} {host} {}", request.version(), request.uri().path());
            let length = request.into_body().collect().await.unwrap().to_bytes().len();
            let said = Full::new(Bytes::from(format!("{said} {length}")));
            Ok::<_, Infallible>(Response::new(said))
        });
        let io = TokioIo::new(stream);
        if is_2 {
            let http = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            http.serve_connection(io, service).await.unwrap();
        } else {
            let http = hyper::server::conn::http1::Builder::new();
            http.serve_connection(io, service).await.unwrap();
        }
    });
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap();
    let client = ClusterClient::new(ClusterOptions {
        urls: vec![Endpoint::parse(&format!("https://localhost:{port}")).unwrap()],
        tls: tls.with_root_certificates(roots).with_no_client_auth(),
        login: ClusterLogin::Nobody,
        headers: HeaderMap::new(),
        connect_time_max: Duration::from_secs(5),
        answer_time_max: Duration::from_secs(5),
    });
    let asked = request(filed(4 * PIECE_BYTES), false);
    let (status, body) = client.fetch(&asked, now(), 1_000).await.unwrap();
    assert_eq!(status, 200);
    String::from_utf8_lossy(&body).replace(&port.to_string(), "PORT")
}

#[tokio::test]
async fn a_node_over_tls_is_asked_in_http_2_where_it_offers_it() {
    let length = 4 * PIECE_BYTES;
    assert_eq!(
        heard_over_tls(&[b"h2", b"http/1.1"]).await,
        format!("HTTP/2.0 localhost:PORT /x/_bulk {length}")
    );
    for protocols in [&[&b"http/1.1"[..]][..], &[]] {
        assert_eq!(
            heard_over_tls(protocols).await,
            format!("HTTP/1.1 localhost:PORT /x/_bulk {length}")
        );
    }
}
