//! Searches, and whatever runs one: the concrete indices in the path.

use bytes::Bytes;
use engine::exception::Exception;
use engine::rest::{Api, Effect};

use super::{AnswerPlan, JudgedRequest, Plan, printed, refused, sent};

impl JudgedRequest<'_> {
    /// A search of the URL's indices.
    pub(super) fn search(&self) -> Result<Plan, Exception> {
        let route = self.route();
        if matches!(route.api, Api::AsyncSearchSubmit) {
            return Err(refused(route.api.name()));
        }
        let pinned = self.pinned_url()?;
        pinned.check_aliases()?;
        if route.api.row().effect == Effect::Write {
            // What is updated goes through the pipelines of its index.
            for index in &pinned.indices {
                self.runs_no_pipeline(index)?;
            }
        }
        let mut request = match route.api {
            Api::SearchTemplate => self.templated(&pinned.list())?,
            _ => self.on_indices(&pinned.list(), self.json_body())?,
        };
        request.answer = self.opening()?.unwrap_or(AnswerPlan::Passed);
        Ok(sent(request))
    }

    /// The search that a template made, on the path of a search.
    fn templated(&self, list: &str) -> Result<super::SentRequest, Exception> {
        let mut path = String::from("/");
        engine::rest::encode(&mut path, list, b",*");
        path.push_str("/_search");
        let body: Bytes = printed(self.parsed.body.value());
        let mut request = self.on_path(path, body)?;
        let said = ["explain", "profile", "source", "source_content_type"];
        // The body says what of these was asked for.
        request.query =
            self.route().query.wire(|name| super::OF_NAMES.contains(&name) || said.contains(&name));
        Ok(request)
    }
}
