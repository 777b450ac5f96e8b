//! `daitch_mokotoff`, for names of Jews of Eastern Europe: codes of six digits, several for a word that may be read in several
//! ways.
//!
//! Source: Randy Daitch and Gary Mokotoff, "Soundexing and genealogy" (Avotaynu); Romanian and Polish letters as Commons Codec's
//! `DaitchMokotoffSoundex` has them.

use std::collections::HashSet;

use crate::work::Cancel;

/// Digits of a code.
const DIGITS: usize = 6;

/// The codes of a word, in order; of its beginning alone once `cancel` is set. A word without letters has the code of zeros.
pub(crate) fn daitch_mokotoff(word: &str, cancel: &Cancel) -> Vec<String> {
    let letters: Vec<char> = word
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .map(|letter| unaccented(crate::analysis::token::lower_character(letter)))
        .collect();
    let mut codes = vec![Code::default()];
    let (mut at, mut before) = (0, None);
    while let Some(letter) = letters.get(at).copied() {
        // What comes behind full codes changes none.
        if cancel.is_cancelled() || codes.iter().all(|code| code.digits.len() == DIGITS) {
            break;
        }
        let rest = letters.get(at..).unwrap_or_default();
        let fits = |rule: &&SoundRule| {
            let pattern = rule.0.chars();
            pattern.clone().count() <= rest.len()
                && pattern.eq(rest.iter().copied().take(rule.0.chars().count()))
        };
        let Some((pattern, at_start, before_vowel, otherwise)) = RULES.iter().find(fits) else {
            at += 1;
            continue;
        };
        let length = pattern.chars().count();
        let is_vowel = matches!(rest.get(length), Some('a' | 'e' | 'i' | 'o' | 'u'));
        let digits = match before {
            None => at_start,
            Some(_) if is_vowel => before_vowel,
            Some(_) => otherwise,
        };
        // `m` and `n` are told apart though they have the same digit.
        let forced = matches!((before, letter), (Some('m'), 'n') | (Some('n'), 'm'));
        let (mut next, mut known) = (Vec::new(), HashSet::new());
        for code in &codes {
            for way in digits.split('|') {
                let code = code.and(way, forced);
                if known.insert(code.digits.clone()) {
                    next.push(code);
                }
            }
        }
        codes = next;
        before = Some(letter);
        at += length;
    }
    codes.into_iter().map(|code| format!("{:0<DIGITS$}", code.digits)).collect()
}

/// A code being written.
#[derive(Clone, Default)]
struct Code {
    digits: String,
    last: Option<&'static str>,
}

impl Code {
    /// With the digits of the next sound, unless the last sound has them, too.
    fn and(&self, digits: &'static str, forced: bool) -> Code {
        let mut code = Code { digits: self.digits.clone(), last: Some(digits) };
        let repeated = self.last.is_some_and(|last| last.ends_with(digits));
        if (!repeated || forced) && code.digits.len() < DIGITS {
            code.digits.push_str(digits);
            code.digits.truncate(DIGITS);
        }
        code
    }
}

fn unaccented(letter: char) -> char {
    match letter {
        'ß' | 'ś' => 's',
        'à'..='æ' => 'a',
        'ç' | 'ć' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ð' => 'd',
        'ñ' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='û' => 'u',
        'ý' | 'ÿ' => 'y',
        'þ' => 'b',
        'ł' => 'l',
        'ż' | 'ź' => 'z',
        other => other,
    }
}

/// Letters, and their digits at the beginning of a word, before a vowel, and elsewhere; `|` between those of several ways to
/// read them.
type SoundRule = (&'static str, &'static str, &'static str, &'static str);

/// The longest first.
const RULES: &[SoundRule] = &[
    ("schtsch", "2", "4", "4"),
    ("schtsh", "2", "4", "4"),
    ("schtch", "2", "4", "4"),
    ("shtch", "2", "4", "4"),
    ("shtsh", "2", "4", "4"),
    ("stsch", "2", "4", "4"),
    ("ttsch", "4", "4", "4"),
    ("zhdzh", "2", "4", "4"),
    ("shch", "2", "4", "4"),
    ("scht", "2", "43", "43"),
    ("schd", "2", "43", "43"),
    ("stch", "2", "4", "4"),
    ("strz", "2", "4", "4"),
    ("strs", "2", "4", "4"),
    ("stsh", "2", "4", "4"),
    ("szcz", "2", "4", "4"),
    ("szcs", "2", "4", "4"),
    ("ttch", "4", "4", "4"),
    ("tsch", "4", "4", "4"),
    ("ttsz", "4", "4", "4"),
    ("zdzh", "2", "4", "4"),
    ("zsch", "4", "4", "4"),
    ("chs", "5", "54", "54"),
    ("csz", "4", "4", "4"),
    ("czs", "4", "4", "4"),
    ("drz", "4", "4", "4"),
    ("drs", "4", "4", "4"),
    ("dsh", "4", "4", "4"),
    ("dsz", "4", "4", "4"),
    ("dzh", "4", "4", "4"),
    ("dzs", "4", "4", "4"),
    ("sch", "4", "4", "4"),
    ("sht", "2", "43", "43"),
    ("szt", "2", "43", "43"),
    ("shd", "2", "43", "43"),
    ("szd", "2", "43", "43"),
    ("tch", "4", "4", "4"),
    ("trz", "4", "4", "4"),
    ("trs", "4", "4", "4"),
    ("tsh", "4", "4", "4"),
    ("tts", "4", "4", "4"),
    ("ttz", "4", "4", "4"),
    ("tzs", "4", "4", "4"),
    ("tsz", "4", "4", "4"),
    ("zdz", "2", "4", "4"),
    ("zhd", "2", "43", "43"),
    ("zsh", "4", "4", "4"),
    ("ai", "0", "1", ""),
    ("aj", "0", "1", ""),
    ("ay", "0", "1", ""),
    ("au", "0", "7", ""),
    ("cz", "4", "4", "4"),
    ("cs", "4", "4", "4"),
    ("ds", "4", "4", "4"),
    ("dz", "4", "4", "4"),
    ("dt", "3", "3", "3"),
    ("ei", "0", "1", ""),
    ("ej", "0", "1", ""),
    ("ey", "0", "1", ""),
    ("eu", "1", "1", ""),
    ("fb", "7", "7", "7"),
    ("ia", "1", "", ""),
    ("ie", "1", "", ""),
    ("io", "1", "", ""),
    ("iu", "1", "", ""),
    ("ks", "5", "54", "54"),
    ("kh", "5", "5", "5"),
    ("mn", "66", "66", "66"),
    ("nm", "66", "66", "66"),
    ("oi", "0", "1", ""),
    ("oj", "0", "1", ""),
    ("oy", "0", "1", ""),
    ("pf", "7", "7", "7"),
    ("ph", "7", "7", "7"),
    ("sh", "4", "4", "4"),
    ("sc", "2", "4", "4"),
    ("st", "2", "43", "43"),
    ("sd", "2", "43", "43"),
    ("sz", "4", "4", "4"),
    ("th", "3", "3", "3"),
    ("ts", "4", "4", "4"),
    ("tc", "4", "4", "4"),
    ("tz", "4", "4", "4"),
    ("ui", "0", "1", ""),
    ("uj", "0", "1", ""),
    ("uy", "0", "1", ""),
    ("ue", "0", "1", ""),
    ("zd", "2", "43", "43"),
    ("zh", "4", "4", "4"),
    ("zs", "4", "4", "4"),
    ("ch", "4|5", "4|5", "4|5"),
    ("ck", "5|45", "5|45", "5|45"),
    ("rs", "4|94", "4|94", "4|94"),
    ("rz", "4|94", "4|94", "4|94"),
    ("a", "0", "", ""),
    ("e", "0", "", ""),
    ("i", "0", "", ""),
    ("o", "0", "", ""),
    ("u", "0", "", ""),
    ("b", "7", "7", "7"),
    ("d", "3", "3", "3"),
    ("f", "7", "7", "7"),
    ("g", "5", "5", "5"),
    ("h", "5", "5", ""),
    ("k", "5", "5", "5"),
    ("l", "8", "8", "8"),
    ("m", "6", "6", "6"),
    ("n", "6", "6", "6"),
    ("p", "7", "7", "7"),
    ("q", "5", "5", "5"),
    ("r", "9", "9", "9"),
    ("s", "4", "4", "4"),
    ("t", "3", "3", "3"),
    ("v", "7", "7", "7"),
    ("w", "7", "7", "7"),
    ("x", "5", "54", "54"),
    ("y", "1", "", ""),
    ("z", "4", "4", "4"),
    ("ţ", "3|4", "3|4", "3|4"),
    ("ț", "3|4", "3|4", "3|4"),
    ("ę", "", "", "|6"),
    ("ą", "", "", "|6"),
    ("c", "4|5", "4|5", "4|5"),
    ("j", "1|4", "|4", "|4"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_codes_that_commons_codec_gives_them() {
        for (name, codes) in [
            ("AUERBACH", "097400|097500"),
            ("Müller-Lüdenscheidt", "689836"),
            ("ţęą", "300000|360000|400000|460000"),
            ("García Márquez", "594695|595695"),
            ("Lipshitz", "874400"),
            ("LEWINSKY", "876450"),
            ("Rosenberg", "946795"),
            ("Ceniow", "467000|567000"),
            ("Szlamawicz", "486740"),
            ("O'Brien", "079600"),
            (
                "Jackson-Jackson",
                "154654|154645|154644|145465|145464|454654|454645|454644|445465|445464",
            ),
            ("mn", "660000"),
            ("12", "000000"),
        ] {
            assert_eq!(daitch_mokotoff(name, &Cancel::new()).join("|"), codes, "{name}");
        }
    }

    #[test]
    fn of_a_long_word_no_more_is_read_than_its_codes_need_or_than_there_is_time_for() {
        assert_eq!(daitch_mokotoff(&"kar".repeat(100_000), &Cancel::new()), ["595959"]);
        let cancel = Cancel::new();
        cancel.cancel();
        assert_eq!(daitch_mokotoff(&"ąj".repeat(1_000_000), &cancel), ["000000"]);
    }
}
