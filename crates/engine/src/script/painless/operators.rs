//! What Java's operators and casts do with values.

use super::fault::Fault;
use super::runner::{Run, Runner};
use super::tree::Operator;
use super::types::{Base, StaticType};
use super::value::{HeapObject, ImmutableObject, Value};

/// `left op right`.
pub(super) fn binary(
    run: &mut Runner<'_>,
    operator: Operator,
    left: &Value,
    right: &Value,
) -> Run<Value> {
    match operator {
        Operator::Equal => return Ok(Value::Bool(run.equal(left, right)?)),
        Operator::NotEqual => return Ok(Value::Bool(!run.equal(left, right)?)),
        Operator::Same => return Ok(Value::Bool(same(left, right))),
        Operator::NotSame => return Ok(Value::Bool(!same(left, right))),
        Operator::Find | Operator::Match => return search(run, operator, left, right),
        Operator::Add if is_text(left) || is_text(right) => {
            let text = format!("{}{}", run.print(left)?, run.print(right)?);
            return run.text(text);
        }
        _ => {}
    }
    if let (Value::Int(left), Value::Int(right)) = (left, right) {
        return ints(operator, *left, *right);
    }
    if let (Value::Bool(left), Value::Bool(right)) = (left, right) {
        match operator {
            Operator::And => return Ok(Value::Bool(left & right)),
            Operator::Or => return Ok(Value::Bool(left | right)),
            Operator::Xor => return Ok(Value::Bool(left ^ right)),
            _ => {}
        }
    }
    for (value, name) in [(left, "left"), (right, "right")] {
        if value.is_null() {
            return Err(Fault::null(format!(
                "Cannot invoke \"Object.getClass()\" because \"{name}\" is null"
            )));
        }
    }
    let shift =
        matches!(operator, Operator::ShiftLeft | Operator::ShiftRight | Operator::ShiftUnsigned);
    let rank = if shift { left.rank() } else { left.rank().max(right.rank()) };
    if left.rank() == 0 || right.rank() == 0 {
        return Err(refused(run, operator, left, right));
    }
    match rank {
        0..=3 => ints(
            operator,
            left.as_int().unwrap_or(0),
            if shift { right.as_long().unwrap_or(0) as i32 } else { right.as_int().unwrap_or(0) },
        ),
        4 => longs(operator, left.as_long().unwrap_or(0), right.as_long().unwrap_or(0)),
        5 => match floats(operator, as_float(left), as_float(right)) {
            Some(value) => Ok(value),
            None => Err(refused(run, operator, left, right)),
        },
        _ => {
            let (one, two) = (left.as_double().unwrap_or(0.0), right.as_double().unwrap_or(0.0));
            match doubles(operator, one, two) {
                Some(value) => Ok(value),
                None => Err(refused(run, operator, left, right)),
            }
        }
    }
}

fn refused(run: &Runner<'_>, operator: Operator, left: &Value, right: &Value) -> Fault {
    Fault::cast(format!(
        "Cannot apply [{}] operation to types [{}] and [{}].",
        operator.sign(),
        run.class_full_name(left),
        run.class_full_name(right)
    ))
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::Text(_))
}

fn as_float(value: &Value) -> f32 {
    match value {
        Value::Float(number) => *number,
        Value::Long(number) => *number as f32,
        other => other.as_double().unwrap_or(0.0) as f32,
    }
}

fn division() -> Fault {
    Fault::thrown("ArithmeticException", "/ by zero")
}

fn ints(operator: Operator, left: i32, right: i32) -> Run<Value> {
    Ok(match operator {
        Operator::Add => Value::Int(left.wrapping_add(right)),
        Operator::Subtract => Value::Int(left.wrapping_sub(right)),
        Operator::Multiply => Value::Int(left.wrapping_mul(right)),
        Operator::Divide | Operator::Remainder if right == 0 => return Err(division()),
        Operator::Divide => Value::Int(left.wrapping_div(right)),
        Operator::Remainder => Value::Int(left.wrapping_rem(right)),
        Operator::ShiftLeft => Value::Int(left.wrapping_shl(right as u32)),
        Operator::ShiftRight => Value::Int(left.wrapping_shr(right as u32)),
        Operator::ShiftUnsigned => Value::Int((left as u32).wrapping_shr(right as u32) as i32),
        Operator::And => Value::Int(left & right),
        Operator::Or => Value::Int(left | right),
        Operator::Xor => Value::Int(left ^ right),
        other => Value::Bool(ordered(other, left.cmp(&right))),
    })
}

fn longs(operator: Operator, left: i64, right: i64) -> Run<Value> {
    Ok(match operator {
        Operator::Add => Value::Long(left.wrapping_add(right)),
        Operator::Subtract => Value::Long(left.wrapping_sub(right)),
        Operator::Multiply => Value::Long(left.wrapping_mul(right)),
        Operator::Divide | Operator::Remainder if right == 0 => return Err(division()),
        Operator::Divide => Value::Long(left.wrapping_div(right)),
        Operator::Remainder => Value::Long(left.wrapping_rem(right)),
        Operator::ShiftLeft => Value::Long(left.wrapping_shl(right as u32)),
        Operator::ShiftRight => Value::Long(left.wrapping_shr(right as u32)),
        Operator::ShiftUnsigned => Value::Long((left as u64).wrapping_shr(right as u32) as i64),
        Operator::And => Value::Long(left & right),
        Operator::Or => Value::Long(left | right),
        Operator::Xor => Value::Long(left ^ right),
        other => Value::Bool(ordered(other, left.cmp(&right))),
    })
}

fn ordered(operator: Operator, order: std::cmp::Ordering) -> bool {
    match operator {
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        _ => order.is_ge(),
    }
}

fn floats(operator: Operator, left: f32, right: f32) -> Option<Value> {
    Some(match operator {
        Operator::Add => Value::Float(left + right),
        Operator::Subtract => Value::Float(left - right),
        Operator::Multiply => Value::Float(left * right),
        Operator::Divide => Value::Float(left / right),
        Operator::Remainder => Value::Float(left % right),
        other => return doubles(other, left.into(), right.into()),
    })
}

fn doubles(operator: Operator, left: f64, right: f64) -> Option<Value> {
    Some(match operator {
        Operator::Add => Value::Double(left + right),
        Operator::Subtract => Value::Double(left - right),
        Operator::Multiply => Value::Double(left * right),
        Operator::Divide => Value::Double(left / right),
        Operator::Remainder => Value::Double(left % right),
        Operator::Less => Value::Bool(left < right),
        Operator::LessOrEqual => Value::Bool(left <= right),
        Operator::Greater => Value::Bool(left > right),
        Operator::GreaterOrEqual => Value::Bool(left >= right),
        _ => return None,
    })
}

/// `===`
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::HeapReference(left), Value::HeapReference(right)) => left == right,
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::ImmutableObject(left), Value::ImmutableObject(right)) => {
            std::sync::Arc::ptr_eq(left, right)
        }
        _ => left.rank() > 0 && right.rank() > 0 && left.as_double() == right.as_double(),
    }
}

/// `=~` and `==~`
fn search(run: &mut Runner<'_>, operator: Operator, left: &Value, right: &Value) -> Run<Value> {
    let Some(ImmutableObject::Pattern(regex, source)) = right.as_thing() else {
        return Err(Fault::null(
            "Cannot invoke \"java.util.regex.Pattern.matcher(java.lang.CharSequence)\" because value is null",
        ));
    };
    let text = run.print(left)?;
    run.charge(1 + text.len() as u64 / 8)?;
    let found = if operator == Operator::Find {
        regex.is_match(&text)
    } else {
        super::regexes::matches_whole(regex, source, &text)
    };
    Ok(Value::Bool(found))
}

/// `~x`
pub(super) fn complement(run: &Runner<'_>, value: &Value) -> Run<Value> {
    match value {
        Value::Long(number) => Ok(Value::Long(!number)),
        Value::Float(_) | Value::Double(_) => Err(refused_alone(run, "~", value)),
        _ => value
            .as_int()
            .map(|number| Value::Int(!number))
            .ok_or_else(|| refused_alone(run, "~", value)),
    }
}

/// `-x`
pub(super) fn negate(run: &Runner<'_>, value: &Value) -> Run<Value> {
    Ok(match value {
        Value::Long(number) => Value::Long(number.wrapping_neg()),
        Value::Float(number) => Value::Float(-number),
        Value::Double(number) => Value::Double(-number),
        _ => {
            Value::Int(value.as_int().ok_or_else(|| refused_alone(run, "-", value))?.wrapping_neg())
        }
    })
}

/// `+x`
pub(super) fn plus(run: &Runner<'_>, value: &Value) -> Run<Value> {
    Ok(match value {
        Value::Long(_) | Value::Float(_) | Value::Double(_) => value.clone(),
        _ => Value::Int(value.as_int().ok_or_else(|| refused_alone(run, "+", value))?),
    })
}

fn refused_alone(run: &Runner<'_>, sign: &str, value: &Value) -> Fault {
    if value.is_null() {
        return Fault::null("Cannot invoke \"Object.getClass()\" because \"unary\" is null");
    }
    Fault::cast(format!(
        "Cannot apply [{sign}] operation to type [{}].",
        run.class_full_name(value)
    ))
}

/// The refusal of something that must be true or false.
pub(super) fn no_boolean(run: &Runner<'_>, value: &Value) -> Fault {
    if value.is_null() {
        return Fault::null("Cannot invoke \"Object.getClass()\" because \"value\" is null");
    }
    Fault::cast(format!("cannot cast def [{}] to boolean", shown_type(run, value)))
}

/// How casts name a value's type: primitives by their own names.
fn shown_type(run: &Runner<'_>, value: &Value) -> String {
    match type_of(value) {
        Some(ty) => ty.unboxed().full_name(),
        None => run.class_full_name(value),
    }
}

/// The static type of a primitive or string.
pub(super) fn type_of(value: &Value) -> Option<StaticType> {
    Some(match value {
        Value::Bool(_) => StaticType::BOOL,
        Value::Byte(_) => StaticType::plain(Base::Byte),
        Value::Short(_) => StaticType::plain(Base::Short),
        Value::Char(_) => StaticType::CHAR,
        Value::Int(_) => StaticType::INT,
        Value::Long(_) => StaticType::LONG,
        Value::Float(_) => StaticType::FLOAT,
        Value::Double(_) => StaticType::DOUBLE,
        Value::Text(_) => StaticType::string(),
        _ => return None,
    })
}

/// A cast that a script wrote or that an assignment makes.
pub(super) fn cast(
    run: &mut Runner<'_>,
    value: Value,
    ty: StaticType,
    explicit: bool,
) -> Run<Value> {
    if ty.is_primitive() {
        return match converted(value.clone(), ty, explicit) {
            Err(Fault::Thrown(_)) if !value.is_null() && ty == StaticType::BOOL => {
                Err(no_boolean(run, &value))
            }
            Err(Fault::Thrown(_)) if !value.is_null() => {
                let how = if explicit { "explicitly" } else { "implicitly" };
                let own = shown_type(run, &value);
                Err(Fault::cast(format!("cannot {how} cast def [{own}] to {}", ty.full_name())))
            }
            other => other,
        };
    }
    if value.is_null() || ty.is_def() {
        return Ok(value);
    }
    if ty == StaticType::string()
        && explicit
        && let Value::Char(letter) = value
    {
        return run.text(String::from_utf16_lossy(&[letter]));
    }
    if run.instance_of(&value, ty) {
        return Ok(value);
    }
    // A number goes into a wider box.
    let inner = ty.unboxed();
    if inner.is_primitive()
        && value.rank() > 0
        && let Ok(number) = converted(value.clone(), inner, explicit)
    {
        return Ok(number);
    }
    let own = run.class_full_name(&value);
    Err(Fault::cast(format!("Cannot cast {own} to {}", ty.full_name())))
}

/// A value as a primitive: wider always, narrower where `explicit`.
pub(super) fn converted(value: Value, ty: StaticType, explicit: bool) -> Run<Value> {
    let wanted = ty.rank();
    if !ty.is_primitive() || type_of(&value) == Some(ty) {
        return Ok(value);
    }
    if value.is_null() {
        return Err(Fault::null("Cannot invoke \"Object.getClass()\" because \"value\" is null"));
    }
    let no = || Fault::cast(format!("cannot cast def to {}", ty.full_name()));
    if let Value::Text(text) = &value {
        // A string of one letter is a letter where the script says so.
        let mut units = text.encode_utf16();
        let one = units.next().filter(|_| units.next().is_none());
        return match (ty.base, explicit, one) {
            (Base::Char, true, Some(unit)) => Ok(Value::Char(unit)),
            _ => Err(no()),
        };
    }
    let own = value.rank();
    let fits = own > 0 && wanted > 0 && (own < wanted && ty != StaticType::CHAR || explicit);
    if !fits {
        return Err(no());
    }
    let whole = value.as_long().unwrap_or(0);
    Ok(match ty.base {
        // Java goes from a fraction to the small ones by way of `int`.
        Base::Byte => Value::Byte(value.as_int().unwrap_or(0) as i8),
        Base::Short => Value::Short(value.as_int().unwrap_or(0) as i16),
        Base::Char => Value::Char(value.as_int().unwrap_or(0) as u16),
        Base::Int => Value::Int(value.as_int().unwrap_or(0)),
        Base::Long => Value::Long(whole),
        Base::Float => Value::Float(as_float(&value)),
        Base::Double => Value::Double(value.as_double().unwrap_or(0.0)),
        _ => return Err(no()),
    })
}

impl Runner<'_> {
    /// Java's `equals` of references, and `==` of numbers.
    pub(super) fn equal(&mut self, left: &Value, right: &Value) -> Run<bool> {
        if left.rank() > 0 && right.rank() > 0 {
            let fractions = left.rank() > 4 || right.rank() > 4;
            return Ok(if fractions {
                left.as_double() == right.as_double()
            } else {
                left.as_long() == right.as_long()
            });
        }
        self.equals(left, right, 0)
    }

    /// Java's `equals`.
    pub(super) fn equals(&mut self, left: &Value, right: &Value, depth: usize) -> Run<bool> {
        self.charge(1)?;
        self.not_too_deep(depth)?;
        Ok(match (left, right) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Byte(left), Value::Byte(right)) => left == right,
            (Value::Short(left), Value::Short(right)) => left == right,
            (Value::Char(left), Value::Char(right)) => left == right,
            (Value::Int(left), Value::Int(right)) => left == right,
            (Value::Long(left), Value::Long(right)) => left == right,
            (Value::Float(left), Value::Float(right)) => left.to_bits() == right.to_bits(),
            (Value::Double(left), Value::Double(right)) => left.to_bits() == right.to_bits(),
            (Value::Text(left), Value::Text(right)) => left == right,
            (Value::ImmutableObject(_), Value::ImmutableObject(_)) => {
                same(left, right)
                    || self.print(left)? == self.print(right)?
                        && self.class_of(left) == self.class_of(right)
            }
            (Value::HeapReference(one), Value::HeapReference(two)) if one == two => true,
            (Value::HeapReference(one), Value::HeapReference(two)) => {
                let (one, two) = (self.heap.get(*one).cloned(), self.heap.get(*two).cloned());
                return self.cells_equal(one, two, depth);
            }
            _ => false,
        })
    }

    fn cells_equal(
        &mut self,
        left: Option<HeapObject>,
        right: Option<HeapObject>,
        depth: usize,
    ) -> Run<bool> {
        match (left, right) {
            (
                Some(HeapObject::List(_, left) | HeapObject::Doc(_, left)),
                Some(HeapObject::List(_, right) | HeapObject::Doc(_, right)),
            ) => {
                self.charge(1 + left.len() as u64)?;
                if left.len() != right.len() {
                    return Ok(false);
                }
                for (left, right) in left.iter().zip(&right) {
                    if !self.equals(left, right, depth + 1)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Some(HeapObject::Set(left)), Some(HeapObject::Set(right)))
            | (Some(HeapObject::Map(left)), Some(HeapObject::Map(right))) => {
                self.charge(1 + left.len() as u64)?;
                if left.len() != right.len() {
                    return Ok(false);
                }
                for (key, value) in left.entries() {
                    let key = self.key(&key)?;
                    let Some(other) = right.get(&key).cloned() else { return Ok(false) };
                    if !self.equals(&value, &other, depth + 1)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Some(HeapObject::Entry(one, left, _)), Some(HeapObject::Entry(two, right, _))) => {
                Ok(self.equals(&one, &two, depth + 1)? && self.equals(&left, &right, depth + 1)?)
            }
            _ => Ok(false),
        }
    }

    /// Refuses what is nested too deep to be walked.
    pub(super) fn not_too_deep(&self, depth: usize) -> Run<()> {
        if depth > DEPTH_MAX {
            return Err(super::exceptions::overflow(&self.program.source));
        }
        Ok(())
    }
}

/// How deep values are walked that are printed, compared or handed out.
pub(super) const DEPTH_MAX: usize = 100;
