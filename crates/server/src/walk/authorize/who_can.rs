//! Who of a domain's account may do what with some of its indices: for each user, role and internal user a few requests are judged
//! as the walk judges those that are sent, by the policies and, where the domain has any, by its roles. Nothing is executed.

use std::sync::Arc;

use ::control::{CompiledRecord, Directory, Domain, IdentifiedCaller, InternalUser, ResourceSide};
use bytes::Bytes;
use engine::cluster::Metadata;
use engine::cluster::names::validate_index_name;
use engine::rest::Parsed;
use engine::{Cancel, Grants, Work};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use policy::{CallerKind, Context};
use serde_json::{Value, json};

use crate::audit::DecisionRecord;
use crate::guards::limits;
use crate::service::backends::Backend;
use crate::service::clock::Stopwatch;
use crate::service::pool::WorkOwner;
use crate::service::serving::ServingBackend;
use crate::service::state::ServiceState;
use crate::targets;
use crate::transport::listener::ListenerTarget;
use crate::walk::authorize::domain::{self, DomainCase};
use crate::walk::authorize::notes::JudgementNotes;
use crate::walk::authorize::permit::Permit;
use crate::walk::authorize::roles;
use crate::walk::context::RequestContext;
use crate::walk::early::decision_on;
use crate::walk::judge::{self, PolicyQuestion};
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::prove::Caller;
use crate::walk::refusal::Refusal;
use crate::walk::route::DomainTarget;

/// Who can do what, which may be told.
pub(crate) struct WhoCanAnswer(pub(crate) Value);

/// What it takes on the domain; Amazon has no action like it.
pub(crate) const WHO_CAN_ACTION: &str = "countersign:GetWhoCan";

/// The domain's access policy is told by the way.
const CONFIGURATION_ACTION: &str = "es:DescribeDomainConfig";

/// And what it takes to read the policies of everybody, which are told by the way.
const IDENTITIES_ACTION: &str = "iam:GetAccountAuthorizationDetails";

/// What sessions of roles are called here.
const SESSION_NAME: &str = "who-can";

/// A request that is judged for each index and each principal.
struct RequestKind {
    name: &'static str,
    method: &'static str,
    /// What follows the index in its path.
    below: &'static str,
    body: &'static str,
}

const fn kind(
    name: &'static str,
    method: &'static str,
    below: &'static str,
    body: &'static str,
) -> RequestKind {
    RequestKind { name, method, below, body }
}

const KINDS: [RequestKind; 5] = [
    kind("search", "POST", "/_search", ""),
    kind("read", "GET", "/_doc/1", ""),
    kind("write", "PUT", "/_doc/1", "{}"),
    kind("bulk", "POST", "/_bulk", "{\"index\":{}}\n{}\n"),
    kind("delete", "DELETE", "", ""),
];

/// Asks the policies, judges, and asks again: judging takes time.
pub(super) async fn authorize(
    context: &mut RequestContext<'_>,
    call: &Call,
    caller: &Caller,
    name: &str,
) -> Result<Permit<WhoCanAnswer>, Refusal> {
    let identity = caller.identity();
    if identity.kind() == CallerKind::Anonymous {
        return Err(sigv4::Refusal::MissingAuthenticationToken.into());
    }
    let region = context.region.clone().unwrap_or_else(|| judge::GLOBAL_REGION.to_owned());
    let decisions = decide(call, identity, name, &region);
    if let Some(denied) = decisions.iter().find(|decision| decision.text.is_some()) {
        return Err(context.denied(denied.clone()));
    }
    // The record is of the action that is noted last.
    decisions.into_iter().rev().for_each(|decision| context.note(decision));
    let query = sigv4::presigned::strip(&call.query);
    let order = WhoCanOrder::read(&query).map_err(|why| answered(400, why))?;
    let (domain, serving) = served(context.state, &identity.account, &region, name)?;
    let (holder, cancel) = (caller.holder(call), Cancel::default());
    let _on_leaving = OnLeaving(cancel.clone());
    let state = context.state.clone();
    let call_of_nobody = unsent_call(call);
    let judging = Judging { state, domain, serving, holder: holder.clone(), call: call_of_nobody };
    let told = context.state.control_pool.run(holder, move || judging.told(&order, &cancel));
    let told = told.await??;
    let now = context.state.control.directory().identify_again(identity, call.received);
    let now = now.unwrap_or_else(|_gone| IdentifiedCaller::anonymous());
    let denied = decide(call, &now, name, &region).into_iter().find(|it| it.text.is_some());
    match denied {
        Some(decision) => Err(context.denied(decision)),
        None => Ok(Permit::grant(WhoCanAnswer(told))),
    }
}

/// What the policies say of the three actions.
fn decide(
    call: &Call,
    identity: &IdentifiedCaller,
    name: &str,
    region: &str,
) -> [DecisionRecord; 3] {
    let arn = format!("arn:aws:es:{region}:{}:domain/{name}", identity.account);
    let asked = [
        (WHO_CAN_ACTION, arn.as_str(), region),
        (CONFIGURATION_ACTION, arn.as_str(), region),
        (IDENTITIES_ACTION, "*", judge::GLOBAL_REGION),
    ];
    asked.map(|(action, resource, region)| {
        let mut context = judge::context(call, region);
        identity.describe(&mut context);
        judge::ask(&PolicyQuestion {
            identity,
            resource_side: ResourceSide::default(),
            resource_account: &identity.account,
            action,
            resource,
            context: &context,
            names_resource: true,
        })
    })
}

fn answered(status: u16, message: String) -> Refusal {
    let outcome = Outcome::json(status, &json!({ "message": message }));
    Refusal::Answered { outcome, why: message }
}

/// A request that nobody has sent: no header, from nowhere in particular. What cursors are counted under is its asker's.
fn unsent_call(call: &Call) -> Call {
    Call {
        method: String::new(),
        path: String::new(),
        query: String::new(),
        headers: Vec::new(),
        host: String::new(),
        client_address: call.client_address,
        client_text: String::new(),
        received: call.received,
    }
}

type Served = (Arc<CompiledRecord<Domain>>, Arc<ServingBackend>);

/// The domain with what serves it in this process.
fn served(
    state: &ServiceState,
    account: &str,
    region: &str,
    name: &str,
) -> Result<Served, Refusal> {
    let directory = state.control.directory();
    let found = directory.domain(account, region, name).filter(|domain| !domain.deleted);
    let domain =
        found.ok_or_else(|| answered(404, format!("there is no domain {name} in {region}")))?;
    let listeners = state.listeners();
    let mut own = listeners.iter().filter(|(key, _)| key.unique == domain.unique);
    let target = own.next().map(|(_, listener)| &listener.target);
    match target {
        Some(ListenerTarget::Domain { serving, .. }) => {
            Ok((Arc::clone(domain), Arc::clone(serving)))
        }
        Some(ListenerTarget::Elsewhere { gateway, .. }) => Err(answered(
            409,
            format!("the indices of domain {name} are at another gateway ({gateway}): ask there"),
        )),
        _ => Err(answered(409, format!("domain {name} does not listen yet: ask again"))),
    }
}

/// Ends the judging when nobody waits for it any more.
struct OnLeaving(Cancel);

impl Drop for OnLeaving {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// What is asked for.
#[derive(Debug)]
struct WhoCanOrder {
    indices: Vec<String>,
    /// The last principal of the page before.
    after: String,
}

impl WhoCanOrder {
    /// Reads the query.
    ///
    /// # Errors
    /// In words: what was seen, and what was expected.
    fn read(query: &str) -> Result<Self, String> {
        let (mut indices, mut after) = (Vec::new(), String::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = value.replace('+', " ");
            let value = percent_decode_str(&value).decode_utf8();
            let value = value.map_err(|_| format!("'{name}' is not UTF-8"))?;
            match name {
                "index" if !indices.is_empty() => {
                    return Err("parameter 'index' is there twice, expected it once".to_owned());
                }
                "index" => indices = names(&value)?,
                "after" => value.as_ref().clone_into(&mut after),
                _ => return Err(format!("unknown parameter '{name}', expected index, after")),
            }
        }
        if indices.is_empty() {
            return Err(
                "'index' is missing, expected names of indices with commas between them".to_owned()
            );
        }
        Ok(Self { indices, after })
    }
}

/// The names of a list, each once.
fn names(list: &str) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = Vec::new();
    for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        validate_index_name(name).map_err(|fault| {
            format!(
                "'index' is '{list}', expected names of indices, aliases or data streams: {}",
                fault.reason()
            )
        })?;
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    match names.len() {
        ..=limits::WHO_CAN_INDICES_MAX => Ok(names),
        more => Err(format!(
            "'index' has {more} names, expected at most {}",
            limits::WHO_CAN_INDICES_MAX
        )),
    }
}

/// A domain, and on whose account the judging is done.
struct Judging {
    state: ServiceState,
    domain: Arc<CompiledRecord<Domain>>,
    serving: Arc<ServingBackend>,
    holder: WorkOwner,
    call: Call,
}

/// One request about one index.
struct UnsentRequest<'a> {
    index: &'a str,
    kind: &'static RequestKind,
    target: DomainTarget,
    parsed: Parsed,
}

impl Judging {
    /// The page that `order` asks for.
    fn told(&self, order: &WhoCanOrder, cancel: &Cancel) -> Result<Value, Refusal> {
        let watch = Stopwatch::start();
        let directory = self.state.control.directory();
        let metadata = match &*self.serving.current() {
            Backend::Embedded(engine) => engine.metadata(),
            Backend::Upstream(cluster) => cluster.latest_metadata(),
        };
        let work = Work::of(cancel.clone(), self.state.memory.of(&self.holder), &metadata);
        let requests = self.requests(&order.indices, &directory, &work)?;
        let everybody = self.everybody(&directory);
        let mut left = everybody.iter().filter(|who| **who > order.after).peekable();
        let (mut told, mut bytes, mut last) = (Vec::new(), 0, "");
        while let Some(who) = left.peek().copied() {
            let is_over = watch.elapsed() > limits::WHO_CAN_TIME || cancel.is_cancelled();
            let is_over = is_over || bytes > limits::WHO_CAN_PAGE_BYTES_MAX;
            if told.len() == limits::WHO_CAN_PRINCIPALS_MAX || (is_over && !told.is_empty()) {
                break;
            }
            if let Some(identity) = self.identity(&directory, who) {
                let cells = requests
                    .iter()
                    .map(|request| self.cell(&directory, &metadata, &identity, request, &work))
                    .map(|cell| without_other_names(cell, &order.indices));
                let cells: Vec<Value> = cells.collect();
                bytes += cells.iter().map(|cell| cell.to_string().len()).sum::<usize>();
                let roles = self.roles_of(&directory, &identity, &requests);
                let kind = kind_of(&identity);
                told.push(json!({"principal": who, "kind": kind, "roles": roles, "cells": cells}));
            }
            last = who.as_str();
            left.next();
        }
        let next = left.peek().map(|_| last);
        Ok(json!({
            "indices": order.indices.iter().map(|name| index(name, &metadata)).collect::<Vec<_>>(),
            "requests": KINDS.iter().map(|kind| json!({
                "name": kind.name, "method": kind.method, "path": format!("/INDEX{}", kind.below),
            })).collect::<Vec<_>>(),
            "hasRoles": self.domain.security.is_some(),
            "principals": told,
            "next": next,
        }))
    }

    /// Everybody who is asked about, in order: users and roles by their ARNs, then internal users.
    fn everybody(&self, directory: &Directory) -> Vec<String> {
        let mut everybody = directory.principal_arns(&self.domain.account);
        let internal = self.domain.security.as_ref().filter(|it| it.internal_users);
        let internal = internal.map(|security| security.internal_user_names()).unwrap_or_default();
        everybody.extend(internal.into_iter().map(|name| format!("{INTERNAL}{name}")));
        everybody.sort();
        everybody
    }

    fn identity(&self, directory: &Directory, who: &str) -> Option<IdentifiedCaller> {
        let Some(name) = who.strip_prefix(INTERNAL) else {
            return directory.who_would_ask(who, SESSION_NAME, self.call.received);
        };
        let mut identity = IdentifiedCaller::anonymous();
        let (name, domain) = (name.to_owned(), self.domain.unique.clone());
        identity.internal_user = Some(InternalUser { name, domain });
        Some(identity)
    }

    /// The requests about each index, as they would be read.
    fn requests<'i>(
        &self,
        indices: &'i [String],
        directory: &Directory,
        work: &Work,
    ) -> Result<Vec<UnsentRequest<'i>>, Refusal> {
        let flavor = self.serving.current().flavor();
        let all = indices.iter().flat_map(|index| KINDS.iter().map(move |kind| (index, kind)));
        let read = all.map(|(index, kind)| {
            let name = utf8_percent_encode(index, NON_ALPHANUMERIC);
            let path = format!("/{name}{}", kind.below);
            let routed = engine::rest::route(kind.method, &path, "", flavor);
            let mut route = routed.map_err(|error| {
                let exception = error.exception(kind.method, &path);
                Refusal::of_engine(&exception, flavor)
            })?;
            route.explicit_index = self.domain.allows_explicit_index();
            route.overrides_version = self.domain.overrides_main_response_version();
            let target =
                DomainTarget::unsent(&self.domain, &self.serving, route.clone(), directory);
            let content = match kind.body {
                "" => None,
                _ if kind.name == "bulk" => Some("application/x-ndjson"),
                _ => Some("application/json"),
            };
            let body = Bytes::from_static(kind.body.as_bytes());
            let parsed = engine::rest::parse(route, content, body, work);
            let parsed = parsed.map_err(|fault| Refusal::of_engine(&fault, flavor))?;
            Ok(UnsentRequest { index, kind, target, parsed })
        });
        read.collect()
    }

    /// The roles of fine-grained access control that somebody has.
    fn roles_of(
        &self,
        directory: &Directory,
        identity: &IdentifiedCaller,
        requests: &[UnsentRequest<'_>],
    ) -> Vec<String> {
        let user = requests.first().and_then(|request| {
            roles::of_caller(identity, &request.target, &self.call, directory).ok().flatten()
        });
        user.map(|(user, _)| user.names().into_iter().map(str::to_owned).collect())
            .unwrap_or_default()
    }

    /// What becomes of one request of one principal, and by what.
    fn cell(
        &self,
        directory: &Directory,
        metadata: &Arc<Metadata>,
        identity: &IdentifiedCaller,
        request: &UnsentRequest<'_>,
        work: &Work,
    ) -> Value {
        let UnsentRequest { index, kind, target, .. } = request;
        let context = judge::unsent_context(self.call.received, identity, target);
        let decision = decision_on(identity, target, &context, &targets::url_ask(&target.route));
        let mut notes = JudgementNotes::default();
        let judged = match decision.text.clone() {
            Some(text) => Err(text),
            None => {
                self.judged(directory, metadata, (identity, &context), request, work, &mut notes)
            }
        };
        let told = std::iter::once(&decision).chain(&notes.decisions);
        let mut missing: Vec<&String> = told.clone().flat_map(|it| &it.missing).collect();
        missing.sort();
        missing.dedup();
        let denials = notes.decisions.iter().filter(|it| it.text.is_some()).count();
        let outcome = outcome(&judged, denials);
        let whole = judged.as_ref().is_ok_and(|grants| grants.restrictions.is_empty());
        let text = judged.as_ref().err().cloned();
        let text = text.or_else(|| {
            judged.ok()?.denied_items.into_values().next().map(|text| text.as_ref().to_owned())
        });
        let documents = match outcome {
            "denied" => None,
            _ => Some(if whole { "every" } else { "some" }),
        };
        let depends = told
            .clone()
            .any(|it| it.may_differ && (outcome != "denied" || it.outcome != "allowed"));
        json!({
            "index": index,
            "request": kind.name,
            "outcome": outcome,
            "depends": depends,
            "documents": documents,
            "text": text,
            "missing": missing,
            "decisions": told.take(limits::WHO_CAN_DECISIONS_MAX).map(decision_told).collect::<Vec<_>>(),
        })
    }

    /// What a request may touch whose URL the policies allow.
    fn judged(
        &self,
        directory: &Directory,
        metadata: &Arc<Metadata>,
        (identity, context): (&IdentifiedCaller, &Context),
        request: &UnsentRequest<'_>,
        work: &Work,
        notes: &mut JudgementNotes,
    ) -> Result<Grants, String> {
        let UnsentRequest { target, parsed, .. } = request;
        let words = |refusal: Refusal| match refusal {
            Refusal::Denied(text) | Refusal::Roles { text, .. } => text,
            Refusal::Malformed(malformed) => malformed.what.to_string(),
            _ => "it would be refused before it is decided".to_owned(),
        };
        let user = roles::of_caller(identity, target, &self.call, directory).map_err(words)?;
        let cursors = domain::cursor_bounds(&self.state);
        let case = DomainCase { call: &self.call, identity, target, context, cursors };
        domain::granted_to(&case, parsed, metadata, user, work, notes).map_err(words)
    }
}

/// What the names of internal users begin with here.
const INTERNAL: &str = "internal-user/";

fn kind_of(identity: &IdentifiedCaller) -> &'static str {
    match identity.kind() {
        _ if identity.internal_user.is_some() => "internalUser",
        CallerKind::AssumedRole => "role",
        _ => "user",
    }
}

/// What there is of a name.
fn index(name: &str, metadata: &Metadata) -> Value {
    let exists = metadata.index(name).is_some()
        || metadata.data_stream(name).is_some()
        || !metadata.alias(name).is_empty();
    json!({ "name": name, "exists": exists })
}

/// `allowed`; `partly`, where some of the indices behind the name, of the documents or of the fields are not; or `denied`.
fn outcome(judged: &Result<Grants, String>, denials: usize) -> &'static str {
    let Ok(grants) = judged else { return "denied" };
    let touches_nothing =
        !grants.everything && grants.indices.is_empty() && grants.names.is_empty();
    match denials {
        _ if !grants.denied_items.is_empty() => "denied",
        1.. if touches_nothing => "denied",
        1.. => "partly",
        0 if !grants.restrictions.is_empty() => "partly",
        0 => "allowed",
    }
}

/// A cell without names of other indices than those in the question: what is behind an alias, the asker may not be shown.
fn without_other_names(mut cell: Value, asked: &[String]) -> Value {
    let mut others = Vec::new();
    let decisions = cell.get_mut("decisions").and_then(Value::as_array_mut);
    for decision in decisions.into_iter().flatten().filter_map(Value::as_object_mut) {
        let resource = decision.get("resource").and_then(Value::as_str).unwrap_or_default();
        let Some(name) = other_name(resource, asked) else { continue };
        for member in ["resource", "nearest", "text"] {
            decision.insert(member.to_owned(), Value::Null);
        }
        others.push(name);
    }
    if let Some(text) = cell.get_mut("text") {
        let names = |text: &str| others.iter().any(|name| text.contains(name));
        *text = text.take().as_str().filter(|text| !names(text)).into();
    }
    cell
}

/// The index of an ARN or of a decision of roles, if it is none of `asked`.
fn other_name(resource: &str, asked: &[String]) -> Option<String> {
    let path = match resource.split_once(":domain/") {
        Some((_, domain)) => domain.split_once('/').map_or("", |(_, path)| path),
        None => resource,
    };
    let name = percent_decode_str(path.split('/').next().unwrap_or_default()).decode_utf8_lossy();
    let is_known = name.is_empty()
        || name == "*"
        || name.starts_with('_')
        || asked.iter().any(|known| *known == name);
    (!is_known).then(|| name.into_owned())
}

/// A decision with the statements or the role that decided, and the one that came closest.
fn decision_told(decision: &DecisionRecord) -> Value {
    let DecisionRecord { outcome, action, resource, by, near_misses, missing, text, .. } = decision;
    let by = by.iter().take(limits::WHO_CAN_STATEMENTS_MAX).collect::<Vec<_>>();
    json!({
        "outcome": outcome, "action": action, "resource": resource, "by": by,
        "nearest": near_misses.first(), "missing": missing, "text": text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_that_nobody_asked_for_are_not_named() {
        let arn = |path: &str| format!("arn:aws:es:us-east-1:123456789012:domain/dev/{path}");
        let decision = |resource: &str| json!({"resource": resource, "text": "t", "nearest": {"failed": resource}});
        let asked = ["logs".to_owned(), "a-b".to_owned()];
        for known in
            [arn("logs/_search"), arn("a%2Db/_doc/1"), arn("_bulk"), "logs".into(), "*".into()]
        {
            assert_eq!(other_name(&known, &asked), None, "{known}");
        }
        for other in [arn("secret/_search"), "secret".to_owned()] {
            let cell = json!({"text": "no permissions for secret", "decisions": [decision(&arn("logs")), decision(&other)]});
            let told = without_other_names(cell, &asked);
            assert!(!told.to_string().contains("secret"), "{told}");
            assert_eq!(told["decisions"][0]["text"], "t");
        }
    }

    #[test]
    fn a_question_that_is_none_is_told_what_is_wrong_with_it() {
        for (query, says) in [
            ("", "'index' is missing, expected names"),
            ("index=,", "'index' is missing, expected names"),
            ("index=a&index=b", "'index' is there twice"),
            ("index=A", "'index' is 'A', expected names of indices"),
            ("index=a%2Fb", "'index' is 'a/b', expected names of indices"),
            ("index=a,b,c,d,e,f", "'index' has 6 names, expected at most 5"),
            ("index=%ff", "'index' is not UTF-8"),
            ("who=x", "unknown parameter 'who', expected index, after"),
        ] {
            let fault = WhoCanOrder::read(query).unwrap_err();
            assert!(fault.contains(says), "{query}: {fault}");
        }
        let order = WhoCanOrder::read("index=b%2Ca,b&after=arn%3Ax").unwrap();
        assert_eq!((order.indices, order.after.as_str()), (vec!["b".into(), "a".into()], "arn:x"));
    }
}
