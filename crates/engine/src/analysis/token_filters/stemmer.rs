//! `stemmer`: the stemmer of a language.

use std::sync::Arc;

use super::porter_stem::PorterStem;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenFilter, each};
use crate::analysis::{AnalysisError, Token};
use crate::work::Cancel;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    settings.only(&["language", "name"])?;
    let language = settings.text("language").or_else(|| settings.text("name"));
    match language.unwrap_or("porter") {
        "english" | "English" | "porter" => Ok(Arc::new(PorterStem)),
        "possessive_english" => Ok(Arc::new(EnglishPossessive)),
        other => Err(settings.refuse(format!("does not support the language [{other}] here"))),
    }
}

/// Cuts `'s` off.
#[derive(Debug)]
pub(in crate::analysis) struct EnglishPossessive;

impl TokenFilter for EnglishPossessive {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        each(tokens, |text| {
            let cut = ["'s", "'S", "’s", "’S", "＇s", "＇S"]
                .iter()
                .find_map(|suffix| text.strip_suffix(suffix).map(str::len));
            if let Some(cut) = cut {
                text.truncate(cut);
            }
        })
    }
}
