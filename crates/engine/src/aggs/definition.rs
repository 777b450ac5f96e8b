//! An aggregation as it was asked for.

use std::fmt::Debug;
use std::sync::Arc;

use serde_json::Value;

use super::collector::{Collector, Subs};
use super::shared::Shared;
use crate::dsl::options::Options;
use crate::exception::Exception;
use crate::work::Held;

/// What a parser makes.
pub(crate) type Definition = Arc<dyn AggregationDefinition>;

/// One aggregation of a search.
#[derive(Clone, Debug)]
pub struct Aggregation {
    pub(super) definition: Definition,
    pub(super) subs: Vec<(String, Aggregation)>,
    pub(super) meta: Option<Value>,
}

/// What a parser of the table is given.
pub(crate) struct AggregationBody<'a> {
    /// What the caller calls the aggregation.
    pub(crate) name: &'a str,
    /// Its type, the key of the table's row.
    pub(crate) type_name: &'static str,
    /// What stands under that key.
    pub(crate) value: &'a Value,
}

impl<'a> AggregationBody<'a> {
    /// Its options, to be read key by key.
    pub(crate) fn options(&self) -> Result<Options<'a>, Exception> {
        Options::declared(self.type_name, self.value)
    }
}

/// All that the engine asks of a type of aggregation.
pub(crate) trait AggregationDefinition: Debug + Send + Sync {
    /// Starts it: `subs` are the aggregations inside each of its buckets, `held` is its memory.
    fn start(&self, subs: Subs, shared: &Shared, held: Held) -> Box<dyn Collector>;

    /// Whether it makes buckets that other aggregations may be put into.
    fn takes_subs(&self) -> bool {
        true
    }

    /// Whether it looks at scores, which cost time to compute.
    fn needs_scores(&self) -> bool {
        false
    }

    /// Whether it is about every document the caller may see, not about those that match.
    fn is_global(&self) -> bool {
        false
    }
}

/// Whether any aggregation looks at scores.
pub(crate) fn needs_scores(aggregations: &[(String, Aggregation)]) -> bool {
    aggregations.iter().any(|(_, aggregation)| {
        aggregation.definition.needs_scores() || needs_scores(&aggregation.subs)
    })
}
