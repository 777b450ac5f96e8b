//! A PostgreSQL of the test's own, from Debian's package, on a socket in a folder that goes with it. It ends when the test
//! drops it, and also when the test's process ends in whatever way: a shell that holds it reads from a pipe of ours.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// What the shell does: it makes a cluster, and then what it reads. `$1` is the folder, `$2` where the programs are, `$3` the
/// port.
const SCRIPT: &str = r#"
cd "$1" || exit 1
umask 077
server() { "$2/pg_ctl" -D data -w -t 60 -l log -o "-p $3 -k $1" "$4" >/dev/null 2>&1; }
"$2/initdb" -D data -U countersign -A trust --no-sync -E UTF8 --locale=C.UTF-8 >log 2>&1 || cat log >&2
cat >>data/postgresql.conf <<END
listen_addresses = '127.0.0.1'
fsync = off
shared_buffers = 16MB
max_connections = 200
END
server "$1" "$2" "$3" start && echo started || { cat log >&2; exit 1; }
while read -r command; do
  case $command in
    start) server "$1" "$2" "$3" start && echo started ;;
    stop) "$2/pg_ctl" -D data -m immediate -w stop >/dev/null 2>&1; echo stopped ;;
    *) eval "$command" >>log 2>&1; echo done ;;
  esac
done
"$2/pg_ctl" -D data -m immediate -w stop >/dev/null 2>&1
cd / && rm -rf "$1"
"#;

static COUNT: AtomicU32 = AtomicU32::new(0);

pub(crate) struct PostgresServer {
    shell: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
}

impl PostgresServer {
    pub(crate) fn start() -> PostgresServer {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // Short: the path of a socket has at most 107 bytes.
        let folder = std::env::temp_dir().join(format!("cs-pg-{}-{number}", std::process::id()));
        std::fs::remove_dir_all(&folder).ok();
        std::fs::create_dir_all(&folder).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "sh"]).arg(&folder).arg(programs()).arg(port.to_string());
        if std::fs::metadata(&folder).unwrap().uid() == 0 {
            // PostgreSQL does not run as root.
            let (uid, gid) = someone();
            chown(&folder, Some(uid), Some(gid)).unwrap();
            shell.uid(uid).gid(gid);
        }
        let mut shell = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let commands = shell.stdin.take();
        let answers = BufReader::new(shell.stdout.take().unwrap());
        let mut server = PostgresServer { shell, commands, answers, folder, port };
        server.heard("started");
        server
    }

    /// Ends it as a crash would.
    pub(crate) fn stop(&mut self) {
        self.run("stop", "stopped");
    }

    /// Starts it again on what it had.
    pub(crate) fn start_again(&mut self) {
        self.run("start", "started");
    }

    /// Has its shell do something in its folder.
    pub(crate) fn shell(&mut self, command: &str) {
        self.run(command, "done");
    }

    /// A new, empty database: its URL.
    pub(crate) fn database(&self, name: &str) -> String {
        self.client("postgres").batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        self.url(name)
    }

    /// Through the socket.
    pub(crate) fn url(&self, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://countersign@{folder}:{}/{database}", self.port)
    }

    /// What the test itself does to a database.
    pub(crate) fn client(&self, database: &str) -> postgres::Client {
        postgres::Client::connect(&self.url(database), postgres::NoTls).unwrap()
    }

    fn run(&mut self, command: &str, answer: &str) {
        writeln!(self.commands.as_mut().unwrap(), "{command}").unwrap();
        self.heard(answer);
    }

    fn heard(&mut self, expected: &str) {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert_eq!(line.trim_end(), expected, "PostgreSQL in {}", self.folder.display());
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.commands = None;
        self.shell.wait().ok();
    }
}

/// Debian's newest, or whatever is in the path.
fn programs() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let version =
        |path: &Path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let newest = folders.map(|entry| entry.path()).max_by_key(|path| version(path));
    let debian = newest.map(|path| path.join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut anywhere = debian.into_iter().chain(std::env::split_paths(&path));
    let found = anywhere.find(|folder| folder.join("initdb").is_file());
    found.expect(
        "PostgreSQL is not installed: apt-get install postgresql, or do not run ignored tests",
    )
}

/// A user who is not root: PostgreSQL's, or nobody.
fn someone() -> (u32, u32) {
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let ids = |name: &str| {
        let mut fields =
            users.lines().find(|line| line.starts_with(&format!("{name}:")))?.split(':');
        Some((fields.nth(2)?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody")).unwrap_or((65_534, 65_534))
}
