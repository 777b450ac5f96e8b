//! `significant_text`: the words that documents of a bucket have more often than others; found by analyzing their sources
//! again.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::query::Weight;
use tantivy::schema::{Field, IndexRecordOption, Term};
use tantivy::{DocAddress, DocId, DocSet, SegmentReader, TERMINATED};

use super::buckets::Buckets;
use super::shared::SharedState;
use super::significance::{Frequencies, Measure};
use super::significant::{SignificantOptions, known_significant, most_significant, told};
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::analysis::Analyzer;
use crate::columns::Texts;
use crate::exception::{Exception, internal, io};
use crate::flavor::Flavor;
use crate::index::Snapshot;
use crate::search::stored::Stored;
use crate::value::path::values_at;
use crate::value::scalar;
use crate::work::HeldMemory;

/// Most bytes of one value that are analyzed.
const TEXT_BYTES_MAX: usize = 1 << 20;

/// So many words that another document had in the same order are a copy of it.
const COPY_WORDS: usize = 6;

/// What a remembered run of words takes.
const RUN_BYTES: u64 = 24;

/// A `significant_text` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct SignificantText {
    field: String,
    source_fields: Vec<String>,
    without_copies: bool,
    own: SignificantOptions,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let own = SignificantOptions::read(&options, body.name)?;
    let field = options.text("field")?.unwrap_or_default();
    let source_fields = options.get("source_fields").map(scalar::list);
    let text = SignificantText {
        source_fields: source_fields.unwrap_or_else(|| vec![field.clone()]),
        field,
        without_copies: options.flag("filter_duplicate_text")?.unwrap_or(false),
        own,
    };
    known_significant(&options, "significant_text")?;
    Ok(Arc::new(text))
}

impl AggregationDefinition for SignificantText {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        let work = shared.work();
        Box::new(SignificantTextCollector {
            definition: self.clone(),
            subs,
            buckets: Buckets::new(held),
            texts: Texts::new(work),
            subsets: Vec::new(),
            open: None,
            background: None,
            measure: Measure::default(),
            superset: 0,
            segments: Vec::new(),
            flavor: Flavor::OpenSearch219,
            runs: HashSet::new(),
            shared: shared.clone(),
            held: work.holds("<agg [significant_text]>"),
        })
    }
}

/// The open index.
struct OpenIndex {
    snapshot: Snapshot,
    /// `None` where a value is one word.
    analyzer: Option<Arc<Analyzer>>,
    field: Field,
    segments: u32,
}

/// A segment that was walked over, and which of its documents others are compared with.
struct WalkedSegment {
    reader: SegmentReader,
    field: Field,
    background: Vec<bool>,
}

/// `significant_text` while it runs.
struct SignificantTextCollector {
    definition: SignificantText,
    subs: SubAggregations,
    buckets: Buckets<u32>,
    texts: Texts,
    subsets: Vec<u64>,
    open: Option<OpenIndex>,
    background: Option<Box<dyn Weight>>,
    measure: Measure,
    superset: u64,
    segments: Vec<WalkedSegment>,
    flavor: Flavor,
    /// Runs of words that were seen.
    runs: HashSet<u64>,
    shared: SharedState,
    held: HeldMemory,
}

impl SignificantTextCollector {
    /// The words of a document, each once, in the order in which they stand there.
    fn words(&mut self, doc: DocId) -> Result<Vec<String>, Exception> {
        let (mut words, mut seen) = (Vec::new(), HashSet::new());
        let Some(open) = &self.open else { return Ok(words) };
        let address = DocAddress::new(open.segments.saturating_sub(1), doc);
        let source = Stored::read(&open.snapshot, address)?.source()?;
        let mut runs = Vec::new();
        for path in &self.definition.source_fields {
            // A multi-field has the values of the field it belongs to.
            let mapping = &open.snapshot.mapping;
            let parent = path.rsplit_once('.').map(|(parent, _)| parent);
            let path = parent.filter(|parent| mapping.leaf(parent).is_some()).unwrap_or(path);
            for value in values_at(&source, path) {
                let text = scalar::plain(&value);
                let text = text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or(&text);
                let cancel = &self.shared.work().cancel;
                let found: Vec<String> = match &open.analyzer {
                    None => vec![text.to_owned()],
                    Some(analyzer) => {
                        let tokens = analyzer.tokens_until(text, cancel)?;
                        tokens.into_iter().map(|token| token.text).collect()
                    }
                };
                let mut copied = vec![false; found.len()];
                let looked_at = if self.definition.without_copies { found.as_slice() } else { &[] };
                for (start, run) in looked_at.windows(COPY_WORDS).enumerate() {
                    let mut hasher = DefaultHasher::new();
                    run.hash(&mut hasher);
                    let run = hasher.finish();
                    if self.runs.contains(&run) {
                        copied.iter_mut().skip(start).take(COPY_WORDS).for_each(|it| *it = true);
                    }
                    runs.push(run);
                }
                for (word, copied) in found.into_iter().zip(copied) {
                    if !copied && !seen.contains(&word) {
                        seen.insert(word.clone());
                        words.push(word);
                    }
                }
            }
        }
        self.held.grow(runs.len() as u64 * RUN_BYTES)?;
        self.runs.extend(runs);
        Ok(words)
    }

    /// How many of the documents that others are compared with have a word.
    fn superset_of(&self, word: &str) -> Result<u64, Exception> {
        let mut count = 0;
        for segment in &self.segments {
            let inverted = segment.reader.inverted_index(segment.field).map_err(internal)?;
            let term = Term::from_field_text(segment.field, word);
            let postings = inverted.read_postings(&term, IndexRecordOption::Basic).map_err(io)?;
            let Some(mut postings) = postings else { continue };
            while postings.doc() != TERMINATED {
                self.shared.check()?;
                let place = segment.background.get(postings.doc() as usize);
                count += u64::from(place == Some(&true));
                postings.advance();
            }
        }
        Ok(count)
    }
}

/// The types whose mappers of the real servers have no analyzer, not even one that cuts nothing.
const UNANALYZED: &[&str] = &[
    "binary",
    "boolean",
    "constant_keyword",
    "date",
    "date_nanos",
    "flat_object",
    "geo_point",
    "ip",
    "scaled_float",
];

impl Collector for SignificantTextCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.open = None;
        self.flavor = index.flavor;
        self.background = None;
        let leaf = index.snapshot.mapping.leaf(&self.definition.field);
        if let Some(leaf) = leaf {
            if UNANALYZED.contains(&leaf.kind.name()) {
                return Err(Exception::illegal_argument(format!(
                    "Field [{}] has no analyzer, but SignificantText requires an analyzed field",
                    leaf.path
                )));
            }
            let analyzer = leaf.analyzers.documents.clone();
            self.open = leaf.field.map(|field| OpenIndex {
                snapshot: index.snapshot.clone(),
                analyzer,
                field,
                segments: 0,
            });
        }
        self.background = Some(self.definition.own.background(index)?);
        let work = self.shared.work();
        self.measure = self.definition.own.measure.ready(work, self.shared.now())?;
        self.subs.open_index(index)
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.close_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        if let (Some(open), Some(weight)) = (&mut self.open, &self.background) {
            open.segments += 1;
            self.held.grow(u64::from(reader.max_doc()))?;
            let mut background = vec![false; reader.max_doc() as usize];
            let mut scorer = weight.scorer(reader, 1.0).map_err(internal)?;
            while scorer.doc() != TERMINATED {
                self.shared.check()?;
                if !reader.is_deleted(scorer.doc()) {
                    self.superset += 1;
                    if let Some(place) = background.get_mut(scorer.doc() as usize) {
                        *place = true;
                    }
                }
                scorer.advance();
            }
            let (reader, field) = (reader.clone(), open.field);
            self.segments.push(WalkedSegment { reader, field, background });
        }
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        let place = owner as usize;
        if self.subsets.len() <= place {
            self.held.grow((place + 1 - self.subsets.len()) as u64 * 8)?;
            self.subsets.resize(place + 1, 0);
        }
        if let Some(count) = self.subsets.get_mut(place) {
            *count += 1;
        }
        for word in self.words(doc)? {
            self.shared.check()?;
            let key = self.texts.number(&word)?;
            let number = self.buckets.number(owner, key)?;
            self.buckets.add(number, 1);
            self.subs.collect(doc, score, number)?;
        }
        Ok(())
    }

    fn subs(&mut self) -> Option<&mut SubAggregations> {
        Some(&mut self.subs)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let subset = self.subsets.get(owner as usize).copied().unwrap_or(0);
        let thresholds = self.definition.own.thresholds;
        let mut scored: Vec<(f64, String, Frequencies, u32)> = Vec::new();
        for (key, number) in self.buckets.of(owner) {
            self.shared.check()?;
            let subset_term = self.buckets.count(*number);
            let word = self.texts.name((*key).into());
            if subset_term < thresholds.shard_min_doc_count
                || !self.definition.own.choice.holds_text(word)
            {
                continue;
            }
            let superset_term = self.superset_of(word)?;
            let of = Frequencies { subset_term, subset, superset_term, superset: self.superset };
            scored.push((self.measure.score(of)?, word.to_owned(), of, *number));
        }
        let scored = most_significant(scored, String::clone, thresholds, self.flavor);
        self.shared.buckets(scored.len())?;
        let mut buckets = Vec::new();
        for (score, word, of, number) in scored {
            let mut bucket = Map::from_iter([("key".to_owned(), Value::from(word))]);
            told(&mut bucket, score, of);
            self.subs.finish_into(number, &mut bucket)?;
            buckets.push(Value::Object(bucket));
        }
        Ok(Map::from_iter([
            ("doc_count".to_owned(), Value::from(subset)),
            ("bg_count".to_owned(), Value::from(self.superset)),
            ("buckets".to_owned(), Value::Array(buckets)),
        ]))
    }

    fn type_name(&self) -> &'static str {
        "sigsterms"
    }
}
