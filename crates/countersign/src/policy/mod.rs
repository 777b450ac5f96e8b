//! `countersign policy …`: one file per subcommand.

mod diff;
mod file;
mod generate;
mod lint;
#[cfg(test)]
mod page;
mod replay;
mod roles;
mod simulate;
mod template;
mod who_can;

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, BufWriter, Write},
    path::Path,
};

use clap::Subcommand;

use crate::Failure;

/// Check, simulate, compare and write policies.
#[derive(clap::Args)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Subcommand)]
enum PolicyCommand {
    Diff(diff::DiffArgs),
    Generate(generate::GenerateArgs),
    Lint(lint::LintArgs),
    Simulate(Box<simulate::SimulateArgs>),
    Template(template::TemplateArgs),
    WhoCan(who_can::WhoCanArgs),
}

/// Runs the subcommand.
pub(crate) fn run(args: &PolicyArgs) -> Result<(), Failure> {
    run_into(args, &mut std::io::stdout().lock())
}

fn run_into(args: &PolicyArgs, out: &mut impl Write) -> Result<(), Failure> {
    match &args.command {
        PolicyCommand::Diff(args) => diff::run(args, out)?,
        PolicyCommand::Generate(args) => generate::run(args, out)?,
        PolicyCommand::Lint(args) => lint::run(args, out)?,
        PolicyCommand::Simulate(args) => simulate::run(args, out)?,
        PolicyCommand::Template(args) => template::run(args, out)?,
        PolicyCommand::WhoCan(args) => who_can::run(args, out)?,
    }
    Ok(out.flush()?)
}

/// Answers a file of questions, one a line.
fn batch(
    path: &Path,
    out: &mut impl Write,
    answer: impl Fn(&str) -> Result<String, String>,
) -> Result<(), Failure> {
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    answers(BufReader::new(file), &mut BufWriter::new(out), answer)
}

/// One answer a line, in the order of the questions. A malformed line is answered with its error
/// and the run goes on; at the end it fails.
fn answers(
    mut questions: impl BufRead,
    out: &mut impl Write,
    answer: impl Fn(&str) -> Result<String, String>,
) -> Result<(), Failure> {
    let mut malformed = 0_usize;
    let mut line = Vec::new();
    loop {
        line.clear();
        if questions.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let answered = std::str::from_utf8(&line)
            .map_err(|error| error.to_string())
            .and_then(|line| answer(line.trim_end()));
        match answered {
            Ok(answer) => writeln!(out, "{answer}")?,
            Err(error) => {
                malformed += 1;
                writeln!(out, "{}", serde_json::json!({ "error": error }))?;
            }
        }
    }
    out.flush()?;
    match malformed {
        0 => Ok(()),
        1 => Err("1 line is malformed".into()),
        count => Err(format!("{count} lines are malformed").into()),
    }
}

/// Reads a file; the error names it.
fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
