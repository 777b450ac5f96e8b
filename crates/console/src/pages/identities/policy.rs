//! `/identities/policies/{arn}`: one managed policy, with what lint finds in it.

use maud::html;
use policy::PolicyKind;
use serde_json::Value;

use super::parts::document;
use crate::api::{Problem, text};
use crate::cli;
use crate::facade::Pending;
use crate::html::{command, facts, refused};
use crate::iam;
use crate::layout::Page;
use crate::policies;
use crate::visit::{Reply, Visit};

/// Shows the policy.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let arn = visit.name("arn");
        let above = [("/identities".to_owned(), "Identities")];
        let title = arn.rsplit('/').next().unwrap_or(arn);
        let (about, version) = match read(visit, arn).await {
            Ok(read) => read,
            Err(problem) => {
                let content = refused("The policy cannot be shown", &problem);
                return Page { title, above: &above, content }.with_status(visit, problem.status);
            }
        };
        let document = document(text(&version, "/PolicyVersion/Document"));
        let id = text(&about, "/Policy/DefaultVersionId");
        let content = html! {
            section {
                h2 { "Policy" }
                (facts(&[
                    ("ARN", arn.to_owned()),
                    ("Version in force", id.to_owned()),
                    ("Attached", text(&about, "/Policy/AttachmentCount").to_owned()),
                    ("Changed", text(&about, "/Policy/UpdateDate").to_owned()),
                ]))
            }
            section {
                h2 { "What it says" }
                (command("Policy document", &document))
                (policies::linted_as(&document, PolicyKind::Identity))
            }
            (command("The same with the AWS CLI", &cli::line(["iam", "get-policy-version", "--policy-arn", arn, "--version-id", id])))
        };
        Page { title, above: &above, content }.reply(visit)
    })
}

async fn read(visit: &Visit<'_>, arn: &str) -> Result<(Value, Value), Problem> {
    let about = iam::call(visit, "GetPolicy", &[("PolicyArn", arn)]).await?;
    let id = text(&about, "/Policy/DefaultVersionId");
    let version =
        iam::call(visit, "GetPolicyVersion", &[("PolicyArn", arn), ("VersionId", id)]).await?;
    Ok((about, version))
}

#[cfg(test)]
mod tests {
    use crate::testing::Fake;

    const PAGE: &str = "/identities/policies/arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess";

    #[test]
    fn a_policy_is_shown_as_it_is_in_force() {
        let page = Fake::default()
            .says("GetPolicy", "<Policy><DefaultVersionId>v3</DefaultVersionId></Policy>")
            .says("GetPolicyVersion", "<PolicyVersion><Document>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D</Document></PolicyVersion>")
            .get(PAGE);
        page.shows(&["ReadOnlyAccess", "v3", "2012-10-17", "--version-id v3"]);
    }

    #[test]
    fn a_policy_that_may_not_be_read_says_so() {
        let page = Fake::default().denies("GetPolicy", "no iam:GetPolicy").get(PAGE);
        page.shows(&["The policy cannot be shown", "no iam:GetPolicy"]);
    }
}
