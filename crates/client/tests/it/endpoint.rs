//! Endpoints: what may be one, and what its name tells.

use client::endpoint::Endpoint;

#[test]
fn a_signature_does_not_travel_in_clear() {
    for bad in [
        "http://search.example.com",
        "ftp://localhost",
        "https://user:password@localhost",
        "https://localhost/path",
        "https://localhost?q=1",
        "",
        "https://",
    ] {
        assert!(Endpoint::parse(bad).is_err(), "{bad}");
    }
    for good in ["http://localhost:9200", "http://127.0.0.1", "http://[::1]:1", "localhost:9200"] {
        assert!(Endpoint::parse(good).is_ok(), "{good}");
    }
}

#[test]
fn the_host_header_names_a_port_only_where_it_is_not_the_schemes_own() {
    let host = |text: &str| Endpoint::parse(text).unwrap().host_header().to_owned();
    assert_eq!(host("https://search.example.com:443/"), "search.example.com");
    assert_eq!(host("https://search.example.com:9200"), "search.example.com:9200");
    assert_eq!(host("http://localhost:443"), "localhost:443");
}

#[test]
fn amazons_host_names_tell_region_and_service() {
    let told = |text: &str| {
        let endpoint = Endpoint::parse(text).unwrap();
        let told = endpoint.region_and_service();
        told.map(|(region, service)| format!("{region} {service}"))
    };
    let domain = "search-books-abc123.eu-west-1.es.amazonaws.com";
    assert_eq!(told(domain).as_deref(), Some("eu-west-1 es"));
    let collection = "https://abc123.us-east-1.aoss.amazonaws.com";
    assert_eq!(told(collection).as_deref(), Some("us-east-1 aoss"));
    assert_eq!(told("https://bucket.s3.amazonaws.com"), None);
    assert_eq!(told("https://search.example.com"), None);
}
