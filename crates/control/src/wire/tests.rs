//! The codec against botocore: its requests are read exactly, our replies are what it parses.
//!
//! `tests/data/requests.jsonl` holds requests as botocore writes them (`requests.py` makes it). The replies made here are
//! kept in `tests/data/replies.jsonl`, and `replies.py` has botocore read them back.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use expect_test::{expect, expect_file};
use serde_json::{Map, Value, json};

use super::model::{ServiceModel, ShapeKind, model, text};
use super::{WireRequest, decode, encode, encode_error, read};
use crate::err::{ApiError, ErrorCode};
use crate::operation::Operation;
use crate::operations::table;
use crate::service::{Service, WireProtocol};

fn service(name: &str) -> Service {
    Service::ALL.into_iter().find(|service| service.name() == name).unwrap()
}

#[test]
fn every_request_of_botocore_is_read_exactly() {
    let lines = include_str!("../../tests/data/requests.jsonl").lines();
    let mut operations = BTreeSet::new();
    for line in lines {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = |member: &str| case[member].as_str().unwrap();
        let service = service(text("service"));
        let request = WireRequest {
            signing_name: service.signing_name(),
            method: text("method"),
            path: text("path"),
            query: text("query"),
            content_type: None,
            body: text("body").as_bytes(),
        };
        let (name, input) =
            read(super::service_of(&request), &request).unwrap_or_else(|e| panic!("{line}: {e}"));
        assert_eq!((name.as_str(), &input), (text("operation"), &case["input"]), "{line}");
        operations.insert((service.name(), name));
    }
    assert_eq!(operations.len(), table().count(), "every operation of the models is among them");
}

#[test]
fn names_and_bodies_of_ten_thousand_levels_are_refused_on_a_small_stack() {
    // 2 MiB, as the service's threads have; a stack that overflows ends the process.
    let check = || {
        let form = format!("Action=CreateUser&UserName{}=x", ".a".repeat(10_000));
        let nested = format!(r#"{{"DomainName":"d","Tags":{}1"#, "[".repeat(10_000));
        let values =
            format!(r#"{{"DomainName":"d","AdvancedOptions":{}1"#, r#"{"a":"#.repeat(10_000));
        for (signing_name, method, path, query, body, reason) in [
            ("iam", "POST", "/", "", form.as_bytes(), "too many parts"),
            ("iam", "GET", "/", form.as_str(), b"".as_slice(), "too many parts"),
            ("es", "POST", "/2015-01-01/es/domain", "", nested.as_bytes(), "recursion limit"),
            (
                "es",
                "POST",
                "/2021-01-01/opensearch/domain",
                "",
                values.as_bytes(),
                "recursion limit",
            ),
        ] {
            let content_type = None;
            let request = WireRequest { signing_name, method, path, query, content_type, body };
            let refused = read(super::service_of(&request), &request).unwrap_err();
            assert!(refused.to_string().contains(reason), "{path}: {refused}");
        }
    };
    let small = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    small.spawn(check).unwrap().join().unwrap();
}

#[test]
fn s07_a_refusal_repeats_no_sensitive_member() {
    for (query, text) in [
        ("Action=ChangePassword&OldPassword=&NewPassword=x", "Value at 'oldPassword' failed"),
        (
            "Action=ChangePassword&OldPassword=hunter2%zz&NewPassword=x",
            "in the value of OldPassword",
        ),
        (
            "Action=ChangePassword&OldPassword=hunter2&OldPassword=hunter2",
            "OldPassword is given more",
        ),
    ] {
        let request = WireRequest {
            signing_name: "iam",
            method: "GET",
            path: "/",
            query,
            content_type: None,
            body: b"",
        };
        let message = decode(&request).unwrap_err().error.message;
        assert!(message.contains(text), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[test]
fn every_operation_of_the_models_has_its_row_and_the_other_way_round() {
    let rows: BTreeSet<(Service, &str)> = table().map(|o| (o.service(), o.name())).collect();
    let mut models = BTreeSet::new();
    for service in Service::ALL {
        models
            .extend(model(service).unwrap().operations.keys().map(|name| (service, name.as_str())));
    }
    assert_eq!(rows, models);
    assert_eq!(table().count(), rows.len(), "no row stands twice");
}

#[test]
fn patterns_that_only_the_operation_checks() {
    let mut beyond = BTreeSet::new();
    for service in Service::ALL {
        for (_, shape) in model(service).unwrap().shapes() {
            if let Some(pattern) =
                shape.pattern.as_ref().filter(|pattern| pattern.compiled.is_none())
            {
                beyond.insert(pattern.text.clone());
            }
        }
    }
    let listed = beyond.into_iter().collect::<Vec<_>>().join("\n");
    expect![[r#"
        ^$|^https://(?!(?:10|127|169\.254|192\.168|172\.(?:1[6-9]|2[0-9]|3[01]))\.)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\.[a-zA-Z]{2,}(?::[0-9]{1,5})?(?:/[a-zA-Z0-9\-._~%!$&'()*+,;=:'@]*(?:/[a-zA-Z0-9\-._~%!$&'()*+,;=:'@]*)*)?(?:\?[a-zA-Z0-9\-._~%!$&'()*+,;=:'/@?]+)?$
        ^(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])$
        ^(?!.*\/\.{2,})(?!.*\.\.)[a-zA-Z0-9_.-]+(?:\/[a-zA-Z0-9_.-]+)*$
        ^(?!\.\.?$)[^_ ,:"+/*\\|?#><A-Z-][^ ,:"+/*\\|?#><A-Z]*$
        ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$"#]].assert_eq(&listed);
}

/// The structures of a model of which one member is said at a time.
fn unions(service: Service) -> BTreeSet<String> {
    let described: Value = serde_json::from_str(text(service)).unwrap();
    let shapes = described["shapes"].as_object().unwrap().iter();
    shapes.filter(|(_, shape)| shape["union"] == true).map(|(name, _)| name.clone()).collect()
}

/// A value of the shape with every member (of a union, its first), two items a list, texts that need escaping.
fn sample(model: &ServiceModel, unions: &BTreeSet<String>, shape: &str, depth: usize) -> Value {
    let sample = |shape: &str| sample(model, unions, shape, depth + 1);
    match &model.shape(shape).unwrap().kind {
        ShapeKind::Structure { members, .. } => {
            let most = if unions.contains(shape) { 1 } else { usize::MAX };
            let members = members.iter().take(most).filter(|_| depth < 4);
            members
                .map(|member| (member.name.clone(), sample(&member.shape)))
                .collect::<Map<_, _>>()
                .into()
        }
        ShapeKind::List { member, .. } => {
            json!([sample(member), sample(member)])
        }
        ShapeKind::Map { value, .. } => json!({"k & <": sample(value)}),
        ShapeKind::Integer => json!(7),
        ShapeKind::Float => json!(1.5),
        ShapeKind::Boolean => json!(true),
        ShapeKind::Timestamp => json!(1_700_000_000),
        ShapeKind::Blob => json!("YQ=="),
        ShapeKind::Text => json!("ü <&> \"'\r\n"),
    }
}

#[test]
fn replies_are_what_botocore_reads_back() {
    let mut lines = String::new();
    for operation in table().filter(|operation| operation.is_built()) {
        let model = model(operation.service()).unwrap();
        let output = model.operations[operation.name()].output.as_deref();
        let unions = unions(operation.service());
        let output = output.map_or(json!({}), |shape| sample(model, &unions, shape, 0));
        let reply = encode(operation, &output, "id-1");
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        let line = json!({
            "service": operation.service().name(), "operation": operation.name(), "output": output,
            "body": String::from_utf8(reply.body).unwrap(),
        });
        writeln!(lines, "{line}").unwrap();
    }
    expect_file!["../../tests/data/replies.jsonl"].assert_eq(&lines);
}

#[test]
fn a_query_reply_looks_like_amazons() {
    let operation = Operation::find(Service::Iam, "CreateUser").unwrap();
    let user = json!({"User": {"Path": "/", "UserName": "ann", "UserId": "AIDAEXAMPLE", "CreateDate": 1_700_000_000,
        "Arn": "arn:aws:iam::123456789012:user/ann", "Tags": [{"Key": "a", "Value": "<b>"}]}});
    let reply = encode(operation, &user, "00000000-0000-4000-8000-000000000001");
    expect![[r#"<CreateUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><CreateUserResult><User><Path>/</Path><UserName>ann</UserName><UserId>AIDAEXAMPLE</UserId><Arn>arn:aws:iam::123456789012:user/ann</Arn><CreateDate>2023-11-14T22:13:20Z</CreateDate><Tags><member><Key>a</Key><Value>&lt;b&gt;</Value></member></Tags></User></CreateUserResult><ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000001</RequestId></ResponseMetadata></CreateUserResponse>"#]]
        .assert_eq(&String::from_utf8(reply.body).unwrap());
    expect![[r#"[("content-type", "text/xml"), ("x-amzn-requestid", "00000000-0000-4000-8000-000000000001")]"#]]
        .assert_eq(&format!("{:?}", reply.headers));
}

#[test]
fn an_operation_without_output_has_no_result_element() {
    let reply = encode(Operation::find(Service::Iam, "DeleteUser").unwrap(), &json!({}), "r");
    expect![[r#"<DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DeleteUserResponse>"#]]
        .assert_eq(&String::from_utf8(reply.body).unwrap());
}

#[test]
fn errors_speak_their_services_dialect() {
    let error = ApiError::new(ErrorCode::NoSuchEntity, "The user with name <a> cannot be found.");
    let query = encode_error(Service::Iam, &error, "r");
    expect![[r#"<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>The user with name &lt;a&gt; cannot be found.</Message></Error><RequestId>r</RequestId></ErrorResponse>"#]]
        .assert_eq(&String::from_utf8(query.body).unwrap());
    assert_eq!(query.status, 404);
    let rest = encode_error(
        Service::Es,
        &ApiError::new(ErrorCode::NoSuchEntity, "Domain not found: x"),
        "r",
    );
    assert_eq!((rest.status, rest.body), (409, br#"{"message":"Domain not found: x"}"#.to_vec()));
    assert!(rest.headers.contains(&("x-amzn-errortype", "ResourceNotFoundException".to_owned())));
}

fn form(body: &str) -> Result<(Operation, Value), ApiError> {
    let request = WireRequest {
        signing_name: "iam",
        method: "POST",
        path: "/",
        query: "",
        content_type: None,
        body: body.as_bytes(),
    };
    decode(&request).map_err(|e| e.error)
}

fn rest(method: &str, path: &str, query: &str, body: &str) -> Result<(Operation, Value), ApiError> {
    let body = body.as_bytes();
    decode(&WireRequest { signing_name: "es", method, path, query, content_type: None, body })
        .map_err(|e| e.error)
}

fn refused(result: Result<(Operation, Value), ApiError>) -> String {
    result.err().map(|e| e.to_string()).unwrap()
}

#[test]
fn broken_constraints_are_told_in_amazons_words() {
    expect!["ValidationError: 1 validation error detected: Value null at 'userName' failed to satisfy constraint: Member must not be null"]
        .assert_eq(&refused(form("Action=CreateUser&Version=2010-05-08")));
    expect!["ValidationError: The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"]
        .assert_eq(&refused(form("Action=CreateUser&UserName=a%20b")));
    expect!["ValidationError: 1 validation error detected: Value 'Maybe' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive, Expired]"]
        .assert_eq(&refused(form("Action=UpdateAccessKey&AccessKeyId=AKIAAKIAAKIAAKIA&Status=Maybe")));
    // The model has no error EngineTypeNotFoundException, which an emulator answers.
    expect!["ValidationError: 1 validation error detected: Value 'Solr' at 'engineType' failed to satisfy constraint: Member must satisfy enum value set: [OpenSearch, Elasticsearch]"].assert_eq(&refused(rest("GET", "/2021-01-01/domain", "engineType=Solr", "")));
    expect![[r#"ValidationError: 2 validation errors detected: Value 'A' at 'domainName' failed to satisfy constraint: Member must have length greater than or equal to 3; Value 'A' at 'domainName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z][a-z0-9\-]+"#]]
        .assert_eq(&refused(rest("POST", "/2021-01-01/opensearch/domain", "", r#"{"DomainName":"A"}"#)));
}

#[test]
fn what_is_no_request_is_refused() {
    for (body, code) in [
        ("Action=Nothing", ErrorCode::UnknownOperation),
        ("", ErrorCode::UnknownOperation),
        ("Action=ListUsers&Version=2001-01-01", ErrorCode::UnknownOperation),
        ("Action=ListUsers&Action=ListRoles", ErrorCode::Serialization),
        ("Action=ListUsers&MaxItems=many", ErrorCode::Validation),
        ("Action=%ZZ", ErrorCode::Serialization),
        ("Action=%FF", ErrorCode::Serialization),
        ("Action=ListUsers&a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r=1", ErrorCode::Serialization),
    ] {
        assert_eq!(form(body).err().map(|e| e.code), Some(code), "{body}");
    }
    for (body, code) in [
        ("[]", ErrorCode::Serialization),
        ("{", ErrorCode::Serialization),
        (r#"{"DomainName":7}"#, ErrorCode::Serialization),
        (r#"{"DomainName":"logs","EBSOptions":[]}"#, ErrorCode::Serialization),
    ] {
        let result = rest("POST", "/2021-01-01/opensearch/domain", "", body);
        assert_eq!(result.err().map(|e| e.code), Some(code), "{body}");
    }
    assert_eq!(
        rest("GET", "/2015-01-01/nothing", "", "").err().map(|e| e.code),
        Some(ErrorCode::UnknownOperation)
    );
}

#[test]
fn access_policies_may_hold_newlines_in_both_apis() {
    for path in ["/2021-01-01/opensearch/domain", "/2015-01-01/es/domain"] {
        let body = json!({"DomainName": "logs", "AccessPolicies": "{\n}\n"}).to_string();
        assert!(rest("POST", path, "", &body).is_ok(), "{path}");
    }
}

#[test]
fn list_tags_is_found_with_and_without_its_slash() {
    for path in ["/2015-01-01/tags/", "/2015-01-01/tags"] {
        let query = "arn=arn%3Aaws%3Aes%3Aus-east-1%3A123456789012%3Adomain%2Flogs";
        let (operation, input) = rest("GET", path, query, "").unwrap();
        assert_eq!(
            (operation.name(), input["ARN"].as_str()),
            ("ListTags", Some("arn:aws:es:us-east-1:123456789012:domain/logs"))
        );
    }
}

#[test]
fn an_empty_list_is_read_as_one() {
    let (_, input) = form("Action=UntagUser&UserName=ann&TagKeys=").unwrap();
    assert_eq!(input["TagKeys"], json!([]));
}

#[test]
fn every_error_has_a_code_and_a_status_in_both_protocols() {
    for code in ErrorCode::ALL {
        for protocol in [WireProtocol::Query, WireProtocol::RestJson] {
            let (name, status) = code.wire(protocol);
            assert!(!name.is_empty() && (400..600).contains(&status), "{code:?}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_decoder_panic(
        query in "[ -~]{0,60}",
        path in "/(2015-01-01|2021-01-01)?/(es|opensearch|domain|tags|%[0-9a-f]{0,2}|[a-z]{1,5})/?[!-~]{0,20}",
        body in proptest::collection::vec(proptest::arbitrary::any::<u8>(), 0..200),
        form in "(Action=(CreateUser|ListUsers|TagUser|AssumeRole)&)?([A-Za-z.0-9%+]{0,12}=[ -~]{0,12}&?){0,6}",
    ) {
        for signing_name in ["es", "iam", "sts", "other"] {
            for method in ["GET", "POST", "DELETE"] {
                for body in [body.as_slice(), form.as_bytes()] {
                    let request = WireRequest { signing_name, method, path: &path, query: &query, content_type: None, body };
                    if let Err(error) = decode(&request) {
                        let reply = encode_error(error.service, &error.error, "r");
                        proptest::prop_assert!((400..600).contains(&reply.status));
                    }
                }
            }
        }
    }

    #[test]
    fn whatever_an_error_says_its_xml_reads_back_the_same(message in "\\PC{0,40}") {
        let reply = encode_error(Service::Iam, &ApiError::new(ErrorCode::NoSuchEntity, message.clone()), "r");
        let xml = String::from_utf8(reply.body).unwrap();
        let (_, rest) = xml.split_once("<Message>").unwrap();
        let (escaped, _) = rest.split_once("</Message>").unwrap();
        let read = quick_xml::escape::unescape(escaped).unwrap();
        proptest::prop_assert_eq!(read.as_ref(), message.as_str());
    }
}
