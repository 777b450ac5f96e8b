//! Runs a [`Program`]: a walk over its tree.

use std::sync::Arc;

use super::fault::Fault;
use super::lucene;
use super::lucene_numbers::Linked;
use super::runner::{Run, Runner};
use super::tree::{
    Function, FunctionValue, Handler, Member, Op, Operator, ScriptNode, Step, StepOp, Update,
};
use super::types::StaticType;
use super::value::{HeapObject, ImmutableObject, JavaMap, MapOrder, Value};
use super::{exceptions, operators};

/// Rounds that the loops of one call of a function may make together. (Elasticsearch: the same.)
const ROUNDS_MAX: u32 = 1_000_000;

/// What a statement leads to.
pub(super) enum Flow {
    Next,
    Break,
    Continue,
    Return(Value),
}

/// The frame of one call.
pub(super) struct Frame {
    places: Vec<Value>,
    rounds: u32,
}

impl<'a> Runner<'a> {
    /// Runs the program with the values of its context's variables.
    pub(super) fn main(&mut self, given: Vec<Value>) -> Run<Value> {
        let program = self.program;
        self.call(&program.body, given, &[])
    }

    /// Calls a function of the script.
    pub(super) fn call(
        &mut self,
        function: &'a Function,
        arguments: Vec<Value>,
        captured: &[Value],
    ) -> Run<Value> {
        let mut places = arguments;
        places.truncate(function.parameters.len());
        places.resize(function.places.max(function.parameters.len()), Value::Null);
        for (place, value) in function.captures.iter().zip(captured) {
            if let Some(slot) = places.get_mut(*place) {
                *slot = value.clone();
            }
        }
        for (place, ty) in function.parameters.iter().enumerate() {
            if ty.is_primitive()
                && let Some(slot) = places.get_mut(place)
            {
                *slot = operators::converted(slot.clone(), *ty, false)?;
            }
        }
        self.charge(1 + places.len() as u64 / 8)?;
        let mut frame = Frame { places, rounds: 0 };
        match self.steps(&function.body, &mut frame)? {
            Flow::Return(value) => Ok(value),
            _ => Ok(function.default.clone().unwrap_or(Value::Null)),
        }
    }

    // Statements.

    pub(super) fn steps(&mut self, steps: &'a [Step], frame: &mut Frame) -> Run<Flow> {
        for step in steps {
            self.charge(1)?;
            self.deeper()?;
            let flow = self.step(step, frame);
            self.levels -= 1;
            match flow? {
                Flow::Next => {}
                other => return Ok(other),
            }
        }
        Ok(Flow::Next)
    }

    fn step(&mut self, step: &'a Step, frame: &mut Frame) -> Run<Flow> {
        match &step.op {
            StepOp::Run(node) => {
                self.eval(node, frame)?;
            }
            StepOp::Set(place, node) => {
                let value = self.eval(node, frame)?;
                frame.set(*place, value);
            }
            StepOp::Return(None) => return Ok(Flow::Return(Value::Null)),
            StepOp::Return(Some(node)) => return self.eval(node, frame).map(Flow::Return),
            StepOp::Block(steps) => return self.steps(steps, frame),
            StepOp::If(condition, then, otherwise) => {
                let body = if self.truth(condition, frame)? { then } else { otherwise };
                return self.steps(body, frame);
            }
            StepOp::Loop(condition, after, body) => {
                return self.run_loop(step.at, condition.as_ref(), after.as_ref(), body, frame);
            }
            StepOp::Do(body, condition) => return self.run_do(step.at, body, condition, frame),
            StepOp::Each(place, ty, over, body) => {
                return self.each(step.at, (*place, *ty), over, body, frame);
            }
            StepOp::Try(body, handlers) => return self.run_try(body, handlers, frame),
            StepOp::Throw(node) => {
                let value = self.eval(node, frame)?;
                return Err(exceptions::throw(&value).at(node.at));
            }
            StepOp::Break => return Ok(Flow::Break),
            StepOp::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn round(&mut self, at: usize, frame: &mut Frame) -> Run<()> {
        frame.rounds += 1;
        if frame.rounds > ROUNDS_MAX {
            let reason =
                "The maximum number of statements that can be executed in a loop has been reached.";
            return Err(exceptions::ended(
                &self.program.source,
                &self.program.statements,
                at,
                reason,
            ));
        }
        self.charge(1)
    }

    fn run_loop(
        &mut self,
        at: usize,
        condition: Option<&'a ScriptNode>,
        after: Option<&'a ScriptNode>,
        body: &'a [Step],
        frame: &mut Frame,
    ) -> Run<Flow> {
        loop {
            if let Some(condition) = condition
                && !self.truth(condition, frame)?
            {
                return Ok(Flow::Next);
            }
            self.round(at, frame)?;
            match self.steps(body, frame)? {
                Flow::Break => return Ok(Flow::Next),
                Flow::Return(value) => return Ok(Flow::Return(value)),
                Flow::Next | Flow::Continue => {}
            }
            if let Some(after) = after {
                self.eval(after, frame)?;
            }
        }
    }

    fn run_do(
        &mut self,
        at: usize,
        body: &'a [Step],
        condition: &'a ScriptNode,
        frame: &mut Frame,
    ) -> Run<Flow> {
        loop {
            self.round(at, frame)?;
            match self.steps(body, frame)? {
                Flow::Break => return Ok(Flow::Next),
                Flow::Return(value) => return Ok(Flow::Return(value)),
                Flow::Next | Flow::Continue => {}
            }
            if !self.truth(condition, frame)? {
                return Ok(Flow::Next);
            }
        }
    }

    fn each(
        &mut self,
        at: usize,
        (place, ty): (usize, StaticType),
        over: &'a ScriptNode,
        body: &'a [Step],
        frame: &mut Frame,
    ) -> Run<Flow> {
        let over = self.eval(over, frame)?;
        let items = self.items(&over).map_err(|fault| fault.at(at))?;
        self.grow(items.len() * size_of::<Value>())?;
        for item in items {
            self.round(at, frame)?;
            let item = operators::converted(item, ty, false).map_err(|fault| fault.at(at))?;
            frame.set(place, item);
            match self.steps(body, frame)? {
                Flow::Break => break,
                Flow::Return(value) => return Ok(Flow::Return(value)),
                Flow::Next | Flow::Continue => {}
            }
        }
        Ok(Flow::Next)
    }

    fn run_try(
        &mut self,
        body: &'a [Step],
        handlers: &'a [Handler],
        frame: &mut Frame,
    ) -> Run<Flow> {
        let levels = self.levels;
        let thrown = match self.steps(body, frame) {
            Err(Fault::Thrown(thrown)) => thrown,
            other => return other,
        };
        self.levels = levels;
        let handler = handlers.iter().find(|it| exceptions::is_a(&thrown.class, &it.class));
        let Some(handler) = handler else { return Err(Fault::Thrown(thrown)) };
        let caught = ImmutableObject::Exception(
            thrown.class.as_str().into(),
            thrown.message.as_deref().map(Arc::from),
        );
        frame.set(handler.place, Value::thing(caught));
        self.steps(&handler.body, frame)
    }

    // Expressions.

    fn truth(&mut self, node: &'a ScriptNode, frame: &mut Frame) -> Run<bool> {
        match self.eval(node, frame)? {
            Value::Bool(flag) => Ok(flag),
            other => Err(operators::no_boolean(self, &other).at(node.at)),
        }
    }

    /// The value of an expression.
    pub(super) fn eval(&mut self, node: &'a ScriptNode, frame: &mut Frame) -> Run<Value> {
        self.charge(1)?;
        self.deeper()?;
        let value = self.op(node, frame);
        self.levels -= 1;
        value.map_err(|fault| fault.at(node.at))
    }

    fn op(&mut self, node: &'a ScriptNode, frame: &mut Frame) -> Run<Value> {
        match &node.op {
            Op::Constant(value) => Ok(value.clone()),
            Op::Local(place) => Ok(frame.get(*place)),
            Op::SetLocal(place, value) => {
                let value = self.eval(value, frame)?;
                frame.set(*place, value.clone());
                Ok(value)
            }
            Op::Binary(operator, left, right) => {
                let left = self.eval(left, frame)?;
                let right = self.eval(right, frame)?;
                operators::binary(self, *operator, &left, &right)
            }
            Op::And(left, right) => {
                let both = self.truth(left, frame)? && self.truth(right, frame)?;
                Ok(Value::Bool(both))
            }
            Op::Or(left, right) => {
                let either = self.truth(left, frame)? || self.truth(right, frame)?;
                Ok(Value::Bool(either))
            }
            Op::Not(inner) => Ok(Value::Bool(!self.truth(inner, frame)?)),
            Op::Conditional(condition, then, otherwise) => {
                let way = if self.truth(condition, frame)? { then } else { otherwise };
                self.eval(way, frame)
            }
            Op::Elvis(left, right) => match self.eval(left, frame)? {
                Value::Null => self.eval(right, frame),
                value => Ok(value),
            },
            Op::Cast(ty, explicit, inner) => {
                let value = self.eval(inner, frame)?;
                operators::cast(self, value, *ty, *explicit)
            }
            Op::Field(on, name, safe) => {
                let on = self.eval(on, frame)?;
                if *safe && on.is_null() {
                    return Ok(Value::Null);
                }
                self.field(&on, name)
            }
            Op::Index(on, index) => {
                let on = self.eval(on, frame)?;
                let index = self.eval(index, frame)?;
                self.index(&on, &index)
            }
            _ => self.rarer_op(node, frame),
        }
    }

    #[inline(never)]
    fn rarer_op(&mut self, node: &'a ScriptNode, frame: &mut Frame) -> Run<Value> {
        match &node.op {
            Op::Call(on, name, arguments, safe) => {
                let on = self.eval(on, frame)?;
                if *safe && on.is_null() {
                    return Ok(Value::Null);
                }
                let arguments = self.all(arguments, frame)?;
                self.method(&on, name, arguments)
            }
            Op::CallStatic(class, name, arguments) => {
                let arguments = self.all(arguments, frame)?;
                self.call_static(class, name, arguments)
            }
            Op::CallOwn(number, arguments) => {
                let arguments = self.all(arguments, frame)?;
                let program = self.program;
                let Some(function) = program.functions.get(*number) else {
                    return Ok(Value::Null);
                };
                self.call(function, arguments, &[])
            }
            Op::CallContext(name, arguments) => {
                let arguments = self.all(arguments, frame)?;
                self.context_function(name, &arguments)
            }
            Op::New(class, arguments) => {
                let arguments = self.all(arguments, frame)?;
                self.new_object(class, arguments)
            }
            Op::List(items) => {
                let items = self.all(items, frame)?;
                self.list(items)
            }
            Op::Map(entries) => self.map_literal(entries, frame),
            Op::NewArray(ty, sizes) => {
                let sizes = self.all(sizes, frame)?;
                self.new_array(*ty, &sizes)
            }
            Op::NewArrayOf(ty, items) => {
                let items = self.all(items, frame)?;
                self.put(HeapObject::Array(ty.element(), items))
            }
            Op::InstanceOf(inner, ty) => {
                let value = self.eval(inner, frame)?;
                Ok(Value::Bool(self.instance_of(&value, *ty)))
            }
            Op::Lambda(number, captured) => {
                let captured = captured.iter().map(|place| frame.get(*place)).collect();
                Ok(Value::thing(ImmutableObject::Function(FunctionValue::Own(*number, captured))))
            }
            Op::Reference(value, place) => {
                let value = match (value, place) {
                    (FunctionValue::Bound(_, name), Some(place)) => {
                        FunctionValue::Bound(frame.get(*place), Arc::clone(name))
                    }
                    _ => value.clone(),
                };
                Ok(Value::thing(ImmutableObject::Function(value)))
            }
            _ => self.changing_op(node, frame),
        }
    }

    #[inline(never)]
    fn changing_op(&mut self, node: &'a ScriptNode, frame: &mut Frame) -> Run<Value> {
        match &node.op {
            Op::SetField(on, name, value) => {
                let on = self.eval(on, frame)?;
                let value = self.eval(value, frame)?;
                self.set_field(&on, name, value.clone())?;
                Ok(value)
            }
            Op::SetIndex(on, index, value) => {
                let on = self.eval(on, frame)?;
                let index = self.eval(index, frame)?;
                let value = self.eval(value, frame)?;
                self.set_index(&on, &index, value.clone())?;
                Ok(value)
            }
            Op::Change(on, member, update) => self.change(on, member, update, frame),
            Op::ChangeLocal(place, update) => {
                let by = self.eval(&update.by, frame)?;
                let old = frame.get(*place);
                let new = self.updated(&old, &by, update)?;
                frame.set(*place, new.clone());
                Ok(if update.gives_old { old } else { new })
            }
            Op::Complement(inner) => {
                let value = self.eval(inner, frame)?;
                operators::complement(self, &value)
            }
            Op::Negate(inner) => {
                let value = self.eval(inner, frame)?;
                operators::negate(self, &value)
            }
            Op::Plus(inner) => {
                let value = self.eval(inner, frame)?;
                operators::plus(self, &value)
            }
            _ => self.number_op(node, frame),
        }
    }

    /// What only expressions have.
    #[inline(never)]
    fn number_op(&mut self, node: &'a ScriptNode, frame: &mut Frame) -> Run<Value> {
        let source = &self.program.source;
        match &node.op {
            Op::Numbers(function, operands) => {
                let mut numbers = Vec::with_capacity(operands.len());
                for operand in operands {
                    let value = self.eval(operand, frame)?;
                    numbers.push(lucene::number(&value).ok_or_else(lucene::no_number)?);
                }
                Ok(Value::Double(function(&numbers)))
            }
            Op::Linked(Linked::Field(field, part, written)) => {
                let Some(document) = self.document.as_deref_mut() else {
                    return Ok(Value::Double(0.0));
                };
                let number = lucene::of_field(document, source, (field, *part, written))?;
                self.charge(1)?;
                Ok(Value::Double(number))
            }
            Op::Linked(Linked::Parameter(place, name)) => {
                let params = frame.get(*place);
                let value = self.index(&params, &Value::text(name))?;
                let missing = || lucene::no_parameter(source, name, !value.is_null());
                Ok(Value::Double(value.as_double().ok_or_else(missing)?))
            }
            _ => Ok(Value::Null),
        }
    }

    fn change(
        &mut self,
        on: &'a ScriptNode,
        member: &'a Member,
        update: &'a Update,
        frame: &mut Frame,
    ) -> Run<Value> {
        let on = self.eval(on, frame)?;
        let (old, index) = match member {
            Member::Field(name) => (self.field(&on, name)?, Value::Null),
            Member::Index(index) => {
                let index = self.eval(index, frame)?;
                (self.index(&on, &index)?, index)
            }
        };
        let by = self.eval(&update.by, frame)?;
        let new = self.updated(&old, &by, update)?;
        match member {
            Member::Field(name) => self.set_field(&on, name, new.clone())?,
            Member::Index(_) => self.set_index(&on, &index, new.clone())?,
        }
        Ok(if update.gives_old { old } else { new })
    }

    /// What an assignment such as `+=` leaves: of the type that was there before.
    fn updated(&mut self, old: &Value, by: &Value, update: &Update) -> Run<Value> {
        let new = operators::binary(self, update.operator, old, by)?;
        let kept = if update.ty.is_def() { operators::type_of(old) } else { Some(update.ty) };
        let whole = !matches!(update.operator, Operator::Add) || new.rank() > 0;
        match kept {
            Some(ty) if ty.unboxed().is_primitive() && whole && new.rank() > 0 => {
                operators::converted(new, ty.unboxed(), true)
            }
            _ => Ok(new),
        }
    }

    fn all(&mut self, nodes: &'a [ScriptNode], frame: &mut Frame) -> Run<Vec<Value>> {
        nodes.iter().map(|node| self.eval(node, frame)).collect()
    }

    fn map_literal(
        &mut self,
        entries: &'a [(ScriptNode, ScriptNode)],
        frame: &mut Frame,
    ) -> Run<Value> {
        let mut map = JavaMap::new("HashMap", MapOrder::Hash);
        for (key, value) in entries {
            let named = self.eval(key, frame)?;
            let value = self.eval(value, frame)?;
            let key = self.key(&named)?;
            map.put(key, named, value);
        }
        self.put(HeapObject::Map(map))
    }

    fn new_array(&mut self, ty: StaticType, sizes: &[Value]) -> Run<Value> {
        let Some((first, rest)) = sizes.split_first() else { return Ok(Value::Null) };
        let count = first.as_int().unwrap_or(0);
        let Ok(count) = usize::try_from(count) else {
            return Err(Fault::thrown("NegativeArraySizeException", count.to_string()));
        };
        self.grow(count.saturating_mul(size_of::<Value>()))?;
        let element = ty.element();
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(if rest.is_empty() {
                element.default_value()
            } else {
                self.new_array(element, rest)?
            });
        }
        self.put(HeapObject::Array(element, items))
    }
}

impl Frame {
    fn get(&self, place: usize) -> Value {
        self.places.get(place).cloned().unwrap_or(Value::Null)
    }

    fn set(&mut self, place: usize, value: Value) {
        if let Some(slot) = self.places.get_mut(place) {
            *slot = value;
        }
    }
}
