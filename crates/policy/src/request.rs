//! What is asked.

use crate::arn::account_of;
use crate::context::Context;
use crate::principal::Principal;

/// What is asked: may this principal do this action on this resource?
#[derive(Clone, Copy, Debug)]
pub struct AccessRequest<'a> {
    /// The verified caller.
    pub principal: &'a Principal,
    /// Such as `es:ESHttpGet`; its case does not matter.
    pub action: &'a str,
    /// The resource's ARN, or `*` for an action that has none.
    pub resource: &'a str,
    /// The account that owns the resource; by default the ARN's, or the caller's where the ARN
    /// names none.
    pub resource_account: Option<&'a str>,
    /// What else is known.
    pub context: &'a Context,
}

impl<'a> AccessRequest<'a> {
    /// The account that owns the resource.
    pub(crate) fn account(&self, caller: &'a Principal) -> &'a str {
        self.resource_account
            .or_else(|| account_of(self.resource))
            .or(caller.account())
            .unwrap_or_default()
    }
}
