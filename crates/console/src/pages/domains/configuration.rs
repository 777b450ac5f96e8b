//! `/domains/{domain}/configuration`: every option of a domain, its state, and the command that changes it.

use maud::{Markup, html};
use serde_json::Value;

use crate::api::{self, text};
use crate::cli;
use crate::facade::Pending;
use crate::html::{badge, command, refused};
use crate::http::encoded;
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// Parts of the configuration that `update-domain-config` changes: member, what it is called, the option.
const CHANGED: &[(&str, &str, &str)] = &[
    ("AdvancedOptions", "Advanced options", "--advanced-options"),
    ("AdvancedSecurityOptions", "Fine-grained access control", "--advanced-security-options"),
    ("DomainEndpointOptions", "Endpoint", "--domain-endpoint-options"),
    ("VPCOptions", "VPC", "--vpc-options"),
    ("ClusterConfig", "Nodes", "--cluster-config"),
    ("EBSOptions", "Storage", "--ebs-options"),
    ("EncryptionAtRestOptions", "Encryption at rest", "--encryption-at-rest-options"),
    (
        "NodeToNodeEncryptionOptions",
        "Encryption between nodes",
        "--node-to-node-encryption-options",
    ),
    ("LogPublishingOptions", "Published logs", "--log-publishing-options"),
    ("SnapshotOptions", "Snapshots", "--snapshot-options"),
    ("CognitoOptions", "Cognito", "--cognito-options"),
    ("AutoTuneOptions", "Auto-Tune", "--auto-tune-options"),
    ("OffPeakWindowOptions", "Off-peak window", "--off-peak-window-options"),
    ("SoftwareUpdateOptions", "Software updates", "--software-update-options"),
];

/// Shows the configuration.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let name = visit.name("domain");
        let call = api::opensearch(visit, "GET", &api::of_domain(name, "/config"), None);
        let told = api::json(visit, call).await;
        let content = html! {
            (super::domain::tabs(name, "configuration"))
            @match &told {
                Ok(told) => (content(visit, told.pointer("/DomainConfig").unwrap_or(&Value::Null))),
                Err(problem) => (refused("The configuration cannot be shown", problem)),
            }
        };
        let status = told.as_ref().map_or_else(|problem| problem.status, |_| 200);
        let above =
            [("/domains".to_owned(), "Domains"), (format!("/domains/{}", encoded(name)), name)];
        Page { title: &format!("{name}: configuration"), above: &above, content }
            .with_status(visit, status)
    })
}

fn content(visit: &Visit<'_>, config: &Value) -> Markup {
    let name = visit.name("domain");
    let here = format!("/domains/{}", encoded(name));
    let described =
        ["opensearch", "describe-domain-config", "--domain-name", name, "--region", visit.region()];
    let upgraded = [
        "opensearch",
        "upgrade-domain",
        "--domain-name",
        name,
        "--target-version",
        "VERSION",
        "--region",
        visit.region(),
    ];
    let shown = CHANGED.iter().filter(|(member, ..)| config.get(*member).is_some());
    html! {
        div.columns {
        section {
            h2 { "Engine" }
            p { (super::engine(text(config, "/EngineVersion/Options"))) " " (state(config.pointer("/EngineVersion/Status"))) }
            details { summary { "Change the version" } (command("With the AWS CLI", &cli::line(upgraded))) }
        }
        section {
            h2 { "Access" }
            p { a href={ (here) "/policy" } { "View or change the access policy" } " " (state(config.pointer("/AccessPolicies/Status"))) }
            p { a href={ (here) "/who-can" } { "See who can do what" } }
        }
        @for (member, called, option) in shown {
            @let of = config.get(*member).unwrap_or(&Value::Null);
            section {
                h2 { (called) " " (state(of.get("Status"))) }
                (options(of.get("Options").unwrap_or(&Value::Null)))
                details { summary { "Change it" } (command("With the AWS CLI", &changing(visit, option, of.get("Options")))) }
            }
        }
        }
        (command("The same with the AWS CLI", &cli::line(described)))
    }
}

/// The command that sets an option, with what it is now.
fn changing(visit: &Visit<'_>, option: &str, now: Option<&Value>) -> String {
    let now = now.map(Value::to_string).unwrap_or_default();
    let words = ["opensearch", "update-domain-config", "--domain-name", visit.name("domain")];
    cli::line(words.into_iter().chain([option, now.as_str(), "--region", visit.region()]))
}

/// Whether a part is in force.
fn state(status: Option<&Value>) -> Markup {
    match status.map(|status| text(status, "/State")) {
        None | Some("") => html! {},
        Some("Active") => badge("good", "In force"),
        Some("DISABLED") => badge("", "Disabled"),
        Some(other) => badge("warn", other),
    }
}

/// What is set, a line each: `Name` or `Name.Member`, and its value.
fn options(options: &Value) -> Markup {
    let mut lines = Vec::new();
    flatten("", options, &mut lines);
    html! {
        @if lines.is_empty() { p.quiet { "Nothing is set." } }
        @else { dl.facts { @for (name, value) in &lines { dt { (name) } dd { (value) } } } }
    }
}

fn flatten(name: &str, value: &Value, lines: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (member, value) in members {
                let name =
                    if name.is_empty() { member.clone() } else { format!("{name}.{member}") };
                flatten(&name, value, lines);
            }
        }
        Value::Array(items) if items.is_empty() => lines.push((name.to_owned(), "none".to_owned())),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            lines.push((name.to_owned(), items.join(", ")));
        }
        value => lines.push((name.to_owned(), plain(value))),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Fake, refusal};

    #[test]
    fn each_option_is_shown_with_its_state_and_the_command_that_changes_it() {
        let config = json!({"DomainConfig": {
            "EngineVersion": {"Options": "OpenSearch_2.19", "Status": {"State": "Active"}},
            "AdvancedOptions": {"Options": {"countersign.mode": "<strict>"}, "Status": {"State": "Processing"}},
            "AdvancedSecurityOptions": {"Options": {"Enabled": false, "MasterUserOptions": {"MasterUserARN": null}}, "Status": {"State": "Active"}},
            "VPCOptions": {"Options": {"SubnetIds": ["subnet-1", "subnet-2"]}}}});
        let page =
            Fake::default().answers("/books/config", config).get("/domains/books/configuration");
        page.shows(&[
            "OpenSearch 2.19",
            "In force",
            "Processing",
            "<dt>countersign.mode</dt><dd>&lt;strict&gt;</dd>",
            "<dd>subnet-1, subnet-2</dd>",
            "update-domain-config --domain-name books --vpc-options",
            "/domains/books/policy",
        ]);
        page.lacks(&["MasterUserARN</dt>", "Auto-Tune"]);
    }

    #[test]
    fn who_may_not_read_it_is_told_so() {
        let page = Fake::default()
            .refuses("/books/config", refusal("no es:DescribeDomainConfig"))
            .get("/domains/books/configuration");
        assert_eq!(page.response.status, 403);
        page.shows(&["no es:DescribeDomainConfig"]);
    }
}
