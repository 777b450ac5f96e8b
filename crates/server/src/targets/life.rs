//! Indices made out of others: rollover, shrink, split and clone.

use super::AskContext;
use super::aliases::own_name;
use super::asks::{Ask, Grant, OnDenial, RequestQuestions};
use super::search::touch_all;
use super::{action, documents};
use engine::cluster::metadata::DataStream;
use engine::cluster::names::{self, IndicesOptions};
use engine::exception::Exception;
use engine::rest::Method;
use serde_json::Value;

/// The source is asked for by the URL's own action and, because its documents can be read in the copy, by
/// `es:ESHttpGet …/source/_search`; the target as if it were created, with the aliases that it is given.
pub(super) fn resize(scene: &AskContext<'_>, asks: &mut RequestQuestions) -> Result<(), Exception> {
    let route = &scene.parsed.route;
    let list: Vec<&str> = route.part("index").into_iter().collect();
    for name in scene.catalog.resolve(&list, IndicesOptions::of(route)?)? {
        let on_denial = if name.wildcard { OnDenial::LeaveOut } else { OnDenial::Refuse };
        let reads = |index: &str| Ask { action: "es:ESHttpGet", path: format!("/{index}/_search") };
        if name.indices.is_empty() {
            let needs = [documents::addressed(scene, &name.name), reads(&name.name)];
            asks.touch(needs, Grant::Nothing, on_denial);
        }
        for index in &name.indices {
            let needs = [documents::addressed(scene, index.name()), reads(index.name())];
            asks.touch(needs, Grant::Index(index.uuid()), on_denial);
        }
    }
    let target = scene.catalog.single(route.part("target").unwrap_or_default())?.name;
    made(scene, asks, &target, &[]);
    Ok(())
}

/// The indices behind the alias are asked for by the URL's own action, as if each had been addressed, and for the alias
/// that the old one loses; the new one as if it were created, with the alias and what the body gives it.
pub(super) fn rollover(
    scene: &AskContext<'_>,
    asks: &mut RequestQuestions,
) -> Result<(), Exception> {
    let route = &scene.parsed.route;
    let alias = route.part("alias").unwrap_or_default();
    let name = scene.catalog.single(alias)?;
    if name.indices.is_empty() {
        asks.touch([documents::addressed(scene, &name.name)], Grant::Nothing, OnDenial::Refuse);
        return Ok(());
    }
    for index in &name.indices {
        let gives_up =
            Ask { action: "es:ESHttpPut", path: format!("/{}/_alias/{alias}", index.name()) };
        let needs = [documents::addressed(scene, index.name()), gives_up];
        asks.touch(needs, Grant::Index(index.uuid()), OnDenial::Refuse);
    }
    let new = match (route.part("new_index"), scene.catalog.write_index(alias)) {
        (Some(new), _) => Some(new.to_owned()),
        // What has no name of a series is refused by the engine.
        (None, Some(old)) => names::next_of_series(old.provided_name()).ok(),
        (None, None) => None,
    };
    if let Some(new) = new {
        let new = scene.catalog.single(&new)?.name;
        made(scene, asks, &new, &[alias]);
    }
    Ok(())
}

/// A new data stream is asked for as indices of its name and of its first index's would be; of one that is there, its name and each index behind
/// it, by the URL's method.
pub(super) fn data_streams(
    scene: &AskContext<'_>,
    asks: &mut RequestQuestions,
) -> Result<(), Exception> {
    let route = &scene.parsed.route;
    let action = action(route.method);
    if let (Method::Put, Some(name)) = (route.method, route.part("name")) {
        let backing = DataStream::backing(name, 1);
        for made in [name, &backing] {
            let create = Ask { action, path: format!("/{made}") };
            asks.touch([create], Grant::Name(made.to_owned()), OnDenial::Refuse);
        }
        return Ok(());
    }
    let options = IndicesOptions { hidden: true, ..IndicesOptions::ANY };
    let list = [route.part("name").unwrap_or("*")];
    let mut found = scene.catalog.resolve(&list, options)?;
    // Indices and aliases are no streams: one that is named is as good as missing.
    found.retain(|name| !name.wildcard || scene.catalog.is_stream(&name.name));
    for name in found.iter_mut().filter(|name| !scene.catalog.is_stream(&name.name)) {
        name.indices.clear();
    }
    touch_all(asks, &found, options, OnDenial::Refuse, |name| Ask {
        action,
        path: format!("/{name}"),
    });
    Ok(())
}

/// A new index called `name`, with the aliases of the body and `more`.
fn made(scene: &AskContext<'_>, asks: &mut RequestQuestions, name: &str, more: &[&str]) {
    let create = Ask { action: "es:ESHttpPut", path: format!("/{name}") };
    asks.touch([create], Grant::Name(name.to_owned()), OnDenial::Refuse);
    let given = scene.parsed.body.value().get("aliases").and_then(Value::as_object);
    let given = given.into_iter().flat_map(|aliases| aliases.keys()).map(String::as_str);
    for alias in given.chain(more.iter().copied()) {
        let ask = Ask { action: "es:ESHttpPut", path: format!("/{name}/_alias/{alias}") };
        asks.touch([ask, own_name(alias)], Grant::Nothing, OnDenial::Refuse);
    }
}
