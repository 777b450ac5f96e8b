//! The body and the URL of `_search`, read strictly.

use serde_json::{Map, Value};

use super::collapse::Collapse;
use super::highlight::Highlight;
use super::rescore::{self, Rescore};
use super::slice::Slice;
use super::sort::{self, Sort};
use super::source::SourceFilter;
use super::suggest::Suggest;
use crate::aggs::Aggregations;
use crate::dsl;
use crate::dsl::query_string::QueryString;
use crate::exception::{Exception, ExceptionKind};
use crate::place::Place;
use crate::rest::QueryParameters;
use crate::script::ScriptRequest;
use crate::value::scalar;
use crate::value::time::milliseconds;

/// Up to where hits are counted exactly unless the request says otherwise.
const TRACK_TOTAL_HITS_DEFAULT: u64 = 10_000;

/// A search.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// What is searched for; `None`: everything.
    pub query: Option<dsl::Query>,
    /// What hits must match besides, without changing aggregations.
    pub post_filter: Option<dsl::Query>,
    /// How many hits are skipped.
    pub from: usize,
    /// How many hits are given.
    pub size: usize,
    /// The order of hits; none: by score.
    pub sort: Vec<Sort>,
    /// Whether hits are scored although they are sorted otherwise.
    pub track_scores: bool,
    /// Where the page starts: after these sort values.
    pub search_after: Option<Vec<Value>>,
    /// What of the source is shown; `None`: none.
    pub source: SourceFilter,
    /// `stored_fields: _none_`: neither id nor source.
    pub no_stored_fields: bool,
    /// Whether the source was asked for by name.
    pub source_asked: bool,
    /// Names and patterns of `stored_fields`.
    pub stored_fields: Vec<String>,
    /// What is suggested; alone it finds nothing.
    pub suggest: Option<Suggest>,
    /// Columns shown with a hit, each with its format.
    pub docvalue_fields: Vec<(String, Option<String>)>,
    /// Fields shown with a hit, taken from its source, each with its format.
    pub fields: Vec<(String, Option<String>)>,
    /// `script_fields`: names, scripts, and whether a failure leaves the field out.
    pub(crate) script_fields: Vec<(String, ScriptRequest, bool)>,
    /// Up to where hits are counted exactly; `None`: not at all.
    pub track_total_hits: Option<u64>,
    /// `hits.total` as a plain number.
    pub total_as_number: bool,
    /// The least score of a hit.
    pub min_score: Option<f32>,
    /// After how many hits of an index the search ends.
    pub terminate_after: Option<u64>,
    /// Whether hits show their version.
    pub version: bool,
    /// Whether hits show their sequence number and primary term.
    pub seq_no_primary_term: bool,
    /// What scores the first hits again.
    pub rescore: Vec<Rescore>,
    /// Which part of a scroll is searched.
    pub slice: Option<Slice>,
    /// Whether hits tell why they score as they do.
    pub explain: bool,
    /// Whether it is told how long each part took.
    pub profile: bool,
    /// Whether it is told how long its phases took.
    pub phase_took: bool,
    /// Whether hits tell what they score in the named queries they match.
    pub named_scores: bool,
    /// What is highlighted.
    pub highlight: Option<Highlight>,
    /// In which field's values hits differ.
    pub collapse: Option<Collapse>,
    /// What is aggregated, by name.
    pub aggregations: Aggregations,
    /// Whether aggregation names carry their type (`typed_keys`).
    pub typed_keys: bool,
    /// Index patterns with what the scores of their hits are multiplied with; the first that fits counts.
    pub indices_boost: Vec<(String, f32)>,
    /// How many bytes its body had, for counting the memory of what keeps it.
    pub source_bytes: usize,
    /// How long the scroll this search opens lives, in milliseconds.
    pub scroll_milliseconds: Option<u64>,
    /// `pit`: the point in time that is searched.
    pub pit: Option<PitAsked>,
}

impl Default for SearchRequest {
    fn default() -> SearchRequest {
        SearchRequest {
            query: None,
            post_filter: None,
            from: 0,
            size: 10,
            sort: Vec::new(),
            track_scores: false,
            search_after: None,
            source: SourceFilter::default(),
            no_stored_fields: false,
            source_asked: false,
            stored_fields: Vec::new(),
            suggest: None,
            docvalue_fields: Vec::new(),
            fields: Vec::new(),
            script_fields: Vec::new(),
            track_total_hits: Some(TRACK_TOTAL_HITS_DEFAULT),
            total_as_number: false,
            min_score: None,
            terminate_after: None,
            version: false,
            seq_no_primary_term: false,
            rescore: Vec::new(),
            slice: None,
            explain: false,
            profile: false,
            phase_took: false,
            named_scores: false,
            highlight: None,
            collapse: None,
            aggregations: Aggregations::default(),
            typed_keys: false,
            indices_boost: Vec::new(),
            source_bytes: 0,
            scroll_milliseconds: None,
            pit: None,
        }
    }
}

/// Which point in time a search is of.
#[derive(Clone, Debug, PartialEq)]
pub struct PitAsked {
    /// Its id.
    pub id: String,
    /// How long it lives on from now, in milliseconds.
    pub keep_alive_milliseconds: Option<u64>,
}

impl PitAsked {
    /// Reads the value of `pit`.
    ///
    /// # Errors
    /// In OpenSearch's words.
    fn parse(value: &Value) -> Result<PitAsked, Exception> {
        let Value::Object(object) = value else { return Err(unknown_key("pit", value)) };
        let (mut id, mut keep) = (None, None);
        for (key, value) in object {
            match (key.as_str(), value) {
                ("id", Value::String(text)) => id = Some(text.clone()),
                ("keep_alive", Value::String(text)) => keep = Some(pit_keep_alive(text)?),
                _ => {
                    let reason = format!("[pit] unknown field [{key}]");
                    return Err(Exception::new(ExceptionKind::XContentParse, reason).at_key(value));
                }
            }
        }
        let missing = || Exception::illegal_argument("point int time id is not provided");
        Ok(PitAsked { id: id.ok_or_else(missing)?, keep_alive_milliseconds: keep })
    }
}

/// Keys of a search body that Elasticsearch or OpenSearch know and this engine does not have yet.
const NOT_BUILT: &[&str] = &["derived", "ext", "search_pipeline"];

impl SearchRequest {
    /// Reads a search from its body and the parameters of its URL, which win.
    ///
    /// # Errors
    /// `parsing_exception`, `illegal_argument_exception` or `action_request_validation_exception` as Elasticsearch
    /// words them; 501 for what is known and not built.
    pub fn parse(
        body: Option<&Value>,
        parameters: &QueryParameters,
    ) -> Result<SearchRequest, Exception> {
        let mut request = SearchRequest::default();
        match body {
            None | Some(Value::Null) => {}
            Some(Value::Object(object)) => {
                for (key, value) in object {
                    let read = request.body_key(key, value);
                    read.map_err(|fault| fault.by_default(Place::start(value)))?;
                }
            }
            Some(other) => {
                let reason = "Expected [START_OBJECT] but found another value";
                return Err(Exception::parsing(reason).at(other));
            }
        }
        request.parameters(parameters)?;
        request.check(parameters.flag("request_cache", false)?)?;
        request.settle_total()?;
        super::inner_hits::check(&request)?;
        if request.suggest.is_some() && request.query.is_none() && request.aggregations.is_empty() {
            // What only suggests searches nothing. (`SearchSourceBuilder.isSuggestOnly`.)
            request.query = Some(dsl::Query::of(dsl::match_all::MatchNone));
        }
        Ok(request.without_source())
    }

    // long: one row per key
    fn body_key(&mut self, key: &str, value: &Value) -> Result<(), Exception> {
        // No key of a search takes null, known or not; a query is an object.
        let is_query = matches!(key, "query" | "post_filter");
        if value.is_null() || is_query && !value.is_object() {
            return Err(unknown_key(key, value));
        }
        match key {
            "query" => self.query = Some(dsl::parse(value)?),
            "post_filter" => self.post_filter = Some(dsl::parse(value)?),
            "from" => self.from = count(key, value)?,
            "size" => self.size = count(key, value)?,
            "sort" => self.sort = sort::parse(value)?,
            "track_scores" => self.track_scores = flag(key, value)?,
            "search_after" => match value {
                Value::Array(values) if !values.is_empty() => {
                    values.iter().try_for_each(check_search_after)?;
                    self.search_after = Some(values.clone());
                }
                Value::Array(_) => {
                    return Err(Exception::illegal_argument(
                        "Values must contains at least one value.",
                    ));
                }
                _ => return Err(unknown_key(key, value)),
            },
            "_source" => {
                self.source = SourceFilter::parse(value)?;
                self.source_asked = self.source.enabled;
            }
            "stored_fields" => self.stored_fields(&scalar::list(value))?,
            "docvalue_fields" => self.docvalue_fields = fields(key, value)?,
            "fields" => self.fields = fields(key, value)?,
            "track_total_hits" => self.track_total_hits = track_total_hits(value)?,
            "indices_boost" => self.indices_boost = indices_boost(value)?,
            "min_score" => self.min_score = Some(float(value)?),
            "terminate_after" => self.terminate_after = terminate_after(whole(value)?),
            "version" => self.version = flag(key, value)?,
            "seq_no_primary_term" => self.seq_no_primary_term = flag(key, value)?,
            "highlight" => self.highlight = Some(Highlight::parse(value)?),
            "pit" => self.pit = Some(PitAsked::parse(value)?),
            "collapse" => self.collapse = Some(Collapse::parse(value)?),
            "aggs" | "aggregations" => self.aggregations = crate::aggs::parse(value)?,
            "explain" => self.explain = flag(key, value)?,
            "profile" => self.profile = flag(key, value)?,
            // A deadline is the server's to keep; it is never longer than the one asked for makes sense of.
            "timeout" => drop(milliseconds(key, value.as_str().unwrap_or_default())?),
            // Without effect on any answer: statistics groups.
            "stats" if value.is_array() => {}
            "script_fields" if value.is_object() => {
                self.script_fields = script_fields(value)?;
            }
            "ext" if value.as_object().is_some_and(Map::is_empty) => {}
            "rescore" => self.rescore = rescore::parse(value)?,
            "slice" => self.slice = Some(Slice::parse(value)?),
            "suggest" if value.is_object() => {
                let suggest = value.as_object().map(Suggest::parse).transpose()?;
                self.suggest = suggest;
            }
            "ext" | "script_fields" | "suggest" if !value.is_object() => {
                return Err(unknown_key(key, value));
            }
            known if NOT_BUILT.contains(&known) => {
                return Err(Exception::not_implemented(&format!("search with [{known}]")));
            }
            unknown => return Err(unknown_key(unknown, value)),
        }
        Ok(())
    }

    fn suggest_parameters(&mut self, parameters: &QueryParameters) -> Result<(), Exception> {
        if let Some(field) = parameters.get("suggest_field") {
            let text = parameters.get("suggest_text").or_else(|| parameters.get("q"));
            let mode = parameters.get("suggest_mode").unwrap_or("missing");
            let size = parameters.get("suggest_size");
            self.suggest = Some(Suggest::of_url(field, text.unwrap_or_default(), mode, size)?);
        }
        Ok(())
    }

    fn parameters(&mut self, parameters: &QueryParameters) -> Result<(), Exception> {
        self.query_parameter(parameters)?;
        let size = |name: &str| -> Result<Option<usize>, Exception> {
            match parameters.number(name)? {
                None => Ok(None),
                Some(number) => {
                    usize::try_from(number).map(Some).map_err(|_| negative(name, number))
                }
            }
        };
        self.from = size("from")?.unwrap_or(self.from);
        self.size = size("size")?.unwrap_or(self.size);
        if let Some(text) = parameters.get("sort") {
            self.sort = sort::parse_url(text)?;
        }
        self.source_parameters(parameters)?;
        if let Some(text) = parameters.get("track_total_hits") {
            self.track_total_hits = track_total_hits(&Value::String(text.to_owned()))?;
        }
        self.track_scores = parameters.flag("track_scores", self.track_scores)?;
        self.version = parameters.flag("version", self.version)?;
        self.seq_no_primary_term =
            parameters.flag("seq_no_primary_term", self.seq_no_primary_term)?;
        if let Some(after) = parameters.number("terminate_after")? {
            if after < 0 {
                return Err(Exception::illegal_argument("terminateAfter must be > 0"));
            }
            self.terminate_after = terminate_after(after);
        }
        if let Some(fields) = parameters.list("stored_fields") {
            let fields: Vec<String> = fields.into_iter().map(str::to_owned).collect();
            self.stored_fields(&fields)?;
        }
        if let Some(fields) = parameters.list("docvalue_fields") {
            self.docvalue_fields =
                fields.into_iter().map(|field| (field.to_owned(), None)).collect();
        }
        self.total_as_number = parameters.flag("rest_total_hits_as_int", false)?;
        self.typed_keys = parameters.flag("typed_keys", false)?;
        self.hints(parameters)?;
        if let Some(text) = parameters.get("scroll") {
            self.scroll_milliseconds = Some(keep_alive(text)?);
        }
        self.suggest_parameters(parameters)?;
        // A search that goes through one comes here without its name.
        if parameters.get("search_pipeline").is_some() {
            return Err(Exception::not_implemented("search_pipeline by query"));
        }
        self.phase_took = parameters.flag("phase_took", false)?;
        self.named_scores = parameters.flag("include_named_queries_score", self.named_scores)?;
        // Searches end at the service's own deadline, which this may not lengthen.
        if let Some(text) =
            parameters.get("cancel_after_time_interval").filter(|text| *text != "-1")
        {
            milliseconds("cancel_after_time_interval", text)?;
        }
        self.explain = parameters.flag("explain", self.explain)?;
        match parameters.get("search_type") {
            None | Some("query_then_fetch") => Ok(()),
            // The statistics of one shard are those of its index already.
            Some("dfs_query_then_fetch") => Ok(()),
            Some(other) => {
                Err(Exception::illegal_argument(format!("No search type for [{other}]")))
            }
        }
    }

    /// Parameters that say how to go about it: none changes an answer here, and each is checked as Elasticsearch does.
    fn hints(&self, parameters: &QueryParameters) -> Result<(), Exception> {
        let at_least = |name: &str, least: i64, shown: &str| match parameters.number(name)? {
            Some(number) if number < least => {
                Err(Exception::illegal_argument(format!("{shown} must be >= {least}")))
            }
            _ => Ok(()),
        };
        at_least("batched_reduce_size", 2, "batchedReduceSize")?;
        at_least("pre_filter_shard_size", 1, "preFilterShardSize")?;
        at_least("max_concurrent_shard_requests", 1, "maxConcurrentShardRequests")?;
        Ok(())
    }

    fn query_parameter(&mut self, parameters: &QueryParameters) -> Result<(), Exception> {
        if let Some(text) = parameters.get("q") {
            let lenient = match parameters.get("lenient") {
                None => None,
                Some(_) => Some(parameters.flag("lenient", false)?),
            };
            let mut query = QueryString::of_url(
                text,
                parameters.get("df"),
                parameters.get("default_operator"),
                parameters.get("analyzer"),
                lenient,
            )?;
            query.settings.analyze_wildcard = parameters.flag("analyze_wildcard", false)?;
            self.query = Some(dsl::Query::of(query));
        }
        Ok(())
    }

    fn source_parameters(&mut self, parameters: &QueryParameters) -> Result<(), Exception> {
        if let Some(text) = parameters.get("_source") {
            self.source = match text {
                "true" => SourceFilter::default(),
                "false" => SourceFilter { enabled: false, ..SourceFilter::default() },
                paths => SourceFilter::parse(&paths.split(',').collect::<Vec<_>>().into())?,
            };
        }
        for (names, into) in [
            ("_source_includes", &mut self.source.includes),
            ("_source_excludes", &mut self.source.excludes),
        ] {
            if let Some(paths) = parameters.list(names) {
                *into = paths.into_iter().map(str::to_owned).collect();
            }
        }
        Ok(())
    }

    fn stored_fields(&mut self, names: &[String]) -> Result<(), Exception> {
        match names {
            [none] if none == "_none_" => {
                self.no_stored_fields = true;
                self.source.enabled = false;
            }
            names if names.iter().any(|name| name == "_none_") => {
                return Err(Exception::illegal_argument("cannot combine _none_ with other fields"));
            }
            names => {
                self.source.enabled = names.iter().any(|name| name == "_source");
                self.stored_fields = names.to_vec();
            }
        }
        Ok(())
    }

    /// A scroll and a total that is a plain number are counted to the end.
    fn settle_total(&mut self) -> Result<(), Exception> {
        if !self.total_as_number && self.scroll_milliseconds.is_none() {
            return Ok(());
        }
        match self.track_total_hits {
            None | Some(u64::MAX) => Ok(()),
            Some(TRACK_TOTAL_HITS_DEFAULT) => {
                self.track_total_hits = Some(u64::MAX);
                Ok(())
            }
            Some(other) => Err(Exception::illegal_argument(format!(
                "[rest_total_hits_as_int] cannot be used if the tracking of total hits is not accurate, got {other}"
            ))),
        }
    }

    fn check(&self, cached: bool) -> Result<(), Exception> {
        let mut faults = Vec::new();
        if self.scroll_milliseconds.is_some() {
            if self.track_total_hits != Some(u64::MAX)
                && self.track_total_hits != Some(TRACK_TOTAL_HITS_DEFAULT)
            {
                faults.push("disabling [track_total_hits] is not allowed in a scroll context");
            }
            if self.from > 0 {
                faults.push("using [from] is not allowed in a scroll context");
            }
            if self.size == 0 {
                faults.push("[size] cannot be [0] in a scroll context");
            }
            if !self.rescore.is_empty() {
                faults.push("using [rescore] is not allowed in a scroll context");
            }
            if cached {
                faults.push("[request_cache] cannot be used in a scroll context");
            }
        }
        if !faults.is_empty() {
            return Err(Exception::validation(&faults));
        }
        Ok(())
    }

    /// Who asks for computed fields alone gets no source.
    fn without_source(mut self) -> SearchRequest {
        if !self.script_fields.is_empty() && !self.source_asked {
            self.source.enabled = false;
        }
        self
    }

    /// What does not fit each other, as each index finds it.
    ///
    /// # Errors
    /// `search_exception` or `illegal_argument_exception`, in Elasticsearch's words.
    pub(super) fn check_on_index(&self) -> Result<(), Exception> {
        let refused = |reason: &str| Err(Exception::new(ExceptionKind::Search, reason));
        if self.no_stored_fields && self.source_asked {
            return refused("[stored_fields] cannot be disabled if [_source] is requested");
        }
        if self.no_stored_fields && !self.fields.is_empty() {
            return refused("[stored_fields] cannot be disabled when using the [fields] option");
        }
        if self.no_stored_fields && self.version {
            return refused("[stored_fields] cannot be disabled if [version] is requested");
        }
        let Some(after) = &self.search_after else { return Ok(()) };
        if self.scroll_milliseconds.is_some() {
            return refused("`search_after` cannot be used in a scroll context.");
        }
        if self.from > 0 {
            return refused("`from` parameter must be set to 0 when `search_after` is used.");
        }
        if self.sort.is_empty() {
            return Err(Exception::illegal_argument("Sort must contain at least one field."));
        }
        if after.len() != self.sort.len() {
            return Err(Exception::illegal_argument(format!(
                "search_after has {} value(s) but sort has {}.",
                after.len(),
                self.sort.len()
            )));
        }
        Ok(())
    }
}

/// Elasticsearch's refusal of a key, or of a value that no key of this name takes.
fn unknown_key(key: &str, value: &Value) -> Exception {
    let token = scalar::token(value);
    Exception::parsing(format!("Unknown key for a {token} in [{key}].")).at(value)
}

/// A scroll's life in milliseconds.
///
/// # Errors
/// Text that is no time.
pub fn keep_alive(text: &str) -> Result<u64, Exception> {
    milliseconds("scroll", text)
}

/// How long a point in time lives on, in milliseconds.
fn pit_keep_alive(text: &str) -> Result<u64, Exception> {
    milliseconds("keep_alive", text).map_err(|cause| {
        let reason = "[pit] failed to parse field [keep_alive]";
        Exception::new(ExceptionKind::XContentParse, reason).caused_by(cause)
    })
}

/// `[{"logs-*": 1.5}, …]`, or one object.
fn indices_boost(value: &Value) -> Result<Vec<(String, f32)>, Exception> {
    let objects: Vec<&Value> = match value {
        Value::Array(listed) => listed.iter().collect(),
        value => vec![value],
    };
    let mut boosts = Vec::new();
    for object in objects {
        let Some(object) = object.as_object() else {
            return Err(Exception::parsing("Expected [START_OBJECT] in [indices_boost]"));
        };
        for (pattern, boost) in object {
            boosts.push((pattern.clone(), float(boost)?));
        }
    }
    Ok(boosts)
}

/// 0 is no limit; less than that ends before the first hit.
fn terminate_after(count: i64) -> Option<u64> {
    (count != 0).then_some(u64::try_from(count).unwrap_or(0))
}

fn negative(name: &str, number: i64) -> Exception {
    Exception::illegal_argument(format!("[{name}] parameter cannot be negative, found [{number}]"))
}

/// Refuses what stands among the values of `search_after` and is none.
fn check_search_after(value: &Value) -> Result<(), Exception> {
    if !value.is_object() && !value.is_array() {
        return Ok(());
    }
    let token = scalar::token(value);
    let reason = format!(
        "Expected [VALUE_STRING] or [VALUE_NUMBER] or [VALUE_BOOLEAN] or [VALUE_NULL] but found [{token}] inside search_after."
    );
    Err(Exception::parsing(reason).at(value))
}

/// A whole number; of one with a fraction what is before the point.
fn whole(value: &Value) -> Result<i64, Exception> {
    let text = scalar::plain(value);
    match value.as_f64() {
        Some(fraction) if value.is_f64() => Ok(fraction as i64),
        _ => text.parse().map_err(|_| scalar::not_a_number(&text)),
    }
}

fn count(key: &str, value: &Value) -> Result<usize, Exception> {
    let number = whole(value)?;
    if number == -1 && key == "from" {
        return Ok(0);
    }
    usize::try_from(number).map_err(|_| negative(key, number))
}

fn float(value: &Value) -> Result<f32, Exception> {
    let text = scalar::plain(value);
    text.parse().map_err(|_| scalar::not_a_number(&text))
}

fn flag(key: &str, value: &Value) -> Result<bool, Exception> {
    scalar::boolean(value).ok_or_else(|| {
        Exception::illegal_argument(format!(
            "Failed to parse value [{value}] of [{key}] as only [true] or [false] are allowed."
        ))
    })
}

fn track_total_hits(value: &Value) -> Result<Option<u64>, Exception> {
    match scalar::plain(value).as_str() {
        "true" => Ok(Some(u64::MAX)),
        "false" => Ok(None),
        number => match number.parse::<i64>() {
            Ok(-1) => Ok(Some(u64::MAX)),
            Ok(number) if number >= 0 => Ok(Some(u64::try_from(number).unwrap_or(0))),
            Err(_) => Err(scalar::not_a_number(number)),
            Ok(_) => Err(Exception::illegal_argument(format!(
                "[track_total_hits] parameter must be positive or equals to -1, got {number}"
            ))),
        },
    }
}

fn fields(key: &str, value: &Value) -> Result<Vec<(String, Option<String>)>, Exception> {
    let parser = if key == "docvalue_fields" { "docvalues_field" } else { "field_and_format" };
    let Value::Array(values) = value else {
        return Err(Exception::parsing(format!("[{key}] must be a list of fields")));
    };
    values
        .iter()
        .map(|value| match value {
            Value::String(field) => Ok((field.clone(), None)),
            value => {
                let options = dsl::options::Options::declared(parser, value)?;
                let field = (options.required_text("field")?, options.text("format")?);
                options.finish()?;
                Ok((field.0, field.1.filter(|format| format != "use_field_mapping")))
            }
        })
        .collect()
}

/// Reads `script_fields`.
fn script_fields(value: &Value) -> Result<Vec<(String, ScriptRequest, bool)>, Exception> {
    let mut fields = Vec::new();
    for (name, field) in value.as_object().into_iter().flatten() {
        let Value::Object(options) = field else {
            return Err(Exception::parsing(format!(
                "Expected [START_OBJECT] in [{name}] but found [{}]",
                crate::rest::json::token(field)
            )));
        };
        let (mut script, mut ignore_failure) = (None, false);
        for (key, value) in options {
            match key.as_str() {
                "script" => script = Some(ScriptRequest::parse(value)?),
                "ignore_failure" => ignore_failure = flag(key, value)?,
                unknown => {
                    return Err(Exception::parsing(format!(
                        "Unknown key for a {} in [{unknown}].",
                        crate::rest::json::token(value)
                    ))
                    .at(value));
                }
            }
        }
        let Some(script) = script else {
            return Err(Exception::parsing(format!("script_fields [{name}] has no [script]")));
        };
        fields.push((name.clone(), script, ignore_failure));
    }
    Ok(fields)
}
