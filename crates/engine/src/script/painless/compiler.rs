//! [`ScriptSyntax`](super::syntax::ScriptSyntax) → [`Program`]: names become places in frames, types are checked, casts are put in.
//! Source of the rules and texts: the answers of Elasticsearch 7.10 and OpenSearch 2.19 to scripts that are wrong.

use std::collections::BTreeSet;

use super::casts;
use super::context::ScriptContext;
use super::fault::CompileFault;
use super::parser;
use super::syntax::{Catch, Expr, ExprKind, FunctionSyntax, Statement, StatementKind};
use super::tree::{Function, Handler, Op, Program, ScriptNode, Step, StepOp};
use super::types::StaticType;
use super::value::Value;

pub(super) type Compiled<T> = Result<T, CompileFault>;

/// Compiles `source` for `context`.
///
/// # Errors
/// What Elasticsearch says about a script that is wrong.
pub(crate) fn compile(source: &str, context: &'static ScriptContext) -> Compiled<Program> {
    let parsed = parser::parse(source)?;
    let returns = StaticType::parse(context.returns).unwrap_or(StaticType::DEF);
    let mut compiler = Compiler {
        context,
        statements: BTreeSet::new(),
        declared: Vec::new(),
        functions: Vec::new(),
        scopes: vec![Scope::new(ScopeKind::Main, returns)],
    };
    for function in &parsed.functions {
        compiler.declare_function(function)?;
    }
    for function in &parsed.functions {
        compiler.own_function(function)?;
    }
    for (name, ty) in context.variables {
        compiler
            .name_variable((*name).to_owned(), StaticType::parse(ty).unwrap_or(StaticType::DEF));
    }
    let given = context.variables.len();
    let mut body = compiler.steps(&parsed.body, true)?;
    if body.last().is_some_and(|step| matches!(step.op, StepOp::Return(None))) {
        body.pop();
    }
    let Some(scope) = compiler.scopes.pop() else {
        return Err(CompileFault::new(0, "the script has no scope"));
    };
    let variables = context.variables.iter().map(|(name, _)| *name).collect();
    let body = Function {
        parameters: vec![StaticType::DEF; given],
        captures: Vec::new(),
        places: scope.places,
        body,
        default: Some(returns.default_value()),
    };
    Ok(Program {
        source: source.into(),
        statements: compiler.statements.into_iter().collect(),
        functions: compiler.functions,
        variables,
        body,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ScopeKind {
    Main,
    Own,
    Lambda,
}

/// The names of one frame.
pub(super) struct Scope {
    pub(super) kind: ScopeKind,
    pub(super) returns: StaticType,
    names: Vec<(String, usize, StaticType)>,
    pub(super) places: usize,
    /// Place in the frame outside, place here.
    pub(super) captures: Vec<(usize, usize)>,
    loops: usize,
}

impl Scope {
    pub(super) fn new(kind: ScopeKind, returns: StaticType) -> Scope {
        Scope { kind, returns, names: Vec::new(), places: 0, captures: Vec::new(), loops: 0 }
    }
}

/// A function that the script declares.
pub(super) struct DeclaredFunction {
    pub(super) name: String,
    pub(super) parameters: Vec<StaticType>,
    pub(super) returns: StaticType,
}

pub(super) struct Compiler {
    pub(super) context: &'static ScriptContext,
    statements: BTreeSet<usize>,
    pub(super) declared: Vec<DeclaredFunction>,
    pub(super) functions: Vec<Function>,
    pub(super) scopes: Vec<Scope>,
}

impl Compiler {
    // Functions and names.

    fn declare_function(&mut self, function: &FunctionSyntax) -> Compiled<()> {
        let arity = function.parameters.len();
        let same = |it: &DeclaredFunction| it.name == function.name && it.parameters.len() == arity;
        if self.declared.iter().any(same) {
            let name = &function.name;
            return Err(CompileFault::new(
                function.at,
                format!("Duplicate functions with name [{name}]."),
            ));
        }
        self.declared.push(DeclaredFunction {
            name: function.name.clone(),
            parameters: function.parameters.iter().map(|(ty, _)| *ty).collect(),
            returns: function.returns,
        });
        self.functions.push(Function::default());
        Ok(())
    }

    fn own_function(&mut self, function: &FunctionSyntax) -> Compiled<()> {
        self.scopes.push(Scope::new(ScopeKind::Own, function.returns));
        for (ty, name) in &function.parameters {
            self.name_variable(name.clone(), *ty);
        }
        let name = &function.name;
        if function.body.is_empty() {
            return Err(CompileFault::new(
                function.at,
                format!(
                    "invalid function definition: found no statements for function [{name}] with [{}] parameters",
                    function.parameters.len()
                ),
            ));
        }
        let body = self.steps(&function.body, true)?;
        if function.returns != StaticType::VOID && !leaves(&function.body) && !gives(&body) {
            return Err(CompileFault::new(
                function.at,
                format!(
                    "invalid function definition: not all paths provide a return value for function [{name}] with [{}] parameters",
                    function.parameters.len()
                ),
            ));
        }
        let places = self.scopes.pop().map_or(0, |scope| scope.places);
        let number = self.declared.iter().position(|it| {
            it.name == function.name && it.parameters.len() == function.parameters.len()
        });
        if let Some(place) = number.and_then(|number| self.functions.get_mut(number)) {
            *place = Function {
                parameters: function.parameters.iter().map(|(ty, _)| *ty).collect(),
                captures: Vec::new(),
                places,
                body,
                default: Some(Value::Null),
            };
        }
        Ok(())
    }

    /// Gives a new variable its place.
    pub(super) fn name_variable(&mut self, name: String, ty: StaticType) -> usize {
        let Some(scope) = self.scopes.last_mut() else { return 0 };
        let place = scope.places;
        scope.places += 1;
        scope.names.push((name, place, ty));
        place
    }

    /// A new variable, which must not be there yet.
    pub(super) fn declare(&mut self, at: usize, name: &str, ty: StaticType) -> Compiled<usize> {
        if self.resolve(name, self.scopes.len()).is_some() {
            return Err(CompileFault::new(at, format!("variable [{name}] is already defined")));
        }
        Ok(self.name_variable(name.to_owned(), ty))
    }

    /// The place and type of a variable, captured from the frames outside where it is theirs.
    pub(super) fn variable(&mut self, name: &str) -> Option<(usize, StaticType)> {
        self.resolve(name, self.scopes.len())
    }

    fn resolve(&mut self, name: &str, level: usize) -> Option<(usize, StaticType)> {
        let scope = self.scopes.get(level.checked_sub(1)?)?;
        let own = scope.names.iter().rev().find(|(known, _, _)| known == name);
        if let Some((_, place, ty)) = own {
            return Some((*place, *ty));
        }
        if scope.kind != ScopeKind::Lambda {
            return None;
        }
        let (outer, ty) = self.resolve(name, level - 1)?;
        let scope = self.scopes.get_mut(level - 1)?;
        let place = scope.places;
        scope.places += 1;
        scope.captures.push((outer, place));
        // In front: a block that ends does not forget it.
        scope.names.insert(0, (name.to_owned(), place, ty));
        Some((place, ty))
    }

    // Statements.

    fn names(&self) -> usize {
        self.scopes
            .last()
            .map_or(0, |scope| scope.names.len() - scope.captures.len().min(scope.names.len()))
    }

    /// Forgets the names that a block declared.
    fn forget(&mut self, names: usize) {
        if let Some(scope) = self.scopes.last_mut() {
            let captured = scope.captures.len();
            scope.names.truncate(names + captured);
        }
    }

    /// The statements of a block; in the last one of a script or a function an expression is what it returns.
    pub(super) fn steps(&mut self, statements: &[Statement], last: bool) -> Compiled<Vec<Step>> {
        let names = self.names();
        let mut steps = Vec::new();
        for (place, statement) in statements.iter().enumerate() {
            let is_last = place + 1 == statements.len();
            self.step(statement, last && is_last, &mut steps)?;
            if !is_last && leaves(std::slice::from_ref(statement)) {
                return Err(CompileFault::new(
                    statement.at,
                    "invalid block: unreachable statement",
                ));
            }
        }
        self.forget(names);
        Ok(steps)
    }

    fn step(&mut self, statement: &Statement, last: bool, steps: &mut Vec<Step>) -> Compiled<()> {
        let at = statement.at;
        if !matches!(statement.kind, StatementKind::Declare(..)) {
            self.statements.insert(at);
        }
        let op = match &statement.kind {
            StatementKind::Declare(ty, all) => return self.declaration(*ty, all, steps),
            StatementKind::Expression(expr) => self.expression_step(expr, last)?,
            StatementKind::If(condition, then, otherwise) => {
                let condition = self.condition(at, condition, "extraneous if block")?;
                let then = self.steps(then, last)?;
                let otherwise = match otherwise {
                    Some(otherwise) => self.steps(otherwise, last)?,
                    None => Vec::new(),
                };
                StepOp::If(condition, then, otherwise)
            }
            StatementKind::While(condition, body) => {
                if is_true(condition) && !can_leave(body) {
                    return Err(CompileFault::new(at, "no paths escape from while loop"));
                }
                let condition = self.loop_condition(at, condition, "extraneous while loop")?;
                StepOp::Loop(Some(condition), None, self.loop_body(body)?)
            }
            StatementKind::Do(body, condition) => {
                let body = self.loop_body(body)?;
                StepOp::Do(body, self.loop_condition(at, condition, "extraneous do while loop")?)
            }
            StatementKind::For(first, condition, after, body) => {
                return self.for_loop(
                    at,
                    (first.as_deref(), condition.as_ref(), after.as_ref()),
                    body,
                    steps,
                );
            }
            StatementKind::Each(ty, name, over, body) => self.each(at, *ty, name, over, body)?,
            StatementKind::Try(body, catches) => self.try_step(body, catches, last)?,
            StatementKind::Return(value) => self.return_step(at, value.as_ref())?,
            StatementKind::Throw(value) => {
                let (node, ty) = self.expr(value)?;
                let is_exception = ty.class_name().is_some_and(|name| name.ends_with("Exception"));
                if !is_exception && !ty.is_def() {
                    return Err(CompileFault::cast(
                        value.at,
                        format!("Cannot cast from [{}] to [java.lang.Exception].", ty.full_name()),
                    ));
                }
                StepOp::Throw(node)
            }
            StatementKind::Break => {
                self.in_loop(at, "invalid break statement: not inside loop")?;
                StepOp::Break
            }
            StatementKind::Continue => {
                self.in_loop(at, "invalid continue statement: not inside loop")?;
                StepOp::Continue
            }
        };
        steps.push(Step { at, op });
        Ok(())
    }

    fn in_loop(&self, at: usize, reason: &str) -> Compiled<()> {
        if self.scopes.last().is_some_and(|scope| scope.loops > 0) {
            return Ok(());
        }
        Err(CompileFault::new(at, reason))
    }

    fn loop_body(&mut self, body: &[Statement]) -> Compiled<Vec<Step>> {
        if let Some(scope) = self.scopes.last_mut() {
            scope.loops += 1;
        }
        let steps = self.steps(body, false);
        if let Some(scope) = self.scopes.last_mut() {
            scope.loops -= 1;
        }
        steps
    }

    fn condition(&mut self, at: usize, condition: &Expr, constant: &str) -> Compiled<ScriptNode> {
        if matches!(condition.kind, ExprKind::Bool(_)) {
            return Err(CompileFault::new(at, constant));
        }
        self.expr_as(condition, StaticType::BOOL)
    }

    fn loop_condition(
        &mut self,
        at: usize,
        condition: &Expr,
        constant: &str,
    ) -> Compiled<ScriptNode> {
        if matches!(condition.kind, ExprKind::Bool(false)) {
            return Err(CompileFault::new(at, constant));
        }
        self.expr_as(condition, StaticType::BOOL)
    }

    fn declaration(
        &mut self,
        ty: StaticType,
        all: &[(usize, String, Option<Expr>)],
        steps: &mut Vec<Step>,
    ) -> Compiled<()> {
        for (at, name, value) in all {
            self.statements.insert(*at);
            let node = match value {
                Some(value) => self.expr_as(value, ty)?,
                None => ScriptNode { at: *at, op: Op::Constant(ty.default_value()) },
            };
            let place = self.declare(*at, name, ty)?;
            steps.push(Step { at: *at, op: StepOp::Set(place, node) });
        }
        Ok(())
    }

    fn expression_step(&mut self, expr: &Expr, last: bool) -> Compiled<StepOp> {
        let returns = self.scopes.last().map_or(StaticType::VOID, |scope| scope.returns);
        if last && returns != StaticType::VOID && matches!(expr.kind, ExprKind::Conditional(..)) {
            return Ok(StepOp::Return(Some(self.expr_through(expr, returns, casts::returned)?)));
        }
        let (node, ty) = self.expr(expr)?;
        if last && returns != StaticType::VOID && ty != StaticType::VOID {
            return Ok(StepOp::Return(Some(casts::returned(node, ty, returns)?)));
        }
        let does_something = matches!(
            expr.kind,
            ExprKind::Assign(..)
                | ExprKind::Step { .. }
                | ExprKind::Call { .. }
                | ExprKind::CallOwn(..)
                | ExprKind::New(..)
        );
        if !does_something {
            return Err(CompileFault::new(expr.at, unused(expr)));
        }
        Ok(StepOp::Run(node))
    }

    fn for_loop(
        &mut self,
        at: usize,
        (first, condition, after): (Option<&Statement>, Option<&Expr>, Option<&Expr>),
        body: &[Statement],
        steps: &mut Vec<Step>,
    ) -> Compiled<()> {
        let names = self.names();
        let mut inner = Vec::new();
        if let Some(first) = first {
            match &first.kind {
                StatementKind::Declare(ty, all) => self.declaration(*ty, all, &mut inner)?,
                StatementKind::Expression(expr) => {
                    inner.push(Step { at: first.at, op: StepOp::Run(self.expr(expr)?.0) });
                }
                _ => {}
            }
        }
        if condition.is_none_or(is_true) && !can_leave(body) {
            return Err(CompileFault::new(at, "no paths escape from for loop"));
        }
        let condition = match condition {
            Some(condition) => Some(self.loop_condition(at, condition, "extraneous for loop")?),
            None => None,
        };
        let after = match after {
            Some(after) => Some(self.expr(after)?.0),
            None => None,
        };
        let body = self.loop_body(body)?;
        self.forget(names);
        inner.push(Step { at, op: StepOp::Loop(condition, after, body) });
        steps.push(Step { at, op: StepOp::Block(inner) });
        Ok(())
    }

    fn each(
        &mut self,
        at: usize,
        ty: StaticType,
        name: &str,
        over: &Expr,
        body: &[Statement],
    ) -> Compiled<StepOp> {
        if body.is_empty() {
            return Err(CompileFault::new(at, "extraneous foreach loop"));
        }
        let (node, over_ty) = self.expr(over)?;
        let iterable =
            over_ty.is_def() || over_ty.is_array() || casts::is_class(over_ty, "Iterable");
        if !iterable {
            return Err(CompileFault::new(
                at,
                format!("Illegal for each type [{}].", over_ty.full_name()),
            ));
        }
        let names = self.names();
        let place = self.declare(at, name, ty)?;
        let body = self.loop_body(body)?;
        self.forget(names);
        Ok(StepOp::Each(place, ty, node, body))
    }

    fn try_step(&mut self, body: &[Statement], catches: &[Catch], last: bool) -> Compiled<StepOp> {
        let body = self.steps(body, last)?;
        let mut handlers = Vec::new();
        for catch in catches {
            let names = self.names();
            let place = self.declare(0, &catch.name, catch.ty)?;
            let body = self.steps(&catch.body, last)?;
            self.forget(names);
            let class = catch.ty.class_name().unwrap_or("Exception").to_owned();
            handlers.push(Handler { class, place, body });
        }
        Ok(StepOp::Try(body, handlers))
    }

    fn return_step(&mut self, at: usize, value: Option<&Expr>) -> Compiled<StepOp> {
        let returns = self.scopes.last().map_or(StaticType::VOID, |scope| scope.returns);
        let Some(value) = value else {
            if returns != StaticType::VOID {
                let reason = format!("cannot cast from [{}] to [void]", returns.full_name());
                return Err(CompileFault::cast(at, reason));
            }
            return Ok(StepOp::Return(None));
        };
        if returns == StaticType::VOID {
            let (_, ty) = self.expr(value)?;
            let reason = format!("Cannot cast from [{}] to [void].", ty.full_name());
            return Err(CompileFault::cast(value.at, reason));
        }
        Ok(StepOp::Return(Some(self.expr_through(value, returns, casts::returned)?)))
    }

    /// An expression, cast to a type as an assignment casts.
    pub(super) fn expr_as(&mut self, expr: &Expr, ty: StaticType) -> Compiled<ScriptNode> {
        self.expr_through(expr, ty, |node, from, to| casts::cast(node, from, to, false))
    }

    /// An expression through a cast to a type.
    fn expr_through(
        &mut self,
        expr: &Expr,
        ty: StaticType,
        cast: casts::Cast,
    ) -> Compiled<ScriptNode> {
        if let ExprKind::Conditional(condition, then, otherwise) = &expr.kind {
            // Each way is cast on its own.
            let condition = Box::new(self.expr_as(condition, StaticType::BOOL)?);
            let then = Box::new(self.expr_through(then, ty, cast)?);
            let otherwise = Box::new(self.expr_through(otherwise, ty, cast)?);
            return Ok(ScriptNode { at: expr.at, op: Op::Conditional(condition, then, otherwise) });
        }
        let (node, from) = self.expr(expr)?;
        cast(node, from, ty)
    }
}

/// Why an expression is no statement.
fn unused(expr: &Expr) -> String {
    let what = match &expr.kind {
        ExprKind::Number(digits) => format!("numeric constant [{digits}]"),
        ExprKind::Text(text) => format!("string constant [{text}]"),
        ExprKind::Bool(flag) => format!("boolean constant [{flag}]"),
        ExprKind::Null => "null constant".to_owned(),
        ExprKind::Name(name) => format!("variable [{name}]"),
        ExprKind::Binary(sign, ..) => {
            let operation = operation(sign);
            return format!("not a statement: result not used from {operation} operation [{sign}]");
        }
        _ => "result".to_owned(),
    };
    format!("not a statement: {what} not used")
}

/// What an operator does, in the compiler's words.
fn operation(sign: &str) -> &'static str {
    match sign {
        "*" => "multiplication",
        "/" => "division",
        "%" => "remainder",
        "+" => "addition",
        "-" => "subtraction",
        "<<" => "left shift",
        ">>" => "right shift",
        ">>>" => "unsigned shift",
        "&" => "bitwise and",
        "^" => "bitwise xor",
        "|" => "boolean or",
        "&&" => "boolean and",
        "||" => "boolean or",
        "<" => "less than",
        "<=" => "less than or equals",
        ">" => "greater than",
        ">=" => "greater than or equals",
        "==" => "equals",
        "!=" => "not equals",
        "===" => "reference equals",
        "!==" => "reference not equals",
        "=~" => "find",
        _ => "match",
    }
}

fn is_true(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Bool(true))
}

/// Whether nothing after these statements is reached.
pub(super) fn leaves(statements: &[Statement]) -> bool {
    statements.last().is_some_and(|statement| match &statement.kind {
        StatementKind::Return(_)
        | StatementKind::Throw(_)
        | StatementKind::Break
        | StatementKind::Continue => true,
        StatementKind::If(_, then, Some(otherwise)) => leaves(then) && leaves(otherwise),
        StatementKind::Try(body, catches) => {
            leaves(body) && catches.iter().all(|catch| leaves(&catch.body))
        }
        StatementKind::While(condition, body) => is_true(condition) && !has_break(body),
        StatementKind::For(_, condition, _, body) => {
            condition.as_ref().is_none_or(is_true) && !has_break(body)
        }
        _ => false,
    })
}

/// Whether a function with these steps returns what its last expression gives.
fn gives(steps: &[Step]) -> bool {
    steps.last().is_some_and(|step| match &step.op {
        StepOp::Return(_) | StepOp::Throw(_) => true,
        StepOp::If(_, then, otherwise) => gives(then) && gives(otherwise),
        StepOp::Try(body, handlers) => {
            gives(body) && handlers.iter().all(|handler| gives(&handler.body))
        }
        _ => false,
    })
}

/// Whether an endless loop with this body may end.
fn can_leave(body: &[Statement]) -> bool {
    any(body, &|statement| {
        matches!(
            statement.kind,
            StatementKind::Break | StatementKind::Return(_) | StatementKind::Throw(_)
        )
    })
}

fn has_break(body: &[Statement]) -> bool {
    any(body, &|statement| matches!(statement.kind, StatementKind::Break))
}

fn any(body: &[Statement], is: &impl Fn(&Statement) -> bool) -> bool {
    body.iter().any(|statement| {
        is(statement)
            || match &statement.kind {
                StatementKind::While(_, body)
                | StatementKind::Do(body, _)
                | StatementKind::For(_, _, _, body)
                | StatementKind::Each(_, _, _, body) => any(body, is),
                StatementKind::If(_, then, otherwise) => {
                    any(then, is) || otherwise.as_ref().is_some_and(|body| any(body, is))
                }
                StatementKind::Try(body, catches) => {
                    any(body, is) || catches.iter().any(|catch| any(&catch.body, is))
                }
                _ => false,
            }
    })
}
