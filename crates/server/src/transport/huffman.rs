//! The Huffman code of HTTP/2 header values (RFC 7541, section 5.2), read only.
//!
//! The code is canonical: codes of one length follow each other in the order of their symbols, and a longer one
//! begins where the shorter ones ended. So the lengths of appendix B are all there is to know.

/// Bits of the code of each byte (RFC 7541, appendix B).
const LENGTHS: [u8; 256] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5,
    5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6,
    6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22,
    23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22,
    21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20,
    22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19,
    21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22,
    22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
];

const BITS_MAX: usize = 30;

/// The code, by length.
struct Code {
    /// The bytes in the order of their codes.
    symbols: [u8; 256],
    /// For each length: its first code, how many there are, and where they begin in `symbols`.
    lengths: [(u32, u32, usize); BITS_MAX + 1],
}

static CODE: Code = code();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which refuses an index out of bounds"
)]
const fn code() -> Code {
    let mut code = Code { symbols: [0; 256], lengths: [(0, 0, 0); BITS_MAX + 1] };
    let (mut bits, mut next, mut at) = (1, 0_u32, 0);
    while bits <= BITS_MAX {
        next <<= 1;
        code.lengths[bits] = (next, 0, at);
        let mut symbol = 0;
        while symbol < 256 {
            if LENGTHS[symbol] as usize == bits {
                code.symbols[at] = symbol as u8;
                code.lengths[bits].1 += 1;
                (next, at) = (next + 1, at + 1);
            }
            symbol += 1;
        }
        bits += 1;
    }
    code
}

/// The bytes that these bits stand for; `None` where they are no such code. What is left at the end must be at most
/// seven ones.
#[must_use]
pub fn decoded(bits: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(bits.len() * 2);
    let (mut code, mut length) = (0_u32, 0_usize);
    for bit in bits.iter().flat_map(|byte| (0..8).rev().map(move |shift| byte >> shift & 1)) {
        (code, length) = (code << 1 | u32::from(bit), length + 1);
        // Beyond the longest there is the end-of-string code only, which no value holds.
        let (first, count, at) = *CODE.lengths.get(length)?;
        let Some(offset) = code.checked_sub(first).filter(|offset| *offset < count) else {
            continue;
        };
        bytes.push(*CODE.symbols.get(at + usize::try_from(offset).ok()?)?);
        (code, length) = (0, 0);
    }
    (length < 8 && code == (1 << length) - 1).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        // RFC 7541, appendix C.4 and C.6.
        for (bits, text) in [
            ("f1e3c2e5f23a6ba0ab90f4ff", "www.example.com"),
            ("a8eb10649cbf", "no-cache"),
            ("25a849e95ba97d7f", "custom-key"),
            ("9d29ad171863c78f0b97c8e9ae82ae43d3", "https://www.example.com"),
            ("", ""),
        ] {
            let digits: Vec<u8> =
                bits.chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
            let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
            assert_eq!(decoded(&bytes).as_deref(), Some(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_no_code_is_not_read() {
        // Padding of zeros, of a whole byte, and the end-of-string code.
        for bits in [&[0b0000_0000][..], &[0b0000_0111, 0xff], &[0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(decoded(bits), None, "{bits:?}");
        }
    }
}
