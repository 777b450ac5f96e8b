//! Header names: the headers that a request has of each, and the names that `SignedHeaders` lists.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::limits::SIGNED_HEADERS_MAX;
use crate::request::Request;

/// The name of a header, in lower case, and its value as received.
type Header<'a> = (Cow<'a, str>, &'a [u8]);

/// A request's headers by their names, those of one name in the order received: a name's headers are found
/// without a look at all of them, however many a stranger sends.
pub(crate) struct Index<'a>(Vec<Header<'a>>);

impl<'a> Index<'a> {
    pub(crate) fn of(request: &Request<'a>) -> Self {
        let lower = |name: &'a str| match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(name.to_ascii_lowercase()),
            false => Cow::Borrowed(name),
        };
        let headers = request.headers.iter().map(|(name, value)| (lower(name), *value));
        let mut headers: Vec<Header<'a>> = headers.collect();
        // Stable: it keeps the order of those of one name.
        headers.sort_by(|(one, _), (other, _)| compare(one.as_bytes(), other.as_bytes()));
        Self(headers)
    }

    /// The headers of a name, which is in lower case.
    fn find(&self, name: &[u8]) -> &[Header<'a>] {
        let order = |header: &Header<'_>| compare(header.0.as_bytes(), name);
        let start = self.0.partition_point(|header| order(header) == Ordering::Less);
        let rest = self.0.get(start..).unwrap_or_default();
        let count = rest.iter().take_while(|header| order(header) == Ordering::Equal).count();
        rest.get(..count).unwrap_or_default()
    }
}

/// By length first: most names are told apart by it.
fn compare(one: &[u8], other: &[u8]) -> Ordering {
    (one.len(), one).cmp(&(other.len(), other))
}

/// One name of the list.
pub(crate) struct ListedName<'a> {
    pub(crate) name: &'a [u8],
    headers: &'a [Header<'a>],
}

impl<'a> ListedName<'a> {
    /// The values of the request's headers of this name, in the order received.
    pub(crate) fn values(&self) -> impl Iterator<Item = &'a [u8]> {
        self.headers.iter().map(|(_, value)| *value)
    }
}

/// The names of a list in their order, each with its headers; of a list that is too long, one name more than
/// it may have.
pub(crate) fn find<'a>(list: &'a [u8], index: &'a Index<'a>) -> Vec<ListedName<'a>> {
    let names = list.split(|byte| *byte == b';').take(SIGNED_HEADERS_MAX + 1);
    names.map(|name| ListedName { name, headers: index.find(name) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headers_of_a_name_are_found_in_the_order_received_whatever_their_case() {
        let mut names =
            vec!["host", "Host", "a", "te", "x-amz-date", "X-AMZ-DATE", "y-amz-date", "host"];
        let many: Vec<String> = (0..250).map(|count| format!("x-{}", count % 199)).collect();
        names.extend(many.iter().map(String::as_str));
        let values: Vec<String> = (0..names.len()).map(|place| place.to_string()).collect();
        for start in 0..9 {
            let headers: Vec<(&str, &[u8])> = names[start..]
                .iter()
                .zip(&values)
                .map(|(name, value)| (*name, value.as_bytes()))
                .collect();
            let request = Request { method: "GET", path: "/", query: "", headers: &headers };
            let index = Index::of(&request);
            for name in ["host", "a", "te", "x-amz-date", "y-amz-date", "x-0", "", "b", "x-200"] {
                let expected: Vec<&[u8]> = headers
                    .iter()
                    .filter(|(other, _)| other.eq_ignore_ascii_case(name))
                    .map(|(_, value)| *value)
                    .collect();
                let found = find(name.as_bytes(), &index);
                assert_eq!(found.len(), 1);
                assert_eq!(found[0].values().collect::<Vec<_>>(), expected, "{name}");
            }
        }
    }
}
