//! What the machine and this process use: read from `/proc` and the file system when somebody asks. Elsewhere than on
//! Linux, and where a file cannot be read, a number is 0.

use std::path::Path;

use rustix::fs::statvfs;
use rustix::process::{Resource, getrlimit};

/// Ticks of `/proc/self/stat` in a second (`USER_HZ`, the same on every Linux).
const TICKS_PER_SECOND: u64 = 100;

/// What this process uses.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ProcessUse {
    pub(crate) id: u32,
    pub(crate) threads: u64,
    pub(crate) open_files: u64,
    pub(crate) open_files_max: u64,
    /// Processor time since its start, in milliseconds.
    pub(crate) cpu_milliseconds: u64,
    /// When it started, in milliseconds since 1970.
    pub(crate) started: u64,
    pub(crate) virtual_bytes: u64,
    pub(crate) resident_bytes: u64,
    pub(crate) resident_bytes_peak: u64,
}

/// What the machine has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MachineUse {
    pub(crate) processors: usize,
    pub(crate) load: [f64; 3],
    pub(crate) memory_bytes: u64,
    pub(crate) memory_bytes_free: u64,
    pub(crate) swap_bytes: u64,
    pub(crate) swap_bytes_free: u64,
    /// Processor time of all since the start of the machine, and how much of it was idle, in ticks.
    ticks: u64,
    ticks_idle: u64,
}

/// What the file system of the data has.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskUse {
    /// All of it.
    pub bytes: u64,
    /// What nobody uses.
    pub bytes_free: u64,
    /// What this process may still use.
    pub bytes_available: u64,
}

impl DiskUse {
    /// A disk that nothing is on, and that is larger than any watermark asks for.
    pub(crate) const EMPTY: DiskUse =
        DiskUse { bytes: u64::MAX, bytes_free: u64::MAX, bytes_available: u64::MAX };
}

impl ProcessUse {
    /// As it is now.
    pub(crate) fn now() -> ProcessUse {
        let status = read("/proc/self/status");
        let kilobytes = |key: &str| field(&status, key).saturating_mul(1024);
        let stat = read("/proc/self/stat");
        // The second field is the program's name in parentheses, which may hold spaces.
        let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let number = |at: usize| -> u64 {
            // Numbered from the third field on, as `proc_pid_stat(5)` does.
            after.split_whitespace().nth(at - 3).and_then(|word| word.parse().ok()).unwrap_or(0)
        };
        let boot = field(&read("/proc/stat"), "btime");
        let started = match boot {
            0 => 0,
            boot => boot * 1000 + number(22).saturating_mul(1000) / TICKS_PER_SECOND,
        };
        ProcessUse {
            id: std::process::id(),
            threads: field(&status, "Threads:"),
            open_files: std::fs::read_dir("/proc/self/fd").map_or(0, |files| files.count() as u64),
            open_files_max: getrlimit(Resource::Nofile).current.unwrap_or_default(),
            cpu_milliseconds: (number(14) + number(15)).saturating_mul(1000) / TICKS_PER_SECOND,
            started,
            virtual_bytes: kilobytes("VmSize:"),
            resident_bytes: kilobytes("VmRSS:"),
            resident_bytes_peak: kilobytes("VmHWM:"),
        }
    }

    /// How much of the machine's processors it used since it started, in percent; `now`: milliseconds since 1970.
    pub(crate) fn cpu_percent(&self, processors: usize, now: i64) -> u64 {
        let lived = u64::try_from(now).unwrap_or(0).saturating_sub(self.started);
        let could = lived.saturating_mul(processors.max(1) as u64);
        percent(self.cpu_milliseconds, could).min(100)
    }
}

impl MachineUse {
    /// As it is now.
    pub(crate) fn now() -> MachineUse {
        let memory = read("/proc/meminfo");
        let kilobytes = |key: &str| field(&memory, key).saturating_mul(1024);
        let averages = read("/proc/loadavg");
        let mut averages = averages.split_whitespace().filter_map(|word| word.parse().ok());
        let mut load = || averages.next().unwrap_or(0.0);
        let stat = read("/proc/stat");
        let ticks = stat.lines().next().unwrap_or_default();
        let ticks: Vec<u64> =
            ticks.split_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
        MachineUse {
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            load: [load(), load(), load()],
            memory_bytes: kilobytes("MemTotal:"),
            memory_bytes_free: kilobytes("MemFree:"),
            swap_bytes: kilobytes("SwapTotal:"),
            swap_bytes_free: kilobytes("SwapFree:"),
            ticks: ticks.iter().take(8).sum(),
            ticks_idle: ticks.iter().skip(3).take(2).sum(),
        }
    }

    /// How much of the machine's processors was used since its start, in percent.
    pub(crate) fn cpu_percent(&self) -> u64 {
        let used = self.ticks.saturating_sub(self.ticks_idle);
        percent(used, self.ticks)
    }

    /// Free memory in percent of all.
    pub(crate) fn free_percent(&self) -> u64 {
        percent(self.memory_bytes_free, self.memory_bytes)
    }

    /// Used memory in percent of all.
    pub(crate) fn used_percent(&self) -> u64 {
        if self.memory_bytes == 0 { 0 } else { 100 - self.free_percent() }
    }

    /// Memory that is not free.
    pub(crate) fn memory_bytes_used(&self) -> u64 {
        self.memory_bytes.saturating_sub(self.memory_bytes_free)
    }
}

impl DiskUse {
    /// Of the file system of `directory`; of the root's where everything is in memory.
    pub(crate) fn of(directory: Option<&Path>) -> DiskUse {
        let found = statvfs(directory.unwrap_or(Path::new("/")));
        found.map_or_else(
            |_| DiskUse::default(),
            |found| DiskUse {
                bytes: found.f_blocks.saturating_mul(found.f_frsize),
                bytes_free: found.f_bfree.saturating_mul(found.f_frsize),
                bytes_available: found.f_bavail.saturating_mul(found.f_frsize),
            },
        )
    }

    /// What is not available.
    pub(crate) fn bytes_used(&self) -> u64 {
        self.bytes.saturating_sub(self.bytes_available)
    }

    /// What is not available, in percent of all.
    pub(crate) fn used_percent(&self) -> u64 {
        percent(self.bytes_used(), self.bytes)
    }
}

/// `part` in percent of `whole`.
pub(crate) fn percent(part: u64, whole: u64) -> u64 {
    part.saturating_mul(100).checked_div(whole).unwrap_or(0)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The first number after `key` at the start of a line.
fn field(text: &str, key: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    let word = line.and_then(|rest| rest.split_whitespace().next());
    word.and_then(|word| word.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_not_nothing() {
        let process = ProcessUse::now();
        assert!(process.resident_bytes > 0 && process.threads > 0 && process.open_files > 0);
        assert!(process.started > 0 && process.open_files_max > 0);
        let machine = MachineUse::now();
        assert!(machine.memory_bytes > machine.memory_bytes_free && machine.processors > 0);
        assert!(DiskUse::of(None).bytes > 0);
    }
}
