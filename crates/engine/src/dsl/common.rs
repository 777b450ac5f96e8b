//! `common`, and `cutoff_frequency` of `match`: rare words must match, frequent ones only add to the score.
//!
//! Source: Lucene's `CommonTermsQuery` as Elasticsearch 7.10 uses it; deprecated there since 7.3.

use serde_json::Value;
use tantivy::schema::Field;

use super::lower::{Lowered, Lowering, nothing};
use super::lowered::combine;
use super::match_query::Operator;
use super::options::{Options, QueryBody, one_field, scalar};
use super::words::SoughtWords;
use super::{Query, QueryClause, minimum_should_match};
use crate::exception::{Exception, internal};
use crate::mapping::Leaf;

/// How words are told apart, and how each kind is joined.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CommonWords {
    /// Words in more documents are frequent: a number of documents, or below 1 a part of all.
    pub(super) cutoff: f32,
    pub(super) frequent: Operator,
    pub(super) rare: Operator,
    pub(super) frequent_minimum: Option<String>,
    pub(super) rare_minimum: Option<String>,
}

/// A `common` query.
#[derive(Debug)]
struct Common {
    field: String,
    query: String,
    analyzer: Option<String>,
    words: CommonWords,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    if value.as_object().is_some_and(serde_json::Map::is_empty) {
        return Err(Exception::illegal_argument("field name is null or empty"));
    }
    let (field, body) = one_field("common", value)?;
    let plain = CommonWords {
        cutoff: 0.01,
        frequent: Operator::Or,
        rare: Operator::Or,
        frequent_minimum: None,
        rare_minimum: None,
    };
    match body {
        QueryBody::Short(value) => {
            let query = scalar("common", &field, value)?;
            Ok(Query::of(Common { field, query, analyzer: None, words: plain }))
        }
        QueryBody::Long(options) => {
            let Some(query) = options.text("query")? else {
                return Err(Exception::illegal_argument("text cannot be null"));
            };
            let operator = |key: &str| {
                options.text(key)?.map_or(Ok(Operator::Or), |text| Operator::parse(&text))
            };
            let (rare_minimum, frequent_minimum) = read_minimum(&options)?;
            let words = CommonWords {
                cutoff: options.float("cutoff_frequency")?.unwrap_or(plain.cutoff),
                frequent: operator("high_freq_operator")?,
                rare: operator("low_freq_operator")?,
                frequent_minimum,
                rare_minimum,
            };
            let analyzer = options.text("analyzer")?;
            Query::with(Common { field, query, analyzer, words }, &options)
        }
    }
}

/// One minimum is that of rare words; an object has one for each kind.
fn read_minimum(options: &Options<'_>) -> Result<(Option<String>, Option<String>), Exception> {
    let key = "minimum_should_match";
    let Some(Value::Object(both)) = options.get(key) else {
        return Ok((options.text(key)?, None));
    };
    let (mut rare, mut frequent) = (None, None);
    for (kind, value) in both {
        let place = match kind.as_str() {
            "low_freq" => &mut rare,
            "high_freq" => &mut frequent,
            other => {
                let reason = format!("[common] query does not support [{other}] for [{key}]");
                return Err(Exception::parsing(reason));
            }
        };
        *place = Some(scalar("common", kind, value)?);
    }
    Ok((rare, frequent))
}

impl QueryClause for Common {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let Some(leaf) = lowering.leaf(&self.field).cloned() else { return Ok(nothing()) };
        if !leaf.indexed || !leaf.kind.has_words() {
            // It looks for terms, of which the field has none.
            return Ok(nothing());
        }
        let tokens = lowering.tokens(&leaf, &self.query, self.analyzer.as_deref(), false)?;
        let words: Vec<String> = match tokens {
            Some(tokens) => tokens.into_iter().map(|token| token.text).collect(),
            None => vec![lowering.normalized(&leaf, &self.query)],
        };
        let field = lowering.indexed(&leaf)?;
        lowering.common(&leaf, field, &words, &self.words)
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if sought.counts(&self.field) {
            let analyzer = self.analyzer.clone();
            let terms = super::match_query::MatchOptions { analyzer, ..Default::default() };
            sought.text(&self.query, &terms)?;
        }
        Ok(())
    }
}

impl Lowering<'_> {
    /// The documents of `words`, of which the rare ones must match.
    pub(super) fn common(
        &self,
        leaf: &Leaf,
        field: Field,
        words: &[String],
        how: &CommonWords,
    ) -> Result<Lowered, Exception> {
        let make = |word: &str| tantivy::Term::from_field_text(field, word);
        if let [word] = words {
            return self.scored(leaf, field, make(word));
        }
        self.check_frequencies("cutoff_frequency")?;
        let readers = self.searcher.segment_readers().iter();
        let documents: u64 = readers.map(|reader| u64::from(reader.max_doc())).sum();
        let (mut rare, mut frequent) = (Vec::new(), Vec::new());
        for word in words {
            let count = self.searcher.doc_freq(&make(word)).map_err(internal)?;
            let part = f64::from((how.cutoff * documents as f32).ceil());
            let is_frequent =
                how.cutoff >= 1.0 && count as f64 > f64::from(how.cutoff) || count as f64 > part;
            let side = if is_frequent { &mut frequent } else { &mut rare };
            side.push(self.scored(leaf, field, make(word))?);
        }
        if rare.is_empty() {
            // Frequent words alone must all be there, unless it is said how many.
            let operator =
                if how.frequent_minimum.is_none() { Operator::And } else { how.frequent };
            return group(frequent, operator, how.frequent_minimum.as_deref());
        }
        let rare = group(rare, how.rare, how.rare_minimum.as_deref())?;
        if frequent.is_empty() {
            return Ok(rare);
        }
        let frequent = group(frequent, how.frequent, how.frequent_minimum.as_deref())?;
        Ok(combine(vec![rare], Vec::new(), vec![frequent], Vec::new(), 0))
    }
}

fn group(
    words: Vec<Lowered>,
    operator: Operator,
    minimum: Option<&str>,
) -> Result<Lowered, Exception> {
    if words.is_empty() {
        return Ok(nothing());
    }
    if operator == Operator::And {
        return Ok(combine(words, Vec::new(), Vec::new(), Vec::new(), 0));
    }
    let required = match minimum {
        Some(minimum) => minimum_should_match::calculate(minimum, words.len())?.max(1),
        None => 1,
    };
    Ok(combine(Vec::new(), Vec::new(), words, Vec::new(), required))
}
