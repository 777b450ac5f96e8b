//! Russian. Source: Dolamic and Savoy, "Indexing and searching strategies for the Russian language" (light).

use super::{ends, strip};

/// Without case.
pub(in crate::analysis) fn russian_light(letters: &mut Vec<char>) {
    let _ = strip(letters, 6, &["иями", "оями"])
        || strip(
            letters,
            5,
            &[
                "иям", "иях", "оях", "ями", "оям", "оьв", "ами", "его", "ему", "ери", "ими", "ого",
                "ому", "ыми", "оев",
            ],
        )
        || strip(
            letters,
            4,
            &[
                "ая", "яя", "ях", "юю", "ах", "ею", "их", "ия", "ию", "ьв", "ою", "ую", "ям", "ых",
                "ея", "ам", "ем", "ей", "ём", "ев", "ий", "им", "ое", "ой", "ом", "ов", "ые", "ый",
                "ым", "ми",
            ],
        )
        || strip(letters, 3, &["а", "е", "и", "о", "у", "й", "ы", "я", "ь"]);
    if !strip(letters, 3, &["ь", "и"]) && ends(letters, "нн") {
        strip(letters, 3, &["н"]);
    }
}
