//! What stands around the content of a page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets::{ICON, SCRIPT, STYLE};
use crate::html::command;
use crate::http::Response;
use crate::visit::{Reply, Visit};

/// The pages that every page leads to.
const PLACES: &[(&str, &str)] = &[
    ("/domains", "Domains"),
    ("/identities", "Identities"),
    ("/activity", "Activity"),
    ("/health", "Health"),
    ("/settings", "Settings"),
    ("/about", "About"),
];

/// A page of who is signed in.
pub(crate) struct Page<'a> {
    /// Its title.
    pub(crate) title: &'a str,
    /// The pages above it: address and name.
    pub(crate) above: &'a [(String, &'a str)],
    /// Its content.
    pub(crate) content: Markup,
}

impl Page<'_> {
    /// The page as an answer.
    pub(crate) fn reply(self, visit: &Visit<'_>) -> Reply {
        self.with_status(visit, 200)
    }

    /// The page as an answer with another status.
    pub(crate) fn with_status(self, visit: &Visit<'_>, status: u16) -> Reply {
        let content = html! {
            a.skip href="#content" { "Skip to content" }
            (header(visit))
            main #content {
                @if !self.above.is_empty() {
                    nav.above aria-label="Above this page" {
                        @for (address, name) in self.above {
                            a href=(address) { (name) } span aria-hidden="true" { " / " }
                        }
                    }
                }
                h1 { (self.title) }
                @if let Some(done) = &visit.done {
                    section.done role="status" {
                        p { (done.text) }
                        @if !done.cli.is_empty() { (command("The same with the AWS CLI", &done.cli)) }
                    }
                }
                (self.content)
            }
        };
        Response::html(status, document(self.title, &content)).into()
    }
}

fn header(visit: &Visit<'_>) -> Markup {
    let is_here = |address: &str| {
        visit.path.starts_with(address) || (visit.path == "/" && address == "/domains")
    };
    html! {
        header.top {
            a.brand href="/" { (mark()) span { "countersign" } }
            nav aria-label="Console" {
                @for (address, name) in PLACES {
                    a href=(address) aria-current=[is_here(address).then_some("page")] { (name) }
                }
            }
            div.who {
                @if let Some(role) = &visit.role {
                    span.badge.warn title=(role.arn()) { (role.shown()) }
                    (switch_back(visit))
                }
                a.arn href="/sessions" title=(visit.arn) { (visit.arn.rsplit(':').next().unwrap_or_default()) }
                span.region { (visit.region()) }
                form method="post" action="/sign-out" {
                    (token(visit))
                    button.quiet type="submit" { "Sign out" }
                }
            }
        }
    }
}

/// What makes a form one of this session.
pub(crate) fn token(visit: &Visit<'_>) -> Markup {
    html! { input type="hidden" name="token" value=(visit.form_token); }
}

/// A button that ends acting as a role.
pub(crate) fn switch_back(visit: &Visit<'_>) -> Markup {
    html! {
        form.inline method="post" action="/switchrole" {
            (token(visit))
            input type="hidden" name="do" value="back";
            button.quiet type="submit" { "Switch back" }
        }
    }
}

/// A page for who is not signed in, or that has nothing to say but a sentence.
pub(crate) fn alone(status: u16, title: &str, text: &str) -> Response {
    let content = html! { p { (text) } p { a href="/" { "To the first page" } } };
    narrow(status, title, &content)
}

/// A page without the pages around it.
pub(crate) fn narrow(status: u16, title: &str, content: &Markup) -> Response {
    let content = html! {
        main.alone #content {
            p.brand { (mark()) span { "countersign" } }
            h1 { (title) }
            (content)
        }
    };
    Response::html(status, document(title, &content))
}

fn document(title: &str, content: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · countersign" }
                link rel="icon" href=(ICON) type="image/svg+xml";
                link rel="stylesheet" href=(STYLE);
                script src=(SCRIPT) defer {}
            }
            body { (content) }
        }
    };
    page.into_string()
}

/// The mark beside the name: the icon's drawing, in the colour of the text.
fn mark() -> Markup {
    PreEscaped(include_str!("../assets/mark.svg").to_owned())
}
