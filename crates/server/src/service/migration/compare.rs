//! The last look before a domain is handed over: whether the cluster has what is here.
//!
//! A document that is missing stops the move. What each engine may print in its own way (mappings, templates) is told, and does not.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use super::copy::{BATCH_BYTES, Copy, here};
use super::fault::MoveFault;
use super::target::{Sent, asked_by_id, path_of};

/// Documents that are looked at, of all indices.
const SAMPLE_MAX: usize = 200;
/// Indices whose documents are counted by one request.
const COUNTED_MAX: usize = 10_000;

impl Copy {
    /// Compares what is there with what is here. Nothing may be written meanwhile.
    ///
    /// # Errors
    /// Documents that are missing, or are other ones.
    pub(super) async fn compare(&mut self) -> Result<(), MoveFault> {
        let path = "/_refresh".to_owned();
        let refreshed =
            self.target.ask(Method::POST, path, "expand_wildcards=all", Sent::Nothing).await?;
        refreshed.good("to refresh its indices (POST /_refresh)")?;
        self.counts().await?;
        self.sample().await?;
        self.mappings().await?;
        self.aliases_of_all().await?;
        self.entries_of_all().await
    }

    async fn counts(&self) -> Result<(), MoveFault> {
        let (engine, permit, cancel) =
            (Arc::clone(&self.engine), Arc::clone(&self.permit), self.cancel.0.clone());
        let known: Vec<(Arc<str>, String)> =
            self.known.iter().map(|(uuid, it)| (Arc::clone(uuid), it.name.clone())).collect();
        let own = here(move || {
            let count = |(uuid, name): &(Arc<str>, String)| {
                Ok((name.clone(), engine.outgoing(&permit, uuid)?.count(&cancel)?))
            };
            known.iter().map(count).collect::<Result<BTreeMap<String, u64>, _>>()
        })
        .await?;
        let body = json!({"size": 0, "track_total_hits": false,
            "aggs": {"indices": {"terms": {"field": "_index", "size": COUNTED_MAX}}}});
        let query = "expand_wildcards=all&ignore_unavailable=true";
        let sent = Sent::Json(body);
        let answer = self.target.ask(Method::POST, "/_search".to_owned(), query, sent).await?;
        let told = answer.good("to count its documents (POST /_search)")?;
        let buckets = told.pointer("/aggregations/indices/buckets").and_then(Value::as_array);
        let buckets = buckets.into_iter().flatten();
        let there: BTreeMap<&str, u64> = buckets
            .filter_map(|it| Some((it.get("key")?.as_str()?, it.get("doc_count")?.as_u64()?)))
            .collect();
        for (name, count) in own {
            let found = there.get(name.as_str()).copied().unwrap_or(0);
            if found != count {
                let why = format!("index [{name}] has {count} documents here and {found} there");
                return Err(MoveFault::Unfit(why));
            }
        }
        Ok(())
    }

    async fn sample(&self) -> Result<(), MoveFault> {
        let mut looked_at = 0;
        for (uuid, index) in &self.known {
            if index.sample.is_empty() || looked_at >= SAMPLE_MAX {
                continue;
            }
            looked_at += index.sample.len();
            let (engine, permit, cancel) =
                (Arc::clone(&self.engine), Arc::clone(&self.permit), self.cancel.0.clone());
            let (of, ids) = (Arc::clone(uuid), index.sample.clone());
            let newest = move || engine.newest(&permit, &of, &ids, BATCH_BYTES, &cancel);
            let own = here(newest).await?;
            let docs: Vec<Value> = own.iter().map(asked_by_id).collect();
            let sent = Sent::Json(json!({ "docs": docs }));
            let path = format!("{}/_mget", path_of("/", &index.name));
            let answer = self.target.ask(Method::POST, path, "", sent).await?;
            let told = answer.good(&format!("documents of index [{}]", index.name))?;
            let docs = told.get("docs").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            // What the mapping hides of documents is not told there.
            let hides = index.portable.mappings.get("_source").is_some();
            for (own, there) in own.iter().zip(docs) {
                let found = there.get("found") == Some(&Value::Bool(true));
                let source = own.source.as_deref().and_then(|it| serde_json::from_slice(it).ok());
                let source: Option<Value> = source;
                let same = hides || there.get("_source") == source.as_ref();
                if found != own.source.is_some() || (found && !same) {
                    let (id, name) = (&own.id, &index.name);
                    let why = format!("document [{id}] of index [{name}] is another one there");
                    return Err(MoveFault::Unfit(why));
                }
            }
        }
        Ok(())
    }

    async fn mappings(&self) -> Result<(), MoveFault> {
        let there = self.target.read("/_mapping", "expand_wildcards=all").await?;
        for index in self.known.values() {
            let told = there.get(&index.name).and_then(|it| it.get("mappings"));
            let name = format!("index {}: mappings", index.name);
            self.differing(&name, &index.portable.mappings, told.unwrap_or(&Value::Null));
        }
        Ok(())
    }

    async fn aliases_of_all(&self) -> Result<(), MoveFault> {
        let there = self.target.read("/_alias", "expand_wildcards=all").await?;
        for index in self.known.values() {
            let told = there.get(&index.name).and_then(|it| it.get("aliases"));
            let own = json!(index.aliases);
            let name = format!("index {}: aliases", index.name);
            self.differing(&name, &own, told.unwrap_or(&Value::Null));
        }
        Ok(())
    }

    async fn entries_of_all(&self) -> Result<(), MoveFault> {
        for (path, entry) in &self.entries {
            let told = self.target.read(path, "").await?;
            let name = format!("{} {}", entry.kind, entry.name);
            let own = entry.body.get("script").unwrap_or(&entry.body);
            match content(&told, &entry.name) {
                Some(there) => self.differing(&name, own, there),
                None => self.progress.lock().differs(format!("{name} is not there")),
            }
        }
        Ok(())
    }

    /// Tells where two values differ, as far as they say something.
    fn differing(&self, name: &str, own: &Value, there: &Value) {
        if let Some((path, own, there)) = difference(own, there, String::new()) {
            let text = format!("{name}{path}: {} here, {} there", shown(own), shown(there));
            self.progress.lock().differs(text);
        }
    }
}

/// What an answer says of the thing `name`: `{name: …}`, `{"index_templates": [{"index_template": …}]}`, `{"script": …}`.
fn content<'v>(told: &'v Value, name: &str) -> Option<&'v Value> {
    let listed = |key: &str, inner: &str| told.get(key)?.get(0)?.get(inner);
    told.get(name)
        .or_else(|| listed("index_templates", "index_template"))
        .or_else(|| listed("component_templates", "component_template"))
        .or_else(|| told.get("script"))
}

/// The first place where two values say something else. Numbers and booleans may be printed as texts, settings with or without
/// their prefix, and what is empty may be left out.
fn difference<'v>(
    own: &'v Value,
    there: &'v Value,
    path: String,
) -> Option<(String, &'v Value, &'v Value)> {
    static NOTHING: Value = Value::Null;
    match (own, there) {
        (Value::Object(one), Value::Object(other)) => {
            if path.ends_with(".settings") || path == ".template.settings" {
                // Each prints them in its own way: the indices that they made were compared.
                return None;
            }
            let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
            keys.filter_map(|key| {
                let at = format!("{path}.{key}");
                difference(one.get(key).unwrap_or(&NOTHING), other.get(key).unwrap_or(&NOTHING), at)
            })
            .next()
        }
        (own, there) if is_empty(own) && is_empty(there) => None,
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            pairs
                .filter_map(|(at, (one, other))| difference(one, other, format!("{path}[{at}]")))
                .next()
        }
        (Value::Array(one), other) if one.len() == 1 => {
            difference(one.first().unwrap_or(&NOTHING), other, path)
        }
        (own, Value::Array(other)) if other.len() == 1 => {
            difference(own, other.first().unwrap_or(&NOTHING), path)
        }
        (own, there) if shown(own) == shown(there) => None,
        (own, there) => Some((path, own, there)),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.values().all(is_empty),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => "nothing".to_owned(),
        other => other.to_string(),
    };
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(own: Value, there: Value) -> Option<String> {
        difference(&own, &there, String::new()).map(|(path, own, there)| {
            format!("{path}: {} here, {} there", shown(own), shown(there))
        })
    }

    #[test]
    fn what_is_only_printed_otherwise_is_no_difference() {
        assert_eq!(found(json!({"a": 1, "b": true}), json!({"b": "true", "a": "1"})), None);
        assert_eq!(found(json!({"a": {}}), json!({})), None);
        assert_eq!(found(json!({"index_patterns": "x*"}), json!({"index_patterns": ["x*"]})), None);
    }

    #[test]
    fn a_difference_is_told_with_its_place() {
        let own = json!({"properties": {"a": {"type": "keyword"}}});
        let there = json!({"properties": {"a": {"type": "text"}}});
        let told = Some(".properties.a.type: keyword here, text there".to_owned());
        assert_eq!(found(own, there), told);
        let told = Some(".properties.b: nothing here, {\"type\":\"long\"} there".to_owned());
        assert!(found(json!({}), json!({"properties": {"b": {"type": "long"}}})).is_some());
        assert_eq!(
            found(json!({"properties": {}}), json!({"properties": {"b": {"type": "long"}}})),
            told
        );
    }

    #[test]
    fn a_thing_is_found_in_each_shape_of_answer() {
        assert_eq!(content(&json!({"t": {"order": 1}}), "t"), Some(&json!({"order": 1})));
        let listed = json!({"index_templates": [{"name": "t", "index_template": {"priority": 1}}]});
        assert_eq!(content(&listed, "t"), Some(&json!({"priority": 1})));
        assert_eq!(
            content(&json!({"_id": "s", "found": true, "script": {}}), "s"),
            Some(&json!({}))
        );
        assert_eq!(content(&Value::Null, "s"), None);
    }
}
