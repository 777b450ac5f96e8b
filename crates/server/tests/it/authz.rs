//! **The authorization matrix**: who may do what. `authz.golden` is the one file a security reviewer reads.
//!
//! Callers × every API and method of the path table × domains, and callers × every operation of the control plane,
//! decided by the evaluator that enforces. The rows are made from the tables themselves, so an API or operation that is
//! added appears here, and a change of anybody's rights is a change of this file. `UPDATE_EXPECT=1` rewrites it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use control::{
    Control, ControlOptions, ControlSettings, IdentifiedCaller, Mint, MintError, Operation,
    OperationCall, SEALING_KEY_BYTES, Service, StorePlace, authorization,
};
use engine::cluster::Metadata;
use engine::cluster::metadata::{Alias, IndexMetadata};
use engine::rest::{Api, Flavor, Parsed, parse, route};
use expect_test::expect_file;
use jiff::Timestamp;
use policy::Context;
use serde_json::{Value, json};
use server::for_tests::judge::{self, PolicyQuestion};
use server::for_tests::targets::{self, IndexCatalog};
use sigv4::SecretKey;

const ACCOUNT: &str = "123456789012";
const OTHER: &str = "999988887777";
const REGION: &str = "us-east-1";

const LEGEND: &str = "\
# Who may do what. Made by authz.rs from the tables and the enforcing evaluator; UPDATE_EXPECT=1 rewrites it.
#
# Callers, one letter each, in this order:
#   R  root of the account
#   D  user developer: AdministratorAccess
#   S  a session of role search-app: no identity policy, named by the domain's policy
#   r  a session of role reader: es:ESHttpGet on open and open/* of every domain
#   w  a session of role writer: es:ESHttpPost on _bulk and open/_bulk of every domain
#   x  a session of role stranger: no policy
#   a  nobody: no credentials
#   o  a user of another account: es:* on *
# Domains: search-app (the template: allow this IAM role) · public (allow everybody) · split (role search-app on all
#   but secret, denied there; everybody may GET open) · closed (no policy).
# Indices: open, secret; alias both -> open, secret; alias one -> open.
# Marks: the caller's letter: allowed, in mode strict and in mode aws · `~` strict runs it and leaves out or denies
#   what the caller may not touch (aws runs all of it) · `!` aws runs it, strict refuses · `.` denied.
";

/// Requests that name more than their URL says, or say it in another way.
const TRAPS: &[(&str, &str)] = &[
    (
        "POST /_bulk",
        "{\"index\":{\"_index\":\"secret\"}}\n{}\n{\"index\":{\"_index\":\"open\"}}\n{}\n",
    ),
    ("POST /open/_bulk", "{\"index\":{\"_index\":\"secret\"}}\n{}\n{\"index\":{}}\n{}\n"),
    ("POST /open/_bulk", "{\"index\":{\"_index\":\"both\"}}\n{}\n"),
    (
        "GET /_mget",
        "{\"docs\":[{\"_index\":\"secret\",\"_id\":\"1\"},{\"_index\":\"open\",\"_id\":\"1\"}]}",
    ),
    ("GET /open/_mget", "{\"docs\":[{\"_index\":\"secret\",\"_id\":\"1\"}]}"),
    ("GET /open/_msearch", "{\"index\":\"secret\"}\n{}\n{}\n{}\n"),
    (
        "GET /open/_search",
        "{\"query\":{\"terms\":{\"f\":{\"index\":\"secret\",\"id\":\"1\",\"path\":\"p\"}}}}",
    ),
    ("GET /_all/_search", ""),
    ("GET /*/_search", ""),
    ("GET /o*,-open/_search", ""),
    ("GET /open,secret/_search", ""),
    ("GET /both/_search", ""),
    ("GET /one/_search", ""),
    ("GET /secret/_search", ""),
    ("GET /missing/_search", ""),
    ("GET /_cat/indices", ""),
    ("GET /_cat/indices/secret", ""),
    ("DELETE /secret", ""),
    ("DELETE /*", ""),
    ("PUT /open/_doc/..%2Fsecret%2F_doc%2F1", "{}"),
    ("POST /_aliases", "{\"actions\":[{\"add\":{\"index\":\"secret\",\"alias\":\"open2\"}}]}"),
    ("POST /_aliases", "{\"actions\":[{\"remove_index\":{\"index\":\"secret\"}}]}"),
    ("PUT /open/_alias/n", "{\"index\":\"secret\"}"),
    ("PUT /new", "{\"aliases\":{\"both\":{}}}"),
];

#[test]
fn the_authorization_matrix_is_as_reviewed() {
    let world = World::new();
    let mut page = String::from(LEGEND);
    let domains: Vec<&str> = DOMAINS.iter().map(|(name, _)| *name).collect();
    let heads: String = domains.iter().map(|name| format!("  {name:<10}")).collect();
    writeln!(page, "\n## Traps: requests that touch more than their URL says\n{:64}{heads}", "")
        .unwrap();
    for (line, body) in TRAPS {
        let told: String = body.replace('\n', " ").chars().take(100).collect();
        writeln!(page, "{line:64}{}  {told}", world.row(line, body)).unwrap();
    }
    writeln!(page, "\n## Every API, path and method of the table\n{:64}{heads}", "").unwrap();
    let mut seen = BTreeSet::new();
    for (api, line) in requests() {
        seen.insert(api);
        writeln!(page, "{line:64}{}", world.row(&line, "")).unwrap();
    }
    assert_eq!(seen.len(), Api::ALL.len(), "every API of the table has a row");
    writeln!(page, "\n## The control plane").unwrap();
    writeln!(page, "# `x` as caller: no identity policy. `!` refused whatever the policies say. o asks in its own account.").unwrap();
    for operation in control::table() {
        let name = format!("{}:{}", operation.service().name(), operation.name());
        writeln!(page, "{name:64}{}", world.control_row(operation)).unwrap();
    }
    let page: String = page.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    expect_file!["authz.golden"].assert_eq(&page);
}

/// One request for each API, path and method of the table, on index `open`.
pub(crate) fn requests() -> Vec<(Api, String)> {
    let mut requests = Vec::new();
    for api in Api::ALL {
        let entry = api.row();
        for path in entry.paths {
            let words: Vec<&str> = path.split(' ').collect();
            let (template, methods) = words.split_last().unwrap();
            let narrowed = match methods.first() {
                Some(&"os") => Some(Flavor::OpenSearch219),
                Some(&"es") => Some(Flavor::Elasticsearch710),
                _ => entry.flavor,
            };
            let flavor = narrowed.unwrap_or(Flavor::Elasticsearch710);
            let concrete =
                template.replace("{index}", "open").replace("{alias}", "one").replace("{id}", "1");
            let concrete = concrete.replace(['{', '}'], "");
            let methods = methods.iter().filter(|word| !matches!(**word, "es" | "os"));
            // A family that is not built is one question: a row for each method would say nothing more.
            let most = if template.ends_with("{rest}") { 1 } else { usize::MAX };
            for method in methods.take(most) {
                // Where two APIs share a path (nodes by id, nodes by metric) the table's first one has it.
                let leads_here =
                    route(method, &concrete, "", flavor).is_ok_and(|route| route.api == *api);
                if leads_here {
                    requests.push((*api, format!("{method} {concrete}")));
                }
            }
        }
    }
    requests
}

/// The access policy of a domain, if it has one.
type AccessPolicy = fn() -> Option<Value>;

const DOMAINS: [(&str, AccessPolicy); 4] = [
    ("search-app", || Some(allow(&json!({"AWS": role("search-app")}), "es:*", "search-app/*"))),
    ("public", || Some(allow(&json!({"AWS": "*"}), "es:*", "public/*"))),
    ("split", || {
        let mut policy = allow(&json!({"AWS": role("search-app")}), "es:ESHttp*", "split/*");
        let more = [
            json!({"Effect": "Deny", "Principal": {"AWS": role("search-app")}, "Action": "es:ESHttp*",
                "Resource": format!("{}split/secret*", domain_arn(""))}),
            json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "es:ESHttpGet",
                "Resource": [format!("{}split/open", domain_arn("")), format!("{}split/open/*", domain_arn(""))]}),
        ];
        policy["Statement"].as_array_mut().unwrap().extend(more);
        Some(policy)
    }),
    ("closed", || None),
];

fn domain_arn(name: &str) -> String {
    format!("arn:aws:es:{REGION}:{ACCOUNT}:domain/{name}")
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

fn allow(principal: &Value, action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action,
        "Resource": format!("{}{resource}", domain_arn(""))}]})
}

struct World {
    control: Control,
    now: Timestamp,
    metadata: Metadata,
    callers: Vec<(char, IdentifiedCaller)>,
}

/// Random bytes that are the same in every run.
struct Counted(AtomicU64);

impl Mint for Counted {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), MintError> {
        for byte in bytes {
            let n = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            *byte = (n >> 40) as u8;
        }
        Ok(())
    }
}

impl World {
    fn new() -> World {
        let settings = ControlSettings { open_policies: true, ..ControlSettings::default() };
        let options = ControlOptions {
            place: StorePlace::Memory,
            sealing_key: [7; SEALING_KEY_BYTES],
            settings,
        };
        let control = Control::open_with(options, Box::new(Counted(AtomicU64::new(1)))).unwrap();
        let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let secret = SecretKey::new("rootrootrootrootrootrootrootrootrootroot");
        control.ensure_root(ACCOUNT, Some(("AKIAROOTROOTROOTROOT", &secret)), now).unwrap();
        control.ensure_root(OTHER, Some(("AKIAOTHEROTHEROTHERO", &secret)), now).unwrap();
        let mut world = World { control, now, metadata: metadata(), callers: Vec::new() };
        world.people();
        world
    }

    fn people(&mut self) {
        let root = self.identify("AKIAROOTROOTROOTROOT", None);
        let all = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]);
        let developer = self.user(&root, "developer", &all);
        // Each domain by name: in `domain/*/_bulk` the star would span `secret` too.
        let paths = |paths: [&str; 2]| -> Vec<String> {
            let of =
                |(name, _): &(&str, _)| paths.map(|path| format!("{}/{path}", domain_arn(name)));
            DOMAINS.iter().flat_map(of).collect()
        };
        let get = json!([{"Effect": "Allow", "Action": "es:ESHttpGet", "Resource": paths(["open", "open/*"])}]);
        let post = json!([{"Effect": "Allow", "Action": "es:ESHttpPost", "Resource": paths(["_bulk", "open/_bulk"])}]);
        let sessions = [
            ('S', self.session(&root, &developer, "search-app", None)),
            ('r', self.session(&root, &developer, "reader", Some(&get))),
            ('w', self.session(&root, &developer, "writer", Some(&post))),
            ('x', self.session(&root, &developer, "stranger", None)),
        ];
        let other_root = self.identify("AKIAOTHEROTHEROTHERO", None);
        let es = json!([{"Effect": "Allow", "Action": "es:*", "Resource": "*"}]);
        let other = self.user(&other_root, "other", &es);
        self.callers = vec![('R', root.clone()), ('D', developer)];
        self.callers.extend(sessions);
        self.callers.extend([('a', IdentifiedCaller::anonymous()), ('o', other)]);
        for (name, policy) in DOMAINS {
            let mut input = json!({"DomainName": name});
            if let Some(policy) = policy() {
                input["AccessPolicies"] = policy.to_string().into();
            }
            self.run(&root, "opensearch:CreateDomain", &input);
        }
    }

    fn identify(&self, key: &str, token: Option<&str>) -> IdentifiedCaller {
        self.control.directory().identify(key, token, self.now).unwrap()
    }

    fn run(&self, caller: &IdentifiedCaller, operation: &str, input: &Value) -> Value {
        let (service, name) = operation.split_once(':').unwrap();
        let service = Service::ALL.into_iter().find(|s| s.name() == service).unwrap();
        let operation = Operation::find(service, name).unwrap();
        let call = OperationCall {
            operation,
            input,
            caller,
            judged: self.control.directory().version(),
            context: &policy::Context::new(),
            region: REGION,
            observer: &|_| None,
            now: self.now,
            request_id: "t",
        };
        self.control.execute(&call).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn user(&self, root: &IdentifiedCaller, name: &str, statements: &Value) -> IdentifiedCaller {
        self.run(root, "iam:CreateUser", &json!({"UserName": name}));
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let input = json!({"UserName": name, "PolicyName": "p", "PolicyDocument": policy});
        self.run(root, "iam:PutUserPolicy", &input);
        let key = self.run(root, "iam:CreateAccessKey", &json!({"UserName": name}));
        self.identify(key.pointer("/AccessKey/AccessKeyId").and_then(Value::as_str).unwrap(), None)
    }

    fn session(
        &self,
        root: &IdentifiedCaller,
        by: &IdentifiedCaller,
        name: &str,
        statements: Option<&Value>,
    ) -> IdentifiedCaller {
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}}]});
        let input = json!({"RoleName": name, "AssumeRolePolicyDocument": trust.to_string()});
        self.run(root, "iam:CreateRole", &input);
        if let Some(statements) = statements {
            let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
            let input = json!({"RoleName": name, "PolicyName": "p", "PolicyDocument": policy});
            self.run(root, "iam:PutRolePolicy", &input);
        }
        let input = json!({"RoleArn": role(name), "RoleSessionName": "s"});
        let output = self.run(by, "sts:AssumeRole", &input);
        let of = |key: &str| {
            output.pointer(&format!("/Credentials/{key}")).and_then(Value::as_str).unwrap()
        };
        self.identify(of("AccessKeyId"), Some(of("SessionToken")))
    }

    /// The marks of one request: a group of callers for each domain.
    fn row(&self, line: &str, body: &str) -> String {
        let head = Head::read(line, body);
        DOMAINS
            .iter()
            .map(|(domain, _)| {
                let marks: String =
                    self.callers.iter().map(|caller| self.mark(caller, domain, &head)).collect();
                format!("  {marks:<10}")
            })
            .collect()
    }

    fn mark(&self, (letter, caller): &(char, IdentifiedCaller), domain: &str, head: &Head) -> char {
        if !self.may(caller, domain, &targets::url_ask(&head.route)) {
            return '.';
        }
        let Some(parsed) = &head.parsed else { return *letter };
        let catalog =
            IndexCatalog { metadata: &self.metadata, now: self.now, being_snapshotted: &[] };
        let Ok(asks) = targets::asks(parsed, &catalog, &engine::Work::unbounded()) else {
            return *letter;
        };
        let mut denied = false;
        let settled = asks.settle("p", |ask| {
            let may = self.may(caller, domain, ask);
            denied |= !may;
            if may { Ok(()) } else { Err("denied".into()) }
        });
        match (settled, denied) {
            (Err(_), _) => '!',
            (Ok(_), true) => '~',
            (Ok(_), false) => *letter,
        }
    }

    /// The enforcing question, as `authorize` puts it.
    fn may(&self, caller: &IdentifiedCaller, domain: &str, ask: &targets::Ask) -> bool {
        let directory = self.control.directory();
        let domain = directory.domain(ACCOUNT, REGION, domain).unwrap();
        let mut context = Context::new();
        caller.describe(&mut context);
        let policy = domain.own.as_ref().map(control::NamedPolicy::set);
        let record = judge::ask(&PolicyQuestion {
            identity: caller,
            resource_side: control::ResourceSide {
                policy: policy.as_deref(),
                ..control::ResourceSide::default()
            },
            resource_account: ACCOUNT,
            action: ask.action,
            resource: &format!("{}{}", domain.arn(), ask.path),
            context: &context,
            names_resource: false,
        });
        record.text.is_none()
    }

    fn control_row(&self, operation: Operation) -> String {
        let input = json!({"DomainName": "search-app", "DomainNames": ["search-app"], "UserName": "developer", "RoleName": "stranger",
            "GroupName": "g", "PolicyName": "p", "RoleArn": role("stranger"), "RoleSessionName": "s",
            "ARN": domain_arn("search-app"), "PolicyArn": format!("arn:aws:iam::{ACCOUNT}:policy/p")});
        let directory = self.control.directory();
        let mark = |(letter, caller): &(char, IdentifiedCaller)| {
            let asked =
                authorization(operation, &input, caller, &directory, REGION, &Context::new());
            match asked {
                Err(_) => '!',
                Ok(asked) if asked.questions.iter().all(|q| q.decide(caller).is_allowed()) => {
                    *letter
                }
                Ok(_) => '.',
            }
        };
        self.callers.iter().map(mark).collect()
    }
}

/// A request as the walk would read it; without a parsed body where the body is wanted and absent.
struct Head {
    route: engine::rest::Route,
    parsed: Option<Parsed>,
}

impl Head {
    fn read(line: &str, body: &str) -> Head {
        let (method, path) = line.split_once(' ').unwrap();
        let flavors = [Flavor::Elasticsearch710, Flavor::OpenSearch219];
        let route = flavors.into_iter().find_map(|flavor| route(method, path, "", flavor).ok());
        let route = route.unwrap_or_else(|| panic!("{line} leads nowhere"));
        let given = bytes::Bytes::copy_from_slice(body.as_bytes());
        let empty = Parsed { route: route.clone(), body: engine::rest::ParsedBody::Empty };
        let parsed =
            match parse(route.clone(), Some("application/json"), given, &engine::Work::unbounded())
            {
                Ok(parsed) => parsed,
                // A row without a body shows what the URL alone touches.
                Err(_) if body.is_empty() => empty,
                Err(error) => panic!("{line}: {error}"),
            };
        Head { route, parsed: Some(parsed) }
    }
}

fn metadata() -> Metadata {
    let index = |name: &str, aliases: &[&str]| {
        let mut index = IndexMetadata::new(name, &format!("u-{name}"));
        for alias in aliases {
            index.aliases.insert((*alias).to_owned(), Alias::default());
        }
        index
    };
    [index("open", &["both", "one"]), index("secret", &["both"])].into_iter().collect()
}
