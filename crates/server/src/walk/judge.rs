//! The question that policies are asked, and what they said, for the record.

use std::sync::Arc;

use control::{IdentifiedCaller, ResourceSide};
use jiff::Timestamp;
use jiff::tz::Offset;
use policy::{AccessRequest, Context, DocumentScope, NamedReason, NearMiss, Residual};

use crate::audit::{self, DecisionRecord, JudgedOn, NearMissRecord, StatementRecord};
use crate::service::backends::Backend;
use crate::targets;
use crate::walk::parse::Call;
use crate::walk::route::DomainTarget;

/// The region of requests that name none and of operations that are of none, as at Amazon: IAM's, and those of STS's
/// global endpoint.
pub(crate) const GLOBAL_REGION: &str = "us-east-1";

/// What the connection and the request itself tell the policies. Values come from the connection; only
/// `aws:UserAgent` is the client's own word. The identity's keys are added by [`control::IdentifiedCaller`].
#[must_use]
pub(crate) fn context(call: &Call, region: &str) -> Context {
    let mut context = at(call.received);
    context.set("aws:SourceIp", call.client_text.as_str());
    // Every listener that takes signed requests speaks TLS.
    context.set_flag("aws:SecureTransport", true);
    context.set("aws:RequestedRegion", region);
    context.set_flag("aws:ViaAWSService", false);
    if let Some(agent) = call.header("user-agent") {
        context.set("aws:UserAgent", agent);
    }
    context
}

/// What the clock tells the policies, and nothing else.
#[must_use]
pub(crate) fn at(now: Timestamp) -> Context {
    let mut context = Context::new();
    context.set("aws:CurrentTime", in_seconds(now));
    context.set("aws:EpochTime", now.as_second().to_string());
    context
}

/// The time to the second, as `2026-11-30T07:45:00Z`. Written by hand, because every request is judged with it.
fn in_seconds(now: Timestamp) -> String {
    let time = Offset::UTC.to_datetime(now);
    let Ok(year @ 0..=9_999) = u16::try_from(time.year()) else {
        return now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    };
    let of_year = |number: u16| u8::try_from(number).unwrap_or_default();
    let numbers = [
        (0, of_year(year / 100)),
        (2, of_year(year % 100)),
        (5, time.month().unsigned_abs()),
        (8, time.day().unsigned_abs()),
        (11, time.hour().unsigned_abs()),
        (14, time.minute().unsigned_abs()),
        (17, time.second().unsigned_abs()),
    ];
    let mut text = *b"0000-00-00T00:00:00Z";
    for (at, number) in numbers {
        if let Some([tens, ones]) = text.get_mut(at..at + 2) {
            (*tens, *ones) = (b'0' + number / 10, b'0' + number % 10);
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// The context of a request to a domain: the connection's keys, the caller's, the domain's, and of which documents it is judged.
#[must_use]
pub(crate) fn domain_context(
    call: &Call,
    identity: &IdentifiedCaller,
    target: &DomainTarget,
) -> Context {
    let mut context = context(call, &target.domain.region);
    of_domain(&mut context, identity, target, Some(call.client_text.as_str()));
    context
}

/// The context of a request that nobody has sent: what every request of this caller to this domain has, and nothing else. From where
/// it comes, with which program and with which second factor is not known.
#[must_use]
pub(crate) fn unsent_context(
    now: Timestamp,
    identity: &IdentifiedCaller,
    target: &DomainTarget,
) -> Context {
    let mut context = at(now);
    context.set_flag("aws:SecureTransport", true);
    context.set("aws:RequestedRegion", target.domain.region.as_str());
    context.set_flag("aws:ViaAWSService", false);
    of_domain(&mut context, identity, target, None);
    context
}

/// What is known of the caller, of the domain, of which documents it is judged, and where known of the client's address.
fn of_domain(
    context: &mut Context,
    identity: &IdentifiedCaller,
    target: &DomainTarget,
    client: Option<&str>,
) {
    let domain = &target.domain;
    identity.describe(context);
    context.set("aws:ResourceAccount", domain.account.as_str());
    for (key, value) in &domain.tags {
        context.set(&format!("aws:ResourceTag/{key}"), value.as_str());
    }
    if let Some(vpc) = domain.vpc_options().and_then(|options| options.get("VPCId")?.as_str()) {
        context.set("aws:SourceVpc", vpc);
        if let Some(client) = client {
            context.set("aws:VpcSourceIp", client);
        }
    }
    context.set_scope(match &target.backend {
        Backend::Embedded(_) => targets::document_scope(&target.route, domain.extras.mode),
        // A cluster shows documents whole: what is allowed for some of them is allowed for none.
        Backend::Upstream(_) => DocumentScope::Every,
    });
}

/// One question.
#[derive(Clone, Copy)]
pub struct PolicyQuestion<'a> {
    /// Who asks.
    pub identity: &'a IdentifiedCaller,
    /// What bears on it from the resource's side: a domain's access policy, a role's trust policy, what is around them.
    pub resource_side: ResourceSide<'a>,
    /// The resource's account.
    pub resource_account: &'a str,
    /// `es:ESHttpGet` …
    pub action: &'a str,
    /// The resource's ARN, with the path on a domain.
    pub resource: &'a str,
    /// Everything else that is known.
    pub context: &'a Context,
    /// Amazon's denials name the resource on the control plane and not on the data plane.
    pub names_resource: bool,
}

impl<'a> PolicyQuestion<'a> {
    /// A question that an operation of the control plane asks about `identity`.
    #[must_use]
    pub fn of(identity: &'a IdentifiedCaller, asked: &'a control::AccessQuestion) -> Self {
        Self {
            identity,
            resource_side: asked.resource_side(),
            resource_account: &asked.resource_account,
            action: &asked.action,
            resource: &asked.resource,
            context: &asked.context,
            names_resource: true,
        }
    }
}

/// Only the answer: the denial, `None` when allowed. Allocates nothing but its text.
#[must_use]
pub(crate) fn denial(question: &PolicyQuestion<'_>) -> Option<String> {
    let request = request(question);
    let policies = question.identity.policies(question.resource_side);
    let decision = policy::evaluate(&policies, &request);
    let resource = question.names_resource.then_some(question.resource);
    (!decision.is_allowed())
        .then(|| decision.denial_text(&question.identity.arn, question.action, resource))
}

/// For which documents and fields a question that was answered with yes was answered so. Where no policy asks for any, nothing
/// is looked for.
#[must_use]
pub(crate) fn left(question: &PolicyQuestion<'_>) -> Residual {
    let policies = question.identity.policies(question.resource_side);
    match policies.ask_for_documents() {
        true => policy::residual(&policies, &request(question)),
        false => Residual::Always,
    }
}

fn request<'a>(question: &PolicyQuestion<'a>) -> AccessRequest<'a> {
    AccessRequest {
        principal: question.identity.principal(),
        action: question.action,
        resource: question.resource,
        resource_account: Some(question.resource_account),
        context: question.context,
    }
}

/// Asks the policies. The record says what decided; its `text` is the denial, absent when allowed.
#[must_use]
pub fn ask(question: &PolicyQuestion<'_>) -> DecisionRecord {
    let request = request(question);
    let policies = question.identity.policies(question.resource_side);
    let policy::ReasonedDecision { decision, by, considered, missing, may_differ } =
        policy::evaluate_with_reasons(&policies, &request);
    let mut record = DecisionRecord {
        outcome: decision.outcome().as_str().into(),
        action: question.action.to_owned(),
        resource: question.resource.to_owned(),
        by: by.into_iter().map(statement).collect(),
        considered: considered
            .into_iter()
            .map(|(policy, name)| (audit::kind_of(policy), name))
            .collect(),
        resource_account: Some(question.resource_account.to_owned()),
        near_misses: Vec::new(),
        text: None,
        missing,
        may_differ,
        ..DecisionRecord::default()
    };
    // Looking for near misses walks every statement: only who is refused has use for them.
    if !decision.is_allowed() {
        let told = policy::explain(&policies, &request);
        record.near_misses = told.nearest_misses.into_iter().map(near_miss).collect();
        let resource = question.names_resource.then_some(question.resource);
        let text = decision.denial_text(&question.identity.arn, question.action, resource);
        record.text = Some(text);
        let (context, held) = (question.context.clone(), policies.held(request.principal));
        record.judged_on = Some(Arc::new(JudgedOn { context, policies: held }));
    }
    record
}

fn statement(reason: NamedReason) -> StatementRecord {
    StatementRecord {
        kind: audit::kind_of(reason.policy),
        policy: reason.name,
        statement: reason.statement as usize,
        sid: reason.sid,
    }
}

/// `Resource expects A, the request has B`, of each clause that failed.
fn near_miss(miss: NearMiss) -> NearMissRecord {
    let clauses: Vec<String> = miss
        .failed
        .iter()
        .map(|clause| {
            format!(
                "{} expects {}, the request has {}",
                clause.element, clause.expected, clause.seen
            )
        })
        .collect();
    NearMissRecord {
        statement: statement(miss.statement),
        failed: audit::shortened(&clauses.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_question_reads_as_its_format_says() {
        for second in
            [-62_135_596_801, -62_135_596_800, -1, 0, 951_782_399, 1_796_025_900, 253_402_207_200]
        {
            let now = Timestamp::from_second(second).unwrap();
            assert_eq!(in_seconds(now), now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        }
    }
}
