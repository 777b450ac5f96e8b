//! A cluster elsewhere behind the gate: what it is sent, what of its answers reaches the client, and what becomes of both when
//! it fails. Abuse cases of the groups B, F and H.

mod attacked;
mod audited;
mod gateways;
mod shared;
mod streamed;
mod stub;
pub(crate) mod traced;

use std::io::Read;

use serde_json::json;
use server::PoolSettings;

use self::stub::{Received, Stub, Told};
use crate::client::{Answer, Client, Key};
use crate::service::{Running, element};

const ARN: &str = "arn:aws:es:us-east-1:123456789012:domain/dev";

/// A service whose domain `dev` is served by a cluster.
struct Gate {
    running: Running,
    domain: Client,
}

impl Gate {
    fn before(nodes: &[&Stub]) -> Self {
        let urls: Vec<String> = nodes.iter().map(|node| node.url()).collect();
        Self::with(PoolSettings::new(ARN.to_owned(), urls))
    }

    fn with(pool: PoolSettings) -> Self {
        Self::start(pool, |_settings| {})
    }

    /// With other settings than the usual ones.
    fn start(pool: PoolSettings, edit: impl FnOnce(&mut server::Settings)) -> Self {
        let running = Running::start_with(None, |options| {
            options.settings.pools = [("main".to_owned(), pool)].into();
            edit(&mut options.settings);
        });
        let domain = running.domain();
        Self { running, domain }
    }

    fn developer(&self, method: &str, target: &str, body: &str) -> Answer {
        self.domain.signed(&self.running.developer(), method, target, body.as_bytes())
    }

    /// A user who may do everything on these paths of the domain.
    fn user(&self, name: &str, paths: &[&str]) -> Key {
        self.running.call("iam", &[("Action", "CreateUser"), ("UserName", name)]);
        let form = [("Action", "CreateAccessKey"), ("UserName", name)];
        let xml = self.running.call("iam", &form);
        let resources: Vec<String> = paths.iter().map(|path| format!("{ARN}/{path}")).collect();
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "es:ESHttp*", "Resource": resources}]});
        let policy = policy.to_string();
        let form = [("Action", "PutUserPolicy"), ("UserName", name), ("PolicyName", "p")];
        self.running.call("iam", &[&form[..], &[("PolicyDocument", &policy)]].concat());
        let secret = sigv4::SecretKey::new(&element(&xml, "SecretAccessKey"));
        Key { id: element(&xml, "AccessKeyId"), secret, token: None }
    }

    /// Sets the domain's authorization mode.
    fn set_mode(&self, mode: &str) {
        let body = json!({"AdvancedOptions": {"countersign.authorization": mode}}).to_string();
        let target = "/2021-01-01/opensearch/domain/dev/config";
        let control = self.running.control("es");
        let set = control.signed(&self.running.developer(), "POST", target, body.as_bytes());
        assert_eq!(set.status, 200, "{}", set.text());
    }

    /// A page of the operator's.
    fn admin(&self, path: &str) -> String {
        let address = self.running.service().admin_url.trim_start_matches("http://").to_owned();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }
}

fn fine(_: &Received) -> Told {
    Told::Json(200, json!({"fine": true}))
}

fn reason(answer: &Answer) -> String {
    answer.json()["error"]["reason"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_request_is_sent_with_the_concrete_indices_that_the_caller_may_touch() {
    let stub = Stub::start(fine);
    let gate = Gate::before(&[&stub]);
    let reader = gate.user("reader", &["_search", "open/*", "_mget", "_cat/indices"]);
    let told = gate.domain.signed(&reader, "GET", "/_search?size=1", b"");
    assert_eq!((told.status, told.json()), (200, json!({"fine": true})));
    assert_eq!(gate.domain.signed(&reader, "GET", "/_cat/indices", b"").status, 200);
    assert_eq!(gate.domain.signed(&reader, "GET", "/secret/_search", b"").status, 403);
    assert_eq!(gate.domain.signed(&reader, "GET", "/both/_search", b"").status, 403);
    assert_eq!(stub.lines(), ["GET /open/_search?size=1", "GET /_cat/indices/open"]);
}

#[test]
fn denied_items_are_answered_here_and_the_others_by_the_cluster_in_their_order() {
    let stub = Stub::start(|_| {
        Told::Json(200, json!({"docs": [{"_index": "open", "_id": "2", "found": false}]}))
    });
    let gate = Gate::before(&[&stub]);
    let reader = gate.user("reader", &["_mget", "open/*"]);
    let body = r#"{"docs":[{"_index":"secret","_id":"1"},{"_index":"open","_id":"2"},{"_index":"both","_id":"3"}]}"#;
    let told = gate.domain.signed(&reader, "POST", "/_mget", body.as_bytes());
    let docs = told.json()["docs"].clone();
    assert_eq!(docs[0]["status"], 403, "{}", told.text());
    assert_eq!(docs[1], json!({"_index": "open", "_id": "2", "found": false}));
    assert_eq!(docs[2]["status"], 403);
    assert_eq!(stub.received()[0].body, r#"{"docs":[{"_index":"open","_id":"2"}]}"#);
}

#[test]
fn an_error_that_may_name_a_hidden_index_is_read_here_and_so_not_asked_for_compressed() {
    let stub = Stub::start(|request| match request.header("accept-encoding") {
        // What is compressed is not looked into.
        Some(_) => Told::Json(200, json!({"compressed": true})),
        None => {
            Told::Json(400, json!({"error": {"reason": "conflicts with [secret]"}, "status": 400}))
        }
    });
    let gate = Gate::before(&[&stub]);
    let maker = gate.user("maker", &["new", "open/*"]);
    let asked = |method: &str, target: &str| {
        let mut headers = gate.domain.sign(&maker, method, target, &[], b"");
        headers.push(("accept-encoding".to_owned(), "gzip".to_owned()));
        gate.domain.send(method, target, &headers, b"")
    };
    let told = asked("PUT", "/new");
    assert_eq!(told.status, 400, "{}", told.text());
    assert!(!told.text().contains("secret"), "{}", told.text());
    let seen = asked("GET", "/open/_search");
    assert_eq!((seen.status, seen.json()), (200, json!({"compressed": true})));
}

#[test]
fn what_cannot_be_pinned_is_refused_by_name_and_not_sent() {
    let stub = Stub::start(fine);
    let gate = Gate::before(&[&stub]);
    for (method, target) in [
        ("GET", "/_cluster/stats"),
        ("GET", "/_cat/allocation"),
        ("POST", "/open/_doc?pipeline=p"),
        ("GET", "/_plugins/_security/api/internalusers"),
        ("PUT", "/_snapshot/r/s"),
    ] {
        let body = if target.contains("_doc") { "{}" } else { "" };
        let told = gate.developer(method, target, body);
        assert_eq!(told.status, 501, "{target}: {}", told.text());
        assert!(told.json()["error"]["type"].is_string(), "{}", told.text());
    }
    assert!(stub.lines().is_empty(), "{:?}", stub.lines());
}

#[test]
fn a_scroll_that_was_closed_or_that_the_cluster_lost_goes_on_under_no_name_of_it() {
    let stub = Stub::start(|request| {
        let lost = json!({"error": {"root_cause": [], "type": "search_phase_execution_exception",
            "caused_by": {"type": "search_context_missing_exception"}}, "status": 404});
        match request.line.contains("/_search/scroll") {
            true if request.body.contains("theirs-2") => Told::Json(404, lost),
            true => Told::Json(200, json!({"_scroll_id": "theirs-2", "succeeded": true})),
            false => Told::Json(200, json!({"_scroll_id": "theirs-1", "hits": {}})),
        }
    });
    let gate = Gate::before(&[&stub]);
    let id = |answer: &Answer| answer.json()["_scroll_id"].as_str().unwrap().to_owned();
    let asked = |method: &str, id: &str| {
        let body = json!({"scroll_id": id}).to_string();
        gate.developer(method, "/_search/scroll", &body)
    };
    let closed = id(&gate.developer("GET", "/open/_search?scroll=1m", ""));
    assert_eq!(asked("DELETE", &closed).status, 200);
    assert_eq!(asked("POST", &closed).status, 404);
    assert_eq!(asked("DELETE", &closed).status, 404);
    let lost = id(&gate.developer("GET", "/open/_search?scroll=1m", ""));
    let next = id(&asked("POST", &lost));
    assert_eq!(asked("POST", &next).status, 404);
    let sent = stub.lines().len();
    for name in [&lost, &next] {
        assert_eq!(asked("POST", name).status, 404);
    }
    assert_eq!(stub.lines().len(), sent);
}

#[test]
fn a_scroll_is_its_openers_alone_and_the_clusters_name_for_it_is_told_to_nobody() {
    let stub = Stub::start(|request| match request.line.contains("/_search/scroll") {
        true => Told::Json(200, json!({"_scroll_id": "theirs-2", "hits": {}})),
        false => Told::Json(200, json!({"_scroll_id": "theirs-1", "hits": {}})),
    });
    let gate = Gate::before(&[&stub]);
    let opened = gate.developer("GET", "/open/_search?scroll=1m", "");
    let id = opened.json()["_scroll_id"].as_str().unwrap().to_owned();
    assert!(!opened.text().contains("theirs"), "{}", opened.text());
    let page = json!({"scroll_id": id, "scroll": "1m"}).to_string();
    let other = gate.user("other", &["*"]);
    let refused = gate.domain.signed(&other, "POST", "/_search/scroll", page.as_bytes());
    assert_eq!(refused.status, 404, "{}", refused.text());
    let next = gate.developer("POST", "/_search/scroll", &page);
    assert_eq!(next.status, 200, "{}", next.text());
    assert!(!next.text().contains("theirs"), "{}", next.text());
    let by_its_name = json!({"scroll_id": "theirs-2"}).to_string();
    assert_eq!(gate.developer("POST", "/_search/scroll", &by_its_name).status, 404);
    // Under the older name, too.
    gate.developer("POST", "/_search/scroll", &page);
    let asked: Vec<String> = stub.received().into_iter().map(|request| request.body).collect();
    assert_eq!(asked[1], r#"{"scroll_id":"theirs-1","scroll":"1m"}"#);
    assert_eq!(asked[2], r#"{"scroll_id":"theirs-2","scroll":"1m"}"#);
    assert_eq!(asked.len(), 3);
}

#[test]
fn a_scroll_over_no_index_is_answered_as_the_cluster_does_and_keeps_no_place() {
    let stub = Stub::start(|_| Told::Json(200, json!({"took": 0, "hits": {"hits": []}})));
    let gate = Gate::before(&[&stub]);
    // More than anybody may have open.
    for _ in 0..260 {
        let told = gate.developer("GET", "/zz*/_search?scroll=1m", "");
        assert_eq!((told.status, told.text().contains("took")), (200, true), "{}", told.text());
    }
}

#[test]
fn an_answer_that_tells_the_clusters_name_of_a_cursor_somewhere_else_is_a_502() {
    let stub = Stub::start(|_| Told::Json(200, json!({"took": 0, "_scroll_id": "theirs"})));
    let gate = Gate::before(&[&stub]);
    let told = gate.developer("GET", "/open/_search?scroll=1m", "");
    assert_eq!((told.status, told.text().contains("theirs")), (502, false), "{}", told.text());
}

#[test]
fn the_refusal_to_close_a_point_in_time_tells_our_name_for_it() {
    let stub = Stub::start(|request| match request.line.starts_with("DELETE") {
        true => Told::Json(404, json!({"pits": [{"successful": false, "pit_id": "theirs"}]})),
        false => Told::Json(200, json!({"pit_id": "theirs", "creation_time": 1})),
    });
    let gate = Gate::before(&[&stub]);
    let opened = gate.developer("POST", "/open/_search/point_in_time?keep_alive=1m", "");
    let id = opened.json()["pit_id"].as_str().unwrap().to_owned();
    let body = json!({"pit_id": [id]}).to_string();
    let closed = gate.developer("DELETE", "/_search/point_in_time", &body);
    let pits = json!({"pits": [{"successful": false, "pit_id": id}]});
    assert_eq!((closed.status, closed.json()), (404, pits), "{}", closed.text());
}

#[test]
fn b11_no_header_that_says_who_somebody_is_reaches_the_cluster_in_any_spelling() {
    let stub = Stub::start(fine);
    let gate = Gate::before(&[&stub]);
    let said = [
        "x-proxy-user",
        "X-Proxy-Roles",
        "X_Proxy_User",
        "x_proxy_roles",
        "x-opendistro-security-roles",
        "_opendistro_security_user",
        "es-security-runas-user",
        "es_security_runas_user",
        "securitytenant",
        "x-forwarded-for",
        "forwarded",
        "cookie",
        "x-forwarded-user",
        "x-forwarded-client-cert",
        "x-ssl-client-s-dn",
        "te",
        "proxy-authorization",
        "x-http-method-override",
    ];
    let mut headers = vec![("x-opaque-id", "mine")];
    headers.extend(said.map(|name| (name, "admin")));
    let signed = gate.domain.sign(&gate.running.developer(), "GET", "/open/_search", &[], b"");
    let signed: Vec<(String, String)> = signed
        .into_iter()
        .chain(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
        .collect();
    let answer = gate.domain.send("GET", "/open/_search", &signed, b"");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let request = stub.received().pop().unwrap();
    let names: Vec<String> =
        request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    assert_eq!(names, ["x-opaque-id", "host"], "{:?}", request.headers);
    assert_eq!(request.header("x-opaque-id"), Some("mine"));
}

#[test]
fn b16_no_cookie_challenge_or_connection_header_of_the_cluster_reaches_a_client() {
    let stub = Stub::start(|_| {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: s=1\r\n\
            www-authenticate: Basic\r\nauthorization: x\r\nx-internal: y\r\nwarning: 299 old\r\n\
            location: //elsewhere/x\r\nkeep-alive: timeout=5\r\ncontent-length: 2\r\n\r\n{}";
        Told::Bytes(head.into())
    });
    let gate = Gate::before(&[&stub]);
    let answer = gate.developer("GET", "/open/_search", "");
    assert_eq!((answer.status, answer.text().as_str()), (200, "{}"));
    for name in
        ["set-cookie", "www-authenticate", "authorization", "x-internal", "location", "keep-alive"]
    {
        assert_eq!(answer.header(name), None, "{name}");
    }
    assert_eq!(answer.header("warning"), Some("299 old"));
    gate.developer("GET", "/open/_search", "");
    assert!(stub.received().iter().all(|request| request.header("cookie").is_none()));
}

#[test]
fn b16_a_header_of_the_cluster_with_a_line_end_makes_no_second_header() {
    let stub = Stub::start(|_| {
        let head =
            b"HTTP/1.1 200 OK\r\nwarning: a\r\n set-cookie: s=1\r\ncontent-length: 2\r\n\r\n{}";
        Told::Bytes(head.to_vec())
    });
    let gate = Gate::before(&[&stub]);
    let answer = gate.developer("GET", "/open/_search", "");
    assert_eq!(answer.header("set-cookie"), None);
    assert!(matches!(answer.status, 200 | 502), "{}", answer.text());
}

#[test]
fn f4_a_redirect_of_the_cluster_is_not_followed() {
    let elsewhere = Stub::start(fine);
    let url = elsewhere.url();
    let stub = Stub::start(move |_| {
        let head =
            format!("HTTP/1.1 307 X\r\nlocation: {url}/_search\r\ncontent-length: 0\r\n\r\n");
        Told::Bytes(head.into_bytes())
    });
    let gate = Gate::before(&[&stub]);
    let answer = gate.developer("GET", "/open/_search", "");
    assert_eq!((answer.status, answer.header("location")), (307, None));
    assert!(elsewhere.lines().is_empty());
}

#[test]
fn h5_an_answer_that_breaks_off_is_never_whole() {
    let stub = Stub::start(|_| {
        let begin = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"took\":1";
        Told::Bytes(begin.into())
    });
    let gate = Gate::before(&[&stub]);
    let headers = gate.domain.sign(&gate.running.developer(), "GET", "/open/_search", &[], b"");
    let mut request = format!("GET /open/_search HTTP/1.1\r\nhost: {}\r\n", gate.domain.host());
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    let seen = gate.domain.exchange(format!("{request}connection: close\r\n\r\n").as_bytes());
    let text = String::from_utf8_lossy(&seen).into_owned();
    assert!(text.to_ascii_lowercase().contains("content-length: 1000"), "{text}");
    assert!(text.ends_with("{\"took\":1"), "{text}");
}

#[test]
fn h5_an_answer_that_must_be_read_whole_and_breaks_off_is_a_502() {
    let stub = Stub::start(|_| {
        Told::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"docs\":[".to_vec())
    });
    let gate = Gate::before(&[&stub]);
    let reader = gate.user("reader", &["_mget", "open/*"]);
    let body = r#"{"docs":[{"_index":"secret","_id":"1"},{"_index":"open","_id":"2"}]}"#;
    let told = gate.domain.signed(&reader, "POST", "/_mget", body.as_bytes());
    assert_eq!(told.status, 502, "{}", told.text());
    assert!(reason(&told).starts_with("the cluster behind this domain: "), "{}", told.text());
}

#[test]
fn h5_only_what_may_be_done_twice_is_tried_on_another_node() {
    let broken = Stub::start(|_| Told::Bytes(Vec::new()));
    let well = Stub::start(fine);
    let gate = Gate::before(&[&broken, &well]);
    assert_eq!(gate.developer("GET", "/open/_search", "").status, 200);
    assert_eq!((broken.lines().len(), well.lines().len()), (1, 1));
    let line = "{\"index\":{\"_index\":\"open\"}}\n{}\n";
    assert_eq!(gate.developer("PUT", "/_bulk", line).status, 502);
    assert_eq!((broken.lines().len(), well.lines().len()), (2, 1));
    // The node that broke off is not the busier one: it is asked first again.
    let told = gate.developer("POST", "/open/_doc", "{}");
    assert_eq!(told.status, 502, "{}", told.text());
    assert!(reason(&told).contains("broke off before it answered"), "{}", told.text());
    assert_eq!((broken.lines().len(), well.lines().len()), (3, 1));
}

#[test]
fn h5_a_cluster_that_goes_away_and_comes_back_is_told_of_and_used_again() {
    let stub = Stub::start(fine);
    let gate = Gate::before(&[&stub]);
    assert_eq!(gate.developer("GET", "/open/_search", "").status, 200);
    stub.set_down(true);
    let told = gate.developer("POST", "/open/_doc", "{}");
    assert!(matches!(told.status, 502 | 503), "{}", told.text());
    assert!(reason(&told).starts_with("the cluster behind this domain: "), "{}", told.text());
    stub.set_down(false);
    assert_eq!(gate.developer("GET", "/open/_search", "").status, 200);
}

#[test]
fn the_operators_pages_tell_of_each_node() {
    let stub = Stub::start(fine);
    let gate = Gate::before(&[&stub]);
    gate.developer("GET", "/open/_search", "");
    let ready = gate.admin("/readyz");
    assert!(ready.ends_with("ready\n"), "{ready}");
    let metrics = gate.admin("/metrics");
    let node = format!("{{pool=\"main\",node=\"127.0.0.1:{}\"", stub.port);
    for row in [
        "connections_open",
        "answers_total",
        "failures_total",
        "circuit_open",
        "answer_seconds_count",
    ] {
        assert!(metrics.contains(&format!("countersign_cluster_{row}{node}")), "{metrics}");
    }
}

/// Why a service whose domain `dev` is served by this pool does not start.
fn no_start(pool: PoolSettings) -> String {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut options = server::StartOptions::laptop(server::Settings::laptop(), false);
    options.settings.control.listen = "127.0.0.1:0".into();
    options.settings.admin.listen = "127.0.0.1:0".into();
    options.settings.domains.first_port = 0;
    options.settings.pools = [("main".to_owned(), pool)].into();
    let started = runtime.block_on(server::Service::start(&options, None, server::Clock::System));
    started.err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn a_pool_that_cannot_be_reached_says_so_at_the_first_start() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{closed}");
    let why = no_start(PoolSettings::new(ARN.to_owned(), vec![url]));
    assert!(why.contains("pools.main: no node of the cluster can be reached"), "{why}");
}

#[test]
fn a_domain_whose_cluster_is_not_reached_is_processing_and_its_progress_says_why() {
    let stub = Stub::start(fine);
    stub.set_down(true);
    let arn = ARN.replace("domain/dev", "domain/books");
    let pool = PoolSettings::new(arn, vec![stub.url()]);
    let running = Running::start_with(None, |options| {
        options.settings.pools = [("shelf".to_owned(), pool)].into();
    });
    let (control, key) = (running.control("es"), running.developer());
    let ask = |method: &str, path: &str, body: &str| {
        let target = format!("/2021-01-01/opensearch/domain{path}");
        let told = control.signed(&key, method, &target, body.as_bytes());
        assert_eq!(told.status, 200, "{}", told.text());
        told.json()
    };
    let create = json!({"DomainName": "books", "EngineVersion": "OpenSearch_2.19"});
    ask("POST", "", &create.to_string());
    let progress = || ask("GET", "/books/progress", "")["ChangeProgressStatus"].clone();
    assert!(running.eventually(|_| progress()["TotalNumberOfStages"] == 1), "{}", progress());
    let why = progress()["ChangeProgressStages"][0]["Description"].to_string();
    assert!(why.contains("the cluster broke off before it answered"), "{why}");
    let status = || ask("GET", "/books", "")["DomainStatus"].clone();
    assert_eq!((&status()["Processing"], &status()["Endpoint"]), (&json!(true), &json!(null)));

    stub.set_down(false);
    // Whoever knows the port is served at once: a request of its own may be the first to reach the cluster.
    let directory = running.service().state().control.directory();
    let books = directory.domains().find(|domain| domain.name == "books");
    let port = books.and_then(|domain| domain.port).unwrap();
    let domain = Client::new(port, &running.ca());
    assert!(running.eventually(|_| domain.signed(&key, "GET", "/", b"").status == 200));
    assert!(running.eventually(|_| status()["Processing"] == json!(false)), "{}", status());
    assert_eq!(progress()["Status"], "COMPLETED");
    ask("DELETE", "/books", "");
    let gone = |_: &Running| !running.service().domains().contains_key("books");
    assert!(running.eventually(gone));
}

#[test]
fn b14_a_cluster_with_an_untrusted_certificate_is_sent_nothing() {
    // A service of our own is what speaks TLS here; to a request without a signature it says 403.
    let other = Running::start();
    let url = other.service().domains()["dev"].clone();
    let mut pool = PoolSettings::new(ARN.to_owned(), vec![url]);
    let why = no_start(pool.clone());
    assert!(why.contains("certificate"), "{why}");
    pool.ca = Some(other.service().ca.clone());
    let why = no_start(pool);
    assert!(why.contains("GET / answered 403"), "{why}");
}

#[test]
fn the_health_and_the_nodes_of_a_domain_are_its_clusters() {
    let stub = Stub::start(fine);
    let gate = Gate::before(&[&stub]);
    let control = gate.running.control("es");
    let path = "/2021-01-01/opensearch/domain/dev/health";
    let told = control.signed(&gate.running.developer(), "GET", path, b"");
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(told.json()["ClusterHealth"], "Yellow", "{}", told.text());
    let told =
        control.signed(&gate.running.developer(), "GET", &path.replace("health", "nodes"), b"");
    let node = told.json()["DomainNodesStatusList"][0].clone();
    assert_eq!((&node["NodeId"], &node["NodeStatus"]), (&json!("stub-1"), &json!("Active")));
}

#[test]
fn d24_a_cluster_is_asked_nothing_about_its_users_and_roles_in_either_mode() {
    const INDICES: &[&str] = &["open", ".security-7", ".opendistro_security"];
    let stub = Stub::with_indices(INDICES, fine);
    let gate = Gate::before(&[&stub]);
    for mode in ["strict", "aws"] {
        gate.set_mode(mode);
        for (method, target, body) in [
            ("GET", "/.security-7/_search", ""),
            ("GET", "/.opendistro_security/_doc/1", ""),
            ("PUT", "/.opendistro_security/_doc/internalusers", "{}"),
            ("DELETE", "/.security-7", ""),
            ("GET", "/both/_search", ""),
            ("GET", "/open,.security-7/_search", ""),
            ("PUT", "/.security-8/_doc/1", "{}"),
            ("POST", "/_reindex", r#"{"source":{"index":".security-7"},"dest":{"index":"x"}}"#),
            ("POST", "/_aliases", r#"{"actions":[{"add":{"index":".security-7","alias":"x"}}]}"#),
            (
                "GET",
                "/open/_search",
                r#"{"query":{"terms":{"t":{"index":".security-7","id":"1","path":"t"}}}}"#,
            ),
        ] {
            let told = gate.developer(method, target, body);
            assert_eq!(told.status, 403, "{mode} {method} {target}: {}", told.text());
            assert!(reason(&told).contains("security configuration"), "{}", told.text());
        }
        assert!(stub.lines().is_empty(), "{mode}: {:?}", stub.lines());
    }
    let search = |target: &str| {
        assert_eq!(gate.developer("GET", target, "").status, 200, "{target}");
        stub.lines().pop().unwrap()
    };
    for mode in ["strict", "aws"] {
        gate.set_mode(mode);
        assert_eq!(search("/_search?expand_wildcards=all"), "GET /open/_search", "{mode}");
        assert_eq!(search("/_cat/indices"), "GET /_cat/indices/open", "{mode}");
    }
    let items =
        "{\"index\":{\"_index\":\".security-7\"}}\n{}\n{\"index\":{\"_index\":\"open\"}}\n{}\n";
    gate.developer("POST", "/_bulk", items);
    assert!(!stub.received().pop().unwrap().body.contains(".security"));
}

#[test]
fn what_mode_aws_cannot_say_without_the_clusters_users_is_501_in_words_of_its_own() {
    let stub = Stub::with_indices(&["open", ".security-7"], fine);
    let gate = Gate::before(&[&stub]);
    for (mode, what_helps) in [
        ("aws", "name other indices, or a pattern that does not match that one"),
        ("strict", "in authorization mode [strict] on a domain that a cluster serves"),
    ] {
        gate.set_mode(mode);
        let target = "/_all/_search?expand_wildcards=all&search_pipeline=p";
        let told = gate.developer("GET", target, "");
        assert_eq!(told.status, 501, "{mode}: {}", told.text());
        let text = reason(&told);
        assert!(text.starts_with("[search_pipeline] is not supported "), "{text}");
        assert!(text.ends_with(what_helps), "{text}");
    }
    gate.set_mode("aws");
    assert_eq!(gate.developer("GET", "/open/_search?search_pipeline=p", "").status, 200);
}

/// What in mode `aws` would make a cluster reach its own users, in another way each.
const BESIDES: &[(&str, &str, &str)] = &[
    (
        "PUT",
        "/_ingest/pipeline/go",
        r#"{"processors":[{"set":{"field":"_index","value":".security-7"}}]}"#,
    ),
    (
        "PUT",
        "/_ingest/pipeline/go",
        r#"{"processors":[{"script":{"source":"ctx[params.k] = params.to"}}]}"#,
    ),
    ("PUT", "/_scripts/go", r#"{"script":{"lang":"painless","source":"ctx._index = params.to"}}"#),
    (
        "POST",
        "/_reindex",
        r#"{"source":{"index":"open"},"dest":{"index":"x"},"script":{"source":"ctx._index='.security-7'"}}"#,
    ),
    (
        "POST",
        "/_snapshot/r/s/_restore",
        r#"{"indices":".security-7","rename_pattern":"(.+)","rename_replacement":"copy-$1"}"#,
    ),
    (
        "PUT",
        "/_cluster/settings",
        r#"{"persistent":{"cluster.remote.self.seeds":["127.0.0.1:9300"]}}"#,
    ),
    (
        "PUT",
        "/_cluster/settings",
        r#"{"transient":{"cluster":{"remote":{"self":{"seeds":["127.0.0.1:9300"]}}}}}"#,
    ),
    (
        "POST",
        "/_aliases",
        r#"{"actions":[{"add":{"index":"open","alias":"a","filter":{"bool":{"must":{"more_like_this":{"like":[{"_index":".security-7","_id":"user-elastic"}]}}}}}}]}"#,
    ),
    (
        "PUT",
        "/liking",
        r#"{"aliases":{"a":{"filter":{"more_like_this":{"like":[{"_index":".security-7","_id":"user-elastic"}]}}}}}"#,
    ),
    ("PUT", "/queries", r#"{"mappings":{"properties":{"q":{"type":"percolator"}}}}"#),
    ("PUT", "/open/_mapping", r#"{"properties":{"q":{"type":"percolator"}}}"#),
    (
        "PUT",
        "/_index_template/queries",
        r#"{"index_patterns":["q*"],"template":{"mappings":{"properties":{"q":{"type":"percolator"}}}}}"#,
    ),
];

#[test]
fn d24_in_mode_aws_nothing_that_a_request_makes_a_cluster_do_besides_reaches_its_users() {
    let stub = Stub::with_indices(&["open", ".security-7"], fine);
    let gate = Gate::before(&[&stub]);
    gate.set_mode("aws");
    for (method, target, body) in BESIDES {
        let told = gate.developer(method, target, body);
        assert_eq!(told.status, 501, "{method} {target} {body}: {}", told.text());
        let why = reason(&told);
        assert!(why.contains("keeps its own users") && !why.contains("strict"), "{why}");
    }
    assert!(stub.lines().is_empty(), "{:?}", stub.lines());
    for (method, target, body) in [
        (
            "PUT",
            "/_ingest/pipeline/beat",
            r#"{"processors":[{"grok":{"field":"m","patterns":["%{IP:ip}"]}},{"script":{"source":"ctx.a = 1"}}]}"#,
        ),
        ("PUT", "/open/_doc/1?pipeline=beat", "{}"),
        (
            "POST",
            "/_reindex",
            r#"{"source":{"index":"open"},"dest":{"index":"x"},"script":{"source":"ctx._source.a = 1"}}"#,
        ),
        ("POST", "/open/_update_by_query", r#"{"script":{"source":"ctx._source.a = 1"}}"#),
        ("PUT", "/_cluster/settings", r#"{"persistent":{"cluster.remote.other.seeds":null}}"#),
        (
            "POST",
            "/_aliases",
            r#"{"actions":[{"add":{"index":"open","alias":"a","filter":{"term":{"t":1}}}}]}"#,
        ),
    ] {
        let told = gate.developer(method, target, body);
        assert_eq!(told.status, 200, "{method} {target} {body}: {}", told.text());
    }
}

#[test]
fn d24_in_mode_aws_no_document_is_sent_to_an_alias_that_leads_to_a_clusters_users() {
    // All indices of the stub are behind `both`.
    let stub = Stub::with_indices(&["open", ".security-7"], fine);
    let gate = Gate::before(&[&stub]);
    gate.set_mode("aws");
    let sets = r#"{"set":{"field":"_index","value":"both"}}"#;
    for (method, target, body) in [
        ("PUT", "/_ingest/pipeline/go", format!(r#"{{"processors":[{sets}]}}"#)),
        ("PUT", "/_ingest/pipeline/go", format!(r#"{{"on_failure":[{sets}],"processors":[]}}"#)),
        (
            "PUT",
            "/_ingest/pipeline/go",
            r#"{"processors":[{"date_index_name":{"field":"t","index_name_prefix":"bo","index_name_format":"'th'","date_rounding":"y"}}]}"#
                .to_owned(),
        ),
        (
            "PUT",
            "/_scripts/go",
            r#"{"script":{"lang":"painless","source":"ctx._index = 'both'"}}"#.to_owned(),
        ),
        (
            "POST",
            "/_reindex",
            r#"{"source":{"index":"open"},"dest":{"index":"x"},"script":{"source":"ctx._index = 'both'"}}"#
                .to_owned(),
        ),
    ] {
        let told = gate.developer(method, target, &body);
        assert_eq!(told.status, 501, "{method} {target} {body}: {}", told.text());
        assert!(reason(&told).contains("one of its aliases leads there"), "{}", reason(&told));
    }
    assert!(stub.lines().is_empty(), "{:?}", stub.lines());
}

#[test]
fn where_a_cluster_has_no_index_of_users_mode_aws_passes_pipelines_and_snapshots_on() {
    let stub = Stub::start(fine);
    let gate = Gate::before(&[&stub]);
    gate.set_mode("aws");
    for (method, target, body) in BESIDES {
        let told = gate.developer(method, target, &body.replace(".security-7", "x"));
        assert_eq!(told.status, 200, "{method} {target} {body}: {}", told.text());
    }
}

#[test]
fn mode_aws_sends_what_its_url_allows_as_it_is() {
    let stub = Stub::start(fine);
    let gate = Gate::before(&[&stub]);
    gate.set_mode("aws");
    let reader = gate.user("reader", &["_search"]);
    assert_eq!(gate.domain.signed(&reader, "GET", "/_search", b"{\"size\":0}").status, 200);
    assert_eq!(gate.domain.signed(&reader, "GET", "/open/_search", b"").status, 403);
    assert_eq!(stub.lines(), ["GET /_search"]);
    assert_eq!(stub.received()[0].body, "{\"size\":0}");
}
