//! Patterns of names: of fields, of indices.

/// Elasticsearch's `Regex.simpleMatch` of names: `*` only.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_with_stars_only() {
        for (pattern, text, wanted) in [
            ("a*", "abc", true),
            ("*.raw", "title.raw", true),
            ("a?c", "abc", false),
            ("*b*", "abc", true),
            ("abc", "abc", true),
            ("a*b", "ab", true),
            ("a*bc*d", "abcd", true),
            ("ab*b", "ab", false),
        ] {
            assert_eq!(matches(pattern, text), wanted, "{pattern} {text}");
        }
    }
}
