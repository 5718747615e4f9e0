//! What can be said on the command line. It is a contract: scripts rely on it.

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// `tail -f` for OpenTelemetry: spans, metrics, logs and events, live in the terminal.
#[derive(Parser, Debug)]
#[command(name = "otail", version, about, args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub struct Arguments {
    /// What to do; without it: explore the sources.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What to explore.
    #[command(flatten)]
    pub explore: Explore,
}

/// The command line with its long help: the filter language and the main keys follow the forms of SOURCE.
pub fn command() -> clap::Command {
    Arguments::command().after_long_help(format!("{AFTER_HELP}\n\n{}\n\n{KEYS}", crate::filter::HELP))
}

/// The arguments of this process. clap prints help and usage errors and then ends the process.
pub fn parse() -> Arguments {
    let matches = command().get_matches();
    Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

const KEYS: &str = "\
Keys on the screen (? shows all of the current screen, `otail config keys` prints them all):
  j k g G  move                 f F     edit, clear the filter       Space  freeze the screen; on Sources: pause
  Enter    open                 = !     only, not this value         e E    next, previous error
  Esc q    go up one level      / n N   search, next, previous       t      the trace of the row
  Tab z w  pane, zoom, wrap     1 2     Feed, Sources                y      copy
  :        command line         ?       help                         Ctrl-C quit";

const AFTER_HELP: &str = "\
SOURCE is a URL, a path or -:
  listen://127.0.0.1            receive OTLP over gRPC (4317) and HTTP (4318); ?grpc=PORT&http=PORT, 0 picks one
  sse+http://host/path          a stream of server-sent events
  poll+http://host/path         OTLP or Prometheus, asked for again and again
  prom+http://host/path         Prometheus text or OpenMetrics, likewise
  http(s)://host/path           asked once: an event stream is followed, anything else is polled
  file:PATH, PATH               OTLP JSON lines or documents, followed through rotation
  -                             standard input, to its end
Without SOURCE, otail listens on 127.0.0.1:4317 and :4318. When standard output is no terminal, otail SOURCE is
otail tail SOURCE. Where no locale says UTF-8 (LC_ALL, LC_CTYPE, LANG), what otail adds to the text is ASCII.

Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 authentication, 101 a defect of otail; ended by a signal:
129 hangup, 130 interrupt, 131 quit, 143 termination.";

/// Explore in the terminal.
#[derive(Args, Debug, Default)]
pub struct Explore {
    /// What to connect to: a URL, a path or -.
    #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub sources: Vec<OsString>,
    /// What of a file is wanted that is there already.
    #[command(flatten)]
    pub begin: BeginFlags,
    /// Begin with this filter.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// Times of day in UTC instead of local time.
    #[arg(long)]
    pub utc: bool,
    /// The flags of every command.
    #[command(flatten)]
    pub everywhere: Everywhere,
    /// How the one SOURCE is gone about. Last, since whatever follows would stand under its heading in the help.
    #[command(flatten)]
    pub source: SourceFlags,
}

/// How the SOURCEs of the command line are gone about. Secrets themselves are never arguments, which everybody on the machine
/// can see.
#[derive(Args, Debug, Default, Clone)]
pub struct SourceFlags {
    /// Poll this often: 500ms, 10s, 5m [default: 10s].
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = EACH)]
    pub interval: Option<Duration>,
    /// What a poll answers with.
    #[arg(long, value_enum, help_heading = EACH)]
    pub format: Option<Formats>,
    /// How a poll asks.
    #[arg(long, value_enum, help_heading = EACH)]
    pub method: Option<Methods>,
    /// Trust the certificates of this PEM file beside the system's.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = EACH)]
    pub cacert: Option<PathBuf>,
    /// Its name for people.
    #[arg(long, value_name = "NAME", help_heading = ONE)]
    pub name: Option<String>,
    /// Send the headers of this file, `Name: value` a line.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = ONE)]
    pub header_file: Option<PathBuf>,
    /// Send the bearer token of this environment variable.
    #[arg(long, value_name = "VAR", help_heading = ONE)]
    pub token_env: Option<String>,
    /// Send the `user:password` of this environment variable.
    #[arg(long, value_name = "VAR", conflicts_with = "token_env", help_heading = ONE)]
    pub basic_env: Option<String>,
    /// Show the certificate of this PEM file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = ONE)]
    pub cert: Option<PathBuf>,
    /// Its key, PEM, where it is not in the same file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "cert", help_heading = ONE)]
    pub key: Option<PathBuf>,
    /// Accept any certificate. Anyone between you and the server can then read and change everything.
    #[arg(long, help_heading = ONE)]
    pub insecure: bool,
}

/// Flags that go for any number of them, …
const EACH: &str = "For each SOURCE";
/// … and those that go with one.
const ONE: &str = "For one SOURCE";

/// Where files begin.
#[derive(Args, Debug, Default, Clone, Copy)]
pub struct BeginFlags {
    /// Of the items that a file holds at the start, only the last N, whatever the filter takes of them; 0: only what is new.
    /// Of standard input, the last N, which are known at its end.
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    pub tail: Option<u64>,
    /// Of the items that a file holds at the start, and of standard input, only those that happened at most so long ago (10m,
    /// 2h), and those that tell no time. A file is taken to be written in about the order of time.
    #[arg(long, value_name = "DURATION", value_parser = age)]
    pub since: Option<Duration>,
}

/// `--format`
#[derive(ValueEnum, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Formats {
    /// Told by its content type and its first bytes.
    #[default]
    Auto,
    /// OTLP JSON.
    Json,
    /// OTLP protobuf.
    Protobuf,
    /// Prometheus text or OpenMetrics.
    Prometheus,
}

/// `--method`
#[derive(ValueEnum, Debug, Default, Clone, Copy, PartialEq, Eq)]
#[value(rename_all = "UPPER")]
pub enum Methods {
    /// GET
    #[default]
    #[value(alias = "get")]
    Get,
    /// POST, with an empty body.
    #[value(alias = "post")]
    Post,
}

/// The flags of every command.
#[derive(Args, Debug, Default, Clone)]
pub struct Everywhere {
    /// Read this configuration instead of the user's.
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Write otail's own log to this file.
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub log_file: Option<PathBuf>,
    /// Send otail's own numbers to this URL of OTLP/HTTP as metrics, as in http://127.0.0.1:4318, every 10 s.
    #[arg(long, global = true, value_name = "URL", value_hint = ValueHint::Url)]
    pub self_telemetry: Option<String>,
}

/// The subcommands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Explore a built-in shop; nothing else is needed.
    Demo(Box<Demo>),
    /// Write what comes to standard output, one line an item.
    Tail(Box<Tail>),
    /// Print the completions of a shell, to be put where it looks for them.
    Completions {
        /// Which shell.
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page: otail man | man -l -
    Man,
    /// The configuration: an example, where it is, whether it is good, the keys.
    Config {
        /// Which of them.
        #[command(subcommand)]
        what: ConfigCommand,
        /// The flags of every command.
        #[command(flatten)]
        everywhere: Everywhere,
    },
}

/// `otail config …`
#[derive(Subcommand, Debug, Clone, Copy)]
pub enum ConfigCommand {
    /// Print every setting with its default and what it means.
    Example,
    /// Check the configuration with its theme and keymap, and print what is set.
    Check,
    /// Print where the configuration is read from.
    Path,
    /// Print the keys, as a keymap file.
    Keys,
}

/// `otail demo`
#[derive(Args, Debug)]
pub struct Demo {
    /// The same seed makes the same telemetry.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// What happens in the shop.
    #[arg(long, value_name = "NAME", default_value = "shop")]
    pub scenario: String,
    /// Begin with this filter.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// Times of day in UTC instead of local time.
    #[arg(long)]
    pub utc: bool,
    /// The flags of every command.
    #[command(flatten)]
    pub everywhere: Everywhere,
}

/// `otail tail`
#[derive(Args, Debug, Default)]
pub struct Tail {
    /// What to connect to: a URL, a path or -.
    #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub sources: Vec<OsString>,
    /// What of a file is wanted that is there already.
    #[command(flatten)]
    pub begin: BeginFlags,
    /// What a line looks like.
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// Write only what passes this filter; empty: everything.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// Write only these signals.
    #[arg(long, value_name = "SIGNAL", value_delimiter = ',', value_enum, ignore_case = true)]
    pub signal: Vec<SignalArgument>,
    /// End after N items.
    #[arg(long, value_name = "N", value_parser = limit)]
    pub limit: Option<u64>,
    /// End after this time: 500ms, 10s, 5m, 1h. The exit code is then 0 if any source was ever connected, whatever
    /// came from it; else 1, or 3 if one wants credentials.
    #[arg(long = "for", value_name = "DURATION", value_parser = lasting)]
    pub duration: Option<Duration>,
    /// End when a source is lost, instead of reconnecting.
    #[arg(long)]
    pub no_reconnect: bool,
    /// Whether lines of text are coloured.
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Times of day in UTC instead of local time.
    #[arg(long)]
    pub utc: bool,
    /// The flags of every command.
    #[command(flatten)]
    pub everywhere: Everywhere,
    /// How the one SOURCE is gone about. Last, since whatever follows would stand under its heading in the help.
    #[command(flatten)]
    pub source: SourceFlags,
}

/// The formats of `-o`.
#[derive(ValueEnum, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// For people and grep.
    #[default]
    Text,
    /// One flat object an item.
    Json,
    /// One OTLP JSON document an item; events have no such form.
    Otlp,
}

/// The signals of `--signal`.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalArgument {
    /// Spans.
    #[value(aliases = ["span", "trace", "traces"])]
    Spans,
    /// Metric data points.
    #[value(aliases = ["metric", "point", "points"])]
    Metrics,
    /// Log records.
    #[value(alias = "log")]
    Logs,
    /// Everything else.
    #[value(alias = "event")]
    Events,
}

/// `--color`
#[derive(ValueEnum, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// If it goes to a terminal and `NO_COLOR` is not set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The names of the subcommands.
pub fn subcommands() -> Vec<String> {
    Arguments::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

/// One at least: nothing is what no `--limit` could mean.
fn limit(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(0) => Err("nothing would be written; leave it out for no limit".into()),
        Ok(number) => Ok(number),
        Err(_) => Err("a whole number is expected".into()),
    }
}

/// A number of items, 0 included. `+5` is refused: in `tail` it means something else.
fn count(text: &str) -> Result<u64, String> {
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|text| text.parse().ok()).ok_or_else(|| "a whole number is expected".into())
}

/// A number and a unit: `500ms`, `10s`, `5m`, `1h`; a bare number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        _ => return Err(format!("`{unit}` is no unit of time; use ms, s, m or h, as in 10s")),
    };
    let number: f64 = number.parse().map_err(|_| "a number and a unit are expected, as in 10s".to_owned())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|error| error.to_string())
}

/// How long ago something may have happened.
fn age(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("nothing has happened since now; for only what is new, --tail 0".into()),
        duration => Ok(duration),
    }
}

/// A length of time that is one.
fn lasting(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("it would end before it begins; leave it out for no end".into()),
        duration => Ok(duration),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn signals_are_understood_in_every_spelling() {
        for (word, signal) in [
            ("span", SignalArgument::Spans),
            ("traces", SignalArgument::Spans),
            ("metric", SignalArgument::Metrics),
            ("points", SignalArgument::Metrics),
            ("log", SignalArgument::Logs),
            ("event", SignalArgument::Events),
        ] {
            assert_eq!(SignalArgument::from_str(word, true), Ok(signal), "{word}");
        }
    }

    #[test]
    fn durations_have_a_unit_or_are_seconds() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("10"), Ok(Duration::from_secs(10)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert!(duration("10 years").unwrap_err().contains("unit"));
        assert!(duration("").is_err());
        assert!(duration("1e999s").is_err());
    }

    #[test]
    fn a_count_is_digits_and_may_be_none() {
        assert_eq!((count("0"), count("10")), (Ok(0), Ok(10)));
        for no in ["", "-1", "+5", "ten", "1.5", "99999999999999999999"] {
            assert!(count(no).unwrap_err().contains("whole number"), "{no}");
        }
    }

    #[test]
    fn a_limit_or_a_time_of_nothing_is_refused_with_what_is_meant_instead() {
        assert!(limit("0").unwrap_err().contains("no limit"));
        assert_eq!(limit("1"), Ok(1));
        for nothing in ["0", "0s", "0.0ms"] {
            assert!(lasting(nothing).unwrap_err().contains("no end"), "{nothing}");
            assert!(age(nothing).unwrap_err().contains("--tail 0"), "{nothing}");
        }
        assert_eq!(age("10m"), Ok(Duration::from_secs(600)));
    }
}
