//! What cluster settings say, for those who only read them.

use super::registries::{Registries, Registry, TRANSIENT};
use crate::value::scalar::boolean_text;
use crate::value::time::milliseconds;

/// The settings that outlive a start of the cluster.
pub(crate) const PERSISTENT: &str = "persistent";

/// The value of a cluster setting, if it was set.
pub(crate) fn value<'a>(registries: &'a Registries, key: &str) -> Option<&'a str> {
    [TRANSIENT, PERSISTENT]
        .into_iter()
        .find_map(|kind| registries.get(Registry::ClusterSettings, kind)?.get(key)?.as_str())
}

/// The number that `key` says.
pub(crate) fn count(registries: &Registries, key: &str, default: usize) -> usize {
    value(registries, key).and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// The time that `key` says, in milliseconds.
pub(crate) fn duration(registries: &Registries, key: &str, default: u64) -> u64 {
    let set = value(registries, key);
    set.and_then(|value| milliseconds(key, value).ok()).unwrap_or(default)
}

/// Whether the switch `key` is on.
pub(crate) fn is_on(registries: &Registries, key: &str, default: bool) -> bool {
    value(registries, key).and_then(boolean_text).unwrap_or(default)
}
