use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use engine::cluster::Metadata;
use engine::rest::{Flavor, parse, route};
use engine::{Grants, Work};
use expect_test::{Expect, expect};
use serde_json::json;

use super::*;

/// Indices `open`, `other`, `secret`, closed `shut`, hidden `.hidden`, `piped` with a pipeline and the stream `logs`; aliases
/// `one` → open, `both` → open and secret, `part` → open with a filter, `routed` → open with a routing, `xshaped` and
/// `xwrapped` → open with filters that look up or hide something, `series` → s-000001. Templates give `through-*` a pipeline and `kept-*` a
/// field that keeps queries.
fn metadata() -> Metadata {
    let index = |name: &str, state: &str, settings: Value, aliases: Value| {
        let mut settings = settings;
        settings["uuid"] = format!("u-{name}").into();
        let names: Vec<&String> = aliases.as_object().unwrap().keys().collect();
        let told = json!({"state": state, "settings": {"index": settings}, "aliases": names});
        (name.to_owned(), told, json!({ "aliases": aliases }))
    };
    let filtered = json!({"filter": {"term": {"a": 1}}});
    let routed = json!({"index_routing": "1", "search_routing": "1"});
    let shaped = json!({"filter": {"geo_shape": {"g": {"indexed_shape": {"id": "1"}}}}});
    let wrapped = json!({"filter": {"wrapper": {"query": "e30="}}});
    let of_open = json!({"one": {}, "both": {}, "part": filtered, "routed": routed,
        "xshaped": shaped, "xwrapped": wrapped});
    let indices = [
        index("open", "open", json!({}), of_open),
        index("other", "open", json!({}), json!({})),
        index("secret", "open", json!({}), json!({"both": {}})),
        index("shut", "close", json!({}), json!({})),
        index(".hidden", "open", json!({"hidden": "true"}), json!({})),
        index("piped", "open", json!({"default_pipeline": "p"}), json!({})),
        index(".ds-logs-000001", "open", json!({"hidden": "true"}), json!({})),
        index("s-000001", "open", json!({"provided_name": "s-000001"}), json!({"series": {}})),
        index(
            "d-000001",
            "open",
            json!({"provided_name": "<d-{now/d}-000001>"}),
            json!({"dated": {}}),
        ),
    ];
    let stream = json!({"indices": [{"index_name": ".ds-logs-000001"}], "generation": 1});
    let gives = json!({"settings": {"index": {"final_pipeline": "p"}}});
    let queries = json!({"properties": {"q": {"type": "percolator"}}});
    let templates = json!({
        "streams": {"index_patterns": ["metrics-*"], "data_stream": {}},
        "gives": {"index_patterns": ["through-*"], "composed_of": ["piping"]},
        "keeps": {"index_patterns": ["kept-*"], "template": {"mappings": queries}},
    });
    let state = json!({
        "cluster_uuid": "c", "version": 1,
        "metadata": {
            "indices": indices.iter().map(|(name, told, _)| (name.clone(), told.clone())).collect::<serde_json::Map<_, _>>(),
            "data_stream": {"data_stream": {"logs": stream}},
            "index_template": {"index_template": templates},
            "component_template": {"component_template": {"piping": {"template": gives}}},
        },
    });
    let aliases = indices.into_iter().map(|(name, _, aliases)| (name, aliases)).collect();
    Metadata::of_cluster(&state, &Value::Object(aliases)).unwrap()
}

/// What may be touched: everything but `secret`, and any name that is new.
fn grants(parsed: &Parsed, metadata: &Metadata) -> Grants {
    let catalog = crate::targets::IndexCatalog {
        metadata,
        now: Timestamp::UNIX_EPOCH,
        being_snapshotted: &[],
    };
    let asks = crate::targets::asks(parsed, &catalog, &Work::unbounded()).unwrap();
    let denied = |ask: &crate::targets::Ask| match ask.path.contains("secret") {
        true => Err("no".into()),
        false => Ok(()),
    };
    asks.settle("p", denied).unwrap()
}

fn parsed(line: &str, body: &str) -> Parsed {
    let (method, url) = line.split_once(' ').unwrap();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut route = route(method, path, query, Flavor::OpenSearch219).unwrap();
    route.explicit_index = true;
    let body = Bytes::copy_from_slice(body.as_bytes());
    parse(route, Some("application/json"), body, &Work::unbounded()).unwrap()
}

fn planned(
    line: &str,
    body: &str,
    grants: impl Fn(&Parsed, &Metadata) -> Grants,
) -> Result<Plan, Exception> {
    let (metadata, parsed) = (metadata(), parsed(line, body));
    let grants = grants(&parsed, &metadata);
    planned_of(&parsed, body, &grants, &metadata, None)
}

fn planned_of(
    parsed: &Parsed,
    body: &str,
    grants: &Grants,
    metadata: &Metadata,
    shared: Option<&SharedNames>,
) -> Result<Plan, Exception> {
    rewrite(&JudgedRequest {
        parsed,
        body: &Bytes::copy_from_slice(body.as_bytes()),
        grants,
        metadata,
        now: Timestamp::UNIX_EPOCH,
        kept: &[("ours".to_owned(), "theirs".to_owned())].into(),
        line_bytes_max: 4096,
        shared,
    })
}

/// What is sent, answered or refused, as text.
fn told(plan: Result<Plan, Exception>) -> String {
    match plan {
        Ok(Plan::Sent(request)) => {
            let SentRequest { method, path, query, body, .. } = *request;
            let mark = if query.is_empty() { "" } else { "?" };
            let body = String::from_utf8(body.to_vec()).unwrap();
            format!("{} {path}{mark}{query} {body}", method.name()).trim_end().to_owned()
        }
        Ok(Plan::Answered(response)) => {
            format!("{} {}", response.status, String::from_utf8_lossy(&response.body))
        }
        Err(fault) => format!("{} {}", fault.status(), fault.reason()),
    }
}

fn sends(line: &str, body: &str) -> String {
    told(planned(line, body, grants))
}

/// What a cluster is sent on which the domain's names begin with `a.`.
fn sends_shared(line: &str, body: &str) -> String {
    let (metadata, parsed) = (metadata(), parsed(line, body));
    let (grants, shared) = (grants(&parsed, &metadata), SharedNames::with("a."));
    told(match planned_of(&parsed, body, &grants, &metadata, Some(&shared)) {
        Ok(Plan::Sent(sent)) => {
            shared.request(&parsed, *sent, 4096).map(|sent| Plan::Sent(Box::new(sent)))
        }
        other => other,
    })
}

fn check(lines: &[&str], expected: Expect) {
    check_with(sends, lines, expected);
}

fn check_with(sends: impl Fn(&str, &str) -> String, lines: &[&str], expected: Expect) {
    let told: Vec<String> = lines
        .iter()
        .map(|line| {
            let (line, body) = line
                .split_once(" {")
                .map_or((*line, String::new()), |(line, body)| (line, format!("{{{body}")));
            format!("{line} → {}", sends(line, &body))
        })
        .collect();
    expected.assert_eq(&told.join("\n"));
}

#[test]
fn b_names_and_patterns_become_the_concrete_indices_that_were_granted() {
    check(
        &[
            "GET /_search {\"size\":1}",
            "GET /o*,s*/_search?q=a%26b&expand_wildcards=open",
            "GET /one/_count",
            "GET /both*/_search",
            "GET /nothing-*/_search",
            "GET /logs/_search",
            "GET /missing/_search",
            "GET /shut/_search",
            "GET /part/_search",
            "GET /part,open/_search",
            "GET /part,other/_search {\"size\":1,\"query\":{\"match\":{\"t\":\"x\"}}}",
            "GET /part/_count",
            "GET /part/_search {\"highlight\":{\"fields\":{\"t\":{}}}}",
            "GET /part/_search {\"aggs\":{\"all\":{\"global\":{}}}}",
            "GET /part/_search?q=x",
            "POST /part/_delete_by_query {\"query\":{\"match_all\":{}}}",
            "POST /part/_search/point_in_time?keep_alive=1m",
            "GET /routed/_search",
            "POST /op*/_delete_by_query {\"query\":{}}",
            "POST /piped/_update_by_query",
        ],
        expect![[r#"
            GET /_search → GET /d-000001,open,other,piped,s-000001,.ds-logs-000001/_search {"size":1}
            GET /o*,s*/_search?q=a%26b&expand_wildcards=open → GET /open,other,s-000001/_search?q=a%26b
            GET /one/_count → GET /open/_count
            GET /both*/_search → GET /open/_search
            GET /nothing-*/_search → GET /*,-*/_search
            GET /logs/_search → GET /.ds-logs-000001/_search
            GET /missing/_search → 404 no such index [missing]
            GET /shut/_search → 400 closed
            GET /part/_search → GET /open/_search {"query":{"bool":{"must":[{"match_all":{}}],"filter":[{"bool":{"should":[{"bool":{"filter":[{"term":{"_index":"open"}},{"bool":{"should":[{"term":{"a":1}}],"minimum_should_match":1}}]}},{"bool":{"must_not":[{"terms":{"_index":["open"]}}]}}],"minimum_should_match":1}}]}}}
            GET /part,open/_search → GET /open/_search
            GET /part,other/_search → GET /open,other/_search {"size":1,"query":{"bool":{"must":[{"match":{"t":"x"}}],"filter":[{"bool":{"should":[{"bool":{"filter":[{"term":{"_index":"open"}},{"bool":{"should":[{"term":{"a":1}}],"minimum_should_match":1}}]}},{"bool":{"must_not":[{"terms":{"_index":["open"]}}]}}],"minimum_should_match":1}}]}}}
            GET /part/_count → GET /open/_count {"query":{"bool":{"must":[{"match_all":{}}],"filter":[{"bool":{"should":[{"bool":{"filter":[{"term":{"_index":"open"}},{"bool":{"should":[{"term":{"a":1}}],"minimum_should_match":1}}]}},{"bool":{"must_not":[{"terms":{"_index":["open"]}}]}}],"minimum_should_match":1}}]}}}
            GET /part/_search → 501 [highlight through an alias with a filter] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /part/_search → 501 [such a search through an alias with a filter] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /part/_search?q=x → 501 [q through an alias with a filter] is not supported in authorization mode [strict] on a domain that a cluster serves
            POST /part/_delete_by_query → 501 [alias of open with a filter] is not supported in authorization mode [strict] on a domain that a cluster serves
            POST /part/_search/point_in_time?keep_alive=1m → 501 [alias of open with a filter] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /routed/_search → 501 [alias of open with a routing] is not supported in authorization mode [strict] on a domain that a cluster serves
            POST /op*/_delete_by_query → POST /open/_delete_by_query {"query":{}}
            POST /piped/_update_by_query → 501 [writes to an index with default_pipeline] is not supported in authorization mode [strict] on a domain that a cluster serves"#]],
    );
}

#[test]
fn a_document_goes_to_the_concrete_index_behind_its_name() {
    check(
        &[
            "PUT /one/_doc/a%2Fb?refresh=true {\"a\":1}",
            "PUT /one/_doc/1?require_alias=true {\"a\":1}",
            "PUT /fresh/_doc/1 {\"a\":1}",
            "GET /<open>/_doc/1",
            "GET /one/_doc/1",
            "PUT /routed/_doc/1 {\"a\":1}",
            "GET /routed/_doc/1",
            "PUT /piped/_doc/1 {\"a\":1}",
            "PUT /through-1/_doc/1 {\"a\":1}",
            "PUT /metrics-1/_doc/1 {\"a\":1}",
            "PUT /logs/_doc/1 {\"a\":1}",
            "PUT /open/_doc/1?pipeline=p {\"a\":1}",
            "PUT /open/_doc/1?pipeline=_none {\"a\":1}",
            "POST /_reindex {\"source\":{\"index\":\"o*\"},\"dest\":{\"index\":\"one\"}}",
            "POST /_reindex {\"source\":{\"index\":\"nothing-*\"},\"dest\":{\"index\":\"one\"}}",
            "POST /_reindex {\"source\":{\"remote\":{\"host\":\"x\"},\"index\":\"open\"},\"dest\":{\"index\":\"one\"}}",
            "POST /_reindex {\"source\":{\"index\":\"open\"},\"dest\":{\"index\":\"one\"},\"script\":\"ctx._index = 'secret'\"}",
        ],
        expect![[r#"
            PUT /one/_doc/a%2Fb?refresh=true → PUT /open/_doc/a%2Fb?refresh=true {"a":1}
            PUT /one/_doc/1?require_alias=true → PUT /open/_doc/1 {"a":1}
            PUT /fresh/_doc/1 → PUT /fresh/_doc/1 {"a":1}
            GET /<open>/_doc/1 → GET /open/_doc/1
            GET /one/_doc/1 → GET /open/_doc/1
            PUT /routed/_doc/1 → 501 [alias routed with a routing] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /routed/_doc/1 → 501 [alias routed with a routing] is not supported in authorization mode [strict] on a domain that a cluster serves
            PUT /piped/_doc/1 → 501 [writes to an index with default_pipeline] is not supported in authorization mode [strict] on a domain that a cluster serves
            PUT /through-1/_doc/1 → 501 [writes to an index whose template gives it a pipeline] is not supported in authorization mode [strict] on a domain that a cluster serves
            PUT /metrics-1/_doc/1 → 501 [writes to data streams] is not supported in authorization mode [strict] on a domain that a cluster serves
            PUT /logs/_doc/1 → 501 [writes to data streams] is not supported in authorization mode [strict] on a domain that a cluster serves
            PUT /open/_doc/1?pipeline=p → 501 [pipeline] is not supported in authorization mode [strict] on a domain that a cluster serves
            PUT /open/_doc/1?pipeline=_none → PUT /open/_doc/1?pipeline=_none {"a":1}
            POST /_reindex → POST /_reindex {"source":{"index":["open","other"]},"dest":{"index":"open"}}
            POST /_reindex → POST /_reindex {"source":{"index":"*,-*"},"dest":{"index":"open"}}
            POST /_reindex → 501 [reindex with source.remote] is not supported in authorization mode [strict] on a domain that a cluster serves
            POST /_reindex → 501 [reindex with script] is not supported in authorization mode [strict] on a domain that a cluster serves"#]],
    );
}

#[test]
fn indices_as_things_are_addressed_by_their_own_names() {
    check(
        &[
            "GET /_mapping",
            "GET /o*/_settings/index.number_*",
            "DELETE /o*",
            "DELETE /zz*",
            "DELETE /one",
            "PUT /fresh {\"aliases\":{\"new\":{}}}",
            "PUT /fresh {\"settings\":{\"index.default_pipeline\":\"p\"}}",
            "PUT /open/_settings {\"index\":{\"final_pipeline\":\"p\"}}",
            "PUT /_index_template/t {\"index_patterns\":[\"x\"],\"template\":{\"settings\":{\"default_pipeline\":\"p\"}}}",
            "POST /_refresh",
            "POST /series/_rollover {\"conditions\":{}}",
            "POST /dated/_rollover",
            "PUT /one/_shrink/small",
            "PUT /one/_split/<s-{now%2Fd}>",
            "PUT /one/_clone/_search",
            "PUT /open/_alias/_search",
            "PUT /o*/_alias/new",
            "DELETE /open/_alias/o*",
            "DELETE /open/_alias/missing",
            "POST /_aliases {\"actions\":[{\"add\":{\"index\":\"o*\",\"alias\":\"x\",\"filter\":{\"term\":{\"a\":1}}}},{\"remove_index\":{\"index\":\"other\"}}]}",
        ],
        expect![[r#"
            GET /_mapping → GET /d-000001,open,other,piped,s-000001,.ds-logs-000001/_mapping
            GET /o*/_settings/index.number_* → GET /open,other/_settings/index.number_*
            DELETE /o* → DELETE /open,other
            DELETE /zz* → 200 {"acknowledged":true}
            DELETE /one → 400 The provided expression [one] matches an alias, specify the corresponding concrete indices instead.
            PUT /fresh → PUT /fresh {"aliases":{"new":{}}}
            PUT /fresh → 501 [setting default_pipeline or final_pipeline] is not supported in authorization mode [strict] on a domain that a cluster serves
            PUT /open/_settings → 501 [setting default_pipeline or final_pipeline] is not supported in authorization mode [strict] on a domain that a cluster serves
            PUT /_index_template/t → 501 [setting default_pipeline or final_pipeline] is not supported in authorization mode [strict] on a domain that a cluster serves
            POST /_refresh → POST /d-000001,open,other,piped,s-000001,.ds-logs-000001/_refresh
            POST /series/_rollover → POST /series/_rollover/s-000002 {"conditions":{}}
            POST /dated/_rollover → 501 [rollover of an index whose name was given as date math] is not supported in authorization mode [strict] on a domain that a cluster serves
            PUT /one/_shrink/small → PUT /open/_shrink/small
            PUT /one/_split/<s-{now%2Fd}> → PUT /open/_split/s-1970.01.01
            PUT /one/_clone/_search → 400 Invalid index name [_search], must not start with '_', '-', or '+'
            PUT /open/_alias/_search → 400 Invalid alias name [_search]: must not start with '_', '-', or '+'
            PUT /o*/_alias/new → POST /_aliases {"actions":[{"add":{"index":"open","aliases":["new"]}},{"add":{"index":"other","aliases":["new"]}}]}
            DELETE /open/_alias/o* → POST /_aliases {"actions":[{"remove":{"index":"open","aliases":["one"]}}]}
            DELETE /open/_alias/missing → 404 aliases [missing] missing
            POST /_aliases → POST /_aliases {"actions":[{"add":{"filter":{"term":{"a":1}},"index":"open","aliases":["x"]}},{"add":{"filter":{"term":{"a":1}},"index":"other","aliases":["x"]}},{"remove_index":{"index":"other"}}]}"#]],
    );
}

#[test]
fn listings_are_asked_for_the_granted_indices_or_refused() {
    check(
        &[
            "GET /_cat/indices?v&h=index",
            "GET /_cat/shards",
            "GET /_stats/docs",
            "GET /_alias/b*",
            "GET /_field_caps?fields=*",
            "GET /_cluster/health",
            "GET /_cluster/state/version",
            "GET /_cluster/state",
            "GET /_cluster/stats",
            "GET /_cat/aliases",
            "GET /_resolve/index/bo*,se*,sh*",
            "GET /_resolve/index/o*?pretty",
            "GET /_cat/recovery?index=secret",
            "GET /_cat/nodes",
            "GET /_cat/nodes?h=*",
            "GET /_nodes/stats/jvm",
            "GET /_nodes/stats",
            "GET /_tasks",
            "GET /_snapshot/r/s",
            "GET /_data_stream",
            "GET /_cat/templates",
            "GET /",
        ],
        expect![[r#"
            GET /_cat/indices?v&h=index → GET /_cat/indices/d-000001,open,other,piped,s-000001,shut,.ds-logs-000001?v&h=index
            GET /_cat/shards → GET /_cat/shards/d-000001,open,other,piped,s-000001,.ds-logs-000001
            GET /_stats/docs → GET /d-000001,open,other,piped,s-000001,.ds-logs-000001/_stats/docs
            GET /_alias/b* → GET /.ds-logs-000001,.hidden,d-000001,open,other,piped,s-000001,shut/_alias/b*
            GET /_field_caps?fields=* → GET /d-000001,open,other,piped,s-000001,.ds-logs-000001/_field_caps?fields=*
            GET /_cluster/health → GET /_cluster/health/d-000001,open,other,piped,s-000001,shut,.ds-logs-000001
            GET /_cluster/state/version → GET /_cluster/state/version
            GET /_cluster/state → 501 [cluster.state] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /_cluster/stats → 501 [cluster.stats] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /_cat/aliases → 501 [cat.aliases] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /_resolve/index/bo*,se*,sh* → 200 {"indices":[],"aliases":[{"name":"both","indices":["open"]},{"name":"series","indices":["s-000001"]}],"data_streams":[]}
            GET /_resolve/index/o*?pretty → 501 [indices.resolve_index with pretty] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /_cat/recovery?index=secret → 501 [cat.recovery] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /_cat/nodes → GET /_cat/nodes
            GET /_cat/nodes?h=* → 501 [cat.nodes] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /_nodes/stats/jvm → GET /_nodes/stats/jvm
            GET /_nodes/stats → 501 [nodes.stats] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /_tasks → 501 [tasks.list] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /_snapshot/r/s → 501 [snapshot.get] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /_data_stream → 501 [indices.get_data_stream] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /_cat/templates → GET /_cat/templates
            GET / → GET /"#]],
    );
}

#[test]
fn a_field_that_keeps_queries_is_refused_wherever_it_stands() {
    let field = r#"{"properties":{"q":{"type":"percolator"}}}"#;
    let named = r#"{"dynamic_templates":[{"t":{"mapping":{"type":"text","fields":{"f":{"type":"{name}"}}}}}]}"#;
    let key = r#"{"dynamic_templates":[{"t":{"mapping":{"type":"text","fields":{"f":{"{name}":"percolator"}}}}}]}"#;
    for mappings in [field, named, key] {
        for (line, body) in [
            ("PUT /fresh", format!(r#"{{"mappings":{mappings}}}"#)),
            ("PUT /open/_mapping", mappings.to_owned()),
            ("PUT /_template/t", format!(r#"{{"index_patterns":["x"],"mappings":{mappings}}}"#)),
            (
                "PUT /_index_template/t",
                format!(r#"{{"index_patterns":["x"],"template":{{"mappings":{mappings}}}}}"#),
            ),
            ("PUT /_component_template/t", format!(r#"{{"template":{{"mappings":{mappings}}}}}"#)),
            ("POST /series/_rollover", format!(r#"{{"mappings":{mappings}}}"#)),
            ("PUT /open/_clone/copy", format!(r#"{{"x":{mappings}}}"#)),
        ] {
            let told = sends(line, &body);
            assert!(told.starts_with("501 [a field of type percolator]"), "{line} {body} → {told}");
        }
    }
    check(
        &[
            "PUT /kept-1/_doc/1 {\"q\":{}}",
            "PUT /_component_template/t {\"template\":{\"mappings\":\"e30=\"}}",
            "PUT /fresh {\"mappings\":{\"properties\":{\"percolator\":{\"type\":\"text\"}}}}",
        ],
        expect![[r#"
            PUT /kept-1/_doc/1 → 501 [writes to an index whose template gives it a field of type percolator] is not supported in authorization mode [strict] on a domain that a cluster serves
            PUT /_component_template/t → 501 [mappings as text] is not supported in authorization mode [strict] on a domain that a cluster serves
            PUT /fresh → PUT /fresh {"mappings":{"properties":{"percolator":{"type":"text"}}}}"#]],
    );
}

#[test]
fn a_filter_that_looks_something_up_is_not_joined_to_a_query_nor_is_one_that_hides_what_it_is() {
    check(
        &[
            "GET /xshaped/_search",
            "GET /xwrapped/_search",
            "GET /part/_search {\"query\":{\"wrapper\":{\"query\":\"e30=\"}}}",
            "GET /open/_search {\"query\":{\"wrapper\":{\"query\":\"e30=\"}}}",
        ],
        expect![[r#"
            GET /xshaped/_search → 501 [such a search through an alias with a filter] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /xwrapped/_search → 501 [such a search through an alias with a filter] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /part/_search → 501 [such a search through an alias with a filter] is not supported in authorization mode [strict] on a domain that a cluster serves
            GET /open/_search → GET /open/_search {"query":{"wrapper":{"query":"e30="}}}"#]],
    );
}

#[test]
fn an_error_that_may_name_a_hidden_index_is_asked_for_in_json() {
    check(
        &[
            "PUT /fresh?format=cbor&pretty",
            "PUT /_index_template/t?format=smile {\"index_patterns\":[\"x\"]}",
            "GET /open/_search?format=yaml",
        ],
        expect![[r#"
            PUT /fresh?format=cbor&pretty → PUT /fresh?pretty
            PUT /_index_template/t?format=smile → PUT /_index_template/t {"index_patterns":["x"]}
            GET /open/_search?format=yaml → GET /open/_search?format=yaml"#]],
    );
}

#[test]
fn only_what_changes_nothing_the_second_time_may_be_repeated() {
    let repeats = |line: &str, body: &str| match planned(line, body, grants).unwrap() {
        Plan::Sent(request) => request.repeatable,
        Plan::Answered(_) => panic!("{line} is answered"),
    };
    for (line, body) in [
        ("POST /open/_search", "{}"),
        ("GET /open/_doc/1", ""),
        ("GET /_cat/indices", ""),
        ("POST /_mget", r#"{"docs":[{"_index":"open","_id":"1"}]}"#),
        ("PUT /open/_doc/1?refresh=true", "{}"),
    ] {
        assert!(repeats(line, body), "{line}");
    }
    for (line, body) in [
        ("PUT /_bulk", "{\"index\":{\"_index\":\"open\"}}\n{}\n"),
        ("PUT /open/_create/1", "{}"),
        ("PUT /open/_doc/1?op_type=create", "{}"),
        ("PUT /open/_doc/1?if_seq_no=1&if_primary_term=1", "{}"),
        ("PUT /open/_doc/1?version=1&version_type=external", "{}"),
        ("POST /open/_doc/1", "{}"),
        ("DELETE /open/_doc/1", ""),
        ("GET /open/_search?scroll=1m", ""),
        ("POST /open/_search/point_in_time?keep_alive=1m", ""),
        ("PUT /fresh", ""),
    ] {
        assert!(!repeats(line, body), "{line}");
    }
    let mut owned = Grants::everything("p");
    owned.cursors = ["ours".to_owned()].into();
    let page = planned("POST /_search/scroll", r#"{"scroll_id":"ours"}"#, |_, _| owned.clone());
    match page.unwrap() {
        Plan::Sent(request) => assert!(!request.repeatable, "a page that was lost is lost"),
        Plan::Answered(_) => panic!("it is answered"),
    }
}

#[test]
fn what_was_not_judged_does_not_run_in_a_rated_search_or_below_the_top() {
    let rated = |request: &str| {
        let body = format!(
            r#"{{"requests":[{{"id":"r","ratings":[],{request}}}],"metric":{{"precision":{{}}}},
                "templates":[{{"id":"t","template":{{"source":"{{}}"}}}}]}}"#
        );
        let told = sends("POST /open/_rank_eval", &body);
        told.split(" is not supported").next().unwrap().to_owned()
    };
    assert!(rated(r#""request":{"query":{}}"#).starts_with("POST /open/_rank_eval {"));
    assert_eq!(rated(r#""template_id":"t","params":{"a":1}"#), "501 [rank_eval with templates]");
    assert_eq!(rated(r#""request":{"search_pipeline":"p"}"#), "501 [search_pipeline]");
    assert_eq!(
        rated(r#""request":{"query":{"terms":{"f":{"index":"open","id":1e0,"path":"p"}}}}"#),
        "501 [a fraction as the name of an index or of a document]"
    );
    let wrapped = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        r#"{"more_like_this":{"like":[{"_index":2e3,"_id":"1"}]}}"#,
    );
    let wrapped =
        format!("POST /open/_search {{\"query\":{{\"wrapper\":{{\"query\":\"{wrapped}\"}}}}}}");
    check(
        &[
            "POST /_reindex {\"source\":{\"index\":\"open\",\"search_pipeline\":\"p\"},\"dest\":{\"index\":\"other\"}}",
            "POST /open/_search {\"query\":{\"term\":{\"id\":1.5}}}",
            "PUT /open/_doc/1 {\"index\":\"a\",\"id\":1.5}",
            &wrapped,
        ],
        expect![[r#"
            POST /_reindex → 501 [reindex with source.search_pipeline] is not supported in authorization mode [strict] on a domain that a cluster serves
            POST /open/_search → POST /open/_search {"query":{"term":{"id":1.5}}}
            PUT /open/_doc/1 → PUT /open/_doc/1 {"index":"a","id":1.5}
            POST /open/_search → 501 [a fraction as the name of an index or of a document] is not supported in authorization mode [strict] on a domain that a cluster serves"#]],
    );
}

/// A plan with items: what is sent, and what is kept back.
fn items(line: &str, body: &str) -> (String, BTreeMap<usize, String>) {
    match planned(line, body, grants).unwrap() {
        Plan::Sent(request) => {
            let kept = match request.answer {
                AnswerPlan::Merged { kept_back, .. } => kept_back,
                _ => BTreeMap::new(),
            };
            (String::from_utf8(request.body.to_vec()).unwrap(), kept)
        }
        Plan::Answered(response) => {
            (String::from_utf8(response.body.to_vec()).unwrap(), BTreeMap::new())
        }
    }
}

#[test]
fn d1_denied_items_of_a_bulk_are_taken_out_and_the_others_name_concrete_indices() {
    let body = concat!(
        "{\"index\":{\"_index\":\"secret\",\"_id\":\"1\"}}\n{\"a\":1}\n",
        "{\"create\":{\"_id\":\"2\",\"routing\":\"r\"}}\n{\"a\" : 2}\n",
        "{\"delete\":{\"_index\":\"one\",\"_id\":\"3\"}}\n",
        "{\"update\":{\"_index\":\"secret\",\"_id\":\"4\"}}\n{\"doc\":{}}\n",
    );
    let (sent, kept) = items("POST /one/_bulk?refresh=true", body);
    assert_eq!(
        sent,
        "{\"create\":{\"_index\":\"open\",\"_id\":\"2\",\"routing\":\"r\"}}\n{\"a\" : 2}\n\
         {\"delete\":{\"_index\":\"open\",\"_id\":\"3\"}}\n"
    );
    assert_eq!(kept.keys().copied().collect::<BTreeSet<_>>(), [0, 3].into());
    assert_eq!(
        kept[&0],
        r#"{"index":{"_index":"secret","_id":"1","status":403,"error":{"type":"security_exception","reason":"no"}}}"#
    );
    let (answered, _) =
        items("POST /_bulk", "{\"delete\":{\"_index\":\"secret\",\"_id\":\"1\"}}\n");
    assert!(
        answered.starts_with(r#"{"took":0,"errors":true,"items":[{"delete":{"_index":"secret""#)
    );
}

#[test]
fn d2_denied_items_of_an_mget_and_an_msearch_are_taken_out() {
    let docs =
        r#"{"docs":[{"_index":"secret","_id":"1"},{"_index":"one","_id":"2","_source":false}]}"#;
    let (sent, kept) = items("POST /_mget", docs);
    assert_eq!(sent, r#"{"docs":[{"_index":"open","_id":"2","_source":false}]}"#);
    assert_eq!(kept.keys().copied().collect::<Vec<_>>(), [0]);
    let searches = "{\"index\":\"secret\"}\n{}\n{\"index\":\"o*\",\"expand_wildcards\":\"all\"}\n{\"size\":0}\n\
        {\"index\":\"zz*\"}\n{}\n{\"index\":\"missing\"}\n{}\n";
    let (sent, kept) = items("POST /_msearch", searches);
    assert_eq!(
        sent,
        "{\"index\":[\"open\",\"other\"]}\n{\"size\":0}\n{\"index\":[\"*,-*\"]}\n{}\n"
    );
    assert_eq!(kept.keys().copied().collect::<Vec<_>>(), [0, 3]);
    assert!(kept[&3].contains("no such index [missing]"));
}

#[test]
fn in_mode_aws_a_request_goes_on_as_it_was_judged_by_its_url() {
    let everything = |_: &Parsed, _: &Metadata| Grants::everything("p");
    let told = |line: &str, body: &str| told(planned(line, body, everything));
    assert_eq!(told("GET /o*/_search?q=a%2Bb", ""), "GET /o*/_search?q=a%2Bb");
    assert_eq!(
        told("POST /_bulk", "{\"delete\":{\"_index\":\"x\",\"_id\":\"1\"}}\n"),
        "POST /_bulk {\"delete\":{\"_index\":\"x\",\"_id\":\"1\"}}"
    );
    assert_eq!(told("GET /_plugins/_security/api/roles", "").get(..3), Some("501"));
    // The client's name of a point in time is none of the cluster's.
    let of_pit = "{}\n{\"pit\":{\"id\":\"ours\"}}\n";
    assert_eq!(told("POST /_msearch", of_pit).get(..3), Some("501"));
}

#[test]
fn a_cursor_is_continued_by_our_name_for_it_and_by_no_other() {
    let mut owned = Grants::everything("p");
    owned.cursors = ["ours".to_owned()].into();
    let may = |_: &Parsed, _: &Metadata| Grants { everything: false, ..owned.clone() };
    let told = |line: &str, body: &str| told(planned(line, body, may));
    assert_eq!(
        told("POST /_search/scroll", r#"{"scroll_id":"ours","scroll":"1m"}"#),
        r#"POST /_search/scroll {"scroll_id":"theirs","scroll":"1m"}"#
    );
    assert_eq!(
        told("POST /_search/scroll", r#"{"scroll_id":"theirs"}"#),
        "404 No search context found for id [theirs]"
    );
    assert_eq!(
        told("DELETE /_search/scroll/_all", ""),
        r#"DELETE /_search/scroll {"scroll_id":["theirs"]}"#
    );
    assert_eq!(
        told("DELETE /_search/scroll/theirs", ""),
        r#"404 {"succeeded":true,"num_freed":0}"#
    );
    assert_eq!(
        told("POST /_search", r#"{"pit":{"id":"ours"},"size":1}"#),
        r#"POST /_search {"pit":{"id":"theirs"},"size":1}"#
    );
    assert_eq!(
        told("DELETE /_search/point_in_time", r#"{"pit_id":"theirs"}"#),
        r#"200 {"pits":[{"successful":true,"pit_id":"theirs"}]}"#
    );
}

#[test]
fn on_a_shared_cluster_every_name_has_the_prefix_and_nothing_stays_nothing() {
    check_with(
        sends_shared,
        &[
            "GET /*",
            "GET /nothing-*",
            "GET /nothing-*/_search",
            "PUT /open/_clone/copy",
            "PUT /open/_clone/_search",
            "PUT /open/_clone/-x",
            "POST /series/_rollover/s-9",
            "GET /_cat/indices/o*",
            "GET /_cluster/health/open",
            "GET /_nodes/stats/jvm",
            "GET /_stats/docs",
            "GET /open/_alias/*,-part",
            "PUT /open/_alias/fine",
            "PUT /open/_alias/_search",
            "POST /_aliases {\"actions\":[{\"add\":{\"index\":\"open\",\"alias\":\"-x\"}}]}",
            "PUT /fresh {\"aliases\":{\"_search\":{}}}",
            "PUT /_index_template/t {\"index_patterns\":[\"x-*\"],\"template\":{\"aliases\":{\"+x\":{}}}}",
            "PUT /_index_template/t {\"index_patterns\":[\"x-*\"],\"template\":{\"aliases\":{\"of-{index}\":{}}}}",
            "PUT /_index_template/t {\"index_patterns\":[\"_x-*\"]}",
            "PUT /_index_template/-t {\"index_patterns\":[\"x-*\"]}",
            "PUT /_index_template/t {\"index_patterns\":[\"x-*\"]}",
            "GET /_template",
            "POST /_reindex {\"source\":{\"index\":\"o*\"},\"dest\":{\"index\":\"one\"}}",
            "POST /_reindex {\"source\":{\"index\":\"nothing-*\"},\"dest\":{\"index\":\"one\"}}",
            "POST /_reindex {\"source\":{\"index\":[\"secre*\"]},\"dest\":{\"index\":\"one\"}}",
            "GET /part/_search",
            "GET /part,other/_count",
            "GET /part/_search {\"query\":{\"term\":{\"_index\":\"a.open\"}}}",
        ],
        expect![[r#"
            GET /* → GET /a.d-000001,a.open,a.other,a.piped,a.s-000001,a..ds-logs-000001
            GET /nothing-* → GET /*,-*
            GET /nothing-*/_search → GET /*,-*/_search
            PUT /open/_clone/copy → PUT /a.open/_clone/a.copy
            PUT /open/_clone/_search → 400 Invalid index name [_search], must not start with '_', '-', or '+'
            PUT /open/_clone/-x → 400 Invalid index name [-x], must not start with '_', '-', or '+'
            POST /series/_rollover/s-9 → POST /a.series/_rollover/a.s-9
            GET /_cat/indices/o* → GET /_cat/indices/a.open,a.other
            GET /_cluster/health/open → GET /_cluster/health/a.open
            GET /_nodes/stats/jvm → GET /_nodes/stats/jvm
            GET /_stats/docs → GET /a.d-000001,a.open,a.other,a.piped,a.s-000001,a..ds-logs-000001/_stats/docs
            GET /open/_alias/*,-part → GET /a.open/_alias/a.*,-a.part
            PUT /open/_alias/fine → POST /_aliases {"actions":[{"add":{"index":"a.open","aliases":["a.fine"]}}]}
            PUT /open/_alias/_search → 400 Invalid alias name [_search]: must not start with '_', '-', or '+'
            POST /_aliases → 400 Invalid alias name [-x]: must not start with '_', '-', or '+'
            PUT /fresh → 400 Invalid alias name [_search]: must not start with '_', '-', or '+'
            PUT /_index_template/t → 400 Invalid alias name [+x]: must not start with '_', '-', or '+'
            PUT /_index_template/t → 501 [{index} in the name of an alias] is not supported on a domain that shares its cluster with other domains
            PUT /_index_template/t → 501 [_x-*: a name that begins with '_', '-' or '+'] is not supported on a domain that shares its cluster with other domains
            PUT /_index_template/-t → 501 [-t: a name that begins with '_', '-' or '+'] is not supported on a domain that shares its cluster with other domains
            PUT /_index_template/t → PUT /_index_template/a.t {"index_patterns":["a.x-*"]}
            GET /_template → GET /_template/a.*
            POST /_reindex → POST /_reindex {"source":{"index":["a.open","a.other"]},"dest":{"index":"a.open"}}
            POST /_reindex → POST /_reindex {"source":{"index":"*,-*"},"dest":{"index":"a.open"}}
            POST /_reindex → POST /_reindex {"source":{"index":"*,-*"},"dest":{"index":"a.open"}}
            GET /part/_search → GET /a.open/_search {"query":{"bool":{"must":[{"match_all":{}}],"filter":[{"bool":{"should":[{"bool":{"filter":[{"term":{"_index":"a.open"}},{"bool":{"should":[{"term":{"a":1}}],"minimum_should_match":1}}]}},{"bool":{"must_not":[{"terms":{"_index":["a.open"]}}]}}],"minimum_should_match":1}}]}}}
            GET /part,other/_count → GET /a.open,a.other/_count {"query":{"bool":{"must":[{"match_all":{}}],"filter":[{"bool":{"should":[{"bool":{"filter":[{"term":{"_index":"a.open"}},{"bool":{"should":[{"term":{"a":1}}],"minimum_should_match":1}}]}},{"bool":{"must_not":[{"terms":{"_index":["a.open"]}}]}}],"minimum_should_match":1}}]}}}
            GET /part/_search → 501 [_index, or a document that a query looks up,] is not supported on a domain that shares its cluster with other domains"#]],
    );
    assert_eq!(
        sends_shared("POST /_msearch", "{\"index\":\"nothing-*\"}\n{}\n{\"index\":\"one\"}\n{}\n"),
        "POST /_msearch {\"index\":[\"*,-*\"]}\n{}\n{\"index\":[\"a.open\"]}\n{}"
    );
}

#[test]
fn a_path_is_read_by_the_templates_of_its_api_and_not_by_how_it_begins() {
    let shared = SharedNames::with("a.");
    let path = |api: &str, sent: &str| {
        let parsed = parsed(api, "");
        let request = SentRequest {
            method: Method::Get,
            path: sent.to_owned(),
            query: String::new(),
            body: Bytes::new(),
            lines: false,
            answer: AnswerPlan::Passed,
            hides: Vec::new(),
            repeatable: true,
            names: None,
        };
        told(shared.request(&parsed, request, 4096).map(|sent| Plan::Sent(Box::new(sent))))
    };
    assert_eq!(path("GET /x", "/_search"), "GET /a._search");
    assert_eq!(path("GET /x", "/_all"), "GET /a.*");
    let two = path("GET /x/_stats", "/_stats/_stats");
    assert!(two.starts_with("501 [a path that can be read in two ways]"), "{two}");
    let none = path("GET /x/_search", "/x/y/z");
    assert!(none.starts_with("501 [search]"), "{none}");
}

#[test]
fn a_list_that_the_clusters_request_line_cannot_hold_is_refused() {
    let names: Vec<String> =
        (0..200).map(|number| format!("index-with-a-long-name-{number}")).collect();
    let indices =
        names.iter().map(|name| engine::cluster::metadata::IndexMetadata::new(name, name));
    let metadata: Metadata = indices.collect();
    let parsed = parsed("GET /index-*/_search", "");
    let grants = grants(&parsed, &metadata);
    let plan = rewrite(&JudgedRequest {
        parsed: &parsed,
        body: &Bytes::new(),
        grants: &grants,
        metadata: &metadata,
        now: Timestamp::UNIX_EPOCH,
        kept: &BTreeMap::new(),
        line_bytes_max: 4096,
        shared: None,
    });
    let fault = plan.unwrap_err();
    assert_eq!(fault.status(), 501);
    assert!(fault.reason().contains("request line"), "{}", fault.reason());
}
