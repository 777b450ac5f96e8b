//! `/domains/{domain}`: one domain, and how programs reach it.

use maud::{Markup, html};
use serde_json::Value;

use crate::api::{self, Problem, list, text};
use crate::cli;
use crate::connecting;
use crate::facade::Pending;
use crate::html::{command, facts, in_a_word, not_told, pretty, refused};
use crate::http::{encoded, query};
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// Shows the domain.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let name = visit.name("domain");
        let call = api::opensearch(visit, "GET", &api::of_domain(name, ""), None);
        let above = [("/domains".to_owned(), "Domains")];
        let told = match api::json(visit, call).await {
            Ok(told) => told.pointer("/DomainStatus").cloned().unwrap_or_default(),
            Err(problem) => {
                let content = refused("The domain cannot be shown", &problem);
                return Page { title: name, above: &above, content }
                    .with_status(visit, problem.status);
            }
        };
        let health = super::health(visit, name).await;
        let tags = tags(visit, text(&told, "/ARN")).await;
        let content = content(visit, &told, health.as_ref(), tags.as_ref());
        Page { title: name, above: &above, content }.reply(visit)
    })
}

/// What leads from one page of a domain to another.
pub(crate) fn tabs(name: &str, here: &str) -> Markup {
    let pages = [
        ("", "Overview"),
        ("indices", "Indices"),
        ("request", "Request"),
        ("policy", "Access policy"),
        ("who-can", "Who can"),
        ("configuration", "Configuration"),
    ];
    html! {
        nav.tabs aria-label="Domain" {
            @for (page, called) in pages {
                @let rest = if page.is_empty() { String::new() } else { format!("/{page}") };
                a href={ "/domains/" (encoded(name)) (rest) } aria-current=[(page == here).then_some("page")] { (called) }
            }
        }
    }
}

async fn tags(visit: &Visit<'_>, arn: &str) -> Result<Vec<(String, String)>, Problem> {
    let mut call = api::opensearch(visit, "GET", "/tags/", None);
    call.query = query(&[("arn", arn)]);
    let told = api::json(visit, call).await?;
    let tags = list(&told, "/TagList").iter();
    Ok(tags.map(|tag| (text(tag, "/Key").to_owned(), text(tag, "/Value").to_owned())).collect())
}

fn content(
    visit: &Visit<'_>,
    status: &Value,
    health: Result<&String, &Problem>,
    tags: Result<&Vec<(String, String)>, &Problem>,
) -> Markup {
    let name = visit.name("domain");
    let endpoint = super::endpoint(status);
    let on_its_way = super::state(status) != "Active" || endpoint.is_empty();
    html! {
        (tabs(name, ""))
        @if on_its_way {
            section data-again { p role="status" { "This domain is being changed. " a href=(visit.path) { "Look again" } " " a href={ "/domains/" (encoded(name)) "/progress" } { "Its stages" } } }
        }
        div.columns {
            section {
                h2 { "Domain" }
                p { (super::state_badge(status)) " "
                    @match health {
                        Ok(health) => (super::health_badge(health)),
                        Err(problem) => span.quiet { "Health: " (in_a_word(problem)) },
                    } }
                (facts(&[
                    ("Endpoint", if endpoint.is_empty() { String::new() } else { format!("https://{endpoint}") }),
                    ("Engine", super::engine(text(status, "/EngineVersion"))),
                    ("Access", super::access(status).to_owned()),
                    ("ARN", text(status, "/ARN").to_owned()),
                    ("TLS", text(status, "/DomainEndpointOptions/TLSSecurityPolicy").to_owned()),
                ]))
            }
            section {
                h2 { "Tags" }
                @match tags {
                    Ok(tags) if tags.is_empty() => p.quiet { "None." },
                    Ok(tags) => dl.facts { @for (key, value) in tags { dt { (key) } dd { (value) } } },
                    Err(problem) => (not_told(problem)),
                }
                details { summary { "Change them" } (command("With the AWS CLI", &tagging(visit, text(status, "/ARN")))) }
            }
        }
        @if !endpoint.is_empty() { (connect(visit, endpoint)) }
        section {
            h2 { "Configuration" }
            p { a href={ "/domains/" (encoded(name)) "/configuration" } { "Every option, and how to change it" } " · "
                a href={ "/domains/" (encoded(name)) "/progress" } { "Progress of the last change" } }
            details { summary { "The answer of the API" } (command("DescribeDomain", &pretty(status))) }
            (command("The same with the AWS CLI", &cli::line(["opensearch", "describe-domain", "--domain-name", name, "--region", visit.region()])))
        }
        section {
            h2 { "Delete" }
            p { "With all its indices; the next page asks for its name." }
            div.actions { a.button.quiet href={ "/domains/" (encoded(name)) "/delete" } { "Delete this domain" } }
        }
    }
}

/// The command that adds a tag.
fn tagging(visit: &Visit<'_>, arn: &str) -> String {
    let tag = ["--tag-list", "Key=team,Value=search", "--region", visit.region()];
    cli::line(["opensearch", "add-tags", "--arn", arn].into_iter().chain(tag))
}

fn connect(visit: &Visit<'_>, endpoint: &str) -> Markup {
    html! {
        section {
            h2 { "Connect" }
            p { "Any client that signs AWS requests reaches it, with a key that the policies allow. Each program takes credentials, region and CA from the environment." }
            @for (at, way) in connecting::ways(endpoint, visit.region()).iter().enumerate() {
                details open[at == 0] { summary { (way.language) } (command(way.needs, &way.program)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Fake, refusal};

    fn fake(status: Value) -> Fake {
        Fake::default()
            .answers("/opensearch/domain/books", json!({ "DomainStatus": status }))
            .answers("/books/health", json!({"ClusterHealth": "Yellow"}))
            .answers("/tags/", json!({"TagList": [{"Key": "team", "Value": "<b>search</b>"}]}))
    }

    #[test]
    fn a_domain_shows_where_it_is_how_it_is_and_how_to_reach_it() {
        let status = json!({"DomainName": "books", "ARN": "arn:aws:es:us-east-1:123456789012:domain/books",
            "Endpoint": "localhost:9200", "EngineVersion": "OpenSearch_2.19"});
        let page = fake(status).get("/domains/books");
        page.shows(&[
            "https://localhost:9200",
            "Yellow",
            "OpenSearch 2.19",
            "&lt;b&gt;search&lt;/b&gt;",
        ]);
        page.shows(&[
            "--aws-sigv4",
            "aws opensearch describe-domain --domain-name books",
            "/domains/books/policy",
        ]);
        page.lacks(&["data-again", "<b>search"]);
    }

    #[test]
    fn a_domain_that_is_being_made_is_looked_at_again() {
        fake(json!({"DomainName": "books", "Processing": true}))
            .get("/domains/books")
            .shows(&["data-again", "Look again"]);
    }

    #[test]
    fn who_may_not_look_at_it_is_told_why() {
        let fake =
            Fake::default().refuses("/opensearch/domain/books", refusal("no es:DescribeDomain"));
        let page = fake.get("/domains/books");
        assert_eq!(page.response.status, 403);
        page.shows(&["no es:DescribeDomain"]);
    }
}
