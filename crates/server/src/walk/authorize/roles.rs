//! The roles of a domain with fine-grained access control: what they allow of a request that the policies let through, and what
//! they show of the indices that it touches (docs/decisions/0177-fine-grained-access-control.md).
//!
//! Which indices a request touches is what strict authorization gathers; which actions its row of the table names.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ::control::{Directory, IdentifiedCaller};
use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use engine::exception::{Exception, ExceptionKind};
use engine::rest::{Api, BulkAction, Parsed, ParsedBody, Touches};
use engine::{CursorQuestion, Grants};
use policy::roles::{RoleUser, UserRoles, is_cluster_action};
use policy::{CallerKind, DocumentScope, Residual};

use crate::audit::{DecisionRecord, StatementRecord};
use crate::guards::limits;
use crate::service::backends::Backend;
use crate::targets::{self, Ask, IndexCatalog};
use crate::walk::parse::Call;
use crate::walk::refusal::{LoginRefusal, Refusal};
use crate::walk::route::DomainTarget;

/// The action of the question that a cursor keeps about its opener's roles.
pub(super) const ROLES: &str = "roles";

/// What of the roles of a user bears on it, in 64 digits: a cursor keeps them.
fn fingerprint(user: &UserRoles) -> String {
    struct Sink(Context);
    impl fmt::Write for Sink {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.update(text.as_bytes());
            Ok(())
        }
    }
    let mut sink = Sink(Context::new(&SHA256));
    let written = user.write_fingerprint(&mut sink);
    debug_assert!(written.is_ok(), "a digest takes every text");
    HEXLOWER.encode(sink.0.finish().as_ref())
}

/// What a page reads like of a cursor that was opened with other roles.
const CHANGED: &str = "the roles of this user are others than when this was opened: open it anew";

/// What the roles of one caller say of one request.
pub(super) struct RolesJudge<'a> {
    user: UserRoles,
    salt: MaskSalt,
    target: &'a DomainTarget,
    parsed: &'a Parsed,
    catalog: &'a IndexCatalog<'a>,
    refused: RefCell<Option<String>>,
    decisions: RefCell<Vec<DecisionRecord>>,
}

/// The salt of a domain's masked values; `None` where it cannot be read.
pub(super) type MaskSalt = Option<[u8; 16]>;

/// The roles of a caller on a domain; `None`: the domain has no roles.
///
/// # Errors
/// Who presents no credentials: 401, as the plugin answers. A domain that a cluster elsewhere serves: that cluster has roles of
/// its own.
pub(super) fn of_caller(
    identity: &IdentifiedCaller,
    target: &DomainTarget,
    call: &Call,
    directory: &Directory,
) -> Result<Option<(UserRoles, MaskSalt)>, Refusal> {
    let domain = &target.domain;
    let Some(security) = &domain.security else { return Ok(None) };
    if let Backend::Upstream(_) = &target.backend {
        let what = "fine-grained access control of a domain that a cluster elsewhere serves: that cluster's own is asked";
        let exception = Exception::not_implemented(what);
        return Err(Refusal::of_engine(&exception, target.backend.flavor()));
    }
    let named = |name: &str, backend_roles: &[&str]| RoleUser {
        name: name.to_owned(),
        backend_roles: backend_roles.iter().map(|role| (*role).to_owned()).collect(),
        ..RoleUser::default()
    };
    let user = match (&identity.internal_user, identity.kind()) {
        (Some(user), _) if user.domain == domain.unique => security.internal_user(&user.name),
        (Some(_), _) | (None, CallerKind::Anonymous) => None,
        (None, CallerKind::AssumedRole) => {
            Some(named(&identity.principal_arn, &[&identity.principal_arn]))
        }
        (None, _) => Some(named(&identity.arn, &[])),
    };
    let user = user.ok_or_else(|| {
        Refusal::Unauthorized(LoginRefusal {
            realm: domain.name.clone(),
            why: "no credentials, and the domain has fine-grained access control",
            told: "Unauthorized",
        })
    })?;
    let user = RoleUser { address: call.client_text.clone(), ..user };
    let salt = ::control::mask_salt(directory, domain);
    Ok(Some((security.roles().of(user), salt)))
}

impl<'a> RolesJudge<'a> {
    /// The judge of `parsed`.
    pub(super) fn new(
        user: UserRoles,
        salt: MaskSalt,
        target: &'a DomainTarget,
        parsed: &'a Parsed,
        catalog: &'a IndexCatalog<'a>,
    ) -> RolesJudge<'a> {
        let (refused, decisions) = (RefCell::default(), RefCell::default());
        RolesJudge { user, salt, target, parsed, catalog, refused, decisions }
    }

    /// Whether the caller may call this API at all.
    ///
    /// # Errors
    /// The plugin's refusal.
    pub(super) fn api(&self) -> Result<(), String> {
        let row = self.parsed.route.api.row();
        if row.permissions.is_empty() {
            // Nobody has said which permission it needs: only who may do anything to the cluster is told that it is not built.
            let action = format!("cluster:unknown/{}", row.name);
            return self.cluster(&[&action]);
        }
        let cluster: Vec<&str> = permissions(self.parsed.route.api, true).collect();
        self.cluster(&cluster)?;
        if row.touches == Touches::Items {
            return Ok(());
        }
        let missing: Vec<&str> = permissions(self.parsed.route.api, false)
            .filter(|action| self.user.anywhere(action).is_none())
            .collect();
        self.settle(&missing, "*")
    }

    /// Whether the caller may do to the index in a question what the question is about.
    ///
    /// # Errors
    /// The plugin's refusal.
    pub(super) fn index(&self, ask: &Ask) -> Result<(), String> {
        if ask.action == ROLES {
            return match ask.path == fingerprint(&self.user) {
                true => Ok(()),
                false => Err(CHANGED.to_owned()),
            };
        }
        let mut segments = ask.path.trim_start_matches('/').split('/');
        let name = segments.next().unwrap_or_default();
        // A URL without index, and expressions: what they come to is asked one by one.
        if name.is_empty() || name.starts_with(['_', '<', '-']) || name.contains(['*', ',']) {
            return Ok(());
        }
        self.may(self.stand_in(ask, segments.next()), name)
    }

    /// The API whose permissions a question about an index needs.
    fn stand_in(&self, ask: &Ask, below: Option<&str>) -> Api {
        let own = self.parsed.route.api;
        let elsewhere = match own.row().touches {
            Touches::Reindexed
            | Touches::Rollover
            | Touches::NewIndex
            | Touches::Aliases
            | Touches::Template
            | Touches::ScriptTrial => true,
            Touches::Document | Touches::ExplainedDocument | Touches::Items => false,
            // A document that a query looks up.
            _ => below == Some("_doc"),
        };
        if !elsewhere {
            return own;
        }
        match (ask.action, below) {
            ("es:ESHttpPut" | "es:ESHttpPost", None) => Api::IndicesCreate,
            ("es:ESHttpDelete", None) => Api::IndicesDelete,
            (_, Some("_mapping")) => Api::IndicesGetMapping,
            (_, Some("_search")) => Api::Search,
            (_, Some("_bulk")) => Api::Index,
            (_, Some("_alias" | "_aliases")) => Api::IndicesPutAlias,
            (_, Some("_doc")) => Api::Get,
            _ => own,
        }
    }

    /// Whether the caller may call an API on what has this name.
    fn may(&self, api: Api, name: &str) -> Result<(), String> {
        let actions: Vec<&str> = permissions(api, false).collect();
        for names in self.catalog.names_behind(name) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let lacks = |action: &&&str| self.user.index(action, &names).is_none();
            let missing: Vec<&str> = actions.iter().filter(lacks).copied().collect();
            self.settle(&missing, name)?;
            if let Some(first) = actions.first() {
                self.note(first, name, self.user.index(first, &names), None);
            }
        }
        Ok(())
    }

    fn cluster(&self, actions: &[&str]) -> Result<(), String> {
        let lacks = |action: &&&str| self.user.cluster(action).is_none();
        let missing: Vec<&str> = actions.iter().filter(lacks).copied().collect();
        self.settle(&missing, "cluster")?;
        if let Some(first) = actions.first() {
            self.note(first, "cluster", self.user.cluster(first), None);
        }
        Ok(())
    }

    fn settle(&self, missing: &[&str], resource: &str) -> Result<(), String> {
        let Some(first) = missing.first() else { return Ok(()) };
        let text = self.user.denial(missing);
        self.note(first, resource, None, Some(text.clone()));
        self.refused.borrow_mut().get_or_insert_with(|| text.clone());
        Err(text)
    }

    /// Writes down what decided: of what is allowed the first of each kind, of denials as many as a record holds.
    fn note(&self, action: &str, resource: &str, role: Option<&str>, text: Option<String>) {
        let mut decisions = self.decisions.borrow_mut();
        let known = decisions.iter().any(|it| it.action == action && it.text.is_none());
        if decisions.len() >= limits::AUDIT_DECISIONS_MAX || text.is_none() && known {
            return;
        }
        let by = role.map(|role| StatementRecord {
            kind: "role".into(),
            policy: role.to_owned(),
            statement: 0,
            sid: None,
        });
        let names = self.user.names();
        let considered = if names.is_empty() { vec!["none"] } else { names };
        decisions.push(DecisionRecord {
            outcome: if text.is_none() { "allowed" } else { "implicitDeny" }.into(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            by: by.into_iter().collect(),
            considered: considered
                .into_iter()
                .map(|name| ("role".into(), name.to_owned()))
                .collect(),
            resource_account: Some(self.target.domain.account.clone()),
            near_misses: Vec::new(),
            text,
            missing: Vec::new(),
            ..DecisionRecord::default()
        });
    }

    /// What was decided, for the record.
    pub(super) fn decisions(&self) -> Vec<DecisionRecord> {
        self.decisions.take()
    }

    /// The refusal, where `text` is one of the roles', or where the roles refused a part that would be left out: no index that
    /// they do not allow is passed over, but for those of an item's pattern.
    pub(super) fn refusal(&self, text: Option<&str>) -> Option<Refusal> {
        let refused = self.refused.borrow();
        let refused = refused.as_deref()?;
        let items = self.parsed.route.api.row().touches == Touches::Items;
        let whole = match text {
            Some(text) => text == refused || text.starts_with("no permissions for"),
            None => !items,
        };
        whole.then(|| self.refuse(text.unwrap_or(refused)))
    }

    /// The refusal with this text.
    pub(super) fn refuse(&self, text: &str) -> Refusal {
        let exception = Exception::new(ExceptionKind::Security, text);
        Refusal::Roles { text: text.to_owned(), outcome: engine_answer(&exception, self.target) }
    }

    /// The grants with what the roles show of each index, with the items that they deny, and with what a cursor keeps.
    ///
    /// # Errors
    /// Why nothing of an index may be shown.
    pub(super) fn narrow(&self, mut grants: Grants) -> Result<Grants, String> {
        self.deny_items(&mut grants);
        if self.parsed.route.api.row().touches != Touches::Items {
            for name in &grants.names {
                self.may(Api::IndicesCreate, name)?;
            }
        }
        if self.parsed.opens_cursor() {
            let question = CursorQuestion {
                action: ROLES,
                path: fingerprint(&self.user),
                documents: targets::kept_residual(&Residual::Always),
            };
            grants.opening = grants.opening.iter().cloned().chain([question]).collect();
        }
        if !self.user.restricts() {
            return Ok(grants);
        }
        let scope = targets::document_scope(&self.parsed.route, ::control::DomainMode::Strict);
        if scope == DocumentScope::Told {
            return Ok(grants);
        }
        for name in &grants.names {
            if let Some(view) = self.user.restriction(&[name])? {
                return Err(format!(
                    "the index [{name}] is not there, and the roles [{}] show only a part of it: whoever sees all of it makes it first",
                    view.roles.join(", ")
                ));
            }
        }
        let uuids = grants.indices.iter().chain(&grants.lookups).cloned().collect::<Vec<_>>();
        for (uuid, names) in self.catalog.names_of(&uuids) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let Some(view) = self.user.restriction(&names)? else { continue };
            if scope == DocumentScope::Every {
                return Err(format!(
                    "the roles [{}] show only a part of the index [{}], and [{}] does not honour that",
                    view.roles.join(", "),
                    names.first().unwrap_or(&""),
                    self.parsed.route.api.name()
                ));
            }
            let below = grants.restrictions.rules(&uuid);
            let rules = targets::role_rules(view, below, self.salt)?;
            grants.restrictions.restrict(&uuid, rules);
        }
        Ok(grants)
    }

    /// Denies items of a `_bulk` by what each does.
    fn deny_items(&self, grants: &mut Grants) {
        let ParsedBody::Bulk(items) = &self.parsed.body else { return };
        let mut known: BTreeMap<(&str, &str), Option<Arc<str>>> = BTreeMap::new();
        for (position, item) in items.iter().enumerate() {
            if grants.denied_items.contains_key(&position) {
                continue;
            }
            let api = match item.action {
                BulkAction::Index => Api::Index,
                BulkAction::Create => Api::Create,
                BulkAction::Update => Api::Update,
                BulkAction::Delete => Api::Delete,
            };
            let denied = known.entry((item.action.name(), &item.index)).or_insert_with(|| {
                let name = self.catalog.written_name(&item.index);
                let made = grants.names.contains(&name);
                let may = self.may(api, &name);
                let may = may.and_then(|()| match made {
                    true => self.may(Api::IndicesCreate, &name),
                    false => Ok(()),
                });
                may.err().map(Into::into)
            });
            if let Some(text) = denied {
                grants.denied_items.insert(position, Arc::clone(text));
            }
        }
    }
}

/// The permissions that an API's row names, of the cluster or of indices.
fn permissions(api: Api, of_cluster: bool) -> impl Iterator<Item = &'static str> {
    let names = api.row().permissions.split_whitespace();
    names.filter(move |name| is_cluster_action(name) == of_cluster)
}

fn engine_answer(exception: &Exception, target: &DomainTarget) -> crate::walk::outcome::Outcome {
    engine::Response::exception(exception).of(target.backend.flavor()).into()
}
