//! `/domains/{domain}/request`: any request to a domain, signed as its caller.

use maud::{Markup, html};

use crate::api;
use crate::cli::quoted;
use crate::facade::{ApiAnswer, Pending};
use crate::html::{Field, badge, command, pretty_text};
use crate::http::{Response, encoded, target};
use crate::layout::{Page, token};
use crate::sessions::{PaneRequest, SessionChange};
use crate::visit::{Reply, Visit};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "HEAD"];

/// Shows the pane; with `again` an earlier request of the session in it.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    let again = visit.query.trimmed("again").parse().ok();
    let earlier = again.and_then(|number: usize| visit.memory.history.get(number));
    let begin = || PaneRequest {
        domain: visit.name("domain").to_owned(),
        method: "GET".to_owned(),
        target: "/_cluster/health".to_owned(),
        body: String::new(),
    };
    let shown = earlier.map_or_else(begin, |sent| PaneRequest::clone(sent));
    let reply = page(visit, &shown, None, None);
    Box::pin(async move { reply })
}

/// Sends the request that was typed.
pub(crate) fn send<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let method = visit.form.trimmed("method");
        let asked = PaneRequest {
            domain: visit.name("domain").to_owned(),
            method: method.to_owned(),
            target: format!("/{}", visit.form.trimmed("target").trim_start_matches('/')),
            body: visit.form.get("body").replace("\r\n", "\n"),
        };
        if !METHODS.contains(&method) {
            let fault = format!("Seen {method:?}; expected one of {}.", METHODS.join(", "));
            return page(visit, &asked, None, Some(&fault));
        }
        let sent = target(&asked.target);
        let (path, query) = sent.split_once('?').unwrap_or((&sent, ""));
        let call = api::domain(visit, &asked.method, path, query, &asked.body);
        let answer = visit.api.call(call).await;
        let mut reply = page(visit, &asked, Some(&answer), None);
        reply.changes.push(SessionChange::Sent(asked));
        reply
    })
}

/// The paths and query keys that the domain's API has, for the script that completes them.
pub(crate) fn paths<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    let rows: Vec<_> = visit
        .api
        .paths()
        .iter()
        .map(|row| serde_json::json!([row.method, row.path, row.keys]))
        .collect();
    let text = serde_json::Value::from(rows).to_string();
    let response =
        Response::new(200, "application/json", text).with("cache-control", "private, max-age=600");
    Box::pin(async move { response.into() })
}

fn page(
    visit: &Visit<'_>,
    asked: &PaneRequest,
    answer: Option<&ApiAnswer>,
    fault: Option<&str>,
) -> Reply {
    let domain = visit.name("domain");
    let address = format!("/domains/{}/request", encoded(domain));
    let methods = METHODS.map(|method| (method.to_owned(), method.to_owned()));
    let choice = Field { name: "method", label: "Method", hint: "", value: &asked.method, fault };
    let hint = "JSON, or lines of JSON for _bulk and _msearch. May be empty.";
    let body = Field { name: "body", label: "Body", hint, value: &asked.body, fault: None };
    let content = html! {
        (super::domain::tabs(domain, "request"))
        form method="post" action=(address) {
            (token(visit))
            section {
                div.request {
                    (choice.choice(&methods))
                    div.field {
                        label for="target" { "Path and query" }
                        input id="target" name="target" type="text" value=(asked.target) list="paths" autocomplete="off" spellcheck="false"
                            data-paths={ (address) "/paths" };
                        datalist id="paths" {}
                    }
                }
                (body.lines(8))
                button type="submit" { "Send" }
            }
        }
        @if let Some(answer) = answer { (answered(answer)) }
        // What no method has is in no command.
        @if fault.is_none() { (copies(visit, asked)) }
        (history(visit, &address, answer.map(|_| asked)))
    };
    let above =
        [("/domains".to_owned(), "Domains"), (format!("/domains/{}", encoded(domain)), domain)];
    let status = if fault.is_some() { 400 } else { 200 };
    Page { title: &format!("{domain}: request"), above: &above, content }.with_status(visit, status)
}

fn answered(answer: &ApiAnswer) -> Markup {
    let text = String::from_utf8_lossy(&answer.body);
    let class = match answer.status {
        ..=299 => "good",
        300..=499 => "warn",
        _ => "bad",
    };
    html! {
        section {
            h2 { "Answer" }
            p role="status" {
                (badge(class, &answer.status.to_string())) " " span.quiet { (answer.content_type) }
                @if let Some(id) = &answer.request_id { " " span.quiet { "Request " code { (id) } ". " a href={ "/activity/" (encoded(id)) } { "Why?" } } }
            }
            @if answer.cut { p { "The answer is longer than this page shows: this is its beginning." } }
            @if !text.is_empty() { (command("Body", &pretty_text(&text))) }
        }
    }
}

/// The same request for other tools.
fn copies(visit: &Visit<'_>, asked: &PaneRequest) -> Markup {
    let sent = target(&asked.target);
    let mut curl = format!(
        "curl --globoff --cacert \"$AWS_CA_BUNDLE\" --aws-sigv4 {} --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" \\\n     \
         ${{AWS_SESSION_TOKEN:+-H \"X-Amz-Security-Token: $AWS_SESSION_TOKEN\"}} {} \"$COUNTERSIGN_ENDPOINT\"{}",
        quoted(&format!("aws:amz:{}:es", visit.region())),
        // With `-X HEAD` curl waits for a body that never comes.
        if asked.method == "HEAD" { "--head".to_owned() } else { format!("-X {}", asked.method) },
        quoted(&sent),
    );
    let mut cli = format!(
        "countersign request -X {} \"$COUNTERSIGN_ENDPOINT\"{}",
        asked.method,
        quoted(&sent)
    );
    let literal = |text: &str| serde_json::Value::from(text).to_string();
    let mut python =
        format!("client.transport.perform_request({}, {}", literal(&asked.method), literal(&sent));
    if !asked.body.is_empty() {
        let content = api::content_type(&sent);
        curl += &format!(
            " \\\n     -H 'Content-Type: {content}' --data-binary {}",
            quoted(&asked.body)
        );
        cli += &format!(" -d {}", quoted(&asked.body));
        python += &format!(", body={}", literal(&asked.body));
    }
    python.push(')');
    html! {
        section {
            h2 { "The same request elsewhere" }
            details { summary { "curl" } (command("curl", &curl)) }
            details { summary { "Python" } (command("With the client of the domain's overview", &python)) }
            details { summary { "countersign" } (command("Signed with the AWS credential chain", &cli)) }
        }
    }
}

/// The requests of the session, numbered as they are once the one that was just sent is among them.
fn history(visit: &Visit<'_>, address: &str, sent: Option<&PaneRequest>) -> Markup {
    let mut memory = visit.memory.clone();
    sent.into_iter().for_each(|sent| memory.remember(sent.clone()));
    if memory.history.is_empty() {
        return html! {};
    }
    html! {
        section {
            h2 { "Earlier in this session" }
            ul.history {
                @for (number, sent) in memory.history.iter().enumerate() {
                    @if sent.domain == visit.name("domain") {
                        li { a href={ (address) "?again=" (number) } { code { (sent.method) " " (sent.target) } } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::http::{Method, Request, query};
    use crate::testing::{Fake, console, request};

    #[test]
    fn a_request_is_sent_as_typed_and_its_answer_is_shown_as_text() {
        let fake =
            Fake::default().answers("/books/_search", json!({"hits": "<script>alert(1)</script>"}));
        let fields = [
            ("method", "POST"),
            ("target", "books/_search?size=1&q=a b"),
            ("body", "{\"size\": 1}"),
        ];
        let page = fake.post("/domains/dev/request", &fields);
        page.shows(&[
            "200",
            "Request <code>r-1</code>",
            "&lt;script&gt;",
            "curl --globoff --cacert",
            "countersign request -X POST",
        ]);
        page.lacks(&["<script>alert"]);
        let call = &page.calls[0];
        assert_eq!(
            (call.method.as_str(), call.path.as_str(), call.query.as_str()),
            ("POST", "/books/_search", "size=1&q=a%20b")
        );
        assert_eq!(call.content_type, Some("application/json"));
    }

    #[test]
    fn curl_asks_for_a_head_without_waiting_for_a_body() {
        let fields = [("method", "HEAD"), ("target", "/books")];
        let page = Fake::default().post("/domains/dev/request", &fields);
        page.shows(&["--head &quot;$COUNTERSIGN_ENDPOINT&quot;"]);
        page.lacks(&["} -X HEAD"]);
    }

    #[test]
    fn lines_of_a_bulk_end_with_one_and_say_what_they_are() {
        let page = Fake::default().post(
            "/domains/dev/request",
            &[("method", "POST"), ("target", "/_bulk"), ("body", "{}\r\n{}")],
        );
        assert_eq!(page.calls[0].body, b"{}\n{}\n");
        assert_eq!(page.calls[0].content_type, Some("application/x-ndjson"));
    }

    #[test]
    fn a_method_that_nobody_has_is_not_sent() {
        let page =
            Fake::default().post("/domains/dev/request", &[("method", "G ET"), ("target", "/")]);
        assert_eq!((page.response.status, page.calls.len()), (400, 0));
        page.shows(&["Seen &quot;G ET&quot;; expected one of GET, POST"]);
    }

    #[test]
    fn an_earlier_request_comes_back_into_the_pane() {
        let (fake, console) = (Fake::default(), console());
        let (cookies, form_token) = fake.signed_in(&console);
        let form = query(&[
            ("token", &form_token),
            ("method", "PUT"),
            ("target", "/books"),
            ("body", "{\"a\":1}"),
        ]);
        let sent = Request {
            cookies: cookies.clone(),
            form: form.into_bytes(),
            ..request(Method::Post, "/domains/dev/request")
        };
        fake.ask(&console, sent);
        let again = Request { cookies, ..request(Method::Get, "/domains/dev/request?again=0") };
        fake.ask(&console, again).shows(&[
            "value=\"/books\"",
            "<option value=\"PUT\" selected>",
            "{&quot;a&quot;:1}",
            "PUT /books",
        ]);
    }

    #[test]
    fn the_numbers_of_earlier_requests_are_those_of_the_page_that_they_stand_on() {
        let (fake, console) = (Fake::default().answers("/", json!({})), console());
        let (cookies, token) = fake.signed_in(&console);
        let send = |target: &str| {
            let form = query(&[("token", &token), ("method", "GET"), ("target", target)]);
            let form = form.into_bytes();
            let cookies = cookies.clone();
            let pane = request(Method::Post, "/domains/dev/request");
            fake.ask(&console, Request { cookies, form, ..pane })
        };
        send("/first/");
        let page = send("/second/");
        page.shows(&[
            "?again=0\"><code>GET /second/</code>",
            "?again=1\"><code>GET /first/</code>",
        ]);
        let again = Request { cookies, ..request(Method::Get, "/domains/dev/request?again=1") };
        fake.ask(&console, again).shows(&["value=\"/first/\""]);
    }

    #[test]
    fn completion_knows_the_paths_of_the_one_table() {
        let page = Fake::default().get("/domains/dev/request/paths");
        assert_eq!(page.text(), r#"[["GET","/{index}/_search",["q","size"]]]"#);
    }
}
