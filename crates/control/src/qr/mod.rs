//! A text as a QR code: what an authenticator photographs (`QRCodePNG`).
//!
//! Source: ISO/IEC 18004. Two of its forty sizes are made, with error correction L and mask 0: every reader takes any size and
//! any mask.

mod codewords;
mod png;

use zeroize::Zeroizing;

/// A size of QR codes at error correction L.
struct Size {
    /// 1 to 40.
    version: usize,
    /// Codewords of error correction of each block.
    correction: usize,
    /// How many blocks there are of each length, and that length in codewords of data; the shorter first.
    blocks: [(usize, usize); 2],
    /// The rows and columns in which alignment patterns stand.
    alignment: &'static [usize],
    /// The version with its check bits.
    version_bits: u32,
}

const SIZES: [Size; 2] = [
    Size {
        version: 10,
        correction: 18,
        blocks: [(2, 68), (2, 69)],
        alignment: &[6, 28, 50],
        version_bits: 0x0A4D3,
    },
    Size {
        version: 20,
        correction: 28,
        blocks: [(3, 107), (5, 108)],
        alignment: &[6, 34, 62, 90],
        version_bits: 0x149A6,
    },
];

/// Error correction L and mask 0 with their check bits.
const FORMAT_BITS: u32 = 0x77C4;

/// The picture of `text` as a PNG; `None`: the text is too long for one (858 bytes).
pub(crate) fn picture(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    Some(png::of(&Modules::of(text)?))
}

/// The modules of a code: dark or light, and whether they are data's or a pattern's.
struct Modules {
    side: usize,
    dark: Zeroizing<Vec<bool>>,
    fixed: Vec<bool>,
}

impl Modules {
    fn of(text: &str) -> Option<Modules> {
        let size = SIZES.iter().find(|size| text.len() + 3 <= size.data())?;
        let side = 17 + 4 * size.version;
        let empty = || vec![false; side * side];
        let mut modules = Modules { side, dark: Zeroizing::new(empty()), fixed: empty() };
        modules.draw_patterns(size);
        modules.draw_data(&codewords::of(text, size));
        Some(modules)
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark.get(y * self.side + x).copied().unwrap_or_default()
    }

    fn is_fixed(&self, x: usize, y: usize) -> bool {
        self.fixed.get(y * self.side + x).copied().unwrap_or(true)
    }

    fn set(&mut self, x: usize, y: usize, dark: bool) {
        if let Some(module) = self.dark.get_mut(y * self.side + x) {
            *module = dark;
        }
    }

    fn fix(&mut self, x: usize, y: usize, dark: bool) {
        if x < self.side && y < self.side {
            self.set(x, y, dark);
            if let Some(fixed) = self.fixed.get_mut(y * self.side + x) {
                *fixed = true;
            }
        }
    }

    fn draw_patterns(&mut self, size: &Size) {
        let (side, last) = (self.side, self.side - 7);
        for at in 0..side {
            self.fix(at, 6, at % 2 == 0);
            self.fix(6, at, at % 2 == 0);
        }
        for (x, y) in [(0, 0), (last, 0), (0, last)] {
            self.draw_finder(x, y);
        }
        for &x in size.alignment {
            for &y in size.alignment {
                let at_finder = (x == 6 && (y == 6 || y + 7 == side)) || (y == 6 && x + 7 == side);
                if !at_finder {
                    for (dx, dy) in grid(5) {
                        let ring = dx.abs_diff(2).max(dy.abs_diff(2));
                        self.fix(x - 2 + dx, y - 2 + dy, ring != 1);
                    }
                }
            }
        }
        for bit in 0..18 {
            let dark = size.version_bits >> bit & 1 == 1;
            let (along, across) = (bit / 3, side - 11 + bit % 3);
            self.fix(along, across, dark);
            self.fix(across, along, dark);
        }
        self.draw_format();
    }

    /// A square in a square, with its light border.
    fn draw_finder(&mut self, x: usize, y: usize) {
        for (dx, dy) in grid(9) {
            let ring = dx.abs_diff(4).max(dy.abs_diff(4));
            if let (Some(x), Some(y)) = ((x + dx).checked_sub(1), (y + dy).checked_sub(1)) {
                self.fix(x, y, ring != 2 && ring != 4);
            }
        }
    }

    /// Twice: beside the first square, and half beside each of the others.
    fn draw_format(&mut self) {
        let side = self.side;
        for bit in 0..15 {
            let dark = FORMAT_BITS >> bit & 1 == 1;
            let (x, y) = match bit {
                0..=5 => (8, bit),
                6 => (8, 7),
                7 => (8, 8),
                8 => (7, 8),
                _ => (14 - bit, 8),
            };
            self.fix(x, y, dark);
            match bit {
                0..=7 => self.fix(side - 1 - bit, 8, dark),
                _ => self.fix(8, side - 15 + bit, dark),
            }
        }
        self.fix(8, side - 8, true);
    }

    /// In columns of two from the right, up and down in turn; every other module is turned over (mask 0).
    fn draw_data(&mut self, codewords: &[u8]) {
        let mut bits =
            codewords.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
        let rights =
            (1..self.side).rev().step_by(2).map(|right| if right <= 6 { right - 1 } else { right });
        for (column, right) in rights.enumerate() {
            for step in 0..self.side {
                let y = if column % 2 == 0 { self.side - 1 - step } else { step };
                for x in [right, right - 1] {
                    if !self.is_fixed(x, y) {
                        let dark = bits.next().unwrap_or_default();
                        self.set(x, y, dark ^ ((x + y) % 2 == 0));
                    }
                }
            }
        }
    }
}

impl Size {
    /// How many codewords of data there are.
    fn data(&self) -> usize {
        self.blocks.iter().map(|(count, length)| count * length).sum()
    }
}

fn grid(side: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..side).flat_map(move |x| (0..side).map(move |y| (x, y)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> String {
        let seed = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".repeat(2);
        format!("otpauth://totp/{name}@123456789012?secret={seed}")
    }

    fn drawn(text: &str) -> String {
        let modules = Modules::of(text).unwrap();
        let row =
            |y| (0..modules.side).map(|x| if modules.is_dark(x, y) { '#' } else { '.' }).collect();
        let rows: Vec<String> = (0..modules.side).map(row).collect();
        rows.join("\n") + "\n"
    }

    /// The expected codes are those of the Python package qrcode 8.2 with the same version, correction and mask.
    #[test]
    fn a_code_is_the_one_that_another_program_makes() {
        assert_eq!(drawn(&text("phone")), include_str!("../../tests/data/qr/10-l.txt"));
        assert_eq!(drawn(&text(&"p".repeat(300))), include_str!("../../tests/data/qr/20-l.txt"));
    }

    #[test]
    fn a_text_has_room_or_no_picture() {
        assert!(picture(&"x".repeat(858)).is_some());
        assert!(picture(&"x".repeat(859)).is_none());
    }
}
