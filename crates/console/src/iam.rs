//! Calls of `iam`: a form goes out, XML comes back, and is read as the same tree as JSON.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use serde_json::{Map, Value};

use crate::api::{self, Problem, text};
use crate::facade::{ApiAnswer, ApiCall, Destination};
use crate::http::query;
use crate::visit::Visit;

/// How deep the elements of an answer are read: the APIs have half as many.
const DEPTH_MAX: usize = 32;

/// Calls an action with these parameters; what its `…Result` holds.
pub(crate) async fn call(
    visit: &Visit<'_>,
    action: &str,
    parameters: &[(&str, &str)],
) -> Result<Value, Problem> {
    let fields = [&[("Action", action), ("Version", "2010-05-08")], parameters].concat();
    let call = ApiCall {
        to: Destination::Control("iam"),
        region: visit.region().to_owned(),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        content_type: Some("application/x-www-form-urlencoded"),
        body: query(&fields).into_bytes(),
    };
    let answer = visit.api.call(call).await;
    if answer.cut {
        let text = "the answer is longer than this page reads".to_owned();
        return Err(Problem { text, ..api::problem(&answer) });
    }
    let tree = tree(&String::from_utf8_lossy(&answer.body));
    if (200..300).contains(&answer.status) {
        return Ok(tree.pointer(&format!("/{action}Result")).cloned().unwrap_or_default());
    }
    Err(problem(&answer))
}

/// What a refusal of `iam` or `sts` says.
pub(crate) fn problem(answer: &ApiAnswer) -> Problem {
    let tree = tree(&String::from_utf8_lossy(&answer.body));
    let mut refused = api::problem(answer);
    if tree.pointer("/Error").is_some() {
        text(&tree, "/Error/Code").clone_into(&mut refused.name);
        text(&tree, "/Error/Message").clone_into(&mut refused.text);
    }
    refused
}

/// What an answer's root element holds: elements are members, `member`s are items of a list, the rest is text.
fn tree(xml: &str) -> Value {
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<Element> = vec![Element::default()];
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) if open.len() < DEPTH_MAX => {
                let name = start.local_name().as_ref().to_owned();
                open.push(Element { name, ..Element::default() });
            }
            Ok(Event::Empty(start)) => {
                let name = start.local_name().as_ref().to_owned();
                close(&mut open, Element { name, ..Element::default() });
            }
            Ok(Event::Text(piece)) => {
                add(&mut open, &piece);
            }
            Ok(Event::GeneralRef(entity)) => {
                let known = resolve_predefined_entity(&entity).map(str::to_owned);
                let of_number = || entity.resolve_char_ref().ok().flatten().map(String::from);
                add(&mut open, &known.or_else(of_number).unwrap_or_default());
            }
            Ok(Event::End(_)) if open.len() > 1 => {
                if let Some(element) = open.pop() {
                    close(&mut open, element);
                }
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    let root = open.into_iter().next().unwrap_or_default();
    root.members.into_iter().next().map(|(_, root)| root).unwrap_or_default()
}

/// An element that is being read.
#[derive(Default)]
struct Element {
    name: String,
    text: String,
    members: Map<String, Value>,
    items: Vec<Value>,
}

fn add(open: &mut [Element], piece: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(piece);
    }
}

fn close(open: &mut [Element], element: Element) {
    let value = match element {
        Element { items, .. } if !items.is_empty() => Value::from(items),
        Element { members, .. } if !members.is_empty() => Value::from(members),
        Element { text, .. } => Value::from(text.trim()),
    };
    let Some(parent) = open.last_mut() else { return };
    if element.name == "member" {
        parent.items.push(value);
    } else {
        parent.members.insert(element.name, value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_a_tree_of_members_lists_and_texts() {
        let xml = r#"<?xml version="1.0"?><R xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUsersResult>
            <Users><member><UserName>a&amp;b&#60;</UserName><Path>/</Path></member><member><UserName>c</UserName></member></Users>
            <IsTruncated>false</IsTruncated><Empty/></ListUsersResult></R>"#;
        assert_eq!(
            tree(xml),
            json!({"ListUsersResult": {
                "Users": [{"UserName": "a&b<", "Path": "/"}, {"UserName": "c"}], "IsTruncated": "false", "Empty": ""
            }})
        );
    }

    #[test]
    fn what_is_no_answer_is_nothing_and_depth_is_bounded() {
        assert_eq!(tree(""), Value::Null);
        assert_eq!(tree("no xml"), Value::Null);
        tree(&"<a>".repeat(100_000));
    }
}
