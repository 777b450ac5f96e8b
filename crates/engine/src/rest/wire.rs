//! A request's head as it goes over the wire again: for who judged it here and has a cluster elsewhere do it.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::table::{part, parts};
use super::{Flavor, QueryParameters, Route};

impl Route {
    /// This path, percent-encoded; with `indices` in the place of the names of indices, or added where the API has such
    /// a path. No other part of it is lost; `None`: the API has no path with these parts and with indices, or a part would be read
    /// as a step up (`..`).
    ///
    /// ```
    /// use engine::rest::{Flavor, route};
    /// let found = route("GET", "/_stats/docs", "", Flavor::OpenSearch219).unwrap();
    /// assert_eq!(found.wire_path(Some("a,b")).as_deref(), Some("/a,b/_stats/docs"));
    /// assert_eq!(found.wire_path(None).as_deref(), Some("/_stats/docs"));
    /// ```
    pub fn wire_path(&self, indices: Option<&str>) -> Option<String> {
        let template = match indices {
            Some(_) => self.template_of_indices()?,
            None => self.template,
        };
        let mut path = String::new();
        for segment in template.split('/').filter(|segment| !segment.is_empty()) {
            path.push('/');
            match (part(segment), indices) {
                (Some(name), _) => {
                    let indices = indices.filter(|_| matches!(name, "index" | "alias"));
                    let text = indices.or_else(|| self.part(name))?;
                    // What reads the path next would take it for a way up.
                    if matches!(text, "." | "..") {
                        return None;
                    }
                    encode(&mut path, text, b",*");
                }
                (None, _) => path.push_str(segment),
            }
        }
        Some(if path.is_empty() { "/".to_owned() } else { path })
    }

    /// The path's own template when it has indices; else the one of the API's that has them, and the same other parts.
    fn template_of_indices(&self) -> Option<&'static str> {
        let named = |name: &str| matches!(name, "index" | "alias");
        if parts(self.template).any(named) {
            return Some(self.template);
        }
        let own: BTreeSet<&str> = parts(self.template).collect();
        let paths = self.api.row().paths.iter().map(|path| path.split(' ').collect::<Vec<_>>());
        let mut templates = paths.filter(|words| {
            let elsewhere = match self.flavor {
                Flavor::Elasticsearch710 => "os",
                Flavor::OpenSearch219 => "es",
            };
            !words.contains(&elsewhere) && words.contains(&self.method.name())
        });
        templates.find_map(|words| {
            let template = *words.last()?;
            let others: BTreeSet<&str> = parts(template).filter(|name| !named(name)).collect();
            (parts(template).any(named) && others == own).then_some(template)
        })
    }
}

impl QueryParameters {
    /// The query string again, encoded, without the parameters that `leaves_out` says yes to.
    pub fn wire(&self, leaves_out: impl Fn(&str) -> bool) -> String {
        let mut query = String::new();
        for name in self.names().filter(|name| !leaves_out(name)) {
            if !query.is_empty() {
                query.push('&');
            }
            encode(&mut query, name, b",*");
            if let Some(value) = self.get(name).filter(|value| !value.is_empty()) {
                query.push('=');
                encode(&mut query, value, b",*");
            }
        }
        query
    }
}

/// Percent-encodes what is neither unreserved (RFC 3986, section 2.3) nor in `kept`.
pub fn encode(out: &mut String, text: &str, kept: &[u8]) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::route;
    use super::*;

    fn path(method: &str, path: &str, indices: Option<&str>) -> Option<String> {
        route(method, path, "", Flavor::OpenSearch219).unwrap().wire_path(indices)
    }

    #[test]
    fn indices_take_the_place_of_those_in_the_path_or_are_added_to_it() {
        for (method, from, to) in [
            ("GET", "/_search", "/a,b/_search"),
            ("GET", "/logs-*/_search", "/a,b/_search"),
            ("GET", "/_alias/x", "/a,b/_alias/x"),
            ("GET", "/_alias", "/a,b/_alias"),
            ("GET", "/_aliases", "/a,b/_alias"),
            ("GET", "/_cat/indices", "/_cat/indices/a,b"),
            ("GET", "/_cluster/health/x", "/_cluster/health/a,b"),
            ("GET", "/x/_mapping/field/f*", "/a,b/_mapping/field/f*"),
            ("POST", "/x/_rollover", "/a,b/_rollover"),
        ] {
            assert_eq!(path(method, from, Some("a,b")).as_deref(), Some(to), "{from}");
        }
        assert_eq!(path("GET", "/_cat/aliases", Some("a")), None);
        assert_eq!(path("GET", "/_cluster/state", Some("a")), None);
        assert_eq!(path("GET", "/x/_search", Some("..")), None);
        assert_eq!(path("GET", "/x/_search", Some(".")), None);
    }

    #[test]
    fn what_was_decoded_once_is_encoded_once() {
        let id = "/x/_doc/a%2Fb%20%C3%BC%25";
        assert_eq!(path("GET", id, None).as_deref(), Some(id));
        assert_eq!(path("GET", "/", None).as_deref(), Some("/"));
        let query = QueryParameters::read("q=a%26b;v&routing=%2B").unwrap();
        assert_eq!(query.wire(|_| false), "q=a%26b&v&routing=%2B");
        assert_eq!(query.wire(|name| name == "q"), "v&routing=%2B");
    }
}
