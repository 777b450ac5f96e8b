//! The head of a request as the signature layer sees it: one pass over the headers finds those that
//! count, each at most once, and refuses what is broken as HTTP.

use crate::authorization;
use crate::bytes::{Class, has_control, is_same_name};
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
    /// Whether a `Connection` header came, or several.
    pub(crate) connection: bool,
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
        let is = |known: &str| is_same_name(name, known);
        let (name, place) = match name.len() {
            4 if is("host") => ("host", &mut self.host),
            4 if is("date") => ("date", &mut self.date),
            10 if is("x-amz-date") => ("x-amz-date", &mut self.x_amz_date),
            10 if is("connection") => {
                self.connection = true;
                return Ok(());
            }
            12 if is("content-type") => {
                self.content_type = Some(value);
                return Ok(());
            }
            13 if is("authorization") => return self.take_authorization(value),
            20 if is("x-amz-security-token") => ("x-amz-security-token", &mut self.security_token),
            20 if is("x-amz-content-sha256") => ("x-amz-content-sha256", &mut self.content_sha256),
            _ => return Ok(()),
        };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(Refusal::DuplicateHeader { name }),
        }
    }

    /// Two schemes are an ambiguity between mechanisms, twice the same one is a broken request.
    fn take_authorization(&mut self, value: &'a [u8]) -> Result<(), Refusal> {
        let Some(first) = self.authorization.replace(value) else { return Ok(()) };
        if authorization::is_aws_scheme(first) == authorization::is_aws_scheme(value) {
            return Err(Refusal::DuplicateHeader { name: "authorization" });
        }
        Err(Refusal::TwoSchemes)
    }
}
