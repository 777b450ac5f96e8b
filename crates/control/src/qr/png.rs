//! A QR code as a picture: PNG of one bit for each pixel, not compressed.

use zeroize::Zeroizing;

use super::Modules;

/// Pixels of a module's side.
const SCALE: usize = 4;
/// Light modules around the code.
const BORDER: usize = 4;

/// The picture.
pub(super) fn of(modules: &Modules) -> Zeroizing<Vec<u8>> {
    let side = (modules.side + 2 * BORDER) * SCALE;
    let is_light = |pixel: usize, row: usize| {
        let module =
            |pixel: usize| (pixel / SCALE).checked_sub(BORDER).filter(|at| *at < modules.side);
        !module(pixel).zip(module(row)).is_some_and(|(x, y)| modules.is_dark(x, y))
    };
    let mut rows = Zeroizing::new(Vec::with_capacity(side * (side / 8 + 2)));
    for row in 0..side {
        // No filter.
        rows.push(0);
        for first in (0..side).step_by(8) {
            let bits = (0..8).map(|bit| u8::from(first + bit < side && is_light(first + bit, row)));
            rows.push(bits.fold(0, |byte, bit| byte << 1 | bit));
        }
    }
    let side = u32::try_from(side).unwrap_or_default().to_be_bytes();
    // One bit, grey, and the only methods that there are.
    let header = [side.as_slice(), &side, &[1, 0, 0, 0, 0]].concat();
    let mut picture = Zeroizing::new(b"\x89PNG\r\n\x1a\n".to_vec());
    chunk(&mut picture, *b"IHDR", &header);
    chunk(&mut picture, *b"IDAT", &stored(&rows));
    chunk(&mut picture, *b"IEND", &[]);
    picture
}

fn chunk(picture: &mut Vec<u8>, kind: [u8; 4], content: &[u8]) {
    picture.extend(u32::try_from(content.len()).unwrap_or_default().to_be_bytes());
    let checked = kind.iter().chain(content);
    let check = checked.clone().fold(u32::MAX, |check, byte| {
        (0..8).fold(check ^ u32::from(*byte), |check, _| (check >> 1) ^ (0xEDB8_8320 * (check & 1)))
    });
    picture.extend(checked);
    picture.extend((!check).to_be_bytes());
}

/// zlib's format around bytes that are not compressed: at most 65,535, which the largest code is far from.
fn stored(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut stored = Zeroizing::new(vec![0x78, 0x01, 0x01]);
    stored.extend(length.to_le_bytes());
    stored.extend((!length).to_le_bytes());
    stored.extend(bytes);
    let sums = bytes.iter().fold((1, 0), |(one, two): (u32, u32), byte| {
        let one = (one + u32::from(*byte)) % 65_521;
        (one, (two + one) % 65_521)
    });
    stored.extend((sums.1 << 16 | sums.0).to_be_bytes());
    stored
}
