//! One file per document API.

pub(crate) mod at_hand;
mod bulk;
mod by_query;
mod index;
mod mget;
mod multi_search;
mod reindex;
mod termvectors;
mod types;
mod update;
