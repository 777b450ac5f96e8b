//! `IpAddress` and `NotIpAddress`: addresses in CIDR ranges (RFC 4632, RFC 4291).
//!
//! An IPv4 address that arrives in IPv6 clothing (`::ffff:203.0.113.7`) is the IPv4 address: a
//! range must not be escaped by the socket's family.

use std::net::IpAddr;

use ipnet::IpNet;

/// Reads a range; an address alone is a range of one. Bits after the prefix do not count.
pub(crate) fn parse_network(text: &str) -> Option<IpNet> {
    if let Ok(network) = text.parse::<IpNet>() {
        return Some(network.trunc());
    }
    text.parse::<IpAddr>().ok().map(IpNet::from)
}

/// Reads an address.
pub(crate) fn parse_address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        parse_network(network).unwrap().contains(&parse_address(address).unwrap())
    }

    #[test]
    fn a_range_holds_its_addresses_and_no_other_family() {
        assert!(contains("203.0.113.0/24", "203.0.113.255"));
        assert!(contains("203.0.113.9/24", "203.0.113.1"));
        assert!(contains("203.0.113.7", "::ffff:203.0.113.7"));
        assert!(contains("2001:DB8::/32", "2001:db8::1"));
        assert!(!contains("0.0.0.0/0", "::1"));
        assert!(!contains("::/0", "203.0.113.7"));
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in ["", "203.0.113", "203.0.113.07", "203.0.113.0/33", "x", "203.0.113.7:80"] {
            assert_eq!(parse_network(text), None, "{text}");
        }
        assert_eq!(parse_address("203.0.113.0/24"), None);
    }
}
