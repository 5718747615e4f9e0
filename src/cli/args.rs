//! The command line: its commands, flags and help texts. Scripts rely on it, so changes must stay compatible.

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// `tail -f` for OpenTelemetry: spans, metrics, logs and events, live in the terminal.
#[derive(Parser, Debug)]
#[command(name = "otail", version, about, args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub struct Arguments {
    /// Without a command, otail shows the sources on a screen.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The arguments without a command.
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
  poll+http://host/path         OTLP or Prometheus, polled
  prom+http://host/path         Prometheus text or OpenMetrics, polled
  http(s)://host/path           the first answer decides: an event stream is followed, anything else is polled
  file:PATH, PATH               a file of OTLP JSON or log lines, followed through rotation
  -                             standard input, read to its end
Without SOURCE, otail listens on 127.0.0.1:4317 and :4318. If standard output is not a terminal, otail SOURCE means
otail tail SOURCE. If the locale (LC_ALL, LC_CTYPE, LANG) is not UTF-8, otail draws its own symbols in ASCII.

Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 authentication, 101 a defect of otail; ended by a signal:
129 hangup, 130 interrupt, 131 quit, 143 termination.";

/// The arguments of `otail SOURCE`, which shows telemetry on a screen.
#[derive(Args, Debug, Default)]
pub struct Explore {
    /// What to read: a URL, a path or - (see below).
    #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub sources: Vec<OsString>,
    /// Where to start in a file.
    #[command(flatten)]
    pub begin: BeginFlags,
    /// Start with this filter.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// Show times in UTC instead of local time.
    #[arg(long)]
    pub utc: bool,
    /// The flags of every command.
    #[command(flatten)]
    pub everywhere: Everywhere,
    /// How to connect to each SOURCE. It stands last, because clap puts every later flag under its help heading.
    #[command(flatten)]
    pub source: SourceFlags,
}

/// How to connect to the SOURCEs of the command line. Secrets are never arguments, because every user of the machine can read
/// those.
#[derive(Args, Debug, Default, Clone)]
pub struct SourceFlags {
    /// Poll at this interval: 500ms, 10s, 5m [default: 10s].
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = EACH)]
    pub interval: Option<Duration>,
    /// Format of the answers of a polled SOURCE.
    #[arg(long, value_enum, help_heading = EACH)]
    pub format: Option<Formats>,
    /// HTTP method for polling.
    #[arg(long, value_enum, help_heading = EACH)]
    pub method: Option<Methods>,
    /// Trust the CA certificates in this PEM file, in addition to the system's.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = EACH)]
    pub cacert: Option<PathBuf>,
    /// The name to show for the SOURCE.
    #[arg(long, value_name = "NAME", help_heading = ONE)]
    pub name: Option<String>,
    /// Send the headers in this file, one `Name: value` on each line.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = ONE)]
    pub header_file: Option<PathBuf>,
    /// Send the bearer token in this environment variable.
    #[arg(long, value_name = "VAR", help_heading = ONE)]
    pub token_env: Option<String>,
    /// Send the `user:password` in this environment variable (basic authentication).
    #[arg(long, value_name = "VAR", conflicts_with = "token_env", help_heading = ONE)]
    pub basic_env: Option<String>,
    /// Client certificate (PEM).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = ONE)]
    pub cert: Option<PathBuf>,
    /// Key of the client certificate (PEM), if it is in a file of its own.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "cert", help_heading = ONE)]
    pub key: Option<PathBuf>,
    /// Accept any server certificate. Anyone between you and the server can then read and change everything.
    #[arg(long, help_heading = ONE)]
    pub insecure: bool,
}

/// Help heading of the flags that apply to every SOURCE.
const EACH: &str = "For each SOURCE";
/// Help heading of the flags that need a single SOURCE.
const ONE: &str = "For one SOURCE";

/// Where to start in files and in standard input.
#[derive(Args, Debug, Default, Clone, Copy)]
pub struct BeginFlags {
    /// Start with the last N items of each file, counted before the filter (0: new items only).
    ///
    /// Of standard input, print the last N items when it ends.
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    pub tail: Option<u64>,
    /// Start with items of the last DURATION (10m, 2h), and those without a time.
    ///
    /// Applies to files and to standard input. otail expects the items of a file roughly in the order of their times.
    #[arg(long, value_name = "DURATION", value_parser = age)]
    pub since: Option<Duration>,
}

/// `--format`
#[derive(ValueEnum, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Formats {
    /// Detect it from the content type and the first bytes.
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
    /// POST with an empty body.
    #[value(alias = "post")]
    Post,
}

/// The flags of every command.
#[derive(Args, Debug, Default, Clone)]
pub struct Everywhere {
    /// Read this configuration file instead of the user's.
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Write otail's own log to this file.
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub log_file: Option<PathBuf>,
    /// Send otail's own metrics to this OTLP/HTTP URL every 10 s, for example http://127.0.0.1:4318.
    #[arg(long, global = true, value_name = "URL", value_hint = ValueHint::Url)]
    pub self_telemetry: Option<String>,
}

/// The subcommands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Show telemetry of a built-in demo shop.
    Demo(Box<Demo>),
    /// Write items to standard output, one line for each.
    Tail(Box<Tail>),
    /// Print the completion script for a shell.
    Completions {
        /// The shell.
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page; to read it: otail man | man -l -
    Man,
    /// Print an example configuration, check yours, show its path, or print the keys.
    Config {
        /// What to do.
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
    /// Print every setting with its default and its meaning.
    Example,
    /// Check the configuration, its theme and its keymap, and print the settings.
    Check,
    /// Print the path of the configuration file.
    Path,
    /// Print all keys as a keymap file.
    Keys,
}

/// `otail demo`
#[derive(Args, Debug)]
pub struct Demo {
    /// Seed of the random telemetry; the same seed gives the same telemetry.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// The scenario: what happens in the shop.
    #[arg(long, value_name = "NAME", default_value = "shop")]
    pub scenario: String,
    /// Start with this filter.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// Show times in UTC instead of local time.
    #[arg(long)]
    pub utc: bool,
    /// The flags of every command.
    #[command(flatten)]
    pub everywhere: Everywhere,
}

/// `otail tail`
#[derive(Args, Debug, Default)]
pub struct Tail {
    /// What to read: a URL, a path or - (`otail --help` lists the forms).
    #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub sources: Vec<OsString>,
    /// Where to start in a file.
    #[command(flatten)]
    pub begin: BeginFlags,
    /// Output format.
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// Write only items that match this filter; empty: all items.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// Write only these signals.
    #[arg(long, value_name = "SIGNAL", value_delimiter = ',', value_enum, ignore_case = true)]
    pub signal: Vec<SignalArgument>,
    /// Stop after N items.
    #[arg(long, value_name = "N", value_parser = limit)]
    pub limit: Option<u64>,
    /// Stop after this time: 500ms, 10s, 5m, 1h.
    ///
    /// The exit code is then 0 if any source was connected, even if it sent nothing; otherwise 1, or 3 if a source needs
    /// credentials.
    #[arg(long = "for", value_name = "DURATION", value_parser = lasting)]
    pub duration: Option<Duration>,
    /// Do not reconnect: stop when a source is lost.
    #[arg(long)]
    pub no_reconnect: bool,
    /// Colour the lines of text.
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Show times in UTC instead of local time.
    #[arg(long)]
    pub utc: bool,
    /// The flags of every command.
    #[command(flatten)]
    pub everywhere: Everywhere,
    /// How to connect to each SOURCE. It stands last, because clap puts every later flag under its help heading.
    #[command(flatten)]
    pub source: SourceFlags,
}

/// The formats of `-o`.
#[derive(ValueEnum, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Readable text, good for grep.
    #[default]
    Text,
    /// One flat JSON object for each item.
    Json,
    /// One OTLP JSON document for each item; events are left out, since OTLP has no form for them.
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
    /// Items that are not OpenTelemetry signals, such as events of a stream.
    #[value(alias = "event")]
    Events,
}

/// `--color`
#[derive(ValueEnum, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// If standard output is a terminal and `NO_COLOR` is not set.
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

/// At least one: with 0, nothing would be written.
fn limit(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(0) => Err("0 would write nothing; leave the flag out for no limit".into()),
        Ok(number) => Ok(number),
        Err(_) => Err("a whole number is expected".into()),
    }
}

/// A number of items, 0 included. `+5` is refused, because it has another meaning in the command `tail`.
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
        _ => return Err(format!("`{unit}` is not a unit of time; use ms, s, m or h, as in 10s")),
    };
    let number: f64 = number.parse().map_err(|_| "expected a number and a unit, as in 10s".to_owned())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|error| error.to_string())
}

/// The greatest age of an item: more than zero.
fn age(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("0 leaves nothing to start with; for new items only, use --tail 0".into()),
        duration => Ok(duration),
    }
}

/// A length of time: more than zero.
fn lasting(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("0 would stop before the start; leave the flag out for no end".into()),
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
    fn signals_have_several_spellings() {
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
    fn a_count_is_digits_and_may_be_zero() {
        assert_eq!((count("0"), count("10")), (Ok(0), Ok(10)));
        for no in ["", "-1", "+5", "ten", "1.5", "99999999999999999999"] {
            assert!(count(no).unwrap_err().contains("whole number"), "{no}");
        }
    }

    #[test]
    fn zero_limits_and_times_name_a_remedy() {
        assert!(limit("0").unwrap_err().contains("no limit"));
        assert_eq!(limit("1"), Ok(1));
        for nothing in ["0", "0s", "0.0ms"] {
            assert!(lasting(nothing).unwrap_err().contains("no end"), "{nothing}");
            assert!(age(nothing).unwrap_err().contains("--tail 0"), "{nothing}");
        }
        assert_eq!(age("10m"), Ok(Duration::from_secs(600)));
    }
}
