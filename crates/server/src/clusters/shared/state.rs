//! A domain's own part of what a shared cluster tells of its metadata.

use serde_json::{Map, Value};

use super::SharedNames;

impl SharedNames {
    /// `_cluster/state` as it would be if nobody shared the cluster. Streams, scripts and pipelines are left out: they are refused.
    pub(crate) fn own_state(&self, mut state: Value) -> Value {
        if let Some(metadata) = state.get_mut("metadata").and_then(Value::as_object_mut) {
            let indices = metadata.remove("indices").map(|indices| self.own_members(indices));
            let mut indices = indices.unwrap_or_default();
            for index in indices.values_mut() {
                let provided = index.pointer_mut("/settings/index/provided_name");
                if let Some(provided) = provided {
                    self.own_text(provided);
                }
                if let Some(names) = index.get_mut("aliases") {
                    self.own_texts(names);
                }
            }
            let mut kept = Map::new();
            kept.insert("indices".to_owned(), indices.into());
            for (path, key) in [
                ("templates", None),
                ("index_template", Some("index_template")),
                ("component_template", Some("component_template")),
            ] {
                let Some(mut told) = metadata.remove(path) else { continue };
                let templates = match key {
                    None => &mut told,
                    Some(key) => match told.get_mut(key) {
                        Some(templates) => templates,
                        None => continue,
                    },
                };
                *templates = self.own_templates(std::mem::take(templates));
                kept.insert(path.to_owned(), told);
            }
            *metadata = kept;
        }
        state
    }

    /// The same of `_alias`.
    pub(crate) fn own_aliases(&self, aliases: Value) -> Value {
        let mut aliases = self.own_members(aliases);
        for index in aliases.values_mut() {
            if let Some(names) = index.get_mut("aliases") {
                *names = self.own_members(std::mem::take(names)).into();
            }
        }
        aliases.into()
    }

    /// The members that are the domain's, under its own names.
    fn own_members(&self, value: Value) -> Map<String, Value> {
        let Value::Object(members) = value else { return Map::new() };
        let own = members.into_iter();
        own.filter_map(|(name, value)| Some((self.own(&name)?.to_owned(), value))).collect()
    }

    fn own_templates(&self, value: Value) -> Value {
        let mut templates = self.own_members(value);
        for template in templates.values_mut() {
            for key in ["index_patterns", "composed_of"] {
                if let Some(names) = template.get_mut(key) {
                    self.own_texts(names);
                }
            }
            for path in ["/aliases", "/template/aliases"] {
                if let Some(aliases) = template.pointer_mut(path) {
                    *aliases = self.own_members(std::mem::take(aliases)).into();
                }
            }
        }
        templates.into()
    }

    /// The texts of a list that are the domain's.
    fn own_texts(&self, value: &mut Value) {
        let Some(list) = value.as_array_mut() else { return self.own_text(value) };
        list.retain(|name| name.as_str().is_some_and(|name| self.own(name).is_some()));
        list.iter_mut().for_each(|name| self.own_text(name));
    }

    fn own_text(&self, value: &mut Value) {
        if let Some(own) = value.as_str().and_then(|name| self.bare(name)) {
            *value = own.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_the_clusters_state_a_domain_sees_its_own_part_under_its_own_names() {
        let state = json!({"version": 3, "metadata": {
            "indices": {
                "a.x": {"state": "open", "aliases": ["a.al", "stray", "a._all"],
                    "settings": {"index": {"uuid": "u", "provided_name": "a.x"}}},
                "b.x": {"state": "open", "aliases": []}, "a.": {}, "a._search": {}, "a.-x": {}, "a.+x": {}},
            "templates": {"a.t": {"index_patterns": ["a.l-*"], "aliases": {"a.al": {}}}, "b.t": {}},
            "index_template": {"index_template": {"a.i": {"index_patterns": ["a.*"],
                "composed_of": ["a.c"], "template": {"aliases": {"a.al": {}}}}, "b.i": {}}},
            "component_template": {"component_template": {"b.c": {}}},
            "stored_scripts": {"s": {}}, "data_stream": {"data_stream": {"b.d": {}}}}});
        let aliases = json!({"a.x": {"aliases": {"a.al": {}, "stray": {}, "a._all": {}}}, "b.x": {"aliases": {}}});
        let shared = SharedNames::with("a.");
        let (state, aliases) = (shared.own_state(state), shared.own_aliases(aliases));
        let index = json!({"state": "open", "aliases": ["al"],
            "settings": {"index": {"uuid": "u", "provided_name": "x"}}});
        assert_eq!(
            state,
            json!({"version": 3, "metadata": {
                "indices": {"x": index},
                "templates": {"t": {"index_patterns": ["l-*"], "aliases": {"al": {}}}},
                "index_template": {"index_template": {"i": {"index_patterns": ["*"],
                    "composed_of": ["c"], "template": {"aliases": {"al": {}}}}}},
                "component_template": {"component_template": {}}}})
        );
        assert_eq!(aliases, json!({"x": {"aliases": {"al": {}}}}));
    }
}
