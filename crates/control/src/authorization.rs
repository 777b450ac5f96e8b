//! The control plane's questions: which actions on which resources an operation asks, and under which context.
//!
//! Two IAM details live here: what an `AssumeRole` asks (the role's trust policy, `sts:TagSession` and
//! `sts:SetSourceIdentity` as actions of their own) and which callers are refused before any policy is asked.

use std::sync::Arc;

use policy::{
    AccessRequest, CallerKind, Context, Decision, PolicyKind, PolicySet, ResourcePolicyKind,
    evaluate,
};
use serde_json::Value;

use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::iam::service_linked_roles::arn as linked_role_arn;
use crate::identity::{IdentifiedCaller, ResourceSide};
use crate::operation::{Operation, ResourceTemplate};
use crate::policies::NamedPolicy;
use crate::proof::password_rules;
use crate::service::Service;
use crate::store::record::{KeyOwner, Tags};

/// One question to the evaluator.
#[derive(Clone, Debug)]
pub struct AccessQuestion {
    /// `iam:CreateUser` ….
    pub action: String,
    /// An ARN, or `*`.
    pub resource: String,
    /// The owner of the resource.
    pub resource_account: String,
    /// Everything known: the connection's keys, the caller's, the operation's.
    pub context: Context,
    /// The role's trust policy, when a role is to be assumed.
    pub resource_policy: Option<Arc<PolicySet>>,
    /// Resource control policies of the resource's account. None is for iam.
    ///
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services>
    pub resource_control: Arc<[PolicySet]>,
}

/// What an operation asks: every question must be answered with yes. None: no permission is needed.
#[derive(Clone, Debug, Default)]
pub struct Authorization {
    /// The questions, in order.
    pub questions: Vec<AccessQuestion>,
}

impl AccessQuestion {
    /// The evaluator's answer for `caller`.
    pub fn decide(&self, caller: &IdentifiedCaller) -> Decision {
        evaluate(&caller.policies(self.resource_side()), &self.request(caller))
    }

    /// The policies of the resource's side.
    pub fn resource_side(&self) -> ResourceSide<'_> {
        let (policy, control) = (self.resource_policy.as_deref(), &*self.resource_control);
        ResourceSide { policy, control, ..ResourceSide::default() }
    }

    /// The question in `policy`'s words, for explanations.
    pub fn request<'q>(&'q self, caller: &'q IdentifiedCaller) -> AccessRequest<'q> {
        AccessRequest {
            principal: caller.principal(),
            action: &self.action,
            resource: &self.resource,
            resource_account: Some(&self.resource_account),
            context: &self.context,
        }
    }

    /// What the client reads when the answer is no: Amazon's text, the resource named.
    pub fn denial(&self, caller: &IdentifiedCaller, decision: &Decision) -> ApiError {
        if caller.kind() == CallerKind::WebIdentity {
            return ApiError::access_denied(format!("Not authorized to perform {}", self.action));
        }
        ApiError::access_denied(decision.denial_text(
            &caller.arn,
            &self.action,
            Some(&self.resource),
        ))
    }
}

/// What `operation` with `input` asks of `caller`. `context` holds what the connection knows (`aws:SourceIp` …); the
/// caller's own keys and the operation's are added.
///
/// # Errors
/// Refusals that no policy can lift: root assuming a role, session credentials where sts or iam do not take them, a role
/// that does not exist (worded like a denial).
pub fn authorization(
    operation: Operation,
    input: &Value,
    caller: &IdentifiedCaller,
    directory: &Directory,
    region: &str,
    context: &Context,
) -> Result<Authorization, ApiError> {
    refuse_callers(operation, caller)?;
    let mut context = context.clone();
    caller.describe(&mut context);
    let asker = QuestionBuilder { operation, input, caller, directory, region };
    asker.add_context(&mut context);
    if operation.row().resource == ResourceTemplate::Trust {
        return asker.trust(context);
    }
    let controlled =
        matches!(operation.service(), Service::Es | Service::OpenSearch | Service::Sts);
    let resource_control =
        if controlled { directory.resource_control(&caller.account) } else { Arc::default() };
    let question = |(action, resource): (String, String)| AccessQuestion {
        resource_control: if action.starts_with("iam:") {
            Arc::default()
        } else {
            Arc::clone(&resource_control)
        },
        action,
        resource,
        resource_account: caller.account.clone(),
        context: context.clone(),
        resource_policy: asker.account_grant(),
    };
    let own = asker.resources().into_iter().map(|resource| (operation.action(), resource));
    Ok(Authorization { questions: own.chain(asker.further()).map(question).collect() })
}

/// Which credentials reach which service at all.
/// Source: docs.aws.amazon.com, "Compare AWS STS credentials".
fn refuse_callers(operation: Operation, caller: &IdentifiedCaller) -> Result<(), ApiError> {
    let name = operation.name();
    let assumes = operation.service() == Service::Sts && name == "AssumeRole";
    let refuse = |code: ErrorCode, text: String| Err(ApiError::new(code, text));
    let invalid = || "The security token included in the request is invalid".to_owned();
    match (caller.kind(), operation.service()) {
        (CallerKind::Anonymous, _) => {
            refuse(ErrorCode::AccessDenied, "Request is missing Authentication Token".to_owned())
        }
        (CallerKind::WebIdentity, _)
            if matches!(name, "AssumeRoleWithWebIdentity" | "AssumeRoleWithSAML") =>
        {
            Ok(())
        }
        (CallerKind::WebIdentity, _) => {
            refuse(ErrorCode::AccessDenied, "Request is missing Authentication Token".to_owned())
        }
        (CallerKind::Service, _) if assumes => Ok(()),
        (CallerKind::Service, _) => {
            refuse(ErrorCode::AccessDenied, format!("Service principals cannot call {name}"))
        }
        (CallerKind::Root, _) if assumes => {
            refuse(ErrorCode::AccessDenied, "Roles may not be assumed by root accounts.".to_owned())
        }
        (CallerKind::FederatedUser, Service::Iam) => {
            refuse(ErrorCode::InvalidClientTokenId, invalid())
        }
        (CallerKind::FederatedUser, Service::Sts) if name != "GetCallerIdentity" => refuse(
            ErrorCode::AccessDenied,
            format!("Cannot call {name} with federated user credentials"),
        ),
        // A password that signs in to the console opens a session, and nothing before it.
        (CallerKind::User, _) if caller.console && !caller.is_session() => {
            match (operation.service(), name) {
                (Service::Sts, "GetSessionToken") => Ok(()),
                _ => {
                    let text = format!("Cannot call {name} with a password");
                    refuse(ErrorCode::AccessDenied, text)
                }
            }
        }
        // Amazon's console reaches iam without a second factor, which `GetSessionToken`'s credentials do not.
        (CallerKind::User | CallerKind::Root, Service::Iam)
            if caller.mfa == Some(false) && !caller.console =>
        {
            refuse(ErrorCode::InvalidClientTokenId, invalid())
        }
        // `GetSessionToken`'s credentials: of sts they reach the two that need no more than a name.
        (CallerKind::User | CallerKind::Root, Service::Sts)
            if caller.is_session() && !matches!(name, "AssumeRole" | "GetCallerIdentity") =>
        {
            refuse(ErrorCode::AccessDenied, format!("Cannot call {name} with session credentials"))
        }
        (_, Service::Sts)
            if caller.is_session() && matches!(name, "GetSessionToken" | "GetFederationToken") =>
        {
            refuse(ErrorCode::AccessDenied, format!("Cannot call {name} with session credentials"))
        }
        _ => Ok(()),
    }
}

struct QuestionBuilder<'a> {
    operation: Operation,
    input: &'a Value,
    caller: &'a IdentifiedCaller,
    directory: &'a Directory,
    region: &'a str,
}

impl QuestionBuilder<'_> {
    fn text(&self, member: &str) -> Option<&str> {
        self.input.get(member).and_then(Value::as_str)
    }

    /// The ARNs the operation is asked on; none when it needs no permission.
    fn resources(&self) -> Vec<String> {
        let account = &self.caller.account;
        let domain = |name: &str| format!("arn:aws:es:{}:{account}:domain/{name}", self.region);
        let named = |kind: &str, name: &str| format!("arn:aws:iam::{account}:{kind}/{name}");
        let listed = |kind: &str| {
            format!("arn:aws:iam::{account}:{kind}{}", self.text("PathPrefix").unwrap_or("/"))
        };
        let resource = match self.operation.row().resource {
            ResourceTemplate::Open => return Vec::new(),
            ResourceTemplate::Any | ResourceTemplate::Trust => "*".to_owned(),
            ResourceTemplate::Domain => self.text("DomainName").map_or("*".to_owned(), domain),
            ResourceTemplate::Domains => {
                let names =
                    self.input.get("DomainNames").and_then(Value::as_array).into_iter().flatten();
                let arns: Vec<String> = names.filter_map(Value::as_str).map(domain).collect();
                return if arns.is_empty() { vec!["*".to_owned()] } else { arns };
            }
            ResourceTemplate::DomainArn => self.text("ARN").unwrap_or("*").to_owned(),
            ResourceTemplate::User => self.user_arn(self.text("UserName").unwrap_or_default()),
            ResourceTemplate::UserOrSelf => match (self.text("UserName"), &self.caller.username) {
                (Some(name), _) => self.user_arn(name),
                (None, Some(name)) => self.user_arn(name),
                (None, None) => self.caller.principal_arn.clone(),
            },
            ResourceTemplate::Users => listed("user"),
            ResourceTemplate::Groups => listed("group"),
            ResourceTemplate::Roles => listed("role"),
            ResourceTemplate::InstanceProfiles => listed("instance-profile"),
            ResourceTemplate::ServerCertificates => listed("server-certificate"),
            ResourceTemplate::ServerCertificate => self.server_certificate(),
            ResourceTemplate::SamlProvider => {
                named("saml-provider", self.text("Name").unwrap_or_default())
            }
            ResourceTemplate::Group => {
                let name = self.text("GroupName").unwrap_or_default();
                let group = self.directory.group(account, name);
                self.known("group", name, group.map(|group| group.arn()))
            }
            ResourceTemplate::Role => {
                let name = self.text("RoleName").unwrap_or_default();
                self.known("role", name, self.directory.role(account, name).map(|role| role.arn()))
            }
            ResourceTemplate::ServiceLinkedRole => self.linked_role(),
            ResourceTemplate::Policy => {
                self.known("policy", self.text("PolicyName").unwrap_or_default(), None)
            }
            ResourceTemplate::InstanceProfile => {
                let name = self.text("InstanceProfileName").unwrap_or_default();
                let profile = self.directory.instance_profile(account, name);
                self.known("instance-profile", name, profile.map(|profile| profile.arn()))
            }
            ResourceTemplate::MfaDevice => {
                self.known("mfa", self.text("VirtualMFADeviceName").unwrap_or_default(), None)
            }
            ResourceTemplate::KeyOwner => {
                self.key_owner(self.text("AccessKeyId").unwrap_or_default())
            }
            ResourceTemplate::OidcProvider => {
                let url = self.text("Url").unwrap_or_default();
                named("oidc-provider", url.strip_prefix("https://").unwrap_or(url))
            }
            ResourceTemplate::Arn(member) => self.text(member).unwrap_or("*").to_owned(),
            ResourceTemplate::FederatedUser => {
                let name = self.text("Name").unwrap_or_default();
                format!("arn:aws:sts::{account}:federated-user/{name}")
            }
        };
        vec![resource]
    }

    fn server_certificate(&self) -> String {
        let name = self.text("ServerCertificateName").unwrap_or_default();
        let kept = self.directory.server_certificate(&self.caller.account, name);
        self.known("server-certificate", name, kept.map(|kept| kept.arn()))
    }

    /// The role that the service named has, or would have.
    fn linked_role(&self) -> String {
        let service = self.text("AWSServiceName").unwrap_or_default();
        linked_role_arn(&self.caller.account, service, self.text("CustomSuffix"))
    }

    /// What some operations ask besides their own action, as Amazon does: making something with tags asks for the
    /// tagging, a rename asks on the new name too, a role in an instance profile is passed.
    fn further(&self) -> Vec<(String, String)> {
        let operation = self.operation;
        let tagged =
            ["Tags", "TagList"].iter().filter_map(|member| self.input.get(member)?.as_array());
        let has_tags = tagged.into_iter().any(|tags| !tags.is_empty());
        let tagging = match operation.name() {
            "CreateDomain" | "CreateElasticsearchDomain" => Some("es:AddTags".to_owned()),
            "CreateVirtualMFADevice" => Some("iam:TagMFADevice".to_owned()),
            "UploadServerCertificate" => Some("iam:TagServerCertificate".to_owned()),
            name if operation.service() == Service::Iam => {
                name.strip_prefix("Create").map(|kind| format!("iam:Tag{kind}"))
            }
            _ => None,
        };
        let mut asked = Vec::new();
        if let Some(action) = tagging.filter(|_| has_tags) {
            asked.extend(self.resources().into_iter().map(|resource| (action.clone(), resource)));
        }
        let account = &self.caller.account;
        let named = |member: &str| self.text(member).unwrap_or_default();
        match operation.name() {
            "UpdateUser" => {
                let user = self.directory.user(account, named("UserName"));
                let path = user.map_or("/", |user| user.path.as_str());
                asked.extend(self.moved("user", named("UserName"), path, "NewUserName"));
            }
            "UpdateGroup" => {
                let group = self.directory.group(account, named("GroupName"));
                let path = group.map_or("/", |group| group.path.as_str());
                asked.extend(self.moved("group", named("GroupName"), path, "NewGroupName"));
            }
            "UpdateServerCertificate" => {
                let name = named("ServerCertificateName");
                let kept = self.directory.server_certificate(account, name);
                let path = kept.map_or("/", |kept| kept.path.as_str());
                let rename = "NewServerCertificateName";
                asked.extend(self.moved("server-certificate", name, path, rename));
            }
            "AddRoleToInstanceProfile" => {
                let role = self.directory.role(account, named("RoleName")).map(|role| role.arn());
                asked
                    .push(("iam:PassRole".to_owned(), self.known("role", named("RoleName"), role)));
            }
            "GetFederationToken" if self.has_tags() => {
                let named = self.resources().into_iter();
                asked.extend(named.map(|arn| ("sts:TagSession".to_owned(), arn)));
            }
            _ => {}
        }
        asked
    }

    /// What a user, group or certificate would be called after a change of its name, of its path, or of both: the change is asked on that
    /// ARN as on the present one. Source: IAM API reference, `UpdateUser`: "To change a user name, the requester must have
    /// appropriate permissions on both the source object and the target object".
    fn moved(&self, kind: &str, name: &str, path: &str, rename: &str) -> Option<(String, String)> {
        let (new_path, new_name) = (self.text("NewPath"), self.text(rename));
        if new_path.is_none() && new_name.is_none() {
            return None;
        }
        let (path, name) = (new_path.unwrap_or(path), new_name.unwrap_or(name));
        let account = &self.caller.account;
        Some((self.operation.action(), format!("arn:aws:iam::{account}:{kind}{path}{name}")))
    }

    /// `AllowUsersToChangePassword`: "IAM applies the permissions at the account-level for all users" (IAM User Guide, "Set
    /// an account password policy"). So it grants like a policy of the resource does: denies and boundaries still hold.
    fn account_grant(&self) -> Option<Arc<PolicySet>> {
        const GRANT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
            "Action":"iam:ChangePassword","Resource":"*"}]}"#;
        let changes = self.operation.service() == Service::Iam
            && self.operation.name() == "ChangePassword"
            && self.caller.kind() == CallerKind::User;
        if !changes || !password_rules::users_may_change(self.directory, &self.caller.account) {
            return None;
        }
        let kind = PolicyKind::Resource(ResourcePolicyKind::Generic);
        NamedPolicy::compile("AllowUsersToChangePassword", GRANT, kind).ok().map(|it| it.set())
    }

    fn user_arn(&self, name: &str) -> String {
        let user = self.directory.user(&self.caller.account, name);
        self.known("user", name, user.map(|user| user.arn()))
    }

    /// Whose key it is, in the caller's account; `*` of a key that nobody has there.
    fn key_owner(&self, access_key_id: &str) -> String {
        let account = &self.caller.account;
        let key = self.directory.access_key(access_key_id);
        match key.filter(|key| key.account == *account).map(|key| &key.owner) {
            Some(KeyOwner::User { name, .. }) => self.user_arn(name),
            Some(KeyOwner::Root) => format!("arn:aws:iam::{account}:root"),
            None => "*".to_owned(),
        }
    }

    /// The entity's ARN; of one that does not exist (yet), the ARN it would have with the path in the input.
    fn known(&self, kind: &str, name: &str, arn: Option<String>) -> String {
        let path = self.text("Path").unwrap_or("/");
        arn.unwrap_or_else(|| format!("arn:aws:iam::{}:{kind}{path}{name}", self.caller.account))
    }

    /// The keys that the request itself brings: tags asked for, tags of what is touched, policies and boundaries named.
    fn add_context(&self, context: &mut Context) {
        context.set("aws:RequestedRegion", self.region);
        let tags =
            self.input.get("Tags").or_else(|| self.input.get("TagList")).and_then(Value::as_array);
        let mut keys = Vec::new();
        for (key, value) in &self.caller.asserted.tags {
            context.set(&format!("aws:RequestTag/{key}"), value.as_str());
            keys.push(key.clone());
        }
        for tag in tags.into_iter().flatten() {
            let (key, value) =
                (tag.get("Key").and_then(Value::as_str), tag.get("Value").and_then(Value::as_str));
            let key = key.unwrap_or_default();
            context.set(&format!("aws:RequestTag/{key}"), value.unwrap_or_default());
            keys.push(key.to_owned());
        }
        let removed = self.input.get("TagKeys").and_then(Value::as_array).into_iter().flatten();
        keys.extend(removed.filter_map(Value::as_str).map(str::to_owned));
        context.set_all("aws:TagKeys", keys);
        for (key, value) in self.resource_tags() {
            context.set(&format!("aws:ResourceTag/{key}"), value.as_str());
            if self.operation.service() == Service::Iam {
                context.set(&format!("iam:ResourceTag/{key}"), value.as_str());
            }
        }
        if let Some(service) = self.text("AWSServiceName") {
            context.set("iam:AWSServiceName", service);
        }
        if self.operation.name() == "AddRoleToInstanceProfile" {
            context.set("iam:PassedToService", "ec2.amazonaws.com");
        }
        if self.operation.service() == Service::Iam {
            if let Some(arn) = self.text("PolicyArn") {
                context.set("iam:PolicyARN", arn);
            }
            if let Some(arn) =
                self.text("PermissionsBoundary").map(str::to_owned).or_else(|| self.boundary())
            {
                context.set("iam:PermissionsBoundary", arn);
            }
        }
    }

    /// The tags of what is touched, if it is the caller's account's: of nobody else's a condition learns anything.
    fn resource_tags(&self) -> Tags {
        let (account, directory) = (&self.caller.account, self.directory);
        let named = |member: &str| self.text(member).unwrap_or_default();
        let tags = match self.operation.row().resource {
            ResourceTemplate::Domain => {
                let domain = directory.domain(account, self.region, named("DomainName"));
                domain.map(|domain| &domain.tags)
            }
            ResourceTemplate::DomainArn => {
                let mut own = directory.domains().filter(|domain| domain.account == *account);
                own.find(|domain| domain.arn() == named("ARN")).map(|domain| &domain.tags)
            }
            ResourceTemplate::User | ResourceTemplate::UserOrSelf => {
                // Whoever names no user means itself.
                let name = self.text("UserName").or(self.caller.username.as_deref());
                directory.user(account, name.unwrap_or_default()).map(|user| &user.tags)
            }
            ResourceTemplate::Role => {
                directory.role(account, named("RoleName")).map(|role| &role.tags)
            }
            ResourceTemplate::InstanceProfile => {
                let profile = directory.instance_profile(account, named("InstanceProfileName"));
                profile.map(|profile| &profile.tags)
            }
            ResourceTemplate::ServerCertificate => {
                let kept = directory.server_certificate(account, named("ServerCertificateName"));
                kept.map(|kept| &kept.tags)
            }
            ResourceTemplate::Arn("SAMLProviderArn") => {
                let arn = named("SAMLProviderArn");
                let name = arn.split_once(":saml-provider/").map_or("", |(_, name)| name);
                let provider = directory.saml_provider(account, name);
                provider.filter(|provider| provider.arn() == arn).map(|provider| &provider.tags)
            }
            ResourceTemplate::Arn("PolicyArn") => {
                let policy = directory.managed_policy_for(account, named("PolicyArn"));
                policy.map(|policy| &policy.tags)
            }
            ResourceTemplate::Arn("SerialNumber") => {
                let device = directory.mfa_device(named("SerialNumber"));
                device.filter(|device| device.account == *account).map(|device| &device.tags)
            }
            ResourceTemplate::Arn("OpenIDConnectProviderArn") => {
                let arn = named("OpenIDConnectProviderArn");
                let url = arn.split_once(":oidc-provider/").map_or("", |(_, url)| url);
                let provider = directory.oidc_provider(account, url);
                provider.filter(|provider| provider.arn() == arn).map(|provider| &provider.tags)
            }
            _ => None,
        };
        tags.cloned().unwrap_or_default()
    }

    /// The boundary that the touched user or role has now.
    fn boundary(&self) -> Option<String> {
        let account = &self.caller.account;
        match self.operation.row().resource {
            ResourceTemplate::User => {
                self.directory.user(account, self.text("UserName")?)?.permissions.boundary.clone()
            }
            ResourceTemplate::Role => {
                self.directory.role(account, self.text("RoleName")?)?.permissions.boundary.clone()
            }
            _ => None,
        }
    }

    /// `AssumeRole…`: the role's trust policy is asked for the operation, and for tags and source identity by their own
    /// actions. A role that does not exist is denied like one that does not trust.
    fn trust(&self, mut context: Context) -> Result<Authorization, ApiError> {
        let arn = self.text("RoleArn").unwrap_or_default();
        if !arn.starts_with("arn:") || arn.splitn(6, ':').count() < 6 {
            return Err(ApiError::new(ErrorCode::Validation, format!("{arn} is invalid")));
        }
        let role = self.directory.role_by_arn(arn);
        let Some((role, trust)) = role.and_then(|role| Some((role, role.own.as_ref()?))) else {
            let text = format!(
                "User: {} is not authorized to perform: {} on resource: {arn}",
                self.caller.arn,
                self.operation.action()
            );
            return Err(ApiError::access_denied(text));
        };
        self.keep_source_identity(arn)?;
        self.add_trust_context(&mut context);
        for (key, value) in &role.tags {
            context.set(&format!("aws:ResourceTag/{key}"), value.as_str());
            context.set(&format!("iam:ResourceTag/{key}"), value.as_str());
        }
        let trust = trust.set();
        let resource_control = self.directory.resource_control(&role.account);
        let question = |action: String| AccessQuestion {
            resource_control: Arc::clone(&resource_control),
            action,
            resource: arn.to_owned(),
            resource_account: role.account.clone(),
            context: context.clone(),
            resource_policy: Some(Arc::clone(&trust)),
        };
        let mut actions = vec![self.operation.action()];
        let caller = self.caller;
        let no_tags = caller.transitive_tags.is_empty() && caller.asserted.tags.is_empty();
        if self.has_tags() || !no_tags {
            actions.push("sts:TagSession".to_owned());
        }
        if self.source_identity().is_some() {
            actions.push("sts:SetSourceIdentity".to_owned());
        }
        Ok(Authorization { questions: actions.into_iter().map(question).collect() })
    }

    fn has_tags(&self) -> bool {
        self.input.get("Tags").and_then(Value::as_array).is_some_and(|tags| !tags.is_empty())
    }

    /// The source identity that the session would have: the chain's, the token's, or the one that is asked for.
    fn source_identity(&self) -> Option<&str> {
        let caller = self.caller;
        let kept = caller.source_identity.as_ref().or(caller.asserted.source_identity.as_ref());
        kept.map(String::as_str).or_else(|| self.text("SourceIdentity"))
    }

    /// Once set, a source identity stands for the whole chain of roles.
    /// Source: IAM user guide, "Monitor and control actions taken with assumed roles".
    fn keep_source_identity(&self, role_arn: &str) -> Result<(), ApiError> {
        match (self.text("SourceIdentity"), self.source_identity()) {
            (Some(asked), Some(kept)) if asked != kept => Err(ApiError::access_denied(format!(
                "User: {} is not authorized to perform: sts:SetSourceIdentity on resource: {role_arn} because the \
                 source identity of the calling session cannot be changed",
                self.caller.arn
            ))),
            _ => Ok(()),
        }
    }

    fn add_trust_context(&self, context: &mut Context) {
        if let Some(id) = self.text("ExternalId") {
            context.set("sts:ExternalId", id);
        }
        let asserted = self.caller.asserted.saml.as_ref().map(|login| login.session_name.as_str());
        if let Some(name) = self.text("RoleSessionName").or(asserted) {
            context.set("sts:RoleSessionName", name);
        }
        if let Some(identity) = self.source_identity() {
            context.set("sts:SourceIdentity", identity);
        }
        let transitive =
            self.input.get("TransitiveTagKeys").and_then(Value::as_array).into_iter().flatten();
        let transitive = transitive.filter_map(Value::as_str);
        let asserted = self.caller.asserted.transitive_tags.iter().map(String::as_str);
        context.set_all("sts:TransitiveTagKeys", transitive.chain(asserted));
        for (key, value) in &self.caller.transitive_tags {
            context.set(&format!("aws:RequestTag/{key}"), value.as_str());
        }
    }
}
