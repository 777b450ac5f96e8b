//! `snowball`: the stems that a Snowball stemmer finds.

use std::sync::Arc;

use crate::analysis::Analyzer;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::analysis::stemmers::Snowball;
use crate::analysis::steps::TokenFilter;
use crate::analysis::token_filters::{EnglishPossessive, Lowercase, Stop};
use crate::analysis::tokenizers::{StandardTokenizer, TOKEN_LENGTH_MAX};
use crate::exception::Exception;

pub(super) fn parse(settings: &PartSettings<'_>, _: &Parts) -> Result<Analyzer, Exception> {
    settings.only(&["language", "name", "stopwords", "stopwords_path"])?;
    let language = settings.text("language").or_else(|| settings.text("name")).unwrap_or("English");
    let stopwords = match language {
        "English" | "Porter" | "Lovins" => "_english_",
        "Dutch" => "_dutch_",
        "German" | "German2" => "_german_",
        "French" => "_french_",
        _ => "_none_",
    };
    let Some(snowball) = Snowball::named(language) else {
        let reason = format!("Invalid stemmer class specified: {language}");
        return Err(Exception::illegal_argument(reason));
    };
    let mut filters: Vec<Arc<dyn TokenFilter>> = Vec::new();
    if matches!(language, "English" | "Porter" | "Lovins") {
        filters.push(Arc::new(EnglishPossessive));
    }
    filters.push(Arc::new(Lowercase));
    filters.push(Arc::new(Stop::read(settings, stopwords)?));
    filters.push(Arc::new(snowball));
    let tokenizer = Arc::new(StandardTokenizer { token_length_max: TOKEN_LENGTH_MAX });
    Ok(Analyzer::new(tokenizer, filters))
}
