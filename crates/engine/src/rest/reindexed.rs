//! Which indices a `_reindex` reads and writes: one reader for the authorizer and the engine.

use serde_json::Value;

/// The names in the body of a `_reindex`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reindexed {
    /// The expressions that it reads; none at all is refused.
    pub sources: Vec<String>,
    /// The index or alias that it writes to.
    pub dest: Option<String>,
}

impl Reindexed {
    /// Reads `source.index`, a text with commas or a list of texts, and `dest.index`.
    #[must_use]
    pub fn of(body: &Value) -> Reindexed {
        let listed = |text: &str| -> Vec<String> {
            text.split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let sources = match body.pointer("/source/index") {
            Some(Value::Array(list)) => {
                list.iter().flat_map(|name| listed(&crate::value::scalar::plain(name))).collect()
            }
            Some(Value::Null) | None => Vec::new(),
            Some(one) => listed(&crate::value::scalar::plain(one)),
        };
        let dest = body.pointer("/dest/index").filter(|dest| !dest.is_null());
        Reindexed { sources, dest: dest.map(crate::value::scalar::plain) }
    }
}
