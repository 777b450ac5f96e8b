//! How unusual it is that so many documents of a set have a term that so many of all documents have.
//!
//! Source: Elasticsearch 7.10 reference, "Significant terms", and the definitions of the measures named there.

use jiff::Timestamp;
use serde_json::Value;

use crate::dsl::options::Options;
use crate::exception::Exception;
use crate::script::painless::value::Value as ScriptValue;
use crate::script::{Machine, Script, ScriptRequest, context};
use crate::work::Work;

/// A measure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Significance {
    /// The change in absolute and relative popularity.
    Jlh,
    MutualInformation {
        negatives: bool,
        superset: bool,
    },
    ChiSquare {
        negatives: bool,
        superset: bool,
    },
    /// Google's normalized distance.
    Gnd {
        superset: bool,
    },
    Percentage,
    /// `script_heuristic`
    Script(ScriptRequest),
}

/// A measure that is ready to be asked.
pub(crate) enum Measure {
    Known(Significance),
    Scripted { script: Script, machine: Box<Machine> },
}

/// The names of the measures as options.
const MEASURES: &[&str] = &["chi_square", "gnd", "jlh", "mutual_information", "percentage"];

/// What a term has: documents of the set with it, of the set, of all with it, of all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frequencies {
    pub(crate) subset_term: u64,
    pub(crate) subset: u64,
    pub(crate) superset_term: u64,
    pub(crate) superset: u64,
}

impl Significance {
    /// Reads the option that names a measure; without one it is JLH.
    pub(crate) fn read(options: &Options<'_>) -> Result<Significance, Exception> {
        let mut found = Significance::Jlh;
        for name in MEASURES {
            let Some(value) = options.get(name) else { continue };
            found = one(name, value).map_err(|cause| options.failed(name, cause))?;
        }
        if let Some(value) = options.get("script_heuristic") {
            let inner = Options::declared("script_heuristic", value)?;
            let script = inner.get("script");
            inner.finish()?;
            let Some(script) = script else {
                return Err(Exception::illegal_argument("Required [script]"));
            };
            let script = ScriptRequest::parse(script);
            found = Significance::Script(script.map_err(|cause| inner.failed("script", cause))?);
        }
        Ok(found)
    }

    /// Ready to be asked.
    ///
    /// # Errors
    /// `script_exception` "compile error".
    pub(crate) fn ready(&self, work: &Work, now: Timestamp) -> Result<Measure, Exception> {
        Ok(match self {
            Significance::Script(script) => Measure::Scripted {
                script: script.compile(&context::SCRIPT_HEURISTIC, work)?,
                machine: Box::new(Machine::new(work, now)),
            },
            known => Measure::Known(known.clone()),
        })
    }

    /// The score of a term.
    fn score(&self, of: Frequencies) -> f64 {
        let (superset, negatives) = match *self {
            Significance::Jlh | Significance::Script(_) => return jlh(of),
            Significance::Percentage => {
                return match of.superset_term {
                    0 => 0.0,
                    all => of.subset_term as f64 / all as f64,
                };
            }
            Significance::Gnd { superset } => (superset, false),
            Significance::MutualInformation { negatives, superset }
            | Significance::ChiSquare { negatives, superset } => (superset, negatives),
        };
        let table = Contingency::new(of, superset);
        match *self {
            Significance::Gnd { .. } => table.distance(of),
            _ if !negatives && table.is_rarer_in_subset() => f64::NEG_INFINITY,
            Significance::ChiSquare { .. } => table.chi_square(),
            _ => table.mutual_information(),
        }
    }
}

impl Default for Measure {
    fn default() -> Measure {
        Measure::Known(Significance::Jlh)
    }
}

impl Measure {
    /// The score of a term.
    ///
    /// # Errors
    /// `script_exception` "runtime error".
    pub(crate) fn score(&mut self, of: Frequencies) -> Result<f64, Exception> {
        let (script, machine) = match self {
            Measure::Known(known) => return Ok(known.score(of)),
            Measure::Scripted { script, machine } => (script, machine),
        };
        // Painless counts with a `Number` that it does not know as with its `intValue`.
        let named = |name: &str, count: u64| (name.to_owned(), ScriptValue::Int(count as i32));
        let counts = [
            named("_subset_freq", of.subset_term),
            named("_subset_size", of.subset),
            named("_superset_freq", of.superset_term),
            named("_superset_size", of.superset),
        ];
        let outcome = machine.run_on_numbers(&script.program, &script.params, &counts)?;
        Ok(outcome.number().unwrap_or(0.0))
    }
}

fn one(name: &str, value: &Value) -> Result<Significance, Exception> {
    let kind = MEASURES.iter().find(|known| **known == name).copied().unwrap_or("jlh");
    let options = Options::declared(kind, value)?;
    let negatives = if matches!(kind, "mutual_information" | "chi_square") {
        options.flag("include_negatives")?.unwrap_or(false)
    } else {
        false
    };
    let superset = if matches!(kind, "mutual_information" | "chi_square" | "gnd") {
        options.flag("background_is_superset")?.unwrap_or(true)
    } else {
        true
    };
    options.finish()?;
    Ok(match kind {
        "mutual_information" => Significance::MutualInformation { negatives, superset },
        "chi_square" => Significance::ChiSquare { negatives, superset },
        "gnd" => Significance::Gnd { superset },
        "percentage" => Significance::Percentage,
        _ => Significance::Jlh,
    })
}

fn jlh(of: Frequencies) -> f64 {
    if of.subset == 0 || of.superset == 0 {
        return 0.0;
    }
    let inside = of.subset_term as f64 / of.subset as f64;
    // Another shard may have terms that this one has none of.
    let outside = of.superset_term.max(1) as f64 / of.superset as f64;
    let more = inside - outside;
    if more <= 0.0 { 0.0 } else { more * (inside / outside) }
}

/// Documents with (1) and without (0) the term, in (1) and outside (0) the set; the sums are by `_`.
struct Contingency {
    n11: f64,
    n10: f64,
    n01: f64,
    n00: f64,
    with_term: f64,
    without_term: f64,
    inside: f64,
    outside: f64,
    all: f64,
}

impl Contingency {
    fn new(of: Frequencies, superset: bool) -> Contingency {
        let [subset_term, subset, superset_term, all] =
            [of.subset_term, of.subset, of.superset_term, of.superset].map(|count| count as f64);
        let n01 = subset - subset_term;
        if superset {
            Contingency {
                n11: subset_term,
                n10: superset_term - subset_term,
                n01,
                n00: all - superset_term - n01,
                with_term: superset_term,
                without_term: all - superset_term,
                inside: subset,
                outside: all - subset,
                all,
            }
        } else {
            Contingency {
                n11: subset_term,
                n10: superset_term,
                n01,
                n00: all - superset_term,
                with_term: superset_term + subset_term,
                without_term: all - superset_term + n01,
                inside: subset,
                outside: all,
                all: all + subset,
            }
        }
    }

    fn is_rarer_in_subset(&self) -> bool {
        self.n11 / self.inside < self.n10 / self.outside
    }

    fn chi_square(&self) -> f64 {
        let difference = self.n11 * self.n00 - self.n01 * self.n10;
        self.all * difference.powi(2)
            / (self.inside * self.with_term * self.without_term * self.outside)
    }

    fn mutual_information(&self) -> f64 {
        let term = |both: f64, row: f64, column: f64| {
            let (numerator, factor) = ((self.all * both).abs(), (both / self.all).abs());
            if numerator < 1e-7 && factor < 1e-7 {
                0.0
            } else {
                factor * (numerator / (row * column).abs()).ln()
            }
        };
        let sum = term(self.n00, self.without_term, self.outside)
            + term(self.n01, self.without_term, self.inside)
            + term(self.n10, self.with_term, self.outside)
            + term(self.n11, self.with_term, self.inside);
        let score = sum / std::f64::consts::LN_2;
        if score.is_nan() { f64::NEG_INFINITY } else { score }
    }

    fn distance(&self, of: Frequencies) -> f64 {
        let (term, set, both) = (self.with_term, of.subset as f64, self.n11);
        if both == 0.0 {
            return 0.0;
        }
        if term == set && term == both {
            return 1.0;
        }
        let distance =
            (term.ln().max(set.ln()) - both.ln()) / (self.all.ln() - term.ln().min(set.ln()));
        (-distance).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_that_is_as_frequent_everywhere_is_not_significant() {
        let of = Frequencies { subset_term: 10, subset: 100, superset_term: 100, superset: 1000 };
        assert_eq!(Significance::Jlh.score(of), 0.0);
        let chi = Significance::ChiSquare { negatives: false, superset: true };
        assert_eq!(chi.score(of), 0.0);
    }

    #[test]
    fn a_term_of_the_set_alone_is_significant_to_every_measure() {
        let of = Frequencies { subset_term: 10, subset: 100, superset_term: 10, superset: 1000 };
        for measure in [
            Significance::Jlh,
            Significance::Percentage,
            Significance::Gnd { superset: true },
            Significance::ChiSquare { negatives: false, superset: true },
            Significance::MutualInformation { negatives: false, superset: true },
        ] {
            assert!(measure.score(of) > 0.0, "{measure:?}");
        }
    }
}
