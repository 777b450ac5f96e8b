//! Names and patterns of templates: which are allowed, and which patterns meet.

use serde_json::Value;

use super::super::registries::{Registries, Registry};
use super::{invalid, patterns_of};
use crate::exception::Exception;
use crate::limits::{INDEX_NAME_BYTES_MAX, TEMPLATE_PATTERNS_MAX};
use crate::work::Work;

/// Refuses a name or patterns that no template may have, with `more` faults of its settings.
///
/// # Errors
/// `invalid_index_template_exception` with every fault.
pub(crate) fn checked_name(
    name: &str,
    patterns: &[String],
    hidden: bool,
    more: Vec<String>,
) -> Result<(), Exception> {
    let mut faults = Vec::new();
    for (letter, what) in [(' ', "a space"), (',', "a ','"), ('#', "a '#'"), ('*', "a '*'")] {
        if name.contains(letter) {
            faults.push(format!("name must not contain {what}"));
        }
    }
    if name.starts_with('_') {
        faults.push("name must not start with '_'".to_owned());
    }
    if name.chars().any(char::is_uppercase) {
        faults.push("name must be lower cased".to_owned());
    }
    if patterns.len() > TEMPLATE_PATTERNS_MAX {
        faults.push(format!("more than {TEMPLATE_PATTERNS_MAX} index_patterns"));
    }
    patterns.iter().take(TEMPLATE_PATTERNS_MAX).for_each(|pattern| check(pattern, &mut faults));
    faults.extend(more);
    if hidden && patterns.iter().any(|pattern| pattern == "*") {
        faults.push("global templates may not specify the setting index.hidden".to_owned());
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(invalid(name, Exception::validation(&faults).reason())),
    }
}

fn check(pattern: &str, faults: &mut Vec<String>) {
    if pattern.contains(' ') {
        faults.push(format!("index_patterns [{pattern}] must not contain a space"));
    }
    for letter in [',', '#', ':'] {
        if pattern.contains(letter) {
            faults.push(format!("index_pattern [{pattern}] must not contain a '{letter}'"));
        }
    }
    if pattern.starts_with('_') {
        faults.push(format!("index_pattern [{pattern}] must not start with '_'"));
    }
    if pattern.contains([' ', '"', '\\', '<', '|', ',', '>', '/', '?']) {
        faults.push(format!(
            "index_pattern [{pattern}] must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]"
        ));
    }
    if pattern.len() > 2 * INDEX_NAME_BYTES_MAX {
        faults.push(format!("index_pattern is longer than {} bytes", 2 * INDEX_NAME_BYTES_MAX));
    }
}

/// Whether there can be a name that both patterns match.
fn meet(left: &str, right: &str) -> bool {
    let right: Vec<char> = right.chars().rev().collect();
    // reach[j]: what was read of `left`, from its end, and the last j letters of `right` can be the same.
    let mut reach = vec![true];
    for own in &right {
        reach.push(*own == '*' && reach.last() == Some(&true));
    }
    for letter in left.chars().rev() {
        let mut next = vec![letter == '*' && reach.first() == Some(&true)];
        for (own, (before, without)) in right.iter().zip(reach.iter().zip(reach.iter().skip(1))) {
            let meets = match (letter, *own) {
                ('*', _) | (_, '*') => *without || next.last() == Some(&true),
                (letter, own) => letter == own && *before,
            };
            next.push(meets);
        }
        reach = next;
    }
    reach.last() == Some(&true)
}

/// The templates of `kind`, but for the one called `name`, that `wanted` picks and one of whose patterns meets one of `patterns`.
///
/// # Errors
/// `task_cancelled_exception`.
pub(crate) fn overlapping<'a>(
    registries: &'a Registries,
    kind: Registry,
    name: &str,
    patterns: &[String],
    wanted: impl Fn(&Value) -> bool,
    work: &Work,
) -> Result<Vec<(&'a str, Vec<String>)>, Exception> {
    let mut found = Vec::new();
    for (other, template) in registries.entries(kind) {
        if other == name || !wanted(template) {
            continue;
        }
        let theirs = patterns_of(template);
        let mut meets = false;
        for pattern in patterns {
            work.check()?;
            meets |= theirs.iter().any(|their| meet(pattern, their));
        }
        if meets {
            found.push((other, theirs));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_meet_where_one_name_matches_both() {
        for (left, right, wanted) in [
            ("a*", "ab*", true),
            ("ab*", "a*", true),
            ("a*", "b*", false),
            ("*", "x", true),
            ("a*z", "*bz", true),
            ("a*z", "*b", false),
            ("abc", "abc", true),
            ("abc", "abd", false),
            ("a*c", "ac", true),
            ("*x*", "a*b", true),
            ("", "*", true),
            ("ab", "a", false),
        ] {
            assert_eq!(meet(left, right), wanted, "{left} {right}");
            assert_eq!(meet(right, left), wanted, "{right} {left}");
        }
    }
}
