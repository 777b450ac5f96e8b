//! The file of settings: dotted names, plain texts, and the line that each stands on; and what is said of a name
//! that is none, and of one that is missing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::{SettingRow, TABLE, VARIABLE_PREFIX, ValueForm};

/// A file that was read.
pub(super) struct File {
    path: PathBuf,
    /// Lists are joined by commas.
    values: BTreeMap<String, String>,
    lines: BTreeMap<String, usize>,
}

impl File {
    /// Reads TOML; the error names the file and the line.
    pub(super) fn read(path: &Path, text: &str) -> Result<Self, String> {
        let failed = |error: toml::de::Error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            format!("{}:{line}: {}", path.display(), error.message())
        };
        let values = flatten(text.parse().map_err(failed)?);
        let mut lines = BTreeMap::new();
        let spans = DeTable::parse(text).map_err(failed)?;
        note_lines(text, "", spans.get_ref(), &mut lines);
        Ok(Self { path: path.to_owned(), values, lines })
    }

    /// The value of a setting.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Every name in it and where it stands.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, String)> {
        self.values.keys().map(|name| (name.as_str(), self.place(name)))
    }

    /// `countersign.toml:3`, as compilers say it and editors open it.
    pub(super) fn place(&self, name: &str) -> String {
        match self.lines.get(name) {
            Some(line) => format!("{}:{line}", self.path.display()),
            None => self.path.display().to_string(),
        }
    }
}

/// What is said of a name that is no setting's.
pub(super) fn unknown(name: &str) -> String {
    match nearest(name) {
        Some(known) => format!("unknown setting '{name}': did you mean '{}'?", known.name),
        None => format!("unknown setting '{name}': `countersign serve --help` lists them"),
    }
}

/// What is said of a variable that begins as those of settings do and is none.
pub(super) fn unknown_variable(variable: &str) -> String {
    let name = variable.trim_start_matches(VARIABLE_PREFIX).to_ascii_lowercase();
    match nearest(&name) {
        Some(known) => {
            format!("{variable}: there is no such setting: did you mean {}?", known.variable())
        }
        None => {
            format!("{variable}: there is no such setting: `countersign serve --help` lists them")
        }
    }
}

/// What is said of a setting that must be set and is not.
pub(super) fn missing(row: &SettingRow, file: Option<&File>) -> String {
    let name = row.name;
    let example = "/var/lib/countersign";
    match file {
        Some(file) => format!(
            "{}: {name}: must be set, such as {name} = \"{example}\" (above the first [table])",
            file.path.display()
        ),
        None => format!(
            "{name}: must be set: write {name} = \"{example}\" into a file, countersign.toml, and say \
             --config countersign.toml; or say --set {name}={example}"
        ),
    }
}

/// The setting that a name is most like, if it is like one. A variable's name has no dots, so that they count as what
/// stands there in their place.
fn nearest(name: &str) -> Option<&'static SettingRow> {
    let plain = |name: &str| name.replace('.', "_");
    let name = plain(name);
    let is_end = |row: &&SettingRow| {
        let (_, end) = row.name.rsplit_once('.').unwrap_or_default();
        end == name
    };
    let near = |row: &&SettingRow| strsim::levenshtein(&name, &plain(row.name));
    let nearest = TABLE.iter().min_by_key(near);
    nearest.filter(|row| near(row) <= 1 + name.len() / 4).or_else(|| TABLE.iter().find(is_end))
}

fn note_lines(text: &str, prefix: &str, table: &DeTable<'_>, lines: &mut BTreeMap<String, usize>) {
    for (key, value) in table {
        let name = format!("{prefix}{}", key.get_ref());
        if let DeValue::Table(inner) = value.get_ref() {
            note_lines(text, &format!("{name}."), inner, lines);
        }
        lines.insert(name, line_of(text, key.span().start));
    }
}

/// The line of the byte at `at`, counted from 1.
fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// Whether a setting's own value is a table.
fn is_table(name: &str) -> bool {
    let is_one =
        |form: ValueForm| matches!(form, ValueForm::Table | ValueForm::Lists | ValueForm::Records);
    TABLE.iter().any(|row| row.name == name && is_one(row.form))
}

/// A table as dotted names and plain texts; lists are joined by commas.
fn flatten(table: toml::Table) -> BTreeMap<String, String> {
    let mut flat = BTreeMap::new();
    let mut open: Vec<(String, toml::Value)> = table.into_iter().collect();
    while let Some((name, value)) = open.pop() {
        match value {
            toml::Value::Table(inner) if is_table(&name) => {
                let pairs = inner.iter().flat_map(|(name, value)| match value {
                    toml::Value::Table(record) => {
                        let keys = record.iter();
                        let pair = |(key, value)| format!("{name}.{key}={}", joined(value, ";"));
                        keys.map(pair).collect()
                    }
                    value => vec![format!("{name}={}", joined(value, ";"))],
                });
                flat.insert(name, pairs.collect::<Vec<_>>().join(","));
            }
            toml::Value::Table(inner) => {
                open.extend(inner.into_iter().map(|(key, value)| (format!("{name}.{key}"), value)));
            }
            other => drop(flat.insert(name, joined(&other, ","))),
        }
    }
    flat
}

/// A value as a plain text; the items of a list are joined.
fn joined(value: &toml::Value, separator: &str) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => {
            items.iter().map(|item| joined(item, separator)).collect::<Vec<_>>().join(separator)
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nearly_a_setting_is_told_which() {
        for (name, meant) in [
            ("regio", Some("region")),
            ("control.lisen", Some("control.listen")),
            ("body_bytes_max", Some("domains.body_bytes_max")),
            ("acounts", Some("accounts")),
            ("colour", None),
        ] {
            assert_eq!(nearest(name).map(|row| row.name), meant, "{name}");
        }
    }

    #[test]
    fn every_name_stands_on_its_line() {
        let text = "data = \"/d\"\n\n[control]\nlisten = \"a:1\"\n[domains]\nfirst_port = 0\ncolour = 1\n\
            workloads.roles.app = \"x\"\n";
        let file = File::read(Path::new("c.toml"), text).unwrap();
        let lines = |name: &str| file.lines.get(name).copied();
        assert_eq!(lines("data"), Some(1));
        assert_eq!(lines("control.listen"), Some(4));
        assert_eq!(lines("domains.first_port"), Some(6));
        assert_eq!(file.place("domains.colour"), "c.toml:7");
        assert!(file.names().all(|(_, place)| place.starts_with("c.toml:")));
    }
}
