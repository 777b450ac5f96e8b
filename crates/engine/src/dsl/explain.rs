//! What a query is and why a document scores as it does, in Lucene's words: for `explain`, `_explain`,
//! `_validate/query?explain` and `profile`. The tree that is told of is the one that is run.
//!
//! Source: `Explanation` and `toString` of Lucene's queries, as Elasticsearch 7.10.2 and OpenSearch 2.19.1 print them.

use tantivy::query::{AllQuery, EmptyQuery, EnableScoring, Query};

use super::bm25::ScoredTerm;
pub(crate) use super::explanation::{DocumentAt, Explanation};
use super::function_score::Scripted;
use super::lowered::{BestOf, Boosted, Combined, Constant, Nothing, Role};
use super::phrase_scorer::Phrase;
use super::places::PlacesQuery;
use super::stoppable::StoppableQuery;
use super::two_phase::{self, TwoPhaseDocuments};
use crate::exception::{Exception, internal};
use crate::flavor::Flavor;
use crate::value::java::java_float;

/// What `query` is, as its parts matter to whoever tells of it.
enum QueryAnatomy<'a> {
    Constant(&'a Constant),
    Boosted(&'a Boosted),
    Combined(&'a Combined),
    BestOf(&'a BestOf),
    Nothing(&'a str),
    Everything,
    Term(&'a ScoredTerm),
    Phrase(&'a Phrase),
    Places(&'a PlacesQuery),
    Scripted(&'a Scripted),
    Stoppable(&'a StoppableQuery),
    Other,
}

fn anatomy(query: &dyn Query) -> QueryAnatomy<'_> {
    let query = two_phase::whole(query);
    macro_rules! first_of {
        ($($kind:ident => $variant:ident),*) => {
            $(if let Some(query) = query.downcast_ref::<$kind>() {
                return QueryAnatomy::$variant(query);
            })*
        };
    }
    first_of!(
        Constant => Constant, Boosted => Boosted, Combined => Combined, BestOf => BestOf, ScoredTerm => Term,
        Phrase => Phrase, PlacesQuery => Places, Scripted => Scripted, StoppableQuery => Stoppable
    );
    if let Some(nothing) = query.downcast_ref::<Nothing>() {
        return QueryAnatomy::Nothing(&nothing.reason);
    }
    if query.is::<EmptyQuery>() {
        return QueryAnatomy::Nothing("no matching documents");
    }
    if query.is::<AllQuery>() { QueryAnatomy::Everything } else { QueryAnatomy::Other }
}

/// `query` as Lucene writes it.
pub(crate) fn text(query: &dyn Query, flavor: Flavor) -> String {
    match anatomy(query) {
        QueryAnatomy::Constant(constant) => match &constant.leaf {
            Some(leaf) if flavor == Flavor::OpenSearch219 && leaf.kind == "PointRangeQuery" => {
                // What has a column may be read from it.
                format!("IndexOrDocValuesQuery(indexQuery={0}, dvQuery={0})", leaf.text)
            }
            Some(leaf) => leaf.text.clone(),
            None => format!("ConstantScore({})", text(constant.inner.as_ref(), flavor)),
        },
        QueryAnatomy::Boosted(boosted) => {
            let inner = text(boosted.inner.as_ref(), flavor);
            let own = matches!(anatomy(unwatched(boosted.inner.as_ref())), QueryAnatomy::Combined(query) if query.required < 2);
            let open = if own || !inner.starts_with('(') || !inner.ends_with(')') {
                format!("({inner})")
            } else {
                inner
            };
            format!("{open}^{}", java_float(boosted.boost))
        }
        QueryAnatomy::Combined(combined) => combined_text(combined, flavor),
        QueryAnatomy::BestOf(best) => {
            let each = best.parts.iter().map(|part| {
                let text = text(part.as_ref(), flavor);
                match anatomy(unwatched(part.as_ref())) {
                    QueryAnatomy::Combined(query) if query.required < 2 => format!("({text})"),
                    _ => text,
                }
            });
            let each = each.collect::<Vec<_>>().join(" | ");
            match best.tie_breaker {
                0.0 => format!("({each})"),
                tie => format!("({each})~{}", java_float(tie)),
            }
        }
        QueryAnatomy::Nothing(reason) => format!("MatchNoDocsQuery(\"{reason}\")"),
        QueryAnatomy::Everything => "*:*".to_owned(),
        QueryAnatomy::Term(term) => term.shown().to_owned(),
        QueryAnatomy::Phrase(phrase) => phrase.shown.clone(),
        QueryAnatomy::Places(places) => places.shown.clone(),
        QueryAnatomy::Scripted(scripted) => scripted.text(flavor),
        QueryAnatomy::Stoppable(stoppable) => text(stoppable.inner(), flavor),
        QueryAnatomy::Other => format!("{query:?}"),
    }
}

/// What is behind a query that ends when it is called off.
fn unwatched(query: &dyn Query) -> &dyn Query {
    match query.downcast_ref::<StoppableQuery>() {
        Some(stoppable) => unwatched(stoppable.inner()),
        None => query,
    }
}

fn combined_text(combined: &Combined, flavor: Flavor) -> String {
    let only_optional =
        combined.clauses().all(|(role, _)| matches!(role, Role::Should | Role::MustNot));
    let shown_minimum = combined.required > usize::from(only_optional);
    let each = combined.clauses().map(|(role, query)| {
        let sign = match role {
            Role::Must => "+",
            Role::MustNot => "-",
            Role::Filter => "#",
            Role::Should => "",
        };
        let text = text(query, flavor);
        match anatomy(unwatched(query)) {
            QueryAnatomy::Combined(inner) if inner.required < 2 => format!("{sign}({text})"),
            _ => format!("{sign}{text}"),
        }
    });
    let each = each.collect::<Vec<_>>().join(" ");
    if shown_minimum { format!("({each})~{}", combined.required) } else { each }
}

/// Lucene's name of the type of `query`, and the queries within it.
pub(crate) fn kind_and_parts(query: &dyn Query) -> (&'static str, Vec<&dyn Query>) {
    match anatomy(query) {
        QueryAnatomy::Constant(constant) => match &constant.leaf {
            Some(leaf) => (leaf.kind, Vec::new()),
            None => ("ConstantScoreQuery", vec![constant.inner.as_ref()]),
        },
        QueryAnatomy::Boosted(boosted) => ("BoostQuery", vec![boosted.inner.as_ref()]),
        QueryAnatomy::Combined(combined) => {
            ("BooleanQuery", combined.clauses().map(|(_, query)| query).collect())
        }
        QueryAnatomy::BestOf(best) => {
            ("DisjunctionMaxQuery", best.parts.iter().map(AsRef::as_ref).collect())
        }
        QueryAnatomy::Nothing(_) => ("MatchNoDocsQuery", Vec::new()),
        QueryAnatomy::Everything => ("MatchAllDocsQuery", Vec::new()),
        QueryAnatomy::Term(_) => ("TermQuery", Vec::new()),
        QueryAnatomy::Phrase(phrase) => (phrase.kind(), Vec::new()),
        QueryAnatomy::Places(places) => (places.kind(), Vec::new()),
        QueryAnatomy::Scripted(scripted) => ("FunctionScoreQuery", vec![scripted.inner()]),
        QueryAnatomy::Stoppable(stoppable) => kind_and_parts(stoppable.inner()),
        QueryAnatomy::Other => ("Query", Vec::new()),
    }
}

/// Why the document at `place` scores as it does by `query`, its score multiplied by `boost`.
///
/// # Errors
/// What the index library reports.
pub(crate) fn explain(
    query: &dyn Query,
    place: &DocumentAt<'_>,
    boost: f32,
    flavor: Flavor,
) -> Result<Explanation, Exception> {
    match anatomy(query) {
        QueryAnatomy::Stoppable(stoppable) => explain(stoppable.inner(), place, boost, flavor),
        QueryAnatomy::Boosted(boosted) => {
            explain(boosted.inner.as_ref(), place, boost * boosted.boost, flavor)
        }
        QueryAnatomy::Combined(combined) => explain_combined(query, combined, place, boost, flavor),
        QueryAnatomy::BestOf(best) => {
            let mut details = Vec::new();
            for part in &best.parts {
                let part = explain(part.as_ref(), place, boost, flavor)?;
                if part.matched {
                    details.push(part);
                }
            }
            if details.is_empty() {
                return Ok(Explanation::not("No matching clause", details));
            }
            let most = details.iter().map(Explanation::number).fold(0.0, f32::max);
            let sum: f64 = details.iter().map(|part| f64::from(part.number())).sum();
            let others = (sum - f64::from(most)) * f64::from(best.tie_breaker);
            let score = (f64::from(most) + others) as f32;
            let description = match best.tie_breaker {
                0.0 => "max of:".to_owned(),
                tie => format!("max plus {} times others of:", java_float(tie)),
            };
            Ok(Explanation::of(score, description, details))
        }
        QueryAnatomy::Nothing(reason) => Ok(Explanation::not(reason, Vec::new())),
        QueryAnatomy::Term(term) => term.explain_at(place, boost),
        QueryAnatomy::Phrase(phrase) => phrase.explain_at(place, boost),
        QueryAnatomy::Places(places) => places.explain_at(place, boost),
        QueryAnatomy::Scripted(scripted) => scripted.explain_at(query, place, boost, flavor),
        QueryAnatomy::Constant(_) | QueryAnatomy::Everything | QueryAnatomy::Other => {
            let shown = match anatomy(query) {
                QueryAnatomy::Constant(Constant { leaf: Some(leaf), .. }) => leaf.text.clone(),
                _ => text(query, flavor),
            };
            Ok(match score(query, place, boost)? {
                Some(1.0) => Explanation::of(1.0, shown, Vec::new()),
                Some(score) => {
                    Explanation::of(score, format!("{shown}^{}", java_float(score)), Vec::new())
                }
                None => {
                    let reason = format!("{shown} doesn't match id {}", place.doc);
                    Explanation::not(reason, Vec::new())
                }
            })
        }
    }
}

fn explain_combined(
    query: &dyn Query,
    combined: &Combined,
    place: &DocumentAt<'_>,
    boost: f32,
    flavor: Flavor,
) -> Result<Explanation, Exception> {
    let clauses: Vec<(Role, &dyn Query)> = combined.clauses().collect();
    if let [(Role::Must | Role::Should, only)] = clauses.as_slice() {
        // One clause is no boolean query to Lucene.
        return explain(*only, place, boost, flavor);
    }
    let (mut details, mut failed, mut matches, mut optional) = (Vec::new(), false, 0, 0);
    for (role, clause) in clauses {
        let own = explain(clause, place, boost, flavor)?;
        let shown = || text(clause, flavor);
        let own = match role {
            // What only lets pass or keeps out is not scored.
            Role::Filter | Role::MustNot if own.matched => {
                Explanation::of(1.0, shown(), Vec::new())
            }
            _ => own,
        };
        match (role, own.matched) {
            (Role::Must, true) => details.push(own),
            (Role::Should, true) => {
                optional += 1;
                details.push(own);
            }
            (Role::Filter, true) => details.push(Explanation::of(
                0.0,
                "match on required clause, product of:",
                vec![Explanation::of(0.0, "# clause", Vec::new()), own],
            )),
            (Role::MustNot, true) => {
                failed = true;
                let reason = format!("match on prohibited clause ({})", shown());
                details.push(Explanation::not(reason, vec![own]));
            }
            (Role::Must | Role::Filter, false) => {
                failed = true;
                let reason = format!("no match on required clause ({})", shown());
                details.push(Explanation::not(reason, vec![own]));
            }
            (Role::Should | Role::MustNot, false) => continue,
        }
        matches += usize::from(role != Role::MustNot);
    }
    if failed {
        return Ok(Explanation::not(
            "Failure to meet condition(s) of required/prohibited clause(s)",
            details,
        ));
    }
    if matches == 0 {
        return Ok(Explanation::not("No matching clauses", details));
    }
    if optional < combined.required {
        let required = combined.required;
        return Ok(Explanation::not(
            format!("Failure to match minimum number of optional clauses: {required}"),
            details,
        ));
    }
    if score(query, place, boost)?.is_none() {
        return Ok(Explanation::not("No matching clauses", details));
    }
    let sum: f64 = details.iter().map(|part| f64::from(part.number())).sum();
    Ok(Explanation::of(sum as f32, "sum of:", details))
}

/// What `query` scores the document at `place`; `None` where it does not match.
///
/// # Errors
/// What the index library reports.
pub(crate) fn score(
    query: &dyn Query,
    place: &DocumentAt<'_>,
    boost: f32,
) -> Result<Option<f32>, Exception> {
    let scoring = EnableScoring::enabled_from_searcher(place.searcher);
    let weight = query.weight(scoring).map_err(internal)?;
    let mut asked = TwoPhaseDocuments::new(&weight.into(), place.reader, boost);
    Ok(asked.holds(place.doc)?.then(|| asked.score()))
}
