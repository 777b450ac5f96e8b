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
    let definitions = |part: &str| {
        let defined = settings.analysis().get(part).and_then(Value::as_object);
        defined.into_iter().flat_map(|defined| defined.values())
    };
    let is_ngram = |definition: &&Value| {
        matches!(definition.get("type").and_then(Value::as_str), Some("ngram" | "nGram"))
    };
    let most = settings.count("max_ngram_diff", 1);
    for (part, what) in [("tokenizer", "NGram Tokenizer"), ("filter", "NGram TokenFilter")] {
        for definition in definitions(part).filter(is_ngram) {
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
    }
    let most = settings.count("max_shingle_diff", 3);
    let shingles = definitions("filter")
        .filter(|definition| definition.get("type").and_then(Value::as_str) == Some("shingle"));
    for definition in shingles {
        let unigrams = definition.get("output_unigrams").map(plain).as_deref() != Some("false");
        let (least, largest) =
            (size(definition, "min_shingle_size", 2), size(definition, "max_shingle_size", 2));
        let difference = largest.saturating_sub(least) + u64::from(unigrams);
        if difference > most {
            return Err(Exception::illegal_argument(format!(
                "In Shingle TokenFilter the difference between max_shingle_size and min_shingle_size (and +1 if \
                 outputting unigrams) must be less than or equal to: [{most}] but was [{difference}]. This limit can \
                 be set by changing the [index.max_shingle_diff] index level setting."
            )));
        }
    }
    Ok(())
}

fn size(definition: &Value, key: &str, default: u64) -> u64 {
    definition.get(key).and_then(|value| plain(value).parse().ok()).unwrap_or(default)
}
