//! `rename`: moves a field.

use super::Processor;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::run::{Failure, Outcome, Run};
use crate::ingest::template::Template;

#[derive(Debug)]
struct Rename {
    field: Template,
    target: Template,
    ignore_missing: bool,
    overrides: bool,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.template("field")?;
    let target = definition.template("target_field")?;
    let ignore_missing = definition.flag("ignore_missing", false)?;
    let overrides = flavor == Flavor::OpenSearch219 && definition.flag("override_target", false)?;
    Ok(Box::new(Rename { field, target, ignore_missing, overrides }))
}

impl Processor for Rename {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let path = self.field.render(document)?;
        if path.trim().is_empty() || !document.has(&path)? {
            if self.ignore_missing {
                return Ok(Outcome::Done);
            }
            let reason = format!("field [{path}] doesn't exist");
            return Err(Exception::illegal_argument(reason).into());
        }
        let target = self.target.render(document)?;
        if !self.overrides && document.has(&target)? {
            let reason = format!("field [{target}] already exists");
            return Err(Exception::illegal_argument(reason).into());
        }
        let value = document.get(&path)?.clone();
        document.remove(&path)?;
        if let Err(refused) = document.set(&target, value.clone()) {
            // Where it cannot go, it stays.
            document.set(&path, value)?;
            return Err(refused.into());
        }
        Ok(Outcome::Done)
    }
}
