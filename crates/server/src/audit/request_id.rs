//! The ids of requests.

use std::cell::RefCell;

/// How many ids' random bytes are asked for at once: a system call for each would cost more than the rest of the id.
const IDS_AT_ONCE: usize = 64;

/// The random bytes that a thread asked for, and how many of them nobody took yet.
struct RandomBytes {
    bytes: [u8; 16 * IDS_AT_ONCE],
    left: usize,
}

thread_local! {
    static RANDOM: RefCell<RandomBytes> =
        const { RefCell::new(RandomBytes { bytes: [0; 16 * IDS_AT_ONCE], left: 0 }) };
}

/// A random UUID (RFC 9562, version 4), as Amazon's request ids are.
pub(crate) fn request_id() -> String {
    uuid::Builder::from_random_bytes(random_bytes()).into_uuid().to_string()
}

/// The authorization id of a request, by which a denial is asked about: its request id without hyphens, because Amazon's are of
/// digits and lower-case letters alone.
#[must_use]
pub(crate) fn authorization_id(request_id: &str) -> String {
    request_id.replace('-', "")
}

/// Random bytes of which nothing hangs but that ids do not repeat.
pub(crate) fn random_bytes() -> [u8; 16] {
    RANDOM.with_borrow_mut(RandomBytes::next)
}

impl RandomBytes {
    /// The next of them. Each is taken once.
    fn next(&mut self) -> [u8; 16] {
        if self.left < 16 {
            // Without randomness ids would repeat, which harms `explain` and nothing else.
            let _ = getrandom::fill(&mut self.bytes);
            self.left = self.bytes.len();
        }
        self.left -= 16;
        let next = self.bytes.get(self.left..).and_then(|bytes| bytes.first_chunk());
        next.copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_request_id_is_a_random_uuid() {
        let id = request_id();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]));
    }

    #[test]
    fn no_request_id_comes_twice_on_any_thread() {
        let ids = || (0..3 * IDS_AT_ONCE).map(|_| request_id()).collect::<Vec<_>>();
        let others = std::thread::spawn(ids).join().unwrap();
        let all: HashSet<String> = ids().into_iter().chain(others).collect();
        assert_eq!(all.len(), 6 * IDS_AT_ONCE);
    }
}
