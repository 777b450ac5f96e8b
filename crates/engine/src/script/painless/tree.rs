//! A compiled script: the tree that is run. Names are places in a frame, types are casts.

use std::sync::Arc;

use super::lucene_numbers::{Linked, NumberFunction};
use super::types::StaticType;
use super::value::Value;

/// A compiled Painless script. Compiled once, run many times.
#[derive(Debug)]
pub(crate) struct Program {
    /// As it was given.
    pub(crate) source: Arc<str>,
    /// Where its statements begin, in order.
    pub(super) statements: Vec<usize>,
    /// Functions it declares, and the bodies of its lambdas.
    pub(super) functions: Vec<Function>,
    /// The names that its context gives, in the order in which they stand in the frame.
    pub(super) variables: Vec<&'static str>,
    pub(super) body: Function,
}

/// Something with a frame of its own.
#[derive(Debug, Default)]
pub(super) struct Function {
    pub(super) parameters: Vec<StaticType>,
    /// Where what a lambda captured stands.
    pub(super) captures: Vec<usize>,
    /// How many places the frame has.
    pub(super) places: usize,
    pub(super) body: Vec<Step>,
    /// What is returned if nothing is.
    pub(super) default: Option<Value>,
}

/// A statement.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) at: usize,
    pub(super) op: StepOp,
}

#[derive(Debug)]
pub(super) enum StepOp {
    Block(Vec<Step>),
    Set(usize, ScriptNode),
    Run(ScriptNode),
    If(ScriptNode, Vec<Step>, Vec<Step>),
    /// Condition, what follows each round, body.
    Loop(Option<ScriptNode>, Option<ScriptNode>, Vec<Step>),
    Do(Vec<Step>, ScriptNode),
    /// Place of the variable, its type, what is gone through, body.
    Each(usize, StaticType, ScriptNode, Vec<Step>),
    Try(Vec<Step>, Vec<Handler>),
    Return(Option<ScriptNode>),
    Throw(ScriptNode),
    Break,
    Continue,
}

/// A `catch`: the simple name of the class, the place of the variable, the body.
#[derive(Debug)]
pub(super) struct Handler {
    pub(super) class: String,
    pub(super) place: usize,
    pub(super) body: Vec<Step>,
}

/// An expression and where it is in the source.
#[derive(Debug)]
pub(super) struct ScriptNode {
    pub(super) at: usize,
    pub(super) op: Op,
}

#[derive(Debug)]
pub(super) enum Op {
    Constant(Value),
    Local(usize),
    SetLocal(usize, Box<ScriptNode>),
    List(Vec<ScriptNode>),
    Map(Vec<(ScriptNode, ScriptNode)>),
    New(&'static str, Vec<ScriptNode>),
    /// Type of the array, sizes of its levels.
    NewArray(StaticType, Vec<ScriptNode>),
    NewArrayOf(StaticType, Vec<ScriptNode>),
    /// A function of the script.
    CallOwn(usize, Vec<ScriptNode>),
    /// A function that the context has, by name.
    CallContext(&'static str, Vec<ScriptNode>),
    CallStatic(&'static str, String, Vec<ScriptNode>),
    /// Receiver, name, arguments, null-safe.
    Call(Box<ScriptNode>, String, Vec<ScriptNode>, bool),
    Field(Box<ScriptNode>, String, bool),
    SetField(Box<ScriptNode>, String, Box<ScriptNode>),
    Index(Box<ScriptNode>, Box<ScriptNode>),
    SetIndex(Box<ScriptNode>, Box<ScriptNode>, Box<ScriptNode>),
    /// `x.f op= y`, `x.f++`: receiver, what of it, the change; whether the old value is the result.
    Change(Box<ScriptNode>, Box<Member>, Box<Update>),
    ChangeLocal(usize, Box<Update>),
    Not(Box<ScriptNode>),
    Complement(Box<ScriptNode>),
    Negate(Box<ScriptNode>),
    Plus(Box<ScriptNode>),
    Binary(Operator, Box<ScriptNode>, Box<ScriptNode>),
    And(Box<ScriptNode>, Box<ScriptNode>),
    Or(Box<ScriptNode>, Box<ScriptNode>),
    Conditional(Box<ScriptNode>, Box<ScriptNode>, Box<ScriptNode>),
    Elvis(Box<ScriptNode>, Box<ScriptNode>),
    InstanceOf(Box<ScriptNode>, StaticType),
    /// To which type, explicitly.
    Cast(StaticType, bool, Box<ScriptNode>),
    /// Number of the function, places it captures.
    Lambda(usize, Vec<usize>),
    Reference(FunctionValue, Option<usize>),
    /// A function of numbers, of an expression.
    Numbers(NumberFunction, Vec<ScriptNode>),
    /// A number of what is around an expression.
    Linked(Linked),
}

/// What of a receiver is changed.
#[derive(Debug)]
pub(super) enum Member {
    Field(String),
    Index(ScriptNode),
}

/// How something is changed.
#[derive(Debug)]
pub(super) struct Update {
    pub(super) operator: Operator,
    pub(super) by: ScriptNode,
    /// The type of what is changed; the result is cast to it.
    pub(super) ty: StaticType,
    pub(super) gives_old: bool,
}

/// An operator of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    ShiftLeft,
    ShiftRight,
    ShiftUnsigned,
    And,
    Or,
    Xor,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    Same,
    NotSame,
    Find,
    Match,
}

/// A lambda or a method reference as a value.
#[derive(Clone, Debug)]
pub(crate) enum FunctionValue {
    /// Number of the function, what it captured.
    Own(usize, Vec<Value>),
    /// A static method of a class.
    Static(&'static str, Arc<str>),
    /// A method of its first argument; the class is where a static one of that name is looked for first.
    Method(&'static str, Arc<str>),
    /// A constructor.
    New(&'static str),
    /// A new array.
    #[expect(private_interfaces, reason = "only this language makes them")]
    NewArray(StaticType),
    /// A method of a value.
    Bound(Value, Arc<str>),
    /// `Function.identity()`
    Identity,
    /// A function made of others, such as `Predicate.negate`: its name and parts.
    Composed(&'static str, Vec<Value>),
}
