//! `_bulk` and `_mget`, item by item: a denied item answers 403 inside the response, the others run.

use super::AskContext;
use super::asks::{Grant, RequestQuestions};
use super::documents::{addressed, write_to};
use engine::exception::Exception;
use engine::rest::{BulkItem, MgetItem};

/// Each item asks `es:ESHttpPost` (or `Put`) on `…/x/_bulk`.
pub(super) fn bulk(
    scene: &AskContext<'_>,
    items: &[BulkItem],
    asks: &mut RequestQuestions,
) -> Result<(), Exception> {
    for (position, item) in items.iter().enumerate() {
        scene.work.check()?;
        ask(scene, position, &item.index, asks);
        // An item that its pipeline sends elsewhere is a write there, too.
        if let Some(elsewhere) = scene.catalog.item_rerouted(scene.work, &scene.parsed.route, item)
        {
            ask(scene, position, &elsewhere, asks);
        }
    }
    Ok(())
}

/// The questions of the item at `position`, which writes to `index`.
fn ask(scene: &AskContext<'_>, position: usize, index: &str, asks: &mut RequestQuestions) {
    let Some(on_denial) = asks.item(position, index) else { return };
    match scene.catalog.single(index) {
        Ok(name) => write_to(scene, asks, &name, on_denial),
        // A name that cannot be: the engine fails the item in its own words, after the question.
        Err(_) => {
            let ask = addressed(scene, index);
            asks.touch([ask], Grant::Nothing, on_denial);
        }
    }
}

/// Each item asks `es:ESHttpGet` (or `Post`) on `…/x/_mget`.
pub(super) fn mget(
    scene: &AskContext<'_>,
    items: &[MgetItem],
    asks: &mut RequestQuestions,
) -> Result<(), Exception> {
    for (position, item) in items.iter().enumerate() {
        scene.work.check()?;
        let Some(on_denial) = asks.item(position, &item.index) else { continue };
        let by_name = |name: &str| addressed(scene, name);
        let named = scene.catalog.single(&item.index).ok();
        let name = named.as_ref().map_or(item.index.as_str(), |named| named.name.as_str());
        asks.touch([by_name(name)], Grant::Nothing, on_denial);
        for index in named.iter().flat_map(|named| &named.indices) {
            let needs = [by_name(name), by_name(index.name())];
            asks.touch(needs, Grant::Index(index.uuid()), on_denial);
        }
    }
    Ok(())
}
