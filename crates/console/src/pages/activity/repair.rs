//! `/activity/{id}/repair`: the one change that would allow a denied request. It asks first; what is then called is what the proposal
//! says, in the name of who is signed in.

use data_encoding::HEXLOWER;
use maud::html;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::request::{change, no_record, record};
use crate::api::{self, Problem, text};
use crate::facade::Pending;
use crate::html::{pretty, refused};
use crate::http::encoded;
use crate::iam;
use crate::layout::{Page, token};
use crate::policies;
use crate::visit::{Reply, Visit};

/// Asks whether the change is to be made.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        match proposed(visit, visit.query.trimmed("change")).await {
            Ok(repair) => page(visit, &repair, None, 200),
            Err(problem) => missing(visit, &problem),
        }
    })
}

/// Makes the change that was asked about, and no other.
pub(crate) fn make<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let repair = match proposed(visit, visit.form.trimmed("change")).await {
            Ok(repair) => repair,
            Err(problem) => return missing(visit, &problem),
        };
        // What is made is what was shown: policies may have changed since.
        if visit.form.get("asked") != digest(&repair) {
            return page(visit, &repair, None, 409);
        }
        match call(visit, &repair).await {
            Ok(()) => {
                let address = format!("/activity/{}", encoded(visit.name("id")));
                let text = "The policy is set. With the other policies as they were on record, the request is allowed.";
                Reply::done(&address, text, text_of(&repair, "/command"))
            }
            Err(problem) => page(visit, &repair, Some(&problem), problem.status),
        }
    })
}

/// The proposal of this number, as it is now.
async fn proposed(visit: &Visit<'_>, number: &str) -> Result<Value, Problem> {
    let record = record(visit).await?;
    let number: Option<usize> = number.parse().ok();
    let repair = number.and_then(|number| record.pointer(&format!("/repairs/{number}")));
    let repair = repair.filter(|repair| repair.pointer("/call").is_some());
    repair.cloned().ok_or_else(|| Problem {
        status: 404,
        name: String::new(),
        text: "There is no such proposal any more: the policies have changed since, or no single change allows the request.".to_owned(),
        request_id: None,
    })
}

/// Calls what the proposal says.
async fn call(visit: &Visit<'_>, repair: &Value) -> Result<(), Problem> {
    let operation = text(repair, "/call/operation");
    let nothing = Map::new();
    let parameters = repair.pointer("/call/parameters").and_then(Value::as_object);
    let parameters = parameters.unwrap_or(&nothing);
    let of = |name: &str| parameters.get(name).and_then(Value::as_str).unwrap_or_default();
    if text(repair, "/call/service") == "es" {
        let path = api::of_domain(of("DomainName"), "/config");
        let body = json!({ "AccessPolicies": of("AccessPolicies") });
        let mut call = api::opensearch(visit, "POST", &path, Some(&body));
        text(repair, "/call/region").clone_into(&mut call.region);
        return api::json(visit, call).await.map(|_| ());
    }
    let fields: Vec<(&str, &str)> =
        parameters.keys().map(|name| (name.as_str(), of(name))).collect();
    iam::call(visit, operation, &fields).await.map(|_| ())
}

/// What a proposal is known by: its form makes no other one.
fn digest(repair: &Value) -> String {
    let call = repair.pointer("/call").map(Value::to_string).unwrap_or_default();
    HEXLOWER.encode(&Sha256::digest(call))
}

fn text_of(repair: &Value, member: &str) -> String {
    text(repair, member).to_owned()
}

fn page(visit: &Visit<'_>, repair: &Value, problem: Option<&Problem>, status: u16) -> Reply {
    let id = visit.name("id");
    let back = format!("/activity/{}", encoded(id));
    let number = match visit.form.trimmed("change") {
        "" => visit.query.trimmed("change"),
        number => number,
    };
    let (before, after) =
        (repair.pointer("/before").map(pretty), repair.pointer("/after").map(pretty));
    let content = html! {
        @if let Some(problem) = problem { (refused("The change was not made", problem)) }
        @if status == 409 && problem.is_none() {
            p.fault role="alert" { "Nothing was changed: this is not the proposal that you were shown. Look at it below." }
        }
        section {
            h2 { "Make this change?" }
            p { code { (text(repair, "/action")) } " on " code { (text(repair, "/resource")) } " would be allowed: " (text(repair, "/text")) "." }
            (change(repair))
            @if let Some(kind) = policies::kind_of(text(repair, "/kind")) {
                (policies::comparison_as(kind, before.as_deref(), after.as_deref()))
            }
            form method="post" action={ (back) "/repair" } {
                (token(visit))
                input type="hidden" name="change" value=(number);
                input type="hidden" name="asked" value=(digest(repair));
                div.actions {
                    button.danger type="submit" { "Make it" }
                    a.button.quiet href=(back) { "Leave it as it is" }
                }
            }
        }
    };
    let above = [("/activity".to_owned(), "Activity"), (back.clone(), id)];
    Page { title: "Allow a denied request", above: &above, content }.with_status(visit, status)
}

fn missing(visit: &Visit<'_>, problem: &Problem) -> Reply {
    let above = [("/activity".to_owned(), "Activity")];
    let content = match problem.request_id {
        None if problem.status == 404 => html! { section { p role="alert" { (problem.text) } } },
        _ => no_record(problem),
    };
    Page { title: "Allow a denied request", above: &above, content }
        .with_status(visit, problem.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Fake, refusal};

    const AFTER: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"es:ESHttpGet","Resource":"arn:aws:es:eu-west-1:123456789012:domain/books/*"}]}"#;

    fn of_domain() -> Value {
        json!({"outcome": "change", "kind": "resource", "text": "change the access policy", "command": "aws opensearch update-domain-config …",
            "after": serde_json::from_str::<Value>(AFTER).unwrap(),
            "call": {"service": "es", "operation": "UpdateDomainConfig", "region": "eu-west-1",
                "parameters": {"DomainName": "books", "AccessPolicies": AFTER}}})
    }

    fn of_role() -> Value {
        json!({"outcome": "change", "kind": "identity", "text": "make a policy",
            "call": {"service": "iam", "operation": "PutRolePolicy",
                "parameters": {"RoleName": "reader", "PolicyName": "allow", "PolicyDocument": "{}"}}})
    }

    fn fake(repair: &Value) -> Fake {
        let record = json!({"status": 403, "repairs": [{"outcome": "none"}, repair]});
        Fake::default()
            .answers("/_countersign/explain/r-9", record)
            .answers("/books/config", json!({}))
            .says("PutRolePolicy", "")
    }

    #[test]
    fn it_asks_first_and_changes_nothing() {
        let page = fake(&of_domain()).get("/activity/r-9/repair?change=1");
        page.shows(&["Make this change?", "Wider", "It would let in", &digest(&of_domain())]);
        assert!(page.calls.iter().all(|call| call.method == "GET"));
    }

    #[test]
    fn what_was_shown_is_set_in_the_domains_region_and_leads_back() {
        let (fake, asked) = (fake(&of_domain()), digest(&of_domain()));
        let page = fake.post("/activity/r-9/repair", &[("change", "1"), ("asked", &asked)]);
        assert_eq!((page.response.status, page.header("location")), (303, "/activity/r-9"));
        assert_eq!(page.sent("/books/config"), json!({ "AccessPolicies": AFTER }));
        let call = page.calls.iter().find(|call| call.method == "POST").unwrap();
        assert_eq!(call.region, "eu-west-1");
    }

    #[test]
    fn a_policy_of_a_role_is_put_by_the_call_of_iam() {
        let (fake, asked) = (fake(&of_role()), digest(&of_role()));
        let page = fake.post("/activity/r-9/repair", &[("change", "1"), ("asked", &asked)]);
        assert_eq!(page.response.status, 303);
        let form = String::from_utf8(page.calls.last().unwrap().body.clone()).unwrap();
        for part in
            ["Action=PutRolePolicy", "RoleName=reader", "PolicyName=allow", "PolicyDocument=%7B%7D"]
        {
            assert!(form.contains(part), "{form}");
        }
    }

    #[test]
    fn what_was_not_shown_is_not_made() {
        for (number, asked) in [("1", ""), ("1", "guess"), ("0", ""), ("9", ""), ("", "")] {
            let page = fake(&of_domain())
                .post("/activity/r-9/repair", &[("change", number), ("asked", asked)]);
            assert!(matches!(page.response.status, 404 | 409), "{number} {asked}");
            assert!(page.calls.iter().all(|call| call.method == "GET"), "{number} {asked}");
        }
    }

    #[test]
    fn who_may_not_make_it_is_told_so() {
        let fake = fake(&of_domain()).refuses("/books/config", refusal("no es:UpdateDomainConfig"));
        let asked = digest(&of_domain());
        let page = fake.post("/activity/r-9/repair", &[("change", "1"), ("asked", &asked)]);
        assert_eq!(page.response.status, 403);
        page.shows(&["The change was not made", "no es:UpdateDomainConfig", "Make it"]);
    }
}
