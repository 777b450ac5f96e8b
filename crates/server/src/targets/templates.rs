//! Index templates: what they would do to indices that do not exist yet.

use super::AskContext;
use super::aliases::own_name;
use super::asks::{Ask, Grant, OnDenial, RequestQuestions};
use serde_json::Value;

/// A template that is put asks `es:ESHttpPut …/PATTERN` for each of its patterns, and `…/PATTERN/_alias/A` for each
/// alias it gives (and that alias's own name), as if an index of that name were created; `{index}` in an alias is the
/// pattern. A component template has no patterns of its own and reaches the indices of whichever template is composed of
/// it: it asks for `*`.
pub(super) fn put(scene: &AskContext<'_>, asks: &mut RequestQuestions) {
    let body = scene.parsed.body.value();
    // A legacy template may call its pattern `template`, as Elasticsearch 5 did. Numbers are read as names.
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let given = [body.get("index_patterns"), body.get("template")];
    let named = given.into_iter().flatten().flat_map(|given| match given {
        Value::Array(list) => list.iter().map(text).collect(),
        Value::Object(_) => Vec::new(),
        one => vec![text(one)],
    });
    let mut patterns: Vec<String> = named.collect();
    if patterns.is_empty() && body.is_object() {
        patterns.push("*".to_owned());
    }
    let put = |path: String| Ask { action: "es:ESHttpPut", path };
    for pattern in &patterns {
        asks.touch([put(format!("/{pattern}"))], Grant::Nothing, OnDenial::Refuse);
    }
    let holders = [Some(body), body.get("template")];
    let aliases =
        holders.into_iter().flatten().filter_map(|holder| holder.get("aliases")?.as_object());
    let aliases: Vec<&String> = aliases.flat_map(|aliases| aliases.keys()).collect();
    for pattern in patterns {
        for alias in &aliases {
            let alias = alias.replace("{index}", &pattern);
            let ask = put(format!("/{pattern}/_alias/{alias}"));
            asks.touch([ask, own_name(&alias)], Grant::Nothing, OnDenial::Refuse);
        }
    }
}
