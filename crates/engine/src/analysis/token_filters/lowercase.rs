//! `lowercase`, also as Greek, Irish and Turkish do it.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenChange, TokenFilter};
use crate::analysis::text_filter::TextFilter;
use crate::analysis::token::{lower, lower_character};
use crate::exception::Exception;

#[derive(Debug)]
pub(in crate::analysis) struct Lowercase;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["language"])?;
    Ok(match settings.text("language") {
        None => Arc::new(Lowercase),
        Some("greek") => Arc::new(TextFilter::Characters(greek)),
        Some("irish") => Arc::new(TextFilter::Characters(irish)),
        Some("turkish") => Arc::new(TextFilter::Characters(turkish)),
        Some(other) => {
            let reason = format!("language [{other}] not support for lower case");
            return Err(Exception::illegal_argument(reason));
        }
    })
}

impl TokenFilter for Lowercase {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }

    fn is_normalizing(&self) -> bool {
        true
    }
}

impl TokenChange for Lowercase {
    fn change(&self, token: &mut Token) -> bool {
        if token.text.is_ascii() {
            token.text.make_ascii_lowercase();
        } else {
            token.text = lower(&token.text);
        }
        true
    }
}

/// Greek: without accents, and with one sigma.
pub(in crate::analysis) fn greek(letters: &mut Vec<char>) {
    for letter in letters {
        *letter = match *letter {
            'ς' => 'σ',
            'Ά' | 'ά' => 'α',
            'Έ' | 'έ' => 'ε',
            'Ή' | 'ή' => 'η',
            'Ί' | 'Ϊ' | 'ί' | 'ϊ' | 'ΐ' => 'ι',
            'Ύ' | 'Ϋ' | 'ύ' | 'ϋ' | 'ΰ' => 'υ',
            'Ό' | 'ό' => 'ο',
            'Ώ' | 'ώ' => 'ω',
            '\u{3A2}' => 'ς',
            other => lower_character(other),
        };
    }
}

/// Irish: a hyphen behind the `n` or `t` that a vowel bears before it (`nAthair`).
pub(in crate::analysis) fn irish(letters: &mut Vec<char>) {
    let mutated = matches!(letters.first(), Some('n' | 't'))
        && letters.get(1).is_some_and(|letter| "AEIOUÁÉÍÓÚ".contains(*letter));
    if mutated {
        letters.insert(1, '-');
    }
    letters.iter_mut().for_each(|letter| *letter = lower_character(*letter));
}

/// Turkish: `ı` for `I`, `i` for `İ`.
pub(in crate::analysis) fn turkish(letters: &mut Vec<char>) {
    let mut made: Vec<char> = Vec::with_capacity(letters.len());
    let mut rest = letters.iter().copied().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            'I' if rest.peek() == Some(&'\u{307}') => {
                rest.next();
                made.push('i');
            }
            'I' => made.push('ı'),
            other => made.push(lower_character(other)),
        }
    }
    *letters = made;
}
