//! Runs programs: the memory of a run, and what goes in and out.

use jiff::Timestamp;
use serde_json::Value as Json;

use super::fault::Fault;
use super::runner::Runner;
use super::times;
use super::tree::Program;
use super::types::StaticType;
use super::value::{Heap, HeapObject, MapOrder, Value};
use crate::exception::Exception;
use crate::script::document::ScriptDocument;
use crate::work::{HeldMemory, Work};

/// What a script is given under the name of a variable of its context.
#[derive(Debug)]
pub(crate) enum GivenVariable<'a> {
    /// JSON, its objects in the order in which they are written.
    Json(&'a Json),
    /// A plain value, or one that an earlier run with [`Machine::run_kept`] left.
    Value(Value),
    /// The document's fields, `doc`.
    Document,
    /// `double[]`
    Doubles(&'a [f64]),
}

/// A place where programs run, one after the other. What one run allocates is gone before the next; only the
/// parameters stay.
#[derive(Debug)]
pub(crate) struct Machine {
    heap: Heap,
    params: Option<Value>,
    /// What a run finds among its parameters besides.
    numbers: Vec<(String, Value)>,
    work: Work,
    now: Timestamp,
    held: HeldMemory,
    /// Cells that a compacted heap had: it is compacted again when it has twice as many.
    live: usize,
}

/// What a run gives.
#[derive(Debug)]
pub(crate) struct ScriptOutcome<'a> {
    runner: Runner<'a>,
    /// What the script returned.
    pub(crate) value: Value,
    given: Vec<(&'static str, Value)>,
}

impl Machine {
    /// A machine whose runs take their time and memory from `work`; scripts read `now` as the time of day.
    pub(crate) fn new(work: &Work, now: Timestamp) -> Machine {
        Machine {
            heap: Heap::default(),
            params: None,
            numbers: Vec::new(),
            work: work.clone(),
            now,
            held: work.holds("<script>"),
            live: 0,
        }
    }

    /// Runs a program with `params` (the same in every run of this machine), the variables that it is given, and a
    /// document where the context has one.
    ///
    /// # Errors
    /// `script_exception` "runtime error"; `circuit_breaking_exception` at a limit; `task_cancelled_exception`.
    pub(crate) fn run<'a>(
        &'a mut self,
        program: &'a Program,
        params: &Json,
        given: &[(&'static str, GivenVariable<'_>)],
        document: Option<&'a mut dyn ScriptDocument>,
    ) -> Result<ScriptOutcome<'a>, Exception> {
        if !self.heap.reset() {
            self.params = None;
        }
        self.start(program, params, given, document)
    }

    /// Runs a program once, with numbers among its parameters.
    ///
    /// # Errors
    /// As [`Machine::run`].
    pub(crate) fn run_on_numbers<'a>(
        &'a mut self,
        program: &'a Program,
        params: &Json,
        numbers: &[(String, Value)],
    ) -> Result<ScriptOutcome<'a>, Exception> {
        self.heap = Heap::default();
        self.params = None;
        self.numbers = numbers.to_vec();
        self.start(program, params, &[], None)
    }

    /// As [`Machine::run`], but what earlier runs left in `kept` stays, and is told where it is afterwards.
    ///
    /// # Errors
    /// As [`Machine::run`].
    pub(crate) fn run_kept<'a>(
        &'a mut self,
        program: &'a Program,
        params: &Json,
        given: &[(&'static str, GivenVariable<'_>)],
        document: Option<&'a mut dyn ScriptDocument>,
    ) -> Result<ScriptOutcome<'a>, Exception> {
        self.params = None;
        self.start(program, params, given, document)
    }

    /// Frees what `kept` does not reach, when there may be much of it; `kept` is told its new places.
    ///
    /// # Errors
    /// `circuit_breaking_exception` where what is kept is too large.
    pub(crate) fn tidy(&mut self, kept: &mut [&mut Value]) -> Result<(), Exception> {
        const CELL_BYTES: u64 = 160;
        if self.is_untidy() {
            self.heap = self.heap.compacted(kept);
            self.params = None;
            self.live = self.heap.len();
            self.held.set(self.live as u64 * CELL_BYTES)?;
        }
        Ok(())
    }

    /// Whether there may be much that nothing reaches.
    pub(crate) fn is_untidy(&self) -> bool {
        const CELLS_MIN: usize = 4096;
        self.heap.len() > CELLS_MIN.max(self.live * 2)
    }

    /// An empty map, as `state` of `scripted_metric` begins.
    pub(crate) fn empty_map(&mut self) -> Value {
        let map = super::value::JavaMap::new("HashMap", MapOrder::Hash);
        self.heap.put(HeapObject::Map(map))
    }

    fn start<'a>(
        &'a mut self,
        program: &'a Program,
        params: &Json,
        given: &[(&'static str, GivenVariable<'_>)],
        document: Option<&'a mut dyn ScriptDocument>,
    ) -> Result<ScriptOutcome<'a>, Exception> {
        let Machine { heap, params: kept, numbers, work, now, held, .. } = self;
        let (work, now): (&'a Work, Timestamp) = (work, *now);
        held.set(heap.len() as u64 * 160)?;
        let mut runner =
            Runner { program, heap, work, document, now, steps: 0, bytes: 0, levels: 0 };
        let told = |fault: Fault| thrown(program, fault);
        let params = match kept {
            Some(params) => params.clone(),
            None => {
                let read = runner.read_json(params, MapOrder::Hash).map_err(told)?;
                let read = if read.is_null() {
                    let empty = Json::Object(serde_json::Map::new());
                    runner.read_json(&empty, MapOrder::Hash).map_err(told)?
                } else {
                    read
                };
                for (name, number) in numbers.iter() {
                    let named = Value::text(name);
                    runner.set_index(&read, &named, number.clone()).map_err(told)?;
                }
                runner.heap.keep();
                *kept = Some(read.clone());
                read
            }
        };
        if program.source.contains("_source") && runner.document.is_some() {
            runner.add_source(&params).map_err(told)?;
        }
        let mut values = Vec::new();
        for name in &program.variables {
            let own = given.iter().find(|(known, _)| known == name);
            values.push(match own {
                _ if *name == "params" => params.clone(),
                Some((_, GivenVariable::Json(json))) => {
                    runner.read_json(json, MapOrder::Linked).map_err(told)?
                }
                Some((_, GivenVariable::Value(value))) => value.clone(),
                Some((_, GivenVariable::Document)) => {
                    runner.put(HeapObject::AllDocs).map_err(told)?
                }
                Some((_, GivenVariable::Doubles(numbers))) => {
                    let numbers = numbers.iter().copied().map(Value::Double).collect();
                    runner.put(HeapObject::Array(StaticType::DOUBLE, numbers)).map_err(told)?
                }
                None => Value::Null,
            });
        }
        let names = program.variables.iter().copied();
        let told_given = names.zip(values.iter().cloned()).collect();
        let value = runner.main(values).map_err(told)?;
        Ok(ScriptOutcome { runner, value, given: told_given })
    }
}

impl Runner<'_> {
    /// Puts the document's `_source` among the parameters, where scripts look for it.
    fn add_source(&mut self, params: &Value) -> Result<(), Fault> {
        let Some(document) = self.document.as_deref_mut() else { return Ok(()) };
        let source = document.source()?;
        let source = self.read_json(&source, MapOrder::Hash)?;
        self.set_index(params, &Value::text("_source"), source)
    }
}

impl ScriptOutcome<'_> {
    /// How many steps it took.
    pub(crate) fn steps(&self) -> u64 {
        self.runner.steps
    }

    /// What the script returned, as JSON.
    ///
    /// # Errors
    /// `illegal_argument_exception` of a value that JSON has not.
    pub(crate) fn json(&mut self) -> Result<Json, Exception> {
        let value = self.value.clone();
        self.json_of(&value)
    }

    /// What a variable of the context is after the run, as JSON.
    ///
    /// # Errors
    /// As [`ScriptOutcome::json`].
    pub(crate) fn variable(&mut self, name: &str) -> Result<Json, Exception> {
        let value = self.given.iter().find(|(known, _)| *known == name);
        let value = value.map_or(Value::Null, |(_, value)| value.clone());
        self.json_of(&value)
    }

    /// Any value of this run as JSON.
    ///
    /// # Errors
    /// As [`ScriptOutcome::json`].
    pub(crate) fn json_of(&mut self, value: &Value) -> Result<Json, Exception> {
        self.runner.print_json(value, 0).map_err(|fault| match fault {
            Fault::Thrown(thrown) => {
                super::fault::java_exception(&thrown.class, thrown.message.as_deref())
            }
            Fault::Ended(exception) => exception,
        })
    }

    /// Whether the script returned a list, a set or a field's values.
    pub(crate) fn is_collection(&self) -> bool {
        let cell = self.value.place().and_then(|place| self.runner.heap.get(place));
        matches!(
            cell,
            Some(
                HeapObject::List(..)
                    | HeapObject::Set(_)
                    | HeapObject::View(..)
                    | HeapObject::Doc(..)
            )
        )
    }

    /// What the script returned, as text.
    ///
    /// # Errors
    /// At a limit.
    pub(crate) fn text(&mut self) -> Result<String, Exception> {
        let value = self.value.clone();
        self.printed(&value)
    }

    fn printed(&mut self, value: &Value) -> Result<String, Exception> {
        let program = self.runner.program;
        self.runner.print(value).map(|text| text.to_string()).map_err(|it| thrown(program, it))
    }

    /// What the script returned, as a number; `None` where it is none.
    pub(crate) fn number(&self) -> Option<f64> {
        self.value.as_double()
    }

    /// Whether the script returned true.
    pub(crate) fn truth(&self) -> bool {
        matches!(self.value, Value::Bool(true))
    }

    /// The numbers that the script returned, of booleans 0 and 1, of times their milliseconds; `refuse` is told anything else.
    ///
    /// # Errors
    /// At a limit; what `refuse` makes.
    pub(crate) fn numbers(
        &mut self,
        refuse: impl Fn(&str) -> Exception,
    ) -> Result<Vec<f64>, Exception> {
        let mut numbers = Vec::new();
        for value in self.items()? {
            numbers.push(match &value {
                Value::Bool(flag) => f64::from(u8::from(*flag)),
                value => match value.as_double().or_else(|| milliseconds(value)) {
                    Some(number) => number,
                    None => return Err(refuse(&self.printed(value)?)),
                },
            });
        }
        Ok(numbers)
    }

    /// The texts that the script returned.
    ///
    /// # Errors
    /// At a limit.
    pub(crate) fn texts(&mut self) -> Result<Vec<String>, Exception> {
        self.items()?.iter().map(|value| self.printed(value)).collect()
    }

    /// The elements of a list that the script returned, or what it returned alone; nothing of `null`.
    fn items(&mut self) -> Result<Vec<Value>, Exception> {
        let value = self.value.clone();
        let cell = value.place().and_then(|place| self.runner.heap.get(place));
        if value.is_null() {
            return Ok(Vec::new());
        }
        if !self.is_collection() && !matches!(cell, Some(HeapObject::Array(..))) {
            return Ok(vec![value]);
        }
        let program = self.runner.program;
        self.runner.items(&value).map_err(|it| thrown(program, it))
    }
}

/// A time in milliseconds.
fn milliseconds(value: &Value) -> Option<f64> {
    value.as_thing().and_then(times::instant).map(|milliseconds| milliseconds as f64)
}

fn thrown(program: &Program, fault: Fault) -> Exception {
    match fault {
        Fault::Thrown(thrown) => thrown.exception(&program.source, &program.statements),
        Fault::Ended(exception) => exception,
    }
}
