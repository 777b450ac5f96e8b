//! `custom`: a tokenizer and filters by their names.

use crate::analysis::analyzer::POSITION_INCREMENT_GAP;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::analysis::{AnalysisError, Analyzer};

pub(super) fn parse(settings: &PartSettings<'_>, parts: &Parts) -> Result<Analyzer, AnalysisError> {
    settings.only(&["tokenizer", "filter", "char_filter", "position_increment_gap"])?;
    let name = settings.name();
    let Some(tokenizer) = settings.text("tokenizer") else {
        return Err(AnalysisError(format!(
            "analyzer [{name}] must be configured with a tokenizer"
        )));
    };
    let mut analyzer = Analyzer::new(parts.tokenizer(tokenizer, name)?, Vec::new());
    for filter in settings.list("filter")?.unwrap_or_default() {
        analyzer.filters.push(parts.filter(&filter, name)?);
    }
    for filter in settings.list("char_filter")?.unwrap_or_default() {
        analyzer.char_filters.push(parts.char_filter(&filter, name)?);
    }
    let gap = settings.count("position_increment_gap", POSITION_INCREMENT_GAP as usize)?;
    analyzer.position_increment_gap = u32::try_from(gap).unwrap_or(POSITION_INCREMENT_GAP);
    Ok(analyzer)
}
