//! The documents of a [`DocumentRule`]: looked up by the values that it names ([`RuleTerms`]), or each asked by the columns of the
//! fields that the rule is about. Where a column does not hold what was written, the rule cannot be asked and nothing is shown
//! (docs/decisions/0154-documents-and-fields-in-policies.md, 0201-a-policys-values-are-looked-up.md).

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use tantivy::{DocId, SegmentReader};

use super::lower::{Lowered, Lowering, constant, everything, nothing};
use super::lowered::combine;
use super::rule_terms::RuleTerms;
use super::scan::{OpenTest, Scan, SegmentTest};
use super::{Query, QueryClause};
use crate::columns::{AnyColumn, Numbers};
use crate::document_rule::{DocumentRule, TestedValue, ValueTest};
use crate::exception::{Exception, ExceptionKind};
use crate::key_hash::KeyHashes;
use crate::mapping::keyword::Keyword;
use crate::mapping::{Column as Kind, Leaf, Mapping};
use crate::work::Cancel;

/// Most answers that are remembered of one field of a segment.
const KNOWN_MAX: usize = 65_536;

/// The documents of a rule, as a query.
#[derive(Clone, Debug)]
pub(crate) struct RuleQuery(DocumentRule);

impl RuleQuery {
    /// The query that finds the documents of `rule`.
    pub(crate) fn query(rule: DocumentRule) -> Query {
        Query::of(RuleQuery(rule))
    }
}

impl QueryClause for RuleQuery {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if asks_queries(&self.0) {
            return lowered(&self.0, lowering);
        }
        let rule = MappedRule::of(&self.0, lowering.mapping, lowering.index)?;
        Ok(mapped(rule, &lowering.work.cancel))
    }
}

/// The documents of a rule: looked up where it tells its values, and where it is all but those; else each is asked.
fn mapped(rule: MappedRule, cancel: &Cancel) -> Lowered {
    let (rule, excluded) = match rule {
        MappedRule::Always => return everything(),
        MappedRule::Never => return nothing(),
        rule if RuleTerms::tells(&rule) || !rule.is_always_known() => (rule, Vec::new()),
        rule => rule.without_exclusions(),
    };
    let none = Vec::new;
    if !excluded.is_empty() {
        let left = match rule {
            MappedRule::Always => none(),
            rule => vec![mapped(rule, cancel)],
        };
        let excluded = excluded.into_iter().map(|rule| mapped(rule, cancel)).collect();
        return combine(none(), left, none(), excluded, 0);
    }
    let rule = Arc::new(rule);
    let opened = Arc::clone(&rule);
    let open: OpenTest = Arc::new(move |reader: &SegmentReader| {
        let mut rule = opened.open(reader)?;
        let test: SegmentTest = Box::new(move |doc| rule.holds(doc)?.then_some(1.0));
        Ok(Some(test))
    });
    let scan = Scan::new("rule", cancel, open);
    match RuleTerms::of(&rule, &scan, cancel) {
        Some(terms) => constant(Box::new(terms)),
        None => constant(Box::new(scan)),
    }
}

/// Whether a rule is about queries too.
fn asks_queries(rule: &DocumentRule) -> bool {
    match rule {
        DocumentRule::Always | DocumentRule::Never | DocumentRule::If(_) => false,
        DocumentRule::Query(_) => true,
        DocumentRule::Not(inner) => asks_queries(inner),
        DocumentRule::All(parts) | DocumentRule::Any(parts) => parts.iter().any(asks_queries),
    }
}

/// A rule with queries in it, as one query.
fn lowered(rule: &DocumentRule, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
    if !asks_queries(rule) {
        return RuleQuery(rule.clone()).lower(lowering);
    }
    let each = |parts: &[DocumentRule]| {
        parts.iter().map(|part| lowered(part, lowering)).collect::<Result<Vec<_>, _>>()
    };
    let none = Vec::new;
    Ok(match rule {
        DocumentRule::Query(query) => lowering.lower(query)?,
        DocumentRule::Not(inner) => {
            let known = known(inner, lowering)?;
            combine(none(), known, none(), vec![lowered(inner, lowering)?], 0)
        }
        DocumentRule::All(parts) => combine(none(), each(parts)?, none(), none(), 0),
        DocumentRule::Any(parts) => combine(none(), none(), each(parts)?, none(), 1),
        DocumentRule::Always | DocumentRule::Never | DocumentRule::If(_) => nothing(),
    })
}

/// For each test of a rule that does not say yes or no of every document, those of which it does: of the others nobody knows whether
/// the rule keeps them out.
fn known(rule: &DocumentRule, lowering: &Lowering<'_>) -> Result<Vec<Lowered>, Exception> {
    Ok(match rule {
        DocumentRule::Always | DocumentRule::Never | DocumentRule::Query(_) => Vec::new(),
        DocumentRule::If(_) => {
            let of = || MappedRule::of(rule, lowering.mapping, lowering.index);
            let either = MappedRule::Any(vec![of()?, MappedRule::Not(Box::new(of()?))]);
            match either.is_always_known() {
                true => Vec::new(),
                false => vec![mapped(either, &lowering.work.cancel)],
            }
        }
        DocumentRule::Not(inner) => known(inner, lowering)?,
        DocumentRule::All(parts) | DocumentRule::Any(parts) => {
            let each = parts.iter().map(|part| known(part, lowering));
            each.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()
        }
    })
}

/// A rule on the fields of one index.
pub(super) enum MappedRule {
    Always,
    Never,
    If(Arc<Leaf>, Arc<dyn ValueTest>),
    Not(Box<MappedRule>),
    All(Vec<MappedRule>),
    Any(Vec<MappedRule>),
}

impl MappedRule {
    /// # Errors
    /// `security_exception` for a field of which a test would not be exact.
    fn of(rule: &DocumentRule, mapping: &Mapping, index: &str) -> Result<MappedRule, Exception> {
        let each = |parts: &[DocumentRule]| {
            let mapped = parts.iter().map(|part| MappedRule::of(part, mapping, index));
            mapped.collect::<Result<Vec<_>, _>>()
        };
        Ok(match rule {
            DocumentRule::Always => MappedRule::Always,
            DocumentRule::Never => MappedRule::Never,
            DocumentRule::If(test) => {
                let leaf = exact(mapping, test.field(), test.reads()).map_err(|why| {
                    let path = test.field();
                    let reason = format!(
                        "the policies ask for the field [{path}] of documents of [{index}], which cannot be asked exactly: {why}"
                    );
                    Exception::new(ExceptionKind::Security, reason)
                })?;
                MappedRule::If(Arc::clone(leaf), Arc::clone(test))
            }
            // Lowered apart.
            DocumentRule::Query(_) => MappedRule::Never,
            DocumentRule::Not(inner) => {
                MappedRule::Not(Box::new(MappedRule::of(inner, mapping, index)?))
            }
            DocumentRule::All(parts) => MappedRule::All(each(parts)?),
            DocumentRule::Any(parts) => MappedRule::Any(each(parts)?),
        })
    }

    /// Whether [`SegmentRule::holds`] says yes or no of every document.
    fn is_always_known(&self) -> bool {
        match self {
            MappedRule::Always | MappedRule::Never => true,
            // Of a moment there may be no text.
            MappedRule::If(leaf, _) => !matches!(leaf.column, Some(Kind::Date | Kind::DateNanos)),
            MappedRule::Not(inner) => inner.is_always_known(),
            MappedRule::All(parts) | MappedRule::Any(parts) => {
                parts.iter().all(MappedRule::is_always_known)
            }
        }
    }

    /// Without those of its parts that keep out documents that can be looked up, and what those keep out.
    fn without_exclusions(self) -> (MappedRule, Vec<MappedRule>) {
        match self {
            MappedRule::Not(inner) if RuleTerms::tells(&inner) => {
                (MappedRule::Always, vec![*inner])
            }
            MappedRule::All(parts) => {
                let (mut left, mut excluded) = (Vec::new(), Vec::new());
                for part in parts {
                    match part {
                        MappedRule::Not(inner) if RuleTerms::tells(&inner) => excluded.push(*inner),
                        part => left.push(part),
                    }
                }
                let left = if left.is_empty() { MappedRule::Always } else { MappedRule::All(left) };
                (left, excluded)
            }
            rule => (rule, Vec::new()),
        }
    }

    pub(super) fn open(&self, reader: &SegmentReader) -> tantivy::Result<SegmentRule> {
        let each = |parts: &[MappedRule]| {
            parts.iter().map(|part| part.open(reader)).collect::<tantivy::Result<Vec<_>>>()
        };
        Ok(match self {
            MappedRule::Always => SegmentRule::Settled(true),
            MappedRule::Never => SegmentRule::Settled(false),
            MappedRule::If(leaf, test) => SegmentRule::If(ColumnTest::open(reader, leaf, test)?),
            MappedRule::Not(inner) => SegmentRule::Not(Box::new(inner.open(reader)?)),
            MappedRule::All(parts) => SegmentRule::All(each(parts)?),
            MappedRule::Any(parts) => SegmentRule::Any(each(parts)?),
        })
    }
}

/// The field at `path`, of which the column holds exactly what documents say.
///
/// # Errors
/// Why it does not.
fn exact<'m>(
    mapping: &'m Mapping,
    path: &str,
    reads: TestedValue,
) -> Result<&'m Arc<Leaf>, &'static str> {
    let Some(leaf) = mapping.leaf(path) else { return Err("it is not mapped") };
    if leaf.path != path {
        return Err("it is an alias of another field");
    }
    if mapping.nested_around(path).is_some() {
        return Err("it lies in a nested object");
    }
    if leaf.column.is_none() {
        return Err("it has no doc_values");
    }
    if leaf.kind.ignores_malformed() {
        return Err("it leaves out what is malformed (ignore_malformed)");
    }
    let value = match leaf.kind.name() {
        "keyword" => TestedValue::Text,
        "byte" | "short" | "integer" | "long" | "unsigned_long" => TestedValue::Number,
        "date" | "date_nanos" => TestedValue::Date,
        "boolean" => TestedValue::Boolean,
        "ip" => TestedValue::Ip,
        _ => return Err("fields of its type cannot be compared"),
    };
    if let Some(keyword) = leaf.kind.get::<Keyword>() {
        if keyword.ignore_above.is_some() {
            return Err("it leaves out what is long (ignore_above)");
        }
        if keyword.normalizer.is_some() {
            return Err("it has a normalizer");
        }
    }
    if reads != TestedValue::Presence && reads != value {
        return Err("the operator is one of another type");
    }
    Ok(leaf)
}

/// A rule on one segment.
pub(super) enum SegmentRule {
    Settled(bool),
    If(ColumnTest),
    Not(Box<SegmentRule>),
    All(Vec<SegmentRule>),
    Any(Vec<SegmentRule>),
}

impl SegmentRule {
    /// Whether it holds of a document; `None` where a value that decides cannot be told: then nobody sees the document.
    pub(super) fn holds(&mut self, doc: DocId) -> Option<bool> {
        match self {
            SegmentRule::Settled(holds) => Some(*holds),
            SegmentRule::If(test) => test.holds(doc),
            SegmentRule::Not(inner) => inner.holds(doc).map(|holds| !holds),
            SegmentRule::All(parts) => {
                for part in parts {
                    if !part.holds(doc)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            SegmentRule::Any(parts) => {
                for part in parts {
                    if part.holds(doc)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
        }
    }
}

/// A test on the column of one segment.
pub(super) struct ColumnTest {
    test: Arc<dyn ValueTest>,
    column: AnyColumn,
    kind: Option<Kind>,
    absent: bool,
    /// What it says of one value.
    known: HashMap<u128, Option<bool>, KeyHashes>,
}

impl ColumnTest {
    fn open(
        reader: &SegmentReader,
        leaf: &Leaf,
        test: &Arc<dyn ValueTest>,
    ) -> tantivy::Result<ColumnTest> {
        let column = AnyColumn::kept(reader, leaf);
        let column = column
            .map_err(|fault| tantivy::TantivyError::InternalError(fault.reason().to_owned()))?;
        let (test, absent) = (Arc::clone(test), test.holds(&[]));
        Ok(ColumnTest { test, column, kind: leaf.column, absent, known: HashMap::default() })
    }

    fn holds(&mut self, doc: DocId) -> Option<bool> {
        // Nearly every document has one value, for which nothing is allocated.
        let (mut first, mut more) = (None, Vec::new());
        self.each(doc, |key| match first {
            None => first = Some(key),
            Some(first) if first == key => {}
            Some(_) => more.push(key),
        });
        let Some(first) = first else { return Some(self.absent) };
        if more.is_empty() {
            return self.holds_of(first);
        }
        more.push(first);
        more.sort_unstable();
        more.dedup();
        let texts: Option<Vec<String>> = more.iter().map(|key| self.text(*key)).collect();
        texts.map(|texts| self.test.holds(&texts))
    }

    /// What the test says of one value, which is asked once.
    fn holds_of(&mut self, key: u128) -> Option<bool> {
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let holds = self.text(key).map(|text| self.test.holds(&[text]));
        if self.known.len() >= KNOWN_MAX {
            self.known.clear();
        }
        self.known.insert(key, holds);
        holds
    }

    /// The values of a document, each as a number of its own.
    fn each(&self, doc: DocId, mut take: impl FnMut(u128)) {
        match &self.column {
            // Fractions are of no type that is exact.
            AnyColumn::None
            | AnyColumn::Bytes(_)
            | AnyColumn::Numbers(Numbers::F64(_) | Numbers::Scaled(..)) => {}
            AnyColumn::Numbers(Numbers::I64(column)) | AnyColumn::Nanos(column) => {
                column.values_for_doc(doc).for_each(|value| take(u128::from(value as u64)));
            }
            AnyColumn::Numbers(Numbers::U64(column)) => {
                column.values_for_doc(doc).for_each(|value| take(u128::from(value)));
            }
            AnyColumn::Addresses(column) => {
                column.values_for_doc(doc).for_each(|value| take(u128::from(value)));
            }
            AnyColumn::Strings(column) => {
                column.term_ords(doc).for_each(|ordinal| take(u128::from(ordinal)));
            }
        }
    }

    /// What a value is as text; `None` where it is none that a condition could name.
    fn text(&self, key: u128) -> Option<String> {
        match &self.column {
            AnyColumn::Strings(column) => {
                let mut text = String::new();
                let ordinal = u64::try_from(key).ok()?;
                column.ord_to_str(ordinal, &mut text).ok()?.then_some(text)
            }
            AnyColumn::Addresses(_) => {
                Some(std::net::Ipv6Addr::from(key).to_canonical().to_string())
            }
            AnyColumn::Numbers(Numbers::U64(_)) => Some(key.to_string()),
            _ => {
                let value = u64::try_from(key).ok()? as i64;
                match self.kind {
                    Some(Kind::Boolean) => Some((value != 0).to_string()),
                    Some(Kind::Date) => Some(Timestamp::from_millisecond(value).ok()?.to_string()),
                    Some(Kind::DateNanos) => {
                        Some(Timestamp::from_nanosecond(value.into()).ok()?.to_string())
                    }
                    _ => Some(value.to_string()),
                }
            }
        }
    }
}
