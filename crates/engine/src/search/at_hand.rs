//! Which searches take microseconds, as a rule: those may run where others must not wait (docs/decisions/0184-a-document-at-hand.md). What
//! is not known to be short is not.

use serde_json::{Map, Value};
use tantivy::Term;
use tantivy::schema::Field;

use crate::dsl::bm25::Statistics;
use crate::index::{AT_HAND_BYTES_MAX, Snapshot};
use crate::mapping::Leaf;
use crate::mapping::keyword::{Keyword, KeywordFamily};
use crate::mapping::text::{Text, TextRole};

/// Documents of the index, and its segments.
const DOCUMENTS_MAX: u64 = 250_000;
const SEGMENTS_MAX: usize = 24;
/// Documents that are looked at.
const MATCHES_MAX: u64 = 10_000;
/// Hits that are looked for.
const HITS_MAX: u64 = 20;
/// Columns that they are sorted by.
const SORTS_MAX: usize = 3;
/// Clauses of its query, words of its texts, bytes of one of them.
const CLAUSES_MAX: usize = 8;
const WORDS_MAX: usize = 8;
const TEXT_BYTES_MAX: usize = 200;
/// Steps of the analyzer of a text.
const FILTERS_MAX: usize = 8;
/// A column is read by blocks: so many documents of it take as long as one match.
const COLUMN_DOCUMENTS: u64 = 16;

/// What a body may say: nothing else is known to be short.
const KEYS: &[&str] = &["query", "from", "size", "sort", "track_total_hits", "_source"];

/// Whether the search `body` of one index takes microseconds, as `snapshot` shows it: few hits of few words, which few documents have,
/// in a small index without long documents whose fields are counted already.
pub(crate) fn is_at_hand(body: &Value, snapshot: &Snapshot, statistics: &Statistics) -> bool {
    let nothing = Map::new();
    let body = match body {
        Value::Null => &nothing,
        Value::Object(body) => body,
        _ => return false,
    };
    let number = |key: &str, default: u64| body.get(key).map_or(Some(default), Value::as_u64);
    let hits =
        number("from", 0).zip(number("size", 10)).map(|(from, size)| from.saturating_add(size));
    let is_short = hits.is_some_and(|hits| hits <= HITS_MAX)
        && body.keys().all(|key| KEYS.contains(&key.as_str()))
        && body.get("_source").is_none_or(Value::is_boolean)
        && body.get("track_total_hits").is_none_or(|it| it.is_boolean() || it.is_u64());
    if !is_short || !is_small(snapshot) {
        return false;
    }
    let sort = body.get("sort");
    if sort.is_some_and(|sort| !is_short_sort(sort, snapshot)) {
        return false;
    }
    let mut estimate = SearchEstimate { snapshot, statistics, clauses: CLAUSES_MAX };
    match body.get("query").filter(|query| !is_everything(query)) {
        // In their own order the first documents are the best.
        None => sort.is_none(),
        Some(query) => {
            estimate.query(query).is_some_and(|found| found.selects && found.matches <= MATCHES_MAX)
        }
    }
}

/// Whether nothing about the index makes a search long: what is read of it is little, and every document shows.
fn is_small(snapshot: &Snapshot) -> bool {
    documents(snapshot) <= DOCUMENTS_MAX
        && snapshot.searcher.segment_readers().len() <= SEGMENTS_MAX
        && snapshot.longest.is_some_and(|longest| longest <= AT_HAND_BYTES_MAX)
        && !snapshot.mapping.has_blocks()
        && snapshot.fields.is_none()
        && snapshot.existing.is_none()
}

fn is_everything(query: &Value) -> bool {
    let only = query.as_object().filter(|query| query.len() == 1);
    let options = only.and_then(|query| query.get("match_all")).and_then(Value::as_object);
    options.is_some_and(Map::is_empty)
}

/// What a query costs.
struct SearchEstimate<'a> {
    snapshot: &'a Snapshot,
    statistics: &'a Statistics,
    /// Clauses that it may still have.
    clauses: usize,
}

/// What one clause costs.
#[derive(Clone, Copy)]
struct Estimated {
    /// The documents that are looked at.
    matches: u64,
    /// Whether it finds documents by their terms; what does not looks at every document, unless another one says at which.
    selects: bool,
    /// Of how many terms.
    terms: u64,
    /// Whether one of several is enough, somewhere in it: such a clause has no list to skip in. When it is asked for one document, it gathers
    /// what each of them has among the [`UNION_WINDOW`] documents around.
    is_union: bool,
}

impl Estimated {
    /// The documents that are looked at where so many are looked for in it.
    fn looked_for(self, documents: u64) -> u64 {
        let looks = documents.saturating_mul(self.terms);
        match self.is_union {
            true => self.matches.min(looks.saturating_mul(UNION_WINDOW)),
            false => looks,
        }
    }
}

/// As many documents as the library gathers at once where one of several terms is looked for.
const UNION_WINDOW: u64 = 4096;

impl SearchEstimate<'_> {
    /// What a query costs; `None`: it may take long.
    fn query(&mut self, query: &Value) -> Option<Estimated> {
        self.clauses = self.clauses.checked_sub(1)?;
        let (kind, inner) = only(query)?;
        if kind == "bool" {
            return self.joined(inner.as_object()?);
        }
        let (path, options) = only(inner)?;
        let leaf = self.snapshot.mapping.leaf(path);
        let leaf = leaf.filter(|leaf| leaf.indexed && !leaf.is_absent)?;
        match kind {
            "match" => {
                let (text, operator) = said(options, &["query", "operator"])?;
                self.words(leaf, text, operator)
            }
            "term" => self.term(leaf, said(options, &["value"])?.0),
            "range" => self.column(leaf),
            _ => None,
        }
    }

    /// Of clauses that are joined, one that must match has to select, or, where none must, each that may.
    fn joined(&mut self, clauses: &Map<String, Value>) -> Option<Estimated> {
        let (mut must, mut may, mut columns) = (Vec::new(), Vec::new(), 0);
        for (role, clauses) in clauses {
            let one = std::slice::from_ref(clauses);
            for clause in clauses.as_array().map_or(one, Vec::as_slice) {
                let clause = self.query(clause)?;
                columns += if clause.selects { 0 } else { clause.matches };
                match role.as_str() {
                    "must" | "filter" => must.push(clause),
                    "should" | "must_not" => may.push(clause),
                    _ => return None,
                }
            }
        }
        let all = || must.iter().chain(&may);
        let terms = all().map(|clause| clause.terms).sum();
        let is_union = all().any(|clause| clause.is_union);
        let selecting = must.iter().filter(|clause| clause.selects).map(|clause| clause.matches);
        match selecting.min() {
            // Each match of the rarest is looked for in all of them.
            Some(rarest) => {
                let looks = all().map(|clause| clause.looked_for(rarest));
                let matches = looks.fold(columns, u64::saturating_add);
                Some(Estimated { matches, selects: true, terms, is_union })
            }
            None => Some(Estimated {
                matches: all().map(|clause| clause.matches).sum(),
                selects: must.is_empty()
                    && clauses.keys().all(|role| role == "should")
                    && !may.is_empty()
                    && may.iter().all(|clause| clause.selects),
                terms,
                is_union: true,
            }),
        }
    }

    fn words(&self, leaf: &Leaf, text: &str, operator: Option<&str>) -> Option<Estimated> {
        let Some(kind) = leaf.kind.get::<Text>() else { return self.term(leaf, text) };
        let analyzers = &self.snapshot.analyzers;
        let is_plain = matches!(kind.role, TextRole::Text)
            && kind.similarity.is_none()
            && analyzers.get("default_search").is_none();
        if !is_plain || text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let named = kind.search_analyzer.as_deref().or(kind.analyzer.as_deref());
        let analyzer = analyzers.get(named.unwrap_or("default"))?;
        let words = analyzer.terms_of_short(text, FILTERS_MAX, WORDS_MAX)?;
        let field = leaf.field?;
        let found: Option<Vec<u64>> = words.iter().map(|word| self.found(field, word)).collect();
        let found = found?;
        let terms = found.len() as u64;
        let is_union = terms > 1 && !matches!(operator, Some("and" | "AND"));
        let matches = match is_union {
            true => found.iter().sum(),
            false => found.iter().min().map_or(0, |rarest| rarest * terms),
        };
        Some(Estimated { matches, selects: true, terms, is_union })
    }

    fn term(&self, leaf: &Leaf, text: &str) -> Option<Estimated> {
        if !is_plain_keyword(leaf) || text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let matches = self.found(leaf.field?, text)?;
        Some(Estimated { matches, selects: true, terms: 1, is_union: false })
    }

    /// How many documents have a term.
    fn found(&self, field: Field, term: &str) -> Option<u64> {
        let searcher = &self.snapshot.searcher;
        // Counting what a field has takes as long as a look at each of its documents, once.
        if !self.statistics.knows(searcher, field) {
            return None;
        }
        searcher.doc_freq(&Term::from_field_text(field, term)).ok()
    }

    /// A look at a number of documents.
    fn column(&self, leaf: &Leaf) -> Option<Estimated> {
        let matches = documents(self.snapshot) / COLUMN_DOCUMENTS;
        is_number(leaf).then_some(Estimated { matches, selects: false, terms: 1, is_union: false })
    }
}

fn documents(snapshot: &Snapshot) -> u64 {
    snapshot.searcher.segment_readers().iter().map(|reader| u64::from(reader.max_doc())).sum()
}

fn is_number(leaf: &Leaf) -> bool {
    leaf.column.is_some_and(|column| column.is_number() || column.is_date())
}

fn is_plain_keyword(leaf: &Leaf) -> bool {
    leaf.kind.get::<Keyword>().is_some_and(|keyword| {
        keyword.family == KeywordFamily::Keyword
            && keyword.normalizer.is_none()
            && !keyword.split_queries_on_whitespace
            && keyword.similarity.is_none()
            && keyword.join.is_none()
    })
}

/// Whether hits are put in order by a few columns.
fn is_short_sort(sort: &Value, snapshot: &Snapshot) -> bool {
    let one = |sort: &Value| {
        let Some((path, order)) = only(sort) else { return false };
        let leaf = snapshot.mapping.leaf(path).filter(|leaf| !leaf.is_absent);
        matches!(order.as_str(), Some("asc" | "desc"))
            && leaf.is_some_and(|leaf| {
                is_number(leaf) || is_plain_keyword(leaf) && leaf.column.is_some()
            })
    };
    sort.as_array().is_some_and(|sorts| sorts.len() <= SORTS_MAX && sorts.iter().all(one))
}

/// The only entry of an object.
fn only(value: &Value) -> Option<(&str, &Value)> {
    let mut entries = value.as_object()?.iter();
    let (key, value) = entries.next()?;
    entries.next().is_none().then_some((key, value))
}

/// The text that a query gives: in short, or as the first of these options and with nothing but them; and the second.
fn said<'v>(options: &'v Value, known: &[&str]) -> Option<(&'v str, Option<&'v str>)> {
    let Some(options) = options.as_object() else { return Some((options.as_str()?, None)) };
    if !options.keys().all(|key| known.contains(&key.as_str())) {
        return None;
    }
    let second = known.get(1).and_then(|key| options.get(*key)).and_then(Value::as_str);
    Some((options.get(*known.first()?)?.as_str()?, second))
}
