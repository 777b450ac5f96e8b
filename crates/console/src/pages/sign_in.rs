//! `/sign-in`, and the links that sign in once.

use maud::{Markup, html};
use zeroize::Zeroizing;

use crate::facade::{Presented, Service, SignInRefused, SignedIn};
use crate::html::Field;
use crate::http::{Fields, Request, Response};
use crate::layout;
use crate::limits::REGION_CHARS_MAX;
use crate::sessions::Sessions;
use crate::visit::{COOKIE, address_here};

/// What the addresses of links begin with; the token follows.
pub(crate) const LINK: &str = "/link/";

/// Shows the form.
pub(crate) fn show(query: &Fields, region: &str) -> Response {
    let typed = Typed { next: address_here(query.get("next")), region, access_key_id: "" };
    layout::narrow(200, "Sign in", &form(&typed, None))
}

/// What was typed that is shown again. A secret never is.
struct Typed<'a> {
    next: &'a str,
    region: &'a str,
    access_key_id: &'a str,
}

fn form(typed: &Typed<'_>, fault: Option<&str>) -> Markup {
    let field = |name, label, hint, value| Field { name, label, hint, value, fault: None }.line();
    let secret = |name: &str, label: &str, hint: &str| {
        html! {
            div.field {
                label for=(name) { (label) }
                input id=(name) name=(name) type="password" autocomplete="off" aria-describedby={ (name) "-about" };
                p.hint id={ (name) "-about" } { (hint) }
            }
        }
    };
    html! {
        @if let Some(fault) = fault { p.fault role="alert" { (fault) } }
        form method="post" action="/sign-in" {
            input type="hidden" name="next" value=(typed.next);
            (field("access-key-id", "Access key ID", "Of a user, of root, or of a session.", typed.access_key_id))
            (secret("secret", "Secret access key", "Kept in the memory of the service until you sign out, never in the browser."))
            (secret("session-token", "Session token", "Only with temporary credentials."))
            (field("region", "Region", "Where your domains are.", typed.region))
            button type="submit" { "Sign in" }
        }
    }
}

/// Takes the form.
pub(crate) async fn take<S: Service>(
    sessions: &Sessions<S::Credentials>,
    service: &S,
    request: &Request,
    earlier: &str,
) -> Response {
    let text = Zeroizing::new(String::from_utf8_lossy(&request.form).into_owned());
    let fields = Fields::read(&text);
    let region = match fields.trimmed("region") {
        "" => service.region(),
        region => region.to_owned(),
    };
    let typed = Typed {
        next: address_here(fields.get("next")),
        region: &region,
        access_key_id: fields.trimmed("access-key-id"),
    };
    let again = |status, fault: &str| layout::narrow(status, "Sign in", &form(&typed, Some(fault)));
    if typed.access_key_id.is_empty() || fields.trimmed("secret").is_empty() {
        return again(400, "An access key ID and its secret are needed.");
    }
    if !is_region(&region) {
        let fault = format!(
            "The region is not one: expected letters a to z, digits and hyphens, at most {REGION_CHARS_MAX}."
        );
        return again(400, &fault);
    }
    let token = Some(fields.trimmed("session-token")).filter(|token| !token.is_empty());
    let presented = Presented::Key {
        access_key_id: typed.access_key_id.to_owned(),
        secret: Zeroizing::new(fields.trimmed("secret").to_owned()),
        session_token: token.map(|token| Zeroizing::new(token.to_owned())),
    };
    match service.sign_in(&request.visitor, presented).await {
        Ok(who) => begin(sessions, service, who, (region.clone(), earlier), typed.next),
        Err(SignInRefused::Wrong) => again(403, WRONG),
        Err(SignInRefused::TooMany(seconds)) => {
            again(429, &too_many(seconds)).with("retry-after", seconds.to_string())
        }
        Err(SignInRefused::Failed(words)) => again(503, &words),
    }
}

/// Whether a text can be a region: it is kept with the session and shown on each of its pages.
fn is_region(text: &str) -> bool {
    text.len() <= REGION_CHARS_MAX
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn too_many(seconds: u64) -> String {
    format!("Too many wrong tries. Try again in {seconds} s.")
}

/// Follows a link that signs in once.
pub(crate) async fn follow_link<S: Service>(
    sessions: &Sessions<S::Credentials>,
    service: &S,
    request: &Request,
    earlier: &str,
) -> Response {
    // Another site could sign a visitor in as whoever made the link.
    if request.fetch_site.as_deref() == Some("cross-site") {
        return layout::alone(
            403,
            "Sign in",
            "A page of another site led here: open the link itself.",
        );
    }
    let token = request.path.strip_prefix(LINK).unwrap_or_default();
    let presented = Presented::Link(Zeroizing::new(token.to_owned()));
    match service.sign_in(&request.visitor, presented).await {
        Ok(who) => begin(sessions, service, who, (service.region(), earlier), "/"),
        Err(SignInRefused::TooMany(seconds)) => layout::alone(429, "Sign in", &too_many(seconds))
            .with("retry-after", seconds.to_string()),
        Err(SignInRefused::Failed(words)) => layout::alone(503, "Sign in", &words),
        Err(SignInRefused::Wrong) => {
            let content = html! {
                p { "This link is not good, or was used already. It is good once." }
                p { a href="/sign-in" { "Sign in with an access key" } }
            };
            layout::narrow(403, "Sign in", &content)
        }
    }
}

/// A session under a new id; the one that the browser had before ends.
fn begin<S: Service>(
    sessions: &Sessions<S::Credentials>,
    service: &S,
    who: SignedIn<S::Credentials>,
    (region, earlier): (String, &str),
    next: &str,
) -> Response {
    let (Some(id), Some(token)) = (service.random(), service.random()) else {
        return layout::alone(503, "Sign in", "The system has no randomness to give.");
    };
    sessions.end(earlier);
    let id = sessions.begin(who, region, [id, token], service.now());
    let cookie = format!("{COOKIE}={id}; Path=/; Secure; HttpOnly; SameSite=Strict");
    Response::see(next).with("set-cookie", cookie)
}

/// One text for an unknown key, a wrong secret, a token that is damaged or has ended.
const WRONG: &str = "These credentials are not right, or are no longer good.";

#[cfg(test)]
mod tests {
    use crate::http::{Method, Request, query};
    use crate::testing::{Fake, Shown, console, request};

    fn sign_in(fake: &Fake, fields: &[(&str, &str)]) -> Shown {
        let form = query(fields).into_bytes();
        fake.ask(&console(), Request { form, ..request(Method::Post, "/sign-in") })
    }

    #[test]
    fn who_is_not_signed_in_is_led_to_the_form_and_back_to_the_page() {
        let fake = Fake::default();
        let page = fake.ask(&console(), request(Method::Get, "/domains/books?a=1"));
        assert_eq!(
            (page.response.status, page.header("location")),
            (303, "/sign-in?next=%2Fdomains%2Fbooks%3Fa%3D1")
        );
        let form = fake.ask(&console(), request(Method::Get, page.header("location")));
        form.shows(&["value=\"/domains/books?a=1\"", "type=\"password\""]);
        let right =
            [("access-key-id", "AKIAANN"), ("secret", "right"), ("next", "/domains/books?a=1")];
        assert_eq!(sign_in(&fake, &right).header("location"), "/domains/books?a=1");
        let elsewhere =
            [("access-key-id", "AKIAANN"), ("secret", "right"), ("next", "//evil.example")];
        assert_eq!(sign_in(&fake, &elsewhere).header("location"), "/");
    }

    #[test]
    fn the_cookie_is_for_this_host_alone_and_no_script_reads_it() {
        let page = sign_in(&Fake::default(), &[("access-key-id", "AKIAANN"), ("secret", "right")]);
        let cookie = page.header("set-cookie");
        assert!(cookie.starts_with("__Host-countersign="), "{cookie}");
        assert!(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{cookie}");
    }

    #[test]
    fn each_sign_in_has_a_new_id_and_ends_the_session_before() {
        let (fake, console) = (Fake::default(), console());
        let (first, _) = fake.signed_in(&console);
        let form = query(&[("access-key-id", "AKIAANN"), ("secret", "right")]).into_bytes();
        let again = Request { cookies: first.clone(), form, ..request(Method::Post, "/sign-in") };
        let again = fake.ask(&console, again);
        assert!(!again.header("set-cookie").starts_with(&first));
        let page = fake.ask(&console, Request { cookies: first, ..request(Method::Get, "/about") });
        assert_eq!(page.response.status, 303);
        let chosen = "__Host-countersign=chosen-by-somebody".to_owned();
        let page =
            fake.ask(&console, Request { cookies: chosen, ..request(Method::Get, "/about") });
        assert_eq!(page.response.status, 303);
    }

    #[test]
    fn a_refused_sign_in_keeps_the_id_and_shows_no_secret() {
        let page =
            sign_in(&Fake::default(), &[("access-key-id", "AKIA<b>"), ("secret", "wrong-secret")]);
        assert_eq!(page.response.status, 403);
        page.shows(&["These credentials are not right", "AKIA&lt;b&gt;"]);
        page.lacks(&["wrong-secret"]);
        assert_eq!(page.header("set-cookie"), "");
        assert_eq!(sign_in(&Fake::default(), &[("access-key-id", "AKIA")]).response.status, 400);
    }

    #[test]
    fn a_link_signs_in_and_another_does_not() {
        let follow = |token: &str| {
            Fake::default().ask(&console(), request(Method::Get, &format!("/link/{token}")))
        };
        assert_eq!((follow("once").response.status, follow("once").header("location")), (303, "/"));
        let refused = follow("twice");
        assert_eq!((refused.response.status, refused.header("set-cookie")), (403, ""));
    }

    #[test]
    fn a_link_that_another_site_leads_to_signs_nobody_in() {
        let fetch_site = Some("cross-site".to_owned());
        let asked = Request { fetch_site, ..request(Method::Get, "/link/once") };
        let page = Fake::default().ask(&console(), asked);
        assert_eq!((page.response.status, page.header("set-cookie")), (403, ""));
    }

    #[test]
    fn a_region_that_is_none_is_not_taken() {
        for region in ["a".repeat(65), "us east".to_owned(), "<b>".to_owned()] {
            let fields =
                [("access-key-id", "AKIAANN"), ("secret", "right"), ("region", region.as_str())];
            let page = sign_in(&Fake::default(), &fields);
            assert_eq!((page.response.status, page.header("set-cookie")), (400, ""));
            page.shows(&["The region is not one"]);
        }
    }

    #[test]
    fn signing_out_ends_the_session_here_and_in_the_browser() {
        let (fake, console) = (Fake::default(), console());
        let (cookies, token) = fake.signed_in(&console);
        let form = query(&[("token", &token)]).into_bytes();
        let out = Request { cookies: cookies.clone(), form, ..request(Method::Post, "/sign-out") };
        let out = fake.ask(&console, out);
        assert!(out.header("set-cookie").contains("Max-Age=0"));
        let page = fake.ask(&console, Request { cookies, ..request(Method::Get, "/about") });
        assert_eq!(page.response.status, 303);
    }

    #[test]
    fn a_session_that_has_ended_leads_to_the_form() {
        let (fake, console) = (Fake::default(), console());
        let (cookies, _) = fake.signed_in(&console);
        *fake.seconds.lock().unwrap() = 3_600;
        let page = fake.ask(&console, Request { cookies, ..request(Method::Get, "/about") });
        assert_eq!(page.header("location"), "/sign-in?next=%2Fabout");
    }
}
