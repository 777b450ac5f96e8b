//! What of documents a request may touch: which requests honour views, and what is left of the policies as the engine's rules
//! (docs/decisions/0154-documents-and-fields-in-policies.md).

use std::sync::Arc;

use control::DomainMode;
use engine::rest::{Api, Effect, Route, Touches};
use engine::{DocumentRule, FieldRules, OnlyValues, ShownFields, TestedValue, ValueTest};
use policy::{DocumentCondition, DocumentScope, DocumentValue, Residual};

/// Of which documents a request is judged. What is not known to honour views is allowed only whatever the documents are.
#[must_use]
#[deny(clippy::wildcard_enum_match_arm)]
pub(crate) fn document_scope(route: &Route, mode: DomainMode) -> DocumentScope {
    let row = route.api.row();
    let honours = match row.touches {
        // There are no documents.
        Touches::Url => return DocumentScope::Told,
        // Read through a view; written one by one, `_update` and `_update_by_query` not at all.
        Touches::Document
        | Touches::ExplainedDocument
        | Touches::Items
        | Touches::Search
        | Touches::RatedSearches
        | Touches::Cursor => true,
        Touches::Listing | Touches::CountedListing => row.effect == Effect::Read,
        // Names, settings, and the fields of the mapping that show.
        Touches::Indices => row.effect == Effect::Read,
        // What an analyzer makes of a text, by the name of a field.
        Touches::NamedIndices => row.effect == Effect::Read && route.api != Api::IndicesAnalyze,
        Touches::Reindexed
        | Touches::ScriptTrial
        | Touches::NewIndex
        | Touches::Resize
        | Touches::Rollover
        | Touches::DataStreams
        | Touches::SnapshotTaken
        | Touches::Snapshots
        | Touches::Restored
        | Touches::Aliases
        | Touches::Template
        | Touches::Undecided => false,
    };
    if honours && mode == DomainMode::Strict { DocumentScope::Some } else { DocumentScope::Every }
}

/// What is left of the policies, as the engine asks it of documents.
pub(super) fn rules(left: &Residual) -> Arc<dyn FieldRules> {
    Arc::new(ResidualRules(left.clone()))
}

#[derive(Debug)]
struct ResidualRules(Residual);

impl FieldRules for ResidualRules {
    fn at_field(&self, path: &str) -> DocumentRule {
        rule(&self.0.at_field(path))
    }

    fn differ(&self) -> bool {
        self.0.asks_for_fields()
    }

    fn differ_inside(&self, path: &str) -> bool {
        self.0.may_differ_inside(path)
    }

    fn of_fields(&self, paths: &[&str]) -> ShownFields {
        let left = self.0.clone();
        let existing = Residual::any(paths.iter().map(|path| left.at_field(path)));
        let documents = rule(&existing);
        let shows = move |path: &str| {
            let here = left.at_field(path);
            here == Residual::Always || here == existing
        };
        ShownFields { documents, shows: Arc::new(shows) }
    }
}

/// What is left once the field is known. Where it is not, nothing is allowed.
fn rule(left: &Residual) -> DocumentRule {
    settled(left).unwrap_or(DocumentRule::Never)
}

/// That; `None` where a condition is about the field that is read, and so about no document.
fn settled(left: &Residual) -> Option<DocumentRule> {
    let each = |parts: &[Residual]| parts.iter().map(settled).collect::<Option<Vec<_>>>();
    Some(match left {
        Residual::Always => DocumentRule::Always,
        Residual::Never => DocumentRule::Never,
        Residual::If(condition) => {
            condition.field()?;
            DocumentRule::If(Arc::new(Asked(condition.clone())))
        }
        Residual::Not(inner) => DocumentRule::Not(Box::new(settled(inner)?)),
        Residual::All(parts) => DocumentRule::All(each(parts)?),
        Residual::Any(parts) => DocumentRule::Any(each(parts)?),
    })
}

/// A condition of a policy, asked by the evaluator's own code.
#[derive(Debug)]
struct Asked(DocumentCondition);

impl ValueTest for Asked {
    fn field(&self) -> &str {
        self.0.field().unwrap_or_default()
    }

    fn reads(&self) -> TestedValue {
        match self.0.value() {
            DocumentValue::Text => TestedValue::Text,
            DocumentValue::Number => TestedValue::Number,
            DocumentValue::Date => TestedValue::Date,
            DocumentValue::Boolean => TestedValue::Boolean,
            DocumentValue::Ip => TestedValue::Ip,
            DocumentValue::Presence => TestedValue::Presence,
        }
    }

    fn holds(&self, values: &[String]) -> bool {
        self.0.holds(values)
    }

    fn only_of(&self) -> Option<OnlyValues> {
        let of_several = self.0.needs_one_of_several();
        self.0.values().map(|values| OnlyValues { values, of_several })
    }
}

#[cfg(test)]
mod tests {
    use policy::{AccessRequest, Context, Policies, Policy, PolicyKind, PolicySet, Principal};

    use super::*;

    #[test]
    fn where_the_field_is_not_known_nothing_is_allowed() {
        let text = r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "es:*", "Resource": "*"},
            {"Effect": "Deny", "Action": "es:*", "Resource": "*", "Condition":
                {"StringEquals": {"es:Field": "pay"}}}]}"#;
        let identity = PolicySet::single("p", Policy::parse(text, PolicyKind::Identity).unwrap());
        let principal = Principal::user("arn:aws:iam::123456789012:user/ann");
        let request = AccessRequest {
            principal: &principal,
            action: "es:ESHttpGet",
            resource: "arn:aws:es:us-east-1:123456789012:domain/d/x/_search",
            resource_account: None,
            context: &Context::new(),
        };
        let left = policy::residual(&Policies { identity: &identity, ..Policies::NONE }, &request);
        assert!(matches!(left, Residual::Not(_)), "{left}");
        assert!(matches!(rule(&left), DocumentRule::Never));
        assert!(matches!(rule(&left.at_field("name")), DocumentRule::Always));
    }
}
