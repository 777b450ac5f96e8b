//! What holds for every form and every page: a fault stands at its field with what was seen and what is expected, and what was typed
//! stays; whoever's session is over comes back to the page; what fails tells its own error. The forms are found in the pages, so that
//! a field without a case here is a failure.

use std::collections::BTreeSet;

use serde_json::json;

use crate::facade::ApiAnswer;
use crate::http::{Method, Request, decoded, encoded, query};
use crate::policies::digest;
use crate::routes::{RouteRow, TABLE};
use crate::testing::{Fake, Shown, address, console, refusal, request};

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"es:ESHttpGet","Resource":"*"}]}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}"#;
const USER: &str = "/identities/users/books";
const GROUP: &str = "/identities/groups/books";
const ROLE: &str = "/identities/roles/books";

/// A form with something wrong in one field.
struct Case {
    /// The address that it is sent to; by `GET`, where the form is one of a search.
    to: &'static str,
    method: Method,
    /// Which of the page's forms.
    does: &'static str,
    fields: &'static [(&'static str, &'static str)],
    /// What an API finds wrong with it: the call, the name of the error, its text.
    refused: Option<(&'static str, &'static str, &'static str)>,
    /// The field at which that stands.
    at: &'static str,
    /// What was seen, and what is expected.
    says: &'static [&'static str],
}

const NOTHING: &[&str] = &["Nothing was given", "expected"];

/// What is wrong is found before anything is asked for.
const fn here(
    to: &'static str,
    does: &'static str,
    fields: &'static [(&'static str, &'static str)],
    at: &'static str,
    says: &'static [&'static str],
) -> Case {
    Case { to, method: Method::Post, does, fields, refused: None, at, says }
}

/// An API finds it wrong.
const fn told(
    to: &'static str,
    does: &'static str,
    fields: &'static [(&'static str, &'static str)],
    refused: (&'static str, &'static str, &'static str),
    at: &'static str,
) -> Case {
    Case { to, method: Method::Post, does, fields, refused: Some(refused), at, says: &[] }
}

/// The same of a search.
const fn asked(
    to: &'static str,
    fields: &'static [(&'static str, &'static str)],
    refused: (&'static str, &'static str, &'static str),
    at: &'static str,
) -> Case {
    Case { to, method: Method::Get, does: "", fields, refused: Some(refused), at, says: &[] }
}

const LAUNCH: &str = "/opensearch/domain";
const INVALID: &str = "ValidationException";
const MALFORMED: &str = "MalformedPolicyDocument";

// long: a case for each field of each form
const CASES: &[Case] = &[
    here("/domains/new", "", &[("name", ""), ("tags", "a=b")], "name", NOTHING),
    told(
        "/domains/new",
        "",
        &[("name", "BOOKS"), ("tags", "a=b")],
        (LAUNCH, INVALID, "Value 'BOOKS' at 'domainName' failed to satisfy constraint"),
        "name",
    ),
    told(
        "/domains/new",
        "",
        &[("name", "books"), ("version", "Elasticsearch_9")],
        (LAUNCH, INVALID, "Engine version Elasticsearch_9 is none: expected one of"),
        "version",
    ),
    here(
        "/domains/new",
        "",
        &[("name", "books"), ("access", "vpc"), ("subnets", "")],
        "subnets",
        NOTHING,
    ),
    told(
        "/domains/new",
        "",
        &[("name", "books"), ("access", "vpc"), ("subnets", "subnet-1"), ("groups", "sg-1")],
        (LAUNCH, INVALID, "The security group ID 'sg-1' does not exist"),
        "groups",
    ),
    here(
        "/domains/new",
        "",
        &[("name", "books"), ("tags", "nothing")],
        "tags",
        &["Seen &quot;nothing&quot;", "expected a line KEY=VALUE"],
    ),
    here("/domains/new", "", &[("name", "books"), ("principals", "")], "principals", NOTHING),
    here(
        "/domains/new",
        "",
        &[("name", "books"), ("template", "addresses"), ("addresses", "")],
        "addresses",
        NOTHING,
    ),
    here(
        "/domains/new",
        "",
        &[("name", "books"), ("template", "own"), ("own", "")],
        "own",
        NOTHING,
    ),
    here(
        "/domains/books/policy",
        "",
        &[("policy", "{\"Version\": 1"), ("compare", "1")],
        "policy",
        &["Line 1", "seen &quot;{", "expected a policy"],
    ),
    here(
        "/domains/books/request",
        "",
        &[("method", "G ET"), ("target", "/books"), ("body", "{}")],
        "method",
        &["Seen &quot;G ET&quot;", "expected one of GET"],
    ),
    here(
        "/domains/books/delete",
        "",
        &[("name", "book")],
        "name",
        &["Seen &quot;book&quot;", "expected &quot;books&quot;"],
    ),
    asked(
        "/domains/books/indices/books",
        &[("q", "a:(")],
        ("/books/_search", "parsing_exception", "Failed to parse query [a:(]"),
        "q",
    ),
    asked(
        "/domains/books/who-can",
        &[("index", "A")],
        ("/who-can", "", "'index' is 'A', expected names of indices"),
        "index",
    ),
    here("/identities", "create-user", &[("name", "")], "name", NOTHING),
    told(
        "/identities",
        "create-user",
        &[("name", "a b")],
        ("CreateUser", "ValidationError", "Value 'a b' at 'userName' failed to satisfy constraint"),
        "name",
    ),
    here("/identities", "create-group", &[("group", "")], "group", NOTHING),
    here("/identities/new-role", "", &[("name", ""), ("description", "for ann")], "name", NOTHING),
    told(
        "/identities/new-role",
        "",
        &[("name", "app"), ("seconds", "7200")],
        ("CreateRole", "EntityAlreadyExists", "Role with name app already exists."),
        "name",
    ),
    told(
        "/identities/new-role",
        "",
        &[("name", "app"), ("description", "x")],
        (
            "CreateRole",
            "ValidationError",
            "Value 'x' at 'description' failed to satisfy constraint",
        ),
        "description",
    ),
    here(
        "/identities/new-role",
        "",
        &[("name", "app"), ("seconds", "an hour")],
        "seconds",
        &["Seen &quot;an hour&quot;", "expected a number of seconds"],
    ),
    here("/identities/new-role", "", &[("name", "app"), ("principals", "")], "principals", NOTHING),
    told(
        "/identities/new-role",
        "",
        &[("name", "app"), ("principals", "arn:aws:iam::1:role/x")],
        ("CreateRole", MALFORMED, "Invalid principal in policy: \"AWS\":\"arn:aws:iam::1:role/x\""),
        "principals",
    ),
    here(
        "/identities/new-role",
        "",
        &[("name", "app"), ("template", "service"), ("service", "")],
        "service",
        NOTHING,
    ),
    here(
        "/identities/new-role",
        "",
        &[("name", "app"), ("template", "saml"), ("provider", "")],
        "provider",
        NOTHING,
    ),
    here(
        "/identities/new-role",
        "",
        &[("name", "app"), ("template", "oidc"), ("provider", "arn:x"), ("subject", "")],
        "subject",
        NOTHING,
    ),
    here(
        "/identities/new-role",
        "",
        &[("name", "app"), ("template", "own"), ("own", "")],
        "own",
        NOTHING,
    ),
    here(
        "/identities/new-role",
        "",
        &[("name", "app"), ("template", "own"), ("own", "{\n nothing")],
        "own",
        &["Line 2", "seen &quot;nothing&quot;", "expected a policy"],
    ),
    here(
        "/identities/new-policy",
        "create",
        &[("name", ""), ("description", "for ann"), ("policy", POLICY)],
        "name",
        NOTHING,
    ),
    told(
        "/identities/new-policy",
        "create",
        &[("name", "read"), ("description", "x"), ("policy", POLICY)],
        ("CreatePolicy", "ValidationError", "Value 'x' at 'description' failed"),
        "description",
    ),
    told(
        "/identities/new-policy",
        "create",
        &[("name", "read"), ("policy", "{}")],
        ("CreatePolicy", MALFORMED, "Syntax errors in policy."),
        "policy",
    ),
    here(USER, "set-password", &[("password", "")], "password", NOTHING),
    told(
        USER,
        "set-password",
        &[("password", "short")],
        (
            "CreateLoginProfile",
            "PasswordPolicyViolation",
            "Password should have a minimum length of 8",
        ),
        "password",
    ),
    here(USER, "change-password", &[("password", "")], "password", NOTHING),
    here(USER, "join", &[("group", "")], "group", NOTHING),
    here(USER, "attach", &[("arn", "")], "arn", NOTHING),
    told(
        USER,
        "attach",
        &[("arn", "arn:x")],
        ("AttachUserPolicy", "NoSuchEntity", "Policy arn:x does not exist or is not attachable."),
        "arn",
    ),
    here(USER, "set-boundary", &[("boundary", "")], "boundary", NOTHING),
    here(
        "/identities/users/books/inline",
        "",
        &[("name", ""), ("policy", POLICY)],
        "name",
        NOTHING,
    ),
    here(
        "/identities/users/books/inline",
        "",
        &[("name", "own"), ("policy", "{"), ("compare", "1")],
        "policy",
        &["Line 1", "expected a policy"],
    ),
    here(GROUP, "add", &[("user", "")], "user", NOTHING),
    here(GROUP, "attach", &[("arn", "")], "arn", NOTHING),
    here(
        "/identities/groups/books/inline",
        "",
        &[("name", ""), ("policy", POLICY)],
        "name",
        NOTHING,
    ),
    here(
        "/identities/groups/books/inline",
        "",
        &[("name", "own"), ("policy", "")],
        "policy",
        &["seen nothing", "expected a policy"],
    ),
    here(ROLE, "set-session", &[("seconds", "")], "seconds", NOTHING),
    told(
        ROLE,
        "set-session",
        &[("seconds", "10")],
        ("UpdateRole", "ValidationError", "Value '10' at 'maxSessionDuration' failed"),
        "seconds",
    ),
    here(ROLE, "attach", &[("arn", "")], "arn", NOTHING),
    here(ROLE, "set-boundary", &[("boundary", "")], "boundary", NOTHING),
    here(
        "/identities/roles/books/inline",
        "",
        &[("name", ""), ("policy", POLICY)],
        "name",
        NOTHING,
    ),
    here(
        "/identities/roles/books/inline",
        "",
        &[("name", "own"), ("policy", "{"), ("compare", "1")],
        "policy",
        &["Line 1", "expected a policy"],
    ),
    here(
        "/identities/roles/books/trust",
        "",
        &[("policy", "[]"), ("compare", "1")],
        "policy",
        &["Line 1", "seen &quot;[]&quot;", "expected a policy"],
    ),
    here(
        "/identities/policies/books/edit",
        "",
        &[("policy", "{"), ("compare", "1")],
        "policy",
        &["Line 1", "expected a policy"],
    ),
    asked(
        "/activity",
        &[("from", "yesterday"), ("principal", "ann")],
        ("/_countersign/audit", "", "'from' is 'yesterday', expected a time"),
        "from",
    ),
    asked(
        "/activity",
        &[("until", "noon"), ("index", "books")],
        ("/_countersign/audit", "", "'until' is 'noon', expected a time"),
        "until",
    ),
    asked(
        "/activity",
        &[("principal", "\u{fffd}")],
        ("/_countersign/audit", "", "'principal' is not UTF-8"),
        "principal",
    ),
    asked(
        "/activity",
        &[("action", "\u{fffd}")],
        ("/_countersign/audit", "", "'action' is not UTF-8"),
        "action",
    ),
    asked(
        "/activity",
        &[("index", "\u{fffd}")],
        ("/_countersign/audit", "", "'index' is not UTF-8"),
        "index",
    ),
    asked(
        "/activity",
        &[("resource", "\u{fffd}")],
        ("/_countersign/audit", "", "'resource' is not UTF-8"),
        "resource",
    ),
    asked(
        "/activity",
        &[("decision", "maybe")],
        ("/_countersign/audit", "", "'decision' is 'maybe', expected allowed, denied or refused"),
        "decision",
    ),
    here("/password", "", &[("old", ""), ("new", "a"), ("again", "a")], "old", &["missing"]),
    here("/password", "", &[("old", "a"), ("new", ""), ("again", "")], "new", &["missing"]),
    here(
        "/password",
        "",
        &[("old", "a"), ("new", "b"), ("again", "c")],
        "again",
        &["not the new password"],
    ),
    here(
        "/switchrole",
        "",
        &[("account", "nobody"), ("roleName", "reader")],
        "account",
        &["xpected the 12 digits"],
    ),
    here(
        "/switchrole",
        "",
        &[("account", "123456789012"), ("roleName", "a b"), ("displayName", "Ann")],
        "roleName",
        &["xpected the name of a role"],
    ),
    here(
        "/switchrole",
        "",
        &[("account", "123456789012"), ("roleName", "a"), ("displayName", "\u{1}")],
        "displayName",
        &["xpected at most 64 characters"],
    ),
];

/// Fields that are never at fault by themselves, and why.
const NEVER: &[(&str, &str, &str)] = &[
    (
        "/domains/{domain}/request",
        "target",
        "it is sent as it is: the answer below is the domain's own",
    ),
    (
        "/domains/{domain}/request",
        "body",
        "it is sent as it is: the answer below is the domain's own",
    ),
    (
        "/identities/new-role",
        "audience",
        "of it and the subject one is needed: told at the subject",
    ),
    ("/activity", "id", "it leads to the page of that id, which has the field again"),
];

/// An answer that refuses, in the form of each API.
fn refusing(
    fake: Fake,
    (call, name, text): (&'static str, &'static str, &'static str),
    status: u16,
) -> Fake {
    let body = match call.contains('/') {
        true => json!({ "message": text }).to_string(),
        false => {
            let text = text.replace('<', "&lt;");
            format!(
                "<ErrorResponse><Error><Code>{name}</Code><Message>{text}</Message></Error></ErrorResponse>"
            )
        }
    };
    let error = Some(name.to_owned()).filter(|name| !name.is_empty());
    let answer = ApiAnswer { status, error, body: body.into_bytes(), ..refusal("") };
    fake.refuses(call, answer)
}

/// A service on which there is something of everything.
fn whole(has_password: bool) -> Fake {
    let document = encoded(TRUST);
    let own = encoded(POLICY);
    let fake = Fake::default()
        .answers("/books/config", json!({"DomainConfig": {"AccessPolicies": {"Options": POLICY}}}))
        .answers("/_countersign/audit", json!({"complete": true, "records": []}))
        .says("GetUser", "<User><Arn>arn:aws:iam::123456789012:user/books</Arn></User>")
        .says("GetGroup", "<Group><GroupName>books</GroupName></Group>")
        .says("GetRole", &format!("<Role><AssumeRolePolicyDocument>{document}</AssumeRolePolicyDocument><MaxSessionDuration>3600</MaxSessionDuration></Role>"))
        .says("GetPolicy", "<Policy><DefaultVersionId>v1</DefaultVersionId></Policy>")
        .says("GetPolicyVersion", &format!("<PolicyVersion><Document>{own}</Document></PolicyVersion>"))
        .says("GetUserPolicy", &format!("<PolicyDocument>{own}</PolicyDocument>"))
        .says("GetGroupPolicy", &format!("<PolicyDocument>{own}</PolicyDocument>"))
        .says("GetRolePolicy", &format!("<PolicyDocument>{own}</PolicyDocument>"));
    match has_password {
        true => fake.says("GetLoginProfile", "<LoginProfile></LoginProfile>"),
        false => fake.refuses("GetLoginProfile", ApiAnswer { status: 404, ..refusal("none") }),
    }
}

/// A form as a page has it.
#[derive(Debug)]
struct FormSeen {
    action: String,
    does: String,
    /// What is typed into it or chosen in it.
    fields: Vec<String>,
}

/// The value of an attribute of a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

/// The forms of a page.
fn forms(page: &str) -> Vec<FormSeen> {
    let pieces = page.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap());
    let read = pieces.map(|form| {
        let tags: Vec<&str> = form.split('<').map(|tag| tag.split('>').next().unwrap()).collect();
        let is_typed = |tag: &&&str| {
            tag.starts_with("textarea")
                || tag.starts_with("select")
                || (tag.starts_with("input")
                    && matches!(attribute(tag, "type"), Some("text" | "password")))
        };
        let named = |tag: &&str| attribute(tag, "name").unwrap_or_default().to_owned();
        let does = tags.iter().find(|tag| attribute(tag, "name") == Some("do"));
        let open = format!(" {}", form.split('>').next().unwrap());
        FormSeen {
            action: attribute(&open, "action").unwrap_or_default().to_owned(),
            does: does.and_then(|tag| attribute(tag, "value")).unwrap_or_default().to_owned(),
            fields: tags.iter().filter(is_typed).map(named).collect(),
        }
    });
    read.collect()
}

/// The row of the table that a path is of.
fn row_of(path: &str) -> &'static str {
    let path = path.split('?').next().unwrap_or_default();
    let is_it = |row: &&RouteRow| {
        let (mut wanted, mut seen) = (row.address.split('/'), path.split('/'));
        loop {
            match (wanted.next(), seen.next()) {
                (None, None) => return true,
                (Some(wanted), Some(seen)) if wanted == seen || wanted.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    TABLE.iter().find(is_it).map_or_else(|| panic!("{path}"), |row| row.address)
}

fn sent(case: &Case) -> Shown {
    let fake = whole(case.does != "set-password");
    let fake = match case.refused {
        Some(refused) => refusing(fake, refused, 400),
        None => fake,
    };
    match case.method {
        Method::Get => fake.get(&format!("{}?{}", case.to, query(case.fields))),
        Method::Post if case.does.is_empty() => fake.post(case.to, case.fields),
        Method::Post => fake.post(case.to, &[&[("do", case.does)], case.fields].concat()),
    }
}

/// Text as it stands in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[test]
fn a_fault_of_any_field_stands_there_and_what_was_typed_stays() {
    for case in CASES {
        let shown = sent(case);
        let what = format!("{} {} {:?}", case.to, case.does, case.fields);
        let page = shown.text();
        assert_ne!(shown.response.status, 303, "{what}: it was taken");
        let about = page.split_once(&format!("id=\"{}-about\"", case.at));
        let (_, about) = about.unwrap_or_else(|| panic!("{what}: nothing at {}: {page}", case.at));
        let about = about.split("</p>").next().unwrap();
        assert!(about.contains("class=\"fault\""), "{what}: {about}");
        let words = case.refused.map(|(_, _, text)| escaped(text));
        for says in case.says.iter().copied().chain(words.as_deref()) {
            assert!(about.contains(says), "{what}: {says:?} is not in {about}");
        }
        for (name, value) in case.fields {
            let is_secret = ["password", "old", "new", "again"].contains(name);
            let is_typed =
                !["access", "template", "compare", "method", "version", "decision"].contains(name);
            if is_secret {
                assert!(
                    value.is_empty() || !page.contains(&format!("value=\"{value}\"")),
                    "{what}: {name}"
                );
            } else if is_typed && !value.is_empty() {
                let value = escaped(value);
                let kept = [format!("value=\"{value}\""), format!(">{value}</textarea>")];
                assert!(
                    kept.iter().any(|kept| page.contains(kept)),
                    "{what}: {name} was lost: {page}"
                );
            }
        }
    }
}

#[test]
fn every_field_of_every_form_has_such_a_case() {
    let mut open = BTreeSet::new();
    let mut seen = 0;
    for row in TABLE.iter().filter(|row| row.method == Method::Get) {
        for has_password in [true, false] {
            let page = whole(has_password).get(&address(row.address));
            for form in forms(&page.text()) {
                let to = if form.action.is_empty() { address(row.address) } else { form.action };
                for field in form.fields {
                    seen += 1;
                    let to = row_of(&to);
                    let is_case = |case: &&Case| {
                        row_of(case.to) == to && case.does == form.does && case.at == field
                    };
                    let never = NEVER.iter().any(|(row, name, _)| *row == to && *name == field);
                    if !never && !CASES.iter().any(|case| is_case(&case)) {
                        open.insert(format!("{to} {} {field}", form.does));
                    }
                }
            }
        }
    }
    assert!(seen > 40, "the forms are not found: {seen}");
    assert_eq!(open, BTreeSet::new());
}

/// Whose session is over, with what it asks for.
fn after_its_session(
    method: Method,
    target: &str,
    fields: &[(&str, &str)],
) -> (Fake, crate::answer::Console<()>, Shown) {
    let (fake, console) = (whole(true), console());
    let (cookies, token) = fake.signed_in(&console);
    *fake.seconds.lock().unwrap() = 3_700;
    let form = match method {
        Method::Get => Vec::new(),
        Method::Post => query(&[fields, &[("token", token.as_str())]].concat()).into_bytes(),
    };
    let shown = fake.ask(&console, Request { cookies, form, ..request(method, target) });
    (fake, console, shown)
}

fn signs_in(fake: &Fake, console: &crate::answer::Console<()>, more: &[(&str, &str)]) -> Shown {
    let right = [("access-key-id", "AKIAANN"), ("secret", "right")];
    let form = query(&[&right[..], more].concat()).into_bytes();
    fake.ask(console, Request { form, ..request(Method::Post, "/sign-in") })
}

#[test]
fn whose_session_is_over_comes_back_to_the_page_it_left_whichever_that_is() {
    for row in TABLE.iter().filter(|row| row.method == Method::Get) {
        let target = format!("{}?index=a%20b", address(row.address));
        let (fake, console, led) = after_its_session(Method::Get, &target, &[]);
        let to = led.header("location");
        assert_eq!(
            (led.response.status, to),
            (303, format!("/sign-in?next={}", encoded(&target)).as_str())
        );
        let next = decoded(to.split_once("next=").unwrap().1);
        let back = signs_in(&fake, &console, &[("next", &next)]);
        assert_eq!(back.header("location"), target);
    }
}

#[test]
fn a_form_that_came_too_late_is_sent_again_after_the_sign_in_or_leads_to_its_page() {
    for row in TABLE.iter().filter(|row| row.method == Method::Post) {
        let to = address(row.address);
        let typed = [("policy", "{\"a\": \"b c\"}"), ("name", "books")];
        let (fake, console, late) = after_its_session(Method::Post, &to, &typed);
        assert_eq!((late.response.status, late.calls.len()), (401, 0), "{to}");
        let page = late.text();
        let is_kept =
            !["/password", "/sign-out"].contains(&to.as_str()) && !to.ends_with("/preview");
        if !is_kept {
            let page_of_it = to.strip_suffix("/preview").unwrap_or(&to);
            late.shows(&["nothing was done", &format!("/sign-in?next={}", encoded(page_of_it))]);
            continue;
        }
        let (_, kept) =
            page.split_once("name=\"kept\" value=\"").unwrap_or_else(|| panic!("{to}: {page}"));
        let kept = kept.split('"').next().unwrap().replace("&amp;", "&");
        let again = signs_in(&fake, &console, &[("kept-to", &to), ("kept", &kept)]);
        again.shows(&[
            &format!("action=\"{to}\""),
            "Send it now",
            "name=\"name\" value=\"books\"",
            "value=\"{&quot;a&quot;: &quot;b c&quot;}\"",
        ]);
    }
}

/// What an engine answers that cannot.
fn failing() -> ApiAnswer {
    let body = json!({"error": {"type": "search_phase_execution_exception", "reason": "all shards <failed>"}, "status": 503});
    ApiAnswer { status: 503, error: None, body: body.to_string().into_bytes(), ..refusal("") }
}

const ITS_OWN: &str = "all shards &lt;failed&gt;";

#[test]
fn whatever_page_is_asked_for_of_what_fails_its_own_error_is_shown() {
    let mut asked = 0;
    for row in TABLE.iter().filter(|row| row.method == Method::Get) {
        let fake = Fake::whole(failing());
        let page = fake.get(&address(row.address));
        if page.calls.is_empty() {
            continue;
        }
        asked += 1;
        assert!(page.text().contains(ITS_OWN), "{}: {}", row.address, page.text());
        assert!(!page.text().contains("Not shown to you"), "nobody was denied: {}", row.address);
    }
    assert!(asked > 20, "{asked}");
}

/// What is typed into each form that asks for something to be done.
const DONE: &[(&str, &[(&str, &str)])] = &[
    ("/domains/new", &[("name", "books")]),
    ("/domains/{domain}/policy", &[("policy", POLICY), ("set", "1")]),
    ("/domains/{domain}/request", &[("method", "GET"), ("target", "/")]),
    ("/domains/{domain}/delete", &[("name", "books")]),
    ("/identities", &[("do", "create-user"), ("name", "ann")]),
    ("/identities/new-role", &[("name", "app")]),
    ("/identities/new-policy", &[("do", "create"), ("name", "read"), ("policy", POLICY)]),
    ("/identities/users/{user}", &[("do", "create-key")]),
    ("/identities/users/{user}/inline", &[("name", "own"), ("policy", POLICY), ("set", "1")]),
    ("/identities/groups/{group}", &[("do", "add"), ("user", "ann")]),
    ("/identities/groups/{group}/inline", &[("name", "own"), ("policy", POLICY), ("set", "1")]),
    ("/identities/roles/{role}", &[("do", "set-session"), ("seconds", "3600")]),
    ("/identities/roles/{role}/inline", &[("name", "own"), ("policy", POLICY), ("set", "1")]),
    ("/identities/roles/{role}/trust", &[("policy", TRUST), ("set", "1")]),
    ("/identities/policies/{arn}", &[("do", "delete"), ("sure", "1")]),
    ("/identities/policies/{arn}/edit", &[("policy", POLICY), ("set", "1")]),
    ("/activity/{id}/repair", &[("change", "0"), ("asked", "x")]),
    ("/password", &[("old", "a"), ("new", "b"), ("again", "b")]),
    ("/switchrole", &[("account", "123456789012"), ("roleName", "reader")]),
];

/// Forms that ask nobody for anything.
const ASKING_NOBODY: [&str; 5] = [
    "/domains/new/preview",
    "/identities/new-role/preview",
    "/identities/new-policy/preview",
    "/sessions",
    "/sign-out",
];

#[test]
fn whatever_is_to_be_done_by_what_fails_its_own_error_is_shown_and_what_was_typed_stays() {
    for row in TABLE.iter().filter(|row| row.method == Method::Post) {
        if ASKING_NOBODY.contains(&row.address) {
            continue;
        }
        let found = DONE.iter().find(|(address, _)| *address == row.address);
        let (_, fields) = found.unwrap_or_else(|| panic!("nothing is typed into {}", row.address));
        let fake = Fake::whole(failing());
        let page = fake.post(&address(row.address), fields);
        assert!(page.text().contains(ITS_OWN), "{}: {}", row.address, page.text());
    }
}

#[test]
fn a_policy_that_fails_to_be_set_stays_typed() {
    let new = POLICY.replace("ESHttpGet", "ESHttpHead");
    let compared = digest(&crate::html::pretty_text(POLICY), &new);
    let fields = [("policy", new.as_str()), ("set", "1"), ("compared", &compared), ("name", "own")];
    for (to, call) in [
        ("/identities/users/books/inline", "PutUserPolicy"),
        ("/identities/roles/books/inline", "PutRolePolicy"),
        ("/identities/policies/books/edit", "CreatePolicyVersion"),
    ] {
        let page = whole(true).refuses(call, failing()).post(to, &fields);
        page.shows(&[ITS_OWN, &format!(">{}</textarea>", escaped(&new))]);
    }
}
