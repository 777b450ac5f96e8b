//! What every answer has in common: `filter_path`, `pretty`, and the empty body of `HEAD`.

use super::filter_path::FilterPath;
use super::{Method, Parsed};
use crate::engine::Answer;
use crate::exception::Exception;
use crate::response::{JSON, Response};
use crate::work::Work;
use serde_json::Value;

/// The answer as it leaves the engine.
pub(crate) fn render(parsed: &Parsed, answer: Answer, work: &Work) -> Response {
    let answer = answer.and_then(|response| filtered(parsed, response, work));
    let mut response = answer.unwrap_or_else(|exception| Response::exception(&exception));
    if parsed.route.query.flag("pretty", false).unwrap_or(false)
        && response.content_type == JSON
        && let Ok(value) = serde_json::from_slice::<Value>(&response.body)
    {
        response.body = format!("{value:#}\n").into();
    }
    if parsed.route.method == Method::Head {
        response.body.clear();
    }
    response
}

/// What `filter_path` leaves of an answer. A failure is never filtered away.
fn filtered(parsed: &Parsed, mut response: Response, work: &Work) -> Result<Response, Exception> {
    if response.status < 400
        && response.content_type == JSON
        && let Some(filter) = FilterPath::of(&parsed.route.query)?
        && let Ok(value) = serde_json::from_slice::<Value>(&response.body)
    {
        response.body = filter.filtered(value, work)?.to_string().into();
    }
    Ok(response)
}
