//! `/domains/{domain}/progress`: how far the last change of a domain is, as clients poll it.

use maud::{Markup, html};
use serde_json::Value;

use crate::api::{self, list, text};
use crate::cli;
use crate::facade::Pending;
use crate::html::{badge, command, facts, refused};
use crate::http::encoded;
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// Shows the progress; while there is some, the page looks again.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let name = visit.name("domain");
        let call = api::opensearch(visit, "GET", &api::of_domain(name, "/progress"), None);
        let told = api::json(visit, call).await;
        let content = match &told {
            Ok(told) => {
                content(visit, told.pointer("/ChangeProgressStatus").unwrap_or(&Value::Null))
            }
            Err(problem) => refused("The progress cannot be shown", problem),
        };
        let content = html! { (super::domain::tabs(name, "progress")) (content) };
        let status = told.as_ref().map_or_else(|problem| problem.status, |_| 200);
        let above =
            [("/domains".to_owned(), "Domains"), (format!("/domains/{}", encoded(name)), name)];
        Page { title: &format!("{name}: the last change"), above: &above, content }
            .with_status(visit, status)
    })
}

fn content(visit: &Visit<'_>, progress: &Value) -> Markup {
    let status = text(progress, "/Status");
    let is_over = matches!(status, "" | "COMPLETED" | "FAILED");
    let names = |member: &str| {
        let names = list(progress, member).iter().filter_map(Value::as_str);
        names.collect::<Vec<_>>().join(", ")
    };
    let stages = list(progress, "/ChangeProgressStages");
    let cli = cli::line([
        "opensearch",
        "describe-domain-change-progress",
        "--domain-name",
        visit.name("domain"),
        "--region",
        visit.region(),
    ]);
    html! {
        section data-again[!is_over] {
            @if status.is_empty() { p { "Nothing was changed yet." } }
            @else {
                p role="status" { (badge(class(status), &words(status))) @if is_over { " Nothing is being changed." } @else { " " a href=(visit.path) { "Look again" } } }
                (facts(&[
                    ("Change", text(progress, "/ChangeId").to_owned()),
                    ("Done", names("/CompletedProperties")),
                    ("To do", names("/PendingProperties")),
                ]))
            }
            @if !stages.is_empty() {
                h2 { "Stages" }
                table {
                    thead { tr { th scope="col" { "Stage" } th scope="col" { "Status" } th scope="col" { "About" } } }
                    tbody {
                        @for stage in stages {
                            tr {
                                th scope="row" { (text(stage, "/Name")) }
                                td { (badge(class(text(stage, "/Status")), &words(text(stage, "/Status")))) }
                                td { (text(stage, "/Description")) }
                            }
                        }
                    }
                }
            }
        }
        (command("The same with the AWS CLI", &cli))
    }
}

fn class(status: &str) -> &'static str {
    match status {
        "COMPLETED" => "good",
        "FAILED" => "bad",
        _ => "warn",
    }
}

/// `In progress` of `IN_PROGRESS`.
fn words(status: &str) -> String {
    let lower = status.replace('_', " ").to_ascii_lowercase();
    let mut letters = lower.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Fake, refusal};

    fn of(progress: Value) -> crate::testing::Shown {
        Fake::default()
            .answers("/books/progress", json!({ "ChangeProgressStatus": progress }))
            .get("/domains/books/progress")
    }

    #[test]
    fn a_change_that_is_under_way_is_looked_at_again() {
        let page = of(
            json!({"ChangeId": "c-1", "Status": "PROCESSING", "PendingProperties": ["AccessPolicies"],
            "ChangeProgressStages": [{"Name": "Validation", "Status": "IN_PROGRESS", "Description": "<node> starts"}]}),
        );
        page.shows(&[
            "Processing",
            "In progress",
            "&lt;node&gt; starts",
            "AccessPolicies",
            "data-again",
            "describe-domain-change-progress --domain-name books",
        ]);
    }

    #[test]
    fn a_change_that_is_over_is_not() {
        let page = of(
            json!({"ChangeId": "c-1", "Status": "COMPLETED", "CompletedProperties": ["AccessPolicies"]}),
        );
        page.shows(&["Completed", "AccessPolicies"]);
        page.lacks(&["data-again"]);
    }

    #[test]
    fn who_may_not_see_it_is_told_so() {
        let page = Fake::default()
            .refuses("/books/progress", refusal("no es:DescribeDomainChangeProgress"))
            .get("/domains/books/progress");
        assert_eq!(page.response.status, 403);
        page.shows(&["no es:DescribeDomainChangeProgress"]);
    }
}
