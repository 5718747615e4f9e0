//! Styles by role. `assets/theme.toml` lists the roles.

use crate::model::SourceId;
use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The number of colours that the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: only bold, dim, underline and reverse.
    Mono,
    /// The 16 colours of the user's palette.
    Ansi,
    /// The 256 colours of xterm.
    Indexed,
    /// 24-bit colours.
    True,
}

/// The background of the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// Dark or unknown.
    #[default]
    Dark,
    /// Light.
    Light,
}

/// The role of a cell. `assets/theme.toml` explains each.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the theme file says what each role is for")]
pub enum Role {
    Text,
    Strong,
    Dim,
    Rule,
    Accent,
    Selection,
    Away,
    Fresh,
    Error,
    Warning,
    Good,
    Bar,
    Match,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 13] = [
        Role::Text,
        Role::Strong,
        Role::Dim,
        Role::Rule,
        Role::Accent,
        Role::Selection,
        Role::Away,
        Role::Fresh,
        Role::Error,
        Role::Warning,
        Role::Good,
        Role::Bar,
        Role::Match,
    ];

    /// The name in the theme file.
    pub fn name(self) -> &'static str {
        match self {
            Role::Text => "text",
            Role::Strong => "strong",
            Role::Dim => "dim",
            Role::Rule => "rule",
            Role::Accent => "accent",
            Role::Selection => "selection",
            Role::Away => "away",
            Role::Fresh => "fresh",
            Role::Error => "error",
            Role::Warning => "warning",
            Role::Good => "good",
            Role::Bar => "bar",
            Role::Match => "match",
        }
    }
}

/// The styles of all roles.
#[derive(Clone, PartialEq, Debug)]
pub struct Theme {
    /// Whether to draw only ASCII.
    pub ascii: bool,
    /// Whether a selected row's style replaces the styles in it, since few of the 16 colours are readable on another.
    pub covers: bool,
    roles: [Style; Role::ALL.len()],
    services: Vec<Style>,
}

/// Why a theme is invalid.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ThemeError {
    /// Invalid TOML; the message names the position.
    #[error("the theme cannot be read: {0}")]
    Syntax(String),
    /// A word of a style is neither a colour nor a modifier.
    #[error(
        "`{word}` in the theme's `{role}` is not a colour or modifier; write for example `#7cc0ff`, `light-blue` or `bold`"
    )]
    Look {
        /// The word.
        word: String,
        /// The role.
        role: String,
    },
    /// Unknown role.
    #[error("the theme has a style for `{0}`, which is not a role")]
    Role(String),
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct File {
    dark: Looks,
    light: Looks,
    ansi: Looks,
    mono: Looks,
}

#[derive(Deserialize, Default)]
struct Looks {
    service: Option<Vec<String>>,
    #[serde(flatten)]
    roles: BTreeMap<String, String>,
}

const BUILT_IN: &str = include_str!("../../assets/theme.toml");

impl Theme {
    /// The built-in theme for a terminal with these colours and this background, with the user's theme applied on top. Empty
    /// text changes nothing.
    ///
    /// # Errors
    /// If the user's text has an unknown role or an invalid colour.
    pub fn with(user: &str, depth: Depth, scheme: Scheme, ascii: bool) -> Result<Theme, ThemeError> {
        let mut theme =
            Theme { ascii, covers: depth == Depth::Ansi, roles: Default::default(), services: vec![Style::new()] };
        for text in [BUILT_IN, user] {
            let file: File = toml::from_str(text).map_err(|error| ThemeError::Syntax(error.to_string()))?;
            theme.put_on(match (depth, scheme) {
                (Depth::Mono, _) => file.mono,
                (Depth::Ansi, _) => file.ansi,
                (_, Scheme::Dark) => file.dark,
                (_, Scheme::Light) => file.light,
            })?;
        }
        if depth == Depth::Indexed {
            theme.roles.iter_mut().chain(&mut theme.services).for_each(|style| *style = indexed(*style));
        }
        Ok(theme)
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.roles[role as usize]
    }

    /// How many hues there are for services.
    pub fn hues(&self) -> usize {
        self.services.len()
    }

    /// The look of a service with this hue, a number below [`Theme::hues`].
    pub fn service(&self, hue: usize) -> Style {
        self.services[hue % self.services.len().max(1)]
    }

    /// The style of a source. No two share one until there are more sources than styles.
    pub fn source(&self, id: SourceId) -> Style {
        self.services[usize::from(id.0) % self.services.len().max(1)]
    }

    fn put_on(&mut self, looks: Looks) -> Result<(), ThemeError> {
        for (name, text) in looks.roles {
            let role = Role::ALL.into_iter().find(|role| role.name() == name);
            let role = role.ok_or_else(|| ThemeError::Role(name.clone()))?;
            self.roles[role as usize] = look(&name, &text)?;
        }
        if let Some(hues) = looks.service.filter(|hues| !hues.is_empty()) {
            self.services = hues.iter().map(|text| look("service", text)).collect::<Result<_, _>>()?;
        }
        Ok(())
    }

    /// Every role and service with a colour of its own, so that tests can read the roles from a screen.
    #[cfg(test)]
    pub(super) fn legend() -> Theme {
        let backed = [Role::Selection, Role::Away, Role::Fresh];
        let style = |role: Role| {
            let color = Color::Indexed(100 + role as u8);
            if backed.contains(&role) { Style::new().bg(color) } else { Style::new().fg(color) }
        };
        Theme {
            ascii: false,
            covers: false,
            roles: Role::ALL.map(style),
            services: vec![Style::new().fg(Color::Indexed(99))],
        }
    }
}

fn look(role: &str, text: &str) -> Result<Style, ThemeError> {
    let mut style = Style::new();
    let mut behind = false;
    for word in text.split_whitespace() {
        let modifier = match word {
            "on" => {
                behind = true;
                continue;
            }
            "bold" => Some(Modifier::BOLD),
            "dim" => Some(Modifier::DIM),
            "italic" => Some(Modifier::ITALIC),
            "underline" => Some(Modifier::UNDERLINED),
            "reverse" => Some(Modifier::REVERSED),
            _ => None,
        };
        style = match (modifier, word.parse::<Color>()) {
            (Some(modifier), _) => style.add_modifier(modifier),
            (None, Ok(color)) if behind => style.bg(color),
            (None, Ok(color)) => style.fg(color),
            (None, Err(_)) => return Err(ThemeError::Look { word: word.to_owned(), role: role.to_owned() }),
        };
    }
    Ok(style)
}

fn indexed(style: Style) -> Style {
    let nearest = |color: Option<Color>| match color {
        Some(Color::Rgb(r, g, b)) => Some(Color::Indexed(nearest_of_256(r, g, b))),
        color => color,
    };
    Style { fg: nearest(style.fg), bg: nearest(style.bg), ..style }
}

/// The nearest colour of xterm's cube (6 × 6 × 6 from 16) and greys (24 from 232).
fn nearest_of_256(r: u8, g: u8, b: u8) -> u8 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |value: u8| {
        let distance = |step: &u8| step.abs_diff(value);
        (0u8..6).min_by_key(|index| distance(&STEPS[usize::from(*index)])).unwrap_or_default()
    };
    let far = |x: u8, y: u8, z: u8| {
        let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        square(x, r) + square(y, g) + square(z, b)
    };
    let (x, y, z) = (step(r), step(g), step(b));
    let cube = far(STEPS[usize::from(x)], STEPS[usize::from(y)], STEPS[usize::from(z)]);
    let grey = (0u8..24).min_by_key(|index| far(8 + index * 10, 8 + index * 10, 8 + index * 10)).unwrap_or_default();
    let level = 8 + grey * 10;
    if far(level, level, level) < cube { 232 + grey } else { 16 + 36 * x + 6 * y + z }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme(depth: Depth) -> Theme {
        Theme::with("", depth, Scheme::Dark, false).unwrap()
    }

    #[test]
    fn every_table_has_every_role() {
        let file: File = toml::from_str(BUILT_IN).unwrap();
        for looks in [file.dark, file.light, file.ansi, file.mono] {
            let names: Vec<&str> = looks.roles.keys().map(String::as_str).collect();
            let mut roles: Vec<&str> = Role::ALL.into_iter().map(Role::name).collect();
            roles.sort_unstable();
            assert_eq!(names, roles);
            assert!(looks.service.is_some_and(|hues| !hues.is_empty()));
        }
    }

    #[test]
    fn each_depth_uses_only_its_own_colours() {
        for (depth, fits) in [
            (Depth::Mono, (|color| color == Color::Reset) as fn(Color) -> bool),
            (Depth::Ansi, |color| !matches!(color, Color::Rgb(..) | Color::Indexed(_))),
            (Depth::Indexed, |color| !matches!(color, Color::Rgb(..))),
        ] {
            let theme = theme(depth);
            for style in theme.roles.iter().chain(&theme.services) {
                assert!([style.fg, style.bg].into_iter().flatten().all(fits), "{depth:?} {style:?}");
            }
        }
    }

    #[test]
    fn a_user_theme_changes_roles_and_names_mistakes() {
        let with = |user| Theme::with(user, Depth::True, Scheme::Dark, false);
        let changed = with("[dark]\ndim = \"#010203 on white italic\"").unwrap();
        let look = Style::new().fg(Color::Rgb(1, 2, 3)).bg(Color::White).add_modifier(Modifier::ITALIC);
        assert_eq!(changed.style(Role::Dim), look);
        assert_eq!(changed.style(Role::Error), theme(Depth::True).style(Role::Error));
        for (user, said) in [("[dark]\ndim = \"sky\"", "sky"), ("[dark]\nsky = \"red\"", "sky"), ("[sky]", "sky")] {
            let error = with(user).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn the_nearest_colour_is_found() {
        assert_eq!(nearest_of_256(255, 0, 0), 196);
        assert_eq!(nearest_of_256(128, 128, 128), 244);
        assert_eq!(nearest_of_256(0x7c, 0xc0, 0xff), 111);
    }
}
