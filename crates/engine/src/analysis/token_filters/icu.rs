//! `icu_normalizer`, `icu_folding` and `icu_transform` of the plugin `analysis-icu`.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::icu::{Normalizer, Transform, UnicodeSet, folded};
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenChange, TokenFilter};
use crate::exception::Exception;

/// Brings each token into a normal form.
#[derive(Debug)]
struct IcuNormalizer(Normalizer);

pub(super) fn parse_normalizer(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["name", "unicode_set_filter", "unicodeSetFilter"])?;
    Ok(Arc::new(IcuNormalizer(Normalizer::read(settings, false)?)))
}

impl TokenFilter for IcuNormalizer {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }

    fn is_normalizing(&self) -> bool {
        true
    }
}

impl TokenChange for IcuNormalizer {
    fn change(&self, token: &mut Token) -> bool {
        token.text = self.0.of(&token.text);
        true
    }
}

/// Folds each token.
#[derive(Debug, Default)]
pub(in crate::analysis) struct IcuFolding {
    within: Option<UnicodeSet>,
}

pub(super) fn parse_folding(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["unicode_set_filter", "unicodeSetFilter"])?;
    Ok(Arc::new(IcuFolding { within: UnicodeSet::read(settings)? }))
}

impl TokenFilter for IcuFolding {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }

    fn is_normalizing(&self) -> bool {
        true
    }
}

impl TokenChange for IcuFolding {
    fn change(&self, token: &mut Token) -> bool {
        token.text = match &self.within {
            Some(within) => within.changed(&token.text, folded),
            None => folded(&token.text),
        };
        true
    }
}

/// Transforms each token.
#[derive(Debug)]
struct IcuTransform(Transform);

pub(super) fn parse_transform(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["id", "dir"])?;
    let inverse = settings.text("dir") == Some("reverse");
    let transform = Transform::read(settings.text("id").unwrap_or("Null"), inverse)?;
    Ok(Arc::new(IcuTransform(transform)))
}

impl TokenFilter for IcuTransform {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }

    fn is_normalizing(&self) -> bool {
        true
    }
}

impl TokenChange for IcuTransform {
    fn change(&self, token: &mut Token) -> bool {
        token.text = self.0.of(&token.text);
        true
    }
}
