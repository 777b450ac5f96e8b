//! What words sound like: the codes of the token filter `phonetic`. Each takes a word as it came and gives its code, empty where
//! there is nothing to code.
//!
//! Source: the classes of Apache Commons Codec 1.16 (`org.apache.commons.codec.language`), as OpenSearch 2.19 has them.

mod caverphone;
mod cologne;
mod daitch_mokotoff;
mod double_metaphone;
mod metaphone;
mod nysiis;
mod soundex;

pub(super) use caverphone::{caverphone_1, caverphone_2};
pub(super) use cologne::cologne;
pub(super) use daitch_mokotoff::daitch_mokotoff;
pub(super) use double_metaphone::double_metaphone;
pub(super) use metaphone::metaphone;
pub(super) use nysiis::nysiis;
pub(super) use soundex::{refined_soundex, soundex};

/// The letters of a word, as capitals.
fn letters(word: &str) -> Vec<char> {
    word.chars().filter(|letter| letter.is_alphabetic()).flat_map(char::to_uppercase).collect()
}

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'A' | 'E' | 'I' | 'O' | 'U')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A word and what Commons Codec 1.16.1 makes of it.
    const CODED: &str = include_str!("codes.txt");

    /// What codes a word.
    type Code = fn(&str) -> String;

    #[test]
    fn words_have_the_codes_that_commons_codec_gives_them() {
        let columns: [(&str, Code); 9] = [
            ("metaphone", metaphone),
            ("soundex", |word| soundex(word).unwrap_or("!".to_owned())),
            ("refined_soundex", refined_soundex),
            ("caverphone1", caverphone_1),
            ("caverphone2", caverphone_2),
            ("cologne", cologne),
            ("nysiis", nysiis),
            ("double_metaphone", |word| both(word).0),
            ("the other of double_metaphone", |word| both(word).1),
        ];
        fn both(word: &str) -> (String, String) {
            double_metaphone(word, 4).into()
        }
        let mut wrong = Vec::new();
        for line in CODED.lines() {
            let mut cells = line.split('\t');
            let word = cells.next().unwrap();
            for ((name, code), theirs) in columns.iter().zip(cells) {
                let ours = code(word);
                if ours != theirs {
                    wrong.push(format!("{name} of {word}: {ours}, theirs {theirs}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
        assert!(CODED.lines().count() > 500);
    }
}
