//! The types of Painless: those of Java, and `def`. Which classes there are, and which methods each has, stands in
//! `classes.txt`: one line a class (`class full.Name < its supertypes`), below it one line a constructor, method or
//! field, as `GET _scripts/painless/_context` of the real servers lists them.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::value::Value;

/// A static type: a base and how many array levels are around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct StaticType {
    pub(super) base: Base,
    pub(super) dims: u8,
}

/// A type that is no array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Base {
    Void,
    Def,
    Bool,
    Byte,
    Short,
    Char,
    Int,
    Long,
    Float,
    Double,
    /// A class of [`CLASSES`].
    Class(u16),
}

impl StaticType {
    pub(super) const VOID: StaticType = StaticType::plain(Base::Void);
    pub(super) const DEF: StaticType = StaticType::plain(Base::Def);
    pub(super) const BOOL: StaticType = StaticType::plain(Base::Bool);
    pub(super) const CHAR: StaticType = StaticType::plain(Base::Char);
    pub(super) const INT: StaticType = StaticType::plain(Base::Int);
    pub(super) const LONG: StaticType = StaticType::plain(Base::Long);
    pub(super) const FLOAT: StaticType = StaticType::plain(Base::Float);
    pub(super) const DOUBLE: StaticType = StaticType::plain(Base::Double);

    pub(super) const fn plain(base: Base) -> StaticType {
        StaticType { base, dims: 0 }
    }

    /// The class with this simple name; `def` if there is none.
    pub(super) fn class(name: &str) -> StaticType {
        CLASSES.named(name).map_or(StaticType::DEF, |number| StaticType::plain(Base::Class(number)))
    }

    /// `String`
    pub(super) fn string() -> StaticType {
        StaticType::class("String")
    }

    /// A type as a script writes it, such as `int[]` or `Map.Entry`; `None` if there is none of this name.
    pub(super) fn parse(text: &str) -> Option<StaticType> {
        let (name, dims) = strip_dims(text);
        let base = match primitive(name) {
            Some(base) => base,
            None => Base::Class(CLASSES.written(name)?),
        };
        Some(StaticType { base, dims })
    }

    pub(super) fn is_def(self) -> bool {
        self == StaticType::DEF
    }

    pub(super) fn is_array(self) -> bool {
        self.dims > 0
    }

    /// What an array of this type holds.
    pub(super) fn element(self) -> StaticType {
        StaticType { base: self.base, dims: self.dims.saturating_sub(1) }
    }

    /// The number of the class, if it is one.
    pub(super) fn class_number(self) -> Option<u16> {
        match self.base {
            Base::Class(number) if self.dims == 0 => Some(number),
            _ => None,
        }
    }

    /// The simple name of the class, if it is one.
    pub(super) fn class_name(self) -> Option<&'static str> {
        self.class_number().map(|number| CLASSES.class(number).name.as_str())
    }

    pub(super) fn is_primitive(self) -> bool {
        self.dims == 0 && !matches!(self.base, Base::Void | Base::Def | Base::Class(_))
    }

    /// How wide a number is: 0 for what is none. `char` counts as 2.
    pub(super) fn rank(self) -> u8 {
        if self.dims > 0 {
            return 0;
        }
        match self.base {
            Base::Byte => 1,
            Base::Short | Base::Char => 2,
            Base::Int => 3,
            Base::Long => 4,
            Base::Float => 5,
            Base::Double => 6,
            _ => 0,
        }
    }

    /// The primitive inside a box such as `Integer`; itself otherwise.
    pub(super) fn unboxed(self) -> StaticType {
        match self.class_name() {
            Some("Boolean") => StaticType::BOOL,
            Some("Byte") => StaticType::plain(Base::Byte),
            Some("Short") => StaticType::plain(Base::Short),
            Some("Character") => StaticType::CHAR,
            Some("Integer") => StaticType::INT,
            Some("Long") => StaticType::LONG,
            Some("Float") => StaticType::FLOAT,
            Some("Double") => StaticType::DOUBLE,
            _ => self,
        }
    }

    /// The box around a primitive; itself otherwise.
    pub(super) fn boxed(self) -> StaticType {
        if self.dims > 0 {
            return self;
        }
        match self.base {
            Base::Bool => StaticType::class("Boolean"),
            Base::Byte => StaticType::class("Byte"),
            Base::Short => StaticType::class("Short"),
            Base::Char => StaticType::class("Character"),
            Base::Int => StaticType::class("Integer"),
            Base::Long => StaticType::class("Long"),
            Base::Float => StaticType::class("Float"),
            Base::Double => StaticType::class("Double"),
            _ => self,
        }
    }

    /// The name in messages: `java.lang.String`, `int`, `def`.
    pub(super) fn full_name(self) -> String {
        let base = match self.base {
            Base::Void => "void",
            Base::Def => "def",
            Base::Bool => "boolean",
            Base::Byte => "byte",
            Base::Short => "short",
            Base::Char => "char",
            Base::Int => "int",
            Base::Long => "long",
            Base::Float => "float",
            Base::Double => "double",
            Base::Class(number) => &CLASSES.class(number).full,
        };
        format!("{base}{}", "[]".repeat(self.dims.into()))
    }

    /// What a variable of this type is before anything is assigned to it.
    pub(super) fn default_value(self) -> Value {
        if self.dims > 0 {
            return Value::Null;
        }
        match self.base {
            Base::Bool => Value::Bool(false),
            Base::Byte => Value::Byte(0),
            Base::Short => Value::Short(0),
            Base::Char => Value::Char(0),
            Base::Int => Value::Int(0),
            Base::Long => Value::Long(0),
            Base::Float => Value::Float(0.0),
            Base::Double => Value::Double(0.0),
            _ => Value::Null,
        }
    }
}

fn strip_dims(text: &str) -> (&str, u8) {
    let (mut name, mut dims) = (text, 0_u8);
    while let Some(inner) = name.strip_suffix("[]") {
        name = inner;
        dims = dims.saturating_add(1);
    }
    (name, dims)
}

fn primitive(name: &str) -> Option<Base> {
    Some(match name {
        "void" => Base::Void,
        "def" => Base::Def,
        "boolean" => Base::Bool,
        "byte" => Base::Byte,
        "short" => Base::Short,
        "char" => Base::Char,
        "int" => Base::Int,
        "long" => Base::Long,
        "float" => Base::Float,
        "double" => Base::Double,
        _ => return None,
    })
}

/// A type of the table, where classes are named by their simple names; what is not in it is `def`.
fn of_table(text: &str, names: &HashMap<String, u16>) -> StaticType {
    let (name, dims) = strip_dims(text);
    let class = || names.get(name).map_or(Base::Def, |number| Base::Class(*number));
    StaticType { base: primitive(name).unwrap_or_else(class), dims }
}

/// Whether a script that writes this name means a type.
pub(super) fn is_written_type(name: &str) -> bool {
    CLASSES.written(name).is_some()
}

/// A method's or constructor's types.
#[derive(Debug)]
pub(super) struct Signature {
    pub(super) parameters: Vec<StaticType>,
    pub(super) returns: StaticType,
}

/// One class of the table.
#[derive(Debug, Default)]
pub(super) struct Class {
    /// `Map.Entry`
    pub(super) name: String,
    /// `java.util.Map$Entry`, with a dot for the dollar as messages have it.
    pub(super) full: String,
    supers: Vec<u16>,
    constructors: HashMap<usize, Signature>,
    statics: HashMap<(String, usize), Signature>,
    methods: HashMap<(String, usize), Signature>,
    static_fields: HashMap<String, StaticType>,
    fields: HashMap<String, StaticType>,
}

/// All classes.
pub(super) struct Classes {
    all: Vec<Class>,
    by_name: HashMap<String, u16>,
    by_written: HashMap<String, u16>,
}

/// THE table of classes.
pub(super) static CLASSES: LazyLock<Classes> =
    LazyLock::new(|| Classes::read(include_str!("classes.txt")));

impl Classes {
    fn read(text: &str) -> Classes {
        let mut classes =
            Classes { all: Vec::new(), by_name: HashMap::new(), by_written: HashMap::new() };
        for line in text.lines().filter_map(|line| line.strip_prefix("class ")) {
            classes.declare(line);
        }
        let mut current = 0_usize;
        let mut seen = 0_usize;
        for line in text.lines() {
            if let Some(head) = line.strip_prefix("class ") {
                current = seen;
                seen += 1;
                let supers = head.split_once('<').map_or("", |(_, supers)| supers);
                let numbers = supers.split_whitespace().filter_map(|name| classes.named(name));
                let numbers: Vec<u16> = numbers.collect();
                if let Some(class) = classes.all.get_mut(current) {
                    class.supers = numbers;
                }
                continue;
            }
            let own = |text: &str| of_table(text, &classes.by_name);
            let member = Member::read(line.trim(), &own);
            if let (Some(class), Some(member)) = (classes.all.get_mut(current), member) {
                class.add(member);
            }
        }
        classes
    }

    fn declare(&mut self, head: &str) {
        let head = head.split_once('<').map_or(head, |(head, _)| head).trim();
        let (full, imported) = match head.strip_suffix(" (full)") {
            Some(full) => (full, false),
            None => (head, true),
        };
        let full = full.replace("@.", "org.elasticsearch.").replace('$', ".");
        // The simple name is what follows the last part in lower case.
        let name = full
            .split('.')
            .skip_while(|part| part.chars().next().is_some_and(char::is_lowercase))
            .collect::<Vec<_>>()
            .join(".");
        let Ok(number) = u16::try_from(self.all.len()) else { return };
        self.by_name.insert(name.clone(), number);
        self.by_written.insert(full.clone(), number);
        if imported {
            self.by_written.insert(name.clone(), number);
        }
        self.all.push(Class { name, full, ..Class::default() });
    }

    /// The class of this number.
    pub(super) fn class(&self, number: u16) -> &Class {
        static NONE: LazyLock<Class> = LazyLock::new(Class::default);
        self.all.get(usize::from(number)).unwrap_or(&NONE)
    }

    /// The number of the class with this simple name.
    pub(super) fn named(&self, name: &str) -> Option<u16> {
        self.by_name.get(name).copied()
    }

    /// The number of the class that a script writes so.
    fn written(&self, name: &str) -> Option<u16> {
        self.by_written.get(name).copied()
    }

    /// Whether `number` is `ancestor` or comes after it.
    pub(super) fn is_a(&self, number: u16, ancestor: u16) -> bool {
        number == ancestor || self.class(number).supers.contains(&ancestor)
    }

    /// The instance method of a class or of what it extends.
    pub(super) fn method(&self, number: u16, name: &str, arity: usize) -> Option<&Signature> {
        let key = (name.to_owned(), arity);
        let class = self.class(number);
        let supers = class.supers.iter().map(|number| self.class(*number));
        let object = self.named("Object").map(|number| self.class(number));
        std::iter::once(class).chain(supers).chain(object).find_map(|class| class.methods.get(&key))
    }

    /// A static method.
    pub(super) fn static_method(
        &self,
        number: u16,
        name: &str,
        arity: usize,
    ) -> Option<&Signature> {
        self.class(number).statics.get(&(name.to_owned(), arity))
    }

    /// A constructor.
    pub(super) fn constructor(&self, number: u16, arity: usize) -> Option<&Signature> {
        self.class(number).constructors.get(&arity)
    }

    /// A static field's type.
    pub(super) fn static_field(&self, number: u16, name: &str) -> Option<StaticType> {
        self.class(number).static_fields.get(name).copied()
    }

    /// The method that reads `x.name`: `getName` or `isName`.
    pub(super) fn getter(&self, number: u16, name: &str) -> Option<(String, &Signature)> {
        let mut letters = name.chars();
        let first = letters.next()?;
        let tail = format!("{}{}", first.to_uppercase(), letters.as_str());
        ["get", "is"].iter().find_map(|prefix| {
            let method = format!("{prefix}{tail}");
            self.method(number, &method, 0).map(|signature| (method, signature))
        })
    }

    /// The method that writes `x.name`.
    pub(super) fn setter(&self, number: u16, name: &str) -> Option<(String, &Signature)> {
        let mut letters = name.chars();
        let first = letters.next()?;
        let method = format!("set{}{}", first.to_uppercase(), letters.as_str());
        self.method(number, &method, 1).map(|signature| (method, signature))
    }
}

/// One line below a class.
enum Member {
    Constructor(Signature),
    Static(String, Signature),
    Method(String, Signature),
    StaticField(String, StaticType),
    Field(String, StaticType),
}

impl Member {
    fn read(line: &str, ty: &impl Fn(&str) -> StaticType) -> Option<Member> {
        let (line, is_static) = match line.strip_prefix("static ") {
            Some(line) => (line, true),
            None => (line, false),
        };
        if let Some((name, kind)) = line.split_once(" = ") {
            let (name, kind) = (name.to_owned(), ty(kind));
            return Some(if is_static {
                Member::StaticField(name, kind)
            } else {
                Member::Field(name, kind)
            });
        }
        let mut words = line.split_whitespace();
        let name = words.next()?.to_owned();
        let returns = ty(words.next()?);
        let signature = Signature { parameters: words.map(ty).collect(), returns };
        Some(match (name.as_str(), is_static) {
            ("new", _) => Member::Constructor(signature),
            (_, true) => Member::Static(name, signature),
            (_, false) => Member::Method(name, signature),
        })
    }
}

impl Class {
    fn add(&mut self, member: Member) {
        match member {
            Member::Constructor(signature) => {
                self.constructors.insert(signature.parameters.len(), signature);
            }
            Member::Static(name, signature) => {
                self.statics.insert((name, signature.parameters.len()), signature);
            }
            Member::Method(name, signature) => {
                self.methods.insert((name, signature.parameters.len()), signature);
            }
            Member::StaticField(name, ty) => {
                self.static_fields.insert(name, ty);
            }
            Member::Field(name, ty) => {
                self.fields.insert(name, ty);
            }
        }
    }
}
