//! What the ways to sign in have in common: what each of them knows of the request, and what begins when one succeeds.

use maud::{Markup, html};

use crate::attempts::{Attempt, Attempts};
use crate::facade::{Service, SignedIn};
use crate::html::facts;
use crate::http::{Fields, Request, Response, query};
use crate::layout;
use crate::limits::KEPT_FORM_BYTES_MAX;
use crate::sessions::{BegunAt, Sessions};
use crate::visit::COOKIE;

/// A request of somebody who signs in.
pub(crate) struct SigningIn<'a, S: Service> {
    /// All sessions.
    pub(crate) sessions: &'a Sessions<S::Credentials>,
    /// Sign-ins with identity providers that are under way.
    pub(crate) attempts: &'a Attempts,
    /// The service.
    pub(crate) service: &'a S,
    /// The request.
    pub(crate) request: &'a Request,
    /// The id that the browser had before.
    pub(crate) earlier: &'a str,
    /// Whether a form that was kept may be sent to an address.
    pub(crate) takes_form: fn(&str) -> bool,
}

/// A form that came when the session of its sender was over: it is sent again, by its sender, after the sign-in.
pub(crate) struct KeptForm {
    /// The address.
    pub(crate) to: String,
    /// Its fields, encoded.
    pub(crate) fields: String,
}

impl KeptForm {
    /// The form of a request, without what was good for the session before and what looks like a secret.
    pub(crate) fn of(request: &Request, takes_form: fn(&str) -> bool) -> Option<Self> {
        if !takes_form(&request.path) || request.form.len() > KEPT_FORM_BYTES_MAX {
            return None;
        }
        let read = Fields::read(&String::from_utf8_lossy(&request.form));
        let is_kept = |name: &str| {
            let name = name.to_ascii_lowercase();
            name != "token" && !name.contains("password") && !name.contains("secret")
        };
        let fields: Vec<(&str, &str)> = read.pairs().filter(|(name, _)| is_kept(name)).collect();
        Some(Self { to: request.path.clone(), fields: query(&fields) })
    }

    /// What the form of the sign-in has kept of one.
    pub(crate) fn read(fields: &Fields, takes_form: fn(&str) -> bool) -> Option<Self> {
        let to = fields.get("kept-to");
        let fits = !to.is_empty() && takes_form(to);
        fits.then(|| Self { to: to.to_owned(), fields: fields.get("kept").to_owned() })
    }
}

impl<S: Service> SigningIn<'_, S> {
    /// A session under a new id; the one that the browser had before ends.
    pub(crate) fn begin(
        &self,
        who: SignedIn<S::Credentials>,
        region: String,
        next: &str,
    ) -> Response {
        self.begun(who, region, |_token| Response::see(next))
    }

    /// The same for who was in the middle of a form: it is shown, to be sent by its sender.
    pub(crate) fn begin_again(
        &self,
        who: SignedIn<S::Credentials>,
        region: String,
        kept: &KeptForm,
    ) -> Response {
        let arn = who.arn.clone();
        self.begun(who, region, |token| {
            layout::narrow(200, "Signed in again", &to_send(&arn, kept, token))
        })
    }

    /// The same for who comes from a page of another site. The browser does not send the new cookie along when such a request is
    /// led on (`SameSite=Strict`), but it does when a page from here asks for the next. Nor did it send the cookie of the session
    /// that it had when the sign-in was begun, which ends.
    pub(crate) fn begin_from_elsewhere(
        &self,
        who: SignedIn<S::Credentials>,
        attempt: &Attempt,
    ) -> Response {
        let next = attempt.next.as_str();
        let content = html! { p { a href=(next) { "Go on" } } };
        self.begun(who, attempt.region.clone(), |_token| {
            self.sessions.end(&attempt.earlier);
            let page = layout::narrow(200, "Signed in", &content);
            page.with("refresh", format!("0; url={next}"))
        })
    }

    fn begun(
        &self,
        who: SignedIn<S::Credentials>,
        region: String,
        response: impl FnOnce(&str) -> Response,
    ) -> Response {
        let (Some(id), Some(token)) = (self.service.random(), self.service.random()) else {
            return layout::alone(503, "Sign in", "The system has no randomness to give.");
        };
        self.sessions.end(self.earlier);
        let begun_at = (region, BegunAt::of(&self.request.visitor));
        let id = self.sessions.begin(who, begun_at, [id, token], self.service.now());
        let cookie = format!("{COOKIE}={id}; Path=/; Secure; HttpOnly; SameSite=Strict");
        let found = self.sessions.find(&id, self.service.now());
        let form_token = found.map(|session| session.form_token).unwrap_or_default();
        response(&form_token).with("set-cookie", cookie)
    }
}

/// What was typed before, to be sent now.
fn to_send(arn: &str, kept: &KeptForm, token: &str) -> Markup {
    let fields = Fields::read(&kept.fields);
    let shown: Vec<(&str, String)> =
        fields.pairs().map(|(name, value)| (name, value.to_owned())).collect();
    html! {
        p { "Your session was over, so nothing was done. You are signed in as " code { (arn) } ", and this is what you had typed:" }
        (facts(&shown))
        form method="post" action=(kept.to) {
            input type="hidden" name="token" value=(token);
            @for (name, value) in fields.pairs() { input type="hidden" name=(name) value=(value); }
            button type="submit" { "Send it now" }
        }
        p { a href=(kept.to) { "Back to the page without it" } }
    }
}

/// What somebody reads who tried too often.
pub(crate) fn too_many(seconds: u64) -> String {
    format!("Too many wrong tries. Try again in {seconds} s.")
}

/// What somebody reads whose sign-in did not succeed elsewhere than at the form.
pub(crate) fn refused(status: u16, text: &str) -> Response {
    let content = html! {
        p { (text) }
        p { a href="/sign-in" { "Back to the sign-in" } }
    };
    layout::narrow(status, "Sign in", &content)
}
