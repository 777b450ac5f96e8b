use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{Machine, compile, context};
use crate::exception::Exception;
use crate::work::Work;

/// What a script gives.
fn run(source: &str) -> Result<Json, Exception> {
    let program =
        compile(source, &context::PAINLESS_TEST).map_err(|fault| fault.exception(source))?;
    let mut machine = Machine::new(&Work::unbounded(), Timestamp::UNIX_EPOCH);
    machine.run(&program, &json!({"x": 5}), &[], None)?.json()
}

fn gives(source: &str, wanted: Json) {
    match run(source) {
        Ok(value) => assert_eq!(value, wanted, "{source}"),
        Err(error) => panic!("{source}: {}", error.body()),
    }
}

#[test]
fn arithmetic_is_javas() {
    gives("return 7 / 2", json!(3));
    gives("return -7 % 3", json!(-1));
    gives("return Integer.MAX_VALUE + 1", json!(i32::MIN));
    gives("params.x * 2.5", json!(12.5));
}

#[test]
fn a_script_that_calls_itself_without_end_ends() {
    let refused = run("int f(int a) { return f(a + 1) } return f(1)").unwrap_err();
    assert_eq!(refused.reason(), "runtime error");
}

#[test]
fn deep_nesting_ends_with_a_refusal() {
    for (open, close) in [("(", ")"), ("[", "]"), ("-", ""), ("!", ""), ("{", "}"), ("if (x) ", "")]
    {
        let source = format!("{}1{}", open.repeat(5000), close.repeat(5000));
        assert!(run(&source).is_err(), "{open}");
    }
    let chain = format!("return 1{}", " + 1".repeat(5000));
    assert!(run(&chain).is_err());
    let links = format!("return params{}", "?.a".repeat(5000));
    assert!(run(&links).is_err());
}

#[test]
fn a_ring_of_lists_is_refused_where_it_is_printed_and_freed_with_the_run() {
    assert!(run("def a = []; a.add(a); return a").is_err());
    assert!(run("def a = []; a.add(a); return a.hashCode()").is_err());
    gives("def a = []; for (int i = 0; i < 100000; i++) { a = [a] } return 1", json!(1));
}

#[test]
fn loops_inside_functions_inside_loops_end_too() {
    let source = "int f() { int s = 0; for (int i = 0; i < 900000; i++) { s += i } return s } \
                  int t = 0; for (int i = 0; i < 900000; i++) { t += f() } return t";
    assert_eq!(run(source).unwrap_err().kind(), crate::exception::ExceptionKind::CircuitBreaking);
}

#[test]
fn memory_is_bounded() {
    for source in [
        "String s = 'a'; for (int i = 0; i < 64; i++) { s += s } return s",
        "def l = [1]; for (int i = 0; i < 64; i++) { l.addAll(new ArrayList(l)) } return l",
        "return new int[2000000000]",
        "return IntStream.range(0, 2000000000).sum()",
        "return 'a'.replace('', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx').length() > 0 ? String.format('%2000000000d', new def[] {1}) : ''",
        "def b = new StringBuilder(); b.setLength(2000000000); return b",
    ] {
        assert!(run(source).is_err(), "{source}");
    }
}

/// Pieces that make scripts which are often nearly right.
const PIECES: &[&str] = &[
    "def",
    "int",
    "x",
    "y",
    "=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ";",
    ",",
    ".",
    "?.",
    "?:",
    "?",
    ":",
    "1",
    "2.5",
    "'a'",
    "null",
    "true",
    "params",
    "return",
    "if",
    "else",
    "for",
    "while",
    "in",
    "new",
    "ArrayList",
    "HashMap",
    "String",
    "->",
    "::",
    "add",
    "get",
    "size",
    "stream",
    "map",
    "collect",
    "Collectors",
    "toList",
    "substring",
    "length",
    "split",
    "==",
    "<",
    ">>>",
    "&&",
    "||",
    "!",
    "~",
    "++",
    "--",
    "+=",
    "instanceof",
    "try",
    "catch",
    "throw",
    "Exception",
    "e",
    "/a/",
    "=~",
    "Math",
    "max",
    "f",
    "void",
    "this",
    "do",
    "break",
    "continue",
    "ZonedDateTime",
    "parse",
    "LocalDate",
    "plusDays",
    "ChronoUnit",
    "DAYS",
    "between",
    "format",
    "0",
    "-1",
];

proptest::proptest! {
    #[test]
    fn whatever_is_written_the_script_ends_and_nothing_panics(
        pieces in proptest::collection::vec(0..PIECES.len(), 0..40)
    ) {
        let source: Vec<&str> = pieces.into_iter().map(|at| PIECES[at]).collect();
        drop(run(&source.join(" ")));
    }

    #[test]
    fn any_text_is_read_or_refused(source in ".{0,80}") {
        drop(run(&source));
    }
}
