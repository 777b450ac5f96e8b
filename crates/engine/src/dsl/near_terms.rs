//! Which terms of a dictionary are near a word: an automaton that the dictionary is walked with, so that of a million
//! terms only those are met that begin as a near one could. As Lucene's `FuzzyTermsEnum` does it.
//!
//! The automaton is not made beforehand: a state is the set of places in the word that a text may have led to, a bit each, and a
//! letter moves all of them at once (Wu and Manber, "Fast text searching allowing errors", 1992; with exchanges as Hyyrö adds them, "A
//! bit-vector algorithm for computing Levenshtein and Damerau edit distances", 2003).

use tantivy_fst::Automaton;

/// Longest word, in characters, that an automaton is made for: as many places as bits, the one before the first letter counted.
const CHARACTERS_MAX: usize = 63;

/// Most edits that it knows.
const EDITS_MAX: usize = 2;

/// Accepts what is at most so many edits from a word; everything, where no automaton is made for the word.
pub(super) struct NearTerms(Option<NearWord>);

struct NearWord {
    /// By letter of ASCII, at which places it stands in the word.
    ascii: Box<[u64; 128]>,
    /// The same of other letters.
    others: Vec<(char, u64)>,
    /// A bit for each place, and for the end.
    places: u64,
    end: u64,
    edits: usize,
    transpositions: bool,
}

/// What a text has led to.
#[derive(Clone, Copy)]
pub(super) struct NearState {
    /// By number of edits, the places that it may have led to with at most as many.
    reached: [u64; EDITS_MAX + 1],
    /// By number of edits but one, the places that an exchange leads on from if the letter there comes next.
    exchanged: [u64; EDITS_MAX],
    /// The bits of a letter of which bytes are missing, and how many.
    letter: u32,
    missing: u8,
}

impl NearTerms {
    /// The automaton of `word`: at most `edits` insertions, deletions and replacements of a character, with
    /// `transpositions` also exchanges of two neighbours.
    pub(super) fn new(word: &[char], edits: usize, transpositions: bool) -> NearTerms {
        if word.len() > CHARACTERS_MAX || edits > EDITS_MAX {
            return NearTerms(None);
        }
        let (mut ascii, mut others): (Box<[u64; 128]>, Vec<(char, u64)>) =
            (Box::new([0; 128]), Vec::new());
        for (place, letter) in word.iter().enumerate() {
            let bit = 1 << place;
            if let Some(places) = ascii.get_mut(*letter as usize) {
                *places |= bit;
            } else if let Some((_, places)) = others.iter_mut().find(|(known, _)| known == letter) {
                *places |= bit;
            } else {
                others.push((*letter, bit));
            }
        }
        let end = 1 << word.len();
        let places = end | (end - 1);
        NearTerms(Some(NearWord { ascii, others, places, end, edits, transpositions }))
    }

    /// How many edits `text` is away, if it is near; `None` where no automaton is made for the word.
    pub(super) fn distance(&self, text: &str) -> Option<Option<usize>> {
        let word = self.0.as_ref()?;
        let step = |state, letter: char| word.step(&state, letter.into());
        let NearState { reached, .. } = text.chars().fold(self.start(), step);
        let fewest = reached.iter().take(word.edits + 1).position(|places| places & word.end != 0);
        Some(fewest)
    }
}

impl NearWord {
    /// At which places of the word the letter stands.
    #[inline]
    fn places_of(&self, letter: u32) -> u64 {
        match self.ascii.get(letter as usize) {
            Some(places) => *places,
            None => {
                let known = self.others.iter().find(|(known, _)| *known as u32 == letter);
                known.map_or(0, |(_, places)| *places)
            }
        }
    }

    /// Where the letter leads to.
    #[inline]
    fn step(&self, state: &NearState, letter: u32) -> NearState {
        let here = self.places_of(letter);
        let mut next = NearState { letter: 0, missing: 0, ..NearState::NOWHERE };
        // With one edit less, before and after the letter.
        let (mut before, mut after) = (0, 0);
        for edits in 0..=self.edits.min(EDITS_MAX) {
            let Some(reached) = state.reached.get(edits) else { break };
            let mut places = (reached & here) << 1;
            if edits > 0 {
                // The letter is one too many, stands for another, or one of the word is missing before the next.
                places |= before | before << 1 | after << 1;
                let exchanged = state.exchanged.get(edits - 1).copied().unwrap_or_default();
                places |= (exchanged & here) << 2;
                if self.transpositions
                    && let Some(next) = next.exchanged.get_mut(edits - 1)
                {
                    *next = before & (here >> 1);
                }
            }
            places &= self.places;
            (before, after) = (*reached, places);
            if let Some(next) = next.reached.get_mut(edits) {
                *next = places;
            }
        }
        next
    }
}

impl NearState {
    const NOWHERE: NearState =
        NearState { reached: [0; EDITS_MAX + 1], exchanged: [0; EDITS_MAX], letter: 0, missing: 0 };

    /// The places reached with the most edits, or about to be.
    fn places(&self) -> u64 {
        let all = self.reached.iter().chain(&self.exchanged);
        all.fold(0, |all, places| all | places)
    }
}

impl Automaton for NearTerms {
    type State = NearState;

    fn start(&self) -> NearState {
        let mut start = NearState::NOWHERE;
        if let Some(word) = &self.0 {
            // So many letters of the word may be missing.
            for (edits, places) in start.reached.iter_mut().enumerate().take(word.edits + 1) {
                *places = ((2 << edits) - 1) & word.places;
            }
        }
        start
    }

    fn is_match(&self, state: &NearState) -> bool {
        let reached = |word: &NearWord| state.reached.get(word.edits).copied().unwrap_or_default();
        self.0.as_ref().is_none_or(|word| state.missing == 0 && reached(word) & word.end != 0)
    }

    fn can_match(&self, state: &NearState) -> bool {
        self.0.is_none() || state.places() != 0
    }

    fn accept(&self, state: &NearState, byte: u8) -> NearState {
        let Some(word) = &self.0 else { return *state };
        // As UTF-8 has it: the first byte says how many follow, which have six bits each.
        let (letter, missing) = match (state.missing, byte) {
            (0, 0xc0..=0xdf) => (u32::from(byte & 0x1f), 1),
            (0, 0xe0..=0xef) => (u32::from(byte & 0x0f), 2),
            (0, 0xf0..=0xff) => (u32::from(byte & 0x07), 3),
            (0, _) => return word.step(state, u32::from(byte)),
            (missing, _) => (state.letter << 6 | u32::from(byte & 0x3f), missing - 1),
        };
        match missing {
            0 => word.step(state, letter),
            _ => NearState { letter, missing, ..*state },
        }
    }
}
