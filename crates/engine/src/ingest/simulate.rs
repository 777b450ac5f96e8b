//! `_ingest/pipeline/_simulate`: a pipeline on documents of the request; nothing is written.

use serde_json::{Map, Value, json};

use super::definition::ProcessorDefinition;
use super::document::IngestDocument;
use super::java;
use super::pipeline::Pipeline;
use super::run::{Outcome, Run, printed};
use crate::engine::Answer;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::rest::execute::Task;

/// The id of a pipeline that the request defines.
const SIMULATED: &str = "_simulate_pipeline";

/// `POST /_ingest/pipeline/{id}/_simulate`.
pub(crate) fn simulate(task: &Task<'_>) -> Answer {
    let flavor = task.engine.flavor();
    let verbose = task.parsed.route.query.flag("verbose", false)?;
    let mut body =
        ProcessorDefinition::of_pipeline(task.body().as_object().cloned().unwrap_or_default());
    let given;
    let pipeline = match task.parsed.route.part("id") {
        Some(id) => task.metadata.pipelines.get(id)?.ok_or_else(|| {
            Exception::illegal_argument(format!("pipeline [{id}] does not exist"))
        })?,
        None => {
            let definition = Value::Object(body.map("pipeline")?);
            given = Pipeline::parse(SIMULATED, &definition, flavor)?;
            given.check(task.work)?;
            &given
        }
    };
    let documents = documents(task, body, flavor)?;
    let mut held = task.work.holds("<http_response>");
    let mut answers = Vec::new();
    for mut document in documents {
        let mut run = Run::new(&task.metadata.pipelines, flavor, task.now, task.work);
        run.trace = verbose.then(Vec::new);
        let outcome = run.pipeline(pipeline, &mut document);
        task.work.check()?;
        if let (Some(_), Err(failure)) = (&run.trace, &outcome)
            && failure.of_condition
        {
            return Err(failure.cause.clone());
        }
        let answer = match run.trace {
            Some(results) => json!({"processor_results": results}),
            None => match outcome {
                Ok(Outcome::Done) => json!({"doc": printed(&document, flavor)}),
                Ok(Outcome::Dropped) => Value::Null,
                Err(failure) => json!({"error": failure.cause.error()}),
            },
        };
        held.grow(java::bytes(&answer))?;
        answers.push(answer);
    }
    task.json(200, &json!({"docs": answers}))
}

fn documents(
    task: &Task<'_>,
    mut body: ProcessorDefinition,
    flavor: Flavor,
) -> Result<Vec<IngestDocument>, Exception> {
    let docs = body.list("docs")?;
    if docs.is_empty() {
        return Err(Exception::illegal_argument("must specify at least one document in [docs]"));
    }
    let mut documents = Vec::new();
    for doc in docs {
        let Value::Object(doc) = doc else {
            return Err(Exception::illegal_argument(
                "malformed [docs] section, should include an inner object",
            ));
        };
        let mut doc = ProcessorDefinition::of_pipeline(doc);
        let source = doc.map("_source")?;
        let index = doc.text_or_number("_index")?.unwrap_or_else(|| "_index".to_owned());
        let kind = doc.optional_text("_type")?.unwrap_or_else(|| "_doc".to_owned());
        let id = doc.text_or_number("_id")?.unwrap_or_else(|| "_id".to_owned());
        let mut metadata: Map<String, Value> = IngestDocument::metadata(flavor, &index, Some(&id));
        if let Some(place) = metadata.get_mut("_type") {
            *place = kind.into();
        }
        if let Some(routing) = doc.text_or_number("_routing")? {
            metadata.insert("_routing".to_owned(), routing.into());
        }
        for key in ["_version", "_version_type", "_if_seq_no", "_if_primary_term"] {
            if let Some(value) = doc.optional_value(key) {
                metadata.insert(key.to_owned(), value);
            }
        }
        documents.push(IngestDocument::new(source, metadata, task.now, task.work));
    }
    Ok(documents)
}
