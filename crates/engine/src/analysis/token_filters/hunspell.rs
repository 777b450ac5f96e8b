//! `hunspell`: wants dictionaries on disk, and there are none here: refused as Elasticsearch refuses a missing one.

use std::sync::Arc;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::exception::{Exception, ExceptionKind};

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["locale", "language", "lang", "dedup", "dictionary", "longest_only"])?;
    let locale = ["locale", "language", "lang"].iter().find_map(|key| settings.text(key));
    let Some(locale) = locale else {
        let reason = "missing [locale | language | lang] configuration for hunspell token filter";
        return Err(Exception::illegal_argument(reason));
    };
    let reason = format!("failed to load hunspell dictionary for locale: {locale}");
    Err(Exception::new(ExceptionKind::IllegalState, reason))
}
