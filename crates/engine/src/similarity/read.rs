//! Reads one similarity of an index's settings.

use std::collections::BTreeMap;

use super::{
    AfterEffect, BUILT_IN, BasicModel, Bm25Parameters, CLASSIC, CLASSIC_IS_GONE, Distribution,
    Independence, Lambda, Normalization, Similarity,
};
use crate::exception::{Exception, ExceptionKind};
use crate::value::java::java_float;
use crate::value::scalar::boolean_text;

/// The parameters of a similarity, as texts.
type Parameters<'a> = BTreeMap<&'a str, &'a str>;

/// The parameters that a normalization has.
const NORMALIZATION: [&str; 5] = [
    "normalization",
    "normalization.h1.c",
    "normalization.h2.c",
    "normalization.h3.c",
    "normalization.z.z",
];

/// The similarity called `name`.
///
/// # Errors
/// As [`super::Similarities::from_settings`].
pub(super) fn similarity(name: &str, parameters: &Parameters<'_>) -> Result<Similarity, Exception> {
    let refuse = |reason: String| Err(Exception::illegal_argument(reason));
    if BUILT_IN.contains(&name) {
        return refuse(format!(
            "illegal value for [index.similarity.{name}] cannot redefine built-in similarity"
        ));
    }
    let Some(kind) = parameters.get("type").copied() else {
        return refuse(format!("Similarity [{name}] must have an associated type"));
    };
    let reader = SimilarityReader { kind, parameters };
    match kind {
        "BM25" => reader.bm25(),
        "boolean" => reader.knows(&[]).map(|()| Similarity::Boolean),
        "DFR" => reader.dfr(),
        "IB" => reader.ib(),
        "DFI" => reader.dfi(),
        "LMDirichlet" => reader.dirichlet(),
        "LMJelinekMercer" => reader.jelinek_mercer(),
        CLASSIC => refuse(CLASSIC_IS_GONE.to_owned()),
        "scripted" if !parameters.keys().any(|key| key.starts_with("script")) => refuse(
            "must specify either [source] for an inline script or [id] for a stored script"
                .to_owned(),
        ),
        "scripted" => Err(Exception::not_implemented(&format!("[scripted] similarity [{name}]"))),
        _ => refuse(format!("Unknown Similarity type [{kind}] for [{name}]")),
    }
}

/// One definition.
struct SimilarityReader<'a> {
    kind: &'a str,
    parameters: &'a Parameters<'a>,
}

impl SimilarityReader<'_> {
    fn bm25(&self) -> Result<Similarity, Exception> {
        self.knows(&["k1", "b", "discount_overlaps"])?;
        let (k1, b) = (self.number("k1", 1.2)?, self.number("b", 0.75)?);
        let overlaps = self.parameters.get("discount_overlaps").copied().unwrap_or("true");
        let Some(discounts_overlaps) = boolean_text(overlaps) else {
            return Err(Exception::illegal_argument(format!(
                "Failed to parse value [{overlaps}] as only [true] or [false] are allowed."
            )));
        };
        if !k1.is_finite() || k1 < 0.0 {
            return Err(illegal("k1", k1, "must be a non-negative finite value"));
        }
        if !(0.0..=1.0).contains(&b) {
            return Err(illegal("b", b, "must be between 0 and 1"));
        }
        Ok(Similarity::Bm25(Bm25Parameters { k1, b, discounts_overlaps }))
    }

    fn dfr(&self) -> Result<Similarity, Exception> {
        self.knows(&[&["basic_model", "after_effect"], &NORMALIZATION[..]].concat())?;
        let given = |key: &str| self.parameters.get(key).copied();
        if let Some(old @ ("be" | "d" | "p")) = given("basic_model") {
            return Err(Exception::illegal_argument(format!(
                "Basic model [{old}] isn't supported anymore, please use another model."
            )));
        }
        let models = [
            ("ine", BasicModel::Ine),
            ("in", BasicModel::In),
            ("g", BasicModel::G),
            ("if", BasicModel::If),
        ];
        let model = self.one_of("basic_model", "BasicModel", &models, true)?;
        if given("after_effect") == Some("no") {
            return Err(Exception::illegal_argument(
                "After effect [no] isn't supported anymore, please use another effect.",
            ));
        }
        let effects = [("b", AfterEffect::B), ("l", AfterEffect::L)];
        let effect = self.one_of("after_effect", "AfterEffect", &effects, true)?;
        Ok(Similarity::Dfr(model, effect, self.normalization()?))
    }

    fn ib(&self) -> Result<Similarity, Exception> {
        self.knows(&[&["distribution", "lambda"], &NORMALIZATION[..]].concat())?;
        let distributions = [("ll", Distribution::Ll), ("spl", Distribution::Spl)];
        let distribution = self.one_of("distribution", "Distribution", &distributions, false)?;
        let lambdas = [("df", Lambda::Df), ("ttf", Lambda::Ttf)];
        let lambda = self.one_of("lambda", "Lambda", &lambdas, false)?;
        Ok(Similarity::Ib(distribution, lambda, self.normalization()?))
    }

    fn dfi(&self) -> Result<Similarity, Exception> {
        self.knows(&["independence_measure"])?;
        let measures = [
            ("standardized", Independence::Standardized),
            ("saturated", Independence::Saturated),
            ("chisquared", Independence::ChiSquared),
        ];
        let measure =
            self.one_of("independence_measure", "IndependenceMeasure", &measures, true)?;
        Ok(Similarity::Dfi(measure))
    }

    fn dirichlet(&self) -> Result<Similarity, Exception> {
        self.knows(&["mu"])?;
        let mu = self.number("mu", 2000.0)?;
        if !mu.is_finite() || mu < 0.0 {
            return Err(illegal("mu", mu, "must be a non-negative finite value"));
        }
        Ok(Similarity::LmDirichlet(mu))
    }

    fn jelinek_mercer(&self) -> Result<Similarity, Exception> {
        self.knows(&["lambda"])?;
        let lambda = self.number("lambda", 0.1)?;
        if !(lambda > 0.0 && lambda <= 1.0) {
            return Err(Exception::illegal_argument("lambda must be in the range (0 .. 1]"));
        }
        Ok(Similarity::LmJelinekMercer(lambda))
    }

    fn normalization(&self) -> Result<Normalization, Exception> {
        let text = self.parameters.get("normalization").copied();
        let positive = |key: &str, default: f32, what: &str| {
            let number = self.number(key, default)?;
            if number.is_finite() && number >= 0.0 {
                return Ok(number);
            }
            Err(illegal(what, number, "must be a non-negative finite value"))
        };
        Ok(match text {
            Some("no") => Normalization::No,
            Some("h1") => Normalization::H1(positive("normalization.h1.c", 1.0, "c")?),
            Some("h2") => Normalization::H2(positive("normalization.h2.c", 1.0, "c")?),
            Some("h3") => Normalization::H3(positive("normalization.h3.c", 800.0, "mu")?),
            Some("z") => {
                let z = self.number("normalization.z.z", 0.3)?;
                if !(z > 0.0 && z < 0.5) {
                    return Err(illegal("z", z, "must be in the range (0 .. 0.5)"));
                }
                Normalization::Z(z)
            }
            other => {
                return Err(Exception::illegal_argument(format!(
                    "Unsupported Normalization [{}]",
                    other.unwrap_or("null")
                )));
            }
        })
    }

    /// Refuses every parameter but the type and those of `known`.
    fn knows(&self, known: &[&str]) -> Result<(), Exception> {
        let unknown = self.parameters.keys().filter(|key| **key != "type" && !known.contains(key));
        let unknown: Vec<&str> = unknown.copied().collect();
        if unknown.is_empty() {
            return Ok(());
        }
        Err(Exception::illegal_argument(format!(
            "Unknown settings for similarity of type [{}]: [{}]",
            self.kind,
            unknown.join(", ")
        )))
    }

    fn number(&self, key: &str, default: f32) -> Result<f32, Exception> {
        let Some(text) = self.parameters.get(key) else { return Ok(default) };
        text.trim().parse().map_err(|_| {
            let reason = format!("Failed to parse float setting [{key}] with value [{text}]");
            Exception::new(ExceptionKind::Settings, reason)
        })
    }

    /// What the parameter `key` names of what is `known`; the refusal tells those where it `lists` them.
    fn one_of<T: Copy>(
        &self,
        key: &str,
        what: &str,
        known: &[(&str, T)],
        lists: bool,
    ) -> Result<T, Exception> {
        let given = self.parameters.get(key).copied();
        let found = known.iter().find(|(name, _)| Some(*name) == given);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let expected = match lists {
                true => format!(", expected one of [{}]", names.join(", ")),
                false => String::new(),
            };
            let given = given.unwrap_or("null");
            Exception::illegal_argument(format!("Unsupported {what} [{given}]{expected}"))
        })
    }
}

fn illegal(what: &str, value: f32, rule: &str) -> Exception {
    Exception::illegal_argument(format!("illegal {what} value: {}, {rule}", java_float(value)))
}
