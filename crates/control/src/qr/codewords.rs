//! The codewords of a QR code: the text as bytes, in blocks, each with its Reed-Solomon code.

use zeroize::Zeroizing;

use super::Size;

/// What stands in the code, in the order in which it is drawn.
pub(super) fn of(text: &str, size: &Size) -> Zeroizing<Vec<u8>> {
    let data = data_of(text, size.data());
    let divisor = divisor(size.correction);
    let (mut blocks, mut rest) = (Vec::new(), data.as_slice());
    for (count, length) in size.blocks {
        for _ in 0..count {
            let (block, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            blocks.push((block, Zeroizing::new(remainder(block, &divisor))));
            rest = after;
        }
    }
    // A codeword of each block in turn.
    let longest = size.blocks.iter().map(|(_, length)| *length).max().unwrap_or_default();
    let data =
        (0..longest).flat_map(|at| blocks.iter().filter_map(move |(block, _)| block.get(at)));
    let codes = (0..size.correction)
        .flat_map(|at| blocks.iter().filter_map(move |(_, correction)| correction.get(at)));
    Zeroizing::new(data.chain(codes).copied().collect())
}

/// The mode (bytes), the length in 16 bits, the bytes, the end, and what fills the rest.
fn data_of(text: &str, room: usize) -> Zeroizing<Vec<u8>> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes();
    let bytes = length.into_iter().chain(text.bytes());
    // Behind four bits of mode every byte stands across two codewords.
    let mut data = Zeroizing::new(Vec::with_capacity(room));
    let mut half = 0b0100;
    for byte in bytes {
        data.push(half << 4 | byte >> 4);
        half = byte & 0x0F;
    }
    data.push(half << 4);
    let filling = [0xEC, 0x11].into_iter().cycle();
    let missing = room.saturating_sub(data.len());
    data.extend(filling.take(missing));
    data
}

/// The product in the field of 256 elements of x^8 + x^4 + x^3 + x^2 + 1.
fn product(left: u8, right: u8) -> u8 {
    let mut sum = 0;
    for bit in (0..8).rev() {
        let carried = sum >> 7;
        sum = (sum << 1) ^ (carried * 0x1D);
        sum ^= (right >> bit & 1) * left;
    }
    sum
}

/// The polynomial whose roots are the first `degree` powers of 2, without its leading coefficient.
fn divisor(degree: usize) -> Vec<u8> {
    let mut divisor = vec![0; degree];
    if let Some(last) = divisor.last_mut() {
        *last = 1;
    }
    let mut root = 1;
    for _ in 0..degree {
        let shifted: Vec<u8> = divisor.iter().skip(1).copied().chain([0]).collect();
        divisor =
            divisor.iter().zip(shifted).map(|(own, next)| product(*own, root) ^ next).collect();
        root = product(root, 2);
    }
    divisor
}

fn remainder(data: &[u8], divisor: &[u8]) -> Vec<u8> {
    let mut rest = vec![0; divisor.len()];
    for byte in data {
        let factor = byte ^ rest.first().copied().unwrap_or_default();
        rest.rotate_left(1);
        if let Some(last) = rest.last_mut() {
            *last = 0;
        }
        for (own, coefficient) in rest.iter_mut().zip(divisor) {
            *own ^= product(*coefficient, factor);
        }
    }
    rest
}
