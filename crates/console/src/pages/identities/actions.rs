//! What the buttons and forms of these pages do. A row is one operation of `iam`; its call and the line of the AWS CLI that does
//! the same are both read off it.

use maud::{Markup, html};
use serde_json::Value;

use super::buttons::sure;
use crate::api::Problem;
use crate::cli;
use crate::html::{Field, refused};
use crate::iam;
use crate::layout::token;
use crate::visit::{Reply, Visit};

/// Something that can be done on a page.
pub(crate) struct Action {
    /// What forms call it.
    pub(crate) name: &'static str,
    operation: &'static str,
    parameters: &'static [(&'static str, Source)],
    question: Option<(&'static str, &'static str)>,
    failed: &'static str,
}

/// Where the value of a parameter is from.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// The name in the page's address.
    Page,
    /// A field that must be filled in.
    Field(&'static str),
    /// A field that is left out where it is empty.
    Optional(&'static str),
    /// A field whose value no page and no command shows again.
    Secret(&'static str),
    /// A box, ticked or not.
    Ticked(&'static str),
    /// Always the same.
    Always(&'static str),
}

/// A row: what forms call it, the operation, what it sends.
pub(crate) const fn action(
    name: &'static str,
    operation: &'static str,
    parameters: &'static [(&'static str, Source)],
) -> Action {
    Action { name, operation, parameters, question: None, failed: "It was not done" }
}

impl Action {
    /// It takes something away, so it is asked first; then the button says `called`. `{page}` is the name in the page's address,
    /// `{it}` what the first field holds.
    pub(crate) const fn asking(self, question: &'static str, called: &'static str) -> Self {
        Self { question: Some((question, called)), ..self }
    }

    /// What is said when the API refuses.
    pub(crate) const fn failing(self, failed: &'static str) -> Self {
        Self { failed, ..self }
    }

    fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.parameters.iter().filter_map(|(_, source)| source.field())
    }

    /// The field that an error of this name is about, where the name says it.
    fn field_of_error(&self, name: &str) -> Option<&'static str> {
        let of = |wanted: &dyn Fn(&str, Source) -> bool| {
            let found = self.parameters.iter().find(|(parameter, it)| wanted(parameter, *it))?;
            found.1.field()
        };
        match name {
            "MalformedPolicyDocument" => of(&|parameter, _| parameter.ends_with("PolicyDocument")),
            "PasswordPolicyViolation" => of(&|_, source| matches!(source, Source::Secret(_))),
            "EntityAlreadyExists" => of(&|_, source| matches!(source, Source::Field(_))),
            _ => None,
        }
    }

    /// The field of a parameter, as a refusal calls it (`'userName'`).
    fn field_of(&self, message: &str) -> Option<&'static str> {
        let (_, rest) = message.split_once("' at '")?;
        let (told, _) = rest.split_once('\'')?;
        let (_, source) =
            self.parameters.iter().find(|(parameter, _)| parameter.eq_ignore_ascii_case(told))?;
        source.field()
    }
}

impl Source {
    fn field(self) -> Option<&'static str> {
        match self {
            Self::Field(field) | Self::Optional(field) | Self::Secret(field) => Some(field),
            Self::Page | Self::Ticked(_) | Self::Always(_) => None,
        }
    }

    /// What is sent; nothing where it is left out.
    fn value<'v>(self, visit: &'v Visit<'_>) -> Option<&'v str> {
        match self {
            Self::Page => visit.names.first().map(|(_, name)| name.as_str()),
            Self::Field(field) => Some(visit.form.trimmed(field)),
            Self::Optional(field) => Some(visit.form.trimmed(field)).filter(|it| !it.is_empty()),
            Self::Secret(field) => Some(visit.form.get(field)),
            Self::Ticked(field) => Some(if visit.form.has(field) { "true" } else { "false" }),
            Self::Always(value) => Some(value),
        }
    }
}

/// What was done.
pub(crate) struct Done {
    /// The row.
    pub(crate) name: &'static str,
    /// What was answered.
    pub(crate) told: Value,
    /// The line of the AWS CLI that does the same.
    pub(crate) cli: String,
}

impl Done {
    /// What is shown after it: the same page, or when its thing was deleted the identities, which say so by `deleted`.
    pub(crate) fn reply(self, visit: &Visit<'_>, deleted: &str) -> Reply {
        match self.name {
            "delete" => Reply::done("/identities", deleted, self.cli),
            _ => Reply::done(&visit.path, "Done.", self.cli),
        }
    }
}

/// What a page says when what its form asked for was not done, or not yet.
pub(crate) struct Notice {
    above: Markup,
    fault: Option<(&'static str, String)>,
    /// The status of the page.
    pub(crate) status: u16,
}

impl Notice {
    /// The same on a page with another status.
    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Nothing is said.
    pub(crate) fn none() -> Self {
        Self { above: html! {}, fault: None, status: 200 }
    }

    /// Stands above the page.
    pub(crate) fn of(above: Markup) -> Self {
        Self { above, fault: None, status: 200 }
    }

    /// No row is called so: nothing is done.
    fn unknown(name: &str) -> Self {
        let text =
            format!("Nothing was done: seen {name:?}; expected what a button of this page does.");
        Self { above: html! { p.fault role="alert" { (text) } }, fault: None, status: 400 }
    }

    /// What stands above the page.
    pub(crate) fn above(&self) -> &Markup {
        &self.above
    }
}

/// Does what the row called `name` says, or tells why not.
pub(crate) async fn perform(
    visit: &Visit<'_>,
    actions: &'static [Action],
    name: &str,
) -> Result<Done, Notice> {
    let Some(action) = actions.iter().find(|action| action.name == name) else {
        return Err(Notice::unknown(name));
    };
    let missing = missing(visit, action);
    // A field that was sent empty is told before anything is asked about it.
    if let Some((question, called)) = action.question
        && !visit.form.has("sure")
        && missing.is_none_or(|field| !visit.form.has(field))
    {
        let page = Source::Page.value(visit).unwrap_or_default();
        let it = action.fields().next().map_or("", |field| visit.form.trimmed(field));
        let question = question.replace("{page}", page).replace("{it}", it);
        let fields = action.fields().map(|field| (field, visit.form.trimmed(field)));
        let fields: Vec<_> = [("do", name)].into_iter().chain(fields).collect();
        return Err(Notice::of(sure(visit, &question, &fields, called)));
    }
    if let Some(field) = missing {
        let fault = Some((field, "Nothing was given; expected a value.".to_owned()));
        return Err(Notice { above: html! {}, fault, status: 400 });
    }
    let values = action.parameters.iter();
    let values: Vec<_> =
        values.filter_map(|(parameter, source)| Some((*parameter, source.value(visit)?))).collect();
    match iam::call(visit, action.operation, &values).await {
        Ok(told) => Ok(Done { name: action.name, told, cli: line(visit, action) }),
        Err(problem) => Err(refusal(action, &problem)),
    }
}

fn missing(visit: &Visit<'_>, action: &Action) -> Option<&'static str> {
    action.parameters.iter().find_map(|(_, source)| match source {
        Source::Field(field) | Source::Secret(field) if visit.form.trimmed(field).is_empty() => {
            Some(*field)
        }
        _ => None,
    })
}

/// A refusal stands above the page, and at its field where it says which that is or where there is but one.
fn refusal(action: &Action, problem: &Problem) -> Notice {
    let mut fields = action.fields();
    let only = fields.next().filter(|_| fields.next().is_none() && problem.status != 403);
    let named = action.field_of(&problem.text).or_else(|| action.field_of_error(&problem.name));
    let fault = named.or(only);
    Notice {
        above: refused(action.failed, problem),
        fault: fault.map(|field| (field, problem.text.clone())),
        status: problem.status,
    }
}

/// The line of the AWS CLI that does the same. It holds no secret.
fn line(visit: &Visit<'_>, action: &Action) -> String {
    let mut words = vec!["iam".to_owned(), dashed(action.operation)];
    for (parameter, source) in action.parameters {
        let option = dashed(parameter);
        match (source, source.value(visit)) {
            (Source::Ticked(_), Some("true")) => words.push(format!("--{option}")),
            (Source::Ticked(_), _) => words.push(format!("--no-{option}")),
            (Source::Secret(_), _) => words.extend([format!("--{option}"), "…".to_owned()]),
            (_, Some(value)) => words.extend([format!("--{option}"), value.to_owned()]),
            (_, None) => {}
        }
    }
    cli::line(words.iter().map(String::as_str))
}

/// A name of the API as the AWS CLI spells it: `DeactivateMFADevice` is `deactivate-mfa-device`.
fn dashed(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut dashed = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let begins = before.is_some_and(|before| {
            !before.is_uppercase() || letters.get(at + 1).is_some_and(|next| next.is_lowercase())
        });
        if letter.is_uppercase() && begins {
            dashed.push('-');
        }
        dashed.extend(letter.to_lowercase());
    }
    dashed
}

/// A form that does one thing. What was typed into it stays until it is done, and what is wrong stands at its field.
pub(crate) struct Form<'a> {
    /// The page.
    pub(crate) visit: &'a Visit<'a>,
    /// What it says.
    pub(crate) notice: &'a Notice,
    /// The row of what it does.
    pub(crate) name: &'static str,
}

impl<'a> Form<'a> {
    /// A field of it, which begins with `value`.
    pub(crate) fn field(
        &self,
        name: &'a str,
        label: &'a str,
        hint: &'a str,
        value: &'a str,
    ) -> Field<'a> {
        let is_sent = self.visit.form.get("do") == self.name;
        let fault = self.notice.fault.as_ref().filter(|(field, _)| is_sent && *field == name);
        Field {
            name,
            label,
            hint,
            value: if is_sent { self.visit.form.trimmed(name) } else { value },
            fault: fault.map(|(_, text)| text.as_str()),
        }
    }

    /// The form with these fields, and with a button of this class that says `called`.
    pub(crate) fn around(&self, fields: &Markup, class: &str, called: &str) -> Markup {
        html! {
            form method="post" action=(self.visit.path) {
                (token(self.visit))
                input type="hidden" name="do" value=(self.name);
                (fields)
                button class=(class) type="submit" { (called) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_as_the_aws_cli_does() {
        for (name, spelled) in [
            ("CreateUser", "create-user"),
            ("DeactivateMFADevice", "deactivate-mfa-device"),
            ("ListSAMLProviders", "list-saml-providers"),
            ("PolicyArn", "policy-arn"),
        ] {
            assert_eq!(dashed(name), spelled);
        }
    }

    #[test]
    fn a_refusal_that_names_a_parameter_is_of_its_field() {
        let two = action(
            "x",
            "CreateLoginProfile",
            &[("UserName", Source::Field("user")), ("Password", Source::Secret("password"))],
        );
        let message = "1 validation error detected: Value '' at 'password' failed to satisfy";
        assert_eq!(two.field_of(message), Some("password"));
        assert_eq!(two.field_of("Value 'x' at 'elsewhere' failed"), None);
        let problem = |text: &str, status| Problem {
            status,
            name: "NoSuchEntity".to_owned(),
            text: text.to_owned(),
            request_id: None,
        };
        assert!(refusal(&two, &problem("no such user", 404)).fault.is_none(), "which of the two?");
        let one = action("x", "DeleteUser", &[("UserName", Source::Field("user"))]);
        assert_eq!(refusal(&one, &problem("no such user", 404)).fault.unwrap().0, "user");
        assert!(refusal(&one, &problem("not authorized", 403)).fault.is_none());
        let policy = action(
            "x",
            "CreatePolicy",
            &[("PolicyName", Source::Field("name")), ("PolicyDocument", Source::Field("policy"))],
        );
        for (name, field) in
            [("MalformedPolicyDocument", "policy"), ("EntityAlreadyExists", "name")]
        {
            let told = Problem { name: name.to_owned(), ..problem("in iam's words", 409) };
            assert_eq!(refusal(&policy, &told).fault.unwrap().0, field);
        }
    }
}
