//! Which type may stand where another is wanted. Source: the answers of the real servers.

use super::compiler::Compiled;
use super::fault::CompileFault;
use super::tree::{Op, ScriptNode};
use super::types::{Base, CLASSES, StaticType};
use super::value::Value;

/// `node` of type `from` as `to`; `explicit` where the script wrote the cast.
///
/// # Errors
/// `class_cast_exception` "Cannot cast from [..] to [..]."
pub(super) fn cast(
    node: ScriptNode,
    from: StaticType,
    to: StaticType,
    explicit: bool,
) -> Compiled<ScriptNode> {
    cast_as(node, from, to, if explicit { CastReason::Written } else { CastReason::Assigned })
}

/// Puts a cast from a type to another around a node.
pub(super) type Cast = fn(ScriptNode, StaticType, StaticType) -> Compiled<ScriptNode>;

/// `node` of type `from` as what is returned as `to`: into the box of any number.
///
/// # Errors
/// As [`cast`].
pub(super) fn returned(node: ScriptNode, from: StaticType, to: StaticType) -> Compiled<ScriptNode> {
    let how =
        if to.class_name() == Some("Number") { CastReason::Passed } else { CastReason::Assigned };
    cast_as(node, from, to, how)
}

/// `node` of type `from` as an argument of type `to`: into boxes and out of them too.
///
/// # Errors
/// As [`cast`].
pub(super) fn argument(node: ScriptNode, from: StaticType, to: StaticType) -> Compiled<ScriptNode> {
    cast_as(node, from, to, CastReason::Passed)
}

/// Why a value is cast.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CastReason {
    Written,
    Assigned,
    Passed,
}

fn cast_as(
    node: ScriptNode,
    from: StaticType,
    to: StaticType,
    how: CastReason,
) -> Compiled<ScriptNode> {
    let explicit = how == CastReason::Written;
    let through_boxes = how != CastReason::Assigned;
    if from == to {
        return Ok(node);
    }
    if from == StaticType::VOID || to == StaticType::VOID {
        return Err(refused(&node, from, to));
    }
    if matches!(node.op, Op::Constant(Value::Null)) {
        if to.is_primitive() {
            let reason = format!("Cannot cast null to a primitive type [{}].", to.full_name());
            return Err(CompileFault::new(node.at, reason));
        }
        return Ok(node);
    }
    if to.is_def() || is_object(to) && (through_boxes || !from.is_primitive()) {
        return Ok(node);
    }
    // A whole number that is a letter's may be written for it.
    if to == StaticType::CHAR && matches!(node.op, Op::Constant(Value::Int(0..=0xFFFF))) {
        return Ok(wrapped(node, to, true));
    }
    if from.is_def() {
        return Ok(wrapped(node, to, explicit));
    }
    if from.is_array() || to.is_array() {
        let open =
            |ty: StaticType| ty.is_array() && (ty.element().is_def() || is_object(ty.element()));
        if open(from) && open(to) {
            return Ok(node);
        }
        let allowed = explicit && is_object(from);
        return if allowed {
            Ok(wrapped(node, to, explicit))
        } else {
            Err(refused(&node, from, to))
        };
    }
    let allowed = match (from.is_primitive(), to.is_primitive()) {
        (true, true) => primitives(from, to, explicit),
        (true, false) => {
            through_boxes && boxes(from, to)
                || explicit && from == StaticType::CHAR && is_class(to, "String")
        }
        (false, true) => through_boxes && unboxes(from, to, explicit),
        (false, false) => is_a(from, to) || explicit && is_a(to, from),
    };
    if !allowed {
        return Err(refused(&node, from, to));
    }
    let same = !to.is_primitive() && !explicit;
    Ok(if same { node } else { wrapped(node, to, explicit) })
}

fn wrapped(node: ScriptNode, to: StaticType, explicit: bool) -> ScriptNode {
    ScriptNode { at: node.at, op: Op::Cast(to, explicit, Box::new(node)) }
}

fn refused(node: &ScriptNode, from: StaticType, to: StaticType) -> CompileFault {
    let reason = format!("Cannot cast from [{}] to [{}].", from.full_name(), to.full_name());
    CompileFault::cast(node.at, reason)
}

/// Between primitives: wider always, narrower where it is written.
fn primitives(from: StaticType, to: StaticType, explicit: bool) -> bool {
    let (narrow, wide) = (from.rank(), to.rank());
    if narrow == 0 || wide == 0 {
        return false;
    }
    let widens = narrow < wide && !(to == StaticType::CHAR);
    widens || explicit
}

fn boxes(from: StaticType, to: StaticType) -> bool {
    let boxed = from.boxed();
    boxed == to
        || is_a(boxed, to)
        || is_class(to, "Number") && from.rank() > 0 && from != StaticType::CHAR
        || is_class(to, "Comparable")
}

fn unboxes(from: StaticType, to: StaticType, explicit: bool) -> bool {
    let own = from.unboxed();
    if own.is_primitive() {
        return own == to || primitives(own, to, explicit);
    }
    if is_class(from, "String") {
        return explicit && to == StaticType::CHAR;
    }
    explicit && (is_object(from) || is_class(from, "Number") || is_class(from, "Comparable"))
}

/// Whether a value of class `from` is one of class `to` too.
pub(super) fn is_a(from: StaticType, to: StaticType) -> bool {
    match (from.class_number(), to.class_number()) {
        (Some(from), Some(to)) => CLASSES.is_a(from, to),
        _ => false,
    }
}

/// Whether `ty` is the class with this simple name, or comes after it.
pub(super) fn is_class(ty: StaticType, name: &str) -> bool {
    is_a(ty, StaticType::class(name))
}

fn is_object(ty: StaticType) -> bool {
    ty.class_name() == Some("Object")
}

/// The type in which two numbers are reckoned with; `None` where one of them is none. `def` if either is.
pub(super) fn promoted(left: StaticType, right: StaticType) -> Option<StaticType> {
    if left.is_def() || right.is_def() {
        return Some(StaticType::DEF);
    }
    let widest = left.rank().max(right.rank());
    if left.rank() == 0 || right.rank() == 0 {
        return None;
    }
    Some(match widest {
        6 => StaticType::DOUBLE,
        5 => StaticType::FLOAT,
        4 => StaticType::LONG,
        _ => StaticType::INT,
    })
}

/// The type of `c ? left : right`.
pub(super) fn joined(left: StaticType, right: StaticType) -> StaticType {
    if left == right {
        return left;
    }
    match promoted(left, right) {
        Some(ty) if left.is_primitive() && right.is_primitive() => ty,
        _ if left.base == Base::Def || right.base == Base::Def => StaticType::DEF,
        _ => StaticType::class("Object"),
    }
}
