//! `elision`: no articles before an apostrophe (`l'avion`).

use std::collections::HashSet;
use std::sync::Arc;

use super::stop::holds;
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenChange, TokenFilter};
use crate::analysis::token::lower;
use crate::exception::Exception;

/// Takes articles away.
#[derive(Debug)]
pub(in crate::analysis) struct Elision {
    articles: HashSet<String>,
    ignore_case: bool,
}

/// The French articles, which are the default.
pub(in crate::analysis) const FRENCH: &[&str] =
    &["l", "m", "t", "qu", "n", "s", "j", "d", "c", "jusqu", "quoiqu", "lorsqu", "puisqu"];

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["articles", "articles_case"])?;
    if settings.is_bare() {
        return Ok(Arc::new(Elision::of(FRENCH)));
    }
    let ignore_case = settings.flag("articles_case", false)?;
    let articles = settings.words("articles")?.ok_or_else(|| {
        let reason = "elision filter requires [articles] or [articles_path] setting";
        Exception::illegal_argument(reason)
    })?;
    let articles = articles.iter().map(|word| if ignore_case { lower(word) } else { word.clone() });
    Ok(Arc::new(Elision { articles: articles.collect(), ignore_case }))
}

impl Elision {
    /// Takes `articles` away, in any case.
    pub(in crate::analysis) fn of(articles: &[&str]) -> Elision {
        let articles = articles.iter().map(|word| (*word).to_owned()).collect();
        Elision { articles, ignore_case: true }
    }
}

impl TokenFilter for Elision {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }

    fn is_normalizing(&self) -> bool {
        true
    }
}

impl TokenChange for Elision {
    fn change(&self, token: &mut Token) -> bool {
        if let Some((article, word)) = token.text.split_once(['\'', '\u{2019}'])
            && holds(&self.articles, article, self.ignore_case)
        {
            token.text = word.to_owned();
        }
        true
    }
}
