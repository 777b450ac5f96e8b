//! Elasticsearch's exceptions: **one table** of type name and HTTP status, and the JSON every failure is printed as.
//!
//! Source: the REST layer of Elasticsearch 7.10 (`ElasticsearchException.toXContent`, `RestStatus`): a failure is
//! `{"error":{"root_cause":[…],"type":…,"reason":…},"status":N}`; the failures that the HTTP layer itself finds
//! (wrong method, wrong content type) carry a plain string instead of the object.

use crate::flavor::Flavor;
use crate::place::{Body, Place, Places, Position, SyntaxFault, Whereabouts};
use serde_json::{Map, Value, json};

/// Declares [`ExceptionKind`] and its table in one place.
macro_rules! exceptions {
    ($($(#[$doc:meta])* $kind:ident $name:literal $status:literal,)*) => {
        /// Every exception the engine can answer with. The row holds Elasticsearch's type name and the HTTP status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ExceptionKind { $($(#[$doc])* $kind,)* }

        impl ExceptionKind {
            /// Every row of the table, in order.
            pub const ALL: &'static [ExceptionKind] = &[$(ExceptionKind::$kind,)*];

            /// The type name as Elasticsearch prints it; empty for the failures printed as a plain string.
            pub fn type_name(self) -> &'static str {
                match self { $(ExceptionKind::$kind => $name,)* }
            }

            /// The HTTP status Elasticsearch answers this exception with.
            pub fn status(self) -> u16 {
                match self { $(ExceptionKind::$kind => $status,)* }
            }
        }
    };
}

exceptions! {
    // Names and indices.
    /// No such index, or none that this caller may see.
    IndexNotFound "index_not_found_exception" 404,
    /// An index or other named thing is already there.
    ResourceAlreadyExists "resource_already_exists_exception" 400,
    /// The name breaks the naming rules of indices.
    InvalidIndexName "invalid_index_name_exception" 400,
    /// The name breaks the naming rules of aliases.
    InvalidAliasName "invalid_alias_name_exception" 400,
    /// The name breaks the naming rules of mapping types.
    InvalidTypeName "invalid_type_name_exception" 400,
    /// No index has a mapping type of this name.
    TypeMissing "type_missing_exception" 404,
    /// No such alias.
    AliasesNotFound "aliases_not_found_exception" 404,
    /// The index is closed.
    IndexClosed "index_closed_exception" 400,
    /// The index has no shard of this number.
    ShardNotFound "shard_not_found_exception" 404,
    /// A block (read only, metadata) forbids the operation.
    ClusterBlock "cluster_block_exception" 403,
    /// A setting whose value cannot be read.
    Settings "settings_exception" 500,
    /// OpenSearch's block of new indices.
    IndexCreateBlock "index_create_block_exception" 403,
    /// A template cannot be as it is.
    InvalidIndexTemplate "invalid_index_template_exception" 400,
    /// No such index template.
    IndexTemplateMissing "index_template_missing_exception" 404,
    /// A named thing (pipeline, script, scroll, repository) is not there.
    ResourceNotFound "resource_not_found_exception" 404,
    /// No such repository of snapshots.
    RepositoryMissing "repository_missing_exception" 404,
    /// A repository cannot be made, read or written.
    Repository "repository_exception" 500,
    /// A repository's folder does not keep what is written to it.
    RepositoryVerification "repository_verification_exception" 500,
    /// No such snapshot.
    SnapshotMissing "snapshot_missing_exception" 404,
    /// The name breaks the naming rules of snapshots, or is taken.
    InvalidSnapshotName "invalid_snapshot_name_exception" 400,
    /// A snapshot cannot be made or read.
    Snapshot "snapshot_exception" 500,
    /// A snapshot cannot be restored as it was asked for.
    SnapshotRestore "snapshot_restore_exception" 500,
    /// A remote cluster was named; there are none.
    NoSuchRemoteCluster "no_such_remote_cluster_exception" 404,

    // Documents.
    /// The document does not fit its mapping.
    MapperParsing "mapper_parsing_exception" 400,
    /// A part of a mapping cannot be changed.
    Mapper "mapper_exception" 500,
    /// `dynamic: strict` met a field it does not know.
    StrictDynamicMapping "strict_dynamic_mapping_exception" 400,
    /// `if_seq_no`, `version` or `op_type=create` lost.
    VersionConflict "version_conflict_engine_exception" 409,
    /// The document to update is not there.
    DocumentMissing "document_missing_exception" 404,
    /// The document has no `_source`.
    DocumentSourceMissing "document_source_missing_exception" 400,
    /// A value does not fit its numeric field.
    InputCoercion "input_coercion_exception" 400,
    /// A term is longer than Lucene keeps.
    MaxBytesLength "max_bytes_length_exceeded_exception" 400,
    /// The translog cannot be trusted or written.
    Translog "translog_exception" 500,

    // Requests.
    /// An argument has a value that it cannot have.
    IllegalArgument "illegal_argument_exception" 400,
    /// A required part of the request is absent.
    ActionRequestValidation "action_request_validation_exception" 400,
    /// The DSL of the body is wrong.
    Parsing "parsing_exception" 400,
    /// The body cannot be read as what it should be.
    ElasticsearchParse "parse_exception" 400,
    /// The text of a query cannot be read: Lucene's own exception of the same name.
    QuerySyntax "parse_exception" 400,
    /// The body is not JSON.
    JsonParse "json_parse_exception" 400,
    /// The body ends too early.
    JsonEof "json_e_o_f_exception" 400,
    /// A field of the body has a value of the wrong kind.
    XContentParse "x_content_parse_exception" 400,
    /// A key of the body that should name a kind of thing, and names none.
    NamedObjectNotFound "named_object_not_found_exception" 400,
    /// The body is compressed or in a format that is not JSON.
    NotXContent "not_x_content_exception" 400,
    /// A number was expected.
    NumberFormat "number_format_exception" 400,
    /// A date was expected.
    DateTimeParse "date_time_parse_exception" 400,

    // Search.
    /// Every shard failed; the status is that of the cause.
    SearchPhaseExecution "search_phase_execution_exception" 400,
    /// A query cannot run on this index.
    QueryShard "query_shard_exception" 400,
    /// A query whose coordinates no place has.
    QueryValidation "query_validation_exception" 400,
    /// A scroll or point-in-time id that is gone, or is another principal's.
    SearchContextMissing "search_context_missing_exception" 404,
    /// A query has too many clauses.
    TooManyClauses "too_many_clauses" 400,
    /// An aggregation would make too many buckets.
    TooManyBuckets "too_many_buckets_exception" 503,
    /// An aggregation cannot be run.
    AggregationExecution "aggregation_execution_exception" 500,
    /// A request's parts that do not fit each other, found where the search runs.
    Search "search_exception" 500,
    /// What the server had no name for: a document without a value that a score needs.
    Exception "exception" 500,
    /// An aggregation cannot be set up.
    AggregationInitialization "aggregation_initialization_exception" 500,
    /// A path to a result of an aggregation leads nowhere.
    InvalidAggregationPath "invalid_aggregation_path_exception" 500,
    /// A script divides by zero.
    Arithmetic "arithmetic_exception" 500,
    /// The request was cancelled, or its client went away.
    TaskCancelled "task_cancelled_exception" 400,
    /// Somebody waited for longer than they said they would.
    Timeout "timeout_exception" 500,

    // Ingest: the processors' own, and those of Java that they let through.
    /// The processor `fail` ran.
    FailProcessor "fail_processor_exception" 500,
    /// `dissect` met a text that is otherwise than its pattern.
    FindMatch "find_match" 500,
    /// A pattern of `dissect` cannot be read.
    PatternParse "pattern_parse" 500,
    /// A template cannot be read.
    Mustache "mustache_exception" 500,
    /// A template includes another, which is not there.
    MustacheNotFound "mustache_not_found_exception" 500,
    /// A script or a template cannot be compiled or run.
    Script "script_exception" 400,
    /// A value is of another class than the code expects.
    ClassCast "class_cast_exception" 500,
    /// A value is null where none may be.
    NullPointer "null_pointer_exception" 500,
    /// A regular expression cannot be read.
    PatternSyntax "pattern_syntax_exception" 500,
    /// A place is named that is not there.
    IndexOutOfBounds "index_out_of_bounds_exception" 500,
    /// A time zone or a date that cannot be.
    DateTime "date_time_exception" 500,
    /// A time zone that nobody knows.
    ZoneRules "zone_rules_exception" 500,
    /// A language that is not known.
    MissingResource "missing_resource_exception" 500,
    /// What Java checks without a type of its own.
    Generic "exception" 500,

    // Service.
    /// The caller may not do this.
    Security "security_exception" 403,
    /// The API or option is known and not built here.
    NotImplemented "unsupported_operation_exception" 501,
    /// Too many requests at once.
    RejectedExecution "es_rejected_execution_exception" 429,
    /// The request would use too much memory.
    CircuitBreaking "circuit_breaking_exception" 429,
    /// The body is larger than a limit.
    ContentTooLong "content_too_long_exception" 413,
    /// The disk refused.
    Io "i_o_exception" 500,
    /// Java's: a number that a histogram does not take.
    ArrayIndexOutOfBounds "array_index_out_of_bounds_exception" 500,
    /// The engine found itself in a state that should not be.
    IllegalState "illegal_state_exception" 500,
    /// Elasticsearch's code met what it does not expect.
    Runtime "runtime_exception" 500,
    /// An unsupported operation was asked of a thing that exists.
    UnsupportedOperation "unsupported_operation_exception" 400,

    // The HTTP layer's own: a plain string instead of an object.
    /// The content type is not one that is read here.
    ContentTypeNotSupported "" 406,
    /// The path is known with other methods.
    MethodNotAllowed "" 405,
    /// The path cannot be decoded, or no handler is found for it.
    BadPath "" 400,
}

impl ExceptionKind {
    /// Whether it is none of Elasticsearch's own exceptions but one of Java's, or of a library's.
    pub(crate) fn is_of_java(self) -> bool {
        matches!(
            self,
            ExceptionKind::PatternParse
                | ExceptionKind::Mustache
                | ExceptionKind::MustacheNotFound
                | ExceptionKind::ClassCast
                | ExceptionKind::NullPointer
                | ExceptionKind::PatternSyntax
                | ExceptionKind::IndexOutOfBounds
                | ExceptionKind::DateTime
                | ExceptionKind::ZoneRules
                | ExceptionKind::MissingResource
                | ExceptionKind::Runtime
                | ExceptionKind::Generic
                | ExceptionKind::FindMatch
                | ExceptionKind::FailProcessor
                | ExceptionKind::IllegalArgument
                | ExceptionKind::ArrayIndexOutOfBounds
                | ExceptionKind::IllegalState
                | ExceptionKind::NumberFormat
                | ExceptionKind::QueryValidation
                | ExceptionKind::UnsupportedOperation
                | ExceptionKind::DateTimeParse
                | ExceptionKind::QuerySyntax
                | ExceptionKind::JsonParse
                | ExceptionKind::JsonEof
                | ExceptionKind::InputCoercion
                | ExceptionKind::XContentParse
                | ExceptionKind::NamedObjectNotFound
                | ExceptionKind::NotXContent
                | ExceptionKind::TooManyClauses
                | ExceptionKind::MaxBytesLength
        )
    }
}

/// One failure: which, why, about what, and what caused it. One pointer wide, so that `Result`s stay small.
#[derive(Clone, Debug, PartialEq)]
pub struct Exception(Box<ExceptionParts>);

#[derive(Clone, Debug, PartialEq)]
struct ExceptionParts {
    kind: ExceptionKind,
    /// Printed instead of the kind's name.
    name: Option<String>,
    status: u16,
    reason: String,
    extra: Map<String, Value>,
    caused_by: Option<Exception>,
    root_cause: Vec<Exception>,
    /// Whether no root cause is told.
    rootless: bool,
    /// Where in the body it is, until that is told.
    place: Option<Whereabouts>,
}

impl Exception {
    /// A failure of `kind` with Elasticsearch's reason text; its status is the table's.
    pub fn new(kind: ExceptionKind, reason: impl Into<String>) -> Exception {
        Exception(Box::new(ExceptionParts {
            kind,
            name: None,
            status: kind.status(),
            reason: reason.into(),
            extra: Map::new(),
            caused_by: None,
            root_cause: Vec::new(),
            rootless: false,
            place: None,
        }))
    }

    /// `index_not_found_exception` for `index`, as Elasticsearch words it.
    pub fn index_not_found(index: &str) -> Exception {
        Exception::new(ExceptionKind::IndexNotFound, format!("no such index [{index}]"))
            .with("resource.type", "index_or_alias")
            .with("resource.id", index)
            .with("index_uuid", "_na_")
            .with("index", index)
    }

    /// `illegal_argument_exception` with `reason`.
    pub fn illegal_argument(reason: impl Into<String>) -> Exception {
        Exception::new(ExceptionKind::IllegalArgument, reason)
    }

    /// `parsing_exception` with `reason`.
    pub fn parsing(reason: impl Into<String>) -> Exception {
        Exception::new(ExceptionKind::Parsing, reason)
    }

    /// `mapper_parsing_exception` with `reason`.
    pub fn mapper_parsing(reason: impl Into<String>) -> Exception {
        Exception::new(ExceptionKind::MapperParsing, reason)
    }

    /// `action_request_validation_exception`: `faults` numbered as Elasticsearch numbers them.
    pub fn validation<S: AsRef<str>>(faults: &[S]) -> Exception {
        let mut reason = String::from("Validation Failed: ");
        for (index, fault) in faults.iter().enumerate() {
            reason.push_str(&format!("{}: {};", index + 1, fault.as_ref()));
        }
        Exception::new(ExceptionKind::ActionRequestValidation, reason)
    }

    /// The answer of something that is known and not built: 501, naming it.
    pub fn not_implemented(what: &str) -> Exception {
        Exception::new(
            ExceptionKind::NotImplemented,
            format!("[{what}] is not supported by this service"),
        )
    }

    /// What a script threw, by the name that Elasticsearch prints for its Java class; without a reason until one is
    /// given.
    pub(crate) fn named(name: &str) -> Exception {
        let mut exception = Exception::new(ExceptionKind::Script, "").with("reason", Value::Null);
        exception.0.name = Some(name.to_owned());
        exception
    }

    /// `search_phase_execution_exception` on one index: the shape a query that no shard can run is answered with.
    pub fn search_phase(index: &str, cause: Exception) -> Exception {
        let status = cause.status();
        let failed = json!([{"shard": 0, "index": index, "node": crate::NODE_ID, "reason": cause.object(false)}]);
        let mut all = Exception::new(ExceptionKind::SearchPhaseExecution, "all shards failed")
            .with("phase", "query")
            .with("grouped", true)
            .with("failed_shards", failed);
        let root = cause.root();
        all = all.root_cause(root.clone());
        // The cause is printed where it is not the shard's failure itself. (`deduplicateCause`.)
        if cause.kind().is_of_java() {
            all = all.caused_by(Exception::new(root.kind(), root.reason()).caused_by(cause));
        } else if root != cause {
            all = all.caused_by(root);
        }
        all.0.status = status;
        all
    }

    /// What `root_cause` tells of this: the innermost of Elasticsearch's own exceptions. (`guessRootCauses`.)
    fn root(&self) -> Exception {
        let mut root = self;
        while let Some(cause) = &root.0.caused_by {
            let is_followed = match root.kind() {
                ExceptionKind::XContentParse => {
                    !cause.kind().is_of_java() || cause.kind() == ExceptionKind::XContentParse
                }
                // What a script throws is its own affair.
                ExceptionKind::Script => false,
                kind => !kind.is_of_java() && !cause.kind().is_of_java(),
            };
            if !is_followed {
                break;
            }
            root = cause;
        }
        root.clone()
    }

    /// `search_phase_execution_exception` of what fails after the shards have answered.
    pub fn reduce_phase(cause: Exception) -> Exception {
        let status = cause.status();
        let mut all = Exception::new(ExceptionKind::SearchPhaseExecution, "")
            .with("phase", "fetch")
            .with("grouped", true)
            .with("failed_shards", Value::Array(Vec::new()))
            .caused_by(cause);
        all.0.status = status;
        all.0.rootless = true;
        all
    }

    /// Adds a key that this exception carries beside type and reason (`index`, `line`, `resource.id` …).
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Exception {
        self.0.extra.insert(key.to_owned(), value.into());
        self
    }

    /// Names the index and its uuid, as every exception that concerns one does.
    #[must_use]
    pub fn on_index(self, name: &str, uuid: &str) -> Exception {
        self.with("index", name).with("index_uuid", uuid)
    }

    /// Adds the cause. A refusal of the parser around it is where its cause is: the parser stands still once it has met a fault.
    #[must_use]
    pub fn caused_by(mut self, cause: Exception) -> Exception {
        if self.0.kind == ExceptionKind::XContentParse && self.0.place.is_none() {
            self.0.place = cause.stands();
        }
        self.0.caused_by = Some(cause);
        self
    }

    /// Adds a root cause; without any, the exception is its own.
    #[must_use]
    pub fn root_cause(mut self, cause: Exception) -> Exception {
        self.0.root_cause.push(cause);
        self
    }

    /// It is about the beginning of `value`, a part of the body. The first place that an exception is given stays.
    #[must_use]
    pub(crate) fn at(self, value: &Value) -> Exception {
        self.somewhere(Whereabouts::Token(Place::start(value)))
    }

    /// It is about the name before `value`.
    #[must_use]
    pub(crate) fn at_name(self, value: &Value) -> Exception {
        self.somewhere(Whereabouts::Token(Place::name(value)))
    }

    /// It is about the name before `value`, which was looked at.
    #[must_use]
    pub(crate) fn at_key(self, value: &Value) -> Exception {
        self.somewhere(Whereabouts::Token(Place::key(value)))
    }

    /// The reader of JSON itself refuses `value`.
    #[must_use]
    pub(crate) fn after(self, value: &Value) -> Exception {
        self.somewhere(Whereabouts::Token(Place::after(value)))
    }

    /// What a declared parser refuses, of a query that tells it as its own. (`IdsQueryBuilder.fromXContent`.)
    pub(crate) fn of_the_query(self) -> Exception {
        if self.0.kind != ExceptionKind::XContentParse || self.0.caused_by.is_some() {
            return self;
        }
        let around = Exception::parsing(self.reason());
        match self.stands() {
            Some(place) => around.somewhere(place).caused_by(self),
            None => around.caused_by(self),
        }
    }

    /// Where the parser stands that has met this.
    fn stands(&self) -> Option<Whereabouts> {
        match &self.0.place {
            Some(Whereabouts::Token(place)) => Some(Whereabouts::Token(place.stand())),
            place => place.clone(),
        }
    }

    /// `outer`, caused by this and about the same place.
    #[must_use]
    pub(crate) fn wrapped(self, outer: Exception) -> Exception {
        let place = self.stands();
        let outer = outer.caused_by(self);
        match place {
            Some(place) => outer.somewhere(place),
            None => outer,
        }
    }

    /// It is about the end of `value`.
    #[must_use]
    pub(crate) fn at_end(self, value: &Value) -> Exception {
        self.somewhere(Whereabouts::Token(Place::end(value)))
    }

    /// It is about the end of `object`.
    #[must_use]
    pub(crate) fn at_end_of(self, object: &Map<String, Value>) -> Exception {
        self.somewhere(Whereabouts::Token(Place::end_of(object)))
    }

    /// It is there, where it is not told already.
    #[must_use]
    pub(crate) fn somewhere(mut self, place: Whereabouts) -> Exception {
        self.0.place.get_or_insert(place);
        self
    }

    /// Where it is, unless that is known: only of those kinds whose place is always told.
    #[must_use]
    pub(crate) fn by_default(self, place: Place) -> Exception {
        match self.0.kind {
            ExceptionKind::Parsing | ExceptionKind::XContentParse => {
                self.somewhere(Whereabouts::Token(place))
            }
            _ => self,
        }
    }

    /// With the place of the fault in `body` and those of its causes, as `flavor` tells them; what is not of `body` has none.
    #[must_use]
    pub(crate) fn placed(self, body: Option<Body<'_>>, flavor: Flavor) -> Exception {
        self.placed_in(&mut Places::of(body), flavor)
    }

    fn placed_in(mut self, places: &mut Places<'_>, flavor: Flavor) -> Exception {
        let parts = &mut *self.0;
        parts.caused_by = parts.caused_by.take().map(|cause| cause.placed_in(places, flavor));
        let causes = std::mem::take(&mut parts.root_cause).into_iter();
        parts.root_cause = causes.map(|cause| cause.placed_in(places, flavor)).collect();
        let position = match parts.place.take() {
            None => None,
            Some(Whereabouts::Syntax(fault)) => {
                if flavor == Flavor::OpenSearch219 {
                    parts.reason = parts.reason.replace(
                        "enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to",
                        "enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to",
                    );
                }
                parts.reason.push_str(&fault.told(flavor));
                None
            }
            Some(Whereabouts::Untold) => None,
            Some(Whereabouts::Known(position)) => Some(position),
            Some(Whereabouts::Token(place)) => places.position(place),
        };
        let Some(Position { line, column }) = position else { return self };
        match parts.kind {
            ExceptionKind::Parsing => {
                parts.extra.insert("line".to_owned(), line.into());
                parts.extra.insert("col".to_owned(), column.into());
            }
            ExceptionKind::XContentParse | ExceptionKind::NamedObjectNotFound => {
                parts.reason.insert_str(0, &format!("[{line}:{column}] "));
            }
            ExceptionKind::JsonParse | ExceptionKind::InputCoercion => {
                let position = Position { line, column };
                let fault = SyntaxFault { position, told_before: None, opened: None };
                parts.reason.push_str(&fault.told(flavor));
            }
            ExceptionKind::IllegalState => parts.reason.push_str(&format!(" at {line}:{column}")),
            // The only one of its kind that says where.
            ExceptionKind::IllegalArgument
                if parts.reason == "query malformed, empty clause found" =>
            {
                parts.reason.push_str(&format!(" at [{line}:{column}]"));
            }
            _ => {}
        }
        self
    }

    /// Answers with `status` instead of the table's.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Exception {
        self.0.status = status;
        self
    }

    /// Which exception.
    pub fn kind(&self) -> ExceptionKind {
        self.0.kind
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// What caused it.
    pub fn cause(&self) -> Option<&Exception> {
        self.0.caused_by.as_ref()
    }

    /// What it carries beside type and reason.
    pub fn extra(&self) -> &Map<String, Value> {
        &self.0.extra
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// What stands under `error` inside the items of `_bulk`, `_mget` and `_msearch`: no `root_cause`.
    pub fn item(&self) -> Value {
        self.object(false)
    }

    /// The whole body: `{"error":…,"status":…}`.
    pub fn body(&self) -> Value {
        json!({ "error": self.error(), "status": self.status() })
    }

    /// What stands under `error`: an object with `root_cause`, or a string for the HTTP layer's own failures.
    pub fn error(&self) -> Value {
        if self.kind().type_name().is_empty() {
            return Value::String(self.0.reason.clone());
        }
        self.object(true)
    }

    fn object(&self, with_root_cause: bool) -> Value {
        let mut object = Map::new();
        if with_root_cause {
            let own = [self.root()];
            let causes: &[Exception] = match (self.0.rootless, self.0.root_cause.as_slice()) {
                (true, _) => &[],
                (false, []) => &own,
                (false, causes) => causes,
            };
            object.insert(
                "root_cause".into(),
                causes.iter().map(|cause| Value::Object(cause.head())).collect(),
            );
        }
        object.extend(self.head());
        if let Some(cause) = &self.0.caused_by {
            object.insert("caused_by".into(), cause.object(false));
        }
        Value::Object(object)
    }

    fn head(&self) -> Map<String, Value> {
        let mut head = Map::new();
        let name = self.0.name.as_deref().unwrap_or(self.kind().type_name());
        head.insert("type".into(), name.into());
        head.insert("reason".into(), self.0.reason.clone().into());
        head.extend(self.0.extra.clone());
        head
    }
}

impl std::fmt::Display for Exception {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind().type_name(), self.reason())
    }
}

impl std::error::Error for Exception {}

/// What the index library reports: a fault of ours or of the disk, never of the caller.
pub(crate) fn internal(error: tantivy::TantivyError) -> Exception {
    Exception::new(ExceptionKind::Io, error.to_string())
}

/// See [`internal`].
pub(crate) fn io(error: std::io::Error) -> Exception {
    Exception::new(ExceptionKind::Io, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_index_prints_as_elasticsearch_prints_it() {
        let body = Exception::index_not_found("x").body();
        let cause = json!({"type": "index_not_found_exception", "reason": "no such index [x]",
            "resource.type": "index_or_alias", "resource.id": "x", "index_uuid": "_na_", "index": "x"});
        let mut error = cause.clone();
        error["root_cause"] = json!([cause]);
        assert_eq!(body, json!({"error": error, "status": 404}));
    }

    #[test]
    fn the_http_layers_own_failures_print_a_string() {
        let refusal = Exception::new(ExceptionKind::ContentTypeNotSupported, "no");
        assert_eq!(refusal.body(), json!({"error": "no", "status": 406}));
    }

    #[test]
    fn validation_faults_are_numbered() {
        let refusal = Exception::validation(&["index is missing", "id is missing"]);
        assert_eq!(refusal.reason(), "Validation Failed: 1: index is missing;2: id is missing;");
    }

    #[test]
    fn every_status_is_an_error_status() {
        for kind in ExceptionKind::ALL {
            assert!((400..600).contains(&kind.status()), "{kind:?}");
        }
    }
}
