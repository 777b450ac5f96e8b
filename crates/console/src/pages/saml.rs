//! `/saml`: takes the response of a SAML provider, as Amazon's sign-in does, and shows the roles that it offers; `/saml/role`: signs in
//! as the one that was chosen. A page of the provider, or of anybody, may send a browser here: nobody is signed in until the
//! visitor has seen as whom.

use maud::{Markup, html};

use crate::facade::{ApiCall, Destination, Service, SignInRefused};
use crate::http::{Fields, Response, query};
use crate::iam;
use crate::layout;
use crate::signing_in::{SigningIn, refused, too_many};
use crate::visit::address_here;

/// Where responses go.
pub(crate) const ADDRESS: &str = "/saml";
/// Where the choice goes.
pub(crate) const ROLE: &str = "/saml/role";

/// Shows the roles that a response offers.
pub(crate) async fn offer<S: Service>(signing_in: &SigningIn<'_, S>) -> Response {
    let (service, request) = (signing_in.service, signing_in.request);
    let form = Fields::read(&String::from_utf8_lossy(&request.form));
    let response = form.get("SAMLResponse");
    let offers = match service.offered_roles(&request.visitor, response).await {
        Ok(offers) => offers,
        Err(SignInRefused::Wrong) => {
            let text = "What your identity provider sent is not good for any role here: it is damaged, too old, of an unknown provider, or meant for another sign-in.";
            return refused(403, text);
        }
        Err(SignInRefused::TooMany(seconds)) => {
            return refused(429, &too_many(seconds)).with("retry-after", seconds.to_string());
        }
        Err(SignInRefused::Failed(words)) => return refused(503, &words),
    };
    let next = own_page(form.get("RelayState"), &request.host);
    layout::narrow(200, "Choose a role", &choice(&offers, response, next))
}

fn choice(offers: &[(String, String)], response: &str, next: &str) -> Markup {
    html! {
        p { "Your identity provider offers you:" }
        ul.names {
            @for (role, provider) in offers {
                li {
                    form method="post" action=(ROLE) {
                        input type="hidden" name="SAMLResponse" value=(response);
                        input type="hidden" name="role" value=(role);
                        input type="hidden" name="provider" value=(provider);
                        input type="hidden" name="next" value=(next);
                        button type="submit" { "Sign in as " (role.rsplit('/').next().unwrap_or(role)) }
                        p.hint { code { (role) } }
                    }
                }
            }
        }
        p.hint { "If you did not just sign in with your identity provider, close this page." }
    }
}

/// A page of this console, as a path or with its host before it; everything else is the first page.
fn own_page<'r>(relay_state: &'r str, host: &str) -> &'r str {
    let own = format!("https://{host}/");
    let path = relay_state.get(own.len() - 1..).filter(|_| relay_state.starts_with(&own));
    address_here(path.unwrap_or(relay_state))
}

/// Signs in as the role that was chosen.
pub(crate) async fn choose<S: Service>(signing_in: &SigningIn<'_, S>) -> Response {
    let form = Fields::read(&String::from_utf8_lossy(&signing_in.request.form));
    let (service, region) = (signing_in.service, signing_in.service.region());
    let fields = [
        ("Action", "AssumeRoleWithSAML"),
        ("Version", "2011-06-15"),
        ("RoleArn", form.get("role")),
        ("PrincipalArn", form.get("provider")),
        ("SAMLAssertion", form.get("SAMLResponse")),
    ];
    let call = ApiCall {
        to: Destination::Control("sts"),
        region: region.clone(),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        content_type: Some("application/x-www-form-urlencoded"),
        body: query(&fields).into_bytes(),
    };
    match service.assume(&signing_in.request.visitor, None, call).await {
        Ok(who) => signing_in.begin(who, region, address_here(form.get("next"))),
        Err(answer) => {
            let problem = iam::problem(&answer);
            refused(problem.status, &format!("You are not signed in: {}", problem.text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Method, Request};
    use crate::testing::{Fake, Shown, console, request};

    fn sent(target: &str, fields: &[(&str, &str)], origin: &str) -> Shown {
        let fake = Fake::default().answers("AssumeRoleWithSAML", serde_json::json!({}));
        let form = query(fields).into_bytes();
        let (origin, fetch_site) = (Some(origin.to_owned()), None);
        fake.ask(&console(), Request { form, origin, fetch_site, ..request(Method::Post, target) })
    }

    const IDP: &str = "https://idp.example";
    const HERE: &str = "https://localhost:9444";

    #[test]
    fn a_response_from_elsewhere_shows_its_roles_and_signs_nobody_in() {
        let page =
            sent("/saml", &[("SAMLResponse", "good"), ("RelayState", "/domains/books")], IDP);
        assert_eq!((page.response.status, page.header("set-cookie")), (200, ""));
        page.shows(&["Sign in as reader", "Sign in as writer", "value=\"/domains/books\""]);
        assert!(page.calls.is_empty());
        let page = sent("/saml", &[("SAMLResponse", "forged")], IDP);
        assert_eq!(page.response.status, 403);
        let page = sent("/saml", &[("SAMLResponse", "often")], IDP);
        assert_eq!((page.response.status, page.header("retry-after")), (429, "7"));
    }

    #[test]
    fn the_role_is_chosen_on_a_page_from_here_and_nowhere_else() {
        let chosen = [
            ("SAMLResponse", "good"),
            ("role", "arn:aws:iam::123456789012:role/reader"),
            ("next", "/about"),
        ];
        let page = sent("/saml/role", &chosen, HERE);
        assert_eq!((page.response.status, page.header("location")), (303, "/about"));
        assert!(page.header("set-cookie").starts_with("__Host-countersign="));
        let page = sent("/saml/role", &chosen, IDP);
        assert_eq!((page.response.status, page.header("set-cookie")), (403, ""));
        assert!(page.calls.is_empty());
    }

    #[test]
    fn a_relay_state_leads_to_pages_from_here_only() {
        let led = |relay_state| own_page(relay_state, "localhost:9444").to_owned();
        assert_eq!(led("/domains"), "/domains");
        assert_eq!(led("https://localhost:9444/domains?a=1"), "/domains?a=1");
        for elsewhere in
            ["https://evil.example/", "https://localhost:94449/", "//evil.example", "x", ""]
        {
            assert_eq!(led(elsewhere), "/", "{elsewhere}");
        }
    }
}
