//! The REST face: **the** table of every path of Elasticsearch 7.10 and OpenSearch 2.19, and the one parser.
//!
//! [`route`] needs the head alone, so that every refusal but the body's own is decided before a body byte is read.
//! [`parse`] reads the body once; the authorizer judges the same [`Parsed`] that the engine executes.

mod aliases;
mod body;
mod bulk;
pub(crate) mod execute;
mod filter_path;
pub mod json;
pub(crate) mod likeness;
mod mget;
mod msearch;
mod path;
pub(crate) mod query;
mod rank_eval;
mod reindexed;
pub(crate) mod render;
mod router;
pub(crate) mod search_template;
mod syntax;
mod table;
mod wire;

pub use aliases::{AliasAction, AliasChange};
use body::check_head;
pub use body::{ParsedBody, parse, parse_unread};
pub use bulk::{BulkAction, BulkItem, BulkPieces};
pub use execute::resolve::resolved as resolved_indices;
pub use json::{Json, JsonMemory};
pub use mget::MgetItem;
pub use msearch::MsearchItem;
pub use query::QueryParameters;
pub use rank_eval::{RankEvaluation, RatedSearch, Rating};
pub use reindexed::Reindexed;
pub use router::route;
pub use table::{
    Api, ApiRow, BodyKind, Effect, Handler, SHORT_SEARCH_BYTES_MAX, Touches, UrlIndices,
};
pub use wire::encode;

pub use crate::dsl::wrapper::unwrapped;
use crate::exception::{Exception, ExceptionKind};
pub use crate::flavor::Flavor;
use crate::mapping::type_name::DOC;
use serde_json::Value;

/// The methods Elasticsearch's REST layer knows (`OPTIONS` is in no row of the table).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
    /// `PATCH`
    Patch,
}

impl Method {
    /// Every method.
    pub const ALL: [Method; 6] =
        [Method::Get, Method::Head, Method::Post, Method::Put, Method::Delete, Method::Patch];

    /// The method with this exact name (methods are case-sensitive, RFC 9110 §9.1).
    pub fn parse(name: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Patch => "PATCH",
        }
    }
}

/// A request's head, read against the table.
#[derive(Clone, Debug)]
pub struct Route {
    /// Which API.
    pub api: Api,
    /// With which method.
    pub method: Method,
    /// On which service.
    pub flavor: Flavor,
    /// The path, decoded once, without a trailing slash: what is authorized and what is executed.
    pub path: String,
    /// The query string, decoded once.
    pub query: QueryParameters,
    /// Whether a line or an item of the body may name an index itself (`rest.action.multi.allow_explicit_index`).
    pub explicit_index: bool,
    /// Whether an OpenSearch domain says that it is 7.10.2 (`override_main_response_version`).
    pub overrides_version: bool,
    pub(crate) parts: Vec<(&'static str, String)>,
    pub(crate) template: &'static str,
}

impl Route {
    /// The decoded value of the path's part `name` (`index`, `id`, `alias` …), if the path has it.
    pub fn part(&self, name: &str) -> Option<&str> {
        self.parts.iter().find(|(part, _)| *part == name).map(|(_, value)| value.as_str())
    }

    /// The name of the type that its documents are said to be of: that of the path, `_doc` where there is none; `None` on
    /// OpenSearch, which has no types.
    pub fn type_name(&self) -> Option<&str> {
        let typed = self.flavor == Flavor::Elasticsearch710;
        typed.then(|| self.part("type").unwrap_or(DOC))
    }

    /// Whether the request leaves everything as it was. A refresh only shows what was written.
    pub fn only_reads(&self) -> bool {
        self.api.row().effect == Effect::Read
            || self.api == Api::IndicesRefresh
            || matches!(self.method, Method::Get | Method::Head)
    }

    /// The path this request would have had if it had addressed `index` in its URL. `/_bulk` → `/x/_bulk`, `/a,b*/_search` → `/x/_search`.
    pub fn addressed_to(&self, index: &str) -> String {
        let has_index =
            |template: &&str| template.contains("{index}") || template.contains("{alias}");
        let fits = |template: &&str| {
            has_index(template)
                && table::parts(template)
                    .all(|part| matches!(part, "index" | "alias") || self.part(part).is_some())
        };
        let templates = self.api.row().paths.iter().filter_map(|path| path.rsplit(' ').next());
        let template =
            Some(self.template).filter(has_index).or_else(|| templates.clone().find(fits));
        let Some(template) = template else { return format!("/{index}{}", self.path) };
        let mut path = String::new();
        for segment in template.split('/').filter(|segment| !segment.is_empty()) {
            path.push('/');
            path.push_str(match table::part(segment) {
                Some("index" | "alias") => index,
                Some(name) => self.part(name).unwrap_or_default(),
                None => segment,
            });
        }
        path
    }
}

/// Why a head leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteError {
    /// The path is in no row of the table: denied as `unmapped-api`.
    UnmappedApi,
    /// The path is in the table with other methods.
    MethodNotAllowed {
        /// The methods the path is known with.
        allow: Vec<Method>,
    },
    /// The path or the query cannot be decoded safely: what was seen.
    BadPath(String),
}

impl RouteError {
    /// The exception this is answered with when the caller was let through so far.
    pub fn exception(&self, method: &str, raw_path: &str) -> Exception {
        match self {
            RouteError::UnmappedApi => Exception::new(
                ExceptionKind::BadPath,
                format!("no handler found for uri [{raw_path}] and method [{method}]"),
            ),
            RouteError::MethodNotAllowed { allow } => {
                let allow: Vec<&str> = allow.iter().map(|method| method.name()).collect();
                Exception::new(
                    ExceptionKind::MethodNotAllowed,
                    format!(
                        "Incorrect HTTP method for uri [{raw_path}] and method [{method}], allowed: [{}]",
                        allow.join(", ")
                    ),
                )
            }
            RouteError::BadPath(reason) => Exception::illegal_argument(reason.clone()),
        }
    }
}

/// A whole request, read once: what the authorizer judges is what the engine executes.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The head.
    pub route: Route,
    /// The body.
    pub body: ParsedBody,
}

impl Parsed {
    /// Whether this request opens a cursor: a search with `scroll`, a point in time.
    pub fn opens_cursor(&self) -> bool {
        match self.route.api {
            Api::Search | Api::SearchTemplate => self.route.query.get("scroll").is_some(),
            Api::CreatePit | Api::OpenPointInTime => true,
            // A search that has run is told again.
            Api::AsyncSearchSubmit | Api::AsynchronousSearchSubmit => {
                self.route.query.flag("keep_on_completion", false).unwrap_or(true)
            }
            _ => false,
        }
    }

    /// Whether this request continues a cursor: a page of a scroll, a search of a point in time.
    pub fn continues_cursor(&self) -> bool {
        match self.route.api {
            Api::Scroll | Api::AsyncSearchGet | Api::AsynchronousSearchGet => true,
            Api::Search | Api::SearchTemplate => self.body.value().get("pit").is_some(),
            _ => false,
        }
    }

    /// The cursors that `_search/scroll` continues (the first) or closes.
    /// Errors: `illegal_argument_exception` for what is no id.
    pub fn cursor_ids(&self) -> Result<Vec<String>, Exception> {
        let (route, body) = (&self.route, self.body.value());
        if matches!(route.api, Api::AsyncSearchGet | Api::AsynchronousSearchGet) {
            return Ok(route.part("id").map(str::to_owned).into_iter().collect());
        }
        if matches!(route.api, Api::Search | Api::SearchTemplate) {
            let id = body.pointer("/pit/id").and_then(Value::as_str);
            return Ok(id.map(str::to_owned).into_iter().collect());
        }
        for (key, value) in body.as_object().into_iter().flatten() {
            if !matches!(key.as_str(), "scroll_id" | "scroll") {
                let token = crate::value::scalar::token(value);
                return Err(Exception::illegal_argument(format!(
                    "Unknown parameter [{key}] in request body or parameter is of the wrong type[{token}] "
                )));
            }
        }
        let wrong =
            || Exception::illegal_argument("scroll_id array element should only contain scroll_id");
        match body.get("scroll_id") {
            Some(Value::String(id)) => Ok(vec![id.clone()]),
            Some(Value::Array(list)) => {
                list.iter().map(|id| id.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
            }
            Some(_) => Err(wrong()),
            None => {
                let listed = route.part("scroll_id").or_else(|| route.query.get("scroll_id"));
                Ok(listed.into_iter().flat_map(|list| list.split(',')).map(str::to_owned).collect())
            }
        }
    }
}
