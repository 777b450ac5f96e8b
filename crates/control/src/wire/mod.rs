//! The APIs on the wire: a request's bytes → an [`Operation`] and its input; its output → bytes.
//!
//! Two small codecs, `query` with `xml` and `rest`, both driven by the models of `model`; `validate` checks
//! every input against the model's constraints before any operation sees it.

pub(crate) mod model;
mod query;
mod rest;
#[cfg(test)]
mod tests;

pub(crate) mod validate;
pub(crate) mod xml;

use serde_json::Value;

use crate::err::{ApiError, ErrorCode};
use crate::limits::BODY_BYTES_MAX;
use crate::operation::Operation;
use crate::service::{Service, WireProtocol};

/// A control-plane request as the server read it. Nothing in it is decoded yet.
#[derive(Clone, Copy, Debug)]
pub struct WireRequest<'a> {
    /// The service of the credential scope: `es`, `iam`, `sts` or `access-analyzer`. (`opensearch` is told from `es` by its path.)
    pub signing_name: &'a str,
    /// `GET`, `POST` …
    pub method: &'a str,
    /// The path as received, without the query string.
    pub path: &'a str,
    /// The query string as received, without `?`; `X-Amz-*` parameters may be in it.
    pub query: &'a str,
    /// The `Content-Type` header, if there is one.
    pub content_type: Option<&'a str>,
    /// The body, decoded from its transfer encoding.
    pub body: &'a [u8],
}

/// A reply's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireReply {
    /// The HTTP status.
    pub status: u16,
    /// Headers in order, lower-case names; `content-length` is the server's.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// One sensitive member of an operation's input: a password, a token, a private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SensitiveMember {
    /// The operation.
    pub operation: String,
    /// Its name on the wire, dotted where it is inside another member.
    pub member: String,
    /// HTTP method and path of the operation, labels as the model writes them.
    pub route: (String, String),
}

/// Every input member of `service` that its model marks sensitive: what must never be written down.
///
/// # Errors
/// Where the model cannot be read, a fault of the build.
pub fn sensitive_members(service: Service) -> Result<Vec<SensitiveMember>, ApiError> {
    let model = model::model(service)?;
    let mut found = Vec::new();
    for (operation, described) in &model.operations {
        let mut open: Vec<(String, String)> =
            described.input.iter().map(|shape| (shape.clone(), String::new())).collect();
        let mut seen = std::collections::BTreeSet::new();
        while let Some((shape, path)) = open.pop() {
            let model::ShapeKind::Structure { members, .. } = &model.shape(&shape)?.kind else {
                continue;
            };
            if !seen.insert(shape) {
                continue;
            }
            for member in members {
                let name = match path.as_str() {
                    "" => member.wire_name.clone(),
                    path => format!("{path}.{}", member.wire_name),
                };
                if model.shape(&member.shape)?.sensitive {
                    let route = (described.method.clone(), described.uri.clone());
                    let operation = operation.clone();
                    found.push(SensitiveMember { operation, member: name, route });
                } else {
                    open.push((member.shape.clone(), name));
                }
            }
        }
    }
    Ok(found)
}

/// Why a request could not be decoded, and in which dialect to say so.
#[derive(Clone, Debug)]
pub struct DecodeError {
    /// The service that was spoken to, as far as it could be told.
    pub service: Service,
    /// What the client reads.
    pub error: ApiError,
}

/// Which operation is meant and its input, validated against the model.
///
/// # Errors
/// `UnknownOperation` for a path or `Action` in no model; `Serialization` for a body that is not of the protocol;
/// `Validation` with Amazon's text for broken constraints.
///
/// ```
/// use control::wire::{WireRequest, decode};
///
/// let request = WireRequest {
///     signing_name: "es",
///     method: "GET",
///     path: "/2015-01-01/es/domain/logs",
///     query: "",
///     content_type: None,
///     body: b"",
/// };
/// let (operation, input) = decode(&request).unwrap();
/// assert_eq!(operation.action(), "es:DescribeElasticsearchDomain");
/// assert_eq!(input["DomainName"], "logs");
/// ```
pub fn decode(request: &WireRequest<'_>) -> Result<(Operation, Value), DecodeError> {
    let service = service_of(request);
    decode_for(service, request).map_err(|error| DecodeError { service, error })
}

/// The service a request speaks to: its scope's name, and for `es` the API version in its path.
pub fn service_of(request: &WireRequest<'_>) -> Service {
    match request.signing_name {
        "iam" => Service::Iam,
        "sts" => Service::Sts,
        "access-analyzer" => Service::AccessAnalyzer,
        _ if request.path.starts_with("/2021-01-01/") => Service::OpenSearch,
        _ => Service::Es,
    }
}

fn decode_for(service: Service, request: &WireRequest<'_>) -> Result<(Operation, Value), ApiError> {
    let (name, input) = read(service, request)?;
    let model = model::model(service)?;
    if let Some(shape) =
        model.operations.get(&name).and_then(|operation| operation.input.as_deref())
    {
        validate::validate(service, model, shape, &input)?;
    }
    let unknown =
        || ApiError::new(ErrorCode::UnknownOperation, format!("Unknown operation {name}"));
    Ok((Operation::find(service, &name).ok_or_else(unknown)?, input))
}

/// The operation's name and its input as sent, of the right types, not validated.
fn read(service: Service, request: &WireRequest<'_>) -> Result<(String, Value), ApiError> {
    if request.body.len() > BODY_BYTES_MAX {
        let text = format!("the body is larger than {BODY_BYTES_MAX} bytes");
        return Err(ApiError::new(ErrorCode::TooLarge, text));
    }
    let model = model::model(service)?;
    match service.protocol() {
        WireProtocol::Query => read_form(model, request),
        WireProtocol::RestJson => {
            let route = rest::route(model, request.method, request.path).ok_or_else(|| {
                let text = format!(
                    "no operation of {} has {} {}",
                    service.name(),
                    request.method,
                    request.path
                );
                ApiError::new(ErrorCode::UnknownOperation, text)
            })?;
            Ok((
                route.name.to_owned(),
                rest::decode_input(model, &route, request.query, request.body)?,
            ))
        }
    }
}

fn read_form(
    model: &model::ServiceModel,
    request: &WireRequest<'_>,
) -> Result<(String, Value), ApiError> {
    let form = query::QueryForm::read(request.query, request.body)?;
    let missing = || ApiError::new(ErrorCode::UnknownOperation, "Action is missing");
    let name = form.get("Action").ok_or_else(missing)?;
    let version = form.get("Version").unwrap_or(&model.api_version);
    let unknown = || {
        let text = format!("Could not find operation {name} for version {version}");
        ApiError::new(ErrorCode::UnknownOperation, text)
    };
    let operation =
        model.operations.get(name).filter(|_| version == model.api_version).ok_or_else(unknown)?;
    let input = match &operation.input {
        Some(shape) => form.to_value(model, shape)?,
        None => Value::Object(serde_json::Map::new()),
    };
    Ok((name.to_owned(), input))
}

/// The reply that carries `output`. An output that does not fit its model becomes our own fault, said as such.
pub fn encode(operation: Operation, output: &Value, request_id: &str) -> WireReply {
    match encode_output(operation, output, request_id) {
        Ok(reply) => reply,
        Err(error) => encode_error(operation.service(), &error, request_id),
    }
}

fn encode_output(
    operation: Operation,
    output: &Value,
    request_id: &str,
) -> Result<WireReply, ApiError> {
    let service = operation.service();
    let model = model::model(service)?;
    let missing =
        || ApiError::new(ErrorCode::Internal, format!("{} is not in the model", operation.name()));
    let operation_model = model.operations.get(operation.name()).ok_or_else(missing)?;
    let body = match service.protocol() {
        WireProtocol::Query => {
            xml::encode(model, operation.name(), operation_model, output, request_id)?
        }
        WireProtocol::RestJson => rest::encode(model, operation_model, output)?,
    };
    Ok(reply(service.protocol(), operation_model.status, request_id, body))
}

/// The reply that carries `error`, in the dialect of `service`.
pub fn encode_error(service: Service, error: &ApiError, request_id: &str) -> WireReply {
    let protocol = service.protocol();
    let (code, status) = error.code.wire(protocol);
    match protocol {
        WireProtocol::Query => {
            let namespace =
                model::model(service).map(|m| m.xml_namespace.as_str()).unwrap_or_default();
            reply(protocol, status, request_id, xml::encode_error(namespace, error, request_id))
        }
        WireProtocol::RestJson => {
            // The authorization layer of the search APIs writes `Message`, their own errors `message`.
            let key = if error.code == ErrorCode::AccessDenied { "Message" } else { "message" };
            let body = serde_json::json!({ key: error.message }).to_string();
            let mut reply = reply(protocol, status, request_id, body);
            reply.headers.push(("x-amzn-errortype", code.to_owned()));
            reply
        }
    }
}

fn reply(protocol: WireProtocol, status: u16, request_id: &str, body: String) -> WireReply {
    let content_type = match protocol {
        WireProtocol::Query => "text/xml",
        WireProtocol::RestJson => "application/json",
    };
    let headers = vec![
        ("content-type", content_type.to_owned()),
        ("x-amzn-requestid", request_id.to_owned()),
    ];
    WireReply { status, headers, body: body.into_bytes() }
}
