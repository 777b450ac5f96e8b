//! `kv`: fields out of pairs such as `a=1 b=2`.

use std::collections::BTreeSet;

use fancy_regex::Regex;

use super::{Processor, java_split, regex, too_long};
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::run::{Failure, Outcome, Run};
use crate::ingest::template::Template;

#[derive(Debug)]
struct Kv {
    field: Template,
    target: Option<Template>,
    fields: Regex,
    values: Regex,
    value_split: String,
    include: Option<BTreeSet<String>>,
    exclude: BTreeSet<String>,
    prefix: String,
    trim_key: String,
    trim_value: String,
    strip_brackets: bool,
    ignore_missing: bool,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.template("field")?;
    let target = definition.optional_text("target_field")?.map(|text| definition.compiled(&text));
    let field_split = definition.text("field_split")?;
    let value_split = definition.text("value_split")?;
    let set = |list: Option<Vec<String>>| list.map(|list| list.into_iter().collect());
    Ok(Box::new(Kv {
        field,
        target: target.transpose()?,
        fields: regex(&field_split)?,
        values: regex(&value_split)?,
        value_split,
        include: set(definition.optional_texts("include_keys")?),
        exclude: set(definition.optional_texts("exclude_keys")?).unwrap_or_default(),
        prefix: definition.optional_text("prefix")?.unwrap_or_default(),
        trim_key: definition.optional_text("trim_key")?.unwrap_or_default(),
        trim_value: definition.optional_text("trim_value")?.unwrap_or_default(),
        strip_brackets: definition.flag("strip_brackets", false)?,
        ignore_missing: definition.flag("ignore_missing", false)?,
    }))
}

impl Processor for Kv {
    fn run(&self, document: &mut IngestDocument, run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let path = self.field.render(document)?;
        let target = self.target.as_ref().map(|target| target.render(document)).transpose()?;
        let opensearch = run.flavor == Flavor::OpenSearch219;
        if opensearch && !self.ignore_missing && !document.has(&path)? {
            let reason = format!("field [{path}] doesn't exist");
            return Err(Exception::illegal_argument(reason).into());
        }
        // OpenSearch's words end in a blank.
        let null = match opensearch {
            true => "cannot extract key-value pairs. ",
            false => "cannot extract key-value pairs.",
        };
        let Some(text) = document.text(&path, self.ignore_missing, null)? else {
            return Ok(Outcome::Done);
        };
        let text = text.to_owned();
        for part in java_split(&self.fields, &text, false)? {
            run.work.check()?;
            let found = self.values.find(&part).map_err(|error| too_long(&error))?;
            let Some(found) = found else {
                let split = &self.value_split;
                let reason = format!("field [{path}] does not contain value_split [{split}]");
                return Err(Exception::illegal_argument(reason).into());
            };
            let key = trimmed(part.get(..found.start()).unwrap_or_default(), &self.trim_key);
            let value = part.get(found.end()..).unwrap_or_default();
            if self.exclude.contains(key)
                || self.include.as_ref().is_some_and(|included| !included.contains(key))
            {
                continue;
            }
            let value = if self.strip_brackets { without_brackets(value) } else { value };
            let value = trimmed(value, &self.trim_value);
            let name = match &target {
                Some(target) => format!("{target}.{}{key}", self.prefix),
                None => format!("{}{key}", self.prefix),
            };
            match document.has(&name)? {
                true => document.append(&name, value.into(), false)?,
                false => document.set(&name, value.into())?,
            }
        }
        Ok(Outcome::Done)
    }
}

fn trimmed<'t>(text: &'t str, characters: &str) -> &'t str {
    text.trim_matches(|c| characters.contains(c))
}

fn without_brackets(text: &str) -> &str {
    let pairs = [('(', ')'), ('[', ']'), ('<', '>'), ('"', '"'), ('\'', '\'')];
    let inside = |(open, close): &(char, char)| {
        text.strip_prefix(*open).and_then(|rest| rest.strip_suffix(*close))
    };
    pairs.iter().find_map(inside).unwrap_or(text)
}
