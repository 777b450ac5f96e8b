//! What partial evaluation costs: what is left of a thousand statements for the documents of one index.
//!
//!     cargo run --release --manifest-path benches/policies/Cargo.toml --bin partial
//!
//! Four sets of a thousand statements with a condition on a document each: one statement about each of a thousand indices, of which
//! one is asked about; the same with ten about the one that is asked about; all thousand about every index, none of
//! which can be left out; and these where their resources are written in ten ways.

use std::hint::black_box;
use std::time::{Duration, Instant};

use policy::{
    AccessRequest, Context, DocumentScope, ParseOptions, Policies, Policy, PolicyKind, PolicySet,
    Principal, Residual, residual,
};
use policy_benches::{ACTION, USER, pattern};

/// Statements of each set.
const STATEMENTS: usize = 1_000;
const RUNS: usize = 9;
const RUN: Duration = Duration::from_millis(200);

/// So many statements, each about a team's documents; `of` says of which resource.
fn set(of: impl Fn(usize) -> String) -> PolicySet {
    let statement = |at: usize| {
        format!(
            r#"{{"Effect":"Allow","Action":"{ACTION}","Resource":"{}","Condition":{{"StringEquals":{{"es:Document/team":"team-{at}"}}}}}}"#,
            of(at)
        )
    };
    let statements: Vec<String> = (0..STATEMENTS).map(statement).collect();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let options = ParseOptions { bytes_max: Some(usize::MAX), ..ParseOptions::default() };
    let policy = Policy::parse_with(&text, PolicyKind::Identity, &options).expect("a policy");
    PolicySet::single("bench", policy)
}

/// The fastest of some runs, in nanoseconds, and how many conditions are left.
fn measured(identity: &PolicySet) -> (f64, usize) {
    let principal = Principal::user(USER);
    let mut context = Context::new();
    context.describe(&principal);
    context.set("aws:SourceIp", "203.0.113.7").set_scope(DocumentScope::Some);
    let resource = pattern(STATEMENTS / 2).replace('*', "_search");
    let request = AccessRequest {
        principal: &principal,
        action: ACTION,
        resource: &resource,
        resource_account: None,
        context: &context,
    };
    let policies = Policies { identity, ..Policies::NONE };
    let left: Residual = residual(&policies, &request);
    let mut best = f64::MAX;
    for _ in 0..RUNS {
        let (start, mut count) = (Instant::now(), 0_u32);
        while count == 0 || start.elapsed() < RUN {
            black_box(residual(black_box(&policies), black_box(&request)));
            count += 1;
        }
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(count));
    }
    (best, left.conditions().len())
}

fn main() {
    let rows: [(&str, PolicySet); 4] = [
        ("one of 1,000 statements is about the index", set(pattern)),
        (
            "ten of 1,000 are",
            set(
                |at| if at % 100 == 0 { pattern(STATEMENTS / 2) } else { pattern(STATEMENTS + at) },
            ),
        ),
        ("all of 1,000 are, in the same words", set(|_| "*".to_owned())),
        (
            "all of 1,000 are, in ten ways to say it",
            set(|at| format!("arn:aws:es:us-east-1:{}*", &"1234567890"[..at % 10])),
        ),
    ];
    for (what, identity) in &rows {
        let (nanos, left) = measured(identity);
        println!("{what}: {:.2} µs, {left} conditions left", nanos / 1e3);
    }
}
