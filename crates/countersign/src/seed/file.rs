//! The seed file: what an account shall hold, as JSON. Names of members are those of the page `docs/operating/seed.md`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// All of it: what each account holds. Accounts beside the first are made.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedFile {
    /// By number; `first` means the account that the service begins with.
    #[serde(default)]
    pub(crate) accounts: BTreeMap<String, SeedAccount>,
}

/// What one account holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SeedAccount {
    /// Managed policies by name.
    pub(crate) policies: BTreeMap<String, Value>,
    /// Users by name.
    pub(crate) users: BTreeMap<String, SeedPrincipal>,
    /// Roles by name.
    pub(crate) roles: BTreeMap<String, SeedPrincipal>,
    /// Domains by name.
    pub(crate) domains: BTreeMap<String, SeedDomain>,
}

/// A user or a role.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SeedPrincipal {
    /// Of a role: who may assume it. Without one: the account itself.
    pub(crate) trust: Option<Value>,
    /// Inline policies by name.
    pub(crate) policies: BTreeMap<String, Value>,
    /// ARNs of managed policies.
    pub(crate) attached: Vec<String>,
    /// Tags.
    pub(crate) tags: BTreeMap<String, String>,
    /// Of a user: whether it has no access key. Otherwise it has one, in `DIR/seed/USER.env`.
    pub(crate) no_key: bool,
}

/// A domain.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SeedDomain {
    /// As the opensearch API writes it; its default otherwise.
    pub(crate) engine_version: Option<String>,
    /// Who may do what with its data.
    pub(crate) access_policy: Option<Value>,
    /// Its options.
    pub(crate) advanced_options: BTreeMap<String, String>,
    /// Tags.
    pub(crate) tags: BTreeMap<String, String>,
    /// Indices by name.
    pub(crate) indices: BTreeMap<String, SeedIndex>,
}

/// An index.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SeedIndex {
    /// As in `PUT /INDEX`.
    pub(crate) settings: Option<Value>,
    /// As in `PUT /INDEX`.
    pub(crate) mappings: Option<Value>,
    /// As in `PUT /INDEX`.
    pub(crate) aliases: Option<Value>,
    /// Documents by id.
    pub(crate) documents: BTreeMap<String, Value>,
}

/// The key of [`SeedFile::accounts`] for the account that the service begins with.
const FIRST: &str = "first";

impl SeedFile {
    /// The text of the file at `path`.
    pub(crate) fn text(path: &Path) -> Result<String, String> {
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Reads and checks the text of the file at `path`; the error is one line with the file's name and the place in it.
    pub(crate) fn read(text: &str, path: &Path, first: &str) -> Result<SeedFile, String> {
        Self::parse(text, first).map_err(|why| format!("{}: {why}", path.display()))
    }

    /// The accounts beside `first`.
    pub(crate) fn others(&self, first: &str) -> Vec<String> {
        self.accounts.keys().filter(|id| *id != first).cloned().collect()
    }

    fn parse(text: &str, first: &str) -> Result<SeedFile, String> {
        let mut file: SeedFile = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if let Some(own) = file.accounts.remove(FIRST)
            && file.accounts.insert(first.to_owned(), own).is_some()
        {
            return Err(format!(
                "account {first} is listed twice: under its own id and as '{FIRST}'"
            ));
        }
        for id in file.accounts.keys() {
            if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(format!("account '{id}': expected twelve digits, or '{FIRST}'"));
            }
        }
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST_ID: &str = "123456789012";

    #[test]
    fn first_is_the_account_that_the_service_begins_with() {
        let file = SeedFile::parse(r#"{"accounts":{"first":{"users":{"ann":{}}}}}"#, FIRST_ID);
        assert!(file.unwrap().accounts[FIRST_ID].users.contains_key("ann"));
    }

    #[test]
    fn what_makes_no_sense_is_told_with_its_place() {
        for (text, told) in [
            (r#"{"acounts":{}}"#, "unknown field `acounts`"),
            ("{", "line 1 column 1"),
            (r#"{"accounts":{"first":{"domains":{"dev":{"index":{}}}}}}"#, "unknown field `index`"),
            (r#"{"accounts":{"12":{}}}"#, "expected twelve digits"),
            (r#"{"accounts":{"first":{},"123456789012":{}}}"#, "is listed twice"),
        ] {
            let error = SeedFile::parse(text, FIRST_ID).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }
}
