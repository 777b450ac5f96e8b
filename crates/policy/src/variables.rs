//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and the escapes
//! `${*}`, `${?}`, `${$}`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use crate::context::{Context, ContextKey};

/// What a `${…}` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Substitution {
    /// One of the characters that would otherwise mean something.
    Character(&'static str),
    /// A value of the request.
    Variable(Variable),
}

/// A `${key}` or `${key, 'default'}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) key: ContextKey,
    pub(crate) default: Option<String>,
}

impl Variable {
    /// Reads the `${…}` at the beginning of `text`; returns what it stands for and how many bytes it took.
    pub(crate) fn read(text: &str, domain: bool) -> Result<(Substitution, usize), String> {
        let unclosed = || format!("the variable in `{text}` is not closed: expected `}}`");
        let body = text.strip_prefix("${").ok_or_else(unclosed)?;
        if let Some(escaped) = ["*", "?", "$"]
            .into_iter()
            .find(|escaped| body.strip_prefix(*escaped).is_some_and(|rest| rest.starts_with('}')))
        {
            return Ok((Substitution::Character(escaped), "${*}".len()));
        }
        let end = body.find('}').ok_or_else(unclosed)?;
        let inside = body.get(..end).unwrap_or_default();
        let (key, default) = match inside.split_once(',') {
            None => (inside, None),
            Some((key, default)) => (key, Some(unquoted(default, inside)?)),
        };
        if key.is_empty() || key.contains(|c: char| c.is_whitespace() || "${*?".contains(c)) {
            return Err(format!("`${{{inside}}}` does not name a context key"));
        }
        let variable = Variable { key: ContextKey::new(key, domain), default };
        Ok((Substitution::Variable(variable), "${}".len() + end))
    }

    /// The value: the key's, when the request has exactly one; else the default.
    pub(crate) fn resolve<'a>(&'a self, context: &'a Context) -> Option<&'a str> {
        match context.values(&self.key) {
            Some([only]) => Some(only),
            // Amazon: variables are for single-valued keys; several values are no value.
            _ => self.default.as_deref(),
        }
    }
}

fn unquoted(default: &str, inside: &str) -> Result<String, String> {
    default
        .trim()
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
        .map(str::to_owned)
        .ok_or_else(|| format!("the default in `${{{inside}}}` is not in single quotes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> Option<String> {
        let mut context = Context::new();
        context.set("aws:UserName", "ann");
        context.set_all("aws:TagKeys", ["a", "b"]);
        match Variable::read(text, false).unwrap().0 {
            Substitution::Variable(variable) => variable.resolve(&context).map(str::to_owned),
            character => panic!("{character:?}"),
        }
    }

    #[test]
    fn a_variable_is_found_whatever_its_case_and_only_when_it_has_one_value() {
        assert_eq!(resolve("${AWS:username}").as_deref(), Some("ann"));
        assert_eq!(resolve("${aws:TagKeys}"), None);
        assert_eq!(resolve("${aws:TagKeys, 'none'}").as_deref(), Some("none"));
        assert_eq!(resolve("${aws:absent,'a, b'}").as_deref(), Some("a, b"));
    }

    #[test]
    fn a_malformed_variable_is_refused() {
        for text in ["${aws:username", "${}", "${a b}", "${a, b}", "${a, 'b}", "${${a}}"] {
            assert!(Variable::read(text, false).is_err(), "{text}");
        }
    }
}
