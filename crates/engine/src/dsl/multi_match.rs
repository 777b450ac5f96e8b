//! `multi_match`: one text in several fields. `best_fields`, `most_fields`, `phrase`, `phrase_prefix`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::bm25::{ScoredTerm, TermStatistics};
use super::lower::{Lowered, Lowering, any_of, boosted};
use super::lowered::best_of;
use super::match_phrase::{MatchPhrase, group_positions};
use super::match_query::{Match, MatchOptions};
use super::options::{Options, scalar};
use super::term::record_option;
use super::words::SoughtWords;
use super::{CLAUSES_MAX, Query, QueryClause};
use crate::exception::internal;
use crate::exception::{Exception, ExceptionKind};
use crate::mapping::Leaf;
use crate::value::java::hash_order;
use crate::value::scalar::{not_a_number, plain};

/// Most fields one query expands to (Elasticsearch checks against `indices.query.bool.max_clause_count`).
pub(crate) const FIELDS_MAX: usize = 1024;

/// How the scores of the fields are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MultiMatchType {
    /// The best field counts.
    BestFields,
    /// All fields add up.
    MostFields,
    /// All fields add up; the last term is only the start of one.
    BoolPrefix,
    /// The fields count as one: of each word its best field.
    CrossFields,
    /// The best field counts, matched as a phrase.
    Phrase,
    /// The best field counts, matched as a phrase whose last word is only started.
    PhrasePrefix,
}

/// A `multi_match` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MultiMatch {
    /// The text, a scalar.
    pub(crate) query: Value,
    /// Fields or patterns of fields, each with its boost; none: all.
    pub(crate) fields: Vec<(String, f32)>,
    /// How the fields are joined.
    pub(crate) kind: MultiMatchType,
    /// How the terms are joined.
    pub(crate) terms: MatchOptions,
    /// What of the other fields' scores is added to the best.
    pub(crate) tie_breaker: f32,
    /// For phrases.
    pub(crate) slop: u32,
    /// How many words may begin as the last of a phrase's.
    pub(crate) expansions: usize,
}

impl MultiMatchType {
    /// Reads a name.
    ///
    /// # Errors
    /// `parse_exception`.
    pub(super) fn parse(name: &str) -> Result<MultiMatchType, Exception> {
        Ok(match name {
            "best_fields" | "boolean" => MultiMatchType::BestFields,
            "most_fields" => MultiMatchType::MostFields,
            "phrase" => MultiMatchType::Phrase,
            "phrase_prefix" => MultiMatchType::PhrasePrefix,
            "bool_prefix" => MultiMatchType::BoolPrefix,
            "cross_fields" => MultiMatchType::CrossFields,
            unknown => {
                let reason =
                    format!("failed to parse [multi_match] query type [{unknown}]. unknown type.");
                return Err(Exception::new(ExceptionKind::ElasticsearchParse, reason));
            }
        })
    }

    /// What of the other fields' scores is added to the best, where nothing is said.
    pub(super) fn tie_breaker(self) -> f32 {
        match self {
            MultiMatchType::MostFields | MultiMatchType::BoolPrefix => 1.0,
            _ => 0.0,
        }
    }
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::new("multi_match", value)?;
    options.are_values(&["fields"])?;
    let Some(query) = options.get("query").cloned() else {
        return Err(Exception::parsing("No text specified for multi_match query"));
    };
    scalar("multi_match", "query", &query)?;
    let kind = match options.text("type")? {
        Some(name) => MultiMatchType::parse(&name)?,
        None => MultiMatchType::BestFields,
    };
    let fields = match options.get("fields") {
        Some(fields) => read_fields("multi_match", fields)?,
        None => Vec::new(),
    };
    let tie_breaker = options.float("tie_breaker")?.unwrap_or_else(|| kind.tie_breaker());
    let slop = options.count("slop")?.unwrap_or(0);
    let expansions = options.count("max_expansions")?.map_or(50, |count| count as usize);
    let expansions = expansions.clamp(1, CLAUSES_MAX);
    let terms = MatchOptions::read(&options)?;
    let unfuzzy = match kind {
        MultiMatchType::Phrase => Some("phrase"),
        MultiMatchType::PhrasePrefix => Some("phrase_prefix"),
        MultiMatchType::CrossFields => Some("cross_fields"),
        _ => None,
    };
    if let Some(name) = unfuzzy.filter(|_| terms.fuzzy.is_some()) {
        return Err(Exception::parsing(format!("Fuzziness not allowed for type [{name}]")));
    }
    if kind == MultiMatchType::BoolPrefix && terms.cutoff.is_some() {
        let reason = "[cutoff_frequency] not allowed for type [bool_prefix]";
        return Err(Exception::parsing(reason));
    }
    if kind == MultiMatchType::CrossFields && terms.cutoff.is_some() {
        let what = "multi_match of type [cross_fields] with [cutoff_frequency]";
        return Err(Exception::not_implemented(what));
    }
    if kind == MultiMatchType::BoolPrefix && slop > 0 {
        return Err(Exception::parsing("[slop] not allowed for type [bool_prefix]"));
    }
    let multi = MultiMatch { query, fields, kind, terms, tie_breaker, slop, expansions };
    Query::with(multi, &options)
}

/// `["title^3", "body"]`, or one such string: by name, of a name that stands twice the last boost.
pub(super) fn read_fields(
    query: &'static str,
    value: &Value,
) -> Result<Vec<(String, f32)>, Exception> {
    let one = |value: &Value| -> Result<(String, Option<f32>), Exception> {
        let text = scalar(query, "fields", value)?;
        match text.split_once('^') {
            None => Ok((text, None)),
            Some((field, boost)) => {
                let boost = boost.parse().map_err(|_| not_a_number(boost))?;
                Ok((field.to_owned(), Some(boost)))
            }
        }
    };
    match value {
        Value::Array(values) if values.len() > FIELDS_MAX => {
            Err(Exception::illegal_argument(format!(
                "field expansion matches too many fields, limit: {FIELDS_MAX}, got: {}",
                values.len()
            )))
        }
        Value::Array(values) => {
            let mut fields: BTreeMap<String, f32> = BTreeMap::new();
            for value in values {
                let (field, boost) = one(value)?;
                // In query strings a field that is named again without a boost keeps the one that it has.
                // (`QueryParserHelper.parseFieldsAndWeights`; `multi_match` has its own reader.)
                let known = fields.get(&field).filter(|_| query != "multi_match").copied();
                fields.insert(field, boost.or(known).unwrap_or(1.0));
            }
            Ok(fields.into_iter().collect())
        }
        value => one(value).map(|(field, boost)| vec![(field, boost.unwrap_or(1.0))]),
    }
}

impl QueryClause for MultiMatch {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        lowering.check_analyzer("multi_match", self.terms.analyzer.as_deref())?;
        let (fields, all) = lowering.expand_fields(&self.fields)?;
        self.over(fields, self.terms.lenient || all, lowering)
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if !sought.any_counts(&self.fields)? {
            return Ok(());
        }
        if matches!(self.kind, MultiMatchType::Phrase | MultiMatchType::PhrasePrefix) {
            let phrase = MatchPhrase {
                slop: self.slop,
                prefix: self.prefix(),
                analyzer: self.terms.analyzer.clone(),
                ..MatchPhrase::new(&sought.leaf.path, self.query.clone())
            };
            return sought.phrase(&phrase);
        }
        sought.text(&plain(&self.query), &self.terms)
    }
}

/// Fields with what their scores are multiplied with.
type BoostedLeaves = Vec<(Arc<Leaf>, f32)>;

impl MultiMatch {
    /// A text in all fields, without options.
    pub(super) fn new(query: Value, kind: MultiMatchType) -> MultiMatch {
        MultiMatch {
            query,
            fields: Vec::new(),
            kind,
            terms: MatchOptions::default(),
            tie_breaker: kind.tie_breaker(),
            slop: 0,
            expansions: 50,
        }
    }

    /// How many words may begin as the last one, where that is only the start of one.
    fn prefix(&self) -> Option<usize> {
        (self.kind == MultiMatchType::PhrasePrefix).then_some(self.expansions)
    }

    /// The text in `fields`, with what their scores are multiplied with.
    pub(super) fn over(
        &self,
        fields: Vec<(String, f32)>,
        lenient: bool,
        lowering: &Lowering<'_>,
    ) -> Result<Lowered, Exception> {
        if self.kind == MultiMatchType::CrossFields {
            return self.across(fields, lenient, lowering);
        }
        let mut queries = Vec::new();
        for (field, boost) in fields {
            let lowered = match self.kind {
                MultiMatchType::Phrase | MultiMatchType::PhrasePrefix => MatchPhrase {
                    slop: self.slop,
                    analyzer: self.terms.analyzer.clone(),
                    zero_terms_all: self.terms.zero_terms_all,
                    lenient,
                    prefix: self.prefix(),
                    ..MatchPhrase::new(&field, self.query.clone())
                }
                .lower(lowering)?,
                _ => {
                    let prefix = self.kind == MultiMatchType::BoolPrefix;
                    let terms = MatchOptions { lenient, prefix, ..self.terms.clone() };
                    Match { field, query: self.query.clone(), terms }.lower(lowering)?
                }
            };
            queries.push(boosted(lowered, boost));
        }
        Ok(best_of(queries, self.tie_breaker))
    }

    /// The words of the text, each in the best of its fields; fields with another analyzer count apart.
    fn across(
        &self,
        fields: Vec<(String, f32)>,
        lenient: bool,
        lowering: &Lowering<'_>,
    ) -> Result<Lowered, Exception> {
        let mut groups: Vec<(String, BoostedLeaves)> = Vec::new();
        let mut queries = Vec::new();
        for (path, boost) in fields {
            let Some(leaf) = lowering.leaf(&path).cloned() else { continue };
            let name = match (leaf.kind.get(), &self.terms.analyzer) {
                (Some(_), Some(name)) => name.clone(),
                (Some(text), None) => lowering.search_analyzer_name(text).to_owned(),
                _ => {
                    // What takes its values whole is a group of its own.
                    let terms = MatchOptions { lenient, ..self.terms.clone() };
                    let whole = Match { field: path, query: self.query.clone(), terms };
                    queries.push(boosted(whole.lower(lowering)?, boost));
                    continue;
                }
            };
            match groups.iter_mut().find(|(known, _)| *known == name) {
                Some((_, leaves)) => leaves.push((leaf, boost)),
                None => groups.push((name, vec![(leaf, boost)])),
            }
        }
        let text = plain(&self.query);
        for (name, leaves) in groups {
            let analyzer = lowering.analyzer(&name)?;
            let tokens = analyzer.tokens_until(&text, &lowering.work.cancel)?;
            let mut clauses = Vec::new();
            for (_, words) in group_positions(tokens) {
                let each: Result<Vec<Lowered>, Exception> = words
                    .iter()
                    .map(|word| lowering.blended(word, &leaves, self.tie_breaker))
                    .collect();
                clauses.push(any_of(each?.into_iter()));
            }
            queries.push(self.terms.joined(clauses)?);
        }
        Ok(best_of(queries, self.tie_breaker))
    }
}

impl Lowering<'_> {
    /// Whether the words of a text are the same in all of `fields`.
    pub(super) fn is_one_text(&self, fields: &[(String, f32)], analyzer: Option<&str>) -> bool {
        let name = |leaf: &Arc<Leaf>| match (leaf.kind.get(), analyzer) {
            (Some(_), Some(name)) => Some(name.to_owned()),
            (Some(text), None) => Some(self.search_analyzer_name(text).to_owned()),
            _ => None,
        };
        let mut names = fields.iter().filter_map(|(path, _)| self.leaf(path)).map(name);
        let first = names.next().flatten();
        first.is_some() && names.all(|name| name == first)
    }

    /// A word in the best of several fields, as rare as it is in the one where it is most frequent, so that no field
    /// counts for more because the word is rare there. (Elasticsearch's `BlendedTermQuery`.)
    fn blended(
        &self,
        word: &str,
        leaves: &[(Arc<Leaf>, f32)],
        tie_breaker: f32,
    ) -> Result<Lowered, Exception> {
        let mut found = Vec::new();
        let mut fewest_terms = u64::MAX;
        for (leaf, boost) in leaves {
            let field = self.indexed(leaf)?;
            let term = tantivy::Term::from_field_text(field, word);
            let statistics = self.statistics.of(self.searcher, leaf, field, &self.work.cancel);
            let statistics = statistics.map_err(internal)?;
            let frequency = self.term_statistics(leaf, &term, &statistics)?;
            fewest_terms = fewest_terms.min(statistics.terms);
            found.push((leaf, *boost, term, frequency, statistics));
        }
        let documents =
            self.searcher.segment_readers().iter().map(|reader| u64::from(reader.max_doc()));
        let most = documents.sum::<u64>().min(fewest_terms);
        let mut blended =
            found.iter().map(|(_, _, _, own, _)| own.documents).max().unwrap_or(0).min(most);
        let mut order: Vec<usize> = (0..found.len()).collect();
        let documents_of = |at: usize| found.get(at).map_or(0, |found| found.3.documents);
        order.sort_by_key(|at| std::cmp::Reverse(documents_of(*at)));
        let mut documents = vec![0; found.len()];
        let (mut before, mut occurrences) = (None, 0);
        for at in order {
            let own = documents_of(at);
            if own == 0 {
                break;
            }
            blended += u64::from(before.is_some_and(|before| before > own));
            before = Some(own);
            if let Some(place) = documents.get_mut(at) {
                *place = blended.min(most);
                occurrences += found.get(at).map_or(0, |found| found.3.occurrences).max(*place);
            }
        }
        let occurrences = occurrences.min(fewest_terms);
        let is_blended = leaves.len() > 1;
        let each = found.into_iter().zip(documents).map(
            |((leaf, boost, term, own, statistics), documents)| {
                let frequency = match is_blended {
                    true => TermStatistics { documents, occurrences },
                    false => own,
                };
                let shown = format!("{}:{word}", leaf.path);
                let option = record_option(leaf);
                boosted(
                    Box::new(ScoredTerm::new(term, option, statistics, frequency, shown)),
                    boost * leaf.boost,
                )
            },
        );
        Ok(best_of(each.collect(), tie_breaker))
    }

    /// The concrete fields of a list with patterns, and whether it stands for all fields.
    pub(crate) fn expand_fields(
        &self,
        fields: &[(String, f32)],
    ) -> Result<(Vec<(String, f32)>, bool), Exception> {
        let everything = [("*".to_owned(), 1.0)];
        let own = &self.settings.default_fields[..];
        let all = self.searches_all(fields);
        let fields = match (fields, own) {
            ([], []) => &everything[..],
            ([], own) => own,
            (fields, _) => fields,
        };
        let mut expanded: Vec<(String, f32)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (field, boost) in fields {
            let paths =
                if field.contains('*') { self.text_like(field) } else { vec![field.clone()] };
            for path in paths {
                // A field that two patterns mean counts with the product of their boosts.
                match places.get(&path).and_then(|place| expanded.get_mut(*place)) {
                    Some((_, known)) => *known *= boost,
                    None => {
                        places.insert(path.clone(), expanded.len());
                        expanded.push((path, *boost));
                    }
                }
            }
        }
        if expanded.len() > FIELDS_MAX {
            return Err(self.refuse(format!(
                "field expansion matches too many fields, limit: {FIELDS_MAX}, got: {}",
                expanded.len()
            )));
        }
        // The real servers keep them in a `HashMap`: the first that is refused is its first.
        let paths: Vec<String> = expanded.iter().map(|(path, _)| path.clone()).collect();
        let order = hash_order(&paths).into_iter();
        Ok((order.filter_map(|place| expanded.get(place).cloned()).collect(), all))
    }

    /// Whether a list of fields, or what the index says where it is empty, stands for all fields.
    pub(super) fn searches_all(&self, fields: &[(String, f32)]) -> bool {
        let fields = if fields.is_empty() { &self.settings.default_fields[..] } else { fields };
        fields.is_empty() || fields.iter().any(|(field, _)| field == "*")
    }

    /// The fields a pattern means for full text: those whose values can be written as text.
    fn text_like(&self, pattern: &str) -> Vec<String> {
        let mut paths = self.matching(pattern);
        paths.retain(|path| {
            let searched = |leaf: &Leaf| leaf.indexed || self.searches_column(leaf);
            self.leaf(path).is_some_and(|leaf| searched(leaf) && leaf.kind.is_searched_as_text())
        });
        paths
    }
}
