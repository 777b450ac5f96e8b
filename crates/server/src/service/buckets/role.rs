//! `role_arn`: the role in whose name objects of a repository are read and written.
//!
//! As at Amazon, it is a role of the domain's account that trusts the service, whoever names it needs `iam:PassRole`, and its
//! policies say which objects it may touch. What goes over the network is signed by the operator's key all the same: a role of
//! this deployment is nothing that another S3 knows. (docs/decisions/0161-a-bucket-is-the-operators.md)

use std::sync::Arc;

use control::{Directory, IdentifiedCaller, ResourceSide};
use engine::rest::{Api, Parsed};
use policy::{Context, DocumentScope};

use crate::service::backends::ControlPlane;
use crate::service::clock::Clock;
use crate::walk::judge::{self, PolicyQuestion};

/// The service that assumes the roles of repositories, as Amazon's is called: roles that were written for it work here unchanged.
const SERVICE: &str = "es.amazonaws.com";

/// What Amazon calls it since it is called OpenSearch Service: a role may trust either.
const SERVICE_LATER: &str = "opensearchservice.amazonaws.com";

/// The session's name in messages.
const SESSION: &str = "snapshots";

/// Where roles are looked up, for one domain.
#[derive(Clone)]
pub(super) struct Roles {
    pub(super) control: Arc<ControlPlane>,
    pub(super) clock: Clock,
    /// The domain's ARN.
    pub(super) domain: String,
}

/// A role that a repository names.
pub(super) struct AssumedRole {
    roles: Roles,
    arn: String,
    bucket: String,
}

impl Roles {
    /// The role of this ARN, for objects of `bucket`.
    ///
    /// # Errors
    /// It is no role of the domain's account, or does not trust the service.
    pub(super) fn assumed(&self, arn: &str, bucket: &str) -> Result<AssumedRole, String> {
        let role =
            AssumedRole { roles: self.clone(), arn: arn.to_owned(), bucket: bucket.to_owned() };
        let directory = self.control.directory();
        role.session(&directory).map(|_| role)
    }

    fn account(&self) -> &str {
        self.domain.split(':').nth(4).unwrap_or_default()
    }

    /// What policies may ask of the service's work for the domain.
    fn context(&self) -> Context {
        let mut context = judge::at(self.clock.now());
        context.set("aws:PrincipalIsAWSService", "true");
        context.set("aws:SourceAccount", self.account());
        context.set("aws:SourceArn", self.domain.as_str());
        context
    }
}

impl AssumedRole {
    /// Refuses what the role's policies, as they are now, do not allow: an action on the object `key` of the bucket, or on the
    /// bucket.
    pub(super) fn may(&self, action: &str, key: Option<&str>) -> Result<(), String> {
        let directory = self.roles.control.directory();
        let identity = self.session(&directory)?;
        let resource = match key {
            Some(key) => format!("arn:aws:s3:::{}/{key}", self.bucket),
            None => format!("arn:aws:s3:::{}", self.bucket),
        };
        let mut context = judge::at(self.roles.clock.now());
        identity.describe(&mut context);
        let question = PolicyQuestion {
            identity: &identity,
            resource_side: ResourceSide::default(),
            resource_account: self.roles.account(),
            action,
            resource: &resource,
            context: &context,
            names_resource: true,
        };
        judge::denial(&question).map_or(Ok(()), Err)
    }

    /// The role as the service has assumed it.
    fn session(&self, directory: &Directory) -> Result<IdentifiedCaller, String> {
        let Self { roles, arn, .. } = self;
        let denied = || {
            format!(
                "User: {SERVICE} is not authorized to perform: sts:AssumeRole on resource: {arn}"
            )
        };
        let role = directory.role_by_arn(arn).filter(|role| role.account == roles.account());
        let trust = role.and_then(|role| role.own.as_ref()).ok_or_else(denied)?.set();
        let (context, around) = (roles.context(), directory.resource_control(roles.account()));
        let trusts = |service: &str| {
            let identity = IdentifiedCaller::service(service);
            judge::denial(&PolicyQuestion {
                identity: &identity,
                resource_side: ResourceSide {
                    policy: Some(&trust),
                    control: &around,
                    ..ResourceSide::default()
                },
                resource_account: roles.account(),
                action: "sts:AssumeRole",
                resource: arn,
                context: &context,
                names_resource: true,
            })
            .is_none()
        };
        if !trusts(SERVICE) && !trusts(SERVICE_LATER) {
            return Err(denied());
        }
        directory.session_of_service(arn, SESSION, roles.clock.now()).ok_or_else(denied)
    }
}

/// The role that a request to put a repository hands on to the service, and what is known when its sender is asked for
/// `iam:PassRole`.
pub(crate) fn passed_role(parsed: &Parsed, context: &Context) -> Option<(String, Context)> {
    if parsed.route.api != Api::SnapshotCreateRepository {
        return None;
    }
    let arn = engine::snapshots::named_role(parsed.body.value())?;
    let mut context = context.clone();
    context.set_scope(DocumentScope::Every);
    context.set("iam:PassedToService", SERVICE);
    Some((arn, context))
}
