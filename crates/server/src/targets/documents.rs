//! One document: its index, or its alias and what is behind it.

use super::asks::{Ask, Grant, OnDenial, RequestQuestions};
use super::catalog::CatalogName;
use super::{AskContext, url_ask};
use engine::exception::Exception;

/// Reads: `GET /{index}/_doc/{id}` and its like touch every index behind the name.
pub(super) fn read(scene: &AskContext<'_>, asks: &mut RequestQuestions) -> Result<(), Exception> {
    let name = target(scene)?;
    for index in &name.indices {
        let needs = [addressed(scene, &name.name), addressed(scene, index.name())];
        asks.touch(needs, Grant::Index(index.uuid()), OnDenial::Refuse);
    }
    Ok(())
}

/// Writes touch the index that the name writes to; a name without an index is created.
pub(super) fn write(scene: &AskContext<'_>, asks: &mut RequestQuestions) -> Result<(), Exception> {
    let name = target(scene)?;
    write_to(scene, asks, &name, OnDenial::Refuse);
    // A pipeline may send the document elsewhere: there it is a write like any other.
    if let Some(elsewhere) = scene.catalog.rerouted(scene.work, scene.parsed) {
        write_to(scene, asks, &scene.catalog.single(&elsewhere)?, OnDenial::Refuse);
    }
    Ok(())
}

/// The questions of a write to `name`: the name and, behind an alias, the index written to.
pub(super) fn write_to(
    scene: &AskContext<'_>,
    asks: &mut RequestQuestions,
    name: &CatalogName,
    on_denial: OnDenial,
) {
    write_as(scene, asks, name, on_denial, |name| addressed(scene, name));
}

/// As [`write_to`], with the question that `ask` puts about a name.
pub(super) fn write_as(
    scene: &AskContext<'_>,
    asks: &mut RequestQuestions,
    name: &CatalogName,
    on_denial: OnDenial,
    ask: impl Fn(&str) -> Ask,
) {
    let by_name = ask(&name.name);
    if let Some(backing) = scene.catalog.stream_to_be(&name.name) {
        // As the next write will be asked for, when the stream is there.
        let needs = || [ask(&name.name), ask(&backing)];
        asks.touch(needs(), Grant::Name(name.name.clone()), on_denial);
        asks.touch(needs(), Grant::Name(backing.clone()), on_denial);
    } else if name.indices.is_empty() {
        asks.touch([by_name], Grant::Name(name.name.clone()), on_denial);
    } else if let Some(index) = scene.catalog.write_index(&name.name) {
        asks.touch([by_name, ask(index.name())], Grant::Index(index.uuid()), on_denial);
    } else {
        // An alias that says nowhere to write: the engine refuses it, after the question.
        asks.touch([by_name], Grant::Nothing, on_denial);
    }
}

/// The question about this request as if its URL had addressed `name`.
pub(super) fn addressed(scene: &AskContext<'_>, name: &str) -> Ask {
    let route = &scene.parsed.route;
    Ask { path: route.addressed_to(name), ..url_ask(route) }
}

fn target(scene: &AskContext<'_>) -> Result<CatalogName, Exception> {
    let name = scene.parsed.route.part("index").unwrap_or_default();
    scene.catalog.single(name)
}
