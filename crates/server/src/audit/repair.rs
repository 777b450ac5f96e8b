//! What would allow a recorded denial: its question is put together again, with the policies as they were, and `policy::repair` is
//! asked. What the record does not tell is not made up: then there is no proposal, and why is said.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use policy::repair::{Change, PolicyPlace, Repair, repair};
use policy::simulation::{CallerType, Simulation, caller};
use policy::{
    CallerKind, Context, DocumentScope, DomainRules, HeldPolicy, ParseOptions, Policy, PolicyKind,
    PolicySet, PolicyType, Principal, ResourcePolicyKind, UnsupportedKeys,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::layer::Layer;
use super::policies::{digest_of, kind_of};
use super::record::{AuditRecord, DecisionRecord, PolicyRecord};
use super::view::is_callers;
use crate::guards::limits;
use crate::service::clock::Stopwatch;

/// What would allow one of a record's denials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RepairRecord {
    /// The action that was denied.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// `change` of one policy, `several` policies, or `none`.
    pub outcome: String,
    /// Which policy, or why there is no change.
    pub text: String,
    /// The kind of the policy that is changed, as records name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its name; none where it is to be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// What is changed, in words.
    pub edits: Vec<String>,
    /// The policy as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The policy as it would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// How it is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The call that applies it, where one call does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<RepairCall>,
    /// What the change does to recorded denials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<RecordedDenials>,
}

/// A call of the control plane that sets one policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RepairCall {
    /// The service: `es` or `iam`.
    pub service: String,
    /// Its operation, as `UpdateDomainConfig` or `PutRolePolicy`.
    pub operation: String,
    /// The region of the domain; of `iam`, none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// The parameters with their values.
    pub parameters: BTreeMap<String, String>,
}

/// What a change does to denials on record. It allows more and never less: what was allowed stays so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RecordedDenials {
    /// How many were looked at.
    pub denials: usize,
    /// How many of them it would allow.
    pub allowed: usize,
    /// Which, each once, but for the one that is explained.
    pub others: Vec<String>,
    /// Of how many the record does not tell enough.
    pub unknown: usize,
}

/// Where the texts of policies are, and what else is known of them.
pub struct RepairSources<'s> {
    /// The text of a digest.
    pub text: &'s dyn Fn(&str) -> Option<String>,
    /// Whether a caller (`aws:PrincipalArn`) has an inline policy of this name itself.
    pub has_inline: &'s dyn Fn(&str, &str) -> bool,
    /// The texts of the policies at a place of a question as they are now; `None` where nobody knows.
    pub current: &'s dyn Fn(&PolicyPlace, &Simulation) -> Option<Vec<String>>,
    /// Denials on which a change is tried.
    pub recorded: &'s [Arc<AuditRecord>],
}

/// What would allow each denial of a record.
#[must_use]
pub fn repairs(record: &AuditRecord, sources: &RepairSources<'_>) -> Vec<RepairRecord> {
    let by_policies = matches!(record.layer, Some(Layer::Policies | Layer::Items));
    if record.principal.kind == "anonymous" {
        // Nobody lacks a permission.
        return Vec::new();
    }
    let denied = record.decisions.iter().filter(|decision| decision.outcome != "allowed");
    denied
        .filter(|decision| by_policies || decision.is_of_roles() || record.layer.is_none())
        .map(|decision| {
            let told = match decision.is_of_roles() {
                true => of_roles(record, decision),
                false => of_policies(record, decision, sources),
            };
            RepairRecord {
                action: decision.action.clone(),
                resource: decision.resource.clone(),
                ..told
            }
        })
        .collect()
}

fn none(text: String) -> RepairRecord {
    RepairRecord { outcome: "none".to_owned(), text, ..RepairRecord::default() }
}

fn of_policies(
    record: &AuditRecord,
    decision: &DecisionRecord,
    sources: &RepairSources<'_>,
) -> RepairRecord {
    let told = ToldSide::of(record, decision);
    let question = match asked(record, decision, sources.text, told) {
        Ok(question) => question,
        Err(why) => return none(why),
    };
    let arn = question.principal.principal_arn().to_owned();
    let is_own = |layer: PolicyType, name: &str| {
        let same = question.identity.iter().filter(|(label, _)| *label == name).count();
        layer == PolicyType::Identity && same == 1 && (sources.has_inline)(&arn, name)
    };
    match repair(&question, &is_own, &actions()) {
        Repair::Allowed if told != ToldSide::Both => none(told.others_part(record, &question)),
        Repair::Allowed => none(
            "the policies as they are read again allow it: a principal that one of them names was made anew since it was set; set it again"
                .to_owned(),
        ),
        Repair::Impossible(why) => none(why.to_string()),
        Repair::Several(places) => {
            let each: Vec<String> = places
                .iter()
                .map(|it| format!("{it}{}", of_account(record, it.place.layer, &question)))
                .collect();
            let others = told.others_share(record, &question);
            let text = format!("more than one policy has to change: {}{others}", each.join("; "));
            RepairRecord { outcome: "several".to_owned(), text, ..RepairRecord::default() }
        }
        Repair::Change(change) if is_of_another(&change.place, &question) => none(
            "the policies of a federated user are those of the user that called GetFederationToken: they are changed for that user, too"
                .to_owned(),
        ),
        // The command sets the whole text: what was tightened since would be undone.
        Repair::Change(change) if has_changed(record, &change.place, &question, sources) => none(
            "the policy has changed since: send the request again and explain the new denial"
                .to_owned(),
        ),
        Repair::Change(change) => {
            let recorded = tried(&change, (record, &question), sources);
            let mut told_of = of_change(record, &change, &question, recorded);
            told_of.text += &of_account(record, change.place.layer, &question);
            told_of.text += &told.others_share(record, &question);
            told_of
        }
    }
}

/// Which side's policies a record tells to its reader. Across accounts that may be one of the two: of the other it is taken that it
/// allows, and said that it has to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ToldSide {
    /// Both; in one account always.
    Both,
    /// The caller's account's.
    Callers,
    /// The resource's.
    Resources,
}

impl ToldSide {
    fn of(record: &AuditRecord, decision: &DecisionRecord) -> ToldSide {
        let owner = decision.resource_account.as_deref();
        let caller = record.principal.account.as_deref();
        let across = owner.is_some() && caller.is_some() && owner != caller;
        let tells =
            |callers: bool| record.policies.iter().any(|it| is_callers(&it.kind) == callers);
        match (decision.resource_side_hidden, across) {
            (true, _) => ToldSide::Callers,
            (false, true) if !tells(true) => ToldSide::Resources,
            (false, true) if !tells(false) => ToldSide::Callers,
            _ => ToldSide::Both,
        }
    }

    /// Whether a policy of this kind is told.
    fn tells(self, kind: &str) -> bool {
        match self {
            ToldSide::Both => true,
            ToldSide::Callers => is_callers(kind),
            ToldSide::Resources => !is_callers(kind),
        }
    }

    /// The account whose policies are not told.
    fn other<'r>(self, record: &'r AuditRecord, question: &'r Simulation) -> &'r str {
        match self {
            ToldSide::Callers => owner_of(question),
            _ => record.principal.account.as_deref().unwrap_or_default(),
        }
    }

    /// What is said where the told side allows.
    fn others_part(self, record: &AuditRecord, question: &Simulation) -> String {
        let (other, whose) = (self.other(record, question), self.whose());
        format!(
            "the policies of this account allow it; those of account {other}, {whose}, do not: they are changed there"
        )
    }

    /// What is said beside a change of the told side.
    fn others_share(self, record: &AuditRecord, question: &Simulation) -> String {
        let (other, whose) = (self.other(record, question), self.whose());
        match self {
            ToldSide::Both => String::new(),
            _ => format!(
                "; account {other}, {whose}, must allow it, too, and what it does is not told here"
            ),
        }
    }

    fn whose(self) -> &'static str {
        if self == ToldSide::Callers { "the resource's" } else { "the caller's" }
    }
}

/// Whose the resource of a question is.
fn owner_of(question: &Simulation) -> &str {
    let named = question.resource.split(':').nth(4).filter(|account| !account.is_empty());
    question.resource_account.as_deref().or(named).unwrap_or_default()
}

/// Which account's a policy of this layer is; nothing where there is but one account.
fn of_account(record: &AuditRecord, layer: PolicyType, question: &Simulation) -> String {
    let caller = record.principal.account.as_deref().unwrap_or_default();
    let owner = owner_of(question);
    let account = if is_callers(&kind_of(layer)) { caller } else { owner };
    match owner.is_empty() || caller.is_empty() || owner == caller {
        true => String::new(),
        false => format!(", of account {account}"),
    }
}

/// Every action that this service asks for: a pattern of actions that a proposal replaces still covers all but one of them.
fn actions() -> Vec<String> {
    const VERBS: [&str; 6] = ["Delete", "Get", "Head", "Patch", "Post", "Put"];
    let verbs = VERBS.iter().map(|verb| format!("es:ESHttp{verb}"));
    let others = OF_NO_OPERATION.iter().map(|action| (*action).to_owned());
    verbs.chain(others).chain(control::table().map(|operation| operation.action())).collect()
}

/// Actions that are asked for and that no operation has as its own.
const OF_NO_OPERATION: [&str; 12] = [
    "countersign:GetMetricsHistory",
    "countersign:GetSettings",
    "countersign:GetWhoCan",
    "countersign:ListSessions",
    "countersign:QueryAudit",
    "countersign:ReplayAudit",
    "countersign:RevokeSession",
    "iam:GetRequestAuthorizationDetails",
    "iam:GetRequestAuthorizationPolicy",
    "iam:PassRole",
    "sts:SetSourceIdentity",
    "sts:TagSession",
];

/// Whether the policy of a place is held by somebody else than the caller: a federated user has none of its own.
fn is_of_another(place: &PolicyPlace, question: &Simulation) -> bool {
    question.principal.kind() == CallerKind::FederatedUser
        && matches!(place.layer, PolicyType::Identity | PolicyType::PermissionsBoundary)
}

/// Whether the policy of a place has another text than the one that is on record, or is gone.
fn has_changed(
    record: &AuditRecord,
    place: &PolicyPlace,
    question: &Simulation,
    sources: &RepairSources<'_>,
) -> bool {
    let then = recorded_at(record, place).and_then(|policy| policy.digest.as_ref());
    match (then, (sources.current)(place, question)) {
        (Some(then), Some(now)) => !now.iter().any(|text| digest_of(text) == *then),
        _ => false,
    }
}

fn of_change(
    record: &AuditRecord,
    change: &Change,
    question: &Simulation,
    recorded: RecordedDenials,
) -> RepairRecord {
    let document = |policy: &Policy| serde_json::from_str(&policy.to_string()).ok();
    let verb = if change.place.policy.is_some() { "change" } else { "make" };
    let known = match change.of_known_actions {
        true => {
            " (a pattern of actions is replaced by those of the others that this service knows)"
        }
        false => "",
    };
    RepairRecord {
        outcome: "change".to_owned(),
        text: format!("{verb} {}{known}", change.place),
        kind: Some(kind_of(change.place.layer).into_owned()),
        policy: change.place.policy.as_ref().map(|(name, _)| name.clone()),
        edits: change.edits.clone(),
        before: change.before.as_ref().and_then(document),
        after: document(&change.after),
        command: Some(command(record, &change.place, &change.after, question)),
        call: call(record, &change.place, &change.after, question),
        recorded: Some(recorded),
        ..RepairRecord::default()
    }
}

/// The change on denials that are on record.
fn tried(
    change: &Change,
    (of, explained): (&AuditRecord, &Simulation),
    sources: &RepairSources<'_>,
) -> RecordedDenials {
    let (watch, mut told) = (Stopwatch::start(), RecordedDenials::default());
    for record in sources.recorded {
        let may_gain = may_gain(change, of, record);
        for decision in record.decisions.iter().filter(|it| it.outcome != "allowed") {
            if told.denials == limits::REPLAYED_DENIALS_MAX
                || watch.elapsed() > limits::REPLAYED_DENIALS_TIME
            {
                return told;
            }
            if decision.is_of_roles() {
                continue;
            }
            told.denials += 1;
            if !may_gain {
                continue;
            }
            let side = ToldSide::of(record, decision);
            let Ok(question) = asked(record, decision, sources.text, side) else {
                told.unknown += 1;
                continue;
            };
            if !change.is_for(&question, explained) || !change.applied_to(&question).is_allowed() {
                continue;
            }
            told.allowed += 1;
            let who = &question.principal;
            let is_same = question.action == explained.action
                && question.resource == explained.resource
                && who.principal_arn() == explained.principal.principal_arn();
            let text = format!("{} {} {}", who.arn(), question.action, question.resource);
            if !is_same
                && told.others.len() < limits::AUDIT_RESOURCES_MAX
                && !told.others.contains(&text)
            {
                told.others.push(text);
            }
        }
    }
    told
}

/// Whether the change of `explained`'s policy may bear on `record`, before any policy is read for that: the same text at the same
/// place, or the same caller where the policy is to be made.
fn may_gain(change: &Change, explained: &AuditRecord, record: &AuditRecord) -> bool {
    match recorded_at(explained, &change.place) {
        Some(changed) => record.policies.contains(changed),
        None => {
            let caller = |record: &AuditRecord| record.context.get("aws:principalarn").cloned();
            change.place.policy.is_none() && caller(explained) == caller(record)
        }
    }
}

/// The text that the operator's file of a control policy or an endpoint's policy has now: such a policy is named by its file. `None`
/// for other policies, and where the name is no absolute path: a relative one is told from the folder that the service runs in.
#[must_use]
pub(crate) fn operators_text(place: &PolicyPlace) -> Option<Vec<String>> {
    let (name, _) = place.policy.as_ref()?;
    let kind = match place.layer {
        PolicyType::ServiceControl => PolicyKind::ServiceControl,
        PolicyType::ResourceControl => PolicyKind::ResourceControl,
        PolicyType::VpcEndpoint => PolicyKind::Resource(ResourcePolicyKind::Generic),
        _ => return None,
    };
    let path = std::path::Path::new(name);
    if !path.is_absolute() {
        return None;
    }
    // What cannot be read, or is no policy any more, is not the text that was on record.
    let text = std::fs::File::open(path).and_then(|file| {
        let mut text = String::new();
        file.take(limits::POLICY_FILE_BYTES_MAX).read_to_string(&mut text).map(|_| text)
    });
    let policy = text.ok().and_then(|text| Policy::parse(&text, kind).ok());
    Some(policy.iter().map(ToString::to_string).collect())
}

/// What a record tells of the policy at a place.
fn recorded_at<'r>(record: &'r AuditRecord, place: &PolicyPlace) -> Option<&'r PolicyRecord> {
    let (name, _) = place.policy.as_ref()?;
    let kind = kind_of(place.layer);
    let mut policies = record.policies.iter();
    policies.find(|it| it.kind == kind && it.policy == *name && it.level == place.level)
}

/// The question that a recorded decision answers.
///
/// # Errors
/// What the record does not tell.
pub(super) fn question_of(
    record: &AuditRecord,
    decision: &DecisionRecord,
    text: &dyn Fn(&str) -> Option<String>,
) -> Result<Simulation, String> {
    match decision.resource_side_hidden {
        true => {
            Err("the resource belongs to another account, whose policies its owner sees".into())
        }
        false => asked(record, decision, text, ToldSide::Both),
    }
}

/// The question, as far as one side's policies answer it: the other side allows everything.
fn asked(
    record: &AuditRecord,
    decision: &DecisionRecord,
    text: &dyn Fn(&str) -> Option<String>,
    side: ToldSide,
) -> Result<Simulation, String> {
    if record.context.is_empty() {
        return Err("the record does not tell what was known of the request".into());
    }
    let mut context = Context::new();
    for (key, values) in &record.context {
        context.set_all(key, values.iter().map(String::as_str));
    }
    for (key, values) in &decision.context {
        context.set_all(key, values.iter().map(String::as_str));
    }
    context.set_scope(match decision.documents.as_deref() {
        Some("some") => DocumentScope::Some,
        Some(_) => DocumentScope::Every,
        None => DocumentScope::Told,
    });
    let principal = principal_of(record, &context)?;
    let told = |(kind, name): &(Cow<'static, str>, String)| {
        record.policies.iter().any(|it| it.kind == *kind && it.policy == *name)
    };
    let mut considered = decision.considered.iter().filter(|(kind, _)| side.tells(kind));
    if !considered.all(told) {
        return Err("not every policy that was considered is told to this reader".into());
    }
    let held: Vec<HeldPolicy> = record
        .policies
        .iter()
        .filter(|policy| decision.considers(policy) && side.tells(&policy.kind))
        .map(|policy| held(policy, &decision.resource, text))
        .collect::<Result<_, _>>()?;
    let mut question = Simulation::of_held(
        principal,
        (&decision.action, &decision.resource),
        decision.resource_account.as_deref(),
        context,
        &held,
    );
    let everything = |kind: PolicyKind| {
        let principal = if kind == PolicyKind::Identity { "" } else { r#""Principal": "*", "# };
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", {principal}"Action": "*", "Resource": "*"}}}}"#
        );
        let policy = Policy::parse(&text, kind).map_err(|error| error.to_string())?;
        Ok::<_, String>(PolicySet::single("", policy))
    };
    match side {
        ToldSide::Both => {}
        ToldSide::Callers => {
            let generic = PolicyKind::Resource(ResourcePolicyKind::Generic);
            question.resource_policy = Some(everything(generic)?);
        }
        ToldSide::Resources => question.identity = everything(PolicyKind::Identity)?,
    }
    Ok(question)
}

fn principal_of(record: &AuditRecord, context: &Context) -> Result<Principal, String> {
    let unknown = || "the record does not tell who called".to_owned();
    let one = |key: &str| context.get(key).and_then(|values| values.first()).cloned();
    let arn = record.principal.arn.as_str();
    if record.principal.kind == "anonymous" {
        return Ok(Principal::anonymous());
    }
    let kind = CallerType::named(&record.principal.kind).ok_or_else(unknown)?;
    let principal =
        caller(arn, kind, one("aws:PrincipalArn").as_deref()).map_err(|_no_caller| unknown())?;
    let id = one("aws:userid");
    Ok(match (kind, id.as_deref().map(|id| id.split(':').next().unwrap_or(id))) {
        (CallerType::User | CallerType::AssumedRole, Some(id)) => principal.with_unique_id(id),
        _ => principal,
    })
}

fn held(
    policy: &PolicyRecord,
    resource: &str,
    text: &dyn Fn(&str) -> Option<String>,
) -> Result<HeldPolicy, String> {
    let name = &policy.policy;
    let layer =
        layer_of(&policy.kind).ok_or_else(|| format!("{} is no kind of policy", policy.kind))?;
    let Some(digest) = &policy.digest else {
        return Ok(HeldPolicy { layer, level: policy.level, label: "".into(), policy: None });
    };
    let text = text(digest)
        .ok_or_else(|| format!("the text of policy {name} as it was is not kept any more"))?;
    let kind = match layer {
        PolicyType::Identity => PolicyKind::Identity,
        PolicyType::Trust => PolicyKind::Trust,
        PolicyType::PermissionsBoundary => PolicyKind::Boundary,
        PolicyType::Session => PolicyKind::Session,
        PolicyType::ServiceControl => PolicyKind::ServiceControl,
        PolicyType::ResourceControl => PolicyKind::ResourceControl,
        PolicyType::Resource if resource.contains(":domain/") => {
            PolicyKind::Resource(ResourcePolicyKind::Domain)
        }
        PolicyType::Resource | PolicyType::VpcEndpoint => {
            PolicyKind::Resource(ResourcePolicyKind::Generic)
        }
    };
    let domain = DomainRules { unsupported_keys: UnsupportedKeys::Absent, vpc: false };
    let options = ParseOptions { bytes_max: None, domain };
    let read = Policy::parse_with(&text, kind, &options)
        .map_err(|error| format!("policy {name} as it was cannot be read: {error}"))?;
    let (label, level) = (name.as_str().into(), policy.level);
    Ok(HeldPolicy { layer, level, label, policy: Some(Arc::new(read)) })
}

/// The type of policy that records name so.
pub(super) fn layer_of(kind: &str) -> Option<PolicyType> {
    const ALL: [PolicyType; 8] = [
        PolicyType::ResourceControl,
        PolicyType::ServiceControl,
        PolicyType::VpcEndpoint,
        PolicyType::Resource,
        PolicyType::Trust,
        PolicyType::Identity,
        PolicyType::PermissionsBoundary,
        PolicyType::Session,
    ];
    ALL.into_iter().find(|layer| kind_of(*layer) == kind)
}

/// The call that makes a change; none for what no call of Amazon's sets, or what takes more than one.
fn call(
    record: &AuditRecord,
    place: &PolicyPlace,
    after: &Policy,
    question: &Simulation,
) -> Option<RepairCall> {
    let document: Value = serde_json::from_str(&after.to_string()).ok()?;
    let document = document.to_string();
    let name = place.policy.as_ref().map(|(name, _)| name.as_str());
    let last = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    let of = |service: &str, operation: &str, region: &str, parameters: &[(&str, &str)]| {
        let parameters = parameters.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Some(RepairCall {
            service: service.to_owned(),
            operation: operation.to_owned(),
            region: region.to_owned(),
            parameters: parameters.collect(),
        })
    };
    let arn = question.principal.principal_arn();
    match (place.layer, name) {
        (PolicyType::Identity | PolicyType::PermissionsBoundary, Some(name))
            if name.starts_with("arn:") =>
        {
            let parameters: [(&str, &str); 3] =
                [("PolicyArn", name), ("PolicyDocument", &document), ("SetAsDefault", "true")];
            of("iam", "CreatePolicyVersion", "", &parameters)
        }
        (PolicyType::Identity, name) => {
            let (operation, holder) = match arn.contains(":role/") {
                true => ("PutRolePolicy", "RoleName"),
                false => ("PutUserPolicy", "UserName"),
            };
            let name = name.map_or_else(|| new_name(record), str::to_owned);
            let held_by = last(arn);
            let parameters: [(&str, &str); 3] =
                [(holder, &held_by), ("PolicyName", &name), ("PolicyDocument", &document)];
            of("iam", operation, "", &parameters)
        }
        (PolicyType::Resource, _) => {
            let (region, domain) = domain_of(&question.resource);
            let parameters: [(&str, &str); 2] =
                [("DomainName", domain), ("AccessPolicies", &document)];
            of("es", "UpdateDomainConfig", region, &parameters)
        }
        (PolicyType::Trust, _) => {
            let role = last(&question.resource);
            let parameters: [(&str, &str); 2] =
                [("RoleName", &role), ("PolicyDocument", &document)];
            of("iam", "UpdateAssumeRolePolicy", "", &parameters)
        }
        _ => None,
    }
}

/// What a policy is called that is made for a denial.
fn new_name(record: &AuditRecord) -> String {
    format!("allow-{}", record.request_id.get(..8).unwrap_or_default())
}

/// The region and the name of the domain in the ARN of something in it.
fn domain_of(resource: &str) -> (&str, &str) {
    let region = resource.split(':').nth(3).unwrap_or_default();
    let domain = resource.split(":domain/").nth(1).unwrap_or_default();
    (region, domain.split('/').next().unwrap_or_default())
}

/// How a change is applied.
fn command(
    record: &AuditRecord,
    place: &PolicyPlace,
    after: &Policy,
    question: &Simulation,
) -> String {
    let document: Value = serde_json::from_str(&after.to_string()).unwrap_or_default();
    let document = document.to_string();
    let text = quoted(&document);
    let name = place.policy.as_ref().map(|(name, _)| name.as_str());
    let last = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    let managed = |arn: &str| {
        format!(
            "aws iam create-policy-version --policy-arn {arn} --set-as-default --policy-document {text}"
        )
    };
    let arn = question.principal.principal_arn();
    match (place.layer, name) {
        (PolicyType::Identity | PolicyType::PermissionsBoundary, Some(name))
            if name.starts_with("arn:") =>
        {
            managed(name)
        }
        (PolicyType::Identity, name) => {
            let name = name.map_or_else(|| new_name(record), str::to_owned);
            let (of, option) = if arn.contains(":role/") {
                ("role", "--role-name")
            } else {
                ("user", "--user-name")
            };
            let holder = last(arn);
            format!(
                "aws iam put-{of}-policy {option} {holder} --policy-name {name} --policy-document {text}"
            )
        }
        (PolicyType::Resource, _) => {
            let (region, domain) = domain_of(&question.resource);
            format!(
                "aws opensearch update-domain-config --region {region} --domain-name {domain} --access-policies {text}"
            )
        }
        (PolicyType::Trust, _) => {
            let role = last(&question.resource);
            format!("aws iam update-assume-role-policy --role-name {role} --policy-document {text}")
        }
        (PolicyType::Session, _) => {
            format!("make the session anew with this policy: aws sts assume-role … --policy {text}")
        }
        (PolicyType::PermissionsBoundary, _) => format!("set the boundary's document to {text}"),
        (PolicyType::ServiceControl | PolicyType::ResourceControl | PolicyType::VpcEndpoint, _) => {
            format!(
                "the operator changes the file of {place} that the settings name to {text}, and sends SIGHUP"
            )
        }
    }
}

/// For a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The smallest change of roles: one permission more in a role of the user's.
fn of_roles(record: &AuditRecord, decision: &DecisionRecord) -> RepairRecord {
    let own = decision.considered.iter().map(|(_, name)| name.as_str());
    // Who has no role is recorded as one with the role `none`.
    let role = own.into_iter().find(|name| *name != "none" && !control::is_reserved_role(name));
    let (action, resource) = (&decision.action, &decision.resource);
    let of_cluster = policy::roles::is_cluster_action(action);
    let change = match of_cluster {
        true => serde_json::json!({"op": "add", "path": "/cluster_permissions/-", "value": action}),
        false => serde_json::json!({"op": "add", "path": "/index_permissions/-",
            "value": {"index_patterns": [resource], "allowed_actions": [action]}}),
    };
    let user = &record.principal.arn;
    let Some(role) = role else {
        let text = format!(
            "no role that can be changed is mapped to {user}: make a role with {action} on {resource}, and a mapping of it; that is two objects"
        );
        return RepairRecord { outcome: "several".to_owned(), text, ..RepairRecord::default() };
    };
    let body = quoted(&serde_json::json!([change]).to_string());
    RepairRecord {
        outcome: "change".to_owned(),
        text: format!("change the role {role}; whoever else is mapped to it gains the same"),
        kind: Some("role".to_owned()),
        policy: Some(role.to_owned()),
        edits: vec![format!("add {action} on {resource} to role {role}")],
        after: Some(change),
        command: Some(format!(
            "countersign request -X PATCH ENDPOINT/_plugins/_security/api/roles/{role} -d {body}"
        )),
        ..RepairRecord::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where it is written what is asked for.
    const ASKING: [&str; 16] = [
        include_str!("../../../control/src/authorization.rs"),
        include_str!("../walk/authorize/control.rs"),
        include_str!("../walk/authorize/cursors.rs"),
        include_str!("../walk/authorize/domain.rs"),
        include_str!("../walk/authorize/explain.rs"),
        include_str!("../walk/authorize/inspect.rs"),
        include_str!("../walk/authorize/migration.rs"),
        include_str!("../walk/authorize/mod.rs"),
        include_str!("../walk/authorize/records.rs"),
        include_str!("../walk/authorize/replay.rs"),
        include_str!("../walk/authorize/roles.rs"),
        include_str!("../walk/authorize/sessions.rs"),
        include_str!("../walk/authorize/streamed.rs"),
        include_str!("../walk/authorize/who_can.rs"),
        include_str!("../walk/route.rs"),
        include_str!("../walk/service_api.rs"),
    ];

    /// Texts of the same form there that are keys of the context.
    const KEYS: [&str; 9] = [
        "iam:AWSServiceName",
        "iam:PassedToService",
        "iam:PermissionsBoundary",
        "iam:PolicyARN",
        "sts:ExternalId",
        "sts:RoleSessionName",
        "sts:SourceIdentity",
        "sts:TransitiveTagKeys",
        "es:ESHttp",
    ];

    #[test]
    fn every_action_that_is_asked_for_is_known_to_proposals() {
        let known = actions();
        let texts = ASKING.iter().flat_map(|source| source.split('"'));
        let is_action = |text: &&str| {
            text.split_once(':').is_some_and(|(service, name)| {
                ["access-analyzer", "countersign", "es", "iam", "s3", "sts"].contains(&service)
                    && name.starts_with(char::is_uppercase)
                    && name.chars().all(char::is_alphanumeric)
            })
        };
        let asked: Vec<&str> =
            texts.filter(is_action).filter(|text| !KEYS.contains(text)).collect();
        assert!(asked.contains(&"sts:TagSession") && asked.contains(&"countersign:QueryAudit"));
        for action in asked {
            assert!(known.iter().any(|it| it == action), "{action}");
        }
    }
}
