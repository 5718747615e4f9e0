//! The closed vocabularies of the data model. Each has `code` (the OTLP number), `word` (lower case, as in
//! `tail -o json` and the filter language) and a reader of both.

use std::fmt;

/// The four kinds of item that otail keeps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Signal {
    /// Spans of traces.
    Spans,
    /// Data points of metrics.
    Metrics,
    /// Log records.
    Logs,
    /// Everything else: items that are not spans, metrics or logs, and gap rows.
    Events,
}

impl Signal {
    /// All signals, in the order of the store's rings.
    pub const ALL: [Signal; 4] = [Signal::Spans, Signal::Metrics, Signal::Logs, Signal::Events];

    /// The plural word, as in `--signal`.
    pub fn word(self) -> &'static str {
        match self {
            Signal::Spans => "spans",
            Signal::Metrics => "metrics",
            Signal::Logs => "logs",
            Signal::Events => "events",
        }
    }

    /// The singular word, as in the `signal` field of `tail -o json` and in the filter's `signal:`.
    pub fn singular(self) -> &'static str {
        match self {
            Signal::Spans => "span",
            Signal::Metrics => "metric",
            Signal::Logs => "log",
            Signal::Events => "event",
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum $name { $($(#[$variant_doc])* $variant = $code,)* }

        impl $name {
            /// Every variant, by code.
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// The OTLP number.
            pub fn code(self) -> u8 {
                self as u8
            }

            /// Looks up an OTLP number; `None` if it is unknown.
            pub fn from_code(code: i64) -> Option<$name> {
                match code { $($code => Some($name::$variant),)* _ => None }
            }

            /// The lower-case word.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// Looks up a word, ignoring case.
            pub fn from_word(word: &str) -> Option<$name> {
                $(if word.eq_ignore_ascii_case($word) { return Some($name::$variant); })*
                None
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// A span's kind. OTLP says to read `Unspecified` as internal.
    SpanKind {
        #[default]
        /// The sender gave no kind.
        Unspecified = 0 "unspecified",
        /// Work inside a service.
        Internal = 1 "internal",
        /// The receiving side of a request.
        Server = 2 "server",
        /// The calling side of a request.
        Client = 3 "client",
        /// The sending side of a message.
        Producer = 4 "producer",
        /// The receiving side of a message.
        Consumer = 5 "consumer",
    }
}

words! {
    /// A span's status. Unset is not ok.
    StatusCode {
        #[default]
        /// The sender set no status.
        Unset = 0 "unset",
        /// The sender marked the span as successful.
        Ok = 1 "ok",
        /// Failed.
        Error = 2 "error",
    }
}

words! {
    /// Whether a point covers the time since the previous point or since the start.
    Temporality {
        #[default]
        /// Not given; gauges and summaries have no temporality.
        Unspecified = 0 "unspecified",
        /// Since the previous point.
        Delta = 1 "delta",
        /// Since the start.
        Cumulative = 2 "cumulative",
    }
}

words! {
    /// The five shapes of a metric's data.
    MetricType {
        #[default]
        /// The last value.
        Gauge = 0 "gauge",
        /// A sum, monotonic or not.
        Sum = 1 "sum",
        /// Explicit buckets.
        Histogram = 2 "histogram",
        /// Base-2 exponential buckets.
        ExponentialHistogram = 3 "exponential_histogram",
        /// Quantiles that the sender computed.
        Summary = 4 "summary",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_codes_agree() {
        for kind in SpanKind::ALL {
            assert_eq!(SpanKind::from_code(i64::from(kind.code())), Some(*kind));
            assert_eq!(SpanKind::from_word(&kind.word().to_uppercase()), Some(*kind));
        }
        assert_eq!(SpanKind::from_code(6), None);
    }
}
