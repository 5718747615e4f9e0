//! Resource usage of this process, where the operating system reports it.

use crate::files;
use std::path::Path;

/// Memory and processor time.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(super) struct Usage {
    /// Resident bytes.
    pub memory: Option<u64>,
    /// Seconds of processor time in user mode and in system mode.
    pub cpu: Option<(f64, f64)>,
}

impl Usage {
    /// The usage of this process. Empty without `/proc`.
    pub fn of_this_process() -> Usage {
        let read = |path| files::read_text(Path::new(path), files::TEXT).ok();
        Usage {
            memory: read("/proc/self/status").and_then(|text| memory(&text)),
            cpu: read("/proc/self/stat").and_then(|text| cpu(&text, rustix::param::clock_ticks_per_second())),
        }
    }
}

/// The line `VmRSS:`, in kB.
fn memory(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1_024)
}

/// The 14th and 15th field, in ticks; the second is a name in brackets, which may hold anything (proc_pid_stat(5)).
fn cpu(stat: &str, ticks: u64) -> Option<(f64, f64)> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut seconds = || Some(fields.next()?.parse::<u64>().ok()? as f64 / ticks as f64);
    Some((seconds()?, seconds()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_is_read_for_any_process_name() {
        assert_eq!(memory("Name:\totail\nVmRSS:\t    2048 kB\nThreads:\t4\n"), Some(2_048 * 1_024));
        assert_eq!(memory("Name:\totail\n"), None);
        let stat = "7 (o) tail 1 (2) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 4 0 1 2 3";
        assert_eq!(cpu(stat, 100), Some((2.5, 0.5)));
        assert_eq!(cpu("7 (otail) S 1", 100), None);
    }
}
