//! Katakana in Latin letters, by the system of Hepburn as Lucene's `ToStringUtil` has it.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Syllables, and letters for them: the longest that fits is taken.
const SYLLABLES: &str = "ァ a ア a ィ i イ i イィ yi イェ ye ゥ u ウ u ウァ wa ウィ wi ウゥ wu ウェ we ウォ wo ウュ wyu ェ e エ e ォ o オ o オウ ō \
カ ka ガ ga キ ki キェ kye キャ kya キュ kyu キュウ kyū キョ kyo キョウ kyō ギ gi ギェ gye ギャ gya ギュ gyu ギュウ gyū ギョ gyo ギョウ gyō \
ク ku クァ kwa クィ kwi クェ kwe クォ kwo クヮ kwa グ gu グァ gwa グィ gwi グェ gwe グォ gwo グヮ gwa ケ ke ゲ ge コ ko コウ kō ゴ go ゴウ gō \
サ sa ザ za シ shi シェ she シャ sha シュ shu シュウ shū ショ sho ショウ shō ジ ji ジェ je ジャ ja ジュ ju ジュウ jū ジョ jo ジョウ jō \
ス su スィ si ズ zu ズィ zi セ se ゼ ze ソ so ソウ sō ゾ zo ゾウ zō \
タ ta ダ da チ chi チェ che チャ cha チュ chu チュウ chū チョ cho チョウ chō ヂ ji ヂェ je ヂャ ja ヂュ ju ヂュウ jū ヂョ jo ヂョウ jō \
ツ tsu ツァ tsa ツィ tsi ツェ tse ツォ tso ツュ tsyu ヅ zu テ te ティ ti テゥ tu テュ tyu デ de ディ di デュ dyu ト to トゥ tu トウ tō ド do ドゥ du ドウ dō \
ナ na ニ ni ニェ nye ニャ nya ニュ nyu ニュウ nyū ニョ nyo ニョウ nyō ヌ nu ネ ne ノ no ノウ nō \
ハ ha バ ba パ pa ヒ hi ヒェ hye ヒャ hya ヒュ hyu ヒュウ hyū ヒョ hyo ヒョウ hyō ビ bi ビェ bye ビャ bya ビュ byu ビュウ byū ビョ byo ビョウ byō \
ピ pi ピェ pye ピャ pya ピュ pyu ピュウ pyū ピョ pyo ピョウ pyō フ fu ファ fa フィ fi フィェ fye フェ fe フォ fo フャ fya フュ fyu フョ fyo \
ブ bu プ pu ヘ he ベ be ペ pe ホ ho ホゥ hu ホウ hō ボ bo ボウ bō ポ po ポウ pō \
マ ma ミ mi ミェ mye ミャ mya ミュ myu ミュウ myū ミョ myo ミョウ myō ム mu メ me モ mo モウ mō \
ャ ya ヤ ya ュ yu ユ yu ョ yo ヨ yo ヨウ yō ラ ra ラ゜ la リ ri リ゜ li リェ rye リャ rya リュ ryu リュウ ryū リョ ryo リョウ ryō \
ル ru ル゜ lu レ re レ゜ le ロ ro ロ゜ lo ロウ rō ヮ wa ワ wa ヰ i ヱ e ヲ o ン n ヴ v ヴィェ vye ヷ va ヸ vi ヹ ve ヺ vo";

static LATIN: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let words: Vec<&str> = SYLLABLES.split_whitespace().collect();
    words.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect()
});

/// Characters of the longest syllable.
const LONGEST: usize = 3;

/// `text` in Latin letters; what is no Katakana stays.
pub(in crate::analysis) fn romanized(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let behind = rest.get(first.len_utf8()..).unwrap_or_default();
        let next = behind.chars().next();
        match first {
            'ー' => {}
            'ッ' => out.extend(next.and_then(doubled)),
            'ン' => out.push_str(match next {
                Some(
                    'バ'
                    | 'パ'
                    | 'ビ'
                    | 'ピ'
                    | 'ブ'
                    | 'プ'
                    | 'ベ'
                    | 'ペ'
                    | 'ボ'
                    | 'ポ'
                    | 'マ'..='モ',
                ) => "m",
                Some('ア' | 'イ' | 'ウ' | 'エ' | 'オ' | 'ヤ' | 'ユ' | 'ヨ') => "n'",
                _ => "n",
            }),
            _ => {
                let ends = rest.char_indices().map(|(at, letter)| at + letter.len_utf8());
                let ends: Vec<usize> = ends.take(LONGEST).collect();
                let syllable =
                    ends.iter().rev().find_map(|end| Some((*end, LATIN.get(rest.get(..*end)?)?)));
                match syllable {
                    Some((end, latin)) => {
                        out.push_str(latin);
                        rest = rest.get(end..).unwrap_or_default();
                        continue;
                    }
                    None => out.push(first),
                }
            }
        }
        rest = behind;
    }
    out
}

/// The letter that a small tsu doubles.
fn doubled(next: char) -> Option<char> {
    Some(match next {
        'カ' | 'キ' | 'ク' | 'ケ' | 'コ' => 'k',
        'サ' | 'シ' | 'ス' | 'セ' | 'ソ' => 's',
        'タ' | 'チ' | 'ツ' | 'テ' | 'ト' => 't',
        'パ' | 'ピ' | 'プ' | 'ペ' | 'ポ' => 'p',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn katakana_becomes_latin_as_by_lucene() {
        for (kana, latin) in [
            ("トウキョウ", "tōkyō"),
            ("コンピューター", "kompyuta"),
            ("シンヨウ", "shin'yō"),
            ("ガッコウ", "gakkō"),
            ("マッチ", "matchi"),
            ("アッ", "a"),
            ("キュウシュウ", "kyūshū"),
            ("ヴィェ", "vye"),
            ("ハンバーガー abc", "hambaga abc"),
            ("ラ゜", "la"),
        ] {
            assert_eq!(romanized(kana), latin, "{kana}");
        }
    }
}
