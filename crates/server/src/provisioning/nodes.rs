//! One node: how its process begins and ends, and what it says.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use data_encoding::HEXLOWER;
use tokio::time::Instant;

use super::handle::{NodeCluster, Provisioned, is_free, lock};
use super::launch::{Installation, Launch, LaunchCommand, PASSED_VARIABLES};
use super::plan::WantedCluster;
use super::processes::{self, ProcessId};
use super::record::{ClusterRecord, NodeRecord, folder_of};
use crate::guards::limits;
use crate::service::private_file;

/// How often it is looked whether a process has ended.
const LOOK_TIME: Duration = Duration::from_millis(100);

/// How long it is looked for a process that was just started.
const SEEN_TIME: Duration = Duration::from_secs(2);

/// Bytes of a node's output that are looked through for its last line.
const TAIL_BYTES: u64 = 4_096;

/// Writes a node that was never started into the record.
pub(super) fn add(
    cluster: &NodeCluster,
    all: &Provisioned,
    record: &mut ClusterRecord,
) -> Result<(), String> {
    let (port, transport_port) = all.take_ports(cluster)?;
    record.made += 1;
    record.nodes.push(NodeRecord {
        name: format!("node-{}", record.made),
        port,
        transport_port,
        configuration: String::new(),
        joined: false,
        token: String::new(),
        process: None,
    });
    record.write(&cluster.folder)
}

/// Starts the node `name`. Its token is in the record before there is a process: one that is started and not written down is found.
pub(super) fn start(
    cluster: &NodeCluster,
    all: &Provisioned,
    record: &mut ClusterRecord,
    name: &str,
    wanted: &WantedCluster,
) -> Result<(), String> {
    let installation = Installation::of(&cluster.pool.installation)?;
    let token = token()?;
    let begins = !record.formed;
    let gone = || format!("there is no node {name}");
    let node = record.node(name).ok_or_else(gone)?;
    if !(is_free(node.port) && is_free(node.transport_port)) {
        (node.port, node.transport_port) = all.take_ports(cluster)?;
    }
    node.joined &= node.configuration == wanted.configuration;
    node.configuration.clone_from(&wanted.configuration);
    (node.token, node.process) = (token, None);
    let node = node.clone();
    record.write(&cluster.folder)?;
    let folder = folder_of(&cluster.folder, name);
    let seeds: Vec<u16> = record.nodes.iter().map(|node| node.transport_port).collect();
    let command = installation.command(&Launch {
        node: &node,
        folder: &folder,
        cluster_name: &format!("{}-{}", cluster.key.account, cluster.key.name),
        seeds: &seeds,
        begins,
        heap_mib: wanted.heap_mib,
        java: &java(cluster.pool.java.as_deref()),
    });
    prepare(&folder, &command).map_err(|(path, error)| format!("{}: {error}", path.display()))?;
    let mut child = spawn(&folder, &command)
        .map_err(|error| format!("{}: {error}", command.program.display()))?;
    let process = seen(&mut child, &node.token);
    // One that ended before it was seen says why all the same.
    let status = child.try_wait().ok().flatten().map(|status| format!(" ({status})"));
    lock(&cluster.children).push(child);
    record.node(name).ok_or_else(gone)?.process = process;
    record.write(&cluster.folder)?;
    process.map(drop).ok_or_else(|| words_of(&folder, &status.unwrap_or_default()))
}

/// The process of a child that was just started. The kernel shows the environment of one that begins to run a moment later, and a
/// node that nobody saw would be started twice.
fn seen(child: &mut Child, token: &str) -> Option<ProcessId> {
    let until = Instant::now() + SEEN_TIME;
    loop {
        let process = processes::of_pid(child.id(), token);
        let has_ended = !matches!(child.try_wait(), Ok(None));
        if process.is_some() || has_ended || Instant::now() > until {
            return process;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Tells processes to end, and those that have not after `patience` to end at once; waits for them.
pub(super) async fn end(nodes: &[NodeRecord], patience: Duration) -> Result<(), String> {
    let failed = |node: &NodeRecord, error: io::Error| format!("{}: {error}", node.name);
    for at_once in [patience.is_zero(), true] {
        for node in nodes {
            if let Some(process) = node.running() {
                processes::end(process, &node.token, at_once)
                    .map_err(|error| failed(node, error))?;
            }
        }
        let least = if at_once { Duration::from_secs(10) } else { patience };
        let until = Instant::now() + least;
        while nodes.iter().any(|node| node.running().is_some()) && Instant::now() < until {
            tokio::time::sleep(LOOK_TIME).await;
        }
    }
    match nodes.iter().find(|node| node.running().is_some()) {
        Some(node) => Err(format!("{}: its process does not end", node.name)),
        None => Ok(()),
    }
}

/// Why a process is no longer there: how it ended, if this process started it, and the last line that it wrote.
pub(super) fn last_words(cluster: &NodeCluster, node: &NodeRecord) -> String {
    let status = ended(cluster, node).unwrap_or_default();
    words_of(&folder_of(&cluster.folder, &node.name), &status)
}

/// That the node in `folder` ended, with the last line that it wrote.
fn words_of(folder: &Path, status: &str) -> String {
    match last_line(&output(folder)) {
        Some(line) => format!("it ended{status}: {line}"),
        None => format!("it ended{status}"),
    }
}

/// Takes the processes that ended from the list of those that were started; how the one of `node` did.
fn ended(cluster: &NodeCluster, node: &NodeRecord) -> Option<String> {
    let mut told = None;
    lock(&cluster.children).retain_mut(|child| match child.try_wait() {
        Ok(Some(status)) => {
            if node.process.is_some_and(|process| process.has_pid(child.id())) {
                told = Some(format!(" ({status})"));
            }
            false
        }
        _ => true,
    });
    told
}

/// Bounds what a node wrote: the file begins anew, and the last bytes are in a second one.
pub(super) fn bound_output(folder: &Path) {
    let path = output(folder);
    let is_large =
        |path: &Path| fs::metadata(path).is_ok_and(|it| it.len() > limits::NODE_OUTPUT_BYTES_MAX);
    if is_large(&path) {
        let old = path.with_extension("log.1");
        // It is open for appending there: what is written meanwhile is lost, and nothing else.
        let _ =
            fs::copy(&path, old).and_then(|_| File::options().write(true).open(&path)?.set_len(0));
    }
}

fn output(folder: &Path) -> PathBuf {
    folder.join("logs/output.log")
}

fn last_line(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES))).ok()?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    // A stack of Java's calls is not what went wrong.
    let said =
        |line: &&str| !line.is_empty() && !line.starts_with("at ") && !line.starts_with("...");
    let line = text.lines().map(str::trim).rfind(said)?;
    Some(line.chars().take(300).collect())
}

fn prepare(folder: &Path, command: &LaunchCommand) -> Result<(), (PathBuf, io::Error)> {
    for name in ["config", "data", "logs", "tmp"] {
        let path = folder.join(name);
        private_file::folder(&path).map_err(|error| (path, error))?;
    }
    let configuration = folder.join("config/opensearch.yml");
    private_file::write(&configuration, &command.configuration)
        .map_err(|error| (configuration, error))?;
    for from in &command.copied {
        let name = from.file_name().unwrap_or_default();
        fs::copy(from, folder.join("config").join(name)).map_err(|error| (from.clone(), error))?;
    }
    Ok(())
}

fn spawn(folder: &Path, command: &LaunchCommand) -> io::Result<std::process::Child> {
    let path = output(folder);
    match fs::rename(&path, path.with_extension("log.1")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let log = OpenOptions::new().append(true).create(true).mode(0o600).open(&path)?;
    let passed = PASSED_VARIABLES.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
    Command::new(&command.program)
        .args(&command.arguments)
        .env_clear()
        .envs(passed)
        .envs(command.environment.iter().map(|(name, value)| (*name, value)))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // What is typed at the service's terminal is for the service alone.
        .process_group(0)
        .spawn()
}

fn java(chosen: Option<&Path>) -> PathBuf {
    let home = || Some(PathBuf::from(std::env::var_os("JAVA_HOME")?).join("bin/java"));
    chosen.map(Path::to_owned).or_else(home).unwrap_or_else(|| PathBuf::from("java"))
}

fn token() -> Result<String, String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| error.to_string())?;
    Ok(HEXLOWER.encode(&random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_what_was_said_and_not_where() {
        let folder = private_file::scratch("last-line");
        let path = folder.join("log");
        assert_eq!(last_line(&path), None);
        let text = "starting\nException: port in use\n\tat org.example.Main(Main.java:1)\n\t... 3 more\n\n";
        fs::write(&path, text).unwrap();
        assert_eq!(last_line(&path).as_deref(), Some("Exception: port in use"));
        fs::remove_dir_all(folder).unwrap();
    }
}
