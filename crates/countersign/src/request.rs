//! `countersign request`: a signed curl.

use std::io::{IsTerminal, Write};

use bytes::Bytes;
use client::endpoint::Endpoint;
use client::framing::{Fault, raw_character};
use client::headers;
use client::outbound::{EndpointResponse, UnsignedRequest};
use client::spool::HashedBody;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http_body_util::BodyExt;

use crate::{Failure, outbound};

/// Send one signed request and print the response.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign request https://localhost:9200/_cat/indices?v=true
  countersign request -X PUT -d @book.json https://localhost:9200/books/_doc/1")]
pub(crate) struct RequestArgs {
    /// The URL: https://HOST/PATH?QUERY, sent as it is written
    #[arg(value_name = "URL")]
    url: String,
    /// The method; by default GET, or POST when there is a body
    #[arg(short = 'X', long, value_name = "METHOD")]
    request: Option<http::Method>,
    /// The body; @FILE reads it from a file, @- from standard input
    #[arg(short = 'd', long, value_name = "BODY")]
    data: Option<String>,
    /// A header: "Name: value"
    #[arg(short = 'H', long, value_name = "HEADER")]
    header: Vec<String>,
    /// Also print the status and the headers of the response
    #[arg(short = 'i', long)]
    include: bool,
    /// Fail when the status is 400 or more
    #[arg(short = 'f', long)]
    fail: bool,
    #[command(flatten)]
    outbound: outbound::Signing,
}

/// Sends, prints, and says with the exit code whether it worked.
pub(crate) fn run(args: &RequestArgs) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(send(args))
}

async fn send(args: &RequestArgs) -> Result<(), Failure> {
    let uri: http::Uri = args.url.parse().map_err(|_| no_url(&args.url))?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(format!("'{}': expected https://HOST/PATH", args.url).into());
    };
    let endpoint = Endpoint::parse(&format!("{scheme}://{authority}"))?;
    let body = body(args)?;
    let default = if body.is_some() { http::Method::POST } else { http::Method::GET };
    let unsigned = UnsignedRequest {
        method: args.request.clone().unwrap_or(default),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers: request_headers(args, body.is_some())?,
        body: HashedBody::of(body.unwrap_or_default()),
    };
    let (outbound, _) = outbound::open(&args.outbound, endpoint).await?;
    let answer = outbound.send(unsigned, outbound::now()).await?;
    print(args, answer).await
}

/// What is wrong with a URL that is none: the character that must be encoded, where there is one.
fn no_url(url: &str) -> String {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    let target = behind.find('/').and_then(|at| behind.get(at..)).unwrap_or_default();
    match raw_character(target.as_bytes()) {
        Some((byte, position)) => format!("'{url}': {}", Fault::Target { byte, position }),
        None => format!("'{url}' is not a URL: expected https://HOST/PATH?QUERY"),
    }
}

fn body(args: &RequestArgs) -> Result<Option<Bytes>, Failure> {
    let bytes = match args.data.as_deref() {
        None => return Ok(None),
        Some("@-") => {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)?;
            bytes
        }
        Some(data) => match data.strip_prefix('@') {
            Some(path) => std::fs::read(path).map_err(|error| format!("{path}: {error}"))?,
            None => data.as_bytes().to_vec(),
        },
    };
    Ok(Some(bytes.into()))
}

/// The given headers, without those that signing sets; JSON unless another content type is given.
fn request_headers(args: &RequestArgs, has_body: bool) -> Result<HeaderMap, Failure> {
    let mut given = HeaderMap::new();
    for line in &args.header {
        let refuse = || format!("'{line}' is not a header: expected \"Name: value\"");
        let (name, value) = line.split_once(':').ok_or_else(refuse)?;
        let name = HeaderName::try_from(name.trim()).map_err(|_| refuse())?;
        given.append(name, HeaderValue::try_from(value.trim()).map_err(|_| refuse())?);
    }
    if has_body && !given.contains_key(CONTENT_TYPE) {
        given.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ok(headers::of_request(&given))
}

async fn print(args: &RequestArgs, answer: EndpointResponse) -> Result<(), Failure> {
    let (head, mut body) = answer.into_parts();
    let mut out = std::io::stdout().lock();
    if args.include {
        writeln!(out, "{:?} {}", head.version, head.status)?;
        for (name, value) in &head.headers {
            writeln!(out, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        writeln!(out)?;
    }
    let mut last = None;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            out.write_all(&data)?;
            last = data.last().copied().or(last);
        }
    }
    out.write_all(ending(last, out.is_terminal()))?;
    out.flush()?;
    if args.fail && head.status.as_u16() >= 400 {
        return Err(format!("the endpoint answered {}", head.status).into());
    }
    Ok(())
}

/// What is printed behind a body that ends in `last`: on a terminal a line end, so that the prompt has a line of its
/// own (as HTTPie does). A file or a pipe gets the body and nothing else.
fn ending(last: Option<u8>, terminal: bool) -> &'static [u8] {
    let open = last.is_some_and(|last| last != b'\n');
    if terminal && open { b"\n" } else { b"" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_with_a_raw_character_is_told_which() {
        let told = no_url("https://localhost:9200/x/_search?q=t:\"a\"");
        assert!(
            told.ends_with(
                "byte 16 of the request target is '\"': send it percent-encoded, as %22"
            ),
            "{told}"
        );
        assert!(no_url("https://").ends_with("is not a URL: expected https://HOST/PATH?QUERY"));
    }

    #[test]
    fn a_terminal_gets_a_line_end_where_the_body_has_none_and_a_pipe_the_body_only() {
        assert_eq!(ending(Some(b'}'), true), b"\n");
        for (last, terminal) in [(Some(b'\n'), true), (None, true), (Some(b'}'), false)] {
            assert_eq!(ending(last, terminal), b"", "{last:?} {terminal}");
        }
    }
}
