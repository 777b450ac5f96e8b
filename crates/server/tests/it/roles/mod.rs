//! Fine-grained access control: policies decide whether a request reaches the domain, roles what it may do there
//! (docs/decisions/0177-fine-grained-access-control.md).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::client::{Answer, Client, Key};
use crate::service::{Running, element};
use crate::who_can;

const MASTER: &str = "arn:aws:iam::123456789012:user/developer";
const PASSWORD: &str = "Zx-9-quartz-lamp!";

/// A service whose domain `dev` has roles, the indices `logs-1`, `logs-2` and `staff`, and a user of IAM whom the policies let do
/// everything.
pub(crate) struct World {
    running: Running,
    domain: Client,
    master: Key,
    ann: Key,
}

impl World {
    fn new() -> World {
        let running = Running::start();
        let domain = running.domain();
        let master = running.developer();
        let ann = user(&running, "ann");
        let world = World { running, domain, master, ann };
        for index in ["logs-1", "logs-2"] {
            world.must("PUT", &format!("/{index}/_doc/1?refresh=true"), &json!({"n": 1}));
        }
        let mapping = json!({"mappings": {"properties": {
            "team": {"type": "keyword"}, "name": {"type": "keyword"}, "pay": {"type": "long"}, "mail": {"type": "keyword"}}}});
        world.must("PUT", "/staff", &mapping);
        for (id, team, name) in [("1", "a", "ann"), ("2", "b", "bob")] {
            let document = json!({"team": team, "name": name, "pay": 98765, "mail": format!("{name}@example.com")});
            world.must("PUT", &format!("/staff/_doc/{id}?refresh=true"), &document);
        }
        enable(
            &world.running,
            &json!({"Enabled": true, "MasterUserOptions": {"MasterUserARN": MASTER}}),
        );
        world
    }

    fn must(&self, method: &str, target: &str, body: &Value) {
        let answer = self.ask(&self.master, method, target, body);
        assert!(answer.status < 300, "{method} {target}: {}", answer.text());
    }

    fn ask(&self, key: &Key, method: &str, target: &str, body: &Value) -> Answer {
        let body = match body {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            body => body.to_string(),
        };
        self.domain.signed(key, method, target, body.as_bytes())
    }

    /// Gives ann a role of this text, and no other.
    fn role(&self, role: &Value) {
        self.must("PUT", "/_opendistro/_security/api/roles/tested", role);
        let mapping = json!({"users": ["arn:aws:iam::123456789012:user/ann", "clerk"]});
        self.must("PUT", "/_opendistro/_security/api/rolesmapping/tested", &mapping);
    }

    /// A role that may do everything to `patterns`, with this besides.
    fn role_on(&self, patterns: &[&str], more: &Value) {
        let mut entry = json!({"index_patterns": patterns, "allowed_actions": ["*"]});
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.role(&json!({"cluster_permissions": ["*"], "index_permissions": [entry]}));
    }

    fn status(&self, method: &str, target: &str, body: &Value) -> u16 {
        self.ask(&self.ann, method, target, body).status
    }

    /// The sources that ann finds in `staff`.
    fn found(&self) -> Value {
        let answer = self.ask(&self.ann, "POST", "/staff/_search", &json!({"sort": "_doc"}));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let hits = answer.json()["hits"]["hits"].as_array().unwrap().clone();
        hits.into_iter().map(|hit| hit["_source"].clone()).collect()
    }
}

/// A user of IAM, with a key, whom the policies let do everything to domains.
fn user(running: &Running, name: &str) -> Key {
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "es:ESHttp*",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/*"}]});
    running.call("iam", &[("Action", "CreateUser"), ("UserName", name)]);
    let form = [("Action", "PutUserPolicy"), ("UserName", name), ("PolicyName", "p")];
    running.call("iam", &[&form[..], &[("PolicyDocument", &policy.to_string())]].concat());
    let xml = running.call("iam", &[("Action", "CreateAccessKey"), ("UserName", name)]);
    let secret = sigv4::SecretKey::new(&element(&xml, "SecretAccessKey"));
    Key { id: element(&xml, "AccessKeyId"), secret, token: None }
}

/// Turns fine-grained access control of `dev` on.
pub(crate) fn enable(running: &Running, security: &Value) {
    configure(
        running,
        &json!({
            "NodeToNodeEncryptionOptions": {"Enabled": true}, "EncryptionAtRestOptions": {"Enabled": true},
            "AdvancedSecurityOptions": security,
        }),
    );
}

fn configure(running: &Running, change: &Value) {
    let target = "/2021-01-01/opensearch/domain/dev/config";
    let body = change.to_string();
    let client = running.control("es");
    let answer = client.signed(&running.developer(), "POST", target, body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn basic(name: &str, password: &str) -> (String, String) {
    ("authorization".to_owned(), format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))))
}

fn denial(actions: &str) -> Value {
    let reason = format!(
        "no permissions for [{actions}] and User [name=arn:aws:iam::123456789012:user/ann, backend_roles=[], requestedTenant=null]"
    );
    let cause = json!({"type": "security_exception", "reason": reason});
    json!({"error": {"root_cause": [cause], "type": "security_exception", "reason": reason}, "status": 403})
}

#[test]
fn whom_the_policies_let_in_the_roles_let_do_nothing_until_one_is_mapped() {
    let world = World::new();
    let answer = world.ask(&world.ann, "GET", "/logs-1/_search", &Value::Null);
    assert_eq!((answer.status, answer.json()), (403, denial("indices:data/read/search")));
    world.role(&json!({"index_permissions": [{"index_patterns": ["logs-*"], "allowed_actions": ["read"]}]}));
    assert_eq!(world.status("GET", "/logs-1/_search", &Value::Null), 200);
    assert_eq!(world.status("GET", "/logs-1/_doc/1", &Value::Null), 200);
    let answer = world.ask(&world.ann, "PUT", "/logs-1/_doc/2", &json!({}));
    assert_eq!(answer.json(), denial("indices:data/write/bulk"));
    let answer = world.ask(&world.ann, "GET", "/_cluster/health", &Value::Null);
    assert_eq!(answer.json(), denial("cluster:monitor/health"));
}

#[test]
fn what_the_policies_deny_no_role_allows() {
    let world = World::new();
    world.role_on(&["*"], &json!({}));
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "es:ESHttpDelete", "Resource": "*"}]});
    let form = [("Action", "PutUserPolicy"), ("UserName", "ann"), ("PolicyName", "q")];
    let text = policy.to_string();
    world.running.call("iam", &[&form[..], &[("PolicyDocument", &text)]].concat());
    let answer = world.ask(&world.ann, "DELETE", "/logs-1", &Value::Null);
    assert_eq!(answer.status, 403);
    assert!(
        answer.text().contains("explicit deny in an identity-based policy"),
        "{}",
        answer.text()
    );
    assert_eq!(world.status("GET", "/logs-1", &Value::Null), 200);
}

#[test]
fn every_index_that_is_touched_is_asked_for_in_both_modes() {
    let world = World::new();
    let read = json!({"cluster_permissions": ["*"],
        "index_permissions": [{"index_patterns": ["logs-*"], "allowed_actions": ["*"]}]});
    for mode in ["strict", "aws"] {
        configure(&world.running, &json!({"AdvancedOptions": {"countersign.authorization": mode}}));
        world.role(&read);
        for (method, target, body, status) in [
            ("GET", "/logs-*/_search", json!(null), 200),
            ("GET", "/logs-1,logs-2/_count", json!(null), 200),
            ("GET", "/nothing*/_search", json!(null), 200),
            ("GET", "/staff/_search", json!(null), 403),
            ("GET", "/logs-1,staff/_search", json!(null), 403),
            ("GET", "/_search", json!(null), 403),
            ("GET", "/*/_search?ignore_unavailable=true", json!(null), 403),
            ("GET", "/st*/_mapping", json!(null), 403),
            ("GET", "/_cat/indices", json!(null), 403),
            ("GET", "/_cat/indices/logs-*", json!(null), 200),
            ("GET", "/staff/_doc/1", json!(null), 403),
            ("GET", "/unknown/_doc/1", json!(null), 403),
            ("PUT", "/unknown", json!(null), 403),
            ("DELETE", "/staff", json!(null), 403),
            (
                "POST",
                "/_reindex",
                json!({"source": {"index": "staff"}, "dest": {"index": "logs-3"}}),
                403,
            ),
            (
                "POST",
                "/_reindex",
                json!({"source": {"index": "logs-1"}, "dest": {"index": "other"}}),
                403,
            ),
            (
                "POST",
                "/_aliases",
                json!({"actions": [{"add": {"index": "staff", "alias": "logs-x"}}]}),
                403,
            ),
            ("POST", "/_aliases", json!({"actions": [{"remove_index": {"index": "staff"}}]}), 403),
            ("PUT", "/logs-9", json!({"aliases": {"other": {}}}), 403),
            (
                "POST",
                "/logs-1/_search",
                json!({"query": {"terms": {"n": {"index": "staff", "id": "1", "path": "pay"}}}}),
                403,
            ),
            ("PUT", "/staff/_clone/logs-8", json!(null), 403),
        ] {
            let answer = world.ask(&world.ann, method, target, &body);
            assert_eq!(answer.status, status, "{mode} {method} {target}: {}", answer.text());
        }
    }
}

#[test]
fn items_are_refused_one_by_one_by_what_each_does() {
    let world = World::new();
    world.role(&json!({"cluster_permissions": ["cluster_composite_ops"], "index_permissions": [
        {"index_patterns": ["logs-*"], "allowed_actions": ["indices:data/write/bulk[s]", "indices:data/write/index", "indices:data/read/mget*", "indices:data/read/search"]}]}));
    let lines = [
        json!({"index": {"_index": "logs-1", "_id": "5"}}),
        json!({"n": 5}),
        json!({"index": {"_index": "staff", "_id": "5"}}),
        json!({"n": 5}),
        json!({"delete": {"_index": "logs-1", "_id": "1"}}),
    ];
    let bulk: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let answer = world.ask(&world.ann, "POST", "/_bulk?refresh=true", &Value::String(bulk)).json();
    let told = |at: usize, action: &str| {
        let item = &answer["items"][at][action];
        (item["status"].clone(), item["error"]["reason"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(told(0, "index").0, 201, "{answer}");
    let (status, reason) = told(1, "index");
    assert!(
        status == 403 && reason.starts_with("no permissions for [indices:data/write"),
        "{answer}"
    );
    let (status, reason) = told(2, "delete");
    assert!(
        status == 403 && reason.starts_with("no permissions for [indices:data/write/delete]"),
        "{answer}"
    );
    let docs = json!({"docs": [{"_index": "logs-1", "_id": "5"}, {"_index": "staff", "_id": "1"}]});
    let answer = world.ask(&world.ann, "POST", "/_mget", &docs);
    assert!(!answer.text().contains("98765"), "{}", answer.text());
    assert_eq!(answer.json()["docs"][0]["found"], true, "{}", answer.text());
    let lines = "{\"index\":\"logs-1\"}\n{}\n{\"index\":\"staff\"}\n{}\n{\"index\":\"*\"}\n{}\n";
    let answer = world.ask(&world.ann, "POST", "/_msearch", &Value::String(lines.to_owned()));
    assert!(!answer.text().contains("98765"), "{}", answer.text());
    assert_eq!(answer.json()["responses"][0]["status"], 200, "{}", answer.text());
    assert_eq!(answer.json()["responses"][1]["status"], 403, "{}", answer.text());
}

#[test]
fn documents_of_the_query_are_there_and_the_others_are_not() {
    let world = World::new();
    world.role_on(&["staff"], &json!({"dls": "{\"bool\": {\"must\": [{\"term\": {\"team\": \"a\"}}, {\"match\": {\"name\": \"ann\"}}]}}"}));
    assert_eq!(world.found()[0]["name"], "ann");
    assert_eq!(world.found().as_array().unwrap().len(), 1);
    assert_eq!(world.status("GET", "/staff/_doc/2", &Value::Null), 404);
    let aggregated = json!({"size": 0, "aggs": {"t": {"terms": {"field": "team", "min_doc_count": 0}}, "g": {"global": {}, "aggs": {"n": {"value_count": {"field": "name"}}}}}});
    let answer = world.ask(&world.ann, "POST", "/staff/_search", &aggregated);
    assert!(
        !answer.text().contains("\"b\"") && answer.text().contains("\"value\":1"),
        "{}",
        answer.text()
    );
    // Nothing is written that would not be seen, nor is what is not seen replaced.
    let document = |team: &str| json!({"team": team, "name": "ann"});
    assert_eq!(world.status("PUT", "/staff/_doc/1", &document("a")), 200);
    assert_eq!(world.status("PUT", "/staff/_doc/3", &document("b")), 403);
    assert_eq!(world.status("PUT", "/staff/_doc/2", &document("a")), 403);
    assert_eq!(world.status("DELETE", "/staff/_doc/2", &Value::Null), 403);
    // And what does not honour it is refused.
    assert_eq!(world.status("PUT", "/staff/_clone/copy", &Value::Null), 403);
    let copy = json!({"source": {"index": "staff"}, "dest": {"index": "staff"}});
    assert_eq!(world.status("POST", "/_reindex", &copy), 403);
}

#[test]
fn a_query_that_cannot_be_asked_denies_the_index_and_says_why() {
    let world = World::new();
    for (dls, why) in [
        ("{bad", "it is no JSON"),
        (r#"{"nope": {}}"#, "unknown query [nope]"),
        (
            r#"{"term": {"team": "${attr.internal.team}"}}"#,
            "${attr.internal.team} has no value for this user",
        ),
        (
            r#"{"terms": {"team": {"index": "logs-1", "id": "1", "path": "n"}}}"#,
            "it looks up other documents",
        ),
        (r#"{"more_like_this": {"like": "x"}}"#, "[more_like_this]"),
    ] {
        world.role_on(&["staff"], &json!({"dls": dls}));
        let answer = world.ask(&world.ann, "GET", "/staff/_search", &Value::Null);
        assert_eq!(answer.status, 403, "{dls}: {}", answer.text());
        assert!(answer.text().contains(why), "{dls}: {}", answer.text());
    }
}

#[test]
fn d17_fields_that_are_excluded_are_nowhere_and_masked_ones_show_another_value() {
    let world = World::new();
    world.role_on(
        &["staff"],
        &json!({"fls": ["~pay"], "masked_fields": ["name", "mail::/@.*/::@..."]}),
    );
    let found = world.found();
    let first = found[0].as_object().unwrap();
    assert!(!first.contains_key("pay"), "{found}");
    let hash = first["name"].as_str().unwrap();
    assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{found}");
    assert_eq!(first["mail"], "ann@...");
    for query in [
        json!({"term": {"name": "ann"}}),
        json!({"range": {"pay": {"gte": 1}}}),
        json!({"exists": {"field": "pay"}}),
        json!({"prefix": {"mail": "ann@e"}}),
        json!({"query_string": {"query": "ann"}}),
    ] {
        let answer = world.ask(&world.ann, "POST", "/staff/_count", &json!({"query": query}));
        assert_eq!(answer.json()["count"], 0, "{query}: {}", answer.text());
    }
    for (target, body) in [
        (
            "/staff/_search",
            json!({"docvalue_fields": ["pay", "name"], "fields": ["*"], "sort": ["team"]}),
        ),
        (
            "/staff/_search",
            json!({"aggs": {"n": {"terms": {"field": "name"}}, "p": {"max": {"field": "pay"}}}}),
        ),
        ("/staff/_mget", json!({"ids": ["1"]})),
        ("/staff/_termvectors/1", json!({"fields": ["name", "pay"]})),
    ] {
        let answer = world.ask(&world.ann, "POST", target, &body);
        let text = answer.text();
        assert!(
            !text.contains("98765") && !text.contains("example.com") && !text.contains("\"ann\""),
            "{target} {body}: {text}"
        );
    }
}

#[test]
fn a_configuration_that_changes_holds_for_the_next_page() {
    let world = World::new();
    world.role_on(&["staff"], &json!({}));
    let first = world.ask(&world.ann, "POST", "/staff/_search?scroll=1m", &json!({"size": 1}));
    let id = first.json()["_scroll_id"].as_str().unwrap().to_owned();
    let page =
        |world: &World| world.ask(&world.ann, "POST", "/_search/scroll", &json!({"scroll_id": id}));
    assert_eq!(page(&world).status, 200);
    world.role_on(&["staff"], &json!({"dls": "{\"term\": {\"team\": \"a\"}}"}));
    let answer = page(&world);
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.text().contains("open it anew"), "{}", answer.text());
    assert_eq!(page(&world).status, 404);
}

#[test]
fn the_record_names_the_role_that_decided() {
    let world = World::new();
    world.role(&json!({"index_permissions": [{"index_patterns": ["logs-*"], "allowed_actions": ["read"]}]}));
    let told = |answer: &Answer| {
        let target = format!("/_countersign/explain/{}", answer.request_id());
        world.running.control("es").signed(&world.master, "GET", &target, b"").text()
    };
    let allowed = told(&world.ask(&world.ann, "GET", "/logs-1/_search", &Value::Null));
    assert!(allowed.contains("indices:data/read/search on logs-1: allowed."), "{allowed}");
    assert!(allowed.contains("decided by  role tested"), "{allowed}");
    let denied = told(&world.ask(&world.ann, "GET", "/staff/_search", &Value::Null));
    assert!(
        denied.contains("the policies allow it, and the roles of the domain do not"),
        "{denied}"
    );
    assert!(
        denied.contains("indices:data/read/search on staff: denied because no role allows it."),
        "{denied}"
    );
    assert!(denied.contains("considered  role tested"), "{denied}");
}

#[test]
fn internal_users_sign_in_by_basic_and_have_cursors_of_their_own() {
    let running = Running::start();
    let domain = running.domain();
    let open = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "es:ESHttp*",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/*"}]});
    enable(
        &running,
        &json!({"Enabled": true, "InternalUserDatabaseEnabled": true,
        "MasterUserOptions": {"MasterUserName": "boss", "MasterUserPassword": PASSWORD}}),
    );
    configure(&running, &json!({"AccessPolicies": open.to_string()}));
    let ask = |name: &str, password: &str, method: &str, target: &str, body: &Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let kind = ("content-type".to_owned(), "application/json".to_owned());
        domain.send(method, target, &[basic(name, password), kind], body.as_bytes())
    };
    let boss = |method: &str, target: &str, body: &Value| {
        let answer = ask("boss", PASSWORD, method, target, body);
        assert!(answer.status < 300, "{method} {target}: {}", answer.text());
        answer
    };
    boss("PUT", "/books/_doc/1?refresh=true", &json!({"owner": "clerk"}));
    boss("PUT", "/books/_doc/2?refresh=true", &json!({"owner": "other"}));
    for name in ["clerk", "other"] {
        let user = json!({"password": PASSWORD, "attributes": {"level": "1"}});
        boss("PUT", &format!("/_opendistro/_security/api/internalusers/{name}"), &user);
    }
    boss(
        "PUT",
        "/_opendistro/_security/api/roles/own",
        &json!({"cluster_permissions": ["cluster_composite_ops"], "index_permissions": [
        {"index_patterns": ["books"], "dls": "{\"term\": {\"owner.keyword\": \"${user.name}\"}}", "allowed_actions": ["read"]}]}),
    );
    boss(
        "PUT",
        "/_opendistro/_security/api/rolesmapping/own",
        &json!({"users": ["clerk", "other"]}),
    );
    let found = ask("clerk", PASSWORD, "GET", "/books/_search", &Value::Null);
    assert_eq!(found.json()["hits"]["total"]["value"], 1, "{}", found.text());
    assert!(!found.text().contains("other"), "{}", found.text());
    let opened = ask("clerk", PASSWORD, "POST", "/books/_search?scroll=1m", &json!({"size": 1}));
    let id = json!({"scroll_id": opened.json()["_scroll_id"]});
    assert_eq!(ask("other", PASSWORD, "POST", "/_search/scroll", &id).status, 404);
    assert_eq!(ask("clerk", PASSWORD, "POST", "/_search/scroll", &id).status, 200);
    // Nobody else comes in, and nobody is anonymous.
    for (name, password) in [("clerk", "wrong"), ("nobody", PASSWORD), ("Clerk", PASSWORD)] {
        let answer = ask(name, password, "GET", "/books/_search", &Value::Null);
        assert_eq!((answer.status, answer.text()), (401, "Unauthorized".to_owned()), "{name}");
    }
    let answer = domain.send("GET", "/books/_search", &[], b"");
    assert_eq!((answer.status, answer.text()), (401, "Unauthorized".to_owned()));
    let info =
        ask("clerk", PASSWORD, "GET", "/_opendistro/_security/authinfo", &Value::Null).json();
    assert_eq!(info["user"], "User [name=clerk, backend_roles=[], requestedTenant=null]");
    assert_eq!(
        (&info["roles"], &info["custom_attribute_names"]),
        (&json!(["own"]), &json!(["attr.internal.level"]))
    );
    let changed = json!({"password": "An-0ther-lamp!"});
    boss("PUT", "/_opendistro/_security/api/internalusers/clerk", &changed);
    assert_eq!(ask("clerk", PASSWORD, "GET", "/books/_search", &Value::Null).status, 401);
    assert_eq!(ask("clerk", "An-0ther-lamp!", "GET", "/books/_search", &Value::Null).status, 200);
}

#[test]
fn only_who_has_a_role_for_it_changes_roles_and_only_whom_the_policies_let() {
    let world = World::new();
    let role = json!({"cluster_permissions": ["*"]});
    let target = "/_opendistro/_security/api/roles/mine";
    let answer = world.ask(&world.ann, "PUT", target, &role);
    assert_eq!(answer.status, 403);
    assert!(
        answer.text().contains("does not have any role privileged for admin access"),
        "{}",
        answer.text()
    );
    assert_eq!(world.ask(&world.master, "PUT", target, &role).status, 201);
    assert_eq!(world.ask(&world.master, "GET", target, &Value::Null).status, 200);
    let patch = json!([{"op": "add", "path": "/cluster_permissions/-", "value": "x"}]);
    assert_eq!(world.ask(&world.master, "PATCH", target, &patch).status, 200);
    world.must(
        "PUT",
        "/_opendistro/_security/api/rolesmapping/all_access",
        &json!({"users": [MASTER, "arn:aws:iam::123456789012:user/ann"]}),
    );
    assert_eq!(world.ask(&world.ann, "DELETE", target, &Value::Null).status, 200);
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "es:*", "Resource": "arn:aws:es:*:*:domain/dev/_opendistro/*"}]});
    let form = [("Action", "PutUserPolicy"), ("UserName", "ann"), ("PolicyName", "q")];
    world.running.call("iam", &[&form[..], &[("PolicyDocument", &policy.to_string())]].concat());
    assert_eq!(
        world.ask(&world.ann, "GET", "/_opendistro/_security/api/roles", &Value::Null).status,
        403
    );
}

#[test]
fn a_role_that_is_assumed_is_known_by_its_arn_as_backend_role() {
    let world = World::new();
    let info = world.ask(&world.ann, "GET", "/_opendistro/_security/authinfo", &Value::Null).json();
    assert_eq!(info["user_name"], "arn:aws:iam::123456789012:user/ann");
    assert_eq!(info["backend_roles"], json!([]));
    world.must(
        "PUT",
        "/_opendistro/_security/api/rolesmapping/readall",
        &json!({"backend_roles": ["arn:aws:iam::123456789012:role/reader"]}),
    );
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/developer"}, "Action": "sts:AssumeRole"}]});
    world.running.call(
        "iam",
        &[
            ("Action", "CreateRole"),
            ("RoleName", "reader"),
            ("AssumeRolePolicyDocument", &trust.to_string()),
        ],
    );
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "es:ESHttp*", "Resource": "*"}]});
    world.running.call(
        "iam",
        &[
            ("Action", "PutRolePolicy"),
            ("RoleName", "reader"),
            ("PolicyName", "p"),
            ("PolicyDocument", &policy.to_string()),
        ],
    );
    let xml = world.running.call(
        "sts",
        &[
            ("Action", "AssumeRole"),
            ("RoleArn", "arn:aws:iam::123456789012:role/reader"),
            ("RoleSessionName", "one"),
        ],
    );
    let key = Key {
        id: element(&xml, "AccessKeyId"),
        secret: sigv4::SecretKey::new(&element(&xml, "SecretAccessKey")),
        token: Some(element(&xml, "SessionToken")),
    };
    assert_eq!(world.ask(&key, "GET", "/staff/_search", &Value::Null).status, 200);
    let answer = world.ask(&key, "DELETE", "/staff", &Value::Null);
    let reason = answer.json()["error"]["reason"].as_str().unwrap().to_owned();
    assert_eq!(
        reason,
        "no permissions for [indices:admin/delete] and User [name=arn:aws:iam::123456789012:role/reader, backend_roles=[arn:aws:iam::123456789012:role/reader], requestedTenant=null]"
    );
}

#[test]
fn who_can_what_is_told_with_what_the_roles_say() {
    let world = World::new();
    world.role(&json!({"index_permissions": [
        {"index_patterns": ["logs-*"], "allowed_actions": ["read"]},
        {"index_patterns": ["staff"], "allowed_actions": ["read"], "dls": "{\"term\": {\"team\": \"a\"}}"}]}));
    let told = who_can::told(&world.running, &world.master, "index=logs-1,staff,other");
    let cell = |index: &str, request: &str| who_can::cell(&told, "user/ann", index, request);
    let search = cell("logs-1", "search");
    assert_eq!(search["outcome"], "allowed", "{search:#}");
    let by_role = search["decisions"].as_array().unwrap().iter().any(|decision| {
        decision["by"][0] == json!({"kind": "role", "policy": "tested", "statement": 0})
    });
    assert!(by_role, "{search:#}");
    assert_eq!(
        (&cell("staff", "search")["outcome"], &cell("staff", "search")["documents"]),
        (&json!("partly"), &json!("some"))
    );
    let write = cell("logs-1", "write");
    assert!(
        write["text"].as_str().unwrap().contains("no permissions for [indices:data/write/bulk]"),
        "{write:#}"
    );
    let principals = told["principals"].as_array().unwrap();
    let ann = principals.iter().find(|it| it["principal"] == "arn:aws:iam::123456789012:user/ann");
    assert_eq!(ann.unwrap()["roles"], json!(["tested"]));
    assert_eq!(told["hasRoles"], true);
    for (who, key) in [("user/ann", &world.ann), ("user/developer", &world.master)] {
        who_can::is_as_sent(&world.domain, &told, who, key, &["logs-1", "staff", "other"]);
    }
}

#[test]
fn internal_users_are_among_those_who_can() {
    let running = Running::start();
    let open = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "es:ESHttp*",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/*"}]});
    let master = json!({"MasterUserName": "boss", "MasterUserPassword": PASSWORD});
    enable(
        &running,
        &json!({"Enabled": true, "InternalUserDatabaseEnabled": true, "MasterUserOptions": master}),
    );
    configure(&running, &json!({"AccessPolicies": open.to_string()}));
    let told = who_can::told(&running, &running.developer(), "index=logs-1");
    let row = told["principals"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["principal"] == "internal-user/boss");
    assert_eq!(row.unwrap()["kind"], "internalUser", "{told:#}");
    let write = who_can::cell(&told, "internal-user/boss", "logs-1", "write");
    assert_eq!(write["outcome"], "allowed", "{write:#}");
    let kind = ("content-type".to_owned(), "application/json".to_owned());
    let answer =
        running.domain().send("PUT", "/logs-1/_doc/1", &[basic("boss", PASSWORD), kind], b"{}");
    assert_eq!(answer.status, 201, "{}", answer.text());
    // The policies let users of IAM in, too, and no role is mapped to them.
    assert_eq!(who_can::cell(&told, "user/developer", "logs-1", "write")["outcome"], "denied");
}

#[test]
fn a_domain_without_it_says_so() {
    let running = Running::start();
    let answer = running.domain().signed(
        &running.developer(),
        "GET",
        "/_opendistro/_security/api/roles",
        b"",
    );
    assert_eq!(answer.status, 501);
    assert!(answer.text().contains("AdvancedSecurityOptions"), "{}", answer.text());
}

#[test]
fn what_is_proposed_for_a_denial_by_roles_is_one_permission_of_one_role() {
    let world = World::new();
    let proposed = |answer: &Answer| -> Value {
        world.running.record(answer);
        let target = format!("/_countersign/explain/{}?format=json", answer.request_id());
        let told = world.running.control("es").signed(&world.master, "GET", &target, b"");
        assert_eq!(told.status, 200, "{}", told.text());
        told.json()["repairs"][0].clone()
    };
    let search = json!({"sort": "_doc"});
    // Without a role there is none to change.
    let denied = world.ask(&world.ann, "POST", "/logs-1/_search", &search);
    let none = proposed(&denied);
    assert_eq!(none["outcome"], "several", "{none:#}");
    assert!(none["text"].as_str().unwrap().contains("make a role"), "{none:#}");
    world.role(
        &json!({"index_permissions": [{"index_patterns": ["staff"], "allowed_actions": ["read"],
        "dls": "{\"term\": {\"team\": \"a\"}}", "fls": ["~pay"]}]}),
    );
    let before = world.found();
    let denied = world.ask(&world.ann, "POST", "/logs-1/_search", &search);
    let repair = proposed(&denied);
    assert_eq!(repair["outcome"], "change", "{repair:#}");
    assert_eq!(repair["policy"], "tested", "{repair:#}");
    assert_eq!(repair["edits"], json!(["add indices:data/read/search on logs-1 to role tested"]));
    let patch = json!([repair["after"]]);
    world.must("PATCH", "/_opendistro/_security/api/roles/tested", &patch);
    let status = |method: &str, target: &str| {
        let body = if method == "GET" || method == "DELETE" { Value::Null } else { json!({}) };
        world.status(method, target, &body)
    };
    assert_eq!(world.status("POST", "/logs-1/_search", &search), 200);
    for (method, target) in [
        ("POST", "/logs-2/_search"),
        ("PUT", "/logs-1/_doc/9"),
        ("DELETE", "/logs-1"),
        ("GET", "/_cluster/health"),
    ] {
        assert_eq!(status(method, target), 403, "{method} {target}");
    }
    assert_eq!(world.found(), before, "what the role shows of other indices stays as it was");
    // An action more on an index of which the role shows a part shows no more of it.
    let denied = world.ask(&world.ann, "GET", "/staff/_stats", &Value::Null);
    let repair = proposed(&denied);
    assert_eq!(repair["outcome"], "change", "{repair:#}");
    world.must("PATCH", "/_opendistro/_security/api/roles/tested", &json!([repair["after"]]));
    assert_eq!(world.found(), before);
}
