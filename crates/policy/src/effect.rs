//! What a matching statement does.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_effect.html>

/// What a matching statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Allows.
    Allow,
    /// Denies, whatever else allows.
    Deny,
}
