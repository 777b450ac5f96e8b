//! The head of a request as the signature layer sees it: one pass over the headers finds those that
//! count, each at most once, and refuses what is broken as HTTP.

use crate::authorization::is_aws_scheme;
use crate::bytes::{Class, has_control, is_same_name};
use crate::limits::{HEADERS_MAX, PATH_BYTES_MAX};
use crate::names::{Index, NameKey};
use crate::refusal::{Refusal, echo};
use crate::request::Request;

/// The headers that matter to the signature layer.
#[derive(Default)]
pub(crate) struct Head<'a> {
    pub(crate) authorization: Option<&'a [u8]>,
    pub(crate) x_amz_date: Option<&'a [u8]>,
    pub(crate) date: Option<&'a [u8]>,
    pub(crate) host: Option<&'a [u8]>,
    pub(crate) security_token: Option<&'a [u8]>,
    pub(crate) content_sha256: Option<&'a [u8]>,
    pub(crate) content_type: Option<&'a [u8]>,
    /// The last one, if several came.
    pub(crate) connection: Option<&'a [u8]>,
}

impl<'a> Head<'a> {
    pub(crate) fn read(request: &Request<'a>, index: &mut Index) -> Result<Self, Refusal> {
        if request.headers.len() > HEADERS_MAX {
            return Err(Refusal::TooLarge { what: "headers", limit: HEADERS_MAX });
        }
        if request.path.len() > PATH_BYTES_MAX {
            return Err(Refusal::TooLarge { what: "path bytes", limit: PATH_BYTES_MAX });
        }
        // A line break here would be another line of the canonical request.
        if [request.method, request.path, request.query]
            .iter()
            .any(|text| has_control(text.as_bytes()))
        {
            return Err(Refusal::MalformedTarget);
        }
        let mut head = Self::default();
        for (name, value) in request.headers {
            let entry = index.push(name.as_bytes(), value);
            if !entry.plain && has_control(value) {
                return Err(Refusal::MalformedHeader { name: echo(name.as_bytes()) });
            }
            head.take(entry.key, name, value)?;
        }
        if head.host.is_some_and(|host| host.is_empty() || !Class::HOST.has_all(host)) {
            return Err(Refusal::MalformedHost);
        }
        Ok(head)
    }

    fn take(&mut self, key: NameKey, name: &str, value: &'a [u8]) -> Result<(), Refusal> {
        const AUTHORIZATION: NameKey = NameKey::of(b"authorization");
        const CONNECTION: NameKey = NameKey::of(b"connection");
        const CONTENT_SHA256: NameKey = NameKey::of(b"x-amz-content-sha256");
        const CONTENT_TYPE: NameKey = NameKey::of(b"content-type");
        const DATE: NameKey = NameKey::of(b"date");
        const HOST: NameKey = NameKey::of(b"host");
        const SECURITY_TOKEN: NameKey = NameKey::of(b"x-amz-security-token");
        const X_AMZ_DATE: NameKey = NameKey::of(b"x-amz-date");
        let (known, place) = match key {
            AUTHORIZATION => ("authorization", &mut self.authorization),
            CONNECTION => ("connection", &mut self.connection),
            CONTENT_SHA256 => ("x-amz-content-sha256", &mut self.content_sha256),
            CONTENT_TYPE => ("content-type", &mut self.content_type),
            DATE => ("date", &mut self.date),
            HOST => ("host", &mut self.host),
            SECURITY_TOKEN => ("x-amz-security-token", &mut self.security_token),
            X_AMZ_DATE => ("x-amz-date", &mut self.x_amz_date),
            _ => return Ok(()),
        };
        if !is_same_name(name.as_bytes(), known.as_bytes()) {
            return Ok(());
        }
        match (place.replace(value), known) {
            (None, _) | (_, "connection" | "content-type") => Ok(()),
            // Two schemes are an ambiguity between mechanisms, twice the same one is a broken request.
            (Some(first), "authorization") if is_aws_scheme(first) != is_aws_scheme(value) => {
                Err(Refusal::TwoSchemes)
            }
            (Some(_), name) => Err(Refusal::DuplicateHeader { name }),
        }
    }
}
