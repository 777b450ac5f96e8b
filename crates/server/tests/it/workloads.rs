//! Container credentials: who gets them, who does not, and when they change.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};
use server::{Clock, WorkloadSettings};

use crate::client::Key;
use crate::service::{Running, scratch};

const ROLE: &str = "arn:aws:iam::123456789012:role/search-app";

/// A service with workloads `app` (which its role trusts) and `silent` (whose role does not trust the service).
struct World {
    running: Running,
    data: std::path::PathBuf,
    /// Seconds that the service's clock is ahead.
    ahead: &'static AtomicI64,
}

struct Answer {
    status: u16,
    head: String,
    body: Value,
}

impl World {
    fn start(name: &str) -> World {
        let ahead = Box::leak(Box::new(AtomicI64::new(0)));
        World::start_by(name, Clock::Moved(ahead), ahead)
    }

    /// With a clock that stands still: no bucket refills, however slow the machine.
    fn start_standing(name: &str) -> World {
        let ahead = Box::leak(Box::new(AtomicI64::new(0)));
        World::start_by(name, Clock::Fixed(Clock::System.now()), ahead)
    }

    fn start_by(name: &str, clock: Clock, ahead: &'static AtomicI64) -> World {
        let data = scratch(name);
        let roles = [("app", ROLE), ("silent", "arn:aws:iam::123456789012:role/silent")];
        let roles = roles.map(|(name, role)| (name.to_owned(), role.to_owned()));
        let running = Running::start_by(clock, Some(data.clone()), |options| {
            options.settings.workloads = WorkloadSettings {
                listen: Some("127.0.0.1:0".into()),
                roles: roles.into(),
                session_seconds: 3600,
            };
        });
        World { running, data, ahead }
    }

    fn token(&self, workload: &str) -> String {
        std::fs::read_to_string(self.data.join(format!("workloads/{workload}.token"))).unwrap()
    }

    /// Sends a head as it is.
    fn send(&self, head: &str) -> Answer {
        let url = self.running.service().workloads_url.clone().unwrap();
        let address = url.trim_start_matches("http://").split('/').next().unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(head.replace("HOST", address).as_bytes()).unwrap();
        let mut received = String::new();
        let _ = stream.read_to_string(&mut received);
        let (head, body) = received.split_once("\r\n\r\n").unwrap();
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_ascii_lowercase(),
            body: serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {received}")),
        }
    }

    fn get(&self, token: &str) -> Answer {
        self.send(&format!(
            "GET /v1/credentials HTTP/1.1\r\nHost: HOST\r\nAuthorization: {token}\r\n\r\n"
        ))
    }

    /// Credentials of workload `app`.
    fn credentials(&self) -> Key {
        let answer = self.get(&self.token("app"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        key(&answer.body)
    }

    fn audit_of(&self, answer: &Answer) -> server::AuditRecord {
        let line = answer.head.lines().find(|line| line.starts_with("x-amzn-requestid: ")).unwrap();
        let id = line.split_once(": ").unwrap().1;
        self.running.service().state().audit.find(id).unwrap()
    }

    fn end(self) {
        self.running.stop();
        std::fs::remove_dir_all(self.data).unwrap();
    }

    fn iam(&self, form: &[(&str, &str)]) {
        self.running.call("iam", form);
    }

    fn trust(&self, principal: &Value) {
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]});
        let form = [
            ("Action", "UpdateAssumeRolePolicy"),
            ("RoleName", "search-app"),
            ("PolicyDocument", &trust.to_string()),
        ];
        self.iam(&form);
    }
}

fn key(body: &Value) -> Key {
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    Key {
        id: text("AccessKeyId"),
        secret: sigv4::SecretKey::new(&text("SecretAccessKey")),
        token: Some(text("Token")),
    }
}

#[test]
fn a_workload_reaches_the_domain_as_its_role() {
    let world = World::start("workload-reaches");
    let answer = world.get(&world.token("app"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["RoleArn"], ROLE);
    let expires: jiff::Timestamp = answer.body["Expiration"].as_str().unwrap().parse().unwrap();
    let left = expires.as_second() - Clock::System.now().as_second();
    assert!((3500..=3600).contains(&left), "{left}");
    assert!(answer.head.contains("cache-control: no-store"), "{}", answer.head);
    let key = key(&answer.body);
    let who = world.running.query(&key, "sts", &[("Action", "GetCallerIdentity")]).text();
    assert!(who.contains("arn:aws:sts::123456789012:assumed-role/search-app/app"), "{who}");
    assert_eq!(world.running.domain().signed(&key, "GET", "/", b"").status, 200);
    world.end();
}

#[test]
fn many_who_ask_at_once_get_one_session() {
    let world = World::start("workload-single-flight");
    let before = world.running.service().state().control.directory().sessions_kept();
    let ids: Vec<String> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..16).map(|_| scope.spawn(|| world.credentials().id)).collect();
        asking.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(world.running.service().state().control.directory().sessions_kept(), before + 1);
    world.end();
}

#[test]
fn credentials_rotate_at_half_their_life_and_the_old_ones_live_on_to_their_end() {
    let world = World::start("workload-rotate");
    let first = world.credentials();
    world.ahead.store(1780, Ordering::Relaxed);
    assert_eq!(world.credentials().id, first.id);
    world.ahead.store(1810, Ordering::Relaxed);
    let second = world.credentials();
    assert_ne!(second.id, first.id);
    let now = |ahead: i64| Clock::System.now() + jiff::SignedDuration::from_secs(ahead);
    let directory = world.running.service().state().control.directory();
    assert!(directory.identify(&first.id, first.token.as_deref(), now(1810)).is_ok());
    assert!(directory.identify(&first.id, first.token.as_deref(), now(3610)).is_err());
    world.end();
}

#[test]
fn a_request_without_a_workloads_token_gets_nothing() {
    let world = World::start("workload-token");
    let token = world.token("app");
    for (authorization, code) in [
        (String::new(), "MissingAuthorization"),
        ("Authorization: nonsense\r\n".to_owned(), "InvalidAuthorization"),
        (format!("Authorization: {}\r\n", token.to_uppercase()), "InvalidAuthorization"),
        (format!("Authorization: {token}0\r\n"), "InvalidAuthorization"),
        (format!("Authorization: Bearer {token}\r\n"), "InvalidAuthorization"),
        (format!("Authorization: {token}\r\nAuthorization: {token}\r\n"), "MissingAuthorization"),
    ] {
        let head = format!("GET /v1/credentials HTTP/1.1\r\nHost: HOST\r\n{authorization}\r\n");
        let answer = world.send(&head);
        assert_eq!((answer.status, &answer.body["code"]), (401, &json!(code)), "{authorization}");
        assert!(answer.body["message"].is_string());
        let record = world.audit_of(&answer);
        assert_eq!((record.status, record.principal.arn.as_str()), (401, "anonymous"));
        let told = server::prose(&record);
        assert!(told.contains("Its credentials identify no principal"), "{told}");
    }
    world.end();
}

#[test]
fn after_too_many_wrong_tokens_an_address_waits_and_both_are_counted() {
    let world = World::start_standing("workload-limit");
    let burst = server::for_tests::limits::WORKLOAD_FAILURES_BURST as usize;
    let token = world.token("app");
    // What succeeds, and what presents no token, does not count.
    for _ in 0..=burst {
        assert_eq!(world.get(&token).status, 200);
        assert_eq!(world.send("GET /v1/credentials HTTP/1.1\r\nHost: HOST\r\n\r\n").status, 401);
    }
    for _ in 0..burst {
        assert_eq!(world.get("wrong").status, 401);
    }
    for token in ["wrong", &token] {
        let answer = world.get(token);
        assert_eq!((answer.status, &answer.body["code"]), (429, &json!("Throttling")));
        assert!(answer.head.contains("\r\nretry-after: 1\r\n"), "{}", answer.head);
        let record = world.audit_of(&answer);
        assert_eq!((record.status, record.principal.arn.as_str()), (429, "anonymous"));
    }
    let page = world.running.service().state().metrics.page(0, 1);
    for row in [format!("refused_total {burst}"), "limited_total 2".to_owned()] {
        assert!(page.contains(&format!("\ncountersign_workload_{row}\n")), "{row}: {page}");
    }
    world.end();
}

#[test]
fn only_a_get_of_one_path_under_a_loopback_host_is_answered() {
    let world = World::start("workload-head");
    let token = world.token("app");
    for (line, host, status) in [
        ("POST /v1/credentials", "HOST", 405),
        ("PUT /latest/api/token", "HOST", 405),
        ("OPTIONS /v1/credentials", "HOST", 405),
        ("GET /v1/credentials/search-app", "HOST", 404),
        ("GET /", "HOST", 404),
        ("GET /v1/credentials", "evil.example", 403),
        ("GET /v1/credentials", "localhost.evil.example:80", 403),
        ("GET http://evil.example/v1/credentials", "HOST", 403),
        ("GET /v1/credentials", "HOST\r\nHost: localhost", 403),
        ("GET /v1/credentials", "localhost", 200),
        ("GET /v1/credentials", "[::1]:80", 200),
    ] {
        let answer = world
            .send(&format!("{line} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n"));
        assert_eq!(answer.status, status, "{line} {host}");
        assert!(!answer.head.contains("location:"));
    }
    world.end();
}

#[test]
fn a_role_must_trust_the_service_at_each_request() {
    let world = World::start("workload-trust");
    let missing = world.get(&world.token("silent"));
    assert_eq!((missing.status, &missing.body["code"]), (403, &json!("AccessDenied")));
    let account = json!({"AWS": "arn:aws:iam::123456789012:root"});
    assert_eq!(world.get(&world.token("app")).status, 200);
    world.trust(&account);
    let denied = world.get(&world.token("app"));
    assert_eq!(denied.status, 403);
    assert_eq!(
        denied.body["message"],
        "User: ecs-tasks.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: \
         arn:aws:iam::123456789012:role/search-app because no role trust policy allows the sts:AssumeRole action"
    );
    let record = world.audit_of(&denied);
    assert_eq!(record.listener, "workload/app");
    assert_eq!(record.decisions[0].outcome, "implicitDeny");
    let told = server::prose(&record);
    assert!(told.contains("The workload's token is right; the policies deny it."), "{told}");
    world.trust(&json!({"Service": "ecs-tasks.amazonaws.com"}));
    assert_eq!(world.get(&world.token("app")).status, 200);
    world.end();
}

#[test]
fn what_was_revoked_is_not_handed_out_again() {
    let world = World::start("workload-revoke");
    let first = world.credentials();
    let now = Clock::System.now() + jiff::SignedDuration::from_secs(1);
    let now = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let revoke = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": now}}}]});
    world.ahead.store(2, Ordering::Relaxed);
    world.iam(&[
        ("Action", "PutRolePolicy"),
        ("RoleName", "search-app"),
        ("PolicyName", "AWSRevokeOlderSessions"),
        ("PolicyDocument", &revoke.to_string()),
    ]);
    let second = world.credentials();
    assert_ne!(second.id, first.id, "an older session would be denied everything");
    let domain = world.running.domain();
    assert_eq!(domain.signed(&first, "GET", "/", b"").status, 403);
    assert_eq!(domain.signed(&second, "GET", "/", b"").status, 200);
    let delete = [("RoleName", "search-app"), ("PolicyName", "AWSRevokeOlderSessions")];
    world.iam(&[&[("Action", "DeleteRolePolicy")][..], &delete].concat());
    world.iam(&[("Action", "DeleteRole"), ("RoleName", "search-app")]);
    assert_eq!(domain.signed(&second, "GET", "/", b"").status, 403);
    assert_eq!(world.get(&world.token("app")).status, 403);
    world.end();
}

#[test]
fn each_issue_is_on_record_without_a_secret() {
    let world = World::start("workload-audit");
    let answer = world.get(&world.token("app"));
    let record = world.audit_of(&answer);
    assert_eq!(record.action.as_deref(), Some("sts:AssumeRole"));
    assert_eq!(record.resources, [ROLE]);
    assert_eq!(record.principal.arn, "ecs-tasks.amazonaws.com");
    assert_eq!(record.service_reason.as_deref(), Some("workload"));
    assert_eq!(record.principal.access_key_id.as_deref(), answer.body["AccessKeyId"].as_str());
    let written = serde_json::to_string(&record).unwrap();
    for secret in ["SecretAccessKey", "Token"] {
        assert!(!written.contains(answer.body[secret].as_str().unwrap()), "{written}");
    }
    assert!(!written.contains(&world.token("app")));
    world.end();
}

#[test]
fn a_restart_keeps_the_token_and_makes_new_credentials() {
    let world = World::start("workload-restart");
    let (first, token) = (world.credentials(), world.token("app"));
    let World { running, data, .. } = world;
    running.stop();
    let running = Running::start_with(Some(data.clone()), |options| {
        options.settings.workloads = WorkloadSettings {
            listen: Some("127.0.0.1:0".into()),
            roles: [("app".to_owned(), ROLE.to_owned())].into(),
            session_seconds: 900,
        };
    });
    let ahead = Box::leak(Box::new(AtomicI64::new(0)));
    let world = World { running, data, ahead };
    assert_eq!(world.token("app"), token);
    assert_ne!(world.credentials().id, first.id);
    world.end();
}
