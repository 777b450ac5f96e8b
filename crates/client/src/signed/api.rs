//! What most programs ask for, with types. Names of indices and ids go into a path as they are: they are encoded here.

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Answer, ClientFault, SearchClient};

/// What became of a document that was written.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Written {
    /// Its id.
    #[serde(rename = "_id")]
    pub id: String,
    /// `created`, `updated` or `deleted`.
    pub result: String,
    /// Its version.
    #[serde(rename = "_version")]
    pub version: u64,
}

/// A page of documents that were found.
#[derive(Clone, Debug)]
pub struct Found<T> {
    /// How many there are; where the endpoint stopped counting, at least so many.
    pub total: u64,
    /// Those of the page.
    pub hits: Vec<Hit<T>>,
    /// The aggregations that were asked for; `Null` where none were.
    pub aggregations: Value,
}

/// A document that was found.
#[derive(Clone, Debug, Deserialize)]
pub struct Hit<T> {
    /// Its index.
    #[serde(rename = "_index")]
    pub index: String,
    /// Its id.
    #[serde(rename = "_id")]
    pub id: String,
    /// How well it matches; none where it was sorted otherwise.
    #[serde(rename = "_score")]
    pub score: Option<f64>,
    /// The document.
    #[serde(rename = "_source")]
    pub source: T,
}

#[derive(Deserialize)]
struct SearchAnswer<T> {
    hits: Hits<T>,
    #[serde(default)]
    aggregations: Value,
}

#[derive(Deserialize)]
struct Hits<T> {
    #[serde(default)]
    total: Total,
    hits: Vec<Hit<T>>,
}

#[derive(Default, Deserialize)]
struct Total {
    value: u64,
}

/// The items of one `_bulk`.
#[derive(Clone, Debug, Default)]
pub struct Bulk {
    lines: Vec<u8>,
    items: usize,
}

/// What became of the items of a `_bulk`.
#[derive(Clone, Debug)]
pub struct BulkOutcome {
    items: Vec<Value>,
}

/// An item that was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkFault {
    /// Its place among the items, from 0.
    pub position: usize,
    /// The status that it would have had alone.
    pub status: u16,
    /// Why.
    pub reason: String,
}

impl Bulk {
    /// No items yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a document, whatever is there; without an id it is given one.
    ///
    /// # Errors
    /// [`ClientFault::Options`]: the document cannot be written as JSON.
    pub fn index(
        &mut self,
        id: Option<&str>,
        document: &impl Serialize,
    ) -> Result<(), ClientFault> {
        self.item("index", id, Some(document))
    }

    /// Puts a document where there is none.
    ///
    /// # Errors
    /// As [`Bulk::index`].
    pub fn create(&mut self, id: &str, document: &impl Serialize) -> Result<(), ClientFault> {
        self.item("create", Some(id), Some(document))
    }

    /// Removes a document.
    ///
    /// # Errors
    /// As [`Bulk::index`].
    pub fn delete(&mut self, id: &str) -> Result<(), ClientFault> {
        self.item("delete", Some(id), None::<&()>)
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items == 0
    }

    fn item(
        &mut self,
        action: &str,
        id: Option<&str>,
        document: Option<&impl Serialize>,
    ) -> Result<(), ClientFault> {
        let metadata = id.map_or_else(|| json!({}), |id| json!({ "_id": id }));
        let mut lines = json!({ action: metadata }).to_string().into_bytes();
        lines.push(b'\n');
        if let Some(document) = document {
            let written = serde_json::to_writer(&mut lines, document);
            written.map_err(|error| {
                ClientFault::Options(format!("cannot write a document: {error}"))
            })?;
            lines.push(b'\n');
        }
        self.lines.append(&mut lines);
        self.items += 1;
        Ok(())
    }
}

impl BulkOutcome {
    /// The items that were not done, in order.
    pub fn faults(&self) -> impl Iterator<Item = BulkFault> + '_ {
        self.items.iter().enumerate().filter_map(|(position, item)| {
            let told = item.as_object()?.values().next()?;
            let error = told.get("error")?;
            let reason = error.get("reason").and_then(Value::as_str);
            let reason = reason.map_or_else(|| error.to_string(), str::to_owned);
            let status = told.get("status").and_then(Value::as_u64);
            let status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
            Some(BulkFault { position, status, reason })
        })
    }

    /// What the endpoint said of each item.
    #[must_use]
    pub fn items(&self) -> &[Value] {
        &self.items
    }
}

impl SearchClient {
    /// Makes an index, with its settings and mappings.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn create_index(&self, index: &str, definition: &Value) -> Result<(), ClientFault> {
        let target = format!("/{}", encoded(index));
        // A second time it would be refused.
        let sending = self.request(Method::PUT, &target).json(definition).repeatable(false);
        sending.send().await?.ok().await.map(drop)
    }

    /// Removes an index; whether there was one.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn delete_index(&self, index: &str) -> Result<bool, ClientFault> {
        let target = format!("/{}", encoded(index));
        there(self.request(Method::DELETE, &target).send().await?).await.map(|told| told.is_some())
    }

    /// Lets searches see what was written to an index.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn refresh(&self, index: &str) -> Result<(), ClientFault> {
        let target = format!("/{}/_refresh", encoded(index));
        let sending = self.request(Method::POST, &target).repeatable(true);
        sending.send().await?.ok().await.map(drop)
    }

    /// Puts a document; without an id it is given one.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn index(
        &self,
        index: &str,
        id: Option<&str>,
        document: &impl Serialize,
    ) -> Result<Written, ClientFault> {
        let (method, id) = match id {
            Some(id) => (Method::PUT, format!("/{}", encoded(id))),
            None => (Method::POST, String::new()),
        };
        let target = format!("/{}/_doc{id}", encoded(index));
        self.request(method, &target).json(document).send().await?.ok().await?.json().await
    }

    /// A document; none where there is none.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn document<T: DeserializeOwned>(
        &self,
        index: &str,
        id: &str,
    ) -> Result<Option<T>, ClientFault> {
        #[derive(Deserialize)]
        struct Told<T> {
            #[serde(rename = "_source")]
            source: T,
        }
        let target = format!("/{}/_doc/{}", encoded(index), encoded(id));
        match there(self.request(Method::GET, &target).send().await?).await? {
            Some(answer) => answer.json::<Told<T>>().await.map(|told| Some(told.source)),
            None => Ok(None),
        }
    }

    /// Removes a document; whether there was one.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn delete(&self, index: &str, id: &str) -> Result<bool, ClientFault> {
        let target = format!("/{}/_doc/{}", encoded(index), encoded(id));
        there(self.request(Method::DELETE, &target).send().await?).await.map(|told| told.is_some())
    }

    /// The documents of one index, or of a list with commas, that match a search's body.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn search<T: DeserializeOwned>(
        &self,
        indices: &str,
        search: &Value,
    ) -> Result<Found<T>, ClientFault> {
        let names: Vec<String> = indices.split(',').map(encoded).collect();
        let target = format!("/{}/_search", names.join(","));
        let sending = self.request(Method::POST, &target).json(search).repeatable(true);
        let told: SearchAnswer<T> = sending.send().await?.ok().await?.json().await?;
        let SearchAnswer { hits: Hits { total, hits }, aggregations } = told;
        Ok(Found { total: total.value, hits, aggregations })
    }

    /// Does the items of a `_bulk` on an index. Single items may fail: [`BulkOutcome::faults`].
    ///
    /// # Errors
    /// [`ClientFault`], of the whole.
    pub async fn bulk(&self, index: &str, bulk: Bulk) -> Result<BulkOutcome, ClientFault> {
        #[derive(Deserialize)]
        struct Told {
            items: Vec<Value>,
        }
        let target = format!("/{}/_bulk", encoded(index));
        let sending = self.request(Method::POST, &target).body("application/x-ndjson", bulk.lines);
        let told: Told = sending.send().await?.ok().await?.json().await?;
        Ok(BulkOutcome { items: told.items })
    }
}

/// This answer; none where it says 404 of what was asked for.
async fn there(answer: Answer) -> Result<Option<Answer>, ClientFault> {
    if answer.status() == 404 { Ok(None) } else { answer.ok().await.map(Some) }
}

/// A part of a path: whatever RFC 3986 does not call unreserved is percent-encoded; patterns stay.
fn encoded(part: &str) -> String {
    utf8_percent_encode(part, PART).to_string()
}

const PART: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'*');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_path_are_encoded_and_patterns_stay() {
        assert_eq!(encoded("logs-*"), "logs-*");
        assert_eq!(encoded("a/b c%ü"), "a%2Fb%20c%25%C3%BC");
    }

    #[test]
    fn a_bulk_is_lines_of_json() {
        let mut bulk = Bulk::new();
        assert!(bulk.is_empty());
        bulk.index(None, &json!({"a": 1})).unwrap();
        bulk.create("2", &json!({})).unwrap();
        bulk.delete("3\n").unwrap();
        assert_eq!(bulk.len(), 3);
        let expected = "{\"index\":{}}\n{\"a\":1}\n{\"create\":{\"_id\":\"2\"}}\n{}\n{\"delete\":{\"_id\":\"3\\n\"}}\n";
        assert_eq!(String::from_utf8(bulk.lines).unwrap(), expected);
    }

    #[test]
    fn faults_tell_which_items_were_not_done() {
        let items = json!([
            {"index": {"_id": "1", "status": 201}},
            {"index": {"_id": "2", "status": 403, "error": {"type": "security_exception", "reason": "no"}}},
        ]);
        let outcome = BulkOutcome { items: items.as_array().unwrap().clone() };
        let fault = BulkFault { position: 1, status: 403, reason: "no".to_owned() };
        assert_eq!(outcome.faults().collect::<Vec<_>>(), [fault]);
        assert_eq!(outcome.items().len(), 2);
    }
}
