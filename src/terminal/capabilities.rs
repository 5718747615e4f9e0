//! What the terminal can show, read from the environment. Asking the terminal itself would mean waiting for an answer.

/// The number of colours; more colours compare as greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorDepth {
    /// No colours: `NO_COLOR` is set, or the terminal is dumb. Bold, dim and reverse remain.
    Mono,
    /// The 16 colours of the terminal's theme.
    Ansi16,
    /// The 256 colours of the xterm palette.
    Indexed256,
    /// 24-bit colours.
    TrueColor,
}

/// What this terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The number of colours.
    pub colors: ColorDepth,
    /// Whether to draw only ASCII, because the locale is not UTF-8.
    pub ascii: bool,
    /// Whether it cannot move its cursor (`TERM` is `dumb` or not set). Then only plain output is possible, and no screen.
    pub dumb: bool,
}

impl Capabilities {
    /// The capabilities according to the process's environment.
    pub fn of_environment() -> Self {
        Self::detect(|name| std::env::var(name).ok())
    }

    /// The capabilities according to the variables `TERM`, `COLORTERM`, `NO_COLOR`, `LC_ALL`, `LC_CTYPE`, `LANG`,
    /// `TERM_PROGRAM` and `WT_SESSION`. An empty variable counts as not set.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name| variable(name).filter(|value| !value.is_empty());
        let term = get("TERM").unwrap_or_default();
        let dumb = matches!(term.as_str(), "" | "dumb");
        let colors = if dumb || get("NO_COLOR").is_some() {
            ColorDepth::Mono
        } else if matches!(get("COLORTERM").as_deref(), Some("truecolor" | "24bit"))
            || TRUE_COLOR_TERMS.iter().any(|known| term.contains(known))
            || matches!(get("TERM_PROGRAM").as_deref(), Some("iTerm.app" | "WezTerm" | "ghostty" | "vscode"))
            || get("WT_SESSION").is_some()
        {
            ColorDepth::TrueColor
        } else if term.contains("256color") {
            ColorDepth::Indexed256
        } else {
            ColorDepth::Ansi16
        };
        let locale = get("LC_ALL").or_else(|| get("LC_CTYPE")).or_else(|| get("LANG")).unwrap_or_default();
        let ascii = !locale.to_ascii_lowercase().replace('-', "").contains("utf8");
        Self { colors, ascii, dumb }
    }
}

/// Parts of `TERM` that promise 24-bit colours.
const TRUE_COLOR_TERMS: [&str; 7] = ["direct", "truecolor", "kitty", "alacritty", "ghostty", "wezterm", "foot"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_what_the_terminal_says() {
        for (variables, expected) in [
            (&[("TERM", "xterm")][..], ColorDepth::Ansi16),
            (&[("TERM", "linux")], ColorDepth::Ansi16),
            (&[("TERM", "xterm-256color")], ColorDepth::Indexed256),
            (&[("TERM", "tmux-256color"), ("COLORTERM", "truecolor")], ColorDepth::TrueColor),
            (&[("TERM", "xterm-kitty")], ColorDepth::TrueColor),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "Apple_Terminal")], ColorDepth::Indexed256),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")], ColorDepth::Mono),
            (&[("TERM", "xterm"), ("NO_COLOR", "")], ColorDepth::Ansi16),
            (&[("TERM", "dumb"), ("COLORTERM", "truecolor")], ColorDepth::Mono),
            (&[], ColorDepth::Mono),
        ] {
            assert_eq!(detect(variables).colors, expected, "{variables:?}");
        }
    }

    #[test]
    fn a_terminal_without_cursor_movement_is_dumb() {
        assert!(detect(&[]).dumb);
        assert!(detect(&[("TERM", "dumb")]).dumb);
        assert!(!detect(&[("TERM", "vt100")]).dumb);
    }

    #[test]
    fn the_strongest_locale_decides_on_ascii() {
        assert!(detect(&[]).ascii);
        assert!(!detect(&[("LANG", "en_GB.UTF-8")]).ascii);
        assert!(!detect(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")]).ascii);
        assert!(detect(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]).ascii);
        assert!(!detect(&[("LC_ALL", ""), ("LANG", "de_DE.UTF-8")]).ascii);
        assert!(detect(&[("LANG", "de_DE.ISO-8859-1")]).ascii);
    }

    fn detect(variables: &[(&str, &str)]) -> Capabilities {
        Capabilities::detect(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into())
        })
    }
}
