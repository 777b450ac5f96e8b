use super::*;
use crate::kind::ResourcePolicyKind;

const IDENTITY: PolicyKind = PolicyKind::Identity;
const DOMAIN: PolicyKind = PolicyKind::Resource(ResourcePolicyKind::Domain);
const GENERIC: PolicyKind = PolicyKind::Resource(ResourcePolicyKind::Generic);

fn refusal(kind: PolicyKind, text: &str) -> String {
    match Policy::parse(text, kind) {
        Ok(policy) => panic!("accepted: {policy}"),
        Err(error) => error.to_string(),
    }
}

/// One statement, its elements given as JSON members.
fn statement(kind: PolicyKind, members: &str) -> String {
    refusal(kind, &format!(r#"{{"Version":"2012-10-17","Statement":[{{{members}}}]}}"#))
}

#[test]
fn c14_a_document_that_is_no_policy_is_refused_where_it_goes_wrong() {
    for (text, expected) in [
        ("[]", "1:1: expected a policy object, found an array"),
        ("{}", "1:1: the policy has no `Statement`"),
        (
            "{\n \"Version\": \"2013-10-17\"}",
            "2:13: unknown version `2013-10-17`: expected 2012-10-17 or 2008-10-17 (at /Version)",
        ),
        ("{\"Version\": 2012}", "1:13: expected a string, found a number (at /Version)"),
        (
            "{\"version\": \"2012-10-17\"}",
            "1:2: unknown element `version`: did you mean `Version`? (at /version)",
        ),
        (
            "{\"Statement\": \"x\"}",
            "1:15: expected a statement object, found a string (at /Statement)",
        ),
        ("{\"Statement\": [{}, 1]}", "1:16: the statement has no `Effect` (at /Statement/0)"),
        ("{\"Effect\": \"Deny\", \"Effect\": \"Allow\"}", "1:20: duplicate name `Effect`"),
        ("{\"Statement\": []} {}", "1:19: `{` after the end of the document"),
    ] {
        assert_eq!(refusal(IDENTITY, text), expected);
    }
}

#[test]
fn every_malformed_element_of_a_statement_is_refused() {
    for (members, expected) in [
        (
            r#""Effect":"allow""#,
            "`allow` is not a valid Effect: expected `Allow` or `Deny` (at /Statement/0/Effect)",
        ),
        (
            r#""Effect":"Allow","Resource":"*""#,
            "Policy statement must contain actions. (at /Statement/0)",
        ),
        (
            r#""Effect":"Allow","Action":"*""#,
            "Policy statement must contain resources. (at /Statement/0)",
        ),
        (
            r#""Effect":"Allow","Action":"*","NotAction":"*","Resource":"*""#,
            "a statement has `Action` or `NotAction`, not both (at /Statement/0/NotAction)",
        ),
        (
            r#""Effect":"Allow","Action":7,"Resource":"*""#,
            "expected a string or an array of strings, found a number (at /Statement/0/Action)",
        ),
        (
            r#""Effect":"Allow","Action":["*",null],"Resource":"*""#,
            "expected a string, found null (at /Statement/0/Action/1)",
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Principal":"*""#,
            "Policy document should not specify a principal. (at /Statement/0/Principal)",
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"logs""#,
            "Resource logs must be in ARN format or \"*\". (at /Statement/0/Resource)",
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Sid":"a b""#,
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*: `a b` (at /Statement/0/Sid)",
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Conditions":{}"#,
            "unknown element `Conditions`: did you mean `Condition`? (at /Statement/0/Conditions)",
        ),
    ] {
        let seen = statement(IDENTITY, members);
        let (_, seen) = seen.split_once(": ").unwrap();
        assert_eq!(seen, expected);
    }
}

#[test]
fn c10_every_malformed_condition_is_refused() {
    for (condition, expected) in [
        ("[]", "expected an object of operators, found an array (at /Statement/0/Condition)"),
        (
            r#"{"StringEqual":{}}"#,
            "unknown condition operator `StringEqual` (at /Statement/0/Condition/StringEqual)",
        ),
        (
            r#"{"ForEach:StringEquals":{}}"#,
            "unknown condition operator `ForEach:StringEquals` (at /Statement/0/Condition/ForEach:StringEquals)",
        ),
        (
            r#"{"NullIfExists":{}}"#,
            "`NullIfExists`: Null asks whether the key exists; IfExists does not apply (at /Statement/0/Condition/NullIfExists)",
        ),
        (
            r#"{"Bool":"x"}"#,
            "expected an object of context keys, found a string (at /Statement/0/Condition/Bool)",
        ),
        (r#"{"Bool":{"":"true"}}"#, "`` is not a context key (at /Statement/0/Condition/Bool/)"),
        (
            r#"{"Bool":{"a/b":"yes"}}"#,
            "`yes` is not a value of Bool: expected true or false (at /Statement/0/Condition/Bool/a~1b)",
        ),
        (
            r#"{"IpAddress":{"k":"10.0.0.0/33"}}"#,
            "`10.0.0.0/33` is not a value of IpAddress: expected an IP address or a CIDR range (at /Statement/0/Condition/IpAddress/k)",
        ),
        (
            r#"{"NumericEquals":{"k":"ten"}}"#,
            "`ten` is not a value of NumericEquals: expected a decimal number (at /Statement/0/Condition/NumericEquals/k)",
        ),
        (
            r#"{"DateLessThan":{"k":"soon"}}"#,
            "`soon` is not a value of DateLessThan: expected a date such as 2026-01-31T00:00:00Z, or seconds since 1970 (at /Statement/0/Condition/DateLessThan/k)",
        ),
        (
            r#"{"BinaryEquals":{"k":"?"}}"#,
            "`?` is not a value of BinaryEquals: expected base64 (at /Statement/0/Condition/BinaryEquals/k)",
        ),
        (
            r#"{"StringEquals":{"k":"${a"}}"#,
            "the variable in `${a` is not closed: expected `}` (at /Statement/0/Condition/StringEquals/k)",
        ),
        (
            r#"{"StringEquals":{"k":[["x"]]}}"#,
            "expected a string, a number or a boolean, found an array (at /Statement/0/Condition/StringEquals/k/0)",
        ),
    ] {
        let members =
            format!(r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}"#);
        let seen = statement(IDENTITY, &members);
        let (_, seen) = seen.split_once(": ").unwrap();
        assert_eq!(seen, expected);
    }
}

#[test]
fn every_malformed_principal_is_refused() {
    for (principal, expected) in [
        (
            r#""ann""#,
            "Invalid principal in policy: `ann`: expected `\"*\"` or an object such as {\"AWS\": …}",
        ),
        (r#"{"Aws":"*"}"#, "unknown element `Aws`: did you mean `AWS`?"),
        (
            r#"{"AWS":"12345"}"#,
            "Invalid principal in policy: `12345`: expected an account of twelve digits, an ARN or `*`",
        ),
        (
            r#"{"AWS":"arn:aws:iam::123456789012:role/*"}"#,
            "Invalid principal in policy: `arn:aws:iam::123456789012:role/*`: the only wildcard for a principal is `*`, for everyone",
        ),
        (
            r#"{"AWS":"arn:aws:iam::123456789012:group/g"}"#,
            "Invalid principal in policy: `arn:aws:iam::123456789012:group/g`: expected root, a user, a role, an assumed-role session or a federated user",
        ),
        (
            r#"{"AWS":"arn:aws:iam::1:user/u"}"#,
            "Invalid principal in policy: `arn:aws:iam::1:user/u`: expected an account of twelve digits in the ARN",
        ),
        (
            r#"{"AWS":"arn:aws:iam:us-east-1:123456789012:user/u"}"#,
            "Invalid principal in policy: `arn:aws:iam:us-east-1:123456789012:user/u`: an IAM ARN has no region",
        ),
        (
            r#"{"AWS":"arn:aws:sts::123456789012:assumed-role/r"}"#,
            "Invalid principal in policy: `arn:aws:sts::123456789012:assumed-role/r`: expected root, a user, a role, an assumed-role session or a federated user",
        ),
        (r#"{"Service":""}"#, "Invalid principal in policy: ``: expected a name"),
    ] {
        let members =
            format!(r#""Effect":"Allow","Action":"*","Resource":"*","Principal":{principal}"#);
        let seen = statement(GENERIC, &members);
        assert!(seen.contains(expected), "{seen}\n{expected}");
    }
}

#[test]
fn c09_each_kind_of_policy_forbids_what_is_not_its_own() {
    const REST: &str = r#""Effect":"Allow","Action":"*""#;
    for (kind, members, expected) in [
        (PolicyKind::Trust, r#""Principal":"*","Resource":"*""#, "Has prohibited field Resource."),
        (
            PolicyKind::Trust,
            r#""Principal":"*","NotResource":"*""#,
            "Has prohibited field NotResource.",
        ),
        (PolicyKind::Trust, r#""NotPrincipal":"*""#, "Has prohibited field NotPrincipal."),
        (PolicyKind::Trust, r#""Sid":"x""#, "Missing required field Principal"),
        (GENERIC, r#""Resource":"*""#, "Missing required field Principal"),
        (DOMAIN, r#""Principal":"*""#, "Policy statement must contain resources."),
        (
            DOMAIN,
            r#""Resource":"*","NotPrincipal":"*""#,
            "`NotPrincipal` is not supported in the access policy of a domain",
        ),
        (
            DOMAIN,
            r#""Resource":"*","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#,
            "`aws:SecureTransport` is not supported in the access policy of a domain",
        ),
        (
            DOMAIN,
            r#""Resource":"*","Principal":"*","Condition":{"StringLike":{"aws:principaltag/x":"y"}}"#,
            "`aws:principaltag/x` is not supported",
        ),
        (
            DOMAIN,
            r#""Resource":"arn:aws:es:r:1:domain/d/${aws:PrincipalTag/x}","Principal":"*""#,
            "`aws:PrincipalTag/x` is not supported",
        ),
        (
            DOMAIN,
            r#""Resource":"*","Principal":"*","Condition":{"StringEquals":{"aws:UserAgent":"${aws:PrincipalTag/x}"}}"#,
            "`aws:PrincipalTag/x` is not supported",
        ),
        (
            PolicyKind::ServiceControl,
            r#""Resource":"*","Principal":"*""#,
            "Policy document should not specify a principal.",
        ),
    ] {
        let seen = statement(kind, &format!("{REST},{members}"));
        assert!(seen.contains(expected), "{seen}\n{expected}");
    }
}

#[test]
fn a_resource_control_policy_denies_whoever_asks() {
    const CONTROL: PolicyKind = PolicyKind::ResourceControl;
    const DENY: &str = r#""Effect":"Deny","Principal":"*","Action":"es:*","Resource":"*""#;
    for (members, expected) in [
        (DENY.replace("Action", "NotAction"), "no `NotAction`"),
        (DENY.replace("Principal", "NotPrincipal"), "no `NotPrincipal`"),
        (DENY.replace(r#":"*","A"#, r#":{"AWS":"123456789012"},"A"#), "is `\"*\"`"),
        (DENY.replace("Deny", "Allow"), "only RCPFullAWSAccess"),
        (DENY.replace(r#","Resource":"*""#, ""), "must contain resources"),
        (DENY.replace(r#""Principal":"*","#, ""), "Missing required field Principal"),
    ] {
        let seen = statement(CONTROL, &members);
        assert!(seen.contains(expected), "{seen}\n{expected}");
    }
    let document = |version: &str, statement: &str| {
        format!(r#"{{"Version":"{version}","Statement":{{{statement}}}}}"#)
    };
    let full = DENY.replace("Deny", "Allow").replace("es:*", "*");
    for taken in [DENY.to_owned(), full, DENY.replace("\"Resource", "\"NotResource")] {
        assert!(Policy::parse(&document("2012-10-17", &taken), CONTROL).is_ok(), "{taken}");
    }
    let error = Policy::parse(&document("2008-10-17", DENY), CONTROL).unwrap_err();
    assert!(error.message.contains("2012-10-17"), "{error}");
}

#[test]
fn a_domain_option_lifts_what_amazon_does_not_support() {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotPrincipal":"*","Action":"es:*",
        "Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}"#;
    let domain = DomainRules { unsupported_keys: UnsupportedKeys::Honour, vpc: false };
    let options = ParseOptions { bytes_max: None, domain };
    assert!(Policy::parse_with(text, DOMAIN, &options).is_ok());
}

#[test]
fn a_domain_in_a_vpc_takes_no_address_condition() {
    let text = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"es:*","Resource":"*",
        "Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}}"#;
    let domain = DomainRules { vpc: true, ..DomainRules::default() };
    let error = Policy::parse_with(text, DOMAIN, &ParseOptions { bytes_max: None, domain });
    assert_eq!(
        error.unwrap_err().message,
        "You can't attach an IP-based policy to a domain that has a VPC endpoint. Instead, use a \
         security group to control IP-based access."
    );
}

#[test]
fn statement_ids_are_unique() {
    let text = r#"{"Statement":[{"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"},
 {"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    assert_eq!(
        refusal(IDENTITY, text),
        "2:9: Statement IDs (SID) in a single policy must be unique. (at /Statement/1/Sid)"
    );
}

#[test]
fn an_empty_statement_id_is_none() {
    let text = r#"{"Statement":[{"Sid":"","Effect":"Allow","Action":"*","Resource":"*"},
        {"Sid":"","Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    assert_eq!(Policy::parse(text, IDENTITY).unwrap().sid(0), None);
}

#[test]
fn create_policy_refuses_a_policy_of_2008_and_one_without_a_version() {
    for text in [r#"{"Statement":[]}"#, r#"{"Version":"2008-10-17","Statement":[]}"#] {
        let error = Policy::parse(text, IDENTITY).unwrap().require_current_version().unwrap_err();
        assert_eq!(error.message, "Policy document must be version 2012-10-17 or greater.");
    }
}

#[test]
fn a_policy_of_five_megabytes_is_refused_for_its_size() {
    let text = format!(r#"{{"Id":"{}","Statement":[]}}"#, "x".repeat(5_000_000));
    assert!(refusal(DOMAIN, &text).contains("the limit is 102400"));
    assert!(refusal(IDENTITY, &text).contains("the limit is 131072"));
}

#[test]
fn quotas_count_no_white_space_outside_strings() {
    let text = "{\n  \"Id\": \"a b\\\" c\",\n  \"Statement\": [ ]\n}";
    let expected = r#"{"Id":"a b\" c","Statement":[]}"#.len();
    assert_eq!(Policy::parse(text, IDENTITY).unwrap().size_without_white_space(), expected);
}

#[test]
fn a_pinned_policy_names_nobody_who_took_the_name_later() {
    use crate::Principal;
    let text = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/r"},
        "Action":"*"}}"#;
    let policy = Policy::parse(text, PolicyKind::Trust).unwrap();
    let policy = policy.pinned(|_| Some("AROAOLD".to_owned()));
    let name = policy.principals().next().unwrap();
    let session = |id| {
        let arn = "arn:aws:sts::123456789012:assumed-role/r/s";
        Principal::assumed_role(arn, "arn:aws:iam::123456789012:role/r").with_unique_id(id)
    };
    assert!(name.grant(&session("AROAOLD")).is_some());
    assert!(name.grant(&session("AROANEW")).is_none());
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[\\{\\}\\[\\]\":,a-zA-Z0-9\\\\ \n$*?-]{0,60}") {
        for kind in [IDENTITY, GENERIC, DOMAIN, PolicyKind::Trust] {
            let _ = Policy::parse(&text, kind);
        }
    }

    #[test]
    fn no_change_of_one_character_makes_the_reader_panic(at in 0_usize..400, character: char) {
        let text = crate::template::allow_ips(
            &crate::template::DomainArn::new("us-east-1", "123456789012", "d"),
            ["203.0.113.0/24"],
        );
        let changed: String =
            text.chars().enumerate().map(|(n, c)| if n == at { character } else { c }).collect();
        let _ = Policy::parse(&changed, DOMAIN);
    }
}
