//! What the process keeps to itself: no core dumps, no files for others, its memory and environment closed to them. And as many
//! open files as it may have.

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, umask};

use crate::Failure;

/// Shuts the process. Files that it makes from now on are its user's alone, it leaves no core dump, and (on Linux) other
/// processes of the same user do not read its memory or `/proc/PID/environ`, where an operator's secrets may be.
///
/// Source: `prctl(2)`, `PR_SET_DUMPABLE`; `core(5)`.
///
/// # Errors
/// When the system refuses, which it has no reason to.
pub(crate) fn shut() -> Result<(), Failure> {
    umask(Mode::RWXG | Mode::RWXO);
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    // Connections and indices are files. The lower limit is for programs that use `select` (systemd, "NOFILE").
    let files = getrlimit(Resource::Nofile);
    // A system that takes no limit without a number (macOS) leaves the one that there is.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: files.maximum, ..files });
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}
