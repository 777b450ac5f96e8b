use serde_json::json;

use super::{Analyzers, TextPieces, Token, analyzers};
use crate::work::Cancel;

#[test]
fn every_built_in_analyzer_is_there_and_is_made_once() {
    for name in analyzers::built_in() {
        let [first, second] = [(); 2].map(|()| Analyzers::default().get(name).unwrap());
        assert!(std::sync::Arc::ptr_eq(&first, &second), "{name}");
    }
}

fn terms(analyzer: &str, text: &str) -> Vec<String> {
    let analyzers = Analyzers::default();
    analyzers.get(analyzer).unwrap().tokens(text).into_iter().map(|token| token.text).collect()
}

#[test]
fn standard_splits_at_the_word_boundaries_of_uax_29() {
    let text = "The 2 QUICK Brown-Foxes jumped over the lazy dog's bone. foo_bar a.b 3.14 x:y";
    assert_eq!(
        terms("standard", text),
        [
            "the", "2", "quick", "brown", "foxes", "jumped", "over", "the", "lazy", "dog's",
            "bone", "foo_bar", "a.b", "3.14", "x:y"
        ]
    );
}

#[test]
fn standard_makes_one_token_of_each_ideograph_and_one_of_a_thai_run() {
    assert_eq!(
        terms("standard", "日本語 ひら カタカナ 한국어"),
        ["日", "本", "語", "ひ", "ら", "カタカナ", "한국어"]
    );
    assert_eq!(terms("standard", "สวัสดี ครับ"), ["สวัสดี", "ครับ"]);
}

#[test]
fn standard_cuts_tokens_of_more_than_255_characters() {
    let lengths: Vec<usize> = terms("standard", &"x".repeat(600)).iter().map(String::len).collect();
    assert_eq!(lengths, [255, 255, 90]);
}

#[test]
fn token_offsets_are_bytes_of_the_original_text() {
    let tokens = Analyzers::default().get("standard").unwrap().tokens("héé wörld");
    let spans: Vec<_> = tokens.iter().map(|t| (t.start_offset, t.end_offset, t.position)).collect();
    assert_eq!(spans, [(0, 5, 0), (6, 12, 1)]);
}

#[test]
fn english_stems_and_leaves_gaps_where_stop_words_stood() {
    let tokens =
        Analyzers::default().get("english").unwrap().tokens("The foxes' running relational ponies");
    let found: Vec<_> =
        tokens.iter().map(|Token { text, position, .. }| (text.as_str(), *position)).collect();
    assert_eq!(found, [("fox", 1), ("run", 2), ("relat", 3), ("poni", 4)]);
}

#[test]
fn porter_agrees_with_the_examples_of_the_paper() {
    let stems: Vec<String> = terms(
        "english",
        "caresses ties cats feed agreed plastered motoring conflated troubled sized hopping falling \
         hissing failing filing happy sky rational conditional digitizer operator feudalism decisiveness \
         triplicate formative electrical goodness revival adjustable replacement adoption probate rate \
         cease controll roll",
    );
    assert_eq!(
        stems.join(" "),
        "caress ti cat feed agre plaster motor conflat troubl size hop fall hiss fail file happi sky \
         ration condit digit oper feudal decis triplic form electr good reviv adjust replac adopt probat \
         rate ceas control roll"
    );
}

#[test]
fn simple_keeps_letters_only_whitespace_and_keyword_change_nothing() {
    assert_eq!(terms("simple", "It's R2D2"), ["it", "s", "r", "d"]);
    assert_eq!(terms("whitespace", " A  b-C "), ["A", "b-C"]);
    assert_eq!(terms("keyword", " A  b "), [" A  b "]);
    assert_eq!(terms("stop", "The Quick and the Dead"), ["quick", "dead"]);
    assert_eq!(terms("pattern", "One,Two;three_4"), ["one", "two", "three_4"]);
}

#[test]
fn a_custom_analyzer_chains_its_parts_in_order() {
    let analyzers = Analyzers::from_settings(&json!({
        "analyzer": {"mine": {"type": "custom", "tokenizer": "whitespace", "char_filter": ["html_strip", "and"],
            "filter": ["lowercase", "asciifolding", "short"]}},
        "filter": {"short": {"type": "truncate", "length": "4"}},
        "char_filter": {"and": {"type": "mapping", "mappings": ["& => and"]}}
    }))
    .unwrap();
    let tokens = analyzers.get("mine").unwrap().tokens("<b>Éclair</b> & Straße");
    let found: Vec<_> = tokens.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(found, ["ecla", "and", "stra"]);
    assert_eq!((tokens[2].start_offset, tokens[2].end_offset), (17, 24));
}

#[test]
fn a_normalizer_changes_characters_and_cuts_nothing() {
    let analyzers = Analyzers::from_settings(&json!({
        "normalizer": {"mine": {"type": "custom", "filter": ["lowercase", "asciifolding"]}}
    }))
    .unwrap();
    assert_eq!(analyzers.normalizer("mine").unwrap().normalize("Ça Va"), "ca va");
}

#[test]
fn what_is_not_built_is_refused_by_name() {
    for (analysis, seen) in [
        (json!({"analyzer": {"a": {"type": "kuromoji"}}}), "kuromoji"),
        (
            json!({"analyzer": {"a": {"tokenizer": "standard", "filter": ["nori_number"]}}}),
            "nori_number",
        ),
        (json!({"analyzer": {"a": {"type": "standard", "surprise": 1}}}), "surprise"),
        (json!({"filter": {"f": {"type": "stemmer", "language": "klingon"}}}), "Klingon"),
        (json!({"tokenizer": {"t": {"type": "pattern", "pattern": "(x"}}}), "pattern [(x]"),
    ] {
        let error = Analyzers::from_settings(&analysis).unwrap_err().to_string();
        assert!(error.contains(seen), "{error}");
    }
}

#[test]
fn what_a_word_sounds_like_stands_in_its_place_or_beside_it() {
    // As Lucene 9.12's filters give it.
    for (filter, expected) in [
        (json!({}), "J/0 SM0/1 BLKS/2 42/3 É/4 KS/5"),
        (json!({"replace": false}), "J/0 joe/0 SM0/1 Smith/1 BLKS/2 BLX/2 42/3 É/4 é/4 KS/5"),
        (json!({"encoder": "soundex"}), "J000/0 S530/1 B420/2 42/3 é/4 K000/5"),
        (
            json!({"encoder": "soundex", "replace": false}),
            "J000/0 joe/0 S530/1 Smith/1 B420/2 BLX/2 42/3 é/4 K000/5 KS/5",
        ),
        (json!({"encoder": "doubleMetaphone"}), "J/0 A/0 SM0/1 XMT/1 PLKS/2 42/3 é/4 KS/5"),
        (
            json!({"encoder": "double_metaphone", "replace": false}),
            "joe/0 J/0 A/0 Smith/1 SM0/1 XMT/1 BLX/2 PLKS/2 42/3 é/4 KS/5",
        ),
        (
            json!({"encoder": "daitch_mokotoff"}),
            "100000/0 400000/0 463000/1 785400/2 000000/3 000000/4 500000/5",
        ),
        (
            json!({"encoder": "daitch_mokotoff", "replace": false}),
            "joe/0 100000/0 400000/0 Smith/1 463000/1 BLX/2 785400/2 42/3 000000/3 é/4 000000/4 KS/5 500000/5",
        ),
    ] {
        let mut definition = filter.clone();
        definition["type"] = json!("phonetic");
        let analyzers = Analyzers::from_settings(&json!({
            "analyzer": {"a": {"tokenizer": "whitespace", "filter": ["sound"]}},
            "filter": {"sound": definition}
        }))
        .unwrap();
        let tokens = analyzers.get("a").unwrap().tokens("joe Smith BLX 42 é KS");
        let found: Vec<String> =
            tokens.iter().map(|token| format!("{}/{}", token.text, token.position)).collect();
        assert_eq!(found.join(" "), expected, "{filter}");
    }
}

#[test]
fn an_encoder_that_is_not_built_or_not_known_is_refused_by_name() {
    let refusal = |encoder: &str| {
        let filter = json!({"f": {"type": "phonetic", "encoder": encoder}});
        let error = Analyzers::from_settings(&json!({ "filter": filter })).unwrap_err();
        (error.status(), error.reason().to_owned())
    };
    let (status, reason) = refusal("beider_morse");
    assert!(status == 501 && reason.contains("beider_morse"), "{status} {reason}");
    assert_eq!(refusal("x"), (400, "unknown encoder [x] for phonetic token filter".to_owned()));
}

#[test]
fn synonyms_stand_at_the_position_of_their_word() {
    let analyzers = Analyzers::from_settings(&json!({
        "analyzer": {"a": {"tokenizer": "standard", "filter": ["lowercase", "s"]}},
        "filter": {"s": {"type": "synonym", "synonyms": ["fox, vulpes", "big => large"]}}
    }))
    .unwrap();
    let tokens = analyzers.get("a").unwrap().tokens("Big fox");
    let found: Vec<_> = tokens.iter().map(|t| (t.text.as_str(), t.position)).collect();
    assert_eq!(found, [("large", 0), ("fox", 1), ("vulpes", 1)]);
}

/// Characters whose boundaries depend on their neighbours, near and far.
const TRICKY: &str = "aAé1٣.,:;'’\"_-@/ \u{a0}\n\r\t\u{301}\u{200d}\u{ad}😀👍🏽🇦🇧🇨日本ひカタ한국สวัครאב״ªİ\u{3000}<a>&amp;";

fn analyzers_of_every_kind() -> Analyzers {
    let custom = |tokenizer: &str, filters: &[&str]| json!({"type": "custom", "tokenizer": tokenizer, "filter": filters});
    let mut stripped = custom("standard", &["lowercase"]);
    stripped["char_filter"] = json!(["html_strip"]);
    Analyzers::from_settings(&json!({
        "filter": {
            "pairs": {"type": "shingle", "min_shingle_size": 2, "max_shingle_size": 3},
            "same": {"type": "synonym", "synonyms": ["a, x y", "b => a"]},
            "parts": {"type": "word_delimiter", "catenate_all": true, "preserve_original": true},
            "graph": {"type": "word_delimiter_graph", "catenate_words": true},
            "grams": {"type": "ngram", "min_gram": 1, "max_gram": 2},
            "next": {"type": "predicate_token_filter",
                "script": {"source": "token.getPositionIncrement() == 1"}},
            "far": {"type": "condition", "filter": ["uppercase"],
                "script": {"source": "token.getPositionIncrement() > 1"}}},
        "tokenizer": {"short": {"type": "standard", "max_token_length": 2}},
        "analyzer": {
            "pairs": custom("standard", &["lowercase", "stop", "pairs"]),
            "unique": custom("whitespace", &["unique", "pairs"]),
            "same": custom("letter", &["same", "asciifolding", "grams"]),
            "short": custom("short", &["unique"]),
            "lower": custom("lowercase", &["reverse"]),
            "parts": custom("whitespace", &["parts"]),
            "graph": custom("whitespace", &["graph", "limit"]),
            "bigrams": custom("standard", &["cjk_bigram"]),
            "next": custom("standard", &["stop", "next"]),
            "far": custom("standard", &["stop", "far"]),
            "stripped": stripped}}))
    .unwrap()
}

proptest::proptest! {
    #[test]
    fn the_pieces_of_a_text_are_what_it_is_at_once(
        places in proptest::collection::vec(0..TRICKY.chars().count(), 0..120),
        bytes in 1_usize..20,
    ) {
        let tricky: Vec<char> = TRICKY.chars().collect();
        let text: String = places.into_iter().map(|place| tricky[place]).collect();
        let analyzers = analyzers_of_every_kind();
        for name in [
            "standard", "english", "simple", "whitespace", "keyword", "pattern", "pairs", "unique",
            "same", "short", "lower", "stripped", "parts", "graph", "bigrams", "fingerprint",
            "next", "far",
        ] {
            let analyzer = analyzers.get(name).unwrap();
            let plain = |token: &Token| (token.text.clone(), token.position);
            let at_once: Vec<_> = analyzer.tokens(&text).iter().map(plain).collect();
            let mut pieces = TextPieces::new(&analyzer, &text);
            let (mut joined, mut read, mut last) = (Vec::new(), 0, None);
            while let Some((length, tokens)) = pieces.next_piece(bytes, &Cancel::new()).unwrap() {
                let first = tokens.first().map(|token| token.position);
                // Tokens of one position stand in one piece.
                proptest::prop_assert!(first.is_none() || first > last, "{name}");
                last = tokens.iter().map(|token| token.position).max().or(last);
                joined.extend(tokens.iter().map(plain));
                read += length;
            }
            proptest::prop_assert_eq!(&joined, &at_once, "{} of {:?}", name, text);
            proptest::prop_assert_eq!(read, pieces.bytes());
            let mut terms = Vec::new();
            let take = |term: &str, position: u32| terms.push((term.to_owned(), position));
            let end = analyzer.terms(&text, &Cancel::new(), take).unwrap();
            proptest::prop_assert_eq!(&terms, &at_once, "{} of {:?}", name, text);
            let analyzed = analyzer.analyzed(&text, &Cancel::new()).unwrap();
            proptest::prop_assert_eq!(end, analyzed.end);
        }
    }
}

#[test]
fn a_word_that_is_only_indexed_is_made_no_token() {
    let analyzers = Analyzers::default();
    for name in ["standard", "english", "german", "french", "spanish", "russian"] {
        let analyzer = analyzers.get(name).unwrap();
        let mut count = 0;
        let end = analyzer.terms_one_by_one("Alpha, beta: gamma's", &mut |_, _| count += 1);
        assert_eq!((end, count), (Some(3), 3), "{name}");
    }
}

#[test]
fn a_piece_of_a_long_text_is_no_longer_than_it_must_be() {
    let analyzers = Analyzers::default();
    for (name, text) in [
        ("standard", "word ".repeat(100_000)),
        ("standard", "a,b,".repeat(100_000)),
        ("standard", "日本".repeat(100_000)),
        ("standard", "😀".repeat(100_000)),
        ("whitespace", "x".repeat(500_000)),
        ("simple", "one two ".repeat(100_000)),
    ] {
        let mut pieces = TextPieces::new(&analyzers.get(name).unwrap(), &text);
        let mut count = 0;
        while let Some((length, _)) = pieces.next_piece(1_000, &Cancel::new()).unwrap() {
            assert!(length < 1_300, "{name} of {text:.20}: {length}");
            count += 1;
        }
        assert!(count >= text.len() / 1_300);
    }
}
