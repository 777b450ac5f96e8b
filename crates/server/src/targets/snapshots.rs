//! Snapshots: whoever makes one reads the indices in it, and whoever restores one reads them again and makes new ones.

use super::AskContext;
use super::aliases::own_name;
use super::asks::{Ask, Grant, OnDenial, RequestQuestions};
use super::search::touch_all;
use engine::exception::Exception;
use engine::snapshots;

/// Where templates, pipelines and settings of the cluster are.
const GLOBAL: &[&str] = &[
    "/_cluster/settings",
    "/_template/*",
    "/_component_template/*",
    "/_index_template/*",
    "/_ingest/pipeline/*",
    "/_scripts/*",
];

/// Each index asks `es:ESHttpGet …/x/_search`; what belongs to no index, as if it had been read.
pub(super) fn taken(scene: &AskContext<'_>, asks: &mut RequestQuestions) -> Result<(), Exception> {
    let body = scene.parsed.body.value();
    let (names, options) = snapshots::asked(body)?;
    let found = scene.catalog.resolve(&names, options)?;
    touch_all(asks, &found, options, OnDenial::Refuse, reads);
    if snapshots::asks_for_global_state(body, false) {
        for path in GLOBAL {
            let ask = Ask { action: "es:ESHttpGet", path: (*path).to_owned() };
            asks.touch([ask], Grant::Nothing, OnDenial::Refuse);
        }
    }
    Ok(())
}

/// What is told of an index in a snapshot is told to those who may `es:ESHttpGet …/x/_search`.
pub(super) fn listed(scene: &AskContext<'_>, asks: &mut RequestQuestions) {
    let route = &scene.parsed.route;
    let repository = route.part("repository").unwrap_or_default();
    let patterns = route.part("snapshot").unwrap_or("_all");
    for (name, uuid) in scene.catalog.snapshotted(repository, patterns) {
        asks.touch([reads(&name)], Grant::Index(uuid), OnDenial::LeaveOut);
    }
}

/// Each index asks `es:ESHttpGet …/x/_search` by the name it had, `es:ESHttpPut …/y` with the data stream that comes with it, and `es:ESHttpPut …/y` with its aliases by the name it is to
/// have; where a closed index gives way, `es:ESHttpDelete …/y` too. What belongs to no index asks as if it were put: templates
/// give to every index.
pub(super) fn restored(
    scene: &AskContext<'_>,
    asks: &mut RequestQuestions,
) -> Result<(), Exception> {
    let route = &scene.parsed.route;
    let body = scene.parsed.body.value();
    let part = |key: &str| route.part(key).unwrap_or_default();
    for index in scene.catalog.restored((part("repository"), part("snapshot")), body)? {
        scene.work.check()?;
        let on_denial = if index.wildcard { OnDenial::LeaveOut } else { OnDenial::Refuse };
        let Some(uuid) = index.uuid else {
            asks.touch([reads(&index.source)], Grant::Nothing, on_denial);
            continue;
        };
        let target = index.target.as_str();
        let put = |path: String| Ask { action: "es:ESHttpPut", path };
        let mut needs = vec![reads(&index.source), put(format!("/{target}"))];
        for alias in &index.aliases {
            needs.extend([put(format!("/{target}/_alias/{alias}")), own_name(alias)]);
        }
        if let Some((_, stream)) = &index.stream {
            let made = [put(format!("/{stream}"))];
            asks.touch(made.clone(), Grant::Name(stream.clone()), on_denial);
            needs.extend(made);
        }
        let there = scene.catalog.single(target).ok();
        let there =
            there.and_then(|name| name.indices.into_iter().find(|own| own.name() == target));
        let made = match there {
            Some(there) => {
                let path = format!("/{target}");
                needs.push(Ask { action: "es:ESHttpDelete", path });
                Grant::Index(there.uuid())
            }
            None => Grant::Name(target.to_owned()),
        };
        asks.touch(needs.clone(), made, on_denial);
        asks.touch(needs, Grant::Index(uuid), on_denial);
    }
    if snapshots::asks_for_global_state(body, true) {
        for path in GLOBAL.iter().chain(&["/*"]) {
            let ask = Ask { action: "es:ESHttpPut", path: (*path).to_owned() };
            asks.touch([ask], Grant::Nothing, OnDenial::Refuse);
        }
    }
    Ok(())
}

fn reads(name: &str) -> Ask {
    Ask { action: "es:ESHttpGet", path: format!("/{name}/_search") }
}
