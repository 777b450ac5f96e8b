//! What may be continued, and what is closed: scrolls, and whatever else lives on between two requests.
//!
//! A page is asked for what its opening was asked for, on the directory as it is now: a Deny, a narrower policy, a
//! user that is gone hold from their acknowledgement on, not from the next opening on. A cursor whose page is denied is
//! closed. On a domain in mode `aws` a page's own URL decides alone, as at Amazon; the cursor belongs to its opener
//! there too, and what its opening touched is kept, for the domain may become `strict` while it is open.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use ::control::{DomainMode, IdentifiedCaller};
use engine::rest::{Api, Parsed, ParsedBody};
use engine::{CursorBound, CursorOwner, CursorQuestion, CursorShare, Grants, Work};
use jiff::Timestamp;
use policy::Residual;

use crate::guards::quotas::CursorBounds;
use crate::guards::throttle::SourceAddress;
use crate::targets::{self, Ask, IndexCatalog};
use crate::walk::authorize::roles::ROLES;
use crate::walk::route::DomainTarget;

/// Whoever may delete a domain may close what is open on it, and see and call off what runs there.
const CLOSES_ALL: &str = "es:DeleteDomain";

/// What a page reads like of a cursor that would show other documents or fields now.
const CHANGED: &str =
    "the policies show other documents or fields than when this was opened: open it anew";

/// A request to a domain, as far as cursors are concerned.
pub(super) struct CursorRequest<'a> {
    /// Who calls.
    pub(super) identity: &'a IdentifiedCaller,
    /// What is called.
    pub(super) target: &'a DomainTarget,
    /// The request, read.
    pub(super) parsed: &'a Parsed,
    /// The indices as they are.
    pub(super) catalog: &'a IndexCatalog<'a>,
    /// When it came.
    pub(super) now: Timestamp,
    /// Whether anybody still waits for it.
    pub(super) work: &'a Work,
    /// Whether the domain has roles: then a page is asked for in either mode, and its opener's roles must be the same.
    pub(super) roles: bool,
    /// From where it came.
    pub(super) address: IpAddr,
    /// How many cursors may be held.
    pub(super) bounds: CursorBounds,
}

impl CursorRequest<'_> {
    /// `grants` with the caller's rights on cursors: whose it opens, with what they will be asked for again, which it may
    /// continue, whose it may close.
    ///
    /// `verdict` puts one question and writes a denial down, `quietly` puts one whose denial only narrows. Errors: the
    /// text of a page's denial; its cursor is closed by then.
    pub(super) fn judge(
        &self,
        mut grants: Grants,
        quietly: impl Fn(&Ask) -> bool,
        verdict: impl FnMut(&Ask) -> Result<Residual, String>,
    ) -> Result<Grants, String> {
        // What reads neither a body nor an index opens nothing, and no task is made of it.
        if self.parsed.route.api.is_brief() {
            return Ok(grants);
        }
        let domain = &self.target.domain;
        grants.owner = targets::owner(self.identity, domain);
        self.bound(&mut grants.owner);
        let strict = domain.extras.mode == DomainMode::Strict || self.roles;
        match self.parsed.route.api {
            _ if self.parsed.opens_cursor() && !strict => {
                // Nothing of it is asked now, all of it once the domain is strict.
                let asks = targets::asks(self.parsed, self.catalog, self.work);
                let settled = asks.ok().and_then(|asks| asks.settle("", |_| Ok(())).ok());
                grants.opening = settled.map(|settled| settled.opening).unwrap_or_default();
            }
            _ if self.parsed.continues_cursor() && strict => self.page(&mut grants, verdict)?,
            Api::Msearch | Api::MsearchTemplate if strict => self.item_pages(&mut grants, verdict),
            Api::ClearScroll
            | Api::TasksList
            | Api::TasksGet
            | Api::TasksCancel
            | Api::CatTasks
            | Api::ReindexRethrottle
            | Api::UpdateByQueryRethrottle
            | Api::DeleteByQueryRethrottle
                if self.identity.account == domain.account =>
            {
                let whole = Ask { action: CLOSES_ALL, path: String::new() };
                grants.owner.closes_all |= quietly(&whole);
            }
            _ => {}
        }
        Ok(grants)
    }

    /// Says how many cursors of each kind `owner` may hold, in all of its sessions and from its address.
    fn bound(&self, owner: &mut CursorOwner) {
        let bound = |most: usize, setting| (most > 0).then_some(CursorBound { most, setting });
        if let Some(principal) = owner.shares.first_mut() {
            principal.bound = bound(self.bounds.principal, "limits.cursors_per_principal");
        }
        if let Some(bound) = bound(self.bounds.address, "limits.cursors_per_address") {
            let name = format!("address {}", SourceAddress::at(self.address)).into();
            owner.shares.push(CursorShare { name, bound: Some(bound), gives_way: false });
        }
    }

    /// Asks again what the opening of the page's cursor was allowed by.
    fn page(
        &self,
        grants: &mut Grants,
        mut verdict: impl FnMut(&Ask) -> Result<Residual, String>,
    ) -> Result<(), String> {
        // What cannot be read as ids fails in the engine, in Elasticsearch's words.
        let ids = self.parsed.cursor_ids().unwrap_or_default();
        let Some(id) = ids.into_iter().next() else { return Ok(()) };
        if self.goes_on(&id, &grants.owner, &mut verdict)? {
            grants.cursors.insert(id);
        }
        Ok(())
    }

    /// The same for the points in time that items of an `_msearch` search: each is asked about once, however many items name it,
    /// and a denial is that of its items alone.
    fn item_pages(
        &self,
        grants: &mut Grants,
        mut verdict: impl FnMut(&Ask) -> Result<Residual, String>,
    ) {
        let ParsedBody::Msearch(items) = &self.parsed.body else { return };
        let mut denials: HashMap<&str, Option<Arc<str>>> = HashMap::new();
        for (position, item) in items.iter().enumerate() {
            let Some(id) = item.cursor_id() else { continue };
            if self.work.cancel.is_cancelled() {
                // What is given up permits nothing more.
                return;
            }
            let denial = denials.entry(id).or_insert_with(|| {
                match self.goes_on(id, &grants.owner, &mut verdict) {
                    Ok(true) => drop(grants.cursors.insert(id.to_owned())),
                    Ok(false) => {}
                    Err(text) => return Some(text.into()),
                }
                None
            });
            if let Some(text) = denial {
                grants.denied_items.entry(position).or_insert_with(|| Arc::clone(text));
            }
        }
    }

    /// Whether the cursor `id` is `owner`'s and what its opening was allowed by is allowed now.
    ///
    /// # Errors
    /// The text of the denial; the cursor is closed by then.
    fn goes_on(
        &self,
        id: &str,
        owner: &CursorOwner,
        mut verdict: impl FnMut(&Ask) -> Result<Residual, String>,
    ) -> Result<bool, String> {
        let backend = &self.target.backend;
        let Some(questions) = backend.cursor(id, owner, self.now) else { return Ok(false) };
        if questions.is_empty() || self.roles && !questions.iter().any(|it| it.action == ROLES) {
            // Nothing is known of what its opening touched: nothing says that it may go on.
            backend.close_cursor(id, owner, self.now);
            return Ok(false);
        }
        for question in questions.iter() {
            let denied = match verdict(&Ask::kept(question)) {
                Err(text) => text,
                Ok(left) if targets::kept_residual(&left) == question.documents => continue,
                // What it showed is not what would be shown now.
                Ok(_) => CHANGED.to_owned(),
            };
            backend.close_cursor(id, owner, self.now);
            return Err(denied);
        }
        Ok(true)
    }
}

/// After a page was denied by its URL, before its body was read for the cursor's id: closes the caller's cursors whose
/// opening is `denied` by its URL now.
pub(super) fn close_denied(
    identity: &IdentifiedCaller,
    target: &DomainTarget,
    now: Timestamp,
    mut denied: impl FnMut(&Ask) -> bool,
) {
    if target.route.api == Api::Scroll {
        let owner = targets::owner(identity, &target.domain);
        let denied =
            |question: &CursorQuestion| question.action != ROLES && denied(&Ask::kept(question));
        target.backend.close_denied_cursors(&owner, denied, now);
    }
}
