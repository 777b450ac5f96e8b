//! `/domains/{domain}/indices/{index}`: what one index is, and its documents by pages.

use maud::{Markup, html};
use serde_json::{Value, json};

use crate::api::{self, Problem, list, text};
use crate::facade::Pending;
use crate::html::{Field, command, in_a_word, pretty, refused};
use crate::http::{encoded, query};
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// Documents of a page.
const PAGE_DOCUMENTS: usize = 20;
/// As far as pages go: Elasticsearch's `index.max_result_window`.
const WINDOW: usize = 10_000;

/// Shows the index.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let (domain, index) = (visit.name("domain"), visit.name("index"));
        let found = documents(visit).await;
        let mut about = Vec::new();
        for (title, path) in
            [("Mappings", "_mapping"), ("Aliases", "_alias"), ("Settings", "_settings")]
        {
            let path = format!("/{}/{path}", encoded(index));
            about.push((title, api::json(visit, api::domain(visit, "GET", &path, "", "")).await));
        }
        let content = html! {
            (super::domain::tabs(domain, "indices"))
            section {
                h2 { "Documents" }
                (search(visit, found.as_ref().err()))
                (hits(visit, &found))
            }
            section {
                h2 { "About the index" }
                @for (title, told) in &about { (part(title, told)) }
            }
        };
        let here = format!("/domains/{}", encoded(domain));
        let above = [
            ("/domains".to_owned(), "Domains"),
            (here.clone(), domain),
            (format!("{here}/indices"), "Indices"),
        ];
        let title = format!("{domain}: {index}");
        let status = found.as_ref().map_or_else(|problem| problem.status, |_| 200);
        Page { title: &title, above: &above, content }.with_status(visit, status)
    })
}

fn from(visit: &Visit<'_>) -> usize {
    let from = visit.query.trimmed("from").parse().unwrap_or(0);
    usize::min(from, WINDOW - PAGE_DOCUMENTS)
}

async fn documents(visit: &Visit<'_>) -> Result<Value, Problem> {
    let asked = match visit.query.trimmed("q") {
        "" => json!({"match_all": {}}),
        words => json!({"query_string": {"query": words}}),
    };
    let body = json!({"from": from(visit), "size": PAGE_DOCUMENTS, "query": asked, "track_total_hits": true});
    let path = format!("/{}/_search", encoded(visit.name("index")));
    api::json(visit, api::domain(visit, "POST", &path, "", &body.to_string())).await
}

fn address(visit: &Visit<'_>, from: usize) -> String {
    let number = from.to_string();
    let fields = [("q", visit.query.trimmed("q")), ("from", number.as_str())];
    format!("{}?{}", visit.path, query(&fields))
}

fn search(visit: &Visit<'_>, problem: Option<&Problem>) -> Markup {
    let hint = "In query_string syntax: title:rust AND pages:>200. Empty finds all.";
    let value = visit.query.trimmed("q");
    // What was typed is all of this request that the engine can find fault with.
    let fault = problem.filter(|problem| problem.status == 400 && !value.is_empty());
    let fault = fault.map(|problem| format!("Seen {value:?}; {}", problem.text));
    let field = Field { name: "q", label: "Search", hint, value, fault: fault.as_deref() };
    html! {
        form method="get" action=(visit.path) {
            (field.line())
            button.quiet type="submit" { "Search" }
        }
    }
}

fn hits(visit: &Visit<'_>, found: &Result<Value, Problem>) -> Markup {
    let found = match found {
        Ok(found) => found,
        Err(problem) => return refused("The documents cannot be shown", problem),
    };
    let (hits, from) = (list(found, "/hits/hits"), from(visit));
    let total = found.pointer("/hits/total/value").and_then(Value::as_u64).unwrap_or(0);
    let next = from + PAGE_DOCUMENTS;
    let more = usize::try_from(total).is_ok_and(|total| next < total) && next < WINDOW;
    html! {
        p role="status" {
            @if hits.is_empty() { "No document of " (total) "." }
            @else { "Documents " (from + 1) " to " (from + hits.len()) " of " (total) "." }
        }
        @for hit in hits {
            details {
                summary { (text(hit, "/_id")) }
                (command("_source", &hit.get("_source").map(pretty).unwrap_or_default()))
            }
        }
        @if from > 0 || more {
            nav.actions aria-label="Pages of documents" {
                @if from > 0 { a.button.quiet href=(address(visit, from.saturating_sub(PAGE_DOCUMENTS))) rel="prev" { "Previous" } }
                @if more { a.button.quiet href=(address(visit, next)) rel="next" { "Next" } }
            }
        }
    }
}

fn part(title: &str, told: &Result<Value, Problem>) -> Markup {
    match told {
        Ok(told) => html! { details { summary { (title) } (command(title, &pretty(told))) } },
        Err(problem) => html! { p.quiet { (title) ": " (in_a_word(problem)) } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Fake, refusal};

    fn fake() -> Fake {
        Fake::default()
            .answers("/books/_search", json!({"hits": {"total": {"value": 45}, "hits": [
                {"_id": "<svg onload=alert(1)>", "_source": {"title": "</code><script>alert(2)</script>"}},
            ]}}))
            .answers("/books/_mapping", json!({"books": {"mappings": {"properties": {"title": {"type": "text"}}}}}))
            .answers("/books/_alias", json!({}))
            .answers("/books/_settings", json!({}))
    }

    #[test]
    fn documents_come_by_pages_and_are_text_whatever_they_hold() {
        let page = fake().get("/domains/dev/indices/books?from=20&q=title:rust");
        page.shows(&[
            "Documents 21 to 21 of 45",
            "?q=title%3Arust&amp;from=0",
            "?q=title%3Arust&amp;from=40",
            "&lt;svg",
        ]);
        page.lacks(&["<svg onload", "<script>alert"]);
        let sent = page.sent("/books/_search");
        assert_eq!(
            (&sent["from"], &sent["query"]),
            (&json!(20), &json!({"query_string": {"query": "title:rust"}}))
        );
    }

    #[test]
    fn pages_end_where_the_window_does() {
        let page = fake().get("/domains/dev/indices/books?from=999999");
        assert_eq!(page.sent("/books/_search")["from"], json!(WINDOW - PAGE_DOCUMENTS));
        page.lacks(&["rel=\"next\""]);
    }

    #[test]
    fn who_may_not_search_still_sees_what_else_may_be_seen() {
        let page = fake()
            .refuses("/books/_search", refusal("no es:ESHttpPost"))
            .get("/domains/dev/indices/books");
        page.shows(&["The documents cannot be shown", "no es:ESHttpPost", "Mappings"]);
    }
}
