//! The binary, from the outside.

#[cfg(test)]
mod dev;
