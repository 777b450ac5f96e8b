//! `countersign domain migrate`: a domain moves to the cluster of a pool, while it serves. The service does it; this command
//! begins it, tells how far it is, and calls it off when it is interrupted.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use http::Method;
use serde_json::Value;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;

use super::control_plane::{ControlPlane, NoAnswer};
use crate::Failure;
use crate::outbound::Signing;

/// Move a domain to the cluster of a pool, while it serves. What is there is compared with what was here before the cluster takes
/// over; until then the domain is served from here, and Ctrl-C calls the move off.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign domain migrate books --to main
  countersign domain migrate books --status --json
  countersign domain migrate books --abort
  countersign domain migrate books --discard-source")]
#[command(group(clap::ArgGroup::new("what").required(true).args(["to", "status", "abort", "discard_source"])))]
pub(crate) struct MigrateArgs {
    /// The domain
    #[arg(value_name = "NAME")]
    name: String,
    /// The pool: a section [pools.POOL] of the settings, with urls and without domain
    #[arg(long, value_name = "POOL")]
    to: Option<String>,
    /// Tell how far a move is, or how it ended
    #[arg(long)]
    status: bool,
    /// End a move, and remove what it made at the cluster
    #[arg(long)]
    abort: bool,
    /// Remove the indices that a moved domain left behind in the data folder; they are nowhere else then
    #[arg(long)]
    discard_source: bool,
    /// Print each step as a line of JSON
    #[arg(long)]
    json: bool,
    /// The control plane's URL; by default `AWS_ENDPOINT_URL`
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    #[command(flatten)]
    signing: Signing,
}

/// How often it is asked how far the move is.
const LOOK_TIME: Duration = Duration::from_millis(500);
/// How often it is told where nobody looks on.
const TELL_TIME: Duration = Duration::from_secs(5);
/// How often the service may not answer before this is given up.
const UNANSWERED_MAX: usize = 10;

/// Does it.
pub(crate) async fn run(args: &MigrateArgs) -> Result<(), Failure> {
    let control = ControlPlane::open(args.endpoint.as_deref(), &args.signing).await?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    for name in [Some(&args.name), args.to.as_ref()].into_iter().flatten() {
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(format!(
                "'{name}' is no name of a domain or pool: expected a-z, 0-9, - and _"
            )
            .into());
        }
    }
    let order = Order { control, path: format!("/_countersign/domains/{}/migration", args.name) };
    let mut told = Teller::new(args.json);
    let progress = match (&args.to, args.abort, args.discard_source) {
        (Some(pool), ..) => follow(&order, &format!("to={pool}"), &mut told).await?,
        (None, true, _) => order.give(Method::DELETE, "", "").await?,
        (None, _, true) => order.give(Method::POST, "/discard-source", "").await?,
        _ => order.give(Method::GET, "", "").await?,
    };
    told.end(&progress);
    match (phase(&progress), &args.to) {
        ("moved", _) | (_, None) => Ok(()),
        _ => Err(fault(&args.name, &progress).into()),
    }
}

/// What is asked about one domain's move.
struct Order {
    control: ControlPlane,
    path: String,
}

impl Order {
    /// Asks; how far the move is then.
    async fn give(&self, method: Method, rest: &str, query: &str) -> Result<Value, Failure> {
        let answer = self.control.ask(method, &format!("{}{rest}", self.path), query, None).await?;
        if answer.status.is_success() {
            return Ok(answer.body);
        }
        Err(format!("{} answers {}: {}", self.control.url, answer.status.as_u16(), answer.told())
            .into())
    }
}

/// Begins the move and looks until it has ended; calls it off when this is told to end.
async fn follow(order: &Order, query: &str, told: &mut Teller) -> Result<Value, Failure> {
    let mut signals = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut progress = order.give(Method::POST, "", query).await?;
    let mut unanswered = 0;
    while ["copying", "catching-up", "switching"].contains(&phase(&progress)) {
        told.show(&progress);
        let interrupted = tokio::select! {
            _ = signals.0.recv() => true,
            _ = signals.1.recv() => true,
            () = tokio::time::sleep(LOOK_TIME) => false,
        };
        if interrupted {
            told.line("called off: what is at the cluster is removed");
            return order.give(Method::DELETE, "", "").await;
        }
        match order.give(Method::GET, "", "").await {
            Ok(now) => (progress, unanswered) = (now, 0),
            Err(failure) if failure.is::<NoAnswer>() && unanswered < UNANSWERED_MAX => {
                unanswered += 1
            }
            Err(failure) => {
                return Err(format!(
                    "{failure}; a service that ended has not moved the domain, unless it says so when it is there again: \
                     countersign domain migrate NAME --status"
                )
                .into());
            }
        }
    }
    Ok(progress)
}

fn phase(progress: &Value) -> &str {
    progress.get("phase").and_then(Value::as_str).unwrap_or_default()
}

fn number(progress: &Value, key: &str) -> u64 {
    progress.get(key).and_then(Value::as_u64).unwrap_or_default()
}

fn texts<'v>(progress: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    let list = progress.get(key).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str)
}

/// Why the domain has not moved, and what to do next.
fn fault(name: &str, progress: &Value) -> String {
    let text = |key: &str| progress.get(key).and_then(Value::as_str);
    let why = text("fault").unwrap_or("it was called off");
    let next = text("next").map(|next| format!("; {next}")).unwrap_or_default();
    format!("domain {name} has not moved and is served as before: {why}{next}")
}

/// Where a move is, in one line.
fn line(progress: &Value) -> String {
    let copied = format!(
        "{} of {} indices, {} of {} documents",
        number(progress, "indices_copied"),
        number(progress, "indices"),
        number(progress, "documents_copied"),
        number(progress, "documents")
    );
    match phase(progress) {
        "copying" => format!("copying: {copied}"),
        "catching-up" => format!(
            "catching up: {copied}; {} changes copied, {} waiting",
            number(progress, "changes_copied"),
            number(progress, "changes_waiting")
        ),
        "switching" => "switching: writes wait".to_owned(),
        "removing" => "what it made at the cluster is being removed".to_owned(),
        "moved" => match progress.get("writes_waited_milliseconds").and_then(Value::as_u64) {
            Some(waited) => format!("moved: {copied}; writes waited {waited} ms"),
            None => "moved".to_owned(),
        },
        other => other.to_owned(),
    }
}

/// Tells how far it is: a bar on a terminal, lines elsewhere, JSON for programs.
struct Teller {
    json: bool,
    bar: bool,
    drawn: bool,
    told: Option<(String, Instant)>,
}

const WIDTH: usize = 20;

impl Teller {
    fn new(json: bool) -> Self {
        Self { json, bar: !json && std::io::stderr().is_terminal(), drawn: false, told: None }
    }

    fn show(&mut self, progress: &Value) {
        let text = if self.json { progress.to_string() } else { line(progress) };
        if self.bar {
            let (done, all) = (number(progress, "documents_copied"), number(progress, "documents"));
            let filled = (done.saturating_mul(WIDTH as u64)).checked_div(all).unwrap_or(0);
            let filled = usize::try_from(filled).unwrap_or(WIDTH).min(WIDTH);
            let (full, rest) = ("#".repeat(filled), " ".repeat(WIDTH - filled));
            self.drawn = true;
            // Standard error may be gone. What was there before may have been longer.
            let _ = write!(std::io::stderr(), "\r[{full}{rest}] {text}\x1b[K");
            return;
        }
        let is_new = self.told.as_ref().is_none_or(|(before, at)| {
            *before != text
                && (self.json || phase_of(before) != phase_of(&text) || at.elapsed() >= TELL_TIME)
        });
        if is_new {
            self.line(&text);
            self.told = Some((text, Instant::now()));
        }
    }

    fn line(&mut self, text: &str) {
        if std::mem::take(&mut self.drawn) {
            let _ = writeln!(std::io::stderr());
        }
        let _ = match self.json {
            // For programs, and nothing but JSON.
            true if !text.starts_with('{') => Ok(()),
            true => writeln!(std::io::stdout(), "{text}"),
            false => writeln!(std::io::stderr(), "{text}"),
        };
    }

    /// How it ended.
    fn end(&mut self, progress: &Value) {
        if self.json {
            self.line(&progress.to_string());
            return;
        }
        self.line(&line(progress));
        for note in texts(progress, "notes") {
            self.line(&format!("note: {note}"));
        }
        for difference in texts(progress, "differences") {
            self.line(&format!("different there: {difference}"));
        }
        if let (true, Some(fault)) =
            (phase(progress) == "interrupted", progress.get("fault").and_then(Value::as_str))
        {
            self.line(&format!("it ended before: {fault}"));
        }
        if let Some(next) = progress.get("next").and_then(Value::as_str) {
            self.line(&format!("next: {next}"));
        }
    }
}

fn phase_of(line: &str) -> &str {
    line.split_once(':').map_or(line, |(phase, _)| phase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_says_how_far_it_is() {
        let mut progress = json!({"phase": "copying", "indices": 3, "indices_copied": 1,
            "documents": 10, "documents_copied": 4});
        assert_eq!(line(&progress), "copying: 1 of 3 indices, 4 of 10 documents");
        progress["phase"] = "catching-up".into();
        progress["changes_waiting"] = 7.into();
        assert!(line(&progress).ends_with("0 changes copied, 7 waiting"));
        progress["phase"] = "moved".into();
        progress["writes_waited_milliseconds"] = 120.into();
        assert!(line(&progress).ends_with("writes waited 120 ms"));
    }

    #[test]
    fn a_failure_says_where_the_domain_is_and_what_to_do() {
        let told = fault("books", &json!({"fault": "the cluster is lost", "next": "again"}));
        assert_eq!(
            told,
            "domain books has not moved and is served as before: the cluster is lost; again"
        );
    }
}
