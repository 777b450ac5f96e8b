//! What is done next for the nodes of a domain: what is wanted and what is seen go in, one step comes out.
//!
//! Nothing here touches a process or a cluster. A node is taken away only when every shard on it has a copy on a node that
//! stays; one node at a time, the newest first; and nodes that run with an old configuration are started again one after the other.

use std::collections::BTreeSet;

use jiff::Timestamp;

/// What a domain asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WantedCluster {
    /// How many nodes.
    pub(crate) count: usize,
    /// What each is started with; a node that runs with something else is started again.
    pub(crate) configuration: String,
    /// The heap of each.
    pub(crate) heap_mib: u32,
    /// Why there is no room for it, by the limits of its pool.
    pub(crate) no_room: Option<String>,
}

/// One node as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SeenNode {
    pub(crate) name: String,
    /// Whether its process is there.
    pub(crate) runs: bool,
    /// What it was started with.
    pub(crate) configuration: String,
    /// Whether it was seen in the cluster since it was made, or was started with another configuration.
    pub(crate) joined: bool,
    /// It ended by itself, and is not started before.
    pub(crate) not_before: Option<Timestamp>,
}

/// The cluster as it tells of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SeenCluster {
    /// The names of the nodes that are in it.
    pub(crate) members: BTreeSet<String>,
    /// Whether a shard has no copy that works.
    pub(crate) red: bool,
    /// Whether no shard starts, moves, or waits for a node to come back.
    pub(crate) settled: bool,
    /// Nodes that get no shards (`cluster.routing.allocation.exclude._name`).
    pub(crate) excluded: BTreeSet<String>,
    /// Nodes that may not elect (`_cluster/voting_config_exclusions`).
    pub(crate) without_vote: BTreeSet<String>,
    /// The copies of shards that are on nodes; read when a node shall go.
    pub(crate) copies: Vec<ShardCopy>,
}

/// A copy of a shard on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShardCopy {
    /// Its index, and its number there.
    pub(crate) shard: (String, String),
    pub(crate) node: String,
    /// Whether it has everything that was acknowledged.
    pub(crate) started: bool,
}

/// Everything that is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Whether the cluster was ever one: only before may a node begin a new one.
    pub(crate) formed: bool,
    /// In the order in which they were made.
    pub(crate) nodes: Vec<SeenNode>,
    /// None: nobody answers.
    pub(crate) cluster: Option<SeenCluster>,
}

/// What is done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Make a node: its name, its folder, its ports. It is started by a step of its own.
    Add,
    /// Start this node.
    Start(String),
    /// Write down that the cluster is one.
    Formed,
    /// Let these nodes, and no others, get no shards.
    Exclude(BTreeSet<String>),
    /// Let this node elect no more.
    TakeVote(String),
    /// Let every node elect.
    GiveVotes,
    /// End this node's process.
    Stop(String),
    /// Remove this node, which is ended, with its data.
    Remove(String),
    /// Nothing can be done yet.
    Wait(Waiting),
    /// What is there is what is wanted.
    Done,
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// A node that ended by itself is started again later.
    BackOff(String),
    /// A node was started, and is not in the cluster yet.
    Joining(String),
    /// No node answers.
    Answer,
    /// These many shards have their only copies on a node that shall go.
    Moving(String, usize),
    /// A node was ended, and the cluster has not noticed.
    Leaving(String),
    /// A shard has no copy that works: no node is taken away, and no data.
    Red(String),
    /// Shards move, and the next node is started again when they are where they belong.
    Settling(String),
    /// The limits of the pool.
    Room(String),
}

/// The nodes that shall go: the newest, as many as there are too many.
pub(crate) fn leaving(wanted: &WantedCluster, seen: &Seen) -> BTreeSet<String> {
    seen.nodes.iter().skip(wanted.count.max(1)).map(|node| node.name.clone()).collect()
}

/// How many shards on `node` have no started copy on a node that stays.
pub(crate) fn shards_left(node: &str, leaving: &BTreeSet<String>, copies: &[ShardCopy]) -> usize {
    let safe: BTreeSet<&(String, String)> = copies
        .iter()
        .filter(|copy| copy.started && !leaving.contains(&copy.node))
        .map(|copy| &copy.shard)
        .collect();
    let here = copies.iter().filter(|copy| copy.node == node).map(|copy| &copy.shard);
    here.filter(|shard| !safe.contains(shard)).count()
}

/// Whether what is there is on its way to what is wanted. A node that died is no change: it comes back.
pub(crate) fn is_changing(wanted: &WantedCluster, seen: &Seen) -> bool {
    let other = |node: &SeenNode| !node.joined || node.configuration != wanted.configuration;
    !seen.formed || seen.nodes.len() != wanted.count || seen.nodes.iter().any(other)
}

/// The next step.
pub(crate) fn next(wanted: &WantedCluster, seen: &Seen, now: Timestamp) -> Step {
    if !seen.formed {
        return form(wanted, seen, now);
    }
    let leaving = leaving(wanted, seen);
    let (stays, goes): (Vec<&SeenNode>, Vec<&SeenNode>) =
        seen.nodes.iter().partition(|node| !leaving.contains(&node.name));
    if let Some(node) = stays.iter().find(|node| !node.runs && is_due(node, now)) {
        return Step::Start(node.name.clone());
    }
    let Some(cluster) = &seen.cluster else {
        // It may be one that shall go whose vote or shards the others wait for.
        let due = goes.iter().find(|node| !node.runs && is_due(node, now));
        return due.map_or(Step::Wait(Waiting::Answer), |node| Step::Start(node.name.clone()));
    };
    if !cluster.without_vote.is_subset(&leaving) {
        return Step::GiveVotes;
    }
    if cluster.excluded != leaving {
        return Step::Exclude(leaving);
    }
    if seen.nodes.len() < wanted.count && wanted.no_room.is_none() {
        return Step::Add;
    }
    // Everyone who stays is there before anything is taken away.
    if let Some(node) = stays.iter().find(|node| !cluster.members.contains(&node.name)) {
        let name = node.name.clone();
        return Step::Wait(if node.runs { Waiting::Joining(name) } else { Waiting::BackOff(name) });
    }
    // One of those that go may have the copy that is missing, whichever it is.
    let is_gone = |node: &&&SeenNode| !node.runs && !cluster.members.contains(&node.name);
    let missed = goes.iter().filter(is_gone).find(|node| is_due(node, now));
    if let Some(node) = missed.filter(|_| cluster.red) {
        return Step::Start(node.name.clone());
    }
    if let Some(node) = goes.last() {
        return take_away(node, &leaving, cluster);
    }
    if let Some(why) = &wanted.no_room {
        return Step::Wait(Waiting::Room(why.clone()));
    }
    let old = stays.iter().rev().find(|node| node.configuration != wanted.configuration);
    match old {
        None => Step::Done,
        Some(node) if stays.len() > 1 && (cluster.red || !cluster.settled) => {
            Step::Wait(Waiting::Settling(node.name.clone()))
        }
        Some(node) => Step::Stop(node.name.clone()),
    }
}

/// One node begins the cluster; others come to it afterwards.
fn form(wanted: &WantedCluster, seen: &Seen, now: Timestamp) -> Step {
    let Some(first) = seen.nodes.first() else {
        return match &wanted.no_room {
            Some(why) => Step::Wait(Waiting::Room(why.clone())),
            None => Step::Add,
        };
    };
    let name = first.name.clone();
    let is_in = seen.cluster.as_ref().is_some_and(|cluster| cluster.members.contains(&name));
    match (first.runs, is_in) {
        (true, true) => Step::Formed,
        (true, false) => Step::Wait(Waiting::Joining(name)),
        (false, _) if is_due(first, now) => Step::Start(name),
        (false, _) => Step::Wait(Waiting::BackOff(name)),
    }
}

/// What is done next with a node that shall go.
fn take_away(node: &SeenNode, leaving: &BTreeSet<String>, cluster: &SeenCluster) -> Step {
    let name = node.name.clone();
    match (node.runs, cluster.members.contains(&name)) {
        (false, true) => Step::Wait(Waiting::Leaving(name)),
        (false, false) if cluster.red => Step::Wait(Waiting::Red(name)),
        (false, false) => Step::Remove(name),
        (true, false) if cluster.red => Step::Wait(Waiting::Joining(name)),
        // Every shard works without it.
        (true, false) => Step::Stop(name),
        (true, true) => match shards_left(&name, leaving, &cluster.copies) {
            // Whether its data may go could not be told afterwards.
            0 if cluster.red => Step::Wait(Waiting::Red(name)),
            0 if cluster.without_vote.contains(&name) => Step::Stop(name),
            0 => Step::TakeVote(name),
            left => Step::Wait(Waiting::Moving(name, left)),
        },
    }
}

fn is_due(node: &SeenNode, now: Timestamp) -> bool {
    node.not_before.is_none_or(|time| now >= time)
}

#[cfg(test)]
mod tests;
