//! How somebody proves who they are besides with a signature: by a password, by a code of an MFA device.

pub(crate) mod guesses;
pub(crate) mod mfa;
pub(crate) mod password;
pub(crate) mod password_rules;
pub(crate) mod totp;
