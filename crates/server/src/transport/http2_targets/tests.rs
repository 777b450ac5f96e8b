use http::uri::PathAndQuery;
use http::{Request, Version};
use proptest::prelude::*;

use super::*;

fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, 1], payload].concat()
}

/// A literal `:path`, indexed or not, named by the static table.
fn path_field(first: u8, value: &[u8]) -> Vec<u8> {
    let mut field = vec![first | 4];
    push_text(&mut field, value);
    field
}

/// `:method: GET`, `:scheme: https` of the static table, and then this.
fn block(field: &[u8]) -> Vec<u8> {
    [&[0x82, 0x87], field, &[0x0f, 0x0d, 1, b'2']].concat()
}

/// What passes of a connection that begins with these frames, cut into pieces.
fn passed(frames: &[u8], piece: usize) -> Vec<u8> {
    let mut targets = Targets::default();
    let bytes = [vec![b'x'; PREFACE_BYTES], frames.to_vec()].concat();
    let mut passed = Vec::new();
    for piece in bytes.chunks(piece) {
        match targets.pass(piece) {
            None => passed.extend_from_slice(piece),
            Some(instead) => passed.extend(instead),
        }
    }
    assert!(targets.partial.is_empty(), "held up: {:?}", targets.partial);
    passed.split_off(PREFACE_BYTES)
}

/// What is refused of a target after h2 has read what stands for it.
fn told(target: &[u8]) -> Option<Fault> {
    let frame = passed(&frame(HEADERS, 4, &block(&path_field(0x40, target))), 1_000_000);
    let (value, _) = path(&frame[HEAD_BYTES..]).unwrap();
    assert_eq!(value.len(), target.len(), "{target:?}");
    // As h2 makes it.
    let mut uri = http::uri::Parts::default();
    uri.scheme = Some(http::uri::Scheme::HTTPS);
    uri.authority = Some("localhost".parse().unwrap());
    uri.path_and_query = Some(PathAndQuery::try_from(value.as_slice()).unwrap());
    let request = Request::builder().version(Version::HTTP_2).uri(uri).body(()).unwrap();
    refused(&request.into_parts().0)
}

#[test]
fn a_character_that_h2_does_not_take_is_told_with_its_place() {
    for (target, byte, position) in [
        (b"/x/_search?q=t:\"a\"".as_slice(), b'"', 16),
        (b"/<", b'<', 2),
        (b"/?>", b'>', 3),
        (b"/abcdefgh`", b'`', 10),
        (b"/a b", b' ', 3),
        (b"/a\r\nx: y", b'\r', 3),
        (b"/a\0", 0, 3),
        (b"/\x7f", 0x7f, 2),
        (b"/a#b", b'#', 3),
        (b"/a\xff", 0x80, 3),
    ] {
        let told = told(target);
        assert_eq!(told, Some(Fault::Target { byte, position }), "{target:?}");
    }
    for target in [b"x".as_slice(), b"a\"", b"?a=b", b"?", b"#"] {
        assert_eq!(told(target), Some(Fault::Start), "{target:?}");
    }
}

#[test]
fn targets_that_h2_takes_pass_as_they_came() {
    for target in ["/", "*", "/a?b={c}", "/\u{e9}?x=%22", &"/long".repeat(100)] {
        for first in [0x00, 0x10, 0x40] {
            let frame = frame(HEADERS, 5, &block(&path_field(first, target.as_bytes())));
            assert_eq!(passed(&frame, 7), frame, "{target}");
        }
        assert_eq!(told(target.as_bytes()), None, "{target}");
    }
}

#[test]
fn padding_and_priority_stay_where_they_are() {
    let field = path_field(0x40, b"/\"?\"");
    let good = path_field(0x40, b"/\"?~");
    let with = |field: &[u8]| [&[3, 0, 0, 0, 0, 16], &block(field)[..], &[0; 3]].concat();
    let seen = passed(&frame(HEADERS, PADDED | PRIORITY | 4, &with(&field)), 5);
    assert_eq!(seen, frame(HEADERS, PADDED | PRIORITY | 4, &with(&path_field(0x40, b"?q4~"))));
    let sound = frame(HEADERS, PADDED | PRIORITY | 4, &with(&good));
    assert_eq!(passed(&sound, 5), sound);
}

#[test]
fn a_huffman_coded_path_by_its_name_is_read_too() {
    // ":path" in plain, "/a\"" does not matter here: `"` is 10 bits, `/` and `a` 6 and 5; 3 ones of padding.
    let coded: u32 = 0b0110_0000_0111_1111_1100_0111;
    let bytes = coded.to_be_bytes();
    let field = [&[0x40, 5], b":path".as_slice(), &[0x83], &bytes[1..]].concat();
    let seen = passed(&frame(HEADERS, 4, &block(&field)), 100);
    // In a path `"` passes: the frame is the one that came.
    assert_eq!(seen, frame(HEADERS, 4, &block(&field)));
    // "/a<": `<` is 15 bits.
    let coded: u32 = 0b0110_0000_0111_1111_1111_1111_0011_1111;
    let field = [&[0x40, 5], b":path".as_slice(), &[0x84], &coded.to_be_bytes()].concat();
    let seen = passed(&frame(HEADERS, 4, &block(&field)), 100);
    let instead = [&[0x40, 5], b":path".as_slice(), &[3], b"?l3"].concat();
    assert_eq!(seen, frame(HEADERS, 4, &block(&instead)));
}

proptest! {
    /// However the bytes are cut, the same passes; and but for bad paths, what came.
    #[test]
    fn the_cut_of_reads_changes_nothing(
        frames in prop::collection::vec(prop_oneof![
            Just(frame(HEADERS, 5, &block(&path_field(0x40, b"/a<b")))),
            Just(frame(HEADERS, 5, &block(&path_field(0x00, b"/good?x=y")))),
            Just(frame(0, 0, b"data that looks like \x00\x00\x01\x01")),
            Just(frame(4, 0, b"")),
            Just(frame(HEADERS, 0x28, b"\xff")),
            Just(frame(HEADERS, 0, b"")),
            Just(frame(HEADERS, 0, &[0xff; 20])),
        ], 0..6),
        cut in 1_usize..30,
    ) {
        let whole = frames.concat();
        let once = passed(&whole, 1_000_000);
        prop_assert_eq!(passed(&whole, cut), once.clone());
        prop_assert_eq!(once.len(), whole.len());
        if !frames.iter().any(|frame| frame.windows(4).any(|window| window == b"/a<b")) {
            prop_assert_eq!(once, whole);
        }
    }

    /// No bytes make it panic.
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 1_usize..30) {
        let mut targets = Targets { skip: 0, partial: Vec::new() };
        for piece in bytes.chunks(cut) {
            targets.pass(piece);
        }
        path(&bytes);
        rewritten(&frame(HEADERS, bytes.first().copied().unwrap_or(0), &bytes));
    }
}
