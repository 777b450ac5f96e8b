//! `CreateServiceLinkedRole`, `DeleteServiceLinkedRole`, `GetServiceLinkedRoleDeletionStatus`: roles under
//! `/aws-service-role/` that a service of Amazon's assumes. Nobody assumes them here; infrastructure tools make one before
//! they make a domain.

use serde::Deserialize;
use serde_json::{Value, json};

use super::limit_exceeded;
use super::roles::{LINKED_PATH, detailed, find, remove};
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::limits::ROLES_MAX;
use crate::request::OperationRequest;
use crate::store::record::{Permissions, Record, Role};

/// Service, and its role's name. Source: docs.aws.amazon.com, "Using service-linked roles" of each service. Those of services
/// that are not here are made for the stacks that make one on their way to a domain.
const NAMES: [(&str, &str); 14] = [
    ("opensearchservice.amazonaws.com", "AWSServiceRoleForAmazonOpenSearchService"),
    ("es.amazonaws.com", "AWSServiceRoleForAmazonElasticsearchService"),
    (SUFFIXED, "AWSServiceRoleForAutoScaling"),
    (
        "custom-resource.application-autoscaling.amazonaws.com",
        "AWSServiceRoleForApplicationAutoScaling_CustomResource",
    ),
    ("cloudtrail.amazonaws.com", "AWSServiceRoleForCloudTrail"),
    ("config.amazonaws.com", "AWSServiceRoleForConfig"),
    ("ecs.amazonaws.com", "AWSServiceRoleForECS"),
    ("eks.amazonaws.com", "AWSServiceRoleForAmazonEKS"),
    ("elasticache.amazonaws.com", "AWSServiceRoleForElastiCache"),
    ("elasticbeanstalk.amazonaws.com", "AWSServiceRoleForElasticBeanstalk"),
    ("elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing"),
    ("rds.amazonaws.com", "AWSServiceRoleForRDS"),
    ("spot.amazonaws.com", "AWSServiceRoleForEC2Spot"),
    ("spotfleet.amazonaws.com", "AWSServiceRoleForEC2SpotFleet"),
];

/// The service whose roles may have a suffix. Source: Amazon EC2 Auto Scaling user guide, "Create a service-linked role".
const SUFFIXED: &str = "autoscaling.amazonaws.com";

/// The ARN that the role of a service has or would have: what the permission to make it is asked on.
pub(crate) fn arn(account: &str, service: &str, suffix: Option<&str>) -> String {
    let known = NAMES.iter().find(|(known, _)| *known == service);
    let name = known.map_or("*".to_owned(), |(_, name)| named(name, suffix));
    format!("arn:aws:iam::{account}:role{LINKED_PATH}{service}/{name}")
}

fn named(name: &str, suffix: Option<&str>) -> String {
    match suffix.filter(|suffix| !suffix.is_empty()) {
        Some(suffix) => format!("{name}_{suffix}"),
        None => name.to_owned(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateServiceLinkedRole {
    #[serde(rename = "AWSServiceName")]
    service: String,
    description: Option<String>,
    custom_suffix: Option<String>,
}

pub(crate) fn create(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: CreateServiceLinkedRole = request.input()?;
    let account = request.account();
    let invalid = |text: String| Err(ApiError::new(ErrorCode::InvalidInput, text));
    let known = NAMES.iter().find(|(service, _)| *service == input.service);
    let Some((service, name)) = known else {
        return invalid(format!(
            "Service role creation policy not found for {}: it is none of the services whose roles are known here",
            input.service
        ));
    };
    let suffix = input.custom_suffix.as_deref();
    if suffix.is_some_and(|suffix| !suffix.is_empty()) && *service != SUFFIXED {
        return invalid(format!("Custom suffix is not allowed for {service}"));
    }
    let name = named(name, suffix);
    if request.directory.role(account, &name).is_some() {
        return invalid(format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        ));
    }
    if request.directory.roles(&format!("{account}/")).count() >= ROLES_MAX {
        return Err(limit_exceeded("RolesPerAccount", ROLES_MAX));
    }
    // Written as the AWS CLI's reference shows the reply of `create-service-linked-role`.
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]}}]});
    let role = Role {
        account: account.to_owned(),
        name,
        path: format!("{LINKED_PATH}{service}/"),
        id: request.mint_id("AROA", 21)?,
        created: request.now_seconds(),
        description: input.description,
        max_session_seconds: 3_600,
        trust: trust.to_string(),
        tags: Vec::new(),
        permissions: Permissions::default(),
    };
    let output = json!({"Role": detailed(&role)});
    change.put(Record::Role(role));
    Ok(output)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeletionInput {
    role_name: Option<String>,
    deletion_task_id: Option<String>,
}

pub(crate) fn delete(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: DeletionInput = request.input()?;
    let role = find(request.directory, request.account(), &input.role_name.unwrap_or_default())?;
    if !role.path.starts_with(LINKED_PATH) {
        let text = format!("Role {} is not a service-linked role", role.name);
        return Err(ApiError::new(ErrorCode::InvalidInput, text));
    }
    remove(request, role, change);
    let task = format!("task{}{}/{}", role.path, role.name, role.id.to_lowercase());
    Ok(json!({ "DeletionTaskId": task }))
}

/// `es:DeleteElasticsearchServiceRole`: the role of the older name, while no domain of the account is in a VPC.
pub(crate) fn delete_elasticsearchs(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    const NAME: &str = "AWSServiceRoleForAmazonElasticsearchService";
    let account = request.account();
    let refuse = |text: String| Err(ApiError::new(ErrorCode::Validation, text));
    let Some(role) = request.directory.role(account, NAME) else {
        return refuse(format!("Service-linked role {NAME} does not exist in this account"));
    };
    let prefix = format!("{account}/");
    let mut domains = request.directory.domains_under(&prefix);
    if let Some(domain) = domains.find(|domain| domain.vpc_options().is_some()) {
        return refuse(format!(
            "Service-linked role {NAME} cannot be deleted: domain {} is in a VPC",
            domain.name
        ));
    }
    remove(request, role, change);
    Ok(json!({}))
}

/// A deletion is done when its reply is read.
pub(crate) fn deletion_status(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: DeletionInput = request.input()?;
    let task = input.deletion_task_id.unwrap_or_default();
    let name = task.strip_prefix("task").and_then(|rest| rest.strip_prefix(LINKED_PATH));
    let name = name.and_then(|rest| rest.split('/').nth(1));
    match name {
        Some(name) if request.directory.role(request.account(), name).is_none() => {
            Ok(json!({"Status": "SUCCEEDED"}))
        }
        _ => {
            let text = format!("Deletion task {task} cannot be found.");
            Err(ApiError::new(ErrorCode::NoSuchEntity, text))
        }
    }
}
