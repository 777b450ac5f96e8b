//! `script`: a script that changes the document.

use super::Processor;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::run::{Failure, Outcome, Run};
use crate::ingest::script::IngestScript;
use crate::work::Work;

#[derive(Debug)]
struct ScriptProcessor(IngestScript);

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    Ok(Box::new(ScriptProcessor(IngestScript::take(&mut definition.entries)?)))
}

impl Processor for ScriptProcessor {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        self.0.change(document)?;
        Ok(Outcome::Done)
    }

    fn check(&self, work: &Work) -> Result<(), Exception> {
        self.0.check(work)
    }
}
