//! An empty list says what to do next.

use crate::app::screens::Screen;
use crate::app::{Action, App, Area, Context};
use crate::keymap::Keymap;
use crate::model::{Connection, ConnectionState, Protocol, visible};
use crate::present::{number, width, wrap};
use crate::ui::canvas::Canvas;
use crate::ui::state::{remedy_of, state_of};
use crate::ui::theme::Role;

/// Draws the hints of an empty list.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, area: Area) {
    let mut lines = Lines { canvas, area, y: area.y + u16::from(area.height > 8) };
    let key = |action| keymap.key_of(&app.pane_contexts(), action).unwrap_or_default();
    let shown = app.shown.view(&app.live);
    if !shown.is_empty() {
        let text = match app.screens.feed.count.left {
            0 => "No row matches the filter.",
            _ => "Looking for rows that match the filter …",
        };
        lines.line(text, Role::Strong);
        app.screens.feed.missing_fields.iter().for_each(|message| lines.line(message, Role::Warning));
        lines.pair(&key(Action::ClearFilter), "shows everything again");
        lines.pair(&key(Action::EditFilter), "edits the filter");
        return;
    }
    if app.shown.frozen_at().is_some() {
        let newer = app.screens.feed.newer(&app.live);
        let text = match newer {
            0 => "The frozen view is empty.".to_owned(),
            1 => "The frozen view is empty. 1 item has arrived since.".to_owned(),
            _ => format!("The frozen view is empty. {} items have arrived since.", number::count(newer)),
        };
        lines.line(&text, Role::Strong);
        lines.pair(&key(Action::Freeze), "shows them and goes on");
        return;
    }
    let had_rows = shown.counters().stored.iter().any(|stored| *stored > 0);
    lines.line(if had_rows { "The buffer is empty." } else { "Nothing has arrived yet." }, Role::Strong);
    lines.gap();
    for connection in app.connections.iter() {
        lines.connection(connection, app, keymap);
    }
    if let Some((endpoint, protocol)) = app.connections.iter().find_map(endpoint) {
        lines.gap();
        lines.line("Point a program at it, then start it:", Role::Dim);
        lines.gap();
        lines.line(&format!("  export OTEL_EXPORTER_OTLP_ENDPOINT={endpoint}"), Role::Text);
        lines.line(&format!("  export OTEL_EXPORTER_OTLP_PROTOCOL={protocol}"), Role::Text);
        for variable in &app.settings.sender {
            lines.line(&format!("  export {}", visible(variable)), Role::Text);
        }
        lines.gap();
        lines.line("Or see a small shop at work:  otail demo", Role::Dim);
    }
    lines.gap();
    lines.pair(&key(Action::Help), "shows the keys");
}

struct Lines<'a, 'b> {
    canvas: &'a mut Canvas<'b>,
    area: Area,
    y: u16,
}

impl Lines<'_, '_> {
    fn line(&mut self, text: &str, role: Role) {
        if self.y < self.area.y + self.area.height {
            self.canvas.cut(self.area.x + 2, self.y, self.area.width.saturating_sub(3), text, role);
        }
        self.y += 1;
    }

    fn pair(&mut self, key: &str, text: &str) {
        if self.y < self.area.y + self.area.height {
            let width = self.area.width.saturating_sub(3);
            let x = self.canvas.text(self.area.x + 2, self.y, width, key, Role::Accent);
            self.canvas.cut(x + 1, self.y, (self.area.x + self.area.width).saturating_sub(x + 1), text, Role::Dim);
        }
        self.y += 1;
    }

    /// An empty line, where there is room for some.
    fn gap(&mut self) {
        self.y += u16::from(self.area.height > 12);
    }

    fn connection(&mut self, connection: &Connection, app: &App, keymap: &Keymap) {
        let state = state_of(connection, app.now);
        if self.y < self.area.y + self.area.height {
            let end = self.area.x + self.area.width;
            let text = format!("{} {}", state.sign, state.words());
            let x = self.canvas.cut(self.area.x + 2, self.y, end.saturating_sub(3), &text, state.role) + 2;
            let x =
                self.canvas.cut(x, self.y, end.saturating_sub(x + 1), &visible(&connection.label), Role::Strong) + 2;
            let url = if connection.url == connection.label { String::new() } else { visible(&connection.url) };
            self.canvas.cut(x, self.y, end.saturating_sub(x + 1), &url, Role::Dim);
        }
        self.y += 1;
        let error = connection.error.as_deref().map(visible).unwrap_or_default();
        let role = if connection.state == ConnectionState::Error { Role::Error } else { Role::Warning };
        self.wrapped(&error, role);
        let remedy = remedy_of(connection, keymap);
        if !remedy.is_empty() {
            let screen = keymap.key_of(&[Context::Global], Action::Tab(Screen::Sources.number())).unwrap_or_default();
            self.line(
                &format!("  {} on the Sources screen ({screen})", remedy.trim_start_matches(" · ")),
                Role::Accent,
            );
        }
        if let Some(rejection) = &connection.rejection {
            self.wrapped(&format!("{}: {}", rejection.words(), visible(&rejection.reason)), Role::Warning);
        }
    }

    fn wrapped(&mut self, text: &str, role: Role) {
        let room = usize::from(self.area.width.saturating_sub(6));
        // Of a text that takes several lines each part has its own, so that a command in it can be copied.
        let parts: Vec<&str> = if width(text) > room { text.split("; ").collect() } else { vec![text] };
        for text in parts {
            for part in wrap(text, room).into_iter().filter(|part| !part.is_empty()) {
                self.line(&format!("  {}", &text[part]), role);
            }
        }
    }
}

/// Where an SDK sends OTLP to, and by which protocol, if this source listens for it now.
fn endpoint(connection: &Connection) -> Option<(String, &'static str)> {
    [(Protocol::Http, "http/protobuf"), (Protocol::Grpc, "grpc")].into_iter().find_map(|(protocol, name)| {
        let mut known: Vec<_> = connection.endpoints.iter().filter(|known| known.protocol == protocol).collect();
        known.sort_by_key(|known| known.is_secure);
        let endpoint = known.first()?;
        // The scheme of the endpoint says whether TLS is spoken; the protocol stands beside it.
        let s = if endpoint.is_secure { "s" } else { "" };
        Some((format!("http{s}://{}", reachable(&endpoint.address)), name))
    })
}

/// An address that means every interface, as one that can be dialled from here.
fn reachable(address: &str) -> String {
    match address.rsplit_once(':') {
        Some(("0.0.0.0" | "[::]", port)) => format!("127.0.0.1:{port}"),
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Endpoint, SourceId, SourceKind, Time};

    #[test]
    fn the_lines_to_paste_name_what_listens() {
        let listening = |urls: &[&str]| {
            let endpoint_of = |url: &&str| {
                let (scheme, address) = url.split_once("://").unwrap();
                let protocol = if scheme.starts_with("grpc") { Protocol::Grpc } else { Protocol::Http };
                Endpoint { protocol, is_secure: scheme.ends_with('s'), address: address.to_owned() }
            };
            endpoint(&Connection {
                endpoints: urls.iter().map(endpoint_of).collect(),
                ..Connection::new(SourceId(1), SourceKind::received("listen"), "otlp".into(), String::new(), Time(0))
            })
        };
        let told = |endpoint: &str, protocol| Some((endpoint.to_owned(), protocol));
        assert_eq!(
            listening(&["grpc://127.0.0.1:4317", "http://127.0.0.1:4318"]),
            told("http://127.0.0.1:4318", "http/protobuf")
        );
        assert_eq!(listening(&["grpc://[::]:4317"]), told("http://127.0.0.1:4317", "grpc"));
        assert_eq!(listening(&["http://10.0.0.7:80"]), told("http://10.0.0.7:80", "http/protobuf"));
        assert_eq!(
            listening(&["grpcs://127.0.0.1:4317", "https://0.0.0.0:4318"]),
            told("https://127.0.0.1:4318", "http/protobuf")
        );
        assert_eq!(listening(&["grpcs://127.0.0.1:4317"]), told("https://127.0.0.1:4317", "grpc"));
        assert_eq!(listening(&[]), None, "another program may have the ports");
    }
}
