use super::*;
use crate::rest::route;
use serde_json::json;

fn items(path: &str, body: &str) -> Result<Vec<BulkItem>, Exception> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let route = route("POST", path, query, Flavor::Elasticsearch710).unwrap();
    read(&route, &Bytes::copy_from_slice(body.as_bytes()), &Work::unbounded())
}

fn refused(body: &str) -> String {
    items("/x/_bulk", body).unwrap_err().reason().to_owned()
}

#[test]
fn an_item_takes_the_urls_index_unless_it_names_its_own() {
    let items = items(
        "/x/_bulk?routing=r",
        concat!(
            "{\"index\":{}}\n{\"a\":1}\n",
            "{\"delete\":{\"_index\":\"y\",\"_id\":7,\"routing\":\"q\"}}\n",
            "\n",
            "{\"update\":{\"\\u005findex\":\"z\",\"_id\":\"1\"}}\r\n{\"doc\":{}}\r\n",
        ),
    )
    .unwrap();
    let seen: Vec<_> =
        items.iter().map(|i| (i.action.name(), i.index.as_str(), i.id.as_deref())).collect();
    assert_eq!(
        seen,
        [("index", "x", None), ("delete", "y", Some("7")), ("update", "z", Some("1"))]
    );
    assert_eq!(items[0].metadata["routing"], "r");
    assert_eq!(items[1].metadata["routing"], "q");
    let source = items[0].source.clone().unwrap().unwrap();
    assert_eq!((&*source.value, &source.raw[..]), (&json!({"a": 1}), &b"{\"a\":1}"[..]));
}

#[test]
fn duplicate_keys_in_an_action_line_refuse_the_request() {
    assert!(
        refused("{\"delete\":{\"_id\":\"1\",\"_index\":\"a\",\"\\u005findex\":\"b\"}}\n")
            .contains("Duplicate")
    );
}

#[test]
fn a_source_that_is_not_json_fails_its_item_only() {
    let items = items("/x/_bulk", "{\"index\":{}}\n{oops\n{\"index\":{}}\n{}\n").unwrap();
    assert_eq!(
        items[0].source.as_ref().unwrap().as_ref().unwrap_err().kind().type_name(),
        "mapper_parsing_exception"
    );
    assert!(items[1].source.as_ref().unwrap().is_ok());
}

#[test]
fn malformed_lines_are_refused_in_elasticsearchs_words() {
    assert_eq!(
        refused("{\"index\":{}}\n{}"),
        "The bulk request must be terminated by a newline [\\n]"
    );
    assert_eq!(
        refused("{}\n{}\n"),
        "Malformed action/metadata line [1], expected FIELD_NAME but found [END_OBJECT]"
    );
    assert_eq!(
        refused("[]\n{}\n"),
        "Malformed action/metadata line [1], expected START_OBJECT but found [START_ARRAY]"
    );
    assert_eq!(
        refused("{\"foo\":{}}\n{}\n"),
        "Malformed action/metadata line [1], expected one of [create, delete, index, update] but found [foo]"
    );
    assert_eq!(
        refused("{\"index\":{\"foo\":1}}\n{}\n"),
        "Action/metadata line [1] contains an unknown parameter [foo]"
    );
    assert_eq!(refused("{\"delete\":{}}\n"), "Validation Failed: 1: id is missing;");
    assert!(refused("{\"index\":{}}\n").contains("source line is missing"));
    assert!(
        items("/_bulk", "{\"index\":{}}\n{}\n").unwrap_err().reason().contains("index is missing")
    );
}

#[test]
fn op_type_create_turns_an_index_item_into_a_create_item() {
    let items = items("/x/_bulk", "{\"index\":{\"op_type\":\"create\"}}\n{}\n").unwrap();
    assert_eq!(items[0].action, BulkAction::Create);
}
