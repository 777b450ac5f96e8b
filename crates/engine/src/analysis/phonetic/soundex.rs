//! `soundex` and `refined_soundex`: the first letter, and a digit for each sound behind it.

use super::letters;

/// The digits of A to Z.
const CODES: &[u8; 26] = b"01230120022455012623010202";
const REFINED: &[u8; 26] = b"01360240043788015936020505";

fn digit(codes: &[u8; 26], letter: char) -> Option<char> {
    let at = u32::from(letter).checked_sub(u32::from('A'))?;
    codes.get(usize::try_from(at).ok()?).map(|digit| char::from(*digit))
}

/// `Soundex`: four characters; `None` for a word with a letter that no digit stands for.
pub(crate) fn soundex(word: &str) -> Option<String> {
    let letters = letters(word);
    let Some((first, rest)) = letters.split_first() else { return Some(String::new()) };
    let mut code = String::from(*first);
    let (mut length, mut last) = (1, digit(CODES, *first)?);
    for letter in rest {
        if length == 4 {
            break;
        }
        if matches!(letter, 'H' | 'W') {
            continue;
        }
        let own = digit(CODES, *letter)?;
        if own != '0' && own != last {
            code.push(own);
            length += 1;
        }
        last = own;
    }
    code.extend(std::iter::repeat_n('0', 4 - length));
    Some(code)
}

/// `RefinedSoundex`
pub(crate) fn refined_soundex(word: &str) -> String {
    let letters = letters(word);
    let mut code: String = letters.iter().take(1).collect();
    let mut last = Some('*');
    for letter in letters {
        let own = digit(REFINED, letter);
        if own != last {
            code.extend(own);
        }
        last = own;
    }
    code
}
