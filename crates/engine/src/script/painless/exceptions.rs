//! Java's exceptions: which comes after which, and what a script that ends by one answers.

use super::fault::{self, Fault, Thrown, script_exception};
use super::value::{ImmutableObject, Value};
use crate::exception::Exception;

/// Exceptions that are not directly below `RuntimeException`, and what they are below.
const PARENTS: &[(&str, &str)] = &[
    ("RuntimeException", "Exception"),
    ("CloneNotSupportedException", "Exception"),
    ("InterruptedException", "Exception"),
    ("ReflectiveOperationException", "Exception"),
    ("ClassNotFoundException", "ReflectiveOperationException"),
    ("IllegalAccessException", "ReflectiveOperationException"),
    ("InstantiationException", "ReflectiveOperationException"),
    ("NoSuchFieldException", "ReflectiveOperationException"),
    ("NoSuchMethodException", "ReflectiveOperationException"),
    ("ParseException", "Exception"),
    ("ArrayIndexOutOfBoundsException", "IndexOutOfBoundsException"),
    ("StringIndexOutOfBoundsException", "IndexOutOfBoundsException"),
    ("NumberFormatException", "IllegalArgumentException"),
    ("IllegalThreadStateException", "IllegalArgumentException"),
    ("IllegalFormatException", "IllegalArgumentException"),
    ("PatternSyntaxException", "IllegalArgumentException"),
    ("MissingFormatArgumentException", "IllegalFormatException"),
    ("UnknownFormatConversionException", "IllegalFormatException"),
    ("IllegalFormatConversionException", "IllegalFormatException"),
    ("InputMismatchException", "NoSuchElementException"),
    ("DateTimeParseException", "DateTimeException"),
    ("UnsupportedTemporalTypeException", "DateTimeException"),
    ("ZoneRulesException", "DateTimeException"),
    ("StackOverflowError", ""),
    ("PainlessExplainError", ""),
    ("Exception", ""),
];

/// Whether an exception of class `class` is one of `ancestor` too.
pub(super) fn is_a(class: &str, ancestor: &str) -> bool {
    let mut at = class;
    for _ in 0..8 {
        if at == ancestor {
            return true;
        }
        at = PARENTS.iter().find(|(name, _)| *name == at).map_or("RuntimeException", |(_, it)| it);
    }
    false
}

/// What `throw value` throws.
pub(super) fn throw(value: &Value) -> Fault {
    match value.as_thing() {
        Some(ImmutableObject::Exception(class, message)) => Fault::Thrown(Box::new(Thrown {
            class: class.to_string(),
            message: message.as_deref().map(str::to_owned),
            at: None,
            explained: Vec::new(),
        })),
        _ => Fault::null("Cannot throw exception because value is null"),
    }
}

/// The end of a script that nothing in it catches, such as by too many rounds of its loops.
pub(super) fn ended(source: &str, statements: &[usize], at: usize, reason: &str) -> Fault {
    let thrown = Thrown {
        class: "PainlessError".to_owned(),
        message: Some(reason.to_owned()),
        at: Some(at),
        explained: Vec::new(),
    };
    Fault::Ended(thrown.exception(source, statements))
}

/// The end of a script that goes too deep.
pub(super) fn overflow(source: &str) -> Fault {
    let stack = ["<<< unknown portion of script >>>".to_owned()];
    let cause: Exception = fault::java_exception("StackOverflowError", None);
    let exception = script_exception("runtime error", &stack, source, "painless", None);
    Fault::Ended(exception.caused_by(cause))
}
