//! The terminal is restored after every end of the program, and no behaviour of a terminal blocks the program. The tests run
//! `terminal_probe` (this test binary with special arguments) and otail itself in a pseudo-terminal.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "it makes a test fail; clippy does not see that these functions belong to tests"
)]

mod pty;
mod terminal_probe;
mod terminal_sources;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use pty::{Finished, PtyChild, count, eventually, find, state};
use rustix::process::{Pid, Signal, getpgid, kill_process, kill_process_group};

/// The quit signals with their exit codes.
const QUIT_SIGNALS: [(Signal, u32); 4] =
    [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129), (Signal::QUIT, 131)];

/// The other signals that kill by default and can be handled, with their exit codes.
const OTHER_SIGNALS: [(Signal, u32); 13] = [
    (Signal::USR1, 138),
    (Signal::USR2, 140),
    (Signal::ALARM, 142),
    (Signal::VTALARM, 154),
    (Signal::PROF, 155),
    (Signal::XCPU, 152),
    (Signal::IO, 157),
    (Signal::SYS, 159),
    (Signal::TRAP, 133),
    (Signal::ABORT, 134),
    (Signal::BUS, 135),
    (Signal::STKFLT, 144),
    (Signal::POWER, 158),
];

const PROBE: &str = "OTAIL_PROBE";

#[test]
#[ignore = "the program that the other tests run"]
fn probe() {
    if std::env::var_os(PROBE).is_some() {
        terminal_probe::main();
    }
}

#[test]
fn quitting_restores_the_terminal() {
    let child = start();
    child.screen(|screen| {
        assert!(screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste());
        assert_ne!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    });
    assert_ne!(child.modes(), child.modes_before());
    assert!(find(&child.bytes(), b"\x1b]2;probe\x07").is_some(), "the title is set");
    let finished = child.quit();
    assert!(finished.contents().contains("running 1 test"), "what was on the main screen is there still");
}

#[test]
fn each_quit_signal_restores_the_terminal() {
    for (signal, code) in QUIT_SIGNALS {
        let child = start();
        child.signal(signal);
        child.ends_with(code);
    }
}

#[test]
fn a_second_signal_ends_a_program_that_hangs() {
    let mut child = start();
    child.type_in("h");
    child.wait_for("keys 1.");
    child.signal(Signal::INT);
    // Two signals that arrive at once count as one.
    assert!(eventually(|| signal_was_taken(child.pid())));
    child.signal(Signal::TERM);
    child.ends_with(143);
}

#[test]
fn an_initially_ignored_signal_stays_ignored() {
    let mut child = start_with("trap '' HUP; exec PROBE");
    child.signal(Signal::HUP);
    child.type_in("k");
    child.wait_for("keys 1.");
    child.quit();
}

#[test]
fn any_panic_restores_the_terminal_and_is_readable() {
    // On the UI's thread, while drawing, in a task, in a blocking task, and with a second panic in a destructor.
    for key in ["u", "w", "t", "b", "2"] {
        let mut child = start();
        child.type_in(key);
        assert_last_words(&child.finish(), key);
    }
}

#[test]
fn a_panic_report_survives_a_simultaneous_quit() {
    let mut child = start();
    child.type_in("T");
    child.wait_until("the main screen", |screen| !screen.alternate_screen());
    child.type_in("q\n");
    let finished = child.finish();
    assert_eq!(finished.exit, Ok(101));
    assert!(finished.contents().contains(terminal_probe::SLOW), "{}", finished.contents());
}

#[test]
fn a_supervised_task_dies_alone() {
    let mut child = start();
    child.type_in("s");
    child.wait_for("panicked at");
    child.wait_for(": alone");
    child.quit();
}

#[test]
fn a_second_supervised_panic_ends_the_program() {
    let mut child = start();
    child.type_in("S");
    let finished = child.ends_with(101);
    assert!(finished.contents().contains("once more"), "{}", finished.contents());
}

#[test]
fn ctrl_z_restores_and_continuing_retakes_the_terminal() {
    let mut child = start();
    for round in 1..=2 {
        child.type_in("\x1a");
        child.wait_until_stopped();
        child.wait_until("the main screen", |screen| !screen.alternate_screen() && !screen.hide_cursor());
        assert_eq!(child.modes(), child.modes_before());
        child.signal(Signal::CONT);
        child.wait_until("the screen again", vt100::Screen::alternate_screen);
        child.wait_for(&format!("keys {round}."));
        assert_ne!(child.modes(), child.modes_before());
    }
    child.quit();
}

#[test]
fn a_stop_signal_acts_like_ctrl_z() {
    let child = start();
    child.signal(Signal::TSTP);
    child.wait_until_stopped();
    child.wait_until("the main screen", |screen| !screen.alternate_screen());
    child.signal(Signal::CONT);
    child.wait_until("the screen again", vt100::Screen::alternate_screen);
    child.quit();
}

#[test]
fn a_quit_signal_while_stopped_takes_effect_later() {
    let mut child = start();
    child.type_in("\x1a");
    child.wait_until_stopped();
    child.signal(Signal::TERM);
    child.signal(Signal::CONT);
    child.ends_with(143);
}

#[test]
fn after_sigstop_modes_and_screen_are_set_again() {
    let child = start();
    let raw = child.modes();
    child.signal(Signal::STOP);
    child.wait_until_stopped();
    // A shell does this when a job stops.
    run_on(child.name(), "stty sane; printf '\\033[?25h\\033[2J$ '");
    child.wait_until("a prompt", |screen| screen.contents().trim() == "$");
    child.signal(Signal::CONT);
    child.wait_for("size 80x24");
    assert!(eventually(|| child.modes() == raw), "raw mode again");
    child.screen(|screen| assert!(screen.hide_cursor() && !screen.contents().contains('$')));
    child.quit();
}

#[test]
fn a_stop_reaches_every_process_of_the_job() {
    let (mut shell, _) = start_in_shell(WITH_PARENT);
    shell.type_in("\x1a");
    shell.wait_for("Stopped");
    shell.type_in("fg\n");
    shell.wait_until("the screen again", |screen| screen.alternate_screen() && screen.contents().contains("keys 1."));
    shell.type_in("q");
    shell.wait_for("after=0");
    shell.type_in("exit\n");
    shell.finish();
}

#[test]
fn a_background_job_leaves_the_terminal_alone() {
    let (mut shell, pid) = start_in_shell(WITH_PARENT);
    shell.type_in("\x1a");
    shell.wait_for("Stopped");
    let modes = shell.modes();
    shell.type_in("bg\necho b''g\n");
    shell.wait_until("the shell's answer", |screen| screen.contents().lines().any(|line| line == "bg"));
    assert!(eventually(|| state(pid) == Some('S')), "{:?}", state(pid));
    // Typed while the shell does not read, so that otail could steal it.
    shell.type_in("sleep 0.3\necho still th''ere\n");
    shell.wait_for("still there");
    assert_eq!(state(pid), Some('S'), "not stopped for reading");
    assert!(!shell.screen(vt100::Screen::alternate_screen));
    assert!(eventually(|| shell.modes() == modes), "the shell's own");
    shell.type_in("fg\n");
    shell.wait_until("the screen again", |screen| screen.alternate_screen() && screen.contents().contains("keys 1."));
    shell.type_in("q");
    shell.wait_for("after=0");
    shell.type_in("exit\n");
    shell.finish();
}

#[test]
fn a_stopped_or_background_job_can_be_killed() {
    for before in ["", "bg\n"] {
        let (mut shell, pid) = start_in_shell(WITH_PARENT);
        shell.type_in("\x1a");
        shell.wait_for("Stopped");
        shell.type_in(before);
        shell.type_in("kill %1\n");
        assert!(eventually(|| state(pid).is_none()), "{before:?} {:?}", state(pid));
        shell.type_in("exit\nexit\n");
        shell.finish();
    }
}

#[test]
fn a_stopped_job_can_be_killed_and_restores() {
    let (mut shell, pid) = start_in_shell("PROBE");
    let group = getpgid(Pid::from_raw(pid.try_into().unwrap())).unwrap();
    kill_process_group(group, Signal::STOP).unwrap();
    shell.wait_for("Stopped");
    shell.type_in("kill %1\n");
    assert!(eventually(|| state(pid).is_none()), "{:?}", state(pid));
    shell.wait_until("the main screen", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    shell.type_in("exit\nexit\n");
    shell.finish();
}

#[test]
fn continuing_the_program_continues_its_job() {
    let mut child = start_with("PROBE; echo after=$?");
    let pid = probe_pid(&child);
    child.type_in("\x1a");
    child.wait_until_stopped();
    kill_process(Pid::from_raw(pid.try_into().unwrap()).unwrap(), Signal::CONT).unwrap();
    child.wait_until("the screen again", |screen| screen.alternate_screen() && screen.contents().contains("keys 1."));
    child.type_in("q");
    let finished = child.finish();
    assert!(finished.contents().contains("after=0"), "{}", finished.contents());
    finished.assert_restored();
}

#[test]
fn keys_come_from_the_terminal_not_from_stdin() {
    let mut child = start_with("printf telemetry | PROBE");
    child.wait_for("stdin \"telemetry\"");
    child.type_in("kk");
    child.wait_for("keys 2.");
    child.quit();
}

#[test]
fn many_resizes_end_in_the_right_frame() {
    let mut child = start();
    let start = Instant::now();
    let mut random = fastrand::Rng::with_seed(5);
    for round in 0..1000 {
        match round % 50 {
            0 => child.resize(0, 0),
            1 => child.resize(1, 1),
            2 => child.resize(500, 200),
            _ => child.resize(random.u16(1..=500), random.u16(1..=200)),
        }
        thread::sleep(Duration::from_millis(1));
    }
    child.resize(97, 31);
    child.wait_for("size 97x31");
    // A slow machine draws fewer frames, never more.
    let frames = count(&child.bytes(), b"\x1b[?2026h");
    assert!(frames as u128 <= 3 + start.elapsed().as_millis() / 16, "{frames} frames");
    let shown = child.contents();
    child.type_in("r");
    child.wait_for("keys 1.");
    let fresh = child.contents();
    assert_eq!(shown.replace("keys 0.\n", "keys 1.\nChar('r')"), fresh);
    child.quit();
}

#[test]
fn a_terminal_without_size_is_80_by_24() {
    let mut child = start();
    child.resize(0, 0);
    child.type_in("k");
    // It is drawn at its place on a screen of 80×24, which this screen does not show.
    assert!(eventually(|| find(&child.bytes(), b"\x1b[2;6H1").is_some()));
    child.resize(80, 24);
    child.type_in("r");
    child.wait_for("size 80x24");
    child.wait_for("keys 2.");
    child.quit();
}

#[test]
fn a_terminal_that_is_gone_ends_the_program() {
    let mut child = start();
    child.hang_up();
    let exit = child.wait_for_exit();
    // The signal or the end of input may be noticed first.
    assert!(exit == Ok(129) || exit == Ok(1), "{exit:?}");
}

#[test]
fn a_lost_terminal_ends_it_despite_ignored_hangups() {
    for animated in ["", "a"] {
        // A child of the session leader gets no signal.
        let mut child = start_with("trap '' HUP; PROBE; exit $?");
        child.type_in(animated);
        child.hang_up();
        assert_eq!(child.wait_for_exit(), Ok(1));
    }
}

#[test]
fn a_blocked_terminal_delays_no_key_or_signal() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let mut child = start_logging(&log);
    child.resize(200, 60);
    child.wait_for("size 200x60");
    child.hold_output();
    child.type_in("a");
    assert!(eventually(|| number(&log, "behind") > 20), "frames are left out");
    let before = number(&log, "ticks");
    child.type_in("k");
    assert!(eventually(|| number(&log, "keys") == 2), "keys are noticed");
    assert!(eventually(|| number(&log, "ticks") > before + 20), "the loop goes on");

    child.release_output();
    child.type_in("A");
    child.wait_for("keys 3.");
    child.wait_until("the present frame", |screen| {
        !screen.contents().contains("0000") && screen.contents().contains("Char('A')")
    });

    child.hold_output();
    child.type_in("a");
    let behind = number(&log, "behind");
    assert!(eventually(|| number(&log, "behind") > behind + 20));
    child.fill_output();
    child.signal(Signal::TERM);
    let exit = child.wait_for_exit();
    child.release_output();
    let finished = child.finish();
    assert_eq!(exit, Ok(143), "and it ends though nobody reads");
    finished.assert_restored();
}

#[test]
fn an_idle_screen_writes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let child = start_logging(&log);
    let (written, ticks) = (child.bytes().len(), number(&log, "ticks"));
    assert!(eventually(|| number(&log, "ticks") > ticks + 20));
    assert_eq!(child.bytes().len(), written);
    child.quit();
}

#[test]
fn a_huge_paste_is_one_input() {
    let mut child = start();
    child.type_in("\x1b[200~");
    let line = [b'x'; 1024];
    for _ in 0..10 * 1024 {
        child.type_in(line);
    }
    child.type_in("\x1b[201~");
    child.wait_for(&format!("paste of {}", otail::terminal::MAX_PASTE));
    child.wait_for("keys 0.");
    child.quit();
}

#[test]
fn many_keys_are_answered_one_by_one() {
    let mut child = start();
    child.type_in("k".repeat(20_000));
    child.wait_for("keys 20000.");
    child.quit();
}

#[test]
fn answers_of_the_terminal_are_not_keys() {
    let mut child = start();
    child.type_in(
        "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\\x1b]10;rgb:ff/ff/ff\x07\x1b[12;40R\x1b[?62;1;6c\x1bP>|XTerm(390)\x1b\\",
    );
    child.type_in("\x1b[<0;7;5M");
    child.wait_for("mouse at 6,4");
    child.wait_for("keys 0.");
    child.type_in("\x1b");
    child.wait_for("Esc");
    child.wait_for("keys 1.");
    child.quit();
}

#[test]
fn copied_text_reaches_the_terminal_encoded() {
    let mut child = start();
    child.type_in("c");
    child.wait_for("keys 1.");
    assert!(find(&child.bytes(), b"\x1b]52;c;Y29waWVk\x07").is_some());
    child.quit();
}

#[test]
fn without_a_terminal_there_is_no_screen() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(ARGUMENTS)
        .env(PROBE, "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard output is not a terminal"), "{output:?}");
}

#[test]
fn otail_restores_the_terminal_after_every_end() {
    let directory = tempfile::tempdir().unwrap();
    for (key, code) in [("q", 0), ("\x03", 0)] {
        let mut child = start_otail(directory.path(), None);
        child.wait_for("Feed");
        child.type_in(key);
        child.ends_with(code);
    }
    for (signal, code) in QUIT_SIGNALS.into_iter().chain(OTHER_SIGNALS) {
        let child = start_otail(directory.path(), None);
        child.wait_for("Feed");
        child.signal(signal);
        child.ends_with(code);
    }
    for place in ["ui", "draw", "task", "blocking", "double"] {
        let finished = start_otail(directory.path(), Some(place)).ends_with(101);
        assert!(finished.contents().contains("asked for by _OTAIL_DEBUG_PANIC"), "{place}: {}", finished.contents());
    }
}

#[test]
fn a_file_size_limit_does_not_end_otail() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = pty::command("sh");
    let otail = format!("ulimit -f 1; exec {} demo --log-file log", env!("CARGO_BIN_EXE_otail"));
    command.args(["-c", &otail]);
    command.env("OTAIL_LOG_LEVEL", "trace");
    command.cwd(directory.path());
    let child = PtyChild::spawn(command);
    child.wait_for("Feed");
    let log = directory.path().join("log");
    assert!(eventually(|| fs::metadata(&log).is_ok_and(|log| log.len() >= 512)), "the log reaches the limit");
    child.signal(Signal::XFSZ);
    child.resize(100, 30);
    child.wait_until("a frame", |screen| screen.contents().lines().any(|line| line.chars().count() > 80));
    child.quit();
}

#[test]
fn ten_megabytes_of_keys_delay_no_signal() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = start_otail(directory.path(), None);
    child.wait_for("Feed");
    // In the search bar every key changes the screen.
    child.type_in("/");
    for _ in 0..160 {
        child.type_in([b'x'; 64 << 10]);
    }
    // The bar covers the status line, and the key that closes it may be dropped.
    let is_said = eventually(|| {
        child.type_in("\x1b");
        thread::sleep(Duration::from_millis(100));
        child.contents().contains("keys dropped so far")
    });
    assert!(is_said, "{}", child.contents());
    assert!(peak(child.pid()) < 200 << 20, "{} bytes", peak(child.pid()));
    child.type_in([b'x'; 64 << 10]);
    child.signal(Signal::TERM);
    child.ends_with(143);
}

#[test]
fn otail_draws_on_a_terminal_of_any_size() {
    let directory = tempfile::tempdir().unwrap();
    let child = start_otail(directory.path(), None);
    child.wait_for("Feed");
    for (columns, rows) in [(u16::MAX, u16::MAX), (u16::MAX, 1), (1, u16::MAX), (0, 0), (1, 1)] {
        let before = child.bytes().len();
        child.claim_size(columns, rows);
        assert!(eventually(|| child.bytes().len() > before), "{columns}x{rows} is drawn");
    }
    child.resize(100, 30);
    child.wait_for("Feed");
    assert!(peak(child.pid()) < 200 << 20, "{} bytes", peak(child.pid()));
    child.quit();
}

/// The peak memory of a process, in bytes.
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[test]
fn otail_itself_ends_with_its_terminal() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = start_otail(directory.path(), None);
    child.wait_for("Feed");
    child.hang_up();
    let exit = child.wait_for_exit();
    // The signal, the end of input, or a failed frame may be noticed first.
    assert!(exit == Ok(129) || exit == Ok(1), "{exit:?}");
}

#[test]
fn otail_refuses_the_keyboard_as_a_source() {
    let mut command = pty::command(env!("CARGO_BIN_EXE_otail"));
    command.arg("-");
    let finished = PtyChild::spawn(command).finish();
    assert_eq!(finished.exit, Ok(2));
    assert!(finished.contents().contains("COMMAND | otail -"), "{}", finished.contents());
}

#[test]
fn otail_itself_stops_and_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = start_otail(directory.path(), None);
    child.wait_for("Feed");
    child.type_in("\x1a");
    child.wait_until_stopped();
    child.wait_until("the main screen", |screen| !screen.alternate_screen());
    assert_eq!(child.modes(), child.modes_before());
    child.signal(Signal::CONT);
    child.wait_until("the screen again", |screen| screen.alternate_screen() && screen.contents().contains("Feed"));
    child.quit();
}

#[track_caller]
fn assert_last_words(finished: &Finished, key: &str) {
    assert_eq!(finished.exit, Ok(101), "{key}");
    finished.assert_restored();
    let shown = finished.contents().replace('\n', "");
    assert!(shown.contains("tests/terminal_probe/mod.rs"), "{key}: {shown}");
    assert!(shown.contains(r"boom \u{1b}]2;owned\u{7}\u{1b}]52;c;aGk=\u{7}\u{1b}[2J\u{202e}end"), "{key}: {shown}");
    assert!(!shown.contains(r"\u{1b}[3"), "{key}: a report without colours: {shown}");
    let after = &finished.output.bytes[find(&finished.output.bytes, b"\x1b[?1049l").unwrap()..];
    assert!(find(after, b"\x1b]").is_none(), "{key}: nothing of it is obeyed");
    assert!(!shown.contains("once more"), "{key}: the first is the last");
}

const ARGUMENTS: [&str; 5] = ["probe", "--exact", "--ignored", "--nocapture", "--test-threads=1"];

fn start() -> PtyChild {
    started(probe_command())
}

/// Starts a shell script in which `PROBE` stands for the program.
fn start_with(script: &str) -> PtyChild {
    let mut command = pty::command("sh");
    command.args(["-c", &script.replace("PROBE", &command_line())]);
    command.env(PROBE, "1");
    started(command)
}

/// Starts the probe with a log for facts that the screen does not show.
fn start_logging(log: &Path) -> PtyChild {
    let mut command = probe_command();
    command.env(terminal_probe::LOG, log);
    started(command)
}

fn probe_command() -> CommandBuilder {
    let mut command = pty::command(std::env::current_exe().unwrap());
    command.args(ARGUMENTS);
    command.env(PROBE, "1");
    command
}

/// Starts otail on an empty file in that directory.
fn start_otail(directory: &Path, panic: Option<&str>) -> PtyChild {
    let file = directory.join("telemetry.jsonl");
    fs::write(&file, "").unwrap();
    let mut command = pty::command(env!("CARGO_BIN_EXE_otail"));
    command.env("HOME", directory);
    command.arg(file);
    if let Some(place) = panic {
        command.env("_OTAIL_DEBUG_PANIC", place);
    }
    PtyChild::spawn(command)
}

fn started(command: CommandBuilder) -> PtyChild {
    let child = PtyChild::spawn(command);
    child.wait_for("keys 0.");
    child
}

/// A job of an interactive shell in which another process waits for the probe.
const WITH_PARENT: &str = "sh -c 'PROBE; echo after=$?'";

/// Starts a job of an interactive shell in which `PROBE` stands for the program. Returns also the probe's process id.
fn start_in_shell(job: &str) -> (PtyChild, u32) {
    let mut command = pty::command("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    command.env(PROBE, "1");
    let mut shell = PtyChild::spawn(command);
    shell.type_in(job.replace("PROBE", &command_line()) + "\n");
    shell.wait_for("keys 0.");
    let pid = probe_pid(&shell);
    (shell, pid)
}

fn probe_pid(child: &PtyChild) -> u32 {
    let contents = child.contents();
    let pid = contents.split_once("pid ").and_then(|(_, rest)| rest.split_once('.')).expect("a pid").0;
    pid.parse().unwrap()
}

fn command_line() -> String {
    format!("\"{}\" {}", std::env::current_exe().unwrap().display(), ARGUMENTS.join(" "))
}

fn run_on(terminal: &Path, script: &str) {
    let tty = fs::OpenOptions::new().read(true).write(true).open(terminal).unwrap();
    let status = Command::new("sh").args(["-c", script]).stdin(tty.try_clone().unwrap()).stdout(tty).status().unwrap();
    assert!(status.success());
}

/// Whether the process has no pending signal.
fn signal_was_taken(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    status
        .lines()
        .filter(|line| line.starts_with("SigPnd") || line.starts_with("ShdPnd"))
        .all(|line| line.ends_with("0000000000000000"))
}

/// The last number after `name` in the probe's log.
fn number(log: &Path, name: &str) -> usize {
    let text = fs::read_to_string(log).unwrap();
    let words: Vec<&str> = text.rsplit_once('\n').map_or("", |(whole, _)| whole).split_whitespace().collect();
    words.windows(2).rev().find(|pair| pair[0] == name).map_or(0, |pair| pair[1].parse().unwrap())
}
