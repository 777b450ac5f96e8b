//! `/activity/denials`: who was denied what, how often, and when last.

use maud::{Markup, html};
use serde_json::Value;

use super::short_time;
use crate::api::{self, is, list, text};
use crate::facade::Pending;
use crate::html::{arn, refused};
use crate::http::encoded;
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// Groups that are shown.
const SHOWN_MAX: usize = 200;

/// Shows the groups.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let told = api::json(visit, api::service(visit, "audit/denials", "")).await;
        let content = match &told {
            Ok(told) => groups(told, &visit.account),
            Err(problem) => refused("The denials cannot be listed", problem),
        };
        let status = told.as_ref().map_or_else(|problem| problem.status, |_| 200);
        let above = [("/activity".to_owned(), "Activity")];
        Page { title: "Denials of the last week", above: &above, content }
            .with_status(visit, status)
    })
}

fn groups(told: &Value, account: &str) -> Markup {
    let groups = list(told, "/groups");
    let count = |member: &str| told.pointer(member).and_then(Value::as_u64).unwrap_or(0);
    let not_shown = groups.len().saturating_sub(SHOWN_MAX);
    html! {
        section {
            @if groups.is_empty() { p { "Nothing that you may see was denied." } }
            @else {
                p { (count("/denials")) " denials. Each row leads to the newest request of its kind, explained, with what would allow it." }
                div.wide tabindex="0" role="region" aria-label="Denials" {
                    table {
                        thead { tr { th scope="col" { "Last" } th.number scope="col" { "Times" } th scope="col" { "Principal" }
                            th scope="col" { "Action" } th scope="col" { "Resource" } } }
                        tbody { @for group in groups.iter().take(SHOWN_MAX) { (row(group, account)) } }
                    }
                }
            }
            @if not_shown > 0 || count("/denialsLeftOut") > 0 {
                p.quiet { (not_shown) " more kinds, and " (count("/denialsLeftOut")) " denials of still others, are not shown: search for them." }
            }
            @if !is(told, "/complete") { p.quiet { "There are many records: this is as far as was looked in five seconds." } }
        }
    }
}

fn row(group: &Value, account: &str) -> Markup {
    let times = group.pointer("/times").and_then(Value::as_u64).unwrap_or(0);
    html! {
        tr {
            th.mono scope="row" { a href={ "/activity/" (encoded(text(group, "/requestId"))) } { (short_time(text(group, "/last"))) } }
            td.number { (times) }
            td.arns { (arn(text(group, "/principal"), account)) }
            td { (text(group, "/action")) }
            td.arns { (arn(text(group, "/resource"), account)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Fake, refusal};

    #[test]
    fn each_kind_of_denial_is_told_with_its_count_and_leads_to_its_newest() {
        let page = Fake::default()
            .answers("/_countersign/audit/denials", json!({"denials": 12, "complete": true, "denialsLeftOut": 0, "groups": [
                {"principal": "arn:aws:iam::123456789012:role/<i>", "action": "es:ESHttpGet", "resource": "…/books/_search",
                 "times": 12, "last": "2026-11-30T12:00:00.5Z", "requestId": "r-9"}]}))
            .get("/activity/denials");
        page.shows(&["12 denials", "/activity/r-9\"", "2026-11-30T12:00:00Z", "role/&lt;i&gt;"]);
        page.lacks(&["role/<i>", "not shown"]);
    }

    #[test]
    fn who_may_not_see_them_is_told_so() {
        let page = Fake::default()
            .refuses("/_countersign/audit/denials", refusal("no countersign:QueryAudit"))
            .get("/activity/denials");
        assert_eq!(page.response.status, 403);
        page.shows(&["no countersign:QueryAudit"]);
    }
}
