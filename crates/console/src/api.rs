//! Calls of the APIs, and what their answers say.

use serde_json::Value;

use crate::facade::{ApiAnswer, ApiCall, Destination};
use crate::http::encoded;
use crate::visit::Visit;

/// What an API refused, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The status.
    pub(crate) status: u16,
    /// The name of the error, where it has one.
    pub(crate) name: String,
    /// What it says.
    pub(crate) text: String,
    /// The request's id.
    pub(crate) request_id: Option<String>,
}

/// A call of the `opensearch` API.
pub(crate) fn opensearch(
    visit: &Visit<'_>,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> ApiCall {
    ApiCall {
        to: Destination::Control("es"),
        region: visit.region().to_owned(),
        method: method.to_owned(),
        path: format!("/2021-01-01{path}"),
        query: String::new(),
        content_type: body.map(|_| "application/json"),
        body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
    }
}

/// A question about the service itself or its records, below `/_countersign/`.
pub(crate) fn service(visit: &Visit<'_>, path: &str, query: &str) -> ApiCall {
    ApiCall {
        path: format!("/_countersign/{path}"),
        query: query.to_owned(),
        ..opensearch(visit, "GET", "", None)
    }
}

/// A path of the `opensearch` API below a domain.
pub(crate) fn of_domain(domain: &str, rest: &str) -> String {
    format!("/opensearch/domain/{}{rest}", encoded(domain))
}

/// A request to the endpoint of the domain of this page.
pub(crate) fn domain(
    visit: &Visit<'_>,
    method: &str,
    path: &str,
    query: &str,
    body: &str,
) -> ApiCall {
    let content_type = content_type(path);
    let ended = match content_type {
        "application/x-ndjson" if !body.ends_with('\n') => "\n",
        _ => "",
    };
    let has_body = !body.is_empty();
    ApiCall {
        to: Destination::Domain(visit.name("domain").to_owned()),
        region: visit.region().to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        content_type: has_body.then_some(content_type),
        body: if has_body { format!("{body}{ended}").into_bytes() } else { Vec::new() },
    }
}

/// What a body for this path is: `_bulk` and `_msearch` take lines.
pub(crate) fn content_type(path: &str) -> &'static str {
    let last = path.split('?').next().unwrap_or_default().rsplit('/').next();
    match last {
        Some("_bulk" | "_msearch") => "application/x-ndjson",
        _ => "application/json",
    }
}

/// Sends a call and reads its answer as JSON.
pub(crate) async fn json(visit: &Visit<'_>, call: ApiCall) -> Result<Value, Problem> {
    read(&visit.api.call(call).await)
}

/// The JSON of an answer, or its refusal.
pub(crate) fn read(answer: &ApiAnswer) -> Result<Value, Problem> {
    if !(200..300).contains(&answer.status) {
        return Err(problem(answer));
    }
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&answer.body).map_err(|_| Problem {
        status: answer.status,
        name: String::new(),
        text: match answer.cut {
            true => "the answer is longer than this page reads".to_owned(),
            false => "the answer is not JSON".to_owned(),
        },
        request_id: answer.request_id.clone(),
    })
}

/// What a refusal says, in any of the dialects.
pub(crate) fn problem(answer: &ApiAnswer) -> Problem {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let told = text("/message").or_else(|| text("/Message")).or_else(|| text("/error/reason"));
    let name = answer.error.clone().or_else(|| text("/error/type"));
    let as_sent = || String::from_utf8_lossy(&answer.body).chars().take(2_000).collect();
    Problem {
        status: answer.status,
        name: name.unwrap_or_default(),
        text: told.unwrap_or_else(as_sent),
        request_id: answer.request_id.clone(),
    }
}

/// The text at a place of an answer; nothing is the empty text.
pub(crate) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The list at a place of an answer.
pub(crate) fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether a place of an answer says `true`.
pub(crate) fn is(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).and_then(Value::as_bool).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, error: Option<&str>, body: &str) -> ApiAnswer {
        ApiAnswer {
            status,
            request_id: Some("r-1".to_owned()),
            error: error.map(str::to_owned),
            content_type: "application/json".to_owned(),
            body: body.as_bytes().to_vec(),
            cut: false,
        }
    }

    #[test]
    fn a_refusal_is_read_in_the_words_of_each_api() {
        for (error, body, name, text) in [
            (
                Some("ValidationException"),
                r#"{"message":"too short"}"#,
                "ValidationException",
                "too short",
            ),
            (
                None,
                r#"{"Message":"User: ann is not authorized"}"#,
                "",
                "User: ann is not authorized",
            ),
            (
                None,
                r#"{"error":{"type":"index_not_found_exception","reason":"no such index [x]"},"status":404}"#,
                "index_not_found_exception",
                "no such index [x]",
            ),
            (None, "out of order", "", "out of order"),
        ] {
            let problem = read(&answer(400, error, body)).unwrap_err();
            assert_eq!((problem.name.as_str(), problem.text.as_str()), (name, text), "{body}");
        }
    }

    #[test]
    fn an_answer_that_was_cut_says_so() {
        let cut = ApiAnswer { cut: true, ..answer(200, None, r#"{"hits": ["#) };
        assert_eq!(read(&cut).unwrap_err().text, "the answer is longer than this page reads");
    }

    #[test]
    fn an_empty_answer_is_nothing() {
        assert_eq!(read(&answer(200, None, "")), Ok(Value::Null));
    }
}
