//! Token filters: what is done to tokens behind the tokenizer.

mod asciifolding;
mod beginnings;
mod characters;
mod cjk_bigram;
mod classic;
mod common_grams;
mod concatenate_graph;
mod condition;
mod decompounder;
mod delimited_payload;
mod delimited_term_freq;
mod elision;
mod fingerprint;
mod flatten_graph;
mod hunspell;
mod icu;
mod icu_collation;
mod japanese;
mod keep;
mod keyword_marker;
mod kuromoji_number;
mod length;
mod lowercase;
mod min_hash;
mod multiplexer;
mod ngram;
mod pattern_capture;
mod pattern_replace;
mod phonetic;
mod porter_stem;
mod remove_duplicates;
mod reverse;
mod shingle;
mod stem_exclusion;
mod stemmer;
mod stemmer_override;
mod stop;
mod synonym;
mod synonym_rules;
mod trim;
mod truncate;
mod type_as_payload;
mod unique;
mod uppercase;
mod word_delimiter;
mod word_delimiter_graph;
mod word_parts;

use std::sync::Arc;

use super::part_settings::PartSettings;
use super::parts::{PartType, later, plain, reader, settled};
use super::steps::TokenFilter;
use crate::exception::Exception;
pub(super) use asciifolding::AsciiFolding;
pub(super) use characters::apostrophe;
pub(super) use cjk_bigram::CjkBigram;
pub(super) use elision::{Elision, FRENCH};
pub(super) use fingerprint::Fingerprint;
pub(super) use icu::IcuFolding;
pub(super) use japanese::{KatakanaStem, KuromojiBaseForm, KuromojiPartOfSpeech};
pub(super) use keyword_marker::KeywordMarker;
pub(super) use lowercase::{Lowercase, greek, irish, turkish};
pub(super) use porter_stem::PorterStem;
pub(super) use stemmer::EnglishPossessive;
pub(super) use stop::Stop;

pub(super) use beginnings::beginnings;
pub(super) use ngram::prefixes;
pub(super) use shingle::words_joined;

/// One row of the table.
type Row = (&'static str, PartType<ParseTokenFilter>);

/// THE table of token filters: type and what reads its settings. A new one is its file and its row here.
const TOKEN_FILTERS: &[Row] = &[
    ("asciifolding", plain(asciifolding::parse)),
    ("brazilian_stem", plain(stem_exclusion::parse_brazilian)),
    ("cjk_bigram", plain(cjk_bigram::parse)),
    ("classic", plain(classic::parse)),
    ("common_grams", settled(common_grams::parse)),
    ("concatenate_graph", plain(concatenate_graph::parse)),
    ("condition", settled(condition::parse)),
    ("delimited_payload", plain(delimited_payload::parse)),
    ("delimited_payload_filter", plain(delimited_payload::parse)),
    ("delimited_term_freq", plain(delimited_term_freq::parse)),
    ("dictionary_decompounder", settled(decompounder::parse)),
    ("dutch_stem", plain(stem_exclusion::parse_dutch)),
    ("edgeNGram", plain(ngram::parse_edge)),
    ("edge_ngram", plain(ngram::parse_edge)),
    ("elision", plain(elision::parse)),
    ("fingerprint", plain(fingerprint::parse)),
    ("flatten_graph", plain(flatten_graph::parse)),
    ("french_stem", plain(stem_exclusion::parse_french)),
    ("german_stem", plain(stem_exclusion::parse_german)),
    ("hunspell", settled(hunspell::parse)),
    ("hyphenation_decompounder", settled(decompounder::parse_hyphenation)),
    ("icu_collation", plain(icu_collation::parse)),
    ("icu_folding", plain(icu::parse_folding)),
    ("icu_normalizer", plain(icu::parse_normalizer)),
    ("icu_transform", plain(icu::parse_transform)),
    ("ja_stop", plain(japanese::parse_stop)),
    ("keep", settled(keep::parse)),
    ("keep_types", settled(keep::parse_types)),
    ("keyword_marker", settled(keyword_marker::parse)),
    ("keyword_repeat", plain(keyword_marker::parse_repeat)),
    ("kuromoji_baseform", plain(japanese::parse_base_form)),
    ("kuromoji_number", plain(kuromoji_number::parse)),
    ("kuromoji_part_of_speech", plain(japanese::parse_part_of_speech)),
    ("kuromoji_readingform", plain(japanese::parse_reading_form)),
    ("kuromoji_stemmer", plain(japanese::parse_stemmer)),
    ("length", plain(length::parse)),
    ("limit", plain(length::parse_limit)),
    ("lowercase", plain(lowercase::parse)),
    ("min_hash", plain(min_hash::parse)),
    ("multiplexer", settled(multiplexer::parse)),
    ("nGram", plain(ngram::parse)),
    ("ngram", plain(ngram::parse)),
    ("nori_number", later()),
    ("nori_part_of_speech", later()),
    ("nori_readingform", later()),
    ("pattern_capture", settled(pattern_capture::parse)),
    ("pattern_replace", settled(pattern_replace::parse)),
    ("phonetic", plain(phonetic::parse)),
    ("porter_stem", plain(porter_stem::parse)),
    ("predicate_token_filter", settled(condition::parse_predicate)),
    ("remove_duplicates", plain(remove_duplicates::parse)),
    ("reverse", plain(reverse::parse)),
    ("russian_stem", plain(stemmer::parse_russian)),
    ("shingle", plain(shingle::parse)),
    ("smartcn_stop", later()),
    ("snowball", plain(stemmer::parse_snowball)),
    ("stemmer", plain(stemmer::parse)),
    ("stemmer_override", settled(stemmer_override::parse)),
    ("stop", plain(stop::parse)),
    ("synonym", settled(synonym::parse)),
    ("synonym_graph", settled(synonym::parse_graph)),
    ("trim", plain(trim::parse)),
    ("truncate", plain(truncate::parse)),
    ("type_as_payload", plain(type_as_payload::parse)),
    ("unique", plain(unique::parse)),
    ("uppercase", plain(uppercase::parse)),
    ("word_delimiter", plain(word_delimiter::parse)),
    ("word_delimiter_graph", plain(word_delimiter_graph::parse)),
];

type ParseTokenFilter = fn(&PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception>;

/// The token filter of type `type_name` with `settings`.
///
/// # Errors
/// A type, or a setting of it, that is not known here.
pub(super) fn parse(
    type_name: &str,
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    let characters = characters::CHARACTERS.iter().find(|(known, _)| *known == type_name);
    if let Some((_, PartType { parse: Some(parse), .. })) = characters {
        return parse(settings);
    }
    reader(TOKEN_FILTERS, "filter", type_name, settings)?(settings)
}
