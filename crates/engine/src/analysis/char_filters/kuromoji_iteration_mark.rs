//! `kuromoji_iteration_mark` of the plugin `analysis-kuromoji`: what Japanese marks repeat, in the place of the marks (`時々` as
//! `時時`). Source: Lucene's `JapaneseIterationMarkCharFilter`.

use std::sync::Arc;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{CharFilter, FilteredBuilder};
use crate::exception::Exception;

/// Which marks are replaced.
#[derive(Debug)]
struct IterationMarks {
    kanji: bool,
    kana: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn CharFilter>, Exception> {
    settings.only(&["normalize_kanji", "normalize_kana"])?;
    let kanji = settings.flag("normalize_kanji", true)?;
    Ok(Arc::new(IterationMarks { kanji, kana: settings.flag("normalize_kana", true)? }))
}

impl IterationMarks {
    fn is_mark(&self, letter: char) -> bool {
        match letter {
            '々' => self.kanji,
            'ゝ' | 'ゞ' | 'ヽ' | 'ヾ' => self.kana,
            _ => false,
        }
    }
}

impl CharFilter for IterationMarks {
    fn run(&self, text: &str, out: &mut FilteredBuilder) {
        let letters: Vec<(usize, char)> = text.char_indices().collect();
        // Marks up to the second place repeat what stands so many places before; nothing before the end is repeated again.
        let (mut end, mut places) = (0, 0);
        for (place, (at, letter)) in letters.iter().copied().enumerate() {
            if letter == '。' || letter.len_utf16() == 2 {
                end = place + 1;
            }
            if !self.is_mark(letter) {
                out.text.push(letter);
                continue;
            }
            if place == end {
                // A mark that has nothing to repeat stays.
                end += 1;
                out.text.push(letter);
                continue;
            }
            if place > end {
                let rest = letters.get(place..).unwrap_or_default();
                let marks = rest.iter().take_while(|(_, letter)| self.is_mark(*letter)).count();
                places = marks.min(place - end);
                end = place + places;
            }
            let source = letters.get(place - places).map_or(letter, |(_, source)| *source);
            let repeated = repeated(source, letter);
            out.replace(repeated.encode_utf8(&mut [0; 4]), at + letter.len_utf8());
        }
    }
}

/// What `mark` makes of the letter that it repeats.
fn repeated(letter: char, mark: char) -> char {
    let (voiced, first, last) = match mark {
        'ゝ' => (false, 'か', 'ぼ'),
        'ゞ' => (true, 'か', 'ぼ'),
        'ヽ' => (false, 'カ', 'ボ'),
        'ヾ' => (true, 'カ', 'ボ'),
        _ => return letter,
    };
    if !(first..=last).contains(&letter) {
        return letter;
    }
    // A letter with a voice stands behind the one without it. Lucene takes every letter that cannot get a voice for one that
    // has it, so `なゝ` becomes `など`.
    let code = u32::from(letter);
    let other = match (can_be_voiced(code), voiced) {
        (true, true) => code + 1,
        (false, false) => code - 1,
        _ => code,
    };
    char::from_u32(other).unwrap_or(letter)
}

/// Whether this letter of a table of kana from `か` or `カ` on has a partner with a voice.
fn can_be_voiced(code: u32) -> bool {
    let place = if code >= 0x30A0 { code - 0x30AB } else { code.saturating_sub(0x304B) };
    match place {
        // Up to `ぢ`, then behind the small `っ`, then those of `は`, which have two partners.
        0..=23 => place % 2 == 0,
        25..=30 => place % 2 == 1,
        36..=48 => (place - 36) % 3 == 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::steps::filtered;

    // long: texts, and what Lucene makes of them
    #[test]
    fn marks_are_replaced_as_by_lucene() {
        // What Lucene 9.12.1 makes of each.
        for (kanji, kana, text, expected) in [
            (true, true, "リヽ", "リリ"),
            (true, true, "もゝ", "もも"),
            (true, true, "ウヾ", "ウウ"),
            (true, true, "ヱヾ", "ヱヱ"),
            (true, true, "ヒヾ", "ヒビ"),
            (true, true, "えゝ", "ええ"),
            (true, true, "ヂヽ", "ヂチ"),
            (true, true, "むゞ", "むむ"),
            (true, true, "ヱヽ", "ヱヱ"),
            (true, true, "ぎゝ", "ぎき"),
            (true, true, "どゝ", "どと"),
            (true, true, "そゞ", "そぞ"),
            (true, true, "オヽ", "オオ"),
            (true, true, "ッヽ", "ッヂ"),
            (true, true, "むゝ", "むむ"),
            (true, true, "ガヽ", "ガカ"),
            (true, true, "ブヽ", "ブフ"),
            (true, true, "せゝ", "せせ"),
            (true, true, "ポヾ", "ポポ"),
            (true, true, "いゝ", "いい"),
            (true, true, "へゝ", "へへ"),
            (true, true, "コヽ", "ココ"),
            (true, true, "よゞ", "よよ"),
            (true, true, "はゞ", "はば"),
            (true, true, "ギヾ", "ギギ"),
            (true, true, "どゞ", "どど"),
            (true, true, "こゝ", "ここ"),
            (true, true, "つゞ", "つづ"),
            (true, true, "ラヽ", "ララ"),
            (true, true, "ゼヾ", "ゼゼ"),
            (true, true, "ちゝ", "ちち"),
            (true, true, "ぢゞ", "ぢぢ"),
            (true, true, "ぁゝ", "ぁぁ"),
            (true, true, "あゝ", "ああ"),
            (true, true, "ぶゞ", "ぶぶ"),
            (true, true, "にゝ", "にな"),
            (true, true, "にゞ", "にに"),
            (true, true, "るゝ", "るる"),
            (true, true, "ゑゝ", "ゑゑ"),
            (true, true, "びゞ", "びび"),
            (true, true, "フヽ", "フフ"),
            (true, true, "ルヽ", "ルル"),
            (true, true, "ふゝ", "ふふ"),
            (true, true, "びゝ", "びひ"),
            (true, true, "キヽ", "キキ"),
            (true, true, "ろゝ", "ろろ"),
            (true, true, "うゞ", "うう"),
            (true, true, "ェヽ", "ェェ"),
            (true, true, "サヽ", "ササ"),
            (true, true, "てゝ", "てて"),
            (true, true, "やゞ", "やや"),
            (true, true, "けゞ", "けげ"),
            (true, true, "ゕゞ", "ゕゕ"),
            (true, true, "ゎゝ", "ゎゎ"),
            (true, true, "ュヽ", "ュュ"),
            (true, true, "メヽ", "メメ"),
            (true, true, "ぁゞ", "ぁぁ"),
            (true, true, "ャヾ", "ャャ"),
            (true, true, "ァヾ", "ァァ"),
            (true, true, "ゐゝ", "ゐゐ"),
            (true, true, "𠮷人ヾば々馬", "𠮷人人ばば馬"),
            (true, true, "ぱぱカ々うゞ", "ぱぱカカうう"),
            (true, true, "ゞ馬時かカ々々", "ゞ馬時かカかカ"),
            (true, true, "か馬うかゞカ", "か馬うかがカ"),
            (true, true, "aガうか鹿", "aガうか鹿"),
            (true, true, "かか々ば々ガぱガヽ。", "かかかばばガぱガカ。"),
            (true, true, "かカ々は馬", "かカカは馬"),
            (true, true, "ガa𠮷馬か々は々", "ガa𠮷馬かかはは"),
            (true, true, "鹿。鹿ゞが々aば", "鹿。鹿鹿ががaば"),
            (true, true, "々ゝ馬。", "々ゝ馬。"),
            (true, true, "々が", "々が"),
            (true, true, "。ゝ人ゝ々う々", "。ゝ人人々うう"),
            (true, true, "aガゝ々々々ヽはガ々", "aガaガ々々ヽはガガ"),
            (true, true, "ば人。", "ば人。"),
            (true, true, "ゝ。々は々ヽががゝ", "ゝ。々ははヽががか"),
            (true, true, "々𠮷", "々𠮷"),
            (true, true, "々々々ゝ", "々々々ゝ"),
            (true, true, "ゝ鹿a時鹿ゞガヽ", "ゝ鹿a時鹿鹿ガカ"),
            (true, true, "々ゞ", "々ゞ"),
            (true, true, "鹿々がガ々ゞ々ぱゝ", "鹿鹿がガがガ々ぱば"),
            (true, true, "々人aは。", "々人aは。"),
            (true, true, "ヽ馬々々ゞカ", "ヽ馬馬々ゞカ"),
            (true, true, "鹿時うカガ", "鹿時うカガ"),
            (true, true, "はか", "はか"),
            (true, true, "う々々時ぱ", "うう々時ぱ"),
            (true, true, "う々人カ々aゝ々", "うう人カカaa々"),
            (true, true, "々ゞぱa馬々々ガ", "々ゞぱa馬a馬ガ"),
            (true, true, "う。ゞ々", "う。ゞ々"),
            (true, true, "々々ガ々", "々々ガガ"),
            (true, true, "々ヽが々ヾヾゞ時々々", "々ヽががヾヾゞ時時々"),
            (true, true, "時人", "時人"),
            (true, true, "𠮷か。ヽガ々𠮷時ぱ", "𠮷か。ヽガガ𠮷時ぱ"),
            (true, true, "はゝがは々。々", "ははがはは。々"),
            (true, true, "𠮷時が。かかヾ", "𠮷時が。かかか"),
            (true, true, "カ々々ガゝ", "カカ々ガガ"),
            (true, true, "ば々々馬", "ばば々馬"),
            (true, true, "ゝ。ヾヾ。ヾ鹿々", "ゝ。ヾヾ。ヾ鹿鹿"),
            (true, true, "ぱうぱ々ヾカ々う々", "ぱうぱうぱカカうう"),
            (true, true, "かうぱは。ゞ馬", "かうぱは。ゞ馬"),
            (true, true, "々ば人々人ゝ", "々ば人人人人"),
            (false, true, "ヽはゝゝがガう馬がa", "ヽははゝがガう馬がa"),
            (false, true, "。ゞば", "。ゞば"),
            (false, true, "人々々ゞaガゝば", "人々々々aガガば"),
            (false, true, "々は", "々は"),
            (false, true, "がゝ々馬馬々ば", "がか々馬馬々ば"),
            (false, true, "ゝか人人鹿々ぱばa", "ゝか人人鹿々ぱばa"),
            (false, true, "々馬々うゝカ時𠮷", "々馬々ううカ時𠮷"),
            (false, true, "々ゞ時ガヾ馬", "々々時ガガ馬"),
            (false, true, "馬ぱヾう鹿ヾ鹿鹿ガ", "馬ぱぱう鹿鹿鹿鹿ガ"),
            (false, true, "𠮷ばaぱaa鹿", "𠮷ばaぱaa鹿"),
            (true, false, "々𠮷馬鹿ゝかばかa", "々𠮷馬鹿ゝかばかa"),
            (true, false, "は々馬々𠮷", "はは馬馬𠮷"),
            (true, false, "ゞ々々カ", "ゞゞ々カ"),
            (true, false, "ガう人うは", "ガう人うは"),
            (true, false, "時々々aヽば", "時時々aヽば"),
            (true, false, "a々はガゝゞか𠮷。", "aaはガゝゞか𠮷。"),
            (true, false, "々々人々々ゝう鹿ガ々", "々々人人々ゝう鹿ガガ"),
            (true, false, "うaaか。がガカ", "うaaか。がガカ"),
            (true, false, "ゞ馬々カ", "ゞ馬馬カ"),
            (true, false, "々ゞ", "々ゞ"),
            (true, true, "時々", "時時"),
            (true, true, "馬鹿々々しい", "馬鹿馬鹿しい"),
        ] {
            let filter: Arc<dyn CharFilter> = Arc::new(IterationMarks { kanji, kana });
            assert_eq!(filtered(&[filter], text).text, expected, "{text} {kanji} {kana}");
        }
    }
}
