//! `custom`: a tokenizer and filters by their names.

use crate::analysis::Analyzer;
use crate::analysis::analyzer::{POSITION_INCREMENT_GAP, StepNames};
use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::exception::Exception;

pub(super) fn parse(settings: &PartSettings<'_>, parts: &Parts) -> Result<Analyzer, Exception> {
    settings.only(&["tokenizer", "filter", "char_filter", "position_increment_gap"])?;
    let name = settings.name();
    let Some(tokenizer) = settings.text("tokenizer") else {
        return Err(Exception::illegal_argument(format!(
            "Custom Analyzer [{name}] must be configured with a tokenizer"
        )));
    };
    let mut analyzer = Analyzer::new(parts.tokenizer(tokenizer, name)?, Vec::new());
    let char_filters = settings.list("char_filter")?.unwrap_or_default();
    let filters = settings.list("filter")?.unwrap_or_default();
    analyzer.names = Some(StepNames {
        tokenizer: Some(tokenizer.to_owned()),
        filters: filters.clone(),
        char_filters: char_filters.clone(),
    });
    for filter in &char_filters {
        analyzer.char_filters.push(parts.char_filter(filter, name)?);
    }
    for filter in &filters {
        parts.push(&mut analyzer, parts.filter(filter, name)?)?;
    }
    let gap = settings.count("position_increment_gap", POSITION_INCREMENT_GAP as usize)?;
    analyzer.position_increment_gap = u32::try_from(gap).unwrap_or(POSITION_INCREMENT_GAP);
    Ok(analyzer)
}
