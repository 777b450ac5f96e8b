//! A denial from its answer to the change that repairs it: the authorization id, what `iam-toolbox` and `explain` tell of it, and that
//! the change allows the request and no other.

use serde_json::{Value, json};

use crate::client::{Answer, Key};
use crate::service::{Running, element};

const DOMAIN: &str = "arn:aws:es:us-east-1:123456789012:domain/dev";

fn authorization_id(answer: &Answer) -> String {
    answer.header("x-amzn-authorization-id").expect("an authorization id").to_owned()
}

fn toolbox(running: &Running, key: &Key, target: &str) -> (u16, Value) {
    let answer = running.control("iam").signed(key, "GET", target, b"");
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

fn repairs(running: &Running, answer: &Answer) -> Value {
    let target = format!("/_countersign/explain/{}?format=json", authorization_id(answer));
    let told = running.control("es").signed(&running.developer(), "GET", &target, b"");
    assert_eq!(told.status, 200, "{}", told.text());
    serde_json::from_slice::<Value>(&told.body).unwrap()["repairs"].clone()
}

/// A policy that lets the stranger search one index.
fn one_index() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::123456789012:role/stranger" },
          "Action": "es:ESHttpPost", "Resource": format!("{DOMAIN}/books/_search") },
    ] })
}

#[test]
fn what_is_proposed_for_a_denial_allows_it_once_applied_and_nothing_else() {
    let running = Running::start();
    let stranger = running.stranger();
    running.set_policy(&one_index());
    let denied = running.domain().signed(&stranger, "GET", "/books/_search", b"");
    assert_eq!(denied.status, 403, "{}", denied.text());
    running.record(&denied);
    let repairs = repairs(&running, &denied);
    let repair = &repairs[0];
    assert_eq!(repair["outcome"], "change", "{repairs:#}");
    assert_eq!(repair["edits"], json!(["add `es:ESHttpGet` to Action of statement 0"]));
    let command = repair["command"].as_str().unwrap();
    assert!(
        command.starts_with(
            "aws opensearch update-domain-config --region us-east-1 --domain-name dev"
        ),
        "{command}"
    );
    let recorded = &repair["recorded"];
    assert_eq!((&recorded["denials"], &recorded["allowed"]), (&json!(1), &json!(1)), "{repairs:#}");
    running.set_policy(&repair["after"]);
    assert_ne!(running.domain().signed(&stranger, "GET", "/books/_search", b"").status, 403);
    for (method, target) in
        [("GET", "/books/_count"), ("PUT", "/books/_doc/1"), ("GET", "/other/_search")]
    {
        let other = running.domain().signed(&stranger, method, target, b"{}");
        assert_eq!(other.status, 403, "{method} {target}: {}", other.text());
    }
}

#[test]
fn a_denial_by_a_policy_that_has_changed_since_is_not_repaired_by_the_old_text() {
    let running = Running::start();
    let stranger = running.stranger();
    running.set_policy(&one_index());
    let denied = running.domain().signed(&stranger, "GET", "/books/_search", b"");
    running.record(&denied);
    running.set_policy(&json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Deny", "Principal": "*", "Action": "es:ESHttpDelete", "Resource": "*" } ] }));
    let repairs = repairs(&running, &denied);
    assert_eq!(repairs[0]["outcome"], "none", "{repairs:#}");
    assert_eq!(
        repairs[0]["text"],
        "the policy has changed since: send the request again and explain the new denial"
    );
    assert!(repairs[0]["command"].is_null(), "{repairs:#}");
}

#[test]
fn iam_toolbox_tells_a_denial_with_its_policies_as_they_were() {
    let running = Running::start();
    let (stranger, developer) = (running.stranger(), running.developer());
    running.set_policy(&one_index());
    let denied = running.domain().signed(&stranger, "GET", "/books/_search", b"");
    running.record(&denied);
    let id = authorization_id(&denied);
    assert_eq!(id, denied.request_id().replace('-', ""));
    running.set_policy(&json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Deny", "Principal": "*", "Action": "es:*", "Resource": "*" } ] }));
    let (status, told) = toolbox(&running, &developer, &format!("/authorization-details/{id}"));
    assert_eq!(status, 200, "{told:#}");
    let evaluation = &told["evaluations"][0];
    assert_eq!(evaluation["evaluatedEffect"], "IMPLICIT_DENY", "{told:#}");
    assert_eq!(evaluation["action"], "es:ESHttpGet");
    assert_eq!(evaluation["resource"], format!("{DOMAIN}/books/_search"));
    let checks: Vec<(&Value, &Value)> = evaluation["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| (&check["checkType"], &check["evaluatedEffect"]))
        .collect();
    assert_eq!(
        checks,
        [(&json!("RESOURCE"), &json!("NO_IMPACT")), (&json!("PRINCIPAL"), &json!("IMPLICIT_DENY"))]
    );
    assert_eq!(
        told["requestContext"]["aws:PrincipalArn"],
        "arn:aws:iam::123456789012:role/stranger"
    );
    let policy = told["policies"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["type"] == "RESOURCE_BASED_POLICY");
    let uri = policy.unwrap()["uri"].as_str().unwrap();
    let target = format!("/authorization-details/{id}/policy?policyUri={uri}");
    let (status, told) = toolbox(&running, &developer, &target);
    assert_eq!(status, 200, "{told:#}");
    assert_eq!(
        told["policyDocument"]["Statement"][0]["Action"], "es:ESHttpPost",
        "as it was, not as it is"
    );
}

#[test]
fn e24_who_has_no_permission_and_who_is_of_another_account_read_nothing_of_a_denial() {
    let running = Running::start();
    let stranger = running.stranger();
    let denied = running.domain().signed(&stranger, "GET", "/", b"");
    running.record(&denied);
    let id = authorization_id(&denied);
    let (status, told) = toolbox(&running, &stranger, &format!("/authorization-details/{id}"));
    assert_eq!(status, 403, "{told:#}");
    let text = told["Message"].as_str().unwrap();
    assert!(text.contains("iam:GetRequestAuthorizationDetails"), "{text}");
    let developer = running.developer();
    for (target, expected) in [
        ("/authorization-details/0000".to_owned(), 404),
        ("/authorization-details/A-B".to_owned(), 400),
        (format!("/authorization-details/{id}?nextToken=x"), 400),
        (format!("/authorization-details/{id}/policy"), 400),
        (format!("/authorization-details/{id}/policy?policyUri=nothing"), 404),
    ] {
        assert_eq!(toolbox(&running, &developer, &target).0, expected, "{target}");
    }
    // What was served is no denial.
    let served = running.domain().signed(&developer, "GET", "/", b"");
    assert!(served.header("x-amzn-authorization-id").is_none());
    running.record(&served);
    let target = format!("/authorization-details/{}", served.request_id().replace('-', ""));
    assert_eq!(toolbox(&running, &developer, &target).0, 404);
}

#[test]
fn a_denial_of_iam_names_its_authorization_id_where_amazons_does() {
    let running = Running::start();
    let denied = running.query(&running.stranger(), "iam", &[("Action", "ListUsers")]);
    assert_eq!(denied.status, 403);
    let id = authorization_id(&denied);
    assert!(
        denied.text().contains(&format!("with the following authorization id: {id}<")),
        "{}",
        denied.text()
    );
    running.record(&denied);
    let repairs = repairs(&running, &denied);
    let command = repairs[0]["command"].as_str().unwrap();
    assert!(
        command.starts_with("aws iam put-role-policy --role-name stranger --policy-name allow-"),
        "{command}"
    );
}

#[test]
fn denied_items_of_a_bulk_are_told_under_the_id_of_their_request() {
    let running = Running::start();
    let stranger = running.stranger();
    running.set_policy(&json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::123456789012:role/stranger" },
          "Action": "es:ESHttp*", "Resource": [format!("{DOMAIN}/_bulk"), format!("{DOMAIN}/open/*"), format!("{DOMAIN}/open")] },
    ] }));
    let body = b"{\"index\":{\"_index\":\"open\",\"_id\":\"1\"}}\n{}\n{\"index\":{\"_index\":\"secret\",\"_id\":\"1\"}}\n{}\n";
    let kind = [("content-type", "application/x-ndjson")];
    let headers = running.domain().sign(&stranger, "POST", "/_bulk", &kind, body);
    let answer = running.domain().send("POST", "/_bulk", &headers, body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    running.record(&answer);
    let repairs = repairs(&running, &answer);
    assert_eq!(repairs.as_array().map(Vec::len), Some(1), "{repairs:#}");
    assert_eq!(repairs[0]["resource"], format!("{DOMAIN}/secret/_bulk"));
    assert_eq!(repairs[0]["outcome"], "change", "{repairs:#}");
}

#[test]
fn what_is_no_policys_refusal_is_told_as_what_it_is_and_repaired_by_no_policy() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.developer());
    for (answer, told, never) in [
        (
            domain.signed(&key, "GET", "/_nosuch/_thing", b""),
            "its method or path is unknown",
            "policies deny",
        ),
        (domain.anonymous("GET", "/", b""), "nobody is let in without them", "policies deny"),
        (domain.signed(&key, "POST", "/_graph/x/_explore", b"{}"), "unknown", "policies deny"),
    ] {
        running.record(&answer);
        let id = authorization_id(&answer);
        let target = format!("/_countersign/explain/{id}");
        let text = running.control("es").signed(&key, "GET", &target, b"").text();
        assert!(text.contains(told) && !text.contains(never), "{text}");
        assert!(!text.contains("What would allow"), "{text}");
    }
}

#[test]
fn the_newest_denial_is_explained_without_its_id() {
    let running = Running::start();
    let denied = running.domain().signed(&running.stranger(), "GET", "/books/_search", b"");
    running.record(&denied);
    let served = running.domain().signed(&running.developer(), "GET", "/", b"");
    running.record(&served);
    let told = |name: &str| {
        let target = format!("/_countersign/explain/{name}");
        running.control("es").signed(&running.developer(), "GET", &target, b"").text()
    };
    assert!(told("denied").starts_with(&denied.request_id()), "{}", told("denied"));
    assert!(told("last").starts_with(&served.request_id()), "{}", told("last"));
}

/// A domain whose access policy denies reads of it by patterns.
#[test]
fn a_denial_by_patterns_of_a_domains_own_policy_leaves_out_one_action_on_one_path() {
    let running = Running::start();
    let stranger = running.stranger();
    let role = json!({ "AWS": "arn:aws:iam::123456789012:role/stranger" });
    running.set_policy(&json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": role, "Action": "es:*", "Resource": format!("{DOMAIN}/*") },
        { "Effect": "Deny", "Principal": role, "Action": ["es:ESHttpG*", "es:ESHttpP*"],
          "Resource": format!("{DOMAIN}/*") },
    ] }));
    let denied = running.domain().signed(&stranger, "PUT", "/books/_doc/1", b"{}");
    assert_eq!(denied.status, 403, "{}", denied.text());
    running.record(&denied);
    let repairs = repairs(&running, &denied);
    let repair = &repairs[0];
    assert_eq!(repair["outcome"], "change", "{repairs:#}");
    assert!(repair["text"].as_str().unwrap().contains("a pattern of actions"), "{repairs:#}");
    running.set_policy(&repair["after"]);
    let status = |method: &str, target: &str| {
        let body: &[u8] = if method.starts_with('P') { b"{}" } else { b"" };
        running.domain().signed(&stranger, method, target, body).status
    };
    assert_eq!(status("PUT", "/books/_doc/1"), 201);
    for (method, target) in
        [("PUT", "/books/_doc/2"), ("GET", "/books/_doc/1"), ("POST", "/books/_search")]
    {
        assert_eq!(status(method, target), 403, "{method} {target}");
    }
    assert_eq!(status("HEAD", "/books/_doc/1"), 200, "what was allowed still is");
}

const OTHER: &str = "222222222222";

/// A user of another account with a key, whom no policy of its own lets do anything.
fn of_another_account(running: &Running) -> (Key, Key) {
    let keys = &running.service().keys.more_roots;
    let (_, key) = keys.iter().find(|(account, _)| account == OTHER).unwrap();
    let root = Key { id: key.access_key_id.clone(), secret: key.secret.clone(), token: None };
    let call = |form: &[(&str, &str)]| {
        let answer = running.query(&root, "iam", form);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text()
    };
    call(&[("Action", "CreateUser"), ("UserName", "eve")]);
    let xml = call(&[("Action", "CreateAccessKey"), ("UserName", "eve")]);
    let secret = sigv4::SecretKey::new(&element(&xml, "SecretAccessKey"));
    (root, Key { id: element(&xml, "AccessKeyId"), secret, token: None })
}

#[test]
fn a_denial_across_accounts_is_repaired_in_the_account_whose_policies_do_not_allow_it() {
    let running = Running::start_with(None, |options| {
        options.settings.accounts.others = vec![OTHER.into()];
    });
    let (root, eve) = of_another_account(&running);
    let _named_by_a_policy = running.stranger();
    let told = |reader: &Key, answer: &Answer| {
        let target = format!("/_countersign/explain/{}?format=json", authorization_id(answer));
        let told = running.control("es").signed(reader, "GET", &target, b"");
        assert_eq!(told.status, 200, "{}", told.text());
        let told = serde_json::from_slice::<Value>(&told.body).unwrap();
        told["repairs"][0].clone()
    };
    let search = || {
        let denied = running.domain().signed(&eve, "GET", "/books/_search", b"");
        assert_eq!(denied.status, 403, "{}", denied.text());
        running.record(&denied);
        denied
    };
    let owner = running.developer();
    // Neither side allows it: each account is told its own part.
    let denied = search();
    let (owners, callers) = (told(&owner, &denied), told(&root, &denied));
    let beginning = |repair: &Value| repair["text"].as_str().unwrap().to_owned();
    let expected =
        format!(", of account 123456789012; account {OTHER}, the caller's, must allow it, too");
    assert!(beginning(&owners).contains(&expected), "{owners:#}");
    let expected =
        format!(", of account {OTHER}; account 123456789012, the resource's, must allow it, too");
    assert!(beginning(&callers).contains(&expected), "{callers:#}");
    assert!(!callers.to_string().contains("update-domain-config"), "{callers:#}");
    // The owner allows it: what is missing is the caller's account's.
    running.set_policy(&owners["after"]);
    let denied = search();
    let (owners, callers) = (told(&owner, &denied), told(&root, &denied));
    assert_eq!(
        owners["text"],
        format!(
            "the policies of this account allow it; those of account {OTHER}, the caller's, do not: they are changed there"
        )
    );
    let policy = callers["after"].to_string();
    let form = [("Action", "PutUserPolicy"), ("UserName", "eve"), ("PolicyName", "p")];
    let put = running.query(&root, "iam", &[&form[..], &[("PolicyDocument", &policy)]].concat());
    assert_eq!(put.status, 200, "{}", put.text());
    let allowed = running.domain().signed(&eve, "GET", "/books/_search", b"");
    assert_ne!(allowed.status, 403, "{}", allowed.text());
    let other = running.domain().signed(&eve, "GET", "/books/_count", b"");
    assert_eq!(other.status, 403);
    // The other way round: the owner's policy is what is missing.
    running.set_policy(&one_index());
    let denied = search();
    assert_eq!(
        told(&root, &denied)["text"],
        "the policies of this account allow it; those of account 123456789012, the resource's, do not: they are changed there"
    );
}
