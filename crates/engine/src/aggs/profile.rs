//! `profile` of aggregations: a meter around each collector. What is told was measured while it ran.
//!
//! Source: `ProfilingAggregator` and `AggregationTimingType` of Elasticsearch 7.10.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::dsl::profile::Clock;

/// What is measured of an aggregation.
#[derive(Clone, Copy)]
pub(super) enum TimedStep {
    Initialize,
    BuildLeafCollector,
    Collect,
    PostCollection,
    BuildAggregation,
    Reduce,
}

/// The steps by name, in the order in which they are told.
const STEPS: [(TimedStep, &str); 6] = [
    (TimedStep::Reduce, "reduce"),
    (TimedStep::BuildAggregation, "build_aggregation"),
    (TimedStep::PostCollection, "post_collection"),
    (TimedStep::Initialize, "initialize"),
    (TimedStep::Collect, "collect"),
    (TimedStep::BuildLeafCollector, "build_leaf_collector"),
];

/// How often each step of an aggregation was done, and how long it took.
pub(super) struct AggregationMeter {
    name: String,
    kind: Cell<&'static str>,
    debug: RefCell<Map<String, Value>>,
    counters: [Cell<(u64, u64)>; 6],
    inside: RefCell<Vec<Rc<AggregationMeter>>>,
    clock: Clock,
}

/// The meters of one search, as its aggregations are started.
pub(super) struct Meters {
    clock: Clock,
    /// Those that are being started, the outermost first; the first holds all.
    open: Vec<Rc<AggregationMeter>>,
}

impl Meters {
    /// Measured by `clock`.
    pub(super) fn new(clock: &Clock) -> Meters {
        Meters { clock: clock.clone(), open: vec![Rc::new(AggregationMeter::new("", clock))] }
    }

    /// The aggregation `name` is being started, inside the one that is.
    pub(super) fn begin(&mut self, name: &str) {
        let meter = Rc::new(AggregationMeter::new(name, &self.clock));
        if let Some(around) = self.open.last() {
            around.inside.borrow_mut().push(Rc::clone(&meter));
        }
        self.open.push(meter);
    }

    /// It was started: its meter.
    pub(super) fn end(&mut self) -> Option<Rc<AggregationMeter>> {
        self.open.pop()
    }

    /// What was measured of all aggregations since this was asked last.
    pub(super) fn told(&self) -> Value {
        let all = self.open.first().map(|root| root.inside.borrow());
        all.iter().flat_map(|all| all.iter()).map(|meter| meter.told()).collect()
    }
}

impl AggregationMeter {
    fn new(name: &str, clock: &Clock) -> AggregationMeter {
        AggregationMeter {
            name: name.to_owned(),
            kind: Cell::new(""),
            debug: RefCell::default(),
            counters: Default::default(),
            inside: RefCell::default(),
            clock: clock.clone(),
        }
    }

    /// Does `work` and counts it as so many times `step`.
    pub(super) fn measured<T>(&self, step: TimedStep, times: usize, work: impl FnOnce() -> T) -> T {
        let begun = (self.clock)();
        let done = work();
        let took = (self.clock)().duration_since(begun).as_nanos();
        if let Some(counter) = self.counters.get(step as usize) {
            let (before, took_before) = counter.get();
            let took = u64::try_from(took).unwrap_or(0);
            counter.set((before + times as u64, took_before + took));
        }
        done
    }

    /// It is run by what `typed_keys` calls so, which says of an index how it went about its work.
    pub(super) fn is_of(&self, type_name: &'static str, debug: Map<String, Value>) {
        self.kind.set(class_of(type_name));
        self.debug.replace(debug);
    }

    fn told(&self) -> Value {
        let (mut breakdown, mut all) = (Map::new(), 0);
        for (step, name) in STEPS {
            let counter = self.counters.get(step as usize);
            let (times, took) = counter.map(Cell::take).unwrap_or_default();
            breakdown.insert(name.to_owned(), took.into());
            breakdown.insert(format!("{name}_count"), times.into());
            all += took;
        }
        let mut told = Map::from_iter([
            ("type".to_owned(), self.kind.get().into()),
            ("description".to_owned(), self.name.as_str().into()),
            ("time_in_nanos".to_owned(), all.into()),
            ("breakdown".to_owned(), breakdown.into()),
        ]);
        let debug = self.debug.take();
        if !debug.is_empty() {
            told.insert("debug".to_owned(), debug.into());
        }
        let inside: Vec<Value> = self.inside.borrow().iter().map(|meter| meter.told()).collect();
        if !inside.is_empty() {
            told.insert("children".to_owned(), inside.into());
        }
        told.into()
    }
}

/// Adds to what was measured on one index what was measured of all `indices` together: its share of the time.
pub(super) fn add_share(told: &mut Value, more: &Value, indices: u64) {
    match (told, more) {
        (Value::Array(told), Value::Array(more)) => {
            told.iter_mut().zip(more).for_each(|(told, more)| add_share(told, more, indices));
        }
        (Value::Object(told), Value::Object(more)) => {
            for (key, told) in told.iter_mut() {
                let Some(more) = more.get(key) else { continue };
                match (told.as_u64(), more.as_u64()) {
                    (Some(before), Some(all)) => {
                        // Each builds its own.
                        let share =
                            if key.ends_with("_count") { all } else { all / indices.max(1) };
                        *told = (before + share).into();
                    }
                    _ => add_share(told, more, indices),
                }
            }
        }
        _ => {}
    }
}

/// The class that runs an aggregation there, by the type that `typed_keys` tells.
fn class_of(type_name: &'static str) -> &'static str {
    CLASSES.iter().find(|(known, _)| *known == type_name).map_or(type_name, |(_, class)| *class)
}

/// As both servers name them.
const CLASSES: &[(&str, &str)] = &[
    ("adjacency_matrix", "AdjacencyMatrixAggregator"),
    ("auto_date_histogram", "AutoDateHistogramAggregator.FromSingle"),
    ("avg", "AvgAggregator"),
    ("cardinality", "CardinalityAggregator"),
    ("children", "ParentToChildrenAggregator"),
    ("composite", "CompositeAggregator"),
    ("date_histogram", "DateHistogramAggregator"),
    ("date_range", "RangeAggregator"),
    ("dterms", "NumericTermsAggregator"),
    ("extended_stats", "ExtendedStatsAggregator"),
    ("filter", "FilterAggregator"),
    ("filters", "FiltersAggregator"),
    ("geo_bounds", "GeoBoundsAggregator"),
    ("geo_centroid", "GeoCentroidAggregator"),
    ("geo_distance", "RangeAggregator"),
    ("geohash_grid", "GeoHashGridAggregator"),
    ("geotile_grid", "GeoTileGridAggregator"),
    ("global", "GlobalAggregator"),
    ("hdr_percentile_ranks", "HDRPercentileRanksAggregator"),
    ("hdr_percentiles", "HDRPercentilesAggregator"),
    ("histogram", "NumericHistogramAggregator"),
    ("ip_range", "BinaryRangeAggregator"),
    ("lrareterms", "LongRareTermsAggregator"),
    ("lterms", "NumericTermsAggregator"),
    ("matrix_stats", "MatrixStatsAggregator"),
    ("max", "MaxAggregator"),
    ("median_absolute_deviation", "MedianAbsoluteDeviationAggregator"),
    ("min", "MinAggregator"),
    ("missing", "MissingAggregator"),
    ("multi_terms", "MultiTermsAggregator"),
    ("nested", "NestedAggregator"),
    ("parent", "ChildrenToParentAggregator"),
    ("range", "RangeAggregator"),
    ("reverse_nested", "ReverseNestedAggregator"),
    ("sampler", "SamplerAggregator"),
    ("scripted_metric", "ScriptedMetricAggregator"),
    ("siglterms", "NumericTermsAggregator"),
    ("sigsterms", "GlobalOrdinalsStringTermsAggregator"),
    ("srareterms", "StringRareTermsAggregator"),
    ("stats", "StatsAggregator"),
    ("sterms", "GlobalOrdinalsStringTermsAggregator"),
    ("sum", "SumAggregator"),
    ("tdigest_percentile_ranks", "TDigestPercentileRanksAggregator"),
    ("tdigest_percentiles", "TDigestPercentilesAggregator"),
    ("top_hits", "TopHitsAggregator"),
    ("ulterms", "NumericTermsAggregator"),
    ("umterms", "NonCollectingAggregator"),
    ("value_count", "ValueCountAggregator"),
    ("variable_width_histogram", "VariableWidthHistogramAggregator"),
    ("weighted_avg", "WeightedAvgAggregator"),
];
