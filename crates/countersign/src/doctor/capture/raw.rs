//! A request as somebody caught it: a request line, headers, a body. `curl -v`, a proxy's log, a
//! packet capture's "follow stream" all give this.

/// A caught request.
pub(crate) struct Raw {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// In order, names as written, values with their white space.
    pub(crate) headers: Vec<(String, String)>,
    /// `None`: the capture does not hold it, though the head announces one.
    pub(crate) body: Option<Vec<u8>>,
}

impl Raw {
    /// Reads `METHOD TARGET [HTTP/…]`, headers, an empty line and the body. Lines of `curl -v` may
    /// have their `> `; what curl says itself (`* `, `< `) is left out.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let of_curl = bytes.starts_with(b"> ") || contains(bytes, b"\n> ");
        let (head, body) = if of_curl { (curl_head(bytes), None) } else { split(bytes) };
        let mut lines = head.split('\n').map(|line| line.trim_end_matches('\r'));
        let first = lines.find(|line| !line.trim().is_empty()).ok_or("it is empty")?;
        let mut words = first.split_ascii_whitespace();
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err(format!(
                "'{first}' is not a request line: expected METHOD TARGET HTTP/1.1"
            ));
        };
        let (host, target) = authority(target);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = Vec::new();
        for line in lines.take_while(|line| !line.trim().is_empty()) {
            let (name, value) = line
                .split_once(':')
                .ok_or(format!("'{line}' is not a header: expected Name: value"))?;
            // One space after the colon is how headers are written; more are the value's own.
            headers.push((
                name.trim().to_owned(),
                value.strip_prefix(' ').unwrap_or(value).to_owned(),
            ));
        }
        let mut raw = Self {
            method: method.to_owned(),
            path: if path.is_empty() { "/" } else { path }.to_owned(),
            query: query.to_owned(),
            headers,
            body: None,
        };
        if let Some(host) = host.filter(|_| raw.header("host").is_none()) {
            raw.headers.insert(0, ("host".to_owned(), host.to_owned()));
        }
        raw.body = raw.received(body);
        Ok(raw)
    }

    /// The first value of a header, by its name in lower case, trimmed.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(candidate, _)| candidate.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    /// As the signature layer takes it.
    pub(crate) fn lent(&self) -> Vec<(&str, &[u8])> {
        let lent = self.headers.iter();
        lent.map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
    }

    /// The body that the endpoint received: what `Content-Length` says, without an editor's last
    /// newline, chunks joined.
    fn received(&self, body: Option<&[u8]>) -> Option<Vec<u8>> {
        let announced = self.header("content-length").and_then(|text| text.parse::<usize>().ok());
        let chunked = self.header("transfer-encoding").is_some_and(|text| text.contains("chunked"));
        let body = body.unwrap_or_default();
        if chunked {
            return Some(unchunked(body).unwrap_or_else(|| body.to_vec()));
        }
        match announced {
            Some(0) => Some(Vec::new()),
            Some(length) if body.len() >= length => body.get(..length).map(<[u8]>::to_vec),
            Some(_) if body.is_empty() => None,
            // Cut off, or the capture's line ends differ: what is there is tried.
            _ => Some(body.to_vec()),
        }
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Head and body at the first empty line.
fn split(bytes: &[u8]) -> (String, Option<&[u8]>) {
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or_default();
    let bytes = bytes.get(start..).unwrap_or_default();
    for end in [b"\r\n\r\n".as_slice(), b"\n\n"] {
        if let Some(at) = bytes.windows(end.len()).position(|window| window == end) {
            let head = bytes.get(..at).unwrap_or_default();
            let head = String::from_utf8_lossy(head).into_owned();
            return (head, bytes.get(at + end.len()..));
        }
    }
    (String::from_utf8_lossy(bytes).into_owned(), None)
}

/// What curl sent, of all it said.
fn curl_head(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let sent =
        text.lines().filter_map(|line| line.strip_prefix("> ").or((line == ">").then_some("")));
    sent.collect::<Vec<_>>().join("\n")
}

/// The authority of an absolute target, and the target without it.
fn authority(target: &str) -> (Option<&str>, &str) {
    let Some((_, rest)) = target.split_once("://") else { return (None, target) };
    match rest.find(['/', '?']) {
        Some(at) => (rest.get(..at), rest.get(at..).unwrap_or_default()),
        None => (Some(rest), "/"),
    }
}

/// The data of a chunked body; `None` when it is not chunked (most captures show it joined).
fn unchunked(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    loop {
        let end = body.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(body.get(..end)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        let rest = body.get(end + 2..)?;
        if size == 0 {
            return Some(data);
        }
        data.extend_from_slice(rest.get(..size)?);
        body = rest.get(size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Raw {
        Raw::parse(text.as_bytes()).map_err(|why| why.to_string()).unwrap()
    }

    #[test]
    fn a_request_of_a_log_is_read() {
        let raw = parse(
            "POST /a%2Fb/_search?q=1 HTTP/1.1\nHost: h\nX-A:  two\nContent-Length: 2\n\n{}\n",
        );
        assert_eq!(
            (raw.method.as_str(), raw.path.as_str(), raw.query.as_str()),
            ("POST", "/a%2Fb/_search", "q=1")
        );
        assert_eq!(raw.headers[1], ("X-A".to_owned(), " two".to_owned()));
        assert_eq!(
            raw.body.as_deref(),
            Some(b"{}".as_slice()),
            "an editor's newline is not the body's"
        );
    }

    #[test]
    fn what_curl_says_itself_is_left_out() {
        let raw = parse(
            "*   Trying 127.0.0.1:9200...\n> GET /x HTTP/2\r\n> Host: h\r\n> \r\n< HTTP/2 403\n< date: x\n",
        );
        assert_eq!((raw.path.as_str(), raw.headers.len()), ("/x", 1));
        assert_eq!(raw.body.as_deref(), Some(b"".as_slice()));
    }

    #[test]
    fn a_body_that_was_not_caught_is_not_an_empty_one() {
        assert_eq!(parse("> POST / HTTP/1.1\n> Content-Length: 5\n>\n").body, None);
        assert_eq!(parse("GET / HTTP/1.1\nHost: h\n\n").body.as_deref(), Some(b"".as_slice()));
    }

    #[test]
    fn chunks_are_joined() {
        let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(
            parse(&format!("{head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")).body.unwrap(),
            b"abcde"
        );
        assert_eq!(parse(&format!("{head}{{\"a\":1}}")).body.unwrap(), b"{\"a\":1}");
    }

    #[test]
    fn an_absolute_target_names_the_host() {
        let raw = parse("GET https://h:1/a?b HTTP/1.1\nAccept: */*\n");
        assert_eq!(
            (raw.header("host"), raw.path.as_str(), raw.query.as_str()),
            (Some("h:1"), "/a", "b")
        );
    }

    #[test]
    fn what_is_no_request_is_said_so() {
        assert!(Raw::parse(b"\n\n").is_err());
        assert!(Raw::parse(b"hello").is_err());
        assert!(Raw::parse(b"GET / HTTP/1.1\nno header\n\n").is_err());
    }
}
