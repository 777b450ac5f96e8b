//! A script as it is written: the tree that the parser makes and the compiler reads.

use super::types::StaticType;

/// A whole script.
#[derive(Debug)]
pub(super) struct ScriptSyntax {
    pub(super) functions: Vec<FunctionSyntax>,
    pub(super) body: Vec<Statement>,
}

/// A function that the script declares.
#[derive(Debug)]
pub(super) struct FunctionSyntax {
    pub(super) at: usize,
    pub(super) name: String,
    pub(super) returns: StaticType,
    pub(super) parameters: Vec<(StaticType, String)>,
    pub(super) body: Vec<Statement>,
}

/// A statement and where it begins.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) at: usize,
    pub(super) kind: StatementKind,
}

#[derive(Debug)]
pub(super) enum StatementKind {
    Declare(StaticType, Vec<(usize, String, Option<Expr>)>),
    Expression(Expr),
    If(Expr, Vec<Statement>, Option<Vec<Statement>>),
    While(Expr, Vec<Statement>),
    Do(Vec<Statement>, Expr),
    For(Option<Box<Statement>>, Option<Expr>, Option<Expr>, Vec<Statement>),
    Each(StaticType, String, Expr, Vec<Statement>),
    Try(Vec<Statement>, Vec<Catch>),
    Return(Option<Expr>),
    Throw(Expr),
    Break,
    Continue,
}

/// `catch (ty name) { … }`
#[derive(Debug)]
pub(super) struct Catch {
    pub(super) ty: StaticType,
    pub(super) name: String,
    pub(super) body: Vec<Statement>,
}

/// An expression and where Elasticsearch says it is.
#[derive(Debug)]
pub(super) struct Expr {
    pub(super) at: usize,
    pub(super) kind: ExprKind,
}

#[derive(Debug)]
pub(super) enum ExprKind {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Regex(String, String),
    Name(String),
    Type(StaticType),
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    New(StaticType, Vec<Expr>),
    NewArray(StaticType, Vec<Expr>),
    NewArrayOf(StaticType, Vec<Expr>),
    CallOwn(String, Vec<Expr>),
    Call {
        on: Box<Expr>,
        name: String,
        arguments: Vec<Expr>,
        safe: bool,
    },
    Field {
        on: Box<Expr>,
        name: String,
        safe: bool,
    },
    Index(Box<Expr>, Box<Expr>),
    Unary(&'static str, Box<Expr>),
    /// `++x` is true; by one up or down
    Step {
        target: Box<Expr>,
        up: bool,
        before: bool,
    },
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Conditional(Box<Expr>, Box<Expr>, Box<Expr>),
    Elvis(Box<Expr>, Box<Expr>),
    InstanceOf(Box<Expr>, StaticType),
    Cast(StaticType, Box<Expr>),
    Assign(&'static str, Box<Expr>, Box<Expr>),
    Lambda(Vec<(StaticType, String)>, LambdaBody),
    /// `Type::method`, `Type::new`, `variable::method`, `this::function`
    Reference(ReferenceOn, String),
}

#[derive(Debug)]
pub(super) enum LambdaBody {
    Expression(Box<Expr>),
    Block(Vec<Statement>),
}

#[derive(Debug)]
pub(super) enum ReferenceOn {
    Type(StaticType),
    Variable(String),
    This,
}
