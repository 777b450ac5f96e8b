//! Sort keys of texts, as a language orders them: the terms of `icu_collation_keyword` fields. Source: Unicode Technical
//! Standard #10, with the tailorings of CLDR.

use std::sync::Arc;

use icu_collator::options::{
    AlternateHandling, CaseLevel, CollatorOptions, Strength as IcuStrength,
};
use icu_collator::preferences::{CollationCaseFirst, CollationNumericOrdering};
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use icu_locale_core::Locale;

use super::Analyzer;
use super::steps::{TokenChange, TokenFilter};
use super::token::Token;
use super::tokenizers::KeywordTokenizer;
use crate::exception::Exception;

/// How texts are ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collation {
    /// A language tag, with the kind of order (`de-u-co-phonebk`); empty: the root order.
    pub locale: String,
    /// What counts: `primary` to `identical`.
    pub strength: Option<String>,
    /// `shifted` or `non-ignorable`
    pub alternate: Option<String>,
    /// Whether the case counts where marks do not.
    pub case_level: bool,
    /// `lower` or `upper`
    pub case_first: Option<String>,
    /// Whether digits are ordered as numbers.
    pub numeric: bool,
}

impl Collation {
    /// What makes a term of a text.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a value that is not known.
    pub(crate) fn normalizer(&self) -> Result<Analyzer, Exception> {
        let key = SortKey(self.collator()?);
        Ok(Analyzer::new(Arc::new(KeywordTokenizer), vec![Arc::new(key)]))
    }

    fn collator(&self) -> Result<CollatorBorrowed<'static>, Exception> {
        let unknown = |what: &str, value: &str| {
            Exception::illegal_argument(format!("Invalid {what}: {value}"))
        };
        let mut options = CollatorOptions::default();
        options.strength = match self.strength.as_deref() {
            None => None,
            Some("primary") => Some(IcuStrength::Primary),
            Some("secondary") => Some(IcuStrength::Secondary),
            Some("tertiary") => Some(IcuStrength::Tertiary),
            Some("quaternary") => Some(IcuStrength::Quaternary),
            Some("identical") => Some(IcuStrength::Identical),
            Some(other) => return Err(unknown("strength", other)),
        };
        options.alternate_handling = match self.alternate.as_deref() {
            None => None,
            Some("shifted") => Some(AlternateHandling::Shifted),
            Some("non-ignorable") => Some(AlternateHandling::NonIgnorable),
            Some(other) => return Err(unknown("alternate", other)),
        };
        options.case_level = self.case_level.then_some(CaseLevel::On);
        let locale: Locale = match self.locale.as_str() {
            "" => Locale::UNKNOWN,
            tag => tag.parse().map_err(|_| unknown("locale", tag))?,
        };
        let mut preferences = CollatorPreferences::from(&locale);
        preferences.case_first = match self.case_first.as_deref() {
            None => preferences.case_first,
            Some("lower") => Some(CollationCaseFirst::Lower),
            Some("upper") => Some(CollationCaseFirst::Upper),
            Some(other) => return Err(unknown("caseFirst", other)),
        };
        if self.numeric {
            preferences.numeric_ordering = Some(CollationNumericOrdering::True);
        }
        CollatorBorrowed::try_new(preferences, options)
            .map_err(|error| unknown("collation", &error.to_string()))
    }
}

/// Puts the sort key of a text in its place.
#[derive(Debug)]
struct SortKey(CollatorBorrowed<'static>);

impl TokenFilter for SortKey {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }

    fn is_normalizing(&self) -> bool {
        true
    }
}

impl TokenChange for SortKey {
    fn change(&self, token: &mut Token) -> bool {
        let mut key: Vec<u8> = Vec::new();
        // Writing into a list of bytes cannot fail.
        let _ = self.0.write_sort_key_to(&token.text, &mut key);
        // A term is text: each byte is the character of its number, which leaves the order as it is.
        token.text = key.into_iter().map(char::from).collect();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(collation: &Collation, words: &str) -> String {
        let normalizer = collation.normalizer().unwrap();
        let mut words: Vec<&str> = words.split(' ').collect();
        words.sort_by_key(|word| normalizer.normalize(word));
        words.join(" ")
    }

    #[test]
    fn each_language_has_its_own_order() {
        // As ICU4J 74.2 orders them.
        for (locale, words) in [
            ("", "a Ä b o ö z zebra"),
            ("de", "ähnlich Ahorn Ähre Apfel"),
            ("de-u-co-phonebk", "Ad ähnlich Ähre Af"),
            ("sv", "z å ä ö"),
            ("da", "z æ ø å aa"),
            ("cs", "c č d h ch i"),
            ("es-u-co-trad", "cz ch d lz ll m"),
            ("zh", "阿 北 国 人 中"),
            ("ja", "あ い か が"),
        ] {
            let collation = Collation { locale: locale.to_owned(), ..Collation::default() };
            let mut shuffled: Vec<&str> = words.split(' ').collect();
            shuffled.reverse();
            assert_eq!(sorted(&collation, &shuffled.join(" ")), words, "{locale}");
        }
    }

    #[test]
    fn what_counts_can_be_said() {
        let same = |collation: Collation, a: &str, b: &str| {
            let normalizer = collation.normalizer().unwrap();
            normalizer.normalize(a) == normalizer.normalize(b)
        };
        let of = |strength: &str| Collation {
            strength: Some(strength.to_owned()),
            ..Collation::default()
        };
        assert!(same(of("primary"), "Résumé", "resume"));
        assert!(!same(of("secondary"), "Résumé", "resume"));
        assert!(same(of("secondary"), "Resume", "resume"));
        let shifted = Collation { alternate: Some("shifted".to_owned()), ..Collation::default() };
        assert!(same(shifted, "a-b", "ab"));
        let numeric = Collation { numeric: true, ..Collation::default() };
        assert_eq!(sorted(&numeric, "a10 a9"), "a9 a10");
        let upper = Collation { case_first: Some("upper".to_owned()), ..Collation::default() };
        assert_eq!(sorted(&upper, "a A"), "A a");
        let refusal = of("huge").normalizer().unwrap_err();
        assert_eq!(refusal.reason(), "Invalid strength: huge");
    }
}
