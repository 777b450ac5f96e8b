use proptest::prelude::*;

use super::*;

/// What became of the bytes: poisoned at, cut at, and where the watcher is afterwards.
fn watch(text: &str) -> (Option<usize>, Option<usize>, State) {
    let mut framing = Framing::default();
    let mut bytes = text.as_bytes().to_vec();
    let cut = framing.watch(&mut bytes);
    let poisoned = bytes.iter().zip(text.as_bytes()).position(|(now, was)| now != was);
    (poisoned, cut, framing.state)
}

/// These requests are let through, and the watcher is between two of them again.
#[track_caller]
fn passes(text: &str) {
    assert_eq!(watch(text), (None, None, State::Between), "{text:?}");
}

/// A head is poisoned at its first byte behind `before`.
#[track_caller]
fn poisons(before: &str, after: &str) {
    let (poisoned, cut, _) = watch(&format!("{before}{after}"));
    assert_eq!((poisoned, cut), (Some(before.len()), None), "{before:?} | {after:?}");
}

/// A body is cut behind `before`.
#[track_caller]
fn cuts(before: &str, after: &str) {
    let chunked =
        format!("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n{before}");
    let (poisoned, cut, _) = watch(&format!("{chunked}{after}"));
    assert_eq!((poisoned, cut), (None, Some(chunked.len())), "{before:?} | {after:?}");
}

#[test]
fn requests_without_ambiguity_pass_one_behind_the_other() {
    passes("GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n");
    passes("\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n");
    passes("POST / HTTP/1.1\r\nContent-Length:5\r\n\r\na\nb\rcGET / HTTP/1.1\r\nhost: a\r\n\r\n");
    passes("POST / HTTP/1.1\r\ncontent-length: \t0 \r\n\r\n");
    passes(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\na\nb\rc\r\n0a\r\n0123456789\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    );
    passes(
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\ncontent-length: 7\r\nauthorization: x\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    );
    passes(
        "POST / HTTP/1.1\r\ncontent-lengthy: x\r\nx-content-length: y\r\ncontent-lengt: z\r\n\r\n",
    );
}

#[test]
fn much_is_expected_only_in_the_middle_of_a_large_or_chunked_body() {
    let in_bulk = |text: &str| {
        let mut framing = Framing::default();
        framing.watch(&mut format!("POST / HTTP/1.1\r\n{text}").into_bytes());
        framing.in_bulk()
    };
    assert!(!in_bulk("content-length: 100000\r\n"));
    assert!(in_bulk("content-length: 100000\r\n\r\nx"));
    assert!(!in_bulk("content-length: 1000\r\n\r\nx"));
    assert!(in_bulk("transfer-encoding: chunked\r\n\r\n5\r\nab"));
    assert!(in_bulk("transfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n"));
    assert!(!in_bulk("transfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"));
}

#[test]
fn a_length_beside_a_coding_is_poisoned_at_the_heads_last_byte() {
    for (first, second) in [
        ("content-length: 5", "transfer-encoding: chunked"),
        ("Transfer-Encoding: chunked", "CONTENT-LENGTH: 5"),
        ("transfer-encoding: xchunked", "content-length: 0"),
    ] {
        poisons(&format!("POST / HTTP/1.1\r\n{first}\r\nx: y\r\n{second}\r\n\r"), "\n0\r\n\r\n");
    }
}

#[test]
fn two_lengths_are_poisoned_even_when_they_are_equal() {
    poisons("POST / HTTP/1.1\r\ncontent-length: 5\r\ncontent-length: 5\r", "\n\r\nhello");
    poisons("POST / HTTP/1.1\r\ncontent-length: 5", ",5\r\n\r\nhello");
    poisons("POST / HTTP/1.1\r\ncontent-length: 10 ", ",10\r\n\r\n");
    poisons(
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r",
        "\n\r\n0\r\n\r\n",
    );
}

#[test]
fn a_length_is_digits() {
    for (before, after) in [
        ("", "+10"),
        ("", "-1"),
        ("0", "x0a"),
        ("1 ", "0"),
        ("1", ".0"),
        ("1844674407370955161", "6"),
        ("", "\u{661}"),
    ] {
        poisons(
            &format!("POST / HTTP/1.1\r\ncontent-length: {before}"),
            &format!("{after}\r\n\r\n"),
        );
    }
    poisons("POST / HTTP/1.1\r\ncontent-length: \r", "\n\r\n");
}

#[test]
fn lines_end_in_crlf() {
    poisons("GET / HTTP/1.1", "\nhost: a\r\n\r\n");
    poisons("GET / HTTP/1.1\r\nhost: a", "\n\r\n");
    poisons("GET / HTTP/1.1\r\nhost: a\r\n", "\n");
    poisons("GET / HTTP/1.1\r\nhost: a\r", "b: c\r\n\r\n");
    poisons("", "\nGET / HTTP/1.1\r\n\r\n");
    poisons("\r", "\r\nGET / HTTP/1.1\r\n\r\n");
}

#[test]
fn http2_where_http1_was_chosen_is_poisoned() {
    poisons("PRI * HTTP/2.", "0\r\n\r\nSM\r\n\r\n");
    passes("PRI * HTTP/1.1\r\n\r\nPRIX * HTTP/2.0\r\n\r\n");
}

#[test]
fn a_line_does_not_go_on_with_the_one_before() {
    poisons("GET / HTTP/1.1\r\nx: a\r\n", " b\r\n\r\n");
    poisons("GET / HTTP/1.1\r\nx: a\r\n", "\tb\r\n\r\n");
    poisons("GET / HTTP/1.1\r\n", " x: a\r\n\r\n");
}

#[test]
fn a_chunk_is_hexadecimal_digits_and_crlf() {
    cuts("", "\r\n");
    cuts("", "+5\r\nhello\r\n");
    cuts("", "-1\r\n");
    cuts("5", " \r\nhello\r\n");
    cuts("5", "\nhello\r\n");
    cuts("0", "x5\r\nhello\r\n");
    cuts("5\r", "hello\r\n");
    cuts("5\r\nhello", "0\r\n");
    cuts("5\r\nhello\r", "0\r\n");
    cuts("5;a=b", "\nhello\r\n");
    cuts("5;a=b\r", "x\n");
    cuts("0000000000000000", "5\r\n");
}

#[test]
fn trailers_are_lines_too() {
    cuts("0\r\nx: y", "\n\r\n");
    cuts("0\r\nx: y\r\n", " z\r\n\r\n");
}

#[test]
fn a_head_that_was_begun_is_known_until_it_is_complete() {
    let mut framing = Framing::default();
    assert!(!framing.in_head());
    assert_eq!(framing.watch(&mut b"GET / HTT".to_vec()), None);
    assert!(framing.in_head());
    assert_eq!(framing.watch(&mut b"P/1.1\r\n\r\n".to_vec()), None);
    assert!(!framing.in_head());
}

/// The fault that is found in a request line.
fn fault_of(line: &[u8]) -> Option<Fault> {
    let mut framing = Framing::default();
    framing.watch(&mut [line, b"\r\nhost: a\r\n\r\n"].concat());
    framing.fault()
}

#[test]
fn a_character_that_must_be_encoded_is_named_with_its_place() {
    for (target, byte, position) in [
        (b"/x/_search?q=t:\"a\"".as_slice(), b'"', 16),
        (b"/a<b", b'<', 3),
        (b"/?a>b", b'>', 4),
        (b"/a`b", b'`', 3),
        (b"/a?b#c", b'#', 5),
        (b"/a b", b' ', 3),
        (b"/?q=a b", b' ', 6),
        (b"/a\x01b", 1, 3),
        (b"/\x7f", 0x7f, 2),
        (b"/a\xffb", 0xff, 3),
        (b"/\xc3", 0xc3, 2),
        (b"/?\xc3\xa9\xe2\x82b", 0xe2, 5),
        (b"/\xed\xa0\x80", 0xed, 2),
    ] {
        let line = [b"GET ", target, b" HTTP/1.1"].concat();
        let told = String::from_utf8_lossy(target);
        assert_eq!(fault_of(&line), Some(Fault::Target { byte, position }), "{told}");
        assert_eq!(raw_character(target), Some((byte, position)), "{told}");
    }
}

#[test]
fn what_clients_send_as_it_is_passes() {
    for target in [
        "*",
        "/a\"b{c}|^d\\",
        "/?q={a}|^`b\\[x]:'y'",
        "/\u{e9}?q=\u{20ac}\u{1f600}",
        "https://localhost:9200/x?y=z",
    ] {
        assert_eq!(fault_of(format!("GET {target} HTTP/1.1").as_bytes()), None, "{target}");
        assert_eq!(raw_character(target.as_bytes()), None, "{target}");
    }
    // What is no request line at all is hyper's to refuse, and nothing is said of a target.
    assert_eq!(fault_of(b"\x01\x02 nonsense"), None);
    assert_eq!(fault_of(b"get / and more"), None);
}

#[test]
fn a_fault_says_what_to_send_instead() {
    let said = |byte| Fault::Target { byte, position: 7 }.to_string();
    assert_eq!(said(b'"'), "byte 7 of the request target is '\"': send it percent-encoded, as %22");
    assert_eq!(
        said(b' '),
        "byte 7 of the request target is a space: send it percent-encoded, as %20"
    );
    assert!(said(0xff).ends_with("is not UTF-8: send it percent-encoded"), "{}", said(0xff));
    assert!(said(10).contains("the control character 0x0A: send it"), "{}", said(10));
}

#[test]
fn a_request_of_head_is_known_before_it_is_complete() {
    for (line, head) in [
        ("HEAD /", true),
        ("HEAD / HTTP/1.1\r\nx: y\r\n", true),
        ("HEAD", false),
        ("HEADS /", false),
        ("HEA /", false),
        ("GET /HEAD", false),
    ] {
        let mut framing = Framing::default();
        framing.watch(&mut line.as_bytes().to_vec());
        assert_eq!(framing.is_head(), head, "{line}");
    }
}

proptest! {
    /// hyper takes every target that is let through, and none that is not.
    #[test]
    fn what_passes_is_what_a_uri_takes(target in "/[ -~\u{7f}\u{e9}\u{20ac}]{0,12}") {
        prop_assert_eq!(
            raw_character(target.as_bytes()).is_none(),
            target.parse::<http::Uri>().is_ok() && !target.contains('#'),
            "{}", target
        );
    }

    /// However the bytes are cut into reads, the same is poisoned or cut at the same place.
    #[test]
    fn the_cut_of_reads_changes_nothing(
        pieces in prop::collection::vec(prop_oneof![
            Just("GET / HTTP/1.1\r\n".to_owned()),
            Just("transfer-encoding: chunked\r\n".to_owned()),
            Just("content-length: 3\r\n".to_owned()),
            Just("\r\n".to_owned()),
            Just("3\r\nabc\r\n".to_owned()),
            Just("0\r\n".to_owned()),
            Just("\n".to_owned()),
            "[ -~]{0,5}",
        ], 0..12),
        cut in 1_usize..7,
    ) {
        let text = pieces.concat();
        let mut whole = text.clone().into_bytes();
        let mut framing = Framing::default();
        let end = framing.watch(&mut whole).unwrap_or(text.len());
        whole.truncate(end);
        let mut framing = Framing::default();
        let mut read = Vec::new();
        for piece in text.as_bytes().chunks(cut) {
            let mut piece = piece.to_vec();
            let end = framing.watch(&mut piece);
            read.extend_from_slice(&piece[..end.unwrap_or(piece.len())]);
            if end.is_some() {
                break;
            }
        }
        prop_assert_eq!(read, whole);
    }
}
