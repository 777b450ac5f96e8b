use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use super::*;

fn bounds() -> PoolBounds {
    PoolBounds {
        running: 3,
        running_per_account: 2,
        running_per_principal: 1,
        waiting: 6,
        waiting_per_account: 4,
        waiting_per_principal: 3,
    }
}

fn holder(account: &str, principal: &str) -> WorkOwner {
    WorkOwner { account: account.into(), principal: principal.into() }
}

type Asking = Pin<Box<dyn Future<Output = Result<PoolTurn, WorkNotDone>>>>;

/// A call that asks for its turn, polled once.
fn ask(
    pool: &Pool,
    account: &str,
    principal: &str,
) -> (Asking, Option<Result<PoolTurn, WorkNotDone>>) {
    let (pool, holder) = (pool.clone(), holder(account, principal));
    let mut asking: Asking = Box::pin(async move { pool.queue(holder)?.turn().await });
    let answer = poll(&mut asking);
    (asking, answer)
}

fn poll(asking: &mut Asking) -> Option<Result<PoolTurn, WorkNotDone>> {
    match asking.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

/// A call that runs.
fn runs(pool: &Pool, account: &str, principal: &str) -> PoolTurn {
    ask(pool, account, principal).1.expect("waits").expect("busy")
}

/// A call that waits.
fn waits(pool: &Pool, account: &str, principal: &str) -> Asking {
    let (asking, answer) = ask(pool, account, principal);
    assert!(answer.is_none(), "{account}/{principal} does not wait");
    asking
}

fn busy(pool: &Pool, account: &str, principal: &str) -> Option<WorkNotDone> {
    ask(pool, account, principal).1.and_then(Result::err)
}

#[tokio::test]
async fn brief_work_runs_where_it_is_asked_for_and_any_other_elsewhere() {
    let (pool, who) = (Pool::default(), holder("a", "p"));
    let here = std::thread::current().id();
    let thread = || std::thread::current().id();
    assert_eq!(pool.turn_now(&who).unwrap().run(thread), Ok(here));
    assert_ne!(pool.run(who, thread).await, Ok(here));
}

#[test]
fn brief_work_runs_at_once_or_not_here_and_gives_its_turn_back_when_it_panics() {
    let pool = Pool::new(PoolBounds { running_per_principal: 1, ..bounds() });
    let running = runs(&pool, "a", "p");
    assert!(pool.turn_now(&holder("a", "p")).is_none());
    assert!(pool.turn_now(&holder("a", "q")).is_some());
    drop(running);
    let turn = pool.turn_now(&holder("a", "p")).unwrap();
    assert_eq!(pool.calls(), (1, 0));
    let ended = turn.run(|| panic!("as if by a fault of ours"));
    assert_eq!(ended, Err::<(), _>(WorkNotDone::Panicked));
    assert_eq!(pool.calls(), (0, 0));
}

#[test]
fn brief_work_is_counted_with_all_other_work_of_its_account() {
    let pool = Pool::new(bounds());
    let held = [pool.turn_now(&holder("a", "p")), pool.turn_now(&holder("a", "q"))];
    assert!(held.iter().all(Option::is_some));
    assert!(pool.turn_now(&holder("a", "r")).is_none());
    let _waits = waits(&pool, "a", "r");
    drop(held);
    assert_eq!(pool.calls(), (1, 0));
}

#[tokio::test]
async fn a_panic_ends_one_call_and_not_the_pool() {
    let (pool, who) = (Pool::default(), holder("a", "p"));
    assert_eq!(pool.run(who.clone(), || panic!("bug")).await, Err::<(), _>(WorkNotDone::Panicked));
    assert_eq!(pool.run(who, || 1).await, Ok(1));
    assert_eq!(pool.calls(), (0, 0));
}

#[test]
fn a_full_queue_is_busy_and_says_whose() {
    let pool = Pool::new(bounds());
    let _runs = runs(&pool, "a", "p");
    let _first: Vec<_> = (0..3).map(|_| waits(&pool, "a", "p")).collect();
    assert_eq!(busy(&pool, "a", "p"), Some(WorkNotDone::Busy(QueueOwner::Principal)));
    let _second = (runs(&pool, "a", "q"), waits(&pool, "a", "q"));
    assert_eq!(busy(&pool, "a", "q"), Some(WorkNotDone::Busy(QueueOwner::Account)));
    let _third = runs(&pool, "b", "p");
    let _more: Vec<_> = (0..2).map(|_| waits(&pool, "b", "p")).collect();
    assert_eq!(busy(&pool, "c", "p"), Some(WorkNotDone::Busy(QueueOwner::All)));
}

#[test]
fn one_account_never_runs_more_than_its_share_and_another_runs_at_once() {
    let pool = Pool::new(bounds());
    let _noisy = (runs(&pool, "noisy", "p"), runs(&pool, "noisy", "q"));
    let _queue = waits(&pool, "noisy", "r");
    let _quiet = runs(&pool, "quiet", "p");
}

#[test]
fn one_principal_leaves_room_for_another_of_its_account() {
    let pool = Pool::new(bounds());
    let _noisy = (runs(&pool, "a", "noisy"), waits(&pool, "a", "noisy"));
    let _quiet = runs(&pool, "a", "quiet");
}

#[test]
fn turns_go_round_the_accounts_however_long_their_queues_are() {
    let pool = Pool::new(PoolBounds { running: 1, ..bounds() });
    let running = runs(&pool, "noisy", "p");
    let mut noisy: Vec<_> = (0..3).map(|_| waits(&pool, "noisy", "p")).collect();
    let mut quiet = waits(&pool, "quiet", "p");
    drop(running);
    // The noisy account asked first, so its turn is first; then it is the other's.
    let first = poll(&mut noisy[0]).expect("the first waits").ok();
    assert!(poll(&mut quiet).is_none());
    drop(first);
    let second = poll(&mut quiet).expect("the quiet one waits behind the noisy one's queue").ok();
    assert!(poll(&mut noisy[1]).is_none());
    drop(second);
    assert!(poll(&mut noisy[1]).is_some());
}

#[test]
fn who_leaves_the_queue_leaves_no_place_behind_and_no_memory() {
    let pool = Pool::new(bounds());
    let running = runs(&pool, "a", "p");
    let mut queue: Vec<_> = (0..3).map(|_| waits(&pool, "a", "p")).collect();
    drop(queue.remove(1));
    assert_eq!(pool.calls(), (1, 2));
    queue.push(waits(&pool, "a", "p"));
    drop(queue);
    assert_eq!(pool.calls(), (1, 0));
    drop(running);
    assert!(pool.state().accounts.is_empty() && pool.state().turns.is_empty());
}

#[test]
fn a_turn_that_nobody_takes_goes_to_the_next() {
    let pool = Pool::new(PoolBounds { running: 1, ..bounds() });
    let running = runs(&pool, "a", "p");
    let (gone, mut next) = (waits(&pool, "a", "p"), waits(&pool, "b", "p"));
    drop(running);
    // Its turn was given before it left.
    drop(gone);
    assert!(poll(&mut next).is_some());
    assert_eq!(pool.calls().0, 0, "the turn was given back");
}

#[tokio::test]
async fn work_runs_on_a_thread_of_its_own_when_its_turn_comes() {
    let pool = Pool::new(PoolBounds { running: 1, ..bounds() });
    let running = runs(&pool, "a", "p");
    let who = holder("b", "p");
    let mut second = pin!(pool.run(who, std::thread::current));
    assert!(futures_pending(second.as_mut()));
    drop(running);
    assert_ne!(second.await.unwrap().id(), std::thread::current().id());
}

fn futures_pending<T>(future: Pin<&mut impl Future<Output = T>>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

#[test]
fn a_larger_machine_runs_more_of_each() {
    let (two, eight) = (PoolBounds::of(2), PoolBounds::of(8));
    assert_eq!((two.running_per_account, two.running_per_principal, two.running), (4, 3, 32));
    assert_eq!((eight.running_per_account, eight.running_per_principal), (13, 10));
    assert!(PoolBounds::of(64).running >= 2 * PoolBounds::of(64).running_per_account);
}

/// The first call spins until it sees itself set back; the second must not inherit that.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_call_that_takes_long_gives_way_and_the_next_one_has_the_usual_priority() {
    use super::workers::priority::own;

    let (pool, who, usual) = (Pool::default(), holder("a", "p"), own());
    let long = pool.run(who.clone(), move || {
        while own() == usual {
            std::thread::yield_now();
        }
        own()
    });
    assert!(long.await.expect("panicked") > usual);
    assert_eq!(pool.run(who, own).await, Ok(usual));
}
