//! What the cluster keeps beside its indices, by kind and name: templates and cluster settings. One entry is the JSON that
//! was put, checked and in the form in which it is printed. `registries.json` holds all of them; it is replaced as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::exception::Exception;
use crate::limits::{REGISTRY_ENTRIES_MAX, REGISTRY_ENTRY_BYTES_MAX};

/// One kind of things that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Registry {
    /// `_template`
    LegacyTemplates,
    /// `_component_template`
    ComponentTemplates,
    /// `_index_template`
    IndexTemplates,
    /// `_cluster/voting_config_exclusions`: by the id or name that was given.
    VotingExclusions,
    /// `_search/pipeline`
    SearchPipelines,
    /// `_scripts`: each `{"lang": …, "source": …}`.
    Scripts,
    /// `_cluster/settings`: the entries `persistent` and `transient`, flat.
    ClusterSettings,
}

/// Every kind, with the key under which it is kept on disk.
const KINDS: &[(Registry, &str)] = &[
    (Registry::LegacyTemplates, "templates"),
    (Registry::ComponentTemplates, "component_templates"),
    (Registry::IndexTemplates, "index_templates"),
    (Registry::VotingExclusions, "voting_exclusions"),
    (Registry::SearchPipelines, "search_pipelines"),
    (Registry::Scripts, "scripts"),
    (Registry::ClusterSettings, "cluster_settings"),
];

/// The cluster settings that a restart forgets.
pub(crate) const TRANSIENT: &str = "transient";

/// Every registry at one moment.
#[derive(Clone, Debug, Default)]
pub struct Registries {
    kinds: BTreeMap<Registry, BTreeMap<String, Arc<Value>>>,
}

impl Registries {
    /// The entry of this name.
    pub fn get(&self, kind: Registry, name: &str) -> Option<&Value> {
        self.kinds.get(&kind)?.get(name).map(|entry| &**entry)
    }

    /// The entries of a kind, by name.
    pub fn entries(&self, kind: Registry) -> impl Iterator<Item = (&str, &Value)> {
        let entries = self.kinds.get(&kind).into_iter().flatten();
        entries.map(|(name, entry)| (name.as_str(), &**entry))
    }

    /// Adds or replaces an entry.
    ///
    /// # Errors
    /// `illegal_argument_exception` for more entries than are kept, or too long a one.
    pub(crate) fn put(
        &mut self,
        kind: Registry,
        name: &str,
        entry: Value,
    ) -> Result<(), Exception> {
        let length = entry.to_string().len();
        if length > REGISTRY_ENTRY_BYTES_MAX {
            return Err(Exception::illegal_argument(format!(
                "[{name}] has [{length}] bytes, but at most [{REGISTRY_ENTRY_BYTES_MAX}] are kept"
            )));
        }
        let entries = self.kinds.entry(kind).or_default();
        if entries.len() >= REGISTRY_ENTRIES_MAX && !entries.contains_key(name) {
            return Err(Exception::illegal_argument(format!(
                "cannot keep [{name}]: there are [{REGISTRY_ENTRIES_MAX}] already, the most that are kept"
            )));
        }
        entries.insert(name.to_owned(), Arc::new(entry));
        Ok(())
    }

    /// Takes an entry out; whether it was there.
    pub(crate) fn remove(&mut self, kind: Registry, name: &str) -> bool {
        self.kinds.get_mut(&kind).is_some_and(|entries| entries.remove(name).is_some())
    }

    /// Takes over what `other` has of every kind that a snapshot brings back.
    pub(crate) fn adopt(&mut self, other: &Registries) {
        for (kind, entries) in &other.kinds {
            if *kind != Registry::VotingExclusions {
                let own = self.kinds.entry(*kind).or_default();
                own.extend(entries.iter().map(|(name, entry)| (name.clone(), Arc::clone(entry))));
            }
        }
    }

    /// What is written to disk.
    pub(crate) fn persisted(&self) -> Value {
        let kind = |(kind, key): &(Registry, &str)| {
            let entries = self
                .entries(*kind)
                .filter(|(name, _)| *kind != Registry::ClusterSettings || *name != TRANSIENT);
            let entries: Map<String, Value> =
                entries.map(|(name, entry)| (name.to_owned(), entry.clone())).collect();
            ((*key).to_owned(), Value::Object(entries))
        };
        Value::Object(KINDS.iter().map(kind).collect())
    }

    /// What was written by [`Registries::persisted`].
    pub(crate) fn restored(saved: &Value) -> Registries {
        let entries = |key: &str| {
            let entries = saved.get(key).and_then(Value::as_object).into_iter().flatten();
            entries.map(|(name, entry)| (name.clone(), Arc::new(entry.clone()))).collect()
        };
        Registries { kinds: KINDS.iter().map(|(kind, key)| (*kind, entries(key))).collect() }
    }
}
