//! The allow path allocates nothing, whatever the number of statements.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use policy_benches::Question;

struct Counting;

static COUNT: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    for statements in [1, 10, 10_000] {
        let question = Question::new(statements);
        let before = COUNT.load(Ordering::Relaxed);
        let allowed = question.ask();
        let allocated = COUNT.load(Ordering::Relaxed) - before;
        println!("{statements} statements: allowed {allowed}, {allocated} allocations");
        assert!(allowed && allocated == 0);
    }
}
