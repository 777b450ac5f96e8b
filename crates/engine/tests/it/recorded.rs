//! The table of paths against what real servers answered: Elasticsearch 7.10.2 and OpenSearch 2.19.1, asked by
//! `conformance/recorded/record.py`, whose output lies in `recorded/`.

use bytes::Bytes;
use engine::Work;
use engine::rest::{Api, Flavor, Method, RouteError, parse, route};

const FLAVORS: [Flavor; 2] = [Flavor::Elasticsearch710, Flavor::OpenSearch219];

fn lines(recorded: &'static str) -> impl Iterator<Item = &'static str> {
    recorded.lines().filter(|line| !line.starts_with('#'))
}

/// Whether a path has a type that begins with an underscore and is not `_doc`: the real server calls it a bad type's
/// name after it has been let in; here it is a path that nobody knows. (Decision 0040.)
fn is_no_type(path: &str) -> bool {
    let segment = path.split('/').nth(2).unwrap_or_default();
    ["_foo", "_create", "_update", "_search"].contains(&segment)
}

#[test]
fn d37_a_typed_path_does_what_it_does_on_the_real_server() {
    let recorded =
        [include_str!("recorded/typed-paths.es.txt"), include_str!("recorded/typed-paths.os.txt")];
    for (flavor, recorded) in FLAVORS.into_iter().zip(recorded) {
        for line in lines(recorded) {
            let [method, path, status, seen] = line.splitn(4, ' ').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let (path, query) = path.split_once('?').unwrap_or((path, ""));
            let root = path.split('/').nth(1) == Some("_mapping");
            let unmapped = match flavor {
                Flavor::Elasticsearch710 => is_no_type(path),
                // An index called `_mapping`, whose name the real server refuses later.
                Flavor::OpenSearch219 => root,
            };
            if unmapped {
                assert!(route(method, path, query, flavor).is_err(), "{line}");
                continue;
            }
            // `POST /_mapping/_doc` is a document of an index `_mapping` there, and refused as such.
            let seen = match root {
                true if method == "POST" => continue,
                true => &seen.replace("POST,", ""),
                false => seen,
            };
            match (status, route(method, path, query, flavor)) {
                ("405", Err(RouteError::MethodNotAllowed { allow })) => {
                    let mut allow: Vec<&str> =
                        allow.iter().map(|method: &Method| method.name()).collect();
                    allow.sort_unstable();
                    assert_eq!(seen, format!("allow {}", allow.join(",")), "{line}");
                }
                ("400", Err(RouteError::UnmappedApi)) => {
                    assert!(seen == "no handler found" || method == "HEAD", "{flavor:?} {line}");
                }
                (_, Ok(found)) if status != "405" && seen != "no handler found" => {
                    let id = found.part("id").filter(|_| found.api != Api::GetSource);
                    let id = id.map(|id| format!(" {id}")).unwrap_or_default();
                    let expected = format!("{}{id}", done(found.api));
                    let told = seen.contains(": ") || seen.starts_with('{') || seen == "-";
                    assert!(told || seen == expected, "{flavor:?} {line}: {expected}");
                    assert_eq!(method == "HEAD", seen == "-", "{flavor:?} {line}");
                }
                (_, found) => panic!("{flavor:?} {line}: {found:?}"),
            }
        }
    }
}

/// How the recorder calls what came of an API: of a fresh document, of one that is there, of one that is not.
fn done(api: Api) -> &'static str {
    match api {
        Api::Index => "created",
        Api::Update => "updated",
        Api::Delete => "not_found",
        Api::SearchTemplate => "search",
        Api::MsearchTemplate => "msearch",
        api => api.name(),
    }
}

#[test]
fn a_parameter_is_known_where_the_real_server_knows_it() {
    let recorded =
        [include_str!("recorded/parameters.es.txt"), include_str!("recorded/parameters.os.txt")];
    for (flavor, recorded) in FLAVORS.into_iter().zip(recorded) {
        let all = every_name(recorded);
        for line in lines(recorded) {
            let words: Vec<&str> = line.split(' ').collect();
            let (api, method, template, known) = (words[0], words[1], words[2], &words[3..]);
            for name in all.iter().filter(|name| !of_the_path(name)) {
                let expected = known.contains(name) || without_effect(template, name);
                assert_eq!(
                    is_known(method, template, name, flavor),
                    expected,
                    "{flavor:?}: {api} {method} {template} [{name}]"
                );
            }
        }
    }
}

fn every_name(recorded: &'static str) -> Vec<&'static str> {
    let mut names: Vec<&str> = lines(recorded).flat_map(|line| line.split(' ').skip(3)).collect();
    names.extend(["known_nowhere", "_source_include", "prefer_local", "force"]);
    names.sort_unstable();
    names.dedup();
    names
}

/// Names that paths have parts of. The real servers read them from either place; here the path alone says what is
/// touched, because it is what is authorized. (Decision 0040. `type` is the one that `_bulk` has beside.)
fn of_the_path(name: &str) -> bool {
    ["index", "type", "metric", "fields", "scroll_id", "name"].contains(&name)
}

/// Flushes are what synced flushes became: the parameters of one do no harm to the other.
fn without_effect(template: &str, name: &str) -> bool {
    template.ends_with("_flush/synced") && ["force", "wait_if_ongoing"].contains(&name)
}

fn is_known(method: &str, template: &str, name: &str, flavor: Flavor) -> bool {
    let path = template.replace("{type}", "_doc").replace(['{', '}'], "");
    let reads_q = ["_search", "_count", "/query", "_by_query", "/count"];
    // What says how `q` is read is known beside `q`.
    let beside =
        if reads_q.iter().any(|end| path.contains(end)) && name != "q" { "&q=a" } else { "" };
    let route = route(method, &path, &format!("{name}=true{beside}"), flavor)
        .unwrap_or_else(|error| panic!("{method} {path}: {error:?}"));
    match parse(route, None, Bytes::new(), &Work::unbounded()) {
        Ok(_) => true,
        Err(error) => !error.reason().contains(&format!("[{name}]")),
    }
}
