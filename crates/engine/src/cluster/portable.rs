//! What of the metadata another cluster is told, so that its indices become the same: settings, mappings and aliases of
//! an index, and what is kept beside indices, each with the path that it is put to.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::metadata::{IndexMetadata, Metadata};
use super::names;
use super::registries::Registry;
use super::settings;

/// What an index is at another cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct PortableIndex {
    /// What it is created with, flat.
    pub settings: BTreeMap<String, String>,
    /// What is set when its documents are there: before, it would change them or keep them out.
    pub late_settings: BTreeMap<String, String>,
    /// Its mappings.
    pub mappings: Value,
    /// Its aliases by name.
    pub aliases: BTreeMap<String, Value>,
    /// Whether it is closed.
    pub closed: bool,
    /// The name of its type, where that is not `_doc`.
    pub type_name: Option<String>,
}

/// What each engine sets itself, what says where an index lies, and what only the disk's watch here sets.
const OWN: &[&str] = &[
    "index.creation_date",
    "index.uuid",
    "index.provided_name",
    "index.version.",
    "index.routing.allocation.",
    "index.resize.",
    "index.blocks.read_only_allow_delete",
];

/// What waits for the documents: pipelines that would run on them again, and blocks.
const LATE: &[&str] = &["index.default_pipeline", "index.final_pipeline", "index.blocks."];

impl IndexMetadata {
    /// What this index is at another cluster.
    #[must_use]
    pub fn portable(&self) -> PortableIndex {
        let is_one = |key: &str, of: &[&str]| of.iter().any(|begin| key.starts_with(begin));
        let known = self.settings.flat().iter().filter(|(key, _)| !is_one(key, OWN));
        let known = known.map(|(key, value)| (key.clone(), value.clone()));
        let (late_settings, settings) = known.partition(|(key, _)| is_one(key, LATE));
        let type_name = self.mapping.type_name().filter(|name| *name != "_doc");
        let aliases =
            self.aliases.iter().filter(|(name, _)| !names::holds_security_configuration(name));
        PortableIndex {
            settings,
            late_settings,
            mappings: self.mappings_json(),
            aliases: aliases.map(|(name, it)| (name.clone(), it.to_json())).collect(),
            closed: self.closed,
            type_name: type_name.map(str::to_owned),
        }
    }
}

impl PortableIndex {
    /// Whether documents go through pipelines of its own.
    #[must_use]
    pub fn runs_pipelines(&self) -> bool {
        let of = |key: &str| self.late_settings.get(key).is_some_and(|name| name != "_none");
        of("index.default_pipeline") || of("index.final_pipeline")
    }

    /// The body that makes it: settings and mappings.
    #[must_use]
    pub fn body(&self) -> Value {
        json!({ "settings": settings::nested(&self.settings), "mappings": self.mappings })
    }
}

/// Something kept beside indices.
#[derive(Clone, Debug, PartialEq)]
pub struct PortableEntry {
    /// What it is: `index template`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The path of its kind; its name goes behind it: `/_index_template/`.
    pub path: &'static str,
    /// What is put there.
    pub body: Value,
}

/// What is put, in the order in which one needs the other.
const KINDS: &[(Registry, &str, &str)] = &[
    (Registry::Scripts, "stored script", "/_scripts/"),
    (Registry::SearchPipelines, "search pipeline", "/_search/pipeline/"),
    (Registry::ComponentTemplates, "component template", "/_component_template/"),
    (Registry::IndexTemplates, "index template", "/_index_template/"),
    (Registry::LegacyTemplates, "template", "/_template/"),
];

/// Where an entry says which aliases the indices get that are made of it.
fn aliases_of(registry: Registry) -> Option<&'static str> {
    match registry {
        Registry::ComponentTemplates | Registry::IndexTemplates => Some("/template/aliases"),
        Registry::LegacyTemplates => Some("/aliases"),
        _ => None,
    }
}

impl Metadata {
    /// What of it another cluster may be given, and the indices and aliases that are left out: Elasticsearch takes what is called
    /// as its own users and roles are for these, so whoever wrote it here would be a user there.
    #[must_use]
    pub fn for_another_cluster(self: &Arc<Self>) -> (Arc<Metadata>, Vec<String>) {
        let is_left_out = |name: &str| names::holds_security_configuration(name);
        let mut left_out = Vec::new();
        for (name, index) in &self.indices {
            if is_left_out(name) {
                left_out.push(format!("index {name}"));
            }
            let aliases = index.aliases.keys().filter(|alias| is_left_out(alias));
            left_out.extend(aliases.map(|alias| format!("alias {alias} of index {name}")));
        }
        for (registry, kind, _) in KINDS {
            for (name, entry) in self.registries().entries(*registry) {
                let aliases =
                    aliases_of(*registry).and_then(|path| entry.pointer(path)?.as_object());
                let aliases = aliases.into_iter().flat_map(|aliases| aliases.keys());
                let aliases = aliases.filter(|alias| is_left_out(alias));
                left_out.extend(aliases.map(|alias| format!("alias {alias} of {kind} {name}")));
            }
        }
        if left_out.is_empty() {
            return (Arc::clone(self), left_out);
        }
        let mut portable = Metadata::clone(self);
        portable.indices.retain(|name, _| !is_left_out(name));
        (Arc::new(portable), left_out)
    }

    /// What is kept beside indices and goes along: pipelines, scripts, templates.
    #[must_use]
    pub fn portable_entries(&self) -> Vec<PortableEntry> {
        let pipelines = self.pipelines.definitions().map(|(name, body)| PortableEntry {
            kind: "ingest pipeline",
            name: name.to_owned(),
            path: "/_ingest/pipeline/",
            body: body.clone(),
        });
        let kept = KINDS.iter().flat_map(|(registry, kind, path)| {
            self.registries().entries(*registry).map(|(name, entry)| {
                let mut body = match registry {
                    Registry::Scripts => json!({ "script": entry }),
                    _ => entry.clone(),
                };
                let aliases = aliases_of(*registry).and_then(|path| body.pointer_mut(path));
                if let Some(Value::Object(aliases)) = aliases {
                    aliases.retain(|name, _| !names::holds_security_configuration(name));
                }
                PortableEntry { kind, name: name.to_owned(), path, body }
            })
        });
        pipelines.chain(kept).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::metadata::Alias;
    use crate::cluster::registries::Registries;
    use crate::cluster::settings::IndexSettings;

    #[test]
    fn what_an_engine_says_of_itself_stays_and_what_stops_writes_comes_last() {
        let flat = [
            ("index.creation_date", "1"),
            ("index.version.created", "7100299"),
            ("index.number_of_shards", "2"),
            ("index.analysis.filter.f.type", "stop"),
            ("index.default_pipeline", "p"),
            ("index.blocks.write", "true"),
            ("index.blocks.read_only_allow_delete", "true"),
        ];
        let flat = flat.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let settings = IndexSettings::restore(flat, Value::Null);
        let index = IndexMetadata { settings, ..IndexMetadata::new("x", "u") };
        let portable = index.portable();
        let body = portable.body();
        assert_eq!(
            body["settings"],
            json!({"index": {"number_of_shards": "2", "analysis": {"filter": {"f": {"type": "stop"}}}}})
        );
        let late: Vec<&str> = portable.late_settings.keys().map(String::as_str).collect();
        assert_eq!(late, ["index.blocks.write", "index.default_pipeline"]);
    }
    #[test]
    fn d24_no_index_or_alias_of_a_clusters_users_and_roles_goes_along() {
        let alias = |name: &str| Alias::parse(name, &json!({})).unwrap();
        let mut open = IndexMetadata::new("open", "u1");
        for name in ["all", ".security"] {
            open.aliases.insert(name.to_owned(), alias(name));
        }
        let names = [".security-7", ".opendistro_security", ".opensearch_security_config_versions"];
        let named = names.map(|name| (name.to_owned(), Arc::new(IndexMetadata::new(name, name))));
        let mut metadata = Metadata { indices: named.into(), ..Metadata::default() };
        metadata.indices.insert("open".to_owned(), Arc::new(open));
        let (portable, left_out) = Arc::new(metadata).for_another_cluster();
        let there: Vec<&str> = portable.indices().map(|index| &*index.name).collect();
        assert_eq!(there, ["open"]);
        let aliases: Vec<String> =
            portable.index("open").unwrap().portable().aliases.into_keys().collect();
        assert_eq!(aliases, ["all"]);
        assert_eq!(
            left_out,
            [
                "index .opendistro_security",
                "index .opensearch_security_config_versions",
                "index .security-7",
                "alias .security of index open"
            ]
        );
    }

    #[test]
    fn d24_no_template_gives_an_alias_of_a_clusters_users_elsewhere() {
        let template = json!({"index_patterns": ["a*"], "template": {"aliases": {"all": {}, ".security": {}}}});
        let legacy = json!({"index_patterns": ["b*"], "aliases": {".security": {}}});
        let saved = json!({"index_templates": {"t": template}, "templates": {"l": legacy}});
        let registries = Arc::new(Registries::restored(&saved));
        let metadata = Arc::new(Metadata { registries, ..Metadata::default() });
        let (portable, left_out) = metadata.for_another_cluster();
        assert_eq!(
            left_out,
            ["alias .security of index template t", "alias .security of template l"]
        );
        let entries = portable.portable_entries();
        let bodies: Vec<_> = entries.into_iter().map(|entry| entry.body).collect();
        let [template, legacy] = &bodies[..] else { panic!("{bodies:?}") };
        assert_eq!(template["template"]["aliases"], json!({"all": {}}));
        assert_eq!(legacy["aliases"], json!({}));
    }
}
