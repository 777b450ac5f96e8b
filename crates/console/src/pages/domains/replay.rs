//! What recorded requests would have been answered under another access policy: a part of the page of the policy.

use maud::{Markup, html};
use serde_json::{Value, json};

use crate::api::{self, Problem, is, list, text};
use crate::html::{arn, badge, not_told};
use crate::limits::REPLAYED_SHOWN_MAX;
use crate::visit::Visit;

/// Has the records of the last week decided anew by `new`, and shows what would change. Nothing is changed by that.
pub(crate) async fn of(visit: &Visit<'_>, old: &str, new: &str) -> Markup {
    // What does not parse, lint tells.
    let policy = match new {
        "" => Ok(json!({"Version": "2012-10-17", "Statement": []})),
        new => serde_json::from_str::<Value>(new),
    };
    let Ok(policy) = policy else { return html! {} };
    if old == new {
        return html! {};
    }
    let (region, account) = (visit.region(), &visit.account);
    let resource = format!("arn:aws:es:{region}:{account}:domain/{}/*", visit.name("domain"));
    let body = json!({"policy": policy, "replaces": "resource", "resource": resource});
    let mut call = api::opensearch(visit, "POST", "", Some(&body));
    "/_countersign/replay".clone_into(&mut call.path);
    shown(&api::json(visit, call).await, account)
}

fn shown(told: &Result<Value, Problem>, account: &str) -> Markup {
    html! {
        section {
            h2 { "On recorded traffic" }
            @match told {
                Err(problem) => (not_told(problem)),
                Ok(told) => (changes(told, account)),
            }
        }
    }
}

fn changes(told: &Value, account: &str) -> Markup {
    let count = |member: &str| told.pointer(member).and_then(Value::as_u64).unwrap_or(0);
    let changes = list(told, "/changes");
    let times = |becomes: &str| -> u64 {
        let of = changes.iter().filter(|change| text(change, "/becomes") == becomes);
        of.filter_map(|change| change.pointer("/times")?.as_u64()).sum()
    };
    let not_shown = changes.len().saturating_sub(REPLAYED_SHOWN_MAX);
    html! {
        @if count("/decisions") == 0 { p { "No request to this domain is on record for the last week." } }
        @else {
            p { "Of " (count("/decisions")) " decisions about requests in the last week " strong { (count("/same")) " stay as they are" }
                ", " strong { (times("denied")) " would be denied" } ", " strong { (times("allowed")) " would be allowed" }
                ", of " (times("unknown")) " the records do not tell enough." }
        }
        @if !changes.is_empty() {
            div.wide tabindex="0" role="region" aria-label="Changed decisions" {
                table {
                    thead { tr { th scope="col" { "Would be" } th.number scope="col" { "Times" } th scope="col" { "Principal" }
                        th scope="col" { "Action" } th scope="col" { "Resource" } } }
                    tbody { @for change in changes.iter().take(REPLAYED_SHOWN_MAX) { (row(change, account)) } }
                }
            }
        }
        @if not_shown > 0 || count("/changesLeftOut") > 0 {
            p.quiet { (not_shown as u64 + count("/changesLeftOut")) " more are not shown." }
        }
        @if !is(told, "/complete") { p.quiet { "There are many records: not all of them were looked at." } }
    }
}

fn row(change: &Value, account: &str) -> Markup {
    let becomes = text(change, "/becomes");
    let class = match becomes {
        "denied" => "bad",
        "allowed" => "warn",
        _ => "",
    };
    let times = change.pointer("/times").and_then(Value::as_u64).unwrap_or(0);
    html! {
        tr {
            td { (badge(class, if becomes == "unknown" { "not known" } else { becomes })) }
            td.number { (times) }
            td.arns { (arn(text(change, "/principal"), account)) }
            td { (text(change, "/action")) }
            td.arns { (arn(text(change, "/resource"), account)) @if !text(change, "/why").is_empty() { br; span.quiet { (text(change, "/why")) } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Fake, refusal};

    const OLD: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
    const NEW: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"es:*","Resource":"*"}]}"#;

    fn compared(fake: Fake, new: &str) -> crate::testing::Shown {
        fake.answers("/books/config", json!({"DomainConfig": {"AccessPolicies": {"Options": OLD}}}))
            .post("/domains/books/policy", &[("policy", new), ("compare", "1")])
    }

    fn told() -> Value {
        json!({"decisions": 7, "same": 4, "complete": true, "changesLeftOut": 0, "changes": [
            {"becomes": "denied", "why": null, "principal": "arn:aws:iam::123456789012:user/<b>", "action": "es:ESHttpGet",
             "resource": "…/books/_search", "times": 3}]})
    }

    #[test]
    fn what_would_change_of_recorded_requests_is_shown_before_a_policy_is_set() {
        let page = compared(Fake::default().answers("/_countersign/replay", told()), NEW);
        page.shows(&[
            "Of 7 decisions",
            "4 stay as they are",
            "3 would be denied",
            "user/&lt;b&gt;",
            "…/books/_search",
        ]);
        let sent = page.sent("/_countersign/replay");
        assert_eq!(sent["policy"], serde_json::from_str::<Value>(NEW).unwrap());
        assert_eq!(sent["replaces"], "resource");
        assert_eq!(sent["resource"], "arn:aws:es:us-east-1:123456789012:domain/books/*");
    }

    #[test]
    fn a_removal_is_replayed_as_the_policy_that_allows_nothing() {
        let page = compared(Fake::default().answers("/_countersign/replay", told()), "");
        assert_eq!(page.sent("/_countersign/replay")["policy"]["Statement"], json!([]));
    }

    #[test]
    fn who_may_not_replay_still_compares() {
        let page = compared(
            Fake::default().refuses("/_countersign/replay", refusal("no countersign:ReplayAudit")),
            NEW,
        );
        assert_eq!(page.response.status, 200);
        page.shows(&[
            "Not shown to you: no countersign:ReplayAudit",
            "Compared with the policy in force",
        ]);
    }

    #[test]
    fn what_is_no_policy_is_not_replayed() {
        let page = compared(Fake::default(), "{");
        assert!(page.calls.iter().all(|call| call.method == "GET"), "{:?}", page.calls);
        page.lacks(&["On recorded traffic"]);
    }
}
