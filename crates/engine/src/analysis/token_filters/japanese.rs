//! Of the plugin `analysis-kuromoji` what needs no dictionary: `ja_stop` and `kuromoji_stemmer`.

use std::sync::Arc;

use super::stop::Stop;
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenChange, TokenFilter};
use crate::exception::Exception;

pub(super) fn parse_stop(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["stopwords", "stopwords_path", "ignore_case", "remove_trailing"])?;
    Stop::parse(settings, "_japanese_")
}

/// Takes the mark of a long vowel from the end of words in Katakana (Lucene's `JapaneseKatakanaStemFilter`).
#[derive(Debug)]
struct KatakanaStem {
    /// Letters that a word has at least.
    least: usize,
}

pub(super) fn parse_stemmer(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["minimum_length"])?;
    let least = settings.count("minimum_length", 4)?;
    if least == 0 {
        return Err(Exception::illegal_argument(
            "Illegal minimumLength 0, must be greater than or equal to 1",
        ));
    }
    Ok(Arc::new(KatakanaStem { least }))
}

impl TokenFilter for KatakanaStem {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }

    fn shows_keyword(&self) -> bool {
        true
    }
}

impl TokenChange for KatakanaStem {
    fn change(&self, token: &mut Token) -> bool {
        let is_katakana = |letter| ('\u{30A0}'..='\u{30FF}').contains(&letter);
        let applies = !token.keyword
            && token.text.ends_with('\u{30FC}')
            && token.text.chars().all(is_katakana)
            && token.text.chars().count() >= self.least;
        if applies {
            token.text.pop();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::analysis::Analyzers;

    fn terms(filter: serde_json::Value, text: &str) -> String {
        let analysis = json!({
            "filter": {"f": filter},
            "analyzer": {"a": {"tokenizer": "whitespace", "filter": ["f"]}}
        });
        let analyzers = Analyzers::from_settings(&analysis).unwrap();
        let tokens = analyzers.get("a").unwrap().tokens(text);
        let terms: Vec<String> = tokens.into_iter().map(|token| token.text).collect();
        terms.join(" ")
    }

    #[test]
    fn long_vowels_at_the_end_of_katakana_are_cut_as_by_lucene() {
        let text =
            "コンピューター サーバー カー コピー コーヒー スーパーー ﾊﾞｰｰｰ ひらがなー ーーーー";
        let stems = "コンピュータ サーバ カー コピー コーヒ スーパー ﾊﾞｰｰｰ ひらがなー ーーー";
        assert_eq!(terms(json!({"type": "kuromoji_stemmer"}), text), stems);
        let shorter = json!({"type": "kuromoji_stemmer", "minimum_length": 2});
        assert_eq!(terms(shorter, "カー コピー ー"), "カ コピ ー");
    }

    #[test]
    fn common_words_of_japanese_are_taken_out() {
        let text = "これ は 日本 の ストップ";
        assert_eq!(terms(json!({"type": "ja_stop"}), text), "日本 ストップ");
        let own = json!({"type": "ja_stop", "stopwords": ["_japanese_", "ストップ"]});
        assert_eq!(terms(own, text), "日本");
    }
}
