//! `/health`: what was answered in the last hour, by the minute, and what the service holds.

use maud::{Markup, html};
use serde_json::Value;

use crate::api::{self, list, text};
use crate::charts::sparkline;
use crate::facade::Pending;
use crate::html::{refused, size};
use crate::http::{encoded, query};
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

/// All gateways, as the API calls them.
const ALL: &str = "all";

/// Shows the last hour: of all gateways that share the state, or of the one that was chosen.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let of = match visit.query.get("of") {
            "" => ALL,
            gateway => gateway,
        };
        let query = query(&[("of", of)]);
        let told = api::json(visit, api::service(visit, "metrics/history", &query)).await;
        let content = match &told {
            Ok(told) => content(told),
            Err(problem) => html! {
                (refused("The metrics cannot be shown", problem))
                @if of != ALL { p { a href="/health" { "All gateways" } } }
            },
        };
        let status = told.as_ref().map_or_else(|problem| problem.status, |_| 200);
        Page { title: "Health and metrics", above: &[], content }.with_status(visit, status)
    })
}

fn content(told: &Value) -> Markup {
    let (domains, elsewhere) = (list(told, "/domains"), list(told, "/elsewhere"));
    let of = text(told, "/of");
    html! {
        p { "The last hour by the minute, of "
            @match of {
                "" => "this process",
                ALL => "all gateways that share this state: the sum of what they counted in the minutes that are over",
                gateway => { "the gateway " code { (gateway) } },
            }
            ". Prometheus reads the same counters at " code { "/metrics" }
            @if of.is_empty() { " of the admin listener." } @else { " of each gateway’s admin listener." } }
        (gateways(told))
        @if told.pointer("/complete").and_then(Value::as_bool) == Some(false) {
            p.hint { "Not every domain is counted here: in each minute a gateway tells the others only about its busiest domains." }
        }
        @if let Some(service) = told.pointer("/service") {
            section {
                h2 { @match of { "" => "The whole service", ALL => "All gateways together", _ => "All that this gateway answered" } }
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

/// The gateways that share the state, for the operator: what each of them counted and holds, and the way to its charts.
fn gateways(told: &Value) -> Markup {
    let (gateways, of) = (list(told, "/gateways"), text(told, "/of"));
    let current = |name: &str| (name == of).then_some("page");
    let number =
        |of: &Value, member: &str| of.pointer(member).and_then(Value::as_f64).unwrap_or(0.0);
    html! {
        @if !gateways.is_empty() {
            section {
                h2 { "Gateways" }
                div.wide tabindex="0" role="region" aria-label="Gateways" {
                    table {
                        thead { tr { th scope="col" { "Gateway" } th.number scope="col" { "Requests" } th.number scope="col" { "Memory" }
                            th.number scope="col" { "Connections" } th.number scope="col" { "Disk used" } th scope="col" { "Told last" } } }
                        tbody {
                            tr { th scope="row" { a href="/health" aria-current=[current(ALL)] { "All of them" } }
                                td.number { (sum(gateways.iter().map(|it| number(it, "/requests")))) }
                                td.number { (bytes(sum(gateways.iter().map(|it| number(it, "/engineMemoryBytes"))))) }
                                td.number { (sum(gateways.iter().map(|it| number(it, "/connections")))) }
                                td {} td {} }
                            @for gateway in gateways {
                                @let name = text(gateway, "/name");
                                tr {
                                    th scope="row" { a.mono href={ "/health?of=" (encoded(name)) } aria-current=[current(name)] { (name) }
                                        @if name == text(told, "/gateway") { span.quiet { " answers you" } } }
                                    td.number { (number(gateway, "/requests")) }
                                    td.number { (bytes(number(gateway, "/engineMemoryBytes"))) " of " (bytes(number(gateway, "/engineMemoryBytesMax"))) }
                                    td.number { (number(gateway, "/connections")) }
                                    td.number { (bytes(number(gateway, "/diskBytes") - number(gateway, "/diskBytesAvailable"))) " of " (bytes(number(gateway, "/diskBytes"))) }
                                    td.time { (short_time(text(gateway, "/until"))) }
                                }
                            }
                        }
                    }
                }
                p.hint { "Each gateway tells the others once a minute, over the database. One that has stopped, or cannot reach the database, falls behind." }
            }
        }
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
                                gateway => { "its data is at the gateway " code { (gateway) } },
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
    let disk_short = format!("{} of {}", bytes(last(&used)), bytes(last(&all)));
    // Several gateways may be on one disk: their sum says nothing.
    let has_disk = all.iter().any(Option::is_some);
    html! {
        div.sparks {
            (sparkline("Memory of requests in the engine", &bytes(last(&memory)), &memory_said, &memory))
            @if has_disk { (sparkline("Disk used", &disk_short, &disk_said, &used)) }
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

    fn several() -> serde_json::Value {
        let minutes = json!([{"until": "2026-11-30T12:01:00Z", "requests": 9, "refused": {}, "gateways": 2,
            "seconds": {"mean": 0.001}, "engineMemoryBytes": 10, "connections": 5}]);
        let gateway = |name: &str, requests: u64| {
            json!({"name": name, "until": "2026-11-30T12:01:00Z", "requests": requests, "engineMemoryBytes": 5,
            "engineMemoryBytesMax": 1024, "connections": 2, "diskBytes": 4096, "diskBytesAvailable": 1024})
        };
        json!({"gateway": "gw-1", "of": "all", "complete": false, "gateways": [gateway("gw-1", 4), gateway("gw-2", 5)],
            "service": {"minutes": minutes, "engineMemoryBytesMax": 2048},
            "domains": [{"name": "<i>", "region": "us-east-1", "minutes": minutes}], "elsewhere": []})
    }

    #[test]
    fn of_several_gateways_the_sum_is_drawn_and_each_has_its_row() {
        let page =
            Fake::default().answers("/_countersign/metrics/history", several()).get("/health");
        assert_eq!(page.calls[0].query, "of=all");
        page.shows(&[
            "the sum of what they counted",
            "All gateways together",
            "Requests: 9 in all",
            "href=\"/health\" aria-current=\"page\">All of them",
            "/health?of=gw-2\">gw-2</a>",
            "answers you",
            "3.0 KiB of 4.0 KiB",
            "Not every domain is counted here",
            "&lt;i&gt;</a>",
        ]);
        page.lacks(&["Disk used:", "this process", "Not drawn here"]);
    }

    #[test]
    fn one_of_them_is_shown_alone_and_one_that_told_nothing_leads_back() {
        let mut told = several();
        told["of"] = "gw-2".into();
        told["service"]["minutes"][0]["diskBytes"] = 4096.into();
        told["service"]["minutes"][0]["diskBytesAvailable"] = 2048.into();
        let page =
            Fake::default().answers("/_countersign/metrics/history", told).get("/health?of=gw-2");
        assert_eq!(page.calls[0].query, "of=gw-2");
        page.shows(&[
            "the gateway <code>gw-2</code>",
            "All that this gateway answered",
            "2.0 KiB used of 4.0 KiB",
        ]);
        let refused = refusal("no gateway of that name has told what it counted");
        let page = Fake::default()
            .refuses("/_countersign/metrics/history", refused)
            .get("/health?of=gw-3%26x");
        assert_eq!(page.calls[0].query, "of=gw-3%26x");
        page.shows(&["no gateway of that name", "<a href=\"/health\">All gateways</a>"]);
    }

    #[test]
    fn a_domain_that_does_not_listen_yet_is_not_drawn() {
        let told = json!({"gateway": null, "domains": [], "elsewhere": [{"name": "new", "region": "us-east-1", "gateway": null}]});
        let page = Fake::default().answers("/_countersign/metrics/history", told).get("/health");
        page.shows(&["it does not listen yet"]);
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
