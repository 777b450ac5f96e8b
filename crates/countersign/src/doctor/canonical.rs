//! Two canonical requests, line by line, and the rule that each difference breaks.
//!
//! The rules are those of `docs/internals/signatures.md`; this file only names them.

use std::borrow::Cow;

/// The hash of no body at all.
pub(crate) const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A line of a canonical request, and what it is.
struct CanonicalLine<'a> {
    label: Cow<'a, str>,
    text: &'a str,
}

/// The lines that two canonical requests have in common, and those they have not: ` ` both, `-` only
/// signed, `+` only right, and below each difference its rule.
pub(crate) fn diff(signed: &str, right: &str) -> Vec<String> {
    let (signed, right) = (lines(signed), lines(right));
    let mut out = Vec::new();
    let find = |list: &[CanonicalLine<'_>], label: &str| {
        list.iter().find(|line| line.label == label).map(|line| line.text.to_owned())
    };
    for line in &right {
        let ours = find(&signed, &line.label);
        match ours {
            Some(ours) if ours == line.text => out.push(shown(' ', &line.label, line.text)),
            ours => {
                if let Some(ours) = &ours {
                    out.push(shown('-', &line.label, ours));
                }
                out.push(shown('+', &line.label, line.text));
                out.push(ruled(&line.label, ours.as_deref(), Some(line.text)));
            }
        }
    }
    for line in &signed {
        if find(&right, &line.label).is_none() {
            out.push(shown('-', &line.label, line.text));
            out.push(ruled(&line.label, Some(line.text), None));
        }
    }
    out
}

fn shown(mark: char, label: &str, text: &str) -> String {
    format!("{mark} {label:<14} {text}")
}

fn ruled(label: &str, signed: Option<&str>, right: Option<&str>) -> String {
    format!("  ^ {}", rule(label, signed, right))
}

fn lines(canonical: &str) -> Vec<CanonicalLine<'_>> {
    let mut rest = canonical.split('\n');
    let mut out = Vec::new();
    for label in ["method", "path", "query"] {
        out.push(CanonicalLine { label: label.into(), text: rest.next().unwrap_or_default() });
    }
    for line in rest.by_ref().take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        out.push(CanonicalLine { label: format!("{name}:").into(), text: value });
    }
    out.push(CanonicalLine {
        label: "signed headers".into(),
        text: rest.next().unwrap_or_default(),
    });
    out.push(CanonicalLine { label: "payload".into(), text: rest.next().unwrap_or_default() });
    out
}

/// The rule that a difference breaks.
pub(crate) fn rule(label: &str, signed: Option<&str>, right: Option<&str>) -> String {
    let (Some(signed), Some(right)) = (signed, right) else {
        return match signed {
            Some(_) => "was signed but did not arrive: something removes it, or it was never sent",
            None => "arrived and is among SignedHeaders, but was left out of what was signed",
        }
        .to_owned();
    };
    match label {
        "method" => "the method is signed as it is sent, in upper case".to_owned(),
        "path" => path(signed, right).to_owned(),
        "query" => query(signed, right),
        "host:" => host(signed, right).to_owned(),
        "signed headers" => {
            "lower-case names, ascending, each once, and the same in both places".to_owned()
        }
        "payload" => payload(signed, right).to_owned(),
        _ if squeezed(signed) == squeezed(right) => {
            "values are trimmed, and every run of spaces becomes one".to_owned()
        }
        _ if signed.eq_ignore_ascii_case(right) => "values keep their case".to_owned(),
        _ => "the value that arrived is not the one that was signed: something in between changes it; do not sign it"
            .to_owned(),
    }
}

fn path(signed: &str, right: &str) -> &'static str {
    if encode_path(signed) == right {
        "the path goes into the signature URI-encoded once more than over the wire: % is %25, * is %2A"
    } else if signed == encode_path(right) {
        "the path was encoded once too often"
    } else if signed.trim_end_matches('/') == right.trim_end_matches('/') {
        "a trailing slash is significant"
    } else if decoded_fully(signed) == decoded_fully(right) {
        "the path is signed as it goes over the wire, URI-encoded once more; it is never decoded"
    } else {
        "the path that arrived is not the one that was signed: something in between rewrites it"
    }
}

fn query(signed: &str, right: &str) -> String {
    let sorted = |text: &str| {
        let mut all: Vec<String> = text.split('&').map(str::to_owned).collect();
        all.sort_unstable();
        all
    };
    let meant = |text: &str| {
        let all = text.split('&').map(|one| decoded_fully(&one.replace('+', " ")));
        let mut all: Vec<String> = all.map(|one| one.trim_end_matches('=').to_owned()).collect();
        all.sort_unstable();
        all
    };
    let (ours, theirs) = (meant(signed), meant(right));
    let missing = |from: &[String], of: &[String]| {
        let left: Vec<String> = of.iter().filter(|one| !from.contains(one)).cloned().collect();
        left.join("&")
    };
    if signed.is_empty() {
        "the query is signed, whatever the method".to_owned()
    } else if sorted(signed) == sorted(right) {
        "parameters are sorted by name, then by value".to_owned()
    } else if ours == theirs && signed.contains('+') != right.contains('+') {
        "a plus sign in a query means a space: it is signed as %20, and a real plus as %2B"
            .to_owned()
    } else if ours == theirs && signed.matches('=').count() < right.matches('=').count() {
        "a parameter without a value is signed with its =".to_owned()
    } else if ours == theirs {
        "names and values are percent-encoded once, with upper-case hex, all but A-Z a-z 0-9 - _ . ~"
            .to_owned()
    } else if signed.contains("%2B") && signed.replace("%2B", "%20") == right {
        "a plus sign in a query means a space: it is signed as %20".to_owned()
    } else {
        let (gone, new) = (missing(&theirs, &ours), missing(&ours, &theirs));
        format!("the query changed on the way: signed only '{gone}', arrived only '{new}'")
    }
}

fn host(signed: &str, right: &str) -> &'static str {
    let bare = |text: &str| text.rsplit_once(':').map_or(text, |(host, _)| host).to_owned();
    if signed.eq_ignore_ascii_case(right) {
        "host is signed in the case in which it is sent"
    } else if bare(signed).eq_ignore_ascii_case(&bare(right)) {
        "the port: Host is signed as it is sent, with the port unless it is the scheme's own"
    } else {
        "the Host that arrived is not the one that was signed: something in between rewrites it; sign for the host that arrives, or have Host passed on unchanged"
    }
}

fn payload(signed: &str, right: &str) -> &'static str {
    if signed == NOTHING {
        "the last line is the hash of the body: the client signed an empty one"
    } else if signed == "UNSIGNED-PAYLOAD" {
        "es requires the hash of the body; UNSIGNED-PAYLOAD is for S3"
    } else if right == NOTHING {
        "the body was signed but did not arrive"
    } else if signed.eq_ignore_ascii_case(right) {
        "the hash is in lower-case hex"
    } else {
        "the hash is that of the body as sent, after compression; something changed it after signing"
    }
}

/// AWS's `UriEncode` of a path: the slashes stay.
pub(crate) fn encode_path(path: &str) -> String {
    path.split('/').map(sigv4::canonical::uri_encode).collect::<Vec<_>>().join("/")
}

/// Text with its percent escapes decoded once.
pub(crate) fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Decoded until nothing changes, which three times is for everything a client sends.
fn decoded_fully(text: &str) -> String {
    (0..3).fold(text.to_owned(), |text, _| decoded(&text))
}

fn squeezed(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines of a canonical request that hold a secret, blanked as countersign blanks them.
pub(crate) fn redacted(canonical: &str) -> String {
    const SECRET: [&str; 3] = ["x-amz-security-token", "cookie", "proxy-authorization"];
    let mut shown: Vec<Cow<'_, str>> = canonical.split('\n').map(Cow::Borrowed).collect();
    for line in &mut shown {
        if let Some((name, _)) = line.split_once(':')
            && SECRET.contains(&name)
        {
            *line = Cow::Owned(format!("{name}:***"));
        }
    }
    if let Some(query) = shown.get_mut(2) {
        *query = Cow::Owned(redacted_query(query));
    }
    shown.join("\n")
}

fn redacted_query(query: &str) -> String {
    let one = |parameter: &str| match parameter.split_once('=') {
        Some((name, _)) if name.eq_ignore_ascii_case("X-Amz-Security-Token") => {
            format!("{name}=***")
        }
        Some((name, value)) if name.eq_ignore_ascii_case("X-Amz-Signature") => {
            format!("{name}={}…", value.get(..8).unwrap_or_default())
        }
        _ => parameter.to_owned(),
    };
    query.split('&').map(one).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(label: &str, signed: &str, right: &str, expected: Expect) {
        expected.assert_eq(&rule(label, Some(signed), Some(right)));
    }

    #[test]
    fn a_diff_shows_both_lines_and_the_rule() {
        let signed = "GET\n/a%2C\nb=1&a=2\nhost:h:9200\nx-amz-date:T\n\nhost;x-amz-date\nHASH";
        let right = "GET\n/a%252C\na=2&b=1\nhost:h\nx-amz-date:T\n\nhost;x-amz-date\nHASH";
        expect![[r#"
              method         GET
            - path           /a%2C
            + path           /a%252C
              ^ the path goes into the signature URI-encoded once more than over the wire: % is %25, * is %2A
            - query          b=1&a=2
            + query          a=2&b=1
              ^ parameters are sorted by name, then by value
            - host:          h:9200
            + host:          h
              ^ the port: Host is signed as it is sent, with the port unless it is the scheme's own
              x-amz-date:    T
              signed headers host;x-amz-date
              payload        HASH"#]].assert_eq(&diff(signed, right).join("\n"));
    }

    #[test]
    fn a_header_on_one_side_only_is_told() {
        let signed = "GET\n/\n\nhost:h\nuser-agent:a\n\nhost;user-agent\nHASH";
        let right = "GET\n/\n\nhost:h\n\nhost\nHASH";
        expect![[r#"
              method         GET
              path           /
              query          
              host:          h
            - signed headers host;user-agent
            + signed headers host
              ^ lower-case names, ascending, each once, and the same in both places
              payload        HASH
            - user-agent:    a
              ^ was signed but did not arrive: something removes it, or it was never sent"#]]
        .assert_eq(&diff(signed, right).join("\n"));
    }

    #[test]
    fn paths() {
        check(
            "path",
            "/a%2C",
            "/a%252C",
            expect![
                "the path goes into the signature URI-encoded once more than over the wire: % is %25, * is %2A"
            ],
        );
        check("path", "/a%25252C", "/a%252C", expect!["the path was encoded once too often"]);
        check(
            "path",
            "/a,",
            "/a%252C",
            expect![
                "the path is signed as it goes over the wire, URI-encoded once more; it is never decoded"
            ],
        );
        check("path", "/a/", "/a", expect!["a trailing slash is significant"]);
        check(
            "path",
            "/prefix/a",
            "/a",
            expect![
                "the path that arrived is not the one that was signed: something in between rewrites it"
            ],
        );
    }

    #[test]
    fn queries() {
        check(
            "query",
            "b=1&a=2",
            "a=2&b=1",
            expect!["parameters are sorted by name, then by value"],
        );
        check("query", "", "a=2", expect!["the query is signed, whatever the method"]);
        check(
            "query",
            "q=a+b",
            "q=a%20b",
            expect![
                "a plus sign in a query means a space: it is signed as %20, and a real plus as %2B"
            ],
        );
        check(
            "query",
            "q=a%2Bb",
            "q=a%20b",
            expect!["a plus sign in a query means a space: it is signed as %20"],
        );
        check(
            "query",
            "q=a:b",
            "q=a%3Ab",
            expect![
                "names and values are percent-encoded once, with upper-case hex, all but A-Z a-z 0-9 - _ . ~"
            ],
        );
        check(
            "query",
            "pretty",
            "pretty=",
            expect!["a parameter without a value is signed with its ="],
        );
        check(
            "query",
            "a=1",
            "a=1&b=2",
            expect!["the query changed on the way: signed only '', arrived only 'b=2'"],
        );
    }

    #[test]
    fn hosts() {
        check(
            "host:",
            "h:9200",
            "h",
            expect![
                "the port: Host is signed as it is sent, with the port unless it is the scheme's own"
            ],
        );
        check("host:", "H", "h", expect!["host is signed in the case in which it is sent"]);
        check(
            "host:",
            "proxy",
            "h",
            expect![
                "the Host that arrived is not the one that was signed: something in between rewrites it; sign for the host that arrives, or have Host passed on unchanged"
            ],
        );
    }

    #[test]
    fn payloads() {
        check(
            "payload",
            NOTHING,
            "ab",
            expect!["the last line is the hash of the body: the client signed an empty one"],
        );
        check(
            "payload",
            "UNSIGNED-PAYLOAD",
            "ab",
            expect!["es requires the hash of the body; UNSIGNED-PAYLOAD is for S3"],
        );
        check("payload", "AB", "ab", expect!["the hash is in lower-case hex"]);
        check("payload", "ab", NOTHING, expect!["the body was signed but did not arrive"]);
        check(
            "payload",
            "cd",
            "ab",
            expect![
                "the hash is that of the body as sent, after compression; something changed it after signing"
            ],
        );
    }

    #[test]
    fn other_headers() {
        check(
            "x-a:",
            "a  b",
            "a b",
            expect!["values are trimmed, and every run of spaces becomes one"],
        );
        check("x-a:", "A", "a", expect!["values keep their case"]);
        check(
            "accept-encoding:",
            "gzip",
            "identity",
            expect![
                "the value that arrived is not the one that was signed: something in between changes it; do not sign it"
            ],
        );
    }

    #[test]
    fn tokens_and_signatures_are_not_shown() {
        let canonical = "GET\n/\nX-Amz-Security-Token=secret&X-Amz-Signature=0123456789abcdef\n\
            cookie:secret\nx-amz-security-token:secret\n\nhost\nHASH";
        let shown = redacted(canonical);
        assert!(!shown.contains("secret") && !shown.contains("89abcdef"), "{shown}");
    }
}
