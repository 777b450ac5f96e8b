//! Nanoseconds of one decision by the number of statements, and the rivals on the same questions in
//! the same run; then the cost of compiling, and of a pattern with ten thousand stars.

use std::collections::HashMap;
use std::hint::black_box;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cedar_policy::{
    Authorizer, Context as CedarContext, Decision, Entities, EntityUid, PolicySet as CedarSet,
    Request, RestrictedExpression,
};
use iam_rs::{
    Arn, Context, ContextValue, Decision as IamDecision, IAMPolicy, IAMRequest, PolicyEvaluator,
    Principal, PrincipalId,
};
use policy::{Policy, PolicyKind, PolicySet};
use policy_benches::{ACTION, Question, SIZES, USER, document, parsed, pattern, resource};

const RUNS: usize = 7;
const RUN: Duration = Duration::from_millis(60);
/// Rivals scan, and iam-rs refuses to ask ten thousand statements.
const RIVALS_MAX: usize = 1_000;

fn main() {
    println!("one decision, fastest of {RUNS} runs");
    println!("{:>10} {:>12} {:>14} {:>14}", "statements", "policy", "iam-rs", "cedar-policy");
    for size in SIZES {
        let question = Question::new(size);
        assert!(question.ask());
        let ours = fastest(|| question.ask());
        let rivals = (size <= RIVALS_MAX).then(|| (iam(size), cedar(size)));
        let shown = |time: Option<f64>| time.map_or("-".to_owned(), |time| format!("{time:.0} ns"));
        let (iam, cedar) = (rivals.map(|it| it.0), rivals.map(|it| it.1));
        println!("{size:>10} {:>12} {:>14} {:>14}", shown(Some(ours)), shown(iam), shown(cedar));
    }
    compile();
    stars();
}

fn compile() {
    let text = document(10_000);
    let policy = Arc::new(parsed(10_000));
    let index = fastest(|| PolicySet::new([("bench", Arc::clone(&policy))]));
    let parse = fastest(|| parsed(10_000));
    println!(
        "10,000 statements, {} bytes: parse {:.1} ms, compile {:.1} ms",
        text.len(),
        parse / 1e6,
        index / 1e6
    );
}

fn stars() {
    let stars = "*a".repeat(10_000);
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::{stars}b"}}}}"#
    );
    let set =
        PolicySet::single("stars", Policy::parse(&text, PolicyKind::Identity).expect("a policy"));
    let (principal, context) = (policy::Principal::user(USER), policy::Context::new());
    let resource = format!("arn:aws:s3:::{}", "a".repeat(20_000));
    let request = policy::AccessRequest {
        principal: &principal,
        action: "s3:GetObject",
        resource: &resource,
        resource_account: None,
        context: &context,
    };
    let policies = policy::Policies { identity: &set, ..policy::Policies::NONE };
    let time = fastest(|| policy::evaluate(&policies, &request).is_allowed());
    println!("a pattern with 10,000 stars against 20,000 characters: {:.0} µs", time / 1e3);
}

fn iam(size: usize) -> f64 {
    let policy: IAMPolicy = document(size).parse_json();
    let mut facts = HashMap::new();
    facts.insert("aws:PrincipalTag/team".to_owned(), ContextValue::String("red".to_owned()));
    facts.insert("aws:SourceIp".to_owned(), ContextValue::String("203.0.113.7".to_owned()));
    let request = IAMRequest::new_with_context(
        Principal::Aws(PrincipalId::String(USER.to_owned())),
        ACTION,
        Arn::parse(&resource(size)).expect("an ARN"),
        Context::with_data(facts),
    );
    let evaluator = PolicyEvaluator::with_policies(vec![policy]);
    let ask = || evaluator.evaluate(&request).expect("a decision").decision == IamDecision::Allow;
    assert!(ask());
    fastest(ask)
}

trait ParseJson {
    fn parse_json<T: serde::de::DeserializeOwned>(&self) -> T;
}

impl ParseJson for String {
    fn parse_json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_str(self).expect("a policy")
    }
}

fn cedar(size: usize) -> f64 {
    let policies: String = (0..size)
        .map(|at| {
            format!(
                r#"permit(principal, action == Action::"{ACTION}", resource) when {{
                    context.arn like "{}" && context.team == "red" &&
                    context.ip.isInRange(ip("203.0.113.0/24")) }};
                "#,
                pattern(at)
            )
        })
        .collect();
    let set = CedarSet::from_str(&policies).expect("policies");
    let uid = |text: &str| EntityUid::from_str(text).expect("an entity");
    let context = CedarContext::from_pairs([
        ("arn".to_owned(), RestrictedExpression::new_string(resource(size))),
        ("team".to_owned(), RestrictedExpression::new_string("red".to_owned())),
        ("ip".to_owned(), RestrictedExpression::new_ip("203.0.113.7")),
    ])
    .expect("a context");
    let request = Request::new(
        uid(r#"User::"ann""#),
        uid(&format!(r#"Action::"{ACTION}""#)),
        uid(r#"Domain::"logs""#),
        context,
        None,
    )
    .expect("a request");
    let (authorizer, entities) = (Authorizer::new(), Entities::empty());
    let ask = || authorizer.is_authorized(&request, &set, &entities).decision() == Decision::Allow;
    assert!(ask());
    fastest(ask)
}

fn fastest<T>(mut work: impl FnMut() -> T) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        let mut count = 0_u32;
        while count == 0 || start.elapsed() < RUN {
            let batch = if count < 4 { 1 } else { 32 };
            for _ in 0..batch {
                black_box(work());
            }
            count += batch;
        }
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(count));
    }
    best
}
