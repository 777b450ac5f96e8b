//! `more_like_this`: documents with the words that stand out in others. Source: Lucene's `MoreLikeThis` and Elasticsearch's
//! `MoreLikeThisQueryBuilder`.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::Term;
use tantivy::schema::Field;

use super::bm25::ScoredTerm;
use super::looked_up::{FOUND, unfollowed};
use super::lower::{Lowered, Lowering, boosted, nothing};
use super::lowered::combine;
use super::minimum_should_match;
use super::options::{Options, scalar};
use super::term::record_option;
use super::{Query, QueryClause};
use crate::analysis::Analyzer;
use crate::exception::{Exception, internal};
use crate::mapping::keyword::{Keyword, KeywordFamily};
use crate::mapping::text::{Text, TextRole};
use crate::mapping::{Leaf, fields};
use crate::value::path::values_at;
use crate::value::scalar::plain;

/// What is compared with: a text, or a document.
#[derive(Clone, Debug, PartialEq)]
enum LikeItem {
    Text(String),
    Document {
        id: Option<String>,
        source: Value,
        fields: Option<Vec<String>>,
        /// By field; a name that no analyzer has counts for nothing.
        analyzers: Map<String, Value>,
    },
    /// A document that is named in a query that is kept, where nobody looks documents up.
    Unread,
}

/// A `more_like_this` query.
#[derive(Clone, Debug, PartialEq)]
struct MoreLikeThis {
    fields: Option<Vec<String>>,
    like: Vec<LikeItem>,
    unlike: Vec<LikeItem>,
    terms_max: usize,
    term_frequency_min: usize,
    document_frequency_min: u64,
    document_frequency_max: u64,
    length_min: usize,
    length_max: usize,
    stop_words: HashSet<String>,
    analyzer: Option<String>,
    minimum_should_match: String,
    boost_terms: f32,
    include: bool,
    fail_on_unsupported_field: bool,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    // The refusals have the name that its parser has.
    let options = Options::new("mlt", value)?;
    let list = |key: &str| -> Result<Option<Vec<String>>, Exception> {
        let items = match options.get(key) {
            None => return Ok(None),
            Some(Value::Array(items)) => items.iter().collect(),
            Some(one) => vec![one],
        };
        items
            .iter()
            .map(|item| scalar("more_like_this", key, item))
            .collect::<Result<_, _>>()
            .map(Some)
    };
    let fields = list("fields")?;
    if fields.as_ref().is_some_and(Vec::is_empty) {
        return Err(Exception::parsing("more_like_this requires 'fields' to be non-empty"));
    }
    let (like, unlike) = (liked(options.get("like"))?, liked(options.get("unlike"))?);
    if like.is_empty() {
        return Err(Exception::parsing("more_like_this requires 'like' to be specified"));
    }
    let count = |key: &str, default: u32| -> Result<usize, Exception> {
        Ok(options.count(key)?.unwrap_or(default) as usize)
    };
    let terms_max = count("max_query_terms", 25)?;
    if terms_max == 0 {
        return Err(Exception::illegal_argument("requires 'maxQueryTerms' to be greater than 0"));
    }
    let clause = MoreLikeThis {
        fields,
        like,
        unlike,
        terms_max: terms_max.min(super::CLAUSES_MAX),
        term_frequency_min: count("min_term_freq", 2)?,
        document_frequency_min: count("min_doc_freq", 5)? as u64,
        document_frequency_max: count("max_doc_freq", i32::MAX as u32)? as u64,
        length_min: count("min_word_length", 0)?,
        length_max: count("max_word_length", 0)?,
        stop_words: list("stop_words")?.unwrap_or_default().into_iter().collect(),
        analyzer: options.text("analyzer")?,
        minimum_should_match: options.text("minimum_should_match")?.unwrap_or("30%".to_owned()),
        boost_terms: options.float("boost_terms")?.unwrap_or(0.0),
        include: options.flag("include")?.unwrap_or(false),
        fail_on_unsupported_field: options.flag("fail_on_unsupported_field")?.unwrap_or(true),
    };
    Query::with(clause, &options)
}

fn liked(value: Option<&Value>) -> Result<Vec<LikeItem>, Exception> {
    let items = match value {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
    };
    items.into_iter().map(one_liked).collect()
}

/// The keys of an item that names a document.
const ITEM_KEYS: &[&str] = &[
    "_index",
    "_type",
    "_id",
    "doc",
    "fields",
    "routing",
    "_routing",
    "version",
    "_version",
    "version_type",
    "_version_type",
    "per_field_analyzer",
    FOUND,
];

fn one_liked(value: &Value) -> Result<LikeItem, Exception> {
    let Value::Object(item) = value else {
        return match value {
            Value::Array(_) | Value::Null => Err(Exception::illegal_argument(
                "Content of 'like' parameter should either be a string or an object",
            )),
            text => Ok(LikeItem::Text(plain(text))),
        };
    };
    if let Some(key) = item.keys().find(|key| !ITEM_KEYS.contains(&key.as_str())) {
        let reason = format!("failed to parse More Like This item. unknown field [{key}]");
        return Err(Exception::new(crate::exception::ExceptionKind::ElasticsearchParse, reason));
    }
    let id = item.get("_id").map(plain);
    if id.is_some() && item.contains_key("doc") {
        let reason = "failed to parse More Like This item. either [id] or [doc] can be specified, but not both!";
        return Err(Exception::new(crate::exception::ExceptionKind::ElasticsearchParse, reason));
    }
    let Some(source) = item.get("doc").or_else(|| item.get(FOUND)).cloned() else {
        // Nobody has read the document: the query is refused where it is run.
        return match id {
            Some(_) => Ok(LikeItem::Unread),
            None => Err(Exception::new(
                crate::exception::ExceptionKind::ElasticsearchParse,
                "failed to parse More Like This item. neither [id] nor [doc] is specified!",
            )),
        };
    };
    let fields = item.get("fields").map(crate::value::scalar::list);
    let analyzers = item.get("per_field_analyzer").and_then(Value::as_object);
    let analyzers = analyzers.cloned().unwrap_or_default();
    Ok(LikeItem::Document { id, source, fields, analyzers })
}

/// A word that stands out in what is compared with.
struct LikeWord {
    text: String,
    score: f32,
}

impl MoreLikeThis {
    /// The fields that are compared, on one index.
    fn leaves<'l>(&self, lowering: &'l Lowering<'_>) -> Result<Vec<&'l Leaf>, Exception> {
        let takes = |leaf: &Leaf| {
            let text = leaf.kind.get::<Text>().map(|text| text.role == TextRole::Text);
            let keyword =
                leaf.kind.get::<Keyword>().map(|keyword| keyword.family == KeywordFamily::Keyword);
            text.or(keyword).unwrap_or(false)
        };
        let Some(wanted) = &self.fields else {
            if self.like.iter().any(|item| matches!(item, LikeItem::Text(_))) {
                return Err(lowering.failed(Exception::illegal_argument(
                    "[more_like_this] query cannot infer the field to analyze the free text, you should update the [index.query.default_field] index setting to a field that exists in the mapping or set the [fields] option in the query.",
                )));
            }
            return Ok(lowering
                .mapping
                .leaves()
                .map(|leaf| &**leaf)
                .filter(|leaf| takes(leaf))
                .collect());
        };
        let mut leaves = Vec::new();
        for name in wanted {
            let Some(leaf) = lowering.leaf(name) else { continue };
            if takes(leaf) {
                leaves.push(&**leaf);
            } else if self.fail_on_unsupported_field {
                return Err(lowering.failed(Exception::illegal_argument(format!(
                    "more_like_this only supports text/keyword fields: [{name}]"
                ))));
            }
        }
        Ok(leaves)
    }

    /// How often each word stands in `texts`.
    fn count(
        &self,
        leaf: &Leaf,
        texts: &[String],
        analyzer: Option<Arc<Analyzer>>,
        lowering: &Lowering<'_>,
        counts: &mut BTreeMap<String, usize>,
    ) -> Result<(), Exception> {
        let Some(analyzer) = analyzer else {
            for text in texts {
                *counts.entry(lowering.normalized(leaf, text)).or_default() += 1;
            }
            return Ok(());
        };
        for text in texts {
            for token in analyzer.tokens_until(text, &lowering.work.cancel)? {
                if !self.is_noise(&token.text) {
                    *counts.entry(token.text).or_default() += 1;
                }
            }
        }
        Ok(())
    }

    fn is_noise(&self, word: &str) -> bool {
        let length = word.encode_utf16().count();
        self.length_min > 0 && length < self.length_min
            || self.length_max > 0 && length > self.length_max
            || self.stop_words.contains(word)
    }

    /// The words of `items` in `leaf`: those of texts, or those of documents.
    fn words_of(
        &self,
        items: &[LikeItem],
        leaf: &Leaf,
        of_texts: bool,
        lowering: &Lowering<'_>,
    ) -> Result<BTreeMap<String, usize>, Exception> {
        let mut counts = BTreeMap::new();
        let own = self.analyzer.as_deref().map(|name| lowering.analyzer(name)).transpose()?;
        // A text is read as a query is, a document as documents are.
        let default = if of_texts { &leaf.analyzers.queries } else { &leaf.analyzers.documents };
        for item in items {
            let mut given = None;
            let texts = match item {
                LikeItem::Text(text) if of_texts => vec![text.clone()],
                LikeItem::Document { source, fields, analyzers, .. } if !of_texts => {
                    let name = analyzers.get(&leaf.path).and_then(Value::as_str);
                    given = name.and_then(|name| lowering.analyzers.get(name));
                    if fields.as_ref().is_some_and(|fields| !fields.contains(&leaf.path)) {
                        continue;
                    }
                    let mut values = values_at(source, &leaf.path);
                    if let (true, Some((parent, _))) =
                        (values.is_empty(), leaf.path.rsplit_once('.'))
                    {
                        values = values_at(source, parent);
                    }
                    values.iter().filter(|value| !value.is_null()).map(plain).collect()
                }
                _ => continue,
            };
            let analyzer = given.or_else(|| own.clone()).or_else(|| default.clone());
            self.count(leaf, &texts, analyzer, lowering, &mut counts)?;
        }
        Ok(counts)
    }

    /// The words that stand out, worst first.
    fn selected(
        &self,
        counts: BTreeMap<String, usize>,
        skipped: &HashSet<String>,
        field: Field,
        lowering: &Lowering<'_>,
    ) -> Result<Vec<LikeWord>, Exception> {
        let documents: u64 = lowering.searcher.num_docs();
        let mut words = Vec::new();
        for (text, count) in counts {
            lowering.work.check()?;
            if count < self.term_frequency_min || skipped.contains(&text) {
                continue;
            }
            let term = Term::from_field_text(field, &text);
            let frequency = lowering.searcher.doc_freq(&term).map_err(internal)?;
            if frequency == 0
                || frequency < self.document_frequency_min
                || frequency > self.document_frequency_max
            {
                continue;
            }
            let idf = ((documents as f64 + 1.0) / (frequency as f64 + 1.0)).ln() + 1.0;
            words.push(LikeWord { text, score: count as f32 * idf as f32 });
        }
        words.sort_by(|a, b| b.score.total_cmp(&a.score));
        words.truncate(self.terms_max);
        words.reverse();
        Ok(words)
    }

    /// A clause for each word of `leaf` that stands out.
    fn clauses(
        &self,
        leaf: &Leaf,
        of_texts: bool,
        lowering: &Lowering<'_>,
    ) -> Result<Vec<Lowered>, Exception> {
        let Some(field) = leaf.field.filter(|_| leaf.indexed) else { return Ok(Vec::new()) };
        let counts = self.words_of(&self.like, leaf, of_texts, lowering)?;
        let mut skipped = HashSet::new();
        for kind in [true, false] {
            skipped.extend(self.words_of(&self.unlike, leaf, kind, lowering)?.into_keys());
        }
        let words = self.selected(counts, &skipped, field, lowering)?;
        let worst = words.first().map_or(1.0, |word| word.score);
        let statistics = lowering
            .statistics
            .of(lowering.searcher, leaf, field, &lowering.work.cancel)
            .map_err(internal)?;
        let option = record_option(leaf);
        let clause = |word: LikeWord| {
            let term = Term::from_field_text(field, &word.text);
            let shown = format!("{}:{}", leaf.path, word.text);
            let frequency = lowering.term_statistics(leaf, &term, &statistics)?;
            let statistics = statistics.clone();
            let query: Lowered =
                Box::new(ScoredTerm::new(term, option, statistics, frequency, shown));
            let boosts = self.boost_terms > 0.0;
            Ok(boosted(query, if boosts { self.boost_terms * word.score / worst } else { 1.0 }))
        };
        words.into_iter().map(clause).collect()
    }

    fn enough(&self, clauses: Vec<Lowered>) -> Result<Option<Lowered>, Exception> {
        if clauses.is_empty() {
            return Ok(None);
        }
        let required = minimum_should_match::calculate(&self.minimum_should_match, clauses.len())?;
        Ok(Some(combine(Vec::new(), Vec::new(), clauses, Vec::new(), required.max(1))))
    }
}

impl QueryClause for MoreLikeThis {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if self.like.iter().chain(&self.unlike).any(|item| *item == LikeItem::Unread) {
            return Err(lowering.failed(unfollowed()));
        }
        lowering.check_frequencies("more_like_this")?;
        let leaves = self.leaves(lowering)?;
        let mut alike = Vec::new();
        if self.like.iter().any(|item| matches!(item, LikeItem::Document { .. })) {
            let mut clauses = Vec::new();
            // A document that is given counts with all of its text, whichever fields are asked for.
            let given =
                self.like.iter().any(|item| matches!(item, LikeItem::Document { id: None, .. }));
            let texts = lowering.mapping.leaves().map(|leaf| &**leaf).filter(|leaf| {
                given
                    && leaf.kind.is::<Text>()
                    && !leaves.iter().any(|known| known.path == leaf.path)
            });
            let documents: Vec<&Leaf> = leaves.iter().copied().chain(texts).collect();
            for leaf in &documents {
                clauses.extend(self.clauses(leaf, false, lowering)?);
            }
            alike.extend(self.enough(clauses)?);
        }
        if self.like.iter().any(|item| matches!(item, LikeItem::Text(_))) {
            // Of several fields, texts are compared with the first alone.
            let clauses = match leaves.first() {
                Some(leaf) => self.clauses(leaf, true, lowering)?,
                None => Vec::new(),
            };
            alike.extend(self.enough(clauses)?);
        }
        if alike.is_empty() {
            return Ok(nothing());
        }
        let ids = self.like.iter().filter_map(|item| match item {
            LikeItem::Document { id: Some(id), .. } if !self.include => Some(id),
            _ => None,
        });
        let terms: Vec<Term> = ids.map(|id| Term::from_field_text(fields::ID, id)).collect();
        let mut excluded: Vec<Lowered> = Vec::new();
        if !terms.is_empty() {
            excluded.push(Box::new(tantivy::query::TermSetQuery::new(terms)));
        }
        Ok(combine(Vec::new(), Vec::new(), alike, excluded, 1))
    }

    fn is_composite(&self) -> bool {
        true
    }
}
