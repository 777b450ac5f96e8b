//! The head of a request as the signature layer sees it: one pass over the headers finds those that
//! count, each at most once, and refuses what is broken as HTTP.

use crate::authorization::is_aws_scheme;
use crate::bytes::{Class, has_control};
use crate::limits::{HEADERS_MAX, PATH_BYTES_MAX};
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
    pub(crate) fn read(request: &Request<'a>) -> Result<Self, Refusal> {
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
            if has_control(value) {
                return Err(Refusal::MalformedHeader { name: echo(name.as_bytes()) });
            }
            head.take(name, value)?;
        }
        if head.host.is_some_and(|host| host.is_empty() || !Class::HOST.has_all(host)) {
            return Err(Refusal::MalformedHost);
        }
        Ok(head)
    }

    fn take(&mut self, name: &str, value: &'a [u8]) -> Result<(), Refusal> {
        let table = [
            ("authorization", &mut self.authorization),
            ("connection", &mut self.connection),
            ("x-amz-content-sha256", &mut self.content_sha256),
            ("content-type", &mut self.content_type),
            ("date", &mut self.date),
            ("host", &mut self.host),
            ("x-amz-security-token", &mut self.security_token),
            ("x-amz-date", &mut self.x_amz_date),
        ];
        let found = table.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let Some((known, place)) = found else { return Ok(()) };
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
