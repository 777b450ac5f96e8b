//! `/health`: what was answered in the last hour, by the minute, and what the service holds.

use maud::{Markup, html};
use serde_json::Value;

use crate::api::{self, list, text};
use crate::charts::sparkline;
use crate::facade::Pending;
use crate::html::{refused, size};
use crate::http::encoded;
use crate::layout::Page;
use crate::pages::activity::short_time;
use crate::visit::{Reply, Visit};

/// Domains that are drawn.
const DOMAINS_MAX: usize = 50;

/// What refuses requests, by its name in records, in words.
const LAYERS: &[(&str, &str)] = &[
    ("policies", "denied by the policies"),
    ("items", "denied by the policies, for an item"),
    ("roles", "denied by roles"),
    ("signature", "signature"),
    ("identity", "unknown or expired credentials"),
    ("password", "name or password"),
    ("limit", "over a limit"),
    ("route", "unknown path or method"),
    ("absent", "domain not there for the client"),
    ("notBuilt", "not built here"),
    ("operation", "refused by the operation"),
    ("engine", "refused by the engine"),
    ("http", "no sound HTTP"),
    ("audit", "could not be recorded"),
    ("state", "policies too old"),
];

/// Shows the last hour.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let told = api::json(visit, api::service(visit, "metrics/history", "")).await;
        let content = match &told {
            Ok(told) => content(told),
            Err(problem) => refused("The metrics cannot be shown", problem),
        };
        let status = told.as_ref().map_or_else(|problem| problem.status, |_| 200);
        Page { title: "Health and metrics", above: &[], content }.with_status(visit, status)
    })
}

fn content(told: &Value) -> Markup {
    let (domains, elsewhere) = (list(told, "/domains"), list(told, "/elsewhere"));
    let gateway = text(told, "/gateway");
    html! {
        p { "The last hour by the minute, of "
            @if gateway.is_empty() { "this process" } @else { "the gateway " code { (gateway) } ", which answers you" }
            ". Prometheus reads the same counters at " code { "/metrics" } " of the admin listener." }
        @if !gateway.is_empty() {
            p.hint { "Several gateways share this state, and each counts what it answered itself. A domain on a cluster is answered by all of them: "
                "its requests are the sum over the gateways." }
        }
        @if let Some(service) = told.pointer("/service") {
            section {
                h2 { @if gateway.is_empty() { "The whole service" } @else { "All that this gateway answered" } }
                (traffic(service))
                (held(service))
                (by_minute(service))
            }
        }
        @if domains.is_empty() && elsewhere.is_empty() {
            section { p { "There is no domain of yours yet. " a href="/domains/new" { "Launch a domain" } } }
        }
        @for domain in domains.iter().take(DOMAINS_MAX) {
            section {
                h2 { "Domain " a href={ "/domains/" (encoded(text(domain, "/name"))) } { (text(domain, "/name")) }
                    span.quiet { " " (text(domain, "/region")) } }
                (traffic(domain))
            }
        }
        @if domains.len() > DOMAINS_MAX { p.quiet { (domains.len() - DOMAINS_MAX) " more domains are not drawn." } }
        @if !elsewhere.is_empty() { (not_here(elsewhere)) }
    }
}

/// Domains of which nothing is counted here, and why.
fn not_here(domains: &[Value]) -> Markup {
    html! {
        section {
            h2 { "Not drawn here" }
            ul.names {
                @for domain in domains.iter().take(DOMAINS_MAX) {
                    li {
                        a href={ "/domains/" (encoded(text(domain, "/name"))) } { (text(domain, "/name")) }
                        span.quiet { " " (text(domain, "/region")) ": "
                            @match text(domain, "/gateway") {
                                "" => "it does not listen yet",
                                gateway => { "its data is at the gateway " code { (gateway) } ", whose console and " code { "/metrics" } " tell of it" },
                            } }
                    }
                }
            }
            @if domains.len() > DOMAINS_MAX { p.quiet { (domains.len() - DOMAINS_MAX) " more." } }
        }
    }
}

/// Minutes of an hour, and the one that is not over: charts have a place for each, so that a short history is a short line.
const PLACES: usize = 61;

/// A number of each minute, the last one at the end of the hour.
fn numbers(of: &Value, member: &str) -> Vec<Option<f64>> {
    of_minutes(of, |minute| minute.pointer(member)?.as_f64())
}

fn of_minutes(of: &Value, number: impl Fn(&Value) -> Option<f64>) -> Vec<Option<f64>> {
    let minutes = list(of, "/minutes");
    let before = std::iter::repeat_n(None, PLACES.saturating_sub(minutes.len()));
    before.chain(minutes.iter().map(number)).collect()
}

fn refusals(minute: &Value) -> f64 {
    let counts = minute.pointer("/refused").and_then(Value::as_object);
    sum(counts.into_iter().flatten().filter_map(|(_, count)| count.as_f64()))
}

/// The sum; of nothing it is 0, and not the -0 that floats begin with.
fn sum(numbers: impl Iterator<Item = f64>) -> f64 {
    numbers.fold(0.0, |sum, number| sum + number)
}

/// How often each layer refused in the hour, the most frequent first.
fn reasons(of: &Value) -> Vec<(&'static str, f64)> {
    let of_layer =
        |layer: &str| sum(numbers(of, &format!("/refused/{layer}")).into_iter().flatten());
    let mut reasons: Vec<(&str, f64)> =
        LAYERS.iter().map(|(layer, words)| (*words, of_layer(layer))).collect();
    reasons.retain(|(_, count)| *count > 0.0);
    reasons.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    reasons
}

fn traffic(of: &Value) -> Markup {
    let requests = numbers(of, "/requests");
    let refused = of_minutes(of, |minute| Some(refusals(minute)));
    let (mean, slowest) = (numbers(of, "/seconds/mean"), numbers(of, "/seconds/p95"));
    let reasons = reasons(of);
    html! {
        div.sparks {
            (counts("Requests", &requests))
            (counts("Refused", &refused))
            (durations("Mean time", &mean))
            (durations("95 of 100 within", &slowest))
        }
        @if !reasons.is_empty() {
            p { "Refused: "
                @for (at, (words, count)) in reasons.iter().enumerate() { @if at > 0 { ", " } (words) " " strong { (count) } }
                ". " a href="/activity/denials" { "Denials" } }
        }
    }
}

/// A chart of counts: how many in all, and the most in a minute.
fn counts(title: &str, values: &[Option<f64>]) -> Markup {
    let all = sum(values.iter().flatten().copied());
    let most = values.iter().flatten().copied().fold(0.0, f64::max);
    sparkline(title, &all.to_string(), &format!("{all} in all, at most {most} in a minute"), values)
}

/// A chart of durations: the last one that is known.
fn durations(title: &str, values: &[Option<f64>]) -> Markup {
    let last = values.iter().flatten().next_back().map_or_else(|| "–".to_owned(), |it| millis(*it));
    let most = values.iter().flatten().copied().fold(0.0, f64::max);
    sparkline(title, &last, &format!("{last} at last, at most {}", millis(most)), values)
}

fn millis(seconds: f64) -> String {
    if seconds >= 1.0 { format!("{seconds:.1} s") } else { format!("{:.1} ms", seconds * 1_000.0) }
}

fn bytes(value: f64) -> String {
    size(&format!("{value:.0}"))
}

/// What the service holds: memory, connections, its disk.
fn held(service: &Value) -> Markup {
    let (memory, connections) =
        (numbers(service, "/engineMemoryBytes"), numbers(service, "/connections"));
    let (all, free) = (numbers(service, "/diskBytes"), numbers(service, "/diskBytesAvailable"));
    let used: Vec<Option<f64>> =
        all.iter().zip(&free).map(|(all, free)| Some((*all)? - (*free)?)).collect();
    let last = |values: &[Option<f64>]| values.iter().flatten().next_back().copied().unwrap_or(0.0);
    let most = service.pointer("/engineMemoryBytesMax").and_then(Value::as_f64).unwrap_or(0.0);
    let memory_said = format!("{} of {} that there may be", bytes(last(&memory)), bytes(most));
    let disk_said = format!("{} used of {}", bytes(last(&used)), bytes(last(&all)));
    html! {
        div.sparks {
            (sparkline("Memory of requests in the engine", &bytes(last(&memory)), &memory_said, &memory))
            (sparkline("Disk of the data", &disk_said, &disk_said, &used))
            (sparkline("Connections", &last(&connections).to_string(), "open", &connections))
        }
    }
}

/// The same as numbers.
fn by_minute(service: &Value) -> Markup {
    let of = |minute: &Value, member: &str| minute.pointer(member).and_then(Value::as_f64);
    let time = |seconds: Option<f64>| seconds.map(millis).unwrap_or_default();
    html! {
        details {
            summary { "By the minute" }
            div.wide tabindex="0" role="region" aria-label="By the minute" {
                table {
                    thead { tr { th scope="col" { "Until" } th.number scope="col" { "Requests" } th.number scope="col" { "Refused" }
                        th.number scope="col" { "Mean" } th.number scope="col" { "95 of 100" } th.number scope="col" { "Memory" }
                        th.number scope="col" { "Disk available" } } }
                    tbody {
                        @for minute in list(service, "/minutes").iter().rev() {
                            tr {
                                th.mono scope="row" { (short_time(text(minute, "/until"))) }
                                td.number { (of(minute, "/requests").unwrap_or(0.0)) }
                                td.number { (refusals(minute)) }
                                td.number { (time(of(minute, "/seconds/mean"))) }
                                td.number { (time(of(minute, "/seconds/p95"))) }
                                td.number { (of(minute, "/engineMemoryBytes").map(bytes).unwrap_or_default()) }
                                td.number { (of(minute, "/diskBytesAvailable").map(bytes).unwrap_or_default()) }
                            }
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
    fn the_last_hour_is_drawn_and_told_in_words() {
        let minute = |requests: u64, refused: u64| {
            json!({"until": "2026-11-30T12:01:00.5Z", "requests": requests, "refused": {"policies": refused},
                "seconds": {"mean": 0.002, "p95": 0.005}, "engineMemoryBytes": 2048, "connections": 3,
                "diskBytes": 4096, "diskBytesAvailable": 1024})
        };
        let quiet = json!([{"until": "2026-11-30T12:01:00Z", "requests": 0, "refused": {}}]);
        let minutes = json!([minute(5, 1), minute(7, 2)]);
        let page = Fake::default()
            .answers(
                "/_countersign/metrics/history",
                json!({
                "service": {"minutes": minutes, "engineMemoryBytesMax": 1048576},
                "domains": [{"name": "<b>", "region": "us-east-1", "minutes": minutes},
                    {"name": "quiet", "region": "us-east-1", "minutes": quiet}]}),
            )
            .get("/health");
        page.shows(&[
            "Requests: 12 in all, at most 7 in a minute",
            "<polyline points=\"236.0,",
            "denied by the policies <strong>3</strong>",
            "2.0 ms",
            "3.0 KiB used of 4.0 KiB",
            "2.0 KiB of 1.0 MiB that there may be",
            "2026-11-30T12:01:00Z",
            "/domains/%3Cb%3E\">&lt;b&gt;",
            "Refused: 0 in all",
        ]);
        page.lacks(&[">-0<", "-0 in all"]);
    }

    #[test]
    fn who_is_no_operator_sees_its_own_domains_alone() {
        let page = Fake::default()
            .answers("/_countersign/metrics/history", json!({"domains": []}))
            .get("/health");
        page.shows(&["There is no domain of yours yet", "/domains/new"]);
        page.lacks(&["The whole service", "gateway"]);
    }

    #[test]
    fn of_several_gateways_the_page_says_which_one_it_is_and_where_the_others_are() {
        let told = json!({"gateway": "gw-1", "service": {"minutes": []}, "domains": [], "elsewhere": [
            {"name": "<i>", "region": "us-east-1", "gateway": "gw-2"}, {"name": "new", "region": "us-east-1", "gateway": null}]});
        let page = Fake::default().answers("/_countersign/metrics/history", told).get("/health");
        page.shows(&[
            "the gateway <code>gw-1</code>",
            "All that this gateway answered",
            "&lt;i&gt;</a>",
            "its data is at the gateway <code>gw-2</code>",
            "it does not listen yet",
        ]);
        page.lacks(&["There is no domain of yours", "The whole service"]);
    }

    #[test]
    fn who_may_not_see_them_is_told_so() {
        let page = Fake::default()
            .refuses("/_countersign/metrics/history", refusal("no countersign:GetMetricsHistory"))
            .get("/health");
        assert_eq!(page.response.status, 403);
        page.shows(&["no countersign:GetMetricsHistory"]);
    }
}
