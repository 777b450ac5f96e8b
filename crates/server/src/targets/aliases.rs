//! Alias actions: each index and alias it touches, whichever URL carried it.

use super::AskContext;
use super::asks::{Ask, Grant, OnDenial, RequestQuestions};
use super::catalog::CatalogIndex;
use engine::cluster::names::{self, IndicesOptions};
use engine::exception::Exception;
use engine::rest::{AliasAction, AliasChange, ParsedBody};

/// `add` asks `es:ESHttpPut …/x/_alias/A` and `…/A/_alias/A`, `remove` asks `es:ESHttpDelete …/x/_alias/A` for every alias its patterns
/// match, `remove_index` asks `es:ESHttpDelete …/x`. The request is all or nothing, as in Elasticsearch.
pub(super) fn change(scene: &AskContext<'_>, asks: &mut RequestQuestions) -> Result<(), Exception> {
    let ParsedBody::Aliases(actions) = &scene.parsed.body else { return Ok(()) };
    let options = IndicesOptions::of(&scene.parsed.route)?;
    for (position, action) in actions.iter().enumerate() {
        scene.work.check()?;
        let found = scene.catalog.resolve(&action.indices, options)?;
        for name in &found {
            // Under a pattern what is denied is left out of this action alone: its right on an index must not carry
            // another action, nor its lack of it tell that there is such an index.
            let on_denial = match name.wildcard || options.ignore_unavailable {
                true => OnDenial::LeaveOutOf(position),
                false => OnDenial::Refuse,
            };
            if name.indices.is_empty() {
                // What is not there is asked about too, before its absence is told.
                asks.touch(needs(action, &name.name, None), Grant::Nothing, on_denial);
            }
            for index in &name.indices {
                let needs = needs(action, index.name(), Some(index));
                asks.touch(needs, Grant::Index(index.uuid()), on_denial);
            }
        }
        if let AliasChange::Add(_) = &action.change {
            for alias in &action.aliases {
                asks.touch([own_name(alias)], Grant::Nothing, OnDenial::Refuse);
            }
        }
    }
    Ok(())
}

/// The right to an alias's own name, as if it had been addressed itself: whoever may not have it may neither learn what
/// is there under that name nor take the name for something of theirs.
pub(super) fn own_name(alias: &str) -> Ask {
    Ask { action: "es:ESHttpPut", path: format!("/{alias}/_alias/{alias}") }
}

/// What `action` asks for the index called `name`, if there is one.
fn needs(action: &AliasAction, name: &str, index: Option<&CatalogIndex>) -> Vec<Ask> {
    let alias = |action, alias: &str| Ask { action, path: format!("/{name}/_alias/{alias}") };
    match &action.change {
        AliasChange::Add(_) => {
            action.aliases.iter().map(|name| alias("es:ESHttpPut", name)).collect()
        }
        AliasChange::Remove { .. } => {
            let matched = |pattern: &String| {
                let all = pattern == "_all";
                let aliases = index.into_iter().flat_map(CatalogIndex::aliases);
                let hits = aliases.filter(|name| all || names::matches(pattern, name));
                // A pattern that matches nothing is asked about as it stands.
                let hits: Vec<Ask> = hits.map(|name| alias("es:ESHttpDelete", name)).collect();
                if hits.is_empty() { vec![alias("es:ESHttpDelete", pattern)] } else { hits }
            };
            action.aliases.iter().flat_map(matched).collect()
        }
        AliasChange::RemoveIndex => {
            vec![Ask { action: "es:ESHttpDelete", path: format!("/{name}") }]
        }
    }
}
