//! `/identities/roles/{role}/trust`: whom a role trusts, changed after it was compared with what is in force.

use maud::html;
use policy::PolicyKind;

use super::editor::{Asked, Editor, asked, typed};
use super::parts::document;
use crate::api::{Problem, text};
use crate::cli;
use crate::facade::Pending;
use crate::html::refused;
use crate::http::encoded;
use crate::iam;
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// Shows the trust policy in force.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        match in_force(visit).await {
            Ok(old) => page(visit, (&old, &old), None, 200),
            Err(problem) => unreadable(visit, &problem),
        }
    })
}

/// Compares what was typed with what is in force, or sets it.
pub(crate) fn save<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let (role, new) = (visit.name("role"), typed(visit));
        let old = match in_force(visit).await {
            Ok(old) => old,
            Err(problem) => return unreadable(visit, &problem),
        };
        match asked(visit, &old, &new) {
            Asked::Comparison => return page(visit, (&old, &new), None, 200),
            Asked::Uncompared => return page(visit, (&old, &new), None, 409),
            Asked::Setting => {}
        }
        let sent = [("RoleName", role), ("PolicyDocument", new.as_str())];
        match iam::call(visit, "UpdateAssumeRolePolicy", &sent).await {
            Ok(_) => {
                let address = format!("/identities/roles/{}", encoded(role));
                Reply::done(&address, "The trust policy is in force.", line(role, &new))
            }
            Err(problem) => page(visit, (&old, &new), Some(&problem), problem.status),
        }
    })
}

async fn in_force(visit: &Visit<'_>) -> Result<String, Problem> {
    let told = iam::call(visit, "GetRole", &[("RoleName", visit.name("role"))]).await?;
    Ok(document(text(&told, "/Role/AssumeRolePolicyDocument")))
}

fn line(role: &str, policy: &str) -> String {
    let of = ["--role-name", role, "--policy-document", policy];
    cli::line([&["iam", "update-assume-role-policy"][..], &of].concat())
}

fn page(
    visit: &Visit<'_>,
    (old, new): (&str, &str),
    problem: Option<&Problem>,
    status: u16,
) -> Reply {
    let role = visit.name("role");
    let (kind, cli) = (PolicyKind::Trust, line(role, new));
    let editor = Editor { kind, old, new, fields: html! {}, problem, cli };
    framed(visit, editor.markup(visit, status), status)
}

fn unreadable(visit: &Visit<'_>, problem: &Problem) -> Reply {
    framed(visit, refused("The role cannot be read", problem), problem.status)
}

fn framed(visit: &Visit<'_>, content: maud::Markup, status: u16) -> Reply {
    let role = visit.name("role");
    let page = format!("/identities/roles/{}", encoded(role));
    let above = [("/identities".to_owned(), "Identities"), (page, role)];
    Page { title: &format!("{role}: whom it trusts"), above: &above, content }
        .with_status(visit, status)
}

#[cfg(test)]
mod tests {
    use crate::policies::digest;
    use crate::testing::Fake;

    const PAGE: &str = "/identities/roles/app/trust";
    const OLD: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}"#;

    fn fake() -> Fake {
        let encoded = crate::http::encoded(OLD);
        Fake::default().says(
            "GetRole",
            &format!("<Role><AssumeRolePolicyDocument>{encoded}</AssumeRolePolicyDocument></Role>"),
        )
    }

    #[test]
    fn trusting_another_account_is_shown_before_it_is_set() {
        let new = OLD.replace("123456789012", "111122223333");
        let page = fake().post(PAGE, &[("policy", &new), ("compare", "1")]);
        page.shows(&["111122223333", "It would let in", "Changed lines"]);
        assert!(page.calls.iter().all(|call| call.body.starts_with(b"Action=Get")));
    }

    #[test]
    fn what_was_compared_is_set_and_a_refusal_is_told_in_iams_words() {
        let new = OLD.replace("root", "user/ann");
        let compared = digest(&crate::html::pretty_text(OLD), &new);
        let fields = [("policy", new.as_str()), ("set", "1"), ("compared", &compared)];
        let page = fake().says("UpdateAssumeRolePolicy", "").post(PAGE, &fields);
        assert_eq!((page.response.status, page.header("location")), (303, "/identities/roles/app"));
        let page = fake().denies("UpdateAssumeRolePolicy", "Invalid principal").post(PAGE, &fields);
        page.shows(&["The policy was not set", "Invalid principal", "user/ann"]);
    }
}
