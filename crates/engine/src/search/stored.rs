//! A document as the document store keeps it.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use tantivy::DocAddress;

use super::nested_hit::NestedPlace;
use super::{SearchRequest, Snapshot, SourceFilter};
use crate::exception::{Exception, ExceptionKind, internal};
use crate::index::StoredFields;
use crate::mapping::Mapping;
use crate::mapping::parsed::ignored;
use crate::value::raw::RawJson;
use crate::visible_fields::VisibleFields;

/// What the document store keeps of one document.
pub(crate) struct Stored {
    /// `_id`
    pub(crate) id: String,
    /// `_routing`
    pub(super) routing: Option<String>,
    /// `_source`, as it shows; of a nested object, itself where it stands in the source.
    source: Bytes,
    /// The document as it came, also where `_source` does not show it.
    whole: Bytes,
    /// Where it is in its document, if it is a nested object.
    pub(super) nested: Option<NestedPlace>,
    /// `whole`, once it was read.
    tree: OnceCell<Value>,
    /// What of it shows, where that is not all.
    fields: Option<Arc<VisibleFields>>,
}

/// What a hit takes beside its source: its names, numbers and lists.
const HIT_BYTES: u64 = 512;

impl Stored {
    /// What a hit made of it takes, at most: the filters of the source copy no more than it has.
    pub(crate) fn bytes(&self) -> u64 {
        HIT_BYTES + (self.source.len() + self.whole.len()) as u64
    }

    /// Reads one document.
    pub(crate) fn read(snapshot: &Snapshot, address: DocAddress) -> Result<Stored, Exception> {
        if let Some(place) = NestedPlace::of(snapshot, address)? {
            let root = DocAddress::new(address.segment_ord, place.root);
            let stored = StoredFields::read(&snapshot.searcher, root).map_err(internal)?;
            let stored = Stored::of(stored);
            let whole = place.cut(&serde_json::from_slice(&stored.whole).map_err(broken)?);
            let whole = Bytes::from(whole.to_string());
            return Ok(Stored { whole, nested: Some(place), ..stored }.shown_by(snapshot));
        }
        let stored = StoredFields::read(&snapshot.searcher, address).map_err(internal)?;
        Ok(Stored::of(stored).shown_by(snapshot))
    }

    /// All of a whole document.
    fn of(stored: StoredFields) -> Stored {
        let StoredFields { id, source, routing } = stored;
        Stored {
            id,
            routing,
            source: Bytes::new(),
            whole: source,
            nested: None,
            tree: OnceCell::new(),
            fields: None,
        }
    }

    /// What of it shows to the reader of `snapshot`.
    fn shown_by(self, snapshot: &Snapshot) -> Stored {
        let (source, whole) = (snapshot.shown(self.whole.clone()), snapshot.visible(self.whole));
        Stored { source, whole, fields: snapshot.fields.clone(), ..self }
    }

    /// The document as it came, as a tree: what stored fields and highlights are taken from.
    pub(crate) fn whole(&self) -> Result<&Value, Exception> {
        if let Some(tree) = self.tree.get() {
            return Ok(tree);
        }
        let read = serde_json::from_slice(&self.whole).map_err(broken)?;
        Ok(self.tree.get_or_init(|| read))
    }

    /// The source as it is shown.
    pub(crate) fn shown_whole(&self) -> Result<Cow<'_, Value>, Exception> {
        if self.source == self.whole {
            return self.whole().map(Cow::Borrowed);
        }
        self.source().map(Cow::Owned)
    }

    /// The source as a tree.
    pub(crate) fn source(&self) -> Result<Value, Exception> {
        if self.source.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.source).map_err(broken)
    }

    /// What `filter` shows of the source, of which is told whoever observes.
    pub(crate) fn shown(&self, filter: &SourceFilter) -> Result<Option<RawJson>, Exception> {
        let shown = self.filtered(filter)?;
        if let (Some(fields), Some(shown)) = (&self.fields, &shown) {
            fields.tell_of(shown.text());
        }
        Ok(shown)
    }

    fn filtered(&self, filter: &SourceFilter) -> Result<Option<RawJson>, Exception> {
        if !filter.enabled || self.source.is_empty() {
            return Ok(None);
        }
        if let Some(place) = &self.nested {
            let cut = filter.apply(&self.source()?);
            let Some(object) = place.object(&cut) else { return Ok(None) };
            return Ok(Some(RawJson::new(&object.to_string().into())));
        }
        if filter.is_everything() {
            std::str::from_utf8(&self.source).map_err(|error| {
                Exception::new(
                    ExceptionKind::IllegalState,
                    format!("a stored document is not text: {error}"),
                )
            })?;
            return Ok(Some(RawJson::new(&self.source)));
        }
        Ok(Some(RawJson::new(&filter.apply(&self.source()?).to_string().into())))
    }
}

impl Stored {
    /// The fields of which a malformed value was left out; a nested object does not say.
    pub(super) fn ignored(
        &self,
        mapping: &Mapping,
        request: &SearchRequest,
    ) -> Result<Vec<String>, Exception> {
        if self.nested.is_some() || request.no_stored_fields || self.source.is_empty() {
            return Ok(Vec::new());
        }
        if !mapping.leaves().any(|leaf| leaf.kind.ignores_malformed()) {
            return Ok(Vec::new());
        }
        ignored(mapping, self.whole()?)
    }
}

fn broken(error: serde_json::Error) -> Exception {
    Exception::new(ExceptionKind::IllegalState, format!("a stored document is not JSON: {error}"))
}
