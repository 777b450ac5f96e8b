//! Classes of characters, by which words are made that the dictionary does not have. Source: MeCab's `char.bin`, as Lucene's
//! `CharacterDefinition` reads `char.def`.

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

use super::lexicon::u32_at;

/// The class of each UTF-16 unit.
#[derive(Debug)]
pub(in crate::analysis) struct CharacterClasses {
    classes: Vec<u8>,
    /// Of each class.
    rules: Vec<ClassRule>,
    /// The class of what has none.
    default: u8,
}

#[derive(Clone, Copy, Debug, Default)]
struct ClassRule {
    /// Unknown words of it are looked for where the dictionary has words, too.
    invoke: bool,
    /// Its characters beside each other are one unknown word.
    group: bool,
    kanji: bool,
}

/// Bytes of a class's name in the file.
const NAME: usize = 32;

impl CharacterClasses {
    /// The classes of a file, and their names.
    pub(super) fn read(bytes: &[u8]) -> Option<(CharacterClasses, Vec<String>)> {
        let count = u32_at(bytes, 0)? as usize;
        let (names, rows) = bytes.get(4..)?.split_at_checked(count.checked_mul(NAME)?)?;
        let names: Vec<String> = names
            .chunks_exact(NAME)
            .map(|name| {
                name.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
            })
            .collect();
        let place = |wanted: &str| {
            let at = names.iter().position(|name| name == wanted)?;
            u8::try_from(at).ok()
        };
        let (default, symbol) = (place("DEFAULT")?, place("SYMBOL"));
        let mut rules = vec![ClassRule::default(); names.len()];
        let mut classes = Vec::with_capacity(rows.len() / 4);
        for unit in 0..rows.len() / 4 {
            let row = u32_at(rows, unit)?;
            let mut class = u8::try_from(row >> 18 & 0xFF).ok()?;
            if unit != MIDDLE_DOT {
                let rule = rules.get_mut(usize::from(class))?;
                (rule.group, rule.invoke) = (row >> 30 & 1 == 1, row >> 31 == 1);
            } else if let Some(symbol) = symbol {
                // Lucene takes the middle dot out of Katakana, which it parts.
                class = symbol;
            }
            classes.push(class);
        }
        for (name, rule) in names.iter().zip(&mut rules) {
            rule.kanji = matches!(name.as_str(), "KANJI" | "KANJINUMERIC");
        }
        Some((CharacterClasses { classes, rules, default }, names))
    }

    pub(super) fn class(&self, unit: u16) -> u8 {
        self.classes.get(usize::from(unit)).copied().unwrap_or(self.default)
    }

    fn rule(&self, unit: u16) -> ClassRule {
        self.rules.get(usize::from(self.class(unit))).copied().unwrap_or_default()
    }

    pub(super) fn is_invoked(&self, unit: u16) -> bool {
        self.rule(unit).invoke
    }

    pub(super) fn is_grouped(&self, unit: u16) -> bool {
        self.rule(unit).group
    }

    pub(super) fn is_kanji(&self, unit: u16) -> bool {
        self.rule(unit).kanji
    }
}

/// `・`, between words in Katakana.
const MIDDLE_DOT: usize = 0x30FB;

/// Whether Lucene takes a unit for a sign between words: spaces, controls, signs of punctuation and symbols.
pub(super) fn is_punctuation(unit: u16) -> bool {
    const SIGNS: GeneralCategoryGroup = GeneralCategoryGroup::Separator
        .union(GeneralCategoryGroup::Punctuation)
        .union(GeneralCategoryGroup::Symbol)
        .union(GeneralCategoryGroup::Control)
        .union(GeneralCategoryGroup::Format);
    // Half of a pair is none of these.
    let Some(letter) = char::from_u32(unit.into()) else { return false };
    SIGNS.contains(CodePointMapData::<GeneralCategory>::new().get(letter))
}
