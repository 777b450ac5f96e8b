//! `highlight`: the words of a document that a query found, in fragments, as Elasticsearch's `unified` highlighter cuts
//! them: sentences, bounded by `fragment_size`, the best `number_of_fragments` by Lucene's `PassageScorer`.
//!
//! The types `plain` and `fvh` are beside it. Sizes are counted in units of UTF-16.

mod bounds;
mod fragments;
mod fvh;
mod plain;
mod units;

use std::sync::Arc;

use serde_json::{Map, Value};

use super::Snapshot;
use crate::analysis::Analyzer;
use crate::dsl::lower::Lowering;
use crate::dsl::options::Options;
use crate::dsl::words::{MarkedWord, Words};
use crate::dsl::{self, Query};
use crate::exception::Exception;
use crate::mapping::Leaf;
use crate::mapping::keyword::{Keyword, KeywordFamily};
use crate::mapping::text::Text;
use crate::value::scalar::plain as plain_text;
use crate::work::Work;
use fragments::FragmentCut;
use units::{UnitText, encoded};

/// Most fields and patterns of one highlight.
const FIELDS_MAX: usize = 256;

/// What is highlighted.
#[derive(Clone, Debug)]
pub struct Highlight {
    fields: Vec<(String, HighlightSettings)>,
}

/// How one field is highlighted.
#[derive(Clone, Debug)]
pub(super) struct HighlightSettings {
    pub(super) pre: String,
    pub(super) post: String,
    fragment_size: usize,
    number_of_fragments: usize,
    no_match_size: usize,
    by_score: bool,
    require_field_match: bool,
    html: bool,
    kind: HighlighterType,
    /// A type that there is not: refused where a hit has the field.
    unknown_type: Option<String>,
    /// `None`: sentences for `unified`, characters for `fvh`.
    boundary: Option<BoundaryScanner>,
    /// Where `plain` cuts.
    fragmenter: Option<String>,
    analyzed_max: Option<usize>,
    query: Option<Query>,
    // What only `fvh` goes by.
    /// The tags of terms, in turn.
    all_pre: Vec<String>,
    all_post: Vec<String>,
    boundary_chars: String,
    /// How far such a character is looked for.
    boundary_scan: usize,
    phrases_max: usize,
    fragment_offset: Option<usize>,
    /// The fields whose words are looked for in the texts of this one, where they are others than its own.
    matched_fields: Option<Vec<String>>,
}

/// `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HighlighterType {
    Unified,
    /// It analyzes every text again.
    Plain,
    Fvh,
}

/// `boundary_scanner`: what a fragment of `unified` is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BoundaryScanner {
    Sentence,
    Word,
    /// For `fvh` alone.
    Chars,
}

impl Default for HighlightSettings {
    fn default() -> HighlightSettings {
        HighlightSettings {
            pre: "<em>".into(),
            post: "</em>".into(),
            fragment_size: 100,
            number_of_fragments: 5,
            no_match_size: 0,
            by_score: false,
            require_field_match: true,
            html: false,
            kind: HighlighterType::Unified,
            unknown_type: None,
            boundary: None,
            fragmenter: None,
            analyzed_max: None,
            query: None,
            all_pre: Vec::new(),
            all_post: Vec::new(),
            boundary_chars: fvh::CHARACTERS_DEFAULT.into(),
            boundary_scan: fvh::SCAN_DEFAULT,
            phrases_max: fvh::PHRASES_DEFAULT,
            fragment_offset: None,
            matched_fields: None,
        }
    }
}

impl Highlight {
    /// Reads the value of `highlight`.
    ///
    /// # Errors
    /// `parsing_exception` for what is malformed; 501 for options that are known and not built.
    pub fn parse(value: &Value) -> Result<Highlight, Exception> {
        let options = Options::declared("highlight", value)?;
        let default = HighlightSettings::default().with(&options, true)?;
        let mut fields = Vec::new();
        let mut add = |name: &String, value: &Value| -> Result<(), Exception> {
            let given = Options::declared("highlight_field", value)?;
            let read = default.clone().with(&given, false);
            let settings = read.and_then(|settings| given.finish().map(|()| settings));
            let settings = settings.map_err(|cause| options.failed("fields", cause))?;
            fields.push((name.clone(), settings));
            Ok(())
        };
        match options.get("fields") {
            Some(Value::Object(named)) => {
                named.iter().try_for_each(|(name, value)| add(name, value))?
            }
            Some(Value::Array(listed)) => {
                for entry in listed {
                    let Some(named) = entry.as_object().filter(|named| named.len() == 1) else {
                        return Err(Exception::parsing(
                            "[fields] can be a single object with any number of fields or an array where each entry is an object with a single field",
                        ));
                    };
                    named.iter().try_for_each(|(name, value)| add(name, value))?;
                }
            }
            // Nothing is highlighted, as on the real servers.
            None => {}
            Some(_) => return Err(Exception::parsing("[highlight] needs [fields]")),
        }
        options.finish()?;
        if fields.len() > FIELDS_MAX {
            return Err(Exception::illegal_argument(format!(
                "[highlight] allows at most [{FIELDS_MAX}] fields"
            )));
        }
        Ok(Highlight { fields })
    }
}

impl HighlightSettings {
    /// These with what `options` change, those for all fields or, without `is_global`, those of one.
    fn with(
        mut self,
        options: &Options<'_>,
        is_global: bool,
    ) -> Result<HighlightSettings, Exception> {
        self.read_tags(options, is_global)?;
        let count = |key: &str, default: usize| -> Result<usize, Exception> {
            Ok(options.count(key)?.map_or(default, |count| count as usize))
        };
        self.fragment_size = count("fragment_size", self.fragment_size)?;
        self.number_of_fragments = count("number_of_fragments", self.number_of_fragments)?;
        self.no_match_size = count("no_match_size", self.no_match_size)?;
        self.by_score = match options.text("order")?.as_deref() {
            None => self.by_score,
            Some(order) => order == "score",
        };
        self.require_field_match =
            options.flag("require_field_match")?.unwrap_or(self.require_field_match);
        if is_global {
            self.html = options.text("encoder")?.as_deref() == Some("html");
        }
        if let Some(query) = options.get("highlight_query") {
            self.query = Some(dsl::parse(query)?);
        }
        match options.text("type")?.as_deref() {
            None => {}
            Some("unified") => self.kind = HighlighterType::Unified,
            Some("plain") => self.kind = HighlighterType::Plain,
            Some("fvh") => self.kind = HighlighterType::Fvh,
            Some(other) => self.unknown_type = Some(other.to_owned()),
        }
        self.fragmenter = options.text("fragmenter")?.or(self.fragmenter);
        self.read_boundaries(options)?;
        if let Some(offset) = options.count("max_analyzer_offset")? {
            self.analyzed_max = Some(offset as usize);
        }
        // How the source is reached changes nothing that is answered.
        options.flag("force_source")?;
        if !is_global {
            let offset = options.count("fragment_offset")?;
            self.fragment_offset = offset.map(|offset| offset as usize).or(self.fragment_offset);
            self.matched_fields = matched_fields(options)?;
        }
        if options.get("pre_tags").is_some() && options.get("post_tags").is_none() {
            options.later(Exception::parsing("pre_tags are set but post_tags are not set"));
        }
        Ok(self)
    }

    fn read_tags(&mut self, options: &Options<'_>, is_global: bool) -> Result<(), Exception> {
        if is_global && options.text("tags_schema")?.as_deref() == Some("styled") {
            self.all_pre = (1..=10).map(|at| format!("<em class=\"hlt{at}\">")).collect();
            (self.pre, self.post) = ("<em class=\"hlt1\">".into(), "</em>".into());
        }
        let given = |key: &str| -> Option<Vec<String>> {
            match options.get(key)? {
                Value::Array(tags) => {
                    Some(tags.iter().filter_map(Value::as_str).map(str::to_owned).collect())
                }
                tag => Some(tag.as_str().map(str::to_owned).into_iter().collect()),
            }
        };
        if let Some(tags) = given("pre_tags") {
            self.pre = tags.first().cloned().unwrap_or_else(|| self.pre.clone());
            self.all_pre = tags;
        }
        if let Some(tags) = given("post_tags") {
            self.post = tags.first().cloned().unwrap_or_else(|| self.post.clone());
            self.all_post = tags;
        }
        Ok(())
    }

    fn read_boundaries(&mut self, options: &Options<'_>) -> Result<(), Exception> {
        if let Some(scanner) = options.text("boundary_scanner")? {
            let scanner = BoundaryScanner::parse(&scanner)
                .map_err(|cause| options.failed("boundary_scanner", cause))?;
            self.boundary = Some(scanner);
        }
        // The words and sentences of texts are found by the same rules whatever their language.
        options.text("boundary_scanner_locale")?;
        self.boundary_chars = match options.text("boundary_chars")? {
            Some(characters) => characters,
            None => std::mem::take(&mut self.boundary_chars),
        };
        let count = |key: &str, own: usize| -> Result<usize, Exception> {
            Ok(options.count(key)?.map_or(own, |count| count as usize))
        };
        self.boundary_scan = count("boundary_max_scan", self.boundary_scan)?;
        self.phrases_max = count("phrase_limit", self.phrases_max)?;
        Ok(())
    }
}

/// `matched_fields`: a list of names, or one; an empty list says nothing.
fn matched_fields(options: &Options<'_>) -> Result<Option<Vec<String>>, Exception> {
    let mut names: Vec<String> = match options.get("matched_fields") {
        None => return Ok(None),
        Some(Value::Array(names)) => names.iter().map(plain_text).collect(),
        Some(name) => vec![plain_text(name)],
    };
    if names.len() > FIELDS_MAX {
        return Err(Exception::illegal_argument(format!(
            "[matched_fields] allows at most [{FIELDS_MAX}] fields"
        )));
    }
    names.sort_unstable();
    names.dedup();
    Ok(Some(names).filter(|names| !names.is_empty()))
}

impl BoundaryScanner {
    fn parse(name: &str) -> Result<BoundaryScanner, Exception> {
        match name.to_uppercase().as_str() {
            "SENTENCE" => Ok(BoundaryScanner::Sentence),
            "WORD" => Ok(BoundaryScanner::Word),
            "CHARS" => Ok(BoundaryScanner::Chars),
            other => Err(Exception::illegal_argument(format!(
                "No enum constant org.elasticsearch.search.fetch.subphase.highlight.HighlightBuilder.BoundaryScannerType.{other}"
            ))),
        }
    }
}

/// A highlight on one index: which words are looked for in which field.
pub(super) struct Highlighter {
    fields: Vec<Field>,
}

struct Field {
    /// As asked for.
    path: String,
    /// That of the field itself.
    leaf_path: String,
    /// Whether its term vectors have what `fvh` goes by.
    has_vectors: bool,
    /// Where the source has the values.
    source_paths: Vec<String>,
    settings: HighlightSettings,
    words: Words,
    analyzer: Option<Arc<Analyzer>>,
    /// What `fvh` looks for instead, by `matched_fields`.
    matched: Option<Vec<MatchedField>>,
    /// Longer values were not indexed.
    ignore_above: Option<usize>,
    /// Whether long texts need not be analyzed to find their words.
    has_offsets: bool,
}

/// One of `matched_fields`: its words, as they stand in the texts of another field.
struct MatchedField {
    words: Words,
    analyzer: Option<Arc<Analyzer>>,
}

/// Whether queries on the field read its values in the source: none of their words is known, so none is marked.
fn is_matched_by_source(leaf: &Leaf) -> bool {
    leaf.kind.get::<Keyword>().is_some_and(|keyword| keyword.family == KeywordFamily::Wildcard)
}

impl MatchedField {
    /// The words of `query` for the field `leaf`.
    fn of(
        leaf: &Leaf,
        settings: &HighlightSettings,
        query: Option<&Query>,
        lowering: &Lowering<'_>,
    ) -> Result<MatchedField, Exception> {
        let only = settings.require_field_match.then_some(leaf.path.as_str());
        let words = match query {
            Some(query) if !is_matched_by_source(leaf) => Words::of(query, only, leaf, lowering)?,
            _ => Words::default(),
        };
        let analyzer = leaf.kind.get().map(|text| lowering.index_analyzer(text)).transpose()?;
        Ok(MatchedField { words, analyzer })
    }

    /// Those of the fields called `names`; a field without term vectors has nothing to be found in.
    fn all(
        names: &[String],
        settings: &HighlightSettings,
        query: Option<&Query>,
        lowering: &Lowering<'_>,
    ) -> Result<Vec<MatchedField>, Exception> {
        let leaves = names.iter().filter_map(|name| lowering.leaf(name));
        let leaves = leaves.filter(|leaf| leaf.kind.get().is_some_and(Text::has_offset_vectors));
        leaves.map(|leaf| MatchedField::of(leaf, settings, query, lowering)).collect()
    }
}

impl Highlighter {
    /// Prepares `highlight` of `query`'s words.
    pub(super) fn new(
        highlight: &Highlight,
        query: Option<&Query>,
        lowering: &Lowering<'_>,
    ) -> Result<Highlighter, Exception> {
        let mut fields = Vec::new();
        for (pattern, settings) in &highlight.fields {
            let mut paths: Vec<String> = if pattern.contains('*') {
                lowering.matching(pattern)
            } else {
                vec![pattern.clone()]
            };
            paths.retain(|path| lowering.leaf(path).is_some_and(|leaf| leaf.kind.has_words()));
            for path in paths {
                let Some(leaf) = lowering.leaf(&path) else { continue };
                let has_vectors = leaf.kind.get().is_some_and(Text::has_offset_vectors);
                if settings.kind == HighlighterType::Fvh && pattern.contains('*') && !has_vectors {
                    continue;
                }
                let query = settings.query.as_ref().or(query);
                let MatchedField { words, analyzer } =
                    MatchedField::of(leaf, settings, query, lowering)?;
                let matched = match &settings.matched_fields {
                    Some(names) if settings.kind == HighlighterType::Fvh => {
                        Some(MatchedField::all(names, settings, query, lowering)?)
                    }
                    _ => None,
                };
                let ignore_above =
                    leaf.kind.get::<Keyword>().and_then(|keyword| keyword.ignore_above);
                let mut source_paths = vec![leaf.path.clone()];
                if let Some((parent, _)) = leaf.path.rsplit_once('.') {
                    source_paths.push(parent.to_owned());
                }
                fields.push(Field {
                    path,
                    leaf_path: leaf.path.clone(),
                    has_vectors,
                    source_paths,
                    settings: settings.clone(),
                    words,
                    analyzer,
                    matched,
                    ignore_above,
                    has_offsets: leaf.kind.get().is_some_and(Text::has_offsets),
                });
            }
        }
        Ok(Highlighter { fields })
    }

    /// The fragments of one document, by field.
    pub(super) fn fragments(
        &self,
        (shown, whole): (&Value, &Value),
        snapshot: &Snapshot,
        work: &Work,
    ) -> Result<Map<String, Value>, Exception> {
        let mut found = Map::new();
        for field in &self.fields {
            work.check()?;
            // What the mapping leaves out of the source is highlighted where the field is kept beside it.
            let is_kept = snapshot.mapping.is_stored(&field.path);
            let source = if is_kept { whole } else { shown };
            let values = field
                .source_paths
                .iter()
                .map(|path| crate::value::path::values_at(source, path))
                .find(|values| !values.is_empty())
                .unwrap_or_default();
            let mut values: Vec<String> = values.iter().map(plain_text).collect();
            if let Some(most) = field.ignore_above {
                values.retain(|value| value.encode_utf16().count() <= most);
            }
            if let Some(unknown) = &field.settings.unknown_type {
                return Err(Exception::illegal_argument(format!(
                    "unknown highlighter type [{unknown}] for the field [{}]",
                    field.path
                )));
            }
            field.check_length(&values, snapshot)?;
            let fragments = match field.settings.kind {
                HighlighterType::Plain => plain::fragments(field, &values, work)?,
                HighlighterType::Fvh => fvh::fragments(field, &values, work)?,
                HighlighterType::Unified => field.fragments(&values, work)?,
            };
            if !fragments.is_empty() {
                found.insert(field.path.clone(), fragments.into());
            }
        }
        Ok(found)
    }
}

impl Field {
    /// Refuses values that are longer than those that are analyzed: of `plain` one of them, else all together.
    fn check_length(&self, values: &[String], snapshot: &Snapshot) -> Result<(), Exception> {
        let most = snapshot.settings.max_analyzed_offset;
        let is_plain = self.settings.kind == HighlighterType::Plain;
        let is_free = self.has_offsets && !is_plain || self.settings.kind == HighlighterType::Fvh;
        // What the request says only shortens what the index allows.
        let is_shorter = self.settings.analyzed_max.is_some_and(|own| own as u64 <= most);
        if is_shorter || is_free {
            return Ok(());
        }
        let lengths = values.iter().map(|value| value.encode_utf16().count() as u64);
        let length = if is_plain { lengths.max().unwrap_or(0) } else { lengths.sum() };
        if length <= most {
            return Ok(());
        }
        Err(Exception::illegal_argument(format!(
            "The length of [{}] field has exceeded [{most}] - maximum allowed to be analyzed for highlighting. \
             This maximum can be set by changing the [index.highlight.max_analyzed_offset] index level setting.",
            self.path
        )))
    }

    /// The fragments of `unified`.
    fn fragments(&self, values: &[String], work: &Work) -> Result<Vec<String>, Exception> {
        let settings = &self.settings;
        if settings.boundary == Some(BoundaryScanner::Chars) {
            return Err(Exception::illegal_argument("Invalid boundary scanner type: chars"));
        }
        let find = |value: &String| {
            let end = settings.analyzed_max.map_or(value.len(), |most| {
                if most < value.len() { UnitText::of(value).byte(most) } else { value.len() }
            });
            let analyzed = value.get(..end).unwrap_or_default();
            self.words.find(analyzed, self.analyzer.as_deref(), work)
        };
        let matches: Vec<Vec<MarkedWord>> = values.iter().map(find).collect::<Result<_, _>>()?;
        let cut = FragmentCut {
            size: settings.fragment_size,
            at_words: settings.boundary == Some(BoundaryScanner::Word),
            count: settings.number_of_fragments,
            by_score: settings.by_score,
            no_match_size: settings.no_match_size,
        };
        cut.fragments(values, &matches, &|text, spans| settings.mark(text, spans), work)
    }
}

impl HighlightSettings {
    /// `text` with tags around `spans`, which are in order and do not overlap.
    fn mark(&self, text: &str, spans: &[(usize, usize)]) -> String {
        let mut out = String::with_capacity(text.len() + spans.len() * 9);
        let mut at = 0;
        for (start, end) in spans {
            self.push(&mut out, text.get(at..*start).unwrap_or_default());
            out.push_str(&self.pre);
            self.push(&mut out, text.get(*start..*end).unwrap_or_default());
            out.push_str(&self.post);
            at = *end;
        }
        self.push(&mut out, text.get(at..).unwrap_or_default());
        out.trim().to_owned()
    }

    fn push(&self, out: &mut String, text: &str) {
        out.push_str(&encoded(text, self.html));
    }
}
