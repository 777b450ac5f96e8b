//! What Amazon's own es endpoints printed as their canonical form, in public reports.

use std::fs;

use serde_json::Value;
use sigv4::{Form, Forms, Settings};

use crate::hand::{Hand, SCOPE};

#[test]
#[ignore = "needs ../shared/conformance"]
fn the_path_is_encoded_once_more_as_amazon_es_prints_it() {
    for case in cases("path_cases") {
        let (wire, canonical) = (text(&case, "wire_path"), text(&case, "server_canonical_path"));
        let as_amazon = signed_over(Hand::get(&wire, ""), &canonical, "");
        assert_eq!(as_amazon.judged().unwrap().unwrap().form, Form::Aws, "{wire}");
    }
}

#[test]
#[ignore = "needs ../shared/conformance"]
fn the_query_is_sorted_as_amazon_es_prints_it() {
    for case in cases("query_cases") {
        let (wire, canonical) = (text(&case, "wire_query"), text(&case, "server_canonical_query"));
        let as_amazon = signed_over(Hand::get("/", &wire).method("POST"), "/", &canonical);
        assert_eq!(as_amazon.judged().unwrap().unwrap().form, Form::Aws, "{wire}");
    }
}

/// A12 and A13: wire → canonical, for the form that AWS documents.
#[test]
fn paths_and_queries_have_one_canonical_form() {
    let table = [
        ("/a b", "", "/a%20b", ""),
        ("/a%20b", "", "/a%2520b", ""),
        ("/%2A", "", "/%252A", ""),
        ("/a:b,c", "", "/a%3Ab%2Cc", ""),
        ("//a///b/", "", "//a///b/", ""),
        ("/ü", "", "/%C3%BC", ""),
        ("/", "v", "/", "v="),
        ("/", "v=", "/", "v="),
        ("/", "=v", "/", "=v"),
        ("/", "b=2&a=1&a=0", "/", "a=0&a=1&b=2"),
        ("/", "a=b=c", "/", "a=b%3Dc"),
        ("/", "a=x+y", "/", "a=x%20y"),
        ("/", "a=x%20y", "/", "a=x%20y"),
        ("/", "a=%2f", "/", "a=%2F"),
        ("/", "a=%2F", "/", "a=%2F"),
        ("/", "a;b=c", "/", "a%3Bb=c"),
        ("/", "a=1&&b=2", "/", "a=1&b=2"),
        ("/", "a-b=1&a=2", "/", "a=2&a-b=1"),
        ("/", "q=ü", "/", "q=%C3%BC"),
        ("/", "q=*,~", "/", "q=%2A%2C~"),
    ];
    for (path, query, canonical_path, canonical_query) in table {
        let request = signed_over(Hand::get(path, query), canonical_path, canonical_query);
        let settings = only(Form::Aws);
        let verified = request.judged_by(&settings, crate::hand::NOW);
        assert!(verified.is_ok(), "{path} ? {query}: {}", verified.unwrap_err());
    }
}

#[test]
fn an_opt_in_form_is_refused_until_it_is_opted_in() {
    let table = [
        (Form::RawQuery, "/", "b=%2f&a=x*y", "/", "a=x*y&b=%2f"),
        (Form::RawQuery, "/", "a=1&&b", "/", "=&a=1&b="),
        (Form::RawQuery, "/", "a=x+y", "/", "a=x+y"),
        (Form::PlusLiteral, "/", "a=x+y", "/", "a=x%2By"),
        (Form::RawPath, "/a*,b%2F", "", "/a*,b%2F", ""),
    ];
    for (form, path, query, canonical_path, canonical_query) in table {
        let request = signed_over(Hand::get(path, query), canonical_path, canonical_query);
        for other in Form::ALL.into_iter().filter(|other| *other != form) {
            let verdict = request.judged_by(&only(other), crate::hand::NOW);
            assert_eq!(verdict.unwrap_err().kind(), "signature_mismatch", "{form} as {other}");
        }
        let verified = request.judged_by(&only(form), crate::hand::NOW).unwrap().unwrap();
        assert_eq!(verified.form, form);
    }
}

#[test]
fn the_default_forms_are_aws_and_raw_query() {
    let names: Vec<_> = Forms::default().iter().map(Form::as_str).collect();
    assert_eq!(names, ["aws", "raw-query"]);
}

#[test]
fn an_illegal_percent_escape_in_a_query_is_not_accepted_as_aws() {
    let request = signed_over(Hand::get("/", "a=%zz"), "/", "a=%25zz");
    assert_eq!(request.refused(), "signature_mismatch");
}

fn only(form: Form) -> Settings {
    Settings { forms: Forms::of(&[form]), ..Settings::domain("us-east-1") }
}

fn signed_over(request: Hand, path: &str, query: &str) -> Hand {
    let mut canonical = request.clone();
    path.clone_into(&mut canonical.path);
    query.clone_into(&mut canonical.query);
    let canonical = canonical.canonical("host;x-amz-date");
    request.signed_as(&canonical, SCOPE, "host;x-amz-date")
}

fn cases(list: &str) -> Vec<Value> {
    let path = crate::conformance("es-canonical-forms.json");
    let file: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let cases = file[list].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn text(case: &Value, name: &str) -> String {
    case[name].as_str().unwrap().to_owned()
}
