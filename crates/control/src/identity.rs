//! A caller: the principal, and every policy that bears on it. Who a key stands for is decided in
//! `directory/identify.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use policy::{CallerKind, Context, Policies, PolicySet, Principal};

use crate::security::InternalUser;
use crate::store::record::Tags;
use crate::tags::{TagInput, read_session_tags};

/// Characters of a session tag's key and value (STS).
const TAG_KEY_CHARS_MAX: usize = 128;
/// See above.
const TAG_VALUE_CHARS_MAX: usize = 256;

/// What an identity provider's token or assertion says about the session to be made.
#[derive(Clone, Debug, Default)]
pub(crate) struct AssertedSession {
    /// Session tags.
    pub(crate) tags: Tags,
    /// Keys of those that the next role in a chain inherits.
    pub(crate) transitive_tags: Vec<String>,
    /// The source identity.
    pub(crate) source_identity: Option<String>,
    /// What more a SAML assertion says.
    pub(crate) saml: Option<SamlLogin>,
}

/// What an assertion says besides what it asserts of the session.
#[derive(Clone, Debug)]
pub(crate) struct SamlLogin {
    /// `RoleSessionName`.
    pub(crate) session_name: String,
    /// `SessionDuration`.
    pub(crate) seconds: Option<i64>,
    /// When the provider wants the session over.
    pub(crate) ends: Option<i64>,
    /// What an assertion is known by when it comes again.
    pub(crate) fingerprint: String,
    /// The subject, its format, the issuer, the recipient and the name qualifier, for the reply.
    pub(crate) subject: String,
    pub(crate) subject_type: String,
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) name_qualifier: String,
    /// The public key that signed it, in bits.
    pub(crate) key: Vec<u8>,
}

/// What is wrong with what a provider asks for.
#[derive(Debug)]
pub(crate) enum AssertedFault {
    /// A tag whose key or value is too short or too long.
    Tag,
    /// The tags together; the text says why.
    Tags(String),
    /// A key that is handed on and is no tag's.
    TransitiveTagKeys,
    /// A source identity that is none.
    SourceIdentity,
}

impl AssertedSession {
    /// Checks what the provider asks for. Source: IAM user guide, "Pass session tags in AWS STS" and "Monitor and control actions
    /// taken with assumed roles".
    pub(crate) fn checked(
        tags: Vec<(String, String)>,
        transitive_tags: Vec<String>,
        source_identity: Option<String>,
    ) -> Result<AssertedSession, AssertedFault> {
        let of_length = |text: &str, min, max| (min..=max).contains(&text.chars().count());
        let good = |(key, value): &(String, String)| {
            of_length(key, 1, TAG_KEY_CHARS_MAX) && of_length(value, 0, TAG_VALUE_CHARS_MAX)
        };
        if !tags.iter().all(good) {
            return Err(AssertedFault::Tag);
        }
        let tags = tags.into_iter().map(|(key, value)| TagInput { key, value }).collect();
        let tags = read_session_tags(tags).map_err(|error| AssertedFault::Tags(error.message))?;
        let known = |asked: &String| tags.iter().any(|(key, _)| key.eq_ignore_ascii_case(asked));
        if !transitive_tags.iter().all(known) {
            return Err(AssertedFault::TransitiveTagKeys);
        }
        if source_identity.as_ref().is_some_and(|identity| !is_session_name(identity)) {
            return Err(AssertedFault::SourceIdentity);
        }
        Ok(AssertedSession { tags, transitive_tags, source_identity, saml: None })
    }
}

/// As the model of `AssumeRole` has session names and source identities: `[\w+=,.@-]{2,64}`.
pub(crate) fn is_session_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    (2..=64).contains(&text.len()) && text.bytes().all(allowed)
}

/// A caller as the directory knows it: all the authorizer asks about.
#[derive(Clone, Debug)]
pub struct IdentifiedCaller {
    /// Its account; empty for anonymous.
    pub account: String,
    /// Its ARN as `GetCallerIdentity` tells it; `anonymous` for anonymous.
    pub arn: String,
    /// `aws:PrincipalArn`: for a session the role's ARN.
    pub principal_arn: String,
    /// `aws:userid`: `AIDA…`, `AROA…:session`, the account for root, `ACCOUNT:name` for a federated user.
    pub user_id: String,
    /// `aws:username`, users only.
    pub username: Option<String>,
    /// The key that was used.
    pub access_key_id: Option<String>,
    /// Its principal tags: the role's or user's, overridden by the session's.
    pub tags: Tags,
    /// `aws:SourceIdentity`.
    pub source_identity: Option<String>,
    /// `aws:MultiFactorAuthPresent`; `None` with long-term keys.
    pub mfa: Option<bool>,
    /// `aws:MultiFactorAuthAge`: seconds since the second factor was proved; `None` when it was not.
    pub mfa_age: Option<i64>,
    /// `aws:TokenIssueTime`, seconds since 1970; `None` with long-term keys.
    pub issued: Option<i64>,
    /// When the credentials end; `None` with long-term keys.
    pub expires: Option<i64>,
    /// More context keys of the session (`ISSUER:sub` …).
    pub session_context: BTreeMap<String, Vec<String>>,
    /// Tags that the next role in a chain inherits, with their values.
    pub transitive_tags: Tags,
    /// Policies of the identity side; root needs none.
    pub identity_policies: Arc<PolicySet>,
    /// The permissions boundary, if there is one.
    pub boundary: Option<Arc<PolicySet>>,
    /// Session policies, if the session has any; an empty set grants nothing.
    pub session_policies: Option<Arc<PolicySet>>,
    /// Service control policies of its account, one set per level (they come from the settings).
    pub service_control: Arc<[PolicySet]>,
    /// The time by its account's clock, where a test moved that.
    pub(crate) time: Option<Timestamp>,
    /// This very request proved a second factor.
    pub(crate) mfa_proved: bool,
    /// A user who signs in to the console by its password, or who did so: the session's credentials are a console's.
    pub(crate) console: bool,
    /// Of a user who signs in to the console: the password that it proved, as its profile keeps it.
    pub(crate) sealed_password: Option<String>,
    /// Of the bearer of an identity provider's token: what the token asks for the session.
    pub(crate) asserted: AssertedSession,
    /// The internal user of a domain that it is: anonymous to policies.
    pub internal_user: Option<InternalUser>,
    pub(crate) principal: Principal,
}

/// The policies that bear on a request from the side of what it asks for, whoever asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResourceSide<'p> {
    /// The policy of the resource: a domain's access policy, a role's trust policy.
    pub policy: Option<&'p PolicySet>,
    /// Resource control policies of its account, one set per level.
    pub control: &'p [PolicySet],
    /// The policies of the VPC endpoints that the request came through.
    pub endpoints: &'p [Arc<PolicySet>],
}

/// Why a key that signed correctly does not identify anyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityError {
    /// No key of this id, or it is inactive, or its token is missing.
    UnknownKey,
    /// The token is not one of ours, or not this key's.
    TokenDamaged,
    /// The session's time is over.
    TokenExpired,
    /// The user or role behind it is gone.
    PrincipalGone,
}

impl IdentifiedCaller {
    /// A caller without credentials.
    pub fn anonymous() -> IdentifiedCaller {
        IdentifiedCaller::anonymous_as(Principal::anonymous())
    }

    /// Nobody, known to the evaluator as `principal`: what other kinds are filled in from.
    pub(crate) fn anonymous_as(principal: Principal) -> IdentifiedCaller {
        IdentifiedCaller {
            arn: "anonymous".to_owned(),
            user_id: "anonymous".to_owned(),
            ..IdentifiedCaller::nameless(principal)
        }
    }

    /// A caller of whom nothing is filled in: it allocates nothing, and every request makes one.
    pub(crate) fn nameless(principal: Principal) -> IdentifiedCaller {
        IdentifiedCaller {
            account: String::new(),
            arn: String::new(),
            principal_arn: String::new(),
            user_id: String::new(),
            username: None,
            access_key_id: None,
            tags: Vec::new(),
            source_identity: None,
            mfa: None,
            mfa_age: None,
            issued: None,
            expires: None,
            session_context: BTreeMap::new(),
            transitive_tags: Vec::new(),
            identity_policies: Arc::default(),
            boundary: None,
            session_policies: None,
            service_control: Arc::default(),
            time: None,
            mfa_proved: false,
            console: false,
            sealed_password: None,
            asserted: AssertedSession::default(),
            internal_user: None,
            principal,
        }
    }

    /// An AWS service that assumes roles for workloads of this deployment. It has no policies of its own: the role's trust
    /// policy alone says whether it may. Only the server makes one, never a signature.
    pub fn service(name: &str) -> IdentifiedCaller {
        IdentifiedCaller {
            arn: name.to_owned(),
            user_id: name.to_owned(),
            ..IdentifiedCaller::anonymous_as(Principal::service(name))
        }
    }

    /// What kind of caller it is.
    pub fn kind(&self) -> CallerKind {
        self.principal.kind()
    }

    /// The caller as `policy` knows it.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Everything that bears on a request of this caller, with what bears on it from the resource's side.
    pub fn policies<'p>(&'p self, resource: ResourceSide<'p>) -> Policies<'p> {
        Policies {
            identity: &self.identity_policies,
            resource: resource.policy,
            resource_control: resource.control,
            endpoints: resource.endpoints,
            permissions_boundary: self.boundary.as_deref(),
            session: self.session_policies.as_deref(),
            service_control: &self.service_control,
        }
    }

    /// Puts what is known of the caller into `context`: the principal's keys, its tags, and its session's.
    ///
    /// Source: docs.aws.amazon.com, "AWS global condition context keys", properties of the principal and of the session.
    pub fn describe(&self, context: &mut Context) {
        context.describe(&self.principal);
        for (key, value) in &self.tags {
            context.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
        }
        if let Some(identity) = &self.source_identity {
            context.set("aws:SourceIdentity", identity.as_str());
        }
        if let Some(mfa) = self.mfa {
            context.set("aws:MultiFactorAuthPresent", mfa.to_string());
        }
        if let Some(age) = self.mfa_age {
            context.set("aws:MultiFactorAuthAge", age.to_string());
        }
        if let Some(issued) = self.issued {
            context.set("aws:TokenIssueTime", iso8601(issued));
        }
        if let Some(time) = self.time {
            context.set("aws:CurrentTime", iso8601(time.as_second()));
            context.set("aws:EpochTime", time.as_second().to_string());
        }
        for (key, values) in &self.session_context {
            context.set_all(key, values.iter().map(String::as_str));
        }
    }

    /// Whether it came with temporary credentials.
    pub fn is_session(&self) -> bool {
        self.issued.is_some()
    }

    /// The root of `account`.
    pub(crate) fn root(account: &str) -> IdentifiedCaller {
        let arn = format!("arn:aws:iam::{account}:root");
        IdentifiedCaller {
            account: account.to_owned(),
            principal_arn: arn.clone(),
            arn,
            user_id: account.to_owned(),
            principal: Principal::root(account),
            ..IdentifiedCaller::anonymous()
        }
    }
}

fn iso8601(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}
