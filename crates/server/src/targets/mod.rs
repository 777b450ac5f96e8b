//! Which actions on which resources is a data-plane request? One file per API family, one question per touched thing.
//!
//! In mode `aws` the URL is the only question, as at Amazon. In mode `strict` the URL is asked **and** every index,
//! alias and looked-up document that the request really touches, as if it had been addressed in the URL: an item of
//! `POST /_bulk` on index `x` asks `es:ESHttpPost` on `…/x/_bulk`. Where no such URL exists: a row of a listing asks
//! `es:ESHttpGet …/x/_search`, a lookup `es:ESHttpGet …/x/_doc/ID`, an alias action `es:ESHttpPut` or
//! `es:ESHttpDelete` on `…/x/_alias/A`, `remove_index` asks `es:ESHttpDelete …/x`.
//!
//! Everything here is pure: the questions come from the parsed request and one [`IndexCatalog`], the caller of
//! [`RequestQuestions::settle`] answers them, and the answers become the engine's [`Grants`](engine::Grants). The URL is always among the
//! questions, so what strict allows, aws allows.

mod aliases;
mod asks;
mod bulk;
mod catalog;
mod cursors;
mod documents;
mod indices;
mod life;
mod listing;
mod lookups;
mod reindex;
mod role_views;
mod search;
mod snapshots;
mod templates;
mod views;

pub use asks::{Ask, Denied, RequestQuestions};
pub(crate) use asks::{kept_residual, security_refusal};
pub use catalog::IndexCatalog;
pub(crate) use cursors::{internal_name, owner};
pub(crate) use role_views::rules as role_rules;
pub(crate) use views::document_scope;

use engine::Work;
use engine::exception::Exception;
use engine::rest::{Api, Effect, Method, Parsed, ParsedBody, Route, Touches};

/// The question about the URL alone: the method's action on the decoded path.
#[must_use]
pub fn url_ask(route: &Route) -> Ask {
    Ask { action: action(route.method), path: route.path.clone() }
}

/// The IAM action of a data-plane request with `method`.
#[must_use]
pub(crate) fn action(method: Method) -> &'static str {
    match method {
        Method::Get => "es:ESHttpGet",
        Method::Head => "es:ESHttpHead",
        Method::Post => "es:ESHttpPost",
        Method::Put => "es:ESHttpPut",
        Method::Delete => "es:ESHttpDelete",
        Method::Patch => "es:ESHttpPatch",
    }
}

/// Whether a request is counted as a search: it searches, or turns a page of one.
#[must_use]
pub(crate) fn is_search(api: Api) -> bool {
    let mut permissions = api.row().permissions.split(' ');
    permissions.any(|it| matches!(it, "indices:data/read/search" | "indices:data/read/scroll"))
        || matches!(api, Api::AsyncSearchSubmit | Api::AsynchronousSearchSubmit)
}

/// What the families need to know to ask.
struct AskContext<'a> {
    parsed: &'a Parsed,
    catalog: &'a IndexCatalog<'a>,
    work: &'a Work,
}

/// Every question that `parsed` raises in mode `strict` on the indices of `catalog`, the URL's first.
///
/// # Errors
/// A name or option that the engine would refuse, in Elasticsearch's words; nothing was asked yet, so the caller must
/// have asked [`url_ask`] before it shows the error to anybody. Nobody waits for the answer any
/// more (`work`), or there are more questions than fit into the request's memory: the gathering ends with an error, too.
pub fn asks(
    parsed: &Parsed,
    catalog: &IndexCatalog<'_>,
    work: &Work,
) -> Result<RequestQuestions, Exception> {
    let mut asks = RequestQuestions::of_url(url_ask(&parsed.route), work);
    asks.opens_cursor = parsed.opens_cursor();
    let scene = AskContext { parsed, catalog, work };
    gather(&scene, &mut asks)?;
    work.check()?;
    asks.fits()?;
    Ok(asks)
}

/// Whether a request raises no question but its URL's, and opens nothing that would be asked for again.
pub(crate) fn is_only_url(parsed: &Parsed) -> bool {
    parsed.route.api.row().touches == Touches::Url && !parsed.opens_cursor()
}

/// Gathers what the API asks for. Its row says what it touches, and there is one way to ask for each of that and none for
/// all others: an API that touches something else does not compile before somebody has written down what is asked.
#[deny(clippy::wildcard_enum_match_arm)]
fn gather(scene: &AskContext<'_>, asks: &mut RequestQuestions) -> Result<(), Exception> {
    let row = scene.parsed.route.api.row();
    if row.handler.is_none() {
        // Authorized by its URL; the engine answers 501 and touches nothing.
        return Ok(());
    }
    match row.touches {
        // A page of a cursor is asked again for what its opening was asked for, and belongs to who opened it: `cursors`.
        Touches::Url | Touches::Cursor => Ok(()),
        Touches::Document => match row.effect {
            Effect::Read => documents::read(scene, asks),
            Effect::Write | Effect::Admin => documents::write(scene, asks),
        },
        Touches::ExplainedDocument => {
            documents::read(scene, asks)?;
            lookups::lookups(scene, asks, scene.parsed.body.value(), |_| {
                Some(asks::OnDenial::Refuse)
            });
            Ok(())
        }
        Touches::Items => match &scene.parsed.body {
            ParsedBody::Bulk(items) => bulk::bulk(scene, items, asks),
            ParsedBody::Mget(items) => bulk::mget(scene, items, asks),
            ParsedBody::Msearch(items) => search::msearch(scene, items, asks),
            // No items, and the engine refuses the request.
            ParsedBody::Empty
            | ParsedBody::Json(_)
            | ParsedBody::Aliases(_)
            | ParsedBody::RankEval(_) => Ok(()),
        },
        Touches::Search => search::search(scene, asks),
        Touches::RatedSearches => search::rated(scene, asks),
        Touches::Reindexed => reindex::reindex(scene, asks),
        Touches::ScriptTrial => indices::script_trial(scene, asks),
        Touches::Indices => indices::addressed(scene, asks),
        Touches::NamedIndices => indices::named(scene, asks),
        Touches::NewIndex => indices::create(scene, asks),
        Touches::Resize => life::resize(scene, asks),
        Touches::Rollover => life::rollover(scene, asks),
        Touches::DataStreams => life::data_streams(scene, asks),
        Touches::SnapshotTaken => snapshots::taken(scene, asks),
        Touches::Snapshots => {
            snapshots::listed(scene, asks);
            Ok(())
        }
        Touches::Restored => snapshots::restored(scene, asks),
        Touches::Aliases => aliases::change(scene, asks),
        Touches::Listing => listing::listing(scene, asks),
        Touches::CountedListing => listing::count(scene, asks),
        Touches::Template => {
            templates::put(scene, asks);
            Ok(())
        }
        // No row with a handler says so: `ApiRow::classified`.
        Touches::Undecided => Err(Exception::not_implemented(row.name)),
    }
}

#[cfg(test)]
mod tests;
