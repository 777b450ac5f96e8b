//! Basic authentication: who comes in with a name and a password, who does not, and what it may cost.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::client::{Answer, Key};
use crate::service::Running;

const GOOD: &str = "correct-Horse-1";

/// Domain `dev` accepts passwords, and user `ann` has one and may read. Time stands still.
fn running() -> Running {
    let running = Running::start_standing(|_options| {});
    option(&running, "true");
    user(&running);
    running
}

fn option(running: &Running, value: &str) {
    let options = json!({"AdvancedOptions": {"countersign.basic_authentication": value}});
    let target = "/2021-01-01/opensearch/domain/dev/config";
    let client = running.control("es");
    let body = options.to_string();
    let answer = client.signed(&running.developer(), "POST", target, body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn user(running: &Running) {
    let policy =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "es:ESHttpGet",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/*"}]})
        .to_string();
    running.call("iam", &[("Action", "CreateUser"), ("UserName", "ann")]);
    let form = [
        ("Action", "PutUserPolicy"),
        ("UserName", "ann"),
        ("PolicyName", "read"),
        ("PolicyDocument", &policy),
    ];
    running.call("iam", &form);
    running.call("iam", &password(GOOD));
}

fn password(password: &str) -> [(&str, &str); 3] {
    [("Action", "CreateLoginProfile"), ("UserName", "ann"), ("Password", password)]
}

fn authorization(name: &str, password: &str) -> (String, String) {
    let encoded = STANDARD.encode(format!("{name}:{password}"));
    ("authorization".to_owned(), format!("Basic {encoded}"))
}

fn ask(running: &Running, name: &str, password: &str) -> Answer {
    running.domain().send("GET", "/", &[authorization(name, password)], b"")
}

fn explained(running: &Running, answer: &Answer) -> String {
    let target = format!("/_countersign/explain/{}", answer.request_id());
    running.control("es").signed(&running.developer(), "GET", &target, b"").text()
}

#[test]
fn a_user_comes_in_with_its_name_and_password() {
    let running = running();
    let answer = ask(&running, "ann", GOOD);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = explained(&running, &answer);
    assert!(told.contains("arn:aws:iam::123456789012:user/ann (Basic authentication)"), "{told}");
    assert!(told.contains("The password is right; it was allowed."), "{told}");
}

#[test]
fn the_policies_decide_on_who_came_with_a_password_as_on_anybody() {
    let running = running();
    let answer = running.domain().send("PUT", "/books", &[authorization("ann", GOOD)], b"");
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.json(),
        json!({ "Message": "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: es:ESHttpPut \
            because no identity-based policy allows the es:ESHttpPut action" })
    );
    let told = explained(&running, &answer);
    assert!(told.contains("The password is right; the policies deny it."), "{told}");
}

#[test]
fn a_wrong_password_and_an_unknown_user_read_the_same_challenge() {
    let running = running();
    for (name, password) in [("ann", "wrong"), ("nobody", GOOD), ("ann", ""), ("", "")] {
        let answer = ask(&running, name, password);
        let read = (answer.status, answer.header("www-authenticate"), answer.text());
        let challenge = "Basic realm=\"dev\", charset=\"UTF-8\"";
        assert_eq!(read, (401, Some(challenge), "Unauthorized".to_owned()), "{name}");
    }
}

#[test]
fn a_domain_without_the_option_refuses_a_password_like_any_other_scheme() {
    let running = running();
    option(&running, "false");
    let message = |headers: &[(String, String)]| {
        let answer = running.domain().send("GET", "/", headers, b"");
        assert_eq!(answer.status, 403);
        answer.json()["message"].as_str().unwrap().to_owned()
    };
    let told = message(&[authorization("ann", GOOD)]);
    assert!(told.starts_with("Authorization header requires 'Credential' parameter."), "{told}");
    let bearer = message(&[("authorization".into(), "Bearer token".into())]);
    assert_eq!(told, bearer);
}

#[test]
fn a_password_opens_nothing_on_the_control_plane() {
    let running = running();
    let (control, headers) = (running.control("es"), [authorization("ann", GOOD)]);
    let answer = control.send("GET", "/2021-01-01/domain", &headers, b"");
    assert_eq!(answer.status, 403, "{}", answer.text());
}

#[test]
fn broken_basic_credentials_are_never_anonymous() {
    let running = running();
    running.set_policy(&json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "es:*",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/*",
    }]}));
    assert_eq!(running.domain().anonymous("GET", "/", b"").status, 200);
    for value in ["Basic", "Basic ", "Basic !", "Basic YW5u", "Basic OjA=, AWS4-HMAC-SHA256 x"] {
        let headers = [("authorization".to_owned(), value.to_owned())];
        let answer = running.domain().send("GET", "/", &headers, b"");
        assert!(matches!(answer.status, 401 | 403), "{value}: {}", answer.status);
    }
}

#[test]
fn a_password_beside_a_signature_is_refused_as_ambiguous() {
    let running = running();
    let query = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A&X-Amz-Signature=0";
    let presigned = running.domain().send("GET", query, &[authorization("ann", GOOD)], b"");
    assert_eq!(presigned.status, 403, "{}", presigned.text());
    let token = ("x-amz-security-token".to_owned(), "t".to_owned());
    let tokened = running.domain().send("GET", "/", &[authorization("ann", GOOD), token], b"");
    assert_eq!(tokened.status, 403, "{}", tokened.text());
    let mut both = running.domain().sign(&running.developer(), "GET", "/", &[], b"");
    both.push(authorization("ann", GOOD));
    assert_eq!(running.domain().send("GET", "/", &both, b"").status, 400);
}

#[test]
fn signatures_are_accepted_beside_passwords() {
    let running = running();
    assert_eq!(running.domain().signed(&running.developer(), "GET", "/", b"").status, 200);
}

#[test]
fn a_changed_or_deleted_password_ends_at_once_although_it_was_remembered() {
    let running = running();
    assert_eq!(ask(&running, "ann", GOOD).status, 200);
    let update =
        [("Action", "UpdateLoginProfile"), ("UserName", "ann"), ("Password", "another-Horse-2")];
    running.call("iam", &update);
    assert_eq!(ask(&running, "ann", GOOD).status, 401);
    assert_eq!(ask(&running, "ann", "another-Horse-2").status, 200);
    running.call("iam", &[("Action", "DeleteLoginProfile"), ("UserName", "ann")]);
    assert_eq!(ask(&running, "ann", "another-Horse-2").status, 401);
}

#[test]
fn a_password_that_must_be_changed_is_refused_and_says_so_to_who_knows_it() {
    let running = running();
    let update =
        [("Action", "UpdateLoginProfile"), ("UserName", "ann"), ("PasswordResetRequired", "true")];
    running.call("iam", &update);
    let answer = ask(&running, "ann", GOOD);
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (401, "Unauthorized: the password must be changed first")
    );
    assert_eq!(ask(&running, "ann", "wrong").text(), "Unauthorized");
}

#[test]
fn too_many_wrong_passwords_are_refused_before_they_are_checked_and_a_known_one_still_comes_in() {
    let running = running();
    assert_eq!(ask(&running, "ann", GOOD).status, 200);
    let statuses: Vec<u16> = (0..12).map(|_| ask(&running, "ann", "wrong").status).collect();
    assert_eq!(statuses[..10], [401; 10]);
    let limited = ask(&running, "ann", "wrong");
    assert_eq!(limited.status, 429, "{}", limited.text());
    let seconds: u64 = limited.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=10).contains(&seconds), "{seconds}");
    assert_eq!(ask(&running, "ann", GOOD).status, 200, "proven before");
}

#[test]
fn neither_the_password_nor_its_header_is_in_the_audit() {
    let running = running();
    let right = ask(&running, "ann", GOOD);
    let wrong = ask(&running, "ann", "a-Wrong-one-7");
    let typed = ask(&running, "oops my secret!", "x");
    for answer in [&right, &wrong, &typed] {
        let record = running.service().state().audit.find(&answer.request_id()).unwrap();
        assert_eq!(record.principal.authentication.as_deref(), Some("basic"));
        assert_eq!(record.principal.access_key_id, None);
        let text = serde_json::to_string(&record).unwrap();
        for secret in [GOOD, "a-Wrong-one-7", "oops", &STANDARD.encode(format!("ann:{GOOD}"))] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    let record = running.service().state().audit.find(&wrong.request_id()).unwrap();
    assert_eq!(record.principal.user_name.as_deref(), Some("ann"));
    assert!(!record.principal.proven);
}

#[test]
fn a_user_of_another_account_does_not_come_in() {
    let running = Running::start_with(None, |options| {
        options.settings.accounts.others = vec!["999988887777".to_owned()];
    });
    option(&running, "true");
    let (_, root) = &running.service().keys.more_roots[0];
    let key = Key { id: root.access_key_id.clone(), secret: root.secret.clone(), token: None };
    for form in [vec![("Action", "CreateUser"), ("UserName", "ann")], password(GOOD).to_vec()] {
        let answer = running.query(&key, "iam", &form);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(ask(&running, "ann", GOOD).status, 401);
}

#[test]
fn the_metrics_tell_proven_kept_refused_and_limited_apart() {
    let running = running();
    ask(&running, "ann", GOOD);
    ask(&running, "ann", GOOD);
    ask(&running, "ann", "wrong");
    let page = running.service().state().metrics.page(0, 1);
    for (outcome, count) in [("proven", 1), ("kept", 1), ("refused", 1), ("limited", 0)] {
        let row = format!("countersign_basic_total{{outcome=\"{outcome}\"}} {count}\n");
        assert!(page.contains(&row), "{row} is not in {page}");
    }
}
