//! The control plane from outside: operations through authorization, the wire's bytes, restarts.

#[cfg(test)]
mod access_analyzer;
#[cfg(test)]
mod access_keys;
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod amazons_refusals;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod clones;
#[cfg(test)]
mod copies;
#[cfg(test)]
mod credential_report;
#[cfg(test)]
mod databases;
#[cfg(test)]
mod domain_care;
#[cfg(test)]
mod domain_words;
#[cfg(test)]
mod domains;
#[cfg(test)]
mod endpoints;
#[cfg(test)]
mod escalation;
#[cfg(test)]
mod foreign_accounts;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod identities;
#[cfg(test)]
mod judged_again;
#[cfg(test)]
mod kept_credentials;
#[cfg(test)]
mod last_accessed;
#[cfg(test)]
mod linked_roles;
#[cfg(test)]
mod members;
#[cfg(test)]
mod mfa;
#[cfg(test)]
mod packages;
#[cfg(test)]
mod passwords;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod policy_words;
#[cfg(test)]
mod postgres_server;
#[cfg(test)]
mod postgres_store;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod resource_control;
#[cfg(test)]
mod resources;
#[cfg(test)]
mod saml;
#[cfg(test)]
mod saml_responses;
#[cfg(test)]
mod security;
#[cfg(test)]
mod service_access;
#[cfg(test)]
mod session_tokens;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod simulate;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tags;
#[cfg(test)]
mod vpc;
#[cfg(test)]
mod web_identity;
#[cfg(test)]
mod wider_policy;
