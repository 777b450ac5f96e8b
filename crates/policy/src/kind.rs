//! What a policy is attached to decides how it is read.

/// What a policy is attached to, which decides what it must and must not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyKind {
    /// On a user, group or role: managed or inline.
    Identity,
    /// On a resource.
    Resource(ResourcePolicyKind),
    /// On a role: who may assume it.
    Trust,
    /// Passed when a session is made.
    Session,
    /// A permissions boundary.
    Boundary,
    /// Of an organisation, for the principals of its accounts.
    ServiceControl,
    /// Of an organisation, for the resources of its accounts.
    ResourceControl,
}

/// Which resource a resource policy is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourcePolicyKind {
    /// Any: the language as the IAM guide has it.
    Generic,
    /// A search domain: the access policy, with Amazon's peculiarities.
    Domain,
}

impl PolicyKind {
    pub(crate) fn is_domain(self) -> bool {
        self == PolicyKind::Resource(ResourcePolicyKind::Domain)
    }

    /// Whether statements of this kind name principals.
    pub(crate) fn has_principals(self) -> bool {
        matches!(self, PolicyKind::Resource(_) | PolicyKind::Trust | PolicyKind::ResourceControl)
    }

    /// Whether old and new names of an action are one: in identity policies, and in those that
    /// limit them, but not in service control policies.
    ///
    /// <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/rename.html>
    pub(crate) fn joins_renamed_actions(self) -> bool {
        matches!(self, PolicyKind::Identity | PolicyKind::Session | PolicyKind::Boundary)
    }
}
