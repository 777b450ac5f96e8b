//! The binary, from the outside.

#[cfg(test)]
mod chain;
#[cfg(test)]
mod dev;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod domains;
#[cfg(test)]
mod fakes;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod running;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod words;
