//! Letters of a script that are written in several ways, as one. Source: the normalization filters of Lucene 8, each
//! compared with them on random words.

mod arabic;
mod bengali;
mod cjk_width;
mod decimal_digit;
mod german;
mod hindi;
mod indic;
mod persian;
mod scandinavian;
mod serbian;
mod sorani;

pub(super) use arabic::arabic;
pub(super) use bengali::bengali;
pub(super) use cjk_width::cjk_width;
pub(super) use decimal_digit::decimal_digit;
pub(super) use german::german;
pub(super) use hindi::hindi;
pub(super) use indic::indic;
pub(super) use persian::persian;
pub(super) use scandinavian::{scandinavian, scandinavian_folding};
pub(super) use serbian::serbian;
pub(super) use sorani::sorani;

/// Puts for each letter what `change` says: `None` takes it away.
fn map(letters: &mut Vec<char>, change: impl Fn(char) -> Option<char>) {
    let changed = letters.iter().filter_map(|letter| change(*letter)).collect();
    *letters = changed;
}
