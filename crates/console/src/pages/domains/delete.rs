//! `/domains/{domain}/delete`: deleting a domain with all its indices.

use maud::html;

use crate::api;
use crate::cli;
use crate::facade::Pending;
use crate::html::{Field, command, refused};
use crate::http::encoded;
use crate::layout::{Page, token};
use crate::visit::{Reply, Visit};

/// Asks for the domain's name.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move { page(visit, None, None, 200) })
}

/// Deletes the domain whose name was typed.
pub(crate) fn delete<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let name = visit.name("domain");
        let typed = visit.form.trimmed("name");
        if typed != name {
            let fault = format!("Seen {typed:?}; expected {name:?}.");
            return page(visit, Some(&fault), None, 400);
        }
        let call = api::opensearch(visit, "DELETE", &api::of_domain(name, ""), None);
        match api::json(visit, call).await {
            Ok(_) => {
                Reply::done("/domains", format!("Domain {name} is being deleted."), cli_line(visit))
            }
            Err(problem) => page(visit, None, Some(&problem), problem.status),
        }
    })
}

fn cli_line(visit: &Visit<'_>) -> String {
    let name = visit.name("domain");
    cli::line(["opensearch", "delete-domain", "--domain-name", name, "--region", visit.region()])
}

fn page(
    visit: &Visit<'_>,
    fault: Option<&str>,
    problem: Option<&api::Problem>,
    status: u16,
) -> Reply {
    let name = visit.name("domain");
    let address = format!("/domains/{}", encoded(name));
    let field = Field {
        name: "name",
        label: "Name of the domain",
        hint: "Type it to confirm.",
        value: visit.form.trimmed("name"),
        fault,
    };
    let content = html! {
        @if let Some(problem) = problem { (refused("The domain was not deleted", problem)) }
        section {
            p { "All its indices are deleted with it, and its endpoint closes. This cannot be undone." }
            form method="post" action={ (address) "/delete" } {
                (token(visit))
                (field.line())
                div.actions {
                    button.danger type="submit" { "Delete the domain" }
                    a.button.quiet href=(address) { "Keep it" }
                }
            }
        }
        (command("The same with the AWS CLI", &cli_line(visit)))
    };
    let above = [("/domains".to_owned(), "Domains"), (address.clone(), name)];
    Page { title: &format!("Delete {name}"), above: &above, content }.with_status(visit, status)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Fake;

    #[test]
    fn nothing_is_deleted_until_the_name_was_typed() {
        let fake = Fake::default().answers("/opensearch/domain/books", json!({}));
        let page = fake.post("/domains/books/delete", &[("name", "book")]);
        assert_eq!(page.response.status, 400);
        page.shows(&["Seen &quot;book&quot;; expected &quot;books&quot;."]);
        assert!(page.calls.is_empty());
        let page = fake.post("/domains/books/delete", &[("name", "books")]);
        assert_eq!((page.response.status, page.header("location")), (303, "/domains"));
        assert_eq!(page.calls[0].method, "DELETE");
    }
}
