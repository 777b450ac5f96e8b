//! `icu_normalizer` of the plugin `analysis-icu`: a text in a normal form.

use std::sync::Arc;

use crate::analysis::icu::Normalizer;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{CharFilter, FilteredBuilder};
use crate::exception::Exception;

/// Brings a text into a normal form.
#[derive(Debug)]
pub(in crate::analysis) struct IcuNormalizer(pub(in crate::analysis) Normalizer);

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn CharFilter>, Exception> {
    settings.only(&["name", "mode", "unicode_set_filter", "unicodeSetFilter"])?;
    let decompose = settings.text("mode") == Some("decompose");
    Ok(Arc::new(IcuNormalizer(Normalizer::read(settings, decompose)?)))
}

impl CharFilter for IcuNormalizer {
    fn run(&self, text: &str, out: &mut FilteredBuilder) {
        self.0.write(text, out);
    }
}
