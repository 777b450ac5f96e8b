//! A domain's custom endpoint: it answers at that host too, with that certificate.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use server::CertificateFiles;

use crate::client::{Answer, Client};
use crate::service::{Running, port, scratch};

const ARN: &str = "arn:aws:acm:us-east-1:123456789012:certificate/one";
const HOST: &str = "search.example.org";

/// Writes a certificate for the host and its key; what clients must trust.
fn certificate(folder: &Path) -> String {
    fs::create_dir_all(folder).unwrap();
    let made = rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap();
    fs::write(folder.join("chain.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.pem()
}

fn started(folder: &Path) -> Running {
    Running::start_with(None, |options| {
        let files =
            CertificateFiles { chain: folder.join("chain.pem"), key: folder.join("key.pem") };
        options.settings.acm.certificates = [(ARN.to_owned(), files)].into();
        options.times.certificate_look = std::time::Duration::from_millis(10);
    })
}

fn set(running: &Running, options: &Value) -> Answer {
    let body = json!({ "DomainEndpointOptions": options }).to_string();
    let target = "/2021-01-01/opensearch/domain/dev/config";
    running.control("es").signed(&running.developer(), "POST", target, body.as_bytes())
}

fn at_host(running: &Running, trusted: &str) -> Client {
    let client = Client::new(running.domain().port, trusted);
    Client { server_name: HOST.to_owned(), ..client }
}

/// Whether a client that trusts this alone gets through a handshake for the host. Each is a new one: a session that is resumed
/// shows no certificate.
fn shows(running: &Running, trusted: &str) -> bool {
    let mut stream = at_host(running, trusted).connect();
    stream.conn.complete_io(&mut stream.sock).is_ok()
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_domain_answers_at_its_custom_endpoint_with_its_certificate_and_at_its_own_as_before() {
    let folder = Folder(scratch("custom-endpoint"));
    let trusted = certificate(&folder.0);
    let running = started(&folder.0);
    assert!(!shows(&running, &trusted), "it is not there yet");
    let options = json!({"CustomEndpointEnabled": true, "CustomEndpoint": HOST, "CustomEndpointCertificateArn": ARN});
    let answer = set(&running, &options);
    assert_eq!(answer.status, 200, "{}", answer.text());
    // The signature is over this host.
    let client = at_host(&running, &trusted);
    assert_eq!(client.signed(&running.developer(), "GET", "/", b"").status, 200);
    assert_eq!(running.domain().signed(&running.developer(), "GET", "/", b"").status, 200);

    let renewed = certificate(&folder.0);
    assert!(running.eventually(|running| shows(running, &renewed)));
    assert!(!shows(&running, &trusted));
    assert_eq!(set(&running, &json!({"CustomEndpointEnabled": false})).status, 200);
    assert!(!shows(&running, &renewed));
}

#[test]
fn a_host_of_one_domain_is_misdirected_at_another() {
    let folder = Folder(scratch("custom-endpoint-misdirected"));
    certificate(&folder.0);
    let running = started(&folder.0);
    let options = json!({"CustomEndpointEnabled": true, "CustomEndpoint": HOST, "CustomEndpointCertificateArn": ARN});
    assert_eq!(set(&running, &options).status, 200);
    let body = json!({ "DomainName": "other" }).to_string();
    let control = running.control("es");
    let made = control.signed(
        &running.developer(),
        "POST",
        "/2021-01-01/opensearch/domain",
        body.as_bytes(),
    );
    assert_eq!(made.status, 200, "{}", made.text());
    assert!(running.eventually(|running| running.service().domains().contains_key("other")));
    let other = Client { port: port(&running.service().domains()["other"]), ..running.domain() };
    let request = format!("GET / HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n");
    // Over a handshake that names nobody, as one to an address is.
    let bare = Client { server_name: "127.0.0.1".to_owned(), ..other };
    let refused = bare.raw(request.as_bytes());
    assert_eq!(refused.status, 421, "{}", refused.text());
    assert!(refused.text().contains("belongs to another domain"), "{}", refused.text());
}

#[test]
fn a_custom_endpoint_closes_the_control_planes_listener_to_nobody() {
    let folder = Folder(scratch("custom-endpoint-control"));
    certificate(&folder.0);
    let running = started(&folder.0);
    let options = json!({"CustomEndpointEnabled": true, "CustomEndpoint": HOST, "CustomEndpointCertificateArn": ARN});
    assert_eq!(set(&running, &options).status, 200);
    let bare = Client { server_name: "127.0.0.1".to_owned(), ..running.control("es") };
    let request = format!("GET / HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n");
    assert_ne!(bare.raw(request.as_bytes()).status, 421);
}

#[test]
fn with_a_suffix_a_domain_is_reached_by_a_name_of_its_own() {
    let running = Running::start_with(None, |options| {
        options.settings.domains.endpoint_suffix = Some("es.example.org".to_owned());
    });
    let url = running.service().domains()["dev"].clone();
    let host = url.trim_start_matches("https://").split(':').next().unwrap().to_owned();
    assert!(
        host.starts_with("search-dev-") && host.ends_with(".us-east-1.es.example.org"),
        "{host}"
    );
    let client = Client { server_name: host, ..running.domain() };
    assert_eq!(client.signed(&running.developer(), "GET", "/", b"").status, 200);
}

#[test]
fn a_domain_in_another_region_is_reached_by_its_name_too() {
    let running = Running::start_with(None, |options| {
        options.settings.domains.endpoint_suffix = Some("es.example.org".to_owned());
    });
    let control = Client { region: "eu-west-1".to_owned(), ..running.control("es") };
    let create = json!({"DomainName": "abroad", "AccessPolicies": json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "es:*",
            "Resource": "arn:aws:es:eu-west-1:123456789012:domain/abroad/*"}]}).to_string()});
    let target = "/2021-01-01/opensearch/domain";
    let body = create.to_string();
    let made = control.signed(&running.developer(), "POST", target, body.as_bytes());
    assert_eq!(made.status, 200, "{}", made.text());
    let mut url = None;
    assert!(running.eventually(|running| {
        url = running.service().domains().get("abroad").cloned();
        url.is_some()
    }));
    let url = url.unwrap();
    let host = url.trim_start_matches("https://").split(':').next().unwrap().to_owned();
    assert!(host.ends_with(".eu-west-1.es.example.org"), "{host}");
    let port = crate::service::port(&url);
    let client = Client { server_name: host, port, region: "eu-west-1".to_owned(), ..control };
    assert_eq!(client.signed(&running.developer(), "GET", "/", b"").status, 200);
}

#[test]
fn settings_that_are_read_again_keep_the_hosts_of_regions_and_forget_those_without_domains() {
    let running = Running::start_with(None, |options| {
        options.settings.domains.endpoint_suffix = Some("es.example.org".to_owned());
    });
    let control = Client { region: "eu-west-1".to_owned(), ..running.control("es") };
    let body = json!({"DomainName": "abroad"}).to_string();
    let (developer, target) = (running.developer(), "/2021-01-01/opensearch/domain");
    let made = control.signed(&developer, "POST", target, body.as_bytes());
    assert_eq!(made.status, 200, "{}", made.text());
    assert!(running.eventually(|running| running.service().domains().contains_key("abroad")));
    let certified = |running: &Running| {
        let name = "search-any-thing.eu-west-1.es.example.org".to_owned();
        let mut stream = Client { server_name: name, ..running.control("es") }.connect();
        stream.conn.complete_io(&mut stream.sock).is_ok()
    };
    let reread = || {
        let settings = server::Settings::clone(&running.service().state().settings());
        running.service().reread(&settings).unwrap();
    };
    assert!(certified(&running));
    reread();
    assert!(certified(&running), "the other region has a domain");
    let gone = control.signed(&developer, "DELETE", &format!("{target}/abroad"), b"");
    assert_eq!(gone.status, 200, "{}", gone.text());
    assert!(running.eventually(|running| !running.service().domains().contains_key("abroad")));
    assert!(running.eventually(|running| {
        reread();
        !certified(running)
    }));
}
