//! Verdicts against brute force: random pairs of policies, each asked thousands of requests. A
//! sampled request that contradicts a verdict is a bug in the verdict.
//!
//! `COUNTERSIGN_COMPARE_PAIRS` sets how many pairs; without it a smoke run.

use super::*;

const PAIRS: u64 = 150;

const ACTIONS: &[&str] =
    &["*", "es:*", "es:ESHttp*", "es:ESHttpGet", "es:*Get", "iam:*", "es:?SHttpPut"];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:es:us-east-1:123456789012:domain/d/*",
    "arn:aws:es:us-east-1:123456789012:domain/d/logs-*",
    "arn:aws:es:us-east-1:123456789012:domain/d/logs-?",
    "arn:aws:es:*:123456789012:domain/*/logs-1",
    "arn:aws:es:us-east-1:123456789012:domain/d",
];
const CONDITIONS: &[&str] = &[
    r#"{"StringEquals": {"x:name": ["ann", "bob"]}}"#,
    r#"{"StringNotEquals": {"x:name": "ann"}}"#,
    r#"{"StringLike": {"x:name": "a*"}}"#,
    r#"{"StringLikeIfExists": {"x:name": "?nn"}}"#,
    r#"{"NumericLessThan": {"x:n": "5"}}"#,
    r#"{"NumericGreaterThanEquals": {"x:n": "5"}, "NumericNotEquals": {"x:n": "7"}}"#,
    r#"{"NumericLessThanEqualsIfExists": {"x:n": "5"}}"#,
    r#"{"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#,
    r#"{"NotIpAddress": {"aws:SourceIp": "10.0.0.0/9"}}"#,
    r#"{"Bool": {"x:flag": "true"}}"#,
    r#"{"Null": {"x:name": "true"}}"#,
    r#"{"ForAnyValue:StringEquals": {"x:tags": ["a", "b"]}}"#,
    r#"{"ForAllValues:StringEquals": {"x:tags": ["a"]}}"#,
    r#"{"ForAnyValue:StringNotEquals": {"x:tags": "a"}}"#,
];
const PRINCIPALS: &[&str] = &[
    r#""*""#,
    r#"{"AWS": "210987654321"}"#,
    r#"{"AWS": "arn:aws:iam::210987654321:role/r"}"#,
    r#"{"AWS": "arn:aws:sts::210987654321:assumed-role/r/s"}"#,
    r#"{"AWS": ["arn:aws:iam::210987654321:user/u", "111111111111"]}"#,
];

#[test]
fn no_sampled_request_contradicts_a_verdict_on_identity_policies() {
    contradict(PolicyKind::Identity, 1);
}

#[test]
fn no_sampled_request_contradicts_a_verdict_on_resource_policies() {
    contradict(PolicyKind::Resource(crate::ResourcePolicyKind::Generic), 2);
}

/// Compares random pairs and asks both policies every sampled request.
fn contradict(kind: PolicyKind, seed: u64) {
    let asked = std::env::var("COUNTERSIGN_COMPARE_PAIRS").ok().and_then(|text| text.parse().ok());
    let mut dice = Dice(seed);
    let (mut unknown, pairs) = (0, asked.unwrap_or(PAIRS));
    for _ in 0..pairs {
        let (old, new) = (random_policy(kind, &mut dice), random_policy(kind, &mut dice));
        let (old_policy, new_policy) =
            (Policy::parse(&old, kind).unwrap(), Policy::parse(&new, kind).unwrap());
        let found = diff(&old_policy, &new_policy);
        unknown += u64::from(matches!(found.verdict(), Verdict::Unknown(_)));
        let (old_frame, new_frame) = (Frame::alone(&old_policy), Frame::alone(&new_policy));
        for caller in callers::of(&[&old_policy, &new_policy], None) {
            for sample in samples(&caller, &mut dice) {
                let by_old = old_frame.allows(&caller, &sample);
                let by_new = new_frame.allows(&caller, &sample);
                let gained = found.gained != Answer::No || by_old || !by_new;
                let lost = found.lost != Answer::No || by_new || !by_old;
                assert!(gained && lost, "{found:?}\n{sample:?}\nold {old}\nnew {new}");
            }
        }
    }
    assert!(unknown * 20 <= pairs, "{unknown} of {pairs} pairs undecided");
}

fn random_policy(kind: PolicyKind, dice: &mut Dice) -> String {
    let statements: Vec<String> = (0..=dice.below(3)).map(|_| statement(kind, dice)).collect();
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(","))
}

fn statement(kind: PolicyKind, dice: &mut Dice) -> String {
    let effect = if dice.below(4) == 0 { "Deny" } else { "Allow" };
    let not = |dice: &mut Dice| if dice.below(6) == 0 { "Not" } else { "" };
    let mut parts = vec![
        format!(r#""Effect": "{effect}""#),
        format!(r#""{}Action": "{}""#, not(dice), dice.pick(ACTIONS)),
        format!(r#""{}Resource": "{}""#, not(dice), dice.pick(RESOURCES)),
    ];
    if kind.has_principals() {
        parts.push(format!(r#""Principal": {}"#, dice.pick(PRINCIPALS)));
    }
    if dice.below(2) == 0 {
        parts.push(format!(r#""Condition": {}"#, dice.pick(CONDITIONS)));
    }
    format!("{{{}}}", parts.join(", "))
}

/// Requests over every action and resource worth telling apart, each in a few random contexts.
fn samples(caller: &Principal, dice: &mut Dice) -> Vec<Found> {
    let actions = ["es:ESHttpGet", "es:ESHttpPut", "es:DescribeDomain", "iam:CreateUser"];
    let resources = ["", "/x", "/logs-", "/logs-1", "/logs-12"]
        .map(|tail| format!("arn:aws:es:us-east-1:123456789012:domain/d{tail}"));
    let mut found = Vec::new();
    for (action, resource) in actions.iter().flat_map(|a| resources.iter().map(move |r| (a, r))) {
        for _ in 0..6 {
            let context = random_context(caller, dice);
            found.push(Found { action: (*action).to_owned(), resource: resource.clone(), context });
        }
    }
    found
}

fn random_context(caller: &Principal, dice: &mut Dice) -> Context {
    let mut context = Context::new();
    context.describe(caller);
    let keys: [(&str, &[&[&str]]); 5] = [
        ("x:name", &[&[], &["ann"], &["bob"], &["abe"], &["carl"]]),
        ("x:n", &[&[], &["4.9"], &["5"], &["6"], &["7"]]),
        ("aws:SourceIp", &[&[], &["10.1.2.3"], &["10.200.0.1"], &["203.0.113.7"], &["::1"]]),
        ("x:flag", &[&[], &["true"], &["false"]]),
        ("x:tags", &[&[], &["a"], &["b"], &["a", "b"], &["a", "c"], &["c"]]),
    ];
    for (key, choices) in keys {
        context.set_all(key, dice.pick(choices).iter().copied());
    }
    context
}

/// A splitmix64: the same seed, the same run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }
}
