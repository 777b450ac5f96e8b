//! Requests and responses as values.

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};
use zeroize::Zeroizing;

use crate::facade::Visitor;

/// What a browser asks for.
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, encoded, as sent.
    pub path: String,
    /// The query, encoded, without its `?`.
    pub query: String,
    /// The `Host`.
    pub host: String,
    /// The `Cookie` headers, joined.
    pub cookies: String,
    /// The `Origin`, where one was sent.
    pub origin: Option<String>,
    /// `Sec-Fetch-Site`, where it was sent.
    pub fetch_site: Option<String>,
    /// The body of a form.
    pub form: Vec<u8>,
    /// Who asks.
    pub visitor: Visitor,
}

impl Request {
    /// Whether a page of another site, or of another port or name of this one, led the browser here.
    pub(crate) fn is_led_from_elsewhere(&self) -> bool {
        matches!(self.fetch_site.as_deref(), Some("cross-site" | "same-site"))
    }
}

/// The methods that pages have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Shows a page; `HEAD`, too, whose body the server leaves out.
    Get,
    /// Does something.
    Post,
}

/// What a browser is answered.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer with a body.
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self { status, headers, body: body.into() }
    }

    /// A page.
    pub(crate) fn html(status: u16, page: String) -> Self {
        Self::new(status, "text/html; charset=utf-8", page)
    }

    /// "Look there", by `GET`.
    pub(crate) fn see(address: &str) -> Self {
        Self { status: 303, headers: vec![("location", address.to_owned())], body: Vec::new() }
    }

    /// The same, with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The fields of a query or of a form, decoded, in their order. Any of them may be a secret, so all are wiped when dropped.
#[derive(Clone, Default)]
pub(crate) struct Fields(Vec<(String, Zeroizing<String>)>);

impl Fields {
    /// Reads `a=b&c=d`.
    pub(crate) fn read(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (form_decoded(name), Zeroizing::new(form_decoded(value)))
                })
                .collect(),
        )
    }

    /// All fields, in their order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of a field; nothing is the empty text.
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The first value of a field, without the white space around it.
    pub(crate) fn trimmed(&self, name: &str) -> &str {
        self.get(name).trim()
    }

    /// Whether a field is there, with any value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }

    /// The words of a field: what stands between commas, spaces and ends of lines.
    pub(crate) fn words(&self, name: &str) -> Vec<&str> {
        let text = self.get(name);
        text.split(|c: char| c == ',' || c.is_whitespace())
            .filter(|word| !word.is_empty())
            .collect()
    }
}

fn form_decoded(text: &str) -> String {
    decoded(&text.replace('+', " "))
}

/// A text without its percent escapes.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// What stays as it is in a part of a path or query.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text as a part of a path or query.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// What a request's target may not hold as it is.
const TARGET: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A path with its query as somebody types it, as it can be sent: what is encoded already stays.
pub(crate) fn target(text: &str) -> String {
    utf8_percent_encode(text, TARGET).to_string()
}

/// A query of these fields.
pub(crate) fn query(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Compares without telling by the time it takes where two texts differ.
pub(crate) fn is_same(left: &str, right: &str) -> bool {
    let differences = left.bytes().zip(right.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    left.len() == right.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_same_only_if_every_byte_is() {
        assert!(is_same("abc", "abc"));
        assert!(!is_same("abc", "abd") && !is_same("ab", "abc") && !is_same("", "a"));
    }

    #[test]
    fn fields_are_decoded_and_the_first_of_a_name_counts() {
        let fields = Fields::read("a=1%262&b=x+y&a=2&c&d=%ff");
        assert_eq!(fields.get("a"), "1&2");
        assert_eq!(fields.get("b"), "x y");
        assert!(fields.has("c") && fields.get("c").is_empty());
        assert_eq!(fields.get("d"), "\u{fffd}");
        assert!(!fields.has("e") && fields.get("e").is_empty());
    }

    #[test]
    fn words_stand_between_commas_and_white_space() {
        let fields = Fields::read("ips=10.0.0.0%2F8%2C+192.0.2.1%0D%0A%0D%0A203.0.113.9");
        assert_eq!(fields.words("ips"), ["10.0.0.0/8", "192.0.2.1", "203.0.113.9"]);
    }

    #[test]
    fn what_is_encoded_reads_back() {
        for text in ["a/b?c#d", "ä ö", "<script>", "100%", ".."] {
            assert_eq!(decoded(&encoded(text)), text);
        }
        assert_eq!(query(&[("a b", "c&d")]), "a%20b=c%26d");
    }
}
