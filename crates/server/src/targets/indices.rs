//! Indices as things: create, delete, get, mappings, settings, refresh.

use super::AskContext;
use super::aliases::own_name;
use super::asks::{Ask, Grant, OnDenial, RequestQuestions};
use super::documents;
use super::lookups::lookups;
use super::search::touch_all;
use engine::cluster::names::IndicesOptions;
use engine::exception::Exception;
use serde_json::Value;

/// `PUT /{index}`: the URL, and `es:ESHttpPut …/x/_alias/A` and `…/A/_alias/A` for every alias that the body gives it.
pub(super) fn create(scene: &AskContext<'_>, asks: &mut RequestQuestions) -> Result<(), Exception> {
    let name = scene.parsed.route.part("index").unwrap_or_default();
    let name = scene.catalog.single(name)?.name;
    asks.touch([documents::addressed(scene, &name)], Grant::Name(name.clone()), OnDenial::Refuse);
    let aliases = scene.parsed.body.value().get("aliases").and_then(Value::as_object);
    for alias in aliases.into_iter().flat_map(|aliases| aliases.keys()) {
        let ask = Ask { action: "es:ESHttpPut", path: format!("/{name}/_alias/{alias}") };
        asks.touch([ask, own_name(alias)], Grant::Nothing, OnDenial::Refuse);
    }
    Ok(())
}

/// Everything whose URL may address indices: each is asked about as if it alone had been addressed.
pub(super) fn addressed(
    scene: &AskContext<'_>,
    asks: &mut RequestQuestions,
) -> Result<(), Exception> {
    let route = &scene.parsed.route;
    let options = IndicesOptions::of(route)?;
    let list: Vec<&str> = route.part("index").into_iter().collect();
    let found = scene.catalog.resolve(&list, options)?;
    touch_all(asks, &found, options, OnDenial::Refuse, |name| documents::addressed(scene, name));
    Ok(())
}

/// A script that is tried with the mapping of an index: `es:ESHttpGet …/x/_mapping`, as what comes of it tells of the mapping, and
/// what the query looks up. (The engine refuses such a query; documents of the index are not read.)
pub(super) fn script_trial(
    scene: &AskContext<'_>,
    asks: &mut RequestQuestions,
) -> Result<(), Exception> {
    let setup = scene.parsed.body.value().get("context_setup");
    let Some(name) = setup.and_then(|setup| setup.get("index")).and_then(Value::as_str) else {
        return Ok(());
    };
    if let Some(query) = setup.and_then(|setup| setup.get("query")) {
        lookups(scene, asks, query, |_| Some(OnDenial::Refuse));
    }
    let ask = |name: &str| Ask { action: "es:ESHttpGet", path: format!("/{name}/_mapping") };
    let named = scene.catalog.single(name)?;
    if named.indices.is_empty() {
        asks.touch([ask(&named.name)], Grant::Nothing, OnDenial::Refuse);
    }
    for index in &named.indices {
        let needs = [ask(&named.name), ask(index.name())];
        asks.touch(needs, Grant::Index(index.uuid()), OnDenial::Refuse);
    }
    Ok(())
}

/// As [`addressed`], where a URL that names no index means none (`_analyze`).
pub(super) fn named(scene: &AskContext<'_>, asks: &mut RequestQuestions) -> Result<(), Exception> {
    match scene.parsed.route.part("index") {
        Some(_) => addressed(scene, asks),
        None => Ok(()),
    }
}
