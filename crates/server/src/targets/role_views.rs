//! What roles show of an index, as the engine's rules, joined with what is left of the policies
//! (docs/decisions/0177-fine-grained-access-control.md).

use std::sync::Arc;

use engine::{DocumentRule, FieldRules, ShownFields, ValueMask};
use policy::roles::{FieldMask, FieldsShown, IndexView, Masking};
use serde_json::Value;

use super::lookups;

/// Queries whose documents hidden ones decide: the nearest, or those that are like others.
const INEXACT: [&str; 3] = ["knn", "more_like_this", "hybrid"];

/// What `view` shows, of what `below` shows.
///
/// # Errors
/// Why a query or a mask cannot be honoured: nothing may be shown then.
pub(crate) fn rules(
    view: IndexView,
    below: Option<Arc<dyn FieldRules>>,
    salt: Option<[u8; ValueMask::SALT_BYTES]>,
) -> Result<Arc<dyn FieldRules>, String> {
    let roles = view.roles.join(", ");
    let mut queries = Vec::new();
    for query in &view.queries {
        let why = |text: &str| {
            format!("the document query of the roles [{roles}] cannot be asked: {text}")
        };
        if lookups::looks_up(query) {
            return Err(why("it looks up other documents"));
        }
        if let Some(name) = inexact(query) {
            return Err(why(&format!("what [{name}] finds depends on documents that it hides")));
        }
        let parsed = engine::dsl::parse(query).map_err(|error| why(error.reason()))?;
        queries.push(DocumentRule::Query(parsed));
    }
    let documents = match queries.len() {
        0 => DocumentRule::Always,
        1 => queries.pop().unwrap_or(DocumentRule::Never),
        _ => DocumentRule::Any(queries),
    };
    let masks = view.masks.into_iter().map(|mask| {
        let made = match &mask.masking {
            Masking::Hash => salt
                .map(ValueMask::hash)
                .ok_or_else(|| "the salt of masked values cannot be read".to_owned()),
            Masking::Replace(replaced) => {
                ValueMask::replace(replaced).map_err(|error| error.reason().to_owned())
            }
        };
        Ok((mask, Arc::new(made?)))
    });
    let masks = masks.collect::<Result<_, String>>()?;
    Ok(Arc::new(RoleRules {
        below,
        shown: Arc::new(RoleFields { fields: view.fields, masks }),
        documents,
    }))
}

#[derive(Debug)]
struct RoleRules {
    /// What is left of the policies.
    below: Option<Arc<dyn FieldRules>>,
    shown: Arc<RoleFields>,
    documents: DocumentRule,
}

#[derive(Debug)]
struct RoleFields {
    fields: FieldsShown,
    masks: Vec<(FieldMask, Arc<ValueMask>)>,
}

impl RoleFields {
    fn shows(&self, path: &str) -> bool {
        // Every document has it, whatever is mapped.
        path == "_id" || self.fields.shows(path) && self.mask(path).is_none()
    }

    fn mask(&self, path: &str) -> Option<&Arc<ValueMask>> {
        self.masks.iter().find(|(field, _)| field.covers(path)).map(|(_, mask)| mask)
    }
}

impl FieldRules for RoleRules {
    fn at_field(&self, path: &str) -> DocumentRule {
        if !self.shown.shows(path) {
            return DocumentRule::Never;
        }
        let below = self.below.as_ref().map_or(DocumentRule::Always, |below| below.at_field(path));
        both(below, self.documents.clone())
    }

    fn differ(&self) -> bool {
        let below = self.below.as_ref().is_some_and(|below| below.differ());
        below || !self.shown.fields.is_all() || !self.shown.masks.is_empty()
    }

    fn differ_inside(&self, path: &str) -> bool {
        let below = self.below.as_ref().is_some_and(|below| below.differ_inside(path));
        let masked = self.shown.masks.iter().any(|(field, _)| field.may_differ_inside(path));
        below || masked || self.shown.fields.may_differ_inside(path)
    }

    fn of_fields(&self, paths: &[&str]) -> ShownFields {
        let shown = Arc::clone(&self.shown);
        let Some(below) = &self.below else {
            let documents = self.documents.clone();
            return ShownFields { documents, shows: Arc::new(move |path| shown.shows(path)) };
        };
        let here: Vec<&str> = paths.iter().copied().filter(|path| shown.shows(path)).collect();
        let below = below.of_fields(&here);
        let documents = both(below.documents, self.documents.clone());
        let shows = below.shows;
        ShownFields { documents, shows: Arc::new(move |path| shown.shows(path) && shows(path)) }
    }

    fn mask(&self, path: &str) -> Option<Arc<ValueMask>> {
        let hidden = self.below.as_ref().is_some_and(|below| {
            below.differ() && !matches!(below.at_field(path), DocumentRule::Always)
        });
        if hidden || !self.shown.fields.shows(path) {
            return None;
        }
        self.shown.mask(path).map(Arc::clone)
    }
}

/// The documents of both.
fn both(one: DocumentRule, other: DocumentRule) -> DocumentRule {
    match (one, other) {
        (DocumentRule::Always, rule) | (rule, DocumentRule::Always) => rule,
        (DocumentRule::Never, _) | (_, DocumentRule::Never) => DocumentRule::Never,
        (one, other) => DocumentRule::All(vec![one, other]),
    }
}

/// A query in `query` whose documents hidden ones decide. Queries are at most `JSON_DEPTH_MAX` deep.
fn inexact(query: &Value) -> Option<&'static str> {
    match query {
        Value::Object(members) => members.iter().find_map(|(key, value)| {
            INEXACT.iter().find(|name| *name == key).copied().or_else(|| inexact(value))
        }),
        Value::Array(items) => items.iter().find_map(inexact),
        _ => None,
    }
}
