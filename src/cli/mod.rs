//! Arguments and subcommands: parses and checks them, and starts the runtime.
//!
//! May import everything. Start with [`main`]; the contract of the command line is `args`. Deliberately not here: loops,
//! threads, screens (`runtime`).

mod args;
mod flags;
mod log;
mod manual;
mod self_telemetry;
mod sources;

use crate::config::{self, Loaded};
use crate::files;
use crate::filter::Filter;
use crate::keymap::Keymap;
use crate::model::{Signal, is_harmless_char, visible};
use crate::present::line::Style;
use crate::runtime::{self, Outcome, Reload, Reloaded, Start};
use crate::source::{Options, Source, SourceSpec};
use crate::tail::Format;
use crate::terminal::{Capabilities, end_on_panic, outlive_file_limits};
use crate::ui::Theme;
use args::{Arguments, Color, Command, ConfigCommand, Everywhere, Output, SignalArgument};
use self_telemetry::self_telemetry;
use sources::{check_receivers, configured, sources};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Why the program stopped before it did anything.
enum Refusal {
    /// The command line or the configuration is wrong: exit code 2.
    Usage(String),
    /// The command failed: exit code 1.
    Failed(String),
}

/// The program. Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 authentication, 101 after a panic, 128 + n after
/// signal n.
pub fn main() -> ExitCode {
    end_on_panic(|info| format!("otail failed: {info}\nThis is a defect of otail."));
    outlive_file_limits();
    crate::net::install_tls();
    let outcome = run(args::parse());
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::from(1),
        Ok(Outcome::Credentials) => ExitCode::from(3),
        Ok(Outcome::Signal(number)) => ExitCode::from(128u8.saturating_add(number)),
        Err(refusal) => {
            let (code, message) = match refusal {
                Refusal::Usage(message) => (2, message),
                Refusal::Failed(message) => (1, message),
            };
            warn(&message);
            ExitCode::from(code)
        }
    }
}

/// Writes a message to standard error, with control characters escaped.
fn warn(message: &str) {
    for (line, first) in message.lines().zip(std::iter::once(true).chain(std::iter::repeat(false))) {
        // A closed standard error must not change the exit code.
        let _ = writeln!(std::io::stderr(), "{}{}", if first { "otail: " } else { "" }, visible(line));
    }
}

fn run(arguments: Arguments) -> Result<Outcome, Refusal> {
    match arguments.command {
        None => explore(arguments.explore),
        Some(Command::Tail(tail)) => run_tail(*tail),
        Some(Command::Demo(demo)) => run_demo(*demo),
        Some(Command::Config { what, everywhere }) => run_config(what, &everywhere),
        Some(Command::Completions { shell }) => print(&manual::completions(shell)),
        Some(Command::Man) => print(&manual::page().map_err(|error| Refusal::Failed(error.to_string()))?),
    }
}

fn explore(explore: args::Explore) -> Result<Outcome, Refusal> {
    if !std::io::stdout().is_terminal() {
        let args::Explore { sources, source, begin, filter, utc, everywhere } = explore;
        return run_tail(args::Tail { sources, source, begin, filter, utc, everywhere, ..args::Tail::default() });
    }
    let loaded = load(&explore.everywhere)?;
    let _log = log::open(&loaded, &explore.everywhere)?;
    let wanted = runtime::Explore {
        filter: checked_filter(explore.filter.clone())?,
        utc: explore.utc,
        theme: theme(&loaded)?,
        keymap: keymap(&loaded)?,
        demo: None,
        debug_panic: debug_panic(),
        reload: reloading(&explore),
    };
    let sources = named_sources(&explore, &loaded)?;
    let self_telemetry = self_telemetry(&sources, &loaded, &explore.everywhere)?;
    let start = Start { config: loaded.config, sources, self_telemetry };
    runtime::explore(start, wanted).map_err(Refusal::Failed)
}

fn named_sources(explore: &args::Explore, loaded: &Loaded) -> Result<Vec<Source>, Refusal> {
    let sources = without_the_keyboard(sources(&explore.sources, &explore.source, loaded)?)?;
    let sources = explore.begin.apply(sources)?;
    check_receivers(&sources, loaded)?;
    Ok(sources)
}

/// Reads configuration, theme, keymap and sources again for `:reload`, as at the start.
fn reloading(explore: &args::Explore) -> Reload {
    let arguments = args::Explore {
        sources: explore.sources.clone(),
        source: explore.source.clone(),
        begin: explore.begin,
        everywhere: explore.everywhere.clone(),
        ..args::Explore::default()
    };
    let read = move || {
        let loaded = load_again(&arguments.everywhere)?;
        let (theme, keymap, sources) = (theme(&loaded)?, keymap(&loaded)?, named_sources(&arguments, &loaded)?);
        Ok(Reloaded { config: loaded.config, sources, theme, keymap })
    };
    Arc::new(move || {
        read().map_err(|refusal| match refusal {
            Refusal::Usage(message) | Refusal::Failed(message) => in_one_line(&message),
        })
    })
}

/// A message on one line, without the excerpt of the file in its middle.
fn in_one_line(message: &str) -> String {
    let is_excerpt = |line: &&str| {
        let after_number = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        after_number.trim_start().starts_with('|')
    };
    let lines = message.lines().filter(|line| !is_excerpt(line) && !line.trim().is_empty());
    lines.map(str::trim).collect::<Vec<_>>().join(": ")
}

/// Where to panic, for tests of the terminal. It is a variable, so that neither help nor completions offer it.
fn debug_panic() -> Option<String> {
    std::env::var("_OTAIL_DEBUG_PANIC").ok()
}

fn run_demo(demo: args::Demo) -> Result<Outcome, Refusal> {
    let scenario: crate::demo::Scenario =
        demo.scenario.parse().map_err(|error: crate::demo::UnknownScenario| Refusal::Usage(error.to_string()))?;
    let mut loaded = load(&demo.everywhere)?;
    // The demo shop sends no token and uses no TLS.
    loaded.config.listen = config::Listen::default();
    let _log = log::open(&loaded, &demo.everywhere)?;
    // Any free port: the demo must start beside other receivers.
    let listen = SourceSpec::listen("127.0.0.1:0", "127.0.0.1:0");
    let options = Options::of_all(&loaded.config.provider);
    let sources = vec![Source { spec: listen, name: Some("demo".into()), group: None, options }];
    if !std::io::stdout().is_terminal() {
        return Err(Refusal::Usage("standard output is not a terminal; the demo needs one".into()));
    }
    let wanted = runtime::Explore {
        filter: checked_filter(demo.filter)?,
        utc: demo.utc,
        theme: theme(&loaded)?,
        keymap: keymap(&loaded)?,
        demo: Some((demo.seed, scenario)),
        debug_panic: debug_panic(),
        reload: Arc::new(|| Err("the demo cannot reload its configuration; otail SOURCE can".into())),
    };
    let self_telemetry = self_telemetry(&sources, &loaded, &demo.everywhere)?;
    let start = Start { config: loaded.config, sources, self_telemetry };
    runtime::explore(start, wanted).map_err(Refusal::Failed)
}

fn run_tail(tail: args::Tail) -> Result<Outcome, Refusal> {
    let loaded = load(&tail.everywhere)?;
    let _log = log::open(&loaded, &tail.everywhere)?;
    let format = match tail.output {
        Output::Json => Format::Json,
        Output::Otlp => Format::Otlp,
        Output::Text => Format::Text(Style {
            color: match tail.color {
                Color::Always => true,
                Color::Never => false,
                Color::Auto => {
                    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                }
            },
            zone: if tail.utc { jiff::tz::TimeZone::UTC } else { jiff::tz::TimeZone::system() },
            ascii: Capabilities::of_environment().ascii || loaded.config.ui.ascii,
        }),
    };
    let signal = |argument: &SignalArgument| match argument {
        SignalArgument::Spans => Signal::Spans,
        SignalArgument::Metrics => Signal::Metrics,
        SignalArgument::Logs => Signal::Logs,
        SignalArgument::Events => Signal::Events,
    };
    let wanted = runtime::Tail {
        format,
        filter: tail.filter.as_deref().map(parse_filter).transpose()?,
        signals: tail.signal.iter().map(signal).collect(),
        limit: tail.limit,
        duration: tail.duration,
    };
    let mut sources = tail.begin.apply(sources(&tail.sources, &tail.source, &loaded)?)?;
    sources.iter_mut().for_each(|source| source.options.auto_reconnect &= !tail.no_reconnect);
    check_receivers(&sources, &loaded)?;
    let self_telemetry = self_telemetry(&sources, &loaded, &tail.everywhere)?;
    let start = Start { config: loaded.config, sources, self_telemetry };
    runtime::tail(start, wanted).map_err(Refusal::Failed)
}

fn run_config(what: ConfigCommand, everywhere: &Everywhere) -> Result<Outcome, Refusal> {
    match what {
        ConfigCommand::Example => print(include_bytes!("../../config.example.toml")),
        ConfigCommand::Path => match config::default_path() {
            Some(path) => print(format!("{}\n", path.display()).as_bytes()),
            None => Err(Refusal::Failed("this user has no configuration folder".into())),
        },
        ConfigCommand::Check => {
            let loaded = load(everywhere)?;
            let sources = configured(&loaded)?;
            check_receivers(&[], &loaded)?;
            self_telemetry(&sources, &loaded, everywhere)?;
            log::level(&loaded)?;
            theme(&loaded)?;
            keymap(&loaded)?;
            let text = toml::to_string(&loaded.config).map_err(|error| Refusal::Failed(error.to_string()))?;
            print(harmless_toml(&format!("{text}{}", verdict(everywhere))).as_bytes())
        }
        ConfigCommand::Keys => print(keymap(&load(everywhere)?)?.file().as_bytes()),
    }
}

/// The last line of `config check`, a comment in TOML.
fn verdict(everywhere: &Everywhere) -> String {
    match config_path(everywhere) {
        Some(path) => format!("\n# {} is valid.\n", path.display()),
        None => "\n# There is no configuration file; these are the defaults.\n".into(),
    }
}

/// Replaces each character that could disturb a terminal by a TOML `\u` escape.
fn harmless_toml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push(c),
            c if is_harmless_char(c) => out.push(c),
            c if u32::from(c) <= 0xffff => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    out
}

/// Writes to standard output. A reader that closes the pipe early is not a failure.
fn print(text: &[u8]) -> Result<Outcome, Refusal> {
    match std::io::stdout().lock().write_all(text) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Refusal::Failed(error.to_string())),
        _ => Ok(Outcome::Done),
    }
}

/// Loads the settings, and warns on standard error about the environment and the file. Not for use while a screen is up.
fn load(everywhere: &Everywhere) -> Result<Loaded, Refusal> {
    let variables = variables();
    for (name, meant) in config::meant_variables(variables.iter().map(|(name, _)| name.clone())) {
        warn(&format!("{name} in the environment is not a setting; did you mean {meant}?"));
    }
    config::Endpoints::read(&variables).1.iter().for_each(|why| warn(why));
    let loaded = load_again(everywhere)?;
    if let Some(why) = config_path(everywhere).and_then(|path| config::exposed(&path, &loaded)) {
        warn(&why);
    }
    Ok(loaded)
}

/// Loads the settings without warnings, which the start has already printed.
fn load_again(everywhere: &Everywhere) -> Result<Loaded, Refusal> {
    let path = config_path(everywhere);
    config::load(path.as_deref(), variables()).map_err(|error| Refusal::Usage(error.to_string()))
}

/// The configuration file: the named one, which must exist, or the user's, if it exists.
fn config_path(everywhere: &Everywhere) -> Option<PathBuf> {
    everywhere.config.clone().or_else(|| config::default_path().filter(|path| path.exists()))
}

/// The environment variables that are valid Unicode. Others cannot be settings of otail.
fn variables() -> Vec<(String, String)> {
    let variables = std::env::vars_os();
    variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

fn theme(loaded: &Loaded) -> Result<Theme, Refusal> {
    let theme = runtime::load_theme(&loaded.config.ui);
    theme.map_err(|error| Refusal::Usage(loaded.origins.located("ui", &format!("theme: {error}"))))
}

/// The built-in keys, with the configured keymap file on top.
fn keymap(loaded: &Loaded) -> Result<Keymap, Refusal> {
    let path = &loaded.config.ui.keymap;
    if path.as_os_str().is_empty() {
        return Keymap::with("").map_err(|error| Refusal::Failed(error.to_string()));
    }
    let wrong =
        |error: String| Refusal::Usage(loaded.origins.located("ui", &format!("keymap: {}: {error}", path.display())));
    let text = files::read_text(path, files::TEXT).map_err(|error| wrong(error.to_string()))?;
    Keymap::with(&text).map_err(|error| wrong(error.to_string()))
}

/// Refuses standard input if it is the terminal, since otail takes its keys.
fn without_the_keyboard(sources: Vec<Source>) -> Result<Vec<Source>, Refusal> {
    match std::io::stdin().is_terminal() && sources.iter().any(|source| source.spec.is_stdin()) {
        true => Err(Refusal::Usage(
            "standard input (-) is this terminal, and otail needs its keys; use a pipe, as in COMMAND | otail -".into(),
        )),
        false => Ok(sources),
    }
}

fn parse_filter(text: &str) -> Result<Filter, Refusal> {
    Filter::parse(text).map_err(|error| Refusal::Usage(format!("invalid --filter\n{error}")))
}

/// The text of a filter, if it is valid.
fn checked_filter(text: Option<String>) -> Result<Option<String>, Refusal> {
    text.as_deref().map(parse_filter).transpose().map(|_| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_line_message_has_no_excerpt() {
        let message = "in the configuration c.toml: TOML parse error at line 5, column 1\n  |\n5 | gprc = 1\n  | ^^^^\nunknown field `gprc`";
        let one = "in the configuration c.toml: TOML parse error at line 5, column 1: unknown field `gprc`";
        assert_eq!(in_one_line(message), one);
        assert_eq!(in_one_line("10 SOURCEs are named"), "10 SOURCEs are named");
    }

    #[test]
    fn checked_names_cannot_disturb_a_terminal() {
        let text = "name = \"a\u{202e}b\u{9b}c\u{e0041}\"\n";
        let harmless = harmless_toml(text);
        assert_eq!(harmless, "name = \"a\\u202Eb\\u009Bc\\U000E0041\"\n");
        assert_eq!(harmless.parse::<toml::Table>().unwrap(), text.parse::<toml::Table>().unwrap());
    }
}
