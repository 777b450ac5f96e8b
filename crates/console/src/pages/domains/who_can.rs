//! `/domains/{domain}/who-can`: what each user and role of the account, and each internal user, may do with indices of a domain, as
//! the service would judge their requests.

use maud::{Markup, html};
use serde_json::Value;

use crate::api::{self, is, list, text};
use crate::cli::quoted;
use crate::facade::Pending;
use crate::html::{Field, badge, command, refused};
use crate::http::{encoded, query};
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// What requests are called here, by their names in the API.
const CALLED: [(&str, &str); 5] = [
    ("search", "Search"),
    ("read", "Read"),
    ("write", "Write"),
    ("bulk", "Bulk"),
    ("delete", "Delete"),
];

/// Indices that are asked about where nobody has named any.
const INDICES_AT_FIRST: usize = 3;

/// What is asked about where there is none that the visitor may see.
const NO_INDEX: &str = "an-index";

/// Shows the matrix.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let domain = visit.name("domain");
        let named = match visit.query.words("index") {
            none if none.is_empty() => at_first(visit).await,
            words => words.join(","),
        };
        let after = visit.query.trimmed("after");
        let mut asked = vec![("index", named.as_str())];
        asked.extend((!after.is_empty()).then_some(("after", after)));
        let path = format!("domains/{}/who-can", encoded(domain));
        let told = api::json(visit, api::service(visit, &path, &query(&asked))).await;
        let fault =
            told.as_ref().err().filter(|it| it.status == 400 && it.text.contains("'index'"));
        let value = named.replace(',', " ");
        let field = Field {
            name: "index",
            label: "Indices",
            hint: "At most five names of indices, aliases or data streams, with spaces between them.",
            value: &value,
            fault: fault.map(|problem| problem.text.as_str()),
        };
        let content = html! {
            (super::domain::tabs(domain, "who-can"))
            section {
                form method="get" action=(visit.path) { (field.line()) button.quiet type="submit" { "Ask" } }
            }
            @match &told {
                Ok(told) => (matrices(visit, told, &named)),
                Err(_) if fault.is_some() => {},
                Err(problem) => (refused("You are not shown who can do what", problem)),
            }
            (command("The same by API", &line(&path, &asked)))
        };
        let status = told.as_ref().map_or_else(|problem| problem.status, |_| 200);
        let above =
            [("/domains".to_owned(), "Domains"), (format!("/domains/{}", encoded(domain)), domain)];
        Page { title: &format!("{domain}: who can"), above: &above, content }
            .with_status(visit, status)
    })
}

/// The command of ours that asks the same: the AWS CLI has none for it.
fn line(path: &str, asked: &[(&str, &str)]) -> String {
    let target = format!("/_countersign/{path}?{}", query(asked));
    format!("countersign request --service es \"$AWS_ENDPOINT_URL\"{}", quoted(&target))
}

/// The first indices that the visitor may see.
async fn at_first(visit: &Visit<'_>) -> String {
    let call = api::domain(visit, "GET", "/_cat/indices", "format=json&h=index&s=index", "");
    let told = api::json(visit, call).await.unwrap_or_default();
    let names = told.as_array().map_or(&[][..], Vec::as_slice).iter();
    let names = names.map(|index| text(index, "/index"));
    let own: Vec<&str> =
        names.filter(|name| !name.starts_with('.')).take(INDICES_AT_FIRST).collect();
    if own.is_empty() { NO_INDEX.to_owned() } else { own.join(",") }
}

fn matrices(visit: &Visit<'_>, told: &Value, named: &str) -> Markup {
    let next = text(told, "/next");
    html! {
        @for index in list(told, "/indices") { (matrix(told, index)) }
        @if !next.is_empty() {
            nav.actions aria-label="Pages of principals" {
                a.button.quiet href={ (visit.path) "?" (query(&[("index", named), ("after", next)])) } rel="next" { "More principals" }
            }
        }
        section {
            h2 { "How this is decided" }
            p.hint {
                "Each cell is a request that is judged as if it were sent, but not executed: by the access policy, identity policies, permissions "
                "boundaries, the operator's policies above the account" @if is(told, "/hasRoles") { ", and the roles of the domain" }
                ". Nothing else is known of the request: no address, no second factor, no client. " strong { "Depends" }
                " says that the answer may be different with something of that kind; open the cell to see what."
            }
        }
    }
}

fn matrix(told: &Value, index: &Value) -> Markup {
    let name = text(index, "/name");
    html! {
        section {
            h2 { (name) @if !is(index, "/exists") { " " (badge("", "Not there yet")) } }
            div.wide tabindex="0" role="region" aria-label={ "Who can do what with " (name) } {
                table {
                    thead { tr { th scope="col" { "Principal" } @for (_, called) in CALLED { th scope="col" { (called) } } } }
                    tbody { @for principal in list(told, "/principals") { (row(told, principal, name)) } }
                }
            }
        }
    }
}

fn row(told: &Value, principal: &Value, index: &str) -> Markup {
    let who = text(principal, "/principal");
    let roles: Vec<&str> = list(principal, "/roles").iter().filter_map(Value::as_str).collect();
    let cell = |request: &str| {
        let mut cells = list(principal, "/cells").iter();
        cells.find(|cell| text(cell, "/index") == index && text(cell, "/request") == request)
    };
    html! {
        tr {
            th.words scope="row" { (shown(who, text(principal, "/kind")))
                @if is(told, "/hasRoles") { br; span.quiet {
                    @if roles.is_empty() { "no role of the domain" } @else { "roles " (roles.join(", ")) }
                } } }
            @for (request, _) in CALLED { td { @if let Some(cell) = cell(request) { (decided(cell)) } } }
        }
    }
}

/// A principal without what they all have in common.
fn shown<'w>(who: &'w str, kind: &str) -> Markup {
    let name: &'w str = who.rsplit(':').next().unwrap_or_default();
    match (kind, name.split_once('/')) {
        ("user", Some((_, name))) => {
            html! { a href={ "/identities/users/" (encoded(last(name))) } { "user/" (name) } }
        }
        ("role", Some((_, name))) => {
            html! { a href={ "/identities/roles/" (encoded(last(name))) } { "role/" (name) } }
        }
        (_, Some((_, name))) => html! { "internal user " (name) },
        _ => html! { (name) },
    }
}

/// A name without its path.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// What a cell says, and when it is opened why.
fn decided(cell: &Value) -> Markup {
    let missing: Vec<&str> = list(cell, "/missing").iter().filter_map(Value::as_str).collect();
    let depends = is(cell, "/depends");
    let (class, word) = match text(cell, "/outcome") {
        _ if depends => ("warn", "Depends"),
        "allowed" => ("good", "Yes"),
        "partly" => ("warn", "In part"),
        _ => ("", "No"),
    };
    let denial = text(cell, "/text");
    html! {
        details.why {
            summary { (badge(class, word)) }
            @if text(cell, "/documents") == "some" { p { "Only some of the documents, or of their fields, are shown." } }
            @for decision in list(cell, "/decisions") { (why(decision)) }
            @if !denial.is_empty() { p.quiet { "The caller would read: " (denial) } }
            @if depends { p { "It depends on what is not known here: " (missing.join(", ")) "." } }
        }
    }
}

/// One question, and what decided it.
fn why(decision: &Value) -> Markup {
    let by = list(decision, "/by");
    let allowed = text(decision, "/outcome") == "allowed";
    html! {
        p { code { (text(decision, "/action")) } " on "
            @match text(decision, "/resource") { "" => "what is behind the name", resource => code { (resource) } } ": " (if allowed { "allowed" } else { "denied" }) }
        @for statement in by { p { (reason(statement)) } }
        @if by.is_empty() && !allowed { p { "Nothing allows it." } }
        @if !text(decision, "/nearest/failed").is_empty() {
            p { "Nearest: " (reason(decision.pointer("/nearest").unwrap_or(&Value::Null))) " " (text(decision, "/nearest/failed")) "." }
        }
    }
}

/// A statement, or the role of fine-grained access control.
fn reason(statement: &Value) -> String {
    let policy = text(statement, "/policy");
    if text(statement, "/kind") == "role" {
        return format!("By role {policy}.");
    }
    let number = statement.pointer("/statement").and_then(Value::as_u64).unwrap_or(0);
    let sid = match text(statement, "/sid") {
        "" => number.to_string(),
        sid => sid.to_owned(),
    };
    format!("By statement {sid} of {policy} ({}).", kind_called(text(statement, "/kind")))
}

/// A kind of policy in words.
fn kind_called(kind: &str) -> &str {
    match kind {
        "identity" => "identity policy",
        "resource" => "access policy",
        "permissionsBoundary" => "permissions boundary",
        "serviceControl" => "service control policy",
        "resourceControl" => "resource control policy",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facade::ApiAnswer;
    use crate::testing::{Fake, refusal};

    const PATH: &str = "/_countersign/domains/books/who-can";

    fn cell(request: &str, outcome: &str, more: &Value) -> Value {
        let mut cell = json!({"index": "shelf", "request": request, "outcome": outcome,
            "documents": if outcome == "denied" { Value::Null } else { json!("every") },
            "text": null, "missing": [], "decisions": []});
        cell.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        cell
    }

    fn told() -> Value {
        let by = json!({"decisions": [
            {"outcome": "allowed", "action": "es:ESHttpPost", "resource": "…/shelf/_search",
             "by": [{"kind": "resource", "policy": "access policy", "statement": 0, "sid": "App"}]},
            {"outcome": "allowed", "action": "indices:data/read/search", "resource": "shelf", "by": [{"kind": "role", "policy": "reader", "statement": 0}]}]});
        let denied = json!({"text": "User: … is not authorized", "depends": true, "missing": ["aws:SourceIp"], "decisions": [
            {"outcome": "implicitDeny", "action": "es:ESHttpPut", "resource": "…/shelf/_doc/1", "by": [],
             "nearest": {"kind": "identity", "policy": "writing", "statement": 2, "failed": "Condition expects 10.0.0.0/8, the request has <none>"}}]});
        json!({
        "hasRoles": true, "next": "arn:aws:iam::123456789012:user/ann",
        "indices": [{"name": "shelf", "exists": false}],
        "principals": [
            {"principal": "arn:aws:iam::123456789012:role/path/app", "kind": "role", "roles": ["reader"], "cells": [
                cell("search", "allowed", &by), cell("read", "partly", &json!({"documents": "some"})),
                cell("write", "denied", &denied), cell("delete", "denied", &json!({}))]},
            {"principal": "internal-user/<b>", "kind": "internalUser", "roles": [], "cells": []},
        ]})
    }

    #[test]
    fn each_cell_says_what_was_decided_and_by_what() {
        let page = Fake::default().answers(PATH, told()).get("/domains/books/who-can?index=shelf");
        page.shows(&[
            ">Yes<",
            "By statement App of access policy (access policy).",
            "By role reader.",
            ">In part<",
            "Only some of the documents",
            ">Depends<",
            "It depends on what is not known here: aws:SourceIp.",
            "Nearest: By statement 2 of writing (identity policy). Condition expects 10.0.0.0/8, the request has &lt;none&gt;.",
            ">No<",
            "Nothing allows it.",
            "/identities/roles/app\">role/path/app",
            "roles reader",
            "internal user &lt;b&gt;",
            "no role of the domain",
            "Not there yet",
        ]);
        page.lacks(&["<b>"]);
    }

    #[test]
    fn an_answer_depends_only_where_it_may_be_another_one() {
        for (outcome, depends, word) in [
            ("allowed", true, ">Depends<"),
            ("partly", true, ">Depends<"),
            ("denied", true, ">Depends<"),
            ("allowed", false, ">Yes<"),
            ("partly", false, ">In part<"),
            ("denied", false, ">No<"),
        ] {
            let more = json!({"depends": depends, "missing": ["aws:SourceIp"]});
            let cell = super::decided(&cell("search", outcome, &more)).into_string();
            assert!(cell.contains(word), "{outcome} {depends}: {cell}");
            assert_eq!(cell.contains("not known here: aws:SourceIp"), depends, "{cell}");
        }
    }

    #[test]
    fn several_indices_are_asked_about_at_once_and_more_principals_on_the_next_page() {
        let page = Fake::default()
            .answers(PATH, told())
            .get("/domains/books/who-can?index=shelf+attic&after=arn:x");
        assert_eq!(page.calls[0].query, "index=shelf%2Cattic&after=arn%3Ax");
        page.shows(&[
            "value=\"shelf attic\"",
            "?index=shelf%2Cattic&amp;after=arn%3Aaws%3Aiam%3A%3A123456789012%3Auser%2Fann\" rel=\"next\"",
            "'/_countersign/domains/books/who-can?index=shelf%2Cattic&amp;after=arn%3Ax'",
        ]);
    }

    #[test]
    fn who_names_no_index_is_told_of_the_first_ones() {
        let indices = json!([{"index": ".hidden"}, {"index": "a"}, {"index": "b"}, {"index": "c"}, {"index": "d"}]);
        let page = Fake::default()
            .answers(PATH, told())
            .answers("/_cat/indices", indices)
            .get("/domains/books/who-can");
        assert_eq!(page.calls[1].query, "index=a%2Cb%2Cc");
        let page = Fake::default().answers(PATH, told()).get("/domains/books/who-can");
        assert_eq!(page.calls[1].query, "index=an-index", "the visitor may see none");
    }

    #[test]
    fn a_fault_is_told_at_the_field_and_what_was_typed_stays() {
        let text =
            "'index' is 'A', expected names of indices, aliases or data streams: must be lowercase";
        let body = json!({ "message": text }).to_string().into_bytes();
        let answer = ApiAnswer { status: 400, body, ..refusal("") };
        let page = Fake::default().refuses(PATH, answer).get("/domains/books/who-can?index=A");
        assert_eq!(page.response.status, 400);
        page.shows(&["<strong class=\"fault\">'index' is 'A', expected names", "value=\"A\""]);
        page.lacks(&["not shown to you"]);
    }

    #[test]
    fn who_may_not_ask_is_told_so() {
        let page = Fake::default()
            .refuses(PATH, refusal("no countersign:GetWhoCan"))
            .get("/domains/books/who-can?index=shelf");
        assert_eq!(page.response.status, 403);
        page.shows(&["You are not shown who can do what", "no countersign:GetWhoCan"]);
    }
}
