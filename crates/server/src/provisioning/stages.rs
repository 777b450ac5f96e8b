//! What is told of a change of a domain's nodes while it is made. The names are those of Amazon's page "Stages of a configuration change".

use std::collections::BTreeMap;

use control::{ChangeStage, ObservedNode, StageStatus};

use crate::guards::limits::POOL_NODES_MAX;

use super::plan::{self, Seen, Step, Waiting, WantedCluster};

/// The stages of the change that is made, in their order; none where what is there is what is wanted. `faults` are why nodes do not
/// run, by their names.
pub(super) fn stages(
    wanted: &WantedCluster,
    seen: &Seen,
    step: &Step,
    faults: &BTreeMap<String, String>,
) -> Vec<ChangeStage> {
    if !plan::is_changing(wanted, seen) {
        return Vec::new();
    }
    let stage = |name: &'static str, status, description| ChangeStage {
        name: name.into(),
        status,
        description,
    };
    let leaving = plan::leaving(wanted, seen);
    let stays = seen.nodes.iter().filter(|node| !leaving.contains(&node.name));
    let joined = stays.clone().filter(|node| node.runs && node.joined).count();
    let mut told = format!("{joined} of {} nodes are in the cluster", wanted.count);
    for why in reasons(wanted, faults) {
        told = format!("{told}; {why}");
    }
    let there = seen.formed && joined == wanted.count;
    let status = if there { StageStatus::Completed } else { StageStatus::InProgress };
    let mut stages = vec![stage("Provisioning new nodes", status, told)];
    if !leaving.is_empty() {
        let (copied, told) = match step {
            Step::Wait(Waiting::Moving(node, left)) => {
                (StageStatus::InProgress, format!("{left} shards are on {node} alone"))
            }
            Step::Wait(Waiting::Red(node)) => {
                (StageStatus::InProgress, format!("a shard has no copy that works: {node} stays"))
            }
            Step::TakeVote(_) | Step::Stop(_) | Step::Remove(_) => {
                (StageStatus::Completed, String::new())
            }
            _ => (StageStatus::Pending, String::new()),
        };
        stages.push(stage("Copying shards to new nodes", copied, told));
        let names: Vec<&str> = leaving.iter().map(String::as_str).collect();
        let status = match copied {
            StageStatus::Completed => StageStatus::InProgress,
            _ => StageStatus::Pending,
        };
        stages.push(stage("Terminating nodes", status, names.join(", ")));
    }
    // One that was never started is a new one.
    let ran = stays.filter(|node| !node.configuration.is_empty());
    let new = ran.clone().filter(|node| node.configuration == wanted.configuration).count();
    if new < ran.count() {
        let told = format!("{new} of {} nodes run with the new configuration", wanted.count);
        stages.push(stage("Dynamic update", StageStatus::InProgress, told));
    }
    stages
}

/// Why nodes do not run, and why there are not more.
pub(super) fn reasons(wanted: &WantedCluster, faults: &BTreeMap<String, String>) -> Vec<String> {
    let faults = faults.iter().map(|(node, why)| match node.as_str() {
        "" => why.clone(),
        node => format!("{node}: {why}"),
    });
    faults.chain(wanted.no_room.clone()).collect()
}

/// The nodes of a domain, those that are wanted and not there yet among them.
pub(super) fn nodes(wanted: &WantedCluster, seen: &Seen) -> Vec<ObservedNode> {
    let is_member =
        |name: &String| seen.cluster.as_ref().is_some_and(|cluster| cluster.members.contains(name));
    let there = seen.nodes.iter().map(|node| ObservedNode {
        id: node.name.clone(),
        is_data: true,
        is_manager: true,
        available: node.runs && is_member(&node.name),
    });
    let missing = (seen.nodes.len()..wanted.count).map(|place| ObservedNode {
        id: format!("node {} of {}", place + 1, wanted.count),
        is_data: true,
        is_manager: true,
        available: false,
    });
    there.chain(missing.take(POOL_NODES_MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::plan::{SeenCluster, SeenNode};
    use super::*;

    fn seen(nodes: &[(&str, bool, &str)]) -> Seen {
        let node = |(name, runs, configuration): &(&str, bool, &str)| SeenNode {
            name: (*name).to_owned(),
            runs: *runs,
            configuration: (*configuration).to_owned(),
            joined: *runs,
            not_before: None,
        };
        let members = nodes.iter().filter(|node| node.1).map(|node| node.0.to_owned());
        let cluster = SeenCluster { members: members.collect(), ..SeenCluster::default() };
        Seen { formed: true, nodes: nodes.iter().map(node).collect(), cluster: Some(cluster) }
    }

    fn wanted(count: usize) -> WantedCluster {
        WantedCluster { count, configuration: "a".to_owned(), ..WantedCluster::default() }
    }

    fn told(wanted: &WantedCluster, seen: &Seen, step: &Step) -> Vec<String> {
        let faults = [("node-2".to_owned(), "it ended: exit status 1".to_owned())].into();
        let stages = stages(wanted, seen, step, &faults);
        let line =
            |it: ChangeStage| format!("{} {}: {}", it.name, it.status.as_str(), it.description);
        stages.into_iter().map(line).collect()
    }

    #[test]
    fn a_change_tells_how_far_it_is_and_why_it_is_no_further() {
        let growing = seen(&[("node-1", true, "a"), ("node-2", false, "a")]);
        assert_eq!(
            told(&wanted(2), &growing, &Step::Wait(Waiting::BackOff("node-2".into()))),
            [
                "Provisioning new nodes IN_PROGRESS: 1 of 2 nodes are in the cluster; node-2: it ended: exit status 1"
            ]
        );
        let three = seen(&[("node-1", true, "a"), ("node-2", true, "a"), ("node-3", true, "a")]);
        let moving = Step::Wait(Waiting::Moving("node-3".into(), 4));
        assert_eq!(
            told(&wanted(2), &three, &moving)[1..],
            [
                "Copying shards to new nodes IN_PROGRESS: 4 shards are on node-3 alone",
                "Terminating nodes PENDING: node-3"
            ]
        );
        assert!(told(&wanted(3), &three, &Step::Done).is_empty());
    }

    #[test]
    fn a_node_that_is_wanted_and_not_there_is_not_available() {
        let one = seen(&[("node-1", true, "a")]);
        let told = nodes(&wanted(2), &one);
        assert_eq!((told.len(), told[0].available, told[1].available), (2, true, false));
    }
}
