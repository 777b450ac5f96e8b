//! Dictionaries from the operator's folder, through the API, into the analyzers of one domain.

use std::fs;

use serde_json::{Value, json};

use crate::service::{Running, port};

#[test]
fn a_domain_searches_with_the_synonyms_of_its_package_and_no_other_domain_does() {
    let folder = std::env::temp_dir().join(format!("countersign-packages-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("books")).unwrap();
    fs::write(folder.join("books/rivers.txt"), "rhine, rhein\n").unwrap();
    let running = Running::start_with(None, |options| {
        options.settings.packages.folder = Some(folder.clone());
    });
    let developer = running.developer();
    let call = |method: &str, target: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = running.control("es").signed(&developer, method, target, body.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    let made = call(
        "POST",
        "/2021-01-01/packages",
        json!({
            "PackageName": "rivers", "PackageType": "TXT-DICTIONARY",
            "PackageSource": {"S3BucketName": "books", "S3Key": "rivers.txt"},
        }),
    );
    let id = made["PackageDetails"]["PackageID"].as_str().unwrap().to_owned();
    call("POST", "/2021-01-01/opensearch/domain", json!({"DomainName": "other"}));
    call("POST", &format!("/2021-01-01/packages/associate/{id}/dev"), Value::Null);
    let index = json!({
        "settings": {"analysis": {
            "filter": {"rivers": {"type": "synonym", "synonyms_path": format!("analyzers/{id}")}},
            "analyzer": {"own": {"tokenizer": "standard", "filter": ["lowercase", "rivers"]}},
        }},
        "mappings": {"properties": {"t": {"type": "text", "analyzer": "own"}}},
    })
    .to_string();
    let dev = running.domain();
    let ask = |method: &str, target: &str, body: &str| {
        dev.signed(&developer, method, target, body.as_bytes())
    };
    let answer = ask("PUT", "/rivers", &index);
    assert_eq!(answer.status, 200, "{}", answer.text());
    ask("PUT", "/rivers/_doc/1?refresh=true", r#"{"t": "the Rhine"}"#);
    let found = ask("GET", "/rivers/_count?q=t:rhein", "").json();
    assert_eq!(found["count"], 1);
    // The other domain does not have the file.
    let mut other = None;
    running.eventually(|running| {
        other = running.service().domains().get("other").map(|url| port(url));
        other.is_some()
    });
    let other = crate::client::Client { port: other.unwrap(), ..dev.clone() };
    let answer = other.signed(&developer, "PUT", "/rivers", index.as_bytes());
    assert_eq!(answer.status, 400, "{}", answer.text());
    let told = format!("IOException while reading synonyms_path: analyzers/{id}");
    assert!(answer.text().contains(&told), "{}", answer.text());
    // What the file says later changes no index; without the package the index is read on.
    call("POST", &format!("/2021-01-01/packages/dissociate/{id}/dev"), Value::Null);
    assert_eq!(ask("GET", "/rivers/_count?q=t:rhein", "").json()["count"], 1);
    fs::remove_dir_all(folder).unwrap();
}
