//! `GET /_countersign/domains/NAME/who-can`: who of the account may do what with indices of a domain, judged as requests are.

use serde_json::{Value, json};

use crate::audit::root_of;
use crate::client::{Answer, Client, Key};
use crate::service::Running;

pub(crate) fn ask(running: &Running, key: &Key, domain: &str, query: &str) -> Answer {
    let target = format!("/_countersign/domains/{domain}/who-can?{query}");
    running.control("es").signed(key, "GET", &target, b"")
}

pub(crate) fn told(running: &Running, key: &Key, query: &str) -> Value {
    let answer = ask(running, key, "dev", query);
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json()
}

/// What is told of somebody's request about an index.
pub(crate) fn cell<'t>(told: &'t Value, who: &str, index: &str, request: &str) -> &'t Value {
    let principals = told["principals"].as_array().unwrap();
    let row = principals.iter().find(|it| it["principal"].as_str().unwrap().ends_with(who));
    let cells = row.unwrap_or_else(|| panic!("{who}: {told:#}"))["cells"].as_array().unwrap();
    let is_it = |cell: &&Value| cell["index"] == index && cell["request"] == request;
    cells.iter().find(is_it).unwrap_or_else(|| panic!("{index} {request}: {told:#}"))
}

/// The requests that are judged, with their bodies.
const SENT: [(&str, &str, &str, &str); 5] = [
    ("search", "POST", "/INDEX/_search", ""),
    ("read", "GET", "/INDEX/_doc/1", ""),
    ("write", "PUT", "/INDEX/_doc/1", "{}"),
    ("bulk", "POST", "/INDEX/_bulk", "{\"index\":{}}\n{}\n"),
    ("delete", "DELETE", "/INDEX", ""),
];

/// Sends what was judged, and compares.
pub(crate) fn is_as_sent(domain: &Client, told: &Value, who: &str, key: &Key, indices: &[&str]) {
    for index in indices {
        for (name, method, path, body) in SENT {
            let answer = domain.signed(key, method, &path.replace("INDEX", index), body.as_bytes());
            let item = answer.json()["items"][0]["index"]["status"].clone();
            let is_denied = answer.status == 403 || item == 403;
            let cell = cell(told, who, index, name);
            let outcome = cell["outcome"].as_str().unwrap();
            assert_eq!(
                outcome == "denied",
                is_denied,
                "{who} {name} {index}: {}\n{cell:#}",
                answer.text()
            );
        }
    }
}

fn put_policy(running: &Running, kind: &str, name: &str, statements: &Value) {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let (action, parameter) = (format!("Put{kind}Policy"), format!("{kind}Name"));
    let form = [("Action", action.as_str()), (parameter.as_str(), name)];
    let policy = [("PolicyName", "p"), ("PolicyDocument", text.as_str())];
    running.call("iam", &[&form[..], &policy].concat());
}

#[test]
fn each_cell_says_what_the_request_would_read_and_by_what() {
    let running = Running::start();
    let (developer, stranger) = (running.developer(), running.stranger());
    let arn = |path: &str| format!("arn:aws:es:us-east-1:123456789012:domain/dev/{path}");
    put_policy(
        &running,
        "Role",
        "stranger",
        &json!([
        {"Sid": "Reads", "Effect": "Allow", "Action": "es:ESHttpGet", "Resource": arn("books/*")},
        {"Sid": "Searches", "Effect": "Allow", "Action": "es:ESHttpPost", "Resource": arn("books/_search")}]),
    );
    let told = told(&running, &developer, "index=books,staff");
    let requests: Vec<_> = told["requests"].as_array().unwrap().iter().collect();
    for (request, (name, method, path, _)) in requests.iter().zip(SENT) {
        assert_eq!((&request["name"], &request["method"]), (&json!(name), &json!(method)));
        assert_eq!(request["path"], path);
    }
    let searches = cell(&told, "role/stranger", "books", "search");
    assert_eq!(searches["decisions"][0]["by"][0]["sid"], "Searches", "{searches:#}");
    let writes = cell(&told, "role/stranger", "books", "write");
    assert!(
        writes["text"].as_str().unwrap().contains("is not authorized to perform: es:ESHttpPut")
    );
    assert!(writes["decisions"][0]["nearest"]["failed"].is_string(), "{writes:#}");
    let (domain, app) = (running.domain(), running.assume("search-app"));
    for (who, key) in
        [("role/stranger", &stranger), ("role/search-app", &app), ("user/developer", &developer)]
    {
        is_as_sent(&domain, &told, who, key, &["books", "staff"]);
    }
    assert_eq!((&told["hasRoles"], &told["next"]), (&json!(false), &Value::Null));
}

#[test]
fn an_alias_of_which_some_indices_are_allowed_is_allowed_in_part() {
    let running = Running::start();
    let (developer, stranger) = (running.developer(), running.stranger());
    let domain = running.domain();
    for index in ["one", "two"] {
        let body = json!({"aliases": {"both": {}}}).to_string();
        let made = domain.signed(&developer, "PUT", &format!("/{index}"), body.as_bytes());
        assert_eq!(made.status, 200, "{}", made.text());
    }
    put_policy(
        &running,
        "Role",
        "stranger",
        &json!([{"Effect": "Allow", "Action": "es:ESHttp*",
        "Resource": ["arn:aws:es:us-east-1:123456789012:domain/dev/both/*", "arn:aws:es:us-east-1:123456789012:domain/dev/one/*"]}]),
    );
    let told = told(&running, &developer, "index=both,one,two,none");
    assert_eq!(told["indices"][0], json!({"name": "both", "exists": true}));
    assert_eq!(told["indices"][3], json!({"name": "none", "exists": false}));
    is_as_sent(&domain, &told, "role/stranger", &stranger, &["both", "one", "two", "none"]);
}

#[test]
fn what_is_not_known_of_a_request_is_named() {
    let running = Running::start();
    running.stranger();
    put_policy(
        &running,
        "Role",
        "stranger",
        &json!([{"Effect": "Allow", "Action": "es:*", "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}]),
    );
    let told = told(&running, &running.developer(), "index=books");
    let cell = cell(&told, "role/stranger", "books", "search");
    assert_eq!((&cell["outcome"], &cell["missing"]), (&json!("denied"), &json!(["aws:SourceIp"])));
}

#[test]
fn an_answer_depends_on_unknown_keys_only_where_it_may_be_another_one() {
    let running = Running::start();
    running.stranger();
    let allow = json!({"Effect": "Allow", "Action": "es:*", "Resource": "*"});
    let deny = json!({"Effect": "Deny", "Action": "es:*", "Resource": "*"});
    let from = |statement: &Value| {
        let mut statement = statement.clone();
        statement["Condition"] = json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}});
        statement
    };
    for (statements, outcome, depends) in [
        (json!([allow, from(&deny)]), "allowed", true),
        (json!([allow, from(&allow)]), "allowed", false),
        (json!([from(&allow)]), "denied", true),
        (json!([from(&allow), deny]), "denied", false),
    ] {
        put_policy(&running, "Role", "stranger", &statements);
        let told = told(&running, &running.developer(), "index=books");
        let cell = cell(&told, "role/stranger", "books", "search");
        assert_eq!(
            (&cell["outcome"], &cell["depends"]),
            (&json!(outcome), &json!(depends)),
            "{cell:#}"
        );
        assert_eq!(cell["missing"], json!(["aws:SourceIp"]), "{cell:#}");
    }
}

#[test]
fn documents_that_a_policy_shows_in_part_are_told() {
    let running = Running::start();
    running.stranger();
    let domain = running.domain();
    let mapping = json!({"mappings": {"properties": {"team": {"type": "keyword"}}}}).to_string();
    domain.signed(&running.developer(), "PUT", "/staff", mapping.as_bytes());
    put_policy(
        &running,
        "Role",
        "stranger",
        &json!([{"Effect": "Allow", "Action": "es:ESHttp*", "Resource": "*",
        "Condition": {"StringEquals": {"es:Document/team": "red"}}}]),
    );
    let told = told(&running, &running.developer(), "index=staff");
    let search = cell(&told, "role/stranger", "staff", "search");
    assert_eq!((&search["outcome"], &search["documents"]), (&json!("partly"), &json!("some")));
    let delete = cell(&told, "role/stranger", "staff", "delete");
    assert_eq!((&delete["outcome"], &delete["documents"]), (&json!("denied"), &Value::Null));
}

#[test]
fn it_takes_the_actions_on_the_domain_and_that_on_all_identities() {
    let running = Running::start();
    let (stranger, developer) = (running.stranger(), running.developer());
    let dev = "arn:aws:es:us-east-1:123456789012:domain/dev";
    let of_domain = json!({"Effect": "Allow", "Action": "countersign:GetWhoCan", "Resource": dev});
    let of_configuration =
        json!({"Effect": "Allow", "Action": "es:DescribeDomainConfig", "Resource": dev});
    let of_all =
        json!({"Effect": "Allow", "Action": "iam:GetAccountAuthorizationDetails", "Resource": "*"});
    for (statements, denied) in [
        (json!([of_all, of_configuration]), "countersign:GetWhoCan"),
        (json!([of_domain, of_configuration]), "iam:GetAccountAuthorizationDetails"),
        (json!([of_domain, of_all]), "es:DescribeDomainConfig"),
    ] {
        put_policy(&running, "Role", "stranger", &statements);
        let answer = ask(&running, &stranger, "dev", "index=books");
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert!(answer.text().contains(denied), "{}", answer.text());
    }
    put_policy(&running, "Role", "stranger", &json!([of_domain, of_configuration, of_all]));
    let answer = ask(&running, &stranger, "dev", "index=books");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(running.record(&answer).action.as_deref(), Some("countersign:GetWhoCan"));
    assert_eq!(ask(&running, &stranger, "other", "index=books").status, 403, "another domain");
    assert_eq!(ask(&running, &developer, "other", "index=books").status, 404);
    let target = "/_countersign/domains/dev/who-can?index=books";
    let control = running.control("es");
    assert_eq!(control.anonymous("GET", target, b"").status, 403);
    assert_eq!(control.signed(&developer, "POST", target, b"").status, 405);
    let wrong = ask(&running, &developer, "dev", "index=A");
    assert_eq!(wrong.status, 400, "{}", wrong.text());
    assert!(wrong.json()["message"].as_str().unwrap().contains("'index' is 'A', expected"));
}

#[test]
fn another_account_asks_about_its_own_domains_alone() {
    let running = Running::start_with(None, |options| {
        options.settings.accounts.others = vec!["210987654321".to_owned()];
    });
    let key = root_of(&running, "210987654321");
    assert_eq!(ask(&running, &key, "dev", "index=books").status, 404);
}

#[test]
fn many_principals_come_by_pages() {
    let running = Running::start();
    for number in 0..55 {
        let name = format!("user-{number:02}");
        running.call("iam", &[("Action", "CreateUser"), ("UserName", &name)]);
    }
    let (mut found, mut query) = (Vec::new(), "index=books".to_owned());
    loop {
        let page = told(&running, &running.developer(), &query);
        let principals = page["principals"].as_array().unwrap().clone();
        found.extend(principals.iter().map(|it| it["principal"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("index=books&after={next}");
    }
    let mut sorted = found.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(found, sorted);
    assert!(found.len() > 56, "{found:?}");
}
