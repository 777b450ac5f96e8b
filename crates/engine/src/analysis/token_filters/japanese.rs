//! The token filters of the plugin `analysis-kuromoji`: `ja_stop` and `kuromoji_stemmer`, and those that ask what the dictionary
//! says of the words of `kuromoji_tokenizer`.

use std::collections::HashSet;
use std::sync::Arc;

use super::stop::Stop;
use crate::analysis::Token;
use crate::analysis::kuromoji::{Morpheme, romanized};
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenChange, TokenFilter};
use crate::exception::Exception;

pub(super) fn parse_stop(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["stopwords", "stopwords_path", "ignore_case", "remove_trailing"])?;
    Stop::parse(settings, "_japanese_")
}

/// Takes the mark of a long vowel from the end of words in Katakana (Lucene's `JapaneseKatakanaStemFilter`).
#[derive(Debug)]
pub(in crate::analysis) struct KatakanaStem {
    /// Letters that a word has at least.
    least: usize,
}

/// Letters that a word has at least whose mark is taken, where nobody says how many.
const STEM_LEAST: usize = 4;

impl Default for KatakanaStem {
    fn default() -> KatakanaStem {
        KatakanaStem { least: STEM_LEAST }
    }
}

pub(super) fn parse_stemmer(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["minimum_length"])?;
    let least = settings.count("minimum_length", STEM_LEAST)?;
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

/// Words in their base forms (Lucene's `JapaneseBaseFormFilter`).
#[derive(Debug)]
pub(in crate::analysis) struct KuromojiBaseForm;

pub(super) fn parse_base_form(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(KuromojiBaseForm))
}

impl TokenFilter for KuromojiBaseForm {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }

    fn shows_keyword(&self) -> bool {
        true
    }
}

impl TokenChange for KuromojiBaseForm {
    fn change(&self, token: &mut Token) -> bool {
        let base = token.morpheme.as_deref().and_then(Morpheme::base_form);
        if let Some(base) = base.filter(|_| !token.keyword) {
            base.clone_into(&mut token.text);
        }
        true
    }
}

/// Takes words of some parts of speech out (Lucene's `JapanesePartOfSpeechStopFilter`).
#[derive(Debug)]
pub(in crate::analysis) struct KuromojiPartOfSpeech {
    tags: HashSet<String>,
}

/// The parts of speech that are taken out where nobody names some: particles, auxiliaries, signs (Lucene's `stoptags.txt`).
const STOP_TAGS: &[&str] = &[
    "接続詞",
    "助詞",
    "助詞-格助詞",
    "助詞-格助詞-一般",
    "助詞-格助詞-引用",
    "助詞-格助詞-連語",
    "助詞-接続助詞",
    "助詞-係助詞",
    "助詞-副助詞",
    "助詞-間投助詞",
    "助詞-並立助詞",
    "助詞-終助詞",
    "助詞-副助詞／並立助詞／終助詞",
    "助詞-連体化",
    "助詞-副詞化",
    "助詞-特殊",
    "助動詞",
    "記号",
    "記号-一般",
    "記号-読点",
    "記号-句点",
    "記号-空白",
    "記号-括弧開",
    "記号-括弧閉",
    "その他-間投",
    "フィラー",
    "非言語音",
];

impl Default for KuromojiPartOfSpeech {
    fn default() -> KuromojiPartOfSpeech {
        KuromojiPartOfSpeech { tags: STOP_TAGS.iter().map(|tag| (*tag).to_owned()).collect() }
    }
}

pub(super) fn parse_part_of_speech(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["stoptags", "stoptags_path"])?;
    let tags = settings.words("stoptags")?;
    Ok(Arc::new(match tags {
        Some(tags) => KuromojiPartOfSpeech { tags: tags.into_iter().collect() },
        None => KuromojiPartOfSpeech::default(),
    }))
}

impl TokenFilter for KuromojiPartOfSpeech {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }
}

impl TokenChange for KuromojiPartOfSpeech {
    fn change(&self, token: &mut Token) -> bool {
        let speech = token.morpheme.as_deref().and_then(Morpheme::part_of_speech);
        speech.is_none_or(|speech| !self.tags.contains(speech))
    }
}

/// Words as they are read, in Katakana or in Latin letters (Lucene's `JapaneseReadingFormFilter`).
#[derive(Debug)]
struct KuromojiReadingForm {
    romaji: bool,
}

pub(super) fn parse_reading_form(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["use_romaji"])?;
    Ok(Arc::new(KuromojiReadingForm { romaji: settings.flag("use_romaji", false)? }))
}

impl TokenFilter for KuromojiReadingForm {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }
}

impl TokenChange for KuromojiReadingForm {
    fn change(&self, token: &mut Token) -> bool {
        let read = token.morpheme.as_deref().and_then(Morpheme::reading).map(str::to_owned);
        let spelled = || token.text.chars().any(is_hiragana).then(|| katakana(&token.text));
        let reading = read.or_else(spelled);
        if self.romaji {
            token.text = romanized(reading.as_deref().unwrap_or(&token.text));
        } else if let Some(reading) = reading {
            token.text = reading;
        }
        true
    }
}

fn is_hiragana(letter: char) -> bool {
    ('\u{3041}'..='\u{3096}').contains(&letter)
}

/// Hiragana as Katakana.
fn katakana(text: &str) -> String {
    let other = |letter| char::from_u32(u32::from(letter) + 0x60).filter(|_| is_hiragana(letter));
    text.chars().map(|letter| other(letter).unwrap_or(letter)).collect()
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
