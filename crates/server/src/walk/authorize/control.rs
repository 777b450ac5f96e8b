//! The control plane: which operation is it, who asks for it, and do the policies allow it?

use std::sync::Arc;

use ::control::{ApiError, ErrorCode, IdentifiedCaller, Operation, wire};
use policy::CallerKind;
use serde_json::Value;

use crate::audit::Stage;
use crate::service::backends::ControlWork;
use crate::service::pool::WorkOwner;
use crate::walk::authorize::permit::Permit;
use crate::walk::body::{LoadedBody, ReceivedBody};
use crate::walk::context::RequestContext;
use crate::walk::judge::{self, PolicyQuestion};
use crate::walk::parse::Call;
use crate::walk::prove::Caller;
use crate::walk::refusal::Refusal;

/// Loads the body, finds the operation in it, and asks.
pub(super) async fn authorize(
    context: &mut RequestContext<'_>,
    call: &Arc<Call>,
    caller: Caller,
    received: ReceivedBody,
) -> Result<Permit<ControlWork>, Refusal> {
    let body = load(context, call, &caller, received).await?;
    context.entry.reached(Stage::Authorize);
    let request = wire::WireRequest {
        signing_name: context.dialect.signing_name(),
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
        let reply = wire::encode_error(error.service, &error.error, &context.entry.request_id);
        Refusal::Answered { outcome: reply.into(), why: error.error.to_string() }
    })?;
    let region = context.region.clone().unwrap_or_else(|| judge::GLOBAL_REGION.to_owned());
    let holder = caller.holder(call);
    let mut identity = caller.into_identity();
    let policy_context = judge::context(call, &region);
    begin(context, call, &identity, operation, &region);
    let refused = |error: ApiError, request_id: &str| Refusal::Answered {
        outcome: wire::encode_error(operation.service(), &error, request_id).into(),
        why: error.to_string(),
    };
    if unsigned(operation) {
        let bearer = bearer(context, call, &holder, operation, &input).await?;
        identity = bearer.map_err(|error| refused(error, &context.entry.request_id))?;
    }
    if operation.brings_mfa(&input) {
        let proving = prove_mfa(context, call, &holder, identity, operation, &input);
        let proved = proving.await?;
        identity = proved.map_err(|error| refused(error, &context.entry.request_id))?;
    }
    // The policies of now: what was withdrawn while a provider or the store was waited for holds already.
    let directory = context.state.control.directory();
    identity = directory
        .identify_again(&identity, call.received)
        .map_err(|_gone| refused(no_longer_known(), &context.entry.request_id))?;
    let asked = ::control::authorization(
        operation,
        &input,
        &identity,
        &directory,
        &region,
        &policy_context,
    )
    .map_err(|error| refused(error, &context.entry.request_id))?;
    for question in &asked.questions {
        let decision = judge::ask(&PolicyQuestion::of(&identity, question));
        if decision.text.is_some() {
            return Err(context.denied(decision));
        }
        context.note(decision);
    }
    let judged = directory.version();
    let work =
        ControlWork { operation, input, identity, judged, context: policy_context, region, holder };
    Ok(Permit::grant(work))
}

/// Writes down which operation it is, and notes that the caller asked for it, whatever comes of it.
fn begin(
    context: &mut RequestContext<'_>,
    call: &Call,
    identity: &IdentifiedCaller,
    operation: Operation,
    region: &str,
) {
    let action = operation.action();
    context.state.control.note_use(identity, &action, region, call.received);
    context.entry.action = Some(action);
}

/// The caller with its second factor proved. What comes of the code is written down, so it happens off the network threads.
async fn prove_mfa(
    context: &RequestContext<'_>,
    call: &Call,
    holder: &WorkOwner,
    mut identity: IdentifiedCaller,
    operation: Operation,
    input: &Value,
) -> Result<Result<IdentifiedCaller, ApiError>, Refusal> {
    let control = Arc::clone(&context.state.control);
    let (input, now, request_id) = (input.clone(), call.received, context.entry.request_id.clone());
    let proving = context.state.control_pool.run(holder.clone(), move || {
        let proved = control.prove_mfa(&mut identity, operation, &input, now, &request_id);
        proved.map(|()| identity)
    });
    Ok(proving.await?)
}

/// The refusal of a caller that is gone since its signature was checked.
fn no_longer_known() -> ApiError {
    let text = "The security token included in the request is invalid";
    ApiError::new(ErrorCode::InvalidClientTokenId, text)
}

/// Who bears the token or the assertion that an operation without a signature brings.
async fn bearer(
    context: &mut RequestContext<'_>,
    call: &Call,
    holder: &WorkOwner,
    operation: Operation,
    input: &Value,
) -> Result<Result<IdentifiedCaller, ApiError>, Refusal> {
    let (kind, bearer) = match operation.name() {
        "AssumeRoleWithSAML" => ("saml", saml_bearer(context, call, holder, input).await?),
        _ => ("web-identity", token_bearer(context, call, input).await),
    };
    let bearer = match bearer {
        Ok(bearer) => bearer,
        Err(error) => return Ok(Err(error)),
    };
    let principal = &mut context.entry.principal;
    (principal.arn, principal.kind) = (bearer.arn.clone(), kind.into());
    (principal.account, principal.proven) = (Some(bearer.account.clone()), true);
    Ok(Ok(bearer))
}

/// Who bears the token of an OpenID Connect provider that the role's account has registered. When the
/// kept keys do not verify it, the provider is asked once more: it may have rotated them.
async fn token_bearer(
    context: &RequestContext<'_>,
    call: &Call,
    input: &Value,
) -> Result<IdentifiedCaller, ApiError> {
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    let (role, token) = (text("RoleArn"), text("WebIdentityToken"));
    let issuer = ::control::issuer_of(token)?;
    let arn = policy::Arn::parse(role).ok();
    let account = arn.as_ref().map_or("", policy::Arn::account);
    let name = issuer.strip_prefix("https://").unwrap_or_default().trim_end_matches('/');
    if context.state.control.directory().oidc_provider(account, name).is_none() {
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
        let keys = context.state.issuers.keys(&issuer, doubted, context.state.clock).await;
        let keys = keys.map_err(unreachable)?;
        // The provider may have taken its time: its registration is looked up as it is now.
        let directory = context.state.control.directory();
        let bearer = directory.web_identity(role, token, &keys, call.received);
        let good = bearer.is_ok();
        verified = Some(bearer);
        if good {
            break;
        }
    }
    verified.ok_or_else(|| unreachable("none".to_owned()))?
}

/// Who bears the assertion of a SAML provider of the role's account. Its keys are in its metadata: nobody is asked. Reading what
/// a stranger sent happens off the network threads.
async fn saml_bearer(
    context: &RequestContext<'_>,
    call: &Call,
    holder: &WorkOwner,
    input: &Value,
) -> Result<Result<IdentifiedCaller, ApiError>, Refusal> {
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (role, provider, response) = (text("RoleArn"), text("PrincipalArn"), text("SAMLAssertion"));
    let (control, now) = (Arc::clone(&context.state.control), call.received);
    let own = context.state.console.get().and_then(|console| console.saml_address.clone());
    let reading = context.state.control_pool.run(holder.clone(), move || {
        control.directory().saml_bearer(&role, &provider, &response, own.as_deref(), now)
    });
    Ok(reading.await?)
}

/// The operations that prove who calls by a token of another issuer instead of a signature.
fn unsigned(operation: Operation) -> bool {
    matches!(operation.name(), "AssumeRoleWithWebIdentity" | "AssumeRoleWithSAML")
}

/// Loads the body of an operation of the control plane, in its caller's turn when it takes time.
async fn load(
    context: &RequestContext<'_>,
    call: &Arc<Call>,
    caller: &Caller,
    received: ReceivedBody,
) -> Result<LoadedBody, Refusal> {
    let holder = caller.holder(call);
    if received.is_at_hand(call)? {
        return received.load(call, &holder);
    }
    let (call, owner) = (Arc::clone(call), holder.clone());
    let loading = context.state.control_pool.run(holder, move || received.load(&call, &owner));
    loading.await?
}
