//! Time-based one-time passwords: RFC 6238 with SHA-1, six digits, thirty seconds, as authenticator apps make them.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use data_encoding::BASE32_NOPAD;

/// Seconds of one step.
pub(crate) const STEP_SECONDS: i64 = 30;

/// The code of `seed` at step `step` (RFC 4226 §5.3).
fn code(seed: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes.last().copied().unwrap_or_default() & 0x0f);
    let window = bytes.iter().skip(offset).take(4);
    let number = window.fold(0u32, |number, byte| (number << 8) | u32::from(*byte)) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// The step at which `given` is the code, among those up to `window` steps before and after `now` (seconds since 1970)
/// and later than `after`: a code is good once.
pub(crate) fn find(seed: &[u8], given: &str, now: i64, window: i64, after: i64) -> Option<i64> {
    let current = now.div_euclid(STEP_SECONDS);
    let same = |step: &i64| {
        verify_slices_are_equal(code(seed, *step).as_bytes(), given.as_bytes()).is_ok()
    };
    (current - window..=current + window).filter(|step| *step > after).find(same)
}

/// The step of the second of two codes that follow each other.
pub(crate) fn find_pair(
    seed: &[u8],
    first: &str,
    second: &str,
    now: i64,
    window: i64,
    after: i64,
) -> Option<i64> {
    let step = find(seed, first, now, window, after)?;
    let next = code(seed, step + 1);
    verify_slices_are_equal(next.as_bytes(), second.as_bytes()).is_ok().then_some(step + 1)
}

/// Base 32 without padding (RFC 4648 §6): how seeds are typed into apps.
pub(crate) fn base32(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the SHA-1 rows, last six digits.
    #[test]
    fn the_rfcs_vectors() {
        let seed = b"12345678901234567890";
        for (time, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(seed, time / STEP_SECONDS), expected, "{time}");
        }
    }

    /// RFC 4648, section 10, without padding.
    #[test]
    fn base32_is_the_rfcs() {
        for (plain, expected) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(plain.as_bytes()), expected);
        }
    }

    #[test]
    fn a_code_is_good_once_and_near_its_time() {
        let seed = b"12345678901234567890";
        assert_eq!(find(seed, "287082", 59, 1, -1), Some(1));
        assert_eq!(find(seed, "287082", 89, 1, -1), Some(1));
        assert_eq!(find(seed, "287082", 120, 1, -1), None);
        assert_eq!(find(seed, "287082", 59, 1, 1), None);
    }
}
