//! `/domains`: the domains of the account in the session's region.

pub(crate) mod configuration;
pub(crate) mod delete;
pub(crate) mod domain;
pub(crate) mod index;
pub(crate) mod indices;
pub(crate) mod new;
pub(crate) mod policy;
pub(crate) mod progress;
pub(crate) mod replay;
pub(crate) mod request;
pub(crate) mod who_can;

use maud::{Markup, html};
use serde_json::{Value, json};

use crate::api::{self, Problem, is, list, text};
use crate::cli;
use crate::facade::Pending;
use crate::html::{badge, command, in_a_word, refused};
use crate::http::encoded;
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// Domains whose health is asked for: each is a call.
const HEALTH_MAX: usize = 20;

/// A domain, as the list shows it.
struct Listed {
    name: String,
    status: Result<Value, Problem>,
    health: Option<Result<String, Problem>>,
}

/// Lists the domains.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let found = listed(visit).await;
        let content = html! {
            div.actions { a.button href="/domains/new" { "Launch a domain" } }
            (content(&found))
            (command("The same with the AWS CLI", &cli::line(["opensearch", "list-domain-names", "--region", visit.region()])))
        };
        let title = format!("Domains in {}", visit.region());
        Page { title: &title, above: &[], content }.reply(visit)
    })
}

async fn listed(visit: &Visit<'_>) -> Result<Vec<Listed>, Problem> {
    let names = api::json(visit, api::opensearch(visit, "GET", "/domain", None)).await?;
    let names: Vec<&str> =
        list(&names, "/DomainNames").iter().map(|name| text(name, "/DomainName")).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let asked = json!({ "DomainNames": names });
    let told =
        api::json(visit, api::opensearch(visit, "POST", "/opensearch/domain-info", Some(&asked)))
            .await;
    // Who may list them and not look at them sees their names.
    let status_of = |name: &str| -> Result<Value, Problem> {
        let told = told.as_ref().map_err(Problem::clone)?;
        let mut statuses = list(told, "/DomainStatusList").iter();
        let status = statuses.find(|status| text(status, "/DomainName") == name);
        Ok(status.cloned().unwrap_or_default())
    };
    let mut found = Vec::new();
    for name in names {
        let health = match found.len() < HEALTH_MAX {
            true => Some(health(visit, name).await),
            false => None,
        };
        found.push(Listed { name: name.to_owned(), status: status_of(name), health });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// How a domain is, in a word.
pub(crate) async fn health(visit: &Visit<'_>, domain: &str) -> Result<String, Problem> {
    let call = api::opensearch(visit, "GET", &api::of_domain(domain, "/health"), None);
    Ok(text(&api::json(visit, call).await?, "/ClusterHealth").to_owned())
}

fn content(found: &Result<Vec<Listed>, Problem>) -> Markup {
    match found {
        Err(problem) => refused("The domains cannot be listed", problem),
        Ok(domains) if domains.is_empty() => html! {
            section { p { "There is no domain here yet. The first one takes a minute: a name, an access policy, done." } }
        },
        Ok(domains) => html! {
            section {
                div.wide tabindex="0" role="region" aria-label="Domains" {
                    table {
                        thead { tr { th scope="col" { "Domain" } th scope="col" { "Status" } th scope="col" { "Health" }
                            th scope="col" { "Engine" } th scope="col" { "Access" } th scope="col" { "Endpoint" } } }
                        tbody { @for domain in domains { (row(domain)) } }
                    }
                }
            }
        },
    }
}

fn row(domain: &Listed) -> Markup {
    let status = domain.status.as_ref().ok().filter(|status| !status.is_null());
    html! {
        tr {
            th scope="row" { a href={ "/domains/" (encoded(&domain.name)) } { (domain.name) } }
            td {
                @match (&domain.status, status) {
                    (Err(problem), _) => span.quiet { (in_a_word(problem)) },
                    (_, Some(status)) => (state_badge(status)),
                    _ => span.quiet { "is gone" },
                }
            }
            td {
                @match &domain.health {
                    Some(Ok(health)) => (health_badge(health)),
                    Some(Err(problem)) => span.quiet { (in_a_word(problem)) },
                    None => span.quiet { "on its page" },
                }
            }
            @if let Some(status) = status {
                td { (engine(text(status, "/EngineVersion"))) }
                td { (access(status)) }
                td.mono { (endpoint(status)) }
            } @else { td {} td {} td {} }
        }
    }
}

/// What is being done with a domain.
pub(crate) fn state(status: &Value) -> &'static str {
    match (is(status, "/Deleted"), is(status, "/Processing")) {
        (true, _) => "Being deleted",
        (_, true) => "Processing",
        _ => "Active",
    }
}

pub(crate) fn state_badge(status: &Value) -> Markup {
    let state = state(status);
    badge(if state == "Active" { "good" } else { "warn" }, state)
}

pub(crate) fn health_badge(health: &str) -> Markup {
    match health {
        "Green" => badge("good", "Green"),
        "Yellow" => badge("warn", "Yellow"),
        "Red" => badge("bad", "Red"),
        _ => badge("", "Not available"),
    }
}

/// `OpenSearch 2.19` of `OpenSearch_2.19`.
pub(crate) fn engine(version: &str) -> String {
    version.replace('_', " ")
}

/// Who may reach a domain at all.
pub(crate) fn access(status: &Value) -> &'static str {
    match status.get("VPCOptions") {
        _ if status.is_null() => "",
        Some(Value::Object(_)) => "VPC",
        _ => "Public",
    }
}

/// Where a domain is; empty before it listens.
pub(crate) fn endpoint(status: &Value) -> &str {
    match text(status, "/Endpoint") {
        "" => text(status, "/Endpoints/vpc"),
        endpoint => endpoint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Fake, refusal};

    #[test]
    fn a_list_shows_each_domain_with_its_state_and_health() {
        let page = Fake::default()
            .answers("/domain", json!({"DomainNames": [{"DomainName": "logs"}, {"DomainName": "books"}]}))
            .answers("/opensearch/domain-info", json!({"DomainStatusList": [
                {"DomainName": "books", "EngineVersion": "OpenSearch_2.19", "Endpoint": "localhost:9200"},
                {"DomainName": "logs", "EngineVersion": "Elasticsearch_7.10", "Processing": true, "VPCOptions": {}},
            ]}))
            .answers("/books/health", json!({"ClusterHealth": "Green"}))
            .answers("/logs/health", json!({"ClusterHealth": "Red"}))
            .get("/domains");
        page.shows(&[
            "Domains in us-east-1",
            "/domains/books",
            "OpenSearch 2.19",
            "localhost:9200",
            "Active",
            "Green",
        ]);
        page.shows(&[
            "Elasticsearch 7.10",
            "VPC",
            "Processing",
            "Red",
            "aws opensearch list-domain-names",
        ]);
    }

    #[test]
    fn who_may_not_look_at_a_domain_sees_its_name_alone() {
        let page = Fake::default()
            .answers("/domain", json!({"DomainNames": [{"DomainName": "logs"}]}))
            .get("/domains");
        page.shows(&["/domains/logs", "Not shown to you: not in this test"]);
    }

    #[test]
    fn a_refused_list_is_told_in_the_apis_words_with_its_request() {
        let page = Fake::default()
            .refuses("/domain", refusal("no policy allows es:ListDomainNames"))
            .get("/");
        page.shows(&[
            "The domains cannot be listed",
            "no policy allows es:ListDomainNames",
            "AccessDeniedException",
            "r-7",
        ]);
    }

    #[test]
    fn a_name_that_is_html_is_shown_as_text() {
        let page = Fake::default()
            .answers(
                "/domain",
                json!({"DomainNames": [{"DomainName": "<script>alert(1)</script>"}]}),
            )
            .get("/domains");
        page.shows(&["&lt;script&gt;"]);
        page.lacks(&["<script>alert"]);
    }
}
