//! What Java's classes do, by name: the methods of the table in `classes.txt`. One that is in the table and not built
//! here is refused by name.

mod builders;
mod docs;
mod format;
mod functions;
mod lists;
mod maps;
pub(crate) mod moving;
mod numbers;
mod pattern;
mod scoring;
pub(super) mod streams;
mod strings;
mod tokenizer;

use super::fault::{Fault, Thrown};
use super::operators;
use super::runner::{Native, Run, Runner};
use super::times;
use super::types::{CLASSES, StaticType};
use super::value::{DocKind, HeapObject, ImmutableObject, JavaMap, MapOrder, Value, View};

impl<'a> Runner<'a> {
    /// Calls a method of a value.
    pub(super) fn method(&mut self, on: &Value, name: &str, given: Vec<Value>) -> Run<Value> {
        let mut given = given;
        if on.is_null() {
            return Err(Fault::null(
                "Cannot invoke \"Object.getClass()\" because \"callArgs[0]\" is null",
            ));
        }
        if let Some(ImmutableObject::Function(_)) = on.as_thing() {
            return self.call_function_method(on, name, given);
        }
        let class = self.class_of(on);
        let Some(number) = CLASSES.named(class) else {
            return Err(Fault::illegal(format!(
                "dynamic method [{class}, {name}/{}] not found",
                given.len()
            )));
        };
        let Some(signature) = CLASSES.method(number, name, given.len()) else {
            let full = self.class_full_name(on);
            return Err(Fault::illegal(format!(
                "dynamic method [{full}, {name}/{}] not found",
                given.len()
            )));
        };
        self.convert(&mut given, &signature.parameters)?;
        match self.native(on, class, name, &given)? {
            Some(value) => Ok(value),
            None => Err(Fault::not_built(class, name)),
        }
    }

    fn native(&mut self, on: &Value, class: &str, name: &str, given: &[Value]) -> Native {
        let done = match on {
            Value::Text(text) => strings::method(self, text, name, given)?,
            Value::HeapReference(place) => match self.heap.get(*place) {
                Some(HeapObject::List(..)) => lists::method(self, *place, name, given)?,
                Some(HeapObject::Set(_)) => lists::set_method(self, *place, name, given)?,
                Some(HeapObject::Map(_)) => maps::method(self, *place, name, given)?,
                Some(HeapObject::Entry(..)) => maps::entry_method(self, *place, name, given)?,
                Some(HeapObject::View(..)) => maps::view_method(self, *place, name, given)?,
                Some(HeapObject::Stream(..)) => streams::method(self, *place, name, given)?,
                Some(HeapObject::Doc(..)) => docs::method(self, *place, name, given)?,
                Some(HeapObject::AllDocs) => docs::all_method(self, name, given)?,
                Some(HeapObject::Matcher(_)) => pattern::matcher_method(self, *place, name, given)?,
                Some(_) => builders::method(self, *place, name, given)?,
                None => None,
            },
            Value::ImmutableObject(thing) => match &**thing {
                ImmutableObject::Pattern(..) => pattern::method(self, thing, name, given)?,
                ImmutableObject::Optional(..) => {
                    streams::optional_method(self, thing, name, given)?
                }
                ImmutableObject::GeoPoint(..) => docs::point_method(thing, name),
                ImmutableObject::Comparator(..) => {
                    functions::comparator_method(self, on, name, given)?
                }
                ImmutableObject::Exception(..) => exception_method(self, thing, name)?,
                ImmutableObject::Named(class) => builders::named_method(self, class, name, given)?,
                ImmutableObject::Told(_, told) => {
                    told.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
                }
                _ => times::method(self, thing, name, given)?,
            },
            _ => numbers::method(self, on, name, given)?,
        };
        match done {
            Some(value) => Ok(Some(value)),
            None => self.any_method(on, class, name, given),
        }
    }

    /// The methods that every object has, and those of every iterable.
    fn any_method(&mut self, on: &Value, _class: &str, name: &str, given: &[Value]) -> Native {
        Ok(Some(match (name, given) {
            ("toString", []) => Value::Text(self.print(on)?),
            ("hashCode", []) => Value::Int(self.hash_code(on, 0)?),
            ("equals", [other]) => Value::Bool(self.equals(on, other, 0)?),
            _ => return lists::iterable_method(self, on, name, given),
        }))
    }

    /// Casts arguments to what a method wants.
    pub(super) fn convert(&mut self, given: &mut [Value], wanted: &[StaticType]) -> Run<()> {
        for (value, ty) in given.iter_mut().zip(wanted) {
            if ty.is_primitive() || *ty == StaticType::string() {
                *value = operators::cast(self, value.clone(), *ty, false)?;
            }
        }
        Ok(())
    }

    /// Calls a static method; `.name` reads a static field.
    pub(super) fn call_static(&mut self, class: &str, name: &str, given: Vec<Value>) -> Run<Value> {
        let mut given = given;
        let number = CLASSES.named(class);
        if let Some(signature) =
            number.and_then(|number| CLASSES.static_method(number, name, given.len()))
        {
            self.convert(&mut given, &signature.parameters)?;
        }
        if class == "Debug" {
            return Err(self.explained(given.first().unwrap_or(&Value::Null)));
        }
        let done = match class {
            "String" => strings::statics(self, name, &given)?,
            "Collections" | "Arrays" | "List" | "Set" => lists::statics(self, class, name, &given)?,
            "Map" | "Entry" | "Map.Entry" => maps::statics(class, name, &given)?,
            "Stream" | "IntStream" | "LongStream" | "DoubleStream" | "Collectors" | "Optional"
            | "OptionalInt" | "OptionalDouble" | "OptionalLong" => {
                streams::statics(self, class, name, &given)?
            }
            "Comparator" | "Function" | "UnaryOperator" | "Objects" | "Predicate" => {
                functions::statics(self, class, name, &given)?
            }
            "Pattern" => pattern::statics(name, &given)?,
            "Base64" | "UUID" | "Locale" => builders::statics(self, class, name, &given)?,
            "MovingFunctions" => self.moving_function(name, &given)?,
            _ => match numbers::statics(self, class, name, &given)? {
                Some(value) => Some(value),
                None => times::statics(self, class, name, &given)?,
            },
        };
        done.ok_or_else(|| Fault::not_built(class, name.trim_start_matches('.')))
    }

    /// What `Debug.explain` throws.
    fn explained(&mut self, value: &Value) -> Fault {
        let class = self.class_full_name(value);
        let text = match self.print(value) {
            Ok(text) => text,
            Err(fault) => return fault,
        };
        let mut explained = Vec::new();
        if !value.is_null() {
            explained.push(("painless_class", class.clone().into()));
        }
        explained.push(("to_string", text.to_string().into()));
        if !value.is_null() {
            explained.push(("java_class", class.into()));
        }
        Fault::Thrown(Box::new(Thrown {
            class: "PainlessExplainError".to_owned(),
            message: None,
            at: None,
            explained,
        }))
    }

    /// `new class(…)`
    pub(super) fn new_object(&mut self, class: &'static str, given: Vec<Value>) -> Run<Value> {
        let mut given = given;
        if let Some(signature) =
            CLASSES.named(class).and_then(|number| CLASSES.constructor(number, given.len()))
        {
            self.convert(&mut given, &signature.parameters)?;
        }
        let items = match given.first() {
            Some(value @ Value::HeapReference(_)) => self.items(value).ok(),
            _ => None,
        };
        let cell = match class {
            "ArrayList" | "LinkedList" | "ArrayDeque" | "Stack" | "Vector" | "PriorityQueue" => {
                HeapObject::List(class, items.unwrap_or_default())
            }
            "HashSet" | "LinkedHashSet" | "TreeSet" => {
                let mut set = JavaMap::new(class, order_of(class));
                for item in items.unwrap_or_default() {
                    set.put(self.key(&item)?, item, Value::Null);
                }
                HeapObject::Set(set)
            }
            "HashMap" | "LinkedHashMap" | "TreeMap" => {
                let mut map = JavaMap::new(class, order_of(class));
                if let Some(Value::HeapReference(place)) = given.first()
                    && let Some(HeapObject::Map(other)) = self.heap.get(*place).cloned()
                {
                    for (key, value) in self.sorted_entries(&other)? {
                        map.put(self.key(&key)?, key, value);
                    }
                }
                HeapObject::Map(map)
            }
            "StringBuilder" | "StringBuffer" => {
                let text = match given.first() {
                    Some(value @ (Value::Text(_) | Value::HeapReference(_))) => {
                        self.print(value)?
                    }
                    _ => "".into(),
                };
                HeapObject::Builder(text.encode_utf16().collect())
            }
            "String" => {
                let text = match given.first() {
                    Some(value) => self.print(value)?,
                    None => "".into(),
                };
                return Ok(Value::Text(text));
            }
            "Object" => HeapObject::List("Object", Vec::new()),
            name if name.ends_with("Exception") => {
                let message = match given.first() {
                    Some(value) => Some(self.print(value)?),
                    None => None,
                };
                return Ok(Value::thing(ImmutableObject::Exception(name.into(), message)));
            }
            _ => match builders::constructed(self, class, &given)? {
                Some(value) => return Ok(value),
                None => return Err(Fault::not_built(class, "<init>")),
            },
        };
        self.put(cell)
    }

    // What values are.

    /// The simple name of a value's class.
    pub(super) fn class_of(&self, value: &Value) -> &'static str {
        match value {
            Value::Null => "Object",
            Value::Bool(_) => "Boolean",
            Value::Byte(_) => "Byte",
            Value::Short(_) => "Short",
            Value::Char(_) => "Character",
            Value::Int(_) => "Integer",
            Value::Long(_) => "Long",
            Value::Float(_) => "Float",
            Value::Double(_) => "Double",
            Value::Text(_) => "String",
            Value::ImmutableObject(thing) => thing.class(),
            Value::HeapReference(place) => match self.heap.get(*place) {
                Some(HeapObject::List(class, _) | HeapObject::Stream(class, _)) => class,
                Some(HeapObject::Map(map) | HeapObject::Set(map)) => map.class,
                Some(HeapObject::Builder(_)) => "StringBuilder",
                Some(HeapObject::Iterator(..)) => "Iterator",
                Some(HeapObject::Entry(..)) => "Map.Entry",
                Some(HeapObject::Doc(kind, _)) => doc_class(*kind),
                Some(HeapObject::View(_, View::Values)) => "Collection",
                Some(HeapObject::View(..)) => "Set",
                Some(HeapObject::AllDocs) => "Map",
                Some(HeapObject::Matcher(_)) => "Matcher",
                Some(HeapObject::Random(_)) => "Random",
                Some(HeapObject::Tokenizer(_)) => "StringTokenizer",
                Some(HeapObject::Joiner(..)) => "StringJoiner",
                Some(HeapObject::Statistics(class, ..)) => class,
                Some(HeapObject::Array(..)) | None => "Object",
            },
        }
    }

    /// The name of a value's class in messages.
    pub(super) fn class_full_name(&self, value: &Value) -> String {
        if value.is_null() {
            return "null".to_owned();
        }
        if let Value::HeapReference(place) = value
            && let Some(HeapObject::Array(ty, _)) = self.heap.get(*place)
        {
            return format!("{}[]", ty.full_name());
        }
        StaticType::class(self.class_of(value)).full_name()
    }

    /// Java's `instanceof`.
    pub(super) fn instance_of(&self, value: &Value, ty: StaticType) -> bool {
        if value.is_null() {
            return false;
        }
        if ty.is_def() || ty.class_name() == Some("Object") {
            return true;
        }
        if let Value::HeapReference(place) = value
            && let Some(HeapObject::Array(element, _)) = self.heap.get(*place)
        {
            return ty.is_array() && (ty.element() == *element || ty.element().is_def());
        }
        let Some(wanted) = ty.boxed().class_number() else { return false };
        let own = self.class_of(value);
        if let Some(ImmutableObject::Exception(class, _)) = value.as_thing() {
            return super::exceptions::is_a(class, ty.class_name().unwrap_or_default());
        }
        if matches!(
            value.as_thing(),
            Some(ImmutableObject::Function(_) | ImmutableObject::Comparator(..))
        ) {
            return true;
        }
        let numeric = value.rank() > 0 && !matches!(value, Value::Char(_));
        CLASSES.named(own).is_some_and(|own| CLASSES.is_a(own, wanted))
            || ty.class_name() == Some("Number") && numeric
            || ty.class_name() == Some("Map") && own.ends_with("Map")
    }

    /// What a `for` goes through.
    pub(super) fn items(&mut self, value: &Value) -> Run<Vec<Value>> {
        let found = match value {
            Value::HeapReference(place) => match self.heap.get(*place) {
                Some(
                    HeapObject::List(_, items)
                    | HeapObject::Doc(_, items)
                    | HeapObject::Array(_, items)
                    | HeapObject::Stream(_, items),
                ) => Some(items.clone()),
                Some(HeapObject::Iterator(items, at, _)) => {
                    Some(items.iter().skip(*at).cloned().collect())
                }
                Some(HeapObject::View(of, view)) => {
                    let (of, view) = (*of, *view);
                    Some(maps::viewed(self, of, view)?)
                }
                Some(HeapObject::Set(set)) => {
                    let set = set.clone();
                    Some(self.sorted_entries(&set)?.into_iter().map(|(key, _)| key).collect())
                }
                _ => None,
            },
            Value::Null => {
                return Err(Fault::null(
                    "Cannot invoke \"Object.getClass()\" because \"receiver\" is null",
                ));
            }
            _ => None,
        };
        match found {
            Some(items) => {
                self.charge(1 + items.len() as u64 / 8)?;
                Ok(items)
            }
            None => {
                let class = self.class_full_name(value);
                Err(Fault::illegal(format!("Cannot iterate over [{class}]")))
            }
        }
    }

    // Fields and brackets.

    /// `on.name`
    pub(super) fn field(&mut self, on: &Value, name: &str) -> Run<Value> {
        if on.is_null() {
            return Err(Fault::null(
                "Cannot invoke \"Object.getClass()\" because \"callArgs[0]\" is null",
            ));
        }
        if let Value::HeapReference(place) = on {
            match self.heap.get(*place) {
                Some(HeapObject::Array(_, items)) if name == "length" => {
                    return Ok(Value::Int(items.len() as i32));
                }
                Some(HeapObject::Map(_)) => {
                    let key = self.key(&Value::text(name))?;
                    if let Some(HeapObject::Map(map)) = self.heap.get(*place)
                        && let Some(value) = map.get(&key)
                    {
                        return Ok(value.clone());
                    }
                    return match name {
                        "empty" => self.method(on, "isEmpty", Vec::new()),
                        _ => Ok(Value::Null),
                    };
                }
                Some(HeapObject::AllDocs) => return self.document_field(name),
                _ => {}
            }
        }
        let class = self.class_of(on);
        let number = CLASSES.named(class);
        if let Some((method, _)) = number.and_then(|number| CLASSES.getter(number, name)) {
            return self.method(on, &method, Vec::new());
        }
        if let (Value::HeapReference(_), Ok(index)) = (on, name.parse::<i32>())
            && self.is_list(on)
        {
            return self.index(on, &Value::Int(index));
        }
        if self.is_list(on) {
            return Err(Fault::illegal(format!("Illegal list shortcut value [{name}].")));
        }
        let full = self.class_full_name(on);
        Err(Fault::illegal(format!("dynamic getter [{full}, {name}] not found")))
    }

    fn is_list(&self, value: &Value) -> bool {
        value.place().is_some_and(|place| {
            matches!(self.heap.get(place), Some(HeapObject::List(..) | HeapObject::Doc(..)))
        })
    }

    /// `on.name = value`
    pub(super) fn set_field(&mut self, on: &Value, name: &str, value: Value) -> Run<()> {
        if on.is_null() {
            return Err(Fault::null(
                "Cannot invoke \"Object.getClass()\" because \"callArgs[0]\" is null",
            ));
        }
        let is_map =
            on.place().is_some_and(|it| matches!(self.heap.get(it), Some(HeapObject::Map(_))));
        if is_map {
            return self.set_index(on, &Value::text(name), value);
        }
        let class = self.class_of(on);
        let setter = CLASSES.named(class).and_then(|number| CLASSES.setter(number, name));
        if let Some((method, _)) = setter {
            self.method(on, &method, vec![value])?;
            return Ok(());
        }
        if self.is_list(on) {
            return match name.parse::<i32>() {
                Ok(index) => self.set_index(on, &Value::Int(index), value),
                Err(_) => Err(Fault::illegal(format!("Illegal list shortcut value [{name}]."))),
            };
        }
        let full = self.class_full_name(on);
        Err(Fault::illegal(format!("dynamic setter [{full}, {name}] not found")))
    }

    /// `on[index]`
    pub(super) fn index(&mut self, on: &Value, index: &Value) -> Run<Value> {
        match on.place().and_then(|place| self.heap.get(place)) {
            Some(HeapObject::Map(_)) => {
                let key = self.key(index)?;
                let map = on.place().and_then(|place| self.heap.get(place));
                let Some(HeapObject::Map(map)) = map else { return Ok(Value::Null) };
                Ok(map.get(&key).cloned().unwrap_or(Value::Null))
            }
            Some(HeapObject::AllDocs) => {
                let name = self.print(index)?;
                self.document_field(&name)
            }
            Some(HeapObject::Array(_, items)) => {
                let place = list_place(index, items.len())?;
                items.get(place).cloned().ok_or_else(|| out_of_array(index, items.len()))
            }
            Some(HeapObject::List(_, items) | HeapObject::Doc(_, items)) => {
                let place = list_place(index, items.len())?;
                items.get(place).cloned().ok_or_else(|| out_of_bounds(index, items.len()))
            }
            _ if on.is_null() => Err(Fault::null(
                "Cannot invoke \"Object.getClass()\" because \"callArgs[0]\" is null",
            )),
            _ => {
                let full = self.class_full_name(on);
                Err(Fault::illegal(format!(
                    "Attempting to address a non-array-like type [{full}] as an array."
                )))
            }
        }
    }

    /// `on[index] = value`
    pub(super) fn set_index(&mut self, on: &Value, index: &Value, value: Value) -> Run<()> {
        let place = on.place();
        if place.is_some_and(|it| matches!(self.heap.get(it), Some(HeapObject::Map(_)))) {
            let key = self.key(index)?;
            self.grow(128)?;
            if let Some(HeapObject::Map(map)) = place.and_then(|it| self.heap.get_mut(it)) {
                refuse_changes(map.class)?;
                map.put(key, index.clone(), value);
            }
            return Ok(());
        }
        match place.and_then(|it| self.heap.get_mut(it)) {
            Some(HeapObject::Array(ty, items)) => {
                let ty = *ty;
                let length = items.len();
                let at = list_place(index, length)?;
                let value = operators::converted(value, ty, false)?;
                let slot = items.get_mut(at).ok_or_else(|| out_of_array(index, length))?;
                *slot = value;
                Ok(())
            }
            Some(HeapObject::List(class, items)) => {
                refuse_changes(class)?;
                let length = items.len();
                let at = list_place(index, length)?;
                let slot = items.get_mut(at).ok_or_else(|| out_of_bounds(index, length))?;
                *slot = value;
                Ok(())
            }
            _ if on.is_null() => Err(Fault::null(
                "Cannot invoke \"Object.getClass()\" because \"callArgs[0]\" is null",
            )),
            _ => {
                let full = self.class_full_name(on);
                Err(Fault::illegal(format!(
                    "Attempting to address a non-array-like type [{full}] as an array."
                )))
            }
        }
    }

    /// The entries of a map or set in its own order; what sorts by key is sorted here.
    pub(super) fn sorted_entries(&mut self, map: &JavaMap) -> Run<Vec<(Value, Value)>> {
        self.charge(1 + map.len() as u64)?;
        let entries = map.entries();
        if map.order != MapOrder::Sorted {
            return Ok(entries);
        }
        self.sorted_by(entries, &mut |run, left, right| functions::natural(run, &left.0, &right.0))
    }

    /// Sorts by what a script may have a say in: nothing is moved after it fails.
    pub(super) fn sorted_by<T>(
        &mut self,
        items: Vec<T>,
        compare: &mut dyn FnMut(&mut Runner<'a>, &T, &T) -> Run<std::cmp::Ordering>,
    ) -> Run<Vec<T>> {
        let mut failed = None;
        let mut items = items;
        let mut order = |left: &T, right: &T| {
            if failed.is_some() {
                return std::cmp::Ordering::Equal;
            }
            match compare(self, left, right) {
                Ok(order) => order,
                Err(fault) => {
                    failed = Some(fault);
                    std::cmp::Ordering::Equal
                }
            }
        };
        insertion_merge(&mut items, &mut order);
        match failed {
            Some(fault) => Err(fault),
            None => Ok(items),
        }
    }
}

/// A stable merge sort that stands any order, also one that contradicts itself.
fn insertion_merge<T>(items: &mut Vec<T>, order: &mut impl FnMut(&T, &T) -> std::cmp::Ordering) {
    let mut runs: Vec<Vec<T>> = items.drain(..).map(|item| vec![item]).collect();
    while runs.len() > 1 {
        let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
        let mut pairs = runs.into_iter();
        while let Some(left) = pairs.next() {
            let Some(right) = pairs.next() else {
                merged.push(left);
                break;
            };
            let mut out = Vec::with_capacity(left.len() + right.len());
            let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
            while let (Some(one), Some(two)) = (left.peek(), right.peek()) {
                let from_left = order(one, two).is_le();
                out.extend(if from_left { left.next() } else { right.next() });
            }
            out.extend(left);
            out.extend(right);
            merged.push(out);
        }
        runs = merged;
    }
    *items = runs.pop().unwrap_or_default();
}

/// The order of a map of this class.
pub(super) fn order_of(class: &str) -> MapOrder {
    if class.starts_with("Linked") {
        MapOrder::Linked
    } else if class.starts_with("Tree") {
        MapOrder::Sorted
    } else {
        MapOrder::Hash
    }
}

/// Collections that refuse changes have a class of their own.
pub(super) fn refuse_changes(class: &str) -> Run<()> {
    if class == "List" || class == "Set" || class == "Map" {
        return Err(Fault::Thrown(Box::new(Thrown {
            class: "UnsupportedOperationException".to_owned(),
            message: None,
            at: None,
            explained: Vec::new(),
        })));
    }
    Ok(())
}

/// Painless counts from the end what is below zero.
fn list_place(index: &Value, length: usize) -> Run<usize> {
    let Some(number) = index.as_int() else {
        return Err(Fault::cast("Cannot cast java.lang.String to java.lang.Number"));
    };
    let from_end = if number < 0 { i64::from(number) + length as i64 } else { number.into() };
    usize::try_from(from_end).map_err(|_| out_of_bounds(&Value::Int(from_end as i32), length))
}

/// Java's refusal of a place in a list.
pub(super) fn out_of_bounds(index: &Value, length: usize) -> Fault {
    let index = index.as_int().unwrap_or(0);
    let reason = format!("Index {index} out of bounds for length {length}");
    Fault::thrown("IndexOutOfBoundsException", reason)
}

fn out_of_array(index: &Value, length: usize) -> Fault {
    let index = index.as_int().unwrap_or(0);
    let reason = format!("Index {index} out of bounds for length {length}");
    Fault::thrown("ArrayIndexOutOfBoundsException", reason)
}

fn doc_class(kind: DocKind) -> &'static str {
    match kind {
        DocKind::Longs => "ScriptDocValues.Longs",
        DocKind::Doubles | DocKind::Vector => "ScriptDocValues.Doubles",
        DocKind::Booleans => "ScriptDocValues.Booleans",
        DocKind::Dates => "ScriptDocValues.Dates",
        DocKind::Strings => "ScriptDocValues.Strings",
        DocKind::Addresses => "IpFieldMapper.IpFieldType.IpScriptDocValues",
        DocKind::Bytes => "ScriptDocValues.BytesRefs",
        DocKind::GeoPoints => "ScriptDocValues.GeoPoints",
    }
}

impl ImmutableObject {
    /// The simple name of its class.
    pub(super) fn class(&self) -> &'static str {
        match self {
            ImmutableObject::Zoned(_, false) => "ZonedDateTime",
            ImmutableObject::Zoned(_, true) => "JodaCompatibleZonedDateTime",
            ImmutableObject::Instant(_) => "Instant",
            ImmutableObject::Date(_) => "LocalDate",
            ImmutableObject::DateTime(_) => "LocalDateTime",
            ImmutableObject::Time(_) => "LocalTime",
            ImmutableObject::Duration(..) => "Duration",
            ImmutableObject::Period(..) => "Period",
            ImmutableObject::Zone(_) => "ZoneId",
            ImmutableObject::Formatter(_) => "DateTimeFormatter",
            ImmutableObject::Constant(class, _, _)
            | ImmutableObject::Optional(class, _)
            | ImmutableObject::Named(class)
            | ImmutableObject::Told(class, _) => class,
            ImmutableObject::Pattern(..) => "Pattern",
            ImmutableObject::GeoPoint(..) => "GeoPoint",
            ImmutableObject::Exception(..) => "Exception",
            ImmutableObject::Locale(_) => "Locale",
            ImmutableObject::Collector(..) => "Collector",
            ImmutableObject::Comparator(..) => "Comparator",
            ImmutableObject::Function(_) => "Function",
            ImmutableObject::Uuid(_) => "UUID",
            ImmutableObject::OldDate(_) => "Date",
            ImmutableObject::OldFormatter(_) => "SimpleDateFormat",
        }
    }
}

fn exception_method(run: &mut Runner<'_>, thing: &ImmutableObject, name: &str) -> Native {
    let ImmutableObject::Exception(_, message) = thing else { return Ok(None) };
    Ok(match name {
        "getMessage" | "getLocalizedMessage" => {
            Some(message.clone().map_or(Value::Null, Value::Text))
        }
        "getStackTrace" => Some(run.put(HeapObject::Array(StaticType::DEF, Vec::new()))?),
        _ => None,
    })
}
