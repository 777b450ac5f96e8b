//! What can go wrong with a script, and how Elasticsearch tells it. Source: `ScriptException` and
//! `PainlessScript.convertToScriptException` of Elasticsearch 7.10, and the answers of the real servers.

use serde_json::{Value, json};

use crate::exception::{Exception, ExceptionKind};

/// Why a script does not compile, and where.
#[derive(Clone, Debug)]
pub(crate) struct CompileFault {
    at: usize,
    kind: ExceptionKind,
    reason: String,
    because: Option<&'static str>,
}

impl CompileFault {
    /// `illegal_argument_exception` at a character of the script.
    pub(super) fn new(at: usize, reason: impl Into<String>) -> CompileFault {
        CompileFault {
            at,
            kind: ExceptionKind::IllegalArgument,
            reason: reason.into(),
            because: None,
        }
    }

    /// `class_cast_exception` at a character of the script.
    pub(super) fn cast(at: usize, reason: impl Into<String>) -> CompileFault {
        CompileFault { kind: ExceptionKind::ClassCast, ..CompileFault::new(at, reason) }
    }

    /// Another kind of cause.
    pub(super) fn of(at: usize, kind: ExceptionKind, reason: impl Into<String>) -> CompileFault {
        CompileFault { kind, ..CompileFault::new(at, reason) }
    }

    /// What the parser threw below it: a type name without a reason.
    pub(super) fn because(mut self, name: &'static str) -> CompileFault {
        self.because = Some(name);
        self
    }

    /// The `script_exception` "compile error" of `source`.
    pub(crate) fn exception(&self, source: &str) -> Exception {
        let length = source.chars().count();
        let at = self.at.min(length);
        let (begin, end) = (at.saturating_sub(25), (at + 25).min(length));
        let (before, after) =
            (if begin > 0 { "... " } else { "" }, if end < length { " ..." } else { "" });
        let snippet = format!("{before}{}{after}", part(source, begin, end));
        let pointer = format!("{}^---- HERE", " ".repeat(before.len() + at - begin));
        let mut cause = Exception::new(self.kind, self.reason.clone());
        if let Some(name) = self.because {
            cause = cause.caused_by(Exception::named(name));
        }
        let stack = [snippet, pointer];
        script_exception("compile error", &stack, source, "painless", Some((at, begin, end)))
            .caused_by(cause)
    }
}

/// Characters `begin..end` of a script.
pub(super) fn part(source: &str, begin: usize, end: usize) -> String {
    source.chars().skip(begin).take(end.saturating_sub(begin)).collect()
}

/// The `script_exception` of a script.
pub(crate) fn script_exception(
    reason: &str,
    stack: &[String],
    source: &str,
    lang: &str,
    position: Option<(usize, usize, usize)>,
) -> Exception {
    let mut exception = Exception::new(ExceptionKind::Script, reason)
        .with("script_stack", stack.to_vec())
        .with("script", source)
        .with("lang", lang);
    if let Some((offset, start, end)) = position {
        exception =
            exception.with("position", json!({"offset": offset, "start": start, "end": end}));
    }
    exception
}

/// What a script throws, as Java does: its class, its message, where.
#[derive(Clone, Debug)]
pub(crate) struct Thrown {
    /// The simple name of its class.
    pub(crate) class: String,
    pub(crate) message: Option<String>,
    /// The character of the script; `None` until it is known.
    pub(crate) at: Option<usize>,
    /// What `Debug.explain` tells.
    pub(crate) explained: Vec<(&'static str, Value)>,
}

/// Why a run ends early.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// What `catch` may catch.
    Thrown(Box<Thrown>),
    /// A limit, a called-off request, or something that is not built: nothing in a script catches it.
    Ended(Exception),
}

impl From<Exception> for Fault {
    fn from(exception: Exception) -> Fault {
        Fault::Ended(exception)
    }
}

impl Fault {
    /// An exception of the Java class with this simple name.
    pub(super) fn thrown(class: &str, message: impl Into<String>) -> Fault {
        Fault::Thrown(Box::new(Thrown {
            class: class.to_owned(),
            message: Some(message.into()),
            at: None,
            explained: Vec::new(),
        }))
    }

    /// `IllegalArgumentException`.
    pub(super) fn illegal(message: impl Into<String>) -> Fault {
        Fault::thrown("IllegalArgumentException", message)
    }

    /// `ClassCastException`.
    pub(super) fn cast(message: impl Into<String>) -> Fault {
        Fault::thrown("ClassCastException", message)
    }

    /// `NullPointerException`.
    pub(super) fn null(message: impl Into<String>) -> Fault {
        Fault::thrown("NullPointerException", message)
    }

    /// A method of Java's that is known and not built here.
    pub(super) fn not_built(class: &str, name: &str) -> Fault {
        Fault::Ended(Exception::not_implemented(&format!("painless [{class}.{name}]")))
    }

    /// Says where it happened, unless that is known already.
    pub(super) fn at(mut self, at: usize) -> Fault {
        if let Fault::Thrown(thrown) = &mut self {
            thrown.at.get_or_insert(at);
        }
        self
    }
}

impl Thrown {
    /// The `script_exception` "runtime error" of `source`, whose statements begin at `statements` (in order).
    pub(crate) fn exception(&self, source: &str, statements: &[usize]) -> Exception {
        let cause = java_exception(&self.class, self.message.as_deref());
        let (stack, position) = match self.at {
            None => (vec!["<<< unknown portion of script >>>".to_owned()], None),
            Some(at) => {
                let length = source.chars().count();
                let begin = statements.iter().rev().find(|one| **one <= at).copied().unwrap_or(0);
                let end = statements.iter().find(|one| **one > at).copied().unwrap_or(length);
                let pointer = format!("{}^---- HERE", " ".repeat(at.saturating_sub(begin)));
                (vec![part(source, begin, end), pointer], Some((at, begin, end)))
            }
        };
        let mut exception = script_exception("runtime error", &stack, source, "painless", position);
        for (key, value) in &self.explained {
            exception = exception.with(key, value.clone());
        }
        exception.caused_by(cause)
    }
}

/// A Java exception as Elasticsearch prints it in `caused_by`.
pub(super) fn java_exception(class: &str, message: Option<&str>) -> Exception {
    let mut name = String::new();
    for (place, letter) in class.chars().enumerate() {
        if letter.is_ascii_uppercase() && place > 0 {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    let exception = Exception::named(&name);
    match message {
        Some(message) => exception.with("reason", message),
        None => exception,
    }
}
