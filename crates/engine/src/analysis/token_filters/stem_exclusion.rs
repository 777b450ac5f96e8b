//! `brazilian_stem`, `dutch_stem`, `french_stem`, `german_stem`: the stemmer of a language, with words it leaves alone.

use std::sync::Arc;

use super::keyword_marker::KeywordMarker;
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::stemmers::{self as s, Snowball};
use crate::analysis::steps::{TokenChange, TokenFilter};
use crate::analysis::text_filter::TextFilter;
use crate::exception::Exception;

/// A stemmer behind the marks of the words that it leaves alone.
#[derive(Debug)]
struct ExcludingStemmer<F> {
    excluded: KeywordMarker,
    stemmer: F,
}

pub(super) fn parse_brazilian(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    excluding(settings, TextFilter::Stemmer(s::brazilian))
}

pub(super) fn parse_dutch(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    excluding(settings, Snowball::Own(rust_stemmers::Algorithm::Dutch))
}

pub(super) fn parse_french(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    excluding(settings, Snowball::Own(rust_stemmers::Algorithm::French))
}

pub(super) fn parse_german(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    excluding(settings, TextFilter::Stemmer(s::caumanns))
}

fn excluding<F: TokenFilter + TokenChange + 'static>(
    settings: &PartSettings<'_>,
    stemmer: F,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["stem_exclusion"])?;
    let words = settings.words("stem_exclusion")?.unwrap_or_default().into_iter().collect();
    Ok(Arc::new(ExcludingStemmer {
        excluded: KeywordMarker { words, ignore_case: false },
        stemmer,
    }))
}

impl<F: TokenFilter + TokenChange> TokenFilter for ExcludingStemmer<F> {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }

    fn shows_keyword(&self) -> bool {
        true
    }
}

impl<F: TokenFilter + TokenChange> TokenChange for ExcludingStemmer<F> {
    fn change(&self, token: &mut Token) -> bool {
        self.excluded.change(token) && self.stemmer.change(token)
    }
}
