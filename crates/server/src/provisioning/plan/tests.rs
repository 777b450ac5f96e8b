use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{ProptestConfig, any, prop};
use proptest::proptest;

use super::*;

fn wanted(count: usize) -> WantedCluster {
    WantedCluster { count, configuration: "a".to_owned(), ..WantedCluster::default() }
}

fn node(name: &str) -> SeenNode {
    SeenNode {
        name: name.to_owned(),
        runs: true,
        configuration: "a".to_owned(),
        joined: true,
        not_before: None,
    }
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Nodes that are all in a cluster in which nothing moves.
fn quiet(nodes: &[&str]) -> Seen {
    let cluster = SeenCluster { members: names(nodes), settled: true, ..SeenCluster::default() };
    let nodes = nodes.iter().map(|name| node(name)).collect();
    Seen { formed: true, nodes, cluster: Some(cluster) }
}

fn copy(shard: &str, node: &str, started: bool) -> ShardCopy {
    ShardCopy { shard: (shard.to_owned(), "0".to_owned()), node: node.to_owned(), started }
}

fn told(wanted: &WantedCluster, seen: &Seen) -> String {
    format!("{:?}", next(wanted, seen, Timestamp::UNIX_EPOCH))
}

#[test]
fn a_cluster_is_begun_by_one_node_and_others_come_to_it() {
    let mut seen = Seen::default();
    assert_eq!(told(&wanted(3), &seen), "Add");
    seen.nodes.push(SeenNode { runs: false, joined: false, ..node("1") });
    assert_eq!(told(&wanted(3), &seen), "Start(\"1\")");
    seen.nodes[0].runs = true;
    assert_eq!(told(&wanted(3), &seen), "Wait(Joining(\"1\"))");
    seen.cluster = quiet(&["1"]).cluster;
    assert_eq!(told(&wanted(3), &seen), "Formed");
    seen.formed = true;
    assert_eq!(told(&wanted(3), &seen), "Add");
    assert_eq!(told(&wanted(3), &quiet(&["1", "2", "3"])), "Done");
}

#[test]
fn a_node_that_died_is_started_again_when_its_time_has_come() {
    let mut seen = quiet(&["1", "2", "3"]);
    seen.nodes[1].runs = false;
    seen.nodes[1].not_before = Some(Timestamp::from_second(1).unwrap());
    if let Some(cluster) = &mut seen.cluster {
        cluster.members.remove("2");
    }
    assert_eq!(told(&wanted(3), &seen), "Wait(BackOff(\"2\"))");
    assert!(!is_changing(&wanted(3), &seen), "a domain whose node died is not Processing");
    seen.nodes[1].not_before = Some(Timestamp::UNIX_EPOCH);
    assert_eq!(told(&wanted(3), &seen), "Start(\"2\")");
}

#[test]
fn a_node_goes_when_its_shards_are_elsewhere_and_the_others_elect_without_it() {
    let mut seen = quiet(&["1", "2", "3"]);
    let cluster = |seen: &mut Seen, edit: &dyn Fn(&mut SeenCluster)| {
        edit(seen.cluster.as_mut().unwrap());
    };
    assert_eq!(told(&wanted(2), &seen), "Exclude({\"3\"})");
    cluster(&mut seen, &|it| it.excluded = names(&["3"]));
    cluster(&mut seen, &|it| it.copies = vec![copy("books", "3", true), copy("books", "2", false)]);
    assert_eq!(told(&wanted(2), &seen), "Wait(Moving(\"3\", 1))");
    cluster(&mut seen, &|it| it.copies = vec![copy("books", "3", true), copy("books", "2", true)]);
    assert_eq!(told(&wanted(2), &seen), "TakeVote(\"3\")");
    cluster(&mut seen, &|it| it.without_vote = names(&["3"]));
    assert_eq!(told(&wanted(2), &seen), "Stop(\"3\")");
    cluster(&mut seen, &|it| it.red = true);
    assert_eq!(told(&wanted(2), &seen), "Wait(Red(\"3\"))", "nothing goes while data is missing");
    cluster(&mut seen, &|it| it.red = false);
    seen.nodes[2].runs = false;
    assert_eq!(told(&wanted(2), &seen), "Wait(Leaving(\"3\"))");
    cluster(&mut seen, &|it| it.members = names(&["1", "2"]));
    assert_eq!(told(&wanted(2), &seen), "Remove(\"3\")");
    cluster(&mut seen, &|it| it.red = true);
    assert_eq!(told(&wanted(2), &seen), "Start(\"3\")", "it may have what is missing");
    seen.nodes.pop();
    cluster(&mut seen, &|it| it.red = false);
    assert_eq!(told(&wanted(2), &seen), "GiveVotes");
    cluster(&mut seen, &|it| it.without_vote.clear());
    assert_eq!(told(&wanted(2), &seen), "Exclude({})");
    cluster(&mut seen, &|it| it.excluded.clear());
    assert_eq!(told(&wanted(2), &seen), "Done");
}

#[test]
fn any_of_those_that_go_is_started_again_while_data_is_missing() {
    let mut seen = quiet(&["1", "2", "3", "4"]);
    seen.nodes[2].runs = false;
    if let Some(cluster) = &mut seen.cluster {
        cluster.members = names(&["1", "2", "4"]);
        (cluster.excluded, cluster.without_vote) = (names(&["3", "4"]), names(&["4"]));
        cluster.red = true;
    }
    assert_eq!(told(&wanted(2), &seen), "Start(\"3\")");
}

#[test]
fn who_wants_the_node_back_gets_it_back() {
    let mut seen = quiet(&["1", "2"]);
    if let Some(cluster) = &mut seen.cluster {
        (cluster.excluded, cluster.without_vote) = (names(&["2"]), names(&["2"]));
    }
    assert_eq!(told(&wanted(2), &seen), "GiveVotes");
    seen.cluster.as_mut().unwrap().without_vote.clear();
    assert_eq!(told(&wanted(2), &seen), "Exclude({})");
}

#[test]
fn nodes_are_started_again_one_at_a_time_and_only_while_nothing_moves() {
    let wanted = WantedCluster { configuration: "b".to_owned(), ..wanted(2) };
    let mut seen = quiet(&["1", "2"]);
    assert_eq!(told(&wanted, &seen), "Stop(\"2\")");
    assert!(is_changing(&wanted, &seen));
    seen.cluster.as_mut().unwrap().settled = false;
    assert_eq!(told(&wanted, &seen), "Wait(Settling(\"2\"))");
    seen.nodes[1] = SeenNode { configuration: "b".to_owned(), joined: false, ..node("2") };
    seen.cluster.as_mut().unwrap().members = names(&["1"]);
    assert_eq!(told(&wanted, &seen), "Wait(Joining(\"2\"))");
}

#[test]
fn without_room_nothing_is_added_or_changed_and_what_is_there_is_looked_after() {
    let mut wanted = wanted(3);
    wanted.no_room = Some("4 nodes".to_owned());
    assert_eq!(told(&wanted, &Seen::default()), "Wait(Room(\"4 nodes\"))");
    let mut seen = quiet(&["1", "2"]);
    assert_eq!(told(&wanted, &seen), "Wait(Room(\"4 nodes\"))");
    seen.nodes[0].runs = false;
    assert_eq!(told(&wanted, &seen), "Start(\"1\")");
}

/// A node of a cluster that a test makes up.
#[derive(Clone, Default)]
struct Machine {
    runs: bool,
    member: bool,
    joined: bool,
    configuration: String,
    /// Shards that are on its disk, with everything that was acknowledged.
    disk: BTreeSet<usize>,
}

/// Nodes and shards as they are, and what was done to them.
#[derive(Default)]
struct World {
    formed: bool,
    machines: BTreeMap<usize, Machine>,
    made: usize,
    voters: BTreeSet<usize>,
    without_vote: BTreeSet<usize>,
    excluded: BTreeSet<usize>,
    shards: usize,
    replicas: usize,
}

impl World {
    fn answers(&self) -> bool {
        let up = self.voters.iter().filter(|id| self.machines.get(id).is_some_and(|it| it.runs));
        !self.voters.is_empty() && up.count() * 2 > self.voters.len()
    }

    fn members(&self) -> BTreeSet<usize> {
        self.machines.iter().filter(|(_, it)| it.member).map(|(id, _)| *id).collect()
    }

    /// Where a shard's copies work.
    fn homes(&self, shard: usize) -> BTreeSet<usize> {
        let works = |it: &&Machine| it.member && it.disk.contains(&shard);
        self.machines.iter().filter(|(_, it)| works(it)).map(|(id, _)| *id).collect()
    }

    fn is_red(&self) -> bool {
        (0..self.shards).any(|shard| self.homes(shard).is_empty())
    }

    fn seen(&self) -> Seen {
        let nodes = self.machines.iter().map(|(id, it)| SeenNode {
            name: id.to_string(),
            runs: it.runs,
            configuration: it.configuration.clone(),
            joined: it.joined,
            not_before: None,
        });
        let told = |ids: &BTreeSet<usize>| ids.iter().map(usize::to_string).collect();
        let copies = (0..self.shards).flat_map(|shard| {
            let homes = self.homes(shard);
            homes.into_iter().map(move |id| copy(&shard.to_string(), &id.to_string(), true))
        });
        let cluster = SeenCluster {
            members: told(&self.members()),
            red: self.is_red(),
            settled: self.next_copy().is_none(),
            excluded: told(&self.excluded),
            without_vote: told(&self.without_vote),
            copies: copies.collect(),
        };
        let cluster = self.answers().then_some(cluster);
        Seen { formed: self.formed, nodes: nodes.collect(), cluster }
    }

    /// A copy that the cluster would make now: of which shard, on which node.
    fn next_copy(&self) -> Option<(usize, usize)> {
        (0..self.shards).find_map(|shard| {
            let homes = self.homes(shard);
            let good = homes.difference(&self.excluded).count();
            let free = self.members().into_iter();
            let to = free.filter(|id| !homes.contains(id) && !self.excluded.contains(id)).min()?;
            (!homes.is_empty() && good <= self.replicas).then_some((shard, to))
        })
    }

    /// Time passes: nodes come and go, one shard is copied, copies that are too many are dropped.
    fn pass(&mut self) {
        if !self.answers() {
            return;
        }
        let shards = 0..self.shards;
        for (id, machine) in &mut self.machines {
            if machine.runs {
                (machine.member, machine.joined) = (true, true);
                if !self.without_vote.contains(id) {
                    self.voters.insert(*id);
                }
            }
        }
        let gone: Vec<usize> = self.members().into_iter().filter(|id| !self.runs(*id)).collect();
        for id in gone {
            for shard in shards.clone() {
                // It misses what is acknowledged from now on, unless nothing is: the only copy stays the copy.
                if self.homes(shard).len() > 1 {
                    self.machine(id).disk.remove(&shard);
                }
            }
            self.machine(id).member = false;
        }
        let (members, silent) = (self.members(), self.without_vote.clone());
        self.voters.retain(|id| !silent.contains(id));
        if members.difference(&silent).count() >= 3 {
            self.voters.retain(|id| members.contains(id));
        }
        if let Some((shard, to)) = self.next_copy() {
            self.machine(to).disk.insert(shard);
        }
        for shard in shards {
            let homes = self.homes(shard);
            let on_excluded = homes.intersection(&self.excluded).copied().max();
            let enough = homes.difference(&self.excluded).count() > self.replicas;
            if let (Some(id), true) = (on_excluded, enough) {
                self.machine(id).disk.remove(&shard);
            }
        }
    }

    fn runs(&self, id: usize) -> bool {
        self.machines.get(&id).is_some_and(|it| it.runs)
    }

    fn machine(&mut self, id: usize) -> &mut Machine {
        self.machines.get_mut(&id).unwrap()
    }

    fn take(&mut self, step: Step, wanted: &WantedCluster) {
        let id = |name: &str| name.parse::<usize>().unwrap();
        match step {
            Step::Add => {
                self.made += 1;
                self.machines.insert(self.made, Machine::default());
            }
            Step::Start(name) => {
                let machine = self.machine(id(&name));
                assert!(!machine.runs);
                machine.runs = true;
                machine.joined &= machine.configuration == wanted.configuration;
                machine.configuration.clone_from(&wanted.configuration);
                if !self.formed {
                    self.voters = [id(&name)].into();
                }
            }
            Step::Formed => {
                self.formed = true;
                self.machine(1).disk = (0..self.shards).collect();
            }
            Step::Exclude(names) => self.excluded = names.iter().map(|name| id(name)).collect(),
            Step::TakeVote(name) => drop(self.without_vote.insert(id(&name))),
            Step::GiveVotes => {
                self.without_vote.clear();
                self.voters = self.members();
            }
            Step::Stop(name) => {
                let stays = self.machines.iter().take(wanted.count);
                let mut others = stays.filter(|(other, _)| **other != id(&name));
                assert!(others.all(|(_, it)| it.member), "only one node is taken at a time");
                self.machine(id(&name)).runs = false;
            }
            Step::Remove(name) => {
                let gone = self.machines.remove(&id(&name)).unwrap();
                assert!(!gone.runs);
                self.voters.remove(&id(&name));
                for shard in gone.disk {
                    let left = self.machines.values().any(|it| it.disk.contains(&shard));
                    assert!(left, "shard {shard} is lost with node {name}");
                }
            }
            Step::Wait(_) | Step::Done => {}
        }
    }

    /// Something happens that nobody planned.
    fn happen(&mut self, event: u8, wanted: &mut WantedCluster) {
        let which = usize::from(event) / 8;
        match event % 8 {
            0 => wanted.count = 1 + which % 4,
            1 => wanted.configuration = ["a", "b", "c"][which % 3].to_owned(),
            2 => {
                let id = self.machines.keys().nth(which % self.machines.len().max(1)).copied();
                id.into_iter().for_each(|id| self.machine(id).runs = false);
            }
            3 => self.machines.values_mut().for_each(|it| it.runs = false),
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn whatever_happens_no_shard_is_lost_and_the_cluster_becomes_what_is_wanted(
        events in prop::collection::vec(any::<u8>(), 0..120),
        count in 1..4usize,
        replicas in 0..3usize,
    ) {
        let mut wanted = wanted(count);
        let mut world = World { shards: 4, replicas, ..World::default() };
        for event in events {
            let step = next(&wanted, &world.seen(), Timestamp::UNIX_EPOCH);
            world.take(step, &wanted);
            world.pass();
            world.happen(event, &mut wanted);
        }
        for _ in 0..200 {
            let step = next(&wanted, &world.seen(), Timestamp::UNIX_EPOCH);
            if step == Step::Done {
                break;
            }
            world.take(step, &wanted);
            world.pass();
        }
        let seen = world.seen();
        assert_eq!(next(&wanted, &seen, Timestamp::UNIX_EPOCH), Step::Done, "{seen:?}");
        assert!(!is_changing(&wanted, &seen));
        assert_eq!((seen.nodes.len(), world.is_red()), (wanted.count, false));
    }
}
