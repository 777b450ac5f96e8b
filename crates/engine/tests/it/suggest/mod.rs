//! One file per suggester.

mod completion;
mod phrase;
mod term;

use serde_json::json;

use crate::cases::Setup;

/// Phrases with words that are misspelt.
pub(crate) fn phrases() -> Setup {
    Setup::index(
        "phrases",
        json!({
            "settings": {"analysis": {
                "analyzer": {"tri": {"tokenizer": "standard", "filter": ["lowercase", "sh"]}},
                "filter": {"sh": {"type": "shingle", "min_shingle_size": 2, "max_shingle_size": 3}}}},
            "mappings": {"properties": {
                "t": {"type": "text", "fields": {"tri": {"type": "text", "analyzer": "tri"}}},
                "k": {"type": "keyword"},
                "n": {"type": "long"},
                "v": {"type": "text", "term_vector": "with_positions_offsets"}}}
        }),
        json!([{"t": "noble prize winners", "k": "noble prize winners", "n": 0, "v": ["noble prize winners", "more words"]}, {"t": "nobel prize", "k": "nobel prize", "n": 1, "v": ["nobel prize", "more words"]}, {"t": "the nobel prize in physics", "k": "the nobel prize in physics", "n": 2, "v": ["the nobel prize in physics", "more words"]}, {"t": "xorr the god jewel", "k": "xorr the god jewel", "n": 3, "v": ["xorr the god jewel", "more words"]}, {"t": "devloping distibutd saerch engies", "k": "devloping distibutd saerch engies", "n": 4, "v": ["devloping distibutd saerch engies", "more words"]}, {"t": "amsterdam is a city", "k": "amsterdam is a city", "n": 5, "v": ["amsterdam is a city", "more words"]}, {"t": "amsterdam", "k": "amsterdam", "n": 6, "v": ["amsterdam", "more words"]}, {"t": "amsterdamn", "k": "amsterdamn", "n": 7, "v": ["amsterdamn", "more words"]}, {"t": "american me", "k": "american me", "n": 8, "v": ["american me", "more words"]}]),
    )
}
