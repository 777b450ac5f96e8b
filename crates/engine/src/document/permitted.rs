//! Writing under a view that shows less than all of every document: a document is written when the view shows it whole, and
//! replaces or deletes only what the view shows whole. What is hidden is neither lost nor made
//! (docs/decisions/0154-documents-and-fields-in-policies.md).

use std::collections::BTreeMap;

use serde_json::Value;
use tantivy::TERMINATED;
use tantivy::query::EnableScoring;

use super::target::Targets;
use crate::document_rule::{DocumentRule, FieldRules};
use crate::dsl::bm25::Statistics;
use crate::dsl::lower::Lowering;
use crate::dsl::percolate::in_memory;
use crate::dsl::rule::RuleQuery;
use crate::exception::{Exception, ExceptionKind, internal};
use crate::index::{Index, Operation, Precondition, Snapshot, Write, WriteOutcome, Written};
use crate::restriction::{ID, Restriction};

/// Runs one operation with `write`, if the view shows whole what it writes and what it replaces.
///
/// # Errors
/// `security_exception`; what `write` refuses.
pub(super) fn write(
    targets: &Targets<'_>,
    index: &Index,
    restriction: &Restriction,
    mut operation: Operation,
    write: impl Fn(Vec<Operation>) -> Vec<Result<Written, Exception>>,
) -> Result<Written, Exception> {
    let Some(rules) = restriction.rules() else {
        return write(vec![operation]).pop().unwrap_or_else(|| Err(super::lost()));
    };
    let snapshot = index.snapshot();
    let observer = restriction.observer();
    let shows = |value: &Value| {
        let shows = shows_whole(targets, &snapshot, rules, value)?;
        if shows {
            leaves("", value, &mut |path: &str| observer.touched(path));
        }
        Ok::<bool, Exception>(shows)
    };
    if let Write::Index { value, .. } | Write::Create { value, .. } = &operation.write
        && !shows(value)?
    {
        return Err(refused());
    }
    if let Precondition::External(_) | Precondition::ExternalGte(_) = operation.precondition {
        return Err(external());
    }
    match index.get(&operation.id, true)? {
        Some(found) => {
            let old = serde_json::from_slice(&found.source);
            let old: Value = old
                .map_err(|error| Exception::new(ExceptionKind::IllegalState, error.to_string()))?;
            if !shows(&old)? {
                return Err(refused());
            }
            let there = (found.seq_no, found.primary_term);
            if let Precondition::SeqNo { seq_no, primary_term } = operation.precondition
                && (seq_no, primary_term) != there
            {
                let asked = (seq_no, primary_term);
                return Err(index.seq_no_conflict(&operation.id, asked, Some(there)));
            }
            // Only the state that was looked at is replaced: if there is another by now, it is a conflict.
            operation.precondition = Precondition::SeqNo { seq_no: there.0, primary_term: there.1 };
        }
        None => {
            if let Precondition::SeqNo { seq_no, primary_term } = operation.precondition {
                return Err(index.seq_no_conflict(&operation.id, (seq_no, primary_term), None));
            }
            match operation.write {
                // Nothing that comes meanwhile is replaced.
                Write::Index { raw, value } => operation.write = Write::Create { raw, value },
                Write::Create { .. } => {}
                Write::Delete => {
                    return Ok(Written {
                        id: operation.id,
                        version: 1,
                        seq_no: 0,
                        primary_term: 1,
                        outcome: WriteOutcome::NotFound,
                    });
                }
            }
        }
    }
    write(vec![operation]).pop().unwrap_or_else(|| Err(super::lost()))
}

/// What the version of a document is compared with may be that of a deletion, of which nobody can tell whether it was seen.
fn external() -> Exception {
    let reason = "a document is not written with an external version where the policies do not show all of every document to this caller";
    Exception::new(ExceptionKind::Security, reason)
}

fn refused() -> Exception {
    let reason = "a document of which the policies do not show all to this caller is neither written nor replaced";
    Exception::new(ExceptionKind::Security, reason)
}

/// Whether all of a document is seen: it is asked as an index of its own, on the mapping that it would be written with.
fn shows_whole(
    targets: &Targets<'_>,
    snapshot: &Snapshot,
    rules: &dyn FieldRules,
    value: &Value,
) -> Result<bool, Exception> {
    let mut asked = BTreeMap::new();
    let mut ask = |path: &str| {
        let rule = rules.at_field(path);
        asked.insert(format!("{rule:?}"), rule);
    };
    if rules.differ() {
        leaves("", value, &mut ask);
    }
    if asked.is_empty() {
        // No field is there to be asked, or the answer is the same for all.
        let rule = rules.at_field(ID);
        asked.insert(format!("{rule:?}"), rule);
    }
    let rules: Vec<DocumentRule> = asked.into_values().collect();
    if rules.iter().all(|rule| matches!(rule, DocumentRule::Always)) {
        return Ok(true);
    }
    if rules.iter().any(|rule| matches!(rule, DocumentRule::Never)) {
        return Ok(false);
    }
    let statistics = Statistics::in_memory(targets.flavor);
    let outer = Lowering::new(snapshot, &statistics, targets.now, targets.work);
    let given = in_memory(std::slice::from_ref(value), &outer)?;
    let inner = given.lowering(&outer, &statistics);
    let lowered = inner.lower(&RuleQuery::query(DocumentRule::All(rules)))?;
    let scoring = EnableScoring::disabled_from_searcher(inner.searcher);
    let weight = lowered.weight(scoring).map_err(internal)?;
    for reader in inner.searcher.segment_readers() {
        let scorer = weight.scorer(reader, 1.0).map_err(internal)?;
        if scorer.doc() != TERMINATED {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The paths of the values of a document. Documents are at most `DOCUMENT_DEPTH_MAX` deep.
fn leaves(prefix: &str, value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match prefix {
                    "" => leaves(key, value, found),
                    prefix => leaves(&format!("{prefix}.{key}"), value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| leaves(prefix, value, found)),
        _ => found(prefix),
    }
}
