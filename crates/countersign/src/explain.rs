//! `countersign explain REQUEST-ID`: why a request was allowed or refused.

use std::io::Write;
use std::path::PathBuf;

use server::audit;

use crate::Failure;

/// Say why a request was allowed or refused: who asked for what, and the statement that decided.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The id in the x-amzn-RequestId header of the answer
    #[arg(value_name = "REQUEST-ID")]
    request_id: String,
    /// Read the audit files of this data folder instead of asking the service at `AWS_ENDPOINT_URL`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print the whole record as JSON
    #[arg(long)]
    json: bool,
}

/// Prints the record of the request.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let text = match &args.data {
        Some(data) => from_files(args, data)?,
        None => from_service(args)?,
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", text.trim_end())?;
    Ok(())
}

fn from_files(args: &Args, data: &std::path::Path) -> Result<String, Failure> {
    let folder = data.join("audit");
    let record = audit::find(&folder, &args.request_id)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .ok_or_else(|| format!("no request {} in {}", args.request_id, folder.display()))?;
    if args.json {
        return Ok(serde_json::to_string_pretty(&record)?);
    }
    Ok(server::explain::prose(&record))
}

/// Asks the control plane, signed with the credentials of the environment.
fn from_service(args: &Args) -> Result<String, Failure> {
    let variable = |name: &str| {
        std::env::var(name).map_err(|_| {
            format!("{name} is not set: eval \"$(cat DIR/env)\" first, or read the files with --data DIR")
        })
    };
    let endpoint = variable("AWS_ENDPOINT_URL")?;
    let wanted = if args.json { "?format=json" } else { "" };
    let url = format!(
        "{}/_countersign/explain/{}{wanted}",
        endpoint.trim_end_matches('/'),
        args.request_id
    );
    let secret = sigv4::SecretKey::new(&variable("AWS_SECRET_ACCESS_KEY")?);
    let access_key_id = variable("AWS_ACCESS_KEY_ID")?;
    let token = std::env::var("AWS_SESSION_TOKEN").ok().filter(|token| !token.is_empty());
    let region = std::env::var("AWS_REGION").unwrap_or_else(|_| "us-east-1".to_owned());
    let credentials = sigv4::Credentials {
        access_key_id: &access_key_id,
        secret: &secret,
        session_token: token.as_deref(),
    };
    let ca = std::env::var_os("AWS_CA_BUNDLE").map(PathBuf::from);
    let answer = client::fetch::get_signed(
        &url,
        &credentials,
        &region,
        "es",
        server::clock::Clock::System.now(),
        ca.as_deref(),
    )?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    if answer.status == 200 {
        return Ok(text);
    }
    Err(format!("{} answers {}: {}", endpoint, answer.status, text.trim()).into())
}
