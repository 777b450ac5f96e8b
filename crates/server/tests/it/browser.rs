//! The console: pages for browsers, which can do what their caller could do by API and nothing else.

use std::io::Write;

use crate::client::{Answer, Client, Key};
use crate::service::{Running, port};

/// A browser that is at the console.
pub(crate) struct Browser {
    client: Client,
    cookie: Option<String>,
    user_agent: String,
    /// The address for which a proxy says that it asks.
    pub(crate) forwarded_for: Option<&'static str>,
    /// Where the last form or page that it sent came from, if not from here.
    pub(crate) origin: Option<&'static str>,
}

impl Browser {
    pub(crate) fn new(running: &Running) -> Self {
        let url = running.service().console_url.clone().expect("there is a console");
        let client = Client::new(port(&url), &running.ca());
        let user_agent = "a browser".to_owned();
        Self { client, cookie: None, user_agent, forwarded_for: None, origin: None }
    }

    /// A browser in which the holder of a key signed in.
    pub(crate) fn signed_in(running: &Running, key: &Key) -> Self {
        let mut browser = Self::new(running);
        let answer = browser.sign_in(key);
        assert_eq!(answer.status, 303, "{}", answer.text());
        browser
    }

    pub(crate) fn sign_in(&mut self, key: &Key) -> Answer {
        let token = key.token.clone().unwrap_or_default();
        let secret = key.secret.expose().to_owned();
        self.send_form(
            "/sign-in",
            &[("access-key-id", &key.id), ("secret", &secret), ("session-token", &token)],
        )
    }

    pub(crate) fn get(&mut self, target: &str) -> Answer {
        let headers = self.headers();
        let answer = self.client.send("GET", target, &headers, b"");
        self.keep(answer)
    }

    /// Sends a form of a page: with the token that its pages have.
    pub(crate) fn post(&mut self, target: &str, fields: &[(&str, &str)]) -> Answer {
        let about = self.get("/about").text();
        let (_, rest) = about.split_once("name=\"token\" value=\"").expect("a signed-in page");
        let token = rest.split('"').next().unwrap().to_owned();
        self.send_form(target, &[fields, &[("token", &token)]].concat())
    }

    pub(crate) fn send_form(&mut self, target: &str, fields: &[(&str, &str)]) -> Answer {
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        };
        let pairs =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let mut headers = self.headers();
        headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
        let here = format!("https://{}", self.client.host());
        let (origin, site) = match self.origin {
            Some(elsewhere) => (elsewhere.to_owned(), "cross-site"),
            None => (here, "same-origin"),
        };
        headers.push(("origin".to_owned(), origin));
        headers.push(("sec-fetch-site".to_owned(), site.to_owned()));
        let answer = self.client.send("POST", target, &headers, body.as_bytes());
        self.keep(answer)
    }

    /// A form of a sign-in that never comes.
    fn begin_a_form(&self) -> impl Sized {
        let mut connection = self.client.connect();
        let host = self.client.host();
        let head = format!("POST /sign-in HTTP/1.1\r\nhost: {host}\r\ncontent-length: 10\r\n\r\n");
        connection.write_all(head.as_bytes()).unwrap();
        connection.flush().unwrap();
        connection
    }

    fn headers(&self) -> Vec<(String, String)> {
        let mut headers = vec![("user-agent".to_owned(), self.user_agent.clone())];
        headers.extend(self.cookie.clone().map(|cookie| ("cookie".to_owned(), cookie)));
        let proxy = self.forwarded_for.map(|it| ("x-forwarded-for".to_owned(), it.to_owned()));
        headers.extend(proxy);
        headers
    }

    /// Another browser with the same cookie.
    pub(crate) fn again(&self, running: &Running) -> Self {
        Self { cookie: self.cookie.clone(), ..Self::new(running) }
    }

    fn keep(&mut self, answer: Answer) -> Answer {
        if let Some(set) = answer.header("set-cookie") {
            self.cookie = set.split(';').next().map(str::to_owned);
        }
        answer
    }
}

pub(crate) fn start() -> Running {
    Running::start_with(None, |options| {
        options.settings.console.listen = Some("127.0.0.1:0".to_owned());
    })
}

pub(crate) fn shows(answer: &Answer, texts: &[&str]) {
    let page = answer.text();
    for text in texts {
        assert!(page.contains(text), "{text:?} is not in {page}");
    }
}

#[test]
fn who_signs_in_launches_a_domain_and_reads_where_it_is() {
    let running = start();
    let mut browser = Browser::signed_in(&running, &running.developer());
    shows(&browser.get("/"), &["/domains/dev", "Green", "Active", "user/developer"]);
    let fields = [
        ("name", "books"),
        ("template", "principals"),
        ("principals", "123456789012"),
        ("tags", "team=a"),
    ];
    let launched = browser.post("/domains/new", &fields);
    assert_eq!(
        (launched.status, launched.header("location")),
        (303, Some("/domains/books")),
        "{}",
        launched.text()
    );
    assert!(running.eventually(|running| running.service().domains().contains_key("books")));
    let endpoint = running.service().domains()["books"].clone();
    shows(&browser.get("/domains/books"), &[&endpoint, "aws opensearch create-domain", "team"]);
    let page = browser.get("/domains/books/policy");
    shows(&page, &["domain/books/*", "123456789012"]);
}

#[test]
fn a_domain_is_launched_into_a_vpc_with_a_version_and_tags() {
    let running = Running::start_with(None, |options| {
        options.settings.console.listen = Some("127.0.0.1:0".to_owned());
        let network = |text: &str| vec![text.parse().unwrap()];
        let vpc = &mut options.settings.vpc;
        vpc.subnets = [("subnet-a".to_owned(), network("127.0.0.1/32"))].into();
        vpc.security_groups = [("sg-two".to_owned(), network("127.0.0.2/32"))].into();
    });
    let mut browser = Browser::signed_in(&running, &running.developer());
    let fields = [
        ("name", "inside"),
        ("version", "OpenSearch_2.19"),
        ("access", "vpc"),
        ("subnets", "subnet-b"),
        ("groups", "sg-two"),
        ("principals", "123456789012"),
        ("tags", "team=search\r\ncost-center=<7>"),
    ];
    let refused = browser.post("/domains/new", &fields);
    assert_eq!(refused.status, 400, "{}", refused.text());
    shows(&refused, &["subnet-b", "aria-invalid=\"true\"", "cost-center=&lt;7&gt;"]);
    let fields = fields.map(|(name, value)| match name {
        "subnets" => (name, "subnet-a"),
        "tags" => (name, "team=search"),
        _ => (name, value),
    });
    let launched = browser.post("/domains/new", &fields);
    assert_eq!(launched.status, 303, "{}", launched.text());
    assert!(running.eventually(|running| running.service().domains().contains_key("inside")));
    let page = browser.get("/domains/inside");
    shows(&page, &["VPC", "OpenSearch 2.19", "team", "search", "--vpc-options", "--tag-list"]);
    shows(&browser.get("/domains/inside/configuration"), &["subnet-a", "sg-two"]);
}

#[test]
fn a_call_of_a_page_is_authorized_and_recorded_as_any_other() {
    let running = start();
    let mut browser = Browser::signed_in(&running, &running.developer());
    browser.user_agent = "Mozilla/5.0 <script>".to_owned();
    browser.get("/domains/dev");
    let record = running.newest(|record| record.action.as_deref() == Some("es:DescribeDomain"));
    assert_eq!(record.principal.arn, "arn:aws:iam::123456789012:user/developer");
    assert_eq!(record.principal.authentication.as_deref(), Some("signature"));
    assert_eq!(record.user_agent.as_deref(), Some("Mozilla/5.0 <script>"));
    assert_eq!(
        (record.listener.as_str(), record.client_address.as_str()),
        ("control", "127.0.0.1")
    );
}

/// A form for each address of the table that takes one, filled in so that whoever has rights would change something by it.
const FORMS: &[(&str, &[(&str, &str)])] = &[
    ("/domains/new", &[("name", "books"), ("principals", "123456789012")]),
    ("/domains/new/preview", &[("name", "books"), ("principals", "123456789012")]),
    ("/domains/{domain}/policy", &[("policy", "{}"), ("set", "1")]),
    (
        "/domains/{domain}/request",
        &[("method", "PUT"), ("target", "/marked-too/_doc/1"), ("body", "{}")],
    ),
    ("/domains/{domain}/delete", &[("name", "dev")]),
    ("/identities", &[("do", "create-group"), ("group", "others")]),
    ("/identities/new-role", &[("name", "r"), ("principals", "123456789012")]),
    ("/identities/new-role/preview", &[("name", "r"), ("principals", "123456789012")]),
    ("/identities/new-policy", &[("name", "p"), ("policy", OPEN)]),
    ("/identities/new-policy/preview", &[("name", "p"), ("policy", OPEN)]),
    ("/identities/users/{user}", &[("do", "create-key")]),
    ("/identities/users/{user}", &[("do", "delete"), ("sure", "1")]),
    ("/identities/users/{user}/inline", &[("name", "p"), ("policy", OPEN), ("set", "1")]),
    ("/identities/groups/{group}", &[("do", "delete"), ("sure", "1")]),
    ("/identities/groups/{group}/inline", &[("name", "p"), ("policy", OPEN), ("set", "1")]),
    ("/identities/roles/{role}", &[("do", "delete"), ("sure", "1")]),
    ("/identities/roles/{role}/inline", &[("name", "p"), ("policy", OPEN), ("set", "1")]),
    ("/identities/roles/{role}/trust", &[("policy", OPEN), ("set", "1")]),
    ("/identities/policies/{arn}", &[("do", "delete"), ("sure", "1")]),
    ("/identities/policies/{arn}/edit", &[("policy", OPEN), ("set", "1")]),
    ("/activity/{id}/repair", &[("change", "0"), ("asked", "guess")]),
    ("/password", &[("old", "a"), ("new", "marked-Horse-1"), ("again", "marked-Horse-1")]),
    ("/switchrole", &[("account", "123456789012"), ("roleName", "search-app")]),
    ("/sessions", &[("session", "others")]),
    ("/sign-out", &[]),
];

const OPEN: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

/// An address of the table, of what `marked` made.
fn marked_address(row: &str) -> String {
    let policy = "arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fmarked-policy";
    [
        ("{domain}", "dev"),
        ("{index}", "marked-index"),
        ("{user}", "marked-user"),
        ("{role}", "marked-role"),
        ("{group}", "marked-group"),
        ("{id}", "last"),
        ("{arn}", policy),
    ]
    .into_iter()
    .fold(row.to_owned(), |address, (name, value)| address.replace(name, value))
}

/// Makes one of everything that pages show, with a word in each that is in no address.
fn marked(running: &Running) {
    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "secretword", "Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}]}"#;
    let policy = OPEN.replace("\"Effect\"", "\"Sid\": \"secretword\", \"Effect\"");
    let user = [("Action", "CreateUser"), ("UserName", "marked-user")];
    let group = [("Action", "CreateGroup"), ("GroupName", "marked-group")];
    let role = [("Action", "CreateRole"), ("RoleName", "marked-role")];
    let managed = [("Action", "CreatePolicy"), ("PolicyName", "marked-policy")];
    let of_user = [("Action", "PutUserPolicy"), ("UserName", "marked-user"), ("PolicyName", "p")];
    let of_group =
        [("Action", "PutGroupPolicy"), ("GroupName", "marked-group"), ("PolicyName", "p")];
    let document = [("PolicyDocument", policy.as_str())];
    let calls = [
        user.to_vec(),
        group.to_vec(),
        [&role[..], &[("AssumeRolePolicyDocument", trust)]].concat(),
        [&managed[..], &document].concat(),
        [&of_user[..], &document].concat(),
        [&of_group[..], &document].concat(),
    ];
    calls.iter().for_each(|form| drop(running.call("iam", form)));
    let body = br#"{"secretword": "secretword"}"#;
    let made = running.domain().signed(
        &running.developer(),
        "PUT",
        "/marked-index/_doc/secretword?refresh=true",
        body,
    );
    assert_eq!(made.status, 201, "{}", made.text());
}

/// What a form could have changed.
fn everything(running: &Running) -> Vec<String> {
    let developer = running.developer();
    let listed = ["ListUsers", "ListGroups", "ListRoles", "ListPolicies"].map(|action| {
        let told = running.call(
            "iam",
            &[("Action", action), ("Scope", "Local")]
                [..if action == "ListPolicies" { 2 } else { 1 }],
        );
        told.split("<ResponseMetadata>").next().unwrap().to_owned()
    });
    let of_user = ["ListAccessKeys", "ListUserPolicies"].map(|action| {
        let told = running.call("iam", &[("Action", action), ("UserName", "marked-user")]);
        told.split("<ResponseMetadata>").next().unwrap().to_owned()
    });
    let domains = running.control("es").signed(&developer, "GET", "/2021-01-01/domain", b"").text();
    let config = "/2021-01-01/opensearch/domain/dev/config";
    let config = running.control("es").signed(&developer, "GET", config, b"").text();
    let indices =
        running.domain().signed(&developer, "GET", "/_cat/indices?h=index,docs.count", b"");
    [&listed[..], &of_user[..], &[domains, config, indices.text()]].concat()
}

#[test]
fn a_caller_without_rights_sees_no_page_with_anything_and_does_nothing() {
    let running = start();
    marked(&running);
    let stranger = running.stranger();
    let before = everything(&running);
    let mut browser = Browser::signed_in(&running, &stranger);
    for row in console::ROUTES.iter().filter(|row| row.method == console::Method::Get) {
        let address = marked_address(row.address);
        let page = browser.get(&address);
        assert!(matches!(page.status, 200 | 403 | 404), "{address}: {}", page.status);
        for told in ["localhost:", "secretword", "user/developer"] {
            assert!(!page.text().contains(told), "{told} at {address}: {}", page.text());
        }
    }
    for row in console::ROUTES.iter().filter(|row| row.method == console::Method::Post) {
        let mut sent = 0;
        for (_, fields) in FORMS.iter().filter(|(address, _)| *address == row.address) {
            // Each as a visitor of its own: some of them end the session.
            let mut browser = Browser::signed_in(&running, &stranger);
            let answer = browser.post(&marked_address(row.address), fields);
            let text = answer.text();
            let is_own = ["/sessions", "/sign-out"].contains(&row.address);
            let is_preview = row.address.ends_with("/preview");
            match answer.status {
                303 if is_own => {}
                200 if is_preview => {}
                // The answer of the domain is the pane's.
                200 if row.address.ends_with("/request") => {
                    shows(&answer, &["403", "es:ESHttpPut"])
                }
                400 | 403 | 404 => {}
                status => panic!("{}: {status} {text}", row.address),
            }
            assert!(!text.contains("secretword"), "{}: {text}", row.address);
            sent += 1;
        }
        assert!(sent > 0, "no form for {}", row.address);
    }
    for (now, before) in everything(&running).iter().zip(&before) {
        assert_eq!(now, before);
    }
}

#[test]
fn a_caller_without_rights_reads_which_action_it_lacks() {
    let running = start();
    marked(&running);
    let mut browser = Browser::signed_in(&running, &running.stranger());
    for (address, fields, action) in [
        ("/identities", &[("do", "create-group"), ("group", "readers")][..], "iam:CreateGroup"),
        ("/identities/users/developer", &[("do", "create-key")], "iam:CreateAccessKey"),
        ("/identities/users/developer", &[("do", "delete"), ("sure", "1")], "iam:DeleteUser"),
        (
            "/identities/new-role",
            &[("name", "r"), ("principals", "123456789012")],
            "iam:CreateRole",
        ),
        ("/identities/roles/search-app/trust", &[("policy", "{}"), ("set", "1")], "iam:GetRole"),
        ("/domains/dev/delete", &[("name", "dev")], "es:DeleteDomain"),
        ("/domains/new", &[("name", "books"), ("principals", "123456789012")], "es:CreateDomain"),
    ] {
        let refused = browser.post(address, fields);
        assert_eq!(refused.status, 403, "{address} {fields:?}: {}", refused.text());
        shows(&refused, &[action, "assumed-role/stranger"]);
    }
}

#[test]
fn a_key_that_is_deleted_ends_what_its_sessions_can_do() {
    let running = start();
    let mut browser = Browser::signed_in(&running, &running.developer());
    shows(&browser.get("/domains"), &["/domains/dev"]);
    let id = running.developer().id;
    running.call(
        "iam",
        &[("Action", "DeleteAccessKey"), ("UserName", "developer"), ("AccessKeyId", &id)],
    );
    let page = browser.get("/domains");
    assert_eq!((page.status, page.header("location")), (303, Some("/sign-in?next=%2Fdomains")));
    assert!(!page.text().contains("/domains/dev"));
}

#[test]
fn wrong_credentials_read_alike_and_too_many_are_refused() {
    let running = Running::start_standing(|options| {
        options.settings.console.listen = Some("127.0.0.1:0".to_owned());
    });
    let mut browser = Browser::new(&running);
    let wrong =
        |id: &str| Key { id: id.to_owned(), secret: sigv4::SecretKey::new("wrong"), token: None };
    let text = |answer: Answer, id: &str| answer.text().replace(id, "ID");
    let (known, unknown) = (running.developer().id, "AKIAIOSFODNN7EXAMPLE");
    let first = browser.sign_in(&wrong(&known));
    assert_eq!(first.status, 403);
    assert_eq!(text(first, &known), text(browser.sign_in(&wrong(unknown)), unknown));
    let limited =
        (0..30).map(|_| browser.sign_in(&wrong(&known))).find(|answer| answer.status == 429);
    assert!(limited.expect("a limit").header("retry-after").is_some());
    assert_eq!(browser.sign_in(&running.developer()).status, 429, "the right secret waits, too");
}

#[test]
fn a_link_signs_in_once() {
    let running = start();
    let link = running.service().console_link().unwrap();
    let (_, path) = link.split_once("/link/").unwrap();
    let mut browser = Browser::new(&running);
    assert_eq!(browser.get(&format!("/link/{path}")).status, 303);
    shows(&browser.get("/about"), &["user/developer"]);
    assert_eq!(Browser::new(&running).get(&format!("/link/{path}")).status, 403);
}

#[test]
fn a_session_lasts_as_long_as_the_setting_says() {
    let (running, seconds) = {
        let seconds = Box::leak(Box::new(std::sync::atomic::AtomicI64::new(0)));
        let edit = |options: &mut server::StartOptions| {
            options.settings.console.listen = Some("127.0.0.1:0".to_owned());
            options.settings.console.session_seconds = 900;
        };
        (Running::start_by(server::Clock::Moved(seconds), None, edit), &*seconds)
    };
    let mut browser = Browser::signed_in(&running, &running.developer());
    seconds.store(800, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(browser.get("/about").status, 200);
    seconds.store(901, std::sync::atomic::Ordering::Relaxed);
    let page = browser.get("/about");
    assert_eq!((page.status, page.header("location")), (303, Some("/sign-in?next=%2Fabout")));
}

#[test]
fn a_request_of_the_pane_is_the_callers_own() {
    let running = start();
    let send = |browser: &mut Browser, method: &str, target: &str, body: &str| {
        browser
            .post("/domains/dev/request", &[("method", method), ("target", target), ("body", body)])
    };
    let mut developer = Browser::signed_in(&running, &running.developer());
    shows(&send(&mut developer, "PUT", "/Books", ""), &["400", "invalid_index_name_exception"]);
    let document = r#"{"title": "</code><script>alert(1)</script>"}"#;
    shows(
        &send(&mut developer, "PUT", "/books/_doc/1?refresh=true", document),
        &["201", "&quot;created&quot;"],
    );
    shows(&developer.get("/domains/dev/indices"), &["/domains/dev/indices/books"]);
    let page = developer.get("/domains/dev/indices/books");
    shows(&page, &["Documents 1 to 1 of 1", "&lt;script&gt;", "Mappings"]);
    assert!(!page.text().contains("<script>alert"));
    let mut stranger = Browser::signed_in(&running, &running.stranger());
    let refused = send(&mut stranger, "GET", "/books/_search", "");
    shows(&refused, &["403", "assumed-role/stranger", "es:ESHttpGet"]);
    shows(&developer.get("/domains/dev/request/paths"), &["/{index}/_search", "_source_includes"]);
}

#[test]
fn what_is_no_page_has_no_page() {
    let running = start();
    let mut browser = Browser::signed_in(&running, &running.developer());
    assert_eq!(browser.get("/nowhere").status, 404);
    assert_eq!(browser.client.send("PUT", "/domains", &[], b"").status, 405);
    let long = "a".repeat(console::limits::FORM_BYTES_MAX + 1);
    assert_eq!(browser.send_form("/domains/new", &[("policy", &long)]).status, 413);
    let long = "a".repeat(console::limits::STRANGERS_FORM_BYTES_MAX + 1);
    assert_eq!(browser.send_form("/domains/new", &[("policy", &long)]).status, 403, "no token");
    let mut stranger = Browser::new(&running);
    assert_eq!(stranger.send_form("/sign-in", &[("secret", &long)]).status, 413);
}

#[test]
fn a_form_of_nobody_is_not_read_and_forms_of_one_address_are_few() {
    let running = start();
    let mut stranger = Browser::new(&running);
    let long = "a".repeat(console::limits::STRANGERS_FORM_BYTES_MAX + 1);
    let answer = stranger.send_form("/domains/new", &[("policy", &long)]);
    assert!(answer.status != 413 && answer.status < 500, "{}", answer.status);
    let begun: Vec<_> = (0..8).map(|_| stranger.begin_a_form()).collect();
    let refused = || Browser::new(&running).send_form("/sign-in", &[]).status == 429;
    assert!(running.eventually(|_| refused()), "a ninth form of the address");
    assert_eq!(Browser::new(&running).get("/sign-in").status, 200, "what has no form is answered");
    drop(begun);
    assert!(running.eventually(|_| !refused()), "the eight broke off");
}

/// What stands in a page between two texts.
fn between(page: &str, before: &str, after: &str) -> String {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("no {before} in {page}"));
    rest.split_once(after).unwrap().0.to_owned()
}

#[test]
fn a_denial_is_repaired_from_its_page_by_who_may_and_by_nobody_else() {
    let running = start();
    let (key, target) = (running.stranger(), "/books/_search");
    let denied = running.domain().signed(&key, "GET", target, b"");
    assert_eq!(denied.status, 403);
    running.record(&denied);
    let page = format!("/activity/{}", denied.request_id());
    let mut developer = Browser::signed_in(&running, &running.developer());
    shows(&developer.get("/activity?decision=denied"), &[&page, "assumed-role/stranger"]);
    shows(&developer.get("/activity/denials"), &[&page, "role/stranger"]);
    shows(&developer.get(&page), &["What would allow it", "repair?change=0"]);
    let asks = developer.get(&format!("{page}/repair?change=0")).text();
    let asked = between(&asks, "name=\"asked\" value=\"", "\"");
    let fields = [("change", "0"), ("asked", asked.as_str())];
    let repair = format!("{page}/repair");
    let mut stranger = Browser::signed_in(&running, &key);
    assert_eq!(stranger.post(&repair, &fields).status, 403);
    assert_eq!(developer.post(&repair, &[("change", "0"), ("asked", "guess")]).status, 409);
    assert_eq!(running.domain().signed(&key, "GET", target, b"").status, 403);
    let made = developer.post(&repair, &fields);
    assert_eq!((made.status, made.header("location")), (303, Some(page.as_str())));
    assert_ne!(running.domain().signed(&key, "GET", target, b"").status, 403);
    assert_eq!(running.domain().signed(&key, "GET", "/other/_search", b"").status, 403);
    assert_eq!(running.domain().signed(&key, "DELETE", "/books", b"").status, 403);
}

#[test]
fn what_strangers_send_is_text_in_the_pages_of_the_audit() {
    let running = start();
    let mut stranger = Browser::signed_in(&running, &running.stranger());
    stranger.user_agent = "<img src=x onerror=alert(1)>".to_owned();
    let hostile =
        [("method", "GET"), ("target", "/<script>alert(1)</script>/_search"), ("body", "")];
    assert_eq!(stranger.post("/domains/dev/request", &hostile).status, 200);
    let record = running.newest(|record| record.path.contains("script"));
    let mut developer = Browser::signed_in(&running, &running.developer());
    for page in [
        "/activity".to_owned(),
        "/activity/denials".to_owned(),
        format!("/activity/{}", record.request_id),
    ] {
        let page = developer.get(&page).text();
        assert!(page.contains("script"), "{page}");
        assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{page}");
    }
}

#[test]
fn a_new_access_policy_is_tried_on_recorded_requests_before_it_is_set() {
    let running = start();
    let key = running.assume("search-app");
    let answer = running.domain().signed(&key, "GET", "/books/_search", b"");
    assert_ne!(answer.status, 403);
    running.record(&answer);
    let closed = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"es:*",
        "Resource":"arn:aws:es:us-east-1:123456789012:domain/dev/*"}]}"#;
    let mut developer = Browser::signed_in(&running, &running.developer());
    let page = developer.post("/domains/dev/policy", &[("policy", closed), ("compare", "1")]);
    shows(
        &page,
        &["On recorded traffic", "1 would be denied", "assumed-role/search-app", "Narrower"],
    );
    assert_ne!(running.domain().signed(&key, "GET", "/books/_search", b"").status, 403);
}

#[test]
fn the_pages_of_the_service_are_shown_to_its_operator() {
    let running = start();
    let mut developer = Browser::signed_in(&running, &running.developer());
    shows(&developer.get("/health"), &["The whole service", "<polyline", "/domains/dev"]);
    shows(&developer.get("/settings"), &["control.listen", "countersign dev", "default"]);
    shows(
        &developer.get("/domains/dev/progress"),
        &["Completed", "describe-domain-change-progress"],
    );
    shows(&developer.get("/about"), &["NOTICE", "docs/operating/console.md"]);
}
