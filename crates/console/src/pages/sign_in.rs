//! `/sign-in`, and the links that sign in once.

use maud::{Markup, html};
use zeroize::Zeroizing;

use crate::facade::{Presented, Service, SignInRefused};
use crate::html::{Field, secret_field};
use crate::http::{Fields, Response, encoded};
use crate::layout;
use crate::limits::REGION_CHARS_MAX;
use crate::signing_in::{KeptForm, SigningIn, too_many};
use crate::visit::address_here;

/// Where it is.
pub(crate) const ADDRESS: &str = "/sign-in";

/// What the addresses of links begin with; the token follows.
pub(crate) const LINK: &str = "/link/";

/// Shows the form: of a user's password, or with `?with=key` of an access key.
pub(crate) fn show<S: Service>(signing_in: &SigningIn<'_, S>) -> Response {
    let query = Fields::read(&signing_in.request.query);
    let (region, providers) = (signing_in.service.region(), signing_in.service.providers());
    let typed = Typed {
        next: address_here(query.get("next")),
        region: &region,
        by_key: query.get("with") == "key",
        account: query.trimmed("account"),
        providers: &providers,
        ..Typed::default()
    };
    layout::narrow(200, "Sign in", &form(&typed, None))
}

/// Shows the form to who sent another one when its session was over.
pub(crate) fn show_again<S: Service>(signing_in: &SigningIn<'_, S>, kept: &KeptForm) -> Response {
    let region = signing_in.service.region();
    let typed = Typed { next: &kept.to, region: &region, kept: Some(kept), ..Typed::default() };
    let fault =
        "Your session was over, so nothing was done. Sign in, and send what you typed again.";
    layout::narrow(401, "Sign in", &form(&typed, Some(fault)))
}

/// What was typed that is shown again. A secret never is.
#[derive(Default)]
struct Typed<'a> {
    next: &'a str,
    region: &'a str,
    by_key: bool,
    access_key_id: &'a str,
    account: &'a str,
    user: &'a str,
    providers: &'a [String],
    kept: Option<&'a KeptForm>,
}

fn form(typed: &Typed<'_>, fault: Option<&str>) -> Markup {
    let field = |name, label, hint, value| Field { name, label, hint, value, fault: None }.line();
    let way = |address: &str, here: bool, called: &str| {
        html! { a href={ (address) "next=" (encoded(typed.next)) } aria-current=[here.then_some("page")] { (called) } }
    };
    html! {
        @if typed.kept.is_none() {
            nav.tabs aria-label="Ways to sign in" {
                (way("/sign-in?", !typed.by_key, "IAM user"))
                (way("/sign-in?with=key&", typed.by_key, "Access key"))
                @for provider in typed.providers { (way(&format!("/oidc/{provider}?"), false, provider)) }
            }
        }
        @if let Some(fault) = fault { p.fault role="alert" { (fault) } }
        form method="post" action="/sign-in" {
            input type="hidden" name="next" value=(typed.next);
            @if let Some(kept) = typed.kept {
                input type="hidden" name="kept-to" value=(kept.to);
                input type="hidden" name="kept" value=(kept.fields);
            }
            @if typed.by_key || typed.kept.is_some() {
                (field("access-key-id", "Access key ID", "Of a user, of root, or of a session.", typed.access_key_id))
                (secret_field("secret", "Secret access key", "Kept in the memory of the service until you sign out, never in the browser.", None))
                (secret_field("session-token", "Session token", "Only with temporary credentials.", None))
            }
            @if typed.kept.is_some() { p.hint { "Or, instead of the key:" } }
            @if !typed.by_key || typed.kept.is_some() {
                (field("account", "Account", "12 digits, or the alias.", typed.account))
                (field("user", "User name", "", typed.user))
                (secret_field("password", "Password", "", None))
                (field("code", "MFA code", "If you have an MFA device: the six digits that it shows.", ""))
            }
            (field("region", "Region", "Where your domains are.", typed.region))
            button type="submit" { "Sign in" }
        }
    }
}

/// Takes the form.
pub(crate) async fn take<S: Service>(signing_in: &SigningIn<'_, S>) -> Response {
    let (service, request) = (signing_in.service, signing_in.request);
    let text = Zeroizing::new(String::from_utf8_lossy(&request.form).into_owned());
    let fields = Fields::read(&text);
    let region = match fields.trimmed("region") {
        "" => service.region(),
        region => region.to_owned(),
    };
    let providers = service.providers();
    let kept = KeptForm::read(&fields, signing_in.takes_form);
    let typed = Typed {
        next: address_here(fields.get("next")),
        region: &region,
        by_key: !fields.trimmed("access-key-id").is_empty()
            || (fields.has("access-key-id") && kept.is_none()),
        access_key_id: fields.trimmed("access-key-id"),
        account: fields.trimmed("account"),
        user: fields.trimmed("user"),
        providers: &providers,
        kept: kept.as_ref(),
    };
    let again = |status, fault: &str| layout::narrow(status, "Sign in", &form(&typed, Some(fault)));
    let presented = match presented(&fields, &typed) {
        Ok(presented) => presented,
        Err(fault) => return again(400, fault),
    };
    if !is_region(&region) {
        let fault = format!(
            "The region is not one: expected letters a to z, digits and hyphens, at most {REGION_CHARS_MAX}."
        );
        return again(400, &fault);
    }
    match service.sign_in(&request.visitor, presented).await {
        Ok(who) => match &kept {
            Some(kept) => signing_in.begin_again(who, region.clone(), kept),
            None => signing_in.begin(who, region.clone(), typed.next),
        },
        Err(SignInRefused::Wrong) if typed.by_key => again(403, WRONG),
        Err(SignInRefused::Wrong) => again(403, WRONG_PASSWORD),
        Err(SignInRefused::TooMany(seconds)) => {
            again(429, &too_many(seconds)).with("retry-after", seconds.to_string())
        }
        Err(SignInRefused::Failed(words)) => again(503, &words),
    }
}

/// What the form presents, if nothing that is needed is missing.
fn presented(fields: &Fields, typed: &Typed<'_>) -> Result<Presented, &'static str> {
    let secret = |name: &str| Zeroizing::new(fields.trimmed(name).to_owned());
    if typed.by_key {
        if typed.access_key_id.is_empty() || fields.trimmed("secret").is_empty() {
            return Err("An access key ID and its secret are needed.");
        }
        let token = Some(secret("session-token")).filter(|token| !token.is_empty());
        let access_key_id = typed.access_key_id.to_owned();
        return Ok(Presented::Key {
            access_key_id,
            secret: secret("secret"),
            session_token: token,
        });
    }
    // A password is as it was typed, spaces at its ends included.
    let password = Zeroizing::new(fields.get("password").to_owned());
    if typed.account.is_empty() || typed.user.is_empty() || password.is_empty() {
        return Err("An account, a user name and a password are needed.");
    }
    let code = fields.get("code").split_whitespace().collect::<String>();
    let code = Some(Zeroizing::new(code)).filter(|code| !code.is_empty());
    let (account, user) = (typed.account.to_owned(), typed.user.to_owned());
    Ok(Presented::Password { account, user, password, code })
}

/// Whether a text can be a region: it is kept with the session and shown on each of its pages.
fn is_region(text: &str) -> bool {
    text.len() <= REGION_CHARS_MAX
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// Follows a link that signs in once.
pub(crate) async fn follow_link<S: Service>(signing_in: &SigningIn<'_, S>) -> Response {
    let (service, request) = (signing_in.service, signing_in.request);
    // Another site could sign a visitor in as whoever made the link.
    if request.is_led_from_elsewhere() {
        return layout::alone(
            403,
            "Sign in",
            "A page of another site led here: open the link itself.",
        );
    }
    let token = request.path.strip_prefix(LINK).unwrap_or_default();
    let presented = Presented::Link(Zeroizing::new(token.to_owned()));
    match service.sign_in(&request.visitor, presented).await {
        Ok(who) => signing_in.begin(who, service.region(), "/"),
        Err(SignInRefused::TooMany(seconds)) => layout::alone(429, "Sign in", &too_many(seconds))
            .with("retry-after", seconds.to_string()),
        Err(SignInRefused::Failed(words)) => layout::alone(503, "Sign in", &words),
        Err(SignInRefused::Wrong) => {
            let content = html! {
                p { "This link is not good, or was used already. It is good once." }
                p { a href="/sign-in" { "Sign in" } }
            };
            layout::narrow(403, "Sign in", &content)
        }
    }
}

/// One text for an unknown key, a wrong secret, a token that is damaged or has ended.
const WRONG: &str = "These credentials are not right, or are no longer good.";

/// One text for an unknown account or user, a user without a password, a wrong password, and a code that is wrong, was used, is
/// missing, or of a device that takes none for a while.
const WRONG_PASSWORD: &str =
    "The account, the user name, the password or the MFA code is not right.";

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
        form.shows(&["value=\"/domains/books?a=1\"", "type=\"password\"", "name=\"user\""]);
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
        for site in ["cross-site", "same-site"] {
            let fetch_site = Some(site.to_owned());
            let asked = Request { fetch_site, ..request(Method::Get, "/link/once") };
            let page = Fake::default().ask(&console(), asked);
            assert_eq!((page.response.status, page.header("set-cookie")), (403, ""), "{site}");
        }
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

    const ANN: [(&str, &str); 3] =
        [("account", "123456789012"), ("user", "ann"), ("password", "right")];

    fn with(field: &str, value: &str) -> Shown {
        let fields = ANN.map(|(name, old)| (name, if name == field { value } else { old }));
        let code = if field == "code" { value } else { "" };
        sign_in(&Fake::default(), &[&fields[..], &[("code", code)]].concat())
    }

    #[test]
    fn a_user_signs_in_by_its_password_and_the_code_of_its_device() {
        assert_eq!(with("", "").response.status, 303);
        assert_eq!(with("code", "123 456").response.status, 303, "as devices show it");
        assert_eq!(with("user", "mfa").response.status, 403, "no code");
    }

    #[test]
    fn whatever_of_a_password_sign_in_is_wrong_reads_the_same_and_no_secret_is_shown() {
        let texts: Vec<String> = [
            ("account", "210987654321"),
            ("user", "mfa"),
            ("password", "wrong-secret"),
            ("code", "000000"),
        ]
        .map(|(field, value)| {
            let page = with(field, value);
            assert_eq!((page.response.status, page.header("set-cookie")), (403, ""));
            page.lacks(&["wrong-secret", "000000"]);
            page.text().replace(value, "").replace("123456789012", "").replace("\"ann\"", "\"\"")
        })
        .to_vec();
        assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
        for field in ["account", "user", "password"] {
            let page = with(field, "");
            assert_eq!(page.response.status, 400, "{field}");
            page.shows(&["are needed"]);
        }
    }

    #[test]
    fn what_was_typed_is_text_and_the_ways_to_sign_in_are_links() {
        let page = with("account", "<img src=x onerror=alert(1)>");
        page.shows(&[
            "&lt;img src=x",
            "/sign-in?with=key&amp;next=",
            "href=\"/oidc/people?next=%2F\"",
        ]);
        page.lacks(&["<img src"]);
        let page = Fake::default().ask(&console(), request(Method::Get, "/sign-in?with=key"));
        page.shows(&["Access key ID"]);
        page.lacks(&["MFA code"]);
    }

    #[test]
    fn what_was_typed_when_the_session_was_over_is_sent_after_the_next_sign_in() {
        let (fake, console) = (Fake::default(), console());
        let (cookies, token) = fake.signed_in(&console);
        *fake.seconds.lock().unwrap() = 3_600;
        let post = |path: &str, fields: &[(&str, &str)]| {
            let (cookies, form) = (cookies.clone(), query(fields).into_bytes());
            fake.ask(&console, Request { cookies, form, ..request(Method::Post, path) })
        };
        let typed = [
            ("token", token.as_str()),
            ("name", "<b>books"),
            ("secret-x", "hidden"),
            ("policy", "{\"a\": 1}"),
        ];
        let page = post("/domains/new", &typed);
        assert_eq!((page.response.status, page.calls.len()), (401, 0));
        let kept = "name=%3Cb%3Ebooks&amp;policy=%7B%22a%22%3A%201%7D";
        page.shows(&["nothing was done", "name=\"kept-to\" value=\"/domains/new\"", kept]);
        page.lacks(&["secret-x", token.as_str()]);
        let kept = [("kept-to", "/domains/new"), ("kept", "name=%3Cb%3Ebooks&policy=x")];
        let key = [("access-key-id", "AKIAANN"), ("secret", "right")];
        let again = post("/sign-in", &[&key[..], &kept].concat());
        assert_eq!((again.response.status, again.calls.len()), (200, 0));
        again.shows(&["action=\"/domains/new\"", "value=\"&lt;b&gt;books\"", "Send it now"]);
        let elsewhere = [("kept-to", "https://evil.example/"), ("kept", "a=b")];
        let led = post("/sign-in", &[&key[..], &elsewhere].concat());
        assert_eq!((led.response.status, led.header("location")), (303, "/"));
    }
}
