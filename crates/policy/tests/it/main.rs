//! The crate seen from outside.

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod templates;
