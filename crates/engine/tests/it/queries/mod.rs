//! One file per query.

mod bool_query;
mod boosting;
mod constant_score;
mod crowd;
mod dis_max;
mod exists;
mod function_score;
mod fuzzy;
mod ids;
mod intervals;
mod match_all;
mod match_bool_prefix;
mod match_phrase;
mod match_phrase_prefix;
mod match_query;
mod multi_match;
mod prefix;
mod query_string;
mod range;
mod regexp;
mod simple_query_string;
mod span;
mod term;
mod terms;
mod wildcard;
