//! **The table** of pages: address, method, what makes the page. A page's file is named as its address.

use crate::facade::Pending;
use crate::http::{Method, decoded};
use crate::pages::{about, activity, domains, health, identities, settings, sign_out};
use crate::pages::{own_sessions, password, switch_role};
use crate::visit::{Reply, Visit};

/// What makes a page.
pub(crate) type Page = for<'a> fn(&'a Visit<'a>) -> Pending<'a, Reply>;

/// A page.
pub struct RouteRow {
    /// The method.
    pub method: Method,
    /// The address; what stands in braces is a name.
    pub address: &'static str,
    pub(crate) page: Page,
}

const fn show(address: &'static str, page: Page) -> RouteRow {
    RouteRow { method: Method::Get, address, page }
}

const fn act(address: &'static str, page: Page) -> RouteRow {
    RouteRow { method: Method::Post, address, page }
}

/// Every page of who is signed in.
pub const TABLE: &[RouteRow] = &[
    show("/", domains::show),
    show("/domains", domains::show),
    show("/domains/new", domains::new::show),
    act("/domains/new", domains::new::launch),
    act("/domains/new/preview", domains::new::preview),
    show("/domains/{domain}", domains::domain::show),
    show("/domains/{domain}/configuration", domains::configuration::show),
    show("/domains/{domain}/policy", domains::policy::show),
    act("/domains/{domain}/policy", domains::policy::save),
    show("/domains/{domain}/indices", domains::indices::show),
    show("/domains/{domain}/indices/{index}", domains::index::show),
    show("/domains/{domain}/request", domains::request::show),
    act("/domains/{domain}/request", domains::request::send),
    show("/domains/{domain}/request/paths", domains::request::paths),
    show("/domains/{domain}/who-can", domains::who_can::show),
    show("/domains/{domain}/progress", domains::progress::show),
    show("/domains/{domain}/delete", domains::delete::show),
    act("/domains/{domain}/delete", domains::delete::delete),
    show("/identities", identities::show),
    act("/identities", identities::create),
    show("/identities/new-role", identities::new_role::show),
    act("/identities/new-role", identities::new_role::create),
    act("/identities/new-role/preview", identities::new_role::preview),
    show("/identities/new-policy", identities::new_policy::show),
    act("/identities/new-policy", identities::new_policy::create),
    act("/identities/new-policy/preview", identities::new_policy::preview),
    show("/identities/users/{user}", identities::user::show),
    act("/identities/users/{user}", identities::user::act),
    show("/identities/users/{user}/inline", identities::inline::show),
    act("/identities/users/{user}/inline", identities::inline::save),
    show("/identities/groups/{group}", identities::group::show),
    act("/identities/groups/{group}", identities::group::act),
    show("/identities/groups/{group}/inline", identities::inline::show),
    act("/identities/groups/{group}/inline", identities::inline::save),
    show("/identities/roles/{role}", identities::role::show),
    act("/identities/roles/{role}", identities::role::act),
    show("/identities/roles/{role}/inline", identities::inline::show),
    act("/identities/roles/{role}/inline", identities::inline::save),
    show("/identities/roles/{role}/trust", identities::trust::show),
    act("/identities/roles/{role}/trust", identities::trust::save),
    show("/identities/policies/{arn}", identities::policy::show),
    act("/identities/policies/{arn}", identities::policy::act),
    show("/identities/policies/{arn}/edit", identities::edit::show),
    act("/identities/policies/{arn}/edit", identities::edit::save),
    show("/activity", activity::search),
    show("/activity/denials", activity::denials::show),
    show("/activity/{id}", activity::request::show),
    show("/activity/{id}/repair", activity::repair::show),
    act("/activity/{id}/repair", activity::repair::make),
    show("/health", health::show),
    show("/settings", settings::show),
    show("/about", about::show),
    show(password::ADDRESS, password::show),
    act(password::ADDRESS, password::change),
    show(own_sessions::ADDRESS, own_sessions::show),
    act(own_sessions::ADDRESS, own_sessions::end),
    show(switch_role::ADDRESS, switch_role::show),
    act(switch_role::ADDRESS, switch_role::switch),
    act("/sign-out", sign_out::leave),
];

/// What is at an address.
pub(crate) enum Found {
    /// A page, with the names in its address.
    Page(&'static RouteRow, Vec<(&'static str, String)>),
    /// A page for another method.
    OtherMethod,
    /// None.
    Nothing,
}

/// Looks an address up.
pub(crate) fn find(method: Method, path: &str) -> Found {
    let mut other = false;
    for row in TABLE {
        let Some(names) = names(row.address, path) else { continue };
        if row.method == method {
            return Found::Page(row, names);
        }
        other = true;
    }
    if other { Found::OtherMethod } else { Found::Nothing }
}

/// The names of an address in a path that fits it.
fn names(address: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let mut names = Vec::new();
    let mut parts = path.split('/');
    for wanted in address.split('/') {
        let part = parts.next()?;
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(_) if part.is_empty() => return None,
            Some(name) => names.push((name, decoded(part))),
            None if wanted == part => {}
            None => return None,
        }
    }
    parts.next().is_none().then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_name_has_it_decoded() {
        let Found::Page(row, names) = find(Method::Get, "/domains/a%20b/policy") else {
            panic!("no page")
        };
        assert_eq!(row.address, "/domains/{domain}/policy");
        assert_eq!(names, [("domain", "a b".to_owned())]);
    }

    #[test]
    fn an_address_of_its_own_stands_before_one_with_a_name() {
        let Found::Page(row, _) = find(Method::Get, "/domains/new") else { panic!("no page") };
        assert_eq!(row.address, "/domains/new");
    }

    #[test]
    fn what_is_nowhere_and_what_takes_another_method_differ() {
        assert!(matches!(find(Method::Get, "/nowhere"), Found::Nothing));
        assert!(matches!(find(Method::Get, "/domains/"), Found::Nothing));
        assert!(matches!(find(Method::Get, "/sign-out"), Found::OtherMethod));
    }
}
