//! Open scrolls: each remembers its snapshots and its last hit; the next page starts behind that.

use std::collections::HashMap;

use jiff::Timestamp;

use super::execute::Found;
use super::response::SearchResponse;
use super::{SearchRequest, Target, Total};
use crate::exception::{Exception, ExceptionKind};
use crate::limits::SCROLL_CONTEXTS_MAX;

/// One open scroll.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) targets: Vec<Target>,
    request: SearchRequest,
    principal: String,
    pub(super) last: Option<Found>,
    pub(super) total: Option<Total>,
    pub(super) max_score: Option<f32>,
    expires_milliseconds: i64,
}

impl Context {
    /// The scroll that `response` is the first page of.
    pub(super) fn new(
        targets: &[Target],
        request: &SearchRequest,
        principal: &str,
        last: Option<Found>,
        response: &SearchResponse,
    ) -> Context {
        Context {
            targets: targets.to_vec(),
            request: SearchRequest {
                aggregations: Vec::new(),
                scroll_milliseconds: None,
                ..request.clone()
            },
            principal: principal.to_owned(),
            last,
            total: response.total,
            max_score: response.max_score,
            expires_milliseconds: 0,
        }
    }

    /// The search of the next page.
    pub(super) fn next_page(&self) -> SearchRequest {
        self.request.clone()
    }
}

/// The open scrolls by id.
#[derive(Default)]
pub(super) struct Scrolls {
    open: HashMap<String, Context>,
    opened: u64,
}

fn deadline(now: Timestamp, milliseconds: u64) -> i64 {
    now.as_millisecond().saturating_add(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}

fn missing(id: &str) -> Exception {
    let cause = Exception::new(
        ExceptionKind::SearchContextMissing,
        format!("No search context found for id [{id}]"),
    );
    Exception::search_phase("", cause).with_status(404)
}

impl Scrolls {
    /// Opens a scroll that lives for `milliseconds`; its id.
    pub(super) fn insert(
        &mut self,
        mut context: Context,
        milliseconds: u64,
        now: Timestamp,
    ) -> Result<String, Exception> {
        self.expire(now);
        if self.open.len() >= SCROLL_CONTEXTS_MAX {
            let reason = format!(
                "Trying to create too many scroll contexts. Must be less than or equal to: [{SCROLL_CONTEXTS_MAX}]. \
                 This limit can be set by changing the [search.max_open_scroll_context] setting."
            );
            return Err(Exception::new(ExceptionKind::RejectedExecution, reason));
        }
        context.expires_milliseconds = deadline(now, milliseconds);
        let mut secret = [0u8; 24];
        getrandom::fill(&mut secret).map_err(|error| {
            Exception::new(
                ExceptionKind::IllegalState,
                format!("no randomness for a scroll id: {error}"),
            )
        })?;
        self.opened += 1;
        let mut bytes = self.opened.to_be_bytes().to_vec();
        bytes.extend_from_slice(&secret);
        use base64::Engine as _;
        let id = base64::engine::general_purpose::URL_SAFE.encode(bytes);
        self.open.insert(id.clone(), context);
        Ok(id)
    }

    /// The scroll called `id`, if it is `principal`'s and alive.
    pub(super) fn get(
        &mut self,
        id: &str,
        principal: &str,
        keep_alive_milliseconds: Option<u64>,
        now: Timestamp,
    ) -> Result<Context, Exception> {
        self.expire(now);
        let context = self.open.get_mut(id).filter(|context| context.principal == principal);
        let context = context.ok_or_else(|| missing(id))?;
        if let Some(milliseconds) = keep_alive_milliseconds {
            context.expires_milliseconds = deadline(now, milliseconds);
        }
        Ok(context.clone())
    }

    /// Moves a scroll behind `last`.
    pub(super) fn advance(&mut self, id: &str, last: Option<Found>) {
        if let Some(context) = self.open.get_mut(id) {
            context.last = last;
        }
    }

    /// Closes scrolls of `principal`; how many.
    pub(super) fn clear(&mut self, ids: Option<&[&str]>, principal: &str, now: Timestamp) -> usize {
        self.expire(now);
        let before = self.open.len();
        self.open.retain(|id, context| {
            context.principal != principal || ids.is_some_and(|ids| !ids.contains(&id.as_str()))
        });
        before - self.open.len()
    }

    fn expire(&mut self, now: Timestamp) {
        let now = now.as_millisecond();
        self.open.retain(|_, context| context.expires_milliseconds > now);
    }
}
