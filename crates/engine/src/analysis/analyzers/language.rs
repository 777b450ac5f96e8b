//! The analyzers of languages: words in lower case, without stop words, stemmed. Source: the language analyzers of Lucene 8.

use std::sync::Arc;

use Step::{Keywords, Own, Stopwords};

use crate::analysis::Analyzer;
use crate::analysis::normalization as n;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::analysis::stemmers::{self as s, Snowball};
use crate::analysis::steps::{CharFilter, FilteredBuilder, TokenFilter};
use crate::analysis::text_filter::TextFilter;
use crate::analysis::token::Token;
use crate::analysis::token_filters::{
    CjkBigram, Elision, EnglishPossessive, FRENCH, KeywordMarker, Lowercase, PorterStem, Stop,
    greek, irish, turkish,
};
use crate::analysis::tokenizers::{StandardTokenizer, TOKEN_LENGTH_MAX};
use crate::exception::Exception;
use crate::work::Cancel;

/// One step of a language.
#[derive(Clone, Copy)]
enum Step {
    /// The language's stop words, or those of the settings.
    Stopwords,
    /// The words of `stem_exclusion`.
    Keywords,
    /// A filter.
    Own(fn() -> Option<Arc<dyn TokenFilter>>),
}

macro_rules! step {
    (stop) => {
        Stopwords
    };
    (keywords) => {
        Keywords
    };
    (lowercase) => {
        Own(|| Some(Arc::new(Lowercase)))
    };
    (possessive) => {
        Own(|| Some(Arc::new(EnglishPossessive)))
    };
    (porter) => {
        Own(|| Some(Arc::new(PorterStem)))
    };
    (bigrams) => {
        Own(|| Some(Arc::new(CjkBigram::all())))
    };
    (hyphenation) => {
        Own(|| Some(Arc::new(Hyphenation)))
    };
    (dutch_stems) => {
        Own(|| Some(Arc::new(DutchStems)))
    };
    ((elision $articles:expr)) => {
        Own(|| Some(Arc::new(Elision::of($articles))))
    };
    ((characters $change:expr)) => {
        Own(|| Some(Arc::new(TextFilter::Characters($change))))
    };
    ((words $change:expr)) => {
        Own(|| Some(Arc::new(TextFilter::Words($change))))
    };
    ((stemmer $change:expr)) => {
        Own(|| Some(Arc::new(TextFilter::Stemmer($change))))
    };
    ((snowball $name:literal)) => {
        Own(|| Some(Arc::new(Snowball::named($name)?) as Arc<dyn TokenFilter>))
    };
}

macro_rules! languages {
    ($($name:literal $stopwords:literal [$($step:tt)*];)*) => {
        &[$(Language { name: $name, stopwords: $stopwords, steps: &[$(step!($step)),*] }),*]
    };
}

struct Language {
    name: &'static str,
    stopwords: &'static str,
    steps: &'static [Step],
}

const LANGUAGES: &[Language] = languages! {
    "arabic" "_arabic_" [lowercase (characters n::decimal_digit) stop (characters n::arabic) keywords (stemmer s::arabic)];
    "armenian" "_armenian_" [lowercase stop keywords (snowball "Armenian")];
    "basque" "_basque_" [lowercase stop keywords (snowball "Basque")];
    "bengali" "_bengali_" [lowercase (characters n::decimal_digit) keywords (characters n::indic) (characters n::bengali) stop
        (stemmer s::bengali)];
    "brazilian" "_brazilian_" [lowercase stop keywords (stemmer s::brazilian)];
    "bulgarian" "_bulgarian_" [lowercase stop keywords (stemmer s::bulgarian)];
    "catalan" "_catalan_" [(elision &["d", "l", "m", "n", "s", "t"]) lowercase stop keywords (snowball "Catalan")];
    "chinese" "_english_" [lowercase stop];
    "cjk" "_cjk_" [(characters n::cjk_width) lowercase bigrams stop];
    "czech" "_czech_" [lowercase stop keywords (stemmer s::czech)];
    "danish" "_danish_" [lowercase stop keywords (snowball "Danish")];
    "dutch" "_dutch_" [lowercase stop keywords dutch_stems (snowball "Dutch")];
    "english" "_english_" [possessive lowercase stop keywords porter];
    "estonian" "_estonian_" [lowercase stop keywords (snowball "Estonian")];
    "finnish" "_finnish_" [lowercase stop keywords (snowball "Finnish")];
    "french" "_french_" [(elision FRENCH) lowercase stop keywords (stemmer s::french_light)];
    "galician" "_galician_" [lowercase stop keywords (stemmer s::galician)];
    "german" "_german_" [lowercase stop keywords (characters n::german) (stemmer s::german_light)];
    "greek" "_greek_" [(characters greek) stop (stemmer s::greek)];
    "hindi" "_hindi_" [lowercase (characters n::decimal_digit) keywords (characters n::indic) (characters n::hindi) stop
        (stemmer s::hindi)];
    "hungarian" "_hungarian_" [lowercase stop keywords (snowball "Hungarian")];
    "indonesian" "_indonesian_" [lowercase stop keywords (stemmer s::indonesian)];
    "irish" "_irish_" [hyphenation (elision &["d", "m", "b"]) (characters irish) stop keywords (snowball "Irish")];
    "italian" "_italian_" [(elision ITALIAN) lowercase stop keywords (stemmer s::italian_light)];
    "latvian" "_latvian_" [lowercase stop keywords (stemmer s::latvian)];
    "lithuanian" "_lithuanian_" [lowercase stop keywords (snowball "Lithuanian")];
    "norwegian" "_norwegian_" [lowercase stop keywords (snowball "Norwegian")];
    "persian" "_persian_" [lowercase (characters n::decimal_digit) (characters n::arabic) (characters n::persian) stop];
    "portuguese" "_portuguese_" [lowercase stop keywords (stemmer s::portuguese_light)];
    "romanian" "_romanian_" [lowercase stop keywords (snowball "Romanian")];
    "russian" "_russian_" [lowercase stop keywords (snowball "Russian")];
    "sorani" "_sorani_" [(characters n::sorani) lowercase (characters n::decimal_digit) stop keywords (stemmer s::sorani)];
    "spanish" "_spanish_" [lowercase stop keywords (stemmer s::spanish_light)];
    "swedish" "_swedish_" [lowercase stop keywords (snowball "Swedish")];
    "turkish" "_turkish_" [(words crate::analysis::token_filters::apostrophe) (characters turkish) stop keywords
        (snowball "Turkish")];
};

/// The Italian articles that lose their vowel.
const ITALIAN: &[&str] = &[
    "c", "l", "all", "dall", "dell", "nell", "sull", "coll", "pell", "gl", "agl", "dagl", "degl",
    "negl", "sugl", "un", "m", "t", "s", "v", "d",
];

/// The languages there are analyzers for.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|language| language.name)
}

/// The analyzer of the language `name`, if there is one.
pub(super) fn parse(
    name: &str,
    settings: &PartSettings<'_>,
    _: &Parts,
) -> Option<Result<Analyzer, Exception>> {
    let language = LANGUAGES.iter().find(|language| language.name == name)?;
    Some(language.analyzer(settings))
}

impl Language {
    fn analyzer(&self, settings: &PartSettings<'_>) -> Result<Analyzer, Exception> {
        settings.only(&["stopwords", "stopwords_path", "stem_exclusion", "stem_exclusion_path"])?;
        let stop = Arc::new(Stop::read(settings, self.stopwords)?);
        let words = settings.words("stem_exclusion")?.unwrap_or_default().into_iter().collect();
        let marker = Arc::new(KeywordMarker { words, ignore_case: false });
        let tokenizer = Arc::new(StandardTokenizer { token_length_max: TOKEN_LENGTH_MAX });
        let filters = self.steps.iter().filter_map(|step| match step {
            Stopwords => Some(Arc::clone(&stop) as Arc<dyn TokenFilter>),
            Keywords => Some(Arc::clone(&marker) as Arc<dyn TokenFilter>),
            Own(make) => make(),
        });
        let mut analyzer = Analyzer::new(tokenizer, filters.collect());
        if self.name == "persian" {
            analyzer.char_filters.push(Arc::new(NoJoiners));
        }
        Ok(analyzer)
    }
}

/// Persian: the sign between parts of a word as a space.
#[derive(Debug)]
struct NoJoiners;

impl CharFilter for NoJoiners {
    fn run(&self, text: &str, out: &mut FilteredBuilder) {
        for (at, letter) in text.char_indices() {
            if letter == '\u{200C}' {
                out.replace(" ", at + letter.len_utf8());
            } else {
                out.text.push(letter);
            }
        }
    }
}

/// Irish: the single letters that a hyphen leaves before a word.
#[derive(Debug)]
struct Hyphenation;

impl TokenFilter for Hyphenation {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        tokens.retain(|token| !matches!(token.text.to_lowercase().as_str(), "h" | "n" | "t"));
        tokens
    }
}

/// Dutch: four words whose stems the algorithm does not find.
#[derive(Debug)]
struct DutchStems;

impl TokenFilter for DutchStems {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        for token in tokens.iter_mut().filter(|token| !token.keyword) {
            let stem = match token.text.as_str() {
                "fiets" => "fiets",
                "bromfiets" => "bromfiets",
                "ei" => "eier",
                "kind" => "kinder",
                _ => continue,
            };
            stem.clone_into(&mut token.text);
            token.keyword = true;
        }
        tokens
    }
}
