//! Scrolls and points in time: the client knows names of ours for them, which are good for their owner alone.

use engine::exception::{Exception, ExceptionKind};
use engine::rest::{Api, Method, MsearchItem, ParsedBody};
use engine::search::keep_alive;
use engine::{CursorQuestion, Response};
use serde_json::{Value, json};
use std::sync::Arc;

use super::{AnswerPlan, JudgedRequest, Plan, SentRequest, printed, sent, unsupported};

/// The kinds of cursors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CursorSort {
    /// A scroll.
    Scroll,
    /// A point in time of OpenSearch.
    Pit,
    /// A point in time of Elasticsearch.
    ElasticsearchPit,
}

impl CursorSort {
    /// The key of its name in the answer that opens it, which is the first there.
    pub(crate) fn opened_as(self) -> &'static str {
        match self {
            Self::Scroll => "_scroll_id",
            Self::Pit => "pit_id",
            Self::ElasticsearchPit => "id",
        }
    }

    /// The key of its name in the answer that continues it.
    pub(crate) fn continued_as(self) -> &'static str {
        match self {
            Self::Scroll => "_scroll_id",
            Self::Pit | Self::ElasticsearchPit => "pit_id",
        }
    }
}

impl JudgedRequest<'_> {
    /// What continues or closes cursors, whatever the mode; `None` for all else.
    pub(super) fn of_cursor(&self) -> Result<Option<Plan>, Exception> {
        let plan = match self.route().api {
            Api::Scroll => self.page()?,
            Api::ClearScroll => self.cleared()?,
            Api::DeletePit => self.closed_pits(self.pit_ids("pit_id")?)?,
            Api::DeleteAllPits => self.closed_pits(self.kept.keys().cloned().collect())?,
            Api::ClosePointInTime => self.closed_pit()?,
            Api::Search | Api::SearchTemplate if self.parsed.continues_cursor() => self.of_pit()?,
            // In mode `strict` such an item alone is refused: `items`.
            Api::Msearch | Api::MsearchTemplate if self.grants.everything => {
                let ParsedBody::Msearch(items) = &self.parsed.body else { return Ok(None) };
                match items.iter().any(MsearchItem::continues_cursor) {
                    true => return Err(unsupported("msearch with pit")),
                    false => return Ok(None),
                }
            }
            Api::GetAllPits
            | Api::AsyncSearchSubmit
            | Api::AsyncSearchGet
            | Api::AsyncSearchDelete
            | Api::AsynchronousSearchSubmit
            | Api::AsynchronousSearchGet
            | Api::AsynchronousSearchDelete => {
                let name = self.route().api.name();
                return Err(unsupported(name));
            }
            _ => return Ok(None),
        };
        Ok(Some(plan))
    }

    /// What is kept of the cursor that this request opens, if it does.
    pub(super) fn opening(&self) -> Result<Option<AnswerPlan>, Exception> {
        if !self.parsed.opens_cursor() {
            return Ok(None);
        }
        let query = &self.route().query;
        if query.get("filter_path").is_some() {
            return Err(unsupported("filter_path of what opens a scroll or a point in time"));
        }
        if query.get("format").is_some_and(|format| format != "json") {
            return Err(unsupported("format of what opens a scroll or a point in time"));
        }
        let sort = match self.route().api {
            Api::CreatePit => CursorSort::Pit,
            Api::OpenPointInTime => CursorSort::ElasticsearchPit,
            _ => CursorSort::Scroll,
        };
        let lives = match sort {
            CursorSort::Scroll => query.get("scroll"),
            CursorSort::Pit | CursorSort::ElasticsearchPit => query.get("keep_alive"),
        };
        let milliseconds = keep_alive(lives.unwrap_or_default())?;
        let questions: Arc<[CursorQuestion]> = Arc::clone(&self.grants.opening);
        Ok(Some(AnswerPlan::Opens { sort, milliseconds, questions }))
    }

    /// The cluster's name of a cursor of the caller's that may be continued.
    fn known(&self, id: &str) -> Result<&str, Exception> {
        let known = self.kept.get(id).filter(|_| self.grants.continues(id));
        known.map(String::as_str).ok_or_else(|| {
            let reason = format!("No search context found for id [{id}]");
            Exception::new(ExceptionKind::SearchContextMissing, reason)
        })
    }

    /// The next page of a scroll.
    fn page(&self) -> Result<Plan, Exception> {
        let ids = self.parsed.cursor_ids()?;
        let Some(id) = ids.first() else {
            return Err(Exception::validation(&["scrollId is missing"]));
        };
        let body = self.parsed.body.value();
        let lives = body.get("scroll").and_then(Value::as_str);
        let lives = lives.or_else(|| self.route().query.get("scroll"));
        let milliseconds = lives.map(keep_alive).transpose()?;
        let mut asked = json!({ "scroll_id": self.known(id)? });
        if let (Some(lives), Some(asked)) = (lives, asked.as_object_mut()) {
            asked.insert("scroll".to_owned(), lives.into());
        }
        let answer =
            AnswerPlan::Continues { sort: CursorSort::Scroll, id: id.clone(), milliseconds };
        self.of_cursors(Method::Post, "/_search/scroll", &asked, answer)
    }

    /// Closes scrolls: those that are the caller's.
    fn cleared(&self) -> Result<Plan, Exception> {
        let asked = self.parsed.cursor_ids()?;
        if asked.is_empty() {
            return Err(Exception::validation(&["no scroll ids specified"]));
        }
        let all = asked.iter().any(|id| id == "_all");
        let own: Vec<(String, &str)> = match all {
            true => self.kept.iter().map(|(id, known)| (id.clone(), known.as_str())).collect(),
            false => {
                let own = asked.into_iter().filter_map(|id| {
                    let known = self.kept.get(&id)?;
                    Some((id, known.as_str()))
                });
                own.collect()
            }
        };
        if own.is_empty() {
            let status = if all { 200 } else { 404 };
            let none = json!({ "succeeded": true, "num_freed": 0 });
            return Ok(Plan::Answered(Response::json(status, &none)));
        }
        let known: Vec<&str> = own.iter().map(|(_, known)| *known).collect();
        let body = json!({ "scroll_id": known });
        let ids = own.into_iter().map(|(id, _)| id).collect();
        let answer = AnswerPlan::Closes { sort: CursorSort::Scroll, ids };
        self.of_cursors(Method::Delete, "/_search/scroll", &body, answer)
    }

    fn pit_ids(&self, key: &str) -> Result<Vec<String>, Exception> {
        let ids: Vec<String> = match self.parsed.body.value().get(key) {
            None => Vec::new(),
            Some(Value::Array(list)) => {
                list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Some(one) => one.as_str().map(str::to_owned).into_iter().collect(),
        };
        match ids.is_empty() {
            true => Err(Exception::validation(&["no pit ids specified"])),
            false => Ok(ids),
        }
    }

    /// Closes points in time of OpenSearch; the answer tells the names that were asked for, and of one that is not there as closed.
    fn closed_pits(&self, ids: Vec<String>) -> Result<Plan, Exception> {
        let known: Vec<&str> =
            ids.iter().filter_map(|id| self.kept.get(id)).map(String::as_str).collect();
        if known.is_empty() {
            let pits: Vec<Value> =
                ids.iter().map(|id| json!({"successful": true, "pit_id": id})).collect();
            return Ok(Plan::Answered(Response::json(200, &json!({ "pits": pits }))));
        }
        let body = json!({ "pit_id": known });
        let answer = AnswerPlan::Closes { sort: CursorSort::Pit, ids };
        self.of_cursors(Method::Delete, "/_search/point_in_time", &body, answer)
    }

    /// Closes a point in time of Elasticsearch.
    fn closed_pit(&self) -> Result<Plan, Exception> {
        let ids = self.pit_ids("id")?;
        let id = ids.first().map_or("", String::as_str);
        let Some(known) = self.kept.get(id) else {
            let none = json!({ "succeeded": false, "num_freed": 0 });
            return Ok(Plan::Answered(Response::json(404, &none)));
        };
        let (body, sort) = (json!({ "id": known }), CursorSort::ElasticsearchPit);
        self.of_cursors(Method::Delete, "/_pit", &body, AnswerPlan::Closes { sort, ids })
    }

    /// A search of a point in time, under the cluster's name of it.
    fn of_pit(&self) -> Result<Plan, Exception> {
        if !self.grants.everything {
            self.check_parameters()?;
        }
        if self.route().part("index").is_some() {
            return Err(Exception::validation(&[
                "[indices] cannot be used with point in time. Do not specify any index with point in time.",
            ]));
        }
        if self.route().query.get("filter_path").is_some() {
            return Err(unsupported("filter_path of a search of a point in time"));
        }
        let mut body = self.parsed.body.value().clone();
        let id = body.pointer("/pit/id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let lives = body.pointer("/pit/keep_alive").and_then(Value::as_str);
        let milliseconds = lives.map(keep_alive).transpose()?;
        let known = self.known(&id)?;
        if let Some(name) = body.pointer_mut("/pit/id") {
            *name = known.into();
        }
        let answer = AnswerPlan::Continues { sort: CursorSort::Pit, id, milliseconds };
        self.of_cursors(Method::Post, "/_search", &body, answer)
    }

    fn of_cursors(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        answer: AnswerPlan,
    ) -> Result<Plan, Exception> {
        // The body says it, with names that the cluster knows.
        let said =
            ["scroll", "scroll_id", "source", "source_content_type", "filter_path", "format"];
        let query = self.route().query.wire(|name| said.contains(&name));
        let (path, body) = (path.to_owned(), printed(body));
        let (lines, hides, repeatable, names) = (false, Vec::new(), self.is_repeatable(), None);
        Ok(sent(SentRequest { method, path, query, body, lines, answer, hides, repeatable, names }))
    }
}
