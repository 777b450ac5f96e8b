//! The actions and context keys of es, iam and sts, and the global keys.
//!
//! `reference.tsv` is made by `cargo xtask iam-tables`; its origin and licence stand in NOTICE.

const TABLE: &str = include_str!("reference.tsv");

/// Actions of a preview (`iam-toolbox`), which the table does not have yet.
const NEWER: [&str; 2] =
    ["iam:GetRequestAuthorizationDetails", "iam:GetRequestAuthorizationPolicy"];

/// An action of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Action {
    /// `es:CreateDomain`
    pub(super) name: &'static str,
}

/// Every action of a service that the table knows; none when it does not know the service.
pub(super) fn actions(service: &str) -> Vec<Action> {
    rows("action")
        .filter_map(|row| row.first().copied())
        .chain(NEWER)
        .filter(|name| name.split(':').next().is_some_and(|it| it.eq_ignore_ascii_case(service)))
        .map(|name| Action { name })
        .collect()
}

/// The type of a context key, as AWS names it (`String`, `ArrayOfString`, `Bool`, `Date`,
/// `Numeric`, `ARN`, `IPAddress`).
pub(super) fn key_type(folded: &str) -> Option<&'static str> {
    let listed = rows("key").filter_map(|row| match row.as_slice() {
        [key, kind, ..] => Some((*key, *kind)),
        _ => None,
    });
    GLOBAL_KEYS
        .iter()
        .copied()
        .chain(listed)
        .find(|(key, _)| is_key(&key.to_ascii_lowercase(), folded))
        .map(|(_, kind)| kind)
}

/// Every known key that begins with `prefix`, such as `aws:`.
pub(super) fn keys(prefix: &str) -> Vec<&'static str> {
    let listed = rows("key").filter_map(|row| row.first().copied());
    let all = GLOBAL_KEYS.iter().map(|(key, _)| *key).chain(listed);
    all.filter(|key| key.starts_with(prefix)).collect()
}

/// Whether `asked` is the key, `${…}` in it standing for anything.
fn is_key(key: &str, asked: &str) -> bool {
    match key.split_once("${") {
        None => key == asked,
        Some((before, after)) => {
            let after = after.split_once('}').map_or("", |(_, after)| after);
            asked.len() > before.len() + after.len()
                && asked.starts_with(before)
                && asked.ends_with(after)
        }
    }
}

fn rows(kind: &str) -> impl Iterator<Item = Vec<&'static str>> {
    TABLE.lines().filter_map(move |line| {
        let mut cells = line.split('\t');
        (cells.next() == Some(kind)).then(|| cells.collect())
    })
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
const GLOBAL_KEYS: &[(&str, &str)] = &[
    ("aws:CalledVia", "ArrayOfString"),
    ("aws:CalledViaFirst", "String"),
    ("aws:CalledViaLast", "String"),
    ("aws:CurrentTime", "Date"),
    ("aws:EpochTime", "Date"),
    ("aws:FederatedProvider", "String"),
    ("aws:MultiFactorAuthAge", "Numeric"),
    ("aws:MultiFactorAuthPresent", "Bool"),
    ("aws:PrincipalAccount", "String"),
    ("aws:PrincipalArn", "ARN"),
    ("aws:PrincipalIsAWSService", "Bool"),
    ("aws:PrincipalOrgID", "String"),
    ("aws:PrincipalOrgPaths", "ArrayOfString"),
    ("aws:PrincipalServiceName", "String"),
    ("aws:PrincipalServiceNamesList", "ArrayOfString"),
    ("aws:PrincipalTag/${TagKey}", "String"),
    ("aws:PrincipalType", "String"),
    ("aws:referer", "String"),
    ("aws:RequestedRegion", "String"),
    ("aws:RequestTag/${TagKey}", "String"),
    ("aws:ResourceAccount", "String"),
    ("aws:ResourceOrgID", "String"),
    ("aws:ResourceOrgPaths", "ArrayOfString"),
    ("aws:ResourceTag/${TagKey}", "String"),
    ("aws:SecureTransport", "Bool"),
    ("aws:SourceAccount", "String"),
    ("aws:SourceArn", "ARN"),
    ("aws:SourceIdentity", "String"),
    ("aws:SourceIp", "IPAddress"),
    ("aws:SourceOrgID", "String"),
    ("aws:SourceOrgPaths", "ArrayOfString"),
    ("aws:SourceVpc", "String"),
    ("aws:SourceVpce", "String"),
    ("aws:TagKeys", "ArrayOfString"),
    ("aws:TokenIssueTime", "Date"),
    ("aws:UserAgent", "String"),
    ("aws:userid", "String"),
    ("aws:username", "String"),
    ("aws:ViaAWSService", "Bool"),
    ("aws:VpcSourceIp", "IPAddress"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_key_stands_for_any() {
        assert_eq!(key_type("aws:principaltag/team"), Some("String"));
        assert_eq!(key_type("aws:principaltag/"), None);
        assert_eq!(key_type("aws:sourceip"), Some("IPAddress"));
        assert_eq!(key_type("aws:tagkeys"), Some("ArrayOfString"));
    }

    #[test]
    fn the_table_knows_the_actions_of_three_services() {
        for (service, least) in [("es", 130), ("iam", 170), ("sts", 10), ("s3", 0)] {
            assert!(actions(service).len() >= least, "{service}");
        }
    }
}
