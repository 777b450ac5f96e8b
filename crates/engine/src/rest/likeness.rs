//! Names that nobody knows, and those that were meant.

use strsim::levenshtein;

use crate::exception::Exception;
use crate::limits::LIKENESS_BYTES_MAX;

/// The refusal of `name`, a `noun` (`metric`, `parameter`) that is none of those that are `known`.
pub(crate) fn unrecognized<'k>(
    path: &str,
    noun: &str,
    name: &str,
    known: impl Iterator<Item = &'k str>,
) -> Exception {
    unrecognized_list(path, noun, &suggested(name, most_alike(name, known)))
}

pub(super) fn unrecognized_list(path: &str, noun: &str, list: &str) -> Exception {
    let reason = format!("request [{path}] contains unrecognized {noun}: {list}");
    Exception::illegal_argument(reason)
}

pub(super) fn suggested(name: &str, known: Option<&str>) -> String {
    match known {
        Some(known) => format!("[{name}] -> did you mean [{known}]?"),
        None => format!("[{name}]"),
    }
}

pub(super) fn most_alike<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    if name.len() > LIKENESS_BYTES_MAX {
        return None;
    }
    let close = |known: &&str| is_alike(name, known);
    known.filter(close).min_by_key(|known| levenshtein(name, known))
}

fn is_alike(name: &str, known: &str) -> bool {
    levenshtein(name, known) * 2 < name.len().max(known.len())
}

/// What is added to the refusal of `name`, where some of the `known` names are alike: the most alike first.
/// (`SuggestingErrorOnUnknown`.)
pub(crate) fn did_you_mean<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> String {
    if name.len() > LIKENESS_BYTES_MAX {
        return String::new();
    }
    let share = |known: &str| levenshtein(name, known) as f32 / name.len().max(known.len()) as f32;
    let mut near: Vec<&str> = known.filter(|known| is_alike(name, known)).collect();
    near.sort_by(|a, b| share(a).total_cmp(&share(b)).then_with(|| a.cmp(b)));
    match near.as_slice() {
        [] => String::new(),
        [one] => format!(" did you mean [{one}]?"),
        many => format!(" did you mean any of [{}]?", many.join(", ")),
    }
}
