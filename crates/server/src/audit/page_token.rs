//! What a page of records ends with: the place of the next one, sealed. Numbers of records tell how much everybody does, so nobody
//! reads them; and a token is good for the account and the question that it was given for alone.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use data_encoding::BASE64URL_NOPAD;

/// Only records with lower numbers than these, by set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RecordsBefore(pub(super) [u64; 2]);

impl RecordsBefore {
    /// All records.
    pub(super) const ALL: Self = Self([u64::MAX; 2]);
}

/// The key of this process: after a restart a search begins anew.
pub(super) struct PageTokens(Option<RandomizedNonceKey>);

impl Default for PageTokens {
    fn default() -> Self {
        let mut bytes = zeroize::Zeroizing::new([0; 32]);
        let random = getrandom::fill(bytes.as_mut_slice());
        Self(random.ok().and_then(|()| RandomizedNonceKey::new(&AES_256_GCM, &*bytes).ok()))
    }
}

impl PageTokens {
    /// The token of a place; `None` where the system has no randomness.
    pub(super) fn seal(&self, question: &str, place: RecordsBefore) -> Option<String> {
        let mut bytes: Vec<u8> = place.0.iter().flat_map(|number| number.to_be_bytes()).collect();
        let aad = Aad::from(question.as_bytes());
        let nonce = self.0.as_ref()?.seal_in_place_append_tag(aad, &mut bytes).ok()?;
        bytes.extend_from_slice(nonce.as_ref());
        Some(BASE64URL_NOPAD.encode(&bytes))
    }

    /// The place that a token stands for, if it was given for this question.
    pub(super) fn open(&self, question: &str, token: &str) -> Option<RecordsBefore> {
        let mut bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let nonce = bytes.split_off(bytes.len().checked_sub(NONCE_LEN)?);
        let nonce = Nonce::try_assume_unique_for_key(&nonce).ok()?;
        let aad = Aad::from(question.as_bytes());
        let opened = self.0.as_ref()?.open_in_place(nonce, aad, &mut bytes).ok()?;
        let (proven, unproven) = opened.split_at_checked(8)?;
        let number = |bytes: &[u8]| bytes.try_into().ok().map(u64::from_be_bytes);
        Some(RecordsBefore([number(proven)?, number(unproven)?]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_question_and_no_other_and_tells_nothing() {
        let (tokens, place) = (PageTokens::default(), RecordsBefore([7, u64::MAX]));
        let token = tokens.seal("1 a", place).unwrap();
        assert_eq!(tokens.open("1 a", &token), Some(place));
        assert_eq!(tokens.open("2 a", &token), None, "another account");
        assert_eq!(PageTokens::default().open("1 a", &token), None, "another process");
        for other in ["", "x", token.get(1..).unwrap()] {
            assert_eq!(tokens.open("1 a", other), None, "{other}");
        }
        assert_ne!(tokens.seal("1 a", place).unwrap(), token);
    }
}
