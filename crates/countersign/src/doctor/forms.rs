//! Which canonical forms an endpoint accepts: the same harmless request, signed in each of them. Its
//! path and query are odd on purpose, so that no two forms give the same canonical request.

use sigv4::Form;

use super::answer::Meaning;
use super::finding::Finding;

/// Reads an index that nobody has, with a plus, an escape and an order that has to be sorted.
pub(crate) const PATH: &str = "/countersign-doctor-%2A/_count";
/// Its query.
pub(crate) const QUERY: &str = "q=a+b&allow_no_indices=true";

/// A form, and whether the host is signed with or without the port, the other way than it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TriedForm {
    pub(crate) form: Form,
    pub(crate) other_port: bool,
}

impl TriedForm {
    /// All that are tried: each form, and the first with the other host.
    pub(crate) const ALL: [Self; 5] = [
        Self { form: Form::Aws, other_port: false },
        Self { form: Form::RawQuery, other_port: false },
        Self { form: Form::PlusLiteral, other_port: false },
        Self { form: Form::RawPath, other_port: false },
        Self { form: Form::Aws, other_port: true },
    ];

    fn name(self) -> String {
        let host = if self.other_port { " with the other port in host" } else { "" };
        format!("{}{host}", self.form)
    }
}

/// The host as it is signed when the port is left out, or put in.
pub(crate) fn other_host(sent: &str, port: u16) -> String {
    let after_bracket = sent.rfind(']').unwrap_or_default();
    match sent.rfind(':').filter(|colon| *colon >= after_bracket) {
        Some(colon) => sent.get(..colon).unwrap_or_default().to_owned(),
        None => format!("{sent}:{port}"),
    }
}

/// What the endpoint takes.
pub(crate) fn judge(answers: &[(TriedForm, Meaning)]) -> Finding {
    let (mut accepted, mut refused, mut untold) = (Vec::new(), Vec::new(), Vec::new());
    for (tried, meaning) in answers {
        match meaning {
            Meaning::In | Meaning::Denied(_) | Meaning::FineGrained | Meaning::NotFound => {
                accepted.push(tried.name());
            }
            Meaning::Mismatch(_) => refused.push(tried.name()),
            _ => untold.push(tried.name()),
        }
    }
    let list =
        |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let seen = format!("accepted: {}; refused: {}", list(&accepted), list(&refused));
    let plain = |meaning: &Meaning| !matches!(meaning, Meaning::Mismatch(_));
    let aws = answers
        .iter()
        .find(|(tried, _)| *tried == TriedForm::ALL[0])
        .map(|(_, meaning)| plain(meaning));
    if accepted.is_empty() && untold.is_empty() {
        return Finding::fail("forms", "no canonical form is accepted")
            .expected("at least form 'aws'")
            .advice("the form is not the cause: the secret does not belong to this key");
    }
    if aws == Some(false) {
        return Finding::warn("forms", seen).expected("form 'aws', as AWS documents").advice(
            "something in between rewrites path, query or Host before the endpoint sees them",
        );
    }
    let finding = Finding::ok("forms", seen);
    if untold.is_empty() {
        finding
    } else {
        finding.detail(vec![format!("no response for {}", list(&untold))])
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn answers(accepted: [bool; 5]) -> Vec<(TriedForm, Meaning)> {
        let meaning = |ok: bool| if ok { Meaning::In } else { Meaning::Mismatch(None) };
        TriedForm::ALL.into_iter().zip(accepted.map(meaning)).collect()
    }

    #[test]
    fn accepted_and_refused_forms_are_named() {
        expect!["accepted: aws, raw-query, aws with the other port in host; refused: plus-literal, raw-path"].assert_eq(&judge(&answers([true, true, false, false, true])).seen);
    }

    #[test]
    fn when_none_is_accepted_it_is_the_secret() {
        expect!["the form is not the cause: the secret does not belong to this key"]
            .assert_eq(&judge(&answers([false; 5])).advice);
    }

    #[test]
    fn an_endpoint_that_takes_only_an_odd_form_is_behind_something() {
        expect!["something in between rewrites path, query or Host before the endpoint sees them"]
            .assert_eq(&judge(&answers([false, false, false, true, false])).advice);
    }

    #[test]
    fn the_other_host_has_the_port_or_has_it_not() {
        assert_eq!(other_host("h:9200", 9200), "h");
        assert_eq!(other_host("h", 443), "h:443");
        assert_eq!(other_host("[::1]", 443), "[::1]:443");
        assert_eq!(other_host("[::1]:9200", 9200), "[::1]");
    }

    /// Each form signs its own canonical request, so an accepted one is known.
    #[test]
    fn no_two_forms_sign_the_probe_alike() {
        let secret = sigv4::SecretKey::new("secret");
        let credentials =
            sigv4::Credentials { access_key_id: "A", secret: &secret, session_token: None };
        let headers: [(&str, &[u8]); 1] = [("host", b"h")];
        let request = sigv4::Request { method: "GET", path: PATH, query: QUERY, headers: &headers };
        let signed = |form| {
            let options = sigv4::SigningOptions { form, ..sigv4::SigningOptions::default() };
            let (now, body) = (jiff::Timestamp::UNIX_EPOCH, sigv4::PayloadHash::of(b""));
            sigv4::sign(&request, &credentials, "r", "es", now, &body, &options)
                .unwrap()
                .canonical_request
        };
        let mut all: Vec<String> = Form::ALL.into_iter().map(signed).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), Form::ALL.len());
    }
}
