//! `rescore`: the first hits of each index, scored again by another query.

use serde_json::Value;

use super::SearchRequest;
use crate::dsl::explain::Explanation;
use crate::dsl::options::Options;
use crate::dsl::{self, Query};
use crate::exception::{Exception, ExceptionKind};

/// Most rescorers of one search.
const RESCORERS_MAX: usize = 16;

/// How many hits are scored again where nothing is said.
const WINDOW_DEFAULT: usize = 10;

/// One rescorer.
#[derive(Clone, Debug)]
pub struct Rescore {
    /// How many hits of each index are scored again.
    pub(super) window: usize,
    /// What scores them.
    pub(super) query: Query,
    query_weight: f32,
    rescore_query_weight: f32,
    mode: RescoreMode,
}

/// How the two scores are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RescoreMode {
    Total,
    Multiply,
    Avg,
    Max,
    Min,
}

/// Reads the value of `rescore`: one rescorer or a list.
pub(super) fn parse(value: &Value) -> Result<Vec<Rescore>, Exception> {
    match value {
        Value::Array(listed) if listed.len() > RESCORERS_MAX => Err(Exception::illegal_argument(
            format!("[rescore] allows at most [{RESCORERS_MAX}] rescorers"),
        )),
        Value::Array(listed) => listed.iter().map(Rescore::read).collect(),
        one => Ok(vec![Rescore::read(one)?]),
    }
}

impl Rescore {
    fn read(value: &Value) -> Result<Rescore, Exception> {
        let Some(object) = value.as_object() else {
            return Err(Exception::parsing("unexpected token [VALUE_STRING] after [rescore]"));
        };
        let mut window = WINDOW_DEFAULT;
        let mut rescore = None;
        for (key, value) in object {
            match key.as_str() {
                "window_size" => {
                    window = crate::value::scalar::count(value).ok_or_else(|| {
                        Exception::parsing(format!("rescore doesn't support [{key}]")).at(value)
                    })?;
                }
                "query" => rescore = Some(value),
                other => {
                    let what = if value.is_object() { "rescorer name " } else { "" };
                    let reason = format!("rescore doesn't support {what}[{other}]");
                    return Err(Exception::parsing(reason).at(value));
                }
            }
        }
        let Some(given) = rescore else {
            return Err(Exception::parsing("missing rescore type").at_end(value));
        };
        let options = Options::declared("query", given)?;
        let query = options.get("rescore_query").map(dsl::parse).transpose()?;
        let weight = |key: &str| Ok::<f32, Exception>(options.float(key)?.unwrap_or(1.0));
        let (query_weight, rescore_query_weight) =
            (weight("query_weight")?, weight("rescore_query_weight")?);
        let mode = match options.text("score_mode")? {
            None => RescoreMode::Total,
            Some(text) => {
                RescoreMode::parse(&text).map_err(|cause| options.failed("score_mode", cause))?
            }
        };
        options.finish()?;
        let Some(query) = query else {
            return Err(Exception::illegal_argument("rescore_query cannot be null"));
        };
        Ok(Rescore { window, query, query_weight, rescore_query_weight, mode })
    }

    /// Both scores of a hit as one; it may match the first alone.
    pub(super) fn joined(&self, first: f32, second: Option<f32>) -> f32 {
        let first = first * self.query_weight;
        let Some(second) = second else { return first };
        let second = second * self.rescore_query_weight;
        match self.mode {
            RescoreMode::Total => first + second,
            RescoreMode::Multiply => first * second,
            RescoreMode::Avg => (first + second) / 2.0,
            RescoreMode::Max => first.max(second),
            RescoreMode::Min => first.min(second),
        }
    }

    /// Why a hit scores as it does after this, of which the first pass is explained by `first`, and this by `second`.
    pub(super) fn explanation(&self, first: Explanation, second: Explanation) -> Explanation {
        let product = |part: Explanation, weight: f32, name: &str| {
            let score = part.number() * weight;
            let weight = Explanation::of(weight, name, Vec::new());
            Explanation::of(score, "product of:", vec![part, weight])
        };
        let first = product(first, self.query_weight, "primaryWeight");
        if !second.matched {
            return first;
        }
        let second = product(second, self.rescore_query_weight, "secondaryWeight");
        let name = match self.mode {
            RescoreMode::Total => "sum of:",
            RescoreMode::Multiply => "product of:",
            RescoreMode::Avg => "avg of:",
            RescoreMode::Max => "max of:",
            RescoreMode::Min => "min of:",
        };
        let (a, b) = (first.number(), second.number());
        let score = match self.mode {
            RescoreMode::Total => a + b,
            RescoreMode::Multiply => a * b,
            RescoreMode::Avg => (a + b) / 2.0,
            RescoreMode::Max => a.max(b),
            RescoreMode::Min => a.min(b),
        };
        Explanation::of(score, name, vec![first, second])
    }
}

impl RescoreMode {
    fn parse(text: &str) -> Result<RescoreMode, Exception> {
        Ok(match text.to_lowercase().as_str() {
            "total" => RescoreMode::Total,
            "multiply" => RescoreMode::Multiply,
            "avg" => RescoreMode::Avg,
            "max" => RescoreMode::Max,
            "min" => RescoreMode::Min,
            _ => {
                return Err(Exception::illegal_argument(format!("illegal score_mode [{text}]")));
            }
        })
    }
}

impl SearchRequest {
    /// How many hits are kept: of each index, where they are scored again.
    pub(super) fn kept(&self) -> usize {
        let page = if self.size == 0 { 0 } else { self.from.saturating_add(self.size) };
        match self.rescore.iter().map(|rescore| rescore.window).max() {
            Some(window) if page > 0 => page.max(window),
            _ => page,
        }
    }

    /// Refuses what cannot be scored again.
    ///
    /// # Errors
    /// `illegal_argument_exception`, in Elasticsearch's words.
    pub(super) fn check_rescore(&self, window_max: u64) -> Result<(), Exception> {
        if self.rescore.is_empty() {
            return Ok(());
        }
        if !self.sort.is_empty() {
            return Err(Exception::illegal_argument(
                "Cannot use [sort] option in conjunction with [rescore].",
            ));
        }
        match self.rescore.iter().find(|rescore| rescore.window as u64 > window_max) {
            None => Ok(()),
            Some(rescore) => Err(Exception::new(
                ExceptionKind::IllegalArgument,
                format!(
                    "Rescore window [{}] is too large. It must be less than [{window_max}]. This prevents allocating \
                     massive heaps for storing the results to be rescored. This limit can be set by changing the \
                     [index.max_rescore_window] index level setting.",
                    rescore.window
                ),
            )),
        }
    }
}
