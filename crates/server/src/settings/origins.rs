//! Where the settings in force come from, for who asks a running service.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::read::SettingSource;
use super::{EffectiveSettings, Settings, TABLE, ValueForm};

/// Where each setting in force comes from.
#[derive(Clone, Debug)]
pub struct SettingOrigins {
    /// What was read from somewhere: which of the places, and where in it.
    read: BTreeMap<&'static str, (SettingSource, String)>,
    /// What set the others that are not as their defaults.
    otherwise: &'static str,
}

impl SettingOrigins {
    /// Nothing was read: what is not as its default was set by `what`.
    pub(crate) fn set_by(what: &'static str) -> Self {
        Self { read: BTreeMap::new(), otherwise: what }
    }

    /// Of settings that were read.
    pub(crate) fn of(effective: &EffectiveSettings) -> Self {
        let read = effective.sources.iter().map(|(name, source)| {
            let place = effective.place(name).to_owned();
            (*name, (*source, place))
        });
        Self { read: read.collect(), otherwise: "program" }
    }

    /// After settings were read again: those that a running service takes come from where they were read now.
    pub(crate) fn reread(&self, fresh: &EffectiveSettings) -> Self {
        let fresh = Self::of(fresh);
        let read = TABLE.iter().filter_map(|row| {
            let from = if row.live { &fresh } else { self };
            Some((row.name, from.read.get(row.name)?.clone()))
        });
        Self { read: read.collect(), otherwise: self.otherwise }
    }

    /// Every setting with its value in force and where that comes from. What may hold a secret is not told.
    pub(crate) fn told(&self, settings: &Settings) -> Value {
        let defaults = Settings::default();
        let rows = TABLE.iter().map(|row| {
            let value = (row.get)(settings);
            let is_default = value == (row.get)(&defaults);
            let (source, place) = match self.read.get(row.name) {
                Some((source, place)) => (source.name(), place.as_str()),
                None if is_default => (SettingSource::Default.name(), "default"),
                None => (self.otherwise, self.otherwise),
            };
            let hidden = row.form == ValueForm::Unspoken && !is_default;
            json!({
                "name": row.name,
                "value": if hidden { Value::Null } else { value.into() },
                "source": source,
                "place": place,
                "live": row.live,
                "about": row.doc,
            })
        });
        rows.collect()
    }
}

impl SettingSource {
    /// How it is called where it is told.
    fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::CommandLine => "flag",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(file: &str, set: &[&str]) -> EffectiveSettings {
        let set: Vec<String> = set.iter().map(|text| (*text).to_owned()).collect();
        let environment = [("COUNTERSIGN_REGION".to_owned(), "eu-west-1".to_owned())].into();
        EffectiveSettings::read(Some((Path::new("c.toml"), file)), &environment, &set).unwrap()
    }

    fn row(told: &Value, name: &str) -> (Value, String, String) {
        let row = told.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap();
        let text = |member: &str| row[member].as_str().unwrap().to_owned();
        (row["value"].clone(), text("source"), text("place"))
    }

    #[test]
    fn each_setting_tells_what_it_is_and_where_that_was_said() {
        let effective = read(
            "data = \"books\"\n[admin]\nlisten = \"127.0.0.1:1\"\n",
            &["public_name=s.example"],
        );
        let told = SettingOrigins::of(&effective).told(&effective.settings);
        let of = |name: &str| row(&told, name);
        let is = |value: &str, source: &str, place: &str| {
            (Value::from(value), source.to_owned(), place.to_owned())
        };
        assert_eq!(of("data"), is("\"books\"", "file", "c.toml:1"));
        assert_eq!(of("admin.listen"), is("\"127.0.0.1:1\"", "file", "c.toml:3"));
        assert_eq!(of("region"), is("\"eu-west-1\"", "environment", "COUNTERSIGN_REGION"));
        assert_eq!(of("public_name"), is("\"s.example\"", "flag", "--set"));
        assert_eq!(of("audit.stdout"), is("false", "default", "default"));
    }

    #[test]
    fn what_may_hold_a_secret_is_not_told() {
        let url = "postgres://countersign@db.example:5432/state";
        let set = [format!("state.url={url}"), "state.sealing_key_file=/k".to_owned()];
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        let effective = read("data = \"books\"", &set);
        let told = SettingOrigins::of(&effective).told(&effective.settings);
        assert_eq!(row(&told, "state.url"), (Value::Null, "flag".to_owned(), "--set".to_owned()));
        assert!(!told.to_string().contains("db.example"));
    }

    #[test]
    fn what_waits_for_the_next_start_keeps_where_it_comes_from() {
        let begun = read("data = \"books\"", &["audit.keep_days=1", "audit.index_days=1"]);
        let fresh = read("data = \"books\"\n[audit]\nkeep_days = 2\nindex_days = 2\n", &[]);
        let told = SettingOrigins::of(&begun).reread(&fresh).told(&begun.settings);
        assert_eq!(row(&told, "audit.keep_days").2, "--set");
        assert_eq!(row(&told, "audit.index_days").2, "c.toml:4");
    }

    #[test]
    fn a_laptop_tells_what_its_command_has_set() {
        let told = SettingOrigins::set_by("countersign dev").told(&Settings::laptop());
        assert_eq!(row(&told, "open_policies").1, "countersign dev");
        assert_eq!(row(&told, "audit.keep_days").1, "default");
    }
}
