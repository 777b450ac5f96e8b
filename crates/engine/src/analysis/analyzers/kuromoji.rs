//! `kuromoji` of the plugin `analysis-kuromoji`: words of Japanese in their base forms, without particles and stop words.

use std::sync::Arc;

use crate::analysis::Analyzer;
use crate::analysis::char_filters::CjkWidth;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::analysis::token_filters::{
    KatakanaStem, KuromojiBaseForm, KuromojiPartOfSpeech, Lowercase, Stop,
};
use crate::analysis::tokenizers::KuromojiTokenizer;
use crate::exception::Exception;

pub(super) fn parse(settings: &PartSettings<'_>, _: &Parts) -> Result<Analyzer, Exception> {
    settings.only(&[
        "mode",
        "user_dictionary",
        "user_dictionary_rules",
        "stopwords",
        "stopwords_path",
    ])?;
    let tokenizer = KuromojiTokenizer::read(settings, true)?;
    let stop = Stop::read(settings, "_japanese_")?;
    let mut analyzer = Analyzer::new(
        Arc::new(tokenizer),
        vec![
            Arc::new(KuromojiBaseForm),
            Arc::new(KuromojiPartOfSpeech::default()),
            Arc::new(stop),
            Arc::new(KatakanaStem::default()),
            Arc::new(Lowercase),
        ],
    );
    analyzer.char_filters.push(Arc::new(CjkWidth));
    Ok(analyzer)
}
