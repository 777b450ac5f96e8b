//! `gsub`: replaces what a regular expression matches.

use std::fmt::Write as _;

use fancy_regex::{Captures, Regex};
use serde_json::Value;

use super::texts::TextField;
use super::{Processor, regex, too_long};
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::run::{Failure, Outcome, Run};

/// Longest text that a replacement makes.
const REPLACED_BYTES_MAX: usize = 64 << 20;

#[derive(Debug)]
struct Gsub {
    field: TextField,
    pattern: Regex,
    replacement: String,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = TextField::parse(definition)?;
    let text = definition.text("pattern")?;
    let replacement = definition.text("replacement")?;
    let pattern = regex(&text).map_err(|fault| {
        definition.fault(Some("pattern"), &format!("Invalid regex pattern. {}", fault.reason()))
    })?;
    Ok(Box::new(Gsub { field, pattern, replacement }))
}

impl Processor for Gsub {
    fn run(&self, document: &mut IngestDocument, run: &mut Run<'_>) -> Result<Outcome, Failure> {
        self.field.change(document, |text| {
            let (mut out, mut from) = (String::new(), 0);
            for found in self.pattern.captures_iter(text) {
                run.work.check()?;
                let found = found.map_err(|error| too_long(&error))?;
                let Some(whole) = found.get(0) else { break };
                out.push_str(text.get(from..whole.start()).unwrap_or_default());
                replace(&self.replacement, &found, &mut out)?;
                from = whole.end();
                if out.len() > REPLACED_BYTES_MAX {
                    return Err(Exception::illegal_argument("gsub would make the text too long"));
                }
            }
            out.push_str(text.get(from..).unwrap_or_default());
            Ok(Value::String(out))
        })
    }
}

/// Java's replacement: `$1`, `${name}`, and `\` before what stands for itself.
fn replace(
    replacement: &str,
    found: &Captures<'_, str>,
    out: &mut String,
) -> Result<(), Exception> {
    let mut characters = replacement.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(escaped) => out.push(escaped),
                None => {
                    return Err(Exception::illegal_argument("character to be escaped is missing"));
                }
            },
            '$' if characters.peek() == Some(&'{') => {
                characters.next();
                let name: String = characters.by_ref().take_while(|c| *c != '}').collect();
                match found.name(&name) {
                    Some(group) => out.push_str(group.as_str()),
                    None => {
                        let reason = format!("No group with name {{{name}}}");
                        return Err(Exception::illegal_argument(reason));
                    }
                }
            }
            '$' => {
                let Some(mut group) = characters.peek().and_then(|c| c.to_digit(10)) else {
                    return Err(Exception::illegal_argument("Illegal group reference"));
                };
                characters.next();
                let groups = u32::try_from(found.len()).unwrap_or(u32::MAX);
                // As many digits as still name a group.
                while let Some(digit) = characters.peek().and_then(|c| c.to_digit(10)) {
                    let longer = group.saturating_mul(10).saturating_add(digit);
                    if longer >= groups {
                        break;
                    }
                    group = longer;
                    characters.next();
                }
                if group >= groups {
                    let reason = format!("No group {group}");
                    return Err(Exception::new(ExceptionKind::IndexOutOfBounds, reason));
                }
                let group = found.get(group as usize);
                let _ = write!(out, "{}", group.map_or("", |group| group.as_str()));
            }
            other => out.push(other),
        }
    }
    Ok(())
}
