//! Search templates: `_search/template`, `_msearch/template`, `_render/template`. What their templates make was put in the
//! place of the body when it was read (`rest/search_template.rs`), so that they are searches by then.

use super::{Task, search as searches};
use crate::engine::Answer;
use crate::flavor::Flavor;
use crate::response::Response;
use crate::rest::search_template::TemplateRequest;
use crate::script::mustache::Rendering;

/// `GET /{index}/_search/template`.
pub(crate) fn search(task: &Task<'_>) -> Answer {
    let found = searches::answered(task, false)?;
    let body = match task.parsed.route.flavor {
        Flavor::Elasticsearch710 => found,
        Flavor::OpenSearch219 => task.work.body(searches::with_status(&found).into())?,
    };
    Ok(Response::printed(200, body))
}

/// `GET /{index}/_msearch/template`.
pub(crate) fn msearch(task: &Task<'_>) -> Answer {
    searches::msearch(task)
}

/// `GET /_render/template/{id}`: what a template makes, whether it is JSON or not.
pub(crate) fn render(task: &Task<'_>) -> Answer {
    let request = TemplateRequest::parse(task.body())?;
    let request = match task.parsed.route.part("id") {
        Some(id) => request.stored(id),
        None => request,
    };
    let made = request.rendered(task.work, &mut Rendering::new(task.work))?;
    let body = format!("{{\"template_output\":{made}}}").into_bytes();
    Ok(Response::printed(200, task.work.body(body)?))
}
