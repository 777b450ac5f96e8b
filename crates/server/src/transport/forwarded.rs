//! Where a request comes from, when proxies stand in between: the address that policies
//! (`aws:SourceIp`), limits and the audit record mean by the client.
//!
//! `X-Forwarded-For` is a list to which each proxy appends the address that it was called from. Whoever
//! calls first may write anything into it, so it is read from the right, and only as far as each address
//! belongs to a proxy that the operator trusts (`trusted_proxies`, by default none). `Forwarded` and
//! `X-Real-IP` are never read: one header, one meaning (CVE-2026-21862 and its class trusted them all).

use std::net::IpAddr;

use http::header::HeaderMap;
use ipnet::IpNet;

/// The header that is read.
const HEADER: &str = "x-forwarded-for";

/// The client of a request that came from `peer`: the right-most address that is no trusted proxy.
///
/// An entry that is no address (garbage, a zone id, nothing) ends the reading at the hop that wrote it:
/// the nearest proxy that is known, never what the entry says. IPv4-mapped addresses are IPv4 addresses.
#[must_use]
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut address = peer.to_canonical();
    // Repeated headers are one list, in the order of receipt (RFC 9110, section 5.3).
    let lines: Vec<&[u8]> =
        headers.get_all(HEADER).iter().map(http::HeaderValue::as_bytes).collect();
    let entries = lines.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
    for entry in entries {
        if !trusted.iter().any(|network| network.contains(&address)) {
            return address;
        }
        match hop(entry) {
            Some(before) => address = before,
            None => return address,
        }
    }
    address
}

/// One entry: an address, or an address with the port of the connection (`192.0.2.7:4711`, `[::1]:4711`).
fn hop(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim_matches([' ', '\t']);
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            if !host.contains(':') {
                return None;
            }
            (host, port.strip_prefix(':').unwrap_or(if port.is_empty() { "0" } else { "" }))
        }
        None => text.split_once(':')?,
    };
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let address: IpAddr = host.parse().ok()?;
    (digits && port.parse::<u16>().is_ok()).then(|| address.to_canonical())
}

/// A network as the operator writes it: `10.0.0.0/8`, `fd00::/8`, or one address. Refused: everyone
/// (`/0` would believe every stranger), and IPv4 written as IPv6, which no canonical address is in.
#[must_use]
pub fn network(text: &str) -> Option<IpNet> {
    let network: IpNet = match text.parse::<IpAddr>() {
        Ok(address) => address.into(),
        Err(_) => text.parse().ok()?,
    };
    let mapped = network.addr().to_canonical() != network.addr();
    (network.prefix_len() > 0 && !mapped).then_some(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Peer, `X-Forwarded-For` lines, the client, why.
    const CASES: &[(&str, &[&str], &str, &str)] = &[
        ("198.51.100.1", &["192.0.2.7"], "198.51.100.1", "a stranger's word is not believed"),
        ("10.0.0.1", &[], "10.0.0.1", "a proxy's own request"),
        ("10.0.0.1", &["192.0.2.7"], "192.0.2.7", "one trusted proxy"),
        ("::ffff:10.0.0.1", &["192.0.2.7"], "192.0.2.7", "a mapped peer is the IPv4 address"),
        ("10.0.0.1", &["::ffff:192.0.2.7"], "192.0.2.7", "so is a mapped entry"),
        ("10.0.0.1", &["::ffff:10.0.0.9"], "10.0.0.9", "also where it is a proxy"),
        ("10.0.0.1", &["6.6.6.6, 192.0.2.7"], "192.0.2.7", "the left end is the attacker's"),
        ("10.0.0.1", &["6.6.6.6, 192.0.2.7, 10.0.0.2"], "192.0.2.7", "two proxies"),
        ("10.0.0.1", &["6.6.6.6", "192.0.2.7,10.0.0.2"], "192.0.2.7", "lines are one list"),
        ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3", "all of them trusted: the first"),
        ("10.0.0.1", &["192.0.2.7:4711"], "192.0.2.7", "a port is the connection's"),
        ("10.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7", "a port of IPv6"),
        ("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7", "brackets alone"),
        ("fd00::1", &["2001:db8::7"], "2001:db8::7", "a trusted IPv6 proxy"),
        ("10.0.0.1", &["fe80::1%eth0"], "10.0.0.1", "a zone id is no address"),
        ("10.0.0.1", &["192.0.2.7, unknown"], "10.0.0.1", "garbage ends the reading"),
        ("10.0.0.1", &["192.0.2.7, unknown, 10.0.0.2"], "10.0.0.2", "at the hop that wrote it"),
        ("10.0.0.1", &["192.0.2.7, "], "10.0.0.1", "an empty entry"),
        ("10.0.0.1", &[""], "10.0.0.1", "an empty header"),
        ("10.0.0.1", &["192.0.2.7:"], "10.0.0.1", "a port without digits"),
        ("10.0.0.1", &["192.0.2.7:99999"], "10.0.0.1", "a port that is none"),
        ("10.0.0.1", &["[192.0.2.7]:1"], "10.0.0.1", "brackets around IPv4"),
        ("10.0.0.1", &["192.0.2.07"], "10.0.0.1", "an octet that two readers read differently"),
        ("10.0.0.1", &["3221225991"], "10.0.0.1", "an address as one number"),
        ("10.0.0.1", &["192.0.2.7;10.0.0.2"], "10.0.0.1", "another separator"),
        ("10.0.0.1", &["for=192.0.2.7"], "10.0.0.1", "another header's syntax"),
    ];

    #[test]
    fn the_client_is_the_right_most_hop_that_is_no_trusted_proxy() {
        let trusted: Vec<IpNet> =
            ["10.0.0.0/8", "fd00::/8"].iter().map(|text| network(text).unwrap()).collect();
        for (peer, lines, client, why) in CASES {
            let mut headers = HeaderMap::new();
            for line in *lines {
                headers.append(HEADER, line.parse().unwrap());
            }
            let seen = client_address(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(seen.to_string(), *client, "{why}: {lines:?}");
        }
    }

    #[test]
    fn other_headers_and_an_untrusting_service_know_the_peer_only() {
        let mut headers = HeaderMap::new();
        for name in ["forwarded", "x-real-ip", "x-client-ip", "true-client-ip"] {
            headers.insert(name, "192.0.2.7".parse().unwrap());
        }
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        let trusted = [network("10.0.0.0/8").unwrap()];
        assert_eq!(client_address(peer, &headers, &trusted), peer);
        headers.insert(HEADER, "192.0.2.7".parse().unwrap());
        assert_eq!(client_address(peer, &headers, &[]), peer);
    }

    #[test]
    fn a_network_that_trusts_everyone_or_nobody_is_refused() {
        for text in ["0.0.0.0/0", "::/0", "::ffff:10.0.0.0/104", "10.0.0.0/33", "proxy", ""] {
            assert_eq!(network(text), None, "{text}");
        }
        assert_eq!(network("10.1.2.3").unwrap().to_string(), "10.1.2.3/32");
    }
}
