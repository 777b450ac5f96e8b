//! The name in a `Host` header or an authority.

use std::net::IpAddr;

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

/// Whether `HOST[:PORT]` is loopback's, as SDKs accept it for plain HTTP.
#[must_use]
pub(crate) fn is_loopback(authority: &str) -> bool {
    let host = host_name(authority);
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_loopback() {
        for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "127.9.9.9:80", "[::1]", "[::1]:80"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "0.0.0.0:80",
            "[::]",
            "169.254.170.2",
            "[::ffff:10.0.0.1]",
            "evil.example:80",
            "localhost@evil.example",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
