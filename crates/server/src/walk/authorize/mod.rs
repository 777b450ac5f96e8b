//! Phase 6, **authorize**: may this caller do this? The answer is a [`Permit`], or a refusal in Amazon's
//! words.
//!
//! Asked twice. [`prospect`] asks on the head, so that the body of a request that is denied anyway is
//! never kept; its answer is only a prospect, because the signature is not checked yet. [`authorize`]
//! asks a proven caller, on the body too; what a domain's request names is asked for in its turn ([`Judging`]). Only
//! these two make permits; of the URL they take the answer that there is, if the directory has not changed since.

mod domain;

use std::sync::Arc;

use control::{ApiError, ErrorCode, IdentifiedCaller, Operation, wire};
use engine::cluster::Metadata;
use engine::exception::Exception;
use engine::rest::{Api, Effect, Flavor, Method, Parsed, Route, RouteError};
use engine::{Engine, View, Work};
use policy::{CallerKind, Context};
use serde_json::Value;

use crate::audit::{self, DecisionRecord, Record, Stage};
use crate::service::pool::Holder;
use crate::targets;
use crate::walk::Step;
use crate::walk::identify::{Alleged, Caller};
use crate::walk::judge::{self, Question};
use crate::walk::parse::{self, Body, Call, Keep, Received};
use crate::walk::refusal::Refusal;
use crate::walk::respond::Outcome;
use crate::walk::route::{DomainTarget, Target};
use crate::walk::serve;

pub use self::domain::{Judging, Notes};

/// That something may be done. Nothing is served without one, and only [`authorize`] makes them:
/// forgetting to authorize does not compile.
///
/// ```compile_fail
/// // A permit cannot be made up.
/// fn forged(work: server::walk::authorize::Permitted) -> server::walk::authorize::Permit {
///     server::walk::authorize::Permit(work)
/// }
/// ```
pub struct Permit(Permitted);

impl Permit {
    /// Whether something may be another afterwards: every operation of the control plane, and of a domain all but the
    /// APIs that only read.
    #[must_use]
    pub fn changes(&self) -> bool {
        match &self.0 {
            Permitted::Control(_) => true,
            Permitted::Explain { .. } => false,
            Permitted::Embedded(work) => !reads(&work.parsed.route),
        }
    }

    /// What it allows, once.
    #[must_use]
    pub fn spend(self) -> Permitted {
        self.0
    }
}

/// What [`authorize`] comes to.
pub enum Authorized {
    /// It may be done.
    Permit(Permit),
    /// It may be done if what it names may be touched, which is found out where it will run.
    Judging(Box<Judging>),
}

/// Whether a request of a domain leaves everything as it was. A refresh only shows what was written.
fn reads(route: &Route) -> bool {
    route.api.row().effect == Effect::Read
        || route.api == Api::IndicesRefresh
        || matches!(route.method, Method::Get | Method::Head)
}

/// What a permit allows, with everything that is needed to do exactly that.
pub enum Permitted {
    /// An operation of the control plane.
    Control(Box<ControlWork>),
    /// The record of an earlier request is shown.
    Explain {
        /// That record.
        record: Box<Record>,
        /// As JSON, or told in prose.
        as_json: bool,
    },
    /// A request to the engine in this binary.
    Embedded(Box<EmbeddedWork>),
}

/// An authorized operation of the control plane.
pub struct ControlWork {
    /// Which.
    pub operation: Operation,
    /// Its input, validated against the model.
    pub input: Value,
    /// For whom.
    pub identity: IdentifiedCaller,
    /// The version of the directory that it was authorized on.
    pub judged: u64,
    /// What was known of the connection then.
    pub context: Context,
    /// The region of the credential scope.
    pub region: String,
    /// In whose turn it runs.
    pub holder: Holder,
}

/// An authorized request to the engine, on the snapshot that it was authorized on.
pub struct EmbeddedWork {
    /// The domain's engine.
    pub engine: Arc<Engine>,
    /// The request: the very value that was judged.
    pub parsed: Parsed,
    /// The indices as they were when it was judged.
    pub metadata: Arc<Metadata>,
    /// What it may touch.
    pub view: View,
    /// How it is called off, and what its memory is taken from.
    pub work: Work,
    /// Holds the body's share of the bytes in flight until the work is done.
    pub body: Body,
}

/// What the head alone lets one expect.
pub enum Prospect {
    /// Nothing speaks against it yet; of a domain, what its policies said.
    Open(Option<Box<Asked>>),
    /// It will be denied, if the signature is right: the denial that will be read then.
    Denied(Box<DecisionRecord>),
    /// It leads nowhere, whoever asks.
    Nowhere,
}

impl Prospect {
    /// What becomes of the body.
    #[must_use]
    pub fn keep(&self) -> Keep {
        match self {
            Self::Open(_) => Keep::Bytes,
            Self::Denied(_) | Self::Nowhere => Keep::HashOnly,
        }
    }
}

/// The URL's own question about one caller, and the answer to it.
pub struct Asked {
    /// The snapshot of the directory that caller and domain are from.
    version: u64,
    context: Context,
    decision: DecisionRecord,
}

impl Asked {
    fn of(call: &Call, identity: &IdentifiedCaller, target: &DomainTarget, version: u64) -> Self {
        let context = judge::domain_context(call, identity, &target.domain);
        let decision = domain::decide(identity, target, &context, &targets::url_ask(&target.route));
        Self { version, context, decision }
    }
}

/// Asks the policies about the URL, before the body is read and before the signature is checked. Nothing
/// is granted by this.
pub fn prospect(call: &Call, alleged: &Alleged, target: &Target) -> Prospect {
    match target {
        // The operation is in the body, or the resource is.
        Target::Control | Target::Explain { .. } => Prospect::Open(None),
        Target::Astray(_) | Target::Gone => Prospect::Nowhere,
        Target::Domain(target) => {
            let asked = Asked::of(call, alleged.identity(), target, alleged.version());
            if asked.decision.text.is_some() {
                Prospect::Denied(Box::new(asked.decision))
            } else {
                Prospect::Open(Some(Box::new(asked)))
            }
        }
    }
}

/// Asks the policies for good. The caller is proven, the body is whole.
pub async fn authorize(
    step: &mut Step<'_>,
    call: &Arc<Call>,
    caller: Caller,
    target: Target,
    prospect: Prospect,
    received: Received,
) -> Result<Authorized, Refusal> {
    // What is loaded first is not judged yet.
    if !matches!(target, Target::Control | Target::Domain(_)) {
        step.entry.reached(Stage::Authorize);
    }
    match target {
        Target::Control => {
            let body = parse::load(step, call, &caller, received).await?;
            step.entry.reached(Stage::Authorize);
            control_plane(step, call, caller, &body).await.map(Authorized::Permit)
        }
        Target::Explain { request_id } => {
            explain(step, call, &caller, &request_id).await.map(Authorized::Permit)
        }
        Target::Astray(error) => Err(astray(call, &caller, &error)),
        Target::Gone => Err(gone(call, &caller)),
        Target::Domain(target) => {
            let asked = match prospect {
                Prospect::Denied(decision) => {
                    domain::close_denied_cursors(call, caller.identity(), &target);
                    step.entry.reached(Stage::Authorize);
                    return Err(denied(step, *decision));
                }
                Prospect::Open(asked) => asked,
                Prospect::Nowhere => None,
            };
            let (porch, call) = (step.porch.clone(), Arc::clone(call));
            let judging = Judging { porch, call, caller, target: *target, asked, received };
            Ok(Authorized::Judging(Box::new(judging)))
        }
    }
}

/// The control plane: decode, find the operation, ask.
async fn control_plane(
    step: &mut Step<'_>,
    call: &Call,
    caller: Caller,
    body: &Body,
) -> Result<Permit, Refusal> {
    let request = wire::WireRequest {
        signing_name: step.dialect.signing_name(),
        method: &call.method,
        path: &call.path,
        query: &sigv4::presigned::strip(&call.query),
        content_type: call.header("content-type"),
        body: &body.bytes,
    };
    let decoded = wire::decode(&request);
    let anonymous = caller.identity().kind() == CallerKind::Anonymous;
    if anonymous && !decoded.as_ref().is_ok_and(|(operation, _)| unsigned(*operation)) {
        return Err(sigv4::Refusal::MissingAuthenticationToken.into());
    }
    let (operation, input) = decoded.map_err(|error| {
        let reply = wire::encode_error(error.service, &error.error, &step.entry.request_id);
        Refusal::Answered { outcome: serve::reply(reply), why: error.error.to_string() }
    })?;
    let region = step.region.clone().unwrap_or_else(|| "us-east-1".to_owned());
    let holder = caller.holder(call);
    let mut identity = caller.into_identity();
    let context = judge::context(call, &region);
    step.entry.action = Some(operation.action());
    let refused = |error: ApiError, request_id: &str| Refusal::Answered {
        outcome: serve::reply(wire::encode_error(operation.service(), &error, request_id)),
        why: error.to_string(),
    };
    if operation.name() == "AssumeRoleWithWebIdentity" {
        let bearer = bearer(step, call, &input).await;
        identity = bearer.map_err(|error| refused(error, &step.entry.request_id))?;
    }
    if operation.brings_mfa(&input) {
        let proving = prove_mfa(step, call, &holder, identity, operation, &input);
        let proved = proving.await?;
        identity = proved.map_err(|error| refused(error, &step.entry.request_id))?;
    }
    // The policies of now: what was withdrawn while a provider or the store was waited for holds already.
    let directory = step.porch.control.directory();
    identity = directory
        .identify_again(&identity, call.received)
        .map_err(|_gone| refused(no_longer_known(), &step.entry.request_id))?;
    let asked = control::authorization(operation, &input, &identity, &directory, &region, &context)
        .map_err(|error| refused(error, &step.entry.request_id))?;
    for question in &asked.questions {
        let decision = judge::ask(&Question::of(&identity, question));
        if decision.text.is_some() {
            return Err(denied(step, decision));
        }
        note(step, decision);
    }
    let judged = directory.version();
    let work = ControlWork { operation, input, identity, judged, context, region, holder };
    Ok(Permit(Permitted::Control(Box::new(work))))
}

/// The caller with its second factor proved. What comes of the code is written down, so it happens off the network threads.
async fn prove_mfa(
    step: &Step<'_>,
    call: &Call,
    holder: &Holder,
    mut identity: IdentifiedCaller,
    operation: Operation,
    input: &Value,
) -> Result<Result<IdentifiedCaller, ApiError>, Refusal> {
    let control = Arc::clone(&step.porch.control);
    let (input, now, request_id) = (input.clone(), call.received, step.entry.request_id.clone());
    let proving = step.porch.control_pool.run(holder.clone(), move || {
        let proved = control.prove_mfa(&mut identity, operation, &input, now, &request_id);
        proved.map(|()| identity)
    });
    proving.await.map_err(serve::not_done)
}

/// The refusal of a caller that is gone since its signature was checked.
fn no_longer_known() -> ApiError {
    let text = "The security token included in the request is invalid";
    ApiError::new(ErrorCode::InvalidClientTokenId, text)
}

/// Who bears the token of an OpenID Connect provider that the role's account has registered. When the
/// kept keys do not verify it, the provider is asked once more: it may have rotated them.
async fn bearer(
    step: &mut Step<'_>,
    call: &Call,
    input: &Value,
) -> Result<IdentifiedCaller, ApiError> {
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    let (role, token) = (text("RoleArn"), text("WebIdentityToken"));
    let issuer = control::issuer_of(token)?;
    let account = role.split(':').nth(4).unwrap_or_default();
    let name = issuer.strip_prefix("https://").unwrap_or_default().trim_end_matches('/');
    if step.porch.control.directory().oidc_provider(account, name).is_none() {
        let why = format!("No OpenIDConnect provider found in your account for {issuer}");
        return Err(ApiError::new(ErrorCode::InvalidIdentityToken, why));
    }
    let unreachable = |why: String| {
        tracing::warn!(issuer, why, "no keys of the provider");
        let text = "Couldn't retrieve verification key from your identity provider";
        ApiError::new(ErrorCode::InvalidIdentityToken, text)
    };
    let mut verified = None;
    for doubted in [false, true] {
        let keys = step.porch.issuers.keys(&issuer, doubted, step.porch.clock).await;
        let keys = keys.map_err(unreachable)?;
        // The provider may have taken its time: its registration is looked up as it is now.
        let directory = step.porch.control.directory();
        let bearer = directory.web_identity(role, token, &keys, call.received);
        let good = bearer.is_ok();
        verified = Some(bearer);
        if good {
            break;
        }
    }
    let bearer = verified.ok_or_else(|| unreachable("none".to_owned()))??;
    let principal = &mut step.entry.principal;
    (principal.arn, principal.kind) = (bearer.arn.clone(), "web-identity".to_owned());
    (principal.account, principal.proven) = (Some(bearer.account.clone()), true);
    Ok(bearer)
}

/// The operations that prove who calls by a token of another issuer instead of a signature.
fn unsigned(operation: Operation) -> bool {
    matches!(operation.name(), "AssumeRoleWithWebIdentity" | "AssumeRoleWithSAML")
}

/// Whoever may decode why a request was denied at Amazon may read our reasons.
const EXPLAIN_ACTION: &str = "sts:DecodeAuthorizationMessage";

/// The record of an earlier request, for those who may see why requests are denied. Records of other
/// accounts do not exist; of what a caller did at another account's domain it sees its own side.
async fn explain(
    step: &mut Step<'_>,
    call: &Call,
    caller: &Caller,
    request_id: &str,
) -> Result<Permit, Refusal> {
    let identity = caller.identity();
    if identity.kind() == CallerKind::Anonymous {
        return Err(sigv4::Refusal::MissingAuthenticationToken.into());
    }
    let decision = may_explain(call, identity);
    if decision.text.is_some() {
        return Err(denied(step, decision));
    }
    note(step, decision);
    let found = step.porch.records.find(step.porch, request_id).await.map_err(serve::not_done)?;
    // Looking takes time: whoever may not read it any more does not.
    let directory = step.porch.control.directory();
    let still = directory.identify_again(identity, call.received);
    let still = still.map_or_else(
        |_gone| may_explain(call, &IdentifiedCaller::anonymous()),
        |identity| may_explain(call, &identity),
    );
    if still.text.is_some() {
        return Err(denied(step, still));
    }
    let seen = found.and_then(|record| audit::seen_by(record, &identity.account));
    let Some(record) = seen else {
        let message = format!("no request {request_id} is on record");
        let outcome = Outcome::json(404, &serde_json::json!({ "message": message }));
        return Err(Refusal::Answered { outcome, why: message });
    };
    let as_json = call.query.split('&').any(|parameter| parameter == "format=json");
    Ok(Permit(Permitted::Explain { record: Box::new(record), as_json }))
}

fn may_explain(call: &Call, identity: &IdentifiedCaller) -> DecisionRecord {
    let mut context = judge::context(call, "us-east-1");
    identity.describe(&mut context);
    judge::ask(&Question {
        identity,
        resource_policy: None,
        resource_account: &identity.account,
        action: EXPLAIN_ACTION,
        resource: "*",
        context: &context,
        names_resource: true,
    })
}

/// A path that leads nowhere. Who did not prove anything learns nothing about which paths there are.
fn astray(call: &Call, caller: &Caller, error: &RouteError) -> Refusal {
    let unmapped = || Refusal::Unmapped { method: call.method.clone(), path: call.path.clone() };
    match error {
        RouteError::MethodNotAllowed { allow }
            if caller.identity().kind() != CallerKind::Anonymous =>
        {
            let exception = error.exception(&call.method, &call.path);
            let mut outcome = Outcome::json(exception.status(), &exception.body());
            let allow: Vec<&str> = allow.iter().map(|method| method.name()).collect();
            outcome.headers.push(("allow", allow.join(", ")));
            Refusal::Answered { outcome, why: "method not allowed".into() }
        }
        _ => unmapped(),
    }
}

/// What a domain that went away reads like: like one that exists and is forbidden.
fn gone(call: &Call, caller: &Caller) -> Refusal {
    let action = Method::parse(&call.method).map_or("es:ESHttpGet", targets::action);
    let (arn, kind) = (&caller.identity().arn, caller.identity().kind());
    let by = if kind == CallerKind::Anonymous { "resource-based" } else { "identity-based" };
    Refusal::Denied(format!(
        "User: {arn} is not authorized to perform: {action} because no {by} policy allows the {action} action"
    ))
}

fn denied(step: &mut Step<'_>, decision: DecisionRecord) -> Refusal {
    let text = decision.text.clone().unwrap_or_default();
    note(step, decision);
    Refusal::Denied(text)
}

/// Writes a decision down, with its action and resource.
fn note(step: &mut Step<'_>, decision: DecisionRecord) {
    step.entry.action = Some(decision.action.clone());
    step.entry.resource(&decision.resource);
    step.entry.decision(decision);
}

/// A refusal in the engine's own words.
fn answered(exception: &Exception, flavor: Flavor) -> Refusal {
    let response = engine::Response::exception(exception).of(flavor);
    Refusal::Answered { why: exception.reason().to_owned(), outcome: serve::response(response) }
}
