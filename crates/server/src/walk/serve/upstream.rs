//! A cluster elsewhere: a request is judged on the pool, in its caller's turn, on what the cluster told of its indices; what
//! is permitted is sent from here, and the answer streams. Called off by a deadline, by the end of the service, or when the
//! client goes away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::Cancel;
use engine::exception::Exception;

use crate::clusters::ForwardedHead;
use crate::guards::limits;
use crate::service::upstream::Upstream;
use crate::traces::TraceParent;
use crate::walk::authorize::{DomainPermit, JudgementNotes, PendingJudgement};
use crate::walk::context::{RequestContext, TRACEPARENT};
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;
use crate::walk::serve::{OnLeaving, deadline, moved, noted};

/// Judges a proven request on the cluster's metadata, and has the cluster do what is permitted.
pub(super) async fn serve(
    context: &mut RequestContext<'_>,
    call: &Call,
    judging: Box<PendingJudgement>,
    cluster: Arc<Upstream>,
) -> Result<Outcome, Refusal> {
    let shutdown = &context.state.shutdown.clone();
    let serving = async {
        tokio::select! {
            done = served(context, call, judging, &cluster) => Some(done),
            () = shutdown.calls_off() => None,
        }
    };
    match tokio::time::timeout(limits::CALL_TIME, serving).await {
        Ok(Some(done)) => done,
        Ok(None) | Err(_) => Err(deadline()),
    }
}

async fn served(
    context: &mut RequestContext<'_>,
    call: &Call,
    mut judging: Box<PendingJudgement>,
    cluster: &Arc<Upstream>,
) -> Result<Outcome, Refusal> {
    let now = call.received;
    let flavor = cluster.flavor();
    let refused = |exception: Exception| Refusal::of_engine(&exception, flavor);
    // The caller is proven and the URL is allowed: a cluster that cannot be judged on is told of.
    match judging.needs_metadata() {
        true => drop(cluster.metadata(now).await.map_err(refused)?),
        false => cluster.check(now).await.map_err(refused)?,
    }
    let cancel = Cancel::new();
    let _on_leaving = OnLeaving(cancel.clone());
    let begun = Arc::new(AtomicBool::new(false));
    context.entry.serves_once(Arc::clone(&begun));
    let brief = judging.is_brief_elsewhere(cluster);
    let caller = cluster.names_callers().then(|| (judging.caller_arn(), call.client_address));
    let (holder, flag) = (judging.holder().clone(), cancel.clone());
    let (answers, owner) = (context.state.answers.clone(), holder.clone());
    let (unread, reader) = (answers.clone(), holder.clone());
    let ahead = context.entry.ahead();
    // Until the cluster has answered, or the client has left.
    let _quota = judging.take_quota();
    let work = move || {
        if let Err(full) = answers.room(&owner) {
            return (JudgementNotes::default(), Err(Refusal::unread(&full)));
        }
        let (notes, judged) = judging.judge(&flag);
        let permitted = judged.and_then(|permit| {
            let DomainPermit::Upstream(permit) = permit else { return Err(moved()) };
            if permit.work().changes() {
                ahead.write(|record| notes.tell(record))?;
            }
            begun.store(true, Ordering::Relaxed);
            Ok(permit)
        });
        (notes, permitted)
    };
    // Another thread would take longer to wake than such a request to judge (decision 0143).
    let turn = if brief { context.state.pool.turn_now(&holder) } else { None };
    let judged = match turn {
        Some(turn) => turn.run(work),
        None => context.state.pool.run(holder, work).await,
    };
    let (notes, permitted) = judged.map_err(Refusal::from)?;
    noted(context, notes);
    let permit = permitted?;
    let head = ForwardedHead { caller, ..forwarded(context, call) };
    let answered = Upstream::execute(permit, &head, now).await;
    if let Some(trace) = context.entry.trace() {
        let answer = answered.as_ref().ok();
        trace.called(
            answer.and_then(|answer| answer.node.clone()),
            answer.map(|answer| answer.status),
        );
    }
    let answer = answered.map_err(refused)?;
    let mut outcome = Outcome::from(answer);
    // What streams holds next to nothing; what was put together here is held until it is read.
    outcome.body = unread.counted(&reader, outcome.body);
    if call.method != "HEAD" {
        // What is sent says how long it is; hyper counts it.
        outcome.headers.retain(|(name, _)| *name != "content-length");
    }
    Ok(outcome)
}

/// What goes on of the client's head.
fn forwarded(context: &mut RequestContext<'_>, call: &Call) -> ForwardedHead {
    // The cluster is told of which trace its request is, also where only the caller keeps one.
    let traceparent = match context.entry.trace() {
        Some(trace) => Some(trace.calls()),
        None => call.header(TRACEPARENT).and_then(TraceParent::read),
    };
    ForwardedHead {
        accept: call.header("accept").map(str::to_owned),
        opaque_id: call.header("x-opaque-id").map(str::to_owned),
        traceparent,
        accepts_gzip: context.accepts_gzip,
        caller: None,
    }
}
