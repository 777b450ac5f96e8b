//! `cargo xtask test`: prepares what is needed under `target/`, runs every test of the workspace and every
//! judge of `conformance/`, and ends with one line, `N passed, N failed, N skipped`, summed over all of them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::console;

mod judges;
pub(crate) mod opensearch;
pub(crate) mod rest_suite;
mod summary;

use summary::Summary;

/// Runs everything and prints the summary line last.
///
/// # Errors
/// When a test fails, a runner cannot be started, or a runner executed no test at all.
pub(crate) fn command(root: &Path, arguments: &[String]) -> Result<(), String> {
    if let Some(first) = arguments.first() {
        return Err(format!(
            "test takes no arguments, got `{first}`: for a part, use `cargo test -p CRATE` or `cargo xtask judges NAME`"
        ));
    }
    console::step("the workspace's own tests (cargo test --workspace, doctests included)");
    let mut total = run_cargo_tests(root)?;
    let binary = build_service(root)?;
    for judge in judges::EVERY_CHANGE {
        total.add(judges::run(root, &binary, judge, None)?);
    }
    conclude(total)
}

/// Runs the judges that are named, or all, and prints their summary line last. With `--cluster` first, through two gateways before
/// three nodes. `COUNTERSIGN_BINARY` names a service that is built already.
///
/// # Errors
/// When a name is unknown, a test fails, or a runner cannot be started.
pub(crate) fn judges_command(root: &Path, arguments: &[String]) -> Result<(), String> {
    let (clustered, chosen) = match arguments.split_first() {
        Some((flag, names)) if flag == "--cluster" => (true, judges::choose_for_gateways(names)?),
        _ => (false, judges::choose(arguments)?),
    };
    let binary = match std::env::var_os("COUNTERSIGN_BINARY") {
        Some(path) => root.join(path),
        None => build_service(root)?,
    };
    let nodes = if clustered { Some(judges::ThreeNodes::start(root)?) } else { None };
    let mut total = Summary::default();
    for judge in chosen {
        total.add(judges::run(root, &binary, judge, nodes.as_ref())?);
    }
    conclude(total)
}

fn conclude(total: Summary) -> Result<(), String> {
    console::line(&total.to_string());
    if total.failed > 0 { Err(format!("{} test(s) failed", total.failed)) } else { Ok(()) }
}

/// Tests of this module name start a PostgreSQL of their own.
const ON_POSTGRES: &str = "on_postgres::";

/// Tests of this module name read the dictionary of Debian's package `mecab-ipadic-utf8`, which lies here.
const WITH_IPADIC: &str = "with_ipadic::";
const IPADIC: &str = "/var/lib/mecab/dic/ipadic-utf8";

fn run_cargo_tests(root: &Path) -> Result<Summary, String> {
    let mut all = cargo_test(root, &["--workspace"]);
    // A test of this name is a process that another test starts; it is not one to count.
    all.args(["--skip", "::child", "--skip", ON_POSTGRES, "--skip", WITH_IPADIC]);
    if root.join("../shared/conformance").is_dir() {
        // What tests read that is not ours to ship. Without it they are ignored, and counted as skipped.
        all.arg("--include-ignored");
        if !rest_suite::is_there(root) {
            all.args(["--skip", "every_case_of_the_elasticsearch_suite"]);
        }
    }
    let mut total = run_counted("cargo test", all, summary::cargo_line)?;
    let mut with_ipadic = cargo_test(root, &["-p", "engine", "--lib"]);
    with_ipadic.arg(WITH_IPADIC);
    if Path::new(IPADIC).is_dir() {
        with_ipadic.arg("--include-ignored");
    }
    total.add(run_counted("cargo test with IPADIC", with_ipadic, summary::cargo_line)?);
    let mut on_postgres = cargo_test(root, &["--workspace", "--tests"]);
    on_postgres.arg(ON_POSTGRES);
    if Path::new("/usr/lib/postgresql").is_dir() {
        on_postgres.arg("--include-ignored");
    }
    total.add(run_counted("cargo test on PostgreSQL", on_postgres, summary::cargo_line)?);
    Ok(total)
}

fn cargo_test(root: &Path, chosen: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.arg("test").args(chosen).args(["--no-fail-fast", "--color"]);
    cargo.arg(if console::colours() { "always" } else { "never" }).current_dir(root);
    cargo.arg("--");
    cargo
}

/// Builds the binary that the judges start, and says where it lies.
fn build_service(root: &Path) -> Result<PathBuf, String> {
    console::step("building the service that the judges start");
    let built = Command::new("cargo")
        // With the tests' own features: nothing is compiled twice.
        .args(["build", "--workspace", "--all-targets"])
        .current_dir(root)
        .status()
        .map_err(|error| format!("cannot run cargo build: {error}"))?;
    if !built.success() {
        return Err("cargo build --workspace failed".to_owned());
    }
    Ok(target(root).join("debug").join("countersign"))
}

/// Where cargo builds: `CARGO_TARGET_DIR`, or `target/`.
pub(crate) fn target(root: &Path) -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root.join(folder),
        None => root.join("target"),
    }
}

/// Runs `command`, passing its standard output on line by line and counting what `read` finds in it.
fn run_counted(
    name: &str,
    mut command: Command,
    read: fn(&str) -> Option<Summary>,
) -> Result<Summary, String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot run {name}: {error}"))?;
    let mut total = Summary::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line.map_err(|error| format!("cannot read {name}'s output: {error}"))?;
            let line = String::from_utf8_lossy(&line);
            console::line(line.trim_end_matches('\r'));
            if let Some(found) = read(&line) {
                total.add(found);
            }
        }
    }
    let status = child.wait().map_err(|error| format!("cannot wait for {name}: {error}"))?;
    if status.success() && total == Summary::default() {
        return Err(format!("{name} ran no test"));
    }
    if !status.success() && total.failed == 0 {
        // It did not get as far as its tests, or broke after them: that is a failure too.
        console::error(&format!("{name} ended with {status}"));
        total.failed += 1;
    }
    Ok(total)
}
