//! What is asked of the cluster and its node.

mod allocation;
mod closed;
mod searches;
mod settings;
mod state;
mod statistics;
mod tables;
mod watermarks;
