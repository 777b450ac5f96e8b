//! Lambdas, method references and comparators.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::script::painless::fault::Fault;
use crate::script::painless::operators;
use crate::script::painless::runner::{Native, Run, Runner};
use crate::script::painless::tree::FunctionValue;
use crate::script::painless::types::{CLASSES, StaticType};
use crate::script::painless::value::{ImmutableObject, Value};

impl Runner<'_> {
    /// Calls a function value.
    pub(in super::super) fn call_value(&mut self, on: &Value, given: Vec<Value>) -> Run<Value> {
        self.charge(1)?;
        let function = match on.as_thing() {
            Some(ImmutableObject::Function(function)) => function.clone(),
            Some(ImmutableObject::Comparator(..)) => {
                let [left, right] = given.as_slice() else { return Ok(Value::Null) };
                let order = compare(self, on, left, right)?;
                return Ok(Value::Int(order as i32));
            }
            _ => return Err(Fault::null("Cannot invoke a function that is null")),
        };
        match function {
            FunctionValue::Own(number, captured) => {
                let program = self.program;
                let Some(own) = program.functions.get(number) else { return Ok(Value::Null) };
                self.call(own, given, &captured)
            }
            FunctionValue::Static(class, name) => self.call_static(class, &name, given),
            FunctionValue::Method(class, name) => self.call_reference(class, &name, given),
            FunctionValue::New(class) => self.new_object(class, given),
            FunctionValue::NewArray(ty) => {
                let size = given.first().and_then(Value::as_int).unwrap_or(0);
                let items = vec![
                    ty.element().default_value();
                    usize::try_from(size).unwrap_or(0).min(1 << 20)
                ];
                self.put(crate::script::painless::value::HeapObject::Array(ty.element(), items))
            }
            FunctionValue::Bound(on, name) => self.method(&on, &name, given),
            FunctionValue::Identity => Ok(given.into_iter().next().unwrap_or(Value::Null)),
            FunctionValue::Composed(name, parts) => self.call_composed(name, &parts, given),
        }
    }

    /// `Type::method`: of the first argument, or static where that fits the number of arguments.
    fn call_reference(&mut self, class: &str, name: &str, given: Vec<Value>) -> Run<Value> {
        let number = CLASSES.named(class).unwrap_or_default();
        if CLASSES.static_method(number, name, given.len()).is_some() {
            return self.call_static(class, name, given);
        }
        let mut given = given.into_iter();
        let Some(on) = given.next() else { return Ok(Value::Null) };
        self.method(&on, name, given.collect())
    }

    fn call_composed(&mut self, name: &str, parts: &[Value], given: Vec<Value>) -> Run<Value> {
        let (Some(first), second) = (parts.first(), parts.get(1)) else { return Ok(Value::Null) };
        match (name, second) {
            ("negate", _) => {
                let value = self.call_value(first, given)?;
                Ok(Value::Bool(!self.is_true(&value)?))
            }
            ("and" | "or", Some(second)) => {
                let value = self.call_value(first, given.clone())?;
                if self.is_true(&value)? == (name == "or") {
                    return Ok(value);
                }
                self.call_value(second, given)
            }
            ("andThen", Some(second)) => {
                let value = self.call_value(first, given)?;
                self.call_value(second, vec![value])
            }
            ("compose", Some(second)) => {
                let value = self.call_value(second, given)?;
                self.call_value(first, vec![value])
            }
            _ => Ok(Value::Null),
        }
    }

    /// A method of a functional interface, called on a function.
    pub(super) fn call_function_method(
        &mut self,
        on: &Value,
        name: &str,
        given: Vec<Value>,
    ) -> Run<Value> {
        match name {
            "negate" | "and" | "or" | "andThen" | "compose" => {
                let name = ["negate", "and", "or", "andThen", "compose"]
                    .into_iter()
                    .find(|known| *known == name)
                    .unwrap_or("negate");
                let mut parts = vec![on.clone()];
                parts.extend(given);
                Ok(Value::thing(ImmutableObject::Function(FunctionValue::Composed(name, parts))))
            }
            "reversed"
            | "thenComparing"
            | "thenComparingInt"
            | "thenComparingLong"
            | "thenComparingDouble" => comparator_method(self, on, name, &given)?
                .ok_or_else(|| Fault::not_built("Comparator", name)),
            _ => self.call_value(on, given),
        }
    }

    /// A value that must be true or false.
    pub(super) fn is_true(&mut self, value: &Value) -> Run<bool> {
        match value {
            Value::Bool(flag) => Ok(*flag),
            other => Err(operators::no_boolean(self, other)),
        }
    }

    /// Whether a predicate holds.
    pub(super) fn holds(&mut self, predicate: &Value, item: &Value) -> Run<bool> {
        let value = self.call_value(predicate, vec![item.clone()])?;
        self.is_true(&value)
    }
}

/// The order that a comparator gives; the natural one for `null`.
pub(super) fn compare(
    run: &mut Runner<'_>,
    comparator: &Value,
    left: &Value,
    right: &Value,
) -> Run<Ordering> {
    if comparator.is_null() {
        return natural(run, left, right);
    }
    let Some(ImmutableObject::Comparator(name, parts)) = comparator.as_thing() else {
        let value = run.call_value(comparator, vec![left.clone(), right.clone()])?;
        let value = operators::cast(run, value, StaticType::INT, false)?;
        return Ok(value.as_int().unwrap_or(0).cmp(&0));
    };
    let part = |at: usize| parts.get(at).cloned().unwrap_or(Value::Null);
    run.charge(1)?;
    match *name {
        "reverseOrder" => natural(run, right, left),
        "reversed" => compare(run, &part(0), right, left),
        "comparing" => {
            let one = run.call_value(&part(0), vec![left.clone()])?;
            let two = run.call_value(&part(0), vec![right.clone()])?;
            compare(run, &part(1), &one, &two)
        }
        "then" => match compare(run, &part(0), left, right)? {
            Ordering::Equal => compare(run, &part(1), left, right),
            order => Ok(order),
        },
        "nullsFirst" | "nullsLast" => {
            let first = if *name == "nullsFirst" { Ordering::Less } else { Ordering::Greater };
            match (left.is_null(), right.is_null()) {
                (true, true) => Ok(Ordering::Equal),
                (true, false) => Ok(first),
                (false, true) => Ok(first.reverse()),
                (false, false) => compare(run, &part(0), left, right),
            }
        }
        "byKey" | "byValue" => {
            let own = if *name == "byKey" { "getKey" } else { "getValue" };
            let one = run.method(left, own, Vec::new())?;
            let two = run.method(right, own, Vec::new())?;
            compare(run, &part(0), &one, &two)
        }
        _ => natural(run, left, right),
    }
}

/// Java's `compareTo`.
pub(super) fn natural(run: &mut Runner<'_>, left: &Value, right: &Value) -> Run<Ordering> {
    run.charge(1)?;
    if left.is_null() || right.is_null() {
        return Err(Fault::null(
            "Cannot invoke \"java.lang.Comparable.compareTo(Object)\" because a value is null",
        ));
    }
    let order = match (left, right) {
        (Value::Text(left), Value::Text(right)) => {
            run.charge(1 + left.len().min(right.len()) as u64 / 16)?;
            Some(left.encode_utf16().cmp(right.encode_utf16()))
        }
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        _ if left.rank() > 0 && run.class_of(left) == run.class_of(right) => {
            let fractions = left.rank() > 4;
            Some(if fractions {
                left.as_double().unwrap_or(0.0).total_cmp(&right.as_double().unwrap_or(0.0))
            } else {
                left.as_long().cmp(&right.as_long())
            })
        }
        (Value::ImmutableObject(left), Value::ImmutableObject(right)) => {
            crate::script::painless::times::compare(left, right)
        }
        _ => None,
    };
    order.ok_or_else(|| {
        let (left, right) = (run.class_full_name(left), run.class_full_name(right));
        Fault::cast(format!("class {right} cannot be cast to class {left} ({right} and {left} are in module java.base of loader 'bootstrap')"))
    })
}

/// Methods of a comparator.
pub(super) fn comparator_method(
    run: &mut Runner<'_>,
    on: &Value,
    name: &str,
    given: &[Value],
) -> Native {
    let made = |name: &'static str, parts: Vec<Value>| {
        Ok(Some(Value::thing(ImmutableObject::Comparator(name, parts))))
    };
    match (name, given) {
        ("compare", [left, right]) => Ok(Some(Value::Int(compare(run, on, left, right)? as i32))),
        ("reversed", []) => made("reversed", vec![on.clone()]),
        ("thenComparing", [other]) => {
            // A function of one argument gives a key, one of two compares.
            let compares = match other.as_thing() {
                Some(ImmutableObject::Function(FunctionValue::Own(number, _))) => {
                    run.program.functions.get(*number).is_some_and(|it| it.parameters.len() == 2)
                }
                Some(ImmutableObject::Comparator(..)) => true,
                _ => false,
            };
            let next = if compares {
                other.clone()
            } else {
                Value::thing(ImmutableObject::Comparator("comparing", vec![other.clone()]))
            };
            made("then", vec![on.clone(), next])
        }
        ("thenComparing", [key, order]) => {
            let next = ImmutableObject::Comparator("comparing", vec![key.clone(), order.clone()]);
            made("then", vec![on.clone(), Value::thing(next)])
        }
        ("thenComparingInt" | "thenComparingLong" | "thenComparingDouble", [key]) => {
            let next = ImmutableObject::Comparator("comparing", vec![key.clone()]);
            made("then", vec![on.clone(), Value::thing(next)])
        }
        _ => Ok(None),
    }
}

/// `Comparator.comparing`, `Function.identity`, `Objects.equals` and their like.
pub(super) fn statics(run: &mut Runner<'_>, class: &str, name: &str, given: &[Value]) -> Native {
    let comparator = |name: &'static str, parts: &[Value]| {
        Ok(Some(Value::thing(ImmutableObject::Comparator(name, parts.to_vec()))))
    };
    match (class, name, given) {
        ("Comparator", "naturalOrder", []) => comparator("naturalOrder", &[]),
        ("Comparator", "reverseOrder", []) => comparator("reverseOrder", &[]),
        (
            "Comparator",
            "comparing" | "comparingInt" | "comparingLong" | "comparingDouble",
            [..],
        ) => comparator("comparing", given),
        ("Comparator", "nullsFirst", [_]) => comparator("nullsFirst", given),
        ("Comparator", "nullsLast", [_]) => comparator("nullsLast", given),
        ("Function" | "UnaryOperator", "identity", []) => {
            Ok(Some(Value::thing(ImmutableObject::Function(FunctionValue::Identity))))
        }
        ("Objects", "equals" | "deepEquals", [left, right]) => {
            Ok(Some(Value::Bool(run.equals(left, right, 0)?)))
        }
        ("Objects", "hashCode", [value]) => Ok(Some(Value::Int(run.hash_code(value, 0)?))),
        ("Objects", "isNull", [value]) => Ok(Some(Value::Bool(value.is_null()))),
        ("Objects", "nonNull", [value]) => Ok(Some(Value::Bool(!value.is_null()))),
        ("Objects", "toString", [value]) => Ok(Some(Value::Text(run.print(value)?))),
        ("Objects", "toString", [value, other]) => {
            let shown = if value.is_null() { other } else { value };
            Ok(Some(Value::Text(run.print(shown)?)))
        }
        ("Objects", "requireNonNull", [value, ..]) => {
            if !value.is_null() {
                return Ok(Some(value.clone()));
            }
            let message: Arc<str> = match given.get(1) {
                Some(message) => run.print(message)?,
                None => "null".into(),
            };
            Err(Fault::null(message.to_string()))
        }
        ("Objects", "compare", [left, right, order]) => {
            Ok(Some(Value::Int(compare(run, order, left, right)? as i32)))
        }
        _ => Ok(None),
    }
}
