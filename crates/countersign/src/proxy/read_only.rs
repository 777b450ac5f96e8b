//! `--read-only`: which requests only read. Judged by API, by what its row of the engine's path table
//! says of its effect, never by method alone: `POST _search` reads, `GET _delete_by_query` would not.

use engine::rest::{Effect, Flavor, RouteError, route};

/// Lets a request through when the path table of one of the two services knows it as a read, and
/// that of neither as anything else.
pub(crate) fn gate(method: &str, path: &str, query: &str) -> Result<(), String> {
    let mut reads = false;
    for flavor in [Flavor::Elasticsearch710, Flavor::OpenSearch219] {
        match route(method, path, query, flavor) {
            Ok(route) if route.api.row().effect == Effect::Read => reads = true,
            Ok(route) => {
                return Err(refusal(method, path, &format!("{:?} is not a read", route.api)));
            }
            Err(RouteError::UnmappedApi) => {}
            Err(_) => return Err(refusal(method, path, "not a request to any known API")),
        }
    }
    if reads { Ok(()) } else { Err(refusal(method, path, "not a request to any known API")) }
}

fn refusal(method: &str, path: &str, why: &str) -> String {
    format!("read-only: {method} {path} is refused ({why})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_go_through_whatever_their_method() {
        for (method, path) in [
            ("GET", "/"),
            ("HEAD", "/books"),
            ("GET", "/books/_doc/1"),
            ("POST", "/books/_search"),
            ("GET", "/books,papers/_search"),
            ("POST", "/_msearch"),
            ("POST", "/books/_count"),
            ("POST", "/_mget"),
            ("POST", "/_search/scroll"),
            ("DELETE", "/_search/scroll"),
            ("GET", "/_cat/indices"),
            ("GET", "/_cluster/health"),
            ("GET", "/books/_mapping"),
        ] {
            assert_eq!(gate(method, path, ""), Ok(()), "{method} {path}");
        }
    }

    #[test]
    fn f11_everything_else_is_refused() {
        for (method, path) in [
            ("DELETE", "/"),
            ("DELETE", "/books"),
            ("PUT", "/books"),
            ("POST", "/books/_doc"),
            ("POST", "/_bulk"),
            ("POST", "/books/_delete_by_query"),
            ("GET", "/books/_delete_by_query"),
            ("POST", "/_reindex"),
            ("POST", "/_aliases"),
            ("PUT", "/_cluster/settings"),
            ("GET", "/books/_refresh"),
            ("POST", "/books/_close"),
            ("POST", "/_plugins/_sql"),
            ("GET", "/_no_such_api"),
            ("POST", "/books/_search/../_doc"),
            ("POST", "/books/%2e%2e/_search"),
        ] {
            assert!(gate(method, path, "").is_err(), "{method} {path}");
        }
    }
}
