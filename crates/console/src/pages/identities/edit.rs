//! `/identities/policies/{arn}/edit`: a new version of a managed policy, after it was compared with the one in force.

use maud::html;
use policy::PolicyKind;

use super::editor::{Asked, Editor, asked, typed};
use super::policy::Read;
use crate::api::Problem;
use crate::cli;
use crate::facade::Pending;
use crate::html::refused;
use crate::http::encoded;
use crate::iam;
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// Shows the version in force, to be changed.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        match Read::in_force(visit, visit.name("arn")).await {
            Ok(read) => page(visit, (&read.document, &read.document), None, 200),
            Err(problem) => unreadable(visit, &problem),
        }
    })
}

/// Compares what was typed with the version in force, or makes a version of it.
pub(crate) fn save<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let (arn, new) = (visit.name("arn"), typed(visit));
        let old = match Read::in_force(visit, arn).await {
            Ok(read) => read.document,
            Err(problem) => return unreadable(visit, &problem),
        };
        match asked(visit, &old, &new) {
            Asked::Comparison => return page(visit, (&old, &new), None, 200),
            Asked::Uncompared => return page(visit, (&old, &new), None, 409),
            Asked::Setting => {}
        }
        let in_force = if visit.form.has("default") { "true" } else { "false" };
        let sent =
            [("PolicyArn", arn), ("PolicyDocument", new.as_str()), ("SetAsDefault", in_force)];
        match iam::call(visit, "CreatePolicyVersion", &sent).await {
            Ok(_) => {
                let address = format!("/identities/policies/{}", encoded(arn));
                Reply::done(&address, "A new version was made.", line(visit, &new))
            }
            Err(problem) => page(visit, (&old, &new), Some(&problem), problem.status),
        }
    })
}

/// A form that was not sent yet has the box ticked.
fn is_default(visit: &Visit<'_>) -> bool {
    visit.form.has("default") || !visit.form.has("policy")
}

fn line(visit: &Visit<'_>, policy: &str) -> String {
    let flag = if is_default(visit) { "--set-as-default" } else { "--no-set-as-default" };
    let of = ["--policy-arn", visit.name("arn"), "--policy-document", policy, flag];
    cli::line([&["iam", "create-policy-version"][..], &of].concat())
}

fn page(
    visit: &Visit<'_>,
    (old, new): (&str, &str),
    problem: Option<&Problem>,
    status: u16,
) -> Reply {
    let fields = html! {
        label.tick { input type="checkbox" name="default" value="1" checked[is_default(visit)]; " Put it in force at once" }
    };
    let (kind, cli) = (PolicyKind::Identity, line(visit, new));
    let editor = Editor { kind, old, new, fields, problem, cli };
    framed(visit, editor.markup(visit, status), status)
}

fn unreadable(visit: &Visit<'_>, problem: &Problem) -> Reply {
    framed(visit, refused("The policy cannot be read", problem), problem.status)
}

fn framed(visit: &Visit<'_>, content: maud::Markup, status: u16) -> Reply {
    let arn = visit.name("arn");
    let name = arn.rsplit('/').next().unwrap_or(arn);
    let page = format!("/identities/policies/{}", encoded(arn));
    let above = [("/identities".to_owned(), "Identities"), (page, name)];
    Page { title: &format!("{name}: new version"), above: &above, content }
        .with_status(visit, status)
}

#[cfg(test)]
mod tests {
    use crate::policies::digest;
    use crate::testing::Fake;

    const PAGE: &str =
        "/identities/policies/arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fread/edit";
    const OLD: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"es:ESHttpGet","Resource":"*"}]}"#;

    fn fake() -> Fake {
        let encoded = crate::http::encoded(OLD);
        Fake::default()
            .says("GetPolicy", "<Policy><DefaultVersionId>v1</DefaultVersionId></Policy>")
            .says(
                "GetPolicyVersion",
                &format!("<PolicyVersion><Document>{encoded}</Document></PolicyVersion>"),
            )
    }

    #[test]
    fn a_version_is_compared_with_the_one_in_force_first() {
        let new = OLD.replace("ESHttpGet", "*");
        let page = fake().post(PAGE, &[("policy", &new), ("compare", "1"), ("default", "1")]);
        page.shows(&["Wider", "It would let in", "--set-as-default", "Changed lines"]);
        assert_eq!(fake().post(PAGE, &[("policy", &new), ("set", "1")]).response.status, 409);
    }

    #[test]
    fn what_is_compared_is_the_version_in_force_whatever_the_address_says() {
        let address = format!("{PAGE}?version=v7");
        let new = OLD.replace("ESHttpGet", "*");
        let compare = [("policy", new.as_str()), ("compare", "1")];
        for page in [fake().get(&address), fake().post(&address, &compare)] {
            let bodies = page.calls.iter().map(|call| String::from_utf8_lossy(&call.body));
            let read: Vec<_> = bodies.filter(|it| it.contains("=GetPolicyVersion")).collect();
            assert!(read.iter().all(|it| it.contains("VersionId=v1")), "{read:?}");
            assert_eq!(read.len(), 1);
        }
    }

    #[test]
    fn a_version_may_be_made_without_putting_it_in_force() {
        let new = OLD.replace("ESHttpGet", "*");
        let compared = digest(&crate::html::pretty_text(OLD), &new);
        for (ticked, sent) in [(true, "SetAsDefault=true"), (false, "SetAsDefault=false")] {
            let mut fields = vec![("policy", new.as_str()), ("set", "1"), ("compared", &compared)];
            fields.extend(ticked.then_some(("default", "1")));
            let page = fake().says("CreatePolicyVersion", "").post(PAGE, &fields);
            assert_eq!(page.response.status, 303);
            let body = String::from_utf8(page.calls.last().unwrap().body.clone()).unwrap();
            assert!(body.contains(sent), "{body}");
        }
    }
}
