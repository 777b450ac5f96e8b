//! Header names: where the request has each of them, and those that `SignedHeaders` lists.

use smallvec::SmallVec;

use crate::bytes::{any, is_same_name, split};
use crate::limits::SIGNED_HEADERS_MAX;
use crate::request::Request;

/// What two header names must have in common to be one: their length and, in either case, their last four
/// letters, in which names of one length differ. What else has the same key, the whole comparison tells apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct NameKey(u32);

impl NameKey {
    #[inline]
    pub(crate) const fn of(name: &[u8]) -> Self {
        let end = match name {
            [.., a, b, c, d] => u32::from_le_bytes([*a, *b, *c, *d]),
            _ => 0,
        };
        Self((end | 0x2020_2020) ^ name.len() as u32)
    }

    /// The chain it belongs to.
    fn chain(self) -> usize {
        // Knuth's multiplicative hash: its highest bits depend on all of the key's.
        self.0.wrapping_mul(2_654_435_769) as usize >> (u32::BITS - CHAINS.ilog2())
    }
}

/// What one pass over a request's headers finds out about each of them: a hash table of their names.
pub(crate) struct Index {
    /// The last header of each chain, counted from one.
    chains: [u16; CHAINS],
    headers: SmallVec<[Entry; 2 * USUAL]>,
}

const CHAINS: usize = 64;

/// One header.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) key: NameKey,
    /// The header before it in its chain, counted from one.
    before: u16,
    /// Whether its value is of printable ASCII without a blank: nearly all are.
    pub(crate) plain: bool,
}

impl Index {
    /// No header yet.
    pub(crate) fn new() -> Self {
        Self { chains: [0; CHAINS], headers: SmallVec::new() }
    }

    pub(crate) fn of(request: &Request<'_>) -> Self {
        let mut index = Self::new();
        for (name, value) in request.headers {
            index.push(name.as_bytes(), value);
        }
        index
    }

    /// Takes the next header. None is found beyond the first 65,535, which no reader allows.
    pub(crate) fn push(&mut self, name: &[u8], value: &[u8]) -> Entry {
        let key = NameKey::of(name);
        let plain = !any(value, |byte| !byte.is_ascii_graphic());
        let mut entry = Entry { key, before: 0, plain };
        let chain = self.chains.get_mut(key.chain());
        if let (Some(chain), Ok(count)) = (chain, u16::try_from(self.headers.len() + 1)) {
            entry.before = std::mem::replace(chain, count);
            self.headers.push(entry);
        }
        entry
    }

    /// The headers of a name.
    fn find<'l>(&self, name: &'l [u8], request: &Request<'_>) -> Listed<'l> {
        let wanted = NameKey::of(name);
        let mut listed = Listed { name, place: None, several: false, plain: false };
        let mut count = self.chains.get(wanted.chain()).copied().unwrap_or(0);
        while let Some(place) = count.checked_sub(1) {
            let header = request.headers.get(usize::from(place));
            let Some((entry, (other, _))) = self.headers.get(usize::from(place)).zip(header) else {
                break;
            };
            count = entry.before;
            if entry.key == wanted && is_same_name(other.as_bytes(), name) {
                listed.several = listed.place.is_some();
                listed.place = Some(place);
                listed.plain = entry.plain;
            }
        }
        listed
    }
}

/// The names of a list, in their order.
pub(crate) type Names<'l> = SmallVec<[Listed<'l>; USUAL]>;

/// As many as nearly every client signs: more of them cost an allocation.
const USUAL: usize = 16;

/// One name of the list.
pub(crate) struct Listed<'l> {
    pub(crate) name: &'l [u8],
    /// Where its first header is among the request's, if it came.
    pub(crate) place: Option<u16>,
    /// Whether it came more than once.
    pub(crate) several: bool,
    /// Whether that first header's value is of printable ASCII without a blank.
    pub(crate) plain: bool,
}

/// Finds the headers of each name; of a list that is too long, those of one name more than it may have.
pub(crate) fn find<'l>(list: &'l [u8], request: &Request<'_>, index: &Index) -> Names<'l> {
    let names = split(list, b';').take(SIGNED_HEADERS_MAX + 1);
    let mut found = Names::new();
    for name in names {
        found.push(index.find(name, request));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the hash table finds is what a look at every header finds, also where names share a chain, a
    /// key, or everything but their case.
    #[test]
    fn the_headers_of_a_name_are_found_wherever_they_stand() {
        let mut names =
            vec!["host", "Host", "a", "te", "x-amz-date", "X-AMZ-DATE", "y-amz-date", "host"];
        let many: Vec<String> = (0..250).map(|count| format!("x-{}", count % 199)).collect();
        names.extend(many.iter().map(String::as_str));
        for start in 0..9 {
            let values: [&[u8]; 2] = [b"plain", b"with blank"];
            let headers: Vec<(&str, &[u8])> = names[start..]
                .iter()
                .zip(values.iter().cycle())
                .map(|(name, value)| (*name, *value))
                .collect();
            let request = Request { method: "GET", path: "/", query: "", headers: &headers };
            let index = Index::of(&request);
            for name in names.iter().chain(&["", "b", "date", "x-200"]) {
                let listed = index.find(name.as_bytes(), &request);
                let mut places =
                    (0..headers.len()).filter(|place| headers[*place].0.eq_ignore_ascii_case(name));
                let first = places.next();
                assert_eq!(listed.place.map(usize::from), first, "{name}");
                assert_eq!(listed.several, places.next().is_some(), "{name}");
                let plain = first.is_some_and(|place| headers[place].1 == b"plain");
                assert_eq!(listed.plain, plain, "{name}");
            }
        }
    }
}
