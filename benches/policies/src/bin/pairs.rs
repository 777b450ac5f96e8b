//! What the comparison of two policies costs, pair by pair: what `policy diff` does for each, with the reading of both policies.
//!
//!     python3 conformance/proofs/proofs.py --pairs 100000 --seed 7 --write PAIRS
//!     cargo run --release --manifest-path benches/policies/Cargo.toml --bin pairs PAIRS
//!
//! Each pair is compared once. Printed are the middle, the 99th of a hundred and the longest time.

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use policy::compare::answer;

fn main() {
    let file = std::env::args().nth(1).expect("usage: pairs FILE");
    let lines = fs::read_to_string(&file).expect("the file of pairs");
    let (mut took, mut longest) = (Vec::new(), ("", Duration::ZERO));
    for line in lines.lines() {
        let start = Instant::now();
        black_box(answer(black_box(line))).expect("two policies");
        let elapsed = start.elapsed();
        took.push(elapsed);
        if elapsed > longest.1 {
            longest = (line, elapsed);
        }
    }
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6;
    println!(
        "{} pairs: p50 {:.0} µs, p99 {:.0} µs, longest {:.0} µs",
        took.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
    println!("the longest: {}", longest.0);
}
