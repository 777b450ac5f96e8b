//! Tokens are those of Lucene 9.12.1 with its own IPADIC; these tests need the same dictionary from Debian.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::JapaneseDictionary;
use crate::analysis::{Analyzers, TextPieces, Token};
use crate::work::Cancel;

/// Where Debian's package `mecab-ipadic-utf8` puts it.
const IPADIC: &str = "/var/lib/mecab/dic/ipadic-utf8";

/// The user's words that the rows with `user` go by.
const RULES: &[&str] = &[
    "日本経済新聞,日本 経済 新聞,ニホン ケイザイ シンブン,カスタム名詞",
    "関西国際空港,関西国際空港,カンサイコクサイクウコウ,カスタム名詞",
    "朝青龍,朝青龍,アサショウリュウ,カスタム人名",
    "東京スカイツリー,東京 スカイツリー,トウキョウ スカイツリー,カスタム施設",
    "C++,C++,シープラプラ,カスタム名詞",
];

/// Read once for all tests.
static JAPANESE: LazyLock<Arc<JapaneseDictionary>> = LazyLock::new(|| {
    let dictionary = JapaneseDictionary::in_folder(Path::new(IPADIC));
    let hint = "apt-get install mecab-ipadic-utf8, or do not run ignored tests";
    Arc::new(dictionary.unwrap_or_else(|what| panic!("{what}: {hint}")))
});

fn japanese() -> Option<Arc<JapaneseDictionary>> {
    Some(Arc::clone(&JAPANESE))
}

fn analyzers(tokenizer: &Value, filters: &Value) -> Analyzers {
    let analysis = json!({
        "tokenizer": {"t": tokenizer},
        "filter": {"romaji": {"type": "kuromoji_readingform", "use_romaji": true}},
        "analyzer": {"a": {"tokenizer": "t", "filter": filters}}
    });
    Analyzers::with_japanese(japanese()).defining(&analysis).unwrap()
}

/// The tokenizer of a row: mode, whether signs and compounds are discarded, whether there are a user's words, `nbest_cost`.
fn tokenizer(row: &str) -> Value {
    let columns: Vec<&str> = row.split(',').collect();
    let mut tokenizer = json!({
        "type": "kuromoji_tokenizer",
        "mode": columns[0],
        "discard_punctuation": columns[1] == "1",
        "discard_compound_token": columns[2] == "1",
        "nbest_cost": columns[4],
    });
    if columns[3] == "1" {
        tokenizer["user_dictionary_rules"] = json!(RULES);
    }
    tokenizer
}

/// A token as the rows show it: its text, its place in UTF-16, its position, its reach, and what the dictionary says.
fn shown(token: &Token, text: &str) -> String {
    let units = |end: u32| text.get(..end as usize).unwrap().encode_utf16().count();
    let morpheme = token.morpheme.as_deref().unwrap();
    let columns = [
        token.text.clone(),
        units(token.start_offset).to_string(),
        units(token.end_offset).to_string(),
        token.position.to_string(),
        token.position_length.to_string(),
        morpheme.part_of_speech().unwrap_or_default().to_owned(),
        morpheme.base_form().unwrap_or_default().to_owned(),
        morpheme.reading().unwrap_or_default().to_owned(),
        morpheme.pronunciation().unwrap_or_default().to_owned(),
        morpheme.inflection_type().unwrap_or_default().to_owned(),
        morpheme.inflection_form().unwrap_or_default().to_owned(),
    ];
    columns.join("|")
}

/// The differences of rows from what is made here. Where a row's tokens are cut short, only as much is compared.
fn differences(rows: &str) -> (usize, Vec<String>) {
    differences_behind(rows, &json!([]))
}

/// The same, behind filters.
fn differences_behind(rows: &str, filters: &Value) -> (usize, Vec<String>) {
    let (mut wrong, mut count) = (Vec::new(), 0);
    let mut made: Option<(String, Analyzers)> = None;
    for line in rows.lines() {
        let mut cells = line.split('\t');
        let (row, text) = (cells.next().unwrap(), cells.next().unwrap());
        if made.as_ref().is_none_or(|(own, _)| own != row) {
            made = Some((row.to_owned(), analyzers(&tokenizer(row), filters)));
        }
        let tokens = made.as_ref().unwrap().1.get("a").unwrap().tokens(text);
        let theirs: Vec<&str> = cells.collect();
        let is_equal = |(token, theirs): (&Token, &&str)| {
            let ours = shown(token, text);
            ours == **theirs || ours.starts_with(&format!("{theirs}|"))
        };
        if tokens.len() != theirs.len() || !tokens.iter().zip(&theirs).all(is_equal) {
            let ours: Vec<String> = tokens.iter().map(|token| shown(token, text)).collect();
            wrong.push(format!(
                "{row} {text}\n  ours   {}\n  theirs {}",
                ours.join(" "),
                theirs.join(" ")
            ));
        }
        count += 1;
    }
    (count, wrong)
}

#[test]
fn without_a_dictionary_the_setting_and_the_package_are_named() {
    let analyzers = Analyzers::default();
    let refusal = analyzers.named("kuromoji").unwrap_err();
    assert_eq!(refusal.status(), 501);
    for part in ["engine.japanese_dictionary", "mecab-ipadic-utf8"] {
        assert!(refusal.reason().contains(part), "{}", refusal.reason());
    }
    let analysis = json!({"analyzer": {"a": {"tokenizer": "kuromoji_tokenizer"}}});
    assert_eq!(Analyzers::from_settings(&analysis).unwrap_err().status(), 501);
}

#[test]
fn a_folder_that_has_no_dictionary_is_refused_with_its_file() {
    let what = JapaneseDictionary::in_folder(Path::new("/nowhere")).unwrap_err();
    assert!(what.starts_with("/nowhere/sys.dic: "), "{what}");
}

mod with_ipadic {
    use super::*;

    #[test]
    #[ignore = "needs Debian's package mecab-ipadic-utf8"]
    fn tokens_are_those_of_lucene_in_every_mode() {
        // `KUROMOJI_ROWS` names a longer file of such rows.
        let longer =
            std::env::var("KUROMOJI_ROWS").map(|path| std::fs::read_to_string(path).unwrap());
        let (count, wrong) = differences(longer.as_deref().unwrap_or(include_str!("tokens.txt")));
        assert!(
            wrong.is_empty(),
            "{} of {count} wrong:\n{}",
            wrong.len(),
            wrong[..wrong.len().min(40)].join("\n")
        );
        assert!(count > 500, "{count}");
    }

    #[test]
    #[ignore = "needs Debian's package mecab-ipadic-utf8"]
    fn numbers_of_several_tokens_become_one_as_by_lucene() {
        let rows = include_str!("number_tokens.txt");
        let (count, wrong) = differences_behind(rows, &json!(["kuromoji_number"]));
        assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    #[test]
    #[ignore = "needs Debian's package mecab-ipadic-utf8"]
    fn a_long_text_has_the_same_tokens_in_pieces() {
        let sentences =
            include_str!("tokens.txt").lines().map(|line| line.split('\t').nth(1).unwrap());
        let text: String = sentences.collect();
        for row in ["search,1,0,0,0", "normal,0,1,0,3000", "extended,1,0,1,0"] {
            let analyzer = analyzers(&tokenizer(row), &json!([])).get("a").unwrap();
            let whole = analyzer.tokens(&text);
            let mut pieces = TextPieces::new(&analyzer, &text);
            let mut parts = Vec::new();
            let mut count = 0;
            while let Some((_, tokens)) = pieces.next_piece(1000, &Cancel::new()).unwrap() {
                parts.extend(tokens);
                count += 1;
            }
            assert!(count > 10, "{count}");
            assert_eq!(parts.len(), whole.len(), "{row}");
            let different = parts.iter().zip(&whole).find(|(part, token)| part != token);
            assert!(different.is_none(), "{row}: {different:?}");
        }
    }

    #[test]
    #[ignore = "needs Debian's package mecab-ipadic-utf8"]
    fn a_text_without_any_break_is_parsed_within_bounds() {
        for text in ["あ".repeat(3_000), "。".repeat(20_000), "x".repeat(4_000), "𠮷".repeat(2_000)]
        {
            let analyzer =
                analyzers(&json!({"type": "kuromoji_tokenizer"}), &json!([])).get("a").unwrap();
            let tokens = analyzer.tokens(&text);
            let covered: usize = tokens.iter().map(|token| token.text.len()).sum();
            assert!(text.starts_with('。') || covered >= text.len(), "{covered} of {}", text.len());
        }
    }

    #[test]
    #[ignore = "needs Debian's package mecab-ipadic-utf8"]
    fn examples_say_which_words_stand_beside_the_best() {
        let tokenizer =
            json!({"type": "kuromoji_tokenizer", "nbest_examples": "/箱根山-箱根/成田空港-成田/"});
        let analyzer = analyzers(&tokenizer, &json!([])).get("a").unwrap();
        let terms: Vec<String> =
            analyzer.tokens("鳩山積み").into_iter().map(|token| token.text).collect();
        // The example of Elasticsearch's documentation.
        assert_eq!(terms, ["鳩", "鳩山", "山積み", "積み"]);
    }

    #[test]
    #[ignore = "needs Debian's package mecab-ipadic-utf8"]
    fn filters_read_what_the_dictionary_says() {
        let terms = |filters: &Value, text: &str| {
            let tokenizer = json!({"type": "kuromoji_tokenizer"});
            let tokens = analyzers(&tokenizer, filters).get("a").unwrap().tokens(text);
            tokens.into_iter().map(|token| token.text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(terms(&json!(["kuromoji_baseform"]), "飲みに行った"), "飲む に 行く た");
        assert_eq!(terms(&json!(["kuromoji_part_of_speech"]), "寿司がおいしいね"), "寿司 おいしい");
        assert_eq!(terms(&json!(["kuromoji_readingform"]), "寿司を食べた"), "スシ ヲ タベ タ");
        assert_eq!(terms(&json!(["romaji"]), "寿司とコーヒー"), "sushi to kohi");
    }

    #[test]
    #[ignore = "needs Debian's package mecab-ipadic-utf8"]
    fn the_analyzer_leaves_base_forms_without_particles() {
        let analyzers = Analyzers::with_japanese(japanese());
        let rows = include_str!("analyzed.txt").lines();
        let wrong: Vec<String> = rows
            .filter_map(|line| {
                let mut cells = line.split('\t');
                let text = cells.next()?;
                let units = |end: u32| text.get(..end as usize).unwrap().encode_utf16().count();
                let tokens = analyzers.named("kuromoji").unwrap().unwrap().tokens(text);
                let ours = tokens.iter().map(|token| {
                    let (start, end) = (units(token.start_offset), units(token.end_offset));
                    format!("{}|{start}|{end}|{}", token.text, token.position)
                });
                let (ours, theirs) = (ours.collect::<Vec<_>>(), cells.collect::<Vec<_>>());
                (ours != theirs).then(|| format!("{text}: {ours:?}, theirs {theirs:?}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }
}
