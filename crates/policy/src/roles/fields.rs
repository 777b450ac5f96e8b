//! Which fields roles show, and of which another value (`fls`, `masked_fields`).

use super::pattern::NamePattern;

/// The fields of documents. Excluded fields of any role are hidden; where no role excludes any, the included ones are shown.
/// That is how the plugin joins them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldsShown {
    includes: Vec<String>,
    excludes: Vec<String>,
}

/// A field of which another value is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMask {
    /// A path with `*` and `?`.
    field: String,
    /// What is shown.
    pub masking: Masking,
}

/// What is shown in place of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Masking {
    /// Its hash, by the plugin's default algorithm.
    Hash,
    /// The value, with what these regular expressions find replaced.
    Replace(Vec<(String, String)>),
}

impl FieldsShown {
    /// Whether all fields are shown.
    pub fn is_all(&self) -> bool {
        self.includes.is_empty() && self.excludes.is_empty()
    }

    /// Whether the field at `path` is shown. A pattern names a field with all that is inside it.
    pub fn shows(&self, path: &str) -> bool {
        if !self.excludes.is_empty() {
            return !self.excludes.iter().any(|pattern| covers(pattern, path));
        }
        self.includes.is_empty() || self.includes.iter().any(|pattern| covers(pattern, path))
    }

    /// Whether something inside the field at `path` may be shown otherwise than the field.
    pub fn may_differ_inside(&self, path: &str) -> bool {
        self.excludes.iter().chain(&self.includes).any(|pattern| names_inside(pattern, path))
    }

    /// Adds what one role says.
    pub(super) fn add(&mut self, fields: &[String]) {
        for field in fields {
            let (list, field) = match field.strip_prefix(['~', '!']) {
                Some(excluded) => (&mut self.excludes, excluded),
                None => (&mut self.includes, field.as_str()),
            };
            if !list.iter().any(|known| known == field) {
                list.push(field.to_owned());
            }
        }
    }
}

impl FieldMask {
    /// Reads `FIELD` or `FIELD::/REGEX/::REPLACEMENT…`.
    ///
    /// # Errors
    /// What is wrong, in the plugin's words where it has any.
    pub fn parse(text: &str) -> Result<FieldMask, String> {
        let tokens: Vec<&str> = text.split("::").collect();
        let count = tokens.len();
        let mut tokens = tokens.into_iter();
        let field = tokens.next().unwrap_or_default().to_owned();
        let masking = match count {
            1 => Masking::Hash,
            2 => {
                let algorithm = tokens.next().unwrap_or_default();
                return Err(format!(
                    "the algorithm [{algorithm}] of masked field [{field}] is not offered: name the field alone, or what is replaced"
                ));
            }
            count if count % 2 == 1 => {
                let mut replaced = Vec::new();
                while let (Some(regex), Some(replacement)) = (tokens.next(), tokens.next()) {
                    let inner = regex.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
                    let inner = inner.ok_or_else(|| {
                        format!("the regular expression [{regex}] of masked field [{field}] does not stand between slashes")
                    })?;
                    replaced.push((inner.to_owned(), replacement.to_owned()));
                }
                Masking::Replace(replaced)
            }
            count => {
                return Err(format!(
                    "Expected 1 or 2 or >=3 (but then odd count) tokens, got {count}"
                ));
            }
        };
        Ok(FieldMask { field, masking })
    }

    /// Whether it is about the field at `path`.
    pub fn covers(&self, path: &str) -> bool {
        covers(&self.field, path)
    }

    /// Whether it may be about something inside the field at `path` and not about the field.
    pub fn may_differ_inside(&self, path: &str) -> bool {
        names_inside(&self.field, path)
    }
}

impl std::fmt::Display for FieldsShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.excludes.is_empty(), self.is_all()) {
            (_, true) => write!(f, "all"),
            (false, _) => write!(f, "all but {}", self.excludes.join(", ")),
            (true, _) => write!(f, "{}", self.includes.join(", ")),
        }
    }
}

impl std::fmt::Display for FieldMask {
    /// The field, as a pattern.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.field)
    }
}

/// Whether a pattern names the field at `path`, or an object or field around it.
fn covers(pattern: &str, path: &str) -> bool {
    let pattern = NamePattern::new(pattern);
    let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
    ends.into_iter().any(|end| path.get(..end).is_some_and(|around| pattern.matches(around)))
}

/// Whether a pattern may name something inside the field at `path` and does not name the field.
fn names_inside(pattern: &str, path: &str) -> bool {
    let inside = format!("{path}.");
    let fixed = pattern.split(['*', '?']).next().unwrap_or_default();
    let reaches =
        fixed.starts_with(&inside) || (fixed.len() < pattern.len() && inside.starts_with(fixed));
    reaches && !covers(pattern, path)
}
