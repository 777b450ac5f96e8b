//! `highlight`: the words of a document that a query found, in fragments, as Elasticsearch's `unified` highlighter cuts
//! them: sentences, bounded by `fragment_size`, the best `number_of_fragments` by Lucene's `PassageScorer`.
//!
//! The types `plain` and `fvh` are taken and answered the same way. Sizes are counted in bytes of UTF-8.

mod fragments;

use serde_json::{Map, Value};

use super::Snapshot;
use crate::dsl::lower::Lowering;
use crate::dsl::options::Options;
use crate::dsl::words::{MarkedWord, Words};
use crate::dsl::{self, Query};
use crate::exception::Exception;
use crate::mapping::Leaf;
use crate::mapping::keyword::{Keyword, KeywordFamily};
use crate::mapping::text::Text;
use crate::work::Work;
use fragments::FragmentCut;

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
    /// Whether it is the highlighter that analyzes every text again.
    plain: bool,
    analyzed_max: Option<usize>,
    query: Option<Query>,
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
            plain: false,
            analyzed_max: None,
            query: None,
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
            fields.push((name.clone(), settings.map_err(|cause| options.failed("fields", cause))?));
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
        let tag = |key: &str| -> Option<String> {
            match options.get(key)? {
                Value::Array(tags) => tags.first().and_then(Value::as_str).map(str::to_owned),
                tag => tag.as_str().map(str::to_owned),
            }
        };
        if is_global && options.text("tags_schema")?.as_deref() == Some("styled") {
            (self.pre, self.post) = ("<em class=\"hlt1\">".into(), "</em>".into());
        }
        self.pre = tag("pre_tags").unwrap_or(self.pre);
        self.post = tag("post_tags").unwrap_or(self.post);
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
            Some(known @ ("unified" | "plain" | "fvh")) => self.plain = known == "plain",
            Some(other) => {
                return Err(Exception::illegal_argument(format!(
                    "unknown highlighter type [{other}] for the field"
                )));
            }
        }
        options.only("boundary_scanner", &["sentence", "SENTENCE"])?;
        options.only("fragmenter", &["span"])?;
        if let Some(offset) = options.count("max_analyzer_offset")? {
            self.analyzed_max = Some(offset as usize);
        }
        // How the source is reached changes nothing that is answered; nor does what is for `fvh` alone.
        options.flag("force_source")?;
        if !is_global {
            options.count("fragment_offset")?;
        }
        if options.get("pre_tags").is_some() && options.get("post_tags").is_none() {
            options.later(Exception::parsing("pre_tags are set but post_tags are not set"));
        }
        Ok(self)
    }
}

/// A highlight on one index: which words are looked for in which field.
pub(super) struct Highlighter {
    fields: Vec<Field>,
}

struct Field {
    /// As asked for.
    path: String,
    /// Where the source has the values.
    source_paths: Vec<String>,
    settings: HighlightSettings,
    words: Words,
    analyzer: Option<std::sync::Arc<crate::analysis::Analyzer>>,
    /// Longer values were not indexed.
    ignore_above: Option<usize>,
    /// Whether long texts need not be analyzed to find their words.
    has_offsets: bool,
}

/// Whether queries on the field read its values in the source: none of their words is known, so none is marked.
fn is_matched_by_source(leaf: &Leaf) -> bool {
    leaf.kind.get::<Keyword>().is_some_and(|keyword| keyword.family == KeywordFamily::Wildcard)
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
                let only = settings.require_field_match.then_some(leaf.path.as_str());
                let words = match settings.query.as_ref().or(query) {
                    Some(query) if !is_matched_by_source(leaf) => {
                        Words::of(query, only, leaf, lowering)?
                    }
                    _ => Words::default(),
                };
                let analyzer =
                    leaf.kind.get().map(|text| lowering.index_analyzer(text)).transpose()?;
                let ignore_above =
                    leaf.kind.get::<Keyword>().and_then(|keyword| keyword.ignore_above);
                let mut source_paths = vec![leaf.path.clone()];
                if let Some((parent, _)) = leaf.path.rsplit_once('.') {
                    source_paths.push(parent.to_owned());
                }
                fields.push(Field {
                    path,
                    source_paths,
                    settings: settings.clone(),
                    words,
                    analyzer,
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
            let mut values: Vec<String> = values.iter().map(crate::value::scalar::plain).collect();
            if let Some(most) = field.ignore_above {
                values.retain(|value| value.encode_utf16().count() <= most);
            }
            let total: usize = values.iter().map(String::len).sum();
            let most = snapshot.settings.max_analyzed_offset;
            let free = field.has_offsets && !field.settings.plain;
            if total as u64 > most && field.settings.analyzed_max.is_none() && !free {
                return Err(Exception::illegal_argument(format!(
                    "The length of [{}] field has exceeded [{most}] - maximum allowed to be analyzed for highlighting. \
                     This maximum can be set by changing the [index.highlight.max_analyzed_offset] index level setting.",
                    field.path
                )));
            }
            let matches: Vec<Vec<MarkedWord>> = values
                .iter()
                .map(|value| {
                    let end = field.settings.analyzed_max.unwrap_or(usize::MAX).min(value.len());
                    let end = value.floor_char_boundary(end);
                    let analyzed = value.get(..end).unwrap_or_default();
                    field.words.find(analyzed, field.analyzer.as_deref(), work)
                })
                .collect::<Result<_, _>>()?;
            let cut = FragmentCut {
                size: field.settings.fragment_size,
                count: field.settings.number_of_fragments,
                by_score: field.settings.by_score,
                no_match_size: field.settings.no_match_size,
            };
            let fragments = cut.fragments(
                &values,
                &matches,
                &|text, spans| field.settings.mark(text, spans),
                work,
            )?;
            if !fragments.is_empty() {
                found.insert(field.path.clone(), fragments.into());
            }
        }
        Ok(found)
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
        if !self.html {
            out.push_str(text);
            return;
        }
        for character in text.chars() {
            match character {
                '"' => out.push_str("&quot;"),
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '\'' => out.push_str("&#x27;"),
                '/' => out.push_str("&#x2F;"),
                other => out.push(other),
            }
        }
    }
}
