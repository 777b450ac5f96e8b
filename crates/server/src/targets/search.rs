//! `_search`, `_count` and `_msearch`: what the expressions come to on the snapshot, and what the query looks up.

use super::AskContext;
use super::asks::{Ask, Grant, OnDenial, RequestQuestions};
use super::catalog::CatalogName;
use super::documents::addressed;
use super::lookups::lookups;
use engine::cluster::names::IndicesOptions;
use engine::exception::Exception;
use engine::rest::{MsearchItem, ParsedBody};
use serde_json::Value;
use std::collections::BTreeSet;

/// One search: its indices and aliases, and the documents its query looks up.
pub(super) fn search(scene: &AskContext<'_>, asks: &mut RequestQuestions) -> Result<(), Exception> {
    let route = &scene.parsed.route;
    // What a point in time is of was asked about when it was opened, and is asked about again: `walk/authorize/cursors.rs`.
    if !scene.parsed.continues_cursor() {
        let options = IndicesOptions::of(route)?;
        let list: Vec<&str> = route.part("index").into_iter().collect();
        let found = scene.catalog.resolve(&list, options)?;
        touch_all(asks, &found, options, OnDenial::Refuse, |name| addressed(scene, name));
    }
    lookups(scene, asks, scene.parsed.body.value(), |_| Some(OnDenial::Refuse));
    Ok(())
}

/// Several searches of the same indices: what each looks up, and the indices of which it rates documents.
pub(super) fn rated(scene: &AskContext<'_>, asks: &mut RequestQuestions) -> Result<(), Exception> {
    search(scene, asks)?;
    let ParsedBody::RankEval(evaluation) = &scene.parsed.body else { return Ok(()) };
    let mut named = BTreeSet::new();
    for search in &evaluation.searches {
        scene.work.check()?;
        if let Ok(body) = &search.body {
            lookups(scene, asks, &body.value, |_| Some(OnDenial::Refuse));
        }
        named.extend(search.ratings.iter().map(|rating| rating.index.as_str()));
    }
    for name in named {
        asks.touch([addressed(scene, name)], Grant::Nothing, OnDenial::Refuse);
    }
    Ok(())
}

/// Each item of `_msearch` as one search of its own, on `…/x/_msearch`.
pub(super) fn msearch(
    scene: &AskContext<'_>,
    items: &[MsearchItem],
    asks: &mut RequestQuestions,
) -> Result<(), Exception> {
    let options = IndicesOptions::of(&scene.parsed.route)?;
    for (position, item) in items.iter().enumerate() {
        scene.work.check()?;
        // What cannot be resolved fails its item in the engine, which resolves it again.
        let Ok(options) = item.options(options) else { continue };
        let what = format!("{options:?} {}", item.indices.join(","));
        // As in a search of its own, a point in time is asked about in `walk/authorize/cursors.rs`.
        if !item.continues_cursor()
            && let Some(on_denial) = asks.item(position, &what)
            && let Ok(found) = scene.catalog.resolve(&item.indices, options)
        {
            touch_all(asks, &found, options, on_denial, |name| addressed(scene, name));
        }
        // A template that makes no search looks nothing up.
        if let Ok(body) = &item.body {
            lookups(scene, asks, &body.value, |asks| asks.item(position, &format!("#{position}")));
        }
    }
    Ok(())
}

/// The questions about `found`: by name, and behind an alias the index too. A pattern, or `ignore_unavailable`, leaves
/// out what is denied; a name refuses.
pub(super) fn touch_all(
    asks: &mut RequestQuestions,
    found: &[CatalogName],
    options: IndicesOptions,
    on_denial: OnDenial,
    ask: impl Fn(&str) -> Ask,
) {
    for name in found {
        let on_denial = if name.wildcard || options.ignore_unavailable {
            OnDenial::LeaveOut
        } else {
            on_denial
        };
        if name.indices.is_empty() {
            asks.touch([ask(&name.name)], Grant::Nothing, on_denial);
        }
        for index in &name.indices {
            let needs = [ask(&name.name), ask(index.name())];
            asks.touch(needs, Grant::Index(index.uuid()), on_denial);
        }
    }
}

/// What stands directly inside a JSON value.
pub(super) fn members(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(object) => object.values().collect(),
        Value::Array(list) => list.iter().collect(),
        _ => Vec::new(),
    }
}
