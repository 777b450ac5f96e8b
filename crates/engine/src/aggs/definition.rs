//! An aggregation as it was asked for.

use std::fmt::Debug;
use std::sync::Arc;

use serde_json::Value;

use super::buckets::Order;
use super::collector::{Collector, SubAggregations};
use super::pipeline::Pipeline;
use super::shared::SharedState;
use crate::dsl::lower::Lowering;
use crate::dsl::options::Options;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::work::HeldMemory;

/// What a parser makes.
pub(crate) type Definition = Arc<dyn AggregationDefinition>;

/// The aggregations of a search, or those inside another.
#[derive(Clone, Debug, Default)]
pub struct Aggregations {
    /// Those that look at documents.
    pub(super) tree: Vec<(String, Aggregation)>,
    /// Those that compute something of the results of others, in the order in which they run.
    pub(super) pipelines: Vec<Pipeline>,
}

/// One aggregation of a search.
#[derive(Clone, Debug)]
pub struct Aggregation {
    pub(super) definition: Definition,
    pub(super) type_name: &'static str,
    /// Whether a script of it reads scores.
    pub(super) scripts_score: bool,
    pub(super) subs: Aggregations,
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

/// What kind of result an aggregation has, for those that refer to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    /// One number.
    Number,
    /// Several numbers by name; whether a name is one of them.
    Numbers(fn(&str) -> bool),
    /// One bucket.
    Bucket,
    /// Many buckets.
    Buckets,
    /// Neither numbers nor buckets.
    Other,
}

/// All that the engine asks of a type of aggregation.
pub(crate) trait AggregationDefinition: Debug + Send + Sync {
    /// Starts it: `subs` are the aggregations inside each of its buckets, `held` is its memory.
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector>;

    /// What kind of result it has.
    fn outcome(&self) -> Outcome {
        Outcome::Buckets
    }

    /// Whether it makes buckets that other aggregations may be put into.
    fn takes_subs(&self) -> bool {
        matches!(self.outcome(), Outcome::Bucket | Outcome::Buckets)
    }

    /// Whether it looks at scores, which cost time to compute.
    fn needs_scores(&self) -> bool {
        false
    }

    /// Whether it is about every document the caller may see, not about those that match.
    fn is_global(&self) -> bool {
        false
    }

    /// Whether Elasticsearch rewrites it on an index, because it does so with a query in it.
    ///
    /// # Errors
    /// Where the query does not fit the index's mapping.
    fn rewrites(&self, _lowering: &Lowering<'_>) -> Result<bool, Exception> {
        Ok(false)
    }

    /// Whether it has to see all documents before it can make its buckets.
    fn surveys(&self) -> bool {
        false
    }

    /// Whether it stands only where its buckets are those of the whole search.
    fn is_paged(&self) -> bool {
        false
    }

    /// Whether it stands only where there is one bucket for all documents. (`CardinalityUpperBound.ONE`)
    fn needs_one_bucket(&self) -> bool {
        false
    }

    /// Refuses what the other of the two servers has and this one does not.
    fn known_to(&self, _flavor: Flavor) -> Result<(), Exception> {
        Ok(())
    }

    /// What its buckets are ordered by.
    fn orders(&self) -> &[Order] {
        &[]
    }

    /// Whether its buckets follow one another as intervals do; then, with how few documents a bucket is left out.
    fn intervals(&self) -> Option<u64> {
        None
    }
}

impl Aggregation {
    /// Whether Elasticsearch makes another one of it on an index, because of a query in it or in those inside it.
    ///
    /// # Errors
    /// Where a query does not fit the index's mapping.
    pub(super) fn rewrites(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        lowering.work.check()?;
        if self.definition.rewrites(lowering)? {
            return Ok(true);
        }
        for (_, inside) in &self.subs.tree {
            if inside.rewrites(lowering)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Aggregations {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.tree.is_empty() && self.pipelines.is_empty()
    }

    /// Whether any aggregation looks at scores.
    pub(crate) fn needs_scores(&self) -> bool {
        self.tree.iter().any(|(_, aggregation)| {
            aggregation.definition.needs_scores()
                || aggregation.scripts_score
                || aggregation.subs.needs_scores()
        })
    }

    /// How many walks over the documents are needed before the one that fills the buckets.
    pub(crate) fn surveys(&self) -> usize {
        let own = |aggregation: &Aggregation| {
            let inside = aggregation.subs.surveys();
            inside
                + usize::from(aggregation.definition.surveys() && !aggregation.subs.tree.is_empty())
        };
        self.tree.iter().map(|(_, aggregation)| own(aggregation)).max().unwrap_or(0)
    }

    /// Refuses what the other server has and this one does not.
    pub(crate) fn known_to(&self, flavor: Flavor) -> Result<(), Exception> {
        for (_, aggregation) in &self.tree {
            aggregation.definition.known_to(flavor)?;
            aggregation.subs.known_to(flavor)?;
        }
        Ok(())
    }

    /// The aggregation called `name`.
    pub(super) fn get(&self, name: &str) -> Option<&Aggregation> {
        self.tree.iter().find(|(own, _)| own == name).map(|(_, aggregation)| aggregation)
    }
}
