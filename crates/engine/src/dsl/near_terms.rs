//! Which terms of a dictionary are near a word: an automaton that the dictionary is walked with, so that of a million
//! terms only those are met that begin as a near one could. As Lucene's `FuzzyTermsEnum` does it.

use std::sync::LazyLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use tantivy_fst::Automaton;

/// Longest word, in characters, that an automaton is made for: its size grows with the word, a kilobyte a state.
const CHARACTERS_MAX: usize = 64;

/// One builder for each number of edits, without and with transpositions; making one takes longer than asking it.
static BUILDERS: [[LazyLock<LevenshteinAutomatonBuilder>; 2]; 3] = [
    [LazyLock::new(|| builder(0, false)), LazyLock::new(|| builder(0, true))],
    [LazyLock::new(|| builder(1, false)), LazyLock::new(|| builder(1, true))],
    [LazyLock::new(|| builder(2, false)), LazyLock::new(|| builder(2, true))],
];

fn builder(edits: u8, transpositions: bool) -> LevenshteinAutomatonBuilder {
    LevenshteinAutomatonBuilder::new(edits, transpositions)
}

/// Accepts what is at most so many edits from a word; everything, where no automaton is made for the word.
pub(super) struct NearTerms(Option<DFA>);

impl NearTerms {
    /// The automaton of `word`: at most `edits` insertions, deletions and replacements of a character, with
    /// `transpositions` also exchanges of two neighbours.
    pub(super) fn new(word: &[char], edits: usize, transpositions: bool) -> NearTerms {
        let builder =
            BUILDERS.get(edits).map(|[plain, swaps]| if transpositions { swaps } else { plain });
        let short = builder.filter(|_| word.len() <= CHARACTERS_MAX);
        NearTerms(short.map(|builder| builder.build_dfa(&word.iter().collect::<String>())))
    }
}

impl Automaton for NearTerms {
    type State = u32;

    fn start(&self) -> u32 {
        self.0.as_ref().map_or(SINK_STATE, DFA::initial_state)
    }

    fn is_match(&self, state: &u32) -> bool {
        self.0.as_ref().is_none_or(|dfa| matches!(dfa.distance(*state), Distance::Exact(_)))
    }

    fn can_match(&self, state: &u32) -> bool {
        self.0.is_none() || *state != SINK_STATE
    }

    fn accept(&self, state: &u32, byte: u8) -> u32 {
        self.0.as_ref().map_or(SINK_STATE, |dfa| dfa.transition(*state, byte))
    }
}
