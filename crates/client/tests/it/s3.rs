//! Objects of a bucket, over a small server in this process that checks every signature and fails as the tests say.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use client::credentials::{
    CredentialCache, CredentialSource, Credentials, LoadError, LoadingCredentials,
};
use client::endpoint::Endpoint;
use client::https;
use client::s3::{Bucket, BucketOptions, Pace, S3Error};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming};
use hyper_util::rt::TokioIo;
use sigv4::{PayloadHash, PresentedSignature, SecretKey, ServiceRules, Settings};
use tokio::net::TcpListener;

use crate::upstream::{KEY_ID, SECRET, TOKEN, now};

/// What becomes of the next answer.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// Nothing.
    None,
    /// It is another.
    Status(u16),
    /// It breaks off in the middle of its body.
    Torn,
    /// It never comes.
    Silent,
    /// The connection is closed without one, after the request was done.
    Lost,
}

#[derive(Default)]
struct Kept {
    objects: BTreeMap<String, Bytes>,
    uploads: BTreeMap<String, BTreeMap<u32, Bytes>>,
    faults: VecDeque<Fault>,
    seen: Vec<String>,
    headers: Vec<HeaderMap>,
}

#[derive(Clone)]
struct Server {
    kept: Arc<Mutex<Kept>>,
    url: String,
}

struct Fixed;

impl CredentialSource for Fixed {
    fn load(&self) -> LoadingCredentials<'_> {
        let loaded = Credentials {
            access_key_id: KEY_ID.to_owned(),
            secret: SecretKey::new(SECRET),
            session_token: Some(sigv4::SessionToken::new(TOKEN)),
            expires: None,
        };
        Box::pin(async { Ok::<_, LoadError>(loaded) })
    }
}

impl Server {
    async fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Server { kept: Arc::default(), url };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = serving.clone();
                tokio::spawn(async move {
                    let answer = hyper::service::service_fn(move |request| {
                        let server = server.clone();
                        async move { server.answer(request).await }
                    });
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), answer)
                        .await;
                });
            }
        });
        server
    }

    fn bucket(&self) -> Bucket {
        self.bucket_with(|_| {})
    }

    fn bucket_with(&self, change: impl Fn(&mut BucketOptions)) -> Bucket {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let ca = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(ca.path(), made.cert.pem()).unwrap();
        let mut options = BucketOptions {
            endpoint: Endpoint::parse(&self.url).unwrap(),
            region: "us-east-1".to_owned(),
            bucket: "books".to_owned(),
            path_style: false,
            credentials: Arc::new(CredentialCache::new(Box::new(Fixed))),
            trust: https::trust(Some(ca.path())).unwrap(),
            clock: Arc::new(now),
            answer_time_max: Duration::from_millis(500),
            retries_max: 3,
            pause: Duration::from_millis(1),
        };
        change(&mut options);
        Bucket::new(options).unwrap()
    }

    fn fails(&self, faults: &[Fault]) {
        self.kept.lock().unwrap().faults.extend(faults);
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        let bytes = Bytes::copy_from_slice(bytes);
        self.kept.lock().unwrap().objects.insert(name.to_owned(), bytes);
    }

    fn object(&self, name: &str) -> Option<Bytes> {
        self.kept.lock().unwrap().objects.get(name).cloned()
    }

    fn seen(&self) -> Vec<String> {
        self.kept.lock().unwrap().seen.clone()
    }

    fn unfinished(&self) -> usize {
        self.kept.lock().unwrap().uploads.len()
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Answer>, io::Error> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        verify(&head, &body);
        let fault = {
            let mut kept = self.kept.lock().unwrap();
            kept.seen.push(format!("{} {}", head.method, head.uri));
            kept.headers.push(head.headers.clone());
            kept.faults.pop_front()
        };
        match fault {
            Some(Fault::Status(status)) => {
                let told = "<Error><Code>SlowDown</Code><Message>later</Message></Error>";
                return Ok(answered(status, told));
            }
            Some(Fault::Silent) => {
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
            _ => {}
        }
        let mut answer = self.done(&head, body);
        match fault {
            Some(Fault::Lost) => return Err(io::ErrorKind::ConnectionReset.into()),
            Some(Fault::Torn) => answer.body_mut().torn = true,
            _ => {}
        }
        Ok(answer)
    }

    // long: the requests that S3 knows, one after the other
    fn done(&self, head: &http::request::Parts, body: Bytes) -> Response<Answer> {
        let mut kept = self.kept.lock().unwrap();
        let query: BTreeMap<String, String> = head
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.replace("%2F", "/")))
            .collect();
        let key = head.uri.path().strip_prefix("/books/").unwrap().to_owned();
        let id = query.get("uploadId").cloned();
        match (head.method.as_str(), key.as_str()) {
            ("GET", "") if query.contains_key("uploads") => unfinished(&kept.uploads),
            ("GET", "") => list(&kept.objects, &query),
            ("POST", "") => {
                let body = String::from_utf8(body.to_vec()).unwrap();
                for part in body.split("<Key>").skip(1) {
                    kept.objects.remove(part.split('<').next().unwrap());
                }
                answered(200, "<DeleteResult/>")
            }
            ("GET" | "HEAD", key) => object(&kept.objects, key, head),
            ("PUT", key) => match id {
                None => {
                    kept.objects.insert(key.to_owned(), body);
                    answered(200, "")
                }
                Some(id) => match kept.uploads.get_mut(&id) {
                    None => missing("NoSuchUpload"),
                    Some(parts) => {
                        let number = query["partNumber"].parse().unwrap();
                        parts.insert(number, body);
                        let mut answer = answered(200, "");
                        let tag = HeaderValue::try_from(format!("\"{number}\"")).unwrap();
                        answer.headers_mut().insert("etag", tag);
                        answer
                    }
                },
            },
            ("POST", key) => match id {
                None => {
                    kept.uploads.insert(key.to_owned(), BTreeMap::new());
                    answered(
                        200,
                        &format!(
                            "<InitiateMultipartUploadResult><UploadId>{key}</UploadId></InitiateMultipartUploadResult>"
                        ),
                    )
                }
                Some(id) => match kept.uploads.remove(&id) {
                    None => missing("NoSuchUpload"),
                    Some(parts) => {
                        let whole: Vec<u8> = parts.into_values().flatten().collect();
                        kept.objects.insert(key.to_owned(), whole.into());
                        answered(200, "<CompleteMultipartUploadResult/>")
                    }
                },
            },
            ("DELETE", _) => {
                kept.uploads.remove(&id.unwrap());
                answered(204, "")
            }
            other => panic!("{other:?}"),
        }
    }
}

fn unfinished(uploads: &BTreeMap<String, BTreeMap<u32, Bytes>>) -> Response<Answer> {
    let rows: String = uploads
        .keys()
        .map(|id| format!("<Upload><Key>{id}</Key><UploadId>{id}</UploadId></Upload>"))
        .collect();
    answered(200, &format!("<ListMultipartUploadsResult>{rows}</ListMultipartUploadsResult>"))
}

fn list(objects: &BTreeMap<String, Bytes>, query: &BTreeMap<String, String>) -> Response<Answer> {
    let after = query.get("continuation-token").cloned().unwrap_or_default();
    let below = objects.iter().filter(|(name, _)| name.starts_with(&query["prefix"]));
    let rest: Vec<_> = below.filter(|(name, _)| **name > after).collect();
    let rows: String = rest
        .iter()
        .take(2)
        .map(|(name, bytes)| {
            format!("<Contents><Key>{name}</Key><Size>{}</Size></Contents>", bytes.len())
        })
        .collect();
    let next = rest.get(1).filter(|_| rest.len() > 2).map(|(name, _)| {
        format!(
            "<IsTruncated>true</IsTruncated><NextContinuationToken>{name}</NextContinuationToken>"
        )
    });
    answered(
        200,
        &format!("<ListBucketResult>{rows}{}</ListBucketResult>", next.unwrap_or_default()),
    )
}

fn object(
    objects: &BTreeMap<String, Bytes>,
    key: &str,
    head: &http::request::Parts,
) -> Response<Answer> {
    let Some(bytes) = objects.get(key) else { return missing("NoSuchKey") };
    let from = head.headers.get("range").map(|range| {
        let range = range.to_str().unwrap().strip_prefix("bytes=").unwrap();
        range.strip_suffix('-').unwrap().parse::<usize>().unwrap()
    });
    let status = if from.is_some() { 206 } else { 200 };
    let bytes = bytes.slice(from.unwrap_or_default()..);
    let length = bytes.len();
    let bytes = if head.method == "HEAD" { Bytes::new() } else { bytes };
    let answer = Response::builder().status(status).header("content-length", length);
    answer.header("etag", "\"x\"").body(Answer { bytes: Some(bytes), torn: false }).unwrap()
}

fn answered(status: u16, body: &str) -> Response<Answer> {
    let bytes = Bytes::copy_from_slice(body.as_bytes());
    let answer = Response::builder().status(status).header("content-length", bytes.len());
    answer.body(Answer { bytes: Some(bytes), torn: false }).unwrap()
}

fn missing(code: &str) -> Response<Answer> {
    answered(404, &format!("<Error><Code>{code}</Code><Message>none</Message></Error>"))
}

/// A body, of which a half comes where it is torn.
struct Answer {
    bytes: Option<Bytes>,
    torn: bool,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(match (self.bytes.take(), self.torn) {
            (Some(bytes), false) => Some(Ok(Frame::data(bytes))),
            (Some(bytes), true) => Some(Ok(Frame::data(bytes.slice(..bytes.len() / 2)))),
            (None, true) => Some(Err(io::ErrorKind::ConnectionReset.into())),
            (None, false) => None,
        })
    }
}

fn verify(head: &http::request::Parts, body: &[u8]) {
    let headers: Vec<(&str, &[u8])> =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let request = sigv4::Request {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &headers,
    };
    let rules = ServiceRules { name: "s3".into(), skew_seconds: 900 };
    let settings = Settings::new(vec![rules], Some("us-east-1".to_owned()));
    let presented = sigv4::claim(&request, now(), &settings).unwrap();
    let PresentedSignature::Signed(claim) = presented else { panic!("anonymous") };
    let key = SecretKey::new(SECRET).signing_key(claim.scope());
    claim.check(&request, &PayloadHash::of(body), &key, &settings).unwrap();
    // S3 refuses a request with a header of its own outside the signature.
    let signed = head.headers["authorization"].to_str().unwrap();
    for name in head.headers.keys().filter(|name| name.as_str().starts_with("x-amz-")) {
        assert!(signed.contains(name.as_str()), "{name} is not signed: {signed}");
    }
}

/// A file of so many bytes.
fn file(length: usize) -> (tempfile::TempDir, PathBuf, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
    let path = folder.path().join("file");
    std::fs::write(&path, &bytes).unwrap();
    (folder, path, bytes)
}

static ANY: Pace = Pace::new(None);

#[tokio::test]
async fn an_object_is_put_got_measured_listed_and_deleted() {
    let server = Server::start().await;
    let bucket = server.bucket();
    bucket.put("a/one", "1".into(), &HeaderMap::new()).await.unwrap();
    assert_eq!(bucket.get("a/one", 10).await.unwrap().unwrap(), "1");
    assert_eq!(bucket.head("a/one").await.unwrap(), Some(1));
    assert_eq!(
        (bucket.get("a/two", 10).await.unwrap(), bucket.head("a/two").await.unwrap()),
        (None, None)
    );
    for number in 0..5 {
        server.put(&format!("a/{number}"), b"xy");
    }
    let mut names = Vec::new();
    bucket.list("a/", |name, bytes| names.push((name.to_owned(), bytes))).await.unwrap();
    assert_eq!(names.len(), 6, "over all pages: {names:?}");
    let keys: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
    bucket.delete(&keys).await.unwrap();
    assert!(server.kept.lock().unwrap().objects.is_empty());
}

#[tokio::test]
async fn what_is_said_of_an_object_is_signed() {
    let server = Server::start().await;
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-storage-class", HeaderValue::from_static("STANDARD_IA"));
    server.bucket().put("a", "1".into(), &headers).await.unwrap();
    let kept = server.kept.lock().unwrap();
    assert_eq!(kept.headers[0]["x-amz-storage-class"], "STANDARD_IA");
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    for fault in [Fault::Status(503), Fault::Status(500), Fault::Torn, Fault::Silent, Fault::Lost] {
        let server = Server::start().await;
        server.put("a", b"some bytes");
        server.fails(&[fault, fault]);
        let got = server.bucket().get("a", 100).await.unwrap();
        assert_eq!(got.unwrap(), "some bytes", "{fault:?}");
        assert_eq!(server.seen().len(), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn what_stays_is_told_after_the_last_try() {
    let server = Server::start().await;
    server.fails(&[Fault::Status(503); 4]);
    let refused = server.bucket().get("a", 100).await.unwrap_err();
    assert_eq!(refused.to_string(), "S3 answered 503 (SlowDown): later");
    assert_eq!(server.seen().len(), 4);
    server.fails(&[Fault::Status(403)]);
    assert!(server.bucket().get("a", 100).await.is_err());
    assert_eq!(server.seen().len(), 5, "a refusal is not asked again");
}

#[tokio::test]
async fn a_redirect_is_a_fault() {
    let server = Server::start().await;
    server.fails(&[Fault::Status(301)]);
    let refused = server.bucket().get("a", 100).await.unwrap_err();
    assert!(matches!(refused, S3Error::Answered { status: 301, .. }), "{refused}");
    assert_eq!(server.seen(), ["GET /books/a"]);
}

#[tokio::test]
async fn more_than_was_to_be_read_is_not_read() {
    let server = Server::start().await;
    server.put("a", &[0; 1000]);
    assert!(matches!(server.bucket().get("a", 999).await, Err(S3Error::TooLong)));
}

#[tokio::test]
async fn a_long_file_goes_in_parts_and_comes_back_whole() {
    let server = Server::start().await;
    let (folder, path, bytes) = file(1_000_003);
    let bucket = server.bucket();
    bucket.upload("a", &path, 300_000, &HeaderMap::new(), &ANY).await.unwrap();
    assert_eq!(server.object("a").unwrap(), bytes);
    assert_eq!(server.seen().len(), 6, "one begins, four bring parts, one completes");
    let back = folder.path().join("back");
    bucket.download("a", &back, 1 << 30, &ANY).await.unwrap();
    assert_eq!(std::fs::read(back).unwrap(), bytes);
}

#[tokio::test]
async fn parts_are_sent_again_and_a_lost_answer_to_the_last_word_is_no_fault() {
    let server = Server::start().await;
    let (_folder, path, bytes) = file(1_000_000);
    let first_part = [Fault::Lost, Fault::Status(503), Fault::None];
    server.fails(&[Fault::None]);
    server.fails(&first_part);
    server.fails(&[Fault::None; 3]);
    // It is completed, and asked to be once more.
    server.fails(&[Fault::Lost]);
    server.bucket().upload("a", &path, 300_000, &HeaderMap::new(), &ANY).await.unwrap();
    assert_eq!(server.object("a").unwrap(), bytes);
    assert_eq!(server.seen().last().unwrap(), "HEAD /books/a");
}

#[tokio::test]
async fn an_upload_that_fails_leaves_no_object_and_nothing_unfinished() {
    let server = Server::start().await;
    let (_folder, path, _) = file(1_000_000);
    server.put("a", b"before");
    server.fails(&[Fault::None, Fault::None, Fault::Status(403)]);
    let uploaded = server.bucket().upload("a", &path, 300_000, &HeaderMap::new(), &ANY).await;
    assert!(uploaded.is_err());
    assert_eq!(server.object("a").unwrap(), "before");
    assert_eq!(server.unfinished(), 0, "{:?}", server.seen());
}

#[tokio::test]
async fn what_a_process_left_unfinished_is_given_up() {
    let server = Server::start().await;
    server.kept.lock().unwrap().uploads.insert("a/x".to_owned(), BTreeMap::new());
    server.bucket().abandon("a/").await.unwrap();
    assert_eq!(server.unfinished(), 0);
}

#[tokio::test]
async fn a_download_that_breaks_off_goes_on_where_it_was() {
    let server = Server::start().await;
    let (folder, _, bytes) = file(2_000_000);
    server.put("a", &bytes);
    server.fails(&[Fault::Torn, Fault::Torn, Fault::Status(503), Fault::Torn]);
    let back = folder.path().join("back");
    server.bucket().download("a", &back, 1 << 30, &ANY).await.unwrap();
    assert_eq!(std::fs::read(back).unwrap(), bytes);
    let kept = server.kept.lock().unwrap();
    let ranges: Vec<&str> =
        kept.headers[1..].iter().map(|headers| headers["range"].to_str().unwrap()).collect();
    // How much of a torn answer arrived is the network's affair; none of it was asked for again.
    assert_eq!(ranges.len(), 4);
    assert!(ranges[0].starts_with("bytes=1") && ranges.is_sorted(), "{ranges:?}");
}

#[tokio::test]
async fn no_more_of_an_object_is_fetched_than_it_may_have() {
    let server = Server::start().await;
    let (folder, _, bytes) = file(2_000_000);
    server.put("a", &bytes);
    let back = folder.path().join("back");
    let refused = server.bucket().download("a", &back, 1_999_999, &ANY).await;
    assert!(matches!(refused, Err(S3Error::TooLong)), "{refused:?}");
    assert!(std::fs::metadata(&back).unwrap().len() < 2_000_000);
    server.bucket().download("a", &back, 2_000_000, &ANY).await.unwrap();
}

#[tokio::test]
async fn a_file_that_has_no_end_in_sight_is_waited_for_by_the_piece() {
    let server = Server::start().await;
    server.put("a", b"x");
    server.fails(&[Fault::Silent; 4]);
    let bucket = server.bucket_with(|options| options.answer_time_max = Duration::from_millis(20));
    assert!(matches!(bucket.get("a", 10).await, Err(S3Error::TimedOut)));
}

#[test]
fn a_bucket_stands_in_the_hosts_name_where_that_is_a_name() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime.block_on(Server::start());
    let url = |endpoint: &str, bucket: &str, path_style: bool| {
        let bucket = server.bucket_with(|options| {
            options.endpoint = Endpoint::parse(endpoint).unwrap();
            options.bucket = bucket.to_owned();
            options.path_style = path_style;
        });
        bucket.url()
    };
    let amazons = "https://s3.us-east-1.amazonaws.com";
    assert_eq!(url(amazons, "books", false), "https://books.s3.us-east-1.amazonaws.com/");
    assert_eq!(url(amazons, "books", true), "https://s3.us-east-1.amazonaws.com/books/");
    assert_eq!(url(amazons, "my.books", false), "https://s3.us-east-1.amazonaws.com/my.books/");
    assert_eq!(url("https://10.0.0.7:9000", "books", false), "https://10.0.0.7:9000/books/");
    assert_eq!(url("http://localhost:9000", "books", false), "http://localhost:9000/books/");
}
