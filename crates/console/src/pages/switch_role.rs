//! `/switchrole`: acts as a role from now on, and back. Addresses are as of Amazon's console:
//! `/switchrole?account=123456789012&roleName=reader&displayName=Reader`.

use maud::{Markup, html};

use crate::api::Problem;
use crate::cli;
use crate::facade::{ApiCall, Destination, Pending};
use crate::html::{Field, command, refused};
use crate::http::{Fields, query};
use crate::iam;
use crate::layout::{Page, switch_back, token};
use crate::limits::DISPLAY_NAME_CHARS_MAX;
use crate::sessions::{RoleName, SessionChange};
use crate::visit::{Reply, Visit};

/// Where it is.
pub(crate) const ADDRESS: &str = "/switchrole";

/// Shows the form.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move { page(visit, &visit.query, None, None, 200) })
}

/// Switches to a role, or back.
pub(crate) fn switch<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        if visit.form.get("do") == "back" {
            let text = format!("You act as {} again.", visit.owner);
            let mut reply = Reply::done("/", text, String::new());
            reply.changes.push(SessionChange::SwitchBack);
            return reply;
        }
        let role = match typed(visit) {
            Ok(role) => role,
            Err(fault) => return page(visit, &visit.form, Some(fault), None, 400),
        };
        match visit.api.assume(call(visit, &role)).await {
            Ok(()) => {
                let text = format!("You act as {}.", role.arn());
                Reply { becomes: Some(role.clone()), ..Reply::done("/", text, line(visit, &role)) }
            }
            Err(answer) => {
                let problem = iam::problem(&answer);
                page(visit, &visit.form, None, Some(&problem), problem.status)
            }
        }
    })
}

/// The field that is at fault, and what is expected there.
type Fault = (&'static str, &'static str);

/// The role that was typed.
fn typed(visit: &Visit<'_>) -> Result<RoleName, Fault> {
    let [account, name, display] =
        ["account", "roleName", "displayName"].map(|field| visit.form.trimmed(field));
    let known = visit.api.account_number(account);
    let account = known.ok_or(("account", "Expected the 12 digits of an account, or an alias."))?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c);
    let name = name.trim_start_matches('/');
    if name.is_empty() || name.len() > 512 || !name.chars().all(fits) {
        return Err((
            "roleName",
            "Expected the name of a role: letters, digits and _+=,.@- (with its path, if it has one).",
        ));
    }
    if display.chars().count() > DISPLAY_NAME_CHARS_MAX || display.contains(char::is_control) {
        return Err(("displayName", "Expected at most 64 characters."));
    }
    Ok(RoleName { account, name: name.to_owned(), display: display.to_owned() })
}

/// What the role's session is called: as who signed in.
fn session_name(visit: &Visit<'_>) -> String {
    let name = visit.owner.rsplit('/').next().unwrap_or_default();
    let fits = |c: &char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(*c);
    let name: String = name.chars().filter(fits).take(64).collect();
    if name.len() < 2 { format!("console{name}") } else { name }
}

/// Seconds of the role's session. Who is in a role already gets an hour at most (`AssumeRole` in chains).
fn seconds(visit: &Visit<'_>, role: &RoleName) -> i64 {
    let seconds = visit.api.role_seconds(&role.arn());
    if visit.owner.contains(":assumed-role/") { seconds.min(3_600) } else { seconds }
}

fn call(visit: &Visit<'_>, role: &RoleName) -> ApiCall {
    let (arn, name, seconds) = (role.arn(), session_name(visit), seconds(visit, role).to_string());
    let fields = [
        ("Action", "AssumeRole"),
        ("Version", "2011-06-15"),
        ("RoleArn", &arn),
        ("RoleSessionName", &name),
        ("DurationSeconds", &seconds),
    ];
    ApiCall {
        to: Destination::Control("sts"),
        region: visit.region().to_owned(),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        content_type: Some("application/x-www-form-urlencoded"),
        body: query(&fields).into_bytes(),
    }
}

fn line(visit: &Visit<'_>, role: &RoleName) -> String {
    let (arn, name) = (role.arn(), session_name(visit));
    cli::line(["sts", "assume-role", "--role-arn", &arn, "--role-session-name", &name])
}

fn page(
    visit: &Visit<'_>,
    shown: &Fields,
    fault: Option<Fault>,
    problem: Option<&Problem>,
    status: u16,
) -> Reply {
    let field = |name, label, hint| {
        let fault = fault.filter(|(field, _)| *field == name).map(|(_, why)| why);
        Field { name, label, hint, value: shown.trimmed(name), fault }.line()
    };
    let content = html! {
        @if let Some(problem) = problem { (refused("The role was not assumed", problem)) }
        @if let Some(role) = &visit.role {
            section {
                h2 { "You act as " (role.shown()) }
                p { code { (visit.arn) } }
                (switch_back(visit))
            }
        }
        section {
            p { "Every page acts with the role's permissions, and without your own, until you switch back." }
            form method="post" action=(ADDRESS) {
                (token(visit))
                (field("account", "Account", "12 digits, or an alias."))
                (field("roleName", "Role", "Its trust policy must let you in."))
                (field("displayName", "Display name", "What it is shown as here. It may be left out."))
                button type="submit" { "Switch role" }
            }
        }
        @if !visit.memory.roles.is_empty() {
            section {
                h2 { "Roles of this session" }
                ul.names { @for role in &visit.memory.roles { li { (again(visit, role)) } } }
            }
        }
        (command("The same with the AWS CLI", &cli::line(["sts", "assume-role", "--role-arn", "ARN", "--role-session-name", &session_name(visit)])))
    };
    let above = [("/sessions".to_owned(), "You")];
    Page { title: "Switch role", above: &above, content }.with_status(visit, status)
}

/// A button that switches to a role of before.
fn again(visit: &Visit<'_>, role: &RoleName) -> Markup {
    html! {
        form.inline method="post" action=(ADDRESS) {
            (token(visit))
            input type="hidden" name="account" value=(role.account);
            input type="hidden" name="roleName" value=(role.name);
            input type="hidden" name="displayName" value=(role.display);
            button.quiet type="submit" { (role.shown()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::facade::SignInRefused;
    use crate::http::{Method, Request, query};
    use crate::testing::{Fake, Shown, console, refusal, request};

    const READER: [(&str, &str); 3] =
        [("account", "123456789012"), ("roleName", "team/reader"), ("displayName", "<b>Reader")];

    #[test]
    fn a_role_is_assumed_shown_and_left_again() {
        let (fake, console) =
            (Fake::default().answers("AssumeRole", serde_json::json!({})), console());
        let (cookies, token) = fake.signed_in(&console);
        let get = |target: &str| -> Shown {
            fake.ask(&console, Request { cookies: cookies.clone(), ..request(Method::Get, target) })
        };
        let post = |fields: &[(&str, &str)], token: &str| -> Shown {
            let form = query(&[fields, &[("token", token)]].concat()).into_bytes();
            let cookies = cookies.clone();
            fake.ask(&console, Request { cookies, form, ..request(Method::Post, "/switchrole") })
        };
        let switched = post(&READER, &token);
        assert_eq!((switched.response.status, switched.header("location")), (303, "/"));
        let sent = String::from_utf8(switched.calls[0].body.clone()).unwrap();
        assert!(sent.contains("role%2Fteam%2Freader&RoleSessionName=ann&"), "{sent}");
        let page = get("/about");
        page.shows(&[
            "&lt;b&gt;Reader",
            "Switch back",
            "assumed-role/assumed/ann",
            "aws sts assume-role",
        ]);
        page.lacks(&["<b>Reader"]);
        let before = post(&[("do", "back")], &token);
        assert_eq!(before.response.status, 403, "a form of before the switch");
        let text = page.text();
        let (_, shown) = text.split_once("name=\"token\" value=\"").unwrap();
        post(&[("do", "back")], shown.split('"').next().unwrap());
        let page = get("/switchrole");
        page.shows(&["user/ann", "Roles of this session", "&lt;b&gt;Reader"]);
        page.lacks(&["Switch back"]);
    }

    #[test]
    fn who_is_gone_is_signed_out_although_the_role_that_it_switched_to_lives_on() {
        let switched = || {
            let fake = Fake::default().answers("AssumeRole", serde_json::json!({}));
            let console = console();
            let (cookies, token) = fake.signed_in(&console);
            let form = query(&[&READER[..], &[("token", &token)]].concat()).into_bytes();
            let sent = Request {
                cookies: cookies.clone(),
                form: form.clone(),
                ..request(Method::Post, "/switchrole")
            };
            assert_eq!(fake.ask(&console, sent).response.status, 303);
            (fake, console, cookies, form)
        };
        let (fake, console, cookies, _) = switched();
        let get = || Request { cookies: cookies.clone(), ..request(Method::Get, "/about") };
        *fake.gone.lock().unwrap() = Some(SignInRefused::Failed("It is broken.".to_owned()));
        let page = fake.ask(&console, get());
        assert_eq!((page.response.status, page.calls.len()), (503, 0), "not known to be gone");
        page.shows(&["It is broken."]);
        *fake.gone.lock().unwrap() = Some(SignInRefused::Wrong);
        let page = fake.ask(&console, get());
        assert_eq!(page.header("location"), "/sign-in?next=%2Fabout");
        *fake.gone.lock().unwrap() = None;
        assert_eq!(fake.ask(&console, get()).response.status, 303, "the session has ended");

        let (fake, console, cookies, form) = switched();
        *fake.gone.lock().unwrap() = Some(SignInRefused::Wrong);
        let sent = Request { cookies, form, ..request(Method::Post, "/switchrole") };
        let page = fake.ask(&console, sent);
        assert_eq!((page.response.status, page.calls.len()), (401, 0));
        page.shows(&["nothing was done"]);
    }

    #[test]
    fn a_role_that_is_gone_is_left_and_its_owner_stays_signed_in() {
        let fake = Fake::default().answers("AssumeRole", serde_json::json!({}));
        let console = console();
        let (cookies, token) = fake.signed_in(&console);
        let form = query(&[&READER[..], &[("token", &token)]].concat()).into_bytes();
        let cookie =
            || Request { cookies: cookies.clone(), ..request(Method::Get, "/domains?a=b") };
        fake.ask(&console, Request { form, ..request_of(&cookies) });
        *fake.role_gone.lock().unwrap() = Some(SignInRefused::Wrong);
        let page = fake.ask(&console, cookie());
        assert_eq!(page.header("location"), "/domains?a=b");
        *fake.role_gone.lock().unwrap() = None;
        let page = fake.ask(&console, cookie());
        page.shows(&["You no longer act as", "user/ann", "Nothing was done"]);
        page.lacks(&["assumed-role"]);
    }

    fn request_of(cookies: &str) -> Request {
        Request { cookies: cookies.to_owned(), ..request(Method::Post, "/switchrole") }
    }

    #[test]
    fn a_link_fills_the_form_in_and_switches_nothing() {
        let page = Fake::default()
            .get("/switchrole?account=123456789012&roleName=reader&displayName=%3Cb%3E");
        page.shows(&["value=\"reader\"", "value=\"123456789012\"", "value=\"&lt;b&gt;\""]);
        assert!(page.calls.is_empty());
    }

    #[test]
    fn what_cannot_be_a_role_is_said_of_its_field_and_what_was_typed_stays() {
        let long = "x".repeat(65);
        for (field, value) in
            [("account", "nobody"), ("roleName", "a b"), ("displayName", long.as_str())]
        {
            let fields = READER.map(|(name, old)| (name, if name == field { value } else { old }));
            let page = Fake::default().post("/switchrole", &fields);
            assert_eq!((page.response.status, page.calls.len()), (400, 0), "{field}");
            page.shows(&["Expected", "aria-invalid=\"true\"", &format!("value=\"{value}\"")]);
        }
    }

    #[test]
    fn a_refusal_is_told_and_the_session_stays_its_owners() {
        let fake = Fake::default()
            .refuses("AssumeRole", refusal("not authorized to perform: sts:AssumeRole"));
        let page = fake.post("/switchrole", &READER);
        assert_eq!(page.response.status, 403);
        page.shows(&[
            "The role was not assumed",
            "not authorized to perform: sts:AssumeRole",
            "user/ann",
        ]);
    }
}
