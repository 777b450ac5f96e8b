//! Processes of nodes: found again after a restart, told to end, and never mistaken for another.
//!
//! A process is a node's when it has the node's token in its environment, which is random and only in the node's record. Its number and
//! the moment of its start, by which the system tells two processes with one number apart, are where to look first. Linux alone
//! tells these (`/proc`).

use std::fs;
use std::io;
use std::path::Path;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

/// The variable that holds a node's token.
pub(super) const TOKEN_VARIABLE: &str = "COUNTERSIGN_NODE";

/// A process, and no other that gets its number later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ProcessId {
    pid: i32,
    /// In ticks of the system since it was started.
    started: u64,
}

impl ProcessId {
    /// Whether it has this number.
    pub(super) fn has_pid(self, pid: u32) -> bool {
        i32::try_from(pid) == Ok(self.pid)
    }
}

/// Whether processes can be told apart here.
///
/// # Errors
/// In words: this is no Linux.
pub(super) fn check() -> Result<(), String> {
    match Path::new("/proc/self/stat").exists() {
        true => Ok(()),
        false => Err("nodes are started on Linux only: /proc is missing".to_owned()),
    }
}

/// The process with this number, if it has the token.
pub(super) fn of_pid(pid: u32, token: &str) -> Option<ProcessId> {
    let pid = i32::try_from(pid).ok()?;
    let started = started(pid)?;
    has_token(pid, token).then_some(ProcessId { pid, started })
}

/// The process that has the token: one that was started and not written down.
pub(super) fn find(token: &str) -> Option<ProcessId> {
    let entries = fs::read_dir("/proc").ok()?.flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| of_pid(pid, token)).next()
}

/// Whether it is there still.
pub(super) fn runs(process: ProcessId, token: &str) -> bool {
    started(process.pid) == Some(process.started) && has_token(process.pid, token)
}

/// Tells it to end: at once, or in its own time. One that is gone is told nothing, nor is who got its number.
///
/// # Errors
/// The system's.
pub(super) fn end(process: ProcessId, token: &str, at_once: bool) -> io::Result<()> {
    let Some(pid) = Pid::from_raw(process.pid) else { return Ok(()) };
    let signal = if at_once { Signal::KILL } else { Signal::TERM };
    // Opened before it is looked at: what is told is what was looked at, whoever gets the number afterwards.
    let told = pidfd_open(pid, PidfdFlags::empty()).and_then(|opened| {
        if runs(process, token) { pidfd_send_signal(opened, signal) } else { Ok(()) }
    });
    match told {
        Err(rustix::io::Errno::SRCH) => Ok(()),
        told => told.map_err(io::Error::from),
    }
}

/// When a process was started; none for one that is gone, or has ended and waits for its parent. Source: proc_pid_stat(5).
fn started(pid: i32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of its program, in parentheses, may hold anything.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") { None } else { fields.nth(18)?.parse().ok() }
}

fn has_token(pid: i32, token: &str) -> bool {
    let wanted = format!("{TOKEN_VARIABLE}={token}");
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Child, Command};

    use super::*;

    fn sleeper(token: &str) -> io::Result<Child> {
        Command::new("sleep").arg("60").env(TOKEN_VARIABLE, token).spawn()
    }

    /// Its environment is its parent's until its program begins.
    fn found(pid: u32, token: &str) -> ProcessId {
        loop {
            if let Some(process) = of_pid(pid, token) {
                return process;
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_process_is_found_by_its_token_and_ended() {
        let mut child = sleeper("t-found").unwrap();
        let process = found(child.id(), "t-found");
        assert_eq!(find("t-found"), Some(process));
        assert!(runs(process, "t-found"));
        end(process, "t-found", false).unwrap();
        child.wait().unwrap();
        assert!(!runs(process, "t-found"));
        end(process, "t-found", true).unwrap();
    }

    #[test]
    fn another_process_is_never_told_to_end() {
        let mut child = sleeper("t-other").unwrap();
        let process = found(child.id(), "t-other");
        assert_eq!(of_pid(child.id(), "t-mine"), None, "another's token");
        end(process, "t-mine", true).unwrap();
        let younger = ProcessId { started: process.started + 1, ..process };
        assert!(!runs(younger, "t-other"), "another process had the number");
        end(younger, "t-other", true).unwrap();
        assert!(child.try_wait().unwrap().is_none(), "it was told nothing");
        child.kill().unwrap();
        // Until its parent asks, what ended has its number still, and does not run.
        while runs(process, "t-other") {
            std::thread::yield_now();
        }
        child.wait().unwrap();
    }
}
