//! The name in a `Host` header or an authority.

/// A host without its port and without the root's dot.
#[must_use]
pub(crate) fn host_name(host: &str) -> &str {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') && port.bytes().all(|b| b.is_ascii_digit()) => {
            name
        }
        _ => host,
    };
    name.trim_end_matches('.')
}
