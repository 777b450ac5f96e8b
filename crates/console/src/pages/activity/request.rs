//! `/activity/{id}`: why a request ended as it did, and what would allow it.

use maud::{Markup, html};
use serde_json::Value;

use crate::api::{self, Problem, list, text};
use crate::cli::quoted;
use crate::facade::{ApiAnswer, Pending};
use crate::html::{badge, command, facts, pretty, refused};
use crate::http::encoded;
use crate::layout::Page;
use crate::policies;
use crate::visit::{Reply, Visit};

/// Explains a request.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let id = visit.name("id");
        let prose: ApiAnswer = visit.api.call(api::service(visit, &path(id), "")).await;
        let record = record(visit).await;
        let content = match &record {
            Ok(record) => html! {
                (about(record))
                section { h2 { "Explained" } (command("countersign explain", &String::from_utf8_lossy(&prose.body))) }
                @for (number, repair) in list(record, "/repairs").iter().enumerate() { (proposal(id, number, repair)) }
                section { details { summary { "The audit record" } (command("JSON", &pretty(record))) } }
                (command("The same on the command line", &format!("countersign explain {}", quoted(id))))
            },
            Err(problem) => html! { (no_record(problem)) (another(id, problem)) },
        };
        let above = [("/activity".to_owned(), "Activity")];
        let status = record.as_ref().map_or_else(|problem| problem.status, |_| 200);
        Page { title: &format!("Request {id}"), above: &above, content }.with_status(visit, status)
    })
}

/// The record of the request of this page, with the proposals of what would allow it.
pub(super) async fn record(visit: &Visit<'_>) -> Result<Value, Problem> {
    api::json(visit, api::service(visit, &path(visit.name("id")), "format=json")).await
}

fn path(id: &str) -> String {
    format!("explain/{}", encoded(id))
}

/// The form again, with the id that was typed.
fn another(id: &str, problem: &Problem) -> Markup {
    let fault = format!("Seen {id:?}: {}", problem.text);
    super::by_id(id, (problem.status == 404).then_some(fault.as_str()))
}

pub(super) fn no_record(problem: &Problem) -> Markup {
    refused("There is nothing to explain", problem)
}

fn about(record: &Value) -> Markup {
    let status = record.pointer("/status").and_then(Value::as_u64).unwrap_or(0);
    let class = if status < 400 { "good" } else { "bad" };
    let resources: Vec<&str> =
        list(record, "/resources").iter().filter_map(Value::as_str).collect();
    html! {
        section {
            h2 { "Request" }
            p { (badge(class, &status.to_string())) " " code { (text(record, "/method")) " " (text(record, "/path")) } }
            (facts(&[
                ("Principal", text(record, "/principal/arn").to_owned()),
                ("Action", text(record, "/action").to_owned()),
                ("Resources", resources.join(", ")),
                ("Time", text(record, "/time").to_owned()),
                ("From", text(record, "/clientAddress").to_owned()),
                ("User agent", text(record, "/userAgent").to_owned()),
                ("Refusal", text(record, "/refusal").to_owned()),
            ]))
        }
    }
}

/// What would allow one denial of a record.
fn proposal(id: &str, number: usize, repair: &Value) -> Markup {
    html! {
        section {
            h2 { "What would allow it" }
            p { code { (text(repair, "/action")) } " on " code { (text(repair, "/resource")) } ": " (text(repair, "/text")) "." }
            (change(repair))
            @if repair.pointer("/call").is_some() {
                div.actions { a.button href={ "/activity/" (encoded(id)) "/repair?change=" (number) } { "Make this change" } }
                p.quiet { "You are asked before anything is changed, and your own rights decide." }
            }
        }
    }
}

/// What a proposal changes: in words, line by line, and what it does to recorded denials.
pub(super) fn change(repair: &Value) -> Markup {
    let edits = list(repair, "/edits");
    let document = |member: &str| repair.pointer(member).map(pretty).unwrap_or_default();
    let recorded = repair.pointer("/recorded");
    let count = |member: &str| {
        recorded.and_then(|it| it.pointer(member)).and_then(Value::as_u64).unwrap_or(0)
    };
    html! {
        @if !edits.is_empty() {
            ul { @for edit in edits { li { (edit.as_str().unwrap_or_default()) } } }
        }
        @if repair.pointer("/after").is_some() && text(repair, "/kind") != "role" {
            (policies::diff(&document("/before"), &document("/after")))
        }
        @if let Some(recorded) = recorded {
            p { "Of " (count("/denials")) " denials on record it would allow " (count("/allowed")) "; nothing that was allowed would be denied." }
            @let others = list(recorded, "/others");
            @if !others.is_empty() {
                p { "It would also allow:" }
                ul.names { @for other in others { li { code { (other.as_str().unwrap_or_default()) } } } }
            }
        }
        @if !text(repair, "/command").is_empty() { (command("The same on the command line", text(repair, "/command"))) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Fake, refusal};

    #[test]
    fn a_request_is_explained_and_what_a_client_sent_is_text() {
        let record = json!({"status": 403, "method": "GET", "path": "/books/<script>", "action": "es:ESHttpGet",
            "principal": {"arn": "arn:aws:sts::123456789012:assumed-role/r/<b>"}, "clientAddress": "192.0.2.7", "userAgent": "<img src=x onerror=alert(1)>"});
        let page =
            Fake::default().answers("/_countersign/explain/r-9", record).get("/activity/r-9");
        page.shows(&[
            "403",
            "es:ESHttpGet",
            "192.0.2.7",
            "&lt;img src=x",
            "&lt;script&gt;",
            "assumed-role/r/&lt;b&gt;",
            "countersign explain r-9",
        ]);
        page.lacks(&["<img src", "/<script>", "What would allow it"]);
    }

    fn repaired(repair: &Value) -> Fake {
        Fake::default()
            .answers("/_countersign/explain/r-9", json!({"status": 403, "repairs": [repair]}))
    }

    #[test]
    fn a_proposal_is_shown_line_by_line_and_leads_to_where_it_is_made() {
        let page = repaired(&json!({
            "action": "es:ESHttpGet", "resource": "…/books/_search", "outcome": "change", "text": "change the access policy",
            "kind": "resource", "edits": ["add <es:ESHttpGet>"], "before": {"Statement": []}, "after": {"Statement": [{}]},
            "command": "aws opensearch update-domain-config", "recorded": {"denials": 3, "allowed": 2, "others": ["ann"]},
            "call": {"service": "es"}}))
        .get("/activity/r-9");
        page.shows(&[
            "add &lt;es:ESHttpGet&gt;",
            "Changed lines",
            "Of 3 denials on record it would allow 2",
            "aws opensearch update-domain-config",
            "/activity/r-9/repair?change=0\"",
        ]);
    }

    #[test]
    fn what_no_single_change_allows_has_its_reason_and_no_button() {
        let page =
            repaired(&json!({"outcome": "none", "text": "a service control policy denies it"}))
                .get("/activity/r-9");
        page.shows(&["a service control policy denies it"]);
        page.lacks(&["/repair", "Make this change", "Changed lines"]);
    }

    #[test]
    fn who_may_not_explain_is_told_so() {
        let page = Fake::default()
            .refuses("/_countersign/explain/r-9", refusal("no sts:DecodeAuthorizationMessage"))
            .get("/activity/r-9");
        page.shows(&["There is nothing to explain", "no sts:DecodeAuthorizationMessage"]);
    }
}
