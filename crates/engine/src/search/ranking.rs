//! How good a ranking is: what the metrics of `_rank_eval` make of a search's hits and of how documents were rated.
//!
//! Source: the metrics of the module rank-eval of Elasticsearch 7.10.

use serde_json::{Map, Value, json};

use crate::exception::{Exception, ExceptionKind};
use crate::rest::json::token;
use crate::value::scalar;

/// How a ranking is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    kind: MetricKind,
    /// How many hits are looked at.
    k: u32,
}

#[derive(Clone, Debug, PartialEq)]
enum MetricKind {
    Precision { threshold: i32, ignore_unlabeled: bool },
    Recall { threshold: i32 },
    MeanReciprocalRank { threshold: i32 },
    Dcg { normalize: bool, unknown: Option<i32> },
    ExpectedReciprocalRank { maximum: i32, unknown: Option<i32> },
}

/// What a metric says of one search.
#[derive(Debug)]
pub(crate) struct Quality {
    pub(crate) score: f64,
    pub(crate) details: Value,
}

/// The metrics by the name in a request, with the name that their refusals have.
const NAMES: &[(&str, &str)] = &[
    ("precision", "precision"),
    ("recall", "recall"),
    ("mean_reciprocal_rank", "reciprocal_rank"),
    ("dcg", "dcg"),
    ("expected_reciprocal_rank", "expected_reciprocal_rank"),
];

impl Metric {
    /// Reads `{"precision": {…}}`.
    ///
    /// # Errors
    /// In Elasticsearch's words, without `[rank_eval]` around them.
    pub(crate) fn parse(value: &Value) -> Result<Metric, Exception> {
        let expected = |wanted: &str, found: &str| {
            let reason = format!(
                "Failed to parse object: expecting token of type [{wanted}] but found [{found}]"
            );
            Err(Exception::parsing(reason))
        };
        let mut entries = value.as_object().into_iter().flatten();
        let Some((name, options)) = entries.next() else {
            return expected("FIELD_NAME", "END_OBJECT");
        };
        let Some((_, told)) = NAMES.iter().find(|(known, _)| known == name) else {
            let reason = format!("unknown field [{name}]");
            return Err(Exception::new(ExceptionKind::NamedObjectNotFound, reason));
        };
        let Value::Object(options) = options else {
            let found = token(options);
            return Err(wrong(told, &format!("Expected START_OBJECT but was: {found}")));
        };
        let metric = MetricOptions::read(name, told, options)?.metric()?;
        match entries.next() {
            Some(_) => expected("END_OBJECT", "FIELD_NAME"),
            None => Ok(metric),
        }
    }

    /// How many hits a search must have.
    pub(crate) fn size(&self) -> u32 {
        self.k
    }

    /// What it says of hits with these ratings, where `rated` are all ratings that were given.
    pub(crate) fn evaluate(&self, hits: &[Option<i32>], rated: &[i32]) -> Quality {
        match &self.kind {
            MetricKind::Precision { threshold, ignore_unlabeled } => {
                precision(hits, *threshold, *ignore_unlabeled)
            }
            MetricKind::Recall { threshold } => recall(hits, rated, *threshold),
            MetricKind::MeanReciprocalRank { threshold } => {
                let relevant = |rating: &Option<i32>| rating.is_some_and(|it| it >= *threshold);
                let first = hits.iter().position(relevant).map(|position| position + 1);
                let score = first.map_or(0.0, |rank| 1.0 / rank as f64);
                let first = first.map_or(json!(-1), Value::from);
                Quality {
                    score,
                    details: json!({"mean_reciprocal_rank": {"first_relevant": first}}),
                }
            }
            MetricKind::Dcg { normalize, unknown } => dcg(hits, rated, *normalize, *unknown),
            MetricKind::ExpectedReciprocalRank { maximum, unknown } => {
                expected_reciprocal_rank(hits, *maximum, *unknown)
            }
        }
    }
}

/// What is read of a metric, whichever it is.
struct MetricOptions<'a> {
    name: &'a str,
    told: &'a str,
    k: i32,
    threshold: i32,
    ignore_unlabeled: bool,
    normalize: bool,
    maximum: Option<i32>,
    unknown: Option<i32>,
}

impl<'a> MetricOptions<'a> {
    fn read(
        name: &'a str,
        told: &'a str,
        options: &Map<String, Value>,
    ) -> Result<MetricOptions<'a>, Exception> {
        let mut read = MetricOptions {
            name,
            told,
            k: 10,
            threshold: 1,
            ignore_unlabeled: false,
            normalize: false,
            maximum: None,
            unknown: None,
        };
        for (key, value) in options {
            match (key.as_str(), name) {
                ("k", _) => read.k = whole(told, key, value)?,
                ("relevant_rating_threshold", "precision" | "recall" | "mean_reciprocal_rank") => {
                    read.threshold = whole(told, key, value)?
                }
                ("ignore_unlabeled", "precision") => {
                    read.ignore_unlabeled = flag(told, key, value)?;
                }
                ("normalize", "dcg") => read.normalize = flag(told, key, value)?,
                ("unknown_doc_rating", "dcg" | "expected_reciprocal_rank") => {
                    read.unknown = Some(whole(told, key, value)?);
                }
                ("maximum_relevance", "expected_reciprocal_rank") => {
                    read.maximum = Some(whole(told, key, value)?);
                }
                _ => return Err(wrong(told, &format!("unknown field [{key}]"))),
            }
        }
        Ok(read)
    }

    fn metric(&self) -> Result<Metric, Exception> {
        let checked = matches!(self.name, "precision" | "recall" | "mean_reciprocal_rank");
        let not_built = |why: &str| {
            let reason =
                format!("Failed to build [{}] after last required field arrived", self.told);
            Exception::new(ExceptionKind::XContentParse, reason)
                .caused_by(Exception::illegal_argument(why))
        };
        if checked && self.threshold < 0 {
            let why = "Relevant rating threshold for precision must be positive integer.";
            return Err(not_built(why));
        }
        if checked && self.k <= 0 {
            return Err(not_built("Window size k must be positive."));
        }
        let threshold = self.threshold;
        let kind = match self.name {
            "precision" => {
                MetricKind::Precision { threshold, ignore_unlabeled: self.ignore_unlabeled }
            }
            "recall" => MetricKind::Recall { threshold },
            "mean_reciprocal_rank" => MetricKind::MeanReciprocalRank { threshold },
            "dcg" => MetricKind::Dcg { normalize: self.normalize, unknown: self.unknown },
            _ => match self.maximum {
                Some(maximum) => {
                    MetricKind::ExpectedReciprocalRank { maximum, unknown: self.unknown }
                }
                None => return Err(Exception::illegal_argument("Required [maximum_relevance]")),
            },
        };
        let k = u32::try_from(self.k).map_err(|_| {
            let reason = format!("[size] parameter cannot be negative, found [{}]", self.k);
            Exception::illegal_argument(reason)
        })?;
        Ok(Metric { kind, k })
    }
}

fn whole(told: &str, key: &str, value: &Value) -> Result<i32, Exception> {
    let read = match value {
        Value::Number(_) | Value::String(_) => scalar::plain(value),
        other => {
            let token = token(other);
            return Err(wrong(told, &format!("{key} doesn't support values of type: {token}")));
        }
    };
    read.parse().map_err(|_| {
        wrong(told, &format!("failed to parse field [{key}]"))
            .caused_by(scalar::not_a_number(&read))
    })
}

fn flag(told: &str, key: &str, value: &Value) -> Result<bool, Exception> {
    if !matches!(value, Value::Bool(_) | Value::String(_)) {
        let token = token(value);
        return Err(wrong(told, &format!("{key} doesn't support values of type: {token}")));
    }
    scalar::boolean(value).ok_or_else(|| {
        let cause = Exception::illegal_argument(scalar::not_a_boolean(scalar::plain(value)));
        wrong(told, &format!("failed to parse field [{key}]")).caused_by(cause)
    })
}

fn wrong(told: &str, what: &str) -> Exception {
    Exception::new(ExceptionKind::XContentParse, format!("[{told}] {what}"))
}

fn precision(hits: &[Option<i32>], threshold: i32, ignore_unlabeled: bool) -> Quality {
    let relevant = hits.iter().flatten().filter(|rating| **rating >= threshold).count();
    let counted = match ignore_unlabeled {
        true => hits.iter().flatten().count(),
        false => hits.len(),
    };
    let score = if counted == 0 { 0.0 } else { relevant as f64 / counted as f64 };
    let details = json!({"precision": {
        "relevant_docs_retrieved": relevant, "docs_retrieved": counted,
    }});
    Quality { score, details }
}

fn recall(hits: &[Option<i32>], rated: &[i32], threshold: i32) -> Quality {
    let retrieved = hits.iter().flatten().filter(|rating| **rating >= threshold).count();
    let relevant = rated.iter().filter(|rating| **rating >= threshold).count();
    let score = if relevant == 0 { 0.0 } else { retrieved as f64 / relevant as f64 };
    let details = json!({"recall": {
        "relevant_docs_retrieved": retrieved, "relevant_docs": relevant,
    }});
    Quality { score, details }
}

fn dcg(hits: &[Option<i32>], rated: &[i32], normalize: bool, unknown: Option<i32>) -> Quality {
    let unrated = hits.iter().filter(|rating| rating.is_none()).count();
    let gained = cumulated(hits.iter().map(|rating| rating.or(unknown)));
    let mut details = json!({"dcg": gained});
    let mut score = gained;
    if normalize {
        let mut best = rated.to_vec();
        best.sort_unstable_by(|a, b| b.cmp(a));
        let ideal = cumulated(best.into_iter().take(hits.len()).map(Some));
        score = if ideal == 0.0 { 0.0 } else { gained / ideal };
        if ideal != 0.0 {
            details = json!({"dcg": gained, "ideal_dcg": ideal, "normalized_dcg": score});
        }
    }
    if let Some(object) = details.as_object_mut() {
        object.insert("unrated_docs".to_owned(), unrated.into());
    }
    Quality { score, details: json!({"dcg": details}) }
}

/// The discounted cumulative gain of these ratings.
fn cumulated(ratings: impl Iterator<Item = Option<i32>>) -> f64 {
    let gain = |(position, rating): (usize, Option<i32>)| {
        let discount = ((position + 2) as f64).ln() / 2f64.ln();
        rating.map(|rating| (2f64.powi(rating) - 1.0) / discount)
    };
    ratings.enumerate().filter_map(gain).sum()
}

fn expected_reciprocal_rank(hits: &[Option<i32>], maximum: i32, unknown: Option<i32>) -> Quality {
    let unrated = hits.iter().filter(|rating| rating.is_none()).count();
    let (mut unseen, mut score) = (1.0, 0.0);
    for (position, rating) in hits.iter().enumerate() {
        if let Some(rating) = rating.or(unknown) {
            let relevance = (2f64.powi(rating) - 1.0) / 2f64.powi(maximum);
            score += unseen * relevance / (position + 1) as f64;
            unseen *= 1.0 - relevance;
        }
    }
    Quality { score, details: json!({"expected_reciprocal_rank": {"unrated_docs": unrated}}) }
}
