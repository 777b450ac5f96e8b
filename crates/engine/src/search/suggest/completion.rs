//! The `completion` suggester: inputs of documents that begin with what was typed, those that weigh most first. Source:
//! Elasticsearch's `CompletionSuggester`, Lucene's `NRTSuggester`, `FuzzyCompletionQuery` and `ContextQuery`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};
use tantivy::query::EnableScoring;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocAddress, DocId, DocSet, InvertedIndexReader, SegmentReader, TERMINATED};

use super::{Texts, field, required_field};
use crate::dsl::fuzzy::{EditRows, Fuzziness};
use crate::dsl::lower::Lowering;
use crate::dsl::lowered;
use crate::dsl::options::Options;
use crate::dsl::regexp;
use crate::dsl::term_set::after_prefix;
use crate::exception::{Exception, ExceptionKind, internal, io};
use crate::lucene_regexp::LuceneRegexp;
use crate::mapping::completion::{CONTEXT_END, Completion, Entry};
use crate::mapping::completion_context::{self, AskedContext};
use crate::search::fetch::Fetch;
use crate::search::found::{FoundHit, SearchRun};
use crate::search::{SearchRequest, Target};
use crate::value::scalar::{boolean, token};
use crate::work::{HeldMemory, Work};

/// Most completions of one suggestion.
const SIZE_MAX: i64 = 10_000;

/// A `completion` suggester.
#[derive(Clone, Debug)]
pub(super) struct CompletionSuggester {
    field: String,
    analyzer: Option<String>,
    size: usize,
    shard_size: usize,
    skip_duplicates: bool,
    fuzzy: Option<FuzzyOptions>,
    contexts: Map<String, Value>,
}

/// How far what is found may be from what was typed.
#[derive(Clone, Copy, Debug)]
struct FuzzyOptions {
    edits: usize,
    transpositions: bool,
    /// Shorter texts are found as they are.
    min_length: usize,
    /// How much of the beginning is found as it is.
    prefix_length: usize,
    /// Whether letters are characters, and not the bytes of their UTF-8.
    unicode_aware: bool,
}

impl CompletionSuggester {
    /// Reads its options.
    pub(super) fn parse(value: &Value) -> Result<CompletionSuggester, Exception> {
        let options = Options::declared("completion", value)?;
        let field = options.text("field")?;
        let positive = |key: &'static str, name: &str| match options.whole(key)? {
            Some(size) if size > SIZE_MAX => {
                let reason = format!("[{key}] must be at most [{SIZE_MAX}], and is [{size}]");
                Err(options.failed(key, Exception::illegal_argument(reason)))
            }
            Some(size) => {
                usize::try_from(size).ok().filter(|size| *size > 0).map(Some).ok_or_else(|| {
                    let reason = format!("{name} must be positive");
                    options.failed(key, Exception::illegal_argument(reason))
                })
            }
            None => Ok(None),
        };
        let size = positive("size", "size")?.unwrap_or(5);
        let shard_size = positive("shard_size", "shardSize")?.unwrap_or(size.max(5));
        let skip_duplicates = match options.get("skip_duplicates") {
            Some(value) => boolean(value).ok_or_else(|| {
                let shown = crate::value::scalar::plain(value);
                let cause = crate::value::scalar::not_a_boolean(shown);
                options.failed("skip_duplicates", Exception::illegal_argument(cause))
            })?,
            None => false,
        };
        let fuzzy = match options.get("fuzzy") {
            None | Some(Value::Bool(false)) => None,
            Some(Value::Bool(true)) => Some(FuzzyOptions::default()),
            Some(object @ Value::Object(_)) => {
                let fuzzy = FuzzyOptions::parse(object);
                Some(fuzzy.map_err(|cause| nested_fault(&options, "fuzzy", cause))?)
            }
            Some(other) => return Err(unlike("fuzzy", other)),
        };
        if let Some(regex) = options.get("regex") {
            if !regex.is_object() {
                return Err(unlike("regex", regex));
            }
            let given = Options::declared("regex", regex)?;
            // The states of an automaton are not what bounds expressions here; any limit is kept.
            given.get("max_determinized_states");
            given.only("flags", &["ALL", "NONE"])?;
            given.finish().map_err(|cause| nested_fault(&options, "regex", cause))?;
        }
        let contexts = match options.get("contexts") {
            None => Map::new(),
            Some(Value::Object(contexts)) => contexts.clone(),
            Some(other) => return Err(unlike("contexts", other)),
        };
        let analyzer = options.text("analyzer")?;
        options.finish()?;
        let field = match field {
            Some(field) => field,
            None => required_field(&options)?,
        };
        Ok(CompletionSuggester {
            field,
            analyzer,
            size,
            shard_size,
            skip_duplicates,
            fuzzy,
            contexts,
        })
    }

    /// What `targets` suggest, as it is shown.
    pub(super) fn shown(
        &self,
        texts: &Texts,
        run: &SearchRun<'_>,
        targets: &[Target],
        request: &SearchRequest,
    ) -> Result<Value, Exception> {
        let mut held = run.work.holds("<suggestions>");
        let mut found = Vec::new();
        let mut contexts = Vec::new();
        for (number, target) in targets.iter().enumerate() {
            let snapshot = target.snapshot();
            let lowering = Lowering::new(snapshot, run.statistics, run.now, run.work);
            let on_shard = |cause| Exception::search_phase(&snapshot.name, cause);
            let (kind, completions) =
                self.of_target(number, texts, target, &lowering, &mut held).map_err(on_shard)?;
            contexts.push(kind.contexts.clone());
            found.extend(completions);
        }
        self.order(&mut found, self.size);
        let bare = SearchRequest {
            query: None,
            sort: Vec::new(),
            collapse: None,
            highlight: None,
            ..request.clone()
        };
        let mut fetch = Fetch::new(run, targets, Cow::Owned(bare), Cow::Borrowed(&[]));
        let mut options = Vec::with_capacity(found.len());
        for completion in found {
            run.work.check()?;
            let hit = FoundHit {
                rescored: 0,
                target: completion.target,
                address: completion.address,
                score: Some(completion.score),
                values: Vec::new(),
                group: None,
            };
            let Some(hit) = fetch.hit(&hit, &mut held)? else { continue };
            let mut option = Map::from_iter([("text".to_owned(), completion.text.into())]);
            if let Ok(Value::Object(hit)) = serde_json::to_value(&hit) {
                option.extend(hit);
            }
            let of_field = contexts.get(completion.target).map_or(&[][..], Vec::as_slice);
            if !of_field.is_empty() {
                let shown = completion_context::shown(of_field, &completion.contexts);
                option.insert("contexts".to_owned(), shown.into());
            }
            options.push(Value::Object(option));
        }
        let text = texts.shown()?;
        let length = text.encode_utf16().count();
        Ok(json!([{"text": text, "offset": 0, "length": length, "options": options}]))
    }

    /// What one index suggests, the best first.
    fn of_target<'l>(
        &self,
        number: usize,
        texts: &Texts,
        target: &Target,
        lowering: &'l Lowering<'_>,
        held: &mut HeldMemory,
    ) -> Result<(&'l Completion, Vec<FoundCompletion>), Exception> {
        let leaf = field(&self.field, lowering)?;
        let Some(kind) = leaf.kind.get::<Completion>() else {
            return Err(Exception::illegal_argument(format!(
                "Field [{}] is not a completion suggest field",
                self.field
            )));
        };
        let asked = self.asked(kind)?;
        let matcher = self.matcher(texts, kind, leaf.analyzers.queries.as_deref(), lowering)?;
        let mut found = Vec::new();
        let Some(indexed) = leaf.field else { return Ok((kind, found)) };
        let search = SegmentSearch {
            field: indexed,
            has_contexts: !kind.contexts.is_empty(),
            starts: matcher.starts(&asked),
            asked,
            matcher,
            count: self.shard_size,
            skip_duplicates: self.skip_duplicates,
            work: lowering.work,
        };
        let filter = self.filter(target, lowering)?;
        for (segment, reader) in (0u32..).zip(lowering.searcher.segment_readers()) {
            let shows = filter.as_ref().map(|filter| filter.documents(reader)).transpose()?;
            let completions = search.best(reader, shows.as_ref(), held)?;
            found.extend(completions.into_iter().map(|(doc, mut completion)| {
                completion.target = number;
                completion.address = DocAddress::new(segment, doc);
                completion
            }));
        }
        self.order(&mut found, self.size);
        Ok((kind, found))
    }

    /// The contexts that are asked for, each with its number.
    fn asked(&self, kind: &Completion) -> Result<Vec<(u8, AskedContext)>, Exception> {
        if kind.contexts.is_empty() {
            if self.contexts.is_empty() {
                return Ok(Vec::new());
            }
            return Err(Exception::illegal_argument(format!(
                "suggester [{}] doesn't expect any context",
                self.field
            )));
        }
        let mut asked: Vec<(u8, AskedContext)> = Vec::new();
        for (name, value) in &self.contexts {
            let (number, context) = kind.context(name)?;
            asked.extend(context.asked(value)?.into_iter().map(|asked| (number, asked)));
        }
        if asked.is_empty() {
            return Err(Exception::illegal_argument("Missing mandatory contexts in context query"));
        }
        Ok(asked)
    }

    fn matcher(
        &self,
        texts: &Texts,
        kind: &Completion,
        own: Option<&crate::analysis::Analyzer>,
        lowering: &Lowering<'_>,
    ) -> Result<Matcher, Exception> {
        let named = match &self.analyzer {
            Some(name) => Some(lowering.analyzers.get(name).ok_or_else(|| {
                Exception::illegal_argument(format!("analyzer [{name}] doesn't exists"))
            })?),
            None => None,
        };
        let forms = |text: &str| match named.as_deref().or(own) {
            Some(analyzer) => kind.forms(analyzer, text, &lowering.work.cancel),
            None => Ok(Vec::new()),
        };
        match (texts.typed(), &texts.regex) {
            (Some(typed), _) => Ok(match self.fuzzy {
                Some(fuzzy) => Matcher::Fuzzy(fuzzy, forms(typed)?),
                None => Matcher::Prefix(forms(typed)?),
            }),
            (None, Some(_)) if self.fuzzy.is_some() => {
                Err(Exception::illegal_argument("can not use 'fuzzy' options with 'regex"))
            }
            (None, Some(regex)) => {
                let most = lowering.settings.max_regex_length;
                regexp::compile(regex, false, most).map(Matcher::Regex)
            }
            (None, None) => Err(Exception::illegal_argument("The required text option is missing")),
        }
    }

    fn filter(
        &self,
        target: &Target,
        lowering: &Lowering<'_>,
    ) -> Result<Option<Filter>, Exception> {
        if target.is_unfiltered() {
            return Ok(None);
        }
        let filters = target.filters(lowering.statistics, lowering.now, lowering.work)?;
        let query = lowered::combine(Vec::new(), filters, Vec::new(), Vec::new(), 0);
        let scoring = EnableScoring::disabled_from_searcher(lowering.searcher);
        let weight = query.weight(scoring).map_err(internal)?;
        Ok(Some(Filter { weight, work: lowering.work.clone() }))
    }

    /// Brings completions into their order, and keeps the first `count`.
    fn order(&self, found: &mut Vec<FoundCompletion>, count: usize) {
        found.sort_by(FoundCompletion::order);
        if self.skip_duplicates {
            let mut seen = BTreeSet::new();
            found.retain(|completion| seen.insert(completion.text.clone()));
        }
        found.truncate(count);
    }
}

impl Default for FuzzyOptions {
    fn default() -> FuzzyOptions {
        FuzzyOptions {
            edits: 1,
            transpositions: true,
            min_length: 3,
            prefix_length: 1,
            unicode_aware: false,
        }
    }
}

impl FuzzyOptions {
    fn parse(value: &Value) -> Result<FuzzyOptions, Exception> {
        let options = Options::declared("fuzzy", value)?;
        let plain = FuzzyOptions::default();
        let edits = match options.text("fuzziness")? {
            // As for a word of five letters.
            Some(text) => {
                let fuzziness = Fuzziness::parse(&text);
                fuzziness.map_err(|cause| options.failed("fuzziness", cause))?.edits(5)
            }
            None => plain.edits,
        };
        let length = |key: &str, name: &str, default: usize| match options.whole(key)? {
            Some(length) => usize::try_from(length).map_err(|_| {
                let reason = format!("{name} must not be negative");
                options.failed(key, Exception::illegal_argument(reason))
            }),
            None => Ok(default),
        };
        let fuzzy = FuzzyOptions {
            edits,
            transpositions: options.flag("transpositions")?.unwrap_or(plain.transpositions),
            min_length: length("min_length", "fuzzyMinLength", plain.min_length)?,
            prefix_length: length("prefix_length", "fuzzyPrefixLength", plain.prefix_length)?,
            unicode_aware: options.flag("unicode_aware")?.unwrap_or(plain.unicode_aware),
        };
        // The states of an automaton are not what bounds this search; any limit is kept.
        options.get("max_determinized_states");
        options.finish()?;
        Ok(fuzzy)
    }

    fn letters(self, text: &str) -> Vec<u32> {
        if self.unicode_aware {
            text.chars().map(u32::from).collect()
        } else {
            text.bytes().map(u32::from).collect()
        }
    }

    /// Whether all of `sought` must be found as it is.
    fn is_exact(self, sought: &[u32]) -> bool {
        sought.len() <= self.prefix_length || sought.len() < self.min_length
    }

    /// How many letters the shortest beginning of `letters` has that is near enough to `sought`.
    fn near(self, sought: &[u32], letters: &[u32]) -> Option<usize> {
        if self.is_exact(sought) {
            return letters.starts_with(sought).then_some(sought.len());
        }
        let (fixed, free) = sought.split_at_checked(self.prefix_length)?;
        let rest = letters.strip_prefix(fixed)?;
        let mut edits = EditRows::new(free, self.transpositions);
        if edits.distance() <= self.edits {
            return Some(fixed.len());
        }
        for (count, letter) in (1..).zip(rest) {
            if edits.step(*letter) > self.edits {
                return None;
            }
            if edits.distance() <= self.edits {
                return Some(fixed.len() + count);
            }
        }
        None
    }
}

/// What an analyzed input is compared with.
enum Matcher {
    Prefix(Vec<String>),
    Fuzzy(FuzzyOptions, Vec<String>),
    Regex(LuceneRegexp),
}

impl Matcher {
    /// How much more an input weighs for how it matches; `None`: it does not.
    fn boost(&self, form: &str) -> Option<f32> {
        match self {
            Matcher::Prefix(sought) => {
                sought.iter().any(|sought| form.starts_with(sought.as_str())).then_some(0.0)
            }
            Matcher::Regex(regex) => regex.begins(form).then_some(0.0),
            Matcher::Fuzzy(fuzzy, sought) => {
                let letters = fuzzy.letters(form);
                let near = sought.iter().filter_map(|it| fuzzy.near(&fuzzy.letters(it), &letters));
                let begins: String = if fuzzy.unicode_aware {
                    form.chars().take(near.min()?).collect()
                } else {
                    let bytes = form.as_bytes().get(..near.min()?)?;
                    String::from_utf8_lossy(bytes).into_owned()
                };
                let alike = |sought: &String| {
                    let pairs = fuzzy.letters(sought).into_iter().zip(begins.bytes());
                    pairs.take_while(|(a, b)| *a == u32::from(*b)).count()
                };
                sought.iter().map(alike).max().map(|alike| alike as f32)
            }
        }
    }

    /// What the analyzed inputs start with that may match.
    fn fixed(&self) -> Vec<Vec<u8>> {
        match self {
            Matcher::Prefix(sought) => {
                sought.iter().map(|text| text.clone().into_bytes()).collect()
            }
            Matcher::Regex(_) => vec![Vec::new()],
            Matcher::Fuzzy(fuzzy, sought) => {
                let fixed = |text: &String| {
                    if fuzzy.is_exact(&fuzzy.letters(text)) {
                        text.clone().into_bytes()
                    } else if fuzzy.unicode_aware {
                        text.chars().take(fuzzy.prefix_length).collect::<String>().into_bytes()
                    } else {
                        text.bytes().take(fuzzy.prefix_length).collect()
                    }
                };
                sought.iter().map(fixed).collect()
            }
        }
    }

    /// What the terms start with that may match; none of them begins another.
    fn starts(&self, asked: &[(u8, AskedContext)]) -> Vec<Vec<u8>> {
        let fixed = self.fixed();
        let mut starts = Vec::new();
        if asked.is_empty() {
            starts = fixed;
        } else {
            for (number, asked) in asked {
                let context = [&[*number], asked.value.as_bytes()].concat();
                if asked.is_prefix && !fixed.is_empty() {
                    starts.push(context);
                } else if !asked.is_prefix {
                    let all =
                        fixed.iter().map(|form| [&context, &[CONTEXT_END][..], form].concat());
                    starts.extend(all);
                }
            }
        }
        starts.sort_unstable();
        let mut last: Option<Vec<u8>> = None;
        starts.retain(|start| {
            let inside = last.as_ref().is_some_and(|last| start.starts_with(last));
            if !inside {
                last = Some(start.clone());
            }
            !inside
        });
        starts
    }
}

/// What hides documents.
struct Filter {
    weight: Box<dyn tantivy::query::Weight>,
    work: Work,
}

impl Filter {
    /// The documents of a segment that are there.
    fn documents(&self, reader: &SegmentReader) -> Result<BitSet, Exception> {
        let mut documents = BitSet::with_max_value(reader.max_doc());
        let mut scorer = self.weight.scorer(reader, 1.0).map_err(internal)?;
        while scorer.doc() != TERMINATED {
            self.work.check()?;
            documents.insert(scorer.doc());
            scorer.advance();
        }
        self.work.check()?;
        Ok(documents)
    }
}

/// One completion before it is fetched.
#[derive(Debug)]
struct FoundCompletion {
    target: usize,
    address: DocAddress,
    score: f32,
    text: String,
    contexts: Vec<(u8, String)>,
}

impl FoundCompletion {
    fn order(&self, other: &FoundCompletion) -> Ordering {
        let score = other.score.total_cmp(&self.score);
        score.then_with(|| self.text.cmp(&other.text)).then_with(|| {
            let place =
                |it: &FoundCompletion| (it.target, it.address.segment_ord, it.address.doc_id);
            place(self).cmp(&place(other))
        })
    }
}

/// The search of one field, segment after segment.
struct SegmentSearch<'s> {
    field: Field,
    has_contexts: bool,
    starts: Vec<Vec<u8>>,
    asked: Vec<(u8, AskedContext)>,
    matcher: Matcher,
    /// How many inputs are looked at, those that weigh most; a document may have several of them.
    count: usize,
    skip_duplicates: bool,
    work: &'s Work,
}

/// What a matching term takes while it waits.
const TERM_BYTES: u64 = 16;

impl SegmentSearch<'_> {
    /// The completions of a segment, of the documents that are not deleted and in `shows`.
    fn best(
        &self,
        reader: &SegmentReader,
        shows: Option<&BitSet>,
        held: &mut HeldMemory,
    ) -> Result<Vec<(DocId, FoundCompletion)>, Exception> {
        let inverted = reader.inverted_index(self.field).map_err(internal)?;
        let terms = self.matching(&inverted, held)?;
        let mut found: Vec<(DocId, FoundCompletion)> = Vec::new();
        let (mut places, mut seen) = (HashMap::new(), BTreeSet::new());
        let (mut term, mut count) = (Vec::new(), 0);
        for (score, ordinal) in terms {
            self.work.check()?;
            term.clear();
            inverted.terms().ord_to_term(ordinal, &mut term).map_err(io)?;
            let Some(entry) = Entry::of(&term, self.has_contexts) else { continue };
            let Some(info) = inverted.terms().get(&term).map_err(io)? else { continue };
            let postings = inverted.read_postings_from_terminfo(&info, IndexRecordOption::Basic);
            let mut postings = postings.map_err(io)?;
            while postings.doc() != TERMINATED {
                self.work.check()?;
                let doc = postings.doc();
                postings.advance();
                let hidden = reader.is_deleted(doc) || shows.is_some_and(|it| !it.contains(doc));
                if hidden || (self.skip_duplicates && !seen.insert(entry.text.to_owned())) {
                    continue;
                }
                let place = *places.entry(doc).or_insert_with(|| {
                    let completion = FoundCompletion {
                        target: 0,
                        address: DocAddress::new(0, doc),
                        score,
                        text: entry.text.to_owned(),
                        contexts: Vec::new(),
                    };
                    found.push((doc, completion));
                    found.len() - 1
                });
                if let (Some((number, value)), Some((_, completion))) =
                    (entry.context, found.get_mut(place))
                {
                    completion.contexts.push((number, value.to_owned()));
                }
                count += 1;
                if count >= self.count {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    /// The terms that match with their scores, the best first, and those that score alike in their order.
    fn matching(
        &self,
        inverted: &InvertedIndexReader,
        held: &mut HeldMemory,
    ) -> Result<Vec<(f32, u64)>, Exception> {
        let mut matching: Vec<(f32, u64)> = Vec::new();
        // Ways to read that are the same stand together.
        let mut last: Option<(String, Option<f32>)> = None;
        for start in &self.starts {
            let mut range = inverted.terms().range().ge(start);
            if let Some(after) = after_prefix(start) {
                range = range.lt(after);
            }
            let mut stream = range.into_stream().map_err(io)?;
            while stream.advance() {
                self.work.check()?;
                let Some(entry) = Entry::of(stream.key(), self.has_contexts) else { continue };
                let boost = match &last {
                    Some((form, boost)) if form == entry.form => *boost,
                    _ => {
                        let boost = self.matcher.boost(entry.form);
                        last = Some((entry.form.to_owned(), boost));
                        boost
                    }
                };
                let Some(boost) = boost else { continue };
                let Some(of_context) = self.context_boost(&entry) else { continue };
                held.grow(TERM_BYTES)?;
                matching.push((score(entry.weight, boost + of_context), stream.term_ord()));
            }
        }
        matching.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        Ok(matching)
    }

    /// How much more an input weighs for its context: as much as the longest value asked for that its own starts with
    /// says. `None`: that context is not asked for.
    fn context_boost(&self, entry: &Entry<'_>) -> Option<f32> {
        let Some((number, value)) = entry.context else { return Some(0.0) };
        let of_context = self.asked.iter().filter(|(asked, _)| *asked == number);
        let begins = of_context.map(|(_, asked)| asked).filter(|it| value.starts_with(&it.value));
        let mut is_asked = false;
        let longest = begins
            .inspect(|asked| is_asked |= asked.is_prefix || asked.value == value)
            .max_by_key(|asked| asked.value.len())?;
        let boost = longest.boost as f32;
        is_asked.then_some(boost)
    }
}

/// The score of an input. (`CompletionScorer.score`.)
fn score(weight: u32, boost: f32) -> f32 {
    if boost == 0.0 {
        return weight as f32;
    }
    weight.max(1) as f32 * boost
}

fn unlike(key: &str, value: &Value) -> Exception {
    let reason = format!("[completion] {key} doesn't support values of type: {}", token(value));
    Exception::new(ExceptionKind::XContentParse, reason).at(value)
}

/// The refusal of an object inside the options, told as the root cause of theirs.
fn nested_fault(options: &Options<'_>, key: &str, cause: Exception) -> Exception {
    options.failed(key, cause.clone()).root_cause(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_are_right_weigh_as_much_as_they_are() {
        let boost = |typed: &str, form: &str, fuzzy: FuzzyOptions| {
            Matcher::Fuzzy(fuzzy, vec![typed.to_owned()]).boost(form)
        };
        let plain = FuzzyOptions::default();
        assert_eq!(boost("nor", "nirvana", plain), Some(1.0));
        assert_eq!(boost("nirvana", "nirvana", plain), Some(6.0));
        assert_eq!(boost("ni", "nevermind", plain), None);
        assert_eq!(boost("die ub", "die über", plain), None);
        let aware = FuzzyOptions { unicode_aware: true, ..plain };
        assert_eq!(boost("die ub", "die über", aware), Some(4.0));
    }

    #[test]
    fn no_start_lies_within_another() {
        let matcher = Matcher::Prefix(vec!["ab".into(), "a".into(), "b".into()]);
        assert_eq!(matcher.starts(&[]), [b"a".to_vec(), b"b".to_vec()]);
    }
}
