//! The engine's integration tests, one binary. Those in folders are cases: `cases.rs` says what that is.

#[cfg(test)] // so that the lints know it for a test
mod aggs;
#[cfg(test)]
mod analysis;
#[cfg(test)]
mod analysis_files;
#[cfg(test)]
mod async_search;
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod cluster;
#[cfg(test)]
mod collapse;
#[cfg(test)]
mod depth;
#[cfg(test)]
mod document_rules;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod domain;
#[cfg(test)]
mod fetch;
#[cfg(test)]
mod fork;
#[cfg(test)]
mod found;
#[cfg(test)]
mod highlight;
mod hostile;
#[cfg(test)]
mod index_settings;
#[cfg(test)]
mod ingest;
#[cfg(test)]
mod join;
#[cfg(test)]
mod library;
#[cfg(test)]
mod life;
#[cfg(test)]
#[cfg(target_os = "linux")] // which tells a process its memory
mod many_indices;
#[cfg(test)]
mod mapping;
#[cfg(test)]
mod nested;
#[cfg(test)]
mod pit;
mod places;
#[cfg(test)]
mod queries;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod reference_server;
#[cfg(test)]
mod rest;
#[cfg(test)]
mod scripts;
#[cfg(test)]
mod scroll;
#[cfg(test)]
mod search;
#[cfg(test)]
mod search_pipelines;
#[cfg(test)]
mod segments;
#[cfg(test)]
mod slow_log;
#[cfg(test)]
mod small;
#[cfg(test)]
mod sort;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod suggest;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod view;
#[cfg(test)]
mod whole_cases;
#[cfg(test)]
mod yaml;
