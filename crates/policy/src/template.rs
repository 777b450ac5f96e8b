//! Policies to start from: the console's four access-policy templates, and three identity
//! policies. Each returns canonical JSON text.
//!
//! <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createupdatedomains.html#createdomain-configure-access-policies>

use serde_json::{Value, json};

/// What the templates say of a domain: its ARN, without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainArn(String);

impl DomainArn {
    /// The ARN `arn:aws:es:REGION:ACCOUNT:domain/NAME`.
    pub fn new(region: &str, account: &str, name: &str) -> DomainArn {
        DomainArn(format!("arn:aws:es:{region}:{account}:domain/{name}"))
    }

    fn path(&self, path: &str) -> String {
        format!("{}/{path}", self.0)
    }
}

/// Access policy: allow specific roles, users or accounts, by ARN or account number.
///
/// ```
/// use policy::template::{DomainArn, allow_principals};
///
/// let domain = DomainArn::new("us-east-1", "123456789012", "dev");
/// let text = allow_principals(&domain, ["arn:aws:iam::123456789012:role/search-app"]);
/// assert!(text.contains("domain/dev/*"));
/// ```
pub fn allow_principals<'a>(
    domain: &DomainArn,
    principals: impl IntoIterator<Item = &'a str>,
) -> String {
    let mut principals: Vec<&str> = principals.into_iter().collect();
    let names = match (principals.len(), principals.pop()) {
        (1, Some(only)) => json!(only),
        (_, last) => principals.into_iter().chain(last).collect(),
    };
    document(json!([{
        "Effect": "Allow",
        "Principal": {"AWS": names},
        "Action": "es:*",
        "Resource": domain.path("*"),
    }]))
}

/// Access policy: allow anybody who comes from these addresses or CIDR ranges.
pub fn allow_ips<'a>(domain: &DomainArn, ranges: impl IntoIterator<Item = &'a str>) -> String {
    document(json!([{
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "es:ESHttp*",
        "Resource": domain.path("*"),
        "Condition": {"IpAddress": {"aws:SourceIp": ranges.into_iter().collect::<Vec<_>>()}},
    }]))
}

/// Access policy: open to everybody. Accepted on domains in a VPC or with fine-grained access.
pub fn open(domain: &DomainArn) -> String {
    everybody(domain, "Allow")
}

/// Access policy: nobody gets in, whatever its identity policies say.
pub fn deny_all(domain: &DomainArn) -> String {
    everybody(domain, "Deny")
}

fn everybody(domain: &DomainArn, effect: &str) -> String {
    document(json!([{
        "Effect": effect,
        "Principal": {"AWS": "*"},
        "Action": "es:*",
        "Resource": domain.path("*"),
    }]))
}

/// Identity policy: search and read a whole domain, and write nothing.
///
/// Searches are `POST` as often as `GET`, so the paths that only read are allowed by name, in
/// every index. A star spans slashes: without the Deny, `…/_doc/_search` would be one of them,
/// and a document could be written under that id.
pub fn read_only(domain: &DomainArn) -> String {
    let reads = ["_search", "_msearch", "_count", "_mget", "_field_caps"];
    let anywhere =
        reads.iter().flat_map(|read| [domain.path(read), domain.path(&format!("*/{read}"))]);
    let written = ["_doc", "_create", "_update"]
        .iter()
        .flat_map(|write| reads.iter().map(move |read| domain.path(&format!("*/{write}/{read}"))));
    document(json!([
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": ["es:ESHttpGet", "es:ESHttpHead"],
            "Resource": domain.path("*"),
        },
        {
            "Sid": "Search",
            "Effect": "Allow",
            "Action": "es:ESHttpPost",
            "Resource": anywhere.chain([domain.path("_search/scroll")]).collect::<Vec<_>>(),
        },
        {
            "Sid": "NoDocumentsNamedLikeSearches",
            "Effect": "Deny",
            "Action": "es:ESHttpPost",
            "Resource": written.collect::<Vec<_>>(),
        },
    ]))
}

/// Identity policy: add documents to one index, and read nothing.
pub fn write_only_index(domain: &DomainArn, index: &str) -> String {
    let paths = ["_bulk", "_doc", "_doc/*", "_create/*", "_update/*"];
    let paths: Vec<String> =
        paths.iter().map(|path| domain.path(&format!("{index}/{path}"))).collect();
    document(json!([
        {
            "Sid": "Write",
            "Effect": "Allow",
            "Action": ["es:ESHttpPost", "es:ESHttpPut"],
            "Resource": paths,
        },
        {
            // `_bulk` without an index in its path names one in every line; in mode `strict`
            // each line is asked for by itself, so this opens no other index.
            "Sid": "BulkAtTheRoot",
            "Effect": "Allow",
            "Action": "es:ESHttpPost",
            "Resource": domain.path("_bulk"),
        },
    ]))
}

/// Identity policy for every member of every team: everything on the indices that begin with the
/// caller's own `team` tag, `TEAM-…`, and nothing on the others.
pub fn per_index_team(domain: &DomainArn) -> String {
    document(json!([
        {
            "Sid": "OwnTeam",
            "Effect": "Allow",
            "Action": "es:ESHttp*",
            "Resource": [
                domain.path("${aws:PrincipalTag/team}-*"),
                domain.path("_bulk"),
                domain.path("_mget"),
                domain.path("_msearch"),
            ],
        },
        {
            "Sid": "WhatEveryClientAsksFirst",
            "Effect": "Allow",
            "Action": ["es:ESHttpGet", "es:ESHttpHead"],
            "Resource": domain.path(""),
        },
    ]))
}

/// Trust policy: these roles, users or accounts may assume the role.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user.html>
pub fn trust_principals<'a>(principals: impl IntoIterator<Item = &'a str>) -> String {
    let principals: Vec<&str> = principals.into_iter().collect();
    let names = match principals.as_slice() {
        [only] => json!(only),
        all => json!(all),
    };
    document(json!([{
        "Effect": "Allow",
        "Principal": {"AWS": names},
        "Action": "sts:AssumeRole",
    }]))
}

/// Trust policy: a service may assume the role for programs that it runs, such as `ecs-tasks.amazonaws.com`.
pub fn trust_service(service: &str) -> String {
    document(json!([{
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }]))
}

/// Trust policy: who signs in with an identity provider may have the role, where the condition keys are like these values.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp.html>
pub fn trust_federation(provider: &str, action: &str, keys: &[(&str, &str)]) -> String {
    let keys: serde_json::Map<String, Value> =
        keys.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": action,
    });
    if let (false, Some(statement)) = (keys.is_empty(), statement.as_object_mut()) {
        statement.insert("Condition".to_owned(), json!({ "StringLike": keys }));
    }
    document(json!([statement]))
}

fn document(statements: Value) -> String {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    format!("{document:#}")
}
