//! How far apart the sizes of n-grams and shingles may be: each size more multiplies the terms of a text, so an index
//! must say that it wants them. Source: Elasticsearch 7.10, `NGramTokenizerFactory`, `NGramTokenFilterFactory`,
//! `ShingleTokenFilterFactory`.

use serde_json::Value;

use crate::cluster::settings::IndexSettings;
use crate::exception::Exception;
use crate::value::scalar::plain;

/// Refuses tokenizers and token filters of `settings` whose sizes are further apart than `index.max_ngram_diff` and
/// `index.max_shingle_diff` allow.
///
/// # Errors
/// `illegal_argument_exception`, as Elasticsearch words it.
pub(crate) fn check(settings: &IndexSettings) -> Result<(), Exception> {
    for part in ["tokenizer", "filter"] {
        let defined = settings.analysis().get(part).and_then(Value::as_object);
        for definition in defined.into_iter().flat_map(|defined| defined.values()) {
            check_part(part, definition, Some(settings))?;
        }
    }
    Ok(())
}

/// Refuses one definition of a `tokenizer` or `filter` as [`check`] does, by the settings of an index, or the defaults.
///
/// # Errors
/// As [`check`].
pub(crate) fn check_part(
    part: &str,
    definition: &Value,
    settings: Option<&IndexSettings>,
) -> Result<(), Exception> {
    let most =
        |key: &str, default: u64| settings.map_or(default, |settings| settings.count(key, default));
    match definition.get("type").and_then(Value::as_str) {
        Some("ngram" | "nGram") => {
            let what = if part == "tokenizer" { "NGram Tokenizer" } else { "NGram TokenFilter" };
            let most = most("max_ngram_diff", 1);
            let (least, largest) =
                (size(definition, "min_gram", 1), size(definition, "max_gram", 2));
            let difference = largest.saturating_sub(least);
            if difference > most {
                return Err(Exception::illegal_argument(format!(
                    "The difference between max_gram and min_gram in {what} must be less than or equal to: [{most}] \
                     but was [{difference}]. This limit can be set by changing the [index.max_ngram_diff] index level \
                     setting."
                )));
            }
        }
        Some("shingle") if part == "filter" => {
            let most = most("max_shingle_diff", 3);
            let unigrams = definition.get("output_unigrams").map(plain).as_deref() != Some("false");
            let (least, largest) =
                (size(definition, "min_shingle_size", 2), size(definition, "max_shingle_size", 2));
            let difference = largest.saturating_sub(least) + u64::from(unigrams);
            if difference > most {
                return Err(Exception::illegal_argument(format!(
                    "In Shingle TokenFilter the difference between max_shingle_size and min_shingle_size (and +1 if \
                     outputting unigrams) must be less than or equal to: [{most}] but was [{difference}]. This limit \
                     can be set by changing the [index.max_shingle_diff] index level setting."
                )));
            }
        }
        _ => {}
    }
    Ok(())
}

fn size(definition: &Value, key: &str, default: u64) -> u64 {
    definition.get(key).and_then(|value| plain(value).parse().ok()).unwrap_or(default)
}
