//! How hits are scored: the similarities of an index, `settings.index.similarity`. What each comes to is in `dsl/scores/`.
//!
//! Source: `SimilarityService` and `SimilarityProviders` of Elasticsearch 7.10 and OpenSearch 2.19.

mod read;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::exception::Exception;

/// The setting that similarities stand under.
const PREFIX: &str = "index.similarity.";

/// Those that every index has; their names are taken.
const BUILT_IN: [&str; 2] = ["BM25", "boolean"];

/// The one of older versions.
const CLASSIC: &str = "classic";
const CLASSIC_IS_GONE: &str = "The [classic] similarity may not be used anymore. Please use the [BM25] similarity or build a custom [scripted] similarity instead.";

/// The name of the one that fields have which name none.
const DEFAULT: &str = "default";

/// Most similarities of one index.
const SIMILARITIES_MAX: usize = 100;

/// One way to score.
#[derive(Clone, Debug, PartialEq)]
pub enum Similarity {
    /// `BM25`
    Bm25(Bm25Parameters),
    /// `boolean`: what the query is worth.
    Boolean,
    /// `DFR`
    Dfr(BasicModel, AfterEffect, Normalization),
    /// `IB`
    Ib(Distribution, Lambda, Normalization),
    /// `DFI`
    Dfi(Independence),
    /// `LMDirichlet`, with mu.
    LmDirichlet(f32),
    /// `LMJelinekMercer`, with lambda.
    LmJelinekMercer(f32),
}

/// The parameters of BM25.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bm25Parameters {
    /// How late frequencies saturate.
    pub k1: f32,
    /// How much the length counts.
    pub b: f32,
    /// Whether words that stand where another stands add nothing to the length of their field.
    pub discounts_overlaps: bool,
}

impl Default for Bm25Parameters {
    fn default() -> Self {
        Bm25Parameters { k1: 1.2, b: 0.75, discounts_overlaps: true }
    }
}

/// How much a frequency tells, of a word as frequent as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BasicModel {
    /// `g`: geometric.
    G,
    /// `if`: by its occurrences.
    If,
    /// `in`: by its documents.
    In,
    /// `ine`: by the documents that are to be expected.
    Ine,
}

/// How much less each further occurrence tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterEffect {
    /// `b`: Bernoulli.
    B,
    /// `l`: Laplace.
    L,
}

/// How the length of a field changes a frequency in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Normalization {
    /// `no`
    No,
    /// `h1`, with c.
    H1(f32),
    /// `h2`, with c.
    H2(f32),
    /// `h3`, with mu.
    H3(f32),
    /// `z`, with z.
    Z(f32),
}

/// How words are taken to be spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// `ll`: log-logistic.
    Ll,
    /// `spl`: a smoothed power law.
    Spl,
}

/// How frequent a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lambda {
    /// `df`: by its documents.
    Df,
    /// `ttf`: by its occurrences.
    Ttf,
}

/// How far a frequency is from the one that is to be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Independence {
    /// `standardized`
    Standardized,
    /// `saturated`
    Saturated,
    /// `chisquared`
    ChiSquared,
}

impl Default for Similarity {
    fn default() -> Self {
        Similarity::Bm25(Bm25Parameters::default())
    }
}

impl Similarity {
    /// Whether it asks how often a word is in all documents.
    pub(crate) fn counts_occurrences(&self) -> bool {
        !matches!(self, Similarity::Bm25(_) | Similarity::Boolean)
    }

    /// Whether words that stand where another stands add nothing to the length of their field.
    pub(crate) fn discounts_overlaps(&self) -> bool {
        !matches!(self, Similarity::Bm25(Bm25Parameters { discounts_overlaps: false, .. }))
    }
}

/// The similarities of one index, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Similarities {
    named: BTreeMap<String, Arc<Similarity>>,
    default: Arc<Similarity>,
}

impl Default for Similarities {
    fn default() -> Self {
        let bm25 = Arc::<Similarity>::default();
        let boolean = Arc::new(Similarity::Boolean);
        let [first, second] = BUILT_IN.map(str::to_owned);
        Similarities {
            named: BTreeMap::from([(first, Arc::clone(&bm25)), (second, boolean)]),
            default: bm25,
        }
    }
}

impl Similarities {
    /// Those of an index with the settings `flat`, by their full keys.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a name, a type or a parameter that cannot be; 501 for `scripted`.
    pub fn from_settings(flat: &BTreeMap<String, String>) -> Result<Similarities, Exception> {
        let mut similarities = Similarities::default();
        let mut definitions: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        for (key, value) in flat.range(PREFIX.to_owned()..) {
            let Some(below) = key.strip_prefix(PREFIX) else { break };
            let (name, parameter) = below.split_once('.').unwrap_or((below, ""));
            definitions.entry(name).or_default().insert(parameter, value);
        }
        if definitions.len() > SIMILARITIES_MAX {
            return Err(Exception::illegal_argument(format!(
                "an index has at most [{SIMILARITIES_MAX}] similarities, but [{}] were given",
                definitions.len()
            )));
        }
        for (name, parameters) in definitions {
            let similarity = Arc::new(read::similarity(name, &parameters)?);
            if name == DEFAULT {
                similarities.default = Arc::clone(&similarity);
            }
            similarities.named.insert(name.to_owned(), similarity);
        }
        Ok(similarities)
    }

    /// The one that the field at `path` names, or the default.
    ///
    /// # Errors
    /// `mapper_parsing_exception` where there is none of that name.
    pub(crate) fn of_field(
        &self,
        name: Option<&str>,
        path: &str,
    ) -> Result<Arc<Similarity>, Exception> {
        let Some(name) = name else { return Ok(Arc::clone(&self.default)) };
        if name == CLASSIC && !self.named.contains_key(name) {
            let reason = format!("Failed to parse mapping [_doc]: {CLASSIC_IS_GONE}");
            return Err(Exception::mapper_parsing(reason)
                .caused_by(Exception::illegal_argument(CLASSIC_IS_GONE)));
        }
        self.named.get(name).cloned().ok_or_else(|| {
            Exception::mapper_parsing(format!(
                "Unknown Similarity type [{name}] for field [{path}]"
            ))
        })
    }
}
