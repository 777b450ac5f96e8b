//! Sort keys of texts, as a language orders them: the terms of `icu_collation_keyword` fields. Source: Unicode Technical
//! Standard #10, with the tailorings of CLDR.

use icu_collator::options::{
    AlternateHandling, CaseLevel, CollatorOptions, Strength as IcuStrength,
};
use icu_collator::preferences::{CollationCaseFirst, CollationNumericOrdering};
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use icu_locale_core::Locale;

use crate::exception::Exception;

/// Names of orders in ICU's long form, and in that of language tags.
const ORDERS: &[(&str, &str)] =
    &[("dictionary", "dict"), ("phonebook", "phonebk"), ("traditional", "trad")];

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
    /// The tag of a language as ICU's parameters give it. The variant may say which order: `@collation=phonebook`.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a country or a variant of no language; 501 for a variant of another kind.
    pub(crate) fn locale(
        language: Option<&str>,
        country: Option<&str>,
        variant: Option<&str>,
    ) -> Result<String, Exception> {
        let Some(language) = language else {
            return match country.or(variant) {
                None => Ok(String::new()),
                Some(_) => Err(Exception::illegal_argument("language is required")),
            };
        };
        let mut tag = language.to_owned();
        if let Some(country) = country {
            tag = format!("{tag}-{country}");
        }
        let Some(variant) = variant else { return Ok(tag) };
        let Some(order) = variant.strip_prefix("@collation=") else {
            let what = format!("the variant [{variant}] of a collation");
            return Err(Exception::not_implemented(&what));
        };
        let known = ORDERS.iter().find(|(long, _)| *long == order);
        Ok(format!("{tag}-u-co-{}", known.map_or(order, |(_, short)| short)))
    }

    /// What compares texts so.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a value that is not known.
    pub(super) fn collator(&self) -> Result<CollatorBorrowed<'static>, Exception> {
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
