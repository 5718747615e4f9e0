//! A clock as a source: `tick://1s` gives an event a second.

use super::error::SourceError;
use super::kind::{Attempt, Description, Kind, Run, Scheme};
use super::options::Options;
use crate::intake::Overflow;
use crate::model::SourceKind;
use crate::wire::Rejected;
use crate::wire::span_record::Decoder;
use std::time::Duration;

/// Between two events.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Tick(Duration);

impl Kind for Tick {
    fn schemes() -> &'static [Scheme] {
        &[Scheme { prefixes: &["tick://"], form: "tick://", about: "an event at an interval" }]
    }

    fn parse(text: &str) -> Result<Tick, String> {
        let text = &text["tick://".len()..];
        let seconds = text.strip_suffix('s').and_then(|seconds| seconds.parse().ok());
        seconds
            .filter(|seconds| *seconds > 0)
            .map(|seconds| Tick(Duration::from_secs(seconds)))
            .ok_or_else(|| "an interval in seconds is expected, as in tick://1s".to_owned())
    }

    fn describe(&self) -> Description {
        let url = format!("tick://{}s", self.0.as_secs());
        let kind = SourceKind::pushed("tick");
        Description { kind, source: url.clone(), url, label: "clock".into(), server: None, claims: Vec::new() }
    }

    fn settings(&self, _: &Options) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn overflow(&self) -> Overflow {
        Overflow::DropOldest
    }

    fn run<'a>(&'a self, attempt: Attempt<'a>) -> Run<'a> {
        Box::pin(async move {
            let Attempt { link, memory, .. } = attempt;
            let number = memory.of::<u64>();
            link.established();
            loop {
                tokio::select! {
                    () = link.closed() => return Ok(()),
                    () = tokio::time::sleep(self.0) => {}
                }
                *number += 1;
                let mut decoder = Decoder::default();
                decoder.read("tick", &number.to_string(), &format!("{{\"number\":{number}}}"));
                let batches = decoder.take().batches;
                if link.deliver(batches, Rejected::default()).await.is_err() {
                    return Ok::<(), SourceError>(());
                }
            }
        })
    }
}
