//! Requests that were made for another listener of the same service.

use serde_json::json;

use crate::client::{Answer, Client};
use crate::service::Running;

/// A service with the domains `dev` and `other`, which is OpenSearch.
pub(crate) fn two_domains() -> (Running, Client) {
    let running = Running::start();
    let control = running.control("es");
    let body = json!({ "DomainName": "other", "EngineVersion": "OpenSearch_2.19" }).to_string();
    let path = "/2021-01-01/opensearch/domain";
    let made = control.signed(&running.developer(), "POST", path, body.as_bytes());
    assert_eq!(made.status, 200, "{}", made.text());
    let other = loop {
        match running.service().domains().get("other") {
            Some(url) => break url.rsplit(':').next().unwrap().parse().unwrap(),
            None => std::thread::yield_now(),
        }
    };
    (running, Client { port: other, ..control })
}

/// A request that is signed for `made_for`, sent to `sent_to` with the `Host` that the signature covers.
fn misled(running: &Running, made_for: &Client, sent_to: &Client) -> Answer {
    let headers = made_for.sign(&running.developer(), "GET", "/", &[], b"");
    let mut request = format!("GET / HTTP/1.1\r\nhost: {}\r\n", made_for.host());
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    sent_to.raw(format!("{request}connection: close\r\n\r\n").as_bytes())
}

#[test]
fn a_signature_for_another_domains_port_is_good_there_only() {
    let (running, other) = two_domains();
    let dev = running.domain();
    assert_eq!(misled(&running, &dev, &dev).status, 200);
    for (made_for, sent_to) in [(&other, &dev), (&dev, &other)] {
        let refused = misled(&running, made_for, sent_to);
        assert_eq!(refused.status, 421, "{}", refused.text());
        assert!(refused.text().contains("which belongs to another listener"), "{}", refused.text());
    }
}

#[test]
fn a_signature_for_the_control_plane_is_not_good_at_a_domain_nor_the_other_way() {
    let running = Running::start();
    let (dev, control) = (running.domain(), running.control("es"));
    assert_eq!(misled(&running, &control, &dev).status, 421);
    assert_eq!(misled(&running, &dev, &control).status, 421);
}

#[test]
fn a_port_of_nobody_here_is_a_forwarded_one_and_fine() {
    let running = Running::start();
    let dev = running.domain();
    // No listener of the service has a port so low.
    let forwarded = Client { port: 1, ..dev.clone() };
    assert_eq!(misled(&running, &forwarded, &dev).status, 200);
}
