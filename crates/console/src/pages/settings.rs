//! `/settings`: the settings in force, and where each comes from.

use maud::{Markup, html};
use serde_json::Value;

use crate::api::{self, is, list, text};
use crate::facade::Pending;
use crate::html::{badge, command, refused};
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// Shows them.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let told = api::json(visit, api::service(visit, "settings", "")).await;
        let content = match &told {
            Ok(told) => content(list(told, "/settings")),
            Err(problem) => refused("The settings cannot be shown", problem),
        };
        let status = told.as_ref().map_or_else(|problem| problem.status, |_| 200);
        Page { title: "Settings", above: &[], content }.with_status(visit, status)
    })
}

fn content(settings: &[Value]) -> Markup {
    let (chosen, defaults): (Vec<&Value>, Vec<&Value>) =
        settings.iter().partition(|setting| text(setting, "/source") != "default");
    html! {
        section {
            p { "What this process runs with. The file is read again at SIGHUP: settings marked live are in force from then on, the others from the next start." }
            h2 { "Chosen" }
            @if chosen.is_empty() { p { "Nothing: all settings have their defaults." } } @else { (table("Chosen settings", &chosen)) }
        }
        section {
            h2 { "At their defaults" }
            details { summary { "The " (defaults.len()) " others" } (table("Default settings", &defaults)) }
        }
        (command("The same where the service runs", "countersign config show --config countersign.toml"))
    }
}

fn table(called: &str, settings: &[&Value]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label=(called) {
            table {
                thead { tr { th scope="col" { "Setting" } th scope="col" { "Value" } th scope="col" { "From" } } }
                tbody {
                    @for setting in settings {
                        tr {
                            th scope="row" { code { (text(setting, "/name")) } @if is(setting, "/live") { " " (badge("good", "live")) }
                                p.hint { (text(setting, "/about")) } }
                            td.arns { @match setting.pointer("/value").and_then(Value::as_str) {
                                Some(value) => code { (value) },
                                None => span.quiet { "set, and not shown" },
                            } }
                            td { (text(setting, "/source"))
                                @if text(setting, "/place") != text(setting, "/source") { br; span.quiet { (text(setting, "/place")) } } }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Fake, refusal};

    #[test]
    fn settings_are_told_with_where_they_come_from_and_secrets_are_not() {
        let page = Fake::default()
            .answers("/_countersign/settings", json!({"settings": [
                {"name": "region", "value": "\"eu-west-1\"", "source": "file", "place": "countersign.toml:3", "live": false, "about": "The region."},
                {"name": "state.url", "value": null, "source": "environment", "place": "COUNTERSIGN_STATE_URL", "live": false, "about": "The database."},
                {"name": "audit.index_days", "value": "7", "source": "default", "place": "default", "live": true, "about": "Days."},
            ]}))
            .get("/settings");
        page.shows(&[
            "&quot;eu-west-1&quot;",
            "countersign.toml:3",
            "set, and not shown",
            "COUNTERSIGN_STATE_URL",
            "live",
            "Days.",
        ]);
    }

    #[test]
    fn who_may_not_see_them_is_told_so() {
        let page = Fake::default()
            .refuses("/_countersign/settings", refusal("no countersign:GetSettings"))
            .get("/settings");
        assert_eq!(page.response.status, 403);
        page.shows(&["no countersign:GetSettings"]);
    }
}
