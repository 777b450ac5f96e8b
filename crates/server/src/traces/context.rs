//! The header `traceparent`: <https://www.w3.org/TR/trace-context/>.

use data_encoding::HEXLOWER;

/// Who calls, as `traceparent` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceParent {
    pub(super) trace_id: [u8; 16],
    pub(super) span_id: [u8; 8],
    flags: u8,
}

/// The flag that the caller records its part.
const SAMPLED: u8 = 1;

impl TraceParent {
    /// Reads the header. Of another version than 00 what that version has, as the recommendation says; what is no such header
    /// counts as absent.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut parts = text.trim().splitn(5, '-');
        let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
        let (flags, more) = (parts.next()?, parts.next());
        let version = bytes::<1>(version)?;
        if version == [0xff] || version == [0] && more.is_some() {
            return None;
        }
        let (trace_id, span_id, [flags]) = (bytes(trace)?, bytes(span)?, bytes::<1>(flags)?);
        let parent = Self { trace_id, span_id, flags };
        (trace_id != [0; 16] && span_id != [0; 8]).then_some(parent)
    }

    /// The header of a span that is recorded.
    pub(super) fn sampled(trace_id: [u8; 16], span_id: [u8; 8]) -> Self {
        Self { trace_id, span_id, flags: SAMPLED }
    }

    /// Whether the caller records its part.
    pub(super) fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }
}

impl std::fmt::Display for TraceParent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (trace, span) = (HEXLOWER.encode(&self.trace_id), HEXLOWER.encode(&self.span_id));
        // The only flag of version 00 that there is.
        write!(f, "00-{trace}-{span}-{:02x}", self.flags & SAMPLED)
    }
}

/// A number from 0 to 99 that a random trace id comes to.
pub(super) fn lot(trace_id: &[u8; 16]) -> u32 {
    let last = trace_id.last_chunk().copied().unwrap_or_default();
    u32::from_be_bytes(last) % 100
}

fn bytes<const COUNT: usize>(hex: &str) -> Option<[u8; COUNT]> {
    HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_header_is_read_and_written_as_the_recommendation_says() {
        let parent = TraceParent::read(HEADER).unwrap();
        assert!(parent.is_sampled());
        assert_eq!(parent.to_string(), HEADER);
        let silent = TraceParent::read(&HEADER.replace("-01", "-00")).unwrap();
        assert!(!silent.is_sampled());
        let later = TraceParent::read(&HEADER.replacen("00-", "cc-", 1).replace("-01", "-09-more"));
        assert_eq!(later.unwrap().to_string(), HEADER);
    }

    #[test]
    fn what_is_no_such_header_counts_as_absent() {
        for text in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        ] {
            assert_eq!(TraceParent::read(text), None, "{text}");
        }
    }
}
