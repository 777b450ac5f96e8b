//! One run of a program: its memory, and what counts its steps, bytes and levels.

use jiff::Timestamp;

use super::exceptions;
use super::fault::Fault;
use super::tree::Program;
use super::value::{Heap, HeapObject, Value};
use crate::exception::{Exception, ExceptionKind};
use crate::script::document::ScriptDocument;
use crate::work::Work;

pub(super) type Run<T> = Result<T, Fault>;

/// Steps of one run: a script that calls itself in loops ends too.
pub(super) const STEPS_MAX: u64 = 50_000_000;

/// Bytes that one run may allocate in all.
pub(super) const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Levels of expressions, statements and calls inside each other: what bounds the stack.
const LEVELS_MAX: usize = 330;

/// What a native method gives: nothing if it is not built.
pub(super) type Native = Run<Option<Value>>;

/// One run of a program.
#[derive(Debug)]
pub(super) struct Runner<'a> {
    pub(super) program: &'a Program,
    pub(super) heap: &'a mut Heap,
    pub(super) work: &'a Work,
    pub(super) document: Option<&'a mut dyn ScriptDocument>,
    pub(super) now: Timestamp,
    pub(super) steps: u64,
    pub(super) bytes: u64,
    pub(super) levels: usize,
}

impl Runner<'_> {
    /// Counts work that is done.
    pub(super) fn charge(&mut self, steps: u64) -> Run<()> {
        self.steps += steps;
        if self.steps > STEPS_MAX {
            return Err(Fault::Ended(Exception::new(
                ExceptionKind::CircuitBreaking,
                format!("[script] a run of the script takes more than [{STEPS_MAX}] steps"),
            )));
        }
        self.work.check()?;
        Ok(())
    }

    /// Counts memory that a value takes.
    pub(super) fn grow(&mut self, bytes: usize) -> Run<()> {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.bytes > BYTES_MAX {
            return Err(Fault::Ended(Exception::new(
                ExceptionKind::CircuitBreaking,
                format!(
                    "[script] Data too large, data for [<script>] would be [{}], which is larger than the limit of [{BYTES_MAX}]",
                    self.bytes
                ),
            )));
        }
        self.charge(1 + bytes as u64 / 64)
    }

    /// Puts something new into the heap.
    pub(super) fn put(&mut self, cell: HeapObject) -> Run<Value> {
        let items = match &cell {
            HeapObject::List(_, items)
            | HeapObject::Array(_, items)
            | HeapObject::Stream(_, items) => items.len(),
            HeapObject::Map(map) | HeapObject::Set(map) => map.len() * 4,
            _ => 0,
        };
        self.grow(64 + items * size_of::<Value>())?;
        Ok(self.heap.put(cell))
    }

    /// A list.
    pub(super) fn list(&mut self, items: Vec<Value>) -> Run<Value> {
        self.put(HeapObject::List("ArrayList", items))
    }

    /// A new string.
    pub(super) fn text(&mut self, text: impl AsRef<str>) -> Run<Value> {
        let text = text.as_ref();
        self.grow(text.len())?;
        Ok(Value::text(text))
    }

    /// One level deeper; whoever says this comes up again by `levels`.
    pub(super) fn deeper(&mut self) -> Run<()> {
        self.levels += 1;
        if self.levels > LEVELS_MAX {
            return Err(exceptions::overflow(&self.program.source));
        }
        Ok(())
    }
}
