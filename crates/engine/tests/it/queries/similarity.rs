//! How documents are scored: the similarities of an index, field by field, and what cannot be one.

use serde_json::{Value, json};

use crate::cases::{Case, Setup, Step, asks, search};

/// Texts of several lengths in a field of each of `similarities`, `t.NAME`.
fn texts(similarities: &Value) -> Setup {
    let names = similarities.as_object().unwrap().keys();
    let field = |name: &String| (name.clone(), json!({"type": "text", "similarity": name}));
    let fields: serde_json::Map<String, Value> = names.map(field).collect();
    let definition = json!({
        "settings": {"index": {"similarity": similarities}},
        "mappings": {"properties": {"t": {"type": "text", "fields": fields}}},
    });
    Setup::index(
        "s",
        definition,
        json!([
            {"t": "quick brown fox"},
            {"t": "fox fox fox jumps over the lazy dog"},
            {"t": "the quick dog"},
            {"t": "lazy brown dog sleeps all day long in the warm sun while a fox watches"},
            {"t": "nothing here"},
            {"t": ["brown brown fox", "dog quick quick quick"]},
            {"n": 1}
        ]),
    )
}

/// Asks for a word, a phrase and two words in a field of each of the similarities, and why the hits score as they do.
macro_rules! scores {
    ($similarities:tt) => {{
        fn here() {}
        let similarities = json!($similarities);
        let ask = |query: Value| {
            Step::new("POST /s/_search", json!({"query": query, "explain": true}))
        };
        let asked = |name: &String| {
            let field = format!("t.{name}");
            [
                ask(json!({"match": {&field: "fox"}})),
                ask(json!({"match": {&field: {"query": "quick dog", "boost": 2.5}}})),
                ask(json!({"match_phrase": {&field: {"query": "brown fox", "slop": 1}}})),
            ]
        };
        let steps = similarities.as_object().unwrap().keys().flat_map(asked).collect();
        let name = std::any::type_name_of_val(&here);
        Case { name, setup: texts(&similarities), steps, differs: None }.check();
    }};
}

#[test]
fn bm25_saturates_and_normalizes_as_it_is_told() {
    scores!({
        "own": {"type": "BM25", "k1": 0.5, "b": 0.2},
        "flat": {"type": "BM25", "b": 0},
        "none": {"type": "BM25", "k1": 0}
    });
}

#[test]
fn divergence_from_randomness_has_four_models() {
    scores!({
        "g": {"type": "DFR", "basic_model": "g", "after_effect": "l", "normalization": "h2"},
        "if": {"type": "DFR", "basic_model": "if", "after_effect": "b", "normalization": "h2"},
        "in": {"type": "DFR", "basic_model": "in", "after_effect": "l", "normalization": "h1"},
        "ine": {"type": "DFR", "basic_model": "ine", "after_effect": "b", "normalization": "h3"}
    });
}

#[test]
fn frequencies_are_normalized_in_five_ways() {
    scores!({
        "no": {"type": "DFR", "basic_model": "g", "after_effect": "b", "normalization": "no"},
        "h1": {"type": "DFR", "basic_model": "g", "after_effect": "b", "normalization": "h1", "normalization.h1.c": 2},
        "h2": {"type": "DFR", "basic_model": "g", "after_effect": "b", "normalization": "h2", "normalization.h2.c": "3.5"},
        "h3": {"type": "DFR", "basic_model": "g", "after_effect": "b", "normalization": "h3", "normalization.h3.c": 100},
        "z": {"type": "DFR", "basic_model": "g", "after_effect": "b", "normalization": "z", "normalization.z.z": 0.25}
    });
}

#[test]
fn information_based_models_have_a_distribution_and_a_lambda() {
    scores!({
        "lldf": {"type": "IB", "distribution": "ll", "lambda": "df", "normalization": "h2"},
        "llttf": {"type": "IB", "distribution": "ll", "lambda": "ttf", "normalization": "z"}
    });
}

#[test]
fn information_based_models_split_a_power_law() {
    scores!({
        "spldf": {"type": "IB", "distribution": "spl", "lambda": "df", "normalization": "h1"},
        "splno": {"type": "IB", "distribution": "spl", "lambda": "df", "normalization": "no"}
    });
}

#[test]
fn divergence_from_independence_has_three_measures() {
    scores!({
        "chi": {"type": "DFI", "independence_measure": "chisquared"},
        "sat": {"type": "DFI", "independence_measure": "saturated"},
        "sta": {"type": "DFI", "independence_measure": "standardized"}
    });
}

#[test]
fn language_models_smooth_as_dirichlet_or_as_jelinek_and_mercer_do() {
    scores!({
        "dir": {"type": "LMDirichlet"},
        "mu": {"type": "LMDirichlet", "mu": 10},
        "jm": {"type": "LMJelinekMercer"},
        "lambda": {"type": "LMJelinekMercer", "lambda": 0.7}
    });
}

/// A field scored as `boolean`, a keyword, a text without norms and one without frequencies.
fn plain() -> Setup {
    let lm = json!({"lm": {"type": "LMJelinekMercer", "lambda": 0.5}});
    Setup::index(
        "s",
        json!({
            "settings": {"similarity": lm, "analysis": {
                "filter": {"same": {"type": "synonym", "synonyms": ["fox, vixen"]}},
                "analyzer": {"same": {"tokenizer": "standard", "filter": ["lowercase", "same"]}}
            }},
            "mappings": {"properties": {
                "b": {"type": "text", "similarity": "boolean"},
                "k": {"type": "keyword", "similarity": "lm"},
                "kb": {"type": "keyword", "similarity": "boolean"},
                "n": {"type": "text", "norms": false, "similarity": "lm"},
                "d": {"type": "text", "index_options": "docs", "similarity": "lm"},
                "y": {"type": "text", "search_analyzer": "same", "similarity": "lm"}
            }}
        }),
        json!([
            {"b": "fox", "k": "fox", "kb": "fox", "n": "fox", "d": "fox", "y": "vixen"},
            {"b": "fox fox dog", "k": ["fox", "dog"], "kb": "fox", "n": "fox fox dog", "d": "fox fox dog", "y": "fox fox dog"},
            {"b": "dog", "k": "dog", "kb": "dog", "n": "dog and more", "d": "dog and more", "y": "dog"}
        ]),
    )
}

#[test]
fn a_boolean_similarity_scores_what_the_query_is_worth() {
    search!(plain(), {"explain": true, "query": {"match": {"b": {"query": "fox dog", "boost": 3}}}});
}

#[test]
fn a_keyword_has_a_similarity() {
    asks!(
        plain(),
        "POST /s/_search" => {"explain": true, "query": {"term": {"k": "fox"}}},
        "POST /s/_search" => {"explain": true, "query": {"term": {"kb": {"value": "fox", "boost": 2}}}}
    );
}

#[test]
fn a_text_without_norms_or_frequencies_is_one_word_long() {
    asks!(
        plain(),
        "POST /s/_search" => {"explain": true, "query": {"match": {"n": "fox"}}},
        "POST /s/_search" => {"explain": true, "query": {"match": {"d": "fox"}}}
    );
}

#[test]
fn words_that_stand_for_each_other_are_scored_as_one() {
    search!(plain(), {"explain": true, "query": {"match": {"y": "fox"}}});
}

#[test]
fn spans_and_near_words_are_scored_by_the_similarity() {
    asks!(
        plain(),
        "POST /s/_search" => {"explain": true, "query": {"span_near": {"clauses": [{"span_term": {"y": "fox"}}, {"span_term": {"y": "dog"}}], "slop": 2}}},
        "POST /s/_search" => {"explain": true, "query": {"fuzzy": {"y": {"value": "fix", "rewrite": "scoring_boolean"}}}},
        "POST /s/_search" => {"explain": true, "query": {"fuzzy": {"y": "fix"}}},
        "POST /s/_search" => {"explain": true, "query": {"more_like_this": {"fields": ["y"], "like": "fox dog", "min_term_freq": 1, "min_doc_freq": 1}}}
    );
}

#[test]
fn words_in_several_fields_are_scored_by_the_similarity() {
    search!(plain(), {"query": {"multi_match": {"query": "fox dog", "fields": ["n", "y"], "type": "cross_fields", "analyzer": "standard"}}});
}

#[test]
fn a_similarity_called_default_is_that_of_all_fields() {
    let definition = json!({
        "settings": {"index.similarity.default.type": "boolean"},
        "mappings": {"properties": {"b": {"type": "text", "similarity": "BM25"}, "t": {"type": "text"}}},
    });
    asks!(
        Setup::index("s", definition, json!([{"t": "a a", "b": "a", "n": "a"}, {"t": "a", "b": "a b", "n": "b"}])),
        "POST /s/_search" => {"query": {"match": {"t": "a"}}},
        "POST /s/_search" => {"query": {"match": {"b": "a"}}},
        "POST /s/_search" => {"query": {"match": {"n": "a"}}},
        "POST /s/_search" => {"query": {"term": {"n.keyword": "a"}}},
        "GET /s/_settings?filter_path=*.settings.index.similarity",
        "GET /s/_mapping"
    );
}

#[test]
fn what_no_similarity_can_be_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /s" => {"settings": {"index.similarity.own.type": "nope"}},
        "PUT /s" => {"settings": {"index.similarity.own.k1": 1}},
        "PUT /s" => {"settings": {"index.similarity.BM25.type": "boolean"}},
        "PUT /s" => {"settings": {"index.similarity.boolean.type": "BM25"}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "BM25", "k2": 1, "k1": 1}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "BM25", "k1": "x"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "BM25", "k1": -1}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "BM25", "b": 1.5}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "BM25", "discount_overlaps": "x"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "boolean", "k1": 1}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "classic"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "LMDirichlet", "mu": -1}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "LMDirichlet", "lambda": 1}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "LMJelinekMercer", "lambda": 0}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "LMJelinekMercer", "lambda": 1.5}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "DFI"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "DFI", "independence_measure": "x"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "scripted"}}},
        "PUT /s" => {"settings": {"index.similarity": {"a": {"type": "BM25"}, "b": {"type": "nope"}}}}
    );
}

#[test]
fn what_no_model_of_randomness_can_be_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "DFR"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "DFR", "basic_model": "x", "after_effect": "b", "normalization": "no"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "DFR", "basic_model": "be", "after_effect": "b", "normalization": "no"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "DFR", "basic_model": "g", "after_effect": "no", "normalization": "no"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "DFR", "basic_model": "g", "after_effect": "x", "normalization": "no"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "DFR", "basic_model": "g", "after_effect": "b"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "DFR", "basic_model": "g", "after_effect": "b", "normalization": "h9"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "DFR", "basic_model": "g", "after_effect": "b", "normalization": "z", "normalization.z.z": 0.5}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "DFR", "basic_model": "g", "after_effect": "b", "normalization": "h1", "normalization.h1.c": -1}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "IB", "distribution": "x", "lambda": "df", "normalization": "no"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "IB", "distribution": "ll", "lambda": "x", "normalization": "no"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "IB", "distribution": "ll", "lambda": "df", "normalization": "no", "basic_model": "g"}}},
        "PUT /s" => {"settings": {"index.similarity.own": {"type": "IB", "distribution": "spl", "lambda": "ttf", "normalization": "h1"}}}
    );
}

#[test]
fn a_field_names_a_similarity_that_there_is() {
    asks!(
        Setup::nothing(),
        "PUT /s" => {"mappings": {"properties": {"t": {"type": "text", "similarity": "nope"}}}},
        "PUT /s" => {"mappings": {"properties": {"t": {"type": "keyword", "similarity": "nope"}}}},
        "PUT /s" => {"mappings": {"properties": {"t": {"type": "text", "similarity": "classic"}}}},
        "PUT /s" => {"settings": {"index.similarity.own.type": "BM25"}, "mappings": {"properties": {"t": {"type": "text", "similarity": "own"}, "k": {"type": "keyword", "similarity": "BM25"}}}},
        "GET /s/_mapping",
        "PUT /s/_mapping" => {"properties": {"t": {"type": "text", "similarity": "boolean"}}},
        "PUT /s/_mapping" => {"properties": {"t": {"type": "text"}}},
        "PUT /s/_mapping" => {"properties": {"u": {"type": "text", "similarity": "nope"}}},
        "PUT /s/_mapping" => {"properties": {"u": {"type": "text", "similarity": null}}},
        "PUT /s/_settings" => {"index.similarity.own.k1": 2},
        "POST /s/_close",
        "PUT /s/_settings" => {"index.similarity.own.k1": 2},
        "PUT /s/_settings" => {"index.similarity.own.type": "nope"},
        "PUT /s/_settings" => {"index.similarity.own.type": null, "index.similarity.own.k1": null},
        "GET /s/_settings?filter_path=*.settings.index.similarity"
    );
}

#[test]
fn words_at_one_place_count_once_unless_the_similarity_says_so() {
    let definition = json!({
        "settings": {
            "similarity": {"all": {"type": "BM25", "discount_overlaps": false}},
            "analysis": {
                "filter": {"same": {"type": "synonym", "synonyms": ["fox, vixen, reynard"]}},
                "analyzer": {"same": {"tokenizer": "standard", "filter": ["lowercase", "same"]}}
            }
        },
        "mappings": {"properties": {
            "once": {"type": "text", "analyzer": "same", "search_analyzer": "standard"},
            "all": {"type": "text", "analyzer": "same", "search_analyzer": "standard", "similarity": "all"}
        }}
    });
    let documents = json!([
        {"once": "fox fox", "all": "fox fox"},
        {"once": "dog fox and more", "all": "dog fox and more"},
        {"once": "dog", "all": "dog"}
    ]);
    asks!(
        Setup::index("s", definition, documents),
        "POST /s/_search" => {"explain": true, "query": {"match": {"once": "fox"}}},
        "POST /s/_search" => {"explain": true, "query": {"match": {"all": "fox"}}},
        "POST /s/_search" => {"query": {"match": {"once": "dog"}}},
        "POST /s/_search" => {"query": {"match": {"all": "dog"}}}
    );
}
