//! The question that policies are asked, and what they said, for the record.

use control::Identified;
use policy::{AccessRequest, Context, PolicySet};

use crate::accept::Line;
use crate::audit::DecisionRecord;
use crate::parse::Call;

/// What the policies may know of a request besides principal, action and resource. Values come from the
/// verified identity and the connection; only `aws:UserAgent` is the client's own word.
#[must_use]
pub fn context(call: &Call, line: &Line, identity: &Identified, region: &str) -> Context {
    let mut context = Context::new();
    context.describe(&identity.principal());
    identity.describe(&mut context);
    context.set("aws:SourceIp", line.peer.ip().to_canonical().to_string());
    context.set("aws:CurrentTime", call.received.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    context.set("aws:EpochTime", call.received.as_second().to_string());
    // Every listener that takes signed requests speaks TLS.
    context.set("aws:SecureTransport", "true");
    context.set("aws:RequestedRegion", region);
    context.set("aws:ViaAWSService", "false");
    if let Some(agent) = call.header("user-agent") {
        context.set("aws:UserAgent", agent);
    }
    context
}

/// One question on the data plane.
pub struct Question<'a> {
    /// Who asks.
    pub identity: &'a Identified,
    /// The domain's access policy.
    pub resource_policy: Option<&'a PolicySet>,
    /// The domain's account.
    pub resource_account: &'a str,
    /// `es:ESHttpGet` …
    pub action: &'a str,
    /// The domain's ARN and the path.
    pub resource: &'a str,
    /// See [`context`].
    pub context: &'a Context,
}

/// Asks the policies. The record says what decided; its `text` is the denial, absent when allowed.
#[must_use]
pub fn ask(question: &Question<'_>) -> DecisionRecord {
    let owned = question.identity.policies();
    let policies = owned.as_policies(question.resource_policy);
    let principal = question.identity.principal();
    let request = AccessRequest {
        principal: &principal,
        action: question.action,
        resource: question.resource,
        resource_account: Some(question.resource_account),
        context: question.context,
    };
    let explanation = policy::explain(&policies, &request);
    record(question, &explanation)
}
