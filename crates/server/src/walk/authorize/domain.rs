//! A domain's requests are judged where they run: on a thread that may block, in their caller's turn, because a body
//! with 200,000 items raises 200,000 questions. What was judged before the turn came is judged anew when the directory
//! has changed since.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ::control::{
    ApiError, CompiledRecord, Directory, Domain, DomainMode, ErrorCode, IdentifiedCaller,
    NamedPolicy, ResourceSide,
};
use bytes::Bytes;
use engine::cluster::Metadata;
use engine::exception::{Exception, ExceptionKind};
use engine::rest::{
    Api, BodyKind, Effect, Flavor, Method, Parsed, SHORT_SEARCH_BYTES_MAX, Touches,
};
use engine::{Cancel, Grants, Work};
use policy::roles::UserRoles;
use policy::{CallerKind, Context, DocumentScope, Residual};
use tokio::time::Instant;

use crate::clusters::{check_besides, in_mode_aws};
use crate::guards::limits;
use crate::guards::quotas::{CursorBounds, HeldQuotas};
use crate::service::backends::{Backend, EmbeddedWork, SecurityWork};
use crate::service::buckets;
use crate::service::pool::WorkOwner;
use crate::service::serving::{RunningWrite, ServingBackend};
use crate::service::state::ServiceState;
use crate::service::upstream::{Upstream, UpstreamWork};
use crate::targets::{self, Ask, Denied, IndexCatalog};
use crate::transport::spool::FiledUpload;
use crate::transport::vpc;
use crate::walk::authorize::cursors;
use crate::walk::authorize::notes::JudgementNotes;
use crate::walk::authorize::permit::Permit;
use crate::walk::authorize::roles::{self, MaskSalt, ROLES, RolesJudge};
use crate::walk::authorize::streamed;
use crate::walk::body::{LoadedBody, ReceivedBody};
use crate::walk::early::{UrlDecision, decision_on, put_question};
use crate::walk::judge::{self, PolicyQuestion};
use crate::walk::parse::Call;
use crate::walk::prove::Caller;
use crate::walk::refusal::Refusal;
use crate::walk::route::DomainTarget;

/// A proven caller's request to a domain, to be judged when its turn comes.
pub(crate) struct PendingJudgement {
    pub(super) state: ServiceState,
    pub(super) call: Arc<Call>,
    pub(super) caller: Caller,
    pub(super) target: DomainTarget,
    /// What the policies said of the URL, and on which version of the directory.
    pub(super) asked: Option<Box<UrlDecision>>,
    pub(super) received: ReceivedBody,
    /// In whose turn it is judged and executed.
    pub(super) holder: WorkOwner,
    /// What it holds of its caller's and its domain's quotas.
    pub(super) quota: HeldQuotas,
    /// Keeps the domain where it is until the write is over.
    pub(super) write: Option<RunningWrite>,
}

impl PendingJudgement {
    /// In whose turn it is judged, and executed.
    #[must_use]
    pub(crate) fn holder(&self) -> &WorkOwner {
        &self.holder
    }

    /// Who asks, as the audit tells it.
    pub(crate) fn caller_arn(&self) -> String {
        self.caller.identity().arn.clone()
    }

    /// What serves the domain, wherever that is.
    #[must_use]
    pub(crate) fn serving(&self) -> &Arc<ServingBackend> {
        &self.target.serving
    }

    /// Whether it leaves everything as it was.
    #[must_use]
    pub(crate) fn only_reads(&self) -> bool {
        self.target.route.only_reads()
    }

    /// What it holds of quotas, to be held until it is done.
    #[must_use]
    pub(crate) fn take_quota(&mut self) -> HeldQuotas {
        std::mem::take(&mut self.quota)
    }

    /// It is a write, and it may run now.
    pub(crate) fn begin_write(&mut self, write: RunningWrite) {
        self.write = Some(write);
    }

    /// What serves the domain now. Where that is another backend than the one that the URL was judged for, it is judged anew.
    #[must_use]
    pub(crate) fn follow_backend(&mut self) -> Backend {
        let now = self.target.serving.current();
        if !self.target.backend.is(&now) {
            self.target.backend = Backend::clone(&now);
            self.asked = None;
        }
        self.target.backend.clone()
    }

    /// Whether judging needs to know which indices there are: in mode `aws`, too, which of them nobody reaches.
    #[must_use]
    pub(crate) fn needs_metadata(&self) -> bool {
        let row = self.target.route.api.row();
        let renders = matches!(row.body, BodyKind::SearchTemplate | BodyKind::MsearchTemplate);
        let names = row.touches != Touches::Url;
        let runs_later = matches!(self.target.route.api, Api::IngestPutPipeline | Api::PutScript);
        self.target.domain.extras.mode == DomainMode::Strict || names || renders || runs_later
    }

    /// Whether judging it takes microseconds, and executing it as a rule, too: it has no body, one question, and an API that is brief
    /// or reads one document; or it searches one index of the engine here, no alias, with a short body that is in memory.
    #[must_use]
    pub(crate) fn is_brief(&self) -> bool {
        let route = &self.target.route;
        let api = route.api;
        if !api.searches() {
            return (api.is_brief() || api.reads_one_document()) && self.received.is_empty();
        }
        let Backend::Embedded(engine) = &self.target.backend else { return false };
        route.part("index").is_some_and(|name| engine.metadata().index(name).is_some())
            && self.received.length() <= SHORT_SEARCH_BYTES_MAX
            && self.received.is_at_hand(&self.call).unwrap_or(false)
    }

    /// Whether judging it for a cluster takes microseconds and waits for nobody: it has no body and reads one document of an index that
    /// is known, or nothing.
    #[must_use]
    pub(crate) fn is_brief_elsewhere(&self, cluster: &Upstream) -> bool {
        let route = &self.target.route;
        let row = route.api.row();
        let reads_one = row.effect == Effect::Read && matches!(row.touches, Touches::Document);
        let known = || cluster.latest_metadata().index(route.part("index")?).map(drop);
        self.received.is_empty() && (route.api.is_brief() || reads_one && known().is_some())
    }

    /// Loads the body, reads it, and asks the policies for good. Blocks; ends soon once `cancel` is set, and then
    /// permits nothing.
    pub(crate) fn judge(self, cancel: &Cancel) -> (JudgementNotes, Result<DomainPermit, Refusal>) {
        let mut notes = JudgementNotes::default();
        let (state, now) = (self.state.clone(), self.call.received);
        let domain = self.target.domain.unique.clone();
        let judged = self.judged(cancel, &mut notes);
        if matches!(judged, Err(Refusal::Denied(_) | Refusal::Roles { .. })) {
            state.request_rates.was_denied(&domain, now);
        }
        (notes, judged)
    }

    // long: one question after the other, each on what was found before
    fn judged(
        mut self,
        cancel: &Cancel,
        notes: &mut JudgementNotes,
    ) -> Result<DomainPermit, Refusal> {
        let body = self.body()?;
        let directory = self.state.control.directory();
        // Identity, domain and answer may have changed while the body came in or the call waited for its turn.
        let caller = self.caller.as_of(&self.call, &directory)?;
        let identity = caller.identity();
        let asked = match self.asked.filter(|asked| asked.version == directory.version()) {
            Some(asked) => *asked,
            None => {
                follow(&directory, &mut self.target, &self.call)
                    .ok_or_else(|| gone(&self.call, &caller))?;
                UrlDecision::of(&self.call, identity, &self.target, directory.version())
            }
        };
        // Settings are read again without a new version of the directory: networks are asked about each time.
        let vpc = &self.state.settings().vpc;
        if !vpc::reaches(vpc, &directory, &self.target.domain, self.call.client_address) {
            return Err(gone(&self.call, &caller));
        }
        let UrlDecision { context, decision, .. } = asked;
        let denial = decision.text.clone();
        notes.action = Some(decision.action.clone());
        notes.has_items = self.target.route.api.row().touches == Touches::Items;
        notes.resource(decision.resource.clone());
        notes.decisions.push(decision);
        if let Some(text) = denial {
            close_denied_cursors(&self.call, identity, &self.target);
            return Err(Refusal::Denied(text));
        }
        let flavor = self.target.backend.flavor();
        let cursors = cursor_bounds(&self.state);
        let refused = |exception: Exception| Refusal::of_engine(&exception, flavor);
        let user = roles::of_caller(identity, &self.target, &self.call, &directory)?;
        let kind = self.call.header("content-type");
        let mut route = self.target.route.clone();
        route.explicit_index = self.target.domain.allows_explicit_index();
        route.overrides_version = self.target.domain.overrides_main_response_version();
        let metadata = match &self.target.backend {
            Backend::Embedded(engine) => engine.metadata(),
            Backend::Upstream(cluster) => cluster.latest_metadata(),
        };
        // Templates are rendered while the body is read: what is judged below is what they make.
        let memory = self.state.memory.of(&self.holder);
        let mut work = Work::of(cancel.clone(), memory, &metadata);
        if self.target.route.api.row().body == BodyKind::Bulk {
            // A second thread takes a second turn of the caller's.
            let (pool, holder) = (self.state.pool.clone(), self.holder.clone());
            work = work.with_spare_threads(move || Some(Box::new(pool.turn_now(&holder)?) as _));
        }
        work.opaque_id = self.call.header("x-opaque-id").map(Into::into);
        let scene = DomainCase {
            call: &self.call,
            identity,
            target: &self.target,
            context: &context,
            cursors,
        };
        let body = match body {
            JudgedBody::Filed(upload, cluster) => {
                let upload = streamed::JudgedUpload { upload, route, metadata, cluster };
                return upload.permitted(&scene, &work, notes);
            }
            JudgedBody::Loaded(body) => body,
        };
        if user.is_some() && self.target.route.api == Api::PluginsSecurity {
            let work = security_work(&self.call, caller, self.target, body.bytes, self.holder);
            return Ok(DomainPermit::Security(Box::new(Permit::grant(work))));
        }
        if let Backend::Upstream(cluster) = &self.target.backend
            && streamed::reads_items(&route, &scene, cluster)
        {
            let planned = streamed::bulk_in_memory(
                &scene,
                cluster,
                route,
                &body.bytes,
                metadata,
                &work,
                notes,
            )?;
            return Ok(DomainPermit::Upstream(Permit::grant(planned)));
        }
        let parsed =
            engine::rest::parse(route, kind, body.bytes.clone(), &work).map_err(refused)?;
        match &self.target.backend {
            Backend::Embedded(engine) => {
                let grants = granted_to(&scene, &parsed, &metadata, user, &work, notes)?;
                let (engine, body) = (Arc::clone(engine), body.admission);
                let work =
                    EmbeddedWork::new(engine, parsed, metadata, grants, work, body, self.write);
                Ok(DomainPermit::Embedded(Box::new(Permit::grant(work))))
            }
            Backend::Upstream(cluster) => {
                let planned =
                    planned(&scene, cluster, &parsed, &body.bytes, metadata, &work, notes)?;
                Ok(DomainPermit::Upstream(Permit::grant(planned)))
            }
        }
    }
}

/// How many cursors one caller may hold open.
pub(super) fn cursor_bounds(state: &ServiceState) -> CursorBounds {
    let limits = &state.settings().limits;
    CursorBounds { principal: limits.cursors_per_principal, address: limits.cursors_per_address }
}

/// A body to be judged.
enum JudgedBody {
    /// In memory.
    Loaded(LoadedBody),
    /// In a file, from which it will go to the cluster.
    Filed(Box<FiledUpload>, Arc<Upstream>),
}

impl PendingJudgement {
    /// The body: where it may go to a cluster from its file, it stays there.
    fn body(&mut self) -> Result<JudgedBody, Refusal> {
        let received = std::mem::take(&mut self.received);
        let is_streamed =
            matches!(self.target.route.api.row().body, BodyKind::Bulk | BodyKind::Document);
        let received = match &self.target.backend {
            Backend::Upstream(cluster) if is_streamed => {
                match received.filed(&self.call, &self.holder)? {
                    Ok(upload) => {
                        return Ok(JudgedBody::Filed(Box::new(upload), Arc::clone(cluster)));
                    }
                    Err(received) => received,
                }
            }
            _ => received,
        };
        received.load(&self.call, &self.holder).map(JudgedBody::Loaded)
    }
}

/// That a request to a domain may be done, by what serves the domain.
pub(crate) enum DomainPermit {
    /// By the engine in this binary.
    Embedded(Box<Permit<EmbeddedWork>>),
    /// By a cluster elsewhere.
    Upstream(Permit<UpstreamWork>),
    /// By the control plane: it is about the domain's own security configuration.
    Security(Box<Permit<SecurityWork>>),
}

/// A call of the security plugin's API: the caller is asked for again on what it changes.
fn security_work(
    call: &Arc<Call>,
    caller: Caller,
    target: DomainTarget,
    body: Bytes,
    holder: WorkOwner,
) -> SecurityWork {
    let domain = &target.domain;
    let key =
        (domain.account.clone(), domain.region.clone(), domain.name.clone(), domain.unique.clone());
    let call = Arc::clone(call);
    let (method, path) = (call.method.clone(), target.route.path.clone());
    let peer = call.client_text.clone();
    let arn = caller.identity().internal_user.as_ref().map_or_else(
        || caller.identity().arn.clone(),
        |user| format!("internal user {} of {}", user.name, domain.name),
    );
    let user = move |directory: &Directory, domain: &Arc<CompiledRecord<Domain>>| {
        let denied = |text: String| ApiError::new(ErrorCode::AccessDenied, text);
        let gone = || denied("the caller may not do this any more".to_owned());
        let identity = caller.still(&call, directory).map_err(|_| gone())?;
        let target = target.renewed(domain, directory, call.client_address);
        let asked = UrlDecision::of(&call, identity.identity(), &target, directory.version());
        if let Some(text) = asked.decision.text {
            return Err(denied(text));
        }
        let user = roles::of_caller(identity.identity(), &target, &call, directory);
        user.ok().flatten().map(|(user, _)| user).ok_or_else(gone)
    };
    SecurityWork { domain: key, method, path, body, peer, arn, user: Box::new(user), holder }
}

/// What the caller may touch of `metadata`, by the policies and, where it has any, by its roles.
pub(super) fn granted_to(
    scene: &DomainCase<'_>,
    parsed: &Parsed,
    metadata: &Metadata,
    roles: Option<(UserRoles, MaskSalt)>,
    work: &Work,
    notes: &mut JudgementNotes,
) -> Result<Grants, Refusal> {
    pass_role(scene, parsed, notes)?;
    let being_snapshotted = &scene.target.backend.being_snapshotted(&parsed.route);
    let catalog = IndexCatalog { metadata, now: scene.call.received, being_snapshotted };
    let judge =
        roles.map(|(user, salt)| RolesJudge::new(user, salt, scene.target, parsed, &catalog));
    let granted = granted(scene, parsed, metadata, judge.as_ref(), work, notes, None);
    notes.decisions.extend(judge.iter().flat_map(RolesJudge::decisions));
    granted
}

/// The answers of policies that one piece of a body leaves to the next.
pub(super) type KnownAnswers = HashMap<Ask, Result<Residual, Arc<str>>>;

/// What the caller may touch of `metadata`, as the domain's mode says.
pub(super) fn granted(
    scene: &DomainCase<'_>,
    parsed: &Parsed,
    metadata: &Metadata,
    roles: Option<&RolesJudge<'_>>,
    work: &Work,
    notes: &mut JudgementNotes,
    known: Option<&mut KnownAnswers>,
) -> Result<Grants, Refusal> {
    let being_snapshotted = &scene.target.backend.being_snapshotted(&parsed.route);
    let catalog = IndexCatalog { metadata, now: scene.call.received, being_snapshotted };
    if let Some(roles) = roles {
        roles.api().map_err(|text| roles.refuse(&text))?;
    }
    let grants = match scene.target.domain.extras.mode {
        DomainMode::Aws if roles.is_none() => by_url(scene, parsed, &catalog, work)?,
        DomainMode::Aws | DomainMode::Strict => {
            strict(scene, parsed, &catalog, roles, work, notes, known)?
        }
    };
    let grants = match roles {
        Some(roles) => roles.narrow(grants).map_err(|text| roles.refuse(&text))?,
        None => grants,
    };
    let mut grants = continued(scene, grants, parsed, &catalog, roles, work, notes)?;
    if !grants.restrictions.is_empty() {
        let fields = notes.fields.get_or_insert_default();
        grants.restrictions.observe(&fields.observer());
    }
    Ok(grants)
}

/// Mode `aws`: the URL was the only question.
fn by_url(
    scene: &DomainCase<'_>,
    parsed: &Parsed,
    catalog: &IndexCatalog<'_>,
    work: &Work,
) -> Result<Grants, Refusal> {
    let owner = scene.identity.arn.as_str();
    if matches!(scene.target.backend, Backend::Upstream(_)) {
        let checked = check_besides(parsed, catalog.metadata);
        checked
            .map_err(|exception| Refusal::of_engine(&exception, scene.target.backend.flavor()))?;
    }
    if targets::is_only_url(parsed) {
        return Ok(Grants::everything(owner));
    }
    let flavor = scene.target.backend.flavor();
    let refused = |exception: Exception| Refusal::of_engine(&exception, flavor);
    let asks = targets::asks(parsed, catalog, work).map_err(refused)?;
    asks.by_url(owner).map_err(|denied| of_denied(denied, flavor))
}

/// The refusal of a request of which a part that it names was denied.
fn of_denied(denied: Denied, flavor: Flavor) -> Refusal {
    match denied.of_security() {
        Some(exception) => Refusal::of_engine(&exception, flavor),
        None => Refusal::Denied(denied.text.to_string()),
    }
}

/// Whoever names a role for the service to assume must be allowed to pass it, in either mode, as at Amazon.
fn pass_role(
    scene: &DomainCase<'_>,
    parsed: &Parsed,
    notes: &mut JudgementNotes,
) -> Result<(), Refusal> {
    let Some((arn, context)) = buckets::passed_role(parsed, scene.context) else { return Ok(()) };
    let decision = judge::ask(&PolicyQuestion {
        identity: scene.identity,
        resource_side: ResourceSide::default(),
        resource_account: &scene.target.domain.account,
        action: "iam:PassRole",
        resource: &arn,
        context: &context,
        names_resource: true,
    });
    let denial = decision.text.clone();
    notes.resource(arn);
    notes.decisions.push(decision);
    denial.map_or(Ok(()), |text| Err(Refusal::Denied(text)))
}

/// What a cluster is to do. Where a name is not in the metadata, and may have been made since that was read, it is read and
/// judged once more.
pub(super) fn planned(
    scene: &DomainCase<'_>,
    cluster: &Arc<Upstream>,
    parsed: &Parsed,
    body: &Bytes,
    metadata: Arc<Metadata>,
    work: &Work,
    notes: &mut JudgementNotes,
) -> Result<UpstreamWork, Refusal> {
    let refused = |exception: Exception| {
        let exception = match scene.target.domain.extras.mode {
            DomainMode::Aws => in_mode_aws(exception),
            DomainMode::Strict => exception,
        };
        Refusal::of_engine(&exception, scene.target.backend.flavor())
    };
    let (moment, now) = (Instant::now(), scene.call.received);
    let grants = granted(scene, parsed, &metadata, None, work, notes, None)?;
    let plan = UpstreamWork::new(cluster, parsed, body, &grants, &metadata, now);
    let is_missing = |fault: &Exception| fault.kind() == ExceptionKind::IndexNotFound;
    if grants.names.is_empty() && !plan.as_ref().is_err_and(is_missing) {
        return plan.map_err(refused);
    }
    let newer = cluster.metadata_of(moment, now).map_err(refused)?;
    if newer.version == metadata.version && newer.cluster_uuid == metadata.cluster_uuid {
        return plan.map_err(refused);
    }
    let grants = granted(scene, parsed, &newer, None, work, notes, None)?;
    UpstreamWork::new(cluster, parsed, body, &grants, &newer, now).map_err(refused)
}

/// The domain as `directory` knows it; `None` when it is gone, or another one of its name.
fn follow(directory: &Directory, target: &mut DomainTarget, call: &Call) -> Option<()> {
    let known = &target.domain;
    let now = directory.domain(&known.account, &known.region, &known.name);
    let now = now.filter(|domain| domain.unique == known.unique && !domain.deleted)?;
    target.renew(now, directory, call.client_address);
    Some(())
}

/// Who asks about what.
pub(super) struct DomainCase<'a> {
    pub(super) call: &'a Call,
    pub(super) identity: &'a IdentifiedCaller,
    pub(super) target: &'a DomainTarget,
    pub(super) context: &'a Context,
    pub(super) cursors: CursorBounds,
}

/// Mode `strict`: every index, alias, source and destination that the request touches is asked for as if it had been
/// addressed in the URL. What the caller may not touch is left out or denied item by item.
///
/// Each question is put once however many items raise it. The first denials are told with their reasons; of the others
/// only the answer is found, because finding reasons walks every statement of every policy.
fn strict(
    scene: &DomainCase<'_>,
    parsed: &Parsed,
    catalog: &IndexCatalog<'_>,
    roles: Option<&RolesJudge<'_>>,
    work: &Work,
    notes: &mut JudgementNotes,
    mut known: Option<&mut KnownAnswers>,
) -> Result<Grants, Refusal> {
    if targets::is_only_url(parsed) {
        // That question was answered before, and nothing hangs on it.
        return Ok(Grants::default());
    }
    let flavor = scene.target.backend.flavor();
    let asks = targets::asks(parsed, catalog, work);
    let asks = asks.map_err(|exception| Refusal::of_engine(&exception, flavor))?;
    let url = targets::url_ask(&scene.target.route);
    let mut texts = DenialTexts::default();
    let settled = asks.settle_in_part(scene.identity.arn.as_str(), |ask| {
        // What is given up permits nothing, see below: the rest need not be asked.
        if work.cancel.is_cancelled() {
            return Err(texts.text(String::new()));
        }
        if let Some(answer) = known.as_deref().and_then(|known| known.get(ask)) {
            return answer.clone();
        }
        let mut answer = || {
            // The URL's own question was answered and written down before.
            let left = match *ask == url {
                true => scene.left(ask),
                false => verdict(scene, ask, notes).map_err(|text| texts.text(text))?,
            };
            if let Some(roles) = roles {
                roles.index(ask).map_err(|text| texts.text(text))?;
            }
            Ok(left)
        };
        let answer: Result<Residual, Arc<str>> = answer();
        if let Some(known) = known.as_deref_mut().filter(|all| all.len() < limits::BULK_ANSWERS_MAX)
        {
            known.insert(ask.clone(), answer.clone());
        }
        answer
    });
    work.check().map_err(|exception| Refusal::of_engine(&exception, flavor))?;
    let text = settled.as_ref().err().map(|denied| &*denied.text);
    if let Some(refusal) = roles.and_then(|roles| roles.refusal(text)) {
        return Err(refusal);
    }
    settled.map_err(|denied| of_denied(denied, flavor))
}

/// `grants` with the caller's rights on cursors: a page is asked for what its opening was asked for.
fn continued(
    scene: &DomainCase<'_>,
    grants: Grants,
    parsed: &Parsed,
    catalog: &IndexCatalog<'_>,
    roles: Option<&RolesJudge<'_>>,
    work: &Work,
    notes: &mut JudgementNotes,
) -> Result<Grants, Refusal> {
    let DomainCase { call, identity, target, context, cursors: bounds } = scene;
    let now = call.received;
    let cursors = cursors::CursorRequest {
        identity,
        target,
        parsed,
        catalog,
        now,
        work,
        roles: roles.is_some(),
        address: call.client_address,
        bounds: *bounds,
    };
    let quietly = |ask: &Ask| {
        // What is not about documents is not allowed for some of them.
        let mut whole = (*context).clone();
        whole.set_scope(DocumentScope::Every);
        put_question(identity, target, &whole, ask, judge::denial).is_none()
    };
    let judged = cursors.judge(grants, quietly, |ask| {
        let left = match ask.action == ROLES {
            true => Residual::Always,
            false => verdict(scene, ask, notes)?,
        };
        roles.map_or(Ok(()), |roles| roles.index(ask))?;
        Ok(left)
    });
    judged.map_err(|text| match roles {
        Some(roles) => roles.refusal(Some(&text)).unwrap_or(Refusal::Denied(text)),
        None => Refusal::Denied(text),
    })
}

/// A caller whose page was denied keeps no cursor that it could not open now.
pub(super) fn close_denied_cursors(
    call: &Call,
    identity: &IdentifiedCaller,
    target: &DomainTarget,
) {
    let context = judge::domain_context(call, identity, target);
    let denied = |ask: &Ask| put_question(identity, target, &context, ask, judge::denial).is_some();
    cursors::close_denied(identity, target, call.received, denied);
}

impl DomainCase<'_> {
    /// For which documents and fields a question that is answered with yes is answered so.
    fn left(&self, ask: &Ask) -> Residual {
        let policy = self.target.domain.own.as_ref().map(NamedPolicy::set);
        let side = self.target.resource_side(policy.as_deref());
        if !self.identity.policies(side).ask_for_documents() {
            return Residual::Always;
        }
        put_question(self.identity, self.target, self.context, ask, judge::left)
    }
}

/// One question, and the answer to it: for which documents and fields it is yes.
fn verdict(
    scene: &DomainCase<'_>,
    ask: &Ask,
    notes: &mut JudgementNotes,
) -> Result<Residual, String> {
    let DomainCase { identity, target, context, .. } = scene;
    if target.domain.extras.mode == DomainMode::Aws && target.domain.security.is_some() {
        // The URL alone is asked of policies there.
        return Ok(Residual::Always);
    }
    let (answer, resource) = put_question(identity, target, context, ask, |question| {
        let answer = judge::denial(question).map_or_else(|| Ok(judge::left(question)), Err);
        (answer, question.resource.to_owned())
    });
    notes.resource(resource);
    let text = match answer {
        Ok(left) => return Ok(left),
        Err(text) => text,
    };
    if notes.decisions.len() < limits::AUDIT_DECISIONS_MAX {
        notes.decisions.push(decision_on(identity, target, context, ask));
    } else {
        notes.decisions_left_out += 1;
    }
    Err(text)
}

/// Denials read the same for thousands of items: each text is kept once.
#[derive(Default)]
struct DenialTexts(HashSet<Arc<str>>);

impl DenialTexts {
    fn text(&mut self, text: String) -> Arc<str> {
        if let Some(known) = self.0.get(text.as_str()) {
            return Arc::clone(known);
        }
        let text: Arc<str> = text.into();
        self.0.insert(Arc::clone(&text));
        text
    }
}

/// What a domain that went away reads like: like one that exists and is forbidden.
pub(super) fn gone(call: &Call, caller: &Caller) -> Refusal {
    let action = Method::parse(&call.method).map_or("es:ESHttpGet", targets::action);
    let (arn, kind) = (&caller.identity().arn, caller.identity().kind());
    let by = if kind == CallerKind::Anonymous { "resource-based" } else { "identity-based" };
    Refusal::Denied(format!(
        "User: {arn} is not authorized to perform: {action} because no {by} policy allows the {action} action"
    ))
}
