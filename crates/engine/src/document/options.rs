//! What a write is told beside its document: routing, refresh, versions.

use serde_json::{Map, Value};

use crate::exception::Exception;
use crate::index::Precondition;
use crate::limits::DOCUMENT_ID_BYTES_MAX;
use crate::rest::Route;
use crate::value::scalar::plain;

/// When a write becomes visible to searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refresh {
    /// In its own time.
    No,
    /// Before the answer, forced.
    Now,
    /// Before the answer. (We refresh at once instead of waiting for the next: docs/internals/storage.md.)
    WaitFor,
}

/// The options of one write.
#[derive(Clone, Debug)]
pub(super) struct WriteOptions {
    pub(super) routing: Option<String>,
    pub(super) refresh: Refresh,
    pub(super) precondition: Precondition,
    pub(super) create: bool,
    pub(super) require_alias: bool,
    pub(super) retry_on_conflict: u64,
    /// The ingest pipeline that the request names; `_none` for none.
    pub(super) pipeline: Option<String>,
    /// The type that the document is said to be of; `None` where there are none.
    pub(super) type_name: Option<String>,
}

/// One option by any of its names.
struct Given<'a>(&'a dyn Fn(&str) -> Option<String>);

impl WriteOptions {
    /// Reads the head of a single-document request; `create`: it is a `_create`.
    ///
    /// # Errors
    /// `action_request_validation_exception` and `illegal_argument_exception` in Elasticsearch's words.
    pub(super) fn of_route(route: &Route, create: bool) -> Result<WriteOptions, Exception> {
        let query = &route.query;
        let find = |name: &str| query.get(name).map(str::to_owned);
        let given = Given(&find);
        let op_type = query.get("op_type");
        if let Some(other) = op_type.filter(|kind| !matches!(*kind, "index" | "create")) {
            return Err(Exception::illegal_argument(format!(
                "opType must be 'create' or 'index', found: [{other}]"
            )));
        }
        if let Some(other) = op_type.filter(|kind| create && *kind != "create") {
            return Err(Exception::illegal_argument(format!(
                "opType must be 'create', found: [{other}]"
            )));
        }
        let create = create || op_type == Some("create");
        Ok(WriteOptions {
            refresh: refresh(query.get("refresh"))?,
            require_alias: query.flag("require_alias", false)?,
            type_name: route.type_name().map(str::to_owned),
            ..given.read(create)?
        })
    }

    /// Reads the metadata of a `_bulk` action line.
    ///
    /// # Errors
    /// As [`WriteOptions::of_route`].
    pub(super) fn of_item(
        metadata: &Map<String, Value>,
        create: bool,
    ) -> Result<WriteOptions, Exception> {
        let find = |name: &str| {
            let value = metadata.get(name).or_else(|| metadata.get(&format!("_{name}")))?;
            (!value.is_null()).then(|| plain(value))
        };
        let create = create || metadata.get("op_type").and_then(Value::as_str) == Some("create");
        Given(&find).read(create)
    }

    /// Whether the version comes from outside.
    pub(super) fn is_external(&self) -> bool {
        matches!(self.precondition, Precondition::External(_) | Precondition::ExternalGte(_))
    }

    /// Checks the id of a document to be written.
    ///
    /// # Errors
    /// `action_request_validation_exception`; `illegal_argument_exception` for an empty one.
    pub(super) fn check_id(&self, id: Option<&str>) -> Result<(), Exception> {
        match id {
            Some("") => {
                Err(Exception::illegal_argument("if _id is specified it must not be empty"))
            }
            Some(id) if id.len() > DOCUMENT_ID_BYTES_MAX => Err(Exception::validation(&[format!(
                "id [{id}] is too long, must be no longer than {DOCUMENT_ID_BYTES_MAX} bytes but was: {}",
                id.len()
            )])),
            None if self.precondition != Precondition::None => Err(Exception::validation(&[
                "an id must be provided if version type or value are set",
            ])),
            _ => Ok(()),
        }
    }
}

impl Given<'_> {
    fn read(&self, create: bool) -> Result<WriteOptions, Exception> {
        Ok(WriteOptions {
            routing: (self.0)("routing").filter(|routing| !routing.is_empty()),
            refresh: Refresh::No,
            precondition: self.precondition(create)?,
            create,
            require_alias: false,
            retry_on_conflict: self.number("retry_on_conflict")?.unwrap_or_default(),
            pipeline: (self.0)("pipeline").filter(|pipeline| !pipeline.is_empty()),
            type_name: None,
        })
    }

    fn precondition(&self, create: bool) -> Result<Precondition, Exception> {
        let version = self.number("version")?;
        let (seq_no, term) = (self.number("if_seq_no")?, self.number("if_primary_term")?);
        let kind = (self.0)("version_type").unwrap_or_else(|| "internal".to_owned());
        let fault = |text: String| Err(Exception::validation(&[text]));
        let compares = seq_no.is_some() || term.is_some();
        if create && compares {
            return fault(
                "create operations do not support compare and set. use index instead".into(),
            );
        }
        if create && (kind != "internal" || version.is_some()) {
            return fault(
                "create operations only support internal versioning. use index instead".into(),
            );
        }
        match (kind.as_str(), version, seq_no, term) {
            ("internal", Some(_), _, _) => fault(
                "internal versioning can not be used for optimistic concurrency control. Please use `if_seq_no` and `if_primary_term` instead".into(),
            ),
            ("internal", None, None, None) => Ok(Precondition::None),
            ("internal", None, Some(seq_no), Some(primary_term)) if primary_term > 0 => {
                Ok(Precondition::SeqNo { seq_no, primary_term })
            }
            ("internal", None, Some(_), _) => {
                fault("ifSeqNo is set, but primary term is [0]".into())
            }
            ("internal", None, None, Some(term)) => {
                fault(format!("ifSeqNo is unassigned, but primary term is [{term}]"))
            }
            ("external" | "external_gt" | "external_gte", _, _, _) if compares => {
                fault("compare and write operations can not use versioning".into())
            }
            ("external" | "external_gt", Some(version), _, _) => Ok(Precondition::External(version)),
            ("external_gte", Some(version), _, _) => Ok(Precondition::ExternalGte(version)),
            ("external" | "external_gt" | "external_gte", None, _, _) => fault(format!(
                "illegal version value [-3] for version type [{}]",
                kind.to_uppercase()
            )),
            (other, ..) => Err(Exception::illegal_argument(format!(
                "No version type match [{other}]"
            ))),
        }
    }

    fn number(&self, name: &str) -> Result<Option<u64>, Exception> {
        let Some(text) = (self.0)(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            Exception::illegal_argument(format!(
                "Failed to parse long parameter [{name}] with value [{text}]"
            ))
        })
    }
}

/// Reads `refresh`.
pub(super) fn refresh(value: Option<&str>) -> Result<Refresh, Exception> {
    match value {
        None | Some("false") => Ok(Refresh::No),
        Some("" | "true") => Ok(Refresh::Now),
        Some("wait_for") => Ok(Refresh::WaitFor),
        Some(other) => {
            Err(Exception::illegal_argument(format!("Unknown value for refresh: [{other}].")))
        }
    }
}
