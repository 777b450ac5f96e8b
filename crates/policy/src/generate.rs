//! The least policy that allows what was done: from requests that were allowed to a policy that
//! allows exactly those. Wildcards are proposed beside it, never put into it unasked.
//!
//! ```
//! use policy::generate::{ObservedRequest, least};
//!
//! let path = "arn:aws:es:us-east-1:123456789012:domain/dev/logs-2026-01";
//! let seen = ["/_search", "/_doc/1"].map(|end| ObservedRequest {
//!     action: "es:ESHttpGet".to_owned(),
//!     resource: format!("{path}{end}"),
//!     fields: None,
//! });
//! let generated = least(seen);
//! assert!(generated.policy().contains("logs-2026-01/_doc/1"));
//! assert_eq!(generated.proposals[0].pattern, format!("{path}/*"));
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// A request that was allowed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObservedRequest {
    /// Such as `es:ESHttpGet`.
    pub action: String,
    /// The resource's ARN, or `*`.
    pub resource: String,
    /// The fields that it touched, where that is known.
    pub fields: Option<BTreeSet<String>>,
}

/// What [`least`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// For every resource pattern, the actions on it.
    entries: BTreeMap<String, BTreeSet<String>>,
    /// Of the entries of which every request said so, the fields that were touched.
    fields: BTreeMap<String, BTreeSet<String>>,
    /// Whether statements name these.
    names_fields: bool,
    /// Wildcards that would shorten the policy, and widen it.
    pub proposals: Vec<Proposal>,
}

/// A wildcard in place of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The pattern.
    pub pattern: String,
    /// The entries that it would replace, as the policy has them.
    pub replaces: Vec<String>,
}

/// The least policy for these requests.
pub fn least(observed: impl IntoIterator<Item = ObservedRequest>) -> Generated {
    let mut entries: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut fields: BTreeMap<String, Option<BTreeSet<String>>> = BTreeMap::new();
    for ObservedRequest { action, resource, fields: touched } in observed {
        let entry = literal(&resource);
        let known = fields.entry(entry.clone()).or_insert_with(|| Some(BTreeSet::new()));
        match (known.as_mut(), touched) {
            (Some(known), Some(touched)) => known.extend(touched),
            _ => *known = None,
        }
        entries.entry(entry).or_default().insert(action);
    }
    let fields = fields.into_iter().filter_map(|(entry, known)| Some((entry, known?))).collect();
    let proposals = proposals(&entries);
    Generated { entries, fields, names_fields: false, proposals }
}

impl Generated {
    /// The identity policy as JSON: one statement for each set of actions, and of fields where statements name them.
    pub fn policy(&self) -> String {
        type Alike<'a> = (&'a BTreeSet<String>, Option<&'a BTreeSet<String>>);
        let mut alike: BTreeMap<Alike<'_>, Vec<&str>> = BTreeMap::new();
        for (resource, actions) in &self.entries {
            alike.entry((actions, self.named_fields(resource))).or_default().push(resource);
        }
        let statement = |((actions, fields), resources): (&Alike<'_>, &Vec<&str>)| {
            let mut statement =
                json!({"Effect": "Allow", "Action": actions, "Resource": resources});
            if let (Some(fields), Some(statement)) = (fields, statement.as_object_mut()) {
                let names: Vec<String> = fields.iter().map(|field| literal(field)).collect();
                let condition = json!({"StringEquals": {"es:Field": names}});
                statement.insert("Condition".to_owned(), condition);
            }
            statement
        };
        let statements: Vec<Value> = alike.iter().map(statement).collect();
        format!("{:#}", json!({"Version": "2012-10-17", "Statement": statements}))
    }

    /// The same with the fields that were touched, where all requests of an entry told: of their documents the policy shows
    /// nothing else.
    #[must_use]
    pub fn with_fields(self) -> Generated {
        Generated { names_fields: true, ..self }
    }

    /// The resources with documents of which the fields are not known: some request did not tell, or none was touched.
    pub fn without_fields(&self) -> impl Iterator<Item = &str> {
        let entries = self.entries.keys().filter(|entry| domain_and_index(entry).is_some());
        let unknown = entries.filter(|entry| self.fields_of(entry).is_none());
        unknown.map(String::as_str)
    }

    /// The same with every proposal taken: wider, and said so by whoever asks for it.
    #[must_use]
    pub fn with_wildcards(mut self) -> Generated {
        for Proposal { pattern, replaces } in std::mem::take(&mut self.proposals) {
            let mut actions = BTreeSet::new();
            let mut fields = Some(BTreeSet::new());
            for entry in &replaces {
                actions.extend(self.entries.remove(entry).unwrap_or_default());
                match (fields.as_mut(), self.fields.remove(entry).filter(|it| !it.is_empty())) {
                    (Some(fields), Some(more)) => fields.extend(more),
                    _ => fields = None,
                }
            }
            self.entries.entry(pattern.clone()).or_default().extend(actions);
            if let Some(fields) = fields {
                self.fields.insert(pattern, fields);
            }
        }
        self
    }

    fn named_fields(&self, entry: &str) -> Option<&BTreeSet<String>> {
        if self.names_fields { self.fields_of(entry) } else { None }
    }

    fn fields_of(&self, entry: &str) -> Option<&BTreeSet<String>> {
        self.fields.get(entry).filter(|fields| !fields.is_empty())
    }
}

/// The resource as a pattern that matches itself and nothing else.
fn literal(resource: &str) -> String {
    if resource == "*" {
        return resource.to_owned();
    }
    let mut pattern = String::new();
    for character in resource.chars() {
        match character {
            '*' | '?' | '$' => pattern.extend(['$', '{', character, '}']),
            other => pattern.push(other),
        }
    }
    pattern
}

/// Several paths of one index: `INDEX/*`. Several indices of one series: `NAME-*`. A series has the same name before what
/// [`series`] takes for a date or a number at its end, or else before its last `-`.
fn proposals(entries: &BTreeMap<String, BTreeSet<String>>) -> Vec<Proposal> {
    let mut families: BTreeMap<String, Vec<(&str, &str)>> = BTreeMap::new();
    for entry in entries.keys() {
        let Some((domain, index)) = domain_and_index(entry) else { continue };
        let family = format!("{domain}/{}", series(index));
        let itself = entry.get(..domain.len() + 1 + index.len()).unwrap_or(entry);
        families.entry(family).or_default().push((itself, entry));
    }
    let mut proposals = Vec::new();
    for (family, members) in families.into_iter().filter(|(_, members)| members.len() > 1) {
        let indices: BTreeSet<&str> = members.iter().map(|(index, _)| *index).collect();
        let replaces: Vec<String> = members.iter().map(|(_, entry)| (*entry).to_owned()).collect();
        let pattern = match (indices.len(), indices.first()) {
            // `INDEX/*` leaves out the index itself, which some entry may name.
            (1, Some(only)) if replaces.iter().any(|entry| entry == only) => format!("{only}*"),
            (1, Some(only)) => format!("{only}/*"),
            _ => format!("{family}*"),
        };
        proposals.push(Proposal { pattern, replaces });
    }
    proposals
}

/// What the indices of a series have in common: the name up to a date (`logs-2026-11-30`, `logs-2026.11.30`, `logs-20261130`) and
/// a number behind it (`logs-2026.11.30-000001`, `logs-000001`), each part of which is digits; or up to the last `-`; or all of it.
fn series(index: &str) -> &str {
    let of_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut name = index;
    while let Some(at) = name.rfind(['-', '.', '_'])
        && name.get(at + 1..).is_some_and(of_digits)
    {
        name = name.get(..at).unwrap_or_default();
    }
    let end = match name.len() < index.len() {
        true => name.len() + 1,
        false => index.rfind('-').map_or(index.len(), |at| at + 1),
    };
    match name.is_empty() || end == 1 {
        true => index,
        false => index.get(..end).unwrap_or(index),
    }
}

/// `…:domain/NAME` and the index after it; none for paths that name no index.
fn domain_and_index(entry: &str) -> Option<(&str, &str)> {
    let name = entry.find(":domain/")? + ":domain/".len();
    let path = name + entry.get(name..)?.find('/')?;
    let domain = entry.get(..path)?;
    let index = entry.get(path + 1..)?.split('/').next()?;
    (!index.is_empty() && !index.starts_with('_')).then_some((domain, index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        AccessRequest, Context, Policies, Policy, PolicyKind, PolicySet, Principal, evaluate,
    };

    const DOMAIN: &str = "arn:aws:es:us-east-1:123456789012:domain/dev";

    fn observed(list: &[(&str, &str)]) -> Vec<ObservedRequest> {
        let one = |(action, path): &(&str, &str)| ObservedRequest {
            action: format!("es:ESHttp{action}"),
            resource: format!("{DOMAIN}{path}"),
            fields: None,
        };
        list.iter().map(one).collect()
    }

    fn allows(policy: &str, request: &ObservedRequest) -> bool {
        let identity = PolicySet::single("p", Policy::parse(policy, PolicyKind::Identity).unwrap());
        let principal = Principal::user("arn:aws:iam::123456789012:user/ann");
        let context = Context::new();
        let request = AccessRequest {
            principal: &principal,
            action: &request.action,
            resource: &request.resource,
            resource_account: None,
            context: &context,
        };
        evaluate(&Policies { identity: &identity, ..Policies::NONE }, &request).is_allowed()
    }

    #[test]
    fn the_policy_allows_what_was_seen_and_nothing_else() {
        let seen = observed(&[
            ("Get", "/a/_search"),
            ("Post", "/a/_search"),
            ("Get", "/b*/_doc/1?x"),
            ("Put", "/${b}"),
            ("Get", "/"),
        ]);
        let policy = least(seen.clone()).policy();
        assert!(seen.iter().all(|request| allows(&policy, request)), "{policy}");
        let unseen = observed(&[
            ("Put", "/a/_search"),
            ("Get", "/bb/_doc/1?x"),
            ("Get", "/b*/_doc/12x"),
            ("Put", "/b"),
            ("Get", ""),
        ]);
        assert!(!unseen.iter().any(|request| allows(&policy, request)), "{policy}");
    }

    #[test]
    fn wildcards_are_proposed_for_paths_of_an_index_and_for_dated_indices() {
        let seen = observed(&[
            ("Get", "/docs/_search"),
            ("Get", "/docs/_doc/1"),
            ("Get", "/logs-2026.01/_search"),
            ("Post", "/logs-2026.02/_search"),
            ("Get", "/team-x"),
            ("Get", "/team-x/_search"),
            ("Get", "/alone/_search"),
            ("Get", "/_cat/indices"),
        ]);
        let generated = least(seen.clone());
        let patterns: Vec<&str> =
            generated.proposals.iter().map(|it| it.pattern.as_str()).collect();
        let expected = ["docs/*", "logs-*", "team-x*"].map(|path| format!("{DOMAIN}/{path}"));
        assert_eq!(patterns, expected);
        let wide = generated.with_wildcards().policy();
        assert!(seen.iter().all(|request| allows(&wide, request)), "{wide}");
    }

    #[test]
    fn the_indices_of_a_series_differ_in_the_date_and_the_number_at_their_end() {
        for (index, expected) in [
            ("logs-2026-11-30", "logs-"),
            ("logs-2026.11.30", "logs-"),
            ("logs-20261130", "logs-"),
            ("logs-2026.11.30-000001", "logs-"),
            ("logs.2026.11", "logs."),
            ("a-b-7", "a-b-"),
            ("team-x", "team-"),
            ("logs", "logs"),
            ("-7", "-7"),
            ("2026", "2026"),
            ("", ""),
        ] {
            assert_eq!(series(index), expected, "{index}");
        }
        let seen = observed(&[
            ("Get", "/logs-2026-11-30/_search"),
            ("Get", "/logs-2026-12-01/_search"),
            ("Get", "/audit-2026-11-30/_search"),
        ]);
        let generated = least(seen);
        let patterns: Vec<&str> =
            generated.proposals.iter().map(|it| it.pattern.as_str()).collect();
        assert_eq!(patterns, [format!("{DOMAIN}/logs-*")]);
        assert!(generated.policy().contains("logs-2026-11-30"), "nothing is widened unasked");
    }

    #[test]
    fn statements_are_grouped_by_their_actions() {
        let seen = observed(&[
            ("Get", "/a"),
            ("Post", "/a"),
            ("Get", "/b"),
            ("Post", "/b"),
            ("Get", "/c"),
        ]);
        let policy: Value = serde_json::from_str(&least(seen).policy()).unwrap();
        assert_eq!(policy["Statement"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn fields_are_named_where_every_request_of_a_resource_told_them() {
        let touching = |path: &str, fields: &[&str]| {
            let mut one = observed(&[("Get", path)]);
            one[0].fields = Some(fields.iter().map(|it| (*it).to_owned()).collect());
            one.remove(0)
        };
        let mut seen = vec![
            touching("/a/_search", &["title"]),
            touching("/a/_search", &["year", "address.*"]),
            touching("/b/_search", &["title"]),
            touching("/logs-1/_search", &["level"]),
            touching("/logs-2/_search", &["host"]),
        ];
        seen.extend(observed(&[("Get", "/b/_search"), ("Get", "/_cluster/health")]));
        let plain = least(seen.clone());
        assert!(!plain.policy().contains("es:Field"), "only where it is asked for");
        let told = least(seen.clone()).with_fields();
        assert_eq!(told.without_fields().collect::<Vec<_>>(), [format!("{DOMAIN}/b/_search")]);
        let policy: Value = serde_json::from_str(&told.policy()).unwrap();
        let of = |policy: &Value, resource: &str| {
            let statements = policy["Statement"].as_array().unwrap().iter();
            let resource = json!(format!("{DOMAIN}{resource}"));
            let mut found =
                statements.filter(|it| it["Resource"].as_array().unwrap().contains(&resource));
            found.next().unwrap()["Condition"]["StringEquals"]["es:Field"].clone()
        };
        assert_eq!(of(&policy, "/a/_search"), json!(["address.${*}", "title", "year"]));
        assert_eq!(of(&policy, "/b/_search"), Value::Null);
        let wide: Value =
            serde_json::from_str(&least(seen).with_fields().with_wildcards().policy()).unwrap();
        assert_eq!(of(&wide, "/logs-*"), json!(["host", "level"]));
    }
}
