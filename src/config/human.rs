//! Durations and sizes as people write them: `10s`, `1m30s`, `256MiB`.

use std::time::Duration;

const DURATIONS: [(&str, u64); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];
const SIZES: [(&str, u64); 7] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// Reads a length of time: whole numbers with `ns us ms s m h`, put together as in `1m30s`.
///
/// # Errors
///
/// A sentence that says what is wrong and what would be right.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no length of time: write a number and a unit, as in `500ms`, `10s` or `1m30s`");
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(wrong());
    }
    let mut nanos = 0u64;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(digits(rest));
        let (unit, after) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let unit = DURATIONS.iter().find(|(name, _)| *name == unit.trim()).ok_or_else(wrong)?.1;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        nanos = number.checked_mul(unit).and_then(|part| nanos.checked_add(part)).ok_or_else(wrong)?;
        rest = after;
    }
    Ok(Duration::from_nanos(nanos))
}

/// Reads a number of bytes: a whole number alone, or with `B kB MB GB KiB MiB GiB`.
///
/// # Errors
///
/// A sentence that says what is wrong and what would be right.
pub fn parse_bytes(text: &str) -> Result<usize, String> {
    let wrong = || format!("`{text}` is no size: write a number and a unit, as in `64MiB` or `500kB`");
    let (number, unit) = text.trim().split_at(digits(text.trim()));
    let unit = match unit.trim() {
        "" => 1,
        unit => SIZES.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).ok_or_else(wrong)?.1,
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(unit).and_then(|bytes| usize::try_from(bytes).ok()).ok_or_else(wrong)
}

/// A length of time so that [`parse_duration`] reads it back, in the largest unit that is exact.
pub fn duration_text(duration: Duration) -> String {
    let nanos = duration.as_nanos() as u64;
    let exact = DURATIONS.iter().rev().find(|(_, unit)| nanos >= *unit && nanos.is_multiple_of(*unit));
    exact.map_or_else(|| "0s".into(), |(name, unit)| format!("{}{name}", nanos / unit))
}

/// A number of bytes so that [`parse_bytes`] reads it back, in the largest binary unit that is exact.
pub fn bytes_text(bytes: usize) -> String {
    let bytes = bytes as u64;
    let binary = SIZES.iter().rev().filter(|(_, unit)| unit.is_power_of_two());
    let exact = binary.clone().find(|(_, unit)| bytes >= *unit && bytes.is_multiple_of(*unit));
    exact.map_or_else(|| "0B".into(), |(name, unit)| format!("{}{name}", bytes / unit))
}

fn digits(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())
}

/// serde for lengths of time.
pub mod duration {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::time::Duration;

    /// As [`super::duration_text`] writes it.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::duration_text(*duration))
    }

    /// As [`super::parse_duration`] reads it.
    ///
    /// # Errors
    ///
    /// Where it is no length of time.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        super::parse_duration(&String::deserialize(from)?).map_err(D::Error::custom)
    }

    /// serde for one that may be left out.
    pub mod option {
        use serde::{Deserialize, Deserializer, Serializer};
        use std::time::Duration;

        #[derive(Deserialize)]
        #[serde(transparent)]
        struct Value(#[serde(with = "super")] Duration);

        /// As [`duration_text`](super::super::duration_text) writes it.
        ///
        /// # Errors
        ///
        /// Those of the serializer.
        pub fn serialize<S: Serializer>(value: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
            match value {
                Some(value) => super::serialize(value, to),
                None => to.serialize_none(),
            }
        }

        /// What is there must be read.
        ///
        /// # Errors
        ///
        /// Where it cannot be read.
        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
            Option::<Value>::deserialize(from).map(|value| value.map(|Value(value)| value))
        }
    }
}

/// serde for numbers of bytes.
pub mod bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// As [`super::bytes_text`] writes it.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(bytes: &usize, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::bytes_text(*bytes))
    }

    /// As [`super::parse_bytes`] reads it.
    ///
    /// # Errors
    ///
    /// Where it is no size.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
        super::parse_bytes(&String::deserialize(from)?).map_err(D::Error::custom)
    }

    /// serde for one that may be left out.
    pub mod option {
        use serde::{Deserialize, Deserializer, Serializer};

        #[derive(Deserialize)]
        #[serde(transparent)]
        struct Value(#[serde(with = "super")] usize);

        /// As [`bytes_text`](super::super::bytes_text) writes it.
        ///
        /// # Errors
        ///
        /// Those of the serializer.
        pub fn serialize<S: Serializer>(value: &Option<usize>, to: S) -> Result<S::Ok, S::Error> {
            match value {
                Some(value) => super::serialize(value, to),
                None => to.serialize_none(),
            }
        }

        /// What is there must be read.
        ///
        /// # Errors
        ///
        /// Where it cannot be read.
        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
            Option::<Value>::deserialize(from).map(|value| value.map(|Value(value)| value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, millis) in [("250ms", 250), ("10s", 10_000), ("1m30s", 90_000), (" 2 h ", 7_200_000), ("0s", 0)] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for bad in ["", "10", "s", "10 parsecs", "-1s", "1.5s", "99999999999h"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_read_as_people_write_them() {
        for (text, bytes) in [("64MiB", 64 << 20), ("500kB", 500_000), ("12", 12), ("1 gib", 1 << 30), ("0B", 0)] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
        for bad in ["", "MiB", "64 furlongs", "-1B", "99999999999GiB"] {
            assert!(parse_bytes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for nanos in [0, 1, 1_500, 250_000_000, 90_000_000_000, 7_200_000_000_000] {
            let duration = Duration::from_nanos(nanos);
            assert_eq!(parse_duration(&duration_text(duration)), Ok(duration));
        }
        for bytes in [0, 1, 500_000, 64 << 20, 3 << 30] {
            assert_eq!(parse_bytes(&bytes_text(bytes)), Ok(bytes));
        }
        assert_eq!((duration_text(Duration::from_secs(90)), bytes_text(256 << 20)), ("90s".into(), "256MiB".into()));
    }
}
