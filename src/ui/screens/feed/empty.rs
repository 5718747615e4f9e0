//! What stands where there are no rows: what to do next.

use crate::app::screens::Screen;
use crate::app::{Action, App, Area, Context};
use crate::keymap::Keymap;
use crate::model::{Connection, ConnectionState, SourceKind, visible};
use crate::present::wrap;
use crate::ui::canvas::Canvas;
use crate::ui::state::{remedy_of, state_of};
use crate::ui::theme::Role;

/// Draws what to do next.
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
        lines.pair(&key(Action::ClearFilter), "shows everything again");
        lines.pair(&key(Action::EditFilter), "edits the filter");
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
        for part in wrap(text, self.area.width.saturating_sub(6).into()).into_iter().filter(|part| !part.is_empty()) {
            self.line(&format!("  {}", &text[part]), role);
        }
    }
}

/// Where an SDK sends OTLP to, and by which protocol, if this source listens for it.
fn endpoint(connection: &Connection) -> Option<(String, &'static str)> {
    if connection.kind != SourceKind::Listen {
        return None;
    }
    let url = visible(&connection.url);
    let address = |scheme: &str| url.split_whitespace().find_map(|part| part.strip_prefix(scheme)).map(reachable);
    // The scheme of the endpoint says whether TLS is spoken; the protocol is said beside it.
    [("http", "http/protobuf"), ("grpc", "grpc")].into_iter().find_map(|(scheme, protocol)| {
        let plain = address(&format!("{scheme}://")).map(|address| format!("http://{address}"));
        let secure = || address(&format!("{scheme}s://")).map(|address| format!("https://{address}"));
        Some((plain.or_else(secure)?, protocol))
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
    use crate::model::{SourceId, Time};

    #[test]
    fn the_lines_to_paste_name_what_listens() {
        let listening = |url: &str| {
            endpoint(&Connection {
                state: ConnectionState::Active,
                ..Connection::new(SourceId(1), SourceKind::Listen, "otlp".into(), url.into(), Time(0))
            })
        };
        let told = |endpoint: &str, protocol| Some((endpoint.to_owned(), protocol));
        assert_eq!(
            listening("grpc://127.0.0.1:4317 and http://127.0.0.1:4318"),
            told("http://127.0.0.1:4318", "http/protobuf")
        );
        assert_eq!(listening("grpc://[::]:4317"), told("http://127.0.0.1:4317", "grpc"));
        assert_eq!(listening("http://10.0.0.7:80"), told("http://10.0.0.7:80", "http/protobuf"));
        assert_eq!(
            listening("grpcs://127.0.0.1:4317 and https://0.0.0.0:4318"),
            told("https://127.0.0.1:4318", "http/protobuf")
        );
        assert_eq!(listening("grpcs://127.0.0.1:4317"), told("https://127.0.0.1:4317", "grpc"));
        assert_eq!(listening(""), None);
    }
}
