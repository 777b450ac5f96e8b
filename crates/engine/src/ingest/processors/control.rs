//! What ends or branches a pipeline: `drop`, `fail`, `pipeline`.

use super::Processor;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::run::{Failure, Outcome, Run};
use crate::ingest::template::Template;

#[derive(Debug)]
struct Drop;

pub(super) fn drop(
    _: &mut ProcessorDefinition,
    _: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    Ok(Box::new(Drop))
}

impl Processor for Drop {
    fn run(&self, _document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        Ok(Outcome::Dropped)
    }
}

#[derive(Debug)]
struct Fail(Template);

pub(super) fn fail(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    Ok(Box::new(Fail(definition.template("message")?)))
}

impl Processor for Fail {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        Err(Exception::new(ExceptionKind::FailProcessor, self.0.render(document)?).into())
    }
}

#[derive(Debug)]
struct InnerPipeline {
    name: Template,
    ignore_missing: bool,
}

pub(super) fn pipeline(
    definition: &mut ProcessorDefinition,
    flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let name = definition.template("name")?;
    let ignore_missing =
        flavor == Flavor::OpenSearch219 && definition.flag("ignore_missing_pipeline", false)?;
    Ok(Box::new(InnerPipeline { name, ignore_missing }))
}

impl Processor for InnerPipeline {
    fn run(&self, document: &mut IngestDocument, run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let name = self.name.render(document)?;
        let Some(pipeline) = run.pipelines.get(&name)? else {
            if self.ignore_missing {
                return Ok(Outcome::Done);
            }
            let reason =
                format!("Pipeline processor configured for non-existent pipeline [{name}]");
            return Err(Exception::new(ExceptionKind::IllegalState, reason).into());
        };
        if !run.is_running(&name) {
            run.begun("pipeline");
        }
        run.pipeline(pipeline, document)
    }

    fn tells_itself(&self) -> bool {
        true
    }
}
