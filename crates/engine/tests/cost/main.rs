//! What the rows of `benches/engine` cost where time is not asked: how many allocations a request makes on its own thread and how many
//! bytes they are, on 2,000 documents. A machine's speed does not change them, so they guard what was won: a search that begins to
//! allocate for each document fails here. `UPDATE_EXPECT=1` writes `golden`, one line a row: name, allocations, bytes.
//!
//! A target of its own because the counting allocator is that of the whole program.

#[cfg(test)] // so that the lints know it for a test
#[path = "../../../../benches/engine/src/corpus.rs"]
mod corpus;
#[cfg(test)]
mod large;
#[cfg(test)]
#[path = "../../../../benches/engine/src/operations.rs"]
mod operations;
#[cfg(test)]
mod parsing;
#[cfg(test)]
mod rows;
