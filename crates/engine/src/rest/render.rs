//! What every answer has in common: `filter_path`, `pretty`, and the empty body of `HEAD`.

use bytes::Bytes;

use super::filter_path::FilterPath;
use super::{Json, Method, Parsed};
use crate::engine::Answer;
use crate::flavor::Flavor;
use crate::response::{JSON, Response};
use crate::work::Work;

/// The answer as it leaves the engine.
pub(crate) fn render(parsed: &Parsed, answer: Answer, work: &Work) -> Response {
    let shown = answer.and_then(|response| shown(parsed, response, work));
    let mut response = shown.unwrap_or_else(|exception| {
        // Whatever a loop ended with: it ended because nobody waits any more.
        let ended = work.check().err().unwrap_or(exception);
        let ended = ended.placed(parsed.body.text_and_value(), parsed.route.flavor);
        let mut refusal = Response::exception(&ended);
        if parsed.route.flavor == Flavor::OpenSearch219 {
            refusal.body = with_own_packages(refusal.body);
        }
        refusal
    });
    if parsed.route.query.flag("pretty", false).unwrap_or(false)
        && response.content_type == JSON
        && let Ok(json) = Json::read_own(response.body.clone(), work)
        && let Ok(body) = work.body(format!("{:#}\n", json.value).into_bytes())
    {
        response.body = body;
    }
    if parsed.route.method == Method::Head {
        response.body.clear();
    }
    response
}

/// OpenSearch's Java packages in place of those they were copied from.
fn with_own_packages(body: Bytes) -> Bytes {
    match std::str::from_utf8(&body) {
        Ok(text) if text.contains("org.elasticsearch.") => {
            text.replace("org.elasticsearch.", "org.opensearch.").into()
        }
        _ => body,
    }
}

/// What `filter_path` leaves of an answer, also of one that says that nothing is there. A refusal is never filtered.
fn shown(parsed: &Parsed, mut response: Response, work: &Work) -> Answer {
    if response.content_type == JSON
        && let Some(filter) = FilterPath::of(&parsed.route.query)?
        && let Ok(json) = Json::read_own(response.body.clone(), work)
    {
        let (value, _memory) = json.into_value();
        let left = filter.filtered(value, work)?;
        // Less than what was counted already; what a write answers must not be refused any more.
        response.body = work.told(left.to_string().into_bytes());
    }
    Ok(response)
}
