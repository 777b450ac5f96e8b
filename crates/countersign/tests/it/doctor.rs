//! `countersign doctor` against a living service, and against endpoints that misbehave: one thing
//! broken at a time, and the finding that says so.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::fakes::Fake;
use crate::proxy::Service;
use crate::running::binary;

/// What doctor found, and its exit code.
struct Told {
    findings: Vec<Value>,
    code: i32,
}

impl Told {
    fn of(command: &mut Command) -> Self {
        let output: Output = command.arg("--json").output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let findings = serde_json::from_str(&text);
        let findings = findings
            .unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
        Self { findings, code: output.status.code().unwrap() }
    }

    /// The state and what was seen of one check.
    fn seen(&self, check: &str) -> String {
        let found = self.findings.iter().find(|finding| finding["check"] == check);
        let finding = found.unwrap_or_else(|| panic!("no {check} in {:#?}", self.findings));
        format!("{} {}", finding["state"].as_str().unwrap(), finding["seen"].as_str().unwrap())
    }

    /// The check that failed, which must be the only one.
    fn only_failure(&self) -> &str {
        let failed: Vec<&Value> =
            self.findings.iter().filter(|finding| finding["state"] == "fail").collect();
        assert_eq!(failed.len(), 1, "{failed:#?}");
        assert!(!failed[0]["advice"].as_str().unwrap().is_empty(), "{failed:#?}");
        failed[0]["check"].as_str().unwrap()
    }

    fn detail(&self, check: &str) -> String {
        let found = self.findings.iter().filter(|finding| finding["check"] == check);
        let lines = found.flat_map(|finding| finding["detail"].as_array().unwrap().clone());
        lines.map(|line| line.as_str().unwrap().to_owned()).collect::<Vec<_>>().join("\n")
    }
}

/// Doctor with fixed credentials, at a plain endpoint.
fn at(url: &str, arguments: &[&str]) -> Told {
    let mut command = binary();
    command.args(["doctor", url]).args(arguments).env("AWS_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").env("AWS_SECRET_ACCESS_KEY", "secret");
    Told::of(&mut command)
}

#[test]
fn a_client_that_gets_in_is_told_so() {
    let service = Service::start("doctor-in");
    let endpoint = service.variable("COUNTERSIGN_ENDPOINT");
    let told = Told::of(&mut service.command(&["doctor", &endpoint]));
    assert_eq!(told.code, 0, "{:#?}", told.findings);
    for check in
        ["endpoint", "dns", "tcp", "tls", "clock", "anonymous", "credentials", "scope", "signed"]
    {
        assert!(told.seen(check).starts_with("ok "), "{check}: {}", told.seen(check));
    }
    assert!(told.seen("credentials").contains("from environment variables"));
    assert!(told.seen("identity").ends_with(":user/developer"), "{}", told.seen("identity"));
    assert_eq!(
        told.seen("forms"),
        "ok accepted: aws, raw-query, aws with the other port in host; refused: plus-literal, raw-path"
    );
}

#[test]
fn people_read_marks_and_the_next_command() {
    let service = Service::start("doctor-people");
    let endpoint = service.variable("COUNTERSIGN_ENDPOINT");
    let mut command = service.command(&["doctor", &endpoint]);
    let output = command.env_remove("AWS_CA_BUNDLE").env_remove("SSL_CERT_FILE").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("✗ tls"), "{text}");
    assert!(text.contains("--ca FILE"), "{text}");
    assert!(text.ends_with("the client does not get in: 1 finding above says why\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours in a pipe");
    assert!(!text.contains(&service.variable("AWS_SECRET_ACCESS_KEY")));
}

#[test]
fn one_thing_broken_is_one_finding() {
    let service = Service::start("doctor-broken");
    let endpoint = service.variable("COUNTERSIGN_ENDPOINT");
    let broken = |name: &str, value: &str| {
        Told::of(service.command(&["doctor", &endpoint]).env(name, value))
    };
    let region = broken("AWS_REGION", "eu-west-1");
    assert_eq!((region.only_failure(), region.code), ("signed", 1));
    assert!(region.seen("signed").contains("another region"), "{}", region.seen("signed"));
    let key = broken("AWS_ACCESS_KEY_ID", "AKIAAAAAAAAAAAAAAAAA");
    assert!(key.seen("signed").contains("unknown access key id"), "{}", key.seen("signed"));
    let secret = broken("AWS_SECRET_ACCESS_KEY", "not-the-secret");
    assert!(
        secret.seen("canonical").contains("only the secret differs"),
        "{}",
        secret.seen("canonical")
    );
    assert!(secret.seen("forms").contains("no canonical form is accepted"));
    let service_name = Told::of(&mut service.command(&["doctor", "--service", "aoss", &endpoint]));
    assert!(
        service_name.seen("signed").contains("another service"),
        "{}",
        service_name.seen("signed")
    );
}

#[test]
fn a_denial_comes_with_the_reasons_and_a_statement() {
    let service = Service::start("doctor-denied");
    let endpoint = service.variable("COUNTERSIGN_ENDPOINT");
    let policy = r#"{"AccessPolicies":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"nobody\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"es:ESHttp*\",\"Resource\":\"*\"}]}"}"#;
    let url =
        format!("{}/2021-01-01/opensearch/domain/dev/config", service.variable("AWS_ENDPOINT_URL"));
    let set = service.run(&["request", "--fail", "-d", policy, &url]);
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stdout));
    let told = Told::of(&mut service.command(&["doctor", &endpoint]));
    assert_eq!(told.code, 1);
    assert!(
        told.seen("signed").contains("a statement of the resource-based policy"),
        "{}",
        told.seen("signed")
    );
    assert!(told.detail("explain").contains("(nobody)"), "{}", told.detail("explain"));
    assert!(
        told.findings.iter().all(|finding| finding["check"] != "policy"),
        "an Allow would not help"
    );
}

#[test]
fn what_a_client_sent_is_checked_offline() {
    let service = Service::start("doctor-caught");
    let endpoint = service.variable("COUNTERSIGN_ENDPOINT");
    let caught = "GET /_cluster/health HTTP/1.1\nHost: localhost\nX-Amz-Date: 20261123T120000Z\n\
        Authorization: AWS4-HMAC-SHA256 Credential=AKIASOMEBODYELSE/20261123/us-east-1/es/aws4_request, \
        SignedHeaders=host;x-amz-date, Signature=00\n\n";
    let mut command = service.command(&["doctor", &endpoint, "--request", "-", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(caught.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("signed with AKIASOMEBODYELSE; doctor has the secret of"), "{text}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_is_no_endpoint_is_a_usage_error() {
    for bad in ["http://search.example", "https://search.example/index", "https://user@h"] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_countersign")).args(["doctor", bad]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{bad}");
        assert!(String::from_utf8_lossy(&output.stdout).starts_with("✗ endpoint"), "{bad}");
    }
}

#[test]
fn a_name_nobody_has_and_a_port_nobody_listens_on() {
    assert_eq!(at("https://nobody.invalid", &[]).only_failure(), "dns");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let told = at(&format!("http://127.0.0.1:{port}"), &[]);
    assert_eq!(told.only_failure(), "tcp");
    assert!(told.seen("tcp").contains("refused"), "{}", told.seen("tcp"));
}

#[test]
fn plain_http_behind_https_is_said_so() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            let _ = std::io::Read::read(&mut stream, &mut [0; 4096]);
        }
    });
    let told = at(&url, &[]);
    assert_eq!(told.seen("tls"), "fail the server on this port does not speak TLS");
}

#[test]
fn a_cluster_without_iam_is_open_or_asks_for_a_password() {
    let open = at(&Fake::start(|_| (200, "{}".into())).url, &[]);
    assert!(
        open.seen("anonymous").starts_with("warn 200: whoever reaches"),
        "{}",
        open.seen("anonymous")
    );
    assert_eq!(open.code, 0);
    let password = at(&Fake::start(|_| (401, String::new())).url, &[]);
    assert!(password.seen("anonymous").contains("asks for a password"));
    assert_eq!(password.code, 1);
}

#[test]
fn f10_a_404_of_serverless_for_a_metadata_api_is_not_a_misconfiguration() {
    let collection = Fake::start(|heard| match heard.target.as_str() {
        _ if !heard.headers.contains_key("x-amz-content-sha256") => (403, String::new()),
        "/_cat/indices" => (200, String::new()),
        _ => (404, String::new()),
    });
    let told = at(&collection.url, &["--service", "aoss"]);
    assert_eq!(told.code, 0, "{:#?}", told.findings);
    assert!(told.seen("signed").contains("has no such API"), "{}", told.seen("signed"));
    assert!(told.seen("collection").starts_with("ok "), "{}", told.seen("collection"));
}

#[test]
fn a_redirect_keeps_out_who_signs_and_is_named_to_who_does_not() {
    let told = at(&Fake::start(|_| (302, String::new())).url, &[]);
    assert_eq!(told.seen("anonymous"), "warn 302: it redirects to no address");
    assert_eq!(told.seen("signed"), "fail 302: it redirects to no address");
    assert_eq!(told.only_failure(), "signed");
}

#[test]
fn f10_a_404_for_everything_is_a_misconfiguration() {
    let told = at(&Fake::start(|_| (404, String::new())).url, &["--service", "aoss"]);
    assert_eq!(told.only_failure(), "collection");
}

#[test]
fn f10_a_403_of_serverless_leads_to_its_three_policies() {
    let told = at(&Fake::start(|_| (403, "Forbidden".into())).url, &["--service", "aoss"]);
    assert_eq!(told.only_failure(), "signed");
    let finding = told.findings.iter().find(|finding| finding["check"] == "signed").unwrap();
    assert!(finding["advice"].as_str().unwrap().contains("data access policy"), "{finding}");
}

#[test]
fn without_credentials_the_rest_is_still_examined() {
    let service = Service::start("doctor-nobody");
    let endpoint = service.variable("COUNTERSIGN_ENDPOINT");
    let mut command = service.command(&["doctor", &endpoint]);
    let told =
        Told::of(command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY"));
    assert_eq!(told.only_failure(), "credentials");
    assert!(told.seen("tls").starts_with("ok "));
    assert!(told.seen("anonymous").starts_with("ok 403"));
}

/// An endpoint that shows what it computed, behind something that rewrites the host and drops a
/// parameter.
#[test]
fn what_lies_between_is_named_by_the_lines_it_changes() {
    let endpoint = Fake::start(|heard| {
        let Some(date) = heard.headers.get("x-amz-date") else { return (403, String::new()) };
        let nothing = sigv4::PayloadHash::of(b"").to_hex();
        let canonical = format!(
            "GET\n/\n\nhost:inside.example\nx-amz-date:{date}\n\nhost;x-amz-date\n{nothing}"
        );
        let message = format!(
            "The request signature we calculated does not match the signature you provided. Check your AWS \
             Secret Access Key and signing method. Consult the service documentation for details.\n\nThe \
             Canonical String for this request should have been\n'{canonical}'\n\nThe String-to-Sign should \
             have been\n'AWS4-HMAC-SHA256\n{date}\nscope\nhash'\n"
        );
        (403, serde_json::json!({ "message": message }).to_string())
    });
    let told = at(&endpoint.url, &[]);
    let host = endpoint.url.trim_start_matches("http://");
    let detail = told.detail("canonical");
    assert!(
        detail.contains(&format!("- host:          {host}\n+ host:          inside.example")),
        "{detail}"
    );
    assert!(detail.contains("something in between rewrites it"), "{detail}");
    assert!(detail.contains("+ time and scope"), "{detail}");
}
