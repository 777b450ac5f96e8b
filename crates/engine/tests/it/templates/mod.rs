//! Index templates, one file per kind. Every case takes out again what it put: a recording server is used by all.

mod applied;
mod component;
mod composable;
mod legacy;
mod restart;
