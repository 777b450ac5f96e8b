//! `/activity`: why a request ended as it did, by its id.

use maud::{Markup, html};
use serde_json::Value;

use crate::api::{self, Problem, list, text};
use crate::cli::quoted;
use crate::facade::Pending;
use crate::html::{Field, badge, command, facts, pretty, refused};
use crate::http::{Response, encoded};
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// Asks for a request's id, or leads to its page.
pub(crate) fn ask<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let id = visit.query.trimmed("id");
        if !id.is_empty() {
            return Response::see(&format!("/activity/{}", encoded(id))).into();
        }
        let hint = "Every response carries one, in the header x-amzn-RequestId; every refusal in this console shows it.";
        let field = Field { name: "id", label: "Request", hint, value: "", fault: None };
        let content = html! {
            section {
                p { "Every request is on record: who asked for what, which policies were considered, which statement decided." }
                form method="get" action="/activity" { (field.line()) button type="submit" { "Explain" } }
            }
        };
        Page { title: "Activity", above: &[], content }.reply(visit)
    })
}

/// Explains a request.
pub(crate) fn explain<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let id = visit.name("id");
        let mut call = api::opensearch(visit, "GET", "", None);
        call.path = format!("/_countersign/explain/{}", encoded(id));
        let prose = visit.api.call(call.clone()).await;
        "format=json".clone_into(&mut call.query);
        let record = api::json(visit, call).await;
        let content = match &record {
            Ok(record) => html! {
                (about(record))
                section { h2 { "Explained" } (command("countersign explain", &String::from_utf8_lossy(&prose.body))) }
                section { details { summary { "The audit record" } (command("JSON", &pretty(record))) } }
                (command("The same on the command line", &format!("countersign explain {}", quoted(id))))
            },
            Err(problem) => no_record(problem),
        };
        let above = [("/activity".to_owned(), "Activity")];
        let status = record.as_ref().map_or_else(|problem| problem.status, |_| 200);
        Page { title: &format!("Request {id}"), above: &above, content }.with_status(visit, status)
    })
}

fn no_record(problem: &Problem) -> Markup {
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
                ("With", text(record, "/userAgent").to_owned()),
                ("Refusal", text(record, "/refusal").to_owned()),
            ]))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
        page.lacks(&["<img src", "/<script>"]);
    }

    #[test]
    fn an_id_that_was_typed_leads_to_its_page() {
        assert_eq!(Fake::default().get("/activity?id=+a/b+").header("location"), "/activity/a%2Fb");
        Fake::default().get("/activity").shows(&["x-amzn-RequestId"]);
    }

    #[test]
    fn who_may_not_explain_is_told_so() {
        let page = Fake::default()
            .refuses("/_countersign/explain/r-9", refusal("no sts:DecodeAuthorizationMessage"))
            .get("/activity/r-9");
        page.shows(&["There is nothing to explain", "no sts:DecodeAuthorizationMessage"]);
    }
}
