//! What of one index's documents a view shows (decisions 0108 and 0154). Those who honour it: the two places that read documents,
//! `search::Target` and `document::read`; the one that writes them, `document::permitted`; and whoever tells of a mapping.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::document_rule::{DocumentRule, FieldObserver, FieldRules, ShownFields};
use crate::dsl::{Query, rule::RuleQuery};
use crate::mapping::Mapping;
use crate::visible_fields::VisibleFields;

/// The restrictions of a view, by index uuid. An index that is not in it shows all of every document.
#[derive(Clone, Debug, Default)]
pub struct Restrictions {
    indices: BTreeMap<Arc<str>, Restriction>,
}

#[derive(Clone, Debug)]
pub(crate) enum Restriction {
    /// As rules say of the fields that are mapped; who is told of those that a request touches.
    Rules(Arc<dyn FieldRules>, FieldObserver),
    /// These, for the tests of the two places.
    #[cfg(test)]
    Fixed(Shown),
}

/// What is seen of the documents of one index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    /// What they match; `None`: all of them are there.
    pub(crate) filter: Option<Query>,
    /// The fields that they have; `None`: those they were written with.
    pub(crate) fields: Option<Arc<VisibleFields>>,
}

impl Restrictions {
    /// Shows of the index with this uuid what `rules` say, and nothing else.
    pub fn restrict(&mut self, uuid: &Arc<str>, rules: Arc<dyn FieldRules>) {
        let restriction = Restriction::Rules(rules, FieldObserver::default());
        self.indices.insert(Arc::clone(uuid), restriction);
    }

    /// Tells `observer` of the fields that the request touches in the indices that are restricted by now: those that its queries,
    /// sorts, aggregations and scripts find, and those of the documents that are read or written.
    pub fn observe(&mut self, observer: &FieldObserver) {
        for restriction in self.indices.values_mut() {
            match restriction {
                Restriction::Rules(_, told) => *told = observer.clone(),
                #[cfg(test)]
                Restriction::Fixed(_) => {}
            }
        }
    }

    /// What restricts the index with this uuid so far.
    pub fn rules(&self, uuid: &str) -> Option<Arc<dyn FieldRules>> {
        match self.indices.get(uuid)? {
            Restriction::Rules(rules, _) => Some(Arc::clone(rules)),
            #[cfg(test)]
            Restriction::Fixed(_) => None,
        }
    }

    /// Whether every index shows all of every document.
    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    /// What the index with this uuid is restricted to; `None`: to nothing.
    pub(crate) fn get(&self, uuid: &str) -> Option<&Restriction> {
        self.indices.get(uuid)
    }

    /// The index with this uuid restricted, for the tests of the two places.
    #[cfg(test)]
    pub(crate) fn of(uuid: &str, filter: Option<Query>, fields: Option<&[&str]>) -> Restrictions {
        let fields = fields.map(|patterns| Arc::new(VisibleFields::new(patterns)));
        let restriction = Restriction::Fixed(Shown { filter, fields });
        Restrictions { indices: [(uuid.into(), restriction)].into() }
    }
}

impl Restriction {
    /// Which fields of which documents it shows; none where a test has fixed that.
    pub(crate) fn rules(&self) -> Option<&dyn FieldRules> {
        match self {
            Restriction::Rules(rules, _) => Some(rules.as_ref()),
            #[cfg(test)]
            Restriction::Fixed(_) => None,
        }
    }

    /// What it shows of the documents of an index with this mapping.
    pub(crate) fn shown(&self, mapping: &Mapping) -> Shown {
        match self {
            Restriction::Rules(rules, observer) => shown_by(rules, observer, mapping),
            #[cfg(test)]
            Restriction::Fixed(shown) => shown.clone(),
        }
    }

    /// Who is told of the fields that a request touches.
    pub(crate) fn observer(&self) -> FieldObserver {
        match self {
            Restriction::Rules(_, observer) => observer.clone(),
            #[cfg(test)]
            Restriction::Fixed(_) => FieldObserver::default(),
        }
    }
}

/// What rules show of the documents of an index with this mapping.
fn shown_by(rules: &Arc<dyn FieldRules>, observer: &FieldObserver, mapping: &Mapping) -> Shown {
    if !rules.differ() {
        return Shown { filter: filter(rules.at_field(ID)), fields: None };
    }
    let leaves = mapping.leaves().map(|leaf| leaf.path.as_str());
    let paths: Vec<&str> = leaves.chain([ID]).collect();
    let ShownFields { documents, shows } = rules.of_fields(&paths);
    let (copies, mixed) = (copies(mapping), mixed(rules.as_ref(), mapping));
    let shows = move |path: &str| shows(path) && !mixed.contains(path);
    let fields = VisibleFields::by(move |path| {
        let given = copies.iter().filter(|(_, target)| {
            // Multi-fields of the target get it, too.
            path.strip_prefix(target).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        shows(path) && given.into_iter().all(|(source, _)| shows(source))
    });
    let rules = Arc::clone(rules);
    let fields = fields.masked(move |path| rules.mask(path)).observed(observer.clone());
    Shown { filter: filter(documents), fields: Some(Arc::new(fields)) }
}

/// What documents must match, where not all of them are there.
fn filter(documents: DocumentRule) -> Option<Query> {
    (!matches!(documents, DocumentRule::Always)).then(|| RuleQuery::query(documents))
}

/// The fields that keep the values of several paths together although rules may show only some of those, and their
/// multi-fields: nobody could tell which of the values are which, so that none is shown.
fn mixed(rules: &dyn FieldRules, mapping: &Mapping) -> BTreeSet<String> {
    let mixed = mapping.leaves().filter(|leaf| leaf.kind.keeps_paths());
    let mixed = mixed.filter(|leaf| rules.differ_inside(&leaf.path));
    let roots: Vec<&str> = mixed.map(|leaf| leaf.path.as_str()).collect();
    let within = |path: &str| {
        let rests = roots.iter().filter_map(|root| path.strip_prefix(root));
        rests.into_iter().any(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let paths = mapping.leaves().map(|leaf| leaf.path.clone());
    paths.filter(|path| within(path)).collect()
}

/// What every document has, whatever is mapped.
pub(crate) const ID: &str = "_id";

/// Which fields get the values of which: `copy_to`, source and target.
fn copies(mapping: &Mapping) -> Vec<(String, String)> {
    /// A mapping is at most `MAPPING_DEPTH_MAX` deep.
    fn walk(prefix: &str, node: &Value, found: &mut Vec<(String, String)>) {
        for (name, field) in node.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            let targets = field.get("copy_to").map(crate::value::scalar::list);
            found.extend(targets.into_iter().flatten().map(|target| (path.clone(), target)));
            walk(&path, field, found);
        }
    }
    let mut found = Vec::new();
    walk("", &mapping.to_json(), &mut found);
    found
}

#[cfg(test)]
mod tests;
