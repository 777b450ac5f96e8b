//! `keyword_marker`: words that are not stemmed. `keyword_repeat`: each word twice, once as such a word.

use std::collections::HashSet;
use std::sync::Arc;

use super::stop::holds;
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenChange, TokenFilter};
use crate::analysis::token::lower;
use crate::exception::Exception;
use crate::java_regex::JavaRegex;
use crate::work::Cancel;

#[derive(Debug)]
pub(in crate::analysis) struct KeywordMarker {
    pub(in crate::analysis) words: HashSet<String>,
    pub(in crate::analysis) ignore_case: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["keywords", "keywords_path", "keywords_pattern", "ignore_case"])?;
    if let Some(pattern) = settings.text("keywords_pattern") {
        if settings.get("keywords").is_some() || settings.get("keywords_path").is_some() {
            return Err(Exception::illegal_argument(
                "cannot specify both `keywords_pattern` and `keywords` or `keywords_path`",
            ));
        }
        return Ok(Arc::new(KeywordPattern(JavaRegex::new(&format!("^(?:{pattern})$"), "")?)));
    }
    let words = settings.words("keywords")?.filter(|words| !words.is_empty());
    let words = words.ok_or_else(|| {
        Exception::illegal_argument(
            "keyword filter requires either `keywords`, `keywords_path`, or `keywords_pattern` to be configured",
        )
    })?;
    let ignore_case = settings.flag("ignore_case", false)?;
    let words = words.iter().map(|word| if ignore_case { lower(word) } else { word.clone() });
    Ok(Arc::new(KeywordMarker { words: words.collect(), ignore_case }))
}

impl TokenFilter for KeywordMarker {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }

    fn shows_keyword(&self) -> bool {
        true
    }
}

impl TokenChange for KeywordMarker {
    fn change(&self, token: &mut Token) -> bool {
        token.keyword |= holds(&self.words, &token.text, self.ignore_case);
        true
    }
}

#[derive(Debug)]
struct KeywordPattern(JavaRegex);

impl TokenFilter for KeywordPattern {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        for token in &mut tokens {
            token.keyword |= self.0.is_match(&token.text);
        }
        tokens
    }

    fn shows_keyword(&self) -> bool {
        true
    }
}

#[derive(Debug)]
struct KeywordRepeat;

pub(super) fn parse_repeat(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(KeywordRepeat))
}

impl TokenFilter for KeywordRepeat {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        let twice = |token: Token| {
            [Token { keyword: true, ..token.clone() }, Token { keyword: false, ..token }]
        };
        tokens.into_iter().flat_map(twice).collect()
    }

    fn shows_keyword(&self) -> bool {
        true
    }
}
