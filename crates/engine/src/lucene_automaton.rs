//! Finite automata of Lucene's regular expressions, built within bounds: an expression that would take more states than it may
//! is refused before any text is looked at, and afterwards each character of a text is one step.
//!
//! Source: `Operations.determinize` and `Automata` of Lucene 8.7.

use std::collections::{BTreeMap, HashMap};

use crate::lucene_regexp::RegexpNode;

/// Most states of the automaton that is not yet deterministic.
const STATES_MAX: usize = 100_000;

/// Most steps that building takes, all parts of an expression together.
const WORK_MAX: usize = 5_000_000;

/// The greatest character.
const LAST: u32 = char::MAX as u32;

/// Why an expression has no automaton: it would take more states than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooComplex;

/// Characters `from..=to` lead to the state `target`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Move {
    from: u32,
    to: u32,
    target: u32,
}

/// An automaton that for each character is in at most one state; it begins in the first.
#[derive(Clone, Debug)]
pub(crate) struct Automaton {
    /// By state: what its characters lead to, in their order.
    moves: Vec<Vec<Move>>,
    accepts: Vec<bool>,
}

impl Automaton {
    /// The bytes that it takes.
    pub(crate) fn bytes(&self) -> u64 {
        let moves: usize = self.moves.iter().map(Vec::len).sum();
        let states = self.moves.len() * (size_of::<Vec<Move>>() + 1);
        (states + moves * size_of::<Move>()) as u64
    }

    /// That of the expression `root`, of at most `states_max` states.
    ///
    /// # Errors
    /// [`TooComplex`]
    pub(crate) fn new(
        nodes: &[RegexpNode],
        root: usize,
        states_max: usize,
    ) -> Result<Automaton, TooComplex> {
        AutomatonBuilder { nodes, states_max, work: 0, states: 0 }.deterministic(root)
    }

    /// Whether the whole of `text` is accepted.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        let mut state = 0;
        for character in text.chars() {
            match self.step(state, character) {
                Some(next) => state = next,
                None => return false,
            }
        }
        self.is_end(state)
    }

    /// How many of the first characters of `text` are accepted: as many as can be.
    pub(crate) fn longest(&self, text: impl Iterator<Item = char>) -> Option<usize> {
        let mut longest = self.is_end(0).then_some(0);
        let mut state = 0;
        for (place, character) in text.enumerate() {
            match self.step(state, character) {
                Some(next) => state = next,
                None => break,
            }
            if self.is_end(state) {
                longest = Some(place + 1);
            }
        }
        longest
    }

    fn step(&self, state: u32, character: char) -> Option<u32> {
        let moves = self.moves.get(state as usize)?;
        let code = u32::from(character);
        let at = moves.partition_point(|one| one.to < code);
        moves.get(at).filter(|one| one.from <= code).map(|one| one.target)
    }

    fn is_end(&self, state: u32) -> bool {
        self.accepts.get(state as usize).copied().unwrap_or(false)
    }

    /// What this does not accept.
    fn complement(mut self) -> Automaton {
        let dead = self.moves.len() as u32;
        self.moves.push(Vec::new());
        self.accepts.push(false);
        for moves in &mut self.moves {
            let mut next = 0;
            let mut whole = Vec::with_capacity(moves.len() * 2 + 1);
            for one in moves.iter() {
                if next < one.from {
                    whole.push(Move { from: next, to: one.from - 1, target: dead });
                }
                whole.push(*one);
                next = one.to + 1;
            }
            if next <= LAST {
                whole.push(Move { from: next, to: LAST, target: dead });
            }
            *moves = whole;
        }
        self.accepts.iter_mut().for_each(|accepts| *accepts = !*accepts);
        self
    }
}

/// States between which also nothing leads.
#[derive(Default)]
struct Arena {
    moves: Vec<Vec<Move>>,
    silent: Vec<Vec<u32>>,
}

/// A part of an arena: it begins in one state and ends in another.
#[derive(Clone, Copy)]
struct ArenaPart {
    start: u32,
    end: u32,
}

struct AutomatonBuilder<'a> {
    nodes: &'a [RegexpNode],
    states_max: usize,
    work: usize,
    /// Of all arenas.
    states: usize,
}

impl AutomatonBuilder<'_> {
    /// Counts steps.
    fn take(&mut self, steps: usize) -> Result<(), TooComplex> {
        self.work = self.work.saturating_add(steps);
        if self.work > WORK_MAX { Err(TooComplex) } else { Ok(()) }
    }

    fn state(&mut self, arena: &mut Arena) -> Result<u32, TooComplex> {
        self.states += 1;
        if self.states > STATES_MAX {
            return Err(TooComplex);
        }
        arena.moves.push(Vec::new());
        arena.silent.push(Vec::new());
        Ok((arena.moves.len() - 1) as u32)
    }

    fn part(&mut self, arena: &mut Arena) -> Result<ArenaPart, TooComplex> {
        Ok(ArenaPart { start: self.state(arena)?, end: self.state(arena)? })
    }

    fn deterministic(&mut self, node: usize) -> Result<Automaton, TooComplex> {
        let mut arena = Arena::default();
        let whole = self.build(node, &mut arena)?;
        self.determinize(&arena, whole)
    }

    // long: one arm for each kind of part
    fn build(&mut self, node: usize, arena: &mut Arena) -> Result<ArenaPart, TooComplex> {
        self.take(1)?;
        let nodes = self.nodes;
        match nodes.get(node) {
            Some(RegexpNode::Characters { ranges, negated }) => {
                let whole = self.part(arena)?;
                let mut ranges: Vec<(u32, u32)> =
                    ranges.iter().map(|(from, to)| (u32::from(*from), u32::from(*to))).collect();
                if *negated {
                    ranges = others(ranges);
                }
                self.take(ranges.len())?;
                for (from, to) in ranges.into_iter().filter(|(from, to)| from <= to) {
                    arena.lead(whole.start, Move { from, to, target: whole.end });
                }
                Ok(whole)
            }
            Some(RegexpNode::AnyString) => {
                let state = self.state(arena)?;
                arena.lead(state, Move { from: 0, to: LAST, target: state });
                let end = self.state(arena)?;
                arena.join(state, end);
                Ok(ArenaPart { start: state, end })
            }
            Some(RegexpNode::Concat(parts)) => {
                let start = self.state(arena)?;
                let mut end = start;
                for part in parts {
                    let part = self.build(*part, arena)?;
                    arena.join(end, part.start);
                    end = part.end;
                }
                Ok(ArenaPart { start, end })
            }
            Some(RegexpNode::Union(parts)) => {
                let whole = self.part(arena)?;
                for part in parts {
                    let part = self.build(*part, arena)?;
                    arena.join(whole.start, part.start);
                    arena.join(part.end, whole.end);
                }
                Ok(whole)
            }
            Some(RegexpNode::Repeat { inner, least, most }) => {
                self.repeat(*inner, (*least, *most), arena)
            }
            Some(RegexpNode::Not(inner)) => {
                let inner = self.deterministic(*inner)?.complement();
                self.import(&inner, arena)
            }
            Some(RegexpNode::Both(a, b)) => {
                let (a, b) = (self.deterministic(*a)?, self.deterministic(*b)?);
                let both = self.both(&a, &b)?;
                self.import(&both, arena)
            }
            Some(RegexpNode::Interval { least, most, digits }) => {
                let numbers = self.interval(least, most, *digits)?;
                self.import(&numbers, arena)
            }
            Some(RegexpNode::Nothing) | None => self.part(arena),
        }
    }

    fn repeat(
        &mut self,
        inner: usize,
        (least, most): (usize, Option<usize>),
        arena: &mut Arena,
    ) -> Result<ArenaPart, TooComplex> {
        let start = self.state(arena)?;
        let mut end = start;
        // The last that must be there is also the one that may come again.
        let counted = if most.is_none() { least.saturating_sub(1) } else { least };
        for _ in 0..counted {
            let part = self.build(inner, arena)?;
            arena.join(end, part.start);
            end = part.end;
        }
        let Some(most) = most else {
            let part = self.build(inner, arena)?;
            let last = self.state(arena)?;
            arena.join(end, part.start);
            arena.join(part.end, part.start);
            arena.join(part.end, last);
            if least == 0 {
                arena.join(end, last);
            }
            return Ok(ArenaPart { start, end: last });
        };
        let last = self.state(arena)?;
        arena.join(end, last);
        for _ in least..most {
            let part = self.build(inner, arena)?;
            arena.join(end, part.start);
            arena.join(part.end, last);
            end = part.end;
        }
        Ok(ArenaPart { start, end: last })
    }

    /// An automaton as a part of another.
    fn import(
        &mut self,
        automaton: &Automaton,
        arena: &mut Arena,
    ) -> Result<ArenaPart, TooComplex> {
        let first = arena.moves.len() as u32;
        for _ in &automaton.moves {
            self.state(arena)?;
        }
        let end = self.state(arena)?;
        for ((moves, accepts), state) in automaton.moves.iter().zip(&automaton.accepts).zip(first..)
        {
            self.take(moves.len())?;
            for one in moves {
                arena.lead(state, Move { target: one.target + first, ..*one });
            }
            if *accepts {
                arena.join(state, end);
            }
        }
        Ok(ArenaPart { start: first, end })
    }

    /// What two automata both accept.
    fn both(&mut self, a: &Automaton, b: &Automaton) -> Result<Automaton, TooComplex> {
        let mut numbers = HashMap::from([((0u32, 0u32), 0u32)]);
        let mut pairs = vec![(0u32, 0u32)];
        let mut product = Automaton { moves: Vec::new(), accepts: Vec::new() };
        let none = Vec::new();
        let mut at = 0;
        while let Some((left, right)) = pairs.get(at).copied() {
            at += 1;
            let mut moves = Vec::new();
            let lefts = a.moves.get(left as usize).unwrap_or(&none);
            let rights = b.moves.get(right as usize).unwrap_or(&none);
            self.take(lefts.len() + rights.len() + 1)?;
            let (mut i, mut j) = (0, 0);
            while let (Some(one), Some(other)) = (lefts.get(i), rights.get(j)) {
                let (from, to) = (one.from.max(other.from), one.to.min(other.to));
                if from <= to {
                    let pair = (one.target, other.target);
                    let next = pairs.len() as u32;
                    let target = *numbers.entry(pair).or_insert(next);
                    if target == next {
                        pairs.push(pair);
                    }
                    moves.push(Move { from, to, target });
                }
                if one.to <= other.to { i += 1 } else { j += 1 }
            }
            if pairs.len() > self.states_max {
                return Err(TooComplex);
            }
            product.moves.push(moves);
            product.accepts.push(a.is_end(left) && b.is_end(right));
        }
        Ok(product)
    }

    /// Numbers from `least` to `most`: of as many digits, or where that is 0 with any zeros before them.
    fn interval(
        &mut self,
        least: &str,
        most: &str,
        digits: usize,
    ) -> Result<Automaton, TooComplex> {
        let trim = |text: &str| -> Vec<u8> {
            let kept = if digits == 0 { text.trim_start_matches('0') } else { text };
            kept.bytes().collect()
        };
        let ends = NumberEnds { least: trim(least), most: trim(most), digits };
        let mut numbers = HashMap::from([(NumberSoFar::Begin, 0u32)]);
        let mut states = vec![NumberSoFar::Begin];
        let mut automaton = Automaton { moves: Vec::new(), accepts: Vec::new() };
        let mut at = 0;
        while let Some(state) = states.get(at).copied() {
            at += 1;
            self.take(10)?;
            let mut moves = Vec::new();
            for digit in b'0'..=b'9' {
                let Some(next) = ends.next(state, digit) else { continue };
                let number = states.len() as u32;
                let target = *numbers.entry(next).or_insert(number);
                if target == number {
                    states.push(next);
                }
                moves.push(Move { from: digit.into(), to: digit.into(), target });
            }
            automaton.moves.push(moves);
            automaton.accepts.push(ends.accepts(state));
        }
        Ok(automaton)
    }

    /// The subset construction.
    fn determinize(&mut self, arena: &Arena, whole: ArenaPart) -> Result<Automaton, TooComplex> {
        let start = self.closure(arena, [whole.start].into_iter())?;
        let mut numbers = HashMap::from([(start.clone(), 0u32)]);
        let mut sets = vec![start];
        let mut automaton = Automaton { moves: Vec::new(), accepts: Vec::new() };
        let mut at = 0;
        while let Some(set) = sets.get(at) {
            at += 1;
            automaton.accepts.push(set.binary_search(&whole.end).is_ok());
            let mut events: BTreeMap<u32, Vec<(u32, bool)>> = BTreeMap::new();
            let of_set = set.iter().filter_map(|state| arena.moves.get(*state as usize)).flatten();
            let mut count = 1;
            for one in of_set {
                count += 1;
                events.entry(one.from).or_default().push((one.target, true));
                events.entry(one.to + 1).or_default().push((one.target, false));
            }
            self.take(count)?;
            let moves = self.swept(arena, events, &mut numbers, &mut sets)?;
            automaton.moves.push(moves);
        }
        Ok(automaton)
    }

    /// The moves of a set whose ranges of characters begin and end as `events` say.
    fn swept(
        &mut self,
        arena: &Arena,
        events: BTreeMap<u32, Vec<(u32, bool)>>,
        numbers: &mut HashMap<Vec<u32>, u32>,
        sets: &mut Vec<Vec<u32>>,
    ) -> Result<Vec<Move>, TooComplex> {
        let mut moves: Vec<Move> = Vec::new();
        let mut open: BTreeMap<u32, usize> = BTreeMap::new();
        let mut events = events.into_iter().peekable();
        while let Some((from, changes)) = events.next() {
            for (target, begins) in changes {
                let count = open.entry(target).or_insert(0);
                *count = if begins { *count + 1 } else { count.saturating_sub(1) };
                if *count == 0 {
                    open.remove(&target);
                }
            }
            let Some(to) = events.peek().map(|(next, _)| next - 1) else { break };
            if open.is_empty() {
                continue;
            }
            let set = self.closure(arena, open.keys().copied())?;
            let next = sets.len() as u32;
            let target = match numbers.get(&set) {
                Some(known) => *known,
                None => {
                    if sets.len() >= self.states_max {
                        return Err(TooComplex);
                    }
                    numbers.insert(set.clone(), next);
                    sets.push(set);
                    next
                }
            };
            match moves.last_mut() {
                Some(last) if last.target == target && last.to + 1 == from => last.to = to,
                _ => moves.push(Move { from, to, target }),
            }
        }
        Ok(moves)
    }

    /// The states that `from` leads to without a character, but for those that only lead on; in order.
    fn closure(
        &mut self,
        arena: &Arena,
        from: impl Iterator<Item = u32>,
    ) -> Result<Vec<u32>, TooComplex> {
        let mut waiting: Vec<u32> = from.collect();
        let mut seen: std::collections::HashSet<u32> = waiting.iter().copied().collect();
        let mut kept = Vec::new();
        while let Some(state) = waiting.pop() {
            let silent = arena.silent.get(state as usize).map_or(&[][..], Vec::as_slice);
            let leads_on = arena.moves.get(state as usize).is_some_and(Vec::is_empty);
            if silent.is_empty() || !leads_on {
                kept.push(state);
            }
            self.take(1 + silent.len())?;
            waiting.extend(silent.iter().filter(|next| seen.insert(**next)));
        }
        kept.sort_unstable();
        Ok(kept)
    }
}

impl Arena {
    fn lead(&mut self, state: u32, one: Move) {
        if let Some(moves) = self.moves.get_mut(state as usize) {
            moves.push(one);
        }
    }

    fn join(&mut self, from: u32, to: u32) {
        if let Some(silent) = self.silent.get_mut(from as usize) {
            silent.push(to);
        }
    }
}

/// The ends of an interval, as their digits.
struct NumberEnds {
    least: Vec<u8>,
    most: Vec<u8>,
    digits: usize,
}

/// What is known of a number whose first digits were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum NumberSoFar {
    /// None yet.
    Begin,
    /// Zeros alone, which do not count.
    Zeros,
    /// So many digits, and how they compare with as many of the least and of the most.
    Digits(usize, std::cmp::Ordering, std::cmp::Ordering),
}

impl NumberEnds {
    fn next(&self, state: NumberSoFar, digit: u8) -> Option<NumberSoFar> {
        use std::cmp::Ordering::Equal;
        let (read, least, most) = match state {
            NumberSoFar::Begin | NumberSoFar::Zeros if digit == b'0' && self.digits == 0 => {
                return Some(NumberSoFar::Zeros);
            }
            NumberSoFar::Begin | NumberSoFar::Zeros => (0, Equal, Equal),
            NumberSoFar::Digits(read, least, most) => (read, least, most),
        };
        let longest = if self.digits == 0 { self.most.len() } else { self.digits };
        if read >= longest {
            return None;
        }
        let beside = |digits: &[u8]| digits.get(read).map_or(Equal, |own| digit.cmp(own));
        let least = least.then_with(|| beside(&self.least));
        let most = most.then_with(|| beside(&self.most));
        Some(NumberSoFar::Digits(read + 1, least, most))
    }

    fn accepts(&self, state: NumberSoFar) -> bool {
        match state {
            NumberSoFar::Begin => false,
            NumberSoFar::Zeros => self.least.is_empty(),
            NumberSoFar::Digits(read, least, most) => {
                (self.digits == 0 || read == self.digits)
                    && read.cmp(&self.least.len()).then(least).is_ge()
                    && read.cmp(&self.most.len()).then(most).is_le()
            }
        }
    }
}

/// The characters between `ranges`.
fn others(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.retain(|(from, to)| from <= to);
    ranges.sort_unstable();
    let (mut found, mut next) = (Vec::new(), 0);
    for (from, to) in ranges {
        if next < from {
            found.push((next, from - 1));
        }
        next = next.max(to + 1);
    }
    if next <= LAST {
        found.push((next, LAST));
    }
    found
}
