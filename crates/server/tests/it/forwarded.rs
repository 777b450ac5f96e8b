//! Where a request comes from: the peer, unless the operator trusts it as a proxy.

use serde_json::json;

use crate::client::Answer;
use crate::service::Running;

/// A service that trusts the loopback proxy, and a domain for 192.0.2.7 only.
fn behind_a_proxy(trusted: &[&str]) -> Running {
    let networks = trusted.iter().map(|text| server::for_tests::network(text).unwrap()).collect();
    let running = Running::start_with(None, |options| {
        options.settings.trusted_proxies = networks;
    });
    running.set_policy(&json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "AWS": "*" },
        "Action": "es:ESHttp*",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/*",
        "Condition": { "IpAddress": { "aws:SourceIp": "192.0.2.7" } },
    }]}));
    running
}

fn from(running: &Running, header: &str, value: &str) -> Answer {
    running.domain().send("GET", "/", &[(header.to_owned(), value.to_owned())], b"")
}

/// The client's address as the audit record has it.
fn recorded(running: &Running, answer: &Answer) -> String {
    running.record(answer).client_address
}

#[test]
fn forwarded_addresses_are_not_believed() {
    let running = behind_a_proxy(&[]);
    for name in ["x-forwarded-for", "x-real-ip", "forwarded"] {
        let answer = from(&running, name, "192.0.2.7");
        assert_eq!(answer.status, 403, "{name}");
        assert_eq!(recorded(&running, &answer), "127.0.0.1");
    }
}

#[test]
fn a_trusted_proxy_names_the_client() {
    let running = behind_a_proxy(&["127.0.0.0/8"]);
    let answer = from(&running, "x-forwarded-for", "198.51.100.9, 192.0.2.7");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(recorded(&running, &answer), "192.0.2.7");
}

#[test]
fn the_left_end_of_a_trusted_chain_is_the_attackers_and_not_read() {
    let running = behind_a_proxy(&["127.0.0.0/8"]);
    let answer = from(&running, "x-forwarded-for", "192.0.2.7, 198.51.100.9");
    assert_eq!(answer.status, 403);
    assert_eq!(recorded(&running, &answer), "198.51.100.9");
}

#[test]
fn a_chain_that_is_no_list_of_addresses_ends_at_the_proxy() {
    let running = behind_a_proxy(&["127.0.0.0/8"]);
    for chain in ["192.0.2.7, unknown", "192.0.2.7%eth0", "", "192.0.2.7 198.51.100.9"] {
        let answer = from(&running, "x-forwarded-for", chain);
        assert_eq!(answer.status, 403, "{chain}");
        assert_eq!(recorded(&running, &answer), "127.0.0.1", "{chain}");
    }
}

#[test]
fn a_trusted_proxy_too_is_read_by_one_header_only() {
    let running = behind_a_proxy(&["127.0.0.0/8"]);
    for name in ["x-real-ip", "forwarded", "x-client-ip", "true-client-ip"] {
        assert_eq!(from(&running, name, "192.0.2.7").status, 403, "{name}");
    }
}
