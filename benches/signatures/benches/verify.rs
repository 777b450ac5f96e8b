//! Nanoseconds to verify a request with a warm signing key, beside the bare cost of its hash
//! passes (the floor: SHA-256 of the body, SHA-256 of the canonical request, HMAC of the string to
//! sign under a warm key) and beside scratchstack-aws-signature, in one run.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use hmac::{Hmac, KeyInit, Mac};
use scratchstack_aws_signature::{
    GetSigningKeyRequest, GetSigningKeyResponse, KSecretKey, NO_ADDITIONAL_SIGNED_HEADERS,
    SignatureOptions, sigv4_validate_request,
};
use sha2::{Digest, Sha256};
use sigv4::{KeyRefusal, PayloadHasher, PresentedSignature, Request, Settings};
use signature_benches::{PATH, QUERY, SECRET, Signed, signed, verify};

/// Rounds, each with a short run of every bench, so that all of them meet the same weather; the
/// fastest run of each is reported: the rest is other people's noise.
const ROUNDS: usize = 400;
const RUN: Duration = Duration::from_millis(2);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let head = signed(999, 0)?.head_bytes();
    compare("a request of 1 KiB, head and body", 1024 - head)?;
    compare("the same head, a body of 1 KiB", 1024)?;
    compare("the same head, no body", 0)?;
    stream();
    Ok(())
}

fn compare(what: &str, body_bytes: usize) -> Result<(), Box<dyn std::error::Error>> {
    let request = signed(body_bytes, 0)?;
    let headers = request.headers();
    let view = Request { method: "POST", path: PATH, query: QUERY, headers: &headers };
    let other = Request { method: "PUT", ..view };
    let settings = Settings::domain("us-east-1");
    assert!(verify(&view, &request, &settings));
    assert!(!verify(&other, &request, &settings));
    assert!(refuse_unknown(&other, &request, &settings));
    let (mut validate, copied) = rival(&request)?;
    assert!(validate(), "the rival accepts the request");

    let unknown = || refuse_unknown(&other, &request, &settings);
    let mut benches: [Bench<'_>; 6] = [
        Bench::new("bare SHA-256 + HMAC passes", || bare(&request)),
        Bench::new("sigv4", || verify(black_box(&view), &request, &settings)),
        // What a flood of wrong signatures costs: every reading and host is tried.
        Bench::new("sigv4, wrong signature", || verify(black_box(&other), &request, &settings)),
        // Must cost what a known key costs: who measures the time learns nothing.
        Bench::new("sigv4, unknown key", unknown),
        Bench::new("scratchstack-aws-signature", move || validate()),
        Bench::new("  the copy of its request", move || copied.clone()),
    ];
    for _ in 0..ROUNDS {
        benches.iter_mut().for_each(Bench::run);
    }
    println!("{what}; warm signing key, both with the crate sha2 (fastest of {ROUNDS} runs)");
    let [bare, ours, _, _, rival, copy] = benches.each_ref().map(|bench| bench.fastest);
    for bench in &benches {
        let (bares, times) = (bench.fastest / bare, bench.fastest / ours);
        println!("  {:<28} {:8.0} ns   {bares:5.2} × bare   {times:5.2} × sigv4", bench.name, bench.fastest);
    }
    println!("  the rival without the copy is {:.2} × sigv4", (rival - copy) / ours);
    Ok(())
}

/// Body hash, claim and refusal of a request whose key nobody has.
fn refuse_unknown(request: &Request<'_>, signed: &Signed, settings: &Settings) -> bool {
    let Ok(PresentedSignature::Signed(claim)) = sigv4::claim(request, signed.now, settings) else { return false };
    let refusal = claim.refuse(request, signed.body.as_slice(), settings, KeyRefusal::Unknown);
    matches!(refusal, sigv4::Refusal::Key(_))
}

struct Bench<'a> {
    name: &'static str,
    work: Box<dyn FnMut() + 'a>,
    fastest: f64,
}

impl<'a> Bench<'a> {
    fn new<T>(name: &'static str, mut work: impl FnMut() -> T + 'a) -> Self {
        let work = move || drop(black_box(work()));
        Self { name, work: Box::new(work), fastest: f64::MAX }
    }

    fn run(&mut self) {
        let start = Instant::now();
        let mut count = 0_u32;
        while start.elapsed() < RUN {
            for _ in 0..16 {
                (self.work)();
            }
            count += 16;
        }
        self.fastest = self.fastest.min(start.elapsed().as_nanos() as f64 / f64::from(count));
    }
}

/// A body of 1 GiB in pieces of 64 KiB, as it comes from a socket: through the body hasher, and
/// through the bare hash. Neither holds more than one piece.
fn stream() {
    const PIECE: usize = 64 * 1024;
    const PIECES: usize = 1 << 14;
    let piece = vec![b'x'; PIECE];
    let (mut ours, mut bare) = (f64::MAX, f64::MAX);
    let (mut hasher, mut digest) = (PayloadHasher::new(), Sha256::new());
    for _ in 0..PIECES {
        let start = Instant::now();
        hasher.update(black_box(&piece));
        ours = ours.min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        digest.update(black_box(&piece));
        bare = bare.min(start.elapsed().as_secs_f64());
    }
    let whole: [u8; 32] = digest.finalize().into();
    assert_eq!(hasher.finish().as_bytes(), &whole);
    let speed = |seconds: f64| PIECE as f64 / seconds / 1e9;
    println!("1 GiB streamed in pieces of 64 KiB: {:.2} GB/s, bare {:.2} GB/s, {:.2} × bare", speed(ours), speed(bare), ours / bare);
}

fn bare(request: &Signed) -> ([u8; 32], [u8; 32], [u8; 32]) {
    thread_local! {
        static KEY: Hmac<Sha256> = Hmac::new_from_slice(&[7; 32]).expect("any length");
    }
    let body = Sha256::digest(black_box(&request.body)).into();
    let canonical = Sha256::digest(black_box(request.canonical_request.as_bytes())).into();
    let mut mac = KEY.with(Clone::clone);
    mac.update(black_box(request.string_to_sign.as_bytes()));
    (body, canonical, mac.finalize().into_bytes().into())
}

/// The rival consumes its request, so each round copies one; the copy is measured too.
fn rival(
    signed: &Signed,
) -> Result<(impl FnMut() -> bool, http::Request<Vec<u8>>), Box<dyn std::error::Error>> {
    let mut builder = http::Request::post(format!("https://localhost:9200{PATH}?{QUERY}"));
    for (name, value) in &signed.headers {
        builder = builder.header(name, value.as_slice());
    }
    let request = builder.body(signed.body.clone())?;
    let day = NaiveDate::from_ymd_opt(2026, 11, 23).ok_or("no such day")?;
    let now: DateTime<Utc> = day.and_hms_opt(12, 0, 0).ok_or("no such time")?.and_utc();
    let secret: KSecretKey = SECRET.parse()?;
    let warm = secret.to_ksigning(day, "us-east-1", "es");
    let mut keys = tower::service_fn(move |_: GetSigningKeyRequest| async move {
        let response = GetSigningKeyResponse::builder().signing_key(warm).build()?;
        Ok::<_, tower::BoxError>(response)
    });
    let copied = request.clone();
    let validate = move || {
        let options = SignatureOptions::default();
        let none = &NO_ADDITIONAL_SIGNED_HEADERS;
        let judged = sigv4_validate_request(
            request.clone(), "us-east-1", "es", &mut keys, now, none, options,
        );
        ready(judged).is_ok()
    };
    Ok((validate, copied))
}

/// Runs a future that never waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the rival waited"),
    }
}
