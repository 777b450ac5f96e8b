use serde_json::json;

use super::*;
use crate::work::{Budget, Cancel, Work};

fn rendered(source: &str, params: &Value) -> Result<String, Exception> {
    let work = Work::unbounded();
    Template::json(source)?.render(params, &mut Rendering::new(&work))
}

#[test]
fn a_tag_alone_in_its_line_leaves_no_line() {
    let params = json!({"list": [1, 2], "yes": true});
    for (source, text) in [
        ("a\n{{#yes}}\nb\n{{/yes}}\nc\n", "a\nb\nc\n"),
        ("a\n  {{#list}}\n<{{.}}>\n  {{/list}}\nc", "a\n<1>\n<2>\nc"),
        ("a {{#yes}}b{{/yes}}\nc", "a b\nc"),
    ] {
        assert_eq!(rendered(source, &params).unwrap(), text, "{source:?}");
    }
}

#[test]
fn sections_that_multiply_a_list_end() {
    let list: Vec<u32> = (0..1000).collect();
    let source = "{{#l}}{{#l}}{{#l}}x{{/l}}{{/l}}{{/l}}";
    let fault = rendered(source, &json!({"l": list})).unwrap_err();
    assert_eq!(fault.kind(), ExceptionKind::CircuitBreaking);
}

#[test]
fn a_text_that_grows_too_long_ends() {
    let (list, text): (Vec<u32>, _) = ((0..10_000).collect(), "x".repeat(100_000));
    let fault = rendered("{{#l}}{{t}}{{/l}}", &json!({"l": list, "t": text})).unwrap_err();
    assert_eq!(fault.kind(), ExceptionKind::CircuitBreaking);
}

#[test]
fn what_is_printed_is_taken_from_the_requests_memory() {
    let work = Work::new(Cancel::new(), Budget::new("request", 1000));
    let template = Template::json("{{t}}").unwrap();
    let params = json!({"t": "x".repeat(2000)});
    let fault = template.render(&params, &mut Rendering::new(&work)).unwrap_err();
    assert_eq!(fault.kind(), ExceptionKind::CircuitBreaking);
}

#[test]
fn rendering_ends_when_its_request_is_called_off() {
    let work = Work::unbounded();
    work.cancel.cancel();
    let template = Template::json("{{#l}}x{{/l}}").unwrap();
    let fault = template.render(&json!({"l": [1]}), &mut Rendering::new(&work)).unwrap_err();
    assert_eq!(fault.kind(), ExceptionKind::TaskCancelled);
}

#[test]
fn sections_are_nested_to_a_limit() {
    let nested = |levels: usize| "{{#a}}".repeat(levels) + &"{{/a}}".repeat(levels);
    assert!(Template::json(&nested(DEPTH_MAX)).is_ok());
    assert!(Template::json(&nested(DEPTH_MAX + 1)).is_err());
    assert!(Template::json(&"{{#a}}".repeat(10_000)).is_err());
}

#[test]
fn no_text_panics() {
    let pieces = [
        "{{", "}}", "{", "}", "#", "^", "/", "=", "a", ".", " ", "\n", "é", "<%", "%>", "!", "&",
        "'",
    ];
    let mut state = 1u64;
    for _ in 0..20_000 {
        let mut source = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            source.push_str(pieces[(state >> 33) as usize % pieces.len()]);
        }
        let _ = rendered(&source, &json!({"a": [{"a": 1}, "é"]}));
    }
}
