//! `csv`: fields out of one line of separated values.

use super::Processor;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::run::{Failure, Outcome, Run};
use serde_json::Value;

#[derive(Debug)]
struct Csv {
    field: String,
    targets: Vec<String>,
    separator: char,
    quote: char,
    trim: bool,
    ignore_missing: bool,
    empty: Option<Value>,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.text("field")?;
    let quote = one(definition, "quote", "\"", "quote has to be single character like \" or '")?;
    let what = "separator has to be single character like , or ;";
    let separator = one(definition, "separator", ",", what)?;
    let empty = definition.optional_value("empty_value");
    let trim = definition.flag("trim", false)?;
    let ignore_missing = definition.flag("ignore_missing", false)?;
    let targets = definition.texts("target_fields")?;
    if targets.is_empty() {
        return Err(definition.fault(Some("target_fields"), "target fields list can't be empty"));
    }
    Ok(Box::new(Csv { field, targets, separator, quote, trim, ignore_missing, empty }))
}

fn one(
    definition: &mut ProcessorDefinition,
    name: &str,
    default: &str,
    fault: &str,
) -> Result<char, Exception> {
    let text = definition.optional_text(name)?.unwrap_or_else(|| default.to_owned());
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character),
        _ => Err(definition.fault(Some(name), fault)),
    }
}

impl Processor for Csv {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let line = match document.text(&self.field, self.ignore_missing, "cannot process it.")? {
            None => return Ok(Outcome::Done),
            Some("") => return Ok(Outcome::Done),
            Some(line) => line.to_owned(),
        };
        let values = self.values(&line)?;
        for (target, value) in self.targets.iter().zip(values) {
            match (value, &self.empty) {
                (value, _) if !value.is_empty() => document.set(target, value.into())?,
                (_, Some(empty)) => document.set(target, empty.clone())?,
                (_, None) => {}
            }
        }
        Ok(Outcome::Done)
    }
}

impl Csv {
    fn values(&self, line: &str) -> Result<Vec<String>, Exception> {
        let mut values = Vec::new();
        let mut rest = line.chars().peekable();
        let blank = |c: &char| matches!(c, ' ' | '\t');
        loop {
            while self.trim && rest.next_if(blank).is_some() {}
            if rest.peek().is_none() {
                // Behind a separator at the end there is no value.
                return Ok(values);
            }
            let mut value = String::new();
            if rest.next_if_eq(&self.quote).is_some() {
                loop {
                    match rest.next() {
                        None => return Err(Exception::illegal_argument("Unmatched quote")),
                        Some(c) if c == self.quote => {
                            if rest.next_if_eq(&self.quote).is_none() {
                                break;
                            }
                            value.push(self.quote);
                        }
                        Some(c) => value.push(c),
                    }
                }
                while self.trim && rest.next_if(blank).is_some() {}
                match rest.next() {
                    None => {
                        values.push(value);
                        return Ok(values);
                    }
                    Some(c) if c == self.separator => values.push(value),
                    Some(c) => {
                        return Err(Exception::illegal_argument(format!(
                            "character '{c}' after quoted field at {}",
                            line.len()
                        )));
                    }
                }
                continue;
            }
            let mut ended = true;
            for c in rest.by_ref() {
                if c == self.separator {
                    ended = false;
                    break;
                }
                if c == self.quote || matches!(c, '\n' | '\r') {
                    return Err(Exception::illegal_argument(format!(
                        "Illegal character inside unquoted field at {}",
                        value.len()
                    )));
                }
                value.push(c);
            }
            if self.trim {
                value.truncate(value.trim_end_matches([' ', '\t']).len());
            }
            values.push(value);
            if ended {
                return Ok(values);
            }
        }
    }
}
