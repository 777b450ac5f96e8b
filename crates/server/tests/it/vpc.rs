//! A domain in a VPC: who is elsewhere gets nothing, not even a handshake.

use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::service::Running;

/// A service whose subnet is 127.0.0.1 and whose group is 127.0.0.2, and domain `inside` with these options.
fn inside(options: &Value) -> (Running, Client) {
    let running = Running::start_with(None, |started| {
        let network = |text: &str| vec![text.parse().unwrap()];
        let vpc = &mut started.settings.vpc;
        vpc.subnets = [("subnet-a".to_owned(), network("127.0.0.1/32"))].into();
        vpc.security_groups = [("sg-two".to_owned(), network("127.0.0.2/32"))].into();
        started.settings.trusted_proxies = network("127.0.0.2/32");
    });
    let body = json!({ "DomainName": "inside", "VPCOptions": options }).to_string();
    let client = running.control("es");
    let made = client.signed(
        &running.developer(),
        "POST",
        "/2021-01-01/opensearch/domain",
        body.as_bytes(),
    );
    assert_eq!(made.status, 200, "{}", made.text());
    assert!(running.eventually(|running| running.service().domains().contains_key("inside")));
    let url = running.service().domains()["inside"].clone();
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    (running, Client { port, ..client })
}

fn set(running: &Running, options: &Value) {
    let body = json!({ "VPCOptions": options }).to_string();
    let target = "/2021-01-01/opensearch/domain/inside/config";
    let set = running.control("es").signed(&running.developer(), "POST", target, body.as_bytes());
    assert_eq!(set.status, 200, "{}", set.text());
}

/// The bytes that come back to a connection from this address, which asks as the developer.
fn asked_from(running: &Running, client: &Client, source: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut stream = client.connect_from(source);
    let mut request = format!("GET / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", client.host());
    for (name, value) in client.sign(&running.developer(), "GET", "/", &[], b"") {
        request += &format!("{name}: {value}\r\n");
    }
    for (name, value) in more {
        request += &format!("{name}: {value}\r\n");
    }
    let _ = stream.write_all(format!("{request}\r\n").as_bytes());
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received);
    received
}

fn is_served(received: &[u8]) -> bool {
    received.starts_with(b"HTTP/1.1 200")
}

#[test]
fn without_a_group_the_subnet_is_let_in_and_nobody_else() {
    let (running, client) = inside(&json!({"SubnetIds": ["subnet-a"]}));
    assert!(is_served(&asked_from(&running, &client, "127.0.0.1", &[])));
    assert_eq!(asked_from(&running, &client, "127.0.0.2", &[]), b"");
    assert!(is_served(&asked_from(&running, &running.domain(), "127.0.0.3", &[])), "dev is public");
}

#[test]
fn who_is_elsewhere_reads_no_byte_even_of_the_handshake() {
    let (_running, client) = inside(&json!({"SubnetIds": ["subnet-a"]}));
    let mut stream = client.connect_from("127.0.0.2").sock;
    let mut received = Vec::new();
    let _ = stream.write_all(b"GET / HTTP/1.1\r\n\r\n");
    let _ = stream.read_to_end(&mut received);
    assert_eq!(received, b"");
}

#[test]
fn a_group_decides_in_place_of_the_subnet_and_a_change_is_in_force_when_it_is_read() {
    let (running, client) =
        inside(&json!({"SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-two"]}));
    assert_eq!(asked_from(&running, &client, "127.0.0.1", &[]), b"");
    assert!(is_served(&asked_from(&running, &client, "127.0.0.2", &[])));
    set(&running, &json!({"SecurityGroupIds": []}));
    assert!(is_served(&asked_from(&running, &client, "127.0.0.1", &[])));
    assert_eq!(asked_from(&running, &client, "127.0.0.2", &[]), b"");
}

#[test]
fn a_connection_that_stands_is_refused_once_its_group_is_gone() {
    let (running, client) = inside(&json!({"SubnetIds": ["subnet-a"]}));
    let headers = client.sign(&running.developer(), "GET", "/", &[], b"");
    let mut request = format!("GET / HTTP/1.1\r\nhost: {}\r\n", client.host());
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    let request = format!("{request}\r\n");
    let mut stream = client.connect();
    stream.write_all(request.as_bytes()).unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    set(&running, &json!({"SecurityGroupIds": ["sg-two"]}));
    stream
        .write_all(request.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n").as_bytes())
        .unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    let rest = String::from_utf8_lossy(&rest);
    assert!(rest.contains("HTTP/1.1 403"), "{rest}");
}

#[test]
fn behind_a_trusted_proxy_the_client_itself_must_be_inside() {
    let (running, client) =
        inside(&json!({"SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-two"]}));
    let by =
        |address: &str| asked_from(&running, &client, "127.0.0.2", &[("x-forwarded-for", address)]);
    assert!(by("198.51.100.9").starts_with(b"HTTP/1.1 403"));
    assert!(is_served(&by("127.0.0.2")));
}

#[test]
fn what_comes_from_a_network_its_endpoints_policy_must_allow() {
    let path =
        std::env::temp_dir().join(format!("countersign-endpoint-{}.json", std::process::id()));
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
        "Action": "es:ESHttpGet", "Resource": "arn:aws:es:*:*:domain/*/_cluster/health",
        "Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}}});
    std::fs::write(&path, policy.to_string()).unwrap();
    let (running, client) = inside(&json!({"SubnetIds": ["subnet-a"]}));
    let developer = running.developer();
    assert_eq!(client.signed(&developer, "GET", "/", b"").status, 200);
    let mut settings = server::Settings::clone(&running.service().state().settings());
    settings.vpc.endpoint_policies = [("subnet-a".to_owned(), path.clone())].into();
    running.service().reread(&settings).unwrap();
    let answer = client.signed(&developer, "GET", "/", b"");
    assert_eq!(answer.status, 403);
    let text = answer.text();
    assert!(
        text.contains("because no VPC endpoint policy allows the es:ESHttpGet action"),
        "{text}"
    );
    assert_eq!(client.signed(&developer, "GET", "/_cluster/health", b"").status, 200);
    // Public domains are reached through no endpoint of the VPC, and other networks have policies of their own.
    assert_eq!(running.domain().signed(&developer, "GET", "/", b"").status, 200);
    settings.vpc.endpoint_policies = [("sg-two".to_owned(), path.clone())].into();
    running.service().reread(&settings).unwrap();
    assert_eq!(client.signed(&developer, "GET", "/", b"").status, 200);
    settings.vpc.endpoint_policies = [("sg-none".to_owned(), path.clone())].into();
    let error = running.service().reread(&settings).unwrap_err().to_string();
    assert!(error.contains("sg-none is neither in vpc.subnets nor"), "{error}");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn an_endpoint_opens_the_domain_to_its_own_group() {
    let (running, client) = inside(&json!({"SubnetIds": ["subnet-a"]}));
    let control = running.control("es");
    let call = |method: &str, target: &str, body: &Value| -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = control.signed(&running.developer(), method, target, body.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    };
    let made = call(
        "POST",
        "/2021-01-01/opensearch/vpcEndpoints",
        &json!({"DomainArn": "arn:aws:es:us-east-1:123456789012:domain/inside",
            "VpcOptions": {"SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-two"]}}),
    );
    assert!(is_served(&asked_from(&running, &client, "127.0.0.2", &[])));
    let id = made.json()["VpcEndpoint"]["VpcEndpointId"].as_str().unwrap().to_owned();
    call("DELETE", &format!("/2021-01-01/opensearch/vpcEndpoints/{id}"), &Value::Null);
    assert_eq!(asked_from(&running, &client, "127.0.0.2", &[]), b"");
}
