//! What can be said on the command line. It is a contract: scripts rely on it.

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
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

const AFTER_HELP: &str = "\
SOURCE is a URL, a path or -:
  listen://127.0.0.1            receive OTLP over gRPC (4317) and HTTP (4318); ?grpc=PORT&http=PORT, 0 picks one
  sse+http://host/path          a stream of server-sent events
  http://host/path              asked once: an event stream is followed
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
    pub sources: Vec<String>,
    /// Begin with this filter.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// Times of day in UTC instead of local time.
    #[arg(long)]
    pub utc: bool,
    /// What goes for every command.
    #[command(flatten)]
    pub everywhere: Everywhere,
}

/// What goes for every command.
#[derive(Args, Debug, Default, Clone)]
pub struct Everywhere {
    /// Read this configuration instead of the user's.
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Write otail's own log to this file.
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub log_file: Option<PathBuf>,
    /// For tests of the terminal: panic somewhere.
    #[arg(long, value_name = "WHERE", hide = true)]
    pub debug_panic: Option<String>,
}

/// The subcommands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Explore a built-in shop; nothing else is needed.
    Demo(Demo),
    /// Write what comes to standard output, one line an item.
    Tail(Tail),
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
        /// What goes for every command.
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
    /// What goes for every command.
    #[command(flatten)]
    pub everywhere: Everywhere,
}

/// `otail tail`
#[derive(Args, Debug, Default)]
pub struct Tail {
    /// What to connect to: a URL, a path or -.
    #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub sources: Vec<String>,
    /// What a line looks like.
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// Write only what passes this filter; empty: everything.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// Write only these signals.
    #[arg(long, value_name = "SIGNAL", value_delimiter = ',', value_enum)]
    pub signal: Vec<SignalArgument>,
    /// End after so many items.
    #[arg(long, value_name = "N", value_parser = limit)]
    pub limit: Option<u64>,
    /// End after so long: 500ms, 10s, 5m, 1h.
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
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
    /// What goes for every command.
    #[command(flatten)]
    pub everywhere: Everywhere,
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
    Spans,
    /// Metric data points.
    Metrics,
    /// Log records.
    Logs,
    /// Everything else.
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

/// Whether a word is a subcommand's name.
pub fn is_subcommand(word: &str) -> bool {
    Arguments::command().get_subcommands().any(|command| command.get_name() == word)
}

/// One at least: nothing is what no `--limit` could mean.
fn limit(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(0) => Err("nothing would be written; leave it out for no limit".into()),
        Ok(number) => Ok(number),
        Err(_) => Err("a whole number is expected".into()),
    }
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
    match Duration::try_from_secs_f64(number * seconds) {
        Ok(Duration::ZERO) => Err("it would end before it begins; leave it out for no end".into()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_readme_says_the_same_exit_codes() {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let codes = words(&AFTER_HELP[AFTER_HELP.find("Exit codes").unwrap()..]);
        assert!(words(include_str!("../../README.md")).contains(&codes), "{codes}");
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
    fn a_limit_or_a_time_of_nothing_is_refused_with_what_is_meant_instead() {
        assert!(limit("0").unwrap_err().contains("no limit"));
        assert_eq!(limit("1"), Ok(1));
        for nothing in ["0", "0s", "0.0ms"] {
            assert!(duration(nothing).unwrap_err().contains("no end"), "{nothing}");
        }
    }
}
