//! `bucket_sort`: the buckets of the aggregation that it stands in, in another order or fewer of them.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::results::{key_of, value_in};
use super::{Buckets, Computation, GapPolicy, PipelineDefinition, PipelinePlace, PipelineRun};
use crate::aggs::definition::AggregationBody;
use crate::aggs::path::AggregationPath;
use crate::exception::{Exception, ExceptionKind};
use crate::place::Whereabouts;

/// A `bucket_sort`.
#[derive(Debug)]
struct BucketSort {
    /// What by, `None` for the key, and whether the greatest come first.
    sorts: Vec<(Option<AggregationPath>, bool)>,
    paths: Vec<String>,
    from: usize,
    size: Option<usize>,
    gaps: GapPolicy,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Computation, Exception> {
    let (options, name) = (body.options()?, body.name);
    let sorts = match options.get("sort") {
        None => Vec::new(),
        Some(Value::Array(sorts)) => {
            sorts.iter().map(sort).collect::<Result<Vec<_>, _>>()?.concat()
        }
        Some(value) => sort(value)?,
    };
    let from = options.whole("from")?.unwrap_or(0);
    if from < 0 {
        let cause = Exception::illegal_argument(format!(
            "[from] must be a non-negative integer: [{from}] in [{name}]"
        ));
        return Err(unbuilt("bucket_sort", options.failed("from", cause)));
    }
    let size = options.whole("size")?;
    if let Some(size) = size.filter(|size| *size <= 0) {
        let cause = Exception::illegal_argument(format!(
            "[size] must be a positive integer: [{size}] in [{name}]"
        ));
        return Err(unbuilt("bucket_sort", options.failed("size", cause)));
    }
    let gaps = GapPolicy::read(&options)?;
    options.finish()?;
    let whole = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let paths = sorts.iter().map(|(path, _)| path.clone()).collect();
    let by = |path: &str| (path != "_key").then(|| AggregationPath::parse(path)).transpose();
    let sorts = sorts.into_iter().map(|(path, descending)| Ok((by(&path)?, descending)));
    Ok(Arc::new(BucketSort {
        paths,
        sorts: sorts.collect::<Result<_, Exception>>()?,
        from: whole(from),
        size: size.map(whole),
        gaps,
    }))
}

/// The refusal of what its parser builds only in the end.
fn unbuilt(what: &str, cause: Exception) -> Exception {
    let reason = format!("failed to build [{what}] after last required field arrived");
    let unbuilt = Exception::new(ExceptionKind::XContentParse, reason);
    unbuilt.somewhere(Whereabouts::Untold).caused_by(cause)
}

/// `"path"`, `{"path": "desc"}` or `{"path": {"order": "desc"}}`.
fn sort(value: &Value) -> Result<Vec<(String, bool)>, Exception> {
    let descending = |direction: &Value| match direction.as_str().map(str::to_lowercase).as_deref()
    {
        Some("desc") => Ok(true),
        Some("asc") => Ok(false),
        _ => Err(Exception::illegal_argument(format!(
            "No enum constant for sort order [{}]",
            crate::value::scalar::plain(direction)
        ))),
    };
    match value {
        Value::String(path) => Ok(vec![(path.clone(), path == "_score")]),
        Value::Object(object) => object
            .iter()
            .map(|(path, order)| {
                let order = match order {
                    Value::Object(order) => order.get("order"),
                    order => Some(order),
                };
                Ok((path.clone(), order.map_or(Ok(false), descending)?))
            })
            .collect(),
        _ => Err(Exception::illegal_argument(
            "malformed sort format, within the sort array, an object, or an actual string are allowed",
        )),
    }
}

/// What a bucket is ordered by.
#[derive(Clone, Debug, PartialEq)]
enum SortKey {
    Number(f64),
    Text(String),
    None,
}

impl SortKey {
    fn compare(&self, other: &SortKey, descending: bool) -> Ordering {
        let ordering = match (self, other) {
            (SortKey::None, SortKey::None) => return Ordering::Equal,
            (SortKey::None, _) => return Ordering::Greater,
            (_, SortKey::None) => return Ordering::Less,
            (SortKey::Number(a), SortKey::Number(b)) => a.total_cmp(b),
            (SortKey::Text(a), SortKey::Text(b)) => a.cmp(b),
            (SortKey::Number(_), SortKey::Text(_)) => Ordering::Less,
            (SortKey::Text(_), SortKey::Number(_)) => Ordering::Greater,
        };
        if descending { ordering.reverse() } else { ordering }
    }
}

impl BucketSort {
    fn keys(
        &self,
        run: &PipelineRun<'_>,
        bucket: &Map<String, Value>,
    ) -> Result<Vec<SortKey>, Exception> {
        let mut keys = Vec::new();
        for (path, _) in &self.sorts {
            keys.push(match path {
                None => match bucket.get("key") {
                    Some(Value::Number(number)) => SortKey::Number(number.as_f64().unwrap_or(0.0)),
                    _ => SortKey::Text(key_of(bucket)),
                },
                Some(path) => {
                    let value = value_in(run.parent, bucket, &path.words(), self.gaps)?;
                    let skipped = |value: &f64| self.gaps == GapPolicy::Skip && value.is_nan();
                    value.filter(|value| !skipped(value)).map_or(SortKey::None, SortKey::Number)
                }
            });
        }
        Ok(keys)
    }
}

impl PipelineDefinition for BucketSort {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn check(&self, place: &PipelinePlace<'_>) -> Vec<String> {
        let mut faults = place.inside();
        if self.sorts.is_empty() && self.size.is_none() && self.from == 0 {
            faults.push(format!(
                "[{}] is configured to perform nothing. Please set either of [sort, size, from] to use bucket_sort",
                place.name
            ));
        }
        faults
    }

    fn within(&self, run: &PipelineRun<'_>, buckets: &mut Buckets) -> Result<(), Exception> {
        let mut kept = std::mem::take(buckets.all());
        if !self.sorts.is_empty() {
            let mut keyed = Vec::with_capacity(kept.len());
            for (name, bucket) in kept {
                run.work.check()?;
                let keys = self.keys(run, &bucket)?;
                if keys.iter().any(|key| *key != SortKey::None) {
                    keyed.push((keys, (name, bucket)));
                }
            }
            let sorted = run.work.sorted_by(keyed, |a, b| {
                let pairs = self.sorts.iter().zip(a.0.iter().zip(&b.0));
                let mut orders = pairs.map(|((_, descending), (a, b))| a.compare(b, *descending));
                orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
            })?;
            kept = sorted.into_iter().map(|(_, bucket)| bucket).collect();
        }
        let size = self.size.unwrap_or(usize::MAX);
        *buckets.all() = kept.into_iter().skip(self.from).take(size).collect();
        Ok(())
    }
}
