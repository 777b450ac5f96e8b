//! The house's own tools: `cargo xtask tidy`, `test`, `judges`.
//!
//! One file or folder per command; [`COMMANDS`] is the table of them. No command needs anything but
//! Rust, git and Python.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod console;
mod dist;
mod iam_tables;
mod models;
mod mutations;
mod test;
mod tidy;

/// Everything `cargo xtask` can do: name, what `--help` says, and the function that does it.
const COMMANDS: &[Command] = &[
    Command {
        name: "tidy",
        help: "check the house rules: formatting, dependency direction, function length, links, docs",
        run: tidy::command,
    },
    Command {
        name: "test",
        help: "prepare what is needed under target/, run every test and every judge, end with one summary line",
        run: test::command,
    },
    Command {
        name: "error-texts",
        help: "write docs/reference/error-texts.md, every text that the sources say, from the sources",
        run: tidy::error_texts::command,
    },
    Command {
        name: "models",
        help: "write the API models of crates/control/models/ from the installed botocore",
        run: models::command,
    },
    Command {
        name: "iam-tables",
        help: "write the table of actions and keys that `policy lint` knows: [FOLDER], by default ../shared/conformance/iam-reference",
        run: iam_tables::command,
    },
    Command {
        name: "judges",
        help: "run the outside clients of conformance/ against a freshly started `countersign dev`: [NAME… | --all]; with --cluster first, through two gateways before three nodes",
        run: test::judges_command,
    },
    Command {
        name: "rest-suite",
        help: "put Elasticsearch's own REST suite below target/, where the engine's tests run it; needs mvn",
        run: test::rest_suite::command,
    },
    Command {
        name: "fetch-opensearch",
        help: "put a node of OpenSearch below target/, where the judge `upstream` starts it, with --all also Elasticsearch 7.10 and OpenSearch 3.6; needs mvn and a JDK",
        run: test::opensearch::command,
    },
    Command {
        name: "dist",
        help: "build the binary as it is shipped, optimised as a whole, with its symbols in a file beside it; needs objcopy and valgrind",
        run: dist::command,
    },
    Command {
        name: "mutations",
        help: "put wrong lines into a copy of the code that judges, one at a time, and see that tests notice: [NAME…]",
        run: mutations::command,
    },
];

struct Command {
    name: &'static str,
    help: &'static str,
    run: fn(&Path, &[String]) -> Result<(), String>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            console::error(&message);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), String> {
    let (name, rest) = match arguments.split_first() {
        None => return help(),
        Some((name, _)) if name == "help" || name == "--help" || name == "-h" => return help(),
        Some((name, rest)) => (name, rest),
    };
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(&root(), rest),
        None => Err(format!("unknown command `{name}`: `cargo xtask help` lists them")),
    }
}

fn help() -> Result<(), String> {
    console::line("usage: cargo xtask COMMAND");
    for command in COMMANDS {
        console::line(&format!("  {:<11} {}", command.name, command.help));
    }
    Ok(())
}

/// The workspace's folder: xtask's own manifest lies one below it. `cargo run` says where that is now; a target folder
/// may have been copied from another checkout.
fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR");
    let manifest =
        manifest.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().unwrap_or(&manifest).to_path_buf()
}
