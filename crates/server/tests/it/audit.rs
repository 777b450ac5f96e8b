//! The record: complete, free of secrets, cheap, and of the right account.

use std::path::Path;

use control::Service;
use control::wire::sensitive_members;
use serde_json::{Value, json};
use server::AuditRecord;
use server::OnAuditFailure;
use server::for_tests::Layer;

use crate::client::{Answer, Client, Key};
use crate::service::{Running, scratch};

const OTHER: &str = "999988887777";
const THIRD: &str = "555566667777";

/// Letters, digits and a mark, so that it is a good password, and nothing else in the service holds it.
const SECRET: &str = "Hunter2!Zq9xWv";

/// The words of `explain`, read by `key`.
fn explained(running: &Running, key: &Key, id: &str, query: &str) -> Answer {
    let target = format!("/_countersign/explain/{id}{query}");
    running.control("es").signed(key, "GET", &target, b"")
}

fn prose(running: &Running, answer: &Answer) -> String {
    let told = explained(running, &running.developer(), &answer.request_id(), "");
    assert_eq!(told.status, 200, "{}", told.text());
    told.text()
}

/// Everything in the files of a folder's audit.
fn written(data: &Path) -> String {
    let folder = data.join("audit");
    let read = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let files = [folder.join("policies"), folder].map(|folder| std::fs::read_dir(folder).unwrap());
    let paths = files.into_iter().flatten().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_file()).map(|path| read(&path)).collect()
}

/// `{"AdvancedSecurityOptions":{"MasterUserOptions":{"MasterUserPassword":…}}}`.
fn nested(path: &str, value: &str) -> Value {
    path.rsplit('.').fold(Value::String(value.to_owned()), |inner, name| json!({ name: inner }))
}

/// Every request that says a secret: of each member that a model marks, in the query and in the body, whole and broken.
fn secrets(running: &Running) -> Vec<Answer> {
    let key = running.developer();
    let mut answers = Vec::new();
    let mut members = Vec::new();
    for (service, name) in [(Service::Iam, "iam"), (Service::Sts, "sts")] {
        let found = sensitive_members(service).unwrap();
        members.extend(found.into_iter().map(|it| (name, it.operation, it.member)));
    }
    assert!(members.len() > 8, "{members:?}");
    for (service, operation, member) in &members {
        let client = running.control(service);
        let version = if *service == "iam" { "2010-05-08" } else { "2011-06-15" };
        let long = SECRET.repeat(200);
        for value in ["Hunter2%21Zq9xWv", "Hunter2!Zq9xWv%zz", "Hunter2!Zq9xWv+%C3", &long] {
            let pairs =
                format!("Action={operation}&Version={version}&UserName=ann&{member}={value}");
            let twice = format!("{pairs}&{member}={value}");
            for form in [&pairs, &twice] {
                let target = format!("/?{form}");
                // What no signer signs is sent with a signature over something else.
                let is_broken = form.contains("%zz") || form.ends_with("%C3");
                let signs = if is_broken { "/" } else { target.as_str() };
                let headers = client.sign(&key, "GET", signs, &[], b"");
                answers.push(client.send("GET", &target, &headers, b""));
                answers.push(client.anonymous("GET", &target, b""));
                let kind = [("content-type", "application/x-www-form-urlencoded")];
                let headers = client.sign(&key, "POST", "/", &kind, form.as_bytes());
                answers.push(client.send("POST", "/", &headers, form.as_bytes()));
                // Both at once is refused in words that repeat the query.
                let headers = client.sign(&key, "POST", signs, &kind, b"a=b");
                answers.push(client.send("POST", &target, &headers, b"a=b"));
            }
        }
    }
    answers.extend(secrets_of_domains(running, &key));
    let client = running.control("sts");
    for target in [
        format!("/Action=CreateLoginProfile&Password={SECRET}"),
        format!("/%3FAction=CreateLoginProfile&%50assword={SECRET}"),
        format!("/?{SECRET}"),
        format!("/?x-amz-security-token={SECRET}&X-Amz-Signature={SECRET}"),
    ] {
        answers.push(client.signed(&key, "GET", &target, b""));
    }
    answers
}

/// The same for the search APIs, and for what people put into a domain's query.
fn secrets_of_domains(running: &Running, key: &Key) -> Vec<Answer> {
    let mut answers = Vec::new();
    let client = running.control("es");
    for service in [Service::Es, Service::OpenSearch] {
        for it in sensitive_members(service).unwrap() {
            let (method, uri) = it.route;
            let target = uri.replace("{DomainName}", "dev");
            for value in [SECRET.to_owned(), SECRET.repeat(200)] {
                let body = nested(&it.member, &value).to_string();
                answers.push(client.signed(key, &method, &target, body.as_bytes()));
            }
            let target = format!("{target}?{}={SECRET}", it.member);
            answers.push(client.signed(key, &method, &target, b"{}"));
        }
    }
    let domain = running.domain();
    for query in [
        format!("x-amz-security-token={SECRET}"),
        format!("v;X-Amz-Signature={SECRET}"),
        format!("%2541uthorization=AWS4%20{SECRET}"),
        format!("api_key={SECRET}"),
        format!("X-Amz-Credential={SECRET}%2F20261129%2Fus-east-1"),
    ] {
        answers.push(domain.signed(key, "GET", &format!("/_search?{query}"), b""));
        answers.push(domain.anonymous("GET", &format!("/_search?{query}"), b""));
    }
    let swapped = Key { id: SECRET.replace('!', "x"), ..key.clone() };
    answers.push(domain.signed(&swapped, "GET", "/", b""));
    answers
}

#[test]
fn s07_no_secret_of_any_operation_is_in_the_audit_or_in_explain() {
    let data = scratch("audit-secrets");
    let running = Running::start_on(Some(data.clone()));
    running.call("iam", &[("Action", "CreateUser"), ("UserName", "ann")]);
    let parts = [
        SECRET.to_owned(),
        SECRET.replace('!', "%21"),
        SECRET.replace('!', "x"),
        "Zq9xWv".to_owned(),
    ];
    let holds = |text: &str| parts.iter().any(|part| text.contains(part));
    let answers = secrets(&running);
    assert!(answers.iter().any(|answer| answer.status == 200), "none of them was a success");
    for answer in answers.iter().step_by(7) {
        let id = answer.request_id();
        running.record(answer);
        for format in ["", "?format=json"] {
            let told = explained(&running, &running.developer(), &id, format);
            assert!(!holds(&told.text()), "{}", told.text());
        }
    }
    for record in running.service().state().audit.recent() {
        let text = serde_json::to_string(&*record).unwrap();
        assert!(!holds(&text), "{text}");
    }
    running.stop();
    let text = written(&data);
    let found = text.lines().find(|line| holds(line));
    assert!(found.is_none(), "{}", found.unwrap_or_default());
    assert!(text.contains("Action=CreateLoginProfile"), "the action itself is on record");
    std::fs::remove_dir_all(data).unwrap();
}

/// The root key of an account beside the first.
pub(crate) fn root_of(running: &Running, account: &str) -> Key {
    let keys = &running.service().keys.more_roots;
    let (_, key) = keys.iter().find(|(known, _)| known == account).unwrap();
    Key { id: key.access_key_id.clone(), secret: key.secret.clone(), token: None }
}

fn of_three_accounts() -> Running {
    Running::start_with(None, |options| {
        options.settings.accounts.others = vec![OTHER.into(), THIRD.into()];
    })
}

/// Answers whether `T` can be printed: the inherent method, which only printable types have, wins over the trait's.
struct Probe<T>(std::marker::PhantomData<T>);

impl<T: std::fmt::Debug> Probe<T> {
    fn prints(&self) -> bool {
        true
    }
}

trait Otherwise {
    fn prints(&self) -> bool {
        false
    }
}

impl<T> Otherwise for Probe<T> {}

#[test]
fn e03_no_type_of_a_secret_can_be_printed() {
    use std::marker::PhantomData;
    assert!(Probe::<String>(PhantomData).prints(), "the probe itself works");
    assert!(!Probe::<sigv4::SecretKey>(PhantomData).prints());
    assert!(!Probe::<sigv4::SigningKey>(PhantomData).prints());
    assert!(!Probe::<sigv4::SessionToken>(PhantomData).prints());
    assert!(!Probe::<control::Password>(PhantomData).prints());
}

#[test]
fn e04_metrics_are_on_no_listener_that_strangers_reach() {
    let running = Running::start();
    for path in ["/metrics", "/healthz", "/readyz"] {
        for client in [running.domain(), running.control("es")] {
            let anonymous = client.anonymous("GET", path, b"");
            let signed = client.signed(&running.developer(), "GET", path, b"");
            for answer in [anonymous, signed] {
                assert!(answer.status >= 400, "{path}: {}", answer.status);
                assert!(!answer.text().contains("countersign_"), "{}", answer.text());
            }
        }
    }
    let usual = server::Settings::default();
    assert!(usual.admin.listen.starts_with("127.0.0.1:"));
}

#[test]
fn e20_s09_a_caller_of_another_account_sees_its_own_side_of_a_denial_and_the_owner_all_of_it() {
    let running = of_three_accounts();
    running.set_policy(&json!({ "Version": "2012-10-17", "Statement": [
        { "Sid": "OfficeOnly", "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "es:*",
          "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/payroll/*",
          "Condition": { "IpAddress": { "aws:SourceIp": "198.51.100.0/24" } } },
    ] }));
    let caller = root_of(&running, OTHER);
    let denied = running.domain().signed(&caller, "GET", "/payroll/_search", b"");
    assert_eq!(denied.status, 403, "{}", denied.text());
    running.record(&denied);
    let id = denied.request_id();
    for format in ["", "?format=json"] {
        let seen = explained(&running, &caller, &id, format);
        assert_eq!(seen.status, 200, "{}", seen.text());
        for hidden in ["198.51.100", "OfficeOnly", "aws:SourceIp"] {
            assert!(!seen.text().contains(hidden), "{hidden} is in {}", seen.text());
        }
        let owner = explained(&running, &running.developer(), &id, format);
        assert_eq!(owner.status, 200);
        assert!(owner.text().contains("198.51.100.0/24"), "{}", owner.text());
    }
    let unknown = explained(&running, &caller, "00000000-0000-4000-8000-000000000000", "");
    let third = explained(&running, &root_of(&running, THIRD), &id, "");
    assert_eq!((third.status, unknown.status), (404, 404));
    assert_eq!(
        third.text().replace(&id, "ID"),
        unknown.text().replace("00000000-0000-4000-8000-000000000000", "ID")
    );
}

#[test]
fn e20_s09_a_claim_of_another_accounts_key_makes_no_record_of_that_accounts() {
    let running = of_three_accounts();
    let key = root_of(&running, OTHER);
    let forged = Key { secret: sigv4::SecretKey::new("wrong"), ..key.clone() };
    let refused = running.domain().signed(&forged, "GET", "/", b"");
    running.record(&refused);
    assert_eq!(explained(&running, &key, &refused.request_id(), "").status, 404);
    assert_eq!(explained(&running, &running.developer(), &refused.request_id(), "").status, 200);
}

#[test]
fn e21_s10_a_text_that_is_no_request_id_is_on_no_record() {
    let running = Running::start();
    for id in ["x", "..%2F..", "00000000-0000-4000-8000-00000000000g", "%7B%22time"] {
        let answer = explained(&running, &running.developer(), id, "");
        assert_eq!(answer.status, 404, "{id}: {}", answer.text());
    }
}

#[test]
fn e22_s11_anonymous_requests_leave_the_records_of_others_alone() {
    let data = scratch("audit-strangers");
    let running = Running::start_by(
        server::Clock::Fixed(server::Clock::System.now()),
        Some(data.clone()),
        |_options| {},
    );
    let proven = running.domain().signed(&running.developer(), "GET", "/", b"");
    assert_eq!(proven.status, 200);
    let long = format!("/{}", "x".repeat(1_500));
    for _ in 0..400 {
        assert_eq!(running.domain().anonymous("GET", &long, b"").status, 403);
    }
    running.stop();
    let ours = std::fs::read_to_string(data.join("audit/audit.jsonl")).unwrap();
    assert!(ours.contains(&proven.request_id()) && !ours.contains("xxxx"));
    let apart = std::fs::read_to_string(data.join("audit/unproven.jsonl")).unwrap();
    let records: Vec<AuditRecord> =
        apart.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let left_out: usize = records.iter().map(|record| record.requests_left_out).sum();
    assert_eq!(records.len() + left_out, 401, "each is written or counted");
    assert!(left_out >= 100 && apart.len() < 400 * 1_600, "{left_out} {}", apart.len());
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn e10_nothing_is_changed_without_a_record_where_the_operator_says_so() {
    let data = scratch("audit-refuse");
    std::fs::create_dir_all(data.join("audit")).unwrap();
    let current = data.join("audit/audit.jsonl");
    std::os::unix::fs::symlink("/dev/full", &current).unwrap();
    let running = Running::start_with(Some(data.clone()), |options| {
        options.settings.audit.on_failure = OnAuditFailure::Refuse;
    });
    let (key, domain) = (running.developer(), running.domain());
    let write = domain.signed(&key, "PUT", "/books/_doc/1", b"{}");
    assert_eq!(write.status, 503, "{}", write.text());
    assert_eq!(domain.signed(&key, "GET", "/books", b"").status, 404);
    let create = running.query(&key, "iam", &[("Action", "CreateUser"), ("UserName", "ann")]);
    assert_eq!(create.status, 503, "{}", create.text());
    let told = running.record(&write);
    assert_eq!(told.layer, Some(Layer::Audit));
    let ready = crate::clocks::admin(&running, "GET /readyz HTTP/1.1");
    let said = "missing: audit: records cannot be written, changes are refused: No space left";
    assert!(ready.contains(said), "{ready}");
    assert!(
        running.service().state().audit.metrics().contains("countersign_audit_refused_total 2")
    );
    // There is room again.
    std::fs::remove_file(current).unwrap();
    assert_eq!(domain.signed(&key, "PUT", "/books/_doc/1", b"{}").status, 201);
    running.call("iam", &[("Action", "CreateUser"), ("UserName", "ann")]);
    let ready = crate::clocks::admin(&running, "GET /readyz HTTP/1.1");
    assert!(!ready.contains("missing: audit"), "{ready}");
    running.stop();
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn e10_without_that_setting_requests_are_served_and_the_lost_records_counted() {
    let data = scratch("audit-continue");
    std::fs::create_dir_all(data.join("audit")).unwrap();
    std::os::unix::fs::symlink("/dev/full", data.join("audit/audit.jsonl")).unwrap();
    let running = Running::start_on(Some(data.clone()));
    let write = running.domain().signed(&running.developer(), "PUT", "/books/_doc/1", b"{}");
    assert_eq!(write.status, 201, "{}", write.text());
    running.record(&write);
    assert!(running.service().state().audit.failures() > 0);
    let ready = crate::clocks::admin(&running, "GET /readyz HTTP/1.1");
    let said = "missing: audit: records cannot be written, requests are served without records: No space left";
    assert!(ready.contains(said), "{ready}");
    running.stop();
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn e12_what_a_client_sends_cannot_forge_a_record_or_move_a_terminals_cursor() {
    let running = Running::start();
    let id = "00000000-0000-4000-8000-00000000beef";
    let client = running.domain();
    let target = "/a%0d%0a%7b%22requestId%22:%22x%22%7d%1b%5b2J/_search?q=%1b%5b31m";
    let more = [("x-opaque-id", "a\t\"}{\"requestId\":\"00000000-0000-4000-8000-00000000beef\"")];
    let headers = client.sign(&running.developer(), "GET", target, &more, b"");
    let answer = client.send("GET", target, &headers, b"");
    running.record(&answer);
    let told = prose(&running, &answer);
    assert!(!told.contains('\u{1b}') && !told.contains('\r'), "{told:?}");
    assert_eq!(explained(&running, &running.developer(), id, "").status, 404);
}

#[test]
fn e13_a_denied_request_has_every_field_that_an_allowed_one_has() {
    let running = Running::start();
    let keys = |answer: &Answer| -> Vec<String> {
        let record = serde_json::to_value(running.record(answer)).unwrap();
        let members = |value: &Value| -> Vec<String> {
            value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
        };
        let inner =
            members(&record["principal"]).into_iter().map(|name| format!("principal.{name}"));
        let decision =
            members(&record["decisions"][0]).into_iter().map(|name| format!("decision.{name}"));
        members(&record).into_iter().chain(inner).chain(decision).collect()
    };
    let target = "/books/_search?size=1";
    let allowed = running.domain().signed(&running.developer(), "GET", target, b"");
    let denied = running.domain().signed(&running.stranger(), "GET", target, b"");
    assert_eq!((allowed.status, denied.status), (404, 403));
    let had = keys(&denied);
    for name in keys(&allowed) {
        assert!(had.contains(&name), "{name} is not in the record of the denied request: {had:?}");
    }
}

#[test]
fn e14_a_bulk_of_ten_thousand_items_lists_its_three_indices_once_each() {
    let running = Running::start();
    let mut body = String::new();
    for number in 0..10_000 {
        body.push_str(&format!(
            "{{\"delete\":{{\"_index\":\"i{}\",\"_id\":\"{number}\"}}}}\n",
            number % 3
        ));
    }
    let client = Client { ..running.domain() };
    let headers = client.sign(
        &running.developer(),
        "POST",
        "/_bulk",
        &[("content-type", "application/x-ndjson")],
        body.as_bytes(),
    );
    let answer = client.send("POST", "/_bulk", &headers, body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text().chars().take(200).collect::<String>());
    let record = running.record(&answer);
    for index in ["i0", "i1", "i2"] {
        let named =
            record.resources.iter().filter(|arn| arn.contains(&format!("/{index}/"))).count();
        assert_eq!(named, 1, "{index}: {:?}", record.resources);
    }
    assert!(serde_json::to_vec(&record).unwrap().len() < 16 * 1024);
}

#[test]
fn explain_names_the_layer_that_decided_and_whose_fault_it_is() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.developer());
    let unsigned = prose(&running, &domain.anonymous("GET", "/books/_search", b""));
    let nobody = "It carried no credentials, and nobody is let in without them.";
    assert!(unsigned.contains(nobody) && !unsigned.contains("policies deny"), "{unsigned}");
    assert!(!unsigned.contains("What would allow"), "{unsigned}");
    let unmapped = prose(&running, &domain.signed(&key, "GET", "/_nosuch/_thing", b""));
    assert!(
        unmapped.contains("The signature is right; its method or path is unknown: unmapped-api"),
        "{unmapped}"
    );
    assert!(!unmapped.contains("policies deny"), "{unmapped}");
    let forged = Key { secret: sigv4::SecretKey::new("wrong"), ..key.clone() };
    let differs = prose(&running, &domain.signed(&forged, "GET", "/_cat/indices?v", b""));
    assert!(differs.contains("The signature layer refused it"), "{differs}");
    assert!(
        differs.contains("curl 7.88") && differs.contains("doctor ENDPOINT --request FILE"),
        "{differs}"
    );
    let nobody = Key { id: "AKIAIOSFODNN7NOBODYX".into(), ..key };
    let unknown = prose(&running, &domain.signed(&nobody, "GET", "/", b""));
    assert!(unknown.contains("Its credentials identify no principal"), "{unknown}");
    for told in [unsigned, unmapped, differs, unknown] {
        assert!(
            !told.contains("..") && told.contains("  fault  ") && told.contains("  next  "),
            "{told}"
        );
    }
}

#[test]
fn explain_tells_a_denial_of_the_url_from_one_of_what_the_body_names() {
    let running = Running::start();
    let stranger = running.stranger();
    for index in ["open", "secret"] {
        let made = running.domain().signed(&running.developer(), "PUT", &format!("/{index}"), b"");
        assert_eq!(made.status, 200, "{}", made.text());
    }
    running.set_policy(&json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::123456789012:role/stranger" },
          "Action": "es:ESHttp*", "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/open/*" },
    ] }));
    let lookup = br#"{"query":{"terms":{"f":{"index":"secret","id":"1","path":"p"}}}}"#;
    let of_body = running.domain().signed(&stranger, "POST", "/open/_search", lookup);
    assert_eq!(of_body.status, 403, "{}", of_body.text());
    let told = prose(&running, &of_body);
    assert!(
        told.contains("the policies deny something that the request names besides its URL"),
        "{told}"
    );
    assert!(told.contains("/secret/_doc/1"), "{told}");
    let of_url = running.domain().signed(&stranger, "POST", "/secret/_search", b"{}");
    let told = prose(&running, &of_url);
    assert!(told.contains("The signature is right; the policies deny it."), "{told}");
}

#[test]
fn a_mismatch_in_a_form_that_is_not_accepted_is_named() {
    let running = Running::start();
    let (client, key) = (running.domain(), running.developer());
    // As curl 7.88 signs a path: not encoded once more.
    let wire = "/a%2Cb/_search";
    let headers = client.sign(&key, "GET", "/a,b/_search", &[], b"");
    let answer = client.send("GET", wire, &headers, b"");
    assert_eq!(answer.status, 403);
    let record = running.record(&answer);
    assert!(record.reason.is_some_and(|reason| reason.contains("form 'raw-path'")), "{answer:?}");
}

#[test]
fn a_password_where_signatures_are_taken_is_explained() {
    let running = Running::start();
    let basic = [("authorization".to_owned(), "Basic YW5uOnBhc3N3b3Jk".to_owned())];
    let answer = running.domain().send("GET", "/", &basic, b"");
    assert_eq!(answer.status, 403, "Amazon's four sentences stay");
    let told = prose(&running, &answer);
    assert!(told.contains("countersign.basic_authentication"), "{told}");
    assert!(!told.contains("YW5u"), "{told}");
}

#[test]
fn a_service_that_is_not_here_is_named_with_those_that_are() {
    let running = Running::start();
    let answer = running.control("s3").signed(&running.developer(), "GET", "/", b"");
    let text = answer.text();
    assert!(text.contains("Credential should be scoped to correct service: 'es'. "), "{text}");
    assert!(text.contains("serves es, iam, sts, access-analyzer and not 's3'"), "{text}");
    assert!(text.contains("AWS_ENDPOINT_URL_IAM"), "{text}");
}

#[test]
fn why_a_policy_was_refused_stands_in_the_record_and_in_explain() {
    let running = Running::start();
    let statement = |principal: Value, more: Value| {
        let mut statement = json!({ "Effect": "Allow", "Principal": principal, "Action": "es:*",
            "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/*" });
        statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
    };
    let root = json!({ "AWS": "arn:aws:iam::123456789012:root" });
    let cases = [
        (statement(json!({ "AWS": "arn:aws:iam::123456789012:role/nobody" }), json!({})), "role/nobody does not exist"),
        (
            statement(root, json!({ "Condition": { "IpAddress": { "aws:SourceIp": "10.0.0.0/99" } } })),
            "10.0.0.0/99",
        ),
        ("{\"Version\":".to_owned(), "line 1"),
        (statement(json!({ "AWS": "arn:aws:sts::123456789012:assumed-role/r/*" }), json!({})), "*"),
        (json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "es:*", "Resource": "*" }] }).to_string(), "Principal"),
    ];
    for (policy, reason) in cases {
        let body = json!({ "AccessPolicies": policy }).to_string();
        let target = "/2021-01-01/opensearch/domain/dev/config";
        let client = running.control("es");
        let answer = client.signed(&running.developer(), "POST", target, body.as_bytes());
        assert!(answer.text().contains("Error setting policy: ["), "{}", answer.text());
        let record = running.record(&answer);
        let why = record.reason.clone().unwrap_or_default();
        assert!(why.contains(reason), "{policy}: {why}");
        assert!(prose(&running, &answer).contains("  because     "));
    }
}

#[test]
fn what_the_service_does_of_its_own_accord_is_on_record_with_its_reason() {
    let running = Running::start();
    let records = running.service().state().audit.recent();
    let reason = |action: &str| {
        let mut own = records.iter().filter(|record| record.listener == "service");
        let record = own.find(|record| record.action.as_deref() == Some(action)).expect(action);
        assert_eq!((record.status, &*record.principal.kind), (200, "service"), "{action}");
        record.service_reason.clone().unwrap_or_default()
    };
    for action in ["EnsureRoot", "iam:CreateUser", "iam:CreateRole", "es:CreateDomain"] {
        assert_eq!(reason(action), "first start", "{action}");
    }
    assert_eq!(reason("DomainListens"), "provisioning");
    let created = records.iter().find(|record| record.action.as_deref() == Some("iam:CreateUser"));
    let id = created.unwrap().request_id.clone();
    let told = explained(&running, &running.developer(), &id, "").text();
    assert!(told.contains("The service did it of its own accord (first start)."), "{told}");
    running.stop();
}
