//! Bengali. Source: Rafi Kamal, "A light weight stemmer for Bengali and its use in spelling checker" (Islam and others), with
//! the endings of Lucene 8.

use super::{cut, ends};

/// Endings by length, the longest first; a word is longer by two letters at least.
const ENDINGS: &[&[&str]] = &[
    &["িয়াছিলাম", "িতেছিলাম", "িতেছিলেন", "ইতেছিলেন", "িয়াছিলেন", "ইয়াছিলেন"],
    &["িতেছিলি", "িতেছিলে", "িয়াছিলা", "িয়াছিলে", "িতেছিলা", "িয়াছিলি", "য়েদেরকে"],
    &["িতেছিস", "িতেছেন", "িয়াছিস", "িয়াছেন", "েছিলাম", "েছিলেন", "েদেরকে"],
    &[
        "িতেছি",
        "িতেছা",
        "িতেছে",
        "ছিলাম",
        "ছিলেন",
        "িয়াছি",
        "িয়াছা",
        "িয়াছে",
        "েছিলে",
        "েছিলা",
        "য়েদের",
        "দেরকে",
    ],
    &[
        "িলাম",
        "িলেন",
        "িতাম",
        "িতেন",
        "িবেন",
        "ছিলি",
        "ছিলে",
        "ছিলা",
        "তেছে",
        "িতেছ",
        "খানা",
        "খানি",
        "গুলো",
        "গুলি",
        "য়েরা",
        "েদের",
    ],
    &[
        "লাম",
        "িলি",
        "ইলি",
        "িলে",
        "ইলে",
        "লেন",
        "িলা",
        "ইলা",
        "তাম",
        "িতি",
        "ইতি",
        "িতে",
        "ইতে",
        "তেন",
        "িতা",
        "িবা",
        "ইবা",
        "িবি",
        "ইবি",
        "বেন",
        "িবে",
        "ইবে",
        "ছেন",
        "য়োন",
        "য়ের",
        "েরা",
        "দের",
    ],
    &[
        "িস", "েন", "লি", "লে", "লা", "তি", "তে", "তা", "বি", "বে", "বা", "ছি", "ছা", "ছে", "ুন", "ুক",
        "টা", "টি", "নি", "ের", "রা", "কে",
    ],
    &["ি", "ী", "া", "ো", "ে", "ব", "ত"],
];

/// Without the longest ending of verb, number and case.
pub(in crate::analysis) fn bengali(letters: &mut Vec<char>) {
    let longest = ENDINGS
        .iter()
        .flat_map(|endings| endings.iter())
        .find(|ending| letters.len() > ending.chars().count() + 1 && ends(letters, ending));
    if let Some(ending) = longest {
        cut(letters, ending.chars().count());
    }
}
