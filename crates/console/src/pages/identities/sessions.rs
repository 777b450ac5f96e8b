//! The live sessions of a role or user, as its page shows and ends them.

use maud::{Markup, html};
use serde_json::Value;

use super::actions::Notice;
use super::buttons::{button, sure};
use crate::api::{self, Problem, is, list, text};
use crate::cli::quoted;
use crate::facade::{ApiCall, Destination};
use crate::html::{badge, command, not_told, refused};
use crate::http::{encoded, query};
use crate::visit::{Reply, Visit};

/// Where the API of sessions is.
const PATH: &str = "/_countersign/sessions";

/// Whose sessions: `("role", name)` or `("user", name)`.
type SessionsOf<'a> = (&'a str, &'a str);

fn call(visit: &Visit<'_>, method: &str, key: &str, holder: Option<SessionsOf<'_>>) -> ApiCall {
    let key = if key.is_empty() { String::new() } else { format!("/{}", encoded(key)) };
    ApiCall {
        to: Destination::Control("es"),
        region: visit.region().to_owned(),
        method: method.to_owned(),
        path: format!("{PATH}{key}"),
        query: holder.map(|holder| query(&[holder])).unwrap_or_default(),
        content_type: None,
        body: Vec::new(),
    }
}

/// The sessions of a role or user.
pub(crate) async fn read(visit: &Visit<'_>, holder: SessionsOf<'_>) -> Result<Value, Problem> {
    api::json(visit, call(visit, "GET", "", Some(holder))).await
}

/// Ends one session, or all of a role or user; asks first. `None`: the form asks for something else.
pub(crate) async fn revoke(
    visit: &Visit<'_>,
    holder: SessionsOf<'_>,
) -> Option<Result<Reply, Notice>> {
    let (do_, key) = (visit.form.get("do"), visit.form.trimmed("session"));
    let (question, fields, one, whose) = match do_ {
        "revoke" => (
            format!("Revoke {key}? Whatever uses it is no longer let in."),
            vec![("do", do_), ("session", key)],
            key,
            None,
        ),
        "revoke-all" => (
            format!(
                "Revoke all sessions of {}? Whatever uses them is no longer let in; whoever may assume the role can get a new one.",
                holder.1
            ),
            vec![("do", do_)],
            "",
            Some(holder),
        ),
        _ => return None,
    };
    if !visit.form.has("sure") {
        return Some(Err(Notice::of(sure(visit, &question, &fields, "Revoke"))));
    }
    let call = call(visit, "DELETE", one, whose);
    let line = line("DELETE", &call);
    Some(match api::json(visit, call).await {
        Ok(told) => {
            let number = told.get("revoked").and_then(Value::as_u64).unwrap_or(0);
            let left = told.get("leftOut").and_then(Value::as_u64).unwrap_or(0);
            let text = match left {
                0 => format!("{number} revoked."),
                left => format!("{number} revoked; {left} are left: revoke all once more."),
            };
            Ok(Reply::done(&visit.path, text, line))
        }
        Err(problem) => {
            let notice = Notice::of(refused("It was not done", &problem));
            Err(notice.with_status(problem.status))
        }
    })
}

/// The command of ours that does the same: the AWS CLI has none for it.
fn line(method: &str, call: &ApiCall) -> String {
    let method = if method == "GET" { String::new() } else { format!("-X {method} ") };
    let rest = match call.query.as_str() {
        "" => call.path.clone(),
        query => format!("{}?{query}", call.path),
    };
    format!("countersign request --service es {method}\"$AWS_ENDPOINT_URL\"{}", quoted(&rest))
}

/// The sessions, each with the button that ends it.
pub(crate) fn section(
    visit: &Visit<'_>,
    holder: SessionsOf<'_>,
    told: &Result<Value, Problem>,
) -> Markup {
    html! {
        section {
            h2 { "Live sessions" }
            @match told {
                Err(problem) => (not_told(problem)),
                Ok(told) => {
                    @if list(told, "/sessions").is_empty() { p.quiet { "None." } }
                    @else { (table(visit, told)) }
                },
            }
            (command("The same by API", &line("GET", &call(visit, "GET", "", Some(holder)))))
        }
    }
}

fn table(visit: &Visit<'_>, told: &Value) -> Markup {
    let more = told.get("leftOut").and_then(Value::as_u64).unwrap_or(0);
    html! {
        div.wide tabindex="0" role="region" aria-label="Live sessions" {
            table {
                thead { tr { th scope="col" { "Session" } th scope="col" { "Issued" } th scope="col" { "Ends" } th scope="col" { "About" } th scope="col" { span.skip { "Revoke" } } } }
                tbody {
                    @for session in list(told, "/sessions") {
                        @let arn = text(session, "/arn");
                        @let key = text(session, "/accessKeyId");
                        tr {
                            th.words scope="row" { (arn.rsplit(':').next().unwrap_or_default()) br; code { (key) } }
                            td.time { (text(session, "/issued")) }
                            td.time { (text(session, "/expires")) }
                            td { @if is(session, "/mfa") { (badge("good", "MFA")) " " } (text(session, "/sourceIdentity")) }
                            td { (button(visit, &[("do", "revoke"), ("session", key)], "quiet", "Revoke")) }
                        }
                    }
                }
            }
        }
        @if more > 0 { p.quiet { "And " (more) " more." } }
        div.actions { (button(visit, &[("do", "revoke-all")], "danger", "Revoke them all")) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::http::{Method, Request, query};
    use crate::testing::{Fake, console, refusal, request};

    const PAGE: &str = "/identities/roles/app";

    fn fake() -> Fake {
        Fake::default().answers("/_countersign/sessions", json!({"sessions": [
            {"accessKeyId": "ASIAONE", "arn": "arn:aws:sts::123456789012:assumed-role/app/<b>x</b>", "issued": "2026-11-30T11:00:00Z", "mfa": true}
        ], "leftOut": 3}))
    }

    #[test]
    fn live_sessions_are_shown_and_what_callers_named_them_is_text() {
        let page = fake().get(PAGE);
        page.shows(&["ASIAONE", "assumed-role/app/&lt;b&gt;x&lt;/b&gt;", "And 3 more.", "MFA"]);
        page.shows(&["'/_countersign/sessions?role=app'"]);
        let call = page.calls.iter().find(|call| call.path == "/_countersign/sessions").unwrap();
        assert_eq!(call.query, "role=app");
    }

    #[test]
    fn a_session_is_revoked_after_a_question() {
        let fields = [("do", "revoke"), ("session", "ASIAONE")];
        let asked = fake().post(PAGE, &fields);
        asked.shows(&["Revoke ASIAONE?", "name=\"sure\""]);
        assert!(asked.calls.iter().all(|call| call.method != "DELETE"));
        let fake = fake().answers("/_countersign/sessions/ASIAONE", json!({"revoked": 1}));
        let done = fake.post(PAGE, &[&fields[..], &[("sure", "1")]].concat());
        assert_eq!((done.response.status, done.header("location")), (303, PAGE));
        assert_eq!(done.calls[0].method, "DELETE");
    }

    #[test]
    fn all_of_a_user_are_revoked_by_one_call() {
        let fields = [("do", "revoke-all"), ("sure", "1")];
        let done = fake().post("/identities/users/ann", &fields);
        assert_eq!(done.response.status, 303);
        assert_eq!(
            (done.calls[0].method.as_str(), done.calls[0].query.as_str()),
            ("DELETE", "user=ann")
        );
    }

    #[test]
    fn what_is_left_after_one_call_is_said_on_the_next_page() {
        let fake = Fake::default()
            .answers("/_countersign/sessions", json!({"revoked": 1000, "leftOut": 234}));
        let console = console();
        let (cookies, token) = fake.signed_in(&console);
        let form = query(&[("do", "revoke-all"), ("sure", "1"), ("token", &token)]).into_bytes();
        let sent = Request { cookies: cookies.clone(), form, ..request(Method::Post, PAGE) };
        assert_eq!(fake.ask(&console, sent).response.status, 303);
        let page = fake.ask(&console, Request { cookies, ..request(Method::Get, "/about") });
        page.shows(&["1000 revoked; 234 are left: revoke all once more."]);
    }

    #[test]
    fn who_may_not_see_them_reads_why() {
        let fake = Fake::default()
            .refuses("/_countersign/sessions", refusal("no countersign:ListSessions"));
        fake.get(PAGE).shows(&["Not shown to you: no countersign:ListSessions"]);
        let fields = [("do", "revoke-all"), ("sure", "1")];
        let refused = fake.post(PAGE, &fields);
        assert_eq!(refused.response.status, 403);
        refused.shows(&["It was not done", "no countersign:ListSessions"]);
    }
}
