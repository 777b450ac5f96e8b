//! Whose credentials: where they were found, what kind they are, whether they are still good.

use client::credentials::{Credentials, LoadError};
use jiff::Timestamp;
use sigv4::{AccessKeyId, KeyKind};

use super::clock::spoken;
use super::finding::Finding;

/// Seconds before their end in which credentials are worth a warning.
const ENDS_SOON_SECONDS: i64 = 5 * 60;

/// What was found, or that nothing was.
pub(crate) fn found(
    found: &Result<(Credentials, String), LoadError>,
    profile: Option<&str>,
    now: Timestamp,
) -> Finding {
    let (credentials, source) = match found {
        Ok((credentials, source)) => (credentials, source.as_str()),
        Err(error) => return nothing(error),
    };
    let id = credentials.access_key_id.as_str();
    let source = if source.is_empty() { "the chain" } else { source };
    let profile = profile.map(|profile| format!(" (profile {profile})")).unwrap_or_default();
    let token = credentials.session_token.is_some();
    let kind = match AccessKeyId::parse(id).map(|id| id.kind()) {
        Some(KeyKind::LongTerm) => "long-term",
        Some(KeyKind::Temporary) => "temporary",
        _ if token => "temporary",
        _ => "long-term",
    };
    let seen = format!("{kind} key {id}, from {source}{profile}{}", end(credentials.expires, now));
    match AccessKeyId::parse(id).map(|id| id.kind()) {
        None => Finding::fail("credentials", format!("'{id}' is not an access key id"))
            .expected("AKIA… or ASIA…, letters and digits")
            .advice("AWS_ACCESS_KEY_ID may hold quotes, a space or the secret"),
        Some(KeyKind::Temporary) if !token => {
            Finding::fail("credentials", format!("{seen}: without its session token"))
                .expected("AWS_SESSION_TOKEN together with a key ASIA…")
                .advice("export all three values of one response")
        }
        Some(KeyKind::LongTerm) if token => {
            Finding::warn("credentials", format!("{seen}: with a session token"))
                .expected("no session token with a key AKIA…")
                .advice("unset AWS_SESSION_TOKEN: it is left over from another key")
        }
        _ => match credentials.expires.map(|end| now.duration_until(end).as_secs()) {
            Some(left) if left <= 0 => Finding::fail("credentials", seen)
                .expected("credentials that have not expired")
                .advice("get new ones: aws sso login, or assume the role again"),
            Some(left) if left < ENDS_SOON_SECONDS => Finding::warn("credentials", seen)
                .expected("more than five minutes until they expire")
                .advice("the client must ask its provider again before they expire"),
            _ => Finding::ok("credentials", seen),
        },
    }
}

fn end(expires: Option<Timestamp>, now: Timestamp) -> String {
    let Some(expires) = expires else { return String::new() };
    let left = now.duration_until(expires).as_secs();
    if left < 0 {
        return format!(", ended {} ago", spoken(left.abs()));
    }
    format!(", valid for {}", spoken(left))
}

fn nothing(error: &LoadError) -> Finding {
    let text = error.to_string();
    let mut lines = text.lines().map(|line| line.trim().to_owned());
    Finding::fail("credentials", lines.next().unwrap_or_default())
        .detail(lines.collect())
        .expected("credentials in AWS's own chain: environment, profile, web identity, process, SSO, container, EC2")
        .advice("aws configure, aws sso login, or countersign dev: eval \"$(cat DIR/env)\"")
}

/// The region and the service, and who said so.
pub(crate) fn scope(region: Option<&str>, service: &str, told: Option<(&str, &str)>) -> Finding {
    let Some(region) = region else {
        return Finding::fail(
            "scope",
            "no region: neither the endpoint's name nor the AWS configuration gives one",
        )
        .expected("the region of the domain's ARN")
        .advice("--region REGION, or AWS_REGION, or the profile's region");
    };
    let seen = format!("signs for {region}, {service}");
    match told {
        Some((theirs, of)) if theirs != region || of != service => Finding::warn("scope", seen)
            .expected(format!("{theirs}, {of}, which the endpoint's name tells"))
            .advice("leave --region and --service out"),
        _ => Finding::ok("scope", seen),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use jiff::SignedDuration;
    use sigv4::{SecretKey, SessionToken};

    use super::*;

    fn check(id: &str, token: bool, minutes: Option<i64>, expected: Expect) {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        let credentials = Credentials {
            access_key_id: id.to_owned(),
            secret: SecretKey::new("s3cr3t"),
            session_token: token.then(|| SessionToken::new("t0k3n")),
            expires: minutes.map(|minutes| now + SignedDuration::from_mins(minutes)),
        };
        let loaded = Ok((credentials, "environment variables".to_owned()));
        let mut out = Vec::new();
        found(&loaded, None, now).write(&mut out, false).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains("s3cr3t") && !text.contains("t0k3n"));
        expected.assert_eq(&text);
    }

    #[test]
    fn good_credentials_are_told_without_their_secrets() {
        check(
            "AKIAIOSFODNN7EXAMPLE",
            false,
            None,
            expect![[r#"
            ✓ credentials long-term key AKIAIOSFODNN7EXAMPLE, from environment variables
        "#]],
        );
        check(
            "ASIAIOSFODNN7EXAMPLE",
            true,
            Some(55),
            expect![[r#"
                ✓ credentials temporary key ASIAIOSFODNN7EXAMPLE, from environment variables, valid for 55 min 0 s
            "#]],
        );
    }

    #[test]
    fn old_ones_are_told_their_age() {
        check(
            "ASIAIOSFODNN7EXAMPLE",
            true,
            Some(3),
            expect![[r#"
                ! credentials temporary key ASIAIOSFODNN7EXAMPLE, from environment variables, valid for 3 min 0 s
                    expected  more than five minutes until they expire
                    next      the client must ask its provider again before they expire
            "#]],
        );
        check(
            "ASIAIOSFODNN7EXAMPLE",
            true,
            Some(-30),
            expect![[r#"
            ✗ credentials temporary key ASIAIOSFODNN7EXAMPLE, from environment variables, ended 30 min 0 s ago
                expected  credentials that have not expired
                next      get new ones: aws sso login, or assume the role again
        "#]],
        );
    }

    #[test]
    fn a_key_and_a_token_must_go_together() {
        check(
            "ASIAIOSFODNN7EXAMPLE",
            false,
            None,
            expect![[r#"
                ✗ credentials temporary key ASIAIOSFODNN7EXAMPLE, from environment variables: without its session token
                    expected  AWS_SESSION_TOKEN together with a key ASIA…
                    next      export all three values of one response
            "#]],
        );
        check(
            "AKIAIOSFODNN7EXAMPLE",
            true,
            None,
            expect![[r#"
                ! credentials long-term key AKIAIOSFODNN7EXAMPLE, from environment variables: with a session token
                    expected  no session token with a key AKIA…
                    next      unset AWS_SESSION_TOKEN: it is left over from another key
            "#]],
        );
        check(
            "\"AKIA\"",
            false,
            None,
            expect![[r#"
            ✗ credentials '"AKIA"' is not an access key id
                expected  AKIA… or ASIA…, letters and digits
                next      AWS_ACCESS_KEY_ID may hold quotes, a space or the secret
        "#]],
        );
    }

    #[test]
    fn none_at_all_leads_to_where_they_come_from() {
        let error = Err(LoadError("the chain is empty".to_owned()));
        expect!["no AWS credentials: the chain is empty"]
            .assert_eq(&found(&error, None, Timestamp::UNIX_EPOCH).seen);
    }

    #[test]
    fn the_endpoints_own_name_wins_over_a_guess() {
        expect!["eu-west-1, es, which the endpoint's name tells"]
            .assert_eq(&scope(Some("us-east-1"), "es", Some(("eu-west-1", "es"))).expected);
        expect!["no region: neither the endpoint's name nor the AWS configuration gives one"]
            .assert_eq(&scope(None, "es", None).seen);
        expect!["signs for us-east-1, es"].assert_eq(&scope(Some("us-east-1"), "es", None).seen);
    }
}
