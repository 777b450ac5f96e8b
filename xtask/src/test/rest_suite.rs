//! Elasticsearch's own REST suite, from Maven's registry, below `target/`: the engine's tests run it.

use std::path::Path;
use std::process::{Command, Stdio};

use super::target;
use crate::console;

/// The artefact; its cases and its descriptions of APIs are Elastic's (Apache 2.0) and not ours to ship.
const ARTEFACT: &str = "org.elasticsearch:rest-api-spec:7.10.2";
const JAR: &str = "rest-api-spec-7.10.2.jar";
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";

/// Puts the suite below `target/`, if it is not there.
///
/// # Errors
/// When `mvn` is not installed, or the artefact cannot be had.
pub(crate) fn command(root: &Path, _arguments: &[String]) -> Result<(), String> {
    let folder = target(root).join("rest-suite");
    if folder.join("rest-api-spec/test").is_dir() {
        return Ok(());
    }
    let into = format!("-DoutputDirectory={}", folder.display());
    let artefact = format!("-Dartifact={ARTEFACT}");
    run(root, "mvn", &["-B", "-q", COPY, &artefact, &into])?;
    let jar = folder.join(JAR).display().to_string();
    run(root, "python3", &["-m", "zipfile", "-e", &jar, &folder.display().to_string()])
}

/// Whether the suite is there, or can be had now; if not, says so.
pub(super) fn is_there(root: &Path) -> bool {
    match command(root, &[]) {
        Ok(()) => true,
        Err(error) => {
            console::step(&format!("Elasticsearch's REST suite is not run: {error}"));
            false
        }
    }
}

/// Runs a program quietly.
///
/// # Errors
/// When it cannot be started or fails.
pub(super) fn run(root: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    let status = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} failed")) }
}
