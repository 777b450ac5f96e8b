//! Name, address, TLS: is there an endpoint, and is it the one that was named?

use std::net::SocketAddr;

use client::doctor::{Certificate, TlsFailure, TlsFault, TlsHandshake};
use client::endpoint::{Endpoint, is_loopback};
use jiff::{SignedDuration, Timestamp};

use super::finding::Finding;

/// A certificate that ends sooner is worth a word.
const ENDS_SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What the name resolves to.
pub(crate) fn dns(endpoint: &Endpoint, found: &Result<Vec<SocketAddr>, String>) -> Finding {
    let host = endpoint.host();
    match found {
        Ok(addresses) if !addresses.is_empty() => {
            let listed: Vec<String> =
                addresses.iter().map(|address| address.ip().to_string()).collect();
            Finding::ok("dns", format!("{host} is {}", listed.join(", ")))
        }
        Ok(_) => no_address(host, "no address"),
        Err(cause) => no_address(host, cause),
    }
}

fn no_address(host: &str, cause: &str) -> Finding {
    let inside = host.starts_with("vpc-");
    let advice = if inside {
        "a vpc- endpoint resolves inside its VPC only: run this there, or through its VPN"
            .to_owned()
    } else {
        format!("compare the name with DescribeDomain's Endpoint; then: getent hosts {host}")
    };
    Finding::fail("dns", format!("{host}: {cause}")).expected("an address").advice(advice)
}

/// Which addresses take a connection.
pub(crate) fn tcp(endpoint: &Endpoint, tried: &[(SocketAddr, Result<(), String>)]) -> Finding {
    let words = |(address, done): &(SocketAddr, Result<(), String>)| match done {
        Ok(()) => format!("{address} connects"),
        Err(cause) => format!("{address}: {cause}"),
    };
    let seen = tried.iter().map(words).collect::<Vec<_>>().join("; ");
    let reached = tried.iter().filter(|(_, done)| done.is_ok()).count();
    if reached == tried.len() {
        return Finding::ok("tcp", seen);
    }
    // `localhost` has two addresses everywhere and a service mostly one.
    if reached > 0 && is_loopback(endpoint.host()) {
        return Finding::ok("tcp", seen);
    }
    if reached > 0 {
        return Finding::warn("tcp", seen)
            .expected("a connection on every address of the name")
            .advice("clients that try only the first address fail now and then: fix or remove it");
    }
    let advice = if is_loopback(endpoint.host()) {
        format!(
            "is it running? countersign dev prints where it listens (here: {})",
            endpoint.port()
        )
    } else {
        format!(
            "security group, firewall or port: allow this machine to reach {}:{}",
            endpoint.host(),
            endpoint.port()
        )
    };
    Finding::fail("tcp", seen).expected("a connection").advice(advice)
}

/// A certificate that is trusted.
pub(crate) fn trusted(shaken: &TlsHandshake, roots: &str, now: Timestamp) -> Finding {
    let Some(own) = shaken.chain.first() else {
        return Finding::ok("tls", format!("{}, trusted by {roots}", shaken.version));
    };
    let seen = format!(
        "{}, {} signed by {}, valid until {}, trusted by {roots}",
        shaken.version,
        names(own),
        own.issuer,
        own.not_after
    );
    if now.duration_until(own.not_after) < ENDS_SOON {
        return Finding::warn("tls", seen)
            .expected("more than two weeks until it expires")
            .advice("the operator of the endpoint must renew its certificate");
    }
    Finding::ok("tls", seen)
}

/// A handshake that failed.
pub(crate) fn untrusted(
    endpoint: &Endpoint,
    failure: &TlsFailure,
    roots: &str,
    now: Timestamp,
) -> Finding {
    let host = endpoint.host();
    let own = failure.chain.first();
    let detail = failure.chain.iter().map(told).collect();
    let (seen, expected, advice) = match failure.fault {
        TlsFault::UnknownIssuer => unknown_issuer(endpoint, &failure.chain, roots),
        TlsFault::OtherKey => (
            format!("{roots} contain an authority with the right name but another key"),
            "the CA file of this deployment".to_owned(),
            "the file is left over from another start or deployment: use the endpoint's current one \
             (countersign dev: DIR/ca.pem)"
                .to_owned(),
        ),
        TlsFault::WrongName => (
            format!("the certificate is for {}, not for {host}", own.map_or_else(String::new, names)),
            format!("a certificate that names {host}"),
            "connect with a name in the certificate, or give the endpoint a certificate for this one \
             (serve: tls.certificate)"
                .to_owned(),
        ),
        TlsFault::Expired => (
            dated("the certificate has expired", own.map(|own| own.not_after), now),
            "a certificate that is valid today".to_owned(),
            "renew the endpoint's certificate; if the date of this machine is wrong, set its clock"
                .to_owned(),
        ),
        TlsFault::NotYetValid => (
            dated("the certificate is not valid yet", own.map(|own| own.not_before), now),
            "a certificate that is valid today".to_owned(),
            "this machine's clock is probably slow: set it (timedatectl)".to_owned(),
        ),
        TlsFault::NotTls => (
            "the server on this port does not speak TLS".to_owned(),
            "TLS".to_owned(),
            format!("http:// is for loopback only: try http://{}, or the TLS port", endpoint.host_header()),
        ),
        TlsFault::Certificate => (
            format!("the certificate is refused: {}", failure.cause),
            "a server certificate by RFC 5280".to_owned(),
            "the operator of the endpoint must replace its certificate".to_owned(),
        ),
        TlsFault::Broken => (
            format!("the handshake failed: {}", failure.cause),
            "TLS 1.2 or 1.3".to_owned(),
            "something in between may cut it off: a proxy, a firewall, a load balancer in TCP mode"
                .to_owned(),
        ),
    };
    Finding::fail("tls", seen).expected(expected).advice(advice).detail(detail)
}

fn unknown_issuer(
    endpoint: &Endpoint,
    chain: &[Certificate],
    roots: &str,
) -> (String, String, String) {
    let last = chain.last();
    let issuer = last.map_or("nobody", |last| last.issuer.as_str());
    let alone = chain.len() == 1 && last.is_some_and(Certificate::is_self_signed);
    let kind = if alone { "self-signed" } else { "signed" };
    let advice = format!(
        "if you trust it, name its CA: countersign doctor {} --ca FILE, or AWS_CA_BUNDLE=FILE \
         (countersign dev: DIR/ca.pem; Python also reads REQUESTS_CA_BUNDLE, Node NODE_EXTRA_CA_CERTS)",
        endpoint.origin()
    );
    (
        format!("the certificate is {kind} by {issuer}, which {roots} do not trust"),
        format!("a chain to one of {roots}"),
        advice,
    )
}

fn dated(what: &str, when: Option<Timestamp>, now: Timestamp) -> String {
    let when = when.map(|when| format!(" ({when})")).unwrap_or_default();
    format!("{what}{when}; this machine's clock says {now}")
}

fn names(certificate: &Certificate) -> String {
    match certificate.names.as_slice() {
        [] => format!("{} (no host names)", certificate.subject),
        names => names.join(", "),
    }
}

fn told(certificate: &Certificate) -> String {
    let Certificate { subject, issuer, not_before, not_after, .. } = certificate;
    format!("{subject}, by {issuer}, {not_before} to {not_after}, for {}", names(certificate))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(finding: &Finding, expected: Expect) {
        let mut out = Vec::new();
        finding.write(&mut out, false).unwrap();
        expected.assert_eq(&String::from_utf8(out).unwrap());
    }

    fn endpoint(text: &str) -> Endpoint {
        Endpoint::parse(text).unwrap()
    }

    fn now() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn certificate(issuer: &str) -> Certificate {
        Certificate {
            subject: "CN=search.example".into(),
            issuer: issuer.into(),
            names: vec!["search.example".into()],
            not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
            not_after: "2027-01-01T00:00:00Z".parse().unwrap(),
        }
    }

    fn failure(fault: TlsFault, chain: Vec<Certificate>) -> Finding {
        let failure = TlsFailure { fault, cause: "cause".into(), chain };
        untrusted(&endpoint("search.example"), &failure, "the system's roots", now())
    }

    #[test]
    fn a_name_without_an_address_is_no_endpoint() {
        let unknown = Err("Name or service not known".to_owned());
        check(
            &dns(&endpoint("search.example"), &unknown),
            expect![[r#"
                ✗ dns         search.example: Name or service not known
                    expected  an address
                    next      compare the name with DescribeDomain's Endpoint; then: getent hosts search.example
            "#]],
        );
        let inside = dns(&endpoint("vpc-books-abc.us-east-1.es.amazonaws.com"), &unknown);
        assert!(inside.advice.contains("inside its VPC only"));
    }

    #[test]
    fn every_address_is_told_and_one_dead_one_is_a_warning() {
        let tried = [
            ("192.0.2.1:443".parse().unwrap(), Ok(())),
            ("192.0.2.2:443".parse().unwrap(), Err("no data arrived in time".to_owned())),
        ];
        check(
            &tcp(&endpoint("search.example"), &tried),
            expect![[r#"
                ! tcp         192.0.2.1:443 connects; 192.0.2.2:443: no data arrived in time
                    expected  a connection on every address of the name
                    next      clients that try only the first address fail now and then: fix or remove it
            "#]],
        );
        let [_, dead] = tried;
        assert_eq!(
            tcp(&endpoint("search.example"), &[dead]).state,
            crate::doctor::CheckState::Fail
        );
    }

    #[test]
    fn an_unknown_ca_leads_to_the_file_that_names_it() {
        check(
            &failure(TlsFault::UnknownIssuer, vec![certificate("CN=countersign local CA")]),
            expect![[r#"
                ✗ tls         the certificate is signed by CN=countersign local CA, which the system's roots do not trust
                    expected  a chain to one of the system's roots
                    next      if you trust it, name its CA: countersign doctor https://search.example --ca FILE, or AWS_CA_BUNDLE=FILE (countersign dev: DIR/ca.pem; Python also reads REQUESTS_CA_BUNDLE, Node NODE_EXTRA_CA_CERTS)
                      CN=search.example, by CN=countersign local CA, 2026-01-01T00:00:00Z to 2027-01-01T00:00:00Z, for search.example
            "#]],
        );
        let own = failure(TlsFault::UnknownIssuer, vec![certificate("CN=search.example")]);
        assert!(own.seen.starts_with("the certificate is self-signed by CN=search.example"));
    }

    #[test]
    fn a_ca_file_of_another_start_is_told_from_an_unknown_ca() {
        let seen = failure(TlsFault::OtherKey, Vec::new()).seen;
        expect!["the system's roots contain an authority with the right name but another key"]
            .assert_eq(&seen);
    }

    #[test]
    fn another_name_says_which_names_it_has() {
        let mut other = certificate("CN=CA");
        other.names = vec!["a.example".into(), "127.0.0.1".into()];
        let seen = failure(TlsFault::WrongName, vec![other]).seen;
        expect!["the certificate is for a.example, 127.0.0.1, not for search.example"]
            .assert_eq(&seen);
    }

    #[test]
    fn dates_are_told_beside_this_machines_clock() {
        let over = failure(TlsFault::Expired, vec![certificate("CN=CA")]).seen;
        expect!["the certificate has expired (2027-01-01T00:00:00Z); this machine's clock says 2026-11-23T12:00:00Z"].assert_eq(&over);
        let early = failure(TlsFault::NotYetValid, vec![certificate("CN=CA")]);
        expect!["this machine's clock is probably slow: set it (timedatectl)"]
            .assert_eq(&early.advice);
    }

    #[test]
    fn what_is_not_tls_is_said_to_be_so() {
        expect!["the server on this port does not speak TLS"]
            .assert_eq(&failure(TlsFault::NotTls, Vec::new()).seen);
        expect!["the handshake failed: cause"]
            .assert_eq(&failure(TlsFault::Broken, Vec::new()).seen);
        expect!["the certificate is refused: cause"]
            .assert_eq(&failure(TlsFault::Certificate, Vec::new()).seen);
    }

    #[test]
    fn a_certificate_that_ends_soon_is_a_warning() {
        let mut shaken =
            TlsHandshake { version: "TLSv1.3".into(), chain: vec![certificate("CN=CA")] };
        let fine = trusted(&shaken, "ca.pem", now());
        expect!["TLSv1.3, search.example signed by CN=CA, valid until 2027-01-01T00:00:00Z, trusted by ca.pem"].assert_eq(&fine.seen);
        shaken.chain[0].not_after = "2026-11-30T00:00:00Z".parse().unwrap();
        assert_eq!(trusted(&shaken, "ca.pem", now()).state, crate::doctor::CheckState::Warn);
    }
}
