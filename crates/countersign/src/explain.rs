//! `countersign explain ID`: why a request was allowed or refused, and what would allow it.

use std::io::Write;
use std::path::PathBuf;

use serde_json::Value;
use server::{AuditRecord, ExplainedRecord, RepairRecord};

use crate::Failure;
use crate::doctor::capture;

/// Explain why a request was allowed or refused: who asked for what, which statement decided, and what would allow it.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign explain 242ccb19-0e35-4f92-b55a-eedc6e373871
  countersign explain --denied
  countersign explain 242ccb190e354f92b55aeedc6e373871 --data my-data --json")]
pub(crate) struct ExplainArgs {
    /// The id in the x-amzn-RequestId header of the response, or the authorization id of a denial
    #[arg(value_name = "ID", required_unless_present_any = ["last", "denied"], conflicts_with_all = ["last", "denied"])]
    id: Option<String>,
    /// Explain the newest request on record
    #[arg(long)]
    last: bool,
    /// Explain the newest request that was denied
    #[arg(long)]
    denied: bool,
    /// Read the audit files of this data folder instead of asking the service at `AWS_ENDPOINT_URL`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print the whole record as JSON
    #[arg(long)]
    json: bool,
}

/// Prints the record of the request.
pub(crate) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let value = match &args.data {
        Some(data) => from_files(args, data)?,
        None => from_service(args)?,
    };
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
        return Ok(());
    }
    let record: AuditRecord = serde_json::from_value(value.clone())?;
    let repairs = value.get("repairs").cloned().unwrap_or_default();
    let repairs: Vec<RepairRecord> = serde_json::from_value(repairs).unwrap_or_default();
    let text = format!(
        "{}{}{}",
        server::prose(&record),
        server::repair_prose(&repairs),
        signing_mistakes(&record)
    );
    writeln!(out, "{}", text.trim_end())?;
    Ok(())
}

/// What clients are known to sign otherwise in such a request. Which it was, only the secret's owner can find out.
fn signing_mistakes(record: &AuditRecord) -> String {
    if record.refusal_kind.as_deref() != Some("signature_mismatch") {
        return String::new();
    }
    let mistakes = capture::known_mistakes(&record.method, &record.path, &record.query);
    let lines: Vec<String> = mistakes.iter().map(|what| format!("  {what}\n")).collect();
    format!(
        "\nWhat clients are known to do wrong in such a request (doctor ENDPOINT --request FILE tells which it was):\n{}",
        lines.concat()
    )
}

fn from_files(args: &ExplainArgs, data: &std::path::Path) -> Result<Value, Failure> {
    let folder = data.join("audit");
    let wanted = match &args.id {
        Some(id) => ExplainedRecord::Id(id),
        None if args.denied => ExplainedRecord::LastDenied,
        None => ExplainedRecord::Last,
    };
    let (record, repairs) = server::find_explained(&folder, &wanted)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .ok_or_else(|| format!("no request {} in {}", args.wanted(), folder.display()))?;
    let mut value = serde_json::to_value(record)?;
    if let (Some(members), false) = (value.as_object_mut(), repairs.is_empty()) {
        members.insert("repairs".to_owned(), serde_json::to_value(repairs)?);
    }
    Ok(value)
}

impl ExplainArgs {
    /// As the service is asked for it.
    fn wanted(&self) -> &str {
        match &self.id {
            Some(id) => id,
            None if self.denied => "denied",
            None => "last",
        }
    }
}

/// Asks the control plane, signed with the credentials of the environment.
fn from_service(args: &ExplainArgs) -> Result<Value, Failure> {
    let variable = |name: &str| {
        std::env::var(name).map_err(|_| {
            format!("{name} is not set: eval \"$(cat DIR/env)\" first, or read the files with --data DIR")
        })
    };
    let endpoint = variable("AWS_ENDPOINT_URL")?;
    let url = format!(
        "{}/_countersign/explain/{}?format=json",
        endpoint.trim_end_matches('/'),
        args.wanted()
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
        return Ok(serde_json::from_str(&text)?);
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
    let json: Value = serde_json::from_str(text).unwrap_or_default();
    let message = json.get("message").or_else(|| json.get("Message"));
    let told = message.and_then(Value::as_str).unwrap_or(text).trim();
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
