//! `icu_collation`: sort keys in the place of tokens; and the terms of `icu_collation_keyword` fields, which are made so.

use std::sync::Arc;

use icu_collator::CollatorBorrowed;

use crate::analysis::collation::Collation;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenChange, TokenFilter};
use crate::analysis::tokenizers::KeywordTokenizer;
use crate::analysis::{Analyzer, Token};
use crate::exception::Exception;

/// The token filter `icu_collation`, as its settings say: each token becomes its sort key. Source: `IcuCollationTokenFilterFactory`.
///
/// # Errors
/// As [`Collation::normalizer`]; 501 for `rules`, `variableTop` and `hiraganaQuaternaryMode`.
pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[
        "language",
        "country",
        "variant",
        "strength",
        "decomposition",
        "alternate",
        "caseLevel",
        "caseFirst",
        "numeric",
        "rules",
        "variableTop",
        "hiraganaQuaternaryMode",
    ])?;
    for later in ["rules", "variableTop", "hiraganaQuaternaryMode"] {
        if settings.get(later).is_some() {
            let what = format!("the setting {later} of icu_collation");
            return Err(Exception::not_implemented(&what));
        }
    }
    let lower = |key: &str| settings.text(key).map(str::to_lowercase);
    // Texts are compared decomposed in any case.
    if let Some(other) = lower("decomposition").filter(|it| it != "no" && it != "canonical") {
        return Err(Exception::illegal_argument(format!("Invalid decomposition: {other}")));
    }
    let collation = Collation {
        locale: Collation::locale(
            settings.text("language"),
            settings.text("country"),
            settings.text("variant"),
        )?,
        strength: lower("strength"),
        alternate: lower("alternate"),
        case_level: settings.flag("caseLevel", false)?,
        case_first: lower("caseFirst"),
        numeric: settings.flag("numeric", false)?,
    };
    Ok(Arc::new(SortKey { collator: collation.collator()?, normalizes: false }))
}

impl Collation {
    /// What makes a term of a text.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a value that is not known.
    pub(crate) fn normalizer(&self) -> Result<Analyzer, Exception> {
        let key = SortKey { collator: self.collator()?, normalizes: true };
        Ok(Analyzer::new(Arc::new(KeywordTokenizer), vec![Arc::new(key)]))
    }
}

/// Puts the sort key of a text in its place.
#[derive(Debug)]
struct SortKey {
    collator: CollatorBorrowed<'static>,
    /// Whether a normalizer may have it.
    normalizes: bool,
}

impl TokenFilter for SortKey {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }

    fn is_normalizing(&self) -> bool {
        self.normalizes
    }
}

impl TokenChange for SortKey {
    fn change(&self, token: &mut Token) -> bool {
        let mut key: Vec<u8> = Vec::new();
        // Writing into a list of bytes cannot fail.
        let _ = self.collator.write_sort_key_to(&token.text, &mut key);
        // A term is text: each byte is the character of its number, which leaves the order as it is.
        token.text = key.into_iter().map(char::from).collect();
        true
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::work::Cancel;

    #[test]
    fn the_filter_makes_a_term_of_each_token() {
        let terms = |settings: serde_json::Value, words: &str| {
            let settings = settings.as_object().unwrap().clone();
            let filter = parse(&PartSettings::new("c", &settings)).unwrap();
            let tokens = words.split(' ').map(Token::whole).collect();
            let tokens = filter.apply(tokens, &Cancel::new());
            tokens.into_iter().map(|token| token.text).collect::<Vec<_>>()
        };
        let same = terms(json!({"strength": "PRIMARY"}), "Résumé resume");
        assert_eq!(same[0], same[1]);
        let spanish =
            terms(json!({"language": "es", "variant": "@collation=traditional"}), "ch cz");
        assert!(spanish[0] > spanish[1], "{spanish:?}");
        let settings = json!({"rules": "& a < b"});
        let settings = settings.as_object().unwrap();
        let refusal = parse(&PartSettings::new("c", settings)).unwrap_err();
        assert_eq!(refusal.status(), 501);
    }
}
