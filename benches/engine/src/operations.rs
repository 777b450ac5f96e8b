//! What is measured: the rows of the table, each with the request that it is.

use crate::corpus::{Corpus, word};

/// One request.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) query: &'static str,
    pub(crate) body: String,
    /// How many things it does: what it costs is told of one.
    pub(crate) units: usize,
}

fn search(name: &'static str, body: String) -> Operation {
    let (path, query) = ("/bench/_search", "request_cache=false");
    Operation { name, method: "POST", path, query, body, units: 1 }
}

/// All of them, over an index of `documents`.
// long: a table, a row a request
pub(crate) fn operations(documents: usize) -> Vec<Operation> {
    let (a, b, c) = (word(20), word(75), word(301));
    let start = |word: &str| word.chars().take(3).collect::<String>();
    let misspelt: String =
        word(901).chars().enumerate().map(|(place, c)| if place == 3 { 'x' } else { c }).collect();
    let d = "description";
    let aggs = |query: &str, aggregation: &str| {
        format!(r#"{{"size":0,"query":{query},"aggs":{{"a":{aggregation}}}}}"#)
    };
    let (all, some) = (r#"{"match_all":{}}"#, format!(r#"{{"match":{{"{d}":"{a}"}}}}"#));
    let found = |query: String| format!(r#"{{"query":{query}}}"#);
    let one =
        |name, method, path, units, body| Operation { name, method, path, query: "", body, units };
    let inner = r#""aggs":{"s":{"avg":{"field":"size"}}}"#;
    vec![
        one(
            "bulk, a document",
            "POST",
            "/written/_bulk",
            1000,
            Corpus::new(9).bulk(documents, 1000),
        ),
        one("index", "PUT", "/written/_doc/1", 1, one_document()),
        one("get", "GET", "/bench/_doc/77", 1, String::new()),
        one("root", "GET", "/", 1, String::new()),
        search("match", found(some.clone())),
        search("match, 3 or", found(format!(r#"{{"match":{{"{d}":"{a} {b} {c}"}}}}"#))),
        search(
            "match, 3 and",
            found(format!(r#"{{"match":{{"{d}":{{"query":"{a} {b} {c}","operator":"and"}}}}}}"#)),
        ),
        search("phrase", found(format!(r#"{{"match_phrase":{{"{d}":"{a} {b}"}}}}"#))),
        search(
            "query_string",
            found(format!(r#"{{"query_string":{{"query":"{d}:({a} AND {b}) OR {c}"}}}}"#)),
        ),
        search(
            "bool, filter",
            found(format!(
                r#"{{"bool":{{"must":[{some}],"filter":[{{"term":{{"section":"section 6"}}}},{{"range":{{"size":{{"gte":900}}}}}}]}}}}"#
            )),
        ),
        search("prefix, keyword", found(r#"{"prefix":{"name":"package-12"}}"#.to_owned())),
        search("prefix, text", found(format!(r#"{{"prefix":{{"{d}":"{}"}}}}"#, start(&a)))),
        search(
            "fuzzy",
            found(format!(r#"{{"fuzzy":{{"{d}":{{"value":"{misspelt}","fuzziness":"AUTO"}}}}}}"#)),
        ),
        search(
            "sort by a number",
            format!(r#"{{"query":{some},"sort":[{{"size":"desc"}},{{"name":"asc"}}]}}"#),
        ),
        search("sort all by a number", r#"{"sort":[{"size":"desc"}]}"#.to_owned()),
        search("terms", aggs(all, r#"{"terms":{"field":"section","size":20}}"#)),
        search("terms, of some", aggs(&some, r#"{"terms":{"field":"section","size":20}}"#)),
        search("terms, many", aggs(all, r#"{"terms":{"field":"name"}}"#)),
        search("terms, of lists", aggs(all, r#"{"terms":{"field":"depends"}}"#)),
        search("terms, of numbers", aggs(all, r#"{"terms":{"field":"size"}}"#)),
        search(
            "terms, avg inside",
            aggs(all, &format!(r#"{{"terms":{{"field":"maintainer"}},{inner}}}"#)),
        ),
        search(
            "terms in terms",
            aggs(
                all,
                r#"{"terms":{"field":"maintainer"},"aggs":{"s":{"terms":{"field":"section"}}}}"#,
            ),
        ),
        search(
            "histogram",
            aggs(
                r#"{"range":{"size":{"lt":70000}}}"#,
                r#"{"histogram":{"field":"size","interval":1000,"min_doc_count":1}}"#,
            ),
        ),
        search(
            "date_histogram",
            aggs(
                &some,
                &format!(
                    r#"{{"date_histogram":{{"field":"built","calendar_interval":"month"}},{inner}}}"#
                ),
            ),
        ),
        search(
            "date_histogram, hours",
            aggs(all, r#"{"date_histogram":{"field":"built","fixed_interval":"6h"}}"#),
        ),
        search("cardinality", aggs(all, r#"{"cardinality":{"field":"name"}}"#)),
        search("cardinality, numbers", aggs(all, r#"{"cardinality":{"field":"size"}}"#)),
        search("stats", aggs(all, r#"{"stats":{"field":"price"}}"#)),
        search(
            "range",
            aggs(
                all,
                r#"{"range":{"field":"size","ranges":[{"to":1000},{"from":1000,"to":9000},{"from":9000}]}}"#,
            ),
        ),
    ]
}

fn one_document() -> String {
    let bulk = Corpus::new(5).bulk(1, 1);
    bulk.lines().nth(1).unwrap_or_default().to_owned()
}
