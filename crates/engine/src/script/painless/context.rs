//! What a script finds around itself: the variables and functions of each context, and what it must return.
//! Source: `GET _scripts/painless/_context` of the real servers.

/// A kind of place where scripts run.
#[derive(Debug)]
pub(crate) struct ScriptContext {
    /// As `_script_context` and `_scripts/painless/_execute` name it.
    pub(crate) name: &'static str,
    /// Variables and their types.
    pub(crate) variables: &'static [(&'static str, &'static str)],
    /// The type of what a script gives.
    pub(crate) returns: &'static str,
    /// Functions that only this context has.
    pub(crate) functions: &'static [ContextFunction],
}

/// A function of a context: its name, the types of its parameters and its result.
#[derive(Debug)]
pub(crate) struct ContextFunction {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [&'static str],
    pub(super) returns: &'static str,
}

const fn function(
    name: &'static str,
    parameters: &'static [&'static str],
    returns: &'static str,
) -> ContextFunction {
    ContextFunction { name, parameters, returns }
}

const DECAY: &[&str] = &["double", "double", "double", "double", "double"];
const DECAY_TEXT: &[&str] = &["String", "String", "String", "double", "def"];

/// What scripts that give a score may call.
const SCORE_FUNCTIONS: &[ContextFunction] = &[
    function("saturation", &["double", "double"], "double"),
    function("sigmoid", &["double", "double", "double"], "double"),
    function("randomScore", &["int"], "double"),
    function("randomScore", &["int", "String"], "double"),
    function("decayNumericExp", DECAY, "double"),
    function("decayNumericGauss", DECAY, "double"),
    function("decayNumericLinear", DECAY, "double"),
    function("decayDateExp", DECAY_TEXT, "double"),
    function("decayDateGauss", DECAY_TEXT, "double"),
    function("decayDateLinear", DECAY_TEXT, "double"),
    function("decayGeoExp", DECAY_TEXT, "double"),
    function("decayGeoGauss", DECAY_TEXT, "double"),
    function("decayGeoLinear", DECAY_TEXT, "double"),
    function("cosineSimilarity", &["def", "def"], "double"),
    function("dotProduct", &["def", "def"], "double"),
    function("l1norm", &["def", "def"], "double"),
    function("l2norm", &["def", "def"], "double"),
    function("l1Norm", &["def", "def"], "double"),
    function("l2Squared", &["def", "def"], "double"),
];

const DOC: &[(&str, &str)] = &[("params", "Map"), ("doc", "Map")];

/// `script_score` of either query.
pub(crate) static SCORE: ScriptContext = ScriptContext {
    name: "score",
    variables: &[("params", "Map"), ("doc", "Map"), ("_score", "double"), ("explanation", "def")],
    returns: "double",
    functions: SCORE_FUNCTIONS,
};

/// The `script` query.
pub(crate) static FILTER: ScriptContext =
    ScriptContext { name: "filter", variables: DOC, returns: "boolean", functions: &[] };

/// `script_fields`.
pub(crate) static FIELD: ScriptContext =
    ScriptContext { name: "field", variables: DOC, returns: "def", functions: &[] };

/// `_script` sorts by number.
pub(crate) static NUMBER_SORT: ScriptContext = ScriptContext {
    name: "number_sort",
    variables: &[("params", "Map"), ("doc", "Map"), ("_score", "double")],
    returns: "double",
    functions: &[],
};

/// `_script` sorts by string.
pub(crate) static STRING_SORT: ScriptContext = ScriptContext {
    name: "string_sort",
    variables: &[("params", "Map"), ("doc", "Map"), ("_score", "double")],
    returns: "String",
    functions: &[],
};

/// `minimum_should_match_script` of `terms_set`.
pub(crate) static TERMS_SET: ScriptContext =
    ScriptContext { name: "terms_set", variables: DOC, returns: "Number", functions: &[] };

/// `_update`, `_bulk` and `_update_by_query`.
pub(crate) static UPDATE: ScriptContext = ScriptContext {
    name: "update",
    variables: &[("params", "Map"), ("ctx", "Map")],
    returns: "void",
    functions: &[],
};

/// The `script` processor.
pub(crate) static INGEST: ScriptContext = ScriptContext {
    name: "ingest",
    variables: &[("params", "Map"), ("ctx", "Map")],
    returns: "void",
    functions: &[],
};

/// The `if` of a processor.
pub(crate) static PROCESSOR_CONDITIONAL: ScriptContext = ScriptContext {
    name: "processor_conditional",
    variables: &[("params", "Map"), ("ctx", "Map")],
    returns: "boolean",
    functions: &[],
};

/// `_scripts/painless/_execute` without a context.
pub(crate) static PAINLESS_TEST: ScriptContext = ScriptContext {
    name: "painless_test",
    variables: &[("params", "Map")],
    returns: "def",
    functions: &[],
};

/// The values of an aggregation.
pub(crate) static AGGS: ScriptContext = ScriptContext {
    name: "aggs",
    variables: &[("params", "Map"), ("doc", "Map"), ("_score", "Number"), ("_value", "def")],
    returns: "def",
    functions: &[],
};

/// `init_script` of `scripted_metric`.
pub(crate) static AGGS_INIT: ScriptContext = ScriptContext {
    name: "aggs_init",
    variables: &[("params", "Map"), ("state", "def")],
    returns: "void",
    functions: &[],
};

/// `map_script` of `scripted_metric`.
pub(crate) static AGGS_MAP: ScriptContext = ScriptContext {
    name: "aggs_map",
    variables: &[("params", "Map"), ("state", "Map"), ("doc", "Map"), ("_score", "double")],
    returns: "void",
    functions: &[],
};

/// `combine_script` of `scripted_metric`.
pub(crate) static AGGS_COMBINE: ScriptContext = ScriptContext {
    name: "aggs_combine",
    variables: &[("params", "Map"), ("state", "Map")],
    returns: "def",
    functions: &[],
};

/// `reduce_script` of `scripted_metric`.
pub(crate) static AGGS_REDUCE: ScriptContext = ScriptContext {
    name: "aggs_reduce",
    variables: &[("params", "Map"), ("states", "List")],
    returns: "def",
    functions: &[],
};

/// `bucket_script`.
pub(crate) static BUCKET_AGGREGATION: ScriptContext = ScriptContext {
    name: "bucket_aggregation",
    variables: &[("params", "Map")],
    returns: "Number",
    functions: &[],
};

/// `bucket_selector`.
pub(crate) static AGGREGATION_SELECTOR: ScriptContext = ScriptContext {
    name: "aggregation_selector",
    variables: &[("params", "Map")],
    returns: "boolean",
    functions: &[],
};

/// `moving_fn`.
pub(crate) static MOVING_FUNCTION: ScriptContext = ScriptContext {
    name: "moving-function",
    variables: &[("params", "Map"), ("values", "double[]")],
    returns: "double",
    functions: &[],
};

/// `script_heuristic` of `significant_terms`.
pub(crate) static SCRIPT_HEURISTIC: ScriptContext = ScriptContext {
    name: "script_heuristic",
    variables: &[("params", "Map")],
    returns: "double",
    functions: &[],
};

/// The filters of `intervals`.
pub(crate) static INTERVAL: ScriptContext = ScriptContext {
    name: "interval",
    variables: &[("interval", "IntervalFilterScript.Interval")],
    returns: "boolean",
    functions: &[],
};

/// The token filters that ask a script.
pub(crate) static ANALYSIS: ScriptContext = ScriptContext {
    name: "analysis",
    variables: &[("token", "AnalysisPredicateScript.Token")],
    returns: "boolean",
    functions: &[],
};

/// Every context in which scripts run.
pub(crate) static ALL: &[&ScriptContext] = &[
    &SCORE,
    &FILTER,
    &FIELD,
    &NUMBER_SORT,
    &STRING_SORT,
    &TERMS_SET,
    &UPDATE,
    &INGEST,
    &PROCESSOR_CONDITIONAL,
    &PAINLESS_TEST,
    &AGGS,
    &AGGS_INIT,
    &AGGS_MAP,
    &AGGS_COMBINE,
    &AGGS_REDUCE,
    &BUCKET_AGGREGATION,
    &AGGREGATION_SELECTOR,
    &MOVING_FUNCTION,
    &SCRIPT_HEURISTIC,
    &INTERVAL,
    &ANALYSIS,
];
