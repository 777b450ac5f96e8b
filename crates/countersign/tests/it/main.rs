//! The binary, from the outside.

#[cfg(test)]
mod dev;
#[cfg(test)]
mod serve;
