//! Settings of several things of a kind, each under its name (`pools`, `console.oidc` …): read from one text, written as TOML.

use std::collections::BTreeMap;

/// What is said of one of them.
pub(super) struct NamedValue<'t> {
    pub(super) name: &'t str,
    pub(super) key: &'t str,
    pub(super) value: &'t str,
}

/// Reads `NAME.KEY=VALUE,NAME.KEY=VALUE;VALUE`. A name has letters, digits, `-` and `_`: it may stand in addresses and on buttons.
pub(super) fn read(text: &str) -> Option<Vec<NamedValue<'_>>> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs.map(of_pair).collect()
}

fn of_pair(pair: &str) -> Option<NamedValue<'_>> {
    let (name, value) = pair.split_once('=')?;
    let (name, key) = name.rsplit_once('.')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_name = !name.is_empty() && name.bytes().all(plain);
    is_name.then_some(NamedValue { name, key, value })
}

/// As TOML, on one line.
pub(super) fn write<T>(named: &BTreeMap<String, T>, table: impl Fn(&T) -> String) -> String {
    let tables: Vec<String> =
        named.iter().map(|(name, it)| format!("{name} = {}", table(it))).collect();
    if tables.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", tables.join(", ")) }
}
