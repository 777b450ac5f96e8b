//! `/sessions`: where the visitor is signed in to this console, and how to end that.

use maud::{Markup, html};

use crate::facade::Pending;
use crate::html::{badge, facts};
use crate::layout::{Page, token};
use crate::sessions::{OwnSession, SessionChange};
use crate::visit::{Reply, Visit};

/// Where it is.
pub(crate) const ADDRESS: &str = "/sessions";

/// Shows who the visitor is and its sessions.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let role = visit.role.as_ref().map(|role| role.arn()).unwrap_or_default();
        let content = html! {
            section {
                h2 { "Signed in as" }
                (facts(&[("Principal", visit.owner.clone()), ("Acting as role", role), ("Account", visit.account.clone())]))
                div.actions {
                    a.button.quiet href="/switchrole" { "Switch role" }
                    @if visit.owner.contains(":user/") { a.button.quiet href="/password" { "Change the password" } }
                }
            }
            section {
                h2 { "Sessions of this console" }
                (table(visit))
                @if visit.sessions.len() > 1 {
                    form.actions method="post" action=(ADDRESS) {
                        (token(visit))
                        input type="hidden" name="session" value="others";
                        button type="submit" { "End all others" }
                    }
                }
                p.hint { "A session that is ended here is over at once. Access keys, and credentials that were made elsewhere, are not." }
            }
        };
        Page { title: "You", above: &[], content }.reply(visit)
    })
}

fn table(visit: &Visit<'_>) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Sessions" {
            table {
                thead { tr { th { "Browser" } th { "From" } th { "Acts as" } th { "Started" } th { "Last used" } th { span.skip { "End" } } } }
                tbody { @for session in &visit.sessions { (row(visit, session)) } }
            }
        }
    }
}

fn row(visit: &Visit<'_>, session: &OwnSession) -> Markup {
    let time = |at: jiff::Timestamp| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    let acts_as = session.role.as_ref().map_or_else(|| "itself".to_owned(), |role| role.shown());
    html! {
        tr {
            td.words { (session.at.user_agent) } td { (session.at.address) } td { (acts_as) }
            td.time { (time(session.begun)) } td.time { (time(session.used)) }
            td {
                @if session.is_this { (badge("good", "this one")) }
                @else {
                    form method="post" action=(ADDRESS) {
                        (token(visit))
                        input type="hidden" name="session" value=(session.number);
                        button.quiet type="submit" aria-label={ "End the session begun " (time(session.begun)) } { "End" }
                    }
                }
            }
        }
    }
}

/// Ends another session, or all others.
pub(crate) fn end<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let (number, text) = match visit.form.get("session") {
            "others" => (None, "All other sessions were ended."),
            one => match one.parse() {
                Ok(number) => (Some(number), "The session was ended."),
                Err(_) => return show(visit).await,
            },
        };
        let mut reply = Reply::done(ADDRESS, text, String::new());
        reply.changes.push(SessionChange::EndOther(number));
        reply
    })
}

#[cfg(test)]
mod tests {
    use crate::http::{Method, Request, query};
    use crate::testing::{Fake, Shown, console, request};

    #[test]
    fn a_visitor_sees_where_it_is_signed_in_as_text_and_ends_all_others() {
        let (fake, console) = (Fake::default(), console());
        let get = |cookies: &str, target: &str| -> Shown {
            fake.ask(
                &console,
                Request { cookies: cookies.to_owned(), ..request(Method::Get, target) },
            )
        };
        let (other, _) = fake.signed_in_by(&console, "<img src=x onerror=alert(1)>");
        let (own, token) = fake.signed_in(&console);
        let page = get(&own, "/sessions");
        page.shows(&["&lt;img src=x", "192.0.2.7", "this one", "End all others", "user/ann"]);
        page.lacks(&["<img", other.split_once('=').unwrap().1]);
        let form = query(&[("token", &token), ("session", "others")]).into_bytes();
        let cookies = own.clone();
        fake.ask(&console, Request { cookies, form, ..request(Method::Post, "/sessions") });
        assert_eq!(get(&other, "/about").response.status, 303, "ended");
        assert_eq!(get(&own, "/about").response.status, 200);
    }
}
