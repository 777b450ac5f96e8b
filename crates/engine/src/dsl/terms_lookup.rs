//! Where the values of a `terms` query are looked up: a document, named by the query, read before the query is.

use serde_json::Value;

use super::looked_up::FOUND;
use super::options::Options;
use crate::exception::Exception;

/// The document that a `terms` query takes its values of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TermsLookup {
    /// The index of the document.
    pub(crate) index: String,
    /// Its id.
    pub(crate) id: String,
    /// Its routing.
    pub(crate) routing: Option<String>,
    /// The path of the values in its source.
    pub(crate) path: String,
}

impl TermsLookup {
    /// Reads `{"index": …, "id": …, "path": …}`, and the values that were found there before the query was read.
    ///
    /// # Errors
    /// `illegal_argument_exception` and `parsing_exception` in Elasticsearch's words.
    pub(crate) fn read(value: &Value) -> Result<(TermsLookup, Option<Vec<Value>>), Exception> {
        let options = Options::declared("terms_lookup", value)?;
        // Deprecated since mapping types went, and without effect.
        options.get("type");
        // A field that is stored is in the source, too.
        options.flag("store")?;
        let [index, id, path, routing] =
            ["index", "id", "path", "routing"].map(|key| options.text(key));
        let required = |key: &str, text: Option<String>| {
            text.ok_or_else(|| Exception::illegal_argument(format!("Required [{key}]")))
        };
        let (index, id, path, routing) = (index?, id?, path?, routing?);
        let found = options.get(FOUND).and_then(Value::as_array).cloned();
        options.finish()?;
        let lookup = TermsLookup {
            index: required("index", index)?,
            id: required("id", id)?,
            path: required("path", path)?,
            routing,
        };
        Ok((lookup, found))
    }
}
