//! Allocations of one verification, by the number of signed headers: they must not grow faster
//! than the headers do.

use signature_benches::{PATH, QUERY, signed, verify};
use sigv4::{Request, Settings};

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

#[divan::bench(args = [0, 10, 20, 40, 80])]
fn verify_with_more_headers(bencher: divan::Bencher, more: usize) {
    let signed = signed(1024, more).expect("a good request");
    let headers = signed.headers();
    let request = Request { method: "POST", path: PATH, query: QUERY, headers: &headers };
    let settings = Settings::domain("us-east-1");
    assert!(verify(&request, &signed, &settings));
    bencher.bench_local(|| verify(&request, &signed, &settings));
}
