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

/// The ids of the requests that a process answers. Those of a gateway that shares its state say which gateway that is: its records are
/// its own, and whoever asks another one is told where to ask (decision 0214).
#[derive(Clone, Copy, Default)]
pub(crate) struct RequestIds(Option<GatewayMark>);

/// The last bytes of its ids, which follow from the name of a gateway.
type GatewayMark = [u8; 2];

impl RequestIds {
    /// Those of a gateway; of a process that shares its state with nobody all of an id is random.
    pub(crate) fn of(gateway: Option<&str>) -> Self {
        Self(gateway.map(mark))
    }

    /// Another one: a random UUID (RFC 9562, version 4), as Amazon's request ids are.
    pub(crate) fn next(self) -> String {
        let mut bytes = random_bytes();
        if let (Some(mark), Some(last)) = (self.0, bytes.last_chunk_mut()) {
            *last = mark;
        }
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }
}

/// Whether this request or authorization id may be one of `gateway`'s. One in 65,536 of another process's is so, too.
pub(crate) fn may_be_of(gateway: &str, id: &str) -> bool {
    let mark = data_encoding::HEXLOWER.encode(&mark(gateway));
    let digits = id.bytes().filter(|byte| byte.is_ascii_hexdigit()).count();
    digits == 32 && id.to_ascii_lowercase().ends_with(&mark)
}

fn mark(gateway: &str) -> GatewayMark {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, gateway.as_bytes());
    hash.as_ref().first_chunk().copied().unwrap_or_default()
}

/// The id of what nobody asked for, and of a process that shares its state with nobody.
pub(crate) fn request_id() -> String {
    RequestIds::default().next()
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
    fn an_id_says_which_gateway_answered_and_is_a_random_uuid_all_the_same() {
        let ids = RequestIds::of(Some("gw-1f0c"));
        let (id, next) = (ids.next(), ids.next());
        assert!(may_be_of("gw-1f0c", &id) && may_be_of("gw-1f0c", &authorization_id(&next)));
        assert!(!may_be_of("gw-77aa", &id) && !may_be_of("gw-1f0c", "last"));
        assert_eq!((id.len(), id.as_bytes()[14]), (36, b'4'));
        assert_ne!(id.split_at(32).0, next.split_at(32).0);
    }

    #[test]
    fn no_request_id_comes_twice_on_any_thread() {
        let ids = || (0..3 * IDS_AT_ONCE).map(|_| request_id()).collect::<Vec<_>>();
        let others = std::thread::spawn(ids).join().unwrap();
        let all: HashSet<String> = ids().into_iter().chain(others).collect();
        assert_eq!(all.len(), 6 * IDS_AT_ONCE);
    }
}
