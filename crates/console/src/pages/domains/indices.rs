//! `/domains/{domain}/indices`: the indices of a domain, as far as their caller may see them.

use maud::{Markup, html};
use serde_json::Value;

use crate::api::{self, Problem, text};
use crate::facade::Pending;
use crate::html::{refused, size};
use crate::http::encoded;
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// What is asked: sizes in bytes, hidden indices too.
const QUERY: &str = "format=json&bytes=b&expand_wildcards=all&s=index&h=health,status,index,pri,rep,docs.count,store.size";

/// Lists the indices.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let domain = visit.name("domain");
        let told = api::json(visit, api::domain(visit, "GET", "/_cat/indices", QUERY, "")).await;
        let status = told.as_ref().map_or_else(|problem| problem.status, |_| 200);
        let content = html! { (super::domain::tabs(domain, "indices")) (content(domain, &told)) };
        let above =
            [("/domains".to_owned(), "Domains"), (format!("/domains/{}", encoded(domain)), domain)];
        let title = format!("{domain}: indices");
        Page { title: &title, above: &above, content }.with_status(visit, status)
    })
}

fn content(domain: &str, told: &Result<Value, Problem>) -> Markup {
    let indices = match told {
        Err(problem) => return refused("The indices cannot be listed", problem),
        Ok(told) => told.as_array().map_or(&[][..], Vec::as_slice),
    };
    if indices.is_empty() {
        return html! { section { p { "There is no index that you may see. The " a href={ "/domains/" (encoded(domain)) "/request" } { "request pane" } " makes one." } } };
    }
    html! {
        section {
            div.wide tabindex="0" role="region" aria-label="Indices" {
                table {
                    thead { tr { th scope="col" { "Index" } th scope="col" { "Health" } th.number scope="col" { "Documents" }
                        th.number scope="col" { "Size" } th.number scope="col" { "Shards" } th scope="col" { "Status" } } }
                    tbody {
                        @for index in indices {
                            @let name = text(index, "/index");
                            tr {
                                th scope="row" { a href={ "/domains/" (encoded(domain)) "/indices/" (encoded(name)) } { (name) } }
                                td { (health(text(index, "/health"))) }
                                td.number { (text(index, "/docs.count")) }
                                td.number { (size(text(index, "/store.size"))) }
                                td.number { (text(index, "/pri")) " × " (text(index, "/rep")) }
                                td { (text(index, "/status")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn health(health: &str) -> Markup {
    let mut letters = health.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    super::health_badge(&first.into_iter().chain(letters).collect::<String>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Fake, refusal};

    #[test]
    fn indices_are_shown_with_their_sizes_and_hostile_names_as_text() {
        let page = Fake::default()
            .answers("/_cat/indices", json!([
                {"index": "books", "health": "green", "status": "open", "docs.count": "42", "store.size": "2048", "pri": "1", "rep": "0"},
                {"index": "a'\"><img src=x>", "health": "yellow", "status": "open", "docs.count": "0", "store.size": "208", "pri": "1", "rep": "1"},
            ]))
            .get("/domains/dev/indices");
        page.shows(&[
            "/domains/dev/indices/books",
            "42",
            "2.0 KiB",
            "Green",
            "Yellow",
            "&quot;&gt;&lt;img",
        ]);
        page.lacks(&["<img src=x>"]);
    }

    #[test]
    fn a_denied_listing_tells_who_was_denied_what() {
        let page = Fake::default()
            .refuses("/_cat/indices", refusal("no es:ESHttpGet"))
            .get("/domains/dev/indices");
        assert_eq!(page.response.status, 403);
        page.shows(&["The indices cannot be listed", "no es:ESHttpGet"]);
    }
}
