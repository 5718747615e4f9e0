//! Panics for tests: the terminal must be restored after any panic.

/// Panics at the place that `_OTAIL_DEBUG_PANIC` names, except `draw`.
pub(super) fn panic_at(place: Option<&str>, workers: &tokio::runtime::Runtime) {
    match place {
        Some("ui") => panic_if(true),
        Some("task") => _ = workers.spawn(async { panic_if(true) }),
        Some("blocking") => _ = workers.spawn_blocking(|| panic_if(true)),
        Some("double") => {
            let _second = PanicsOnDrop;
            panic_if(true);
        }
        _ => {}
    }
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic_if(true);
    }
}

/// Panics if `wanted`.
#[expect(clippy::panic, reason = "asked for by _OTAIL_DEBUG_PANIC, to test that the terminal is restored")]
pub(super) fn panic_if(wanted: bool) {
    if wanted {
        panic!("asked for by _OTAIL_DEBUG_PANIC");
    }
}
