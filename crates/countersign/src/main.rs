//! The `countersign` command: an index, one file per subcommand.

mod account;
mod address;
mod audit;
mod completions;
mod config;
mod dev;
mod doctor;
mod domain;
mod explain;
mod man;
mod notify;
mod outbound;
mod policy;
mod process;
mod progress;
mod proxy;
mod request;
mod running;
mod seed;
mod serve;
mod state;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Requests are many small things that are freed soon: docs/decisions/0147-mimalloc.md has the numbers.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    Dev(dev::DevArgs),
    Serve(serve::ServeArgs),
    Config(config::ConfigArgs),
    Account(account::AccountArgs),
    Domain(domain::DomainArgs),
    Audit(audit::AuditArgs),
    State(state::StateArgs),
    Explain(explain::ExplainArgs),
    Policy(policy::PolicyArgs),
    Proxy(proxy::ProxyArgs),
    Request(request::RequestArgs),
    Doctor(doctor::DoctorArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Dev(args) => dev::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Account(args) => account::run(&args),
        Command::Domain(args) => domain::run(&args),
        Command::Audit(args) => audit::run(&args),
        Command::State(args) => state::run(&args),
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
        // Whoever read our output has seen enough (`| head`): nothing is wrong.
        Err(failure) if is_broken_pipe(&*failure) => ExitCode::SUCCESS,
        Err(failure) => {
            // Standard error may be gone; the exit code still says it.
            let _ = writeln!(std::io::stderr(), "countersign: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Whether it failed to write what nobody reads any more. Sockets fail with errors of their own types.
fn is_broken_pipe(failure: &(dyn std::error::Error + 'static)) -> bool {
    let error = failure.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Why a command failed, in one line for a person.
type Failure = Box<dyn std::error::Error>;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Every command that has no further ones, with its whole name.
    fn leaves(command: &clap::Command, name: &str, found: &mut Vec<(String, clap::Command)>) {
        let mut inner =
            command.get_subcommands().filter(|inner| inner.get_name() != "help").peekable();
        if inner.peek().is_none() {
            found.push((name.to_owned(), command.clone()));
        }
        for command in inner {
            leaves(command, &format!("{name} {}", command.get_name()), found);
        }
    }

    #[test]
    fn every_help_has_an_example_that_begins_with_its_command() {
        let mut found = Vec::new();
        leaves(&Cli::command(), "countersign", &mut found);
        assert!(found.len() > 15, "{}", found.len());
        for (name, mut command) in found {
            for (kind, help) in
                [("-h", command.render_help()), ("--help", command.render_long_help())]
            {
                let help = help.to_string();
                let (_, examples) = help.split_once("Examples:\n").unwrap_or_default();
                let example = examples.lines().any(|line| line.trim_start().starts_with(&name));
                assert!(example, "`{name} {kind}` has no example: {help}");
            }
        }
    }

    #[test]
    fn the_unit_starts_the_service_with_a_command_line_that_is_taken() {
        let unit = include_str!("../../../examples/systemd/countersign.service");
        let value = |name: &str| unit.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        let words = value("ExecStart=/usr/bin/").split_whitespace();
        assert!(matches!(Cli::try_parse_from(words).unwrap().command, Command::Serve(_)));
        assert_eq!(value("Type="), "notify");
        assert_eq!(value("ExecReload="), "/bin/kill -HUP $MAINPID");
    }

    #[test]
    fn the_examples_are_command_lines_that_are_taken() {
        let mut found = Vec::new();
        leaves(&Cli::command(), "countersign", &mut found);
        for (name, command) in found {
            let help = command.get_after_help().unwrap().to_string().replace(" \\\n", " ");
            for line in help.lines().map(str::trim).filter(|line| line.starts_with(&name)) {
                // Up to the shell's own: a pipe, a redirection.
                let line = line.split(" | ").next().unwrap().split(" > ").next().unwrap();
                let words = line.split_whitespace();
                let parsed = Cli::try_parse_from(words);
                assert!(parsed.is_ok(), "{line}: {}", parsed.err().unwrap());
            }
        }
    }
}
