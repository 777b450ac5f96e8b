//! The words of least cost: Viterbi's algorithm over the words that a text may have, as Lucene's `JapaneseTokenizer` walks it.
//!
//! Costs and places are counted in UTF-16 units, as Lucene counts them. What was walked is let go whenever all ways through the
//! text meet, and after [`GAP`] units at the latest, so that the length of a text does not matter.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::characters::is_punctuation;
use super::lexicon::Lexicon;
use super::morpheme::{Morpheme, WordOrigin};
use super::nbest;
use super::user_dictionary::UserDictionary;
use crate::analysis::Token;
use crate::analysis::steps::Cursor;
use crate::work::Cancel;

/// What long words become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::analysis) enum Mode {
    /// They stay.
    Normal,
    /// Their parts stand beside them.
    Search,
    /// And unknown words are parted into characters.
    Extended,
}

/// How texts are parsed.
#[derive(Clone, Debug)]
pub(in crate::analysis) struct Parsing {
    pub(in crate::analysis) lexicon: Arc<Lexicon>,
    pub(in crate::analysis) user: Option<Arc<UserDictionary>>,
    pub(in crate::analysis) mode: Mode,
    pub(in crate::analysis) discard_punctuation: bool,
    pub(in crate::analysis) discard_compounds: bool,
    /// How much more a way may cost whose words stand beside those of the best one; none does at 0.
    pub(in crate::analysis) nbest_cost: i32,
}

/// Units behind which the best way so far is taken although others do not meet it.
const GAP: usize = 1024;

/// Units of an unknown word at most.
const UNKNOWN_MAX: usize = 1024;

/// Units between two looks at the cancel flag.
const CANCEL_UNITS: usize = 256;

/// The connections of a user's word.
const USER_CONNECTION: u16 = 5;

/// The cost of a user's word, which makes it always the best.
const USER_COST: i32 = -100_000;

/// A word that ends at a position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    pub(super) cost: i32,
    /// What the word connects to on its right.
    right: u16,
    /// Where the word begins.
    pub(super) from: usize,
    /// Which of the words that end there stands before it.
    before: usize,
    pub(super) origin: WordOrigin,
}

/// A place in a text.
#[derive(Debug, Default)]
struct LatticePosition {
    arrivals: Vec<Arrival>,
    /// Words that begin here, while a word is parted: where they end.
    departures: Vec<(usize, WordOrigin)>,
}

/// A token that was found: its units, its word, and over how many others it reaches.
#[derive(Clone, Copy, Debug)]
pub(super) struct FoundToken {
    pub(super) from: usize,
    pub(super) length: usize,
    pub(super) origin: WordOrigin,
    pub(super) position_length: u32,
}

/// A walk through a text.
pub(in crate::analysis) struct Lattice<'a> {
    parsing: &'a Parsing,
    text: &'a str,
    /// Units that were read and are still needed, with the byte that each begins at; the first is at `units_base`.
    units: VecDeque<(u16, usize)>,
    units_base: usize,
    /// The byte behind the units that were read.
    read: usize,
    positions: VecDeque<LatticePosition>,
    positions_base: usize,
    /// Positions that were let go, whose memory is used again.
    spare: Vec<LatticePosition>,
    /// Units of one class, as far as somebody looked.
    group: Range<usize>,
    /// Up to here tokens were made.
    done: usize,
    /// The tokens of the last stretch, the last first.
    pending: Vec<FoundToken>,
    /// How far the last stretch's best way is from one with a word at these units, while examples are read.
    pub(super) probe: Option<nbest::Probe>,
}

impl<'a> Lattice<'a> {
    /// The walk from where `cursor` is.
    pub(in crate::analysis) fn at(
        parsing: &'a Parsing,
        text: &'a str,
        cursor: &Cursor,
    ) -> Lattice<'a> {
        let right = u16::try_from(cursor.memory).unwrap_or_default();
        let origin = WordOrigin::Unigram;
        let first = LatticePosition {
            arrivals: vec![Arrival { cost: 0, right, from: 0, before: 0, origin }],
            departures: Vec::new(),
        };
        Lattice {
            parsing,
            text,
            units: VecDeque::new(),
            units_base: 0,
            read: cursor.byte,
            positions: VecDeque::from([first]),
            positions_base: 0,
            spare: Vec::new(),
            group: 0..0,
            done: 0,
            pending: Vec::new(),
            probe: None,
        }
    }

    /// The tokens of at least `bytes` bytes, or of the rest; moves `cursor` behind them.
    pub(in crate::analysis) fn tokens(
        mut self,
        cursor: &mut Cursor,
        bytes: usize,
        cancel: &Cancel,
    ) -> Vec<Token> {
        let begin = cursor.byte;
        let mut tokens = Vec::new();
        let mut last = None;
        let mut at = 0;
        loop {
            let goes_on = self.stretch(&mut at, cancel);
            while let Some(found) = self.pending.pop() {
                if last.is_some_and(|last| last != found.from) {
                    cursor.position = cursor.position.saturating_add(1);
                }
                let is_beside = last == Some(found.from);
                last = Some(found.from);
                tokens.push(self.token(found, cursor.position, is_beside));
            }
            if !goes_on || cancel.is_cancelled() {
                break;
            }
            self.forget();
            let byte = self.byte(at);
            if byte - begin >= bytes && at == self.done && self.positions.len() == 1 {
                // All ways meet here: what comes depends only on the connection of the last word.
                let right = self.position(at).and_then(|here| here.arrivals.first());
                cursor.memory = right.map_or(0, |arrival| arrival.right.into());
                cursor.position = cursor.position.saturating_add(u32::from(last.is_some()));
                cursor.byte = byte;
                return tokens;
            }
        }
        cursor.position = cursor.position.saturating_add(u32::from(last.is_some()));
        cursor.byte = self.text.len();
        tokens
    }

    fn token(&self, found: FoundToken, position: u32, is_beside: bool) -> Token {
        let (start, end) = (self.byte(found.from), self.byte(found.from + found.length));
        let surface = self.text.get(start..end).unwrap_or_default();
        let mut token = Token::new(surface, position, start, end, "word");
        if is_beside || self.parsing.nbest_cost > 0 {
            token.position_length = found.position_length.max(1);
        }
        token.morpheme = Some(Arc::new(Morpheme {
            lexicon: Arc::clone(&self.parsing.lexicon),
            user: self.parsing.user.clone(),
            origin: found.origin,
            surface: surface.into(),
        }));
        token
    }

    /// Walks on from `at` until tokens are found; false at the end of the text.
    pub(super) fn stretch(&mut self, at: &mut usize, cancel: &Cancel) -> bool {
        // An unknown word hides those within it, in mode normal.
        let mut unknown_end = 0;
        while let Some(first) = self.unit(*at) {
            if at.is_multiple_of(CANCEL_UNITS) && cancel.is_cancelled() {
                return false;
            }
            self.reserve(*at);
            let is_frontier = self.positions_base + self.positions.len() == *at + 1;
            let count = self.position(*at).map_or(0, |here| here.arrivals.len());
            if count == 0 {
                *at += 1;
                continue;
            }
            if *at > self.done && count == 1 && is_frontier {
                self.take(*at, 0, false, cancel);
                self.settle(*at);
                if !self.pending.is_empty() {
                    return true;
                }
                self.forget();
            }
            if *at - self.done >= GAP {
                *at = self.take_best(*at, cancel);
                if !self.pending.is_empty() {
                    return true;
                }
                self.forget();
                continue;
            }
            let any = self.add_known(*at);
            let is_hidden = self.parsing.mode == Mode::Normal && unknown_end > *at;
            if !is_hidden && (!any || self.parsing.lexicon.characters.is_invoked(first)) {
                unknown_end = self.add_unknown(*at, first);
            }
            *at += 1;
        }
        if *at > self.done {
            self.take_end(*at, cancel);
        }
        false
    }

    /// Makes tokens of the best way to the end of the text.
    fn take_end(&mut self, at: usize, cancel: &Cancel) {
        let lexicon = &self.parsing.lexicon;
        let total = |arrival: &Arrival| arrival.cost + lexicon.connection(arrival.right, 0);
        let least = self.arrivals(at).iter().map(total).enumerate().min_by_key(|(_, cost)| *cost);
        if let Some((index, _)) = least {
            self.take(at, index, true, cancel);
        }
    }

    /// Takes the best of the ways that are open, and lets the others go; where that one ends.
    fn take_best(&mut self, at: usize, cancel: &Cancel) -> usize {
        let ends = self.positions_base + self.positions.len();
        let mut least: Option<(i32, usize, usize)> = None;
        for place in at..ends {
            for (index, arrival) in self.arrivals(place).iter().enumerate() {
                if least.is_none_or(|(cost, ..)| arrival.cost < cost) {
                    least = Some((arrival.cost, place, index));
                }
            }
        }
        let Some((_, best, index)) = least else { return at + 1 };
        if self.parsing.nbest_cost > 0 {
            nbest::take(self, best, false, cancel);
        }
        for place in at..ends {
            let Some(position) = self.position_mut(place) else { continue };
            if place == best {
                position.arrivals.swap(0, index);
                position.arrivals.truncate(1);
            } else {
                position.arrivals.clear();
            }
        }
        self.backtrace(best, 0);
        if self.parsing.nbest_cost > 0 {
            nbest::settle(&mut self.pending);
        }
        self.settle(best);
        best
    }

    /// Makes tokens of the way that arrives at `end` by its arrival `index`.
    fn take(&mut self, end: usize, index: usize, at_end: bool, cancel: &Cancel) {
        if self.parsing.nbest_cost > 0 {
            nbest::take(self, end, at_end, cancel);
        }
        self.backtrace(end, index);
        if self.parsing.nbest_cost > 0 {
            nbest::settle(&mut self.pending);
        }
    }

    /// Costs count from the only way that arrives at `at`.
    fn settle(&mut self, at: usize) {
        for arrival in self.position_mut(at).into_iter().flat_map(|here| &mut here.arrivals) {
            arrival.cost = 0;
        }
    }

    /// Adds the words that begin at `at` and are known; whether there are any.
    fn add_known(&mut self, at: usize) -> bool {
        let (parsing, mut any) = (self.parsing, false);
        if let Some(user) = &parsing.user {
            let (mut candidates, mut end) = (user.candidates(), at);
            while let Some(unit) = self.unit(end)
                && let Some(next) = user.step(candidates, unit)
            {
                (candidates, end) = (next, end + 1);
                if let Some(word) = user.found(candidates) {
                    self.add(at, end, WordOrigin::User(word), false);
                    any = true;
                }
            }
        }
        if any {
            return true;
        }
        // No word begins with half of a pair.
        if self.unit(at).is_none_or(|unit| (0xDC00..0xE000).contains(&unit)) {
            return false;
        }
        let (mut node, mut end) = (Lexicon::root(), at);
        let text = self.text;
        for letter in text.get(self.byte(at)..).unwrap_or_default().chars() {
            let Some(next) = parsing.lexicon.step(node, letter) else { break };
            (node, end) = (next, end + letter.len_utf16());
            let Some(found) = parsing.lexicon.found(node) else { continue };
            for word in found.first..found.first + found.count {
                self.add(at, end, WordOrigin::Known(word), false);
                any = true;
            }
        }
        any
    }

    /// Adds the unknown word that begins at `at` with `first`; where it ends.
    fn add_unknown(&mut self, at: usize, first: u16) -> usize {
        let parsing = self.parsing;
        let characters = &parsing.lexicon.characters;
        let (class, sign) = (characters.class(first), is_punctuation(first));
        let mut end = at + 1;
        if characters.is_grouped(first) {
            end = if self.group.contains(&at) { self.group.end } else { end };
            while end < at + UNKNOWN_MAX
                && let Some(unit) = self.unit(end)
                && characters.class(unit) == class
                && is_punctuation(unit) == sign
            {
                end += 1;
            }
            self.group = at..end;
        }
        for place in 0..parsing.lexicon.unknown(class).len() {
            let place = u8::try_from(place).unwrap_or(u8::MAX);
            self.add(at, end, WordOrigin::Unknown(class, place), false);
        }
        end
    }

    /// Adds a word between two places, behind the best word before it.
    fn add(&mut self, from: usize, to: usize, origin: WordOrigin, is_parted: bool) {
        let (left, right, cost) = self.word(origin);
        let lexicon = &self.parsing.lexicon;
        let total = |arrival: &Arrival| arrival.cost + lexicon.connection(arrival.right, left);
        let least = self.arrivals(from).iter().map(total).enumerate().min_by_key(|(_, cost)| *cost);
        let Some((before, least)) = least else { return };
        let mut cost = least + cost;
        if is_parted && !matches!(origin, WordOrigin::User(_)) {
            cost += self.penalty(from, to - from);
        }
        self.arrive(to, Arrival { cost, right, from, before, origin });
    }

    fn arrive(&mut self, at: usize, arrival: Arrival) {
        self.reserve(at);
        if let Some(position) = self.position_mut(at) {
            position.arrivals.push(arrival);
        }
    }

    /// The connections of a word, and its cost.
    pub(super) fn word(&self, origin: WordOrigin) -> (u16, u16, i32) {
        let lexicon = &self.parsing.lexicon;
        let entry = match origin {
            WordOrigin::User(_) => return (USER_CONNECTION, USER_CONNECTION, USER_COST),
            WordOrigin::Unigram => None,
            WordOrigin::Known(at) => lexicon.entry(at),
            WordOrigin::Unknown(class, at) => lexicon.unknown(class).get(usize::from(at)),
        };
        entry.map_or((0, 0, 0), |entry| (entry.left, entry.right, entry.cost.into()))
    }

    /// What a long word costs more when it might be parted.
    fn penalty(&self, from: usize, length: usize) -> i32 {
        const KANJI_LENGTH: usize = 2;
        const KANJI_PENALTY: i32 = 3000;
        const OTHER_LENGTH: usize = 7;
        const OTHER_PENALTY: i32 = 1700;
        let characters = &self.parsing.lexicon.characters;
        let over =
            |most: usize| i32::try_from(length.saturating_sub(most)).unwrap_or(i32::MAX / 4096);
        if length <= KANJI_LENGTH {
            return 0;
        }
        let mut units = (from..from + length).map(|at| self.kept(at));
        if units.all(|unit| unit.is_some_and(|(unit, _)| characters.is_kanji(unit))) {
            return over(KANJI_LENGTH) * KANJI_PENALTY;
        }
        over(OTHER_LENGTH) * OTHER_PENALTY
    }

    /// Finds the words between two places again, of which long ones cost more now: the second best way.
    fn part(&mut self, start: usize, end: usize, best: usize) {
        for place in (start + 1..=end).rev() {
            let Some(position) = self.position_mut(place) else { continue };
            let arrivals = std::mem::take(&mut position.arrivals);
            for arrival in arrivals.iter().filter(|arrival| arrival.from >= start) {
                if let Some(from) = self.position_mut(arrival.from) {
                    from.departures.push((place, arrival.origin));
                }
            }
        }
        for place in start..end {
            let Some(position) = self.position_mut(place) else { continue };
            let departures = std::mem::take(&mut position.departures);
            if place > start {
                for (to, origin) in departures {
                    self.add(place, to, origin, true);
                }
                continue;
            }
            let Some(arrival) = position.arrivals.get(best).copied() else { continue };
            for (to, origin) in departures {
                let (left, right, cost) = self.word(origin);
                let connection = self.parsing.lexicon.connection(arrival.right, left);
                let cost = arrival.cost + cost + connection + self.penalty(place, to - place);
                self.arrive(to, Arrival { cost, right, from: place, before: best, origin });
            }
        }
    }

    /// Makes tokens of the best way that arrives at `end`, from its last word to its first.
    fn backtrace(&mut self, end: usize, index: usize) {
        let (mut at, mut index) = (end, index);
        let mut compound: Option<FoundToken> = None;
        let mut parts = 0;
        let mut left_of_next: Option<u16> = None;
        while at > self.done {
            let Some(mut arrival) = self.arrivals(at).get(index).copied() else { break };
            let is_user = matches!(arrival.origin, WordOrigin::User(_));
            if self.parsing.mode != Mode::Normal
                && compound.is_none()
                && !is_user
                && let Some(other) = self.second_best(at, arrival, left_of_next)
            {
                let length = at - arrival.from;
                compound = Some(FoundToken {
                    from: arrival.from,
                    length,
                    origin: arrival.origin,
                    position_length: 1,
                });
                arrival = other;
                parts = 0;
            }
            if let Some(mut whole) = compound.filter(|whole| whole.from >= arrival.from) {
                if !self.parsing.discard_compounds && parts > 0 {
                    whole.position_length = parts + 1;
                    self.pending.push(whole);
                }
                compound = None;
            }
            parts += self.push(at, arrival);
            left_of_next = Some(self.word(arrival.origin).0);
            (at, index) = (arrival.from, arrival.before);
        }
        self.done = end;
    }

    /// The way into `at` that is taken in place of a long word, where its parts cost little more.
    fn second_best(
        &mut self,
        at: usize,
        arrival: Arrival,
        left_of_next: Option<u16>,
    ) -> Option<Arrival> {
        let penalty = self.penalty(arrival.from, at - arrival.from);
        if penalty <= 0 {
            return None;
        }
        let parsing = self.parsing;
        let behind =
            |right: u16| left_of_next.map_or(0, |left| parsing.lexicon.connection(right, left));
        let most = arrival.cost + penalty + behind(arrival.right);
        self.part(arrival.from, at, arrival.before);
        let total = |arrival: &Arrival| arrival.cost + behind(arrival.right);
        let other = self.arrivals(at).iter().min_by_key(|arrival| total(arrival)).copied()?;
        (total(&other) <= most && other.from != arrival.from).then_some(other)
    }

    /// Makes tokens of one word; how many.
    fn push(&mut self, at: usize, arrival: Arrival) -> u32 {
        let length = at - arrival.from;
        let before = self.pending.len();
        let token = |from, length, origin| FoundToken { from, length, origin, position_length: 1 };
        match arrival.origin {
            WordOrigin::User(word) => {
                let mut end = at;
                let Some(user) = &self.parsing.user else { return 0 };
                for (segment, length) in user.segments(word).rev() {
                    end = end.saturating_sub(length);
                    self.pending.push(token(end, length, WordOrigin::User(segment)));
                }
            }
            WordOrigin::Unknown(..) if self.parsing.mode == Mode::Extended => {
                let mut end = at;
                while end > arrival.from {
                    let is_low = self
                        .kept(end - 1)
                        .is_some_and(|(unit, _)| (0xDC00..0xE000).contains(&unit));
                    let length = if is_low && end - 1 > arrival.from { 2 } else { 1 };
                    end -= length;
                    if !self.is_discarded(end) {
                        self.pending.push(token(end, length, WordOrigin::Unigram));
                    }
                }
            }
            origin if !self.is_discarded(arrival.from) => {
                self.pending.push(token(arrival.from, length, origin));
            }
            _ => {}
        }
        u32::try_from(self.pending.len() - before).unwrap_or(u32::MAX)
    }

    /// Whether no token begins at `at`, because a sign does.
    pub(super) fn is_discarded(&self, at: usize) -> bool {
        self.parsing.discard_punctuation
            && self.kept(at).is_some_and(|(unit, _)| is_punctuation(unit))
    }

    /// The unit at `at`, which is read if it was not.
    fn unit(&mut self, at: usize) -> Option<u16> {
        while self.units_base + self.units.len() <= at {
            let letter = self.text.get(self.read..)?.chars().next()?;
            let byte = self.read;
            self.units.extend(letter.encode_utf16(&mut [0; 2]).iter().map(|unit| (*unit, byte)));
            self.read += letter.len_utf8();
        }
        self.kept(at).map(|(unit, _)| unit)
    }

    fn kept(&self, at: usize) -> Option<(u16, usize)> {
        self.units.get(at.checked_sub(self.units_base)?).copied()
    }

    /// The byte at which the unit at `at` begins.
    fn byte(&self, at: usize) -> usize {
        self.kept(at).map_or(self.read, |(_, byte)| byte)
    }

    /// Lets go what lies before the last token.
    pub(super) fn forget(&mut self) {
        while self.units_base < self.done && self.units.pop_front().is_some() {
            self.units_base += 1;
        }
        while self.positions_base < self.done
            && let Some(mut position) = self.positions.pop_front()
        {
            position.arrivals.clear();
            self.spare.push(position);
            self.positions_base += 1;
        }
    }

    /// Makes positions up to `at`.
    fn reserve(&mut self, at: usize) {
        while self.positions_base + self.positions.len() <= at {
            self.positions.push_back(self.spare.pop().unwrap_or_default());
        }
    }

    fn position(&self, at: usize) -> Option<&LatticePosition> {
        self.positions.get(at.checked_sub(self.positions_base)?)
    }

    fn position_mut(&mut self, at: usize) -> Option<&mut LatticePosition> {
        self.positions.get_mut(at.checked_sub(self.positions_base)?)
    }

    /// The words that end at `at`.
    pub(super) fn arrivals(&self, at: usize) -> &[Arrival] {
        self.position(at).map_or(&[], |position| &position.arrivals)
    }

    /// Up to where tokens were made, and what the word there connects to.
    pub(super) fn begin(&self) -> (usize, u16) {
        let right = self.arrivals(self.done).first().map_or(0, |arrival| arrival.right);
        (self.done, right)
    }

    pub(super) fn parsing(&self) -> &'a Parsing {
        self.parsing
    }

    pub(super) fn pending(&mut self) -> &mut Vec<FoundToken> {
        &mut self.pending
    }
}
