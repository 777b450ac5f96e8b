//! `rewrite`: how a query that stands for many terms is run and scored.
//!
//! Source: `QueryParsers.parseRewriteMethod` of Elasticsearch 7.10, and the rewrite methods of Lucene's `MultiTermQuery`.

use std::collections::HashSet;
use std::sync::Arc;

use super::bm25::{ScoredTerm, TermStatistics};
use super::lower::{Lowered, Lowering, any_of, boosted, constant, leaf, nothing};
use super::query::{CLAUSES_MAX, too_many_clauses};
use super::term::record_option;
use super::term_set::TermAcceptor;
use crate::exception::{Exception, internal};
use crate::mapping::Leaf;
use crate::value::scalar::not_a_number;

/// How the documents of the terms are found and scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rewrite {
    /// All score 1.
    Constant,
    /// All score 1, and there may not be more terms than a boolean query has clauses.
    ConstantBoolean,
    /// Of each term as if it had been asked for.
    Scoring,
    /// The best so many terms.
    Top(usize, TermScores),
}

/// What the best terms score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TermScores {
    /// What each scores by itself.
    Own,
    /// How near each is to what was asked for.
    Boost,
    /// What each scores if all were as frequent as the most frequent.
    Blended,
}

impl Rewrite {
    /// Reads a name, such as `top_terms_blended_freqs_50`.
    ///
    /// # Errors
    /// `illegal_argument_exception`; a number that is none.
    fn parse(text: &str) -> Result<Rewrite, Exception> {
        let unknown =
            || Exception::illegal_argument(format!("Failed to parse rewrite_method [{text}]"));
        match text {
            "constant_score" => return Ok(Rewrite::Constant),
            "constant_score_boolean" => return Ok(Rewrite::ConstantBoolean),
            "scoring_boolean" => return Ok(Rewrite::Scoring),
            _ => {}
        }
        let digits = text.find(|c: char| c.is_ascii_digit()).ok_or_else(unknown)?;
        let (name, digits) = text.split_at(digits);
        let size: i32 = digits.parse().map_err(|_| not_a_number(digits))?;
        let scores = match name {
            "top_terms_" => TermScores::Own,
            "top_terms_boost_" => TermScores::Boost,
            "top_terms_blended_freqs_" => TermScores::Blended,
            _ => return Err(unknown()),
        };
        // No term at all is a fault of the real servers' own.
        let size = usize::try_from(size).ok().filter(|size| *size > 0).ok_or_else(unknown)?;
        Ok(Rewrite::Top(size.min(CLAUSES_MAX), scores))
    }
}

/// Lucene's one query for all of the terms: its type, and as it is written.
pub(super) struct MultiTermWords {
    pub(super) kind: &'static str,
    pub(super) text: String,
}

/// Terms of a field, each with how near it is to what was asked for.
pub(super) type NearTerms = Vec<(f32, String)>;

impl Lowering<'_> {
    /// What `given` asks for, or else `default`.
    ///
    /// # Errors
    /// `query_shard_exception` for a name that nobody knows.
    pub(super) fn rewrite(
        &self,
        given: Option<&str>,
        default: Rewrite,
    ) -> Result<Rewrite, Exception> {
        let Some(given) = given else { return Ok(default) };
        Rewrite::parse(given).map_err(|cause| self.failed(cause))
    }

    /// The documents of the terms of the field at `path` that begin with `prefix` and that `accept` says yes to; `query`
    /// names the asker.
    pub(super) fn multi_term(
        &self,
        query: &str,
        path: &str,
        (prefix, accept): (&str, Option<TermAcceptor>),
        rewrite: Option<&str>,
        words: MultiTermWords,
    ) -> Result<Lowered, Exception> {
        let rewrite = self.rewrite(rewrite, Rewrite::Constant)?;
        if path == "_index" {
            let reason = format!(
                "Can only use {query} queries on keyword and text fields - not on [_index] which is of type [_index]"
            );
            return Err(self.refuse(reason));
        }
        if path == "_ignored" {
            return Ok(leaf(self.ignored_fields(prefix, accept), words.kind, words.text));
        }
        let set = self.term_set(query, path, prefix, accept.clone())?;
        let Some(found) = self.leaf(path).filter(|leaf| leaf.kind.has_words()).cloned() else {
            return Ok(leaf(set, words.kind, words.text));
        };
        self.check_expansion(query)?;
        self.expanded_terms(&found, set, (prefix, accept), rewrite, words)
    }

    /// The documents `set` of the terms of `found` that begin with `prefix` and that `accept` says yes to, as `rewrite` runs and
    /// scores them.
    ///
    /// # Errors
    /// `too_many_clauses`.
    pub(super) fn expanded_terms(
        &self,
        found: &Leaf,
        set: Lowered,
        (prefix, accept): (&str, Option<TermAcceptor>),
        rewrite: Rewrite,
        words: MultiTermWords,
    ) -> Result<Lowered, Exception> {
        if rewrite == Rewrite::Constant {
            return Ok(leaf(set, words.kind, words.text));
        }
        let most = match rewrite {
            Rewrite::Top(size, _) => size,
            _ => CLAUSES_MAX + 1,
        };
        let field = self.indexed(found)?;
        let prefix = self.normalized(found, prefix);
        let terms = self.terms_accepted(field, &prefix, accept.as_ref(), most)?;
        let terms = terms.into_iter().map(|term| (1.0, term)).collect();
        match rewrite {
            Rewrite::ConstantBoolean => {
                at_most_clauses(&terms)?;
                Ok(leaf(set, words.kind, words.text))
            }
            rewrite => self.rewritten(found, terms, rewrite),
        }
    }

    /// Refuses a `query` that stands for many terms where such queries are turned off.
    ///
    /// # Errors
    /// `query_shard_exception`.
    pub(super) fn check_expansion(&self, query: &str) -> Result<(), Exception> {
        let advice = match query {
            "prefix" => {
                " For optimised prefix queries on text fields please enable [index_prefixes]."
            }
            _ => "",
        };
        self.check_expensive(&format!("[{query}] queries"), advice)
    }

    /// The documents of `terms`, the best of them first, as `rewrite` scores them.
    ///
    /// # Errors
    /// `too_many_clauses`.
    pub(super) fn rewritten(
        &self,
        leaf: &Leaf,
        mut terms: NearTerms,
        rewrite: Rewrite,
    ) -> Result<Lowered, Exception> {
        match rewrite {
            Rewrite::Constant => {
                let known: HashSet<String> = terms.into_iter().map(|(_, term)| term).collect();
                let accept: TermAcceptor = Arc::new(move |term| known.contains(term));
                self.term_set("fuzzy", &leaf.path, "", Some(accept)).map(constant)
            }
            Rewrite::ConstantBoolean => {
                at_most_clauses(&terms)?;
                self.rewritten(leaf, terms, Rewrite::Constant)
            }
            Rewrite::Scoring => {
                at_most_clauses(&terms)?;
                self.scored_terms(leaf, &terms, TermScores::Own)
            }
            Rewrite::Top(size, scores) => {
                terms.truncate(size);
                self.scored_terms(leaf, &terms, scores)
            }
        }
    }

    fn scored_terms(
        &self,
        leaf: &Leaf,
        terms: &[(f32, String)],
        scores: TermScores,
    ) -> Result<Lowered, Exception> {
        let field = self.indexed(leaf)?;
        let make = |text: &str| tantivy::Term::from_field_text(field, text);
        if scores != TermScores::Blended {
            let mut clauses = Vec::new();
            for (boost, text) in terms {
                self.work.check()?;
                let term = self.scored(leaf, field, make(text))?;
                let term = if scores == TermScores::Boost { constant(term) } else { term };
                clauses.push(boosted(term, *boost));
            }
            return Ok(any_of(clauses.into_iter()));
        }
        if terms.is_empty() {
            return Ok(nothing());
        }
        let statistics =
            self.statistics.of(self.searcher, leaf, field, &self.work.cancel).map_err(internal)?;
        let mut all = TermStatistics::default();
        for (_, text) in terms {
            let one = self.term_statistics(leaf, &make(text), &statistics)?;
            all.documents = all.documents.max(one.documents);
            all.occurrences += one.occurrences;
        }
        let option = record_option(leaf);
        Ok(any_of(terms.iter().map(|(boost, text)| {
            let shown = format!("{}:{text}", leaf.path);
            let term = ScoredTerm::new(make(text), option, statistics.clone(), all, shown);
            boosted(Box::new(term), *boost)
        })))
    }
}

fn at_most_clauses(terms: &NearTerms) -> Result<(), Exception> {
    if terms.len() > CLAUSES_MAX { Err(too_many_clauses()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rewrite_is_read_by_its_name_and_number() {
        assert_eq!(Rewrite::parse("scoring_boolean").unwrap(), Rewrite::Scoring);
        assert_eq!(
            Rewrite::parse("top_terms_blended_freqs_50").unwrap(),
            Rewrite::Top(50, TermScores::Blended)
        );
        assert_eq!(Rewrite::parse("top_terms_5000").unwrap(), Rewrite::Top(1024, TermScores::Own));
        for unknown in ["surprise", "top_terms_x", "top_5", "CONSTANT_SCORE", "top_terms_0"] {
            let refusal = Rewrite::parse(unknown).unwrap_err();
            assert_eq!(refusal.reason(), format!("Failed to parse rewrite_method [{unknown}]"));
        }
    }
}
