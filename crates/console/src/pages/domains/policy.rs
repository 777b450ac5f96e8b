//! `/domains/{domain}/policy`: the access policy, changed only after it was compared with the one in force.

use maud::{Markup, html};
use serde_json::{Value, json};

use crate::api::{self, Problem, text};
use crate::cli;
use crate::facade::Pending;
use crate::html::{Field, command, pretty_text, refused};
use crate::http::encoded;
use crate::layout::{Page, token};
use crate::pages::domains::replay;
use crate::policies::{self, KIND, digest};
use crate::visit::{Reply, Visit};

/// Shows the policy in force.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        match in_force(visit).await {
            Ok(old) => page(visit, &old, &old, None),
            Err(problem) => unreadable(visit, &problem),
        }
    })
}

/// Compares the policy that was typed with the one in force, or sets it.
pub(crate) fn save<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let name = visit.name("domain");
        let new = visit.form.trimmed("policy").replace("\r\n", "\n");
        let old = match in_force(visit).await {
            Ok(old) => old,
            Err(problem) => return unreadable(visit, &problem),
        };
        // What is set is what was compared, with what it was compared with.
        let compared = visit.form.get("compared") == digest(&old, &new);
        if visit.form.has("compare") || !compared {
            let status = if visit.form.has("compare") { 200 } else { 409 };
            let replayed = replay::of(visit, &old, &new).await;
            let shown = Shown { old: &old, new: &new, problem: None, replayed };
            return page_as(visit, &shown, status);
        }
        let body = json!({ "AccessPolicies": new });
        let call = api::opensearch(visit, "POST", &api::of_domain(name, "/config"), Some(&body));
        match api::json(visit, call).await {
            Ok(_) => {
                let text = "The access policy is in force.";
                Reply::done(
                    &format!("/domains/{}/policy", encoded(name)),
                    text,
                    cli_line(visit, &new),
                )
            }
            Err(problem) => page(visit, &old, &new, Some(&problem)),
        }
    })
}

/// The text of the policy in force; empty where there is none.
async fn in_force(visit: &Visit<'_>) -> Result<String, Problem> {
    let path = api::of_domain(visit.name("domain"), "/config");
    let config: Value = api::json(visit, api::opensearch(visit, "GET", &path, None)).await?;
    Ok(pretty_text(text(&config, "/DomainConfig/AccessPolicies/Options")))
}

fn cli_line(visit: &Visit<'_>, policy: &str) -> String {
    cli::line([
        "opensearch",
        "update-domain-config",
        "--domain-name",
        visit.name("domain"),
        "--access-policies",
        policy,
        "--region",
        visit.region(),
    ])
}

struct Shown<'a> {
    old: &'a str,
    new: &'a str,
    problem: Option<&'a Problem>,
    /// What the policy would have decided of recorded traffic, where that was looked at.
    replayed: Markup,
}

fn page(visit: &Visit<'_>, old: &str, new: &str, problem: Option<&Problem>) -> Reply {
    let status = problem.map_or(200, |problem| problem.status);
    page_as(visit, &Shown { old, new, problem, replayed: html! {} }, status)
}

fn page_as(visit: &Visit<'_>, shown: &Shown<'_>, status: u16) -> Reply {
    let Shown { old, new, problem, replayed } = shown;
    let name = visit.name("domain");
    let address = format!("/domains/{}/policy", encoded(name));
    let hint = "JSON. It is checked and compared first; what is in force does not change before you set it.";
    let unfit = (visit.form.has("policy") && !new.is_empty()).then(|| policies::fault(new, KIND));
    let unfit = unfit.flatten();
    let told = problem.filter(|problem| problem.status == 400).map(|problem| problem.text.clone());
    let fault = unfit.clone().or(told);
    let field =
        Field { name: "policy", label: "Policy", hint, value: new, fault: fault.as_deref() };
    let may_be_set = new != old && unfit.is_none();
    let content = html! {
        (super::domain::tabs(name, "policy"))
        @if let Some(problem) = problem { (refused("The policy was not set", problem)) }
        @if status == 409 && problem.is_none() { p.fault role="alert" { "Nothing was set, because this is not what was compared. Compare it below, then set it." } }
        @if old.is_empty() {
            section { p { "No access policy is set: identity policies of this account alone decide who gets in." } }
        }
        form method="post" action=(address) {
            (token(visit))
            section {
                (field.lines(18))
                @if may_be_set { input type="hidden" name="compared" value=(digest(old, new)); }
                div.actions {
                    button type="submit" name="compare" value="1" { "Check and compare" }
                    @if may_be_set { button.danger type="submit" name="set" value="1" { "Set it" } }
                }
            }
        }
        @if !new.is_empty() || !old.is_empty() { (checks(old, new)) }
        (replayed)
        @if new != old { (command("The same with the AWS CLI", &cli_line(visit, new))) }
    };
    let above = [("/domains".to_owned(), "Domains"), (format!("/domains/{}", encoded(name)), name)];
    Page { title: &format!("{name}: access policy"), above: &above, content }
        .with_status(visit, status)
}

fn checks(old: &str, new: &str) -> Markup {
    let in_force = Some(old).filter(|old| !old.is_empty());
    html! {
        section {
            h2 { "Checked" }
            @if new.is_empty() { p { "This removes the access policy: identity policies of this account alone decide who gets in." } }
            @else { (policies::linted(new)) }
        }
        @if new != old {
            section {
                h2 { "Compared with the policy in force" }
                (policies::comparison(in_force, Some(new).filter(|new| !new.is_empty())))
                (policies::diff(old, &pretty_text(new)))
            }
        }
    }
}

fn unreadable(visit: &Visit<'_>, problem: &Problem) -> Reply {
    let name = visit.name("domain");
    let above = [("/domains".to_owned(), "Domains")];
    let content = refused("The domain's configuration cannot be read", problem);
    Page { title: &format!("{name}: access policy"), above: &above, content }
        .with_status(visit, problem.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Fake, refusal};

    const CLOSED: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"es:*","Resource":"arn:aws:es:us-east-1:123456789012:domain/books/*"}]}"#;

    fn fake() -> Fake {
        let config = json!({"DomainConfig": {"AccessPolicies": {"Options": CLOSED}}});
        Fake::default().answers("/books/config", config)
    }

    /// Whether a call only asks: what recorded traffic would read is asked with a body.
    fn changes_nothing(call: &crate::facade::ApiCall) -> bool {
        call.method == "GET" || call.path == "/_countersign/replay"
    }

    #[test]
    fn comparing_shows_what_would_change_and_changes_nothing() {
        let open = CLOSED.replace("Deny", "Allow");
        let page = fake().post("/domains/books/policy", &[("policy", &open), ("compare", "1")]);
        page.shows(&[
            "Wider",
            "It would let in",
            "Changed lines",
            "aws opensearch update-domain-config",
        ]);
        assert!(page.calls.iter().all(changes_nothing));
    }

    #[test]
    fn setting_sends_the_policy_and_comes_back_to_it() {
        let open = CLOSED.replace("Deny", "Allow");
        let compared = digest(&pretty_text(CLOSED), &open);
        let page = fake().post(
            "/domains/books/policy",
            &[("policy", &open), ("set", "1"), ("compared", &compared)],
        );
        assert_eq!((page.response.status, page.header("location")), (303, "/domains/books/policy"));
        assert_eq!(page.sent("/books/config"), json!({ "AccessPolicies": open }));
    }

    #[test]
    fn what_was_not_compared_with_what_is_in_force_is_shown_and_not_set() {
        let open = CLOSED.replace("Deny", "Allow");
        for compared in ["", &digest("", &open), &digest(&pretty_text(CLOSED), "{}")] {
            let fields = [("policy", open.as_str()), ("set", "1"), ("compared", compared)];
            let page = fake().post("/domains/books/policy", &fields);
            assert_eq!(page.response.status, 409);
            page.shows(&["Nothing was set", "Wider", &digest(&pretty_text(CLOSED), &open)]);
            assert!(page.calls.iter().all(changes_nothing));
        }
    }

    #[test]
    fn an_empty_text_is_compared_as_the_removal_that_it_is() {
        let page = fake().post("/domains/books/policy", &[("policy", ""), ("compare", "1")]);
        page.shows(&["This removes the access policy", "Compared with the policy in force"]);
    }

    #[test]
    fn who_may_not_read_the_configuration_is_told_so() {
        let page = Fake::default()
            .refuses("/books/config", refusal("no es:DescribeDomainConfig"))
            .get("/domains/books/policy");
        assert_eq!(page.response.status, 403);
        page.shows(&["no es:DescribeDomainConfig"]);
    }

    #[test]
    fn a_policy_that_is_none_is_told_by_line_and_stays_typed() {
        let page = fake()
            .post("/domains/books/policy", &[("policy", "{\"Version\": 1"), ("compare", "1")]);
        page.shows(&["error", "line 1", "{&quot;Version&quot;: 1"]);
    }
}
