//! Amazon's own managed policies that exist here: `arn:aws:iam::aws:policy/…`.
//!
//! Only those whose effect is a few lines are kept, and those that people attach. Ids `ANPACOUNTERSIGN…`: the text is ours,
//! written from what Amazon documents of the policy, as far as it is about what is served here.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use policy::{PolicyKind, PolicySet};

use crate::directory::entry::{CompiledRecord, plain};
use crate::policies::NamedPolicy;
use crate::store::record::{ManagedPolicy, PolicyVersion};

/// Name with path, id, text. Ids are Amazon's where they are published.
const POLICIES: [(&str, &str, &str, &str, &str); 16] = [
    (
        "/",
        "AdministratorAccess",
        "ANPAIWMBCKSKIEE64ZLYK",
        "Provides full access to AWS services and resources.",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    ),
    (
        "/",
        "IAMFullAccess",
        "ANPAI7XKCFMBPM3QQRRVQ",
        "Provides full access to IAM via the AWS Management Console.",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*","organizations:DescribeAccount","organizations:DescribeOrganization","organizations:DescribeOrganizationalUnit","organizations:DescribePolicy","organizations:ListChildren","organizations:ListParents","organizations:ListPoliciesForTarget","organizations:ListRoots","organizations:ListPolicies","organizations:ListTargetsForPolicy"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "IAMReadOnlyAccess",
        "ANPAJKSO7NDY4T57MWDSQ",
        "Provides read only access to IAM via the AWS Management Console.",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*","iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonOpenSearchServiceFullAccess",
        "ANPAJM6ZTCU24QL5PZCGC",
        "Provides full access to the Amazon OpenSearch Service configuration service.",
        r#"{"Version":"2012-10-17","Statement":[{"Action":["es:*"],"Effect":"Allow","Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonOpenSearchServiceReadOnlyAccess",
        "ANPAJUDMRLOQ7FPAR46FQ",
        "Provides read only access to the Amazon OpenSearch Service configuration service.",
        r#"{"Version":"2012-10-17","Statement":[{"Action":["es:Describe*","es:List*","es:Get*"],"Effect":"Allow","Resource":"*"}]}"#,
    ),
    (
        "/",
        "ReadOnlyAccess",
        "ANPAILL3HVNFSB6DCOWYQ",
        "Provides read-only access to AWS services and resources.",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["es:Describe*","es:List*","es:Get*","es:ESHttpGet","es:ESHttpHead","iam:Generate*","iam:Get*","iam:List*","iam:Simulate*","sts:GetAccessKeyInfo","sts:GetCallerIdentity","sts:GetSessionToken"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonESFullAccess",
        "ANPACOUNTERSIGN000001",
        "Full access to the es API (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Action":["es:*"],"Effect":"Allow","Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonESReadOnlyAccess",
        "ANPACOUNTERSIGN000002",
        "Read-only access to the es API (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Action":["es:Describe*","es:List*","es:Get*"],"Effect":"Allow","Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonESCognitoAccess",
        "ANPACOUNTERSIGN000003",
        "The Cognito access that the es API needs; countersign has no Cognito (countersign's own text).",
        COGNITO,
    ),
    (
        "/",
        "AmazonOpenSearchServiceCognitoAccess",
        "ANPACOUNTERSIGN000004",
        "The Cognito access that the opensearch API needs; countersign has no Cognito (countersign's own text).",
        COGNITO,
    ),
    (
        "/",
        "IAMUserChangePassword",
        "ANPACOUNTERSIGN000005",
        "A user may change its own password (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"arn:aws:iam::*:user/${aws:username}"},{"Effect":"Allow","Action":"iam:GetAccountPasswordPolicy","Resource":"*"}]}"#,
    ),
    (
        "/",
        "PowerUserAccess",
        "ANPACOUNTERSIGN000006",
        "Everything except the administration of identities (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},{"Effect":"Allow","Action":["iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles","organizations:DescribeOrganization","account:GetAccountInformation","account:ListRegions"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "SecurityAudit",
        "ANPACOUNTERSIGN000007",
        "Read access to configuration, not to data, for auditors (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["es:Describe*","es:Get*","es:List*","iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*","iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy"],"Resource":"*"}]}"#,
    ),
    (
        "/job-function/",
        "ViewOnlyAccess",
        "ANPACOUNTERSIGN000008",
        "Access to every List and Describe operation (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["es:DescribeDomain","es:DescribeDomains","es:DescribeElasticsearchDomain","es:DescribeElasticsearchDomains","es:ListDomainNames","iam:GetAccountSummary","iam:GetLoginProfile","iam:List*"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AWSDenyAll",
        "ANPACOUNTERSIGN000009",
        "Denies everything (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"DenyAll","Effect":"Deny","Action":["*"],"Resource":"*"}]}"#,
    ),
    (
        "/service-role/",
        "AWSLambdaBasicExecutionRole",
        "ANPACOUNTERSIGN000010",
        "Write access to logs, which countersign does not keep; for roles that many stacks create (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}"#,
    ),
];

const COGNITO: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cognito-idp:DescribeUserPool","cognito-idp:CreateUserPoolClient","cognito-idp:DeleteUserPoolClient","cognito-idp:UpdateUserPoolClient","cognito-idp:DescribeUserPoolClient","cognito-idp:AdminInitiateAuth","cognito-idp:AdminUserGlobalSignOut","cognito-idp:ListUserPoolClients","cognito-identity:DescribeIdentityPool","cognito-identity:UpdateIdentityPool","cognito-identity:GetIdentityPoolRoles"],"Resource":"*"},{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringLike":{"iam:PassedToService":"cognito-identity.amazonaws.com"}}}]}"#;

/// What `AdministratorAccess` allows.
pub(crate) fn everything() -> Arc<PolicySet> {
    let policy = find("arn:aws:iam::aws:policy/AdministratorAccess");
    policy.and_then(|entry| entry.own.as_ref()).map_or_else(Arc::default, NamedPolicy::set)
}

/// When Amazon made `AdministratorAccess`; all of them bear that time here.
const CREATED: i64 = 1_423_161_614;

type Catalogue = BTreeMap<String, Arc<CompiledRecord<ManagedPolicy>>>;

/// The policy of this ARN.
pub(crate) fn find(arn: &str) -> Option<&'static Arc<CompiledRecord<ManagedPolicy>>> {
    catalogue().get(arn)
}

/// All of them, in order of their ARNs.
pub(crate) fn all<'a>() -> impl Iterator<Item = &'a Arc<CompiledRecord<ManagedPolicy>>> {
    catalogue().values()
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let entries = POLICIES.iter().map(|(path, name, id, description, text)| {
            let version = PolicyVersion {
                id: "v1".to_owned(),
                document: (*text).to_owned(),
                created: CREATED,
            };
            let record = ManagedPolicy {
                account: "aws".to_owned(),
                name: (*name).to_owned(),
                path: (*path).to_owned(),
                id: (*id).to_owned(),
                created: CREATED,
                updated: CREATED,
                description: Some((*description).to_owned()),
                versions: vec![version],
                default_version: "v1".to_owned(),
                next_version: 2,
                tags: Vec::new(),
            };
            let arn = record.arn();
            let own = NamedPolicy::compile(&arn, text, PolicyKind::Identity).ok();
            (arn, Arc::new(CompiledRecord { own, ..plain(record) }))
        });
        entries.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_policy_compiles() {
        assert!(all().all(|entry| entry.own.is_some()));
        assert_eq!(all().count(), POLICIES.len());
    }
}
