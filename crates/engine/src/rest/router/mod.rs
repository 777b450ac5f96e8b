//! From a head to its row: a trie over the table's paths, built once.

use super::path::segments;
use super::table::{Api, TABLE, part};
use super::{Flavor, Method, QueryParameters, Route, RouteError};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Finds the API of a request from its head alone. `raw_path` is the path as it stood on the wire, without the query;
/// `raw_query` what follows the question mark.
pub fn route(
    method: &str,
    raw_path: &str,
    raw_query: &str,
    flavor: Flavor,
) -> Result<Route, RouteError> {
    let segments = segments(raw_path).map_err(RouteError::BadPath)?;
    let mut leaves = Vec::new();
    ROUTER.of(flavor).find(&segments, &mut Vec::new(), &mut leaves);
    if leaves.is_empty() {
        return Err(RouteError::UnmappedApi);
    }
    let known = Method::parse(method).and_then(|method| {
        leaves.iter().find_map(|(leaf, values)| {
            leaf.targets.get(&method).map(|target| (method, target, values))
        })
    });
    let Some((method, target, values)) = known else {
        let mut allow: Vec<Method> =
            leaves.iter().flat_map(|(leaf, _)| leaf.targets.keys().copied()).collect();
        allow.sort();
        allow.dedup();
        return Err(RouteError::MethodNotAllowed { allow });
    };
    let mut parts = Vec::with_capacity(values.len());
    for (name, value) in target.names.iter().copied().zip(values) {
        check_part(name, value)?;
        parts.push((name, (*value).to_owned()));
    }
    let query = QueryParameters::read(raw_query).map_err(RouteError::BadPath)?;
    if target.api == Api::AsynchronousSearchSubmit {
        parts.extend(index_of_query(&query)?);
    }
    let path = format!("/{}", segments.join("/"));
    let (api, template) = (target.api, target.template);
    Ok(Route {
        api,
        method,
        flavor,
        path,
        query,
        explicit_index: true,
        overrides_version: false,
        parts,
        template,
    })
}

/// The index that the one API names in its query which has no place for it in its path: whoever judges and whoever searches read it
/// as a part of the path.
fn index_of_query(query: &QueryParameters) -> Result<Option<(&'static str, String)>, RouteError> {
    let Some(index) = query.get("index") else { return Ok(None) };
    check_part("index", index)?;
    match !index.is_empty() && index.split(',').all(|name| PartKind::Index.accepts(name)) {
        true => Ok(Some(("index", index.to_owned()))),
        false => Err(RouteError::BadPath(format!("[index] is [{index}], which names no index"))),
    }
}

/// A slash inside a part is data only in a document id; in an index it is one only inside date math, `<x-{now/d}>`.
fn check_part(name: &str, value: &str) -> Result<(), RouteError> {
    let dated = |value: &str| {
        value.split(',').all(|expression| {
            !expression.contains('/')
                || (expression.trim_start_matches('-').starts_with('<')
                    && expression.ends_with('>')
                    && expression.contains('{'))
        })
    };
    match name {
        "id" | "scroll_id" => Ok(()),
        "index" | "alias" | "target" | "new_index" if dated(value) => Ok(()),
        _ if value.contains('/') => {
            Err(RouteError::BadPath(format!("the path has an encoded slash in its [{name}]")))
        }
        _ => Ok(()),
    }
}

static ROUTER: LazyLock<Router> = LazyLock::new(|| Router {
    elasticsearch: PathNode::build(Flavor::Elasticsearch710),
    opensearch: PathNode::build(Flavor::OpenSearch219),
});

struct Router {
    elasticsearch: PathNode,
    opensearch: PathNode,
}

impl Router {
    fn of(&self, flavor: Flavor) -> &PathNode {
        match flavor {
            Flavor::Elasticsearch710 => &self.elasticsearch,
            Flavor::OpenSearch219 => &self.opensearch,
        }
    }
}

/// What a `{part}` may hold: the kinds keep `/_foo` from being an index called `_foo`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PartKind {
    /// An index expression: does not start with an underscore, `_all` aside.
    Index,
    /// A mapping type of Elasticsearch 7: `_doc`, `_all`, or no underscore in front.
    Type,
    /// Anything.
    Any,
}

impl PartKind {
    fn of(part: &str) -> PartKind {
        match part {
            "index" | "alias" => PartKind::Index,
            "type" => PartKind::Type,
            _ => PartKind::Any,
        }
    }

    fn accepts(self, segment: &str) -> bool {
        match self {
            PartKind::Index => {
                !segment.starts_with('_') || segment.split(',').next() == Some("_all")
            }
            PartKind::Type => !segment.starts_with('_') || matches!(segment, "_doc" | "_all"),
            PartKind::Any => true,
        }
    }
}

#[derive(Default)]
struct PathNode {
    literals: BTreeMap<&'static str, PathNode>,
    parts: Vec<(PartKind, PathNode)>,
    /// Where everything below leads that leads nowhere else: `{rest}`.
    rest: Option<Box<PathNode>>,
    targets: BTreeMap<Method, PathTarget>,
}

struct PathTarget {
    api: Api,
    template: &'static str,
    names: Vec<&'static str>,
}

impl PathNode {
    fn build(flavor: Flavor) -> PathNode {
        let mut root = PathNode::default();
        for row in TABLE {
            for path in row.paths {
                let (narrowed, rest) = match path.split_once(' ') {
                    Some(("es", rest)) => (Some(Flavor::Elasticsearch710), rest),
                    Some(("os", rest)) => (Some(Flavor::OpenSearch219), rest),
                    _ => (None, *path),
                };
                if [row.flavor, narrowed].into_iter().flatten().any(|only| only != flavor) {
                    continue;
                }
                root.insert(row.api, rest);
            }
        }
        root
    }

    fn insert(&mut self, api: Api, path: &'static str) {
        let Some((methods, template)) = path.rsplit_once(' ') else { return };
        let mut node = self;
        let mut names = Vec::new();
        for segment in template.split('/').filter(|segment| !segment.is_empty()) {
            node = match part(segment) {
                Some("rest") => node.rest.get_or_insert_default(),
                Some(name) => {
                    names.push(name);
                    node.part(PartKind::of(name))
                }
                None => node.literals.entry(segment).or_default(),
            };
        }
        for method in methods.split(' ').filter_map(Method::parse) {
            node.targets.entry(method).or_insert_with(|| PathTarget {
                api,
                template,
                names: names.clone(),
            });
        }
    }

    fn part(&mut self, kind: PartKind) -> &mut PathNode {
        let position = match self.parts.iter().position(|(known, _)| *known == kind) {
            Some(position) => position,
            None => {
                self.parts.push((kind, PathNode::default()));
                self.parts.len() - 1
            }
        };
        #[expect(clippy::indexing_slicing, reason = "the position was found or pushed just above")]
        &mut self.parts[position].1
    }

    /// The leaves that `segments` lead to. A word that leads somewhere hides the parts beside it, whatever the method:
    /// `HEAD /x/film/_search` is no document `_search`. Behind the type `_doc` it does not: `PUT /x/_doc/_search` is one.
    /// (`PathTrie` of Elasticsearch 7.10 as measured: `tests/it/recorded/`.) The trie is eight levels deep: so is the
    /// recursion.
    fn find<'a>(
        &'a self,
        segments: &'a [String],
        values: &mut Vec<&'a str>,
        found: &mut Vec<(&'a PathNode, Vec<&'a str>)>,
    ) {
        let Some((segment, rest)) = segments.split_first() else {
            if !self.targets.is_empty() {
                found.push((self, values.clone()));
            }
            return;
        };
        let before = found.len();
        if let Some(node) = self.literals.get(segment.as_str()) {
            node.find(rest, values, found);
            if found.len() > before && values.last() != Some(&"_doc") {
                return;
            }
        }
        for (kind, node) in &self.parts {
            if kind.accepts(segment) {
                values.push(segment);
                node.find(rest, values, found);
                values.pop();
            }
        }
        if let (true, Some(node)) = (found.len() == before, &self.rest) {
            found.push((node, values.clone()));
        }
    }
}

#[cfg(test)]
mod tests;
