//! OpenSearch itself, from Maven's registry, below `target/`: what the judges `upstream` and `upstream-all` put behind the service.

use std::path::Path;
use std::process::Command;

use super::rest_suite::run;
use super::target;
use crate::console;

const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
const COPY_ONE: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";

/// A server that is made of its libraries: `Main.java`, `pom.xml` and `SHA256SUMS` in `ours`, its folder below `target/`.
struct Libraries {
    folder: &'static str,
    ours: &'static str,
    told: &'static str,
}

/// Of every change.
const OPENSEARCH: Libraries =
    Libraries { folder: "opensearch", ours: "conformance/opensearch", told: "OpenSearch 2.19.1" };

/// With `--all`, for the judge `upstream-all`.
const ELASTICSEARCH: Libraries = Libraries {
    folder: "elasticsearch-7.10",
    ours: "conformance/elasticsearch",
    told: "Elasticsearch 7.10.2",
};

/// OpenSearch 3 needs a newer Java than compiles the others: it comes as it is distributed, with the programs that start it.
const NEWER: (&str, &str, &str) = (
    "org.opensearch.distribution.integ-test-zip:opensearch:3.6.0:zip",
    "opensearch-3.6.0.zip",
    "a91faa1dc1cadc78cb278b4f63847e19e1627a4e9de698e14e7efc14ee37b286",
);

/// Puts a node of OpenSearch below `target/opensearch/`, if it is not there, and says how it is started and what its licence is. With
/// `--all` also Elasticsearch 7.10 and OpenSearch 3.6.
///
/// # Errors
/// When `mvn`, `javac`, `unzip` or `sha256sum` is not installed, an artefact cannot be had, or is another than the one that is
/// listed.
pub(crate) fn command(root: &Path, arguments: &[String]) -> Result<(), String> {
    let all = match arguments {
        [] => false,
        [flag] if flag == "--all" => true,
        _ => return Err("expected nothing, or --all".to_owned()),
    };
    libraries(root, &OPENSEARCH)?;
    if all {
        libraries(root, &ELASTICSEARCH)?;
        distribution(root)?;
    }
    Ok(())
}

fn libraries(root: &Path, server: &Libraries) -> Result<(), String> {
    let (folder, ours) = (target(root).join(server.folder), root.join(server.ours));
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
    let told = server.told;
    console::line(&format!(
        "{told} and the libraries that it is built of, as published on Maven Central;"
    ));
    console::line("licence: Apache License 2.0 (META-INF/LICENSE.txt and NOTICE.txt of each jar)");
    console::line(&format!(
        "start: java -Xmx450m --add-opens=java.base/java.lang=ALL-UNNAMED -cp '{}:{}/*' Main PORT FOLDER TRANSPORT_PORT",
        classes.display(),
        jars.display()
    ));
    Ok(())
}

fn distribution(root: &Path) -> Result<(), String> {
    let (artifact, file, sum) = NEWER;
    let (there, program) = (target(root), "opensearch-3.6.0/bin/opensearch");
    if !there.join(program).is_file() {
        let into = there.display().to_string();
        let (what, to) = (format!("-Dartifact={artifact}"), format!("-DoutputDirectory={into}"));
        run(root, "mvn", &["-B", "-q", COPY_ONE, &what, &to, "-Dmdep.useBaseVersion=true"])?;
        let zip = there.join(file).display().to_string();
        let sums = there.join("opensearch-3.6.0.sum").display().to_string();
        std::fs::write(&sums, format!("{sum}  {zip}\n")).map_err(|error| error.to_string())?;
        run(root, "sha256sum", &["--check", "--strict", "--quiet", &sums])?;
        run(root, "unzip", &["-q", "-o", &zip, "-d", &into])?;
        for left in [zip, sums] {
            std::fs::remove_file(left).map_err(|error| error.to_string())?;
        }
    }
    console::line(
        "OpenSearch 3.6.0, as published on Maven Central; licence: Apache License 2.0 (LICENSE.txt and NOTICE.txt)",
    );
    console::line(&format!(
        "start, not as root and with Java 21 or newer: {}",
        there.join(program).display()
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
