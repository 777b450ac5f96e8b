//! Words of ways that cost little more than the best one, beside its own (`nbest_cost`, `nbest_examples`). Source: the class
//! `Lattice` in Lucene's `JapaneseTokenizer`.

use std::collections::{BTreeSet, HashSet};

use super::lattice::{FoundToken, Lattice, Parsing};
use super::morpheme::WordOrigin;
use crate::analysis::steps::Cursor;
use crate::work::Cancel;

/// A word of a stretch.
struct LatticeNode {
    from: usize,
    to: usize,
    origin: WordOrigin,
    left: u16,
    right: u16,
    cost: i32,
    /// The least cost of what stands before it, and of what stands behind it.
    before: i32,
    behind: i32,
    /// The word behind it on its best way.
    next: Option<usize>,
}

impl LatticeNode {
    /// The cost of the best way through it.
    fn total(&self) -> i32 {
        self.before.saturating_add(self.cost).saturating_add(self.behind)
    }
}

/// The words of a stretch: what stands before it is the first of them, and what stands behind it the second.
struct Nodes {
    nodes: Vec<LatticeNode>,
    begin: usize,
    /// The nodes that begin at each place, and those that end there, the last first.
    beginning: Vec<Vec<usize>>,
    ending: Vec<Vec<usize>>,
}

/// What stands before and behind a stretch.
const BEGIN: usize = 0;
const END: usize = 1;

/// What no way costs.
const NEVER: i32 = i32::MAX / 4;

/// Looks how far the best way is from one with a word between these units.
pub(in crate::analysis) struct Probe {
    units: (usize, usize),
    difference: Option<i32>,
}

/// Makes tokens of the ways to `end` that cost little more than the best one.
pub(super) fn take(lattice: &mut Lattice<'_>, end: usize, at_end: bool, cancel: &Cancel) {
    let (begin, right) = lattice.begin();
    if end == begin {
        return;
    }
    let mut nodes = Nodes::of(lattice, (begin, end), right);
    nodes.weigh(lattice.parsing(), at_end);
    let best = nodes.nodes.get(END).map_or(NEVER, |end| end.before);
    if let Some(probe) = &mut lattice.probe {
        probe.look(&nodes, end, best);
    }
    let mut spans = HashSet::new();
    let mut at = nodes.nodes.get(BEGIN).and_then(|begin| begin.next);
    while let Some(node) = at.filter(|at| *at != END).and_then(|at| nodes.nodes.get(at)) {
        spans.insert((node.from, node.to));
        register(lattice, node);
        at = node.next;
    }
    let most = best.saturating_add(lattice.parsing().nbest_cost);
    let mut others: Vec<&LatticeNode> = nodes.nodes.iter().skip(END + 1).collect();
    others.retain(|node| node.total() <= most && node.before < NEVER && node.behind < NEVER);
    others.sort_by_key(|node| node.total());
    for node in others {
        if cancel.is_cancelled() {
            return;
        }
        if spans.insert((node.from, node.to)) {
            register(lattice, node);
        }
    }
}

impl Nodes {
    /// The words of the ways from `begin` to `end`, behind a word that connects to `right`.
    fn of(lattice: &Lattice<'_>, (begin, end): (usize, usize), right: u16) -> Nodes {
        let places = end - begin + 1;
        let mut nodes = Nodes {
            nodes: Vec::new(),
            begin,
            beginning: vec![Vec::new(); places],
            ending: vec![Vec::new(); places],
        };
        let outside = |from, to, right| LatticeNode {
            from,
            to,
            origin: WordOrigin::Unigram,
            left: 0,
            right,
            cost: 0,
            before: 0,
            behind: 0,
            next: None,
        };
        nodes.push(outside(begin, begin, right), false, true);
        nodes.push(outside(end, end, 0), true, false);
        for place in (begin + 1..=end).rev() {
            if nodes.beginning.get(place - begin).is_none_or(Vec::is_empty) {
                continue;
            }
            for arrival in lattice.arrivals(place) {
                let (left, right, cost) = lattice.word(arrival.origin);
                let (from, origin) = (arrival.from, arrival.origin);
                let node = LatticeNode {
                    from,
                    to: place,
                    origin,
                    left,
                    right,
                    cost,
                    before: NEVER,
                    behind: NEVER,
                    next: None,
                };
                nodes.push(node, true, true);
            }
        }
        nodes
    }

    fn push(&mut self, node: LatticeNode, begins: bool, ends: bool) {
        let at = self.nodes.len();
        let place = |unit: usize| unit.checked_sub(self.begin);
        let (from, to) = (place(node.from), place(node.to));
        if begins && let Some(list) = from.and_then(|from| self.beginning.get_mut(from)) {
            list.insert(0, at);
        }
        if ends && let Some(list) = to.and_then(|to| self.ending.get_mut(to)) {
            list.insert(0, at);
        }
        self.nodes.push(node);
    }

    /// Finds what stands best before and behind each node.
    fn weigh(&mut self, parsing: &Parsing, at_end: bool) {
        let connection = |left: &LatticeNode, right: &LatticeNode| match right.left {
            0 if !at_end => 0,
            id => parsing.lexicon.connection(left.right, id),
        };
        for (beginning, ending) in self.beginning.iter().zip(&self.ending) {
            for at in beginning {
                let Some(node) = self.nodes.get(*at) else { continue };
                let befores = ending.iter().filter_map(|at| self.nodes.get(*at));
                let least = befores
                    .map(|before| {
                        before
                            .before
                            .saturating_add(before.cost)
                            .saturating_add(connection(before, node))
                    })
                    .min();
                if let Some(node) = self.nodes.get_mut(*at) {
                    node.before = least.unwrap_or(NEVER);
                }
            }
        }
        for (beginning, ending) in self.beginning.iter().zip(&self.ending).rev() {
            for at in ending {
                let Some(node) = self.nodes.get(*at) else { continue };
                let behinds = beginning.iter().filter_map(|at| Some((*at, self.nodes.get(*at)?)));
                let least = behinds
                    .map(|(at, behind)| {
                        (
                            behind
                                .behind
                                .saturating_add(behind.cost)
                                .saturating_add(connection(node, behind)),
                            at,
                        )
                    })
                    .min_by_key(|(cost, _)| *cost);
                if let Some(node) = self.nodes.get_mut(*at) {
                    node.behind = least.map_or(NEVER, |(cost, _)| cost);
                    node.next = least.map(|(_, at)| at);
                }
            }
        }
    }
}

/// Makes a token of a node, and of the segments of a user's word.
fn register(lattice: &mut Lattice<'_>, node: &LatticeNode) {
    if lattice.is_discarded(node.from) {
        return;
    }
    let length = node.to - node.from;
    let token = |from, length, origin| FoundToken { from, length, origin, position_length: 1 };
    let (WordOrigin::User(word), Some(user)) = (node.origin, &lattice.parsing().user) else {
        lattice.pending().push(token(node.from, length, node.origin));
        return;
    };
    let mut from = node.from;
    for (at, (segment, part)) in user.segments(word).enumerate() {
        if at == 0 {
            lattice.pending().push(token(from, length, WordOrigin::User(segment)));
        }
        if part < length {
            lattice.pending().push(token(from, part, WordOrigin::User(segment)));
        }
        from += part;
    }
}

/// Puts the tokens of all ways in order, the last first, each once, and says over how many others each reaches.
pub(super) fn settle(pending: &mut Vec<FoundToken>) {
    let origin = |token: &FoundToken| match token.origin {
        WordOrigin::User(_) => 0,
        WordOrigin::Unknown(..) | WordOrigin::Unigram => 1,
        WordOrigin::Known(_) => 2,
    };
    pending.sort_by_key(|token| (token.from, token.length, origin(token)));
    pending.dedup_by_key(|token| (token.from, token.length));
    let ends = |token: &FoundToken| [token.from, token.from + token.length];
    let places: BTreeSet<usize> = pending.iter().flat_map(ends).collect();
    let places: Vec<usize> = places.into_iter().collect();
    let place = |unit: usize| places.partition_point(|place| *place < unit);
    for token in pending.iter_mut() {
        let reach = place(token.from + token.length) - place(token.from);
        token.position_length = u32::try_from(reach).unwrap_or(u32::MAX);
    }
    pending.reverse();
}

impl Probe {
    fn look(&mut self, nodes: &Nodes, end: usize, best: i32) {
        let (from, to) = self.units;
        // As in Lucene, where one unit further is looked at than there is.
        if from < nodes.begin || to > end + 1 {
            return;
        }
        let costs = nodes.nodes.iter().skip(END + 1);
        let least =
            costs.filter(|node| (node.from, node.to) == (from, to)).map(LatticeNode::total).min();
        let difference = least.unwrap_or(i32::MAX).wrapping_sub(best);
        self.difference = Some(self.difference.map_or(difference, |known| known.min(difference)));
    }
}

/// The cost that makes all words of `examples` tokens: `TEXT-WORD`, with `/` between them.
///
/// # Errors
/// An example that is none.
pub(in crate::analysis) fn cost_of_examples(
    parsing: &Parsing,
    examples: &str,
) -> Result<i32, String> {
    let parsing = Parsing { nbest_cost: 1, ..parsing.clone() };
    let mut most = 0;
    for example in examples.split('/').filter(|example| !example.is_empty()) {
        let parts: Vec<&str> = example.trim_end_matches('-').split('-').collect();
        let [text, word] = parts.as_slice() else {
            return Err(format!("Unexpected example form: {example} (expected two '-')"));
        };
        let Some(at) = text.find(word) else { continue };
        let units = |text: &str| text.encode_utf16().count();
        let from = units(text.get(..at).unwrap_or_default());
        let mut lattice = Lattice::at(&parsing, text, &Cursor::default());
        lattice.probe = Some(Probe { units: (from, from + units(word)), difference: None });
        let difference = lattice.probed();
        most = most.max(difference.unwrap_or(-1));
    }
    Ok(most)
}

impl Lattice<'_> {
    /// How far the best way through all of a text is from one with the word that is probed.
    fn probed(mut self) -> Option<i32> {
        let cancel = Cancel::new();
        let mut at = 0;
        while self.stretch(&mut at, &cancel) {
            self.pending().clear();
            self.forget();
        }
        self.probe.and_then(|probe| probe.difference)
    }
}
