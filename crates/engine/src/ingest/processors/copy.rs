//! `copy`: another object of the document, into a field or into its top. OpenSearch's.

use serde_json::Value;

use super::Processor;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::document::METADATA;
use crate::ingest::run::{Failure, Outcome, Run};
use crate::ingest::template::Template;

#[derive(Debug)]
struct Copy {
    source: Template,
    target: Template,
    ignore_missing: bool,
    remove_source: bool,
    overrides: bool,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    Ok(Box::new(Copy {
        source: definition.template("source_field")?,
        target: definition.template("target_field")?,
        ignore_missing: definition.flag("ignore_missing", false)?,
        remove_source: definition.flag("remove_source", false)?,
        overrides: definition.flag("override_target", false)?,
    }))
}

impl Processor for Copy {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let refused = |reason: String| Err(Exception::illegal_argument(reason).into());
        let source = self.source.render(document)?;
        if source.trim().is_empty() || !document.has(&source)? {
            return match self.ignore_missing {
                true => Ok(Outcome::Done),
                false => refused(format!("source field [{source}] doesn't exist")),
            };
        }
        let target = self.target.render(document)?;
        if METADATA.contains(&source.as_str()) || source == target {
            return refused(format!(
                "source field path [{source}] and target field path [{target}] cannot be same"
            ));
        }
        if document.has(&target)? && !self.overrides {
            return refused(format!("target field [{target}] already exists"));
        }
        let value: Value = document.get(&source)?.clone();
        document.set(&target, value)?;
        if self.remove_source {
            document.remove(&source)?;
        }
        Ok(Outcome::Done)
    }
}
