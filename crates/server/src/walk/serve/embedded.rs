//! The engine in this binary: synchronous, so a request is judged and executed on the pool, in its caller's turn, with
//! one hop for both (none where that takes microseconds); called off by a deadline, by the end of the service, or when the client goes away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::Cancel;
use jiff::Timestamp;

use crate::audit::RecordAhead;
use crate::guards::answers::UnreadAnswers;
use crate::guards::limits;
use crate::guards::quotas::HeldQuotas;
use crate::service::backends::{BackgroundWork, Embedded, EmbeddedWork, SecurityWork};
use crate::service::pool::WorkOwner;
use crate::service::state::ServiceState;
use crate::walk::authorize::{DomainPermit, JudgementNotes, PendingJudgement, Permit};
use crate::walk::context::RequestContext;
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;
use crate::walk::serve::{OnLeaving, deadline, moved, noted, security};

/// Judges a proven request when its turn comes, and runs it on the metadata snapshot it was judged on.
pub(super) async fn serve(
    context: &mut RequestContext<'_>,
    call: &Call,
    judging: Box<PendingJudgement>,
) -> Result<Outcome, Refusal> {
    let (cancel, begun) = (Cancel::new(), Arc::new(AtomicBool::new(false)));
    context.entry.serves_once(Arc::clone(&begun));
    let holder = judging.holder().clone();
    // Where it takes microseconds and need not wait, it runs here: nobody can call it off meanwhile.
    let turn = if judging.is_brief() { context.state.pool.turn_now(&holder) } else { None };
    let run = EngineCall {
        answers: context.state.answers.clone(),
        ahead: context.entry.ahead(),
        now: call.received,
        gzip: context.accepts_gzip,
        flag: cancel.clone(),
        judging,
        begun,
    };
    let state = context.state;
    // What waits is apart, so that a brief call does not make room for it.
    let (notes, outcome) = match turn {
        None => Box::pin(wait_for(state, holder.clone(), cancel, || run.run())).await?,
        Some(turn) => match turn.run(|| run.run_at_hand())? {
            (notes, Ok(AtHand::Ran(run))) => (notes, Ok(run)),
            (notes, Err(refusal)) => (notes, Err(refusal)),
            (notes, Ok(AtHand::Waits(call))) => {
                let ran = Box::pin(wait_for(state, holder.clone(), cancel, || call.run())).await;
                (notes, ran)
            }
        },
    };
    noted(context, notes);
    let (outcome, rest) = match outcome? {
        EngineRun::Answered(outcome, rest) => (outcome, rest),
        // Apart, so that a connection to a domain does not make room for it.
        EngineRun::Security(permit) => {
            return Box::pin(security::serve(context, *permit)).await;
        }
    };
    if let Some(rest) = rest {
        go_on(context.state, holder, rest)?;
    }
    Ok(outcome)
}

/// Lets a call run on the pool, until it is done, its client goes away, the service is told to end, or it takes too long.
async fn wait_for<T: Send + 'static>(
    state: &ServiceState,
    holder: WorkOwner,
    cancel: Cancel,
    call: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    // Dropped with this future, that is when hyper sees the client go: judging and the engine look at the flag.
    let _on_leaving = OnLeaving(cancel.clone());
    let running = async {
        let running = state.pool.run(holder, call);
        tokio::pin!(running);
        tokio::select! {
            done = running.as_mut() => return done,
            () = state.shutdown.calls_off() => cancel.cancel(),
        }
        running.await
    };
    match tokio::time::timeout(limits::CALL_TIME, running).await {
        Ok(done) => Ok(done?),
        Err(_elapsed) => Err(deadline()),
    }
}

/// A request that is judged and run in one go.
struct EngineCall {
    judging: Box<PendingJudgement>,
    answers: UnreadAnswers,
    ahead: RecordAhead,
    now: Timestamp,
    gzip: bool,
    flag: Cancel,
    /// Set when the operation begins to run.
    begun: Arc<AtomicBool>,
}

/// What was judged, and what came of it.
type Judged<T> = (JudgementNotes, Result<T, Refusal>);

/// What came of a request that was permitted.
#[expect(
    clippy::large_enum_variant,
    reason = "it is handed on once; a box would be an allocation of every request"
)]
enum EngineRun {
    /// The engine's answer, and what is left to be done.
    Answered(Outcome, Option<BackgroundWork>),
    /// The control plane is to answer.
    Security(Box<Permit<SecurityWork>>),
}

/// What came of a request that is run only if that takes microseconds.
#[expect(
    clippy::large_enum_variant,
    reason = "it is handed on once; a box would be an allocation of every request"
)]
enum AtHand {
    /// It did.
    Ran(EngineRun),
    /// It may take longer: it is judged, and to be run where it may block.
    Waits(Box<PermittedCall>),
}

/// A request that was judged.
enum JudgedCall {
    /// The engine is to answer.
    Permitted(PermittedCall),
    /// The control plane is to answer.
    Security(Box<Permit<SecurityWork>>),
}

/// A request that the engine may run.
struct PermittedCall {
    permit: Box<Permit<EmbeddedWork>>,
    owner: WorkOwner,
    answers: UnreadAnswers,
    now: Timestamp,
    gzip: bool,
    /// What it holds of quotas, until it is done.
    quota: HeldQuotas,
}

impl EngineCall {
    fn run(self) -> Judged<EngineRun> {
        let (notes, judged) = self.judge();
        let ran = judged.map(|judged| match judged {
            JudgedCall::Permitted(call) => call.run(),
            JudgedCall::Security(permit) => EngineRun::Security(permit),
        });
        (notes, ran)
    }

    /// As [`EngineCall::run`], where that takes microseconds.
    fn run_at_hand(self) -> Judged<AtHand> {
        let (notes, judged) = self.judge();
        let ran = judged.map(|judged| match judged {
            JudgedCall::Permitted(call) => call.run_at_hand(),
            JudgedCall::Security(permit) => AtHand::Ran(EngineRun::Security(permit)),
        });
        (notes, ran)
    }

    fn judge(self) -> Judged<JudgedCall> {
        let Self { mut judging, answers, ahead, now, gzip, flag, begun } = self;
        let quota = judging.take_quota();
        let owner = judging.holder().clone();
        if let Err(full) = answers.room(&owner) {
            return (JudgementNotes::default(), Err(Refusal::unread(&full)));
        }
        let (notes, judged) = judging.judge(&flag);
        let call = judged.and_then(|permit| {
            let permit = match permit {
                DomainPermit::Embedded(permit) => permit,
                DomainPermit::Security(permit) => return Ok(JudgedCall::Security(permit)),
                DomainPermit::Upstream(_) => return Err(moved()),
            };
            if permit.work().changes() {
                ahead.write(|record| notes.tell(record))?;
            }
            begun.store(true, Ordering::Relaxed);
            Ok(JudgedCall::Permitted(PermittedCall { permit, owner, answers, now, gzip, quota }))
        });
        (notes, call)
    }
}

impl PermittedCall {
    fn run(self) -> EngineRun {
        let Self { permit, owner, answers, now, gzip, quota: _until_it_is_done } = self;
        let (response, rest) = Embedded::execute(*permit, now);
        let outcome = answered(&owner, &answers, gzip, response);
        EngineRun::Answered(outcome, rest)
    }

    /// As [`PermittedCall::run`], where that takes microseconds.
    fn run_at_hand(self) -> AtHand {
        if self.permit.work().parsed.route.api.is_brief() {
            return AtHand::Ran(self.run());
        }
        match Embedded::answer_at_hand(&self.permit, self.now) {
            Some(response) => {
                let outcome = answered(&self.owner, &self.answers, self.gzip, response);
                AtHand::Ran(EngineRun::Answered(outcome, None))
            }
            None => AtHand::Waits(Box::new(self)),
        }
    }
}

/// What is sent of the engine's answer, counted among those that were not read yet.
fn answered(
    owner: &WorkOwner,
    answers: &UnreadAnswers,
    gzip: bool,
    response: engine::Response,
) -> Outcome {
    let outcome = Outcome::from(response).compressed(gzip);
    let body = answers.counted(owner, outcome.body);
    Outcome { body, ..outcome }
}

/// Lets what is left of a request that was answered with its task be done, in its caller's turn among tasks: until it is done,
/// called off by a request, or the service is told to end.
fn go_on(state: &ServiceState, holder: WorkOwner, rest: BackgroundWork) -> Result<(), Refusal> {
    let place = state.tasks.queue(holder).map_err(Refusal::from)?;
    // The end of the service waits for it.
    let (shutdown, running) = (state.shutdown.clone(), state.shutdown.enter());
    tokio::spawn(async move {
        let _running = running;
        let cancel = rest.cancel();
        let work = place.run(move || rest.run());
        tokio::pin!(work);
        let ended = tokio::select! {
            ended = work.as_mut() => Some(ended),
            // What came of it could be asked for no more.
            () = shutdown.told() => None,
        };
        if ended.is_none() {
            cancel.cancel();
            let _ = work.await;
        }
    });
    Ok(())
}
