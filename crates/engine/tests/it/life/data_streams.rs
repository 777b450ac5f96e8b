//! `_data_stream`: OpenSearch's; Elasticsearch has them in X-Pack.

use crate::domain::Domain;

fn domain() -> Domain {
    let domain = Domain::opensearch();
    let template = r#"{"index_patterns":["ds-a*"],"priority":600,"data_stream":{},"template":{
        "settings":{"number_of_replicas":0},"mappings":{"properties":{"m":{"type":"keyword"}}},"aliases":{"dal":{}}}}"#;
    domain.ok("PUT /_index_template/ds-t", template);
    domain
}

const ONLY_CREATE: &str = "only write ops with an op_type of create are allowed in data streams";

#[test]
fn a_stream_is_made_as_its_template_says() {
    let domain = domain();
    domain.ok("PUT /_data_stream/ds-a1", "");
    let streams = domain.ok("GET /_data_stream/ds-a1", "");
    let stream = &streams["data_streams"][0];
    assert_eq!(stream["indices"][0]["index_name"], ".ds-ds-a1-000001");
    assert_eq!(stream["timestamp_field"]["name"], "@timestamp");
    assert_eq!((&stream["generation"], &stream["status"]), (&1.into(), &"GREEN".into()));
    assert_eq!(stream["template"], "ds-t");
    let index = &domain.ok("GET /ds-a1", "")[".ds-ds-a1-000001"];
    assert_eq!(index["data_stream"], "ds-a1");
    assert_eq!(index["settings"]["index"]["hidden"], "true");
    assert_eq!(index["mappings"]["properties"]["@timestamp"]["type"], "date");
    assert_eq!(index["mappings"]["_data_stream_timestamp"]["enabled"], true);
    assert_eq!(index["aliases"], serde_json::json!({"dal": {}}));
}

#[test]
fn a_stream_needs_a_template_for_streams() {
    let domain = domain();
    let refused = |name: &str| domain.refused(&format!("PUT /_data_stream/{name}"), "");
    assert_eq!(refused("x").1, "no matching index template found for data stream [x]");
    domain.ok("PUT /_index_template/plain", r#"{"index_patterns":["p*"]}"#);
    let none = "matching index template [plain] for data stream [p] has no data stream template";
    assert_eq!(refused("p").1, none);
    assert_eq!(refused("DS-a").1, "data_stream [DS-a] must be lowercase");
    domain.ok("PUT /_data_stream/ds-a1", "");
    assert_eq!(refused("ds-a1").1, "data_stream [ds-a1] already exists");
    let (status, reason) = domain.refused("PUT /ds-a3", "{}");
    assert_eq!(status, 400);
    assert!(reason.ends_with("creates data streams only, use create data stream api instead"));
}

#[test]
fn documents_are_created_and_never_replaced() {
    let domain = domain();
    domain.ok("PUT /_data_stream/ds-a1", "");
    let document = r#"{"@timestamp":"2020-01-01","m":"x"}"#;
    let (status, written) = domain.ask("POST /ds-a1/_doc", document);
    assert_eq!((status, &written["_index"]), (201, &".ds-ds-a1-000001".into()));
    assert_eq!(domain.ask("PUT /ds-a1/_create/1?refresh=true", document).0, 201);
    assert_eq!(domain.refused("PUT /ds-a1/_doc/1", document), (400, ONLY_CREATE.to_owned()));
    assert_eq!(domain.refused("DELETE /ds-a1/_doc/1", ""), (400, ONLY_CREATE.to_owned()));
    let update = domain.refused("POST /ds-a1/_update/1", r#"{"doc":{"m":"y"}}"#);
    assert_eq!(update, (400, ONLY_CREATE.to_owned()));
    let (status, fault) = domain.ask("POST /ds-a1/_doc", r#"{"m":"x"}"#);
    assert_eq!((status, &fault["error"]["type"]), (400, &"mapper_parsing_exception".into()));
    let why = "documents must contain a single-valued timestamp field '@timestamp' of date type";
    assert_eq!(fault["error"]["caused_by"]["reason"], why);
    assert_eq!(domain.ok("GET /ds-a1/_count", "")["count"], 2);
    assert_eq!(domain.ok("GET /ds-*/_count", "")["count"], 2);
    assert_eq!(domain.ok("GET /_count", "")["count"], 2);
}

#[test]
fn in_a_bulk_each_item_is_judged_alone() {
    let domain = domain();
    let lines = "{\"index\":{\"_index\":\"ds-a1\"}}\n{\"@timestamp\":\"2020-01-01\"}\n\
        {\"create\":{\"_index\":\"ds-a1\"}}\n{\"@timestamp\":\"2020-01-02\"}\n\
        {\"create\":{\"_index\":\"ds-a1\"}}\n{\"m\":\"z\"}\n";
    let answer = domain.ok("POST /_bulk?refresh=true", lines);
    assert_eq!(answer["items"][0]["index"]["error"]["reason"], ONLY_CREATE);
    assert_eq!(answer["items"][1]["create"]["status"], 201);
    assert_eq!(answer["items"][2]["create"]["error"]["type"], "mapper_parsing_exception");
    assert_eq!(domain.ok("GET /_data_stream/ds-a1", "")["data_streams"][0]["name"], "ds-a1");
}

#[test]
fn a_stream_rolls_over_and_its_write_index_stays() {
    let domain = domain();
    domain.ok("PUT /_data_stream/ds-a1", "");
    let rolled = domain.ok("POST /ds-a1/_rollover", "");
    assert_eq!(rolled["new_index"], ".ds-ds-a1-000002");
    let held = domain.ok("POST /ds-a1/_rollover", r#"{"conditions":{"max_docs":100}}"#);
    assert_eq!(
        (&held["rolled_over"], &held["new_index"]),
        (&false.into(), &".ds-ds-a1-000003".into())
    );
    let (_, written) = domain.ask("POST /ds-a1/_doc", r#"{"@timestamp":"2020-01-01"}"#);
    assert_eq!(written["_index"], ".ds-ds-a1-000002");
    let stays = domain.refused("DELETE /.ds-ds-a1-000002", "").1;
    assert_eq!(
        stays,
        "index [.ds-ds-a1-000002] is the write index for data stream [ds-a1] and cannot be deleted"
    );
    domain.ok("DELETE /.ds-ds-a1-000001", "");
    assert_eq!(domain.refused("DELETE /ds-a1", "").0, 404);
    let streams = domain.ok("GET /_data_stream/ds-a1", "");
    assert_eq!(streams["data_streams"][0]["indices"].as_array().unwrap().len(), 1);
    let resolved = domain.ok("GET /_resolve/index/ds-*", "");
    assert_eq!(resolved["data_streams"][0]["backing_indices"][0], ".ds-ds-a1-000002");
}

#[test]
fn a_stream_goes_with_its_indices() {
    let domain = domain();
    domain.ask("POST /ds-a1/_doc?refresh=true", r#"{"@timestamp":"2020-01-01"}"#);
    let used = domain.refused("DELETE /_index_template/ds-t", "").1;
    assert_eq!(
        used,
        "unable to remove composable templates [ds-t] as they are in use by a data streams [ds-a1]"
    );
    let stats = domain.ok("GET /_data_stream/_stats", "");
    assert_eq!((&stats["data_stream_count"], &stats["backing_indices"]), (&1.into(), &1.into()));
    domain.ok("DELETE /_data_stream/ds-a1", "");
    assert_eq!(domain.ask("GET /.ds-ds-a1-000001", "").0, 404);
    assert_eq!(domain.ask("GET /_data_stream/ds-a1", "").0, 404);
    domain.ok("DELETE /_data_stream/nope", "");
    domain.ok("DELETE /_index_template/ds-t", "");
}
