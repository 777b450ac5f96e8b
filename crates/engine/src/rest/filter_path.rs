//! `filter_path`: which paths of an answer are kept, and with a minus which are dropped.
//!
//! The paths are one tree of names; at each key of the answer the places that are open in it are a set, so that the work
//! is at most the number of keys times the number of parts, whatever `**` stands beside which. Source:
//! `FilterPathBasedFilter` and `FilterPath` of Elasticsearch 7.10: `*` in a name stands for any run of characters, `**`
//! for one name or more, `\.` for a dot inside a name; an object or list that a path leads into and of which nothing is
//! left goes too.

use super::QueryParameters;
use crate::exception::Exception;
use crate::limits::FILTER_PATH_PARTS_MAX;
use crate::name_pattern::matches;
use crate::work::Work;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// What one request's `filter_path` asks for.
pub(super) struct FilterPath {
    keep: Option<PathTree>,
    drop: Option<PathTree>,
}

impl FilterPath {
    /// Reads the parameter; `None` where it is absent or empty.
    ///
    /// # Errors
    /// `illegal_argument_exception` for more than [`FILTER_PATH_PARTS_MAX`] parts.
    pub(super) fn of(query: &QueryParameters) -> Result<Option<FilterPath>, Exception> {
        query.get("filter_path").filter(|list| !list.is_empty()).map(FilterPath::read).transpose()
    }

    fn read(list: &str) -> Result<FilterPath, Exception> {
        let paths: Vec<&str> = list.split(',').filter(|path| !path.is_empty()).collect();
        let parts: usize = paths.iter().map(|path| path.matches('.').count() + 1).sum();
        if parts > FILTER_PATH_PARTS_MAX {
            return Err(Exception::illegal_argument(format!(
                "[filter_path] has [{parts}] parts between dots and commas, but at most [{FILTER_PATH_PARTS_MAX}] are allowed"
            )));
        }
        let (mut keep, mut drop) = (Vec::new(), Vec::new());
        for path in paths {
            match path.strip_prefix('-') {
                Some(path) => drop.push(path),
                None => keep.push(path),
            }
        }
        Ok(FilterPath { keep: PathTree::of(&keep), drop: PathTree::of(&drop) })
    }

    /// What is left of `value`; an empty object where nothing is.
    ///
    /// # Errors
    /// `task_cancelled_exception` once `work` is called off.
    pub(super) fn filtered(&self, value: Value, work: &Work) -> Result<Value, Exception> {
        let mut left = Some(value);
        for (paths, keeps) in [(&self.keep, true), (&self.drop, false)] {
            let Some(paths) = paths else { continue };
            let Some(value) = left.take() else { break };
            left = FilterWalk::new(paths, keeps, work).value(value, &[ROOT])?;
        }
        Ok(left.unwrap_or_else(|| Value::Object(Map::new())))
    }
}

/// Paths as one tree, by the names that they share from the start.
struct PathTree(Vec<PathPlace>);

/// A place in the tree: what has been read of one or more paths.
#[derive(Default)]
struct PathPlace {
    /// Whether a path ends here.
    ends: bool,
    /// Names without `*`, and where they lead.
    names: HashMap<String, usize>,
    /// Names with `*`, and where they lead.
    patterns: Vec<(String, usize)>,
    /// Where `**` leads, and the place in which it stays for the names below.
    any: Option<(usize, usize)>,
}

/// The place of the beginning.
const ROOT: usize = 0;

impl PathTree {
    /// The tree of `paths`; `None` when there are none.
    fn of(paths: &[&str]) -> Option<PathTree> {
        let mut tree = PathTree(vec![PathPlace::default()]);
        for path in paths {
            let mut at = ROOT;
            for part in parts(path) {
                at = tree.step(at, part);
            }
            if let Some(place) = tree.0.get_mut(at) {
                place.ends = true;
            }
        }
        (!paths.is_empty()).then_some(tree)
    }

    /// The place that `part` leads to from `at`, made where there is none.
    fn step(&mut self, at: usize, part: String) -> usize {
        let next = self.0.len();
        let Some(place) = self.0.get_mut(at) else { return at };
        let known = match part.as_str() {
            "**" => place.any.map(|(after, _)| after),
            _ if part.contains('*') => {
                place.patterns.iter().find(|(known, _)| *known == part).map(|(_, after)| *after)
            }
            name => place.names.get(name).copied(),
        };
        if let Some(known) = known {
            return known;
        }
        self.0.push(PathPlace::default());
        let stays = next + 1;
        match (part.as_str(), self.0.get_mut(at)) {
            ("**", Some(place)) => {
                place.any = Some((next, stays));
                self.0.push(PathPlace { any: Some((next, stays)), ..PathPlace::default() });
            }
            (_, Some(place)) if part.contains('*') => place.patterns.push((part, next)),
            (_, Some(place)) => {
                place.names.insert(part, next);
            }
            (_, None) => {}
        }
        next
    }
}

/// The parts of a path between its dots, but for those behind a backslash.
fn parts(path: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut rest = path.chars().peekable();
    while let Some(letter) = rest.next() {
        match (letter, parts.last_mut()) {
            ('.', _) => parts.push(String::new()),
            ('\\', Some(part)) if rest.next_if_eq(&'.').is_some() => part.push('.'),
            (letter, Some(part)) => part.push(letter),
            (_, None) => {}
        }
    }
    parts
}

/// One walk over an answer.
struct FilterWalk<'a> {
    paths: &'a PathTree,
    /// Whether the paths say what is kept; otherwise what is dropped.
    keeps: bool,
    work: &'a Work,
    /// In which round each place was last opened.
    opened: Vec<u64>,
    /// One for each key.
    round: u64,
    /// Places and patterns looked at: what the walk costs.
    looked: u64,
}

impl<'a> FilterWalk<'a> {
    fn new(paths: &'a PathTree, keeps: bool, work: &'a Work) -> FilterWalk<'a> {
        FilterWalk { paths, keeps, work, opened: vec![0; paths.0.len()], round: 0, looked: 0 }
    }

    /// What is left of `value`, below which the places `open` are open.
    fn value(&mut self, value: Value, open: &[usize]) -> Result<Option<Value>, Exception> {
        match value {
            Value::Object(members) => {
                let mut left = Map::new();
                for (key, member) in members {
                    if let Some(member) = self.member(&key, member, open)? {
                        left.insert(key, member);
                    }
                }
                Ok((!left.is_empty()).then_some(Value::Object(left)))
            }
            Value::Array(items) => {
                let mut left = Vec::new();
                for item in items {
                    left.extend(self.value(item, open)?);
                }
                Ok((!left.is_empty()).then_some(Value::Array(left)))
            }
            scalar => Ok((!self.keeps).then_some(scalar)),
        }
    }

    fn member(
        &mut self,
        key: &str,
        member: Value,
        open: &[usize],
    ) -> Result<Option<Value>, Exception> {
        self.work.cancel.check()?;
        let (below, ends) = self.below(open, key);
        match (ends, below.is_empty()) {
            (true, _) => Ok(self.keeps.then_some(member)),
            (false, true) => Ok((!self.keeps).then_some(member)),
            (false, false) => self.value(member, &below),
        }
    }

    /// The places that are open below `key`, each once, and whether a path ends there.
    fn below(&mut self, open: &[usize], key: &str) -> (Vec<usize>, bool) {
        self.round += 1;
        let (mut below, mut ends) = (Vec::new(), false);
        for place in open.iter().filter_map(|at| self.paths.0.get(*at)) {
            self.looked += 1 + place.patterns.len() as u64;
            let named = place.names.get(key).copied();
            let fits = place.patterns.iter().filter(|(pattern, _)| matches(pattern, key));
            let any = place.any.into_iter().flat_map(|(after, stays)| [after, stays]);
            for at in named.into_iter().chain(fits.map(|(_, after)| *after)).chain(any) {
                ends |= self.paths.0.get(at).is_some_and(|place| place.ends);
                if let Some(opened) = self.opened.get_mut(at).filter(|at| **at != self.round) {
                    *opened = self.round;
                    below.push(at);
                }
            }
        }
        // Where a path has ended and goes no further, nothing is open.
        below.retain(|at| self.paths.0.get(*at).is_some_and(|place| !place.is_last()));
        (below, ends)
    }
}

impl PathPlace {
    fn is_last(&self) -> bool {
        self.names.is_empty() && self.patterns.is_empty() && self.any.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filtered(value: &Value, list: &str) -> Value {
        FilterPath::read(list).unwrap().filtered(value.clone(), &Work::unbounded()).unwrap()
    }

    fn check(list: &str, expected: Value) {
        let value = json!({"took": 3, "hits": {"total": {"value": 1}, "hits": [
            {"_id": "1", "_source": {"a": 1, "b": {"c": 2}}}, {"_id": "2", "_source": {"a": 3}}]}});
        assert_eq!(filtered(&value, list), expected, "{list}");
    }

    #[test]
    fn named_paths_are_kept() {
        check("took", json!({"took": 3}));
        check(
            "hits.hits._id,took",
            json!({"took": 3, "hits": {"hits": [{"_id": "1"}, {"_id": "2"}]}}),
        );
        check("h*.total", json!({"hits": {"total": {"value": 1}}}));
        check("nothing", json!({}));
    }

    #[test]
    fn two_stars_span_levels() {
        check("**.c", json!({"hits": {"hits": [{"_source": {"b": {"c": 2}}}]}}));
    }

    #[test]
    fn a_minus_drops() {
        check("-hits", json!({"took": 3}));
        check("hits.total,-hits.total.value", json!({}));
    }

    #[test]
    fn what_elasticsearch_7_10_leaves_is_left() {
        // Asked of Elasticsearch 7.10.2: the answer to GET of a document, in which only `_source` is shown here.
        let value = json!({"_id": "1", "_source": {"a": 1, "b": {"c": 2, "a": 5},
            "list": [{"k": 1, "v": 2}, {"k": 3}], "d.e": 4}});
        let whole = value["_source"].clone();
        for (list, expected) in [
            ("**", json!({"_id": "1", "_source": whole})),
            ("_source.**", json!({"_source": whole})),
            ("**.**", json!({"_source": whole})),
            ("**.c", json!({"_source": {"b": {"c": 2}}})),
            ("**.a", json!({"_source": {"a": 1, "b": {"a": 5}}})),
            ("**._source", json!({})),
            ("**.**.c", json!({"_source": {"b": {"c": 2}}})),
            ("_source.**.b", json!({})),
            ("**.b.**", json!({"_source": {"b": {"c": 2, "a": 5}}})),
            ("*.b.c", json!({"_source": {"b": {"c": 2}}})),
            (r"_source.d\.e", json!({"_source": {"d.e": 4}})),
            ("_source.d.e", json!({})),
            ("_source.b.c.x", json!({})),
            ("-**", json!({})),
            ("_source.", json!({})),
            ("_source.b,-_source.b.c", json!({"_source": {"b": {"a": 5}}})),
            ("_source.b,-_source.b.c,-_source.b.a", json!({})),
            ("_source.list,-_source.list.v", json!({"_source": {"list": [{"k": 1}, {"k": 3}]}})),
            ("-_source.list.*,-_source.b.*", json!({"_id": "1", "_source": {"a": 1, "d.e": 4}})),
        ] {
            assert_eq!(filtered(&value, list), expected, "{list}");
        }
    }

    #[test]
    fn what_a_path_leads_into_and_is_empty_goes() {
        // As above.
        let value = json!({"e": [], "o": {}, "p": {"q": {}}, "n": null, "aa": [[1, {"x": 1}], []]});
        for (list, expected) in [
            ("e,o,n", json!({"e": [], "o": {}, "n": null})),
            ("e.x", json!({})),
            ("aa.x", json!({"aa": [[{"x": 1}]]})),
            ("-e.x", json!({"o": {}, "p": {"q": {}}, "n": null, "aa": [[1, {"x": 1}], []]})),
            ("-aa.x", json!({"e": [], "o": {}, "p": {"q": {}}, "n": null, "aa": [[1]]})),
            ("-*.x", json!({"p": {"q": {}}, "n": null, "aa": [[1]]})),
            ("-**.x", json!({"n": null, "aa": [[1]]})),
        ] {
            assert_eq!(filtered(&value, list), expected, "{list}");
        }
    }

    /// What the walk with `list` over `value` looks at.
    fn looked(list: &str, value: Value) -> u64 {
        let filter = FilterPath::read(list).unwrap();
        let (paths, work) = (filter.keep.unwrap(), Work::unbounded());
        let mut walk = FilterWalk::new(&paths, true, &work);
        walk.value(value, &[ROOT]).unwrap();
        walk.looked
    }

    #[test]
    fn the_work_is_keys_times_parts_at_most_whatever_the_stars() {
        let mut deep = json!({"a": 1});
        for _ in 0..99 {
            deep = json!({"a": deep, "b": {"c": 1}});
        }
        let (keys, parts) = (100 + 2 * 99, 1_000);
        for list in [
            format!("{}.x", vec!["**"; parts - 1].join(".")),
            format!("{}.x", vec!["*"; parts - 1].join(".")),
            vec!["**.a"; parts / 2].join("."),
            (0..parts / 2).map(|n| format!("**.a*{n}")).collect::<Vec<_>>().join(","),
            (0..parts / 2).map(|n| format!("{}.{n}", "**")).collect::<Vec<_>>().join(","),
        ] {
            let looked = looked(&list, deep.clone());
            // Each `**` has a place to stay in beside the one that it leads to.
            assert!(looked <= keys * 2 * parts as u64, "{looked} for {list:.60}");
        }
    }

    #[test]
    fn more_parts_than_the_limit_are_refused() {
        let list = |parts: usize| vec!["**"; parts].join(".");
        assert!(FilterPath::read(&list(FILTER_PATH_PARTS_MAX)).is_ok());
        let refused = FilterPath::read(&list(FILTER_PATH_PARTS_MAX + 1)).err().unwrap();
        assert!(refused.reason().contains("at most [2048]"), "{}", refused.reason());
    }

    #[test]
    fn a_walk_that_is_called_off_ends() {
        let work = Work::unbounded();
        work.cancel.cancel();
        let filter = FilterPath::read("a").unwrap();
        assert!(filter.filtered(json!({"a": 1}), &work).is_err());
    }
}
