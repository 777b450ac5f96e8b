//! Alias actions: each index and alias it touches, whichever URL carried it.

use super::Scene;
use super::asks::{Ask, Asks, Grant, OnDenial};
use engine::cluster::metadata::IndexMetadata;
use engine::cluster::names::{self, IndicesOptions};
use engine::exception::Exception;
use engine::rest::{AliasAction, AliasChange, Body};

/// `add` asks `es:ESHttpPut …/x/_alias/A`, `remove` asks `es:ESHttpDelete …/x/_alias/A` for every alias its patterns
/// match, `remove_index` asks `es:ESHttpDelete …/x`. The request is all or nothing, as in Elasticsearch.
pub(super) fn change(scene: &Scene<'_>, asks: &mut Asks) -> Result<(), Exception> {
    let Body::Aliases(actions) = &scene.parsed.body else { return Ok(()) };
    let options = IndicesOptions::of(&scene.parsed.route)?;
    for action in actions {
        scene.work.check()?;
        let found = names::resolve(scene.metadata, &action.indices, options, scene.now)?;
        for name in &found {
            for index in &name.indices {
                // Also under a pattern: one action's right on an index must not carry another action.
                let needs = needs(action, index);
                asks.touch(needs, Grant::Index(index.uuid.clone()), OnDenial::Refuse);
            }
        }
    }
    Ok(())
}

fn needs(action: &AliasAction, index: &IndexMetadata) -> Vec<Ask> {
    let name = &index.name;
    let alias = |action, alias: &String| Ask { action, path: format!("/{name}/_alias/{alias}") };
    match &action.change {
        AliasChange::Add(_) => {
            action.aliases.iter().map(|name| alias("es:ESHttpPut", name)).collect()
        }
        AliasChange::Remove { .. } => {
            let matched = |pattern: &String| {
                let all = pattern == "_all";
                let hits =
                    index.aliases.keys().filter(move |name| all || names::matches(pattern, name));
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
