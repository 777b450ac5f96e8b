//! The values of a script while it runs. What can change lives in the run's [`Heap`] and is freed with it at once: a
//! script may tie lists into rings, or nest them a million deep, and nothing of that outlives it.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use regex::Regex;

use super::string_tokenizer::StringTokenizer;
use super::tree::FunctionValue;
use super::types::StaticType;
use crate::value::java::hash_code;

/// A value: what Java has as a primitive or a box of it, a string, something that never changes, or a place in the
/// heap.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Byte(i8),
    Short(i16),
    Char(u16),
    Int(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    Text(Arc<str>),
    ImmutableObject(Arc<ImmutableObject>),
    HeapReference(HeapReference),
}

/// Where in the heap something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct HeapReference(pub(super) u32);

/// What never changes after it was made.
#[derive(Clone, Debug)]
pub(crate) enum ImmutableObject {
    /// `true`: as the values of a date field are, `JodaCompatibleZonedDateTime`.
    Zoned(ZonedDateTime, bool),
    Instant(Timestamp),
    Date(Date),
    DateTime(DateTime),
    Time(Time),
    /// Seconds and nanoseconds.
    Duration(i64, i32),
    /// Years, months, days.
    Period(i32, i32, i32),
    Zone(TimeZone),
    Formatter(Arc<str>),
    /// A constant of an `enum`: its class, its place, its name.
    Constant(&'static str, usize, Arc<str>),
    Pattern(Regex, Arc<str>),
    GeoPoint(f64, f64),
    /// `Optional` and its like: its class.
    Optional(&'static str, Option<Value>),
    Exception(Arc<str>, Option<Arc<str>>),
    Locale(Arc<str>),
    /// A collector of `Collectors`: its name and arguments.
    Collector(&'static str, Vec<Value>),
    /// A comparator made of others: its name and what it is made of.
    Comparator(&'static str, Vec<Value>),
    Function(FunctionValue),
    /// `Base64.getEncoder()` and its opposite; `MathContext` and its like.
    Named(&'static str),
    Uuid(Arc<str>),
    /// `java.util.Date`
    OldDate(Timestamp),
    /// `SimpleDateFormat`, by its pattern.
    OldFormatter(Arc<str>),
    /// What a context tells its script of: the class, and what each method without arguments gives.
    Told(&'static str, Vec<(&'static str, Value)>),
}

/// What a document's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DocKind {
    /// Whole numbers.
    Longs,
    /// Fractions.
    Doubles,
    /// `true` and `false`.
    Booleans,
    /// Dates.
    Dates,
    /// Strings.
    Strings,
    /// Addresses.
    Addresses,
    /// Bytes.
    #[expect(dead_code, reason = "no column holds bytes yet")]
    Bytes,
    /// Points on the Earth.
    GeoPoints,
    /// A vector.
    #[expect(dead_code, reason = "no field type holds vectors yet")]
    Vector,
}

/// What lives in the heap.
#[derive(Clone, Debug)]
pub(super) enum HeapObject {
    /// The simple name of its class, and whether it refuses changes.
    List(&'static str, Vec<Value>),
    Map(JavaMap),
    /// A set: the keys of a map.
    Set(JavaMap),
    Array(StaticType, Vec<Value>),
    Builder(Vec<u16>),
    /// Elements of which class of stream.
    Stream(&'static str, Vec<Value>),
    Iterator(Vec<Value>, usize, Option<HeapReference>),
    /// Key, value, and the map whose entry it is.
    Entry(Value, Value, Option<HeapReference>),
    Doc(DocKind, Vec<Value>),
    /// `keySet()`, `values()` or `entrySet()` of a map.
    View(HeapReference, View),
    /// `doc` itself.
    AllDocs,
    Matcher(Box<MatcherState>),
    Random(u64),
    Tokenizer(Box<StringTokenizer>),
    /// Delimiter, prefix, suffix, parts.
    Joiner(Arc<str>, Arc<str>, Arc<str>, Vec<Arc<str>>),
    /// `IntSummaryStatistics` and its like: class, count, sum, smallest, largest.
    Statistics(&'static str, i64, f64, f64, f64),
}

/// What of a map a view shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    Keys,
    Values,
    Entries,
}

/// A `Matcher` on its way through a text.
#[derive(Clone, Debug)]
pub(super) struct MatcherState {
    pub(super) regex: Regex,
    pub(super) source: Arc<str>,
    pub(super) text: Arc<str>,
    /// Where the next `find` begins.
    pub(super) next: usize,
    /// Where each group was found, in bytes.
    pub(super) groups: Vec<Option<(usize, usize)>>,
    /// The groups' names.
    pub(super) matched: bool,
}

/// In which order a map tells its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MapOrder {
    /// As Java's `HashMap`: by hash.
    Hash,
    /// As they came.
    Linked,
    /// By key.
    Sorted,
}

/// A key in the form in which it is looked up: equal exactly if Java's `equals` says so.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Null,
    Bool(bool),
    Byte(i8),
    Short(i16),
    Char(u16),
    Int(i32),
    Long(i64),
    Float(u32),
    Double(u64),
    Text(Arc<str>),
    /// Everything else by what it says of itself, its class in front.
    Other(Arc<str>),
}

/// A Java map.
#[derive(Clone, Debug)]
pub(crate) struct JavaMap {
    pub(super) class: &'static str,
    pub(super) order: MapOrder,
    places: HashMap<Key, usize>,
    entries: Vec<Option<(Value, Value, i32)>>,
    /// Entries at their greatest, which is what the table of a `HashMap` has grown for.
    largest: usize,
}

impl JavaMap {
    /// An empty map of the class with this simple name.
    pub(crate) fn new(class: &'static str, order: MapOrder) -> JavaMap {
        JavaMap { class, order, places: HashMap::new(), entries: Vec::new(), largest: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Value> {
        let place = self.places.get(key)?;
        self.entries.get(*place)?.as_ref().map(|(_, value, _)| value)
    }

    pub(super) fn contains(&self, key: &Key) -> bool {
        self.places.contains_key(key)
    }

    /// Puts an entry in; what was there before.
    pub(super) fn put(&mut self, key: Key, named: Value, value: Value) -> Option<Value> {
        if let Some(entry) = self
            .places
            .get(&key)
            .and_then(|place| self.entries.get_mut(*place))
            .and_then(Option::as_mut)
        {
            return Some(std::mem::replace(&mut entry.1, value));
        }
        let hash = key.hash_code();
        self.places.insert(key, self.entries.len());
        self.entries.push(Some((named, value, hash)));
        self.largest = self.largest.max(self.places.len());
        None
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Value> {
        let place = self.places.remove(key)?;
        let gone = self.entries.get_mut(place)?.take();
        if self.entries.len() > 32 && self.places.len() * 2 < self.entries.len() {
            self.pack();
        }
        gone.map(|(_, value, _)| value)
    }

    /// Closes the gaps that removed entries left.
    fn pack(&mut self) {
        let mut moved = HashMap::new();
        let mut count = 0;
        for (place, entry) in self.entries.iter().enumerate() {
            if entry.is_some() {
                moved.insert(place, count);
                count += 1;
            }
        }
        self.entries.retain(Option::is_some);
        for place in self.places.values_mut() {
            *place = moved.get(place).copied().unwrap_or_default();
        }
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
        self.entries.clear();
    }

    /// Entries in the order that the kind of map has; a sorted one is put in order by who can compare.
    pub(super) fn entries(&self) -> Vec<(Value, Value)> {
        let mut all: Vec<&(Value, Value, i32)> = self.entries.iter().flatten().collect();
        if self.order == MapOrder::Hash {
            // A table of 16 doubles whenever it is three quarters full; a bucket keeps the order in which it filled.
            let mut buckets = 16_u32;
            while (buckets as usize) * 3 / 4 < self.largest {
                buckets = buckets.saturating_mul(2);
            }
            all.sort_by_key(|(_, _, hash)| {
                let hash = *hash as u32;
                (hash ^ (hash >> 16)) & (buckets - 1)
            });
        }
        all.into_iter().map(|(key, value, _)| (key.clone(), value.clone())).collect()
    }
}

impl Key {
    /// Java's `hashCode`.
    fn hash_code(&self) -> i32 {
        match self {
            Key::Null => 0,
            Key::Bool(flag) => hash_bool(*flag),
            Key::Byte(number) => i32::from(*number),
            Key::Short(number) => i32::from(*number),
            Key::Char(letter) => i32::from(*letter),
            Key::Int(number) => *number,
            Key::Long(number) => hash_long(*number),
            Key::Float(bits) => *bits as i32,
            Key::Double(bits) => hash_long(*bits as i64),
            Key::Text(text) | Key::Other(text) => hash_code(text),
        }
    }
}

pub(super) fn hash_bool(flag: bool) -> i32 {
    if flag { 1231 } else { 1237 }
}

pub(super) fn hash_long(number: i64) -> i32 {
    (number ^ ((number as u64) >> 32) as i64) as i32
}

/// All that changes during a run.
#[derive(Debug, Default)]
pub(super) struct Heap {
    cells: Vec<HeapObject>,
    /// How many of the first cells stay from run to run.
    kept: usize,
    /// Whether one of them may have been changed.
    changed: bool,
}

impl Heap {
    pub(super) fn put(&mut self, cell: HeapObject) -> Value {
        let place = HeapReference(u32::try_from(self.cells.len()).unwrap_or(u32::MAX));
        self.cells.push(cell);
        Value::HeapReference(place)
    }

    pub(super) fn get(&self, place: HeapReference) -> Option<&HeapObject> {
        self.cells.get(place.0 as usize)
    }

    pub(super) fn get_mut(&mut self, place: HeapReference) -> Option<&mut HeapObject> {
        let at = place.0 as usize;
        self.changed |= at < self.kept;
        self.cells.get_mut(at)
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// What is there now stays from run to run.
    pub(super) fn keep(&mut self) {
        self.kept = self.cells.len();
        self.changed = false;
    }

    /// Forgets what came after what is kept; whether that is still as it was.
    pub(super) fn reset(&mut self) -> bool {
        if self.changed {
            self.cells.clear();
            self.kept = 0;
            self.changed = false;
            return false;
        }
        self.cells.truncate(self.kept);
        true
    }

    /// Only what `roots` reach, in a new heap; `roots` are told their new places.
    pub(super) fn compacted(&mut self, roots: &mut [&mut Value]) -> Heap {
        let mut moved: HashMap<HeapReference, HeapReference> = HashMap::new();
        let mut waiting: Vec<HeapReference> = Vec::new();
        let mut cells: Vec<HeapObject> = Vec::new();
        let mut go = |value: &mut Value, waiting: &mut Vec<HeapReference>| match value {
            Value::HeapReference(place) => {
                let next = HeapReference(u32::try_from(moved.len()).unwrap_or(u32::MAX));
                let new = *moved.entry(*place).or_insert_with(|| {
                    waiting.push(*place);
                    next
                });
                *place = new;
            }
            Value::ImmutableObject(thing) if thing.holds_values() => *value = Value::Null,
            _ => {}
        };
        for root in roots {
            go(root, &mut waiting);
        }
        // First come, first served: the order in which they were given their places.
        let mut at = 0;
        while let Some(place) = waiting.get(at).copied() {
            at += 1;
            let mut cell = match self.get_mut(place) {
                Some(cell) => std::mem::replace(cell, HeapObject::AllDocs),
                None => HeapObject::AllDocs,
            };
            cell.each_value(&mut |value| go(value, &mut waiting));
            cells.push(cell);
        }
        Heap { cells, kept: 0, changed: false }
    }
}

impl ImmutableObject {
    /// Whether values of a heap may stand in it.
    fn holds_values(&self) -> bool {
        matches!(
            self,
            ImmutableObject::Optional(_, Some(_))
                | ImmutableObject::Collector(..)
                | ImmutableObject::Comparator(..)
                | ImmutableObject::Function(_)
        )
    }
}

impl HeapObject {
    fn each_value(&mut self, take: &mut dyn FnMut(&mut Value)) {
        match self {
            HeapObject::List(_, items)
            | HeapObject::Array(_, items)
            | HeapObject::Stream(_, items)
            | HeapObject::Doc(_, items) => items.iter_mut().for_each(take),
            HeapObject::Map(map) | HeapObject::Set(map) => {
                for (key, value, _) in map.entries.iter_mut().flatten() {
                    take(key);
                    take(value);
                }
            }
            HeapObject::Iterator(items, _, of) => {
                items.iter_mut().for_each(take);
                *of = None;
            }
            HeapObject::Entry(key, value, of) => {
                take(key);
                take(value);
                *of = None;
            }
            HeapObject::View(of, _) => {
                let mut value = Value::HeapReference(*of);
                take(&mut value);
                if let Value::HeapReference(new) = value {
                    *of = new;
                }
            }
            HeapObject::Builder(_)
            | HeapObject::AllDocs
            | HeapObject::Matcher(_)
            | HeapObject::Random(_)
            | HeapObject::Tokenizer(_)
            | HeapObject::Joiner(..)
            | HeapObject::Statistics(..) => {}
        }
    }
}

impl Value {
    /// A string.
    pub(crate) fn text(text: impl AsRef<str>) -> Value {
        Value::Text(text.as_ref().into())
    }

    /// Something that never changes.
    pub(crate) fn thing(thing: ImmutableObject) -> Value {
        Value::ImmutableObject(Arc::new(thing))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The rank of a number, as [`StaticType::rank`] has it; 0 for what is none.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Value::Byte(_) => 1,
            Value::Short(_) | Value::Char(_) => 2,
            Value::Int(_) => 3,
            Value::Long(_) => 4,
            Value::Float(_) => 5,
            Value::Double(_) => 6,
            _ => 0,
        }
    }

    /// A number or a letter as `int`, cut as Java cuts.
    pub(super) fn as_int(&self) -> Option<i32> {
        Some(match self {
            Value::Byte(number) => i32::from(*number),
            Value::Short(number) => i32::from(*number),
            Value::Char(number) => i32::from(*number),
            Value::Int(number) => *number,
            Value::Long(number) => *number as i32,
            Value::Float(number) => *number as i32,
            Value::Double(number) => *number as i32,
            _ => return None,
        })
    }

    /// A number or a letter as `long`.
    pub(super) fn as_long(&self) -> Option<i64> {
        Some(match self {
            Value::Long(number) => *number,
            Value::Float(number) => *number as i64,
            Value::Double(number) => *number as i64,
            other => i64::from(other.as_int()?),
        })
    }

    /// A number or a letter as `double`.
    pub(crate) fn as_double(&self) -> Option<f64> {
        Some(match self {
            Value::Long(number) => *number as f64,
            Value::Float(number) => f64::from(*number),
            Value::Double(number) => *number,
            other => f64::from(other.as_int()?),
        })
    }

    /// A string's text.
    pub(crate) fn as_text(&self) -> Option<&Arc<str>> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn place(&self) -> Option<HeapReference> {
        match self {
            Value::HeapReference(place) => Some(*place),
            _ => None,
        }
    }

    pub(super) fn as_thing(&self) -> Option<&ImmutableObject> {
        match self {
            Value::ImmutableObject(thing) => Some(thing),
            _ => None,
        }
    }
}
