//! Listings: a row about index `x` is shown to those who may `es:ESHttpGet …/x/_search`.

use super::AskContext;
use super::asks::{Ask, OnDenial, RequestQuestions};
use super::lookups::lookups;
use super::search::touch_all;
use engine::cluster::names::IndicesOptions;
use engine::exception::Exception;

/// The rows of a listing: those under a pattern are left out when denied, a named index refuses.
pub(super) fn listing(
    scene: &AskContext<'_>,
    asks: &mut RequestQuestions,
) -> Result<(), Exception> {
    let route = &scene.parsed.route;
    let options = IndicesOptions::of(route)?;
    let list: Vec<&str> = route.part("index").into_iter().collect();
    let found = scene.catalog.resolve(&list, options)?;
    touch_all(asks, &found, options, OnDenial::Refuse, row);
    Ok(())
}

/// A count with a query: the rows of a listing, and what the query looks up.
pub(super) fn count(scene: &AskContext<'_>, asks: &mut RequestQuestions) -> Result<(), Exception> {
    listing(scene, asks)?;
    lookups(scene, asks, scene.parsed.body.value(), |_| Some(OnDenial::Refuse));
    Ok(())
}

fn row(index: &str) -> Ask {
    Ask { action: "es:ESHttpGet", path: format!("/{index}/_search") }
}
