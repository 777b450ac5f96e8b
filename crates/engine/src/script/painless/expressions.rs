//! Expressions of a script, compiled: each gives its node and its static type.

use super::casts::{self, cast, is_class, joined, promoted};
use super::compiler::{Compiled, Compiler, Scope, ScopeKind};
use super::context::ScriptContext;
use super::fault::CompileFault;
use super::regexes;
use super::syntax::{Expr, ExprKind, LambdaBody, ReferenceOn};
use super::tree::{
    Function, FunctionValue, Member, Op, Operator, ScriptNode, Step, StepOp, Update,
};
use super::types::{CLASSES, StaticType};
use super::value::{ImmutableObject, Value};
use crate::exception::ExceptionKind;

/// A node and its type.
type Typed = (ScriptNode, StaticType);

impl Compiler {
    /// Compiles an expression.
    // long: one arm for each method
    pub(super) fn expr(&mut self, expr: &Expr) -> Compiled<Typed> {
        let at = expr.at;
        let typed = |op: Op, ty: StaticType| Ok((ScriptNode { at, op }, ty));
        match &expr.kind {
            ExprKind::Null => typed(Op::Constant(Value::Null), StaticType::DEF),
            ExprKind::Bool(flag) => typed(Op::Constant(Value::Bool(*flag)), StaticType::BOOL),
            ExprKind::Number(digits) => {
                let (value, ty) = number(at, digits)?;
                typed(Op::Constant(value), ty)
            }
            ExprKind::Text(text) => typed(Op::Constant(Value::text(text)), StaticType::string()),
            ExprKind::Regex(source, flags) => {
                let regex = regexes::compile(source, flags)
                    .map_err(|reason| CompileFault::of(at, ExceptionKind::PatternSyntax, reason))?;
                let thing = ImmutableObject::Pattern(regex, source.as_str().into());
                typed(Op::Constant(Value::thing(thing)), StaticType::class("Pattern"))
            }
            ExprKind::Name(name) => match self.variable(name) {
                Some((place, ty)) => typed(Op::Local(place), ty),
                None => Err(unresolved(at, name)),
            },
            ExprKind::Type(ty) => Err(CompileFault::new(
                at,
                format!("not a statement: type [{}] is no value", ty.full_name()),
            )),
            ExprKind::List(items) => {
                let items = self.exprs_as(items, StaticType::DEF)?;
                typed(Op::List(items), StaticType::class("ArrayList"))
            }
            ExprKind::Map(entries) => {
                let mut all = Vec::new();
                for (key, value) in entries {
                    all.push((
                        self.expr_as(key, StaticType::DEF)?,
                        self.expr_as(value, StaticType::DEF)?,
                    ));
                }
                typed(Op::Map(all), StaticType::class("HashMap"))
            }
            ExprKind::New(ty, arguments) => self.new_object(at, *ty, arguments),
            ExprKind::NewArray(ty, sizes) => {
                let sizes = self.exprs_as(sizes, StaticType::INT)?;
                typed(Op::NewArray(*ty, sizes), *ty)
            }
            ExprKind::NewArrayOf(ty, items) => {
                let items = self.exprs_as(items, ty.element())?;
                typed(Op::NewArrayOf(*ty, items), *ty)
            }
            ExprKind::CallOwn(name, arguments) => self.call_own(at, name, arguments),
            ExprKind::Call { on, name, arguments, safe } => {
                self.call(at, on, name, arguments, *safe)
            }
            ExprKind::Field { on, name, safe } => self.field(at, on, name, *safe),
            ExprKind::Index(on, index) => {
                let (on, index, ty) = self.index(at, on, index)?;
                // What is not in a map is missed where its key stands.
                let at = if is_all_docs(&on, self.context) { index.at } else { at };
                let typed = |op: Op, ty: StaticType| Ok((ScriptNode { at, op }, ty));
                typed(Op::Index(Box::new(on), Box::new(index)), ty)
            }
            ExprKind::Unary(sign, inner) => self.unary(at, sign, inner),
            ExprKind::Step { target, up, before } => self.step_by_one(at, target, *up, *before),
            ExprKind::Binary(sign, left, right) => self.binary(at, sign, left, right),
            ExprKind::Conditional(condition, then, otherwise) => {
                self.conditional(at, condition, then, otherwise)
            }
            ExprKind::Elvis(left, right) => {
                let (left, left_ty) = self.expr(left)?;
                let (right, right_ty) = self.expr(right)?;
                if left_ty.is_primitive() {
                    let reason = "Extraneous elvis operator. LHS is a primitive.";
                    return Err(CompileFault::new(at, reason));
                }
                let ty = joined(left_ty, right_ty);
                typed(Op::Elvis(Box::new(left), Box::new(right)), ty)
            }
            ExprKind::InstanceOf(inner, ty) => {
                let (inner, _) = self.expr(inner)?;
                typed(Op::InstanceOf(Box::new(inner), *ty), StaticType::BOOL)
            }
            ExprKind::Cast(ty, inner) => {
                let (node, from) = self.expr(inner)?;
                Ok((cast(node, from, *ty, true)?, *ty))
            }
            ExprKind::Assign(sign, left, right) => self.assign(at, sign, left, right),
            ExprKind::Lambda(parameters, body) => self.lambda(at, parameters, body),
            ExprKind::Reference(on, method) => self.reference(at, on, method),
        }
    }

    fn exprs_as(&mut self, all: &[Expr], ty: StaticType) -> Compiled<Vec<ScriptNode>> {
        all.iter().map(|expr| self.expr_as(expr, ty)).collect()
    }

    fn arguments(&mut self, given: &[Expr], wanted: &[StaticType]) -> Compiled<Vec<ScriptNode>> {
        let mut nodes = Vec::new();
        for (expr, ty) in given.iter().zip(wanted) {
            let (node, from) = self.expr(expr)?;
            let is_function = matches!(expr.kind, ExprKind::Lambda(..) | ExprKind::Reference(..));
            nodes.push(if is_function { node } else { casts::argument(node, from, *ty)? });
        }
        Ok(nodes)
    }

    fn new_object(&mut self, at: usize, ty: StaticType, given: &[Expr]) -> Compiled<Typed> {
        let number = ty.class_number();
        let signature = number.and_then(|number| CLASSES.constructor(number, given.len()));
        let (Some(signature), Some(name)) = (signature, ty.class_name()) else {
            return Err(CompileFault::new(
                at,
                format!("constructor [{}, <init>/{}] not found", ty.full_name(), given.len()),
            ));
        };
        let arguments = self.arguments(given, &signature.parameters)?;
        Ok((ScriptNode { at, op: Op::New(name, arguments) }, ty))
    }

    fn call_own(&mut self, at: usize, name: &str, given: &[Expr]) -> Compiled<Typed> {
        let own = self
            .declared
            .iter()
            .position(|it| it.name == name && it.parameters.len() == given.len());
        if let Some(number) = own {
            let found = self.declared.get(number);
            let parameters = found.map(|it| it.parameters.clone()).unwrap_or_default();
            let returns = found.map_or(StaticType::DEF, |it| it.returns);
            let arguments = self.arguments(given, &parameters)?;
            return Ok((ScriptNode { at, op: Op::CallOwn(number, arguments) }, returns));
        }
        let functions = self.context.functions.iter();
        let mut functions = functions.filter(|it| it.parameters.len() == given.len());
        let found = functions.find(|it| it.name == name);
        let Some(function) = found else {
            let reason = format!("Unknown call [{name}] with [{}] arguments.", given.len());
            return Err(CompileFault::new(at, reason));
        };
        let types: Vec<StaticType> = function
            .parameters
            .iter()
            .map(|name| StaticType::parse(name).unwrap_or(StaticType::DEF))
            .collect();
        let arguments = self.arguments(given, &types)?;
        let returns = StaticType::parse(function.returns).unwrap_or(StaticType::DEF);
        Ok((ScriptNode { at, op: Op::CallContext(function.name, arguments) }, returns))
    }

    fn call(
        &mut self,
        at: usize,
        on: &Expr,
        name: &str,
        given: &[Expr],
        safe: bool,
    ) -> Compiled<Typed> {
        if let ExprKind::Type(ty) = &on.kind {
            return self.call_static(at, *ty, name, given);
        }
        if let Some(name) = self.unknown(on) {
            return Err(unresolved(at, name));
        }
        let (on, on_ty) = self.expr(on)?;
        if on_ty.is_def() {
            let arguments = self.exprs_as_arguments(given)?;
            let op = Op::Call(Box::new(on), name.to_owned(), arguments, safe);
            return Ok((ScriptNode { at, op }, StaticType::DEF));
        }
        if safe && on_ty.is_primitive() {
            return Err(CompileFault::new(at, "Result of null safe operator must be nullable"));
        }
        let number = on_ty.boxed().class_number();
        let signature = number.and_then(|number| CLASSES.method(number, name, given.len()));
        let Some(signature) = signature else {
            let class = on_ty.full_name();
            let reason = format!("member method [{class}, {name}/{}] not found", given.len());
            return Err(CompileFault::new(at, reason));
        };
        let arguments = self.arguments(given, &signature.parameters)?;
        let op = Op::Call(Box::new(on), name.to_owned(), arguments, safe);
        // What may be null is no primitive.
        let returns = if safe { signature.returns.boxed() } else { signature.returns };
        Ok((ScriptNode { at, op }, returns))
    }

    fn exprs_as_arguments(&mut self, given: &[Expr]) -> Compiled<Vec<ScriptNode>> {
        given.iter().map(|expr| self.expr(expr).map(|(node, _)| node)).collect()
    }

    fn call_static(
        &mut self,
        at: usize,
        ty: StaticType,
        name: &str,
        given: &[Expr],
    ) -> Compiled<Typed> {
        let number = ty.class_number();
        let signature = number.and_then(|number| CLASSES.static_method(number, name, given.len()));
        let (Some(signature), Some(class)) = (signature, ty.class_name()) else {
            return Err(CompileFault::new(
                at,
                format!("static method [{}, {name}/{}] not found", ty.full_name(), given.len()),
            ));
        };
        let arguments = self.arguments(given, &signature.parameters)?;
        // What is explained is told where it stands.
        let at = arguments.first().filter(|_| class == "Debug").map_or(at, |first| first.at);
        let op = Op::CallStatic(class, name.to_owned(), arguments);
        Ok((ScriptNode { at, op }, signature.returns))
    }

    fn field(&mut self, at: usize, on: &Expr, name: &str, safe: bool) -> Compiled<Typed> {
        if let ExprKind::Type(ty) = &on.kind {
            let number = ty.class_number();
            let field = number.and_then(|number| CLASSES.static_field(number, name));
            let (Some(field), Some(class)) = (field, ty.class_name()) else {
                let reason = format!("field [{}, {name}] not found", ty.full_name());
                return Err(CompileFault::new(at, reason));
            };
            let op = Op::CallStatic(class, format!(".{name}"), Vec::new());
            return Ok((ScriptNode { at, op }, field));
        }
        if let Some(unknown) = self.unknown(on) {
            return Err(unresolved(at, &format!("{unknown}.{name}")));
        }
        let (on, on_ty) = self.expr(on)?;
        let ty = field_type(at, on_ty, name)?;
        let op = Op::Field(Box::new(on), name.to_owned(), safe);
        Ok((ScriptNode { at, op }, if safe { ty.boxed() } else { ty }))
    }

    /// Receiver, index, the type of what stands there.
    fn index(
        &mut self,
        at: usize,
        on: &Expr,
        index: &Expr,
    ) -> Compiled<(ScriptNode, ScriptNode, StaticType)> {
        let (on, on_ty) = self.expr(on)?;
        let (node, from) = self.expr(index)?;
        let (wanted, ty) = if on_ty.is_array() {
            (StaticType::INT, on_ty.element())
        } else if is_class(on_ty, "Map") {
            (StaticType::DEF, StaticType::DEF)
        } else if is_class(on_ty, "List") {
            (StaticType::INT, StaticType::DEF)
        } else if on_ty.is_def() {
            (StaticType::DEF, StaticType::DEF)
        } else {
            let reason = format!("Illegal array access on type [{}].", on_ty.full_name());
            return Err(CompileFault::new(at, reason));
        };
        Ok((on, cast(node, from, wanted, false)?, ty))
    }

    fn unary(&mut self, at: usize, sign: &str, inner: &Expr) -> Compiled<Typed> {
        if sign == "!" {
            let inner = self.expr_as(inner, StaticType::BOOL)?;
            return Ok((ScriptNode { at, op: Op::Not(Box::new(inner)) }, StaticType::BOOL));
        }
        let (node, ty) = self.expr(inner)?;
        let refused = || {
            let reason = format!("Cannot apply [{sign}] operator to type [{}]", ty.full_name());
            CompileFault::cast(at, reason)
        };
        let result =
            promoted(ty, if ty.is_def() { ty } else { StaticType::INT }).ok_or_else(refused)?;
        let inner = Box::new(node);
        let op = match sign {
            "~" => Op::Complement(inner),
            "-" => Op::Negate(inner),
            _ => Op::Plus(inner),
        };
        Ok((ScriptNode { at, op }, result))
    }

    fn binary(&mut self, at: usize, sign: &str, left: &Expr, right: &Expr) -> Compiled<Typed> {
        if sign == "&&" || sign == "||" {
            let left = Box::new(self.expr_as(left, StaticType::BOOL)?);
            let right = Box::new(self.expr_as(right, StaticType::BOOL)?);
            let op = if sign == "&&" { Op::And(left, right) } else { Op::Or(left, right) };
            return Ok((ScriptNode { at, op }, StaticType::BOOL));
        }
        let operator = Operator::of(sign);
        if matches!(operator, Operator::Find | Operator::Match) {
            let left = self.expr_as(left, StaticType::string())?;
            let right = self.expr_as(right, StaticType::class("Pattern"))?;
            let op = Op::Binary(operator, Box::new(left), Box::new(right));
            return Ok((ScriptNode { at, op }, StaticType::BOOL));
        }
        let nulls = (&left.kind, &right.kind);
        if matches!(nulls, (ExprKind::Null, ExprKind::Null)) {
            return Err(CompileFault::new(at, "extraneous comparison of [null] constants"));
        }
        let (left, left_ty) = self.expr(left)?;
        let (right, right_ty) = self.expr(right)?;
        let ty = operated(at, operator, sign, left_ty, right_ty)?;
        if matches!(operator, Operator::Divide | Operator::Remainder)
            && is_constant(&left)
            && matches!(right.op, Op::Constant(Value::Int(0) | Value::Long(0)))
            && ty.rank() < StaticType::FLOAT.rank()
        {
            return Err(CompileFault::of(at, ExceptionKind::Arithmetic, "/ by zero"));
        }
        Ok((ScriptNode { at, op: Op::Binary(operator, Box::new(left), Box::new(right)) }, ty))
    }

    fn conditional(
        &mut self,
        at: usize,
        condition: &Expr,
        then: &Expr,
        otherwise: &Expr,
    ) -> Compiled<Typed> {
        let condition = self.expr_as(condition, StaticType::BOOL)?;
        let (then, then_ty) = self.expr(then)?;
        let (otherwise, otherwise_ty) = self.expr(otherwise)?;
        let ty = joined(then_ty, otherwise_ty);
        let then = cast(then, then_ty, ty, false)?;
        let otherwise = cast(otherwise, otherwise_ty, ty, false)?;
        let op = Op::Conditional(Box::new(condition), Box::new(then), Box::new(otherwise));
        Ok((ScriptNode { at, op }, ty))
    }

    fn step_by_one(&mut self, at: usize, target: &Expr, up: bool, before: bool) -> Compiled<Typed> {
        let by = ScriptNode { at, op: Op::Constant(Value::Int(1)) };
        let operator = if up { Operator::Add } else { Operator::Subtract };
        self.change(at, target, operator, (by, StaticType::INT), !before)
    }

    fn change(
        &mut self,
        at: usize,
        target: &Expr,
        operator: Operator,
        (by, by_ty): Typed,
        gives_old: bool,
    ) -> Compiled<Typed> {
        let update = |ty: StaticType| Box::new(Update { operator, by, ty, gives_old });
        let sign = operator.sign();
        match &target.kind {
            ExprKind::Name(name) => {
                let (place, ty) = self.variable(name).ok_or_else(|| unresolved(target.at, name))?;
                self.must_be_writable(at, name, place)?;
                operated(at, operator, sign, ty, by_ty)?;
                Ok((ScriptNode { at, op: Op::ChangeLocal(place, update(ty)) }, ty))
            }
            ExprKind::Field { on, name, .. } => {
                let (on, on_ty) = self.expr(on)?;
                let ty = field_type(target.at, on_ty, name)?;
                let op =
                    Op::Change(Box::new(on), Box::new(Member::Field(name.clone())), update(ty));
                Ok((ScriptNode { at: target.at, op }, ty))
            }
            ExprKind::Index(on, index) => {
                let (on, index, ty) = self.index(target.at, on, index)?;
                let op = Op::Change(Box::new(on), Box::new(Member::Index(index)), update(ty));
                Ok((ScriptNode { at: target.at, op }, ty))
            }
            _ => Err(not_assignable(at)),
        }
    }

    fn assign(&mut self, at: usize, sign: &str, left: &Expr, right: &Expr) -> Compiled<Typed> {
        if sign != "=" {
            let operator = Operator::of(sign.strip_suffix('=').unwrap_or(sign));
            let right = self.expr(right)?;
            return self.change(at, left, operator, right, false);
        }
        match &left.kind {
            ExprKind::Name(name) => {
                let Some((place, ty)) = self.variable(name) else {
                    return Err(unresolved(left.at, name));
                };
                self.must_be_writable(at, name, place)?;
                let value = self.expr_as(right, ty)?;
                Ok((ScriptNode { at, op: Op::SetLocal(place, Box::new(value)) }, ty))
            }
            ExprKind::Field { on, name, .. } => {
                let (on, on_ty) = self.expr(on)?;
                let open = on_ty.is_def() || is_class(on_ty, "Map") || is_class(on_ty, "List");
                let setter = on_ty.class_number().and_then(|number| CLASSES.setter(number, name));
                if !open && setter.is_none() {
                    let class = on_ty.full_name();
                    return Err(CompileFault::new(
                        left.at,
                        format!("field [{class}, {name}] not found"),
                    ));
                }
                let (value, ty) = self.expr(right)?;
                let value = cast(value, ty, StaticType::DEF, false)?;
                let op = Op::SetField(Box::new(on), name.clone(), Box::new(value));
                Ok((ScriptNode { at: left.at, op }, ty))
            }
            ExprKind::Index(on, index) => {
                let (on, index, ty) = self.index(left.at, on, index)?;
                let value = Box::new(self.expr_as(right, ty)?);
                let op = Op::SetIndex(Box::new(on), Box::new(index), value);
                Ok((ScriptNode { at: left.at, op }, ty))
            }
            _ => Err(not_assignable(at)),
        }
    }

    /// The name of a variable that is not there.
    fn unknown<'e>(&mut self, expr: &'e Expr) -> Option<&'e str> {
        match &expr.kind {
            ExprKind::Name(name) if self.variable(name).is_none() => Some(name),
            _ => None,
        }
    }

    /// Refuses to change what a lambda captured and what the context gives.
    fn must_be_writable(&self, at: usize, name: &str, place: usize) -> Compiled<()> {
        let captured = self.scopes.last().is_some_and(|scope| {
            scope.captures.iter().any(|(_, inner)| *inner == place)
                || scope.kind == ScopeKind::Main && place < self.context.variables.len()
        });
        if captured {
            return Err(CompileFault::new(at, format!("Variable [{name}] is read-only.")));
        }
        Ok(())
    }

    // Functions as values.

    fn lambda(
        &mut self,
        at: usize,
        parameters: &[(StaticType, String)],
        body: &LambdaBody,
    ) -> Compiled<Typed> {
        self.scopes.push(Scope::new(ScopeKind::Lambda, StaticType::DEF));
        for (ty, name) in parameters {
            self.declare(at, name, *ty)?;
        }
        let body = match body {
            LambdaBody::Expression(expr) => {
                let (node, ty) = self.expr(expr)?;
                let op = if ty == StaticType::VOID {
                    StepOp::Run(node)
                } else {
                    StepOp::Return(Some(node))
                };
                vec![Step { at: expr.at, op }]
            }
            LambdaBody::Block(statements) => self.steps(statements, true)?,
        };
        let Some(scope) = self.scopes.pop() else {
            return Err(CompileFault::new(at, "the lambda has no scope"));
        };
        let (outer, inner) = scope.captures.into_iter().unzip();
        let number = self.functions.len();
        self.functions.push(Function {
            parameters: parameters.iter().map(|(ty, _)| *ty).collect(),
            captures: inner,
            places: scope.places,
            body,
            default: Some(Value::Null),
        });
        Ok((ScriptNode { at, op: Op::Lambda(number, outer) }, StaticType::DEF))
    }

    fn reference(&mut self, at: usize, on: &ReferenceOn, method: &str) -> Compiled<Typed> {
        let (value, place) = match on {
            ReferenceOn::Type(ty) if ty.is_array() && method == "new" => {
                (FunctionValue::NewArray(*ty), None)
            }
            ReferenceOn::Type(ty) => {
                let Some(class) = ty.boxed().class_name() else {
                    return Err(CompileFault::new(at, "function reference on no class"));
                };
                let number = ty.boxed().class_number().unwrap_or_default();
                let is_static =
                    (0..4).any(|arity| CLASSES.static_method(number, method, arity).is_some());
                let is_own = (0..4).any(|arity| CLASSES.method(number, method, arity).is_some());
                if method == "new" {
                    (FunctionValue::New(class), None)
                } else if is_own {
                    (FunctionValue::Method(class, method.into()), None)
                } else if is_static {
                    (FunctionValue::Static(class, method.into()), None)
                } else {
                    let reason = format!(
                        "function reference [{}::{method}/1] matching [java.util.function.Function, apply/1] not found",
                        ty.full_name()
                    );
                    return Err(CompileFault::new(at, reason));
                }
            }
            ReferenceOn::Variable(name) => {
                let (place, _) = self.variable(name).ok_or_else(|| unresolved(at, name))?;
                (FunctionValue::Bound(Value::Null, method.into()), Some(place))
            }
            ReferenceOn::This => {
                let number = self.declared.iter().position(|it| it.name == method);
                let number = number.ok_or_else(|| {
                    CompileFault::new(at, format!("function reference [this::{method}] not found"))
                })?;
                (FunctionValue::Own(number, Vec::new()), None)
            }
        };
        Ok((ScriptNode { at, op: Op::Reference(value, place) }, StaticType::DEF))
    }
}

/// Whether this is the variable `doc` of a context.
fn is_all_docs(node: &ScriptNode, context: &ScriptContext) -> bool {
    let name = match &node.op {
        Op::Local(place) => context.variables.get(*place),
        _ => None,
    };
    name.is_some_and(|(name, _)| *name == "doc")
}

fn unresolved(at: usize, name: &str) -> CompileFault {
    CompileFault::new(at, format!("cannot resolve symbol [{name}]"))
}

fn not_assignable(at: usize) -> CompileFault {
    CompileFault::new(
        at,
        "invalid assignment: cannot assign a value to an expression that is not a variable, field or element",
    )
}

fn is_constant(node: &ScriptNode) -> bool {
    matches!(node.op, Op::Constant(_))
}

/// The type of `x.name`.
fn field_type(at: usize, on: StaticType, name: &str) -> Compiled<StaticType> {
    if on.is_def() {
        return Ok(StaticType::DEF);
    }
    if on.is_array() {
        if name == "length" {
            return Ok(StaticType::INT);
        }
        return Err(CompileFault::new(
            at,
            format!("Field [{name}] does not exist for type [{}].", on.full_name()),
        ));
    }
    let getter = on.class_number().and_then(|number| CLASSES.getter(number, name));
    if let Some((_, signature)) = getter {
        return Ok(signature.returns);
    }
    let digits = name.chars().all(|c| c.is_ascii_digit());
    if casts::is_class(on, "Map") || casts::is_class(on, "List") && digits {
        return Ok(StaticType::DEF);
    }
    Err(CompileFault::new(at, format!("field [{}, {name}] not found", on.full_name())))
}

/// The type of `left op right`.
fn operated(
    at: usize,
    operator: Operator,
    sign: &str,
    left: StaticType,
    right: StaticType,
) -> Compiled<StaticType> {
    let refused = || {
        let (own, other) = (left.rank(), right.rank());
        let number =
            |ty: StaticType| promoted(ty, StaticType::INT).unwrap_or(StaticType::INT).full_name();
        let reason = match (own, other) {
            (0, 1..) => format!("Cannot cast from [{}] to [{}].", left.full_name(), number(right)),
            (1.., 0) => format!("Cannot cast from [{}] to [{}].", right.full_name(), number(left)),
            _ => {
                let (left, right) = (left.full_name(), right.full_name());
                format!("Cannot apply [{sign}] operation to types [{left}] and [{right}].")
            }
        };
        CompileFault::cast(at, reason)
    };
    let either_def = left.is_def() || right.is_def();
    match operator {
        Operator::Equal | Operator::NotEqual | Operator::Same | Operator::NotSame => {
            Ok(StaticType::BOOL)
        }
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            promoted(left, right).map(|_| StaticType::BOOL).ok_or_else(refused)
        }
        Operator::Add if left == StaticType::string() || right == StaticType::string() => {
            Ok(StaticType::string())
        }
        Operator::And | Operator::Or | Operator::Xor => {
            if left == StaticType::BOOL && right == StaticType::BOOL {
                if operator == Operator::Xor {
                    return Ok(StaticType::BOOL);
                }
                let name = if operator == Operator::And { "and" } else { "or" };
                return Err(CompileFault::cast(
                    at,
                    format!(
                        "cannot apply the bitwise {name} operator [{sign}] to the types [boolean] and [boolean]"
                    ),
                ));
            }
            let whole =
                |ty: StaticType| ty.is_def() || ty.unboxed().rank() < StaticType::FLOAT.rank();
            promoted(left, right).filter(|_| whole(left) && whole(right)).ok_or_else(refused)
        }
        Operator::ShiftLeft | Operator::ShiftRight | Operator::ShiftUnsigned => {
            let own = promoted(left, if left.is_def() { left } else { StaticType::INT });
            promoted(left, right).and(own).ok_or_else(refused)
        }
        _ if either_def => Ok(StaticType::DEF),
        _ => promoted(left, right).ok_or_else(refused),
    }
}

/// A number as it is written, with its type.
fn number(at: usize, digits: &str) -> Compiled<(Value, StaticType)> {
    let (body, negative) = match digits.strip_prefix('-') {
        Some(body) => (body, true),
        None => (digits, false),
    };
    let signed = |text: &str| if negative { format!("-{text}") } else { text.to_owned() };
    let lower = body.to_ascii_lowercase();
    if let Some(hex) = lower.strip_prefix("0x") {
        let (hex, long) = match hex.strip_suffix('l') {
            Some(hex) => (hex, true),
            None => (hex, false),
        };
        return whole(at, digits, i128::from_str_radix(&signed(hex), 16).ok(), long);
    }
    let decimal = lower.contains('.') || lower.contains('e');
    if let Some(text) = lower.strip_suffix('f') {
        let value: Option<f32> = signed(text).parse().ok();
        let value = value.filter(|value| value.is_finite());
        let value = value.ok_or_else(|| {
            CompileFault::new(at, format!("Invalid float constant [{}].", signed(text)))
        })?;
        return Ok((Value::Float(value), StaticType::FLOAT));
    }
    if decimal || lower.ends_with('d') {
        let text = lower.strip_suffix('d').unwrap_or(&lower);
        let value: Option<f64> = signed(text).parse().ok();
        let value = value.filter(|value| value.is_finite());
        let value = value.ok_or_else(|| {
            CompileFault::new(at, format!("Invalid double constant [{}].", signed(text)))
        })?;
        return Ok((Value::Double(value), StaticType::DOUBLE));
    }
    let (text, long) = match lower.strip_suffix('l') {
        Some(text) => (text, true),
        None => (lower.as_str(), false),
    };
    let octal = text.len() > 1 && text.starts_with('0');
    let radix = if octal { 8 } else { 10 };
    whole(at, digits, i128::from_str_radix(&signed(text), radix).ok(), long)
}

fn whole(
    at: usize,
    digits: &str,
    value: Option<i128>,
    long: bool,
) -> Compiled<(Value, StaticType)> {
    let refused = |kind: &str| {
        let hint = if value.is_some_and(|value| !long && i64::try_from(value).is_ok()) {
            format!(" If you want a long constant then change it to [{digits}L].")
        } else {
            String::new()
        };
        CompileFault::new(at, format!("Invalid {kind} constant [{digits}].{hint}"))
    };
    if long {
        let value = value.and_then(|value| i64::try_from(value).ok());
        return Ok((Value::Long(value.ok_or_else(|| refused("long"))?), StaticType::LONG));
    }
    let value = value.and_then(|value| i32::try_from(value).ok());
    Ok((Value::Int(value.ok_or_else(|| refused("int"))?), StaticType::INT))
}

impl Operator {
    /// The operator that is written so.
    pub(super) fn of(sign: &str) -> Operator {
        OPERATORS.iter().find(|(known, _)| *known == sign).map_or(Operator::Add, |(_, it)| *it)
    }

    /// As it is written.
    pub(super) fn sign(self) -> &'static str {
        OPERATORS.iter().find(|(_, it)| *it == self).map_or("", |(sign, _)| *sign)
    }
}

const OPERATORS: &[(&str, Operator)] = &[
    ("+", Operator::Add),
    ("-", Operator::Subtract),
    ("*", Operator::Multiply),
    ("/", Operator::Divide),
    ("%", Operator::Remainder),
    ("<<", Operator::ShiftLeft),
    (">>", Operator::ShiftRight),
    (">>>", Operator::ShiftUnsigned),
    ("&", Operator::And),
    ("|", Operator::Or),
    ("^", Operator::Xor),
    ("<", Operator::Less),
    ("<=", Operator::LessOrEqual),
    (">", Operator::Greater),
    (">=", Operator::GreaterOrEqual),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("===", Operator::Same),
    ("!==", Operator::NotSame),
    ("=~", Operator::Find),
    ("==~", Operator::Match),
];
