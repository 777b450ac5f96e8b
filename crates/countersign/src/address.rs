//! Addresses on the command line: what is wrong with one is told with an example of a right one.

use std::net::SocketAddr;

/// `HOST:PORT`, for clap.
///
/// # Errors
/// What was expected, with the port where only a port was given.
pub(crate) fn host_port(text: &str) -> Result<String, String> {
    let good = text.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && is_port(port));
    if good { Ok(text.to_owned()) } else { Err(expected(text)) }
}

/// `ADDRESS:PORT` with an IP address, for clap.
///
/// # Errors
/// As [`host_port`].
pub(crate) fn socket(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| match host_port(text) {
        Ok(_) => "expected an IP address and a port, such as 127.0.0.1:9200".to_owned(),
        Err(expected) => expected,
    })
}

fn expected(text: &str) -> String {
    let port = text.trim_start_matches(':');
    let port = if is_port(port) { port } else { "9443" };
    format!("expected HOST:PORT, such as 127.0.0.1:{port}")
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_told_with_an_example() {
        for (text, example) in
            [("21400", "127.0.0.1:21400"), (":80", "127.0.0.1:80"), ("", "127.0.0.1:9443")]
        {
            let told = format!("expected HOST:PORT, such as {example}");
            assert_eq!(host_port(text), Err(told.clone()));
            assert_eq!(socket(text), Err(told));
        }
        for bad in ["localhost", "localhost:http", "localhost:70000", "[::1]"] {
            assert!(host_port(bad).is_err(), "{bad}");
        }
        assert_eq!(host_port("localhost:0"), Ok("localhost:0".to_owned()));
        assert_eq!(socket("[::1]:9200").map(|address| address.port()), Ok(9200));
        assert!(socket("localhost:9200").unwrap_err().contains("an IP address"));
    }
}
