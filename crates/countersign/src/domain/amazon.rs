//! What a domain of Amazon's says of itself, and what of that can be asked of this service.

use control::{DOMAIN_MEMBERS, MemberUse};
use serde_json::{Map, Value};

/// What a domain is to be here.
#[derive(Debug, PartialEq)]
pub(super) struct Wanted {
    /// The input of `CreateDomain`.
    pub(super) input: Value,
    /// What is left out, and why.
    pub(super) refused: Vec<String>,
    /// What is kept and shown, and does nothing here.
    pub(super) kept: Vec<String>,
}

/// The members of `CreateDomain` that `DescribeDomainConfig` tells, and those that are no option of a domain.
const CREATED_WITH: &[&str] = &[
    "AIMLOptions",
    "AccessPolicies",
    "AdvancedOptions",
    "AdvancedSecurityOptions",
    "AutoTuneOptions",
    "ClusterConfig",
    "CognitoOptions",
    "DomainEndpointOptions",
    "EBSOptions",
    "EncryptionAtRestOptions",
    "EngineVersion",
    "IPAddressType",
    "IdentityCenterOptions",
    "LogPublishingOptions",
    "NodeToNodeEncryptionOptions",
    "OffPeakWindowOptions",
    "SnapshotOptions",
    "SoftwareUpdateOptions",
    "VPCOptions",
];

/// What is told of options, and is none.
const TOLD_ONLY: &[&str] = &[
    "AdvancedSecurityOptions.AnonymousAuthDisableDate",
    "EncryptionAtRestOptions.KmsKeyId",
    "VPCOptions.AvailabilityZones",
    "VPCOptions.VPCId",
    "ClusterConfig.WarmCount",
    "ClusterConfig.WarmType",
];

/// What a domain is to be here whose configuration (`DescribeDomainConfig`'s `DomainConfig`) is `config`. `own`: its ARN there and
/// the one that it gets here.
pub(super) fn wanted(name: &str, config: &Value, own: (&str, &str)) -> Wanted {
    let mut wanted = Wanted { input: Value::Null, refused: Vec::new(), kept: Vec::new() };
    let mut input = Map::new();
    input.insert("DomainName".to_owned(), name.into());
    for (member, told) in config.as_object().into_iter().flatten() {
        let Some(options) = told.get("Options").filter(|options| !options.is_null()) else {
            continue;
        };
        if !CREATED_WITH.contains(&member.as_str()) {
            continue;
        }
        let mut options = options.clone();
        if member == "AccessPolicies" {
            let text = options.as_str().unwrap_or_default().replace(own.0, own.1);
            if text.is_empty() {
                continue;
            }
            options = text.into();
        }
        if let Some(options) = wanted.asked(member, options) {
            input.insert(member.clone(), options);
        }
    }
    wanted.input = Value::Object(input);
    wanted
}

impl Wanted {
    /// What of `value` may be asked for at `path`; nothing where nothing may.
    fn asked(&mut self, path: &str, value: Value) -> Option<Value> {
        if TOLD_ONLY.contains(&path) || value.is_null() {
            return None;
        }
        // Keys of one's own: options, kinds of logs.
        if path == "AdvancedOptions" {
            return Some(value);
        }
        match value {
            Value::Object(members) => {
                let by_kind = path == "LogPublishingOptions";
                let asked = members.into_iter().filter_map(|(key, value)| {
                    let below = if by_kind { path.to_owned() } else { format!("{path}.{key}") };
                    let value = match by_kind {
                        // What is below a kind of log has paths of its own.
                        true => self.asked_members(path, value),
                        false => self.asked(&below, value),
                    };
                    Some((key, value?))
                });
                let asked: Map<String, Value> = asked.collect();
                (!asked.is_empty()).then_some(Value::Object(asked))
            }
            value => self.asked_leaf(path, value),
        }
    }

    fn asked_members(&mut self, path: &str, value: Value) -> Option<Value> {
        let Value::Object(members) = value else { return None };
        let members = members.into_iter().filter_map(|(key, value)| {
            let asked = self.asked_leaf(&format!("{path}.{key}"), value)?;
            Some((key, asked))
        });
        Some(Value::Object(members.collect()))
    }

    fn asked_leaf(&mut self, path: &str, value: Value) -> Option<Value> {
        let begins = |member: &&control::DomainMember| {
            member.path == path
                || member.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
        };
        let known = DOMAIN_MEMBERS.iter().find(begins);
        // The page of members has links in its notes.
        let known = known.map(|member| {
            let note = member.note.split("([").next().unwrap_or(member.note);
            (member.used, note.trim_end())
        });
        match known {
            Some((MemberUse::Refused { off }, _)) if is_json(&value, off) => None,
            Some((MemberUse::Refused { .. }, note)) => {
                self.refused.push(format!("{path} = {value}: {note}"));
                None
            }
            Some((MemberUse::Kept, note)) => {
                if !asks_for_nothing(&value) {
                    self.kept.push(format!("{path} = {value}: {note}"));
                }
                Some(value)
            }
            Some((MemberUse::Done, _)) => Some(value),
            // A member that this version does not know.
            None => {
                self.refused.push(format!("{path} = {value}: this version does not know it"));
                None
            }
        }
    }
}

/// Whether a value only says that something is not wanted: Amazon tells those of every domain.
fn asks_for_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => ["", "DISABLED", "NOT_ENABLED"].contains(&text.as_str()),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

/// Whether `value` is what the text says.
fn is_json(value: &Value, text: &str) -> bool {
    serde_json::from_str(text).is_ok_and(|said: Value| said == *value)
}

/// Where two configurations say something else, of what was asked for.
pub(super) fn differences(asked: &Value, here: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (member, wanted) in asked.as_object().into_iter().flatten() {
        // Tags are told apart, and are set as they are asked for.
        if ["DomainName", "TagList"].contains(&member.as_str()) {
            continue;
        }
        let options = here.get(member).and_then(|told| told.get("Options")).unwrap_or(&Value::Null);
        differ(member, wanted, options, &mut found);
    }
    found
}

fn differ(path: &str, wanted: &Value, here: &Value, found: &mut Vec<String>) {
    match (wanted, here) {
        (Value::Object(wanted), Value::Object(here)) => {
            for (key, value) in wanted {
                let here = here.get(key).unwrap_or(&Value::Null);
                differ(&format!("{path}.{key}"), value, here, found);
            }
        }
        (Value::String(wanted), Value::String(here)) if path == "AccessPolicies" => {
            let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
            if read(wanted) != read(here) {
                found.push(format!("{path}: {wanted} at Amazon, {here} here"));
            }
        }
        (wanted, here) if wanted == here => {}
        (wanted, here) => found.push(format!("{path}: {wanted} at Amazon, {here} here")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_refused_here_is_left_out_and_told_and_what_asks_for_nothing_is_not() {
        let config = json!({
            "EngineVersion": {"Options": "OpenSearch_2.19", "Status": {}},
            "ClusterConfig": {"Options": {"InstanceCount": 3, "WarmEnabled": false,
                "MultiAZWithStandbyEnabled": false,
                "ColdStorageOptions": {"Enabled": true}}},
            "AdvancedSecurityOptions": {"Options": {"Enabled": false}},
            "CognitoOptions": {"Options": {"Enabled": true, "RoleArn": "arn:r"}},
            "AccessPolicies": {"Options": "{\"Resource\":\"arn:a/*\"}"},
            "AdvancedOptions": {"Options": {"indices.query.bool.max_clause_count": "1024"}},
            "ChangeProgressDetails": {"ChangeId": "x"},
        });
        let wanted = wanted("books", &config, ("arn:a", "arn:b"));
        assert_eq!(
            wanted.input,
            json!({"DomainName": "books", "EngineVersion": "OpenSearch_2.19",
                "ClusterConfig": {"InstanceCount": 3, "MultiAZWithStandbyEnabled": false},
                "AdvancedSecurityOptions": {"Enabled": false},
                "AccessPolicies": "{\"Resource\":\"arn:b/*\"}",
                "AdvancedOptions": {"indices.query.bool.max_clause_count": "1024"}})
        );
        assert_eq!(
            wanted.refused,
            [
                "ClusterConfig.ColdStorageOptions.Enabled = true: countersign has no cold storage",
                "CognitoOptions.Enabled = true: countersign does not offer sign-in through Cognito",
                "CognitoOptions.RoleArn = \"arn:r\": countersign does not offer sign-in through Cognito",
            ]
        );
        assert_eq!(
            wanted.kept,
            [
                "ClusterConfig.InstanceCount = 3: one node serves the domain; where a pool makes its cluster, so many"
            ]
        );
    }

    #[test]
    fn a_difference_is_told_with_both_values() {
        let asked = json!({"DomainName": "d", "EBSOptions": {"VolumeSize": 10},
            "AccessPolicies": "{ \"a\": 1 }"});
        let here = json!({"EBSOptions": {"Options": {"VolumeSize": 20, "Iops": 1}},
            "AccessPolicies": {"Options": "{\"a\":1}"}});
        assert_eq!(differences(&asked, &here), ["EBSOptions.VolumeSize: 10 at Amazon, 20 here"]);
    }
}
