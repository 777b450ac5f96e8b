//! Lines of the AWS CLI that do what a page does.

/// A command with its words, quoted for a shell where they must be.
pub(crate) fn line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted = ["aws"].into_iter().chain(words).map(quoted);
    quoted.collect::<Vec<_>>().join(" ")
}

/// A word as a shell reads it back.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_would_read_something_else() {
        let line = line(["es", "create-domain", "--tags", "a b", "it's", "$(rm)", ""]);
        assert_eq!(line, r"aws es create-domain --tags 'a b' 'it'\''s' '$(rm)' ''");
    }
}
