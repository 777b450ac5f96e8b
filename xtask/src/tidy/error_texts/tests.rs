use super::literals::literals;
use super::*;

fn said(source: &str) -> Vec<String> {
    let literals = literals(source).into_iter().filter(is_said);
    literals.map(|literal| literal.text).collect()
}

#[test]
fn a_text_in_an_error_is_said() {
    assert_eq!(
        said(r#"return Err(format!("no such index [{name}]"));"#),
        ["no such index [{name}]"]
    );
}

#[test]
fn a_continued_line_is_one_text() {
    assert_eq!(
        said("f(\"too many words \\\n        for one line\")"),
        ["too many words for one line"]
    );
}

#[test]
fn raw_strings_and_escaped_quotes_are_read() {
    assert_eq!(said("f(r#\"say \"no\" to it\"#)"), ["say \"no\" to it"]);
    assert_eq!(said(r#"f("say \"no\" to it")"#), [r#"say "no" to it"#]);
}

#[test]
fn what_is_only_compared_or_asserted_is_left_out() {
    assert!(said(r#"text.contains("no such index")"#).is_empty());
    assert!(said(r#"value.expect("it was checked above")"#).is_empty());
    assert!(said(r#"assert!(good, "it was checked above")"#).is_empty());
}

#[test]
fn comments_attributes_and_bytes_are_left_out() {
    assert!(said("// \"a text in a comment\"\n/* \"and in another\" */").is_empty());
    assert!(said(r#"#[expect(lint, reason = "a reason for it")] f()"#).is_empty());
    assert!(said(r#"f(b"these are some bytes")"#).is_empty());
}

#[test]
fn characters_and_lifetimes_do_not_confuse_the_scanner() {
    assert_eq!(
        said(r#"fn f<'a>(c: char) { ['"', '\'', '\\']; g("still a text here") }"#),
        ["still a text here"]
    );
}

#[test]
fn one_word_or_a_list_of_constants_is_no_prose() {
    assert!(!is_prose("index"));
    assert!(!is_prose("HTTP/1.1 200"));
    assert!(is_prose("[index] is not there"));
    assert!(is_prose("Rate exceeded for {name}"));
}

#[test]
fn texts_of_tests_are_left_out() {
    let tree = Tree::of(&[
        ("crates/a/src/lib.rs", "#[cfg(test)]\nmod judge;\nfn f() { say(\"a text of ours\") }"),
        ("crates/a/src/judge.rs", "fn f() { say(\"a text of a test\") }"),
        ("crates/a/src/b.rs", "#[cfg(test)]\nmod tests;"),
        ("crates/a/src/b/tests.rs", "fn f() { say(\"another one of them\") }"),
    ]);
    let texts: Vec<String> = texts(&tree).into_values().flatten().collect();
    assert_eq!(texts, ["a text of ours"]);
}

#[test]
fn a_new_text_makes_the_page_stale() {
    let source = ("crates/a/src/lib.rs", "fn f() { say(\"a text of ours\") }");
    let written = page(&Tree::of(&[source]));
    assert!(rule(&Tree::of(&[source, (PAGE, &written)])).is_empty());
    let changed = ("crates/a/src/lib.rs", "fn f() { say(\"a new text of ours\") }");
    let complaints = rule(&Tree::of(&[changed, (PAGE, &written)]));
    assert!(complaints.iter().any(|complaint| complaint.to_string().contains("it is stale")));
}
