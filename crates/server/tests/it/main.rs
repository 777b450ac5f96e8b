//! The walk, from the socket to the answer, against a service in this process.

#[cfg(test)]
mod abuse;
#[cfg(test)]
mod allocations;
#[cfg(test)]
mod amazons_words;
#[cfg(test)]
mod anything;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod audit_sinks;
#[cfg(test)]
mod authz;
#[cfg(test)]
mod basic;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod client;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod clones;
#[cfg(test)]
mod cursors;
#[cfg(test)]
mod deletion;
#[cfg(test)]
mod disk_watch;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod domain_options;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod elsewhere;
#[cfg(test)]
mod endpoints;
#[cfg(test)]
mod explicit_index;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod forwarded;
#[cfg(test)]
mod gateways;
#[cfg(test)]
mod http2;
#[cfg(test)]
mod http2_answers;
#[cfg(test)]
mod inspect;
#[cfg(test)]
mod judged;
#[cfg(test)]
mod late;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod listeners;
#[cfg(test)]
mod live_sessions;
#[cfg(test)]
mod moving;
#[cfg(test)]
mod names;
#[cfg(test)]
mod once;
#[cfg(test)]
mod outlived;
#[cfg(test)]
mod packages;
#[cfg(test)]
mod pools;
#[cfg(test)]
#[allow(dead_code, reason = "the tests of the control plane do more with it")]
#[path = "../../../control/tests/it/postgres_server.rs"]
mod postgres_server;
#[cfg(test)]
mod private;
#[cfg(test)]
mod published_logs;
#[cfg(test)]
mod quickstart;
#[cfg(test)]
mod quotas;
#[cfg(test)]
mod races;
#[cfg(test)]
mod random_walk;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod repair;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod reread;
#[cfg(test)]
mod rest_paths;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod service;
#[cfg(test)]
mod shares;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod slow;
#[cfg(test)]
mod smuggling;
#[cfg(test)]
mod story;
#[cfg(test)]
mod strict;
#[cfg(test)]
mod tasks;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod upstream;
#[cfg(test)]
mod vpc;
#[cfg(test)]
mod web_identity;
#[cfg(test)]
mod who_can;
#[cfg(test)]
mod workloads;
