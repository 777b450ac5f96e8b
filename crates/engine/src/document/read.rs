//! Reading one document: the one place where a document API meets what its view shows.

use super::target::Targets;
use crate::dsl::Query;
use crate::dsl::ids::Ids;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::index::{FoundDocument, Index};
use crate::search::{Searches, Target};
use crate::visible_fields::VisibleFields;

/// The document `id`, if the view shows it, with the fields that the view shows.
///
/// A view that asks something of documents can ask it only of those that were refreshed: where it does, `realtime`
/// counts for nothing, as in Elasticsearch.
///
/// # Errors
/// What the index refuses; `task_cancelled_exception`.
pub(super) fn read(
    targets: &Targets<'_>,
    index: &Index,
    id: &str,
    realtime: bool,
) -> Result<Option<FoundDocument>, Exception> {
    let shown = targets.view.shown(index.uuid(), &index.snapshot().mapping);
    if shown.filter.is_some() {
        return search(targets, index, id);
    }
    let found = index.get(id, realtime)?;
    Ok(found.map(|found| with_fields(found, shown.fields.as_deref())))
}

/// As [`read`], in real time, where it takes microseconds and waits for nobody. `None`: it may take longer.
///
/// # Errors
/// What the index refuses.
pub(super) fn read_at_hand(
    targets: &Targets<'_>,
    index: &Index,
    id: &str,
) -> Result<Option<Option<FoundDocument>>, Exception> {
    let shown = targets.view.shown(index.uuid(), &index.snapshot().mapping);
    if shown.filter.is_some() {
        return Ok(None);
    }
    let found = index.get_at_hand(id)?;
    Ok(found.map(|found| found.map(|found| with_fields(found, shown.fields.as_deref()))))
}

/// What of a document shows.
fn with_fields(found: FoundDocument, fields: Option<&VisibleFields>) -> FoundDocument {
    match fields {
        Some(fields) => {
            let source = fields.source(&found.source);
            fields.tell_of(&source);
            FoundDocument { source, ..found }
        }
        None => found,
    }
}

/// As [`read`], in real time, of a document that is written again from what is read.
///
/// # Errors
/// As [`read`]; `security_exception` where the view does not show all of every document: what it hides would be lost.
pub(super) fn read_to_rewrite(
    targets: &Targets<'_>,
    index: &Index,
    id: &str,
) -> Result<Option<FoundDocument>, Exception> {
    check_rewrite(targets, index.uuid())?;
    read(targets, index, id, true)
}

/// Refuses to write documents of an index again that the view does not show whole.
///
/// # Errors
/// `security_exception`, in Elasticsearch's words.
pub(super) fn check_rewrite(targets: &Targets<'_>, uuid: &str) -> Result<(), Exception> {
    if !targets.view.restricts(uuid) {
        return Ok(());
    }
    Err(Exception::new(
        ExceptionKind::Security,
        "Can't execute an update request if field or document level security is enabled",
    ))
}

/// The document `id`, by a search for it.
fn search(
    targets: &Targets<'_>,
    index: &Index,
    id: &str,
) -> Result<Option<FoundDocument>, Exception> {
    let target = Target::new(index.snapshot(), None, targets.view);
    let query = Query::of(Ids { values: vec![id.to_owned()] });
    let mut held = targets.work.holds("<documents>");
    // Ids are found alike whoever asks.
    let searches = Searches::new(Flavor::Elasticsearch710);
    let addresses = searches.matching(&target, &query, targets.now, targets.work, &mut held)?;
    let documents = target.snapshot().documents(&addresses, &targets.work.cancel)?;
    Ok(documents.into_iter().next().map(|(_, found)| found))
}
