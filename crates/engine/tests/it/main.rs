//! The engine's integration tests, one binary.

#[cfg(test)]
mod depth;
#[cfg(test)]
mod differential;
#[cfg(test)]
mod index_settings;
#[cfg(test)]
#[cfg(target_os = "linux")] // which tells a process its memory
mod many_indices;
#[cfg(test)]
mod recorded;
#[cfg(test)] // so that the lints know it for a test
mod reference;
#[cfg(test)]
mod rest;
#[cfg(test)]
mod search;
#[cfg(test)]
mod small;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod view;
#[cfg(test)]
mod yaml;
