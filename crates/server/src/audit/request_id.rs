//! The ids of requests.

/// A random UUID (RFC 9562, version 4), as Amazon's request ids are.
pub(crate) fn request_id() -> String {
    let mut bytes = [0_u8; 16];
    // Without randomness ids would repeat, which harms `explain` and nothing else.
    let _ = getrandom::fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_a_random_uuid() {
        let id = request_id();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]));
        assert_ne!(id, request_id());
    }
}
