//! Canonical JSON: one spelling for every policy, which parses to an equal policy.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::document::{Policy, Statement, Version};
use crate::effect::Effect;
use crate::principal::{PrincipalName, Principals};

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut document = Map::new();
        if let Some(version) = self.version {
            let version = match version {
                Version::V2008 => "2008-10-17",
                Version::V2012 => "2012-10-17",
            };
            document.insert("Version".to_owned(), version.into());
        }
        if let Some(id) = &self.id {
            document.insert("Id".to_owned(), id.as_str().into());
        }
        let statements: Vec<Value> = self.statements.iter().map(statement).collect();
        document.insert("Statement".to_owned(), statements.into());
        let text = serde_json::to_string_pretty(&document).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

/// One statement as JSON.
pub(crate) fn statement(statement: &Statement) -> Value {
    let mut element = Map::new();
    let mut put = |name: &str, value: Value| element.insert(name.to_owned(), value);
    if let Some(sid) = &statement.sid {
        put("Sid", sid.as_str().into());
    }
    let effect = match statement.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    put("Effect", effect.into());
    if let Some(principals) = &statement.principals {
        let name = if principals.negated { "NotPrincipal" } else { "Principal" };
        put(name, principal_element(principals));
    }
    let actions = &statement.actions;
    let sources = actions.patterns.iter().map(|it| it.source.clone()).collect();
    put(if actions.negated { "NotAction" } else { "Action" }, one_or_many(sources));
    if let Some(resources) = &statement.resources {
        let sources = resources.patterns.iter().map(|it| it.source().to_owned()).collect();
        put(if resources.negated { "NotResource" } else { "Resource" }, one_or_many(sources));
    }
    if !statement.conditions.is_empty() {
        let mut operators: Map<String, Value> = Map::new();
        for condition in &statement.conditions {
            let keys = operators.entry(condition.operator_name()).or_insert_with(|| json!({}));
            if let Value::Object(keys) = keys {
                let values = one_or_many(condition.written.clone());
                keys.insert(condition.key.written().to_owned(), values);
            }
        }
        put("Condition", operators.into());
    }
    element.into()
}

fn principal_element(principals: &Principals) -> Value {
    if principals.names == [PrincipalName::Everyone] {
        return "*".into();
    }
    let mut types: Map<String, Value> = Map::new();
    for (kind, names) in ["AWS", "CanonicalUser", "Federated", "Service"].map(|kind| {
        let of_kind = principals.names.iter().filter(|name| type_of(name) == kind);
        (kind, of_kind.map(|name| name.as_str().to_owned()).collect::<Vec<_>>())
    }) {
        if !names.is_empty() {
            types.insert(kind.to_owned(), one_or_many(names));
        }
    }
    types.into()
}

fn type_of(name: &PrincipalName) -> &'static str {
    match name {
        PrincipalName::CanonicalUser(_) => "CanonicalUser",
        PrincipalName::Federated(_) => "Federated",
        PrincipalName::Service(_) => "Service",
        PrincipalName::Everyone
        | PrincipalName::Account(_)
        | PrincipalName::Arn { .. }
        | PrincipalName::UniqueId(_) => "AWS",
    }
}

/// One string stands alone; none or several stand in an array.
fn one_or_many(mut texts: Vec<String>) -> Value {
    match (texts.len(), texts.pop()) {
        (1, Some(only)) => only.into(),
        (_, last) => texts.into_iter().chain(last).collect(),
    }
}
