use super::*;

const DOMAIN: &str = "arn:aws:es:us-east-1:123456789012:domain/d";

fn identity(statements: &str) -> Policy {
    parse(statements, PolicyKind::Identity)
}

fn resource(statements: &str) -> Policy {
    parse(statements, PolicyKind::Resource(crate::ResourcePolicyKind::Generic))
}

fn parse(statements: &str, kind: PolicyKind) -> Policy {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Policy::parse(&text, kind).unwrap()
}

fn allow(action: &str, resource: &str) -> String {
    format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}"}}"#)
}

fn deny(action: &str, resource: &str) -> String {
    format!(r#"{{"Effect": "Deny", "Action": "{action}", "Resource": "{resource}"}}"#)
}

fn when(condition: &str) -> String {
    format!(r#"{{"Effect": "Allow", "Action": "es:*", "Resource": "*", "Condition": {condition}}}"#)
}

fn verdict(old: &str, new: &str) -> Verdict {
    diff(&identity(old), &identity(new)).verdict()
}

#[track_caller]
fn check(old: &str, new: &str, expected: Verdict) {
    let mirrored = match &expected {
        Verdict::Narrower => Verdict::Wider,
        Verdict::Wider => Verdict::Narrower,
        other => other.clone(),
    };
    assert_eq!(verdict(old, new), expected);
    assert_eq!(verdict(new, old), mirrored, "the other way round");
}

#[test]
fn a_policy_equals_itself_with_its_statements_in_another_order() {
    let (one, other) = (allow("es:ESHttpGet", "*"), allow("es:ESHttpPut", "*"));
    check(&format!("{one},{other}"), &format!("{other},{one}"), Verdict::Equal);
}

#[test]
fn a_wildcard_that_covers_a_name_is_wider() {
    check(&allow("es:ESHttpGet", "*"), &allow("es:ESHttp*", "*"), Verdict::Wider);
}

#[test]
fn patterns_that_overlap_without_covering_are_incomparable() {
    check(&allow("es:*Get", "*"), &allow("es:ESHttp*", "*"), Verdict::Incomparable);
}

#[test]
fn a_narrower_resource_is_narrower() {
    let (wide, narrow) = (format!("{DOMAIN}/*"), format!("{DOMAIN}/logs-*"));
    check(&allow("es:*", &wide), &allow("es:*", &narrow), Verdict::Narrower);
}

#[test]
fn two_statements_that_together_cover_a_third_equal_it() {
    let split = format!(
        "{},{},{}",
        allow("es:*", DOMAIN),
        allow("es:*", &format!("{DOMAIN}/*")),
        allow("es:*", &format!("{DOMAIN}?*"))
    );
    check(&split, &allow("es:*", &format!("{DOMAIN}*")), Verdict::Equal);
}

#[test]
fn a_deny_narrows_and_one_that_hits_nothing_does_not() {
    let all = allow("es:ESHttp*", "*");
    check(&all, &format!("{all},{}", deny("es:ESHttpDelete", "*")), Verdict::Narrower);
    check(&all, &format!("{all},{}", deny("iam:*", "*")), Verdict::Equal);
}

#[test]
fn not_action_is_the_complement() {
    let complement = r#"{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}"#;
    let subtracted = format!("{},{}", allow("*", "*"), deny("iam:*", "*"));
    check(complement, &subtracted, Verdict::Equal);
}

#[test]
fn old_and_new_names_of_an_action_are_one_in_identity_policies() {
    check(
        &allow("es:CreateElasticsearchDomain", "*"),
        &allow("es:CreateDomain", "*"),
        Verdict::Equal,
    );
}

#[test]
fn a_condition_narrows() {
    let condition = when(r#"{"StringEquals": {"aws:username": "ann"}}"#);
    check(&allow("es:*", "*"), &condition, Verdict::Narrower);
}

#[test]
fn a_pattern_value_is_wider_than_a_value_it_matches() {
    check(
        &when(r#"{"StringLike": {"aws:username": "ann"}}"#),
        &when(r#"{"StringLike": {"aws:username": "a*"}}"#),
        Verdict::Wider,
    );
}

#[test]
fn a_negated_operator_is_the_complement_with_absence() {
    let positive = when(r#"{"StringEquals": {"aws:username": "ann"}}"#);
    let negative = when(r#"{"StringNotEquals": {"aws:username": "ann"}}"#);
    check(&format!("{positive},{negative}"), &allow("es:*", "*"), Verdict::Equal);
}

#[test]
fn if_exists_is_wider_by_absence() {
    check(
        &when(r#"{"StringEquals": {"aws:username": "ann"}}"#),
        &when(r#"{"StringEqualsIfExists": {"aws:username": "ann"}}"#),
        Verdict::Wider,
    );
}

#[test]
fn numeric_bounds_are_compared_as_numbers() {
    check(
        &when(r#"{"NumericLessThan": {"x:n": "10"}}"#),
        &when(r#"{"NumericLessThanEquals": {"x:n": "10.0"}}"#),
        Verdict::Wider,
    );
    check(
        &when(r#"{"NumericLessThan": {"x:n": "10"}}"#),
        &when(r#"{"NumericLessThan": {"x:n": "9.5"}}"#),
        Verdict::Narrower,
    );
}

#[test]
fn dates_are_compared_as_instants() {
    check(
        &when(r#"{"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}"#),
        &when(r#"{"DateLessThan": {"aws:CurrentTime": "2026-01-01T01:00:00+01:00"}}"#),
        Verdict::Equal,
    );
}

#[test]
fn networks_are_compared_as_sets_of_addresses() {
    let halves = when(r#"{"IpAddress": {"aws:SourceIp": ["10.0.0.0/9", "10.128.0.0/9"]}}"#);
    let whole = when(r#"{"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#);
    check(&halves, &whole, Verdict::Equal);
    let sub = when(r#"{"IpAddress": {"aws:SourceIp": "10.9.0.0/16"}}"#);
    check(&whole, &sub, Verdict::Narrower);
}

#[test]
fn quantifiers_are_solved_over_several_values() {
    check(
        &when(r#"{"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}}"#),
        &when(r#"{"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}"#),
        Verdict::Narrower,
    );
    check(
        &when(r#"{"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}"#),
        &when(r#"{"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}"#),
        Verdict::Incomparable,
    );
}

#[test]
fn an_identical_statement_with_a_variable_is_the_same_statement() {
    let own = allow("es:*", &format!("{DOMAIN}/${{aws:username}}/*"));
    check(&own, &own, Verdict::Equal);
    check(&own, &format!("{own},{}", allow("es:ListDomainNames", "*")), Verdict::Wider);
}

#[test]
fn what_a_variable_decides_is_unknown_rather_than_guessed() {
    let one = allow("es:*", &format!("{DOMAIN}/${{aws:username}}"));
    let other = allow("es:*", &format!("{DOMAIN}/${{aws:userid}}"));
    assert!(matches!(verdict(&one, &other), Verdict::Unknown(_)));
}

#[test]
fn naming_a_role_is_narrower_than_naming_its_account() {
    let naming = |principal: &str| {
        resource(&format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": "es:*",
                 "Resource": "{DOMAIN}/*"}}"#
        ))
    };
    let (account, role) = (naming("210987654321"), naming("arn:aws:iam::210987654321:role/r"));
    assert_eq!(diff(&account, &role).verdict(), Verdict::Narrower);
}

/// A policy of a resource of `123456789012` that lets in this principal.
fn naming(principal: &str) -> Policy {
    resource(&format!(
        r#"{{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": "es:*",
             "Resource": "{DOMAIN}/*"}}"#
    ))
}

#[test]
fn who_is_named_instead_of_its_account_is_let_in_without_a_policy_of_its_own() {
    let account = "123456789012";
    for who in [
        "arn:aws:iam::123456789012:user/bob",
        "arn:aws:iam::123456789012:role/r",
        "arn:aws:sts::123456789012:assumed-role/r/s",
        "arn:aws:sts::123456789012:federated-user/f",
    ] {
        let found = diff(&naming(account), &naming(who));
        assert_eq!(found.verdict(), Verdict::Incomparable, "{who}");
        let Answer::Yes(witness) = found.gained else { panic!("{who}") };
        assert_eq!(witness.own_side, OwnSide::HasNoPolicies, "{who}");
        assert!(witness.to_string().contains(" (without a policy of its own) es:"), "{witness}");
    }
    // Of another account than the resource's, its own policies must allow in any case.
    let elsewhere = diff(&naming("210987654321"), &naming("arn:aws:iam::210987654321:user/bob"));
    assert_eq!(elsewhere.verdict(), Verdict::Narrower);
}

#[test]
fn a_session_named_instead_of_its_role_is_let_in_whatever_its_boundary() {
    let role = naming("arn:aws:iam::123456789012:role/r");
    let session = naming("arn:aws:sts::123456789012:assumed-role/r/s");
    let Answer::Yes(witness) = diff(&role, &session).gained else { panic!("nothing is gained") };
    assert_eq!(witness.own_side, OwnSide::IsBarred);
    assert_eq!(diff(&naming("*"), &role).verdict(), Verdict::Narrower);
}

#[test]
fn a_statement_that_names_who_its_account_is_named_for_is_more() {
    let both = |first: &str| {
        resource(&format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": [{first}"123456789012"]}},
                 "Action": "es:*", "Resource": "{DOMAIN}/*"}}"#
        ))
    };
    let more = both(r#""arn:aws:iam::123456789012:user/bob", "#);
    assert_eq!(diff(&both(""), &more).verdict(), Verdict::Wider);
    assert_eq!(gained(&more, &both(""), &Effort::of(1_000)), Answer::No);
    assert!(matches!(gained(&both(""), &more, &Effort::of(1_000)), Answer::Yes(_)));
    // Access Analyzer asks whom a policy names.
    assert_eq!(new_access(&both(""), &more, &Effort::of(1_000)).statements, [0; 0]);
}

#[test]
fn a_star_principal_is_public_and_a_named_role_of_the_account_is_not() {
    let open = format!(
        r#"{{"Effect": "Allow", "Principal": "*", "Action": "es:*", "Resource": "{DOMAIN}/*"}}"#
    );
    let Answer::Yes(witness) = public(&resource(&open), "123456789012") else {
        panic!("an open policy is public")
    };
    assert_ne!(witness.principal.account(), Some("123456789012"));
    let closed = open.replace(
        r#""Principal": "*""#,
        r#""Principal": {"AWS": "arn:aws:iam::123456789012:role/r"}"#,
    );
    assert_eq!(public(&resource(&closed), "123456789012"), Answer::No);
}

#[test]
fn a_star_principal_bound_to_the_account_is_not_public() {
    let bound = format!(
        r#"{{"Effect": "Allow", "Principal": "*", "Action": "es:*", "Resource": "{DOMAIN}/*",
             "Condition": {{"StringEquals": {{"aws:PrincipalAccount": "123456789012"}}}}}}"#
    );
    assert_eq!(public(&resource(&bound), "123456789012"), Answer::No);
}

#[test]
fn who_can_names_the_holder_and_the_context_it_takes() {
    let ann = Holder {
        principal: Principal::user("arn:aws:iam::123456789012:user/ann"),
        policy: identity(&when(r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#)),
    };
    let bob = Holder {
        principal: Principal::user("arn:aws:iam::123456789012:user/bob"),
        policy: identity(&allow("iam:*", "*")),
    };
    let resource = format!("{DOMAIN}/x");
    let found = who_can("es:ESHttpGet", &resource, None, &[ann, bob], &[], Bounds::default());
    let [(_, Answer::Yes(witness)), (_, Answer::No)] = found.as_slice() else {
        panic!("ann can and bob cannot: {found:?}")
    };
    assert_eq!(witness.context.get("aws:SourceIp").unwrap(), ["203.0.113.0"]);
}

#[test]
fn who_can_asks_resource_control_and_endpoint_policies_too() {
    let holder = |name: &str| Holder {
        principal: Principal::user(format!("arn:aws:iam::123456789012:user/{name}")),
        policy: identity(&allow("es:*", "*")),
    };
    let control = [parse(
        r#"{"Effect": "Deny", "Principal": "*", "Action": "es:*", "Resource": "*",
            "Condition": {"StringLike": {"aws:PrincipalArn": "*/bob"}}}"#,
        PolicyKind::ResourceControl,
    )];
    let endpoints = [
        resource(
            r#"{"Effect": "Allow", "Principal": "*", "Action": "es:ESHttpGet", "Resource": "*"}"#,
        ),
        resource(
            r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}"#,
        ),
    ];
    let bounds = Bounds { resource_control: &control, endpoints: &endpoints };
    let holders = [holder("ann"), holder("bob")];
    let who = |action: &str| who_can(action, &format!("{DOMAIN}/x"), None, &holders, &[], bounds);
    let found = who("es:ESHttpGet");
    let [(_, Answer::Yes(witness)), (_, Answer::No)] = found.as_slice() else {
        panic!("ann can and bob cannot: {found:?}")
    };
    assert_eq!(witness.context.get("aws:SourceVpc").unwrap(), ["vpc-1"]);
    assert!(who("es:ESHttpPut").iter().all(|(_, answer)| *answer == Answer::No));
}

#[test]
fn resource_control_policies_are_compared_by_what_they_leave() {
    let control = |action: &str| {
        let statement = format!(
            r#"{{"Effect": "Deny", "Principal": "*", "Action": "{action}", "Resource": "*"}}"#
        );
        parse(&statement, PolicyKind::ResourceControl)
    };
    let verdict = |old: &str, new: &str| diff(&control(old), &control(new)).verdict();
    assert_eq!(verdict("es:ESHttp*", "es:ESHttpPut"), Verdict::Wider);
    assert_eq!(verdict("es:ESHttpPut", "es:*"), Verdict::Narrower);
    assert_eq!(verdict("es:*", "es:*"), Verdict::Equal);
}

#[test]
fn documents_are_compared_as_other_keys_are_and_fields_where_it_can_be_proven() {
    let team = |team: &str| when(&format!(r#"{{"StringEquals": {{"es:Document/team": {team}}}}}"#));
    check(&team(r#""a""#), &team(r#"["a", "b"]"#), Verdict::Wider);
    check(
        &team(r#""a""#),
        &when(r#"{"StringEquals": {"es:Document/Team": "a"}}"#),
        Verdict::Incomparable,
    );
    let field = |path: &str| when(&format!(r#"{{"StringEquals": {{"es:Field": "{path}"}}}}"#));
    check(&field("name"), &field("name"), Verdict::Equal);
    check(&field("name"), &allow("es:*", "*"), Verdict::Wider);
    // Whether one names what is inside the other is not decided.
    let Verdict::Unknown(why) = verdict(&field("home"), &field("home.city")) else {
        panic!("{:?}", verdict(&field("home"), &field("home.city")))
    };
    assert!(why.contains("es:Field"), "{why}");
}

/// The Allow statements with new access of a policy to which this is all that it adds to nothing.
fn granted(policy: &Policy) -> Granting {
    let nothing = Policy::parse(r#"{"Version": "2012-10-17", "Statement": []}"#, policy.kind());
    new_access(&nothing.unwrap(), policy, &Effort::of(50_000))
}

#[test]
fn access_of_accounts_and_types_of_callers_is_access_also_where_nobody_is_named() {
    for condition in [
        r#"{"StringEquals": {"aws:PrincipalAccount": "111122223333"}}"#,
        r#"{"StringLike": {"aws:PrincipalAccount": "1111*"}}"#,
        r#"{"StringLike": {"aws:PrincipalAccount": "*9"}}"#,
        r#"{"StringEquals": {"aws:PrincipalType": "AssumedRole"}}"#,
        r#"{"StringEquals": {"aws:PrincipalType": "FederatedUser"}}"#,
        r#"{"StringEquals": {"aws:PrincipalType": "User", "aws:PrincipalAccount": "111122223333"}}"#,
    ] {
        let one = when(condition);
        assert_eq!(granted(&identity(&one)).statements, [0], "{condition}");
        let to_all = one.replace(r#""Action""#, r#""Principal": "*", "Action""#);
        assert_eq!(granted(&resource(&to_all)).statements, [0], "{condition}");
        check(&one, "", Verdict::Narrower);
    }
}

#[test]
fn callers_of_a_type_or_of_accounts_like_a_pattern_are_the_public() {
    let public = |condition: &str| {
        let to_all = when(condition).replace(r#""Action""#, r#""Principal": "*", "Action""#);
        public_access(&resource(&to_all), &Effort::of(50_000)).statements
    };
    assert_eq!(public(r#"{"StringLike": {"aws:PrincipalAccount": "1111*"}}"#), [0]);
    assert_eq!(public(r#"{"StringEquals": {"aws:PrincipalType": "AssumedRole"}}"#), [0]);
    assert_eq!(public(r#"{"StringEquals": {"aws:PrincipalType": "Account"}}"#), [0]);
    assert_eq!(public(r#"{"StringEquals": {"aws:PrincipalAccount": "111122223333"}}"#), [0; 0]);
    assert_eq!(
        public(r#"{"StringEqualsIfExists": {"aws:PrincipalAccount": "111122223333"}}"#),
        [0; 0]
    );
}

#[test]
fn where_accounts_are_compared_with_patterns_nothing_is_proven_of_all() {
    let some = |pattern: &str| {
        identity(&when(&format!(r#"{{"StringLike": {{"aws:PrincipalAccount": "{pattern}"}}}}"#)))
    };
    let Granting { statements, doubt } = new_access(&some("1*"), &some("1*1"), &Effort::of(50_000));
    assert_eq!(statements, [0; 0]);
    assert!(doubt.is_some_and(|why| why.contains("aws:PrincipalAccount")));
}

#[test]
fn a_question_ends_undecided_when_it_takes_too_many_steps() {
    let mut patterns = vec![allow("*", "*")];
    patterns.extend((0..40).map(|number| {
        let tail = format!(
            "*{}*{}*{}*{number}",
            "ab".repeat(number + 3),
            "ba".repeat(20),
            "a".repeat(number + 3)
        );
        deny("*", &format!("arn:aws:es:us-east-1:1:domain/{tail}"))
    }));
    assert!(granted(&identity(&patterns.join(","))).doubt.is_some());
    let to = |number: usize, who: &str| {
        allow(&format!("a:{number}"), "*")
            .replace(r#""Action""#, &format!(r#""Principal": {who}, "Action""#))
    };
    let policy = |names: usize, from: usize| {
        let accounts: Vec<String> = (0..names).map(|it| format!("\"{it:012}\"")).collect();
        let mut statements: Vec<String> = (from..from + 500).map(|it| to(it, r#""*""#)).collect();
        statements.push(to(0, &format!(r#"{{"AWS": [{}]}}"#, accounts.join(","))));
        resource(&statements.join(","))
    };
    for names in [400, 3_000] {
        let found = new_access(&policy(1, 1), &policy(names, 2), &Effort::of(50_000));
        assert!(found.doubt.is_some(), "{names} names");
    }
}
