//! `icu_analyzer` of the plugin `analysis-icu`: a text in a normal form, its words, folded.

use std::sync::Arc;

use crate::analysis::Analyzer;
use crate::analysis::char_filters::IcuNormalizer;
use crate::analysis::icu::Normalizer;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::analysis::token_filters::IcuFolding;
use crate::analysis::tokenizers::IcuTokenizer;
use crate::exception::Exception;

pub(super) fn parse(settings: &PartSettings<'_>, _: &Parts) -> Result<Analyzer, Exception> {
    settings.only(&["method", "mode"])?;
    let decompose = match settings.text("mode") {
        None | Some("compose") => false,
        Some("decompose") => true,
        Some(other) => {
            return Err(Exception::illegal_argument(format!(
                "Unknown mode [{other}] in analyzer [{}], expected one of [compose, decompose]",
                settings.name()
            )));
        }
    };
    let normalizer = Normalizer::named(settings, "method", decompose)?;
    let mut analyzer = Analyzer::new(Arc::new(IcuTokenizer), vec![Arc::new(IcuFolding::default())]);
    analyzer.char_filters.push(Arc::new(IcuNormalizer(normalizer)));
    Ok(analyzer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_analyzed_as_by_lucene() {
        // What Lucene 9.12.1 makes of each with ICU 74.2: words, and where they stand, in UTF-16 units.
        let settings = PartSettings::bare("icu_analyzer");
        let analyzer = parse(&settings, &Parts::default()).unwrap();
        let mut wrong = Vec::new();
        for line in include_str!("../icu/analyzed.txt").lines() {
            let mut cells = line.split('\t');
            let text = cells.next().unwrap();
            let theirs: Vec<&str> = cells.collect();
            let units = |end: u32| text.get(..end as usize).unwrap().encode_utf16().count();
            let tokens = analyzer.tokens(text);
            let shown = tokens.iter().map(|token| {
                format!("{} {} {}", token.text, units(token.start_offset), units(token.end_offset))
            });
            let ours: Vec<String> = shown.collect();
            if ours != theirs {
                wrong.push(format!("{text}: {ours:?}, theirs {theirs:?}"));
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }
}
