//! `stemmer`: the stemmer of a language, by the names Elasticsearch has for it; `snowball`: by Lucene's.

use std::sync::Arc;

use super::porter_stem::PorterStem;
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::stemmers::{self as s, Snowball};
use crate::analysis::steps::{TokenChange, TokenFilter};
use crate::analysis::text_filter::TextFilter;
use crate::exception::Exception;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["language", "name"])?;
    let language = settings.text("language").or_else(|| settings.text("name")).unwrap_or("porter");
    // Lucene's own names are taken in any spelling of case, `_` aside: `lightGerman` is `light_german`.
    let name = language.replace('_', "").to_lowercase();
    if let Some((_, stemmer)) = LIGHT.iter().find(|(known, _)| *known == name) {
        return Ok(Arc::new(TextFilter::Stemmer(*stemmer)));
    }
    let snowball = match name.as_str() {
        "english" | "porter" => return Ok(Arc::new(PorterStem)),
        "possessiveenglish" => return Ok(Arc::new(EnglishPossessive)),
        "dutchkp" | "kp" => "Kp",
        "porter2" => "English",
        "german2" => "German2",
        _ => language,
    };
    let mut lucene = String::new();
    for (at, c) in snowball.chars().enumerate() {
        if at == 0 { lucene.extend(c.to_uppercase()) } else { lucene.push(c) }
    }
    snowball_of(&lucene)
}

pub(super) fn parse_snowball(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["language", "name"])?;
    let language = settings.text("language").or_else(|| settings.text("name"));
    snowball_of(language.unwrap_or("English"))
}

pub(super) fn parse_russian(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[])?;
    snowball_of("Russian")
}

fn snowball_of(name: &str) -> Result<Arc<dyn TokenFilter>, Exception> {
    match Snowball::named(name) {
        Some(snowball) => Ok(Arc::new(snowball)),
        None => {
            let reason = format!("Invalid stemmer class specified: {name}");
            Err(Exception::illegal_argument(reason))
        }
    }
}

/// Leaves the stem of a word.
type Stem = fn(&mut Vec<char>);

/// The stemmers that are not Snowball's.
const LIGHT: &[(&str, Stem)] = &[
    ("arabic", s::arabic),
    ("bengali", s::bengali),
    ("brazilian", s::brazilian),
    ("bulgarian", s::bulgarian),
    ("czech", s::czech),
    ("galician", s::galician),
    ("greek", s::greek),
    ("hindi", s::hindi),
    ("indonesian", s::indonesian),
    ("kstem", s::kstem),
    ("latvian", s::latvian),
    ("lightenglish", s::kstem),
    ("lightfinish", s::finnish_light),
    ("lightfinnish", s::finnish_light),
    ("lightfrench", s::french_light),
    ("lightgerman", s::german_light),
    ("lighthungarian", s::hungarian_light),
    ("lightitalian", s::italian_light),
    ("lightnorwegian", s::bokmal_light),
    ("lightnynorsk", s::nynorsk_light),
    ("lightportuguese", s::portuguese_light),
    ("lightrussian", s::russian_light),
    ("lightspanish", s::spanish_light),
    ("lightswedish", s::swedish_light),
    ("minimalenglish", s::english_minimal),
    ("minimalfrench", s::french_minimal),
    ("minimalgalician", s::galician_minimal),
    ("minimalgerman", s::german_minimal),
    ("minimalnorwegian", s::bokmal_minimal),
    ("minimalnynorsk", s::nynorsk_minimal),
    ("minimalportuguese", s::portuguese_minimal),
    ("persian", s::persian),
    ("pluralenglish", s::english_plural),
    ("portugueserslp", s::portuguese_rslp),
    ("sorani", s::sorani),
];

#[derive(Debug)]
pub(in crate::analysis) struct EnglishPossessive;

impl TokenFilter for EnglishPossessive {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }
}

impl TokenChange for EnglishPossessive {
    fn change(&self, token: &mut Token) -> bool {
        if token.text.ends_with(['s', 'S']) {
            let cut = ["'s", "'S", "’s", "’S", "＇s", "＇S"]
                .iter()
                .find_map(|suffix| token.text.strip_suffix(suffix).map(str::len));
            token.text.truncate(cut.unwrap_or(token.text.len()));
        }
        true
    }
}
