//! `/identities/new-role`: a role is created, with a trust policy from a template.

use maud::{Markup, html};
use policy::PolicyKind;
use policy::template::{trust_federation, trust_principals, trust_service};

use crate::api::Problem;
use crate::cli;
use crate::facade::Pending;
use crate::html::{Field, command, refused};
use crate::http::{Response, encoded};
use crate::iam;
use crate::layout::{Page, token};
use crate::policies;
use crate::visit::{Reply, Visit};

/// Whom a role can trust: the name in forms, and what it is called.
const TEMPLATES: &[(&str, &str)] = &[
    ("principals", "Users, roles or accounts, by sts:AssumeRole"),
    ("service", "Programs that the service gives credentials to (workloads), as a task role"),
    (
        "oidc",
        "People who sign in with an OpenID Connect provider, by sts:AssumeRoleWithWebIdentity",
    ),
    ("saml", "People who sign in with a SAML provider, by sts:AssumeRoleWithSAML"),
    ("own", "Write it myself"),
];

/// What SAML assertions are for: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_saml.html>.
const SAML_AUDIENCE: &str = "https://signin.aws.amazon.com/saml";

/// What is wrong with a field.
type RoleFault = (&'static str, String);

/// What was typed, or what the form begins with.
struct TypedRole<'a> {
    name: &'a str,
    description: &'a str,
    seconds: &'a str,
    template: &'a str,
    principals: Vec<&'a str>,
    service: &'a str,
    provider: &'a str,
    audience: &'a str,
    subject: &'a str,
    own: &'a str,
}

impl<'a> TypedRole<'a> {
    fn read(visit: &'a Visit<'_>) -> Self {
        let form = &visit.form;
        let or = |name: &str, default: &'a str| match form.has(name) {
            true => form.trimmed(name),
            false => default,
        };
        Self {
            name: form.trimmed("name"),
            description: form.trimmed("description"),
            seconds: or("seconds", "3600"),
            template: or("template", "principals"),
            principals: match form.has("principals") {
                true => form.words("principals"),
                false => vec![visit.account.as_str()],
            },
            service: or("service", "ecs-tasks.amazonaws.com"),
            provider: form.trimmed("provider"),
            audience: form.trimmed("audience"),
            subject: form.trimmed("subject"),
            own: form.get("own"),
        }
    }

    /// The trust policy.
    fn trust(&self) -> String {
        match self.template {
            "service" => trust_service(self.service),
            "oidc" => {
                let host = self.provider.split_once(":oidc-provider/").map_or("HOST", |(_, it)| it);
                let keys =
                    [(format!("{host}:aud"), self.audience), (format!("{host}:sub"), self.subject)];
                let known = keys.iter().filter(|(_, value)| !value.is_empty());
                let known: Vec<_> = known.map(|(key, value)| (key.as_str(), *value)).collect();
                trust_federation(self.provider, "sts:AssumeRoleWithWebIdentity", &known)
            }
            "saml" => {
                let audience = [("SAML:aud", SAML_AUDIENCE)];
                trust_federation(self.provider, "sts:AssumeRoleWithSAML", &audience)
            }
            "own" => self.own.replace("\r\n", "\n"),
            _ => trust_principals(self.principals.iter().copied()),
        }
    }

    /// What is missing, or cannot be, by field.
    fn fault(&self) -> Option<RoleFault> {
        let (field, text) = self.missing()?;
        Some((field, text.to_owned()))
    }

    /// The same of numbers and of a policy: what was seen, and what is expected.
    fn unfit(&self) -> Option<RoleFault> {
        let seconds: Option<u32> = self.seconds.parse().ok();
        if !self.seconds.is_empty() && seconds.is_none() {
            let seen = self.seconds;
            return Some((
                "seconds",
                format!("Seen {seen:?}; expected a number of seconds, 3600 to 43200."),
            ));
        }
        let fault = policies::fault(self.own, PolicyKind::Trust);
        fault.filter(|_| self.template == "own").map(|fault| ("own", fault))
    }

    /// The field that a refusal is about, as far as its words tell.
    fn fault_of(&self, problem: &Problem) -> Option<RoleFault> {
        let of_trust = match self.template {
            "service" => "service",
            "oidc" | "saml" => "provider",
            "own" => "own",
            _ => "principals",
        };
        let field = match problem.name.as_str() {
            _ if problem.status == 403 => return None,
            "EntityAlreadyExists" => "name",
            "MalformedPolicyDocument" => of_trust,
            _ if problem.text.contains("'roleName'") => "name",
            _ if problem.text.contains("axSessionDuration") => "seconds",
            _ if problem.text.contains("'description'") => "description",
            _ if problem.text.contains("ssumeRolePolicyDocument") => of_trust,
            _ => return None,
        };
        Some((field, problem.text.clone()))
    }

    /// What is missing, by field.
    fn missing(&self) -> Option<(&'static str, &'static str)> {
        let empty = |text: &str| text.trim().is_empty();
        match self.template {
            _ if self.name.is_empty() => Some(("name", "Nothing was given; expected a name.")),
            "principals" if self.principals.is_empty() => {
                Some(("principals", "Nothing was given; expected at least one ARN or account."))
            }
            "service" if empty(self.service) => Some((
                "service",
                "Nothing was given; expected a service, such as ecs-tasks.amazonaws.com.",
            )),
            "oidc" | "saml" if empty(self.provider) => {
                Some(("provider", "Nothing was given; expected the ARN of a provider."))
            }
            "oidc" if empty(self.subject) && empty(self.audience) => Some((
                "subject",
                "Nothing was given; expected a subject or an audience: without one, everybody at the provider gets the role.",
            )),
            "own" if empty(self.own) => Some(("own", "Nothing was given; expected a policy.")),
            _ => None,
        }
    }

    fn line(&self) -> String {
        let trust = self.trust();
        let mut words = vec!["iam", "create-role", "--role-name", self.name];
        words.extend(["--assume-role-policy-document", &trust]);
        for (option, value) in
            [("--max-session-duration", self.seconds), ("--description", self.description)]
        {
            // As the call leaves it out, too.
            if !value.is_empty() {
                words.extend([option, value]);
            }
        }
        cli::line(words)
    }
}

/// Shows the form.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move { page(visit, &TypedRole::read(visit), None, None) })
}

/// The trust policy as the form stands, with what lint finds: a piece of a page.
pub(crate) fn preview<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    let piece = checked(&TypedRole::read(visit).trust()).into_string();
    Box::pin(async move { Response::html(200, piece).into() })
}

/// Creates the role; with the button of the preview only shows the form again.
pub(crate) fn create<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let typed = TypedRole::read(visit);
        if visit.form.has("look") {
            return page(visit, &typed, None, None);
        }
        if let Some(fault) = typed.fault().or_else(|| typed.unfit()) {
            return page(visit, &typed, Some(fault), None);
        }
        let trust = typed.trust();
        let mut sent = vec![("RoleName", typed.name), ("AssumeRolePolicyDocument", &trust)];
        sent.extend([("Description", typed.description), ("MaxSessionDuration", typed.seconds)]);
        sent.retain(|(_, value)| !value.is_empty());
        match iam::call(visit, "CreateRole", &sent).await {
            Ok(_) => {
                let text = format!("Role {} was created. It can do nothing yet.", typed.name);
                let address = format!("/identities/roles/{}", encoded(typed.name));
                Reply::done(&address, text, typed.line())
            }
            Err(problem) => {
                let fault = typed.fault_of(&problem);
                page(visit, &typed, fault, Some(&problem))
            }
        }
    })
}

fn checked(trust: &str) -> Markup {
    html! { (command("Trust policy", trust)) (policies::linted_as(trust, PolicyKind::Trust)) }
}

fn page(
    visit: &Visit<'_>,
    typed: &TypedRole<'_>,
    fault: Option<RoleFault>,
    problem: Option<&Problem>,
) -> Reply {
    let content = html! {
        @if let Some(problem) = problem { (refused("The role was not created", problem)) }
        form method="post" action="/identities/new-role" data-preview="/identities/new-role/preview" {
            (token(visit))
            (fields(typed, fault.as_ref()))
            section {
                h2 { "What will be set" }
                div #preview aria-live="polite" { (checked(&typed.trust())) }
                div.actions {
                    button type="submit" { "Create" }
                    button.quiet type="submit" name="look" value="1" { "Look again" }
                }
            }
        }
        @if !typed.name.is_empty() { (command("The same with the AWS CLI", &typed.line())) }
    };
    let above = [("/identities".to_owned(), "Identities")];
    let status = problem.map_or(if fault.is_some() { 400 } else { 200 }, |problem| problem.status);
    Page { title: "Create a role", above: &above, content }.with_status(visit, status)
}

fn fields(typed: &TypedRole<'_>, fault: Option<&RoleFault>) -> Markup {
    let field = |name, label, hint, value| {
        let fault = fault.filter(|(field, _)| *field == name).map(|(_, text)| text.as_str());
        Field { name, label, hint, value, fault }
    };
    let principals = typed.principals.join("\n");
    html! {
        div.columns {
            section {
                h2 { "Role" }
                (field("name", "Name", "Letters, digits and +=,.@_-", typed.name).line())
                (field("description", "Description", "May be empty.", typed.description).line())
                (field("seconds", "Longest session", "Seconds, 3600 to 43200.", typed.seconds).line())
            }
            section {
                h2 { "Whom it trusts" }
                fieldset {
                    legend { "Template" }
                    @for (name, called) in TEMPLATES {
                        label { input type="radio" name="template" value=(name) checked[*name == typed.template]; " " (called) }
                    }
                }
                div.for-principals { (field("principals", "Roles, users, accounts", "ARNs or account numbers, one per line.", &principals).lines(3)) }
                div.for-service { (field("service", "Service", "The name of its principal, such as ecs-tasks.amazonaws.com.", typed.service).line()) }
                div.for-federation { (field("provider", "Provider", "Its ARN, such as arn:aws:iam::123456789012:oidc-provider/HOST.", typed.provider).line()) }
                div.for-oidc {
                    (field("audience", "Audience", "The client id that the tokens are issued for.", typed.audience).line())
                    (field("subject", "Subject", "Whose tokens: the claim sub. A star stands for any characters.", typed.subject).line())
                }
                div.for-own { (field("own", "Own policy", "JSON.", typed.own).lines(6)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Fake;

    const PAGE: &str = "/identities/new-role";

    #[test]
    fn each_template_trusts_whom_it_says() {
        let provider = "arn:aws:iam::123456789012:oidc-provider/ci.example";
        for (fields, holds) in [
            (
                vec![("template", "principals"), ("principals", "111122223333")],
                "&quot;AWS&quot;: &quot;111122223333&quot;",
            ),
            (vec![("template", "service")], "ecs-tasks.amazonaws.com"),
            (
                vec![("template", "oidc"), ("provider", provider), ("subject", "repo:x:*")],
                "&quot;ci.example:sub&quot;: &quot;repo:x:*&quot;",
            ),
            (
                vec![
                    ("template", "saml"),
                    ("provider", "arn:aws:iam::123456789012:saml-provider/corp"),
                ],
                "&quot;SAML:aud&quot;",
            ),
            (vec![("template", "own"), ("own", "{}")], "{}"),
        ] {
            let piece = Fake::default().post(&format!("{PAGE}/preview"), &fields);
            piece.shows(&[holds]);
            piece.lacks(&["<html"]);
        }
    }

    #[test]
    fn a_role_is_created_and_shown_next() {
        let fields = [("name", "app"), ("principals", "123456789012"), ("seconds", "7200")];
        let page = Fake::default().says("CreateRole", "").post(PAGE, &fields);
        assert_eq!((page.response.status, page.header("location")), (303, "/identities/roles/app"));
        let body = String::from_utf8(page.calls[0].body.clone()).unwrap();
        assert!(
            body.contains("MaxSessionDuration=7200") && !body.contains("Description"),
            "{body}"
        );
    }

    #[test]
    fn what_is_left_empty_is_in_the_shown_command_no_more_than_in_the_call() {
        let fields = [("name", "app"), ("principals", "123456789012"), ("look", "1")];
        for (seconds, shown) in [("", false), ("7200", true)] {
            let page = Fake::default().post(PAGE, &[&fields[..], &[("seconds", seconds)]].concat());
            page.shows(&["iam create-role"]);
            match shown {
                true => page.shows(&["--max-session-duration 7200"]),
                false => page.lacks(&["--max-session-duration"]),
            }
        }
    }

    #[test]
    fn what_is_missing_is_told_at_its_field_and_what_was_typed_stays() {
        for (fields, says) in [
            (vec![("name", "")], "expected a name"),
            (vec![("name", "a"), ("principals", " ")], "expected at least one ARN"),
            (vec![("name", "a"), ("template", "saml")], "expected the ARN of a provider"),
            (
                vec![("name", "a"), ("template", "oidc"), ("provider", "p")],
                "expected a subject or an audience",
            ),
            (vec![("name", "a"), ("template", "own")], "expected a policy"),
        ] {
            let page = Fake::default().post(PAGE, &fields);
            assert_eq!(page.response.status, 400, "{fields:?}");
            page.shows(&[says]);
            assert!(page.calls.is_empty());
        }
        let page = Fake::default()
            .denies("CreateRole", "no iam:CreateRole")
            .post(PAGE, &[("name", "app"), ("principals", "123456789012")]);
        page.shows(&["The role was not created", "no iam:CreateRole", "value=\"app\""]);
    }
}
