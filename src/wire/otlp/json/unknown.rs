//! Explains JSON without any known key: which key was found where a known one belongs.

use super::read::{self, Array, Object};
use super::text::{Json, Syntax};
use crate::model::{Signal, visible};

/// The keys of a request, of its resource groups and of their scope groups, each in both spellings.
type Keys = [[&'static str; 2]; 3];

/// Known keys beside the items.
const BESIDE: [&str; 4] = ["resource", "scope", "schemaUrl", "schema_url"];
/// The most characters of a key that a message shows.
const LONGEST_KEY: usize = 40;

/// Why a request has no known key; `None` if it has one, is empty, or is not JSON.
pub(in super::super) fn unknown_json(signal: Signal, body: &[u8]) -> Option<String> {
    let keys: Keys = match signal {
        Signal::Spans => [["resourceSpans", "resource_spans"], ["scopeSpans", "scope_spans"], ["spans", "spans"]],
        Signal::Metrics => {
            [["resourceMetrics", "resource_metrics"], ["scopeMetrics", "scope_metrics"], ["metrics", "metrics"]]
        }
        Signal::Logs => [["resourceLogs", "resource_logs"], ["scopeLogs", "scope_logs"], ["logRecords", "log_records"]],
        Signal::Events => return None,
    };
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reason = None;
    Level { keys: &keys, reason: &mut reason }.element(&mut Json::new(text)).ok()?;
    reason
}

/// An array of like objects, or the single object of a request. `keys` are the valid keys of these objects and of the levels
/// inside them.
struct Level<'r> {
    keys: &'r [[&'static str; 2]],
    reason: &'r mut Option<String>,
}

impl<'a> Array<'a> for Level<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        let Some((names, inner)) = self.keys.split_first() else { return json.skip() };
        let mut keys = KeysOf { names, inner, reason: self.reason, other: None, is_known: false };
        // Values that are not objects have no keys.
        let _ = read::object(json, &mut keys)?;
        let (other, is_known) = (keys.other, keys.is_known);
        if let (Some(other), false) = (other, is_known) {
            self.reason.get_or_insert_with(|| reason(&other, names[0]));
        }
        Ok(())
    }
}

struct KeysOf<'r> {
    names: &'r [&'static str; 2],
    inner: &'r [[&'static str; 2]],
    reason: &'r mut Option<String>,
    /// The first unknown key.
    other: Option<String>,
    is_known: bool,
}

impl<'a> Object<'a> for KeysOf<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        if self.names.contains(&key) {
            self.is_known = true;
            if self.inner.is_empty() {
                return json.skip();
            }
            return read::array(json, &mut Level { keys: self.inner, reason: self.reason }).map(drop);
        }
        if !BESIDE.contains(&key) && self.other.is_none() {
            self.other = Some(key.chars().take(LONGEST_KEY).collect());
        }
        json.skip()
    }
}

fn reason(key: &str, expected: &str) -> String {
    let is_old = key.starts_with("instrumentationLibrary") || key.starts_with("instrumentation_library");
    let key = visible(key);
    match is_old {
        true => format!(
            "`{key}` is OTLP from before 2022 (now `{expected}`); update the SDK or the Collector that sends it"
        ),
        false => format!("no known field: found `{key}`, expected `{expected}`"),
    }
}
