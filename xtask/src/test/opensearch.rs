//! OpenSearch itself, from Maven's registry, below `target/`: what the judge `upstream` puts behind the service.

use std::path::Path;
use std::process::Command;

use super::rest_suite::run;
use super::target;
use crate::console;

const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/// Puts a node of OpenSearch below `target/opensearch/`, if it is not there, and says how it is started and what its licence is.
///
/// # Errors
/// When `mvn`, `javac` or `sha256sum` is not installed, an artefact cannot be had, or is another than the one that is
/// listed in `conformance/opensearch/SHA256SUMS`.
pub(crate) fn command(root: &Path, _arguments: &[String]) -> Result<(), String> {
    let (folder, ours) = (target(root).join("opensearch"), root.join("conformance/opensearch"));
    let (jars, classes) = (folder.join("lib"), folder.join("classes"));
    if !classes.join("Main.class").is_file() {
        let pom = ours.join("pom.xml").display().to_string();
        let into = format!("-DoutputDirectory={}", jars.display());
        run(root, "mvn", &["-B", "-q", "-f", &pom, COPY, "-DincludeScope=runtime", &into])?;
        check(&jars, &ours.join("SHA256SUMS"))?;
        let (path, source) = (format!("{}/*", jars.display()), ours.join("Main.java"));
        let classes = classes.display().to_string();
        run(root, "javac", &["-d", &classes, "-cp", &path, &source.display().to_string()])?;
    }
    console::line(
        "OpenSearch 2.19.1 and the libraries that it is built of, as published on Maven Central;",
    );
    console::line("licence: Apache License 2.0 (META-INF/LICENSE.txt and NOTICE.txt of each jar)");
    console::line(&format!(
        "start: java -Xmx450m --add-opens=java.base/java.lang=ALL-UNNAMED -cp '{}:{}/*' Main PORT FOLDER TRANSPORT_PORT",
        classes.display(),
        jars.display()
    ));
    Ok(())
}

/// Whether the folder holds the listed files and no others, each with its checksum.
fn check(jars: &Path, sums: &Path) -> Result<(), String> {
    let listed = std::fs::read_to_string(sums).map_err(|error| error.to_string())?;
    let there = std::fs::read_dir(jars).map_err(|error| error.to_string())?.count();
    if listed.lines().count() != there {
        let lines = listed.lines().count();
        return Err(format!("{}: {there} files, expected {lines}", jars.display()));
    }
    let status = Command::new("sha256sum")
        .args(["--check", "--strict", "--quiet"])
        .arg(sums)
        .current_dir(jars)
        .status()
        .map_err(|error| format!("cannot run sha256sum: {error}"))?;
    if status.success() { Ok(()) } else { Err("an artefact is another than the listed one".into()) }
}
