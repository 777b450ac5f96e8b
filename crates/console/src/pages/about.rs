//! `/about`: what this is, by whose work, and where it is described.

use maud::html;

use crate::facade::Pending;
use crate::html::{command, facts};
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// What else is distributed with this program, and under which licences.
const NOTICE: &str = include_str!("../../../../NOTICE");

/// Pages of the documentation that come with this version: file, and what is in it.
const DOCUMENTATION: &[(&str, &str)] = &[
    (
        "docs/operating/console.md",
        "this console: its pages, what each asks for, what to do when it does not work",
    ),
    ("docs/operating/denials.md", "from a denial to the change that allows the request"),
    (
        "docs/operating/serve.md",
        "running the service: files, certificates, the audit, metrics, limits",
    ),
    ("docs/reference/service-api.md", "searching the audit, metrics and settings over the API"),
    ("docs/reference/config.md", "every setting"),
    ("docs/reference/operations.md", "every operation of the control plane"),
    ("docs/reference/rest-apis.md", "every path of a domain"),
    ("COMPAT.md", "what is as at Amazon, and what is not"),
];

/// Shows the version, who is signed in, the documentation and the notices.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    let content = html! {
        section {
            h2 { "This service" }
            (facts(&[
                ("Version", env!("CARGO_PKG_VERSION").to_owned()),
                ("Licence", "Apache License 2.0".to_owned()),
            ]))
        }
        section {
            h2 { "You" }
            (facts(&[
                ("Principal", visit.arn.clone()),
                ("Account", visit.account.clone()),
                ("Region", visit.region().to_owned()),
            ]))
            p.quiet {
                "Every page sends requests that are signed with your credentials. They are authorized, recorded and explained "
                "as requests of any other client are, so this console can do what your credentials can, and no more."
            }
        }
        section {
            h2 { "Documentation" }
            p { "It is in the source of this version; " code { "countersign man" } " and " code { "countersign COMMAND --help" } " tell the command line." }
            dl.facts { @for (file, about) in DOCUMENTATION { dt { code { (file) } } dd { (about) } } }
        }
        section {
            h2 { "Licence notices" }
            details { summary { "What this program includes from others" } (command("NOTICE", NOTICE)) }
        }
    };
    let reply = Page { title: "About", above: &[], content }.reply(visit);
    Box::pin(async move { reply })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::testing::Fake;

    #[test]
    fn it_tells_the_version_the_notices_and_where_the_documentation_is() {
        let page = Fake::default().get("/about");
        page.shows(&[
            env!("CARGO_PKG_VERSION"),
            "user/ann",
            "botocore",
            "docs/operating/console.md",
        ]);
        assert!(page.calls.is_empty());
    }

    #[test]
    fn every_page_that_it_names_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for (file, _) in DOCUMENTATION {
            assert!(root.join(file).exists(), "{file}");
        }
    }
}
