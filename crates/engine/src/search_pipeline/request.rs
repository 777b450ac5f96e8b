//! The processors that change a search: `filter_query`, `oversample`, `script`. Source: OpenSearch 2.19, "Search processors".

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{PipelineContext, original_size, unknown};
use crate::document::may_name_documents;
use crate::dsl;
use crate::exception::Exception;
use crate::ingest::definition::ProcessorDefinition;
use crate::script::{GivenVariable, Machine, ScriptRequest, context};
use crate::work::Work;

/// What a search finds where nothing is said. (`SearchService.DEFAULT_SIZE`)
const DEFAULT_SIZE: f64 = 10.0;

/// One of them.
#[derive(Debug)]
pub(super) enum RequestProcessor {
    /// Only what this query finds, too.
    Filter(Value),
    /// So many times as many hits.
    Oversample { factor: f64, remembered_as: String },
    /// What a script makes of the search's numbers and switches.
    Script(ScriptRequest),
}

/// What a script sees of a search, with what is there where nothing is said. (`SearchRequestMap`)
const SEEN_BY_SCRIPTS: &[(&str, Option<i64>)] = &[
    ("from", Some(-1)),
    ("size", Some(-1)),
    ("explain", None),
    ("version", None),
    ("seq_no_primary_term", None),
    ("track_scores", None),
    ("track_total_hits", None),
    ("min_score", None),
    ("terminate_after", Some(0)),
    ("profile", None),
];

pub(super) fn parse(
    kind: &str,
    definition: &mut ProcessorDefinition,
) -> Result<RequestProcessor, Exception> {
    match kind {
        "filter_query" => {
            let query = Value::Object(definition.map("query")?);
            // Whoever searches would read them without having been asked about.
            if may_name_documents(&query) {
                return Err(Exception::not_implemented(
                    "filter_query with a query that looks documents up",
                ));
            }
            dsl::parse(&query)?;
            Ok(RequestProcessor::Filter(query))
        }
        "oversample" => {
            let factor = crate::value::scalar::number(&definition.value("sample_factor")?);
            let Some(factor) = factor.filter(|factor| *factor >= 1.0 && factor.is_finite()) else {
                return Err(definition.fault(Some("sample_factor"), "Value must be >= 1.0"));
            };
            let prefix = definition.optional_text("context_prefix")?;
            Ok(RequestProcessor::Oversample {
                factor,
                remembered_as: original_size(prefix.as_deref()),
            })
        }
        "script" => {
            let keys = ["lang", "source", "id", "params", "options"];
            let given = keys
                .iter()
                .filter_map(|key| Some(((*key).to_owned(), definition.optional_value(key)?)));
            let script = ScriptRequest::parse(&Value::Object(given.collect()))?;
            Ok(RequestProcessor::Script(script))
        }
        other => Err(unknown(other)),
    }
}

impl RequestProcessor {
    pub(super) fn apply(
        &self,
        body: &mut Value,
        context: &mut PipelineContext,
        work: &Work,
        now: Timestamp,
    ) -> Result<(), Exception> {
        let Value::Object(body) = body else { return Ok(()) };
        match self {
            RequestProcessor::Filter(filter) => {
                let mut clauses = Map::from_iter([("filter".to_owned(), json!([filter]))]);
                if let Some(query) = body.shift_remove("query") {
                    clauses.insert("must".to_owned(), json!([query]));
                }
                body.insert("query".to_owned(), json!({ "bool": clauses }));
                Ok(())
            }
            RequestProcessor::Oversample { factor, remembered_as } => {
                let size = body.get("size").and_then(crate::value::scalar::number);
                let size = size.unwrap_or(DEFAULT_SIZE);
                context.0.insert(remembered_as.clone(), (size as u64).into());
                // What is too much is refused as it is in a body.
                let more = (size * factor).ceil() as u64;
                body.insert("size".to_owned(), more.into());
                Ok(())
            }
            RequestProcessor::Script(script) => scripted(script, body, work, now),
        }
    }
}

fn scripted(
    script: &ScriptRequest,
    body: &mut Map<String, Value>,
    work: &Work,
    now: Timestamp,
) -> Result<(), Exception> {
    let seen = SEEN_BY_SCRIPTS.iter().map(|(key, unset)| {
        let value = body.get(*key).cloned().or(unset.map(Value::from)).unwrap_or_default();
        ((*key).to_owned(), value)
    });
    let before = Value::Object(seen.collect());
    let mut machine = Machine::new(work, now);
    let compiled = script.compile(&context::UPDATE, work)?;
    let given = [("ctx", GivenVariable::Json(&before))];
    let after = compiled.run(&mut machine, &given, None)?.variable("ctx")?;
    let Value::Object(after) = after else { return Ok(()) };
    for (key, value) in after {
        if !SEEN_BY_SCRIPTS.iter().any(|(known, _)| *known == key) {
            return Err(Exception::illegal_argument(format!("Unsupported key: {key}")));
        }
        if before.get(&key) != Some(&value) {
            body.insert(key, value);
        }
    }
    Ok(())
}
