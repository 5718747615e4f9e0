//! Panics for tests of the terminal: it must be given back whatever panics.

/// Panics where `_OTAIL_DEBUG_PANIC` says, if that is a place outside of drawing.
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

/// Panics, if that was asked for.
#[expect(clippy::panic, reason = "asked for by _OTAIL_DEBUG_PANIC, to test that the terminal is given back")]
pub(super) fn panic_if(wanted: bool) {
    if wanted {
        panic!("asked for by _OTAIL_DEBUG_PANIC");
    }
}
