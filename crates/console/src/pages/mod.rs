//! The pages, each in the file that its address names.

pub(crate) mod about;
pub(crate) mod activity;
pub(crate) mod domains;
pub(crate) mod health;
pub(crate) mod identities;
pub(crate) mod oidc;
pub(crate) mod own_sessions;
pub(crate) mod password;
pub(crate) mod saml;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod switch_role;
