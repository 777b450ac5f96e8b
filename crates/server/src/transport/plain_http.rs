//! Plain HTTP on a TLS listener: told in words what to do, as nginx, Caddy and Go's servers do. A TLS alert means
//! nothing to who typed `http://`.
//!
//! Nothing is executed and nothing but the `Host` is read; a metric counts it. There is no request to record.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::guards::limits;
use crate::service::state::ServiceState;
use crate::transport::raw_answer;

/// Whether the first byte of a connection, which is left unread, begins a word: every method does, and no TLS record
/// (RFC 8446, section 5.1: 20 to 24) and no hello of SSL 2 (128 and up).
pub(crate) async fn begins(stream: &TcpStream) -> std::io::Result<bool> {
    let mut first = [0];
    let count = stream.peek(&mut first).await?;
    Ok(count == 1 && first.iter().all(u8::is_ascii_alphabetic))
}

/// Reads the head, answers 400, and closes once the client has closed or enough was waited for.
pub(crate) async fn answer(mut stream: TcpStream, state: &ServiceState) {
    state.metrics.plain_http();
    let mut head = Vec::new();
    let reading = timeout(state.times.handshake, read_head(&mut stream, &mut head));
    if !matches!(reading.await, Ok(Ok(()))) {
        return;
    }
    let patience = state.times.drain_body;
    let told = async {
        stream.write_all(&refusal(&head)).await?;
        stream.shutdown().await
    };
    if matches!(timeout(patience, told).await, Ok(Ok(()))) {
        linger(&mut stream, patience).await;
    }
}

/// Up to the empty line, or as far as the limit on heads.
async fn read_head(stream: &mut TcpStream, head: &mut Vec<u8>) -> std::io::Result<()> {
    let mut limited = stream.take(limits::HEAD_BYTES_MAX as u64);
    while limited.read_buf(head).await? > 0 {
        if head.windows(4).any(|window| window == b"\r\n\r\n") {
            break;
        }
    }
    Ok(())
}

/// To close with bytes unread is to reset, and a reset may overtake the answer (RFC 9112, section 9.6).
async fn linger(stream: &mut TcpStream, patience: Duration) {
    let mut rest = stream.take(limits::DRAIN_BYTES_MAX as u64);
    let mut nowhere = tokio::io::sink();
    let reading = tokio::io::copy(&mut rest, &mut nowhere);
    let _ = timeout(patience, reading).await;
}

/// The answer to this head.
fn refusal(head: &[u8]) -> Vec<u8> {
    let place = match host(head) {
        Some(host) => format!("https://{host}"),
        None => "https://".to_owned(),
    };
    let message = format!(
        "Client sent an HTTP request to an HTTPS server: this port speaks TLS only, use {place}"
    );
    let body = serde_json::json!({ "message": message }).to_string() + "\n";
    raw_answer::bytes(400, &[], &body, head.starts_with(b"HEAD "))
}

/// The `Host` of a head, if it is a plain one: it is shown to who sent it, and nothing else of the head is.
fn host(head: &[u8]) -> Option<&str> {
    const HOST_BYTES_MAX: usize = 262;
    let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let value = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then_some(value.trim())
    })?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
    (!value.is_empty() && value.len() <= HOST_BYTES_MAX && value.bytes().all(plain))
        .then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_host_is_shown() {
        let head = |host: &str| format!("GET / HTTP/1.1\r\nx: y\r\nHOST: {host}\r\n\r\n");
        for good in ["localhost:9200", "search.example.org", "[::1]:9200"] {
            assert_eq!(host(head(good).as_bytes()), Some(good));
        }
        for bad in ["", "a b", "a\"b", "<script>", "a/b", "u@h", &"x".repeat(300)] {
            assert_eq!(host(head(bad).as_bytes()), None, "{bad}");
        }
        assert_eq!(host(b"PRI * HTTP/2.0\r\n\r\n"), None);
    }
}
