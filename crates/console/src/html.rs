//! Pieces that pages are made of.

use maud::{Markup, html};
use serde_json::Value;

use crate::api::Problem;
use crate::http::encoded;

/// A refusal of an API, in its own words.
pub(crate) fn refused(what: &str, problem: &Problem) -> Markup {
    html! {
        section.refused role="alert" {
            h2 { (what) }
            p { @if !problem.name.is_empty() { strong { (problem.name) } " " } "(" (problem.status) ")" }
            p.words { (problem.text) }
            @if let Some(id) = &problem.request_id { p.quiet { "Request " code { (id) } ". " a href={ "/activity/" (encoded(id)) } { "Why?" } } }
        }
    }
}

/// The same of a piece of a page that is shown without it, in one line.
pub(crate) fn not_told(problem: &Problem) -> Markup {
    html! { p.quiet { (in_a_word(problem)) } }
}

/// Why something is not there: who may not see it is told so, and of anything else what failed.
pub(crate) fn in_a_word(problem: &Problem) -> String {
    let Problem { status, name, text, .. } = problem;
    match (status, name.as_str()) {
        (401 | 403, _) => format!("Not shown to you: {text}"),
        (_, "") => format!("Not shown ({status}): {text}"),
        (_, name) => format!("Not shown ({status} {name}): {text}"),
    }
}

/// A command to copy.
pub(crate) fn command(title: &str, text: &str) -> Markup {
    html! {
        figure.code {
            figcaption { span { (marked(title)) } button.copy.quiet type="button" hidden { "Copy" } }
            pre tabindex="0" { code { (text) } }
        }
    }
}

/// An ARN without what everything of this account has in common; the whole of it is told when it is pointed at.
pub(crate) fn arn(arn: &str, account: &str) -> Markup {
    let mut parts = arn.splitn(6, ':');
    let is_own = parts.nth(4) == Some(account);
    match parts.next().filter(|_| is_own) {
        Some(rest) => html! { span title=(arn) { (rest) } },
        None => html! { (arn) },
    }
}

/// A text in which code stands between backticks.
pub(crate) fn marked(text: &str) -> Markup {
    html! {
        @for (at, piece) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

/// JSON as people read it.
pub(crate) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// JSON in a text, as people read it; the text itself where it is none.
pub(crate) fn pretty_text(text: &str) -> String {
    serde_json::from_str(text).map_or_else(|_| text.to_owned(), |value: Value| pretty(&value))
}

/// A number of bytes as people read it.
pub(crate) fn size(bytes: &str) -> String {
    let Ok(bytes) = bytes.parse::<u64>() else { return bytes.to_owned() };
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let (mut size, mut unit) = (bytes as f64, "B");
    for next in units {
        if size < 1024.0 {
            break;
        }
        (size, unit) = (size / 1024.0, next);
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{size:.1} {unit}") }
}

/// A status in a word, with a colour that says the same.
pub(crate) fn badge(class: &str, text: &str) -> Markup {
    html! { span class={ "badge " (class) } { (text) } }
}

/// Names and values, one below the other; what has no value is left out.
pub(crate) fn facts(facts: &[(&str, String)]) -> Markup {
    html! {
        dl.facts {
            @for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
                dt { (name) } dd { (value) }
            }
        }
    }
}

/// A field for a secret: what was typed is never shown again.
pub(crate) fn secret_field(name: &str, label: &str, hint: &str, fault: Option<&str>) -> Markup {
    let described = !hint.is_empty() || fault.is_some();
    html! {
        div.field {
            label for=(name) { (label) }
            input id=(name) name=(name) type="password" autocomplete="off"
                aria-describedby=[described.then(|| format!("{name}-about"))] aria-invalid=[fault.map(|_| "true")];
            @if described {
                p.hint id={ (name) "-about" } {
                    @if let Some(fault) = fault { strong.fault { (fault) } " " }
                    (hint)
                }
            }
        }
    }
}

/// A field of one line with its label, and what is wrong with what was typed.
pub(crate) struct Field<'a> {
    /// Its name in the form.
    pub(crate) name: &'a str,
    /// What it is called.
    pub(crate) label: &'a str,
    /// What it is for.
    pub(crate) hint: &'a str,
    /// What was typed.
    pub(crate) value: &'a str,
    /// What is wrong with it.
    pub(crate) fault: Option<&'a str>,
}

impl Field<'_> {
    /// As one line.
    pub(crate) fn line(&self) -> Markup {
        self.around(&html! {
            input id=(self.name) name=(self.name) type="text" value=(self.value) autocomplete="off" spellcheck="false"
                aria-describedby=[self.described()] aria-invalid=[self.fault.map(|_| "true")];
        })
    }

    /// As one line that does not show what is typed: it is never filled in.
    pub(crate) fn password(&self) -> Markup {
        self.around(&html! {
            input id=(self.name) name=(self.name) type="password" autocomplete="new-password"
                aria-describedby=[self.described()] aria-invalid=[self.fault.map(|_| "true")];
        })
    }

    /// As several lines.
    pub(crate) fn lines(&self, rows: u8) -> Markup {
        self.around(&html! {
            textarea id=(self.name) name=(self.name) rows=(rows) spellcheck="false" autocomplete="off"
                aria-describedby=[self.described()] aria-invalid=[self.fault.map(|_| "true")] { (self.value) }
        })
    }

    /// As a choice of values, each with what it is called.
    pub(crate) fn choice(&self, values: &[(String, String)]) -> Markup {
        self.around(&html! {
            select id=(self.name) name=(self.name) aria-describedby=[self.described()] aria-invalid=[self.fault.map(|_| "true")] {
                @for (value, called) in values {
                    option value=(value) selected[*value == self.value] { (called) }
                }
            }
        })
    }

    fn described(&self) -> Option<String> {
        let described = !self.hint.is_empty() || self.fault.is_some();
        described.then(|| format!("{}-about", self.name))
    }

    fn around(&self, input: &Markup) -> Markup {
        html! {
            div.field {
                label for=(self.name) { (self.label) }
                (input)
                @if let Some(id) = self.described() {
                    p.hint id=(id) {
                        @if let Some(fault) = self.fault { strong.fault { (fault) } " " }
                        (self.hint)
                    }
                }
            }
        }
    }
}
