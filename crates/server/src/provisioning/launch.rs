//! How a node is started: its command, its environment and its files, from its record and the installation.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::processes::TOKEN_VARIABLE;
use super::record::NodeRecord;

/// What of the service's environment a node gets: nothing else, there may be secrets in it.
pub(super) const PASSED_VARIABLES: [&str; 6] =
    ["PATH", "HOME", "LANG", "JAVA_HOME", "OPENSEARCH_JAVA_HOME", "TZ"];

/// OpenSearch on this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Installation {
    /// A distribution, as it is unpacked: `bin/opensearch`.
    Distribution(PathBuf),
    /// What `cargo xtask fetch-opensearch` makes: `classes/Main.class`, `lib/`.
    ClassPath(PathBuf),
}

/// What a node is started with.
pub(super) struct Launch<'a> {
    pub(super) node: &'a NodeRecord,
    /// Its own folder.
    pub(super) folder: &'a Path,
    pub(super) cluster_name: &'a str,
    /// The transport ports of all nodes.
    pub(super) seeds: &'a [u16],
    /// Whether it begins the cluster.
    pub(super) begins: bool,
    pub(super) heap_mib: u32,
    /// Where Java is.
    pub(super) java: &'a Path,
}

/// A process to start.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LaunchCommand {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Vec<(&'static str, OsString)>,
    /// Its configuration, written before it starts: below its folder.
    pub(super) configuration: String,
    /// Files of the installation that its configuration needs beside.
    pub(super) copied: Vec<PathBuf>,
}

impl Installation {
    /// The installation in a folder.
    ///
    /// # Errors
    /// In words: there is none.
    pub(super) fn of(folder: &Path) -> Result<Self, String> {
        if folder.join("bin/opensearch").is_file() {
            return Ok(Self::Distribution(folder.to_owned()));
        }
        if folder.join("classes/Main.class").is_file() && folder.join("lib").is_dir() {
            return Ok(Self::ClassPath(folder.to_owned()));
        }
        Err(format!(
            "{}: no OpenSearch: expected bin/opensearch of a distribution, or classes/ and lib/ as `cargo xtask fetch-opensearch` makes them",
            folder.display()
        ))
    }

    /// The command that starts a node.
    pub(super) fn command(&self, launch: &Launch<'_>) -> LaunchCommand {
        let Launch { node, folder, heap_mib, .. } = launch;
        let heap = [format!("-Xms{heap_mib}m"), format!("-Xmx{heap_mib}m")];
        let mut environment = vec![(TOKEN_VARIABLE, OsString::from(&node.token))];
        let configuration = configuration(launch);
        match self {
            Self::Distribution(home) => {
                environment.push(("OPENSEARCH_PATH_CONF", folder.join("config").into()));
                environment.push(("OPENSEARCH_TMPDIR", folder.join("tmp").into()));
                // The last of several is Java's choice, and these come last.
                environment.push(("OPENSEARCH_JAVA_OPTS", heap.join(" ").into()));
                let copied = ["jvm.options", "log4j2.properties"];
                LaunchCommand {
                    program: home.join("bin/opensearch"),
                    arguments: Vec::new(),
                    environment,
                    configuration,
                    copied: copied.map(|name| home.join("config").join(name)).into(),
                }
            }
            Self::ClassPath(home) => {
                let ports = launch.seeds.iter().map(|port| format!("127.0.0.1:{port}"));
                environment.push(("NODE_NAME", OsString::from(&node.name)));
                environment.push(("CLUSTER", launch.cluster_name.into()));
                environment.push(("SEEDS", ports.collect::<Vec<_>>().join(",").into()));
                let first = if launch.begins { node.name.as_str() } else { "" };
                environment.push(("INITIAL", first.into()));
                let mut path = home.join("classes").into_os_string();
                path.push(":");
                path.push(home.join("lib/*"));
                let mut temporary = OsString::from("-Djava.io.tmpdir=");
                temporary.push(folder.join("tmp"));
                let mut arguments: Vec<OsString> = heap.map(OsString::from).into();
                arguments.extend([temporary, "-Dlog4j2.disable.jmx=true".into()]);
                arguments.extend(
                    ["java.base/java.lang", "java.base/java.nio"].map(|package| {
                        OsString::from(format!("--add-opens={package}=ALL-UNNAMED"))
                    }),
                );
                arguments.extend(["-cp".into(), path, "Main".into(), node.port.to_string().into()]);
                arguments.extend([folder.into(), node.transport_port.to_string().into()]);
                LaunchCommand {
                    program: launch.java.to_owned(),
                    arguments,
                    environment,
                    configuration,
                    copied: Vec::new(),
                }
            }
        }
    }
}

/// `opensearch.yml`. JSON is YAML: nothing in a path or a name can end a text.
fn configuration(launch: &Launch<'_>) -> String {
    let Launch { node, folder, .. } = launch;
    let seeds: Vec<String> = launch.seeds.iter().map(|port| format!("127.0.0.1:{port}")).collect();
    let mut lines = vec![
        ("cluster.name", serde_json::json!(launch.cluster_name)),
        ("node.name", serde_json::json!(node.name)),
        ("path.data", serde_json::json!(folder.join("data"))),
        ("path.logs", serde_json::json!(folder.join("logs"))),
        ("http.host", serde_json::json!("127.0.0.1")),
        ("http.port", serde_json::json!(node.port)),
        ("transport.host", serde_json::json!("127.0.0.1")),
        ("transport.port", serde_json::json!(node.transport_port)),
        ("discovery.seed_hosts", serde_json::json!(seeds)),
    ];
    if launch.begins {
        let first = serde_json::json!([node.name]);
        lines.push(("cluster.initial_cluster_manager_nodes", first));
    }
    lines.into_iter().map(|(key, value)| format!("{key}: {value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn node() -> NodeRecord {
        NodeRecord {
            name: "node-2".to_owned(),
            port: 24_002,
            transport_port: 24_003,
            configuration: String::new(),
            joined: false,
            token: "t".to_owned(),
            process: None,
        }
    }

    fn told(installation: &Installation, begins: bool) -> String {
        let command = installation.command(&Launch {
            node: &node(),
            folder: Path::new("/d/\"a\"/node-2"),
            cluster_name: "123456789012-books",
            seeds: &[24_001, 24_003],
            begins,
            heap_mib: 450,
            java: Path::new("java"),
        });
        let words = command.arguments.iter().map(|word| word.to_string_lossy().into_owned());
        let mut lines = vec![command.program.display().to_string()];
        lines.extend(words);
        lines.extend(
            command.environment.iter().map(|(name, value)| format!("{name}={}", value.display())),
        );
        lines.extend(command.copied.iter().map(|path| format!("copied: {}", path.display())));
        lines.join("\n") + "\n" + &command.configuration
    }

    #[test]
    fn a_node_of_a_distribution_gets_a_configuration_of_its_own() {
        let seen = told(&Installation::Distribution("/opt/opensearch".into()), false);
        expect![[r#"
            /opt/opensearch/bin/opensearch
            COUNTERSIGN_NODE=t
            OPENSEARCH_PATH_CONF=/d/"a"/node-2/config
            OPENSEARCH_TMPDIR=/d/"a"/node-2/tmp
            OPENSEARCH_JAVA_OPTS=-Xms450m -Xmx450m
            copied: /opt/opensearch/config/jvm.options
            copied: /opt/opensearch/config/log4j2.properties
            cluster.name: "123456789012-books"
            node.name: "node-2"
            path.data: "/d/\"a\"/node-2/data"
            path.logs: "/d/\"a\"/node-2/logs"
            http.host: "127.0.0.1"
            http.port: 24002
            transport.host: "127.0.0.1"
            transport.port: 24003
            discovery.seed_hosts: ["127.0.0.1:24001","127.0.0.1:24003"]
        "#]]
        .assert_eq(&seen);
    }

    #[test]
    fn the_node_that_begins_a_cluster_names_itself_and_no_other() {
        let seen = told(&Installation::ClassPath("/t/opensearch".into()), true);
        expect![[r#"
            java
            -Xms450m
            -Xmx450m
            -Djava.io.tmpdir=/d/"a"/node-2/tmp
            -Dlog4j2.disable.jmx=true
            --add-opens=java.base/java.lang=ALL-UNNAMED
            --add-opens=java.base/java.nio=ALL-UNNAMED
            -cp
            /t/opensearch/classes:/t/opensearch/lib/*
            Main
            24002
            /d/"a"/node-2
            24003
            COUNTERSIGN_NODE=t
            NODE_NAME=node-2
            CLUSTER=123456789012-books
            SEEDS=127.0.0.1:24001,127.0.0.1:24003
            INITIAL=node-2
            cluster.name: "123456789012-books"
            node.name: "node-2"
            path.data: "/d/\"a\"/node-2/data"
            path.logs: "/d/\"a\"/node-2/logs"
            http.host: "127.0.0.1"
            http.port: 24002
            transport.host: "127.0.0.1"
            transport.port: 24003
            discovery.seed_hosts: ["127.0.0.1:24001","127.0.0.1:24003"]
            cluster.initial_cluster_manager_nodes: ["node-2"]
        "#]]
        .assert_eq(&seen);
    }
}
