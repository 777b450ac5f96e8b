//! Custom endpoints: what is asked of them, and what is shown.

use control::{ControlSettings, certificate_names};
use serde_json::{Value, json};

use crate::kept_credentials::CERTIFICATE;
use crate::support::{ACCOUNT, World};

const ARN: &str = "arn:aws:acm:us-east-1:123456789012:certificate/one";

fn world() -> World {
    let names = ["*.example.org".to_owned()].into();
    World::with_settings(ControlSettings {
        certificates: [(ARN.to_owned(), names)].into(),
        ..ControlSettings::default()
    })
}

fn call(world: &World, operation: &str, domain: &str, options: Value) -> Result<Value, String> {
    let input = json!({"DomainName": domain, "DomainEndpointOptions": options});
    world.call(&world.root(), operation, input).map_err(|error| error.to_string())
}

fn enabled(host: &str) -> Value {
    json!({"CustomEndpointEnabled": true, "CustomEndpoint": host, "CustomEndpointCertificateArn": ARN})
}

#[test]
fn a_custom_endpoint_needs_a_host_and_a_certificate_that_covers_it() {
    let other = "arn:aws:acm:us-east-1:123456789012:certificate/two";
    for (options, refused) in [
        (
            json!({"CustomEndpointEnabled": true, "CustomEndpointCertificateArn": ARN}),
            "Please provide CustomEndpoint field to create a custom endpoint.",
        ),
        (
            json!({"CustomEndpointEnabled": true, "CustomEndpoint": "a.example.org"}),
            "Please provide CustomEndpointCertificateArn field to create a custom endpoint.",
        ),
        (
            json!({"CustomEndpoint": "a.example.org", "CustomEndpointCertificateArn": ARN}),
            "CustomEndpointEnabled flag should be set in order to use CustomEndpoint.",
        ),
        (
            json!({"CustomEndpointEnabled": true, "CustomEndpoint": "a.example.org", "CustomEndpointCertificateArn": other}),
            "CustomEndpointCertificateArn: there is no certificate arn:aws:acm:us-east-1:123456789012:certificate/two",
        ),
        (
            enabled("a.example.com"),
            "CustomEndpoint a.example.com is not a name of the certificate arn:aws:acm:us-east-1:123456789012:certificate/one, which has *.example.org",
        ),
    ] {
        let made = call(&world(), "opensearch:CreateDomain", "logs", options);
        assert_eq!(made, Err(format!("ValidationError: {refused}")));
    }
}

#[test]
fn a_certificate_is_its_accounts_and_of_its_region() {
    for arn in [
        "arn:aws:acm:us-east-1:999988887777:certificate/one",
        "arn:aws:acm:eu-west-1:123456789012:certificate/one",
    ] {
        let names = ["*.example.org".to_owned()].into();
        let world = World::with_settings(ControlSettings {
            certificates: [(arn.to_owned(), names)].into(),
            ..ControlSettings::default()
        });
        let options = json!({"CustomEndpointEnabled": true, "CustomEndpoint": "a.example.org", "CustomEndpointCertificateArn": arn});
        let made = call(&world, "opensearch:CreateDomain", "logs", options);
        let refused =
            format!("ValidationError: CustomEndpointCertificateArn: there is no certificate {arn}");
        assert_eq!(made, Err(refused));
    }
}

#[test]
fn a_custom_endpoint_is_shown_and_gone_when_it_is_disabled() {
    let world = world();
    let made =
        call(&world, "es:CreateElasticsearchDomain", "logs", enabled("a.example.org")).unwrap();
    assert_eq!(made["DomainStatus"]["DomainEndpointOptions"]["CustomEndpoint"], "a.example.org");
    let directory = world.control.directory();
    let domain = directory.domain(ACCOUNT, "us-east-1", "logs").unwrap();
    assert_eq!(domain.custom_endpoint(), Some(("a.example.org", ARN)));
    assert!(domain.answers_at("A.example.org") && !domain.answers_at("b.example.org"));
    let at = |host: &str| world.control.directory().domains_at(host).len();
    assert_eq!(["a.example.org", "A.Example.org", "b.example.org"].map(at), [1, 1, 0]);
    let off = json!({"CustomEndpointEnabled": false});
    let off = call(&world, "opensearch:UpdateDomainConfig", "logs", off).unwrap();
    let options = &off["DomainConfig"]["DomainEndpointOptions"]["Options"];
    let expected = json!({"CustomEndpointEnabled": false, "EnforceHTTPS": true, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"});
    assert_eq!(*options, expected);
}

#[test]
fn one_host_is_of_one_domain() {
    let world = world();
    call(&world, "opensearch:CreateDomain", "logs", enabled("a.example.org")).unwrap();
    let refused = call(&world, "opensearch:CreateDomain", "other", enabled("A.example.org"));
    let text = "ValidationError: CustomEndpoint A.example.org is already in use by another domain";
    assert_eq!(refused, Err(text.to_owned()));
    call(&world, "opensearch:UpdateDomainConfig", "logs", json!({"EnforceHTTPS": true})).unwrap();
    call(&world, "opensearch:UpdateDomainConfig", "logs", enabled("b.example.org")).unwrap();
    call(&world, "opensearch:CreateDomain", "other", enabled("a.example.org")).unwrap();
}

#[test]
fn a_text_that_is_no_certificate_has_no_names() {
    assert!(certificate_names("").is_empty() && certificate_names("x").is_empty());
    assert!(certificate_names(CERTIFICATE).iter().all(|name| !name.is_empty()));
}
