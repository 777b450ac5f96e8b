//! `/password`: changes the own password. Who must change it first sees no other page.

use maud::{Markup, html};

use crate::api::Problem;
use crate::cli;
use crate::facade::Pending;
use crate::html::{command, refused, secret_field};
use crate::http::encoded;
use crate::iam;
use crate::layout::{self, Page, token};
use crate::sessions::SessionChange;
use crate::visit::{Reply, Visit, address_here};

/// Where it is.
pub(crate) const ADDRESS: &str = "/password";

/// Shows the form.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move { page(visit, None, None, 200) })
}

/// Changes the password.
pub(crate) fn change<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let [old, new, again] = ["old", "new", "again"].map(|name| visit.form.get(name));
        let fault = match (old, new) {
            ("", _) => Some(("old", "It is missing.")),
            (_, "") => Some(("new", "It is missing.")),
            (_, new) if new != again => Some(("again", "It is not the new password.")),
            _ => None,
        };
        if fault.is_some() {
            return page(visit, fault, None, 400);
        }
        let fields = [("OldPassword", old), ("NewPassword", new)];
        match iam::call(visit, "ChangePassword", &fields).await {
            Err(problem) => page(visit, None, Some(&problem), problem.status),
            Ok(_) => {
                let mut reply = Reply::done(next(visit), "Your password was changed.", line());
                reply.changes.push(SessionChange::PasswordChanged);
                reply
            }
        }
    })
}

fn next<'v>(visit: &'v Visit<'_>) -> &'v str {
    match visit.query.get("next") {
        next if next.starts_with(ADDRESS) => "/",
        next => address_here(next),
    }
}

fn line() -> String {
    cli::line(["iam", "change-password", "--old-password", "OLD", "--new-password", "NEW"])
}

fn page(
    visit: &Visit<'_>,
    fault: Option<(&str, &str)>,
    problem: Option<&Problem>,
    status: u16,
) -> Reply {
    let fault_of = |name: &str| fault.filter(|(field, _)| *field == name).map(|(_, why)| why);
    let form = html! {
        @if let Some(problem) = problem { (refused("The password was not changed", problem)) }
        form method="post" action={ (ADDRESS) "?next=" (encoded(next(visit))) } {
            (token(visit))
            (secret_field("old", "Old password", "", fault_of("old")))
            (secret_field("new", "New password", "As your account's password policy requires.", fault_of("new")))
            (secret_field("again", "New password, again", "", fault_of("again")))
            button type="submit" { "Change the password" }
        }
    };
    if visit.must_change_password {
        return layout::narrow(status, "Change your password", &first(visit, &form)).into();
    }
    let content = html! { section { (form) } (command("The same with the AWS CLI", &line())) };
    let above = [("/sessions".to_owned(), "You")];
    Page { title: "Change your password", above: &above, content }.with_status(visit, status)
}

/// The form of who sees no other page before.
fn first(visit: &Visit<'_>, form: &Markup) -> Markup {
    html! {
        p { "You are signed in as " code { (visit.owner) } ", and your password must be changed before anything else." }
        (form)
        form.actions method="post" action="/sign-out" { (token(visit)) button.quiet type="submit" { "Sign out" } }
    }
}

#[cfg(test)]
mod tests {
    use crate::http::{Method, Request, query};
    use crate::testing::{Fake, console, request};

    const RIGHT: [(&str, &str); 3] =
        [("old", "old-Secret-1"), ("new", "new-Secret-1"), ("again", "new-Secret-1")];

    #[test]
    fn a_password_is_changed_by_the_call_of_iam() {
        let page = Fake::default().says("ChangePassword", "").post("/password", &RIGHT);
        assert_eq!((page.response.status, page.header("location")), (303, "/"));
        let sent = String::from_utf8(page.calls[0].body.clone()).unwrap();
        assert!(sent.contains("OldPassword=old-Secret-1&NewPassword=new-Secret-1"), "{sent}");
    }

    #[test]
    fn what_is_missing_or_differs_is_said_of_its_field_and_no_password_is_shown() {
        for (field, value, why) in
            [("old", "", "It is missing"), ("again", "other", "It is not the new password")]
        {
            let fields = RIGHT.map(|(name, old)| (name, if name == field { value } else { old }));
            let page = Fake::default().post("/password", &fields);
            assert_eq!((page.response.status, page.calls.len()), (400, 0));
            page.shows(&[why, "aria-invalid=\"true\""]);
            page.lacks(&["new-Secret-1"]);
        }
    }

    #[test]
    fn a_refusal_is_told_in_the_words_of_the_api() {
        let fake = Fake::default().denies("ChangePassword", "The old password was incorrect.");
        let page = fake.post("/password", &RIGHT);
        assert_eq!(page.response.status, 403);
        page.shows(&["The old password was incorrect."]);
    }

    #[test]
    fn who_must_change_the_password_sees_no_other_page_before() {
        let (fake, console) = (Fake::default().says("ChangePassword", ""), console());
        let form = query(&[("account", "123456789012"), ("user", "new"), ("password", "right")]);
        let form = form.into_bytes();
        let entered = fake.ask(&console, Request { form, ..request(Method::Post, "/sign-in") });
        let cookies = entered.header("set-cookie").split(';').next().unwrap().to_owned();
        let get = |target: &str| {
            fake.ask(&console, Request { cookies: cookies.clone(), ..request(Method::Get, target) })
        };
        let led = get("/domains/books?a=1");
        assert_eq!(led.header("location"), "/password?next=%2Fdomains%2Fbooks%3Fa%3D1");
        let page = get(led.header("location"));
        page.shows(&["must be changed before anything else", "Sign out"]);
        page.lacks(&["href=\"/domains\""]);
        let (_, rest) = page
            .text()
            .split_once("name=\"token\" value=\"")
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        let token = rest.split('"').next().unwrap().to_owned();
        let form = query(&[&RIGHT[..], &[("token", &token)]].concat()).into_bytes();
        let changed = Request {
            cookies: cookies.clone(),
            form,
            ..request(Method::Post, "/password?next=%2Fdomains%2Fbooks%3Fa%3D1")
        };
        assert_eq!(fake.ask(&console, changed).header("location"), "/domains/books?a=1");
        assert_eq!(get("/about").response.status, 200);
    }
}
