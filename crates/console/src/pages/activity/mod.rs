//! `/activity`: the records of requests, searched; the newest first.

pub(crate) mod denials;
pub(crate) mod repair;
pub(crate) mod request;

use maud::{Markup, html};
use serde_json::Value;

use crate::api::{self, Problem, is, list, text};
use crate::cli::quoted;
use crate::facade::Pending;
use crate::html::{Field, arn, badge, command, refused};
use crate::http::{Response, encoded, query};
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// The fields of a search: name, label, what it is for. They are called as the parameters of the API.
const FIELDS: &[(&str, &str, &str)] = &[
    (
        "principal",
        "Principal",
        "An ARN, an access key id or a user name; * stands for any characters.",
    ),
    ("action", "Action", "Such as es:ESHttpGet; * stands for any characters."),
    ("index", "Index", "That the request touched; * stands for any characters."),
    (
        "resource",
        "Item",
        "The ARN of a resource, or of an item of a body; * stands for any characters.",
    ),
    ("from", "From", "A time such as 2026-11-30T00:00:00Z."),
    ("until", "Until", "Before this time."),
];

/// How requests are decided: value and word.
const DECISIONS: &[(&str, &str)] = &[
    ("", "All"),
    ("allowed", "Allowed by the policies"),
    ("denied", "Denied by the policies"),
    ("refused", "Refused otherwise"),
];

/// Searches, or leads to the page of a request by its id.
pub(crate) fn search<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let id = visit.query.trimmed("id");
        if !id.is_empty() {
            return Response::see(&format!("/activity/{}", encoded(id))).into();
        }
        let asked = asked(visit);
        let token = visit.query.trimmed("token");
        let more = (!token.is_empty()).then_some(("token", token));
        let fields: Vec<(&str, &str)> = asked.iter().copied().chain(more).collect();
        let found = api::json(visit, api::service(visit, "audit", &query(&fields))).await;
        let fault = found.as_ref().err().and_then(fault);
        let content = html! {
            (form(visit, fault.as_ref()))
            @match &found {
                Err(_) if fault.is_some() => {},
                Err(problem) => (refused("The records cannot be searched", problem)),
                Ok(found) => (records(visit, found, &asked)),
            }
            (by_id("", None))
            (command("The same where the service runs, in the files of its audit", &cli_line(&asked)))
        };
        let status = found.as_ref().map_or_else(|problem| problem.status, |_| 200);
        Page { title: "Activity", above: &[], content }.with_status(visit, status)
    })
}

/// What is asked for: the fields that were filled in.
fn asked<'v>(visit: &'v Visit<'_>) -> Vec<(&'static str, &'v str)> {
    let names = FIELDS.iter().map(|(name, ..)| *name).chain(["decision"]);
    let fields = names.map(|name| (name, visit.query.trimmed(name)));
    fields.filter(|(_, value)| !value.is_empty()).collect()
}

/// The field that the API finds fault with: it names it first.
fn fault(problem: &Problem) -> Option<(String, String)> {
    let (name, _) = problem.text.strip_prefix('\'')?.split_once('\'')?;
    let is_field = FIELDS.iter().any(|(field, ..)| *field == name) || name == "decision";
    (problem.status == 400 && is_field).then(|| (name.to_owned(), problem.text.clone()))
}

fn form(visit: &Visit<'_>, fault: Option<&(String, String)>) -> Markup {
    let of = |name: &str| fault.filter(|(field, _)| field == name).map(|(_, text)| text.as_str());
    let field = |name: &'static str, label: &'static str, hint: &'static str| Field {
        name,
        label,
        hint,
        value: visit.query.trimmed(name),
        fault: of(name),
    };
    let decisions: Vec<(String, String)> =
        DECISIONS.iter().map(|(value, word)| ((*value).to_owned(), (*word).to_owned())).collect();
    html! {
        section {
            p { "Every request is on record: who asked for what, which policies were considered, which statement decided. "
                a href="/activity/denials" { "Denials, grouped" } }
            form method="get" action="/activity" {
                div.search {
                    @for (name, label, hint) in FIELDS { (field(name, label, hint).line()) }
                    (field("decision", "Decision", "").choice(&decisions))
                }
                div.actions { button type="submit" { "Search" } a.button.quiet href="/activity" { "Newest of all" } }
            }
        }
    }
}

/// A form that leads to the page of a request. `fault`: why there is none of the id that was typed.
pub(super) fn by_id(id: &str, fault: Option<&str>) -> Markup {
    let hint = "Every response carries one, in the header x-amzn-RequestId; every refusal in this console shows it.";
    let field = Field { name: "id", label: "Request", hint, value: id, fault };
    html! {
        section {
            h2 { "One request" }
            form method="get" action="/activity" { (field.line()) button type="submit" { "Explain" } }
        }
    }
}

fn records(visit: &Visit<'_>, found: &Value, asked: &[(&str, &str)]) -> Markup {
    let records = list(found, "/records");
    let token = text(found, "/nextToken");
    let older = [asked, &[("token", token)]].concat();
    html! {
        section {
            @if records.is_empty() { p { "No record that you may see matches" @if token.is_empty() { "." } @else { " in what was searched so far." } } }
            @else {
                div.wide tabindex="0" role="region" aria-label="Records" {
                    table {
                        thead { tr { th scope="col" { "Time" } th scope="col" { "Decision" } th.number scope="col" { "Status" }
                            th scope="col" { "Principal" } th scope="col" { "Action" } th scope="col" { "Resource" } } }
                        tbody { @for record in records { (row(record, &visit.account)) } }
                    }
                }
            }
            @if !is(found, "/complete") { p.quiet { "There are many records: this is as far as was looked in five seconds." } }
            @if !token.is_empty() {
                div.actions { a.button.quiet href={ "/activity?" (query(&older)) } { "Older ones" } }
            }
        }
    }
}

fn row(record: &Value, account: &str) -> Markup {
    let decision = text(record, "/decision");
    let class = if decision == "allowed" { "good" } else { "bad" };
    let resources = list(record, "/resources");
    let status = record.pointer("/status").and_then(Value::as_u64).unwrap_or(0);
    let id = text(record, "/requestId");
    let principal = text(record, "/principal/arn");
    html! {
        tr {
            th.mono scope="row" { a href={ "/activity/" (encoded(id)) } { (short_time(text(record, "/time"))) } }
            td { (badge(class, decision)) }
            td.number { (status) }
            td.arns { @if principal.is_empty() { span.quiet { "unknown" } } @else { (arn(principal, account)) }
                @if !is(record, "/principal/proven") && !principal.is_empty() { span.quiet { " (not proven)" } } }
            td { (text(record, "/action")) }
            td.arns { (arn(resources.first().and_then(Value::as_str).unwrap_or_default(), account))
                @if resources.len() > 1 { span.quiet { " and " (resources.len() - 1) " more" } } }
        }
    }
}

/// A time to the second.
pub(super) fn short_time(time: &str) -> String {
    match time.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => time.to_owned(),
    }
}

/// `countersign audit query …`, which has the same fields.
fn cli_line(asked: &[(&str, &str)]) -> String {
    let options = asked.iter().map(|(name, value)| format!(" --{name} {}", quoted(value)));
    format!("countersign audit query DIR/audit{}", options.collect::<String>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Fake, refusal};

    fn found() -> Fake {
        Fake::default().answers(
            "/_countersign/audit",
            json!({"complete": true, "nextToken": "t-2", "records": [
                {"requestId": "r-9", "time": "2026-11-30T12:00:00.123456Z", "decision": "denied", "status": 403,
                 "principal": {"arn": "arn:aws:iam::123456789012:user/<b>", "proven": true}, "action": "es:ESHttpGet",
                 "resources": ["arn:aws:es:us-east-1:123456789012:domain/dev/<script>alert(1)</script>", "x"]},
            ]}),
        )
    }

    #[test]
    fn records_are_shown_as_text_each_leading_to_its_explanation() {
        let page = found().get("/activity");
        page.shows(&[
            "/activity/r-9\"",
            "2026-11-30T12:00:00Z",
            "denied",
            "403",
            "user/&lt;b&gt;",
            "domain/dev/&lt;script&gt;",
            " and 1 more",
            "countersign audit query DIR/audit<",
        ]);
        page.lacks(&["<script>alert", "user/<b>"]);
    }

    #[test]
    fn a_search_asks_for_what_was_typed_and_keeps_it_on_the_way_to_older_records() {
        let page =
            found().get("/activity?principal=*%3Auser%2Fann&action=&decision=denied&token=t-1");
        let asked = "principal=%2A%3Auser%2Fann&decision=denied";
        assert_eq!(page.calls[0].query, format!("{asked}&token=t-1"));
        page.shows(&[
            &format!("/activity?{}&amp;token=t-2", asked.replace('&', "&amp;")),
            "value=\"*:user/ann\"",
            "<option value=\"denied\" selected",
            "--principal '*:user/ann' --decision denied",
        ]);
    }

    #[test]
    fn a_fault_is_told_at_its_field_and_what_was_typed_stays() {
        let answer = crate::facade::ApiAnswer {
            status: 400,
            body: br#"{"message": "'from' is 'yesterday', expected a time such as 2026-11-30T00:00:00Z"}"#.to_vec(),
            ..refusal("")
        };
        let page = Fake::default()
            .refuses("/_countersign/audit", answer)
            .get("/activity?from=yesterday&principal=ann");
        assert_eq!(page.response.status, 400);
        page.shows(&[
            "<strong class=\"fault\">'from' is 'yesterday', expected a time",
            "value=\"yesterday\"",
            "value=\"ann\"",
        ]);
        page.lacks(&["cannot be searched"]);
    }

    #[test]
    fn who_may_not_search_is_told_so_and_may_still_ask_by_id() {
        let page = Fake::default()
            .refuses("/_countersign/audit", refusal("no countersign:QueryAudit"))
            .get("/activity");
        assert_eq!(page.response.status, 403);
        page.shows(&["no countersign:QueryAudit", "x-amzn-RequestId"]);
    }

    #[test]
    fn an_id_that_was_typed_leads_to_its_page() {
        assert_eq!(Fake::default().get("/activity?id=+a/b+").header("location"), "/activity/a%2Fb");
    }

    #[test]
    fn a_search_that_was_not_finished_says_so() {
        let page = Fake::default()
            .answers(
                "/_countersign/audit",
                json!({"complete": false, "records": [], "nextToken": "t"}),
            )
            .get("/activity?index=x");
        page.shows(&["as far as was looked", "token=t"]);
    }
}
