use super::*;
use crate::ResourcePolicyKind;

const IDENTITY: PolicyKind = PolicyKind::Identity;
const DOMAIN: PolicyKind = PolicyKind::Resource(ResourcePolicyKind::Domain);

fn codes(kind: PolicyKind, members: &str) -> Vec<String> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{{{members}}}]}}"#);
    lint(&text, kind)
        .iter()
        .map(|finding| match &finding.fix {
            Some(fix) => format!("{} {} -> {fix}", finding.code, finding.pointer),
            None => format!("{} {}", finding.code, finding.pointer),
        })
        .collect()
}

fn allow(members: &str) -> Vec<String> {
    codes(IDENTITY, &format!(r#""Effect":"Allow",{members}"#))
}

const HERE: &str = "arn:aws:es:us-east-1:123456789012:domain/logs";

#[test]
fn a_text_that_does_not_parse_has_one_finding() {
    let findings = lint("{\n  \"Statement\": [,]\n}", IDENTITY);
    assert_eq!(
        text("p.json", &findings),
        "p.json:2:17: error SYNTAX_ERROR: expected a value, found `,`\n"
    );
}

#[test]
fn a_clean_policy_has_no_finding() {
    let rest = format!(r#""Action":["es:ESHttpGet","es:Describe*"],"Resource":"{HERE}/*""#);
    assert_eq!(allow(&rest), [""; 0]);
}

#[test]
fn a_domain_without_its_paths_is_found_and_the_star_proposed() {
    for (members, expected) in [
        (
            format!(r#""Effect":"Allow","Action":"es:ESHttpGet","Resource":"{HERE}""#),
            vec![format!("DOMAIN_WITHOUT_PATHS /Statement/0/Resource -> {HERE}/*")],
        ),
        (
            format!(r#""Effect":"Deny","Action":"es:*","Resource":["{HERE}"]"#),
            vec![format!("DOMAIN_WITHOUT_PATHS /Statement/0/Resource/0 -> {HERE}/*")],
        ),
        // Both together is how Amazon's own examples name a domain and its requests.
        (format!(r#""Effect":"Allow","Action":"es:*","Resource":["{HERE}","{HERE}/*"]"#), vec![]),
        (format!(r#""Effect":"Allow","Action":"es:DescribeDomain","Resource":"{HERE}""#), vec![]),
        (format!(r#""Effect":"Allow","Action":"es:ESHttpGet","Resource":"{HERE}*""#), vec![]),
    ] {
        let found = codes(IDENTITY, &members);
        let found: Vec<_> =
            found.into_iter().filter(|code| code.starts_with("DOMAIN_WITHOUT")).collect();
        assert_eq!(found, expected, "{members}");
    }
}

#[test]
fn a_principal_that_may_not_exist_is_said_to_be_unchecked_and_an_impossible_one_refused() {
    let of = |principal: &str| {
        let principal = format!(r#""Principal":{{"AWS":{principal}}}"#);
        let rest = format!(r#""Action":"es:ESHttpGet","Resource":"{HERE}/*""#);
        codes(DOMAIN, &format!(r#""Effect":"Allow",{principal},{rest}"#))
    };
    let unchecked = "PRINCIPAL_NOT_CHECKED /Statement/0/Principal";
    assert_eq!(of(r#""arn:aws:iam::123456789012:role/nobody""#), [unchecked]);
    assert_eq!(of(r#""123456789012""#), [""; 0]);
    for impossible in [
        r#""arn:aws:sts::123456789012:assumed-role/r/*""#,
        r#""arn:aws:iam::123456789012:role/*""#,
        r#""arn:aws:iam::12345:role/r""#,
    ] {
        let found = of(impossible);
        assert!(
            found.iter().any(|code| code.starts_with("SYNTAX_ERROR")),
            "{impossible}: {found:?}"
        );
    }
}

#[test]
fn names_that_do_not_exist_are_found_and_the_nearest_is_proposed() {
    for (members, expected) in [
        (
            r#""Action":"es:ESHttpGte","Resource":"*""#,
            "INVALID_ACTION /Statement/0/Action -> es:ESHttpGet",
        ),
        (
            r#""Action":["es:ESHttpGet","es:Frob*"],"Resource":"*""#,
            "INVALID_ACTION /Statement/0/Action/1",
        ),
        (
            r#""Action":"es:CreateElasticsearchDomain","Resource":"*""#,
            "DEPRECATED_ACTION /Statement/0/Action -> es:CreateDomain",
        ),
        (
            r#""Action":"es:ESHttpGet","Resource":"arn:aws:es:us-east-1:123456789012:logs/*""#,
            "RESOURCE_CANNOT_MATCH /Statement/0/Resource",
        ),
        (
            r#""Action":"es:ESHttpGet","Resource":"arn:aws:s3:::bucket""#,
            "RESOURCE_CANNOT_MATCH /Statement/0/Resource",
        ),
        (
            r#""Action":"es:ESHttpGet","Resource":"arn:aws:es:us-east-1:12345:domain/x""#,
            "INVALID_ACCOUNT /Statement/0/Resource",
        ),
        (
            r#""Action":"es:ESHttpGet","Resource":"arn:aws:es:us-east-1:${aws:PrincipalAccount}:domain/x""#,
            "VARIABLE_OUT_OF_PLACE /Statement/0/Resource",
        ),
        (
            r#""Action":"es:ESHttpGet","Resource":"*","Condition":{"IpAddress":{"aws:SourceIP4":"10.0.0.0/8"}}"#,
            "INVALID_CONDITION_KEY /Statement/0/Condition/IpAddress/aws:SourceIP4 -> aws:SourceIp",
        ),
    ] {
        assert!(allow(members).contains(&expected.to_owned()), "{:?}\n{expected}", allow(members));
    }
}

#[test]
fn conditions_that_do_not_do_what_they_say_are_found() {
    for (condition, expected) in [
        (
            r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}"#,
            "FOR_ALL_VALUES_WITHOUT_NULL /Statement/0/Condition/ForAllValues:StringEquals/aws:TagKeys -> \"Null\": {\"aws:TagKeys\": \"false\"}",
        ),
        (
            r#"{"StringEquals":{"aws:TagKeys":"a"}}"#,
            "MULTIVALUED_KEY_WITHOUT_QUANTIFIER /Statement/0/Condition/StringEquals/aws:TagKeys -> ForAnyValue:StringEquals",
        ),
        (
            r#"{"ForAnyValue:StringEquals":{"aws:username":"a"}}"#,
            "QUANTIFIER_ON_SINGLE_VALUED_KEY /Statement/0/Condition/ForAnyValue:StringEquals/aws:username",
        ),
        (
            r#"{"StringLike":{"aws:SourceIp":"10.*"}}"#,
            "TYPE_MISMATCH /Statement/0/Condition/StringLike/aws:SourceIp",
        ),
        (
            r#"{"StringEquals":{"aws:username":"a*"}}"#,
            "WILDCARD_WITHOUT_LIKE /Statement/0/Condition/StringEquals/aws:username -> StringLike",
        ),
        (
            r#"{"ArnLike":{"aws:PrincipalArn":"role/x"}}"#,
            "INVALID_ARN_VALUE /Statement/0/Condition/ArnLike/aws:PrincipalArn",
        ),
        (
            r#"{"StringEquals":{"aws:username":[]}}"#,
            "EMPTY_CONDITION_VALUES /Statement/0/Condition/StringEquals/aws:username",
        ),
        ("{}", "EMPTY_CONDITION /Statement/0/Condition"),
    ] {
        let members = format!(r#""Action":"es:ESHttpGet","Resource":"*","Condition":{condition}"#);
        assert!(
            allow(&members).contains(&expected.to_owned()),
            "{:?}\n{expected}",
            allow(&members)
        );
    }
}

#[test]
fn for_all_values_with_a_guard_is_fine() {
    let members = r#""Action":"es:ESHttpGet","Resource":"*","Condition":{"ForAllValues:StringEquals":
        {"aws:TagKeys":"a"},"Null":{"aws:TagKeys":"false"}}"#;
    assert_eq!(allow(members), [""; 0]);
}

#[test]
fn what_lets_in_more_than_meant_is_found() {
    for (members, expected) in [
        (r#""Action":"*","Resource":"*""#.to_owned(), "FULL_ACCESS /Statement/0"),
        (
            r#""NotAction":"iam:*","Resource":"*""#.to_owned(),
            "ALLOW_WITH_NOT_ELEMENT /Statement/0/NotAction",
        ),
        (
            r#""Action":"iam:PassRole","Resource":"*""#.to_owned(),
            "PASS_ROLE_WITH_STAR /Statement/0/Resource",
        ),
        (
            format!(r#""Action":"es:ESHttp*","Resource":"{HERE}/mine/*""#),
            "BULK_REACHES_EVERY_INDEX /Statement/0/Resource",
        ),
        (
            format!(r#""Action":"es:ESHttpPost","Resource":["{HERE}/_bulk"]"#),
            "BULK_REACHES_EVERY_INDEX /Statement/0/Resource/0",
        ),
    ] {
        assert!(
            allow(&members).contains(&expected.to_owned()),
            "{:?}\n{expected}",
            allow(&members)
        );
    }
}

#[test]
fn a_deny_of_an_indexs_paths_leaves_the_index_open() {
    let deny = |resource: &str| {
        codes(IDENTITY, &format!(r#""Effect":"Deny","Action":"es:*","Resource":{resource}"#))
    };
    let expected = format!("DENY_LEAVES_INDEX_OPEN /Statement/0/Resource -> {HERE}/secret*");
    assert_eq!(deny(&format!(r#""{HERE}/secret/*""#)), [expected]);
    assert_eq!(deny(&format!(r#"["{HERE}/secret/*","{HERE}/secret"]"#)), [""; 0]);
    assert_eq!(deny(&format!(r#""{HERE}/*""#)), [""; 0]);
}

#[test]
fn a_public_domain_is_found_with_someone_who_gets_in() {
    let members =
        format!(r#""Effect":"Allow","Principal":"*","Action":"es:*","Resource":"{HERE}/*""#);
    let found = codes(DOMAIN, &members);
    assert_eq!(found, ["PUBLIC_ACCESS /Statement", "WILDCARD_PRINCIPAL /Statement/0/Principal"]);
}

#[test]
fn a_statement_that_another_covers_is_redundant() {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"es:ESHttp*","Resource":"{HERE}/*"}},
            {{"Effect":"Allow","Action":"es:ESHttpGet","Resource":"{HERE}/logs/*"}}]}}"#
    );
    let findings = lint(&text, IDENTITY);
    let found: Vec<_> = findings.iter().map(|it| (it.code, it.pointer.as_str())).collect();
    assert_eq!(found, [("REDUNDANT_STATEMENT", "/Statement/1")]);
}

#[test]
fn an_old_version_and_a_variable_in_it_are_found() {
    let text = format!(
        r#"{{"Statement":[{{"Effect":"Allow","Action":"es:ESHttpGet","Resource":"{HERE}/${{aws:username}}/*"}}]}}"#
    );
    let found: Vec<_> = lint(&text, IDENTITY).iter().map(|it| it.code).collect();
    assert_eq!(found, ["DEPRECATED_VERSION", "VARIABLE_IN_OLD_VERSION"]);
}

/// A caller of `ValidatePolicy` chooses the text: sixteen million comparisons would take minutes.
#[test]
fn of_thousands_of_entries_the_first_are_compared_with_all() {
    let entries = |end: &str| {
        let entry = |number| format!(r#""arn:aws:es:::domain/{number:04}{end}""#);
        (0..4_000).map(entry).collect::<Vec<_>>().join(",")
    };
    let without_paths = allow(&format!(r#""Action":"es:*","Resource":[{}]"#, entries("")));
    let open = format!(r#""Effect":"Deny","Action":"es:*","Resource":[{}]"#, entries("/a/*"));
    let open = codes(IDENTITY, &open);
    let of = |found: &[String], code: &str| found.iter().filter(|it| it.starts_with(code)).count();
    assert_eq!(of(&without_paths, "DOMAIN_WITHOUT_PATHS"), 62);
    assert_eq!(of(&open, "DENY_LEAVES_INDEX_OPEN"), 62);
}

#[test]
fn of_five_hundred_entries_each_is_compared() {
    let covered: Vec<String> = (0..249)
        .map(|number| {
            format!(r#""arn:aws:es:::domain/a{number:03}","arn:aws:es:::domain/a{number:03}/*""#)
        })
        .collect();
    let last = r#""arn:aws:es:::domain/last""#;
    let body = format!(r#""Action":"es:*","Resource":[{},{last}]"#, covered.join(","));
    let found = allow(&body);
    let bare = found.iter().filter(|it| it.starts_with("DOMAIN_WITHOUT_PATHS"));
    assert_eq!(bare.count(), 1);
}

#[test]
fn each_finding_has_its_line_and_column_in_whatever_order_they_were_found() {
    let text = r#"{"Version":"2012-10-17","Statement":[
 {"Effect":"Allow","Action":"es:a","Resource":["arn:aws:es:::ä","arn:aws:es:::x"]},
{"Effect":"Allow","Action":["es:b",
  "es:c"],"Resource":"*"}]}"#;
    let findings = lint(text, IDENTITY);
    let at = |pointer: &str| {
        let found =
            findings.iter().find(|it| it.pointer == pointer && it.severity == Severity::Error);
        found.map(|it| (it.line, it.column))
    };
    assert_eq!(at("/Statement/0/Action"), Some((2, 29)));
    assert_eq!(at("/Statement/0/Resource/1"), Some((2, 65)));
    assert_eq!(at("/Statement/1/Action/0"), Some((3, 29)));
    assert_eq!(at("/Statement/1/Action/1"), Some((4, 3)));
    let place = |pointer: &str| element(text, pointer).0;
    for finding in &findings {
        let place = place(&finding.pointer);
        assert_eq!((finding.line, finding.column), (place.line, place.column), "{finding:?}");
    }
}

#[test]
fn sarif_says_where() {
    let findings = lint("{", IDENTITY);
    let log = sarif(&[("p.json".to_owned(), findings)]);
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "SYNTAX_ERROR");
    assert_eq!(result["level"], "error");
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&1.into(), &2.into()));
}

#[test]
fn the_table_of_checks_lists_every_code_that_the_source_names() {
    let sources = [
        include_str!("mod.rs"),
        include_str!("structure.rs"),
        include_str!("names.rs"),
        include_str!("conditions.rs"),
        include_str!("access.rs"),
    ];
    let is_code = |word: &&str| {
        word.len() > 6
            && word.contains('_')
            && word.bytes().all(|it| it.is_ascii_uppercase() || it == b'_')
    };
    let mut named: Vec<&str> =
        sources.iter().flat_map(|source| source.split('"')).filter(is_code).collect();
    named.sort_unstable();
    named.dedup();
    let listed: Vec<&str> = CHECKS.iter().map(|(code, ..)| *code).collect();
    let named: Vec<&str> = named.into_iter().filter(|it| *it != "SCREAMING_SNAKE_CASE").collect();
    assert_eq!(named, listed);
}

#[test]
fn conditions_on_documents_are_found_where_they_never_hold_or_let_in_what_has_no_value() {
    let condition = |operator: &str, actions: &str| {
        let condition = format!(r#"{{"{operator}":{{"es:Document/team":"a"}}}}"#);
        let rest = format!(r#""Action":"{actions}","Resource":"{HERE}/*","Condition":{condition}"#);
        let found = allow(&rest);
        found.iter().map(|it| it.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(condition("StringEquals", "es:ESHttpGet"), [""; 0]);
    assert_eq!(condition("StringNotEquals", "es:ESHttp*"), ["DOCUMENTS_WITHOUT_VALUE"]);
    assert_eq!(condition("StringEqualsIfExists", "es:ESHttp*"), ["DOCUMENTS_WITHOUT_VALUE"]);
    let never = condition("StringEquals", "es:DescribeDomain");
    assert!(never.contains(&"DOCUMENT_KEY_WITHOUT_DOCUMENTS".to_owned()), "{never:?}");
}
