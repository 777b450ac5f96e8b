//! A `_bulk` whose body is read as it is needed: a body of any length costs the memory of a piece of it, or of its longest item.

use std::io::BufRead;

use bytes::Bytes;

use super::{BulkItem, Lines, next_item, no_requests, unterminated};
use crate::exception::{Exception, ExceptionKind};
use crate::rest::{Parsed, ParsedBody, Route, check_head};
use crate::work::Work;

/// The items of a `_bulk`, a piece at a time.
///
/// ```
/// use engine::Work;
/// use engine::rest::{BulkPieces, Flavor, ParsedBody, route};
///
/// let route = route("POST", "/x/_bulk", "", Flavor::OpenSearch219).unwrap();
/// let body = "{\"delete\":{\"_id\":\"1\"}}\n{\"delete\":{\"_id\":\"2\"}}\n";
/// let mut pieces = BulkPieces::of(route, Some("application/x-ndjson"), body.as_bytes()).unwrap();
/// let piece = pieces.next_piece(1, &Work::unbounded()).unwrap().unwrap();
/// assert!(matches!(piece.body, ParsedBody::Bulk(items) if items.len() == 1));
/// ```
pub struct BulkPieces<R> {
    route: Route,
    lines: ReadLines<R>,
    items: usize,
}

struct ReadLines<R> {
    source: R,
    number: usize,
    /// Bytes of lines that were read since a piece began.
    bytes: usize,
}

impl<R: BufRead> BulkPieces<R> {
    /// Of the body that `source` has.
    ///
    /// # Errors
    /// As [`parse`](crate::rest::parse), of all but the body.
    pub fn of(route: Route, content_type: Option<&str>, source: R) -> Result<Self, Exception> {
        check_head(&route, content_type)?;
        Ok(Self { route, lines: ReadLines { source, number: 0, bytes: 0 }, items: 0 })
    }

    /// The next items, whose lines have `bytes` or, the last piece, fewer; one item is whole, however long it is. None at the end.
    ///
    /// # Errors
    /// As [`parse`](crate::rest::parse), of the body; `io_exception` where it cannot be read.
    pub fn next_piece(&mut self, bytes: usize, work: &Work) -> Result<Option<Parsed>, Exception> {
        self.lines.bytes = 0;
        let mut items: Vec<BulkItem> = Vec::new();
        while items.is_empty() || self.lines.bytes < bytes {
            let before = self.items + items.len();
            let item = next_item(&self.route, &mut self.lines, before, work);
            match item.map_err(|fault| fault.placed(None, self.route.flavor))? {
                Some(item) => items.push(item),
                None => break,
            }
        }
        if self.items + items.len() == 0 {
            return Err(no_requests());
        }
        self.items += items.len();
        let piece = Parsed { route: self.route.clone(), body: ParsedBody::Bulk(items) };
        Ok(match &piece.body {
            ParsedBody::Bulk(items) if items.is_empty() => None,
            _ => Some(piece),
        })
    }

    /// Where the body comes from.
    pub fn source(&mut self) -> &mut R {
        &mut self.lines.source
    }
}

impl<R: BufRead> Lines for ReadLines<R> {
    fn next_line(&mut self) -> Result<Option<(usize, Bytes)>, Exception> {
        let mut line = Vec::new();
        let read = self.source.read_until(b'\n', &mut line);
        let read = read.map_err(|error| Exception::new(ExceptionKind::Io, error.to_string()))?;
        if read == 0 {
            return Ok(None);
        }
        if line.pop() != Some(b'\n') {
            return Err(unterminated());
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        self.number += 1;
        self.bytes += read;
        Ok(Some((self.number, line.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::{Flavor, route};

    const KIND: Option<&str> = Some("application/json");

    fn pieces(body: &str, bytes: usize) -> Result<Vec<usize>, Exception> {
        let route = route("POST", "/x/_bulk", "", Flavor::Elasticsearch710).unwrap();
        let mut pieces = BulkPieces::of(route, KIND, body.as_bytes())?;
        let mut counts = Vec::new();
        while let Some(piece) = pieces.next_piece(bytes, &Work::unbounded())? {
            let ParsedBody::Bulk(items) = piece.body else { panic!("no items") };
            counts.push(items.len());
        }
        Ok(counts)
    }

    #[test]
    fn a_piece_ends_with_the_item_that_fills_it() {
        let body = "{\"index\":{}}\n{\"a\":1}\n\n{\"delete\":{\"_id\":\"1\"}}\r\n".repeat(3);
        assert_eq!(pieces(&body, 1).unwrap(), [1; 6]);
        assert_eq!(pieces(&body, 30).unwrap(), [2, 2, 2]);
        assert_eq!(pieces(&body, 1_000).unwrap(), [6]);
    }

    #[test]
    fn what_is_wrong_with_a_body_is_told_as_of_one_that_is_read_at_once() {
        let at_once = |body: &str| {
            let route = route("POST", "/x/_bulk", "", Flavor::Elasticsearch710).unwrap();
            let body = Bytes::copy_from_slice(body.as_bytes());
            super::super::read(&route, &body, &Work::unbounded()).unwrap_err().reason().to_owned()
        };
        for body in [
            "\n",
            "{\"index\":{}}\n",
            "{\"delete\":{\"_id\":\"1\"}}\n{\"index\":{}}\n{}",
            "{\"delete\":{\"_id\":\"1\"}}\n\n{\"oops\":{}}\n{}\n",
        ] {
            assert_eq!(pieces(body, 1).unwrap_err().reason(), at_once(body), "{body}");
        }
        assert_eq!(pieces("", 1).unwrap_err().kind(), no_requests().kind());
    }

    #[test]
    fn the_head_is_checked_as_ever() {
        let route = route("POST", "/x/_bulk", "refreshed=true", Flavor::Elasticsearch710).unwrap();
        let refused = BulkPieces::of(route.clone(), KIND, &b""[..]).err().unwrap();
        assert!(refused.reason().contains("refreshed"), "{}", refused.reason());
        let refused = BulkPieces::of(route, Some("application/cbor"), &b""[..]).err();
        assert!(refused.is_some());
    }
}
