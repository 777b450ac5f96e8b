//! The outside judges of `conformance/`: real clients, each in a Python environment of its own with pinned
//! versions, run by pytest against a freshly started `countersign dev`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::summary::{self, Summary};
use super::{run_counted, target};
use crate::console;

/// A client or set of clients that agree on their versions.
pub(crate) struct Judge {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// The pinned versions, `conformance/python/requirements/ENVIRONMENT.txt`.
    environment: &'static str,
    /// The test files it runs, in `conformance/python/`.
    tests: &'static [&'static str],
}

/// The judges of every change, in the order in which they run.
pub(crate) const EVERY_CHANGE: &[Judge] = &[
    Judge {
        name: "elasticsearch-7.10",
        environment: "elasticsearch-7.10",
        tests: &[
            "test_elasticsearch_py.py",
            "test_typed.py",
            "test_basic.py",
            "test_quickstart_program.py",
        ],
    },
    Judge {
        name: "elasticsearch-7.13",
        environment: "elasticsearch-7.13",
        tests: &[
            "test_elasticsearch_py.py",
            "test_signers.py",
            "test_connect.py",
            "test_quickstart_program.py",
        ],
    },
    Judge {
        name: "aws",
        environment: "aws",
        tests: &[
            "test_start.py",
            "test_fixtures.py",
            "test_opensearch_py.py",
            "test_signers.py",
            "test_proxy.py",
            "test_doctor.py",
            "test_curl.py",
            "test_connect.py",
            "test_http2.py",
            "test_tunnels.py",
            "test_javascript.py",
            "test_refusals.py",
            "test_control_plane.py",
            "test_waiters.py",
            "test_cdk.py",
            "test_aws_cli.py",
            "test_aws_cli_walk.py",
            "test_access_analyzer.py",
            "test_authorization_details.py",
            "test_policy_proofs.py",
            "test_workloads.py",
            "test_web_identity.py",
            "test_saml.py",
            "test_durability.py",
            "test_scenarios.py",
            "test_dashboards.py",
            "test_quickstart.py",
        ],
    },
    Judge { name: "s3", environment: "s3", tests: &["test_s3.py"] },
    Judge {
        name: "console",
        environment: "console",
        tests: &["test_console.py", "test_console_sign_in.py"],
    },
    Judge { name: "benchmark", environment: "benchmark", tests: &["test_benchmark.py"] },
    Judge {
        name: "upstream",
        environment: "aws",
        tests: &["test_upstream.py", "test_pools.py", "test_cluster.py", "test_moving.py"],
    },
];

/// The judges that take longer to build than to run: by name, or with `--all`.
const ON_REQUEST: &[Judge] = &[
    Judge {
        name: "go",
        environment: "aws",
        tests: &["test_go.py", "test_go_http2.py", "test_go_fixture.py", "test_connect_go.py"],
    },
    Judge {
        name: "java",
        environment: "aws",
        tests: &[
            "test_java.py",
            "test_high_level.py",
            "test_java_fixture.py",
            "test_connect_java.py",
        ],
    },
    Judge { name: "rust", environment: "aws", tests: &["test_rust.py", "test_connect_rust.py"] },
    Judge { name: "upstream-all", environment: "aws", tests: &["test_upstream_all.py"] },
    Judge { name: "cluster", environment: "aws", tests: &["test_through_gateways.py"] },
    Judge { name: "ansible", environment: "ansible", tests: &["test_ansible.py"] },
    Judge { name: "terraform", environment: "aws", tests: &["test_terraform.py"] },
    Judge { name: "cdk", environment: "aws", tests: &["test_cdk_synthesized.py"] },
];

/// The judges that go through two gateways and three nodes when none is named with `--cluster`.
const THROUGH_GATEWAYS: &[&str] = &["elasticsearch-7.10", "elasticsearch-7.13", "aws", "cluster"];

fn all() -> impl Iterator<Item = &'static Judge> {
    EVERY_CHANGE.iter().chain(ON_REQUEST)
}

/// The judges named by `names`, or all that go through gateways.
///
/// # Errors
/// When a name is not a judge's.
pub(crate) fn choose_for_gateways(names: &[String]) -> Result<Vec<&'static Judge>, String> {
    if names.is_empty() {
        let names: Vec<String> = THROUGH_GATEWAYS.iter().map(ToString::to_string).collect();
        return choose(&names);
    }
    choose(names)
}

/// The judges named by `names`; those of every change when none is named; every one with `--all`.
///
/// # Errors
/// When a name is not a judge's.
pub(crate) fn choose(names: &[String]) -> Result<Vec<&'static Judge>, String> {
    match names {
        [] => return Ok(EVERY_CHANGE.iter().collect()),
        [flag] if flag == "--all" => return Ok(all().collect()),
        _ => {}
    }
    let find = |name: &String| {
        all().find(|judge| judge.name == name).ok_or_else(|| {
            let known: Vec<&str> = all().map(|judge| judge.name).collect();
            format!("no judge is called `{name}`: there are {}", known.join(", "))
        })
    };
    names.iter().map(find).collect()
}

/// Runs one judge against the service at `binary`, through gateways before `nodes` if there are any.
///
/// # Errors
/// When its environment cannot be made or pytest cannot be started. Failed tests are counted, not errors.
pub(crate) fn run(
    root: &Path,
    binary: &Path,
    judge: &Judge,
    nodes: Option<&ThreeNodes>,
) -> Result<Summary, String> {
    console::step(&format!("judge {}", judge.name));
    let folder = root.join("conformance").join("python");
    let requirements = folder.join("requirements").join(format!("{}.txt", judge.environment));
    let environment = target(root).join("judges").join(judge.environment);
    let python = prepare(&requirements, &environment)?;
    let mut pytest = Command::new(&python);
    // -rs: why a test was skipped, such as a toolchain that is not installed.
    pytest.args(["-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "--color"]);
    pytest.arg(if console::colours() { "yes" } else { "no" });
    pytest.args(judge.tests).current_dir(&folder);
    pytest.env("COUNTERSIGN_BINARY", binary).env("PYTHONDONTWRITEBYTECODE", "1");
    if let Some(nodes) = nodes {
        pytest.env("JUDGES_THREE_NODES", &nodes.places);
    }
    run_counted(&format!("judge {}", judge.name), pytest, summary::pytest_line)
}

/// Three nodes of OpenSearch and a PostgreSQL, which end with this.
pub(crate) struct ThreeNodes {
    process: Child,
    /// Where they are, for `conformance/python/gateways.py`: JSON on one line.
    places: String,
}

impl ThreeNodes {
    /// Starts them, in a folder below `target/`.
    ///
    /// # Errors
    /// When a program that they need is not installed, or they are not a cluster in time.
    pub(crate) fn start(root: &Path) -> Result<Self, String> {
        console::step("starting three nodes of OpenSearch, and PostgreSQL");
        let program = root.join("conformance").join("python").join("three_nodes.py");
        let host = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut command = Command::new(host);
        command.arg(program).arg(target(root).join("judges").join("three-nodes"));
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let process = command.spawn().map_err(|error| format!("cannot run python3: {error}"))?;
        let mut nodes = Self { process, places: String::new() };
        if let Some(output) = nodes.process.stdout.as_mut() {
            let read = BufReader::new(output).read_line(&mut nodes.places);
            read.map_err(|error| format!("three_nodes.py: {error}"))?;
        }
        if nodes.places.starts_with('{') { Ok(nodes) } else { Err("they did not start".to_owned()) }
    }
}

impl Drop for ThreeNodes {
    fn drop(&mut self) {
        // They end when its input does.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Makes the environment unless it already holds exactly these versions; gives its Python.
fn prepare(requirements: &Path, environment: &Path) -> Result<PathBuf, String> {
    let wanted = std::fs::read_to_string(requirements)
        .map_err(|error| format!("cannot read {}: {error}", requirements.display()))?;
    let python = environment.join("bin").join("python");
    let stamp = environment.join("installed.txt");
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted)
    {
        return Ok(python);
    }
    console::note("making its Python environment (once, or when its versions change)");
    let host = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    must(Command::new(host).args(["-m", "venv", "--clear"]).arg(environment), "python3 -m venv")?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    must(Command::new(&python).args(pip).arg(requirements), "pip install")?;
    std::fs::write(&stamp, wanted)
        .map_err(|error| format!("cannot write {}: {error}", stamp.display()))?;
    Ok(python)
}

fn must(command: &mut Command, name: &str) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("cannot run {name}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_judge_is_refused_with_the_known_ones() {
        let refused = choose(&["elasticsearch-9".to_owned()]).err().unwrap();
        assert!(
            refused.contains(
                "there are elasticsearch-7.10, elasticsearch-7.13, aws, s3, console, benchmark, upstream, go, java, rust, upstream-all, cluster, ansible, terraform, cdk"
            ),
            "{refused}"
        );
    }

    #[test]
    fn every_judge_has_its_pinned_versions_and_every_test_file_its_judge() {
        let folder = crate::root().join("conformance").join("python");
        for judge in all() {
            let pins = std::fs::read_to_string(
                folder.join("requirements").join(format!("{}.txt", judge.environment)),
            )
            .unwrap();
            assert!(
                pins.lines().filter(|line| !line.starts_with('#')).all(|line| line.contains("==")),
                "{}",
                judge.name
            );
        }
        for file in std::fs::read_dir(&folder).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            if name.starts_with("test_") {
                assert!(
                    all().any(|judge| judge.tests.contains(&name.as_str())),
                    "{name} is run by no judge"
                );
            }
        }
    }
}
