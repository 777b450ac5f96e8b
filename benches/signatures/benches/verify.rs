//! Nanoseconds to verify a 1 KiB request with a warm signing key, beside the bare cost of its hash
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
use sigv4::{Request, Settings};
use signature_benches::{PATH, QUERY, SECRET, Signed, signed, verify};

/// Runs of each bench; the fastest is reported: the rest is other people's noise.
const RUNS: usize = 15;
const RUN: Duration = Duration::from_millis(100);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let request = signed(0)?;
    let bare = fastest(|| bare(&request));
    let ours = ours(&request);
    let refused = refused(&request);
    let (rival, copy) = rival(&request)?;
    println!("verify a 1 KiB request, warm signing key (fastest of {RUNS} runs)");
    println!("  bare SHA-256 + HMAC passes      {bare:8.0} ns");
    println!("  sigv4                           {ours:8.0} ns   {:5.2} × bare", ours / bare);
    println!("  sigv4, wrong signature          {refused:8.0} ns   {:5.2} × bare", refused / bare);
    println!("  scratchstack-aws-signature      {rival:8.0} ns   {:5.2} × sigv4", rival / ours);
    println!("    without its request's copy    {:8.0} ns   {:5.2} × sigv4", rival - copy, (rival - copy) / ours);
    Ok(())
}

fn fastest<T>(mut work: impl FnMut() -> T) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        let mut count = 0_u32;
        while start.elapsed() < RUN {
            for _ in 0..64 {
                black_box(work());
            }
            count += 64;
        }
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(count));
    }
    best
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

fn ours(signed: &Signed) -> f64 {
    let headers = signed.headers();
    let request = Request { method: "POST", path: PATH, query: QUERY, headers: &headers };
    let settings = Settings::domain("us-east-1");
    assert!(verify(&request, signed, &settings));
    fastest(|| verify(black_box(&request), signed, &settings))
}

/// What a flood of wrong signatures costs: every form and host is tried before it is refused.
fn refused(signed: &Signed) -> f64 {
    let headers = signed.headers();
    let request = Request { method: "PUT", path: PATH, query: QUERY, headers: &headers };
    let settings = Settings::domain("us-east-1");
    assert!(!verify(&request, signed, &settings));
    fastest(|| verify(black_box(&request), signed, &settings))
}

/// The rival consumes its request, so each round copies one; the copy is measured too.
fn rival(signed: &Signed) -> Result<(f64, f64), Box<dyn std::error::Error>> {
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
    let mut validate = || {
        let options = SignatureOptions::default();
        let none = &NO_ADDITIONAL_SIGNED_HEADERS;
        let judged = sigv4_validate_request(
            request.clone(), "us-east-1", "es", &mut keys, now, none, options,
        );
        ready(judged).is_ok()
    };
    assert!(validate(), "the rival accepts the request");
    Ok((fastest(&mut validate), fastest(|| request.clone())))
}

/// Runs a future that never waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the rival waited"),
    }
}
