//! Painless: the language of Elasticsearch's scripts, by a tree that is walked. Pure: text and values in, values out;
//! what a script may see of a document it asks a [`ScriptDocument`](super::document::ScriptDocument) for.
//!
//! [`compile`] reads a script once; a [`Machine`] runs it many times and keeps the memory that its parameters take.
//! How it is kept from harming others is bounded in `run.rs`: steps, bytes, levels, rounds of loops.

mod casts;
mod compiler;
pub(crate) mod context;
mod exceptions;
mod expressions;
mod fault;
mod json;
mod lexer;
pub(crate) mod lucene;
mod lucene_numbers;
mod machine;
mod natives;
mod operators;
mod parser;
pub(crate) mod print;
mod regexes;
mod run;
mod runner;
mod sets_index;
mod string_tokenizer;
mod syntax;
pub(crate) mod times;
mod tree;
mod types;
pub(crate) mod value;

#[cfg(test)]
mod tests;

pub(crate) use compiler::compile;
pub(crate) use machine::{GivenVariable, Machine, ScriptOutcome};
pub(crate) use natives::moving as moving_functions;
pub(crate) use sets_index::check_index;
pub(crate) use tree::Program;
