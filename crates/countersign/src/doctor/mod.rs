//! `countersign doctor ENDPOINT`: why does my client not get in?
//!
//! With the caller's own credentials, step by step: name, address, TLS, clock, credentials, scope, a
//! signed request and what its answer means, the canonical forms that are taken, identity, policy.
//! With `--request FILE` the request that a client sent is checked offline instead. Every finding
//! says what was seen, what was expected, and what to do next (`docs/operating/doctor.md`).

mod answer;
mod caller;
mod canonical;
pub(crate) mod capture;
mod clock;
mod denial;
mod finding;
mod forms;
mod live;
mod network;

use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use client::chain::CredentialChain;
use client::endpoint::Endpoint;

use crate::{Failure, outbound};
use capture::{CAPTURE_BYTES_MAX, ExpectedSigner, Raw};
use finding::{CheckState, Finding};

/// Find out why a client cannot get in: name, TLS, clock, credentials, signature, identity, policy.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign doctor search-books-abc123.eu-west-1.es.amazonaws.com
  countersign doctor https://localhost:9200 --request caught.txt")]
pub(crate) struct DoctorArgs {
    /// The endpoint: a host name or an https:// URL
    #[arg(value_name = "ENDPOINT")]
    endpoint: String,
    /// Check, offline, the HTTP request that a client sent: request line, headers, empty line, body;
    /// `curl -v` output works too; - is standard input
    #[arg(long, value_name = "FILE")]
    request: Option<String>,
    /// The body of that request, if the capture does not contain it
    #[arg(long, value_name = "FILE", requires = "request")]
    body: Option<String>,
    /// Ask Amazon's sts who the caller is, if AWS_ENDPOINT_URL names no control plane
    #[arg(long)]
    sts: bool,
    /// Print the findings as a JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    signing: outbound::Signing,
}

/// What the exit code says: the client gets in, it does not, or doctor was not asked rightly.
const USAGE: u8 = 2;

/// Examines, prints, and says with the exit code whether the client gets in.
pub(crate) fn run(args: &DoctorArgs) -> Result<ExitCode, Failure> {
    let endpoint = match Endpoint::parse(&args.endpoint) {
        Ok(endpoint) => endpoint,
        Err(error) => {
            let finding = Finding::fail("endpoint", error.to_string());
            let finding = finding.expected("a host name, or https://HOST[:PORT] without a path");
            print(args, &[finding.advice("take DescribeDomain's Endpoint as it is")])?;
            return Ok(ExitCode::from(USAGE));
        }
    };
    let raw = args.request.as_deref().map(|file| caught(file, args.body.as_deref())).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let findings = runtime.block_on(examine(args, endpoint, raw.as_ref()));
    print(args, &findings)?;
    let failed = findings.iter().any(|finding| finding.state == CheckState::Fail);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn examine(args: &DoctorArgs, endpoint: Endpoint, raw: Option<&Raw>) -> Vec<Finding> {
    let told = endpoint.region_and_service();
    let service = args.signing.service(told);
    let (chain, region) = CredentialChain::open(&args.signing.choice(told)).await;
    let found = chain.find().await;
    let profile = args.signing.profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok());
    let mut findings = vec![
        Finding::ok("endpoint", endpoint.origin()),
        caller::found(&found, profile.as_deref(), outbound::now()),
    ];
    if raw.is_none() || region.is_none() {
        findings.push(caller::scope(region.as_deref(), &service, told));
    }
    let credentials = found.as_ref().ok().map(|(credentials, _)| credentials);
    let signer = credentials.zip(region.as_deref());
    let Some(raw) = raw else {
        let ca = args.signing.ca();
        let (service, ask_sts) = (service.as_str(), args.sts);
        let examination = live::LiveCheck {
            endpoint: endpoint.clone(),
            ca: ca.as_deref(),
            signer,
            service,
            ask_sts,
        };
        live::examine(&examination, &mut findings).await;
        return findings;
    };
    if let Some((credentials, region)) = signer {
        let against =
            ExpectedSigner { endpoint: &endpoint, region, service: &service, credentials };
        findings.extend(capture::judge(raw, &against));
    }
    findings
}

/// Reads the captured request, at most [`CAPTURE_BYTES_MAX`] of it.
fn caught(file: &str, body: Option<&str>) -> Result<Raw, Failure> {
    let mut raw = Raw::parse(&bytes(file)?).map_err(|why| format!("{file}: {why}"))?;
    if let Some(body) = body {
        raw.body = Some(bytes(body)?);
    }
    Ok(raw)
}

fn bytes(file: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let limit = CAPTURE_BYTES_MAX.saturating_add(1);
    let read = if file == "-" {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(Path::new(file))
            .and_then(|open| open.take(limit).read_to_end(&mut bytes))
    };
    read.map_err(|error| format!("{file}: {error}"))?;
    if bytes.len() as u64 > CAPTURE_BYTES_MAX {
        return Err(format!("{file}: longer than {CAPTURE_BYTES_MAX} bytes").into());
    }
    Ok(bytes)
}

fn print(args: &DoctorArgs, findings: &[Finding]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    if args.json {
        let all: Vec<_> = findings.iter().map(Finding::json).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(());
    }
    let coloured = out.is_terminal();
    for finding in findings {
        finding.write(&mut out, coloured)?;
    }
    let failed = findings.iter().filter(|finding| finding.state == CheckState::Fail).count();
    let (good, bad) = match args.request {
        None => ("the client gets in", "the client does not get in"),
        Some(_) => ("the request is signed as it should be", "the request does not get in"),
    };
    let last = match failed {
        0 => good.to_owned(),
        1 => format!("{bad}: 1 finding above says why"),
        several => format!("{bad}: {several} findings above say why; begin with the first"),
    };
    writeln!(out, "{last}")?;
    Ok(())
}
