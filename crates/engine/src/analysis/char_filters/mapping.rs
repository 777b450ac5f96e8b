//! `mapping`: replaces strings; the longest match at a place wins.

use std::sync::Arc;

use crate::analysis::AnalysisError;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{CharFilter, FilteredBuilder};

/// What is replaced, and by what.
#[derive(Debug)]
struct Mapping(Vec<(String, String)>);

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn CharFilter>, AnalysisError> {
    settings.only(&["mappings"])?;
    let rules = settings.list("mappings")?.ok_or_else(|| {
        AnalysisError(
            "mapping requires either `mappings` or `mappings_path` to be configured".into(),
        )
    })?;
    let mut table = Vec::new();
    for rule in rules {
        let Some((from, to)) = rule.split_once("=>") else {
            return Err(AnalysisError(format!("Invalid Mapping Rule : [{rule}]")));
        };
        table.push((from.trim().to_owned(), to.trim().to_owned()));
    }
    Ok(Arc::new(Mapping(table)))
}

impl CharFilter for Mapping {
    fn run(&self, text: &str, out: &mut FilteredBuilder) {
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let longest = self
                .0
                .iter()
                .filter(|(from, _)| !from.is_empty() && rest.starts_with(from.as_str()))
                .max_by_key(|(from, _)| from.len());
            if let Some((from, to)) = longest {
                at += from.len();
                out.replace(to, at);
            } else if let Some(character) = rest.chars().next() {
                out.text.push(character);
                at += character.len_utf8();
            }
        }
    }
}
