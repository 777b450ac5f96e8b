use super::*;

/// What is proposed for a question of user ann, whose own policies these are.
fn told(policies: &str) -> String {
    told_of("es:ESHttpPut", "domain/d/logs/_doc/1", policies)
}

fn told_of(action: &str, resource: &str, policies: &str) -> String {
    let question = format!(
        r#"{{"principal": {{"arn": "arn:aws:iam::123456789012:user/ann", "type": "user"}},
            "action": "{action}", "resource": "arn:aws:es:us-east-1:123456789012:{resource}", {policies}}}"#
    );
    let question = Simulation::parse(&question).unwrap();
    match repair(&question, &|layer, _| layer == PolicyType::Identity, &known()) {
        Repair::Allowed => "allowed".to_owned(),
        Repair::Change(change) => format!("{}: {}", change.place, change.edits.join("; ")),
        Repair::Several(places) => {
            places.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        }
        Repair::Impossible(why) => why.to_string(),
    }
}

/// The actions that these tests know.
fn known() -> Vec<String> {
    const NAMES: &str = "es:ESHttpDelete es:ESHttpGet es:ESHttpHead es:ESHttpPatch es:ESHttpPost es:ESHttpPut es:CreateDomain \
                         es:CreateElasticsearchDomain es:CreatePackage es:DescribeDomain es:DescribeDomains iam:PassRole";
    NAMES.split_ascii_whitespace().map(str::to_owned).collect()
}

fn identity(statements: &str) -> String {
    format!(r#""identityPolicies": [{{"Version": "2012-10-17", "Statement": [{statements}]}}]"#)
}

const ONE: &str = "arn:aws:es:us-east-1:123456789012:domain/d/logs/_doc/1";

#[test]
fn a_statement_about_the_very_resource_gets_the_action_and_a_wider_one_does_not() {
    let allow = |resource: &str| {
        identity(&format!(
            r#"{{"Effect": "Allow", "Action": "es:ESHttpGet", "Resource": "{resource}"}}"#
        ))
    };
    assert_eq!(
        told(&allow(ONE)),
        "the identity policy identityPolicies[0]: add `es:ESHttpPut` to Action of statement 0"
    );
    assert_eq!(told(&allow("*")), "the identity policy identityPolicies[0]: add statement 1");
    assert_eq!(
        told(r#""identityPolicies": []"#),
        "a new inline policy of the caller: a new policy with one statement"
    );
}

#[test]
fn of_a_denial_that_names_the_action_alone_the_resource_is_left_out() {
    let denied = |deny: &str| {
        identity(&format!(
            r#"{{"Effect": "Allow", "Action": "*", "Resource": "*"}}, {{"Effect": "Deny", {deny}}}"#
        ))
    };
    let place = "the identity policy identityPolicies[0]: ";
    for (deny, edit) in [
        (r#""Action": "es:ESHttpPut", "Resource": "*""#.to_owned(),
            format!("replace Resource by NotResource `{ONE}` in statement 1")),
        (format!(r#""Action": ["es:ESHttpPut", "es:ESHttpPost"], "Resource": "{ONE}""#),
            "remove `es:ESHttpPut` from Action of statement 1".to_owned()),
        (format!(r#""Action": "es:ESHttpPut", "Resource": "{ONE}""#),
            "remove statement 1".to_owned()),
        (r#""NotAction": "es:ESHttpGet", "NotResource": "arn:aws:es:us-east-1:123456789012:domain/e/*""#.to_owned(),
            format!("split statement 1: add `es:ESHttpPut` to NotAction of one, add `{ONE}` to NotResource of one part each")),
    ] {
        assert_eq!(told(&denied(&deny)), format!("{place}{edit}"), "{deny}");
    }
    let pattern = denied(
        r#""Action": "es:ESHttpPut", "Resource": "arn:aws:es:us-east-1:123456789012:domain/d/logs/*""#,
    );
    assert!(told(&pattern).contains("denies by a pattern"), "{}", told(&pattern));
}

#[test]
fn a_pattern_of_actions_leaves_out_one_of_those_that_there_are() {
    let denied = |action: &str| {
        identity(&format!(
            r#"{{"Effect": "Allow", "Action": "*", "Resource": "*"}},
               {{"Effect": "Deny", "Action": {action}, "Resource": "{ONE}"}}"#
        ))
    };
    let put = |action: &str| {
        let question = format!(
            r#"{{"principal": {{"arn": "arn:aws:iam::123456789012:user/ann", "type": "user"}},
                "action": "es:ESHttpPut", "resource": "{ONE}", {}}}"#,
            denied(action)
        );
        let question = Simulation::parse(&question).unwrap();
        match repair(&question, &|_, _| true, &known()) {
            Repair::Change(change) => {
                assert!(change.of_known_actions, "{change:?}");
                let after: serde_json::Value =
                    serde_json::from_str(&change.after.to_string()).unwrap();
                let action = after["Statement"][1]["Action"].to_string();
                format!("{}: {action}", change.edits.join("; "))
            }
            other => format!("{other:?}"),
        }
    };
    let told = "leave `es:ESHttpPut` out of `es:ESHttp*` in Action of statement 1: ";
    assert_eq!(
        put(r#""es:ESHttp*""#),
        format!(
            r#"{told}["es:ESHttpDelete","es:ESHttpGet","es:ESHttpHead","es:ESHttpPatch","es:ESHttpPost"]"#
        )
    );
    assert_eq!(
        put(r#"["es:*", "iam:*"]"#),
        r#"leave `es:ESHttpPut` out of `es:*` in Action of statement 1: ["es:C*","es:D*","es:ESHttpDelete","es:ESHttpGet","es:ESHttpHead","es:ESHttpPatch","es:ESHttpPost","iam:*"]"#
    );
    // Whatever else it could match, there is no such action.
    assert!(
        put(r#""es:ESHttp?ut""#).starts_with("remove statement 1"),
        "{}",
        put(r#""es:ESHttp?ut""#)
    );
    // Of actions that are not known, nobody can list the rest.
    let unknown = told_of("s3:GetObject", "domain/d/logs/_doc/1", &denied(r#""s3:Get*""#));
    assert!(unknown.contains("denies by a pattern, Action `s3:Get*`"), "{unknown}");
}

#[test]
fn a_pattern_of_resources_leaves_out_its_shortest_and_no_other() {
    let denied = |resource: &str| {
        told_of(
            "es:CreateDomain",
            "domain/logs",
            &identity(&format!(
                r#"{{"Effect": "Allow", "Action": "*", "Resource": "*"}},
                   {{"Effect": "Deny", "Action": "es:CreateDomain", "Resource": "{resource}"}}"#
            )),
        )
    };
    let arn = "arn:aws:es:us-east-1:123456789012:domain/";
    let leave = |pattern: &str| {
        format!(
            "the identity policy identityPolicies[0]: leave `{arn}logs` out of `{pattern}` in Resource of statement 1"
        )
    };
    for pattern in [format!("{arn}logs*"), format!("{arn}*lo*gs*")] {
        assert_eq!(denied(&pattern), leave(&pattern));
    }
    for pattern in [format!("{arn}l*"), format!("{arn}lo?s")] {
        let why = format!("denies by a pattern, Resource `{pattern}`");
        assert!(denied(&pattern).contains(&why), "{}", denied(&pattern));
    }
}

#[test]
fn a_domains_own_policy_leaves_out_one_path_of_the_domain() {
    let resource = "arn:aws:es:us-east-1:123456789012:domain/d";
    let told = |deny: &str| {
        let question = format!(
            r#"{{"principal": {{"arn": "arn:aws:iam::123456789012:user/ann", "type": "user"}},
                "action": "es:ESHttpPut", "resource": "{ONE}", "resourcePolicyType": "domain",
                "identityPolicies": [],
                "resourcePolicy": {{"Version": "2012-10-17", "Statement": [
                    {{"Effect": "Allow", "Principal": "*", "Action": "es:*", "Resource": "*"}},
                    {{"Effect": "Deny", "Principal": {{"AWS": "arn:aws:iam::123456789012:user/ann"}},
                      "Action": "es:ESHttpPut", "Resource": "{deny}"}}]}}}}"#
        );
        match repair(&Simulation::parse(&question).unwrap(), &|_, _| true, &known()) {
            Repair::Change(change) => change.edits.join("; "),
            Repair::Impossible(why) => why.to_string(),
            other => format!("{other:?}"),
        }
    };
    assert_eq!(
        told(&format!("{resource}/*")),
        format!("replace Resource by NotResource `{ONE}`, `{resource}` in statement 1")
    );
    assert_eq!(
        told("arn:aws:es:*:123456789012:domain/d*"),
        format!("replace Resource by NotResource `{ONE}` in statement 1")
    );
    let some = told(&format!("{resource}/logs/*"));
    assert!(some.contains("denies by a pattern, Resource"), "{some}");
}

#[test]
fn what_two_policies_refuse_is_said_of_both() {
    let both = format!(
        r#"{}, "permissionsBoundary": [{{"Version": "2012-10-17",
            "Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}}]"#,
        identity(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#)
    );
    assert_eq!(
        told(&both),
        "a new inline policy of the caller must allow it; a permissions boundary must allow it"
    );
}

#[test]
fn a_star_in_the_name_is_spelt_so_that_it_is_no_pattern() {
    let question = Simulation::parse(
        r#"{"principal": {"arn": "arn:aws:iam::123456789012:user/ann", "type": "user"},
            "action": "es:ESHttpGet", "resource": "arn:aws:es:us-east-1:123456789012:domain/d/l*/_search"}"#,
    )
    .unwrap();
    let Repair::Change(change) = repair(&question, &|_, _| true, &[]) else { panic!("no change") };
    assert!(change.after.to_string().contains("domain/d/l${*}/_search"), "{}", change.after);
}

#[test]
fn who_has_no_name_gets_no_policy() {
    let question = Simulation::parse(
        r#"{"principal": {"type": "anonymous"}, "action": "es:ESHttpGet",
            "resource": "arn:aws:es:us-east-1:123456789012:domain/d/"}"#,
    )
    .unwrap();
    let repaired = repair(&question, &|_, _| true, &[]);
    assert!(matches!(repaired, Repair::Impossible(Impossible::Anonymous)), "{repaired:?}");
}

#[test]
fn a_trust_policy_is_told_the_role_or_user_that_assumes_it() {
    use crate::{Context, Principal};
    let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:user/bob"}, "Action": "sts:AssumeRole"}}"#;
    let mut question = Simulation::parse(
        r#"{"principal": {"arn": "arn:aws:iam::123456789012:user/ann", "type": "user"},
            "action": "sts:AssumeRole", "resource": "arn:aws:iam::123456789012:role/r"}"#,
    )
    .unwrap();
    question.resource_policy =
        Some(PolicySet::single("r", Policy::parse(trust, PolicyKind::Trust).unwrap()));
    let edits = |question: &Simulation| match repair(question, &|_, _| true, &[]) {
        Repair::Change(change) => (change.place.to_string(), change.edits),
        other => panic!("{other:?}"),
    };
    let add = "add `arn:aws:iam::123456789012:user/ann` to Principal of statement 0".to_owned();
    assert_eq!(edits(&question), ("the trust policy r".to_owned(), vec![add]));
    // A token's bearer is named with what the provider says of it, or not at all.
    question.principal =
        Principal::web_identity("arn:aws:iam::123456789012:oidc-provider/id.example");
    question.action = "sts:AssumeRoleWithWebIdentity".to_owned();
    question.context = Context::new();
    assert!(matches!(
        repair(&question, &|_, _| true, &[]),
        Repair::Impossible(Impossible::Unnameable)
    ));
    question.context.set("id.example:sub", "build").set("id.example:aud", "here");
    assert_eq!(edits(&question).1, ["add statement 1"]);
}

#[test]
fn a_denial_of_one_session_is_not_made_one_of_its_whole_role() {
    use crate::Principal;
    const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/app/one";
    const ROLE: &str = "arn:aws:iam::123456789012:role/app";
    let mut question = Simulation::parse(
        r#"{"principal": {"arn": "arn:aws:sts::123456789012:assumed-role/app/one", "type": "assumed-role"},
            "action": "es:ESHttpGet", "resource": "arn:aws:es:us-east-1:123456789012:domain/d/x"}"#,
    )
    .unwrap();
    question.principal = Principal::assumed_role(SESSION, ROLE);
    question.context.set("aws:PrincipalArn", ROLE);
    let told = |element: &str, name: &str| {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": [
                {{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}},
                {{"Effect": "Deny", "{element}": {{"AWS": "{name}"}}, "Action": "*", "Resource": "*"}}]}}"#
        );
        let kind = PolicyKind::Resource(ResourcePolicyKind::Generic);
        let mut question = question.clone();
        question.resource_policy =
            Some(PolicySet::single("p", Policy::parse(&text, kind).unwrap()));
        repair(&question, &|_, _| true, &[])
    };
    for (element, name) in
        [("Principal", SESSION), ("NotPrincipal", "arn:aws:sts::123456789012:assumed-role/app/two")]
    {
        let repaired = told(element, name);
        assert!(matches!(repaired, Repair::Impossible(Impossible::Pattern { .. })), "{repaired:?}");
    }
    let of_role = told("Principal", ROLE);
    assert!(matches!(of_role, Repair::Change(_)), "{of_role:?}");
}
