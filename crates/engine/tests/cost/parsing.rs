//! What reading a body of many items holds.

use engine::Work;
use engine::rest::{Flavor, parse, route};

#[test]
fn what_all_items_of_an_mtermvectors_share_is_held_once() {
    let ids: Vec<String> = (0..1_000).map(|number| format!("\"z{number}\"")).collect();
    let fields: Vec<String> = (0..200).map(|number| format!("\"field{number}\"")).collect();
    let body = format!(
        r#"{{"parameters":{{"fields":[{}]}},"ids":[{}]}}"#,
        fields.join(","),
        ids.join(",")
    );
    let counted = allocation_counter::measure(|| {
        let route = route("POST", "/books/_mtermvectors", "", Flavor::OpenSearch219).unwrap();
        let work = Work::unbounded();
        parse(route, Some("application/json"), body.clone().into(), &work).unwrap();
    });
    // Copied into each they were 15 MB.
    assert!(counted.bytes_max < 1 << 20, "{} bytes", counted.bytes_max);
}
