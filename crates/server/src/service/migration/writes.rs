//! Documents on their way to the cluster: `_bulk` with the versions that they have here.

use std::time::Duration;

use engine::OutgoingDocument;
use serde_json::{Map, Value, json};

use super::fault::MoveFault;
use super::target::{MoveTarget, Sent};

/// How often an item that the cluster is too busy for is sent again.
const BUSY_TRIES_MAX: u32 = 20;

/// Where and how a document is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WrittenAs {
    /// In the place of what is there, with the version that it has here.
    Versioned,
    /// In the place of what is there, with whichever version comes next.
    Unversioned,
    /// As a new document of a data stream.
    Created,
    /// In the place of the one with this sequence number and primary term: so does what is behind a data stream.
    InPlaceOf(u64, u64),
}

/// A document, and where it goes.
pub(super) struct OutgoingWrite<'d> {
    pub(super) index: &'d str,
    pub(super) document: &'d OutgoingDocument,
    pub(super) written_as: WrittenAs,
}

impl OutgoingWrite<'_> {
    /// Its lines of `_bulk`.
    fn append_to(&self, lines: &mut Vec<u8>) {
        let OutgoingDocument { id, version, routing, source } = self.document;
        let mut action = Map::new();
        action.insert("_index".to_owned(), self.index.into());
        action.insert("_id".to_owned(), id.as_str().into());
        if let Some(routing) = routing {
            action.insert("routing".to_owned(), routing.as_str().into());
        }
        match (&self.written_as, version) {
            (WrittenAs::Versioned, Some(version)) => {
                action.insert("version".to_owned(), (*version).into());
                action.insert("version_type".to_owned(), "external_gte".into());
            }
            (WrittenAs::InPlaceOf(seq_no, term), _) if source.is_some() => {
                action.insert("if_seq_no".to_owned(), (*seq_no).into());
                action.insert("if_primary_term".to_owned(), (*term).into());
            }
            _ => {}
        }
        let verb = match (source, &self.written_as) {
            (None, _) => "delete",
            (Some(_), WrittenAs::Created) => "create",
            (Some(_), _) => "index",
        };
        lines.extend_from_slice(json!({ verb: action }).to_string().as_bytes());
        lines.push(b'\n');
        if let Some(source) = source {
            lines.extend_from_slice(source);
            lines.push(b'\n');
        }
    }

    fn named(&self) -> String {
        let verb = if self.document.source.is_some() { "document" } else { "deletion of" };
        format!("{verb} [{}] of index [{}]", self.document.id, self.index)
    }
}

/// Sends writes, in order; again those that the cluster is too busy for. Gives those that it knows in a newer version.
///
/// # Errors
/// A document that it does not take; that it is lost.
pub(super) async fn send<'w, 'd>(
    target: &MoveTarget,
    writes: &'w [OutgoingWrite<'d>],
) -> Result<Vec<&'w OutgoingWrite<'d>>, MoveFault> {
    let mut conflicts = Vec::new();
    let mut left: Vec<&OutgoingWrite<'_>> = writes.iter().collect();
    let mut tries = 0;
    while !left.is_empty() {
        let mut lines = Vec::new();
        left.iter().for_each(|write| write.append_to(&mut lines));
        // Pipelines ran when the documents were written first.
        let query = "pipeline=_none&filter_path=errors,items.*.status,items.*.error";
        let sent = Sent::Lines(lines.into());
        let answer = target.ask(http::Method::POST, "/_bulk".to_owned(), query, sent).await?;
        let told = answer.good("documents (POST /_bulk)")?;
        if told.get("errors") == Some(&Value::Bool(false)) {
            break;
        }
        let items = told.get("items").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if items.len() != left.len() {
            let why = format!("it answers {} of {} items", items.len(), left.len());
            return Err(MoveFault::Lost(why));
        }
        let mut busy = Vec::new();
        for (write, item) in left.into_iter().zip(items) {
            match Outcome::of(item, write) {
                Outcome::Done => {}
                Outcome::Newer => conflicts.push(write),
                Outcome::Busy => busy.push(write),
                Outcome::Refused(status, reason) => {
                    return Err(MoveFault::Refused(write.named(), status, reason));
                }
            }
        }
        left = busy;
        tries += 1;
        if tries > BUSY_TRIES_MAX {
            return Err(MoveFault::Lost("it is too busy to take documents".to_owned()));
        }
        if !left.is_empty() {
            tokio::time::sleep(Duration::from_millis(u64::from(tries) * 100)).await;
        }
    }
    Ok(conflicts)
}

enum Outcome {
    Done,
    Newer,
    Busy,
    Refused(u16, String),
}

impl Outcome {
    fn of(item: &Value, write: &OutgoingWrite<'_>) -> Self {
        let told = item.as_object().and_then(|item| item.values().next());
        let status = told.and_then(|told| told.get("status")).and_then(Value::as_u64);
        let deletes = write.document.source.is_none();
        match status {
            Some(200..=299) => Self::Done,
            // There is none to delete.
            Some(404) if deletes => Self::Done,
            // Sent again after its answer was lost.
            Some(409) if write.written_as == WrittenAs::Created => Self::Done,
            Some(409) => Self::Newer,
            Some(429 | 503) => Self::Busy,
            other => {
                let part =
                    |path: &str| told.and_then(|told| told.pointer(path)).and_then(Value::as_str);
                let reason = part("/error/reason").unwrap_or("it gives no reason");
                let cause = part("/error/caused_by/reason");
                let reason = cause.map_or(reason.to_owned(), |cause| format!("{reason}: {cause}"));
                Self::Refused(other.and_then(|it| u16::try_from(it).ok()).unwrap_or(0), reason)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(document: &OutgoingDocument, written_as: WrittenAs) -> String {
        let mut lines = Vec::new();
        OutgoingWrite { index: "x", document, written_as }.append_to(&mut lines);
        String::from_utf8(lines).unwrap()
    }

    #[test]
    fn a_document_goes_with_the_version_and_routing_that_it_has() {
        let mut document = OutgoingDocument {
            id: "a\"b".to_owned(),
            version: Some(7),
            routing: Some("r".to_owned()),
            source: Some("{\"n\": 1}".into()),
        };
        assert_eq!(
            lines(&document, WrittenAs::Versioned),
            "{\"index\":{\"_index\":\"x\",\"_id\":\"a\\\"b\",\"routing\":\"r\",\"version\":7,\"version_type\":\"external_gte\"}}\n{\"n\": 1}\n"
        );
        assert!(lines(&document, WrittenAs::Created).starts_with("{\"create\":{\"_index\""));
        assert!(lines(&document, WrittenAs::InPlaceOf(3, 1)).contains("\"if_seq_no\":3"));
        document.source = None;
        assert!(lines(&document, WrittenAs::Versioned).starts_with("{\"delete\":"));
        document.version = None;
        assert!(!lines(&document, WrittenAs::Versioned).contains("version"));
    }

    #[test]
    fn what_became_of_an_item_is_read_off_its_status() {
        let document =
            OutgoingDocument { id: "1".to_owned(), version: Some(1), routing: None, source: None };
        let write =
            OutgoingWrite { index: "x", document: &document, written_as: WrittenAs::Versioned };
        let of = |status: u16| Outcome::of(&json!({"delete": {"status": status}}), &write);
        assert!(matches!(of(404), Outcome::Done));
        assert!(matches!(of(409), Outcome::Newer));
        assert!(matches!(of(429), Outcome::Busy));
        assert!(matches!(of(400), Outcome::Refused(400, _)));
    }
}
