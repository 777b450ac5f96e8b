//! Registries that are empty here: dangling indices, tasks. Reading an
//! empty one, and taking out what is not in it, is answered as Elasticsearch 7.10.2 and OpenSearch 2.19.1 answer it;
//! putting something in answers 501.

use super::Task;
use crate::cluster::registries::Registry;
use crate::engine::Answer;
use crate::exception::Exception;
use crate::response::Response;
use serde_json::{Value, json};

/// `DELETE /_cluster/voting_config_exclusions`.
pub(crate) fn voting_exclusions(task: &Task<'_>) -> Answer {
    task.parsed.route.query.flag("wait_for_removal", true)?;
    task.engine.indices.change_registries(|_, registries| {
        let names: Vec<String> = registries
            .entries(Registry::VotingExclusions)
            .map(|(name, _)| name.to_owned())
            .collect();
        for name in names {
            registries.remove(Registry::VotingExclusions, &name);
        }
        Ok(())
    })?;
    Ok(Response::text(200, String::new()))
}

/// `POST /_cluster/voting_config_exclusions`: the one node votes whatever happens; others are not there.
pub(crate) fn exclude_from_voting(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    let given = [("node_id", query.get("node_ids")), ("node_name", query.get("node_names"))];
    let given: Vec<(&str, &str)> =
        given.into_iter().filter_map(|(key, list)| Some((key, list?))).collect();
    let [(key, nodes)] = given.as_slice() else {
        return Err(Exception::illegal_argument(
            "Please set node identifiers correctly. One and only one of [node_name], [node_names] and [node_ids] has to be set",
        ));
    };
    if nodes.split(',').any(|name| name == crate::NODE_ID || name == crate::NODE_NAME) {
        return Err(Exception::not_implemented("excluding the only node from voting"));
    }
    task.engine.indices.change_registries(|_, registries| {
        for name in nodes.split(',') {
            let mut entry = json!({"node_id": "_absent_", "node_name": "_absent_"});
            entry.as_object_mut().map(|entry| entry.insert((*key).to_owned(), name.into()));
            registries.put(Registry::VotingExclusions, &format!("{key} {name}"), entry)?;
        }
        Ok(())
    })?;
    Ok(Response::text(200, String::new()))
}

/// The API of fine-grained access control, where the domain has none: where it has, the service answers it.
pub(crate) fn security_configuration(_task: &Task<'_>) -> Answer {
    Err(Exception::not_implemented(
        "fine-grained access control (AdvancedSecurityOptions is not enabled on this domain)",
    ))
}

/// `GET /_cluster/pending_tasks`.
pub(crate) fn pending_tasks(_task: &Task<'_>) -> Answer {
    found(json!({"tasks": []}), true)
}

/// `GET /_remote/info`.
pub(crate) fn remote_info(_task: &Task<'_>) -> Answer {
    found(json!({}), true)
}

/// `GET /_dangling`.
pub(crate) fn dangling_indices(task: &Task<'_>) -> Answer {
    let answer = json!({
        "_nodes": {"total": 1, "successful": 1, "failed": 0},
        "cluster_name": task.engine.settings.cluster_name,
        "dangling_indices": [],
    });
    found(answer, true)
}

/// `value`, with 404 where nothing was found.
fn found(value: Value, found: bool) -> Answer {
    Ok(Response::json(if found { 200 } else { 404 }, &value))
}
