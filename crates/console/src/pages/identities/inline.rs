//! `/identities/{users|groups|roles}/{name}/inline`: a policy of its own of a user, group or role, written or changed.

use maud::html;
use policy::PolicyKind;

use super::editor::{Asked, Editor, asked, typed};
use super::parts::document;
use crate::api::{Problem, text};
use crate::cli;
use crate::facade::Pending;
use crate::html::{Field, refused};
use crate::iam;
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// What a new policy begins with.
pub(crate) const BEGINNING: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "es:ESHttpGet",
      "Resource": "arn:aws:es:*:*:domain/dev/*"
    }
  ]
}"#;

/// Whose policy it is.
struct PolicyHolder<'a> {
    /// `User`, `Group` or `Role`.
    kind: &'static str,
    name: &'a str,
    /// The address of its page.
    page: &'a str,
}

impl<'a> PolicyHolder<'a> {
    fn of(visit: &'a Visit<'_>) -> Self {
        let (row, name) = visit.names.first().map_or(("", ""), |(row, name)| (*row, name.as_str()));
        let kind = match row {
            "role" => "Role",
            "group" => "Group",
            _ => "User",
        };
        let page = visit.path.strip_suffix("/inline").unwrap_or("/identities");
        Self { kind, name, page }
    }

    fn parameter(&self) -> String {
        format!("{}Name", self.kind)
    }
}

/// Shows the policy, or the beginning of one.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let holder = PolicyHolder::of(visit);
        let name = visit.query.trimmed("name");
        let old = match in_force(visit, &holder, name).await {
            Ok(old) => old,
            Err(problem) => return unreadable(visit, &holder, &problem),
        };
        let new = if old.is_empty() { BEGINNING.to_owned() } else { old.clone() };
        page(
            visit,
            &holder,
            &Edited { name, old: &old, new: &new, fault: None, problem: None },
            200,
        )
    })
}

/// Compares what was typed with what is in force, or sets it.
pub(crate) fn save<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let holder = PolicyHolder::of(visit);
        let (name, new) = (visit.form.trimmed("name"), typed(visit));
        let mut edited = Edited { name, old: "", new: &new, fault: None, problem: None };
        if name.is_empty() {
            edited.fault = Some("Nothing was given; expected a name.");
            return page(visit, &holder, &edited, 400);
        }
        let old = match in_force(visit, &holder, name).await {
            Ok(old) => old,
            Err(problem) => return unreadable(visit, &holder, &problem),
        };
        edited.old = &old;
        match asked(visit, &old, &new) {
            Asked::Comparison => return page(visit, &holder, &edited, 200),
            Asked::Uncompared => return page(visit, &holder, &edited, 409),
            Asked::Setting => {}
        }
        let parameter = holder.parameter();
        let sent =
            [(parameter.as_str(), holder.name), ("PolicyName", name), ("PolicyDocument", &new)];
        match iam::call(visit, &format!("Put{}Policy", holder.kind), &sent).await {
            Ok(_) => {
                let text = format!("The policy {name} of {} is in force.", holder.name);
                Reply::done(holder.page, text, line(&holder, name, &new))
            }
            Err(problem) => {
                let status = problem.status;
                page(visit, &holder, &Edited { problem: Some(&problem), ..edited }, status)
            }
        }
    })
}

/// The text in force; empty where there is none of this name.
async fn in_force(
    visit: &Visit<'_>,
    holder: &PolicyHolder<'_>,
    name: &str,
) -> Result<String, Problem> {
    if name.is_empty() {
        return Ok(String::new());
    }
    let parameter = holder.parameter();
    let of = [(parameter.as_str(), holder.name), ("PolicyName", name)];
    match iam::call(visit, &format!("Get{}Policy", holder.kind), &of).await {
        Ok(told) => Ok(document(text(&told, "/PolicyDocument"))),
        Err(problem) if problem.status == 404 => Ok(String::new()),
        Err(problem) => Err(problem),
    }
}

struct Edited<'a> {
    name: &'a str,
    old: &'a str,
    new: &'a str,
    fault: Option<&'a str>,
    problem: Option<&'a Problem>,
}

fn line(holder: &PolicyHolder<'_>, name: &str, policy: &str) -> String {
    let kind = holder.kind.to_ascii_lowercase();
    let name = if name.is_empty() { "NAME" } else { name };
    let (command, option) = (format!("put-{kind}-policy"), format!("--{kind}-name"));
    let of = ["--policy-name", name, "--policy-document", policy];
    cli::line([&["iam", &command, &option, holder.name][..], &of].concat())
}

fn page(visit: &Visit<'_>, holder: &PolicyHolder<'_>, edited: &Edited<'_>, status: u16) -> Reply {
    let name = Field {
        name: "name",
        label: "Name",
        hint: "Letters, digits and +=,.@_-. An existing policy of that name is changed.",
        value: edited.name,
        fault: edited.fault,
    };
    let editor = Editor {
        kind: PolicyKind::Identity,
        old: edited.old,
        new: edited.new,
        fields: name.line(),
        problem: edited.problem,
        cli: line(holder, edited.name, edited.new),
    };
    framed(visit, holder, editor.markup(visit, status), status)
}

fn unreadable(visit: &Visit<'_>, holder: &PolicyHolder<'_>, problem: &Problem) -> Reply {
    framed(visit, holder, refused("The policy cannot be read", problem), problem.status)
}

fn framed(
    visit: &Visit<'_>,
    holder: &PolicyHolder<'_>,
    content: maud::Markup,
    status: u16,
) -> Reply {
    let above = [("/identities".to_owned(), "Identities"), (holder.page.to_owned(), holder.name)];
    let title = format!("{}: inline policy", holder.name);
    Page { title: &title, above: &above, content: html! { (content) } }.with_status(visit, status)
}

#[cfg(test)]
mod tests {
    use crate::policies::digest;
    use crate::testing::Fake;

    const PAGE: &str = "/identities/roles/app/inline";
    const OLD: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"es:ESHttpGet","Resource":"*"}]}"#;

    fn fake() -> Fake {
        let encoded = crate::http::encoded(OLD);
        Fake::default()
            .says("GetRolePolicy", &format!("<PolicyDocument>{encoded}</PolicyDocument>"))
    }

    #[test]
    fn a_change_is_compared_and_shown_before_anything_is_set() {
        let new = OLD.replace("ESHttpGet", "*");
        let page = fake().post(PAGE, &[("name", "own"), ("policy", &new), ("compare", "1")]);
        page.shows(&["Wider", "It would let in", "aws iam put-role-policy --role-name app"]);
        let page = fake().post(PAGE, &[("name", "own"), ("policy", &new), ("set", "1")]);
        assert_eq!(page.response.status, 409);
        page.shows(&["Nothing was set"]);
        assert!(page.calls.iter().all(|call| !call.body.starts_with(b"Action=Put")));
    }

    #[test]
    fn what_was_compared_is_set() {
        let new = OLD.replace("ESHttpGet", "ESHttpHead");
        let compared = digest(&crate::html::pretty_text(OLD), &new);
        let page = fake().says("PutRolePolicy", "").post(
            PAGE,
            &[("name", "own"), ("policy", &new), ("set", "1"), ("compared", &compared)],
        );
        assert_eq!((page.response.status, page.header("location")), (303, "/identities/roles/app"));
        let body = String::from_utf8(page.calls[1].body.clone()).unwrap();
        assert!(body.contains("RoleName=app&PolicyName=own&PolicyDocument=%7B"), "{body}");
    }

    #[test]
    fn a_new_one_begins_with_a_template_and_needs_a_name() {
        let page = Fake::default().get("/identities/groups/readers/inline");
        page.shows(&["es:ESHttpGet", "None is in force yet", "/identities/groups/readers"]);
        let page = Fake::default().post("/identities/users/ann/inline", &[("policy", OLD)]);
        assert_eq!(page.response.status, 400);
        page.shows(&["Nothing was given; expected a name.", "ESHttpGet"]);
    }

    #[test]
    fn who_may_not_read_it_is_told_so() {
        let page = Fake::default()
            .denies("GetUserPolicy", "no iam:GetUserPolicy")
            .get("/identities/users/ann/inline?name=own");
        assert_eq!(page.response.status, 403);
        page.shows(&["no iam:GetUserPolicy"]);
    }
}
