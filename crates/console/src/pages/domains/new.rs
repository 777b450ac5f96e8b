//! `/domains/new`: launching a domain.

use maud::{Markup, html};
use policy::template::DomainArn;
use serde_json::{Value, json};

use crate::api::{self, Problem, list};
use crate::cli;
use crate::facade::Pending;
use crate::html::{Field, command, in_a_word, refused};
use crate::http::{Response, encoded};
use crate::layout::{Page, token};
use crate::policies::{self, Chosen, TEMPLATES};
use crate::visit::{Reply, Visit};

/// What was typed, or what the form begins with.
struct Typed<'a> {
    name: &'a str,
    version: &'a str,
    access: &'a str,
    subnets: Vec<&'a str>,
    groups: Vec<&'a str>,
    policy: Chosen<'a>,
    tags: &'a str,
}

/// What is wrong with a field.
type Fault = (&'static str, String);

impl<'a> Typed<'a> {
    fn read(visit: &'a Visit<'_>) -> Self {
        let form = &visit.form;
        let or = |name: &str, default: &'a str| match form.trimmed(name) {
            "" => default,
            value => value,
        };
        let principals = match form.has("principals") {
            true => form.words("principals"),
            false => vec![visit.account.as_str()],
        };
        Self {
            name: form.trimmed("name"),
            version: form.trimmed("version"),
            access: or("access", "public"),
            subnets: form.words("subnets"),
            groups: form.words("groups"),
            policy: Chosen {
                template: or("template", "principals"),
                principals,
                addresses: form.words("addresses"),
                own: form.get("own"),
            },
            tags: form.get("tags"),
        }
    }

    fn tags(&self) -> Result<Vec<Value>, Fault> {
        let lines = self.tags.lines().map(str::trim).filter(|line| !line.is_empty());
        lines
            .map(|line| match line.split_once('=') {
                Some((key, value)) if !key.trim().is_empty() => {
                    Ok(json!({"Key": key.trim(), "Value": value.trim()}))
                }
                _ => {
                    Err(("tags", format!("Seen {line:?}; expected a line KEY=VALUE for each tag.")))
                }
            })
            .collect()
    }

    fn policy_text(&self, visit: &Visit<'_>) -> Option<String> {
        let name = if self.name.is_empty() { "NAME" } else { self.name };
        self.policy.text(&DomainArn::new(visit.region(), &visit.account, name))
    }

    /// The field that a refusal is about, as far as its words tell.
    fn fault_of(&self, problem: &Problem) -> Option<Fault> {
        let of_policy = match self.policy.template {
            "addresses" => "addresses",
            "own" => "own",
            _ => "principals",
        };
        let fields = [
            ("'domainName'", "name"),
            ("Domain is still being deleted", "name"),
            ("Engine version", "version"),
            ("'engineVersion'", "version"),
            ("subnet", "subnets"),
            ("security group", "groups"),
            ("'tagList", "tags"),
            ("Tag key", "tags"),
            ("tags", "tags"),
            ("policy", of_policy),
        ];
        if problem.status != 400 {
            return None;
        }
        let found = fields.iter().find(|(words, _)| problem.text.contains(words));
        found.map(|(_, field)| (*field, problem.text.clone()))
    }

    /// What `CreateDomain` is asked for.
    fn input(&self, visit: &Visit<'_>) -> Result<Value, Fault> {
        if self.name.is_empty() {
            let expected = "3 to 28 lower-case letters, digits and hyphens, a letter first";
            return Err(("name", format!("Nothing was given; expected {expected}.")));
        }
        if let Some((field, fault)) = self.policy.fault() {
            return Err((field, fault.to_owned()));
        }
        if self.access == "vpc" && self.subnets.is_empty() {
            return Err(("subnets", "Nothing was given; expected the id of a subnet.".to_owned()));
        }
        let mut input = serde_json::Map::new();
        let mut put = |member: &str, value: Value| input.insert(member.to_owned(), value);
        put("DomainName", json!(self.name));
        if !self.version.is_empty() {
            put("EngineVersion", json!(self.version));
        }
        if let Some(policy) = self.policy_text(visit) {
            put("AccessPolicies", json!(policy));
        }
        if self.access == "vpc" {
            put("VPCOptions", json!({"SubnetIds": self.subnets, "SecurityGroupIds": self.groups}));
        }
        let tags = self.tags()?;
        if !tags.is_empty() {
            put("TagList", json!(tags));
        }
        Ok(input.into())
    }
}

/// Shows the form.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move { page(visit, &Typed::read(visit), None, None, 200).await })
}

/// The policy as the form stands, with what lint finds: a piece of a page.
pub(crate) fn preview<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    let text = Typed::read(visit).policy_text(visit);
    let piece = policies::checked(text.as_deref()).into_string();
    Box::pin(async move { Response::html(200, piece).into() })
}

/// Launches the domain; with the button of the preview only shows the form again.
pub(crate) fn launch<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let typed = Typed::read(visit);
        if visit.form.has("look") {
            return page(visit, &typed, None, None, 200).await;
        }
        let input = match typed.input(visit) {
            Ok(input) => input,
            Err(fault) => return page(visit, &typed, Some(fault), None, 400).await,
        };
        let call = api::opensearch(visit, "POST", "/opensearch/domain", Some(&input));
        match api::json(visit, call).await {
            Ok(_) => {
                let address = format!("/domains/{}", encoded(typed.name));
                let text = format!("Domain {} is being launched.", typed.name);
                Reply::done(&address, text, cli_line(visit, &input))
            }
            Err(problem) => {
                let (status, fault) = (problem.status, typed.fault_of(&problem));
                page(visit, &typed, fault, Some(&problem), status).await
            }
        }
    })
}

/// `aws opensearch create-domain …`, as the form stands.
fn cli_line(visit: &Visit<'_>, input: &Value) -> String {
    let mut words = vec!["opensearch".to_owned(), "create-domain".to_owned()];
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    for (member, name) in [
        ("DomainName", "--domain-name"),
        ("EngineVersion", "--engine-version"),
        ("AccessPolicies", "--access-policies"),
        ("VPCOptions", "--vpc-options"),
        ("TagList", "--tag-list"),
    ] {
        match input.get(member) {
            Some(Value::String(text)) => option(name, text.clone()),
            Some(value) => option(name, value.to_string()),
            None => {}
        }
    }
    option("--region", visit.region().to_owned());
    cli::line(words.iter().map(String::as_str))
}

async fn page(
    visit: &Visit<'_>,
    typed: &Typed<'_>,
    fault: Option<Fault>,
    problem: Option<&Problem>,
    status: u16,
) -> Reply {
    let versions =
        api::json(visit, api::opensearch(visit, "GET", "/opensearch/versions", None)).await;
    let untold = versions.as_ref().err();
    let untold = untold.map(|it| format!("Which other versions there are: {}", in_a_word(it)));
    let versions = versions.unwrap_or_default();
    let versions: Vec<&str> =
        list(&versions, "/Versions").iter().filter_map(Value::as_str).collect();
    let content = html! {
        @if let Some(problem) = problem { (refused("The domain was not launched", problem)) }
        @if let Some(untold) = untold { section { p.quiet { (untold) } } }
        (form(visit, typed, fault.as_ref(), &versions))
    };
    let above = [("/domains".to_owned(), "Domains")];
    Page { title: "Launch a domain", above: &above, content }.with_status(visit, status)
}

fn form(visit: &Visit<'_>, typed: &Typed<'_>, fault: Option<&Fault>, versions: &[&str]) -> Markup {
    let policy = typed.policy_text(visit);
    html! {
        form method="post" action="/domains/new" data-preview="/domains/new/preview" {
            (token(visit))
            div.columns {
                section {
                    h2 { "Domain" }
                    (domain_fields(typed, fault, versions))
                }
                section {
                    h2 { "Access policy" }
                    (policy_fields(typed, fault))
                }
            }
            section {
                h2 { "What will be set" }
                div #preview aria-live="polite" { (policies::checked(policy.as_deref())) }
                div.actions {
                    button type="submit" { "Launch" }
                    button.quiet type="submit" name="look" value="1" { "Look again" }
                }
            }
        }
        @if let Ok(input) = typed.input(visit) {
            (command("The same with the AWS CLI", &cli_line(visit, &input)))
        }
    }
}

fn domain_fields(typed: &Typed<'_>, fault: Option<&Fault>, versions: &[&str]) -> Markup {
    let field =
        |name, label, hint, value| Field { name, label, hint, value, fault: of(fault, name) };
    let mut engines = vec![(String::new(), "The newest OpenSearch 2".to_owned())];
    engines.extend(versions.iter().map(|version| ((*version).to_owned(), super::engine(version))));
    let (subnets, groups) = (typed.subnets.join("\n"), typed.groups.join("\n"));
    html! {
        (field("name", "Name", "3 to 28 lower-case letters, digits and hyphens; a letter first.", typed.name).line())
        (field("version", "Engine version", "What clients are told, and how the engine behaves.", typed.version).choice(&engines))
        fieldset {
            legend { "Who can connect" }
            label { input type="radio" name="access" value="public" checked[typed.access != "vpc"]; " Public: whoever reaches this machine; the access policy decides" }
            label { input type="radio" name="access" value="vpc" checked[typed.access == "vpc"]; " VPC: only from networks that the operator has set up" }
        }
        details open[typed.access == "vpc" || of(fault, "subnets").is_some()] {
            summary { "Networks of the VPC" }
            (field("subnets", "Subnets", "Ids, as the settings name them.", &subnets).lines(2))
            (field("groups", "Security groups", "Ids. If there is none, the subnets say who may connect.", &groups).lines(2))
        }
        (field("tags", "Tags", "One KEY=VALUE per line.", typed.tags).lines(2))
    }
}

fn policy_fields(typed: &Typed<'_>, fault: Option<&Fault>) -> Markup {
    let chosen = &typed.policy;
    let (principals, addresses) = (chosen.principals.join("\n"), chosen.addresses.join("\n"));
    let field =
        |name, label, hint, value| Field { name, label, hint, value, fault: of(fault, name) };
    html! {
        fieldset {
            legend { "Template" }
            @for (name, called) in TEMPLATES {
                label { input type="radio" name="template" value=(name) checked[*name == chosen.template]; " " (called) }
            }
        }
        div.for-principals { (field("principals", "Roles, users, accounts", "ARNs or account numbers, one per line.", &principals).lines(3)) }
        div.for-addresses { (field("addresses", "Addresses", "Addresses or networks, such as 192.0.2.0/24, one per line.", &addresses).lines(2)) }
        div.for-own { (field("own", "Own policy", "JSON.", chosen.own).lines(4)) }
    }
}

fn of<'f>(fault: Option<&'f Fault>, name: &str) -> Option<&'f str> {
    fault.filter(|(field, _)| *field == name).map(|(_, text)| text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Fake, refusal};

    #[test]
    fn a_launch_sends_what_the_form_says_and_tells_the_same_command() {
        let console = crate::testing::console();
        let fake = Fake::default().answers("/opensearch/domain", json!({"DomainStatus": {}}));
        let (cookies, form_token) = fake.signed_in(&console);
        let fields = [
            ("token", form_token.as_str()),
            ("name", "books"),
            ("version", "OpenSearch_2.19"),
            ("template", "principals"),
            ("principals", "arn:aws:iam::123456789012:role/reader"),
            ("tags", "team=search\r\n"),
        ];
        let mut request = crate::testing::request(crate::http::Method::Post, "/domains/new");
        request.cookies = cookies.clone();
        request.form = crate::http::query(&fields).into_bytes();
        let launched = fake.ask(&console, request);
        assert_eq!(
            (launched.response.status, launched.header("location")),
            (303, "/domains/books")
        );
        let sent = launched.sent("/opensearch/domain");
        assert_eq!(sent["EngineVersion"], "OpenSearch_2.19");
        assert_eq!(sent["TagList"], json!([{"Key": "team", "Value": "search"}]));
        assert!(sent["AccessPolicies"].as_str().unwrap().contains("role/reader"));
        let mut next = crate::testing::request(crate::http::Method::Get, "/domains/books");
        next.cookies = cookies;
        fake.ask(&console, next)
            .shows(&["is being launched", "aws opensearch create-domain --domain-name books"]);
    }

    #[test]
    fn a_fault_is_told_at_its_field_and_what_was_typed_stays() {
        let fake = Fake::default();
        let page = fake
            .post("/domains/new", &[("name", ""), ("principals", "111122223333"), ("tags", "a=b")]);
        assert_eq!(page.response.status, 400);
        page.shows(&[
            "Nothing was given; expected 3 to 28 lower-case letters",
            "111122223333",
            "a=b",
        ]);
        let page = fake.post("/domains/new", &[("name", "books"), ("tags", "nothing")]);
        page.shows(&["Seen &quot;nothing&quot;; expected a line KEY=VALUE"]);
        let page = fake.post("/domains/new", &[("name", "books"), ("template", "addresses")]);
        page.shows(&["expected at least one address or network"]);
        let page = fake.post("/domains/new", &[("name", "books"), ("access", "vpc")]);
        page.shows(&["expected the id of a subnet"]);
    }

    #[test]
    fn a_refused_launch_keeps_the_form_and_tells_why() {
        let fake = Fake::default()
            .refuses("/opensearch/domain", refusal("not authorized to perform: es:CreateDomain"));
        let page = fake.post("/domains/new", &[("name", "books")]);
        assert_eq!(page.response.status, 403);
        page.shows(&["The domain was not launched", "es:CreateDomain", "value=\"books\""]);
    }

    #[test]
    fn what_the_api_finds_wrong_is_told_at_its_field_too() {
        for (text, field) in [
            (
                "1 validation error detected: Value 'A' at 'domainName' failed to satisfy constraint",
                "name",
            ),
            ("The subnet ID 'subnet-1' does not exist", "subnets"),
            ("Error setting policy: [{}]", "own"),
        ] {
            let answer = crate::facade::ApiAnswer {
                status: 400,
                body: json!({ "message": text }).to_string().into_bytes(),
                ..refusal("")
            };
            let page = Fake::default().refuses("/opensearch/domain", answer).post(
                "/domains/new",
                &[
                    ("name", "books"),
                    ("template", "own"),
                    ("own", "{}"),
                    ("access", "vpc"),
                    ("subnets", "subnet-1"),
                ],
            );
            let shown = page.text();
            let (_, about) = shown.split_once(&format!("id=\"{field}-about\"")).unwrap();
            assert!(
                about.split("</p>").next().unwrap().contains(text.get(..20).unwrap()),
                "{field}: {shown}"
            );
        }
    }

    #[test]
    fn a_preview_is_a_piece_of_a_page_and_creates_nothing() {
        let piece = Fake::default()
            .post("/domains/new/preview", &[("name", "books"), ("template", "open")]);
        piece.shows(&["domain/books/*", "security warning"]);
        piece.lacks(&["<html"]);
        assert!(piece.calls.is_empty());
    }

    #[test]
    fn looking_again_launches_nothing() {
        let page = Fake::default()
            .post("/domains/new", &[("name", "books"), ("template", "deny"), ("look", "1")]);
        page.shows(&["&quot;Deny&quot;"]);
        assert!(page.calls.iter().all(|call| call.method == "GET"), "{:?}", page.calls);
    }
}
