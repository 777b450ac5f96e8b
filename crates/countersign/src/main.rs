//! The `countersign` command: an index, one file per subcommand.

mod completions;
mod config;
mod dev;
mod doctor;
mod explain;
mod man;
mod outbound;
mod policy;
mod proxy;
mod request;
mod running;
mod serve;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A self-hosted Elasticsearch service whose access is managed by IAM.
#[derive(Parser)]
#[command(name = "countersign", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Subcommand)]
enum Command {
    Dev(dev::Args),
    Serve(serve::Args),
    Config(config::Args),
    Explain(explain::Args),
    Policy(policy::Args),
    Proxy(proxy::Args),
    Request(request::Args),
    Doctor(doctor::Args),
    Completions(completions::Args),
    Man(man::Args),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Dev(args) => dev::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Policy(args) => policy::run(&args),
        Command::Proxy(args) => proxy::run(&args),
        Command::Request(args) => request::run(&args),
        Command::Doctor(args) => return exit(doctor::run(&args)),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    };
    exit(done.map(|()| ExitCode::SUCCESS))
}

fn exit(done: Result<ExitCode, Failure>) -> ExitCode {
    match done {
        Ok(code) => code,
        Err(failure) => {
            // Standard error may be gone; the exit code still says it.
            let _ = writeln!(std::io::stderr(), "countersign: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Why a command failed, in one line for a person.
type Failure = Box<dyn std::error::Error>;
