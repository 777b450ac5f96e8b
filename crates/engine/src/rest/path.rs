//! One path decode: the raw path's segments, each decoded once.
//!
//! What could be read in two ways is refused: NUL, backslash, dot segments (plain or encoded), percent signs that encode
//! nothing, bytes that are not UTF-8, and an empty segment between two others, which is more often a name that was
//! forgotten than one slash too many. (docs/reference/abuse-cases.md, A13.) Slashes before the first segment and behind the last are
//! dropped, however many: an endpoint that ends in one makes two of them (decision 0081). An encoded slash stays inside
//! its segment; the router refuses it outside document ids.

use crate::limits::PATH_BYTES_MAX;

/// The decoded segments of `raw_path` (which starts with a slash and has no query).
/// Errors: what was seen, as a sentence for the caller.
pub(super) fn segments(raw_path: &str) -> Result<Vec<String>, String> {
    if raw_path.len() > PATH_BYTES_MAX {
        return Err(format!("the path is longer than {PATH_BYTES_MAX} bytes"));
    }
    if !raw_path.starts_with('/') {
        return Err("the path does not start with a slash".to_owned());
    }
    match raw_path.trim_matches('/') {
        "" => Ok(Vec::new()),
        rest => rest.split('/').map(segment).collect(),
    }
}

fn segment(raw: &str) -> Result<String, String> {
    let decoded = decode(raw, false)?;
    if decoded.is_empty() {
        return Err(
            "the path has an empty segment: two slashes with no name between them".to_owned()
        );
    }
    if decoded == "." || decoded == ".." {
        return Err("the path has a dot segment".to_owned());
    }
    if decoded.contains(['\0', '\\']) {
        return Err("the path has a NUL or a backslash".to_owned());
    }
    Ok(decoded)
}

/// Percent-decodes `raw` once, strictly; in a query `+` is a space.
pub(super) fn decode(raw: &str, plus_is_space: bool) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = rest.next().and_then(hexadecimal);
                let low = rest.next().and_then(hexadecimal);
                let (Some(high), Some(low)) = (high, low) else {
                    return Err(format!("unterminated or invalid escape sequence in [{raw}]"));
                };
                high * 16 + low
            }
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| format!("[{raw}] does not decode to UTF-8"))
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_decoded_once() {
        assert_eq!(segments("/a%20b/_doc/%252F").unwrap(), ["a b", "_doc", "%2F"]);
        assert_eq!(segments("/x/_doc/a%20b%2F%C3%BC*+:").unwrap(), ["x", "_doc", "a b/ü*+:"]);
    }

    #[test]
    fn slashes_around_the_segments_are_dropped_and_the_root_has_no_segments() {
        for path in ["/_cat/indices/", "//_cat/indices", "/_cat/indices//", "///_cat/indices///"] {
            assert_eq!(segments(path).unwrap(), ["_cat", "indices"], "{path}");
        }
        for path in ["/", "//", "///"] {
            assert_eq!(segments(path).unwrap(), Vec::<String>::new());
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for path in [
            "",
            "x",
            "/x//y",
            "//x///y/",
            "/x/%/y",
            "/.",
            "/..",
            "/x/../y",
            "/x/%2e%2E/y",
            "/%2e",
            "/x%00",
            "/x%5Cy",
            "/x\\y",
            "/%",
            "/%4",
            "/%zz",
            "/%ff",
            "/%c0%af",
        ] {
            assert!(segments(path).is_err(), "{path}");
        }
        assert!(segments(&format!("/{}", "x".repeat(PATH_BYTES_MAX))).is_err());
    }
}
