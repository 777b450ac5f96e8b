//! `/about`: what this is.

use maud::html;

use crate::facade::Pending;
use crate::html::facts;
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// Shows the version and who is signed in.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    let content = html! {
        section {
            h2 { "This service" }
            (facts(&[
                ("Version", env!("CARGO_PKG_VERSION").to_owned()),
                ("Licence", "Apache-2.0".to_owned()),
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
    };
    let reply = Page { title: "About", above: &[], content }.reply(visit);
    Box::pin(async move { reply })
}
