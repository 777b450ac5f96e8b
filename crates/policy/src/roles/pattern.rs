//! Names with `*` and `?`, as the plugin's `WildcardMatcher` has them. Patterns between slashes are regular expressions there:
//! here they are refused when they are set, and name nothing.

/// A name, or many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NamePattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(char),
    One,
    Many,
}

impl NamePattern {
    /// Reads a pattern. An empty one names nothing.
    pub(super) fn new(text: &str) -> NamePattern {
        let mut pattern = NamePattern(Vec::new());
        pattern.push_pattern(text);
        pattern
    }

    /// The pattern of nothing yet.
    pub(super) fn empty() -> NamePattern {
        NamePattern(Vec::new())
    }

    /// Goes on with what a pattern says.
    pub(super) fn push_pattern(&mut self, text: &str) {
        self.0.extend(text.chars().map(|character| match character {
            '*' => Part::Many,
            '?' => Part::One,
            other => Part::Text(other),
        }));
    }

    /// Goes on with these very characters.
    pub(super) fn push_literal(&mut self, text: &str) {
        self.0.extend(text.chars().map(Part::Text));
    }

    /// Whether it names this. Takes steps in proportion to both lengths.
    pub(super) fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let parts = &self.0;
        let (mut part, mut at) = (0, 0);
        let mut back: Option<(usize, usize)> = None;
        while at < name.len() {
            let fits = match (parts.get(part), name.get(at)) {
                (Some(Part::Text(wanted)), Some(seen)) => wanted == seen,
                (Some(Part::One), Some(_)) => true,
                _ => false,
            };
            if fits {
                (part, at) = (part + 1, at + 1);
            } else if matches!(parts.get(part), Some(Part::Many)) {
                back = Some((part + 1, at));
                part += 1;
            } else if let Some((after, from)) = back {
                back = Some((after, from + 1));
                (part, at) = (after, from + 1);
            } else {
                return false;
            }
        }
        !parts.is_empty() && parts.iter().skip(part).all(|part| *part == Part::Many)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_one_or_many_and_substituted_text_for_itself() {
        for (pattern, name, matches) in [
            ("*", "", true),
            ("", "", false),
            ("logs-*", "logs-1", true),
            ("logs-*", "log-1", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b", "xxaybb", true),
            ("indices:data/read*", "indices:data/read/search", true),
            ("Logs", "logs", false),
        ] {
            assert_eq!(NamePattern::new(pattern).matches(name), matches, "{pattern} {name}");
        }
        let mut own = NamePattern::new("own-");
        own.push_literal("*");
        assert!(own.matches("own-*") && !own.matches("own-x"));
    }
}
