//! `BinaryEquals`: bytes, written in base64.

use base64::{Engine, engine::general_purpose::STANDARD};

/// Decodes base64 (RFC 4648, padded).
pub(crate) fn parse(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
