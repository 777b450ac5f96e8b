use expect_test::expect;

use crate::simulation::Simulation;

fn simulation() -> Simulation {
    Simulation::parse(
        r#"{"principal": {"arn": "arn:aws:iam::123456789012:user/ann", "type": "user"},
            "action": "es:ESHttpPut", "resource": "arn:aws:es:us-east-1:123456789012:domain/logs/x",
            "context": {"aws:SourceIp": ["198.51.100.1"]},
            "identityPolicies": [{"Version": "2012-10-17", "Statement": [
                {"Sid": "Read", "Effect": "Allow", "Action": "es:ESHttpGet", "Resource": "*"},
                {"Sid": "Office", "Effect": "Allow", "Action": "es:*", "Resource": "*", "Condition":
                    {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
                     "StringEquals": {"aws:PrincipalTag/team": "red"}}}]}]}"#,
    )
    .unwrap()
}

#[test]
fn an_implicit_denial_names_the_nearest_misses_and_the_absent_keys() {
    expect![[r#"
        denied: no identity policy allows it
          identity policy identityPolicies[0], statement 0 (Read) would allow, but
            Action: expected es:ESHttpGet; the request has es:ESHttpPut
          identity policy identityPolicies[0], statement 1 (Office) would allow, but
            StringEquals aws:PrincipalTag/team: expected red; the request has no such key
            IpAddress aws:SourceIp: expected 203.0.113.0/24; the request has 198.51.100.1
          considered identity policy identityPolicies[0]: 0 of 2 match
          absent from the request: aws:PrincipalTag/team
    "#]]
    .assert_eq(&simulation().explain().to_string());
}

#[test]
fn an_explicit_denial_names_the_kind_of_policy_with_its_article() {
    let denied = |policies: &str| {
        let question = format!(
            r#"{{"principal": {{"arn": "arn:aws:iam::123456789012:user/ann", "type": "user"}},
                "action": "es:ESHttpPut", "resource": "*", {policies}}}"#
        );
        let explanation = Simulation::parse(&question).unwrap().explain().to_string();
        explanation.lines().next().unwrap_or_default().to_owned()
    };
    let deny = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "*", "Resource": "*"}]}"#;
    assert_eq!(
        denied(&format!(r#""identityPolicies": [{deny}]"#)),
        "denied explicitly by an identity policy"
    );
    assert_eq!(
        denied(&format!(r#""permissionsBoundary": [{deny}]"#)),
        "denied explicitly by a permissions boundary"
    );
}

#[test]
fn an_explanation_is_json_too() {
    let json = serde_json::to_value(simulation().explain()).unwrap();
    assert_eq!(json["decision"], "implicitDeny");
    assert_eq!(json["decidedBy"], "identity");
    assert_eq!(json["nearestMisses"][0]["failed"][0]["element"], "Action");
    assert_eq!(json["missing"][0], "aws:PrincipalTag/team");
}

#[test]
fn an_allowed_request_has_reasons_and_no_misses() {
    let mut simulation = simulation();
    simulation.action = "es:ESHttpGet".to_owned();
    expect![[r#"
        allowed
          by identity policy identityPolicies[0], statement 0 (Read)
          considered identity policy identityPolicies[0]: 1 of 2 match
          absent from the request: aws:PrincipalTag/team
    "#]]
    .assert_eq(&simulation.explain().to_string());
}

#[test]
fn a_key_that_only_a_resource_asks_for_is_missing_too() {
    let mut simulation = Simulation::parse(
        r#"{"principal": {"arn": "arn:aws:iam::123456789012:user/ann", "type": "user"},
            "action": "es:ESHttpPut", "resource": "arn:aws:es:us-east-1:123456789012:domain/logs/x",
            "identityPolicies": [{"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "es:ESHttpPut", "Resource":
                    "arn:aws:es:us-east-1:123456789012:domain/logs/${aws:PrincipalTag/team}"},
                {"Effect": "Allow", "Action": "es:ESHttpPut", "Resource": "*"}]}]}"#,
    )
    .unwrap();
    assert_eq!(simulation.explain().missing, ["aws:PrincipalTag/team"]);
    simulation.context.set("aws:PrincipalTag/team", "red");
    assert!(simulation.explain().missing.is_empty());
}
