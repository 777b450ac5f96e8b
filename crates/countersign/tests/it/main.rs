//! The binary, from the outside.

#[cfg(test)]
mod dev;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod serve;
