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
const POLICIES: [(&str, &str, &str, &str, &str); 45] = [
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
    (
        "/service-role/",
        "AWSLambdaVPCAccessExecutionRole",
        "ANPACOUNTERSIGN000011",
        "Write access to logs and network interfaces of a VPC (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents","ec2:AssignPrivateIpAddresses","ec2:CreateNetworkInterface","ec2:DeleteNetworkInterface","ec2:DescribeNetworkInterfaces","ec2:DescribeSubnets","ec2:UnassignPrivateIpAddresses"],"Resource":"*"}]}"#,
    ),
    (
        "/service-role/",
        "AmazonECSTaskExecutionRolePolicy",
        "ANPACOUNTERSIGN000012",
        "Pulling of images and writing of logs (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:GetAuthorizationToken","ecr:GetDownloadUrlForLayer","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}"#,
    ),
    (
        "/service-role/",
        "AmazonEC2ContainerServiceforEC2Role",
        "ANPACOUNTERSIGN000013",
        "What instances of a container cluster do (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:GetAuthorizationToken","ecr:GetDownloadUrlForLayer","ecs:DeregisterContainerInstance","ecs:DiscoverPollEndpoint","ecs:Poll","ecs:RegisterContainerInstance","ecs:StartTelemetrySession","ecs:Submit*","ecs:UpdateContainerInstancesState","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}"#,
    ),
    (
        "/service-role/",
        "AWSLambdaKinesisExecutionRole",
        "ANPACOUNTERSIGN000014",
        "Reading of Kinesis streams and writing of logs (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["kinesis:DescribeStream","kinesis:DescribeStreamSummary","kinesis:GetRecords","kinesis:GetShardIterator","kinesis:ListShards","kinesis:ListStreams","kinesis:SubscribeToShard","logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}"#,
    ),
    (
        "/service-role/",
        "AWSLambdaSQSQueueExecutionRole",
        "ANPACOUNTERSIGN000015",
        "Receiving of messages and writing of logs (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:ReceiveMessage","sqs:DeleteMessage","sqs:GetQueueAttributes","logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonSSMManagedInstanceCore",
        "ANPACOUNTERSIGN000016",
        "What an instance that Systems Manager manages does (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ssm:DescribeAssociation","ssm:GetDeployablePatchSnapshotForInstance","ssm:GetDocument","ssm:DescribeDocument","ssm:GetManifest","ssm:GetParameter","ssm:GetParameters","ssm:ListAssociations","ssm:ListInstanceAssociations","ssm:PutInventory","ssm:PutComplianceItems","ssm:PutConfigurePackageResult","ssm:UpdateAssociationStatus","ssm:UpdateInstanceAssociationStatus","ssm:UpdateInstanceInformation","ssmmessages:*","ec2messages:*"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "CloudWatchAgentServerPolicy",
        "ANPACOUNTERSIGN000017",
        "What the CloudWatch agent does (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cloudwatch:PutMetricData","ec2:DescribeVolumes","ec2:DescribeTags","logs:PutLogEvents","logs:PutRetentionPolicy","logs:DescribeLogStreams","logs:DescribeLogGroups","logs:CreateLogStream","logs:CreateLogGroup"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "CloudWatchLogsFullAccess",
        "ANPACOUNTERSIGN000018",
        "Full access to logs (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:*","cloudwatch:GenerateQuery"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "CloudWatchReadOnlyAccess",
        "ANPACOUNTERSIGN000019",
        "Reading of metrics and logs (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cloudwatch:Describe*","cloudwatch:Get*","cloudwatch:List*","logs:Describe*","logs:FilterLogEvents","logs:Get*","logs:List*","logs:StartQuery","logs:StopQuery"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonS3FullAccess",
        "ANPACOUNTERSIGN000020",
        "Full access to objects and buckets (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonS3ReadOnlyAccess",
        "ANPACOUNTERSIGN000021",
        "Reading of objects and buckets (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonEC2FullAccess",
        "ANPACOUNTERSIGN000022",
        "Full access to instances, load balancers and their metrics (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:*","elasticloadbalancing:*","cloudwatch:*","autoscaling:*"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonEC2ReadOnlyAccess",
        "ANPACOUNTERSIGN000023",
        "Reading of instances, load balancers and their metrics (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:Describe*","elasticloadbalancing:Describe*","cloudwatch:ListMetrics","cloudwatch:GetMetricStatistics","cloudwatch:Describe*","autoscaling:Describe*"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonEC2ContainerRegistryReadOnly",
        "ANPACOUNTERSIGN000024",
        "Pulling of images (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:DescribeImages","ecr:DescribeRepositories","ecr:GetAuthorizationToken","ecr:GetDownloadUrlForLayer","ecr:GetRepositoryPolicy","ecr:ListImages","ecr:ListTagsForResource"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonDynamoDBFullAccess",
        "ANPACOUNTERSIGN000025",
        "Full access to tables (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:*","dax:*"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonSQSFullAccess",
        "ANPACOUNTERSIGN000026",
        "Full access to queues (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonSNSFullAccess",
        "ANPACOUNTERSIGN000027",
        "Full access to topics (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sns:*"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonVPCFullAccess",
        "ANPACOUNTERSIGN000028",
        "Full access to networks (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:*Vpc*","ec2:*Subnet*","ec2:*SecurityGroup*","ec2:*Route*","ec2:*Gateway*","ec2:*NetworkAcl*","ec2:*NetworkInterface*","ec2:*Address*","ec2:CreateTags","ec2:DeleteTags","ec2:DescribeAvailabilityZones"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonRDSFullAccess",
        "ANPACOUNTERSIGN000029",
        "Full access to databases (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["rds:*","cloudwatch:GetMetricStatistics","ec2:Describe*"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "SecretsManagerReadWrite",
        "ANPACOUNTERSIGN000030",
        "Full access to secrets (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["secretsmanager:*"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AWSLambda_FullAccess",
        "ANPACOUNTERSIGN000031",
        "Full access to functions (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:*","logs:DescribeLogStreams","logs:GetLogEvents","logs:FilterLogEvents","iam:GetRole","iam:GetRolePolicy","iam:ListAttachedRolePolicies","iam:ListRolePolicies","iam:ListRoles"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AWSXRayDaemonWriteAccess",
        "ANPACOUNTERSIGN000032",
        "Writing of traces (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["xray:PutTraceSegments","xray:PutTelemetryRecords","xray:GetSamplingRules","xray:GetSamplingTargets","xray:GetSamplingStatisticSummaries"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonEKSClusterPolicy",
        "ANPACOUNTERSIGN000033",
        "What the control plane of a Kubernetes cluster does (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["autoscaling:DescribeAutoScalingGroups","autoscaling:UpdateAutoScalingGroup","ec2:Describe*","ec2:AttachVolume","ec2:DetachVolume","ec2:CreateTags","elasticloadbalancing:*","kms:DescribeKey"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonEKSWorkerNodePolicy",
        "ANPACOUNTERSIGN000034",
        "What nodes of a Kubernetes cluster do (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:DescribeInstances","ec2:DescribeInstanceTypes","ec2:DescribeRouteTables","ec2:DescribeSecurityGroups","ec2:DescribeSubnets","ec2:DescribeVolumes","ec2:DescribeVpcs","eks:DescribeCluster","eks-auth:AssumeRoleForPodIdentity"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "AmazonEKS_CNI_Policy",
        "ANPACOUNTERSIGN000035",
        "What the network of a Kubernetes cluster does (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:AssignPrivateIpAddresses","ec2:AttachNetworkInterface","ec2:CreateNetworkInterface","ec2:CreateTags","ec2:DeleteNetworkInterface","ec2:DescribeInstances","ec2:DescribeInstanceTypes","ec2:DescribeNetworkInterfaces","ec2:DescribeSubnets","ec2:DescribeTags","ec2:DetachNetworkInterface","ec2:ModifyNetworkInterfaceAttribute","ec2:UnassignPrivateIpAddresses"],"Resource":"*"}]}"#,
    ),
    (
        "/",
        "IAMUserSSHKeys",
        "ANPACOUNTERSIGN000036",
        "A user looks after its own SSH keys (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:DeleteSSHPublicKey","iam:GetSSHPublicKey","iam:ListSSHPublicKeys","iam:UpdateSSHPublicKey","iam:UploadSSHPublicKey"],"Resource":"arn:aws:iam::*:user/${aws:username}"}]}"#,
    ),
    (
        "/",
        "IAMSelfManageServiceSpecificCredentials",
        "ANPACOUNTERSIGN000037",
        "A user looks after its own service-specific credentials (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:CreateServiceSpecificCredential","iam:ListServiceSpecificCredentials","iam:UpdateServiceSpecificCredential","iam:DeleteServiceSpecificCredential","iam:ResetServiceSpecificCredential"],"Resource":"arn:aws:iam::*:user/${aws:username}"}]}"#,
    ),
    (
        "/job-function/",
        "Billing",
        "ANPACOUNTERSIGN000038",
        "Access to billing, which countersign does not have (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["account:Get*","billing:*","budgets:*","ce:*","cur:*","payments:*","tax:*"],"Resource":"*"}]}"#,
    ),
    (
        "/job-function/",
        "SystemAdministrator",
        "ANPACOUNTERSIGN000039",
        "Administration of resources, without that of identities (countersign's own text).",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["autoscaling:*","cloudformation:*","cloudtrail:*","cloudwatch:*","config:*","ec2:*","elasticloadbalancing:*","es:Describe*","es:List*","kms:Describe*","kms:List*","lambda:*","logs:*","rds:*","route53:*","s3:*","sns:*","sqs:*","iam:GetAccountSummary","iam:GetRole","iam:ListRoles","iam:ListUsers"],"Resource":"*"},{"Effect":"Allow","Action":"iam:PassRole","Resource":["arn:aws:iam::*:role/ec2-sysadmin-*","arn:aws:iam::*:role/ecr-sysadmin-*","arn:aws:iam::*:role/lambda-sysadmin-*"]}]}"#,
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

    /// `docs/reference/service-api.md` says so.
    #[test]
    fn the_services_own_api_is_granted_by_two_policies() {
        let asked = ["GetMetricsHistory", "GetSettings", "QueryAudit", "ReplayAudit"];
        let grants = |entry: &&Arc<CompiledRecord<ManagedPolicy>>| {
            let set = entry.own.as_ref().map(NamedPolicy::set).unwrap_or_default();
            asked.iter().any(|name| {
                let (context, principal) = (
                    policy::Context::new(),
                    policy::Principal::user("arn:aws:iam::123456789012:user/a"),
                );
                let request = policy::AccessRequest {
                    principal: &principal,
                    action: &format!("countersign:{name}"),
                    resource: "*",
                    resource_account: None,
                    context: &context,
                };
                let policies = policy::Policies { identity: &set, ..policy::Policies::NONE };
                policy::evaluate(&policies, &request).is_allowed()
            })
        };
        let granting: Vec<String> =
            all().filter(grants).map(|entry| entry.record.name.clone()).collect();
        assert_eq!(granting, ["AdministratorAccess", "PowerUserAccess"]);
    }
}
