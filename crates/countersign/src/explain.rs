//! `countersign explain REQUEST-ID`: why a request was allowed or refused.

use std::io::Write;
use std::path::PathBuf;

use crate::Failure;

/// Explain why a request was allowed or refused: who asked for what, and which statement decided.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign explain 242ccb19-0e35-4f92-b55a-eedc6e373871
  countersign explain 242ccb19-0e35-4f92-b55a-eedc6e373871 --data my-data --json")]
pub(crate) struct ExplainArgs {
    /// The id in the x-amzn-RequestId header of the response
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
pub(crate) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let text = match &args.data {
        Some(data) => from_files(args, data)?,
        None => from_service(args)?,
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", text.trim_end())?;
    Ok(())
}

fn from_files(args: &ExplainArgs, data: &std::path::Path) -> Result<String, Failure> {
    let folder = data.join("audit");
    let record = server::find_record(&folder, &args.request_id)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .ok_or_else(|| format!("no request {} in {}", args.request_id, folder.display()))?;
    if args.json {
        return Ok(serde_json::to_string_pretty(&record)?);
    }
    Ok(server::prose(&record))
}

/// Asks the control plane, signed with the credentials of the environment.
fn from_service(args: &ExplainArgs) -> Result<String, Failure> {
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
        server::Clock::System.now(),
        ca.as_deref(),
    )?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    if answer.status == 200 {
        return Ok(text);
    }
    if args.json {
        // For programs: the answer as it came; the exit code says that it is no record.
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", text.trim_end())?;
    }
    Err(refused(&endpoint, answer.status, &text).into())
}

/// What a person reads when the service tells no record: its own words, without their JSON or XML.
fn refused(endpoint: &str, status: u16, text: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let message = json.get("message").or_else(|| json.get("Message"));
    let told = message.and_then(serde_json::Value::as_str).unwrap_or(text).trim();
    let next = match status {
        404 => {
            "; expected the id in the x-amzn-RequestId header of a response of this service, from this account's \
             requests; older records may be in the audit files (--data DIR)"
        }
        403 => "; explain is asked with the credentials of the environment",
        _ => "",
    };
    format!("{endpoint} answers {status}: {told}{next}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_its_own_words() {
        let told = refused("https://localhost:9443", 404, r#"{"message":"no request x"}"#);
        assert!(
            told.starts_with("https://localhost:9443 answers 404: no request x; expected"),
            "{told}"
        );
        assert!(!told.contains(['{', '"']), "{told}");
        assert_eq!(refused("https://l", 502, "bad\n"), "https://l answers 502: bad");
    }
}
